# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Resource policies: with whom a resource is shared."""

from __future__ import annotations

from functools import partial

from ..policy import MalformedPolicyError, Policy
from .exceptions import invalid_value, not_found
from .kinds import KINDS, Kind
from .models import ImageBuilderBackend
from .requests import Answer, Operation, Request
from .resource import Resource


def get_policy(kind: Kind, backend: ImageBuilderBackend, request: Request) -> Answer:
    """Return the resource policy."""
    resource = backend.find(request[kind.policy_member])
    if not resource.policy:
        raise not_found(str(resource.arn))
    return {"policy": resource.policy}


def put_policy(kind: Kind, backend: ImageBuilderBackend, request: Request) -> Answer:
    """Set the resource policy of something of one's own."""
    resource = backend.find(request[kind.policy_member])
    if resource.arn.account != backend.account_id:
        raise not_found(str(resource.arn))
    if problem := _problem(request["policy"], resource):
        raise invalid_value("policy", f"The policy is not valid: {problem}.")
    resource.policy = request["policy"]
    return {kind.policy_member: str(resource.arn)}


def _problem(document: str, resource: Resource) -> str:
    """Return what is wrong with a policy, else nothing. It says who may do something of Image Builder with this resource."""
    try:
        policy = Policy.parse(document)
    except MalformedPolicyError as error:
        return str(error)
    if not policy.statements:
        return "the document has no statement"
    wanted = {"*", str(resource.arn), str(resource.arn.without_build())}
    for statement in policy.statements:
        if statement.principal is None:
            return "a statement has no Principal"
        if statement.actions is None or not all(action.startswith("imagebuilder:") for action in statement.actions):
            return "a statement has actions that are not Image Builder's"
        if statement.resources is None or not set(statement.resources) <= wanted:
            return "a statement does not name the resource that the policy is for"
    return ""


def is_shared(resource: Resource) -> bool:
    """Whether its policy lets other accounts use a resource."""
    if not resource.policy:
        return False
    allowing = (statement for statement in Policy.parse(resource.policy).statements if statement.effect == "Allow")
    named = {name for statement in allowing for name in (statement.principal or {}).get("AWS", ())}
    return any(resource.arn.account not in name.split(":") for name in named)


def _operations() -> dict[str, Operation]:
    operations: dict[str, Operation] = {}
    for kind in KINDS:
        if kind.policy_member:
            operations[f"Get{kind.shape}Policy"] = partial(get_policy, kind)
            operations[f"Put{kind.shape}Policy"] = partial(put_policy, kind)
    return operations


OPERATIONS = _operations()
