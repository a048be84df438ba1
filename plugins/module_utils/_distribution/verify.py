# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an AMI is in each account and Region as it should be: what is expected, and the judgement of what an account shows. Pure.

What Image Builder reports is what it asked for; whether the copy is there, encrypted and usable only the account itself can say, which is
asked by `inspection`. This module util is private to the collection.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.regions import known_regions
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import Target, account_id_problems
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import failure
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.problems import Problem

# Image Builder puts this tag, with the ARN of the image build version, on every AMI that it makes.
BUILD_TAG = "Ec2ImageBuilderArn"


@dataclass(frozen=True)
class Request:
    """What is expected of every account: which AMI (by id, by build or by name), and how it has to be."""

    amis: Sequence[Mapping[str, Any]] = ()
    image_build_version_arn: str | None = None
    name: str | None = None
    encrypted: bool = True
    kms_key_ids: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    description: str | None = None
    ssm_parameter_name: str | None = None
    check_launch_templates: bool = False
    check_launch: bool = False
    instance_type: str | None = None

    @property
    def is_by_id_only(self) -> bool:
        """Whether nothing but the list of AMIs tells which AMI is meant."""
        return not self.image_build_version_arn and not self.name

    @property
    def place_of_build(self) -> tuple[str | None, str | None]:
        """Region and account in which the image was built, as far as its ARN is known."""
        parts = (self.image_build_version_arn or "").split(":")
        return (parts[3], parts[4]) if len(parts) > 5 else (None, None)


@dataclass(frozen=True)
class Expected:
    """The AMI that one account must have in one Region, and what of the account has to point at it.

    `name` is what the AMI is looked for by, `exact_name` what it is called when it is known by its id.
    """

    account_id: str
    region: str
    image_id: str | None = None
    image_build_version_arn: str | None = None
    name: str | None = None
    exact_name: str | None = None
    encrypted: bool = True
    kms_key: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    ami_description: str | None = None
    ssm_parameter_name: str | None = None
    launch_template_id: str | None = None

    @property
    def description(self) -> str:
        """The AMI in words."""
        if self.image_id:
            return f"AMI {self.image_id}"
        if self.image_build_version_arn:
            return f"an AMI of {self.image_build_version_arn}"
        return f"an AMI named {self.name}"


@dataclass(frozen=True)
class Found:
    """What the account showed. `key_arn` is the expected key; a problem says why something could not be seen.

    `parameter_value` is that of the expected parameter, `launch_template_image_id` the AMI that the default version of the expected launch
    template starts; they are None where nothing is expected, or where a problem says why there is none.
    """

    image: Mapping[str, Any] | None = None
    snapshots: Sequence[Mapping[str, Any]] = ()
    key_arn: str | None = None
    parameter_value: str | None = None
    launch_template_image_id: str | None = None
    problems: Sequence[str] = ()


def request_problems(request: Request) -> list[Problem]:
    """All that is wrong with a request, before anybody is asked."""
    problems = []
    if request.is_by_id_only and not request.amis:
        problems.append(Problem("amis", "nothing says which AMI is meant: give amis, image_build_version_arn or name."))
    for index, ami in enumerate(request.amis):
        here = f"amis[{index}]"
        problems += [Problem(f"{here}.{key}", "is required here.") for key in ("account_id", "region", "image") if not ami.get(key)]
        if ami.get("account_id"):
            problems += account_id_problems(ami["account_id"], f"{here}.account_id")
    for region, key in request.kms_key_ids.items():
        problems += _key_problems(region, key)
    return problems


def _key_problems(region: str, key: Any) -> list[Problem]:
    """What is wrong with the expected key of a Region: it must be an ARN, and of that Region."""
    path = f"kms_key_ids.{region}"
    if region not in known_regions():
        return [Problem(path, f"{region!r} is not an AWS Region.")]
    parts = str(key).split(":", 5)
    if len(parts) != 6 or parts[2] != "kms" or not parts[5].startswith(("key/", "alias/")):
        return [Problem(path, f"{key!r} is not the ARN of a KMS key or alias; a bare id or alias means something else in each account.")]
    if parts[3] != region:
        return [Problem(path, f"{key} is a key of {parts[3]}; an AMI in {region} can only be encrypted with a key of {region}.")]
    return []


def expectations(target: Target, request: Request) -> list[Expected]:
    """The AMI that the account must have in each of its Regions; of an account without Regions, in each that the list of AMIs names.

    The account of the build is expected to have its AMI as well, but not what is asked of the copies alone: in the Region of the build the
    AMI is described as the recipe says, and Image Builder writes the parameters of the accounts that the distribution names.
    """
    listed = {ami["region"]: ami for ami in request.amis if ami["account_id"] == target.account_id}
    built_in, built_by = request.place_of_build
    is_source = target.account_id == built_by
    templates = (target.launch_templates or {}) if request.check_launch_templates else {}
    return [
        Expected(
            account_id=target.account_id,
            region=region,
            image_id=listed[region]["image"] if region in listed else None,
            image_build_version_arn=request.image_build_version_arn,
            name=request.name,
            exact_name=listed[region].get("name") if region in listed else None,
            encrypted=request.encrypted,
            kms_key=request.kms_key_ids.get(region),
            tags=request.tags,
            ami_description=None if is_source and region == built_in else request.description,
            ssm_parameter_name=None if is_source else request.ssm_parameter_name,
            launch_template_id=templates.get(region),
        )
        for region in target.regions or sorted(listed)
    ]


