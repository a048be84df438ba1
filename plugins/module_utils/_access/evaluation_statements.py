# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Policy documents read, and what each of their statements says about a request. Pure. Private to this collection.

The rules are those of "Grammar of the IAM JSON policy language" of the IAM user guide.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._access import evaluation_patterns as patterns
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.evaluation_conditions import Condition
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.evaluation_patterns import Lookup
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.evaluation_principals import EVERYBODY, Named, Naming, Principals, Requester
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.evaluation_truth import Truth, every, opposite, some
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.policy import DEFAULT_VERSION, VERSION, listed, statements_of

_ELEMENTS = {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"}


class MalformedPolicyError(ValueError):
    """A document that is no policy; the text says what is wrong with it."""


@dataclass(frozen=True)
class Asked:
    """A request as statements are asked about it."""

    action: str
    resource: str
    requester: Requester
    lookup: Lookup
    has_boundary: bool = False


@dataclass(frozen=True)
class Listing:
    """An element that names things, or all but those things."""

    values: tuple[str, ...]
    is_excluding: bool

    def truth(self, found: Truth) -> Truth:
        """What it says about something, of which is known whether it is among the values."""
        return opposite(found) if self.is_excluding else found


@dataclass(frozen=True)
class Statement:
    """A statement that has been read."""

    name: str  # its Sid, or its number
    allows: bool
    actions: Listing
    resources: Listing | None  # trust policies have none: the role itself is meant
    principals: Principals | None  # identity policies have none: who has them is meant
    is_excluding_principals: bool
    conditions: tuple[Condition, ...]
    has_variables: bool

    def named(self, asked: Asked) -> Named:
        """How directly the statement names who asks."""
        if self.principals is None:
            return Named(Naming.DIRECT, Naming.DIRECT)
        if not self.is_excluding_principals:
            return asked.requester.named_by(self.principals)
        if not self.allows and asked.has_boundary:
            # "Permissions boundaries for IAM entities": such a statement denies whoever has a boundary, whatever it names.
            return Named(Naming.UNBOUNDED, Naming.UNBOUNDED)
        return asked.requester.spared_by(self.principals)

    def has_action(self, asked: Asked) -> Truth:
        """Whether the statement is about the action."""
        found = any(patterns.glob(one, fold_case=True).fullmatch(asked.action) for one in self.actions.values)
        return self.actions.truth(found)

    def has_resource(self, asked: Asked) -> Truth:
        """Whether the statement is about the resource."""
        if self.resources is None:
            return True

        def match(pattern: str) -> Truth:
            return patterns.resource_matches(pattern, asked.resource)

        one_by_one = (patterns.with_variables(text, asked.lookup, match) if self.has_variables else match(text) for text in self.resources.values)
        return self.resources.truth(some(one_by_one))

    def condition_truths(self, asked: Asked) -> list[tuple[Condition, Truth]]:
        """Each condition, and whether it holds."""
        return [(condition, condition.holds(asked.lookup, has_variables=self.has_variables)) for condition in self.conditions]


@dataclass(frozen=True)
class Policy:
    """A policy by its name and document: a structure or JSON text; None is one that there is, or may be, and that could not be read.

    `unread` is why. A document is read once, so share the policy between requests.
    """

    name: str
    document: Mapping[str, Any] | str | None
    unread: str = ""

    @cached_property
    def statements(self) -> list[Statement]:
        """The statements. Raises MalformedPolicyError for what is no policy, or could not be read."""
        if self.document is None:
            raise MalformedPolicyError(f"it could not be read{': ' if self.unread else ''}{self.unread}")
        return list(_read(self.document))


@dataclass(frozen=True)
class Voice:
    """What a statement of a policy says about a request: how directly it allows or denies it for certain, and perhaps.

    One that says nothing, but would if it were not for its resources or conditions, is there for `why` alone, which says so.
    """

    policy: str
    statement: str | None
    allows: bool
    named: Named
    why: str = ""

    @property
    def is_uncertain(self) -> bool:
        """Whether it may say more than it says for certain."""
        return self.named.certain < self.named.possible

    def says(self, naming: Naming = Naming.ACCOUNT) -> Truth:
        """Whether it speaks of the request, and names who asks at least as directly as that."""
        return True if self.named.certain >= naming else None if self.named.possible >= naming else False

    def __str__(self) -> str:
        statement = f"statement {self.statement} of {self.policy}" if self.statement else self.policy
        return f"{statement} ({self.why})" if self.why else statement


def voices(policies: Sequence[Policy], asked: Asked) -> list[Voice]:
    """What the statements of some policies say about a request."""
    return [voice for policy in policies for voice in _voices(policy, asked)]


_PERHAPS = Named(Naming.NOT, Naming.UNBOUNDED)
_NOT = Named(Naming.NOT, Naming.NOT)


def _voices(policy: Policy, asked: Asked) -> Iterator[Voice]:
    try:
        statements = policy.statements
    except MalformedPolicyError as error:
        yield from (Voice(policy.name, None, allows, _PERHAPS, str(error)) for allows in (False, True))
        return
    for statement in statements:
        voice = _voice(policy.name, statement, asked)
        if voice is not None:
            yield voice


def _voice(policy: str, statement: Statement, asked: Asked) -> Voice | None:
    """What one statement says; None when it is about something else."""
    if not statement.has_action(asked):
        return None
    named = statement.named(asked)
    if named.possible is Naming.NOT:
        return None
    resource = statement.has_resource(asked)
    conditions = statement.condition_truths(asked)
    truth = every([resource, *(holds for _condition, holds in conditions)])
    why = _why(truth, resource, conditions, asked)
    if truth is True and named.certain < named.possible:
        why = "it depends on the name of the session or on how AWS reads its principals"
    if truth is not True:
        named = _NOT if truth is False else Named(Naming.NOT, named.possible)
    return Voice(policy, statement.name, statement.allows, named, why)


def _why(truth: Truth, resource: Truth, conditions: Sequence[tuple[Condition, Truth]], asked: Asked) -> str:
    """What keeps a statement from speaking for certain: all of what does not hold, or else all that is not known."""
    if truth is True:
        return ""
    found = ["it is about other resources" if truth is False else f"whether it is about {asked.resource} is not known"] if resource is truth else []
    found += [_why_not(condition, truth, asked) for condition, holds in conditions if holds is truth]
    return "; ".join(found)


def _why_not(condition: Condition, truth: Truth, asked: Asked) -> str:
    values = asked.lookup(condition.key)
    if truth is None:
        return f"whether {condition} holds is not known" + (f", as {condition.key} is not" if values is None else "")
    present = f"it is {', '.join(values)}" if values else "the request has no such key"
    return f"its condition {condition} does not hold: {present}"


# --- reading ---------------------------------------------------------------------------------------------------------------------------------


def _read(document: Mapping[str, Any] | str) -> Iterator[Statement]:
    try:
        body = json.loads(document) if isinstance(document, str) else document
    except ValueError as error:
        raise MalformedPolicyError(f"it is not valid JSON: {error}") from error
    if not isinstance(body, Mapping) or "Statement" not in body:
        raise MalformedPolicyError("it has no Statement")
    version = body.get("Version", DEFAULT_VERSION)
    if version not in (DEFAULT_VERSION, VERSION):
        raise MalformedPolicyError(f"{version!r} is no version of policies")
    if not isinstance(body["Statement"], (Mapping, list, tuple)) or not all(isinstance(one, Mapping) for one in listed(body["Statement"])):
        raise MalformedPolicyError("its Statement is neither an object nor a list of objects")
    for number, statement in enumerate(statements_of(dict(body)), 1):
        # Policy variables came with this version; in the one before it they are text like any other.
        yield _statement(statement, str(statement.get("Sid") or f"number {number}"), has_variables=version == VERSION)


def _statement(body: Mapping[str, Any], name: str, *, has_variables: bool) -> Statement:
    unknown = sorted(set(body) - _ELEMENTS)
    if unknown:
        raise MalformedPolicyError(f"statement {name} has elements that there are not: {', '.join(unknown)}")
    if body.get("Effect") not in ("Allow", "Deny"):
        raise MalformedPolicyError(f"statement {name} has no Effect Allow or Deny")
    actions = _listing(body, "Action", name)
    if actions is None:
        raise MalformedPolicyError(f"statement {name} has no Action")
    principals = _one_of(body, "Principal", name)
    return Statement(
        name=name,
        allows=body["Effect"] == "Allow",
        actions=actions,
        resources=_listing(body, "Resource", name),
        principals=None if principals is None else _principals(body[principals], name),
        is_excluding_principals=principals == "NotPrincipal",
        conditions=_conditions(body.get("Condition", {}), name),
        has_variables=has_variables,
    )


def _one_of(body: Mapping[str, Any], element: str, name: str) -> str | None:
    """Which of an element and its opposite a statement has."""
    present = [one for one in (element, f"Not{element}") if one in body]
    if len(present) > 1:
        raise MalformedPolicyError(f"statement {name} has both {element} and Not{element}")
    return present[0] if present else None


def _listing(body: Mapping[str, Any], element: str, name: str) -> Listing | None:
    present = _one_of(body, element, name)
    return None if present is None else Listing(_texts(body[present], name), is_excluding=present != element)


def _texts(value: Any, name: str) -> tuple[str, ...]:
    texts = tuple(listed(value))
    if not all(isinstance(text, str) for text in texts):
        raise MalformedPolicyError(f"statement {name} holds something that is not text where text is needed")
    return texts


def _principals(value: Any, name: str) -> Principals:
    if value == EVERYBODY:
        return Principals(frozenset({EVERYBODY}))
    if not isinstance(value, Mapping):
        raise MalformedPolicyError(f'the principals of statement {name} are neither "*" nor an object')
    aws, services = (frozenset(_texts(value.get(kind, ()), name)) for kind in ("AWS", "Service"))
    return Principals(aws, services)


def _conditions(block: Any, name: str) -> tuple[Condition, ...]:
    if not isinstance(block, Mapping) or not all(isinstance(tests, Mapping) for tests in block.values()):
        raise MalformedPolicyError(f"the Condition of statement {name} is not an object of operators")
    return tuple(
        Condition(operator, key, tuple(_text(value, name) for value in listed(values)))
        for operator, tests in block.items()
        for key, values in tests.items()
    )


def _text(value: Any, name: str) -> str:
    """A value of a condition as text: JSON's true and 5 mean "true" and "5"."""
    if not isinstance(value, (str, bool, int, float)):
        raise MalformedPolicyError(f"statement {name} has a condition whose value is not a text, a number or a boolean")
    return value if isinstance(value, str) else json.dumps(value)
