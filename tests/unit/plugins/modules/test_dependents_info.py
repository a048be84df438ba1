# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module dependents_info against the emulator: what lives on delivered images and on the source's keys."""

from __future__ import annotations

from typing import Any

import pytest

SOURCE, PAYMENTS, SEARCH = "111111111111", "222222222222", "333333333333"
WEST, EUROPE = "us-west-2", "eu-west-1"
BUILD = f"arn:aws:imagebuilder:{WEST}:{SOURCE}:image/web/1.0.0/1"
NAME = "/imagebuilder/web/latest"
KEY = f"arn:aws:kms:{WEST}:{SOURCE}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
TARGETS = [
    {"account_id": account, "name": name, "regions": [WEST, EUROPE], "assume_role_arn": "OrganizationAccountAccessRole"}
    for account, name in ((PAYMENTS, "payments"), (SEARCH, "search"))
]


def make_ami(ec2: Any, build: str, name: str) -> str:
    """An AMI as Image Builder leaves it in an account."""
    snapshot = ec2.create_snapshot(VolumeId=ec2.create_volume(AvailabilityZone=f"{WEST}a", Size=1)["VolumeId"])["SnapshotId"]
    mapping = [{"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": snapshot}}]
    image: str = ec2.register_image(Name=name, RootDeviceName="/dev/xvda", BlockDeviceMappings=mapping)["ImageId"]
    ec2.create_tags(Resources=[image], Tags=[{"Key": "Ec2ImageBuilderArn", "Value": build}])
    return image


@pytest.fixture
def run(run_module: Any) -> Any:
    def run(**options: Any) -> Any:
        return run_module("dependents_info", **{"targets": TARGETS, "source_account_ids": [SOURCE], **options})

    return run


def found(result: dict[str, Any]) -> set[tuple[str, str, str]]:
    return {(one["account"], one["kind"], one["id"]) for one in result["dependents"]}


def test_what_lives_on_an_image(emulator: Any, run: Any) -> None:
    ec2 = emulator.client(PAYMENTS, "ec2", WEST)
    image = make_ami(ec2, BUILD, "web")
    foreign = make_ami(ec2, BUILD.replace(SOURCE, SEARCH), "theirs")
    ours, theirs, ended = (ec2.run_instances(ImageId=one, MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"] for one in (image, foreign, image))
    ec2.terminate_instances(InstanceIds=[ended])
    templates = {
        name: ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData={"ImageId": used})["LaunchTemplate"]["LaunchTemplateId"]
        for name, used in (("by-id", image), ("by-parameter", f"resolve:ssm:{NAME}:3"), ("other", foreign), ("default-only", image))
    }
    ec2.create_launch_template_version(LaunchTemplateId=templates["default-only"], LaunchTemplateData={"ImageId": foreign})
    emulator.client(PAYMENTS, "ssm", WEST).put_parameter(Name=NAME, Value=image, Type="String")
    emulator.reset_calls()

    result = run(parameter_names=[NAME])

    assert found(result) == {
        ("payments", "AMI", image),
        ("payments", "instance", ours),
        ("payments", "launch template", templates["by-id"]),
        ("payments", "launch template", templates["by-parameter"]),
        ("payments", "launch template", templates["default-only"]),
        ("payments", "parameter", NAME),
    }
    assert theirs not in str(result)
    assert {one["region"] for one in result["dependents"]} == {WEST}
    assert [len(outcome["dependents"]) for outcome in result["outcomes"]] == [6, 0]
    assert emulator.writes() == []
    assert not result["changed"]


def test_volumes_that_only_a_key_opens(emulator: Any, run: Any) -> None:
    ec2 = emulator.client(SEARCH, "ec2", WEST)
    own = emulator.client(SEARCH, "kms", WEST).create_key()["KeyMetadata"]["Arn"]
    volumes = [ec2.create_volume(AvailabilityZone=f"{WEST}a", Size=1, Encrypted=True, KmsKeyId=key)["VolumeId"] for key in (KEY, own)]
    assert found(run(key_arns=[KEY])) == {("search", "volume", volumes[0])}
    emulator.reset_calls()
    assert found(run()) == set()
    assert "DescribeVolumes" not in {call.operation for call in emulator.calls()}, "no call that nobody needs"


def test_an_account_that_cannot_be_asked_is_told(emulator: Any, run: Any) -> None:
    gone = {"account_id": "999999999999", "name": "gone", "regions": [WEST], "assume_role_arn": "OrganizationAccountAccessRole"}
    image = make_ami(emulator.client(PAYMENTS, "ec2", WEST), BUILD, "web")
    result = run(targets=[gone, *TARGETS], fail_on_error=False)
    assert [outcome["failed"] for outcome in result["outcomes"]] == [True, False, False]
    assert "gone (account 999999999999)" in result["outcomes"][0]["msg"]
    assert found(result) == {("payments", "AMI", image)}


def test_mistakes_before_any_call(emulator: Any, run: Any) -> None:
    result = run(source_account_ids=[11111111111], targets=[{"account_id": PAYMENTS, "regions": ["us-wset-2"]}])
    assert {error["path"] for error in result["errors"]} == {"source_account_ids[0]", "targets[0].regions[0]"}
    assert emulator.calls() == []
