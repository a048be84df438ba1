# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Good and bad values for every member of every request that creates or updates, made from botocore's model.

Good is what the model allows: within its patterns, lengths, ranges and enums. A bad value breaks one of these, once, in one place. botocore's
own validator is asked too, as far as it looks: names, types, required members and minima.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import schema
from botocore.validate import ParamValidator
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

Shape = Any
Path = tuple["str | int", ...]
Strategy = st.SearchStrategy[Any]

TEXTS = 12
"""How many texts of each kind there are to choose from."""
OPERATIONS = sorted(name for name in schema.service_model().operation_names if name.startswith(("Create", "Update")))
OF_THE_REQUEST = {"clientToken", "dryRun"}
TEXT = st.characters(codec="utf-8", exclude_characters="\x00")
FOREIGN = "\x00"
"""A character that no pattern of the model allows."""
KEY = "a key"
"""Stands for a key of a map in a path."""

every_operation = pytest.mark.parametrize("operation", OPERATIONS)


def members(shape: Shape) -> dict[str, Shape]:
    """The members of a structure that a user has to do with."""
    return {name: member for name, member in shape.members.items() if name not in OF_THE_REQUEST}


def required(shape: Shape) -> list[str]:
    return [name for name in shape.required_members if name not in OF_THE_REQUEST]


def limits(shape: Shape, default_high: int) -> tuple[int, int]:
    low = shape.metadata.get("min", 0)
    return low, shape.metadata.get("max", low + default_high)


def fits(shape: Shape, text: str) -> bool:
    """Whether a text is what the pattern of a shape says. One that begins with ^ and does not end with $ leaves the end open."""
    pattern = shape.metadata.get("pattern")
    if pattern is None:
        return True
    return bool(re.match(pattern, text) if pattern.startswith("^") and not pattern.endswith("$") else re.fullmatch(pattern, text))


# --- good values ------------------------------------------------------------------------------------------------------------------------------


def good(shape: Shape, least: bool = False) -> Strategy:
    """Values that the model allows; `least` leaves out what is not required."""
    return good_of_name(shape.name, least)


@cache
def good_of_name(name: str, least: bool) -> Strategy:
    shape = schema.service_model().shape_for(name)
    if shape.type_name == "structure":
        known = {name: good(member, least) for name, member in members(shape).items()}
        needed = {name: known.pop(name) for name in required(shape)}
        return st.fixed_dictionaries(needed, optional={} if least else known)
    if shape.type_name == "list":
        low, high = limits(shape, 3)
        return st.lists(good(shape.member, least), min_size=low, max_size=min(high, low + (0 if least else 2)))
    if shape.type_name == "map":
        low, high = limits(shape, 3)
        return st.dictionaries(good(shape.key), good(shape.value), min_size=low, max_size=min(high, low + (0 if least else 2)))
    if shape.type_name == "boolean":
        return st.booleans()
    if shape.type_name in ("integer", "long"):
        low, high = limits(shape, 1000)
        return st.sampled_from([low, high]) | st.integers(low, high)
    return good_text(shape)


def good_text(shape: Shape) -> Strategy:
    return st.sampled_from(shape.metadata.get("enum") or good_texts(shape.name))


@cache
def good_texts(name: str) -> list[str]:
    """Some texts of a shape that is no enum. They are drawn once, for it takes ten times as long as all that is done with them."""
    texts: list[str] = []
    with_some(texts_of(schema.service_model().shape_for(name)), name, texts.append, TEXTS)
    return texts


def texts_of(shape: Shape) -> Strategy:
    low, high = limits(shape, 2000)
    if "pattern" not in shape.metadata:
        return st.text(TEXT, min_size=low, max_size=min(high, low + 10))
    return st.from_regex(shape.metadata["pattern"], fullmatch=True).filter(lambda text: low <= len(text) <= high and fits(shape, text))


# --- bad values -------------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Violation:
    """One way to break a rule: what it is called, values that do, where in the value the mistake is, and whether botocore sees it too."""

    name: str
    values: Strategy
    inner: Path = ()
    botocore_sees: bool = False
    is_missing: bool = False


TYPE_MISMATCH: Mapping[str, list[Any]] = {
    "structure": ["text", 1, ["a"], True],
    "list": ["text", 1, {"a": 1}, True],
    "map": ["text", 1, ["a"], True],
    "string": [{"a": 1}, ["a"]],
    "boolean": ["maybe", {"a": 1}, ["a"], 7],
    "integer": ["text", 1.5, True, {"a": 1}, ["a"]],
}


