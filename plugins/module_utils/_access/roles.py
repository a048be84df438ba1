# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role of a destination through which Image Builder works there. Private to this collection.

One role with a fixed name serves all sources of a destination, so everything here adds to what is there and takes out only what was added
for the sources at hand. What is wanted is computed from what is there, then written; check mode leaves out the writing and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
    compare_aws_tags,
)
from ansible_collections.golden.imagebuilder.plugins.module_utils._access import policy, statements
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.keys import UNKNOWN_KEY_ID, tag_texts
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.policy import Policy
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.statements import ROLE_NAME, Statement
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.errors import FleetError
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.run import Outcome
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.sessions import Client, Sessions, Target
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.schema import Problem

MADE_BY_US_TAG = "golden.imagebuilder/role"
"""A role that carries this tag was made here, so it may be deleted here."""

DESCRIPTION = "Lets EC2 Image Builder of the trusted accounts deliver images to this account"

POLICY_NAMES = (statements.KMS_POLICY_NAME, statements.LAUNCH_TEMPLATES_POLICY_NAME, statements.PARAMETERS_POLICY_NAME)
"""The inline policies that are ours."""

_KEY_ARN = re.compile(r"arn:aws[a-z-]*:kms:[a-z0-9-]+:(?P<account_id>[0-9]{12}):key/(?P<key_id>[A-Za-z0-9-]+)")
_PARAMETER_PREFIX = re.compile(r"/?[A-Za-z0-9_.-][A-Za-z0-9_./-]*\*?")


@dataclass(frozen=True)
class RoleSettings:
    """What the role of every destination shall allow."""

    keys_of_source: Mapping[str, Sequence[str]]  # source account -> ARNs of its keys, possibly none
    launch_templates: bool = False
    ssm_parameter_prefixes: Sequence[str] = ()
    present: bool = True
    purge: bool = False
    tags: Mapping[str, str] | None = None
    purge_tags: bool = True

    @property
    def source_account_ids(self) -> list[str]:
        """The sources at hand."""
        return sorted(self.keys_of_source)


@dataclass(frozen=True)
class Role:
    """As much of the role as is ours to care about; `inline` holds the policies that were read."""

    trust: Policy
    managed: frozenset[str] = frozenset()
    inline: Mapping[str, Policy] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)

    def described(self) -> dict[str, Any]:
        """The role for results and diffs."""
        return {
            "path": "/",
            "trust_policy": policy.normalized(self.trust),
            "managed_policies": sorted(self.managed),
            "inline_policies": {name: policy.normalized(self.inline[name]) for name in sorted(self.inline)},
            "tags": dict(sorted(self.tags.items())),
        }


# --- what the user wrote ---------------------------------------------------------------------------------------------------------------------


def keys_of_sources(source_account_ids: Sequence[str], key_arns: Sequence[str], check_mode: bool) -> tuple[dict[str, list[str]], list[Problem]]:
    """The keys of each source, and what is wrong with the ARNs.

    A key belongs to the source that its ARN names; one of a third account belongs to the only source there is. In check mode a key that
    would be created has no id yet, and its placeholder is taken.
    """
    keys: dict[str, list[str]] = {account_id: [] for account_id in source_account_ids}
    problems = []
    for index, arn in enumerate(key_arns):
        known = _KEY_ARN.fullmatch(arn.replace(UNKNOWN_KEY_ID, "unknown") if check_mode else arn)
        source = known["account_id"] if known else ""
        if known and source not in keys and len(keys) == 1:
            source = source_account_ids[0]
        if known and source in keys:
            keys[source].append(arn)
        else:
            problems.append(Problem(f"key_arns[{index}]", _key_arn_complaint(arn, source)))
    return keys, problems


def _key_arn_complaint(arn: str, account_id: str) -> str:
    if account_id:
        return f"{arn} is a key of account {account_id}, which is none of source_account_ids; with several sources it is not clear whose it is."
    if ":alias/" in arn or arn.startswith("alias/"):
        return f"{arn} is an alias, and IAM ignores aliases in a policy's resources: give the ARN of the key itself (arn:aws:kms:...:key/...)."
    return f"{arn!r} is not the ARN of a KMS key (arn:aws:kms:REGION:ACCOUNT:key/KEY-ID)."


def prefixes_problems(prefixes: Sequence[str], path: str) -> list[Problem]:
    """What is wrong with the beginnings of parameter names: one that is empty would open all parameters of the account."""
    problems = []
    for index, prefix in enumerate(prefixes):
        if not _PARAMETER_PREFIX.fullmatch(prefix):
            message = f"{prefix!r} is not valid: letters, digits, . _ - and / may be used, at least one beside /, and a * at the end only."
            problems.append(Problem(f"{path}[{index}]", message))
    return problems


