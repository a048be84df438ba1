# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the parts of the emulator are told when it starts, in one place."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Settings:
    """How this emulator runs. There is one: moto's state is one for the whole process."""

    seconds_per_state: float = 0.05  # how long an image stays in each state; hours at AWS
    accounts: list[str] = field(default_factory=list)  # the first owns the organization


current = Settings()
