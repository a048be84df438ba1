# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who is not known yet is waited for, and nothing else that is wrong with a policy."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._access import writing
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.principals import sending
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.errors import FleetError
from botocore.exceptions import ClientError

ROLE = "arn:aws:iam::111111111111:role/Builder"
OF_IAM = ("MalformedPolicyDocument", f'Invalid principal in policy: "AWS":"{ROLE}"')
OF_KMS = ("MalformedPolicyDocumentException", "Policy contains a statement with one or more invalid principals.")
SYNTAX = ("MalformedPolicyDocument", "Syntax errors in policy.")
DELETED = "AROAEXAMPLEEXAMPLE123"


@pytest.fixture(autouse=True)
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """For how long was slept, in no time."""
    slept: list[float] = []
    monkeypatch.setattr("time.sleep", slept.append)
    return slept


def naming(principal: str) -> dict[str, Any]:
    """A policy of somebody."""
    statement = {"Sid": "Theirs", "Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [statement]}


class Api:
    """Answers with one error some times, then takes the policy."""

    def __init__(self, code: str, message: str, times: int) -> None:
        self.calls = 0
        self._error = ClientError({"Error": {"Code": code, "Message": message}}, "PutPolicy")
        self._times = times

    def put(self, name: str) -> str:
        self.calls += 1
        if self.calls <= self._times:
            raise self._error
        return f"{name} is put"


@pytest.mark.parametrize("error", [OF_IAM, OF_KMS], ids=["IAM", "KMS"])
def test_a_principal_that_is_not_known_yet_is_waited_for(error: tuple[str, str], slept: list[float]) -> None:
    api = Api(*error, times=4)
    assert sending(api.put, naming(ROLE), "a role")(name="it") == "it is put"
    assert (api.calls, slept) == (5, [1, 2, 4, 5])


def test_a_principal_that_never_comes_is_told_in_the_end(slept: list[float]) -> None:
    api = Api(*OF_IAM, times=100)
    with pytest.raises(ClientError, match="Invalid principal in policy"):
        sending(api.put, naming(ROLE), "a role")(name="it")
    assert api.calls == writing.PATIENCE
    assert sum(slept) < 30


@pytest.mark.parametrize("error", [SYNTAX, ("NoSuchEntity", "invalid principal")], ids=["syntax", "another code"])
def test_nothing_else_is_waited_for(error: tuple[str, str], slept: list[float]) -> None:
    api = Api(*error, times=100)
    with pytest.raises(ClientError):
        sending(api.put, naming(ROLE), "a role", "NotFoundException")(name="it")
    assert (api.calls, slept) == (1, [])


def test_what_else_is_asked_for_is_waited_for() -> None:
    api = Api("NotFoundException", "The key is not there.", times=2)
    assert sending(api.put, naming(DELETED), "a key", "NotFoundException")(name="it") == "it is put"


def test_who_was_deleted_is_told_at_once(slept: list[float]) -> None:
    api = Api(*OF_IAM, times=100)
    with pytest.raises(FleetError, match=rf"no policy of a role .* statement Theirs: {DELETED} \(a role that was deleted\)") as told:
        sending(api.put, naming(DELETED), "a role")(name="it")
    assert (told.value.code, api.calls, slept) == ("DeletedPrincipal", 1, [])
