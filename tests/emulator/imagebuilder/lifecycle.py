# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lifecycle executions: runs of lifecycle policies, and the changes of state that StartResourceStateUpdate begins.

An execution goes from PENDING to IN_PROGRESS to its end, each as long as a state of an image lasts. AWS runs every enabled policy once a day.
So does the emulator, with a day of 24 states (clock.py), the first time a day after the policy was made; what was missed is made
up for once. Ages in rules count the same days. When a state takes no time there are no days, and no policy runs.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from .. import clock, settings
from ..access import Caller
from . import inputs, lists, names, rights
from .exceptions import invalid_request, not_found
from .failures import RefusedError
from .images import Image, own_images
from .kinds import LIFECYCLE_POLICY
from .lifecycle_actions import Action, Touched, apply, deprecate_due, seconds
from .lifecycle_policies import LifecyclePolicy
from .names import Arn, folded
from .requests import Answer, Operation, Request, once
from .resource import timestamp

if TYPE_CHECKING:
    from .models import ImageBuilderBackend

ENDED = frozenset(("CANCELLED", "FAILED", "SUCCESS"))
REMEMBERED = 100  # executions of one policy or image; AWS keeps them for a limited time
IMAGE_TYPES = {"AMI_IMAGE": "AMI", "CONTAINER_IMAGE": "DOCKER"}
# What an action finds something to do on; the strongest comes first, an image is touched once in a run.
STATES = {
    "DELETE": ("AVAILABLE", "DEPRECATED", "DISABLED"),
    "DISABLE": ("AVAILABLE", "DEPRECATED"),
    "DEPRECATE": ("AVAILABLE",),
}


@dataclass
class LifecycleExecution:
    """One run."""

    source_arn: str  # the policy or the image that it belongs to
    role: Caller  # the execution role
    targets: list[tuple[Image, Action]]
    execution_id: str = field(default_factory=lambda: f"lce-{uuid.uuid4()}")
    status: str = "PENDING"
    reason: str = ""
    touched: list[Touched] = field(default_factory=list)
    started: datetime = field(default_factory=lambda: datetime.now(timezone.utc))
    ended: datetime | None = None
    since: float = field(default_factory=clock.now)

    @property
    def has_ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.status in ENDED

    def advance(self) -> None:
        """Bring it to where it should be by now."""
        while not self.has_ended and clock.now() - self.since >= settings.current.seconds_per_state:
            self.since += settings.current.seconds_per_state
            if self.status == "PENDING":
                self.status = "IN_PROGRESS"
            elif self.status == "CANCELLING":
                self._end("CANCELLED")
            else:
                self._work()

    def _work(self) -> None:
        try:
            rights.role_for_service(self.role.principal_arn, self.source_arn)
        except RefusedError as refusal:
            self._end("FAILED", str(refusal))
            return
        for image, action in self.targets:
            image.values["lifecycleExecutionId"] = self.execution_id
            self.touched.append(apply(image, action, self.role))
        failed = [touched.resource_id for touched in self.touched if touched.status == "FAILED"]
        self._end("FAILED" if failed else "SUCCESS", f"Lifecycle actions failed for: {', '.join(failed)}." if failed else "")

    def _end(self, status: str, reason: str = "") -> None:
        self.status, self.reason, self.ended = status, reason[:1024], datetime.now(timezone.utc)

    def cancel(self) -> None:
        """Ask it to stop."""
        if self.has_ended:
            raise invalid_request(f"The lifecycle execution '{self.execution_id}' is in state {self.status} and cannot be cancelled.")
        self.status, self.since = "CANCELLING", clock.now()

    def state(self) -> dict[str, Any]:
        """Return its state in the API's form."""
        return {"status": self.status, **({"reason": self.reason} if self.reason else {})}

    def describe(self) -> dict[str, Any]:
        """Return its members in the API's form."""
        policy = {"lifecyclePolicyArn": self.source_arn} if Arn.parse(self.source_arn).type == LIFECYCLE_POLICY.arn_type else {}
        return {
            "lifecycleExecutionId": self.execution_id,
            **policy,
            "resourcesImpactedSummary": {"hasImpactedResources": bool(self.targets)},
            "state": self.state(),
            "startTime": self.started,
            **({"endTime": self.ended} if self.ended else {}),
        }

    def resources(self) -> list[Touched]:
        """Return what it acts on: as planned until it has acted."""
        planned = (Touched(image.arn.account, image.arn.region, str(image.arn), action, started=self.started) for image, action in self.targets)
        return self.touched or ([] if self.has_ended else list(planned))


def begin(backend: ImageBuilderBackend, source_arn: str, role: Caller, targets: list[tuple[Image, Action]]) -> LifecycleExecution:
    """Begin an execution."""
    execution = LifecycleExecution(source_arn, role, targets)
    backend.lifecycle_executions[execution.execution_id] = execution
    for old in executions_of(backend, source_arn)[REMEMBERED:]:
        del backend.lifecycle_executions[old.execution_id]
    return execution


def executions_of(backend: ImageBuilderBackend, source_arn: str) -> list[LifecycleExecution]:
    """Return the executions of a policy or an image, newest first."""
    return [execution for execution in reversed(backend.lifecycle_executions.values()) if execution.source_arn == source_arn]


