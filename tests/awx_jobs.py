# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What playbooks/awx.yml sets up, run as AWX runs it: jobs by ansible-runner, divided by inventory, in the order of the workflow.

What AWX itself does is done here as its documentation and its code say: an inventory update is an ansible-inventory --list --export; a slice has
every n-th host in the order of their names; answers of the survey, the node's own variables and the artifacts of the nodes before are extra
variables.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import ansible_runner
import yaml

from .organization import COLLECTION, bare_environment

DATA = COLLECTION / "playbooks/vars/awx.yml"
PROJECT = COLLECTION / "examples/awx-project"
INVENTORY_FILE = "inventory/organizations.yml"
TOOLS = Path(sys.executable).parent
KINDS = ("success_nodes", "failure_nodes", "always_nodes")
AFTER = {"successful": ("success_nodes", "always_nodes"), "failed": ("failure_nodes", "always_nodes")}

Record = dict[str, Any]


def data() -> Record:
    """The variables of the playbook, as they stand in the file."""
    loaded: Record = yaml.safe_load(DATA.read_text())
    return loaded


def answers(survey: Sequence[Mapping[str, Any]]) -> Record:
    """The extra variables of a survey that is left at its defaults."""
    return {question["variable"]: question["default"] for question in survey}


def sliced(inventory: Mapping[str, Any], number: int, count: int) -> Record:
    """The part of an inventory that a slice sees, from 0: every n-th host in the order of their names, and all groups with their variables."""
    host_variables = inventory["_meta"]["hostvars"]
    kept = sorted(host_variables)[number::count]
    groups = {name: group for name, group in inventory.items() if name != "_meta"}
    hosts = {name: {"hosts": [host for host in group["hosts"] if host in kept]} for name, group in groups.items() if "hosts" in group}
    return {
        **{name: {**group, **hosts.get(name, {})} for name, group in groups.items()},
        "_meta": {"hostvars": {host: host_variables[host] for host in kept}},
    }


@dataclass(frozen=True)
class Job:
    """How a job, or one slice of it, ended."""

    name: str
    status: str
    output: str
    events: Sequence[Record]

    @property
    def artifacts(self) -> Record:
        """What it handed over with set_stats, from its last event."""
        told = [event["event_data"].get("artifact_data") or {} for event in self.events if event["event"] == "playbook_on_stats"]
        return {key: value for artifacts in told for key, value in artifacts.items()}

    @property
    def hosts(self) -> set[str]:
        """The hosts on which a task ended."""
        return {event["event_data"]["host"] for event in self.events if event["event"].startswith("runner_on_") and "host" in event["event_data"]}


@dataclass
class Awx:
    """An AWX without a server: a project, an inventory, the credential of the source account, and a folder for what its jobs leave."""

    folder: Path
    credential: Mapping[str, str]
    project: Path
    inventory: Record = field(default_factory=dict)
    jobs: list[Job] = field(default_factory=list)
    extra_variables: Record = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.templates: dict[str, Record] = {template["name"]: template for template in data()["awx_job_templates"]}

    def update_inventory(self, credential: Mapping[str, str]) -> None:
        """Ask the organization."""
        path = self.project / INVENTORY_FILE
        command = [str(TOOLS / "ansible-inventory"), "-i", str(path), "--playbook-dir", str(path.parent), "--list", "--export"]
        environment = {**bare_environment(self.folder / "home"), **credential, "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true"}
        done = subprocess.run(command, env=environment, cwd=self.project, capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr)
        self.inventory = json.loads(done.stdout)

    def write_inventory(self, path: Path, inventory: Mapping[str, Any]) -> Path:
        """Have an inventory as AWX gives it to a job, a script that prints it."""
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/usr/bin/env python3\nprint({json.dumps(inventory)!r})\n")
        path.chmod(0o700)
        return path

    def launch(self, name: str, slices: int = 1, **variables: Any) -> list[Job]:
        """Run a job template, its survey at its defaults but for the given variables. Its slices, one job where it has none."""
        template = self.templates[name]
        parts = [sliced(self.inventory, number, slices) if slices > 1 else self.inventory for number in range(slices)]
        known = {**self.extra_variables, **answers(template["survey"]), **variables}
        jobs = [self._run(template, part, known) for part in parts]
        self.jobs += jobs
        return jobs

    def _run(self, template: Mapping[str, Any], inventory: Mapping[str, Any], variables: Mapping[str, Any]) -> Job:
        private = self.folder / f"awx_{len(list(self.folder.glob('awx_*')))}"
        shutil.copytree(self.project, private / "project")
        self.write_inventory(private / "inventory/hosts", inventory)
        ended = ansible_runner.run(
            private_data_dir=str(private),
            playbook=template["playbook"],
            cmdline="--check" if template.get("job_type") == "check" else None,
            extravars=dict(variables),
            envvars={**self._environment(), **self.credential},
            quiet=True,
        )
        return Job(template["name"], ended.status, ended.stdout.read(), list(ended.events))

    def _environment(self) -> dict[str, str]:
        """What else a job finds in its environment, as in a container: nothing of this machine's user."""
        kept = {name: value for name, value in bare_environment(self.folder / "home").items() if name.startswith("ANSIBLE_")}
        return {**kept, "PATH": os.pathsep.join([str(TOOLS), os.environ["PATH"]]), "LC_ALL": "C.UTF-8"}


@dataclass
class Workflow:
    """The workflow of the data, as AWX goes through it: a node runs once one of those before it says so, and no other is still to come."""

    awx: Awx
    approve: Callable[[], bool] = lambda: True
    slices: int = 3
    ended: dict[str, str] = field(default_factory=dict)
    artifacts: Record = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.nodes: dict[str, Record] = {node["identifier"]: node for node in data()["awx_workflow_nodes"]}

    def run(self) -> dict[str, str]:
        """By node, how it ended, in the order in which they ran."""
        waiting = roots(self.nodes)
        while waiting:
            identifier = next(one for one in waiting if not set(waiting) & ancestors(self.nodes, one))
            waiting.remove(identifier)
            self.ended[identifier] = self._run(self.nodes[identifier])
            following = [to for kind in AFTER[self.ended[identifier]] for to in self.nodes[identifier].get(kind, [])]
            waiting += [one for one in following if one not in waiting]
        return self.ended

    def _run(self, node: Mapping[str, Any]) -> str:
        if "approval_node" in node:
            return "successful" if self.approve() else "failed"
        slices = self.slices if "slices" in self.awx.templates[node["job_template"]] else 1
        jobs = self.awx.launch(node["job_template"], slices, **{**node.get("extra_data", {}), **self.artifacts})
        for job in jobs:
            self.artifacts.update(job.artifacts)
        return "successful" if {job.status for job in jobs} == {"successful"} else "failed"


def edges(nodes: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, str, str]]:
    """Every edge of a workflow: from which node, of which kind, to which."""
    for identifier, node in nodes.items():
        yield from ((identifier, kind, to) for kind in KINDS for to in node.get(kind, []))


def roots(nodes: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The nodes that nothing comes before."""
    reached = {to for _before, _kind, to in edges(nodes)}
    return [identifier for identifier in nodes if identifier not in reached]


def ancestors(nodes: Mapping[str, Mapping[str, Any]], identifier: str) -> set[str]:
    """All nodes from which there is a way to this one."""
    found: set[str] = set()
    while more := {before for before, _kind, to in edges(nodes) if to in {identifier, *found}} - found:
        found |= more
    return found
