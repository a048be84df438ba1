# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The KMS keys of the source that encrypt the images, one in each Region: what is wanted of them. Pure. Private to this collection.

The options are judged in key_inputs.py, the calls are in kms.py and key_grants.py, the order of things in key_work.py and key_deletion.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._access import policy, statements
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.common import UNKNOWN_KEY_ID, tag_texts
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.policy import Policy
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.errors import FleetError
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.regions import partition_of

ALIAS_TAG = "golden.imagebuilder/alias"
"""Carried by every key that was made here; its value is the alias that the key was made for."""

DESCRIPTION = "Encrypts the images that EC2 Image Builder delivers to other accounts"

POLICY_LIMIT = 32768  # bytes, "Resource quotas" of the KMS developer guide
LIST_LIMIT = POLICY_LIMIT - 1536
"""How long a list of accounts may make a policy, so that there is room for the organization when it may not grow any more."""


@dataclass(frozen=True)
class KeySettings:
    """What the key of every Region shall be."""

    alias: str  # with its prefix alias/
    destination_account_ids: Sequence[str] = ()
    destination_organization_ids: Sequence[str] = ()
    destination_organizational_unit_paths: Sequence[str] = ()
    organization_when_too_long: bool = True
    revoked_account_ids: Sequence[str] = ()
    build_instance_role_arns: Sequence[str] = ()
    given: Mapping[str, str] = field(default_factory=dict)  # Region -> a key of somebody else
    description: str | None = None
    rotation: bool = True
    multi_region: bool = False
    auto_scaling_grants: bool = False
    purge: bool = False
    tags: Mapping[str, str] | None = None
    purge_tags: bool = True

    @property
    def touches_tags(self) -> bool:
        """Whether tags of an existing key are set or removed, so that they have to be known."""
        return bool(self.tags) or (self.tags is not None and self.purge_tags)


@dataclass(frozen=True)
class Organization:
    """The organization that the source is in, or why that is not known."""

    id: str | None = None
    unknown_because: str = "nobody asked for it"


UNKNOWN_ORGANIZATION = Organization()


@dataclass(frozen=True)
class Key:
    """A key as far as it is ours to care about; None is what was neither asked for nor is to be changed.

    A replica of a multi-Region key has everything for itself but the rotation, which follows that of the primary key.
    """

    policy: Policy
    arn: str | None = None
    alias: str | None = None
    description: str | None = None
    rotation: bool | None = None
    tags: Mapping[str, str] | None = None
    primary_arn: str | None = None  # of a multi-Region key, its own for the primary key itself
    auto_scaling_account_ids: frozenset[str] | None = None  # whose Auto Scaling holds a grant

    def described(self) -> dict[str, Any]:
        """The key for diffs, without its id: a check run, where there is none yet, shows the same as the real one."""
        members = {
            "alias": self.alias,
            "auto_scaling_grants": None if self.auto_scaling_account_ids is None else sorted(self.auto_scaling_account_ids),
            "description": self.description,
            "enable_key_rotation": self.rotation,
            "multi_region": None if self.primary_arn is None else True,
            "tags": self.tags,
        }
        return {"policy": policy.shown(self.policy), **{name: value for name, value in members.items() if value is not None}}


# --- what is wanted: the policy --------------------------------------------------------------------------------------------------------------


def wanted_policy(current: Policy | None, settings: KeySettings, account_id: str, region: str, home: Organization = UNKNOWN_ORGANIZATION) -> Policy:
    """The policy of a key, made from what is there: the destinations in it one by one, or as organizations when the list would be too long.

    `home` is the organization to take then. Raises FleetError when it would be longer than KMS takes.
    """
    document = _merged_policy(current, settings, account_id, region)
    if _may_be_listed(current, document):
        return document
    named = _organizations_named(current, settings, home)
    if settings.organization_when_too_long and named is not None:
        document = _merged_policy(current, named, account_id, region)
    length = _length(document)
    if length > POLICY_LIMIT:
        raise FleetError("PolicyTooLong", _too_long(length, settings, home, listed=named is None))
    return document


def needs_organization(current: Policy | None, settings: KeySettings, account_id: str, region: str) -> bool:
    """Whether the list of destinations would be too long, and nothing says yet which organization to allow in its place."""
    if not settings.organization_when_too_long or _organizations_named(current, settings, UNKNOWN_ORGANIZATION) is not None:
        return False
    return not _may_be_listed(current, _merged_policy(current, settings, account_id, region))


def _merged_policy(current: Policy | None, settings: KeySettings, account_id: str, region: str) -> Policy:
    partition = partition_of(region)
    wanted = [
        # The owner has the key by the owner's statement already.
        *statements.key_destinations(partition, set(settings.destination_account_ids) - {account_id}),
        *statements.key_organizations(settings.destination_organization_ids),
        *statements.key_organizational_units(settings.destination_organizational_unit_paths),
        *statements.key_build_instances(settings.build_instance_role_arns),
    ]
    if current is None:
        return policy.merged(None, [statements.key_owner(partition, account_id), *wanted])
    document = policy.merged(current, wanted, statements.KEY_SIDS if settings.purge else ())
    return policy.without(document, statements.key_destinations(partition, settings.revoked_account_ids))


def _may_be_listed(current: Policy | None, document: Policy) -> bool:
    """Whether the policy with the list of accounts is short enough, or one that was long before does not grow, as when accounts leave."""
    longest = max(LIST_LIMIT, min(_length(current), POLICY_LIMIT)) if current else LIST_LIMIT
    return _length(document) <= longest or policy.equal(current, document)


