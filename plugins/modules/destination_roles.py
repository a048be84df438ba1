#!/usr/bin/python
# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role of Image Builder in every destination account."""

from __future__ import annotations

DOCUMENTATION = r"""
module: destination_roles
short_description: The roles through which Image Builder delivers and cleans up images, in many accounts
version_added: 0.1.0
author:
  - golden.imagebuilder contributors (@golden-imagebuilder)
description:
  - Makes sure that every destination account has the role C(EC2ImageBuilderDistributionCrossAccountRole), that it trusts the source
    accounts, and that it allows what a distribution does there.
  - All accounts are worked on at the same time, in one task, with an outcome each. An account that fails does not stop the others.
  - What others have put into the role is kept. Our inline policies are C(GoldenImageBuilderKms), C(GoldenImageBuilderLaunchTemplates),
    C(GoldenImageBuilderParameters) and C(GoldenImageBuilderFastLaunch); in each of them every source account has statements of its own, so
    several sources share the role.
  - A role that allows more than a delivery needs is told, as a warning and in RV(outcomes), and never changed for that.
notes:
  - Image Builder finds a role by its name and at path C(/) only. One at another path blocks the name and cannot be moved; the module
    reports it and leaves it alone.
  - The source is trusted as an account, not by a service principal, and never by a wildcard, as whoever matched could put images and
    parameters into the destination. The lifecycle role is the other way round, see O(lifecycle_role).
  - AWS's managed policy C(Ec2ImageBuilderCrossAccountDistributionAccess) allows copying, tagging and sharing of images, and neither KMS nor
    launch templates nor Parameter Store nor Fast Launch. What is missing shows only after the build, as C(AMI Copy Reported Failure).
  - Image Builder writes only to launch templates that carry the tag C(CreatedBy) with the value C(EC2 Image Builder).
  - Of a role that exists, path and session duration are left alone, and permissions boundary and description unless they are given.
  - Several runs may work on one role at the same time, such as the slices of a job or those of two sources. Each merges what it reads, looks
    again after its writes, and writes again until its own part stands.
  - In check mode with C(--diff) this is the report of what has drifted; policies are shown in a normal form, in which spelling and order do
    not count.
  - IAM takes 10,240 characters of inline policies in a role. More is told before anything is written.
  - "The credentials need these actions in every destination account: C(iam:GetRole), C(iam:CreateRole), C(iam:UpdateAssumeRolePolicy),
    C(iam:ListAttachedRolePolicies), C(iam:AttachRolePolicy), C(iam:GetRolePolicy), C(iam:PutRolePolicy), C(iam:TagRole); with purge_tags or
    purge also C(iam:UntagRole) and C(iam:DeleteRolePolicy); with permissions_boundary C(iam:PutRolePermissionsBoundary) and
    C(iam:DeleteRolePermissionsBoundary); with description C(iam:UpdateRoleDescription); with inspect C(iam:ListRolePolicies), C(iam:GetPolicy)
    and C(iam:GetPolicyVersion); with state=absent also C(iam:ListRolePolicies), C(iam:DeleteRolePolicy), C(iam:DetachRolePolicy) and
    C(iam:DeleteRole). Check mode needs those that only read."
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
  revoked_key_arns:
    description:
      - ARNs of keys that the role shall not use any more for O(source_account_ids), for example those of a Region that is given up. With
        O(state=absent) they are then all that is taken out, and where there is no role none is made.
      - This is exact where O(purge) would need to be told of everything that stays.
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
  ssm_parameter_names:
    description:
      - Names of parameters to which the role may write the id of an image, for example V(/imagebuilder/web/latest). Nothing else that begins
        so is meant.
      - An empty list leaves alone what is there, unless O(purge=true).
    type: list
    elements: str
    default: []
  fast_launch:
    description:
      - Whether the role may switch on EC2 Fast Launch for images that Image Builder has delivered.
      - Image Builder does not switch it on in other accounts itself. The source can, through this role, when the image has arrived.
      - It needs a launch template of the account that carries the tag C(CreatedBy) with the value C(EC2 Image Builder) and names a subnet, as
        the role may not make a network. A template with an instance profile needs C(iam:PassRole) for it, which is not given here.
      - V(false) leaves alone what is there, unless O(purge=true).
    type: bool
    default: false
  lifecycle_role:
    description:
      - Whether the role C(Ec2ImageBuilderCrossAccountLifecycleAccess) is worked on as well, by which Image Builder deprecates, disables and
        deletes the images that were delivered to the account.
      - The service itself is trusted there, for images of O(source_account_ids) only, and AWS's managed policy
        C(EC2ImageBuilderLifecycleExecutionPolicy) is attached, which is for images and snapshots with the tag C(CreatedBy) of Image Builder.
      - V(false) leaves that role alone, also with O(purge=true) and O(state=absent).
    type: bool
    default: false
  permissions_boundary:
    description:
      - A permissions boundary of the roles. The name of a policy (with its path, as in V(team/Boundary)) means that of each account; an ARN
        has to be of AWS or of the only account.
      - An empty string takes the boundary away. Without this option, that of an existing role is left alone.
    type: str
  description:
    description:
      - Description of the roles.
      - Without it, a new role gets one that says what it is for, and that of an existing role is left alone.
    type: str
  inspect:
    description:
      - Whether inline policies of others and attached policies of the account are read too, for findings. This takes more calls and more
        permissions. Without it, findings are about the trust policy, our own inline policies, and the names of AWS's managed policies.
    type: bool
    default: false
  state:
    description:
      - V(present) makes the role and adds what is missing.
      - V(absent) takes out what was added for O(source_account_ids), or of it O(revoked_key_arns) alone. A role that then trusts nobody is
        deleted if this module made it, which the tag C(golden.imagebuilder/role) says, and nobody has added to it; else that account fails
        and says why.
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

- name: With a boundary, and with the role for cleaning up
  golden.imagebuilder.destination_roles:
    targets: "{{ groups['image_builder_destinations'] | map('extract', hostvars) | golden.imagebuilder.targets }}"
    source_account_ids: ["111111111111"]
    key_arns: "{{ source.source_keys.values() | map(attribute='key_arn') }}"
    ssm_parameter_names: [/imagebuilder/web/latest]
    lifecycle_role: true
    permissions_boundary: team/ImageBoundary
    description: Owned by the image team
  run_once: true

- name: A Region that is given up
  golden.imagebuilder.destination_roles:
    targets: "{{ groups['image_builder_destinations'] | map('extract', hostvars) | golden.imagebuilder.targets }}"
    source_account_ids: ["111111111111"]
    revoked_key_arns: ["arn:aws:kms:eu-west-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab"]
    state: absent
  run_once: true

- name: What has drifted, and what is wider than it needs to be
  golden.imagebuilder.destination_roles:
    targets: "{{ groups['image_builder_destinations'] | map('extract', hostvars) | golden.imagebuilder.targets }}"
    source_account_ids: ["111111111111"]
    inspect: true
  check_mode: true
  diff: true
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
      description:
        - The role before and after, with policies in a normal form. With O(lifecycle_role) that role is the member C(lifecycle_role) of both.
      type: dict
      returned: when something changed
    findings:
      description:
        - What a person should see about the roles as they were found. Nothing of it is changed.
        - C(OtherPath) is a role at another path, whose account has failed; C(EverybodyTrusted) a trust policy with a wildcard;
          C(PrincipalDeleted) one that names somebody who was deleted; C(AdministratorPolicy) a policy that allows all actions of a service,
          or nearly all of AWS.
      type: list
      elements: dict
      returned: when the roles could be read
      contains:
        role: {description: Name of the role., type: str}
        code: {description: What it is., type: str}
        message: {description: What it is and what to do about it., type: str}
    role_arn:
      description: ARN of the role, null when it is absent.
      type: str
      returned: when it did not fail
    role:
      description:
        - The role as it is now, or in check mode would be. What was changed of it, C(diff) has in any case.
      type: dict
      returned: when it did not fail, with O(inspect)
      sample:
        path: /
        description: Lets EC2 Image Builder of the trusted accounts deliver images to this account
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
    lifecycle_role_arn:
      description: ARN of the lifecycle role, null when it is absent.
      type: str
      returned: when it did not fail, with O(lifecycle_role)
    lifecycle_role:
      description: The lifecycle role, with the members of C(role).
      type: dict
      returned: when it did not fail, with O(lifecycle_role) and O(inspect)
errors:
  description: Every mistake in the options, each with C(path) and C(message).
  returned: when an option is not valid
  type: list
  elements: dict
"""

