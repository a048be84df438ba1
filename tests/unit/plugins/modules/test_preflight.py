# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module preflight on the emulator: each check finds what is broken for it and nothing else, and its remedy, as printed, mends it.

That what is found would keep the image from its destinations, and that the mended run delivers, is seen from Image Builder.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.tests.broken_run import Broken, mended_by_commands, mended_by_tasks
from ansible_collections.golden.imagebuilder.tests.emulator.server import EmulatorServer
from ansible_collections.golden.imagebuilder.tests.organization import (
    BUILD_REGION,
    DISTRIBUTION_ROLE,
    INSTANCE_PROFILE,
    INSTANCE_TRUST,
    REGIONS,
    SOURCE,
)
from ansible_collections.golden.imagebuilder.tests.ready_run import PAYMENTS, SEARCH, Ready, policy

pytestmark = pytest.mark.xdist_group("preflight")

OTHER_REGION = REGIONS[1]
OPT_IN_REGION = "eu-central-2"
STRANGER = "999999999999"
MANAGED_POLICY = "arn:aws:iam::aws:policy/Ec2ImageBuilderCrossAccountDistributionAccess"
KMS_POLICY = "GoldenImageBuilderKms"
EXECUTION_ROLE = "ImageBuilderExecutionRole"
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


@pytest.fixture(scope="module")
def emulator() -> Iterator[EmulatorServer]:
    with EmulatorServer(accounts=[SOURCE, PAYMENTS, SEARCH], seconds_per_state=0.005) as running:
        yield running


@pytest.fixture
def empty(emulator: EmulatorServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ready:
    emulator.reset()
    for name, value in emulator.environment(SOURCE).items():
        monkeypatch.setenv(name, value)
    return Ready(emulator, tmp_path)


@pytest.fixture
def ready(empty: Ready) -> Ready:
    empty.make()
    empty.emulator.reset_calls()
    return empty


# --- what is broken --------------------------------------------------------------------------------------------------------------------------


def iam(ready: Ready, account_id: str = PAYMENTS) -> Any:
    return ready.client("iam", account_id)


def put_policy(ready: Ready, name: str, *statements: dict[str, Any]) -> None:
    iam(ready).put_role_policy(RoleName=DISTRIBUTION_ROLE, PolicyName=name, PolicyDocument=policy(*statements))


def delete_role(ready: Ready) -> None:
    role = {"RoleName": DISTRIBUTION_ROLE}
    for name in iam(ready).list_role_policies(**role)["PolicyNames"]:
        iam(ready).delete_role_policy(**role, PolicyName=name)
    iam(ready).detach_role_policy(**role, PolicyArn=MANAGED_POLICY)
    iam(ready).delete_role(**role)


def move_role(ready: Ready) -> None:
    trust = iam(ready).get_role(RoleName=DISTRIBUTION_ROLE)["Role"]["AssumeRolePolicyDocument"]
    delete_role(ready)
    iam(ready).create_role(RoleName=DISTRIBUTION_ROLE, Path="/images/", AssumeRolePolicyDocument=json.dumps(trust))
    iam(ready).attach_role_policy(RoleName=DISTRIBUTION_ROLE, PolicyArn=MANAGED_POLICY)
    put_policy(ready, "Everything", EVERYTHING)


def trust_another(ready: Ready) -> None:
    trust = policy({"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{SEARCH}:root"}, "Action": "sts:AssumeRole"})
    iam(ready).update_assume_role_policy(RoleName=DISTRIBUTION_ROLE, PolicyDocument=trust)


def trust_with_external_id(ready: Ready) -> None:
    condition = {"StringEquals": {"sts:ExternalId": "images"}}
    principal = {"AWS": f"arn:aws:iam::{SOURCE}:root"}
    trust = policy({"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole", "Condition": condition})
    iam(ready).update_assume_role_policy(RoleName=DISTRIBUTION_ROLE, PolicyDocument=trust)


