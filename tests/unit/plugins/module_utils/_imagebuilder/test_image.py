# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is decided about images, and what is told of them."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.fingerprint import TAG
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image import (
    RUNNING,
    UNSUCCESSFUL,
    Action,
    Inputs,
    Pair,
    all_failures,
    ami_results,
    candidates,
    decide,
    delivered,
    failure_message,
    has_inputs,
    pair_results,
)
from hypothesis import given
from hypothesis import strategies as st

SOURCE, PAYMENTS, SEARCH = "111111111111", "222222222222", "333333333333"
BUILDER = f"arn:aws:imagebuilder:us-west-2:{SOURCE}"
RECIPE = f"{BUILDER}:image-recipe/web/1.0.0"
INFRASTRUCTURE = f"{BUILDER}:infrastructure-configuration/web"
DISTRIBUTION = f"{BUILDER}:distribution-configuration/web"
ROLE = f"arn:aws:iam::{SOURCE}:role/path/Builder"
WORKFLOW = f"{BUILDER}:workflow/build/mine"


def entry(region: str, *accounts: str, **more: Any) -> dict[str, Any]:
    configuration: dict[str, Any] = {"name": "web {{ imagebuilder:buildDate }}", **more}
    if accounts:
        configuration["targetAccountIds"] = list(accounts)
    return {"region": region, "amiDistributionConfiguration": configuration}


DISTRIBUTIONS = (entry("us-west-2", PAYMENTS, SEARCH), entry("eu-west-1", PAYMENTS))
PROMISED = [(SOURCE, "us-west-2"), (PAYMENTS, "us-west-2"), (SEARCH, "us-west-2"), (PAYMENTS, "eu-west-1")]


def wanted(distributions: Sequence[dict[str, Any]] | None = DISTRIBUTIONS, **more: Any) -> Inputs:
    request = {"imageRecipeArn": RECIPE, "infrastructureConfigurationArn": INFRASTRUCTURE, **more}
    if distributions is not None:
        request["distributionConfigurationArn"] = DISTRIBUTION
    return Inputs(request, distributions)


def amis(*pairs: tuple[str, str], state: str = "AVAILABLE") -> dict[str, Any]:
    return {
        "amis": [
            {"accountId": account, "region": region, "image": f"ami-{account}{region}", "name": "web", "state": {"status": state}}
            for account, region in pairs
        ]
    }


def image(build: int = 1, status: str = "AVAILABLE", stage: str | None = None, **members: Any) -> dict[str, Any]:
    """An image of the wanted inputs; an available one is everywhere."""
    state: dict[str, Any] = {"status": status}
    if stage:
        state["failureContext"] = {"imageStatus": stage}
    described = {
        "arn": f"{BUILDER}:image/web/1.0.0/{build}",
        "state": state,
        "imageRecipe": {"arn": RECIPE},
        "infrastructureConfiguration": {"arn": INFRASTRUCTURE},
        "distributionConfiguration": {"arn": DISTRIBUTION, "distributions": DISTRIBUTIONS},
        "imageTestsConfiguration": {"imageTestsEnabled": True, "timeoutMinutes": 720},
        "enhancedImageMetadataEnabled": True,
        "outputResources": amis(*PROMISED) if status == "AVAILABLE" else {"amis": []},
    }
    return {**described, **members}


