#!/usr/bin/python
# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action of the same name."""

from __future__ import annotations

DOCUMENTATION = r"""
module: destination_templates
short_description: The roles of destination accounts as templates of CloudFormation and Terraform
version_added: 0.1.0
author: golden.imagebuilder contributors (@golden-imagebuilder)
description:
  - Returns what M(golden.imagebuilder.destination_roles) would make in an account that has nothing yet, as a template of CloudFormation and as a
    module of Terraform, for owners of accounts who do not let anybody in from outside.
  - A template is for every account and every partition. Whoever takes it needs to fill in nothing.
  - It runs on the controller and makes no call. The same options give the same texts.
notes:
  - A role that a template has made does what it should by itself. M(golden.imagebuilder.destination_roles), run on it with the same options, finds
    nothing to change, and with other sources adds to it.
  - The tag C(golden.imagebuilder/role), by which M(golden.imagebuilder.destination_roles) knows the roles that it may delete, is in no template. So
    a role of a stack is never deleted from outside, and goes with its stack.
  - In an account that has the role already, a stack fails. Import the role into it, or delete the role first.
options:
  source_account_ids:
    description: Ids of the accounts that images come from, strings of 12 digits. Quote them in YAML.
    type: list
    elements: raw
    required: true
  key_arns:
    description:
      - ARNs of the keys that encrypt the images, those of the build Region and of every Region of delivery.
      - RV(golden.imagebuilder.source_keys#module:source_keys) has them. In check mode, keys that it would make are taken too.
    type: list
    elements: str
    default: []
  launch_templates:
    description:
      - Whether the role may write new versions of launch templates. It may write those that carry the tag C(CreatedBy) with the value
        C(EC2 Image Builder), which differ from account to account and are not named here.
    type: bool
    default: false
  ssm_parameter_prefixes:
    description: Beginnings of the names of parameters to which the role may write the id of an image, for example V(/imagebuilder/).
    type: list
    elements: str
    default: []
  ssm_parameter_names:
    description: Names of parameters to which the role may write the id of an image, for example V(/imagebuilder/web/latest).
    type: list
    elements: str
    default: []
  fast_launch:
    description:
      - Whether the role may switch on EC2 Fast Launch for images that Image Builder has delivered. See
        O(golden.imagebuilder.destination_roles#module:fast_launch).
    type: bool
    default: false
  lifecycle_role:
    description:
      - Whether the templates have the role C(Ec2ImageBuilderCrossAccountLifecycleAccess) as well, by which Image Builder deprecates, disables and
        deletes the images that were delivered. See O(golden.imagebuilder.destination_roles#module:lifecycle_role).
    type: bool
    default: false
  permissions_boundary:
    description:
      - A permissions boundary of the roles. The name of a policy (with its path, as in V(team/Boundary)) means that of each account; an ARN has to be
        of AWS.
    type: str
  description:
    description: Description of the roles. Without it, each says what it is for.
    type: str
  tags:
    description: Tags of the roles.
    type: dict
    aliases: [resource_tags]
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the target.
    support: full
  diff_mode:
    description: Will return details on what has changed when in diff mode.
    support: none
    details: Nothing is ever changed.
seealso:
  - module: golden.imagebuilder.destination_roles
  - name: AWS::IAM::Role
    description: The resource of CloudFormation.
    link: https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-iam-role.html
"""

EXAMPLES = r"""
- name: The roles as templates
  golden.imagebuilder.destination_templates:
    source_account_ids: ["111111111111"]
    key_arns:
      - arn:aws:kms:us-west-2:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab
    ssm_parameter_names: [/imagebuilder/web/latest]
  register: templates

# The filter keeps older versions of Ansible from taking the text for a dictionary.
- name: A template for their owners
  ansible.builtin.copy:
    content: "{{ templates.cloudformation | string }}"
    dest: destination-roles.template.json
    mode: "0644"
"""

RETURN = r"""
cloudformation:
  description:
    - A template for a stack in each account, in JSON. It needs the capability C(CAPABILITY_NAMED_IAM) and has the ARNs of the roles as outputs.
  returned: when the options are valid
  type: str
terraform:
  description:
    - A module for each account, in the JSON syntax of Terraform. It has no inputs; the provider C(hashicorp/aws) says which account it is for. The
      ARNs of the roles are outputs.
  returned: when the options are valid
  type: str
error_code:
  description: C(PolicyTooLong) when IAM would not take as much as the options ask for.
  returned: when the options are valid and there can be no such role
  type: str
errors:
  description: Every mistake in the options, each with C(path) and C(message).
  returned: when an option is not valid
  type: list
  elements: dict
"""
