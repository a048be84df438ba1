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
from ansible_collections.golden.imagebuilder.plugins.module_utils._access import policy, templates
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.roles import RoleSettings
from ansible_collections.golden.imagebuilder.tests.emulator.server import InProcessEmulator, emulate
from moto.iam.exceptions import NotFoundException
from moto.iam.models import IAMBackend, iam_backends

pytestmark = pytest.mark.usefixtures("nobody_else_writes")

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
    made, looked_again = calls[:4], calls[4:]
    assert made == ["GetRole", "CreateRole", "AttachRolePolicy", "PutRolePolicy"]
    assert looked_again == ["GetRolePolicy"], "nothing else of a new role can be taken away by somebody who does not know of it"


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
    kms = result["outcomes"][0]["diff"]["after"]["inline_policies"]["GoldenImageBuilderKms"]
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
    kms = {f"GoldenImageBuilderKms{SOURCE}", f"GoldenImageBuilderKmsGrants{SOURCE}"}
    assert set(statements(emulator, "GoldenImageBuilderKms")) == {"Theirs", *kms}
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
    kms = {f"GoldenImageBuilderKms{OTHER_SOURCE}", f"GoldenImageBuilderKmsGrants{OTHER_SOURCE}"}
    assert set(statements(emulator, "GoldenImageBuilderKms")) == kms
    assert not run(state="absent", key_arns=[])["changed"]


def test_absent_deletes_the_role_with_the_last_source(emulator: Any, run: Any) -> None:
    run(launch_templates=True)
    result = run(state="absent", inspect=True)
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


# --- the rights of single features -----------------------------------------------------------------------------------------------------------


def test_names_of_parameters_are_no_beginnings(emulator: Any, run: Any) -> None:
    run(targets=TARGETS[:1], ssm_parameter_names=["/imagebuilder/web/latest"], ssm_parameter_prefixes=["/imagebuilder/db/"])
    put = statements(emulator, "GoldenImageBuilderParameters")[f"GoldenImageBuilderParametersPut{SOURCE}"]
    own = f"arn:aws:ssm:*:{PAYMENTS}:parameter/imagebuilder"
    assert put["Resource"] == [f"{own}/db/*", f"{own}/web/latest"]


def test_fast_launch_is_for_images_of_image_builder(emulator: Any, run: Any) -> None:
    assert "GoldenImageBuilderFastLaunch" not in run(check_mode=True, targets=TARGETS[:1])["outcomes"][0]["diff"]["after"]["inline_policies"]
    assert run(targets=TARGETS[:1], fast_launch=True)["changed"]
    enable = statements(emulator, "GoldenImageBuilderFastLaunch")[f"GoldenImageBuilderFastLaunchEnable{SOURCE}"]
    assert enable["Condition"] == {"StringEquals": {"aws:ResourceTag/CreatedBy": "EC2 Image Builder"}}
    assert not run(targets=TARGETS[:1], fast_launch=True)["changed"]
    assert not run(targets=TARGETS[:1])["changed"]
    assert run(targets=TARGETS[:1], purge=True)["changed"]
    assert "GoldenImageBuilderFastLaunch" not in policy_names(emulator)


def test_more_than_iam_takes_is_told_before_writing(emulator: Any, run: Any) -> None:
    many = [f"arn:aws:kms:us-west-2:{SOURCE}:key/{number:08d}-12ab-34cd-56ef-1234567890ab" for number in range(80)]
    result = run(targets=TARGETS[:1], key_arns=many)
    (outcome,) = result["outcomes"]
    assert (outcome["error_code"], outcome["changed"]) == ("PolicyTooLong", False)
    assert "GoldenImageBuilderKms" in outcome["msg"]
    assert emulator.writes() == []


