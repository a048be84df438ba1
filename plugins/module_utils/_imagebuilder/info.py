# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell about resources of a kind: by name, ARN, filters, and with what belongs to them. Private to this collection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import (
    arns,
    compare,
    lookup,
    names,
    references,
    resource_policy,
    schema,
    versions,
)
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.client import listed_entries
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.compare import Description
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.names import Name
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.problems import InvalidInput, Problem
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import Related, Resource, arn
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.session import Session
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.users import Users
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.versions import Version

OWNERS = ["Self", "Shared", "Amazon", "ThirdParty", "AWSMarketplace"]


def argument_spec(resource: Resource) -> dict[str, dict[str, Any]]:
    """The options of a kind's info module."""
    spec: dict[str, dict[str, Any]] = {"name": {"type": "str"}, "arn": {"type": "str"}, "filters": {"type": "dict"}}
    if resource.versioned:
        spec["semantic_version"] = {"type": "str"}
        spec["owner"] = {"type": "str", "choices": OWNERS, "default": "Self"}
    if resource.qualifier:
        spec[resource.qualifier] = {"type": "str"}
    if resource.includes:
        spec["include"] = {"type": "list", "elements": "str", "choices": resource.includes, "default": []}
    return spec


@dataclass(frozen=True)
class Asked:
    """What an info module is asked for. `named` is what the option `name` says, `arn` the option of that name."""

    named: Name | None = None
    arn: str | None = None
    version: Version | None = None
    qualifier: str = ""
    owner: str = "Self"
    filters: tuple[dict[str, Any], ...] = ()
    include: tuple[str, ...] = ()


def read(resource: Resource, params: Mapping[str, Any]) -> Asked:
    """What the options of an info module ask for. No call is made.

    Raises InvalidInput with all that is wrong.
    """
    named, problems = _named(resource, params.get("name"))
    version, version_problems = _version(params, named)
    filters, filter_problems = read_filters(resource, params)
    shapes = {"arn": schema.input_shape(f"Get{resource.api_name}").members[resource.arn_parameter]}
    if resource.qualifier:
        shapes[resource.qualifier] = resource.create_shape.members[resource.qualifier]
    problems += [problem for name, shape in shapes.items() if params.get(name) for problem in schema.to_request(shape, params[name], name)[1]]
    problems += [*version_problems, *filter_problems]
    if problems:
        raise InvalidInput(problems)
    qualifier = (named.qualifier if named else "") or params.get(resource.qualifier or "") or ""
    include = tuple(params.get("include") or ())
    return Asked(named, params.get("arn"), version, qualifier.lower(), params.get("owner", "Self"), tuple(filters), include)


def _named(resource: Resource, text: str | None) -> tuple[Name | None, list[Problem]]:
    """What the option `name` says: a name, perhaps with owner and version, or an ARN."""
    if not text:
        return None, []
    kind = references.get_kind(resource.api_name)
    is_more = ":" in text or (kind.versioned and "/" in text)
    try:
        named = names.parse(kind, text) if is_more else Name(text)
    except ValueError as error:
        return None, [Problem("name", f"{text!r} is not valid: {error}")]
    return named, schema.to_request(resource.create_shape.members["name"], named.name, "name")[1]


def _version(params: Mapping[str, Any], named: Name | None) -> tuple[Version | None, list[Problem]]:
    """The version that is asked for, as an option or with the name."""
    given, with_name = params.get("semantic_version"), named.version if named else ""
    if given and with_name and given != with_name:
        return None, [Problem("semantic_version", f"is {given}, and name has {with_name}; give one of them.")]
    try:
        return (versions.parse(given or with_name) if given or with_name else None), []
    except ValueError as error:
        return None, [Problem("semantic_version", str(error))]


def read_filters(resource: Resource, params: Mapping[str, Any]) -> tuple[list[dict[str, Any]], list[Problem]]:
    """Filters as the API takes them, of a mapping from names to a value or a list of values; and what is wrong with them."""
    shape = schema.input_shape(resource.list_operation).members["filters"].member.members
    filters, problems = [], []
    for name, value in (params.get("filters") or {}).items():
        path = f"filters.{name}"
        values = [_text(each) for each in (value if isinstance(value, list) else [value])]
        problems += [*schema.to_request(shape["name"], name, path)[1], *schema.to_request(shape["values"], values, path)[1]]
        filters.append({"name": name, "values": values})
    return filters, problems


def _text(value: Any) -> str:
    """A value as filters have it, which are all text."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def find_all(resource: Resource, session: Session, asked: Asked) -> list[dict[str, Any]]:
    """The resources that are asked for, each as its module returns it and with what `include` asks for.

    Raises ImageBuilderError. What does not exist is not an error.
    """
    descriptions = [lookup.find(resource, session, wanted) for wanted in _wanted_arns(resource, session, asked)]
    users = Users(resource, session)
    return [
        compare.result(resource, each) | {name: _included(resource, session, name, str(each["arn"]), users) for name in asked.include}
        for each in descriptions
        if each
    ]


def _wanted_arns(resource: Resource, session: Session, asked: Asked) -> list[str]:
    named, filters = asked.named, list(asked.filters)
    if asked.arn:
        return [asked.arn]
    if named and (named.owner or named.place):
        return [names.arn(references.get_kind(resource.api_name), named, session.identity)]
    is_exact = named and (asked.version or not resource.versioned) and (asked.qualifier or not resource.qualifier)
    if named and is_exact and asked.owner == "Self" and not filters:
        version = "/".join(filter(None, (str(asked.version or ""), named.build)))
        return [arn(resource, session.identity, named.name, version, asked.qualifier)]
    if named and asked.owner != "Self":  # the catalogue of AWS is long; names in it are spelled in one way
        filters = [*filters, {"name": "name", "values": [named.name]}]
    found = lookup.listed(resource, session, asked.owner if resource.versioned else None, filters)
    meant = [each for each in found if _is_meant(arns.split(each), asked)]
    return _newest(meant) if asked.version else meant


def _is_meant(parts: arns.Parts, asked: Asked) -> bool:
    """Whether a listed ARN has the name, version and qualifier that are asked for, as far as they are."""
    return (
        (not asked.named or parts.name == names.folded(asked.named.name))
        and (not asked.version or asked.version.matches(versions.parse(parts.version)))
        and (not asked.qualifier or parts.base.split("/")[1] == asked.qualifier)
    )


def _newest(found: list[str]) -> list[str]:
    """Of ARNs that differ in the version only, the one of the newest."""
    in_order = sorted(found, key=lambda each: arns.version_of(each).order)
    return list({arns.split(each).base: each for each in in_order}.values())


def _included(resource: Resource, session: Session, name: str, resource_arn: str, users: Users) -> Any:
    """What belongs to a resource under one of the names of `include`. Raises ImageBuilderError."""
    if name == "users":
        return [user.arn for user in users.of(resource_arn)]
    if name == "policy":
        return resource_policy.get(resource, session, resource_arn)
    return [dict(each) for each in _related(session, resource.related[name], resource_arn)]


def _related(session: Session, related: Related, resource_arn: str) -> list[Description]:
    entries = session.api.pages(related.list_operation, **{related.parameter: related.address(resource_arn, session.account_id)})
    _member, shape = listed_entries(related.list_operation)
    return [schema.snake_case(entry, shape) for entry in entries]
