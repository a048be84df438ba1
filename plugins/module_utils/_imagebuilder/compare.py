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
from ansible_collections.golden.imagebuilder.plugins.module_utils._access import policy as policies
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import schema
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import Resource

LONGEST_LINE = 120
"""Values with more characters are not shown whole where a difference is told in a sentence."""

Description = Mapping[str, Any]
"""A resource as Get answers it; where its resource policy was asked for, with it under `policy`, parsed, or None when there is none."""

POLICY = "policy"


@dataclass(frozen=True)
class Plan:
    """What is, what will be, and the difference. `differing` are members (API names) whose content changes.

    `creates` says that a resource or a version is made, `sets_policy` that its resource policy is written.
    """

    before: Description | None
    after: Description
    differing: tuple[str, ...]
    tags_to_set: Mapping[str, str]
    tags_to_unset: tuple[str, ...]
    creates: bool = False
    sets_policy: bool = False

    @property
    def changes_tags(self) -> bool:
        """Whether tags have to be set or taken away."""
        return bool(self.tags_to_set or self.tags_to_unset)

    @property
    def changed(self) -> bool:
        """Whether there is anything to do."""
        return self.creates or bool(self.differing) or self.changes_tags or self.sets_policy


@dataclass(frozen=True)
class Wish:
    """What a task wants: members to set, in `given` also those to clear, tags and the resource policy (None: as they are)."""

    members: Mapping[str, Any]
    given: frozenset[str]
    tags: Mapping[str, str] | None = None
    purge_tags: bool = True
    policy: Mapping[str, Any] | None = None


def plan(resource: Resource, before: Description | None, wish: Wish) -> Plan:
    """Merge what is wanted into what is there.

    What is not given stays. A new resource gets all that is given, also what the service would assume anyway. A nested value is one unit: what is
    given of it is all of it. Notes stay with the version that they were made for.
    """
    current = dict(before or {})
    after = {name: value for name, value in current.items() if name not in resource.notes}
    differing = tuple(
        name
        for name in resource.content_members()
        if name in wish.given and (before is None or not same(resource, name, current.get(name), wish.members.get(name)))
    )
    for name in differing:
        after.pop(name, None)
    after |= {name: wish.members[name] for name in differing if name in wish.members}
    creates = before is None or (resource.versioned and bool(differing))
    notes = wish.members if before is None or differing else current
    after |= {name: notes[name] for name in resource.notes if name in notes}
    current_tags = dict(current.get("tags") or {})
    to_set, to_unset = ({}, []) if wish.tags is None else compare_aws_tags(current_tags, dict(wish.tags), wish.purge_tags)
    after["tags"] = {**{key: value for key, value in current_tags.items() if key not in to_unset}, **to_set}
    sets_policy = wish.policy is not None and (creates or not policies.equal(_policy(current), dict(wish.policy)))
    if sets_policy:
        after[POLICY] = wish.policy
    return Plan(before, after, differing, to_set, tuple(to_unset), creates, sets_policy)


def _policy(description: Description) -> dict[str, Any] | None:
    found = description.get(POLICY)
    return dict(found) if found else None


def same(resource: Resource, member: str, one: Any, other: Any) -> bool:
    """Whether two values of a member mean the same: order where it does not count, empty or absent, set to the default or not set."""
    if member in resource.equal and one is not None and other is not None:
        return resource.equal[member](one, other)
    shape = resource.create_shape
    return bool(canonical(resource, shape, {member: one}) == canonical(resource, shape, {member: other}))


def canonical(resource: Resource, shape: schema.Shape, value: Any) -> Any:
    """A value in the one form that all values of its meaning have. None stands for everything empty, and for what is as it is by default."""
    if value is None:
        return None
    if shape.type_name == "structure":
        known = {name: canonical(resource, shape.members[name], item) for name, item in value.items() if name in shape.members}
        default = resource.defaults.get(shape.name, {})
        return {name: item for name, item in known.items() if item is not None and item != default.get(name)} or None
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
    """A resource as diffs show it: identity, content, tags and policy, without dates and states; {} for none.

    Of the content only what the operation takes that would create it: AWS may derive more, which nobody can foretell. Documents of several
    lines are lists of their lines, so that a diff shows the lines that differ and not one long string.
    """
    if description is None:
        return {}
    taken = schema.input_shape(resource.creates_with(description)).members
    members = {"arn", "name", "version", "tags", POLICY, *(name for name in (*resource.content_members(), *resource.notes) if name in taken)}
    content = {name: value for name, value in description.items() if name in members and value not in (None, [], {})}
    content |= {name: content[name].splitlines() for name in resource.documents if "\n" in content.get(name, "")}
    if content.get(POLICY):
        content[POLICY] = policies.normalized(content[POLICY])
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