def test_a_key_is_revoked_and_no_other(emulator: Any, run: Any) -> None:
    run(targets=TARGETS[:1], launch_templates=True)
    run(targets=TARGETS[:1], source_account_ids=[OTHER_SOURCE], key_arns=[OTHER_KEY])
    options = {"targets": TARGETS[:2], "state": "absent", "revoked_key_arns": KEYS[:1]}
    assert run(**options)["changed"]
    kms = statements(emulator, "GoldenImageBuilderKms")
    assert {sid: policy.listed(statement["Resource"]) for sid, statement in kms.items()} == {
        f"GoldenImageBuilderKms{SOURCE}": KEYS[1:],
        f"GoldenImageBuilderKmsGrants{SOURCE}": KEYS[1:],
        f"GoldenImageBuilderKms{OTHER_SOURCE}": [OTHER_KEY],
        f"GoldenImageBuilderKmsGrants{OTHER_SOURCE}": [OTHER_KEY],
    }
    assert "GoldenImageBuilderLaunchTemplates" in policy_names(emulator)
    assert not run(**options)["changed"]
    run(**{**options, "revoked_key_arns": KEYS})
    assert set(statements(emulator, "GoldenImageBuilderKms")) == {
        f"GoldenImageBuilderKms{OTHER_SOURCE}",
        f"GoldenImageBuilderKmsGrants{OTHER_SOURCE}",
    }
    assert trusted(emulator)["Statement"][0]["Principal"] == {"AWS": [SOURCE, OTHER_SOURCE]}
    assert ROLE not in {role["RoleName"] for role in iam_of(emulator, SEARCH).list_roles()["Roles"]}, "none is made to take something out of it"
    result = run(revoked_key_arns=[KEYS[0], "x"])
    assert {error["path"] for error in result["errors"]} == {"revoked_key_arns", "revoked_key_arns[1]"}


# --- the lifecycle role ----------------------------------------------------------------------------------------------------------------------

LIFECYCLE = "Ec2ImageBuilderCrossAccountLifecycleAccess"


def test_the_lifecycle_role_trusts_the_service_for_images_of_the_source(emulator: Any, run: Any) -> None:
    options = {"targets": TARGETS[:1], "lifecycle_role": True}
    predicted = run(check_mode=True, **options)
    result = run(**options)
    assert predicted["diff"] == result["diff"]
    assert result["outcomes"][0]["lifecycle_role_arn"] == f"arn:aws:iam::{PAYMENTS}:role/{LIFECYCLE}"
    role = iam_of(emulator).get_role(RoleName=LIFECYCLE)["Role"]
    assert role["AssumeRolePolicyDocument"]["Statement"] == [
        {
            "Sid": f"GoldenImageBuilderLifecycle{SOURCE}",
            "Effect": "Allow",
            "Action": ["sts:AssumeRole"],
            "Principal": {"Service": "imagebuilder.amazonaws.com"},
            "Condition": {
                "StringEquals": {"aws:SourceAccount": SOURCE},
                "ArnLike": {"aws:SourceArn": f"arn:aws:imagebuilder:*:{SOURCE}:image/*/*/*"},
            },
        }
    ]
    attached = iam_of(emulator).list_attached_role_policies(RoleName=LIFECYCLE)["AttachedPolicies"]
    assert [one["PolicyArn"] for one in attached] == ["arn:aws:iam::aws:policy/service-role/EC2ImageBuilderLifecycleExecutionPolicy"]
    assert not run(**options)["changed"]


def test_the_lifecycle_role_is_shared_and_taken_out(emulator: Any, run: Any) -> None:
    options = {"targets": TARGETS[:1], "lifecycle_role": True}
    run(**options)
    run(**options, source_account_ids=[OTHER_SOURCE], key_arns=[OTHER_KEY])
    assert not run(**options)["changed"]
    assert run(**options, state="absent", key_arns=[])["changed"]
    trust = iam_of(emulator).get_role(RoleName=LIFECYCLE)["Role"]["AssumeRolePolicyDocument"]
    assert [statement["Sid"] for statement in trust["Statement"]] == [f"GoldenImageBuilderLifecycle{OTHER_SOURCE}"]
    gone = run(**options, state="absent", source_account_ids=[OTHER_SOURCE], key_arns=[])
    assert (gone["outcomes"][0]["lifecycle_role_arn"], gone["outcomes"][0]["role_arn"]) == (None, None)
    assert not [role for role in iam_of(emulator).list_roles()["Roles"] if role["RoleName"] in (ROLE, LIFECYCLE)]


