# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether a principal may do an action on a resource, decided from the policies that the emulated accounts hold.

How policies combine follows the IAM guide ("Policy evaluation logic", "Cross-account policy evaluation logic") and the KMS guide ("Key access"):
an explicit deny wins; inside an account the identity side or a resource policy that names the principal allows; across accounts both must;
for a KMS key, inside its account too, nothing counts unless the key policy allows it or delegates to the account. Service control policies,
session policies and resource control policies are not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from . import identities
from .identities import Caller
from .keys import KeyNotFoundError, key_context, key_state_error, resolve_key
from .policy import Naming, Policy, Principal, Request, Result, Verdict, evaluate_all

__all__ = ["Caller", "Context", "Decision", "Policies", "assume_role", "assume_role_as_service", "authorize", "authorize_key", "combine"]

Context = Mapping[str, "str | Sequence[str]"]


@dataclass(frozen=True)
class Decision:
    """The answer. `message` is AWS's sentence, empty when allowed; `code` is the API's error code, for example AccessDeniedException."""

    allowed: bool
    message: str = ""
    code: str = ""
    is_explicit: bool = field(default=False, compare=False)  # refused by a deny statement, which nothing can outweigh
    key: Any = field(default=None, compare=False)  # moto's Key that authorize_key resolved: .arn .id .region .account_id .key_state


@dataclass(frozen=True)
class Policies:
    """All that has a say about a request."""

    identity: Sequence[Policy]
    boundary: Policy | None
    resource: Policy | None


ALLOWED = Decision(True)


def authorize(
    caller: Caller,
    action: str,
    resource_arn: str,
    context: Context | None = None,
    *,
    resource_policy: str | Mapping[str, Any] | None = None,
    resource_account_id: str | None = None,
    must_delegate: bool = False,
) -> Decision:
    """Decide on an action.

    :param context: condition keys of the request, for example aws:RequestTag/CreatedBy; those about the caller are added here.
    :param resource_policy: the policy of the resource, when it has one.
    :param resource_account_id: owner of the resource when its ARN does not say (`*`, arn:aws:ec2:us-west-2::image/ami-1); the caller's by default.
    :param must_delegate: the resource policy stands above the account, as a key policy does: without it nothing is allowed.
    """
    owner = resource_account_id or _account_of(resource_arn) or caller.account_id
    request = _request(caller, action, resource_arn, owner, context)
    policy = None if resource_policy is None else Policy.parse(resource_policy)
    return _decide(caller, request, owner, policy, must_delegate=must_delegate)


def assume_role(caller: Caller | str, role_arn: str, external_id: str | None = None, session_name: str = "EC2ImageBuilder") -> Decision:
    """Decide on sts:AssumeRole: the role exists, its trust policy allows the caller, and so do the caller's own policies where they count.

    AWS says the same sentence for each of these, so that a stranger learns nothing.
    """
    caller = Caller.from_arn(caller) if isinstance(caller, str) else caller
    refused = Decision(False, f"User: {caller.arn} is not authorized to perform: sts:AssumeRole on resource: {role_arn}", "AccessDenied")
    role = identities.find_role_by_arn(role_arn)
    if role is None:
        return refused
    context: dict[str, str | Sequence[str]] = {"sts:RoleSessionName": session_name}
    if external_id is not None:
        context["sts:ExternalId"] = external_id
    request = _request(caller, "sts:AssumeRole", role_arn, role.account_id, context)
    decision = _decide(caller, request, role.account_id, Policy.parse(role.assume_role_policy_document), must_delegate=True)
    return ALLOWED if decision.allowed else refused


def assume_role_as_service(service: str, role_arn: str, context: Context) -> Decision:
    """Decide whether a service may take a role: only the trust policy counts.

    :param context: condition keys of the request, for example aws:SourceArn.
    """
    role = identities.find_role_by_arn(role_arn)
    request = Request("sts:AssumeRole", role_arn, Principal(service=service), context)
    if role and Policy.parse(role.assume_role_policy_document).evaluate(request).verdict is Verdict.ALLOW:
        return ALLOWED
    return Decision(False, f"{service} is not authorized to perform: sts:AssumeRole on resource: {role_arn}", "AccessDenied")


