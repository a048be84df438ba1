# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mistakes in inventory and definition: told all at once, in the words of the user, before any call is made."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.tests.organization import DESTINATIONS, Organization

NAME = "web <<imagebuilder:buildDate>>"
AMI = {"name": NAME, "target_account_ids": [DESTINATIONS["search"]]}


def distributions(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"definition_distributions": list(entries)}


def entry(region: str = "us-west-2", **ami: Any) -> dict[str, Any]:
    return {"region": region, "ami_distribution_configuration": {**AMI, **ami}}


def recipe(**members: Any) -> dict[str, Any]:
    return {"definition_image_recipe": {"parent_image": "ami-0123456789abcdef0", **members}}


MISTAKES = {
    "distribution without output": (distributions({"region": "us-west-2"}), ["distributions[0]", "one or more outputs"]),
    "a Region twice": (distributions(entry(), entry()), ["distributions[1].region", "us-west-2 is already in entry 0"]),
    "an unknown Region": (distributions(entry("us-wset-2")), ["distributions[0].region", "us-wset-2", "Did you mean us-west-2"]),
    "a number as account id": (
        distributions(entry(target_account_ids=[12345678901])),
        ["distributions[0].ami_distribution_configuration.target_account_ids[0]", "12 digits", "quote"],
    ),
    "a name without build date": ({"definition_ami_name": "web"}, ["ami_distribution_configuration.name", "<<imagebuilder:buildDate>>"]),
    "a malformed build date": (
        {"definition_ami_name": "web <<imagebuilder:builddate>>"},
        ["ami_distribution_configuration.name", "imagebuilder:builddate", "upper and lower case"],
    ),
    "an unknown option": (distributions(entry(target_acount_ids=[])), ["target_acount_ids", "target_account_ids"]),
    "a key without encrypted": (
        recipe(block_device_mappings=[{"device_name": "/dev/xvda", "ebs": {"kms_key_id": "arn:aws:kms:us-west-2:111111111111:alias/golden"}}]),
        ["block_device_mappings[0].ebs", "encrypted"],
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_is_told_before_any_call(organization: Organization, name: str) -> None:
    variables, words = MISTAKES[name]

    run = organization.playbook("--extra-vars", json.dumps(variables))

    assert run.status != 0
    message = run.output.replace('\\"', '"')
    for word in words:
        assert word in message, run.output
    assert organization.emulator.calls() == []


@pytest.mark.parametrize(
    ("host", "variables", "words"),
    [
        ("search", {"image_builder_account_id": 33333333333}, ["search", "account_id", "33333333333", "12 digits"]),
        ("warehouse", {"image_builder_regions": ["eu-west-9"]}, ["warehouse", "regions[0]", "eu-west-9"]),
    ],
)
def test_mistake_in_the_inventory_names_the_host(organization: Organization, host: str, variables: dict[str, Any], words: list[str]) -> None:
    organization.add_host_variables(host, **variables)

    run = organization.playbook()

    assert run.status != 0
    for word in words:
        assert word in run.output, run.output
    assert organization.emulator.calls() == []


def test_all_mistakes_are_told_at_once(organization: Organization) -> None:
    organization.add_host_variables("search", image_builder_account_id=33333333333)
    variables = {"definition_ami_name": "web", "definition_name": "w", **recipe(semantic_version="one")}

    run = organization.playbook("--extra-vars", json.dumps(variables))

    assert run.status != 0
    for word in ("search", "ami_distribution_configuration.name", "semantic_version", "image_recipe w: name"):
        assert word in run.output, run.output
    assert organization.emulator.calls() == []
