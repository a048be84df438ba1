#!/usr/bin/python
# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role of Image Builder in every destination account."""

from __future__ import annotations

DOCUMENTATION = r"""
module: destination_roles
short_description: The role through which Image Builder delivers images, in many accounts
version_added: 0.1.0
author:
  - golden.imagebuilder contributors (@golden-imagebuilder)
description:
  - Makes sure that every destination account has the role C(EC2ImageBuilderDistributionCrossAccountRole), that it trusts the source
    accounts, and that it allows what a distribution does there.
  - All accounts are worked on at the same time, in one task, with an outcome each. An account that fails does not stop the others.
  - What others have put into the role is kept. Our inline policies are C(GoldenImageBuilderKms), C(GoldenImageBuilderLaunchTemplates) and
    C(GoldenImageBuilderParameters); in each of them every source account has statements of its own, so several sources share the role.
notes:
  - Image Builder finds the role by its name and at path C(/) only. One at another path blocks the name and cannot be moved; the module
    reports it and leaves it alone.
  - The source is trusted as an account, not by a service principal, and never by a wildcard, as whoever matched could put images and
    parameters into the destination.
  - AWS's managed policy C(Ec2ImageBuilderCrossAccountDistributionAccess) allows copying, tagging and sharing of images, and neither KMS nor
    launch templates nor Parameter Store. What is missing shows only after the build, as C(AMI Copy Reported Failure).
  - Image Builder writes only to launch templates that carry the tag C(CreatedBy) with the value C(EC2 Image Builder).
  - Of a role that exists, path, session duration, permissions boundary and description are left alone.
  - "The credentials need these actions in every destination account: C(iam:GetRole), C(iam:CreateRole), C(iam:UpdateAssumeRolePolicy),
    C(iam:ListAttachedRolePolicies), C(iam:AttachRolePolicy), C(iam:GetRolePolicy), C(iam:PutRolePolicy), C(iam:TagRole); with purge_tags or
    purge also C(iam:UntagRole) and C(iam:DeleteRolePolicy); with state=absent also C(iam:ListRolePolicies), C(iam:DeleteRolePolicy),
    C(iam:DetachRolePolicy) and C(iam:DeleteRole). Check mode needs those that only read."
options:
  source_account_ids:
    description:
      - Ids of the accounts that images come from, strings of 12 digits. Quote them in YAML.
      - They are added to the accounts that the role trusts already.
    type: list
    elements: raw
    required: true
  key_arns:
    description:
      - ARNs of the keys that encrypt the images, those of the build Region and of every Region of delivery.
      - RV(golden.imagebuilder.source_keys#module:source_keys) has them.
      - ARNs of aliases are refused, as IAM does not resolve them in a policy's resources.
      - Keys are added to those that the role may use already. See O(purge).
    type: list
    elements: str
    default: []
  launch_templates:
    description:
      - Whether the roles of all targets may write new versions of launch templates. An account that names some of its own in
        C(launch_templates) of O(targets) needs no more.
      - V(false) leaves alone what is there, unless O(purge=true).
    type: bool
    default: false
  ssm_parameter_prefixes:
    description:
      - Beginnings of the names of parameters to which the role may write the id of an image, for example V(/imagebuilder/).
      - An empty list leaves alone what is there, unless O(purge=true).
    type: list
    elements: str
    default: []
  state:
    description:
      - V(present) makes the role and adds what is missing.
      - V(absent) takes out what was added for O(source_account_ids). A role that then trusts nobody is deleted if this module made it, which
        the tag C(golden.imagebuilder/role) says, and nobody has added to it; else that account fails and says why.
    type: str
    choices: [present, absent]
    default: present
  purge:
    description:
      - Whether what this module has once allowed for O(source_account_ids) and is not asked for now is taken out.
      - Other sources and the statements of others are never purged.
    type: bool
    default: false
extends_documentation_fragment:
  - golden.imagebuilder.attributes
  - golden.imagebuilder.fleet
  - golden.imagebuilder.fleet.targets
  - amazon.aws.tags
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: golden.imagebuilder.source_keys
  - name: Set up cross-account AMI distribution with Image Builder
    description: What AWS asks of source and destination accounts.
    link: https://docs.aws.amazon.com/imagebuilder/latest/userguide/cross-account-dist.html
"""

