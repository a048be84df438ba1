# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operations: generic ones made from the table of kinds, and those of images."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from . import images, names, recipes
from .exceptions import ImageBuilderError, already_exists, has_dependents, invalid_value, not_found, would_have_succeeded
from .kinds import COMPONENT, IMAGE, IMAGE_RECIPE, KINDS, Kind, Level, Listing, Versions
from .models import ImageBuilderBackend, Resource, timestamp
from .names import Arn

Request = Mapping[str, Any]
Answer = dict[str, Any]
Operation = Callable[[ImageBuilderBackend, Request], Answer]

PAGE = 25
# What a create request holds that is no part of the resource.
NOT_KEPT = ("clientToken", "dryRun", "tags", "semanticVersion", "uri")
# What may differ between two builds of a component that are otherwise the same.
NO_CONTENT = ("changeDescription", "dateCreated", "arn")
OWNERS = {"Self": None, "Amazon": "aws", "ThirdParty": "third-party", "AWSMarketplace": "aws-marketplace", "Shared": "shared"}


def once(operation: str, act: Operation) -> Operation:
    """Make an operation honour its client token: the same token and body answer the same again, another body is refused."""

    def answer(backend: ImageBuilderBackend, request: Request) -> Answer:
        place = (operation, request["clientToken"])
        given, answered = backend.answers.get(place, (request, None))
        if given != request:
            raise ImageBuilderError(
                "IdempotentParameterMismatchException", "The client token was already used by an earlier request with different parameters."
            )
        if answered is None:
            answered = {**act(backend, request), "clientToken": request["clientToken"]}
            backend.answers[place] = (request, answered)
        return answered

    return answer


def create(kind: Kind, backend: ImageBuilderBackend, request: Request) -> Answer:
    """Create a resource, a version, or a build of a version."""
    assert kind.prepare is not None
    values = {**{name: value for name, value in request.items() if name not in NOT_KEPT}, **kind.prepare(backend, request)}
    arn = _new_arn(kind, backend, request, values)
    if request.get("dryRun"):
        raise would_have_succeeded()
    if "version" in values:
        values["version"] = arn.version
    values |= {"arn": str(arn), "dateCreated": timestamp()}
    backend.add(Resource(kind, arn, values, dict(request.get("tags", {}))))
    answer: Answer = {kind.arn_member: str(arn)}
    if arn.version:
        answer["latestVersionReferences"] = names.latest_version_references(arn)
    return answer


def _new_arn(kind: Kind, backend: ImageBuilderBackend, request: Request, values: Mapping[str, Any]) -> Arn:
    """Return the ARN of what is about to be created. Raises already-exists."""
    version = request.get("semanticVersion", "")
    existing = backend.versions_of(backend.arn(kind.arn_type, request["name"]))
    if names.has_wildcard(version):
        version = names.next_version(version, [resource.arn.version for resource in existing])
    same = [resource for resource in existing if resource.arn.version == version]
    if kind.versions is not Versions.BUILDS:
        if same:
            raise already_exists(kind.shape, str(same[-1].arn))
        return backend.arn(kind.arn_type, request["name"], version)
    if same and _content(same[-1].values) == _content(values):
        raise already_exists(kind.shape, str(same[-1].arn))
    return backend.arn(kind.arn_type, request["name"], version, same[-1].arn.build + 1 if same else 1)


def _content(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if name not in NO_CONTENT}


def get(kind: Kind, backend: ImageBuilderBackend, request: Request) -> Answer:
    """Return one resource."""
    resource = backend.find(request[kind.arn_member])
    answer: Answer = {kind.member: resource.describe()}
    if resource.arn.version:
        answer["latestVersionReferences"] = names.latest_version_references(resource.arn)
    return answer


def update(kind: Kind, backend: ImageBuilderBackend, request: Request) -> Answer:
    """Replace everything of a resource: what the request leaves out is gone."""
    assert kind.prepare is not None
    resource = backend.find(request[kind.arn_member])
    kept = {name: resource.values[name] for name in ("name", "arn", "dateCreated")}
    given = {name: value for name, value in request.items() if name not in (*NOT_KEPT, kind.arn_member)}
    resource.values = {**given, **kind.prepare(backend, request), **kept, "dateUpdated": timestamp()}
    return {kind.arn_member: str(resource.arn)}


