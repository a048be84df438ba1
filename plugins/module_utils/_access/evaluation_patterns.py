# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Patterns of policies: wildcards, ARNs and policy variables. Pure. Private to this collection.

The rules are those of "IAM JSON policy elements: Resource" and "IAM policy elements: Variables and tags" of the IAM user guide.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Protocol

from ansible_collections.golden.imagebuilder.plugins.module_utils._access.evaluation_truth import Truth, every


class Lookup(Protocol):
    """From a condition key to its values: none when the request lacks the key, None when that is not known."""

    def __call__(self, key: str, /) -> Sequence[str] | None:
        """The values."""


_SPECIAL = re.compile(r"(\$\{[*?$]\}|[*?])")
_ESCAPED = re.compile(r"\$\{([*?$])\}")
_VARIABLE = re.compile(r"\$\{(?P<key>[^}*?$,][^},]*)(?:,\s*'(?P<default>[^']*)')?\s*\}")
_PARTS_OF_ARN = 6
_ANYTHING = "*"


# --- wildcards -------------------------------------------------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)
def _tokens(pattern: str) -> tuple[str, ...]:
    """The pattern as `*`, `?` and single characters; a wildcard that is meant as the character itself is that character after a backslash."""
    tokens: list[str] = []
    for part in _SPECIAL.split(pattern):
        escaped = _ESCAPED.fullmatch(part)
        if escaped:
            tokens.append(f"\\{escaped[1]}")
        else:
            tokens += part
    return tuple(tokens)


@lru_cache(maxsize=4096)
def glob(pattern: str, *, fold_case: bool = False) -> re.Pattern[str]:
    """The pattern compiled: `*` is any text, `?` any one character; `${*}`, `${?}` and `${$}` are these characters themselves."""
    wildcards = {"*": ".*", "?": "."}
    expression = "".join(wildcards.get(token) or re.escape(token[-1]) for token in _tokens(pattern))
    return re.compile(expression, re.DOTALL | (re.IGNORECASE if fold_case else 0))


def plain(text: str) -> str:
    """A text in which wildcards mean nothing, with `${*}` and its like made what they stand for."""
    return _ESCAPED.sub(r"\1", text)


def _covers(pattern: str, value: str) -> Truth:
    """Whether a pattern matches a value, in which `*` stands for a text that is not known: always, never, or that is not known either."""
    if _ANYTHING not in value:
        return glob(pattern).fullmatch(value) is not None
    longest = "\0" * (len(pattern) + 1)  # so long that only a `*` of the pattern can match it
    if all(glob(pattern).fullmatch(value.replace(_ANYTHING, filling)) for filling in ("", longest)):
        return True
    return None if _overlap(_tokens(pattern), tuple(value)) else False


def _overlap(pattern: tuple[str, ...], value: tuple[str, ...]) -> bool:
    """Whether there is a text that both match: all pairs of positions that can be reached together, one token after the other."""
    seen: set[tuple[int, int]] = set()
    reached = [(0, 0)]
    while reached:
        here = reached.pop()
        if here in seen:
            continue
        seen.add(here)
        one, other = here
        if here == (len(pattern), len(value)):
            return True
        mine = pattern[one] if one < len(pattern) else ""
        theirs = value[other] if other < len(value) else ""
        if mine == _ANYTHING:
            reached += [(one + 1, other), *([(one, other + 1)] if theirs else [])]
        if theirs == _ANYTHING:
            reached += [(one, other + 1), *([(one + 1, other)] if mine else [])]
        if mine and theirs and (mine == "?" or mine[-1] == theirs):
            reached.append((one + 1, other + 1))
    return False


# --- ARNs ------------------------------------------------------------------------------------------------------------------------------------


def resource_matches(pattern: str, resource: str) -> Truth:
    """Whether a pattern of an element Resource matches the resource of a request.

    ARNs match part by part, and AWS takes `*` for the parts that a pattern lacks. An action without a resource is made on `*`, which is no ARN, so
    that no pattern of ARNs matches it.
    """
    if not pattern.strip(_ANYTHING):
        return True
    if not pattern.startswith("arn:"):
        return _covers(pattern, resource)
    wanted, parts = pattern.split(":", _PARTS_OF_ARN - 1), resource.split(":", _PARTS_OF_ARN - 1)
    wanted += [_ANYTHING] * (_PARTS_OF_ARN - len(wanted))
    return len(parts) == _PARTS_OF_ARN and every(_covers(one, other) for one, other in zip(wanted, parts, strict=True))


def arn(text: str) -> list[str]:
    """The parts of an ARN, or of a pattern of ARNs. Raises ValueError for what is none."""
    parts = text.split(":", _PARTS_OF_ARN - 1)
    if len(parts) != _PARTS_OF_ARN:
        raise ValueError(f"{text!r} is no ARN")
    return parts


def arn_matches(pattern: list[str], value: list[str]) -> bool:
    """Whether the parts of a pattern match those of an ARN, each by itself ("ArnLike")."""
    return all(glob(one).fullmatch(other) for one, other in zip(pattern, value, strict=True))


# --- variables -------------------------------------------------------------------------------------------------------------------------------


def with_variables(text: str, lookup: Lookup, match: Callable[[str], Truth]) -> Truth:
    """What `match` says of a text once its policy variables are replaced.

    A variable whose key the request lacks, and that has no default, makes a text that nothing equals. With several values, or when the key is not
    known, it is not known what the text is.
    """
    variables = list(_VARIABLE.finditer(text))
    values = [lookup(variable["key"].strip()) for variable in variables]
    if any(found is None or len(found) > 1 for found in values):
        return None
    chosen = [_escaped(found[0]) if found else variable["default"] for variable, found in zip(variables, values, strict=True)]
    if any(value is None for value in chosen):
        return False
    replacements = iter(chosen)
    return match(_VARIABLE.sub(lambda _variable: next(replacements), text))


def _escaped(value: str) -> str:
    """A value in which wildcards are characters like others, as those of a request are."""
    return re.sub(r"[*?$]", lambda sign: f"${{{sign[0]}}}", value)