def test_without_the_option_nobody_asks_for_the_lifecycle_role(emulator: Any, run: Any) -> None:
    result = run(targets=TARGETS[:1], purge=True)
    assert "lifecycle_role_arn" not in result["outcomes"][0]
    assert "lifecycle_role" not in result["diff"][0]["after"]
    assert [role["RoleName"] for role in iam_of(emulator).list_roles()["Roles"] if role["RoleName"] == LIFECYCLE] == []


# --- boundary and description ----------------------------------------------------------------------------------------------------------------


def make_policy(emulator: Any, name: str, statement: dict[str, Any], path: str = "/", account_id: str = PAYMENTS) -> str:
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return str(iam_of(emulator, account_id).create_policy(PolicyName=name, Path=path, PolicyDocument=document)["Policy"]["Arn"])


EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def test_a_boundary_by_name_is_each_accounts_own(emulator: Any, run: Any) -> None:
    arns = {account_id: make_policy(emulator, "Boundary", EVERYTHING, "/team/", account_id) for account_id in (PAYMENTS, SEARCH)}
    options = {"targets": TARGETS[:2], "permissions_boundary": "team/Boundary"}
    assert run(**options)["changed"]
    for account_id, arn in arns.items():
        role = iam_of(emulator, account_id).get_role(RoleName=ROLE)["Role"]
        assert role["PermissionsBoundary"]["PermissionsBoundaryArn"] == arn
    assert not run(**options)["changed"]
    assert not run(targets=TARGETS[:2])["changed"], "an option that is not given leaves alone what is there"


def test_a_boundary_comes_before_rights_and_can_go(emulator: Any, run: Any) -> None:
    arn = make_policy(emulator, "Boundary", EVERYTHING)
    run(targets=TARGETS[:1])
    emulator.reset_calls()
    run(targets=TARGETS[:1], permissions_boundary=arn, fast_launch=True)
    writes = [call.operation for call in emulator.writes()]
    assert writes == ["PutRolePermissionsBoundary", "PutRolePolicy"]
    assert run(targets=TARGETS[:1], permissions_boundary="")["changed"]
    assert "PermissionsBoundary" not in iam_of(emulator).get_role(RoleName=ROLE)["Role"]


def test_a_description_leaves_the_session_duration(emulator: Any, run: Any) -> None:
    run(targets=TARGETS[:1])
    iam_of(emulator).update_role(RoleName=ROLE, MaxSessionDuration=7200, Description="old")
    assert not run(targets=TARGETS[:1])["changed"]
    result = run(targets=TARGETS[:1], description="Owned by the image team")
    assert result["diff"][0]["after"]["description"] == "Owned by the image team"
    role = iam_of(emulator).get_role(RoleName=ROLE)["Role"]
    assert (role["Description"], role["MaxSessionDuration"]) == ("Owned by the image team", 7200)


# --- findings --------------------------------------------------------------------------------------------------------------------------------


def findings(result: dict[str, Any], number: int = 0) -> list[str]:
    return [finding["code"] for finding in result["outcomes"][number]["findings"]]


def test_a_role_of_ours_has_no_findings(emulator: Any, run: Any) -> None:
    options = {"targets": TARGETS[:1], "fast_launch": True, "launch_templates": True, "ssm_parameter_names": ["x"], "lifecycle_role": True}
    run(**options)
    result = run(**options, inspect=True)
    assert (findings(result), result["changed"]) == ([], False)


