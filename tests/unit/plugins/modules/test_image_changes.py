# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module image against the emulator: images that are imported, and images whose state changes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.tests.emulator import settings
from ansible_collections.golden.imagebuilder.tests.unit.emulator.imagebuilder.conftest import (
    BUILD_REGION,
    PAYMENTS,
    SOURCE,
    Factory,
    allow,
    policy,
)

START = f"arn:aws:imagebuilder:{BUILD_REGION}:{SOURCE}"
ACTIONS = ["ec2:*", "imagebuilder:*", "s3:*", "sts:AssumeRole", "tag:*"]


@pytest.fixture
def factory(emulator: Any) -> Factory:
    return Factory(emulator)


@pytest.fixture
def pace(monkeypatch: pytest.MonkeyPatch, emulator: Any) -> Callable[[float], None]:
    """Sets how many seconds images, import tasks and lifecycle executions stay in a state."""
    return lambda seconds: monkeypatch.setattr(settings.current, "seconds_per_state", seconds)


def operations(emulator: Any) -> list[str]:
    return [call.operation for call in emulator.calls() if call.service == "imagebuilder" and call.write]


def make_role(factory: Factory, name: str, account: str, service: str = "imagebuilder.amazonaws.com") -> None:
    """A role that a service may assume, and that may do all that these tests need."""
    iam = factory.client("iam", account)
    trust = policy({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"})
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=trust)
    iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=policy(allow(ACTIONS)))


class TestImportsOfVms:
    @pytest.fixture(autouse=True)
    def disk(self, factory: Factory) -> None:
        s3 = factory.client("s3")
        s3.create_bucket(Bucket="disks", CreateBucketConfiguration={"LocationConstraint": BUILD_REGION})
        s3.put_object(Bucket="disks", Key="appliance.vmdk", Body=b"")
        make_role(factory, "vmimport", SOURCE, service="vmie.amazonaws.com")

    def task(self, factory: Factory, key: str = "appliance.vmdk") -> str:
        containers = [{"Format": "VMDK", "UserBucket": {"S3Bucket": "disks", "S3Key": key}}]
        return str(factory.client("ec2").import_image(DiskContainers=containers)["ImportTaskId"])

    @pytest.fixture
    def run(self, run_module: Any, factory: Factory) -> Any:
        task = self.task(factory)

        def run(check_mode: bool = False, task: str = task, **more: Any) -> dict[str, Any]:
            members = {"name": "My Appliance", "semantic_version": "1.0.0", "platform": "Linux", "vm_import_task_id": task}
            options = {"import_vm_image": members, "poll_interval": 0.01, "wait_timeout": 30, **more}
            result: dict[str, Any] = run_module("image", check_mode=check_mode, **options)
            return result

        return run

    def test_once(self, run: Any, emulator: Any) -> None:
        emulator.reset_calls()
        foretold = run(check_mode=True, tags={"Team": "platform"})
        assert emulator.writes() == []
        result = run(tags={"Team": "platform"})
        assert (result["failed"], result["changed"], result["action"], result["missing"]) == (False, True, "import", []), result
        assert operations(emulator) == ["ImportVmImage"]
        assert result["image"]["arn"] == f"{START}:image/my-appliance/1.0.0/1"
        assert result["image"]["tags"] == {"Team": "platform"}
        assert [(row["account_id"], row["region"]) for row in result["amis"]] == [(SOURCE, BUILD_REGION)]
        for key in ("changed", "action", "reason", "diff"):
            assert foretold[key] == result[key]
        assert foretold["image"]["arn"] == result["image"]["arn"]
        again = run(tags={"Team": "search"})
        assert (again["changed"], again["action"], again["image"]["arn"]) == (True, "done", result["image"]["arn"])
        assert again["image"]["tags"] == {"Team": "search"}
        last = run()
        assert (last["changed"], last["action"]) == (False, "done")

    def test_tags_among_its_members(self, run_module: Any, factory: Factory) -> None:
        members = {"name": "a-vm", "semanticVersion": "1.0.0", "platform": "Linux", "vmImportTaskId": self.task(factory), "tags": {"a": "b"}}
        result = run_module("image", import_vm_image=members, poll_interval=0.01)
        assert (result["failed"], result["image"]["tags"]) == (False, {"a": "b"}), result
        assert not run_module("image", import_vm_image=members, poll_interval=0.01)["changed"]

    def test_one_that_is_under_way_is_waited_for(self, run: Any, pace: Callable[[float], None], emulator: Any, factory: Factory) -> None:
        pace(1000)
        task = self.task(factory)
        started = run(task=task, wait=False)
        assert (started["changed"], started["image"]["state"]["status"]) == (True, "PENDING")
        emulator.reset_calls()
        threading.Timer(1, pace, [0]).start()
        result = run(task=task)
        assert (result["failed"], result["changed"], result["action"]) == (False, False, "attach"), result
        assert emulator.writes() == []

    def test_one_that_failed_is_explained_and_imported_again(self, run: Any, factory: Factory) -> None:
        result = run(task=self.task(factory, "missing.vmdk"))
        assert (result["failed"], result["changed"], result["action"]) == (True, True, "import")
        assert "while it was imported" in result["msg"]
        (failure,) = result["failures"]
        assert "vmimport" in failure["remedy"]
        again = run()
        assert (again["failed"], again["action"], again["image"]["version"]) == (False, "import", "1.0.0/2")

    def test_by_force(self, run: Any) -> None:
        run()
        assert run(force=True)["image"]["version"] == "1.0.0/2"

    def test_an_unknown_task(self, run: Any) -> None:
        result = run(task="import-ami-0123456789abcdef0")
        assert result["failed"]
        assert "import-ami-0123456789abcdef0" in result["msg"]


