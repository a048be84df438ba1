# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The build: the AMI in the source account and the build Region, which everything else is a copy of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import ServiceException
from moto.ec2.models import ec2_backends
from moto.iam.models import iam_backends

from .. import images as ec2_images
from ..images import BlockDevice
from . import launching, recipes, rights
from .delivery import Delivery
from .failures import Failure, RefusedError

if TYPE_CHECKING:
    from .containers import ContainerDelivery

NO_PROFILE = "The provided instance profile does not exist. Please specify a different instance profile and try again."


def profile_exists(delivery: Delivery | ContainerDelivery) -> bool:
    """Whether there is the instance profile that the infrastructure configuration names."""
    profile = delivery.image["infrastructureConfiguration"]["instanceProfileName"]
    profiles = iam_backends[delivery.account_id][delivery.backend.partition].instance_profiles.values()
    return any(known.name == profile for known in list(profiles))


def launch(delivery: Delivery) -> Failure | None:
    """Launch the build instance; return why it could not be launched."""
    if not profile_exists(delivery):
        return Failure(NO_PROFILE)
    infrastructure, backend = delivery.image["infrastructureConfiguration"], ec2_backends[delivery.account_id][delivery.region]
    try:
        parent = _parent(delivery)
        _devices(delivery, parent)
        launching.require_place(delivery.account_id, delivery.region, infrastructure)
        launching.require_type(delivery.region, infrastructure, parent.architecture, backend)
        rights.require(delivery.caller, "ec2:RunInstances", f"arn:{delivery.backend.partition}:ec2:{delivery.region}::image/*")
    except (RefusedError, ServiceException) as error:
        return Failure(getattr(error, "message", str(error)))
    return None


def create_image(delivery: Delivery) -> Failure | None:
    """Make the AMI; return why it could not be made."""
    pair = delivery.source_pair()
    tags = delivery.tags_for(pair)
    try:
        parent = _parent(delivery)
        devices = _devices(delivery, parent)
        rights.require(delivery.caller, "ec2:CreateImage", f"arn:{delivery.backend.partition}:ec2:{delivery.region}::image/*")
    except (RefusedError, ServiceException) as error:
        return Failure(getattr(error, "message", str(error)))
    delivery.source = ec2_images.register_image(
        delivery.account_id,
        delivery.region,
        delivery.name_for(pair),
        devices,
        description=pair.ami.get("description", delivery.image["imageRecipe"].get("description", "")),
        platform="windows" if parent.platform == "Windows" else None,
        architecture=parent.architecture,
        tags=tags,
        snapshot_tags=tags,
    )
    delivery.delivered[delivery.region, delivery.account_id] = delivery.source
    return None


def _parent(delivery: Delivery) -> recipes.Parent:
    """Return what the build starts from. Raises ServiceException when it is gone meanwhile, and RefusedError when it is no more available."""
    parent = recipes.parent_of(delivery.backend, delivery.image["imageRecipe"]["parentImage"])
    if parent.ami is not None and parent.ami.state != "available":
        raise RefusedError(f"EC2 Client Error: 'InvalidAMIID.Unavailable: The image id '[{parent.ami.id}]' is no longer available'")
    return parent


def _devices(delivery: Delivery, parent: recipes.Parent) -> list[BlockDevice]:
    """Return the volumes of the build: the parent's, changed and extended by the recipe's mappings, the root device first."""
    inherited = ec2_images.devices_of(parent.ami) if parent.ami is not None else [BlockDevice(parent.root_device)]
    backend = ec2_backends[delivery.account_id][delivery.region]
    if parent.ami is not None and parent.ami.owner_id != delivery.account_id:  # a volume from another account's snapshot never has that one's key
        inherited = [replace(device, kms_key_arn=device.kms_key_arn and backend.get_ebs_default_kms_key_id()) for device in inherited]
    devices = {device.device_name: replace(device, snapshot_id="") for device in inherited}
    for mapping in delivery.image["imageRecipe"].get("blockDeviceMappings", []):
        name = mapping.get("deviceName", parent.root_device)
        if "noDevice" in mapping:
            devices.pop(name, None)
        elif "ebs" in mapping:
            devices[name] = _volume(delivery, devices.get(name, BlockDevice(name)), mapping["ebs"])
    if backend.ebs_encryption_by_default:
        default = backend.get_ebs_default_kms_key_id()
        devices = {name: replace(device, kms_key_arn=device.kms_key_arn or default) for name, device in devices.items()}
    return list(devices.values())


def _volume(delivery: Delivery, device: BlockDevice, ebs: Mapping[str, Any]) -> BlockDevice:
    """Return a device as a recipe wants it. Raises RefusedError."""
    key_arn = device.kms_key_arn
    if ebs.get("encrypted"):
        wanted = ebs.get("kmsKeyId") or key_arn or ec2_backends[delivery.account_id][delivery.region].get_ebs_default_kms_key_id()
        rights.require_key(delivery.caller, rights.WRITE_KEY, wanted, delivery.region)
        key = rights.find_key(wanted, delivery.account_id, delivery.region)
        if key is None:
            raise RefusedError(f"EC2 Client Error: 'The specified keyId {wanted} is invalid.'")
        key_arn = key.arn
    return replace(
        device,
        size=ebs.get("volumeSize", device.size),
        volume_type=ebs.get("volumeType", device.volume_type),
        delete_on_termination=ebs.get("deleteOnTermination", device.delete_on_termination),
        iops=ebs.get("iops", device.iops),
        throughput=ebs.get("throughput", device.throughput),
        kms_key_arn=key_arn,
    )
