# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module source_keys against the emulator: one source, two destinations, two Regions."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from unittest.mock import patch

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._access import keys, policy, writing
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.key_work import KeyWork
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.run import Outcome
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.sessions import Sessions
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import Target
from ansible_collections.golden.imagebuilder.tests.emulator.images import BlockDevice, register_image
from moto.core.exceptions import JsonRESTError
from moto.iam.models import iam_backends
from moto.kms.models import kms_backends
from moto.kms.responses import KmsResponse

pytestmark = pytest.mark.usefixtures("nobody_else_writes")

SOURCE, PAYMENTS, SEARCH = "111111111111", "222222222222", "333333333333"
REGIONS = ["us-west-2", "eu-west-1"]
ALIAS = "alias/golden-imagebuilder"
OWNER = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{SOURCE}:root"}, "Action": "kms:*", "Resource": "*"}
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


def test_revoked_accounts_lose_policy_and_grant_and_the_others_stay(emulator: Any, run: Any) -> None:
    run(auto_scaling_grants=True)
    options = {"destination_account_ids": [], "revoked_account_ids": [PAYMENTS, "999999999999"]}
    result = run(**options)
    assert (result["changed"], result.get("warnings", [])) == (True, [])
    for region in REGIONS:
        assert destinations_of(key_policy(emulator, region)) == roots(SEARCH)
        assert grantees(emulator, region) == auto_scaling(SEARCH)
    assert not run(**options)["changed"]
    assert "as before" in str(run(**options, destination_organization_ids=["o-a1b2c3d4e5"])["warnings"])


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


def test_a_new_key_that_another_run_takes_for_an_interrupted_one_is_kept(emulator: Any, run: Any) -> None:
    """The other run makes the alias for our key, between our making the key and our making the alias."""
    create_alias = KmsResponse.create_alias
    adopted: list[str] = []

    def racing(self: Any) -> Any:
        if not adopted:
            adopted.append(self._get_param("TargetKeyId"))
            emulator.client(SOURCE, "kms", "us-west-2").create_alias(AliasName=ALIAS, TargetKeyId=adopted[0])
        return create_alias(self)

    with patch.object(KmsResponse, "create_alias", racing):
        result = run(regions=["us-west-2"])
    assert result["source_keys"]["us-west-2"]["key_arn"].endswith(adopted[0])
    assert state_of(emulator, "us-west-2") == "Enabled"


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
    result = run(destination_account_ids=many, organization_when_too_long=False)
    assert "KMS takes 32768" in result["msg"]
    assert emulator.writes() == []


# --- organizations ---------------------------------------------------------------------------------------------------------------------------


def sids(document: dict[str, Any]) -> set[str]:
    return {statement["Sid"].removeprefix("GoldenImageBuilder") for statement in document["Statement"]}


def test_too_many_accounts_become_the_organization_of_the_source(emulator: Any, run: Any) -> None:
    home = emulator.client(SOURCE, "organizations").describe_organization()["Organization"]["Id"]
    many = [PAYMENTS, *(f"{number:012d}" for number in range(1500))]
    emulator.reset_calls()
    result = run(destination_account_ids=many)
    assert sum(call.operation == "DescribeOrganization" for call in emulator.calls()) == 1
    assert [home in str(warning) for warning in result["warnings"]] == [True, True]
    for region in REGIONS:
        document = key_policy(emulator, region)
        assert sids(document) == {"Owner", "OrganizationsUse", "OrganizationsGrants"}
        assert document["Statement"][1]["Condition"] == {"StringEquals": {"aws:PrincipalOrgID": [home]}}
    emulator.client(PAYMENTS, "kms", REGIONS[0]).describe_key(KeyId=result["source_keys"][REGIONS[0]]["key_arn"])  # a member may
    emulator.reset_calls()
    again = run(destination_account_ids=many)
    assert (again["changed"], again.get("warnings", [])) == (False, [])
    assert sorted(call.operation for call in emulator.calls()) == sorted(
        ["GetCallerIdentity", *["DescribeKey", "GetKeyPolicy", "GetKeyRotationStatus"] * 2]
    )


