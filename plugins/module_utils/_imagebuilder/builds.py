# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The calls that have an image built or imported, retried, followed and deleted. What is to be done is decided in `image.py`.

Stopping at any point loses nothing: the build goes on at AWS without us, and the next run finds it by its inputs (see `image.decide`).

This module util is private to the collection.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import schema
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.client import NOT_FOUND, Api, ImageBuilderError
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.compare import Description
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image import (
    RUNNING,
    Action,
    Decision,
    Inputs,
    Wanted,
    build_number,
    candidates,
    decide,
    status,
)
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image_progress import is_under_way as is_execution_under_way
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image_state import OPERATION, UNDER_WAY, is_under_way
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.image import IMAGE

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

# The token was sent before, in a request that differs from this one.
_KNOWN_TOKEN = "IdempotentParameterMismatchException"  # noqa: S105 - no secret, an error code

# GetImage may show the old failure for a moment after a retry was accepted.
POLLS_OF_AN_OLD_STATE = 3


# A new image may not be shown in the first moments; in seconds.
_PAUSES_OF_A_NEW_IMAGE = (0.5, 1, 2)


class StillRunningError(Exception):
    """The time to wait is over and the image is not finished; it goes on without us."""

    def __init__(self, image: Description, trouble: ImageBuilderError | None = None) -> None:
        self.image = image
        self.trouble = trouble  # why the last look showed nothing
        super().__init__(f"{image['arn']} is still {status(image)}")


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


def read_pipeline(api: Api, request: Mapping[str, Any], predict: bool = False) -> Inputs | None:
    """The inputs that a request of StartImagePipelineExecution means at this moment: those of the pipeline, but the tags of the request.

    Where a pipeline logs to is its own affair and takes no part in comparing. To `predict`, what is missing is None as with `read_inputs`.
    Raises ImageBuilderError.
    """
    arn = str(request["imagePipelineArn"])
    answer = (api.find if predict else api.call)("GetImagePipeline", imagePipelineArn=arn)
    if answer is None:
        return None
    pipeline = answer["imagePipeline"]
    members = {name: pipeline[name] for name in IMAGE.content_members() if name in pipeline and name != "loggingConfiguration"}
    inputs = read_inputs(api, {**members, **({"tags": request["tags"]} if "tags" in request else {})}, predict)
    return replace(inputs, pipeline_arn=arn) if inputs else None


def list_builds(api: Api, image_version_arn: str) -> list[dict[str, Any]]:
    """Summaries of all builds of an image version, without one those of all images; none if there is no such version. Raises ImageBuilderError."""
    try:
        return api.pages("ListImageBuildVersions", **({"imageVersionArn": image_version_arn} if image_version_arn else {}))
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


def consider(api: Api, wanted: Wanted, *, force: bool = False, retry: bool = True) -> Standing:
    """Look at what there is and decide. Raises ImageBuilderError."""
    summaries = list_builds(api, wanted.listed_by)

    def images() -> Iterator[Description]:
        for summary in candidates(wanted, summaries, force):
            image = get_image(api, summary["arn"])
            if image is not None:
                yield image

    return Standing(summaries, decide(wanted, images(), retry))


def carry_out(api: Api, wanted: Wanted, standing: Standing) -> Run:
    """Do what was decided; waiting is not part of it. An image that AWS refuses to retry is to be repaired. Raises ImageBuilderError."""
    decision = standing.decision
    if decision.image is None:
        return _make(api, wanted, standing)
    if decision.action is not Action.RETRY:
        return Run(decision, decision.image)
    refusal = retry_image(api, decision.image["arn"])
    if refusal is None:
        return Run(decision, decision.image)
    image = get_image(api, decision.image["arn"])
    if image is not None and status(image) in RUNNING:
        return Run(Decision(Action.ATTACH, image, f"{image['arn']} was retried by somebody else"), image)
    return Run(Decision(Action.REPAIR, decision.image, refusal), decision.image)


def make_instead(api: Api, wanted: Wanted, standing: Standing, why: str) -> Run:
    """Make an image anew, as the one that failed can neither be retried nor repaired. Raises ImageBuilderError."""
    arn = standing.decision.image["arn"] if standing.decision.image else wanted.image_version_arn
    warning = f"{arn} could not be retried, so it is built again, from the start. {why}"
    run = _make(api, wanted, replace(standing, decision=Decision(wanted.making, None, warning)))
    return replace(run, warnings=[warning])


def _make(api: Api, wanted: Wanted, standing: Standing) -> Run:
    """Start a build or an import; the client token makes it one however often this is sent (see `Wanted.client_token`).

    A token outlives its image: when the only build was deleted since, the count is what it was and AWS answers with the image that is gone.
    A token of its own then makes a new one. And where AWS knows the token with other tags or logs, a run that was cut off has started the
    image with it before they were edited.
    """
    wanted.prepare(api)
    attempts = wanted.attempts(standing.builds)
    arn = ""
    for salt in ("", str(uuid.uuid4())):
        try:
            answer = api.call(wanted.operation, **wanted.start_request, clientToken=wanted.client_token(attempts, salt))
        except ImageBuilderError as error:
            if error.code != _KNOWN_TOKEN:
                raise
            started = _started_before(api, wanted)
            if started is not None:
                return started
            continue
        arn = str(answer.get("imageBuildVersionArn") or answer["imageArn"])  # ImportVmImage alone calls it so
        image = _new_image(api, arn)
        if image is not None:
            return Run(standing.decision, image)
    return Run(standing.decision, {"arn": arn, "state": {"status": "PENDING"}})


def _started_before(api: Api, wanted: Wanted) -> Run | None:
    """The image that an earlier request with the same token has started, once it is listed; None when it does not show itself."""
    for pause in _PAUSES_OF_A_NEW_IMAGE:
        decision = consider(api, wanted, force=True).decision
        if decision.image is not None:
            return Run(decision, decision.image)
        time.sleep(pause)
    return None


