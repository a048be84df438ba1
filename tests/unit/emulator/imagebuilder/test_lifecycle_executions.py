# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lifecycle executions: changes of an image's state, and runs of lifecycle policies."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from .conftest import BUILD_REGION, OTHER_REGION, PAYMENTS, SEARCH, SOURCE, Clock, Factory, allow, policy, refused

LIFECYCLE_ROLE = "Ec2ImageBuilderCrossAccountLifecycleAccess"
LIFECYCLE_POLICY = "EC2ImageBuilderLifecycleExecutionPolicy"
DAY = 24
AMIS = {"includeResources": {"amis": True}}
EVERYTHING = {"includeResources": {"amis": True, "snapshots": True}}


def attach(factory: Factory, account: str, role: str, *more: str) -> None:
    """Give a role AWS's own policy for it, and more actions that this does not have."""
    iam = factory.client("iam", account)
    arns = {one["PolicyName"]: one["Arn"] for one in iam.list_policies(Scope="AWS", MaxItems=1000)["Policies"]}
    iam.attach_role_policy(RoleName=role, PolicyArn=arns[LIFECYCLE_POLICY])
    if more:
        iam.put_role_policy(RoleName=role, PolicyName="more", PolicyDocument=policy(allow(list(more))))


def own_role(factory: Factory) -> str:
    arn = factory.execution_role("lifecycle")
    attach(factory, SOURCE, "lifecycle")
    return arn


