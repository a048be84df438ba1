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

LIFECYCLE_ROLE_NAME = "Ec2ImageBuilderCrossAccountLifecycleAccess"
"""Image Builder looks for the role by which it deletes and disables AMIs of a destination by this name ("Manage image lifecycles")."""
LIFECYCLE_MANAGED_POLICY_NAME = "service-role/EC2ImageBuilderLifecycleExecutionPolicy"
SERVICE = "imagebuilder.amazonaws.com"
"""Image Builder as a principal; it has this name in every partition."""
FAST_LAUNCH_SERVICE = "ec2fastlaunch.amazonaws.com"

KMS_POLICY_NAME = f"{SID_PREFIX}Kms"
LAUNCH_TEMPLATES_POLICY_NAME = f"{SID_PREFIX}LaunchTemplates"
PARAMETERS_POLICY_NAME = f"{SID_PREFIX}Parameters"
FAST_LAUNCH_POLICY_NAME = f"{SID_PREFIX}FastLaunch"

USE_ACTIONS = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey")
GRANT_ACTIONS = ("kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant")

CREATED_BY = "EC2 Image Builder"
"""Image Builder touches only launch templates that carry the tag CreatedBy with this value."""

FAST_LAUNCH_CREATED_BY = "EC2 Fast Launch"
"""The value of that tag on instances and volumes that Fast Launch runs to make its snapshots."""

OWNER_SID = f"{SID_PREFIX}Owner"
DESTINATIONS_USE_SID = f"{SID_PREFIX}DestinationsUse"
DESTINATIONS_GRANTS_SID = f"{SID_PREFIX}DestinationsGrants"
BUILD_INSTANCES_SID = f"{SID_PREFIX}BuildInstances"
ORGANIZATIONS_USE_SID = f"{SID_PREFIX}OrganizationsUse"
ORGANIZATIONS_GRANTS_SID = f"{SID_PREFIX}OrganizationsGrants"
UNITS_USE_SID = f"{SID_PREFIX}OrganizationalUnitsUse"
UNITS_GRANTS_SID = f"{SID_PREFIX}OrganizationalUnitsGrants"
KEY_SIDS = frozenset(
    {
        DESTINATIONS_USE_SID,
        DESTINATIONS_GRANTS_SID,
        ORGANIZATIONS_USE_SID,
        ORGANIZATIONS_GRANTS_SID,
        UNITS_USE_SID,
        UNITS_GRANTS_SID,
        BUILD_INSTANCES_SID,
    }
)
"""Statements of a key policy that follow the inventory. The owner's is written when a key is made and is the owner's from then on."""

ORGANIZATION_ID = "aws:PrincipalOrgID"
ORGANIZATION_PATHS = "aws:PrincipalOrgPaths"

_FOR_AWS_RESOURCES = {"Bool": {"kms:GrantIsForAWSResource": "true"}}


def root_arn(partition: str, account_id: str) -> str:
    """The principal that stands for a whole account: who of it may do something is then up to that account's own policies."""
    return f"arn:{partition}:iam::{account_id}:root"


