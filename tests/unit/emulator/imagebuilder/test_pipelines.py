# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Image pipelines: created, read, listed, updated, deleted and run as at AWS."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.tests.emulator.imagebuilder import imagebuilder_backends
from ansible_collections.golden.imagebuilder.tests.emulator.imagebuilder.pipelines import Pipeline

from .conftest import BUILD_REGION, DOCUMENT, PARENT_IMAGE, SOURCE, Factory, refused

WORKFLOW = """
schemaVersion: 1.0
parameters:
  - {name: minutes, type: integer}
steps:
  - {name: Launch, action: LaunchInstance}
"""
NIGHTLY = {"scheduleExpression": "cron(0 0 * * ? *)"}
ALWAYS = "EXPRESSION_MATCH_ONLY"
TEST_IMAGE = f"arn:aws:imagebuilder:{BUILD_REGION}:aws:workflow/test/test-image/x.x.x"


@pytest.fixture
def request_(factory: Factory) -> dict[str, Any]:
    recipe = factory.client().create_image_recipe(name="golden", semanticVersion="1.0.0", parentImage=PARENT_IMAGE)
    return {
        "name": "My Pipeline",
        "imageRecipeArn": recipe["imageRecipeArn"],
        "infrastructureConfigurationArn": factory.infrastructure("infra"),
    }


@pytest.fixture
def container_recipe(factory: Factory) -> str:
    request = {
        "containerType": "DOCKER",
        "name": "golden",
        "semanticVersion": "1.0.0",
        "parentImage": "amazonlinux:latest",
        "dockerfileTemplateData": "FROM scratch",
        "targetRepository": {"service": "ECR", "repositoryName": factory.repository()},
    }
    return str(factory.client().create_container_recipe(**request)["containerRecipeArn"])


def create(client: Any, request: dict[str, Any], **more: Any) -> str:
    return str(client.create_image_pipeline(**{**request, **more})["imagePipelineArn"])


def read(client: Any, arn: str) -> dict[str, Any]:
    found: dict[str, Any] = client.get_image_pipeline(imagePipelineArn=arn)["imagePipeline"]
    return found


def workflow(client: Any, workflow_type: str = "TEST", name: str = "own") -> str:
    request = {"name": name, "semanticVersion": "1.0.0", "type": workflow_type, "data": WORKFLOW}
    return str(client.create_workflow(**request)["workflowBuildVersionArn"])


