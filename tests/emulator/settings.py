# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the parts of the emulator are told when it starts, in one place."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

SERVICE_CONTROL_POLICY = "service control policy"
RESOURCE_CONTROL_POLICY = "resource control policy"


@dataclass(frozen=True)
class Disturbances:
    """What of a bad day is on (see disturbances.py); as it is, nothing. Raises ValueError for what cannot be."""

    seed: int = 0
    throttled: float = 0.0  # share of the requests, as the two that follow
    failed: float = 0.0
    cut: float = 0.0
    denying: Mapping[str, str] = field(default_factory=dict)  # account that forbids everything -> by which kind of policy
    denied_operations: Mapping[str, Collection[str]] = field(default_factory=dict)  # account -> what a service control policy forbids it
    propagation_seconds: float = 0.0
    expired: Collection[str] = ()  # access key ids whose time is over

    def __post_init__(self) -> None:
        shares = (self.throttled, self.failed, self.cut)
        if min(shares) < 0 or sum(shares) > 1 or self.propagation_seconds < 0:
            raise ValueError("throttled, failed and cut are shares of all requests, together at most 1, and no number of seconds is negative")
        unknown = set(self.denying.values()) - {SERVICE_CONTROL_POLICY, RESOURCE_CONTROL_POLICY}
        if unknown:
            raise ValueError(f"denying: {sorted(unknown)} is neither a {SERVICE_CONTROL_POLICY} nor a {RESOURCE_CONTROL_POLICY}")

    def any(self) -> bool:
        """Whether there is any trouble at all."""
        return self != Disturbances(self.seed)


@dataclass
class Settings:
    """How this emulator runs. There is one: moto's state is one for the whole process."""

    seconds_per_state: float = 0.05  # how long an image stays in each state; hours at AWS
    accounts: list[str] = field(default_factory=list)  # the first owns the organization
    disturbances: Disturbances = field(default_factory=Disturbances)


current = Settings()