def test_organizations_and_units_as_destinations(emulator: Any, run: Any) -> None:
    unit = "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111"
    options = {"destination_account_ids": [], "destination_organization_ids": ["o-a1b2c3d4e5"], "destination_organizational_unit_paths": [unit]}
    assert run(**options)["changed"]
    assert sids(key_policy(emulator, "us-west-2")) == {
        "Owner",
        "OrganizationsUse",
        "OrganizationsGrants",
        "OrganizationalUnitsUse",
        "OrganizationalUnitsGrants",
    }
    emulator.reset_calls()
    assert not run(**options)["changed"]
    assert emulator.writes() == []
    run(destination_account_ids=[], purge=True)
    assert sids(key_policy(emulator, "us-west-2")) == {"Owner"}


# --- multi-Region keys -----------------------------------------------------------------------------------------------------------------------


def described(emulator: Any, region: str, key: str = ALIAS) -> dict[str, Any]:
    metadata: dict[str, Any] = emulator.client(SOURCE, "kms", region).describe_key(KeyId=key)["KeyMetadata"]
    return metadata


def test_a_multi_region_key_has_a_replica_with_its_own_policy_in_every_other_region(emulator: Any, run: Any) -> None:
    regions = [*REGIONS, "eu-central-1"]
    predicted = run(check_mode=True, multi_region=True, regions=regions)
    assert emulator.writes() == []
    result = run(multi_region=True, regions=regions)
    assert predicted["diff"] == result["diff"]
    primary, *replicas = [described(emulator, region) for region in regions]
    assert primary["MultiRegionConfiguration"]["MultiRegionKeyType"] == "PRIMARY"
    for region, replica in zip(regions[1:], replicas, strict=True):
        assert replica["KeyId"] == primary["KeyId"]
        assert replica["MultiRegionConfiguration"]["MultiRegionKeyType"] == "REPLICA"
        assert replica["Arn"] == result["source_keys"][region]["key_arn"]
        assert replica["Description"] == primary["Description"] != ""
        assert emulator.client(SOURCE, "kms", region).list_resource_tags(KeyId=replica["KeyId"])["Tags"] != []
        assert destinations_of(key_policy(emulator, region)) == roots(PAYMENTS, SEARCH)
    assert emulator.client(SOURCE, "kms", regions[1]).get_key_rotation_status(KeyId=primary["KeyId"])["KeyRotationEnabled"]
    emulator.reset_calls()
    assert not run(multi_region=True, regions=regions)["changed"]
    assert emulator.writes() == []


def test_replicas_are_added_and_changed_one_by_one(emulator: Any, run: Any) -> None:
    run(multi_region=True, regions=REGIONS[:1])
    emulator.client(SOURCE, "kms", REGIONS[0]).replicate_key(KeyId=described(emulator, REGIONS[0])["KeyId"], ReplicaRegion=REGIONS[1])
    result = run(multi_region=True, regions=[*REGIONS, "eu-central-1"], enable_key_rotation=False)
    assert [outcome["changed"] for outcome in result["outcomes"]] == [True, True, True]
    assert len({described(emulator, region)["KeyId"] for region in [*REGIONS, "eu-central-1"]}) == 1
    assert "GoldenImageBuilderDestinationsUse" in {statement["Sid"] for statement in key_policy(emulator, REGIONS[1])["Statement"]}
    assert not emulator.client(SOURCE, "kms", "eu-central-1").get_key_rotation_status(KeyId=described(emulator, REGIONS[0])["KeyId"])[
        "KeyRotationEnabled"
    ]
    # With the Regions in another order the primary key stays where it is.
    assert not run(multi_region=True, regions=["eu-central-1", *REGIONS], enable_key_rotation=False)["changed"]
    # Without the option, keys are taken as they are.
    assert not run(regions=REGIONS, enable_key_rotation=False)["changed"]


