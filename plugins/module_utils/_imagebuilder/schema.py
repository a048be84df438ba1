# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Option values to API requests and API answers to results, by walking botocore's model. Private to this collection.

botocore describes every structure of the API: its members, their types, enums, patterns, lengths and which are required. That model is the
only source here: nothing about a single option is written down, so a newer botocore brings newer options and limits by itself.
botocore itself checks only names, types, required members and minimum lengths; the patterns and maxima in its model are checked here.
"""

from __future__ import annotations

import contextlib
import difflib
import functools
import re
from collections.abc import Callable, Container, Iterable, Mapping
from typing import Any

with contextlib.suppress(ImportError):  # AnsibleAWSModule says so
    import botocore

from ansible.module_utils.common.dict_transformations import camel_dict_to_snake_dict
from ansible.module_utils.parsing.convert_bool import boolean
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.regions import shared_session
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import names, since
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.problems import InvalidInput, Problem

Shape = Any
"""A botocore Shape; botocore carries no types of its own."""

_TAG_TOKEN = re.compile(r"(<{2,3})imagebuilder:([^<>{}]*)(>{2,3})")
_CHARACTER_CLASS = re.compile(r"\[(\^?)(?:\\.|[^\]\\])+\]")
_DIGITS_PATTERN = re.compile(r"\^\[0-9\]\{(\d+)\}\$")


def format_path(path: Iterable[str | int]) -> str:
    """A place in a request, in the API's spelling, as its options are spelled: `components[0].component_arn`."""
    text = ""
    for segment in path:
        text = f"{text}[{segment}]" if isinstance(segment, int) else _joined(text, snake_name(segment))
    return text


@functools.cache
def service_model() -> Any:
    """botocore's ServiceModel of Image Builder, loaded once."""
    return shared_session().get_service_model("imagebuilder")


def _operation(name: str) -> Any:
    """An operation of the service. Raises InvalidInput for one that only a newer botocore has."""
    newer = since.OPERATIONS.get(name)
    if newer and name not in service_model().operation_names:
        raise InvalidInput([Problem("", f"{name} is needed, for which botocore has to be {newer} or newer. {_installed()}")])
    return service_model().operation_model(name)


def input_shape(operation: str) -> Shape:
    """Shape of the request of an operation such as `CreateImageRecipe`."""
    return _operation(operation).input_shape


def output_shape(operation: str) -> Shape:
    """Shape of the answer of an operation such as `GetImageRecipe`."""
    return _operation(operation).output_shape


@functools.cache
def snake_name(member: str) -> str:
    """The option name of an API member, as every Ansible module for AWS derives it: `s3KeyPrefix` is `s3_key_prefix`."""
    return str(next(iter(camel_dict_to_snake_dict({member: None}))))


def alias(shape: Shape, member: str) -> str | None:
    """The other name of a member that refers to a resource of Image Builder: `imageRecipe` of `imageRecipeArn`."""
    short = member.removesuffix("Arn")
    is_reference = names.kind_of(shape.members[member].metadata.get("pattern", "")) is not None
    return short if is_reference and short not in (member, *shape.members) else None


def spellings(shape: Shape, member: str) -> tuple[str, ...]:
    """All names by which a user may call a member of a structure."""
    own = [member, snake_name(member)]
    other = alias(shape, member)
    return (*own, other, snake_name(other)) if other else tuple(own)


def snake_case(value: Any, shape: Shape) -> Any:
    """An API answer with its member names in snake case.

    Only names of structure members are renamed; map keys (tags) are data. Members that the shape does not know are kept.
    """
    if shape is None or value is None:
        return value
    if shape.type_name == "structure":
        return {snake_name(name): snake_case(item, shape.members.get(name)) for name, item in value.items() if name != "ResponseMetadata"}
    if shape.type_name == "list":
        return [snake_case(item, shape.member) for item in value]
    if shape.type_name == "map":
        return {key: snake_case(item, shape.value) for key, item in value.items()}
    return value


