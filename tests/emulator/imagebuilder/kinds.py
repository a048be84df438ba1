# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kinds of resources, each described once. One generic create, get, update and delete (crud.py) and one list (lists.py) serve them all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from . import components, configurations, container_recipes, lifecycle_policies, pipelines, recipes, workflow_documents
from .resource import Resource

if TYPE_CHECKING:
    from .models import ImageBuilderBackend

Prepare = Callable[["ImageBuilderBackend", Mapping[str, Any]], dict[str, Any]]
CheckUpdate = Callable[[Resource, Mapping[str, Any]], None]


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
    maker: tuple[str, str] = ("", "")  # the request's member that names what made the entries, and the entries' own member for it
    filters: Mapping[str, str] = field(default_factory=dict)  # filter name -> member it looks at
    owners: tuple[str, ...] = ("Self", "Shared", "Amazon", "ThirdParty", "AWSMarketplace")


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
    check_update: CheckUpdate | None = None  # refuses what cannot be changed
    policy_member: str = ""  # names it in Get...Policy and Put...Policy
    qualifier: str = ""  # the member whose value, in lower case, stands between kind and name in ARNs
    references: tuple[str, ...] = ()  # where it names what cannot be deleted before it: members, those of list entries after a dot
    dates: tuple[str, ...] = ("dateCreated",)  # what is set to the time of its creation
    resource: type[Resource] = Resource

    @property
    def member(self) -> str:
        """What an answer calls it."""
        return self.shape[0].lower() + self.shape[1:]

    def type_of(self, request: Mapping[str, Any]) -> str:
        """Return what stands before the name in the ARN of what a request makes."""
        return f"{self.arn_type}/{request[self.qualifier].lower()}" if self.qualifier else self.arn_type


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
_RECIPE_REFERENCES = ("components.componentArn", "parentImage")
IMAGE_RECIPE = Kind(
    shape="ImageRecipe",
    arn_type="image-recipe",
    arn_member="imageRecipeArn",
    versions=Versions.FIXED,
    prepare=recipes.prepare,
    policy_member="imageRecipeArn",
    references=_RECIPE_REFERENCES,
    listings=(Listing("ListImageRecipes", "imageRecipeSummaryList", filters=_same("name", "parentImage", "platform")),),
)
CONTAINER_RECIPE = Kind(
    shape="ContainerRecipe",
    arn_type="container-recipe",
    arn_member="containerRecipeArn",
    versions=Versions.FIXED,
    prepare=container_recipes.prepare,
    policy_member="containerRecipeArn",
    references=_RECIPE_REFERENCES,
    listings=(
        Listing(
            "ListContainerRecipes",
            "containerRecipeSummaryList",
            filters=_same("containerType", "name", "parentImage", "platform"),
            owners=("Self", "Shared", "Amazon"),
        ),
    ),
)
WORKFLOW = Kind(
    shape="Workflow",
    arn_type="workflow",
    arn_member="workflowBuildVersionArn",
    versions=Versions.BUILDS,
    prepare=workflow_documents.prepare,
    qualifier="type",
    listings=(
        Listing(
            "ListWorkflows",
            "workflowVersionList",
            Level.VERSION,
            filters=_same("name", "version", "description", "type"),
            owners=("Self", "Amazon", "AWSMarketplace"),
        ),
        Listing("ListWorkflowBuildVersions", "workflowSummaryList", parent="workflowVersionArn"),
    ),
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
IMAGE_PIPELINE = Kind(
    shape="ImagePipeline",
    arn_type="image-pipeline",
    arn_member="imagePipelineArn",
    versions=Versions.NONE,
    prepare=pipelines.prepare,
    is_mutable=True,
    check_update=pipelines.check_update,
    references=(
        "imageRecipeArn",
        "containerRecipeArn",
        "infrastructureConfigurationArn",
        "distributionConfigurationArn",
        "workflows.workflowArn",
    ),
    dates=("dateCreated", "dateUpdated"),
    resource=pipelines.Pipeline,
    listings=(
        Listing(
            "ListImagePipelines",
            "imagePipelineList",
            filters=_same("description", "distributionConfigurationArn", "imageRecipeArn", "infrastructureConfigurationArn", "name", "status"),
        ),
    ),
)
LIFECYCLE_POLICY = Kind(
    shape="LifecyclePolicy",
    arn_type="lifecycle-policy",
    arn_member="lifecyclePolicyArn",
    versions=Versions.NONE,
    prepare=lifecycle_policies.prepare,
    is_mutable=True,
    check_update=lifecycle_policies.check_update,
    resource=lifecycle_policies.LifecyclePolicy,
    listings=(Listing("ListLifecyclePolicies", "lifecyclePolicySummaryList", filters=_same("name", "resourceType", "status")),),
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
        Listing("ListImagePipelineImages", "imageSummaryList", maker=("imagePipelineArn", "sourcePipelineArn"), filters=_same("name", "version")),
    ),
)

KINDS = (
    COMPONENT,
    IMAGE_RECIPE,
    CONTAINER_RECIPE,
    WORKFLOW,
    INFRASTRUCTURE_CONFIGURATION,
    DISTRIBUTION_CONFIGURATION,
    IMAGE_PIPELINE,
    LIFECYCLE_POLICY,
    IMAGE,
)