class TestKept:
    """What is kept of a pipeline."""

    def test_defaults(self, client: Any, request_: dict[str, Any]) -> None:
        arn = create(client, request_, tags={"a": "b"})
        assert arn == f"arn:aws:imagebuilder:{BUILD_REGION}:{SOURCE}:image-pipeline/my-pipeline"
        found = read(client, arn)
        assert found.pop("dateCreated") == found.pop("dateUpdated")
        assert found == request_ | {
            "arn": arn,
            "platform": "Linux",
            "enhancedImageMetadataEnabled": True,
            "imageTestsConfiguration": {"imageTestsEnabled": True, "timeoutMinutes": 720},
            "status": "ENABLED",
            "consecutiveFailures": 0,
            "tags": {"a": "b"},
        }
        message = refused("ResourceAlreadyExistsException", client.create_image_pipeline, **{**request_, "name": "my_pipeline"})
        assert message == f"The following resource 'ImagePipeline' already exists: '{arn}'."
        client.delete_image_pipeline(imagePipelineArn=arn)
        refused("ResourceNotFoundException", client.get_image_pipeline, imagePipelineArn=arn)

    def test_everything_given_is_read_back(self, factory: Factory, client: Any, request_: dict[str, Any]) -> None:
        distribution = client.create_distribution_configuration(
            name="dist", distributions=[{"region": BUILD_REGION, "licenseConfigurationArns": [LICENCE]}]
        )
        more = {
            "description": "d",
            "distributionConfigurationArn": distribution["distributionConfigurationArn"],
            "imageTestsConfiguration": {"imageTestsEnabled": True, "timeoutMinutes": 60},
            "enhancedImageMetadataEnabled": False,
            "schedule": {
                "scheduleExpression": "rate(1 day)",
                "timezone": "Europe/Berlin",
                "pipelineExecutionStartCondition": ALWAYS,
                "autoDisablePolicy": {"failureCount": 3},
            },
            "status": "DISABLED",
            "imageTags": {"c": "d"},
            "imageScanningConfiguration": {
                "imageScanningEnabled": True,
                "imageScanningTypes": ["ON_DEMAND_AMI_CVE"],
                "scanResultCondition": {"maximumSeverityLabel": "LOW"},
            },
            "workflows": [{"workflowArn": TEST_IMAGE, "parallelGroup": "a", "onFailure": "CONTINUE"}],
            "executionRole": factory.execution_role(),
            "loggingConfiguration": {"imageLogGroupName": "golden/images", "pipelineLogGroupName": "/aws/imagebuilder/pipeline/x"},
        }
        found = read(client, create(client, request_, **more))
        assert {name: found[name] for name in more} == more
        assert "dateNextRun" not in found

    def test_a_dry_run_makes_nothing(self, client: Any, request_: dict[str, Any]) -> None:
        refused("DryRunOperationException", client.create_image_pipeline, **request_, dryRun=True)
        assert client.list_image_pipelines()["imagePipelineList"] == []

    def test_a_schedule_says_when_it_runs_next(self, client: Any, request_: dict[str, Any]) -> None:
        arn = create(client, request_, schedule=NIGHTLY)
        found = read(client, arn)
        assert found["schedule"] == {**NIGHTLY, "pipelineExecutionStartCondition": "EXPRESSION_MATCH_AND_DEPENDENCY_UPDATES_AVAILABLE"}
        following = datetime.fromisoformat(found["dateNextRun"].replace("Z", "+00:00"))
        assert timedelta(0) < following - datetime.now(timezone.utc) <= timedelta(days=1)
        assert found["dateNextRun"].endswith("T00:00:00.000Z")
        del request_["name"]
        client.update_image_pipeline(imagePipelineArn=arn, **request_, schedule=NIGHTLY, status="DISABLED")
        assert "dateNextRun" not in read(client, arn)

    def test_an_update_replaces_everything(self, client: Any, request_: dict[str, Any]) -> None:
        arn = create(client, request_, description="d", status="DISABLED", schedule=NIGHTLY, tags={"a": "b"}, enhancedImageMetadataEnabled=False)
        before = read(client, arn)
        del request_["name"]
        client.update_image_pipeline(imagePipelineArn=arn, **request_)
        after = read(client, arn)
        assert not {"description", "schedule"} & set(after)
        assert (after["status"], after["enhancedImageMetadataEnabled"], after["tags"]) == ("ENABLED", True, {"a": "b"})
        assert (after["name"], after["dateCreated"]) == ("My Pipeline", before["dateCreated"])

    def test_the_type_of_the_recipe_stays(self, client: Any, request_: dict[str, Any], container_recipe: str) -> None:
        arn = create(client, request_)
        changed = {"infrastructureConfigurationArn": request_["infrastructureConfigurationArn"], "containerRecipeArn": container_recipe}
        refused("InvalidParameterCombinationException", client.update_image_pipeline, imagePipelineArn=arn, **changed)
        container = create(client, changed, name="container")
        assert read(client, container)["containerRecipeArn"] == container_recipe

    def test_lists(self, client: Any, request_: dict[str, Any]) -> None:
        create(client, request_)
        other = {"description": "other", "status": "DISABLED", "imageRecipeArn": request_["imageRecipeArn"].replace("1.0.0", "1.x.x")}
        arn = create(client, request_, **other, name="other")
        for name, value in {**other, "name": "oth*"}.items():
            (found,) = client.list_image_pipelines(filters=[{"name": name, "values": [value]}])["imagePipelineList"]
            assert found["arn"] == arn
        infrastructure = [{"name": "infrastructureConfigurationArn", "values": [request_["infrastructureConfigurationArn"]]}]
        assert len(client.list_image_pipelines(filters=infrastructure)["imagePipelineList"]) == 2
        refused("InvalidParameterValueException", client.list_image_pipelines, filters=[{"name": "platform", "values": ["Linux"]}])


LICENCE = f"arn:aws:license-manager:{BUILD_REGION}:{SOURCE}:license-configuration:lic-0123456789abcdef0123456789abcdef"


