# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules run whole, in this process, against the emulator: real arguments in, the JSON that Ansible would get out.

`emulator` is empty at the beginning of each test.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import json
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

import pytest
from ansible.module_utils import basic
from ansible.module_utils.common import warnings
from ansible_collections.golden.imagebuilder.tests.emulator.server import InProcessEmulator, emulate

try:
    from ansible.module_utils.testing import patch_module_args
except ImportError:  # ansible-core before 2.18

    @contextlib.contextmanager
    def patch_module_args(args: dict[str, Any] | None = None) -> Iterator[None]:
        """Hand arguments to modules as Ansible does."""
        with patch.object(basic, "_ANSIBLE_ARGS", json.dumps({"ANSIBLE_MODULE_ARGS": args or {}}).encode()):
            yield


try:
    from ansible.module_utils import _internal
except ImportError:  # ansible-core before 2.19
    _internal = None


@contextlib.contextmanager
def process_of_a_module() -> Iterator[None]:
    """What a module finds in its own process: no warnings of others, and no controller, whose screen would get the module's.

    In this process other tests may have loaded the controller's code.
    """
    warnings._global_warnings.clear()
    with patch.object(_internal, "is_controller", False) if hasattr(_internal, "is_controller") else contextlib.nullcontext():
        yield


Result = dict[str, Any]
RunModule = Callable[..., Result]


@pytest.fixture
def emulator() -> Iterator[InProcessEmulator]:
    """AWS, empty; the credentials in the environment are those of the administrator of account 111111111111."""
    with emulate(accounts=["111111111111", "222222222222", "333333333333"]) as running:
        yield running


@pytest.fixture
def run_module() -> RunModule:
    """A function that runs a module of this collection: `run_module("component", name="x", check_mode=True)`.

    Its result is what the module printed, always with `failed`. Options that are None are not given. `check_mode` and `diff` are Ansible's.
    """

    def run(module: str, check_mode: bool = False, diff: bool = True, **options: Any) -> Result:
        args = {name: value for name, value in options.items() if value is not None}
        args |= {"_ansible_check_mode": check_mode, "_ansible_diff": diff, "_ansible_remote_tmp": "/tmp", "_ansible_keep_remote_files": False}
        main = importlib.import_module(f"ansible_collections.golden.imagebuilder.plugins.modules.{module}").main
        output = io.StringIO()
        with process_of_a_module(), patch_module_args(args), contextlib.redirect_stdout(output), pytest.raises(SystemExit):
            main()
        result: Result = json.loads(output.getvalue().strip().splitlines()[-1])
        return {"failed": False, **result}

    return run
