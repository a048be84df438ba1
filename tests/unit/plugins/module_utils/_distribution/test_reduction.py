# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Distributions without accounts and Regions."""

from __future__ import annotations

import copy
from typing import Any, ClassVar

from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.plan import Delivery, Destination, plan
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.reduction import (
    Leaving,
    only,
    outputs,
    reduced_configurations,
    without,
)

SOURCE, PAYMENTS, SEARCH, MEDIA = "111111111111", "222222222222", "333333333333", "444444444444"
WEST, EUROPE, ASIA = "us-west-2", "eu-west-1", "ap-south-1"
DELIVERY = Delivery(SOURCE, (WEST, EUROPE), "web {{ imagebuilder:buildDate }}", ssm_parameter_name="/imagebuilder/web")
DESTINATIONS = [Destination(PAYMENTS, (WEST, EUROPE, ASIA), {WEST: "lt-1"}), Destination(SEARCH, (WEST, EUROPE))]
ALL = plan(DELIVERY, DESTINATIONS)


def leaving(*account_ids: str, regions: tuple[str, ...] = ()) -> Leaving:
    return Leaving(account_ids, regions, DELIVERY.source_regions)


def test_without_an_account_is_the_plan_without_it() -> None:
    assert without(ALL, leaving(PAYMENTS)) == plan(DELIVERY, DESTINATIONS[1:])


def test_without_a_region_is_the_plan_without_it() -> None:
    reduced = [Destination(one.account_id, tuple(region for region in one.regions if region != ASIA), one.launch_templates) for one in DESTINATIONS]
    assert without(ALL, leaving(regions=(ASIA,))) == plan(DELIVERY, reduced)


def test_where_the_source_has_the_image_itself_the_entry_stays() -> None:
    everybody = without(ALL, leaving(PAYMENTS, SEARCH))
    assert [entry["region"] for entry in everybody] == [WEST, EUROPE]
    assert all("target_account_ids" not in entry["ami_distribution_configuration"] for entry in everybody)


def test_what_does_not_concern_them_is_the_same_and_the_input_is_not_changed() -> None:
    before = copy.deepcopy(ALL)
    assert without(ALL, leaving(MEDIA)) == ALL
    without(ALL, leaving(PAYMENTS, regions=(EUROPE,)))
    assert before == ALL


def test_everything_that_is_of_an_account() -> None:
    entry: dict[str, Any] = {
        "region": ASIA,
        "ami_distribution_configuration": {"launch_permission": {"user_ids": [PAYMENTS, SEARCH], "organization_arns": ["o"]}},
        "launch_template_configurations": [{"launch_template_id": "lt-of-the-source"}, {"launch_template_id": "lt-2", "account_id": PAYMENTS}],
        "fast_launch_configurations": [{"account_id": PAYMENTS, "enabled": True, "launch_template": {"launch_template_name": "fast"}}],
        "s3_export_configuration": {"role_name": "x"},
    }
    assert without([entry], leaving(PAYMENTS)) == [
        {
            "region": ASIA,
            "ami_distribution_configuration": {"launch_permission": {"user_ids": [SEARCH], "organization_arns": ["o"]}},
            "launch_template_configurations": [{"launch_template_id": "lt-of-the-source"}],
            "s3_export_configuration": {"role_name": "x"},
        }
    ]
    assert [(row["kind"], row["name"]) for row in outputs([entry], leaving(PAYMENTS))] == [
        ("launch permission", ""),
        ("launch template", "lt-2"),
        ("Fast Launch", "fast"),
    ]


def test_an_entry_that_shares_with_nobody_any_more_goes() -> None:
    entry = {"region": ASIA, "ami_distribution_configuration": {"name": "x", "launch_permission": {"user_ids": [PAYMENTS]}}}
    assert without([entry], leaving(PAYMENTS)) == []


def test_an_entry_of_the_source_alone_stays_where_nobody_leaves() -> None:
    entry = {"region": ASIA, "ami_distribution_configuration": {"name": "x"}}
    assert without([entry], leaving(PAYMENTS)) == [entry]


def test_outputs_of_an_account_and_of_a_region() -> None:
    account = outputs(ALL, leaving(PAYMENTS))
    assert {row["account_id"] for row in account} == {PAYMENTS}
    assert [(row["region"], row["kind"]) for row in account] == [
        (WEST, "AMI"),
        (WEST, "launch template"),
        (WEST, "parameter"),
        (EUROPE, "AMI"),
        (EUROPE, "parameter"),
        (ASIA, "AMI"),
        (ASIA, "parameter"),
    ]
    region = outputs(ALL, leaving(regions=(EUROPE,)))
    assert {(row["account_id"], row["region"]) for row in region} == {(PAYMENTS, EUROPE), (SEARCH, EUROPE)}


def test_only_configurations_that_change_are_told() -> None:
    others = {"name": "db", "arn": "arn:db", "distributions": plan(DELIVERY, DESTINATIONS[1:])}
    lonely = {"name": "only", "arn": "arn:only", "distributions": [ALL[2]], "users": ["arn:pipeline"]}
    first, second = reduced_configurations([{"name": "web", "arn": "arn:web", "distributions": ALL}, others, lonely], leaving(PAYMENTS))
    assert (first["name"], first["users"], len(first["distributions"])) == ("web", [], 2)
    assert {row["configuration"] for row in first["outputs"]} == {"web"}
    assert (second["name"], second["users"], second["distributions"]) == ("only", ["arn:pipeline"], [])


class TestOnly:
    """Distributions of an image, in the API's own spelling, for some accounts and Regions."""

    ENTRY: ClassVar[dict[str, Any]] = {
        "region": "us-west-2",
        "amiDistributionConfiguration": {
            "name": "web",
            "targetAccountIds": ["222222222222", "333333333333"],
            "launchPermission": {"userIds": ["222222222222", "999999999999"]},
        },
        "ssmParameterConfigurations": [{"amiAccountId": "222222222222", "parameterName": "/a"}, {"parameterName": "/of/the/source"}],
        "launchTemplateConfigurations": [{"accountId": "333333333333", "launchTemplateId": "lt-1"}],
        "licenseConfigurationArns": ["arn"],
    }

    def test_an_account_gets_what_is_its_own_and_what_is_for_all(self) -> None:
        assert only([self.ENTRY], {("222222222222", "us-west-2")}, "111111111111") == [
            {
                "region": "us-west-2",
                "amiDistributionConfiguration": {**self.ENTRY["amiDistributionConfiguration"], "targetAccountIds": ["222222222222"]},
                "ssmParameterConfigurations": [{"amiAccountId": "222222222222", "parameterName": "/a"}],
                "licenseConfigurationArns": ["arn"],
            }
        ]

    def test_a_region_in_which_nobody_is_left_goes(self) -> None:
        assert only([self.ENTRY, {**self.ENTRY, "region": "eu-west-1"}], {("333333333333", "eu-west-1")}, "111111111111")[0]["region"] == "eu-west-1"
        assert only([self.ENTRY], {("222222222222", "eu-west-1")}, "111111111111") == []

    def test_without_accounts_it_is_the_sources(self) -> None:
        own = {"region": "eu-west-1", "amiDistributionConfiguration": {"name": "web"}, "ssmParameterConfigurations": [{"parameterName": "/own"}]}
        assert only([own], {("111111111111", "eu-west-1")}, "111111111111") == [own]