def to_request(shape: Shape, value: Any, path: str = "", *, partial: bool = False) -> tuple[Any, list[Problem]]:
    """What to send to AWS for an option value, and all that is wrong with it.

    Keys may be in snake case or as the API spells them, and those of references may lack `_arn` at the end. References may have their short
    form, see `names`; they stay as they are until the account is known. None is "not given". Empty lists and maps that the API would refuse
    are left out, which clears them, as updates at AWS replace everything. `partial` leaves out the check for required members of the outermost
    structure. The request is usable only when there is no problem.
    """
    walk = _Walk()
    request = walk.structure(shape, value, path, partial=partial) if shape.type_name == "structure" else walk.convert(shape, value, path)
    return (None if request is _NOTHING else request), walk.problems


def missing_members(shape: Shape, given: Container[str]) -> list[str]:
    """Required members (API names) that are not given, except the client token, which is never the user's business."""
    return [name for name in shape.required_members if name not in given and not _is_token(shape.members[name])]


def _is_token(shape: Shape) -> bool:
    return bool(shape.metadata.get("idempotencyToken"))


class _Nothing:
    """What stands for a value that is not to be sent."""


_NOTHING = _Nothing()


class _Walk:
    """One conversion: walks a value beside its shape and gathers the problems."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def problem(self, path: str, message: str) -> _Nothing:
        self.problems.append(Problem(path, message))
        return _NOTHING

    def convert(self, shape: Shape, value: Any, path: str) -> Any:
        converters: dict[str, Callable[[Shape, Any, str], Any]] = {
            "structure": self.structure,
            "list": self.list,
            "map": self.map,
            "string": self.string,
            "boolean": self.boolean,
            "integer": self.integer,
            "long": self.integer,
        }
        converter = converters.get(shape.type_name)
        return converter(shape, value, path) if converter else value

    def structure(self, shape: Shape, value: Any, path: str, partial: bool = False) -> Any:
        if not isinstance(value, Mapping):
            return self.problem(path, f"a dictionary is needed here, not {_described(value)}.")
        members = {spelling: name for name in shape.members for spelling in spellings(shape, name)}
        request: dict[str, Any] = {}
        given: dict[str, str] = {}
        for key, item in value.items():
            name = members.get(key)
            here = _joined(path, key)
            if name is None:
                self.problem(here, _unknown(str(key), shape))
            elif item is not None and name in given:
                self.problem(here, f"is given twice, as {given[name]} and as {key}; keep one of them.")
            elif item is not None:
                given[name] = key
                _put(request, name, self.convert(shape.members[name], item, here))
        if not partial:
            for name in missing_members(shape, given):
                self.problem(_joined(path, _spelled_like(value, name)), "is required here.")
        return request

    def list(self, shape: Shape, value: Any, path: str) -> Any:
        if not isinstance(value, (list, tuple)):
            return self.problem(path, f"a list is needed here, not {_described(value)}.")
        if not value and shape.metadata.get("min", 0) > 0:
            return _NOTHING
        self._size(shape, len(value), path, "entries")
        items = []
        for index, item in enumerate(value):
            here = f"{path}[{index}]"
            converted = self.problem(here, "is empty (null).") if item is None else self.convert(shape.member, item, here)
            items.append(None if converted is _NOTHING else converted)
        return items

    def map(self, shape: Shape, value: Any, path: str) -> Any:
        if not isinstance(value, Mapping):
            return self.problem(path, f"a dictionary is needed here, not {_described(value)}.")
        if not value and shape.metadata.get("min", 0) > 0:
            return _NOTHING
        self._size(shape, len(value), path, "keys")
        request: dict[str, Any] = {}
        for key, item in value.items():
            here = _joined(path, key)
            name = self.string(shape.key, str(key), here, "the key ")
            converted = self.convert(shape.value, "" if item is None else item, here)
            if name is not _NOTHING:
                _put(request, name, converted)
        return request

    def string(self, shape: Shape, value: Any, path: str, subject: str = "") -> Any:
        digits = _DIGITS_PATTERN.fullmatch(shape.metadata.get("pattern", ""))
        if digits and isinstance(value, (int, float)) and not isinstance(value, bool):
            return self.problem(path, _number_for_digits(value, int(digits.group(1))))
        if not isinstance(value, (str, int, float)):
            return self.problem(path, f"a string is needed here, not {_described(value)}.")
        text = _TAG_TOKEN.sub(_braced, value) if isinstance(value, str) else str(value)
        complaint = _enum_complaint(shape, text) or _length_complaint(shape, text) or _pattern_complaint(shape, text)
        if complaint:
            self.problem(path, subject + complaint)
        return text

    def boolean(self, shape: Shape, value: Any, path: str) -> Any:
        try:
            return boolean(value)
        except TypeError:
            return self.problem(path, f"true or false is needed here, not {_described(value)}.")

    def integer(self, shape: Shape, value: Any, path: str) -> Any:
        number = _whole_number(value)
        if number is None:
            return self.problem(path, f"a whole number is needed here, not {_described(value)}.")
        low, high = shape.metadata.get("min"), shape.metadata.get("max")
        if (low is not None and number < low) or (high is not None and number > high):
            return self.problem(path, f"{number} is out of range: {_range(low, high)} is allowed.")
        return number

    def _size(self, shape: Shape, size: int, path: str, unit: str) -> None:
        low, high = shape.metadata.get("min"), shape.metadata.get("max")
        if (high is not None and size > high) or (low is not None and size < low):
            self.problem(path, f"has {size} {unit}, {_range(low, high)} are allowed.")


def _put(request: dict[str, Any], name: str, converted: Any) -> None:
    if converted is not _NOTHING:
        request[name] = converted


def _braced(token: re.Match[str]) -> str:
    """A tag that was written so that Jinja leaves it alone, as Image Builder wants it: `<` for `{`, of which Dockerfile templates have three."""
    return f"{'{' * len(token[1])} imagebuilder:{token[2]} {'}' * len(token[3])}"


def _joined(path: str, key: Any) -> str:
    return f"{path}.{key}" if path else str(key)


def _spelled_like(value: Mapping[str, Any], name: str) -> str:
    """A member's name in the spelling that its neighbours have: the API's where the user wrote in the API's."""
    return name if any(isinstance(key, str) and any(map(str.isupper, key)) for key in value) else snake_name(name)


