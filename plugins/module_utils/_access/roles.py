# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The roles of a destination through which Image Builder works there, as they are to be. Pure. Private to this collection.

A role with a fixed name serves all sources of a destination, so everything here adds to what is there and takes out only what was added
for the sources at hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._access import policy, role_findings, statements
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.common import tag_texts
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.policy import Policy
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.role_findings import Finding
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.statements import Statement
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.errors import FleetError

MADE_BY_US_TAG = "golden.imagebuilder/role"
"""A role that carries this tag was made here, so it may be deleted here."""

AWS_TAG_PREFIX = "aws:"
"""Begins the tags of AWS itself, such as those by which CloudFormation knows a role of a stack. Nobody else may set them or take them away."""

INLINE_LIMIT = 10240  # characters of all inline policies of a role, "IAM and AWS STS quotas" of the IAM user guide

POLICY_NAMES = (
    statements.KMS_POLICY_NAME,
    statements.LAUNCH_TEMPLATES_POLICY_NAME,
    statements.PARAMETERS_POLICY_NAME,
    statements.FAST_LAUNCH_POLICY_NAME,
)
"""The inline policies that are ours."""


@dataclass(frozen=True)
class RoleSettings:
    """What the roles of every destination shall allow; None leaves alone what is there."""

    keys_of_source: Mapping[str, Sequence[str]]  # source account -> ARNs of its keys, possibly none
    revoked_key_arns: Sequence[str] = ()
    launch_templates: bool = False
    ssm_parameter_prefixes: Sequence[str] = ()
    ssm_parameter_names: Sequence[str] = ()
    fast_launch: bool = False
    lifecycle_role: bool = False
    permissions_boundary: str | None = None  # an ARN, or the name of a policy of each account; empty for none
    description: str | None = None
    present: bool = True
    purge: bool = False
    tags: Mapping[str, str] | None = None
    purge_tags: bool = True
    inspect: bool = False  # whether policies of others are read too, for findings

    @property
    def source_account_ids(self) -> list[str]:
        """The sources at hand."""
        return sorted(self.keys_of_source)


@dataclass(frozen=True)
class Role:
    """As much of a role as is ours to care about; `inline` and `documents` (of attached policies of the account) hold what was read."""

    trust: Policy
    managed: frozenset[str] = frozenset()
    inline: Mapping[str, Policy] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    description: str = ""
    permissions_boundary: str | None = None
    path: str = "/"
    documents: Mapping[str, Policy] = field(default_factory=dict)

    def described(self) -> dict[str, Any]:
        """The role for results and diffs."""
        bounded = {"permissions_boundary": self.permissions_boundary} if self.permissions_boundary else {}
        return {
            "path": self.path,
            "description": self.description,
            **bounded,
            "trust_policy": policy.shown(self.trust),
            "managed_policies": sorted(self.managed),
            "inline_policies": {name: policy.normalized(self.inline[name]) for name in sorted(self.inline)},
            "tags": dict(sorted(self.tags.items())),
        }


def described(role: Role | None) -> dict[str, Any]:
    """The role for results and diffs, empty when there is none."""
    return role.described() if role else {}


# --- the two roles ---------------------------------------------------------------------------------------------------------------------------

InlineStatements = dict[str, list[Statement]]
"""Name of an inline policy -> its statements."""


def _distribution_statements(settings: RoleSettings, account_id: str, partition: str) -> InlineStatements:
    """What the distribution role allows beside AWS's managed policy, for all sources at hand."""
    wanted: InlineStatements = {name: [] for name in POLICY_NAMES}
    for source in settings.source_account_ids:
        wanted[statements.KMS_POLICY_NAME] += statements.role_kms(source, settings.keys_of_source[source])
        wanted[statements.PARAMETERS_POLICY_NAME] += statements.role_parameters(
            partition, source, account_id, settings.ssm_parameter_prefixes, settings.ssm_parameter_names
        )
        if settings.launch_templates:
            wanted[statements.LAUNCH_TEMPLATES_POLICY_NAME] += statements.role_launch_templates(partition, source)
        if settings.fast_launch:
            wanted[statements.FAST_LAUNCH_POLICY_NAME] += statements.role_fast_launch(partition, source)
    return wanted