def detach_managed_policy(ready: Ready) -> None:
    iam(ready).detach_role_policy(RoleName=DISTRIBUTION_ROLE, PolicyArn=MANAGED_POLICY)


def take_kms_action(ready: Ready) -> None:
    found = iam(ready).get_role_policy(RoleName=DISTRIBUTION_ROLE, PolicyName=KMS_POLICY)["PolicyDocument"]
    for statement in found["Statement"]:
        statement["Action"] = [action for action in statement["Action"] if action != "kms:CreateGrant"]
    put_policy(ready, KMS_POLICY, *found["Statement"])


def take_parameter(ready: Ready) -> None:
    iam(ready).delete_role_policy(RoleName=DISTRIBUTION_ROLE, PolicyName="GoldenImageBuilderParameters")


def deny_inline(ready: Ready) -> None:
    kept = {"Sid": "Kept", "Effect": "Deny", "Action": "iam:*", "Resource": "*"}
    put_policy(ready, "Guard", kept, {"Effect": "Deny", "Action": "ec2:CopyImage", "Resource": "*"})


def deny_managed(ready: Ready) -> None:
    document = policy({"Effect": "Deny", "Action": "kms:CreateGrant", "Resource": "*"})
    arn = iam(ready).create_policy(PolicyName="Guard", PolicyDocument=document)["Policy"]["Arn"]
    iam(ready).attach_role_policy(RoleName=DISTRIBUTION_ROLE, PolicyArn=arn)


def bound(ready: Ready) -> None:
    document = policy({"Effect": "Allow", "Action": "ec2:*", "Resource": "*"})
    arn = iam(ready).create_policy(PolicyName="Boundary", PolicyDocument=document)["Policy"]["Arn"]
    iam(ready).put_role_permissions_boundary(RoleName=DISTRIBUTION_ROLE, PermissionsBoundary=arn)


def make_execution_role(ready: Ready, *statements: dict[str, Any]) -> None:
    ready.execution_role = f"arn:aws:iam::{SOURCE}:role/{EXECUTION_ROLE}"
    trust = INSTANCE_TRUST.replace("ec2.amazonaws.com", "imagebuilder.amazonaws.com")
    iam(ready, SOURCE).create_role(RoleName=EXECUTION_ROLE, AssumeRolePolicyDocument=trust)
    if statements:
        iam(ready, SOURCE).put_role_policy(RoleName=EXECUTION_ROLE, PolicyName="own", PolicyDocument=policy(*statements))


def name_no_execution_role(ready: Ready) -> None:
    make_execution_role(ready, EVERYTHING)
    iam(ready, SOURCE).delete_role_policy(RoleName=EXECUTION_ROLE, PolicyName="own")
    iam(ready, SOURCE).delete_role(RoleName=EXECUTION_ROLE)


def forbid_execution_role_to_assume(ready: Ready) -> None:
    make_execution_role(ready, {**EVERYTHING, "Action": ["ec2:*", "kms:*", "ssm:*", "imagebuilder:*"]})


def disable_key(ready: Ready) -> None:
    ready.client("kms", region=OTHER_REGION).disable_key(KeyId=ready.keys[OTHER_REGION])


def schedule_deletion(ready: Ready) -> None:
    ready.client("kms", region=OTHER_REGION).schedule_key_deletion(KeyId=ready.keys[OTHER_REGION], PendingWindowInDays=7)


def make_key(ready: Ready, region: str, **settings: Any) -> str:
    return str(ready.client("kms", region=region).create_key(**settings)["KeyMetadata"]["Arn"])


def use_key_of_another_region(ready: Ready) -> None:
    ready.with_key(OTHER_REGION, ready.keys[BUILD_REGION])


def use_missing_key(ready: Ready) -> None:
    ready.with_key(OTHER_REGION, ready.keys[BUILD_REGION].replace(BUILD_REGION, OTHER_REGION))


def use_missing_alias(ready: Ready) -> None:
    ready.with_key(OTHER_REGION, f"arn:aws:kms:{OTHER_REGION}:{SOURCE}:alias/images")


