# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The organization of the examples on an emulator of its own for each test; its playbooks run where all is loaded, unless a test says otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import pytest
from ansible_collections.golden.imagebuilder.tests.emulator import settings
from ansible_collections.golden.imagebuilder.tests.emulator.server import EmulatorServer
from ansible_collections.golden.imagebuilder.tests.one_image import LONG, Scene
from ansible_collections.golden.imagebuilder.tests.organization import DESTINATIONS, SOURCE, Organization, Runner
from ansible_collections.golden.imagebuilder.tests.warm_playbooks import ansible_playbook


@contextmanager
def running_organization(folder: Path, more: Mapping[str, str] | None = None, run: Runner = ansible_playbook) -> Iterator[Organization]:
    """The organization of the examples, with more destinations where a test wants some."""
    more = more or {}
    with EmulatorServer(accounts=[SOURCE, *DESTINATIONS.values(), *more.values()], seconds_per_state=0.05) as emulator:
        organization = Organization(emulator, folder, image_poll_interval=0.1, run=run)
        for host, account_id in more.items():
            organization.add_destination(host, account_id)
        emulator.reset_calls()
        yield organization


@pytest.fixture
def organization(tmp_path: Path) -> Iterator[Organization]:
    with running_organization(tmp_path) as organization:
        yield organization


@pytest.fixture
def scene(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    """One image factory, with a playbook that has an image made."""
    with EmulatorServer(accounts=[SOURCE, *DESTINATIONS.values()]) as emulator:
        monkeypatch.setattr(settings.current, "seconds_per_state", LONG)
        yield Scene(emulator, tmp_path)
