# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module destination_roles against the emulator: one source, three destinations."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._access import policy
from ansible_collections.golden.imagebuilder.tests.emulator.server import InProcessEmulator, emulate
from moto.iam.exceptions import NotFoundException
from moto.iam.models import IAMBackend

SOURCE, PAYMENTS, SEARCH, MEDIA = "111111111111", "222222222222", "333333333333", "444444444444"
OTHER_SOURCE = SEARCH  # any other account of the organization
ROLE = "EC2ImageBuilderDistributionCrossAccountRole"
MANAGED = "arn:aws:iam::aws:policy/Ec2ImageBuilderCrossAccountDistributionAccess"
KEYS = [f"arn:aws:kms:{region}:{SOURCE}:key/1234abcd-12ab-34cd-56ef-1234567890ab" for region in ("us-west-2", "eu-west-1")]
OTHER_KEY = f"arn:aws:kms:us-west-2:{OTHER_SOURCE}:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def target(account_id: str, name: str) -> dict[str, Any]:
    return {"account_id": account_id, "name": name, "regions": ["us-west-2", "eu-west-1"], "assume_role_arn": "OrganizationAccountAccessRole"}


TARGETS = [target(PAYMENTS, "payments"), target(SEARCH, "search"), target(MEDIA, "media")]
OPTIONS: dict[str, Any] = {"targets": TARGETS, "source_account_ids": [SOURCE], "key_arns": KEYS}


@pytest.fixture
def emulator() -> Iterator[InProcessEmulator]:
    with emulate(accounts=[SOURCE, PAYMENTS, SEARCH, MEDIA]) as running:
        yield running


@pytest.fixture
def run(run_module: Any) -> Any:
    """The module as an administrator of the source account runs it."""

    def run(check_mode: bool = False, **options: Any) -> dict[str, Any]:
        result: dict[str, Any] = run_module("destination_roles", check_mode=check_mode, **{**OPTIONS, **options})
        return result

    return run


def iam_of(emulator: Any, account_id: str = PAYMENTS) -> Any:
    return emulator.client(account_id, "iam")


def trusted(emulator: Any, account_id: str = PAYMENTS) -> Any:
    role = iam_of(emulator, account_id).get_role(RoleName=ROLE)["Role"]
    return policy.normalized(role["AssumeRolePolicyDocument"])


def statements(emulator: Any, name: str, account_id: str = PAYMENTS) -> dict[str, Any]:
    document = iam_of(emulator, account_id).get_role_policy(RoleName=ROLE, PolicyName=name)["PolicyDocument"]
    return {statement.get("Sid", ""): statement for statement in document["Statement"]}


def policy_names(emulator: Any, account_id: str = PAYMENTS) -> list[str]:
    return sorted(iam_of(emulator, account_id).list_role_policies(RoleName=ROLE)["PolicyNames"])


def make_role(emulator: Any, principal: str, path: str = "/", account_id: str = PAYMENTS) -> None:
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": principal}}]}
    iam_of(emulator, account_id).create_role(RoleName=ROLE, Path=path, AssumeRolePolicyDocument=json.dumps(document))


def test_makes_the_role_in_every_account(emulator: Any, run: Any) -> None:
    result = run()
    assert result["changed"]
    assert [(outcome["account_id"], outcome["name"], outcome["changed"]) for outcome in result["outcomes"]] == [
        (PAYMENTS, "payments", True),
        (SEARCH, "search", True),
        (MEDIA, "media", True),
    ]
    for account_id, outcome in zip((PAYMENTS, SEARCH, MEDIA), result["outcomes"], strict=True):
        assert outcome["role_arn"] == f"arn:aws:iam::{account_id}:role/{ROLE}"
        iam = iam_of(emulator, account_id)
        role = iam.get_role(RoleName=ROLE)["Role"]
        assert role["Path"] == "/"
        assert role["Tags"] == [{"Key": "golden.imagebuilder/role", "Value": ROLE}]
        assert [attached["PolicyArn"] for attached in iam.list_attached_role_policies(RoleName=ROLE)["AttachedPolicies"]] == [MANAGED]
        assert policy_names(emulator, account_id) == ["GoldenImageBuilderKms"]
        assert trusted(emulator, account_id)["Statement"] == [
            {"Sid": "GoldenImageBuilderSources", "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": SOURCE}}
        ]
        assert statements(emulator, "GoldenImageBuilderKms", account_id)[f"GoldenImageBuilderKms{SOURCE}"]["Resource"] == sorted(KEYS)


