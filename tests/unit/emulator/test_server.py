# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator as a server: other processes' clients work against it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.tests.emulator.faults import EmulatorFailedError
from ansible_collections.golden.imagebuilder.tests.emulator.server import Emulator, EmulatorServer, InProcessEmulator, emulate
from botocore.exceptions import ClientError
from moto.iam.models import iam_backends

SOURCE, DESTINATION, OTHER = "111111111111", "222222222222", "333333333333"
COLLECTION = Path(__file__).parents[3]
AWS = Path(sys.executable).with_name("aws")


@pytest.fixture
def server() -> Iterator[EmulatorServer]:
    with EmulatorServer([SOURCE, DESTINATION, OTHER], seconds_per_state=0) as running:
        yield running


def http(url: str, method: str = "GET") -> Any:
    with urllib.request.urlopen(urllib.request.Request(url, method=method), timeout=10) as answer:  # noqa: S310
        return json.load(answer)


def aws(server: EmulatorServer, account: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], "HOME": os.devnull, **server.environment(account)}
    return subprocess.run([str(AWS), *arguments], env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_health(server: EmulatorServer) -> None:
    assert http(f"{server.endpoint_url}/emulator/health") == {"status": "ready"}
    with pytest.raises(urllib.error.HTTPError, match="404"):
        http(f"{server.endpoint_url}/emulator/other")


@pytest.mark.skipif(not AWS.exists(), reason="the AWS CLI is not installed beside this Python")
class TestCommandLine:
    def test_identity(self, server: EmulatorServer) -> None:
        answer = json.loads(aws(server, DESTINATION, "sts", "get-caller-identity").stdout)
        assert (answer["Account"], answer["Arn"]) == (DESTINATION, f"arn:aws:iam::{DESTINATION}:user/administrator")

    @pytest.mark.parametrize(("account", "allowed"), [(SOURCE, True), (OTHER, False)])
    def test_assume_role(self, server: EmulatorServer, account: str, allowed: bool) -> None:
        role = f"arn:aws:iam::{DESTINATION}:role/OrganizationAccountAccessRole"
        run = aws(server, account, "sts", "assume-role", "--role-arn", role, "--role-session-name", "test")
        if allowed:
            assert json.loads(run.stdout)["AssumedRoleUser"]["Arn"].startswith(f"arn:aws:sts::{DESTINATION}:assumed-role/")
        else:
            assert "(AccessDenied)" in run.stderr
            assert f"is not authorized to perform: sts:AssumeRole on resource: {role}" in run.stderr

    @pytest.mark.parametrize(
        "command", ["service-quotas list-services", "iam list-mfa-device-tags --serial-number serial-number", "ec2 list-images-in-recycle-bin"]
    )
    def test_what_moto_cannot_do_is_said_once(self, server: EmulatorServer, command: str) -> None:
        run = aws(server, SOURCE, *command.split())
        assert "(NotImplemented)" in run.stderr
        assert "The emulator cannot do this: The " in run.stderr
        assert [call.error for call in server.calls()] == ["NotImplemented"]


def test_clients_of_different_accounts_at_once(server: EmulatorServer) -> None:
    clients = [server.client(account, "sts") for account in (SOURCE, DESTINATION, OTHER)] * 10
    with ThreadPoolExecutor(16) as pool:
        seen = list(pool.map(lambda client: client.get_caller_identity()["Account"], clients))
    assert seen == [SOURCE, DESTINATION, OTHER] * 10
    assert len(server.calls()) == 30


class Slow(dict[str, Any]):
    """moto's roles, gone through so slowly that whoever can come in between does."""

    def values(self) -> Any:
        """The roles, one after the other."""
        for role in super().values():
            time.sleep(0.001)
            yield role


@pytest.mark.parametrize("kind", [EmulatorServer, InProcessEmulator])
def test_a_call_does_not_see_another_half_done(kind: type[Emulator]) -> None:
    roles, repetitions, trust = 10, 4, json.dumps({"Version": "2012-10-17", "Statement": []})

    def create(client: Any, name: str) -> bool:
        """Whether the role is made; somebody else may have been first."""
        try:
            client.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
        except client.exceptions.EntityAlreadyExistsException:
            return False
        return True

    with kind([SOURCE]) as running, ThreadPoolExecutor(repetitions) as pool:
        iam_backends[SOURCE]["aws"].roles = Slow()
        clients = [running.client(SOURCE, "iam") for _repetition in range(repetitions)]
        made = list(pool.map(create, clients * roles, [f"role{number // repetitions}" for number in range(roles * repetitions)]))
        assert sum(made) == roles
        assert {call.error for call in running.calls()} == {None, "EntityAlreadyExists"}


def test_a_fault_of_the_emulator_is_told_again_at_its_end(capsys: pytest.CaptureFixture[str]) -> None:
    running = EmulatorServer([SOURCE]).__enter__()
    iam_backends[SOURCE]["aws"].roles["broken"] = None
    with pytest.raises(ClientError, match=r"\(InternalFailure\).*The emulator failed: AttributeError"):
        running.client(SOURCE, "iam").get_role(RoleName="some")
    assert "AttributeError" in capsys.readouterr().err
    with pytest.raises(EmulatorFailedError, match="AttributeError"):
        running.__exit__(None, None, None)


@pytest.mark.parametrize(("attempt", "said"), [("attempt=1; max=3", ""), ("attempt=2; max=3", f"CreateUser of account {SOURCE}")])
def test_a_repeated_call_is_mentioned(server: EmulatorServer, capsys: pytest.CaptureFixture[str], attempt: str, said: str) -> None:
    client = server.client(SOURCE, "iam")
    client.meta.events.register("before-send.iam", lambda request, **_others: request.headers.__setitem__("amz-sdk-request", attempt))
    client.create_user(UserName="one")
    assert capsys.readouterr().err.partition(" in ")[0] == said


def test_image_builder_answers(server: EmulatorServer) -> None:
    assert server.client(SOURCE, "imagebuilder").list_infrastructure_configurations()["infrastructureConfigurationSummaryList"] == []


def test_calls(server: EmulatorServer) -> None:
    server.client(DESTINATION, "kms").create_key()
    with pytest.raises(ClientError):
        server.client(SOURCE, "iam").get_role(RoleName="none")
    url = f"{server.endpoint_url}/emulator/calls"
    first, second = http(url)
    assert first == {"account": DESTINATION, "region": "us-west-2", "service": "kms", "operation": "CreateKey", "write": True}
    assert (second["operation"], second["write"], second["error"]) == ("GetRole", False, "NoSuchEntity")
    assert http(url, "DELETE") == http(url) == []


def test_the_next_one_starts_empty() -> None:
    for _attempt in range(2):
        with EmulatorServer([SOURCE]) as running:
            kms = running.client(SOURCE, "kms")
            assert kms.list_keys()["Keys"] == []
            kms.create_key()


def test_reset_goes_back_to_the_start(server: EmulatorServer) -> None:
    server.client(SOURCE, "kms").create_key()
    server.reset()
    assert server.calls() == []
    assert server.client(SOURCE, "kms").list_keys()["Keys"] == []
    assert server.client(DESTINATION, "sts").get_caller_identity()["Account"] == DESTINATION


def test_there_is_only_one() -> None:
    with emulate([SOURCE]):
        for second in (EmulatorServer([SOURCE]), emulate([SOURCE])):
            with pytest.raises(RuntimeError, match="runs in this process already"), second:
                pass
    with EmulatorServer([SOURCE]) as running:
        assert running.port


def test_a_port_in_use_is_an_error_and_leaves_nothing_running() -> None:
    with EmulatorServer([SOURCE]) as running:
        taken = running.port
        run = subprocess.run(
            [sys.executable, "-m", "tests.emulator", "--port", str(taken)], cwd=COLLECTION, capture_output=True, text=True, timeout=60, check=False
        )
        assert run.returncode != 0
        assert "in use" in run.stderr
    with pytest.raises(RuntimeError, match="does not run"):
        assert running.port


@pytest.mark.parametrize("accounts", [[], ["1"], ["11111111111x"], [SOURCE, SOURCE]])
def test_accounts_are_checked(accounts: list[str]) -> None:
    with pytest.raises(ValueError, match="12 digits"):
        EmulatorServer(accounts)


class TestProgram:
    def start(self, port_file: Path, *arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-m", "tests.emulator", "--port-file", str(port_file), "--account", SOURCE, "--account", DESTINATION, *arguments]
        return subprocess.Popen(command, cwd=COLLECTION, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
    def test_until_it_is_told_to_stop(self, tmp_path: Path, number: signal.Signals) -> None:
        port_file = tmp_path / "port"
        with self.start(port_file) as program:
            assert program.stdout
            ready = program.stdout.readline()
            url = f"http://127.0.0.1:{port_file.read_text().strip()}"
            assert ready == f"ready: {url} accounts {SOURCE} {DESTINATION}\n"
            assert http(f"{url}/emulator/health") == {"status": "ready"}
            program.send_signal(number)
            _rest, errors = program.communicate(timeout=10)
        assert (program.returncode, errors) == (0, "")

    def test_lifetime(self, tmp_path: Path) -> None:
        begin = time.monotonic()
        with self.start(tmp_path / "port", "--lifetime", "0.1") as program:
            assert program.wait(timeout=30) == 0
        assert time.monotonic() - begin < 30

    def test_wrong_account(self, tmp_path: Path) -> None:
        with self.start(tmp_path / "port", "--account", "7") as program:
            _rest, errors = program.communicate(timeout=30)
        assert program.returncode == 2
        assert "12 digits" in errors
