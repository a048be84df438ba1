# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filter that makes distributions of hosts; what it plans is in the tests of the plan."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.golden.imagebuilder.plugins.doc_fragments.distributions import ModuleDocFragment
from ansible_collections.golden.imagebuilder.plugins.filter.distributions import FilterModule, distributions
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.plan import MOST_ACCOUNTS_OF_A_REGION

SOURCE, PAYMENTS, SEARCH = "111111111111", "222222222222", "333333333333"
REGION = "us-west-2"
NAME = "web <<imagebuilder:buildDate>>"
REQUIRED: dict[str, Any] = {"source_account_id": SOURCE, "source_regions": [REGION], "ami_name": NAME}


def host(account_id: Any, **variables: Any) -> dict[str, Any]:
    return {"image_builder_account_id": account_id, "image_builder_regions": [REGION], "ansible_connection": "local", **variables}


def test_reads_the_variables_of_the_hosts() -> None:
    hosts = [host(SEARCH), host(PAYMENTS, image_builder_launch_templates={REGION: "lt-1"})]
    assert distributions(hosts, **REQUIRED) == [
        {
            "region": REGION,
            "ami_distribution_configuration": {"name": NAME, "target_account_ids": [PAYMENTS, SEARCH]},
            "launch_template_configurations": [{"account_id": PAYMENTS, "launch_template_id": "lt-1", "set_default_version": True}],
        }
    ]


def test_takes_all_that_is_documented() -> None:
    settings: dict[str, Any] = {
        "ami_description": "Golden",
        "ami_tags": {"Team": "platform"},
        "kms_key_ids": {REGION: "key"},
        "launch_permission": {"user_ids": [SEARCH]},
        "ssm_parameter_name": "/x",
        "launch_templates": True,
        "set_default_version": False,
    }
    assert {*REQUIRED, *settings, "_input"} == set(yaml.safe_load(ModuleDocFragment.DOCUMENTATION)["options"])
    (entry,) = distributions(iter([host(PAYMENTS, image_builder_launch_templates={REGION: "lt-1"})]), **REQUIRED, **settings)
    assert entry["ami_distribution_configuration"] == {
        "name": NAME,
        "description": "Golden",
        "ami_tags": {"Team": "platform"},
        "target_account_ids": [PAYMENTS],
        "kms_key_id": "key",
        "launch_permission": {"user_ids": [SEARCH]},
    }
    assert entry["ssm_parameter_configurations"] == [{"ami_account_id": PAYMENTS, "parameter_name": "/x", "data_type": "aws:ec2:image"}]
    assert entry["launch_template_configurations"][0]["set_default_version"] is False


def test_a_setting_that_is_none_is_not_given() -> None:
    nothing: dict[str, Any] = dict.fromkeys(
        ["ami_description", "ami_tags", "kms_key_ids", "launch_permission", "ssm_parameter_name", "set_default_version"]
    )
    hosts = [host(PAYMENTS, image_builder_launch_templates={REGION: "lt-1"}), host(SEARCH, image_builder_launch_templates=None)]
    assert distributions(hosts, **REQUIRED, **nothing) == distributions(hosts, **REQUIRED)


def test_hands_a_wrong_account_id_on_to_whoever_judges_it() -> None:
    (entry,) = distributions([host(SEARCH), host(22222222222)], **REQUIRED)
    assert entry["ami_distribution_configuration"]["target_account_ids"] == [22222222222, SEARCH]


def test_names_every_host_that_is_no_destination_and_why() -> None:
    hosts = [
        {"inventory_hostname": "payments", "image_builder_regions": [REGION]},
        host(SEARCH, inventory_hostname="search", image_builder_regions=None),
        host(SEARCH, inventory_hostname="warehouse", image_builder_regions=REGION),
        host(SEARCH, inventory_hostname="good"),
    ]
    with pytest.raises(AnsibleFilterError) as caught:
        distributions(iter(hosts), **REQUIRED)
    assert str(caught.value) == (
        "golden.imagebuilder.distributions: payments has no variable image_builder_account_id; search has no variable image_builder_regions; "
        "image_builder_regions of warehouse has to be a list of Regions, not 'us-west-2'"
    )


def test_an_unknown_setting_is_named() -> None:
    with pytest.raises(AnsibleFilterError, match=r"golden\.imagebuilder\.distributions: .*ami_tag\b"):
        distributions([], **REQUIRED, ami_tag={})


def test_too_many_accounts_are_an_error_of_the_filter() -> None:
    hosts = [host(str(2 * 10**11 + number)) for number in range(MOST_ACCOUNTS_OF_A_REGION + 1)]
    with pytest.raises(AnsibleFilterError, match=f"golden.imagebuilder.distributions: {REGION}: 1537 destination accounts"):
        distributions(hosts, **REQUIRED)


def test_name() -> None:
    assert FilterModule().filters() == {"distributions": distributions}
