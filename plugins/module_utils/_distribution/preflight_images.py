# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the image starts from, and with what each of its volumes is encrypted when it is built. Pure. Private to this collection.

The keys that nobody names, of the parent's snapshots and the default one of EBS, are keys of the run like those that are named: whether they can
leave the account, and who may use them, the checks of keys tell (preflight_keys.py).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._access import statements
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution import preflight_rewriting
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.findings import NOTHING_TO_RUN, Finding, Subject
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.preflight_accounts import entrance, is_open
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.preflight_facts import NOT_THERE, Facts, Parent, Unknown
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.preflight_run import KeyUse
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.remedies import Remedy, shell_remedy

_ROOT_DEVICES = ("/dev/xvda", "/dev/sda1")
"""Names of root volumes of the images that AWS and its sellers offer, of which one is meant where an image does not show its own."""

_MAPPINGS = "image_recipe.block_device_mappings"


@dataclass(frozen=True)
class Volume:
    """A volume of the build instance, of which the image gets a snapshot. `inherited_key` is one that nobody named for it."""

    device: str
    path: str
    is_encrypted: bool
    inherited_key: str | None = None
    unknown: Unknown | None = None  # why its key is not known


# --- volumes ---------------------------------------------------------------------------------------------------------------------------------


def volumes(facts: Facts) -> list[Volume]:
    """The volumes of the image, the parent's and the recipe's. None where the parent is not known, which another finding tells."""
    parent = facts.build.parent
    if not isinstance(parent, Parent):
        return []
    if facts.run.source_image is not None:
        return [_own_volume(facts, device, ebs, "source_image") for device, ebs in _devices(parent).items()]
    inherited = _devices(parent)
    mapped = {_device(parent, mapping): (index, mapping) for index, mapping in enumerate((facts.run.recipe or {}).get("blockDeviceMappings") or ())}
    found = [_inherited_volume(facts, device, ebs) for device, ebs in inherited.items() if device not in mapped]
    for device, (index, mapping) in mapped.items():
        if "ebs" in mapping and "noDevice" not in mapping:
            found.append(_mapped_volume(facts, device, {**inherited.get(device, {}), **_snapshot(mapping)}, index, mapping["ebs"]))
    return found


def _devices(parent: Parent) -> dict[str, Mapping[str, Any]]:
    """The parent's volumes by device. Of an image that shows none, the root volume, which is not encrypted, as public images are not."""
    if parent.ami is None:
        return {_ROOT_DEVICES[0]: {}}
    return {mapping["DeviceName"]: mapping["Ebs"] for mapping in parent.ami.get("BlockDeviceMappings", []) if "Ebs" in mapping}


def _device(parent: Parent, mapping: Mapping[str, Any]) -> str:
    """The device of a mapping; without a name it is that of the root volume."""
    root = _ROOT_DEVICES[0] if parent.ami is None else str(parent.ami.get("RootDeviceName"))
    name = str(mapping.get("deviceName") or root)
    return root if parent.ami is None and name in _ROOT_DEVICES else name


