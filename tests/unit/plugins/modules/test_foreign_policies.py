# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keys and roles that others have had for long, in the odd shapes that these have: what is theirs stays theirs."""

from __future__ import annotations

import json
from typing import Any

import pytest

pytestmark = pytest.mark.usefixtures("nobody_else_writes")

SOURCE, PAYMENTS, SEARCH = "111111111111", "222222222222", "333333333333"
WEST, EUROPE = "us-west-2", "eu-west-1"
ROLE = "EC2ImageBuilderDistributionCrossAccountRole"
OWNER = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{SOURCE}:root"}, "Action": "kms:*", "Resource": "*"}
ORGANIZATION = {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}
KEY_POLICIES: dict[str, Any] = {
    "one statement without a list, without a Sid, without a version": {"Statement": OWNER},
    "everybody of an organization, as a string": {
        "Version": "2012-10-17",
        "Id": "theirs",
        "Statement": [OWNER, {"Effect": "Allow", "Principal": "*", "Action": "kms:Decrypt", "Resource": "*", "Condition": ORGANIZATION}],
    },
    "a Deny for all but somebody": {
        "Version": "2012-10-17",
        "Statement": [
            OWNER,
            {
                "Sid": "Deny",
                "Effect": "Deny",
                "NotPrincipal": {"AWS": [f"arn:aws:iam::{SOURCE}:root"]},
                "Action": "kms:ScheduleKeyDeletion",
                "Resource": "*",
            },
        ],
    },
    "bare account ids, and the same account twice": {
        "Version": "2012-10-17",
        "Statement": [OWNER, {"Sid": "A", "Effect": "Allow", "Principal": {"AWS": [PAYMENTS, PAYMENTS]}, "Action": ["kms:Decrypt"], "Resource": "*"}],
    },
    "a service, and a Sid that only begins like ours": {
        "Version": "2012-10-17",
        "Statement": [
            OWNER,
            {
                "Sid": "GoldenImageBuilderDestinationsUseToo",
                "Effect": "Allow",
                "Principal": {"Service": "logs.us-west-2.amazonaws.com", "AWS": f"arn:aws:iam::{SEARCH}:root"},
                "Action": "kms:Encrypt",
                "Resource": "*",
            },
        ],
    },
}


def make_key(emulator: Any, document: Any, region: str = WEST) -> tuple[Any, str]:
    kms = emulator.client(SOURCE, "kms", region)
    return kms, kms.create_key(Policy=json.dumps(document))["KeyMetadata"]["Arn"]


def policy_of(kms: Any, key: str) -> Any:
    return json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])


@pytest.mark.parametrize("document", KEY_POLICIES.values(), ids=KEY_POLICIES)
def test_a_key_policy_is_as_before_when_all_of_ours_is_taken_away(document: Any, emulator: Any, run_module: Any) -> None:
    kms, key = make_key(emulator, document)
    options = {"regions": [WEST], "keys": {WEST: key}, "destination_account_ids": [PAYMENTS, SEARCH]}
    assert run_module("source_keys", **options)["changed"]
    theirs = document["Statement"] if isinstance(document["Statement"], list) else [document["Statement"]]
    assert policy_of(kms, key)["Statement"][: len(theirs)] == theirs
    assert not run_module("source_keys", **options)["changed"]
    assert run_module("source_keys", **{**options, "destination_account_ids": [], "purge": True})["changed"]
    assert policy_of(kms, key) == {**document, "Statement": theirs}


def test_a_deny_under_our_name_is_told_and_stays(emulator: Any, run_module: Any) -> None:
    deny = {
        "Sid": "GoldenImageBuilderDestinationsUse",
        "Effect": "Deny",
        "Principal": {"AWS": f"arn:aws:iam::{SEARCH}:root"},
        "Action": "kms:*",
        "Resource": "*",
    }
    kms, key = make_key(emulator, {"Version": "2012-10-17", "Statement": [OWNER, deny]})
    result = run_module("source_keys", regions=[WEST, EUROPE], keys={WEST: key}, destination_account_ids=[PAYMENTS], fail_on_error=False)
    west, europe = result["outcomes"]
    assert (west["failed"], west["changed"], west["error_code"]) == (True, False, "SidTaken")
    assert "GoldenImageBuilderDestinationsUse" in west["msg"]
    assert (europe["failed"], europe["changed"]) == (False, True)
    assert deny in policy_of(kms, key)["Statement"]


