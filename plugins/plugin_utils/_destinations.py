# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the variables of hosts and the options of a filter to what the plan takes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.plan import Delivery, Destination


def delivery(source_account_id: str, source_regions: Sequence[str], settings: Mapping[str, Any]) -> Delivery:
    """What is delivered. Settings that are None are not given. Raises TypeError for one that there is not."""
    given = {name: value for name, value in settings.items() if value is not None}
    return Delivery(source_account_id=source_account_id, source_regions=tuple(source_regions), **given)


def destinations(hosts: Iterable[Mapping[str, Any]]) -> list[Destination]:
    """The destinations that the variables of hosts describe. Raises ValueError, which names each host whose variables do not."""
    hosts = list(hosts)
    if complaints := [complaint for variables in hosts for complaint in _complaints(variables)]:
        raise ValueError("; ".join(complaints))
    return [_destination(variables) for variables in hosts]


def _complaints(variables: Mapping[str, Any]) -> list[str]:
    """What keeps a host's variables from describing a destination, with the name of the host."""
    host = variables.get("inventory_hostname", "a destination host")
    needed = ("image_builder_account_id", "image_builder_regions")
    complaints = [f"{host} has no variable {variable}" for variable in needed if variables.get(variable) is None]
    regions = variables.get("image_builder_regions")
    if regions is not None and not isinstance(regions, (list, tuple)):
        complaints.append(f"image_builder_regions of {host} has to be a list of Regions, not {regions!r}")
    wave = variables.get("image_builder_wave", 1)
    if not str(wave).isdecimal() or int(wave) < 1:
        complaints.append(f"image_builder_wave of {host} has to be a number from 1, not {wave!r}")
    return complaints


def _destination(variables: Mapping[str, Any]) -> Destination:
    """The destination that a host's variables describe. Values go on as they are: the module judges them."""
    return Destination(
        account_id=variables["image_builder_account_id"],
        regions=tuple(variables["image_builder_regions"]),
        launch_templates=variables.get("image_builder_launch_templates") or {},
        wave=int(variables.get("image_builder_wave", 1)),
    )
