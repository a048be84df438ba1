# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module distributed_ami_info against the emulator: an image in two accounts and two Regions."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.tests.unit.emulator.imagebuilder.conftest import (
    BUILD_REGION,
    OTHER_REGION,
    PAYMENTS,
    SEARCH,
    SOURCE,
    Factory,
    policy,
)


def target(account_id: str, name: str, *regions: str) -> dict[str, Any]:
    return {
        "account_id": account_id,
        "name": name,
        "regions": list(regions or (BUILD_REGION, OTHER_REGION)),
        "assume_role_arn": "OrganizationAccountAccessRole",
    }


@pytest.fixture
def factory(emulator: Any) -> Factory:
    ready = Factory(emulator)
    ready.make_all()
    return ready


@pytest.fixture
def image(factory: Factory) -> dict[str, Any]:
    """A delivered image."""
    return factory.build(factory.distributions())


@pytest.fixture
def amis(image: dict[str, Any]) -> list[dict[str, Any]]:
    """The AMIs of the image as the module image returns them."""
    return [{"account_id": ami["accountId"], "region": ami["region"], "image": ami["image"]} for ami in image["outputResources"]["amis"]]


@pytest.fixture
def run(run_module: Any, factory: Factory, amis: list[dict[str, Any]]) -> Any:
    """The module as an administrator of the source account runs it."""
    defaults = {
        "targets": [target(PAYMENTS, "payments"), target(SEARCH, "search")],
        "amis": amis,
        "kms_key_ids": factory.keys,
        "tags": {"Team": "platform"},
    }

    def run(**options: Any) -> dict[str, Any]:
        result: dict[str, Any] = run_module("distributed_ami_info", **{**defaults, **options})
        return result

    return run


def problems(result: dict[str, Any]) -> dict[tuple[str, str], list[str]]:
    return {(ami["account_id"], ami["region"]): ami["problems"] for ami in result["amis"] if ami["problems"]}


def test_all_is_well(run: Any, factory: Factory, emulator: Any, amis: list[dict[str, Any]]) -> None:
    emulator.reset_calls()
    result = run()
    assert (result["failed"], result["changed"], problems(result)) == (False, False, {}), result
    assert [(outcome["account_id"], outcome["name"], outcome["failed"]) for outcome in result["outcomes"]] == [
        (PAYMENTS, "payments", False),
        (SEARCH, "search", False),
    ]
    ids = {(ami["account_id"], ami["region"]): ami["image"] for ami in amis}
    for ami in result["amis"]:
        assert ami["image_id"] == ids[ami["account_id"], ami["region"]]
        assert (ami["state"], ami["encrypted"], ami["kms_key_id"]) == ("available", True, factory.keys[ami["region"]])
        assert ami["tags"]["Team"] == "platform"
    assert [call for call in emulator.writes() if call.operation != "AssumeRole"] == []


def test_a_key_given_as_its_alias(run: Any) -> None:
    aliases = {region: f"arn:aws:kms:{region}:{SOURCE}:alias/golden" for region in (BUILD_REGION, OTHER_REGION)}
    result = run(kms_key_ids=aliases)
    assert (result["failed"], problems(result)) == (False, {}), result
    assert {ami["expected_kms_key"] for ami in result["amis"]} == set(aliases.values())


def test_an_alias_that_cannot_be_seen_is_a_problem(run: Any) -> None:
    result = run(kms_key_ids={OTHER_REGION: f"arn:aws:kms:{OTHER_REGION}:{SOURCE}:alias/nothing"})
    assert result["failed"]
    assert set(problems(result)) == {(PAYMENTS, OTHER_REGION), (SEARCH, OTHER_REGION)}
    assert all("cannot be seen" in found[0] for found in problems(result).values())


def test_another_key(run: Any, factory: Factory) -> None:
    other = factory.client("kms", region=OTHER_REGION).create_key()["KeyMetadata"]["Arn"]
    result = run(kms_key_ids={**factory.keys, OTHER_REGION: other})
    assert set(problems(result)) == {(PAYMENTS, OTHER_REGION), (SEARCH, OTHER_REGION)}
    assert factory.keys[OTHER_REGION] in result["msg"]
    assert other in result["msg"]


def test_one_that_is_gone_fails_its_account_and_no_other(run: Any, factory: Factory) -> None:
    (gone,) = factory.images(PAYMENTS, OTHER_REGION)
    factory.client("ec2", PAYMENTS, OTHER_REGION).deregister_image(ImageId=gone["ImageId"])
    result = run()
    assert [(outcome["name"], outcome["failed"]) for outcome in result["outcomes"]] == [("payments", True), ("search", False)]
    assert problems(result) == {(PAYMENTS, OTHER_REGION): [f"AMI {gone['ImageId']} does not exist in this account and Region."]}
    assert f"payments (account {PAYMENTS}), {OTHER_REGION}: AMI {gone['ImageId']} does not exist" in result["msg"]
    assert result["failed"]


def test_failing_can_be_left_to_others(run: Any) -> None:
    result = run(tags={"Team": "search"}, fail_on_error=False)
    assert not result["failed"]
    assert all(outcome["failed"] for outcome in result["outcomes"])
    assert "Tag Team is 'platform', not 'search'." in result["outcomes"][0]["msg"]


def test_a_region_that_got_nothing(run: Any, amis: list[dict[str, Any]]) -> None:
    partly = [ami for ami in amis if (ami["account_id"], ami["region"]) != (SEARCH, OTHER_REGION)]
    result = run(amis=partly)
    assert list(problems(result)) == [(SEARCH, OTHER_REGION)]
    assert "was not delivered" in problems(result)[SEARCH, OTHER_REGION][0]


