# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Reading and writing the source's keys at KMS. Private to this collection.

A key is found by its alias. It is created with its whole policy and a tag that names the alias, so a run that was interrupted before the
alias was made finds its key again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
    compare_aws_tags,
)
from ansible_collections.golden.imagebuilder.plugins.module_utils._access import key_grants, policy
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.keys import ALIAS_TAG, Key, KeySettings, complaint_about
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.policy import Policy
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.principals import sending
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.writing import patiently, until_gone
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.errors import FleetError
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.sessions import Client

Metadata = Mapping[str, Any]
"""DescribeKey's answer."""

_SECONDS_OF_CREATION = 60  # a replica takes some seconds

_UNSEEN = "NotFoundException"


# --- reading ---------------------------------------------------------------------------------------------------------------------------------


def read_key(kms: Client, settings: KeySettings, account_id: str, region: str, found: tuple[Metadata, str | None] | None) -> Key | None:
    """The key that was found (see `find_key`) as it is. Raises FleetError when it cannot encrypt images for other accounts."""
    if found is None:
        return None
    metadata, alias = found
    given = settings.given.get(region)
    metadata = _when_created(kms, metadata)
    complaint = complaint_about(metadata, account_id, region)
    if complaint:
        raise FleetError("UnusableKey", f"{given or settings.alias} ({metadata['Arn']}) {complaint}")
    key_id = metadata["KeyId"]
    grants = frozenset(key_grants.read(kms, key_id)) if settings.auto_scaling_grants or settings.purge or settings.revoked_account_ids else None
    if given:
        return Key(read_policy(kms, key_id), metadata["Arn"], auto_scaling_account_ids=grants)
    is_replica = metadata.get("MultiRegionConfiguration", {}).get("MultiRegionKeyType") == "REPLICA"
    return Key(
        policy=read_policy(kms, key_id),
        arn=metadata["Arn"],
        alias=alias,
        description=metadata.get("Description", ""),
        rotation=None if is_replica else kms.get_key_rotation_status(KeyId=key_id)["KeyRotationEnabled"],
        tags=read_tags(kms, key_id) if settings.touches_tags else None,
        primary_arn=primary_arn_of(metadata),
        auto_scaling_account_ids=grants,
    )


def find_key(
    kms: Client, settings: KeySettings, region: str, primary_arn: str | None = None, *, alias_exists: bool = False
) -> tuple[Metadata, str | None] | None:
    """The key of the Region, and the alias that names it: the given key, that of the alias, or one that an interrupted run made; None if none.

    `primary_arn` says that only a replica of that key will do. `alias_exists` says that KMS has just refused the alias as taken, so it is
    waited for.
    """
    given = settings.given.get(region)
    describe = patiently(kms.describe_key, _UNSEEN) if alias_exists else kms.describe_key
    metadata = describe_key(describe, given or settings.alias, required=alias_exists or given is not None)
    if metadata:
        return metadata, settings.alias
    replica_id = primary_arn.rsplit("/", 1)[1] if primary_arn else None  # all keys of a multi-Region key have one id
    metadata = describe_key(kms.describe_key, replica_id) if replica_id else key_of_interrupted_run(kms, settings.alias)
    return (metadata, None) if metadata else None


def describe_key(describe: Callable[..., Any], key: str, *, required: bool = False) -> Metadata | None:
    """DescribeKey's answer; None when there is no such key and it is not required."""
    try:
        metadata: Metadata = describe(KeyId=key)["KeyMetadata"]
    except is_boto3_error_code(_UNSEEN):
        if required:
            raise
        return None
    return metadata


def primary_arn_of(metadata: Metadata) -> str | None:
    """The ARN of the primary key of a multi-Region key, None for a key of one Region."""
    arn: str | None = metadata.get("MultiRegionConfiguration", {}).get("PrimaryKey", {}).get("Arn")
    return arn


def key_of_interrupted_run(kms: Client, alias: str) -> Metadata | None:
    """The key that was made for the alias by a run that ended before it made the alias."""
    keys = [key["KeyId"] for page in kms.get_paginator("list_keys").paginate() for key in page["Keys"]]
    if not keys:
        return None
    named = {entry.get("TargetKeyId") for page in kms.get_paginator("list_aliases").paginate() for entry in page["Aliases"]}
    for key_id in keys:
        if key_id not in named and read_tags(kms, key_id).get(ALIAS_TAG) == alias:
            metadata: Metadata = kms.describe_key(KeyId=key_id)["KeyMetadata"]
            if metadata["KeyState"] == "Enabled":
                return metadata
    return None


def read_tags(kms: Client, key_id: str) -> dict[str, str]:
    """The tags of a key; none for one that keeps its tags from us, which then is not ours."""
    try:
        pages = kms.get_paginator("list_resource_tags").paginate(KeyId=key_id)
        tags = [tag for page in pages for tag in page["Tags"]]
    except is_boto3_error_code("AccessDeniedException"):
        return {}
    return dict(boto3_tag_list_to_ansible_dict(tags, tag_name_key_name="TagKey", tag_value_key_name="TagValue"))


def read_policy(kms: Client, key_id: str) -> Policy:
    """The key policy; there is but the one named `default`."""
    return policy.parsed(kms.get_key_policy(KeyId=key_id, PolicyName="default")["Policy"])


