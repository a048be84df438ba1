# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the distributions of a configuration deliver, and the same without some accounts or Regions. Pure: no call is made here.

Distributions are as the modules return them, in the option names of `distribution_configuration`, but for `only`, which takes them from images
and for requests, as the API spells them. This module util is private to the collection.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Distribution = Mapping[str, Any]

_AMI = "ami_distribution_configuration"
_PER_ACCOUNT = {
    "launch_template_configurations": ("launch template", "account_id", "launch_template_id"),
    "ssm_parameter_configurations": ("parameter", "ami_account_id", "parameter_name"),
    "fast_launch_configurations": ("Fast Launch", "account_id", "launch_template"),
}
"""Lists of a distribution whose entries are of one account: what they are called, whose they are, and what they name."""

_API_AMI = "amiDistributionConfiguration"
_API_PER_ACCOUNT = {
    "launchTemplateConfigurations": "accountId",
    "ssmParameterConfigurations": "amiAccountId",
    "fastLaunchConfigurations": "accountId",
}
"""The same lists as the API spells them, and whose their entries are."""


@dataclass(frozen=True)
class Leaving:
    """Accounts and Regions that shall get nothing any more. An account of a Region that leaves, but no other, stays in the other Regions."""

    account_ids: Collection[str] = ()
    regions: Collection[str] = ()
    source_regions: Sequence[str] = ()  # where the source has the image itself; the first is the build Region, which cannot leave


def reduced_configurations(configurations: Iterable[Mapping[str, Any]], leaving: Leaving) -> list[dict[str, Any]]:
    """Each configuration that is another one without those who leave: what it delivers to them, and what it is without them."""
    reduced = []
    for configuration in configurations:
        distributions = list(configuration["distributions"])
        left = without(distributions, leaving)
        if left != distributions:
            named = {"name": configuration["name"], "arn": configuration["arn"], "users": list(configuration.get("users", []))}
            rows = [{"configuration": str(configuration["name"]), **row} for row in outputs(distributions, leaving)]
            reduced.append({**named, "outputs": rows, "distributions": left})
    return reduced


def outputs(distributions: Iterable[Distribution], leaving: Leaving) -> list[dict[str, str]]:
    """What the distributions deliver to those who leave: one row for each account, Region and kind of output, in their order."""
    return [
        {"account_id": account_id, "region": str(entry["region"]), "kind": kind, "name": name}
        for entry in distributions
        for account_id, kind, name in _outputs(entry)
        if account_id in leaving.account_ids or entry["region"] in leaving.regions
    ]


def _outputs(entry: Distribution) -> Iterable[tuple[str, str, str]]:
    ami = entry.get(_AMI) or {}
    name = str(ami.get("name") or "")
    yield from ((account_id, "AMI", name) for account_id in ami.get("target_account_ids") or ())
    yield from ((account_id, "launch permission", name) for account_id in (ami.get("launch_permission") or {}).get("user_ids") or ())
    for member, (kind, owner, named) in _PER_ACCOUNT.items():
        yield from ((one[owner], kind, _text(one.get(named))) for one in entry.get(member) or () if one.get(owner))


def _text(named: Any) -> str:
    """What an entry names; the launch template of Fast Launch is a structure with its id or its name."""
    return str(named.get("launch_template_id") or named.get("launch_template_name") or "") if isinstance(named, Mapping) else str(named or "")


def without(distributions: Iterable[Distribution], leaving: Leaving) -> list[dict[str, Any]]:
    """The distributions without those who leave.

    An entry that loses its last account goes, but where the source has the image itself: there it delivers to the source alone, as
    `plan` has it for a Region without destinations.
    """
    left = []
    for entry in distributions:
        if entry["region"] in leaving.regions:
            continue
        reduced = _without_accounts(entry, leaving.account_ids)
        if reduced == entry or _delivers(reduced) or entry["region"] in leaving.source_regions:
            left.append(reduced)
    return left


def only(distributions: Iterable[Distribution], pairs: Collection[tuple[str, str]], source_account_id: str) -> list[dict[str, Any]]:
    """Distributions, in the API's own spelling, that deliver to some accounts and Regions alone. What is for all accounts of an entry stays in it."""
    reduced = []
    for entry in distributions:
        accounts = {account_id for account_id, region in pairs if region == entry["region"]}
        if accounts and _API_AMI in entry:
            reduced.append(_only_accounts(entry, accounts, source_account_id))
    return reduced


def _only_accounts(entry: Distribution, account_ids: Collection[str], source_account_id: str) -> dict[str, Any]:
    """An entry with what is for these accounts. Where an entry or a part of it names no account, the source's is meant."""
    reduced = dict(entry)
    targets = entry[_API_AMI].get("targetAccountIds")
    if targets:
        reduced[_API_AMI] = {**entry[_API_AMI], "targetAccountIds": [one for one in targets if one in account_ids]}
    for member, owner in _API_PER_ACCOUNT.items():
        if member in entry:
            reduced[member] = [one for one in entry[member] if one.get(owner, source_account_id) in account_ids]
    return {name: value for name, value in reduced.items() if value or name not in _API_PER_ACCOUNT}


def _without_accounts(entry: Distribution, account_ids: Collection[str]) -> dict[str, Any]:
    reduced = dict(entry)
    if entry.get(_AMI):
        reduced[_AMI] = _ami_without_accounts(entry[_AMI], account_ids)
    for member, (_kind, owner, _named) in _PER_ACCOUNT.items():
        if entry.get(member):
            reduced[member] = [one for one in entry[member] if one.get(owner) not in account_ids]
    return {name: value for name, value in reduced.items() if value or value == entry[name]}


def _ami_without_accounts(ami: Mapping[str, Any], account_ids: Collection[str]) -> dict[str, Any]:
    reduced = dict(ami)
    if ami.get("target_account_ids"):
        reduced["target_account_ids"] = [one for one in ami["target_account_ids"] if one not in account_ids]
    permission = ami.get("launch_permission") or {}
    if permission.get("user_ids"):
        users = [one for one in permission["user_ids"] if one not in account_ids]
        rest = {name: value for name, value in permission.items() if name != "user_ids"}
        reduced["launch_permission"] = {**rest, "user_ids": users} if users else rest
    return {name: value for name, value in reduced.items() if value or value == ami[name]}


def _delivers(entry: Distribution) -> bool:
    """Whether anybody gets anything: an AMI in an account, or whatever else an entry names."""
    ami = entry.get(_AMI) or {}
    others = set(entry) - {"region", _AMI}
    return bool(ami.get("target_account_ids") or ami.get("launch_permission") or others)
