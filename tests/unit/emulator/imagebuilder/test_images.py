# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images: their states, and what may be done with them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.tests.emulator import clock
from ansible_collections.golden.imagebuilder.tests.emulator.server import emulate
from botocore.exceptions import ClientError

from .conftest import BUILD_REGION, OTHER_REGION, PARENT_IMAGE, PAYMENTS, SEARCH, SOURCE, Factory, refused

HOUR = 3600
STATES = ["PENDING", "CREATING", "BUILDING", "TESTING", "DISTRIBUTING", "INTEGRATING", "AVAILABLE"]


@pytest.fixture
def still() -> Iterator[Factory]:
    """A factory whose images do not move."""
    with emulate(accounts=[SOURCE, PAYMENTS, SEARCH], seconds_per_state=HOUR) as emulator:
        factory = Factory(emulator)
        factory.make_all()
        yield factory


def status(factory: Factory, arn: str) -> str:
    return str(factory.client().get_image(imageBuildVersionArn=arn)["image"]["state"]["status"])


def test_states_follow_each_other(still: Factory, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(clock, "source", lambda: now)
    arn = still.start(None)
    seen = []
    for _state in STATES:
        seen.append(status(still, arn))
        now += HOUR - 1
        assert status(still, arn) == seen[-1]
        now += 1
    assert seen == STATES


def test_an_image_that_nobody_asked_about_has_gone_on_all_the_same(still: Factory, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr(clock, "source", lambda: now)
    arn = still.start(still.distributions())
    now = 5 * HOUR - 1
    assert not still.images(PAYMENTS, BUILD_REGION)
    now = 5 * HOUR
    assert len(still.images(PAYMENTS, BUILD_REGION)) == 1
    assert status(still, arn) == "INTEGRATING"


def test_without_tests_there_is_no_testing(ready: Factory) -> None:
    image = ready.build(None, imageTestsConfiguration={"imageTestsEnabled": False})
    assert image["imageTestsConfiguration"] == {"imageTestsEnabled": False, "timeoutMinutes": 720}
    executions = ready.client().list_workflow_executions(imageBuildVersionArn=image["arn"])["workflowExecutions"]
    assert [execution["type"] for execution in executions] == ["DISTRIBUTION", "BUILD"]


def test_an_image_shows_what_it_was_made_of(ready: Factory) -> None:
    image = ready.build(ready.distributions(), tags={"a": "b"}, loggingConfiguration={"logGroupName": "/aws/imagebuilder/golden"})
    assert image["arn"] == f"arn:aws:imagebuilder:{BUILD_REGION}:{SOURCE}:image/golden/1.0.0/1"
    assert (image["name"], image["version"], image["type"], image["platform"]) == ("Golden", "1.0.0/1", "AMI", "Linux")
    assert (image["osVersion"], image["buildType"], image["tags"]) == ("Amazon Linux 2023", "USER_INITIATED", {"a": "b"})
    assert image["imageRecipe"]["parentImage"] == PARENT_IMAGE
    assert image["infrastructureConfiguration"]["instanceProfileName"] == "build"
    assert image["distributionConfiguration"]["distributions"] == ready.distributions()
    assert image["loggingConfiguration"] == {"logGroupName": "/aws/imagebuilder/golden"}
    assert "sourcePipelineArn" not in image


def test_builds_are_numbered_and_listed(still: Factory) -> None:
    recipe = still.recipe()
    first, second = still.start(None, recipe), still.start(None, recipe)
    assert (first, second) == (first, first.removesuffix("1") + "2")
    client = still.client()
    (version,) = client.list_images()["imageVersionList"]
    assert (version["arn"], version["version"]) == (first.removesuffix("/1"), "1.0.0")
    builds = client.list_image_build_versions(imageVersionArn=version["arn"])["imageSummaryList"]
    assert [(build["arn"], build["state"]["status"]) for build in builds] == [(first, "PENDING"), (second, "PENDING")]
    assert client.get_image(imageBuildVersionArn=version["arn"])["image"]["arn"] == second
    amazon = client.list_images(owner="Amazon", byName=True, filters=[{"name": "name", "values": ["amazon-linux-2023*"]}])["imageVersionList"]
    assert {image["imageSource"] for image in amazon} == {"AMAZON_MANAGED"}


def test_the_same_token_starts_one_build(still: Factory) -> None:
    request = {"imageRecipeArn": still.recipe(), "infrastructureConfigurationArn": still.infrastructure(), "clientToken": "one"}
    client = still.client()
    assert client.create_image(**request)["imageBuildVersionArn"] == client.create_image(**request)["imageBuildVersionArn"]
    assert len(client.list_image_build_versions()["imageSummaryList"]) == 1
    refused("IdempotentParameterMismatchException", client.create_image, **request, tags={"a": "b"})


def test_cancel(still: Factory) -> None:
    arn = still.start(None)
    client = still.client()
    client.cancel_image_creation(imageBuildVersionArn=arn)
    assert status(still, arn) == "CANCELLED"
    refused("InvalidRequestException", client.cancel_image_creation, imageBuildVersionArn=arn)
    refused("InvalidRequestException", client.retry_image, imageBuildVersionArn=arn)
    client.delete_image(imageBuildVersionArn=arn)
    refused("ResourceNotFoundException", client.get_image, imageBuildVersionArn=arn)


def test_what_a_running_build_uses_stays(still: Factory) -> None:
    arn = still.start(still.distributions())
    client = still.client()
    image = client.get_image(imageBuildVersionArn=arn)["image"]
    recipe, infrastructure, distribution = (
        image[member]["arn"] for member in ("imageRecipe", "infrastructureConfiguration", "distributionConfiguration")
    )
    refused("ResourceDependencyException", client.delete_image, imageBuildVersionArn=arn)
    refused("ResourceDependencyException", client.delete_image_recipe, imageRecipeArn=recipe)
    refused("ResourceDependencyException", client.delete_infrastructure_configuration, infrastructureConfigurationArn=infrastructure)
    refused("ResourceDependencyException", client.delete_distribution_configuration, distributionConfigurationArn=distribution)
    client.cancel_image_creation(imageBuildVersionArn=arn)
    client.delete_distribution_configuration(distributionConfigurationArn=distribution)
    client.delete_image_recipe(imageRecipeArn=recipe)


def test_a_deleted_image_leaves_its_amis_and_its_number(ready: Factory) -> None:
    recipe = ready.recipe()
    first = ready.build(None, recipe)
    ready.client().delete_image(imageBuildVersionArn=first["arn"])
    assert len(ready.images(SOURCE, BUILD_REGION)) == 1
    assert ready.start(None, recipe).endswith("/2")


def test_an_image_can_be_the_parent_of_another(ready: Factory) -> None:
    image = ready.build(None)
    recipe = ready.recipe(name="child", parentImage=image["arn"], blockDeviceMappings=[])
    refused("ResourceDependencyException", ready.client().delete_image, imageBuildVersionArn=image["arn"])
    child = ready.build(None, recipe)
    assert child["state"]["status"] == "AVAILABLE"
    (ami,) = [ami for ami in ready.images(SOURCE, BUILD_REGION) if ami["ImageId"] == child["outputResources"]["amis"][0]["image"]]
    assert ready.snapshot(SOURCE, BUILD_REGION, ami)["KmsKeyId"] == ready.keys[BUILD_REGION]  # the volumes of its parent


@pytest.mark.parametrize(
    ("more", "code", "part"),
    [
        (
            {"imageRecipeArn": f"arn:aws:imagebuilder:{BUILD_REGION}:{SOURCE}:image-recipe/no/1.0.0"},
            "InvalidParameterValueException",
            "imageRecipeArn",
        ),
        ({"executionRole": "nobody"}, "InvalidParameterValueException", "executionRole"),
        (
            {"workflows": [{"workflowArn": f"arn:aws:imagebuilder:{BUILD_REGION}:aws:workflow/build/build-image/1.0.2/1"}]},
            "InvalidParameterValueException",
            "An execution role is required to provide workflows",
        ),
        (
            {"containerRecipeArn": f"arn:aws:imagebuilder:{BUILD_REGION}:{SOURCE}:container-recipe/no/1.0.0"},
            "InvalidParameterCombinationException",
            "exactly one",
        ),
        ({"imageTestsConfiguration": {"timeoutMinutes": 1441}}, "InvalidParameterValueException", "imageTestsConfiguration.timeoutMinutes"),
    ],
)
def test_builds_that_aws_refuses(still: Factory, more: dict[str, Any], code: str, part: str) -> None:
    request = {"imageRecipeArn": still.recipe(), "infrastructureConfigurationArn": still.infrastructure()}
    assert part in refused(code, still.client().create_image, **{**request, **more})


def test_workflows_and_steps_are_recorded(ready: Factory) -> None:
    image = ready.build(None)
    client = ready.client()
    executions = client.list_workflow_executions(imageBuildVersionArn=image["arn"])["workflowExecutions"]
    assert [(execution["type"], execution["status"]) for execution in executions] == [
        ("DISTRIBUTION", "COMPLETED"),
        ("TEST", "COMPLETED"),
        ("BUILD", "COMPLETED"),
    ]
    for execution in executions:
        read = client.get_workflow_execution(workflowExecutionId=execution["workflowExecutionId"])
        assert (read["imageBuildVersionArn"], read["totalStepsSucceeded"]) == (image["arn"], read["totalStepCount"])
        steps = client.list_workflow_step_executions(workflowExecutionId=execution["workflowExecutionId"])["steps"]
        assert {step["status"] for step in steps} == {"COMPLETED"}
    refused("ResourceNotFoundException", client.get_workflow_execution, workflowExecutionId="wf-12345678-1234-1234-1234-123456789012")


def test_many_who_ask_at_once_cause_one_distribution(ready: Factory) -> None:
    arn = ready.start(ready.distributions())
    clients = [ready.client() for _thread in range(8)]
    errors: list[ClientError] = []

    def ask(client: Any) -> None:
        try:
            for _time in range(20):
                client.get_image(imageBuildVersionArn=arn)
        except ClientError as error:
            errors.append(error)

    threads = [threading.Thread(target=ask, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert ready.wait(arn)["state"]["status"] == "AVAILABLE"
    for account in (PAYMENTS, SEARCH):
        assert [len(ready.images(account, region)) for region in (BUILD_REGION, OTHER_REGION)] == [1, 1]
