# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Container images: built, pushed to ECR and taken away again."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import BUILD_REGION, OTHER_REGION, SOURCE, Factory, allow, policy, refused

TEMPLATE = "FROM {{{ imagebuilder:parentImage }}}\n{{{ imagebuilder:environments }}}\n{{{ imagebuilder:components }}}"
REGISTRY = f"{SOURCE}.dkr.ecr.{{}}.amazonaws.com"


@pytest.fixture
def recipe(ready: Factory) -> str:
    """A container recipe and the repository it pushes to."""
    made = ready.client().create_container_recipe(
        name="Web",
        semanticVersion="1.0.0",
        containerType="DOCKER",
        parentImage=f"arn:aws:imagebuilder:{BUILD_REGION}:aws:image/amazon-linux-x86-latest/x.x.x",
        dockerfileTemplateData=TEMPLATE,
        targetRepository={"service": "ECR", "repositoryName": ready.repository()},
    )
    return str(made["containerRecipeArn"])


def entry(region: str, repository: str, *tags: str) -> dict[str, Any]:
    container = {"containerTags": list(tags), "targetRepository": {"service": "ECR", "repositoryName": repository}}
    return {"region": region, "containerDistributionConfiguration": container}


def build(factory: Factory, recipe: str, *entries: dict[str, Any]) -> dict[str, Any]:
    client = factory.client()
    request = {"containerRecipeArn": recipe, "infrastructureConfigurationArn": factory.infrastructure()}
    if entries:
        made = client.create_distribution_configuration(name="containers", distributions=list(entries))
        request["distributionConfigurationArn"] = made["distributionConfigurationArn"]
    return factory.wait(client.create_image(**request)["imageBuildVersionArn"])


def tags_in(factory: Factory, region: str, repository: str) -> set[str]:
    found = factory.client("ecr", region=region).describe_images(repositoryName=repository)["imageDetails"]
    return {tag for image in found for tag in image["imageTags"]}


def test_a_container_image_lies_in_the_recipes_repository(ready: Factory, recipe: str) -> None:
    image = build(ready, recipe)
    assert (image["state"]["status"], image["type"], image["name"]) == ("AVAILABLE", "DOCKER", "Web")
    assert image["containerRecipe"]["arn"] == recipe
    assert image["outputResources"] == {
        "amis": [],
        "containers": [{"region": BUILD_REGION, "imageUris": [f"{REGISTRY.format(BUILD_REGION)}/team/web:1.0.0-1"]}],
    }
    assert tags_in(ready, BUILD_REGION, "team/web") == {"1.0.0-1"}
    assert not ready.images(SOURCE, BUILD_REGION)
    executions = ready.client().list_workflow_executions(imageBuildVersionArn=image["arn"])["workflowExecutions"]
    names = [execution["workflowBuildVersionArn"].split("/")[2] for execution in executions]
    assert names == ["distribute-container", "test-container", "build-container"]


def test_every_build_is_another_image(ready: Factory, recipe: str) -> None:
    build(ready, recipe)
    build(ready, recipe)
    found = ready.client("ecr").describe_images(repositoryName="team/web")["imageDetails"]
    assert len({image["imageDigest"] for image in found}) == 2


def test_it_is_delivered_to_the_regions(ready: Factory, recipe: str) -> None:
    ready.client("ecr", region=OTHER_REGION).create_repository(repositoryName="web")
    image = build(ready, recipe, entry(BUILD_REGION, "ignored", "west"), entry(OTHER_REGION, "web", "latest", "europe"))
    assert image["state"]["status"] == "AVAILABLE"
    uris = {one["region"]: one["imageUris"] for one in image["outputResources"]["containers"]}
    assert uris[OTHER_REGION] == [f"{REGISTRY.format(OTHER_REGION)}/web:{tag}" for tag in ("1.0.0-1", "latest", "europe")]
    assert tags_in(ready, BUILD_REGION, "team/web") == {"1.0.0-1", "west"}
    assert tags_in(ready, OTHER_REGION, "web") == {"1.0.0-1", "latest", "europe"}


