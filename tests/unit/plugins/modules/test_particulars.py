# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is particular to one kind of resource, run whole against the emulator. What all kinds have in common is in test_behaviour.py."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.usefixtures("emulator")

Result = dict[str, Any]
RunModule = Callable[..., Result]
ACCOUNT, REGION = "111111111111", "us-west-2"
ARN = f"arn:aws:imagebuilder:{REGION}:{ACCOUNT}"
DOCKERFILE = "FROM {{{ imagebuilder:parentImage }}}\n{{{ imagebuilder:environments }}}\n{{{ imagebuilder:components }}}\n"
WORKFLOW = "name: boots\nschemaVersion: 1.0\nsteps:\n  - {name: Launch, action: LaunchInstance, onFailure: Abort, inputs: {waitFor: ssmAgent}}\n"
SCRIPT = "#!/bin/bash\nset -e\nrm --force /etc/motd\n"
RECIPE: dict[str, Any] = {
    "name": "web",
    "semantic_version": "1.0.x",
    "container_type": "DOCKER",
    "parent_image": "amazonlinux:latest",
    "platform_override": "Linux",
    "image_os_version_override": "Amazon Linux 2023",
    "components": [{"component": "aws:update-linux"}],
    "dockerfile_template_data": DOCKERFILE,
    "target_repository": {"service": "ECR", "repository_name": "golden"},
}
PIPELINE: dict[str, Any] = {"name": "web", "image_recipe": "web/1.0.x", "infrastructure_configuration": "web"}
POLICY: dict[str, Any] = {
    "name": "old images",
    "execution_role": "lifecycle",
    "resource_type": "AMI_IMAGE",
    "policy_details": [
        {"action": {"type": "DEPRECATE"}, "filter": {"type": "AGE", "value": 3, "unit": "MONTHS"}},
        {"action": {"type": "DELETE", "include_resources": {"amis": True}}, "filter": {"type": "COUNT", "value": 5}},
    ],
    "resource_selection": {"recipes": [{"name": "web", "semantic_version": "x.x.x"}, {"name": "search", "semantic_version": "1.x.x"}]},
}
IMPORTED: dict[str, Any] = {"name": "no motd", "semantic_version": "1.0.x", "platform": "Linux", "format": "SHELL", "type": "BUILD"}


