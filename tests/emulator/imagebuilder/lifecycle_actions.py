# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a lifecycle execution does to an image: its AMIs, their snapshots and its container images in all accounts and Regions, then itself.

In the source account the execution role works; in another the role Ec2ImageBuilderCrossAccountLifecycleAccess, which the service takes for the
sake of the image ("Manage image lifecycles" in the user guide). Each action is asked of the policies there, with the tags the thing has: a
snapshot that a cross-account copy left without tags is refused by policies that want the tag CreatedBy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import ServiceException
from moto.ec2.models import ec2_backends
from moto.ecr.models import ecr_backends

from .. import clock
from .. import images as ec2_images
from ..access import Caller
from . import crud, rights
from .containers import ContainerDelivery
from .delivery import Delivery
from .failures import RefusedError
from .kinds import IMAGE

if TYPE_CHECKING:
    from .images import Image

STATUS = {"AVAILABLE": "AVAILABLE", "DEPRECATE": "DEPRECATED", "DISABLE": "DISABLED", "DELETE": "DELETED"}
DAYS = {"DAYS": 1, "WEEKS": 7, "MONTHS": 30, "YEARS": 365}


def seconds(value: int, unit: str) -> float:
    """Return how many seconds of the emulator a time span of a rule has."""
    return value * DAYS[unit] * clock.day()


@dataclass(frozen=True)
class Action:
    """What is to be done to an image."""

    name: str  # a key of STATUS
    include: frozenset[str] = frozenset()  # amis, snapshots, containers
    exclusions: Mapping[str, Any] = field(default_factory=dict)  # rules about AMIs
    reason: str = ""
    when: datetime | None = None  # for a deprecation that lies ahead


@dataclass
class Touched:
    """One thing that an execution acts on, and how that went. An image has what came of it as `outputs`."""

    account_id: str
    region: str
    resource_id: str
    action: Action
    status: str = "IN_PROGRESS"
    reason: str = ""
    snapshots: dict[str, tuple[str, str]] = field(default_factory=dict)  # id: status, reason
    image_uris: list[str] = field(default_factory=list)
    outputs: list[Touched] = field(default_factory=list)
    started: datetime = field(default_factory=lambda: datetime.now(timezone.utc))
    ended: datetime | None = None

    def end(self, status: str, reason: str = "") -> None:
        """Say how it went."""
        self.status, self.reason, self.ended = status, reason, datetime.now(timezone.utc)

    @property
    def is_complete(self) -> bool:
        """Whether all was done, its snapshots included."""
        return self.status == "SUCCESS" and all(status == "SUCCESS" for status, _reason in self.snapshots.values())

    def describe(self) -> dict[str, Any]:
        """Return its members in the API's form."""
        about: dict[str, Any] = {
            "accountId": self.account_id,
            "resourceId": self.resource_id,
            "state": _state(self.status, self.reason),
            "action": {"name": self.action.name, **({"reason": self.action.reason} if self.action.reason else {})},
            "region": self.region,
            "snapshots": [{"snapshotId": snapshot, "state": _state(*how)} for snapshot, how in self.snapshots.items()],
            "imageUris": list(self.image_uris),
            "startTime": self.started,
        }
        return about | ({"endTime": self.ended} if self.ended else {})


def _state(status: str, reason: str) -> dict[str, str]:
    return {"status": status, **({"reason": reason[:1024]} if reason else {})}


def apply(image: Image, action: Action, role: Caller) -> Touched:
    """Do an action to an image and what it includes; return how that went. What one account refuses keeps no other from it."""
    touched = Touched(image.arn.account, image.arn.region, str(image.arn), action)
    if isinstance(image.delivery, ContainerDelivery):
        touched.outputs = list(_containers(image.delivery, action, role)) if "containers" in action.include else []
    elif "amis" in action.include:
        touched.outputs = list(_amis(image.delivery, image, action, role))
    failed = [output for output in touched.outputs if output.status != "SKIPPED" and not output.is_complete]
    if failed:
        touched.end("FAILED", f"The action could not be applied to: {', '.join(output.resource_id for output in failed)}.")
    elif action.name == "DELETE" and any(output.status == "SKIPPED" for output in touched.outputs):
        touched.end("SKIPPED", "The image is kept because some of its resources are excluded.")
    else:
        _change_image(image, action, role, touched)
    return touched


def _change_image(image: Image, action: Action, role: Caller, touched: Touched) -> None:
    try:
        if action.name == "DELETE":
            rights.require(role, "imagebuilder:DeleteImage", str(image.arn), {})
            crud.delete(IMAGE, image.delivery.backend, {"imageBuildVersionArn": str(image.arn)})
        set_state(image, action)
    except (RefusedError, ServiceException) as error:
        touched.end("FAILED", getattr(error, "message", str(error)))
    else:
        touched.end("SUCCESS")


def set_state(image: Image, action: Action) -> None:
    """Give the image itself its new state; a deprecation that lies ahead is written down, `deprecate_due` does it."""
    image.values.pop("deprecationTime", None)
    if action.name == "DEPRECATE":
        image.values["deprecationTime"] = action.when or datetime.now(timezone.utc)
    if not action.when:
        image.state = {"status": STATUS[action.name]}


def deprecate_due(image: Image) -> None:
    """Deprecate an image whose time has come."""
    when = image.values.get("deprecationTime")
    if when and image.status == "AVAILABLE" and when <= datetime.now(timezone.utc):
        image.state = {"status": "DEPRECATED"}


