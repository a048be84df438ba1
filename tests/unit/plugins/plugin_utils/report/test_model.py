# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a report says."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import Target
from ansible_collections.golden.imagebuilder.plugins.plugin_utils._report.model import STATES, Inputs, records_problems, report

ACCOUNT, REGION = "222222222222", "us-west-2"
PLACE = {"account_id": ACCOUNT, "region": REGION}
TARGET = Target(ACCOUNT, "payments", (REGION,))
IMAGE = {
    "arn": "arn:aws:imagebuilder:us-west-2:111111111111:image/web/1.0.0/1",
    "name": "web",
    "version": "1.0.0/1",
    "state": {"status": "AVAILABLE"},
}
FAILURE = {**PLACE, "step": "COPY_AMI", "message": "AMI Copy Reported Failure", "cause": "The key.", "remedy": "Mend it."}
GOOD_AMI = {**PLACE, "image_id": "ami-1", "state": "available", "problems": []}
NO_AMI = {**PLACE, "image_id": None, "state": "missing", "problems": ["It does not exist."]}


def image(status: str = "AVAILABLE", **result: Any) -> dict[str, Any]:
    return {"image": {**IMAGE, "state": {"status": status}}, **result}


def looked(**ami: Any) -> list[dict[str, Any]]:
    return [{"account_id": ACCOUNT, "name": "payments", "amis": [{**GOOD_AMI, **ami}]}]


@pytest.mark.parametrize(
    ("image_result", "outcomes", "state"),
    [
        (image(), looked(), "delivered"),
        (image(), looked(**NO_AMI), "missing"),
        (image(), looked(problems=["Tag Team is missing."]), "wrong"),
        (image(), looked(state="failed", problems=["It is failed, not available."]), "failed"),
        (image(), looked(**{**NO_AMI, "state": "unknown"}), "unknown"),
        (image("DISTRIBUTING"), looked(**NO_AMI), "pending"),
        (image("DISTRIBUTING"), looked(state="pending", problems=["It is pending, not available."]), "pending"),
        (image(), looked(state="pending", problems=["It is pending, not available."]), "wrong"),
        (image("FAILED", failures=[FAILURE], missing=[PLACE]), [], "failed"),
        (image("FAILED", failures=[{**FAILURE, "region": None}]), [], "failed"),
        (image("FAILED", failures=[FAILURE]), looked(), "failed"),
        (image(delivered=[PLACE]), [], "delivered"),
        (image(amis=[{**PLACE, "image": "ami-1"}]), [], "delivered"),
        (image(missing=[PLACE]), [], "missing"),
        (image("BUILDING", missing=[PLACE]), [], "pending"),
        (image(), [], "unknown"),
        ({}, [], "pending"),
        ({}, looked(**NO_AMI), "missing"),
        (image(delivered=[PLACE]), [{"account_id": ACCOUNT, "failed": True, "msg": "No way in."}], "unknown"),
    ],
)
def test_states(image_result: dict[str, Any], outcomes: list[dict[str, Any]], state: str) -> None:
    (delivery,) = report(Inputs(image_result=image_result, outcomes=outcomes, targets=[TARGET]))["deliveries"]
    assert delivery["state"] == state
    assert delivery["verified"] == any("amis" in outcome for outcome in outcomes)


def test_who_could_not_be_entered_says_why() -> None:
    (delivery,) = report(Inputs(image_result=image(), outcomes=[{"account_id": ACCOUNT, "msg": "No way in."}], targets=[TARGET]))["deliveries"]
    assert delivery["problems"] == ["No way in."]


def test_a_failure_of_elsewhere_touches_nobody_else() -> None:
    result = image("FAILED", failures=[{**FAILURE, "region": "eu-west-1"}], delivered=[PLACE])
    deliveries = report(Inputs(image_result=result, targets=[TARGET]))["deliveries"]
    assert {delivery["region"]: delivery["state"] for delivery in deliveries} == {REGION: "delivered", "eu-west-1": "failed"}


def two(**given: Any) -> dict[str, Any]:
    targets = [Target(ACCOUNT, "payments", (REGION, "eu-west-1")), Target("333333333333", "search", (REGION,))]
    return report(Inputs(**{"targets": targets, **given}))


