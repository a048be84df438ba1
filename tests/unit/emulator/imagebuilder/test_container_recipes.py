# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Container recipes: created, read, listed and deleted as at AWS."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import BUILD_REGION, PARENT_IMAGE, SOURCE, Factory, refused

DOCKERFILE = "FROM {{{ imagebuilder:parentImage }}}\n{{{ imagebuilder:environments }}}\n{{{ imagebuilder:components }}}\n"
AMAZON_CONTAINER = f"arn:aws:imagebuilder:{BUILD_REGION}:aws:image/amazon-linux-x86-2/x.x.x"
UPDATE_LINUX = f"arn:aws:imagebuilder:{BUILD_REGION}:aws:component/update-linux/x.x.x"
ECR = f"{SOURCE}.dkr.ecr.{BUILD_REGION}.amazonaws.com/base:1"


@pytest.fixture
def request_(factory: Factory) -> dict[str, Any]:
    return {
        "containerType": "DOCKER",
        "name": "My Web",
        "semanticVersion": "1.0.0",
        "parentImage": AMAZON_CONTAINER,
        "components": [{"componentArn": UPDATE_LINUX}],
        "dockerfileTemplateData": DOCKERFILE,
        "targetRepository": {"service": "ECR", "repositoryName": factory.repository()},
    }


def test_life(client: Any, request_: dict[str, Any]) -> None:
    made = client.create_container_recipe(**request_, tags={"a": "b"}, workingDirectory="/srv/build", description="d")
    arn = made["containerRecipeArn"]
    assert arn == f"arn:aws:imagebuilder:{BUILD_REGION}:{SOURCE}:container-recipe/my-web/1.0.0"
    assert made["latestVersionReferences"]["latestMinorVersionArn"] == arn.replace("1.0.0", "1.0.x")
    answer = client.get_container_recipe(containerRecipeArn=arn)
    read = answer["containerRecipe"]
    assert read.pop("dateCreated").endswith("Z")
    del request_["semanticVersion"]
    assert read == request_ | {
        "arn": arn,
        "version": "1.0.0",
        "platform": "Linux",
        "owner": SOURCE,
        "encrypted": True,
        "tags": {"a": "b"},
        "workingDirectory": "/srv/build",
        "description": "d",
    }
    assert answer["latestVersionReferences"]["latestVersionArn"] == arn.replace("1.0.0", "x.x.x")
    client.delete_container_recipe(containerRecipeArn=arn)
    refused("ResourceNotFoundException", client.get_container_recipe, containerRecipeArn=arn)


def test_versions_are_immutable_and_x_counts_on(client: Any, request_: dict[str, Any]) -> None:
    arn = client.create_container_recipe(**request_)["containerRecipeArn"]
    message = refused("ResourceAlreadyExistsException", client.create_container_recipe, **{**request_, "name": "my_web"})
    assert message == f"The following resource 'ContainerRecipe' already exists: '{arn}'."
    following = client.create_container_recipe(**{**request_, "semanticVersion": "1.x.x"})["containerRecipeArn"]
    assert following == arn.replace("1.0.0", "1.1.0")
    assert client.get_container_recipe(containerRecipeArn=arn.replace("1.0.0", "x.x.x"))["containerRecipe"]["version"] == "1.1.0"


def test_a_dry_run_makes_nothing(client: Any, request_: dict[str, Any]) -> None:
    refused("DryRunOperationException", client.create_container_recipe, **request_, dryRun=True)
    assert client.list_container_recipes()["containerRecipeSummaryList"] == []


def test_the_template_can_lie_in_s3_and_is_read_once(factory: Factory, client: Any, request_: dict[str, Any]) -> None:
    del request_["dockerfileTemplateData"]
    refused("InvalidParameterCombinationException", client.create_container_recipe, **request_)
    request_["dockerfileTemplateUri"] = "s3://bucket/Dockerfile"
    assert "'dockerfileTemplateUri'" in refused("InvalidParameterValueException", client.create_container_recipe, **request_)
    s3 = factory.client("s3")
    s3.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": BUILD_REGION})
    assert "'dockerfileTemplateUri'" in refused("InvalidParameterValueException", client.create_container_recipe, **request_)
    s3.put_object(Bucket="bucket", Key="Dockerfile", Body=DOCKERFILE.encode())
    arn = client.create_container_recipe(**request_)["containerRecipeArn"]
    s3.delete_object(Bucket="bucket", Key="Dockerfile")
    assert client.get_container_recipe(containerRecipeArn=arn)["containerRecipe"]["dockerfileTemplateData"] == DOCKERFILE


@pytest.mark.parametrize(
    ("more", "platform"),
    [
        ({"parentImage": "amazonlinux:latest"}, "Linux"),
        ({"parentImage": "docker.io/library/ubuntu@sha256:" + "0" * 64}, "Linux"),
        ({"parentImage": "mcr.microsoft.com/windows/servercore:ltsc2022", "components": None}, "Windows"),
        ({"parentImage": ECR, "platformOverride": "Linux"}, "Linux"),
        (
            {"parentImage": ECR, "platformOverride": "Windows", "imageOsVersionOverride": "Microsoft Windows Server 2022", "components": None},
            "Windows",
        ),
    ],
)
def test_parents_from_registries(client: Any, request_: dict[str, Any], more: dict[str, Any], platform: str) -> None:
    request = {name: value for name, value in {**request_, **more}.items() if value is not None}
    arn = client.create_container_recipe(**request)["containerRecipeArn"]
    assert client.get_container_recipe(containerRecipeArn=arn)["containerRecipe"]["platform"] == platform