def test_a_replica_that_another_run_makes_meanwhile_is_taken(emulator: Any, run: Any) -> None:
    replicate_key = KmsResponse.replicate_key
    theirs: list[str] = []

    def racing(self: Any) -> Any:
        if not theirs:
            theirs.append(replicate_key(self))
            emulator.client(SOURCE, "kms", "eu-west-1").create_alias(AliasName=ALIAS, TargetKeyId=self._get_param("KeyId"))
        return replicate_key(self)

    with patch.object(KmsResponse, "replicate_key", racing):
        result = run(multi_region=True)
    assert [(outcome["changed"], outcome["failed"]) for outcome in result["outcomes"]] == [(True, False), (False, False)], "theirs is as wanted"
    assert described(emulator, "eu-west-1")["KeyId"] == described(emulator, "us-west-2")["KeyId"]
    assert destinations_of(key_policy(emulator, "eu-west-1")) == roots(PAYMENTS, SEARCH)


def test_keys_that_can_be_no_multi_region_key_are_told(emulator: Any, run: Any) -> None:
    run(regions=["us-west-2"])
    result = run(multi_region=True, fail_on_error=False)
    assert [outcome["error_code"] for outcome in result["outcomes"]] == ["NotMultiRegion", "NoPrimaryKey"]
    assert "a key of one Region, which it stays for ever" in result["outcomes"][0]["msg"]
    other = make_key(emulator, "eu-west-1", MultiRegion=True)
    emulator.client(SOURCE, "kms", "eu-west-1").create_alias(AliasName="alias/many", TargetKeyId=other)
    result = run(multi_region=True, alias="many", fail_on_error=False)
    assert [outcome.get("error_code") for outcome in result["outcomes"]] == [None, "UnrelatedKey"]
    assert other in result["outcomes"][1]["msg"]


def test_a_given_key_stands_beside_a_multi_region_key(emulator: Any, run: Any) -> None:
    own = make_key(emulator, "us-west-2")
    result = run(multi_region=True, keys={"us-west-2": own}, regions=[*REGIONS, "eu-central-1"])
    assert result["source_keys"]["us-west-2"]["key_arn"] == own
    assert described(emulator, "eu-west-1")["MultiRegionConfiguration"]["MultiRegionKeyType"] == "PRIMARY"
    assert described(emulator, "eu-central-1")["KeyId"] == described(emulator, "eu-west-1")["KeyId"]


# --- Auto Scaling ----------------------------------------------------------------------------------------------------------------------------


def grantees(emulator: Any, region: str) -> list[str]:
    kms = emulator.client(SOURCE, "kms", region)
    grants = kms.list_grants(KeyId=described(emulator, region)["KeyId"])["Grants"]
    return sorted(grant["GranteePrincipal"] for grant in grants)


def auto_scaling(*account_ids: str) -> list[str]:
    return [f"arn:aws:iam::{one}:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling" for one in account_ids]


def test_auto_scaling_of_destinations_gets_grants(emulator: Any, run: Any) -> None:
    run()
    kms = emulator.client(SOURCE, "kms", "us-west-2")
    kms.create_grant(KeyId=described(emulator, "us-west-2")["KeyId"], GranteePrincipal=auto_scaling(SEARCH)[0], Operations=["Decrypt"], Name="theirs")
    predicted = run(check_mode=True, auto_scaling_grants=True)
    result = run(auto_scaling_grants=True)
    assert predicted["diff"] == result["diff"]
    assert result["diff"][0]["after"]["auto_scaling_grants"] == [PAYMENTS, SEARCH]
    assert grantees(emulator, "us-west-2") == auto_scaling(PAYMENTS, SEARCH, SEARCH)
    emulator.reset_calls()
    assert not run(auto_scaling_grants=True)["changed"]
    assert emulator.writes() == []
    assert run(auto_scaling_grants=True, destination_account_ids=[PAYMENTS])["changed"] is False
    assert run(auto_scaling_grants=True, destination_account_ids=[PAYMENTS], purge=True)["changed"]
    assert grantees(emulator, "us-west-2") == auto_scaling(PAYMENTS, SEARCH)
    assert run(purge=True)["changed"]
    assert grantees(emulator, "eu-west-1") == []


