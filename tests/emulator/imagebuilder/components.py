# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Components: the YAML document of build and test steps, read as Image Builder's task executor reads it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import yaml

from . import documents
from .exceptions import invalid_value, invalid_version
from .names import version_problem

if TYPE_CHECKING:
    from .models import ImageBuilderBackend

PHASES = ("build", "validate", "test")
ACTIONS = frozenset(
    re.findall(
        r"\w+",
        "AppendFile Assert CopyFile CopyFolder CreateFile CreateFolder CreateSymlink DeleteFile DeleteFolder ExecuteBash "
        "ExecuteBinary ExecuteDocument ExecutePowerShell InstallMSI ListFiles MoveFile MoveFolder ReadFile Reboot S3Download "
        "S3Upload SetFileEncoding SetFileOwner SetFilePermissions SetFolderOwner SetFolderPermissions SetRegistry UninstallMSI "
        "UpdateOS WebDownload",
    )
)


def prepare(backend: ImageBuilderBackend, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return what Image Builder adds to a component's request. Raises the service's errors."""
    if problem := version_problem(request["semanticVersion"]):
        raise invalid_version(problem)
    text, parameter = documents.text_of(backend, request)
    document = parse_document(text, parameter)
    phases = [phase["name"] for phase in document["phases"]]
    return {
        "version": request["semanticVersion"],
        "data": text,
        "type": "TEST" if phases == ["test"] else "BUILD",
        "parameters": parameter_details(document),
        "owner": backend.account_id,
        "encrypted": True,
        "state": {"status": "ACTIVE"},
        "status": "ACTIVE",
        "obfuscate": False,
    }


def parse_document(text: str, parameter: str) -> dict[str, Any]:
    """Read a component document. Raises the error AWS answers for one that its task executor would refuse."""
    document = documents.mapping_of(text, parameter, "component document")
    if problem := _document_problem(document):
        raise invalid_value(parameter, f"The component document is not valid. {problem}")
    return document


def _document_problem(document: Mapping[str, Any]) -> str:
    phases = document.get("phases")
    if not isinstance(phases, list) or not phases:
        return "phases must be a list with at least one phase."
    names = [phase.get("name") if isinstance(phase, dict) else None for phase in phases]
    if len(set(map(str, names))) != len(names):
        return "The name of a phase must be unique."
    return next(filter(None, (_phase_problem(phase, index) for index, phase in enumerate(phases))), "")


def _phase_problem(phase: Any, index: int) -> str:
    if not isinstance(phase, dict) or phase.get("name") not in PHASES:
        return f"phases[{index}].name must be one of {', '.join(PHASES)}."
    steps = phase.get("steps")
    if not isinstance(steps, list) or not steps:
        return f"phases[{index}].steps must be a list with at least one step."
    for number, step in enumerate(steps):
        if not isinstance(step, dict) or not isinstance(step.get("name"), str):
            return f"phases[{index}].steps[{number}].name is required."
        if step.get("action") not in ACTIONS:
            return f"phases[{index}].steps[{number}].action '{step.get('action')}' is not a known action module."
    return ""


def parameter_details(document: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the parameters that a document declares, in the API's form."""
    details = []
    for declared in document.get("parameters") or []:
        for name, about in declared.items():
            detail: dict[str, Any] = {"name": name, "type": str(about.get("type", "string")).capitalize()}
            if "default" in about:
                detail["defaultValue"] = documents.default_values(about["default"])
            if about.get("description"):
                detail["description"] = about["description"]
            details.append(detail)
    return details


def imported(backend: ImageBuilderBackend, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return the create request that an import stands for: the script, wrapped in a document whose only step runs it."""
    script, _parameter = documents.text_of(backend, request)
    action = "ExecutePowerShell" if request["platform"] == "Windows" else "ExecuteBash"
    step = {"name": "RunScript", "action": action, "inputs": {"commands": [script]}}
    document = {"schemaVersion": 1.0, "phases": [{"name": request["type"].lower(), "steps": [step]}]}
    kept = {name: value for name, value in request.items() if name not in ("uri", "format", "type")}
    return {**kept, "data": yaml.safe_dump(document, sort_keys=False)}
