# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulator as a server on 127.0.0.1, or inside this process.

    with EmulatorServer(accounts=["111111111111", "222222222222"]) as emulator:
        emulator.client("222222222222", "sts", "us-west-2").get_caller_identity()

moto keeps its state for the whole process, so there is one emulator at a time; a second one is refused. Its state starts empty and ends empty.
"""

from __future__ import annotations

import json
import os
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from functools import cache
from pathlib import Path
from threading import Lock, Thread
from types import TracebackType
from typing import Any
from unittest.mock import patch

import boto3
from botocore.config import Config
from moto import mock_aws
from moto.core.base_backend import BackendDict
from moto.core.model_instances import reset_model_data
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, MotoRequestHandler, create_backend_app
from moto.organizations.models import organizations_backends
from werkzeug.serving import BaseWSGIServer, make_server

from . import accounts, corrections, faults, propagation, settings
from .calls import Call, ConnectionCutError, RecordingMiddleware, StartResponse, recorder
from .disturbances import disturber
from .registration import register

DEFAULT_ACCOUNTS = ("111111111111", "222222222222", "333333333333", "444444444444")
DEFAULT_REGION = "us-west-2"
_CLIENT_CONFIG = Config(retries={"mode": "standard", "max_attempts": 1})
_SECONDS_TO_NOTICE_THE_END = 0.02
_one_at_a_time = Lock()
_session_lock = Lock()


@cache
def _session() -> Any:
    """Return one boto3 session for all clients: reading botocore's models takes longer than most calls."""
    return boto3.session.Session()


class Emulator(ABC):
    """What a running emulator offers, wherever it runs."""

    def __init__(self, accounts: Sequence[str] = DEFAULT_ACCOUNTS, seconds_per_state: float = 0.05, region: str = DEFAULT_REGION) -> None:
        wrong = [account for account in accounts if not (len(account) == 12 and account.isdigit())]
        if wrong or not accounts or len(set(accounts)) != len(accounts):
            raise ValueError(f"accounts: different ids of 12 digits are needed, at least one; got {list(accounts)}")
        self.accounts = list(accounts)
        self.region = region  # what clients ask when they are told no other; the accounts are of its partition
        self._seconds_per_state = seconds_per_state
        self._running = ExitStack()

    def __enter__(self) -> Any:
        if not _one_at_a_time.acquire(blocking=False):
            raise RuntimeError("An emulator runs in this process already; moto's state is one for the process, so there can be no second.")
        with ExitStack() as stack:
            stack.callback(_one_at_a_time.release)
            stack.callback(_clear)
            settings.current.accounts = list(self.accounts)
            settings.current.seconds_per_state = self._seconds_per_state
            disturb()
            register()
            corrections.apply()
            _clear()
            self._start(stack)
            recorder.reset()
            faults.forget()
            self._running = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._running.close()
        noted = faults.forget()
        if noted and error is None:  # an error may be what the fault has caused: it must not be hidden
            raise faults.EmulatorFailedError("The emulator failed while it ran:\n" + "\n".join(noted))

    def reset(self) -> None:
        """Go back to the start: nothing but the accounts, no calls and no trouble."""
        disturb()
        _clear()
        settings.current.accounts = list(self.accounts)
        accounts.seed(self.accounts, self.region)
        recorder.reset()

    def disturb(self, **disturbances: Any) -> None:
        """Begin a bad day of this kind (see settings.Disturbances); without arguments, end it."""
        disturb(**disturbances)

    @abstractmethod
    def _start(self, stack: ExitStack) -> None:
        """Make the accounts and begin to answer; what undoes it goes on the stack."""

    @property
    @abstractmethod
    def endpoint_url(self) -> str | None:
        """Where it answers; None in process."""

    def calls(self) -> list[Call]:
        """Return the API calls since the start or the last reset."""
        return recorder.calls()

    def writes(self) -> list[Call]:
        """Return those of the calls that write."""
        return [call for call in recorder.calls() if call.write]

    def reset_calls(self) -> None:
        """Forget the calls so far."""
        recorder.reset()

    def environment(self, account_id: str, region: str | None = None) -> dict[str, str]:
        """Return environment variables: AWS clients in a child process are administrators of an account here, and read no other configuration."""
        region = region or self.region
        variables = {
            "AWS_ACCESS_KEY_ID": accounts.access_key_id(account_id),
            "AWS_SECRET_ACCESS_KEY": accounts.SECRET_ACCESS_KEY,
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        }
        return {**variables, "AWS_ENDPOINT_URL": self.endpoint_url} if self.endpoint_url else variables

    def client(self, account_id: str, service: str, region: str | None = None) -> Any:
        """Return a boto3 client of an account's administrator."""
        return self._client(service, region or self.region, accounts.access_key_id(account_id), accounts.SECRET_ACCESS_KEY, None)

    def role_client(self, account_id: str, role_arn: str, service: str, region: str | None = None) -> Any:
        """Return a boto3 client of a role that an account's administrator assumes."""
        answer = self.client(account_id, "sts", region).assume_role(RoleArn=role_arn, RoleSessionName="test")
        keys = answer["Credentials"]
        return self._client(service, region or self.region, keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])

    def _client(self, service: str, region: str, key_id: str, secret: str, token: str | None) -> Any:
        with _session_lock:  # a session may not make two clients at once
            return _session().client(
                service,
                region_name=region,
                endpoint_url=self.endpoint_url,
                aws_access_key_id=key_id,
                aws_secret_access_key=secret,
                aws_session_token=token,
                config=_CLIENT_CONFIG,
            )