def test_an_account_without_the_role_of_auto_scaling_is_told_and_the_others_have_their_grants(emulator: Any, run: Any) -> None:
    create_grant = KmsResponse.create_grant

    def knowing_search_only(self: Any) -> Any:
        if PAYMENTS in self._get_param("GranteePrincipal"):
            raise JsonRESTError("InvalidArnException", "ARN does not refer to a valid principal")
        return create_grant(self)

    with patch.object(KmsResponse, "create_grant", knowing_search_only):
        result = run(auto_scaling_grants=True, regions=["us-west-2"], fail_on_error=False)
    assert result["outcomes"][0]["error_code"] == "NoAutoScalingRole"
    assert PAYMENTS in result["outcomes"][0]["msg"]
    assert grantees(emulator, "us-west-2") == auto_scaling(SEARCH)


# --- deletion --------------------------------------------------------------------------------------------------------------------------------


def state_of(emulator: Any, region: str, key: str = ALIAS) -> str:
    return str(described(emulator, region, key)["KeyState"])


def test_deletion_waits_and_is_asked_for_once(emulator: Any, run: Any) -> None:
    run()
    emulator.reset_calls()
    predicted = run(state="absent", pending_window_in_days=9, check_mode=True)
    assert emulator.writes() == []
    result = run(state="absent", pending_window_in_days=9)
    assert result["diff"] == predicted["diff"]
    assert result["diff"][0]["after"] == {"state": "PendingDeletion", "pending_window_in_days": 9}
    assert {state_of(emulator, region) for region in REGIONS} == {"PendingDeletion"}
    metadata = described(emulator, "us-west-2")
    assert 8 <= (metadata["DeletionDate"] - metadata["CreationDate"]).days <= 9
    assert not run(state="absent")["changed"]
    assert "cancel the deletion" in run(fail_on_error=False)["outcomes"][0]["msg"]


def test_what_is_not_there_is_absent(emulator: Any, run: Any) -> None:
    assert not run(state="absent")["changed"]
    assert emulator.writes() == []


def test_a_key_of_somebody_else_is_not_deleted(emulator: Any, run: Any) -> None:
    own = make_key(emulator)
    emulator.client(SOURCE, "kms", "us-west-2").create_alias(AliasName=ALIAS, TargetKeyId=own)
    run(regions=["us-west-2"])
    result = run(state="absent", regions=["us-west-2"], fail_on_error=False)
    assert result["outcomes"][0]["error_code"] == "KeyNotOurs"
    assert state_of(emulator, "us-west-2") == "Enabled"


def encrypted_image(account_id: str, key_arn: str) -> tuple[str, str]:
    """The ids of an AMI and of its snapshot, the second of two, that is encrypted with a key."""
    image = register_image(account_id, "us-west-2", "golden", [BlockDevice(), BlockDevice("/dev/xvdb", kms_key_arn=key_arn)])
    return image.id, image.devices[1].snapshot_id


def test_a_key_that_an_image_needs_is_not_deleted(emulator: Any, run: Any) -> None:
    key_arn = run(regions=["us-west-2"])["source_keys"]["us-west-2"]["key_arn"]
    image, snapshot = encrypted_image(SOURCE, key_arn)
    options = {"state": "absent", "regions": ["us-west-2"], "fail_on_error": False}
    told = run(**options)["outcomes"][0]
    assert told["error_code"] == "KeyInUse"
    assert f"{image} ({snapshot}) of {SOURCE}" in told["msg"]
    assert state_of(emulator, "us-west-2") == "Enabled"
    ec2 = emulator.client(SOURCE, "ec2", "us-west-2")
    ec2.deregister_image(ImageId=image)
    assert f"needed to read {snapshot} of {SOURCE}" in run(**options)["outcomes"][0]["msg"]
    ec2.delete_snapshot(SnapshotId=snapshot)
    assert run(**options)["changed"]


