# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The YAML documents of components and workflows: what they say, whether two say the same, and where they come from. Private to this collection."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible.module_utils.common.yaml import HAS_YAML, yaml_load
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import Context, Finding

SHELL_ACTIONS = ("ExecuteBash", "ExecutePowerShell")
"""Actions of component documents whose commands are a script."""


def document(text: str) -> Any:
    """What a document says.

    Raises ValueError with the parser's own words, which name line and column, when the text is not YAML.
    """
    try:
        return yaml_load(text)
    except Exception as error:  # the parser's exception class exists only where PyYAML does
        raise ValueError(" ".join(str(error).split())) from error


def same_document(one: Any, other: Any) -> bool:
    """Whether two documents mean the same: comments, quoting, line folding and the order of keys do not count."""
    if one == other or not (HAS_YAML and isinstance(one, str) and isinstance(other, str)):
        return bool(one == other)
    try:
        return _plain(document(one)) == _plain(document(other))
    except ValueError:
        return False


def same_component(one: Any, other: Any) -> bool:
    """Whether two contents of a component mean the same, where each is a document or a shell script.

    ImportComponent wraps a script in a document of one step that runs it, and GetComponent answers that document.
    """
    return same_document(one, other) or _runs(one, other) or _runs(other, one)


def _runs(text: Any, script: Any) -> bool:
    """Whether a text is a document that does nothing but run a script."""
    if not (HAS_YAML and isinstance(text, str) and isinstance(script, str)):
        return False
    try:
        phases = document(text)["phases"]
        steps = [step for phase in phases for step in phase["steps"]]
        return [_commands(step) for step in steps] == [script.splitlines()]
    except (ValueError, TypeError, KeyError):
        return False


def _commands(step: Mapping[str, Any]) -> list[str]:
    """The lines of the script that a step runs; none for a step that runs no script."""
    commands = step["inputs"]["commands"] if step["action"] in SHELL_ACTIONS else []
    return [line for command in commands for line in str(command).splitlines()]


def _plain(value: Any) -> str:
    """A document as text in which 1, 1.0 and true differ and keys have one order."""
    return json.dumps(value, sort_keys=True, default=str)


def source_rules(request: Mapping[str, Any], context: Context, member: str, pointer: str, what: str) -> Iterator[Finding]:
    """Content is given itself (`member`) or by its place in S3 (`pointer`): one of the two (CreateComponent and its like)."""
    data, uri = request.get(member), request.get(pointer)
    if data and uri:
        yield (pointer,), f"the {what} is given itself as well; give either the one or the other."
    if context.complete and not data and not uri:
        yield (member,), f"is needed: the {what}, or its place in S3."
    if uri and not uri.startswith("s3://"):
        yield (pointer,), f"{uri!r} is not a place in S3; s3://bucket/key is needed."


def checked(data: Any, section: str, what: str, others: str) -> tuple[Mapping[str, Any], list[Finding]]:
    """A document's content and what is wrong with its outline: it is YAML, a mapping, and has a list of what is to be done (`section`).

    `others` is what else belongs into it, for the message. The content is empty where it cannot be judged further: where something is wrong, or
    the document is no text or PyYAML is missing, which is left to AWS.
    """
    if not (isinstance(data, str) and HAS_YAML):
        return {}, []
    try:
        content = document(data)
    except ValueError as error:
        return {}, [(("data",), f"is not valid YAML: {error}")]
    if not isinstance(content, Mapping) or not isinstance(content.get(section), list) or not content[section]:
        return {}, [(("data",), f"is not a {what} document: a mapping with a list of {section} is needed ({others}, {section}).")]
    return content, []


def named_once(entries: Any, what: str, required: Sequence[str] = ("name",)) -> Iterator[Finding]:
    """The entries of a list in a document have what is required, and each a name of its own; `what` is what they are, as in `step of phase x`."""
    seen: set[Any] = set()
    for number, entry in enumerate(entries if isinstance(entries, list) else (), start=1):
        lacking = [key for key in required if not isinstance(entry, Mapping) or not entry.get(key)]
        if lacking:
            yield ("data",), f"{what} {number} has no {' and no '.join(lacking)}."
        elif str(entry["name"]) in seen:
            yield ("data",), f"{what} {number} has the name {entry['name']}, which another one has already."
        else:
            seen.add(str(entry["name"]))
