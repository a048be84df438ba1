# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Print how far an image is while it is made; documented in plugins/modules/image.py.

The module does all of the work. Given `following` it returns with each news, and after a minute at the latest, with what it wants to be given to
go on; without it, as under `async`, it waits to the end by itself.
"""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase

OPTION = "following"


class ActionModule(ActionBase):
    """Runs the module where the task runs, once or until the image has come to an end."""

    _supports_check_mode = True
    _supports_async = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The result of the module."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        if self._task.async_val:
            in_background = not self._connection.has_native_async
            return {**result, **self._execute_module(task_vars=task_vars, wrap_async=in_background)}
        answer = self._followed(task_vars)
        self._remove_tmp_path(self._connection._shell.tmpdir)
        return {**result, **answer}

    def _followed(self, task_vars: dict[str, Any] | None) -> dict[str, Any]:
        """The last of the module's answers, with the warnings of all of them."""
        following: dict[str, Any] = {}
        said: dict[str, list[Any]] = {"warnings": [], "deprecations": []}
        while True:
            answer: dict[str, Any] = self._execute_module(module_args={**self._task.args, OPTION: following}, task_vars=task_vars)
            for kind, known in said.items():
                known += [one for one in answer.get(kind) or [] if one not in known]
            if OPTION not in answer:
                break
            if not self._task.no_log:
                self._display.display(f"{(task_vars or {}).get('inventory_hostname', 'localhost')}: {answer['line']}")
            following = answer[OPTION]
        answer.get("invocation", {}).get("module_args", {}).pop(OPTION, None)
        return {**answer, **{kind: known for kind, known in said.items() if known}}
