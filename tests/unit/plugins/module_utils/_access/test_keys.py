# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wanted of a key, and what makes a key useless; the calls are in the tests of the module."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._access import keys, policy, statements
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


def settings(**options: Any) -> keys.KeySettings:
    return keys.KeySettings(**{"alias": "alias/images", "destination_account_ids": [PAYMENTS], **options})


def wanted(current: keys.Key | None, options: keys.KeySettings, region: str = "us-west-2", primary_arn: str | None = None) -> keys.Key:
    document = keys.wanted_policy(current.policy if current else None, options, SOURCE, region)
    return keys.wanted_key(current, document, options, region, primary_arn)


def sids(document: policy.Policy) -> set[str]:
    return {statement["Sid"].removeprefix(statements.SID_PREFIX) for statement in document["Statement"]}


def test_a_new_key_has_everything_from_the_start() -> None:
    key = wanted(None, settings(tags={"Cost": 1}), "cn-north-1")
    principals = {statement["Sid"]: statement["Principal"]["AWS"] for statement in key.policy["Statement"]}
    assert principals["GoldenImageBuilderOwner"] == [f"arn:aws-cn:iam::{SOURCE}:root"]
    assert principals["GoldenImageBuilderDestinationsUse"] == [f"arn:aws-cn:iam::{PAYMENTS}:root"]
    assert (key.alias, key.description, key.rotation, key.primary_arn) == ("alias/images", keys.DESCRIPTION, True, None)
    assert key.tags == {"Cost": "1", keys.ALIAS_TAG: "alias/images"}


ORGANIZATION, UNIT = "o-a1b2c3d4e5", "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111"


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"tags": {"Cost": 1}},
        {"build_instance_role_arns": [f"arn:aws:iam::{SOURCE}:role/Builder"]},
        {"destination_organization_ids": [ORGANIZATION]},
        {"destination_organizational_unit_paths": [UNIT], "purge": True},
        {"multi_region": True},
    ],
)
def test_wanting_what_is_there_changes_nothing(options: dict[str, Any]) -> None:
    made = wanted(None, settings(**options))
    assert wanted(made, settings(**options)).described() == made.described()


def test_the_owner_of_an_existing_key_decides_about_the_owner() -> None:
    strict: policy.Policy = {"Version": "2012-10-17", "Statement": []}
    key = wanted(keys.Key(strict, USABLE["Arn"], "alias/images", "", True), settings())
    assert [statement["Sid"] for statement in key.policy["Statement"]] == [
        "GoldenImageBuilderDestinationsUse",
        "GoldenImageBuilderDestinationsGrants",
    ]


def test_a_replica_leaves_the_rotation_to_its_primary_key() -> None:
    replica = wanted(None, settings(multi_region=True), primary_arn=USABLE["Arn"])
    assert (replica.rotation, replica.primary_arn) == (None, USABLE["Arn"])
    assert replica.described()["multi_region"] is True
    assert wanted(replica, settings(multi_region=True, rotation=False)).rotation is None


def test_a_given_key_keeps_its_settings() -> None:
    given = keys.Key({"Statement": []}, USABLE["Arn"], auto_scaling_account_ids=frozenset())
    after = wanted(given, settings(given={"us-west-2": KEY_ID}, tags={"a": "b"}, description="x", rotation=True, auto_scaling_grants=True))
    assert after == keys.Key(after.policy, USABLE["Arn"], auto_scaling_account_ids=frozenset({PAYMENTS}))


@pytest.mark.parametrize(
    ("present", "options", "expected"),
    [
        (None, {}, None),
        (None, {"auto_scaling_grants": True}, {PAYMENTS}),
        ({"999999999999"}, {"auto_scaling_grants": True}, {PAYMENTS, "999999999999"}),
        ({"999999999999"}, {"auto_scaling_grants": True, "purge": True}, {PAYMENTS}),
        ({"999999999999"}, {"purge": True}, set()),
        ({"999999999999", "333333333333"}, {"revoked_account_ids": ["333333333333"]}, {"999999999999"}),
    ],
)
def test_whose_auto_scaling_gets_a_grant(present: set[str] | None, options: dict[str, Any], expected: set[str] | None) -> None:
    current = keys.Key({"Statement": []}, USABLE["Arn"], auto_scaling_account_ids=None if present is None else frozenset(present))
    assert wanted(current, settings(**options)).auto_scaling_account_ids == expected


# --- a list of accounts that is too long -----------------------------------------------------------------------------------------------------

HOME = keys.Organization(ORGANIZATION)


def many(count: int, first: int = 0) -> list[str]:
    return [f"{number:012d}" for number in range(first, first + count)]


