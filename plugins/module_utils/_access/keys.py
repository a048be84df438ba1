# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The KMS keys of the source that encrypt the images, one in each Region. Private to this collection.

A key is found by its alias. It is created with its whole policy and a tag that names the alias, so a run that was interrupted before the
alias was made finds its key again. What is wanted is computed from what is there, then written; check mode leaves out the writing only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry
from ansible_collections.amazon.aws.plugins.module_utils.tagging import (
    ansible_dict_to_boto3_tag_list,
    boto3_tag_list_to_ansible_dict,
    compare_aws_tags,
)
from ansible_collections.golden.imagebuilder.plugins.module_utils._access import policy, statements
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.policy import Policy
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.errors import FleetError
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.run import Outcome
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.sessions import Client, Sessions, Target, partition_of
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.schema import Problem

ALIAS_TAG = "golden.imagebuilder/alias"
"""Carried by every key that was made here; its value is the alias that the key was made for."""

UNKNOWN_KEY_ID = "(known after creation)"
"""Stands in check mode for the id of a key that would be created."""

DESCRIPTION = "Encrypts the images that EC2 Image Builder delivers to other accounts"

POLICY_LIMIT = 32768  # bytes, "Resource quotas" of the KMS developer guide

_ALIAS = re.compile(r"alias/[A-Za-z0-9/_-]{1,250}")
_ARN = re.compile(r"arn:aws[a-z-]*:kms:(?P<region>[a-z0-9-]+):(?P<account_id>[0-9]{12}):(?:key|alias)/[A-Za-z0-9/_-]+")
_KEY_ID = re.compile(r"(?:mrk-)?[a-f0-9-]{32,36}")
_ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::[0-9]{12}:role/[\w+=,.@/-]+", re.ASCII)


@dataclass(frozen=True)
class KeySettings:
    """What the key of every Region shall be."""

    alias: str  # with its prefix alias/
    destination_account_ids: Sequence[str] = ()
    build_instance_role_arns: Sequence[str] = ()
    given: Mapping[str, str] = field(default_factory=dict)  # Region -> a key of somebody else
    description: str | None = None
    rotation: bool = True
    purge: bool = False
    tags: Mapping[str, str] | None = None
    purge_tags: bool = True


@dataclass(frozen=True)
class Key:
    """A key as far as it is ours to care about; None is what was neither asked for nor is to be changed."""

    policy: Policy
    arn: str | None = None
    alias: str | None = None
    description: str | None = None
    rotation: bool | None = None
    tags: Mapping[str, str] | None = None

    def described(self) -> dict[str, Any]:
        """The key for diffs, without its id: a check run, where there is none yet, shows the same as the real one."""
        members = {"alias": self.alias, "description": self.description, "enable_key_rotation": self.rotation, "tags": self.tags}
        return {"policy": policy.normalized(self.policy), **{name: value for name, value in members.items() if value is not None}}


# --- what the user wrote ---------------------------------------------------------------------------------------------------------------------


def full_alias(name: str) -> tuple[str, list[Problem]]:
    """The alias with its prefix, which may be left out, and what is wrong with it."""
    alias = name if name.startswith("alias/") else f"alias/{name}"
    if alias.startswith("alias/aws/"):
        return alias, [Problem("alias", f"{name!r} is reserved for keys of AWS, which no other account can ever use: choose a name of your own.")]
    if not _ALIAS.fullmatch(alias):
        return alias, [Problem("alias", f"{name!r} is not valid: letters, digits, / _ and - may be used.")]
    return alias, []


def given_keys_problems(given: Mapping[str, Any], regions: Sequence[str]) -> list[Problem]:
    """What is wrong with the existing keys: each must be a key id or ARN, and of the Region it is given for."""
    problems = []
    for region, key in given.items():
        path = f"keys.{region}"
        arn = _ARN.fullmatch(str(key))
        if region not in regions:
            problems.append(Problem(path, f"{region} is none of regions."))
        if str(key).startswith("alias/aws/") or ":alias/aws/" in str(key):
            problems.append(Problem(path, f"{key} is a key of AWS, which no other account can ever use: give a customer managed key."))
        elif arn and arn["region"] != region:
            problems.append(Problem(path, f"{key} is a key of {arn['region']}; a key works in its own Region only, so give one of {region}."))
        elif not (arn or _KEY_ID.fullmatch(str(key)) or _ALIAS.fullmatch(str(key))):
            problems.append(Problem(path, f"{key!r} is neither the id nor the ARN of a KMS key, nor an alias."))
    return problems


def role_arns_problems(role_arns: Sequence[Any], path: str) -> list[Problem]:
    """What is wrong with a list of ARNs of roles."""
    return [
        Problem(f"{path}[{index}]", f"{arn!r} is not the ARN of an IAM role (arn:aws:iam::ACCOUNT:role/NAME).")
        for index, arn in enumerate(role_arns)
        if not _ROLE_ARN.fullmatch(str(arn))
    ]


# --- what is wanted (pure) -------------------------------------------------------------------------------------------------------------------


