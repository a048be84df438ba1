# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.action.validate import KINDS
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import references, schema, since
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.problems import InvalidInput
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import Resource
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.image import IMAGE
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.image_pipeline import IMAGE_PIPELINE
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.image_recipe import IMAGE_RECIPE
from ansible_collections.golden.imagebuilder.tests.newer import needs_open_version

IDENTITY = ("aws", "us-west-2", "111111111111")
HERE = "arn:aws:imagebuilder:us-west-2:111111111111"
PIPELINE = {
    "name": "web",
    "description": "web/1.0.x is no reference here",
    "imageRecipeArn": "web/1.0.x",
    "infrastructureConfigurationArn": f"{HERE}:infrastructure-configuration/small",
    "workflows": [{"workflowArn": "build/gate", "parameters": [{"name": "x", "value": ["web"]}]}, {"workflowArn": "aws:test/boots/1.0.0"}],
}
RESOLVED = {
    **PIPELINE,
    "imageRecipeArn": f"{HERE}:image-recipe/web/1.0.x",
    "workflows": [
        {**PIPELINE["workflows"][0], "workflowArn": f"{HERE}:workflow/build/gate/x.x.x"},  # type: ignore[dict-item]
        {"workflowArn": "arn:aws:imagebuilder:us-west-2:aws:workflow/test/boots/1.0.0"},
    ],
}


def not_asked(operation: str, members: dict[str, str]) -> dict[str, Any] | None:
    raise AssertionError(f"{operation} {members}")


@needs_open_version("ImageRecipeArn", "image-recipe")
def test_short_forms_at_any_depth_become_arns_without_a_call() -> None:
    assert references.resolve(IMAGE_PIPELINE, PIPELINE, IDENTITY, not_asked) == RESOLVED
    assert references.resolve(IMAGE_PIPELINE, RESOLVED, IDENTITY, not_asked) == RESOLVED
    assert references.completed(IMAGE_PIPELINE, PIPELINE, IDENTITY) == RESOLVED


@pytest.mark.parametrize(
    ("parent", "resolved"),
    [
        ("base/1.0.x", f"{HERE}:image/base/1.0.x"),
        ("aws:amazon-linux-2023-x86/x.x.x", "arn:aws:imagebuilder:us-west-2:aws:image/amazon-linux-2023-x86/x.x.x"),
        ("base/1.0.0/3", f"{HERE}:image/base/1.0.0/3"),
        *((text, text) for text in (
            "ami-0123456789abcdef0", "base", "aws:base", "ssm:/base/1.0.0", "ssm:base/1.0.0", "amazonlinux:latest",
            "111111111111.dkr.ecr.us-west-2.amazonaws.com/base:1.0.0", "public.ecr.aws/base/1.0.0", f"{HERE}:image/base/1.0.0",
            "arn:aws:ec2:us-west-2::image/ami-1", f"{HERE}:component/base/1.0.0",
        )),
    ],
)  # fmt: skip
def test_a_parent_is_a_reference_only_when_it_has_a_version(parent: str, resolved: str) -> None:
    assert references.resolve(IMAGE_RECIPE, {"parentImage": parent}, IDENTITY, not_asked) == {"parentImage": resolved}


def test_what_a_place_wants_to_have_told_is_looked_up() -> None:
    shape = schema.input_shape("StartResourceStateUpdate")
    asked: list[tuple[str, dict[str, str]]] = []

    def find(operation: str, members: dict[str, str]) -> dict[str, Any] | None:
        asked.append((operation, members))
        return {"image": {"arn": f"{HERE}:image/web/1.0.2/4"}} if "web" in members["imageBuildVersionArn"] else None

    assert references.resolve_in(shape, {"resourceArn": "web/1.0.x"}, IDENTITY, find) == {"resourceArn": f"{HERE}:image/web/1.0.2/4"}
    assert asked == [("GetImage", {"imageBuildVersionArn": f"{HERE}:image/web/1.0.x"})]
    builds = schema.input_shape("ListImageBuildVersions")
    assert references.resolve_in(builds, {"imageVersionArn": "web"}, IDENTITY, find) == {"imageVersionArn": f"{HERE}:image/web/1.0.2"}
    with pytest.raises(InvalidInput) as error:
        references.resolve_in(shape, {"resourceArn": "app"}, IDENTITY, find)
    assert str(error.value) == f"resource_arn: there is no image {HERE}:image/app/x.x.x."
    told = {"resourceArn": f"{HERE}:image/app/1.0.0/1"}
    assert references.resolve_in(shape, told, IDENTITY, not_asked) == told


def test_what_is_malformed_stays_until_it_is_refused() -> None:
    request = {"imageRecipeArn": "web/one", "unknown": 1, "workflows": "x"}
    assert references.completed(IMAGE_PIPELINE, request, IDENTITY) == request


@pytest.mark.parametrize("resource", [*KINDS.values(), IMAGE], ids=lambda resource: resource.key)
def test_references_among_the_options_have_both_names(resource: Resource) -> None:
    shape = resource.create_shape
    expected = {schema.snake_name(name): schema.alias(shape, name) for name in shape.members}
    newer = {schema.snake_name(name) for name in since.MEMBERS.get(shape.name, {})} - set(expected)
    described = {option: spec.get("aliases", []) for option, spec in resource.options.items() if option not in newer}
    assert described == {option: [schema.snake_name(alias)] if (alias := expected[option]) else [] for option in described}
