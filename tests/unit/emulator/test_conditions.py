# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Condition operators, against the rules of the IAM reference."""

from __future__ import annotations

import pytest
from ansible_collections.golden.imagebuilder.tests.emulator.conditions import Condition, arn_matches, glob


def holds(operator: str, expected: str | list[str], value: str | list[str] | None) -> bool:
    values = (expected,) if isinstance(expected, str) else tuple(expected)
    present = [] if value is None else [value] if isinstance(value, str) else value
    return Condition(operator, "Test:Key", values).holds({"test:key": present}, lambda text: text)


@pytest.mark.parametrize(
    ("operator", "expected", "value", "verdict"),
    [
        ("StringEquals", "a", "a", True),
        ("StringEquals", "a", "A", False),
        ("StringEquals", "a*", "ab", False),
        ("StringEquals", ["x", "a"], "a", True),
        ("stringequals", "a", "a", True),
        ("StringNotEquals", "a", "b", True),
        ("StringNotEquals", ["a", "b"], "b", False),
        ("StringEqualsIgnoreCase", "EC2 Image Builder", "ec2 image builder", True),
        ("StringNotEqualsIgnoreCase", "A", "a", False),
        ("StringLike", "ec2.*.amazonaws.com", "ec2.us-west-2.amazonaws.com", True),
        ("StringLike", "ec2.*.amazonaws.com", "ec2.cn-north-1.amazonaws.com.cn", False),
        ("StringLike", "v?", "v1", True),
        ("StringLike", "v?", "v", False),
        ("StringLike", "EC2*", "ec2", False),
        ("StringNotLike", "a*", "b", True),
        ("ArnLike", "arn:aws:iam::*:role/*", "arn:aws:iam::111111111111:role/a/b", True),
        ("ArnLike", "arn:aws:iam:*:role/x", "arn:aws:iam::111111111111:role/x", False),
        ("ArnEquals", "arn:aws:iam::1*:role/x", "arn:aws:iam::111111111111:role/x", True),
        ("ArnNotLike", "arn:aws:iam::*:role/x", "arn:aws:iam::111111111111:role/y", True),
        ("ArnNotEquals", "arn:aws:iam::*:role/x", "arn:aws:iam::111111111111:role/x", False),
        ("Bool", "true", "true", True),
        ("Bool", "True", "true", True),
        ("Bool", "true", "false", False),
        ("NumericEquals", "5", "5.0", True),
        ("NumericNotEquals", "5", "6", True),
        ("NumericLessThan", "5", "4", True),
        ("NumericLessThan", "5", "5", False),
        ("NumericLessThanEquals", "5", "5", True),
        ("NumericGreaterThan", "5", "6", True),
        ("NumericGreaterThanEquals", "5", "4", False),
        ("NumericEquals", "5", "five", False),
        ("DateLessThan", "2030-01-01T00:00:00Z", "2029-12-31T23:59:59Z", True),
        ("DateGreaterThan", "2030-01-01T00:00:00Z", "2030-01-01T01:00:00+02:00", False),
        ("DateGreaterThanEquals", "0", "1970-01-01T00:00:00Z", True),
        ("DateEquals", "2030-01-01", "2030-01-01T00:00:00Z", True),
        ("IpAddress", "203.0.113.0/24", "203.0.113.7", True),
        ("NotIpAddress", "203.0.113.0/24", "203.0.113.7", False),
        ("Sounds", "a", "a", False),
    ],
)
def test_single_value(operator: str, expected: str | list[str], value: str, verdict: bool) -> None:
    assert holds(operator, expected, value) is verdict


@pytest.mark.parametrize(
    ("operator", "verdict"),
    [
        ("StringEquals", False),
        ("StringEqualsIfExists", True),
        ("StringNotEquals", True),
        ("ArnLike", False),
        ("Bool", False),
        ("BoolIfExists", True),
        ("NumericLessThan", False),
        ("ForAllValues:StringEquals", True),
        ("ForAnyValue:StringEquals", False),
        ("ForAnyValue:StringNotEquals", False),
        ("ForAnyValue:StringLikeIfExists", True),
    ],
)
def test_missing_key(operator: str, verdict: bool) -> None:
    assert holds(operator, "a", None) is verdict


@pytest.mark.parametrize(
    ("operator", "expected", "value", "verdict"),
    [
        ("ForAllValues:StringEquals", ["a", "b"], ["a"], True),
        ("ForAllValues:StringEquals", ["a", "b"], ["a", "c"], False),
        ("ForAnyValue:StringEquals", ["a", "b"], ["c", "b"], True),
        ("ForAnyValue:StringEquals", ["a"], ["c", "b"], False),
        ("ForAllValues:StringNotEquals", ["a"], ["b", "c"], True),
        ("ForAllValues:StringNotEquals", ["a"], ["b", "a"], False),
        ("ForAnyValue:StringNotEquals", ["a"], ["a", "b"], True),
        ("StringNotEquals", ["a"], ["a", "b"], False),
        ("StringEquals", ["a"], ["a", "b"], True),
        ("ForAnyValue:StringLike", ["o-x/r-y/ou-z/*"], ["o-x/r-y/ou-z/ou-q/"], True),
    ],
)
def test_several_values(operator: str, expected: list[str], value: list[str], verdict: bool) -> None:
    assert holds(operator, expected, value) is verdict


@pytest.mark.parametrize(("expected", "value", "verdict"), [("true", None, True), ("true", "x", False), ("false", "x", True), ("false", None, False)])
def test_null(expected: str, value: str | None, verdict: bool) -> None:
    assert holds("Null", expected, value) is verdict


def test_a_variable_without_value_matches_nothing() -> None:
    assert not Condition("StringEquals", "k", ("a",)).holds({"k": ["a"]}, lambda _text: None)
    assert Condition("StringNotEquals", "k", ("a",)).holds({"k": ["a"]}, lambda _text: None)


def test_known_operators() -> None:
    assert all(Condition(name, "k", ("a",)).is_known() for name in ("Null", "ForAnyValue:StringLikeIfExists", "NUMERICEQUALS"))
    assert not Condition("StringSounds", "k", ("a",)).is_known()


def test_glob_takes_everything_else_literally() -> None:
    assert glob("a.[b](c)").fullmatch("a.[b](c)")
    assert not glob("a.c").fullmatch("abc")
    assert glob("${*}a${?}${$}").fullmatch("*a?$")
    assert not glob("${*}a").fullmatch("bba")
    assert glob("a*").fullmatch("a\nb")


def test_arn_needs_six_parts() -> None:
    assert not arn_matches("*", "arn:aws:iam::111111111111:role/x")
    assert not arn_matches("arn:aws:iam::*:role/x", "role/x")