def delete(kind: Kind, backend: ImageBuilderBackend, request: Request) -> Answer:
    """Delete a resource that nothing else uses."""
    resource = backend.find(request[kind.arn_member])
    if resource.arn.account != backend.account_id:
        raise not_found(str(resource.arn))
    if resource.is_busy or _has_dependents(backend, resource):
        raise has_dependents(str(resource.arn))
    backend.remove(resource)
    return {kind.arn_member: str(resource.arn)}


def _has_dependents(backend: ImageBuilderBackend, resource: Resource) -> bool:
    text = str(resource.arn)
    if any(text in image.uses for image in backend.all_of(IMAGE) if image.is_busy):
        return True
    own_recipes = (recipe.values for recipe in backend.all_of(IMAGE_RECIPE))
    if resource.kind is COMPONENT:
        return any(recipes.refers_to(recipe, resource.arn) for recipe in own_recipes)
    return resource.kind is IMAGE and any(recipe["parentImage"] in (text, str(resource.arn.without_build())) for recipe in own_recipes)


def list_(listing: Listing, kind: Kind, backend: ImageBuilderBackend, request: Request) -> Answer:
    """Return a page of a list."""
    filters = _filters(listing, request)
    if listing.parent and listing.parent in request:
        wanted = Arn.parse(request[listing.parent])
        found = [resource for resource in backend.versions_of(wanted) if names.matches(resource.arn.version, wanted.version)]
    else:
        owner = OWNERS[request.get("owner", "Self")] or backend.account_id
        found = [resource for resource in backend.all_of(kind) if resource.arn.account == owner]
    is_grouped = listing.level is Level.VERSION
    entries = _newest(found, by_name=bool(request.get("byName"))) if is_grouped else [resource.describe() for resource in found]
    return _page(listing, [entry for entry in entries if _passes(entry, filters)], request)


def _filters(listing: Listing, request: Request) -> list[tuple[str, list[str]]]:
    """Return the filters of a request as (member, values)."""
    filters = []
    for index, wanted in enumerate(request.get("filters", [])):
        name = wanted.get("name", "")
        if name not in listing.filters:
            allowed = ", ".join(listing.filters) or "none"
            raise invalid_value(f"filters[{index}].name", f"The filter '{name}' is not supported. Supported filters: {allowed}.")
        filters.append((listing.filters[name], list(wanted.get("values", []))))
    return filters


def _newest(found: Iterable[Resource], *, by_name: bool) -> list[Answer]:
    """Return the newest of each version, or of each name, under the ARN of the version or the name."""
    newest: dict[str, Resource] = {}
    for resource in sorted(found, key=lambda resource: resource.arn.order):
        arn = resource.arn.without_build()
        newest[names.latest_version_references(arn)["latestVersionArn"] if by_name else str(arn)] = resource
    return [{**resource.describe(), "arn": arn, "version": resource.arn.version} for arn, resource in newest.items()]


def _passes(entry: Mapping[str, Any], filters: Iterable[tuple[str, list[str]]]) -> bool:
    """Whether an entry fits all filters; of the values of one filter, any will do. * stands for any text."""
    for member, patterns in filters:
        value = entry.get(member, "")
        texts = [str(text) for text in (value if isinstance(value, list) else [value])]
        if not any(_glob(pattern).fullmatch(text) for pattern in patterns for text in texts):
            return False
    return True


def _glob(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, pattern.split("*"))), re.DOTALL)


def _page(listing: Listing, entries: list[Answer], request: Request) -> Answer:
    """Cut a page. The token holds the place, and a mark of the request that it belongs to."""
    question = {name: value for name, value in request.items() if name not in ("nextToken", "maxResults")}
    mark = hashlib.sha256(json.dumps([listing.operation, question], sort_keys=True).encode()).hexdigest()[:16]
    start = _start(request["nextToken"], mark) if "nextToken" in request else 0
    end = start + int(request.get("maxResults", PAGE))
    answer: Answer = {listing.member: entries[start:end]}
    if end < len(entries):
        answer["nextToken"] = base64.urlsafe_b64encode(f"{mark}:{end}".encode()).decode()
    return answer


