# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One thing that a distribution needs is taken away. Preflight says so and nothing is built; a run without it says where and why it failed,
delivers the rest, and mends it when run again.

Each of the accounts lacks another thing, all in the same run, so that each failure also has to be told apart from the others. Only the key's
Region is the same for all accounts of a Region, and has an organization of its own.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.tests.organization import (
    BUILD_REGION,
    DESTINATIONS,
    DISTRIBUTION_ROLE,
    EVERYWHERE,
    REGIONS,
    SOURCE,
    Organization,
    Run,
)

from .conftest import running_organization

MANAGED_POLICY = "arn:aws:iam::aws:policy/Ec2ImageBuilderCrossAccountDistributionAccess"
BUILD_TASK = "TASK [golden.imagebuilder.image : Build and distribute the image]"

Words = list[str]
"""More words for the command line."""


def iam(organization: Organization, account_id: str) -> Any:
    return organization.emulator.client(account_id, "iam", BUILD_REGION)


def extra_variables(**variables: Any) -> Words:
    return ["--extra-vars", json.dumps(variables)]


def without_trust(organization: Organization, account_id: str) -> Words:
    """The role trusts nobody but its own account."""
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account_id}:root"}, "Action": "sts:AssumeRole"}],
    }
    iam(organization, account_id).update_assume_role_policy(RoleName=DISTRIBUTION_ROLE, PolicyDocument=json.dumps(trust))
    return []


def without_managed_policy(organization: Organization, account_id: str) -> Words:
    iam(organization, account_id).detach_role_policy(RoleName=DISTRIBUTION_ROLE, PolicyArn=MANAGED_POLICY)
    return []


def without_a_kms_action(organization: Organization, account_id: str) -> Words:
    """The inline policy loses kms:CreateGrant, and nothing else."""
    name = "GoldenImageBuilderKms"
    document = iam(organization, account_id).get_role_policy(RoleName=DISTRIBUTION_ROLE, PolicyName=name)["PolicyDocument"]
    for statement in document["Statement"]:
        statement["Action"] = [action for action in statement["Action"] if action != "kms:CreateGrant"]
    iam(organization, account_id).put_role_policy(RoleName=DISTRIBUTION_ROLE, PolicyName=name, PolicyDocument=json.dumps(document))
    return []


def without_destination_in_key_policy(organization: Organization, account_id: str) -> Words:
    """Someone gives the keys to a list of accounts in which one is missing."""
    others = [other for other in organization.destinations.values() if other != account_id]
    return extra_variables(source_keys_destination_account_ids=others, source_keys_purge=True)


@dataclass(frozen=True)
class Fault:
    """What an account lacks, and which words say so."""

    account_id: str
    take_away: Callable[[Organization, str], Words]
    cause: tuple[str, ...]


SOUND = DESTINATIONS["payments"]
MORE = {"media": "555555555555", "support": "666666666666"}
FAULTS = {
    "trust": Fault(DESTINATIONS["search"], without_trust, ("sts:AssumeRole", "its trust policy does not name the source account")),
    "managed policy": Fault(DESTINATIONS["warehouse"], without_managed_policy, ("ec2:", "Ec2ImageBuilderCrossAccountDistributionAccess")),
    "KMS action": Fault(MORE["media"], without_a_kms_action, ("kms:CreateGrant", "no identity-based policy")),
    "key policy": Fault(MORE["support"], without_destination_in_key_policy, ("kms:", "no resource-based policy", "source_keys")),
}


@dataclass(frozen=True)
class Story:
    """A run that preflight stops, as each account but one lacks something; one without preflight; and the run after it, which mends."""

    stopped: Run
    broken: Run
    delivered_then: Mapping[tuple[str, str], list[str]]
    mended: Run
    delivered_after: Mapping[tuple[str, str], list[str]]
    builds: int

    def told_of(self, account_id: str) -> list[str]:
        """The lines of the failed build that are about an account."""
        said = self.broken.output.partition(BUILD_TASK)[2].partition("fatal: ")[0]
        return [line for line in said.splitlines() if line.startswith(f"account {account_id}, ")]


