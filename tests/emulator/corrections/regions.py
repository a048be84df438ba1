# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Regions that an account has to enable before they work there (opt-in Regions)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import moto.account.urls
from moto.account.models import account_backends
from moto.account.responses import AccountResponse
from moto.core.responses import ActionResult, EmptyResult
from moto.ec2.models import EC2Backend
from moto.ec2.models.availability_zones_and_regions import Region, RegionsAndZonesBackend
from moto.ec2.responses import EC2Response
from moto.utilities.utils import get_partition

from . import replaces

_PATHS = ("enableRegion", "disableRegion", "getRegionOptStatus")
_OPT_IN = frozenset(region.name for region in RegionsAndZonesBackend.regions if region.opt_in_status != "opt-in-not-required")


@dataclass
class _Named:
    """A Region as one account sees it, with the names that moto answers by."""

    name: str
    endpoint: str
    opt_in_status: str


def is_enabled(account_id: str, region: str) -> bool:
    """Whether a Region works in an account. AWS switches it on and off within minutes or hours, here at once."""
    return region not in _OPT_IN or region in _enabled(account_id, get_partition(region))


def _enabled(account_id: str, partition: str) -> set[str]:
    found: set[str] = account_backends[account_id][partition].__dict__.setdefault("enabled_regions", set())
    return found


@replaces(EC2Backend, "describe_regions")
def describe_regions(original: Callable[..., list[Region]], self: Any, region_names: list[str] | None = None) -> list[Any]:
    """Each account has its own opt-in status. moto's is the same for all."""
    return [_as_seen_by(self.account_id, region) for region in original(self, region_names)]


def _as_seen_by(account_id: str, region: Region) -> _Named:
    status = "opt-in-not-required" if region.name not in _OPT_IN else "opted-in" if is_enabled(account_id, region.name) else "not-opted-in"
    return _Named(region.name, region.endpoint, status)


@replaces(EC2Response, "describe_regions")
def answer_describe_regions(_original: Callable[..., ActionResult], self: Any) -> ActionResult:
    """Regions that are not enabled are told only to who asks for all, or for them by name. moto tells them to everybody."""
    self.error_on_dryrun()
    names = self._get_param("RegionNames", [])
    partition = get_partition(self.region)
    regions = [region for region in self.ec2_backend.describe_regions(names) if get_partition(region.name) == partition]
    if not names and not self._get_bool_param("AllRegions", False):
        regions = [region for region in regions if region.opt_in_status != "not-opted-in"]
    return ActionResult({"Regions": [{"RegionName": each.name, "Endpoint": each.endpoint, "OptInStatus": each.opt_in_status} for each in regions]})


@replaces(AccountResponse, "enable_region")
def enable_region(_original: None, self: Any) -> EmptyResult:
    """moto has no such operation."""
    _of(self).add(self._get_param("RegionName"))
    return EmptyResult()


@replaces(AccountResponse, "disable_region")
def disable_region(_original: None, self: Any) -> EmptyResult:
    """moto has no such operation."""
    _of(self).discard(self._get_param("RegionName"))
    return EmptyResult()


@replaces(AccountResponse, "get_region_opt_status")
def get_region_opt_status(_original: None, self: Any) -> ActionResult:
    """moto has no such operation."""
    region = self._get_param("RegionName")
    enabled = "ENABLED" if region in _OPT_IN else "ENABLED_BY_DEFAULT"
    return ActionResult({"RegionName": region, "RegionOptStatus": enabled if is_enabled(self._get_account_id(), region) else "DISABLED"})


def _of(response: Any) -> set[str]:
    return _enabled(response._get_account_id(), response.partition)


moto.account.urls.url_paths.update({f"{{0}}/{path}$": AccountResponse.dispatch for path in _PATHS})