def use_key_id(ready: Ready) -> None:
    ready.with_key(OTHER_REGION, ready.keys[OTHER_REGION].rpartition("/")[2])


def use_signing_key(ready: Ready) -> None:
    ready.with_key(OTHER_REGION, make_key(ready, OTHER_REGION, KeySpec="RSA_2048", KeyUsage="SIGN_VERIFY"))


def use_key_of_aws(ready: Ready) -> None:
    kms = ready.client("kms", region=OTHER_REGION)
    ready.with_key(OTHER_REGION, kms.describe_key(KeyId="alias/aws/ebs")["KeyMetadata"]["Arn"])


def change_key_policy(ready: Ready, change: Callable[[dict[str, Any]], None], region: str = OTHER_REGION) -> None:
    kms = ready.client("kms", region=region)
    document = json.loads(kms.get_key_policy(KeyId=ready.keys[region], PolicyName="default")["Policy"])
    change(document)
    kms.put_key_policy(KeyId=ready.keys[region], PolicyName="default", Policy=json.dumps(document), BypassPolicyLockoutSafetyCheck=True)


def take_account_out_of_key(ready: Ready) -> None:
    def change(document: dict[str, Any]) -> None:
        for statement in document["Statement"]:
            principals = statement["Principal"]["AWS"]
            if isinstance(principals, list):
                statement["Principal"]["AWS"] = [principal for principal in principals if PAYMENTS not in principal]

    change_key_policy(ready, change)


def take_grants_out_of_key(ready: Ready) -> None:
    def change(document: dict[str, Any]) -> None:
        document["Statement"] = [statement for statement in document["Statement"] if "Grants" not in statement["Sid"]]

    change_key_policy(ready, change)


def deny_in_key(ready: Ready) -> None:
    denial = {"Sid": "Guard", "Effect": "Deny", "Principal": {"AWS": f"arn:aws:iam::{PAYMENTS}:root"}, "Action": "kms:CreateGrant", "Resource": "*"}
    change_key_policy(ready, lambda document: document["Statement"].append(denial))


def name_no_key(ready: Ready) -> None:
    del ready.distributions[1]["amiDistributionConfiguration"]["kmsKeyId"]
    ready.make_configuration()


def take_owner_out_of_key(ready: Ready) -> None:
    """Nobody of the source may use the key of the build any more, but whoever administers it."""

    def change(document: dict[str, Any]) -> None:
        owner = next(statement for statement in document["Statement"] if statement["Sid"] == "GoldenImageBuilderOwner")
        owner["Sid"], owner["Action"] = "Administration", ["kms:Put*", "kms:Get*", "kms:Describe*", "kms:List*"]

    change_key_policy(ready, change, BUILD_REGION)


