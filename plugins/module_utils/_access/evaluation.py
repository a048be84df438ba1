# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether policies allow a request, by AWS's own rules. Pure. Private to this collection.

An explicit deny wins over everything. Inside an account the principal's own policies allow, or a policy of the resource that names the principal;
across accounts both must. Keys and roles are never open to their account by itself: their own policy must allow, or hand on to the account.
The permissions boundary limits what the principal's own policies allow, control policies of the organization limit everything but the roles
of AWS's services. Sources: "Policy evaluation logic", "Cross-account policy evaluation logic" and "Permissions boundaries for IAM entities" of
the IAM user guide, "Key policies in AWS KMS" of the KMS developer guide, "Service control policies" of the Organizations user guide.

What is not known stays so, unless the answer is the same either way. Grants on keys and session policies are not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ansible_collections.golden.imagebuilder.plugins.module_utils._access.evaluation_patterns import Lookup, glob
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.evaluation_principals import Naming, Requester
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.evaluation_statements import Asked, Policy, Voice, voices
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.evaluation_truth import Truth, every, opposite, some
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.policy import listed

__all__ = ["Context", "Decision", "Outcome", "Policies", "Policy", "Request", "decide", "known_context", "lookup"]

Context = Mapping[str, "str | Sequence[str]"]
Outcome = Literal["allowed", "denied", "unknown"]
Kind = Literal["identity", "resource", "boundary", "service_control", "resource_control"]
"""Of a policy, as in `Policies`."""

_OF_KEY = re.compile(r"arn:[\w-]+:kms:[^:]*:[^:]*:key/")
_OF_ROLE = re.compile(r"arn:[\w-]+:iam::[^:]*:role/")
_TAKING_ROLES = ("sts:assumerole", "sts:tagsession", "sts:setsourceidentity")
_SHOWN = 3


@dataclass(frozen=True)
class Policies:
    """All that has a say about a request.

    `identity`: managed and inline policies of the principal. `resource`: the policy of the resource, such as a key policy or the trust policy of a
    role; None where it has none. `boundary`: the permissions boundary of the principal. `service_control`: the service control policies of
    the principal's account and `resource_control` the resource control policies of the resource's, by level (root, each organizational unit,
    account), of which each must allow; none are taken to apply when none are given.
    """

    identity: Sequence[Policy] = ()
    resource: Policy | None = None
    boundary: Policy | None = None
    service_control: Sequence[Sequence[Policy]] = ()
    resource_control: Sequence[Sequence[Policy]] = ()


@dataclass(frozen=True)
class Request:
    """An action of a principal on a resource.

    `resource` is an ARN, in which `*` stands for what is not known yet (`arn:aws:ec2:eu-west-1::image/*`), or `*` alone for an action that has no
    resource. `principal_arn` is that of a role with its path (any session of it), an assumed role (one session), a user, an account's root, or a
    service's name, as `imagebuilder.amazonaws.com`. `context` holds condition keys; one without values is known to be missing. A key that is not
    in it is not known, unless `complete` has a pattern for it (`aws:ResourceTag/*` when all tags are in the context, `*` when all keys are).
    Keys that follow from the other members (aws:PrincipalArn, aws:ResourceAccount, ...) are added.
    """

    action: str
    resource: str
    principal_arn: str
    principal_account: str
    resource_account: str
    context: Context = field(default_factory=dict)
    complete: Collection[str] = ()


@dataclass(frozen=True)
class Decision:
    """The answer, why, and the statement and the policy that decided, or come closest, where one does. `unknown` is no permission.

    `is_explicit`: a statement denies it, which nothing outweighs. `lacking`: the kinds of policies that deny it or do not allow it or, where that is
    not known, of which it is not known.
    """

    outcome: Outcome
    reason: str
    statement: str | None = None
    policy: str | None = None
    is_explicit: bool = False
    lacking: tuple[Kind, ...] = ()


def decide(request: Request, policies: Policies) -> Decision:
    """Whether the policies allow the request."""
    requester = Requester(request.principal_arn, request.principal_account)
    asked = Asked(request.action, request.resource, requester, lookup(request), policies.boundary is not None)
    sides = _sides(request, policies, asked)
    denied = some(side.denies() for side in sides)
    if denied:
        return _forbidden(request, sides)
    demands = _demands(request, requester, sides)
    allowed = every([opposite(denied), *(demand.truth for demand in demands)])
    if allowed:
        return _allowed(request, demands)
    if allowed is None:
        return _unknown(request, demands, sides)
    return _refused(request, demands)


