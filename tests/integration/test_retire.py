# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook golden.imagebuilder.retire, and the example of a lifecycle policy: old AMIs go everywhere, those in use and the newest stay."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.tests.organization import BUILD_REGION, COLLECTION, DESTINATIONS, REGIONS, SOURCE, Organization, Run

USER = DESTINATIONS["search"]


def retire(organization: Organization, *words: str, **variables: Any) -> Run:
    given = {"retire_keep": 1, "retire_launched_within_days": 0, **variables}
    return organization.playbook("--extra-vars", json.dumps(given), *words, playbook="golden.imagebuilder.retire")


def everywhere(organization: Organization) -> dict[tuple[str, str], list[str]]:
    """By account and Region, the ids of the AMIs, the oldest first. The source is among them."""
    pairs = [*organization.everywhere, *((SOURCE, region) for region in REGIONS)]
    return {pair: [image["ImageId"] for image in organization.images(*pair)] for pair in sorted(pairs)}


@pytest.fixture
def two_images(organization: Organization) -> dict[tuple[str, str], list[str]]:
    """Two images are delivered, one after the other; what is where."""
    for size in (10, 12):
        run = organization.playbook("--extra-vars", json.dumps({"definition_root_volume_size": size}))
        assert run.status == 0, run.output
    return everywhere(organization)


def snapshots(organization: Organization, account_id: str, region: str) -> int:
    return len(organization.emulator.client(account_id, "ec2", region).describe_snapshots(OwnerIds=["self"])["Snapshots"])


def test_old_images_go_unless_they_are_used(organization: Organization, two_images: dict[tuple[str, str], list[str]]) -> None:
    assert {len(two_images[pair]) for pair in organization.everywhere} == {2}
    ec2 = organization.emulator.client(USER, "ec2", BUILD_REGION)
    old = two_images[USER, BUILD_REGION][0]
    instance = ec2.run_instances(ImageId=old, MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    organization.emulator.reset_calls()

    foretold = retire(organization, "--check", "--diff")
    assert foretold.status == 0, foretold.output
    assert organization.emulator.writes() == []
    assert f"is used by instance {instance}" in foretold.output
    assert "is the newest" in foretold.output

    refused = retire(organization)
    assert refused.status != 0
    assert organization.emulator.writes() == [], "nobody said yes"
    assert refused.output.index(instance) < refused.output.index("retire_confirmed"), "shown before asking"

    done = retire(organization, retire_confirmed=True, retire_image_records=True)
    assert done.status == 0, done.output
    assert {host: done.changed()[host] for host in DESTINATIONS} == dict.fromkeys(DESTINATIONS, 1)
    expected = {pair: found[-1:] for pair, found in two_images.items()} | {(USER, BUILD_REGION): two_images[USER, BUILD_REGION]}
    assert everywhere(organization) == expected
    assert {snapshots(organization, *pair) for pair, found in expected.items() if len(found) == 1} == {1}
    assert len(organization.image_builds()) == 2, "one of its AMIs is in use"

    ec2.terminate_instances(InstanceIds=[instance])
    assert retire(organization, retire_confirmed=True, retire_image_records=True).status == 0
    assert everywhere(organization) == {pair: found[-1:] for pair, found in two_images.items()}
    assert [build["version"] for build in organization.image_builds()] == ["1.0.1/1"]
    again = retire(organization)
    assert (again.status, set(again.changed().values())) == (0, {0}), "and nobody is asked"


def test_an_account_that_cannot_be_asked_fails_alone(organization: Organization, two_images: dict[tuple[str, str], list[str]]) -> None:
    organization.emulator.disturb(denied_operations={USER: ["DescribeInstances"]})
    run = retire(organization, retire_confirmed=True)
    organization.emulator.disturb()
    assert {host for host, counters in run.recap.items() if counters["failed"]} == {"search"}, run.output
    left = {pair: found if pair[0] == USER else found[-1:] for pair, found in two_images.items()}
    assert everywhere(organization) == left


def test_the_lifecycle_policy_of_the_examples(organization: Organization, two_images: dict[tuple[str, str], list[str]]) -> None:
    run = organization.playbook("--extra-vars", json.dumps({"images_to_keep": 1}), playbook=str(COLLECTION / "examples/lifecycle_policy.yml"))
    assert run.status == 0, run.output
    wanted = {pair: found[-1:] for pair, found in two_images.items()}
    deadline = time.monotonic() + 20
    while everywhere(organization) != wanted and time.monotonic() < deadline:
        time.sleep(0.2)
    assert everywhere(organization) == wanted
    again = organization.playbook("--extra-vars", json.dumps({"images_to_keep": 1}), playbook=str(COLLECTION / "examples/lifecycle_policy.yml"))
    assert set(again.changed().values()) == {0}, again.output
