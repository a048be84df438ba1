# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls that have an image built, retried, followed and deleted. What is to be done is decided in `image.py`.

Stopping at any point loses nothing: the build goes on at AWS without us, and the next run finds it by its inputs (see `image.decide`).

This module util is private to the collection.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import schema
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.client import NOT_FOUND, Api, ImageBuilderError
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.compare import Description
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image import (
    RUNNING,
    Action,
    Decision,
    Inputs,
    build_number,
    candidates,
    decide,
    status,
)

# Errors that pass by themselves. `Api` repeats some of them for a minute or two; while an image is followed for hours, longer disturbances
# (an overloaded service, a lost network) are waited out as well, until the time is up.
TRANSIENT = frozenset(
    {
        "CallRateLimitExceededException",
        "InternalError",
        "InternalFailure",
        "InternalServerError",
        "RequestLimitExceeded",
        "ServiceException",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "Throttling",
        "ThrottlingException",
        "TooManyRequestsException",
        "ConnectTimeoutError",
        "ConnectionClosedError",
        "ConnectionError",
        "CredentialRetrievalError",
        "EndpointConnectionError",
        "HTTPClientError",
        "ReadTimeoutError",
        "ResponseStreamingError",
    }
)

# With these AWS says that this image cannot be retried; any other error (no permission, no network) says nothing about the image.
_REFUSALS = frozenset(
    {
        "ClientException",
        "InvalidParameterCombinationException",
        "InvalidParameterException",
        "InvalidParameterValueException",
        "InvalidRequestException",
        "ResourceInUseException",
        "ValidationException",
    }
)

# GetImage may show the old failure for a moment after a retry was accepted.
_POLLS_OF_AN_OLD_STATE = 3


# A new image may not be shown in the first moments; in seconds.
_PAUSES_OF_A_NEW_IMAGE = (0.5, 1, 2)


class StillRunningError(Exception):
    """The time to wait is over and the image is not finished; it goes on without us."""

    def __init__(self, image: Description) -> None:
        self.image = image
        super().__init__(f"{image['arn']} is {status(image)}")


class GoneError(Exception):
    """The image was deleted while it was followed."""


@dataclass(frozen=True)
class Patience:
    """How long to follow an image, and how long to pause between two looks; in seconds."""

    timeout: float
    interval: float
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@dataclass
class Run:
    """What was done: the decision, the image as it was when it was started or found, and what the user has to know besides."""

    decision: Decision
    image: Description
    warnings: list[str] = field(default_factory=list)

    @property
    def changed(self) -> bool:
        """Whether something was started. To follow what runs already changes nothing."""
        return self.decision.action in (Action.BUILD, Action.RETRY)


def get_image(api: Api, arn: str) -> Description | None:
    """Description of an image build version, or None if there is none. Raises ImageBuilderError."""
    answer = api.find("GetImage", imageBuildVersionArn=arn)
    return answer["image"] if answer else None


def read_inputs(api: Api, request: Mapping[str, Any], predict: bool = False) -> Inputs | None:
    """The inputs that a request of CreateImage means at this moment: the newest recipe of an open version, and what is distributed where.

    To `predict` (check mode) a recipe or configuration may be missing, as an earlier task may be about to make it. Then there can be no image
    of it either: None for a recipe that is not known, no distributions for a configuration.
    Raises ImageBuilderError, for a missing one too otherwise.
    """
    read = api.find if predict else api.call
    request = dict(request)
    member = "imageRecipeArn" if "imageRecipeArn" in request else "containerRecipeArn"
    if "x" in str(request[member]).rsplit("/", 1)[-1]:
        answer = read("GetImageRecipe" if member == "imageRecipeArn" else "GetContainerRecipe", **{member: request[member]})
        if answer is None:
            return None
        request[member] = answer[member.removesuffix("Arn")]["arn"]
    distributions = None
    if "distributionConfigurationArn" in request:
        answer = read("GetDistributionConfiguration", distributionConfigurationArn=request["distributionConfigurationArn"])
        distributions = answer["distributionConfiguration"].get("distributions", []) if answer else None
    return Inputs(request, distributions)


def list_builds(api: Api, image_version_arn: str) -> list[dict[str, Any]]:
    """Summaries of all builds of an image version; none if there is no such version. Raises ImageBuilderError."""
    try:
        return api.pages("ListImageBuildVersions", imageVersionArn=image_version_arn)
    except ImageBuilderError as error:
        if error.code == NOT_FOUND:
            return []
        raise


@dataclass(frozen=True)
class Standing:
    """How things stand with the wanted image: all builds of its recipe, and what is to be done."""

    builds: Sequence[Description]
    decision: Decision

    @property
    def next_number(self) -> int:
        """Number of the next build, if nobody else builds meanwhile."""
        return max(map(build_number, self.builds), default=0) + 1


