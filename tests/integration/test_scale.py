# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Access for many accounts on a bad day: what can be done is done, what cannot is told, and the next run does just that.

`make scale` runs this with as many accounts and Regions as one distribution configuration takes: SCALE=1536x8.
"""

from __future__ import annotations

import json
import os
import shutil
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.tests.emulator.calls import Call
from ansible_collections.golden.imagebuilder.tests.emulator.server import EmulatorServer
from ansible_collections.golden.imagebuilder.tests.organization import DESTINATIONS, DISTRIBUTION_ROLE, EXAMPLE_INVENTORY, SOURCE, Organization, Run

pytestmark = pytest.mark.xdist_group("scale")

ACCOUNTS, REGION_COUNT = (int(number) for number in os.environ.get("SCALE", "32x2").split("x"))
REGIONS = ["us-west-2", "eu-west-1", "us-east-1", "us-east-2", "eu-central-1", "eu-north-1", "ap-northeast-1", "ap-southeast-2"][:REGION_COUNT]
HOSTS = {f"account-{number:04}": f"{500000000000 + number}" for number in range(ACCOUNTS)}
DENYING = {"account-0007": "service control policy", "account-0011": "resource control policy", "account-0023": "service control policy"}
SOUND = {host: account_id for host, account_id in HOSTS.items() if host not in DENYING}
BAD_DAY = {"seed": 1, "throttled": 0.05, "failed": 0.01, "cut": 0.01, "denying": {HOSTS[host]: kind for host, kind in DENYING.items()}}
TROUBLES = {"Throttling", "ThrottlingException", "InternalFailure", "ConnectionCut"}
MANAGED_POLICY = "arn:aws:iam::aws:policy/Ec2ImageBuilderCrossAccountDistributionAccess"


def write_inventory(path: Path, hosts: Mapping[str, str] = HOSTS) -> Path:
    """The inventory of a large organization, entered as that of the examples is, and with the same image."""
    shutil.copytree(EXAMPLE_INVENTORY.parent / "group_vars", path.parent / "group_vars")
    variables = {"image_builder_assume_role_arn": "OrganizationAccountAccessRole"}
    destinations = {host: {"image_builder_account_id": account_id} for host, account_id in hosts.items()}
    groups = {
        "image_builder_source": {"hosts": {"image-factory": {"image_builder_account_id": SOURCE}}},
        "image_builder_destinations": {"vars": variables, "hosts": destinations},
    }
    common = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}", "image_builder_regions": REGIONS}
    path.write_text(json.dumps({"all": {"children": groups, "vars": common}}))
    return path


@dataclass(frozen=True)
class Story:
    """A run on a bad day and what it left, and the run after the three accounts were mended."""

    organization: Organization
    bad: Run
    bad_calls: list[Call]
    roles: dict[str, Any]
    keys: dict[str, Any]
    mended: Run
    mended_calls: list[Call]


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    folder = tmp_path_factory.mktemp("scale")
    with EmulatorServer(accounts=[SOURCE, *DESTINATIONS.values(), *HOSTS.values()]) as emulator:
        organization = Organization(emulator, folder)
        organization.inventories = [write_inventory(folder / "many.yml")]
        bad, bad_calls = run_access(organization, **BAD_DAY)
        assert bad_calls, bad.output
        roles = {account_id: read_role(emulator, account_id) for account_id in SOUND.values()}
        keys = {region: read_key(emulator, region) for region in REGIONS}
        mended, mended_calls = run_access(organization)
        yield Story(organization, bad, bad_calls, roles, keys, mended, mended_calls)


def run_access(organization: Organization, **disturbances: Any) -> tuple[Run, list[Call]]:
    """Prepare keys and roles on a day of this kind; the run and its calls."""
    organization.emulator.disturb(**disturbances)
    organization.emulator.reset_calls()
    begin = time.monotonic()
    run = organization.playbook("--tags", "access")
    calls = organization.emulator.calls()
    organization.emulator.disturb()
    print(f"{ACCOUNTS} accounts, {len(REGIONS)} Regions: {time.monotonic() - begin:.1f} s, {len(calls)} calls, {dict(Counter(map(kind_of, calls)))}")
    return run, calls


def kind_of(call: Call) -> str:
    return call.error or ("write" if call.write else "read")


def read_role(emulator: EmulatorServer, account_id: str) -> dict[str, Any]:
    iam = emulator.client(account_id, "iam")
    names = iam.list_role_policies(RoleName=DISTRIBUTION_ROLE)["PolicyNames"]
    return {
        "trust": iam.get_role(RoleName=DISTRIBUTION_ROLE)["Role"]["AssumeRolePolicyDocument"],
        "managed": [policy["PolicyArn"] for policy in iam.list_attached_role_policies(RoleName=DISTRIBUTION_ROLE)["AttachedPolicies"]],
        "inline": {name: iam.get_role_policy(RoleName=DISTRIBUTION_ROLE, PolicyName=name)["PolicyDocument"] for name in names},
    }


def read_key(emulator: EmulatorServer, region: str) -> dict[str, Any]:
    kms = emulator.client(SOURCE, "kms", region)
    enabled = [key for key in kms.list_keys()["Keys"] if kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"]["KeyState"] == "Enabled"]
    arn = kms.describe_key(KeyId="alias/golden-imagebuilder")["KeyMetadata"]["Arn"]
    assert [key["KeyArn"] for key in enabled] == [arn], "one key, and no double of it"
    return {"arn": arn, "policy": json.loads(kms.get_key_policy(KeyId=arn, PolicyName="default")["Policy"])}


def untroubled(calls: list[Call], account_id: str) -> Counter[str]:
    """The operations that an account was asked for, without those whose answers got lost on the way."""
    return Counter(call.operation for call in calls if call.account == account_id and call.error not in TROUBLES)


def test_the_day_was_bad(story: Story) -> None:
    seen = Counter(call.error for call in story.bad_calls)
    assert seen["Throttling"] + seen["ThrottlingException"] > 0.03 * len(story.bad_calls)
    assert seen["InternalFailure"]
    assert seen["ConnectionCut"]


def test_each_of_the_three_is_told_with_its_cause(story: Story) -> None:
    assert story.bad.status != 0
    assert {host for host, counters in story.bad.recap.items() if counters["failed"]} == set(DENYING), story.bad.output
    for host, kind in DENYING.items():
        (told,) = [line for line in story.bad.output.splitlines() if line.startswith(f"fatal: [{host}]")] or [""]
        about = told or story.bad.output.partition(f"[{host}]")[2][:2000]
        assert HOSTS[host] in about
        assert f"with an explicit deny in a {kind}" in about


def test_all_others_have_their_role(story: Story) -> None:
    keys = sorted(key["arn"] for key in story.keys.values())
    for account_id, role in story.roles.items():
        (trust,) = role["trust"]["Statement"]
        assert (trust["Effect"], trust["Action"], trust["Principal"]) == ("Allow", ["sts:AssumeRole"], {"AWS": [f"arn:aws:iam::{SOURCE}:root"]}), (
            account_id
        )
        assert role["managed"] == [MANAGED_POLICY]
        assert set(role["inline"]) == {"GoldenImageBuilderKms", "GoldenImageBuilderParameters"}
        put, _describe = role["inline"]["GoldenImageBuilderParameters"]["Statement"]
        assert put["Resource"] == [f"arn:aws:ssm:*:{account_id}:parameter/imagebuilder/web/latest"]
        allowed = {
            action: statement["Resource"] for statement in role["inline"]["GoldenImageBuilderKms"]["Statement"] for action in statement["Action"]
        }
        assert {"kms:Decrypt", "kms:CreateGrant", "kms:DescribeKey"} <= set(allowed)
        assert {tuple(arns) for arns in allowed.values()} == {tuple(keys)}


def test_every_key_is_for_all_accounts(story: Story) -> None:
    """By name as long as they have room in a key policy, else by their organization."""
    organizations = story.organization.emulator.client(SOURCE, "organizations", "us-east-1")
    organization_id = organizations.describe_organization()["Organization"]["Id"]
    everybody = sorted(f"arn:aws:iam::{account_id}:root" for account_id in HOSTS.values())
    for key in story.keys.values():
        allowing = [statement for statement in key["policy"]["Statement"] if "Decrypt" in json.dumps(statement["Action"])]
        named = [statement["Principal"]["AWS"] for statement in allowing]
        by_organization = [statement["Condition"]["StringEquals"]["aws:PrincipalOrgID"] for statement in allowing if "Condition" in statement]
        assert (named, by_organization) == ([everybody], []) if ACCOUNTS < 200 else ([["*"]], [[organization_id]])


def test_no_account_is_asked_for_more_than_it_needs(story: Story) -> None:
    """What an account needs is what those are asked for that were mended, on a good day. A write whose answer got lost has to be looked after."""
    needed = [untroubled(story.mended_calls, HOSTS[host]) for host in DENYING]
    assert needed[0] == needed[1] == needed[2]
    looked_after = needed[0].keys() | {"ListAttachedRolePolicies"}  # as of a role that is there when it is to be made
    lost = {call.account for call in story.bad_calls if call.write and call.error in TROUBLES - {"Throttling", "ThrottlingException"}}
    for account_id in SOUND.values():
        asked = untroubled(story.bad_calls, account_id)
        assert asked == needed[0] or (account_id in lost and asked.keys() <= looked_after), account_id
    assert len(lost & set(SOUND.values())) < len(SOUND) / 2
    assert {host: untroubled(story.bad_calls, HOSTS[host]).total() for host in DENYING} == {
        host: int(kind == "service control policy") for host, kind in DENYING.items()
    }, "who is denied is not asked again"


def test_nobody_is_entered_twice(story: Story) -> None:
    entered = untroubled(story.bad_calls, SOURCE)["AssumeRole"]
    assert entered == len(HOSTS)
    assert {call.account for call in story.bad_calls} == {SOURCE, *HOSTS.values()} - {HOSTS["account-0011"]}


def test_the_next_run_touches_the_three_only(story: Story) -> None:
    assert story.mended.status == 0, story.mended.output
    assert {call.account for call in story.mended_calls if call.write} == {HOSTS[host] for host in DENYING}
    assert {host for host, changed in story.mended.changed().items() if changed} == set(DENYING)
    emulator = story.organization.emulator
    account_id, role = next(iter(story.roles.items()))
    for host in DENYING:
        assert json.dumps(read_role(emulator, HOSTS[host])) == json.dumps(role).replace(account_id, HOSTS[host])
    assert {region: read_key(emulator, region) for region in REGIONS} == story.keys