BROKEN = {
    "no role": Broken(delete_role, "role_missing", cause="sts:AssumeRole"),
    "role at another path": Broken(move_role, "role_path", cause="sts:AssumeRole"),
    "role trusts another account": Broken(trust_another, "role_trust", cause="sts:AssumeRole"),
    "role wants an external id": Broken(trust_with_external_id, "role_trust", cause="sts:AssumeRole", new_command=False),
    "no managed policy": Broken(detach_managed_policy, "role_permissions", cause="ec2:"),
    "no kms:CreateGrant": Broken(take_kms_action, "role_permissions", cause="kms:CreateGrant", new_command=False),
    "no ssm:PutParameter": Broken(take_parameter, "role_permissions", cause="ssm:PutParameter", new_command=False),
    "denied by an inline policy": Broken(deny_inline, "role_denied", cause="ec2:CopyImage"),
    "denied by a managed policy": Broken(deny_managed, "role_denied", cause="kms:CreateGrant"),
    "bounded": Broken(bound, "role_boundary", cause="permissions boundary"),
    "no execution role": Broken(name_no_execution_role, "execution_role_missing", (SOURCE,)),
    "execution role may not assume": Broken(forbid_execution_role_to_assume, "execution_role_permissions", (SOURCE,), cause="sts:AssumeRole"),
    "key disabled": Broken(disable_key, "key_disabled", (SOURCE,), OTHER_REGION, cause="is disabled"),
    "key pending deletion": Broken(schedule_deletion, "key_pending_deletion", (SOURCE,), OTHER_REGION, cause="pending deletion"),
    "key of another Region": Broken(use_key_of_another_region, "key_region", (SOURCE,), OTHER_REGION, cause="", new_command=False),
    "key that there is not": Broken(use_missing_key, "key_missing", (SOURCE,), OTHER_REGION, cause="", new_command=False),
    "alias that there is not": Broken(use_missing_alias, "key_missing", (SOURCE,), OTHER_REGION, cause="", new_command=False),
    "key id without ARN": Broken(use_key_id, "key_form", (SOURCE,), OTHER_REGION, cause="is invalid"),
    "key for signing": Broken(use_signing_key, "key_kind", (SOURCE,), OTHER_REGION, cause="", new_command=False),
    "key of AWS": Broken(use_key_of_aws, "key_managed_by_aws", (SOURCE,), OTHER_REGION, cause="", new_command=False),
    "account not in the key's policy": Broken(take_account_out_of_key, "key_policy", (PAYMENTS,), OTHER_REGION, cause="kms:", new_command=False),
    "grants not in the key's policy": Broken(take_grants_out_of_key, "key_policy", (PAYMENTS, SEARCH), OTHER_REGION, cause="kms:CreateGrant"),
    "denied by the key's policy": Broken(deny_in_key, "key_denied", (PAYMENTS,), OTHER_REGION, cause="explicit deny"),
    "source not in the key's policy": Broken(take_owner_out_of_key, "key_policy", (SOURCE,), BUILD_REGION, cause="kms:"),
    "no key named": Broken(name_no_key, "key_not_named", (SOURCE,), OTHER_REGION, "warning", new_command=False),
}


@pytest.mark.parametrize("name", BROKEN)
def test_the_task_mends_what_is_broken(ready: Ready, name: str) -> None:
    mended_by_tasks(ready, BROKEN[name])


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, broken in BROKEN.items() if broken.new_command])
def test_the_command_mends_what_is_broken(ready: Ready, name: str) -> None:
    mended_by_commands(ready, BROKEN[name])


# --- accounts and Regions ----------------------------------------------------------------------------------------------------------------


def only(findings: list[dict[str, Any]]) -> dict[str, Any]:
    """The one finding that there is."""
    assert [finding["check"] for finding in findings[1:]] == [], json.dumps(findings, indent=1)
    return findings[0]


@pytest.mark.parametrize("way", ["remedy_task", "remedy_command"])
def test_a_region_that_a_destination_has_not_enabled(empty: Ready, way: str) -> None:
    empty.regions = (BUILD_REGION, OPT_IN_REGION)
    for account_id in (SOURCE, SEARCH):
        empty.client("account", account_id).enable_region(RegionName=OPT_IN_REGION)
    empty.make()

    finding = only(empty.findings())
    assert (finding["check"], finding["account_id"], finding["region"]) == ("region_not_enabled", PAYMENTS, OPT_IN_REGION)
    assert "AuthFailure" in empty.deliver()["reason"]

    (empty.run_task if way == "remedy_task" else empty.run_command)(finding[way])

    assert empty.findings() == []
    assert empty.deliver() == {"status": "AVAILABLE"}


def test_a_region_that_the_source_has_not_enabled(empty: Ready) -> None:
    empty.regions = (BUILD_REGION, OPT_IN_REGION)
    for account_id in (PAYMENTS, SEARCH):
        empty.client("account", account_id).enable_region(RegionName=OPT_IN_REGION)
    empty.make()
    finding = only(empty.findings())
    assert (finding["check"], finding["account_id"], finding["region"]) == ("region_not_enabled", SOURCE, OPT_IN_REGION)
    empty.run_task(finding["remedy_task"])
    assert empty.findings() == []


