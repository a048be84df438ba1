# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a resource is and what it is to become: pure. Private to this collection.

One `Plan` is the source of `changed`, the diff, what check mode predicts and what is sent to AWS, for every kind of resource.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.tagging import compare_aws_tags
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import schema
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import Resource

LONGEST_LINE = 120
"""Values with more characters are not shown whole where a difference is told in a sentence."""

Description = Mapping[str, Any]
"""A resource as Get answers it."""


@dataclass(frozen=True)
class Plan:
    """What is, what will be, and the difference. `differing` are members (API names) whose content changes."""

    before: Description | None
    after: Description
    differing: tuple[str, ...]
    tags_to_set: Mapping[str, str]
    tags_to_unset: tuple[str, ...]

    @property
    def changes_tags(self) -> bool:
        """Whether tags have to be set or taken away."""
        return bool(self.tags_to_set or self.tags_to_unset)

    @property
    def changed(self) -> bool:
        """Whether there is anything to do."""
        return self.before is None or bool(self.differing) or self.changes_tags


@dataclass(frozen=True)
class Wish:
    """What a task wants: members to set, in `given` also those to clear, and tags (None: as they are)."""

    members: Mapping[str, Any]
    given: frozenset[str]
    tags: Mapping[str, str] | None = None
    purge_tags: bool = True


def plan(resource: Resource, before: Description | None, wish: Wish) -> Plan:
    """Merge what is wanted into what is there.

    What is not given stays. A nested value is one unit: what is given of it is all of it. Notes stay with the version that they were made for.
    """
    current = dict(before or {})
    after = {name: value for name, value in current.items() if name not in resource.notes}
    differing = tuple(
        name for name in resource.content_members() if name in wish.given and not same(resource, name, current.get(name), wish.members.get(name))
    )
    for name in differing:
        after.pop(name, None)
    after |= {name: wish.members[name] for name in differing if name in wish.members}
    notes = wish.members if before is None or differing else current
    after |= {name: notes[name] for name in resource.notes if name in notes}
    current_tags = dict(current.get("tags") or {})
    to_set, to_unset = ({}, []) if wish.tags is None else compare_aws_tags(current_tags, dict(wish.tags), wish.purge_tags)
    after["tags"] = {**{key: value for key, value in current_tags.items() if key not in to_unset}, **to_set}
    return Plan(before, after, differing, to_set, tuple(to_unset))


def same(resource: Resource, member: str, one: Any, other: Any) -> bool:
    """Whether two values of a member mean the same: order where it does not count, empty or absent, set to the default or not set."""
    if member in resource.equal and one is not None and other is not None:
        return resource.equal[member](one, other)
    shape = resource.create_shape.members[member]
    return bool(canonical(resource, shape, one) == canonical(resource, shape, other))


def canonical(resource: Resource, shape: schema.Shape, value: Any) -> Any:
    """A value in the one form that all values of its meaning have. None stands for everything empty."""
    if value is None:
        return None
    if shape.type_name == "structure":
        members = {**resource.defaults.get(shape.name, {}), **{name: item for name, item in value.items() if item is not None}}
        known = {name: canonical(resource, shape.members[name], item) for name, item in members.items() if name in shape.members}
        return {name: item for name, item in known.items() if item is not None} or None
    if shape.type_name == "list":
        items = [canonical(resource, shape.member, item) for item in value]
        return (items if shape.name in resource.ordered_lists else _as_set(items)) or None
    if shape.type_name == "map":
        return dict(value) or None
    return value


def _as_set(items: list[Any]) -> list[Any]:
    """The items in one order, and each once: what has no order does not become more by being said twice."""
    return [item for _text, item in sorted({json.dumps(item, sort_keys=True): item for item in items}.items())]


def result(resource: Resource, description: Description) -> dict[str, Any]:
    """A resource as modules return it: snake case, and always with its tags."""
    converted: dict[str, Any] = schema.snake_case(dict(description), resource.answer_shape)
    return {**converted, "tags": dict(description.get("tags") or {})}


def shown(resource: Resource, description: Description | None) -> dict[str, Any]:
    """A resource as diffs show it: identity, content and tags, without dates and states; {} for none."""
    if description is None:
        return {}
    members = {"arn", "name", "version", "tags", *resource.content_members(), *resource.notes}
    content = {name: value for name, value in description.items() if name in members and value not in (None, [], {})}
    return dict(sorted(schema.snake_case(content, resource.answer_shape).items()))


def described_differences(resource: Resource, change: Plan) -> str:
    """The differences of a plan, one line a member; of longer values the lines that differ, as a diff shows them."""
    return "\n".join(_described(name, (change.before or {}).get(name), change.after.get(name)) for name in change.differing)


def _described(name: str, was: Any, becomes: Any) -> str:
    """How one member differs."""
    option = schema.snake_name(name)
    short = [_text(value) for value in (was, becomes)]
    if max(map(len, short)) <= LONGEST_LINE:
        return f"{option}: {short[0]} -> {short[1]}"
    differing = [line for line in difflib.ndiff(_lines(was), _lines(becomes)) if line.startswith(("- ", "+ "))]
    return "\n".join([f"{option}:", *(f"  {line}" for line in differing)])


def _text(value: Any) -> str:
    return "nothing" if value is None else json.dumps(value, sort_keys=True, default=str)


def _lines(value: Any) -> list[str]:
    """A value over several lines: a document as it is, everything else as JSON."""
    if value is None:
        return []
    return (value if isinstance(value, str) else json.dumps(value, indent=1, sort_keys=True, default=str)).splitlines()