def _new_image(api: Api, arn: str) -> Description | None:
    """The image of a request just made, or None if it was deleted. One that is only not shown yet gets some seconds, or it would be built twice."""
    for pause in (*_PAUSES_OF_A_NEW_IMAGE, None):
        image = get_image(api, arn)
        if image is not None:
            return None if status(image) == "DELETED" else image
        if pause is not None:
            time.sleep(pause)
    return None


def retry_image(api: Api, arn: str) -> str | None:
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


def never(_image: Description) -> bool:
    """No state of an image but its end is news."""
    return False


def follow(api: Api, arn: str, patience: Patience, retried: Description | None = None, is_news: Callable[[Description], bool] = never) -> Description:
    """Look at an image until it has come to an end, or is news, and return it as it is then.

    `retried` is the description from before a retry: its state is not taken for the end at once, as the service may show it a little longer.
    Raises StillRunningError when the time is up, GoneError when the image is deleted meanwhile, and ImageBuilderError for errors that do not pass.
    """
    old_state, old_polls = (retried or {}).get("state"), iter(range(POLLS_OF_AN_OLD_STATE))

    def has_ended(image: Description) -> bool:
        is_old = image.get("state") == old_state and next(old_polls, None) is not None
        return not is_old and (status(image) not in RUNNING or is_news(image))

    first = retried or {"arn": arn, "state": {"status": "PENDING"}}
    return _watch(lambda: get_image(api, arn), has_ended, patience, first)


def read_executions(api: Api, arn: str, of_all: bool = False) -> list[dict[str, Any]]:
    """The executions of an image's workflows that tell where it stands: with the steps of those that run and of all distributions, or of all.

    Raises ImageBuilderError.
    """
    executions = api.pages("ListWorkflowExecutions", imageBuildVersionArn=arn)
    return [
        {**one, "steps": api.pages("ListWorkflowStepExecutions", workflowExecutionId=one["workflowExecutionId"])}
        if of_all or one.get("type") == "DISTRIBUTION" or is_execution_under_way(one)
        else one
        for one in executions
    ]


def follow_state(api: Api, image: Description, patience: Patience, has_ended: Callable[[Description], bool]) -> Description | None:
    """Look at an image until its state is what is waited for, and return it as it is then; None when it is gone. Raises as `follow` does."""
    try:
        return _watch(lambda: get_image(api, str(image["arn"])), has_ended, patience, image)
    except GoneError:
        return None


def follow_execution(api: Api, execution_id: str, patience: Patience) -> Description:
    """Look at a lifecycle execution until it has come to an end, and return it as it is then, with its resources. Raises as `follow` does."""
    first = {"arn": execution_id, "state": {"status": "PENDING"}}
    _watch(lambda: get_execution(api, execution_id), lambda execution: status(execution) not in UNDER_WAY, patience, first)
    return read_execution(api, execution_id) or first


def _watch(read: Callable[[], Description | None], has_ended: Callable[[Description], bool], patience: Patience, first: Description) -> Description:
    """What is read, once it has come to an end. Errors that pass are waited out.

    Raises StillRunningError with what was seen last, GoneError for what is not there any more, and ImageBuilderError for errors that do not pass.
    """
    deadline, last = patience.clock() + patience.timeout, first
    while True:
        trouble = None
        try:
            answer = read()
        except ImageBuilderError as error:
            if error.code not in TRANSIENT:
                raise
            trouble = error
        else:
            if answer is None:
                raise GoneError(str(first["arn"]))
            last = answer
            if has_ended(last):
                return last
        rest = deadline - patience.clock()
        if rest <= 0:
            raise StillRunningError(last, trouble)
        patience.sleep(min(patience.interval, rest))


def get_execution(api: Api, execution_id: str) -> Description | None:
    """A lifecycle execution, with its id as `arn` too; None if there is none. Raises ImageBuilderError."""
    answer = api.find("GetLifecycleExecution", lifecycleExecutionId=execution_id)
    return {"arn": execution_id, **answer["lifecycleExecution"]} if answer else None


def read_execution(api: Api, execution_id: str) -> Description | None:
    """A lifecycle execution with the resources that it works on, images and what was made of them; None if there is none.

    Raises ImageBuilderError.
    """
    execution = get_execution(api, execution_id)
    if execution is None:
        return None
    resources = api.pages("ListLifecycleExecutionResources", lifecycleExecutionId=execution_id)
    for resource in list(resources):
        parts = {"lifecycleExecutionId": execution_id, "parentResourceId": resource["resourceId"]}
        resources += api.pages("ListLifecycleExecutionResources", **parts)
    return {**execution, "resources": resources}


def running_execution(api: Api, image: Description) -> Description | None:
    """The lifecycle execution that is at work on an image, with its resources, or None. Raises ImageBuilderError."""
    entries = api.pages("ListLifecycleExecutions", resourceArn=image["arn"])
    running = next((entry["lifecycleExecutionId"] for entry in entries if is_under_way(image, entry)), None)
    return read_execution(api, running) if running else None


def start_update(api: Api, arn: str, update: Mapping[str, Any]) -> str | None:
    """Change the state of an image. Returns the id of the lifecycle execution that does it; None if it is done. Raises ImageBuilderError."""
    answer = api.call(OPERATION, resourceArn=arn, **update)
    return answer.get("lifecycleExecutionId")


def delete_image(api: Api, arn: str) -> None:
    """Delete an image build version; its AMIs stay. One that is gone meanwhile is as good as deleted. Raises ImageBuilderError."""
    api.find("DeleteImage", imageBuildVersionArn=arn)