class TestPromises:
    def test_the_build_region_of_the_source_account_always(self) -> None:
        assert wanted(None).promised == {(SOURCE, "us-west-2")}

    def test_target_accounts_by_region(self) -> None:
        assert wanted().promised == set(PROMISED)

    def test_an_entry_without_target_accounts_is_the_source_accounts(self) -> None:
        shared = entry("ap-south-1", launchPermission={"userIds": [PAYMENTS]})
        assert wanted([shared]).promised == {(SOURCE, "us-west-2"), (SOURCE, "ap-south-1")}

    def test_an_entry_without_an_ami_promises_nothing(self) -> None:
        licence = {"region": "eu-west-1", "licenseConfigurationArns": ["arn"]}
        assert wanted([licence]).promised == {(SOURCE, "us-west-2")}

    def test_containers_are_the_source_accounts(self) -> None:
        request = {"containerRecipeArn": f"{BUILDER}:container-recipe/web/1.0.0", "infrastructureConfigurationArn": INFRASTRUCTURE}
        containers = {"region": "eu-west-1", "containerDistributionConfiguration": {"targetRepository": {}}}
        inputs = Inputs(request, [containers, entry("us-east-1", PAYMENTS)])
        assert inputs.promised == {(SOURCE, "us-west-2"), (SOURCE, "eu-west-1")}

    def test_the_source_is_the_infrastructures_not_the_recipes(self) -> None:
        shared = wanted(imageRecipeArn=f"arn:aws:imagebuilder:us-west-2:{SEARCH}:image-recipe/base-os/2.0.1")
        assert shared.source == Pair(SOURCE, "us-west-2")
        assert shared.image_version_arn == f"{BUILDER}:image/base-os/2.0.1"

    def test_the_partition_is_kept(self) -> None:
        request = {
            "imageRecipeArn": f"arn:aws-us-gov:imagebuilder:us-gov-west-1:{SOURCE}:image-recipe/a/1.0.0",
            "infrastructureConfigurationArn": f"arn:aws-us-gov:imagebuilder:us-gov-west-1:{SOURCE}:infrastructure-configuration/a",
        }
        assert Inputs(request).image_version_arn == f"arn:aws-us-gov:imagebuilder:us-gov-west-1:{SOURCE}:image/a/1.0.0"