def wanted_key(current: Key | None, settings: KeySettings, account_id: str, region: str) -> Key:
    """The key as it is to be, made from what is there. A key that was given gets the statements of the destinations and nothing else.

    Raises FleetError when the policy would be longer than KMS takes.
    """
    partition = partition_of(region)
    wanted = [
        # The owner has the key by the owner's statement already.
        *statements.key_destinations(partition, set(settings.destination_account_ids) - {account_id}),
        *statements.key_build_instances(settings.build_instance_role_arns),
    ]
    if current is None:
        owner = statements.key_owner(partition, account_id)
        tags = {**tag_texts(settings.tags), ALIAS_TAG: settings.alias}
        description = settings.description if settings.description is not None else DESCRIPTION
        key = Key(policy.merged(None, [owner, *wanted]), None, settings.alias, description, settings.rotation, tags)
    else:
        document = policy.merged(current.policy, wanted, statements.KEY_SIDS if settings.purge else ())
        is_given = region in settings.given
        key = Key(document, current.arn) if is_given else _adopted(current, document, settings)
    length = len(policy.encoded(key.policy).encode())
    if length > POLICY_LIMIT:
        raise FleetError(
            "PolicyTooLong",
            f"The key policy for {len(settings.destination_account_ids)} destinations would have {length} bytes, and KMS takes {POLICY_LIMIT}. "
            f"Remove statements for accounts that left (purge), or allow the organization instead of each account in a key of your own.",
        )
    return key


def _adopted(current: Key, document: Policy, settings: KeySettings) -> Key:
    """The key of our alias with the wanted settings; an option that was not given leaves alone what is there."""
    return Key(
        policy=document,
        arn=current.arn,
        alias=settings.alias,
        description=current.description if settings.description is None else settings.description,
        rotation=settings.rotation,
        tags=_wanted_tags(current.tags, settings),
    )


def _wanted_tags(present: Mapping[str, str] | None, settings: KeySettings) -> Mapping[str, str] | None:
    if settings.tags is None or present is None:
        return present
    ours = {key: value for key, value in present.items() if key == ALIAS_TAG}
    return {**(ours if settings.purge_tags else present), **tag_texts(settings.tags)}


def tag_texts(tags: Mapping[str, Any] | None) -> dict[str, str]:
    """Tags as AWS has them: numbers and booleans become text, and nothing (null) the empty text."""
    return {key: "" if value is None else str(value) for key, value in (tags or {}).items()}


# --- reading -------------------------------------------------------------------------------------------------------------------------------


def read_key(kms: Client, settings: KeySettings, account_id: str, region: str, alias_exists: bool = False) -> Key | None:
    """The key of the Region as it is: the given one, that of the alias, or one that an interrupted run made; None when there is none.

    `alias_exists` says that KMS has just refused the alias as taken, so it is waited for. Raises FleetError when there is a key but it cannot
    encrypt images for other accounts.
    """
    given = settings.given.get(region)
    describe = _patiently(kms.describe_key) if alias_exists else kms.describe_key
    metadata = _metadata(describe, given or settings.alias, required=alias_exists or given is not None)
    alias = settings.alias if metadata else None
    metadata = metadata or _key_of_interrupted_run(kms, settings.alias)
    if metadata is None:
        return None
    complaint = complaint_about(metadata, account_id, region)
    if complaint:
        raise FleetError("UnusableKey", f"{given or settings.alias} ({metadata['Arn']}) {complaint}")
    key_id = metadata["KeyId"]
    document = policy.parsed(kms.get_key_policy(KeyId=key_id, PolicyName="default")["Policy"])
    if given:
        return Key(document, metadata["Arn"])
    return Key(
        policy=document,
        arn=metadata["Arn"],
        alias=alias,
        description=metadata.get("Description", ""),
        rotation=kms.get_key_rotation_status(KeyId=key_id)["KeyRotationEnabled"],
        tags=None if settings.tags is None else _tags(kms, key_id),
    )


def _metadata(describe: Callable[..., Any], key: str, required: bool) -> Mapping[str, Any] | None:
    """DescribeKey's answer; None when there is no such key and it is not required."""
    try:
        metadata: Mapping[str, Any] = describe(KeyId=key)["KeyMetadata"]
    except is_boto3_error_code("NotFoundException"):
        if required:
            raise
        return None
    return metadata


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
    if state == "PendingDeletion":
        return f"will be deleted on {metadata.get('DeletionDate')}: cancel the deletion and enable it, or point the alias to another key."
    return None if state == "Enabled" else f"is in state {state}: enable it, or give another key."


def _key_of_interrupted_run(kms: Client, alias: str) -> Mapping[str, Any] | None:
    """The key that was made for the alias by a run that ended before it made the alias."""
    keys = [key["KeyId"] for page in kms.get_paginator("list_keys").paginate() for key in page["Keys"]]
    if not keys:
        return None
    named = {entry.get("TargetKeyId") for page in kms.get_paginator("list_aliases").paginate() for entry in page["Aliases"]}
    for key_id in keys:
        if key_id not in named and _tags(kms, key_id).get(ALIAS_TAG) == alias:
            metadata: Mapping[str, Any] = kms.describe_key(KeyId=key_id)["KeyMetadata"]
            if metadata["KeyState"] == "Enabled":
                return metadata
    return None


