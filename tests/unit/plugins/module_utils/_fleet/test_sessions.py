# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Targets, and the way from a target to a client, against the emulator."""

from __future__ import annotations

import datetime
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import botocore.session
import moto.sts.models
import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.errors import FleetError
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.regions import known_regions, partition_of
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.sessions import Sessions, role_arn
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import Target, parse_targets
from ansible_collections.golden.imagebuilder.tests.emulator.server import EmulatorServer, InProcessEmulator, emulate
from botocore.exceptions import ClientError, NoCredentialsError
from moto.core.utils import utcnow

SOURCE, PAYMENTS, SEARCH = "111111111111", "222222222222", "333333333333"
ROLE = "OrganizationAccountAccessRole"
CONNECTION = ("profile", "access_key", "secret_key", "session_token", "region", "endpoint_url", "aws_ca_bundle", "aws_config")


def sessions(**options: Any) -> Sessions:
    """Sessions of a module with these connection options; the environment's come in through them, as in AnsibleAWSModule."""
    environment = {"access_key": os.environ.get("AWS_ACCESS_KEY_ID"), "secret_key": os.environ.get("AWS_SECRET_ACCESS_KEY")}
    given = {"region": "us-west-2", "validate_certs": True, **({} if "profile" in options else environment), **options}
    module: Any = SimpleNamespace(params={**dict.fromkeys(CONNECTION), **given})
    return Sessions(module)


@pytest.fixture
def emulator() -> Iterator[InProcessEmulator]:
    with emulate(accounts=[SOURCE, PAYMENTS, SEARCH]) as running:
        yield running


# --- what the user wrote ---------------------------------------------------------------------------------------------------------------------


def messages(*targets: Any) -> dict[str, str]:
    return {problem.path: problem.message for problem in parse_targets(list(targets))[1]}


def test_a_full_target() -> None:
    entry = {"account_id": PAYMENTS, "name": "payments", "regions": ["us-west-2"], "profile": "p", "assume_role_arn": ROLE, "external_id": "x"}
    assert parse_targets([entry]) == ([Target(PAYMENTS, "payments", ("us-west-2",), "p", ROLE, "x")], [])


def test_the_id_is_the_name_of_a_target_without_one() -> None:
    assert parse_targets([{"account_id": PAYMENTS, "profile": None}]) == ([Target(PAYMENTS, PAYMENTS)], [])


@pytest.mark.parametrize("account_id", [22222222222, 222222222222, "22222222222", "2222222222222", "22222222222a", "", ["222222222222"]])
def test_an_account_id_is_a_string_of_12_digits(account_id: Any) -> None:
    assert list(messages({"account_id": account_id, "name": "payments"})) == ["targets[0].account_id"]


def test_a_number_is_explained() -> None:
    message = messages({"account_id": 22222222222, "name": "payments"})["targets[0].account_id"]
    assert message.startswith("payments: 22222222222 is a number")
    assert "quotes" in message


@pytest.mark.parametrize(
    ("option", "value", "path"),
    [
        ("regions", ["us-wset-2"], "regions[0]"),
        ("regions", ["us-west-2", "us-west-2"], "regions[1]"),
        ("regions", "us-west-2", "regions"),
        ("assume_role_arn", "a role", "assume_role_arn"),
        ("assume_role_arn", f"arn:aws:iam::{PAYMENTS}:user/x", "assume_role_arn"),
        ("assume_role_arn", f"arn:aws:iam::{SEARCH}:role/x", "assume_role_arn"),
        ("profile", 3, "profile"),
        ("profile", "", "profile"),
        ("external_id", "x", "external_id"),
        ("launch_templates", ["lt-0123456789abcdef0"], "launch_templates"),
        ("launch_templates", {"us-wset-2": "lt-0123456789abcdef0"}, "launch_templates.us-wset-2"),
        ("launch_templates", {"us-west-2": "lt-0a1bcde2fgh34567"}, "launch_templates.us-west-2"),
        ("role_arn", "x", "role_arn"),
    ],
)
def test_what_is_wrong_is_named(option: str, value: Any, path: str) -> None:
    assert list(messages({"account_id": PAYMENTS, option: value})) == [f"targets[0].{path}"]


def test_all_problems_of_all_targets_at_once() -> None:
    found = messages({"account_id": 1, "regions": ["x"]}, "payments", {"name": "search"}, {"account_id": PAYMENTS}, {"account_id": PAYMENTS})
    assert list(found) == ["targets[0].account_id", "targets[0].regions[0]", "targets[1]", "targets[2].account_id", "targets[4].account_id"]
    assert "image_builder_account_id" in found["targets[2].account_id"]
    assert "is already targets[3]" in found["targets[4].account_id"]


