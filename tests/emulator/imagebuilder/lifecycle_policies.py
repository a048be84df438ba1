# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lifecycle policies: what AWS refuses beyond the limits of the model. Rules: the documentation of CreateLifecyclePolicy in the service's model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .. import access, clock
from ..access import Caller
from . import inputs
from .exceptions import invalid_combination, invalid_value
from .resource import Resource

if TYPE_CHECKING:
    from .models import ImageBuilderBackend

SERVICE = "imagebuilder.amazonaws.com"
# Resource type -> what a rule may do to its images, and what an action may extend to.
ACTIONS = {"AMI_IMAGE": ("DELETE", "DEPRECATE", "DISABLE"), "CONTAINER_IMAGE": ("DELETE",)}
EXTENSIONS = {"AMI_IMAGE": ("amis", "snapshots"), "CONTAINER_IMAGE": ("containers",)}


@dataclass
class LifecyclePolicy(Resource):
    """A lifecycle policy. It runs once a day (lifecycle.py)."""

    ran: float = field(default_factory=clock.now)  # when it ran last; it counts its first day from its creation


def prepare(backend: ImageBuilderBackend, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return what Image Builder adds to a policy's request. Raises the service's errors."""
    _check_trust(inputs.execution_role(backend, request))
    selection = request["resourceSelection"]
    if ("recipes" in selection) == ("tagMap" in selection):
        raise invalid_combination("You must specify exactly one of 'resourceSelection.recipes' and 'resourceSelection.tagMap'.")
    details = request["policyDetails"]
    types = [detail["action"]["type"] for detail in details]
    for index, detail in enumerate(details):
        path = f"policyDetails[{index}]"
        if types.index(types[index]) != index:
            raise invalid_value(path, f"A policy can contain at most one rule with the action {types[index]}.")
        _check_action(detail["action"], f"{path}.action", request["resourceType"])
        _check_filter(detail["filter"], f"{path}.filter", types[index])
        if "amis" in detail.get("exclusionRules", {}) and request["resourceType"] != "AMI_IMAGE":
            raise invalid_value(f"{path}.exclusionRules.amis", "Rules about AMIs can only be used with the resource type AMI_IMAGE.")
    return {"status": request.get("status", "ENABLED"), "policyDetails": [_completed(detail) for detail in details]}


def check_update(policy: Resource, request: Mapping[str, Any]) -> None:
    """Refuse what cannot be changed."""
    if request["resourceType"] != policy.values["resourceType"]:
        raise invalid_value("resourceType", f"The resource type must match the existing policy's: {policy.values['resourceType']}.")


def _check_trust(role: Caller) -> None:
    """Refuse a role that Image Builder may not assume."""
    if not access.assume_role_as_service(SERVICE, role.principal_arn, {"aws:SourceAccount": role.account_id}).allowed:
        raise invalid_value("executionRole", "The provided role does not exist or does not have sufficient permissions.")


def _check_action(action: Mapping[str, Any], path: str, resource_type: str) -> None:
    if action["type"] not in ACTIONS[resource_type]:
        raise invalid_value(f"{path}.type", f"The action {action['type']} is not supported for the resource type {resource_type}.")
    included = {name for name, wanted in action.get("includeResources", {}).items() if wanted}
    for name in sorted(included - set(EXTENSIONS[resource_type])):
        raise invalid_value(f"{path}.includeResources.{name}", f"This is not supported for the resource type {resource_type}.")
    if "snapshots" in included and (action["type"] != "DELETE" or "amis" not in included):
        raise invalid_value(f"{path}.includeResources.snapshots", "Snapshots can only be included in a DELETE action, and only together with AMIs.")


def _check_filter(rule: Mapping[str, Any], path: str, action: str) -> None:
    if rule["type"] == "AGE":
        if "unit" not in rule:
            raise invalid_value(f"{path}.unit", "A unit is required for age-based rules.")
        return
    if action != "DELETE":
        raise invalid_value(f"{path}.type", f"The COUNT filter can only be used with the DELETE action, not with {action}.")
    for name in ("unit", "retainAtLeast"):
        if name in rule:
            raise invalid_value(f"{path}.{name}", f"'{name}' can only be used with the AGE filter.")


def _completed(detail: Mapping[str, Any]) -> dict[str, Any]:
    """Return a rule with the switches that the service answers as false when they are left out."""
    completed = dict(detail)
    if "includeResources" in detail["action"]:
        switches = {"amis": False, "snapshots": False, "containers": False}
        completed["action"] = {**detail["action"], "includeResources": switches | detail["action"]["includeResources"]}
    if "amis" in detail.get("exclusionRules", {}):
        rules = detail["exclusionRules"]
        completed["exclusionRules"] = {**rules, "amis": {"isPublic": False, **rules["amis"]}}
    return completed
