# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From an inventory to distributions."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.plan import (
    MOST_ACCOUNTS_OF_A_REGION,
    Delivery,
    Destination,
    Part,
    TooManyAccountsError,
    parts,
    plan,
    plan_of_part,
)
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import inputs, schema
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import Context
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.distribution_configuration import (
    DISTRIBUTION_CONFIGURATION,
)
from hypothesis import given, settings
from hypothesis import strategies as st

SOURCE, PAYMENTS, SEARCH = "111111111111", "222222222222", "333333333333"
REGIONS = ("us-west-2", "eu-west-1", "ap-southeast-2", "us-east-1")
BUILD_REGION, OTHER_REGION, THIRD_REGION = REGIONS[:3]
NAME = "web <<imagebuilder:buildDate>>"
KEYS = {region: f"arn:aws:kms:{region}:{SOURCE}:alias/golden" for region in REGIONS}
DELIVERY = Delivery(source_account_id=SOURCE, source_regions=(BUILD_REGION, OTHER_REGION), ami_name=NAME, kms_key_ids=KEYS)
TEMPLATE = "lt-0123456789abcdef0"

some_regions = st.lists(st.sampled_from(REGIONS), min_size=1, unique=True)
deliveries = st.builds(
    Delivery,
    source_account_id=st.just(SOURCE),
    source_regions=some_regions.map(tuple),
    ami_name=st.just(NAME),
    ami_description=st.none() | st.just("Golden"),
    ami_tags=st.dictionaries(st.sampled_from(["Team", "stage"]), st.just("x")),
    kms_key_ids=some_regions.map(lambda regions: {region: KEYS[region] for region in regions}) | st.just({}),
    launch_permission=st.none() | st.just({"organization_arns": [f"arn:aws:organizations::{SOURCE}:organization/o-abcdefghij"]}),
    ssm_parameter_name=st.none() | st.just("/imagebuilder/web/latest"),
    set_default_version=st.booleans(),
)
destinations = st.builds(
    Destination,
    account_id=st.integers(2 * 10**11, 10**12 - 1).map(str),
    regions=some_regions.map(tuple),
    launch_templates=st.dictionaries(st.sampled_from(REGIONS), st.just(TEMPLATE)),
    wave=st.integers(1, 3),
)
inventories = st.lists(destinations, max_size=8, unique_by=lambda destination: destination.account_id)


def payments(*regions: str, **members: Any) -> Destination:
    return Destination(PAYMENTS, regions or (BUILD_REGION,), **members)


def search(*regions: str, **members: Any) -> Destination:
    return Destination(SEARCH, regions or (BUILD_REGION,), **members)


def ami(entry: dict[str, Any]) -> dict[str, Any]:
    configuration: dict[str, Any] = entry["ami_distribution_configuration"]
    return configuration


def accounts(entry: dict[str, Any]) -> list[str]:
    return list(ami(entry).get("target_account_ids", []))


def planned(delivery: Delivery, *of: Destination) -> dict[str, dict[str, Any]]:
    """The entries by Region, in their order."""
    return {entry["region"]: entry for entry in plan(delivery, of)}


def test_the_whole_of_a_plain_plan() -> None:
    delivery = Delivery(SOURCE, (BUILD_REGION,), NAME, kms_key_ids=KEYS)
    assert plan(delivery, [search(), payments(BUILD_REGION, OTHER_REGION)]) == [
        {
            "region": BUILD_REGION,
            "ami_distribution_configuration": {"name": NAME, "target_account_ids": [PAYMENTS, SEARCH], "kms_key_id": KEYS[BUILD_REGION]},
        },
        {
            "region": OTHER_REGION,
            "ami_distribution_configuration": {"name": NAME, "target_account_ids": [PAYMENTS], "kms_key_id": KEYS[OTHER_REGION]},
        },
    ]


