#!/usr/bin/python
# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Find the mistakes in what is going to be asked of AWS."""

from __future__ import annotations

DOCUMENTATION = r"""
module: validate
short_description: Find the mistakes in what is going to be asked of AWS
version_added: 0.1.0
author: golden.imagebuilder contributors (@golden-imagebuilder)
description:
  - Looks for mistakes in accounts and in resources of Image Builder before the first call, and fails with all of them at once.
  - It runs on the controller, which needs botocore, and needs no credentials. What only AWS can know, such as whether a component exists, it
    does not judge.
options:
  region:
    description: The Region of the build.
    type: str
    required: true
  source_account_id:
    description:
      - The account of the build. With it, the accounts of parameters and launch templates are compared with those that get the image.
    type: raw
  targets:
    description: Accounts, as the fleet modules take them; see O(golden.imagebuilder.destination_roles#module:targets).
    type: list
    elements: dict
    default: []
  resources:
    description:
      - Resources by kind. A key is the name of a module, C(component), C(image_recipe), C(container_recipe),
        C(infrastructure_configuration), C(distribution_configuration), C(image_pipeline), C(lifecycle_policy) or C(workflow); its value is a
        list with the options of that module for each resource. Those that do not describe the resource (C(state), C(purge_tags), C(keep),
        C(policy), C(cli_input_json)) are not taken.
      - Names that differ in case, spaces or underscores only are a mistake, as Image Builder takes them for the same.
    type: dict
    default: {}
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the target.
    support: full
  diff_mode:
    description: Will return details on what has changed when in diff mode.
    support: none
    details: Nothing is ever changed.
"""

EXAMPLES = r"""
- name: Find mistakes before anything is written
  golden.imagebuilder.validate:
    region: us-west-2
    targets: "{{ groups['image_builder_destinations'] | map('extract', hostvars) | golden.imagebuilder.targets }}"
    resources:
      distribution_configuration:
        - name: web
          distributions:
            - region: us-west-2
              ami_distribution_configuration:
                name: web <<imagebuilder:buildDate>>
                target_account_ids: ["222222222222"]
"""

RETURN = r"""
errors:
  description: Every mistake, each with C(path) and C(message).
  returned: when there is one
  type: list
  elements: dict
"""
