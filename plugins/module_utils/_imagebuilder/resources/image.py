# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images. Private to this collection.

An image has no name of its own, it bears its recipe's, and it is built rather than written; so the engine only reads its options. What is done
with images is in `image.py` and `builds.py`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import Context, Finding, Reference, Resource
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.rules import image_inputs


def rules(request: Mapping[str, Any], context: Context) -> Iterator[Finding]:
    """What CreateImage refuses beside what its shape tells. A request is always complete, as nothing is merged into it."""
    yield from image_inputs(request, context, "an image")
    if not request.get("infrastructureConfigurationArn"):
        yield ("infrastructureConfigurationArn",), "is required."


IMAGE = Resource(
    api_name="Image",
    options={
        "image_recipe_arn": {"type": "str", "aliases": ["image_recipe"]},
        "container_recipe_arn": {"type": "str", "aliases": ["container_recipe"]},
        "distribution_configuration_arn": {"type": "str", "aliases": ["distribution_configuration"]},
        "infrastructure_configuration_arn": {"type": "str", "aliases": ["infrastructure_configuration"]},
        "image_tests_configuration": {"type": "dict"},
        "enhanced_image_metadata_enabled": {"type": "bool"},
        "image_scanning_configuration": {"type": "dict"},
        "workflows": {"type": "list", "elements": "dict"},
        "execution_role": {"type": "str"},
        "logging_configuration": {"type": "dict"},
    },
    ordered_lists=frozenset({"WorkflowConfigurationList", "WorkflowParameterValueList"}),
    rules=rules,
    has_policy=True,
    used_by=(
        Reference("image recipe", "ListImageRecipes", "GetImageRecipe"),
        Reference("container recipe", "ListContainerRecipes", "GetContainerRecipe"),
    ),
)
