# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many short runs of ansible-playbook without starting Python for each of them, and for each of their tasks.

playbook_worker.py is the program that runs them; one such process serves a whole session of tests, and is started with the first run.
"""

from __future__ import annotations

import atexit
import functools
import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from ansible_collections.golden.imagebuilder.tests.organization import Run, bare_environment

WORKER = Path(__file__).with_name("playbook_worker.py")
HOME = "ANSIBLE_HOME"


class Worker:
    """The process that runs playbooks."""

    def __init__(self) -> None:
        self._home = tempfile.TemporaryDirectory()
        self._environment = bare_environment(Path(self._home.name))
        self._process = subprocess.Popen(
            [sys.executable, str(WORKER)], env=self._environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def close(self) -> None:
        """End it."""
        self._process.communicate()
        self._home.cleanup()

    def run(self, words: Sequence[str], environment: Mapping[str, str], folder: Path) -> Run:
        """As `ansible_playbook`."""
        output = folder / "output.txt"
        settings = _ansible(self._environment)
        if {**_ansible(environment), HOME: ""} != {**settings, HOME: ""}:
            raise ValueError(f"Ansible read its settings when the process started: {settings}. Other settings need a process of their own.")
        order = {"words": list(words), "environment": {**environment, **settings}, "folder": str(folder), "output": str(output)}
        if not self._process.stdin or not self._process.stdout:
            raise RuntimeError("the process has no pipes")
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        status = self._process.stdout.readline()
        if not status:
            raise RuntimeError(f"the process that runs playbooks has ended with {self._process.wait()}; its standard error says why")
        return Run(int(status), output.read_text())


def _ansible(environment: Mapping[str, str]) -> dict[str, str]:
    """Ansible's own settings."""
    return {name: value for name, value in environment.items() if name.startswith("ANSIBLE_")}


@functools.cache
def _worker() -> Worker:
    """The one of this process."""
    worker = Worker()
    atexit.register(worker.close)
    return worker


def ansible_playbook(words: Sequence[str], environment: Mapping[str, str], folder: Path) -> Run:
    """Run `ansible-playbook WORDS` to its end in a folder and an environment, keeping what it prints.

    Ansible's own settings in the environment have to be those of `bare_environment`; only its home is another.
    """
    return _worker().run(words, environment, folder)