# --- what is wanted (pure) -------------------------------------------------------------------------------------------------------------------


def wanted_role(current: Role | None, settings: RoleSettings, account_id: str, partition: str) -> Role:
    """The role as it is to be, made from what is there."""
    role = current or Role(trust={}, tags={MADE_BY_US_TAG: ROLE_NAME})
    wanted = _wanted_statements(settings, account_id, partition)
    inline = dict(role.inline)
    for name in POLICY_NAMES:
        present = inline.pop(name, None)
        authority = _sids_of_sources([*policy.statements_of(present), *wanted[name]], settings.source_account_ids) if settings.purge else []
        document = policy.merged(present, wanted[name], authority)
        if document["Statement"]:
            inline[name] = document
    return Role(
        trust=policy.merged(role.trust, [statements.trust(partition, settings.source_account_ids)]),
        managed=role.managed | {statements.managed_policy_arn(partition)},
        inline=inline,
        tags=_wanted_tags(role.tags, settings),
    )


def _wanted_statements(settings: RoleSettings, account_id: str, partition: str) -> dict[str, list[Statement]]:
    """The statements of each inline policy, for all sources at hand."""
    wanted: dict[str, list[Statement]] = {name: [] for name in POLICY_NAMES}
    for source in settings.source_account_ids:
        wanted[statements.KMS_POLICY_NAME] += statements.role_kms(source, settings.keys_of_source[source])
        wanted[statements.PARAMETERS_POLICY_NAME] += statements.role_parameters(partition, source, account_id, settings.ssm_parameter_prefixes)
        if settings.launch_templates:
            wanted[statements.LAUNCH_TEMPLATES_POLICY_NAME] += statements.role_launch_templates(partition, source)
    return wanted


def _sids_of_sources(present: Iterable[Statement], source_account_ids: Sequence[str]) -> list[str]:
    sids = {str(statement.get("Sid", "")) for statement in present}
    return [sid for sid in sids if any(statements.is_of_source(sid, source) for source in source_account_ids)]


def _wanted_tags(present: Mapping[str, str], settings: RoleSettings) -> dict[str, str]:
    if settings.tags is None:
        return dict(present)
    marks = {key: value for key, value in present.items() if key == MADE_BY_US_TAG}
    kept = marks if settings.purge_tags else dict(present)
    return {**kept, **tag_texts(settings.tags)}


def role_without_sources(current: Role, settings: RoleSettings, partition: str) -> Role | None:
    """The role without what was added for the sources at hand; None when nothing of it is left and it was made here.

    Raises FleetError when the role would be left without anybody who may assume it (which AWS does not accept) but is not ours to delete.
    """
    trust = policy.without(current.trust, [statements.trust(partition, settings.source_account_ids)])
    inline = {}
    for name, document in current.inline.items():
        left = policy.without_sids(document, _sids_of_sources(policy.statements_of(document), settings.source_account_ids))
        if left["Statement"]:
            inline[name] = left
    if trust["Statement"]:
        return replace(current, trust=trust, inline=inline)
    foreign = sorted({*inline, *(current.managed - {statements.managed_policy_arn(partition)})})
    if MADE_BY_US_TAG not in current.tags or foreign:
        reason = f"others have added to it: {', '.join(foreign)}" if foreign else f"it was not made here (it lacks the tag {MADE_BY_US_TAG})"
        raise FleetError(
            "RoleNotOurs", f"Nobody but the given sources is trusted by {ROLE_NAME}, but {reason}. See whether it is needed and delete it."
        )
    return None


# --- reading and writing ---------------------------------------------------------------------------------------------------------------------


def ensure_role(sessions: Sessions, fleet_settings: RoleSettings, check_mode: bool) -> Callable[[Target], Outcome]:
    """The function that brings the role of one target into the wanted state."""

    def ensure(target: Target) -> Outcome:
        settings = settings_of(target, fleet_settings)
        account_id, partition = sessions.account_id(target), sessions.partition(target)
        iam = sessions.client(target, "iam")
        before = read_role(iam, settings)
        if settings.present:
            after: Role | None = wanted_role(before, settings, account_id, partition)
        else:
            after = role_without_sources(before, settings, partition) if before else None
        described = [role.described() if role else {} for role in (before, after)]
        changed = described[0] != described[1]
        if changed and not check_mode:
            write_role(iam, before, after)
        arn = f"arn:{partition}:iam::{account_id}:role/{ROLE_NAME}"
        diff = {"before": described[0], "after": described[1], "before_header": arn, "after_header": arn} if changed else None
        result = {"role_arn": arn if after else None, "role": described[1] or None}
        return Outcome(account_id, target.name, changed=changed, diff=diff, result=result)

    return ensure


