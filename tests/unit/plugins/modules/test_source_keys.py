# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module source_keys against the emulator: one source, two destinations, two Regions."""

from __future__ import annotations

import json
from typing import Any
from unittest.mock import patch

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._access import policy
from moto.kms.responses import KmsResponse

SOURCE, PAYMENTS, SEARCH = "111111111111", "222222222222", "333333333333"
REGIONS = ["us-west-2", "eu-west-1"]
ALIAS = "alias/golden-imagebuilder"
OPTIONS: dict[str, Any] = {"regions": REGIONS, "destination_account_ids": [PAYMENTS, SEARCH]}


@pytest.fixture
def run(run_module: Any) -> Any:
    """The module as an administrator of the source account runs it."""

    def run(check_mode: bool = False, **options: Any) -> dict[str, Any]:
        result: dict[str, Any] = run_module("source_keys", check_mode=check_mode, **{**OPTIONS, **options})
        return result

    return run


def key_policy(emulator: Any, region: str, key: str = ALIAS) -> dict[str, Any]:
    kms = emulator.client(SOURCE, "kms", region)
    key_id = kms.describe_key(KeyId=key)["KeyMetadata"]["KeyId"]
    document: dict[str, Any] = json.loads(kms.get_key_policy(KeyId=key_id, PolicyName="default")["Policy"])
    return document


def destinations_of(document: dict[str, Any]) -> set[Any]:
    principals = {statement["Sid"]: statement["Principal"]["AWS"] for statement in document["Statement"]}
    return {tuple(principals[f"GoldenImageBuilderDestinations{kind}"]) for kind in ("Use", "Grants")}


def roots(*account_ids: str) -> set[Any]:
    return {tuple(f"arn:aws:iam::{account_id}:root" for account_id in account_ids)}


def make_key(emulator: Any, region: str = "us-west-2", **options: Any) -> str:
    return str(emulator.client(SOURCE, "kms", region).create_key(**options)["KeyMetadata"]["Arn"])


def test_makes_a_key_in_every_region(emulator: Any, run: Any) -> None:
    result = run()
    assert result["changed"]
    assert [outcome["region"] for outcome in result["outcomes"]] == REGIONS
    for region in REGIONS:
        kms = emulator.client(SOURCE, "kms", region)
        key = kms.describe_key(KeyId=ALIAS)["KeyMetadata"]
        assert kms.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"]
        assert kms.list_resource_tags(KeyId=key["KeyId"])["Tags"] == [{"TagKey": "golden.imagebuilder/alias", "TagValue": ALIAS}]
        alias_arn = f"arn:aws:kms:{region}:{SOURCE}:{ALIAS}"
        assert result["source_keys"][region] == {"key_arn": key["Arn"], "alias_arn": alias_arn, "kms_key_id": alias_arn}
        document = key_policy(emulator, region)
        assert destinations_of(document) == roots(PAYMENTS, SEARCH)
        assert {
            "Sid": "GoldenImageBuilderOwner",
            "Effect": "Allow",
            "Action": ["kms:*"],
            "Resource": "*",
            "Principal": {"AWS": [f"arn:aws:iam::{SOURCE}:root"]},
        } in document["Statement"]


def test_a_second_run_only_reads(emulator: Any, run: Any) -> None:
    first = run(tags={"Team": "platform"})
    emulator.reset_calls()
    second = run(tags={"Team": "platform"})
    assert not second["changed"]
    assert second["diff"] == []
    assert emulator.writes() == []
    assert second["source_keys"] == first["source_keys"]


def test_a_second_run_asks_no_more_than_needed(emulator: Any, run: Any) -> None:
    run()
    emulator.reset_calls()
    run()
    calls = sorted(call.operation for call in emulator.calls())
    assert calls == sorted(["GetCallerIdentity", *["DescribeKey", "GetKeyPolicy", "GetKeyRotationStatus"] * 2])


def test_check_mode_predicts_and_writes_nothing(emulator: Any, run: Any) -> None:
    predicted = run(check_mode=True)
    assert emulator.writes() == []
    real = run()
    assert predicted["changed"]
    assert predicted["diff"] == real["diff"] != []
    for region in REGIONS:
        assert predicted["source_keys"][region]["key_arn"] == f"arn:aws:kms:{region}:{SOURCE}:key/(known after creation)"
        assert predicted["source_keys"][region]["kms_key_id"] == real["source_keys"][region]["kms_key_id"]
    emulator.reset_calls()
    assert not run(check_mode=True)["changed"]


def test_check_mode_predicts_changes_of_an_existing_key(emulator: Any, run: Any) -> None:
    run(destination_account_ids=[PAYMENTS])
    changes = {"description": "Golden images", "enable_key_rotation": False, "tags": {"Team": "platform"}}
    emulator.reset_calls()
    predicted = run(check_mode=True, **changes)
    assert emulator.writes() == []
    assert predicted["diff"] == run(**changes)["diff"] != []
    after = run(**changes)
    assert not after["changed"]
    kms = emulator.client(SOURCE, "kms", "eu-west-1")
    key = kms.describe_key(KeyId=ALIAS)["KeyMetadata"]
    assert key["Description"] == "Golden images"
    assert not kms.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"]
    assert {tag["TagKey"] for tag in kms.list_resource_tags(KeyId=key["KeyId"])["Tags"]} == {"Team", "golden.imagebuilder/alias"}


