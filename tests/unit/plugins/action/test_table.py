# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action that prints a table; how one is drawn is in the tests of the plugin util."""

from __future__ import annotations

from .conftest import Play

ROWS = [{"account_id": "111111111111", "image_id": "ami-1"}, {"account_id": "222222222222", "image_id": "ami-2", "problems": ["no key"]}]
LINES = [
    "account id    problems",
    "------------  --------",
    "111111111111  -",
    "222222222222  no key",
]


def test_in_a_play(play: Play) -> None:
    columns = ["account_id", "problems"]
    played = play(
        [
            {"golden.imagebuilder.table": {"rows": ROWS, "columns": columns, "title": "What arrived"}},
            {"golden.imagebuilder.table": {"rows": ROWS, "columns": columns}, "check_mode": True},
            {"golden.imagebuilder.table": {"rows": ROWS, "columns": columns, "titel": "What arrived"}},
        ]
    )

    titled, plain, wrong = played.results
    for result in (titled, plain):
        assert (result["changed"], result["failed"], result["lines"]) == (False, False, LINES)
    table = "\n".join(LINES)
    assert played.output.count(table) == 2
    assert f"\n\nWhat arrived\n\n{table}\n\n" in played.output
    assert wrong["failed"]
    assert "titel" in wrong["msg"]
