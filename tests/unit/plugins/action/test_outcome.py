# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action that gives each host its outcome; how it speaks in a play is in the tests of the roles."""

from __future__ import annotations

from ansible_collections.golden.imagebuilder.plugins.action.outcome import combined

OUTCOMES = [
    {
        "account_id": "111111111111",
        "name": "factory",
        "region": "us-west-2",
        "changed": True,
        "failed": False,
        "diff": {"before": {}, "after": {"a": 1}},
    },
    {"account_id": "111111111111", "name": "factory", "region": "eu-west-1", "changed": False, "failed": True, "msg": "no key"},
    {"account_id": "222222222222", "name": "payments", "changed": False, "failed": False, "role_arn": "arn"},
]


def test_takes_its_own() -> None:
    assert combined(OUTCOMES, "222222222222", None) == {"changed": False, "failed": False, "diff": [], "outcomes": [OUTCOMES[2]]}


def test_combines_the_regions_of_an_account() -> None:
    result = combined(OUTCOMES, "111111111111", None)
    assert (result["changed"], result["failed"], result["msg"]) == (True, True, "no key")
    assert result["diff"] == [{"before": {}, "after": {"a": 1}}]
    assert [outcome["region"] for outcome in result["outcomes"]] == ["us-west-2", "eu-west-1"]
    assert all("diff" not in outcome for outcome in result["outcomes"])


def test_looks_at_one_region_when_asked() -> None:
    result = combined(OUTCOMES, "111111111111", "us-west-2")
    assert (result["changed"], result["failed"], "msg" in result) == (True, False, False)


def test_a_missing_outcome_is_a_failure() -> None:
    result = combined(OUTCOMES, "333333333333", "us-west-2")
    assert result["failed"]
    assert "account 333333333333 in us-west-2" in result["msg"]
    assert combined([], "222222222222", None)["failed"]


def test_without_an_account_all_count() -> None:
    for nobody in ("", None):
        result = combined(OUTCOMES, nobody, None)
        assert (result["changed"], result["failed"], result["msg"], len(result["outcomes"])) == (True, True, "no key", 3)
    assert not combined([], None, None)["failed"]