def test_credentials_of_another_account(ready: Ready) -> None:
    targets = [{key: value for key, value in ready.targets[0].items() if key != "assume_role_arn"}, ready.targets[1]]
    result = ready.preflight(targets=targets)
    assert only(result["findings"])["check"] == "account_mismatch"
    assert [outcome["failed"] for outcome in result["outcomes"]] == [False, True, False]
    assert SOURCE in result["outcomes"][1]["msg"]


def test_an_account_that_cannot_be_entered(ready: Ready) -> None:
    finding = only(ready.findings(targets=[{**ready.targets[0], "assume_role_arn": "NoSuchRole"}, ready.targets[1]]))
    assert (finding["check"], finding["severity"], finding["account_id"]) == ("account_not_entered", "error", PAYMENTS)
    assert "AssumeRole failed with AccessDenied" in finding["found"]


def test_an_account_that_nobody_can_look_into(ready: Ready) -> None:
    result = ready.preflight(targets=ready.targets[1:])
    finding = only(result["findings"])
    assert (finding["check"], finding["severity"], finding["account_id"]) == ("account_without_target", "unknown", PAYMENTS)
    assert [(outcome["account_id"], outcome["failed"]) for outcome in result["outcomes"]] == [(SOURCE, False), (SEARCH, False), (PAYMENTS, True)]


def test_a_target_that_gets_nothing(ready: Ready) -> None:
    finding = only(ready.findings(targets=[ready.targets[0], {**ready.targets[1], "regions": [*REGIONS, "us-east-1"]}]))
    assert (finding["check"], finding["severity"], finding["account_id"]) == ("delivery_missing", "warning", SEARCH)
    assert "us-east-1" in finding["found"]


# --- what may not be seen ------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("account_id", "operation", "check"),
    [
        (PAYMENTS, "DescribeRegions", "region_unknown"),
        (PAYMENTS, "GetRole", "role_unknown"),
        (PAYMENTS, "ListRolePolicies", "role_unknown"),
        (PAYMENTS, "GetRolePolicy", "role_permissions_unknown"),
        (SOURCE, "DescribeKey", "key_unknown"),
        (SOURCE, "GetKeyPolicy", "key_policy_unknown"),
    ],
)
def test_what_may_not_be_seen_is_no_pass(ready: Ready, account_id: str, operation: str, check: str) -> None:
    ready.emulator.disturb(denied_operations={account_id: [operation]})
    result = ready.preflight()
    assert {(finding["check"], finding["severity"], finding["account_id"]) for finding in result["findings"]} == {(check, "unknown", account_id)}
    assert all(f":{operation}" in finding["found"] + finding["needed"] for finding in result["findings"]), "the permission that is missing"
    assert [outcome["account_id"] for outcome in result["outcomes"] if outcome["failed"]] == [account_id]
    tolerant = ready.preflight(fail_on_unknown=False)
    assert tolerant["findings"] == result["findings"]
    assert not any(outcome["failed"] for outcome in tolerant["outcomes"])


def test_a_key_of_a_third_account_does_not_show_its_policy(ready: Ready) -> None:
    document = policy(
        {
            "Effect": "Allow",
            "Principal": {"AWS": [f"arn:aws:iam::{each}:root" for each in (SOURCE, PAYMENTS, SEARCH)]},
            "Action": "kms:*",
            "Resource": "*",
        }
    )
    kms = ready.client("kms", SEARCH, OTHER_REGION)
    key = kms.create_key(Policy=document)["KeyMetadata"]["Arn"]
    ready.with_key(OTHER_REGION, key)
    for account_id in (PAYMENTS, SEARCH):
        iam(ready, account_id).put_role_policy(
            RoleName=DISTRIBUTION_ROLE, PolicyName="more", PolicyDocument=policy({**EVERYTHING, "Action": "kms:*"})
        )
    finding = only(ready.findings())
    assert (finding["check"], finding["severity"], finding["account_id"]) == ("key_policy_unknown", "unknown", SOURCE)


