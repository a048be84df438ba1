# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How far an image is, and the states that it was in, out of what AWS tells of its workflows."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image import Pair
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image_progress import Seen, duration, history, line, progress

SOURCE, PAYMENTS = "111111111111", "222222222222"
START = datetime(2030, 1, 31, 10, 0, tzinfo=timezone.utc)
PROMISED = [Pair(SOURCE, "us-west-2"), Pair(PAYMENTS, "us-west-2"), Pair(PAYMENTS, "eu-west-1")]


def at(minutes: float) -> str:
    return (START + timedelta(minutes=minutes)).isoformat().replace("+00:00", "Z")


def image(status: str, *amis: tuple[str, str]) -> dict[str, Any]:
    outputs = [{"accountId": account, "region": region, "image": "ami-1", "state": {"status": "AVAILABLE"}} for account, region in amis]
    arn = f"arn:aws:imagebuilder:us-west-2:{SOURCE}:image/web/1.0.0/3"
    return {"arn": arn, "state": {"status": status}, "dateCreated": at(0), "outputResources": {"amis": outputs}}


def step(name: str, status: str, began: float | None = None, **more: Any) -> dict[str, Any]:
    return {"name": name, "action": name, "status": status, **({"startTime": at(began)} if began is not None else {}), **more}


def execution(kind: str, status: str, began: float, ended: float | None = None, *steps: dict[str, Any], **more: Any) -> dict[str, Any]:
    end = {"endTime": at(ended)} if ended is not None else {}
    return {"type": kind, "status": status, "startTime": at(began), **end, "steps": list(steps), **more}


BUILT = [execution("TEST", "COMPLETED", 12, 20), execution("BUILD", "COMPLETED", 2, 12)]
COPYING = execution("DISTRIBUTION", "RUNNING", 20, None, step("DistributeImage", "RUNNING", 20), step("ApplyImageConfigurations", "PENDING"))


def seen(status: str, minutes: float, *executions: dict[str, Any], amis: tuple[tuple[str, str], ...] = ()) -> Seen:
    return Seen(image(status, *amis), executions, START + timedelta(minutes=minutes))


class TestProgress:
    def test_while_copies_are_made(self) -> None:
        now = seen("DISTRIBUTING", 32, COPYING, *BUILT, amis=((SOURCE, "us-west-2"),))
        assert progress(now, PROMISED) == {
            "image": "web/1.0.0/3",
            "state": "DISTRIBUTING",
            "step": "DistributeImage",
            "seconds": 32 * 60,
            "done": 1,
            "expected": 3,
            "copies": [{"region": "eu-west-1", "done": 0, "expected": 1}, {"region": "us-west-2", "done": 1, "expected": 2}],
        }

    def test_after_a_retry_the_time_since_then_counts(self) -> None:
        now = seen("DISTRIBUTING", 600, COPYING)
        assert progress(now, PROMISED, (START + timedelta(minutes=599)).timestamp())["seconds"] == 60

    def test_what_is_elsewhere_does_not_count(self) -> None:
        assert progress(seen("AVAILABLE", 40, amis=(("333333333333", "us-west-2"),)), PROMISED)["done"] == 0

    @pytest.mark.parametrize(
        ("outputs", "done"),
        [
            (json.dumps({"distributedImages": [{"region": "eu-west-1", "accountId": PAYMENTS, "amiId": "ami-2", "status": "AVAILABLE"}]}), 1),
            (json.dumps({"distributedImages": [{"region": "eu-west-1", "accountId": PAYMENTS, "amiId": "ami-2", "status": "FAILED"}]}), 0),
            ("The step failed.", 0),
            ("[]", 0),
            ("", 0),
        ],
    )
    def test_a_step_may_tell_of_copies_before_the_image_does(self, outputs: str, done: int) -> None:
        running = execution("DISTRIBUTION", "RUNNING", 20, None, step("DistributeImage", "RUNNING", 20, outputs=outputs))
        assert progress(seen("DISTRIBUTING", 21, running), PROMISED)["done"] == done

    def test_steps_of_workflows_that_have_ended_do_not_run(self) -> None:
        stale = execution("BUILD", "CANCELLED", 2, 3, step("LaunchBuildInstance", "RUNNING", 2))
        assert progress(seen("CANCELLED", 4, stale), PROMISED)["step"] is None

    def test_all_that_run_at_the_same_time(self) -> None:
        groups = [execution("TEST", "RUNNING", 5, None, step(name, "RUNNING", 5)) for name in ("Boots", "Scans")]
        assert progress(seen("TESTING", 6, *groups), PROMISED)["step"] == "Boots, Scans"


