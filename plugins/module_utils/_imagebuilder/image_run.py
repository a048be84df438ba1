# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module `image`: its options, and which of its ways a task goes.

This module util is private to the collection.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.errors import FleetError
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.sessions import Sessions
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import account_argument_spec, parse_account
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import engine, image_options, references
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.client import ImageBuilderError, errors
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image_change import ensure_existing
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image_follow import OPTION, Following, look, outlast
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image_make import ensure_made
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image_options import Task, Way
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image_report import Result
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image_work import Failed, Work
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.image import IMAGE
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.session import Session, open_session


def argument_spec() -> dict[str, Any]:
    """The options of the module."""
    return {
        **account_argument_spec(),
        "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
        **IMAGE.options,
        "image_pipeline_arn": {"type": "str", "aliases": ["image_pipeline"]},
        "import_vm_image": {"type": "dict"},
        "import_disk_image": {"type": "dict"},
        "image_build_version_arn": {"type": "str", "aliases": ["image_build_version"]},
        "start_resource_state_update": {"type": "dict"},
        "policy": {"type": "json"},
        "cli_input_json": {"type": "json"},
        **making_argument_spec(),
    }


def making_argument_spec() -> dict[str, Any]:
    """The options of every module that has an image made and follows it."""
    return {
        "tags": {"type": "dict"},
        "purge_tags": {"type": "bool", "default": True},
        "force": {"type": "bool", "default": False},
        "retry": {"type": "bool", "default": True},
        "wait": {"type": "bool", "default": True},
        "wait_timeout": {"type": "int", "default": 86400},
        "poll_interval": {"type": "float", "default": 30},
        "targets": {"type": "list", "elements": "dict", "default": []},
        OPTION: {"type": "dict"},
    }


def run() -> None:
    """The module `image`."""
    module = AnsibleAWSModule(argument_spec=argument_spec(), supports_check_mode=True, required_if=[("state", "absent", ["image_build_version_arn"])])
    engine.answer(module, lambda: to_its_end(module, image_options.read(module.params, module.region), _begin))


Begin = Callable[[AnsibleAWSModule, Task], Result]
"""Does what a task wants; returns its result, or with `following` in it how the image stands that is followed."""


def to_its_end(module: AnsibleAWSModule, task: Task, begin: Begin) -> Result:
    """Do what a task wants, and return the module's result; ends the module itself when the image failed.

    The looks at an image that is being made are runs of their own where an action prints between them, and are all taken here where none does.
    """
    given = module.params[OPTION]
    try:
        result = _go_on(module, task, Following.of(given)) if given else begin(module, task)
        while given is None and OPTION in result:
            result = _go_on(module, task, Following.of(result[OPTION]))
    except Failed as failed:
        module.fail_json(msg=str(failed), **_without_diff(module, failed.result))
        raise AssertionError("fail_json returned") from failed
    return _without_diff(module, result)


def _go_on(module: AnsibleAWSModule, task: Task, following: Following) -> Result:
    """Take one more look at the image that is followed, with the credentials of this moment. Raises Failed."""
    try:
        return look(Work(task, open_session(module), module.params), following)
    except (FleetError, ImageBuilderError) as error:
        return outlast(following, error, error.code, module.params["poll_interval"], _can_renew(module))


def _begin(module: AnsibleAWSModule, task: Task) -> Result:
    session = open_session(module)
    work = Work(_resolved(task, session), session, module.params)
    return ensure_existing(work) if task.way is Way.EXISTING else ensure_made(work)


def _can_renew(module: AnsibleAWSModule) -> bool:
    """Whether newer credentials may come while the task waits."""
    account, _problems = parse_account(module.params["account"])
    try:
        with errors("see where the credentials come from"):
            return Sessions(module).can_renew(account)
    except ImageBuilderError:  # the files with the credentials are being changed at this moment
        return True


def _without_diff(module: AnsibleAWSModule, result: Result) -> Result:
    return result if module._diff else {name: value for name, value in result.items() if name != "diff"}


def _resolved(task: Task, session: Session) -> Task:
    """The task with every resource that it names as an ARN."""
    return replace(task, request=references.resolve_in(task.shape, task.request, session.identity, session.find))