def advance(backend: ImageBuilderBackend) -> None:
    """Bring the executions to where they should be by now, and begin those that are due."""
    for execution in list(backend.lifecycle_executions.values()):
        execution.advance()
    for image in own_images(backend):
        deprecate_due(image)
    if not settings.current.seconds_per_state:
        return
    for policy in list(backend.all_of(LIFECYCLE_POLICY)):
        if isinstance(policy, LifecyclePolicy) and policy.values["status"] == "ENABLED" and clock.now() - policy.ran >= clock.day():
            _run(backend, policy)


def _run(backend: ImageBuilderBackend, policy: LifecyclePolicy) -> None:
    """Run a policy. A role that is gone meanwhile ends the execution, not here."""
    policy.ran = clock.now()
    policy.values["dateLastRun"] = timestamp()
    role = Caller.from_arn(inputs.role_arn(backend, policy.values["executionRole"]))
    begin(backend, str(policy.arn), role, list(_targets(backend, policy)))


def _targets(backend: ImageBuilderBackend, policy: LifecyclePolicy) -> Iterator[tuple[Image, Action]]:
    """Yield what a policy has to do, and to which images."""
    selected = [image for image in own_images(backend) if _is_selected(image, policy.values)]
    newest_first = sorted(selected, key=lambda image: image.born, reverse=True)
    rules = {detail["action"]["type"]: detail for detail in policy.values["policyDetails"]}
    taken: set[str] = set()
    for name in [name for name in STATES if name in rules]:
        for image in _matching(newest_first, name, rules[name]):
            if str(image.arn) not in taken:
                taken.add(str(image.arn))
                yield image, _action(name, rules[name])


def _is_selected(image: Image, policy: Mapping[str, Any]) -> bool:
    if image.values["type"] != IMAGE_TYPES[policy["resourceType"]]:
        return False
    selection = policy["resourceSelection"]
    if "tagMap" in selection:
        return set(selection["tagMap"].items()) <= set(image.tags.items())
    recipe = image.values.get("imageRecipe") or image.values.get("containerRecipe") or {}
    return bool(recipe) and any(
        folded(wanted["name"]) == folded(recipe["name"]) and names.matches(recipe["version"], wanted["semanticVersion"])
        for wanted in selection["recipes"]
    )


def _matching(newest_first: list[Image], name: str, rule: Mapping[str, Any]) -> list[Image]:
    """Return the images that a rule is about. What is kept on hand is kept of those that the action could be done to."""
    images = [image for image in newest_first if image.status in STATES[name]]
    wanted, tags = rule["filter"], rule.get("exclusionRules", {}).get("tagMap", {})
    if wanted["type"] == "COUNT":
        images = images[wanted["value"] :]
    else:
        oldest = clock.now() - seconds(wanted["value"], wanted["unit"])
        kept = wanted.get("retainAtLeast", 0) if name == "DELETE" else 0
        images = [image for image in images[kept:] if image.born <= oldest]
    return [image for image in images if not set(tags.items()) & set(image.tags.items())]


def _action(name: str, rule: Mapping[str, Any]) -> Action:
    included = frozenset(member for member, is_wanted in rule["action"].get("includeResources", {}).items() if is_wanted)
    wanted = rule["filter"]
    reason = f"{wanted['type']} {wanted['value']} {wanted.get('unit', '')}".strip()
    return Action(name, included, rule.get("exclusionRules", {}).get("amis", {}), f"The image matches the rule {reason}.")


def _find(backend: ImageBuilderBackend, request: Request) -> LifecycleExecution:
    execution = backend.lifecycle_executions.get(request["lifecycleExecutionId"])
    if execution is None:
        raise not_found(request["lifecycleExecutionId"])
    return execution


def get_execution(backend: ImageBuilderBackend, request: Request) -> Answer:
    """Return one execution."""
    return {"lifecycleExecution": _find(backend, request).describe()}


def list_executions(backend: ImageBuilderBackend, request: Request) -> Answer:
    """Return a page of the executions of a policy or an image build version, newest first."""
    arn = Arn.parse(request["resourceArn"])
    if arn.type != LIFECYCLE_POLICY.arn_type and not (arn.type == "image" and arn.build):
        raise invalid_request("'resourceArn' must be the ARN of a lifecycle policy or of an image build version.")
    entries = [execution.describe() for execution in executions_of(backend, str(arn))]
    return lists.page("ListLifecycleExecutions", "lifecycleExecutions", entries, request)


def list_resources(backend: ImageBuilderBackend, request: Request) -> Answer:
    """Return a page of the images that an execution acts on, or of what came of one of them."""
    execution = _find(backend, request)
    found = execution.resources()
    if "parentResourceId" in request:
        found = [output for image in found if image.resource_id == request["parentResourceId"] for output in image.outputs]
    page = lists.page("ListLifecycleExecutionResources", "resources", [touched.describe() for touched in found], request)
    return {"lifecycleExecutionId": execution.execution_id, "lifecycleExecutionState": execution.state(), **page}


def cancel(backend: ImageBuilderBackend, request: Request) -> Answer:
    """Stop an execution."""
    execution = _find(backend, request)
    execution.cancel()
    return {"lifecycleExecutionId": execution.execution_id}


OPERATIONS: dict[str, Operation] = {
    "CancelLifecycleExecution": once("CancelLifecycleExecution", cancel),
    "GetLifecycleExecution": get_execution,
    "ListLifecycleExecutionResources": list_resources,
    "ListLifecycleExecutions": list_executions,
}
