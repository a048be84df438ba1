# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of old images in EC2: deprecated, disabled, protected, deregistered with their snapshots, and how DescribeImages shows them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.responses import ActionResult
from moto.ec2.exceptions import EC2ClientError, InvalidSnapshotInUse
from moto.ec2.models.amis import Ami, AmiBackend
from moto.ec2.models.elastic_block_store import EBSBackend
from moto.ec2.responses import EC2Response

from .. import disturbances, images
from . import replaces
from .ec2 import own

_UNPROTECTED, _PROTECTED = "disabled", "enabled-without-cooldown"


@replaces(EC2Response, "describe_images")
def describe_images(original: Callable[..., ActionResult], self: Any) -> ActionResult:
    """Disabled images are listed to who asks for them, and others' deprecated ones too. moto lists them always."""
    answer = original(self)
    answer.result["Images"] = [image for image in answer.result["Images"] if _is_listed(self, image)]
    return answer


def _is_listed(response: Any, image: Any) -> bool:
    if image.state == "disabled" and not response._get_bool_param("IncludeDisabled", False):
        return False
    is_own = image.owner_id == response.current_account
    is_asked_for = bool(response._get_param("ImageIds", [])) or response._get_bool_param("IncludeDeprecated", False)
    return is_own or is_asked_for or not images.is_deprecated(image)


@replaces(Ami, "last_launched_time", is_property=True)
def last_launched_time(_original: None, self: Any) -> str | None:
    """When an instance of the image was launched last, in whichever account. AWS tells it a day later, moto does not."""
    when = images.last_launch(self)
    return when.strftime("%Y-%m-%dT%H:%M:%S.000Z") if when else None


@replaces(Ami, "deregistration_protection", is_property=True)
def deregistration_protection(_original: None, self: Any) -> str:
    """Whether the image cannot be deregistered."""
    return str(self.__dict__.get("protection", _UNPROTECTED))


@replaces(EC2Response, "enable_image_deregistration_protection")
def enable_image_deregistration_protection(_original: None, self: Any) -> ActionResult:
    """moto has no such operation."""
    return _protect(self, _PROTECTED)


@replaces(EC2Response, "disable_image_deregistration_protection")
def disable_image_deregistration_protection(_original: None, self: Any) -> ActionResult:
    """moto has no such operation."""
    return _protect(self, _UNPROTECTED)


def _protect(response: Any, protection: str) -> ActionResult:
    response.error_on_dryrun()
    image_id = response._get_param("ImageId")
    own(response.ec2_backend, image_id)
    response.ec2_backend.amis[image_id].protection = protection
    return ActionResult({"Return": protection})


@replaces(AmiBackend, "disable_image")
def disable_image(original: Callable[..., None], self: Any, ami_id: str) -> None:
    """What an image was shared with loses it when it is disabled; moto keeps it shared."""
    original(self, ami_id)
    self.amis[ami_id].launch_permissions = []


@replaces(AmiBackend, "deregister_image")
def deregister_backend_image(original: Callable[..., None], self: Any, ami_id: str) -> None:
    """A protected image stays."""
    if ami_id in self.amis and self.amis[ami_id].deregistration_protection != _UNPROTECTED:
        raise EC2ClientError("OperationNotPermitted", f"The image {ami_id} is protected from deregistration.")
    original(self, ami_id)


@replaces(EC2Response, "deregister_image")
def deregister_image(original: Callable[..., ActionResult], self: Any) -> ActionResult:
    """Snapshots can go with the image. One that another image needs stays, and so do all where the caller may not delete them.

    moto leaves them all.
    """
    image = self.ec2_backend.amis.get(self._get_param("ImageId"))
    answer = original(self)
    if image is None or not self._get_bool_param("DeleteAssociatedSnapshots", False):
        return answer
    snapshots = [device.snapshot_id for device in images.devices_of(image)]
    answer.result["DeleteSnapshotResults"] = [{"SnapshotId": one, "ReturnCode": _delete_snapshot(self, one)} for one in snapshots]
    return answer


def _delete_snapshot(response: Any, snapshot_id: str) -> str:
    if disturbances.is_denied(response.current_account, "DeleteSnapshot"):
        return "missing-permissions"
    try:
        response.ec2_backend.delete_snapshot(snapshot_id)
    except InvalidSnapshotInUse:
        return "skipped"
    except EC2ClientError:
        return "client-error"
    return "success"


@replaces(EBSBackend, "delete_snapshot")
def delete_snapshot(original: Callable[..., Any], self: Any, snapshot_id: str) -> Any:
    """A snapshot that any image needs stays. moto knows of the image only that it was made with."""
    for image in self.amis.values():
        if snapshot_id in {device.snapshot_id for device in images.devices_of(image)}:
            raise InvalidSnapshotInUse(snapshot_id, image.id)
    return original(self, snapshot_id)
