# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AMIs and their encrypted snapshots in moto's EC2, made the way EC2 makes them, for every account and Region.

moto gives each AMI one unencrypted 15 GiB volume. Here an AMI has the volumes it was made with; a snapshot knows its key (DescribeSnapshots
shows it), a block device mapping says whether it is encrypted (DescribeImages shows that, and like AWS no key).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from typing import Any

from moto.ec2.exceptions import EC2ClientError
from moto.ec2.models import ec2_backends
from moto.ec2.models.amis import Ami
from moto.ec2.models.elastic_block_store import Snapshot, Volume
from moto.ec2.utils import random_ami_id, random_snapshot_id

from . import access
from .identities import Caller, organization_context

AMAZON = "137112412989"  # the account that owns Amazon Linux; the images that moto ships live there, public

MOST_COPIES = 50  # that are made into an account and Region at a time


@dataclass(frozen=True)
class BlockDevice:
    """One EBS volume of an image. With a key it is encrypted."""

    device_name: str = "/dev/xvda"
    size: int = 8
    volume_type: str = "gp3"
    delete_on_termination: bool = True
    iops: int | None = None
    throughput: int | None = None
    kms_key_arn: str | None = None
    snapshot_id: str = ""


def register_image(
    account_id: str,
    region: str,
    name: str,
    devices: Sequence[BlockDevice] = (BlockDevice(),),
    *,
    description: str = "",
    architecture: str = "x86_64",
    platform: str | None = None,
    tags: Mapping[str, str] | None = None,
    snapshot_tags: Mapping[str, str] | None = None,
    image_id: str | None = None,
) -> Any:
    """Make an AMI and a snapshot for each device in an account's EC2. The first device is the root device. Returns moto's Ami.

    The caller has checked rights and keys; `kms_key_arn` is a key ARN, as EC2 shows it, not an alias.
    """
    backend = ec2_backends[account_id][region]
    image = Ami(
        backend,
        image_id or random_ami_id(),
        name=name,
        description=description,
        architecture=architecture,
        platform=platform,
        virtualization_type="hvm",
        hypervisor="xen",
        root_device_type="ebs",
        root_device_name=devices[0].device_name,
        image_location=f"{account_id}/{name}",
        boot_mode="uefi-preferred",
        tags=dict(tags or {}),
    )
    backend.snapshots.pop(image.ebs_snapshot.id, None)  # moto's own; ours take its place
    image.devices = [replace(device, snapshot_id=_add_snapshot(backend, image, device, snapshot_tags or {}).id) for device in devices]
    image.ebs_snapshot = backend.snapshots[image.devices[0].snapshot_id]
    backend.amis[image.id] = image
    return image


def _add_snapshot(backend: Any, image: Any, device: BlockDevice, tags: Mapping[str, str]) -> Any:
    encrypted = device.kms_key_arn is not None
    volume = Volume(backend, "vol-ffffffff", device.size, None, encrypted=encrypted, kms_key_id=device.kms_key_arn, volume_type=device.volume_type)
    description = f"Created by CreateImage for {image.id}"
    snapshot = Snapshot(backend, random_snapshot_id(), volume, description, encrypted=encrypted, kms_key_id=device.kms_key_arn, from_ami=image.id)
    backend.snapshots[snapshot.id] = snapshot
    snapshot.add_tags(dict(tags))
    return snapshot


def devices_of(image: Any) -> list[BlockDevice]:
    """Return the devices of any Ami, moto's own too."""
    found: list[BlockDevice] | None = getattr(image, "devices", None)
    if found is not None:
        return list(found)
    snapshot = image.ebs_snapshot
    return [BlockDevice(image.root_device_name, 15, "standard", False, kms_key_arn=snapshot.kms_key_id, snapshot_id=snapshot.id)]


