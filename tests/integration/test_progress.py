# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is printed while an image is made, and what the waiting survives."""

from __future__ import annotations

import re
import signal
from pathlib import Path
from typing import Any

from ansible_collections.golden.imagebuilder.tests.emulator import settings
from ansible_collections.golden.imagebuilder.tests.emulator.accounts import SECRET_ACCESS_KEY, access_key_id
from ansible_collections.golden.imagebuilder.tests.one_image import Scene
from ansible_collections.golden.imagebuilder.tests.organization import SOURCE
from ansible_collections.golden.imagebuilder.tests.processes import kill

LINE = re.compile(
    r"image-factory: golden/1\.0\.0/1 (?P<state>[A-Z]+) (?:\d+m)?\d+s(?: step (?P<step>\w+))?, "
    r"copies (?P<copies>\d) of 5 \(eu-west-1 \d/2, us-west-2 \d/3\)"
)
PENDING = "image-factory: golden/1.0.0/1 PENDING"


def lines(output: str) -> list[re.Match[str]]:
    """The lines that tell how far the image is."""
    return [found for line in output.splitlines() if (found := LINE.fullmatch(line))]


def test_each_news_is_a_line_and_the_result_is_that_of_the_module(scene: Scene) -> None:
    process = scene.start()
    try:
        scene.wait_for(process, PENDING)
        for state in ("CREATING", "BUILDING", "TESTING", "DISTRIBUTING", "INTEGRATING"):
            scene.bring_to(state)
            scene.wait_for(process, f"1.0.0/1 {state}")
        scene.bring_to("AVAILABLE")
        run = scene.end(process)
    finally:
        if process.poll() is None:
            kill(process)
    assert run.status == 0, run.output
    told = lines(run.output)
    assert [line["state"] for line in told] == ["PENDING", "CREATING", "BUILDING", "TESTING", "DISTRIBUTING", "INTEGRATING"], run.output
    assert [line["step"] for line in told[2:5]] == ["LaunchBuildInstance", "LaunchTestInstance", "DistributeImage"]
    assert told[-1]["copies"] == "5"
    result = scene.result()
    assert (result["action"], result["changed"], "following" in result, "line" in result) == ("build", True, False, False)
    assert result["progress"]["copies"] == [{"region": "eu-west-1", "done": 2, "expected": 2}, {"region": "us-west-2", "done": 3, "expected": 3}]
    assert [entry["state"] for entry in result["history"]] == ["PENDING", "BUILDING", "TESTING", "DISTRIBUTING", "INTEGRATING", "AVAILABLE"]


def test_nothing_is_printed_where_nothing_is_to_be_seen(scene: Scene) -> None:
    scene.release()
    silent = scene.run_with({}, no_log=True)
    assert silent.status == 0, silent.output
    assert lines(silent.output) == []
    checked = scene.run(wait=False)
    assert (checked.status, lines(checked.output)) == (0, [])


def test_in_the_background_the_module_waits_by_itself(scene: Scene) -> None:
    scene.release()
    process = scene.start(None, **{"async": 100, "poll": 1})
    run = scene.end(process)
    assert run.status == 0, run.output
    assert lines(run.output) == []
    assert (scene.result()["action"], scene.result()["missing"], scene.result()["image"]["state"]) == ("build", [], {"status": "AVAILABLE"})


def test_when_the_time_is_up(scene: Scene) -> None:
    run = scene.run(wait_timeout=1)
    assert run.status != 0
    assert len(lines(run.output)) == 1
    assert "is still PENDING after 1 seconds (wait_timeout)" in run.output


def test_an_interrupted_run_stops_no_build(scene: Scene) -> None:
    process = scene.start()
    try:
        scene.wait_for(process, PENDING)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) != 0
    finally:
        if process.poll() is None:
            kill(process)
    assert scene.image.status == "PENDING"
    scene.release()
    scene.assert_made_once(scene.run())


def test_a_bad_day_ends_no_waiting(scene: Scene) -> None:
    process = scene.start()
    try:
        scene.wait_for(process, PENDING)
        scene.emulator.disturb(seed=1, throttled=0.2, failed=0.1, cut=0.1)
        settings.current.seconds_per_state = 1
        run = scene.end(process)
    finally:
        if process.poll() is None:
            kill(process)
    scene.emulator.disturb()
    scene.assert_made_once(run)


NEW_KEY = access_key_id(SOURCE)[:-4] + "NEWK"


def write_credentials(path: Path, key_id: str) -> None:
    part = path.with_suffix(".part")
    part.write_text(f"[default]\naws_access_key_id = {key_id}\naws_secret_access_key = {SECRET_ACCESS_KEY}\n")
    part.replace(path)


def start_with_a_file(scene: Scene, path: Path) -> Any:
    write_credentials(path, access_key_id(SOURCE))
    kept = {name: value for name, value in scene.environment.items() if name not in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
    return scene.start({**kept, "AWS_SHARED_CREDENTIALS_FILE": str(path)})


def test_credentials_may_end_and_be_renewed(scene: Scene, tmp_path: Path) -> None:
    process = start_with_a_file(scene, tmp_path / "credentials")
    try:
        scene.wait_for(process, PENDING)
        scene.emulator.disturb(expired=[access_key_id(SOURCE)])
        scene.wait_for(process, "was PENDING and cannot be seen now, which is tried again: ")
        assert "is expired" in scene.log.read_text()
        write_credentials(tmp_path / "credentials", NEW_KEY)
        scene.release()
        run = scene.end(process)
    finally:
        if process.poll() is None:
            kill(process)
    scene.emulator.disturb()
    scene.assert_made_once(run)


def test_credentials_of_the_environment_cannot_be_renewed(scene: Scene) -> None:
    process = scene.start()
    try:
        scene.wait_for(process, PENDING)
        scene.emulator.disturb(expired=[access_key_id(SOURCE)])
        run = scene.end(process)
    finally:
        if process.poll() is None:
            kill(process)
    assert run.status != 0
    assert "Get new credentials" in run.output
    assert "Run the task again to go on waiting" in run.output
    assert scene.image.status == "PENDING"
