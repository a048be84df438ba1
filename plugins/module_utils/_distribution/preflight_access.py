# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The requests that AWS will judge on the way of an image, and what the policies of the accounts say to them. Pure. Private to this collection.

Across accounts both sides have to allow. They are judged one by one here, the other taken to allow all, as each has a remedy of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from ansible_collections.golden.imagebuilder.plugins.module_utils._access import evaluation, policy, simulation, statements
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.evaluation import Decision, Policies, Policy, Request
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.needs import Need, Place, Who, needs
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution import preflight_membership
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.preflight_facts import AccountFacts, Facts, Key, Role, Unknown
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import Target

_ALL: dict[str, Any] = {"Effect": "Allow", "Action": "*", "Resource": "*"}
ANYTHING = Policy("whatever is asked", {"Version": policy.VERSION, "Statement": [_ALL]})
NO_SIMULATION = simulation.Simulated()


def leaving_it_to(partition: str, account_id: str) -> Policy:
    """A resource's policy that leaves everything to the policies of an account."""
    principal = {"AWS": statements.root_arn(partition, account_id)}
    return Policy("whoever asks", {"Version": policy.VERSION, "Statement": [{**_ALL, "Principal": principal}]})


_MARK = {"CreatedBy": statements.CREATED_BY}
"""Taken to be on every launch template here: that it is missing there is no fault of the roles, and has a check of its own."""

Cause = Literal["missing", "forbidden", "boundary", "simulated", "unknown"]
"""Why a request is refused: nothing allows it, a statement denies it, the permissions boundary does not let it pass, AWS's simulator says so
against what the policies say that could be read (for one, because of a service control policy), or it cannot be told.
"""


@dataclass(frozen=True)
class Refusal:
    """A need that is not met in a place, why, and the policy and the statement that forbid it where one does."""

    need: Need
    account_id: str
    region: str
    cause: Cause
    decision: Decision


_SHOWN = 3


def reasons_of(refusals: Sequence[Refusal]) -> str:
    """Why, for each cause once; of many that are not known, the first ones show what is missing."""
    reasons = list(dict.fromkeys(refusal.decision.reason for refusal in refusals))
    more = f" So it is for {len(reasons) - _SHOWN} more." if len(reasons) > _SHOWN else ""
    return f"{' '.join(reasons[:_SHOWN])}{more}"


def source_key_arns(facts: Facts) -> list[str]:
    """The keys that encrypt the image in the build Region, as far as they are known; those that are unfit have to be exchanged anyhow."""
    found = [facts.key(use.region, use.written) for use in facts.run.key_uses() if use.is_of_recipe]
    return sorted({key.arn for key in found if isinstance(key, Key) and key.is_fit})


def key_arn(facts: Facts, account_id: str, region: str) -> str | None:
    """The key that encrypts the copy of an account in a Region, None when there is none, or none that is known and fit."""
    for use in facts.run.key_uses():
        if use.region == region and account_id in use.account_ids and not use.is_of_recipe:
            key = facts.key(region, use.written)
            return key.arn if isinstance(key, Key) and key.is_fit else None
    return None


def place(facts: Facts, account_id: str, region: str) -> Place:
    """What is to happen in an account and Region."""
    run, known = facts.run, facts.in_region(account_id, region)
    templates = run.launch_templates_of(account_id, region)
    described = {} if isinstance(known.launch_templates, Unknown) else known.launch_templates
    return Place(
        partition=run.partition,
        source_account=run.source.account_id,
        build_region=run.region,
        account_id=account_id,
        region=region,
        source_key_arns=source_key_arns(facts),
        key_arn=key_arn(facts, account_id, region),
        launch_permission=run.is_shared(account_id, region),
        launch_templates={identity: {**_tags(described.get(identity, {})), **_MARK} for identity in templates},
        set_default_version=any(templates.values()),
        parameters=run.parameters_of(account_id, region),
    )


def _tags(described: Any) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in described.get("Tags", [])}


def needs_of(facts: Facts, account_id: str, region: str, who: Who) -> list[Need]:
    """What somebody has to be allowed there."""
    here = place(facts, account_id, region)
    return [need for need in [*(_build_needs(here) if here.is_built_here else []), *needs(here)] if need.who == who]


def _build_needs(here: Place) -> list[Need]:
    """What is done to build the image: an instance is run and an image made of it, whose volumes are encrypted as those of a copy are."""
    image = f"arn:{here.partition}:ec2:{here.region}::image/*"
    tagged = {"aws:RequestTag/CreatedBy": statements.CREATED_BY, "aws:ResourceTag/CreatedBy": statements.CREATED_BY}
    build = [Need(action, image, here.account_id, tagged, "source", "build") for action in ("ec2:RunInstances", "ec2:CreateImage")]
    copies = [replace(here, build_region="", source_key_arns=(), key_arn=arn) for arn in here.source_key_arns]
    return build + [need for copy in copies for need in needs(copy) if is_about_keys(need)]


