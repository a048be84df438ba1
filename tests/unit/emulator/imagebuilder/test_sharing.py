# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Resource policies of everything that has one."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import BUILD_REGION, DOCUMENT, PARENT_IMAGE, PAYMENTS, SOURCE, Factory, allow, policy, refused


def component(factory: Factory) -> str:
    request = {"name": "hello", "semanticVersion": "1.0.0", "platform": "Linux", "data": DOCUMENT}
    return str(factory.client().create_component(**request)["componentBuildVersionArn"])


def image_recipe(factory: Factory) -> str:
    request = {"name": "golden", "semanticVersion": "1.0.0", "parentImage": PARENT_IMAGE}
    return str(factory.client().create_image_recipe(**request)["imageRecipeArn"])


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


def image(factory: Factory) -> str:
    factory.client("iam").create_instance_profile(InstanceProfileName="build")
    return str(factory.build(None, image_recipe(factory))["arn"])


KINDS = [
    pytest.param(component, "component", "componentArn", id="component"),
    pytest.param(image_recipe, "image_recipe", "imageRecipeArn", id="image-recipe"),
    pytest.param(container_recipe, "container_recipe", "containerRecipeArn", id="container-recipe"),
    pytest.param(image, "image", "imageArn", id="image"),
]


@pytest.mark.parametrize(("make", "noun", "member"), KINDS)
def test_life(factory: Factory, client: Any, make: Any, noun: str, member: str) -> None:
    arn = make(factory)
    get, put = getattr(client, f"get_{noun}_policy"), getattr(client, f"put_{noun}_policy")
    refused("ResourceNotFoundException", get, **{member: arn})
    document = policy(allow(["imagebuilder:Get*"], [arn], Principal={"AWS": [PAYMENTS]}))
    assert put(**{member: arn}, policy=document)[member] == arn
    assert get(**{member: arn})["policy"] == document
    missing = arn.replace("/hello/", "/bye/").replace("/golden/", "/lead/")
    for call in (get, lambda **named: put(**named, policy=document)):
        refused("ResourceNotFoundException", call, **{member: missing})


@pytest.mark.parametrize(
    ("document", "part"),
    [
        ("Version: 2012", "not valid JSON"),
        ("{}", "no Statement"),
        (policy(), "no statement"),
        (policy(allow("imagebuilder:GetComponent", "ARN")), "no Principal"),
        (policy(allow("ec2:RunInstances", "ARN", Principal="*")), "not Image Builder's"),
        (policy(allow("imagebuilder:GetComponent", "arn:aws:s3:::bucket", Principal="*")), "does not name the resource"),
        (policy({**allow("imagebuilder:GetComponent", "ARN", Principal="*"), "Effect": "Maybe"}), "no Effect"),
    ],
)
def test_what_is_no_policy(factory: Factory, client: Any, document: str, part: str) -> None:
    arn = component(factory)
    message = refused("InvalidParameterValueException", client.put_component_policy, componentArn=arn, policy=document.replace("ARN", arn))
    assert message.startswith("The value supplied for parameter 'policy' is not valid.")
    assert part in message


def test_what_is_shared_cannot_be_deleted(factory: Factory, client: Any) -> None:
    arn = component(factory)
    for principal in (PAYMENTS, f"arn:aws:iam::{PAYMENTS}:root", "*"):
        client.put_component_policy(componentArn=arn, policy=policy(allow("imagebuilder:*", arn, Principal={"AWS": principal})))
        refused("ResourceDependencyException", client.delete_component, componentBuildVersionArn=arn)
    client.put_component_policy(componentArn=arn, policy=policy(allow("imagebuilder:*", arn, Principal={"AWS": f"arn:aws:iam::{SOURCE}:root"})))
    client.delete_component(componentBuildVersionArn=arn)


def test_what_is_amazons_cannot_be_shared(client: Any) -> None:
    arn = f"arn:aws:imagebuilder:{BUILD_REGION}:aws:component/update-linux/1.0.2/1"
    document = policy(allow("imagebuilder:*", arn, Principal="*"))
    refused("ResourceNotFoundException", client.put_component_policy, componentArn=arn, policy=document)
