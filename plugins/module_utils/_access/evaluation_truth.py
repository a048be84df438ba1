# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Logic with a third value, for what is not known: Kleene's. Pure. Private to this collection."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

Truth: TypeAlias = "bool | None"
"""None is "not known"."""


def every(truths: Iterable[Truth]) -> Truth:
    """Whether all hold: one that does not decides, whatever is not known."""
    all_known = True
    for truth in truths:
        if truth is False:
            return False
        all_known = all_known and truth is not None
    return True if all_known else None


def some(truths: Iterable[Truth]) -> Truth:
    """Whether one at least holds: one that does decides, whatever is not known."""
    return opposite(every(opposite(truth) for truth in truths))


def opposite(truth: Truth) -> Truth:
    """The opposite; of what is not known it is not known either."""
    return None if truth is None else not truth
