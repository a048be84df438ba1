#!/usr/bin/python
# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask every account for its AMI."""

from __future__ import annotations

DOCUMENTATION = r"""
module: distributed_ami_info
short_description: Ask many accounts whether their AMI is there, and whether it is as it should be
version_added: 0.1.0
author:
  - golden.imagebuilder contributors (@golden-imagebuilder)
description:
  - Enters every account and looks, in each of its Regions, whether the AMI is there, is available, belongs to the account, has every snapshot
    encrypted with the expected key, and carries the expected tags. It can also ask whether the AMI could be launched.
  - All accounts are asked at the same time, in one task, with an outcome each. One that fails does not stop the others.
  - What an account does not let be seen is a problem, and never passes for good.
  - For an AMI whose copy failed, the reason that EC2 noted in the account is returned and explained. Image Builder does not tell it.
notes:
  - "The credentials need these actions in every account: C(ec2:DescribeImages), C(ec2:DescribeSnapshots); C(kms:DescribeKey) where a key is given
    as an alias, allowed by the key's policy too; C(ssm:GetParameter) for O(ssm_parameter_name); C(ec2:DescribeLaunchTemplateVersions) for
    O(check_launch_templates); C(ec2:RunInstances) for O(check_launch); C(sts:GetCallerIdentity) where no role is assumed."
options:
  amis:
    description:
      - Which AMI is expected where, as M(golden.imagebuilder.image) returns it. Each entry needs C(account_id), C(region) and C(image); entries
        of accounts that are not among O(targets) are ignored. With C(name), that is what the AMI has to be called.
      - An account is expected to have an AMI in each of its C(regions). One without C(regions) is looked at where O(amis) names it.
      - One of O(amis), O(image_build_version_arn) and O(name) is needed.
    type: list
    elements: dict
    default: []
  image_build_version_arn:
    description:
      - ARN of the image. Where O(amis) has no entry, the AMI with this ARN in its tag C(Ec2ImageBuilderArn) is looked for.
    type: str
  name:
    description: Name of the AMI, for where O(amis) has no entry. C(*) and C(?) stand for any text and any character. The newest is taken.
    type: str
  encrypted:
    description: Whether every snapshot has to be encrypted.
    type: bool
    default: true
  kms_key_ids:
    description:
      - By Region, the key with which the snapshots have to be encrypted. The ARN of the key, or of an alias, which is then looked up from inside
        the account.
      - A Region that is not in it may have any key.
    type: dict
    default: {}
  tags:
    description: Tags that the AMIs have to carry. Others do not matter.
    type: dict
    default: {}
  description:
    description:
      - Description that the AMIs have to have.
      - That of the build itself, in the account and Region of O(image_build_version_arn), has the description of its recipe and is not held to it.
    type: str
  ssm_parameter_name:
    description:
      - A parameter of each account and Region whose value has to be the id of the AMI there.
      - It is not looked for in the account of O(image_build_version_arn), where the image was built.
    type: str
  check_launch_templates:
    description:
      - Whether the default version of each launch template that O(targets[].launch_templates) names has to start the AMI of its account and
        Region, by its id or by a parameter as in V(resolve:ssm:/imagebuilder/web).
    type: bool
    default: false
  check_launch:
    description: Whether to ask EC2 if it would launch an instance of the AMI. It is a dry run, nothing is launched.
    type: bool
    default: false
  instance_type:
    description: The instance type to ask for with O(check_launch). Without it, a small one of the architecture of the AMI.
    type: str
extends_documentation_fragment:
  - golden.imagebuilder.attributes.info
  - golden.imagebuilder.fleet
  - golden.imagebuilder.fleet.targets
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: golden.imagebuilder.image
  - module: golden.imagebuilder.source_keys
"""

EXAMPLES = r"""
- name: The key that encrypts the AMI
  golden.imagebuilder.source_keys:
    regions: [us-west-2]
    destination_account_ids: ["222222222222"]
  register: source

- name: The role that lets it into another account
  golden.imagebuilder.destination_roles:
    targets:
      - account_id: "222222222222"
        name: payments
        assume_role_arn: OrganizationAccountAccessRole
    source_account_ids: ["111111111111"]
    key_arns: ["{{ source.source_keys['us-west-2'].key_arn }}"]

- name: A recipe
  golden.imagebuilder.image_recipe:
    region: us-west-2
    name: web
    semantic_version: 1.0.x
    parent_image: aws:amazon-linux-2023-x86/x.x.x
    block_device_mappings:
      - device_name: /dev/xvda
        ebs:
          encrypted: true
          kms_key_id: "{{ source.source_keys['us-west-2'].key_arn }}"

- name: The instances that build it
  golden.imagebuilder.infrastructure_configuration:
    region: us-west-2
    name: web
    instance_profile_name: EC2InstanceProfileForImageBuilder

- name: Where it goes
  golden.imagebuilder.distribution_configuration:
    region: us-west-2
    name: web
    distributions:
      - region: us-west-2
        ami_distribution_configuration:
          name: web <<imagebuilder:buildDate>>
          target_account_ids: ["222222222222"]
          kms_key_id: "{{ source.source_keys['us-west-2'].key_arn }}"
          ami_tags:
            Team: platform

- name: Have it built and delivered
  golden.imagebuilder.image:
    region: us-west-2
    image_recipe: web/1.0.x
    infrastructure_configuration: web
    distribution_configuration: web
  register: golden

- name: Is the AMI everywhere, with the right key
  golden.imagebuilder.distributed_ami_info:
    targets:
      - account_id: "222222222222"
        name: payments
        regions: [us-west-2]
        assume_role_arn: OrganizationAccountAccessRole
    amis: "{{ golden.amis }}"
    kms_key_ids:
      us-west-2: "{{ source.source_keys['us-west-2'].key_arn }}"
    tags:
      Team: platform

- name: Could the account launch the newest one
  golden.imagebuilder.distributed_ami_info:
    targets:
      - account_id: "222222222222"
        name: payments
        regions: [us-west-2]
        assume_role_arn: OrganizationAccountAccessRole
    name: web *
    check_launch: true
"""

