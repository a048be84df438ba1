# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Modules run whole, in this process: real arguments in, the JSON that Ansible would get out. Starting Python for each would cost more."""

from __future__ import annotations

import contextlib
import functools
import importlib
import io
import json
from collections.abc import Iterator, Mapping
from typing import Any
from unittest.mock import patch

import botocore.session
from ansible.module_utils import basic
from ansible.module_utils.common import warnings

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


botocore.session.create_loader = functools.cache(botocore.session.create_loader)
"""Each module makes a session of its own; what botocore reads from its files is the same for all."""


@contextlib.contextmanager
def process_of_a_module() -> Iterator[None]:
    """What a module finds in its own process: no warnings of others, and no controller, whose screen would get the module's.

    In this process the controller's code may have been loaded too.
    """
    warnings._global_warnings.clear()
    with patch.object(_internal, "is_controller", False) if hasattr(_internal, "is_controller") else contextlib.nullcontext():
        yield


def output_of(module: str, arguments: Mapping[str, Any]) -> str:
    """The line of JSON that a module prints; `module` is where Python finds it. Raises ValueError when it ends without a result."""
    main = importlib.import_module(module).main
    output = io.StringIO()
    with process_of_a_module(), patch_module_args(dict(arguments)), contextlib.redirect_stdout(output), contextlib.suppress(SystemExit):
        main()
        raise ValueError(f"{module} has not ended as a module does, with exit_json or fail_json.")
    return output.getvalue().strip().splitlines()[-1]


def run_module(module: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
    """What a module says."""
    result: dict[str, Any] = json.loads(output_of(module, arguments))
    return result
