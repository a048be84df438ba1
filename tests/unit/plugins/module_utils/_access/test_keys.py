# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wanted of a key, and what makes a key useless; the calls are in the tests of the module."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._access import keys, policy
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.errors import FleetError

SOURCE, PAYMENTS = "111111111111", "222222222222"
KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
USABLE = {
    "Arn": f"arn:aws:kms:us-west-2:{SOURCE}:key/{KEY_ID}",
    "KeyManager": "CUSTOMER",
    "KeySpec": "SYMMETRIC_DEFAULT",
    "KeyUsage": "ENCRYPT_DECRYPT",
    "KeyState": "Enabled",
}


@pytest.mark.parametrize(
    ("difference", "said"),
    [
        ({}, None),
        ({"KeyManager": "AWS"}, "is a key of AWS"),
        ({"Arn": f"arn:aws:kms:us-west-2:{PAYMENTS}:key/{KEY_ID}"}, f"belongs to account {PAYMENTS}"),
        ({"Arn": f"arn:aws:kms:eu-west-1:{SOURCE}:key/{KEY_ID}"}, "is a key of eu-west-1"),
        ({"KeySpec": "RSA_2048"}, "RSA_2048"),
        ({"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"}, "symmetric encryption keys only"),
        ({"KeyState": "Disabled"}, "enable it"),
        ({"KeyState": "PendingImport"}, "PendingImport"),
        ({"KeyState": "PendingDeletion", "DeletionDate": "2026-12-01"}, "will be deleted on 2026-12-01"),
    ],
)
def test_what_makes_a_key_useless(difference: dict[str, Any], said: str | None) -> None:
    complaint = keys.complaint_about({**USABLE, **difference}, SOURCE, "us-west-2")
    assert complaint is None if said is None else said in str(complaint)


@pytest.mark.parametrize(("name", "alias"), [("images", "alias/images"), ("alias/images", "alias/images"), ("team/images_1", "alias/team/images_1")])
def test_the_prefix_of_an_alias_may_be_left_out(name: str, alias: str) -> None:
    assert keys.full_alias(name) == (alias, [])


@pytest.mark.parametrize("name", ["aws/ebs", "alias/aws/ebs", "", "my images", "arn:aws:kms:us-west-2:111111111111:alias/images"])
def test_an_alias_that_cannot_be(name: str) -> None:
    assert [problem.path for problem in keys.full_alias(name)[1]] == ["alias"]


@pytest.mark.parametrize(
    "key", [KEY_ID, f"mrk-{KEY_ID.replace('-', '')}", USABLE["Arn"], f"arn:aws:kms:us-west-2:{SOURCE}:alias/images", "alias/images"]
)
def test_a_key_may_be_given_in_any_form(key: str) -> None:
    assert keys.given_keys_problems({"us-west-2": key}, ["us-west-2"]) == []


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
    assert [problem.path for problem in keys.given_keys_problems({region: key}, ["us-west-2"])] == [f"keys.{region}"]


def settings(**options: Any) -> keys.KeySettings:
    return keys.KeySettings(**{"alias": "alias/images", "destination_account_ids": [PAYMENTS], **options})


def test_a_new_key_has_everything_from_the_start() -> None:
    key = keys.wanted_key(None, settings(tags={"Cost": 1}), SOURCE, "cn-north-1")
    principals = {statement["Sid"]: statement["Principal"]["AWS"] for statement in key.policy["Statement"]}
    assert principals["GoldenImageBuilderOwner"] == [f"arn:aws-cn:iam::{SOURCE}:root"]
    assert principals["GoldenImageBuilderDestinationsUse"] == [f"arn:aws-cn:iam::{PAYMENTS}:root"]
    assert (key.alias, key.description, key.rotation) == ("alias/images", keys.DESCRIPTION, True)
    assert key.tags == {"Cost": "1", keys.ALIAS_TAG: "alias/images"}


def test_wanting_what_is_there_changes_nothing() -> None:
    for options in ({}, {"tags": {"Cost": 1}}, {"build_instance_role_arns": [f"arn:aws:iam::{SOURCE}:role/Builder"]}):
        made = keys.wanted_key(None, settings(**options), SOURCE, "us-west-2")
        assert keys.wanted_key(made, settings(**options), SOURCE, "us-west-2").described() == made.described()


def test_the_owner_of_an_existing_key_decides_about_the_owner() -> None:
    strict: policy.Policy = {"Version": "2012-10-17", "Statement": []}
    key = keys.wanted_key(keys.Key(strict, USABLE["Arn"], "alias/images", "", True), settings(), SOURCE, "us-west-2")
    assert [statement["Sid"] for statement in key.policy["Statement"]] == [
        "GoldenImageBuilderDestinationsUse",
        "GoldenImageBuilderDestinationsGrants",
    ]


def test_a_policy_that_is_too_long_is_refused() -> None:
    with pytest.raises(FleetError, match="KMS takes 32768"):
        keys.wanted_key(None, settings(destination_account_ids=[f"{number:012d}" for number in range(500)]), SOURCE, "us-west-2")
    longest = keys.wanted_key(None, settings(destination_account_ids=[f"{number:012d}" for number in range(450)]), SOURCE, "us-west-2")
    assert len(policy.encoded(longest.policy)) <= keys.POLICY_LIMIT
