# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One resource of the service, as its state is kept."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from .names import Arn

if TYPE_CHECKING:
    from .kinds import Kind


def timestamp(when: datetime | None = None) -> str:
    """Return a time as the service writes it."""
    return (when or datetime.now(timezone.utc)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class Resource:
    """One resource, or one build of one. `values` may hold more than the members of its structure: lists show some of that."""

    kind: Kind
    arn: Arn
    values: dict[str, Any]
    tags: dict[str, str] = field(default_factory=dict)
    policy: str = ""

    def describe(self) -> dict[str, Any]:
        """Return its members now."""
        return {**self.values, "tags": dict(self.tags)}

    def was_updated(self) -> None:
        """Do what follows from new values."""

    @property
    def is_busy(self) -> bool:
        """Whether it cannot be deleted because it is still at work."""
        return False

    @property
    def uses(self) -> frozenset[str]:
        """The ARNs of what must stay as long as it is at work."""
        return frozenset()
