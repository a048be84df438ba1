# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How an image is followed, against scripted answers of the service and a clock that only sleeping moves."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import boto3
import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import builds
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.client import Api, ImageBuilderError
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image import Action, Decision, Inputs
from ansible_collections.golden.imagebuilder.tests.newer import needs_operation
from botocore.stub import Stubber

START = "arn:aws:imagebuilder:us-west-2:111111111111"
ARN = f"{START}:image/web/1.0.0/1"


def image(status: str, arn: str = ARN, **state: Any) -> dict[str, Any]:
    return {"arn": arn, "state": {"status": status, **state}}


@dataclass
class Clock:
    """Time that passes while somebody sleeps."""

    now: float = 100.0
    slept: list[float] = field(default_factory=list)

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def patience(self, timeout: float = 1000, interval: float = 30) -> builds.Patience:
        return builds.Patience(timeout, interval, clock=self.time, sleep=self.sleep)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def stub() -> Iterator[Stubber]:
    client = boto3.client("imagebuilder", region_name="us-west-2", aws_access_key_id="x", aws_secret_access_key="x")
    with Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


@pytest.fixture
def api(stub: Stubber) -> Api:
    return Api(stub.client, "in the test")


def answers(stub: Stubber, *images: dict[str, Any]) -> None:
    for one in images:
        stub.add_response("get_image", {"image": one}, {"imageBuildVersionArn": one["arn"]})


class TestFollow:
    def test_until_the_end(self, stub: Stubber, api: Api, clock: Clock) -> None:
        answers(stub, image("PENDING"), image("BUILDING"), image("INTEGRATING"), image("AVAILABLE"))
        assert builds.follow(api, ARN, clock.patience()) == image("AVAILABLE")
        assert clock.slept == [30, 30, 30]

    @pytest.mark.parametrize("status", ["FAILED", "CANCELLED", "DEPRECATED", "DISABLED", "DELETED"])
    def test_every_other_end_is_one(self, stub: Stubber, api: Api, clock: Clock, status: str) -> None:
        answers(stub, image(status))
        assert builds.follow(api, ARN, clock.patience()) == image(status)

    @pytest.mark.parametrize("code", ["ServiceException", "ThrottlingException", "InternalServerError"])
    def test_errors_that_pass_are_survived(self, stub: Stubber, api: Api, clock: Clock, code: str) -> None:
        answers(stub, image("BUILDING"))
        stub.add_client_error("get_image", code)
        stub.add_client_error("get_image", code)
        answers(stub, image("AVAILABLE"))
        assert builds.follow(api, ARN, clock.patience()) == image("AVAILABLE")
        assert clock.slept == [30, 30, 30]

    @pytest.mark.parametrize("code", ["AccessDeniedException", "ExpiredTokenException"])
    def test_errors_that_stay_are_not(self, stub: Stubber, api: Api, clock: Clock, code: str) -> None:
        stub.add_client_error("get_image", code)
        with pytest.raises(ImageBuilderError) as caught:
            builds.follow(api, ARN, clock.patience())
        assert caught.value.code == code

    def test_no_longer_than_allowed(self, stub: Stubber, api: Api, clock: Clock) -> None:
        answers(stub, image("PENDING"), image("BUILDING"), image("TESTING"))
        with pytest.raises(builds.StillRunningError) as caught:
            builds.follow(api, ARN, clock.patience(timeout=40))
        assert caught.value.image == image("TESTING")
        assert clock.slept == [30, 10]

    def test_when_nothing_was_seen_in_time(self, stub: Stubber, api: Api, clock: Clock) -> None:
        stub.add_client_error("get_image", "ServiceException")
        with pytest.raises(builds.StillRunningError) as caught:
            builds.follow(api, ARN, clock.patience(timeout=0))
        assert caught.value.image["arn"] == ARN

    def test_when_it_is_deleted_meanwhile(self, stub: Stubber, api: Api, clock: Clock) -> None:
        answers(stub, image("BUILDING"))
        stub.add_client_error("get_image", "ResourceNotFoundException")
        with pytest.raises(builds.GoneError):
            builds.follow(api, ARN, clock.patience())


class TestFollowARetry:
    before = image("FAILED", reason="no key")

    def test_the_failure_from_before_is_not_the_end(self, stub: Stubber, api: Api, clock: Clock) -> None:
        answers(stub, self.before, self.before, image("DISTRIBUTING"), image("AVAILABLE"))
        assert builds.follow(api, ARN, clock.patience(), retried=self.before) == image("AVAILABLE")

    def test_but_it_is_when_it_stays(self, stub: Stubber, api: Api, clock: Clock) -> None:
        answers(stub, *[self.before] * 4)
        assert builds.follow(api, ARN, clock.patience(), retried=self.before) == self.before

    def test_another_failure_is(self, stub: Stubber, api: Api, clock: Clock) -> None:
        answers(stub, image("FAILED", reason="no role"))
        assert builds.follow(api, ARN, clock.patience(), retried=self.before) == image("FAILED", reason="no role")


class TestCarryOut:
    inputs = Inputs(
        {"imageRecipeArn": f"{START}:image-recipe/web/1.0.0", "infrastructureConfigurationArn": f"{START}:infrastructure-configuration/web"}
    )

    def created(self, stub: Stubber, arn: str) -> None:
        stub.add_response("create_image", {"imageBuildVersionArn": arn})

    def test_a_token_that_names_a_deleted_image_is_given_up(self, stub: Stubber, api: Api) -> None:
        self.created(stub, ARN)
        answers(stub, image("DELETED"))
        self.created(stub, f"{START}:image/web/1.0.0/2")
        answers(stub, image("PENDING", f"{START}:image/web/1.0.0/2"))
        run = builds.carry_out(api, self.inputs, builds.Standing([], Decision(Action.BUILD, None, "")))
        assert run.image["arn"] == f"{START}:image/web/1.0.0/2"

    def test_an_image_that_is_not_shown_at_once_is_not_built_twice(self, stub: Stubber, api: Api) -> None:
        self.created(stub, ARN)
        stub.add_client_error("get_image", "ResourceNotFoundException")
        answers(stub, image("PENDING"))
        run = builds.carry_out(api, self.inputs, builds.Standing([], Decision(Action.BUILD, None, "")))
        assert run.image == image("PENDING")

    @needs_operation("RetryImage")
    def test_a_retry_of_somebody_else_is_followed(self, stub: Stubber, api: Api) -> None:
        stub.add_client_error("retry_image", "InvalidRequestException", "The image is in state DISTRIBUTING.")
        answers(stub, image("DISTRIBUTING"))
        run = builds.carry_out(api, self.inputs, builds.Standing([], Decision(Action.RETRY, image("FAILED"), "")))
        assert (run.decision.action, run.image, run.decision.starts) == (Action.ATTACH, image("DISTRIBUTING"), False)

    @needs_operation("RetryImage")
    def test_what_is_no_refusal_is_an_error_and_builds_nothing(self, stub: Stubber, api: Api) -> None:
        stub.add_client_error("retry_image", "AccessDeniedException")
        with pytest.raises(ImageBuilderError):
            builds.carry_out(api, self.inputs, builds.Standing([], Decision(Action.RETRY, image("FAILED"), "")))

    def test_the_number_of_the_next_build(self) -> None:
        summaries = [image("AVAILABLE", f"{START}:image/web/1.0.0/{number}") for number in (2, 10, 9)]
        assert builds.Standing(summaries, Decision(Action.BUILD, None, "")).next_number == 11
        assert builds.Standing([], Decision(Action.BUILD, None, "")).next_number == 1
