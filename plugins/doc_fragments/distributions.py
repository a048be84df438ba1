# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation that the filters which plan distributions share."""

from __future__ import annotations


class ModuleDocFragment:
    """What is delivered to whom; read by plugin_utils/_destinations."""

    DOCUMENTATION = r"""
options:
  _input:
    description:
      - The variables of the destination hosts, such as C(groups['image_builder_destinations'] | map('extract', hostvars\)).
      - C(image_builder_account_id) and C(image_builder_regions) are read, and C(image_builder_wave), a number from 1, which it is by default,
        and C(image_builder_launch_templates), a mapping of a Region to the id of a launch template of that account.
    type: list
    elements: dict
    required: true
  source_account_id:
    description: The account in which the image is built.
    type: str
    required: true
  source_regions:
    description: The Regions of the source account. The image is built in the first.
    type: list
    elements: str
    required: true
  ami_name:
    description:
      - Name of the AMIs. C(<<imagebuilder:buildDate>>) in it stands for the time of the build.
    type: str
    required: true
  ami_description:
    description: Description of the copies.
    type: str
  ami_tags:
    description: Tags of the AMIs.
    type: dict
  kms_key_ids:
    description: By Region, the ARN of the key, or of its alias, with which the copies in that Region are encrypted.
    type: dict
  launch_permission:
    description: Launch permissions of the AMIs, as in the API.
    type: dict
  ssm_parameter_name:
    description: Parameter that gets the id of the AMI in each destination account and Region.
    type: str
  set_default_version:
    description: Whether the new version of a launch template becomes its default.
    type: bool
    default: true
  launch_templates:
    description:
      - Whether Image Builder is to write the launch templates. It writes the AMI of the source account into those of other accounts;
        M(golden.imagebuilder.distributed_ami_references) writes the account's own.
    type: bool
    default: true
"""