def run_roles(run_module: Any, **options: Any) -> Any:
    target = {"account_id": PAYMENTS, "name": "payments", "regions": [WEST], "assume_role_arn": "OrganizationAccountAccessRole"}
    return run_module("destination_roles", **{"targets": [target], "source_account_ids": [SOURCE], "launch_templates": True, **options})


def test_a_role_of_others_keeps_all_that_is_theirs(emulator: Any, run_module: Any) -> None:
    iam = emulator.client(PAYMENTS, "iam")
    boundary = iam.create_policy(
        PolicyName="Boundary",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}),
    )["Policy"]["Arn"]
    statements = [
        {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"},
        {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{SOURCE}:root"}, "Action": "sts:AssumeRole", "Condition": ORGANIZATION},
        {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole", "Condition": {"Bool": {"aws:SecureTransport": "false"}}},
    ]
    iam.create_role(
        RoleName=ROLE,
        Description="theirs",
        MaxSessionDuration=7200,
        PermissionsBoundary=boundary,
        AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": statements}),
        Tags=[{"Key": "Team", "Value": "platform"}],
    )
    before = iam.get_role(RoleName=ROLE)["Role"]
    assert run_roles(run_module)["changed"]
    assert iam.get_role(RoleName=ROLE)["Role"]["AssumeRolePolicyDocument"]["Statement"][:3] == statements
    assert not run_roles(run_module)["changed"]
    assert run_roles(run_module, state="absent")["changed"]
    after = iam.get_role(RoleName=ROLE)["Role"]
    assert {name: after[name] for name in before if name != "RoleLastUsed"} == {name: before[name] for name in before if name != "RoleLastUsed"}
    assert iam.list_role_policies(RoleName=ROLE)["PolicyNames"] == []
    assert not run_roles(run_module, state="absent")["changed"]


def test_tags_without_a_value(emulator: Any, run_module: Any) -> None:
    tags = {"Stage": 1, "Critical": True, "Note": None}
    wanted = {"Stage": "1", "Critical": "True", "Note": ""}
    assert run_roles(run_module, tags=tags)["changed"]
    role = {tag["Key"]: tag["Value"] for tag in emulator.client(PAYMENTS, "iam").get_role(RoleName=ROLE)["Role"]["Tags"]}
    assert {key: role[key] for key in wanted} == wanted
    assert not run_roles(run_module, tags=tags)["changed"]
    key = run_module("source_keys", regions=[WEST], tags=tags)["source_keys"][WEST]["key_arn"]
    kept = emulator.client(SOURCE, "kms", WEST).list_resource_tags(KeyId=key)["Tags"]
    assert wanted.items() <= {tag["TagKey"]: tag["TagValue"] for tag in kept}.items()


@pytest.mark.usefixtures("emulator")
@pytest.mark.parametrize("module", ["source_keys", "destination_roles", "distribution_configuration"])
def test_no_result_holds_a_credential(module: str, run_module: Any) -> None:
    secrets = {"secret_key": "a-secret-that-nobody-may-see", "session_token": "a-token-that-nobody-may-see"}
    options: dict[str, dict[str, Any]] = {
        "source_keys": {"regions": [WEST]},
        "destination_roles": {
            "targets": [{"account_id": PAYMENTS, "regions": [WEST], "assume_role_arn": "OrganizationAccountAccessRole"}],
            "source_account_ids": [SOURCE],
        },
        "distribution_configuration": {"name": "golden", "distributions": [{"region": WEST, "ami_distribution_configuration": {"description": "x"}}]},
    }
    result = run_module(module, region=WEST, access_key=f"AKIA{SOURCE}EMUL", **secrets, **options[module])
    assert result["changed"], result.get("msg")
    text = json.dumps(result)
    assert not [secret for secret in secrets.values() if secret in text]
