# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images that go through workflows of the account's own, and steps that wait for somebody."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .conftest import BUILD_REGION, PAYMENTS, SEARCH, SOURCE, Clock, Factory, policy, refused

LAUNCH = {"name": "Launch", "action": "LaunchInstance"}
WAIT = {"name": "Ask", "action": "WaitForAction"}
MAKE = {"name": "Make", "action": "CreateImage", "timeoutSeconds": 900, "inputs": {"instanceId.$": "$.stepOutputs.Launch.instanceId"}}
TESTS = {"name": "Try", "action": "ExecuteComponents"}
COPY = {"name": "Copy", "action": "DistributeImage"}
SHARE = {"name": "Share", "action": "ModifyImageAttributes"}
APPLY = {"name": "Apply", "action": "ApplyImageConfigurations"}


def workflow(factory: Factory, name: str, kind: str, *steps: dict[str, Any]) -> str:
    document = {"name": name, "schemaVersion": 1.0, "steps": list(steps)}
    made = factory.client().create_workflow(name=name, semanticVersion="1.0.0", type=kind, data=json.dumps(document))
    return str(made["workflowBuildVersionArn"])


def executor(factory: Factory) -> str:
    """Make an execution role that may do everything."""
    arn = factory.execution_role("everything")
    allowed = policy({"Effect": "Allow", "Action": "*", "Resource": "*"})
    factory.client("iam").put_role_policy(RoleName="everything", PolicyName="all", PolicyDocument=allowed)
    return arn


def start(factory: Factory, *uses: str | dict[str, Any], **more: Any) -> str:
    workflows = [{"workflowArn": use} if isinstance(use, str) else use for use in uses]
    return factory.start(factory.distributions(), executionRole=executor(factory), workflows=workflows, **more)


def waiting(factory: Factory) -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = factory.client().list_waiting_workflow_steps()["steps"]
    return steps


def send(factory: Factory, step: dict[str, Any], action: str, **more: Any) -> dict[str, Any]:
    request = {"stepExecutionId": step["stepExecutionId"], "imageBuildVersionArn": step["imageBuildVersionArn"], "action": action, **more}
    answer: dict[str, Any] = factory.client().send_workflow_step_action(**request)
    return answer


def status(factory: Factory, arn: str) -> str:
    return str(factory.client().get_image(imageBuildVersionArn=arn)["image"]["state"]["status"])


def steps_of(factory: Factory, arn: str, kind: str) -> list[tuple[str, str]]:
    (execution,) = [one for one in executions(factory, arn) if one["type"] == kind]
    steps = factory.client().list_workflow_step_executions(workflowExecutionId=execution["workflowExecutionId"])["steps"]
    return [(step["name"], step["status"]) for step in steps]


