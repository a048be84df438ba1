# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules run whole, in this process, against the emulator: real arguments in, the JSON that Ansible would get out.

`emulator` is empty at the beginning of each test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._access import writing
from ansible_collections.golden.imagebuilder.tests import in_process
from ansible_collections.golden.imagebuilder.tests.emulator.server import InProcessEmulator, emulate

Result = dict[str, Any]
RunModule = Callable[..., Result]


@pytest.fixture
def emulator() -> Iterator[InProcessEmulator]:
    """AWS, empty; the credentials in the environment are those of the administrator of account 111111111111."""
    with emulate(accounts=["111111111111", "222222222222", "333333333333"]) as running:
        yield running


@pytest.fixture
def nobody_else_writes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has written looks again without waiting first for other writers; a test that has some waits for them, with `writing.WINDOW`."""
    monkeypatch.setattr(writing, "WINDOW", 0)


@pytest.fixture
def run_module() -> RunModule:
    """A function that runs a module of this collection: `run_module("component", name="x", check_mode=True)`.

    Its result is what the module printed, always with `failed`. Options that are None are not given. `check_mode` and `diff` are Ansible's.
    """

    def run(module: str, check_mode: bool = False, diff: bool = True, **options: Any) -> Result:
        args = {name: value for name, value in options.items() if value is not None}
        args |= {"_ansible_check_mode": check_mode, "_ansible_diff": diff, "_ansible_remote_tmp": "/tmp", "_ansible_keep_remote_files": False}
        result = in_process.run_module(f"ansible_collections.golden.imagebuilder.plugins.modules.{module}", args)
        return {"failed": False, **result}

    return run