def violations(shape: Shape) -> Iterator[Violation]:
    """Every way in which a value of a shape can be wrong by itself, without its parts being wrong."""
    # A number for true or false, or true for a number, are things that botocore sends.
    strict = shape.type_name not in ("boolean", "integer")
    yield Violation("wrong type", st.sampled_from(TYPE_MISMATCH[shape.type_name]), botocore_sees=strict)
    of_type = {"structure": bad_structures, "list": bad_sizes, "map": bad_sizes, "string": bad_texts, "integer": bad_numbers}
    yield from of_type.get(shape.type_name, lambda _shape: iter(()))(shape)


def without(name: str, value: Mapping[str, Any]) -> dict[str, Any]:
    return {key: item for key, item in value.items() if key != name}


def list_of(size: int, item: Any) -> list[Any]:
    return [item] * size


def map_of(size: int, item: Any) -> dict[str, Any]:
    return {f"k{number}": item for number in range(size)}


def bad_structures(shape: Shape) -> Iterator[Violation]:
    least = good(shape, least=True)
    yield Violation("unknown member", least.map(lambda value: {**value, "noSuchMember": "x"}), ("noSuchMember",), botocore_sees=True)
    for name in required(shape):
        yield Violation(f"{name} is missing", least.map(partial(without, name)), (name,), botocore_sees=True, is_missing=True)


def bad_sizes(shape: Shape) -> Iterator[Violation]:
    """Too many entries, or too few; none at all is how a user empties a list or map, and no mistake."""
    low, high = shape.metadata.get("min", 0), shape.metadata.get("max")
    sizes = [size for size in (low - 1, high + 1 if high is not None else 0) if size > 0]
    if shape.type_name == "list":
        for size in sizes:
            yield Violation(f"{size} entries", good(shape.member, least=True).map(partial(list_of, size)), botocore_sees=size < low)
        if low <= 1:
            yield Violation("an empty entry", st.just([None]), (0,), botocore_sees=True)
        return
    for size in sizes:
        yield Violation(f"{size} keys", good(shape.value).map(partial(map_of, size)))
    if "pattern" in shape.key.metadata:
        yield Violation("a key against the pattern", good(shape.value).map(lambda item: {f"a{FOREIGN}": item}), (f"a{FOREIGN}",))
    if "max" in shape.key.metadata:
        long = "k" * (shape.key.metadata["max"] + 1)
        yield Violation("a key too long", good(shape.value).map(lambda item: {long: item}), (long,))


def bad_texts(shape: Shape) -> Iterator[Violation]:
    low, high = shape.metadata.get("min", 0), shape.metadata.get("max")
    if shape.metadata.get("enum"):
        yield Violation("not in the enum", st.text(TEXT, min_size=1, max_size=10).filter(lambda text: text not in shape.metadata["enum"]))
        return
    if high is not None:
        yield Violation("too long", good_text(shape).map(lambda text: (text or "x").ljust(high + 1, (text or "x")[-1])))
    if low > 0:
        yield Violation("too short", st.just("a" * (low - 1)), botocore_sees=True)
    if "pattern" in shape.metadata:
        spoiled = st.tuples(good_text(shape), st.integers(0, 10)).map(lambda pair: pair[0][: pair[1]] + FOREIGN + pair[0][pair[1] :])
        yield Violation("against the pattern", spoiled.filter(lambda text: not fits(shape, text) and low <= len(text) <= (high or len(text))))


def bad_numbers(shape: Shape) -> Iterator[Violation]:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if low is not None:
        yield Violation("too small", st.integers(max_value=low - 1), botocore_sees=True)
    if high is not None:
        yield Violation("too big", st.integers(min_value=high + 1))


# --- a request with one value in one place ----------------------------------------------------------------------------------------------------


def places(shape: Shape, path: Path = ()) -> Iterator[tuple[Path, Shape]]:
    """Every place in requests of a shape: members, entries of lists and values of maps."""
    yield path, shape
    if shape.type_name == "structure":
        for name, member in members(shape).items():
            yield from places(member, (*path, name))
    elif shape.type_name == "list":
        yield from places(shape.member, (*path, 0))
    elif shape.type_name == "map":
        yield from places(shape.value, (*path, KEY))


