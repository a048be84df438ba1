#!/usr/bin/python
# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Old AMIs of all accounts that nobody uses any more."""

from __future__ import annotations

DOCUMENTATION = r"""
module: retired_amis
short_description: Deprecate, disable or deregister old AMIs that nobody uses, in many accounts and Regions
version_added: 0.1.0
author:
  - golden.imagebuilder contributors (@golden-imagebuilder)
description:
  - Lists the AMIs of images in all accounts and Regions, keeps the newest of each image, and retires the older ones that nobody uses.
    Deregistered AMIs take their snapshots with them, and parameters that name nothing else where O(parameter_names) says so.
  - An account is worked on with its own credentials, all at the same time, with an outcome for each Region. One that fails does not stop the
    others.
  - Run it in check mode first. RV(amis) then tells of each AMI what would become of it, and for those that stay why.
  - Other than the lifecycle policies of Image Builder, it looks in the accounts whether an AMI is in use; M(golden.imagebuilder.lifecycle_policy)
    keeps those.
notes:
  - An AMI is used by an instance that is not terminated; by the newest or the default version of a launch template; by an Auto Scaling group,
    through its launch configuration, the version of a launch template that it asks for, or an override; and by a parameter with its id in it.
    A parameter that is named in place of an AMI is looked up, in the version that is asked for.
  - What may not be looked at counts as in use, and fails the Region. Encrypted parameters are not looked at, as EC2 does not resolve them.
  - Others can launch an AMI by its id at any time, such as AWS Batch, a managed node group or a recipe. O(launched_within_days) keeps what they did
    launch lately. Instances in accounts that are not among O(targets) are not seen; O(keep_shared) keeps what they may use.
  - A deregistered AMI cannot be had back, unless a rule of the Recycle Bin holds it. A snapshot that another AMI of the account needs stays.
  - "The credentials need these actions in every account: C(ec2:DescribeImages); for V(deprecated) C(ec2:EnableImageDeprecation); for V(disabled)
    C(ec2:DisableImage); for V(deregistered) C(ec2:DeregisterImage) and C(ec2:DeleteSnapshot), in check mode too, which asks EC2 for these rights;
    for the last two also C(ec2:DescribeImageAttribute), C(ec2:DescribeInstances), C(ec2:DescribeLaunchTemplateVersions),
    C(autoscaling:DescribeAutoScalingGroups), C(autoscaling:DescribeLaunchConfigurations), C(ssm:DescribeParameters), C(ssm:GetParameters) and
    C(ssm:GetParameter); and with parameter_names C(ssm:DeleteParameters)."
options:
  state:
    description:
      - What becomes of the old AMIs.
      - V(deprecated) has EC2 hide them from others' lists. They can be launched as before, so those in use are deprecated too.
      - V(disabled) has nothing launched of them any more, takes back what they are shared with, and can be undone.
      - V(deregistered) does away with them and their snapshots.
    type: str
    choices: [deprecated, disabled, deregistered]
    required: true
  keep:
    description:
      - How many builds of each image stay, the newest by version, build and date. Those that can be launched come first, so the newest of these
        always stays. AMIs that failed do not count.
    type: int
    required: true
  source_account_ids:
    description:
      - Ids of the accounts that images come from, strings of 12 digits. Quote them in YAML. All AMIs are meant that Image Builder of these has
        made, which the tag C(Ec2ImageBuilderArn) says.
      - One of this and O(ami_names) is needed.
    type: list
    elements: raw
    default: []
  images:
    description: Names of the images whose AMIs are meant, as they are in the ARN. By default all images of O(source_account_ids).
    type: list
    elements: str
    default: []
  ami_names:
    description:
      - Names of AMIs that are meant too, for those without the tag. C(*) and C(?) stand for any text and any character. The AMIs of one such
        entry are taken for builds of one image, whose newest are told by the date.
      - Every AMI that the account owns and whose name fits is meant, whoever made it.
    type: list
    elements: str
    default: []
  older_than_days:
    description: AMIs that are younger stay, however many there are.
    type: int
    default: 0
  deprecated_for_days:
    description: Only AMIs that have been deprecated for so long are disabled or deregistered. V(0) takes any.
    type: int
    default: 0
  launched_within_days:
    description:
      - AMIs of which anything was launched within so many days stay, whoever launched it. EC2 tells it a day late. V(0) does not look at that.
      - It does not matter to O(state=deprecated).
    type: int
    default: 30
  keep_shared:
    description:
      - Whether AMIs that others may launch stay, which their accounts may use unseen.
      - With V(false), such an AMI stays where one of O(targets) uses it or could not be asked.
      - It does not matter to O(state=deprecated).
    type: bool
    default: true
  parameter_names:
    description:
      - Names of parameters that are deleted with the AMI whose id is all that they hold. C(*) and C(?) stand for any text and any character.
      - Parameters that are not named here keep the AMI that they name.
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - golden.imagebuilder.attributes
  - golden.imagebuilder.fleet
  - golden.imagebuilder.fleet.targets
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: golden.imagebuilder.lifecycle_policy
  - module: golden.imagebuilder.dependents_info
  - module: golden.imagebuilder.image
"""

