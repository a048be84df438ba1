# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write what became of an image, for people and for programs; documented in plugins/modules/report.py."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import account_id_problems, parse_targets
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.problems import Problem, format_problems
from ansible_collections.golden.imagebuilder.plugins.plugin_utils._report.files import Wanted, read_mode
from ansible_collections.golden.imagebuilder.plugins.plugin_utils._report.model import Inputs, records_problems, report
from ansible_collections.golden.imagebuilder.plugins.plugin_utils._report.page import page

ARGUMENT_SPEC: dict[str, Any] = {
    "title": {"type": "str"},
    "image_result": {"type": "dict", "default": {}},
    "targets": {"type": "list", "elements": "dict", "default": []},
    "outcomes": {"type": "list", "elements": "raw", "default": []},
    "findings": {"type": "list", "elements": "raw", "default": []},
    "waves": {"type": "dict", "default": {}},
    "html_path": {"type": "path"},
    "json_path": {"type": "path"},
    "mode": {"type": "raw"},
}


def read_options(options: Mapping[str, Any]) -> tuple[Inputs, int | None, list[Problem]]:
    """What the report is made of, the mode of its files, and everything that is wrong with the options."""
    targets, problems = parse_targets(options["targets"])
    problems += records_problems("outcomes", options["outcomes"], ["account_id"])
    problems += records_problems("findings", options["findings"], ["severity", "check"])
    for account_id in options["waves"]:
        problems += account_id_problems(account_id, f"waves.{account_id}")
    mode = None
    try:
        mode = read_mode(options["mode"])
    except ValueError as error:
        problems.append(Problem("mode", str(error)))
    inputs = Inputs(
        title=options["title"],
        image_result=options["image_result"],
        targets=targets,
        outcomes=options["outcomes"],
        findings=options["findings"],
        waves={account_id: str(wave) for account_id, wave in options["waves"].items()} if len(set(options["waves"].values())) > 1 else {},
    )
    return inputs, mode, problems


class ActionModule(ActionBase):
    """Runs on the controller, calls nothing, and writes files there."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Have the files there, or say what is wrong with the options."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        _validation, options = self.validate_argument_spec(argument_spec=ARGUMENT_SPEC, required_one_of=[("html_path", "json_path")])
        options = json.loads(json.dumps(options))  # without the tags that Ansible puts on the data of a play
        inputs, mode, problems = read_options(options)
        if problems:
            errors = [{"path": problem.path, "message": problem.message} for problem in problems]
            return {**result, "failed": True, "changed": False, "msg": format_problems(problems), "errors": errors}
        made = report(inputs)
        texts = {"json_path": f"{json.dumps(made, indent=1, ensure_ascii=False)}\n", "html_path": page(made) if options["html_path"] else ""}
        files = {name: Wanted(Path(options[name]).absolute(), text, mode) for name, text in texts.items() if options[name]}
        paths = {name: str(wanted.path) for name, wanted in files.items()}
        try:
            written = self._written(list(files.values()))
        except OSError as error:
            return {**result, "failed": True, "changed": False, "msg": f"The report cannot be written: {error}"}
        return {**result, **written, **paths, "verdict": made["verdict"], "counts": made["counts"]}

    def _written(self, files: list[Wanted]) -> dict[str, Any]:
        """Write the files that are not there yet, but in check mode. Raises OSError."""
        new = [wanted for wanted in files if not wanted.is_there()]
        # The page says nothing that the JSON document does not, which comes first and is easier to read.
        shown = {"diff": new[0].diff()} if self._task.diff and new else {}
        if not self._task.check_mode:
            for wanted in new:
                wanted.write()
        return {"changed": bool(new), **shown}
