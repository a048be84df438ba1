# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of text. This plugin util is private to the collection."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any


def cell(value: Any) -> str:
    """One value as people read it: lists with commas, nothing as a dash."""
    if value is None or value in ("", []):
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)):
        return ", ".join(cell(item) for item in value)
    return str(value)


def render(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> list[str]:
    """The lines of a table: a heading made of the columns' names, a rule, and a line a row, each column as wide as its widest value."""
    heading = [column.replace("_", " ") for column in columns]
    body = [[cell(row.get(column)) for column in columns] for row in rows]
    widths = [max(map(len, values)) for values in zip(heading, *body, strict=True)]
    lines = [heading, ["-" * width for width in widths], *body]
    return ["  ".join(value.ljust(width) for value, width in zip(line, widths, strict=True)).rstrip() for line in lines]
