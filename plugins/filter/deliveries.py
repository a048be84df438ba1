# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter golden.imagebuilder.deliveries."""

from __future__ import annotations

DOCUMENTATION = r"""
name: deliveries
short_description: Distributions of several distribution configurations, one after the other, from the accounts of an inventory
version_added: 0.1.0
author: golden.imagebuilder contributors (@golden-imagebuilder)
description:
  - Divides the destination accounts of an inventory by their wave, and each wave where it has more accounts in a Region than a distribution
    configuration takes, which is 1,536.
  - The first delivery is made by the build of the image, the others by M(golden.imagebuilder.image_distribution) once those before are right.
options:
  name:
    description: Name of the first distribution configuration, with which those of the others begin.
    type: str
    required: true
extends_documentation_fragment:
  - golden.imagebuilder.distributions
"""

EXAMPLES = r"""
- name: Show who gets an image when
  ansible.builtin.debug:
    msg: >-
      {{ groups['image_builder_destinations'] | map('extract', hostvars)
         | golden.imagebuilder.deliveries(name='web', source_account_id='111111111111', source_regions=['us-west-2'],
                                          ami_name='web-<<imagebuilder:buildDate>>') }}
"""

RETURN = r"""
_value:
  description:
    - The deliveries in their order, each with C(name), C(wave), C(account_ids) and C(distributions).
    - C(name) is that of the distribution configuration, such as V(web), V(web-wave-2) and V(web-wave-2-part-2).
    - C(distributions) are for the option O(golden.imagebuilder.distribution_configuration#module:distributions).
  type: list
  elements: dict
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.plan import parts, plan_of_part
from ansible_collections.golden.imagebuilder.plugins.plugin_utils._destinations import delivery, destinations


def deliveries(
    hosts: Iterable[Mapping[str, Any]], name: str, source_account_id: str, source_regions: list[str], **settings: Any
) -> list[dict[str, Any]]:
    """See DOCUMENTATION."""
    try:
        delivered = delivery(source_account_id, source_regions, settings)
        return [
            {
                "name": f"{name}-{part.name}" if part.name else name,
                "wave": part.wave,
                "account_ids": [destination.account_id for destination in part.destinations],
                "distributions": plan_of_part(delivered, part),
            }
            for part in parts(destinations(hosts))
        ]
    except (ValueError, TypeError) as error:
        raise AnsibleFilterError(f"golden.imagebuilder.deliveries: {error}") from error


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {"deliveries": deliveries}
