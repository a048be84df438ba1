# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a distribution does in whose name: the actions that must be allowed, by feature. Pure. Private to this collection.

What is to be allowed for them is statements.py. Sources: "Set up cross-account AMI distribution with Image Builder" of the Image Builder user guide,
and AWSServiceRoleForImageBuilder, the managed policy by which the same is done in the source account. Further ones are named where they count.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

from ansible_collections.golden.imagebuilder.plugins.module_utils._access.statements import CREATED_BY, FAST_LAUNCH_CREATED_BY, ROLE_NAME

Who = Literal["source", "destination"]
Tags = Mapping[str, str]

# Copying an encrypted snapshot reads it with its key and writes it with that of the copy ("How Amazon EBS encryption works", EBS user guide).
READ_KEY = ("kms:DescribeKey", "kms:CreateGrant", "kms:Decrypt", "kms:ReEncryptFrom")
WRITE_KEY = ("kms:DescribeKey", "kms:CreateGrant", "kms:ReEncryptTo", "kms:GenerateDataKeyWithoutPlaintext")

_ALL_TAGS = ("aws:ResourceTag/*", "ec2:ResourceTag/*")


@dataclass(frozen=True)
class Place:
    """An account in a Region, and what is to happen there. Keys are given by the ARNs of the keys themselves, not of aliases.

    Everything in the source account itself is done by the source's role, in other accounts by the distribution role of that account.
    """

    partition: str
    source_account: str
    build_region: str
    account_id: str
    region: str
    source_key_arns: Sequence[str] = ()  # with which the snapshots of the built image are encrypted (build Region)
    key_arn: str | None = None  # with which the copy is to be encrypted (this Region)
    launch_permission: bool = False
    launch_templates: Mapping[str, Tags] = field(default_factory=dict)  # id -> its tags
    set_default_version: bool = True
    parameters: Mapping[str, str] = field(default_factory=dict)  # name -> data type
    fast_launch: bool = False
    fast_launch_templates: Mapping[str, Tags] = field(default_factory=dict)  # as launch_templates

    @property
    def is_own(self) -> bool:
        """Whether this is the source account."""
        return self.account_id == self.source_account

    @property
    def is_built_here(self) -> bool:
        """Whether the image is here once it is built, without a copy."""
        return self.is_own and self.region == self.build_region

    @property
    def who(self) -> Who:
        """Who works here."""
        return "source" if self.is_own else "destination"


@dataclass(frozen=True)
class Need:
    """An action that is taken on the way of an image: in whose name, on what, and with which condition keys.

    `resource`, `context` and `complete` are as in `evaluation.Request`. `who` is the role of the source (service-linked or execution role) or that of
    the destination.
    """

    action: str
    resource: str
    resource_account: str
    context: Mapping[str, Any]
    who: Who
    feature: str  # role, copy, encrypted_copy, share, launch_template, parameter, fast_launch
    complete: Sequence[str] = ()


def needs(place: Place) -> list[Need]:
    """All that a distribution to this place does there, in its order; what two features need is there once, for the first of them."""
    found = [
        *_role(place),
        *_copy(place),
        *_encrypted_copy(place),
        *_share(place),
        *_launch_templates(place),
        *_parameters(place),
        *_fast_launch(place),
    ]
    unique: dict[tuple[str, str, str], Need] = {}
    for need in found:
        unique.setdefault((need.action, need.resource, str(sorted(need.context.items(), key=str))), need)
    return list(unique.values())


# --- by feature ------------------------------------------------------------------------------------------------------------------------------


def _role(place: Place) -> Iterator[Need]:
    """The source's role takes that of the destination, which is looked for by its name at path `/`; Image Builder gives no external id."""
    if not place.is_own:
        role = f"arn:{place.partition}:iam::{place.account_id}:role/{ROLE_NAME}"
        yield Need("sts:AssumeRole", role, place.account_id, {"sts:ExternalId": []}, "source", "role")


def _copy(place: Place) -> Iterator[Need]:
    """The four actions of the managed policy Ec2ImageBuilderCrossAccountDistributionAccess, which holds nothing else."""
    if place.is_built_here:
        return
    yield _on_ec2(place, "copy", "ec2:DescribeImages", "*")
    for action in ("ec2:CopyImage", "ec2:CreateTags", "ec2:ModifyImageAttribute"):
        yield _on_ec2(place, "copy", action, _image(place), _made_here())


def _encrypted_copy(place: Place) -> Iterator[Need]:
    if place.is_built_here:
        return
    for arn in sorted(set(place.source_key_arns)):
        yield from (_on_key(place, action, arn, place.build_region) for action in READ_KEY)
    if place.key_arn is not None:
        yield from (_on_key(place, action, place.key_arn, place.region) for action in WRITE_KEY)


def _share(place: Place) -> Iterator[Need]:
    """Launch permissions are attributes of the AMI."""
    if place.launch_permission:
        yield _on_ec2(place, "share", "ec2:ModifyImageAttribute", _image(place), _made_here())


