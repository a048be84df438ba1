# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation that the modules for many accounts share."""

from __future__ import annotations


class ModuleDocFragment:
    """Options of the fleet modules; what they mean is in module_utils/_fleet."""

    DOCUMENTATION = r"""
options:
  concurrency:
    description:
      - How many accounts, or Regions of one account, are worked on at the same time.
      - This replaces Ansible's forks here, because the module does all of it in one process.
    type: int
    default: 16
  fail_on_error:
    description:
      - Whether the task fails when an account has failed. The others are finished in any case.
      - With V(false) the task succeeds, and RV(outcomes) says which accounts failed and why;
        M(golden.imagebuilder.outcome) then makes it the result of each host.
    type: bool
    default: true
"""

    TARGETS = r"""
options:
  targets:
    description:
      - The accounts.
      - The filter P(golden.imagebuilder.targets#filter) makes this list of the hosts of an inventory.
    type: list
    elements: dict
    required: true
    suboptions:
      account_id:
        description: The id of the account, a string of 12 digits. Quote it in YAML, which else reads a number and drops leading zeros.
        type: str
        required: true
      name:
        description: What to call the account in messages and results. Without it the id is the name.
        type: str
      regions:
        description: The Regions of the account that matter. The first one is used for services that have none, such as IAM.
        type: list
        elements: str
      profile:
        description: A profile of the AWS configuration files whose credentials are those of the account, or may assume C(assume_role_arn).
        type: str
      assume_role_arn:
        description:
          - The role to assume in the account, as ARN or as name.
          - Its credentials refresh themselves for as long as the task runs.
          - Without role and profile, the credentials of the task are used as they are.
        type: str
      external_id:
        description: The external id that the trust policy of the role asks for.
        type: str
      launch_templates:
        description:
          - By Region, the id of a launch template of the account that is to start new images. Modules that have nothing to do with launch
            templates do not look at it.
        type: dict
      organizational_unit_ids:
        description:
          - The ids of the root of the organization and of the units below it down to the one that the account is in, which the inventory
            P(golden.imagebuilder.organizations#inventory) knows of its hosts.
          - Only M(golden.imagebuilder.preflight) looks at it.
        type: list
        elements: str
"""

    ACCOUNT = r"""
options:
  account:
    description:
      - The account to work in and the way into it.
      - Without this option, the credentials of the task are used as they are, and the account is theirs.
      - The filter P(golden.imagebuilder.targets#filter) makes this of a host of an inventory.
    type: dict
    suboptions:
      account_id:
        description: The id of the account, a string of 12 digits. Quote it in YAML, which else reads a number and drops leading zeros.
        type: str
        required: true
      name:
        description: What to call the account in messages and results. Without it the id is the name.
        type: str
      regions:
        description: The Regions of the account that matter. The first one is used for services that have none, such as IAM.
        type: list
        elements: str
      profile:
        description: A profile of the AWS configuration files whose credentials are those of the account, or may assume C(assume_role_arn).
        type: str
      assume_role_arn:
        description:
          - The role to assume in the account, as ARN or as name.
          - Its credentials refresh themselves for as long as the task runs.
          - Without role and profile, the credentials of the task are used as they are.
        type: str
      external_id:
        description: The external id that the trust policy of the role asks for.
        type: str
      launch_templates:
        description:
          - By Region, the id of a launch template of the account that is to start new images. Modules that have nothing to do with launch
            templates do not look at it.
        type: dict
      organizational_unit_ids:
        description:
          - The ids of the root of the organization and of the units below it down to the one that the account is in, which the inventory
            P(golden.imagebuilder.organizations#inventory) knows of its hosts.
          - Only M(golden.imagebuilder.preflight) looks at it.
        type: list
        elements: str
"""
