# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation that the modules share which have an image made and follow it."""

from __future__ import annotations


class ModuleDocFragment:
    """Options whose meaning does not depend on how the image is made; see `making_argument_spec` in _imagebuilder/image_run."""

    DOCUMENTATION = r"""
options:
  purge_tags:
    description:
      - Whether tags that are not in O(tags) are taken away. This has no effect without O(tags).
    type: bool
    default: true
  poll_interval:
    description: How many seconds to pause between two looks at the image.
    type: float
    default: 30
  targets:
    description:
      - Destination accounts and the ways into them, as M(golden.imagebuilder.distributed_ami_info) takes them and the filter
        P(golden.imagebuilder.targets#filter) makes them of hosts.
      - They are entered when copies in them fail, to read why, and when parameters or launch templates are to be mended. For that, an account that
        is not among them is entered by Image Builder's own role there, C(EC2ImageBuilderDistributionCrossAccountRole).
    type: list
    elements: dict
    default: []
  following:
    description:
      - What the action that prints the progress hands over from one look at the image to the next. It is not for tasks, which leave it out.
    type: dict
"""