# --- the sides that have a say ---------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Side:
    """Policies of one kind, and what their statements say."""

    kind: Kind
    name: str
    voices: Sequence[Voice]
    is_open: bool = False  # whether it allows what no statement speaks of

    def allows(self, naming: Naming = Naming.ACCOUNT) -> Truth:
        """Whether it allows the request, to somebody it names at least as directly as that."""
        return True if self.is_open else some(voice.says(naming) for voice in self.allowing())

    def denies(self) -> Truth:
        """Whether it denies the request."""
        return some(voice.says() for voice in self.denying())

    def allowing(self) -> list[Voice]:
        """What speaks for the request, or would."""
        return [voice for voice in self.voices if voice.allows]

    def denying(self) -> list[Voice]:
        """What speaks against the request, or would."""
        return [voice for voice in self.voices if not voice.allows]


def _sides(request: Request, policies: Policies, asked: Asked) -> list[_Side]:
    """All sides, with what they say. One that there is not allows everything, but a policy of the resource nothing."""
    requester = asked.requester
    resource = policies.resource or (Policy(_name_of_resource_policy(request), None) if _is_closed(request) else None)
    own = [] if requester.is_service else [*policies.identity]
    boundary = [] if requester.is_service or policies.boundary is None else [policies.boundary]
    sides = [
        _Side("identity", f"policy of {requester.arn}", voices(own, asked), is_open=requester.is_root),
        _Side("boundary", "permissions boundary", voices(boundary, asked), is_open=not boundary),
        _Side("resource", _name_of_resource_policy(request), voices([resource] if resource else [], asked)),
    ]
    if requester.is_service_linked:
        return sides
    # A service that comes by itself belongs to no organization, but the resource may.
    limits = (
        []
        if requester.is_service
        else [_Side("service_control", "service control policy", voices(level, asked)) for level in policies.service_control]
    )
    limits += [_Side("resource_control", "resource control policy", voices(level, asked)) for level in policies.resource_control]
    return [*sides, *limits]


def _is_closed(request: Request) -> bool:
    """Whether the resource is closed to its own account too unless its policy opens it: keys, and roles that somebody takes."""
    if _OF_ROLE.match(request.resource):
        return request.action.lower().startswith(_TAKING_ROLES)
    return _OF_KEY.match(request.resource) is not None


def _name_of_resource_policy(request: Request) -> str:
    if _OF_KEY.match(request.resource):
        return "key policy"
    return "trust policy" if _OF_ROLE.match(request.resource) else "policy of the resource"


# --- what has to be ----------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Demand:
    """One of the things that must be so for a request to be allowed."""

    truth: Truth
    sides: Sequence[_Side]  # on which that hangs
    lack: str = ""  # what to say when it is not so

    def voices(self) -> list[Voice]:
        """What speaks for it, or would."""
        return [voice for side in self.sides for voice in side.allowing()]


def _demands(request: Request, requester: Requester, sides: Sequence[_Side]) -> list[_Demand]:
    identity, boundary, resource, *limits = sides
    demands = [_Demand(side.allows(), [side], f"no {side.name} allows it") for side in limits]
    of_resource = _Demand(resource.allows(), [resource], f"the {resource.name} does not let {_who(request)} do it")
    if requester.is_service:
        return [*demands, of_resource]
    is_own = request.principal_account == request.resource_account
    own = [
        _Demand(identity.allows(), [identity], f"no {identity.name} allows it"),
        _Demand(boundary.allows(), [boundary], f"the {boundary.name} does not allow it"),
    ]
    if _is_closed(request) or not is_own:
        own.append(of_resource)
    named = some([resource.allows(Naming.UNBOUNDED), every([resource.allows(Naming.DIRECT), boundary.allows()])]) if is_own else False
    if named:
        return [*demands, _Demand(True, [resource])]
    if named is None and every(demand.truth for demand in own) is not True:
        return [*demands, _Demand(None, [resource, boundary])]
    return [*demands, *own]


def _who(request: Request) -> str:
    return f"{request.principal_arn} of account {request.principal_account}" if request.principal_account else request.principal_arn


# --- answers ---------------------------------------------------------------------------------------------------------------------------------


def _forbidden(request: Request, sides: Sequence[_Side]) -> Decision:
    denying = [side for side in sides if side.denies()]
    voice = next(voice for voice in denying[0].denying() if voice.says())
    reason = f"{voice} denies {request.action} on {request.resource}."
    return Decision("denied", reason, voice.statement, voice.policy, is_explicit=True, lacking=_kinds(denying))