def authorize_key(caller: Caller, action: str, key: str, context: Context | None = None, region: str | None = None) -> Decision:
    """Decide on a KMS action.

    :param key: a key ARN or alias ARN of any account; a key id or alias name means the caller's account and `region`.
    :param region: the Region whose KMS is asked. A key of another Region is not found there. By default the Region of the ARN.
    :param context: for example kms:ViaService, kms:GrantIsForAWSResource, kms:EncryptionContextKeys; the keys about the key are added here.

    Codes besides AccessDeniedException: NotFoundException, DisabledException, KMSInvalidStateException.
    """
    try:
        found = resolve_key(key, caller.account_id, region)
    except KeyNotFoundError as error:
        return Decision(False, str(error) if error.is_own else _refusal(caller, action, key, _UNREACHABLE), error.code)
    request = _request(caller, action, found.arn, found.account_id, {**key_context(found, key, caller), **(context or {})})
    decision = _decide(caller, request, found.account_id, Policy.parse(found.policy), must_delegate=True)
    if not decision.allowed and (decision.is_explicit or not _has_grant(caller, action, found)):
        return replace(decision, key=found)
    code, message = key_state_error(found, action)
    return Decision(not code, message, code, key=found)


_UNREACHABLE = (
    "because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access"
)


def _account_of(arn: str) -> str:
    parts = arn.split(":", 5)
    return parts[4] if len(parts) == 6 and re.fullmatch(r"\d{12}", parts[4]) else ""


def _request(caller: Caller, action: str, resource_arn: str, owner: str, context: Context | None) -> Request:
    about = {**identities.principal_context(caller), "aws:ResourceAccount": owner}
    parts = resource_arn.split(":", 5)
    if len(parts) == 6 and parts[3]:
        about["aws:RequestedRegion"] = parts[3]
    return Request(action, resource_arn, caller.principal(), {**about, **(context or {})})


def _decide(caller: Caller, request: Request, owner: str, resource_policy: Policy | None, *, must_delegate: bool) -> Decision:
    """Combine what IAM has for the caller and the resource policy."""
    identity, boundary = identities.identity_policies(caller), identities.permissions_boundary(caller)
    return combine(caller, request, owner, Policies(identity, boundary, resource_policy), must_delegate=must_delegate)


def combine(caller: Caller, request: Request, owner: str, policies: Policies, *, must_delegate: bool) -> Decision:
    """Combine the identity side, the permissions boundary and the resource policy.

    :param must_delegate: inside the account too the identity side counts only if the resource policy delegates to it (KMS keys, roles).
    """
    identity = evaluate_all(policies.identity, request)
    boundary = policies.boundary.evaluate(request) if policies.boundary else Result(Verdict.ALLOW)
    resource = policies.resource.evaluate(request) if policies.resource else Result(Verdict.NOTHING)
    for result, kind in ((identity, "an identity-based policy"), (boundary, "a permissions boundary"), (resource, "a resource-based policy")):
        if result.verdict is Verdict.DENY:
            return replace(_deny(caller, request, f"with an explicit deny in {kind}"), is_explicit=True)
    same_account = owner == caller.account_id
    if resource.verdict is not Verdict.ALLOW and (must_delegate or not same_account):
        return _deny(caller, request, f"because no resource-based policy allows the {request.action} action")
    if same_account and resource.naming >= Naming.SESSION:
        return ALLOWED
    if not (same_account and resource.naming >= Naming.ROLE) and identity.verdict is not Verdict.ALLOW:
        return _deny(caller, request, f"because no identity-based policy allows the {request.action} action")
    if boundary.verdict is not Verdict.ALLOW:
        return _deny(caller, request, f"because no permissions boundary allows the {request.action} action")
    return ALLOWED


def _deny(caller: Caller, request: Request, reason: str) -> Decision:
    return Decision(False, _refusal(caller, request.action, request.resource, reason), "AccessDeniedException")


def _refusal(caller: Caller, action: str, resource: str, reason: str) -> str:
    return f"User: {caller.arn} is not authorized to perform: {action} on resource: {resource} {reason}"


def _has_grant(caller: Caller, action: str, key: Any) -> bool:
    """Whether a grant on the key lets the caller do this; it allows without any policy. Grants with constraints are not followed."""
    operation = action.partition(":")[2]
    return any(
        grant.grantee_principal in (caller.principal_arn, caller.arn) and operation in grant.operations and not grant.constraints
        for grant in list(key.grants.values())
    )