class EmulatorServer(Emulator):
    """The emulator over HTTP on 127.0.0.1. Port 0 takes a free one."""

    def __init__(
        self, accounts: Sequence[str] = DEFAULT_ACCOUNTS, seconds_per_state: float = 0.05, port: int = 0, region: str = DEFAULT_REGION
    ) -> None:
        super().__init__(accounts, seconds_per_state, region)
        self._wanted_port = port
        self._server: BaseWSGIServer | None = None

    @property
    def port(self) -> int:
        """The port it listens on. Raises RuntimeError when it does not run."""
        if self._server is None:
            raise RuntimeError("the emulator does not run")
        return int(self._server.server_port)

    @property
    def endpoint_url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def _start(self, stack: ExitStack) -> None:
        accounts.seed(self.accounts, self.region)
        application = ControlApplication(RecordingMiddleware(DomainDispatcherApplication(create_backend_app)))
        server = make_server("127.0.0.1", self._wanted_port, application, threaded=True, request_handler=_QuietHandler)
        stack.callback(setattr, self, "_server", None)
        stack.callback(server.server_close)
        self._server = server
        thread = Thread(target=server.serve_forever, args=(_SECONDS_TO_NOTICE_THE_END,), name="emulator", daemon=True)
        thread.start()
        stack.callback(thread.join)
        stack.callback(server.shutdown)


class InProcessEmulator(Emulator):
    """The emulator inside this process: botocore's requests are answered before they leave it."""

    @property
    def endpoint_url(self) -> None:
        """There is none."""

    def _start(self, stack: ExitStack) -> None:
        stack.enter_context(mock_aws())
        stack.enter_context(patch.dict(os.environ, self.environment(self.accounts[0])))
        os.environ.pop("AWS_SESSION_TOKEN", None)
        accounts.seed(self.accounts, self.region)


def emulate(accounts: Sequence[str] = DEFAULT_ACCOUNTS, seconds_per_state: float = 0.05, region: str = DEFAULT_REGION) -> InProcessEmulator:
    """Return the emulator inside this process, to be used as a context manager; the first account's administrator is in the environment."""
    return InProcessEmulator(accounts, seconds_per_state, region)


class ControlApplication:
    """Answers GET /emulator/health, GET and DELETE /emulator/calls, PUT /emulator/disturbances; everything else is the application's."""

    def __init__(self, application: RecordingMiddleware) -> None:
        self._application = application

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        path, method = environ["PATH_INFO"], environ["REQUEST_METHOD"]
        if not path.startswith("/emulator/"):
            return self._application(environ, start_response)
        status, answer = self._control(method, path, environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)))
        body = json.dumps(answer).encode()
        start_response(status, [("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    def _control(self, method: str, path: str, body: bytes) -> tuple[str, Any]:
        if (method, path) == ("GET", "/emulator/health"):
            return "200 OK", {"status": "ready"}
        if (method, path) == ("GET", "/emulator/calls"):
            return "200 OK", [call.as_dict() for call in recorder.calls()]
        if (method, path) == ("DELETE", "/emulator/calls"):
            recorder.reset()
            return "200 OK", []
        if (method, path) == ("PUT", "/emulator/disturbances"):
            try:
                disturb(**json.loads(body or b"{}"))
            except (TypeError, ValueError) as error:
                return "400 Bad Request", {"message": str(error)}
            return "200 OK", asdict(settings.current.disturbances)
        return "404 Not Found", {"message": "GET /emulator/health, GET or DELETE /emulator/calls, PUT /emulator/disturbances"}


class _QuietHandler(MotoRequestHandler):
    """No line for each request."""

    def log(self, type: str, message: str, *args: Any) -> None:
        """Say only what goes wrong."""
        if type == "error":
            super().log(type, message, *args)

    def connection_dropped(self, error: BaseException, environ: dict[str, Any] | None = None) -> None:
        """Say that a client went away before it had its answer: it may ask again for what is done already."""
        if not isinstance(error, ConnectionCutError):
            self.log_error("a client did not wait for its answer: %r", error)


def disturb(**disturbances: Any) -> None:
    """Begin a bad day of this kind, on which nothing has happened yet. Raises TypeError or ValueError for what there is not."""
    settings.current.disturbances = settings.Disturbances(**disturbances)
    disturber.reset()
    propagation.forget()


def _clear() -> None:
    """Empty moto's state; it forgets some of it itself, but not who is in which organization."""
    BackendDict.reset()
    reset_model_data()
    organizations_backends.master_accounts.clear()


def write_port_file(path: Path, port: int) -> None:
    """Write the port, so that whoever sees the file can read all of it."""
    part = path.with_name(path.name + ".part")
    part.write_text(f"{port}\n")
    part.replace(path)
