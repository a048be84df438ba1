# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""References between resources: where they are in a request, and their short forms turned into ARNs. Private to this collection.

A member is a reference when its pattern in botocore's model is that of an ARN of Image Builder, or when `Resource.references` says that it may
name a resource. How a reference may be written is in `names.py`. Nothing here calls AWS but through the `find` that is handed in, and that only
where a short form leaves open what the place wants to have told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import names, schema
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.names import Kind
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.problems import InvalidInput, Problem
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import Path, Resource

Identity = tuple[str, str, str]
"""Partition, Region and account, which ARNs are made of."""

Find = Callable[[str, dict[str, str]], "dict[str, Any] | None"]
"""A Get operation with its members: the answer, or None for what does not exist."""

Change = Callable[[Path, Kind, str], str]
"""What becomes of one reference: where it is, the kind that is wanted there, and its text."""


def resolve(resource: Resource, request: Mapping[str, Any], identity: Identity, find: Find) -> dict[str, Any]:
    """A request of a resource with every reference as an ARN; what a place wants to have told is looked up.

    Raises InvalidInput, with the path of each reference to something that does not exist, and what `find` raises.
    """
    return resolve_in(resource.create_shape, request, identity, find, resource.references)


def resolve_in(
    shape: schema.Shape, request: Mapping[str, Any], identity: Identity, find: Find, references: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """Like `resolve`, for any request with the shape that it has; `references` are members that only may be references, with their kinds."""
    problems: list[Problem] = []

    def looked_up(path: Path, kind: Kind, text: str) -> str:
        arn = _completed(kind, text, identity)
        found = arn if kind.takes(arn) or names.is_arn(text) else _look_up(kind, arn, find)
        if found is None:
            problems.append(Problem(schema.format_path(path), f"there is no {kind.words} {arn}."))
        return found or arn

    changed: dict[str, Any] = _changed(shape, request, (), looked_up, references or {})
    if problems:
        raise InvalidInput(problems)
    return changed


def completed(resource: Resource, request: Mapping[str, Any], identity: Identity) -> dict[str, Any]:
    """A request with every reference as an ARN, as far as that can be told without a look at AWS; what is malformed stays as it is."""

    def as_far_as_known(_path: Path, kind: Kind, text: str) -> str:
        try:
            return _completed(kind, text, identity)
        except ValueError:
            return text

    changed: dict[str, Any] = _changed(resource.create_shape, request, (), as_far_as_known, resource.references)
    return changed


def get_kind(api_name: str) -> Kind:
    """The kind of resource with a noun of the API, as its Get operation takes it: with its versions, open ones too, and builds.

    Raises LookupError for what is no kind of resource.
    """
    shape = schema.input_shape(f"Get{api_name}")
    kind = names.kind_of(shape.members[shape.required_members[0]].metadata.get("pattern", ""))
    if kind is None:
        raise LookupError(f"{api_name} has no ARNs")
    return kind


def _completed(kind: Kind, text: str, identity: Identity) -> str:
    return text if names.is_arn(text) else names.arn(kind, names.parse(kind, text), identity)


def _look_up(kind: Kind, arn: str, find: Find) -> str | None:
    """The ARN of what exists, in the form that the place takes, or None."""
    operation = f"Get{kind.api_name}"
    answer = find(operation, {str(schema.input_shape(operation).required_members[0]): arn})
    if answer is None:
        return None
    found = str(answer[kind.api_name[0].lower() + kind.api_name[1:]]["arn"])
    return found if kind.takes(found) else found.rpartition("/")[0]  # a place that takes versions takes no builds


def _changed(shape: schema.Shape, value: Any, path: Path, change: Change, references: Mapping[str, str]) -> Any:
    """The value with each reference replaced by what `change` makes of it. `references` are those of the outermost structure only."""
    if shape is None:  # a member that the model does not know
        return value
    if shape.type_name == "structure" and isinstance(value, Mapping):
        return {
            name: _changed_optional(references[name], item, (*path, name), change)
            if name in references
            else _changed(shape.members.get(name), item, (*path, name), change, {})
            for name, item in value.items()
        }
    if shape.type_name == "list" and isinstance(value, list):
        return [_changed(shape.member, item, (*path, index), change, {}) for index, item in enumerate(value)]
    kind = names.kind_of(shape.metadata.get("pattern", "")) if shape.type_name == "string" else None
    return change(path, kind, value) if kind and isinstance(value, str) else value


def _changed_optional(kind_name: str, value: Any, path: Path, change: Change) -> Any:
    """The same for a member that may be a reference. Without a version it is none: a name alone could be anything."""
    kind = get_kind(Kind(kind_name, "").api_name)
    try:
        name = names.parse(kind, value)
    except (TypeError, ValueError):
        return value
    return change(path, kind, value) if name.version else value
