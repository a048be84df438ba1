# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A bad day at AWS: throttling, failures, cut connections, accounts that deny everything, and IAM that is late."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.tests.emulator import clock, server
from ansible_collections.golden.imagebuilder.tests.emulator.server import Emulator, EmulatorServer, InProcessEmulator
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError
from botocore.parsers import ResponseParserError

SOURCE, DESTINATION, OTHER = "111111111111", "222222222222", "333333333333"
ORGANIZATION_ROLE = f"arn:aws:iam::{DESTINATION}:role/OrganizationAccountAccessRole"
ROLE, ROLE_ARN = "Late", f"arn:aws:iam::{SOURCE}:role/Late"
SECONDS = 5.0


@pytest.fixture(autouse=True)
def no_repetitions(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clients that say what they got at the first attempt."""
    monkeypatch.setattr(server, "_CLIENT_CONFIG", Config(retries={"total_max_attempts": 1}))


def trust(account_id: str) -> str:
    statement = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account_id}:root"}, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def refuse_torn(http_response: Any, **_event: Any) -> None:
    """botocore takes an answer that ends too early for a whole one."""
    if len(http_response.content) < int(http_response.headers.get("Content-Length", 0)):
        raise ConnectionClosedError(endpoint_url=http_response.url)


def outcome(function: Any, **parameters: Any) -> str:
    """How a call ends: its error code, `cut`, or nothing."""
    function.__self__.meta.events.register("after-call", refuse_torn, unique_id="torn")
    try:
        function(**parameters)
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    except (ConnectionClosedError, ResponseParserError):
        return "cut"
    return ""


@pytest.fixture(params=[EmulatorServer, InProcessEmulator])
def emulator(request: pytest.FixtureRequest) -> Iterator[Emulator]:
    with request.param([SOURCE, DESTINATION, OTHER], seconds_per_state=0) as running:
        yield running


@pytest.fixture
def late() -> Iterator[InProcessEmulator]:
    with InProcessEmulator([SOURCE, DESTINATION], seconds_per_state=0) as running:
        running.disturb(propagation_seconds=SECONDS)
        yield running


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A function that lets a number of seconds pass."""
    now = [0.0]
    monkeypatch.setattr(clock, "source", lambda: now[0])

    def passes(seconds: float) -> None:
        now[0] += seconds

    return passes


def make_users(emulator: Emulator, count: int = 200) -> Counter[str]:
    """How the first attempts to make users end."""
    iam = emulator.client(SOURCE, "iam")
    with ThreadPoolExecutor(4) as pool:
        return Counter(pool.map(lambda number: outcome(iam.create_user, UserName=f"user{number}"), range(count)))


def users(emulator: Emulator) -> set[str]:
    return {user["UserName"] for user in emulator.client(SOURCE, "iam").list_users()["Users"]}


def test_nothing_happens_unless_asked_for(emulator: Emulator) -> None:
    assert make_users(emulator, 30) == {"": 30}


def test_the_same_requests_meet_the_same_troubles_whatever_the_order(emulator: Emulator) -> None:
    seen = []
    for seed in (1, 1, 2):
        emulator.reset()
        emulator.disturb(seed=seed, throttled=0.2, failed=0.1, cut=0.1)
        iam = emulator.client(SOURCE, "iam")
        names = [f"user{number}" for number in range(100)]
        with ThreadPoolExecutor(8) as pool:
            ended = pool.map(lambda name, call=iam.get_user: outcome(call, UserName=name), names)
            seen.append(dict(zip(names, ended, strict=True)))
    assert seen[0] == seen[1] != seen[2]
    assert set(seen[0].values()) == {"NoSuchEntity", "Throttling", "InternalFailure", "cut"}


def test_shares(emulator: Emulator) -> None:
    emulator.disturb(throttled=0.25, failed=0.15, cut=0.15)
    ended = make_users(emulator)
    emulator.disturb()
    made = len(users(emulator))
    assert 30 < ended["Throttling"] < 70
    assert 15 < ended["InternalFailure"] < 50
    assert 15 < ended["cut"] < 50
    assert ended[""] < made - 1 < 200 - ended["Throttling"], "some were made although the client was told otherwise"


def test_who_asks_again_gets_through(emulator: Emulator) -> None:
    emulator.disturb(throttled=0.5)
    iam = emulator.client(SOURCE, "iam")
    ended = [outcome(iam.get_user, UserName="administrator") for _attempt in range(20)]
    assert set(ended) == {"", "Throttling"}


@pytest.mark.parametrize(
    ("service", "operation", "throttling"),
    [
        ("ec2", "describe_key_pairs", "RequestLimitExceeded"),
        ("kms", "list_keys", "ThrottlingException"),
        ("ssm", "describe_parameters", "ThrottlingException"),
        ("imagebuilder", "list_images", "ThrottlingException"),
        ("sts", "get_caller_identity", "Throttling"),
    ],
)
def test_every_protocol(emulator: Emulator, service: str, operation: str, throttling: str) -> None:
    call = getattr(emulator.client(SOURCE, service), operation)
    for disturbances, code in (({"throttled": 1}, throttling), ({"failed": 1}, "InternalFailure"), ({"cut": 1}, "cut"), ({}, "")):
        emulator.disturb(**disturbances)
        assert outcome(call) == code
    assert [call.error for call in emulator.calls()][-1] is None
    assert {call.error for call in emulator.calls()} >= {throttling, "InternalFailure", "ConnectionCut"}


def test_a_service_control_policy_binds_everybody_of_the_account(emulator: Emulator) -> None:
    role = emulator.role_client(SOURCE, ORGANIZATION_ROLE, "iam")
    emulator.disturb(denying={DESTINATION: "service control policy"})
    for client in (role, emulator.client(DESTINATION, "iam")):
        with pytest.raises(ClientError, match=r"\(AccessDenied\).*222222222222.* iam:ListRoles with an explicit deny in a service control policy"):
            client.list_roles()
    assert outcome(emulator.client(DESTINATION, "ec2").describe_key_pairs) == "UnauthorizedOperation"
    assert outcome(emulator.client(DESTINATION, "kms").list_keys) == "AccessDeniedException"
    assert outcome(emulator.client(DESTINATION, "sts").get_caller_identity) == "", "nothing can deny this"
    assert outcome(emulator.client(SOURCE, "iam").list_roles) == ""


def test_a_service_control_policy_can_deny_single_operations(emulator: Emulator) -> None:
    emulator.disturb(denied_operations={DESTINATION: ["ListRoles"]})
    assert outcome(emulator.client(DESTINATION, "iam").list_roles) == "AccessDenied"
    assert outcome(emulator.client(DESTINATION, "iam").list_users) == outcome(emulator.client(SOURCE, "iam").list_roles) == ""


def test_a_resource_control_policy_keeps_everybody_out(emulator: Emulator) -> None:
    emulator.disturb(denying={DESTINATION: "resource control policy"})
    with pytest.raises(ClientError, match=rf"sts:AssumeRole on resource: {ORGANIZATION_ROLE} with an explicit deny in a resource control policy"):
        emulator.role_client(SOURCE, ORGANIZATION_ROLE, "iam")
    assert emulator.role_client(SOURCE, ORGANIZATION_ROLE.replace(DESTINATION, OTHER), "iam").list_roles()["Roles"]


class TestPropagation:
    def test_a_new_role_is_not_there_yet_for_anybody(self, late: InProcessEmulator, passes: Any) -> None:
        iam, sts, kms = (late.client(SOURCE, service) for service in ("iam", "sts", "kms"))
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        names_it = json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
        names_it["Statement"].append({"Effect": "Allow", "Principal": {"AWS": ROLE_ARN}, "Action": "kms:Decrypt", "Resource": "*"})

        iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=trust(SOURCE))

        def ended() -> list[str]:
            return [
                outcome(iam.get_role, RoleName=ROLE),
                outcome(iam.put_role_policy, RoleName=ROLE, PolicyName="one", PolicyDocument=trust(SOURCE).replace('"Principal"', '"Sid"')),
                outcome(sts.assume_role, RoleArn=ROLE_ARN, RoleSessionName="test"),
                outcome(kms.put_key_policy, KeyId=key, PolicyName="default", Policy=json.dumps(names_it)),
                outcome(
                    iam.update_assume_role_policy, RoleName="Other", PolicyDocument=trust(SOURCE).replace(f"{SOURCE}:root", f"{SOURCE}:role/{ROLE}")
                ),
            ]

        assert outcome(iam.create_role, RoleName=ROLE, AssumeRolePolicyDocument=trust(SOURCE)) == "EntityAlreadyExists"
        assert ended() == ["NoSuchEntity", "NoSuchEntity", "AccessDenied", "MalformedPolicyDocumentException", "MalformedPolicyDocument"]
        passes(SECONDS)
        assert ended()[0] == ""
        assert ended()[2:] == ["", "", "NoSuchEntity"]

    def test_a_change_is_seen_later(self, late: InProcessEmulator, passes: Any) -> None:
        iam, sts = late.client(SOURCE, "iam"), late.client(DESTINATION, "sts")
        iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=trust(SOURCE))
        passes(SECONDS)

        iam.update_assume_role_policy(RoleName=ROLE, PolicyDocument=trust(DESTINATION))
        assert iam.get_role(RoleName=ROLE)["Role"]["AssumeRolePolicyDocument"] == json.loads(trust(DESTINATION))
        assert outcome(sts.assume_role, RoleArn=ROLE_ARN, RoleSessionName="test") == "AccessDenied"
        passes(SECONDS)
        assert outcome(sts.assume_role, RoleArn=ROLE_ARN, RoleSessionName="test") == ""

    def test_a_policy_counts_later(self, late: InProcessEmulator, passes: Any) -> None:
        iam = late.client(SOURCE, "iam")
        iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=trust(SOURCE))
        key = late.client(SOURCE, "kms").create_key()["KeyMetadata"]["KeyId"]
        passes(SECONDS)
        kms = late.role_client(SOURCE, ROLE_ARN, "kms")
        iam.attach_role_policy(RoleName=ROLE, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
        assert outcome(kms.describe_key, KeyId=key) == "AccessDeniedException"
        passes(SECONDS)
        assert outcome(kms.describe_key, KeyId=key) == ""

    def test_what_was_there_before_stays_seen(self, late: InProcessEmulator) -> None:
        assert outcome(late.client(SOURCE, "sts").assume_role, RoleArn=ORGANIZATION_ROLE, RoleSessionName="test") == ""
        late.client(DESTINATION, "iam").tag_role(RoleName="OrganizationAccountAccessRole", Tags=[{"Key": "a", "Value": "b"}])
        assert outcome(late.client(SOURCE, "sts").assume_role, RoleArn=ORGANIZATION_ROLE, RoleSessionName="test") == ""


class TestControlEndpoint:
    def put(self, running: EmulatorServer, disturbances: dict[str, Any]) -> dict[str, Any]:
        url = f"{running.endpoint_url}/emulator/disturbances"
        request = urllib.request.Request(url, json.dumps(disturbances).encode(), method="PUT")  # noqa: S310
        with urllib.request.urlopen(request, timeout=10) as answer:  # noqa: S310
            return dict(json.load(answer))

    def test_on_and_off(self) -> None:
        with EmulatorServer([SOURCE]) as running:
            kms = running.client(SOURCE, "kms")
            assert self.put(running, {"throttled": 1})["throttled"] == 1
            assert outcome(kms.list_keys) == "ThrottlingException"
            assert self.put(running, {})["throttled"] == 0
            assert outcome(kms.list_keys) == ""

    @pytest.mark.parametrize(
        ("disturbances", "complaint"),
        [
            ({"throttled": 0.9, "cut": 0.2}, "together at most 1"),
            ({"failed": -1}, "shares"),
            ({"propagation_seconds": -1}, "negative"),
            ({"denying": {SOURCE: "whim"}}, "whim"),
            ({"rain": 1}, "rain"),
        ],
    )
    def test_nonsense(self, disturbances: dict[str, Any], complaint: str) -> None:
        with EmulatorServer([SOURCE]) as running, pytest.raises(urllib.error.HTTPError) as error:
            self.put(running, disturbances)
        assert error.value.code == 400
        assert complaint in error.value.read().decode()
