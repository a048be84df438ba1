# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The ways an image can come about: the states it passes, and who does what on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, Protocol

from . import building, component_runs, containers, distribution, findings, integration
from .failures import Failure


class Work(Protocol):
    """What is done on the way of an image."""

    def __call__(self, delivery: Any, /) -> Failure | None:
        """Do it with the delivery. Raises NotYetError to be asked again later."""


class Phase(NamedTuple):
    """The workflows that run in a state."""

    type: str
    until: str = ""  # the action before which they pause, because the next state goes on with them
    begins: bool = True  # False: they began in the state before


PHASES = {
    "BUILDING": Phase("BUILD"),
    "TESTING": Phase("TEST"),
    "DISTRIBUTING": Phase("DISTRIBUTION", until="ApplyImageConfigurations"),
    "INTEGRATING": Phase("DISTRIBUTION", begins=False),
}
_NONE: dict[Any, Work] = {}


@dataclass(frozen=True)
class Route:
    """States in their order, the work of the workflows' steps by type and action, and the work of states that no workflow does."""

    states: tuple[str, ...]
    by_action: Mapping[tuple[str, str], Work] = field(default_factory=lambda: _NONE)
    by_state: Mapping[str, Work] = field(default_factory=lambda: _NONE)

    def next(self, status: str) -> str:
        """Return the state after another."""
        following = self.states.index(status) + 1
        return self.states[following] if following < len(self.states) else "AVAILABLE"

    def without(self, status: str) -> Route:
        """Return the route that leaves a state out."""
        return replace(self, states=tuple(state for state in self.states if state != status))

    @property
    def workflow_types(self) -> list[str]:
        """The types of the workflows on the way, once each."""
        return list(dict.fromkeys(PHASES[state].type for state in self.states if state in PHASES))


_STATES = ("PENDING", "CREATING", "BUILDING", "TESTING", "DISTRIBUTING", "INTEGRATING")
_DISTRIBUTION = {
    ("DISTRIBUTION", "DistributeImage"): distribution.distribute,
    ("DISTRIBUTION", "ModifyImageAttributes"): distribution.share,
    ("DISTRIBUTION", "ApplyImageConfigurations"): integration.integrate,
}
AMI = Route(
    _STATES,
    {
        ("BUILD", "LaunchInstance"): building.launch,
        ("BUILD", "ExecuteComponents"): component_runs.build,
        ("BUILD", "CreateImage"): building.create_image,
        ("TEST", "ExecuteComponents"): component_runs.test,
        **_DISTRIBUTION,
    },
    {"TESTING": findings.judge},
)
CONTAINER = Route(
    _STATES,
    {
        ("BUILD", "LaunchInstance"): containers.launch,
        ("BUILD", "ExecuteComponents"): containers.build,
        ("DISTRIBUTION", "DistributeContainerImage"): containers.distribute,
    },
)
# DistributeImage runs the distribution phase alone.
DISTRIBUTION = Route(("PENDING", "DISTRIBUTING", "INTEGRATING"), _DISTRIBUTION)
