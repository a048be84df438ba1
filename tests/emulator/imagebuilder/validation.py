# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A request against its shape in botocore's model: what the clients do not check (patterns, maxima, enumerations) included. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from botocore.model import ListShape, MapShape, OperationModel, Shape, StructureShape

from .exceptions import invalid_value

_TYPES: dict[str, tuple[type, ...]] = {
    "structure": (dict,),
    "map": (dict,),
    "list": (list,),
    "string": (str,),
    "integer": (int,),
    "long": (int,),
    "boolean": (bool,),
    "timestamp": (int, float, str),
}


def check(operation: OperationModel, request: Any) -> None:
    """Raise the error AWS answers for the first thing in a request that breaks its model. The operations on tags have a code of their own."""
    codes = {shape.name for shape in operation.error_shapes}
    assert operation.input_shape is not None  # every operation of this service has one
    for path, why in problems(operation.input_shape, request, ""):
        error = invalid_value(path, why)
        if "InvalidParameterException" in codes:
            error.code = "InvalidParameterException"
        raise error


def problems(shape: Shape, value: Any, path: str) -> Iterator[tuple[str, str]]:
    """Yield (path, sentence) for everything in a value that breaks its shape, top down."""
    if not _is_of_type(shape.type_name, value):
        yield path, f"{_leaf(path)} must be of type {shape.type_name}."
        return
    yield from _limits(shape, value, path)
    if isinstance(shape, StructureShape):
        yield from _members(shape, value, path)
    elif isinstance(shape, ListShape):
        for index, item in enumerate(value):
            yield from problems(shape.member, item, f"{path}[{index}]")
    elif isinstance(shape, MapShape):
        for key, item in value.items():
            yield from problems(shape.key, key, f"{path}.{key}")
            yield from problems(shape.value, item, f"{path}.{key}")


def _is_of_type(type_name: str, value: Any) -> bool:
    """Whether a JSON value has the type; Python's bool is an int too, JSON's is not."""
    return isinstance(value, _TYPES[type_name]) and (type_name == "boolean" or not isinstance(value, bool))


def _members(shape: StructureShape, value: Mapping[str, Any], path: str) -> Iterator[tuple[str, str]]:
    prefix = f"{path}." if path else ""
    for name in shape.required_members:
        if value.get(name) is None:
            yield f"{prefix}{name}", f"'{name}' is required."
    for name, item in value.items():
        if name not in shape.members:
            yield f"{prefix}{name}", f"'{name}' is not a known parameter."
        elif item is not None:
            yield from problems(shape.members[name], item, f"{prefix}{name}")


def _limits(shape: Shape, value: Any, path: str) -> Iterator[tuple[str, str]]:
    size, unit = (value, "value") if isinstance(value, int) else (len(value) if hasattr(value, "__len__") else 0, "length")
    limits = shape.metadata
    if "min" in limits and size < limits["min"]:
        yield path, f"{_leaf(path)} must have a minimum {unit} of {limits['min']}."
    if "max" in limits and size > limits["max"]:
        yield path, f"{_leaf(path)} must have a maximum {unit} of {limits['max']}."
    if "enum" in limits and value not in limits["enum"]:
        yield path, f"{_leaf(path)} must be one of: {', '.join(limits['enum'])}."
    if "pattern" in limits and not _pattern(limits["pattern"]).fullmatch(value):
        yield path, f"{_leaf(path)} must match pattern {limits['pattern']}"


def _leaf(path: str) -> str:
    """Return the last part of a path, quoted, as AWS repeats it."""
    return f"'{path.rpartition('.')[2] or 'request'}'"


@cache
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.DOTALL)