RETURN = r"""
outcomes:
  description: What each account answered, in the order of O(targets).
  returned: always
  type: list
  elements: dict
  contains:
    account_id: {description: The account., type: str}
    name: {description: Its name., type: str}
    changed: {description: Always V(false)., type: bool}
    failed: {description: Whether it has a problem., type: bool}
    msg:
      description: The problems, one a line, each with account and Region.
      type: str
      returned: when it failed
    error_code:
      description: AWS's code of the error, or our own.
      type: str
      returned: when the account could not be entered
    amis:
      description: What was found, one entry a Region.
      type: list
      elements: dict
      returned: when the account could be entered
      contains: &ami
        account_id: {description: The account., type: str}
        region: {description: The Region., type: str}
        image_id: {description: "Id of the AMI, null when there is none.", type: str}
        name: {description: Its name., type: str}
        state: {description: "Its state, V(missing) when there is none.", type: str, sample: available}
        creation_date: {description: When it was made., type: str}
        encrypted: {description: Whether every snapshot behind it is encrypted., type: bool}
        kms_key_id: {description: "ARN of the key of its snapshots, several with commas.", type: str}
        expected_kms_key: {description: The key that was expected., type: str}
        tags: {description: Its tags., type: dict}
        parameter_value: {description: "Value of O(ssm_parameter_name).", type: str}
        launch_template_image_id: {description: The AMI that the launch template starts by default., type: str}
        problems: {description: What is not as it should be., type: list, elements: str}
amis:
  description: The same entries of all accounts in one list.
  returned: always
  type: list
  elements: dict
  contains: *ami
errors:
  description: Every mistake in the options, each with C(path) and C(message).
  returned: when an option is not valid
  type: list
  elements: dict
"""

from collections.abc import Mapping
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution import inspection, verify
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet import run, sessions
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import Target, parse_targets
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.problems import Problem

ARGUMENT_SPEC: dict[str, Any] = {
    **run.fleet_argument_spec(),
    **run.targets_argument_spec(),
    "amis": {"type": "list", "elements": "dict", "default": []},
    "image_build_version_arn": {"type": "str"},
    "name": {"type": "str"},
    "encrypted": {"type": "bool", "default": True},
    "kms_key_ids": {"type": "dict", "default": {}, "no_log": False},
    "tags": {"type": "dict", "default": {}},
    "description": {"type": "str"},
    "ssm_parameter_name": {"type": "str"},
    "check_launch_templates": {"type": "bool", "default": False},
    "check_launch": {"type": "bool", "default": False},
    "instance_type": {"type": "str"},
}


def read_options(params: Mapping[str, Any]) -> tuple[list[Target], verify.Request, list[Problem]]:
    """Targets, what is expected of them, and everything that is wrong with the options."""
    targets, problems = parse_targets(params["targets"])
    request = verify.Request(
        amis=params["amis"],
        image_build_version_arn=params["image_build_version_arn"],
        name=params["name"],
        encrypted=params["encrypted"],
        kms_key_ids=params["kms_key_ids"],
        tags={str(key): str(value) for key, value in params["tags"].items()},
        description=params["description"],
        ssm_parameter_name=params["ssm_parameter_name"],
        check_launch_templates=params["check_launch_templates"],
        check_launch=params["check_launch"],
        instance_type=params["instance_type"],
    )
    return targets, request, [*problems, *verify.request_problems(request)]


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    targets, request, problems = read_options(module.params)
    run.refuse(module, problems)
    inspector = inspection.Inspector(sessions.Sessions(module), request)
    outcomes = run.run(targets, inspector.inspect, module.params["concurrency"])
    run.finish(module, outcomes, amis=[ami for outcome in outcomes for ami in outcome.result.get("amis", [])])


if __name__ == "__main__":
    main()
