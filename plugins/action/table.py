# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Print rows as a table; documented in plugins/modules/table.py."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.golden.imagebuilder.plugins.plugin_utils._table import render


class ActionModule(ActionBase):
    """Runs on the controller, calls nothing and changes nothing."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Print the table and return its lines."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        argument_spec = {
            "rows": {"type": "list", "elements": "dict", "required": True},
            "columns": {"type": "list", "elements": "str", "required": True},
            "title": {"type": "str"},
        }
        _validation, options = self.validate_argument_spec(argument_spec=argument_spec)
        lines = render(options["rows"], options["columns"])
        for line in ["", *([options["title"], ""] if options["title"] else []), *lines, ""]:
            self._display.display(line)
        return {**result, "changed": False, "lines": lines}