def test_a_condition_that_nobody_knows_is_no_pass(ready: Ready) -> None:
    put_policy(
        ready, "Guard", {"Effect": "Deny", "Action": "ec2:CopyImage", "Resource": "*", "Condition": {"StringEquals": {"aws:RequestTag/Secret": "x"}}}
    )
    finding = only(ready.findings())
    assert (finding["check"], finding["severity"]) == ("role_permissions_unknown", "unknown")
    assert "Guard" in finding["needed"]


def test_what_a_service_control_policy_forbids_is_told_by_aws(ready: Ready) -> None:
    ready.emulator.disturb(denied_operations={PAYMENTS: ["CopyImage"]})
    finding = only(ready.findings())
    assert (finding["check"], finding["severity"], finding["account_id"]) == ("role_simulation", "error", PAYMENTS)
    assert "ec2:CopyImage" in finding["found"]
    assert "iam:SimulatePrincipalPolicy" in finding["found"]
    assert "not allowed by the organization" in finding["found"]
    assert ready.findings(simulate=False) == []


def test_without_the_simulator_the_documents_decide_alone(ready: Ready) -> None:
    ready.emulator.disturb(denied_operations={PAYMENTS: ["SimulatePrincipalPolicy"]})
    assert ready.findings() == []


def test_keys_that_are_open_to_the_organization(ready: Ready) -> None:
    organization = ready.client("organizations").describe_organization()["Organization"]["Id"]
    ready.module("source_keys", regions=list(REGIONS), destination_organization_ids=[organization], revoked_account_ids=[PAYMENTS, SEARCH])
    assert ready.findings() == []
    for region in REGIONS:

        def another(document: dict[str, Any]) -> None:
            text = json.dumps(document).replace(organization, "o-aaaaaaaaaa")
            document.clear()
            document.update(json.loads(text))

        change_key_policy(ready, another, region)
    assert {(finding["check"], finding["account_id"]) for finding in ready.findings()} == {("key_policy", PAYMENTS), ("key_policy", SEARCH)}


# --- organizations and their units -----------------------------------------------------------------------------------------------------------


def move_to_unit(ready: Ready, account_id: str, *names: str) -> list[str]:
    """Put an account into a unit below others that are made for it; the ids from the root down to it."""
    organizations = ready.client("organizations")
    ids = [organizations.list_roots()["Roots"][0]["Id"]]
    for name in names:
        ids.append(organizations.create_organizational_unit(ParentId=ids[-1], Name=name)["OrganizationalUnit"]["Id"])
    organizations.move_account(AccountId=account_id, SourceParentId=ids[0], DestinationParentId=ids[-1])
    return ids


def open_to_unit(ready: Ready) -> list[str]:
    """Have the keys open to a unit only, below which payments is, and search is not; the ids from the root down to payments."""
    ids = move_to_unit(ready, PAYMENTS, "Workloads", "Money")
    organization = ready.client("organizations").describe_organization()["Organization"]["Id"]
    unit = f"{organization}/{'/'.join(ids[:2])}"
    opened = {"destination_organizational_unit_paths": [unit], "revoked_account_ids": [PAYMENTS, SEARCH]}
    assert not ready.module("source_keys", regions=list(REGIONS), **opened)["failed"]
    ready.emulator.reset_calls()
    return ids


def with_units(ready: Ready, **ids: list[str]) -> list[dict[str, Any]]:
    return [{**target, "organizational_unit_ids": ids[target["name"]]} for target in ready.targets]


def kinds(findings: list[dict[str, Any]]) -> set[tuple[str, str, str]]:
    return {(each["check"], each["severity"], each["account_id"]) for each in findings}


def callers(ready: Ready, operation: str) -> list[str]:
    return [call.account for call in ready.emulator.calls() if call.operation == operation]