def executions(factory: Factory, arn: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = factory.client().list_workflow_executions(imageBuildVersionArn=arn)["workflowExecutions"]
    return found


def test_the_steps_of_a_workflow_are_those_of_its_document(ready: Factory) -> None:
    build = workflow(ready, "build", "BUILD", LAUNCH, MAKE)
    arn = start(ready, build)
    image = ready.wait(arn)
    assert image["state"]["status"] == "AVAILABLE"
    assert image["workflows"] == [{"workflowArn": build}]
    assert steps_of(ready, arn, "BUILD") == [("Launch", "COMPLETED"), ("Make", "COMPLETED")]
    done = {one["type"]: one["workflowBuildVersionArn"] for one in executions(ready, arn)}
    assert done["BUILD"] == build
    assert ":aws:workflow/distribution/distribute-image/" in done["DISTRIBUTION"]
    assert "TEST" not in done  # the workflows that are given are the tests too
    client = ready.client()
    (execution,) = [one for one in executions(ready, arn) if one["type"] == "BUILD"]
    made = client.list_workflow_step_executions(workflowExecutionId=execution["workflowExecutionId"])["steps"][1]
    read = client.get_workflow_step_execution(stepExecutionId=made["stepExecutionId"])
    assert (read["onFailure"], read["timeoutSeconds"], json.loads(read["inputs"])) == ("Abort", 900, MAKE["inputs"])


def test_a_build_waits_until_somebody_resumes_it(slow: Factory, hours: Clock) -> None:
    arn = start(slow, workflow(slow, "gate", "BUILD", LAUNCH, WAIT, MAKE))
    hours.go_on(100)
    assert status(slow, arn) == "BUILDING"
    (step,) = waiting(slow)
    assert (step["imageBuildVersionArn"], step["name"], step["action"]) == (arn, "Ask", "WaitForAction")
    assert not slow.images(SOURCE, BUILD_REGION)
    assert send(slow, step, "RESUME", reason="looks good")["stepExecutionId"] == step["stepExecutionId"]
    assert not waiting(slow)
    assert status(slow, arn) == "BUILDING"  # what is left of the state takes its time
    hours.go_on(1)
    assert status(slow, arn) == "DISTRIBUTING"
    assert steps_of(slow, arn, "BUILD") == [("Launch", "COMPLETED"), ("Ask", "COMPLETED"), ("Make", "COMPLETED")]
    read = slow.client().get_workflow_step_execution(stepExecutionId=step["stepExecutionId"])
    assert json.loads(read["outputs"]) == {"action": "RESUME", "reason": "looks good"}
    message = refused("InvalidRequestException", slow.client().send_workflow_step_action, **_request(step, "STOP"))
    assert "not waiting" in message


def _request(step: dict[str, Any], action: str) -> dict[str, Any]:
    return {"stepExecutionId": step["stepExecutionId"], "imageBuildVersionArn": step["imageBuildVersionArn"], "action": action}


def test_a_gated_distribution_copies_only_after_the_gate(slow: Factory, hours: Clock) -> None:
    arn = start(slow, workflow(slow, "gated", "DISTRIBUTION", WAIT, COPY, SHARE, APPLY))
    hours.go_on(10)
    assert status(slow, arn) == "DISTRIBUTING"
    assert len(slow.images(SOURCE, BUILD_REGION)) == 1
    assert not slow.images(PAYMENTS, BUILD_REGION)
    send(slow, waiting(slow)[0], "RESUME")
    hours.go_on(1)
    assert status(slow, arn) == "INTEGRATING"
    assert len(slow.images(PAYMENTS, BUILD_REGION)) == len(slow.images(SEARCH, BUILD_REGION)) == 1
    assert steps_of(slow, arn, "DISTRIBUTION")[-1] == ("Apply", "RUNNING")
    hours.go_on(1)
    assert status(slow, arn) == "AVAILABLE"


def test_stopping_fails_the_image(ready: Factory) -> None:
    arn = start(ready, workflow(ready, "gate", "BUILD", WAIT, LAUNCH, MAKE))
    step = _await(ready)
    send(ready, step, "STOP", reason="not today")
    state = ready.wait(arn)["state"]
    assert (state["status"], state["failureContext"]["imageStatus"], state["failureContext"]["failedStep"]) == ("FAILED", "BUILDING", "Ask")
    assert "not today" in state["reason"]
    assert steps_of(ready, arn, "BUILD") == [("Ask", "FAILED"), ("Launch", "SKIPPED"), ("Make", "SKIPPED")]


def _await(factory: Factory) -> dict[str, Any]:
    """Return the one step that waits, once it does."""
    for _time in range(2000):
        if found := waiting(factory):
            return found[0]
    raise AssertionError("no step came to wait")


def test_a_step_may_fail_alone(ready: Factory) -> None:
    arn = start(ready, workflow(ready, "gate", "BUILD", LAUNCH, {**WAIT, "onFailure": "Continue"}, MAKE))
    send(ready, _await(ready), "STOP")
    assert ready.wait(arn)["state"]["status"] == "AVAILABLE"
    assert steps_of(ready, arn, "BUILD") == [("Launch", "COMPLETED"), ("Ask", "FAILED"), ("Make", "COMPLETED")]


def test_tests_run_in_groups_and_may_fail(slow: Factory, hours: Clock) -> None:
    first, second, last = (workflow(slow, name, "TEST", WAIT, TESTS) for name in ("first", "second", "last"))
    uses = [{"workflowArn": arn, "parallelGroup": "together"} for arn in (first, second)]
    arn = start(slow, *uses, {"workflowArn": last, "onFailure": "CONTINUE"})
    hours.go_on(4)
    assert status(slow, arn) == "TESTING"
    assert {step["workflowBuildVersionArn"] for step in waiting(slow)} == {first, second}
    assert {one["parallelGroup"] for one in executions(slow, arn) if one["workflowBuildVersionArn"] in (first, second)} == {"together"}
    for step in waiting(slow):
        send(slow, step, "RESUME")
    hours.go_on(1)
    (step,) = waiting(slow)
    assert step["workflowBuildVersionArn"] == last
    send(slow, step, "STOP")
    hours.go_on(3)
    assert status(slow, arn) == "AVAILABLE"
    assert {one["workflowBuildVersionArn"]: one["status"] for one in executions(slow, arn)}[last] == "FAILED"


def test_cancelling_ends_the_wait(slow: Factory, hours: Clock) -> None:
    arn = start(slow, workflow(slow, "gate", "BUILD", WAIT, LAUNCH, MAKE))
    hours.go_on(3)
    assert waiting(slow)
    slow.client().cancel_image_creation(imageBuildVersionArn=arn)
    assert not waiting(slow)
    assert steps_of(slow, arn, "BUILD")[0] == ("Ask", "CANCELLED")


def test_waiting_steps_come_in_pages(slow: Factory, hours: Clock) -> None:
    gate = workflow(slow, "gate", "BUILD", WAIT, LAUNCH, MAKE)
    role, recipe = executor(slow), slow.recipe()
    for _image in range(3):
        slow.start(None, recipe, executionRole=role, workflows=[{"workflowArn": gate}])
    hours.go_on(2)
    pages = slow.client().get_paginator("list_waiting_workflow_steps").paginate(PaginationConfig={"PageSize": 2})
    assert [len(page["steps"]) for page in pages] == [2, 1]


@pytest.mark.parametrize("wrong", ["step", "image", "action"])
def test_actions_that_are_refused(slow: Factory, hours: Clock, wrong: str) -> None:
    start(slow, workflow(slow, "gate", "BUILD", WAIT, LAUNCH, MAKE))
    hours.go_on(2)
    request = _request(waiting(slow)[0], "RESUME")
    if wrong == "step":
        request["stepExecutionId"] = "step-12345678-1234-1234-1234-123456789012"
    elif wrong == "image":
        request["imageBuildVersionArn"] += "1"
    else:
        request["action"] = "GO"
    code = "ResourceNotFoundException" if wrong == "step" else "InvalidParameterValueException"
    refused(code, slow.client().send_workflow_step_action, **request)
    assert waiting(slow)
