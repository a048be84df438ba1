# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The organization of the examples on an emulator of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.golden.imagebuilder.tests.emulator.server import EmulatorServer
from ansible_collections.golden.imagebuilder.tests.organization import DESTINATIONS, SOURCE, Organization


@pytest.fixture
def organization(tmp_path: Path) -> Iterator[Organization]:
    with EmulatorServer(accounts=[SOURCE, *DESTINATIONS.values()], seconds_per_state=0.05) as emulator:
        organization = Organization(emulator, tmp_path, image_poll_interval=0.1)
        emulator.reset_calls()
        yield organization