def test_a_disk_image_is_imported_once(run_module: Any, factory: Factory, emulator: Any) -> None:
    factory.client("iam").create_instance_profile(InstanceProfileName="build")
    factory.infrastructure("web")
    s3 = factory.client("s3")
    s3.create_bucket(Bucket="disks", CreateBucketConfiguration={"LocationConstraint": BUILD_REGION})
    s3.put_object(Bucket="disks", Key="w.iso", Body=b"")
    members = {
        "name": "windows",
        "semantic_version": "11.0.0",
        "platform": "Windows",
        "os_version": "Microsoft Windows 11",
        "infrastructure_configuration": "web",
        "uri": "s3://disks/w.iso",
        "windows_configuration": {"image_index": 1},
    }
    emulator.reset_calls()
    result = run_module("image", import_disk_image=members, poll_interval=0.01)
    assert (result["failed"], result["changed"], result["action"]) == (False, True, "import"), result
    assert result["image"]["build_type"] == "IMPORT_ISO"
    assert operations(emulator) == ["ImportDiskImage"]
    assert result["diff"]["after"]["infrastructure_configuration_arn"] == f"{START}:infrastructure-configuration/web"
    again = run_module("image", import_disk_image=members, poll_interval=0.01)
    assert (again["changed"], again["action"]) == (False, "done")


