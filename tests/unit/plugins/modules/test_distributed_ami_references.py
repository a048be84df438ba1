# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module distributed_ami_references against the emulator: two accounts, two Regions."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.tests.emulator import images

PAYMENTS, SEARCH = "222222222222", "333333333333"
WEST, EUROPE = "us-west-2", "eu-west-1"
NAME = "/golden/web/latest"
WAY_IN = "OrganizationAccountAccessRole"
PLACES = [(account, region) for account in (PAYMENTS, SEARCH) for region in (WEST, EUROPE)]
CREATED_BY = [{"Key": "CreatedBy", "Value": "EC2 Image Builder"}]


@pytest.fixture
def amis(emulator: Any) -> dict[tuple[str, str], str]:
    """The AMIs of the accounts, by account and Region."""
    del emulator
    return {place: str(images.register_image(*place, "web 1").id) for place in PLACES}


@pytest.fixture
def template(emulator: Any) -> str:
    """A launch template of payments, whose second version is nothing but somebody's draft."""
    ec2 = emulator.client(PAYMENTS, "ec2", WEST)
    tags = [{"ResourceType": "launch-template", "Tags": CREATED_BY}]
    made = ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData={"InstanceType": "t3.medium"}, TagSpecifications=tags)
    ec2.create_launch_template_version(LaunchTemplateName="web", LaunchTemplateData={"InstanceType": "m5.large"})
    return str(made["LaunchTemplate"]["LaunchTemplateId"])


@pytest.fixture
def run(run_module: Any, amis: dict[tuple[str, str], str]) -> Any:
    def run(launch_template: str | None = None, **options: Any) -> Any:
        targets: list[dict[str, Any]] = [
            {"account_id": account, "regions": [WEST, EUROPE], "assume_role_arn": WAY_IN, "name": name}
            for account, name in ((PAYMENTS, "payments"), (SEARCH, "search"))
        ]
        if launch_template:
            targets[0]["launch_templates"] = {WEST: launch_template}
        rows = [{"account_id": account, "region": region, "image": image_id} for (account, region), image_id in amis.items()]
        return run_module("distributed_ami_references", **{"targets": targets, "amis": rows, **options})

    return run


def parameter(emulator: Any, account: str, region: str, name: str = NAME) -> Any:
    found = emulator.client(account, "ssm", region).get_parameters(Names=[name])["Parameters"]
    return {key: found[0].get(key) for key in ("Value", "DataType", "Version")} if found else None


def versions(emulator: Any, template: str) -> list[tuple[int, bool, dict[str, Any]]]:
    answer = emulator.client(PAYMENTS, "ec2", WEST).describe_launch_template_versions(LaunchTemplateId=template)["LaunchTemplateVersions"]
    return sorted((one["VersionNumber"], one["DefaultVersion"], one["LaunchTemplateData"]) for one in answer)


PARAMETERS = [{"parameter_name": NAME}]


