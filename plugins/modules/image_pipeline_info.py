#!/usr/bin/python
# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What there is of image pipelines."""

from __future__ import annotations

DOCUMENTATION = r"""
module: image_pipeline_info
short_description: Tells about image pipelines of EC2 Image Builder
version_added: 0.1.0
author:
  - golden.imagebuilder contributors (@golden-imagebuilder)
description:
  - Returns image pipelines with all their settings and tags, always as a list. What does not exist is no error.
options:
  include:
    description:
      - What else to tell about each, which takes further calls.
      - V(images) are the images that it built.
    type: list
    elements: str
    choices: [images]
    default: []
extends_documentation_fragment:
  - golden.imagebuilder.attributes.info
  - golden.imagebuilder.fleet.account
  - golden.imagebuilder.resource.info
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: golden.imagebuilder.image_pipeline
"""

EXAMPLES = r"""
- name: A pipeline, with the images that it built and their states
  golden.imagebuilder.image_pipeline_info:
    name: golden-linux
    include: [images]

- name: Pipelines that are disabled
  golden.imagebuilder.image_pipeline_info:
    filters:
      status: DISABLED

- name: All pipelines
  golden.imagebuilder.image_pipeline_info:
  register: all

- name: Those that failed lately
  ansible.builtin.debug:
    msg: "{{ all.image_pipelines | selectattr('consecutive_failures', 'defined') | selectattr('consecutive_failures') | map(attribute='name') }}"
"""

RETURN = r"""
image_pipelines:
  description: The image pipelines that were found, each as M(golden.imagebuilder.image_pipeline) returns it.
  returned: success
  type: list
  elements: dict
  contains:
    arn:
      description: The ARN.
      type: str
      returned: always
      sample: arn:aws:imagebuilder:us-west-2:111111111111:image-pipeline/golden-linux
    name:
      description: The name.
      type: str
      returned: always
    tags:
      description: The tags.
      type: dict
      returned: always
    consecutive_failures:
      description: How many scheduled builds failed in a row. AWS may disable the pipeline for it.
      type: int
      returned: when AWS tells it
      sample: 0
    images:
      description: The images, as AWS lists them, with their states.
      type: list
      elements: dict
      returned: when O(include) has V(images)
"""

from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.engine import run_info
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.image_pipeline import IMAGE_PIPELINE


def main() -> None:
    """Run the module."""
    run_info(IMAGE_PIPELINE)


if __name__ == "__main__":
    main()