class TestLine:
    def test_whole(self) -> None:
        now = seen("DISTRIBUTING", 12 + 4 / 60, COPYING, amis=((SOURCE, "us-west-2"),))
        assert line(progress(now, PROMISED)) == ("web/1.0.0/3 DISTRIBUTING 12m04s step DistributeImage, copies 1 of 3 (eu-west-1 0/1, us-west-2 1/2)")

    def test_of_an_image_of_which_nothing_is_known(self) -> None:
        unknown = Seen({"arn": "arn:aws:imagebuilder:us-west-2:111111111111:image/web/1.0.0/3", "state": {"status": "PENDING"}})
        assert line(progress(unknown, [])) == "web/1.0.0/3 PENDING"

    @pytest.mark.parametrize(("seconds", "text"), [(0, "0s"), (59, "59s"), (60, "1m00s"), (724, "12m04s"), (3723, "1h02m03s"), (90000, "25h00m00s")])
    def test_durations(self, seconds: int, text: str) -> None:
        assert duration(seconds) == text


def states(found: list[dict[str, Any]]) -> list[tuple[str, int | None]]:
    return [(entry["state"], entry["seconds"]) for entry in found]


class TestHistory:
    def test_of_an_image_that_is_there(self) -> None:
        distributed = execution(
            "DISTRIBUTION", "COMPLETED", 20, 50, step("DistributeImage", "COMPLETED", 20), step("ApplyImageConfigurations", "COMPLETED", 45)
        )
        found = history(seen("AVAILABLE", 90, distributed, *BUILT))
        minutes = [("PENDING", 120), ("BUILDING", 600), ("TESTING", 480), ("DISTRIBUTING", 1500), ("INTEGRATING", 300), ("AVAILABLE", None)]
        assert states(found) == minutes
        assert found[-1]["since"] == "2030-01-31T10:50:00+00:00"

    def test_the_present_state_lasts_until_now(self) -> None:
        assert states(history(seen("DISTRIBUTING", 32, COPYING, *BUILT)))[-1] == ("DISTRIBUTING", 720)

    def test_of_one_that_failed_and_was_retried(self) -> None:
        failed = execution("DISTRIBUTION", "FAILED", 20, 25, step("DistributeImage", "FAILED", 20), retried=True)
        again = execution("DISTRIBUTION", "RUNNING", 60, None, step("DistributeImage", "RUNNING", 60))
        found = history(seen("DISTRIBUTING", 61, again, failed, *BUILT))
        assert states(found)[3:] == [("DISTRIBUTING", 300), ("FAILED", None), ("DISTRIBUTING", 60)]

    def test_tests_that_run_one_after_the_other_are_one_state(self) -> None:
        groups = [execution("TEST", "COMPLETED", 15, 18), execution("TEST", "COMPLETED", 12, 15), execution("BUILD", "COMPLETED", 2, 12)]
        assert [state for state, _seconds in states(history(seen("AVAILABLE", 30, *groups)))] == ["PENDING", "BUILDING", "TESTING", "AVAILABLE"]

    def test_where_nothing_is_remembered(self) -> None:
        assert [state for state, _seconds in states(history(seen("AVAILABLE", 90)))] == ["PENDING", "AVAILABLE"]
        assert states(history(Seen({"arn": "arn", "state": {"status": "BUILDING"}}, at=START))) == [("BUILDING", 0)]

    def test_a_workflow_that_is_skipped_has_no_times(self) -> None:
        skipped = {"type": "TEST", "status": "SKIPPED"}
        assert states(history(seen("BUILDING", 5, skipped, execution("BUILD", "RUNNING", 2)))) == [("PENDING", 120), ("BUILDING", 180)]
