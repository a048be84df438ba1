# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a build works with, named in a request: recipe, configurations, workflows, execution role. Image pipelines and images take the same.

Raises the service's errors; what a request names has to exist and to be of the right kind.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import ServiceException

from .. import identities
from ..access import Caller
from . import documents
from .exceptions import invalid_combination, invalid_value

if TYPE_CHECKING:
    from .models import ImageBuilderBackend
    from .resource import Resource

RECIPES = {"imageRecipeArn": "ImageRecipe", "containerRecipeArn": "ContainerRecipe"}
DEFAULT_TESTS = {"imageTestsEnabled": True, "timeoutMinutes": 720}
OWN_LOG_GROUPS = "/aws/imagebuilder/"


@dataclass(frozen=True)
class Inputs:
    """What a build works with."""

    recipe: Resource
    infrastructure: Resource
    distribution: Resource | None
    workflows: tuple[Resource, ...]
    caller: Caller  # who does the work
    tests: dict[str, Any]

    def arns(self) -> frozenset[str]:
        """Return the ARNs of all of them."""
        return frozenset(str(used.arn) for used in (self.recipe, self.infrastructure, self.distribution, *self.workflows) if used)


def of(backend: ImageBuilderBackend, request: Mapping[str, Any]) -> Inputs:
    """Find what a request for an image or an image pipeline names."""
    recipe = _recipe(backend, request)
    infrastructure = find(backend, request, "infrastructureConfigurationArn", "InfrastructureConfiguration")
    distribution = None
    if "distributionConfigurationArn" in request:
        distribution = find(backend, request, "distributionConfigurationArn", "DistributionConfiguration")
    tests = DEFAULT_TESTS | request.get("imageTestsConfiguration", {})
    workflows = _workflows(backend, request)
    _check_scanning(request, has_tests=tests["imageTestsEnabled"])
    check_logging(request)
    return Inputs(recipe, infrastructure, distribution, workflows, execution_role(backend, request), tests)


def find(backend: ImageBuilderBackend, request: Mapping[str, Any], member: str, shape: str) -> Resource:
    """Return the resource of a kind that a member of a request names."""
    return _find(backend, request[member], member, shape)


def _find(backend: ImageBuilderBackend, arn: str, path: str, shape: str) -> Resource:
    try:
        found = backend.find(arn)
    except ServiceException as error:
        raise invalid_value(path, f"The resource '{arn}' does not exist.") from error
    if found.kind.shape != shape:
        raise invalid_value(path, f"'{arn}' is no {shape}.")
    return found


def _recipe(backend: ImageBuilderBackend, request: Mapping[str, Any]) -> Resource:
    given = [member for member in RECIPES if member in request]
    if len(given) != 1:
        raise invalid_combination("You must specify exactly one of 'imageRecipeArn' and 'containerRecipeArn'.")
    return find(backend, request, given[0], RECIPES[given[0]])


def _workflows(backend: ImageBuilderBackend, request: Mapping[str, Any]) -> tuple[Resource, ...]:
    given = request.get("workflows", [])
    if given and "executionRole" not in request:
        raise invalid_value("workflows", "An execution role is required to provide workflows.")
    found = tuple(_workflow(backend, entry, f"workflows[{index}]") for index, entry in enumerate(given))
    types = [workflow.values["type"] for workflow in found]
    for once in ("BUILD", "DISTRIBUTION"):
        if types.count(once) > 1:
            raise invalid_value("workflows", f"Only one workflow of type {once} can be specified.")
    return found


def _workflow(backend: ImageBuilderBackend, entry: Mapping[str, Any], path: str) -> Resource:
    arn = entry["workflowArn"]
    workflow = _find(backend, arn, f"{path}.workflowArn", "Workflow")
    if workflow.arn.account == "aws" and not arn.endswith("/x.x.x"):
        raise invalid_value("workflows", f"AWS managed workflows must have latest version 'x.x.x' for '{arn}'")
    for member in ("parallelGroup", "onFailure"):
        if member in entry and workflow.values["type"] != "TEST":
            raise invalid_value(f"{path}.{member}", f"'{member}' can only be set for test workflows.")
    if problem := documents.parameters_problem(workflow.values["parameters"], entry.get("parameters", []), "workflow"):
        raise invalid_value(f"{path}.parameters", problem)
    return workflow


def _check_scanning(request: Mapping[str, Any], *, has_tests: bool) -> None:
    scanning = request.get("imageScanningConfiguration", {})
    is_on_demand = "ON_DEMAND_AMI_CVE" in scanning.get("imageScanningTypes", [])
    path = "imageScanningConfiguration"
    if scanning.get("imageScanningEnabled") and not has_tests:
        raise invalid_combination("Image tests must be enabled when 'imageScanningConfiguration.imageScanningEnabled' is true.")
    if is_on_demand and "containerRecipeArn" in request:
        raise invalid_value(f"{path}.imageScanningTypes", "ON_DEMAND_AMI_CVE can only be used with an image recipe.")
    if "scanResultCondition" in scanning and not is_on_demand:
        raise invalid_value(f"{path}.scanResultCondition", "This can only be set when 'imageScanningTypes' is ON_DEMAND_AMI_CVE.")


def check_logging(request: Mapping[str, Any]) -> None:
    """Refuse a log group that only an execution role could write to when there is none."""
    for member, group in request.get("loggingConfiguration", {}).items():
        if not group.startswith(OWN_LOG_GROUPS) and "executionRole" not in request:
            raise invalid_value(
                f"loggingConfiguration.{member}", f"An execution role is required for a log group whose name does not begin with {OWN_LOG_GROUPS}."
            )


def role_arn(backend: ImageBuilderBackend, given: str) -> str:
    """Return the ARN of a role of the account that is given by name or ARN."""
    return given if given.startswith("arn:") else f"arn:{backend.partition}:iam::{backend.account_id}:role/{given}"


def execution_role(backend: ImageBuilderBackend, request: Mapping[str, Any]) -> Caller:
    """Return who does the work: the execution role if one is given, else the service-linked role."""
    if "executionRole" not in request:
        return Caller.service_linked(backend.account_id, backend.partition)
    arn = role_arn(backend, request["executionRole"])
    if identities.find_role_by_arn(arn) is None or Caller.from_arn(arn).account_id != backend.account_id:
        raise invalid_value("executionRole", "The provided role does not exist or does not have sufficient permissions.")
    return Caller.from_arn(arn)
