# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who in an account and Region uses AMIs: instances, launch templates, Auto Scaling groups and parameters. Nothing is ever written here.

What may not be looked at is told as unknown, and is never taken for nothing.

This module util is private to the collection.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

with contextlib.suppress(ImportError):  # AnsibleAWSModule says so
    import botocore.exceptions

from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.dependents import (
    MOST_NAMES,
    chunks,
    current_template_versions,
    instances_of,
    listed,
)
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.retirement import Use
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet import run
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.sessions import Client, Sessions
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import Target

_IMAGE_ID = re.compile(r"ami-[0-9a-f]{8,17}")
_MOST_DESCRIBED = 50  # of DescribeParameters, which without being asked answers 10
_RESOLVED = "resolve:ssm:"  # how a launch template names a parameter in place of an AMI


class Mention(NamedTuple):
    """Something that launches instances, and the AMI of these: by its id, or by a parameter in the form of launch templates."""

    kind: str
    name: str
    image: str


class Pinned(NamedTuple):
    """A version of a launch template that an Auto Scaling group asks for by its number."""

    group: str
    template: str
    version: str


# --- what the answers of AWS mean (pure) -----------------------------------------------------------------------------------------------------


def by_instances(instances: Iterable[Mapping[str, Any]]) -> Iterator[Mention]:
    """Instances name the AMI that they were launched of."""
    for instance in instances:
        yield Mention("instance", instance["InstanceId"], instance["ImageId"])


def by_template_versions(versions: Iterable[Mapping[str, Any]]) -> Iterator[Mention]:
    """The versions of launch templates that name an AMI."""
    for version in versions:
        image = version.get("LaunchTemplateData", {}).get("ImageId")
        if image:
            name = f"{version.get('LaunchTemplateName', '')} ({version['LaunchTemplateId']}), version {version['VersionNumber']}"
            yield Mention("launch template", name, image)


def by_groups(groups: Sequence[Mapping[str, Any]], configurations: Mapping[str, str]) -> Iterator[Mention]:
    """Auto Scaling groups that name an AMI themselves, or by their launch configuration (name -> AMI)."""
    for group in groups:
        name = group["AutoScalingGroupName"]
        images = [configurations.get(group.get("LaunchConfigurationName", "")), *(override.get("ImageId") for override in _overrides(group))]
        yield from (Mention("Auto Scaling group", name, image) for image in images if image)


def pinned_versions(groups: Sequence[Mapping[str, Any]]) -> Iterator[Pinned]:
    """The versions of launch templates that groups ask for by number. Of the newest and the default ones the templates tell themselves."""
    for group in groups:
        mixed = group.get("MixedInstancesPolicy", {}).get("LaunchTemplate", {}).get("LaunchTemplateSpecification")
        for one in (group.get("LaunchTemplate"), mixed, *(override.get("LaunchTemplateSpecification") for override in _overrides(group))):
            if one and str(one.get("Version", "")).isdigit():
                yield Pinned(group["AutoScalingGroupName"], one["LaunchTemplateId"], str(one["Version"]))