def block_device_mappings(image: Any) -> list[dict[str, Any]]:
    """Return BlockDeviceMappings as DescribeImages shows them."""
    return [
        {
            "DeviceName": device.device_name,
            "Ebs": {
                "SnapshotId": device.snapshot_id,
                "VolumeSize": device.size,
                "VolumeType": device.volume_type,
                "DeleteOnTermination": device.delete_on_termination,
                "Encrypted": device.kms_key_arn is not None,
                **{name: value for name, value in (("Iops", device.iops), ("Throughput", device.throughput)) if value is not None},
            },
        }
        for device in devices_of(image)
    ]


def require_room(account_id: str, region: str) -> None:
    """Go on only if one more AMI may be copied into an account and Region at this moment. Raises EC2's error."""
    pending = [image for image in list(ec2_backends[account_id][region].amis.values()) if image.state == "pending"]
    if len(pending) >= MOST_COPIES:
        message = f"Too many AMI copies in progress. The limit is {MOST_COPIES} for this destination region."
        raise EC2ClientError("ResourceLimitExceeded", message)


def fail_image(image: Any, message: str) -> None:
    """Turn an image to `failed`, as EC2 does when the copy of a snapshot cannot be made after the call was accepted."""
    image.state = "failed"
    image.state_reason = {"Code": "Client.InternalError", "Message": message}


def is_deprecated(image: Any) -> bool:
    """Whether an image is deprecated now; the time of a deprecation can lie ahead."""
    until = getattr(image, "deprecation_time", None)
    return until is not None and datetime.fromisoformat(until.replace("Z", "+00:00")) <= datetime.now(timezone.utc)


def deprecate_image(image: Any, when: datetime | None = None) -> None:
    """Set the time from which an image is deprecated, now by default. DescribeImages shows it."""
    when = (when or datetime.now(timezone.utc)).astimezone(timezone.utc)
    image.deprecation_time = when.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def restore_image(image: Any) -> None:
    """Take the deprecation of an image back."""
    image.deprecation_time = None


def last_launch(image: Any) -> datetime | None:
    """When an instance of an image was launched last, by any account in the image's Region; None when none was."""
    region = image.ec2_backend.region_name
    backends = [dict.get(regions, region) for _account, regions in list(ec2_backends.items())]  # not created by looking
    reservations = (one for backend in backends if backend is not None for one in list(backend.reservations.values()))
    instances = (instance for reservation in reservations for instance in reservation.instances if instance.image_id == image.id)
    return max((instance.launch_time.replace(tzinfo=timezone.utc) for instance in instances), default=None)


def copy_image(
    caller: Caller,
    region: str,
    source: Any,
    source_region: str,
    name: str,
    *,
    description: str = "",
    encrypted: bool = False,
    kms_key_id: str | None = None,
    tags: Mapping[str, str] | None = None,
    snapshot_tags: Mapping[str, str] | None = None,
) -> Any:
    """Copy a visible image into the caller's account and the Region. Returns the new Ami.

    EC2 looks at keys only after it has accepted the call: the source's key must let the caller decrypt in the source Region, the target's
    key encrypt in the target Region. When one does not, the new image is `failed` and its StateReason says why.
    """
    wants_key = encrypted or bool(kms_key_id) or ec2_backends[caller.account_id][region].ebs_encryption_by_default
    devices, problem = [], ""
    for device in devices_of(source):
        key_arn, reason = _key_for_copy(caller, region, source_region, device, kms_key_id, wants_key=wants_key)
        devices.append(replace(device, kms_key_arn=key_arn, snapshot_id=""))
        problem = problem or reason
    image = register_image(
        caller.account_id,
        region,
        name,
        devices,
        description=description,
        architecture=source.architecture,
        platform=source.platform,
        tags=tags,
        snapshot_tags=snapshot_tags,
    )
    image.source_image_id, image.source_image_region = source.id, source_region
    if problem:
        fail_image(image, f"AMI snapshot copy failed with error: {problem}")
    return image


