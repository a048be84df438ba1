# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is particular to a kind, or needs several resources, run whole against the emulator. What is the same for all is in test_behaviour.py."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .specimens import ACCOUNT, ARN, DOCUMENT, OTHER, OTHER_DOCUMENT, REGION, SPECIMENS

pytestmark = pytest.mark.usefixtures("emulator")

Result = dict[str, Any]
RunModule = Callable[..., Result]
COMPLETE = {specimen.kind: dict(specimen.complete) for specimen in SPECIMENS if not specimen.variant}
SEED = {
    "name": "cross-account-distribution-example",
    "description": "Cross Account Distribution Configuration Example",
    "distributions": [
        {
            "amiDistributionConfiguration": {
                "targetAccountIds": ["123456789012", "987654321098"],
                "name": "Name {{ imagebuilder:buildDate }}",
                "description": "ImageCopy Ami Copy Configuration",
            },
            "region": "us-west-2",
        }
    ],
}


def test_info_about_what_amazon_owns(run_module: RunModule) -> None:
    found = run_module("component_info", name="reboot-linux", owner="Amazon")["components"]
    assert [each["arn"].split(":", 4)[4] for each in found] == ["aws:component/reboot-linux/1.0.0/1", "aws:component/reboot-linux/1.0.2/1"]


def test_lists_have_more_than_one_page(run_module: RunModule) -> None:
    for number in range(27):
        run_module("distribution_configuration", **{**COMPLETE["distribution_configuration"], "name": f"number {number}"})
    assert len(run_module("distribution_configuration_info")["distribution_configurations"]) == 27


def test_a_component_in_use_names_its_users_and_the_rest_is_deleted(run_module: RunModule) -> None:
    component = COMPLETE["component"]
    arns = [run_module("component", **{**component, "description": text})["component"]["arn"] for text in ("a", "b")]
    recipe = run_module("image_recipe", **{**COMPLETE["image_recipe"], "components": [{"component_arn": arns[0]}]})["image_recipe"]["arn"]
    result = run_module("component", name=component["name"], state="absent")
    assert result["failed"]
    assert f"{arns[0]} is in use in account {ACCOUNT}, Region {REGION}" in result["msg"]
    assert f"It is used by: image recipe {recipe}." in result["msg"]
    assert f"Deleted: {arns[1]}." in result["msg"]
    run_module("image_recipe", name="Golden_Linux", state="absent")
    assert run_module("component", name=component["name"], state="absent")["deleted"] == arns[:1]


