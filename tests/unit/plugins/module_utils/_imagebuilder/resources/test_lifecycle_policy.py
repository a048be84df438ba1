# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.lifecycle_policy import LIFECYCLE_POLICY

from ..test_rules import COMPLETE, broken

DELETE: dict[str, Any] = {
    "action": {"type": "DELETE", "includeResources": {"amis": True, "snapshots": True}},
    "filter": {"type": "AGE", "value": 6, "unit": "MONTHS", "retainAtLeast": 2},
}
DEPRECATE: dict[str, Any] = {
    "action": {"type": "DEPRECATE", "includeResources": {"amis": True}},
    "filter": {"type": "AGE", "value": 3, "unit": "MONTHS"},
}
COUNT = {"type": "COUNT", "value": 10}
CONTAINERS: dict[str, Any] = {
    "resourceType": "CONTAINER_IMAGE",
    "policyDetails": [{"action": {"type": "DELETE", "includeResources": {"containers": True}}, "filter": COUNT}],
}


def policy(*details: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"resourceType": "AMI_IMAGE", "policyDetails": list(details), "resourceSelection": {"tagMap": {"team": "web"}}, **members}


@pytest.mark.parametrize(
    "request_",
    [
        policy(DELETE, DEPRECATE),
        policy({**DELETE, "filter": COUNT}),
        policy(DELETE, **CONTAINERS),
        policy(DELETE, resourceSelection={"recipes": [{"name": "web", "semanticVersion": "x.x.x"}]}),
        policy({**DELETE, "exclusionRules": {"amis": {"regions": ["eu-west-1"]}}}),
        policy({**DEPRECATE, "action": {"type": "DISABLE"}}),
    ],
)
def test_good_policies_break_no_rule_and_cause_no_warning(request_: dict[str, Any]) -> None:
    assert broken(LIFECYCLE_POLICY, request_) == {}
    assert list(LIFECYCLE_POLICY.cautions(request_, COMPLETE)) == []


def test_what_is_not_given_may_be_there_already() -> None:
    assert broken(LIFECYCLE_POLICY, {"status": "DISABLED"}) == {}


ACTION, FILTER = ("policyDetails", 0, "action"), ("policyDetails", 0, "filter")


@pytest.mark.parametrize(
    ("request_", "path", "words"),
    [
        (policy(DELETE, resourceSelection={}), ("resourceSelection",), "either recipes or tag_map"),
        (
            policy(DELETE, resourceSelection={"recipes": [{"name": "web", "semanticVersion": "x.x.x"}], "tagMap": {"a": "b"}}),
            ("resourceSelection",),
            "either recipes or tag_map",
        ),
        (policy(DELETE, DELETE), ("policyDetails", 1, "action", "type"), "already the action of entry 0"),
        (policy({**DEPRECATE, "action": {"type": "DEPRECATE"}}, resourceType="CONTAINER_IMAGE"), (*ACTION, "type"), "AMIs only"),
        (
            policy({**DEPRECATE, "action": {"type": "DISABLE", "includeResources": {"amis": True, "snapshots": True}}}),
            (*ACTION, "includeResources", "snapshots"),
            "can extend to AMIs only",
        ),
        (
            policy({**DELETE, "action": {"type": "DELETE", "includeResources": {"snapshots": True}}}),
            (*ACTION, "includeResources", "snapshots"),
            "needs amis: true",
        ),
        (
            policy({**DELETE, "action": {"type": "DELETE", "includeResources": {"containers": True}}}),
            (*ACTION, "includeResources", "containers"),
            "does not apply to resource_type AMI_IMAGE",
        ),
        (
            policy({**DELETE, "action": {"type": "DELETE", "includeResources": {"amis": True}}}, resourceType="CONTAINER_IMAGE"),
            (*ACTION, "includeResources", "amis"),
            "does not apply to resource_type CONTAINER_IMAGE",
        ),
        (policy({**DELETE, "filter": {"type": "AGE", "value": 1}}), (*FILTER, "unit"), "is required with type: AGE"),
        (policy({**DEPRECATE, "filter": COUNT}), (*FILTER, "type"), "for the action DELETE only"),
        (policy({**DELETE, "filter": {**COUNT, "unit": "DAYS"}}), (*FILTER, "unit"), "number of images"),
        (policy({**DELETE, "filter": {**COUNT, "retainAtLeast": 1}}), (*FILTER, "retainAtLeast"), "already the number"),
        (policy({**DEPRECATE, "filter": {**DEPRECATE["filter"], "retainAtLeast": 1}}), (*FILTER, "retainAtLeast"), "DELETE only"),
        (
            policy({**DELETE, "exclusionRules": {"amis": {"regions": ["us-west-9"]}}}),
            ("policyDetails", 0, "exclusionRules", "amis", "regions", 0),
            "Did you mean us-west-",
        ),
        (
            policy(**{**CONTAINERS, "policyDetails": [{**CONTAINERS["policyDetails"][0], "exclusionRules": {"amis": {"isPublic": True}}}]}),
            ("policyDetails", 0, "exclusionRules", "amis"),
            "has no AMIs",
        ),
    ],
)
def test_bad_policies_are_refused(request_: dict[str, Any], path: tuple[str | int, ...], words: str) -> None:
    found = broken(LIFECYCLE_POLICY, request_)
    assert list(found) == [path]
    assert words in found[path]


@pytest.mark.parametrize(
    ("request_", "path", "words"),
    [
        (policy({**DELETE, "action": {"type": "DELETE"}}), ACTION, "include_resources with amis and snapshots"),
        (policy({**DELETE, "action": {"type": "DELETE", "includeResources": {"amis": False}}}), ACTION, "What was built stays"),
    ],
)
def test_what_does_something_else_than_one_thinks_is_warned_of(request_: dict[str, Any], path: tuple[str | int, ...], words: str) -> None:
    ((found, message),) = LIFECYCLE_POLICY.cautions(request_, COMPLETE)
    assert found == path
    assert words in message