def role(emulator: Any, name: str) -> None:
    """A role that Image Builder may assume."""
    statement = {"Effect": "Allow", "Principal": {"Service": "imagebuilder.amazonaws.com"}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    emulator.client(ACCOUNT, "iam", REGION).create_role(RoleName=name, AssumeRolePolicyDocument=trust)


def messages(result: Result) -> list[str]:
    """The warnings of a result, as ansible-core of any version hands them on."""
    return [warning if isinstance(warning, str) else warning["event"]["msg"] for warning in result["warnings"]]


@pytest.fixture
def ensure(emulator: Any, run_module: RunModule) -> RunModule:
    """A function that runs a module, which has to succeed."""

    def run(module: str, **options: Any) -> Result:
        result = run_module(module, **options)
        assert not result["failed"], result["msg"]
        return result

    return run


class TestContainerRecipe:
    """Recipes whose parent is in a registry, of which AWS knows only what it is told."""

    @pytest.fixture(autouse=True)
    def repository(self, emulator: Any) -> None:
        emulator.client(ACCOUNT, "ecr", REGION).create_repository(repositoryName="golden")

    def test_what_was_told_of_the_parent_goes_with_the_next_version(self, ensure: RunModule) -> None:
        ensure("container_recipe", **RECIPE)
        changed = ensure("container_recipe", name="web", semantic_version="1.0.x", description="other")["container_recipe"]
        assert (changed["version"], changed["platform"], changed["platform_override"]) == ("1.0.1", "Linux", "Linux")
        assert ensure("container_recipe", **RECIPE)["changed"] is False

    def test_the_template_may_be_a_file_and_may_be_written_without_braces(self, ensure: RunModule, tmp_path: Path) -> None:
        file = tmp_path / "Dockerfile"
        file.write_text(DOCKERFILE)
        made = ensure("container_recipe", **{**RECIPE, "dockerfile_template_data": f"file://{file}"})["container_recipe"]
        assert made["dockerfile_template_data"] == DOCKERFILE
        jinja_safe = DOCKERFILE.replace("{{{ ", "<<<").replace(" }}}", ">>>")
        assert ensure("container_recipe", **{**RECIPE, "dockerfile_template_data": jinja_safe})["changed"] is False

    def test_a_template_that_runs_no_components_is_warned_of(self, ensure: RunModule) -> None:
        made = ensure("container_recipe", **{**RECIPE, "dockerfile_template_data": "FROM {{{ imagebuilder:parentImage }}}\n"})
        assert made["changed"]
        assert [warning.split(", ")[-1] for warning in messages(made)] == [
            "the components are not in the container.",
            "the components do not run.",
        ]


class TestImagePipeline:
    """Pipelines, whose updates replace everything."""

    @pytest.fixture(autouse=True)
    def inputs(self, ensure: RunModule) -> None:
        for name in ("web", "other"):
            ensure("image_recipe", name=name, semantic_version="1.0.0", parent_image="aws:amazon-linux-2023-x86/x.x.x")
        ensure("infrastructure_configuration", name="web", instance_profile_name="image-builder")

    def test_what_it_is_made_of_may_be_named(self, ensure: RunModule) -> None:
        made = ensure("image_pipeline", **PIPELINE)["image_pipeline"]
        assert made["image_recipe_arn"] == f"{ARN}:image-recipe/web/1.0.x"
        assert made["infrastructure_configuration_arn"] == f"{ARN}:infrastructure-configuration/web"
        assert ensure("image_pipeline", **PIPELINE)["changed"] is False

    def test_a_disabled_one_stays_disabled(self, ensure: RunModule) -> None:
        ensure("image_pipeline", **PIPELINE, status="DISABLED", schedule={"schedule_expression": "rate(1 day)"})
        changed = ensure("image_pipeline", name="web", description="other")["image_pipeline"]
        assert (changed["status"], changed["schedule"]["schedule_expression"]) == ("DISABLED", "rate(1 day)")

    def test_what_aws_assumes_is_no_difference(self, ensure: RunModule) -> None:
        ensure("image_pipeline", **PIPELINE, schedule={"schedule_expression": "rate(1 day)"})
        assumed = {
            "status": "ENABLED",
            "enhanced_image_metadata_enabled": True,
            "image_tests_configuration": {"image_tests_enabled": True},
            "schedule": {
                "schedule_expression": "rate(1 day)",
                "timezone": "UTC",
                "pipeline_execution_start_condition": "EXPRESSION_MATCH_AND_DEPENDENCY_UPDATES_AVAILABLE",
            },
        }
        assert ensure("image_pipeline", name="web", **assumed)["changed"] is False
        assert ensure("image_pipeline", name="web", status="", image_tests_configuration={})["changed"] is False

    def test_workflows_need_a_role_that_is_given_or_there(self, emulator: Any, ensure: RunModule, run_module: RunModule) -> None:
        role(emulator, "builder")
        ensure("image_pipeline", **PIPELINE)
        workflows = [{"workflow": "aws:build/build-image"}]
        refused = run_module("image_pipeline", name="web", workflows=workflows)
        assert [error["path"] for error in refused["errors"]] == ["execution_role"]
        ensure("image_pipeline", name="web", execution_role="builder")
        changed = ensure("image_pipeline", name="web", workflows=workflows)["image_pipeline"]
        assert changed["workflows"] == [{"workflow_arn": f"arn:aws:imagebuilder:{REGION}:aws:workflow/build/build-image/x.x.x"}]

    def test_a_recipe_in_use_names_the_pipeline(self, ensure: RunModule, run_module: RunModule) -> None:
        pipeline = ensure("image_pipeline", **{**PIPELINE, "image_recipe": "web/1.0.0"})["image_pipeline"]["arn"]
        assert f"image pipeline {pipeline}" in run_module("image_recipe", name="web", state="absent")["msg"]
        assert ensure("image_recipe", name="other", state="absent")["changed"] is True


class TestLifecyclePolicy:
    """Lifecycle policies, which say what AWS does away with."""

    @pytest.fixture(autouse=True)
    def lifecycle_role(self, emulator: Any) -> None:
        role(emulator, "lifecycle")

    def test_order_and_what_is_switched_off_are_no_difference(self, ensure: RunModule) -> None:
        ensure("lifecycle_policy", **POLICY)
        switched_off = {"amis": False, "snapshots": False, "containers": False}
        deprecate, delete = POLICY["policy_details"]
        same = [delete, {**deprecate, "action": {"type": "DEPRECATE", "include_resources": switched_off}}]
        recipes = {"recipes": POLICY["resource_selection"]["recipes"][::-1]}
        assert ensure("lifecycle_policy", name="old images", policy_details=same, resource_selection=recipes)["changed"] is False

    def test_the_type_stays(self, emulator: Any, ensure: RunModule, run_module: RunModule) -> None:
        ensure("lifecycle_policy", **POLICY)
        emulator.reset_calls()
        containers = [{"action": {"type": "DELETE", "include_resources": {"containers": True}}, "filter": {"type": "COUNT", "value": 5}}]
        refused = run_module("lifecycle_policy", name="old images", resource_type="CONTAINER_IMAGE", policy_details=containers)
        assert [error["path"] for error in refused["errors"]] == ["resource_type"]
        assert not emulator.writes()

    def test_records_that_go_alone_are_warned_of(self, ensure: RunModule) -> None:
        details = [{"action": {"type": "DELETE"}, "filter": {"type": "COUNT", "value": 5}}]
        (warning,) = messages(ensure("lifecycle_policy", **{**POLICY, "policy_details": details}))
        assert warning.startswith("policy_details[0].action: deletes Image Builder's record of the image only.")


class TestWorkflow:
    """Workflows, whose type is part of their name."""

    def test_one_name_of_two_types_is_two_workflows(self, ensure: RunModule) -> None:
        arns = [ensure("workflow", name="boots", type=kind, semantic_version="1.0.x", data=WORKFLOW)["workflow"]["arn"] for kind in ("BUILD", "TEST")]
        assert arns == [f"{ARN}:workflow/build/boots/1.0.0/1", f"{ARN}:workflow/test/boots/1.0.0/1"]
        assert [each["arn"] for each in ensure("workflow_info", name="boots", type="TEST")["workflows"]] == arns[1:]
        assert ensure("workflow", name="boots", type="BUILD", state="absent")["deleted"] == arns[:1]
        assert [each["arn"] for each in ensure("workflow_info", name="boots")["workflows"]] == arns[1:]

    def test_the_document_is_compared_by_meaning(self, ensure: RunModule) -> None:
        wanted = {"name": "boots", "type": "TEST", "semantic_version": "1.0.x"}
        ensure("workflow", **wanted, data=WORKFLOW)
        assert ensure("workflow", **wanted, data=f"# the same\n{WORKFLOW}")["changed"] is False
        assert ensure("workflow", **wanted, data=WORKFLOW.replace("Abort", "Continue"))["workflow"]["version"] == "1.0.1"

    def test_all_that_is_wrong_with_a_document_is_told(self, emulator: Any, run_module: RunModule) -> None:
        emulator.reset_calls()
        data = "steps: [{name: a}, {name: b, action: LaunchInstance}, {name: b, action: LaunchInstance}]"
        refused = run_module("workflow", name="boots", type="TEST", semantic_version="1.0.x", data=data)
        assert [error["message"] for error in refused["errors"]] == [
            "step 1 has no action.",
            "step 3 has the name b, which another one has already.",
        ]
        assert not emulator.calls()


class TestComponent:
    """Components made of scripts."""

    def test_a_script_is_imported_once(self, emulator: Any, ensure: RunModule) -> None:
        emulator.reset_calls()
        assert ensure("component", **IMPORTED, data=SCRIPT)["component"]["type"] == "BUILD"
        assert "ImportComponent" in [call.operation for call in emulator.writes()]
        assert ensure("component", **IMPORTED, data=SCRIPT)["changed"] is False
        assert ensure("component", **IMPORTED, data=f"{SCRIPT}reboot\n")["component"]["version"] == "1.0.1"

    def test_what_a_script_is_for_is_part_of_it(self, ensure: RunModule) -> None:
        ensure("component", **IMPORTED, data=SCRIPT)
        changed = ensure("component", **{**IMPORTED, "type": "TEST"}, data=SCRIPT)["component"]
        assert (changed["version"], changed["type"]) == ("1.0.1", "TEST")

    def test_a_script_needs_its_type(self, run_module: RunModule) -> None:
        refused = run_module("component", **{**IMPORTED, "type": None}, data=SCRIPT)
        assert [error["path"] for error in refused["errors"]] == ["type"]
