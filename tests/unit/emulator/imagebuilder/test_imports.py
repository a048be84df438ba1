# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images from VM import tasks and ISO files."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from .conftest import BUILD_REGION, PAYMENTS, SOURCE, Clock, Factory, policy, refused

DISK = {"Format": "vmdk", "UserBucket": {"S3Bucket": "disks", "S3Key": "web.vmdk"}}
WINDOWS = "Microsoft Windows 11"


def bucket(factory: Factory, *keys: str, account: str = SOURCE) -> None:
    s3 = factory.client("s3", account)
    s3.create_bucket(Bucket="disks", CreateBucketConfiguration={"LocationConstraint": BUILD_REGION})
    for key in keys:
        s3.put_object(Bucket="disks", Key=key, Body=b"disk")


def task(factory: Factory, **more: Any) -> str:
    """Begin an import task in EC2, with the service role it needs."""
    trust = policy({"Effect": "Allow", "Principal": {"Service": "vmie.amazonaws.com"}, "Action": "sts:AssumeRole"})
    factory.client("iam").create_role(RoleName="vmimport", AssumeRolePolicyDocument=trust)
    return str(factory.client("ec2").import_image(DiskContainers=[DISK], Description="web server", **more)["ImportTaskId"])


def vm(task_id: str, **more: Any) -> dict[str, Any]:
    return {"name": "Imported VM", "semanticVersion": "1.2.3", "platform": "Linux", "vmImportTaskId": task_id, **more}


def describe(factory: Factory, task_id: str) -> dict[str, Any]:
    found: dict[str, Any] = factory.client("ec2").describe_import_image_tasks(ImportTaskIds=[task_id])["ImportImageTasks"][0]
    return found


class TestImportTasks:
    """EC2's side."""

    def test_a_task_makes_an_ami_in_its_time(self, slow: Factory, hours: Clock) -> None:
        bucket(slow, "web.vmdk")
        task_id = task(slow, Platform="Windows", TagSpecifications=[{"ResourceType": "import-image-task", "Tags": [{"Key": "a", "Value": "b"}]}])
        assert describe(slow, task_id)["Status"] == "active"
        hours.go_on(1)
        read = describe(slow, task_id)
        assert (read["Status"], read["Platform"], read["Tags"]) == ("completed", "Windows", [{"Key": "a", "Value": "b"}])
        (ami,) = slow.images(SOURCE, BUILD_REGION)
        assert (ami["ImageId"], ami["Name"], ami["Platform"]) == (read["ImageId"], task_id, "windows")
        assert not slow.client("ec2", PAYMENTS).describe_import_image_tasks()["ImportImageTasks"]

    def test_what_ec2_refuses(self, slow: Factory) -> None:
        assert "vmimport" in refused("InvalidParameter", slow.client("ec2").import_image, DiskContainers=[DISK])
        refused("InvalidConversionTaskId.Malformed", slow.client("ec2").describe_import_image_tasks, ImportTaskIds=["import-ami-0"])
        refused("MissingParameter", lambda: task(slow) and slow.client("ec2").import_image())

    def test_a_disk_that_is_not_there_fails_the_task(self, slow: Factory, hours: Clock) -> None:
        task_id = task(slow)
        hours.go_on(1)
        read = describe(slow, task_id)
        assert read["Status"] == "deleted"
        assert "s3://disks/web.vmdk" in read["StatusMessage"]


class TestVmImages:
    """ImportVmImage."""

    def test_an_image_waits_for_its_task(self, slow: Factory, hours: Clock) -> None:
        bucket(slow, "web.vmdk")
        hours.go_on(0.5)
        request = vm(task(slow), description="a web server", osVersion="Ubuntu 24", tags={"a": "b"})
        client = slow.client()
        hours.go_on(0.5)
        arn = client.import_vm_image(**request)["imageArn"]
        assert arn == f"arn:aws:imagebuilder:{BUILD_REGION}:{SOURCE}:image/imported-vm/1.2.3/1"
        assert client.get_image(imageBuildVersionArn=arn)["image"]["state"] == {"status": "PENDING"}
        hours.go_on(1)
        image = client.get_image(imageBuildVersionArn=arn)["image"]
        assert (image["state"]["status"], image["buildType"], image["imageSource"]) == ("AVAILABLE", "IMPORT", "IMPORTED")
        assert (image["osVersion"], image["tags"], image["type"]) == ("Ubuntu 24", {"a": "b"}, "AMI")
        (ami,) = image["outputResources"]["amis"]
        assert ami["image"] == describe(slow, request["vmImportTaskId"])["ImageId"]
        assert client.import_vm_image(**request)["imageArn"].endswith("/2")

    def test_it_can_be_a_parent(self, ready: Factory) -> None:
        bucket(ready, "web.vmdk")
        arn = ready.wait(ready.client().import_vm_image(**vm(task(ready)))["imageArn"])["arn"]
        child = ready.build(None, ready.recipe(name="child", parentImage=arn, blockDeviceMappings=[]))
        assert child["state"]["status"] == "AVAILABLE"

    def test_a_failed_task_fails_the_image(self, ready: Factory) -> None:
        arn = ready.client().import_vm_image(**vm(task(ready)))["imageArn"]
        state = ready.wait(arn)["state"]
        assert (state["status"], state["failureContext"]) == ("FAILED", {"imageStatus": "PENDING"})
        assert "Disk validation failed" in state["reason"]

    @pytest.mark.parametrize(
        ("more", "code", "part"),
        [
            ({"vmImportTaskId": "import-ami-00000000000000000"}, "InvalidParameterValueException", "vmImportTaskId"),
            ({"semanticVersion": "1.0.x"}, "InvalidParameterValueException", "semanticVersion"),
            ({"semanticVersion": "1.0.9999999999"}, "InvalidVersionNumberException", "semanticVersion"),
            ({"platform": "BeOS"}, "InvalidParameterValueException", "platform"),
            ({"loggingConfiguration": {"logGroupName": "/mine"}}, "InvalidParameterValueException", "loggingConfiguration.logGroupName"),
        ],
    )
    def test_what_is_refused(self, slow: Factory, more: dict[str, Any], code: str, part: str) -> None:
        assert part in refused(code, slow.client().import_vm_image, **{**vm(task(slow)), **more})