def tell(organization: Organization, take_away: Callable[[], Words]) -> Story:
    """Set up the access, take something away, run without mending the access, and run again as if nothing had been."""
    assert organization.playbook("--tags", "access").status == 0
    words = take_away()
    stopped = organization.playbook("--tags", "image", *words)
    assert organization.image_builds() == []
    broken = organization.playbook("--tags", "image", "--skip-tags", "preflight", *words)
    delivered_then = organization.delivered()
    mended = organization.playbook()
    return Story(stopped, broken, delivered_then, mended, organization.delivered(), len(organization.images(SOURCE, BUILD_REGION)))


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    with running_organization(tmp_path_factory.mktemp("faults"), MORE) as organization:
        return tell(organization, lambda: [word for fault in FAULTS.values() for word in fault.take_away(organization, fault.account_id)])


@pytest.mark.xdist_group("faults")
@pytest.mark.parametrize("name", FAULTS)
def test_one_thing_taken_away(story: Story, name: str) -> None:
    fault = FAULTS[name]
    pairs = [(fault.account_id, region) for region in REGIONS]

    told = story.told_of(fault.account_id)

    assert len(told) == len(REGIONS), story.broken.output
    for line, region in zip(sorted(told), sorted(REGIONS), strict=True):
        assert f"Region {region}" in line
        for words in fault.cause:
            assert words in line
        for other in FAULTS.values():
            assert other is fault or other.account_id not in line
    assert not set(pairs) & set(story.delivered_then)
    assert [len(story.delivered_after[pair]) for pair in pairs] == [1, 1]


@pytest.mark.xdist_group("faults")
def test_preflight_told_all_of_it_before(story: Story) -> None:
    assert story.stopped.status != 0
    checks = {"trust": "role_trust", "managed policy": "role_permissions", "KMS action": "role_permissions", "key policy": "key_policy"}
    rows = [line.split() for line in story.stopped.output.splitlines() if line.startswith("error ")]
    assert {(FAULTS[name].account_id, check) for name, check in checks.items()} <= {(row[1], word) for row in rows for word in row}
    assert SOUND not in {row[1] for row in rows}


@pytest.mark.xdist_group("faults")
def test_the_others_get_theirs_and_are_left_alone_when_the_rest_is_delivered(story: Story) -> None:
    assert story.broken.status != 0
    assert set(story.delivered_then) == {(SOUND, region) for region in REGIONS}
    assert {host for host, counters in story.broken.recap.items() if counters["failed"]} == {
        "image-factory",
        *(host for host, account_id in {**DESTINATIONS, **MORE}.items() if account_id != SOUND),
    }

    assert story.mended.status == 0, story.mended.output
    assert len(story.delivered_after) == len(REGIONS) * len({**DESTINATIONS, **MORE})
    assert {pair: story.delivered_after[pair] for pair in story.delivered_then} == story.delivered_then
    assert story.builds == 1, "what failed was retried, not built again"


def test_the_keys_region_taken_away(organization: Organization) -> None:
    """The key of the build Region under the ARN that a replica would have elsewhere, as with a multi-Region key that was not replicated."""

    def take_away() -> Words:
        key = organization.emulator.client(SOURCE, "kms", BUILD_REGION).describe_key(KeyId="alias/golden-imagebuilder")["KeyMetadata"]["Arn"]
        return extra_variables(definition_keys_by_region={region: {"kms_key_id": key.replace(BUILD_REGION, region)} for region in REGIONS})

    story = tell(organization, take_away)

    assert story.broken.status != 0
    for account_id in DESTINATIONS.values():
        (line,) = story.told_of(account_id)
        assert f"Region {REGIONS[1]}" in line
        assert "does not exist" in line
        assert "key" in line
    assert set(story.delivered_then) == {(account_id, BUILD_REGION) for account_id in DESTINATIONS.values()}
    assert story.broken.recap["image-factory"]["rescued"] == 1, "the destinations were asked although the image had failed"

    assert story.mended.status == 0, story.mended.output
    assert set(story.delivered_after) == EVERYWHERE
    # The mended configuration is another input, so the image is built anew.
    assert story.builds == 2
    assert all(set(story.delivered_after[pair]) >= set(images) for pair, images in story.delivered_then.items())
