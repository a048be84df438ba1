# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module `image_info`: which images are meant, and what is told of each.

This module util is private to the collection.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import account_argument_spec
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import (
    arns,
    builds,
    engine,
    image_progress,
    info,
    lookup,
    names,
    references,
    resource_policy,
    schema,
    versions,
)
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import image as images
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.client import listed_entries
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.compare import Description
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image_progress import Seen
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.names import Kind, Name
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.problems import InvalidInput, Problem
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.image import IMAGE
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.session import Session, open_session

KINDS = {"arn": "Image", "name": "Image", "image_recipe_arn": "ImageRecipe", "container_recipe_arn": "ContainerRecipe"}
"""The options that say which images are meant, one of which is given at most, with the kind of resource that each names."""


def argument_spec() -> dict[str, Any]:
    """The options of the module."""
    return {
        **account_argument_spec(),
        "arn": {"type": "str"},
        "name": {"type": "str"},
        "semantic_version": {"type": "str"},
        "owner": {"type": "str", "choices": info.OWNERS, "default": "Self"},
        "filters": {"type": "dict"},
        "image_recipe_arn": {"type": "str", "aliases": ["image_recipe"]},
        "container_recipe_arn": {"type": "str", "aliases": ["container_recipe"]},
        "limit": {"type": "int"},
        "include": {"type": "list", "elements": "str", "choices": list(INCLUDED), "default": []},
    }


def run() -> None:
    """The module `image_info`."""
    module = AnsibleAWSModule(
        argument_spec=argument_spec(),
        supports_check_mode=True,
        mutually_exclusive=[tuple(KINDS), ("arn", "semantic_version"), ("arn", "filters"), ("arn", "owner")],
        required_by={"semantic_version": ("name",)},
    )
    engine.answer(module, lambda: _answer(module))


def _answer(module: AnsibleAWSModule) -> dict[str, Any]:
    params = module.params
    wanted = read(params)
    session = open_session(module)
    found = [image for image in find(session, wanted) if image]
    return {"changed": False, "images": [_told(session, image, params["include"]) for image in found]}


@dataclass(frozen=True)
class Query:
    """Which images are meant. `name` is as the option names them; None for all. `by` is the option."""

    by: str | None
    name: Name | None
    version: versions.Version
    owner: str
    filters: list[dict[str, Any]]
    limit: int | None


def read(params: Mapping[str, Any]) -> Query:
    """Read the options. Raises InvalidInput with every mistake in them."""
    by = next((option for option in KINDS if params[option] is not None), None)
    name, problems = _name(by, params[by]) if by else (None, [])
    version = params["semantic_version"]
    if name and name.version and version:
        problems.append(Problem("semantic_version", f"the version is in name as well ({name.version}): keep one of them."))
    try:
        parsed = versions.parse(version or (name.version if name else "") or names.NEWEST)
    except ValueError as error:
        problems.append(Problem("semantic_version", str(error)))
    if params["limit"] is not None and params["limit"] < 1:
        problems.append(Problem("limit", "has to be 1 or more."))
    filters, unfit = info.read_filters(IMAGE, params)
    problems += unfit
    if problems:
        raise InvalidInput(problems)
    return Query(by, name, parsed, params["owner"], filters, params["limit"])


def _name(option: str, text: str) -> tuple[Name | None, list[Problem]]:
    """What an option names, and what is wrong with it."""
    kind = references.get_kind(KINDS[option])
    complaint = f"{text!r} is not an ARN." if option == "arn" and not names.is_arn(text) else names.problem(kind, text)
    return (None, [Problem(option, complaint)]) if complaint else (names.parse(kind, text), [])


def find(session: Session, query: Query) -> Iterator[Description | None]:
    """The images that are meant, the newest build of each version first. Raises ImageBuilderError."""
    exact = _exact_arn(session, query)
    if exact:
        yield builds.get_image(session.api, exact)
        return
    for version_arn in _version_arns(session, query):
        if query.owner != "Self":  # builds of others are not listed; the newest of a version is what they offer
            yield builds.get_image(session.api, version_arn)
            continue
        summaries = sorted(builds.list_builds(session.api, version_arn), key=images.build_number, reverse=True)
        for summary in summaries[: query.limit]:
            yield builds.get_image(session.api, summary["arn"])


def _exact_arn(session: Session, query: Query) -> str | None:
    """The ARN by which AWS answers what is meant in one call: that of a build, of somebody else's image, or an ARN that is given with an x."""
    name = query.name
    if name is None or query.by not in ("arn", "name"):
        return None
    is_open = query.by == "arn" and query.version.is_wildcard
    if name.build or is_open or name.owner not in ("", session.account_id):
        return names.arn(_kind(), replace(name, version=str(query.version)), session.identity)
    return None


def _version_arns(session: Session, query: Query) -> list[str]:
    """ARNs of the image versions that are meant, the newest version of each name first. Raises ImageBuilderError."""
    name = query.name
    if name is not None and not query.version.is_wildcard and query.owner == "Self" and not query.filters:
        own = Name(name.name, str(query.version))  # an image of a recipe that somebody shares is the own account's
        return [names.arn(_kind(), own, session.identity)]
    filters = query.filters
    if name is not None and query.owner != "Self":
        filters = [*filters, {"name": "name", "values": [name.name]}]
    found = []
    for version_arn in lookup.listed(IMAGE, session, query.owner, filters):
        parts = arns.split(version_arn)
        if (name is None or parts.name == names.folded(name.name)) and query.version.matches(versions.parse(parts.version)):
            found.append((parts.base, [-number for number in versions.parse(parts.version).order], version_arn))
    return [version_arn for _base, _order, version_arn in sorted(found)]


def _kind() -> Kind:
    return references.get_kind("Image")


# What is told of an image on request


def _told(session: Session, image: Description, include: list[str]) -> dict[str, Any]:
    """An image as the module returns it. Raises ImageBuilderError."""
    return {**images.image_info(image), **{name: INCLUDED[name](session, str(image["arn"])) for name in include}}


def _entries(session: Session, operation: str, **members: Any) -> list[dict[str, Any]]:
    """All entries of a list operation, as modules return them."""
    _member, shape = listed_entries(operation)
    return [schema.snake_case(entry, shape) for entry in session.api.pages(operation, **members)]


def _workflow_executions(session: Session, arn: str) -> list[dict[str, Any]]:
    """The workflows that the image went through, each with its steps."""
    return [
        {**execution, "steps": _entries(session, "ListWorkflowStepExecutions", workflowExecutionId=execution["workflow_execution_id"])}
        for execution in _entries(session, "ListWorkflowExecutions", imageBuildVersionArn=arn)
    ]


def _history(session: Session, arn: str) -> list[dict[str, Any]]:
    """The states that the image was in."""
    image = builds.get_image(session.api, arn) or {"arn": arn}
    return image_progress.history(Seen(image, builds.read_executions(session.api, arn)))


def _packages(session: Session, arn: str) -> list[dict[str, Any]]:
    return _entries(session, "ListImagePackages", imageBuildVersionArn=arn)


def _scan_findings(session: Session, arn: str) -> list[dict[str, Any]]:
    return _entries(session, "ListImageScanFindings", filters=[{"name": "imageBuildVersionArn", "values": [arn]}])


def _policy(session: Session, arn: str) -> Any:
    return resource_policy.get(IMAGE, session, arn)


INCLUDED: Mapping[str, Callable[[Session, str], Any]] = {
    "workflow_executions": _workflow_executions,
    "history": _history,
    "packages": _packages,
    "scan_findings": _scan_findings,
    "policy": _policy,
}
"""What can be told along with an image, by the name that it has in results."""