def _launch_templates(place: Place) -> Iterator[Need]:
    """A new version, which becomes the default unless that is not wanted ("LaunchTemplateConfiguration" of the API)."""
    here = partial(_on_ec2, place, "launch_template")
    for identity, tags in place.launch_templates.items():
        yield here("ec2:DescribeLaunchTemplates", "*")
        arn = f"arn:{place.partition}:ec2:{place.region}:{place.account_id}:launch-template/{identity}"
        for action in ("ec2:CreateLaunchTemplateVersion", *(["ec2:ModifyLaunchTemplate"] if place.set_default_version else [])):
            yield here(action, arn, _tagged(tags), complete=_ALL_TAGS)


def _parameters(place: Place) -> Iterator[Need]:
    """For the data type aws:ec2:image Parameter Store has a look at the image in the name of who writes ("Native parameter support for AMI IDs")."""
    for name, data_type in place.parameters.items():
        arn = f"arn:{place.partition}:ssm:{place.region}:{place.account_id}:parameter/{name.removeprefix('/')}"
        yield Need("ssm:PutParameter", arn, place.account_id, {"ssm:Overwrite": "true"}, place.who, "parameter")
        if data_type == "aws:ec2:image":
            yield _on_ec2(place, "parameter", "ec2:DescribeImages", "*")


def _fast_launch(place: Place) -> Iterator[Need]:
    """Fast Launch runs instances in the name of who switches it on ("Prerequisites for EC2 Fast Launch", EC2 user guide).

    What it makes carries a tag of its own. The service-linked role of Fast Launch is no need: it comes only once to an account.
    """
    if not place.fast_launch:
        return
    here = partial(_on_ec2, place, "fast_launch")
    owned = f"arn:{place.partition}:ec2:{place.region}:{place.account_id}"
    templates = {f"{owned}:launch-template/{identity}": tags for identity, tags in place.fast_launch_templates.items()}
    for action in ("DescribeFastLaunchImages", "DescribeImages", *(["DescribeLaunchTemplates"] if templates else [])):
        yield here(f"ec2:{action}", "*")
    yield here("ec2:EnableFastLaunch", _image(place), _made_here())
    for arn, tags in templates.items():
        yield here("ec2:EnableFastLaunch", arn, _tagged(tags), complete=_ALL_TAGS)
        yield here("ec2:RunInstances", arn, _tagged(tags), complete=_ALL_TAGS)
    yield here("ec2:RunInstances", _image(place), _made_here())
    for used in (f"arn:{place.partition}:ec2:{place.region}::snapshot/*", f"{owned}:subnet/*", f"{owned}:security-group/*"):
        yield here("ec2:RunInstances", used)
    for made in (f"{owned}:instance/*", f"{owned}:volume/*"):
        marking = {"aws:RequestTag/CreatedBy": FAST_LAUNCH_CREATED_BY}
        yield here("ec2:RunInstances", made, marking)
        yield here("ec2:CreateTags", made, {**marking, "ec2:CreateAction": "RunInstances"})


# --- parts -----------------------------------------------------------------------------------------------------------------------------------


def _image(place: Place) -> str:
    """The AMI of the place, whose id is not known before it is there."""
    return f"arn:{place.partition}:ec2:{place.region}::image/*"


def _on_ec2(place: Place, feature: str, action: str, resource: str, context: Tags | None = None, *, complete: Sequence[str] = ()) -> Need:
    return Need(action, resource, place.account_id, {"ec2:Region": place.region, **(context or {})}, place.who, feature, complete)


def _on_key(place: Place, action: str, arn: str, region: str) -> Need:
    """What EC2 does with a key in the name of who copies: "Controlling access with kms:ViaService" and "kms:GrantIsForAWSResource" of the KMS guide.

    EBS encrypts in the context of its volume or snapshot. Whether the making of a grant tells of that context is not known.
    """
    context: dict[str, Any] = {"kms:ViaService": f"ec2.{region}.amazonaws.com"}
    if action == "kms:CreateGrant":
        context["kms:GrantIsForAWSResource"] = "true"
    else:
        context["kms:GrantIsForAWSResource"] = []
        context["kms:EncryptionContextKeys"] = [] if action == "kms:DescribeKey" else ["aws:ebs:id"]
    return Need(action, arn, arn.split(":")[4], context, place.who, "encrypted_copy")


def _made_here() -> dict[str, str]:
    """The tags of what Image Builder makes, in the keys for tags that are given and for those that are there."""
    return {"aws:RequestTag/CreatedBy": CREATED_BY, **_tagged({"CreatedBy": CREATED_BY})}


def _tagged(tags: Tags) -> dict[str, str]:
    return {f"{prefix}:ResourceTag/{key}": value for prefix in ("aws", "ec2") for key, value in tags.items()}
