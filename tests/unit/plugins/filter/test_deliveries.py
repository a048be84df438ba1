# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter that makes several distributions of hosts; how they are divided is in the tests of the plan."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.golden.imagebuilder.plugins.filter import deliveries as module
from ansible_collections.golden.imagebuilder.plugins.filter import distributions
from ansible_collections.golden.imagebuilder.plugins.filter.deliveries import FilterModule, deliveries

SOURCE, PAYMENTS, SEARCH = "111111111111", "222222222222", "333333333333"
REGION = "us-west-2"
NAME = "web <<imagebuilder:buildDate>>"
REQUIRED: dict[str, Any] = {"name": "web", "source_account_id": SOURCE, "source_regions": [REGION], "ami_name": NAME}


def host(account_id: str, **variables: Any) -> dict[str, Any]:
    return {"image_builder_account_id": account_id, "image_builder_regions": [REGION], **variables}


def test_a_delivery_for_each_wave() -> None:
    first, second = deliveries([host(SEARCH, image_builder_wave=2), host(PAYMENTS)], **REQUIRED)
    assert (first["name"], first["wave"], first["account_ids"]) == ("web", 1, [PAYMENTS])
    assert (second["name"], second["wave"], second["account_ids"]) == ("web-wave-2", 2, [SEARCH])
    assert second["distributions"] == [{"region": REGION, "ami_distribution_configuration": {"name": NAME, "target_account_ids": [SEARCH]}}]


def test_one_wave_is_what_distributions_makes_of_it() -> None:
    hosts = [host(SEARCH), host(PAYMENTS)]
    settings: dict[str, Any] = {"source_account_id": SOURCE, "source_regions": [REGION], "ami_name": NAME, "ami_tags": {"Team": "platform"}}
    (only,) = deliveries(hosts, "web", **settings)
    assert only["distributions"] == distributions.distributions(hosts, **settings)


def test_a_number_may_be_written_as_text() -> None:
    assert [one["wave"] for one in deliveries([host(SEARCH, image_builder_wave="2")], **REQUIRED)] == [2]


@pytest.mark.parametrize("wave", ["canary", 0, -1, 1.5, None, True])
def test_what_is_no_wave_is_refused_with_the_host(wave: Any) -> None:
    with pytest.raises(AnsibleFilterError, match="image_builder_wave of search has to be a number from 1"):
        deliveries([host(SEARCH, inventory_hostname="search", image_builder_wave=wave)], **REQUIRED)


def test_takes_what_distributions_takes() -> None:
    own, other = yaml.safe_load(module.DOCUMENTATION), yaml.safe_load(distributions.DOCUMENTATION)
    options = own["options"]
    assert options.pop("name")["required"]
    assert options == other.get("options", {})
    assert own["extends_documentation_fragment"] == other["extends_documentation_fragment"]


def test_is_found_by_its_name() -> None:
    assert FilterModule().filters() == {"deliveries": deliveries}
