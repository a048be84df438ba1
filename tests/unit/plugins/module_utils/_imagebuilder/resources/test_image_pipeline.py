# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import Context
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.image_pipeline import IMAGE_PIPELINE

from ..test_rules import BEFORE, COMPLETE, FOREIGN, broken

BUILD, TEST = "arn:aws:imagebuilder:us-west-2:aws:workflow/build/build-image/x.x.x", "test/boots/1.0.x"
GOOD: dict[str, Any] = {"imageRecipeArn": "web/1.0.x", "infrastructureConfigurationArn": "web"}


def scheduled(expression: str, **more: Any) -> dict[str, Any]:
    return {"schedule": {"scheduleExpression": expression, **more}}


def with_workflows(*workflows: dict[str, Any]) -> dict[str, Any]:
    return {"workflows": list(workflows), "executionRole": "builder"}


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"imageRecipeArn": None, "containerRecipeArn": "web/1.0.x"},
        scheduled("cron(0 6 ? * mon *)", timezone="Europe/Berlin"),
        scheduled("cron(0 8 1 * ? *)"),
        scheduled("cron(30 22 ? * tue#2,4 2026-2030)"),
        scheduled("rate(1 day)"),
        scheduled("rate(12 hours)"),
        with_workflows({"workflowArn": BUILD}, {"workflowArn": TEST, "onFailure": "CONTINUE", "parallelGroup": "a"}),
        {"imageScanningConfiguration": {"imageScanningEnabled": True}},
        {"imageScanningConfiguration": {"imageScanningEnabled": False}, "imageTestsConfiguration": {"imageTestsEnabled": False}},
        {
            "imageScanningConfiguration": {
                "imageScanningEnabled": True,
                "imageScanningTypes": ["ON_DEMAND_AMI_CVE"],
                "scanResultCondition": {"maximumSeverityLabel": "LOW"},
            }
        },
        {"loggingConfiguration": {"imageLogGroupName": "/aws/imagebuilder/web"}},
        {"loggingConfiguration": {"imageLogGroupName": "/golden/web"}, "executionRole": "builder"},
    ],
)
def test_good_pipelines_break_no_rule_and_cause_no_warning(change: dict[str, Any]) -> None:
    assert broken(IMAGE_PIPELINE, {**GOOD, **change}) == {}
    assert list(IMAGE_PIPELINE.cautions({**GOOD, **change}, COMPLETE)) == []


@pytest.mark.parametrize(
    ("change", "path", "words"),
    [
        ({"imageRecipeArn": None}, ("imageRecipeArn",), "or container_recipe_arn"),
        ({"containerRecipeArn": "web/1.0.x"}, ("containerRecipeArn",), "a pipeline has one recipe"),
        ({"imageRecipeArn": FOREIGN.format("image-recipe/web/1.0.0")}, ("imageRecipeArn",), "the image recipe is in eu-west-1"),
        ({"infrastructureConfigurationArn": FOREIGN.format("infrastructure-configuration/web")}, ("infrastructureConfigurationArn",), "eu-west-1"),
        ({"distributionConfigurationArn": FOREIGN.format("distribution-configuration/web")}, ("distributionConfigurationArn",), "eu-west-1"),
        (scheduled("cron(0 6 * * mon)"), ("schedule", "scheduleExpression"), "has 5 fields; six are needed"),
        (scheduled("cron( 0 6 ? * mon *)"), ("schedule", "scheduleExpression"), "one space apart"),
        (scheduled("0 6 ? * mon *"), ("schedule", "scheduleExpression"), "neither a cron expression"),
        (scheduled("daily"), ("schedule", "scheduleExpression"), "neither a cron expression"),
        (scheduled("rate(0 days)"), ("schedule", "scheduleExpression"), "neither a cron expression"),
        (scheduled("rate(1 days)"), ("schedule", "scheduleExpression"), "rate(1 day)"),
        (scheduled("rate(7 day)"), ("schedule", "scheduleExpression"), "rate(2 days)"),
        ({"workflows": [{"workflowArn": BUILD}]}, ("executionRole",), "is required with workflows"),
        (with_workflows({"workflowArn": BUILD}, {"workflowArn": "build/mine"}), ("workflows",), "has 2 build workflows; an image goes through 1"),
        (with_workflows(*[{"workflowArn": f"test/a{number}"} for number in range(11)]), ("workflows",), "has 11 test workflows"),
        (with_workflows({"workflowArn": BUILD, "onFailure": "CONTINUE"}), ("workflows", 0, "onFailure"), "test workflows only"),
        (with_workflows({"workflowArn": "distribution/x", "parallelGroup": "a"}), ("workflows", 0, "parallelGroup"), "test workflows only"),
        (with_workflows({"workflowArn": FOREIGN.format("workflow/test/x/1.0.0")}), ("workflows", 0, "workflowArn"), "is in eu-west-1"),
        (
            {"imageScanningConfiguration": {"imageScanningEnabled": True}, "imageTestsConfiguration": {"imageTestsEnabled": False}},
            ("imageScanningConfiguration", "imageScanningEnabled"),
            "image_tests_enabled",
        ),
        (
            {"imageScanningConfiguration": {"scanResultCondition": {"maximumSeverityLabel": "LOW"}}},
            ("imageScanningConfiguration", "scanResultCondition"),
            "ON_DEMAND_AMI_CVE",
        ),
        (
            {
                "imageRecipeArn": None,
                "containerRecipeArn": "web/1.0.x",
                "imageScanningConfiguration": {"imageScanningTypes": ["ON_DEMAND_AMI_CVE"]},
            },
            ("imageScanningConfiguration", "imageScanningTypes"),
            "a container recipe makes none",
        ),
        ({"loggingConfiguration": {"imageLogGroupName": "/golden/web"}}, ("loggingConfiguration", "imageLogGroupName"), "execution_role is needed"),
    ],
)
def test_bad_pipelines_are_refused(change: dict[str, Any], path: tuple[str | int, ...], words: str) -> None:
    found = broken(IMAGE_PIPELINE, {**GOOD, **change})
    assert list(found) == [path]
    assert words in found[path]


@pytest.mark.parametrize(
    "request_",
    [
        {"status": "DISABLED"},
        {"workflows": [{"workflowArn": BUILD}]},
        {"imageScanningConfiguration": {"imageScanningEnabled": True}, "imageTestsConfiguration": {"imageTestsEnabled": False}},
        {"loggingConfiguration": {"imageLogGroupName": "/golden/web"}},
    ],
)
def test_what_is_not_given_may_be_there_already(request_: dict[str, Any]) -> None:
    assert broken(IMAGE_PIPELINE, request_, BEFORE) == {}


@pytest.mark.parametrize(
    ("schedule", "path", "words"),
    [
        ({"scheduleExpression": "cron(0 6 * * mon *)"}, ("schedule", "scheduleExpression"), "has to have ?"),
        ({"scheduleExpression": "cron(0 6 ? * ? *)"}, ("schedule", "scheduleExpression"), "has to have ?"),
        ({"timezone": "UTC"}, ("schedule",), "only when it is started"),
        ({"scheduleExpression": "rate(1 day)", "timezone": "Mars/Olympus"}, ("schedule", "timezone"), "Mars/Olympus is not among"),
    ],
)
def test_what_is_strange_is_warned_of(schedule: dict[str, Any], path: tuple[str | int, ...], words: str) -> None:
    ((found, message),) = IMAGE_PIPELINE.cautions({**GOOD, "schedule": schedule}, Context(complete=True))
    assert found == path
    assert words in message
