# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the build instance runs and what it is: what EC2 says when an infrastructure configuration names what is not there, or does not fit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from moto.ec2.models import ec2_backends
from moto.ec2.models.instance_types import INSTANCE_TYPES

from .failures import RefusedError


def require_place(account_id: str, region: str, infrastructure: Mapping[str, Any]) -> None:
    """Go on only if the network and the key pair are there. Raises RefusedError with EC2's words."""
    backend = ec2_backends[account_id][region]
    vpc_id = _vpc_of(backend, infrastructure.get("subnetId"))
    groups = {group_id: group for by_id in backend.groups.values() for group_id, group in by_id.items()}
    for group_id in infrastructure.get("securityGroupIds", []):
        if group_id not in groups:
            raise _refused("InvalidGroup.NotFound", f"The security group '{group_id}' does not exist")
        if vpc_id and groups[group_id].vpc_id != vpc_id:
            networks = f"Security group {group_id} and subnet {infrastructure['subnetId']} belong to different networks."
            raise _refused("InvalidParameter", networks)
    key_pair = infrastructure.get("keyPair")
    if key_pair and key_pair not in [known.key_name for known in backend.describe_key_pairs([])]:
        raise _refused("InvalidKeyPair.NotFound", f"The key pair '{key_pair}' does not exist")


def _vpc_of(backend: Any, subnet_id: str | None) -> str | None:
    """Return the VPC of a subnet in which an address is free; None without a subnet, for which there has to be a default VPC."""
    subnets = {identity: subnet for by_zone in backend.subnets.values() for identity, subnet in by_zone.items()}
    if not subnet_id:
        if not any(vpc.is_default for vpc in list(backend.vpcs.values())):
            raise _refused("VPCIdNotSpecified", "No default VPC for this user")
        return None
    if subnet_id not in subnets:
        raise _refused("InvalidSubnetID.NotFound", f"The subnet ID '{subnet_id}' does not exist")
    if not subnets[subnet_id].available_ip_address_count:
        message = f"There are not enough free addresses in subnet '{subnet_id}' to satisfy the requested number of instances."
        raise _refused("InsufficientFreeAddressesInSubnet", message)
    return str(subnets[subnet_id].vpc_id)


def require_type(region: str, infrastructure: Mapping[str, Any], architecture: str, backend: Any) -> None:
    """Go on only if one of the instance types is offered and runs the image. Raises RefusedError with EC2's words."""
    wanted = infrastructure.get("instanceTypes", [])
    offered = {each["InstanceType"] for each in backend.describe_instance_type_offerings("region", {"instance-type": wanted})} if wanted else set()
    if wanted and not offered:
        raise _refused("Unsupported", f"The requested configuration is currently not supported: {', '.join(wanted)} in {region}.")
    if offered and not any(architecture in INSTANCE_TYPES[each]["ProcessorInfo"]["SupportedArchitectures"] for each in offered):
        message = f"The architecture '{architecture}' of the specified AMI does not match that of the instance type '{sorted(offered)[0]}'."
        raise _refused("InvalidParameterValue", message)


def _refused(code: str, message: str) -> RefusedError:
    return RefusedError(f"EC2 Client Error: '{code}: {message}'")
