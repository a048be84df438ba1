# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook golden.imagebuilder.distribute, as a user runs it, against an empty organization."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from ansible_collections.golden.imagebuilder.tests import caller_policies
from ansible_collections.golden.imagebuilder.tests.organization import (
    BUILD_REGION,
    DESTINATIONS,
    EVERYWHERE,
    SOURCE,
    Organization,
    Run,
    ansible_playbook,
)

from .conftest import running_organization

PARAMETER = "/imagebuilder/web/latest"
COMPONENT_TO_COME = "AWS cannot check the whole request in account 111111111111, Region us-west-2 yet, as it names what is not there: arn:aws:"[:110]


@pytest.fixture
def real(tmp_path: Path) -> Iterator[Organization]:
    """The organization, whose every run is an ansible-playbook of its own that starts each module, as a user's does."""
    with running_organization(tmp_path, run=ansible_playbook) as organization:
        yield organization


def snapshot_keys(organization: Organization, account_id: str, region: str) -> set[tuple[bool, str]]:
    """Whether the snapshots behind an account's AMIs are encrypted, and with which key."""
    client = organization.emulator.client(account_id, "ec2", region)
    ids = [mapping["Ebs"]["SnapshotId"] for image in organization.images(account_id, region) for mapping in image["BlockDeviceMappings"]]
    return {(snapshot["Encrypted"], snapshot["KmsKeyId"]) for snapshot in client.describe_snapshots(SnapshotIds=ids)["Snapshots"]}


def key_arn(organization: Organization, region: str) -> str:
    client = organization.emulator.client(SOURCE, "kms", region)
    return str(client.describe_key(KeyId="alias/golden-imagebuilder")["KeyMetadata"]["Arn"])


def warnings(run: Run) -> set[str]:
    """The warnings of a run, without what is particular to it."""
    return {re.sub(r"lt-\w+", "lt-*", line.removeprefix("[WARNING]: "))[:110] for line in run.warnings}


def assert_ended_well(run: Run, *foretold: str) -> None:
    assert run.status == 0, run.output
    assert set(run.recap) == {"image-factory", *DESTINATIONS}
    assert warnings(run) <= set(foretold), run.output


def test_check_then_run_then_run_again(real: Organization) -> None:
    foretold = real.playbook("--check", "--diff")

    assert_ended_well(foretold, COMPONENT_TO_COME)
    assert real.emulator.calls(), "the check asked the emulator"
    assert real.emulator.writes() == []
    called = calls(real)

    real.emulator.reset_calls()
    first = real.playbook("--diff")

    called |= calls(real)
    assert_ended_well(first)
    assert foretold.changed() == first.changed()
    assert foretold.changes_by_task() == first.changes_by_task()
    images = real.delivered()
    assert_arrived(real, first, images)
    assert_launch_template(real)
    assert_report(real)

    real.emulator.reset_calls()
    second = real.playbook()

    called |= calls(real)
    assert_ended_well(second)
    assert set(second.changed().values()) == {0}, second.output
    assert real.emulator.writes() == []
    assert real.delivered() == images
    assert len(real.image_builds()) == 1
    assert called - allowed() == set()


def assert_arrived(organization: Organization, run: Run, images: dict[tuple[str, str], list[str]]) -> None:
    """One AMI in each account and Region, encrypted with the Region's key, in the parameter, and in the table that the run shows."""
    assert set(images) == EVERYWHERE
    assert {len(ids) for ids in images.values()} == {1}
    for account_id, region in EVERYWHERE:
        assert snapshot_keys(organization, account_id, region) == {(True, key_arn(organization, region))}
        parameter = organization.emulator.client(account_id, "ssm", region).get_parameter(Name=PARAMETER)["Parameter"]
        assert parameter["Value"] == images[account_id, region][0]
        assert images[account_id, region][0] in run.output


def assert_report(organization: Organization) -> None:
    """Every account stands under the name of its host, the source first, and was asked itself."""
    told = json.loads((organization.folder / "image-report.json").read_text())
    assert told["verdict"] == {
        "state": "complete",
        "sentence": "All 7 deliveries are in place.",
        "delivered": 7,
        "expected": 7,
        "verified": 7,
    }
    assert [(account["name"], account["delivered"]) for account in told["accounts"]] == [("image-factory", 1), *((name, 2) for name in DESTINATIONS)]


def assert_launch_template(organization: Organization) -> None:
    """Not as AWS does, which gives a template of another account the id that the AMI has in the source account."""
    client = organization.emulator.client(DESTINATIONS["payments"], "ec2", BUILD_REGION)
    answer = client.describe_launch_template_versions(LaunchTemplateId=organization.launch_template_id, Versions=["$Default"])
    (version,) = answer["LaunchTemplateVersions"]
    assert version["VersionNumber"] == 2
    (image,) = organization.images(DESTINATIONS["payments"], BUILD_REGION)
    assert version["LaunchTemplateData"] == {"InstanceType": "t3.medium", "ImageId": image["ImageId"]}


def calls(organization: Organization) -> set[tuple[str, str]]:
    """What the playbook called: in the source or a destination, which action."""
    return {(side, action) for side, actions in caller_policies.calls(organization).items() for action in actions}


def allowed() -> set[tuple[str, str]]:
    """What the policies for the playbook allow."""
    return {(side, action) for side in ("source", "destination") for action in caller_policies.allowed("distribute", side)}


def test_the_source_is_held_to_its_own_ami(organization: Organization) -> None:
    assert organization.playbook().status == 0
    (own,) = organization.images(SOURCE, BUILD_REGION)
    ec2 = organization.emulator.client(SOURCE, "ec2", BUILD_REGION)
    ec2.delete_tags(Resources=[own["ImageId"]], Tags=[{"Key": "team"}])

    run = organization.playbook()

    assert run.status != 0
    assert {host: counters["failed"] for host, counters in run.recap.items()} == {"image-factory": 1, **dict.fromkeys(DESTINATIONS, 0)}
    assert f"image-factory (account {SOURCE}), {BUILD_REGION}: Tag team is missing." in run.output
    told = json.loads((organization.folder / "image-report.json").read_text())
    assert [(row["name"], row["state"]) for row in told["deliveries"] if row["state"] != "delivered"] == [("image-factory", "wrong")]


def test_limit_works_on_the_named_accounts_and_keeps_the_others_in_the_configuration(organization: Organization) -> None:
    stopped = organization.playbook("--limit", "image-factory,search")

    # The others were promised an AMI too, but their roles are not there yet.
    assert stopped.status != 0
    assert "meant for payments, warehouse as well" in stopped.output
    assert organization.image_builds() == []

    run = organization.playbook("--limit", "image-factory,search", "--skip-tags", "preflight")

    assert run.status != 0
    assert {account_id for account_id, _region in organization.delivered()} == {DESTINATIONS["search"]}
    client = organization.emulator.client(SOURCE, "imagebuilder", BUILD_REGION)
    arn = f"arn:aws:imagebuilder:{BUILD_REGION}:{SOURCE}:distribution-configuration/web"
    entries = client.get_distribution_configuration(distributionConfigurationArn=arn)["distributionConfiguration"]["distributions"]
    assert {account for entry in entries for account in entry["amiDistributionConfiguration"]["targetAccountIds"]} == set(DESTINATIONS.values())
