# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The accounts of a fleet and the ways into them, as a user writes them. Pure. Private to this collection."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.regions import known_regions
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.problems import Problem

_ACCOUNT_ID = re.compile(r"[0-9]{12}")
_UNIT_IDS = re.compile(r"r-[0-9a-z]{4,32}(/ou-[0-9a-z]{4,32}-[0-9a-z]{8,32})*")  # API shapes RootId and OrganizationalUnitId
_ROLE_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
_ROLE_ARN = re.compile(r"arn:aws[a-z-]*:iam::(?P<account_id>[0-9]{12}):role/[\w+=,.@/-]+", re.ASCII)


@dataclass(frozen=True)
class Target:
    """An account and the way into it; without profile and role, the credentials of the task are the way."""

    account_id: str
    name: str
    regions: tuple[str, ...] = ()
    profile: str | None = None
    assume_role_arn: str | None = None
    external_id: str | None = None
    launch_templates: Mapping[str, str] | None = None  # Region -> id of a template of the account that is to get new images
    organizational_unit_ids: tuple[str, ...] = ()  # of the organization's root and the units down to the account


def account_id_problems(value: Any, path: str) -> list[Problem]:
    """What is wrong with an account id: it must be a string of 12 digits; a number is explained, never turned into a string."""
    if isinstance(value, str) and _ACCOUNT_ID.fullmatch(value):
        return []
    return _shape_problems("AccountId", value, path)


def account_ids_problems(values: Sequence[Any], path: str) -> list[Problem]:
    """What is wrong with a list of account ids."""
    return [problem for index, value in enumerate(values) for problem in account_id_problems(value, f"{path}[{index}]")]


def regions_problems(regions: Any, path: str) -> list[Problem]:
    """What is wrong with a list of Regions: each must exist and be named once."""
    if not isinstance(regions, (list, tuple)):
        return [Problem(path, f"a list of Regions is needed here, not {regions!r}.")]
    problems = []
    for index, region in enumerate(regions):
        here = f"{path}[{index}]"
        if region not in known_regions():
            problems.append(Problem(here, f"{region!r} is not an AWS Region (a Region that is new needs a newer botocore)."))
        elif region in regions[:index]:
            problems.append(Problem(here, f"{region} is named twice; name every Region once."))
    return problems


def parse_targets(raw: Sequence[Any], path: str = "targets") -> tuple[list[Target], list[Problem]]:
    """The targets that a user described, and everything that is wrong with the descriptions.

    The targets are usable only when there is no problem. Each problem names the entry and, where it has one, the name of the account, which
    for entries out of an inventory is the host.
    """
    targets, problems = [], []
    first_of: dict[str, str] = {}
    for index, entry in enumerate(raw):
        here = f"{path}[{index}]"
        target, found = parse_target(entry, here)
        problems += found
        if target is None:
            continue
        if target.account_id in first_of:
            problems.append(Problem(f"{here}.account_id", f"{target.name}: account {target.account_id} is already {first_of[target.account_id]}."))
        first_of.setdefault(target.account_id, f"{here} ({target.name})")
        targets.append(target)
    return targets, problems


def account_argument_spec() -> dict[str, Any]:
    """Option of the modules that work in one account; what is in it `parse_account` judges."""
    return {"account": {"type": "dict"}}


def parse_account(entry: Mapping[str, Any] | None) -> tuple[Target | None, list[Problem]]:
    """The account of a module's option `account`; None when it is not given, which means that of the task's credentials."""
    return (None, []) if entry is None else parse_target(entry, "account")


