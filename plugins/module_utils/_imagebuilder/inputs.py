# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a task wants of a resource, out of its options and its `cli_input_json`. Private to this collection.

Pure but for reading the files that these name.
"""

from __future__ import annotations

import json
import os
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.regions import partition_of
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import names, own_name, references, schema, versions
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.own_name import Written
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.problems import InvalidInput, Problem
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import Context, Finding, Path, Resource

CLI = "cli_input_json"
FILE = "file://"
"""What stands before the path of a file, as in arguments of the AWS CLI."""


@dataclass(frozen=True)
class Inputs:
    """What is wanted, in the API's words.

    `request` holds what is to be sent; members in `given` that are not in it are to be cleared. `written` keeps each top-level member as the
    user wrote it, with its path, for messages. `version` is the version as given, perhaps open. `named` is what the option `name` says when it
    says more than a name: an ARN, or a name with its version.
    """

    request: Mapping[str, Any]
    given: frozenset[str]
    written: Mapping[str, tuple[str, Any]]
    version: versions.Version | None = None
    named: names.Name | None = None

    @property
    def name(self) -> str:
        """The resource's name."""
        return str(self.request["name"])

    @property
    def build(self) -> str:
        """The one build that is meant; empty for all of a version."""
        return self.named.build if self.named else ""

    @property
    def tags(self) -> dict[str, str] | None:
        """The wanted tags; None when the task says nothing about tags."""
        return dict(self.request.get("tags", {})) if "tags" in self.given else None

    def problems(self, findings: Iterable[Finding]) -> list[Problem]:
        """Broken rules with the place as the user wrote it."""
        return [Problem(written_path(path, self.written), message) for path, message in findings]

    def refuse_collision(self, found: Mapping[str, Any] | None) -> None:
        """Refuse to write to a resource that was found under the name when its own is spelled otherwise: it may be meant to be another one.

        Image Builder takes both for the same (see `names.folded`). ARNs tell no spelling, so with these nothing is wrong. Raises InvalidInput.
        """
        if found is None or found["name"] == self.name or (self.named and self.named.place):
            return
        reason = (
            f"is to Image Builder the same as {found['name']!r}, which is there ({found['arn']}). If that one is meant, write {found['name']!r}; "
            "if not, take a name that differs in more than case, spaces and underscores."
        )
        raise InvalidInput(self.problems([(("name",), f"{self.name!r} {reason}")]))


def read(resource: Resource, params: Mapping[str, Any], context: Context, only_identity: bool = False) -> Inputs:
    """Read a task's options; `only_identity` looks at name and version alone, which is all that deleting needs.

    Raises InvalidInput with every problem that can be seen without asking AWS.
    """
    cli, cli_problems = _cli_members(resource, params.get(CLI))
    written, problems = _written(resource, params, cli)
    named, written, name_problems = own_name.read(resource, written, context)
    if only_identity:
        content = resource.create_shape.members.keys() - {"name", "semanticVersion", resource.qualifier}
        written = {name: place for name, place in written.items() if name not in content}
    version, version_problems = _version(resource, written)
    contents, content_problems = _contents(resource, written)
    request, request_problems = _request(resource, contents, version)
    problems += [*cli_problems, *name_problems, *content_problems, *_uncovered(request_problems, name_problems), *version_problems]
    if not cli_problems and not name_problems:  # what cannot be read may well hold the name, or the version
        problems += _missing(resource, written, only_identity, context.complete and not only_identity)
    inputs = Inputs(request, frozenset(written), written, version, named)
    problems += _uncovered(inputs.problems(resource.rules(_judged(resource, request, context), context)), problems)
    if problems:
        raise InvalidInput(problems)
    return inputs


def settle(resource: Resource, inputs: Inputs, identity: references.Identity, find: references.Find) -> Inputs:
    """What is wanted, once partition, Region and account are known: with every reference as an ARN.

    Raises InvalidInput for a name that is the ARN of a resource elsewhere, and for references to what does not exist.
    """
    problems = inputs.problems((("name",), message) for message in own_name.elsewhere(inputs.named, *identity))
    if problems:
        raise InvalidInput(problems)
    return replace(inputs, request=references.resolve(resource, inputs.request, identity, find))


def written_path(path: Path, written: Mapping[str, tuple[str, Any]]) -> str:
    """A path in the API's spelling as the user spelled it; what the user did not write comes in snake case."""
    first, *rest = path
    text, value = written.get(str(first), (schema.snake_name(str(first)), None))
    for segment in rest:
        if isinstance(segment, int):
            text, value = f"{text}[{segment}]", value[segment] if isinstance(value, (list, tuple)) and segment < len(value) else None
            continue
        here = value if isinstance(value, Mapping) else {}
        snake = schema.snake_name(segment)
        # A reference may have been written without `_arn` at its end; nothing else ends that way.
        spellings = (segment, snake, segment.removesuffix("Arn"), snake.removesuffix("_arn"))
        key = next((spelling for spelling in spellings if spelling in here), snake)
        text, value = f"{text}.{key}", here.get(key)
    return text