def consider(api: Api, inputs: Inputs, *, force: bool = False, retry: bool = True) -> Standing:
    """Look at what there is and decide. Raises ImageBuilderError."""
    summaries = list_builds(api, inputs.image_version_arn)

    def images() -> Iterator[Description]:
        for summary in candidates(inputs, summaries, force):
            image = get_image(api, summary["arn"])
            if image is not None:
                yield image

    return Standing(summaries, decide(inputs, images(), retry))


def carry_out(api: Api, inputs: Inputs, standing: Standing) -> Run:
    """Do what was decided; waiting is not part of it. Raises ImageBuilderError."""
    decision, builds = standing.decision, len(standing.builds)
    if decision.action is Action.BUILD or decision.image is None:
        return Run(decision, _build(api, inputs, builds))
    if decision.action is not Action.RETRY:
        return Run(decision, decision.image)
    refusal = _retry(api, decision.image["arn"])
    if refusal is None:
        return Run(decision, decision.image)
    image = get_image(api, decision.image["arn"])
    if image is not None and status(image) in RUNNING:
        return Run(Decision(Action.ATTACH, image, f"{image['arn']} was retried by somebody else"), image)
    warning = f"{decision.image['arn']} could not be retried, so it is built again, from the start. {refusal}"
    return Run(Decision(Action.BUILD, None, warning), _build(api, inputs, builds), [warning])


def _build(api: Api, inputs: Inputs, builds: int) -> Description:
    """Start a build; the client token makes it one build however often this is sent (see `Inputs.client_token`).

    A token outlives its image: when the only build was deleted since, the count is what it was and AWS answers with the image that is gone.
    A token of its own then makes a new one.
    """
    for salt in ("", str(uuid.uuid4())):
        arn = api.call("CreateImage", **inputs.request, clientToken=inputs.client_token(builds, salt))["imageBuildVersionArn"]
        image = _new_image(api, arn)
        if image is not None:
            return image
    return {"arn": arn, "state": {"status": "PENDING"}}


def _new_image(api: Api, arn: str) -> Description | None:
    """The image of a request just made, or None if it was deleted. One that is only not shown yet gets some seconds, or it would be built twice."""
    for pause in (*_PAUSES_OF_A_NEW_IMAGE, None):
        image = get_image(api, arn)
        if image is not None:
            return None if status(image) == "DELETED" else image
        if pause is not None:
            time.sleep(pause)
    return None


def _retry(api: Api, arn: str) -> str | None:
    """Retry an image in place. Returns None, or AWS's words when it refuses. Raises ImageBuilderError for other errors."""
    if "RetryImage" not in schema.service_model().operation_names:
        return "The installed botocore does not know RetryImage yet: install a newer one."
    try:
        api.call("RetryImage", imageBuildVersionArn=arn)
    except ImageBuilderError as error:
        if error.code in _REFUSALS:
            return f"AWS said: {error.aws_message}"
        raise
    return None


def follow(api: Api, arn: str, patience: Patience, retried: Description | None = None) -> Description:
    """Look at an image until it has come to an end, and return it as it is then.

    `retried` is the description from before a retry: its state is not taken for the end at once, as the service may show it a little longer.
    Raises StillRunningError when the time is up, GoneError when the image is deleted meanwhile, and ImageBuilderError for errors that do not pass.
    """
    deadline = patience.clock() + patience.timeout
    image: Description = retried or {"arn": arn, "state": {"status": "PENDING"}}
    old_state, old_polls = (retried or {}).get("state"), _POLLS_OF_AN_OLD_STATE
    while True:
        answer = _look(api, arn)
        if answer is not None:
            image = answer
            if image.get("state") == old_state and old_polls > 0:
                old_polls -= 1
            elif status(image) not in RUNNING:
                return image
        rest = deadline - patience.clock()
        if rest <= 0:
            raise StillRunningError(image)
        patience.sleep(min(patience.interval, rest))


def _look(api: Api, arn: str) -> Description | None:
    """The image, or None when it cannot be seen at this moment. Raises GoneError and ImageBuilderError."""
    try:
        image = get_image(api, arn)
    except ImageBuilderError as error:
        if error.code in TRANSIENT:
            return None
        raise
    if image is None:
        raise GoneError(arn)
    return image


def delete_image(api: Api, arn: str) -> None:
    """Delete an image build version; its AMIs stay. One that is gone meanwhile is as good as deleted. Raises ImageBuilderError."""
    api.find("DeleteImage", imageBuildVersionArn=arn)


def find_images(api: Api, image_version_arns: Iterable[str], limit: int | None = None) -> list[Description]:
    """Descriptions of the builds of some image versions, the newest of each version first. Raises ImageBuilderError."""
    found = []
    for version_arn in image_version_arns:
        summaries = sorted(list_builds(api, version_arn), key=build_number, reverse=True)
        found += [image for summary in summaries[:limit] if (image := get_image(api, summary["arn"])) is not None]
    return found