class TestParameters:
    def test_one_is_in_every_account_and_region(self, emulator: Any, run: Any, amis: dict[tuple[str, str], str]) -> None:
        emulator.reset_calls()
        foretold = run(ssm_parameter_configurations=PARAMETERS, check_mode=True)
        assert emulator.writes() == []
        result = run(ssm_parameter_configurations=PARAMETERS)
        assert foretold["diff"] == result["diff"]
        assert len(result["diff"]) == len(PLACES)
        assert {place: parameter(emulator, *place) for place in PLACES} == {
            place: {"Value": image_id, "DataType": "aws:ec2:image", "Version": 1} for place, image_id in amis.items()
        }
        assert [(one["account_id"], one["region"], one["image_id"]) for one in result["references"]] == [(*place, amis[place]) for place in PLACES]
        emulator.reset_calls()
        again = run(ssm_parameter_configurations=PARAMETERS)
        assert (again["changed"], again["diff"], emulator.writes()) == (False, [], [])

    def test_follows_the_newest(self, emulator: Any, run: Any) -> None:
        run(ssm_parameter_configurations=PARAMETERS)
        newest = images.register_image(PAYMENTS, WEST, "web 2")
        newest.creation_date = datetime(2100, 1, 1, tzinfo=timezone.utc)  # EC2 tells seconds only
        images.register_image(PAYMENTS, WEST, "other 3")
        result = run(ssm_parameter_configurations=PARAMETERS, amis=[], name="web *")
        assert [(one["account_id"], one["region"]) for one in result["outcomes"] if one["changed"]] == [(PAYMENTS, WEST)]
        assert parameter(emulator, PAYMENTS, WEST)["Value"] == newest.id

    def test_what_somebody_else_uses_fails_its_region_alone(self, emulator: Any, run: Any, amis: dict[tuple[str, str], str]) -> None:
        emulator.client(PAYMENTS, "ssm", WEST).put_parameter(Name=NAME, Value="swordfish", Type="String")
        result = run(ssm_parameter_configurations=[*PARAMETERS, {"parameter_name": "/golden/other"}])
        failed = [one for one in result["outcomes"] if one["failed"]]
        assert [(one["account_id"], one["region"], one["error_code"]) for one in failed] == [(PAYMENTS, WEST, "NoImageParameter")]
        assert result["failed"]
        assert "swordfish" not in str(result)
        assert parameter(emulator, PAYMENTS, WEST, "/golden/other")["Value"] == amis[PAYMENTS, WEST], "the other parameter is written all the same"
        assert parameter(emulator, PAYMENTS, EUROPE)["Value"] == amis[PAYMENTS, EUROPE]

    def test_the_data_type_is_part_of_it(self, emulator: Any, run: Any) -> None:
        run(ssm_parameter_configurations=[{"parameter_name": NAME, "data_type": "text"}])
        assert parameter(emulator, PAYMENTS, WEST)["DataType"] == "text"
        assert run(ssm_parameter_configurations=PARAMETERS)["changed"]
        assert parameter(emulator, PAYMENTS, WEST)["DataType"] == "aws:ec2:image"


class TestLaunchTemplates:
    def test_gets_the_accounts_own_ami_as_a_version_of_its_default_one(
        self, emulator: Any, run: Any, template: str, amis: dict[tuple[str, str], str]
    ) -> None:
        emulator.reset_calls()
        foretold = run(template, check_mode=True)
        assert emulator.writes() == []
        result = run(template)
        assert foretold["diff"] == result["diff"]
        assert foretold["references"] == result["references"]
        assert versions(emulator, template) == [
            (1, False, {"InstanceType": "t3.medium"}),
            (2, False, {"InstanceType": "m5.large"}),
            (3, True, {"InstanceType": "t3.medium", "ImageId": amis[PAYMENTS, WEST]}),
        ]
        described = emulator.client(PAYMENTS, "ec2", WEST).describe_launch_templates(LaunchTemplateIds=[template])["LaunchTemplates"]
        assert described[0]["Tags"] == CREATED_BY
        emulator.reset_calls()
        again = run(template)
        assert (again["changed"], emulator.writes()) == (False, [])
        assert again["references"][0]["version"] == 3

    def test_mends_what_image_builder_made_of_it(self, emulator: Any, run: Any, template: str, amis: dict[tuple[str, str], str]) -> None:
        ec2 = emulator.client(PAYMENTS, "ec2", WEST)
        ec2.create_launch_template_version(LaunchTemplateId=template, SourceVersion="1", LaunchTemplateData={"ImageId": "ami-0123456789abcdef0"})
        ec2.modify_launch_template(LaunchTemplateId=template, DefaultVersion="3")
        result = run(template)
        (diff,) = result["diff"]
        assert diff["before"] == {f"launch template {template}": {"image_id": "ami-0123456789abcdef0", "version": 3}}
        assert versions(emulator, template)[-1] == (4, True, {"InstanceType": "t3.medium", "ImageId": amis[PAYMENTS, WEST]})

    def test_the_default_can_stay(self, emulator: Any, run: Any, template: str, amis: dict[tuple[str, str], str]) -> None:
        assert run(template, set_default_version=False)["changed"]
        assert [(number, is_default) for number, is_default, _data in versions(emulator, template)] == [(1, True), (2, False), (3, False)]
        assert versions(emulator, template)[-1][2]["ImageId"] == amis[PAYMENTS, WEST]
        assert not run(template, set_default_version=False)["changed"]
        assert run(template)["changed"]
        assert [(number, is_default) for number, is_default, _data in versions(emulator, template)] == [(1, False), (2, False), (3, True)]

    def test_one_that_follows_the_parameter_is_left_as_it_is(self, emulator: Any, run: Any) -> None:
        ec2 = emulator.client(PAYMENTS, "ec2", WEST)
        data = {"ImageId": f"resolve:ssm:{NAME}"}
        made = ec2.create_launch_template(LaunchTemplateName="following", LaunchTemplateData=data)["LaunchTemplate"]["LaunchTemplateId"]
        run(made, ssm_parameter_configurations=PARAMETERS)
        assert versions(emulator, made) == [(1, True, data)]
        run(made)
        assert [number for number, _is_default, _data in versions(emulator, made)] == [1, 2], (
            "without that parameter it is nothing that is kept right"
        )

    def test_one_that_is_not_there(self, run: Any) -> None:
        result = run("lt-0123456789abcdef0", ssm_parameter_configurations=PARAMETERS, fail_on_error=False)
        west = result["outcomes"][0]
        assert (west["failed"], west["changed"]) == (True, True)
        assert "payments (account 222222222222, us-west-2), launch template lt-0123456789abcdef0: " in west["msg"]


