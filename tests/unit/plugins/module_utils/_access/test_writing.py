# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several writers of one thing that knows no conditional writes, in a time that the tests turn on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._access import writing
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.errors import FleetError
from botocore.exceptions import ClientError

Names = frozenset[str]
EMPTY: Names = frozenset()


class Clock:
    """The time; what is due in it happens while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []
        self._due: list[tuple[float, Callable[[], object]]] = []

    def at(self, seconds: float, act: Callable[[], object]) -> None:
        """Let something happen when this many seconds have passed."""
        self._due.append((self.now + seconds, act))

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds
        due = [act for when, act in self._due if when <= self.now]
        self._due = [(when, act) for when, act in self._due if when > self.now]
        for act in due:
            act()

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(writing, "time", clock)
    return clock


class Store:
    """A set of names that is read and written whole; `stale` answers are given in place of the next ones."""

    def __init__(self, *names: str) -> None:
        self.names: Names = frozenset(names)
        self.stale: list[Names] = []
        self.calls: list[str] = []

    def read(self) -> Names:
        self.calls.append("read")
        return self.stale.pop(0) if self.stale else self.names

    def write(self, _before: Names, after: Names) -> None:
        self.calls.append("write")
        self.names = after

    def shared(self, name: str) -> writing.Shared[Names]:
        """The store as the writer of a name sees it."""
        return writing.Shared(self.read, lambda names: names | {name}, self.write, lambda one, other: one == other)


def test_what_stands_already_costs_one_read(clock: Clock) -> None:
    store = Store("a")
    attempt = writing.settled(store.shared("a"))
    assert (attempt.changed, store.calls, clock.slept) == (False, ["read"], [])


def test_what_was_written_is_looked_at_once_when_the_window_is_over(clock: Clock) -> None:
    store = Store("x")
    attempt = writing.settled(store.shared("a"))
    assert (attempt.before, attempt.after, attempt.changed) == (frozenset("x"), frozenset("xa"), True)
    assert store.calls == ["read", "write", "read"]
    assert clock.slept == [writing.WINDOW]


def test_a_window_that_is_over_already_is_not_waited_for(clock: Clock) -> None:
    store = Store()
    attempt = writing.written(store.shared("a"))
    clock.now += 10
    writing.standing(store.shared("a"), attempt)
    assert clock.slept == [0.0]


def test_a_write_from_an_old_state_takes_nothing_away(clock: Clock) -> None:
    """The other one has read before our write, and writes after it: ours is gone, and comes back beside theirs."""
    store = Store("x")
    clock.at(0.3, lambda: store.write(EMPTY, frozenset({"x", "b"})))
    attempt = writing.settled(store.shared("a"))
    assert store.names == {"x", "a", "b"}
    assert (attempt.before, attempt.after) == (frozenset("x"), frozenset("xab"))
    assert store.calls.count("write") == 3


@pytest.mark.parametrize("order", ["abAB", "abBA", "baAB", "aAbB"])
def test_two_writers_end_with_both_however_they_interleave(order: str, clock: Clock) -> None:
    """Small letters read, capital letters write; then both look again, until each stands."""
    store = Store()
    seen: dict[str, Names] = {}
    attempts: dict[str, writing.Attempt[Names]] = {}
    for step in order:
        name = step.lower()
        if step == name:
            seen[name] = store.read()
        else:
            store.write(seen[name], seen[name] | {name})
            attempts[name] = writing.Attempt(seen[name], seen[name] | {name}, changed=True, at=clock.now)
    for name in (*attempts, *attempts):
        attempts[name] = writing.standing(store.shared(name), attempts[name])
    assert store.names == {"a", "b"}


def test_an_answer_from_before_our_write_is_not_written_over_what_others_wrote(clock: Clock) -> None:
    store = Store("x")
    attempt = writing.written(store.shared("a"))
    store.write(store.names, store.names | {"b"})
    store.stale = [frozenset({"x"})] * 2
    store.calls.clear()
    writing.standing(store.shared("a"), attempt)
    assert store.calls == ["read"] * 3
    assert store.names == {"x", "a", "b"}


def test_what_stands_by_a_cheaper_look_is_not_read(clock: Clock) -> None:
    store = Store("x")
    looked: list[tuple[Names, Names]] = []

    def stands(before: Names, after: Names) -> bool:
        looked.append((before, after))
        return after - before <= store.names

    attempt = writing.settled(replace(store.shared("a"), stands=stands))
    assert (attempt.after, store.calls) == (frozenset("xa"), ["read", "write"])
    assert looked == [(frozenset("x"), frozenset("xa"))]


def test_what_somebody_else_has_just_made_is_read_and_added_to(clock: Clock) -> None:
    store = Store()

    def create(before: Names, after: Names) -> None:
        if not before and store.names:
            raise writing.Overtaken
        store.write(before, after)

    shared = replace(store.shared("a"), write=create, stands=lambda _before, _after: True)
    nothing = store.read()
    store.names = frozenset("b")  # after we have read, and before we write
    attempt = writing.written(replace(shared, read=lambda: nothing))
    assert attempt.overtaken
    assert writing.standing(shared, attempt).after == frozenset("ab")
    assert store.names == {"a", "b"}


def test_somebody_who_takes_it_back_for_ever_is_told_of(clock: Clock) -> None:
    store = Store("x")

    def take_back(_before: Names, _after: Names) -> None:
        store.calls.append("write")

    shared: writing.Shared[Names] = writing.Shared(store.read, lambda names: names | {"a"}, take_back, lambda one, other: one == other)
    with pytest.raises(FleetError, match="keeps writing") as told:
        writing.settled(shared)
    assert told.value.code == "ChangedMeanwhile"
    assert store.calls.count("write") <= writing.ATTEMPTS
    assert sum(clock.slept) < 60


def test_patience_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    answers: list[Any] = [ClientError({"Error": {"Code": "MalformedPolicyDocumentException"}}, "PutKeyPolicy")] * (writing.PATIENCE + 5)

    def call() -> None:
        raise answers.pop()

    with pytest.raises(ClientError):
        writing.patiently(call, "MalformedPolicyDocumentException")()
    assert len(answers) == 5
    with pytest.raises(ClientError):
        writing.patiently(call, "NotFoundException")()
    assert len(answers) == 4, "what nobody asked patience for is told at once"