def _cli_members(resource: Resource, text: str | None) -> tuple[dict[str, Any], list[Problem]]:
    """The members of `cli_input_json`: JSON, or `file://` and the path of a file that holds it, as the AWS CLI takes them.

    What belongs to the request and not to the resource (client token, dry run, the ARN of an update) is left out.
    """
    if text is None:
        return {}, []
    try:
        content = json.loads(_text_of(text))
    except OSError as error:
        return {}, [Problem(CLI, _unreadable(error))]
    except ValueError as error:
        return {}, [Problem(CLI, f"is not valid JSON: {error}")]
    if not isinstance(content, dict):
        return {}, [Problem(CLI, "a JSON object is needed, as aws imagebuilder takes it with --cli-input-json.")]
    ignored = {"clientToken", "dryRun", resource.arn_parameter}
    return {name: value for name, value in content.items() if name not in ignored}, []


def _text_of(text: str) -> str:
    """A text, or what the file holds that it names. Raises OSError, and ValueError for what is no text in UTF-8."""
    if not text.startswith(FILE):
        return text
    with open(os.path.expanduser(os.path.expandvars(text.removeprefix(FILE))), encoding="utf-8") as file:
        return file.read()


def _unreadable(error: OSError) -> str:
    return f"the file cannot be read: {error.strerror or error}: {error.filename}"


def _written(resource: Resource, params: Mapping[str, Any], cli: Mapping[str, Any]) -> tuple[Written, list[Problem]]:
    """Each member that is given, with the path and the value that it was given with. Options replace what `cli_input_json` says."""
    written: Written = {}
    problems = []
    for key, value in cli.items():
        name = _api_name(resource.create_shape, key)
        if value is not None and name in written:
            problems.append(Problem(f"{CLI}.{key}", f"is given twice, also as {written[name][0]}; keep one of them."))
        elif value is not None:
            written[name] = (f"{CLI}.{key}", value)
    for option in ("name", "tags", *resource.options):
        # A module has the value of an alias under the option's own name too.
        aliases = resource.options.get(option, {}).get("aliases", ())
        given = {key: params[key] for key in (*aliases, option) if params.get(key) is not None}
        if len({repr(value) for value in given.values()}) > 1:
            problems.append(Problem(option, f"is given twice, as {' and as '.join(given)}; keep one of them."))
        for key, value in list(given.items())[:1]:
            written[_api_name(resource.create_shape, option)] = (key, value)
    return written, problems


def _api_name(shape: schema.Shape, option: str) -> str:
    """The member of an option; the option itself where the installed botocore does not know it."""
    return next((name for name in shape.members if option in schema.spellings(shape, name)), option)


def _contents(resource: Resource, written: Written) -> tuple[Written, list[Problem]]:
    """The members with documents in the place of the files that hold them."""
    contents = dict(written)
    problems = []
    for name in resource.documents & written.keys():
        path, value = written[name]
        if not isinstance(value, str):
            continue
        try:
            contents[name] = (path, _text_of(value))
        except OSError as error:
            problems.append(Problem(path, _unreadable(error)))
        except ValueError:
            problems.append(Problem(path, f"the file {value.removeprefix(FILE)} holds no text in UTF-8."))
    return contents, problems


def _request(resource: Resource, written: Written, version: versions.Version | None) -> tuple[dict[str, Any], list[Problem]]:
    """What is to be sent, and what is wrong with it by the shape."""
    shape = resource.create_shape
    request: dict[str, Any] = {}
    problems = []
    for name, (path, value) in written.items():
        if name not in shape.members:
            problems += schema.to_request(shape, {path.rpartition(".")[2]: value}, path.rpartition(".")[0], partial=True)[1]
        elif not _is_cleared(shape, name, value):
            problems += _convert(shape.members[name], name, _concrete(name, value, version), path, request)
    return request, problems


def _judged(resource: Resource, request: Mapping[str, Any], context: Context) -> Mapping[str, Any]:
    """The request as rules judge it: with ARNs once these can be made, so that a name and an ARN of the same are seen to be that."""
    if context.region is None or context.account_id is None:
        return request
    return references.completed(resource, request, (partition_of(context.region), context.region, context.account_id))


def _is_cleared(shape: schema.Shape, name: str, value: Any) -> bool:
    """Whether an option is given empty, which clears it. What is required cannot be cleared."""
    return value in ("", [], {}) and not isinstance(value, bool) and name not in shape.required_members


def _missing(resource: Resource, written: Container[str], only_identity: bool, complete: bool) -> list[Problem]:
    """What is missing of name, version and qualifier, and of all members when nothing can fill them in (`complete`).

    Without a version, all versions are meant, which makes sense only for deleting them.
    """
    identity = [name for name in ("name", resource.qualifier or "") if name in resource.create_shape.members]
    missing = [name for name in identity if name not in written]
    if complete:
        missing += [name for name in schema.missing_members(resource.create_shape, written) if name not in (*identity, "semanticVersion")]
    problems = [Problem(schema.snake_name(name), "is required.") for name in missing]
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
