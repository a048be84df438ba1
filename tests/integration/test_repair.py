# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A build for six accounts in two Regions of which three of the twelve fail: the rest has its AMIs, and the next run gives them to the three."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.tests.emulator.imagebuilder import images
from ansible_collections.golden.imagebuilder.tests.emulator.imagebuilder.exceptions import invalid_request
from ansible_collections.golden.imagebuilder.tests.organization import (
    BUILD_REGION,
    DESTINATIONS,
    DISTRIBUTION_ROLE,
    REGIONS,
    SOURCE,
    Organization,
    Run,
    make_execution_role,
)

from .conftest import running_organization

MORE = {"support": "555555555555", "billing": "666666666666", "delivery": "777777777777"}
SEARCH, SUPPORT = DESTINATIONS["search"], MORE["support"]
ELSEWHERE = next(region for region in REGIONS if region != BUILD_REGION)
BROKEN = {*((SEARCH, region) for region in REGIONS), (SUPPORT, ELSEWHERE)}
PARAMETER = "/imagebuilder/web/latest"
EXECUTION_ROLE = "ImageBuilderExecution"
PARAMETERS_POLICY = "GoldenImageBuilderParameters"

AmiIds = dict[tuple[str, str], list[str]]


@pytest.fixture
def prepared(tmp_path: Path) -> Iterator[Organization]:
    """Six accounts, whose roles and keys are there, and a role with which Image Builder may distribute what is built."""
    with running_organization(tmp_path, more=MORE) as organization:
        make_execution_role(organization.emulator, EXECUTION_ROLE)
        organization.add_host_variables("image-factory", image_execution_role=EXECUTION_ROLE)
        run = organization.playbook("--tags", "access")
        assert run.status == 0, run.output
        yield organization


@pytest.fixture(params=["RetryImage", "DistributeImage"])
def by(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The operation that makes missing copies: AWS retries images, or refuses to."""

    def refuse(_image: images.Image) -> None:
        raise invalid_request("This image cannot be retried.")

    if request.param != "RetryImage":
        monkeypatch.setattr(images.Image, "retry", refuse)
    return str(request.param)


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def break_copies(organization: Organization) -> None:
    """One account may no longer work with keys at all, another one no longer with the key of one Region."""
    key = organization.emulator.client(SOURCE, "kms", ELSEWHERE).describe_key(KeyId="alias/golden-imagebuilder")["KeyMetadata"]["Arn"]
    for account_id, resource in ((SEARCH, "*"), (SUPPORT, key)):
        iam = organization.emulator.client(account_id, "iam", BUILD_REGION)
        denied = document({"Effect": "Deny", "Action": "kms:CreateGrant", "Resource": resource})
        iam.put_role_policy(RoleName=DISTRIBUTION_ROLE, PolicyName="broken", PolicyDocument=denied)


def mend_copies(organization: Organization) -> None:
    for account_id in (SEARCH, SUPPORT):
        organization.emulator.client(account_id, "iam", BUILD_REGION).delete_role_policy(RoleName=DISTRIBUTION_ROLE, PolicyName="broken")


def builds(organization: Organization) -> list[str]:
    """Builds of the recipe; images that distribute are no builds."""
    return [one["arn"] for one in organization.image_builds() if "/web/" in one["arn"]]


def requests(organization: Organization) -> set[str]:
    """What was asked of Image Builder that makes AMIs."""
    made = {"CreateImage", "DistributeImage", "RetryImage"}
    return {call.operation for call in organization.emulator.calls() if call.operation in made}


def assert_diagnosed(run: Run, *broken: tuple[str, str]) -> None:
    """The run has failed, and the image names these accounts and Regions and no other ones."""
    assert run.status != 0, run.output
    told = run.output.partition("fatal: [image-factory]")[2].partition("TASK [")[0]
    for account_id in {*DESTINATIONS.values(), *MORE.values()}:
        for region in REGIONS:
            assert (f"account {account_id}, Region {region}: " in told) == ((account_id, region) in broken), told


def assert_parameters(organization: Organization, amis: AmiIds) -> None:
    """The one parameter is in every account and Region, with the AMI that is there."""
    for (account_id, region), (image_id,) in amis.items():
        found = organization.emulator.client(account_id, "ssm", region).get_parameter(Name=PARAMETER)["Parameter"]
        assert found["Value"] == image_id


def assert_nothing_is_left_to_do(organization: Organization) -> None:
    organization.emulator.reset_calls()
    run = organization.playbook("--tags", "image")
    assert run.status == 0, run.output
    assert set(run.changed().values()) == {0}, run.output
    assert organization.emulator.writes() == []


def test_three_of_twelve_copies(prepared: Organization, by: str) -> None:
    break_copies(prepared)

    first = prepared.playbook("--tags", "image", "--skip-tags", "preflight")

    before = prepared.delivered()
    assert set(before) == prepared.everywhere - BROKEN
    assert len(before) == 9
    assert_diagnosed(first, *BROKEN)
    assert "kms:CreateGrant" in first.output

    mend_copies(prepared)
    prepared.emulator.reset_calls()
    second = prepared.playbook("--tags", "image")

    assert second.status == 0, second.output
    after = prepared.delivered()
    assert set(after) == prepared.everywhere
    assert {pair for pair, ids in after.items() if ids != before.get(pair)} == BROKEN, "exactly the three are copied"
    assert {len(ids) for ids in after.values()} == {1}
    assert len(builds(prepared)) == 1, "nothing is built again"
    assert requests(prepared) == {"RetryImage", by}
    assert_parameters(prepared, after)
    assert_nothing_is_left_to_do(prepared)


def test_parameters_that_were_refused(prepared: Organization, by: str) -> None:
    for account_id in (SEARCH, SUPPORT):
        iam = prepared.emulator.client(account_id, "iam", BUILD_REGION)
        iam.delete_role_policy(RoleName=DISTRIBUTION_ROLE, PolicyName=PARAMETERS_POLICY)

    first = prepared.playbook("--tags", "image", "--skip-tags", "preflight")

    amis = prepared.delivered()
    assert set(amis) == prepared.everywhere
    assert_diagnosed(first, *((account_id, region) for account_id in (SEARCH, SUPPORT) for region in REGIONS))
    assert "PUT_SSM_PARAMETERS" in first.output
    assert_parameters(prepared, amis)  # the run itself has written what Image Builder could not

    mended = prepared.playbook("--tags", "access")
    assert mended.status == 0, mended.output
    prepared.emulator.reset_calls()
    second = prepared.playbook("--tags", "image")

    assert second.status == 0, second.output
    assert prepared.delivered() == amis, "nothing is copied"
    assert len(builds(prepared)) == 1
    assert requests(prepared) == {"RetryImage"}
    assert_parameters(prepared, amis)
    assert_nothing_is_left_to_do(prepared)
