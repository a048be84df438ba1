# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The resource modules, run whole against the emulator."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Result = dict[str, Any]
RunModule = Callable[..., Result]
ACCOUNT, OTHER = "111111111111", "222222222222"
REGION = "us-west-2"
ARN = f"arn:aws:imagebuilder:{REGION}:{ACCOUNT}"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/golden"
PARENT = f"arn:aws:imagebuilder:{REGION}:aws:image/amazon-linux-2023-x86/x.x.x"
REBOOT = f"arn:aws:imagebuilder:{REGION}:aws:component/reboot-linux/x.x.x"
UPDATE = f"arn:aws:imagebuilder:{REGION}:aws:component/update-linux/1.0.x"
NAME = "golden <<imagebuilder:buildDate>>"
DOCUMENT = "name: x\nschemaVersion: 1.0\nphases:\n  - name: build\n    steps:\n      - {name: Reboot, action: Reboot}\n"
OTHER_DOCUMENT = DOCUMENT.replace("name: build", "name: test")
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

COMPLETE: dict[str, dict[str, Any]] = {
    "component": {
        "name": "Harden Linux",
        "semantic_version": "1.0.x",
        "description": "hardens",
        "change_description": "first",
        "platform": "Linux",
        "supported_os_versions": ["Amazon Linux 2023", "Ubuntu 24"],
        "data": DOCUMENT,
        "kms_key_id": KEY,
        "tags": {"team": "platform"},
    },
    "image_recipe": {
        "name": "Golden_Linux",
        "semantic_version": "1.0.x",
        "description": "golden",
        "components": [{"component_arn": REBOOT}, {"component_arn": UPDATE}],
        "parent_image": PARENT,
        "block_device_mappings": [
            {"device_name": "/dev/xvda", "ebs": {"encrypted": True, "kms_key_id": KEY, "volume_size": 20, "volume_type": "gp3"}},
            {"device_name": "/dev/xvdb", "no_device": ""},
        ],
        "working_directory": "/var/tmp",
        "additional_instance_configuration": {"systems_manager_agent": {"uninstall_after_build": False}},
        "ami_tags": {"CostCenter": "1"},
        "ami_watermarks": ["golden", "linux"],
        "tags": {"team": "platform"},
    },
    "infrastructure_configuration": {
        "name": "golden-linux",
        "description": "builds",
        "instance_types": ["m7i.large", "m6i.large"],
        "instance_profile_name": "image-builder",
        "security_group_ids": ["sg-1", "sg-2"],
        "subnet_id": "subnet-1",
        "logging": {"s3_logs": {"s3_bucket_name": "logs", "s3_key_prefix": "x"}},
        "key_pair": "factory",
        "terminate_instance_on_failure": False,
        "terminate_instance_on_completion": False,
        "sns_topic_arn": f"arn:aws:sns:{REGION}:{ACCOUNT}:builds",
        "resource_tags": {"CostCenter": "1"},
        "instance_metadata_options": {"http_tokens": "required", "http_put_response_hop_limit": 2},
        "placement": {"tenancy": "dedicated"},
        "parent_instance": {"auto_scaling_group": {"name": "pool", "capacity_wait_timeout_seconds": 60}},
        "tags": {"team": "platform"},
    },
    "distribution_configuration": {
        "name": "golden-linux",
        "description": "delivers",
        "distributions": [
            {
                "region": REGION,
                "ami_distribution_configuration": {
                    "name": NAME,
                    "target_account_ids": [OTHER, "333333333333"],
                    "kms_key_id": KEY,
                    "ami_tags": {"built": "<<imagebuilder:buildDate>>"},
                    "launch_permission": {"user_ids": [OTHER]},
                },
                "launch_template_configurations": [{"launch_template_id": "lt-0123456789abcdef0", "account_id": OTHER}],
                "ssm_parameter_configurations": [{"parameter_name": "/imagebuilder/x", "ami_account_id": OTHER}],
            },
            {"region": "eu-west-1", "amiDistributionConfiguration": {"targetAccountIds": [OTHER]}},
        ],
        "tags": {"team": "platform"},
    },
}
CHANGES: dict[str, dict[str, Any]] = {
    "component": {
        "description": "hardens more",
        "platform": "Windows",
        "supported_os_versions": ["Ubuntu 24"],
        "data": OTHER_DOCUMENT,
        "kms_key_id": KEY + "2",
    },
    "image_recipe": {
        "description": "more golden",
        "components": [{"component_arn": UPDATE}, {"component_arn": REBOOT}],
        "parent_image": PARENT.replace("x.x.x", "2026.x.x"),
        "block_device_mappings": [{"device_name": "/dev/xvda", "ebs": {"encrypted": True}}],
        "working_directory": "/tmp",
        "additional_instance_configuration": {"systems_manager_agent": {"uninstall_after_build": True}},
        "ami_tags": {"CostCenter": "2"},
        "ami_watermarks": ["golden"],
    },
    "infrastructure_configuration": {
        "description": "builds more",
        "instance_types": ["m7i.large"],
        "instance_profile_name": "image-builder-2",
        "security_group_ids": ["sg-1"],
        "subnet_id": "subnet-2",
        "logging": {"s3_logs": {"s3_bucket_name": "logs"}},
        "key_pair": "factory-2",
        "terminate_instance_on_failure": True,
        "terminate_instance_on_completion": True,
        "sns_topic_arn": f"arn:aws:sns:{REGION}:{ACCOUNT}:other",
        "resource_tags": {"CostCenter": "2"},
        "instance_metadata_options": {"http_tokens": "optional"},
        "placement": {"tenancy": "host", "host_id": "h-1"},
        "parent_instance": {"auto_scaling_group": {"name": "pool"}},
    },
    "distribution_configuration": {
        "description": "delivers more",
        "distributions": [{"region": REGION, "ami_distribution_configuration": {"name": NAME}}],
    },
}
NOT_REQUIRED = {
    "component": ["description", "supported_os_versions", "kms_key_id"],
    "image_recipe": [
        "description",
        "components",
        "block_device_mappings",
        "working_directory",
        "additional_instance_configuration",
        "ami_tags",
        "ami_watermarks",
    ],
    "infrastructure_configuration": [
        "description",
        "instance_types",
        "logging",
        "key_pair",
        "sns_topic_arn",
        "resource_tags",
        "instance_metadata_options",
        "placement",
        "parent_instance",
        "subnet_id",
    ],
    "distribution_configuration": ["description"],
}
KINDS = list(COMPLETE)
VERSIONED = ["component", "image_recipe"]

