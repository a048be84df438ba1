# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What an image goes through: workflows, their executions, and the steps of these. Image Builder runs Amazon's own workflows unless told otherwise.

The document of a workflow is that of "Create a YAML workflow document" in the user guide. Conditions (`if`, `loop`) are not evaluated: every step
runs, once.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

import yaml

from .failures import Failure, NotYetError

if TYPE_CHECKING:
    from .resource import Resource

WAIT = "WaitForAction"
# Amazon's own workflow of a type, by what comes out.
DEFAULTS = {
    "AMI": {"BUILD": "build-image", "TEST": "test-image", "DISTRIBUTION": "distribute-image"},
    "DOCKER": {"BUILD": "build-container", "TEST": "test-container", "DISTRIBUTION": "distribute-container"},
}
TIMEOUT = 21600  # seconds a step may take when its document does not say


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass(frozen=True)
class Plan:
    """One workflow that an image is to go through. `steps` are those of its document."""

    arn: str
    type: str
    steps: tuple[Mapping[str, Any], ...]
    parallel_group: str = ""
    continues: bool = False  # a failure of it does not fail the image

    @classmethod
    def of(cls, workflow: Resource, use: Mapping[str, Any]) -> Plan:
        """Return a workflow as an image uses it: `use` is the item of the image's `workflows`."""
        steps = tuple(yaml.safe_load(workflow.values["data"])["steps"])
        return cls(str(workflow.arn), workflow.values["type"], steps, use.get("parallelGroup", ""), use.get("onFailure") == "CONTINUE")


@dataclass
class Step:
    """One step of an execution."""

    name: str
    action: str
    description: str = ""
    inputs: Any = field(default_factory=dict)
    on_failure: str = "Abort"
    timeout: int = TIMEOUT
    step_id: str = field(default_factory=lambda: f"step-{uuid.uuid4()}")
    status: str = "PENDING"
    message: str = ""
    outputs: dict[str, Any] = field(default_factory=dict)
    started: str = ""
    ended: str = ""

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Step:
        """Return a step as a workflow document describes it."""
        return cls(
            document["name"],
            document["action"],
            document.get("description", ""),
            document.get("inputs") or {},
            document.get("onFailure", "Abort"),
            int(document.get("timeoutSeconds", TIMEOUT)),
        )

    @property
    def is_waiting(self) -> bool:
        """Whether it waits for somebody to resume or stop it."""
        return self.action == WAIT and self.status == "RUNNING"

    def begin(self) -> None:
        """Start it, unless it has started."""
        if self.status == "PENDING":
            self.status, self.started = "RUNNING", _now()

    def end(self, status: str, message: str = "") -> None:
        """End it; what never began has no times."""
        self.status, self.message = status, message[:500]
        if self.started:
            self.ended = _now()

    def describe(self) -> dict[str, Any]:
        """Return its members in the API's form."""
        about: dict[str, Any] = {
            "stepExecutionId": self.step_id,
            "name": self.name,
            "action": self.action,
            "status": self.status,
            "message": self.message,
            "inputs": json.dumps(self.inputs),
            "outputs": json.dumps(self.outputs),
            "attemptNumber": 1,
            "maxAttempts": 1,
        }
        times = {"startTime": self.started, "endTime": self.ended, "description": self.description}
        return about | {member: value for member, value in times.items() if value}


Work = Callable[[Step], "Failure | None"]