def _amis(delivery: Delivery, image: Image, action: Action, role: Caller) -> Iterator[Touched]:
    for (region, account_id), ami in list(delivery.delivered.items()):
        touched = Touched(account_id, region, ami.id, action)
        yield touched
        if excluded := exclusion(ami, account_id, region, action.exclusions):
            touched.end("SKIPPED", excluded)
            continue
        try:
            caller = role if account_id == delivery.account_id else _role_in(account_id, image)
            _change_ami(ami, caller, touched)
        except (RefusedError, ServiceException) as error:
            touched.end("FAILED", getattr(error, "message", str(error)))
            continue
        touched.end("SUCCESS")
        if action.name == "DELETE":
            del delivery.delivered[region, account_id]


def _role_in(account_id: str, image: Image) -> Caller:
    """Take the role of another account. Raises RefusedError."""
    return rights.role_for_service(f"arn:{image.arn.partition}:iam::{account_id}:role/{rights.LIFECYCLE_ROLE}", str(image.arn))


def _change_ami(ami: Any, caller: Caller, touched: Touched) -> None:
    """Do the action to an AMI. Raises RefusedError, ServiceException."""
    action, region = touched.action, touched.region
    backend = ec2_backends[touched.account_id][region]
    arn = f"arn:{caller.partition}:ec2:{region}::image/{ami.id}"
    tags = rights.tags_of(ami)
    for name, change in _calls(backend, ami, action):
        rights.require(caller, f"ec2:{name}", arn, tags)
        change()
    if "snapshots" not in action.include:
        return
    for device in ec2_images.devices_of(ami):
        touched.snapshots[device.snapshot_id] = _delete_snapshot(backend, caller, region, device.snapshot_id)


def _calls(backend: Any, ami: Any, action: Action) -> list[tuple[str, Callable[[], None]]]:
    """Return the calls that an action needs on an AMI, as EC2 names them."""
    if action.name == "DELETE":
        return [("DeregisterImage", lambda: backend.deregister_image(ami.id))]
    if action.name == "DISABLE":
        return [("DisableImage", lambda: backend.disable_image(ami.id))]
    if action.name == "DEPRECATE":
        return [("EnableImageDeprecation", lambda: ec2_images.deprecate_image(ami, action.when))]
    calls: list[tuple[str, Callable[[], None]]] = []
    if ami.state == "disabled":
        calls.append(("EnableImage", lambda: backend.enable_image(ami.id)))
    if getattr(ami, "deprecation_time", None):
        calls.append(("DisableImageDeprecation", lambda: ec2_images.restore_image(ami)))
    return calls


def _delete_snapshot(backend: Any, caller: Caller, region: str, snapshot_id: str) -> tuple[str, str]:
    try:
        snapshot = backend.get_snapshot(snapshot_id)
        rights.require(caller, "ec2:DeleteSnapshot", f"arn:{caller.partition}:ec2:{region}::snapshot/{snapshot_id}", rights.tags_of(snapshot))
        backend.delete_snapshot(snapshot_id)
    except (RefusedError, ServiceException) as error:
        return "FAILED", getattr(error, "message", str(error))
    return "SUCCESS", ""


def exclusion(ami: Any, account_id: str, region: str, rules: Mapping[str, Any]) -> str:
    """Return which rule keeps an AMI from being touched, else nothing."""
    permissions = ami.launch_permissions
    if rules.get("isPublic") and {"Group": "all"} in permissions:
        return "The AMI is public."
    if region in rules.get("regions", ()):
        return f"The Region {region} is excluded."
    shared = sorted({permission.get("UserId") for permission in permissions} & set(rules.get("sharedAccounts", ())))
    if shared:
        return f"The AMI is shared with {', '.join(shared)}."
    tags = {tag["key"]: tag["value"] for tag in ami.get_tags()}
    if set(rules.get("tagMap", {}).items()) & set(tags.items()):
        return "The AMI has an excluded tag."
    span = rules.get("lastLaunched")
    launched = ec2_images.last_launch(ami) if span else None
    if span and launched and datetime.now(timezone.utc) - launched < timedelta(seconds=seconds(span["value"], span["unit"])):
        return f"The AMI was launched within the last {span['value']} {span['unit'].lower()}."
    return ""


def _containers(delivery: ContainerDelivery, action: Action, role: Caller) -> Iterator[Touched]:
    """Delete the container images, Region by Region: all tags of one are one image."""
    for region, uris in list(delivery.delivered.items()):
        touched = Touched(delivery.account_id, region, uris[0], action, image_uris=list(uris))
        yield touched
        try:
            _delete_container(delivery, region, role, uris)
        except (RefusedError, ServiceException) as error:
            touched.end("FAILED", getattr(error, "message", str(error)))
            continue
        touched.end("SUCCESS")
        del delivery.delivered[region]


def _delete_container(delivery: ContainerDelivery, region: str, role: Caller, uris: list[str]) -> None:
    """Delete one container image. Raises RefusedError, ServiceException."""
    backend = ecr_backends[delivery.account_id][region]
    name = uris[0].partition("/")[2].rpartition(":")[0]
    repository = backend.repositories.get(name)
    if repository is None:
        return  # deleted by somebody, with all that was in it
    given = backend.tagger.get_tag_dict_for_resource(repository.arn)
    tags: dict[str, Any] = {f"{prefix}:ResourceTag/{key}": value for prefix in ("aws", "ecr") for key, value in given.items()}
    for call in ("ecr:BatchGetImage", "ecr:BatchDeleteImage"):
        rights.require(role, call, repository.arn, tags)
    backend.batch_delete_image(name, image_ids=[{"imageTag": uri.rpartition(":")[2]} for uri in uris])
