# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The time by which states pass and ages are counted: seconds of a clock in whose place a test can put its own."""

from __future__ import annotations

import time

from . import settings

STATES_PER_DAY = 24  # a state of an image lasts an hour or so at AWS
source = time.monotonic  # what a test replaces


def now() -> float:
    """Return the seconds since some moment."""
    return source()


def day() -> float:
    """Return how many seconds a day has here: none when states take no time."""
    return STATES_PER_DAY * settings.current.seconds_per_state
