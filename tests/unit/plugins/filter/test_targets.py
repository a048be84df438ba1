# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter that makes targets of hosts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.golden.imagebuilder.plugins.filter.targets import FilterModule
from ansible_collections.golden.imagebuilder.plugins.filter.targets import targets as filter_targets
from jinja2 import Undefined


def targets(hosts: Any, regions: Sequence[str] | None = None, **context: Any) -> list[dict[str, Any]]:
    """As a template has it, where `context` are the variables of the task."""
    return filter_targets(context, hosts, regions)


def test_reads_all_variables() -> None:
    host = {
        "inventory_hostname": "payments",
        "image_builder_account_id": "222222222222",
        "image_builder_regions": ["us-west-2"],
        "image_builder_profile": "payments-admin",
        "image_builder_assume_role_arn": "OrganizationAccountAccessRole",
        "image_builder_assume_role_external_id": "secret-handshake",
        "organizations_unit_ids": ["r-ab12", "ou-ab12-11111111"],
        "ansible_connection": "local",
    }
    assert targets([host]) == [
        {
            "name": "payments",
            "account_id": "222222222222",
            "regions": ["us-west-2"],
            "profile": "payments-admin",
            "assume_role_arn": "OrganizationAccountAccessRole",
            "external_id": "secret-handshake",
            "organizational_unit_ids": ["r-ab12", "ou-ab12-11111111"],
        }
    ]


def test_leaves_out_what_a_host_does_not_have() -> None:
    host = {"inventory_hostname": "payments", "image_builder_profile": None, "image_builder_regions": Undefined(name="x")}
    assert targets([host]) == [{"name": "payments"}]


def test_what_a_play_says_of_its_host_counts() -> None:
    hosts = [{"inventory_hostname": "localhost"}, {"inventory_hostname": "payments", "image_builder_regions": ["eu-west-1"]}]
    said = {"inventory_hostname": "localhost", "image_builder_account_id": "111111111111", "image_builder_regions": ["us-west-2"]}
    assert targets(hosts, **said) == [
        {"name": "localhost", "account_id": "111111111111", "regions": ["us-west-2"]},
        {"name": "payments", "regions": ["eu-west-1"]},
    ]


def test_hands_wrong_values_on() -> None:
    assert targets([{"inventory_hostname": "a", "image_builder_account_id": 22222222222}]) == [{"name": "a", "account_id": 22222222222}]


def test_keeps_the_order() -> None:
    hosts = [{"inventory_hostname": name} for name in ("b", "a", "c")]
    assert [target["name"] for target in targets(iter(hosts))] == ["b", "a", "c"]


@pytest.mark.parametrize("wrong", ["payments", {"payments": {}}, 3, ["payments"]])
def test_explains_what_it_takes(wrong: Any) -> None:
    with pytest.raises(AnsibleFilterError, match="map\\('extract', hostvars\\)"):
        targets(wrong)


def test_name() -> None:
    assert FilterModule().filters() == {"targets": filter_targets}


def test_regions_leave_out_others_and_hosts_without_any() -> None:
    host: dict[str, Any] = {"inventory_hostname": "a", "image_builder_regions": ["us-west-2", "eu-west-1"]}
    templates = {"image_builder_launch_templates": {"us-west-2": "lt-1", "eu-west-1": "lt-2"}}
    hosts = [{**host, **templates}, host, {**host, "image_builder_regions": ["us-west-2"]}, {"inventory_hostname": "b"}]
    assert targets(hosts, regions=["eu-west-1", "ap-south-1"]) == [
        {"name": "a", "regions": ["eu-west-1"], "launch_templates": {"eu-west-1": "lt-2"}},
        {"name": "a", "regions": ["eu-west-1"]},
    ]
