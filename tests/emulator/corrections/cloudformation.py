# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AWS CloudFormation."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from moto.iam.models import Role, iam_backends

from . import replaces


@replaces(Role, "create_from_cloudformation_json")
def create_role(original: Callable[..., Role], resource_name: str, cloudformation_json: dict[str, Any], *args: Any, **kwargs: Any) -> Role:
    """moto keeps the inline policies of a role as something that is no JSON, and attaches no managed policy to it."""
    properties = cloudformation_json["Properties"]
    policies = [{**policy, "PolicyDocument": json.dumps(policy["PolicyDocument"])} for policy in properties.get("Policies", [])]
    role = original(resource_name, {**cloudformation_json, "Properties": {**properties, "Policies": policies}}, *args, **kwargs)
    for arn in properties.get("ManagedPolicyArns", []):
        iam_backends[role.account_id][role.partition].attach_role_policy(arn, role.name)
    return role
