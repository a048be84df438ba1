# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Judge what is going to be asked of AWS, before anything is; documented in plugins/modules/validate.py."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import parse_targets
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import inputs
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.inputs import Inputs
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.names import folded
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.problems import InvalidInput, Problem, format_problems
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import Context, Resource
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.component import COMPONENT
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.container_recipe import CONTAINER_RECIPE
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.distribution_configuration import DISTRIBUTION_CONFIGURATION
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.image_pipeline import IMAGE_PIPELINE
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.image_recipe import IMAGE_RECIPE
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.infrastructure_configuration import (
    INFRASTRUCTURE_CONFIGURATION,
)
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.lifecycle_policy import LIFECYCLE_POLICY
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.workflow import WORKFLOW

KINDS: Mapping[str, Resource] = {
    resource.key: resource
    for resource in (
        COMPONENT,
        IMAGE_RECIPE,
        CONTAINER_RECIPE,
        INFRASTRUCTURE_CONFIGURATION,
        DISTRIBUTION_CONFIGURATION,
        IMAGE_PIPELINE,
        LIFECYCLE_POLICY,
        WORKFLOW,
    )
}


def resources_problems(kind: str, resources: Any, context: Context) -> list[Problem]:
    """What is wrong with the options of resources of one kind, each and together."""
    if kind not in KINDS:
        return [Problem(kind, f"is not a kind of resource here. Valid are: {', '.join(KINDS)}.")]
    if not isinstance(resources, list):
        return [Problem(kind, f"a list of {KINDS[kind].plural.replace('_', ' ')} is needed here, not {resources!r}.")]
    problems = []
    named: dict[str, str] = {}
    for index, options in enumerate(resources):
        if not isinstance(options, Mapping):
            problems.append(Problem(f"{kind}[{index}]", f"a dictionary with the options of the {KINDS[kind].title} is needed here, not {options!r}."))
            continue
        place = f"{kind} {options.get('name', '')}".rstrip()
        wanted, found = read(KINDS[kind], options, context)
        collisions = _collisions(wanted.name, named) if wanted else []
        problems += [Problem(f"{place}: {problem.path}", problem.message) for problem in [*found, *collisions]]
    return problems


def read(resource: Resource, options: Mapping[str, Any], context: Context) -> tuple[Inputs | None, list[Problem]]:
    """What the options of one resource say, and what is wrong with them when the resource does not exist yet.

    They are read as its module reads them, and need nothing but botocore's model. Nothing else can fill in what they leave out, so what is
    required has to be there, and the rules over several options are judged too.
    """
    known = ["name", "tags", *(name for option, spec in resource.options.items() for name in (option, *spec.get("aliases", ())))]
    problems = [Problem(option, f"is not an option here. Valid are: {', '.join(known)}.") for option in options if option not in known]
    try:
        return inputs.read(resource, options, context), problems
    except InvalidInput as error:
        return None, [*problems, *error.problems]


def _collisions(name: str, named: dict[str, str]) -> list[Problem]:
    """Whether a name is to Image Builder the same as an earlier one in another spelling; it is kept among them."""
    earlier = named.setdefault(folded(name), name)
    if earlier == name:
        return []
    return [Problem("name", f"{name!r} is to Image Builder the same as {earlier!r}; names have to differ in more than case, spaces and underscores.")]


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
