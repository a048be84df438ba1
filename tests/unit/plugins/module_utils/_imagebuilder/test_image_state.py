# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which changes of an image's state are asked of AWS, and which are refused before."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import image_state, schema
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image import RUNNING, UNSUCCESSFUL, Action

ARN = "arn:aws:imagebuilder:us-west-2:111111111111:image/web/1.0.0/1"
NOW = datetime(2026, 5, 1, tzinfo=timezone.utc)
DELETED = {"state": {"status": "DELETED"}, "execution_role": "lifecycle", "include_resources": {"amis": True, "snapshots": True}}
STATUSES = schema.service_model().shape_for("ResourceStatus").enum


def image(status: str = "AVAILABLE", **members: Any) -> dict[str, Any]:
    return {"arn": ARN, "type": "AMI", "state": {"status": status}, **members}


def execution(status: str, *actions: str) -> dict[str, Any]:
    resources = [{"resourceId": f"ami-{action}", "action": {"name": action}} for action in actions]
    return {"lifecycleExecutionId": "lce-1", "state": {"status": status}, "resources": resources}


def update(status: str, **members: Any) -> dict[str, Any]:
    return {"state": {"status": status}, **members}


class TestRead:
    @pytest.mark.parametrize(
        "value",
        [
            {"state": {"status": "DEPRECATED"}},
            {"state": {"status": "AVAILABLE"}},
            {"state": {"status": "DISABLED"}, "execution_role": "lifecycle", "include_resources": {"amis": True}},
            {"state": {"status": "DEPRECATED"}, "update_at": "2026-06-01T00:00:00Z"},
            DELETED,
            {**DELETED, "include_resources": {"containers": True}},
            {**DELETED, "exclusion_rules": {"amis": {"is_public": True, "last_launched": {"value": 2, "unit": "WEEKS"}}}},
        ],
    )
    def test_good(self, value: dict[str, Any]) -> None:
        request, problems = image_state.read(value, "update", NOW)
        assert problems == []
        assert set(request) == {"".join([first, *map(str.capitalize, rest)]) for first, *rest in (name.split("_") for name in value)}

    @pytest.mark.parametrize(
        ("value", "places"),
        [
            ({}, ["state.status"]),
            ({"state": {"status": "GONE"}}, ["state.status"]),
            ({"state": {"status": "DEPRECATED"}, "include_resources": {"amis": True}}, ["execution_role"]),
            ({"state": {"status": "DEPRECATED"}, "execution_role": "x"}, ["include_resources"]),
            ({"state": {"status": "DELETED"}}, ["include_resources"]),
            ({**DELETED, "state": {"status": "DISABLED"}}, ["include_resources.snapshots"]),
            ({**DELETED, "include_resources": {"snapshots": True}, "exclusion_rules": {"amis": {}}}, ["exclusion_rules"]),
            ({"state": {"status": "DISABLED"}, "update_at": "2026-06-01T00:00:00Z"}, ["update_at"]),
            ({"state": {"status": "DEPRECATED"}, "update_at": "2026-04-01T00:00:00Z"}, ["update_at"]),
            ({"state": {"status": "DEPRECATED"}, "update_at": "tomorrow"}, ["update_at"]),
            ({"state": {"status": "DEPRECATED"}, "resource_arn": ARN}, ["resource_arn"]),
            ({"state": {"status": "AVAILABLE"}, "include_resources": {"containers": True, "amies": True}}, ["include_resources.amies"]),
        ],
    )
    def test_bad(self, value: dict[str, Any], places: list[str]) -> None:
        found = [problem.path for problem in image_state.read(value, "update", NOW)[1]]
        assert found[: len(places)] == [f"update.{place}" for place in places]

    def test_all_at_once(self) -> None:
        value = {"state": {"status": "DISABLED"}, "update_at": "x", "include_resources": {"snapshots": True}, "exclusion_rules": {"images": {}}}
        places = {problem.path for problem in image_state.read(value, "update", NOW)[1]}
        assert places >= {"update.update_at", "update.include_resources.snapshots", "update.execution_role", "update.exclusion_rules.images"}

    def test_what_is_no_dictionary_is_said_once(self) -> None:
        assert [problem.path for problem in image_state.read("DELETED", "update", NOW)[1]] == ["update"]  # type: ignore[arg-type]


