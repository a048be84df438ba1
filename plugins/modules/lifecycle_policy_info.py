#!/usr/bin/python
# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What there is of lifecycle policies."""

from __future__ import annotations

DOCUMENTATION = r"""
module: lifecycle_policy_info
short_description: Tells about lifecycle policies of EC2 Image Builder
version_added: 0.1.0
author:
  - golden.imagebuilder contributors (@golden-imagebuilder)
description:
  - Returns lifecycle policies with all their settings and tags, always as a list. What does not exist is no error.
options:
  include:
    description:
      - What else to tell about each, which takes further calls.
      - V(executions) are its runs.
    type: list
    elements: str
    choices: [executions]
    default: []
extends_documentation_fragment:
  - golden.imagebuilder.attributes.info
  - golden.imagebuilder.fleet.account
  - golden.imagebuilder.resource.info
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: golden.imagebuilder.lifecycle_policy
"""

EXAMPLES = r"""
- name: A policy and its runs
  golden.imagebuilder.lifecycle_policy_info:
    name: golden-linux
    include: [executions]

- name: The policies for AMIs
  golden.imagebuilder.lifecycle_policy_info:
    filters:
      resourceType: AMI_IMAGE
"""

RETURN = r"""
lifecycle_policies:
  description: The lifecycle policies that were found, each as M(golden.imagebuilder.lifecycle_policy) returns it.
  returned: success
  type: list
  elements: dict
  contains:
    arn:
      description: The ARN.
      type: str
      returned: always
      sample: arn:aws:imagebuilder:us-west-2:111111111111:lifecycle-policy/golden-linux
    name:
      description: The name.
      type: str
      returned: always
    tags:
      description: The tags.
      type: dict
      returned: always
    executions:
      description: The runs of the policy, as AWS lists them, with their states.
      type: list
      elements: dict
      returned: when O(include) has V(executions)
"""

from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.engine import run_info
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.lifecycle_policy import LIFECYCLE_POLICY


def main() -> None:
    """Run the module."""
    run_info(LIFECYCLE_POLICY)


if __name__ == "__main__":
    main()