def is_about_keys(need: Need) -> bool:
    """Whether a key's policy has a say about it."""
    return need.action.startswith("kms:")


def role_requests(facts: Facts, account_id: str, role: Role) -> list[Request]:
    """All requests that the distribution role of an account will make."""
    needed = [need for region in facts.run.regions_of(account_id) for need in needs_of(facts, account_id, region, "destination")]
    return [request_of(facts.accounts[account_id], need, role.arn) for need in needed]


def role_refusals(facts: Facts, role: Role, needed: Sequence[tuple[str, Need]]) -> list[Refusal]:
    """What a role does not allow by itself, of what it needs in some Regions."""
    account_id = role.arn.split(":")[4]
    known = facts.accounts[account_id].simulated
    simulated = NO_SIMULATION if isinstance(known, Unknown) else known
    found = []
    for region, need in needed:
        request = request_of(facts.accounts[account_id], need, role.arn)
        resource = leaving_it_to(facts.run.partition, account_id) if is_about_keys(need) or need.resource_account != account_id else None
        policies = Policies(role.identity, resource, role.boundary)
        answer = simulation.judge(request, policies, simulated)
        decision = answer.by_documents
        told = decision if decision.outcome == "denied" else answer.decision
        if told.outcome == "denied" != decision.outcome:
            found.append(Refusal(need, account_id, region, "simulated", told))
        elif told.outcome != "allowed":
            cause, decisive = _cause(request, told, role, resource)
            found.append(Refusal(need, account_id, region, cause, decisive))
    return found


def _cause(request: Request, decision: Decision, role: Role, resource: Policy | None) -> tuple[Cause, Decision]:
    """Why a role is refused, and the decision that shows it."""
    if decision.outcome == "unknown":
        return "unknown", decision
    # With everything allowed beside its own policies, only what they deny is left.
    with_all = evaluation.decide(request, Policies([*role.identity, ANYTHING], resource))
    if with_all.outcome == "denied":
        return "forbidden", with_all
    without_boundary = evaluation.decide(request, Policies(role.identity, resource))
    return ("boundary" if without_boundary.outcome == "allowed" else "missing"), decision


def key_refusals(facts: Facts, account_id: str, region: str, key: Key) -> Iterator[Refusal]:
    """What the policy of a key does not allow to the role that works in an account, whatever that role's own policies say."""
    if isinstance(key.policy, Unknown):
        return
    is_source = account_id == facts.run.source.account_id
    role_arn = facts.run.source_role_arn if is_source else facts.run.distribution_role_arn(account_id)
    opened = _opened(key.policy, facts.run.partition, account_id)
    for need in needs_of(facts, account_id, region, "source" if is_source else "destination"):
        if not is_about_keys(need) or need.resource != key.arn:
            continue
        request = request_of(account_of(facts, account_id), need, role_arn)
        decision = evaluation.decide(request, Policies([ANYTHING], key.policy))
        if decision.outcome != "allowed":
            with_all = evaluation.decide(request, Policies([ANYTHING], opened))
            causes: dict[str, Cause] = {"unknown": "unknown", "denied": "missing"}
            is_forbidden = decision.outcome == with_all.outcome == "denied"
            yield Refusal(need, account_id, region, "forbidden" if is_forbidden else causes[decision.outcome], with_all if is_forbidden else decision)


def _opened(found: Policy, partition: str, account_id: str) -> Policy:
    """A key policy with one more statement, which lets an account do everything; what is refused then is denied."""
    document = policy.parsed(found.document or {})
    opening = policy.statements_of(policy.parsed(leaving_it_to(partition, account_id).document or {}))
    return Policy(found.name, {**document, "Statement": [*policy.statements_of(document), *opening]})


def account_of(facts: Facts, account_id: str) -> AccountFacts:
    """What is known of an account, which is nothing for one that is no target."""
    return facts.accounts.get(account_id) or AccountFacts(Target(account_id, account_id))


def trust_decision(facts: Facts, account_id: str, role: Role) -> Decision:
    """Whether the trust policy of a destination's role lets the source's role in. Image Builder gives no external id."""
    run = facts.run
    request = Request(
        action="sts:AssumeRole",
        resource=role.arn,
        principal_arn=run.source_role_arn,
        principal_account=run.source.account_id,
        resource_account=account_id,
        context={"sts:ExternalId": [], **preflight_membership.context(facts.source)},
    )
    return evaluation.decide(request, Policies(identity=[ANYTHING], resource=role.trust))


def request_of(account: AccountFacts, need: Need, role_arn: str) -> Request:
    """The request that a role makes for a need."""
    return Request(
        action=need.action,
        resource=need.resource,
        principal_arn=role_arn,
        principal_account=account.target.account_id,
        resource_account=need.resource_account,
        context={**need.context, **preflight_membership.context(account)},
        complete=need.complete,
    )
