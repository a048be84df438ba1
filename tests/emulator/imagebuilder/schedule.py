# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Schedules of image pipelines: cron and rate expressions, and when they come round next. Pure.

Rules: "Use cron expressions in Image Builder" of the user guide, and the pages of EventBridge on rate expressions, whose form it is.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone, tzinfo

from dateutil import tz  # type: ignore[import-untyped]

_RATE = re.compile(r"rate\((?P<value>[1-9]\d*) (?P<unit>minute|hour|day)(?P<plural>s?)\)")
_CRON = re.compile(r"cron\((?P<fields>[^()]*)\)")
_MONTHS = {name: number for number, name in enumerate(["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"], 1)}
_DAYS = {name: number for number, name in enumerate(["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"], 1)}
_FIELDS: tuple[tuple[str, int, int, dict[str, int]], ...] = (
    ("minutes", 0, 59, {}),
    ("hours", 0, 23, {}),
    ("day of the month", 1, 31, {}),
    ("month", 1, 12, _MONTHS),
    ("day of the week", 1, 7, _DAYS),
    ("year", 1970, 2199, {}),
)
_HORIZON = timedelta(days=366 * 9)  # 29 February on a given weekday comes at the latest after some years

IsDay = Callable[[date], bool]


class ScheduleError(ValueError):
    """An expression that is no schedule; the text says why."""


@dataclass(frozen=True)
class Cron:
    """A cron expression that has been read."""

    minutes: frozenset[int]
    hours: frozenset[int]
    is_day: IsDay

    def next_after(self, moment: datetime, zone: tzinfo) -> datetime | None:
        """Return the first time after a moment; None when there is none."""
        local = moment.astimezone(zone)
        for offset in range(_HORIZON.days):
            day = local.date() + timedelta(days=offset)
            if self.is_day(day):
                for candidate in self._times(day, zone):
                    if candidate > moment:
                        return candidate
        return None

    def _times(self, day: date, zone: tzinfo) -> Iterator[datetime]:
        for hour in sorted(self.hours):
            for minute in sorted(self.minutes):
                yield datetime.combine(day, time(hour, minute), zone).astimezone(timezone.utc)


@dataclass(frozen=True)
class Rate:
    """A rate expression that has been read."""

    every: timedelta

    def next_after(self, moment: datetime, _zone: tzinfo) -> datetime:
        """Return the next time."""
        return moment + self.every


def parse(expression: str) -> Cron | Rate:
    """Read an expression. Raises ScheduleError."""
    if rate := _RATE.fullmatch(expression):
        if (rate["value"] == "1") == bool(rate["plural"]):
            raise ScheduleError(f"The unit of '{expression}' must be singular for the value 1 and plural for any other.")
        return Rate(timedelta(**{f"{rate['unit']}s": int(rate["value"])}))
    cron = _CRON.fullmatch(expression)
    if not cron:
        raise ScheduleError("It must have the form cron(fields) or rate(value unit).")
    fields = cron["fields"].split(" ")
    if len(fields) != len(_FIELDS):
        raise ScheduleError(f"A cron expression has six fields, separated by one space each, not {len(fields)}.")
    if (fields[2] == "?") == (fields[4] == "?"):
        raise ScheduleError("Exactly one of the fields for day of the month and day of the week must be '?'.")
    months, years = _numbers(fields[3], 3), _numbers(fields[5], 5)
    is_day = _day_of_week(fields[4]) if fields[2] == "?" else _day_of_month(fields[2])
    return Cron(_numbers(fields[0], 0), _numbers(fields[1], 1), lambda day: day.year in years and day.month in months and is_day(day))


def zone_of(name: str) -> tzinfo:
    """Return a time zone by its IANA name. Raises ScheduleError."""
    found: tzinfo | None = tz.gettz(name)
    if found is None:
        raise ScheduleError(f"The time zone '{name}' does not exist.")
    return found


def _numbers(text: str, field: int) -> frozenset[int]:
    """Return the numbers that a field of numbers, ranges, steps and names means."""
    name, low, high, _names = _FIELDS[field]
    found: set[int] = set()
    for part in text.split(","):
        body, slash, step = part.partition("/")
        first, dash, last = body.partition("-")
        start, end = (low, high) if body == "*" else (_number(first, field), _number(last if dash else first, field))
        if slash and not dash and body != "*":
            end = high
        if start > end or (slash and not step.isdigit()) or step == "0":
            raise ScheduleError(f"'{text}' is not valid for the {name}.")
        found.update(range(start, end + 1, int(step or 1)))
    return frozenset(found)


def _number(text: str, field: int) -> int:
    name, low, high, names = _FIELDS[field]
    number = names.get(text.upper(), int(text) if text.isdigit() else -1)
    if not low <= number <= high:
        raise ScheduleError(f"'{text}' is not valid for the {name}: it goes from {low} to {high}.")
    return number


def _day_of_month(text: str) -> IsDay:
    """Read the day of the month: L is the last day, 15W the working day nearest to the 15th."""
    if text == "L":
        return lambda day: day.day == _last(day)
    if text.endswith("W"):
        wanted = _number(text[:-1], 2)
        return lambda day: day == _nearest_working_day(day, min(wanted, _last(day)))
    numbers = _numbers(text, 2)
    return lambda day: day.day in numbers


def _day_of_week(text: str) -> IsDay:
    """Read the day of the week, Sunday being 1: 6L is the last Friday of the month, 2#1 its first Monday, L alone Saturday."""
    if text == "L":
        return lambda day: _weekday(day) == 7
    if text.endswith("L"):
        last = _number(text[:-1], 4)
        return lambda day: _weekday(day) == last and day.day > _last(day) - 7
    if "#" in text:
        left, _hash, right = text.partition("#")
        weekday = _number(left, 4)
        if right not in ("1", "2", "3", "4", "5"):
            raise ScheduleError(f"'{text}' is not valid for the day of the week: what follows # goes from 1 to 5.")
        return lambda day: _weekday(day) == weekday and (day.day - 1) // 7 + 1 == int(right)
    numbers = _numbers(text, 4)
    return lambda day: _weekday(day) in numbers


def _weekday(day: date) -> int:
    return day.isoweekday() % 7 + 1


def _last(day: date) -> int:
    return calendar.monthrange(day.year, day.month)[1]


def _nearest_working_day(day: date, number: int) -> date:
    """Return the working day of the month that is nearest to one of its days."""
    wanted = day.replace(day=number)
    if wanted.isoweekday() <= 5:
        return wanted
    step = -1 if wanted.isoweekday() == 6 else 1
    nearest = wanted + timedelta(days=step)
    return nearest if nearest.month == wanted.month else wanted - timedelta(days=2 * step)