from dataclasses import replace
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.golden.imagebuilder.plugins.module_utils._access import role_inputs, role_keeping
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.roles import RoleSettings
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet import run, sessions
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import Target, parse_targets
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.problems import Problem

ARGUMENT_SPEC: dict[str, Any] = {
    **run.fleet_argument_spec(),
    **run.targets_argument_spec(),
    **role_inputs.SETTINGS_SPEC,
    "revoked_key_arns": {"type": "list", "elements": "str", "default": [], "no_log": False},
    "inspect": {"type": "bool", "default": False},
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    "purge": {"type": "bool", "default": False},
    "purge_tags": {"type": "bool", "default": True},
}
SETTINGS = ("revoked_key_arns", "inspect", "purge", "purge_tags")
"""Options of this module alone that are settings of the same name."""


def read_options(params: dict[str, Any], check_mode: bool) -> tuple[list[Target], RoleSettings, list[Problem]]:
    """Targets, settings, and everything that is wrong with the options."""
    targets, problems = parse_targets(params["targets"])
    settings, found = role_inputs.read_settings(params, targets, check_mode)
    present = params["state"] == "present"
    problems += [*found, *role_inputs.revoked_keys_problems(params["revoked_key_arns"], present=present)]
    return targets, replace(settings, present=present, **{name: params[name] for name in SETTINGS}), problems


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    targets, settings, problems = read_options(module.params, module.check_mode)
    run.refuse(module, problems)
    fleet = sessions.Sessions(module)
    outcomes = role_keeping.keep_roles(fleet, settings, targets, module.check_mode, module.params["concurrency"])
    role_keeping.warn_of_findings(module, outcomes)
    run.finish(module, outcomes)


if __name__ == "__main__":
    main()