def test_keys_that_are_open_to_an_organizational_unit(ready: Ready) -> None:
    ids = open_to_unit(ready)
    assert kinds(ready.findings()) == {("key_policy", "error", SEARCH)}
    assert callers(ready, "ListParents") == [SOURCE] * 5, "once for each account and each unit that has one above"
    assert "kms:" in ready.deliver()["reason"]
    ready.client("organizations").move_account(AccountId=SEARCH, SourceParentId=ids[0], DestinationParentId=ids[1])
    assert ready.findings() == []
    assert ready.deliver() == {"status": "AVAILABLE"}


def test_units_that_the_targets_tell(ready: Ready) -> None:
    ids = open_to_unit(ready)
    ready.emulator.disturb(denied_operations={SOURCE: ["ListParents"]})
    assert kinds(ready.findings(targets=with_units(ready, payments=ids, search=ids[:1]))) == {("key_policy", "error", SEARCH)}
    assert ready.findings(targets=with_units(ready, payments=ids, search=ids)) == []


def test_units_that_nobody_knows_are_no_pass(ready: Ready) -> None:
    open_to_unit(ready)
    ready.emulator.disturb(denied_operations={SOURCE: ["ListParents"]})
    findings = ready.findings()
    assert kinds(findings) == {("key_policy_unknown", "unknown", account_id) for account_id in (PAYMENTS, SEARCH)}
    assert all("organizational_unit_ids" in each["needed"] and "organizations:ListParents" in each["needed"] for each in findings)
    assert callers(ready, "ListParents") == [SOURCE], "where the source may not look, that is asked once"


def test_an_account_of_which_the_organization_is_not_known(ready: Ready) -> None:
    open_to_unit(ready)
    ready.emulator.disturb(denied_operations={PAYMENTS: ["DescribeOrganization"]})
    findings = ready.findings()
    assert kinds(findings) == {("key_policy_unknown", "unknown", PAYMENTS), ("key_policy", "error", SEARCH)}
    assert all("organizations:DescribeOrganization" in each["needed"] for each in findings if each["account_id"] == PAYMENTS)


def test_a_role_that_trusts_an_organization(ready: Ready) -> None:
    """What the source is in is known too, where a destination asks for it."""
    organization = ready.client("organizations").describe_organization()["Organization"]["Id"]

    def trust(organization_id: str) -> None:
        condition = {"StringEquals": {"aws:PrincipalOrgID": organization_id}}
        document = policy({"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole", "Condition": condition})
        iam(ready).update_assume_role_policy(RoleName=DISTRIBUTION_ROLE, PolicyDocument=document)

    trust(organization)
    ready.emulator.reset_calls()
    assert ready.findings() == []
    assert callers(ready, "DescribeOrganization") == [SOURCE]
    trust("o-aaaaaaaaaa")
    assert only(ready.findings())["check"] == "role_trust"


def test_a_unit_list_that_is_none_is_told_before_any_call(ready: Ready) -> None:
    result = ready.preflight(targets=with_units(ready, payments=["ou-ab12-11111111"], search=["r-ab12", "ou-ab12-11111111"]))
    assert [error["path"] for error in result["errors"]] == ["targets[0].organizational_unit_ids"]
    assert ready.emulator.calls() == []


# --- remedies --------------------------------------------------------------------------------------------------------------------------------


def test_remedies_of_one_account_work_together(ready: Ready) -> None:
    """All that is wrong with several things at once, mended by one paste of all commands."""
    for break_it in (trust_another, detach_managed_policy, deny_inline, disable_key, take_account_out_of_key):
        break_it(ready)
    findings = ready.findings()
    assert {finding["check"] for finding in findings} == {"role_trust", "role_permissions", "role_denied", "key_disabled"}
    for command in dict.fromkeys(finding["remedy_command"] for finding in findings):
        ready.run_command(command)
    told = ready.findings()
    assert {finding["check"] for finding in told} == {"key_policy"}, "of a key that is disabled, the policy is judged when it is enabled"
    ready.run_command(told[0]["remedy_command"])
    assert ready.findings() == []


