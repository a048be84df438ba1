# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Container images: pushed to the recipe's ECR repository, then to those of the Regions that the distribution configuration names.

They stay in the source account: a target repository is named without a registry. All repositories must be there before. Image Builder tags a
container image with version and build number, `1.0.0-1`; `containerTags` of a Region come to that.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from moto.ecr.models import ecr_backends

from ..access import Caller
from . import building, rights
from .failures import Failure, RefusedError, RegionFailure, distribution_failure

if TYPE_CHECKING:
    from .models import ImageBuilderBackend

MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
CONFIG = "application/vnd.docker.container.image.v1+json"
LAYER = "application/vnd.docker.image.rootfs.diff.tar.gzip"


@dataclass
class ContainerDelivery:
    """The container images of one image, as Delivery is for AMIs."""

    backend: ImageBuilderBackend
    image: Mapping[str, Any]  # the members of the image
    caller: Caller  # the service-linked role, or the execution role
    started: datetime
    delivered: dict[str, list[str]] = field(default_factory=dict)  # by Region: URIs
    can_retry = False  # RetryImage is for AMIs only

    @property
    def account_id(self) -> str:
        """The source account."""
        return str(self.backend.account_id)

    @property
    def region(self) -> str:
        """The build Region."""
        return str(self.backend.region_name)

    def output_resources(self) -> dict[str, Any]:
        """Return outputResources: the URIs of each Region."""
        return {"amis": [], "containers": [{"region": region, "imageUris": list(uris)} for region, uris in list(self.delivered.items())]}

    def tags(self) -> list[str]:
        """Return the tags that every container image gets."""
        return [self.image["version"].replace("/", "-")]

    def manifest(self) -> str:
        """Return a manifest that is this build's alone; the digest of a container image comes from it."""
        layer = "sha256:" + hashlib.sha256(self.image["arn"].encode()).hexdigest()
        config = {"mediaType": CONFIG, "size": 1469, "digest": layer}
        layers = [{"mediaType": LAYER, "size": 2_813_316, "digest": layer}]
        return json.dumps({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers})


def launch(delivery: ContainerDelivery) -> Failure | None:
    """Launch the build instance; return why it could not be launched."""
    if not building.profile_exists(delivery):
        return Failure(building.NO_PROFILE)
    try:
        rights.require(delivery.caller, "ec2:RunInstances", f"arn:{delivery.backend.partition}:ec2:{delivery.region}::image/*")
    except RefusedError as refusal:
        return Failure(str(refusal))
    return None


def build(delivery: ContainerDelivery) -> Failure | None:
    """Push the container image to the repository of the recipe; return why it could not be pushed."""
    try:
        _push(delivery, delivery.region, delivery.image["containerRecipe"]["targetRepository"]["repositoryName"], delivery.tags())
    except RefusedError as refusal:
        return Failure(str(refusal))
    return None


def distribute(delivery: ContainerDelivery) -> Failure | None:
    """Push the container image to every Region that the configuration names; return what could not be done."""
    failures = []
    for entry in delivery.image.get("distributionConfiguration", {}).get("distributions", []):
        container = entry.get("containerDistributionConfiguration")
        if not container:
            continue
        region, repository = entry["region"], container["targetRepository"]["repositoryName"]
        if region == delivery.region:  # the recipe says where it lies there; the configuration can add tags
            repository = delivery.image["containerRecipe"]["targetRepository"]["repositoryName"]
        try:
            _push(delivery, region, repository, [*delivery.tags(), *container.get("containerTags", [])])
        except RefusedError as refusal:
            failures.append(RegionFailure(region, delivery.account_id, str(refusal)))
    return distribution_failure(delivery.account_id, failures) if failures else None


def _push(delivery: ContainerDelivery, region: str, repository: str, tags: list[str]) -> None:
    """Put the image into a repository under each tag that it does not have there yet. Raises RefusedError."""
    backend = ecr_backends[delivery.account_id][region]
    found = backend.repositories.get(repository)
    if found is None:
        raise RefusedError(
            f"ECR Client Error: 'The repository with name '{repository}' does not exist in the registry with id '{delivery.account_id}''"
        )
    for tag in tags:
        uri = f"{found.uri}:{tag}"
        if uri not in delivery.delivered.setdefault(region, []):
            backend.put_image(repository, delivery.manifest(), tag)
            delivery.delivered[region].append(uri)
