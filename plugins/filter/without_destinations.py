# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter golden.imagebuilder.without_destinations."""

from __future__ import annotations

DOCUMENTATION = r"""
name: without_destinations
short_description: Distribution configurations without some accounts and Regions
version_added: 0.1.0
author: golden.imagebuilder contributors (@golden-imagebuilder)
description:
  - Tells which distribution configurations deliver to some accounts, or to anybody in some Regions, what they deliver there, and what their
    distributions are without it.
  - Everything that is meant for others is left as it is. An entry that loses its last account goes, unless it is of a Region of the source,
    where the source has the image itself.
options:
  _input:
    description: The configurations, as M(golden.imagebuilder.distribution_configuration_info) returns them.
    type: list
    elements: dict
    required: true
  account_ids:
    description: Accounts that leave, in all Regions.
    type: list
    elements: str
    default: []
  regions:
    description: Regions that are given up, for all accounts.
    type: list
    elements: str
    default: []
  source_regions:
    description: The Regions of the source account.
    type: list
    elements: str
    default: []
"""

EXAMPLES = r"""
- name: All configurations
  golden.imagebuilder.distribution_configuration_info:
    region: us-west-2
  register: found

- name: The configurations without an account
  golden.imagebuilder.distribution_configuration:
    region: us-west-2
    name: "{{ item.name }}"
    distributions: "{{ item.distributions }}"
  loop: >-
    {{ found.distribution_configurations
       | golden.imagebuilder.without_destinations(account_ids=['222222222222'], source_regions=['us-west-2']) }}
"""

RETURN = r"""
_value:
  description:
    - An entry for each configuration that changes, with its C(name), C(arn) and C(users), C(outputs) and C(distributions).
    - C(outputs) are rows with C(configuration), C(account_id), C(region), C(kind) and C(name). The kind is C(AMI), C(launch permission),
      C(launch template), C(parameter) or C(Fast Launch), and the name what it is known by.
    - C(distributions) are those that are left, possibly none, which no configuration may have.
  type: list
  elements: dict
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.reduction import Leaving, reduced_configurations


def without_destinations(
    configurations: Iterable[Mapping[str, Any]], account_ids: Sequence[str] = (), regions: Sequence[str] = (), source_regions: Sequence[str] = ()
) -> list[dict[str, Any]]:
    """See DOCUMENTATION."""
    return reduced_configurations(configurations, Leaving(account_ids, regions, source_regions))


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {"without_destinations": without_destinations}
