#!/usr/bin/python
# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What in destination accounts depends on delivered images and on the source's keys."""

from __future__ import annotations

DOCUMENTATION = r"""
module: dependents_info
short_description: What in destination accounts still depends on delivered images
version_added: 0.1.0
author:
  - golden.imagebuilder contributors (@golden-imagebuilder)
description:
  - Asks each account, with its own credentials, what would suffer if it got no images any more or lost the keys of the source.
  - Told are AMIs that Image Builder of the sources has made, instances launched from them, launch templates whose newest or default version
    launches them, parameters, and volumes that only the keys of the source open.
  - Nothing is written. Accounts are asked at the same time, in one task, with an outcome each.
notes:
  - A copy stays encrypted with the source's key. Its instances go on running without the key, but cannot be started again.
  - "The credentials need these actions in every account: C(ec2:DescribeImages), C(ec2:DescribeInstances),
    C(ec2:DescribeLaunchTemplateVersions); with key_arns C(ec2:DescribeVolumes); with parameter_names C(ssm:GetParameters)."
options:
  source_account_ids:
    description: Ids of the accounts that images come from, strings of 12 digits. Quote them in YAML.
    type: list
    elements: raw
    required: true
  key_arns:
    description: ARNs of the source's keys. Without any, volumes are not asked for.
    type: list
    elements: str
    default: []
  parameter_names:
    description: Names of the parameters to which Image Builder writes the ids of images.
    type: list
    elements: str
    default: []
extends_documentation_fragment:
  - golden.imagebuilder.attributes.info
  - golden.imagebuilder.fleet
  - golden.imagebuilder.fleet.targets
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: golden.imagebuilder.destination_parameters
  - module: golden.imagebuilder.destination_roles
"""

EXAMPLES = r"""
- name: What hangs on the images in an account
  golden.imagebuilder.dependents_info:
    targets:
      - account_id: "222222222222"
        name: payments
        regions: [us-west-2]
        assume_role_arn: OrganizationAccountAccessRole
    source_account_ids: ["111111111111"]
    parameter_names: [/imagebuilder/web/latest]
  register: hanging

- name: Show it
  golden.imagebuilder.table:
    rows: "{{ hanging.dependents }}"
    columns: [account, region, kind, id, name, depends_on]
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
    failed: {description: Whether something could not be read., type: bool}
    msg:
      description: What could not be read, one a line, each with account and Region.
      type: str
      returned: when it failed
    error_code:
      description: AWS's code of the error, or our own.
      type: str
      returned: when the account could not be entered
    dependents:
      description: What was found.
      type: list
      elements: dict
      returned: when the account could be entered
      contains: &dependent
        account_id: {description: The account., type: str}
        account: {description: Its name., type: str}
        region: {description: The Region., type: str}
        kind: {description: "C(AMI), C(instance), C(volume), C(launch template) or C(parameter).", type: str}
        id: {description: Its id., type: str}
        name: {description: "Its name, empty when it has none.", type: str}
        depends_on:
          description: The image build version, AMI or key that it depends on, or the AMI that it names.
          type: str
dependents:
  description: The same entries of all accounts in one list.
  returned: always
  type: list
  elements: dict
  contains: *dependent
errors:
  description: Every mistake in the options, each with C(path) and C(message).
  returned: when an option is not valid
  type: list
  elements: dict
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution import dependents
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet import run, sessions
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import account_ids_problems, parse_targets

ARGUMENT_SPEC: dict[str, Any] = {
    **run.fleet_argument_spec(),
    **run.targets_argument_spec(),
    "source_account_ids": {"type": "list", "elements": "raw", "required": True},
    "key_arns": {"type": "list", "elements": "str", "default": [], "no_log": False},
    "parameter_names": {"type": "list", "elements": "str", "default": []},
}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True)
    targets, problems = parse_targets(module.params["targets"])
    sources = module.params["source_account_ids"]
    run.refuse(module, [*problems, *account_ids_problems(sources, "source_account_ids")])
    request = dependents.Request(sources, module.params["key_arns"], module.params["parameter_names"])
    looker = dependents.Looker(sessions.Sessions(module), request)
    outcomes = run.run(targets, looker.look, module.params["concurrency"])
    run.finish(module, outcomes, dependents=[one for outcome in outcomes for one in outcome.result.get("dependents", [])])


if __name__ == "__main__":
    main()
