#!/usr/bin/python
# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parameters of destination accounts that name delivered images."""

from __future__ import annotations

DOCUMENTATION = r"""
module: destination_parameters
short_description: Delete parameters that name delivered images, in many accounts
version_added: 0.1.0
author:
  - golden.imagebuilder contributors (@golden-imagebuilder)
description:
  - Image Builder writes the id of each new image to parameters of the destinations, and nothing ever removes them. This module does, in all
    accounts and Regions at the same time, with an outcome for each account and Region.
  - A parameter that holds something else than the id of an AMI is not of Image Builder. Where there is one, that account's Region fails and
    nothing is deleted there.
notes:
  - Launch templates that resolve a deleted parameter cannot launch any more; M(golden.imagebuilder.dependents_info) tells of them.
  - "The credentials need these actions in every account: C(ssm:GetParameters), C(ssm:DeleteParameters). Check mode needs the first."
options:
  parameters:
    description:
      - The parameters. What does not exist is no error.
      - P(golden.imagebuilder.without_destinations#filter) finds them in distribution configurations.
    type: list
    elements: dict
    required: true
    suboptions:
      account_id:
        description: The account, one of O(targets).
        type: str
        required: true
      region:
        description: The Region.
        type: str
        required: true
      name:
        description: The name of the parameter.
        type: str
        required: true
  state:
    description: V(absent) deletes the parameters. Image Builder alone makes them, so there is no other state.
    type: str
    choices: [absent]
    default: absent
extends_documentation_fragment:
  - golden.imagebuilder.attributes
  - golden.imagebuilder.fleet
  - golden.imagebuilder.fleet.targets
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: golden.imagebuilder.dependents_info
"""

EXAMPLES = r"""
- name: An account gets no images any more
  golden.imagebuilder.destination_parameters:
    targets:
      - account_id: "222222222222"
        name: payments
        regions: [us-west-2, eu-west-1]
        assume_role_arn: OrganizationAccountAccessRole
    parameters:
      - {account_id: "222222222222", region: us-west-2, name: /imagebuilder/web/latest}
      - {account_id: "222222222222", region: eu-west-1, name: /imagebuilder/web/latest}
    state: absent
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
      description: Whether anything was, or in check mode would be, deleted.
      type: bool
    failed: {description: Whether it failed., type: bool}
    msg:
      description: Why it failed and what to do.
      type: str
      returned: when it failed
    error_code:
      description: AWS's code of the error, or our own.
      type: str
      returned: when it failed
    diff:
      description: The parameters and what they held.
      type: dict
      returned: when something changed
    deleted:
      description: Names of the parameters that were, or in check mode would be, deleted.
      type: list
      elements: str
      returned: when it did not fail
errors:
  description: Every mistake in the options, each with C(path) and C(message).
  returned: when an option is not valid
  type: list
  elements: dict
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution import parameters
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet import run, sessions
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import parse_targets

ARGUMENT_SPEC: dict[str, Any] = {
    **run.fleet_argument_spec(),
    **run.targets_argument_spec(),
    "parameters": {"type": "list", "elements": "dict", "required": True},
    "state": {"type": "str", "choices": ["absent"], "default": "absent"},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    named = module.params["parameters"]
    targets, problems = parse_targets(module.params["targets"])
    run.refuse(module, [*problems, *parameters.parameters_problems(named, targets)])
    delete = parameters.delete_parameters(sessions.Sessions(module), named, module.check_mode)
    run.finish(module, run.run(parameters.places(named, targets), delete, module.params["concurrency"], regional=True))


if __name__ == "__main__":
    main()