def foreign_role(factory: Factory, account: str, *more: str, trusted: str = SOURCE) -> None:
    """Make the role of a destination account, its trust as the user guide has it."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "imagebuilder.amazonaws.com"},
        "Action": "sts:AssumeRole",
        "Condition": {
            "StringEquals": {"aws:SourceAccount": trusted},
            "ArnLike": {"aws:SourceArn": f"arn:*:imagebuilder:*:{trusted}:image/*/*/*"},
        },
    }
    factory.client("iam", account).create_role(RoleName=LIFECYCLE_ROLE, AssumeRolePolicyDocument=policy(statement))
    attach(factory, account, LIFECYCLE_ROLE, *more)


def update(factory: Factory, arn: str, status: str, **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = factory.client().start_resource_state_update(resourceArn=arn, state={"status": status}, **more)
    return answer


def finish(factory: Factory, execution: str) -> dict[str, Any]:
    """Wait for the end of an execution and return it."""
    for _time in range(2000):
        found: dict[str, Any] = factory.client().get_lifecycle_execution(lifecycleExecutionId=execution)["lifecycleExecution"]
        if found["state"]["status"] in ("SUCCESS", "FAILED", "CANCELLED"):
            return found
    raise AssertionError(f"{execution} is still {found['state']}")


def run(factory: Factory, arn: str, status: str, **more: Any) -> dict[str, Any]:
    """Change a state in an execution and return the execution at its end."""
    return finish(factory, update(factory, arn, status, executionRole=own_role(factory), **more)["lifecycleExecutionId"])


def outputs(factory: Factory, execution: dict[str, Any], arn: str) -> dict[tuple[str, str], dict[str, Any]]:
    """Return what an execution did to the AMIs of an image, by account and Region."""
    request = {"lifecycleExecutionId": execution["lifecycleExecutionId"], "parentResourceId": arn}
    listed = factory.client().list_lifecycle_execution_resources(**request)["resources"]
    return {(one["accountId"], one["region"]): one for one in listed}


def image_of(factory: Factory, arn: str) -> dict[str, Any]:
    image: dict[str, Any] = factory.client().get_image(imageBuildVersionArn=arn)["image"]
    return image


class TestStateUpdates:
    """StartResourceStateUpdate."""

    def test_the_record_alone_changes_at_once(self, ready: Factory) -> None:
        arn = ready.build(None)["arn"]
        for status in ("DEPRECATED", "DISABLED", "AVAILABLE", "AVAILABLE"):
            answer = update(ready, arn, status)
            assert "lifecycleExecutionId" not in answer
            assert answer["resourceArn"] == arn
            image = image_of(ready, arn)
            assert image["state"]["status"] == status
            assert ("deprecationTime" in image) == (status == "DEPRECATED")
        assert ready.images(SOURCE, BUILD_REGION)[0]["State"] == "available"

    def test_an_execution_changes_the_amis_of_all_accounts(self, ready: Factory) -> None:
        foreign_role(ready, PAYMENTS)
        foreign_role(ready, SEARCH)
        arn = ready.build(ready.distributions())["arn"]
        execution = run(ready, arn, "DISABLED", **AMIS)
        assert execution["state"] == {"status": "SUCCESS"}
        assert execution["resourcesImpactedSummary"] == {"hasImpactedResources": True}
        assert "lifecyclePolicyArn" not in execution
        image = image_of(ready, arn)
        assert (image["state"]["status"], image["lifecycleExecutionId"]) == ("DISABLED", execution["lifecycleExecutionId"])
        assert {ami["state"]["status"] for ami in image["outputResources"]["amis"]} == {"DISABLED"}
        for account in (PAYMENTS, SEARCH):
            assert [ami["State"] for ami in ready.images(account, OTHER_REGION)] == ["disabled"]
        done = outputs(ready, execution, arn)
        assert len(done) == 5
        assert {(one["action"]["name"], one["state"]["status"]) for one in done.values()} == {("DISABLE", "SUCCESS")}

    def test_and_back(self, ready: Factory) -> None:
        arn = ready.build(None)["arn"]
        role = own_role(ready)
        for status, state, is_deprecated in (("DEPRECATED", "available", True), ("DISABLED", "disabled", True), ("AVAILABLE", "available", False)):
            finish(ready, update(ready, arn, status, executionRole=role, **AMIS)["lifecycleExecutionId"])
            (ami,) = ready.images(SOURCE, BUILD_REGION)
            assert (ami["State"], "DeprecationTime" in ami) == (state, is_deprecated)
            assert image_of(ready, arn)["outputResources"]["amis"][0]["state"]["status"] == status

    def test_what_is_deleted_is_gone_everywhere(self, ready: Factory) -> None:
        # The copies' snapshots have no tags (the distribution role may tag images only), and AWS's policy asks for one.
        for account in (PAYMENTS, SEARCH):
            foreign_role(ready, account, "ec2:DeleteSnapshot")
        arn = ready.build(ready.distributions())["arn"]
        execution = run(ready, arn, "DELETED", **EVERYTHING)
        assert execution["state"] == {"status": "SUCCESS"}
        refused("ResourceNotFoundException", ready.client().get_image, imageBuildVersionArn=arn)
        for account in (SOURCE, PAYMENTS, SEARCH):
            assert not ready.images(account, BUILD_REGION)
            assert not ready.client("ec2", account).describe_snapshots(OwnerIds=["self"])["Snapshots"]
        done = outputs(ready, execution, arn)
        assert {snapshot["state"]["status"] for one in done.values() for snapshot in one["snapshots"]} == {"SUCCESS"}
        client = ready.client()
        assert [one["lifecycleExecutionId"] for one in client.list_lifecycle_executions(resourceArn=arn)["lifecycleExecutions"]] == [
            execution["lifecycleExecutionId"]
        ]
        (touched,) = client.list_lifecycle_execution_resources(lifecycleExecutionId=execution["lifecycleExecutionId"])["resources"]
        assert (touched["resourceId"], touched["action"]["name"], touched["state"]) == (arn, "DELETE", {"status": "SUCCESS"})

    def test_snapshots_stay_unless_they_are_included(self, ready: Factory) -> None:
        arn = ready.build(None)["arn"]
        run(ready, arn, "DELETED", **AMIS)
        assert not ready.images(SOURCE, BUILD_REGION)
        assert len(ready.client("ec2").describe_snapshots(OwnerIds=["self"])["Snapshots"]) == 1

    @pytest.mark.parametrize("cause", ["no role", "trust", "rights", "untagged snapshot"])
    def test_what_one_account_refuses(self, ready: Factory, cause: str) -> None:
        foreign_role(ready, SEARCH, "ec2:DeleteSnapshot")
        if cause != "no role":
            foreign_role(ready, PAYMENTS, trusted=SEARCH if cause == "trust" else SOURCE)
        if cause == "rights":
            ready.client("iam", PAYMENTS).put_role_policy(
                RoleName=LIFECYCLE_ROLE, PolicyName="no", PolicyDocument=policy({**allow("ec2:DeregisterImage"), "Effect": "Deny"})
            )
        arn = ready.build(ready.distributions())["arn"]
        execution = run(ready, arn, "DELETED", **EVERYTHING)
        assert execution["state"]["status"] == "FAILED"
        assert arn in execution["state"]["reason"]
        image = image_of(ready, arn)
        assert image["state"]["status"] == "AVAILABLE"
        done = outputs(ready, execution, arn)
        failed = done[PAYMENTS, BUILD_REGION]
        if cause == "untagged snapshot":
            assert failed["state"]["status"] == "SUCCESS"
            assert "ec2:DeleteSnapshot" in failed["snapshots"][0]["state"]["reason"]
            assert not image["outputResources"]["amis"]
        else:
            assert failed["state"]["status"] == "FAILED"
            assert ("ec2:DeregisterImage" if cause == "rights" else "sts:AssumeRole") in failed["state"]["reason"]
            assert {ami["accountId"] for ami in image["outputResources"]["amis"]} == {PAYMENTS}
            assert len(ready.images(PAYMENTS, BUILD_REGION)) == 1
        assert done[SEARCH, BUILD_REGION]["state"]["status"] == "SUCCESS"
        assert not ready.images(SEARCH, BUILD_REGION)

    def test_the_execution_role_has_to_trust_the_service(self, ready: Factory) -> None:
        arn = ready.build(None)["arn"]
        role = ready.execution_role("other", "ec2.amazonaws.com")
        execution = finish(ready, update(ready, arn, "DISABLED", executionRole=role, **AMIS)["lifecycleExecutionId"])
        assert execution["state"]["status"] == "FAILED"
        assert "sts:AssumeRole" in execution["state"]["reason"]
        assert ready.images(SOURCE, BUILD_REGION)[0]["State"] == "available"

    @pytest.mark.parametrize(
        ("rules", "reason"),
        [
            ({"regions": [OTHER_REGION]}, "eu-west-1 is excluded"),
            ({"tagMap": {"Team": "platform"}}, "excluded tag"),
            ({"sharedAccounts": [PAYMENTS]}, f"shared with {PAYMENTS}"),
            ({"isPublic": True}, "public"),
            ({"lastLaunched": {"value": 365, "unit": "YEARS"}}, "launched within the last 365 years"),
        ],
    )
    def test_exclusion_rules(self, ready: Factory, rules: dict[str, Any], reason: str) -> None:
        entries = [{"region": BUILD_REGION, "amiDistributionConfiguration": {"description": "here"}}]
        entries.append({"region": OTHER_REGION, "amiDistributionConfiguration": {"amiTags": {"Team": "platform"}}})
        arn = ready.build(entries)["arn"]
        ec2 = ready.client("ec2", region=OTHER_REGION)
        (ami,) = ready.images(SOURCE, OTHER_REGION)
        if "isPublic" in rules:
            ec2.disable_image_block_public_access()
        added = {"isPublic": {"Group": "all"}, "sharedAccounts": {"UserId": PAYMENTS}}.get(next(iter(rules)))
        if added:
            ec2.modify_image_attribute(ImageId=ami["ImageId"], LaunchPermission={"Add": [added]})
        if "lastLaunched" in rules:
            ec2.run_instances(ImageId=ami["ImageId"], MinCount=1, MaxCount=1)
        execution = run(ready, arn, "DELETED", exclusionRules={"amis": rules}, **EVERYTHING)
        assert execution["state"] == {"status": "SUCCESS"}
        done = outputs(ready, execution, arn)
        assert done[SOURCE, BUILD_REGION]["state"] == {"status": "SUCCESS"}
        assert done[SOURCE, OTHER_REGION]["state"]["status"] == "SKIPPED"
        assert reason in done[SOURCE, OTHER_REGION]["state"]["reason"]
        assert not ready.images(SOURCE, BUILD_REGION)
        assert [one["region"] for one in image_of(ready, arn)["outputResources"]["amis"]] == [OTHER_REGION]

    def test_a_deprecation_that_lies_ahead(self, ready: Factory) -> None:
        arn = ready.build(None)["arn"]
        when = datetime.now(timezone.utc) + timedelta(days=30)
        execution = run(ready, arn, "DEPRECATED", updateAt=when, **AMIS)
        assert execution["state"]["status"] == "SUCCESS"
        image = image_of(ready, arn)
        assert image["state"]["status"] == "AVAILABLE"
        assert abs(image["deprecationTime"] - when) < timedelta(seconds=1)
        assert ready.images(SOURCE, BUILD_REGION)[0]["DeprecationTime"].startswith(when.strftime("%Y-%m-%dT"))
        soon = datetime.now(timezone.utc) + timedelta(seconds=1)
        assert finish(ready, update(ready, arn, "DEPRECATED", updateAt=soon)["lifecycleExecutionId"])["state"]["status"] == "SUCCESS"
        assert image_of(ready, arn)["state"]["status"] == "AVAILABLE"
        time.sleep((soon - datetime.now(timezone.utc)).total_seconds())
        assert image_of(ready, arn)["state"]["status"] == "DEPRECATED"

    def test_failed_images_can_only_be_deleted(self, ready: Factory) -> None:
        ready.client("iam").delete_instance_profile(InstanceProfileName="build")
        arn = ready.build(None)["arn"]
        refused("InvalidRequestException", update, factory=ready, arn=arn, status="DEPRECATED")
        assert run(ready, arn, "DELETED", **AMIS)["state"]["status"] == "SUCCESS"
        refused("ResourceNotFoundException", ready.client().get_image, imageBuildVersionArn=arn)

    @pytest.mark.parametrize(
        ("status", "more", "part"),
        [
            ("DELETED", {}, "DeleteImage"),
            ("DELETED", {"includeResources": {"snapshots": True}, "executionRole": "lifecycle"}, "includeResources.amis"),
            ("DELETED", {"includeResources": {"amis": True, "containers": True}, "executionRole": "lifecycle"}, "containers"),
            ("DISABLED", {"includeResources": {"amis": True}}, "together"),
            ("DISABLED", {"executionRole": "lifecycle"}, "together"),
            ("DISABLED", {"includeResources": {"amis": True, "snapshots": True}, "executionRole": "lifecycle"}, "DELETED"),
            ("DISABLED", {"updateAt": datetime(2100, 1, 1, tzinfo=timezone.utc)}, "updateAt"),
            ("DEPRECATED", {"updateAt": datetime(2000, 1, 1, tzinfo=timezone.utc)}, "future"),
        ],
    )
    def test_requests_that_are_refused(self, ready: Factory, status: str, more: dict[str, Any], part: str) -> None:
        own_role(ready)
        arn = ready.build(None)["arn"]
        assert part in refused("InvalidRequestException", update, factory=ready, arn=arn, status=status, **more)

    def test_only_what_is_there_and_done_can_be_changed(self, slow: Factory) -> None:
        arn = slow.start(None)
        refused("InvalidRequestException", update, factory=slow, arn=arn, status="DEPRECATED")
        refused("ResourceNotFoundException", update, factory=slow, arn=arn + "0", status="DEPRECATED")
        refused("InvalidRequestException", slow.client().start_resource_state_update, resourceArn=arn, state={})


class TestExecutions:
    """Their states, and the operations on them."""

    def test_states_and_cancelling(self, slow: Factory, hours: Clock) -> None:
        arn = slow.start(None)
        hours.go_on(6)
        role, client = own_role(slow), slow.client()
        first = update(slow, arn, "DISABLED", executionRole=role, **AMIS)["lifecycleExecutionId"]
        refused("ResourceInUseException", update, factory=slow, arn=arn, status="DEPRECATED", executionRole=role, **AMIS)
        seen = []
        for _hour in range(3):
            seen.append(client.get_lifecycle_execution(lifecycleExecutionId=first)["lifecycleExecution"]["state"]["status"])
            listed = client.list_lifecycle_execution_resources(lifecycleExecutionId=first)
            assert [one["state"]["status"] for one in listed["resources"]] == ["SUCCESS" if seen[-1] == "SUCCESS" else "IN_PROGRESS"]
            assert listed["lifecycleExecutionState"]["status"] == seen[-1]
            hours.go_on(1)
        assert seen == ["PENDING", "IN_PROGRESS", "SUCCESS"]
        refused("InvalidRequestException", client.cancel_lifecycle_execution, lifecycleExecutionId=first)
        second = update(slow, arn, "AVAILABLE", executionRole=role, **AMIS)["lifecycleExecutionId"]
        client.cancel_lifecycle_execution(lifecycleExecutionId=second)
        assert client.get_lifecycle_execution(lifecycleExecutionId=second)["lifecycleExecution"]["state"]["status"] == "CANCELLING"
        hours.go_on(1)
        assert client.get_lifecycle_execution(lifecycleExecutionId=second)["lifecycleExecution"]["state"]["status"] == "CANCELLED"
        assert image_of(slow, arn)["state"]["status"] == "DISABLED"
        listed = client.list_lifecycle_executions(resourceArn=arn)["lifecycleExecutions"]
        assert [one["lifecycleExecutionId"] for one in listed] == [second, first]

    def test_what_is_not_there(self, slow: Factory) -> None:
        client = slow.client()
        unknown = "lce-12345678-1234-1234-1234-123456789012"
        for call in (client.get_lifecycle_execution, client.list_lifecycle_execution_resources, client.cancel_lifecycle_execution):
            refused("ResourceNotFoundException", call, lifecycleExecutionId=unknown)
        refused("InvalidRequestException", client.list_lifecycle_executions, resourceArn=slow.recipe())


def make_policy(factory: Factory, action: dict[str, Any], rule: dict[str, Any], **more: Any) -> str:
    made = factory.client().create_lifecycle_policy(
        name="cleanup",
        executionRole=own_role(factory),
        resourceType="AMI_IMAGE",
        policyDetails=[{"action": action, "filter": rule, **more.pop("detail", {})}],
        **{"resourceSelection": {"recipes": [{"name": "golden", "semanticVersion": "1.x.x"}]}, **more},
    )
    return str(made["lifecyclePolicyArn"])


def runs(factory: Factory, arn: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = factory.client().list_lifecycle_executions(resourceArn=arn)["lifecycleExecutions"]
    return found


def statuses(factory: Factory) -> list[str]:
    listed = factory.client().list_image_build_versions()["imageSummaryList"]
    return [image["state"]["status"] for image in sorted(listed, key=lambda image: str(image["arn"]))]


class TestPolicies:
    """Runs of lifecycle policies."""

    def test_a_policy_runs_once_a_day(self, slow: Factory, hours: Clock) -> None:
        slow.start(None)
        arn = make_policy(slow, {"type": "DEPRECATE", **AMIS}, {"type": "AGE", "value": 2, "unit": "DAYS"})
        hours.go_on(DAY - 1)
        assert not runs(slow, arn)
        hours.go_on(1)
        (first,) = runs(slow, arn)
        assert (first["lifecyclePolicyArn"], first["resourcesImpactedSummary"]) == (arn, {"hasImpactedResources": False})
        assert slow.client().get_lifecycle_policy(lifecyclePolicyArn=arn)["lifecyclePolicy"]["dateLastRun"]
        hours.go_on(2)
        assert (statuses(slow), runs(slow, arn)[0]["state"]["status"]) == (["AVAILABLE"], "SUCCESS")
        hours.go_on(DAY - 2)
        assert [one["state"]["status"] for one in runs(slow, arn)] == ["PENDING", "SUCCESS"]
        hours.go_on(2)
        assert statuses(slow) == ["DEPRECATED"]
        assert "DeprecationTime" in slow.images(SOURCE, BUILD_REGION)[0]
        hours.go_on(10 * DAY)  # what was missed is made up for once
        assert len(runs(slow, arn)) == 3

    def test_a_disabled_policy_rests(self, slow: Factory, hours: Clock) -> None:
        slow.start(None)
        arn = make_policy(slow, {"type": "DELETE"}, {"type": "COUNT", "value": 1}, status="DISABLED")
        hours.go_on(10 * DAY)
        assert not runs(slow, arn)

    @pytest.mark.parametrize(
        ("rule", "left"),
        [
            ({"type": "COUNT", "value": 2}, 2),
            ({"type": "COUNT", "value": 5}, 4),
            ({"type": "AGE", "value": 1, "unit": "DAYS"}, 0),
            ({"type": "AGE", "value": 1, "unit": "WEEKS"}, 4),
            ({"type": "AGE", "value": 1, "unit": "DAYS", "retainAtLeast": 1}, 1),
        ],
    )
    def test_rules_say_how_many_go(self, slow: Factory, hours: Clock, rule: dict[str, Any], left: int) -> None:
        recipe = slow.recipe()
        arns = []
        for _image in range(4):
            arns.append(slow.start(None, recipe))
            hours.go_on(0.1)
        make_policy(slow, {"type": "DELETE", **EVERYTHING}, rule)
        hours.go_on(DAY)
        statuses(slow)  # somebody asks, so that the run begins
        hours.go_on(2)
        kept = [image["arn"] for image in slow.client().list_image_build_versions()["imageSummaryList"]]
        assert kept == arns[4 - left :]
        assert len(slow.images(SOURCE, BUILD_REGION)) == left

    def test_what_is_selected_and_what_is_excluded(self, slow: Factory, hours: Clock) -> None:
        recipe, other = slow.recipe(), slow.recipe(name="other")
        slow.start(None, recipe, tags={"keep": "yes", "team": "a"})
        plain, foreign = slow.start(None, recipe, tags={"team": "a"}), slow.start(None, other, tags={"team": "a"})
        detail = {"exclusionRules": {"tagMap": {"keep": "yes"}}}
        arn = make_policy(slow, {"type": "DISABLE"}, {"type": "AGE", "value": 1, "unit": "DAYS"}, detail=detail)
        hours.go_on(DAY)
        (run_,) = runs(slow, arn)
        listed = slow.client().list_lifecycle_execution_resources(lifecycleExecutionId=run_["lifecycleExecutionId"])["resources"]
        assert [(one["resourceId"], one["action"]["name"]) for one in listed] == [(plain, "DISABLE")]
        hours.go_on(2)
        assert image_of(slow, plain)["state"]["status"] == "DISABLED"
        assert image_of(slow, foreign)["state"]["status"] == "AVAILABLE"

    def test_images_can_be_selected_by_tags(self, slow: Factory, hours: Clock) -> None:
        recipe = slow.recipe()
        both, one = slow.start(None, recipe, tags={"a": "1", "b": "2"}), slow.start(None, recipe, tags={"a": "1"})
        selection = {"resourceSelection": {"tagMap": {"a": "1", "b": "2"}}}
        make_policy(slow, {"type": "DEPRECATE"}, {"type": "AGE", "value": 1, "unit": "DAYS"}, **selection)
        hours.go_on(DAY)
        statuses(slow)
        hours.go_on(2)
        assert [image_of(slow, arn)["state"]["status"] for arn in (both, one)] == ["DEPRECATED", "AVAILABLE"]

    def test_executions_come_in_pages(self, slow: Factory, hours: Clock) -> None:
        arn = make_policy(slow, {"type": "DELETE"}, {"type": "COUNT", "value": 1})
        for _day in range(3):
            hours.go_on(DAY)
            runs(slow, arn)
        pages = slow.client().get_paginator("list_lifecycle_executions").paginate(resourceArn=arn, PaginationConfig={"PageSize": 2})
        assert [len(page["lifecycleExecutions"]) for page in pages] == [2, 1]
