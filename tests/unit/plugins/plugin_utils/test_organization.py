# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which accounts of an organization are meant, and what their hosts are called."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.plugin_utils._organization import (
    Account,
    Organization,
    Selection,
    candidates,
    found_as,
    host_names,
    problems,
    selected,
    unit_groups,
)
from hypothesis import given
from hypothesis import strategies as st

ROOT, WORKLOADS, PRODUCTION, SANDBOX = "r-ab12", "ou-ab12-11111111", "ou-ab12-22222222", "ou-ab12-33333333"
UNITS = {ROOT: "/", WORKLOADS: "/Workloads", PRODUCTION: "/Workloads/Production", SANDBOX: "/Sandbox"}
IDS = {"/": (ROOT,), "/Workloads": (ROOT, WORKLOADS), "/Workloads/Production": (ROOT, WORKLOADS, PRODUCTION), "/Sandbox": (ROOT, SANDBOX)}


def account(number: int, name: str, path: str = "/", status: str = "ACTIVE", **tags: str) -> Account:
    return Account(str(number) * 12, name, f"{name}@example.com", status, path, IDS[path], tags)


MANAGEMENT = account(9, "management")
FACTORY = account(1, "image-factory", "/Workloads")
PAYMENTS = account(2, "payments", "/Workloads/Production", team="money", stage="canary")
SEARCH = account(3, "search", "/Workloads/Production", team="find")
PLAYGROUND = account(4, "playground", "/Sandbox", team="money")
CLOSED = account(5, "closed", "/Workloads/Production", status="SUSPENDED", team="money")
EVERYBODY = (SEARCH, MANAGEMENT, CLOSED, FACTORY, PLAYGROUND, PAYMENTS)
ORGANIZATION = Organization(EVERYBODY, UNITS)


def names(**options: Any) -> list[str]:
    return [one.name for one in selected(ORGANIZATION, Selection(**options))]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, ["image-factory", "payments", "search", "playground", "management"]),
        ({"organizational_units": ["/"]}, ["image-factory", "payments", "search", "playground", "management"]),
        ({"organizational_units": ["/"], "recursive": False}, ["management"]),
        ({"organizational_units": ["/Workloads"]}, ["image-factory", "payments", "search"]),
        ({"organizational_units": ["/Workloads"], "recursive": False}, ["image-factory"]),
        ({"organizational_units": [PRODUCTION, "/Sandbox"]}, ["payments", "search", "playground"]),
        ({"exclude_organizational_units": [WORKLOADS]}, ["playground", "management"]),
        ({"tags": {"team": "money"}}, ["payments", "playground"]),
        ({"tags": {"team": ["money", "find"], "stage": None}}, ["payments"]),
        ({"tags": {"team": "money"}, "organizational_units": ["/Sandbox"]}, ["playground"]),
        ({"exclude_tags": {"team": None}}, ["image-factory", "management"]),
        ({"names": ["p*"]}, ["payments", "playground"]),
        ({"names": ["P*"]}, []),
        ({"include_accounts": ["search", "111111111111"]}, ["image-factory", "search"]),
        ({"include_accounts": ["management"], "organizational_units": ["/Sandbox"]}, ["playground", "management"]),
        ({"include_accounts": ["search"], "exclude_accounts": ["333333333333"]}, []),
        ({"include_accounts": ["playground"], "exclude_organizational_units": ["/Sandbox"]}, []),
        ({"include_accounts": ["closed"]}, []),
        ({"statuses": ["SUSPENDED"]}, ["closed"]),
    ],
)
def test_who_is_meant(options: dict[str, Any], expected: list[str]) -> None:
    assert names(**options) == expected


selections = st.builds(
    Selection,
    organizational_units=st.lists(st.sampled_from([*UNITS, *UNITS.values()])),
    exclude_organizational_units=st.lists(st.sampled_from([*UNITS, *UNITS.values()]), max_size=1),
    recursive=st.booleans(),
    tags=st.dictionaries(st.sampled_from(["team", "stage"]), st.sampled_from([None, "money", "canary"]), max_size=1),
    exclude_tags=st.dictionaries(st.sampled_from(["team", "stage"]), st.sampled_from([None, "money"]), max_size=1),
    names=st.lists(st.sampled_from(["p*", "*"]), max_size=1),
    include_accounts=st.lists(st.sampled_from([one.name for one in EVERYBODY]), max_size=2),
    exclude_accounts=st.lists(st.sampled_from([one.id for one in EVERYBODY]), max_size=2),
)


@given(selections, st.permutations(EVERYBODY))
def test_whoever_is_meant_is_active_in_order_and_had_its_tags_read(selection: Selection, accounts: list[Account]) -> None:
    meant = selected(Organization(tuple(accounts), UNITS), selection)
    assert meant == selected(ORGANIZATION, selection)
    assert all(one.is_active for one in meant)
    assert [one.id for one in meant] == sorted(one.id for one in meant)
    assert {one.id for one in meant} <= candidates(ORGANIZATION, selection)


def test_nobody_else_has_its_tags_read() -> None:
    assert candidates(ORGANIZATION, Selection(organizational_units=["/Sandbox"])) == {PLAYGROUND.id}


def test_what_there_is_not_is_told_all_at_once() -> None:
    wrong = Selection(
        organizational_units=["Workloads", "ou-ab12-99999999", "/Sandbox"],
        exclude_organizational_units=["/Nowhere"],
        include_accounts=["nobody", "payments"],
        exclude_accounts=["123456789012"],
    )
    told = problems(ORGANIZATION, wrong)
    assert [problem.partition(":")[0] for problem in told] == [
        "organizational_units",
        "organizational_units",
        "exclude_organizational_units",
        "include_accounts",
        "exclude_accounts",
    ]
    assert "a path begins at the root" in told[0]
    assert "/Workloads/Production" in told[0]
    assert "none has this id" in told[1]


def test_it_survives_a_cache() -> None:
    assert Organization.from_cache(json.loads(json.dumps(ORGANIZATION.to_cache()))) == ORGANIZATION


def test_an_account_by_id_or_name() -> None:
    assert found_as(ORGANIZATION, "search") == found_as(ORGANIZATION, SEARCH.id) == [SEARCH]


class TestHostNames:
    def called(self, *proposed: str) -> list[str]:
        accounts = [account(number, "x") for number in range(1, len(proposed) + 1)]
        return list(host_names(accounts, {one.id: name for one, name in zip(accounts, proposed, strict=True)}).values())

    def test_are_safe(self) -> None:
        assert self.called("Payments (Prod)", "search:eu,!*", "Ünïcode") == ["payments-prod", "search-eu", "n-code"]

    def test_that_would_be_the_same_have_the_id_behind(self) -> None:
        assert self.called("Web", "web", "db") == ["web-111111111111", "web-222222222222", "db"]

    def test_that_would_be_empty_are_the_id(self) -> None:
        assert self.called("", "***") == ["111111111111", "222222222222"]

    @given(st.lists(st.text(max_size=6), max_size=6))
    def test_differ(self, proposed: list[str]) -> None:
        called = self.called(*proposed[:9])
        assert len(set(called)) == len(called)


def test_groups_of_a_unit() -> None:
    assert unit_groups("/Workloads/Pre Production") == ["ou_workloads", "ou_workloads_pre_production"]
    assert unit_groups("/") == []
