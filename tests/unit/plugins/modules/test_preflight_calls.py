# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How many calls preflight makes: a few for each account and Region, and none that grows with the number of the others."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from ansible_collections.golden.imagebuilder.tests.emulator.calls import Call
from ansible_collections.golden.imagebuilder.tests.emulator.server import EmulatorServer
from ansible_collections.golden.imagebuilder.tests.organization import DISTRIBUTION_ROLE, SOURCE
from ansible_collections.golden.imagebuilder.tests.ready_run import Ready

pytestmark = pytest.mark.xdist_group("preflight")

REGIONS = ("us-west-2", "eu-west-1", "us-east-1", "eu-central-1")
NAMES = {f"{500000000000 + number}": f"account-{number}" for number in range(6)}

OF_ACCOUNT = {
    "DescribeRegions": 1,
    "GetRole": 1,
    "ListAttachedRolePolicies": 1,
    "ListRolePolicies": 1,
    "GetRolePolicy": 2,  # what the role has
    "SimulatePrincipalPolicy": 24,  # in each Region one for each set of condition keys
}
OF_REGION = {"DescribeImages": 1, "GetParameters": 1}
OF_SOURCE = {
    "GetCallerIdentity": 1,
    "GetImageRecipe": 1,
    "GetInfrastructureConfiguration": 1,
    "GetDistributionConfiguration": 1,
    "GetImage": 1,
    "DescribeRegions": 1,
    "GetEbsEncryptionByDefault": 1,
    "GetEbsDefaultKmsKeyId": 1,
    "DescribeVpcs": 1,
    "DescribeKey": 4,  # one for each Region
    "GetKeyPolicy": 4,
    # The instance profile and its role, which has two policies of AWS.
    "GetInstanceProfile": 1,
    "GetRole": 1,
    "ListAttachedRolePolicies": 1,
    "ListRolePolicies": 1,
    "GetPolicy": 2,
    "GetPolicyVersion": 2,
}
OF_EVERYBODY = ("GetPolicy", "GetPolicyVersion")
"""AWS's managed policy of the role, which the account tells that happens to come first."""


@pytest.fixture
def calls(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Call]:
    """The calls of a preflight that finds nothing."""
    with EmulatorServer(accounts=[SOURCE, *NAMES], seconds_per_state=0.005) as emulator:
        for name, value in emulator.environment(SOURCE).items():
            monkeypatch.setenv(name, value)
        ready = Ready(emulator, tmp_path, regions=REGIONS, names=NAMES)
        ready.make()
        policies = emulator.client(next(iter(NAMES)), "iam").list_role_policies(RoleName=DISTRIBUTION_ROLE)["PolicyNames"]
        assert len(policies) == OF_ACCOUNT["GetRolePolicy"]
        emulator.reset_calls()
        assert ready.findings() == []
        return list(emulator.calls())


def test_the_number_of_calls(calls: list[Call]) -> None:
    made = Counter((call.account, call.operation) for call in calls if call.operation != "AssumeRole")
    of_source = {operation: number for (account_id, operation), number in made.items() if account_id == SOURCE}
    assert of_source == OF_SOURCE
    for account_id in NAMES:
        of_account = {operation: number for (owner, operation), number in made.items() if owner == account_id and operation not in OF_EVERYBODY}
        assert of_account == {**OF_ACCOUNT, **{operation: len(REGIONS) for operation in OF_REGION}}
    assert [sum(made[account_id, operation] for account_id in NAMES) for operation in OF_EVERYBODY] == [1, 1]
    assert Counter(call.operation for call in calls)["AssumeRole"] == len(NAMES), "a role is assumed once, for all services and Regions"

    in_regions = Counter((call.account, call.region, call.operation) for call in calls if call.operation in OF_REGION)
    expected = {(account_id, region, operation): 1 for account_id in NAMES for region in REGIONS for operation in OF_REGION}
    assert in_regions == expected