def _snapshot(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """What a mapping says of the snapshot of its volume, in EC2's words."""
    snapshot = (mapping.get("ebs") or {}).get("snapshotId")
    return {"SnapshotId": snapshot} if snapshot else {}


def _mapped_volume(facts: Facts, device: str, from_snapshot: Mapping[str, Any], index: int, ebs: Mapping[str, Any]) -> Volume:
    """A volume for which the recipe says something; a key that it names is a key of the run anyhow."""
    path = f"{_MAPPINGS}[{index}]"
    if ebs.get("encrypted") and ebs.get("kmsKeyId"):
        return Volume(device, path, is_encrypted=True)
    return _inherited_volume(facts, device, from_snapshot, path=path, wants_encryption=bool(ebs.get("encrypted")))


def _inherited_volume(
    facts: Facts, device: str, ebs: Mapping[str, Any], *, path: str = "image_recipe.parent_image", wants_encryption: bool = False
) -> Volume:
    """A volume without a key of its own ("Encryption scenarios" of the EBS user guide).

    From an encrypted snapshot of the account it gets that one's key, from one of another account, or where encryption is wanted or the
    default, the account's default key.
    """
    snapshot = _snapshot_of(facts, ebs)
    if isinstance(snapshot, Unknown):
        return Volume(device, f"{path} ({device})", is_encrypted=True, unknown=snapshot)
    is_encrypted = bool(snapshot.get("Encrypted"))
    if is_encrypted and snapshot.get("OwnerId") == facts.run.source.account_id:
        return Volume(device, f"{path} ({device}, from {ebs['SnapshotId']})", True, str(snapshot["KmsKeyId"]))
    here = facts.in_region(facts.run.source.account_id, facts.run.region)
    if not (is_encrypted or wants_encryption) and here.encryption_by_default is False:
        return Volume(device, f"{path} ({device})", is_encrypted=False)
    reason = "as nothing names a key for it" if is_encrypted or wants_encryption else "as all volumes are encrypted here by default"
    path = f"{path} ({device}, with the default key of EBS, {reason})"
    if not (is_encrypted or wants_encryption) and isinstance(here.encryption_by_default, Unknown):
        return Volume(device, path, is_encrypted=False, unknown=here.encryption_by_default)
    if isinstance(here.default_key, Unknown):
        return Volume(device, path, is_encrypted=True, unknown=here.default_key)
    return Volume(device, path, True, here.default_key)


def _own_volume(facts: Facts, device: str, ebs: Mapping[str, Any], path: str) -> Volume:
    """A volume of an AMI that is distributed as it is."""
    snapshot = _snapshot_of(facts, ebs)
    if isinstance(snapshot, Unknown):
        return Volume(device, f"{path} ({device})", is_encrypted=True, unknown=snapshot)
    key = str(snapshot["KmsKeyId"]) if snapshot.get("Encrypted") and "KmsKeyId" in snapshot else None
    return Volume(device, f"{path} ({device})", bool(snapshot.get("Encrypted")), key)


def _snapshot_of(facts: Facts, ebs: Mapping[str, Any]) -> Mapping[str, Any] | Unknown:
    """The snapshot behind a volume. What is not encrypted, and what is somebody else's, nobody needs to have seen."""
    parent = facts.build.parent
    snapshots = parent.snapshots if isinstance(parent, Parent) else {}
    if "SnapshotId" not in ebs or ebs["SnapshotId"] not in snapshots:
        return {"Encrypted": ebs.get("Encrypted", False)}
    return snapshots[ebs["SnapshotId"]]


def inherited_keys(facts: Facts) -> list[KeyUse]:
    """The keys that the image gets without being told, as keys of the run."""
    everybody = tuple(dict.fromkeys([facts.run.source.account_id, *facts.run.destination_ids()]))
    return [
        KeyUse(facts.run.region, volume.inherited_key, volume.path, everybody, is_of_recipe=True)
        for volume in volumes(facts)
        if volume.inherited_key is not None
    ]


# --- findings --------------------------------------------------------------------------------------------------------------------------------


def _about(facts: Facts, path: str) -> Subject:
    return Subject(facts.run.source.account_id, facts.run.source.name, facts.run.region, path)


def _option(facts: Facts) -> str:
    return "image_recipe.parent_image" if facts.run.source_image is None else "source_image"


def parent_image(facts: Facts) -> Iterator[Finding]:
    """What the image starts from is there, and the account may use it."""
    if not is_open(facts, facts.run.source.account_id) or (facts.run.recipe is None and facts.run.source_image is None):
        return
    parent, about = facts.build.parent, _about(facts, _option(facts))
    if isinstance(parent, Unknown) and parent.code == NOT_THERE:
        needed = "Name one that is there, or have its owner share it with the account, with its snapshots and their keys."
        yield about.error("parent_image_missing", parent.reason, needed)
    elif isinstance(parent, Unknown):
        needed = "Allow ec2:DescribeImages, and for images and parameters imagebuilder:GetImage and ssm:GetParameter."
        yield about.unknown("parent_image_unknown", f"It could not be looked at: {parent.reason}", needed)
    elif parent is not None and parent.ami is not None and parent.ami.get("State") != "available":
        found = f"{parent.ami['ImageId']} is {parent.ami.get('State')}."
        yield about.error("parent_image_state", found, "It has to be available.", _enabled(facts, parent.ami))


def _enabled(facts: Facts, ami: Mapping[str, Any]) -> Remedy:
    """A disabled AMI of the account is enabled again; other states pass, or do not."""
    if ami.get("State") != "disabled" or ami.get("OwnerId") != facts.run.source.account_id:
        return NOTHING_TO_RUN
    call = ["ec2", "enable-image", "--image-id", ami["ImageId"]]
    return shell_remedy(f"Enable {ami['ImageId']}", entrance(facts, facts.run.source.account_id).command(call))


def encryption(facts: Facts) -> Iterator[Finding]:
    """Of every volume it is known how it is encrypted, and when some are, all are."""
    found = volumes(facts)
    for volume in found:
        if volume.unknown is not None and _leaves(facts):
            needed = "Allow ec2:DescribeSnapshots, ec2:GetEbsEncryptionByDefault and ec2:GetEbsDefaultKmsKeyId."
            told = f"The key of this volume could not be seen: {volume.unknown.reason}"
            yield _about(facts, volume.path).unknown("volume_key_unknown", told, needed)
    bare = [volume for volume in found if not volume.is_encrypted and volume.unknown is None]
    if bare and len(bare) < len(found):
        for volume in bare:
            needed = "If that is not meant, map it with encrypted and kms_key_id, as the others."
            told = f"{volume.device} is not encrypted, and other volumes of the image are."
            yield _about(facts, volume.path).warning("volume_not_encrypted", told, needed, _encrypted(facts, volume))


def _leaves(facts: Facts) -> bool:
    """Whether any account but the source gets the image, or may launch it."""
    return bool(facts.run.destination_ids()) or any(facts.run.is_shared(*pair) for pair in facts.run.pairs())


def _encrypted(facts: Facts, volume: Volume) -> Remedy:
    """The recipe's next version, with the volume encrypted as one that is mapped with a key."""
    keys = [(mapping.get("ebs") or {}).get("kmsKeyId") for mapping in (facts.run.recipe or {}).get("blockDeviceMappings") or ()]
    key = next((key for key in keys if key), None)
    return with_key(facts, [volume.device], key) if key else NOTHING_TO_RUN


def with_another_key(facts: Facts, use: KeyUse, key: str) -> Remedy:
    """The recipe's next version, in which all volumes that have the key of a use get another one."""
    mappings = (facts.run.recipe or {}).get("blockDeviceMappings") or ()
    named = [str(mapping.get("deviceName")) for mapping in mappings if (mapping.get("ebs") or {}).get("kmsKeyId") == use.written]
    inherited = [volume.device for volume in volumes(facts) if volume.inherited_key == use.written]
    return with_key(facts, [*named, *inherited], key)


def with_key(facts: Facts, devices: list[str], key: str) -> Remedy:
    """The recipe's next version, with a key for some volumes."""
    if facts.run.source_image is not None:
        return NOTHING_TO_RUN
    wanted = {"encrypted": True, "kmsKeyId": key}
    mappings = [dict(mapping) for mapping in (facts.run.recipe or {}).get("blockDeviceMappings") or ()]
    for device in devices:
        mapping = next((each for each in mappings if str(each.get("deviceName")) == device), None)
        if mapping is None:
            mappings.append({"deviceName": device, "ebs": wanted})
        else:
            mapping["ebs"] = {**(mapping.get("ebs") or {}), **wanted}
    return preflight_rewriting.recipe(facts, f"Encrypt {', '.join(devices)} of the image with a key that can leave the account", mappings)


def source_tag(facts: Facts) -> Iterator[Finding]:
    """An AMI of the account that is distributed carries the tag by which AWS's policies let Image Builder work on it."""
    parent = facts.build.parent
    if facts.run.source_image is None or not isinstance(parent, Parent) or parent.ami is None:
        return
    tags = {tag["Key"]: tag["Value"] for tag in parent.ami.get("Tags", [])}
    if parent.ami.get("OwnerId") != facts.run.source.account_id or tags.get("CreatedBy") == statements.CREATED_BY:
        return
    way, image_id = entrance(facts, facts.run.source.account_id), str(parent.ami["ImageId"])
    tag = {"CreatedBy": statements.CREATED_BY}
    task = way.task(f"Tag {image_id} for Image Builder", "amazon.aws.ec2_tag", {"resource": image_id, "tags": tag, "state": "present"})
    command = way.command(["ec2", "create-tags", "--resources", image_id, "--tags", f"Key=CreatedBy,Value={statements.CREATED_BY}"])
    found = f"{image_id} has no tag CreatedBy: {statements.CREATED_BY}."
    needed = "AWS's policies let Image Builder share and change AMIs with this tag only."
    yield _about(facts, "source_image").error("source_image_tag", found, needed, Remedy(task, command))
