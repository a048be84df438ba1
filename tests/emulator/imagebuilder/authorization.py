# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether who calls an operation may do so: every operation is an IAM action of its own name.

Rules: "Actions, resources, and condition keys for Amazon EC2 Image Builder" in the service authorization reference. What a policy on the
resource itself allows to others (sharing.py) does not count here: the emulator finds no resources of other accounts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from botocore.model import StructureShape

from .. import access
from ..access import Caller
from .exceptions import access_denied
from .kinds import IMAGE, KINDS, Kind
from .names import folded

if TYPE_CHECKING:
    from .models import ImageBuilderBackend

# What each operation makes.
MADE: dict[str, Kind] = {
    **{f"{verb}{kind.shape}": kind for verb in ("Create", "Import") for kind in KINDS},
    **dict.fromkeys(("DistributeImage", "ImportDiskImage", "ImportVmImage"), IMAGE),
}


def check(backend: ImageBuilderBackend, caller: Caller, action: str, shape: StructureShape, request: Mapping[str, Any]) -> None:
    """Raise AccessDeniedException unless the caller's policies allow the action. `shape` is that of the request."""
    resource = _made(backend, MADE[action], request) if action in MADE else _named(shape, request)
    tags = request.get("tags", {}) if action != "UntagResource" else {}
    context: dict[str, Any] = {f"aws:RequestTag/{key}": value for key, value in tags.items()}
    if tags:
        context["aws:TagKeys"] = list(tags)
    decision = access.authorize(caller, f"imagebuilder:{action}", resource, context, resource_account_id=backend.account_id)
    if not decision.allowed:
        raise access_denied(decision.message)


def _made(backend: ImageBuilderBackend, kind: Kind, request: Mapping[str, Any]) -> str:
    """Return the ARN of what a request is to make, with * for what AWS chooses."""
    name, version = folded(request.get("name", "*")), request.get("semanticVersion", "")
    tail = f"/{version}" if version else ""
    return f"arn:{backend.partition}:imagebuilder:{backend.region_name}:{backend.account_id}:{kind.type_of(request)}/{name}{tail}"


def _named(shape: StructureShape, request: Mapping[str, Any]) -> str:
    """Return the ARN that a request has to name, * when it is about no particular resource."""
    return next((str(request[member]) for member in shape.required_members if member.endswith("Arn")), "*")
