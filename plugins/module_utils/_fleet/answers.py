# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Answers that break off count as failed calls. Private to this collection.

botocore does not compare an answer with the length that its headers announce. Where a connection ends in the middle of the answer, as with a
proxy that is restarted, it takes what has come for the whole: a list without entries, a key without a policy, or XML that it cannot parse and
does not ask for again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_UNAVAILABLE = 503  # what botocore's retries, in each of their modes, take for a failure that passes


def demand_whole_answers(client: Any) -> None:
    """Have a botocore client ask again, as often as for other failures, when an answer breaks off; in the end that is a ClientError."""
    # The handler of the retries hangs on the name of the service, where it would come before one of a more general name.
    client.meta.events.register("before-parse", _drop_torn_body)
    client.meta.events.register_first(f"needs-retry.{client.meta.service_model.service_id.hyphenize()}", _fail_torn_answer)


def _drop_torn_body(operation_model: Any, response_dict: dict[str, Any], **_event: Any) -> None:
    """botocore's event before it parses an answer."""
    if _is_torn(operation_model, response_dict["headers"], response_dict["body"]):
        response_dict.update(status_code=_UNAVAILABLE, body=b"")


def _fail_torn_answer(operation: Any, response: tuple[Any, Any] | None, **_event: Any) -> None:
    """botocore's event before it decides whether to ask again."""
    if response is not None and not operation.has_streaming_output and _is_torn(operation, response[0].headers, response[0].content):
        response[0].status_code = _UNAVAILABLE


def _is_torn(operation: Any, headers: Mapping[str, str], body: Any) -> bool:
    """Whether less has come than was announced. An answer that is handed out as a stream says so itself, and HEAD announces only."""
    announced = headers.get("content-length", "")
    return isinstance(body, bytes) and operation.http["method"] != "HEAD" and announced.isdigit() and len(body) < int(announced)
