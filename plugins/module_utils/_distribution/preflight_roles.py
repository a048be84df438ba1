# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether Image Builder finds its role in each destination, may assume it, and may do there what the run does. Pure. Private to this collection."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, get_args

from ansible_collections.golden.imagebuilder.plugins.module_utils._access import policy, roles, statements
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.evaluation import Policy
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.roles import RoleSettings
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution import preflight_access, preflight_membership
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.findings import Finding
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.preflight_access import Cause, Refusal
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.preflight_accounts import entrance, is_open, role_reading, subject
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.preflight_facts import Facts, Role, Unknown
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.remedies import Remedy, policy_text, shell_remedy
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.errors import FleetError

_NAME = statements.ROLE_NAME


def distribution_roles(facts: Facts) -> Iterator[Finding]:
    """The role is there at path /, trusts the source, and allows each action of the run, in every destination that could be entered."""
    for account_id in facts.run.destination_ids():
        if is_open(facts, account_id):
            yield from _distribution_role(facts, account_id)


def _distribution_role(facts: Facts, account_id: str) -> Iterator[Finding]:
    role, about = facts.accounts[account_id].role, subject(facts, account_id)
    if isinstance(role, Unknown):
        yield about.unknown("role_unknown", f"{_NAME} could not be read: {role.reason}", role_reading(role))
    elif role is None:
        needed = "Image Builder finds a role by this name only, at path /."
        yield about.error("role_missing", f"There is no role {_NAME}.", needed, _kept(facts, account_id, None))
    elif role.path != "/":
        found = f"{role.arn} is at path {role.path}."
        needed = "Image Builder looks at path / only, and the name is taken. A role cannot be moved: delete it and make it anew."
        yield about.error("role_path", found, needed, _made_anew(facts, account_id, role))
    else:
        yield from _trust(facts, account_id, role)
        yield from _permissions(facts, account_id, role)


def _trust(facts: Facts, account_id: str, role: Role) -> Iterator[Finding]:
    decision, about = preflight_access.trust_decision(facts, account_id, role), subject(facts, account_id)
    if decision.outcome == "unknown":
        yield about.unknown(
            "role_trust_unknown",
            f"Whether {role.arn} trusts the source could not be judged.",
            decision.reason + preflight_membership.advice(facts.source),
        )
    elif decision.outcome == "denied":
        found = f"The trust policy of {role.arn} does not let {facts.run.source_role_arn} in: {decision.reason}"
        yield about.error("role_trust", found, f"It has to trust account {facts.run.source.account_id}.", _kept(facts, account_id, role))


# --- permissions -----------------------------------------------------------------------------------------------------------------------------


def _permissions(facts: Facts, account_id: str, role: Role) -> Iterator[Finding]:
    """What the role may not do, by what keeps it from that: nothing allows it, something forbids it, or it is not known."""
    regions = facts.run.regions_of(account_id)
    needed = [(region, need) for region in regions for need in preflight_access.needs_of(facts, account_id, region, "destination")]
    refusals = preflight_access.role_refusals(facts, role, needed)
    by_cause = {cause: [refusal for refusal in refusals if refusal.cause == cause] for cause in get_args(Cause)}
    about = subject(facts, account_id)
    if missing := by_cause["missing"]:
        found = _told(role, "is not allowed", missing)
        yield about.error("role_permissions", found, "Its policies have to allow that.", _kept(facts, account_id, role))
    for name in dict.fromkeys(str(refusal.decision.policy) for refusal in by_cause["forbidden"]):
        denied = [refusal for refusal in by_cause["forbidden"] if refusal.decision.policy == name]
        found = _told(role, f"is denied by its policy {name}", denied)
        yield about.error("role_denied", found, "A denial outweighs whatever allows.", _released(facts, account_id, role, name, denied))
    if bounded := by_cause["boundary"]:
        found = _told(role, f"is kept by its permissions boundary {role.boundary.name if role.boundary else ''} from", bounded)
        yield about.error("role_boundary", found, "The boundary has to let them pass.", _unbounded(facts, account_id))
    if simulated := by_cause["simulated"]:
        reasons = " ".join(dict.fromkeys(refusal.decision.reason for refusal in simulated))
        found = f"{_told(role, 'is not allowed', simulated)} {reasons}"
        yield about.error(
            "role_simulation", found, "See the service control policies of the organization, which are not seen from inside the account."
        )
    if unknown := by_cause["unknown"]:
        found = _told(role, "may not be allowed", unknown)
        advice = preflight_membership.advice(facts.accounts[account_id])
        yield about.unknown("role_permissions_unknown", found, f"It could not be judged. {preflight_access.reasons_of(unknown)}{advice}")


def _told(role: Role, verb: str, refusals: Iterable[Refusal]) -> str:
    """The actions, each with its resources and Regions once."""
    resources: dict[str, dict[str, None]] = {}
    for refusal in refusals:
        resources.setdefault(refusal.need.action, {}).setdefault(refusal.need.resource)
    actions = ", ".join(f"{action} on {' and '.join(on)}" for action, on in resources.items())
    return f"{role.arn} {verb} {actions}."


# --- remedies --------------------------------------------------------------------------------------------------------------------------------


def _settings(facts: Facts, account_id: str) -> RoleSettings:
    """What the module destination_roles has to be told for the run."""
    run = facts.run
    places = [preflight_access.place(facts, account_id, region) for region in run.regions_of(account_id)]
    keys = {arn for place in places for arn in (*place.source_key_arns, *([place.key_arn] if place.key_arn else []))}
    return RoleSettings(
        keys_of_source={run.source.account_id: sorted(keys)},
        launch_templates=any(place.launch_templates for place in places),
        ssm_parameter_names=sorted({name for place in places for name in place.parameters}),
    )


