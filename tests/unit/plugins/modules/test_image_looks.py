# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The looks of the module image at an image that is made, as its action has them one by one."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import image_follow
from ansible_collections.golden.imagebuilder.tests.emulator import settings
from ansible_collections.golden.imagebuilder.tests.emulator.imagebuilder import images
from ansible_collections.golden.imagebuilder.tests.emulator.imagebuilder.exceptions import invalid_request
from ansible_collections.golden.imagebuilder.tests.emulator.imagebuilder.models import imagebuilder_backends
from ansible_collections.golden.imagebuilder.tests.unit.emulator.imagebuilder.conftest import (
    BUILD_REGION,
    KEY_ACTIONS,
    PAYMENTS,
    SOURCE,
    Factory,
    allow,
    policy,
)

Look = Callable[..., dict[str, Any]]


@pytest.fixture
def factory(emulator: Any) -> Factory:
    ready = Factory(emulator)
    ready.make_all()
    ready.client().create_distribution_configuration(name="web", distributions=ready.distributions())
    ready.recipe()
    ready.infrastructure("web")
    return ready


@pytest.fixture
def look(run_module: Any, factory: Factory, monkeypatch: pytest.MonkeyPatch) -> Look:
    """A function that takes one look, of half a second at most; `before` is what the one before has returned. Images stay in their state."""
    del factory
    monkeypatch.setattr(settings.current, "seconds_per_state", 1000)
    monkeypatch.setattr(image_follow, "LOOK", 0.5)
    names = {"image_recipe": "golden/1.0.x", "infrastructure_configuration": "web", "distribution_configuration": "web", "poll_interval": 0.05}

    def take(before: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
        result: dict[str, Any] = run_module("image", **{**names, **more}, following=before["following"] if before else {})
        return result

    return take


def step_on(*, to_the_end: bool = False) -> None:
    """Bring the image to its next state, or to its last."""
    (image,) = images.own_images(imagebuilder_backends[SOURCE][BUILD_REGION])
    status = image.status
    while image.is_busy and (to_the_end or image.status == status):
        image.since -= 1000
        image.advance()


def test_the_first_begins_and_tells_at_once(look: Look) -> None:
    first = look()
    assert (first["failed"], first["changed"], first["progress"]["state"]) == (False, True, "PENDING")
    assert first["line"].startswith("golden/1.0.0/1 PENDING")


def test_without_news_it_ends_after_its_time(look: Look, emulator: Any) -> None:
    first = look()
    emulator.reset_calls()
    began = time.monotonic()
    second = look(first)
    assert time.monotonic() - began >= 0.5
    assert second["following"]["arn"] == first["following"]["arn"]
    assert emulator.writes() == []


def test_news_end_it(look: Look) -> None:
    first = look()
    step_on()
    began = time.monotonic()
    assert look(first)["progress"]["state"] == "CREATING"
    assert time.monotonic() - began < 0.5


def test_the_last_is_the_result_as_it_was_begun(look: Look) -> None:
    first = look(tags={"Team": "platform"})
    step_on(to_the_end=True)
    last = look(first, tags={"Team": "platform"})
    assert (last["failed"], last["changed"], last["action"], last["missing"]) == (False, True, "build", [])
    assert last["reason"] == first["following"]["decided"]["reason"]
    assert last["diff"]["before"] == {}
    assert last["image"]["tags"] == {"Team": "platform"}


def test_an_image_by_force_is_not_built_again_by_its_last_look(look: Look, emulator: Any) -> None:
    first = look(force=True)
    step_on(to_the_end=True)
    assert look(first, force=True)["action"] == "build"
    assert [call.operation for call in emulator.writes() if call.operation == "CreateImage"] == ["CreateImage"]


def test_one_that_fails_is_not_retried_by_its_last_look(look: Look, factory: Factory, emulator: Any) -> None:
    factory.put_key_actions(PAYMENTS, ["DescribeKey"])
    first = look()
    step_on(to_the_end=True)
    last = look(first)
    assert (last["failed"], last["changed"], last["action"]) == (True, True, "build")
    assert {failure["account_id"] for failure in last["failures"]} == {PAYMENTS}
    assert last["history"][-1]["state"] == "FAILED"
    assert "RetryImage" not in {call.operation for call in emulator.writes()}


def test_what_changed_meanwhile_does_not_change_what_was_promised(look: Look, factory: Factory) -> None:
    first = look()
    arn = f"arn:aws:imagebuilder:{BUILD_REGION}:{SOURCE}:distribution-configuration/web"
    factory.client().update_distribution_configuration(distributionConfigurationArn=arn, distributions=factory.distributions()[:1])
    step_on(to_the_end=True)
    last = look(first)
    assert (last["failed"], last["missing"], last["progress"]["expected"]) == (False, [], 5)


def test_a_policy_is_set_by_the_last(look: Look, factory: Factory) -> None:
    document = {"Version": "2012-10-17", "Statement": [allow(["imagebuilder:GetImage"], Principal={"AWS": f"arn:aws:iam::{PAYMENTS}:root"})]}
    first = look(policy=document)
    step_on(to_the_end=True)
    last = look(first, policy=document)
    assert (last["failed"], last["changed"]) == (False, True)
    assert factory.client().get_image_policy(imageArn=last["image"]["arn"])["policy"]


def test_an_image_that_is_deleted_meanwhile(look: Look, factory: Factory) -> None:
    first = look()
    step_on(to_the_end=True)
    factory.client().delete_image(imageBuildVersionArn=first["following"]["arn"])
    last = look(first)
    assert last["failed"]
    assert "was deleted while this task waited for it" in last["msg"]


def test_without_the_right_to_see_steps_it_is_followed_all_the_same(look: Look, emulator: Any) -> None:
    emulator.disturb(denied_operations={SOURCE: ["ListWorkflowExecutions"]})
    first = look()
    step_on()
    assert look(first)["progress"]["state"] == "CREATING"


def test_the_old_failure_is_not_that_of_the_retry(look: Look, factory: Factory) -> None:
    factory.put_key_actions(PAYMENTS, ["DescribeKey"])
    first = look()
    step_on(to_the_end=True)
    assert look(first)["failed"]
    factory.put_key_actions(PAYMENTS, KEY_ACTIONS)
    again = look()
    assert again["progress"]["state"] == "DISTRIBUTING"
    assert again["progress"]["seconds"] < 60
    step_on(to_the_end=True)
    last = look(again)
    assert (last["failed"], last["action"], last["missing"]) == (False, "retry", [])


class TestRepair:
    @pytest.fixture(autouse=True)
    def refused(self, monkeypatch: pytest.MonkeyPatch, factory: Factory) -> None:
        """AWS does not retry images; one lacks the copies of an account whose role is right by now."""

        def refuse(_image: images.Image) -> None:
            raise invalid_request("This image cannot be retried.")

        monkeypatch.setattr(images.Image, "retry", refuse)
        role = factory.execution_role()
        factory.client("iam").put_role_policy(RoleName="executor", PolicyName="all", PolicyDocument=policy(allow("*")))
        self.role = role
        factory.put_key_actions(PAYMENTS, ["DescribeKey"])

    def test_what_lacks_is_made_alone(self, look: Look, factory: Factory, emulator: Any) -> None:
        first = look(execution_role=self.role)
        step_on(to_the_end=True)
        failed = look(first, execution_role=self.role)
        assert (failed["failed"], len(failed["missing"])) == (True, 2)
        factory.put_key_actions(PAYMENTS, KEY_ACTIONS)
        emulator.reset_calls()
        settings.current.seconds_per_state = 0
        last = look(execution_role=self.role)
        while "following" in last:
            last = look(last, execution_role=self.role)
        assert (last["failed"], last["changed"], last["action"], last["missing"]) == (False, True, "repair", []), last
        assert last["image"]["arn"] == failed["image"]["arn"]
        assert "CreateImage" not in {call.operation for call in emulator.writes()}
        again = look(execution_role=self.role)
        assert (again["failed"], again["changed"], again["action"], again["amis"]) == (False, False, "done", last["amis"])
