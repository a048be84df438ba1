# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task of the module `image` wants: which image, by which of the ways to have one, and what is to be done with it. Makes no call.

This module util is private to the collection.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import Target, parse_targets
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import image_state, inputs, resource_policy, rules, schema
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image_import import broken_rules
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.problems import InvalidInput, Problem
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import Context
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.image import IMAGE


class Way(enum.Enum):
    """How a task says which image it means; the value is the option that says it."""

    RECIPE = "image_recipe_arn"
    PIPELINE = "image_pipeline_arn"
    VM = "import_vm_image"
    DISK = "import_disk_image"
    EXISTING = "image_build_version_arn"
    DISTRIBUTION = "source_image"  # of the module `image_distribution`


OPERATIONS = {
    Way.RECIPE: "CreateImage",
    Way.PIPELINE: "StartImagePipelineExecution",
    Way.VM: "ImportVmImage",
    Way.DISK: "ImportDiskImage",
    Way.EXISTING: "DeleteImage",
    Way.DISTRIBUTION: "DistributeImage",
}
"""The operation whose request a way gives; that of an image that is there only names it."""

UPDATE = "start_resource_state_update"

_OTHERS = (Way.PIPELINE, Way.VM, Way.DISK, Way.EXISTING)  # ways of the module `image` beside that of a recipe
_RECIPES = ("image_recipe_arn", "container_recipe_arn", "cli_input_json")
_A_BUILD = re.compile(r".*/\d+\.\d+\.\d+/\d+", re.DOTALL)


@dataclass(frozen=True)
class Task:
    """What is wanted.

    `request` is that of the way's operation, with its tags where the operation has tags, and with references as the task names them.
    `tags` and `policy` None leave them as they are. `update` is the request of StartResourceStateUpdate without the image's ARN, or None.
    `targets` are accounts that are asked why they have no image.
    """

    way: Way
    request: Mapping[str, Any]
    tags: Mapping[str, str] | None
    policy: Mapping[str, Any] | None
    update: Mapping[str, Any] | None
    targets: Sequence[Target] = ()

    @property
    def shape(self) -> schema.Shape:
        """Shape of the request."""
        return schema.input_shape(OPERATIONS[self.way])


def read(params: Mapping[str, Any], region: str | None) -> Task:
    """Read the options of the module.

    Raises InvalidInput with every mistake that can be seen without asking AWS.
    """
    ways = [Way.EXISTING] if params["state"] == "absent" else _ways(params)
    problems = [*problems_of_waiting(params), *_problems_of_ways(params, ways)]
    requests = []
    for way in ways:
        try:
            requests.append(_read_build(params, region) if way is Way.RECIPE else _read_other(way, params, region))
        except InvalidInput as error:
            problems += error.problems
    update, found = image_state.read(params[UPDATE], UPDATE) if params[UPDATE] is not None else (None, [])
    policy, unfit = resource_policy.read(IMAGE, params)
    targets, wrong = parse_targets(params["targets"])
    problems += [*found, *unfit, *wrong]
    if update is not None and Way.EXISTING not in ways:
        problems.append(Problem(UPDATE, "needs image_build_version_arn, the image whose state is to change."))
    if problems:
        raise InvalidInput(problems)
    tags = requests[0].get("tags", {} if params["tags"] == {} else None)
    request = {name: value for name, value in requests[0].items() if name != "tags" or "tags" in schema.input_shape(OPERATIONS[ways[0]]).members}
    return Task(ways[0], request, tags, policy, update, targets)


def _ways(params: Mapping[str, Any]) -> list[Way]:
    """The ways that a task names; that of a recipe where it names none."""
    others = [way for way in _OTHERS if params[way.value] is not None]
    has_recipe = any(params[name] is not None for name in _RECIPES)
    return [*([Way.RECIPE] if has_recipe or not others else []), *others]


def _problems_of_ways(params: Mapping[str, Any], ways: list[Way]) -> Iterator[Problem]:
    """More than one way, and options of builds beside another way."""
    all_ways = ", ".join(["image_recipe_arn (or container_recipe_arn)", *(way.value for way in _OTHERS)])
    for way in ways[1:]:
        yield Problem(way.value, f"{ways[0].value} is given as well, and a task is about one image: keep one of {all_ways}.")
    if Way.RECIPE not in ways and params["state"] == "present":
        owner = "the pipeline has its own" if ways[0] is Way.PIPELINE else f"it says nothing with {ways[0].value}"
        for name in IMAGE.options:
            if params[name] is not None:
                yield Problem(name, f"is for builds of image_recipe_arn or container_recipe_arn; {owner}.")


def problems_of_waiting(params: Mapping[str, Any]) -> Iterator[Problem]:
    """Times that are none."""
    limits = {"wait_timeout": params["wait_timeout"] >= 0, "poll_interval": params["poll_interval"] > 0}
    for name, is_right in limits.items():
        if not is_right:
            yield Problem(name, f"{params[name]:g} is not a time to wait.")


def _read_build(params: Mapping[str, Any], region: str | None) -> Mapping[str, Any]:
    """The request of CreateImage. Raises InvalidInput."""
    return inputs.read(IMAGE, params, Context(region=region, complete=True)).request


def _read_other(way: Way, params: Mapping[str, Any], region: str | None) -> Mapping[str, Any]:
    """The request of the other ways, with the tags of the option `tags`. Raises InvalidInput."""
    read = _read_import if way in (Way.VM, Way.DISK) else _read_name
    request, problems = read(way, params[way.value], region)
    if params["tags"] is not None:
        tags, found = schema.to_request(schema.input_shape("TagResource").members["tags"], params["tags"], "tags")
        problems += [*found, *([Problem("tags", f"are given in {way.value} as well: keep one of them.")] if "tags" in request else [])]
        request |= {"tags": tags} if tags else {}
    if problems:
        raise InvalidInput(problems)
    return request


def _read_import(way: Way, value: Any, region: str | None) -> tuple[dict[str, Any], list[Problem]]:
    """The request of an import, and all that is wrong with it."""
    request, problems = schema.to_request(schema.input_shape(OPERATIONS[way]), value, way.value)
    context = Context(region=region, complete=True)
    broken = [Problem(f"{way.value}.{schema.format_path(path)}", message) for path, message in broken_rules(request or {}, context)]
    places = [problem.path for problem in problems]
    return dict(request or {}), [*problems, *(problem for problem in broken if problem.path not in places)]


def _read_name(way: Way, value: Any, region: str | None) -> tuple[dict[str, Any], list[Problem]]:
    """The request of a way that names a resource, and all that is wrong with it."""
    shape = schema.input_shape(OPERATIONS[way])
    member = str(shape.required_members[0])
    converted, problems = schema.to_request(shape.members[member], value, way.value)
    if way is Way.EXISTING and not problems and not _A_BUILD.fullmatch(value):
        problems.append(Problem(way.value, f"{value} is no single build: add version and build, as in web/1.0.0/1."))
    if not problems:
        found = rules.own_region((way.value,), converted, way.value.removesuffix("_arn").replace("_", " "), Context(region=region))
        problems += [Problem(way.value, message) for _path, message in found]
    return {member: converted}, problems
