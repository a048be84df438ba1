# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Print how far an image is while it is distributed, as the action `image` does; documented in plugins/modules/image_distribution.py."""

from __future__ import annotations

from ansible_collections.golden.imagebuilder.plugins.action.image import ActionModule

__all__ = ["ActionModule"]