every_kind = pytest.mark.parametrize("kind", KINDS)


def short(kind: str) -> dict[str, Any]:
    """The options that name a resource."""
    return {name: value for name, value in COMPLETE[kind].items() if name in ("name", "semantic_version")}


@pytest.fixture(autouse=True)
def topics(emulator: Any) -> None:
    for name in ("builds", "other"):
        emulator.client(ACCOUNT, "sns", REGION).create_topic(Name=name)


@every_kind
def test_check_mode_writes_nothing_and_says_what_then_happens(kind: str, emulator: Any, run_module: RunModule) -> None:
    emulator.reset_calls()
    predicted = run_module(kind, check_mode=True, **COMPLETE[kind])
    assert not emulator.writes()
    real = run_module(kind, **COMPLETE[kind])
    assert (predicted["changed"], predicted["diff"]) == (real["changed"], real["diff"]) == (True, predicted["diff"])
    assert predicted["diff"]["before"] == {}
    assert predicted[kind].items() <= real[kind].items()
    assert real[kind]["arn"] == predicted[kind]["arn"]
    assert real[kind]["tags"] == {"team": "platform"}


@every_kind
def test_again_it_changes_nothing(kind: str, emulator: Any, run_module: RunModule) -> None:
    created = run_module(kind, **COMPLETE[kind])
    emulator.reset_calls()
    again = run_module(kind, **COMPLETE[kind])
    assert (again["changed"], again[kind]) == (False, created[kind])
    assert again["diff"]["before"] == again["diff"]["after"] == created["diff"]["after"]
    assert not emulator.writes()
    assert run_module(kind, **{**COMPLETE[kind], "tags": None})["changed"] is False
    assert run_module(kind, **short(kind))["changed"] is False, "what is not given stays"


@every_kind
def test_every_option_can_be_changed_by_itself(kind: str, emulator: Any, run_module: RunModule) -> None:
    assert set(CHANGES[kind]) | {"name", "semantic_version", "tags", "change_description"} >= set(COMPLETE[kind])
    before = run_module(kind, **COMPLETE[kind])[kind]
    for option, value in CHANGES[kind].items():
        wanted = {**short(kind), option: value}
        emulator.reset_calls()
        predicted = run_module(kind, check_mode=True, **wanted)
        assert not emulator.writes(), option
        changed = run_module(kind, **wanted)
        assert changed["changed"], option
        assert (changed["diff"], changed[kind]["arn"]) == (predicted["diff"], predicted[kind]["arn"])
        shown = changed["diff"]
        assert {name for name in shown["after"] if shown["after"][name] != shown["before"].get(name)} - {"arn", "version"} == {option}
        assert changed[kind]["tags"] == before["tags"], "tags stay, also on a new version"
        assert run_module(kind, **wanted)["changed"] is False, option


