# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write the roles of destinations as templates; documented in plugins/modules/destination_templates.py."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.golden.imagebuilder.plugins.module_utils._access import role_inputs, templates
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.roles import MADE_BY_US_TAG, RoleSettings
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.errors import FleetError
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import Target
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.problems import Problem, format_problems

EVERY_ACCOUNT = Target(account_id="", name="every account that takes the template")


def read_options(options: Mapping[str, Any], check_mode: bool) -> tuple[RoleSettings, list[Problem]]:
    """What the templates are to make, and everything that is wrong with the options."""
    settings, problems = role_inputs.read_settings(options, [EVERY_ACCOUNT], check_mode)
    if MADE_BY_US_TAG in (settings.tags or {}):
        message = "lets destination_roles delete the role, which is up to whoever takes the template: leave this tag out."
        problems.append(Problem(f"tags.{MADE_BY_US_TAG}", message))
    return settings, problems


class ActionModule(ActionBase):
    """Runs on the controller, calls nothing and changes nothing."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The templates, or what is wrong with the options."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        _validation, options = self.validate_argument_spec(argument_spec=role_inputs.SETTINGS_SPEC)
        options = json.loads(json.dumps(options))  # without the tags that Ansible puts on the data of a play
        settings, problems = read_options(options, self._task.check_mode)
        if problems:
            errors = [{"path": problem.path, "message": problem.message} for problem in problems]
            return {**result, "failed": True, "changed": False, "msg": format_problems(problems), "errors": errors}
        try:
            made = {"cloudformation": templates.cloudformation(settings), "terraform": templates.terraform(settings)}
        except FleetError as error:
            return {**result, "failed": True, "changed": False, "msg": str(error), "error_code": error.code}
        return {**result, "changed": False, **{language: written(template) for language, template in made.items()}}


def written(template: templates.Template) -> str:
    """A template as the text of a file; the same for the same template."""
    return f"{json.dumps(template, indent=2, ensure_ascii=False)}\n"