class TestSameInputs:
    def test_of_an_image_built_from_them(self) -> None:
        assert has_inputs(wanted(), image())

    @pytest.mark.parametrize(
        "members",
        [
            {"imageRecipe": {"arn": f"{BUILDER}:image-recipe/web/1.0.1"}},
            {"infrastructureConfiguration": {"arn": f"{BUILDER}:infrastructure-configuration/other"}},
            {"distributionConfiguration": {"arn": f"{BUILDER}:distribution-configuration/other", "distributions": DISTRIBUTIONS}},
            {"distributionConfiguration": {"arn": DISTRIBUTION, "distributions": DISTRIBUTIONS[:1]}},
            {
                "distributionConfiguration": {
                    "arn": DISTRIBUTION,
                    "distributions": [entry("us-west-2", PAYMENTS, SEARCH, kmsKeyId="k"), DISTRIBUTIONS[1]],
                }
            },
            {"distributionConfiguration": {}},
            {"imageTestsConfiguration": {"imageTestsEnabled": False}},
            {"executionRole": ROLE},
            {"workflows": [{"workflowArn": f"{WORKFLOW}/1.0.0/1"}]},
        ],
        ids=["recipe", "infrastructure", "configuration", "fewer-regions", "key", "no-configuration", "tests", "role", "workflows"],
    )
    def test_of_an_image_built_from_others(self, members: dict[str, Any]) -> None:
        assert not has_inputs(wanted(), image(**members))

    def test_a_configuration_that_the_image_has_and_the_task_has_not(self) -> None:
        assert not has_inputs(wanted(None), image())

    def test_no_configuration_on_both_sides(self) -> None:
        built = image()
        del built["distributionConfiguration"]
        assert has_inputs(wanted(None), built)

    def test_what_aws_shows_by_default_is_what_it_does_by_default(self) -> None:
        service = f"arn:aws:iam::{SOURCE}:role/aws-service-role/imagebuilder.amazonaws.com/AWSServiceRoleForImageBuilder"
        default = {"workflowArn": "arn:aws:imagebuilder:us-west-2:aws:workflow/build/build-image/1.0.2/1"}
        assert has_inputs(wanted(), image(executionRole=service, workflows=[default]))

    def test_tests_are_on_unless_turned_off(self) -> None:
        bare = image()
        del bare["imageTestsConfiguration"]
        assert has_inputs(wanted(imageTestsConfiguration={"imageTestsEnabled": True}), bare)
        assert not has_inputs(wanted(imageTestsConfiguration={"imageTestsEnabled": False}), bare)
        assert has_inputs(wanted(imageTestsConfiguration={"timeoutMinutes": 60}), image())

    @pytest.mark.parametrize("role", ["Builder", ROLE])
    def test_a_role_by_name_or_arn(self, role: str) -> None:
        assert has_inputs(wanted(executionRole=role), image(executionRole=ROLE))
        assert not has_inputs(wanted(executionRole=role), image())

    @pytest.mark.parametrize(
        ("version", "same"),
        [("1.0.0/1", True), ("1.0.0", True), ("1.0.x", True), ("x.x.x", True), ("1.0.1", False), ("1.0.0/2", False), ("1.1.x", False)],
    )
    def test_workflow_versions(self, version: str, same: bool) -> None:
        built = image(workflows=[{"workflowArn": f"{WORKFLOW}/1.0.0/1"}])
        assert has_inputs(wanted(workflows=[{"workflowArn": f"{WORKFLOW}/{version}"}]), built) is same

    def test_an_x_in_a_workflows_name_is_no_wildcard(self) -> None:
        given = [{"workflowArn": f"{BUILDER}:workflow/build/x/1.0.0"}]
        assert not has_inputs(wanted(workflows=given), image(workflows=[{"workflowArn": f"{BUILDER}:workflow/build/7/1.0.0/1"}]))

    def test_workflow_parameters(self) -> None:
        given = [{"workflowArn": f"{WORKFLOW}/1.0.0", "parameters": [{"name": "a", "value": ["1"]}]}]
        built = {"workflowArn": f"{WORKFLOW}/1.0.0/1", "onFailure": "ABORT"}
        assert not has_inputs(wanted(workflows=given), image(workflows=[built]))
        assert has_inputs(wanted(workflows=given), image(workflows=[{**built, "parameters": given[0]["parameters"]}]))

    def test_scans_only_where_they_are_given(self) -> None:
        scan = {"imageScanningEnabled": True, "imageScanningTypes": ["TEST_INSTANCE_CVE"]}
        assert has_inputs(wanted(), image(imageScanningConfiguration=scan))
        assert has_inputs(wanted(imageScanningConfiguration={"imageScanningEnabled": True}), image(imageScanningConfiguration=scan))
        assert not has_inputs(wanted(imageScanningConfiguration={"imageScanningEnabled": True}), image())
        assert has_inputs(wanted(imageScanningConfiguration={"imageScanningEnabled": False}), image())

    def test_metadata_only_where_it_is_given(self) -> None:
        assert has_inputs(wanted(), image(enhancedImageMetadataEnabled=False))
        assert not has_inputs(wanted(enhancedImageMetadataEnabled=True), image(enhancedImageMetadataEnabled=False))

    def test_tags_and_logs_are_no_inputs(self) -> None:
        assert has_inputs(wanted(tags={"a": "b"}, loggingConfiguration={"logGroupName": "x"}), image())

    def test_a_container_image(self) -> None:
        recipe = f"{BUILDER}:container-recipe/web/1.0.0"
        inputs = Inputs({"containerRecipeArn": recipe, "infrastructureConfigurationArn": INFRASTRUCTURE})
        built = image(containerRecipe={"arn": recipe}, imageRecipe={}, distributionConfiguration={})
        assert has_inputs(inputs, built)
        assert not has_inputs(inputs, image(distributionConfiguration={}))

    @given(st.randoms(use_true_random=False))
    def test_order_and_empty_members_mean_nothing(self, shuffler: random.Random) -> None:
        shuffled = [
            {**one, "launchTemplateConfigurations": [], "amiDistributionConfiguration": {**one["amiDistributionConfiguration"], "description": None}}
            for one in DISTRIBUTIONS
        ]
        for one in shuffled:
            accounts = list(one["amiDistributionConfiguration"]["targetAccountIds"])
            shuffler.shuffle(accounts)
            one["amiDistributionConfiguration"]["targetAccountIds"] = accounts
        shuffler.shuffle(shuffled)
        assert has_inputs(wanted(), image(distributionConfiguration={"arn": DISTRIBUTION, "distributions": shuffled}))


