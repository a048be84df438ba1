# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with the options about keys."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._access import key_inputs, statements

SOURCE, PAYMENTS = "111111111111", "222222222222"
KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
KEY_ARN = f"arn:aws:kms:us-west-2:{SOURCE}:key/{KEY_ID}"
ORGANIZATION, UNIT = "o-a1b2c3d4e5", "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111"


@pytest.mark.parametrize(("name", "alias"), [("images", "alias/images"), ("alias/images", "alias/images"), ("team/images_1", "alias/team/images_1")])
def test_the_prefix_of_an_alias_may_be_left_out(name: str, alias: str) -> None:
    assert key_inputs.full_alias(name) == (alias, [])


@pytest.mark.parametrize("name", ["aws/ebs", "alias/aws/ebs", "", "my images", "arn:aws:kms:us-west-2:111111111111:alias/images"])
def test_an_alias_that_cannot_be(name: str) -> None:
    assert [problem.path for problem in key_inputs.full_alias(name)[1]] == ["alias"]


@pytest.mark.parametrize("key", [KEY_ID, f"mrk-{KEY_ID.replace('-', '')}", KEY_ARN, f"arn:aws:kms:us-west-2:{SOURCE}:alias/images", "alias/images"])
def test_a_key_may_be_given_in_any_form(key: str) -> None:
    assert key_inputs.given_keys_problems({"us-west-2": key}, ["us-west-2"]) == []


@pytest.mark.parametrize(
    ("region", "key"),
    [
        ("us-west-2", "aws/ebs"),
        ("us-west-2", "alias/aws/ebs"),
        ("us-west-2", f"arn:aws:kms:us-west-2:{SOURCE}:alias/aws/ebs"),
        ("us-west-2", f"arn:aws:kms:eu-west-1:{SOURCE}:key/{KEY_ID}"),
        ("eu-west-1", KEY_ID),
        ("us-west-2", None),
    ],
)
def test_a_given_key_that_cannot_be(region: str, key: Any) -> None:
    assert [problem.path for problem in key_inputs.given_keys_problems({region: key}, ["us-west-2"])] == [f"keys.{region}"]


@pytest.mark.parametrize(
    ("regions", "paths"),
    [
        ([], []),
        (["us-west-2", "eu-west-1"], []),
        (["cn-north-1", "cn-northwest-1"], []),
        (["us-gov-west-1"], []),
        (["us-west-2", "cn-north-1", "us-gov-west-1"], ["regions[1]", "regions[2]"]),
    ],
)
def test_regions_of_another_partition(regions: list[str], paths: list[str]) -> None:
    assert [problem.path for problem in key_inputs.partition_problems(regions, "regions")] == paths


@pytest.mark.parametrize(("partition", "count"), [("aws", 0), ("aws-us-gov", 1), (None, 0)])
def test_a_role_of_another_partition(partition: str | None, count: int) -> None:
    assert len(key_inputs.role_arns_problems([f"arn:aws:iam::{SOURCE}:role/Builder"], "roles", partition)) == count


@pytest.mark.parametrize("path", [UNIT, f"{UNIT}/", f"{UNIT}/*", "o-a1b2c3d4e5/r-ab12", f"{UNIT}/ou-ab12-22222222"])
def test_a_path_of_a_unit(path: str) -> None:
    assert key_inputs.organization_problems([ORGANIZATION], [path]) == []
    (use, _grants) = statements.key_organizational_units([path])
    assert use["Condition"] == {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": [f"{path.rstrip('*').rstrip('/')}/*"]}}


@pytest.mark.parametrize("path", ["", "*", "ou-ab12-11111111", "o-a1b2c3d4e5", "o-*/r-ab12", "o-a1b2c3d4e5/*", f"{UNIT}/x", 5])
def test_what_is_no_path_of_a_unit(path: Any) -> None:
    assert [problem.path for problem in key_inputs.organization_problems(["o-1", ORGANIZATION], [path])] == [
        "destination_organization_ids[0]",
        "destination_organizational_unit_paths[0]",
    ]


def test_an_account_cannot_get_and_lose_the_keys() -> None:
    assert [problem.path for problem in key_inputs.revoked_problems([PAYMENTS, "1"], [PAYMENTS])] == [
        "revoked_account_ids[1]",
        "revoked_account_ids[0]",
    ]
    assert key_inputs.revoked_problems([PAYMENTS], [SOURCE]) == []