def around(shape: Shape, path: Path, value: Strategy) -> Strategy:
    """Requests with a value in a place and, beside it, no more than what is required."""
    if not path:
        return value
    step, *rest = path
    if shape.type_name == "structure":
        inner = around(shape.members[step], tuple(rest), value)
        return st.tuples(good(shape, least=True), inner).map(lambda pair: {**pair[0], step: pair[1]})
    inner = around(shape.member if shape.type_name == "list" else shape.value, tuple(rest), value)
    return inner.map(lambda item: [item]) if shape.type_name == "list" else inner.map(lambda item: {KEY: item})


def in_snake_case(shape: Shape, value: Any) -> Any:
    """A value as a user of Ansible writes it, however wrong it is."""
    if shape.type_name == "structure" and isinstance(value, Mapping):
        return {schema.snake_name(name): in_snake_case(shape.members[name], item) if name in shape.members else item for name, item in value.items()}
    if shape.type_name == "list" and isinstance(value, list):
        return [in_snake_case(shape.member, item) for item in value]
    return value


def text_of(path: Path, shape: Shape, snake: bool) -> str:
    """A path as messages have it; keys of maps are never renamed."""
    text, here = "", shape
    for step in path:
        if isinstance(step, int):
            text, here = f"{text}[{step}]", here.member
            continue
        is_member = here is not None and here.type_name == "structure"
        name = schema.snake_name(step) if is_member and snake else step
        text = f"{text}.{name}" if text else name
        here = here.members.get(step) if is_member else None if here is None else here.value
    return text


def botocore_objects(shape: Shape, request: Any) -> bool:
    token = {"clientToken": "x"} if isinstance(request, Mapping) and "clientToken" in shape.members else {}
    given = {**request, **token} if isinstance(request, Mapping) else request
    return bool(ParamValidator().validate(given, shape).has_errors())


def with_some(values: Strategy, about: str, check: Callable[[Any], None], number: int = 3) -> None:
    """Run a check with a few of the values, the same each time."""

    @settings(max_examples=number, derandomize=True, database=None, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(values)
    def run(value: Any) -> None:
        note(about)
        check(value)

    run()


def assert_taken(shape: Shape, request: Any) -> None:
    """The request is good, and is sent as it is, however it is spelled."""
    assert not botocore_objects(shape, request)
    assert schema.to_request(shape, request) == (request, [])
    assert schema.to_request(shape, in_snake_case(shape, request)) == (request, [])


def assert_refused(shape: Shape, request: Any, place: Path, violation: Violation) -> None:
    """There is exactly one problem, and it is in the place, however it is spelled."""
    snake, camel = text_of(place, shape, snake=True), text_of(place, shape, snake=False)
    assert [problem.path for problem in schema.to_request(shape, in_snake_case(shape, request))[1]] == [snake]
    found = [problem.path for problem in schema.to_request(shape, request)[1]]
    if violation.is_missing:  # is spelled as what stands beside it, which may be one word
        assert [path.rpartition(".")[0] for path in found] == [camel.rpartition(".")[0]]
        assert found[0].rpartition(".")[2] in (camel.rpartition(".")[2], snake.rpartition(".")[2])
    else:
        assert found == [camel]
    assert not violation.botocore_sees or botocore_objects(shape, request)


@every_operation
def test_good_requests_are_taken_as_they_are(operation: str) -> None:
    shape = schema.input_shape(operation)
    with_some(good(shape), operation, lambda request: assert_taken(shape, request))


@every_operation
def test_good_values_in_every_place_are_taken_as_they_are(operation: str) -> None:
    shape = schema.input_shape(operation)
    for path, inner in places(shape):
        with_some(around(shape, path, good(inner, least=True)), f"a good value in {path}", lambda request: assert_taken(shape, request))


@every_operation
def test_bad_values_in_every_place_are_refused_with_the_place(operation: str) -> None:
    shape = schema.input_shape(operation)
    for path, inner in places(shape):
        ways = tuple(violations(inner))

        def check(requests: Any, path: Path = path, ways: Sequence[Violation] = ways) -> None:
            for request, way in zip(requests, ways, strict=True):
                note(way.name)
                assert_refused(shape, request, (*path, *way.inner), way)

        with_some(st.tuples(*(around(shape, path, way.values) for way in ways)), f"bad values in {path}", check)