def _allowed(request: Request, demands: Sequence[_Demand]) -> Decision:
    spoken = [voice for demand in demands for voice in demand.voices() if voice.says()]
    if not spoken:
        return Decision("allowed", f"Nothing limits {request.principal_arn} in its own account.")
    voice = spoken[-1]  # what closes the chain: the resource's own policy where it counts
    return Decision("allowed", f"{voice} allows {request.action} on {request.resource}.", voice.statement, voice.policy)


def _unknown(request: Request, demands: Sequence[_Demand], sides: Sequence[_Side]) -> Decision:
    denying = [side for side in sides if side.denies() is None]
    open_demands = [demand for demand in demands if demand.truth is None]
    voices = [voice for side in denying for voice in side.denying()] + [voice for demand in open_demands for voice in demand.voices()]
    uncertain = [voice for voice in voices if voice.is_uncertain]
    shown = "; ".join(f"{'allowed' if voice.allows else 'denied'} perhaps by {voice}" for voice in uncertain[:_SHOWN])
    reason = f"Whether {request.action} on {request.resource} is allowed cannot be told: {shown}."
    perhaps = [side for demand in open_demands for side in demand.sides if any(voice.is_uncertain for voice in side.allowing())]
    return Decision("unknown", reason, uncertain[0].statement, uncertain[0].policy, lacking=_kinds([*denying, *perhaps]))


def _refused(request: Request, demands: Sequence[_Demand]) -> Decision:
    lacking = [demand for demand in demands if demand.truth is False]
    near = [voice for demand in lacking for voice in demand.voices() if voice.why]
    closest = f" Closest comes {'; '.join(map(str, near[:_SHOWN]))}." if near else ""
    reason = f"{request.action} on {request.resource} is not allowed: {'; '.join(demand.lack for demand in lacking)}.{closest}"
    kinds = _kinds([side for demand in lacking for side in demand.sides])
    return Decision("denied", reason, near[0].statement if near else None, near[0].policy if near else None, lacking=kinds)


def _kinds(sides: Iterable[_Side]) -> tuple[Kind, ...]:
    return tuple(dict.fromkeys(side.kind for side in sides))


# --- condition keys --------------------------------------------------------------------------------------------------------------------------


def known_context(request: Request) -> dict[str, list[str]]:
    """The condition keys that are known, in lower case, those that follow from the request too; one without values is known to be missing."""
    following = _following(request, Requester(request.principal_arn, request.principal_account))
    return {key.lower(): [str(value) for value in listed(values)] for key, values in {**following, **request.context}.items()}


def lookup(request: Request) -> Lookup:
    """The values of condition keys, whose case does not count: none for those that are known to be missing, None for those that are not known."""
    known = known_context(request)
    complete = [glob(pattern, fold_case=True) for pattern in request.complete]

    def look_up(key: str) -> Sequence[str] | None:
        if key.lower() in known:
            return known[key.lower()]
        return () if any(pattern.fullmatch(key) for pattern in complete) else None

    return look_up


def _following(request: Request, requester: Requester) -> dict[str, str | list[str]]:
    """The keys that follow from who asks for what ("AWS global condition context keys" of the IAM user guide)."""
    keys: dict[str, str | list[str]] = {
        "aws:ResourceAccount": request.resource_account,
        "aws:SecureTransport": "true",  # AWS's services and SDKs know no other
        "aws:PrincipalIsAWSService": str(requester.is_service).lower(),
    }
    parts = request.resource.split(":", 5)
    if len(parts) > 3 and parts[3] and "*" not in parts[3]:
        keys["aws:RequestedRegion"] = parts[3]
    if requester.is_service:
        return {**keys, "aws:PrincipalArn": [], "aws:PrincipalAccount": [], "aws:PrincipalOrgID": [], "aws:PrincipalServiceName": requester.arn}
    # Services that come by themselves say for what they come; others have no such keys.
    keys.update({key: [] for key in ("aws:SourceArn", "aws:SourceAccount", "aws:SourceOrgID", "aws:SourceOrgPaths", "aws:PrincipalServiceName")})
    keys.update({"aws:PrincipalAccount": request.principal_account, "aws:PrincipalType": requester.kind})
    if ":assumed-role/" not in request.principal_arn:  # a session does not tell the path of its role
        keys["aws:PrincipalArn"] = request.principal_arn
    if requester.is_role or requester.is_root:
        keys["aws:username"] = []
    if request.action.lower().startswith("kms:"):
        keys["kms:CallerAccount"] = request.principal_account
    return keys
