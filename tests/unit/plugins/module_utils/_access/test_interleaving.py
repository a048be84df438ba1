# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Several runs write one policy at the same time, in every order that hypothesis can think of, and none takes anything away from another.

The policies and their merging are the real ones, and so is the writing; only the time is not.
"""

from __future__ import annotations

import copy
import itertools
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

from ansible_collections.golden.imagebuilder.plugins.module_utils._access import policy, statements, writing
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.policy import Policy
from ansible_collections.golden.imagebuilder.tests.unit.plugins.module_utils._access.test_policy import ACCOUNT, ACCOUNTS, calmly, foreign_policies
from hypothesis import assume, given
from hypothesis import strategies as st

Statements = list[dict[str, Any]]
Change = Callable[[Policy], Policy]

KEYS = ACCOUNTS.map(lambda accounts: [f"arn:aws:kms:us-west-2:{account}:key/1" for account in accounts])
ORGANIZATIONS = st.lists(st.sampled_from(["o-aaaaaaaaaa", "o-bbbbbbbbbb", "o-cccccccccc"]), min_size=1, unique=True)
WANTED: st.SearchStrategy[Statements] = st.one_of(
    ACCOUNTS.map(lambda accounts: statements.key_destinations("aws", accounts)),
    ACCOUNTS.map(lambda accounts: [statements.trust("aws", accounts)]),
    ACCOUNTS.map(lambda accounts: statements.lifecycle_trust("aws", accounts)),
    ACCOUNTS.map(lambda accounts: statements.key_build_instances(f"arn:aws:iam::{account}:role/builder" for account in accounts)),
    ORGANIZATIONS.map(statements.key_organizations),
    ORGANIZATIONS.map(lambda ids: statements.key_organizational_units(f"{one}/r-ab12" for one in ids)),
    st.builds(statements.role_kms, ACCOUNT, KEYS),
    ACCOUNT.map(lambda account: statements.role_launch_templates("aws", account)),
    ACCOUNT.map(lambda account: statements.role_fast_launch("aws", account)),
    st.builds(statements.role_parameters, st.just("aws"), ACCOUNT, ACCOUNT, st.just(["/golden/"])),
)
"""What one run may want to have in a policy. That not all of it goes into the same policy at AWS makes no difference to merging."""


@dataclass
class Writer:
    """A run in a thread of its own. It rests until it is its turn, and then does one thing."""

    work: Callable[[Writer], object]
    pause: Callable[[], float]  # how long it takes from its reading to its writing
    wakes_at: float = 0.0
    error: BaseException | None = None
    thread: threading.Thread = field(init=False)
    turn: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    rests: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def start(self) -> None:
        """Begin to wait for the first turn."""
        self.thread = threading.Thread(target=self._run, daemon=True)
        self.thread.start()

    def _run(self) -> None:
        self.turn.acquire()
        try:
            self.work(self)
        except BaseException as error:
            self.error = error
        self.wakes_at = float("inf")
        self.rests.release()

    def rest(self, until: float) -> None:
        """Let others work, at least until then."""
        self.wakes_at = until
        self.rests.release()
        self.turn.acquire()

    def step(self) -> None:
        """Let it do one thing."""
        self.turn.release()
        self.rests.acquire()


class Service:
    """One policy of IAM or KMS, which is read and written whole, and a time that goes on only when everybody rests."""

    def __init__(self, document: Policy, changes: Sequence[Change], pause: Callable[[], float]) -> None:
        self.document = document
        self.now = 0.0
        self._writers = [Writer(lambda writer, change=change: self._work(writer, change), pause) for change in changes]  # type: ignore[misc]

    def run(self, choose: Callable[[Sequence[Writer]], Writer]) -> Policy:
        """What the policy is when all have ended; of those who could go on, `choose` says who does."""
        with patch.object(writing, "time", self):
            for writer in self._writers:
                writer.start()
            while going := [writer for writer in self._writers if writer.wakes_at < float("inf")]:
                self.now = max(self.now, min(writer.wakes_at for writer in going))
                choose([writer for writer in going if writer.wakes_at <= self.now]).step()
        assert [writer.error for writer in self._writers] == [None] * len(self._writers)
        return self.document

    def _work(self, writer: Writer, change: Change) -> None:
        def read() -> Policy:
            writer.rest(self.now)
            return copy.deepcopy(self.document)

        def write(_before: Policy, after: Policy) -> None:
            writer.rest(self.now + writer.pause())
            self.document = after

        writing.settled(writing.Shared(read, change, write, policy.equal))

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        """Whoever sleeps is the writer whose thread this is."""
        next(writer for writer in self._writers if writer.thread is threading.current_thread()).rest(self.now + seconds)


def adding(wanted: Statements) -> Change:
    return lambda document: policy.merged(document, wanted)


def removing(unwanted: Statements) -> Change:
    return lambda document: policy.without(document, unwanted)


@dataclass(frozen=True)
class Schedule:
    """Who goes on where several could, and how long each takes from its reading to its writing; both from the start again when it ends."""

    choices: list[int]
    pauses: list[float]

    def run(self, document: Policy, changes: Sequence[Change]) -> Policy:
        """What the writers of these changes make of a policy."""
        choices, pauses = itertools.cycle(self.choices), itertools.cycle(self.pauses)
        service = Service(document, changes, lambda: next(pauses))
        return service.run(lambda writers: writers[next(choices) % len(writers)])


SCHEDULES = st.builds(
    Schedule,
    st.lists(st.integers(0, 2), min_size=1, max_size=12),
    st.lists(st.sampled_from([0.0, 0.25, 0.5]).map(lambda share: share * writing.WINDOW), min_size=1, max_size=6),
)


@calmly
@given(SCHEDULES, foreign_policies(), st.lists(WANTED, min_size=2, max_size=3))
def test_writers_at_the_same_time_lose_nothing(schedule: Schedule, document: Policy, wanted: list[Statements]) -> None:
    one_after_the_other = document
    for one in wanted:
        one_after_the_other = policy.merged(one_after_the_other, one)
    assert policy.equal(schedule.run(document, [adding(one) for one in wanted]), one_after_the_other)


@calmly
@given(SCHEDULES, foreign_policies(), ACCOUNTS, ACCOUNTS)
def test_one_adds_while_another_removes(schedule: Schedule, document: Policy, coming: list[str], leaving: list[str]) -> None:
    assume(not set(coming) & set(leaving))
    present = policy.merged(document, statements.key_destinations("aws", leaving))
    changes = [adding(statements.key_destinations("aws", coming)), removing(statements.key_destinations("aws", leaving))]
    expected = policy.merged(document, statements.key_destinations("aws", coming))
    assert policy.equal(schedule.run(present, changes), expected)


@calmly
@given(foreign_policies(), WANTED)
def test_every_kind_of_statement_is_added_once_and_leaves_the_others_alone(document: Policy, wanted: Statements) -> None:
    before = copy.deepcopy(document)
    once = policy.merged(document, wanted)
    assert policy.equal(policy.merged(once, wanted), once)
    assert document == before
    sids = {statement["Sid"] for statement in wanted}
    assert [statement for statement in policy.statements_of(once) if statement.get("Sid") not in sids] == policy.statements_of(before)
    assert policy.statements_of(policy.without_sids(once, sids)) == policy.statements_of(before)


@calmly
@given(foreign_policies(), WANTED, WANTED)
def test_the_order_of_runs_does_not_matter(document: Policy, one: Statements, other: Statements) -> None:
    assert policy.equal(policy.merged(policy.merged(document, one), other), policy.merged(policy.merged(document, other), one))