class TestDecision:
    def test_nothing_there(self) -> None:
        decision = decide(wanted(), [])
        assert (decision.action, decision.image) == (Action.BUILD, None)

    @pytest.mark.parametrize("status", sorted(RUNNING))
    def test_one_that_runs_is_followed(self, status: str) -> None:
        decision = decide(wanted(), [image(status=status)])
        assert (decision.action, decision.image) == (Action.ATTACH, image(status=status))
        assert status in decision.reason

    def test_one_that_is_everywhere_is_the_answer(self) -> None:
        assert decide(wanted(), [image()]).action is Action.DONE

    def test_one_that_is_not_everywhere_is_not(self) -> None:
        assert decide(wanted(), [image(outputResources=amis(*PROMISED[:-1]))]).action is Action.BUILD

    def test_an_ami_that_failed_is_not_there(self) -> None:
        outputs = amis(*PROMISED[:-1])
        outputs["amis"] += amis(PROMISED[-1], state="FAILED")["amis"]
        assert decide(wanted(), [image(outputResources=outputs)]).action is Action.BUILD

    def test_more_than_wanted_is_enough(self) -> None:
        assert decide(wanted(), [image(outputResources=amis(*PROMISED, (SEARCH, "eu-west-1")))]).action is Action.DONE

    @pytest.mark.parametrize("stage", ["DISTRIBUTING", "INTEGRATING"])
    @pytest.mark.parametrize("status", sorted(UNSUCCESSFUL))
    def test_a_failed_distribution_is_retried(self, status: str, stage: str) -> None:
        decision = decide(wanted(), [image(status=status, stage=stage)])
        assert decision.action is Action.RETRY
        assert stage in decision.reason

    def test_unless_that_is_not_wanted(self) -> None:
        assert decide(wanted(), [image(status="FAILED", stage="DISTRIBUTING")], retry=False).action is Action.BUILD

    @pytest.mark.parametrize("stage", ["PENDING", "CREATING", "BUILDING", "TESTING", None])
    def test_a_failed_build_is_built_again(self, stage: str | None) -> None:
        assert decide(wanted(), [image(status="FAILED", stage=stage)]).action is Action.BUILD

    def test_a_failed_distribution_of_other_inputs_is_built_again(self) -> None:
        changed = {"arn": DISTRIBUTION, "distributions": DISTRIBUTIONS[:1]}
        assert decide(wanted(), [image(status="FAILED", stage="DISTRIBUTING", distributionConfiguration=changed)]).action is Action.BUILD

    def test_a_container_cannot_be_retried(self) -> None:
        recipe = f"{BUILDER}:container-recipe/web/1.0.0"
        inputs = Inputs({"containerRecipeArn": recipe, "infrastructureConfigurationArn": INFRASTRUCTURE})
        built = image(status="FAILED", stage="DISTRIBUTING", containerRecipe={"arn": recipe}, distributionConfiguration={})
        assert decide(inputs, [built]).action is Action.BUILD

    @pytest.mark.parametrize("status", ["DEPRECATED", "DISABLED", "DELETED"])
    def test_one_out_of_use_serves_no_one(self, status: str) -> None:
        assert decide(wanted(), [image(status=status, outputResources=amis(*PROMISED))]).action is Action.BUILD

    def test_an_older_one_serves_when_the_newest_failed_to_build(self) -> None:
        decision = decide(wanted(), [image(2, "FAILED", "BUILDING"), image(1)])
        assert (decision.action, decision.image and decision.image["arn"][-2:]) == (Action.DONE, "/1")

    def test_the_newest_is_decided_on(self) -> None:
        assert decide(wanted(), [image(2, "FAILED", "DISTRIBUTING"), image(1)]).action is Action.RETRY
        assert decide(wanted(), [image(3, "BUILDING"), image(2, "FAILED", "DISTRIBUTING")]).action is Action.ATTACH

    def test_no_more_is_read_than_needed(self) -> None:
        def read() -> Iterator[dict[str, Any]]:
            yield image(2)
            pytest.fail("read on after the answer was found")

        assert decide(wanted(), read()).action is Action.DONE

    @given(st.lists(st.sampled_from([*sorted(RUNNING), *sorted(UNSUCCESSFUL), "AVAILABLE", "DEPRECATED", "DELETED"])), st.booleans())
    def test_a_build_is_only_for_want_of_anything_else(self, statuses: list[str], retry: bool) -> None:
        images = [image(number, status, "DISTRIBUTING" if status in UNSUCCESSFUL else None) for number, status in enumerate(statuses, 1)]
        usable = RUNNING | {"AVAILABLE"} | (UNSUCCESSFUL if retry else frozenset())
        assert (decide(wanted(), images, retry).action is Action.BUILD) == (not usable & set(statuses))


class TestCandidates:
    summaries = (
        image(1),
        image(2, outputResources=amis(*PROMISED[:2])),
        image(3, "FAILED"),
        image(10, "BUILDING"),
        image(9, "DELETED"),
    )

    def numbers(self, force: bool) -> list[str]:
        return [one["arn"].rsplit("/", 1)[1] for one in candidates(wanted(), self.summaries, force)]

    def test_newest_first_by_number_and_only_what_may_serve(self) -> None:
        assert self.numbers(force=False) == ["10", "3", "1"]

    def test_forced_only_one_that_runs(self) -> None:
        assert self.numbers(force=True) == ["10"]