def policy_for(current: policy.Policy | None, accounts: list[str], home: keys.Organization = HOME, **options: Any) -> policy.Policy:
    return keys.wanted_policy(current, settings(destination_account_ids=accounts, **options), SOURCE, "us-west-2", home)


def test_a_policy_that_is_too_long_is_refused() -> None:
    with pytest.raises(FleetError, match="KMS takes 32768") as told:
        policy_for(None, many(500), keys.Organization(unknown_because="nobody may ask"))
    assert "could not be read (nobody may ask)" in str(told.value)
    with pytest.raises(FleetError, match="organization_when_too_long"):
        policy_for(None, many(500), organization_when_too_long=False)
    longest = policy_for(None, many(470), keys.Organization())
    assert len(policy.encoded(longest).encode()) <= keys.POLICY_LIMIT


def test_the_organization_takes_the_place_of_a_list_that_is_too_long() -> None:
    assert sids(policy_for(None, many(440))) == {"Owner", "DestinationsUse", "DestinationsGrants"}
    document = policy_for(None, many(2000))
    assert sids(document) == {"Owner", "OrganizationsUse", "OrganizationsGrants"}
    use, grants = document["Statement"][1:]
    assert use["Principal"] == grants["Principal"] == {"AWS": ["*"]}
    assert use["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": [ORGANIZATION]}}
    assert grants["Condition"] == {**use["Condition"], "Bool": {"kms:GrantIsForAWSResource": "true"}}
    assert policy_for(document, many(2000), keys.Organization()) == document, "who was asked once is not asked again"


def test_slices_of_a_large_inventory_end_with_everybody_allowed_and_change_nothing_more() -> None:
    slices = [many(100, start) for start in range(0, 800, 100)]
    document = None
    for one in slices:
        document = policy_for(document, one)
    assert {"DestinationsUse", "OrganizationsUse"} < sids(document or {})
    for one in [*slices, many(800)]:
        assert policy_for(document, one) == document


def test_a_list_that_fitted_before_is_left_as_it_is() -> None:
    full = policy_for(None, many(470), keys.Organization())
    assert policy_for(full, many(470)) == full
    assert not keys.needs_organization(full, settings(destination_account_ids=many(470)), SOURCE, "us-west-2")
    assert keys.needs_organization(full, settings(destination_account_ids=many(471)), SOURCE, "us-west-2")


@pytest.mark.parametrize("options", [{"revoked_account_ids": ["000000000007"]}, {"purge": True}])
def test_accounts_that_leave_a_long_list_do_not_bring_the_organization_in(options: dict[str, Any]) -> None:
    full = policy_for(None, many(470), keys.Organization())
    left = policy_for(full, [one for one in many(470) if one != "000000000007"], **options)
    assert sids(left) == sids(full)
    assert len(left["Statement"][1]["Principal"]["AWS"]) == 469


def test_purge_with_too_many_accounts_leaves_the_organization_alone() -> None:
    full = policy_for(None, many(470), keys.Organization())
    assert sids(policy_for(full, many(600), purge=True)) == {"Owner", "OrganizationsUse", "OrganizationsGrants"}
    assert sids(policy_for(policy_for(None, many(600)), many(3), purge=True)) == {"Owner", "DestinationsUse", "DestinationsGrants"}


def test_what_the_user_names_is_taken_in_place_of_the_list() -> None:
    document = policy_for(None, many(600), keys.Organization(), destination_organizational_unit_paths=[UNIT])
    assert sids(document) == {"Owner", "OrganizationalUnitsUse", "OrganizationalUnitsGrants"}
    assert not keys.needs_organization(
        None, settings(destination_account_ids=many(600), destination_organization_ids=[ORGANIZATION]), SOURCE, "us-west-2"
    )


def test_others_who_fill_the_policy_are_told() -> None:
    theirs = {
        "Version": "2012-10-17",
        "Statement": [{"Sid": "Theirs", "Effect": "Deny", "Principal": "*", "Action": "kms:*", "Resource": "x" * 32700}],
    }
    with pytest.raises(FleetError, match="shorten those of others"):
        policy_for(theirs, [PAYMENTS])


def test_a_revoked_account_goes_alone() -> None:
    document = policy_for(None, [PAYMENTS, "333333333333"])
    left = policy_for(document, [], revoked_account_ids=[PAYMENTS])
    assert left == policy_for(None, ["333333333333"])
    assert policy_for(left, [], revoked_account_ids=[PAYMENTS]) == left
    assert sids(policy_for(left, [], revoked_account_ids=["333333333333"])) == {"Owner"}
    assert [keys.lets_organizations_in(one) for one in (left, policy_for(None, [], destination_organization_ids=[ORGANIZATION]))] == [False, True]