def _organizations_named(current: Policy | None, settings: KeySettings, home: Organization) -> KeySettings | None:
    """The settings with organizations in place of the accounts; None when none is known.

    Which: those that the user names, else those that an earlier run has put into the policy, else the home.
    """
    unlisted = replace(settings, destination_account_ids=())
    if settings.destination_organization_ids or settings.destination_organizational_unit_paths:
        return unlisted
    present = [
        organization_id
        for statement in policy.statements_of(current)
        if statement.get("Sid") == statements.ORGANIZATIONS_USE_SID
        for organization_id in policy.condition_values(statement, "StringEquals", statements.ORGANIZATION_ID)
    ]
    found = present or ([home.id] if home.id else [])
    return replace(unlisted, destination_organization_ids=found) if found else None


def lets_organizations_in(document: Policy) -> bool:
    """Whether the policy allows the key to organizations, so that taking an account out of it takes nothing from a member."""
    sids = {statement.get("Sid") for statement in policy.statements_of(document)}
    return bool(sids & {statements.ORGANIZATIONS_USE_SID, statements.UNITS_USE_SID})


def _length(document: Policy) -> int:
    return len(policy.encoded(document).encode())


def _too_long(length: int, settings: KeySettings, home: Organization, *, listed: bool) -> str:
    said = (
        f"The key policy for {len(settings.destination_account_ids)} destinations would have {length} bytes, and KMS takes {POLICY_LIMIT}. "
        f"Remove statements for accounts that left (purge)"
    )
    if not settings.organization_when_too_long:
        return f"{said}, or allow the organization instead of each account (organization_when_too_long, or destination_organization_ids)."
    if listed:
        return f"{said}, or name the organization that they are in as destination_organization_ids, as it could not be read ({home.unknown_because})."
    return f"{said} and shorten those of others: even the organization in place of each account leaves it too long."


# --- what is wanted: the key -----------------------------------------------------------------------------------------------------------------


def wanted_key(current: Key | None, document: Policy, settings: KeySettings, region: str, primary_arn: str | None = None) -> Key:
    """The key as it is to be, made from what is there, with the policy from `wanted_policy`.

    A key that was given gets the statements and grants of the destinations and nothing else. `primary_arn` is that of a multi-Region key
    which a new key shall be a replica of.
    """
    grants = _wanted_grants(current, settings)
    if current is None:
        tags = {**tag_texts(settings.tags), ALIAS_TAG: settings.alias}
        description = settings.description if settings.description is not None else DESCRIPTION
        primary = (primary_arn or UNKNOWN_KEY_ID) if settings.multi_region else None
        rotation = None if primary_arn else settings.rotation
        return Key(document, None, settings.alias, description, rotation, tags, primary, grants)
    if region in settings.given:
        return Key(document, current.arn, auto_scaling_account_ids=grants)
    return _adopted(current, document, settings, grants)


def _wanted_grants(current: Key | None, settings: KeySettings) -> frozenset[str] | None:
    """Whose Auto Scaling shall hold a grant; None when that is left alone."""
    present = current.auto_scaling_account_ids if current else None
    wanted = frozenset(settings.destination_account_ids if settings.auto_scaling_grants else ())
    if present is None:
        return wanted if settings.auto_scaling_grants else None
    return wanted if settings.purge else wanted | (present - frozenset(settings.revoked_account_ids))


def _adopted(current: Key, document: Policy, settings: KeySettings, grants: frozenset[str] | None) -> Key:
    """The key of our alias with the wanted settings; an option that was not given leaves alone what is there."""
    return replace(
        current,
        policy=document,
        alias=settings.alias,
        description=current.description if settings.description is None else settings.description,
        rotation=None if current.rotation is None else settings.rotation,
        tags=_wanted_tags(current.tags, settings),
        auto_scaling_account_ids=grants,
    )


def _wanted_tags(present: Mapping[str, str] | None, settings: KeySettings) -> Mapping[str, str] | None:
    if settings.tags is None or present is None:
        return present
    ours = {key: value for key, value in present.items() if key == ALIAS_TAG}
    return {**(ours if settings.purge_tags else present), **tag_texts(settings.tags)}


# --- what is there ---------------------------------------------------------------------------------------------------------------------------


def complaint_about(metadata: Mapping[str, Any], account_id: str, region: str) -> str | None:
    """Why a key (DescribeKey's answer) cannot encrypt images for other accounts, and what to do; None when it can."""
    owner, home = metadata["Arn"].split(":")[4], metadata["Arn"].split(":")[3]
    if metadata.get("KeyManager") == "AWS":
        return "is a key of AWS, which no other account can ever use: give a customer managed key."
    if owner != account_id:
        return f"belongs to account {owner}, so its policy cannot be written from {account_id}: run this in {owner}, or give a key of {account_id}."
    if home != region:
        return f"is a key of {home}; a key works in its own Region only, so give one of {region}."
    if metadata.get("KeySpec", "SYMMETRIC_DEFAULT") != "SYMMETRIC_DEFAULT" or metadata.get("KeyUsage", "ENCRYPT_DECRYPT") != "ENCRYPT_DECRYPT":
        return f"is of kind {metadata.get('KeySpec')} for {metadata.get('KeyUsage')}, but EBS encrypts with symmetric encryption keys only."
    state = metadata.get("KeyState", "Enabled")
    if state in ("PendingDeletion", "PendingReplicaDeletion"):
        date = f"on {metadata['DeletionDate']}" if "DeletionDate" in metadata else "after its replicas"
        return f"will be deleted {date}: cancel the deletion and enable it, or point the alias to another key."
    return None if state == "Enabled" else f"is in state {state}: enable it, or give another key."
