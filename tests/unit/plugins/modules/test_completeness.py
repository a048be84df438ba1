# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options, documentation and botocore's model say the same, for every resource module."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from ansible_collections.golden.imagebuilder.plugins.doc_fragments.resource import ModuleDocFragment
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import schema
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import Resource
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.component import COMPONENT
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.distribution_configuration import (
    DISTRIBUTION_CONFIGURATION,
)
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.image_recipe import IMAGE_RECIPE
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.infrastructure_configuration import (
    INFRASTRUCTURE_CONFIGURATION,
)

RESOURCES = [COMPONENT, IMAGE_RECIPE, INFRASTRUCTURE_CONFIGURATION, DISTRIBUTION_CONFIGURATION]
OF_THE_REQUEST = {"client_token", "dry_run"}
TYPES = {"structure": "dict", "map": "dict", "list": "list", "boolean": "bool", "integer": "int", "string": "str"}

every_resource = pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.key)


def documented(resource: Resource) -> dict[str, Any]:
    module = importlib.import_module(f"ansible_collections.golden.imagebuilder.plugins.modules.{resource.key}")
    fragments = [ModuleDocFragment.DOCUMENTATION, ModuleDocFragment.VERSIONED if resource.versioned else "options: {}"]
    options: dict[str, Any] = {}
    for text in (*fragments, module.DOCUMENTATION):
        options |= yaml.safe_load(text)["options"]
    return options


def differences(shape: Any, options: dict[str, Any], path: str = "") -> Iterator[str]:
    """Where suboptions are not what the shape has."""
    members = {schema.snake_name(name): member for name, member in shape.members.items()}
    yield from (f"{path}{name} is not documented" for name in members.keys() - options.keys() - OF_THE_REQUEST)
    yield from (f"{path}{name} is documented, and botocore has no such member" for name in options.keys() - members.keys())
    required = {schema.snake_name(name) for name in shape.required_members}
    for name in members.keys() & options.keys():
        option, member = options[name], members[name]
        inner = member.member if member.type_name == "list" else member
        if option["type"] != TYPES[member.type_name] or option.get("elements") != (TYPES[inner.type_name] if member is not inner else None):
            yield f"{path}{name} is documented as {option['type']} of {option.get('elements')}, and is {member.type_name} of {inner.type_name}"
        if path and option.get("required", False) != (name in required):
            yield f"{path}{name} is {'' if name in required else 'not '}required"
        if inner.type_name == "structure":
            yield from differences(inner, option.get("suboptions", {}), f"{path}{name}.")
        elif "suboptions" in option:
            yield f"{path}{name} has suboptions, and is data"


@every_resource
def test_all_that_the_api_takes_is_documented_and_nothing_else(resource: Resource) -> None:
    own = {"state", "cli_input_json", "purge_tags"}
    options = {name: option for name, option in documented(resource).items() if name not in own}
    assert list(differences(resource.create_shape, options)) == []


@every_resource
def test_every_member_of_create_and_update_is_an_option(resource: Resource) -> None:
    members = {schema.snake_name(name) for name in resource.create_shape.members}
    if resource.update_shape is not None:
        members |= {schema.snake_name(name) for name in resource.update_shape.members} - {schema.snake_name(resource.arn_parameter)}
    assert members - OF_THE_REQUEST == {"name", "tags", *resource.options}


@every_resource
def test_options_have_the_type_of_their_member(resource: Resource) -> None:
    documentation = documented(resource)
    for name, option in resource.options.items():
        assert (option["type"], option.get("elements")) == (documentation[name]["type"], documentation[name].get("elements")), name


@every_resource
def test_what_a_description_names_exists(resource: Resource) -> None:
    service = schema.service_model()
    operations = {f"{verb}{resource.api_name}" for verb in ("Create", "Get", "Delete")} | {resource.list_operation}
    operations |= {operation for reference in resource.used_by for operation in (reference.list_operation, reference.get_operation) if operation}
    assert operations <= set(service.operation_names)
    assert set(resource.equal) | resource.notes | set(resource.pointer or ()) <= set(resource.create_shape.members)
    assert resource.ordered_lists <= set(service.shape_names)
    for shape, members in resource.defaults.items():
        assert set(members) <= set(service.shape_for(shape).members)
    assert resource.arn_parameter in schema.output_shape(f"Create{resource.api_name}").members
    assert set(resource.content_members()) - set(resource.pointer[:1] if resource.pointer else ()) <= set(resource.answer_shape.members)