def test_a_role_that_is_too_wide_is_told_and_left_alone(emulator: Any, run: Any) -> None:
    make_role(emulator, "*")
    iam_of(emulator).attach_role_policy(RoleName=ROLE, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    before = trusted(emulator)["Statement"]
    result = run(targets=TARGETS[:2])
    assert (findings(result), findings(result, 1)) == (["EverybodyTrusted", "AdministratorPolicy"], [])
    assert all(statement in trusted(emulator)["Statement"] for statement in before)
    attached = {one["PolicyArn"] for one in iam_of(emulator).list_attached_role_policies(RoleName=ROLE)["AttachedPolicies"]}
    assert "arn:aws:iam::aws:policy/AdministratorAccess" in attached
    assert [
        warning for warning in result["warnings"] if f"{ROLE} of payments (account {PAYMENTS}): The trust policy lets everybody in" in str(warning)
    ]


def test_inspect_looks_into_the_policies_of_others(emulator: Any, run: Any) -> None:
    make_role(emulator, f"arn:aws:iam::{SOURCE}:root")
    iam = iam_of(emulator)
    theirs = {"Version": "2012-10-17", "Statement": [{"Sid": "Theirs", "Effect": "Allow", "Action": "kms:*", "Resource": "*"}]}
    iam.put_role_policy(RoleName=ROLE, PolicyName="Theirs", PolicyDocument=json.dumps(theirs))
    iam.attach_role_policy(RoleName=ROLE, PolicyArn=make_policy(emulator, "Everything", EVERYTHING))
    assert findings(run(targets=TARGETS[:1])) == []
    result = run(targets=TARGETS[:1], inspect=True)
    messages = [finding["message"] for finding in result["outcomes"][0]["findings"]]
    assert ["managed policy Everything allows *" in messages[0], "inline policy Theirs allows kms:*" in messages[1]] == [True, True]
    assert "Theirs" in policy_names(emulator)


def test_a_role_at_another_path_is_a_finding_of_the_failed_account(emulator: Any, run: Any) -> None:
    make_role(emulator, f"arn:aws:iam::{SOURCE}:root", path="/images/")
    result = run(fail_on_error=False)
    assert (findings(result), findings(result, 1)) == (["OtherPath"], [])
    assert not result["outcomes"][0]["changed"]


# --- several runs at a time ------------------------------------------------------------------------------------------------------------------


def run_meanwhile(operation: str, act: Any) -> Any:
    """Let `act` happen once, right before an operation of IAM is carried out: after the module has read, and before it writes."""
    original = getattr(IAMBackend, operation)
    pending = [act]

    def late(self: Any, *args: Any, **kwargs: Any) -> Any:
        if pending:
            pending.pop()()
        return original(self, *args, **kwargs)

    return patch.object(IAMBackend, operation, late)


def other_trust(emulator: Any) -> None:
    """Another run, of another source, that read the role before us writes it before us."""
    document = {"Version": "2012-10-17", "Statement": [{"Sid": "Late", "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": MEDIA}}]}
    iam_of(emulator).update_assume_role_policy(RoleName=ROLE, PolicyDocument=json.dumps(document))


def test_a_role_that_another_run_has_just_made_is_added_to(emulator: Any, run: Any) -> None:
    with run_meanwhile("create_role", lambda: make_role(emulator, f"arn:aws:iam::{MEDIA}:root")):
        result = run(targets=TARGETS[:1])
    assert (result["failed"], result["changed"]) == (False, True)
    principals = [statement["Principal"]["AWS"] for statement in trusted(emulator)["Statement"]]
    assert sorted(principals) == [SOURCE, MEDIA]
    assert policy_names(emulator) == ["GoldenImageBuilderKms"]


def test_our_part_taken_away_by_another_run_is_written_again(emulator: Any, run: Any) -> None:
    run(targets=TARGETS[:1], source_account_ids=[OTHER_SOURCE], key_arns=[OTHER_KEY])
    with run_meanwhile("put_role_policy", lambda: other_trust(emulator)):
        result = run(targets=TARGETS[:1])
    assert not result["failed"], result
    assert {statement["Sid"] for statement in trusted(emulator)["Statement"]} == {"Late", "GoldenImageBuilderSources"}
    assert not run(targets=TARGETS[:1])["changed"]