class TestRefused:
    """What AWS refuses."""

    def test_exactly_one_recipe(self, client: Any, request_: dict[str, Any], container_recipe: str) -> None:
        refused("InvalidParameterCombinationException", client.create_image_pipeline, **request_, containerRecipeArn=container_recipe)
        del request_["imageRecipeArn"]
        refused("InvalidParameterCombinationException", client.create_image_pipeline, **request_)

    @pytest.mark.parametrize(
        ("more", "path"),
        [
            pytest.param({"imageRecipeArn": "image-recipe/none/1.0.0"}, "imageRecipeArn", id="recipe"),
            pytest.param({"imageRecipeArn": "image-recipe/golden/2.x.x"}, "imageRecipeArn", id="recipe-version"),
            pytest.param(
                {"infrastructureConfigurationArn": "infrastructure-configuration/none"}, "infrastructureConfigurationArn", id="infrastructure"
            ),
            pytest.param({"distributionConfigurationArn": "distribution-configuration/none"}, "distributionConfigurationArn", id="distribution"),
            pytest.param({"executionRole": "nobody"}, "executionRole", id="role"),
            pytest.param({"schedule": {"scheduleExpression": "cron(0 0 * * ?)"}}, "schedule.scheduleExpression", id="cron"),
            pytest.param({"schedule": {"timezone": "UTC"}}, "schedule.scheduleExpression", id="no-expression"),
            pytest.param({"schedule": {**NIGHTLY, "timezone": "Mars/Olympus"}}, "schedule.timezone", id="time-zone"),
            pytest.param({"loggingConfiguration": {"imageLogGroupName": "mine"}}, "loggingConfiguration.imageLogGroupName", id="log-group"),
            pytest.param(
                {"imageScanningConfiguration": {"scanResultCondition": {"maximumSeverityLabel": "LOW"}}},
                "imageScanningConfiguration.scanResultCondition",
                id="condition-without-on-demand-scan",
            ),
        ],
    )
    def test_values(self, client: Any, request_: dict[str, Any], more: dict[str, Any], path: str) -> None:
        prefix = f"arn:aws:imagebuilder:{BUILD_REGION}:{SOURCE}:"
        more = {name: prefix + value if name.endswith("Arn") else value for name, value in more.items()}
        assert f"'{path}'" in refused("InvalidParameterValueException", client.create_image_pipeline, **{**request_, **more})

    def test_scans_need_tests(self, client: Any, request_: dict[str, Any]) -> None:
        more = {"imageScanningConfiguration": {"imageScanningEnabled": True}, "imageTestsConfiguration": {"imageTestsEnabled": False}}
        refused("InvalidParameterCombinationException", client.create_image_pipeline, **request_, **more)

    def test_containers_have_no_on_demand_scans(self, client: Any, request_: dict[str, Any], container_recipe: str) -> None:
        request_ |= {"containerRecipeArn": container_recipe, "imageScanningConfiguration": {"imageScanningTypes": ["ON_DEMAND_AMI_CVE"]}}
        del request_["imageRecipeArn"]
        message = refused("InvalidParameterValueException", client.create_image_pipeline, **request_)
        assert "'imageScanningConfiguration.imageScanningTypes'" in message

    @pytest.mark.parametrize(
        ("entries", "part"),
        [
            pytest.param([{"workflowArn": "none"}], "'workflows[0].workflowArn'", id="none"),
            pytest.param([{"workflowArn": "managed"}], "AWS managed workflows must have latest version 'x.x.x'", id="managed"),
            pytest.param([{"workflowArn": "test"}], "'workflows[0].parameters' is not valid. The following parameters of", id="missing"),
            pytest.param(
                [{"workflowArn": "test", "parameters": [{"name": "hours", "value": ["1"]}]}],
                "not defined in the provided workflow: hours",
                id="unknown",
            ),
            pytest.param([{"workflowArn": "build", "onFailure": "CONTINUE"}], "'workflows[0].onFailure'", id="on-failure"),
            pytest.param([{"workflowArn": "build", "parallelGroup": "a"}], "'workflows[0].parallelGroup'", id="group"),
            pytest.param([{"workflowArn": "build", "parameters": [{"name": "minutes", "value": ["1"]}]}] * 2, "Only one workflow", id="two-builds"),
        ],
    )
    def test_workflows(self, factory: Factory, client: Any, request_: dict[str, Any], entries: list[dict[str, Any]], part: str) -> None:
        arns = {
            "none": TEST_IMAGE.replace("test-image", "none"),
            "managed": TEST_IMAGE.replace("x.x.x", "1.0.2/1"),
            "test": workflow(client),
            "build": workflow(client, "BUILD"),
        }
        given = [{**entry, "workflowArn": arns[entry["workflowArn"]]} for entry in entries]
        message = refused("InvalidParameterValueException", client.create_image_pipeline, **request_, workflows=given)
        assert message.endswith("An execution role is required to provide workflows.")
        role = factory.execution_role()
        assert part in refused("InvalidParameterValueException", client.create_image_pipeline, **request_, workflows=given, executionRole=role)