def _key_for_copy(
    caller: Caller, region: str, source_region: str, device: BlockDevice, kms_key_id: str | None, *, wants_key: bool
) -> tuple[str | None, str]:
    """Return the key ARN that a copied snapshot gets, None when it stays unencrypted, and why it cannot be made, empty when it can."""
    if device.kms_key_arn:
        for action in ("kms:DescribeKey", "kms:CreateGrant", "kms:Decrypt", "kms:ReEncryptFrom"):
            decision = access.authorize_key(caller, action, device.kms_key_arn, _via_ec2(caller, source_region, action), source_region)
            if not decision.allowed:
                return None, "Given key ID is not accessible"
    elif not wants_key:
        return None, ""
    wanted = kms_key_id or ec2_backends[caller.account_id][region].get_ebs_default_kms_key_id()
    for action in ("kms:DescribeKey", "kms:CreateGrant", "kms:ReEncryptTo", "kms:GenerateDataKeyWithoutPlaintext"):
        decision = access.authorize_key(caller, action, wanted, _via_ec2(caller, region, action), region)
        if decision.code == "NotFoundException":
            return None, f"The specified keyId {wanted} is invalid"
        if not decision.allowed:
            return None, "Given key ID is not accessible"
    return decision.key.arn, ""


def _via_ec2(caller: Caller, region: str, action: str) -> dict[str, str | Sequence[str]]:
    context: dict[str, str | Sequence[str]] = {"kms:ViaService": f"ec2.{region}.amazonaws.com", "kms:CallerAccount": caller.account_id}
    if action == "kms:CreateGrant":
        context["kms:GrantIsForAWSResource"] = "true"
    elif action != "kms:DescribeKey":
        context["kms:EncryptionContextKeys"] = ["aws:ebs:id"]
    return context


class SharedImage:
    """Another account's image as this account sees it: the owner's tags stay hidden, and when it was launched."""

    tags: Sequence[Any] = ()
    tag_list: Sequence[Any] = ()
    tag_set: Sequence[Any] = ()
    last_launched_time = None

    def __init__(self, image: Any) -> None:
        self._image = image

    def __getattr__(self, name: str) -> Any:
        return getattr(self._image, name)

    def get_tags(self) -> list[dict[str, str]]:
        """Return no tags."""
        return []

    def get_filter_value(self, filter_name: str, method_name: str | None = None) -> Any:
        """Return what a filter compares; nothing for the tags."""
        if filter_name.startswith("tag"):
            return []
        return self._image.get_filter_value(filter_name, method_name)


def visible_images(account_id: str, region: str) -> Iterator[Any]:
    """Return the images that an account may see in a Region: its own, those shared with it, its organization or its unit, and public ones.

    Amazon's come last, and are made only when somebody looks that far.
    """
    yield from list(ec2_backends[account_id][region].amis.values())
    organization = organization_context(account_id)
    for owner, regions in list(ec2_backends.items()):
        backend = dict.get(regions, region)  # not created by looking
        if owner in (account_id, AMAZON) or backend is None:
            continue
        for image in list(backend.amis.values()):
            if any(_shares(permission, account_id, organization) for permission in image.launch_permissions):
                yield SharedImage(image)
    if account_id != AMAZON:
        yield from map(SharedImage, list(ec2_backends[AMAZON][region].amis.values()))


def find_image(account_id: str, region: str, image_id: str) -> Any | None:
    """Return an image that an account may see in a Region, None when there is none of that id."""
    return next((image for image in visible_images(account_id, region) if image.id == image_id), None)


def _shares(permission: Mapping[str, str], account_id: str, organization: Mapping[str, str | Sequence[str]]) -> bool:
    """Whether a launch permission covers an account. Ids of organizations and units stand at the end of their ARNs."""
    if permission.get("Group") == "all" or permission.get("UserId") == account_id:
        return True
    if "OrganizationArn" in permission:
        return permission["OrganizationArn"].rsplit("/", 1)[-1] == organization.get("aws:PrincipalOrgID")
    unit = permission.get("OrganizationalUnitArn", "").rsplit("/", 1)[-1]
    return bool(unit) and any(f"/{unit}/" in path for path in organization.get("aws:PrincipalOrgPaths", ()))
