# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Image recipes. Private to this collection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import rules as shared
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.arns import image_of_recipe
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import Context, Finding, Reference, Related, Resource


def rules(request: Mapping[str, Any], context: Context) -> Iterator[Finding]:
    """What CreateImageRecipe refuses, or takes and then fails over when the image is built."""
    yield from shared.parent_image(request.get("parentImage") or "", context)
    yield from shared.volumes(request.get("blockDeviceMappings") or (), ("blockDeviceMappings",), context)
    yield from shared.components(request.get("components") or (), context)


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
    references={"parentImage": "image"},
    rules=rules,
    used_by=(Reference("image pipeline", "ListImagePipelines"),),
    related={"images": Related("ListImageBuildVersions", "imageVersionArn", image_of_recipe)},
    has_policy=True,
)
