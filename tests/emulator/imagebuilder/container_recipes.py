# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Container recipes: the parent image, the Dockerfile template, the target repository, and what AWS refuses about them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from . import documents, recipes
from .exceptions import invalid_combination, invalid_value, invalid_version
from .names import version_problem
from .recipes import Parent

if TYPE_CHECKING:
    from .models import ImageBuilderBackend

_ECR = re.compile(r"(?P<registry>\d{12}\.dkr\.ecr\.[^/]+|public\.ecr\.aws)/.+")
_DOCKER_IMAGE = re.compile(r"[a-z0-9][a-z0-9._/:-]*(?::[\w.-]+)?(?:@sha256:[0-9a-f]{64})?")


def prepare(backend: ImageBuilderBackend, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return what Image Builder adds to a recipe's request. Raises the service's errors."""
    if problem := version_problem(request["semanticVersion"]):
        raise invalid_version(problem)
    template, _parameter = documents.text_of(backend, request, "dockerfileTemplateData", "dockerfileTemplateUri")
    if request.get("platformOverride") == "macOS":
        raise invalid_value("platformOverride", "Container recipes support only the platforms Linux and Windows.")
    parent = parent_of(backend, request)
    recipes.check_components(backend, request, parent)
    instance = request.get("instanceConfiguration", {})
    if "image" in instance:
        recipes.parent_ami(backend, instance["image"], "instanceConfiguration.image")
    recipes.check_volumes(instance.get("blockDeviceMappings", []), "instanceConfiguration.blockDeviceMappings")
    check_repository(backend, request["targetRepository"]["repositoryName"], "targetRepository.repositoryName")
    return {
        "version": request["semanticVersion"],
        "dockerfileTemplateData": template,
        "platform": parent.platform,
        "osVersion": parent.os_version,
        "owner": backend.account_id,
        "encrypted": True,
        **({"instanceImage": instance["image"]} if "image" in instance else {}),
    }


def parent_of(backend: ImageBuilderBackend, request: Mapping[str, Any]) -> Parent:
    """Find a container recipe's parent image: an image of Image Builder that is a container, or one from a registry."""
    parent_image, platform = request["parentImage"], request.get("platformOverride")
    if parent_image.startswith("arn:"):
        about = recipes.parent_image(backend, parent_image)
        if about["type"] != "DOCKER":
            raise invalid_value("parentImage", f"The image '{parent_image}' is no container image.")
        if "imageOsVersionOverride" in request:
            raise invalid_combination("'imageOsVersionOverride' can only be used when the parent image is a container image from a registry.")
        return Parent(about["platform"], about["osVersion"], "")
    if parent_image.startswith(("ami-", "ssm:")) or not _DOCKER_IMAGE.fullmatch(parent_image):
        raise invalid_value("parentImage", f"'{parent_image}' is neither the ARN of an image nor the URI of a container image.")
    system = request.get("imageOsVersionOverride")
    if registry := _ECR.fullmatch(parent_image):
        name = "ECR Public Repositories" if registry["registry"] == "public.ecr.aws" else "ECR Repositories"
        _check_overrides(platform, system, name)
    return Parent(platform or ("Windows" if "/windows" in parent_image else "Linux"), system or "", "")


def _check_overrides(platform: str | None, system: str | None, repositories: str) -> None:
    """Image Builder does not look into images of ECR."""
    lead = "The value supplied for parameter 'parentImage' is not valid. You must specify"
    if platform is None:
        raise invalid_combination(f"{lead} a platform override when using {repositories} as your parent image.")
    if platform == "Windows" and system is None:
        raise invalid_combination(f"{lead} an image OsVersion override when using {repositories} as your parent image for Windows Platform.")


def check_repository(backend: ImageBuilderBackend, name: str, path: str) -> None:
    """Refuse a repository that ECR does not have in this account and Region."""
    from moto.ecr.models import ecr_backends  # noqa: PLC0415  # seldom needed

    if name not in ecr_backends[backend.account_id][backend.region_name].repositories:
        raise invalid_value(path, f"The repository '{name}' does not exist in Region {backend.region_name}.")
