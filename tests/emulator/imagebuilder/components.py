# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Components: the YAML document of build and test steps, read as Image Builder's task executor reads it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import yaml

from .exceptions import invalid_combination, invalid_value, invalid_version
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
    if ("data" in request) == ("uri" in request):
        raise invalid_combination("Exactly one of the parameters 'data' and 'uri' must be provided.")
    text = request["data"] if "data" in request else _download(request["uri"], backend)
    document = parse_document(text, "data" if "data" in request else "uri")
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


def _download(uri: str, backend: ImageBuilderBackend) -> str:
    """Return the document that lies at s3://bucket/key in this account."""
    from moto.s3.models import s3_backends  # noqa: PLC0415  # heavy, and seldom needed

    bucket, _slash, key = uri.removeprefix("s3://").partition("/")
    if not uri.startswith("s3://") or not key:
        raise invalid_value("uri", "The URI must have the form s3://bucket/key.")
    found = s3_backends[backend.account_id][backend.partition].get_object(bucket, key)
    if found is None:
        raise invalid_value("uri", f"The component document '{uri}' cannot be downloaded.")
    return bytes(found.value).decode()


def parse_document(text: str, parameter: str) -> dict[str, Any]:
    """Read a component document. Raises the error AWS answers for one that its task executor would refuse."""
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise invalid_value(parameter, f"The component document is not valid YAML: {error}") from error
    if problem := _document_problem(document):
        raise invalid_value(parameter, f"The component document is not valid. {problem}")
    return dict(document)


def _document_problem(document: Any) -> str:
    if not isinstance(document, dict):
        return "It must be a mapping."
    # As number or text: AWS takes 1 for it too, which is what is left of 1.0 where a program writes the YAML (Terraform's yamlencode).
    if str(document.get("schemaVersion")) not in ("1.0", "1"):
        return "schemaVersion must be 1.0."
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
                default = about["default"]
                detail["defaultValue"] = [str(value) for value in (default if isinstance(default, list) else [default])]
            if about.get("description"):
                detail["description"] = about["description"]
            details.append(detail)
    return details
