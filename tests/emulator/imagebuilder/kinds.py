# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of resources, each described once. One generic create, get, list, update and delete (operations.py) serves them all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from . import components, configurations, recipes

if TYPE_CHECKING:
    from .models import ImageBuilderBackend

Prepare = Callable[["ImageBuilderBackend", Mapping[str, Any]], dict[str, Any]]


class Versions(Enum):
    """How a kind counts."""

    NONE = "one of each name"
    FIXED = "immutable versions; x in a new one counts on"
    BUILDS = "each version has numbered builds"


class Level(Enum):
    """What a list has one entry for."""

    VERSION = "the newest build of each version; with byName, the newest version of each name"
    BUILD = "every build"


@dataclass(frozen=True)
class Listing:
    """One list operation."""

    operation: str
    member: str  # of the answer
    level: Level = Level.BUILD
    parent: str = ""  # the request's member that names the version whose builds are meant
    filters: Mapping[str, str] = field(default_factory=dict)  # filter name -> member it looks at


@dataclass(frozen=True)
class Kind:
    """One kind of resource. The members that its structure and its create request share are kept as they were given."""

    shape: str  # the API's name of it, and of its structure
    arn_type: str
    arn_member: str  # names it in requests and answers
    versions: Versions
    listings: tuple[Listing, ...]
    prepare: Prepare | None = None  # checks a request and returns the members that the service adds; None: not created by the generic create
    is_mutable: bool = False
    policy_member: str = ""  # names it in Get...Policy and Put...Policy

    @property
    def member(self) -> str:
        """What an answer calls it."""
        return self.shape[0].lower() + self.shape[1:]


def _same(*names: str) -> dict[str, str]:
    return {name: name for name in names}


COMPONENT = Kind(
    shape="Component",
    arn_type="component",
    arn_member="componentBuildVersionArn",
    versions=Versions.BUILDS,
    prepare=components.prepare,
    policy_member="componentArn",
    listings=(
        Listing(
            "ListComponents",
            "componentVersionList",
            Level.VERSION,
            filters=_same("description", "name", "platform", "productCodes", "status", "type", "version")
            | {"supportedOsVersion": "supportedOsVersions"},
        ),
        Listing("ListComponentBuildVersions", "componentSummaryList", parent="componentVersionArn"),
    ),
)
IMAGE_RECIPE = Kind(
    shape="ImageRecipe",
    arn_type="image-recipe",
    arn_member="imageRecipeArn",
    versions=Versions.FIXED,
    prepare=recipes.prepare,
    policy_member="imageRecipeArn",
    listings=(Listing("ListImageRecipes", "imageRecipeSummaryList", filters=_same("name", "parentImage", "platform")),),
)
INFRASTRUCTURE_CONFIGURATION = Kind(
    shape="InfrastructureConfiguration",
    arn_type="infrastructure-configuration",
    arn_member="infrastructureConfigurationArn",
    versions=Versions.NONE,
    prepare=configurations.prepare_infrastructure,
    is_mutable=True,
    listings=(Listing("ListInfrastructureConfigurations", "infrastructureConfigurationSummaryList", filters=_same("name")),),
)
DISTRIBUTION_CONFIGURATION = Kind(
    shape="DistributionConfiguration",
    arn_type="distribution-configuration",
    arn_member="distributionConfigurationArn",
    versions=Versions.NONE,
    prepare=configurations.prepare_distribution,
    is_mutable=True,
    listings=(Listing("ListDistributionConfigurations", "distributionConfigurationSummaryList", filters=_same("name")),),
)
_IMAGE_FILTERS = _same("name", "osVersion", "platform", "type", "version")
IMAGE = Kind(
    shape="Image",
    arn_type="image",
    arn_member="imageBuildVersionArn",
    versions=Versions.BUILDS,
    policy_member="imageArn",
    listings=(
        Listing("ListImages", "imageVersionList", Level.VERSION, filters=_IMAGE_FILTERS),
        Listing("ListImageBuildVersions", "imageSummaryList", parent="imageVersionArn", filters=_IMAGE_FILTERS),
    ),
)

KINDS = (COMPONENT, IMAGE_RECIPE, INFRASTRUCTURE_CONFIGURATION, DISTRIBUTION_CONFIGURATION, IMAGE)
