# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the execution role, in whose name Image Builder works in the source account, is there and may do what the run does. Pure.

Without an execution role it is the service-linked role, which AWS keeps. Private to this collection.
"""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.golden.imagebuilder.plugins.module_utils._access import policy, statements
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution import preflight_access, preflight_membership
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.findings import Finding
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.preflight_access import Refusal
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.preflight_accounts import entrance, is_open, role_reading, subject
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.preflight_facts import Facts, Role, Unknown
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.remedies import Remedy, policy_text, shell_remedy

POLICY_NAME = f"{statements.SID_PREFIX}Distribution"


def execution_role(facts: Facts) -> Iterator[Finding]:
    """The execution role, where there is one."""
    run = facts.run
    if run.execution_role is None or not is_open(facts, run.source.account_id):
        return
    role, about = facts.source.role, subject(facts, run.source.account_id)
    if isinstance(role, Unknown):
        yield about.unknown("execution_role_unknown", f"{run.execution_role} could not be read: {role.reason}", role_reading(role))
    elif role is None:
        yield about.error("execution_role_missing", f"There is no role {run.execution_role}.", "It has to exist.", _made(facts))
    else:
        yield from _permissions(facts, role)


def _permissions(facts: Facts, role: Role) -> Iterator[Finding]:
    about = subject(facts, facts.run.source.account_id)
    needed = [(region, need) for account_id, region in facts.run.pairs() for need in preflight_access.needs_of(facts, account_id, region, "source")]
    refusals = preflight_access.role_refusals(facts, role, needed)
    lacking = [refusal for refusal in refusals if refusal.cause == "missing"]
    others = [refusal for refusal in refusals if refusal.cause not in ("missing", "unknown")]
    unknown = [refusal for refusal in refusals if refusal.cause == "unknown"]
    if lacking:
        found = f"{role.arn} is not allowed {_actions(lacking)}."
        yield about.error("execution_role_permissions", found, "Its policies have to allow that.", _allowed(facts, role, lacking))
    if others:
        reasons = " ".join(dict.fromkeys(refusal.decision.reason for refusal in others))
        yield about.error("execution_role_denied", f"{role.arn} is kept from {_actions(others)}. {reasons}", "That must not deny them.")
    if unknown:
        found = f"{role.arn} may not be allowed {_actions(unknown)}."
        judged = f"It could not be judged. {preflight_access.reasons_of(unknown)}{preflight_membership.advice(facts.source)}"
        yield about.unknown("execution_role_permissions_unknown", found, judged)


def _actions(refusals: list[Refusal]) -> str:
    return ", ".join(dict.fromkeys(f"{refusal.need.action} on {refusal.need.resource}" for refusal in refusals))


def _allowed(facts: Facts, role: Role, refusals: list[Refusal]) -> Remedy:
    """What is missing, as one more inline policy of ours beside what it allows already."""
    by_resource: dict[str, list[str]] = {}
    for refusal in refusals:
        by_resource.setdefault(refusal.need.resource, []).append(refusal.need.action)
    present = role.inline.get(POLICY_NAME)
    before = policy.statements_of(policy.parsed(present.document or {})) if present else []
    added = [{"Effect": "Allow", "Action": sorted(set(actions)), "Resource": resource} for resource, actions in by_resource.items()]
    document = policy_text({"Version": policy.VERSION, "Statement": [*before, *added]})
    way, name = entrance(facts, facts.run.source.account_id), role.arn.rpartition("/")[2]
    options = {"iam_type": "role", "iam_name": name, "policy_name": POLICY_NAME, "policy_json": document, "state": "present"}
    call = ["iam", "put-role-policy", "--role-name", name, "--policy-name", POLICY_NAME, "--policy-document", document]
    return Remedy(way.task(f"Allow the execution role {name} what it lacks", "amazon.aws.iam_policy", options), way.command(call))


def _made(facts: Facts) -> Remedy:
    """A role that Image Builder may take; what it lacks then is told by the next look at it."""
    run = facts.run
    path, _slash, name = str(run.execution_role).partition(":role/")[2].rpartition("/")
    trust = {"Effect": "Allow", "Principal": {"Service": statements.SERVICE}, "Action": "sts:AssumeRole"}
    document = policy_text({"Version": policy.VERSION, "Statement": [trust]})
    call = ["iam", "create-role", "--role-name", name, "--path", f"/{path}/" if path else "/", "--assume-role-policy-document", document]
    return shell_remedy(f"Make the execution role {name}", entrance(facts, run.source.account_id).command(call))