def test_options_not_given_leave_alone(emulator: Any, run: Any) -> None:
    run(description="Golden images", tags={"Team": "platform"})
    assert not run()["changed"]
    kms = emulator.client(SOURCE, "kms", "us-west-2")
    key = kms.describe_key(KeyId=ALIAS)["KeyMetadata"]
    assert key["Description"] == "Golden images"
    assert {tag["TagKey"] for tag in kms.list_resource_tags(KeyId=key["KeyId"])["Tags"]} == {"Team", "golden.imagebuilder/alias"}


def test_foreign_statements_and_other_destinations_are_kept(emulator: Any, run: Any) -> None:
    run(destination_account_ids=[PAYMENTS])
    foreign = {
        "Sid": "Auditors",
        "Effect": "Allow",
        "Action": "kms:DescribeKey",
        "Resource": "*",
        "Principal": {"AWS": f"arn:aws:iam::{SEARCH}:root"},
    }
    document = key_policy(emulator, "us-west-2")
    document["Statement"].append(foreign)
    kms = emulator.client(SOURCE, "kms", "us-west-2")
    key_id = kms.describe_key(KeyId=ALIAS)["KeyMetadata"]["KeyId"]
    kms.put_key_policy(KeyId=key_id, PolicyName="default", Policy=json.dumps(document))
    assert run(destination_account_ids=[SEARCH])["changed"]
    after = key_policy(emulator, "us-west-2")
    assert foreign in after["Statement"]
    assert destinations_of(after) == roots(PAYMENTS, SEARCH)


def test_purge_takes_only_ours_away(emulator: Any, run: Any) -> None:
    run()
    result = run(destination_account_ids=[SEARCH], purge=True)
    assert result["changed"]
    assert destinations_of(key_policy(emulator, "eu-west-1")) == roots(SEARCH)
    assert not run(destination_account_ids=[SEARCH], purge=True)["changed"]


def test_the_source_itself_is_no_destination(emulator: Any, run: Any) -> None:
    run(destination_account_ids=[SOURCE, PAYMENTS])
    assert destinations_of(key_policy(emulator, "us-west-2")) == roots(PAYMENTS)


def test_continues_an_interrupted_run(emulator: Any, run: Any) -> None:
    run()
    kms = emulator.client(SOURCE, "kms", "us-west-2")
    made = kms.describe_key(KeyId=ALIAS)["KeyMetadata"]["Arn"]
    kms.delete_alias(AliasName=ALIAS)
    make_key(emulator, Description="of somebody else")
    result = run()
    assert result["changed"]
    assert result["source_keys"]["us-west-2"]["key_arn"] == made
    assert kms.describe_key(KeyId=ALIAS)["KeyMetadata"]["Arn"] == made


def test_the_alias_of_another_run_wins(emulator: Any, run: Any) -> None:
    """AWS hears from another run between our look for the alias and our making it."""
    create_alias = KmsResponse.create_alias
    theirs: list[str] = []

    def racing(self: Any) -> Any:
        if not theirs:
            theirs.append(make_key(emulator))
            emulator.client(SOURCE, "kms", "us-west-2").create_alias(AliasName=ALIAS, TargetKeyId=theirs[0])
        return create_alias(self)

    with patch.object(KmsResponse, "create_alias", racing):
        result = run(regions=["us-west-2"])
    assert result["changed"]
    assert result["source_keys"]["us-west-2"]["key_arn"] == theirs[0]
    assert destinations_of({"Statement": key_policy(emulator, "us-west-2")["Statement"][1:]}) == roots(PAYMENTS, SEARCH)
    kms = emulator.client(SOURCE, "kms", "us-west-2")
    states = {kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] for key in kms.list_keys()["Keys"] if key["KeyArn"] != theirs[0]}
    assert states == {"PendingDeletion"}


def test_a_given_key_gets_the_statements_and_nothing_else(emulator: Any, run: Any) -> None:
    own = make_key(emulator, Description="theirs")
    result = run(keys={"us-west-2": own}, tags={"Team": "platform"})
    assert result["source_keys"]["us-west-2"] == {"key_arn": own, "alias_arn": None, "kms_key_id": own}
    kms = emulator.client(SOURCE, "kms", "us-west-2")
    assert kms.describe_key(KeyId=own)["KeyMetadata"]["Description"] == "theirs"
    assert not kms.get_key_rotation_status(KeyId=own)["KeyRotationEnabled"]
    assert kms.list_resource_tags(KeyId=own)["Tags"] == []
    document = key_policy(emulator, "us-west-2", own)
    statements = {statement.get("Sid") for statement in policy.statements_of(document)}
    assert {"GoldenImageBuilderDestinationsUse", "GoldenImageBuilderDestinationsGrants"} < statements
    assert "GoldenImageBuilderOwner" not in statements
    assert ALIAS not in {alias["AliasName"] for alias in kms.list_aliases()["Aliases"]}
    emulator.reset_calls()
    assert not run(keys={"us-west-2": own.split("/")[1]}, tags={"Team": "platform"})["changed"]