def _start(token: str, mark: str) -> int:
    try:
        given, _colon, start = base64.urlsafe_b64decode(token).decode().partition(":")
        if given == mark:
            return int(start)
    except ValueError:
        pass
    raise ImageBuilderError("InvalidPaginationTokenException", "The pagination token is not valid for this request.")


def _tagged(backend: ImageBuilderBackend, request: Request) -> Resource:
    """Return the resource whose tags are meant."""
    resource = backend.find(request["resourceArn"])
    if str(resource.arn) != request["resourceArn"]:
        raise not_found(request["resourceArn"])
    return resource


def list_tags(backend: ImageBuilderBackend, request: Request) -> Answer:
    """Return the tags of a resource."""
    return {"tags": dict(_tagged(backend, request).tags)}


def tag(backend: ImageBuilderBackend, request: Request) -> Answer:
    """Add or replace tags."""
    resource = _tagged(backend, request)
    tags = {**resource.tags, **request["tags"]}
    if len(tags) > 50:
        raise ImageBuilderError("InvalidParameterException", "A resource can have at most 50 tags.")
    resource.tags = tags
    return {}


def untag(backend: ImageBuilderBackend, request: Request) -> Answer:
    """Take tags away."""
    resource = _tagged(backend, request)
    resource.tags = {key: value for key, value in resource.tags.items() if key not in request["tagKeys"]}
    return {}


def get_policy(kind: Kind, backend: ImageBuilderBackend, request: Request) -> Answer:
    """Return the resource policy."""
    resource = backend.find(request[kind.policy_member])
    if not resource.policy:
        raise not_found(str(resource.arn))
    return {"policy": resource.policy}


def put_policy(kind: Kind, backend: ImageBuilderBackend, request: Request) -> Answer:
    """Set the resource policy."""
    resource = backend.find(request[kind.policy_member])
    try:
        json.loads(request["policy"])
    except ValueError as error:
        raise invalid_value("policy", "The policy is not valid JSON.") from error
    resource.policy = request["policy"]
    return {kind.policy_member: str(resource.arn)}


def _generic() -> dict[str, Operation]:
    operations: dict[str, Operation] = {}
    for kind in KINDS:
        if kind.prepare:
            operations[f"Create{kind.shape}"] = once(kind.shape, partial(create, kind))
        if kind.is_mutable:
            operations[f"Update{kind.shape}"] = once(f"Update{kind.shape}", partial(update, kind))
        operations[f"Get{kind.shape}"] = partial(get, kind)
        operations[f"Delete{kind.shape}"] = partial(delete, kind)
        if kind.policy_member:
            operations[f"Get{kind.shape}Policy"] = partial(get_policy, kind)
            operations[f"Put{kind.shape}Policy"] = partial(put_policy, kind)
        operations |= {listing.operation: partial(list_, listing, kind) for listing in kind.listings}
    return operations


def _workflow_pages(listing: Listing, list_all: Operation, backend: ImageBuilderBackend, request: Request) -> Answer:
    answer = list_all(backend, request)
    return {**answer, **_page(listing, answer[listing.member], request)}


OPERATIONS: dict[str, Operation] = {
    **_generic(),
    "TagResource": tag,
    "UntagResource": untag,
    "ListTagsForResource": list_tags,
    "CreateImage": once("CreateImage", images.create),
    "CancelImageCreation": once("CancelImageCreation", images.cancel),
    "RetryImage": once("RetryImage", images.retry),
    "GetWorkflowExecution": images.get_workflow_execution,
    "GetWorkflowStepExecution": images.get_step_execution,
    "ListWorkflowExecutions": partial(_workflow_pages, Listing("ListWorkflowExecutions", "workflowExecutions"), images.list_workflow_executions),
    "ListWorkflowStepExecutions": partial(_workflow_pages, Listing("ListWorkflowStepExecutions", "steps"), images.list_step_executions),
}
