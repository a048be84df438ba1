# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The policy statements that let an image cross an account border. Pure. Private to this collection.

What each must hold is said in "Set up cross-account AMI distribution with Image Builder" of the EC2 Image Builder user guide and, for the
key policy, shown by the cross-account sample of the service team (aws-samples/amazon-ec2-image-builder-samples).

Every statement carries a Sid that starts with `SID_PREFIX`; that is how ours are told from those of others in the same policy. Statements in
the destination's role carry the source account in the Sid as well, because several sources share that role.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

Statement = dict[str, Any]

SID_PREFIX = "GoldenImageBuilder"

ROLE_NAME = "EC2ImageBuilderDistributionCrossAccountRole"
"""Image Builder looks for the role of a destination by this name, at path `/`; no other is ever tried."""
MANAGED_POLICY_NAME = "Ec2ImageBuilderCrossAccountDistributionAccess"

KMS_POLICY_NAME = f"{SID_PREFIX}Kms"
LAUNCH_TEMPLATES_POLICY_NAME = f"{SID_PREFIX}LaunchTemplates"
PARAMETERS_POLICY_NAME = f"{SID_PREFIX}Parameters"

USE_ACTIONS = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey")
GRANT_ACTIONS = ("kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant")

CREATED_BY = "EC2 Image Builder"
"""Image Builder touches only launch templates that carry the tag CreatedBy with this value."""

OWNER_SID = f"{SID_PREFIX}Owner"
DESTINATIONS_USE_SID = f"{SID_PREFIX}DestinationsUse"
DESTINATIONS_GRANTS_SID = f"{SID_PREFIX}DestinationsGrants"
BUILD_INSTANCES_SID = f"{SID_PREFIX}BuildInstances"
KEY_SIDS = frozenset({DESTINATIONS_USE_SID, DESTINATIONS_GRANTS_SID, BUILD_INSTANCES_SID})
"""Statements of a key policy that follow the inventory. The owner's is written when a key is made and is the owner's from then on."""


def root_arn(partition: str, account_id: str) -> str:
    """The principal that stands for a whole account: who of it may do something is then up to that account's own policies."""
    return f"arn:{partition}:iam::{account_id}:root"


def managed_policy_arn(partition: str) -> str:
    """AWS's managed policy for the role of a destination: copying, tagging and sharing of images."""
    return f"arn:{partition}:iam::aws:policy/{MANAGED_POLICY_NAME}"


# --- key policies of the source --------------------------------------------------------------------------------------------------------------


def key_owner(partition: str, account_id: str) -> Statement:
    """The owner's account administers the key by its IAM policies; without this nobody could ever change the key again.

    It is also what lets the service-linked role of Image Builder use the key in the source account.
    """
    return _allow(OWNER_SID, ["kms:*"], "*", Principal={"AWS": [root_arn(partition, account_id)]})


def key_destinations(partition: str, account_ids: Iterable[str]) -> list[Statement]:
    """What the destinations do with the key: reading and writing the image's snapshots, and grants for AWS's own resources.

    The account and not only its distribution role, because the copy stays encrypted with this key: whoever launches it there needs it too.
    No statement for no account, as AWS refuses an empty principal.
    """
    principals = [root_arn(partition, account_id) for account_id in sorted(set(account_ids))]
    if not principals:
        return []
    for_aws = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
    return [
        _allow(DESTINATIONS_USE_SID, USE_ACTIONS, "*", Principal={"AWS": principals}),
        _allow(DESTINATIONS_GRANTS_SID, GRANT_ACTIONS, "*", Principal={"AWS": principals}, Condition=for_aws),
    ]


def key_build_instances(role_arns: Iterable[str]) -> list[Statement]:
    """Use of the key by the roles of build instances."""
    principals = sorted(set(role_arns))
    return [_allow(BUILD_INSTANCES_SID, USE_ACTIONS, "*", Principal={"AWS": principals})] if principals else []


# --- the role of a destination ---------------------------------------------------------------------------------------------------------------


def trust(partition: str, source_account_ids: Iterable[str]) -> Statement:
    """Image Builder comes with the service-linked role or the execution role of the source account, so that account is trusted.

    Never a wildcard and never an organization: whoever matched could put images and parameters into the destination.
    """
    principals = [root_arn(partition, account_id) for account_id in sorted(set(source_account_ids))]
    return _allow(f"{SID_PREFIX}Sources", ["sts:AssumeRole"], None, Principal={"AWS": principals})


def role_kms(source_account_id: str, key_arns: Iterable[str]) -> list[Statement]:
    """The role reads the image with the key of the build Region and writes its copy with that of the copy's Region."""
    keys = sorted(set(key_arns))
    return [_allow(f"{KMS_POLICY_NAME}{source_account_id}", (*USE_ACTIONS, *GRANT_ACTIONS), keys)] if keys else []


def role_launch_templates(partition: str, source_account_id: str) -> list[Statement]:
    """The role writes new versions of the launch templates that are marked for Image Builder."""
    sid = f"{LAUNCH_TEMPLATES_POLICY_NAME}{{}}{source_account_id}"
    marked = {"StringEquals": {"aws:ResourceTag/CreatedBy": CREATED_BY}}
    marking = {"StringEquals": {"aws:RequestTag/CreatedBy": CREATED_BY}}
    return [
        _allow(sid.format("Versions"), ["ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate"], "*", Condition=marked),
        _allow(sid.format("Describe"), ["ec2:DescribeLaunchTemplates"], "*"),
        _allow(sid.format("Tags"), ["ec2:CreateTags"], f"arn:{partition}:ec2:*:*:launch-template/*", Condition=marking),
    ]


def role_parameters(partition: str, source_account_id: str, account_id: str, prefixes: Iterable[str]) -> list[Statement]:
    """The role writes the image's id to Parameter Store below the prefixes; for the data type aws:ec2:image it must see the image."""
    names = sorted({f"arn:{partition}:ssm:*:{account_id}:parameter/{prefix.lstrip('/').rstrip('*')}*" for prefix in prefixes})
    if not names:
        return []
    sid = f"{PARAMETERS_POLICY_NAME}{{}}{source_account_id}"
    return [_allow(sid.format("Put"), ["ssm:PutParameter"], names), _allow(sid.format("Images"), ["ec2:DescribeImages"], "*")]


def is_of_source(sid: str, source_account_id: str) -> bool:
    """Whether a statement of the role is ours and was written for this source."""
    return sid.startswith(SID_PREFIX) and sid.endswith(source_account_id)


def _allow(sid: str, actions: Iterable[str], resource: str | list[str] | None, **members: Any) -> Statement:
    statement = {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": resource, **members}
    return {key: value for key, value in statement.items() if value is not None}
