# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Image Builder must be allowed to do on the way of an image, asked one action after the other.

The KMS actions are those of the EBS guide for copying encrypted snapshots: reading needs DescribeKey, CreateGrant, Decrypt and ReEncryptFrom on the
key of the source, writing needs DescribeKey, CreateGrant, ReEncryptTo and GenerateDataKeyWithoutPlaintext on the key of the copy.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import access
from ..access import Caller
from ..keys import KeyNotFoundError, resolve_key
from .failures import RefusedError

CREATED_BY = "EC2 Image Builder"
SERVICE = "imagebuilder.amazonaws.com"
ROLE = "EC2ImageBuilderDistributionCrossAccountRole"
LIFECYCLE_ROLE = "Ec2ImageBuilderCrossAccountLifecycleAccess"
READ_KEY = ("kms:DescribeKey", "kms:CreateGrant", "kms:Decrypt", "kms:ReEncryptFrom")
WRITE_KEY = ("kms:DescribeKey", "kms:CreateGrant", "kms:ReEncryptTo", "kms:GenerateDataKeyWithoutPlaintext")
AWS_MANAGED_KEY = "EC2 Client Error: 'Snapshots encrypted with the AWS Managed CMK can\u2019t be shared. Specify another snapshot.'"
_TAGGED = {"aws:RequestTag/CreatedBy": CREATED_BY, "aws:ResourceTag/CreatedBy": CREATED_BY, "ec2:ResourceTag/CreatedBy": CREATED_BY}


def distribution_role(caller: Caller, account_id: str, partition: str) -> Caller:
    """Assume the role of a destination account. Raises RefusedError."""
    decision = access.assume_role(caller, f"arn:{partition}:iam::{account_id}:role/{ROLE}")
    if not decision.allowed:
        raise RefusedError(f"STS Client Error: 'AccessDenied: {decision.message}'")
    return Caller.role(account_id, ROLE, partition=partition)


def role_for_service(role_arn: str, source_arn: str) -> Caller:
    """Let Image Builder itself take a role, for the sake of one of its resources. Raises RefusedError.

    The trust policy is told which resource that is, as the user guide has it for the lifecycle roles (aws:SourceAccount, aws:SourceArn).
    The service-linked role is the service's own.
    """
    caller = Caller.from_arn(role_arn)
    if caller.principal_arn == Caller.service_linked(caller.account_id, caller.partition).principal_arn:
        return caller
    context = {"aws:SourceAccount": source_arn.split(":")[4], "aws:SourceArn": source_arn}
    decision = access.assume_role_as_service(SERVICE, role_arn, context)
    if not decision.allowed:
        raise RefusedError(f"STS Client Error: 'AccessDenied: {decision.message}'")
    return caller


def tags_of(resource: Any) -> dict[str, str | Sequence[str]]:
    """Return the condition keys about the tags of something of EC2."""
    return {f"{prefix}:ResourceTag/{tag['key']}": tag["value"] for prefix in ("aws", "ec2") for tag in resource.get_tags()}


def require(caller: Caller, action: str, resource: str, context: dict[str, str | Sequence[str]] | None = None) -> None:
    """Go on only if an action on a resource is allowed. Raises RefusedError."""
    decision = access.authorize(caller, action, resource, _TAGGED if context is None else context)
    if decision.allowed:
        return
    service = action.partition(":")[0].upper()
    lead = "You are not authorized to perform this operation. " if service == "EC2" else ""
    raise RefusedError(f"{service} Client Error: '{lead}{decision.message}'")


def require_images(caller: Caller, region: str, partition: str) -> None:
    """Ask for what the delivery of an AMI does in EC2. Raises RefusedError."""
    image = f"arn:{partition}:ec2:{region}::image/*"
    for action, resource in (("DescribeImages", "*"), ("CopyImage", image), ("CreateTags", image), ("ModifyImageAttribute", image)):
        require(caller, f"ec2:{action}", resource)


def require_key(caller: Caller, actions: Sequence[str], key: str, region: str) -> None:
    """Ask for what EC2 does with a key for the caller. A key that is not there is no matter of rights: EC2 finds out later. Raises RefusedError."""
    for action in actions:
        decision = access.authorize_key(caller, action, key, via_ec2(action, region), region)
        if decision.code == "NotFoundException":
            return
        if not decision.allowed:
            raise RefusedError(f"EC2 Client Error: '{decision.code}: {decision.message}'")


def via_ec2(action: str, region: str) -> dict[str, str | Sequence[str]]:
    """Return the condition keys of a KMS request that EC2 makes for its caller."""
    context: dict[str, str | Sequence[str]] = {"kms:ViaService": f"ec2.{region}.amazonaws.com"}
    if action == "kms:CreateGrant":
        context["kms:GrantIsForAWSResource"] = "true"
    elif action != "kms:DescribeKey":
        context["kms:EncryptionContextKeys"] = ["aws:ebs:id"]
    return context


def find_key(key: str, account_id: str, region: str) -> Any | None:
    """Return moto's Key of what somebody in an account wrote for a key, None when there is none in the Region."""
    try:
        return resolve_key(key, account_id, region)
    except KeyNotFoundError:
        return None


def is_aws_managed(key_arn: str) -> bool:
    """Whether a key is one that AWS made for an account, such as aws/ebs: it cannot be shared."""
    key = find_key(key_arn, key_arn.split(":")[4], key_arn.split(":")[3])
    return key is not None and any(alias.startswith("alias/aws/") for alias in key.aliases)