EXAMPLES = r"""
- name: The keys of the source
  golden.imagebuilder.source_keys:
    regions: [us-west-2]
    destination_account_ids: ["222222222222", "333333333333"]
  register: source

- name: The role in two accounts, entered as AWS Organizations provides
  golden.imagebuilder.destination_roles:
    targets:
      - account_id: "222222222222"
        name: payments
        assume_role_arn: OrganizationAccountAccessRole
      - account_id: "333333333333"
        name: search
        assume_role_arn: OrganizationAccountAccessRole
    source_account_ids: ["111111111111"]
    key_arns: "{{ source.source_keys.values() | map(attribute='key_arn') }}"

- name: The role in all accounts of an inventory, with launch templates and parameters
  golden.imagebuilder.destination_roles:
    targets: "{{ groups['image_builder_destinations'] | map('extract', hostvars) | golden.imagebuilder.targets }}"
    source_account_ids: ["111111111111"]
    key_arns: "{{ source.source_keys.values() | map(attribute='key_arn') }}"
    launch_templates: true
    ssm_parameter_prefixes: [/imagebuilder/]
  run_once: true

- name: A source that is given up
  golden.imagebuilder.destination_roles:
    targets: "{{ groups['image_builder_destinations'] | map('extract', hostvars) | golden.imagebuilder.targets }}"
    source_account_ids: ["999999999999"]
    state: absent
  run_once: true
"""

RETURN = r"""
outcomes:
  description: What happened in each account, in the order of O(targets).
  returned: always
  type: list
  elements: dict
  contains:
    account_id:
      description: The account.
      type: str
    name:
      description: Its name.
      type: str
    changed:
      description: Whether anything was, or in check mode would be, changed.
      type: bool
    failed:
      description: Whether it failed.
      type: bool
    msg:
      description: Why it failed and what to do.
      type: str
      returned: when it failed
    error_code:
      description: AWS's code of the error, or our own.
      type: str
      returned: when it failed
    diff:
      description: The role before and after, with policies in a normal form.
      type: dict
      returned: when something changed
    role_arn:
      description: ARN of the role, null when it is absent.
      type: str
      returned: when it did not fail
    role:
      description:
        - The role as it is now, or in check mode would be. C(inline_policies) has those of the features asked for.
      type: dict
      returned: when it did not fail
      sample:
        path: /
        managed_policies: ["arn:aws:iam::aws:policy/Ec2ImageBuilderCrossAccountDistributionAccess"]
        trust_policy:
          Version: "2012-10-17"
          Statement:
            - Sid: GoldenImageBuilderSources
              Effect: Allow
              Action: sts:AssumeRole
              Principal: {AWS: "111111111111"}
        inline_policies: {}
        tags: {"golden.imagebuilder/role": "EC2ImageBuilderDistributionCrossAccountRole"}
errors:
  description: Every mistake in the options, each with C(path) and C(message).
  returned: when an option is not valid
  type: list
  elements: dict
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.golden.imagebuilder.plugins.module_utils._access import roles
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet import run, sessions
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.schema import Problem

ARGUMENT_SPEC: dict[str, Any] = {
    **run.fleet_argument_spec(),
    **run.targets_argument_spec(),
    "source_account_ids": {"type": "list", "elements": "raw", "required": True},
    "key_arns": {"type": "list", "elements": "str", "default": [], "no_log": False},
    "launch_templates": {"type": "bool", "default": False},
    "ssm_parameter_prefixes": {"type": "list", "elements": "str", "default": []},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "purge": {"type": "bool", "default": False},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
}


def read_options(params: dict[str, Any], check_mode: bool) -> tuple[list[sessions.Target], roles.RoleSettings, list[Problem]]:
    """Targets, settings, and everything that is wrong with the options."""
    targets, problems = sessions.parse_targets(params["targets"])
    sources = params["source_account_ids"]
    found = sessions.account_ids_problems(sources, "source_account_ids")
    if not sources:
        found.append(Problem("source_account_ids", "at least one account is needed."))
    keys, key_problems = roles.keys_of_sources(sources, params["key_arns"], check_mode) if not found else ({}, [])
    problems += [*found, *key_problems, *roles.prefixes_problems(params["ssm_parameter_prefixes"], "ssm_parameter_prefixes")]
    settings = roles.RoleSettings(
        keys_of_source=keys,
        launch_templates=params["launch_templates"],
        ssm_parameter_prefixes=params["ssm_parameter_prefixes"],
        present=params["state"] == "present",
        purge=params["purge"],
        tags=params["tags"],
        purge_tags=params["purge_tags"],
    )
    return targets, settings, problems


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    targets, settings, problems = read_options(module.params, module.check_mode)
    run.refuse(module, problems)
    fleet = sessions.Sessions(module)
    run.finish(module, run.run(targets, roles.ensure_role(fleet, settings, module.check_mode), module.params["concurrency"]))


if __name__ == "__main__":
    main()
