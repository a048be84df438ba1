# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Container recipes. Private to this collection."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import rules as shared
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.arns import image_of_recipe
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.documents import source_rules
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import Context, Finding, Reference, Related, Resource

DATA, URI = "dockerfileTemplateData", "dockerfileTemplateUri"
_AMI = re.compile(r"ami-(?:[0-9a-f]{8}|[0-9a-f]{17})|ssm:(?:/|arn:).*")
_VARIABLE = re.compile(r"\{\{\{\s*imagebuilder:([A-Za-z]+)\s*\}\}\}")


def rules(request: Mapping[str, Any], context: Context) -> Iterator[Finding]:
    """What CreateContainerRecipe refuses, or takes and then fails over when the image is built."""
    parent = request.get("parentImage") or ""
    instance = request.get("instanceConfiguration") or {}
    yield from source_rules(request, context, DATA, URI, "Dockerfile template")
    yield from shared.parent_image(parent, context)
    if _AMI.fullmatch(parent):
        yield (
            ("parentImage",),
            f"{parent} is an AMI, and containers start from a container image; the AMI of the build instance is instance_configuration.image.",
        )
    yield from _overrides(request, parent)
    yield from shared.volumes(instance.get("blockDeviceMappings") or (), ("instanceConfiguration", "blockDeviceMappings"), context)
    yield from shared.components(request.get("components") or (), context)
    yield from shared.own_region(("kmsKeyId",), request.get("kmsKeyId"), "key", context)
    yield from shared.repository(("targetRepository",), request.get("targetRepository") or {})


def _overrides(request: Mapping[str, Any], parent: str) -> Iterator[Finding]:
    """An image of Image Builder brings its operating system; of an image in a registry it has to be told (CreateContainerRecipe)."""
    if request.get("platformOverride") == "macOS":
        yield ("platformOverride",), "macOS has no containers here; Linux or Windows is needed."
    if ":imagebuilder:" in parent:
        for member in ("platformOverride", "imageOsVersionOverride"):
            if request.get(member):
                yield (member,), "is for a parent_image from a registry; an image of Image Builder brings its own."


def cautions(request: Mapping[str, Any], context: Context) -> Iterator[Finding]:
    """Variables that the Dockerfile needs, without which AWS does something else than the recipe says (user guide, "Create a container recipe")."""
    data = request.get(DATA)
    if not isinstance(data, str):
        return
    variables = _VARIABLE.findall(data)
    effects = {"parentImage": "the Dockerfile does not start from parent_image"}
    if request.get("components"):
        effects |= {"environments": "the components are not in the container", "components": "the components do not run"}
    for name, effect in effects.items():
        if name not in variables:
            yield (DATA,), f"without {{{{{{ imagebuilder:{name} }}}}}}, which may be written <<<imagebuilder:{name}>>>, {effect}."
    if "components" in variables and "environments" in variables and variables.index("components") < variables.index("environments"):
        yield (DATA,), "imagebuilder:components stands before imagebuilder:environments, which has to bring the components first."


def answered(description: Mapping[str, Any]) -> Mapping[str, Any]:
    """A recipe as it was written: GetContainerRecipe answers the platform that was given for an image of a registry under another name."""
    if ":imagebuilder:" in str(description.get("parentImage")) or "platform" not in description:
        return description
    return {**description, "platformOverride": description["platform"]}


CONTAINER_RECIPE = Resource(
    api_name="ContainerRecipe",
    versioned=True,
    options={
        "semantic_version": {"type": "str"},
        "description": {"type": "str"},
        "container_type": {"type": "str"},
        "components": {"type": "list", "elements": "dict"},
        "instance_configuration": {"type": "dict"},
        "dockerfile_template_data": {"type": "str"},
        "dockerfile_template_uri": {"type": "str"},
        "platform_override": {"type": "str"},
        "image_os_version_override": {"type": "str"},
        "parent_image": {"type": "str"},
        "working_directory": {"type": "str"},
        "target_repository": {"type": "dict"},
        "kms_key_id": {"type": "str", "no_log": False},
    },
    ordered_lists=frozenset({"ComponentConfigurationList", "ComponentParameterValueList"}),
    notes=frozenset({"imageOsVersionOverride"}),
    answered=answered,
    pointer=(URI, DATA),
    documents=frozenset({DATA}),
    references={"parentImage": "image"},
    rules=rules,
    cautions=cautions,
    used_by=(Reference("image pipeline", "ListImagePipelines"),),
    related={"images": Related("ListImageBuildVersions", "imageVersionArn", image_of_recipe)},
    has_policy=True,
)