def parse_target(entry: Any, path: str) -> tuple[Target | None, list[Problem]]:
    """One target; None when anything is wrong with it."""
    if not isinstance(entry, Mapping):
        return None, [Problem(path, f"a dictionary with account_id is needed here, not {entry!r}.")]
    options = [field.name for field in fields(Target)]
    given = {str(key): value for key, value in entry.items() if value is not None}
    problems = [Problem(f"{path}.{key}", f"is not an option here. Valid are: {', '.join(options)}.") for key in given if key not in options]
    problems += _account_problems(given, path)
    problems += regions_problems(given.get("regions", []), f"{path}.regions")
    problems += _way_in_problems(given, path)
    problems += _launch_template_problems(given, f"{path}.launch_templates")
    problems += _unit_problems(given.get("organizational_unit_ids"), f"{path}.organizational_unit_ids")
    if problems:
        name = given.get("name")
        return None, [Problem(problem.path, f"{name}: {problem.message}" if name else problem.message) for problem in problems]
    given["name"] = str(given.get("name") or given["account_id"])
    given.update({name: tuple(given.get(name, ())) for name in ("regions", "organizational_unit_ids")})
    return Target(**given), []


def _account_problems(given: Mapping[str, Any], path: str) -> list[Problem]:
    if "account_id" in given:
        return account_id_problems(given["account_id"], f"{path}.account_id")
    return [Problem(f"{path}.account_id", "is required here; a host of an inventory gives it as image_builder_account_id.")]


def _launch_template_problems(given: Mapping[str, Any], path: str) -> list[Problem]:
    """What is wrong with the launch templates of an account: ids by Region, each one a Region to which images are delivered."""
    templates = given.get("launch_templates", {})
    if not isinstance(templates, Mapping):
        return [Problem(path, f"a dictionary of Regions and ids of launch templates is needed here, not {templates!r}.")]
    known = given["regions"] if isinstance(given.get("regions"), (list, tuple)) and given["regions"] else known_regions()
    problems = [Problem(f"{path}.{region}", f"{region!r} is not a Region of the account.") for region in templates if region not in known]
    return problems + [
        problem for region, template in templates.items() for problem in _shape_problems("LaunchTemplateId", template, f"{path}.{region}")
    ]


def _unit_problems(unit_ids: Any, path: str) -> list[Problem]:
    """What is wrong with the units that an account is in: the ids are those of the way from the root, as in the paths of IAM."""
    if unit_ids is None or (isinstance(unit_ids, (list, tuple)) and _UNIT_IDS.fullmatch("/".join(map(str, unit_ids)))):
        return []
    return [Problem(path, f"a list of ids is needed here, from the root (r-...) down to the unit that the account is in, not {unit_ids!r}.")]


def _way_in_problems(given: Mapping[str, Any], path: str) -> list[Problem]:
    """What is wrong with profile, role and external id."""
    problems = [
        Problem(f"{path}.{key}", f"a string is needed here, not {given[key]!r}.")
        for key in ("profile", "assume_role_arn", "external_id")
        if key in given and not (isinstance(given[key], str) and given[key])
    ]
    role = given.get("assume_role_arn")
    if "external_id" in given and role is None:
        problems.append(Problem(f"{path}.external_id", "has a meaning only together with assume_role_arn."))
    if not isinstance(role, str) or not role or _ROLE_NAME.fullmatch(role):
        return problems
    arn = _ROLE_ARN.fullmatch(role)
    if not arn:
        problems.append(Problem(f"{path}.assume_role_arn", f"{role!r} is neither the ARN nor the name of an IAM role."))
    elif arn["account_id"] != given.get("account_id"):
        problems.append(
            Problem(f"{path}.assume_role_arn", f"{role} is a role of account {arn['account_id']}, but account_id is {given.get('account_id')}.")
        )
    return problems


def _shape_problems(shape: str, value: Any, path: str) -> list[Problem]:
    """What Image Builder's model says against a value of one of its shapes."""
    # Imported here, as reading the model takes time in every process, and an inventory without launch templates or mistakes needs it for nothing.
    from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import schema  # noqa: PLC0415

    return list(schema.to_request(schema.service_model().shape_for(shape), value, path)[1])