class TestAmis:
    def test_none_in_one_place(self, run: Any, amis: dict[tuple[str, str], str]) -> None:
        del amis[SEARCH, EUROPE]
        rows = [{"account_id": account, "region": region, "image": image_id} for (account, region), image_id in amis.items()]
        result = run(amis=rows, ssm_parameter_configurations=PARAMETERS, fail_on_error=False)
        assert [one["error_code"] for one in result["outcomes"] if one["failed"]] == ["NoImage"]
        assert sum(one["changed"] for one in result["outcomes"]) == len(PLACES) - 1

    def test_one_that_is_only_shared(self, emulator: Any, run: Any, amis: dict[tuple[str, str], str]) -> None:
        permission = {"Add": [{"UserId": SEARCH}]}
        emulator.client(PAYMENTS, "ec2", WEST).modify_image_attribute(ImageId=amis[PAYMENTS, WEST], LaunchPermission=permission)
        rows = [{"account_id": SEARCH, "region": WEST, "image": amis[PAYMENTS, WEST]}]
        targets = [{"account_id": SEARCH, "assume_role_arn": WAY_IN}]
        result = run(targets=targets, amis=rows, ssm_parameter_configurations=PARAMETERS)
        assert f"belongs to account {PAYMENTS}" in result["msg"]
        assert parameter(emulator, SEARCH, WEST) is None


def test_mistakes_before_any_call(emulator: Any, run: Any) -> None:
    emulator.reset_calls()
    parameters = [{"parameter_name": "a b"}, {"parameter_name": "/x", "ami_account_id": SEARCH}, {"parameter_name": "/x", "data_type": "number"}, {}]
    result = run(amis=[], ssm_parameter_configurations=parameters)
    assert {error["path"] for error in result["errors"]} == {
        "amis",
        "ssm_parameter_configurations[0].parameter_name",
        "ssm_parameter_configurations[1].ami_account_id",
        "ssm_parameter_configurations[2].data_type",
        "ssm_parameter_configurations[2].parameter_name",
        "ssm_parameter_configurations[3].parameter_name",
    }
    assert emulator.calls() == []
