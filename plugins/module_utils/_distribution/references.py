# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tells an account of its AMI: parameters, launch templates and launch permissions. What is to be there is pure; `Writer` writes it.

Everything is added, nothing taken away: a launch template gets another version, made of its default one and of nothing but another AMI, a parameter
another value if it held an AMI, an AMI more permissions.

This module util is private to the collection.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.errors import FleetError
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.sessions import Client

# What failed, as the API's shape ImageConfigurationStep has it. Permissions are no step of their own there, but an action of the workflow.
PARAMETERS = "PUT_SSM_PARAMETERS"
LAUNCH_TEMPLATES = "UPDATE_LAUNCH_TEMPLATES"
PERMISSIONS = "MODIFY_IMAGE_ATTRIBUTES"

KINDS = {PARAMETERS: "parameter", LAUNCH_TEMPLATES: "launch template", PERMISSIONS: "launch permission"}
"""Each in words."""

IMAGE_ID = re.compile(r"ami-[0-9a-f]{8,17}")

RESOLVE = "resolve:ssm:"
"""What stands before the name of a parameter in a launch template that looks for its AMI there (EC2 user guide)."""

_PAUSES = (0.2, 0.5, 1, 2, 4, 8)
"""Seconds. Systems Manager takes a parameter of the type aws:ec2:image before it has looked for the AMI, and shows it afterwards."""

# API shape LaunchPermissionConfiguration -> member of EC2's LaunchPermission.
_PERMISSIONS = {"userIds": "UserId", "userGroups": "Group", "organizationArns": "OrganizationArn", "organizationalUnitArns": "OrganizationalUnitArn"}


@dataclass(frozen=True)
class Reference:
    """One thing of an account and Region that is to tell of the AMI there.

    `name` is a parameter's name, a launch template's id, or for permissions the AMI's own id. `also_right` are other values that serve.
    """

    step: str
    account_id: str
    region: str
    name: str
    image_id: str
    settings: Mapping[str, Any] = field(default_factory=dict)
    also_right: Sequence[str] = ()

    @property
    def kind(self) -> str:
        """What it is, in words."""
        return KINDS[self.step]

    def serves(self, value: Any) -> bool:
        """Whether a value is right as it is."""
        return value in (self.image_id, *self.also_right)


@dataclass(frozen=True)
class Change:
    """A reference as it was and as it is, or in check mode will be; None for what was not looked at, {} for what was not there."""

    reference: Reference
    before: Mapping[str, Any] | None
    after: Mapping[str, Any]

    @property
    def changed(self) -> bool:
        """Whether anything was, or would be, written."""
        return self.before != self.after

    def to_result(self) -> dict[str, Any]:
        """The reference as a module returns it."""
        named = {"kind": self.reference.kind, "name": self.reference.name, "image_id": self.reference.image_id}
        return {**named, "changed": self.changed, **{name: value for name, value in self.after.items() if name != "image_id"}}


@dataclass(frozen=True)
class Writer:
    """Writes the references of one account and Region.

    `client` gives the client of a service there. Image Builder's role may write what it is to write but not read it, so with `reads` off it is
    written as it is wanted, whatever is there.
    """

    client: Callable[[str], Client]
    reads: bool = True
    check_mode: bool = False

    def write(self, reference: Reference) -> Change:
        """Have a reference as it is wanted, and look whether it is. Raises ClientError, and FleetError for what is not ours to write."""
        writers = {PARAMETERS: self._parameter, LAUNCH_TEMPLATES: self._launch_template, PERMISSIONS: self._permissions}
        return writers[reference.step](reference)

    # --- parameters

    def _parameter(self, reference: Reference) -> Change:
        ssm = self.client("ssm")
        wanted = {"image_id": reference.image_id, "data_type": str(reference.settings.get("data_type", "text"))}
        before = _read_parameter(ssm, reference) if self.reads else None
        if before != wanted and not self.check_mode:
            # Without a look at it, it may be there or not.
            ssm.put_parameter(
                Name=reference.name, Value=reference.image_id, Type="String", DataType=wanted["data_type"], Overwrite=before is None or bool(before)
            )
            if self.reads:
                _until(lambda: _read_parameter(ssm, reference), wanted, reference)
        return Change(reference, before, wanted)

    # --- launch templates

    def _launch_template(self, reference: Reference) -> Change:
        ec2 = self.client("ec2")
        is_default = bool(reference.settings.get("set_default_version", True))
        versions = _read_versions(ec2, reference) if self.reads else None
        before = versions.shown(is_default) if versions else None
        if versions and reference.serves(versions.pointed(is_default).get("ImageId")):
            return Change(reference, before, before or {})
        if self.check_mode:
            return Change(reference, before, {"image_id": reference.image_id, "version": versions.foretold(reference) if versions else None})
        number = self._make_version(ec2, reference, versions)
        if is_default:
            ec2.modify_launch_template(LaunchTemplateId=reference.name, DefaultVersion=str(number))
        after = {"image_id": reference.image_id, "version": number}
        if self.reads:
            _until(lambda: _read_versions(ec2, reference).shown(is_default), after, reference)
        return Change(reference, before, after)

    def _make_version(self, ec2: Client, reference: Reference, versions: _Versions | None) -> int:
        """The number of a version with the AMI; one that an interrupted run has made is taken."""
        if versions and versions.is_made(reference):
            return int(versions.latest["VersionNumber"])
        base = str(versions.default["VersionNumber"]) if versions else "$Default"
        made = ec2.create_launch_template_version(
            LaunchTemplateId=reference.name,
            SourceVersion=base,
            VersionDescription=f"{reference.image_id}, by golden.imagebuilder",
            LaunchTemplateData={"ImageId": reference.image_id},
            # The same request, sent twice, is one version; EC2 takes 128 characters.
            ClientToken=hashlib.sha256("/".join((reference.name, base, reference.image_id)).encode()).hexdigest(),
        )
        return int(made["LaunchTemplateVersion"]["VersionNumber"])

    # --- launch permissions

    def _permissions(self, reference: Reference) -> Change:
        ec2 = self.client("ec2")
        wanted = [{name: value} for member, name in _PERMISSIONS.items() for value in reference.settings.get(member, [])]
        there = _read_permissions(ec2, reference) if self.reads else None
        missing = [one for one in wanted if one not in (there or [])]
        if missing and not self.check_mode:
            ec2.modify_image_attribute(ImageId=reference.name, LaunchPermission={"Add": missing})
        before = None if there is None else {"launch_permission": there}
        return Change(reference, before, {"launch_permission": [*(there or []), *missing]})


