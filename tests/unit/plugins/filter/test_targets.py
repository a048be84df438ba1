# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter that makes targets of hosts."""

from __future__ import annotations

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.golden.imagebuilder.plugins.filter.targets import FilterModule, targets
from jinja2 import Undefined


def test_reads_all_variables() -> None:
    host = {
        "inventory_hostname": "payments",
        "image_builder_account_id": "222222222222",
        "image_builder_regions": ["us-west-2"],
        "image_builder_profile": "payments-admin",
        "image_builder_assume_role_arn": "OrganizationAccountAccessRole",
        "image_builder_assume_role_external_id": "secret-handshake",
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
        }
    ]


def test_leaves_out_what_a_host_does_not_have() -> None:
    host = {"inventory_hostname": "payments", "image_builder_profile": None, "image_builder_regions": Undefined(name="x")}
    assert targets([host]) == [{"name": "payments"}]


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
    assert FilterModule().filters() == {"targets": targets}


def test_regions_leave_out_others_and_hosts_without_any() -> None:
    host: dict[str, Any] = {"inventory_hostname": "a", "image_builder_regions": ["us-west-2", "eu-west-1"]}
    templates = {"image_builder_launch_templates": {"us-west-2": "lt-1", "eu-west-1": "lt-2"}}
    hosts = [{**host, **templates}, host, {**host, "image_builder_regions": ["us-west-2"]}, {"inventory_hostname": "b"}]
    assert targets(hosts, regions=["eu-west-1", "ap-south-1"]) == [
        {"name": "a", "regions": ["eu-west-1"], "launch_templates": {"eu-west-1": "lt-2"}},
        {"name": "a", "regions": ["eu-west-1"]},
    ]
