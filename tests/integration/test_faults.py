# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One thing that a distribution needs is taken away; the run says where and why, delivers the rest, and mends it when run again."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
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
)

BROKEN = "search"
BROKEN_ACCOUNT = DESTINATIONS[BROKEN]
MANAGED_POLICY = "arn:aws:iam::aws:policy/Ec2ImageBuilderCrossAccountDistributionAccess"

Words = Sequence[str]


def iam(organization: Organization) -> Any:
    return organization.emulator.client(BROKEN_ACCOUNT, "iam", BUILD_REGION)


def extra_variables(**variables: Any) -> Words:
    return ["--extra-vars", json.dumps(variables)]


def without_trust(organization: Organization) -> Words:
    """The role trusts nobody but its own account."""
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{BROKEN_ACCOUNT}:root"}, "Action": "sts:AssumeRole"}],
    }
    iam(organization).update_assume_role_policy(RoleName=DISTRIBUTION_ROLE, PolicyDocument=json.dumps(trust))
    return []


def without_managed_policy(organization: Organization) -> Words:
    iam(organization).detach_role_policy(RoleName=DISTRIBUTION_ROLE, PolicyArn=MANAGED_POLICY)
    return []


def without_a_kms_action(organization: Organization) -> Words:
    """The inline policy loses kms:CreateGrant, and nothing else."""
    name = "GoldenImageBuilderKms"
    document = iam(organization).get_role_policy(RoleName=DISTRIBUTION_ROLE, PolicyName=name)["PolicyDocument"]
    for statement in document["Statement"]:
        statement["Action"] = [action for action in statement["Action"] if action != "kms:CreateGrant"]
    iam(organization).put_role_policy(RoleName=DISTRIBUTION_ROLE, PolicyName=name, PolicyDocument=json.dumps(document))
    return []


def without_destination_in_key_policy(organization: Organization) -> Words:
    """Someone gives the keys to a list of accounts in which one is missing."""
    others = [account_id for account_id in DESTINATIONS.values() if account_id != BROKEN_ACCOUNT]
    return extra_variables(source_keys_destination_account_ids=others, source_keys_purge=True)


def with_key_of_another_region(organization: Organization) -> Words:
    """The key of the build Region under the ARN that a replica would have elsewhere, as with a multi-Region key that was not replicated."""
    described = organization.emulator.client(SOURCE, "kms", BUILD_REGION).describe_key(KeyId="alias/golden-imagebuilder")["KeyMetadata"]
    keys = {region: {"kms_key_id": described["Arn"].replace(BUILD_REGION, region)} for region in REGIONS}
    return extra_variables(definition_keys_by_region=keys)


@dataclass(frozen=True)
class Fault:
    """What is taken away, where that shows, and which words say why."""

    take_away: Callable[[Organization], Words]
    fails_at: frozenset[tuple[str, str]]
    cause: tuple[str, ...]
    builds: int = 1


BOTH_REGIONS = frozenset((BROKEN_ACCOUNT, region) for region in REGIONS)
ALL_ACCOUNTS_ELSEWHERE = frozenset((account_id, REGIONS[1]) for account_id in DESTINATIONS.values())
FAULTS = {
    "trust": Fault(without_trust, BOTH_REGIONS, ("sts:AssumeRole", "trust")),
    "managed policy": Fault(without_managed_policy, BOTH_REGIONS, ("ec2:", "Ec2ImageBuilderCrossAccountDistributionAccess")),
    "KMS action": Fault(without_a_kms_action, BOTH_REGIONS, ("kms:CreateGrant", "identity-based policy")),
    "key policy": Fault(without_destination_in_key_policy, BOTH_REGIONS, ("kms:", "key policy", "source_keys")),
    # The mended configuration is another input, so the image is built anew.
    "key's Region": Fault(with_key_of_another_region, ALL_ACCOUNTS_ELSEWHERE, ("does not exist", "key"), builds=2),
}


def number_of_builds(organization: Organization) -> int:
    return len(organization.images(SOURCE, BUILD_REGION))


@pytest.mark.parametrize("name", FAULTS)
def test_one_thing_taken_away(organization: Organization, name: str) -> None:
    fault = FAULTS[name]
    assert organization.playbook("--tags", "access").status == 0

    broken = organization.playbook("--tags", "image", *fault.take_away(organization))

    assert broken.status != 0
    said = broken.output.partition("TASK [golden.imagebuilder.image : Build and distribute the image]")[2]
    for account_id, region in fault.fails_at:
        assert account_id in said, broken.output
        assert region in said, broken.output
    for words in fault.cause:
        assert words in said, broken.output
    failed_accounts = {account_id for account_id, _region in fault.fails_at}
    failed_hosts = {host for host, account_id in DESTINATIONS.items() if account_id in failed_accounts}
    assert {host for host, counters in broken.recap.items() if counters["failed"]} - {"image-factory"} == failed_hosts
    assert broken.recap["image-factory"]["rescued"] == 1, "the destinations were asked although the image had failed"
    others = organization.delivered()
    assert set(others) == EVERYWHERE - fault.fails_at

    mended = organization.playbook()

    assert mended.status == 0, mended.output
    after = organization.delivered()
    assert set(after) == EVERYWHERE
    assert number_of_builds(organization) == fault.builds
    assert all(set(after[pair]) >= set(images) for pair, images in others.items())
    if fault.builds == 1:
        assert {pair: after[pair] for pair in others} == others, "who had the AMI got no second one"
