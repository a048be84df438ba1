# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IAM's policy simulator, which moto lacks: what the policies of a principal and its permissions boundary say.

Rules: "SimulatePrincipalPolicy" of the IAM API reference. Of the condition keys it knows those only that the caller gives, and it names those that
it would have needed. Policies that are given to it besides, and policies of resources, are not taken.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from moto.core.exceptions import AccessDeniedError
from moto.core.responses import ActionResult
from moto.iam.exceptions import InvalidInput, NotFoundException
from moto.iam.responses import IamResponse

from .. import access, accounts, disturbances, identities
from ..access import Caller
from ..policy import Policy, Request, Verdict, evaluate_all
from . import replaces

_DECISIONS = {Verdict.ALLOW: "allowed", Verdict.DENY: "explicitDeny", Verdict.NOTHING: "implicitDeny"}


@replaces(IamResponse, "simulate_principal_policy")
def simulate_principal_policy(_original: Callable[..., Any] | None, self: Any) -> ActionResult:
    """Answer for each action on each resource."""
    source_arn = self._get_param("PolicySourceArn")
    caller = accounts.caller_of(self.get_access_key(), self.partition)
    if not access.authorize(caller, "iam:SimulatePrincipalPolicy", source_arn).allowed:
        raise AccessDeniedError(caller.arn, f"iam:SimulatePrincipalPolicy on resource: {source_arn}")
    principal = _principal(source_arn)
    context = _context(self._get_param("ContextEntries", []))
    actions, resources = self._get_param("ActionNames", []), self._get_param("ResourceArns", []) or ["*"]
    results = [_evaluated(principal, Request(action, resource, principal.principal(), context)) for action in actions for resource in resources]
    return ActionResult({"EvaluationResults": results, "IsTruncated": False})


def _principal(arn: str) -> Caller:
    """Return the user or role."""
    try:
        principal = Caller.from_arn(arn)
    except ValueError as error:
        raise InvalidInput(f"Invalid Entity Arn: {arn} does not clearly define entity type and name.") from error
    if not identities.exists(principal):
        raise NotFoundException(f"Entity {arn} cannot be found.")
    return principal


def _context(entries: Sequence[Mapping[str, Any]]) -> dict[str, str | Sequence[str]]:
    return {entry["ContextKeyName"]: entry["ContextKeyValues"] for entry in entries}


def _evaluated(principal: Caller, request: Request) -> dict[str, Any]:
    policies = identities.identity_policies(principal)
    boundary = identities.permissions_boundary(principal)
    result = evaluate_all(policies, request)
    limit = boundary.evaluate(request).verdict if boundary else Verdict.ALLOW
    forbidden = disturbances.is_denied(principal.account_id, request.action.partition(":")[2])
    verdict = Verdict.DENY if forbidden or Verdict.DENY in (result.verdict, limit) else result.verdict if limit is Verdict.ALLOW else Verdict.NOTHING
    matched = [{"SourcePolicyId": result.sid or "policy", "SourcePolicyType": "role"}] if result.verdict is not Verdict.NOTHING else []
    return {
        "EvalActionName": request.action,
        "EvalResourceName": request.resource,
        "EvalDecision": _DECISIONS[verdict],
        "MatchedStatements": matched,
        "OrganizationsDecisionDetail": {"AllowedByOrganizations": not forbidden},
        "MissingContextValues": _missing([*policies, *([boundary] if boundary else [])], request),
        **({"PermissionsBoundaryDecisionDetail": {"AllowedByPermissionsBoundary": limit is Verdict.ALLOW}} if boundary else {}),
    }


def _missing(policies: Sequence[Policy], request: Request) -> list[str]:
    """Return the keys that conditions ask for and the caller did not give."""
    given = request.folded_context()
    conditions = [condition for policy in policies for statement in policy.statements for condition in statement.conditions]
    return sorted({condition.key for condition in conditions if condition.key.lower() not in given})