def test_an_existing_alias_is_adopted(emulator: Any, run: Any) -> None:
    own = make_key(emulator)
    emulator.client(SOURCE, "kms", "us-west-2").create_alias(AliasName="alias/theirs", TargetKeyId=own)
    assert run(alias="theirs")["source_keys"]["us-west-2"]["key_arn"] == own


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda kms, key: kms.disable_key(KeyId=key), "is in state Disabled: enable it"),
        (lambda kms, key: kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7), "cancel the deletion"),
    ],
)
def test_an_unusable_key_is_told_and_does_not_stop_other_regions(emulator: Any, run: Any, spoil: Any, said: str) -> None:
    own = make_key(emulator)
    spoil(emulator.client(SOURCE, "kms", "us-west-2"), own.split("/")[1])
    result = run(keys={"us-west-2": own}, fail_on_error=False)
    west, europe = result["outcomes"]
    assert (west["failed"], west["error_code"]) == (True, "UnusableKey")
    assert said in west["msg"]
    assert west["msg"].startswith(f"{SOURCE} (account {SOURCE}, us-west-2): ")
    assert europe["changed"]
    assert list(result["source_keys"]) == ["eu-west-1"]


def test_an_asymmetric_key_is_refused(emulator: Any, run: Any) -> None:
    own = make_key(emulator, KeyUsage="SIGN_VERIFY", KeySpec="RSA_2048")
    assert "symmetric encryption keys only" in run(keys={"us-west-2": own}, fail_on_error=False)["outcomes"][0]["msg"]


def test_failure_fails_the_task_with_all_outcomes(emulator: Any, run: Any) -> None:
    missing = f"arn:aws:kms:us-west-2:{SOURCE}:key/11111111-2222-3333-4444-555555555555"
    result = run(keys={"us-west-2": missing})
    assert result["failed"]
    assert result["msg"].startswith("1 of 2 failed:\n")
    assert "DescribeKey failed with NotFoundException" in result["msg"]
    assert [outcome["failed"] for outcome in result["outcomes"]] == [True, False]
    assert list(result["source_keys"]) == ["eu-west-1"]


def test_a_source_entered_by_role(emulator: Any, run: Any) -> None:
    source = {"account_id": PAYMENTS, "name": "factory", "assume_role_arn": "OrganizationAccountAccessRole", "regions": REGIONS}
    result = run(account=source, regions=None, destination_account_ids=[SEARCH])
    assert [(outcome["account_id"], outcome["name"]) for outcome in result["outcomes"]] == [(PAYMENTS, "factory")] * 2
    assert {call.account for call in emulator.writes()} == {PAYMENTS}
    assert sum(call.operation == "AssumeRole" for call in emulator.calls()) == 1
    assert not any(call.operation == "GetCallerIdentity" for call in emulator.calls())


def test_credentials_of_another_account_are_refused(emulator: Any, run: Any) -> None:
    result = run(account={"account_id": PAYMENTS})
    assert result["failed"]
    assert f"are those of account {SOURCE}, not of {PAYMENTS}" in result["msg"]
    assert emulator.writes() == []


def test_everything_wrong_is_said_at_once_before_any_call(emulator: Any, run: Any) -> None:
    result = run(
        regions=["us-west-2", "us-wset-2", "us-west-2"],
        destination_account_ids=[22222222222, "33333333333a"],
        alias="aws/ebs",
        keys={"eu-west-1": "arn:aws:kms:eu-central-1:111111111111:key/1234abcd-12ab-34cd-56ef-1234567890ab", "us-west-2": "alias/aws/ebs"},
        build_instance_role_arns=["Builder"],
        account={"account_id": 111111111111},
    )
    assert result["failed"]
    assert {error["path"] for error in result["errors"]} == {
        "regions[1]",
        "regions[2]",
        "destination_account_ids[0]",
        "destination_account_ids[1]",
        "alias",
        "keys.eu-west-1",
        "keys.us-west-2",
        "build_instance_role_arns[0]",
        "account.account_id",
    }
    assert all(error["path"] in result["msg"] for error in result["errors"])
    assert emulator.calls() == []


def test_a_policy_too_long_for_kms_is_told_before_it_is_written(emulator: Any, run: Any) -> None:
    many = [f"{number:012d}" for number in range(500)]
    result = run(destination_account_ids=many)
    assert "KMS takes 32768" in result["msg"]
    assert emulator.writes() == []
