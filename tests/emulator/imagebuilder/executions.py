# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations on workflow executions and their steps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from . import lists
from .exceptions import invalid_value, not_found
from .images import Image, find_image, own_images
from .requests import Answer, Operation, Request, once
from .workflows import Execution, Step

if TYPE_CHECKING:
    from .models import ImageBuilderBackend


def list_executions(backend: ImageBuilderBackend, request: Request) -> Answer:
    """Return a page of the executions for an image, newest first."""
    image = find_image(backend, request["imageBuildVersionArn"])
    entries = [execution.describe() for execution in reversed(image.executions)]
    return {"imageBuildVersionArn": str(image.arn), **lists.page("ListWorkflowExecutions", "workflowExecutions", entries, request)}


def list_steps(backend: ImageBuilderBackend, request: Request) -> Answer:
    """Return a page of the steps of an execution."""
    image, execution = _execution(backend, request["workflowExecutionId"])
    entries = [step.describe() for step in execution.steps]
    return {**_of(image, execution), **lists.page("ListWorkflowStepExecutions", "steps", entries, request)}


def get_execution(backend: ImageBuilderBackend, request: Request) -> Answer:
    """Return one execution."""
    image, execution = _execution(backend, request["workflowExecutionId"])
    return {**_of(image, execution), **execution.describe()}


def get_step(backend: ImageBuilderBackend, request: Request) -> Answer:
    """Return one step."""
    image, execution, step = _step(backend, request["stepExecutionId"])
    return {**_of(image, execution), **step.describe(), "onFailure": step.on_failure, "timeoutSeconds": step.timeout}


def list_waiting_steps(backend: ImageBuilderBackend, request: Request) -> Answer:
    """Return a page of all steps that wait for an action."""
    entries = [
        {
            "stepExecutionId": step.step_id,
            **_of(image, execution),
            "name": step.name,
            "action": step.action,
            "startTime": step.started,
        }
        for image in own_images(backend)
        for execution, step in image.waiting_steps()
    ]
    return lists.page("ListWaitingWorkflowSteps", "steps", entries, request)


def send_action(backend: ImageBuilderBackend, request: Request) -> Answer:
    """Resume or stop a waiting step."""
    image, _execution, step = _step(backend, request["stepExecutionId"])
    if str(image.arn) != request["imageBuildVersionArn"]:
        raise invalid_value("imageBuildVersionArn", f"The workflow step '{step.step_id}' does not belong to this image.")
    image.answer(step.step_id, request["action"], request.get("reason", ""))
    return {"stepExecutionId": step.step_id, "imageBuildVersionArn": str(image.arn)}


def _of(image: Image, execution: Execution) -> Answer:
    return {"imageBuildVersionArn": str(image.arn), "workflowExecutionId": execution.execution_id, "workflowBuildVersionArn": execution.arn}


def _executions(backend: ImageBuilderBackend) -> Iterator[tuple[Image, Execution]]:
    return ((image, execution) for image in own_images(backend) for execution in image.executions)


def _execution(backend: ImageBuilderBackend, execution_id: str) -> tuple[Image, Execution]:
    for image, execution in _executions(backend):
        if execution.execution_id == execution_id:
            return image, execution
    raise not_found(execution_id)


def _step(backend: ImageBuilderBackend, step_id: str) -> tuple[Image, Execution, Step]:
    for image, execution in _executions(backend):
        for step in execution.steps:
            if step.step_id == step_id:
                return image, execution, step
    raise not_found(step_id)


OPERATIONS: dict[str, Operation] = {
    "GetWorkflowExecution": get_execution,
    "GetWorkflowStepExecution": get_step,
    "ListWaitingWorkflowSteps": list_waiting_steps,
    "ListWorkflowExecutions": list_executions,
    "ListWorkflowStepExecutions": list_steps,
    "SendWorkflowStepAction": once("SendWorkflowStepAction", send_action),
}
