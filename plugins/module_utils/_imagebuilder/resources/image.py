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


def rules(request: Mapping[str, Any], context: Context) -> Iterator[Finding]:
    """What CreateImage refuses beside what its shape tells."""
    recipes = [member for member in ("imageRecipeArn", "containerRecipeArn") if request.get(member)]
    if len(recipes) == 2:
        yield ("containerRecipeArn",), "image_recipe_arn is given as well; an image is built from one recipe."
    if not recipes:
        yield ("imageRecipeArn",), "is required, or container_recipe_arn."
    if not request.get("infrastructureConfigurationArn"):
        yield ("infrastructureConfigurationArn",), "is required."
    if request.get("workflows") and not request.get("executionRole"):
        yield ("executionRole",), "is required with workflows: AWS runs them with this role only."
    for member in ("infrastructureConfigurationArn", "distributionConfigurationArn"):
        parts = str(request.get(member) or "").split(":")
        if context.region and len(parts) > 3 and parts[3] != context.region:
            yield (member,), f"is in {parts[3]}, but the image is built in {context.region}: both must be in one Region."


IMAGE = Resource(
    api_name="Image",
    options={
        "image_recipe_arn": {"type": "str"},
        "container_recipe_arn": {"type": "str"},
        "distribution_configuration_arn": {"type": "str"},
        "infrastructure_configuration_arn": {"type": "str"},
        "image_tests_configuration": {"type": "dict"},
        "enhanced_image_metadata_enabled": {"type": "bool"},
        "image_scanning_configuration": {"type": "dict"},
        "workflows": {"type": "list", "elements": "dict"},
        "execution_role": {"type": "str"},
        "logging_configuration": {"type": "dict"},
    },
    ordered_lists=frozenset({"WorkflowConfigurationList", "WorkflowParameterValueList"}),
    rules=rules,
    used_by=(
        Reference("image recipe", "ListImageRecipes", "GetImageRecipe"),
        Reference("container recipe", "ListContainerRecipes", "GetContainerRecipe"),
    ),
)
