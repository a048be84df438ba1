# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which accounts of an organization are meant, and what they are called in an inventory. Pure: no call is made here."""

from __future__ import annotations

import fnmatch
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

ACTIVE = "ACTIVE"
_UNIT_ID = re.compile(r"r-[0-9a-z]{4,32}|ou-[0-9a-z]{4,32}-[0-9a-z]{8,32}")  # API shapes RootId and OrganizationalUnitId


@dataclass(frozen=True)
class Account:
    """An account of an organization, with the ids of the root and the organizational units that it is in, the root first."""

    id: str
    name: str
    email: str
    status: str
    unit_path: str  # as in /Workloads/Production; / is the root
    unit_ids: tuple[str, ...]
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_active(self) -> bool:
        """Whether the account can be worked in."""
        return self.status == ACTIVE


@dataclass(frozen=True)
class Organization:
    """What was read of an organization: its accounts, and the path of each root and organizational unit by its id."""

    accounts: tuple[Account, ...]
    units: Mapping[str, str]

    def to_cache(self) -> dict[str, Any]:
        """The same as values that a cache can hold."""
        return asdict(self)

    @classmethod
    def from_cache(cls, cached: Mapping[str, Any]) -> Organization:
        """What `to_cache` made."""
        accounts = (Account(**{**account, "unit_ids": tuple(account["unit_ids"])}) for account in cached["accounts"])
        return cls(tuple(accounts), dict(cached["units"]))


@dataclass(frozen=True)
class Selection:
    """Which accounts are meant, in the user's words. What is empty excludes nobody."""

    organizational_units: Sequence[str] = ()
    exclude_organizational_units: Sequence[str] = ()
    recursive: bool = True
    tags: Mapping[str, Any] = field(default_factory=dict)
    exclude_tags: Mapping[str, Any] = field(default_factory=dict)
    names: Sequence[str] = ()
    include_accounts: Sequence[str] = ()
    exclude_accounts: Sequence[str] = ()
    statuses: Collection[str] = (ACTIVE,)


def problems(organization: Organization, selection: Selection) -> list[str]:
    """What of a selection means nothing in the organization, so that a slip of the pen does not silently leave accounts out, or in."""
    found = []
    for option in ("organizational_units", "exclude_organizational_units"):
        unknown = [unit for unit in getattr(selection, option) if unit not in organization.units and unit not in organization.units.values()]
        found += [f"{option}: {unit!r} is no organizational unit; {_unit_hint(unit, organization)}" for unit in unknown]
    for option in ("include_accounts", "exclude_accounts"):
        unknown = [one for one in getattr(selection, option) if not any(one in (account.id, account.name) for account in organization.accounts)]
        found += [f"{option}: there is no account {one!r} in the organization." for one in unknown]
    return found


def _unit_hint(unit: str, organization: Organization) -> str:
    if _UNIT_ID.fullmatch(unit):
        return "none has this id."
    return f"a path begins at the root, as in /Workloads/Production. There are {', '.join(sorted(organization.units.values()))}."


def selected(organization: Organization, selection: Selection) -> list[Account]:
    """The accounts that are meant, by their ids. `include_accounts` adds to what the other rules find; exclusions and statuses win over all."""
    accounts = sorted(organization.accounts, key=lambda account: account.id)
    return [account for account in accounts if _is_meant(account, selection)]


def candidates(organization: Organization, selection: Selection) -> set[str]:
    """The ids of all accounts that may be meant as long as their tags are not known."""
    whatever_tags = replace(selection, tags={}, exclude_tags={})
    also = [replace(whatever_tags, include_accounts=())] if selection.tags else []
    return {account.id for one in (whatever_tags, *also) for account in selected(organization, one)}


def _is_meant(account: Account, selection: Selection) -> bool:
    known_as = {account.id, account.name}
    if account.status not in selection.statuses or known_as & set(selection.exclude_accounts):
        return False
    if _is_below(account, selection.exclude_organizational_units, recursive=True) or _has_any_tag(account, selection.exclude_tags):
        return False
    return bool(known_as & set(selection.include_accounts)) or _is_found(account, selection)


def _is_found(account: Account, selection: Selection) -> bool:
    """Whether the account meets every rule that there is. Where all that is given is a list of accounts, nobody else is meant."""
    if selection.include_accounts and not (selection.organizational_units or selection.tags or selection.names):
        return False
    return (
        (not selection.organizational_units or _is_below(account, selection.organizational_units, selection.recursive))
        and all(_has_tag(account, key, value) for key, value in selection.tags.items())
        and (not selection.names or any(fnmatch.fnmatchcase(account.name, pattern) for pattern in selection.names))
    )


def _is_below(account: Account, units: Iterable[str], recursive: bool) -> bool:
    paths = _paths_above(account.unit_path)
    places = {*account.unit_ids, *paths} if recursive else {account.unit_ids[-1], paths[-1]}
    return any(unit in places for unit in units)


def _paths_above(path: str) -> list[str]:
    """The path of the root, of each unit on the way, and the path itself."""
    names = [name for name in path.split("/") if name]
    return ["/" + "/".join(names[:depth]) for depth in range(len(names) + 1)]


def _has_any_tag(account: Account, tags: Mapping[str, Any]) -> bool:
    return any(_has_tag(account, key, value) for key, value in tags.items())


def _has_tag(account: Account, key: str, value: Any) -> bool:
    """Whether an account has a tag: of one of the values where there is a list, of any value where there is none."""
    if key not in account.tags:
        return False
    wanted = value if isinstance(value, (list, tuple)) else [value]
    return value is None or account.tags[key] in [str(one) for one in wanted]


def found_as(organization: Organization, id_or_name: str) -> list[Account]:
    """The accounts with an id or a name. Names need not be unique in an organization."""
    return [account for account in organization.accounts if id_or_name in (account.id, account.name)]


def variables(account: Account) -> dict[str, Any]:
    """The variables of the host that an account becomes."""
    return {
        "image_builder_account_id": account.id,
        "organizations_account_name": account.name,
        "organizations_account_email": account.email,
        "organizations_account_status": account.status,
        "organizations_unit_path": account.unit_path,
        "organizations_unit_ids": list(account.unit_ids),
        "organizations_tags": dict(account.tags),
    }


def host_names(accounts: Sequence[Account], proposed: Mapping[str, str]) -> dict[str, str]:
    """By account id, a name for each host. Where two accounts would be called the same, both have their ids behind it, whichever comes first."""
    safe = {account.id: safe_name(proposed[account.id]) or account.id for account in accounts}
    counts = Counter(safe.values())
    return {account_id: name if counts[name] == 1 else f"{name}-{account_id}" for account_id, name in safe.items()}


def safe_name(text: str) -> str:
    """A text as the name of a host, with which --limit works: lower case, and no character that has a meaning there."""
    return re.sub(r"[^a-z0-9._]+", "-", text.lower()).strip("-.")


def unit_groups(path: str) -> list[str]:
    """The groups for an organizational unit and those above it, the root's not, each the parent of the next."""
    names = [re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_") for name in path.split("/") if name]
    return ["ou_" + "_".join(names[: depth + 1]) for depth in range(len(names))]
