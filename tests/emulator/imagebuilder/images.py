# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images: a build that goes from state to state as time passes, and what may be done with it on the way.

Nothing runs in the background. Whoever asks anything of the service first brings every image to where it should be by now (progress.py).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timezone
from threading import RLock
from typing import TYPE_CHECKING, Any

from .. import clock, faults, settings
from ..access import Caller
from . import findings, inputs, names, routes, workflows
from .containers import ContainerDelivery
from .delivery import Delivery
from .exceptions import invalid_request, not_found
from .failures import Failure, NotYetError
from .kinds import IMAGE
from .requests import Answer, Operation, Request, once
from .resource import Resource, timestamp
from .routes import Route
from .workflows import Execution, Plan, Step

if TYPE_CHECKING:
    from .models import ImageBuilderBackend

Failed = tuple["Execution | None", Failure]  # the workflow execution that failed, if it was one

BUSY = frozenset(("PENDING", "CREATING", "BUILDING", "TESTING", "DISTRIBUTING", "INTEGRATING"))
KEPT = ("executionRole", "workflows", "loggingConfiguration", "imageScanningConfiguration")


@dataclass
class Image(Resource):
    """One build. Its state is what `advance` made of it; the delivery is the state of the AMIs or container images."""

    delivery: Delivery | ContainerDelivery = field(kw_only=True)
    route: Route = field(kw_only=True)
    plans: tuple[Plan, ...] = field(kw_only=True, default=())  # the workflows on the way
    uses_arns: frozenset[str] = frozenset()
    since: float = field(default_factory=clock.now)  # when it entered its state
    born: float = field(default_factory=clock.now)
    state: dict[str, Any] = field(default_factory=lambda: {"status": "PENDING"})
    passed: list[str] = field(default_factory=list)  # the states whose workflows are complete
    executions: list[Execution] = field(default_factory=list)
    # Held while it advances: the distribution is done once, however many ask. Who finds it held is told the state as it is.
    moving: RLock = field(default_factory=RLock)

    @property
    def status(self) -> str:
        """Its state's name."""
        return str(self.state["status"])

    @property
    def is_busy(self) -> bool:
        """Whether its build has not ended."""
        return self.status in BUSY

    @property
    def uses(self) -> frozenset[str]:
        """What its build works with."""
        return self.uses_arns

    def describe(self) -> dict[str, Any]:
        """Return its members now."""
        scan = findings.scan_state(self.values, self.status, self.passed)
        return {**super().describe(), **scan, "state": dict(self.state), "outputResources": self.delivery.output_resources()}

    def advance(self) -> None:
        """Bring it to where it should be by now."""
        if not self.is_busy or not self.moving.acquire(blocking=False):
            return
        try:
            while self.is_busy and clock.now() - self.since >= settings.current.seconds_per_state:
                self._leave(self.status)
                self.since += settings.current.seconds_per_state
        except NotYetError:
            pass  # it stays until somebody or something else has done his part
        finally:
            self.moving.release()

    def _leave(self, status: str) -> None:
        """Do the work of a state, and enter the next one or fail. Raises NotYetError when it cannot go on yet."""
        try:
            failed = self._run_workflows(status) or self._run_state(status)
        except NotYetError:
            raise
        except Exception as error:  # a fault of the emulator, not of the one who happens to ask
            faults.note(error)
            failed = None, Failure(f"The emulator failed: {error!r}")
        if failed:
            self._fail(*failed)
        else:
            self.enter(self.route.next(status))

    def enter(self, status: str) -> None:
        """Enter a state and begin its workflows, if they did not begin in the state before."""
        self.state = {"status": status}
        phase = routes.PHASES.get(status)
        if phase and phase.begins:
            begun = [Execution.of(plan) for plan in self.plans if plan.type == phase.type]
            self.executions += begun
            for execution in begun[:1]:  # an import has none
                execution.begin()

    def _run_workflows(self, status: str) -> Failed | None:
        """Do what the workflows of a state do; return the first failure that counts. Raises NotYetError."""
        phase = routes.PHASES.get(status)
        if phase is None:
            return None
        running = [execution for execution in self.executions if execution.type == phase.type and execution.is_running]
        failed = workflows.run_all(running, lambda step: self._work(phase.type, step), phase.until)
        if failed is None:
            self.passed.append(status)
        return failed

    def _work(self, workflow_type: str, step: Step) -> Failure | None:
        work = self.route.by_action.get((workflow_type, step.action))
        return work(self.delivery) if work else None

    def _run_state(self, status: str) -> Failed | None:
        """Do what a state is for beside its workflows; return why it could not be done. Raises NotYetError."""
        work = self.route.by_state.get(status)
        failure = work(self.delivery) if work else None
        return (None, failure) if failure else None

    def _fail(self, execution: Execution | None, failure: Failure) -> None:
        context: dict[str, Any] = {"imageStatus": self.status}
        if execution and execution.failed_step:
            step = execution.failed_step
            context |= {"workflowExecutionId": execution.execution_id, "workflowArn": execution.arn}
            context |= {"stepExecutionId": step.step_id, "failedStep": step.name}
        reason = failure.reason(str(self.arn))
        self._cancel_executions()
        self.state = {"status": "FAILED", "reason": reason[:1024], "failureContext": {**context, **failure.context()}}

    def _cancel_executions(self) -> None:
        for execution in self.executions:
            if execution.is_running:
                execution.cancel()

    def waiting_steps(self) -> Iterator[tuple[Execution, Step]]:
        """Yield the steps that wait for an action."""
        for execution in self.executions:
            yield from ((execution, step) for step in execution.steps if execution.is_running and step.is_waiting)

    def answer(self, step_id: str, action: str, reason: str) -> None:
        """Resume or stop a waiting step; the rest of its state takes its time from now on."""
        with self.moving:
            found = [(execution, step) for execution, step in self.waiting_steps() if step.step_id == step_id]
            if not found:
                raise invalid_request(f"The workflow step '{step_id}' is not waiting for an action.")
            execution, step = found[0]
            self.since = clock.now()
            failure = execution.answer(step, action, reason)
            if failure and not execution.plan.continues:
                self._fail(execution, failure)

    def cancel(self) -> None:
        """Stop a build."""
        with self.moving:
            if not self.is_busy:
                raise invalid_request(f"The image '{self.arn}' is in state {self.status} and cannot be cancelled.")
            self._cancel_executions()
            self.state = {"status": "CANCELLED", "reason": "Image creation was cancelled by the user."}

    def retry(self) -> None:
        """Go back to the distribution, in place, with the configuration the build was made with; what was delivered stays delivered."""
        with self.moving:
            if self.status not in ("FAILED", "CANCELLED"):
                raise invalid_request(f"The image '{self.arn}' is in state {self.status}. Only failed and cancelled images can be retried.")
            if not self.delivery.can_retry:
                raise invalid_request(f"The image '{self.arn}' did not reach its test or distribution phase and cannot be retried.")
            for execution in self.executions:
                execution.retried = execution.retried or execution.type == "DISTRIBUTION"
            self.since = clock.now()
            self.enter("DISTRIBUTING")


