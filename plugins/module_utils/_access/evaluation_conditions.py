# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The element Condition of a policy: operators, set operators, and keys that are missing or not known. Pure. Private to this collection.

The rules are those of "IAM JSON policy elements: Condition operators" and "Set operators for multivalued context keys" of the IAM user guide.
"""

from __future__ import annotations

import base64
import ipaddress
import math
import operator as operators
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._access import evaluation_patterns as patterns
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.evaluation_patterns import Lookup
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.evaluation_truth import Truth, every, opposite, some

_QUANTIFIERS = ("", "foranyvalue", "forallvalues")
_NULL = "null"


# --- values ----------------------------------------------------------------------------------------------------------------------------------


def _boolean(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise ValueError(f"{text!r} is neither true nor false")
    return text.lower() == "true"


def _number(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text!r} is no number")
    return number


def _moment(text: str) -> datetime:
    """A date of ISO 8601, or seconds since 1970."""
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return datetime.fromtimestamp(float(text), timezone.utc)
    moment = datetime.fromisoformat(re.sub(r"Z$", "+00:00", text))
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def _binary(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


def _network(text: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    return ipaddress.ip_network(text, strict=False)


# --- operators -------------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Operator:
    """How a value of the policy and one of the request are read, when they match, and whether they must not."""

    read_expected: Callable[[str], Any]
    read_value: Callable[[str], Any]
    matches: Callable[[Any, Any], Any]  # the value of the policy, that of the request
    negated: bool = False
    takes_variables: bool = False  # only operators on texts and ARNs do


def _family(
    read_expected: Callable[[str], Any], read_value: Callable[[str], Any], *, takes_variables: bool = False, **names: Any
) -> dict[str, Operator]:
    """The operators of one type, by what tells when they match. One whose name has `not` must not."""
    return {name: Operator(read_expected, read_value, matches, "not" in name, takes_variables) for name, matches in names.items()}


def _ordered(prefix: str) -> dict[str, Any]:
    """The comparisons of what has an order: of the request's value with that of the policy."""
    return {
        f"{prefix}equals": operators.eq,
        f"{prefix}notequals": operators.eq,
        f"{prefix}lessthan": lambda expected, value: value < expected,
        f"{prefix}lessthanequals": lambda expected, value: value <= expected,
        f"{prefix}greaterthan": lambda expected, value: value > expected,
        f"{prefix}greaterthanequals": lambda expected, value: value >= expected,
    }


def _same_folded(expected: str, value: str) -> bool:
    return expected.casefold() == value.casefold()


def _like(expected: str, value: str) -> bool:
    return patterns.glob(expected).fullmatch(value) is not None


def _in_network(expected: Any, value: Any) -> bool:
    return value in expected


OPERATORS: dict[str, Operator] = {
    **_family(patterns.plain, str, takes_variables=True, stringequals=operators.eq, stringnotequals=operators.eq),
    **_family(patterns.plain, str, takes_variables=True, stringequalsignorecase=_same_folded, stringnotequalsignorecase=_same_folded),
    **_family(str, str, takes_variables=True, stringlike=_like, stringnotlike=_like),
    # The user guide: ArnEquals and ArnLike behave identically.
    **_family(
        patterns.arn,
        patterns.arn,
        takes_variables=True,
        **dict.fromkeys(("arnequals", "arnlike", "arnnotequals", "arnnotlike"), patterns.arn_matches),
    ),
    **_family(_boolean, _boolean, bool=operators.eq),
    **_family(_binary, _binary, binaryequals=operators.eq),
    **_family(_network, ipaddress.ip_address, ipaddress=_in_network, notipaddress=_in_network),
    **_family(_number, _number, **_ordered("numeric")),
    **_family(_moment, _moment, **_ordered("date")),
}
"""By name, in lower case: AWS does not mind the case of operators."""


# --- conditions ------------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Condition:
    """One key under one operator."""

    operator: str  # as it is written
    key: str
    values: tuple[str, ...]

    def __str__(self) -> str:
        values = ", ".join(self.values)
        return f"{self.operator} {self.key}: {values}"

    def holds(self, lookup: Lookup, *, has_variables: bool = True) -> Truth:
        """Whether the condition holds; not known for a key that is not, and for an operator or a value that cannot be read.

        :param has_variables: whether the version of the policy has policy variables.
        """
        quantifier, name, if_exists = self._parts()
        values = lookup(self.key)
        if name == _NULL:
            return self._is_null(values)
        operator = OPERATORS.get(name)
        if operator is None or quantifier not in _QUANTIFIERS or values is None:
            return None
        if not values:
            return if_exists or quantifier == "forallvalues" or (operator.negated and quantifier != "foranyvalue")
        if len(values) > 1 and not quantifier:
            return None  # such a key wants a set operator; what AWS does without one is not documented
        truths = [self._matches(operator, value, lookup if has_variables else None) for value in values]
        return every(truths) if quantifier == "forallvalues" else some(truths)

    def _parts(self) -> tuple[str, str, bool]:
        """`ForAnyValue:StringLikeIfExists` as ("foranyvalue", "stringlike", True)."""
        quantifier, _colon, name = self.operator.lower().rpartition(":")
        return quantifier, re.sub("ifexists$", "", name), name.endswith("ifexists")

    def _is_null(self, values: Sequence[str] | None) -> Truth:
        wanted = {value.lower() for value in self.values}
        if {"true", "false"} <= wanted:
            return True
        return None if values is None else ("false" if values else "true") in wanted

    def _matches(self, operator: Operator, text: str, lookup: Lookup | None) -> Truth:
        """Whether one value of the request passes.

        One of a type that the operator is not for passes never, be it negated or not ("condition keys" of the service authorization reference).
        """
        try:
            value = operator.read_value(text)
        except ValueError:
            return False

        def match(expected: str) -> Truth:
            try:
                return bool(operator.matches(operator.read_expected(expected), value))
            except ValueError:
                return None

        takes_variables = lookup is not None and operator.takes_variables
        found = some(patterns.with_variables(text, lookup, match) if takes_variables and lookup else match(text) for text in self.values)
        return opposite(found) if operator.negated else found
