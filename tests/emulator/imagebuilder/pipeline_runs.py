# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Image pipelines at work: started by hand, or by their schedule."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone
from typing import Any

from moto.core.exceptions import ServiceException

from . import images, recipes
from .exceptions import not_found
from .kinds import IMAGE_PIPELINE
from .models import ImageBuilderBackend
from .pipelines import ON_UPDATES, Pipeline, Run
from .requests import Answer, Operation, Request, once

# Members that the pipeline and the request for an image share.
SHARED = (
    "imageRecipeArn",
    "containerRecipeArn",
    "distributionConfigurationArn",
    "infrastructureConfigurationArn",
    "imageTestsConfiguration",
    "enhancedImageMetadataEnabled",
    "imageScanningConfiguration",
    "workflows",
    "executionRole",
)


def start(backend: ImageBuilderBackend, request: Request) -> Answer:
    """Run a pipeline now, enabled or not."""
    pipeline = backend.find(request["imagePipelineArn"])
    if not isinstance(pipeline, Pipeline):
        raise not_found(request["imagePipelineArn"])
    run = _run(backend, pipeline, dict(request.get("tags", {})), is_scheduled=False)
    return {"imageBuildVersionArn": str(run.image.arn)}


def _run(backend: ImageBuilderBackend, pipeline: Pipeline, tags: Mapping[str, str], *, is_scheduled: bool) -> Run:
    values = pipeline.values
    request: dict[str, Any] = {member: values[member] for member in SHARED if member in values} | {"tags": tags}
    if "imageLogGroupName" in values.get("loggingConfiguration", {}):
        request["loggingConfiguration"] = {"logGroupName": values["loggingConfiguration"]["imageLogGroupName"]}
    dependencies = _dependencies(backend, pipeline)
    image = backend.find(images.create(backend, request)["imageBuildVersionArn"])
    image.values |= {"sourcePipelineArn": str(pipeline.arn), "buildType": "SCHEDULED" if is_scheduled else "USER_INITIATED"}
    pipeline.runs.append(Run(image, datetime.now(timezone.utc), is_scheduled, dependencies))
    return pipeline.runs[-1]


def _dependencies(backend: ImageBuilderBackend, pipeline: Pipeline) -> frozenset[str]:
    """Return what the recipe of a pipeline means now: the recipe itself, its parent image and its components."""
    recipe = backend.find(pipeline.values.get("imageRecipeArn") or pipeline.values["containerRecipeArn"])
    components = (str(backend.find(entry["componentArn"]).arn) for entry in recipe.values.get("components", []))
    return frozenset((str(recipe.arn), recipes.resolved_parent(backend, recipe.values["parentImage"]), *components))


def run_due(backend: ImageBuilderBackend) -> None:
    """Start what the schedules ask for. What was missed is made up for once."""
    for pipeline in backend.all_of(IMAGE_PIPELINE):
        if not isinstance(pipeline, Pipeline):
            continue
        pipeline.judge()
        if pipeline.is_due:
            _run_if_needed(backend, pipeline)
            pipeline.plan()


def _run_if_needed(backend: ImageBuilderBackend, pipeline: Pipeline) -> None:
    needs_updates = pipeline.values["schedule"]["pipelineExecutionStartCondition"] == ON_UPDATES
    try:
        if needs_updates and pipeline.runs and pipeline.runs[-1].dependencies == _dependencies(backend, pipeline):
            return
        _run(backend, pipeline, pipeline.values.get("imageTags", {}), is_scheduled=True)
    except ServiceException:
        return  # what it works with is gone: AWS writes that to a log nobody reads here


OPERATIONS: dict[str, Operation] = {"StartImagePipelineExecution": once("StartImagePipelineExecution", start)}