class TestDecide:
    @pytest.mark.parametrize("target", STATUSES)
    def test_the_same_state_is_no_change(self, target: str) -> None:
        assert image_state.decide(image(target), None, update(target)).action is Action.DONE

    @pytest.mark.parametrize(
        ("now", "target"),
        [(now, target) for now in ("AVAILABLE", "DEPRECATED", "DISABLED") for target in STATUSES if now != target]
        + [(now, "DELETED") for now in sorted(UNSUCCESSFUL)],
    )
    def test_what_aws_does(self, now: str, target: str) -> None:
        decision = image_state.decide(image(now), None, update(target))
        assert decision.action is Action.UPDATE
        assert now in decision.reason
        assert target in decision.reason

    @pytest.mark.parametrize(
        ("now", "target"),
        [(now, target) for now in sorted(RUNNING) for target in STATUSES]
        + [(now, target) for now in sorted(UNSUCCESSFUL) for target in STATUSES if target != "DELETED"]
        + [("DELETED", target) for target in STATUSES if target != "DELETED"],
    )
    def test_what_aws_refuses(self, now: str, target: str) -> None:
        with pytest.raises(ValueError, match=now):
            image_state.decide(image(now), None, update(target))

    def test_container_images_can_only_be_deleted(self) -> None:
        with pytest.raises(ValueError, match="container image"):
            image_state.decide(image(type="DOCKER"), None, update("DEPRECATED"))
        assert image_state.decide(image(type="DOCKER"), None, update("DELETED")).action is Action.UPDATE

    def test_what_is_gone_is_deleted_and_can_be_nothing_else(self) -> None:
        assert image_state.decide(None, None, update("DELETED")).action is Action.DONE
        with pytest.raises(ValueError, match="does not exist"):
            image_state.decide(None, None, update("DISABLED"))

    def test_an_execution_at_work_on_the_same_is_waited_for(self) -> None:
        running = execution("IN_PROGRESS", "DELETE")
        assert image_state.decide(image(), running, update("DELETED")).action is Action.ATTACH
        assert image_state.decide(image("DELETED"), running, update("DELETED")).action is Action.ATTACH
        assert image_state.decide(image(), execution("PENDING"), update("DELETED")).action is Action.ATTACH

    def test_an_execution_at_work_on_something_else_is_named(self) -> None:
        with pytest.raises(ValueError, match=r"lce-1.*DISABLE"):
            image_state.decide(image(), execution("IN_PROGRESS", "DISABLE"), update("DELETED"))

    @pytest.mark.parametrize("status", ["SUCCESS", "FAILED", "CANCELLED"])
    def test_an_execution_that_has_ended_is_of_no_matter(self, status: str) -> None:
        assert image_state.decide(image(), execution(status, "DISABLE"), update("DELETED")).action is Action.UPDATE

    def test_a_schedule_is_met_when_it_is_the_same(self) -> None:
        scheduled = image(deprecationTime=datetime(2026, 6, 1, tzinfo=timezone.utc))
        waits = execution("PENDING", "DEPRECATE")
        assert image_state.decide(scheduled, waits, update("DEPRECATED", updateAt="2026-06-01T02:00:00+02:00")).action is Action.DONE
        assert image_state.decide(scheduled, waits, update("DEPRECATED", updateAt="2026-06-02T00:00:00Z")).action is Action.UPDATE
        assert image_state.decide(scheduled, waits, update("DELETED")).action is Action.UPDATE


def test_what_a_rule_leaves_out() -> None:
    resources = [{"resourceId": "ami-1", "state": {"status": "SKIPPED"}}, {"resourceId": "ami-2", "state": {"status": "SUCCESS"}}]
    assert image_state.skipped({"resources": resources}) == ["ami-1"]
    assert image_state.skipped(None) == []
