# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge what is going to be asked of AWS, before anything is; documented in plugins/modules/validate.py."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.sessions import parse_targets
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import inputs
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import Context, Resource
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.component import COMPONENT
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.distribution_configuration import DISTRIBUTION_CONFIGURATION
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.image_recipe import IMAGE_RECIPE
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.infrastructure_configuration import (
    INFRASTRUCTURE_CONFIGURATION,
)
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.schema import (
    InvalidInput,
    Problem,
    format_problems,
    missing_members,
    snake_name,
)

KINDS: Mapping[str, Resource] = {
    resource.key: resource for resource in (COMPONENT, IMAGE_RECIPE, INFRASTRUCTURE_CONFIGURATION, DISTRIBUTION_CONFIGURATION)
}


def resources_problems(kind: str, resources: Any, context: Context) -> list[Problem]:
    """What is wrong with the options of resources of one kind."""
    if kind not in KINDS:
        return [Problem(kind, f"is not a kind of resource here. Valid are: {', '.join(KINDS)}.")]
    if not isinstance(resources, list):
        return [Problem(kind, f"a list of {KINDS[kind].title}s is needed here, not {resources!r}.")]
    problems = []
    for index, options in enumerate(resources):
        if not isinstance(options, Mapping):
            problems.append(Problem(f"{kind}[{index}]", f"a dictionary with the options of the {KINDS[kind].title} is needed here, not {options!r}."))
            continue
        place = f"{kind} {options.get('name', '')}".rstrip()
        problems += [Problem(f"{place}: {problem.path}", problem.message) for problem in resource_problems(KINDS[kind], options, context)]
    return problems


def resource_problems(resource: Resource, options: Mapping[str, Any], context: Context) -> list[Problem]:
    """What is wrong with the options of one resource that does not exist yet.

    They are read as its module reads them, and need nothing but botocore's model. Nothing else can fill in what they leave out, so what is
    required has to be there, and the rules over several options are judged too.
    """
    known = ["name", "tags", *resource.options]
    problems = [Problem(option, f"is not an option here. Valid are: {', '.join(known)}.") for option in options if option not in known]
    try:
        inputs.read(resource, options, context)
    except InvalidInput as error:
        problems += error.problems
    given = [name for name in resource.create_shape.members if options.get(snake_name(name)) is not None]
    required = map(snake_name, missing_members(resource.create_shape, given))
    told = {problem.path for problem in problems}
    return problems + [Problem(name, "is required.") for name in required if name not in told]


class ActionModule(ActionBase):
    """Runs on the controller and calls nothing."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Fail with every mistake, or do nothing."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        argument_spec = {
            "region": {"type": "str", "required": True},
            "source_account_id": {"type": "raw"},
            "targets": {"type": "list", "elements": "dict", "default": []},
            "resources": {"type": "dict", "default": {}},
        }
        _validation, options = self.validate_argument_spec(argument_spec=argument_spec)
        _targets, problems = parse_targets(options["targets"])
        context = Context(region=options["region"], account_id=plain(options["source_account_id"]), complete=True)
        for kind, wanted in plain(options["resources"]).items():
            problems += resources_problems(kind, wanted, context)
        if problems:
            errors = [{"path": problem.path, "message": problem.message} for problem in problems]
            return {**result, "failed": True, "changed": False, "msg": format_problems(problems), "errors": errors}
        return {**result, "changed": False}


def plain(value: Any) -> Any:
    """A value without the tags that Ansible puts on the data of a play, as a module would get it."""
    return json.loads(json.dumps(value))
