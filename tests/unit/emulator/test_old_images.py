# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What EC2 does with old images, and where it shows them."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.tests.emulator import images
from ansible_collections.golden.imagebuilder.tests.emulator.images import BlockDevice
from ansible_collections.golden.imagebuilder.tests.emulator.server import InProcessEmulator
from botocore.exceptions import ClientError

SOURCE, DESTINATION = "111111111111", "222222222222"
REGION = "us-west-2"


@pytest.fixture
def ec2(emulator: InProcessEmulator) -> Any:
    return emulator.client(SOURCE, "ec2")


def listed(ec2: Any, **request: Any) -> list[str]:
    return [image["ImageId"] for image in ec2.describe_images(Filters=[{"Name": "name", "Values": ["golden"]}], **request)["Images"]]


def share(ec2: Any, image_id: str) -> None:
    ec2.modify_image_attribute(ImageId=image_id, LaunchPermission={"Add": [{"UserId": DESTINATION}]})


def snapshots(ec2: Any) -> set[str]:
    return {one["SnapshotId"] for one in ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]}


def test_a_disabled_image_is_listed_on_request_and_no_longer_shared(ec2: Any) -> None:
    image = images.register_image(SOURCE, REGION, "golden").id
    share(ec2, image)
    ec2.disable_image(ImageId=image)
    assert listed(ec2, Owners=["self"]) == []
    assert listed(ec2, Owners=["self"], IncludeDisabled=True) == [image]
    assert ec2.describe_image_attribute(ImageId=image, Attribute="launchPermission")["LaunchPermissions"] == []


def test_a_deprecated_image_is_listed_to_its_owner_and_on_request(emulator: InProcessEmulator, ec2: Any) -> None:
    image = images.register_image(SOURCE, REGION, "golden")
    share(ec2, image.id)
    images.deprecate_image(image)
    user = emulator.client(DESTINATION, "ec2")
    assert listed(ec2) == listed(user, ImageIds=[image.id]) == listed(user, IncludeDeprecated=True) == [image.id]
    assert listed(user) == []


def test_the_owner_is_told_when_anybody_launched_an_image_last(emulator: InProcessEmulator, ec2: Any) -> None:
    image = images.register_image(SOURCE, REGION, "golden").id
    share(ec2, image)
    user = emulator.client(DESTINATION, "ec2")
    assert "LastLaunchedTime" not in ec2.describe_images(ImageIds=[image])["Images"][0]
    user.run_instances(ImageId=image, MinCount=1, MaxCount=1)
    assert ec2.describe_images(ImageIds=[image])["Images"][0]["LastLaunchedTime"].endswith(".000Z")
    assert "LastLaunchedTime" not in user.describe_images(ImageIds=[image])["Images"][0]


def test_snapshots_go_with_an_image_unless_another_needs_them(ec2: Any) -> None:
    first = images.register_image(SOURCE, REGION, "golden", [BlockDevice("/dev/sda"), BlockDevice("/dev/sdb")])
    second = images.register_image(SOURCE, REGION, "golden")
    shared, alone = (device.snapshot_id for device in first.devices)
    own = second.devices[0].snapshot_id
    second.devices.append(BlockDevice("/dev/sdb", snapshot_id=shared))
    with pytest.raises(ClientError, match=r"InvalidSnapshot\.InUse"):
        ec2.delete_snapshot(SnapshotId=alone)
    results = ec2.deregister_image(ImageId=first.id, DeleteAssociatedSnapshots=True)["DeleteSnapshotResults"]
    assert results == [{"SnapshotId": shared, "ReturnCode": "skipped"}, {"SnapshotId": alone, "ReturnCode": "success"}]
    with pytest.raises(ClientError, match=r"InvalidSnapshot\.InUse"):
        ec2.delete_snapshot(SnapshotId=shared)
    assert snapshots(ec2) == {shared, own}
    assert "DeleteSnapshotResults" not in ec2.deregister_image(ImageId=second.id)
    assert snapshots(ec2) == {shared, own}
    with pytest.raises(ClientError, match=r"InvalidAMIID\.Unavailable"):
        ec2.deregister_image(ImageId=second.id, DeleteAssociatedSnapshots=True)


def test_without_the_right_to_delete_snapshots_the_image_goes_all_the_same(emulator: InProcessEmulator, ec2: Any) -> None:
    image = images.register_image(SOURCE, REGION, "golden")
    emulator.disturb(denied_operations={SOURCE: ["DeleteSnapshot"]})
    results = ec2.deregister_image(ImageId=image.id, DeleteAssociatedSnapshots=True)["DeleteSnapshotResults"]
    assert results == [{"SnapshotId": image.devices[0].snapshot_id, "ReturnCode": "missing-permissions"}]
    assert (listed(ec2), len(snapshots(ec2))) == ([], 1)


def test_protection(emulator: InProcessEmulator, ec2: Any) -> None:
    image = images.register_image(SOURCE, REGION, "golden").id
    assert ec2.describe_images(ImageIds=[image])["Images"][0]["DeregistrationProtection"] == "disabled"
    assert ec2.enable_image_deregistration_protection(ImageId=image)["Return"] == "enabled-without-cooldown"
    with pytest.raises(ClientError, match="OperationNotPermitted"):
        ec2.deregister_image(ImageId=image)
    with pytest.raises(ClientError, match="InvalidAMIID"):
        emulator.client(DESTINATION, "ec2").disable_image_deregistration_protection(ImageId=image)
    ec2.disable_image_deregistration_protection(ImageId=image)
    ec2.deregister_image(ImageId=image)
    assert listed(ec2) == []


def test_all_launch_templates_are_described(ec2: Any) -> None:
    for number in range(16):
        ec2.create_launch_template(LaunchTemplateName=f"t{number}", LaunchTemplateData={"InstanceType": "t3.micro"})
    assert len(ec2.describe_launch_template_versions(Versions=["$Latest"])["LaunchTemplateVersions"]) == 16