def _lifecycle_statements(_settings: RoleSettings, _account_id: str, _partition: str) -> InlineStatements:
    """AWS's managed policy is all that the lifecycle role needs."""
    return {}


@dataclass(frozen=True)
class RoleKind:
    """One of the roles that Image Builder looks for by name."""

    name: str
    description: str
    managed_policy_name: str
    trust: Callable[[str, Iterable[str]], list[Statement]]  # of a partition and the sources
    inline: Callable[[RoleSettings, str, str], InlineStatements]  # of the settings, an account and its partition


DISTRIBUTION = RoleKind(
    statements.ROLE_NAME,
    "Lets EC2 Image Builder of the trusted accounts deliver images to this account",
    statements.MANAGED_POLICY_NAME,
    lambda partition, sources: [statements.trust(partition, sources)],
    _distribution_statements,
)
LIFECYCLE = RoleKind(
    statements.LIFECYCLE_ROLE_NAME,
    "Lets EC2 Image Builder deprecate, disable and delete the images that the named accounts have delivered to this account",
    statements.LIFECYCLE_MANAGED_POLICY_NAME,
    statements.lifecycle_trust,
    _lifecycle_statements,
)


def kinds_of(settings: RoleSettings) -> list[RoleKind]:
    """The roles that the settings are about."""
    return [DISTRIBUTION, LIFECYCLE] if settings.lifecycle_role else [DISTRIBUTION]


# --- what is wanted --------------------------------------------------------------------------------------------------------------------------


def wanted_role(current: Role | None, settings: RoleSettings, account_id: str, partition: str, kind: RoleKind = DISTRIBUTION) -> Role:
    """The role as it is to be, made from what is there. Raises FleetError when IAM would not take that much."""
    role = current or Role(trust={}, description=kind.description, tags={MADE_BY_US_TAG: kind.name})
    inline = dict(role.inline)
    for name, wanted in kind.inline(settings, account_id, partition).items():
        present = inline.pop(name, None)
        authority = _sids_of_sources([*policy.statements_of(present), *wanted], settings.source_account_ids) if settings.purge else []
        document = policy.merged(present, wanted, authority)
        if document["Statement"]:
            inline[name] = document
    _require_room(inline, kind.name)
    return replace(
        role,
        trust=policy.merged(role.trust, kind.trust(partition, settings.source_account_ids)),
        managed=role.managed | {statements.managed_policy_arn(partition, kind.managed_policy_name)},
        inline=inline,
        tags=_wanted_tags(role.tags, settings),
        description=role.description if settings.description is None else settings.description,
        permissions_boundary=_wanted_boundary(role, settings, account_id, partition),
    )


def _require_room(inline: Mapping[str, Policy], role_name: str) -> None:
    lengths = {name: len(policy.encoded(document)) for name, document in inline.items()}
    if sum(lengths.values()) > INLINE_LIMIT:
        shares = ", ".join(f"{name} {length}" for name, length in sorted(lengths.items()))
        raise FleetError(
            "PolicyTooLong",
            f"The inline policies of {role_name} would have {sum(lengths.values())} characters ({shares}), and IAM takes {INLINE_LIMIT}. Take out "
            f"sources that were given up (state: absent) and keys that are not used any more (purge), or use multi-Region keys of fewer sources.",
        )


def _sids_of_sources(present: Iterable[Statement], source_account_ids: Sequence[str]) -> list[str]:
    sids = {str(statement.get("Sid", "")) for statement in present}
    return [sid for sid in sids if any(statements.is_of_source(sid, source) for source in source_account_ids)]


def _wanted_boundary(role: Role, settings: RoleSettings, account_id: str, partition: str) -> str | None:
    boundary = settings.permissions_boundary
    if boundary is None:
        return role.permissions_boundary
    if boundary and not boundary.startswith("arn:"):
        return f"arn:{partition}:iam::{account_id}:policy/{boundary}"
    return boundary or None