@pytest.mark.parametrize("existing", [False, True], ids=["new role", "role of another source"])
def test_our_statement_taken_out_of_an_inline_policy_by_another_run_is_written_again(existing: bool, emulator: Any, run: Any) -> None:
    theirs = [{"Sid": "Late", "Effect": "Allow", "Action": "kms:DescribeKey", "Resource": OTHER_KEY}]

    def overwrite() -> None:
        document = json.dumps({"Version": "2012-10-17", "Statement": theirs})
        iam_of(emulator).put_role_policy(RoleName=ROLE, PolicyName="GoldenImageBuilderKms", PolicyDocument=document)

    if existing:
        run(targets=TARGETS[:1], source_account_ids=[OTHER_SOURCE], key_arns=[OTHER_KEY])
        theirs += statements(emulator, "GoldenImageBuilderKms").values()
    read = IAMBackend.get_role_policy
    seen: list[str] = []

    def late(self: Any, *arguments: Any, **keywords: Any) -> Any:
        seen.append("read")
        if len(seen) == 1 + existing:  # the first one after we have written
            overwrite()
        return read(self, *arguments, **keywords)

    with patch.object(IAMBackend, "get_role_policy", late):
        result = run(targets=TARGETS[:1])
    assert not result["failed"], result
    assert {"Late", f"GoldenImageBuilderKms{SOURCE}"} <= statements(emulator, "GoldenImageBuilderKms").keys()
    assert not run(targets=TARGETS[:1])["changed"]


def test_a_principal_that_was_deleted_is_told_with_the_statement_of_others_that_names_it(emulator: Any, run: Any) -> None:
    make_role(emulator, f"arn:aws:iam::{MEDIA}:root")
    role = next(one for one in iam_backends[PAYMENTS]["aws"].roles.values() if one.name == ROLE)
    theirs = {"Sid": "Theirs", "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": "AIDAEXAMPLEEXAMPLE123"}}
    role.assume_role_policy_document = json.dumps({"Version": "2012-10-17", "Statement": [theirs]})  # as AWS rewrites it, which no call can do
    (outcome,) = run(targets=TARGETS[:1], fail_on_error=False)["outcomes"]
    assert outcome["error_code"] == "DeletedPrincipal"
    assert "statement Theirs: AIDAEXAMPLEEXAMPLE123 (a user that was deleted)" in outcome["msg"]
    assert ROLE in outcome["msg"]


# --- partitions and mistakes -----------------------------------------------------------------------------------------------------------------


def test_a_destination_of_another_partition_is_refused(emulator: Any, run: Any) -> None:
    china = {**target(MEDIA, "media"), "regions": ["cn-north-1"]}
    result = run(targets=[TARGETS[0], china])
    assert [error["path"] for error in result["errors"]] == ["targets[1].regions"]
    assert "aws-cn" in result["msg"]
    assert emulator.calls() == []


def test_mistakes_of_the_new_options(emulator: Any, run: Any) -> None:
    result = run(
        ssm_parameter_names=["/imagebuilder/*", "/"],
        permissions_boundary=f"arn:aws:iam::{PAYMENTS}:policy/Boundary",
        description="x" * 1001,
    )
    assert {error["path"] for error in result["errors"]} == {
        "ssm_parameter_names[0]",
        "ssm_parameter_names[1]",
        "permissions_boundary",
        "description",
    }
    assert "cannot bound roles of search, media" in result["msg"]
    assert emulator.calls() == []


def test_a_role_of_a_stack_is_right_and_is_the_stacks(emulator: Any, run: Any) -> None:
    template = templates.cloudformation(RoleSettings(keys_of_source={SOURCE: KEYS}, tags={"Owner": "images"}))
    stacks = emulator.client(PAYMENTS, "cloudformation", "us-west-2")
    stacks.create_stack(StackName="golden", TemplateBody=json.dumps(template), Capabilities=["CAPABILITY_NAMED_IAM"])

    same = run(targets=TARGETS[:1], tags={"Owner": "images"})
    refused = run(targets=TARGETS[:1], state="absent", fail_on_error=False)

    assert not same["changed"]
    assert refused["outcomes"][0]["error_code"] == "RoleNotOurs"
    assert policy_names(emulator) == ["GoldenImageBuilderKms"]
