# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The modules for Image Builder's resources, whole: options in, result out, the same way for every kind. Private to this collection.

What is done is in `present.py`, `absent.py` and `info.py`; what is known of each kind in `resources/`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.errors import FleetError
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import account_argument_spec
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import info, inputs, resource_policy
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.absent import ensure_absent, keep_problems
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.client import ImageBuilderError, fail
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.inputs import Inputs
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.present import ensure_present
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.problems import InvalidInput, format_problems
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import Context, Resource
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.session import Refused, open_session


def run(resource: Resource) -> None:
    """A module that makes a resource be there or not be there."""
    spec: dict[str, dict[str, Any]] = {
        **account_argument_spec(),
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        "name": {"type": "str"},
        **resource.options,
        "cli_input_json": {"type": "json"},
        "tags": {"type": "dict"},
        "purge_tags": {"type": "bool", "default": True},
        **({"keep": {"type": "int"}} if resource.versioned else {}),
        **({resource_policy.OPTION: {"type": "json"}} if resource.has_policy else {}),
    }
    module = AnsibleAWSModule(argument_spec=spec, supports_check_mode=True)
    answer(module, lambda: _run(module, resource))


def run_info(resource: Resource) -> None:
    """A module that tells about resources of a kind."""
    spec = info.argument_spec(resource)
    module = AnsibleAWSModule(
        argument_spec={**account_argument_spec(), **spec},
        supports_check_mode=True,
        mutually_exclusive=[("arn", name) for name in ("name", "semantic_version", "filters", resource.qualifier) if name in spec],
        required_by={"semantic_version": ("name",)} if resource.versioned else {},
    )
    answer(module, lambda: _run_info(module, resource))


def answer(module: AnsibleAWSModule, act: Callable[[], dict[str, Any]]) -> None:
    """Run, and end the module with the result or with the one kind of failure that it met."""
    module.require_botocore_at_least("1.40.0")
    try:
        result = act()
    except InvalidInput as error:
        problems = [{"path": problem.path, "message": problem.message} for problem in error.problems]
        module.fail_json(msg=format_problems(error.problems), errors=problems)
    except Refused as error:
        module.fail_json(msg=str(error), **({"diff": error.diff} if error.diff else {}))
    except ImageBuilderError as error:
        fail(module, error)
    except FleetError as error:
        module.fail_json(msg=str(error), error_code=error.code)
    else:
        module.exit_json(**result)


def _run(module: AnsibleAWSModule, resource: Resource) -> dict[str, Any]:
    params = module.params
    wanted, policy = _read(resource, params, module.region)
    session = open_session(module)
    wanted = inputs.settle(resource, wanted, session.identity, session.find)
    if params["state"] == "absent":
        result = ensure_absent(resource, session, wanted, params.get("keep"))
    else:
        result = ensure_present(resource, session, wanted, params["purge_tags"], policy)
    return result if module._diff else {name: value for name, value in result.items() if name != "diff"}


def _read(resource: Resource, params: Mapping[str, Any], region: str | None) -> tuple[Inputs, Mapping[str, Any] | None]:
    """What a task wants, and the resource policy that it gives. Raises InvalidInput with every mistake in the options."""
    policy, problems = resource_policy.read(resource, params)
    wanted = None
    try:
        wanted = inputs.read(resource, params, Context(region=region), only_identity=params["state"] == "absent")
    except InvalidInput as error:
        problems = [*error.problems, *problems]
    problems += keep_problems(params, wanted.version if wanted else None)
    if problems or wanted is None:
        raise InvalidInput(problems)
    return wanted, policy


def _run_info(module: AnsibleAWSModule, resource: Resource) -> dict[str, Any]:
    asked = info.read(resource, module.params)
    return {"changed": False, resource.plural: info.find_all(resource, open_session(module), asked)}