def test_an_account_that_cannot_be_entered(run: Any, factory: Factory) -> None:
    nobody = policy({"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"})
    factory.client("iam", SEARCH).update_assume_role_policy(RoleName="OrganizationAccountAccessRole", PolicyDocument=nobody)
    result = run()
    assert [(outcome["name"], outcome["failed"]) for outcome in result["outcomes"]] == [("payments", False), ("search", True)]
    assert "OrganizationAccountAccessRole" in result["msg"]


def test_the_source_account_with_its_own_credentials(run: Any) -> None:
    factory_account = {"account_id": SOURCE, "name": "image-factory", "regions": [BUILD_REGION]}
    result = run(targets=[factory_account])
    assert (result["failed"], [ami["encrypted"] for ami in result["amis"]]) == (False, [True]), result


def test_by_build_and_by_name(run: Any, image: dict[str, Any], amis: list[dict[str, Any]]) -> None:
    ids = {(ami["account_id"], ami["region"]): ami["image"] for ami in amis if ami["account_id"] != SOURCE}
    for way in ({"image_build_version_arn": image["arn"]}, {"name": "golden *"}):
        result = run(amis=[], **way)
        assert not result["failed"], result
        assert {(ami["account_id"], ami["region"]): ami["image_id"] for ami in result["amis"]} == ids
    missing = run(amis=[], image_build_version_arn=f"{image['arn']}9")
    assert len(problems(missing)) == 4


def test_launching_is_asked_for_and_not_done(run: Any, factory: Factory) -> None:
    result = run(check_launch=True)
    assert not result["failed"], result
    assert factory.client("ec2", PAYMENTS, BUILD_REGION).describe_instances()["Reservations"] == []


class TestWhatPointsAtIt:
    PARAMETER = "/imagebuilder/web"

    def put(self, factory: Factory, region: str, value: str, account_id: str = PAYMENTS) -> None:
        factory.client("ssm", account_id, region).put_parameter(Name=self.PARAMETER, Value=value, Type="String", Overwrite=True)

    def template(self, factory: Factory, image: str) -> str:
        ec2 = factory.client("ec2", PAYMENTS, BUILD_REGION)
        created = ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData={"ImageId": image})
        return str(created["LaunchTemplate"]["LaunchTemplateId"])

    def test_the_parameter_of_each_account(self, run: Any, factory: Factory, amis: list[dict[str, Any]]) -> None:
        for ami in amis:
            self.put(factory, ami["region"], ami["image"], ami["account_id"])
        assert problems(run(ssm_parameter_name=self.PARAMETER)) == {}
        self.put(factory, OTHER_REGION, "ami-0")
        factory.client("ssm", SEARCH, BUILD_REGION).delete_parameter(Name=self.PARAMETER)
        found = problems(run(ssm_parameter_name=self.PARAMETER))
        assert set(found) == {(PAYMENTS, OTHER_REGION), (SEARCH, BUILD_REGION)}
        assert "is 'ami-0', not ami-" in found[PAYMENTS, OTHER_REGION][0]
        assert "ParameterNotFound" in found[SEARCH, BUILD_REGION][0]

    @pytest.mark.parametrize("by_parameter", [False, True])
    def test_the_launch_template(self, run: Any, factory: Factory, amis: list[dict[str, Any]], by_parameter: bool) -> None:
        (own,) = (ami["image"] for ami in amis if (ami["account_id"], ami["region"]) == (PAYMENTS, BUILD_REGION))
        (sources,) = (ami["image"] for ami in amis if (ami["account_id"], ami["region"]) == (SOURCE, BUILD_REGION))
        for image, judgement in ((own, set()), (sources, {(PAYMENTS, BUILD_REGION)})):
            self.put(factory, BUILD_REGION, image)
            template = self.template(factory, f"resolve:ssm:{self.PARAMETER}" if by_parameter else image)
            targets = [{**target(PAYMENTS, "payments"), "launch_templates": {BUILD_REGION: template}}]
            assert problems(run(targets=targets)) == {}
            assert set(problems(run(targets=targets, check_launch_templates=True))) == judgement
            factory.client("ec2", PAYMENTS, BUILD_REGION).delete_launch_template(LaunchTemplateId=template)
        assert "cannot be read" in problems(run(targets=targets, check_launch_templates=True))[PAYMENTS, BUILD_REGION][0]

    def test_name_and_description(self, run: Any, amis: list[dict[str, Any]]) -> None:
        named = [{**ami, "name": "another"} for ami in amis]
        assert all("not 'another'" in found[0] for found in problems(run(amis=named)).values())
        assert len(problems(run(amis=named))) == 4
        assert all("not 'Golden'" in found[0] for found in problems(run(description="Golden")).values())


def test_all_mistakes_at_once_before_any_call(run_module: Any, emulator: Any) -> None:
    emulator.reset_calls()
    result = run_module(
        "distributed_ami_info",
        targets=[{"account_id": 222222222222, "regions": ["mars-1"]}],
        kms_key_ids={"eu-west-1": f"arn:aws:kms:us-west-2:{SOURCE}:alias/golden", "us-west-2": "alias/golden"},
    )
    assert {error["path"] for error in result["errors"]} == {
        "targets[0].account_id",
        "targets[0].regions[0]",
        "amis",
        "kms_key_ids.eu-west-1",
        "kms_key_ids.us-west-2",
    }
    assert emulator.calls() == []
