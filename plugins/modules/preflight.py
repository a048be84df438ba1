#!/usr/bin/python
# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell before the build what would fail after it."""

from __future__ import annotations

DOCUMENTATION = r"""
module: preflight
short_description: Tell before an image is built what would keep it from any of its accounts
version_added: 0.1.0
author:
  - golden.imagebuilder contributors (@golden-imagebuilder)
description:
  - A distribution that is not allowed, or not possible, fails an hour after the build has begun, in the account and Region where it is so.
    This module looks at the whole chain before, from the source and from inside every destination, and tells everything at once.
  - The chain begins with what the image starts from, its parent and the keys of all volumes, those that nobody named as well, and with the
    instance that builds it; goes on with roles, keys and Regions; and ends with launch templates, parameters, launch permissions and quotas.
  - Each of RV(findings) says where, what was found, what is needed, and how to get there, as an Ansible task and as a command of the AWS CLI,
    which run as they stand.
  - Policies are evaluated here, from their documents, by AWS's rules. Service control policies are not seen from inside an account, so what they
    forbid is told only with O(simulate).
  - What could not be looked at is a finding of its own (V(unknown)), and no pass.
  - All accounts and Regions are read at the same time, in one task, each thing once. Nothing is ever written.
notes:
  - "The credentials need these actions in the source account: C(ec2:DescribeRegions), C(ec2:GetEbsEncryptionByDefault),
    C(ec2:GetEbsDefaultKmsKeyId), C(kms:DescribeKey), C(kms:GetKeyPolicy); C(imagebuilder:GetImageRecipe),
    C(imagebuilder:GetInfrastructureConfiguration) and C(imagebuilder:GetDistributionConfiguration) for what is named instead of described; and for
    O(execution_role) those on roles that are needed in destinations."
  - "For the parent image and the infrastructure, in the source account too: C(ec2:DescribeImages), C(ec2:DescribeSnapshots),
    C(iam:GetInstanceProfile) and the same actions on its role; and where they are named, C(imagebuilder:GetImage), C(ssm:GetParameter),
    C(ec2:DescribeSubnets) or C(ec2:DescribeVpcs), C(ec2:DescribeSecurityGroups), C(ec2:DescribeKeyPairs),
    C(ec2:DescribeInstanceTypeOfferings), C(ec2:DescribeInstanceTypes), C(s3:ListBucket) and C(sns:GetTopicAttributes)."
  - "In every account that gets an AMI: C(ec2:DescribeImages); C(ssm:GetParameters) where there are parameters;
    C(ec2:GetImageBlockPublicAccessState) where the AMI becomes public; C(servicequotas:GetServiceQuota) where it is shared with more than 1,000."
  - "In every destination: C(iam:GetRole), C(iam:ListAttachedRolePolicies), C(iam:ListRolePolicies), C(iam:GetRolePolicy), C(iam:GetPolicy),
    C(iam:GetPolicyVersion), C(ec2:DescribeRegions); C(iam:SimulatePrincipalPolicy) for O(simulate); C(ec2:DescribeLaunchTemplates) where there are
    launch templates; C(ec2:GetEbsEncryptionByDefault) and C(ec2:GetEbsDefaultKmsKeyId) where no key is named;
    C(organizations:DescribeOrganization), also in the source account, where the policy of a key or of a role is about organizations."
  - "C(organizations:ListParents) in the source account, which has to be the management account or a delegated administrator, where a policy is
    about organizational units and O(targets) and O(account) do not tell C(organizational_unit_ids). The keys that
    M(golden.imagebuilder.source_keys) opens to organizational units are of that kind."
options:
  image_recipe:
    description:
      - The image recipe, by name or ARN as in O(golden.imagebuilder.image#module:image_recipe_arn), or as it will be, with the options of
        M(golden.imagebuilder.image_recipe).
    type: raw
  infrastructure_configuration:
    description:
      - The infrastructure configuration, by name or ARN, or as it will be, with the options of
        M(golden.imagebuilder.infrastructure_configuration).
    type: raw
  source_image:
    description:
      - What M(golden.imagebuilder.image_distribution) will distribute as it is, in place of O(image_recipe); see
        O(golden.imagebuilder.image_distribution#module:source_image).
    type: str
  distribution_configuration:
    description:
      - The distribution configuration, by name or ARN.
      - One of O(distribution_configuration) and O(distributions) is needed.
    type: str
  distributions:
    description:
      - Where the image will go, as in O(golden.imagebuilder.distribution_configuration#module:distributions). Several lists that are
        distributed one after the other can be given as one.
      - They are what is checked when both are given. A finding about them has no remedy to run, as they are an input.
    type: list
    elements: dict
  execution_role:
    description: The role by which Image Builder works in the source account, by name or ARN. Without it that is its service-linked role.
    type: str
  source_keys:
    description:
      - By Region, the keys that are kept for images, as M(golden.imagebuilder.source_keys) returns them. Remedies that need another key name
        these.
    type: dict
    default: {}
  simulate:
    description:
      - Whether AWS itself is asked too what the distribution roles may do (C(iam:SimulatePrincipalPolicy)), where the credentials may do that. It
        knows the service control policies of the organization. Where they may not, or where its answer may hang on a condition key that nobody
        can tell it, the documents decide alone.
      - It takes about six calls for each account and Region.
    type: bool
    default: true
  fail_on_unknown:
    description: Whether an account has failed when something about it could not be looked at.
    type: bool
    default: true
extends_documentation_fragment:
  - golden.imagebuilder.attributes.info
  - golden.imagebuilder.fleet
  - golden.imagebuilder.fleet.account
  - golden.imagebuilder.fleet.targets
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: golden.imagebuilder.destination_roles
  - module: golden.imagebuilder.source_keys
  - module: golden.imagebuilder.image
"""