def test_what_a_pipeline_names_cannot_be_deleted(factory: Factory, client: Any, request_: dict[str, Any]) -> None:
    own = workflow(client)
    distribution = client.create_distribution_configuration(
        name="dist", distributions=[{"region": BUILD_REGION, "licenseConfigurationArns": [LICENCE]}]
    )["distributionConfigurationArn"]
    arn = create(
        client,
        request_,
        distributionConfigurationArn=distribution,
        executionRole=factory.execution_role(),
        workflows=[{"workflowArn": own, "parameters": [{"name": "minutes", "value": ["1"]}]}],
    )
    used = [
        (client.delete_image_recipe, {"imageRecipeArn": request_["imageRecipeArn"]}),
        (client.delete_infrastructure_configuration, {"infrastructureConfigurationArn": request_["infrastructureConfigurationArn"]}),
        (client.delete_distribution_configuration, {"distributionConfigurationArn": distribution}),
        (client.delete_workflow, {"workflowBuildVersionArn": own}),
    ]
    for delete, named in used:
        refused("ResourceDependencyException", delete, **named)
    client.delete_image_pipeline(imagePipelineArn=arn)
    for delete, named in used:
        delete(**named)


class TestRuns:
    """A pipeline at work."""

    @pytest.fixture(autouse=True)
    def profile(self, factory: Factory) -> None:
        factory.client("iam").create_instance_profile(InstanceProfileName="build")

    def pipeline(self, arn: str) -> Pipeline:
        found = imagebuilder_backends[SOURCE][BUILD_REGION].find(arn)
        assert isinstance(found, Pipeline)
        return found

    def let_it_run(self, factory: Factory, arn: str) -> list[str]:
        """Let the next time of its schedule come, wait for the images, and return the ARNs of all of them."""
        self.pipeline(arn).next_run = datetime.now(timezone.utc)
        summaries = factory.client().list_image_pipeline_images(imagePipelineArn=arn)["imageSummaryList"]
        return [factory.wait(summary["arn"])["arn"] for summary in summaries]

    def test_by_hand(self, factory: Factory, client: Any, request_: dict[str, Any]) -> None:
        arn = create(client, request_, status="DISABLED", imageTags={"of": "schedule"}, enhancedImageMetadataEnabled=False)
        token = {"clientToken": "one", "imagePipelineArn": arn}
        started = client.start_image_pipeline_execution(**token, tags={"by": "hand"})["imageBuildVersionArn"]
        assert client.start_image_pipeline_execution(**token, tags={"by": "hand"})["imageBuildVersionArn"] == started
        image = factory.wait(started)
        assert (image["sourcePipelineArn"], image["buildType"], image["tags"]) == (arn, "USER_INITIATED", {"by": "hand"})
        assert (image["state"]["status"], image["enhancedImageMetadataEnabled"]) == ("AVAILABLE", False)
        about = read(client, arn)
        assert (about["lastRunStatus"], about["consecutiveFailures"]) == ("AVAILABLE", 0)
        assert about["dateLastRun"] >= about["dateCreated"]

        factory.build(None, request_["imageRecipeArn"])
        (summary,) = client.list_image_pipeline_images(imagePipelineArn=arn)["imageSummaryList"]
        assert summary["arn"] == started
        for name, value, count in (("name", "golden", 1), ("version", "1.0.0/1", 1), ("version", "2.0.0/1", 0)):
            found = client.list_image_pipeline_images(imagePipelineArn=arn, filters=[{"name": name, "values": [value]}])
            assert len(found["imageSummaryList"]) == count
        assert client.list_image_pipeline_images(imagePipelineArn=arn + "-none")["imageSummaryList"] == []

    def test_what_does_not_exist_does_not_run(self, client: Any) -> None:
        arn = f"arn:aws:imagebuilder:{BUILD_REGION}:{SOURCE}:image-pipeline/none"
        refused("ResourceNotFoundException", client.start_image_pipeline_execution, imagePipelineArn=arn)

    def test_by_schedule(self, factory: Factory, client: Any, request_: dict[str, Any]) -> None:
        arn = create(client, request_, schedule={**NIGHTLY, "pipelineExecutionStartCondition": ALWAYS}, imageTags={"of": "schedule"})
        assert len(self.let_it_run(factory, arn)) == 1
        first, second = self.let_it_run(factory, arn)
        assert (first.endswith("/1"), second.endswith("/2")) == (True, True)
        image = client.get_image(imageBuildVersionArn=second)["image"]
        assert (image["buildType"], image["tags"]) == ("SCHEDULED", {"of": "schedule"})

    def test_by_default_only_updates_make_a_schedule_build(self, factory: Factory, client: Any, request_: dict[str, Any]) -> None:
        component = {"name": "hello", "platform": "Linux", "data": DOCUMENT}
        made = client.create_component(**component, semanticVersion="1.0.0")["componentBuildVersionArn"]
        newest = [{"componentArn": made.replace("1.0.0/1", "x.x.x")}]
        recipe = client.create_image_recipe(name="web", semanticVersion="1.0.0", parentImage=PARENT_IMAGE, components=newest)
        arn = create(client, request_, imageRecipeArn=recipe["imageRecipeArn"], schedule=NIGHTLY)
        assert [len(self.let_it_run(factory, arn)) for _time in range(2)] == [1, 1]
        client.create_component(**component, semanticVersion="1.0.1")
        assert [len(self.let_it_run(factory, arn)) for _time in range(2)] == [2, 2]

    def test_failures_are_counted_and_disable_it(self, factory: Factory, client: Any, request_: dict[str, Any]) -> None:
        iam = factory.client("iam")
        schedule = {**NIGHTLY, "pipelineExecutionStartCondition": ALWAYS, "autoDisablePolicy": {"failureCount": 2}}
        arn = create(client, request_, schedule=schedule)

        def outcome() -> tuple[Any, ...]:
            about = read(client, arn)
            return about["lastRunStatus"], about["consecutiveFailures"], about["status"], "dateNextRun" in about

        iam.delete_instance_profile(InstanceProfileName="build")
        self.let_it_run(factory, arn)
        assert outcome() == ("FAILED", 1, "ENABLED", True)
        factory.wait(client.start_image_pipeline_execution(imagePipelineArn=arn)["imageBuildVersionArn"])
        assert outcome() == ("FAILED", 1, "ENABLED", True)  # by hand: does not count
        iam.create_instance_profile(InstanceProfileName="build")
        factory.wait(client.start_image_pipeline_execution(imagePipelineArn=arn)["imageBuildVersionArn"])
        assert outcome() == ("AVAILABLE", 0, "ENABLED", True)
        iam.delete_instance_profile(InstanceProfileName="build")
        self.let_it_run(factory, arn)
        self.let_it_run(factory, arn)
        assert outcome() == ("FAILED", 2, "DISABLED", False)
        del request_["name"]
        client.update_image_pipeline(imagePipelineArn=arn, **request_, schedule=schedule)
        assert outcome() == ("FAILED", 0, "ENABLED", True)

    def test_it_can_be_deleted_while_it_builds(self, factory: Factory, client: Any, request_: dict[str, Any]) -> None:
        arn = create(client, request_)
        started = client.start_image_pipeline_execution(imagePipelineArn=arn)["imageBuildVersionArn"]
        client.delete_image_pipeline(imagePipelineArn=arn)
        assert factory.wait(started)["state"]["status"] == "AVAILABLE"