def _wanted_tags(present: Mapping[str, str], settings: RoleSettings) -> dict[str, str]:
    if settings.tags is None:
        return dict(present)
    marks = {key: value for key, value in present.items() if key == MADE_BY_US_TAG or key.startswith(AWS_TAG_PREFIX)}
    kept = marks if settings.purge_tags else dict(present)
    return {**kept, **tag_texts(settings.tags)}


def role_without_sources(current: Role, settings: RoleSettings, partition: str, kind: RoleKind = DISTRIBUTION) -> Role | None:
    """The role without what was added for the sources at hand; None when nothing of it is left and it was made here.

    Raises FleetError when the role would be left without anybody who may assume it (which AWS does not accept) but is not ours to delete.
    """
    trust = policy.without(current.trust, kind.trust(partition, settings.source_account_ids))
    inline = {}
    for name, document in current.inline.items():
        left = policy.without_sids(document, _sids_of_sources(policy.statements_of(document), settings.source_account_ids))
        if left["Statement"]:
            inline[name] = left
    if trust["Statement"]:
        return replace(current, trust=trust, inline=inline)
    foreign = sorted({*inline, *(current.managed - {statements.managed_policy_arn(partition, kind.managed_policy_name)})})
    if MADE_BY_US_TAG not in current.tags or foreign:
        reason = f"others have added to it: {', '.join(foreign)}" if foreign else f"it was not made here (it lacks the tag {MADE_BY_US_TAG})"
        raise FleetError(
            "RoleNotOurs", f"Nobody but the given sources is trusted by {kind.name}, but {reason}. See whether it is needed and delete it."
        )
    return None


def role_without_keys(current: Role, settings: RoleSettings) -> Role:
    """The role without the revoked keys, as far as the sources at hand were given them."""
    reduced = {name: _without_keys(document, settings) for name, document in current.inline.items()}
    return replace(current, inline={name: document for name, document in reduced.items() if document["Statement"]})


def _without_keys(document: Policy, settings: RoleSettings) -> Policy:
    """A policy whose statements of the sources at hand have lost the revoked keys; one that is left without any goes."""
    ours = _sids_of_sources(policy.statements_of(document), settings.source_account_ids)
    result = []
    for statement in policy.statements_of(document):
        resources = policy.listed(statement.get("Resource", []))
        left = [arn for arn in resources if arn not in settings.revoked_key_arns]
        if statement.get("Sid") not in ours or left == resources:
            result.append(statement)
        elif left:
            result.append({**statement, "Resource": left})
    return {**document, "Statement": result}


def policies_to_read(settings: RoleSettings, account_id: str, partition: str, kind: RoleKind) -> list[str] | None:
    """The inline policies that the settings may change; None for all there are, which matter to taking out and to findings."""
    wanted = kind.inline(settings, account_id, partition)
    if settings.inspect:
        return None
    if settings.present:
        return [name for name, asked in wanted.items() if asked or settings.purge]
    return [name for name in wanted if name == statements.KMS_POLICY_NAME] if settings.revoked_key_arns else None


def changed_role(current: Role | None, settings: RoleSettings, account_id: str, partition: str, kind: RoleKind) -> Role | None:
    """The role as the settings want it. Raises FleetError as `wanted_role` and `role_without_sources` do."""
    if settings.present:
        return wanted_role(current, settings, account_id, partition, kind)
    if current is None:
        return None
    return role_without_keys(current, settings) if settings.revoked_key_arns else role_without_sources(current, settings, partition, kind)


def findings_of(role: Role | None, kind: RoleKind) -> list[Finding]:
    """What a person should see about a role that is there, of what was read of it."""
    if role is None:
        return []
    return [
        *role_findings.of_path(kind.name, role.path),
        *role_findings.of_trust(kind.name, role.trust),
        *role_findings.of_managed_policies(kind.name, role.managed, role.documents),
        *role_findings.of_inline_policies(kind.name, role.inline),
    ]
