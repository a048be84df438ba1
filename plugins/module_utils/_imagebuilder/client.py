# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls to Image Builder: retries, pages and errors in one place. Private to this collection."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NoReturn

try:
    import botocore
    import botocore.exceptions
except ImportError:
    pass  # AnsibleAWSModule says so

from ansible_collections.amazon.aws.plugins.module_utils.exceptions import AnsibleAWSError
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import schema

RETRY = AWSRetry.jittered_backoff(
    retries=8,
    delay=1,
    max_delay=30,
    catch_extra_error_codes=["CallRateLimitExceededException", "ResourceInUseException", "ServiceUnavailableException"],
)

NOT_FOUND = "ResourceNotFoundException"
ALREADY_EXISTS = "ResourceAlreadyExistsException"
IN_USE = "ResourceDependencyException"

REMEDIES = {
    "AccessDenied": "Allow this action for the credentials that the task uses.",
    "AccessDeniedException": "Allow this action for the credentials that the task uses.",
    "CallRateLimitExceededException": "Too many requests at once, also after retrying: run fewer tasks at the same time.",
    "ExpiredToken": "Get new credentials.",
    "ExpiredTokenException": "Get new credentials.",
    "ForbiddenException": "Allow this action for the credentials that the task uses.",
    "InvalidClientTokenId": "The access key is unknown, or its account has not enabled this Region.",
    "ServiceQuotaExceededException": "Delete what is not needed any more, or ask for a higher quota in Service Quotas.",
    "UnrecognizedClientException": "The access key is unknown, or its account has not enabled this Region.",
    "EndpointConnectionError": "Is the Region's name right, and does it offer EC2 Image Builder? Is the network or the endpoint_url all right?",
    "NoCredentialsError": "Give a profile or credentials, as options of the task or in the environment.",
    "NoRegionError": "Give the option region, or set AWS_REGION.",
}


class ImageBuilderError(AnsibleAWSError):
    """A call to AWS failed. `code` is AWS's error code or the name of botocore's exception."""

    def __init__(self, message: str, exception: Exception | None = None) -> None:
        super().__init__(message=message, exception=exception)
        response = getattr(exception, "response", None) or {}
        self.code = str(response.get("Error", {}).get("Code") or type(exception).__name__)
        self.aws_message = str(response.get("Error", {}).get("Message") or exception or "")

    def explanation(self) -> str:
        """What was tried, what AWS said, and what to do."""
        said = f" AWS said: {self.aws_message} ({self.code})." if self.exception else ""
        remedy = REMEDIES.get(self.code, "")
        return f"{self.message}.{said.replace('..', '.')}{f' {remedy}' if remedy else ''}"


@contextmanager
def errors(attempt: str) -> Iterator[None]:
    """Turn botocore's exceptions inside the block into an ImageBuilderError; `attempt` completes "Failed to ..."."""
    try:
        yield
    except (botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError) as error:
        raise ImageBuilderError(f"Failed to {attempt}", error) from error


class Api:
    """Image Builder in one account and Region."""

    def __init__(self, client: Any, where: str) -> None:
        """`client` is a boto3 client with or without amazon.aws's retry wrapper; `where` says in messages which account and Region it is."""
        self.client = client
        self.where = where

    def call(self, operation: str, **members: Any) -> dict[str, Any]:
        """One call, repeated when throttled. A client token, where the operation takes one, stays the same over the repeats.

        Raises ImageBuilderError.
        """
        shape = schema.input_shape(operation)
        token = next((name for name, member in shape.members.items() if member.metadata.get("idempotencyToken")), None)
        request = {token: str(uuid.uuid4()), **members} if token else members
        method = RETRY(getattr(self.client, botocore.xform_name(operation)))
        with errors(f"{_words(operation)}{_subject(members)} {self.where}"):
            answer: dict[str, Any] = method(**request)
        return answer

    def find(self, operation: str, **members: Any) -> dict[str, Any] | None:
        """Like `call`, but None for what does not exist."""
        try:
            return self.call(operation, **members)
        except ImageBuilderError as error:
            if error.code == NOT_FOUND:
                return None
            raise

    def pages(self, operation: str, **members: Any) -> list[dict[str, Any]]:
        """All entries of a list operation, from all its pages.

        Raises ImageBuilderError.
        """
        entries, _shape = listed_entries(operation)

        def fetch() -> list[dict[str, Any]]:
            pages = self.client.get_paginator(botocore.xform_name(operation)).paginate(**members)
            return list(pages.build_full_result().get(entries, []))

        with errors(f"{_words(operation)} {self.where}"):
            fetched: list[dict[str, Any]] = RETRY(fetch)()
        return fetched


def listed_entries(operation: str) -> tuple[str, schema.Shape]:
    """The member of a list operation's answer that holds the entries, and the shape of one entry."""
    members = schema.output_shape(operation).members
    return next((name, member.member) for name, member in members.items() if member.type_name == "list")


def fail(module: Any, error: ImageBuilderError) -> NoReturn:
    """End the module with an error of AWS."""
    module.fail_json(msg=error.explanation(), error={"code": error.code, "message": error.aws_message}, exception=_trace(error))
    raise AssertionError("fail_json returned")


def _trace(error: ImageBuilderError) -> str:
    return f"{type(error.exception).__name__}: {error.exception}"


def _words(operation: str) -> str:
    """An operation's name as words: `CreateImageRecipe` is `create image recipe`."""
    return re.sub(r"(?<!^)(?=[A-Z])", " ", operation).lower()


def _subject(members: dict[str, Any]) -> str:
    """The name or ARN in a request, to say what the call was about."""
    named = members.get("name") or next((value for name, value in members.items() if name.endswith("Arn") and isinstance(value, str)), "")
    return f" {named}" if named else ""
