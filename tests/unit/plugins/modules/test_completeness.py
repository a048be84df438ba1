# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options, documentation and botocore's model say the same, for every resource module; and nothing that can be asked of AWS is left out.

What there is to be asked is taken from the model, so a newer botocore makes these tests fail until the modules have what is new in it.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from typing import Any

import pytest
import yaml
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import schema
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.info import argument_spec
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import Resource
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.component import COMPONENT
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.container_recipe import CONTAINER_RECIPE
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.distribution_configuration import (
    DISTRIBUTION_CONFIGURATION,
)
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.image import IMAGE
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.image_pipeline import IMAGE_PIPELINE
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.image_recipe import IMAGE_RECIPE
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.infrastructure_configuration import (
    INFRASTRUCTURE_CONFIGURATION,
)
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.lifecycle_policy import LIFECYCLE_POLICY
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.workflow import WORKFLOW

RESOURCES = [
    COMPONENT,
    IMAGE_RECIPE,
    CONTAINER_RECIPE,
    INFRASTRUCTURE_CONFIGURATION,
    DISTRIBUTION_CONFIGURATION,
    IMAGE_PIPELINE,
    LIFECYCLE_POLICY,
    WORKFLOW,
]
OF_THE_MODULE = {"account", "state", "cli_input_json", "purge_tags", "keep", "policy"}
"""Options that are no member of a Create request."""

OF_THE_REQUEST = {"client_token", "dry_run"}
"""Members that are about a call and not about a resource: the only ones without an option."""

IMPORTS = {"ImportVmImage": "import_vm_image", "ImportDiskImage": "import_disk_image"}
"""Operations that make an image of something else, and the option of the module `image` that has their members."""

TYPES = {"structure": "dict", "map": "dict", "list": "list", "boolean": "bool", "integer": "int", "long": "int", "string": "str"}

every_resource = pytest.mark.parametrize("resource", RESOURCES, ids=lambda resource: resource.key)


def documented(resource: Resource) -> dict[str, Any]:
    """The documented options of a resource's module."""
    return documented_options(resource.key)


def documented_options(module: str) -> dict[str, Any]:
    """The documented options of a module, with those of the collection's own fragments."""
    package = "ansible_collections.golden.imagebuilder.plugins"
    documentation: dict[str, Any] = yaml.safe_load(importlib.import_module(f"{package}.modules.{module}").DOCUMENTATION)
    options: dict[str, Any] = {}
    for fragment in documentation["extends_documentation_fragment"]:
        file, _dot, variable = fragment.removeprefix("golden.imagebuilder.").partition(".")
        if fragment.startswith("golden.imagebuilder."):
            text = getattr(importlib.import_module(f"{package}.doc_fragments.{file}").ModuleDocFragment, (variable or "documentation").upper())
            options |= yaml.safe_load(text).get("options", {})
    options |= documentation.get("options", {})
    return options


def differences(shape: Any, options: dict[str, Any], path: str = "") -> Iterator[str]:
    """Where documented options are not what the shape has."""
    members = {schema.snake_name(name): name for name in shape.members}
    yield from (f"{path}{name} is not documented" for name in members.keys() - options.keys() - OF_THE_REQUEST)
    yield from (f"{path}{name} is documented, and botocore has no such member" for name in options.keys() - members.keys())
    for name in members.keys() & options.keys():
        yield from _differences_of_one(shape, members[name], options[name], f"{path}{name}", is_nested=bool(path))


def _differences_of_one(shape: Any, member: str, option: dict[str, Any], path: str, is_nested: bool) -> Iterator[str]:
    inner = outer = shape.members[member]
    if outer.type_name == "list":
        inner = outer.member
    if option["type"] != TYPES[outer.type_name] or option.get("elements") != (TYPES[inner.type_name] if outer is not inner else None):
        yield f"{path} is documented as {option['type']} of {option.get('elements')}, and is {outer.type_name} of {inner.type_name}"
    is_required = member in shape.required_members
    if is_nested and option.get("required", False) != is_required:
        yield f"{path} is {'' if is_required else 'not '}required"
    alias = schema.alias(shape, member)
    if option.get("aliases", []) != ([schema.snake_name(alias)] if alias else []):
        yield f"{path} has the alias {alias}, and {option.get('aliases')} are documented"
    if inner.type_name == "structure":
        yield from differences(inner, option.get("suboptions", {}), f"{path}.")
    elif "suboptions" in option:
        yield f"{path} has suboptions, and is data"


