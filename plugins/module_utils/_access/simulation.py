# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AWS's own word on what a role may do, where the caller may ask for it, and the evaluation of the documents elsewhere. Private to this collection.

`iam:SimulatePrincipalPolicy` judges what a principal's policies, its permissions boundary and the organization say. Policies of keys and trust
policies it does not take ("Testing IAM policies with the IAM policy simulator"), so these are judged here all the same, by evaluation.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.evaluation import (
    Decision,
    Policies,
    Policy,
    Request,
    decide,
    known_context,
    lookup,
)
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.policy import VERSION
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.sessions import Client

By = Literal["simulation", "evaluation"]
Results = Mapping[tuple[Any, ...], Mapping[str, Any]]

SIMULATOR = "iam:SimulatePrincipalPolicy"
# The caller may not ask, or AWS does not answer about this principal.
_NOT_ANSWERED = ("AccessDenied", "AccessDeniedException", "NoSuchEntity", "NoSuchEntityException", "InvalidInput", "PolicyEvaluation")
_EFFECTS = {"allowed": "Allow", "explicitDeny": "Deny"}
_MOST_ACTIONS = 50
_OF_PRINCIPAL = frozenset(("identity", "boundary", "service_control"))  # kinds of policies that the simulator judges
# Types of condition keys, in lower case, as the service authorization reference has them; all others of ours are single texts.
_BOOLEANS = frozenset(("aws:securetransport", "aws:principalisawsservice", "kms:grantisforawsresource"))
_LISTS = frozenset(("aws:principalorgpaths", "aws:tagkeys", "kms:encryptioncontextkeys"))


@dataclass(frozen=True)
class Simulated:
    """What AWS has answered, by request; nothing when nobody could ask."""

    results: Results = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What became of a request, and by what it was judged; `by_documents` is what these say, whatever AWS says."""

    request: Request
    decision: Decision
    by: By
    by_documents: Decision


def simulate(iam: Client, requests: Iterable[Request]) -> Simulated:
    """Ask AWS about requests of principals of one account; about none any more once it refuses to answer."""
    groups: dict[tuple[Any, ...], list[Request]] = {}
    for request in requests:
        groups.setdefault(_key(request)[:-1], []).append(request)
    found: dict[tuple[Any, ...], Mapping[str, Any]] = {}
    try:
        for group in groups.values():
            found.update(_simulated(iam, group))
    except is_boto3_error_code(list(_NOT_ANSWERED)):
        return Simulated(found)
    return Simulated(found)


# --- judging by what was answered: pure ------------------------------------------------------------------------------------------------------


def judge(request: Request, policies: Policies, simulated: Simulated) -> Answer:
    """Whether a request is allowed: by what AWS has answered, or else by the documents."""
    result, by_documents = simulated.results.get(_key(request)), decide(request, policies)
    if result is None or not _is_about_the_request(request, result) or _may_lack_a_key(request, result, by_documents):
        return Answer(request, by_documents, "evaluation", by_documents)
    told = _told(request, result)
    policies = replace(policies, identity=[told])
    if result["EvalDecision"] == "allowed":
        policies = replace(policies, boundary=None, service_control=())  # AWS has judged these together; what is left is the policy of the resource
    decision = decide(request, policies)
    if told.name not in decision.reason:
        decision = replace(decision, reason=f"{decision.reason} So says {told.name}.")
    return Answer(request, decision, "simulation", by_documents)


def _is_about_the_request(request: Request, result: Mapping[str, Any]) -> bool:
    """AWS takes a `*` in a resource as that character.

    So what covers `image/*` is found, but neither what covers every id that may come nor the deny of some of them.
    """
    return result["EvalDecision"] != "implicitDeny" or "*" not in request.resource[1:]


def _may_lack_a_key(request: Request, result: Mapping[str, Any], by_documents: Decision) -> bool:
    """Whether AWS has judged without a condition key on whose value its answer hangs.

    It names every key that any statement of the principal asks for and that it was not given. Those that the request is known not to have could not
    be given and are rightly missing. As for others, the documents tell whether any value of theirs makes a difference; where it makes none, and AWS
    is stricter all the same, it knows of something that is not in them.
    """
    look_up = lookup(request)
    missing = [key for key in result.get("MissingContextValues", ()) if look_up(key) is None or look_up(key)]
    if not missing or not _OF_PRINCIPAL.intersection(by_documents.lacking):
        return False
    return by_documents.outcome == "unknown" or result["EvalDecision"] == "allowed"


def _told(request: Request, result: Mapping[str, Any]) -> Policy:
    """What AWS said, as a policy for this one request."""
    decision = result["EvalDecision"]
    statement = {"Effect": _EFFECTS.get(decision), "Action": request.action, "Resource": "*"}
    return Policy(_name(result), {"Version": VERSION, "Statement": [statement] if decision in _EFFECTS else []})


def _name(result: Mapping[str, Any]) -> str:
    matched = [statement["SourcePolicyId"] for statement in result.get("MatchedStatements", []) if "SourcePolicyId" in statement]
    organization = result.get("OrganizationsDecisionDetail", {}).get("AllowedByOrganizations", True)
    boundary = result.get("PermissionsBoundaryDecisionDetail", {}).get("AllowedByPermissionsBoundary", True)
    limits = [*([] if organization else ["not allowed by the organization"]), *([] if boundary else ["not allowed by the permissions boundary"])]
    return f"{SIMULATOR} ({'; '.join(matched + limits)})" if matched or limits else SIMULATOR


def _key(request: Request) -> tuple[Any, ...]:
    """What makes two requests the same for the simulator."""
    return request.principal_arn, request.resource, _entries(request), request.action.lower()


def _entries(request: Request) -> tuple[tuple[str, str, tuple[str, ...]], ...]:
    """The known condition keys, each with its type and values."""
    return tuple(sorted((key, _type(key), tuple(values)) for key, values in known_context(request).items() if values))


def _type(key: str) -> str:
    return "boolean" if key in _BOOLEANS else "stringList" if key in _LISTS else "string"


def _simulated(iam: Client, group: Sequence[Request]) -> Iterator[tuple[tuple[Any, ...], Mapping[str, Any]]]:
    """What AWS answers to requests that differ by action only."""
    first = group[0]
    actions = sorted({request.action for request in group})
    entries = [{"ContextKeyName": key, "ContextKeyType": kind, "ContextKeyValues": list(values)} for key, kind, values in _entries(first)]
    paginator = iam.get_paginator("simulate_principal_policy")
    for start in range(0, len(actions), _MOST_ACTIONS):
        pages = paginator.paginate(
            PolicySourceArn=first.principal_arn,
            ActionNames=actions[start : start + _MOST_ACTIONS],
            ResourceArns=[first.resource],
            ContextEntries=entries,
        )
        for page in pages:
            for result in page["EvaluationResults"]:
                yield _key(replace(first, action=result["EvalActionName"])), result
