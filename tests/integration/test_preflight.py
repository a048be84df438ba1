# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook preflight against the organization of the examples."""

from __future__ import annotations

import pytest
from ansible_collections.golden.imagebuilder.tests.organization import (
    BUILD_REGION,
    DESTINATIONS,
    DISTRIBUTION_ROLE,
    Organization,
    Run,
)

pytestmark = pytest.mark.xdist_group("preflight playbook")


def preflight(organization: Organization) -> Run:
    organization.emulator.reset_calls()
    run = organization.playbook(playbook="golden.imagebuilder.preflight")
    assert organization.emulator.writes() == []
    return run


def failed(run: Run) -> set[str]:
    return {host for host, counters in run.recap.items() if counters["failed"]}


def test_each_host_fails_for_its_own_account(organization: Organization) -> None:
    before = preflight(organization)
    assert failed(before) == {"image-factory", *DESTINATIONS}, "neither keys nor roles are there yet"
    assert "key_missing" in before.output
    assert "role_missing" in before.output

    assert organization.playbook("--tags", "access").status == 0
    sound = preflight(organization)
    assert sound.status == 0, sound.output
    assert "What would keep the image" not in sound.output

    iam = organization.emulator.client(DESTINATIONS["search"], "iam", BUILD_REGION)
    iam.delete_role_policy(RoleName=DISTRIBUTION_ROLE, PolicyName="GoldenImageBuilderKms")
    broken = preflight(organization)
    assert failed(broken) == {"search"}
    assert "golden.imagebuilder.destination_roles:" in broken.output

    assert organization.playbook("--tags", "access").status == 0
    assert organization.playbook("--tags", "image").status == 0
    assert preflight(organization).status == 0, "nor is anything found when the image is there already"