def _when_created(kms: Client, metadata: Metadata) -> Metadata:
    """DescribeKey's answer after KMS has made what it is making, at latest after a minute."""
    deadline = time.monotonic() + _SECONDS_OF_CREATION
    while metadata.get("KeyState") == "Creating" and time.monotonic() < deadline:
        time.sleep(1)
        metadata = kms.describe_key(KeyId=metadata["KeyId"])["KeyMetadata"]
    return metadata


# --- writing ---------------------------------------------------------------------------------------------------------------------------------


def create_key(kms: Client, key: Key) -> str | None:
    """Make the key with its alias; its ARN, or None when another one got the alias meanwhile."""
    extra = {} if key.primary_arn is None else {"MultiRegion": True}
    create = sending(kms.create_key, key.policy, "a new key", _UNSEEN)
    answer = create(Description=key.description, Policy=policy.encoded(key.policy), Tags=_tag_list(key.tags), **extra)
    arn, alias = str(answer["KeyMetadata"]["Arn"]), str(key.alias)
    if not create_alias(kms, arn, alias):
        # Nobody has used this key, and nobody would ever find it: it must not cost anything.
        schedule_deletion(kms, arn)
        return None
    if answer["ResponseMetadata"].get("RetryAttempts"):
        _delete_twins(kms, alias)
    if key.rotation:
        write_rotation(kms, arn, enabled=True)
    return arn


def _delete_twins(kms: Client, alias: str) -> None:
    """Undo the attempts at CreateKey whose answers were lost; it knows no token that would make it once for all of them.

    This is for when the alias has its key. A key that another run makes for it at the same time has no future either, and that run deletes it.
    """
    while twin := key_of_interrupted_run(kms, alias):
        schedule_deletion(kms, twin["Arn"])


def schedule_deletion(kms: Client, arn: str, days: int = 7) -> None:
    """Have a key deleted after some days; by default as soon as KMS does. One that waits for it already does not mind."""
    until_gone(kms.schedule_key_deletion, "KMSInvalidStateException")(KeyId=arn, PendingWindowInDays=days)


def replicate_key(primary_kms: Client, kms: Client, key: Key, region: str) -> str | None:
    """Make the key as a replica of its primary key, with its alias; its ARN, or None when another run was faster."""
    replicate = sending(primary_kms.replicate_key, key.policy, f"a replica of {key.primary_arn}", _UNSEEN)
    try:
        metadata = replicate(
            KeyId=key.primary_arn,
            ReplicaRegion=region,
            Policy=policy.encoded(key.policy),
            Description=key.description,
            Tags=_tag_list(key.tags),
        )["ReplicaKeyMetadata"]
    except is_boto3_error_code("AlreadyExistsException"):
        # Another run was faster, or our own first attempt whose answer was lost: then it has no alias yet.
        create_alias(kms, _replica_arn(str(key.primary_arn), region), str(key.alias))
        return None
    _when_created(kms, metadata)
    return str(metadata["Arn"]) if create_alias(kms, metadata["Arn"], str(key.alias)) else None


def _replica_arn(primary_arn: str, region: str) -> str:
    """All keys of a multi-Region key have the same ARN, apart from the Region."""
    parts = primary_arn.split(":")
    return ":".join([*parts[:3], region, *parts[4:]])


def write_policy(kms: Client, arn: str, document: Policy) -> None:
    """Put a key policy. Raises FleetError when principals of it were deleted, which we may not take out of statements of others."""
    sending(kms.put_key_policy, document, arn, _UNSEEN)(KeyId=arn, PolicyName="default", Policy=policy.encoded(document))


def write_settings(kms: Client, before: Key, after: Key) -> None:
    """Description, tags and rotation, with no call for what is right already."""
    arn = str(before.arn)
    if before.description != after.description:
        kms.update_key_description(KeyId=arn, Description=after.description)
    if before.tags != after.tags:
        _write_tags(kms, arn, before.tags or {}, after.tags or {})
    if before.rotation != after.rotation:
        write_rotation(kms, arn, enabled=bool(after.rotation))


def create_alias(kms: Client, arn: str, alias: str) -> bool:
    """Whether the alias now names the key; not when it was made for another one meanwhile."""
    try:
        patiently(kms.create_alias, _UNSEEN)(AliasName=alias, TargetKeyId=arn)
    except is_boto3_error_code("AlreadyExistsException"):
        # By another run, or by our own first attempt whose answer was lost.
        named = patiently(kms.describe_key, _UNSEEN)(KeyId=alias)["KeyMetadata"]["Arn"]
        return bool(named == arn)
    return True


def write_rotation(kms: Client, arn: str, *, enabled: bool) -> None:
    """Whether AWS makes new key material every year."""
    patiently(kms.enable_key_rotation if enabled else kms.disable_key_rotation, _UNSEEN)(KeyId=arn)


def _write_tags(kms: Client, arn: str, before: Mapping[str, str], after: Mapping[str, str]) -> None:
    to_set, to_remove = compare_aws_tags(dict(before), dict(after))
    if to_set:
        kms.tag_resource(KeyId=arn, Tags=_tag_list(to_set))
    if to_remove:
        kms.untag_resource(KeyId=arn, TagKeys=to_remove)


def _tag_list(tags: Mapping[str, str] | None) -> list[dict[str, str]]:
    listed: list[dict[str, str]] = ansible_dict_to_boto3_tag_list(dict(tags or {}), tag_name_key_name="TagKey", tag_value_key_name="TagValue")
    return listed
