#!/usr/bin/python
# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What there is of container recipes."""

from __future__ import annotations

DOCUMENTATION = r"""
module: container_recipe_info
short_description: Tells about container recipes of EC2 Image Builder
version_added: 0.1.0
author:
  - golden.imagebuilder contributors (@golden-imagebuilder)
description:
  - Returns container recipes with all their settings and tags, always as a list. What does not exist is no error.
options:
  include:
    description:
      - What else to tell about each, which takes further calls.
      - V(users) are the image pipelines that refer to it.
      - V(policy) is its resource policy.
      - V(images) are the images that were built from it.
    type: list
    elements: str
    choices: [users, policy, images]
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
  - module: golden.imagebuilder.container_recipe
"""

EXAMPLES = r"""
- name: All versions of a recipe
  golden.imagebuilder.container_recipe_info:
    name: golden-container

- name: The newest version, the pipelines that use it, and what was built from it
  golden.imagebuilder.container_recipe_info:
    name: golden-container
    semantic_version: x.x.x
    include: [users, images]

- name: All recipes for Linux
  golden.imagebuilder.container_recipe_info:
    filters:
      platform: Linux
"""

RETURN = r"""
container_recipes:
  description: The container recipes that were found, each as M(golden.imagebuilder.container_recipe) returns it.
  returned: success
  type: list
  elements: dict
  contains:
    arn:
      description: The ARN.
      type: str
      returned: always
      sample: arn:aws:imagebuilder:us-west-2:111111111111:container-recipe/golden-container/1.0.3
    name:
      description: The name.
      type: str
      returned: always
    tags:
      description: The tags.
      type: dict
      returned: always
    users:
      description: ARNs of the image pipelines that refer to it.
      type: list
      elements: str
      returned: when O(include) has V(users)
    policy:
      description: The resource policy, empty when there is none.
      type: dict
      returned: when O(include) has V(policy)
    images:
      description: The images, as AWS lists them, with their states.
      type: list
      elements: dict
      returned: when O(include) has V(images)
"""

from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.engine import run_info
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.container_recipe import CONTAINER_RECIPE


def main() -> None:
    """Run the module."""
    run_info(CONTAINER_RECIPE)


if __name__ == "__main__":
    main()
