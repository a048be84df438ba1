# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An IAM policy and what it says about one request.

Pure: a policy document and a request go in, a verdict comes out. Who owns what, and how several policies combine, is `access.py`.
The rules are those of the IAM reference, "Grammar of the IAM JSON policy language" and "Policy evaluation logic".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from functools import lru_cache
from typing import Any

from .conditions import Condition, glob

_VARIABLE = re.compile(r"\$\{([^}*?$][^}]*)\}")


class MalformedPolicyError(ValueError):
    """A document that is no policy; the text says what is wrong with it."""


class Naming(IntEnum):
    """How directly a Principal element names the principal of a request. It decides what else the request still needs."""

    NOT = 0
    ACCOUNT = 1  # the account: it delegates to the account's own policies
    ROLE = 2  # the role or user: allows, within its permissions boundary
    SESSION = 3  # this session of the role: allows whatever the boundary says
    ANYONE = 4  # everyone: like a session inside the account, still needs the identity side from another account


class Verdict(Enum):
    """What one policy says."""

    NOTHING = "implicit deny"
    ALLOW = "allow"
    DENY = "explicit deny"


@dataclass(frozen=True)
class Principal:
    """The principal of a request: a role with its session, a user, an account's root, or a service."""

    account_id: str = ""
    arn: str = ""  # arn:aws:iam::<account>:role/<path><name>, .../user/<name> or ...:root
    session_arn: str = ""  # arn:aws:sts::<account>:assumed-role/<name>/<session>
    service: str = ""

    def named_by(self, element: Mapping[str, Sequence[str]]) -> Naming:
        """How directly a Principal element names this principal. An element can name a thousand accounts: it is searched, not walked."""
        if self.service:
            return Naming.ROLE if {"*", self.service} & set(element.get("Service", ())) else Naming.NOT
        names = element.get("AWS", ())
        if "*" in names:
            return Naming.ANYONE
        if self.session_arn and self.session_arn in names:
            return Naming.SESSION
        if self.arn in names:
            return Naming.ROLE
        root = f"arn:{self.arn.split(':')[1] if self.arn else 'aws'}:iam::{self.account_id}:root"
        if self.account_id in names or root in names:
            return Naming.ROLE if self.arn.endswith(":root") else Naming.ACCOUNT
        return Naming.NOT


@dataclass(frozen=True)
class Request:
    """One action of one principal on one resource. The context's keys fold case; a value may be one text or several."""

    action: str
    resource: str
    principal: Principal = Principal()
    context: Mapping[str, str | Sequence[str]] = field(default_factory=dict)

    def folded_context(self) -> dict[str, Sequence[str]]:
        """Return the context with keys in lower case and every value as a list."""
        return {key.lower(): [value] if isinstance(value, str) else list(value) for key, value in self.context.items()}


@dataclass(frozen=True)
class Result:
    """What a policy says: the verdict, how directly the strongest allowing statement names the principal, and the deciding statement's Sid."""

    verdict: Verdict
    naming: Naming = Naming.NOT
    sid: str = ""


@dataclass(frozen=True)
class Statement:
    """One statement, its elements as lists."""

    effect: str
    sid: str
    actions: tuple[str, ...] | None
    not_actions: tuple[str, ...] | None
    resources: tuple[str, ...] | None
    not_resources: tuple[str, ...] | None
    principal: Mapping[str, tuple[str, ...]] | None
    not_principal: Mapping[str, tuple[str, ...]] | None
    conditions: tuple[Condition, ...]
    has_variables: bool  # policy variables came with version 2012-10-17; before it they are plain text

    def applies(self, request: Request) -> Naming:
        """Return NOT when the statement says nothing about the request, else how directly it names the principal (ROLE in identity policies)."""
        context = request.folded_context()
        naming = self._naming(request.principal)
        if not naming or not self._has_action(request.action) or not self._has_resource(request.resource, context):
            return Naming.NOT
        if not all(condition.holds(context, lambda text: self._expand(text, context)) for condition in self.conditions):
            return Naming.NOT
        return naming

    def _naming(self, principal: Principal) -> Naming:
        if self.principal is not None:
            return principal.named_by(self.principal)
        if self.not_principal is not None:
            return Naming.NOT if principal.named_by(self.not_principal) else Naming.ANYONE
        return Naming.ROLE

    def _has_action(self, action: str) -> bool:
        wanted = self.not_actions if self.actions is None else self.actions
        listed = any(glob(pattern, fold_case=True).fullmatch(action) for pattern in wanted or ())
        return listed == (self.actions is not None)

    def _has_resource(self, resource: str, context: Mapping[str, Sequence[str]]) -> bool:
        wanted = self.not_resources if self.resources is None else self.resources
        if wanted is None:  # trust policies have no Resource: the role itself is meant
            return True
        patterns = [text for text in (self._expand(pattern, context) for pattern in wanted) if text is not None]
        return any(glob(pattern).fullmatch(resource) for pattern in patterns) == (self.resources is not None)

    def _expand(self, text: str, context: Mapping[str, Sequence[str]]) -> str | None:
        """Replace policy variables, `${aws:PrincipalTag/team, 'none'}`; None when one has neither a single value nor a default."""
        if not self.has_variables or "${" not in text:
            return text
        unknown = False

        def replace(variable: re.Match[str]) -> str:
            nonlocal unknown
            name, _comma, default = variable[1].partition(",")
            values = context.get(name.strip().lower(), ())
            if len(values) == 1:
                return re.sub(r"[*?]", lambda sign: f"${{{sign[0]}}}", values[0])  # a value's own * is no wildcard
            unknown = unknown or not default
            return default.strip().strip("'")

        expanded = _VARIABLE.sub(replace, text)
        return None if unknown else expanded


