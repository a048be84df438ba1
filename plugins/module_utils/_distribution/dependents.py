# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What in a destination still lives on the images that were delivered to it, or on the source's keys: seen from inside the account.

An encrypted copy stays encrypted with the source's key for good, so what runs on it cannot be started any more once the account has lost the
key. Nothing is ever written here. This module util is private to the collection.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

with contextlib.suppress(ImportError):  # AnsibleAWSModule says so
    import botocore.exceptions

from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.verify import BUILD_TAG
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet import run
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.run import Outcome
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.sessions import Client, Sessions
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import Target

MOST_VALUES = 200  # of a filter, "DescribeInstances" of the EC2 API
MOST_NAMES = 10  # of GetParameters

ALIVE = ["pending", "running", "stopping", "stopped"]


@dataclass(frozen=True)
class Request:
    """Whose images and keys are asked about, and which parameters are known to name images."""

    source_account_ids: Sequence[str]
    key_arns: Collection[str] = ()
    parameter_names: Sequence[str] = ()


@dataclass(frozen=True)
class Dependent:
    """One thing of an account, and the image, key or parameter without which it does not work, or means nothing."""

    kind: str
    id: str
    name: str
    depends_on: str


# --- what the answers of AWS mean (pure) -----------------------------------------------------------------------------------------------------


def of_images(images: Iterable[Mapping[str, Any]]) -> Iterator[Dependent]:
    """The copies themselves, which depend on the image they were made of."""
    for image in images:
        yield Dependent("AMI", image["ImageId"], image.get("Name", ""), _tag(image, BUILD_TAG))


def of_instances(instances: Iterable[Mapping[str, Any]]) -> Iterator[Dependent]:
    """Instances launched from the copies."""
    for instance in instances:
        yield Dependent("instance", instance["InstanceId"], _tag(instance, "Name"), instance["ImageId"])


def of_volumes(volumes: Iterable[Mapping[str, Any]], key_arns: Collection[str]) -> Iterator[Dependent]:
    """Volumes that only the source's keys open."""
    for volume in volumes:
        if volume.get("KmsKeyId") in key_arns:
            yield Dependent("volume", volume["VolumeId"], _tag(volume, "Name"), volume["KmsKeyId"])


def of_launch_templates(versions: Iterable[Mapping[str, Any]], image_ids: Collection[str], parameter_names: Collection[str]) -> Iterator[Dependent]:
    """Launch templates whose newest or default version launches one of the copies, by its id or by a parameter."""
    found: dict[str, Dependent] = {}
    for version in versions:
        image = version.get("LaunchTemplateData", {}).get("ImageId", "")
        resolved = image.removeprefix("resolve:ssm:").partition(":")[0]
        if image in image_ids or (image.startswith("resolve:ssm:") and resolved in parameter_names):
            identity = version["LaunchTemplateId"]
            found.setdefault(identity, Dependent("launch template", identity, version.get("LaunchTemplateName", ""), image))
    yield from found.values()


def of_parameters(parameters: Iterable[Mapping[str, Any]]) -> Iterator[Dependent]:
    """Parameters that were told the id of a copy."""
    for parameter in parameters:
        yield Dependent("parameter", parameter["Name"], parameter["Name"], parameter.get("Value", ""))


def _tag(resource: Mapping[str, Any], key: str) -> str:
    return next((str(tag["Value"]) for tag in resource.get("Tags", []) if tag["Key"] == key), "")


def chunks(values: Sequence[str], size: int) -> Iterator[list[str]]:
    """The values in lists of at most `size`, as the API takes them."""
    for start in range(0, len(values), size):
        yield list(values[start : start + size])


# --- looking ---------------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Looker:
    """Looks into accounts, with their own credentials."""

    sessions: Sessions
    request: Request

    def look(self, target: Target) -> Outcome:
        """The outcome of an account: what depends in each of its Regions. What may not be read is a problem; the rest is told all the same.

        Raises FleetError for credentials of another account.
        """
        self.sessions.account_id(target)
        problems: list[str] = []
        dependents = [
            {"account_id": target.account_id, "account": target.name, "region": region, **vars(dependent)}
            for region in target.regions
            for dependent in self._in_region(target, region, problems)
        ]
        lines = "\n".join(f"{target.name} (account {target.account_id}), {problem}" for problem in problems)
        return Outcome(target.account_id, target.name, failed=bool(problems), msg=lines, result={"dependents": dependents})

    def _in_region(self, target: Target, region: str, problems: list[str]) -> list[Dependent]:
        ec2 = self.sessions.client(target, "ec2", region)
        found: list[Dependent] = []

        def ask(questions: Callable[[], Iterable[Dependent]]) -> list[Dependent]:
            try:
                answer = list(questions())
            except (botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError) as error:
                problems.append(f"{region}: {run.explain(error)[1]}")
                return []
            found.extend(answer)
            return answer

        image_ids = [image.id for image in ask(lambda: of_images(self._images(ec2, self.sessions.partition(target))))]
        ask(lambda: of_instances(instances_of(ec2, image_ids)))
        ask(lambda: of_launch_templates(current_template_versions(ec2), image_ids, self.request.parameter_names))
        if self.request.key_arns:
            encrypted = [{"Name": "encrypted", "Values": ["true"]}]
            ask(lambda: of_volumes(listed(ec2, "describe_volumes", "Volumes", Filters=encrypted), self.request.key_arns))
        if self.request.parameter_names:
            ask(lambda: of_parameters(_parameters(self.sessions.client(target, "ssm", region), self.request.parameter_names)))
        return found

    def _images(self, ec2: Client, partition: str) -> Iterator[Mapping[str, Any]]:
        """The account's own AMIs that Image Builder of a source has made, also those that nobody can launch at the moment."""
        builds = [f"arn:{partition}:imagebuilder:*:{source}:image/*" for source in self.request.source_account_ids]
        made_there = [{"Name": f"tag:{BUILD_TAG}", "Values": builds}]
        return listed(ec2, "describe_images", "Images", Owners=["self"], Filters=made_there, IncludeDeprecated=True, IncludeDisabled=True)


def listed(client: Client, operation: str, member: str, **arguments: Any) -> Iterator[Mapping[str, Any]]:
    """What all pages of a listing have in a member of the answer."""
    for page in client.get_paginator(operation).paginate(**arguments):
        yield from page[member]


def instances_of(ec2: Client, image_ids: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    """The instances of these AMIs that are not terminated."""
    for chunk in chunks(image_ids, MOST_VALUES):
        filters = [{"Name": "image-id", "Values": chunk}, {"Name": "instance-state-name", "Values": ALIVE}]
        for reservation in listed(ec2, "describe_instances", "Reservations", Filters=filters):
            yield from reservation["Instances"]


def current_template_versions(ec2: Client) -> Iterator[Mapping[str, Any]]:
    """The newest and the default version of every launch template, which one call can be asked for."""
    return listed(ec2, "describe_launch_template_versions", "LaunchTemplateVersions", Versions=["$Latest", "$Default"])


def _parameters(ssm: Client, names: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    """The parameters that are there; a name that is not is no error."""
    for chunk in chunks(names, MOST_NAMES):
        yield from ssm.get_parameters(Names=chunk)["Parameters"]
