#!/usr/bin/python
# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What there is of infrastructure configurations."""

from __future__ import annotations

DOCUMENTATION = r"""
module: infrastructure_configuration_info
short_description: Tells about infrastructure configurations of EC2 Image Builder
version_added: 0.1.0
author:
  - golden.imagebuilder contributors (@golden-imagebuilder)
description:
  - Returns infrastructure configurations with all their settings and tags, always as a list. What does not exist is no error.
options:
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
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: golden.imagebuilder.infrastructure_configuration
"""

EXAMPLES = r"""
- name: One configuration
  golden.imagebuilder.infrastructure_configuration_info:
    name: golden-linux

- name: All configurations of the Region
  golden.imagebuilder.infrastructure_configuration_info:

- name: A configuration and the pipelines that use it
  golden.imagebuilder.infrastructure_configuration_info:
    name: golden-linux
    include: [users]
"""

RETURN = r"""
infrastructure_configurations:
  description: The configurations that were found, each as M(golden.imagebuilder.infrastructure_configuration) returns it.
  returned: success
  type: list
  elements: dict
  contains:
    arn:
      description: The ARN.
      type: str
      returned: always
      sample: arn:aws:imagebuilder:us-west-2:111111111111:infrastructure-configuration/golden-linux
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
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.infrastructure_configuration import (
    INFRASTRUCTURE_CONFIGURATION,
)


def main() -> None:
    """Run the module."""
    run_info(INFRASTRUCTURE_CONFIGURATION)


if __name__ == "__main__":
    main()
