# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether an AMI really is in each account and Region, seen from inside the account.

What Image Builder reports is what it asked for; whether the copy is there, encrypted and usable only the account itself can say. The
judgement (`expectations`, `judge`) is pure; `Inspector` looks.

This module util is private to the collection.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

try:
    import botocore
    import botocore.exceptions
except ImportError:
    pass  # AnsibleAWSModule says so

from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet import run
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.regions import known_regions
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.run import Outcome
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.sessions import Sessions
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import Target, account_id_problems
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import failure
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.problems import Problem

# Image Builder puts this tag, with the ARN of the image build version, on every AMI that it makes.
BUILD_TAG = "Ec2ImageBuilderArn"

# Small types that every Region has or will have, by what DescribeImages calls the architecture.
_INSTANCE_TYPES = {"x86_64": "t3.micro", "arm64": "t4g.micro", "i386": "t2.micro", "x86_64_mac": "mac1.metal", "arm64_mac": "mac2.metal"}


@dataclass(frozen=True)
class Request:
    """What is expected of every account: which AMI (by id, by build or by name), and how it has to be."""

    amis: Sequence[Mapping[str, Any]] = ()
    image_build_version_arn: str | None = None
    name: str | None = None
    encrypted: bool = True
    kms_key_ids: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    check_launch: bool = False
    instance_type: str | None = None

    @property
    def is_by_id_only(self) -> bool:
        """Whether nothing but the list of AMIs tells which AMI is meant."""
        return not self.image_build_version_arn and not self.name


