# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the accounts of an inventory to the `distributions` of a distribution configuration. Pure: no call is made here.

This module util is private to the collection.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

# API shape AccountList: that many ids in one entry.
MOST_ACCOUNTS_OF_A_REGION = 1536


@dataclass(frozen=True)
class Destination:
    """One destination account: its Regions, by Region the launch template that shall point at each new AMI, and when it gets one."""

    account_id: str
    regions: tuple[str, ...]
    launch_templates: Mapping[str, str] = field(default_factory=dict)
    wave: int = 1


@dataclass(frozen=True)
class Delivery:
    """What is delivered, the same for every account: the source and the settings of the copies.

    `kms_key_ids` holds by Region the key that encrypts the copies there (key ARN or alias ARN). `source_regions` starts with the Region
    in which the image is built.
    """

    source_account_id: str
    source_regions: tuple[str, ...]
    ami_name: str
    ami_description: str | None = None
    ami_tags: Mapping[str, str] = field(default_factory=dict)
    kms_key_ids: Mapping[str, str] = field(default_factory=dict)
    launch_permission: Mapping[str, Any] | None = None
    ssm_parameter_name: str | None = None
    set_default_version: bool = True
    launch_templates: bool = True

    @property
    def build_region(self) -> str:
        """The Region in which the image is built."""
        return self.source_regions[0]


@dataclass(frozen=True)
class Part:
    """Destinations that one distribution configuration delivers to: all of one wave, and in no Region more than a configuration takes.

    `name` tells the parts of an image apart; that of the first, which is delivered by the build itself, is empty.
    """

    name: str
    wave: int
    destinations: tuple[Destination, ...]


class TooManyAccountsError(ValueError):
    """A Region has more destination accounts than one distribution configuration takes."""


def parts(destinations: Iterable[Destination], most: int = MOST_ACCOUNTS_OF_A_REGION) -> list[Part]:
    """The destinations in the order in which they get an image: wave by wave, each in as few parts as the limit of a Region allows.

    There is always a first part, for the build delivers at least to the source itself.
    """
    of_waves: dict[int, list[Destination]] = {}
    for destination in sorted(destinations, key=lambda one: (one.wave, str(one.account_id))):
        of_waves.setdefault(destination.wave, []).append(destination)
    divided = [(wave, number, part) for wave, members in of_waves.items() for number, part in enumerate(_divided(members, most), start=1)]
    named = [Part(_part_name(wave, number), wave, part) for wave, number, part in divided]
    return [replace(named[0], name=""), *named[1:]] if named else [Part("", 1, ())]


def _part_name(wave: int, number: int) -> str:
    return f"wave-{wave}" if number == 1 else f"wave-{wave}-part-{number}"


def _divided(destinations: Iterable[Destination], most: int) -> list[tuple[Destination, ...]]:
    """Destinations in parts of which none has a Region with more than `most` of them; each goes where there is room first."""
    divided: list[list[Destination]] = []
    counts: list[Counter[str]] = []
    for destination in destinations:
        index = next((index for index, count in enumerate(counts) if all(count[region] < most for region in destination.regions)), len(counts))
        if index == len(counts):
            divided.append([])
            counts.append(Counter())
        divided[index].append(destination)
        counts[index].update(destination.regions)
    return [tuple(part) for part in divided]


def accounts_of_regions(delivery: Delivery, destinations: Iterable[Destination]) -> dict[str, list[Destination]]:
    """By Region, its destinations in the order of their account ids.

    The build Region comes first, as Image Builder wants an AMI configuration there; then the others in the order in which they are named.
    A Region of the source account that no destination has is kept with no destination: the source account gets a copy of its own there.
    """
    regions: dict[str, list[Destination]] = {region: [] for region in delivery.source_regions}
    for destination in sorted(destinations, key=lambda one: str(one.account_id)):
        for region in destination.regions:
            regions.setdefault(region, []).append(destination)
    return regions


def ami_configuration(delivery: Delivery, region: str, destinations: list[Destination]) -> dict[str, Any]:
    """The `ami_distribution_configuration` of one Region.

    The key is set wherever a copy is made: in each Region but that of the build, and there too when another account gets a copy.
    """
    copies = bool(destinations) or region != delivery.build_region
    members = {
        "name": delivery.ami_name,
        "description": delivery.ami_description,
        "ami_tags": dict(delivery.ami_tags),
        "target_account_ids": [destination.account_id for destination in destinations],
        "kms_key_id": delivery.kms_key_ids.get(region) if copies else None,
        "launch_permission": delivery.launch_permission,
    }
    return {name: value for name, value in members.items() if value}


def launch_template_configurations(delivery: Delivery, region: str, destinations: list[Destination]) -> list[dict[str, Any]]:
    """An entry for each destination that has a launch template in the Region, unless launch templates are left to others."""
    return [
        {
            "account_id": destination.account_id,
            "launch_template_id": destination.launch_templates[region],
            "set_default_version": delivery.set_default_version,
        }
        for destination in destinations
        if delivery.launch_templates and region in destination.launch_templates
    ]


def ssm_parameter_configurations(delivery: Delivery, destinations: list[Destination]) -> list[dict[str, str]]:
    """The one parameter as an entry for each account: Image Builder writes only into the account that an entry names."""
    if not delivery.ssm_parameter_name:
        return []
    accounts = [destination.account_id for destination in destinations] or [delivery.source_account_id]
    entry = {"parameter_name": delivery.ssm_parameter_name, "data_type": "aws:ec2:image"}
    return [{"ami_account_id": account, **entry} for account in accounts]


def plan(delivery: Delivery, destinations: Iterable[Destination]) -> list[dict[str, Any]]:
    """The `distributions` list: one entry a Region, deterministic, in the option names of the module `distribution_configuration`.

    Raises TooManyAccountsError for a Region with more accounts than the API takes.
    """
    distributions = []
    for region, accounts in accounts_of_regions(delivery, destinations).items():
        if len(accounts) > MOST_ACCOUNTS_OF_A_REGION:
            raise TooManyAccountsError(
                f"{region}: {len(accounts)} destination accounts, but one distribution configuration takes {MOST_ACCOUNTS_OF_A_REGION} a Region; "
                "divide them with the filter golden.imagebuilder.deliveries"
            )
        entry = {
            "region": region,
            "ami_distribution_configuration": ami_configuration(delivery, region, accounts),
            "launch_template_configurations": launch_template_configurations(delivery, region, accounts),
            "ssm_parameter_configurations": ssm_parameter_configurations(delivery, accounts),
        }
        distributions.append({name: value for name, value in entry.items() if value})
    return distributions


def plan_of_part(delivery: Delivery, part: Part) -> list[dict[str, Any]]:
    """The `distributions` of a part. What is the source's own is delivered with the first part, and not once more with the others."""
    if not part.name:
        return plan(delivery, part.destinations)
    # Image Builder wants an AMI configuration in the Region where it begins, be there a destination or not.
    later = replace(delivery, source_regions=(delivery.build_region,))
    return [
        {name: value for name, value in entry.items() if name != "ssm_parameter_configurations" or _accounts(entry)}
        for entry in plan(later, part.destinations)
    ]


def _accounts(entry: Mapping[str, Any]) -> list[str]:
    return list(entry["ami_distribution_configuration"].get("target_account_ids", []))