def settings_of(target: Target, settings: RoleSettings) -> RoleSettings:
    """What the role of one account shall allow: launch templates also where only this account has some."""
    return replace(settings, launch_templates=settings.launch_templates or bool(target.launch_templates))


def read_role(iam: Client, settings: RoleSettings) -> Role | None:
    """The role as it is, None when there is none; only those inline policies that matter to the settings are asked for."""
    try:
        found = iam.get_role(RoleName=ROLE_NAME)["Role"]
    except is_boto3_error_code("NoSuchEntity"):
        return None
    if found["Path"] != "/":
        raise FleetError(
            "WrongPath",
            f"{found['Arn']} lives at path {found['Path']}, where Image Builder does not find it, and its name blocks the one at path /. "
            f"A role cannot be moved: delete it (and make it anew by running this again).",
        )
    pages = iam.get_paginator("list_attached_role_policies").paginate(RoleName=ROLE_NAME)
    return Role(
        trust=policy.parsed(found["AssumeRolePolicyDocument"]),
        managed=frozenset(attached["PolicyArn"] for page in pages for attached in page["AttachedPolicies"]),
        inline=_read_inline_policies(iam, settings),
        tags=boto3_tag_list_to_ansible_dict(found.get("Tags", [])),
    )


def _read_inline_policies(iam: Client, settings: RoleSettings) -> dict[str, Policy]:
    """The inline policies that the settings may change: those of the wanted features, all of ours with purge, and everybody's for taking out."""
    inline = {}
    for name in _inline_policy_names(iam, settings):
        try:
            inline[name] = policy.parsed(iam.get_role_policy(RoleName=ROLE_NAME, PolicyName=name)["PolicyDocument"])
        except is_boto3_error_code("NoSuchEntity"):
            continue
    return inline


def _inline_policy_names(iam: Client, settings: RoleSettings) -> list[str]:
    if not settings.present:
        pages = iam.get_paginator("list_role_policies").paginate(RoleName=ROLE_NAME)
        return [name for page in pages for name in page["PolicyNames"]]
    features = (any(settings.keys_of_source.values()), settings.launch_templates, bool(settings.ssm_parameter_prefixes))
    return [name for name, wanted in zip(POLICY_NAMES, features, strict=True) if wanted or settings.purge]


def write_role(iam: Client, before: Role | None, after: Role | None) -> None:
    """Make the role what it is to be, with no call for what is right already."""
    if after is None:
        if before is not None:
            _delete_role(iam, before)
    elif before is None:
        _create_role(iam, after)
    else:
        if not policy.equal(before.trust, after.trust):
            iam.update_assume_role_policy(RoleName=ROLE_NAME, PolicyDocument=policy.encoded(after.trust))
        _write_policies(iam, before, after)
        _write_tags(iam, before.tags, after.tags)


def _create_role(iam: Client, role: Role) -> None:
    iam.create_role(
        RoleName=ROLE_NAME,
        Path="/",
        Description=DESCRIPTION,
        AssumeRolePolicyDocument=policy.encoded(role.trust),
        Tags=ansible_dict_to_boto3_tag_list(dict(role.tags)),
    )
    # IAM may not find for some seconds what it has just made.
    patiently = AWSRetry.jittered_backoff(retries=8, delay=1, max_delay=5, catch_extra_error_codes=["NoSuchEntity"])
    _write_policies(iam, Role(trust=role.trust), role, patiently)


def _write_policies(iam: Client, before: Role, after: Role, retried: Callable[[Any], Any] = lambda call: call) -> None:
    for arn in sorted(after.managed - before.managed):
        retried(iam.attach_role_policy)(RoleName=ROLE_NAME, PolicyArn=arn)
    for name, document in after.inline.items():
        if not policy.equal(before.inline.get(name), document):
            retried(iam.put_role_policy)(RoleName=ROLE_NAME, PolicyName=name, PolicyDocument=policy.encoded(document))
    for name in sorted(before.inline.keys() - after.inline.keys()):
        iam.delete_role_policy(RoleName=ROLE_NAME, PolicyName=name)


def _write_tags(iam: Client, before: Mapping[str, str], after: Mapping[str, str]) -> None:
    to_set, to_remove = compare_aws_tags(dict(before), dict(after))
    if to_set:
        iam.tag_role(RoleName=ROLE_NAME, Tags=ansible_dict_to_boto3_tag_list(to_set))
    if to_remove:
        iam.untag_role(RoleName=ROLE_NAME, TagKeys=to_remove)


def _delete_role(iam: Client, role: Role) -> None:
    for arn in sorted(role.managed):
        iam.detach_role_policy(RoleName=ROLE_NAME, PolicyArn=arn)
    for name in sorted(role.inline):
        iam.delete_role_policy(RoleName=ROLE_NAME, PolicyName=name)
    iam.delete_role(RoleName=ROLE_NAME)