@dataclass(frozen=True)
class Expected:
    """The AMI that one account must have in one Region."""

    account_id: str
    region: str
    image_id: str | None = None
    image_build_version_arn: str | None = None
    name: str | None = None
    encrypted: bool = True
    kms_key: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

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
    """What the account showed. `key_arn` is the expected key; a problem says why something could not be seen."""

    image: Mapping[str, Any] | None = None
    snapshots: Sequence[Mapping[str, Any]] = ()
    key_arn: str | None = None
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
    """The AMI that the account must have in each of its Regions; of an account without Regions, in each that the list of AMIs names."""
    listed = {ami["region"]: ami["image"] for ami in request.amis if ami["account_id"] == target.account_id}
    return [
        Expected(
            account_id=target.account_id,
            region=region,
            image_id=listed.get(region),
            image_build_version_arn=request.image_build_version_arn,
            name=request.name,
            encrypted=request.encrypted,
            kms_key=request.kms_key_ids.get(region),
            tags=request.tags,
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
    return problems + _tag_problems(expected, image)


def _state_problem(expected: Expected, image: Mapping[str, Any]) -> str:
    """What the state of the AMI means. The reason that EC2 notes on a failed copy is told nowhere else."""
    said = str(image.get("StateReason", {}).get("Message", ""))
    explained = failure.explain(said, expected.account_id, expected.region) if said else None
    meaning = f" {explained[0]} {explained[1]}" if explained else ""
    return f"{image['ImageId']} is {image.get('State')}, not available{f': {said}.' if said else '.'}{meaning}"


def _encryption_problems(expected: Expected, image: Mapping[str, Any], found: Found) -> list[str]:
    """What is wrong with the encryption of the snapshots behind the AMI, every one of them."""
    volumes = {mapping["Ebs"]["SnapshotId"]: mapping.get("DeviceName") for mapping in _volumes(image)}
    if not expected.encrypted and not expected.kms_key:
        return []
    if not volumes:
        return [f"{image['ImageId']} shows no snapshot, so whether it is encrypted cannot be seen."]
    snapshots = {snapshot["SnapshotId"]: snapshot for snapshot in found.snapshots}
    problems = []
    for snapshot_id, device in volumes.items():
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


def _volumes(image: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The block devices that come from snapshots."""
    return [mapping for mapping in image.get("BlockDeviceMappings", []) if mapping.get("Ebs", {}).get("SnapshotId")]


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
        "problems": judge(expected, found),
    }


@dataclass(frozen=True)
class Inspector:
    """Looks into accounts, with their own credentials. Nothing is ever written."""

    sessions: Sessions
    request: Request

    def inspect(self, target: Target) -> Outcome:
        """The outcome of an account: one entry for each Region, failed when any of them has a problem.

        A Region that cannot be read is a problem of that Region; only credentials that are not the account's raise FleetError.
        """
        self.sessions.account_id(target)
        amis = [self._look(target, expected) for expected in expectations(target, self.request)]
        problems = [f"{ami['region']}: {problem}" for ami in amis for problem in ami["problems"]]
        if not amis:
            problems = ["no Region to look into: the account has no regions, and amis names none for it."]
        lines = "\n".join(f"{target.name} (account {target.account_id}), {problem}" for problem in problems)
        return Outcome(target.account_id, target.name, failed=bool(problems), msg=lines, result={"amis": amis})

    def _look(self, target: Target, expected: Expected) -> dict[str, Any]:
        """One account in one Region."""
        if not expected.image_id and self.request.is_by_id_only:
            found = Found(problems=["The image lists no AMI for this account and Region: it was not delivered."])
        else:
            try:
                found = self._find(target, expected)
            except (botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError) as error:
                found = Found(problems=[run.explain(error)[1]])
        return ami_result(expected, found)

    def _find(self, target: Target, expected: Expected) -> Found:
        """The AMI, its snapshots and the expected key, as the account sees them. Raises ClientError when it may not see AMIs."""
        ec2 = self.sessions.client(target, "ec2", expected.region)
        image = newest(ec2.describe_images(**_selection(expected)).get("Images", []))
        if image is None:
            return Found()
        problems: list[str] = []
        snapshots = self._snapshots(ec2, image, problems) if expected.encrypted or expected.kms_key else []
        key_arn = self._key_arn(target, expected, problems)
        if self.request.check_launch and image.get("State") == "available":
            self._try_launch(ec2, image, problems)
        return Found(image, snapshots, key_arn, problems)

    def _snapshots(self, ec2: Any, image: Mapping[str, Any], problems: list[str]) -> list[Mapping[str, Any]]:
        ids = [mapping["Ebs"]["SnapshotId"] for mapping in _volumes(image)]
        if not ids:
            return []
        try:
            # A filter leaves out what the account may not see, where a list of ids would fail as a whole.
            return list(ec2.describe_snapshots(Filters=[{"Name": "snapshot-id", "Values": ids}])["Snapshots"])
        except botocore.exceptions.ClientError as error:
            problems.append(run.explain(error)[1])
            return []

    def _key_arn(self, target: Target, expected: Expected, problems: list[str]) -> str | None:
        """The ARN of the expected key; an alias is looked up from inside the account, as snapshots show keys only."""
        if not expected.kms_key or ":alias/" not in expected.kms_key:
            return expected.kms_key
        try:
            kms = self.sessions.client(target, "kms", expected.region)
            return str(kms.describe_key(KeyId=expected.kms_key)["KeyMetadata"]["Arn"])
        except botocore.exceptions.ClientError as error:
            problems.append(f"The key behind {expected.kms_key} cannot be seen, give the ARN of the key itself: {run.explain(error)[1]}")
            return None

    def _try_launch(self, ec2: Any, image: Mapping[str, Any], problems: list[str]) -> None:
        """Ask EC2 whether it would launch an instance; nothing is launched. The right answer is an error of a particular name."""
        kind = self.request.instance_type or _INSTANCE_TYPES.get(str(image.get("Architecture")), "t3.micro")
        try:
            ec2.run_instances(ImageId=image["ImageId"], InstanceType=kind, MinCount=1, MaxCount=1, DryRun=True)
        except botocore.exceptions.ClientError as error:
            if error.response.get("Error", {}).get("Code") != "DryRunOperation":
                problems.append(f"{image['ImageId']} cannot be launched as {kind}: {run.explain(error)[1]}")


def _selection(expected: Expected) -> dict[str, Any]:
    """How the AMI is looked for: by id if it is known, else among the account's own by its build or its name."""
    if expected.image_id:
        return {"Filters": [{"Name": "image-id", "Values": [expected.image_id]}]}
    filters = []
    if expected.image_build_version_arn:
        filters.append({"Name": f"tag:{BUILD_TAG}", "Values": [expected.image_build_version_arn]})
    if expected.name:
        filters.append({"Name": "name", "Values": [expected.name]})
    return {"Owners": ["self"], "Filters": filters}
