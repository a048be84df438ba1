# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Image recipes. Private to this collection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.arn import parse_aws_arn
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import Context, Finding, Path, Reference, Resource


def rules(request: Mapping[str, Any], context: Context) -> Iterator[Finding]:
    """What CreateImageRecipe refuses, or takes and then fails over when the image is built."""
    yield from _parent(request.get("parentImage") or "", context)
    yield from _volumes(request.get("blockDeviceMappings") or (), context)
    yield from _components(request.get("components") or (), context)


def _parent(parent: str, context: Context) -> Iterator[Finding]:
    """The parent is an image of Image Builder, an AMI by its id, or a parameter; EC2's own ARNs of AMIs are not taken."""
    arn = parse_aws_arn(parent) if parent.startswith("arn:") else None  # a parameter may be given by its ARN too, as ssm:arn:...
    if arn and arn["service"] == "ec2":
        ami = arn["resource"].rpartition("/")[2]
        yield ("parentImage",), f"{parent!r} is EC2's ARN of an AMI, which Image Builder does not take here; give its id, {ami}."
    elif arn:
        yield from _foreign_region(("parentImage",), "the image", arn["region"], context)


def _foreign_region(path: Path, what: str, region: str, context: Context) -> Iterator[Finding]:
    if context.region and region and region != context.region:
        yield path, f"{what} is in {region}, the recipe is for {context.region}: give one of {context.region}."


def _volumes(mappings: Any, context: Context) -> Iterator[Finding]:
    seen: dict[str, int] = {}
    for index, mapping in enumerate(mappings):
        device = (mapping or {}).get("deviceName")
        if device and device in seen:
            yield ("blockDeviceMappings", index, "deviceName"), f"{device} is already mapped by entry {seen[device]}."
        elif device:
            seen[device] = index
        ebs = (mapping or {}).get("ebs") or {}
        if ebs.get("kmsKeyId") and ebs.get("encrypted") is not True:
            yield (
                ("blockDeviceMappings", index, "ebs", "kmsKeyId"),
                "has no effect without encrypted: true; add it, or leave the key out.",
            )
        key = parse_aws_arn(str(ebs.get("kmsKeyId") or ""))
        if key:
            yield from _foreign_region(("blockDeviceMappings", index, "ebs", "kmsKeyId"), "the key", key["region"], context)


def _components(components: Any, context: Context) -> Iterator[Finding]:
    """A component can be in a recipe once only (documentation of CreateImageRecipe)."""
    seen: dict[str, int] = {}
    for index, component in enumerate(components):
        arn = (component or {}).get("componentArn")
        if arn and arn in seen:
            yield ("components", index, "componentArn"), f"{arn} is already in the recipe as entry {seen[arn]}; a component can be in it once."
        elif arn:
            seen[arn] = index
            yield from _foreign_region(
                ("components", index, "componentArn"), "the component", (parse_aws_arn(str(arn)) or {}).get("region", ""), context
            )


IMAGE_RECIPE = Resource(
    api_name="ImageRecipe",
    versioned=True,
    options={
        "semantic_version": {"type": "str"},
        "description": {"type": "str"},
        "components": {"type": "list", "elements": "dict"},
        "parent_image": {"type": "str"},
        "block_device_mappings": {"type": "list", "elements": "dict"},
        "working_directory": {"type": "str"},
        "additional_instance_configuration": {"type": "dict"},
        "ami_tags": {"type": "dict"},
        "ami_watermarks": {"type": "list", "elements": "str"},
    },
    ordered_lists=frozenset({"ComponentConfigurationList", "ComponentParameterValueList"}),
    rules=rules,
    used_by=(Reference("image pipeline", "ListImagePipelines"),),
)
