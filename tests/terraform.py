# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Terraform on this machine, for tests of what it and this collection do to the same things.

A test is skipped where the program or its provider is not installed. The provider is never downloaded: it has to lie in a folder laid out as
`terraform providers mirror` does it, which GOLDEN_TERRAFORM_PLUGINS names, or in one of the places where such folders usually are.
"""

from __future__ import annotations

import contextlib
import json
import os
import platform
import shutil
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

PLUGINS = "GOLDEN_TERRAFORM_PLUGINS"
PROVIDER = "registry.terraform.io/hashicorp/aws"
MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}  # what Terraform calls them
SECONDS_PER_COMMAND = 120

Differences = dict[str, dict[str, tuple[Any, Any]]]
"""By address of a resource and name of an attribute: what is, and what Terraform would make of it."""


def implied_mirrors() -> list[Path]:
    """The folders where Terraform looks for providers by itself, its cache, and where a system keeps add-on packages."""
    data_home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share"
    data = [data_home, *(os.environ.get("XDG_DATA_DIRS") or "/usr/local/share:/usr/share").split(":")]
    cache = os.environ.get("TF_PLUGIN_CACHE_DIR")
    return [
        Path.home() / ".terraform.d/plugins",
        *(Path(folder, "terraform/plugins") for folder in data),
        *([Path(cache)] if cache else []),
        *sorted(Path("/opt").glob("*")),
    ]


def holds_provider(folder: Path) -> bool:
    """Whether a folder has the provider for this machine, packed or unpacked."""
    machine = platform.machine().lower()
    target = f"{platform.system().lower()}_{MACHINES.get(machine, machine)}"
    return any(list(folder.glob(f"{PROVIDER}/{name}")) for name in (f"*/{target}/terraform-provider-aws*", f"terraform-provider-aws_*_{target}.zip"))


def plugins() -> Path:
    """The folder with the provider. Skips the test where there is none; one that is named has to have it."""
    if PLUGINS in os.environ:
        named = Path(os.environ[PLUGINS])
        assert holds_provider(named), f"{PLUGINS}: {named} has no {PROVIDER} for this machine; `terraform providers mirror` fills such a folder"
        return named
    found = next(filter(holds_provider, implied_mirrors()), None)
    if found is None:
        pytest.skip(f"no Terraform provider {PROVIDER} for this machine; {PLUGINS} can name a folder that `terraform providers mirror` filled")
    return found


class Terraform:
    """The program in a folder of its own, with an account's credentials and nothing of this machine's configuration of it."""

    def __init__(self, program: str, folder: Path, environment: Mapping[str, str], variables: Mapping[str, str]) -> None:
        self.program = program
        self.folder = folder
        own = {
            "TF_CLI_CONFIG_FILE": os.devnull,
            "TF_IN_AUTOMATION": "1",
            "TF_INPUT": "0",
            "CHECKPOINT_DISABLE": "1",
            **{f"TF_VAR_{name}": value for name, value in variables.items()},
        }
        self.environment = {**{name: value for name, value in environment.items() if not name.startswith("TF_")}, **own}

    def run(self, *words: str, expected: tuple[int, ...] = (0,)) -> tuple[int, str]:
        """Run a command to its end, and end with it whatever it has started."""
        with subprocess.Popen(
            [self.program, *words],
            env=self.environment,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as process:
            try:
                output, _nothing = process.communicate(timeout=SECONDS_PER_COMMAND)
            finally:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
        assert process.returncode in expected, output[-5000:]
        return process.returncode, output

    def init(self, plugins_folder: Path) -> None:
        """Take the provider from the folder, and from nowhere else."""
        self.run("init", "-no-color", f"-plugin-dir={plugins_folder}")

    def validate(self) -> None:
        """Have it judge the configuration, without a call."""
        self.run("validate", "-no-color")

    def apply(self) -> dict[str, Any]:
        """Make everything; returns the outputs."""
        self.run("apply", "-no-color", "-auto-approve")
        outputs = json.loads(self.run("output", "-json")[1])
        return {name: output["value"] for name, output in outputs.items()}

    def plan(self) -> Differences:
        """What Terraform would change of the resources. What it would read again because of that is left out."""
        status, _output = self.run("plan", "-no-color", "-detailed-exitcode", "-out=plan", expected=(0, 2))
        if status == 0:
            return {}
        changes = json.loads(self.run("show", "-json", "plan")[1])["resource_changes"]
        return {one["address"]: differing(one["change"]) for one in changes if one["mode"] == "managed" and one["change"]["actions"] != ["no-op"]}

    def destroy(self) -> None:
        """Take everything away, without looking at it again first."""
        self.run("destroy", "-no-color", "-auto-approve", "-refresh=false")


def differing(change: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """The attributes that a change sets to another value; those that only AWS can tell are left out."""
    before, after = change["before"] or {}, change["after"] or {}
    return {name: (before.get(name), value) for name, value in after.items() if value != before.get(name)}


def ready(configuration: Path, folder: Path, environment: Mapping[str, str], variables: Mapping[str, str] | None = None) -> Terraform:
    """Terraform, ready to apply a copy of the configuration in a folder that is not there yet. Skips the test where it is not installed."""
    program = shutil.which("terraform")
    if program is None:
        pytest.skip("no terraform on PATH")
    plugins_folder = plugins()
    shutil.copytree(configuration, folder)
    made = Terraform(program, folder, environment, variables or {})
    made.init(plugins_folder)
    return made