def _described(value: Any) -> str:
    """What a value is, in the words of somebody who writes YAML."""
    if value is None:
        return "nothing (null)"
    if isinstance(value, Mapping):
        return f"a dictionary ({', '.join(map(str, list(value)[:4]))})" if value else "an empty dictionary"
    if isinstance(value, (list, tuple)):
        return f"a list of {len(value)}"
    kinds = {bool: "the boolean", int: "the number", float: "the number", str: "the string"}
    return f"{kinds.get(type(value), type(value).__name__)} {_quoted(value) if isinstance(value, str) else value}"


def _quoted(text: str) -> str:
    """The text in quotes, shortened where it is long."""
    return repr(text if len(text) <= 80 else f"{text[:77]}...")


def _range(low: int | None, high: int | None) -> str:
    if high is None:
        return f"{low} or more"
    if low == high:
        return f"exactly {high}"
    return f"{low} to {high}" if low is not None else f"at most {high}"


def _whole_number(value: Any) -> int | None:
    """The value as Ansible's type `int` would take it, or None."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        return int(value) if value.is_integer() else None
    if not isinstance(value, (int, str)):
        return None
    try:
        return int(value)
    except ValueError:
        return None


def _unknown(key: str, shape: Shape) -> str:
    """Why a key is refused, with what may have been meant."""
    newer = next((version for name, version in since.MEMBERS.get(shape.name, {}).items() if key in (name, snake_name(name))), None)
    if newer:
        return f"is an option that botocore knows since {newer}. {_installed()}"
    valid = [snake_name(name) for name in shape.members if not _is_token(shape.members[name]) and name != "dryRun"]
    near = difflib.get_close_matches(snake_name(key), valid, n=1, cutoff=0.6)
    meant = f" Did you mean {near[0]}?" if near else ""
    installed = f"the installed botocore {botocore.__version__} knows no other; a newer option needs a newer botocore"
    return f"is not an option here.{meant} Valid are: {', '.join(sorted(valid))} ({installed})."


def _installed() -> str:
    return f"Installed is botocore {botocore.__version__}: update it where the module runs."


def _number_for_digits(value: Any, digits: int) -> str:
    """Why a number is refused where an id made of digits is needed. Never a guess at the id: zeros may have been lost."""
    text = str(int(value) if isinstance(value, float) and value.is_integer() else value)
    kind = "an account id" if digits == 12 else "an id"
    complete = len(text) == digits
    advice = (
        f"Put it in quotes: '{text}'." if complete else f"This one has {len(text)}: look the id up again and put it in quotes, as in '012345678901'."
    )
    return (
        f"{text} is a number, but {kind} of {digits} digits has to be a string. YAML reads digits without quotes as a number, drops leading zeros "
        f"and may take them for octal. {advice}"
    )


def _enum_complaint(shape: Shape, text: str) -> str:
    allowed = list(shape.metadata.get("enum", ()))
    if not allowed or text in allowed:
        return ""
    near = {option.lower(): option for option in allowed}.get(text.lower())
    return f"{_quoted(text)} is not allowed. {f'Did you mean {near}? ' if near else ''}Allowed are: {', '.join(allowed)}."


def _length_complaint(shape: Shape, text: str) -> str:
    low, high = shape.metadata.get("min"), shape.metadata.get("max")
    if (low is not None and len(text) < low) or (high is not None and len(text) > high):
        given = f"{_quoted(text)} has" if text else "an empty string has"
        return f"{given} {len(text)} characters, {_range(low, high)} are allowed."
    return ""


def _pattern_complaint(shape: Shape, text: str) -> str:
    pattern = shape.metadata.get("pattern")
    if not pattern or _matches(pattern, text):
        return ""
    wanted = names.kind_of(pattern)
    if wanted:
        return names.problem(wanted, text)
    digits = _DIGITS_PATTERN.fullmatch(pattern)
    if digits:
        kind = "an account id is" if digits.group(1) == "12" else "this is"
        return f"{_quoted(text)} is not valid: {kind} a string of exactly {digits.group(1)} digits."
    if "(?!aws:)" in pattern and text.startswith("aws:"):
        return f"{_quoted(text)} starts with aws:, which is reserved for AWS itself."
    foreign = _foreign_characters(pattern, text)
    reason = (
        f"it contains {' '.join(repr(character) for character in foreign)}, which may not be used here" if foreign else "it has not the required form"
    )
    return f"{_quoted(text)} is not valid: {reason} (it must match {pattern})."


@functools.cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    """The pattern for Python, or None where it uses what only Java's expressions have: the service then checks it."""
    try:
        return re.compile(pattern)
    except re.error:
        return None


def _matches(pattern: str, text: str) -> bool:
    """Whether the text is what the pattern means.

    Most of AWS's patterns carry both anchors and some carry none, meaning the whole text either way; those with only the first anchor
    (organizational units) leave the end open.
    """
    compiled = _compiled(pattern)
    if compiled is None:
        return True
    open_end = pattern.startswith("^") and not pattern.endswith("$")
    return bool(compiled.match(text) if open_end else compiled.fullmatch(text))


def _foreign_characters(pattern: str, text: str) -> list[str]:
    """Characters of the text that no part of the pattern could ever match, in the order of the text."""
    classes = list(_CHARACTER_CLASS.finditer(pattern))
    if not classes or any(found.group(1) for found in classes):
        return []
    allowed = re.compile("|".join(found.group(0) for found in classes))
    literal = _CHARACTER_CLASS.sub("", pattern)
    return [character for character in dict.fromkeys(text) if not allowed.fullmatch(character) and character not in literal]
