# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter that makes the components of a recipe."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.golden.imagebuilder.plugins.filter.recipe_components import FilterModule, recipe_components

OWN = "arn:aws:imagebuilder:us-west-2:111111111111:component/web/1.0.3/1"
AMAZONS = "arn:aws:imagebuilder:us-west-2:aws:component/update-linux/x.x.x"
PARAMETERS = [{"name": "Port", "value": ["8080"]}]


def kept(arn: Any = OWN, **item: Any) -> dict[str, Any]:
    """The result of a task that kept a component."""
    return {"changed": False, "component": {"arn": arn, "name": "web"}, "item": {"name": "web", "data": "...", **item}}


def skipped(**item: Any) -> dict[str, Any]:
    return {"changed": False, "skipped": True, "item": item}


def test_keeps_the_order_of_the_loop() -> None:
    results = [skipped(component_arn=AMAZONS), kept(), skipped(component_arn=OWN), skipped(component="aws:update-linux")]
    assert [component["component_arn"] for component in recipe_components(iter(results))] == [AMAZONS, OWN, OWN, "aws:update-linux"]


def test_has_nothing_of_an_item_but_its_arn_and_parameters() -> None:
    results = [
        kept(parameters=PARAMETERS),
        skipped(component_arn=AMAZONS, parameters=PARAMETERS),
        kept(),
        skipped(component_arn=AMAZONS, parameters=[]),
    ]
    assert recipe_components(results) == [
        {"component_arn": OWN, "parameters": PARAMETERS},
        {"component_arn": AMAZONS, "parameters": PARAMETERS},
        {"component_arn": OWN},
        {"component_arn": AMAZONS},
    ]


def test_no_component_is_no_component() -> None:
    assert recipe_components([]) == []


@pytest.mark.parametrize(
    ("result", "name"),
    [
        (skipped(name="web"), "'web'"),
        (kept(arn=None), "'web'"),
        ({"item": {"name": "web"}, "failed": True, "component": None}, "'web'"),
        (skipped(data="no name"), "no name"),
    ],
)
def test_names_a_component_without_arn(result: dict[str, Any], name: str) -> None:
    with pytest.raises(AnsibleFilterError, match=f"golden.imagebuilder.recipe_components: no ARN is known of the component .*{name}"):
        recipe_components([kept(), result])


def test_name() -> None:
    assert FilterModule().filters() == {"recipe_components": recipe_components}
