# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Actions run whole, by ansible-playbook on this machine."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

COLLECTIONS = Path(__file__).resolve().parents[7]


@dataclass(frozen=True)
class Played:
    """The results of tasks, in their order, and what was printed."""

    results: list[dict[str, Any]]
    output: str


Play = Callable[[Sequence[dict[str, Any]]], Played]


@pytest.fixture(scope="session")
def play(tmp_path_factory: pytest.TempPathFactory) -> Play:
    """A function that runs tasks one after the other, also when one fails. There are no credentials, and nobody answers to calls of AWS."""

    def run(tasks: Sequence[dict[str, Any]]) -> Played:
        folder = tmp_path_factory.mktemp("play")
        names = [f"result_{number}" for number in range(len(tasks))]
        registered = [{**task, "register": name, "ignore_errors": True} for task, name in zip(tasks, names, strict=True)]
        content = f"{{{{ [{', '.join(names)}] | to_json }}}}"
        kept = {"ansible.builtin.copy": {"content": content, "dest": str(folder / "results.json"), "mode": "0600"}}
        variables = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}
        playbook = [{"hosts": "localhost", "gather_facts": False, "vars": variables, "tasks": [*registered, kept]}]
        (folder / "playbook.json").write_text(json.dumps(playbook))
        environment = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ANSIBLE_"))} | {
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "ANSIBLE_HOME": str(folder / "ansible"),
            "ANSIBLE_LOCALHOST_WARNING": "false",
            "ANSIBLE_NOCOLOR": "1",
            "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
            "AWS_EC2_METADATA_DISABLED": "true",
        }
        command = [str(Path(sys.executable).with_name("ansible-playbook")), "playbook.json"]
        done = subprocess.run(command, env=environment, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        assert done.returncode == 0, done.stdout
        return Played(json.loads((folder / "results.json").read_text()), done.stdout)

    return run