def judge(expected: Expected, found: Found) -> list[str]:
    """Everything that is not as expected; an empty list is what one hopes for. What could not be seen is a problem, never a pass."""
    image = found.image
    if image is None:
        return [*found.problems, f"{expected.description} does not exist in this account and Region."] if not found.problems else list(found.problems)
    problems = list(found.problems)
    if image.get("State") != "available":
        problems.append(_state_problem(expected, image))
    if image.get("OwnerId") != expected.account_id:
        problems.append(
            f"{image['ImageId']} belongs to account {image.get('OwnerId')}: it is shared with this account, which has no copy of its own."
        )
    problems += _encryption_problems(expected, image, found)
    problems += _text_problems(expected, image)
    problems += _tag_problems(expected, image)
    return problems + _reference_problems(expected, image, found)


def _state_problem(expected: Expected, image: Mapping[str, Any]) -> str:
    """What the state of the AMI means. The reason that EC2 notes on a failed copy is told nowhere else."""
    said = str(image.get("StateReason", {}).get("Message", ""))
    explained = failure.explain(said, expected.account_id, expected.region) if said else None
    meaning = f" {explained[0]} {explained[1]}" if explained else ""
    return f"{image['ImageId']} is {image.get('State')}, not available{f': {said}.' if said else '.'}{meaning}"


def _encryption_problems(expected: Expected, image: Mapping[str, Any], found: Found) -> list[str]:
    """What is wrong with the encryption of the snapshots behind the AMI, every one of them."""
    devices = {mapping["Ebs"]["SnapshotId"]: mapping.get("DeviceName") for mapping in volumes(image)}
    if not expected.encrypted and not expected.kms_key:
        return []
    if not devices:
        return [f"{image['ImageId']} shows no snapshot, so whether it is encrypted cannot be seen."]
    snapshots = {snapshot["SnapshotId"]: snapshot for snapshot in found.snapshots}
    problems = []
    for snapshot_id, device in devices.items():
        snapshot = snapshots.get(snapshot_id)
        name = f"Snapshot {snapshot_id} of {device}"
        if snapshot is None:
            problems.append(f"{name} does not show itself to this account, so its encryption cannot be seen.")
        elif not snapshot.get("Encrypted"):
            problems.append(f"{name} is not encrypted.")
        elif found.key_arn and snapshot.get("KmsKeyId") != found.key_arn:
            problems.append(f"{name} is encrypted with {snapshot.get('KmsKeyId')}, not with {_key_name(expected, found)}.")
    return problems


def _key_name(expected: Expected, found: Found) -> str:
    """The expected key as the user gave it, with what it stands for."""
    return str(found.key_arn) if expected.kms_key == found.key_arn else f"{found.key_arn} ({expected.kms_key})"


def volumes(image: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The block devices that come from snapshots."""
    return [mapping for mapping in image.get("BlockDeviceMappings", []) if mapping.get("Ebs", {}).get("SnapshotId")]


def _text_problems(expected: Expected, image: Mapping[str, Any]) -> list[str]:
    """What is wrong with the name and the description."""
    pairs = (("named", image.get("Name"), expected.exact_name), ("described as", image.get("Description"), expected.ami_description))
    return [f"{image['ImageId']} is {how} {is_!r}, not {should!r}." for how, is_, should in pairs if should is not None and is_ != should]


def _reference_problems(expected: Expected, image: Mapping[str, Any], found: Found) -> list[str]:
    """What of the account points at another AMI. What could not be read is among the problems already."""
    problems = []
    if found.parameter_value is not None and found.parameter_value != image["ImageId"]:
        problems.append(f"Parameter {expected.ssm_parameter_name} is {found.parameter_value!r}, not {image['ImageId']}.")
    if found.launch_template_image_id is not None and found.launch_template_image_id != image["ImageId"]:
        problems.append(
            f"Launch template {expected.launch_template_id} starts {found.launch_template_image_id} by default, not {image['ImageId']}. "
            "Image Builder gives a template of another account the id that the AMI has in the source account."
        )
    return problems


def _tag_problems(expected: Expected, image: Mapping[str, Any]) -> list[str]:
    tags = ami_tags(image)
    return [
        f"Tag {key} is {tags[key]!r}, not {value!r}." if key in tags else f"Tag {key} is missing."
        for key, value in sorted(expected.tags.items())
        if tags.get(key) != value
    ]


def ami_tags(image: Mapping[str, Any]) -> dict[str, str]:
    """The tags of an AMI as a mapping."""
    return {tag["Key"]: tag["Value"] for tag in image.get("Tags", [])}


def newest(images: Iterable[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    """The AMI that was made last."""
    return max(images, key=lambda image: str(image.get("CreationDate", "")), default=None)


def ami_result(expected: Expected, found: Found) -> dict[str, Any]:
    """What a module returns of one account and Region."""
    image = found.image or {}
    snapshots = [snapshot for snapshot in found.snapshots if snapshot.get("SnapshotId")]
    keys = sorted({str(snapshot["KmsKeyId"]) for snapshot in snapshots if snapshot.get("KmsKeyId")})
    return {
        "account_id": expected.account_id,
        "region": expected.region,
        "image_id": image.get("ImageId"),
        "name": image.get("Name"),
        "state": image.get("State", "missing"),
        "creation_date": image.get("CreationDate"),
        "encrypted": bool(snapshots) and all(snapshot.get("Encrypted") for snapshot in snapshots),
        "kms_key_id": ", ".join(keys) or None,
        "expected_kms_key": expected.kms_key,
        "tags": ami_tags(image),
        "parameter_value": found.parameter_value,
        "launch_template_image_id": found.launch_template_image_id,
        "problems": judge(expected, found),
    }
