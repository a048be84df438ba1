# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The distribution: a copy of the AMI in every account and Region, as far as the policies there allow it.

Every step asks the policies that stand in the emulated accounts (rights.py). What one account refuses never keeps another from its copy.
"""

from __future__ import annotations

from typing import Any

from moto.core.exceptions import ServiceException
from moto.ec2.models import ec2_backends

from .. import images as ec2_images
from ..access import Caller
from ..corrections.regions import is_enabled
from . import rights
from .delivery import Delivery, Pair
from .failures import Failure, RefusedError, RegionFailure, distribution_failure

# Member of launchPermission: what EC2 calls one of its values.
PERMISSIONS = {"userIds": "UserId", "userGroups": "Group", "organizationArns": "OrganizationArn", "organizationalUnitArns": "OrganizationalUnitArn"}


def distribute(delivery: Delivery) -> Failure | None:
    """Copy the AMI to every account and Region that has none yet; return what could not be done."""
    failures = []
    for pair in list(delivery.pairs()):
        try:
            if pair.place not in delivery.delivered:
                delivery.delivered[pair.place] = _copy(delivery, pair)
        except RefusedError as refusal:
            failures.append(RegionFailure(*pair.place, str(refusal)))
    return distribution_failure(delivery.account_id, failures) if failures else None


def share(delivery: Delivery) -> Failure | None:
    """Set the launch permissions of the AMIs; return what could not be done."""
    failures = []
    for pair in list(delivery.pairs()):
        try:
            if pair.place in delivery.delivered:
                _share(delivery, pair, delivery.delivered[pair.place])
        except RefusedError as refusal:
            failures.append(RegionFailure(*pair.place, str(refusal)))
    return distribution_failure(delivery.account_id, failures) if failures else None


def _copy(delivery: Delivery, pair: Pair) -> Any:
    """Copy the AMI into one account and Region. Raises RefusedError."""
    partition = delivery.backend.partition
    is_own = pair.account_id == delivery.account_id
    caller = delivery.caller_in(pair.account_id)
    if not is_enabled(pair.account_id, pair.region):
        raise RefusedError("EC2 Client Error: 'AuthFailure: AWS was not able to validate the provided access credentials'")
    rights.require_images(caller, pair.region, partition)
    source_keys = sorted({device.kms_key_arn for device in ec2_images.devices_of(delivery.source) if device.kms_key_arn})
    if not is_own and any(map(rights.is_aws_managed, source_keys)):
        raise RefusedError(rights.AWS_MANAGED_KEY)
    for key_arn in source_keys:
        rights.require_key(caller, rights.READ_KEY, key_arn, delivery.region)
    if "kmsKeyId" in pair.ami:
        rights.require_key(caller, rights.WRITE_KEY, pair.ami["kmsKeyId"], pair.region)
    return _copied(delivery, pair, caller)


def _copied(delivery: Delivery, pair: Pair, caller: Caller) -> Any:
    """Let EC2 copy; what it finds out only after it has accepted the call turns the copy to `failed`. Raises RefusedError."""
    tags, key = delivery.tags_for(pair), pair.ami.get("kmsKeyId")
    try:
        ec2_images.require_room(pair.account_id, pair.region)
    except ServiceException as error:
        raise RefusedError(f"EC2 Client Error: '{error.message}'") from error
    ami = ec2_images.copy_image(
        caller,
        pair.region,
        delivery.source,
        delivery.region,
        delivery.name_for(pair),
        description=pair.ami.get("description", ""),
        encrypted=key is not None,
        kms_key_id=key,
        tags=tags,
        snapshot_tags=tags if pair.account_id == delivery.account_id else {},  # the managed policy of the role lets it tag images only
    )
    if ami.state == "failed":
        raise RefusedError(f"AMI Copy Reported Failure For '{ami.id}': {ami.state_reason['Message']}")
    return ami


def _share(delivery: Delivery, pair: Pair, ami: Any) -> None:
    """Set the launch permissions of an entry on one of its AMIs. Raises RefusedError."""
    permission = pair.ami.get("launchPermission", {})
    wanted = [{name: value} for member, name in PERMISSIONS.items() for value in permission.get(member, [])]
    if not wanted:
        return
    if any(rights.is_aws_managed(device.kms_key_arn) for device in ec2_images.devices_of(ami) if device.kms_key_arn):
        raise RefusedError(rights.AWS_MANAGED_KEY)
    # An AMI that Image Builder did not make has no tag CreatedBy, and AWS's policies for execution roles ask for it.
    arn = f"arn:{delivery.backend.partition}:ec2:{pair.region}::image/{ami.id}"
    rights.require(delivery.caller_in(pair.account_id), "ec2:ModifyImageAttribute", arn, rights.tags_of(ami))
    backend = ec2_backends[pair.account_id][pair.region]
    try:
        backend.modify_image_attribute(ami.id, launch_permissions_to_add=wanted, launch_permissions_to_remove=[])
    except ServiceException as error:
        raise RefusedError(f"EC2 Client Error: '{error.message}'") from error
