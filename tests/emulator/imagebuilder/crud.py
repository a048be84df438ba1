# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Create, get, update and delete of every kind in the table of kinds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import Any

from . import components, names, sharing
from .exceptions import already_exists, has_dependents, not_found, would_have_succeeded
from .kinds import COMPONENT, IMAGE, KINDS, Kind, Versions
from .models import ImageBuilderBackend
from .names import Arn
from .requests import Answer, Operation, Request, once
from .resource import Resource, timestamp

# What a create request holds that is no part of the resource.
NOT_KEPT = ("clientToken", "dryRun", "tags", "semanticVersion", "uri", "dockerfileTemplateUri")
# What may differ between two builds that are otherwise the same; the name, in its spelling.
NO_CONTENT = ("name", "changeDescription", "dateCreated", "arn")


def create(kind: Kind, backend: ImageBuilderBackend, request: Request) -> Answer:
    """Create a resource, a version, or a build of a version."""
    assert kind.prepare is not None
    values = {**{name: value for name, value in request.items() if name not in NOT_KEPT}, **kind.prepare(backend, request)}
    arn = _new_arn(kind, backend, request, values)
    if request.get("dryRun"):
        raise would_have_succeeded()
    if "version" in values:
        values["version"] = arn.version
    values |= {"arn": str(arn), **dict.fromkeys(kind.dates, timestamp())}
    backend.add(kind.resource(kind, arn, values, dict(request.get("tags", {}))))
    answer: Answer = {kind.arn_member: str(arn)}
    if arn.version:
        answer["latestVersionReferences"] = names.latest_version_references(arn)
    return answer


def _new_arn(kind: Kind, backend: ImageBuilderBackend, request: Request, values: Mapping[str, Any]) -> Arn:
    """Return the ARN of what is about to be created. Raises already-exists."""
    version = request.get("semanticVersion", "")
    arn_type = kind.type_of(request)
    existing = backend.versions_of(backend.arn(arn_type, request["name"]))
    if names.has_wildcard(version):
        version = names.next_version(version, [resource.arn.version for resource in existing])
    same = [resource for resource in existing if resource.arn.version == version]
    if kind.versions is not Versions.BUILDS:
        if same:
            raise already_exists(kind.shape, str(same[-1].arn))
        return backend.arn(arn_type, request["name"], version)
    if same and _content(same[-1].values) == _content(values):
        raise already_exists(kind.shape, str(same[-1].arn))
    return backend.arn(arn_type, request["name"], version, same[-1].arn.build + 1 if same else 1)


def _content(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in NO_CONTENT}


def import_component(backend: ImageBuilderBackend, request: Request) -> Answer:
    """Make a component of a script."""
    return create(COMPONENT, backend, components.imported(backend, request))


def get(kind: Kind, backend: ImageBuilderBackend, request: Request) -> Answer:
    """Return one resource."""
    resource = find(kind, backend, request)
    answer: Answer = {kind.member: resource.describe()}
    if resource.arn.version:
        answer["latestVersionReferences"] = names.latest_version_references(resource.arn)
    return answer


def update(kind: Kind, backend: ImageBuilderBackend, request: Request) -> Answer:
    """Replace everything of a resource: what the request leaves out is gone."""
    assert kind.prepare is not None
    resource = find(kind, backend, request)
    if kind.check_update:
        kind.check_update(resource, request)
    kept = {name: resource.values[name] for name in ("name", "arn", "dateCreated")}
    given = {name: value for name, value in request.items() if name not in (*NOT_KEPT, kind.arn_member)}
    resource.values = {**given, **kind.prepare(backend, request), **kept, "dateUpdated": timestamp()}
    resource.was_updated()
    return {kind.arn_member: str(resource.arn)}


def delete(kind: Kind, backend: ImageBuilderBackend, request: Request) -> Answer:
    """Delete a resource that nothing else uses."""
    resource = find(kind, backend, request)
    if resource.arn.account != backend.account_id:
        raise not_found(str(resource.arn))
    if resource.is_busy or sharing.is_shared(resource) or _has_dependents(backend, resource):
        raise has_dependents(str(resource.arn))
    backend.remove(resource)
    return {kind.arn_member: str(resource.arn)}


def find(kind: Kind, backend: ImageBuilderBackend, request: Request) -> Resource:
    """Return the resource that a request is about."""
    return backend.find(request[kind.arn_member])


def _has_dependents(backend: ImageBuilderBackend, resource: Resource) -> bool:
    """Whether something names a resource: by its build, or by its version. A reference with x fixes no version."""
    if any(str(resource.arn) in image.uses for image in backend.all_of(IMAGE) if image.is_busy):
        return True
    wanted = {str(resource.arn), str(resource.arn.without_build())}
    return any(not wanted.isdisjoint(_references(user)) for kind in KINDS if kind.references for user in backend.all_of(kind))


def _references(user: Resource) -> Iterator[str]:
    """Yield what a resource names."""
    for place in user.kind.references:
        member, _dot, inner = place.partition(".")
        value = user.values.get(member)
        if value is not None:
            yield from (entry[inner] for entry in value) if inner else (value,)


def _operations() -> dict[str, Operation]:
    operations: dict[str, Operation] = {"ImportComponent": once("ImportComponent", import_component)}
    for kind in KINDS:
        if kind.prepare:
            operations[f"Create{kind.shape}"] = once(f"Create{kind.shape}", partial(create, kind))
        if kind.is_mutable:
            operations[f"Update{kind.shape}"] = once(f"Update{kind.shape}", partial(update, kind))
        operations[f"Get{kind.shape}"] = partial(get, kind)
        operations[f"Delete{kind.shape}"] = partial(delete, kind)
    return operations


OPERATIONS = _operations()
