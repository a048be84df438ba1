# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lifecycle policies: created, read, listed, updated and deleted as at AWS."""

from __future__ import annotations

import json
from typing import Any

import pytest

from .conftest import BUILD_REGION, SOURCE, Factory, refused

AGE = {"type": "AGE", "value": 6, "unit": "MONTHS"}
COUNT = {"type": "COUNT", "value": 10}
TAGS = {"tagMap": {"Team": "platform"}}


def rule(action: str = "DELETE", included: dict[str, bool] | None = None, **more: Any) -> dict[str, Any]:
    return {"action": {"type": action, **({} if included is None else {"includeResources": included})}, "filter": AGE, **more}


@pytest.fixture
def request_(factory: Factory) -> dict[str, Any]:
    return {
        "name": "My Policy",
        "executionRole": factory.execution_role(),
        "resourceType": "AMI_IMAGE",
        "policyDetails": [rule()],
        "resourceSelection": TAGS,
    }


def test_life(client: Any, request_: dict[str, Any]) -> None:
    arn = client.create_lifecycle_policy(**request_, tags={"a": "b"})["lifecyclePolicyArn"]
    assert arn == f"arn:aws:imagebuilder:{BUILD_REGION}:{SOURCE}:lifecycle-policy/my-policy"
    read = client.get_lifecycle_policy(lifecyclePolicyArn=arn)["lifecyclePolicy"]
    created = read.pop("dateCreated")
    assert read == request_ | {"arn": arn, "status": "ENABLED", "tags": {"a": "b"}}
    message = refused("ResourceAlreadyExistsException", client.create_lifecycle_policy, **{**request_, "name": "my_policy"})
    assert message == f"The following resource 'LifecyclePolicy' already exists: '{arn}'."

    changed = {name: value for name, value in request_.items() if name != "name"} | {"status": "DISABLED", "description": "d"}
    client.update_lifecycle_policy(lifecyclePolicyArn=arn, **changed)
    read = client.get_lifecycle_policy(lifecyclePolicyArn=arn)["lifecyclePolicy"]
    assert (read["status"], read["description"], read["dateCreated"]) == ("DISABLED", "d", created)
    assert read["dateUpdated"] >= created
    del changed["status"], changed["description"]
    client.update_lifecycle_policy(lifecyclePolicyArn=arn, **changed)
    read = client.get_lifecycle_policy(lifecyclePolicyArn=arn)["lifecyclePolicy"]
    assert (read["status"], "description" in read) == ("ENABLED", False)

    client.delete_lifecycle_policy(lifecyclePolicyArn=arn)
    refused("ResourceNotFoundException", client.get_lifecycle_policy, lifecyclePolicyArn=arn)


def test_a_dry_run_makes_nothing(client: Any, request_: dict[str, Any]) -> None:
    refused("DryRunOperationException", client.create_lifecycle_policy, **request_, dryRun=True)
    assert client.list_lifecycle_policies()["lifecyclePolicySummaryList"] == []


def test_switches_that_are_left_out_are_answered_as_false(client: Any, request_: dict[str, Any]) -> None:
    launched = {"lastLaunched": {"value": 1, "unit": "WEEKS"}}
    request_["policyDetails"] = [rule(included={"amis": True}, exclusionRules={"amis": launched, "tagMap": {"a": "b"}})]
    arn = client.create_lifecycle_policy(**request_)["lifecyclePolicyArn"]
    (detail,) = client.get_lifecycle_policy(lifecyclePolicyArn=arn)["lifecyclePolicy"]["policyDetails"]
    assert detail["action"]["includeResources"] == {"amis": True, "snapshots": False, "containers": False}
    assert detail["exclusionRules"] == {"amis": {**launched, "isPublic": False}, "tagMap": {"a": "b"}}


@pytest.mark.parametrize(
    ("details", "more"),
    [
        ([rule("DELETE", {"amis": True, "snapshots": True}), rule("DEPRECATE", {"amis": True}), rule("DISABLE")], {}),
        ([rule(filter=COUNT)], {"resourceSelection": {"recipes": [{"name": "web", "semanticVersion": "1.x.x"}]}}),
        ([rule("DISABLE", filter={**AGE, "retainAtLeast": 5})], {}),
        ([rule(included={"containers": True})], {"resourceType": "CONTAINER_IMAGE"}),
    ],
)
def test_good_rules(client: Any, request_: dict[str, Any], details: list[dict[str, Any]], more: dict[str, Any]) -> None:
    client.create_lifecycle_policy(**{**request_, **more, "policyDetails": details})


