# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tables of text."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.plugin_utils._table import cell, render
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "-"),
        ("", "-"),
        ([], "-"),
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        ("us-west-2", "us-west-2"),
        (["a", None, True], "a, -, yes"),
        (("a", "b"), "a, b"),
        ({"a": 1}, "{'a': 1}"),
    ],
)
def test_a_value_as_people_read_it(value: Any, text: str) -> None:
    assert cell(value) == text


def test_a_table() -> None:
    rows = [
        {"account_id": "111111111111", "region": "us-west-2", "problems": []},
        {"account_id": "222222222222", "region": "eu-west-1", "problems": ["no key", "no tag"], "image_id": "ami-1"},
    ]
    assert render(rows, ["region", "account_id", "problems"]) == [
        "region     account id    problems",
        "---------  ------------  --------------",
        "us-west-2  111111111111  -",
        "eu-west-1  222222222222  no key, no tag",
    ]


def test_a_column_is_as_wide_as_its_heading() -> None:
    assert render([{"image_id": "a", "x": "b"}], ["image_id", "x"]) == ["image id  x", "--------  -", "a         b"]


def test_no_rows_are_a_heading() -> None:
    assert render([], ["region", "state"]) == ["region  state", "------  -----"]


def test_a_key_that_a_row_lacks_is_a_dash() -> None:
    assert render([{"a": 1}], ["a", "b"])[2] == "1  -"


words = st.text("abc-", min_size=1, max_size=9)


@given(st.lists(words, min_size=1, max_size=4, unique=True), st.data())
def test_each_value_stands_below_its_heading(columns: list[str], data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.fixed_dictionaries(dict.fromkeys(columns, words)), max_size=4))
    heading, rule, *lines = render(rows, columns)
    assert len(lines) == len(rows)
    starts = [0, *(index + 2 for index in range(len(rule)) if rule.startswith("  ", index))]
    assert len(starts) == len(columns)
    for line, values in zip([heading, *lines], [{column: column for column in columns}, *rows], strict=True):
        for start, column in zip(starts, columns, strict=True):
            assert line[start:].startswith(values[column])
            assert line[:start] == "" or line[:start].endswith("  ")
