# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Merging statements into a policy that others also write, and taking them out again. Pure. Private to this collection.

Statements are ours or foreign by their Sid (see statements.py). Foreign ones are handed through as they are. Ours grow: principals, resources
and conditions that are already in them stay, unless the caller is the authority over that statement. A statement under one of our Sids that we
would never write (a Deny, everybody but somebody) is not overwritten, as that could allow what somebody meant to forbid: FleetError tells of it.

The comparison is on a normal form of our own, which is what a diff shows too. amazon.aws's compare_policies would not do: it knows the root
principal of the partition `aws` only, and gives an answer but nothing to show.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._access.statements import ORGANIZATION_ID, ORGANIZATION_PATHS, Statement
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.errors import FleetError

Policy = dict[str, Any]

VERSION = "2012-10-17"
DEFAULT_VERSION = "2008-10-17"  # what AWS assumes where a policy says none

_ROOT = re.compile(r"arn:aws[a-z-]*:iam::([0-9]{12}):root")
_UNIQUE_ID = re.compile(r"A[A-Z0-9]{15,127}")
_SETS = ("Action", "NotAction", "Resource", "NotResource")
_GROWING = (ORGANIZATION_ID, ORGANIZATION_PATHS)  # conditions of ours that name who is let in, and to which others add theirs
_ORGANIZED = re.compile(r"o-[a-z0-9]{10,32}(?:/.*)?")  # an organization or a path in one; what matches several was never ours
_KINDS = {"AROA": "role", "AIDA": "user"}  # how unique ids begin ("IAM identifiers", IAM user guide)


def parsed(document: str | Mapping[str, Any]) -> Policy:
    """A policy as AWS hands it out: KMS as text, IAM (through botocore) as a structure."""
    return dict(json.loads(document) if isinstance(document, str) else document)


def encoded(policy: Policy) -> str:
    """A policy as it is sent to AWS, as short as can be, for its length is limited."""
    return json.dumps(policy, separators=(",", ":"))


def statements_of(policy: Policy | None) -> list[Statement]:
    """The statements; AWS takes a single one without a list."""
    statements = (policy or {}).get("Statement", [])
    return [dict(statements)] if isinstance(statements, Mapping) else list(statements)


# --- merging ---------------------------------------------------------------------------------------------------------------------------------


def merged(policy: Policy | None, wanted: Sequence[Statement], authority: Collection[str] = ()) -> Policy:
    """The policy with the wanted statements in it.

    A wanted statement takes the place of the one with its Sid and keeps that one's principals and resources beside its own. A Sid in
    `authority` becomes exactly what is wanted, and goes when nothing is wanted under it. All else stays as it is, in its order: the version
    too, for a newer one would give the variables in statements of others a meaning.
    """
    by_sid = {statement["Sid"]: statement for statement in wanted}
    result: list[Statement] = []
    for statement in statements_of(policy):
        sid = statement.get("Sid")
        if sid in by_sid or sid in authority:
            _refuse_foreign(statement)
        if sid in by_sid:
            ours = by_sid.pop(sid)
            result.append(ours if sid in authority else _grown(ours, statement))
        elif sid not in authority:
            result.append(statement)
    return {**(policy or {"Version": VERSION}), "Statement": [*result, *by_sid.values()]}


def without(policy: Policy, unwanted: Sequence[Statement]) -> Policy:
    """The policy with the principals of the unwanted statements taken out of those with the same Sid; one left without principals goes."""
    by_sid = {statement["Sid"]: statement for statement in unwanted}
    result = []
    for statement in statements_of(policy):
        ours = by_sid.get(statement.get("Sid", ""))
        if ours is None:
            result.append(statement)
            continue
        _refuse_foreign(statement)
        gone = {_canonical(principal) for principal in _principals(ours)}
        left = [principal for principal in _principals(statement) if _canonical(principal) not in gone]
        if left:
            result.append({**statement, "Principal": {"AWS": left}})
    return {**policy, "Statement": result}


def without_sids(policy: Policy, sids: Collection[str]) -> Policy:
    """The policy without the statements of these Sids."""
    for statement in statements_of(policy):
        if statement.get("Sid") in sids:
            _refuse_foreign(statement)
    return {**policy, "Statement": [statement for statement in statements_of(policy) if statement.get("Sid") not in sids]}


def _refuse_foreign(statement: Statement) -> None:
    """Raises FleetError for a statement under one of our Sids that is not of our making."""
    signs = [f"Effect: {statement.get('Effect')}"] if statement.get("Effect") != "Allow" else []
    signs += [element for element in ("NotPrincipal", "NotAction", "NotResource") if element in statement]
    if signs:
        raise FleetError(
            "SidTaken",
            f"The policy has a statement {statement.get('Sid')} that was not written here ({', '.join(signs)}), so it is neither changed nor "
            f"removed. Give that statement another Sid, or remove it, and run again.",
        )


def _grown(ours: Statement, present: Statement) -> Statement:
    """Our statement with what is already granted under its Sid kept."""
    grown = dict(ours)
    if "AWS" in ours.get("Principal", {}):
        # A wildcard was never ours, and the id that AWS leaves of a deleted role stands for nobody and would make AWS refuse the policy.
        kept = [principal for principal in _principals(present) if principal != "*" and not _UNIQUE_ID.fullmatch(principal)]
        principals = {_canonical(principal): principal for principal in [*kept, *_principals(ours)]}
        grown["Principal"] = {"AWS": [principals[key] for key in sorted(principals)]}
    if isinstance(ours.get("Resource"), list):
        resources = sorted({*listed(present.get("Resource", [])), *ours["Resource"]})
        grown["Resource"] = ["*"] if "*" in resources else resources
    conditions = _grown_conditions(ours.get("Condition", {}), present.get("Condition", {}))
    return {**grown, "Condition": conditions} if conditions else grown


