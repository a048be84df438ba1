#!/usr/bin/python
# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What there is of components."""

from __future__ import annotations

DOCUMENTATION = r"""
module: component_info
short_description: Tells about components of EC2 Image Builder
version_added: 0.1.0
author:
  - golden.imagebuilder contributors (@golden-imagebuilder)
description:
  - Returns components with all their settings and tags, always as a list. What does not exist is no error.
options:
  include:
    description:
      - What else to tell about each, which takes further calls.
      - V(users) are the recipes that refer to it.
      - V(policy) is its resource policy.
    type: list
    elements: str
    choices: [users, policy]
    default: []
extends_documentation_fragment:
  - golden.imagebuilder.attributes.info
  - golden.imagebuilder.fleet.account
  - golden.imagebuilder.resource.info
  - golden.imagebuilder.resource.info_versioned
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: golden.imagebuilder.component
"""

EXAMPLES = r"""
- name: The newest version of a component
  golden.imagebuilder.component_info:
    name: harden-linux
    semantic_version: x.x.x

- name: A component that Amazon maintains
  golden.imagebuilder.component_info:
    name: reboot-linux
    owner: Amazon

- name: Every component for Windows, and the recipes that have it
  golden.imagebuilder.component_info:
    filters:
      platform: Windows
    include: [users]
"""

RETURN = r"""
components:
  description: The components that were found, each as M(golden.imagebuilder.component) returns it.
  returned: success
  type: list
  elements: dict
  contains:
    arn:
      description: The ARN.
      type: str
      returned: always
      sample: arn:aws:imagebuilder:us-west-2:111111111111:component/harden-linux/1.0.3/1
    name:
      description: The name.
      type: str
      returned: always
    tags:
      description: The tags.
      type: dict
      returned: always
    users:
      description: ARNs of the recipes that refer to it.
      type: list
      elements: str
      returned: when O(include) has V(users)
    policy:
      description: The resource policy, empty when there is none.
      type: dict
      returned: when O(include) has V(policy)
"""

from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.engine import run_info
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.component import COMPONENT


def main() -> None:
    """Run the module."""
    run_info(COMPONENT)


if __name__ == "__main__":
    main()
