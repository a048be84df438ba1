# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is wrong with what a user wrote about the roles of destinations. Pure. Private to this collection."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._access.common import UNKNOWN_KEY_ID
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.roles import RoleSettings
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.regions import partition_of
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import Target, account_ids_problems
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.problems import Problem

DESCRIPTION_LIMIT = 1000  # characters, IAM's CreateRole

_KEY_ARN = re.compile(r"arn:(?P<partition>aws[a-z-]*):kms:[a-z0-9-]+:(?P<account_id>[0-9]{12}):key/(?P<key_id>[A-Za-z0-9-]+)")
_PARAMETER = re.compile(r"/?[A-Za-z0-9_.-][A-Za-z0-9_./-]*")
_POLICY_ARN = re.compile(r"arn:(?P<partition>aws[a-z-]*):iam::(?P<account_id>[0-9]{12}|aws):policy/[\w+=,.@/-]+", re.ASCII)
_POLICY_NAME = re.compile(r"[\w+=,.@-]+(?:/[\w+=,.@-]+)*", re.ASCII)

SETTINGS_SPEC: dict[str, Any] = {
    "source_account_ids": {"type": "list", "elements": "raw", "required": True},
    "key_arns": {"type": "list", "elements": "str", "default": [], "no_log": False},
    "launch_templates": {"type": "bool", "default": False},
    "ssm_parameter_prefixes": {"type": "list", "elements": "str", "default": []},
    "ssm_parameter_names": {"type": "list", "elements": "str", "default": []},
    "fast_launch": {"type": "bool", "default": False},
    "lifecycle_role": {"type": "bool", "default": False},
    "permissions_boundary": {"type": "str"},
    "description": {"type": "str"},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
}
"""Options that say what the roles are like, whoever makes them."""

_SOURCES = {"source_account_ids", "key_arns"}


def read_settings(options: Mapping[str, Any], targets: Sequence[Target], check_mode: bool) -> tuple[RoleSettings, list[Problem]]:
    """What the options of SETTINGS_SPEC ask for in the targets, and everything that is wrong with them."""
    sources, key_arns = options["source_account_ids"], options["key_arns"]
    problems = account_ids_problems(sources, "source_account_ids")
    if not sources:
        problems.append(Problem("source_account_ids", "at least one account is needed."))
    keys, key_problems = keys_of_sources(sources, key_arns, check_mode) if not problems else ({}, [])
    problems += [
        *key_problems,
        *parameters_problems(options["ssm_parameter_prefixes"], "ssm_parameter_prefixes", are_prefixes=True),
        *parameters_problems(options["ssm_parameter_names"], "ssm_parameter_names", are_prefixes=False),
        *description_problems(options["description"]),
        *boundary_problems(options["permissions_boundary"], targets),
        *partition_problems(targets, key_arns),
    ]
    return RoleSettings(keys_of_source=keys, **{name: options[name] for name in SETTINGS_SPEC if name not in _SOURCES}), problems


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
    if UNKNOWN_KEY_ID in arn:
        return f"{arn}: this key does not exist yet. Have it made first, by the role source_keys or by the playbook distribute with --tags access."
    if ":alias/" in arn or arn.startswith("alias/"):
        return f"{arn} is an alias, and IAM ignores aliases in a policy's resources: give the ARN of the key itself (arn:aws:kms:...:key/...)."
    return f"{arn!r} is not the ARN of a KMS key (arn:aws:kms:REGION:ACCOUNT:key/KEY-ID)."


def revoked_keys_problems(revoked: Sequence[str], *, present: bool) -> list[Problem]:
    """What is wrong with the keys that shall be taken out: each is the ARN of a key, and nothing is given at the same time."""
    problems = [
        Problem(f"revoked_key_arns[{index}]", _key_arn_complaint(arn, "")) for index, arn in enumerate(revoked) if not _KEY_ARN.fullmatch(arn)
    ]
    return problems + [Problem("revoked_key_arns", "takes away, so it needs state: absent.")] * (bool(revoked) and present)


def parameters_problems(parameters: Sequence[str], path: str, *, are_prefixes: bool) -> list[Problem]:
    """What is wrong with names of parameters or their beginnings: one that is empty would open all parameters of the account."""
    rule = "letters, digits, . _ - and / may be used, at least one beside /" + (", and a * at the end only" if are_prefixes else "")
    return [
        Problem(f"{path}[{index}]", f"{parameter!r} is not valid: {rule}.")
        for index, parameter in enumerate(parameters)
        if not _PARAMETER.fullmatch(parameter.removesuffix("*") if are_prefixes else parameter)
    ]


def description_problems(description: str | None) -> list[Problem]:
    """What is wrong with a description of a role."""
    length = len(description or "")
    return [Problem("description", f"has {length} characters, and IAM takes {DESCRIPTION_LIMIT}.")] if length > DESCRIPTION_LIMIT else []


def boundary_problems(boundary: str | None, targets: Iterable[Target]) -> list[Problem]:
    """What is wrong with a permissions boundary: a policy of one account cannot bound roles of another."""
    if not boundary:
        return []
    if not boundary.startswith("arn:"):
        message = f"{boundary!r} is neither the ARN nor the name of a policy (with its path, if it has one: team/Boundary)."
        return [] if _POLICY_NAME.fullmatch(boundary) else [Problem("permissions_boundary", message)]
    arn = _POLICY_ARN.fullmatch(boundary)
    if not arn:
        return [Problem("permissions_boundary", f"{boundary!r} is not the ARN of an IAM policy (arn:aws:iam::ACCOUNT:policy/NAME).")]
    strangers = [target.name for target in targets if arn["account_id"] not in ("aws", target.account_id)]
    if not strangers:
        return []
    message = f"{boundary} cannot bound roles of {', '.join(strangers)}: give the name alone, and each account's own policy of that name is taken."
    return [Problem("permissions_boundary", message)]


def partition_problems(targets: Sequence[Target], key_arns: Sequence[str]) -> list[Problem]:
    """Destinations of another partition than the keys', or without keys the first destination's: images cannot be copied there.

    EC2's CopyImage does not leave its partition, nor does a trust or a key.
    """
    keys = [arn["partition"] for arn in map(_KEY_ARN.fullmatch, key_arns) if arn]
    places = [(f"targets[{index}].regions", target, partition_of(region)) for index, target in enumerate(targets) for region in target.regions]
    partitions = [*keys, *(partition for _path, _target, partition in places)]
    home = partitions[0] if partitions else ""
    strange = {(path, target.name, partition) for path, target, partition in places if partition != home}
    problems = [
        Problem(
            path,
            f"{name}: these Regions are in the partition {partition}, and the source is in {home}; no image can be copied across.",
        )
        for path, name, partition in sorted(strange)
    ]
    return problems + [Problem("key_arns", f"keys of several partitions: {', '.join(sorted(set(keys)))}.")] * (len(set(keys)) > 1)