@every_kind
def test_empty_clears(kind: str, run_module: RunModule) -> None:
    run_module(kind, **COMPLETE[kind])
    for option in NOT_REQUIRED[kind]:
        value = COMPLETE[kind][option]
        wanted = {**short(kind), option: type(value)()}
        result = run_module(kind, **wanted)
        assert result["changed"], option
        assert not result[kind].get(option)
        assert run_module(kind, **wanted)["changed"] is False, option


@every_kind
def test_tags_are_merged_and_purged(kind: str, emulator: Any, run_module: RunModule) -> None:
    arn = run_module(kind, **COMPLETE[kind])[kind]["arn"]
    steps: list[tuple[dict[str, str], bool, dict[str, str], bool]] = [
        ({"a": "1"}, False, {"team": "platform", "a": "1"}, True),
        ({"a": "1"}, False, {"team": "platform", "a": "1"}, False),
        ({"a": "2"}, True, {"a": "2"}, True),
        ({}, False, {"a": "2"}, False),
        ({}, True, {}, True),
        ({}, True, {}, False),
    ]
    for tags, purge, after, changed in steps:
        predicted = run_module(kind, check_mode=True, **short(kind), tags=tags, purge_tags=purge)
        result = run_module(kind, **short(kind), tags=tags, purge_tags=purge)
        assert (result["changed"], result[kind]["tags"], result[kind]["arn"]) == (changed, after, arn)
        assert (predicted["changed"], predicted[kind]["tags"]) == (changed, after)
        assert emulator.client(ACCOUNT, "imagebuilder", REGION).list_tags_for_resource(resourceArn=arn)["tags"] == after


@every_kind
def test_absent_deletes_once(kind: str, emulator: Any, run_module: RunModule) -> None:
    arn = run_module(kind, **COMPLETE[kind])[kind]["arn"]
    emulator.reset_calls()
    predicted = run_module(kind, check_mode=True, name=COMPLETE[kind]["name"], state="absent")
    assert not emulator.writes()
    deleted = run_module(kind, name=COMPLETE[kind]["name"], state="absent")
    assert (deleted["changed"], deleted["deleted"], deleted[kind]) == (True, [arn], None)
    assert {name: predicted[name] for name in ("changed", "deleted", "diff")} == {name: deleted[name] for name in ("changed", "deleted", "diff")}
    again = run_module(kind, name=COMPLETE[kind]["name"], state="absent")
    assert (again["changed"], again["deleted"]) == (False, [])


@every_kind
def test_info_tells_what_the_module_returns(kind: str, run_module: RunModule) -> None:
    info, plural = f"{kind}_info", f"{kind}s"
    assert run_module(info, name="nothing-there")[plural] == []
    made = run_module(kind, **COMPLETE[kind])[kind]
    other = run_module(kind, **{**COMPLETE[kind], "name": "another one"})[kind]
    assert run_module(info, name=COMPLETE[kind]["name"].upper())[plural] == [made]
    assert run_module(info, arn=other["arn"])[plural] == [other]
    found = run_module(info)
    assert sorted(each["arn"] for each in found[plural]) == sorted([made["arn"], other["arn"]])
    assert found["changed"] is False
    assert "'/' " in run_module(info, name="a/b")["msg"].replace(",", " ")


@every_kind
def test_an_unknown_option_and_a_bad_name_are_refused_before_any_call(kind: str, emulator: Any, run_module: RunModule) -> None:
    emulator.reset_calls()
    result = run_module(kind, **{**COMPLETE[kind], "name": "bad/name", "tags": {"aws:x": "1"}})
    assert result["failed"]
    assert [error["path"] for error in result["errors"]] == ["name", "tags.aws:x"]
    assert result["msg"].startswith("name: 'bad/name' is not valid: it contains '/'")
    assert "ami_colour" in run_module(kind, **COMPLETE[kind], ami_colour="gold")["msg"]
    assert "ami_colour" in run_module(kind, **COMPLETE[kind], cli_input_json={"ami_colour": "gold"})["errors"][0]["path"]
    assert not emulator.calls()