@pytest.mark.parametrize(
    ("more", "path"),
    [
        pytest.param({"policyDetails": [rule(), rule(filter=COUNT)]}, "policyDetails[1]", id="action-twice"),
        pytest.param({"policyDetails": [rule("DEPRECATE", filter=COUNT)]}, "policyDetails[0].filter.type", id="count"),
        pytest.param({"policyDetails": [rule(filter={"type": "AGE", "value": 1})]}, "policyDetails[0].filter.unit", id="no-unit"),
        pytest.param({"policyDetails": [rule(filter={**COUNT, "unit": "DAYS"})]}, "policyDetails[0].filter.unit", id="unit-of-count"),
        pytest.param({"policyDetails": [rule(filter={**COUNT, "retainAtLeast": 1})]}, "policyDetails[0].filter.retainAtLeast", id="retain-of-count"),
        pytest.param(
            {"policyDetails": [rule(included={"snapshots": True})]},
            "policyDetails[0].action.includeResources.snapshots",
            id="snapshots-alone",
        ),
        pytest.param(
            {"policyDetails": [rule("DISABLE", {"amis": True, "snapshots": True})]},
            "policyDetails[0].action.includeResources.snapshots",
            id="snapshots-disabled",
        ),
        pytest.param(
            {"policyDetails": [rule(included={"containers": True})]},
            "policyDetails[0].action.includeResources.containers",
            id="containers-of-AMIs",
        ),
        pytest.param(
            {"policyDetails": [rule("DISABLE")], "resourceType": "CONTAINER_IMAGE"}, "policyDetails[0].action.type", id="container-disabled"
        ),
        pytest.param(
            {"policyDetails": [rule(exclusionRules={"amis": {"isPublic": True}})], "resourceType": "CONTAINER_IMAGE"},
            "policyDetails[0].exclusionRules.amis",
            id="AMI-rules-of-containers",
        ),
        pytest.param({"policyDetails": [rule()] * 4}, "policyDetails", id="four-rules"),
        pytest.param({"executionRole": "nobody"}, "executionRole", id="no-role"),
    ],
)
def test_what_aws_refuses(client: Any, request_: dict[str, Any], more: dict[str, Any], path: str) -> None:
    assert f"'{path}'" in refused("InvalidParameterValueException", client.create_lifecycle_policy, **{**request_, **more})


def test_the_role_has_to_trust_image_builder(factory: Factory, client: Any, request_: dict[str, Any]) -> None:
    factory.execution_role("other", service="ec2.amazonaws.com")
    assert "'executionRole'" in refused("InvalidParameterValueException", client.create_lifecycle_policy, **{**request_, "executionRole": "other"})
    client.create_lifecycle_policy(**{**request_, "executionRole": "executor"})


@pytest.mark.parametrize("selection", [{}, {**TAGS, "recipes": [{"name": "web", "semanticVersion": "1.0.0"}]}], ids=json.dumps)
def test_exactly_one_selection(client: Any, request_: dict[str, Any], selection: dict[str, Any]) -> None:
    refused("InvalidParameterCombinationException", client.create_lifecycle_policy, **{**request_, "resourceSelection": selection})


def test_the_resource_type_stays(client: Any, request_: dict[str, Any]) -> None:
    arn = client.create_lifecycle_policy(**request_)["lifecyclePolicyArn"]
    changed = {name: value for name, value in request_.items() if name != "name"} | {"resourceType": "CONTAINER_IMAGE"}
    assert "'resourceType'" in refused("InvalidParameterValueException", client.update_lifecycle_policy, lifecyclePolicyArn=arn, **changed)


def test_lists(client: Any, request_: dict[str, Any]) -> None:
    client.create_lifecycle_policy(**request_)
    client.create_lifecycle_policy(**{**request_, "name": "containers", "resourceType": "CONTAINER_IMAGE", "status": "DISABLED"})
    for name, value in (("name", "containers"), ("resourceType", "CONTAINER_IMAGE"), ("status", "DISABLED")):
        (found,) = client.list_lifecycle_policies(filters=[{"name": name, "values": [value]}])["lifecyclePolicySummaryList"]
        assert (found["name"], found["executionRole"]) == ("containers", request_["executionRole"])
    refused("InvalidParameterValueException", client.list_lifecycle_policies, filters=[{"name": "description", "values": ["a"]}])