@dataclass(frozen=True)
class Policy:
    """A policy document that has been read."""

    statements: tuple[Statement, ...]

    @classmethod
    def parse(cls, document: str | Mapping[str, Any]) -> Policy:
        """Read a document, JSON text or a mapping. Raises MalformedPolicyError."""
        return _parse(document if isinstance(document, str) else json.dumps(document))

    def evaluate(self, request: Request) -> Result:
        """Say what the policy says about a request: an explicit deny wins over every allow."""
        allowed = Result(Verdict.NOTHING)
        for statement in self.statements:
            naming = statement.applies(request)
            if naming and statement.effect == "Deny":
                return Result(Verdict.DENY, naming, statement.sid)
            if naming > allowed.naming:
                allowed = Result(Verdict.ALLOW, naming, statement.sid)
        return allowed


def evaluate_all(policies: Iterable[Policy], request: Request) -> Result:
    """Say what several policies of one kind say together."""
    best = Result(Verdict.NOTHING)
    for policy in policies:
        result = policy.evaluate(request)
        if result.verdict is Verdict.DENY:
            return result
        if result.naming > best.naming:
            best = result
    return best


@lru_cache(maxsize=8192)
def _parse(document: str) -> Policy:
    try:
        body = json.loads(document)
    except ValueError as error:
        raise MalformedPolicyError(f"the document is not valid JSON: {error}") from error
    if not isinstance(body, dict) or "Statement" not in body:
        raise MalformedPolicyError("the document has no Statement")
    if unknown := sorted(set(body) - {"Version", "Id", "Statement"}):
        raise MalformedPolicyError(f"the document has unknown elements: {', '.join(unknown)}")
    version = body.get("Version", "2008-10-17")
    if version not in ("2008-10-17", "2012-10-17"):
        raise MalformedPolicyError(f"{version!r} is no policy version")
    statements = body["Statement"] if isinstance(body["Statement"], list) else [body["Statement"]]
    return Policy(tuple(_statement(statement, has_variables=version == "2012-10-17") for statement in statements))


_ELEMENTS = {"Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition"}


def _statement(body: Any, *, has_variables: bool) -> Statement:
    if not isinstance(body, dict):
        raise MalformedPolicyError("a statement is not an object")
    if unknown := sorted(set(body) - _ELEMENTS):
        raise MalformedPolicyError(f"a statement has unknown elements: {', '.join(unknown)}")
    if body.get("Effect") not in ("Allow", "Deny"):
        raise MalformedPolicyError("a statement has no Effect of Allow or Deny")
    for one, other in (("Action", "NotAction"), ("Resource", "NotResource"), ("Principal", "NotPrincipal")):
        if one in body and other in body:
            raise MalformedPolicyError(f"a statement has both {one} and {other}")
    if "Action" not in body and "NotAction" not in body:
        raise MalformedPolicyError("a statement has neither Action nor NotAction")
    return Statement(
        effect=body["Effect"],
        sid=body.get("Sid", ""),
        actions=_texts(body, "Action"),
        not_actions=_texts(body, "NotAction"),
        resources=_texts(body, "Resource"),
        not_resources=_texts(body, "NotResource"),
        principal=_principals(body, "Principal"),
        not_principal=_principals(body, "NotPrincipal"),
        conditions=_conditions(body.get("Condition", {})),
        has_variables=has_variables,
    )


def _texts(body: Mapping[str, Any], name: str) -> tuple[str, ...] | None:
    """Return an element that is one text or a list of texts; None when it is not there."""
    if name not in body:
        return None
    values = body[name] if isinstance(body[name], list) else [body[name]]
    if not all(isinstance(value, str) for value in values):
        raise MalformedPolicyError(f"{name} holds something that is not text")
    return tuple(values)


def _principals(body: Mapping[str, Any], name: str) -> dict[str, tuple[str, ...]] | None:
    if name not in body:
        return None
    if body[name] == "*":
        return {"AWS": ("*",), "Service": ("*",)}
    if not isinstance(body[name], dict):
        raise MalformedPolicyError(f'{name} is neither "*" nor an object')
    if unknown := sorted(set(body[name]) - {"AWS", "Service", "Federated", "CanonicalUser"}):
        raise MalformedPolicyError(f"{name} has unknown kinds: {', '.join(unknown)}")
    return {kind: _texts(body[name], kind) or () for kind in body[name]}


def _conditions(block: Any) -> tuple[Condition, ...]:
    if not isinstance(block, dict) or not all(isinstance(keys, dict) for keys in block.values()):
        raise MalformedPolicyError("Condition is not an object of operators, each an object of keys")
    conditions = [
        Condition(operator, key, tuple(_scalar(value) for value in (values if isinstance(values, list) else [values])))
        for operator, keys in block.items()
        for key, values in keys.items()
    ]
    for condition in conditions:
        if not condition.is_known():
            raise MalformedPolicyError(f"Invalid Condition type : {condition.operator}.")
    return tuple(conditions)


def _scalar(value: Any) -> str:
    """Return a condition's value as text: JSON's true and 5 mean "true" and "5"."""
    if isinstance(value, (dict, list)) or value is None:
        raise MalformedPolicyError("a condition's value is not a text, a number or a boolean")
    return json.dumps(value) if isinstance(value, (bool, int, float)) else str(value)
