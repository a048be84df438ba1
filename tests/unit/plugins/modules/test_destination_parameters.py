# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module destination_parameters against the emulator."""

from __future__ import annotations

from typing import Any

import pytest

PAYMENTS, SEARCH = "222222222222", "333333333333"
WEST, EUROPE = "us-west-2", "eu-west-1"
NAME = "/imagebuilder/web/latest"
WAY_IN = "OrganizationAccountAccessRole"
TARGETS = [{"account_id": account, "regions": [WEST, EUROPE], "assume_role_arn": WAY_IN} for account in (PAYMENTS, SEARCH)]


def put(emulator: Any, account_id: str, region: str, name: str = NAME, value: str = "ami-0123456789abcdef0") -> None:
    emulator.client(account_id, "ssm", region).put_parameter(Name=name, Value=value, Type="String")


def present(emulator: Any, account_id: str, region: str) -> list[str]:
    return sorted(one["Name"] for one in emulator.client(account_id, "ssm", region).describe_parameters()["Parameters"])


def named(account_id: str, region: str, name: str = NAME) -> dict[str, str]:
    return {"account_id": account_id, "region": region, "name": name}


@pytest.fixture
def run(run_module: Any) -> Any:
    def run(*parameters: dict[str, Any], **options: Any) -> Any:
        return run_module("destination_parameters", targets=TARGETS, parameters=list(parameters), **options)

    return run


def test_deletes_exactly_the_named_ones(emulator: Any, run: Any) -> None:
    for account_id in (PAYMENTS, SEARCH):
        for region in (WEST, EUROPE):
            put(emulator, account_id, region)
    emulator.reset_calls()
    wanted = [named(PAYMENTS, WEST), named(PAYMENTS, EUROPE), named(SEARCH, WEST, "/imagebuilder/not-there")]
    predicted = run(*wanted, check_mode=True)
    assert emulator.writes() == []
    result = run(*wanted)
    assert predicted["diff"] == result["diff"] != []
    assert [(one["account_id"], one["region"], one["changed"], one["deleted"]) for one in result["outcomes"]] == [
        (PAYMENTS, WEST, True, [NAME]),
        (PAYMENTS, EUROPE, True, [NAME]),
        (SEARCH, WEST, False, []),
    ]
    assert [present(emulator, PAYMENTS, region) for region in (WEST, EUROPE)] == [[], []]
    assert [present(emulator, SEARCH, region) for region in (WEST, EUROPE)] == [[NAME], [NAME]]
    assert not run(*wanted)["changed"]


def test_more_than_one_call_takes(emulator: Any, run: Any) -> None:
    names = [f"/imagebuilder/{number:02d}" for number in range(23)]
    for name in names:
        put(emulator, PAYMENTS, WEST, name)
    assert run(*(named(PAYMENTS, WEST, name) for name in names))["outcomes"][0]["deleted"] == names
    assert present(emulator, PAYMENTS, WEST) == []


def test_what_is_no_image_stops_its_region_only(emulator: Any, run: Any) -> None:
    put(emulator, PAYMENTS, WEST, "/imagebuilder/secret", "swordfish")
    put(emulator, PAYMENTS, WEST)
    put(emulator, PAYMENTS, EUROPE)
    parameters = [named(PAYMENTS, WEST, "/imagebuilder/secret"), named(PAYMENTS, WEST), named(PAYMENTS, EUROPE)]
    west, europe = run(*parameters, fail_on_error=False)["outcomes"]
    assert (west["failed"], west["changed"], west["error_code"]) == (True, False, "NoImageParameter")
    assert "/imagebuilder/secret" in west["msg"]
    assert "swordfish" not in str(west), "what it holds is nobody's business"
    assert europe["changed"]
    assert present(emulator, PAYMENTS, WEST) == ["/imagebuilder/secret", NAME]


def test_mistakes_before_any_call(emulator: Any, run: Any) -> None:
    result = run(named("999999999999", WEST), named(PAYMENTS, "us-wset-2", "a b"), {"account_id": 1})
    assert {error["path"] for error in result["errors"]} >= {
        "parameters[0].account_id",
        "parameters[1].region",
        "parameters[1].name",
        "parameters[2].account_id",
        "parameters[2].region",
        "parameters[2].name",
    }
    assert emulator.calls() == []