@pytest.mark.parametrize(
    ("more", "code", "part"),
    [
        pytest.param({"semanticVersion": "x.0.x"}, "InvalidVersionNumberException", "'semanticVersion'", id="version"),
        pytest.param({"parentImage": PARENT_IMAGE}, "InvalidParameterValueException", "no container image", id="AMI-of-Image-Builder"),
        pytest.param({"parentImage": "ami-0123456789abcdef0"}, "InvalidParameterValueException", "'parentImage'", id="AMI"),
        pytest.param({"parentImage": "ssm:/base"}, "InvalidParameterValueException", "'parentImage'", id="parameter"),
        pytest.param({"parentImage": "not an image"}, "InvalidParameterValueException", "'parentImage'", id="nonsense"),
        pytest.param({"parentImage": AMAZON_CONTAINER.replace("linux", "lynx")}, "InvalidParameterValueException", "does not exist", id="no-image"),
        pytest.param({"parentImage": ECR}, "InvalidParameterCombinationException", "a platform override when using ECR Repositories", id="ECR"),
        pytest.param(
            {"parentImage": "public.ecr.aws/lts/ubuntu:latest"},
            "InvalidParameterCombinationException",
            "a platform override when using ECR Public Repositories",
            id="public-ECR",
        ),
        pytest.param(
            {"parentImage": ECR, "platformOverride": "Windows"}, "InvalidParameterCombinationException", "an image OsVersion override", id="system"
        ),
        pytest.param({"imageOsVersionOverride": "x"}, "InvalidParameterCombinationException", "imageOsVersionOverride", id="needless-system"),
        pytest.param({"platformOverride": "macOS"}, "InvalidParameterValueException", "'platformOverride'", id="macOS"),
        pytest.param(
            {"targetRepository": {"service": "ECR", "repositoryName": "none"}},
            "InvalidParameterValueException",
            "'targetRepository.repositoryName'",
            id="no-repository",
        ),
        pytest.param(
            {"components": [{"componentArn": UPDATE_LINUX.replace("linux", "windows")}]},
            "InvalidParameterCombinationException",
            "platform",
            id="component",
        ),
        pytest.param(
            {"instanceConfiguration": {"image": "ami-0123456789abcdef0"}},
            "InvalidParameterValueException",
            "'instanceConfiguration.image'",
            id="instance-image",
        ),
        pytest.param(
            {"instanceConfiguration": {"blockDeviceMappings": [{"ebs": {"volumeType": "io1"}}]}},
            "InvalidParameterValueException",
            "'instanceConfiguration.blockDeviceMappings[0].ebs.iops'",
            id="volume",
        ),
        pytest.param({"dockerfileTemplateUri": "s3://a/b"}, "InvalidParameterCombinationException", "Exactly one", id="two-templates"),
    ],
)
def test_what_aws_refuses(client: Any, request_: dict[str, Any], more: dict[str, Any], code: str, part: str) -> None:
    assert part in refused(code, client.create_container_recipe, **{**request_, **more})


def test_lists(factory: Factory, client: Any, request_: dict[str, Any]) -> None:
    ami_id = factory.client("ec2").register_image(Name="own", RootDeviceName="/dev/xvda")["ImageId"]
    client.create_container_recipe(**request_, instanceConfiguration={"image": ami_id})
    client.create_container_recipe(**{**request_, "name": "other", "parentImage": "amazonlinux:latest"})
    (found,) = client.list_container_recipes(filters=[{"name": "parentImage", "values": ["amazonlinux:latest"]}])["containerRecipeSummaryList"]
    assert (found["name"], found["containerType"], found["owner"], found["tags"]) == ("other", "DOCKER", SOURCE, {})
    (found,) = client.list_container_recipes(filters=[{"name": "name", "values": ["My *"]}])["containerRecipeSummaryList"]
    assert found["instanceImage"] == ami_id
    assert client.list_container_recipes(owner="Amazon")["containerRecipeSummaryList"] == []
    assert "'owner'" in refused("InvalidParameterValueException", client.list_container_recipes, owner="ThirdParty")


def test_a_component_of_a_container_recipe_cannot_be_deleted(client: Any, request_: dict[str, Any]) -> None:
    component = client.import_component(name="script", semanticVersion="1.0.0", type="BUILD", format="SHELL", platform="Linux", data="true")
    named = {"componentBuildVersionArn": component["componentBuildVersionArn"]}
    request_["components"] = [{"componentArn": named["componentBuildVersionArn"].removesuffix("/1")}]
    arn = client.create_container_recipe(**request_)["containerRecipeArn"]
    refused("ResourceDependencyException", client.delete_component, **named)
    client.delete_container_recipe(containerRecipeArn=arn)
    client.delete_component(**named)
