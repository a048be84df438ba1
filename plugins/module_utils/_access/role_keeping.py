# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The roles of destinations, read and written in many accounts at a time. Private to this collection.

What is wanted is computed from what is there (roles.py), then written; check mode leaves out the writing and nothing else. Several runs may
work on one role: all accounts are written first, and those that were written are looked at again afterwards (writing.py).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
    compare_aws_tags,
)
from ansible_collections.golden.imagebuilder.plugins.module_utils._access import policy, role_findings, roles, writing
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.policy import Policy
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.principals import sending
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.roles import Role, RoleKind, RoleSettings
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet import run
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.errors import FleetError
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.run import Outcome
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.sessions import Client, Sessions
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import Target

if TYPE_CHECKING:
    from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

Attempt = writing.Attempt["Role | None"]
SharedRole = writing.Shared["Role | None"]


@dataclass(frozen=True)
class Kept:
    """One of the roles of one account: how it is shared with other writers, and what was done so far."""

    kind: RoleKind
    shared: SharedRole
    attempt: Attempt


def keep_roles(sessions: Sessions, settings: RoleSettings, targets: Sequence[Target], check_mode: bool, concurrency: int) -> list[Outcome]:
    """Bring the roles of all targets into the wanted state; an outcome each, in their order."""
    kept: dict[str, list[Kept]] = {}

    def write(target: Target) -> Outcome:
        kept[target.account_id] = _written(sessions, settings, target, check_mode)
        return _outcome(sessions, settings, target, kept[target.account_id])

    def look_again(target: Target) -> Outcome:
        standing = [replace(one, attempt=writing.standing(one.shared, one.attempt)) for one in kept[target.account_id]]
        return _outcome(sessions, settings, target, standing)

    outcomes = run.run(targets, write, concurrency)
    if check_mode:
        return outcomes
    written = [target for target, outcome in zip(targets, outcomes, strict=True) if outcome.changed and not outcome.failed]
    looked = {outcome.account_id: replace(outcome, changed=True) for outcome in run.run(written, look_again, concurrency)}
    return [looked.get(outcome.account_id, outcome) for outcome in outcomes]


def _written(sessions: Sessions, fleet_settings: RoleSettings, target: Target, check_mode: bool) -> list[Kept]:
    settings = settings_of(target, fleet_settings)
    account_id, partition = sessions.account_id(target), sessions.partition(target)
    iam = sessions.client(target, "iam")

    def shared(kind: RoleKind) -> SharedRole:
        names = roles.policies_to_read(settings, account_id, partition, kind)
        return writing.Shared(
            read=lambda: read_role(iam, kind.name, names, settings.inspect),
            merge=lambda role: roles.changed_role(role, settings, account_id, partition, kind),
            write=lambda before, after: None if check_mode else write_role(iam, kind.name, before, after),
            # The first question says no more than the second; it is for the nearly all that have nothing to change.
            same=lambda one, other: one == other or roles.described(one) == roles.described(other),
            stands=lambda before, after: role_stands(iam, kind.name, before, after),
        )

    shares = [(kind, shared(kind)) for kind in roles.kinds_of(settings)]
    return [Kept(kind, one, writing.written(one)) for kind, one in shares]


def settings_of(target: Target, settings: RoleSettings) -> RoleSettings:
    """What the roles of one account shall allow: launch templates also where only this account has some."""
    return replace(settings, launch_templates=settings.launch_templates or bool(target.launch_templates))


def _outcome(sessions: Sessions, settings: RoleSettings, target: Target, kept: Sequence[Kept]) -> Outcome:
    """The outcome of an account: of the distribution role, with the lifecycle role beside it if that was asked for."""
    arn_of = f"arn:{sessions.partition(target)}:iam::{target.account_id}:role/"
    findings = [finding for one in kept for finding in roles.findings_of(one.attempt.before, one.kind)]
    result: dict[str, Any] = {"findings": [finding.to_result() for finding in findings]}
    for prefix, one in _named(kept):
        role = one.attempt.after
        result[f"{prefix}role_arn"] = f"{arn_of}{one.kind.name}" if role else None
        if settings.inspect:
            result[f"{prefix}role"] = roles.described(role) or None
    changed = any(one.attempt.changed for one in kept)
    diff = _diff(f"{arn_of}{kept[0].kind.name}", kept) if changed else None
    return Outcome(target.account_id, target.name, changed=changed, diff=diff, result=result)


