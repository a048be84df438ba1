# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""All operations. Each group of them stands in a file of its own, with a table of its own."""

from __future__ import annotations

from . import crud, executions, images, imports, lifecycle, lists, marketplace, pipeline_runs, redistribution, scanning, sharing, state_updates, tags
from .requests import Operation

GROUPS = (
    crud,
    lists,
    sharing,
    tags,
    images,
    executions,
    scanning,
    imports,
    redistribution,
    state_updates,
    lifecycle,
    pipeline_runs,
    marketplace,
)

OPERATIONS: dict[str, Operation] = {name: operation for group in GROUPS for name, operation in group.OPERATIONS.items()}