class TestAnyInventory:
    @given(deliveries, inventories, st.randoms())
    def test_its_order_does_not_matter(self, delivery: Delivery, inventory: list[Destination], random: Any) -> None:
        shuffled = [replace(one, launch_templates=dict(reversed(list(one.launch_templates.items())))) for one in inventory]
        random.shuffle(shuffled)
        assert plan(delivery, shuffled) == plan(delivery, inventory)

    @given(deliveries, inventories)
    def test_each_account_and_region_of_it_is_there_once(self, delivery: Delivery, inventory: list[Destination]) -> None:
        pairs = Counter((account, entry["region"]) for entry in plan(delivery, inventory) for account in accounts(entry))
        assert pairs == Counter((one.account_id, region) for one in inventory for region in one.regions)

    @given(deliveries, inventories)
    def test_each_region_is_there_once_with_the_builds_first(self, delivery: Delivery, inventory: list[Destination]) -> None:
        regions = [entry["region"] for entry in plan(delivery, inventory)]
        assert regions[: len(delivery.source_regions)] == list(delivery.source_regions)
        assert Counter(regions) == Counter({*delivery.source_regions, *(region for one in inventory for region in one.regions)})

    @given(deliveries, inventories)
    def test_the_key_is_that_of_the_region_and_only_where_a_copy_is_made(self, delivery: Delivery, inventory: list[Destination]) -> None:
        for entry in plan(delivery, inventory):
            is_copy = entry["region"] != delivery.build_region or bool(accounts(entry))
            assert ami(entry).get("kms_key_id") == (delivery.kms_key_ids.get(entry["region"]) if is_copy else None)

    @given(deliveries, inventories)
    def test_nothing_goes_to_an_account_that_does_not_get_the_image(self, delivery: Delivery, inventory: list[Destination]) -> None:
        for entry in plan(delivery, inventory):
            templates = [one["account_id"] for one in entry.get("launch_template_configurations", [])]
            parameters = [one["ami_account_id"] for one in entry.get("ssm_parameter_configurations", [])]
            assert templates == [account for account in accounts(entry) if account in templates]
            assert parameters == ((accounts(entry) or [SOURCE]) if delivery.ssm_parameter_name else [])

    @settings(deadline=None)  # the first to need botocore's model waits for it
    @given(deliveries, inventories)
    def test_the_module_takes_it(self, delivery: Delivery, inventory: list[Destination]) -> None:
        distributions = plan(delivery, inventory)
        context = Context(region=delivery.build_region, account_id=SOURCE, complete=True)
        wanted = inputs.read(DISTRIBUTION_CONFIGURATION, {"name": "web", "distributions": distributions}, context)
        sent = wanted.request["distributions"]
        shape = DISTRIBUTION_CONFIGURATION.create_shape.members["distributions"]
        as_sent = [{**entry, "ami_distribution_configuration": {**ami(entry), "name": "web {{ imagebuilder:buildDate }}"}} for entry in distributions]
        assert schema.snake_case(sent, shape) == as_sent


class TestKeys:
    def test_an_image_that_stays_in_its_region_is_no_copy(self) -> None:
        assert "kms_key_id" not in ami(planned(DELIVERY)[BUILD_REGION])

    def test_the_source_gets_a_copy_of_its_own_in_its_other_regions(self) -> None:
        assert ami(planned(DELIVERY, payments())[OTHER_REGION]) == {"name": NAME, "kms_key_id": KEYS[OTHER_REGION]}

    def test_a_region_without_a_key_has_none(self) -> None:
        entries = planned(replace(DELIVERY, kms_key_ids={OTHER_REGION: "k"}), payments(BUILD_REGION, OTHER_REGION))
        assert [ami(entry).get("kms_key_id") for entry in entries.values()] == [None, "k"]


class TestSettings:
    def test_reach_every_region(self) -> None:
        given_settings: dict[str, Any] = {
            "ami_description": "Golden",
            "ami_tags": {"Team": "platform"},
            "launch_permission": {"user_ids": [SEARCH]},
        }
        for entry in planned(replace(DELIVERY, **given_settings), payments(THIRD_REGION)).values():
            assert (
                ami(entry).items() >= {"description": "Golden", "ami_tags": {"Team": "platform"}, "launch_permission": {"user_ids": [SEARCH]}}.items()
            )

    def test_that_are_empty_are_left_out(self) -> None:
        delivery = replace(DELIVERY, ami_description="", ami_tags={}, launch_permission={}, ssm_parameter_name="", kms_key_ids={})
        assert planned(delivery)[BUILD_REGION] == {"region": BUILD_REGION, "ami_distribution_configuration": {"name": NAME}}


class TestLaunchTemplates:
    def test_are_those_of_the_account_and_region(self) -> None:
        entries = planned(
            DELIVERY,
            payments(BUILD_REGION, OTHER_REGION, launch_templates={OTHER_REGION: TEMPLATE}),
            search(BUILD_REGION, OTHER_REGION, launch_templates={BUILD_REGION: "lt-1", OTHER_REGION: "lt-2"}),
        )
        templates = {
            region: [(one["account_id"], one["launch_template_id"]) for one in entry["launch_template_configurations"]]
            for region, entry in entries.items()
        }
        assert templates == {BUILD_REGION: [(SEARCH, "lt-1")], OTHER_REGION: [(PAYMENTS, TEMPLATE), (SEARCH, "lt-2")]}

    @pytest.mark.parametrize("default", [True, False])
    def test_say_whether_the_new_version_becomes_the_default(self, default: bool) -> None:
        entries = planned(replace(DELIVERY, set_default_version=default), payments(launch_templates={BUILD_REGION: TEMPLATE}))
        assert entries[BUILD_REGION]["launch_template_configurations"] == [
            {"account_id": PAYMENTS, "launch_template_id": TEMPLATE, "set_default_version": default}
        ]

    def test_can_be_left_to_others(self) -> None:
        entry = planned(replace(DELIVERY, launch_templates=False), payments(launch_templates={BUILD_REGION: TEMPLATE}))[BUILD_REGION]
        assert "launch_template_configurations" not in entry

    def test_none_is_no_member(self) -> None:
        assert "launch_template_configurations" not in planned(DELIVERY, payments())[BUILD_REGION]