def _diff(header: str, kept: Sequence[Kept]) -> dict[str, Any]:
    distribution, *others = [(roles.described(one.attempt.before), roles.described(one.attempt.after)) for one in kept]
    before, after = distribution
    for before_lifecycle, after_lifecycle in others:
        before |= {"lifecycle_role": before_lifecycle}
        after |= {"lifecycle_role": after_lifecycle}
    return {"before": before, "after": after, "before_header": header, "after_header": header}


def _named(kept: Sequence[Kept]) -> list[tuple[str, Kept]]:
    return list(zip(("", "lifecycle_"), kept, strict=False))


def warn_of_findings(module: AnsibleAWSModule, outcomes: Sequence[Outcome]) -> None:
    """Say each thing that was found once, with the accounts in which it is so."""
    found: dict[tuple[str, str], list[str]] = {}
    for outcome in outcomes:
        for finding in outcome.result.get("findings", []):
            found.setdefault((finding["role"], finding["message"]), []).append(f"{outcome.name} (account {outcome.account_id})")
    for (role, message), accounts in found.items():
        module.warn(f"{role} of {', '.join(accounts)}: {message}")


# --- reading ---------------------------------------------------------------------------------------------------------------------------------


def read_role(iam: Client, name: str, inline_names: Sequence[str] | None, with_documents: bool = False) -> Role | None:
    """The role as it is, None when there is none; of its inline policies those of the names, or all of them.

    Raises FleetError for a role at another path, which neither serves nor lets another one be made.
    """
    try:
        found = iam.get_role(RoleName=name)["Role"]
        _see_whether_found(name, found)
        pages = iam.get_paginator("list_attached_role_policies").paginate(RoleName=name)
        managed = frozenset(attached["PolicyArn"] for page in pages for attached in page["AttachedPolicies"])
    except is_boto3_error_code("NoSuchEntity"):  # also of one that was made, or deleted, a moment ago, which only some of IAM knows
        return None
    return Role(
        trust=policy.parsed(found["AssumeRolePolicyDocument"]),
        managed=managed,
        inline=_read_inline_policies(iam, name, inline_names),
        tags=boto3_tag_list_to_ansible_dict(found.get("Tags", [])),
        description=found.get("Description", ""),
        permissions_boundary=found.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
        path=found["Path"],
        documents={arn: _read_document(iam, arn) for arn in sorted(managed) if ":iam::aws:" not in arn} if with_documents else {},
    )


def role_stands(iam: Client, name: str, before: Role | None, after: Role | None) -> bool:
    """Whether what was written of a role stands that somebody else may have taken away without knowing it: the policies that are written whole.

    Nobody has read a role without the trust policy that it was made with, and managed policies are attached one by one.
    """
    if after is None:
        return False
    earlier = before or replace(after, inline={})
    inline = earlier.inline.keys() | after.inline.keys()
    written = sorted(one for one in inline if not policy.equal(earlier.inline.get(one), after.inline.get(one)))
    try:
        trust = after.trust if policy.equal(earlier.trust, after.trust) else _read_trust(iam, name)
        present = _read_inline_policies(iam, name, written)
    except is_boto3_error_code("NoSuchEntity"):
        return False
    return policy.equal(trust, after.trust) and all(policy.equal(present.get(one), after.inline.get(one)) for one in written)


