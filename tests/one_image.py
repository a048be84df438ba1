# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One image, on an emulator where nothing goes on by itself, and a playbook with one task that has it made."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.golden.imagebuilder.tests.emulator import settings
from ansible_collections.golden.imagebuilder.tests.emulator.imagebuilder import images
from ansible_collections.golden.imagebuilder.tests.emulator.imagebuilder.models import imagebuilder_backends
from ansible_collections.golden.imagebuilder.tests.organization import Run, bare_environment, command
from ansible_collections.golden.imagebuilder.tests.unit.emulator.imagebuilder.conftest import (
    BUILD_REGION,
    OTHER_REGION,
    PAYMENTS,
    SEARCH,
    SOURCE,
    Factory,
)
from ansible_collections.golden.imagebuilder.tests.warm_playbooks import ansible_playbook

PLACES = {(SOURCE, BUILD_REGION), *((account, region) for account in (PAYMENTS, SEARCH) for region in (OTHER_REGION, BUILD_REGION))}
LONG, SHORT = 1000, 0.01


class Scene:
    """An image factory on an emulator where nothing goes on by itself, and a playbook with one task."""

    def __init__(self, emulator: Any, folder: Path) -> None:
        self.emulator = emulator
        self.folder = folder
        self.factory = Factory(emulator)
        self.factory.make_all()
        self.factory.client().create_distribution_configuration(name="web", distributions=self.factory.distributions())
        self.factory.recipe()
        self.factory.infrastructure("web")
        self.hold()

    def hold(self) -> None:
        """Let images stay in their state."""
        settings.current.seconds_per_state = LONG

    def release(self) -> None:
        """Let images go on."""
        settings.current.seconds_per_state = SHORT

    @property
    def image(self) -> images.Image:
        """The one image."""
        (one,) = images.own_images(imagebuilder_backends[SOURCE][BUILD_REGION])
        return one

    def bring_to(self, status: str) -> None:
        """Bring the image to a state, one state after the other."""
        while self.image.status != status:
            assert self.image.is_busy, self.image.state
            self.image.since = self.image.since - LONG
            self.image.advance()

    def words(self, options: Mapping[str, Any], **keywords: Any) -> list[str]:
        """The words of a command line for the playbook; `options` are the module's, the others are keywords of the task."""
        names = {"image_recipe": "golden/1.0.x", "infrastructure_configuration": "web", "distribution_configuration": "web"}
        task = {"golden.imagebuilder.image": {"region": BUILD_REGION, **names, "poll_interval": 0.2, **options}, "register": "result", **keywords}
        kept = {"ansible.builtin.copy": {"content": "{{ result | to_json }}", "dest": str(self.folder / "result.json"), "mode": "0600"}}
        variables = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
        plays = [{"hosts": "image-factory", "gather_facts": False, "vars": variables, "tasks": [task, kept]}]
        (self.folder / "playbook.json").write_text(json.dumps(plays))
        return ["-i", "image-factory,", "playbook.json"]

    @property
    def environment(self) -> dict[str, str]:
        """What ansible-playbook finds in its environment."""
        return {**bare_environment(self.folder / "ansible"), **self.emulator.environment(SOURCE, BUILD_REGION)}

    def start(self, environment: Mapping[str, str] | None = None, **keywords: Any) -> subprocess.Popen[bytes]:
        """Start the playbook, with keywords of its task, in another environment where one is given."""
        words = command(self.words({}, **keywords))
        with self.log.open("wb") as log:
            return subprocess.Popen(words, env=environment or self.environment, cwd=self.folder, stdout=log, stderr=subprocess.STDOUT)

    @property
    def log(self) -> Path:
        """What the started playbook prints."""
        return self.folder / "started.log"

    def end(self, process: subprocess.Popen[bytes]) -> Run:
        """Wait for the end of the started playbook."""
        return Run(process.wait(timeout=120), self.log.read_text())

    def wait_for(self, process: subprocess.Popen[bytes], text: str) -> None:
        """Wait until the started playbook has printed something."""
        deadline = time.monotonic() + 60
        while text not in self.log.read_text():
            assert process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)

    def run(self, **options: Any) -> Run:
        """Run the playbook to its end, with options of the module."""
        return self.run_with(options)

    def run_with(self, options: Mapping[str, Any], **keywords: Any) -> Run:
        """Run the playbook to its end, with options of the module and keywords of the task."""
        return ansible_playbook(self.words(options, **keywords), self.environment, self.folder)

    def result(self) -> dict[str, Any]:
        """What the task of the last run has returned."""
        found: dict[str, Any] = json.loads((self.folder / "result.json").read_text())
        return found

    def assert_made_once(self, run: Run) -> None:
        """One image in the end, and one AMI of it everywhere."""
        assert run.status == 0, run.output
        assert self.image.status == "AVAILABLE"
        assert {(row["account_id"], row["region"]) for row in self.result()["amis"]} == PLACES
        assert {place: len(self.factory.images(*place)) for place in PLACES} == dict.fromkeys(PLACES, 1)
