# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that are cut off while an image is made, and those that come after: one image in the end, wherever the first stood.

ansible-playbook is a process of its own here, and dies with all that it started.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.tests.emulator.imagebuilder import images, lists
from ansible_collections.golden.imagebuilder.tests.emulator.imagebuilder.kinds import Listing
from ansible_collections.golden.imagebuilder.tests.emulator.imagebuilder.resource import Resource
from ansible_collections.golden.imagebuilder.tests.one_image import Scene
from ansible_collections.golden.imagebuilder.tests.processes import kill, send

STATES = (
    *(pytest.param(status, marks=pytest.mark.slow) for status in ("PENDING", "CREATING", "TESTING", "INTEGRATING", "AVAILABLE")),
    "BUILDING",
    "DISTRIBUTING",
)


@pytest.mark.parametrize("status", STATES)
def test_a_run_that_is_killed_in_a_state_is_gone_on_with(scene: Scene, status: str) -> None:
    process = scene.start()
    try:
        scene.wait_for(process, "image-factory: golden/1.0.0/1 PENDING")
        if status == "AVAILABLE":
            send(process, signal.SIGSTOP)  # or it would see that, and end well
            scene.bring_to(status)
        elif status != "PENDING":
            scene.bring_to(status)
            scene.wait_for(process, f"image-factory: golden/1.0.0/1 {status}")
    finally:
        kill(process)
    assert scene.image.status == status, "nobody but Image Builder moves an image"
    run = scene.run(wait=False)
    assert run.status == 0, run.output
    assert scene.result()["action"] == ("done" if status == "AVAILABLE" else "attach")
    scene.release()
    scene.assert_made_once(scene.run())


@contextmanager
def answers_that_never_arrive(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[threading.Event, threading.Event]]:
    """CreateImage makes the image, sets the first event, and answers after the second."""
    made, go_on = threading.Event(), threading.Event()
    add_to = images.NewImage.add_to

    def add_and_wait(self: images.NewImage, *arguments: Any) -> images.Image:
        image = add_to(self, *arguments)
        made.set()
        go_on.wait(60)
        return image

    with monkeypatch.context() as patches:
        patches.setattr(images.NewImage, "add_to", add_and_wait)
        try:
            yield made, go_on
        finally:
            go_on.set()


def kill_during_create_image(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    with answers_that_never_arrive(monkeypatch) as (made, _go_on):
        process = scene.start()
        try:
            assert made.wait(60), scene.log.read_text()
        finally:
            kill(process)
    scene.release()


def test_a_run_that_is_killed_before_it_knows_of_its_image_has_started_it(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    kill_during_create_image(scene, monkeypatch)
    scene.assert_made_once(scene.run())
    assert scene.result()["action"] in ("attach", "done")


def hide(patches: pytest.MonkeyPatch, times: int) -> None:
    """Lists of images are empty so many times more."""
    rest = iter(range(times))
    list_all = lists._found

    def found(listing: Listing, *arguments: Any) -> list[Resource]:
        is_hidden = listing.operation == "ListImageBuildVersions" and next(rest, None) is not None
        return [] if is_hidden else list_all(listing, *arguments)

    patches.setattr(lists, "_found", found)


@pytest.mark.slow
@pytest.mark.parametrize(("tags", "times", "action"), [({}, 1, "build"), ({"Team": "platform"}, 2, "attach")], ids=["the same tags", "other tags"])
def test_also_when_the_image_is_not_listed_yet(scene: Scene, monkeypatch: pytest.MonkeyPatch, tags: dict[str, str], times: int, action: str) -> None:
    """The request with the same token tells of it. With other tags AWS refuses that, and the image shows itself a moment later."""
    kill_during_create_image(scene, monkeypatch)
    scene.hold()
    hide(monkeypatch, times)
    run = scene.run(tags=tags, wait=False)
    assert run.status == 0, run.output
    assert scene.result()["action"] == action
    scene.release()
    scene.assert_made_once(scene.run())
    assert scene.result()["image"]["tags"] == tags
