# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DistributeImage: the distribution of an AMI that is there already, under a new build version of an image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from . import inputs, names, recipes, routes
from .delivery import Delivery
from .exceptions import invalid_value, not_found
from .images import Image, NewImage, own_images, plans_for
from .names import Arn
from .recipes import Parent
from .requests import Answer, Operation, Request, once

if TYPE_CHECKING:
    from .models import ImageBuilderBackend

FIRST_VERSION = "1.0.0"


def distribute(backend: ImageBuilderBackend, request: Request) -> Answer:
    """Start a distribution."""
    configuration = inputs.find(backend, request, "distributionConfigurationArn", "DistributionConfiguration")
    caller = inputs.execution_role(backend, request)
    inputs.check_logging(request)
    name, version, source = _source(backend, request["sourceImage"])
    values: dict[str, Any] = {
        "type": "AMI",
        "platform": source.platform,
        "osVersion": source.os_version,
        "distributionConfiguration": configuration.describe(),
        "buildType": "USER_INITIATED",
        "imageSource": "CUSTOM",
        **{member: request[member] for member in ("executionRole", "loggingConfiguration") if member in request},
    }
    plans = plans_for(backend, [], routes.DISTRIBUTION, "AMI")
    image = NewImage(name, version, values, routes.DISTRIBUTION, caller, plans, frozenset((str(configuration.arn),))).add_to(backend, request)
    assert isinstance(image.delivery, Delivery)
    image.delivery.source = source.ami
    if source.ami.owner_id == backend.account_id:  # it need not be copied to where it is; an AMI of somebody else is, when that is asked for
        image.delivery.delivered[backend.region_name, backend.account_id] = source.ami
    return {"imageBuildVersionArn": str(image.arn)}


def _source(backend: ImageBuilderBackend, given: str) -> tuple[str, str, Parent]:
    """Return the name and version that the new build gets, and the AMI.

    An image of the account gets another build of its version. AWS does not say what an AMI's is called: here it is named after the AMI.
    """
    if not given.startswith("arn:"):
        found = recipes.parent_ami(backend, given, "sourceImage")
        return _name_of(found.ami.name or found.ami.id), FIRST_VERSION, found
    image = _available(backend, given)
    own = image.delivery.output_resources()["amis"]
    here = [ami for ami in own if (ami["region"], ami["accountId"]) == (backend.region_name, backend.account_id)]
    if not here:
        raise invalid_value("sourceImage", f"The image '{given}' has no AMI in Region {backend.region_name}.")
    return image.values["name"], image.arn.version, recipes.parent_ami(backend, here[0]["image"], "sourceImage")


def _available(backend: ImageBuilderBackend, given: str) -> Image:
    """Return the image that an ARN means: a build, or of a version the newest that is available. Raises the service's errors."""
    try:
        arn = Arn.parse(given)
    except ValueError as error:
        raise invalid_value("sourceImage", f"'{given}' is no image.") from error
    if not arn.version:
        raise not_found(given)
    builds = [image for image in own_images(backend) if image.arn.identity == arn.identity and names.matches(image.arn.version, arn.version)]
    meant = sorted((image for image in builds if arn.build in (0, image.arn.build)), key=lambda image: image.arn.order)
    if not meant:
        raise not_found(given)
    available = [image for image in meant if image.status == "AVAILABLE"]
    if not available:
        raise invalid_value("sourceImage", f"The image '{given}' is not available.")
    return available[-1]


def _name_of(text: str) -> str:
    """Return an AMI's name without what the name of an image cannot hold."""
    return "".join(character if character.isascii() and (character.isalnum() or character in "-_ ") else "-" for character in text)[:128]


OPERATIONS: dict[str, Operation] = {"DistributeImage": once("DistributeImage", distribute)}
