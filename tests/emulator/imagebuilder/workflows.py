# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The record of what an image went through: workflow executions and their steps. Image Builder runs Amazon's own workflows unless told otherwise."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from .names import Arn

# type: (name, its steps as (name, action))
DEFAULTS: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "BUILD": (
        "build-image",
        (
            ("LaunchBuildInstance", "LaunchInstance"),
            ("ApplyBuildComponents", "ExecuteComponents"),
            ("RunSanitizeScript", "SanitizeInstance"),
            ("CreateOutputAMI", "CreateImage"),
            ("TerminateBuildInstance", "TerminateInstance"),
        ),
    ),
    "TEST": (
        "test-image",
        (
            ("LaunchTestInstance", "LaunchInstance"),
            ("ApplyTestComponents", "ExecuteComponents"),
            ("TerminateTestInstance", "TerminateInstance"),
        ),
    ),
    "DISTRIBUTION": (
        "distribute-image",
        (
            ("DistributeImage", "DistributeImage"),
            ("ModifyImageAttributes", "ModifyImageAttributes"),
            ("ApplyImageConfigurations", "ApplyImageConfigurations"),
        ),
    ),
}


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class Step:
    """One step of an execution."""

    name: str
    action: str
    step_id: str = field(default_factory=lambda: f"step-{uuid.uuid4()}")
    status: str = "PENDING"
    message: str = ""
    started: str = ""
    ended: str = ""

    def begin(self) -> None:
        """Start it."""
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
            "inputs": "{}",
            "outputs": "{}",
            "attemptNumber": 1,
            "maxAttempts": 1,
        }
        return about | ({"startTime": self.started} if self.started else {}) | ({"endTime": self.ended} if self.ended else {})


@dataclass
class Execution:
    """One run of one workflow for one image."""

    arn: str
    type: str
    steps: list[Step]
    execution_id: str = field(default_factory=lambda: f"wf-{uuid.uuid4()}")
    status: str = "PENDING"
    message: str = ""
    started: str = ""
    ended: str = ""
    retried: bool = False

    @classmethod
    def of(cls, workflow_type: str, partition: str, region: str) -> Execution:
        """Return a new execution of Amazon's workflow of a type, its first step running."""
        name, steps = DEFAULTS[workflow_type]
        arn = Arn(partition, region, "aws", f"workflow/{workflow_type.lower()}", name, "1.0.2", 1)
        execution = cls(str(arn), workflow_type, [Step(name, action) for name, action in steps])
        execution.status, execution.started = "RUNNING", _now()
        execution.steps[0].begin()
        return execution

    def complete(self, step_names: Iterable[str] = ()) -> None:
        """Complete the named steps, in order, or all; when there is a next step it begins, else the execution is complete."""
        names = set(step_names) or {step.name for step in self.steps}
        for step in self.steps:
            if step.name in names and step.status in ("PENDING", "RUNNING"):
                if step.status == "PENDING":
                    step.begin()
                step.end("COMPLETED")
        waiting = [step for step in self.steps if step.status == "PENDING"]
        if waiting:
            waiting[0].begin()
        else:
            self.status, self.ended = "COMPLETED", _now()

    def fail(self, step_name: str, message: str) -> Step:
        """Fail at a step: those before it are complete, those after it are skipped."""
        failed = next(step for step in self.steps if step.name == step_name)
        self.complete(step.name for step in self.steps[: self.steps.index(failed)])
        failed.end("FAILED", message)
        self._stop("FAILED", "SKIPPED", message)
        return failed

    def cancel(self) -> None:
        """Cancel what has not ended."""
        self._stop("CANCELLED", "CANCELLED", "")

    def _stop(self, status: str, of_steps: str, message: str) -> None:
        for step in self.steps:
            if step.status in ("PENDING", "RUNNING"):
                step.end(of_steps)
        self.status, self.message, self.ended = status, message[:500], _now()

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self.status == "RUNNING"

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
            "startTime": self.started,
            "retried": self.retried,
        }
        return about | ({"endTime": self.ended} if self.ended else {})
