# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""From an HTTP request to an operation and back. The model of botocore says what a request may hold and how an answer is written."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from typing import Any

from botocore.model import StructureShape
from moto.core.common_types import TYPE_RESPONSE
from moto.core.exceptions import ServiceException
from moto.core.responses import ActionResult, BaseResponse
from moto.core.utils import get_service_model

from .. import accounts
from . import authorization, progress, validation
from .exceptions import invalid_request
from .models import ImageBuilderBackend, imagebuilder_backends
from .operations import OPERATIONS


class ImageBuilderResponse(BaseResponse):
    """Answers all operations. moto's own parsing drops what it does not know, so the request is read here."""

    def __init__(self) -> None:
        super().__init__(service_name="imagebuilder")

    @property
    def backend(self) -> ImageBuilderBackend:
        """The service of the caller's account in the Region that was called."""
        backend: ImageBuilderBackend = imagebuilder_backends[self.current_account][self.region]
        return backend

    def _get_action(self) -> str:
        """Return the operation; method and path alone decide (a form or header that looks like an action is data)."""
        return str(self._get_action_from_method_and_request_uri(self.normalized_request) or "")

    def call_action(self) -> TYPE_RESPONSE:
        """Answer a request."""
        action = self._get_action()
        if not action:
            return 404, self.response_headers, json.dumps({"message": "Not Found"})
        request_id = str(uuid.uuid4())
        self.response_headers["x-amzn-RequestId"] = request_id  # of every answer, errors too
        try:
            result: object = {"requestId": request_id, **self._answer(action)}
        except ServiceException as error:
            result = error
        return self.serialized(ActionResult(result))

    def _answer(self, action: str) -> Mapping[str, Any]:
        operation = OPERATIONS.get(action)
        if operation is None:
            raise invalid_request(f"The emulator has no operation {action} yet.")
        model = get_service_model("imagebuilder").operation_model(action)
        shape = model.input_shape
        assert shape is not None  # every operation of this service has one
        request = self._request(shape)
        validation.check(model, request)
        authorization.check(self.backend, accounts.caller_of(self.get_access_key(), self.partition), action, shape, request)
        progress.advance(self.backend)
        with self.backend.lock:
            return operation(self.backend, request)

    def _request(self, shape: StructureShape) -> dict[str, Any]:
        """Collect the members of a request from path, query and body. null means not given."""
        request: dict[str, Any] = {}
        body = self._body()
        for name, member in shape.members.items():
            place, key = member.serialization.get("location"), member.serialization.get("name", name)
            if place == "uri":
                request[name] = self.uri_match.get(key)
            elif place == "querystring":
                given = self.normalized_request.args.getlist(key)
                request[name] = (given if member.type_name == "list" else given[0]) if given else None
        whole: dict[str, Any] = without_nulls({**request, **body})
        return whole

    def _body(self) -> dict[str, Any]:
        if not self.body:
            return {}
        try:
            body = json.loads(self.body)
        except ValueError as error:
            raise invalid_request("The request body is not valid JSON.") from error
        if not isinstance(body, dict):
            raise invalid_request("The request body is not a JSON object.")
        return body


def without_nulls(value: Any) -> Any:
    """Return a JSON value without the members that are null."""
    if isinstance(value, dict):
        return {name: without_nulls(item) for name, item in value.items() if item is not None}
    if isinstance(value, list):
        return [without_nulls(item) for item in value]
    return value
