# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Access for some accounts while IAM is slow to tell everybody what it was told."""

from __future__ import annotations

from pathlib import Path

from ansible_collections.golden.imagebuilder.tests.emulator.server import EmulatorServer
from ansible_collections.golden.imagebuilder.tests.organization import DESTINATIONS, SOURCE, Organization
from ansible_collections.golden.imagebuilder.tests.warm_playbooks import ansible_playbook

from .test_scale import HOSTS, MANAGED_POLICY, read_role, run_access, write_inventory


def test_an_iam_that_is_late_is_waited_for(tmp_path: Path) -> None:
    """What was just made is not found for a moment. Nobody hears of it."""
    hosts = dict(list(HOSTS.items())[:8])
    with EmulatorServer(accounts=[SOURCE, *DESTINATIONS.values(), *hosts.values()]) as emulator:
        organization = Organization(emulator, tmp_path, run=ansible_playbook)
        organization.inventories = [write_inventory(tmp_path / "many.yml", hosts)]
        late, calls = run_access(organization, propagation_seconds=0.2)
        roles = [read_role(emulator, account_id) for account_id in hosts.values()]
        again, calls_again = run_access(organization)
    assert late.status == 0, late.output
    assert {host for host, changed in late.changed().items() if changed} == {"image-factory", *hosts}
    assert {call.account for call in calls if call.operation == "AttachRolePolicy" and call.error == "NoSuchEntity"} == set(hosts.values())
    assert [role["managed"] for role in roles] == [[MANAGED_POLICY]] * len(hosts)
    assert set(again.changed().values()) == {0}, again.output
    assert not [call for call in calls_again if call.write and call.operation != "AssumeRole"]
