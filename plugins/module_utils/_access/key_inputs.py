# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The options about the source's keys: what they mean, and what is wrong with them. Pure. Private to this collection."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._access.key_deletion import Deletion
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.keys import KeySettings
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.regions import partition_of
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import (
    Target,
    account_ids_problems,
    parse_account,
    parse_targets,
    regions_problems,
)
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.problems import Problem

_ALIAS = re.compile(r"alias/[A-Za-z0-9/_-]{1,250}")
_ARN = re.compile(r"arn:aws[a-z-]*:kms:(?P<region>[a-z0-9-]+):(?P<account_id>[0-9]{12}):(?:key|alias)/[A-Za-z0-9/_-]+")
_KEY_ID = re.compile(r"(?:mrk-)?[a-f0-9-]{32,36}")
_ROLE_ARN = re.compile(r"arn:(?P<partition>aws[a-z-]*):iam::[0-9]{12}:role/[\w+=,.@/-]+", re.ASCII)
_ORGANIZATION_ID = re.compile(r"o-[a-z0-9]{10,32}")  # the patterns of the Organizations API
_UNIT_PATH = re.compile(r"o-[a-z0-9]{10,32}/r-[0-9a-z]{4,32}(/ou-[0-9a-z]{4,32}-[a-z0-9]{8,32})*(/\*?)?")


# --- all of them -----------------------------------------------------------------------------------------------------------------------------


def read_options(params: dict[str, Any]) -> tuple[Target | None, list[str], KeySettings, list[Problem]]:
    """Source, Regions, settings, and everything that is wrong with the options."""
    source, problems = parse_account(params["account"])
    regions = params["regions"] or (list(source.regions) if source else [])
    if not regions:
        problems.append(Problem("regions", "at least one Region is needed."))
    alias, found = full_alias(params["alias"])
    problems += found
    regions_path = "regions" if params["regions"] else "account.regions"
    wrong_regions = regions_problems(regions, regions_path) if params["regions"] else []
    problems += wrong_regions or partition_problems(regions, regions_path)
    problems += account_ids_problems(params["destination_account_ids"], "destination_account_ids")
    problems += revoked_problems(params["revoked_account_ids"], params["destination_account_ids"])
    problems += organization_problems(params["destination_organization_ids"], params["destination_organizational_unit_paths"])
    problems += given_keys_problems(params["keys"], regions)
    partition = partition_of(regions[0]) if regions and not wrong_regions else None
    problems += role_arns_problems(params["build_instance_role_arns"], "build_instance_role_arns", partition)
    settings = KeySettings(
        alias=alias,
        destination_account_ids=params["destination_account_ids"],
        destination_organization_ids=params["destination_organization_ids"],
        destination_organizational_unit_paths=params["destination_organizational_unit_paths"],
        organization_when_too_long=params["organization_when_too_long"],
        revoked_account_ids=params["revoked_account_ids"],
        build_instance_role_arns=params["build_instance_role_arns"],
        given=params["keys"],
        description=params["description"],
        rotation=params["enable_key_rotation"],
        multi_region=params["multi_region"],
        auto_scaling_grants=params["auto_scaling_grants"],
        purge=params["purge"],
        tags=params["tags"],
        purge_tags=params["purge_tags"],
    )
    return source, regions, settings, problems


def read_deletion(params: dict[str, Any]) -> tuple[Deletion | None, list[Problem]]:
    """How keys are to be deleted, None when they are to be kept, and everything that is wrong with these options."""
    if params["state"] == "present":
        return None, []
    accounts, problems = parse_targets(params["snapshot_accounts"], "snapshot_accounts")
    days = params["pending_window_in_days"]
    if not 7 <= days <= 30:
        problems.append(Problem("pending_window_in_days", f"{days} is not possible: KMS waits 7 to 30 days."))
    if params["keys"]:
        problems.append(Problem("keys", "keys that are given were not made here and are never deleted here; leave them out with state absent."))
    return Deletion(days, accounts), problems


# --- one by one ------------------------------------------------------------------------------------------------------------------------------


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


def role_arns_problems(role_arns: Sequence[Any], path: str, partition: str | None = None) -> list[Problem]:
    """What is wrong with a list of ARNs of roles: each is one, and of the partition where it is known."""
    problems = []
    for index, arn in enumerate(role_arns):
        role = _ROLE_ARN.fullmatch(str(arn))
        if not role:
            message = f"{arn!r} is not the ARN of an IAM role (arn:{partition or 'aws'}:iam::ACCOUNT:role/NAME)."
            problems.append(Problem(f"{path}[{index}]", message))
        elif partition and role["partition"] != partition:
            message = f"{arn} is a role of partition {role['partition']}, and the keys are in {partition}: no role can be used across partitions."
            problems.append(Problem(f"{path}[{index}]", message))
    return problems


def partition_problems(regions: Sequence[str], path: str) -> list[Problem]:
    """What is wrong with Regions of several partitions: nothing passes from one to another, neither images nor keys nor roles."""
    if not regions:
        return []
    home = partition_of(regions[0])
    return [
        Problem(
            f"{path}[{index}]",
            f"{region} is of partition {partition_of(region)}, but {regions[0]} is of {home}: images cannot be delivered from one partition to "
            f"another. Use a source account of its own in each, and an inventory of its own for its destinations.",
        )
        for index, region in enumerate(regions)
        if partition_of(region) != home
    ]


def organization_problems(organization_ids: Sequence[Any], unit_paths: Sequence[Any]) -> list[Problem]:
    """What is wrong with the organizations and the paths of organizational units."""
    problems = [
        Problem(f"destination_organization_ids[{index}]", f"{value!r} is not the id of an organization (o- and 10 to 32 letters and digits).")
        for index, value in enumerate(organization_ids)
        if not _ORGANIZATION_ID.fullmatch(str(value))
    ]
    return problems + [
        Problem(
            f"destination_organizational_unit_paths[{index}]",
            f"{value!r} is not the path of an organizational unit: ids from the organization down, as in o-a1b2c3d4e5/r-ab12/ou-ab12-11111111.",
        )
        for index, value in enumerate(unit_paths)
        if not _UNIT_PATH.fullmatch(str(value))
    ]


def revoked_problems(revoked: Sequence[Any], destinations: Sequence[Any]) -> list[Problem]:
    """What is wrong with the accounts that shall lose the keys: they cannot get them at the same time."""
    problems = account_ids_problems(revoked, "revoked_account_ids")
    return problems + [
        Problem(f"revoked_account_ids[{index}]", f"{account_id} is one of destination_account_ids too: name it in one of them.")
        for index, account_id in enumerate(revoked)
        if account_id in destinations
    ]