class TestParameters:
    def test_each_account_gets_one_in_each_of_its_regions(self) -> None:
        entries = planned(replace(DELIVERY, ssm_parameter_name="/x"), payments(BUILD_REGION, OTHER_REGION), search())
        expected = {"parameter_name": "/x", "data_type": "aws:ec2:image"}
        assert entries[BUILD_REGION]["ssm_parameter_configurations"] == [
            {"ami_account_id": PAYMENTS, **expected},
            {"ami_account_id": SEARCH, **expected},
        ]
        assert entries[OTHER_REGION]["ssm_parameter_configurations"] == [{"ami_account_id": PAYMENTS, **expected}]

    def test_in_a_region_without_destination_the_source_gets_it(self) -> None:
        entries = planned(replace(DELIVERY, ssm_parameter_name="/x"), payments())
        assert [one["ami_account_id"] for one in entries[OTHER_REGION]["ssm_parameter_configurations"]] == [SOURCE]


class TestManyAccounts:
    ALL = tuple(Destination(str(2 * 10**11 + number), (BUILD_REGION,)) for number in range(MOST_ACCOUNTS_OF_A_REGION + 1))

    def test_the_limit_is_botocores(self) -> None:
        shape = schema.service_model().shape_for("AccountList")
        assert shape.metadata["max"] == MOST_ACCOUNTS_OF_A_REGION

    def test_up_to_the_limit(self) -> None:
        assert len(accounts(planned(DELIVERY, *self.ALL[1:])[BUILD_REGION])) == MOST_ACCOUNTS_OF_A_REGION

    def test_more_are_refused_with_what_to_do(self) -> None:
        with pytest.raises(TooManyAccountsError, match=rf"{BUILD_REGION}: 1537 destination accounts.* takes 1536 a Region; divide them"):
            plan(DELIVERY, self.ALL)

    def test_the_limit_counts_for_each_region_of_its_own(self) -> None:
        half = len(self.ALL) // 2
        spread = [*self.ALL[:half], *(replace(one, regions=(OTHER_REGION,)) for one in self.ALL[half:])]
        assert sum(len(accounts(entry)) for entry in plan(DELIVERY, spread)) == len(self.ALL)


class TestParts:
    @given(inventories, st.integers(1, 4))
    def test_everybody_gets_it_once_and_wave_by_wave(self, inventory: list[Destination], most: int) -> None:
        divided = parts(inventory, most)
        assert sorted(one.account_id for part in divided for one in part.destinations) == sorted(one.account_id for one in inventory)
        assert [part.wave for part in divided] == sorted(part.wave for part in divided)
        assert all(one.wave == part.wave for part in divided for one in part.destinations)

    @given(inventories, st.integers(1, 4))
    def test_no_region_of_a_part_has_more_than_the_limit(self, inventory: list[Destination], most: int) -> None:
        for part in parts(inventory, most):
            assert max(Counter(region for one in part.destinations for region in one.regions).values(), default=0) <= most

    @given(inventories, st.integers(1, 4))
    def test_only_the_first_has_no_name_and_all_names_differ(self, inventory: list[Destination], most: int) -> None:
        names = [part.name for part in parts(inventory, most)]
        assert [name == "" for name in names] == [True] + [False] * (len(names) - 1)
        assert len(set(names)) == len(names)

    @given(inventories, st.randoms())
    def test_the_order_of_the_inventory_does_not_matter(self, inventory: list[Destination], random: Any) -> None:
        assert parts(inventory) == parts(random.sample(inventory, len(inventory)))

    def test_without_a_destination_there_is_the_source(self) -> None:
        assert parts([]) == [Part("", 1, ())]

    def test_names_say_wave_and_part(self) -> None:
        early, late = payments(wave=3), replace(search(), wave=7)
        others = [Destination(f"44444444444{number}", (BUILD_REGION,), wave=7) for number in range(2)]
        assert [part.name for part in parts([late, early, *others], most=2)] == ["", "wave-7", "wave-7-part-2"]

    def test_a_region_that_is_full_does_not_keep_out_who_is_elsewhere(self) -> None:
        crowd = [Destination(f"44444444444{number}", (BUILD_REGION,)) for number in range(3)]
        elsewhere = Destination("999999999999", (OTHER_REGION,))
        assert [len(part.destinations) for part in parts([*crowd, elsewhere], most=2)] == [3, 1]

    def test_more_than_one_configuration_takes(self) -> None:
        divided = parts(TestManyAccounts.ALL)
        assert [len(part.destinations) for part in divided] == [MOST_ACCOUNTS_OF_A_REGION, 1]
        assert all(plan_of_part(DELIVERY, part) for part in divided)

    def test_what_is_the_sources_own_is_delivered_once(self) -> None:
        delivery = replace(DELIVERY, ssm_parameter_name="/x")
        first, second = parts([payments(), replace(search(THIRD_REGION), wave=2)])
        assert plan_of_part(delivery, first) == plan(delivery, first.destinations)
        build, third = plan_of_part(delivery, second)
        assert build == {"region": BUILD_REGION, "ami_distribution_configuration": {"name": NAME}}
        assert (third["region"], accounts(third)) == (THIRD_REGION, [SEARCH])
        assert [one["ami_account_id"] for one in third["ssm_parameter_configurations"]] == [SEARCH]