def test_a_document_is_compared_by_meaning_and_may_lie_in_s3(emulator: Any, run_module: RunModule) -> None:
    component = {**COMPLETE["component"], "data": None, "uri": "s3://documents/x.yml"}
    s3 = emulator.client(ACCOUNT, "s3", REGION)
    s3.create_bucket(Bucket="documents", CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_object(Bucket="documents", Key="x.yml", Body=DOCUMENT.encode())
    made = run_module("component", **component)
    assert (made["changed"], made["component"]["data"]) == (True, DOCUMENT)
    assert run_module("component", **component)["changed"] is False
    assert run_module("component", **{**COMPLETE["component"], "data": f"# the same\n{DOCUMENT}"})["changed"] is False
    s3.put_object(Bucket="documents", Key="x.yml", Body=OTHER_DOCUMENT.encode())
    assert run_module("component", **component)["component"]["version"] == "1.0.1"
    missing = run_module("component", **{**component, "uri": "s3://documents/y.yml"})
    assert missing["failed"]
    assert "s3://documents/y.yml" in missing["msg"]


def test_the_file_of_the_aws_cli_and_its_list_both_work(emulator: Any, run_module: RunModule, tmp_path: Path) -> None:
    emulator.client(ACCOUNT, "imagebuilder", REGION).create_distribution_configuration(**SEED)
    file = tmp_path / "create-distribution-configuration.json"
    file.write_text(json.dumps(SEED))
    emulator.reset_calls()
    for given in (
        {"cli_input_json": f"file://{file}"},
        {"cli_input_json": SEED},
        {"cli_input_json": json.dumps(SEED)},
        {"name": SEED["name"], "distributions": SEED["distributions"]},
    ):
        result = run_module("distribution_configuration", **given)
        assert (result["failed"], result["changed"]) == (False, False)
    assert not emulator.writes()
    renamed = run_module("distribution_configuration", cli_input_json=f"file://{file}", name="my distribution name")
    assert renamed["distribution_configuration"]["arn"] == f"{ARN}:distribution-configuration/my-distribution-name"


def test_who_is_the_source_account_decides_who_may_have_a_parameter(emulator: Any, run_module: RunModule) -> None:
    def with_parameter(account_id: str) -> Result:
        entry = {"region": REGION, "ssm_parameter_configurations": [{"parameter_name": "/imagebuilder/x", "ami_account_id": account_id}]}
        return run_module("distribution_configuration", check_mode=True, name="xyz", distributions=[entry])

    assert not with_parameter(ACCOUNT)["failed"]
    refused = with_parameter(OTHER)
    assert [error["path"] for error in refused["errors"]] == ["distributions[0].ssm_parameter_configurations[0].ami_account_id"]
    assert f"{OTHER} does not get the AMI" in refused["msg"]


@pytest.mark.parametrize(
    ("kind", "options", "paths"),
    [
        (
            "distribution_configuration",
            {
                "distributions": [
                    {"region": "us-west-7", "ami_distribution_configuration": {"target_account_ids": [12345678901], "name": "x"}},
                    {"region": "eu-west-1"},
                    {"region": "eu-west-1", "amiDistributionConfiguration": {"launchPermissions": {}}},
                ]
            },
            [
                "distributions[0].ami_distribution_configuration.name",
                "distributions[0].ami_distribution_configuration.target_account_ids[0]",
                "distributions[0].region",
                "distributions[1]",
                "distributions[2].amiDistributionConfiguration.launchPermissions",
                "distributions[2].region",
            ],
        ),
        ("component", {"data": "a: [1", "semantic_version": "1.x.1"}, ["data", "semantic_version"]),
    ],
)
def test_bad_input_is_refused_before_any_call(kind: str, options: dict[str, Any], paths: list[str], emulator: Any, run_module: RunModule) -> None:
    emulator.reset_calls()
    result = run_module(kind, **{**COMPLETE[kind], **options})
    assert sorted(error["path"] for error in result["errors"]) == paths
    assert all(f"{error['path']}: {error['message']}" in result["msg"] for error in result["errors"])
    assert not emulator.calls()


def test_a_subnet_uses_the_groups_that_are_there(run_module: RunModule) -> None:
    name, profile = {"name": "golden-linux"}, {"instance_profile_name": "image-builder"}
    alone = run_module("infrastructure_configuration", **name, **profile, subnet_id="subnet-1")
    assert [error["path"] for error in alone["errors"]] == ["subnet_id"]
    run_module("infrastructure_configuration", **name, **profile, security_group_ids=["sg-1"])
    assert run_module("infrastructure_configuration", **name, subnet_id="subnet-1")["infrastructure_configuration"]["security_group_ids"] == ["sg-1"]
    without = run_module("infrastructure_configuration", **name, security_group_ids=[])
    assert [error["path"] for error in without["errors"]] == ["subnet_id"]


def test_what_aws_refuses_is_told_with_place_and_remedy(run_module: RunModule) -> None:
    recipe = {**COMPLETE["image_recipe"], "components": [{"component_arn": f"{ARN}:component/nothing/1.0.0"}]}
    result = run_module("image_recipe", **recipe)
    assert result["failed"]
    assert result["msg"].startswith(f"Failed to create image recipe Golden_Linux in account {ACCOUNT}, Region {REGION}. AWS said: ")
    assert result["error"]["code"] == "InvalidParameterValueException"


def test_only_a_diff_that_is_asked_for_is_returned(run_module: RunModule) -> None:
    assert "diff" not in run_module("distribution_configuration", diff=False, **COMPLETE["distribution_configuration"])