def _grown_conditions(ours: Mapping[str, Any], present: Mapping[str, Any]) -> dict[str, Any]:
    """Our conditions beside those that somebody added; where ours names organizations, with those that are named already."""
    conditions = {operator: dict(tests) for operator, tests in present.items()}
    for operator, tests in ours.items():
        named = conditions.setdefault(operator, {})
        for key, value in tests.items():
            kept = [item for item in listed(named.get(key, [])) if _ORGANIZED.fullmatch(str(item))]
            named[key] = sorted({*kept, *value}) if key in _GROWING else value
    return conditions


def condition_values(statement: Statement, operator: str, key: str) -> list[str]:
    """The values of one condition of a statement, none when it has not got it."""
    return listed(statement.get("Condition", {}).get(operator, {}).get(key, []))


def _principals(statement: Statement) -> list[str]:
    principal = statement.get("Principal", {})
    return listed(principal.get("AWS", []) if isinstance(principal, Mapping) else principal)


def listed(value: Any) -> list[Any]:
    """What AWS takes, and hands out, as a single value or as a list of them."""
    return list(value) if isinstance(value, (list, tuple)) else [value]


def _canonical(principal: str) -> str:
    """A whole account is written as its id or as the ARN of its root; the id stands for both."""
    root = _ROOT.fullmatch(principal)
    return root[1] if root else principal


def is_unique_id(principal: str) -> bool:
    """Whether a principal is the id that AWS puts in the place of a role or user that was deleted."""
    return _UNIQUE_ID.fullmatch(principal) is not None


# --- comparing and showing -------------------------------------------------------------------------------------------------------------------


def equal(one: Policy | None, other: Policy | None) -> bool:
    """Whether two policies mean the same; None is "no policy"."""
    return normalized(one) == normalized(other)


def normalized(policy: Policy | None) -> Policy | None:
    """The one form of all spellings of a policy: for comparing, and for people to read in a diff.

    The order of statements and of lists does not count, nor do repetitions; an account is its id whatever the spelling; a list of one is its
    entry; conditions compare as text.
    """
    if policy is None:
        return None
    statements = [_normalized_statement(statement) for statement in statements_of(policy)]
    return {**policy, "Version": policy.get("Version", DEFAULT_VERSION), "Statement": sorted(statements, key=_sort_key)}


def shown(policy: Policy | None) -> Policy | None:
    """The normal form for people: an id that AWS has put in the place of a principal that was deleted is shown as what it is."""
    normal = normalized(policy)
    if normal is None:
        return None
    return {**normal, "Statement": [_shown_statement(statement) for statement in normal["Statement"]]}


def _shown_statement(statement: Statement) -> Statement:
    result = dict(statement)
    for element in ("Principal", "NotPrincipal"):
        names = result.get(element, {}).get("AWS")
        if names is not None:
            result[element] = {**result[element], "AWS": _one_or_sorted(_shown_principal(name) for name in listed(names))}
    return result


def _shown_principal(name: str) -> str:
    return f"{name} (a {_KINDS.get(name[:4], 'principal')} that was deleted)" if _UNIQUE_ID.fullmatch(name) else name


def deleted_principals(policy: Policy) -> list[str]:
    """Where the policy names principals that were deleted, which AWS takes in no policy that is written: each as statement and id."""
    found = []
    for index, statement in enumerate(statements_of(policy)):
        name = statement.get("Sid") or f"number {index + 1}"
        names = [*_principals(statement), *_principals({"Principal": statement.get("NotPrincipal", {})})]
        found += [f"statement {name}: {_shown_principal(principal)}" for principal in names if _UNIQUE_ID.fullmatch(principal)]
    return found


def _normalized_statement(statement: Statement) -> Statement:
    result = {}
    for key in sorted(statement):
        value = statement[key]
        if key in _SETS:
            value = _one_or_sorted(listed(value))
        elif key in ("Principal", "NotPrincipal"):
            value = _normalized_principal(value)
        elif key == "Condition":
            value = {operator: {name: _one_or_sorted(_text(item)) for name, item in tests.items()} for operator, tests in value.items()}
        result[key] = value
    return result


def _normalized_principal(principal: Any) -> dict[str, Any]:
    kinds = principal if isinstance(principal, Mapping) else {"AWS": principal}
    return {kind: _one_or_sorted(_canonical(str(name)) for name in listed(names)) for kind, names in sorted(kinds.items())}


def _text(value: Any) -> list[str]:
    """The values of a condition as AWS stores them: booleans and numbers become text."""
    return [str(item).lower() if isinstance(item, bool) else str(item) for item in listed(value)]


def _one_or_sorted(values: Iterable[str]) -> Any:
    unique = sorted(set(values))
    return unique[0] if len(unique) == 1 else unique


def _sort_key(statement: Statement) -> tuple[str, str]:
    return str(statement.get("Sid", "")), json.dumps(statement, sort_keys=True)