def test_copies_in_other_accounts_count_too(emulator: Any, run: Any) -> None:
    key_arn = run(regions=["us-west-2"])["source_keys"]["us-west-2"]["key_arn"]
    image, _snapshot = encrypted_image(PAYMENTS, key_arn)
    others = [{"account_id": PAYMENTS, "name": "payments", "assume_role_arn": "OrganizationAccountAccessRole"}]
    told = run(state="absent", regions=["us-west-2"], snapshot_accounts=others, fail_on_error=False)["outcomes"][0]
    assert told["error_code"] == "KeyInUse"
    assert f"{image} (" in told["msg"]
    assert "of payments" in told["msg"]


def test_a_multi_region_key_goes_with_its_replicas(emulator: Any, run: Any) -> None:
    run(multi_region=True)
    assert run(multi_region=True, state="absent")["changed"]
    assert state_of(emulator, "eu-west-1") == "PendingDeletion"
    assert state_of(emulator, "us-west-2") in ("PendingDeletion", "PendingReplicaDeletion")
    assert not run(multi_region=True, state="absent")["changed"]


def test_wrong_wishes_about_deletion_are_told_at_once(emulator: Any, run: Any) -> None:
    result = run(state="absent", pending_window_in_days=5, keys={"us-west-2": "alias/x"}, snapshot_accounts=[{"account_id": "1"}])
    assert {error["path"] for error in result["errors"]} == {"pending_window_in_days", "keys", "snapshot_accounts[0].account_id"}
    assert emulator.calls() == []


# --- partitions ------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("region", "partition"), [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")])
def test_everything_is_of_the_partition(region: str, partition: str, emulator: Any, run: Any) -> None:
    iam = iam_backends[SOURCE][partition]
    iam.create_user(region, "administrator")
    everything = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
    iam.put_user_policy("administrator", "everything", json.dumps(everything))
    result = run(regions=[region], auto_scaling_grants=True)
    assert result["source_keys"][region]["key_arn"].startswith(f"arn:{partition}:kms:{region}:")
    assert destinations_of(key_policy(emulator, region)) == {tuple(f"arn:{partition}:iam::{one}:root" for one in (PAYMENTS, SEARCH))}
    assert all(one.startswith(f"arn:{partition}:iam::") for one in grantees(emulator, region))
    assert not run(regions=[region], auto_scaling_grants=True)["changed"]


def test_another_partition_is_refused(emulator: Any, run: Any) -> None:
    result = run(regions=["us-west-2", "cn-north-1"], build_instance_role_arns=[f"arn:aws-cn:iam::{SOURCE}:role/Builder"])
    assert {error["path"] for error in result["errors"]} == {"regions[1]", "build_instance_role_arns[0]"}
    assert emulator.calls() == []


# --- drift and other writers -----------------------------------------------------------------------------------------------------------------


def test_a_deleted_role_in_our_statement_is_shown_and_taken_out(emulator: Any, run: Any) -> None:
    own = make_key(emulator)
    kms = emulator.client(SOURCE, "kms", "us-west-2")
    remains = {
        "Sid": "GoldenImageBuilderBuildInstances",
        "Effect": "Allow",
        "Action": "kms:Decrypt",
        "Resource": "*",
        "Principal": {"AWS": "AROAEXAMPLEEXAMPLE123"},
    }
    key = kms_backends[SOURCE]["us-west-2"].keys[own.split("/")[1]]
    key.policy = json.dumps({"Version": "2012-10-17", "Statement": [OWNER, remains]})  # as AWS rewrites it, which no call can do
    options = {"regions": ["us-west-2"], "keys": {"us-west-2": own}, "build_instance_role_arns": ["arn:aws:iam::999999999999:role/Builder"]}
    result = run(**options)
    shown = {statement["Sid"]: statement["Principal"] for statement in result["diff"][0]["before"]["policy"]["Statement"] if "Sid" in statement}
    assert shown["GoldenImageBuilderBuildInstances"] == {"AWS": "AROAEXAMPLEEXAMPLE123 (a role that was deleted)"}
    assert "AROA" not in kms.get_key_policy(KeyId=own, PolicyName="default")["Policy"]