class TestStates:
    @pytest.fixture
    def image(self, factory: Factory) -> str:
        """An available image in its own account, and a role that may change it."""
        factory.make_all()
        make_role(factory, "lifecycle", SOURCE)
        return str(factory.build(None)["arn"])

    @pytest.fixture
    def run(self, run_module: Any) -> Any:
        def run(status: str, image: str, check_mode: bool = False, wait: bool = True, **members: Any) -> dict[str, Any]:
            update = {"state": {"status": status}, **members}
            options = {"image_build_version": image, "start_resource_state_update": update, "poll_interval": 0.01, "wait_timeout": 30}
            result: dict[str, Any] = run_module("image", check_mode=check_mode, wait=wait, **options)
            return result

        return run

    def everything(self) -> dict[str, Any]:
        return {"execution_role": "lifecycle", "include_resources": {"amis": True, "snapshots": True}}

    def test_there_and_back(self, run: Any, image: str, emulator: Any) -> None:
        for status in ("DEPRECATED", "DISABLED", "AVAILABLE"):
            emulator.reset_calls()
            foretold = run(status, image, check_mode=True)
            assert emulator.writes() == []
            result = run(status, "golden/1.0.0/1")
            assert (result["failed"], result["changed"], result["action"]) == (False, True, "update"), result
            assert result["image"]["state"]["status"] == status
            assert operations(emulator) == ["StartResourceStateUpdate"]
            assert foretold["image"]["state"] == {"status": status}
            for key in ("changed", "action", "reason"):
                assert foretold[key] == result[key]
            assert result["diff"]["after"]["state"] == status
            again = run(status, image)
            assert (again["changed"], again["action"]) == (False, "done")
            assert again["diff"]["before"] == again["diff"]["after"]

    def test_with_its_amis(self, run: Any, image: str, factory: Factory) -> None:
        result = run("DISABLED", image, execution_role="lifecycle", include_resources={"amis": True})
        assert (result["failed"], result["changed"]) == (False, True), result
        assert result["lifecycle_execution"]["state"]["status"] == "SUCCESS"
        assert [ami["State"] for ami in factory.images(SOURCE, BUILD_REGION)] == ["disabled"]

    def test_deleted_with_everything(self, run: Any, image: str, factory: Factory) -> None:
        foretold = run("DELETED", image, check_mode=True, **self.everything())
        result = run("DELETED", image, **self.everything())
        assert (result["failed"], result["changed"], result["action"]) == (False, True, "update"), result
        assert {one["action"]["name"] for one in result["lifecycle_execution"]["resources"]} == {"DELETE"}
        assert len(result["lifecycle_execution"]["resources"]) == 2
        assert factory.images(SOURCE, BUILD_REGION) == []
        assert foretold["diff"] == result["diff"]
        again = run("DELETED", image, **self.everything())
        assert (again["failed"], again["changed"]) == (False, False)

    def test_what_is_excluded_keeps_the_image(self, run: Any, image: str, factory: Factory) -> None:
        rules = {"amis": {"regions": [BUILD_REGION]}}
        result = run("DELETED", image, exclusion_rules=rules, **self.everything())
        assert (result["failed"], result["changed"]) == (False, True), result
        assert result["image"]["state"]["status"] == "AVAILABLE"
        (ami,) = factory.images(SOURCE, BUILD_REGION)
        assert f"exclusion_rules leave out: {ami['ImageId']}" in str(result["warnings"])

    def test_one_under_way_is_waited_for(self, run: Any, image: str, pace: Callable[[float], None], emulator: Any) -> None:
        pace(1000)
        started = run("DELETED", image, wait=False, **self.everything())
        assert (started["changed"], started["lifecycle_execution"]["state"]["status"]) == (True, "PENDING")
        refused = run("DISABLED", image, check_mode=True)
        assert refused["failed"]
        assert started["lifecycle_execution"]["lifecycle_execution_id"] in refused["msg"]
        emulator.reset_calls()
        threading.Timer(1, pace, [0]).start()
        result = run("DELETED", image, **self.everything())
        assert (result["failed"], result["changed"], result["action"]) == (False, False, "attach"), result
        assert emulator.writes() == []

    def test_when_the_time_is_up(self, run_module: Any, image: str, pace: Callable[[float], None]) -> None:
        pace(1000)
        update = {"state": {"status": "DELETED"}, **self.everything()}
        result = run_module("image", image_build_version=image, start_resource_state_update=update, wait_timeout=0)
        assert (result["failed"], result["changed"]) == (True, True)
        assert "after 0 seconds (wait_timeout)" in result["msg"]

    def test_a_schedule(self, run: Any, image: str) -> None:
        when = "2100-01-31T00:00:00Z"
        foretold = run("DEPRECATED", image, check_mode=True, update_at=when)
        result = run("DEPRECATED", image, update_at=when)
        assert (result["failed"], result["changed"], result["image"]["state"]["status"]) == (False, True, "AVAILABLE"), result
        assert foretold["changed"]
        assert foretold["diff"] == result["diff"]

    def test_what_aws_would_refuse_is_refused_in_check_mode_too(self, run: Any, factory: Factory, emulator: Any) -> None:
        failed = factory.build(None)["arn"]
        emulator.reset_calls()
        for check_mode in (True, False):
            result = run("DISABLED", failed, check_mode=check_mode)
            assert result["failed"]
            assert "FAILED, and such an image can only be DELETED" in result["msg"]
        assert emulator.writes() == []

    def test_one_that_is_being_made(self, run: Any, factory: Factory, pace: Callable[[float], None], emulator: Any) -> None:
        factory.make_all()
        pace(1000)
        arn = factory.start(None)
        emulator.reset_calls()
        result = run("DELETED", arn, check_mode=True, **self.everything())
        assert result["failed"]
        assert "It is being made (PENDING)" in result["msg"]
        assert emulator.writes() == []

    def test_a_failure_names_the_account_and_its_cause(self, run: Any, image: str, factory: Factory) -> None:
        entry = factory.distributions()[0]
        entry["amiDistributionConfiguration"]["targetAccountIds"] = [PAYMENTS]
        delivered = factory.build([entry], recipe=f"{START}:image-recipe/golden/1.0.0")["arn"]
        result = run("DELETED", delivered, **self.everything())
        assert (result["failed"], result["changed"]) == (True, True)
        (failure,) = result["failures"]
        assert (failure["account_id"], failure["region"], failure["step"]) == (PAYMENTS, BUILD_REGION, "DELETE")
        assert "Ec2ImageBuilderCrossAccountLifecycleAccess" in failure["cause"]
        assert f"account {PAYMENTS}, Region {BUILD_REGION}: DELETE" in result["msg"]
        make_role(factory, "Ec2ImageBuilderCrossAccountLifecycleAccess", PAYMENTS)
        mended = run("DELETED", delivered, **self.everything())
        assert (mended["failed"], mended["changed"]) == (False, True), mended
