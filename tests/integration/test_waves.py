# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An image that goes to a few accounts first, and to the others once it is right there."""

from __future__ import annotations

import pytest
from ansible_collections.golden.imagebuilder.tests.organization import (
    DESTINATIONS,
    REGIONS,
    Organization,
    make_execution_role,
)

EXECUTION_ROLE = "ImageBuilderExecution"
FIRST, SECOND = "payments", ("search", "warehouse")


@pytest.fixture
def in_waves(organization: Organization) -> Organization:
    """The organization, in which one account comes before the others, with the role as which Image Builder delivers to these."""
    make_execution_role(organization.emulator, EXECUTION_ROLE)
    organization.add_host_variables("image-factory", image_execution_role=EXECUTION_ROLE)
    for host in SECOND:
        organization.add_host_variables(host, image_builder_wave=2)
    return organization


def pairs(*hosts: str) -> set[tuple[str, str]]:
    return {(DESTINATIONS[host], region) for host in hosts for region in REGIONS}


def test_wave_by_wave_and_then_nothing_is_left_to_do(in_waves: Organization) -> None:
    first = in_waves.playbook()
    assert first.status == 0, first.output
    images = in_waves.delivered()
    assert set(images) == pairs(FIRST, *SECOND)
    assert {len(ids) for ids in images.values()} == {1}

    in_waves.emulator.reset_calls()
    second = in_waves.playbook()
    assert second.status == 0, second.output
    assert set(second.changed().values()) == {0}, second.output
    assert in_waves.emulator.writes() == []
    assert in_waves.delivered() == images


def test_the_others_get_nothing_when_the_first_is_not_right(in_waves: Organization) -> None:
    in_waves.add_host_variables("image-factory", verify_tags={"Team": "nobody"})
    run = in_waves.playbook()
    assert run.status != 0
    assert set(in_waves.delivered()) == pairs(FIRST)
    assert "Wave 1 is not right in 1 of 1 accounts (222222222222)" in run.output
    assert "Tag Team is" in run.output

    in_waves.add_host_variables("image-factory", verify_tags={})
    mended = in_waves.playbook()
    assert mended.status == 0, mended.output
    assert set(in_waves.delivered()) == pairs(FIRST, *SECOND)


def test_some_may_fail(in_waves: Organization) -> None:
    in_waves.add_host_variables("image-factory", verify_tags={"Team": "nobody"}, waves_max_fail_percentage=100)
    run = in_waves.playbook()
    assert run.status == 0, run.output
    assert set(in_waves.delivered()) == pairs(FIRST, *SECOND)


def test_without_the_role_it_ends_before_it_begins(organization: Organization) -> None:
    organization.add_host_variables("search", image_builder_wave=2)
    run = organization.playbook()
    assert run.status != 0
    assert "set image_execution_role" in run.output
    assert organization.emulator.writes() == []