@pytest.mark.parametrize(
    ("given", "state", "sentence"),
    [
        ({"image_result": image(delivered=[PLACE, {**PLACE, "region": "eu-west-1"}], missing=[])}, "incomplete", "2 of 3 deliveries are in place."),
        ({"image_result": image(delivered=[PLACE])}, "incomplete", "1 of 3 deliveries is in place."),
        ({"image_result": image("DISTRIBUTING", delivered=[PLACE])}, "running", "1 of 3 deliveries is in place."),
        ({"image_result": image("FAILED", delivered=[PLACE])}, "failed", "1 of 3 deliveries is in place."),
        ({"image_result": image("BUILDING")}, "running", "None of 3 deliveries is in place."),
        ({"image_result": image(delivered=[PLACE]), "targets": []}, "complete", "The only delivery is in place."),
        ({"image_result": image(missing=[PLACE]), "targets": []}, "incomplete", "The only delivery is not in place."),
        ({"image_result": image(), "targets": []}, "complete", "No delivery was asked for."),
        ({}, "planned", "Nothing stands in the way of 3 deliveries."),
        ({"findings": [{"severity": "error", "check": "a"}]}, "planned", "1 error stands in the way of 3 deliveries."),
        (
            {"findings": [{"severity": "unknown", "check": "a"}]},
            "planned",
            "No known error stands in the way of 3 deliveries, but not everything could be looked at.",
        ),
    ],
)
def test_verdict(given: dict[str, Any], state: str, sentence: str) -> None:
    verdict = two(**given)["verdict"]
    assert (verdict["state"], verdict["sentence"]) == (state, sentence)


def test_a_build_that_failed_is_told_once_and_not_for_every_account() -> None:
    made = two(image_result=image("FAILED", failed=True, msg="broken", failures=[{**FAILURE, "account_id": None, "region": None, "step": "Install"}]))
    assert [failure["step"] for failure in made["failures"]] == ["Install"]
    assert made["verdict"]["state"] == "failed"
    assert all(not delivery["diagnoses"] for delivery in made["deliveries"])
    assert made["image"]["reason"] == "broken"


def test_accounts_regions_and_waves_add_up() -> None:
    made = two(image_result=image(delivered=[PLACE]), waves={ACCOUNT: "10", "333333333333": "9"})
    assert made["counts"] == {**dict.fromkeys(STATES[:-1], 0), "delivered": 1, "unknown": 2}
    assert [(row["name"], row["state"], row["delivered"], row["expected"]) for row in made["accounts"]] == [
        ("payments", "unknown", 1, 2),
        ("search", "unknown", 0, 1),
    ]
    assert [(row["region"], row["delivered"], row["expected"]) for row in made["regions"]] == [(REGION, 1, 2), ("eu-west-1", 0, 1)]
    assert [(row["wave"], row["accounts"], row["delivered"], row["expected"]) for row in made["waves"]] == [("9", 1, 0, 1), ("10", 1, 1, 2)]


def test_times_come_from_the_data() -> None:
    history = [
        {"state": "BUILDING", "since": "2026-03-02T09:00:00+00:00", "seconds": 600},
        {"state": "DISTRIBUTING", "since": "2026-03-02T09:10:00+00:00", "seconds": 61},
        {"state": "AVAILABLE", "since": "2026-03-02T09:11:01+00:00", "seconds": None},
    ]
    made = two(image_result=image(history=history))
    assert [(entry["state"], entry["seconds"]) for entry in made["history"]] == [("BUILDING", 600), ("DISTRIBUTING", 61)]
    assert (made["started"], made["ended"], made["seconds"]) == ("2026-03-02T09:00:00Z", "2026-03-02T09:11:01Z", 661)
    running = two(image_result=image("DISTRIBUTING", history=history[:2]))
    assert running["ended"] is None
    unseen = two(image_result={"image": {**IMAGE, "date_created": "2026-03-02T08:59:00.000Z"}})
    assert (unseen["started"], unseen["ended"], unseen["seconds"]) == ("2026-03-02T08:59:00Z", None, None)


def test_findings_are_ordered_and_known_where_they_matter() -> None:
    findings = [
        {"severity": "warning", "check": "b", "account_id": ACCOUNT, "region": None},
        {"severity": "error", "check": "z", "account_id": "333333333333", "region": REGION, "remedy_command": "aws"},
        {"severity": "error", "check": "a", "account_id": ACCOUNT, "region": "eu-west-1"},
        {"severity": "bad", "check": "c"},
    ]
    made = two(findings=findings)
    assert [(row["id"], row["severity"], row["check"], row["name"]) for row in made["findings"]] == [
        (1, "error", "a", "payments"),
        (2, "error", "z", "search"),
        (3, "unknown", "c", None),
        (4, "warning", "b", "payments"),
    ]
    assert {(row["name"], row["region"]): row["findings"] for row in made["deliveries"]} == {
        ("payments", REGION): [4],
        ("payments", "eu-west-1"): [1, 4],
        ("search", REGION): [2],
    }


def test_records_that_cannot_be_placed_are_refused() -> None:
    problems = records_problems("outcomes", [{"account_id": "1"}, {}, "x"], ["account_id"])
    assert [problem.path for problem in problems] == ["outcomes[1].account_id", "outcomes[2]"]