def test_a_repository_that_is_missing_fails_its_region(ready: Factory, recipe: str) -> None:
    image = build(ready, recipe, entry(BUILD_REGION, "any", "west"), entry(OTHER_REGION, "missing"))
    context = image["state"]["failureContext"]
    assert (context["imageStatus"], context["failedStep"]) == ("DISTRIBUTING", "DistributeContainerImage")
    (failure,) = context["distributionFailure"]["regionFailures"]
    assert failure["region"] == OTHER_REGION
    assert "'missing'" in failure["errorMessage"]
    assert tags_in(ready, BUILD_REGION, "team/web") == {"1.0.0-1", "west"}
    assert "cannot be retried" in refused("InvalidRequestException", ready.client().retry_image, imageBuildVersionArn=image["arn"])


def test_the_recipes_repository_can_be_gone(ready: Factory, recipe: str) -> None:
    ready.client("ecr").delete_repository(repositoryName="team/web")
    state = build(ready, recipe)["state"]
    assert (state["failureContext"]["imageStatus"], state["failureContext"]["failedStep"]) == ("BUILDING", "ApplyBuildComponents")
    assert "'team/web' does not exist" in state["reason"]


@pytest.mark.parametrize("is_tagged", [True, False])
def test_deleting_takes_the_container_images_away(ready: Factory, recipe: str, is_tagged: bool) -> None:
    """AWS's policy lets the role into repositories with a certain tag."""
    image = build(ready, recipe)
    client, ecr = ready.client(), ready.client("ecr")
    if is_tagged:
        arn = ecr.describe_repositories()["repositories"][0]["repositoryArn"]
        ecr.tag_resource(resourceArn=arn, tags=[{"Key": "LifecycleExecutionAccess", "Value": "EC2 Image Builder"}])
    role = ready.execution_role("lifecycle")
    arns = {one["PolicyName"]: one["Arn"] for one in ready.client("iam").list_policies(Scope="AWS", MaxItems=1000)["Policies"]}
    ready.client("iam").attach_role_policy(RoleName="lifecycle", PolicyArn=arns["EC2ImageBuilderLifecycleExecutionPolicy"])
    request = {"resourceArn": image["arn"], "executionRole": role, "includeResources": {"containers": True}}
    refused("InvalidRequestException", client.start_resource_state_update, **request, state={"status": "DISABLED"})
    execution = client.start_resource_state_update(**request, state={"status": "DELETED"})["lifecycleExecutionId"]
    while (state := client.get_lifecycle_execution(lifecycleExecutionId=execution)["lifecycleExecution"]["state"])["status"] not in (
        "SUCCESS",
        "FAILED",
    ):
        pass
    assert state["status"] == ("SUCCESS" if is_tagged else "FAILED")
    assert bool(ecr.list_images(repositoryName="team/web")["imageIds"]) is not is_tagged
    listed = client.list_lifecycle_execution_resources(lifecycleExecutionId=execution, parentResourceId=image["arn"])["resources"]
    assert [one["imageUris"] for one in listed] == [image["outputResources"]["containers"][0]["imageUris"]]


def test_images_and_containers_do_not_mix(ready: Factory, recipe: str) -> None:
    both = {"imageRecipeArn": ready.recipe(), "containerRecipeArn": recipe, "infrastructureConfigurationArn": ready.infrastructure()}
    refused("InvalidParameterCombinationException", ready.client().create_image, **both)
    ready.client("iam").put_role_policy(
        RoleName=ready.execution_role("some").rpartition("/")[2], PolicyName="some", PolicyDocument=policy(allow("ec2:DescribeImages"))
    )
    request = {"containerRecipeArn": recipe, "infrastructureConfigurationArn": both["infrastructureConfigurationArn"], "executionRole": "some"}
    state = ready.wait(ready.client().create_image(**request)["imageBuildVersionArn"])["state"]
    assert "ec2:RunInstances" in state["reason"]