def _read_trust(iam: Client, name: str) -> Policy:
    return policy.parsed(iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"])


def _see_whether_found(name: str, role: Mapping[str, Any]) -> None:
    """Raises FleetError for a role at another path than /."""
    misplaced = role_findings.of_path(name, role["Path"])
    if misplaced:
        raise FleetError(
            "WrongPath",
            f"{role['Arn']}: {misplaced[0].message} A role cannot be moved: delete it (and make it anew by running this again).",
            findings=[finding.to_result() for finding in misplaced],
        )


def _read_inline_policies(iam: Client, role_name: str, names: Sequence[str] | None) -> dict[str, Policy]:
    if names is None:
        pages = iam.get_paginator("list_role_policies").paginate(RoleName=role_name)
        names = [name for page in pages for name in page["PolicyNames"]]
    inline = {}
    for name in names:
        try:
            inline[name] = policy.parsed(iam.get_role_policy(RoleName=role_name, PolicyName=name)["PolicyDocument"])
        except is_boto3_error_code("NoSuchEntity"):
            continue
    return inline


def _read_document(iam: Client, arn: str) -> Policy:
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    return policy.parsed(iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"])


# --- writing ---------------------------------------------------------------------------------------------------------------------------------


def write_role(iam: Client, name: str, before: Role | None, after: Role | None) -> None:
    """Make the role what it is to be, with no call for what is right already."""
    if after is None:
        if before is not None:
            _delete_role(iam, name, before)
    elif before is None:
        _create_role(iam, name, after)
    else:
        # The boundary comes first, so that no right is ever given without it.
        _write_boundary(iam, name, before, after)
        if not policy.equal(before.trust, after.trust):
            sending(iam.update_assume_role_policy, after.trust, name)(RoleName=name, PolicyDocument=policy.encoded(after.trust))
        _write_policies(iam, name, before, after)
        _write_tags(iam, name, before.tags, after.tags)
        if before.description != after.description:
            # UpdateRole would set the session duration, too, to its default.
            iam.update_role_description(RoleName=name, Description=after.description)


def _create_role(iam: Client, name: str, role: Role) -> None:
    boundary = {"PermissionsBoundary": role.permissions_boundary} if role.permissions_boundary else {}
    try:
        sending(iam.create_role, role.trust, name)(
            RoleName=name,
            Path="/",
            Description=role.description,
            AssumeRolePolicyDocument=policy.encoded(role.trust),
            Tags=ansible_dict_to_boto3_tag_list(dict(role.tags)),
            **boundary,
        )
    except is_boto3_error_code("EntityAlreadyExists") as error:
        raise writing.Overtaken from error  # by another run; what it made is looked at, and added to, in a moment
    _write_policies(iam, name, Role(trust=role.trust), role, lambda call: writing.patiently(call, "NoSuchEntity"))


def _write_policies(iam: Client, role_name: str, before: Role, after: Role, retried: Callable[[Any], Any] = lambda call: call) -> None:
    for arn in sorted(after.managed - before.managed):
        retried(iam.attach_role_policy)(RoleName=role_name, PolicyArn=arn)
    for name, document in after.inline.items():
        if not policy.equal(before.inline.get(name), document):
            retried(iam.put_role_policy)(RoleName=role_name, PolicyName=name, PolicyDocument=policy.encoded(document))
    for name in sorted(before.inline.keys() - after.inline.keys()):
        _until_gone(iam.delete_role_policy)(RoleName=role_name, PolicyName=name)


def _write_boundary(iam: Client, name: str, before: Role, after: Role) -> None:
    if before.permissions_boundary == after.permissions_boundary:
        return
    if after.permissions_boundary:
        iam.put_role_permissions_boundary(RoleName=name, PermissionsBoundary=after.permissions_boundary)
    else:
        _until_gone(iam.delete_role_permissions_boundary)(RoleName=name)


def _write_tags(iam: Client, name: str, before: Mapping[str, str], after: Mapping[str, str]) -> None:
    to_set, to_remove = compare_aws_tags(dict(before), dict(after))
    if to_set:
        iam.tag_role(RoleName=name, Tags=ansible_dict_to_boto3_tag_list(to_set))
    if to_remove:
        iam.untag_role(RoleName=name, TagKeys=to_remove)


def _until_gone(call: Callable[..., Any]) -> Callable[..., None]:
    return writing.until_gone(call, "NoSuchEntity")


def _delete_role(iam: Client, name: str, role: Role) -> None:
    for arn in sorted(role.managed):
        _until_gone(iam.detach_role_policy)(RoleName=name, PolicyArn=arn)
    for policy_name in sorted(role.inline):
        _until_gone(iam.delete_role_policy)(RoleName=name, PolicyName=policy_name)
    _until_gone(iam.delete_role)(RoleName=name)