def own_images(backend: ImageBuilderBackend) -> list[Image]:
    """Return the images of the account itself, in the order in which they came."""
    return [image for image in backend.all_of(IMAGE) if isinstance(image, Image)]


def create(backend: ImageBuilderBackend, request: Request) -> Answer:
    """Start a build."""
    found = inputs.of(backend, request)
    recipe, is_container = found.recipe, "containerRecipeArn" in request
    values: dict[str, Any] = {
        "type": "DOCKER" if is_container else "AMI",
        "platform": recipe.values["platform"],
        "osVersion": recipe.values["osVersion"],
        "enhancedImageMetadataEnabled": request.get("enhancedImageMetadataEnabled", True),
        "containerRecipe" if is_container else "imageRecipe": recipe.describe(),
        "infrastructureConfiguration": found.infrastructure.describe(),
        "imageTestsConfiguration": found.tests,
        "buildType": "USER_INITIATED",
        "imageSource": "CUSTOM",
        **{member: request[member] for member in KEPT if member in request},
        **({"distributionConfiguration": found.distribution.describe()} if found.distribution else {}),
    }
    route = routes.CONTAINER if is_container else routes.AMI
    if not found.tests["imageTestsEnabled"]:
        route = route.without("TESTING")
    custom = [Plan.of(workflow, use) for workflow, use in zip(found.workflows, request.get("workflows", []), strict=True)]
    plans = plans_for(backend, custom, route, values["type"])
    if not any(plan.type == "TEST" for plan in plans):
        route = route.without("TESTING")
    new = NewImage(recipe.values["name"], recipe.arn.version, values, route, found.caller, plans, found.arns())
    image = new.add_to(backend, request)
    return {"imageBuildVersionArn": str(image.arn), "latestVersionReferences": names.latest_version_references(image.arn)}


