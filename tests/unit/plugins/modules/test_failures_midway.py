# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AWS refuses in the middle of the work for many accounts or Regions: the outcomes say what was done all the same, and a rerun does the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest
from moto.core.exceptions import JsonRESTError
from moto.iam.models import IAMBackend
from moto.kms.models import KmsBackend
from werkzeug.exceptions import HTTPException

SOURCE, PAYMENTS, SEARCH = "111111111111", "222222222222", "333333333333"
ROLE = "EC2ImageBuilderDistributionCrossAccountRole"
WEST, EUROPE = "us-west-2", "eu-west-1"
Fault = Callable[[Any], "Exception | None"]
"""From moto's backend, which knows its account and Region, to the error that it answers with."""


@contextmanager
def answering(backend: type[Any], method: str, fault: Fault) -> Iterator[None]:
    """AWS's answers to one operation, with errors in between."""
    original = getattr(backend, method)

    def faulty(self: Any, *args: Any, **kwargs: Any) -> Any:
        error = fault(self)
        if error is not None:
            raise error
        return original(self, *args, **kwargs)

    with patch.object(backend, method, faulty):
        yield


class IamError(HTTPException):
    """An error as IAM writes it; moto's own way knows only the codes in botocore's model, where those of all services are missing."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__()
        self.code = status
        self.description = f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error><RequestId>x</RequestId></ErrorResponse>"

    def get_headers(self, *_args: Any, **_kwargs: Any) -> list[tuple[str, str]]:
        return [("Content-Type", "application/xml")]

    def get_body(self, *_args: Any, **_kwargs: Any) -> str:
        return str(self.description)


def denied_in(account_id: str) -> Fault:
    return lambda backend: IamError(403, "AccessDenied", "User x is not authorized") if backend.account_id == account_id else None


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)


@pytest.fixture
def roles(run_module: Any) -> Any:
    """The module destination_roles for two destinations."""
    targets = [
        {"account_id": account_id, "name": name, "regions": [WEST], "assume_role_arn": "OrganizationAccountAccessRole"}
        for account_id, name in ((PAYMENTS, "payments"), (SEARCH, "search"))
    ]
    key_arns = [f"arn:aws:kms:{WEST}:{SOURCE}:key/1234abcd-12ab-34cd-56ef-1234567890ab"]

    def run(**options: Any) -> dict[str, Any]:
        all_options = {"targets": targets, "source_account_ids": [SOURCE], "key_arns": key_arns, "fail_on_error": False, **options}
        return dict(run_module("destination_roles", **all_options))

    return run


@pytest.fixture
def keys(run_module: Any) -> Any:
    """The module source_keys for two Regions."""

    def run(**options: Any) -> dict[str, Any]:
        all_options = {"regions": [WEST, EUROPE], "destination_account_ids": [PAYMENTS], "fail_on_error": False, **options}
        return dict(run_module("source_keys", **all_options))

    return run


def summary(result: dict[str, Any]) -> list[tuple[bool, bool]]:
    return [(outcome["failed"], outcome["changed"]) for outcome in result["outcomes"]]


@pytest.mark.usefixtures("emulator")
def test_what_was_written_before_a_failure_is_a_change(roles: Any) -> None:
    with answering(IAMBackend, "put_role_policy", denied_in(PAYMENTS)):
        result = roles()
    assert summary(result) == [(True, True), (False, True)]
    assert result["changed"]
    assert result["outcomes"][0]["error_code"] == "AccessDenied"
    assert "PutRolePolicy failed with AccessDenied" in result["outcomes"][0]["msg"]
    assert result["outcomes"][0]["msg"].endswith("Done before that: CreateRole, AttachRolePolicy.")
    assert summary(roles()) == [(False, True), (False, False)]
    assert summary(roles()) == [(False, False), (False, False)]


@pytest.mark.usefixtures("emulator")
def test_a_failure_of_the_module_says_that_something_changed(roles: Any) -> None:
    with answering(IAMBackend, "attach_role_policy", denied_in(PAYMENTS)):
        result = roles(fail_on_error=True)
    assert (result["failed"], result["changed"]) == (True, True)
    assert [outcome["name"] for outcome in result["outcomes"] if outcome["failed"]] == ["payments"]


@pytest.mark.usefixtures("emulator")
def test_a_failure_before_any_write_is_no_change(roles: Any) -> None:
    for method in ("get_role", "create_role"):
        with answering(IAMBackend, method, denied_in(PAYMENTS)):
            result = roles()
        assert summary(result)[0] == (True, False), method
        assert "Done before" not in result["outcomes"][0]["msg"]


@pytest.mark.usefixtures("emulator")
def test_taking_away_halfway(roles: Any) -> None:
    roles()
    with answering(IAMBackend, "delete_role", denied_in(SEARCH)):
        result = roles(state="absent")
    assert summary(result) == [(False, True), (True, True)]
    assert "Done before that: DetachRolePolicy, DeleteRolePolicy." in result["outcomes"][1]["msg"]
    assert summary(roles(state="absent")) == [(False, False), (False, True)]


@pytest.mark.usefixtures("emulator")
def test_one_region_is_refused_after_its_key_was_made(keys: Any) -> None:
    def fault(backend: Any) -> Exception | None:
        return JsonRESTError("AccessDeniedException", "not authorized") if backend.region_name == WEST else None

    with answering(KmsBackend, "enable_key_rotation", fault):
        result = keys()
    assert summary(result) == [(True, True), (False, True)]
    assert list(result["source_keys"]) == [EUROPE]
    assert result["outcomes"][0]["msg"].endswith("Done before that: CreateKey, CreateAlias.")
    again = keys()
    assert summary(again) == [(False, True), (False, False)]
    assert again["outcomes"][0]["diff"]["before"]["enable_key_rotation"] is False


@pytest.mark.usefixtures("emulator")
@pytest.mark.parametrize(("status", "code"), [(400, "Throttling"), (500, "ServiceFailure")])
def test_calls_are_repeated(roles: Any, status: int, code: str) -> None:
    """Many accounts at once are throttled; and each of AWS's services fails now and then."""
    left = {PAYMENTS: 5}

    def fault(backend: Any) -> Exception | None:
        left[backend.account_id] = left.get(backend.account_id, 0) - 1
        return IamError(status, code, "not now") if left[backend.account_id] >= 0 else None

    with answering(IAMBackend, "put_role_policy", fault):
        assert summary(roles()) == [(False, True), (False, True)]
    assert summary(roles()) == [(False, False), (False, False)]


@pytest.mark.usefixtures("emulator")
@pytest.mark.parametrize(
    ("status", "code", "words"), [(400, "Throttling", "run again later, or with a lower concurrency"), (500, "ServiceFailure", "not now")]
)
def test_repeating_ends(roles: Any, status: int, code: str, words: str) -> None:
    def fault(backend: Any) -> Exception | None:
        return IamError(status, code, "not now") if backend.account_id == SEARCH else None

    with answering(IAMBackend, "get_role", fault):
        result = roles()
    assert summary(result) == [(False, True), (True, False)]
    assert result["outcomes"][1]["error_code"] == code
    assert words in result["outcomes"][1]["msg"]
