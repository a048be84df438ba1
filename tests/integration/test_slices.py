# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Access prepared by several runs at the same time, each of which sees a part of the inventory, as the slices of a sliced job do."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import yaml
from ansible_collections.golden.imagebuilder.tests.organization import (
    DESTINATIONS,
    DISTRIBUTION_ROLE,
    EXAMPLE_INVENTORY,
    REGIONS,
    SOURCE,
    Organization,
    Run,
    ansible_playbook,
)

DISTRIBUTE = "golden.imagebuilder.distribute"
SLICES = {"payments": True, "search": True, "warehouse": False}
"""The destination of each slice, and whether the source happens to be in it too."""


def slice_of_inventory(folder: Path, destination: str, *, with_source: bool) -> str:
    """An inventory of a folder of its own that knows of no other destination."""
    shutil.copytree(EXAMPLE_INVENTORY.parent, folder)
    inventory = yaml.safe_load(EXAMPLE_INVENTORY.read_text())
    groups = inventory["all"]["children"]
    hosts = groups["image_builder_destinations"]["hosts"]
    groups["image_builder_destinations"]["hosts"] = {destination: hosts[destination]}
    if not with_source:
        del groups["image_builder_source"]
    (folder / EXAMPLE_INVENTORY.name).write_text(yaml.safe_dump(inventory))
    return str(folder)


def run_at_the_same_time(organization: Organization, words: Sequence[Sequence[str]]) -> list[Run]:
    """A process each, as they are on machines of their own."""
    with ThreadPoolExecutor(len(words)) as machines:
        return list(machines.map(lambda one: ansible_playbook(one, organization.environment(), organization.folder), words))


def key(organization: Organization, region: str) -> tuple[str, str]:
    """ARN and policy of a key."""
    kms = organization.emulator.client(SOURCE, "kms", region)
    arn = kms.describe_key(KeyId="alias/golden-imagebuilder")["KeyMetadata"]["Arn"]
    return arn, kms.get_key_policy(KeyId=arn, PolicyName="default")["Policy"]


def keys_of_role(organization: Organization, account_id: str) -> set[str]:
    iam: Any = organization.emulator.client(account_id, "iam")
    document = iam.get_role_policy(RoleName=DISTRIBUTION_ROLE, PolicyName="GoldenImageBuilderKms")["PolicyDocument"]
    return {arn for statement in document["Statement"] for arn in statement["Resource"]}


def test_slices_at_the_same_time_end_with_what_one_run_would_have_left(organization: Organization) -> None:
    only = json.dumps({"source_keys_destination_account_ids": [DESTINATIONS["warehouse"]]})
    first = organization.playbook("--tags", "access", "--limit", "image-factory", "--extra-vars", only)
    assert first.status == 0, first.output
    arns = {key(organization, region)[0] for region in REGIONS}
    # A slice without the source cannot ask it.
    told = {
        "destination_roles_source_account_ids": [SOURCE],
        "destination_roles_key_arns": sorted(arns),
        "destination_roles_ssm_parameter_names": ["/imagebuilder/web/latest"],
    }
    inventories = {host: slice_of_inventory(organization.folder / host, host, with_source=with_source) for host, with_source in SLICES.items()}
    words = [
        [DISTRIBUTE, "--tags", "access", "-i", inventories[host], *([] if with_source else ["--extra-vars", json.dumps(told)])]
        for host, with_source in SLICES.items()
    ]

    runs = run_at_the_same_time(organization, words)

    assert [run.status for run in runs] == [0, 0, 0], "\n".join(run.output for run in runs)
    assert [set(run.recap) for run in runs] == [{"image-factory", "payments"}, {"image-factory", "search"}, {"warehouse"}]
    for region in REGIONS:
        arn, policy = key(organization, region)
        assert arn in arns, "no slice has made a key of its own"
        assert [account_id in policy for account_id in DESTINATIONS.values()] == [True] * 3, "the later of two writes took nothing away"
    assert {account_id: keys_of_role(organization, account_id) for account_id in DESTINATIONS.values()} == dict.fromkeys(DESTINATIONS.values(), arns)

    organization.emulator.reset_calls()
    whole = organization.playbook("--tags", "access")
    assert whole.status == 0, whole.output
    # What only the host variables of the whole inventory tell: the launch template of one account.
    assert {host for host, changes in whole.changed().items() if changes} <= {"payments"}, whole.output
    assert {call.operation for call in organization.emulator.writes()} <= {"AssumeRole", "PutRolePolicy"}
