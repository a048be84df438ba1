# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task wants of a resource, out of its options and its `cli_input_json`. Pure but for reading that file. Private to this collection."""

from __future__ import annotations

import json
import os
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import schema, versions
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import Context, Finding, Path, Resource
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.schema import Problem

CLI = "cli_input_json"


@dataclass(frozen=True)
class Inputs:
    """What is wanted, in the API's words.

    `request` holds what is to be sent; members in `given` that are not in it are to be cleared. `version` is the version as given, perhaps
    open. `written` keeps each top-level member as the user wrote it, with its path, for messages.
    """

    request: Mapping[str, Any]
    given: frozenset[str]
    written: Mapping[str, tuple[str, Any]]
    version: versions.Version | None = None

    @property
    def name(self) -> str:
        """The resource's name."""
        return str(self.request["name"])

    @property
    def tags(self) -> dict[str, str] | None:
        """The wanted tags; None when the task says nothing about tags."""
        return dict(self.request.get("tags", {})) if "tags" in self.given else None

    def problems(self, findings: Iterable[Finding]) -> list[Problem]:
        """Broken rules with the place as the user wrote it."""
        return [Problem(written_path(path, self.written), message) for path, message in findings]


def read(resource: Resource, params: Mapping[str, Any], context: Context, only_identity: bool = False) -> Inputs:
    """Read a task's options; `only_identity` looks at name and version alone, which is all that deleting needs.

    Raises InvalidInput with every problem that can be seen without asking AWS.
    """
    cli, cli_problems = _cli_members(resource, params.get(CLI))
    problems = list(cli_problems)
    shape = resource.create_shape
    options = {name: params[name] for name in ("name", "tags", *resource.options) if params.get(name) is not None}
    wanted = {"name", "semanticVersion"} if only_identity else set(shape.members)
    written = {
        **{_api_name(shape, name): (f"{CLI}.{name}", value) for name, value in cli.items() if value is not None},
        **{_api_name(shape, name): (name, value) for name, value in options.items()},
    }
    written = {name: place for name, place in written.items() if name in wanted or name not in shape.members}
    version, version_problems = _version(resource, written)
    request: dict[str, Any] = {}
    for name, (path, value) in written.items():
        if name not in shape.members:
            problems += schema.to_request(shape, {name: value}, path.rpartition(".")[0], partial=True)[1]
        elif not _is_cleared(shape, name, value):
            problems += _convert(shape.members[name], name, _concrete(name, value, version), path, request)
    problems += version_problems
    if not cli_problems:  # what cannot be read may well hold the name
        problems += _identity_problems(resource, written, only_identity)
    inputs = Inputs(request, frozenset(written), written, version)
    problems += _uncovered(inputs.problems(resource.rules(request, context)), problems)
    if problems:
        raise schema.InvalidInput(problems)
    return inputs


def written_path(path: Path, written: Mapping[str, tuple[str, Any]]) -> str:
    """A path in the API's spelling as the user spelled it; what the user did not write comes in snake case."""
    first, *rest = path
    text, value = written.get(str(first), (schema.snake_name(str(first)), None))
    for segment in rest:
        if isinstance(segment, int):
            text, value = f"{text}[{segment}]", value[segment] if isinstance(value, (list, tuple)) and segment < len(value) else None
            continue
        here = value if isinstance(value, Mapping) else {}
        key = segment if segment in here else schema.snake_name(segment)
        text, value = f"{text}.{key}", here.get(key)
    return text


def _cli_members(resource: Resource, text: str | None) -> tuple[dict[str, Any], list[Problem]]:
    """The members of `cli_input_json`: JSON, or `file://` and the path of a file that holds it, as the AWS CLI takes them.

    What belongs to the request and not to the resource (client token, dry run, the ARN of an update) is left out.
    """
    if text is None:
        return {}, []
    try:
        if text.startswith("file://"):
            with open(os.path.expanduser(os.path.expandvars(text.removeprefix("file://"))), encoding="utf-8") as file:
                text = file.read()
        content = json.loads(text)
    except OSError as error:
        return {}, [Problem(CLI, f"the file cannot be read: {error.strerror or error}: {error.filename}")]
    except ValueError as error:
        return {}, [Problem(CLI, f"is not valid JSON: {error}")]
    if not isinstance(content, dict):
        return {}, [Problem(CLI, "a JSON object is needed, as aws imagebuilder takes it with --cli-input-json.")]
    ignored = {"clientToken", "dryRun", resource.arn_parameter}
    return {name: value for name, value in content.items() if name not in ignored}, []


def _api_name(shape: schema.Shape, option: str) -> str:
    """The member of an option; the option itself where the installed botocore does not know it."""
    return next((name for name in shape.members if schema.snake_name(name) == option), option)


def _is_cleared(shape: schema.Shape, name: str, value: Any) -> bool:
    """Whether an option is given empty, which clears it. What is required cannot be cleared."""
    return value in ("", [], {}) and not isinstance(value, bool) and name not in shape.required_members


def _identity_problems(resource: Resource, written: Container[str], only_identity: bool) -> list[Problem]:
    """What is missing of name and version; without a version, all versions are meant, which makes sense only for deleting them."""
    is_named = "name" in written or "name" not in resource.create_shape.members
    problems = [] if is_named else [Problem("name", "is required.")]
    if resource.versioned and not only_identity and "semanticVersion" not in written:
        problems.append(Problem("semantic_version", "is required: one version such as 1.0.0, or the next one of a row, such as 1.0.x."))
    return problems


def _convert(shape: schema.Shape, name: str, value: Any, path: str, request: dict[str, Any]) -> list[Problem]:
    converted, problems = schema.to_request(shape, value, path)
    if converted is not None:
        request[name] = converted
    return problems


def _version(resource: Resource, written: Mapping[str, tuple[str, Any]]) -> tuple[versions.Version | None, list[Problem]]:
    if not resource.versioned or "semanticVersion" not in written:
        return None, []
    path, value = written["semanticVersion"]
    try:
        return versions.parse(str(value)), []
    except ValueError as error:
        return None, [Problem(path, str(error))]


def _concrete(name: str, value: Any, version: versions.Version | None) -> Any:
    """The version of a request as one that every shape takes: components know no `x`. A malformed one is reported once, by the versions."""
    return str(version.lowest if version else versions.FIRST) if name == "semanticVersion" else value


def _uncovered(broken: Iterable[Problem], problems: Iterable[Problem]) -> list[Problem]:
    """Broken rules that are not just the consequence of a problem at the same place or below it."""
    places = [problem.path for problem in problems]
    return [problem for problem in broken if not any(place.startswith(problem.path) for place in places)]
