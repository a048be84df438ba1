# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers that break off, over a real connection."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.answers import demand_whole_answers
from ansible_collections.golden.imagebuilder.tests.emulator.disturbances import CUT, Disturber, Moment, Trouble
from ansible_collections.golden.imagebuilder.tests.emulator.server import EmulatorServer
from ansible_collections.golden.imagebuilder.tests.newer import answers_are_unmeasured, needs_unmeasured_answers
from botocore.exceptions import ClientError, ConnectionClosedError
from botocore.parsers import ResponseParserError

SOURCE = "111111111111"


@pytest.fixture
def server() -> Iterator[EmulatorServer]:
    with EmulatorServer([SOURCE]) as running:
        running.disturb(cut=1)
        yield running


@pytest.fixture
def torn(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A function that has that many of the next answers break off in their middle."""
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    troubles: list[Trouble] = []
    monkeypatch.setattr(Disturber, "trouble", lambda *_arguments: troubles.pop() if troubles else None)
    return lambda count: troubles.extend([Trouble(CUT, Moment.AMID)] * count)


@needs_unmeasured_answers()
def test_botocore_alone_takes_a_part_for_the_whole(server: EmulatorServer, torn: Any) -> None:
    """What `demand_whole_answers` is for. When this fails, botocore has learned it."""
    server.client(SOURCE, "kms").create_key()
    torn(1)
    assert "Keys" not in server.client(SOURCE, "kms").list_keys()
    torn(1)
    with pytest.raises(ResponseParserError):
        server.client(SOURCE, "iam").list_users()


@pytest.mark.parametrize(("service", "operation", "entries"), [("kms", "list_keys", "Keys"), ("iam", "list_users", "Users")])
def test_it_is_asked_for_again(server: EmulatorServer, torn: Any, service: str, operation: str, entries: str) -> None:
    server.client(SOURCE, "kms").create_key()
    client = server.client(SOURCE, service)
    demand_whole_answers(client)
    torn(1)
    assert len(getattr(client, operation)()[entries]) == 1
    assert [call.error for call in server.calls()][-2:] == [CUT, None]


def test_in_the_end_it_is_an_error(server: EmulatorServer, torn: Any) -> None:
    client = server.client(SOURCE, "kms")
    demand_whole_answers(client)
    torn(10)
    error, told = (ClientError, "503") if answers_are_unmeasured() else (ConnectionClosedError, "Connection was closed")
    with pytest.raises(error, match=told):
        client.list_keys()


def test_whole_answers_pass(server: EmulatorServer, torn: Any) -> None:
    torn(0)
    s3 = server.client(SOURCE, "s3", "us-east-1")
    demand_whole_answers(s3)
    s3.create_bucket(Bucket="golden")
    s3.put_object(Bucket="golden", Key="image", Body=b"data")
    assert s3.head_object(Bucket="golden", Key="image")["ContentLength"] == 4
    with patch("time.sleep") as slept:
        assert s3.get_object(Bucket="golden", Key="image")["Body"].read() == b"data"
    slept.assert_not_called()
