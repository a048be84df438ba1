# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""On a bad day the modules that keep access end with what they end with on a good day, and the user hears nothing of it.

Time is not waited for: whoever sleeps moves the clock of the emulator on.
"""

from __future__ import annotations

import functools
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._access import policy
from ansible_collections.golden.imagebuilder.tests.emulator import clock
from ansible_collections.golden.imagebuilder.tests.emulator.server import InProcessEmulator, emulate

SOURCE, PAYMENTS = "111111111111", "222222222222"
REGIONS = ["us-west-2", "eu-west-1"]
ALIAS = "alias/golden-imagebuilder"
ROLES = {"EC2ImageBuilderDistributionCrossAccountRole", "Ec2ImageBuilderCrossAccountLifecycleAccess"}
BUILD_ROLE = "Builder"
KEY_ARN = f"arn:aws:kms:{REGIONS[0]}:{SOURCE}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
TARGET = {"account_id": PAYMENTS, "name": "payments", "regions": REGIONS, "assume_role_arn": "OrganizationAccountAccessRole"}
DAYS = range(8)
TROUBLES = {"throttled": 0.08, "failed": 0.1, "cut": 0.12}  # of ten attempts at a call one succeeds, as good as certainly
TRUST = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}
)


@pytest.fixture
def emulator(monkeypatch: pytest.MonkeyPatch) -> Iterator[InProcessEmulator]:
    """Two accounts whose time passes when somebody sleeps."""
    now = [0.0]
    monkeypatch.setattr(clock, "source", lambda: now[0])
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(time, "sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    with emulate(accounts=[SOURCE, PAYMENTS], seconds_per_state=0) as running:
        yield running


@pytest.fixture
def keep_keys(run_module: Any) -> Any:
    """The module source_keys as an administrator of the source runs it."""
    return lambda **options: run_module("source_keys", **{"regions": REGIONS, "destination_account_ids": [PAYMENTS], "tags": {}, **options})


@pytest.fixture
def keep_roles(run_module: Any) -> Any:
    """The module destination_roles as an administrator of the source runs it."""
    options = {"targets": [TARGET], "source_account_ids": [SOURCE], "key_arns": [KEY_ARN], "ssm_parameter_prefixes": ["/golden/"]}
    return lambda **more: run_module("destination_roles", **{**options, **more})


def keys(emulator: InProcessEmulator) -> list[dict[str, Any]]:
    """All that users notice of the keys that are there to stay."""
    return [key for region in REGIONS for key in keys_of(emulator.client(SOURCE, "kms", region))]


def keys_of(kms: Any) -> list[dict[str, Any]]:
    """Those of one Region."""
    aliases = {alias.get("TargetKeyId"): alias["AliasName"] for alias in kms.list_aliases()["Aliases"]}
    found = [kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"] for key in kms.list_keys()["Keys"]]
    return [
        {
            "region": kms.meta.region_name,
            "alias": aliases.get(key["KeyId"]),
            "policy": policy.normalized(json.loads(kms.get_key_policy(KeyId=key["KeyId"], PolicyName="default")["Policy"])),
            "rotation": kms.get_key_rotation_status(KeyId=key["KeyId"])["KeyRotationEnabled"],
            "tags": kms.list_resource_tags(KeyId=key["KeyId"])["Tags"],
            "multi_region": key.get("MultiRegion", False),
            "grants": sorted(str(sorted(grant["Operations"])) for grant in kms.list_grants(KeyId=key["KeyId"])["Grants"]),
        }
        for key in found
        if key["KeyState"] == "Enabled"
    ]


def role(emulator: InProcessEmulator) -> list[dict[str, Any]]:
    """All that users notice of the roles, none when they are not there."""
    iam = emulator.client(PAYMENTS, "iam")
    found = [role for role in iam.list_roles()["Roles"] if role["RoleName"] in ROLES]
    found.sort(key=lambda one: str(one["RoleName"]))
    return [
        {
            "name": one["RoleName"],
            "trust": policy.normalized(one["AssumeRolePolicyDocument"]),
            "tags": iam.get_role(RoleName=one["RoleName"])["Role"]["Tags"],
            "managed": iam.list_attached_role_policies(RoleName=one["RoleName"])["AttachedPolicies"],
            "inline": {
                name: policy.normalized(iam.get_role_policy(RoleName=one["RoleName"], PolicyName=name)["PolicyDocument"])
                for name in iam.list_role_policies(RoleName=one["RoleName"])["PolicyNames"]
            },
        }
        for one in found
    ]


def assert_same_as_on_a_good_day(emulator: InProcessEmulator, keep: Any, state: Any, day: dict[str, Any]) -> None:
    """Make, change nothing, and remove: each leaves the same behind as on a good day, and a double of nothing."""
    first = keep()
    assert not first["failed"], first["msg"]
    good = state(emulator)
    assert not keep(state="absent")["failed"]
    assert state(emulator) == []

    emulator.reset()
    emulator.disturb(**day)
    made = keep()
    emulator.disturb()
    assert (made["failed"], made["changed"]) == (False, True), made["msg"]
    assert state(emulator) == good

    emulator.reset_calls()
    emulator.disturb(**{**day, "seed": day.get("seed", 0) + 1000})
    assert not keep()["changed"]
    assert emulator.writes() == []

    removed = keep(state="absent")
    emulator.disturb()
    assert (removed["failed"], removed["changed"]) == (False, True), removed["msg"]
    assert state(emulator) == []


@pytest.mark.parametrize("seed", DAYS)
@pytest.mark.parametrize("options", [{}, {"multi_region": True, "auto_scaling_grants": True}], ids=["apart", "together"])
def test_keys(emulator: InProcessEmulator, keep_keys: Any, options: dict[str, Any], seed: int) -> None:
    assert_same_as_on_a_good_day(emulator, functools.partial(keep_keys, **options), keys, {"seed": seed, **TROUBLES})


@pytest.mark.parametrize("seed", DAYS)
def test_roles(emulator: InProcessEmulator, keep_roles: Any, seed: int) -> None:
    keep = functools.partial(keep_roles, lifecycle_role=True)
    assert_same_as_on_a_good_day(emulator, keep, role, {"seed": seed, "propagation_seconds": seed % 2 * 3.0, **TROUBLES})


def test_a_new_role_that_is_not_found_yet(emulator: InProcessEmulator, keep_roles: Any) -> None:
    assert_same_as_on_a_good_day(emulator, keep_roles, role, {"propagation_seconds": 15})


def test_a_key_for_a_role_that_was_just_made(emulator: InProcessEmulator, keep_keys: Any) -> None:
    arn = f"arn:aws:iam::{SOURCE}:role/{BUILD_ROLE}"
    emulator.disturb(propagation_seconds=15)
    emulator.client(SOURCE, "iam").create_role(RoleName=BUILD_ROLE, AssumeRolePolicyDocument=TRUST)
    made = keep_keys(build_instance_role_arns=[arn])
    assert (made["failed"], made["changed"]) == (False, True), made
    emulator.client(SOURCE, "iam").create_role(RoleName=BUILD_ROLE + "2", AssumeRolePolicyDocument=TRUST)
    changed = keep_keys(build_instance_role_arns=[arn + "2"])
    assert (changed["failed"], changed["changed"]) == (False, True), changed
    assert {call.error for call in emulator.calls()} >= {"MalformedPolicyDocumentException"}, "it was waited for, not avoided"


def make_account(emulator: InProcessEmulator) -> str:
    """A new account of the organization; its id."""
    organizations = emulator.client(SOURCE, "organizations", "us-east-1")
    answer = organizations.create_account(AccountName="new", Email="new@example.com")
    return str(answer["CreateAccountStatus"]["AccountId"])


def test_a_role_that_trusts_an_account_that_was_just_made(emulator: InProcessEmulator, keep_roles: Any) -> None:
    """Both when the role is made, and when it is there already."""
    emulator.disturb(propagation_seconds=15)
    for source in ("first", "second"):
        emulator.reset_calls()
        made = keep_roles(source_account_ids=[SOURCE, make_account(emulator)])
        assert (made["failed"], made["changed"]) == (False, True), (source, made)
        refused = {call.operation for call in emulator.calls() if call.error == "MalformedPolicyDocument"}
        assert refused == {"CreateRole" if source == "first" else "UpdateAssumeRolePolicy"}, "it was waited for, not avoided"
    emulator.disturb()
    emulator.reset_calls()
    assert not keep_roles()["changed"]
    assert emulator.writes() == []


def test_a_key_for_an_account_that_was_just_made(emulator: InProcessEmulator, keep_keys: Any) -> None:
    emulator.disturb(propagation_seconds=15)
    for operation in ("CreateKey", "PutKeyPolicy"):
        emulator.reset_calls()
        made = keep_keys(destination_account_ids=[make_account(emulator)])
        assert (made["failed"], made["changed"]) == (False, True), (operation, made)
        refused = {call.operation for call in emulator.calls() if call.error == "MalformedPolicyDocumentException"}
        assert refused == {operation}, "it was waited for, not avoided"


def test_a_role_that_does_not_exist_is_told(emulator: InProcessEmulator, keep_keys: Any) -> None:
    refused = keep_keys(build_instance_role_arns=[f"arn:aws:iam::{SOURCE}:role/Mistyped"])
    assert refused["failed"]
    assert "principal" in refused["msg"]