def _options(facts: Facts, account_id: str) -> dict[str, Any]:
    settings, source = _settings(facts, account_id), facts.run.source.account_id
    options = {
        "targets": [entrance(facts, account_id).account_option],
        "source_account_ids": [source],
        "key_arns": settings.keys_of_source[source],
        "launch_templates": settings.launch_templates,
        "ssm_parameter_names": settings.ssm_parameter_names,
    }
    return {name: value for name, value in options.items() if value}


def _kept(facts: Facts, account_id: str, role: Role | None) -> Remedy:
    """The module destination_roles, which adds what is missing and takes nothing away, and the same calls one by one."""
    task = entrance(facts, account_id).own_task(
        f"Keep the distribution role {_in(facts, account_id)}", "destination_roles", _options(facts, account_id), account=False
    )
    return Remedy(task, entrance(facts, account_id).command(*_calls(facts, account_id, role)), _in(facts, account_id))


def _in(facts: Facts, account_id: str) -> str:
    return f"in {facts.name_of(account_id)} (account {account_id})"


def _calls(facts: Facts, account_id: str, role: Role | None) -> list[list[str]]:
    """The calls that make of the role what the module makes of it. None when the module would refuse, which then says why."""
    before = roles.Role(trust={}) if role is None else _as_kept(role)
    try:
        after = roles.wanted_role(None if role is None else before, _settings(facts, account_id), account_id, facts.run.partition)
    except FleetError:
        return []
    named = ["--role-name", _NAME]
    calls = []
    if role is None:
        told = ["--description", after.description, "--tags", *(f"Key={key},Value={value}" for key, value in after.tags.items())]
        calls.append(["iam", "create-role", *named, "--assume-role-policy-document", policy_text(after.trust), *told])
    elif not policy.equal(before.trust, after.trust):
        calls.append(["iam", "update-assume-role-policy", *named, "--policy-document", policy_text(after.trust)])
    calls += [["iam", "attach-role-policy", *named, "--policy-arn", arn] for arn in sorted(after.managed - before.managed)]
    return calls + [
        ["iam", "put-role-policy", *named, "--policy-name", name, "--policy-document", policy_text(document)]
        for name, document in after.inline.items()
        if not policy.equal(before.inline.get(name), document)
    ]


def _as_kept(role: Role) -> roles.Role:
    """The role as the module reads it."""
    inline = {name: _document(each) for name, each in role.inline.items()}
    return roles.Role(trust=_document(role.trust), managed=frozenset(role.managed), inline=inline)


def _document(found: Policy) -> dict[str, Any]:
    return policy.parsed(found.document) if found.document is not None else {}


def _made_anew(facts: Facts, account_id: str, role: Role) -> Remedy:
    """Delete the role with all that is attached to it, then make it where Image Builder looks."""
    way, named = entrance(facts, account_id), ["--role-name", _NAME]
    kept = _kept(facts, account_id, None)
    delete = way.task(f"Delete the role that blocks the name {_in(facts, account_id)}", "amazon.aws.iam_role", {"name": _NAME, "state": "absent"})
    task = {"name": f"Make the distribution role anew {_in(facts, account_id)}", "block": [delete, kept.task]}
    calls = [
        *(["iam", "detach-role-policy", *named, "--policy-arn", arn] for arn in sorted(role.managed)),
        *(["iam", "delete-role-policy", *named, "--policy-name", name] for name in sorted(role.inline)),
        ["iam", "delete-role", *named],
        *_calls(facts, account_id, None),
    ]
    return Remedy(task, way.command(*calls))


def _unbounded(facts: Facts, account_id: str) -> Remedy:
    """The boundary taken away; what the role may do is said by its policies all the same."""
    way = entrance(facts, account_id)
    options = {**_options(facts, account_id), "permissions_boundary": ""}
    name = f"Take the permissions boundary from the distribution role {_in(facts, account_id)}"
    task = way.own_task(name, "destination_roles", options, account=False)
    return Remedy(task, way.command(["iam", "delete-role-permissions-boundary", "--role-name", _NAME]), _in(facts, account_id))


def _released(facts: Facts, account_id: str, role: Role, name: str, refusals: Sequence[Refusal]) -> Remedy:
    """An inline policy without the statements that deny; a managed one, which others may have too, is detached."""
    way, named = entrance(facts, account_id), ["--role-name", _NAME]
    if name in role.inline:
        document = without_statements(_document(role.inline[name]), {str(refusal.decision.statement) for refusal in refusals})
        call = ["iam", "put-role-policy", *named, "--policy-name", name, "--policy-document", policy_text(document)]
        options = {"iam_type": "role", "iam_name": _NAME, "policy_name": name, "policy_json": policy_text(document), "state": "present"}
        return Remedy(way.task(f"Take the denial out of {name} {_in(facts, account_id)}", "amazon.aws.iam_policy", options), way.command(call))
    calls = [["iam", "detach-role-policy", *named, "--policy-arn", arn] for arn, each in role.managed.items() if each.name == name]
    return shell_remedy(f"Detach {name} from the distribution role {_in(facts, account_id)}", way.command(*calls))


def without_statements(document: Mapping[str, Any], names: Collection[str]) -> dict[str, Any]:
    """A policy without the statements of these names: the Sid, or the number of one that has none."""
    numbered = enumerate(policy.statements_of(dict(document)), 1)
    kept = [each for number, each in numbered if str(each.get("Sid") or f"number {number}") not in names]
    return {**document, "Statement": kept or [_NO_EFFECT]}


_NO_EFFECT = {"Effect": "Deny", "Action": "none:null", "Resource": "*"}
"""A policy has to have a statement; this one is about an action that there is not."""
