# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter golden.imagebuilder.distributions."""

from __future__ import annotations

DOCUMENTATION = r"""
name: distributions
short_description: Distributions of a distribution configuration from the accounts of an inventory
version_added: 0.1.0
author: golden.imagebuilder contributors (@golden-imagebuilder)
description:
  - Turns the destination accounts of an inventory into the list for the option
    O(golden.imagebuilder.distribution_configuration#module:distributions), one entry a Region.
  - The accounts of a Region are sorted, so the result does not depend on the order of the inventory. Nor does it on their waves, for which
    there is P(golden.imagebuilder.deliveries#filter).
extends_documentation_fragment:
  - golden.imagebuilder.distributions
"""

EXAMPLES = r"""
- name: Deliver to every account of the inventory
  golden.imagebuilder.distribution_configuration:
    name: web
    region: us-west-2
    distributions: >-
      {{ groups['image_builder_destinations'] | map('extract', hostvars)
         | golden.imagebuilder.distributions(source_account_id='111111111111', source_regions=['us-west-2'],
                                             ami_name='web-<<imagebuilder:buildDate>>') }}
"""

RETURN = r"""
_value:
  description: The distributions.
  type: list
  elements: dict
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.plan import plan
from ansible_collections.golden.imagebuilder.plugins.plugin_utils._destinations import delivery, destinations


def distributions(hosts: Iterable[Mapping[str, Any]], source_account_id: str, source_regions: list[str], **settings: Any) -> list[dict[str, Any]]:
    """See DOCUMENTATION."""
    try:
        return plan(delivery(source_account_id, source_regions, settings), destinations(hosts))
    except (ValueError, TypeError) as error:
        raise AnsibleFilterError(f"golden.imagebuilder.distributions: {error}") from error


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {"distributions": distributions}
