# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""EC2 Image Builder, which moto lacks, in the shape of a moto service: urls -> responses -> models.

Register this package in `sys.modules` as `moto.imagebuilder` before moto looks for it.
"""

from __future__ import annotations

from .models import imagebuilder_backends

__all__ = ["imagebuilder_backends"]
