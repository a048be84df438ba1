# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An emulator for a test, inside its process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from ansible_collections.golden.imagebuilder.tests.emulator.server import InProcessEmulator, emulate

SOURCE, DESTINATION, OTHER = "111111111111", "222222222222", "333333333333"


@pytest.fixture
def emulator() -> Iterator[InProcessEmulator]:
    """Three accounts: the source, a destination, and another."""
    with emulate([SOURCE, DESTINATION, OTHER], seconds_per_state=0) as running:
        yield running