def test_only_an_account_with_launch_templates_may_write_some(emulator: Any, run: Any) -> None:
    with_template = {**TARGETS[0], "launch_templates": {"us-west-2": "lt-0123456789abcdef0"}}
    run(targets=[with_template, *TARGETS[1:]])
    assert policy_names(emulator, PAYMENTS) == ["GoldenImageBuilderKms", "GoldenImageBuilderLaunchTemplates"]
    assert policy_names(emulator, SEARCH) == ["GoldenImageBuilderKms"]


def test_the_role_can_then_be_assumed_from_the_source(emulator: Any, run: Any) -> None:
    run()
    role = emulator.role_client(SOURCE, f"arn:aws:iam::{PAYMENTS}:role/{ROLE}", "sts")
    assert role.get_caller_identity()["Account"] == PAYMENTS


def test_a_second_run_only_reads_and_only_what_it_needs(emulator: Any, run: Any) -> None:
    options = {"launch_templates": True, "ssm_parameter_prefixes": ["/imagebuilder/"], "tags": {"Team": "platform"}}
    run(**options)
    emulator.reset_calls()
    second = run(**options)
    assert not second["changed"]
    assert second["diff"] == []
    assert emulator.writes() == []
    calls = sorted(call.operation for call in emulator.calls() if call.account == PAYMENTS)
    assert calls == ["GetRole", "GetRolePolicy", "GetRolePolicy", "GetRolePolicy", "ListAttachedRolePolicies"]


def test_a_new_role_is_not_asked_about(emulator: Any, run: Any) -> None:
    run(targets=TARGETS[:1])
    calls = [call.operation for call in emulator.calls() if call.account == PAYMENTS]
    assert calls == ["GetRole", "CreateRole", "AttachRolePolicy", "PutRolePolicy"]


def test_waits_until_iam_finds_the_new_role(emulator: Any, run: Any) -> None:
    attach = IAMBackend.attach_role_policy
    refused: list[bool] = []

    def not_yet(self: Any, *args: Any, **kwargs: Any) -> Any:
        if not refused:
            refused.append(True)
            raise NotFoundException(f"The role with name {ROLE} cannot be found.")
        return attach(self, *args, **kwargs)

    with patch.object(IAMBackend, "attach_role_policy", not_yet):
        result = run(targets=TARGETS[:1])
    assert refused
    assert (result["failed"], result["changed"]) == (False, True)
    assert not run(targets=TARGETS[:1])["changed"]


def test_check_mode_predicts_and_writes_nothing(emulator: Any, run: Any) -> None:
    options = {"launch_templates": True, "ssm_parameter_prefixes": ["/imagebuilder/"]}
    predicted = run(check_mode=True, **options)
    assert emulator.writes() == []
    real = run(**options)
    assert [outcome["changed"] for outcome in predicted["outcomes"]] == [True] * 3
    assert predicted["diff"] == real["diff"] != []
    assert not run(check_mode=True, **options)["changed"]


def test_check_mode_takes_keys_that_are_not_made_yet(emulator: Any, run: Any) -> None:
    unknown = [f"arn:aws:kms:us-west-2:{SOURCE}:key/(known after creation)"]
    result = run(check_mode=True, key_arns=unknown)
    kms = result["outcomes"][0]["role"]["inline_policies"]["GoldenImageBuilderKms"]
    assert kms["Statement"][0]["Resource"] == unknown[0]
    emulator.reset_calls()
    assert run(key_arns=unknown)["errors"][0]["path"] == "key_arns[0]"
    assert emulator.calls() == []


def test_a_failing_account_does_not_stop_the_others(emulator: Any, run: Any) -> None:
    outside = target("999999999999", "gone")
    result = run(targets=[outside, *TARGETS])
    assert result["failed"]
    assert result["msg"].startswith("1 of 4 failed:\ngone (account 999999999999): AssumeRole failed with AccessDenied")
    assert [outcome["changed"] for outcome in result["outcomes"]] == [False, True, True, True]
    assert result["outcomes"][0]["error_code"] == "AccessDenied"
    quiet = run(targets=[outside, *TARGETS], fail_on_error=False)
    assert not quiet["failed"]
    assert [outcome["failed"] for outcome in quiet["outcomes"]] == [True, False, False, False]


