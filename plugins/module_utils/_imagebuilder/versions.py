# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Semantic versions of recipes and components, and their forms with `x`. Private to this collection.

A version has three numbers, each at most 2^30-1 (from the documentation of CreateImageRecipe). In a form with `x`, everything right of the first
`x` is an `x` too: `1.0.x`, `1.x.x`, `x.x.x`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

HIGHEST = 2**30 - 1
_FORM = re.compile(r"(\d+|x)\.(\d+|x)\.(\d+|x)")


@dataclass(frozen=True)
class Version:
    """Three nodes; None stands for `x`."""

    nodes: tuple[int | None, int | None, int | None]

    def __str__(self) -> str:
        return ".".join("x" if node is None else str(node) for node in self.nodes)

    @property
    def is_wildcard(self) -> bool:
        """Whether the version is open: has an `x`."""
        return None in self.nodes

    @property
    def lowest(self) -> Version:
        """The first version of an open one: `1.0.x` begins with 1.0.0, and `x.x.x` with 1.0.0 as well."""
        if self.nodes[0] is None:
            return FIRST
        return Version(tuple(node or 0 for node in self.nodes))  # type: ignore[arg-type]

    @property
    def order(self) -> tuple[int, ...]:
        """What fixed versions are sorted by."""
        return tuple(node or 0 for node in self.nodes)

    def matches(self, other: Version) -> bool:
        """Whether a fixed version is one of those that this version names."""
        return all(mine is None or mine == theirs for mine, theirs in zip(self.nodes, other.nodes, strict=True))


FIRST = Version((1, 0, 0))
"""What everything begins with where the user leaves the version open."""


def parse(text: str) -> Version:
    """The version that a text names.

    Raises ValueError, saying what is wrong, for anything but three numbers or a correct form with `x`.
    """
    found = _FORM.fullmatch(text)
    if not found:
        raise ValueError(f"{text!r} is not a version. Three numbers as in 1.0.0 are needed, the last ones may be x as in 1.0.x.")
    nodes = tuple(None if node == "x" else int(node) for node in found.groups())
    open_from = nodes.index(None) if None in nodes else len(nodes)
    if any(node is not None for node in nodes[open_from:]):
        raise ValueError(f"{text!r} is not a version: everything right of the first x has to be an x too, as in 1.x.x.")
    if any(node is not None and node > HIGHEST for node in nodes):
        raise ValueError(f"{text!r} is not a version: no number in it may be above {HIGHEST}.")
    return Version(nodes)  # type: ignore[arg-type]


def newest(wanted: Version, existing: Iterable[Version]) -> Version | None:
    """The highest of the existing versions that match, or None."""
    return max((version for version in existing if wanted.matches(version)), key=lambda version: version.order, default=None)


def next_free(wanted: Version, existing: Iterable[Version]) -> Version:
    """The version that comes after the existing ones that match: the first `x` counts up and what follows it begins at 0 again.

    Raises ValueError when that number cannot grow, or when the version is not open.
    """
    if not wanted.is_wildcard:
        raise ValueError(f"{wanted} is one version; only a form with x, such as {siblings(wanted)}, has a next one.")
    last = newest(wanted, existing)
    if last is None:
        return wanted.lowest
    place = wanted.nodes.index(None)
    if last.order[place] >= HIGHEST:
        raise ValueError(f"There is no version after {last}: its number cannot grow any more.")
    return Version((*last.order[:place], last.order[place] + 1, *[0] * (2 - place)))  # type: ignore[arg-type]


def siblings(version: Version) -> Version:
    """The open version that differs from a fixed one in the last number only: `1.0.x` for 1.0.3."""
    return Version((version.nodes[0], version.nodes[1], None))