def _tags(kms: Client, key_id: str) -> dict[str, str]:
    """The tags of a key; none for one that keeps its tags from us, which then is not ours."""
    try:
        pages = kms.get_paginator("list_resource_tags").paginate(KeyId=key_id)
        tags = [tag for page in pages for tag in page["Tags"]]
    except is_boto3_error_code("AccessDeniedException"):
        return {}
    return dict(boto3_tag_list_to_ansible_dict(tags, tag_name_key_name="TagKey", tag_value_key_name="TagValue"))


# --- writing -------------------------------------------------------------------------------------------------------------------------------


def ensure_key(sessions: Sessions, settings: KeySettings, check_mode: bool) -> Callable[[Target], Outcome]:
    """The function that brings the key of a target's only Region (see run.by_region) into the wanted state."""

    def ensure(target: Target, alias_exists: bool = False) -> Outcome:
        region = target.regions[0]
        account_id = sessions.account_id(target)
        kms = sessions.client(target, "kms", region)
        before = read_key(kms, settings, account_id, region, alias_exists)
        after = wanted_key(before, settings, account_id, region)
        described = [key.described() if key else {} for key in (before, after)]
        changed = described[0] != described[1]
        arn_of = f"arn:{partition_of(region)}:kms:{region}:{account_id}:"
        arn = after.arn or f"{arn_of}key/{UNKNOWN_KEY_ID}"
        if changed and not check_mode:
            written = write_key(kms, before, after)
            if written is None:  # somebody made the alias meanwhile, so there is a key now
                return ensure(target, alias_exists=True)
            arn = written
        alias_arn = None if region in settings.given else f"{arn_of}{settings.alias}"
        header = alias_arn or arn
        diff = {"before": described[0], "after": described[1], "before_header": header, "after_header": header} if changed else None
        result = {"key_arn": arn, "alias_arn": alias_arn, "kms_key_id": alias_arn or arn}
        return Outcome(account_id, target.name, region=region, changed=changed, diff=diff, result=result)

    return ensure


def write_key(kms: Client, before: Key | None, after: Key) -> str | None:
    """Make the key what it is to be, with no call for what is right already; its ARN, or None when another one got the alias meanwhile."""
    if before is None:
        return _create_key(kms, after)
    arn = str(before.arn)
    if not policy.equal(before.policy, after.policy):
        kms.put_key_policy(KeyId=arn, PolicyName="default", Policy=policy.encoded(after.policy))
    if before.description != after.description:
        kms.update_key_description(KeyId=arn, Description=after.description)
    if before.tags != after.tags:
        _write_tags(kms, arn, before.tags or {}, after.tags or {})
    if before.rotation != after.rotation:
        _write_rotation(kms, arn, bool(after.rotation))
    if before.alias != after.alias and not _create_alias(kms, arn, str(after.alias)):
        return None
    return arn


def _create_key(kms: Client, key: Key) -> str | None:
    created = kms.create_key(
        Description=key.description,
        Policy=policy.encoded(key.policy),
        Tags=ansible_dict_to_boto3_tag_list(dict(key.tags or {}), tag_name_key_name="TagKey", tag_value_key_name="TagValue"),
    )
    arn = str(created["KeyMetadata"]["Arn"])
    if not _create_alias(kms, arn, str(key.alias)):
        # Nobody has used this key, and nobody would ever find it: it must not cost anything.
        kms.schedule_key_deletion(KeyId=arn, PendingWindowInDays=7)
        return None
    if key.rotation:
        _write_rotation(kms, arn, True)
    return arn


def _patiently(call: Any) -> Any:
    """The call again for some seconds while KMS does not find yet what has just been made."""
    return AWSRetry.jittered_backoff(retries=5, delay=1, max_delay=5, catch_extra_error_codes=["NotFoundException"])(call)


def _create_alias(kms: Client, arn: str, alias: str) -> bool:
    """Whether the alias now names the key; not when it was made for another one meanwhile."""
    try:
        _patiently(kms.create_alias)(AliasName=alias, TargetKeyId=arn)
    except is_boto3_error_code("AlreadyExistsException"):
        return False
    return True


def _write_rotation(kms: Client, arn: str, enabled: bool) -> None:
    _patiently(kms.enable_key_rotation if enabled else kms.disable_key_rotation)(KeyId=arn)


def _write_tags(kms: Client, arn: str, before: Mapping[str, str], after: Mapping[str, str]) -> None:
    to_set, to_remove = compare_aws_tags(dict(before), dict(after))
    if to_set:
        kms.tag_resource(KeyId=arn, Tags=ansible_dict_to_boto3_tag_list(to_set, tag_name_key_name="TagKey", tag_value_key_name="TagValue"))
    if to_remove:
        kms.untag_resource(KeyId=arn, TagKeys=to_remove)
