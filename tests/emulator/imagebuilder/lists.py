# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lists: what they show of each kind, their filters, and their pages."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping
from functools import partial
from typing import Any

from . import names
from .exceptions import ImageBuilderError, invalid_combination, invalid_value
from .kinds import IMAGE, KINDS, Kind, Level, Listing
from .models import ImageBuilderBackend
from .names import Arn
from .requests import Answer, Operation, Request
from .resource import Resource

PAGE = 25
OWNERS = {"Self": None, "Amazon": "aws", "ThirdParty": "third-party", "AWSMarketplace": "aws-marketplace", "Shared": "shared"}


def list_(listing: Listing, kind: Kind, backend: ImageBuilderBackend, request: Request) -> Answer:
    """Return a page of a list."""
    filters = _filters(listing, request)
    found = _found(listing, kind, backend, request)
    is_grouped = listing.level is Level.VERSION
    entries = _newest(found, by_name=bool(request.get("byName"))) if is_grouped else [resource.describe() for resource in found]
    return page(listing.operation, listing.member, [entry for entry in entries if _passes(entry, filters)], request)


def _found(listing: Listing, kind: Kind, backend: ImageBuilderBackend, request: Request) -> list[Resource]:
    """Return what a list is about, before filters. What a request names need not exist."""
    if listing.parent and listing.parent in request:
        wanted = Arn.parse(request[listing.parent])
        return [resource for resource in backend.versions_of(wanted) if names.matches(resource.arn.version, wanted.version)]
    if listing.maker[0]:
        named, member = listing.maker
        return [resource for resource in backend.all_of(kind) if resource.values.get(member) == request[named]]
    given = request.get("owner", "Self")
    if given not in listing.owners:
        raise invalid_value("owner", f"The owner '{given}' is not supported. Supported owners: {', '.join(listing.owners)}.")
    owner = OWNERS[given] or backend.account_id
    return [resource for resource in backend.all_of(kind) if resource.arn.account == owner and not _is_hidden(resource, request)]


def _is_hidden(resource: Resource, request: Request) -> bool:
    """Whether this is a deprecated image of Amazon's that was not asked for; an account's own are always shown."""
    if resource.kind is not IMAGE or resource.arn.account != OWNERS["Amazon"] or request.get("includeDeprecated"):
        return False
    return bool(resource.values["state"]["status"] == "DEPRECATED")


def _filters(listing: Listing, request: Request) -> list[tuple[str, list[str]]]:
    """Return the filters of a request as (member, values)."""
    filters = []
    if request.get("byName") and any(wanted.get("name") == "version" for wanted in request.get("filters", [])):
        raise invalid_combination("The filter 'version' cannot be combined with 'byName'.")
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
    for resource in sorted(found, key=lambda resource: (resource.arn.identity, resource.arn.order)):
        arn = resource.arn.without_build()
        newest[names.latest_version_references(arn)["latestVersionArn"] if by_name else str(arn)] = resource
    return [{**resource.describe(), "arn": arn, "version": resource.arn.version} for arn, resource in newest.items()]


def _passes(entry: Mapping[str, Any], filters: Iterable[tuple[str, list[str]]]) -> bool:
    """Whether an entry fits all filters; of the values of one filter, any will do."""
    for member, wanted in filters:
        value = entry.get(member, "")
        texts = [str(text) for text in (value if isinstance(value, list) else [value])]
        if not any(_fits(text, pattern, is_name=member == "name") for pattern in wanted for text in texts):
            return False
    return True


def _fits(text: str, wanted: str, *, is_name: bool) -> bool:
    """Whether a text is the one wanted. For names, web* means those that begin so, *web* those that contain it; elsewhere * is a star."""
    if is_name and len(wanted) > 2 and wanted.startswith("*") and wanted.endswith("*"):
        return wanted[1:-1] in text
    if is_name and wanted.endswith("*"):
        return text.startswith(wanted[:-1])
    return text == wanted


def page(operation: str, member: str, entries: list[Answer], request: Request) -> Answer:
    """Cut a page of an operation's entries. The token holds the place, and a mark of the request that it belongs to."""
    question = {name: value for name, value in request.items() if name not in ("nextToken", "maxResults")}
    mark = hashlib.sha256(json.dumps([operation, question], sort_keys=True).encode()).hexdigest()[:16]
    start = _start(request["nextToken"], mark) if "nextToken" in request else 0
    end = start + int(request.get("maxResults", PAGE))
    answer: Answer = {member: entries[start:end]}
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


OPERATIONS: dict[str, Operation] = {listing.operation: partial(list_, listing, kind) for kind in KINDS for listing in kind.listings}