@pytest.fixture
def iso(slow: Factory) -> dict[str, Any]:
    """A good request to import an ISO file."""
    bucket(slow, "win/11.iso")
    return {
        "name": "Windows 11",
        "semanticVersion": "1.0.0",
        "platform": "Windows",
        "osVersion": WINDOWS,
        "infrastructureConfigurationArn": slow.infrastructure(),
        "uri": "s3://disks/win/11.iso",
        "windowsConfiguration": {"imageIndex": 3},
        "registerImageOptions": {"uefiData": base64.b64encode(b"keys").decode()},
    }


class TestDiskImages:
    """ImportDiskImage."""

    def test_an_iso_file_becomes_an_ami(self, slow: Factory, hours: Clock, iso: dict[str, Any]) -> None:
        client = slow.client()
        arn = client.import_disk_image(**iso, tags={"a": "b"})["imageBuildVersionArn"]
        assert arn.endswith(":image/windows-11/1.0.0/1")
        refused(
            "ResourceDependencyException",
            client.delete_infrastructure_configuration,
            infrastructureConfigurationArn=iso["infrastructureConfigurationArn"],
        )
        seen = []
        for _state in range(4):
            image = client.get_image(imageBuildVersionArn=arn)["image"]
            seen.append(image["state"]["status"])
            hours.go_on(1)
        assert seen == ["PENDING", "CREATING", "BUILDING", "AVAILABLE"]
        assert (image["buildType"], image["imageSource"], image["osVersion"], image["tags"]) == ("IMPORT_ISO", "IMPORTED", WINDOWS, {"a": "b"})
        (ami,) = slow.images(SOURCE, BUILD_REGION)
        assert ami["Platform"] == "windows"
        assert {"Key": "CreatedBy", "Value": "EC2 Image Builder"} in ami["Tags"]

    @pytest.mark.parametrize(
        ("more", "path"),
        [
            ({"platform": "Linux"}, "platform"),
            ({"osVersion": "Windows 95"}, "osVersion"),
            ({"uri": "s3://disks/win/11.img"}, "uri"),
            ({"uri": "https://disks/win/11.iso"}, "uri"),
            ({"uri": "s3://11.iso"}, "uri"),
            ({"executionRole": "nobody"}, "executionRole"),
            ({"windowsConfiguration": {"imageIndex": 4294967296}}, "windowsConfiguration.imageIndex"),
            ({"registerImageOptions": {"secureBootEnabled": False, "uefiData": "aaaa"}}, "registerImageOptions.uefiData"),
            ({"registerImageOptions": {"uefiData": "no base64!"}}, "registerImageOptions.uefiData"),
            ({"loggingConfiguration": {"logGroupName": "/mine"}}, "loggingConfiguration.logGroupName"),
            (
                {"infrastructureConfigurationArn": f"arn:aws:imagebuilder:{BUILD_REGION}:{SOURCE}:infrastructure-configuration/no"},
                "infrastructureConfigurationArn",
            ),
        ],
    )
    def test_what_is_refused(self, slow: Factory, iso: dict[str, Any], more: dict[str, Any], path: str) -> None:
        assert path in refused("InvalidParameterValueException", slow.client().import_disk_image, **{**iso, **more})

    @pytest.mark.parametrize("uri", ["s3://disks/win/10.iso", "s3://elsewhere/11.iso"])
    def test_a_file_that_is_not_there_fails_the_image(self, slow: Factory, hours: Clock, iso: dict[str, Any], uri: str) -> None:
        arn = slow.client().import_disk_image(**{**iso, "uri": uri})["imageBuildVersionArn"]
        hours.go_on(3)
        state = slow.client().get_image(imageBuildVersionArn=arn)["image"]["state"]
        assert (state["status"], state["failureContext"]["imageStatus"]) == ("FAILED", "BUILDING")
        assert uri in state["reason"]