EXAMPLES = r"""
- name: What would go, and what keeps the others
  golden.imagebuilder.retired_amis:
    targets: &accounts
      - account_id: "222222222222"
        name: payments
        regions: [us-west-2, eu-west-1]
        assume_role_arn: OrganizationAccountAccessRole
    source_account_ids: ["111111111111"]
    keep: 3
    state: deregistered
  check_mode: true
  register: old

- name: Show it
  golden.imagebuilder.table:
    rows: "{{ old.amis }}"
    columns: [account, region, image, version, image_id, action, reasons]

- name: Nobody finds them in a list any more, but what runs goes on running
  golden.imagebuilder.retired_amis:
    targets: *accounts
    source_account_ids: ["111111111111"]
    keep: 3
    state: deprecated

- name: What has been deprecated for three months goes, with the parameter of its version
  golden.imagebuilder.retired_amis:
    targets: *accounts
    source_account_ids: ["111111111111"]
    images: [web]
    keep: 3
    deprecated_for_days: 90
    parameter_names: [/imagebuilder/web/1.*]
    state: deregistered
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
    changed:
      description: Whether anything was, or in check mode would be, retired.
      type: bool
    failed: {description: Whether an AMI could not be retired or something could not be looked at., type: bool}
    msg:
      description: The problems, one a line, each with account and Region.
      type: str
      returned: when it failed
    error_code:
      description: AWS's code of the error, or our own.
      type: str
      returned: when the account could not be asked for its AMIs
    diff:
      description: The AMIs before and after, by their ids.
      type: dict
      returned: when something changed
    amis:
      description: What became of each AMI, or in check mode would.
      type: list
      elements: dict
      returned: when the account could be asked for its AMIs
      contains: &ami
        account_id: {description: The account., type: str}
        account: {description: Its name., type: str}
        region: {description: The Region., type: str}
        image: {description: "Name of the image, or the entry of O(ami_names).", type: str, sample: web}
        version: {description: "Version and build, empty for an AMI without the tag.", type: str, sample: 1.0.0/1}
        image_build_version_arn: {description: "ARN of the build, empty for an AMI without the tag.", type: str}
        image_id: {description: Id of the AMI., type: str}
        name: {description: Its name., type: str}
        state: {description: The state it had., type: str, sample: available}
        creation_date: {description: When it was made., type: str}
        action: {description: "C(kept), C(deprecated), C(disabled), C(deregistered), or C(failed).", type: str}
        reasons: {description: Why it was kept or failed., type: list, elements: str}
        snapshots: {description: Ids of the snapshots that go with it., type: list, elements: str}
        parameters: {description: Names of the parameters that go with it., type: list, elements: str}
amis:
  description: The same entries of all accounts in one list.
  returned: always
  type: list
  elements: dict
  contains: *ami
image_build_version_arns:
  description:
    - Builds of which this run deregistered, or in check mode would, all the AMIs that were left in O(targets). None when anything failed.
    - M(golden.imagebuilder.image) can delete them from Image Builder.
  returned: always
  type: list
  elements: str
errors:
  description: Every mistake in the options, each with C(path) and C(message).
  returned: when an option is not valid
  type: list
  elements: dict
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution import retirement, retiring
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet import run, sessions
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import account_ids_problems, parse_targets

OPTIONS: dict[str, Any] = {
    "state": {"type": "str", "choices": list(retirement.STATES), "required": True},
    "keep": {"type": "int", "required": True},
    "source_account_ids": {"type": "list", "elements": "raw", "default": []},
    "images": {"type": "list", "elements": "str", "default": []},
    "ami_names": {"type": "list", "elements": "str", "default": []},
    "older_than_days": {"type": "int", "default": 0},
    "deprecated_for_days": {"type": "int", "default": 0},
    "launched_within_days": {"type": "int", "default": 30},
    "keep_shared": {"type": "bool", "default": True},
    "parameter_names": {"type": "list", "elements": "str", "default": []},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec={**run.fleet_argument_spec(), **run.targets_argument_spec(), **OPTIONS}, supports_check_mode=True)
    request = retirement.Request(**{option: module.params[option] for option in OPTIONS})
    targets, problems = parse_targets(module.params["targets"])
    problems += account_ids_problems(request.source_account_ids, "source_account_ids") + retirement.request_problems(request)
    run.refuse(module, [*problems, *retiring.targets_problems(targets)])
    outcomes = retiring.retire(sessions.Sessions(module), targets, request, module.params["concurrency"], check_mode=module.check_mode)
    amis = [ami for outcome in outcomes for ami in outcome.result.get("amis", [])]
    gone = [] if any(outcome.failed for outcome in outcomes) else retirement.builds_gone(amis)
    run.finish(module, outcomes, amis=amis, image_build_version_arns=gone)


if __name__ == "__main__":
    main()