def test_regions_of_all_partitions_are_known() -> None:
    assert {"us-west-2", "cn-north-1", "us-gov-west-1"} <= known_regions()
    assert [partition_of(region) for region in ("us-west-2", "cn-north-1", "us-gov-west-1", "mars-north-1")] == ["aws", "aws-cn", "aws-us-gov", "aws"]
    assert partition_of("us-gov-north-9") == "aws-us-gov"  # a Region that this botocore does not know yet


def test_no_region_of_a_service_is_missing() -> None:
    """What botocore says of the services that are in every Region, in data which takes it much longer to read."""
    session = botocore.session.Session()
    for partition in session.get_available_partitions():
        regions = {*session.get_available_regions("sts", partition), *session.get_available_regions("kms", partition)}
        assert regions <= known_regions()
        assert {partition_of(region) for region in regions} <= {partition}


def test_no_name_of_what_is_in_no_region_is_one() -> None:
    assert [region for region in known_regions() if "global" in region] == []


def test_targets_are_read_without_a_model_of_a_service() -> None:
    """It takes longer than all else that a process with targets does before its first call."""
    script = (
        "from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet import targets; import sys; "
        f"print(targets.parse_targets([{{'account_id': '{PAYMENTS}', 'regions': ['us-west-2'], 'assume_role_arn': '{ROLE}'}}])[1], "
        "[name for name in sys.modules if name.endswith(('_imagebuilder.schema', 'boto3', 'amazon.aws'))])"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.strip() == "[] []"


def test_a_role_by_name_is_one_of_the_account() -> None:
    assert role_arn(Target(PAYMENTS, "p", assume_role_arn=ROLE), "aws-cn") == f"arn:aws-cn:iam::{PAYMENTS}:role/{ROLE}"
    arn = f"arn:aws:iam::{PAYMENTS}:role/path/{ROLE}"
    assert role_arn(Target(PAYMENTS, "p", assume_role_arn=arn), "aws") == arn


# --- credentials and clients -----------------------------------------------------------------------------------------------------------------


def caller(client: Any) -> str:
    return str(client.get_caller_identity()["Arn"])


def test_without_a_target_the_credentials_of_the_task(emulator: InProcessEmulator) -> None:
    fleet = sessions()
    assert caller(fleet.client(None, "sts")).startswith(f"arn:aws:iam::{SOURCE}:")
    assert fleet.account_id(None) == SOURCE
    assert fleet.account_id(Target(SOURCE, "factory")) == SOURCE


def test_a_role_leads_into_its_account(emulator: InProcessEmulator) -> None:
    fleet = sessions()
    for role in (ROLE, f"arn:aws:iam::{PAYMENTS}:role/{ROLE}"):
        assert (
            caller(fleet.client(Target(PAYMENTS, "payments", assume_role_arn=role), "sts"))
            == f"arn:aws:sts::{PAYMENTS}:assumed-role/{ROLE}/golden.imagebuilder"
        )


def test_the_account_of_a_role_is_not_asked_for(emulator: InProcessEmulator) -> None:
    assert sessions().account_id(Target(PAYMENTS, "payments", assume_role_arn=ROLE)) == PAYMENTS
    assert emulator.calls() == []


def test_the_account_of_the_task_is_asked_for_once(emulator: InProcessEmulator) -> None:
    fleet = sessions()
    for name in ("payments", "search"):
        with pytest.raises(FleetError, match=f"account {SOURCE}, not of {PAYMENTS}"):
            fleet.account_id(Target(PAYMENTS, name))
    assert [call.operation for call in emulator.calls()] == ["GetCallerIdentity"]


def test_one_client_and_one_assumption_for_all_threads(emulator: InProcessEmulator) -> None:
    fleet, target = sessions(), Target(PAYMENTS, "payments", assume_role_arn=ROLE)

    def work(_number: int) -> Any:
        client = fleet.client(target, "iam")
        client.get_role(RoleName=ROLE)
        return client

    with ThreadPoolExecutor(8) as executor:
        clients = list(executor.map(work, range(16)))
    assert len({id(client.meta) for client in clients}) == 1
    assert sum(call.operation == "AssumeRole" for call in emulator.calls()) == 1


def test_accounts_share_a_client_and_each_signs_its_own_calls(emulator: InProcessEmulator) -> None:
    fleet = sessions()
    accounts = [SOURCE, PAYMENTS, SEARCH]
    clients = [fleet.client(Target(account, "x", assume_role_arn=None if account == SOURCE else ROLE), "iam") for account in accounts]
    for account, client in zip(accounts, clients, strict=True):
        client.create_role(RoleName=f"Role{account}", AssumeRolePolicyDocument='{"Version": "2012-10-17", "Statement": []}')
    assert len({id(client.meta) for client in clients}) == 1

    def own_role(index: int) -> tuple[str, bool]:
        account, client = accounts[index % 3], clients[index % 3]
        client.get_waiter("role_exists").wait(RoleName=f"Role{account}")
        pages = client.get_paginator("list_roles").paginate()
        return account, {role["Arn"].split(":")[4] for page in pages for role in page["Roles"]} == {account}

    with ThreadPoolExecutor(8) as executor:
        assert set(executor.map(own_role, range(24))) == {(account, True) for account in accounts}


def test_threads_do_not_each_search_for_the_pages_of_a_service(emulator: InProcessEmulator) -> None:
    fleet = sessions()
    fleet.client(None, "iam")
    with patch("botocore.loaders.os.listdir", wraps=os.listdir) as searched, ThreadPoolExecutor(8) as threads:
        roles = list(threads.map(lambda _number: list(fleet.client(None, "iam").get_paginator("list_roles").paginate()), range(8)))
    assert len(roles) == 8
    assert searched.call_count == 0


def test_from_within_an_account_roles_of_others_are_assumed_with_its_own(emulator: InProcessEmulator) -> None:
    """As those do who work there: the role of search trusts payments, and not the account of the task."""
    iam = emulator.client(SEARCH, "iam")
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{PAYMENTS}:root"}, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName="inner", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}))
    fleet, target = sessions(), Target(SEARCH, "search", assume_role_arn="inner")
    with pytest.raises(ClientError, match="AssumeRole"):
        caller(fleet.client(target, "sts"))
    inner = fleet.within(Target(PAYMENTS, "payments", assume_role_arn=ROLE))
    callers = [caller(client) for client in (inner.client(target, "sts"), inner.client(None, "sts"), fleet.client(None, "sts"))]
    assert [one.split(":")[4] for one in callers] == [SEARCH, PAYMENTS, SOURCE], "the sessions themselves stay what they are"
    assert fleet.within(None) is fleet


def test_what_botocore_asks_on_its_own_is_asked_for_the_same_account(emulator: InProcessEmulator) -> None:
    """The Region of a bucket, when S3 says that it is another one."""
    fleet = sessions()
    shared = fleet.client(None, "sts")
    found = []

    def ask(**_event: Any) -> None:
        shared.meta.events.unregister("before-call.sts.GetSessionToken", ask)
        found.append(caller(clients_of_nobody))

    client = fleet.client(Target(PAYMENTS, "payments", assume_role_arn=ROLE), "sts")
    clients_of_nobody = client.acting_with(None)
    shared.meta.events.register("before-call.sts.GetSessionToken", ask)
    client.get_session_token()
    assert [arn.split(":")[4] for arn in found] == [PAYMENTS]


def test_regions_and_services_share_the_credentials(emulator: InProcessEmulator) -> None:
    fleet = sessions()
    for region in ("us-west-2", "eu-west-1"):
        target = Target(PAYMENTS, "payments", (region,), assume_role_arn=ROLE)
        assert fleet.client(target, "kms", region).meta.region_name == region
        fleet.client(target, "kms", region).list_keys()
        fleet.client(target, "ec2", region).describe_regions()
    assert sum(call.operation == "AssumeRole" for call in emulator.calls()) == 1


def test_credentials_refresh_themselves(emulator: InProcessEmulator) -> None:
    client = sessions().client(Target(PAYMENTS, "payments", assume_role_arn=ROLE), "sts")
    with patch.object(moto.sts.models, "utcnow", lambda: utcnow() - datetime.timedelta(minutes=55)):
        client.get_caller_identity()
    assert caller(client).startswith(f"arn:aws:sts::{PAYMENTS}:")
    client.get_caller_identity()
    assert sum(call.operation == "AssumeRole" for call in emulator.calls()) == 2


def test_external_id(emulator: InProcessEmulator) -> None:
    statement = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{SOURCE}:root"}}
    trust = {"Version": "2012-10-17", "Statement": [{**statement, "Condition": {"StringEquals": {"sts:ExternalId": "handshake"}}}]}
    emulator.client(PAYMENTS, "iam").create_role(RoleName="Guarded", AssumeRolePolicyDocument=json.dumps(trust))
    fleet = sessions()
    assert caller(fleet.client(Target(PAYMENTS, "payments", assume_role_arn="Guarded", external_id="handshake"), "sts")).startswith(
        f"arn:aws:sts::{PAYMENTS}:"
    )
    with pytest.raises(ClientError, match="AccessDenied"):
        fleet.client(Target(PAYMENTS, "payments", assume_role_arn="Guarded", external_id="wrong"), "sts").get_caller_identity()


@pytest.fixture
def profiles(emulator: InProcessEmulator, tmp_path: Path) -> Iterator[None]:
    """AWS configuration files with a profile for each account; the credentials of the source stay in the environment."""
    lines = [
        f"[{name}]\naws_access_key_id = AKIA{account}EMUL\naws_secret_access_key = x\n"
        for name, account in (("payments", PAYMENTS), ("search", SEARCH))
    ]
    file = tmp_path / "credentials"
    file.write_text("\n".join(lines))
    with patch.dict(os.environ, {"AWS_SHARED_CREDENTIALS_FILE": str(file)}):
        yield


@pytest.mark.usefixtures("profiles")
def test_a_profile_wins_over_the_credentials_of_the_task() -> None:
    fleet = sessions()
    assert fleet.account_id(Target(PAYMENTS, "payments", profile="payments")) == PAYMENTS
    with pytest.raises(FleetError, match=f"profile search are those of account {SEARCH}, not of {PAYMENTS}"):
        fleet.account_id(Target(PAYMENTS, "payments", profile="search"))
    assert fleet.account_id(None) == SOURCE


@pytest.mark.usefixtures("profiles")
def test_a_role_is_assumed_with_the_profile(emulator: InProcessEmulator) -> None:
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": f"arn:aws:iam::{SEARCH}:root"}}],
    }
    emulator.client(PAYMENTS, "iam").create_role(RoleName="ForSearch", AssumeRolePolicyDocument=json.dumps(trust))
    target = Target(PAYMENTS, "payments", profile="search", assume_role_arn="ForSearch")
    assert caller(sessions().client(target, "sts")).startswith(f"arn:aws:sts::{PAYMENTS}:assumed-role/ForSearch/")