def _read_parameter(ssm: Client, reference: Reference) -> dict[str, Any]:
    """The AMI that a parameter names, and its data type; {} where there is none. Raises FleetError for a parameter with anything else in it."""
    found = ssm.get_parameters(Names=[reference.name])["Parameters"]
    if not found:
        return {}
    (parameter,) = found
    if parameter["Type"] != "String" or not IMAGE_ID.fullmatch(str(parameter["Value"])):
        raise FleetError(
            "NoImageParameter",
            f"Parameter {reference.name} holds something else than the id of an AMI, so it is left alone. Take another name, or delete it.",
        )
    return {"image_id": parameter["Value"], "data_type": parameter.get("DataType", "text")}


@dataclass(frozen=True)
class _Versions:
    """The default and the newest version of a launch template, which may be the same."""

    default: Mapping[str, Any]
    latest: Mapping[str, Any]

    def pointed(self, is_default: bool) -> Mapping[str, Any]:
        """The data of the version that is to launch the AMI."""
        data: Mapping[str, Any] = (self.default if is_default else self.latest).get("LaunchTemplateData", {})
        return data

    def shown(self, is_default: bool) -> dict[str, Any]:
        """That version as diffs show it."""
        version = self.default if is_default else self.latest
        return {"image_id": self.pointed(is_default).get("ImageId"), "version": version["VersionNumber"]}

    def is_made(self, reference: Reference) -> bool:
        """Whether the newest version is the default one with the AMI, and with nothing else that differs."""
        wanted = {**self.default.get("LaunchTemplateData", {}), "ImageId": reference.image_id}
        return bool(self.latest.get("LaunchTemplateData") == wanted)

    def foretold(self, reference: Reference) -> int:
        """The number of the version that would launch the AMI."""
        number = int(self.latest["VersionNumber"])
        return number if self.is_made(reference) else number + 1


def _read_versions(ec2: Client, reference: Reference) -> _Versions:
    answer = ec2.describe_launch_template_versions(LaunchTemplateId=reference.name, Versions=["$Default", "$Latest"])
    versions = answer["LaunchTemplateVersions"]
    default = next(version for version in versions if version.get("DefaultVersion"))
    return _Versions(default, max(versions, key=lambda version: int(version["VersionNumber"])))


def _read_permissions(ec2: Client, reference: Reference) -> list[dict[str, str]]:
    answer = ec2.describe_image_attribute(ImageId=reference.name, Attribute="launchPermission")
    return [dict(permission) for permission in answer.get("LaunchPermissions", [])]


def _until(read: Callable[[], Mapping[str, Any]], wanted: Mapping[str, Any], reference: Reference) -> None:
    """Read back what was written until it shows. Raises FleetError when it does not."""
    for pause in (0.0, *_PAUSES):
        time.sleep(pause)
        if read() == wanted:
            return
    raise FleetError(
        "NotWritten",
        f"AWS took the change of {reference.kind} {reference.name}, but it still does not show {reference.image_id}. Systems Manager drops, without "
        "an error, a parameter of the type aws:ec2:image whose AMI the writer may not see: allow ec2:DescribeImages. Or somebody else writes it too.",
    )
