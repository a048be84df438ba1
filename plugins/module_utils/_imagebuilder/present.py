# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make a resource be as wanted: find, compare, create, update or make a new version, tag and share. Private to this collection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import (
    compare,
    dry_run,
    lookup,
    resource_policy,
    schema,
    versions,
)
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.client import ALREADY_EXISTS, ImageBuilderError
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.compare import Description, Plan, Wish
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.inputs import Inputs
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.problems import InvalidInput, Problem
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import Context, Resource, arn
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.session import Refused, Session, warn

ATTEMPTS = 5
"""How often a version that somebody else took in the meantime is looked at anew."""


def ensure_present(resource: Resource, session: Session, wanted: Inputs, purge_tags: bool, policy: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Make a resource be as wanted and return the module's result. In check mode AWS is asked whether it would take what would be created.

    Raises InvalidInput, Refused or ImageBuilderError. When somebody else creates the same at the same time, what they made is compared anew.
    """
    wish = _wish(resource, session, wanted, purge_tags, policy)
    taken: list[versions.Version] = []
    for attempt in range(1, ATTEMPTS + 1):
        change = _plan(resource, session, wanted, wish, taken)
        try:
            return _result(resource, change, _carry_out(resource, session, wanted, change))
        except ImageBuilderError as error:
            if error.code != ALREADY_EXISTS or attempt == ATTEMPTS:
                raise
            if resource.versioned:
                taken.append(versions.parse(change.after["version"]))
    raise AssertionError("the last attempt returns or raises")


def _wish(resource: Resource, session: Session, wanted: Inputs, purge_tags: bool, policy: Mapping[str, Any] | None) -> Wish:
    """What is wanted, with what a pointer points to in the place of the pointer, so that it can be compared."""
    members = {name: value for name, value in wanted.request.items() if name != "tags"}
    if resource.pointer and resource.pointer[0] in members and session.read_object:
        pointer, member = resource.pointer
        members[member] = session.read_object(members.pop(pointer))
    return Wish(members, wanted.given | frozenset(members), wanted.tags, purge_tags, policy)


# What is to be done


def _plan(resource: Resource, session: Session, wanted: Inputs, wish: Wish, taken: list[versions.Version]) -> Plan:
    before = lookup.find(resource, session, wanted_arn(resource, session, wanted))
    if before is not None and wish.policy is not None:
        before = {**before, compare.POLICY: resource_policy.get(resource, session, str(before["arn"]))}
    change = compare.plan(resource, before, wish)
    if change.changed:
        wanted.refuse_collision(before)
    if change.creates or change.differing:
        change = _identified(resource, session, wanted, change, taken)
        _judge(resource, session, wanted, change)
    return change


def wanted_arn(resource: Resource, session: Session, wanted: Inputs, version: str | None = None) -> str:
    """The ARN of what a task names, in the version that it gives or in another."""
    given = str(wanted.version) if wanted.version else ""
    return arn(resource, session.identity, wanted.name, given if version is None else version, str(wanted.request.get(resource.qualifier or "", "")))


def _identified(resource: Resource, session: Session, wanted: Inputs, change: Plan, taken: list[versions.Version]) -> Plan:
    """The plan with the name, version and ARN that its result will have."""
    if not change.creates:
        return change
    identity = {"name": wanted.name, "arn": wanted_arn(resource, session, wanted)}
    if wanted.version:
        version = str(_next_version(resource, session, wanted, change, taken))
        build = "/1" if resource.builds else ""
        identity |= {"version": version, "arn": wanted_arn(resource, session, wanted, f"{version}{build}")}
    members = (*resource.content_members(), *resource.notes, "tags", compare.POLICY)
    return replace(change, after={**{name: value for name, value in change.after.items() if name in members}, **identity})


def _next_version(resource: Resource, session: Session, wanted: Inputs, change: Plan, taken: list[versions.Version]) -> versions.Version:
    """The version to create. Raises Refused where one version is wanted and is there with other content."""
    asked = wanted.version or versions.FIRST
    if asked.is_wildcard:
        found = [versions.parse(change.before["version"])] if change.before else []
        return versions.next_free(asked, [*found, *taken])
    if change.before is None:
        return asked
    row = versions.siblings(asked)
    newest = lookup.find(resource, session, wanted_arn(resource, session, wanted, str(row)))
    free = versions.next_free(row, [asked, *([versions.parse(newest["version"])] if newest else [])])
    raise Refused(
        f"The {resource.title} {change.before['name']} {asked} is there with other content {session.api.where}, and a version never changes. "
        f"The next free version is {free}: give semantic_version {free}, or {row} to count on by itself. The difference:\n"
        + compare.described_differences(resource, change),
        _diff(resource, change),
    )


def _judge(resource: Resource, session: Session, wanted: Inputs, change: Plan) -> None:
    """Check all that is about to be written, now that the account is known and what the task leaves out is filled in.

    Warns of what will surprise. Raises InvalidInput.
    """
    complete = {name: value for name, value in change.after.items() if name in resource.create_shape.members}
    lacking = schema.missing_members(resource.create_shape, {**complete, "semanticVersion": ""})
    where = f"no {resource.title} {wanted.name}{f' {wanted.version}' if wanted.version else ''} exists {session.api.where}"
    problems = [Problem(schema.snake_name(name), f"is required, as {where} that could be updated.") for name in lacking]
    problems += wanted.problems(_unchangeable(resource, change))
    context = Context(session.region, session.account_id, complete=True)
    problems += wanted.problems(resource.rules(complete, context))
    if problems:
        raise InvalidInput(problems)
    for caution in wanted.problems(resource.cautions(complete, context)):
        warn(f"{caution.path}: {caution.message}")


def _unchangeable(resource: Resource, change: Plan) -> list[tuple[tuple[str], str]]:
    """Members that would change and cannot."""
    before = change.before or {}
    remedy = f"and cannot be changed; delete the {resource.title} first (state: absent), or give another name."
    return [((name,), f"is {before[name]!r} {remedy}") for name in change.differing if name in resource.fixed and name in before]


# Doing it


def _carry_out(resource: Resource, session: Session, wanted: Inputs, change: Plan) -> Description:
    """Do what the plan says, or in check mode ask whether it could be done. Returns the resource as it is then."""
    if not change.changed:
        return change.after
    if session.check_mode:
        if change.creates:
            dry_run.ask(session, *_creation(resource, wanted, change))
        return change.after
    resource_arn = _write(resource, session, wanted, change)
    if change.sets_policy:
        resource_policy.put(resource, session, resource_arn, change.after[compare.POLICY])
    policy = {name: value for name, value in change.after.items() if name == compare.POLICY}
    return {**lookup.get(resource, session, resource_arn), **policy}


def _write(resource: Resource, session: Session, wanted: Inputs, change: Plan) -> str:
    """Create, update or tag; returns the ARN of the result."""
    if change.creates or change.before is None:
        operation, request = _creation(resource, wanted, change)
        return str(session.api.call(operation, **request)[resource.arn_parameter])
    resource_arn = str(change.before["arn"])
    if change.differing and resource.update_shape is not None:
        members = _members(resource.update_shape, change.after)
        session.api.call(f"Update{resource.api_name}", **{**members, resource.arn_parameter: resource_arn})
    write_tags(session, resource_arn, change)
    return resource_arn


def write_tags(session: Session, resource_arn: str, change: Plan) -> None:
    """Take away and set the tags that a plan differs in."""
    if change.tags_to_unset:
        session.api.call("UntagResource", resourceArn=resource_arn, tagKeys=list(change.tags_to_unset))
    if change.tags_to_set:
        session.api.call("TagResource", resourceArn=resource_arn, tags=dict(change.tags_to_set))


def _creation(resource: Resource, wanted: Inputs, change: Plan) -> tuple[str, dict[str, Any]]:
    """The operation that creates what is planned, and its request. Tags that are AWS's own, which it gives and does not take, are left out."""
    content = dict(change.after)
    if resource.pointer and resource.pointer[0] in wanted.request:
        pointer, member = resource.pointer
        content.pop(member, None)
        content[pointer] = wanted.request[pointer]
    if resource.versioned:
        content["semanticVersion"] = content["version"]
    content["tags"] = {key: value for key, value in content["tags"].items() if not key.startswith("aws:")}
    operation = resource.creates_with(content)
    return operation, _members(schema.input_shape(operation), content)


def _members(shape: schema.Shape, content: Mapping[str, Any]) -> dict[str, Any]:
    """What of a resource's content goes into a request. Empty is sent only where the request has to have the member."""
    known = {name: value for name, value in content.items() if name in shape.members}
    return {name: value for name, value in known.items() if name in shape.required_members or not _is_empty(value)}


def _is_empty(value: Any) -> bool:
    return value is None or value in ({}, [], "")


# What is returned


def _result(resource: Resource, change: Plan, after: Description) -> dict[str, Any]:
    """The module's result; the diff is the plan's in every mode."""
    return {"changed": change.changed, resource.key: compare.result(resource, after), "diff": _diff(resource, change)}


def _diff(resource: Resource, change: Plan) -> dict[str, Any]:
    return {"before": compare.shown(resource, change.before), "after": compare.shown(resource, change.after if change.changed else change.before)}