@pytest.mark.usefixtures("profiles")
def test_the_profile_of_the_task() -> None:
    assert sessions(profile="payments").account_id(None) == PAYMENTS


def test_no_credentials_are_told(emulator: InProcessEmulator) -> None:
    unset = {name: "" for name in os.environ if name.startswith(("AWS_ACCESS", "AWS_SECRET"))}
    with patch.dict(os.environ, {**unset, "AWS_EC2_METADATA_DISABLED": "true"}), pytest.raises(NoCredentialsError):
        sessions(access_key=None, secret_key=None).client(Target(PAYMENTS, "payments", assume_role_arn=ROLE), "iam")


def test_the_region_of_what_has_none(emulator: InProcessEmulator) -> None:
    fleet = sessions()
    assert fleet.region(Target(PAYMENTS, "payments", ("eu-west-1", "us-east-1"))) == "eu-west-1"
    assert fleet.region(Target(PAYMENTS, "payments")) == "us-west-2"
    with patch.dict(os.environ):
        os.environ.pop("AWS_REGION", None)
        os.environ.pop("AWS_DEFAULT_REGION", None)
        with pytest.raises(FleetError, match="No Region"):
            sessions(region=None).region(Target(PAYMENTS, "payments"))


def test_sts_is_regional(emulator: InProcessEmulator) -> None:
    assert sessions(region="eu-west-1").client(None, "sts").meta.endpoint_url == "https://sts.eu-west-1.amazonaws.com"
    assert sessions(region="us-east-1").client(None, "sts").meta.endpoint_url == "https://sts.us-east-1.amazonaws.com"


def test_the_endpoint_holds_for_every_account() -> None:
    with EmulatorServer(accounts=[SOURCE, PAYMENTS]) as server:
        keys = {"access_key": f"AKIA{SOURCE}EMUL", "secret_key": "x"}
        fleet = sessions(endpoint_url=server.endpoint_url, **keys)
        assert caller(fleet.client(Target(PAYMENTS, "payments", assume_role_arn=ROLE), "sts")).startswith(f"arn:aws:sts::{PAYMENTS}:")


def test_what_the_user_configures_wins(emulator: InProcessEmulator) -> None:
    config = sessions(aws_config={"retries": {"mode": "adaptive", "max_attempts": 2}}).client(None, "iam").meta.config
    assert config.retries["mode"] == "adaptive"
    assert "golden.imagebuilder" in config.user_agent_extra
    assert sessions().client(None, "iam").meta.config.retries["total_max_attempts"] == 10