def test_one_task_mends_what_accounts_lack_in_the_same_way(ready: Ready) -> None:
    """As printed, pasted into a playbook."""
    delete_role(ready)
    iam(ready, SEARCH).delete_role_policy(RoleName=DISTRIBUTION_ROLE, PolicyName=KMS_POLICY)
    take_account_out_of_key(ready)
    result = ready.preflight()
    of_roles, of_key = sorted(result["remedies"], key=lambda remedy: len(remedy["checks"]), reverse=True)
    assert (of_roles["checks"], of_roles["account_ids"]) == (["role_missing", "role_permissions"], [PAYMENTS, SEARCH])
    assert (of_key["checks"], of_key["account_ids"]) == (["key_policy"], [PAYMENTS])
    assert "Keep the distribution role in 2 accounts" in of_roles["task"]
    ready.paste(of_roles["task"] + of_key["task"])
    assert ready.findings() == []


# --- options -----------------------------------------------------------------------------------------------------------------------------------


def planned(ready: Ready, **keys: str) -> dict[str, Any]:
    """Recipe, infrastructure and distributions as the role has them before they are kept, with other keys where some are given."""
    ami = {"name": "web <<imagebuilder:buildDate>>", "target_account_ids": [PAYMENTS, SEARCH]}
    root = {"device_name": "/dev/xvda", "ebs": {"encrypted": True, "kms_key_id": ready.keys[BUILD_REGION]}}
    recipe = {"name": "web", "semantic_version": "1.0.x", "parent_image": "aws:amazon-linux-2023-x86/x.x.x", "block_device_mappings": [root]}
    return {
        "image_recipe": recipe,
        "infrastructure_configuration": {"name": "web", "instance_profile_name": INSTANCE_PROFILE},
        "distribution_configuration": None,
        "distributions": [
            {"region": region, "ami_distribution_configuration": {**ami, "kms_key_id": key}} for region, key in {**ready.keys, **keys}.items()
        ],
    }


def test_a_run_that_is_not_there_yet(ready: Ready) -> None:
    assert ready.findings(**planned(ready)) == []


def test_what_is_an_input_has_no_remedy_to_run(ready: Ready) -> None:
    finding = only(ready.findings(**planned(ready, **{BUILD_REGION: "alias/golden-imagebuilder"})))
    assert (finding["check"], finding["remedy_task"], finding["remedy_command"]) == ("key_form", "", "")
    assert ready.keys[BUILD_REGION] in finding["needed"]


def test_all_mistakes_are_told_before_any_call(ready: Ready) -> None:
    options: dict[str, Any] = {
        "targets": [{"account_id": "22"}],
        "distributions": [{"regoin": "us-west-2"}],
        "image_recipe": "web/1.x",
        "distribution_configuration": None,
    }
    result = ready.preflight(**options)
    assert result["failed"]
    assert {error["path"].partition("[")[0] for error in result["errors"]} == {"targets", "distributions", "image_recipe"}
    assert ready.emulator.calls() == []


OF_MANY = ("AssumeRole", "GetRolePolicy", "GetPolicy", "GetPolicyVersion", "SimulatePrincipalPolicy")
"""Operations that are about something else each time."""


def test_each_thing_is_asked_once(ready: Ready) -> None:
    ready.findings()
    calls = [(call.account, call.region, call.operation) for call in ready.emulator.calls() if call.operation not in OF_MANY]
    assert len(calls) == len(set(calls))
    assert sum(call.operation == "GetPolicyVersion" for call in ready.emulator.calls()) == 3, "AWS's managed policies are the same for all"


# --- sound ones ------------------------------------------------------------------------------------------------------------------------------


def test_nothing_is_found_when_all_is_well_and_the_image_arrives(ready: Ready) -> None:
    result = ready.preflight()
    assert result["findings"] == []
    assert [(outcome["account_id"], outcome["failed"]) for outcome in result["outcomes"]] == [(SOURCE, False), (PAYMENTS, False), (SEARCH, False)]
    assert ready.emulator.writes() == []
    assert ready.deliver() == {"status": "AVAILABLE"}
