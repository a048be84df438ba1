# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AWS Marketplace. Nobody in the emulated accounts has subscribed to anything, so there is never anything to hand out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .exceptions import invalid_request, not_found
from .names import Arn
from .requests import Answer, Operation, Request

if TYPE_CHECKING:
    from .models import ImageBuilderBackend


def get_resource(backend: ImageBuilderBackend, request: Request) -> Answer:
    """Refuse what makes no sense, and find nothing of what does."""
    is_artifact = request["resourceType"] == "COMPONENT_ARTIFACT"
    if is_artifact != ("resourceLocation" in request):
        raise invalid_request("'resourceLocation' must be specified for the resource type COMPONENT_ARTIFACT, and only for it.")
    arn = request["resourceArn"]
    if Arn.parse(arn).account != "aws-marketplace":
        backend.find(arn)  # what is not there is not found, whatever it was to be
        raise invalid_request(f"The resource '{arn}' is no AWS Marketplace resource.")
    raise not_found(arn)


OPERATIONS: dict[str, Operation] = {"GetMarketplaceResource": get_resource}