@dataclass(frozen=True)
class NewImage:
    """An image that is about to be made."""

    name: str
    version: str
    values: dict[str, Any]  # its members but those that every image has
    route: Route
    caller: Caller  # does the work
    plans: tuple[Plan, ...] = ()
    uses: frozenset[str] = frozenset()

    def add_to(self, backend: ImageBuilderBackend, request: Request) -> Image:
        """Make it the next build of its version. The request has its tags."""
        arn = backend.arn("image", self.name, self.version)
        build = backend.builds[str(arn)] = backend.builds.get(str(arn), 0) + 1
        arn = backend.arn("image", self.name, self.version, build)
        general = {"arn": str(arn), "name": self.name, "version": f"{self.version}/{build}", "dateCreated": timestamp(), "owner": backend.account_id}
        values = {**self.values, **general}
        make = ContainerDelivery if values["type"] == "DOCKER" else Delivery
        delivery = make(backend=backend, image=values, caller=self.caller, started=datetime.now(timezone.utc))
        tags = dict(request.get("tags", {}))
        image = Image(IMAGE, arn, values, tags, delivery=delivery, route=self.route, plans=self.plans, uses_arns=self.uses)
        backend.add(image)
        return image


def plans_for(backend: ImageBuilderBackend, custom: list[Plan], route: Route, output: str) -> tuple[Plan, ...]:
    """Return the workflows of an image on its way.

    Those that were given replace Amazon's. Without one that builds or distributes there would be no image, so Amazon's do that then; the tests
    are those that were given.
    """
    plans: list[Plan] = []
    for workflow_type in route.workflow_types:
        own = [plan for plan in custom if plan.type == workflow_type]
        if not own and not (custom and workflow_type == "TEST"):
            name = workflows.DEFAULTS[output][workflow_type]
            arn = f"arn:{backend.partition}:imagebuilder:{backend.region_name}:aws:workflow/{workflow_type.lower()}/{name}/x.x.x"
            own = [Plan.of(backend.find(arn), {})]
        plans += own
    return tuple(plans)


def find_image(backend: ImageBuilderBackend, arn: str) -> Image:
    """Return an image of the account. Raises the service's error."""
    found = backend.find(arn)
    if not isinstance(found, Image):
        raise not_found(arn)
    return found


def cancel(backend: ImageBuilderBackend, request: Request) -> Answer:
    """Stop a build."""
    find_image(backend, request["imageBuildVersionArn"]).cancel()
    return {"imageBuildVersionArn": request["imageBuildVersionArn"]}


def retry(backend: ImageBuilderBackend, request: Request) -> Answer:
    """Distribute again what has not arrived."""
    find_image(backend, request["imageBuildVersionArn"]).retry()
    return {"imageBuildVersionArn": request["imageBuildVersionArn"]}


OPERATIONS: dict[str, Operation] = {
    "CreateImage": once("CreateImage", create),
    "CancelImageCreation": once("CancelImageCreation", cancel),
    "RetryImage": once("RetryImage", retry),
}