def tagged(one: dict[str, Any], inputs: Inputs) -> dict[str, Any]:
    return {**one, "tags": inputs.fingerprint.added_to({"Team": "platform"})}


class TestFingerprint:
    edited: tuple[dict[str, Any], ...] = ({"arn": DISTRIBUTION, "distributions": DISTRIBUTIONS[:1]}, {})

    @pytest.mark.parametrize("shown", edited, ids=["edited", "gone"])
    def test_tells_what_an_image_was_built_from_whatever_is_shown_now(self, shown: dict[str, Any]) -> None:
        built = tagged(image(distributionConfiguration=shown), wanted())
        assert has_inputs(wanted(), built)
        assert not has_inputs(wanted(), image(distributionConfiguration=shown)), "without the tag it is compared"

    def test_of_other_inputs_is_another_image_however_it_looks(self) -> None:
        assert not has_inputs(wanted(), tagged(image(), wanted(DISTRIBUTIONS[:1])))

    def test_settings_that_mean_the_same_are_the_same(self) -> None:
        """A fingerprint has them as they were given, so one that gave the default is another."""
        built = tagged(image(), wanted(imageTestsConfiguration={"imageTestsEnabled": True, "timeoutMinutes": 100}))
        assert built["tags"][TAG] != wanted().fingerprint.value
        assert has_inputs(wanted(), built)
        assert not has_inputs(wanted(imageTestsConfiguration={"imageTestsEnabled": False}), built)

    @pytest.mark.parametrize("value", ["", "2:" + "a" * 32 + ":" + "b" * 32, "x"])
    def test_that_cannot_be_read_is_none(self, value: str) -> None:
        assert has_inputs(wanted(), {**image(), "tags": {TAG: value}})

    def test_order_does_not_count(self) -> None:
        assert wanted(DISTRIBUTIONS[::-1]).fingerprint == wanted().fingerprint

    def test_of_many_builds_that_run_the_right_one_is_found_without_reading_the_others(self) -> None:
        others = [tagged(image(number, "BUILDING"), wanted(DISTRIBUTIONS[:1])) for number in (1, 3, 4)]
        assert [one["arn"][-2:] for one in candidates(wanted(), [*others, tagged(image(2, "BUILDING"), wanted())], force=False)] == ["/2"]

    def test_takes_no_room_that_tags_need(self) -> None:
        tags = {str(number): "x" for number in range(50)}
        assert wanted(tags=tags).start_request["tags"] == tags
        assert TAG in wanted(tags={"a": "b"}).start_request["tags"]


class TestClientToken:
    def test_counts_the_builds_of_exactly_these_inputs(self) -> None:
        summaries = [tagged(image(1), wanted()), tagged(image(2), wanted(None)), image(3), tagged(image(4, "FAILED"), wanted())]
        assert wanted().attempts(summaries) == 2

    def test_the_same_for_the_same_request(self) -> None:
        again = wanted([DISTRIBUTIONS[1], DISTRIBUTIONS[0]])
        assert wanted().client_token(2) == again.client_token(2)

    def test_within_the_apis_limits(self) -> None:
        assert re.fullmatch(r"[\w-]{1,64}", wanted().client_token(1234))

    @pytest.mark.parametrize(
        "other",
        [wanted(None), wanted(DISTRIBUTIONS[:1]), wanted(executionRole=ROLE), replace(wanted(), pipeline_arn="arn")],
        ids=["none", "fewer", "role", "pipeline"],
    )
    def test_another_for_another_image(self, other: Inputs) -> None:
        assert wanted().client_token(0) != other.client_token(0)

    def test_the_same_where_only_tags_and_logs_differ(self) -> None:
        assert wanted().client_token(0) == wanted(tags={"a": "b"}, loggingConfiguration={"logGroupName": "x"}).client_token(0)

    def test_another_for_the_next_build(self) -> None:
        assert len({wanted().client_token(0), wanted().client_token(1), wanted().client_token(0, "again")}) == 3


