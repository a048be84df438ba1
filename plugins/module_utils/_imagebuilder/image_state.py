# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Changes of an image's state: it is deprecated, disabled, restored or deleted, with what was made of it. Pure: no call is made here.

The rules are those of the documentation of StartResourceStateUpdate. A description of a lifecycle execution is the `lifecycleExecution` member
of GetLifecycleExecution's answer, with the `resources` of ListLifecycleExecutionResources.

This module util is private to the collection.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from datetime import datetime, timezone
from typing import Any

with contextlib.suppress(ImportError):  # AnsibleAWSModule says so
    from botocore.utils import parse_to_aware_datetime

from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import schema
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.compare import Description
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image import RUNNING, UNSUCCESSFUL, Action, Decision, status
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.problems import Problem

OPERATION = "StartResourceStateUpdate"

ACTIONS = {"AVAILABLE": "AVAILABLE", "DEPRECATED": "DEPRECATE", "DISABLED": "DISABLE", "DELETED": "DELETE"}
"""What a lifecycle execution does to have a resource in a state (API shape LifecycleExecutionResourceActionName)."""

UNDER_WAY = frozenset({"PENDING", "IN_PROGRESS", "CANCELLING"})
"""States of a lifecycle execution that has not ended (API shape LifecycleExecutionStatus)."""


def read(value: Mapping[str, Any], path: str, now: datetime | None = None) -> tuple[dict[str, Any], list[Problem]]:
    """The request without the image's ARN that an option value means, and all that is wrong with it."""
    converted, problems = schema.to_request(schema.input_shape(OPERATION), value, path, partial=True)
    request = dict(converted or {})
    where = [problem.path for problem in problems]
    for member, message in _broken_rules(request, now or datetime.now(timezone.utc)):
        place = f"{path}.{member}"
        if not any(known.startswith(place) or known == path for known in where):
            problems.append(Problem(place, message))
    return request, problems


def _broken_rules(request: Mapping[str, Any], now: datetime) -> Iterator[tuple[str, str]]:
    """What StartResourceStateUpdate refuses beside what its shape tells."""
    if "resourceArn" in request:
        yield "resource_arn", "is the image of image_build_version_arn: leave it out."
    target = request.get("state", {}).get("status")
    if target is None:
        yield "state.status", f"is required: one of {', '.join(ACTIONS)}."
        return
    yield from _broken_rules_of_resources(request, target)
    if "updateAt" in request:
        yield from _broken_rules_of_time(request["updateAt"], target, now)


def _broken_rules_of_resources(request: Mapping[str, Any], target: str) -> Iterator[tuple[str, str]]:
    included = {name for name, is_included in request.get("includeResources", {}).items() if is_included}
    if bool(included) != ("executionRole" in request):
        lacking, given = ("execution_role", "include_resources") if included else ("include_resources", "execution_role")
        yield lacking, f"is required with {given}: the role is what Image Builder changes the resources with, and is for nothing else."
    if target == "DELETED" and not included and "executionRole" not in request:
        yield "include_resources", "is required to delete: say which of amis, snapshots and containers go. state: absent deletes the image alone."
    if target != "DELETED":
        for name in sorted(included - {"amis"}):
            yield f"include_resources.{name}", f"can only be DELETED, not {target}."
    if "exclusionRules" in request and "amis" not in included:
        yield "exclusion_rules", "are rules for AMIs: they need include_resources with amis: true."


def _broken_rules_of_time(update_at: Any, target: str, now: datetime) -> Iterator[tuple[str, str]]:
    if target != "DEPRECATED":
        yield "update_at", f"is for DEPRECATED alone: {target} begins at once."
    try:
        when = _time(update_at)
    except (TypeError, ValueError):
        yield "update_at", f"{update_at!r} is not a time, such as 2030-01-31T00:00:00Z."
        return
    if when <= now:
        yield "update_at", f"{update_at} is over: leave it out to change the state at once."


def _time(value: Any) -> datetime:
    """A time of a request or an answer; without an offset it is UTC. Raises ValueError and TypeError."""
    when: datetime = parse_to_aware_datetime(value)
    return when


def target_of(update: Mapping[str, Any]) -> str:
    """The state that an update leads to."""
    return str(update["state"]["status"])


def is_met(image: Description | None, update: Mapping[str, Any]) -> bool:
    """Whether an image has the state, or is scheduled to have it at the wanted time. What is gone is deleted."""
    if image is None or status(image) == target_of(update):
        return image is not None or target_of(update) == "DELETED"
    scheduled = image.get("deprecationTime")
    return "updateAt" in update and scheduled is not None and abs((_time(scheduled) - _time(update["updateAt"])).total_seconds()) < 1


def is_under_way(image: Description, execution: Description | None) -> bool:
    """Whether an execution is at work on an image. One that waits for the time of a deprecation is not."""
    now = (execution or {}).get("state", {}).get("status")
    return now in UNDER_WAY and not (now == "PENDING" and "deprecationTime" in image)


def decide(image: Description | None, execution: Description | None, update: Mapping[str, Any]) -> Decision:
    """What to do about the state of an image; `execution` is the lifecycle execution that is at work on it, if one is.

    Raises ValueError, saying why, for what AWS is going to refuse.
    """
    target = target_of(update)
    if image is not None and execution is not None and is_under_way(image, execution):
        actions = {resource["action"]["name"] for resource in execution.get("resources", []) if "action" in resource}
        if actions <= {ACTIONS[target]}:
            return Decision(Action.ATTACH, image, f"{image['arn']} is being changed by {execution['lifecycleExecutionId']}")
        raise ValueError(f"{_execution(execution)} is at work on it ({', '.join(sorted(actions))}). Wait until it has ended.")
    if is_met(image, update):
        scheduled = image is not None and status(image) != target
        return Decision(Action.DONE, image, f"the image is {f'to be {target} at that time' if scheduled else target}")
    if image is None:
        raise ValueError("It does not exist.")
    _refuse(image, target)
    return Decision(Action.UPDATE, image, f"{image['arn']} is {status(image)}, and is to be {target}")


def _execution(execution: Description) -> str:
    return f"The lifecycle execution {execution['lifecycleExecutionId']}"


def _refuse(image: Description, target: str) -> None:
    """Raises ValueError where an image cannot get from its state to another one."""
    now = status(image)
    if now in RUNNING:
        raise ValueError(f"It is being made ({now}). Wait for it, or cancel it, before its state can be changed.")
    if now == "DELETED":
        raise ValueError(f"It is DELETED, and cannot be {target} any more.")
    if now in UNSUCCESSFUL and target != "DELETED":
        raise ValueError(f"It is {now}, and such an image can only be DELETED.")
    if image.get("type") == "DOCKER" and target != "DELETED":
        raise ValueError(f"It is a container image, which can only be DELETED and not {target}.")


def skipped(execution: Description | None) -> list[str]:
    """The resources of an execution, images aside, that an exclusion rule leaves as they are."""
    resources = (execution or {}).get("resources", [])
    names = [str(one.get("resourceId")) for one in resources if one.get("state", {}).get("status") == "SKIPPED"]
    return [name for name in names if not name.startswith("arn:")]
