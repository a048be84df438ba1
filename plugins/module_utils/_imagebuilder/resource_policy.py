# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Resource policies: with whom a resource is shared. Private to this collection.

The API has no call that takes a policy away. How policies are compared is the matter of `_access.policy`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._access import policy as policies
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import schema
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.problems import Problem
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import Resource
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.session import Session

OPTION = "policy"


def read(resource: Resource, params: Mapping[str, Any]) -> tuple[policies.Policy | None, list[Problem]]:
    """The policy that a task gives, or None, and what is wrong with it. No call is made."""
    text = params.get(OPTION)
    if text is None:
        return None, []
    try:
        policy = json.loads(text)
    except ValueError as error:
        return None, [Problem(OPTION, f"is not valid JSON: {error}")]
    if not isinstance(policy, dict) or not policy.get("Statement"):
        reason = "a policy document is needed, a dictionary with a Statement."
        return None, [Problem(OPTION, f"{reason} AWS has no call that takes a policy away; without principals that are left, RAM stops the sharing.")]
    shape = schema.input_shape(f"Put{resource.api_name}Policy").members["policy"]
    return policy, schema.to_request(shape, policies.encoded(policy), OPTION)[1]


def get(resource: Resource, session: Session, resource_arn: str) -> policies.Policy | None:
    """The policy of a resource, or None. Raises ImageBuilderError."""
    answer = session.api.find(f"Get{resource.api_name}Policy", **{resource.policy_parameter: resource_arn})
    return policies.parsed(answer["policy"]) if answer and answer.get("policy") else None


def put(resource: Resource, session: Session, resource_arn: str, policy: Mapping[str, Any]) -> None:
    """Set the whole policy of a resource. Raises ImageBuilderError."""
    session.api.call(f"Put{resource.api_name}Policy", **{resource.policy_parameter: resource_arn, "policy": policies.encoded(dict(policy))})
