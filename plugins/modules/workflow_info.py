#!/usr/bin/python
# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What there is of workflows."""

from __future__ import annotations

DOCUMENTATION = r"""
module: workflow_info
short_description: Tells about workflows of EC2 Image Builder
version_added: 0.1.0
author:
  - golden.imagebuilder contributors (@golden-imagebuilder)
description:
  - Returns workflows with all their settings and tags, always as a list. What does not exist is no error.
options:
  type:
    description: V(BUILD), V(TEST) or V(DISTRIBUTION). Without it, workflows of all types are returned.
    type: str
  include:
    description:
      - What else to tell about each, which takes further calls.
      - V(users) are the image pipelines that refer to it.
    type: list
    elements: str
    choices: [users]
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
  - module: golden.imagebuilder.workflow
"""

EXAMPLES = r"""
- name: The newest version of a workflow, and the pipelines that run it
  golden.imagebuilder.workflow_info:
    name: boots
    type: TEST
    semantic_version: x.x.x
    include: [users]

- name: The workflows by which Amazon builds images
  golden.imagebuilder.workflow_info:
    owner: Amazon
    type: BUILD
"""

RETURN = r"""
workflows:
  description: The workflows that were found, each as M(golden.imagebuilder.workflow) returns it.
  returned: success
  type: list
  elements: dict
  contains:
    arn:
      description: The ARN.
      type: str
      returned: always
      sample: arn:aws:imagebuilder:us-west-2:111111111111:workflow/test/boots/1.0.3/1
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
"""

from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.engine import run_info
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.workflow import WORKFLOW


def main() -> None:
    """Run the module."""
    run_info(WORKFLOW)


if __name__ == "__main__":
    main()
