# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tags of anything that has an ARN."""

from __future__ import annotations

from .exceptions import ImageBuilderError, not_found
from .models import ImageBuilderBackend
from .requests import Answer, Operation, Request
from .resource import Resource


def _tagged(backend: ImageBuilderBackend, request: Request) -> Resource:
    """Return the resource whose tags are meant."""
    resource = backend.find(request["resourceArn"])
    if str(resource.arn) != request["resourceArn"]:
        raise not_found(request["resourceArn"])
    return resource


def list_tags(backend: ImageBuilderBackend, request: Request) -> Answer:
    """Return the tags of a resource."""
    return {"tags": dict(_tagged(backend, request).tags)}


def tag(backend: ImageBuilderBackend, request: Request) -> Answer:
    """Add or replace tags."""
    resource = _tagged(backend, request)
    tags = {**resource.tags, **request["tags"]}
    if len(tags) > 50:
        raise ImageBuilderError("InvalidParameterException", "A resource can have at most 50 tags.")
    resource.tags = tags
    return {}


def untag(backend: ImageBuilderBackend, request: Request) -> Answer:
    """Take tags away."""
    resource = _tagged(backend, request)
    resource.tags = {key: value for key, value in resource.tags.items() if key not in request["tagKeys"]}
    return {}


OPERATIONS: dict[str, Operation] = {"TagResource": tag, "UntagResource": untag, "ListTagsForResource": list_tags}