def test_everything_that_can_be_made_or_changed_has_a_module() -> None:
    covered = {f"Create{resource.api_name}" for resource in (*RESOURCES, IMAGE)} | set(IMPORTS)
    covered |= {f"Update{resource.api_name}" for resource in RESOURCES if not resource.versioned}
    covered |= {operation for resource in RESOURCES for operation in resource.other_creators}
    covered |= {f"Put{resource.api_name}Policy" for resource in (*RESOURCES, IMAGE) if resource.has_policy}
    verbs = ("Create", "Update", "Import", "Put")
    assert covered == {operation for operation in schema.service_model().operation_names if operation.startswith(verbs)}


@every_resource
def test_all_that_the_api_takes_is_documented_and_nothing_else(resource: Resource) -> None:
    options = {name: option for name, option in documented(resource).items() if name not in OF_THE_MODULE}
    assert list(differences(resource.create_shape, options)) == []


@every_resource
def test_every_member_of_create_and_update_is_an_option(resource: Resource) -> None:
    members = {schema.snake_name(name) for name in resource.create_shape.members}
    if resource.update_shape is not None:
        members |= {schema.snake_name(name) for name in resource.update_shape.members} - {schema.snake_name(resource.arn_parameter)}
    assert members - OF_THE_REQUEST == {"name", "tags", *resource.options}


def test_all_that_makes_an_image_is_documented() -> None:
    options = documented_options("image")
    wanted = [schema.snake_name(name) for name in IMAGE.create_shape.members]
    assert list(differences(IMAGE.create_shape, {name: options[name] for name in wanted if name in options})) == []


@pytest.mark.parametrize("operation", IMPORTS)
def test_all_that_an_import_takes_is_documented_and_nothing_else(operation: str) -> None:
    assert list(differences(schema.input_shape(operation), documented_options("image")[IMPORTS[operation]]["suboptions"], f"{operation}.")) == []


@every_resource
def test_options_have_the_type_of_their_member(resource: Resource) -> None:
    documentation = documented(resource)
    for name, option in resource.options.items():
        assert (option["type"], option.get("elements")) == (documentation[name]["type"], documentation[name].get("elements")), name


@every_resource
def test_what_an_info_module_takes_is_documented(resource: Resource) -> None:
    documentation = {name: option for name, option in documented_options(f"{resource.key}_info").items() if name not in OF_THE_MODULE}
    spec = argument_spec(resource)
    assert set(documentation) == set(spec)
    described = ("type", "elements", "choices", "default")
    for name, option in spec.items():
        assert {key: option.get(key) for key in described} == {key: documentation[name].get(key) for key in described}, name


@every_resource
def test_what_a_description_names_exists(resource: Resource) -> None:
    service = schema.service_model()
    operations = {f"{verb}{resource.api_name}" for verb in ("Create", "Get", "Delete")} | {resource.list_operation}
    operations |= {operation for reference in resource.used_by for operation in (reference.list_operation, reference.get_operation) if operation}
    assert operations <= set(service.operation_names)
    members = set(resource.create_shape.members)
    named = {*resource.equal, *resource.notes, *(resource.pointer or ()), *resource.documents, *resource.references, *resource.fixed}
    assert named | ({resource.qualifier} if resource.qualifier else set()) <= members
    assert resource.ordered_lists <= set(service.shape_names)
    for shape, defaults in resource.defaults.items():
        assert set(defaults) <= set(service.shape_for(shape).members)
    for related in resource.related.values():
        assert related.parameter in schema.input_shape(related.list_operation).members
    assert resource.arn_parameter in schema.output_shape(f"Create{resource.api_name}").members
    answered = {*resource.answer_shape.members, *(resource.pointer or ())[:1], *resource.answered({"platform": "Linux"})}
    assert set(resource.content_members()) <= answered
