# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""VM import tasks of EC2, which moto lacks: ImportImage begins one, and when its time has come there is an AMI.

A task takes as long as an image stays in one state. It fails, as EC2's does, when a disk image is not where the request says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from moto.ec2.models import ec2_backends

from . import clock, images, settings


@dataclass
class ImportTask:
    """One task. What became of it is found out when somebody looks (find, find_all)."""

    task_id: str
    account_id: str
    region: str
    partition: str
    containers: Sequence[Mapping[str, Any]]
    description: str
    platform: str | None
    tags: Mapping[str, str]
    began: float = field(default_factory=clock.now)
    image: Any = None  # moto's Ami, once the task is complete
    failure: str = ""

    @property
    def status(self) -> str:
        """EC2's word for how far it is."""
        return "completed" if self.image else "deleted" if self.failure else "active"

    def advance(self) -> None:
        """Bring it to where it should be by now."""
        if self.status != "active" or clock.now() - self.began < settings.current.seconds_per_state:
            return
        missing = [uri for uri in map(_uri, self.containers) if uri and not s3_object_exists(self.account_id, self.partition, uri)]
        if missing:
            self.failure = f"ClientError: Disk validation failed [We do not have access to the given resource: {missing[0]}]"
            return
        devices = [images.BlockDevice(f"/dev/sd{letter}") for letter, _container in zip("abcdefghij", self.containers, strict=False)]
        self.image = images.register_image(
            self.account_id,
            self.region,
            self.task_id,  # EC2 names the AMI after the task
            devices,
            description=f"AWS-VMImport service: {self.description or 'Linux - VM'}",
            platform="windows" if self.platform == "Windows" else None,
            tags=self.tags,
        )

    def describe(self) -> dict[str, Any]:
        """Return its members as DescribeImportImageTasks shows them."""
        about: dict[str, Any] = {
            "ImportTaskId": self.task_id,
            "Status": self.status,
            "Description": self.description,
            "SnapshotDetails": [{"Format": container.get("Format", ""), "UserBucket": container.get("UserBucket")} for container in self.containers],
            "Tags": [{"Key": key, "Value": value} for key, value in self.tags.items()],
        }
        if self.platform:
            about["Platform"] = self.platform
        if self.image:
            about["ImageId"] = self.image.id
        if self.failure:
            about["StatusMessage"] = self.failure
        return about


def _uri(container: Mapping[str, Any]) -> str:
    """Return where the disk image of a container lies, nothing when it is a snapshot."""
    bucket = container.get("UserBucket")
    return f"s3://{bucket['S3Bucket']}/{bucket['S3Key']}" if bucket else container.get("Url", "")


def s3_object_exists(account_id: str, partition: str, uri: str) -> bool:
    """Whether there is an object at s3://bucket/key in a bucket of the account."""
    from moto.s3.models import s3_backends  # noqa: PLC0415  # heavy, and seldom needed

    bucket, _slash, key = uri.removeprefix("s3://").partition("/")
    s3 = s3_backends[account_id][partition]
    return bucket in s3.buckets and s3.get_object(bucket, key) is not None


def _tasks(account_id: str, region: str) -> dict[str, ImportTask]:
    """Return the tasks of an account in a Region; they live and die with moto's state of EC2 there."""
    tasks: dict[str, ImportTask] = ec2_backends[account_id][region].__dict__.setdefault("import_image_tasks", {})
    return tasks


def add(task: ImportTask) -> None:
    """Begin a task."""
    _tasks(task.account_id, task.region)[task.task_id] = task


def find_all(account_id: str, region: str) -> list[ImportTask]:
    """Return the tasks of an account in a Region, as far as they are by now."""
    tasks = list(_tasks(account_id, region).values())
    for task in tasks:
        task.advance()
    return tasks


def find(account_id: str, region: str, task_id: str) -> ImportTask | None:
    """Return one task as far as it is by now, None when there is none of that id."""
    return next((task for task in find_all(account_id, region) if task.task_id == task_id), None)
