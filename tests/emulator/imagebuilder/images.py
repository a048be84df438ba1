# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images: a build that goes from state to state as time passes, and what may be done with it on the way.

Nothing runs in the background. Whoever asks anything of the service first brings every image to where it should be by now.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from threading import RLock
from time import monotonic
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import ServiceException
from moto.iam.models import iam_backends

from .. import settings
from ..access import Caller
from . import building, distribution, failures, integration, names
from .delivery import Delivery
from .exceptions import invalid_combination, invalid_request, invalid_value, not_found
from .kinds import DISTRIBUTION_CONFIGURATION, IMAGE, IMAGE_RECIPE, INFRASTRUCTURE_CONFIGURATION, Kind
from .models import Resource, imagebuilder_backends, timestamp
from .workflows import Execution, Step

if TYPE_CHECKING:
    from .models import ImageBuilderBackend

Request = Mapping[str, Any]
Answer = dict[str, Any]

NEXT = {
    "PENDING": "CREATING",
    "CREATING": "BUILDING",
    "BUILDING": "TESTING",
    "TESTING": "DISTRIBUTING",
    "DISTRIBUTING": "INTEGRATING",
    "INTEGRATING": "AVAILABLE",
}
WORKFLOW = {"BUILDING": "BUILD", "TESTING": "TEST", "DISTRIBUTING": "DISTRIBUTION"}
WORK = {"BUILDING": building.build, "DISTRIBUTING": distribution.distribute, "INTEGRATING": integration.integrate}
KEPT = ("executionRole", "workflows", "loggingConfiguration", "imageScanningConfiguration")
DEFAULT_TESTS = {"imageTestsEnabled": True, "timeoutMinutes": 720}


@dataclass
class Image(Resource):
    """One build. Its state is what `advance` made of it; the delivery is the state of the AMIs."""

    delivery: Delivery = field(kw_only=True)
    since: float = field(kw_only=True)  # when it entered its state
    uses_arns: frozenset[str] = frozenset()
    state: dict[str, Any] = field(default_factory=lambda: {"status": "PENDING"})
    executions: list[Execution] = field(default_factory=list)
    # Held while it advances: the distribution is done once, however many ask. Who finds it held is told the state as it is.
    moving: RLock = field(default_factory=RLock)

    @property
    def is_busy(self) -> bool:
        """Whether its build has not ended."""
        return self.state["status"] in NEXT

    @property
    def uses(self) -> frozenset[str]:
        """What its build works with."""
        return self.uses_arns

    def describe(self) -> dict[str, Any]:
        """Return its members now."""
        return {**super().describe(), "state": dict(self.state), "outputResources": {"amis": self.delivery.outputs(), "containers": []}}

    def advance(self) -> None:
        """Bring it to where it should be by now."""
        if not self.is_busy or not self.moving.acquire(blocking=False):
            return
        try:
            while self.is_busy and monotonic() - self.since >= settings.current.seconds_per_state:
                self.since += settings.current.seconds_per_state
                self._leave(self.state["status"])
        finally:
            self.moving.release()

    def _leave(self, status: str) -> None:
        """Do the work of a state, and enter the next one or fail."""
        try:
            failure = self._work(status)
        except Exception as error:  # a fault of the emulator, not of the one who happens to ask
            traceback.print_exc(file=sys.stderr)
            failure = failures.Failure(self.executions[-1].steps[0].name, f"The emulator failed: {error!r}")
        if failure:
            self._fail(status, failure)
            return
        upcoming = NEXT[status]
        if upcoming == "TESTING" and not self.values["imageTestsConfiguration"]["imageTestsEnabled"]:
            upcoming = "DISTRIBUTING"
        self.enter(upcoming)

    def enter(self, status: str) -> None:
        """Enter a state and begin its workflow."""
        if status in WORKFLOW:
            self.executions.append(Execution.of(WORKFLOW[status], self.arn.partition, self.arn.region))
        self.state = {"status": status}

    def _work(self, status: str) -> failures.Failure | None:
        """Do what a state is for; return why it could not be done."""
        work = WORK.get(status)
        failure = work(self.delivery) if work else None
        if failure is None and self.executions:
            self.executions[-1].complete(["DistributeImage", "ModifyImageAttributes"] if status == "DISTRIBUTING" else [])
        return failure

    def _fail(self, status: str, failure: failures.Failure) -> None:
        execution = self.executions[-1]
        step = execution.fail(failure.step, failure.message)
        context: dict[str, Any] = {
            "imageStatus": status,
            "workflowExecutionId": execution.execution_id,
            "workflowArn": execution.arn,
            "stepExecutionId": step.step_id,
            "failedStep": step.name,
        }
        reason = failure.reason(str(self.arn))
        self.state = {"status": "FAILED", "reason": reason[:1024], "failureContext": {**context, **failure.context()}}

    def cancel(self) -> None:
        """Stop a build."""
        with self.moving:
            if not self.is_busy:
                raise invalid_request(f"The image '{self.arn}' is in state {self.state['status']} and cannot be cancelled.")
            for execution in self.executions:
                if execution.is_running:
                    execution.cancel()
            self.state = {"status": "CANCELLED", "reason": "Image creation was cancelled by the user."}

    def retry(self) -> None:
        """Go back to the distribution, in place, with the configuration the build was made with; what was delivered stays delivered."""
        with self.moving:
            status = self.state["status"]
            if status not in ("FAILED", "CANCELLED"):
                raise invalid_request(f"The image '{self.arn}' is in state {status}. Only failed and cancelled images can be retried.")
            if not self.delivery.is_built:
                raise invalid_request(f"The image '{self.arn}' did not reach its test or distribution phase and cannot be retried.")
            for execution in self.executions:
                execution.retried = execution.retried or execution.type == "DISTRIBUTION"
            self.since = monotonic()
            self.enter("DISTRIBUTING")


