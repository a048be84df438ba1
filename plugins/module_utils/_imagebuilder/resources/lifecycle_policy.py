# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lifecycle policies. Private to this collection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.arns import same_role
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import Context, Finding, Path, Related, Resource
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.rules import known_region

INCLUDED = {"AMI_IMAGE": ("amis", "snapshots"), "CONTAINER_IMAGE": ("containers",)}
"""What an action can extend to, by the kind of image (LifecyclePolicyDetailActionIncludeResources)."""


def rules(request: Mapping[str, Any], context: Context) -> Iterator[Finding]:
    """What CreateLifecyclePolicy refuses beside what its shape tells."""
    selection = request.get("resourceSelection")
    if isinstance(selection, Mapping) and bool(selection.get("recipes")) == bool(selection.get("tagMap")):
        yield ("resourceSelection",), "needs either recipes or tag_map, one of them."
    seen: dict[str, int] = {}
    for index, detail in enumerate(request.get("policyDetails") or ()):
        path: Path = ("policyDetails", index)
        action, where = (detail or {}).get("action") or {}, (detail or {}).get("filter") or {}
        kind = str(action.get("type") or "")
        if kind and kind in seen:
            yield (*path, "action", "type"), f"{kind} is already the action of entry {seen[kind]}; a policy has one rule for each action."
        seen.setdefault(kind, index)
        yield from _action((*path, "action"), action, request.get("resourceType"))
        yield from _filter((*path, "filter"), where, kind)
        yield from _exclusions((*path, "exclusionRules", "amis"), ((detail or {}).get("exclusionRules") or {}).get("amis") or {}, request, context)


def _action(path: Path, action: Mapping[str, Any], resource_type: str | None) -> Iterator[Finding]:
    """Only deleting is for containers and snapshots too (LifecyclePolicyDetailAction)."""
    kind, included = action.get("type"), action.get("includeResources") or {}
    if kind in ("DEPRECATE", "DISABLE"):
        if resource_type == "CONTAINER_IMAGE":
            yield (*path, "type"), f"{kind} is for AMIs only; images of containers can be deleted."
        for member in ("snapshots", "containers"):
            if included.get(member):
                yield (*path, "includeResources", member), f"{kind} can extend to AMIs only."
    if included.get("snapshots") and not included.get("amis"):
        yield (*path, "includeResources", "snapshots"), "needs amis: true too; snapshots go with their AMI."
    for member in included if resource_type in INCLUDED else ():
        if included[member] and member not in INCLUDED[str(resource_type)]:
            yield (
                (*path, "includeResources", member),
                f"does not apply to resource_type {resource_type}, which has {' and '.join(INCLUDED[str(resource_type)])}.",
            )


def _filter(path: Path, where: Mapping[str, Any], action: str) -> Iterator[Finding]:
    """Age has a unit, and a count has none and is for deleting (LifecyclePolicyDetailFilter)."""
    if where.get("type") == "AGE" and not where.get("unit"):
        yield (*path, "unit"), "is required with type: AGE."
    if where.get("type") == "COUNT":
        if action in ("DEPRECATE", "DISABLE"):
            yield (*path, "type"), f"COUNT is for the action DELETE only; {action} needs AGE."
        if where.get("unit"):
            yield (*path, "unit"), "does not apply to type: COUNT, whose value is a number of images."
        if where.get("retainAtLeast"):
            yield (*path, "retainAtLeast"), "does not apply to type: COUNT, whose value is already the number of images to keep."
    elif where.get("retainAtLeast") and action in ("DEPRECATE", "DISABLE"):
        yield (*path, "retainAtLeast"), "is for the action DELETE only."


def _exclusions(path: Path, amis: Mapping[str, Any], request: Mapping[str, Any], context: Context) -> Iterator[Finding]:
    """AMIs are left alone by where they are, which has to be a Region (LifecyclePolicyDetailExclusionRulesAmis)."""
    if amis and request.get("resourceType") == "CONTAINER_IMAGE":
        yield path, "does not apply to resource_type CONTAINER_IMAGE, which has no AMIs."
    for index, region in enumerate(amis.get("regions") or ()):
        if isinstance(region, str):
            yield from known_region((*path, "regions", index), region, context)


def cautions(request: Mapping[str, Any], context: Context) -> Iterator[Finding]:
    """What AWS takes, and then does something else than one would think."""
    for index, detail in enumerate(request.get("policyDetails") or ()):
        path: Path = ("policyDetails", index)
        action, included = detail["action"]["type"], detail["action"].get("includeResources") or {}
        if action == "DELETE" and not any(included.values()):
            yield (
                (*path, "action"),
                "deletes Image Builder's record of the image only. What was built stays, is paid for, and no policy finds it any more: add "
                f"include_resources with {' and '.join(INCLUDED[request['resourceType']])}.",
            )


LIFECYCLE_POLICY = Resource(
    api_name="LifecyclePolicy",
    options={
        "description": {"type": "str"},
        "status": {"type": "str"},
        "execution_role": {"type": "str"},
        "resource_type": {"type": "str"},
        "policy_details": {"type": "list", "elements": "dict"},
        "resource_selection": {"type": "dict"},
    },
    defaults={
        "CreateLifecyclePolicyRequest": {"status": "ENABLED"},
        "LifecyclePolicyDetailActionIncludeResources": {"amis": False, "snapshots": False, "containers": False},
        "LifecyclePolicyDetailExclusionRulesAmis": {"isPublic": False},
    },
    equal={"executionRole": same_role},
    fixed=frozenset({"resourceType"}),
    rules=rules,
    cautions=cautions,
    related={"executions": Related("ListLifecycleExecutions", "resourceArn")},
)