EXAMPLES = r"""
- name: The key that encrypts the AMI
  golden.imagebuilder.source_keys:
    regions: [us-west-2]
    destination_account_ids: ["222222222222"]
  register: source

- name: Would the image get there
  golden.imagebuilder.preflight:
    region: us-west-2
    targets:
      - account_id: "222222222222"
        name: payments
        regions: [us-west-2]
        assume_role_arn: OrganizationAccountAccessRole
    distributions:
      - region: us-west-2
        ami_distribution_configuration:
          name: web <<imagebuilder:buildDate>>
          target_account_ids: ["222222222222"]
          kms_key_id: "{{ source.source_keys['us-west-2'].key_arn }}"
    source_keys: "{{ source.source_keys }}"
    fail_on_error: false
  register: preflight

- name: Show what is wrong
  golden.imagebuilder.table:
    rows: "{{ preflight.findings }}"
    columns: [severity, name, account_id, region, check, found, needed]

- name: Show the tasks that mend it
  ansible.builtin.debug:
    msg: "{{ preflight.remedies | map(attribute='task') | join }}"
"""

RETURN = r"""
findings:
  description: What is not as the run needs it, in all accounts, errors first.
  returned: when the options are valid
  type: list
  elements: dict
  contains: &finding
    severity:
      description: V(error) for what makes the distribution fail, V(unknown) for what could not be looked at, V(warning) for what may be meant.
      type: str
      sample: error
    check: {description: A name of what is wrong., type: str, sample: role_missing}
    account_id: {description: The account that it is about., type: str}
    name: {description: Its name., type: str}
    region: {description: "The Region, null for what has none.", type: str}
    found: {description: What was found., type: str}
    needed: {description: What is needed., type: str}
    remedy_task:
      description: An entry for the list of tasks of a playbook that mends it, in YAML. Empty when the input has to be changed.
      type: str
    remedy_command:
      description: What does the same with the AWS CLI in a shell. Empty when that is no matter of a command.
      type: str
remedies:
  description: The tasks that mend all findings, as few as do it. One that accounts lack in the same way is one for all of them.
  returned: when the options are valid
  type: list
  elements: dict
  contains:
    task: {description: "An entry for the list of tasks of a playbook, in YAML.", type: str}
    checks: {description: What it mends., type: list, elements: str, sample: [role_missing]}
    account_ids: {description: The accounts with these findings., type: list, elements: str}
outcomes:
  description: The outcome of each account, the source first.
  returned: when the options are valid
  type: list
  elements: dict
  contains:
    account_id: {description: The account., type: str}
    name: {description: Its name., type: str}
    changed: {description: Always V(false)., type: bool}
    failed: {description: "Whether it has an error, or with O(fail_on_unknown) something unknown.", type: bool}
    msg: {description: "These, one a line.", type: str, returned: when it failed}
    findings: {description: The findings of the account., type: list, elements: dict, contains: *finding}
errors:
  description: Every mistake in the options, each with C(path) and C(message).
  returned: when an option is not valid
  type: list
  elements: dict
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution import preflight, preflight_inputs
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.findings import remedies_of
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.preflight_reading import Reader
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet import run, sessions
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import account_argument_spec
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import engine

ARGUMENT_SPEC: dict[str, Any] = {
    **run.fleet_argument_spec(),
    **run.targets_argument_spec(),
    **account_argument_spec(),
    "image_recipe": {"type": "raw"},
    "infrastructure_configuration": {"type": "raw"},
    "source_image": {"type": "str"},
    "distribution_configuration": {"type": "str"},
    "distributions": {"type": "list", "elements": "dict"},
    "execution_role": {"type": "str"},
    "source_keys": {"type": "dict", "default": {}, "no_log": False},
    "simulate": {"type": "bool", "default": True},
    "fail_on_unknown": {"type": "bool", "default": True},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    asked, problems = preflight_inputs.read(module.params, module.region)
    run.refuse(module, problems)
    clients = sessions.Sessions(module)

    def look() -> dict[str, Any]:
        described = preflight_inputs.described_run(module, clients, asked)
        facts = Reader(clients, described, module.params["concurrency"]).read()
        findings = preflight.findings_of(facts)
        fails = ["error", *(["unknown"] if module.params["fail_on_unknown"] else [])]
        result = {"findings": [each.to_result() for each in findings], "remedies": remedies_of(findings)}
        run.finish(module, preflight.outcomes_of(facts, findings, fails), **result)
        return {}  # not reached: the module has ended

    engine.answer(module, look)


if __name__ == "__main__":
    main()