@every_kind
def test_what_is_missing_is_said_before_a_write(kind: str, emulator: Any, run_module: RunModule) -> None:
    emulator.reset_calls()
    result = run_module(kind, **short(kind))
    required = {
        "component": ["platform", "data"],
        "image_recipe": ["parent_image"],
        "infrastructure_configuration": ["instance_profile_name"],
        "distribution_configuration": ["distributions"],
    }
    assert [error["path"] for error in result["errors"]] == required[kind]
    assert f"exists in account {ACCOUNT}, Region {REGION}" in result["msg"]
    assert not emulator.writes()


@pytest.mark.parametrize("kind", VERSIONED)
def test_a_version_is_needed(kind: str, emulator: Any, run_module: RunModule) -> None:
    emulator.reset_calls()
    result = run_module(kind, **{**COMPLETE[kind], "semantic_version": None})
    assert [error["path"] for error in result["errors"]] == ["semantic_version"]
    assert not emulator.calls()


@pytest.mark.parametrize("kind", VERSIONED)
def test_versions_count_up_and_fixed_ones_never_change(kind: str, emulator: Any, run_module: RunModule) -> None:
    numbers = [run_module(kind, **{**COMPLETE[kind], "description": text})[kind]["version"] for text in ("a", "b", "b", "a")]
    assert numbers == ["1.0.0", "1.0.1", "1.0.1", "1.0.2"]
    emulator.reset_calls()
    refused = run_module(kind, **{**COMPLETE[kind], "semantic_version": "1.0.0", "description": "c"})
    assert refused["failed"]
    assert "The next free version is 1.0.3: give semantic_version 1.0.3, or 1.0.x" in refused["msg"]
    assert 'description: "a" -> "c"' in refused["msg"]
    assert refused["diff"]["before"]["description"] == "a"
    assert not emulator.writes()
    assert run_module(kind, **{**COMPLETE[kind], "semantic_version": "1.0.0", "description": "a"})["changed"] is False
    assert run_module(kind, **{**COMPLETE[kind], "semantic_version": "2.0.0"})[kind]["version"] == "2.0.0"
    assert run_module(kind, **{**COMPLETE[kind], "semantic_version": "x.x.x", "description": "d"})[kind]["version"] == "3.0.0"


@pytest.mark.parametrize("kind", VERSIONED)
def test_deleting_versions_newest_first(kind: str, run_module: RunModule) -> None:
    name = COMPLETE[kind]["name"]
    for version in ("1.0.0", "1.0.1", "1.1.0", "2.0.0"):
        run_module(kind, **{**COMPLETE[kind], "semantic_version": version})
    build = "/1" if kind == "component" else ""
    base = f"{ARN}:{kind.replace('_', '-')}/{name.lower().replace(' ', '-').replace('_', '-')}"
    for given, versions in (("1.1.0", ["1.1.0"]), ("1.1.0", []), ("1.x.x", ["1.0.1", "1.0.0"]), (None, ["2.0.0"])):
        deleted = run_module(kind, name=name, semantic_version=given, state="absent")
        assert deleted["deleted"] == [f"{base}/{version}{build}" for version in versions]
        assert deleted["changed"] is bool(versions)


@pytest.mark.parametrize("kind", VERSIONED)
def test_info_about_versions(kind: str, run_module: RunModule) -> None:
    name = COMPLETE[kind]["name"]
    for version in ("1.0.0", "1.0.1", "2.0.0"):
        run_module(kind, **{**COMPLETE[kind], "semantic_version": version})

    def found(**options: Any) -> list[str]:
        return sorted(each["version"] for each in run_module(f"{kind}_info", **options)[f"{kind}s"])

    assert found(name=name) == ["1.0.0", "1.0.1", "2.0.0"]
    assert (found(name=name, semantic_version="1.x.x"), found(name=name, semantic_version="1.0.0")) == (["1.0.1"], ["1.0.0"])
    assert "semantic_version" in run_module(f"{kind}_info", name=name, semantic_version="1.0")["msg"]


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
        ("image_recipe", {"block_device_mappings": [{"ebs": {"kms_key_id": KEY}}]}, ["block_device_mappings[0].ebs.kms_key_id"]),
        ("component", {"data": "a: [1", "semantic_version": "1.x.1"}, ["data", "semantic_version"]),
        ("infrastructure_configuration", {"resource_tags": {"Name": "x"}}, ["resource_tags.Name"]),
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