def managed_policy_arn(partition: str, name: str = MANAGED_POLICY_NAME) -> str:
    """A managed policy of AWS; by default that of the distribution role, which allows copying, tagging and sharing of images."""
    return f"arn:{partition}:iam::aws:policy/{name}"


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
    return [
        _allow(DESTINATIONS_USE_SID, USE_ACTIONS, "*", Principal={"AWS": principals}),
        _allow(DESTINATIONS_GRANTS_SID, GRANT_ACTIONS, "*", Principal={"AWS": principals}, Condition=_FOR_AWS_RESOURCES),
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


def lifecycle_trust(partition: str, source_account_ids: Iterable[str]) -> list[Statement]:
    """The service itself comes to clean up, so it is let in for the images of the source accounts only; else it could be sent by anybody.

    A statement for each source, as account and images of it belong together.
    """
    return [
        _allow(
            f"{SID_PREFIX}Lifecycle{account_id}",
            ["sts:AssumeRole"],
            None,
            Principal={"Service": SERVICE},
            Condition={
                "StringEquals": {"aws:SourceAccount": account_id},
                "ArnLike": {"aws:SourceArn": f"arn:{partition}:imagebuilder:*:{account_id}:image/*/*/*"},
            },
        )
        for account_id in sorted(set(source_account_ids))
    ]


def role_kms(source_account_id: str, key_arns: Iterable[str]) -> list[Statement]:
    """The role reads the image with the key of the build Region and writes its copy with that of the copy's Region.

    Grants it makes only through EBS, as the key policy has it too; with them it could else hand the key on to anybody.
    """
    keys = sorted(set(key_arns))
    if not keys:
        return []
    sid = f"{KMS_POLICY_NAME}{{}}{source_account_id}"
    return [
        _allow(sid.format(""), USE_ACTIONS, keys),
        _allow(sid.format("Grants"), GRANT_ACTIONS, keys, Condition={"Bool": {"kms:GrantIsForAWSResource": "true"}}),
    ]


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


def role_parameters(partition: str, source_account_id: str, account_id: str, prefixes: Iterable[str], names: Iterable[str] = ()) -> list[Statement]:
    """The role writes the image's id to the parameters of these names, and to those below the prefixes.

    For the data type aws:ec2:image it must see the image.
    """
    parameters = [*(f"{prefix.rstrip('*')}*" for prefix in prefixes), *names]
    if not parameters:
        return []
    arns = sorted({f"arn:{partition}:ssm:*:{account_id}:parameter/{parameter.lstrip('/')}" for parameter in parameters})
    sid = f"{PARAMETERS_POLICY_NAME}{{}}{source_account_id}"
    return [_allow(sid.format("Put"), ["ssm:PutParameter"], arns), _allow(sid.format("Images"), ["ec2:DescribeImages"], "*")]


def role_fast_launch(partition: str, source_account_id: str) -> list[Statement]:
    """The role switches Fast Launch on for images of Image Builder, with launch templates that are marked for it.

    Image Builder leaves that to the account (user guide, "Distribute AMIs"); through the role the source can do it there.
    Fast Launch makes its snapshots from instances that it runs in the name of the role. What is wanted is what the service-linked role of
    Image Builder has for its own account, less the making of networks and the passing of roles: the launch template names a subnet.
    """
    sid = f"{FAST_LAUNCH_POLICY_NAME}{{}}{source_account_id}"
    ec2 = f"arn:{partition}:ec2:*"
    built = [f"{ec2}:*:launch-template/*", f"{ec2}::image/*"]
    used = [f"{ec2}::snapshot/*", *(f"{ec2}:*:{kind}/*" for kind in ("key-pair", "network-interface", "security-group", "subnet")), *built]
    made = [f"{ec2}:*:{kind}/*" for kind in ("instance", "volume")]
    service_role = f"arn:{partition}:iam::*:role/aws-service-role/{FAST_LAUNCH_SERVICE}/*"
    describe = ["ec2:DescribeFastLaunchImages", "ec2:DescribeImages", "ec2:DescribeLaunchTemplateVersions", "ec2:DescribeLaunchTemplates"]
    return [
        _allow(
            sid.format("Enable"),
            ["ec2:EnableFastLaunch", "ec2:DisableFastLaunch"],
            built,
            Condition={"StringEquals": {"aws:ResourceTag/CreatedBy": CREATED_BY}},
        ),
        _allow(sid.format("Describe"), describe, "*"),
        _allow(sid.format("Use"), ["ec2:RunInstances"], sorted(used)),
        _allow(sid.format("Run"), ["ec2:RunInstances"], made, Condition={"StringEquals": {"aws:RequestTag/CreatedBy": FAST_LAUNCH_CREATED_BY}}),
        _allow(sid.format("Tags"), ["ec2:CreateTags"], made, Condition={"StringEquals": {"ec2:CreateAction": "RunInstances"}}),
        _allow(
            sid.format("ServiceRole"),
            ["iam:CreateServiceLinkedRole"],
            service_role,
            Condition={"StringEquals": {"iam:AWSServiceName": FAST_LAUNCH_SERVICE}},
        ),
    ]


def is_of_source(sid: str, source_account_id: str) -> bool:
    """Whether a statement of the role is ours and was written for this source."""
    return sid.startswith(SID_PREFIX) and sid.endswith(source_account_id)


def _allow(sid: str, actions: Iterable[str], resource: str | list[str] | None, **members: Any) -> Statement:
    statement = {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": resource, **members}
    return {key: value for key, value in statement.items() if value is not None}


# --- key policies that name an organization instead of its accounts --------------------------------------------------------------------------


def key_organizations(organization_ids: Iterable[str]) -> list[Statement]:
    """What `key_destinations` allows, to every account of these organizations ("Allow organizations and OUs to use a KMS key", EC2 user guide)."""
    condition = {"StringEquals": {ORGANIZATION_ID: sorted(set(organization_ids))}}
    return _key_members(ORGANIZATIONS_USE_SID, ORGANIZATIONS_GRANTS_SID, condition) if condition["StringEquals"][ORGANIZATION_ID] else []


def key_organizational_units(paths: Iterable[str]) -> list[Statement]:
    """What `key_destinations` allows, to every account in or below these organizational units.

    The path alone, without the id of the organization beside it: a path begins with that id, and two conditions in one statement would have to
    hold both, which takes from each other what two runs add to them.
    """
    condition = {"ForAnyValue:StringLike": {ORGANIZATION_PATHS: sorted({unit_pattern(path) for path in paths})}}
    return _key_members(UNITS_USE_SID, UNITS_GRANTS_SID, condition) if condition["ForAnyValue:StringLike"][ORGANIZATION_PATHS] else []


def unit_pattern(path: str) -> str:
    """The pattern for an organizational unit and all below it, of its path with or without what makes it one."""
    return f"{path.rstrip('*').rstrip('/')}/*"


def _key_members(use_sid: str, grants_sid: str, condition: dict[str, Any]) -> list[Statement]:
    everybody = {"AWS": ["*"]}
    return [
        _allow(use_sid, USE_ACTIONS, "*", Principal=everybody, Condition=condition),
        _allow(grants_sid, GRANT_ACTIONS, "*", Principal=everybody, Condition={**condition, **_FOR_AWS_RESOURCES}),
    ]
