# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What keys and roles have in common, so that neither needs all of the other. Pure. Private to this collection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

UNKNOWN_KEY_ID = "(known after creation)"
"""Stands in check mode for the id of a key that would be created."""


def tag_texts(tags: Mapping[str, Any] | None) -> dict[str, str]:
    """Tags as AWS has them: numbers and booleans become text, and nothing (null) the empty text."""
    return {key: "" if value is None else str(value) for key, value in (tags or {}).items()}
