# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Workflows that accounts write themselves: the YAML document of steps, and what it may hold.

Rules: "Create a YAML workflow document" and "Supported step actions for your workflow document" of the user guide.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from . import documents
from .exceptions import invalid_value, invalid_version
from .names import version_problem

if TYPE_CHECKING:
    from .models import ImageBuilderBackend

ANYWHERE = frozenset(("BUILD", "TEST", "DISTRIBUTION"))
ON_INSTANCES = frozenset(("BUILD", "TEST"))
BUILDING = frozenset(("BUILD",))
DISTRIBUTING = frozenset(("DISTRIBUTION",))
# Action -> the types of workflows that may have it.
ACTIONS: dict[str, frozenset[str]] = {
    "ApplyImageConfigurations": DISTRIBUTING,
    "BootstrapInstanceForContainer": ON_INSTANCES,
    "CollectImageMetadata": BUILDING,
    "CollectImageScanFindings": ON_INSTANCES,
    "CreateImage": BUILDING,
    "DistributeContainerImage": DISTRIBUTING,
    "DistributeImage": DISTRIBUTING,
    "ExecuteComponents": ON_INSTANCES,
    "ExecuteStateMachine": ANYWHERE,
    "LaunchInstance": ON_INSTANCES,
    "ModifyImageAttributes": DISTRIBUTING,
    "RegisterImage": BUILDING,
    "RunCommand": ON_INSTANCES,
    "RunSysPrep": ON_INSTANCES,
    "SanitizeInstance": ON_INSTANCES,
    "TerminateInstance": ON_INSTANCES,
    "WaitForAction": ANYWHERE,
    "WaitForSSMAgent": ON_INSTANCES,
}
MOST_STEPS = 15
PARAMETER_TYPES = ("string", "integer", "boolean", "stringList")
ON_FAILURE = ("Abort", "Continue")


def prepare(backend: ImageBuilderBackend, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return what Image Builder adds to a workflow's request. Raises the service's errors."""
    if problem := version_problem(request["semanticVersion"]):
        raise invalid_version(problem)
    text, parameter = documents.text_of(backend, request)
    document = documents.mapping_of(text, parameter, "workflow document")
    if problem := next(_problems(document, request["type"]), ""):
        raise invalid_value(parameter, f"The workflow document is not valid. {problem}")
    return {
        "version": request["semanticVersion"],
        "data": text,
        "parameters": parameter_details(document),
        "owner": backend.account_id,
    }


def _problems(document: Mapping[str, Any], workflow_type: str) -> Iterator[str]:
    steps = document.get("steps")
    if not isinstance(steps, list) or not 1 <= len(steps) <= MOST_STEPS:
        yield f"steps must be a list of 1 to {MOST_STEPS} steps."
        return
    names = [step.get("name") if isinstance(step, dict) else None for step in steps]
    for index, step in enumerate(steps):
        yield from _step_problems(step, f"steps[{index}]", workflow_type)
        if names.index(names[index]) != index:
            yield f"The name of a step must be unique: steps[{index}].name '{names[index]}'."
    for index, parameter in enumerate(document.get("parameters") or []):
        if not isinstance(parameter, dict) or not isinstance(parameter.get("name"), str):
            yield f"parameters[{index}].name is required."
        elif parameter.get("type") not in PARAMETER_TYPES:
            yield f"parameters[{index}].type must be one of {', '.join(PARAMETER_TYPES)}."


def _step_problems(step: Any, path: str, workflow_type: str) -> Iterator[str]:
    if not isinstance(step, dict) or not isinstance(step.get("name"), str):
        yield f"{path}.name is required."
        return
    action = step.get("action")
    if action not in ACTIONS:
        yield f"{path}.action '{action}' is not a known step action."
    elif workflow_type not in ACTIONS[action]:
        yield f"{path}.action '{action}' is not supported in a workflow of type {workflow_type}."
    if step.get("onFailure", "Abort") not in ON_FAILURE:
        yield f"{path}.onFailure must be one of {', '.join(ON_FAILURE)}."


def parameter_details(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the parameters that a document declares, in the API's form."""
    details = []
    for declared in document.get("parameters") or []:
        detail: dict[str, Any] = {"name": declared["name"], "type": declared["type"]}
        if "default" in declared:
            detail["defaultValue"] = documents.default_values(declared["default"])
        if declared.get("description"):
            detail["description"] = declared["description"]
        details.append(detail)
    return details
