# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Cron and rate expressions."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest
from ansible_collections.golden.imagebuilder.tests.emulator.imagebuilder import schedule

NOW = "2026-01-15T10:30:00"  # a Thursday


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("rate(1 minute)", "2026-01-15T10:31:00"),
        ("rate(36 hours)", "2026-01-16T22:30:00"),
        ("rate(7 days)", "2026-01-22T10:30:00"),
        ("cron(0 0 * * ? *)", "2026-01-16T00:00:00"),
        ("cron(30 10 * * ? *)", "2026-01-16T10:30:00"),  # not the moment itself
        ("cron(0/20 10,12 * * ? *)", "2026-01-15T10:40:00"),
        ("cron(*/20 10 * * ? *)", "2026-01-15T10:40:00"),
        ("cron(15 8-9 * * ? *)", "2026-01-16T08:15:00"),
        ("cron(0 12 ? * sun *)", "2026-01-18T12:00:00"),
        ("cron(0 12 ? * MON-WED *)", "2026-01-19T12:00:00"),
        ("cron(0 12 ? * 3#2 *)", "2026-02-10T12:00:00"),  # the second Tuesday
        ("cron(0 12 ? * 6L *)", "2026-01-30T12:00:00"),  # the last Friday
        ("cron(0 12 ? * L *)", "2026-01-17T12:00:00"),
        ("cron(0 12 L * ? *)", "2026-01-31T12:00:00"),
        ("cron(0 12 31W * ? *)", "2026-01-30T12:00:00"),  # a Saturday; the next working day is another month
        ("cron(0 12 1W feb ? *)", "2026-02-02T12:00:00"),  # a Sunday
        ("cron(0 12 29 2 ? *)", "2028-02-29T12:00:00"),
        ("cron(0 12 1 jan ? 2027-2030)", "2027-01-01T12:00:00"),
        ("cron(0 12 1 1 ? 2020)", None),
        ("cron(0 12 31 feb ? *)", None),
    ],
)
def test_the_next_time(expression: str, expected: str | None) -> None:
    assert schedule.parse(expression).next_after(at(NOW), timezone.utc) == (expected and at(expected))


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-01-15T10:30:00", "2026-01-16T08:00:00"),
        ("2026-03-08T08:30:00", "2026-03-09T07:00:00"),  # summer time began in the night before the 8th
    ],
)
def test_a_time_zone_counts(moment: str, expected: str) -> None:
    zone = schedule.zone_of("America/Los_Angeles")
    assert schedule.parse("cron(0 0 * * ? *)").next_after(at(moment), zone) == at(expected)


@pytest.mark.parametrize(
    "expression",
    [
        "every day",
        "rate(1 days)",
        "rate(2 day)",
        "rate(0 days)",
        "rate(1 week)",
        "cron(0 0 * * ?)",
        "cron(0 0 * * *  *)",
        "cron(0 0 * * * *)",
        "cron(0 0 ? * ? *)",
        "cron(60 0 * * ? *)",
        "cron(0 24 * * ? *)",
        "cron(0 0 0 * ? *)",
        "cron(0 0 * foo ? *)",
        "cron(0 0 ? * 8 *)",
        "cron(0 0 ? * 2#6 *)",
        "cron(0 0 * * ? 1969)",
        "cron(5-1 0 * * ? *)",
        "cron(0/0 0 * * ? *)",
        "cron(0 0 * * ? *) ",
    ],
)
def test_what_is_no_schedule(expression: str) -> None:
    with pytest.raises(schedule.ScheduleError):
        schedule.parse(expression)


def test_unknown_time_zones() -> None:
    with pytest.raises(schedule.ScheduleError, match="Mars/Olympus"):
        schedule.zone_of("Mars/Olympus")
