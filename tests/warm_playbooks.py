# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Many short playbooks without starting Python for each of them, and for each of their tasks; see playbook_worker.py, which runs them.

with WarmPlaybooks(environment, folder) as playbooks:
    run = playbooks.run(Path("playbook.yml"), [Path("hosts.yml")])
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType

from ansible_collections.golden.imagebuilder.tests.organization import Run

WORKER = Path(__file__).with_name("playbook_worker.py")


class WarmPlaybooks:
    """The process that runs them, from the inside of a `with` statement to its end."""

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        self._environment = dict(environment)
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None

    def __enter__(self) -> WarmPlaybooks:
        self._process = subprocess.Popen(
            [sys.executable, str(WORKER)], env=self._environment, cwd=self._folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._process:
            self._process.communicate()

    def run(self, playbook: Path, inventories: Iterable[Path]) -> Run:
        """Run a playbook to its end, keeping what it prints. Raises RuntimeError when the process has died."""
        output = self._folder / "output.txt"
        order = {"playbook": str(playbook), "inventories": [str(path) for path in inventories], "output": str(output)}
        if self._process is None or self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("nothing runs: use it in a with statement")
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        status = self._process.stdout.readline()
        if not status:
            raise RuntimeError(f"the process that runs playbooks has died:\n{output.read_text()}")
        return Run(int(status), output.read_text())