def _overrides(group: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    overrides: Sequence[Mapping[str, Any]] = group.get("MixedInstancesPolicy", {}).get("LaunchTemplate", {}).get("Overrides", [])
    return overrides


def of_parameters(parameters: Iterable[Mapping[str, Any]], account_id: str) -> Iterator[Use]:
    """Parameters with the id of an AMI in them, as all that they hold or among other things."""
    for parameter in parameters:
        value = str(parameter.get("Value", ""))
        for image_id in dict.fromkeys(_IMAGE_ID.findall(value)):
            yield Use(image_id, "parameter", parameter["Name"], account_id, value == image_id)


# --- looking ---------------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Onlooker:
    """Looks into one account and Region, with its own credentials. What it could not see is added to `unknown`."""

    ec2: Client
    autoscaling: Client
    ssm: Client
    account_id: str
    unknown: list[str]

    @classmethod
    def of(cls, sessions: Sessions, target: Target) -> Onlooker:
        """One for the only Region of a target (see run.by_region)."""
        ec2, autoscaling, ssm = (sessions.client(target, service, target.regions[0]) for service in ("ec2", "autoscaling", "ssm"))
        return cls(ec2, autoscaling, ssm, target.account_id, [])

    def uses(self, image_ids: Sequence[str]) -> list[Use]:
        """Everything that uses one of these AMIs."""
        found = [
            *self._ask(lambda: self._resolved(by_instances(instances_of(self.ec2, image_ids)))),
            *self._ask(lambda: self._resolved(by_template_versions(current_template_versions(self.ec2)))),
            *self._ask(lambda: self._resolved(self._by_groups())),
            *self._ask(lambda: of_parameters(self._parameters(), self.account_id)),
        ]
        wanted = set(image_ids)
        return list(dict.fromkeys(use for use in found if use.image_id in wanted))

    def shared_with(self, image_id: str) -> list[str]:
        """The accounts, organizations and units that may launch an AMI of the account."""
        return list(self._ask(lambda: _holders(self.ec2.describe_image_attribute(ImageId=image_id, Attribute="launchPermission"))))

    def _ask(self, question: Callable[[], Iterable[Any]]) -> list[Any]:
        try:
            return list(question())
        except (botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError) as error:
            said = run.explain(error)[1]
            if said not in self.unknown:
                self.unknown.append(said)
            return []

    def _resolved(self, mentions: Iterable[Mention]) -> Iterator[Use]:
        """The mentions as uses of AMIs; parameters are looked up, each once."""
        values: dict[str, str] = {}
        for kind, name, image in mentions:
            if image.startswith(_RESOLVED) and image not in values:
                values[image] = self._value(image.removeprefix(_RESOLVED))
            yield Use(values.get(image, image), kind, name, self.account_id)

    def _value(self, parameter: str) -> str:
        """What a parameter holds, which may be named with a version or a label, or by its ARN. With one that is not there nothing can be launched."""
        try:
            return str(self.ssm.get_parameter(Name=parameter)["Parameter"]["Value"])
        except (self.ssm.exceptions.ParameterNotFound, self.ssm.exceptions.ParameterVersionNotFound):
            return ""

    def _by_groups(self) -> Iterator[Mention]:
        groups = list(listed(self.autoscaling, "describe_auto_scaling_groups", "AutoScalingGroups"))
        configurations: dict[str, str] = {}
        if any("LaunchConfigurationName" in group for group in groups):
            found = listed(self.autoscaling, "describe_launch_configurations", "LaunchConfigurations")
            configurations = {one["LaunchConfigurationName"]: one["ImageId"] for one in found}
        yield from by_groups(groups, configurations)
        for group, template, version in pinned_versions(groups):
            for mention in by_template_versions(self._template_version(template, version)):
                yield mention._replace(kind="Auto Scaling group", name=f"{group}, by launch template {mention.name}")

    def _template_version(self, template: str, version: str) -> list[Mapping[str, Any]]:
        """A version of a launch template; none when it was deleted, so that its group can launch nothing of it."""
        try:
            answer = self.ec2.describe_launch_template_versions(LaunchTemplateId=template, Versions=[version])
        except botocore.exceptions.ClientError as error:
            if error.response["Error"]["Code"] in ("InvalidLaunchTemplateId.NotFound", "InvalidLaunchTemplateId.VersionNotFound"):
                return []
            raise
        versions: list[Mapping[str, Any]] = answer["LaunchTemplateVersions"]
        return versions

    def _parameters(self) -> Iterator[Mapping[str, Any]]:
        """All parameters that can name an AMI. Those that are encrypted cannot, for EC2 does not resolve them, and nobody has to open them."""
        readable = [{"Key": "Type", "Option": "Equals", "Values": ["String", "StringList"]}]
        pages = {"PageSize": _MOST_DESCRIBED}
        names = [one["Name"] for one in listed(self.ssm, "describe_parameters", "Parameters", ParameterFilters=readable, PaginationConfig=pages)]
        for chunk in chunks(names, MOST_NAMES):
            yield from self.ssm.get_parameters(Names=chunk)["Parameters"]


def _holders(attribute: Mapping[str, Any]) -> Iterator[str]:
    """Who has launch permissions."""
    for permission in attribute.get("LaunchPermissions", []):
        yield "everybody" if permission.get("Group") == "all" else str(*permission.values())
