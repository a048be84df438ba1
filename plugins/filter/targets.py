# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From the hosts of an inventory to the targets of the fleet modules."""

from __future__ import annotations

DOCUMENTATION = r"""
name: targets
short_description: The accounts of an inventory as targets of the fleet modules
version_added: 0.1.0
author:
  - golden.imagebuilder contributors (@golden-imagebuilder)
description:
  - Makes of the variables of hosts, each of which is an AWS account, the list that O(golden.imagebuilder.destination_roles#module:targets)
    takes.
  - Values are handed on as they are, also wrong and missing ones. The module then reports all of them at once, with the names of the hosts.
  - For the host of the task, what the play, the role or the task says of it counts as well, and before what C(hostvars) knows.
options:
  _input:
    description:
      - The variables of the hosts, for example C(groups['image_builder_destinations'] | map('extract', hostvars\)).
      - "Read are C(inventory_hostname), C(image_builder_account_id), C(image_builder_regions), C(image_builder_profile),
        C(image_builder_assume_role_arn), C(image_builder_assume_role_external_id), C(image_builder_launch_templates) and
        C(organizations_unit_ids)."
    type: list
    elements: dict
    required: true
  regions:
    description:
      - The Regions that matter. Each target gets those of them that its host has, and a host that has none is left out.
      - Without this option, all Regions of all hosts.
    type: list
    elements: str
"""

EXAMPLES = r"""
- name: The targets of all destinations
  ansible.builtin.debug:
    msg: "{{ groups['image_builder_destinations'] | map('extract', hostvars) | golden.imagebuilder.targets }}"
  # [{"name": "payments", "account_id": "222222222222", "regions": ["us-west-2"], "assume_role_arn": "OrganizationAccountAccessRole"}]
"""

RETURN = r"""
_value:
  description: One target for each host, in the same order, as far as O(regions) leaves it in. Options that a host does not have are left out.
  type: list
  elements: dict
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ansible.errors import AnsibleFilterError
from jinja2 import Undefined, pass_context

VARIABLES = {
    "name": "inventory_hostname",
    "account_id": "image_builder_account_id",
    "regions": "image_builder_regions",
    "profile": "image_builder_profile",
    "assume_role_arn": "image_builder_assume_role_arn",
    "external_id": "image_builder_assume_role_external_id",
    "launch_templates": "image_builder_launch_templates",
    "organizational_unit_ids": "organizations_unit_ids",
}
"""Option of a target -> variable of a host."""


@pass_context
def targets(context: Mapping[str, Any], hosts: Iterable[Mapping[str, Any]], regions: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """One target for each host that has one of the Regions; raises AnsibleFilterError when the input is not a list of variables of hosts.

    `context` are the variables of the task, by which the host of the task is what its play says, and not only what its inventory says.
    """
    if isinstance(hosts, (str, bytes, Mapping)) or not isinstance(hosts, Iterable):
        raise AnsibleFilterError(
            "golden.imagebuilder.targets takes a list of variables of hosts: groups['...'] | map('extract', hostvars) | golden.imagebuilder.targets"
        )
    every = [_target(host, context) for host in hosts]
    if regions is None:
        return every
    reduced = [_in_regions(target, regions) for target in every]
    return [target for target in reduced if target["regions"]]


def _in_regions(target: Mapping[str, Any], regions: Sequence[str]) -> dict[str, Any]:
    """The target with only these of its Regions, and what it has there."""
    kept: dict[str, Any] = {"regions": [region for region in target.get("regions", []) if region in regions]}
    templates = target.get("launch_templates")
    if isinstance(templates, Mapping):
        kept["launch_templates"] = {region: template for region, template in templates.items() if region in regions}
    return {**target, **kept}


def _target(host: Mapping[str, Any], context: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(host, Mapping):
        raise AnsibleFilterError(
            f"golden.imagebuilder.targets takes a list of variables of hosts, but one entry is {host!r}: use map('extract', hostvars)"
        )
    is_own = "inventory_hostname" in host and host["inventory_hostname"] == context.get("inventory_hostname")
    found = ((option, variable, context if is_own and variable in context else host) for option, variable in VARIABLES.items())
    values = {option: variables[variable] for option, variable, variables in found if variable in variables}
    return {option: value for option, value in values.items() if value is not None and not isinstance(value, Undefined)}


class FilterModule:
    """Ansible's view of the filter."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filter by its name."""
        return {"targets": targets}
