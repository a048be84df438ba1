# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images that come from elsewhere: from a VM import task of EC2, and from an ISO file of Windows.

AWS does not say which states they pass. A VM import waits, PENDING, for its task. An ISO import runs an instance: PENDING, CREATING, BUILDING.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .. import images as ec2_images
from .. import import_tasks
from ..access import Caller
from ..import_tasks import s3_object_exists
from . import building, inputs, rights
from .delivery import Delivery
from .exceptions import invalid_value, invalid_version
from .failures import Failure, NotYetError, RefusedError
from .images import NewImage
from .inputs import OWN_LOG_GROUPS
from .names import version_problem
from .requests import Answer, Operation, Request, once
from .routes import Route

if TYPE_CHECKING:
    from .models import ImageBuilderBackend

WINDOWS_11 = "Microsoft Windows 11"  # the one system that comes from an ISO file
ISO = (".iso", ".ISO", ".Iso")


def import_vm_image(backend: ImageBuilderBackend, request: Request) -> Answer:
    """Make an image of a VM import task, which need not be complete."""
    _check_version(request)
    group = request.get("loggingConfiguration", {}).get("logGroupName", OWN_LOG_GROUPS)
    if not group.startswith(OWN_LOG_GROUPS):
        raise invalid_value("loggingConfiguration.logGroupName", f"The name of the log group must begin with {OWN_LOG_GROUPS}.")
    task_id = request["vmImportTaskId"]
    if import_tasks.find(backend.account_id, backend.region_name, task_id) is None:
        raise invalid_value("vmImportTaskId", f"The import task '{task_id}' does not exist.")
    values = {**_values(request, ("osVersion", "loggingConfiguration")), "buildType": "IMPORT", "vmImportTaskId": task_id}
    caller = Caller.service_linked(backend.account_id, backend.partition)
    image = NewImage(request["name"], request["semanticVersion"], values, VM, caller).add_to(backend, request)
    return {"imageArn": str(image.arn)}


def _values(request: Request, kept: tuple[str, ...]) -> dict[str, Any]:
    given = {member: request[member] for member in (*kept, "description") if member in request}
    return {"type": "AMI", "platform": request["platform"], "osVersion": request["platform"], "imageSource": "IMPORTED", **given}


def _check_version(request: Request) -> None:
    if problem := version_problem(request["semanticVersion"]):
        raise invalid_version(problem)


def _take_over(delivery: Delivery) -> Failure | None:
    """Make the AMI of the import task the image's. Raises NotYetError until the task has ended."""
    try:
        rights.require(delivery.caller, "ec2:DescribeImportImageTasks", "*", {})
    except RefusedError as refusal:
        return Failure(str(refusal))
    task = import_tasks.find(delivery.account_id, delivery.region, delivery.image["vmImportTaskId"])
    if task is None or task.failure:
        return Failure(f"The VM import task failed: {task.failure if task else 'it does not exist any more.'}")
    if task.image is None:
        raise NotYetError
    delivery.source = delivery.delivered[delivery.region, delivery.account_id] = task.image
    return None


def import_disk_image(backend: ImageBuilderBackend, request: Request) -> Answer:
    """Make an image of an ISO file in S3."""
    _check_version(request)
    for member, only in (("platform", "Windows"), ("osVersion", WINDOWS_11)):
        if request[member] != only:
            raise invalid_value(member, f"The only supported value is '{only}'.")
    _check_uri(request["uri"])
    _check_registration(request.get("registerImageOptions", {}))
    inputs.check_logging(request)
    infrastructure = inputs.find(backend, request, "infrastructureConfigurationArn", "InfrastructureConfiguration")
    kept = ("osVersion", "executionRole", "loggingConfiguration")
    values = {
        **_values(request, kept),
        "buildType": "IMPORT_ISO",
        "infrastructureConfiguration": infrastructure.describe(),
        "uri": request["uri"],
    }
    caller, uses = inputs.execution_role(backend, request), frozenset((str(infrastructure.arn),))
    image = NewImage(request["name"], request["semanticVersion"], values, DISK, caller, uses=uses).add_to(backend, request)
    return {"imageBuildVersionArn": str(image.arn)}


def _check_uri(uri: str) -> None:
    bucket, _slash, key = uri.removeprefix("s3://").partition("/")
    if not uri.startswith("s3://") or not bucket or not key.endswith(ISO):
        raise invalid_value("uri", "The URI must have the form s3://bucket/key, and the key must end with .iso, .ISO or .Iso.")


def _check_registration(options: Mapping[str, Any]) -> None:
    if "uefiData" not in options:
        return
    if not options.get("secureBootEnabled", True):
        raise invalid_value("registerImageOptions.uefiData", "UEFI data can only be specified when Secure Boot is enabled.")
    try:
        base64.b64decode(options["uefiData"], validate=True)
    except binascii.Error as error:
        raise invalid_value("registerImageOptions.uefiData", "The UEFI data must be Base64-encoded.") from error


def _install(delivery: Delivery) -> Failure | None:
    """Install Windows from the ISO file and make the AMI; return why that failed."""
    if not building.profile_exists(delivery):
        return Failure(building.NO_PROFILE)
    uri = delivery.image["uri"]
    if not s3_object_exists(delivery.account_id, delivery.backend.partition, uri):
        return Failure(f"The disk image '{uri}' does not exist, or its bucket does not belong to the account {delivery.account_id}.")
    arn = f"arn:{delivery.backend.partition}:ec2:{delivery.region}::image/*"
    try:
        for action in ("ec2:RunInstances", "ec2:RegisterImage"):
            rights.require(delivery.caller, action, arn)
    except RefusedError as refusal:
        return Failure(str(refusal))
    pair = delivery.source_pair()
    tags = delivery.tags_for(pair)
    delivery.source = ec2_images.register_image(
        delivery.account_id,
        delivery.region,
        delivery.name_for(pair),
        [ec2_images.BlockDevice("/dev/sda1", 64)],
        description=delivery.image.get("description", ""),
        platform="windows",
        tags=tags,
        snapshot_tags=tags,
    )
    delivery.delivered[delivery.region, delivery.account_id] = delivery.source
    return None


VM = Route(("PENDING",), by_state={"PENDING": _take_over})
DISK = Route(("PENDING", "CREATING", "BUILDING"), by_state={"BUILDING": _install})

OPERATIONS: dict[str, Operation] = {
    "ImportDiskImage": once("ImportDiskImage", import_disk_image),
    "ImportVmImage": once("ImportVmImage", import_vm_image),
}
