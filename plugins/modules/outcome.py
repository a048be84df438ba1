#!/usr/bin/python
# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action of the same name."""

DOCUMENTATION = r"""
module: outcome
short_description: Make what was done for many accounts the result of each account's host
version_added: 0.1.0
author: golden.imagebuilder contributors (@golden-imagebuilder)
description:
  - A fleet module such as M(golden.imagebuilder.destination_roles) works on all accounts in one task, and returns an outcome for each.
  - This action, run for every host, takes from these the outcomes of the host's account, so that the host itself is ok, changed or failed.
    The recap, C(rescue), C(max_fail_percentage) and C(--diff) then speak for each account.
  - It runs on the controller and makes no call.
options:
  outcomes:
    description: RV(ignore:outcomes) of the fleet module, which ran with O(ignore:fail_on_error=false).
    type: list
    elements: dict
    required: true
  account_id:
    description:
      - The account of this host. Having no outcome is a failure.
      - Without it, or when it is empty, all accounts count, for a host such as C(localhost) that is none of them.
    type: str
  region:
    description: Look at the outcome of this Region only, for modules that return one for each Region.
    type: str
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the target.
    support: full
  diff_mode:
    description: Will return details on what has changed when in diff mode.
    support: full
seealso:
  - module: golden.imagebuilder.source_keys
  - module: golden.imagebuilder.destination_roles
"""

EXAMPLES = r"""
- name: The role in all accounts
  golden.imagebuilder.destination_roles:
    targets: "{{ ansible_play_hosts | map('extract', hostvars) | golden.imagebuilder.targets }}"
    source_account_ids: ["111111111111"]
    fail_on_error: false
  register: destination_roles_result
  diff: false
  run_once: true

- name: The role in this account
  golden.imagebuilder.outcome:
    outcomes: "{{ destination_roles_result.outcomes }}"
    account_id: "{{ image_builder_account_id }}"
"""

RETURN = r"""
outcomes:
  description: The outcomes of this account, without their differences, which are shown as those of the task.
  returned: always
  type: list
  elements: dict
"""
