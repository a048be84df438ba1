# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Image recipes: the parent image, the components, the volumes, and what AWS refuses about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import ServiceException
from moto.ssm.models import ssm_backends

from .. import images as ec2_images
from .exceptions import invalid_combination, invalid_value, invalid_version
from .names import Arn, version_problem

if TYPE_CHECKING:
    from .models import ImageBuilderBackend

# EC2's own list of what goes with what.
IOPS_VOLUMES = ("io1", "io2", "gp3")


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
    for index, component in enumerate(request.get("components", [])):
        _check_component(backend, component, f"components[{index}]", parent.platform)
    for index, mapping in enumerate(request.get("blockDeviceMappings", [])):
        _check_volume(mapping.get("ebs", {}), f"blockDeviceMappings[{index}].ebs")
    return {
        "version": request["semanticVersion"],
        "platform": parent.platform,
        "osVersion": parent.os_version,
        "owner": backend.account_id,
        "type": "AMI",
    }


def parent_of(backend: ImageBuilderBackend, parent_image: str) -> Parent:
    """Find a recipe's parent image: an image ARN, an AMI id, or `ssm:` and the name or ARN of a parameter that holds an AMI id."""
    if parent_image.startswith("ssm:"):
        return _parent_ami(backend, _parameter(backend, parent_image.removeprefix("ssm:")))
    if parent_image.startswith("ami-"):
        return _parent_ami(backend, parent_image)
    try:
        image = backend.find(parent_image)
    except (ServiceException, ValueError) as error:
        raise invalid_value("parentImage", f"The image '{parent_image}' does not exist, or you are not authorized to use it.") from error
    if image.arn.type != "image":
        raise invalid_value("parentImage", f"'{parent_image}' is not an image.")
    about = image.describe()
    own = [ami for ami in about["outputResources"]["amis"] if (ami["region"], ami["accountId"]) == (backend.region_name, backend.account_id)]
    if own:
        return _parent_ami(backend, own[0]["image"])
    if image.arn.account != "aws":
        raise invalid_value("parentImage", f"The image '{parent_image}' has no AMI in Region {backend.region_name}.")
    return Parent(about["platform"], about["osVersion"], about["rootDevice"], "arm64" if image.arn.name.endswith("-arm64") else "x86_64")


def _parameter(backend: ImageBuilderBackend, name: str) -> str:
    parameters = ssm_backends[backend.account_id][backend.region_name]
    found = parameters.get_parameter(name.partition(":parameter")[2] if name.startswith("arn:") else name)
    if found is None:
        raise invalid_value("parentImage", f"The parameter '{name}' does not exist, or you are not authorized to read it.")
    return str(found.value)


def _parent_ami(backend: ImageBuilderBackend, ami_id: str) -> Parent:
    visible = ec2_images.visible_images(backend.account_id, backend.region_name)
    ami = next((image for image in visible if image.id == ami_id), None)
    if ami is None:
        raise invalid_value("parentImage", f"The AMI '{ami_id}' does not exist, or you are not authorized to use the provided image.")
    platform = "Windows" if str(ami.platform or "").lower() == "windows" else "Linux"
    return Parent(platform, ami.platform or "Linux", ami.root_device_name, ami.architecture or "x86_64", ami)


def _check_component(backend: ImageBuilderBackend, component: Mapping[str, Any], path: str, platform: str) -> None:
    arn = component["componentArn"]
    try:
        found = backend.find(arn).describe()
    except ServiceException as error:
        raise invalid_value(f"{path}.componentArn", f"The component '{arn}' does not exist.") from error
    if found["platform"] != platform:
        raise invalid_combination(f"The component '{arn}' is for platform {found['platform']}, but the parent image is for platform {platform}.")
    declared = {parameter["name"]: parameter for parameter in found.get("parameters", [])}
    given = [parameter["name"] for parameter in component.get("parameters", [])]
    if unknown := [name for name in given if name not in declared]:
        raise invalid_combination(
            f"The value supplied for parameter '{path}.parameters' is not valid. "
            f"The following parameters are not defined in the provided component: {', '.join(unknown)}"
        )
    if missing := [name for name, about in declared.items() if "defaultValue" not in about and name not in given]:
        raise invalid_combination(
            f"The value supplied for parameter '{path}.parameters' is not valid. "
            f"The following parameters of the provided component have no default and need a value: {', '.join(missing)}"
        )


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


def refers_to(recipe: Mapping[str, Any], component: Arn) -> bool:
    """Whether a recipe names this component's version: by build, or by version. A reference with x fixes no version."""
    wanted = {str(component), str(component.without_build())}
    return any(entry["componentArn"] in wanted for entry in recipe.get("components", []))
