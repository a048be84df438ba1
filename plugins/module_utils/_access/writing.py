# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing what others write at the same time, at services that know no conditional writes. Private to this collection.

Neither KMS nor IAM refuses a write that was computed from an old state: the later of two writers takes away, without knowing it, what the
earlier one has added. So each writer looks again: some time after its write, at which everybody who had read the earlier state has written
too, it looks at what is there, and merges and writes again until its own part stands. Nothing is lost as long as each writer writes within
`WINDOW` of its reading, which takes it a few milliseconds.

`written` is the first half and `standing` the second, so that a fleet can be written first, and looked at when the window of most is over;
`settled` is both.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.errors import FleetError

State = TypeVar("State")

WINDOW = 0.4
"""Seconds: twice what a writer may let pass between its reading and its writing."""
ATTEMPTS = 8
"""How often is looked whether it stands, with a window that grows up to `LONGEST_WINDOW`."""
LONGEST_WINDOW = 5.0
PATIENCE = 7
"""How often a call is made that AWS refuses because it does not see everywhere yet what was just made: for some 20 seconds."""


@dataclass(frozen=True)
class Shared(Generic[State]):
    """Something that several writers share.

    `merge` gives the state with our part in it, and gives back as it is one that has it already; `write` makes the first state the second,
    and leaves alone what is the same in both (it raises Overtaken when somebody else has just made what it was to make); `same` says whether
    two states mean the same. `stands` may look with fewer calls than `read` whether all that made the first state the second is there
    unchanged; when it is not, what is there is read.
    """

    read: Callable[[], State]
    merge: Callable[[State], State]
    write: Callable[[State, State], object]
    same: Callable[[State, State], bool]
    stands: Callable[[State, State], bool] = lambda _before, _after: False


class Overtaken(Exception):  # noqa: N818 (no error of anybody)
    """Somebody else made it first, and nothing of ours was written."""


@dataclass(frozen=True)
class Attempt(Generic[State]):
    """A state that was read, what was to be written in its place, when (of the monotonic clock), and whether somebody else was faster."""

    before: State
    after: State
    changed: bool
    at: float
    overtaken: bool = False


def settled(shared: Shared[State]) -> Attempt[State]:
    """Read, merge and write until our part stands. Errors as for `standing`."""
    return standing(shared, written(shared))


def written(shared: Shared[State]) -> Attempt[State]:
    """Read, merge, and write if there is something to write."""
    return _merged_and_written(shared, shared.read())


def _merged_and_written(shared: Shared[State], before: State) -> Attempt[State]:
    after = shared.merge(before)
    changed = not shared.same(before, after)
    overtaken = False
    if changed:
        try:
            shared.write(before, after)
        except Overtaken:
            overtaken = True
    return Attempt(before, after, changed, time.monotonic(), overtaken)


def standing(shared: Shared[State], attempt: Attempt[State]) -> Attempt[State]:
    """Look whether what was written stands, and write again until it does; the answer is from the first state to what was written last.

    What comes back is `attempt` when it had nothing to write, at the cost of no call. Raises FleetError when others take our part away again
    and again.
    """
    if not attempt.changed:
        return attempt
    latest, unseen = attempt, 0
    for number in range(ATTEMPTS):
        _wait(latest.at, number)
        if not latest.overtaken and shared.stands(latest.before, latest.after):
            return replace(latest, before=attempt.before)
        present = shared.read()
        if shared.same(present, latest.before) and unseen < ATTEMPTS // 2:
            # More likely an answer from before our write than somebody who took all of it back: writing now could take away what we do not see.
            unseen += 1
            continue
        again = _merged_and_written(shared, present)
        if not again.changed:
            return replace(latest, before=attempt.before)
        latest = again
    raise FleetError(
        "ChangedMeanwhile",
        f"What was written was taken away again {ATTEMPTS} times: something else keeps writing the same policy. Find it (CloudTrail names the "
        f"caller of each PutKeyPolicy, PutRolePolicy and UpdateAssumeRolePolicy), and run again when it has ended; what is done stays done.",
    )


def _wait(since: float, number: int) -> None:
    """Let the window pass that began with a write.

    The first time no longer than that: of two writers that look at the same moment, one finds its part and is done. Those who have to write
    again and again get out of each other's way, by windows that grow and are not the same for two of them.
    """
    if number == 0:
        time.sleep(max(0.0, since + WINDOW - time.monotonic()))
    else:
        time.sleep(min(LONGEST_WINDOW, WINDOW * 2**number) * random.uniform(1, 1.5))  # noqa: S311 (no secret)


def patiently(call: Callable[..., Any], *codes: str, retry: type[AWSRetry] = AWSRetry) -> Callable[..., Any]:
    """The call, made again for some seconds while AWS answers one of these error codes, as it does for what was made a moment ago.

    `retry` knows what the code of an error is.
    """
    # Not jittered: that could be over after a second or two, and nobody else waits for the same thing.
    retried: Callable[..., Any] = retry.exponential_backoff(retries=PATIENCE, delay=1, max_delay=5, catch_extra_error_codes=list(codes))(call)
    return retried


def until_gone(call: Callable[..., Any], *codes: str) -> Callable[..., None]:
    """The call that takes something away; one of these error codes says that it is gone.

    Another run may have been faster, or our own first attempt, whose answer was lost and which botocore has repeated.
    """

    def take_away(**parameters: Any) -> None:
        try:
            call(**parameters)
        except is_boto3_error_code(list(codes)):
            return

    return take_away
