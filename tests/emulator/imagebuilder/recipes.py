# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Image recipes: the parent image, the components, the volumes, and what AWS refuses about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import ServiceException
from moto.ssm.models import ssm_backends

from .. import images as ec2_images
from . import documents
from .exceptions import ImageBuilderError, invalid_combination, invalid_value, invalid_version
from .names import Arn, version_problem

if TYPE_CHECKING:
    from .models import ImageBuilderBackend

# EC2's own list of what goes with what.
IOPS_VOLUMES = ("io1", "io2", "gp3")
MOST_COMPONENTS = 20  # the service's quota, before anybody has it raised


@dataclass(frozen=True)
class Parent:
    """What a build starts from. `ami` is moto's object where there is one; Amazon's managed images have none."""

    platform: str
    os_version: str
    root_device: str
    architecture: str = "x86_64"
    ami: Any = None


def prepare(backend: ImageBuilderBackend, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return what Image Builder adds to a recipe's request. Raises the service's errors."""
    if problem := version_problem(request["semanticVersion"]):
        raise invalid_version(problem)
    parent = parent_of(backend, request["parentImage"])
    check_components(backend, request, parent)
    check_volumes(request.get("blockDeviceMappings", []), "blockDeviceMappings")
    return {
        "version": request["semanticVersion"],
        "platform": parent.platform,
        "osVersion": parent.os_version,
        "owner": backend.account_id,
        "type": "AMI",
    }


def parent_of(backend: ImageBuilderBackend, parent: str) -> Parent:
    """Find a recipe's parent image: an image ARN, an AMI id, or `ssm:` and the name or ARN of a parameter that holds an AMI id."""
    if not parent.startswith("arn:"):
        return parent_ami(backend, parent)
    about = parent_image(backend, parent)
    if about["type"] != "AMI":
        raise invalid_value("parentImage", f"The image '{parent}' is no AMI.")
    own = [ami for ami in about["outputResources"]["amis"] if (ami["region"], ami["accountId"]) == (backend.region_name, backend.account_id)]
    if own:
        return parent_ami(backend, own[0]["image"])
    if about["owner"] != "Amazon":
        raise invalid_value("parentImage", f"The image '{parent}' has no AMI in Region {backend.region_name}.")
    return Parent(about["platform"], about["osVersion"], about["rootDevice"], "arm64" if about["name"].endswith("-arm64") else "x86_64")


def parent_image(backend: ImageBuilderBackend, arn: str) -> dict[str, Any]:
    """Return the members of the image of Image Builder that a recipe starts from."""
    try:
        image = backend.find(arn)
    except ServiceException as error:
        raise invalid_value("parentImage", f"The image '{arn}' does not exist, or you are not authorized to use it.") from error
    if image.kind.shape != "Image":
        raise invalid_value("parentImage", f"'{arn}' is not an image.")
    return image.describe()


def resolved_parent(backend: ImageBuilderBackend, parent: str) -> str:
    """Return what a parent image means now: the build of an image, the value of a parameter, or what it is."""
    if parent.startswith("arn:"):
        return str(backend.find(parent).arn)
    return _parameter(backend, parent.removeprefix("ssm:"), "parentImage") if parent.startswith("ssm:") else parent


def parent_ami(backend: ImageBuilderBackend, given: str, path: str = "parentImage") -> Parent:
    """Find an AMI by its id, or by `ssm:` and a parameter that holds it."""
    ami_id = _parameter(backend, given.removeprefix("ssm:"), path) if given.startswith("ssm:") else given
    visible = ec2_images.visible_images(backend.account_id, backend.region_name)
    ami = next((image for image in visible if image.id == ami_id), None)
    if ami is None:
        raise invalid_value(path, f"The AMI '{ami_id}' does not exist, or you are not authorized to use the provided image.")
    platform = "Windows" if str(ami.platform or "").lower() == "windows" else "Linux"
    return Parent(platform, ami.platform or "Linux", ami.root_device_name, ami.architecture or "x86_64", ami)


def _parameter(backend: ImageBuilderBackend, name: str, path: str) -> str:
    parameters = ssm_backends[backend.account_id][backend.region_name]
    found = parameters.get_parameter(name.partition(":parameter")[2] if name.startswith("arn:") else name)
    if found is None:
        raise invalid_value(path, f"The parameter '{name}' does not exist, or you are not authorized to read it.")
    return str(found.value)


def check_components(backend: ImageBuilderBackend, request: Mapping[str, Any], parent: Parent) -> None:
    """Refuse components that do not exist, come twice, or do not go with the parent image."""
    entries = request.get("components", [])
    if len(entries) > MOST_COMPONENTS:
        raise ImageBuilderError("ServiceQuotaExceededException", f"A recipe can have at most {MOST_COMPONENTS} components.")
    named: list[tuple[str, str, str]] = []
    for index, entry in enumerate(entries):
        path = f"components[{index}]"
        component = _check_component(backend, entry, path, parent)
        if component.identity in named:
            raise invalid_value(f"{path}.componentArn", f"You can specify each component only one time in a recipe: '{entry['componentArn']}'.")
        named.append(component.identity)


def _check_component(backend: ImageBuilderBackend, entry: Mapping[str, Any], path: str, parent: Parent) -> Arn:
    arn = entry["componentArn"]
    try:
        component = backend.find(arn)
    except ServiceException as error:
        raise invalid_value(f"{path}.componentArn", f"The component '{arn}' does not exist.") from error
    about = component.values
    if about["platform"] != parent.platform:
        raise invalid_combination(
            f"The component '{arn}' is for platform {about['platform']}, but the parent image is for platform {parent.platform}."
        )
    systems = about.get("supportedOsVersions", [])
    if systems and parent.os_version and not any(parent.os_version.startswith(system) for system in systems):
        raise invalid_combination(f"The component '{arn}' does not support the operating system of the parent image, {parent.os_version}.")
    if problem := documents.parameters_problem(about.get("parameters", []), entry.get("parameters", []), "component"):
        raise invalid_combination(f"The value supplied for parameter '{path}.parameters' is not valid. {problem}")
    return component.arn


def check_volumes(mappings: Sequence[Mapping[str, Any]], path: str) -> None:
    """Refuse what EC2 would refuse of block device mappings."""
    for index, mapping in enumerate(mappings):
        _check_volume(mapping.get("ebs", {}), f"{path}[{index}].ebs")


def _check_volume(volume: Mapping[str, Any], path: str) -> None:
    kind = volume.get("volumeType", "gp2")
    if "kmsKeyId" in volume and not volume.get("encrypted"):
        raise invalid_value(f"{path}.kmsKeyId", "A KMS key can only be specified if 'encrypted' is true.")
    if "kmsKeyId" in volume and "snapshotId" in volume:
        raise invalid_value(f"{path}.kmsKeyId", "A KMS key cannot be specified together with a snapshot.")
    if "iops" in volume and kind not in IOPS_VOLUMES:
        raise invalid_value(f"{path}.iops", f"The volume type '{kind}' does not support IOPS.")
    if kind in ("io1", "io2") and "iops" not in volume:
        raise invalid_value(f"{path}.iops", f"The volume type '{kind}' requires IOPS.")
    if "throughput" in volume and kind != "gp3":
        raise invalid_value(f"{path}.throughput", f"The volume type '{kind}' does not support throughput.")
