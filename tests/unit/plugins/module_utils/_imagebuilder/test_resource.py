# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the descriptions of kinds say by themselves is what botocore's model says."""

from __future__ import annotations

import importlib
import pkgutil

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import resources, schema
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import Resource, arn


def found() -> list[Resource]:
    names = sorted(module.name for module in pkgutil.iter_modules(resources.__path__))
    return [getattr(importlib.import_module(f"{resources.__name__}.{name}"), name.upper()) for name in names]


RESOURCES = {resource.key: resource for resource in found()}
every_resource = pytest.mark.parametrize("resource", RESOURCES.values(), ids=RESOURCES)


def test_all_kinds_are_described() -> None:
    operations = schema.service_model().operation_names
    deleted = {name.removeprefix("Delete") for name in operations if name.startswith("Delete")}
    assert {resource.api_name for resource in RESOURCES.values()} == deleted


@every_resource
def test_policies_are_where_the_api_has_them(resource: Resource) -> None:
    assert resource.has_policy is (f"Put{resource.api_name}Policy" in schema.service_model().operation_names)
    if resource.has_policy:
        assert resource.policy_parameter in schema.input_shape(f"Put{resource.api_name}Policy").members


@every_resource
def test_what_is_related_can_be_listed(resource: Resource) -> None:
    for related in resource.related.values():
        assert related.parameter in schema.input_shape(related.list_operation).members
    assert set(resource.other_creators) <= set(schema.service_model().operation_names)
    assert resource.fixed <= set(resource.create_shape.members)
    assert resource.qualifier is None or resource.qualifier in resource.create_shape.required_members


@every_resource
def test_the_members_of_all_creators_are_members_of_the_kind(resource: Resource) -> None:
    shape = resource.create_shape
    usual = schema.input_shape(f"Create{resource.api_name}")
    assert (shape.name, shape.required_members) == (usual.name, usual.required_members)
    for operation in (f"Create{resource.api_name}", *resource.other_creators):
        assert set(schema.input_shape(operation).members) <= set(shape.members)


def test_the_qualifier_stands_before_the_name() -> None:
    identity = ("aws", "us-west-2", "111111111111")
    made = arn(RESOURCES["workflow"], identity, "My Gate", "1.0.x", "TEST")
    assert made == "arn:aws:imagebuilder:us-west-2:111111111111:workflow/test/my-gate/1.0.x"


def test_images_of_a_recipe_are_in_the_building_account() -> None:
    for kind in ("image_recipe", "container_recipe"):
        recipe = f"arn:aws:imagebuilder:us-west-2:222222222222:{kind.replace('_', '-')}/golden/1.0.0"
        address = RESOURCES[kind].related["images"].address(recipe, "111111111111")
        assert address == "arn:aws:imagebuilder:us-west-2:111111111111:image/golden/1.0.0"