def advance_all(backend: ImageBuilderBackend) -> None:
    """Bring all images of an account and Region to where they should be by now."""
    for resource in backend.all_of(IMAGE):
        if isinstance(resource, Image):
            resource.advance()


def advance_everywhere() -> None:
    """Bring all images to where they should be by now, so that what others see of them (AMIs, parameters) is as far as the images are."""
    for regions in list(imagebuilder_backends.values()):
        for backend in list(regions.values()):
            advance_all(backend)


def create(backend: ImageBuilderBackend, request: Request) -> Answer:
    """Start a build."""
    recipe, infrastructure, distributions = _inputs(backend, request)
    execution_role = _execution_role(backend, request)
    name = recipe.values["name"]
    arn = backend.arn("image", name, recipe.arn.version)
    build = backend.builds[str(arn)] = backend.builds.get(str(arn), 0) + 1
    arn = backend.arn("image", name, recipe.arn.version, build)
    values: dict[str, Any] = {
        "arn": str(arn),
        "type": "AMI",
        "name": name,
        "version": f"{arn.version}/{build}",
        "platform": recipe.values["platform"],
        "osVersion": recipe.values["osVersion"],
        "enhancedImageMetadataEnabled": request.get("enhancedImageMetadataEnabled", True),
        "imageRecipe": recipe.describe(),
        "infrastructureConfiguration": infrastructure.describe(),
        "imageTestsConfiguration": DEFAULT_TESTS | request.get("imageTestsConfiguration", {}),
        "dateCreated": timestamp(),
        "buildType": "USER_INITIATED",
        "imageSource": "CUSTOM",
        "owner": backend.account_id,
    }
    values |= {member: request[member] for member in KEPT if member in request}
    if distributions:
        values["distributionConfiguration"] = distributions.describe()
    delivery = Delivery(backend=backend, image=values, caller=execution_role, started=datetime.now(timezone.utc))
    uses = frozenset(str(used.arn) for used in (recipe, infrastructure, distributions) if used)
    backend.add(Image(IMAGE, arn, values, dict(request.get("tags", {})), delivery=delivery, since=monotonic(), uses_arns=uses))
    return {"imageBuildVersionArn": str(arn), "latestVersionReferences": names.latest_version_references(arn)}


