# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter golden.imagebuilder.recipe_components."""

from __future__ import annotations

DOCUMENTATION = r"""
name: recipe_components
short_description: Components of a recipe from the results of a loop over them
version_added: 0.1.0
author: golden.imagebuilder contributors (@golden-imagebuilder)
description:
  - Turns the registered results of a loop over components into the list for the option
    O(golden.imagebuilder.image_recipe#module:components), in the order of the loop, which is the order in which the components run.
options:
  _input:
    description:
      - The C(results) of a task that loops over components with M(golden.imagebuilder.component).
      - An item that names a component that there is, as C(component) or C(component_arn), for which the task was skipped, is taken as it is.
        The C(parameters) of an item go into the recipe.
    type: list
    elements: dict
    required: true
"""

EXAMPLES = r"""
- name: Keep the components
  golden.imagebuilder.component:
    name: "{{ item.name }}"
    semantic_version: 1.0.x
    platform: Linux
    data: "{{ item.data }}"
  loop: "{{ my_components }}"
  when: item.component is undefined  # as in {component: "aws:update-linux"}
  register: kept

- name: Keep the recipe
  golden.imagebuilder.image_recipe:
    name: web
    semantic_version: 1.0.x
    parent_image: aws:amazon-linux-2023-x86/x.x.x
    components: "{{ kept.results | golden.imagebuilder.recipe_components }}"
"""

RETURN = r"""
_value:
  description: The components.
  type: list
  elements: dict
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError


def _recipe_component(result: Mapping[str, Any]) -> dict[str, Any]:
    """One component as a recipe names it."""
    item = result["item"]
    component = item.get("component_arn") or item.get("component") or (result.get("component") or {}).get("arn")
    if not component:
        raise AnsibleFilterError(f"golden.imagebuilder.recipe_components: no ARN is known of the component {item.get('name', item)!r}")
    parameters = item.get("parameters")
    return {"component_arn": component, **({"parameters": parameters} if parameters else {})}


def recipe_components(results: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """See DOCUMENTATION."""
    return [_recipe_component(result) for result in results]


class FilterModule:
    """The filters of this file."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """By name."""
        return {"recipe_components": recipe_components}
