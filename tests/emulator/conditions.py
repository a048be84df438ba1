# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Condition block of an IAM policy: operators, set operators, `...IfExists`, and what a missing key means.

Pure. The rules are those of the IAM reference "Condition operators" and "Multivalued context keys": operators and keys fold case, the
values of one key are alternatives, the keys of one operator and the operators of one statement must all hold.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from functools import lru_cache

Values = Sequence[str]
Expand = Callable[[str], "str | None"]


@lru_cache(maxsize=4096)
def glob(pattern: str, *, fold_case: bool = False) -> re.Pattern[str]:
    """Compile a pattern in which `*` is any text and `?` any one character; `${*}`, `${?}` and `${$}` are those characters themselves."""
    parts = re.split(r"(\$\{[*?$]\}|[*?])", pattern)
    kinds = {"*": ".*", "?": "."}
    expression = "".join(kinds[part] if part in kinds else re.escape(part[2] if re.fullmatch(r"\$\{[*?$]\}", part) else part) for part in parts)
    return re.compile(expression, re.DOTALL | (re.IGNORECASE if fold_case else 0))


def arn_matches(pattern: str, value: str) -> bool:
    """Match an ARN component by component: a wildcard does not reach over a colon, except in the last component, which holds colons itself."""
    patterns, values = pattern.split(":", 5), value.split(":", 5)
    if len(patterns) != 6 or len(values) != 6:
        return False
    return all(glob(one).fullmatch(other) for one, other in zip(patterns, values, strict=True))


def _moment(text: str) -> datetime:
    """Read an ISO 8601 date or a number of seconds since the epoch."""
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return datetime.fromtimestamp(float(text), timezone.utc)
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def _numeric(compare: Callable[[float, float], bool]) -> Callable[[str, str], bool]:
    return lambda expected, value: compare(float(value), float(expected))


def _date(compare: Callable[[datetime, datetime], bool]) -> Callable[[str, str], bool]:
    return lambda expected, value: compare(_moment(value), _moment(expected))


def _in_network(expected: str, value: str) -> bool:
    return ipaddress.ip_address(value) in ipaddress.ip_network(expected, strict=False)


# operator in lower case -> (does the value in the request match the one in the policy, is the operator a negated one)
_OPERATORS: dict[str, tuple[Callable[[str, str], bool], bool]] = {
    "stringequals": (lambda expected, value: expected == value, False),
    "stringnotequals": (lambda expected, value: expected == value, True),
    "stringequalsignorecase": (lambda expected, value: expected.casefold() == value.casefold(), False),
    "stringnotequalsignorecase": (lambda expected, value: expected.casefold() == value.casefold(), True),
    "stringlike": (lambda expected, value: bool(glob(expected).fullmatch(value)), False),
    "stringnotlike": (lambda expected, value: bool(glob(expected).fullmatch(value)), True),
    "arnequals": (arn_matches, False),
    "arnlike": (arn_matches, False),
    "arnnotequals": (arn_matches, True),
    "arnnotlike": (arn_matches, True),
    "bool": (lambda expected, value: expected.lower() == value.lower(), False),
    "binaryequals": (lambda expected, value: expected == value, False),
    "ipaddress": (_in_network, False),
    "notipaddress": (_in_network, True),
    "numericequals": (_numeric(lambda value, expected: value == expected), False),
    "numericnotequals": (_numeric(lambda value, expected: value == expected), True),
    "numericlessthan": (_numeric(lambda value, expected: value < expected), False),
    "numericlessthanequals": (_numeric(lambda value, expected: value <= expected), False),
    "numericgreaterthan": (_numeric(lambda value, expected: value > expected), False),
    "numericgreaterthanequals": (_numeric(lambda value, expected: value >= expected), False),
    "dateequals": (_date(lambda value, expected: value == expected), False),
    "datenotequals": (_date(lambda value, expected: value == expected), True),
    "datelessthan": (_date(lambda value, expected: value < expected), False),
    "datelessthanequals": (_date(lambda value, expected: value <= expected), False),
    "dategreaterthan": (_date(lambda value, expected: value > expected), False),
    "dategreaterthanequals": (_date(lambda value, expected: value >= expected), False),
}
_LITERAL = ("stringequals", "stringnotequals", "stringequalsignorecase", "stringnotequalsignorecase")
_ESCAPE = re.compile(r"\$\{([*?$])\}")


@dataclass(frozen=True)
class Condition:
    """One key under one operator of a Condition block."""

    operator: str  # as written
    key: str
    values: tuple[str, ...]

    def is_known(self) -> bool:
        """Whether IAM has this operator."""
        name, _quantifier, _if_exists = self._parts()
        return name == "null" or name in _OPERATORS

    def holds(self, context: Mapping[str, Values], expand: Expand) -> bool:
        """Decide the condition.

        :param context: the keys of the request in lower case; a key without values counts as missing.
        :param expand: replaces the policy variables of a value, None when one of them has no value (then the value matches nothing).
        """
        name, quantifier, if_exists = self._parts()
        present = list(context.get(self.key.lower(), ()))
        if name == "null":
            return any((not present) == (value.lower() == "true") for value in self.values)
        match, negated = _OPERATORS.get(name, (lambda _expected, _value: False, False))
        if not present:
            return if_exists or quantifier == "forallvalues" or (negated and quantifier != "foranyvalue")
        expected = [text for text in map(expand, self.values) if text is not None]
        if name in _LITERAL:
            expected = [_ESCAPE.sub(r"\1", text) for text in expected]
        verdicts = [any(_safely(match, text, value) for text in expected) != negated for value in present]
        # A negated operator without a set operator holds when no value of the request matches; a positive one when one does.
        return all(verdicts) if quantifier == "forallvalues" or (negated and not quantifier) else any(verdicts)

    def _parts(self) -> tuple[str, str, bool]:
        """Split `ForAnyValue:StringLikeIfExists` into ("stringlike", "foranyvalue", True)."""
        quantifier, _colon, name = self.operator.lower().rpartition(":")
        return name.removesuffix("ifexists"), quantifier, name.endswith("ifexists")


def _safely(match: Callable[[str, str], bool], expected: str, value: str) -> bool:
    """Match; what cannot be read as the operator's type does not match."""
    try:
        return match(expected, value)
    except ValueError:
        return False