def test_a_deleted_role_in_a_statement_of_others_is_told_with_its_statement(emulator: Any, run: Any) -> None:
    own = make_key(emulator)
    theirs = {"Sid": "Theirs", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*", "Principal": {"AWS": "AROAEXAMPLEEXAMPLE123"}}
    kms_backends[SOURCE]["us-west-2"].keys[own.split("/")[1]].policy = json.dumps({"Version": "2012-10-17", "Statement": [OWNER, theirs]})
    result = run(regions=["us-west-2"], keys={"us-west-2": own}, fail_on_error=False)
    assert result["outcomes"][0]["error_code"] == "DeletedPrincipal"
    assert "statement Theirs: AROAEXAMPLEEXAMPLE123 (a role that was deleted)" in result["outcomes"][0]["msg"]


def test_a_role_that_iam_does_not_know_everywhere_yet_is_waited_for(emulator: Any, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    create_key = KmsResponse.create_key
    refused: list[str] = []

    def not_yet(self: Any) -> Any:
        if len(refused) < 3:
            refused.append(self.region)
            raise JsonRESTError("MalformedPolicyDocumentException", "Policy contains a statement with one or more invalid principals.")
        return create_key(self)

    with patch.object(KmsResponse, "create_key", not_yet):
        result = run(regions=["us-west-2"])
    assert (result["changed"], result["failed"], len(refused)) == (True, False, 3)


def test_two_runs_at_the_same_time_end_with_the_destinations_of_both(emulator: Any, run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both have read the policy before one of them writes it; the later write takes the earlier one's destinations away, for a moment."""
    run(destination_account_ids=[], regions=["us-west-2"])
    monkeypatch.setattr(writing, "WINDOW", 0.4)
    both_have_read = threading.Barrier(2, timeout=20)

    def ensure(account_id: str) -> Outcome:
        settings = keys.KeySettings(alias=ALIAS, destination_account_ids=[account_id])
        work = KeyWork(MachineSessions(emulator, both_have_read), settings, check_mode=False)
        return work.ensure(Target(SOURCE, "factory"), ["us-west-2"], 1)[0]

    emulator.reset_calls()
    with ThreadPoolExecutor(2) as machines:
        outcomes = list(machines.map(ensure, [PAYMENTS, SEARCH]))
    assert [(outcome.changed, outcome.failed, outcome.msg) for outcome in outcomes] == [(True, False, "")] * 2
    assert [call.operation for call in emulator.writes()] == ["PutKeyPolicy"] * 3, "the one whose write was lost writes again"
    assert destinations_of(key_policy(emulator, "us-west-2")) == roots(PAYMENTS, SEARCH)


class MachineSessions(Sessions):
    """A machine with the emulator's clients, of which the first to write a key policy waits for that of another machine."""

    def __init__(self, emulator: Any, both_have_read: threading.Barrier) -> None:
        self._kms = emulator.client(SOURCE, "kms", "us-west-2")
        waiting = [both_have_read]

        def wait(**_event: Any) -> None:
            if waiting:
                waiting.pop().wait()

        self._kms.meta.events.register("before-call.kms.PutKeyPolicy", wait)

    def client(self, _target: Target | None, _service: str, _region: str | None = None) -> Any:
        return self._kms

    def account_id(self, _target: Target | None) -> str:
        return SOURCE
