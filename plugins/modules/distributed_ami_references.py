#!/usr/bin/python
# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Point launch templates and parameters of many accounts at the AMIs that they got."""

from __future__ import annotations

DOCUMENTATION = r"""
module: distributed_ami_references
short_description: Point launch templates and parameters of many accounts at the AMIs that they got
version_added: 0.1.0
author:
  - golden.imagebuilder contributors (@golden-imagebuilder)
description:
  - Image Builder puts the id of the B(source) account's AMI into a launch template of another account, which then cannot launch from it. This
    module makes a version of the template with the AMI that the account has itself.
  - One parameter of Systems Manager is written into every account and Region, with the id of the AMI there. Image Builder would have to be told
    of each account.
  - Each account is entered by its own way in. All accounts and Regions are worked on at the same time, with an outcome for each of them.
  - What is written is read back. A run that finds everything as it is to be changes nothing.
notes:
  - A new version of a launch template is made of its default version, with another AMI and nothing else. No version is taken away, and the tags of
    the template stay, also C(CreatedBy), with which Image Builder itself may work on it.
  - A launch template whose default version resolves one of O(ssm_parameter_configurations) follows it by itself, and is left as it is.
  - A parameter that holds something else than the id of an AMI is somebody else's. It is left alone, and its Region fails.
  - "The credentials need these actions in every account: C(ec2:DescribeImages); C(ssm:GetParameters) and C(ssm:PutParameter) for parameters;
    C(ec2:DescribeLaunchTemplateVersions), C(ec2:CreateLaunchTemplateVersion) and C(ec2:ModifyLaunchTemplate) for launch templates;
    C(sts:GetCallerIdentity) where no role is assumed. Check mode needs those that only read."
options:
  amis:
    description:
      - Which AMI is where, as M(golden.imagebuilder.image) returns it. Each entry needs C(account_id), C(region) and C(image); entries of
        accounts that are not among O(targets) are ignored.
      - An account is expected to have an AMI in each of its C(regions). One without C(regions) is worked on where O(amis) names it.
      - One of O(amis), O(image_build_version_arn) and O(name) is needed.
    type: list
    elements: dict
    default: []
  image_build_version_arn:
    description: ARN of the image. Where O(amis) has no entry, the AMI with this ARN in its tag C(Ec2ImageBuilderArn) is looked for.
    type: str
  name:
    description: Name of the AMI, for where O(amis) has no entry. C(*) and C(?) stand for any text and any character. The newest is taken.
    type: str
  ssm_parameter_configurations:
    description:
      - The parameters that every account gets in each Region, as a distribution configuration has them, but without the account.
    type: list
    elements: dict
    default: []
    suboptions:
      parameter_name:
        description: Name of the parameter.
        type: str
        required: true
      data_type:
        description:
          - V(text), or V(aws:ec2:image), with which Systems Manager makes sure that it names an AMI, and which launch templates can resolve.
          - V(aws:ec2:image) when it is not given.
        type: str
  set_default_version:
    description:
      - Whether the version of a launch template that launches the AMI becomes its default. With V(false) it is its newest one.
    type: bool
    default: true
extends_documentation_fragment:
  - golden.imagebuilder.attributes
  - golden.imagebuilder.fleet
  - golden.imagebuilder.fleet.targets
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: golden.imagebuilder.image
  - module: golden.imagebuilder.image_distribution
  - module: golden.imagebuilder.distributed_ami_info
  - module: golden.imagebuilder.destination_parameters
"""

EXAMPLES = r"""
- name: A launch template of the account, of which each instance is to have the newest AMI
  amazon.aws.ec2_launch_template:
    region: us-west-2
    name: web
    instance_type: t3.medium
    tags:
      CreatedBy: EC2 Image Builder
  register: web

- name: An AMI
  golden.imagebuilder.image_recipe:
    region: us-west-2
    name: web
    semantic_version: 1.0.x
    parent_image: aws:amazon-linux-2023-x86/x.x.x

- name: The instances that build it
  golden.imagebuilder.infrastructure_configuration:
    region: us-west-2
    name: web
    instance_profile_name: EC2InstanceProfileForImageBuilder

- name: Have it built
  golden.imagebuilder.image:
    region: us-west-2
    image_recipe: web/1.0.x
    infrastructure_configuration: web
  register: golden

- name: Point the template and a parameter at it, in each account at the AMI of its own
  golden.imagebuilder.distributed_ami_references:
    targets:
      - account_id: "111111111111"
        name: factory
        regions: [us-west-2]
        launch_templates:
          us-west-2: "{{ web.template.launch_template_id }}"
    amis: "{{ golden.amis }}"
    ssm_parameter_configurations:
      - parameter_name: /golden/web/latest
"""

RETURN = r"""
outcomes:
  description: What happened in each Region of each account, in the order of O(targets).
  returned: always
  type: list
  elements: dict
  contains:
    account_id: {description: The account., type: str}
    name: {description: Its name., type: str}
    region: {description: The Region., type: str}
    changed: {description: "Whether anything was, or in check mode would be, written.", type: bool}
    failed: {description: Whether it failed., type: bool}
    msg:
      description: Why it failed and what to do, one line for each launch template or parameter.
      type: str
      returned: when it failed
    error_code:
      description: AWS's code of the error, or our own.
      type: str
      returned: when it failed
    diff:
      description: What launch templates and parameters named, and what they name now.
      type: dict
      returned: when something changed
    image_id:
      description: Id of the AMI that the account has in the Region.
      type: str
      returned: when there is one
    references:
      description: What points at the AMI.
      type: list
      elements: dict
      returned: when there is an AMI
      contains: &reference
        kind: {description: V(parameter) or V(launch template)., type: str}
        name: {description: "Name of the parameter, or id of the launch template.", type: str}
        image_id: {description: Id of the AMI., type: str}
        changed: {description: "Whether it was, or in check mode would be, written.", type: bool}
        data_type: {description: Data type of a parameter., type: str}
        version: {description: Version of the launch template that launches the AMI., type: int}
references:
  description: The same entries of all accounts and Regions in one list, each with C(account_id) and C(region).
  returned: always
  type: list
  elements: dict
  contains: *reference
errors:
  description: Every mistake in the options, each with C(path) and C(message).
  returned: when an option is not valid
  type: list
  elements: dict
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution import pointing, verify
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet import run, sessions
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import parse_targets

ARGUMENT_SPEC: dict[str, Any] = {
    **run.fleet_argument_spec(),
    **run.targets_argument_spec(),
    "amis": {"type": "list", "elements": "dict", "default": []},
    "image_build_version_arn": {"type": "str"},
    "name": {"type": "str"},
    "ssm_parameter_configurations": {"type": "list", "elements": "dict", "default": []},
    "set_default_version": {"type": "bool", "default": True},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    params = module.params
    targets, problems = parse_targets(params["targets"])
    parameters, wrong = pointing.read_parameters(params["ssm_parameter_configurations"], "ssm_parameter_configurations")
    amis = verify.Request(amis=params["amis"], image_build_version_arn=params["image_build_version_arn"], name=params["name"])
    run.refuse(module, [*problems, *wrong, *verify.request_problems(amis)])
    request = pointing.Request(amis, parameters, params["set_default_version"])
    pointer = pointing.Pointer(sessions.Sessions(module), request, module.check_mode)
    outcomes = run.run(pointing.places(targets, request), pointer.point, params["concurrency"], regional=True)
    run.finish(module, outcomes, references=pointing.rows(outcomes))


if __name__ == "__main__":
    main()