def test_what_others_wrote_is_kept(emulator: Any, run: Any) -> None:
    make_role(emulator, f"arn:aws:iam::{MEDIA}:root")
    iam = iam_of(emulator)
    theirs = {"Version": "2012-10-17", "Statement": [{"Sid": "Theirs", "Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}]}
    iam.put_role_policy(RoleName=ROLE, PolicyName="Theirs", PolicyDocument=json.dumps(theirs))
    iam.put_role_policy(RoleName=ROLE, PolicyName="GoldenImageBuilderKms", PolicyDocument=json.dumps(theirs))
    run()
    assert {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": MEDIA}} in trusted(emulator)["Statement"]
    assert policy_names(emulator) == ["GoldenImageBuilderKms", "Theirs"]
    assert set(statements(emulator, "GoldenImageBuilderKms")) == {"Theirs", f"GoldenImageBuilderKms{SOURCE}"}
    assert iam.get_role(RoleName=ROLE)["Role"].get("Tags", []) == []
    assert not run()["changed"]


def test_a_second_source_shares_the_role(emulator: Any, run: Any) -> None:
    run(launch_templates=True)
    result = run(source_account_ids=[OTHER_SOURCE], key_arns=[OTHER_KEY])
    assert result["changed"]
    assert trusted(emulator)["Statement"][0]["Principal"] == {"AWS": [SOURCE, OTHER_SOURCE]}
    kms = statements(emulator, "GoldenImageBuilderKms")
    assert kms[f"GoldenImageBuilderKms{SOURCE}"]["Resource"] == sorted(KEYS)
    assert kms[f"GoldenImageBuilderKms{OTHER_SOURCE}"]["Resource"] == [OTHER_KEY]
    assert not run(launch_templates=True)["changed"]


def test_keys_are_added_and_purge_makes_them_exact(emulator: Any, run: Any) -> None:
    run(key_arns=KEYS[:1], launch_templates=True)
    run(key_arns=KEYS[1:])
    assert statements(emulator, "GoldenImageBuilderKms")[f"GoldenImageBuilderKms{SOURCE}"]["Resource"] == sorted(KEYS)
    assert "GoldenImageBuilderLaunchTemplates" in policy_names(emulator)
    run(source_account_ids=[OTHER_SOURCE], key_arns=[OTHER_KEY], launch_templates=True)
    assert run(key_arns=KEYS[1:], purge=True)["changed"]
    kms = statements(emulator, "GoldenImageBuilderKms")
    assert kms[f"GoldenImageBuilderKms{SOURCE}"]["Resource"] == KEYS[1:]
    assert kms[f"GoldenImageBuilderKms{OTHER_SOURCE}"]["Resource"] == [OTHER_KEY]
    templates = statements(emulator, "GoldenImageBuilderLaunchTemplates")
    assert templates
    assert all(sid.endswith(OTHER_SOURCE) for sid in templates)
    assert not run(key_arns=KEYS[1:], purge=True)["changed"]


def test_tags(emulator: Any, run: Any) -> None:
    def tags() -> dict[str, str]:
        return {tag["Key"]: tag["Value"] for tag in iam_of(emulator).get_role(RoleName=ROLE)["Role"]["Tags"]}

    run(tags={"Team": "platform", "Stage": 1})
    assert tags() == {"golden.imagebuilder/role": ROLE, "Team": "platform", "Stage": "1"}
    assert not run()["changed"]
    run(tags={"Team": "images"}, purge_tags=False)
    assert tags() == {"golden.imagebuilder/role": ROLE, "Team": "images", "Stage": "1"}
    run(tags={})
    assert tags() == {"golden.imagebuilder/role": ROLE}


def test_a_role_at_another_path_is_told(emulator: Any, run: Any) -> None:
    make_role(emulator, f"arn:aws:iam::{SOURCE}:root", path="/images/")
    result = run(fail_on_error=False)
    assert result["outcomes"][0]["error_code"] == "WrongPath"
    assert "/images/" in result["outcomes"][0]["msg"]
    assert result["outcomes"][1]["changed"]


def test_absent_takes_out_this_source_only(emulator: Any, run: Any) -> None:
    run()
    run(source_account_ids=[OTHER_SOURCE], key_arns=[OTHER_KEY])
    emulator.reset_calls()
    predicted = run(check_mode=True, state="absent", key_arns=[])
    assert emulator.writes() == []
    real = run(state="absent", key_arns=[])
    assert predicted["diff"] == real["diff"] != []
    assert trusted(emulator)["Statement"][0]["Principal"] == {"AWS": OTHER_SOURCE}
    assert list(statements(emulator, "GoldenImageBuilderKms")) == [f"GoldenImageBuilderKms{OTHER_SOURCE}"]
    assert not run(state="absent", key_arns=[])["changed"]


def test_absent_deletes_the_role_with_the_last_source(emulator: Any, run: Any) -> None:
    run(launch_templates=True)
    result = run(state="absent")
    assert [(outcome["changed"], outcome["role_arn"], outcome["role"]) for outcome in result["outcomes"]] == [(True, None, None)] * 3
    iam = iam_of(emulator)
    with pytest.raises(iam.exceptions.NoSuchEntityException):
        iam.get_role(RoleName=ROLE)
    assert not run(state="absent")["changed"]


def test_absent_does_not_delete_what_is_not_ours(emulator: Any, run: Any) -> None:
    run()
    iam_of(emulator).untag_role(RoleName=ROLE, TagKeys=["golden.imagebuilder/role"])
    theirs = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}]}
    iam_of(emulator, SEARCH).put_role_policy(RoleName=ROLE, PolicyName="Theirs", PolicyDocument=json.dumps(theirs))
    result = run(state="absent", fail_on_error=False)
    assert [outcome.get("error_code") for outcome in result["outcomes"]] == ["RoleNotOurs", "RoleNotOurs", None]
    assert "lacks the tag golden.imagebuilder/role" in result["outcomes"][0]["msg"]
    assert "others have added to it: Theirs" in result["outcomes"][1]["msg"]
    assert policy_names(emulator, SEARCH) == ["GoldenImageBuilderKms", "Theirs"]


def test_credentials_of_another_account_are_refused(emulator: Any, run: Any) -> None:
    result = run(targets=[{"account_id": PAYMENTS, "name": "payments"}, {"account_id": SEARCH}], fail_on_error=False)
    assert [outcome["error_code"] for outcome in result["outcomes"]] == ["WrongAccount", "WrongAccount"]
    assert f"are those of account {SOURCE}, not of {PAYMENTS}" in result["outcomes"][0]["msg"]
    assert [call.operation for call in emulator.calls()] == ["GetCallerIdentity"]


def test_everything_wrong_is_said_at_once_before_any_call(emulator: Any, run: Any) -> None:
    result = run(
        targets=[
            {"name": "payments", "account_id": 22222222222, "regions": ["us-wset-2"]},
            {"name": "search", "external_id": "x", "assume_role": "y"},
            target(MEDIA, "media"),
            target(MEDIA, "media-again"),
            {**target(SEARCH, "search"), "assume_role_arn": f"arn:aws:iam::{MEDIA}:role/Admin"},
        ],
        key_arns=["arn:aws:kms:us-west-2:111111111111:alias/golden-imagebuilder", "1234abcd"],
        ssm_parameter_prefixes=["/", "*"],
    )
    assert result["failed"]
    assert {error["path"] for error in result["errors"]} == {
        "targets[0].account_id",
        "targets[0].regions[0]",
        "targets[1].account_id",
        "targets[1].external_id",
        "targets[1].assume_role",
        "targets[3].account_id",
        "targets[4].assume_role_arn",
        "key_arns[0]",
        "key_arns[1]",
        "ssm_parameter_prefixes[0]",
        "ssm_parameter_prefixes[1]",
    }
    assert "targets[0].account_id: payments: 22222222222 is a number" in result["msg"]
    assert emulator.calls() == []


def test_a_key_of_a_third_account_needs_one_source(emulator: Any, run: Any) -> None:
    third = f"arn:aws:kms:us-west-2:{MEDIA}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    assert run(check_mode=True, key_arns=[third])["changed"]
    result = run(source_account_ids=[SOURCE, OTHER_SOURCE], key_arns=[third])
    assert result["errors"][0]["path"] == "key_arns[0]"
