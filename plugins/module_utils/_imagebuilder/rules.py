# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Rules that more than one kind of resource has, beside what the shapes tell. Private to this collection.

Each yields where a request breaks it and what to do about it. References may still be in their short form, as in `harden/1.0.x`: what only an
ARN tells is then judged when they are resolved.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.arn import parse_aws_arn
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.regions import known_regions, partition_of
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import schema
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import Context, Finding, Path

OWN_LOGS = "/aws/imagebuilder/"
"""Log groups below this Image Builder writes with its service-linked role (PipelineLoggingConfiguration)."""

MOST_WORKFLOWS = {"build": 1, "distribution": 1, "test": 10}
"""How many workflows of a type an image goes through (user guide, "Configure image workflows for your pipeline")."""


def own_region(path: Path, value: Any, what: str, context: Context) -> Iterator[Finding]:
    """An ARN is of the Region in which the resource is; all that Image Builder is told by ARN has to be. What is no ARN is all right."""
    arn = parse_aws_arn(value) if isinstance(value, str) else None
    if arn and context.region and arn["region"] and arn["region"] != context.region:
        yield path, f"the {what} is in {arn['region']}, this is for {context.region}: give one of {context.region}."


def known_region(path: Path, region: str, context: Context) -> Iterator[Finding]:
    """A Region exists, in the partition of the build: AMIs are not copied between partitions (EC2's CopyImage)."""
    if region in known_regions():
        if context.region in known_regions() and partition_of(region) != partition_of(context.region):
            yield path, f"{region} is in the partition {partition_of(region)}, {context.region} in {partition_of(context.region)}; AMIs stay in one."
        return
    near = difflib.get_close_matches(region.lower(), sorted(known_regions()), n=3, cutoff=0.7)
    meant = f" Did you mean {' or '.join(near)}?" if near else ""
    yield path, f"{region!r} is not a Region that the installed botocore knows.{meant}"


def repository(path: Path, target: Mapping[str, Any]) -> Iterator[Finding]:
    """Images go to the own account's registry of the Region, in which the repository has a name without a host (TargetContainerRepository)."""
    host, _slash, name = str(target.get("repositoryName") or "").rpartition(".amazonaws.com/")
    if host:
        yield (*path, "repositoryName"), f"the name of the repository is needed without the registry's host: {name}."


def parent_image(parent: str, context: Context) -> Iterator[Finding]:
    """A parent is an image of Image Builder, or what EC2 or a registry names without an ARN; EC2's own ARNs of AMIs are not taken."""
    arn = parse_aws_arn(parent) if parent.startswith("arn:") else None  # a parameter may be given by its ARN too, as ssm:arn:...
    if arn and arn["service"] == "ec2":
        ami = arn["resource"].rpartition("/")[2]
        yield ("parentImage",), f"{parent!r} is EC2's ARN of an AMI, which Image Builder does not take here; give its id, {ami}."
    elif arn:
        yield from own_region(("parentImage",), parent, "image", context)


def volumes(mappings: Sequence[Mapping[str, Any]], path: Path, context: Context) -> Iterator[Finding]:
    """A device is mapped once, and a key encrypts only what is to be encrypted (InstanceBlockDeviceMapping)."""
    seen: dict[str, int] = {}
    for index, mapping in enumerate(mappings):
        device = (mapping or {}).get("deviceName")
        if device and device in seen:
            yield (*path, index, "deviceName"), f"{device} is already mapped by entry {seen[device]}."
        elif device:
            seen[device] = index
        ebs = (mapping or {}).get("ebs") or {}
        if ebs.get("kmsKeyId") and ebs.get("encrypted") is not True:
            yield (*path, index, "ebs", "kmsKeyId"), "has no effect without encrypted: true; add it, or leave the key out."
        yield from own_region((*path, index, "ebs", "kmsKeyId"), ebs.get("kmsKeyId"), "key", context)


def components(entries: Sequence[Mapping[str, Any]], context: Context) -> Iterator[Finding]:
    """A component can be in a recipe once only (CreateImageRecipe, CreateContainerRecipe)."""
    seen: dict[str, int] = {}
    for index, entry in enumerate(entries):
        component = (entry or {}).get("componentArn")
        path: Path = ("components", index, "componentArn")
        if component and component in seen:
            yield path, f"{component} is already in the recipe as entry {seen[component]}; a component can be in it once."
        elif component:
            seen[component] = index
            yield from own_region(path, component, "component", context)


