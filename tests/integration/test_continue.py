# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that do not begin with nothing: after one that was killed, after one that delivered all, with an account whose door is shut."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.tests.emulator import settings
from ansible_collections.golden.imagebuilder.tests.emulator.server import EmulatorServer
from ansible_collections.golden.imagebuilder.tests.organization import (
    BUILD_REGION,
    DESTINATIONS,
    DISTRIBUTION_ROLE,
    EVERYWHERE,
    REGIONS,
    SOURCE,
    Organization,
)
from ansible_collections.golden.imagebuilder.tests.processes import kill
from ansible_collections.golden.imagebuilder.tests.warm_playbooks import ansible_playbook

SUPPORT = "555555555555"
PLAYBOOK = "golden.imagebuilder.distribute"


@pytest.fixture
def growing(tmp_path: Path) -> Iterator[Organization]:
    """The organization, with one account more than its inventory has."""
    with EmulatorServer(accounts=[SOURCE, *DESTINATIONS.values(), SUPPORT], seconds_per_state=0.05) as emulator:
        yield Organization(emulator, tmp_path, image_poll_interval=0.1, run=ansible_playbook)


def wait_for_state(organization: Organization, process: subprocess.Popen[bytes], status: str) -> None:
    deadline = time.monotonic() + 120
    while [build["state"]["status"] for build in organization.image_builds()] != [status]:
        assert process.poll() is None, "the run ended before the image was in this state"
        assert time.monotonic() < deadline, f"no image became {status}"
        time.sleep(0.1)


def run_and_kill_while_building(organization: Organization, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that ends in the middle of the build; the build itself is AWS's, and goes on."""
    monkeypatch.setattr(settings.current, "seconds_per_state", 0.4)
    with (organization.folder / "killed.log").open("wb") as log:
        process = subprocess.Popen(
            organization.command(PLAYBOOK, []), env=organization.environment(), cwd=organization.folder, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        wait_for_state(organization, process, "BUILDING")
        monkeypatch.setattr(settings.current, "seconds_per_state", 1000)
    finally:
        kill(process)
    assert organization.delivered() == {}
    monkeypatch.setattr(settings.current, "seconds_per_state", 0.05)


def assert_goes_on_with_what_is_there(organization: Organization) -> None:
    """A run attaches to the build of the killed one."""
    organization.emulator.reset_calls()

    run = organization.playbook()

    assert run.status == 0, run.output
    # All that comes before the image was written; the report and the launch template come after it.
    assert run.changed() == {"image-factory": 1, "payments": 1, "search": 0, "warehouse": 0}
    assert {call.operation for call in organization.emulator.writes()} == {"CreateLaunchTemplateVersion", "ModifyLaunchTemplate"}
    assert len(organization.image_builds()) == 1
    images = organization.delivered()
    assert set(images) == EVERYWHERE
    assert {len(ids) for ids in images.values()} == {1}


def assert_delivers_to_a_new_account_as_foretold(organization: Organization) -> None:
    """A run with one account more in the inventory, after its check."""
    before = organization.delivered()
    organization.emulator.reset_calls()

    foretold = organization.playbook("--check")

    assert foretold.status == 0, foretold.output
    assert organization.emulator.writes() == []

    real = organization.playbook()

    assert real.status == 0, real.output
    assert real.changed() == foretold.changed()
    assert real.changes_by_task() == foretold.changes_by_task()
    assert {host for host, changes in real.changed().items() if changes} == {"image-factory", "support", "payments"}, "payments has a launch template"
    # The distributions are part of what an image is built from, so with them the image is a new one, which everybody gets.
    assert len(organization.image_builds()) == 2
    after = organization.delivered()
    assert {pair: len(images) for pair, images in after.items()} == {**dict.fromkeys(EVERYWHERE, 2), **{(SUPPORT, region): 1 for region in REGIONS}}
    assert all(set(images) < set(after[pair]) for pair, images in before.items())


def test_a_killed_run_is_gone_on_with_and_an_account_more_is_delivered_to(growing: Organization, monkeypatch: pytest.MonkeyPatch) -> None:
    run_and_kill_while_building(growing, monkeypatch)
    assert_goes_on_with_what_is_there(growing)
    growing.add_destination("support", SUPPORT)
    assert_delivers_to_a_new_account_as_foretold(growing)


def has_distribution_role(organization: Organization, account_id: str) -> bool:
    roles = organization.emulator.client(account_id, "iam", BUILD_REGION).list_roles()["Roles"]
    return DISTRIBUTION_ROLE in {role["RoleName"] for role in roles}


def test_an_account_that_cannot_be_entered_stops_nobody_else(organization: Organization) -> None:
    way_in, shut = "OrganizationAccountAccessRole", DESTINATIONS["search"]
    iam: Any = organization.emulator.client(shut, "iam", BUILD_REGION)
    for policy in iam.list_attached_role_policies(RoleName=way_in)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=way_in, PolicyArn=policy["PolicyArn"])
    iam.delete_role(RoleName=way_in)

    run = organization.playbook("--tags", "access")

    assert run.status != 0
    assert {host for host, counters in run.recap.items() if counters["failed"]} == {"search"}, run.output
    assert {host for host, changes in run.changed().items() if changes} == {"image-factory", "payments", "warehouse"}
    assert {host for host, account_id in DESTINATIONS.items() if has_distribution_role(organization, account_id)} == {"payments", "warehouse"}
    message = run.output.partition("fatal: [search]")[2].partition("PLAY RECAP")[0]
    for word in (shut, "sts:AssumeRole", way_in, "trust"):
        assert word in message, run.output
