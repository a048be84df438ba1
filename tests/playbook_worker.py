# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""ansible-playbook for many runs: each is a copy of this process, in which all is loaded, and runs modules itself. Started by warm_playbooks.py.

What costs time in short playbooks is starting Python: for ansible-playbook once a run, for a module once a task and host. Everything else is
Ansible's own, from the words of the command line to the recap. Waiting is cut short, as nothing that the emulator does takes long.

This is a program and no part of the collection's package: Ansible has to be the first to import from collections.
"""

from __future__ import annotations

import importlib
import inspect
import json
import os
import sys
import time
import traceback
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

import botocore.session
from ansible.cli.playbook import PlaybookCLI
from ansible.plugins.action import ActionBase
from ansible.plugins.loader import init_plugin_loader

LONGEST_WAIT = 0.05
SERVICES = ("ec2", "iam", "imagebuilder", "kms", "s3", "ssm", "sts")
_sleep = time.sleep


def _short_sleep(seconds: Any) -> None:
    _sleep(min(seconds, LONGEST_WAIT))


def _run_modules_in_workers() -> None:
    """Let actions run modules that call AWS in the process in which they are; those of Ansible itself are small, and run as always.

    They are imported here, once, and not in each of the processes that come from this one; and so is what botocore knows of the services.
    """
    from ansible_collections.golden.imagebuilder.plugins import modules  # noqa: PLC0415 - now that Ansible can import it
    from ansible_collections.golden.imagebuilder.tests.in_process import output_of  # noqa: PLC0415

    for path in modules.__path__:
        for name in sorted(file.stem for file in Path(path).glob("*.py")):
            importlib.import_module(f"{modules.__name__}.{name}")
    for service in SERVICES:
        botocore.session.get_session().create_client(service, region_name="us-west-2", aws_access_key_id="x", aws_secret_access_key="x")
    as_always = ActionBase._execute_module
    profile = ["legacy"] if len(inspect.signature(ActionBase._parse_returned_data).parameters) > 2 else []  # ansible-core 2.19 and newer want it

    def execute_module(self: Any, module_name: str | None = None, module_args: Any = None, task_vars: Any = None, **settings: Any) -> Any:
        name = module_name or self._task.resolved_action or self._task.action
        namespace, collection, module = name.split(".")
        if namespace == "ansible":
            return as_always(self, module_name, module_args, task_vars=task_vars, **settings)
        arguments = dict(self._task.args if module_args is None else module_args)
        self._update_module_args(name, arguments, task_vars or {})
        os.chdir(self._loader.get_basedir())  # where a local connection runs modules; this process ends with the task
        output = output_of(f"ansible_collections.{namespace}.{collection}.plugins.modules.{module}", arguments)
        said = self._parse_returned_data({"rc": 0, "stdout": output, "stderr": ""}, *profile)
        return said if isinstance(said, dict) else said.as_result_dict(for_round_trip=True)  # an object in newer ansible-core

    ActionBase._execute_module = execute_module


def _load_ansible() -> None:
    """Let Ansible find collections; when a run wants the same, Ansible would warn that it is done already."""
    init_plugin_loader()
    warnings.filterwarnings("ignore", "AnsibleCollectionFinder has already been configured")


def _run(order: Mapping[str, Any]) -> NoReturn:
    """Become the run that is ordered, and end with its exit status."""
    os.environ.clear()
    os.environ.update(order["environment"])
    os.chdir(order["folder"])
    output = os.open(order["output"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for file, number in ((os.open(os.devnull, os.O_RDONLY), 0), (output, 1), (output, 2)):
        os.dup2(file, number)
    status: Any = 250
    try:
        PlaybookCLI.cli_executor(["ansible-playbook", *order["words"]])
    except SystemExit as end:
        status = end.code
    except BaseException:
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(int(status or 0))  # what else Python does at the end is for the process that this is a copy of


def main() -> None:
    """Read orders, a line of JSON each, and answer each with an exit status, until there are no more."""
    time.sleep = _short_sleep
    _load_ansible()
    _run_modules_in_workers()
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            _run(json.loads(line))
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
