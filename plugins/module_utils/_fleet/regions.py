# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Regions and partitions, as the installed botocore knows them. Private to this collection."""

from __future__ import annotations

import contextlib
import functools
import re
from collections.abc import Mapping
from typing import Any

with contextlib.suppress(ImportError):  # AnsibleAWSModule says so
    import botocore.session


@functools.cache
def shared_session() -> Any:
    """A session without credentials, whose loader of models (service descriptions, endpoints) serves all others too."""
    return botocore.session.Session()


@functools.cache
def known_regions() -> frozenset[str]:
    """All Regions of all partitions that the installed botocore knows."""
    return frozenset(_partition_of_region())


def partition_of(region: str) -> str:
    """The partition (aws, aws-cn, aws-us-gov, ...) that a Region is in; no call is made.

    Regions are checked beforehand, so one that botocore does not know can only be an emulator's; it counts as `aws`.
    """
    known = _partition_of_region().get(region)
    return known or next((partition["id"] for partition in _partitions() if re.match(partition["regionRegex"], region)), "aws")


def _partitions() -> list[dict[str, Any]]:
    """The partitions and their Regions.

    botocore's own questions for Regions are about one service each, and answering them takes the whole of its endpoints and of the service's
    model: a fifth of a second in each process. This is the list by which it chooses endpoints when a call is made, and loaded for that anyway.
    """
    partitions: list[dict[str, Any]] = shared_session().get_data("partitions")["partitions"]
    return partitions


@functools.cache
def _partition_of_region() -> Mapping[str, str]:
    """Region -> partition. Beside the Regions, botocore lists names for what belongs to none, such as `aws-global`."""
    return {region: partition["id"] for partition in _partitions() for region in partition["regions"] if re.match(partition["regionRegex"], region)}
