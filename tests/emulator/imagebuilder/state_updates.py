# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""StartResourceStateUpdate: deprecate, disable, restore or delete one image. The rules are those of the documentation of the service's model."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import TYPE_CHECKING

from . import inputs, lifecycle
from .exceptions import ImageBuilderError, invalid_request
from .images import Image, find_image
from .lifecycle_actions import Action, set_state
from .requests import Answer, Operation, Request, once

if TYPE_CHECKING:
    from .models import ImageBuilderBackend

ACTIONS = {"AVAILABLE": "AVAILABLE", "DEPRECATED": "DEPRECATE", "DISABLED": "DISABLE", "DELETED": "DELETE"}
# What an image may become, by its state.
TRANSITIONS = {
    **dict.fromkeys(("AVAILABLE", "DEPRECATED", "DISABLED"), frozenset(ACTIONS)),
    **dict.fromkeys(("FAILED", "CANCELLED"), frozenset(("DELETED",))),
}
OUTPUTS = {"AMI": "amis", "DOCKER": "containers"}


def start(backend: ImageBuilderBackend, request: Request) -> Answer:
    """Change the state of an image: at once, or in an execution when others of its resources are included or the time lies ahead."""
    image = find_image(backend, request["resourceArn"])
    included = frozenset(member for member, is_wanted in request.get("includeResources", {}).items() if is_wanted)
    wanted = request["state"].get("status", "")
    when = _time(request, wanted)
    _check_transition(image, wanted)
    _check_included(image, request, wanted, included)
    action = Action(ACTIONS[wanted], included, request.get("exclusionRules", {}).get("amis", {}), when=when)
    if not included and not when:
        set_state(image, action)
        return {"resourceArn": str(image.arn)}
    if any(not execution.has_ended for execution in lifecycle.executions_of(backend, str(image.arn))):
        raise ImageBuilderError("ResourceInUseException", f"The image '{image.arn}' already has a lifecycle execution in progress.")
    execution = lifecycle.begin(backend, str(image.arn), inputs.execution_role(backend, request), [(image, action)])
    return {"lifecycleExecutionId": execution.execution_id, "resourceArn": str(image.arn)}


def _time(request: Request, wanted: str) -> datetime | None:
    """Return when the change is to happen, nothing for now."""
    given = request.get("updateAt")
    if given is None:
        return None
    when = datetime.fromisoformat(given.replace("Z", "+00:00")) if isinstance(given, str) else datetime.fromtimestamp(given, timezone.utc)
    if wanted != "DEPRECATED" or when <= datetime.now(timezone.utc):
        raise invalid_request("'updateAt' can only be specified for the state DEPRECATED, and must be a future time.")
    return when


def _check_transition(image: Image, wanted: str) -> None:
    if not wanted:
        raise invalid_request("'state.status' is required.")
    if wanted not in TRANSITIONS.get(image.status, ()):
        raise invalid_request(f"The image '{image.arn}' is in state {image.status} and cannot be moved to state {wanted}.")
    if image.values["type"] == "DOCKER" and wanted != "DELETED":
        raise invalid_request("Container images can only be moved to state DELETED.")


def _check_included(image: Image, request: Request, wanted: str, included: frozenset[str]) -> None:
    output = OUTPUTS[image.values["type"]]
    if bool(included) != ("executionRole" in request):
        raise invalid_request("'includeResources' and 'executionRole' must be specified together.")
    if wanted == "DELETED" and output not in included:
        raise invalid_request(
            f"To move an image to state DELETED, include its underlying resources (includeResources.{output}); DeleteImage deletes the image alone."
        )
    if wanted != "DELETED" and included & {"snapshots", "containers"}:
        raise invalid_request("Snapshots and containers can only be included for the state DELETED.")
    if other := included & ({"containers"} if output == "amis" else {"amis", "snapshots"}):
        raise invalid_request(f"An image of type {image.values['type']} has no {', '.join(sorted(other))} to include.")
    if "snapshots" in included and "amis" not in included:
        raise invalid_request("Snapshots can only be included together with AMIs.")


OPERATIONS: dict[str, Operation] = {"StartResourceStateUpdate": once("StartResourceStateUpdate", start)}