def image_inputs(request: Mapping[str, Any], context: Context, what: str) -> Iterator[Finding]:
    """What images are built from, which `what` (an image, a pipeline) has: one recipe, of the one or of the other kind, and all of one Region."""
    recipes = [member for member in ("imageRecipeArn", "containerRecipeArn") if request.get(member)]
    if len(recipes) == 2:
        yield ("containerRecipeArn",), f"image_recipe_arn is given as well; {what} has one recipe."
    if context.complete and not recipes:
        yield ("imageRecipeArn",), "is required, or container_recipe_arn."
    for member in ("imageRecipeArn", "containerRecipeArn", "infrastructureConfigurationArn", "distributionConfigurationArn"):
        yield from own_region((member,), request.get(member), schema.snake_name(member.removesuffix("Arn")).replace("_", " "), context)
    yield from workflows(request, context)
    yield from scanning(request, context)
    yield from log_groups(request, context)


def workflows(request: Mapping[str, Any], context: Context) -> Iterator[Finding]:
    """Workflows run with a role of yours only, few of each type, and some settings are for tests alone (WorkflowConfiguration)."""
    entries = request.get("workflows") or ()
    if context.complete and entries and not request.get("executionRole"):
        yield ("executionRole",), "is required with workflows: AWS runs them with this role only."
    types = Counter(workflow_type(str((entry or {}).get("workflowArn") or "")) for entry in entries)
    for name, most in MOST_WORKFLOWS.items():
        if types[name] > most:
            yield ("workflows",), f"has {types[name]} {name} workflows; an image goes through {most} at most."
    for index, entry in enumerate(entries):
        yield from _workflow(("workflows", index), entry or {}, context)


def _workflow(path: Path, entry: Mapping[str, Any], context: Context) -> Iterator[Finding]:
    workflow = str(entry.get("workflowArn") or "")
    yield from own_region((*path, "workflowArn"), workflow, "workflow", context)
    for member in ("onFailure", "parallelGroup"):
        if entry.get(member) and workflow_type(workflow) in ("build", "distribution"):
            yield (*path, member), f"is for test workflows only, and {workflow} is a {workflow_type(workflow)} workflow."


def workflow_type(workflow: str) -> str:
    """The type in a workflow's ARN, or in the short form of it, as in `test/boots/1.0.x`."""
    return workflow.rpartition(":")[2].removeprefix("workflow/").partition("/")[0].lower()


def scanning(request: Mapping[str, Any], context: Context) -> Iterator[Finding]:
    """Scans are part of the tests, and one of their two types is for AMIs only (ImageScanningConfiguration)."""
    configuration = request.get("imageScanningConfiguration") or {}
    path: Path = ("imageScanningConfiguration",)
    on_demand = "ON_DEMAND_AMI_CVE" in (configuration.get("imageScanningTypes") or ())
    tests = (request.get("imageTestsConfiguration") or {}).get("imageTestsEnabled")
    if context.complete and configuration.get("imageScanningEnabled") and tests is False:
        yield (*path, "imageScanningEnabled"), "needs image_tests_configuration.image_tests_enabled too, as images are scanned while they are tested."
    if configuration.get("scanResultCondition") and not on_demand:
        yield (*path, "scanResultCondition"), "applies only with image_scanning_types: [ON_DEMAND_AMI_CVE]."
    if on_demand and request.get("containerRecipeArn"):
        yield (*path, "imageScanningTypes"), "ON_DEMAND_AMI_CVE scans AMIs, and a container recipe makes none."


def log_groups(request: Mapping[str, Any], context: Context) -> Iterator[Finding]:
    """Log groups of one's own are written with the execution role (PipelineLoggingConfiguration, ImageLoggingConfiguration)."""
    if not context.complete or request.get("executionRole"):
        return
    for member, group in (request.get("loggingConfiguration") or {}).items():
        if not str(group).startswith(OWN_LOGS):
            yield ("loggingConfiguration", member), f"{group} is not below {OWN_LOGS}, so execution_role is needed, with which AWS writes there."
