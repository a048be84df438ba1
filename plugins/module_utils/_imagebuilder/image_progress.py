# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far an image is, and how long it was in which state. Pure: no call is made here.

GetImage tells the state of this moment alone. What was before is told by the executions of workflows that an image goes through, so it is known
as well to who comes later. AWS keeps them for a limited time (documentation of ListWorkflowExecutions).

Executions are entries of ListWorkflowExecutions, each with its `steps` as ListWorkflowStepExecutions tells them.

This module util is private to the collection.
"""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

with contextlib.suppress(ImportError):  # AnsibleAWSModule says so
    from botocore.utils import parse_to_aware_datetime

from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import image as images
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.compare import Description
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image import Pair

# The state of an image while a workflow runs (API shapes WorkflowType and ImageStatus), and the action of the step with which a distribution
# goes over to the next state.
_STATES = {"BUILD": "BUILDING", "TEST": "TESTING", "DISTRIBUTION": "DISTRIBUTING"}
_INTEGRATION = "ApplyImageConfigurations"

_UNDER_WAY = frozenset({"PENDING", "RUNNING", "ROLLBACK_IN_PROGRESS"})  # API shape WorkflowExecutionStatus


@dataclass(frozen=True)
class Seen:
    """An image as it was seen at a moment, with the executions of its workflows as far as they could be read."""

    image: Description
    executions: Sequence[Mapping[str, Any]] = ()
    at: datetime = field(default_factory=lambda: datetime.now(timezone.utc))

    @property
    def running_steps(self) -> list[str]:
        """The names of the steps that run at this moment."""
        return [str(step["name"]) for one in self.executions if is_under_way(one) for step in one.get("steps", ()) if step.get("status") == "RUNNING"]

    @property
    def mark(self) -> list[Any]:
        """What is news when it becomes another: the state, and the steps that run."""
        return [images.status(self.image), self.running_steps]


def is_under_way(execution: Mapping[str, Any]) -> bool:
    """Whether an execution of a workflow has not ended."""
    return execution.get("status") in _UNDER_WAY


def progress(seen: Seen, promised: Iterable[Pair], began: float | None = None) -> dict[str, Any]:
    """How far an image is, as modules return it. `began` is when it was retried, in seconds since 1970; else its own age counts."""
    pairs = frozenset(promised)
    start = datetime.fromtimestamp(began, timezone.utc) if began is not None else _time(seen.image.get("dateCreated"))
    expected, done = (Counter(pair.region for pair in some) for some in (pairs, _arrived(seen) & pairs))
    return {
        "image": str(seen.image["arn"]).partition(":image/")[2],
        "state": images.status(seen.image),
        "step": ", ".join(seen.running_steps) or None,
        "seconds": max(0, round((seen.at - start).total_seconds())) if start else None,
        "done": sum(done.values()),
        "expected": len(pairs),
        "copies": [{"region": region, "done": done[region], "expected": expected[region]} for region in sorted(expected)],
    }


def _arrived(seen: Seen) -> frozenset[Pair]:
    """Where an image is. While it is distributed the step that does it may tell of copies before the image itself does."""
    return images.delivered(seen.image) | frozenset(pair for one in seen.executions for step in one.get("steps", ()) for pair in _distributed(step))


def _distributed(step: Mapping[str, Any]) -> Iterator[Pair]:
    """The copies that the outputs of a step tell of (user guide, workflow step action DistributeImage: `distributedImages`)."""
    try:
        outputs = json.loads(step.get("outputs") or "{}")
    except ValueError:  # outputs of a failed step are a sentence
        return
    for one in outputs.get("distributedImages", ()) if isinstance(outputs, dict) else ():
        if one.get("amiId") and one.get("status") in ("AVAILABLE", "COMPLETED"):
            yield Pair(str(one["accountId"]), str(one["region"]))


def line(progressed: Mapping[str, Any]) -> str:
    """Progress as one line for people."""
    took = duration(progressed["seconds"]) if progressed["seconds"] is not None else ""
    step = f"step {progressed['step']}" if progressed["step"] else ""
    said = " ".join(filter(None, (progressed["image"], progressed["state"], took, step)))
    regions = ", ".join(f"{one['region']} {one['done']}/{one['expected']}" for one in progressed["copies"])
    return f"{said}, copies {progressed['done']} of {progressed['expected']} ({regions})" if regions else said


def duration(seconds: int) -> str:
    """Seconds for people, as 45s, 12m04s and 1h02m03s."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes:02}m{rest:02}s"
    return f"{minutes}m{rest:02}s" if minutes else f"{rest}s"


def history(seen: Seen) -> list[dict[str, Any]]:
    """The states that an image was in, as modules return them: each with its begin and how many seconds it lasted, the present one so far.

    A state that is an end has no duration. What was before the first workflow is one entry, as its parts leave no trace.
    """
    begun = sorted(_begun(seen), key=lambda one: one[1])
    now = images.status(seen.image)
    if not begun or begun[-1][0] != now:
        ends = [end for one in seen.executions if (end := _time(one.get("endTime")))]
        begun.append((now, max(ends, default=seen.at)))
    states = [one for index, one in enumerate(begun) if index == 0 or begun[index - 1][0] != one[0]]  # workflows of one state may be several
    return [
        {"state": state, "since": since.isoformat(timespec="seconds"), "seconds": _lasted(state, since, following)}
        for (state, since), following in zip(states, [*(since for _state, since in states[1:]), seen.at], strict=True)
    ]


def _lasted(state: str, since: datetime, until: datetime) -> int | None:
    """How many seconds a state lasted; one that nothing has followed yet lasts until now, unless it is an end."""
    return max(0, round((until - since).total_seconds())) if state in images.RUNNING else None


def _begun(seen: Seen) -> Iterator[tuple[str, datetime]]:
    """The states, each with its begin, as far as there are traces of them; in no order."""
    created = _time(seen.image.get("dateCreated"))
    if created:
        yield "PENDING", created
    for execution in seen.executions:
        state = _STATES.get(str(execution.get("type")), "")
        steps = [step for step in execution.get("steps", ()) if step.get("action") == _INTEGRATION]
        ended_badly = execution.get("status") in images.UNSUCCESSFUL
        events = [(state, execution.get("startTime")), *(("INTEGRATING", step.get("startTime")) for step in steps)]
        events += [(str(execution["status"]), execution.get("endTime"))] if ended_badly else []
        yield from ((name, when) for name, value in events if name and (when := _time(value)))


def _time(value: Any) -> datetime | None:
    """A time of an answer, None when there is none that can be read."""
    try:
        when: datetime = parse_to_aware_datetime(value)
    except (TypeError, ValueError):
        return None
    return when