def _inputs(backend: ImageBuilderBackend, request: Request) -> tuple[Resource, Resource, Resource | None]:
    """Return recipe, infrastructure configuration and distribution configuration. Raises the service's errors."""
    if ("imageRecipeArn" in request) == ("containerRecipeArn" in request):
        raise invalid_combination("You must specify exactly one of 'imageRecipeArn' and 'containerRecipeArn'.")
    if "containerRecipeArn" in request:
        raise not_found(request["containerRecipeArn"])
    if request.get("workflows") and "executionRole" not in request:
        raise invalid_value("workflows", "An execution role is required to provide workflows.")
    recipe = _input(backend, request, "imageRecipeArn", IMAGE_RECIPE)
    infrastructure = _input(backend, request, "infrastructureConfigurationArn", INFRASTRUCTURE_CONFIGURATION)
    if "distributionConfigurationArn" not in request:
        return recipe, infrastructure, None
    return recipe, infrastructure, _input(backend, request, "distributionConfigurationArn", DISTRIBUTION_CONFIGURATION)


def _input(backend: ImageBuilderBackend, request: Request, member: str, kind: Kind) -> Resource:
    try:
        found = backend.find(request[member])
    except ServiceException as error:
        raise invalid_value(member, f"The resource '{request[member]}' does not exist.") from error
    if found.kind is not kind:
        raise invalid_value(member, f"'{request[member]}' is no {kind.shape}.")
    return found


def _execution_role(backend: ImageBuilderBackend, request: Request) -> Caller:
    """Return who does the work: the execution role if one is given, else the service-linked role."""
    given = request.get("executionRole")
    if given is None:
        return Caller.service_linked(backend.account_id, backend.partition)
    arn = given if given.startswith("arn:") else f"arn:{backend.partition}:iam::{backend.account_id}:role/{given}"
    roles = iam_backends[backend.account_id][backend.partition].roles.values()
    if not any(role.arn == arn for role in roles):
        raise invalid_value("executionRole", "The provided role does not exist or does not have sufficient permissions.")
    return Caller.from_arn(arn)


def _image(backend: ImageBuilderBackend, request: Request) -> Image:
    found = backend.find(request["imageBuildVersionArn"])
    if not isinstance(found, Image):
        raise not_found(request["imageBuildVersionArn"])
    return found


def cancel(backend: ImageBuilderBackend, request: Request) -> Answer:
    """Stop a build."""
    _image(backend, request).cancel()
    return {"imageBuildVersionArn": request["imageBuildVersionArn"]}


def retry(backend: ImageBuilderBackend, request: Request) -> Answer:
    """Distribute again what has not arrived."""
    _image(backend, request).retry()
    return {"imageBuildVersionArn": request["imageBuildVersionArn"]}


def list_workflow_executions(backend: ImageBuilderBackend, request: Request) -> Answer:
    """Return all executions for an image, newest first."""
    image = _image(backend, request)
    return {"imageBuildVersionArn": str(image.arn), "workflowExecutions": [execution.describe() for execution in reversed(image.executions)]}


def list_step_executions(backend: ImageBuilderBackend, request: Request) -> Answer:
    """Return the steps of an execution that have begun or ended."""
    image, execution = _execution(backend, request["workflowExecutionId"])
    return {**_of(image, execution), "steps": [step.describe() for step in execution.steps]}


def get_workflow_execution(backend: ImageBuilderBackend, request: Request) -> Answer:
    """Return one execution."""
    image, execution = _execution(backend, request["workflowExecutionId"])
    return {**_of(image, execution), **execution.describe()}


def get_step_execution(backend: ImageBuilderBackend, request: Request) -> Answer:
    """Return one step."""
    for image, execution in _executions(backend):
        for step in execution.steps:
            if step.step_id == request["stepExecutionId"]:
                return {**_of(image, execution), **_step(step)}
    raise not_found(request["stepExecutionId"])


def _step(step: Step) -> Answer:
    return {**step.describe(), "onFailure": "Abort", "timeoutSeconds": 21600}


def _of(image: Image, execution: Execution) -> Answer:
    return {"imageBuildVersionArn": str(image.arn), "workflowExecutionId": execution.execution_id, "workflowBuildVersionArn": execution.arn}


def _executions(backend: ImageBuilderBackend) -> Iterable[tuple[Image, Execution]]:
    return ((image, execution) for image in backend.all_of(IMAGE) if isinstance(image, Image) for execution in image.executions)


def _execution(backend: ImageBuilderBackend, execution_id: str) -> tuple[Image, Execution]:
    for image, execution in _executions(backend):
        if execution.execution_id == execution_id:
            return image, execution
    raise not_found(execution_id)