@dataclass
class Execution:
    """One run of one workflow for one image."""

    plan: Plan
    steps: list[Step]
    execution_id: str = field(default_factory=lambda: f"wf-{uuid.uuid4()}")
    status: str = "PENDING"
    message: str = ""
    started: str = ""
    ended: str = ""
    retried: bool = False
    failed_step: Step | None = None

    @classmethod
    def of(cls, plan: Plan) -> Execution:
        """Return a new execution of a workflow."""
        return cls(plan, [Step.of(step) for step in plan.steps])

    @property
    def arn(self) -> str:
        """The workflow."""
        return self.plan.arn

    @property
    def type(self) -> str:
        """BUILD, TEST or DISTRIBUTION."""
        return self.plan.type

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self.status in ("PENDING", "RUNNING")

    def begin(self) -> None:
        """Start it and its first step, unless it has started."""
        if self.status == "PENDING":
            self.status, self.started = "RUNNING", _now()
            self.steps[0].begin()

    def run(self, work: Work, until: str = "") -> Failure | None:
        """Do its steps in order, those before the first of action `until`, or all. Return why it failed.

        Raises NotYetError at a step that waits: the same call goes on there later.
        """
        self.begin()
        for step in self.steps:
            if until and step.action == until:
                step.begin()
                return None
            if step.status not in ("PENDING", "RUNNING"):
                continue
            step.begin()
            if step.is_waiting:
                raise NotYetError
            failure = work(step)
            if failure:
                return self.fail(step, failure)
            step.end("COMPLETED")
        self.status, self.ended = "COMPLETED", _now()
        return None

    def fail(self, step: Step, failure: Failure) -> Failure | None:
        """Fail at a step; those after it are skipped. A step that says `onFailure: Continue` fails alone."""
        step.end("FAILED", failure.message)
        if step.on_failure == "Continue":
            return None
        self.failed_step = step
        self._stop("FAILED", "SKIPPED", failure.message)
        return failure

    def answer(self, step: Step, action: str, reason: str) -> Failure | None:
        """Resume or stop a waiting step. Return why the workflow failed when it did."""
        step.outputs = {"action": action, "reason": reason}
        if action == "STOP":
            return self.fail(step, Failure(f"The step {step.name} was stopped. {reason}".strip()))
        step.end("COMPLETED")
        following = next((later for later in self.steps if later.status == "PENDING"), None)
        if following:
            following.begin()
        return None

    def cancel(self) -> None:
        """Cancel what has not ended."""
        self._stop("CANCELLED", "CANCELLED", "")

    def _stop(self, status: str, of_steps: str, message: str) -> None:
        for step in self.steps:
            if step.status in ("PENDING", "RUNNING"):
                step.end(of_steps)
        self.status, self.message, self.ended = status, message[:500], _now()

    def describe(self) -> dict[str, Any]:
        """Return its members in the API's form."""
        counts = {status: sum(step.status == status for step in self.steps) for status in ("COMPLETED", "FAILED", "SKIPPED")}
        about: dict[str, Any] = {
            "workflowBuildVersionArn": self.arn,
            "workflowExecutionId": self.execution_id,
            "type": self.type,
            "status": self.status,
            "message": self.message,
            "totalStepCount": len(self.steps),
            "totalStepsSucceeded": counts["COMPLETED"],
            "totalStepsFailed": counts["FAILED"],
            "totalStepsSkipped": counts["SKIPPED"],
            "retried": self.retried,
        }
        more = {"startTime": self.started, "endTime": self.ended, "parallelGroup": self.plan.parallel_group}
        return about | {member: value for member, value in more.items() if value}


def run_all(executions: Iterable[Execution], work: Work, until: str = "") -> tuple[Execution, Failure] | None:
    """Run executions one group after the other; those of one parallel group begin together. Return the first failure that counts.

    Raises NotYetError when something waits; what stands in the same group goes on meanwhile.
    """
    for group in _groups(executions):
        for execution in group:
            execution.begin()
        is_waiting = False
        for execution in group:
            try:
                failure = execution.run(work, until) if execution.is_running else None
            except NotYetError:
                is_waiting = True
                continue
            if failure and not execution.plan.continues:
                return execution, failure
        if is_waiting:
            raise NotYetError
    return None


def _groups(executions: Iterable[Execution]) -> list[list[Execution]]:
    """Return executions by parallel group, in the order in which the groups were named; without a group each stands alone."""
    groups: dict[str, list[Execution]] = {}
    for execution in executions:
        groups.setdefault(execution.plan.parallel_group or execution.execution_id, []).append(execution)
    return list(groups.values())