class TestResults:
    def test_amis_in_a_fixed_order(self) -> None:
        rows = ami_results(image(outputResources=amis((SEARCH, "us-west-2"), (PAYMENTS, "us-west-2"), (PAYMENTS, "eu-west-1"))))
        assert [(row["account_id"], row["region"]) for row in rows] == [(PAYMENTS, "eu-west-1"), (PAYMENTS, "us-west-2"), (SEARCH, "us-west-2")]
        assert rows[0] == {"account_id": PAYMENTS, "region": "eu-west-1", "image": f"ami-{PAYMENTS}eu-west-1", "name": "web", "state": "AVAILABLE"}

    def test_an_ami_without_an_account_is_the_builders(self) -> None:
        outputs = {"amis": [{"region": "us-west-2", "image": "ami-1"}]}
        assert ami_results(image(outputResources=outputs))[0]["account_id"] == SOURCE
        assert delivered(image(outputResources=outputs)) == {(SOURCE, "us-west-2")}

    def test_an_ami_without_an_id_is_not_delivered(self) -> None:
        assert delivered(image(outputResources={"amis": [{"region": "us-west-2"}]})) == set()

    def test_containers_are_delivered_by_region(self) -> None:
        assert delivered(image(outputResources={"containers": [{"region": "eu-west-1", "imageUris": ["x"]}]})) == {(SOURCE, "eu-west-1")}

    def test_pairs(self) -> None:
        assert pair_results([Pair(SEARCH, "b"), Pair(PAYMENTS, "c"), Pair(PAYMENTS, "a")]) == [
            {"account_id": PAYMENTS, "region": "a"},
            {"account_id": PAYMENTS, "region": "c"},
            {"account_id": SEARCH, "region": "b"},
        ]


def failed_distribution(*pairs: tuple[str, str], arrived: tuple[tuple[str, str], ...] = ()) -> dict[str, Any]:
    entries = [
        {"region": region, "targetAccountId": account, "status": "FAILED", "errorMessage": "AMI Copy Reported Failure For x"}
        for account, region in pairs
    ]
    context = {"imageStatus": "DISTRIBUTING", "distributionFailure": {"regionFailures": entries}}
    return image(state={"status": "FAILED", "failureContext": context}, outputResources=amis(*arrived))


class TestFailures:
    def test_those_that_aws_lists_and_those_it_does_not(self) -> None:
        broken = failed_distribution((PAYMENTS, "eu-west-1"), arrived=((SOURCE, "us-west-2"),))
        failures = all_failures(broken, wanted().promised)
        assert {(one.account_id, one.region, "gives no reason" in one.cause) for one in failures} == {
            (PAYMENTS, "eu-west-1", False),
            (PAYMENTS, "us-west-2", True),
            (SEARCH, "us-west-2", True),
        }

    def test_a_failed_build_does_not_list_every_account(self) -> None:
        broken = image(state={"status": "FAILED", "reason": "x", "failureContext": {"imageStatus": "BUILDING"}}, outputResources={})
        assert len(all_failures(broken, wanted().promised)) == 1

    def test_an_available_image_that_lacks_something(self) -> None:
        incomplete = image(outputResources=amis(*PROMISED[:-1]))
        assert [(one.account_id, one.region) for one in all_failures(incomplete, wanted().promised)] == [PROMISED[-1]]

    def test_a_whole_image_has_none(self) -> None:
        assert all_failures(image(), wanted().promised) == []

    def test_the_message_names_image_stage_and_each_place(self) -> None:
        broken = failed_distribution((PAYMENTS, "eu-west-1"), (SEARCH, "us-west-2"), arrived=((SOURCE, "us-west-2"), (PAYMENTS, "us-west-2")))
        lines = failure_message(broken, all_failures(broken, wanted().promised), 4).splitlines()
        assert lines[0] == f"Image {broken['arn']} is FAILED, in DISTRIBUTING; 2 of 4 accounts and Regions have it."
        assert [line.split(": ")[0] for line in lines[1:]] == [f"account {PAYMENTS}, Region eu-west-1", f"account {SEARCH}, Region us-west-2"]

    def test_the_message_of_a_failed_build(self) -> None:
        broken = image(status="FAILED", stage="BUILDING")
        assert failure_message(broken, [], 4) == f"Image {broken['arn']} is FAILED, before it was distributed."

    def test_the_message_of_an_incomplete_image(self) -> None:
        incomplete = image(outputResources=amis(*PROMISED[:-1]))
        assert "is AVAILABLE, but 3 of 4" in failure_message(incomplete, all_failures(incomplete, wanted().promised), 4)
