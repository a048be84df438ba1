# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Grants on the source's keys for Auto Scaling in the destinations. Private to this collection.

Auto Scaling starts instances by its service-linked role, to which nobody can give a permission and which the key policy's trust in the account
does not reach. A grant allows it the key without any policy ("Required AWS KMS key policy for use with encrypted volumes", Amazon EC2 Auto
Scaling user guide); the source makes it, for the key policy lets destinations make grants for AWS's own resources only.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.statements import SID_PREFIX
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.writing import patiently
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.errors import FleetError
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.sessions import Client

NAME = f"{SID_PREFIX}AutoScaling"
"""Tells our grants from those of others, and keeps KMS from making one twice."""

OPERATIONS = (
    "Encrypt",
    "Decrypt",
    "ReEncryptFrom",
    "ReEncryptTo",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "DescribeKey",
    "CreateGrant",
)
_ROLE = "aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
_GRANTEE = re.compile(rf"arn:aws[a-z-]*:iam::(?P<account_id>[0-9]{{12}}):role/{re.escape(_ROLE)}")


def role_arn(partition: str, account_id: str) -> str:
    """The service-linked role of Auto Scaling in an account."""
    return f"arn:{partition}:iam::{account_id}:role/{_ROLE}"


def read(kms: Client, key: str) -> dict[str, str]:
    """The accounts whose Auto Scaling holds a grant of ours on the key, each with the id of the grant."""
    grants = [grant for page in kms.get_paginator("list_grants").paginate(KeyId=key) for grant in page["Grants"]]
    ours = [(_GRANTEE.fullmatch(grant.get("GranteePrincipal", "")), grant["GrantId"]) for grant in grants if grant.get("Name") == NAME]
    return {grantee["account_id"]: grant_id for grantee, grant_id in ours if grantee}


def create(kms: Client, key: str, partition: str, account_ids: Iterable[str]) -> None:
    """Make the grants, one after the other, as KMS takes few of these a second. Raises FleetError after all when accounts lack the role."""
    lacking = []
    for account_id in sorted(account_ids):
        try:
            patiently(kms.create_grant, "NotFoundException")(
                KeyId=key, Name=NAME, GranteePrincipal=role_arn(partition, account_id), Operations=list(OPERATIONS)
            )
        except is_boto3_error_code("InvalidArnException"):
            lacking.append(account_id)
    if lacking:
        raise FleetError(
            "NoAutoScalingRole",
            f"No grant could be made for Auto Scaling in {', '.join(lacking)}: its service-linked role does not exist there. It comes with the "
            f"first Auto Scaling group, or by `aws iam create-service-linked-role --aws-service-name autoscaling.amazonaws.com`. The other "
            f"accounts have their grants.",
        )


def revoke(kms: Client, key: str, account_ids: Iterable[str]) -> None:
    """Take the grants away from these accounts; one that is gone already is gone."""
    present = read(kms, key)
    for account_id in sorted(set(account_ids) & present.keys()):
        try:
            kms.revoke_grant(KeyId=key, GrantId=present[account_id])
        except is_boto3_error_code("NotFoundException"):
            continue
