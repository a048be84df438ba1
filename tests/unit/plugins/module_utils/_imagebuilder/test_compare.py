# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import itertools
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import compare
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.compare import Plan, Wish
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import Resource, arn
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.component import COMPONENT
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.distribution_configuration import (
    DISTRIBUTION_CONFIGURATION,
)
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.image_pipeline import IMAGE_PIPELINE
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.image_recipe import IMAGE_RECIPE
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.infrastructure_configuration import (
    INFRASTRUCTURE_CONFIGURATION,
)

WEST = {"region": "us-west-2", "amiDistributionConfiguration": {"targetAccountIds": ["1", "2"]}}
PARAMETER = {"parameterName": "/b", "amiAccountId": "1"}
EAST = {"region": "us-east-1", "ssmParameterConfigurations": [{"parameterName": "/a"}, PARAMETER]}


def plan(resource: Resource, before: dict[str, Any] | None, tags: dict[str, str] | None = None, purge_tags: bool = True, **wanted: Any) -> Plan:
    members = {name: value for name, value in wanted.items() if value not in ("", [], {})}
    return compare.plan(resource, before, Wish(members, frozenset(wanted), tags, purge_tags))


@pytest.mark.parametrize(
    ("resource", "member", "one", "other", "are_same"),
    [
        (DISTRIBUTION_CONFIGURATION, "distributions", [WEST, EAST], [EAST, WEST], True),
        (
            DISTRIBUTION_CONFIGURATION,
            "distributions",
            [WEST],
            [{"region": "us-west-2", "amiDistributionConfiguration": {"targetAccountIds": ["1", "2", "1"]}}],
            True,
        ),
        (
            DISTRIBUTION_CONFIGURATION,
            "distributions",
            [WEST],
            [{**WEST, "amiDistributionConfiguration": {"targetAccountIds": ["2", "1"], "amiTags": {}, "launchPermission": {}}}],
            True,
        ),
        (
            DISTRIBUTION_CONFIGURATION,
            "distributions",
            [WEST],
            [{"region": "us-west-2", "amiDistributionConfiguration": {"targetAccountIds": ["1"]}}],
            False,
        ),
        (
            DISTRIBUTION_CONFIGURATION,
            "distributions",
            [EAST],
            [
                {
                    "region": "us-east-1",
                    "ssmParameterConfigurations": [EAST["ssmParameterConfigurations"][1], {"parameterName": "/a", "dataType": "text"}],
                }
            ],
            True,
        ),
        (
            DISTRIBUTION_CONFIGURATION,
            "distributions",
            [{"region": "r", "launchTemplateConfigurations": [{"launchTemplateId": "x"}]}],
            [{"region": "r", "launchTemplateConfigurations": [{"launchTemplateId": "x", "setDefaultVersion": True}]}],
            True,
        ),
        (
            DISTRIBUTION_CONFIGURATION,
            "distributions",
            [{"region": "r", "launchTemplateConfigurations": [{"launchTemplateId": "x"}]}],
            [{"region": "r", "launchTemplateConfigurations": [{"launchTemplateId": "x", "setDefaultVersion": False}]}],
            False,
        ),
        (IMAGE_RECIPE, "components", [{"componentArn": "a"}, {"componentArn": "b"}], [{"componentArn": "b"}, {"componentArn": "a"}], False),
        (
            IMAGE_RECIPE,
            "components",
            [{"componentArn": "a", "parameters": [{"name": "p", "value": ["1"]}, {"name": "q", "value": ["2"]}]}],
            [{"componentArn": "a", "parameters": [{"name": "q", "value": ["2"]}, {"name": "p", "value": ["1"]}]}],
            True,
        ),
        (IMAGE_RECIPE, "components", None, [], True),
        (IMAGE_RECIPE, "blockDeviceMappings", [{"deviceName": "a"}, {"deviceName": "b"}], [{"deviceName": "b"}, {"deviceName": "a"}], True),
        (INFRASTRUCTURE_CONFIGURATION, "placement", {}, {"tenancy": "default"}, True),
        (INFRASTRUCTURE_CONFIGURATION, "instanceTypes", ["a", "b"], ["b", "a"], True),
        (INFRASTRUCTURE_CONFIGURATION, "terminateInstanceOnFailure", None, False, False),
        (COMPONENT, "data", "a: 1 # x", "a:   1", True),
        (COMPONENT, "data", None, "a: 1", False),
    ],
)
def test_what_means_the_same_is_the_same(resource: Resource, member: str, one: Any, other: Any, are_same: bool) -> None:
    for first, second in itertools.permutations((one, other)):
        assert compare.same(resource, member, first, second) is are_same


def test_what_is_not_given_stays_and_what_is_empty_goes() -> None:
    before = {"arn": "a", "name": "n", "description": "d", "keyPair": "k", "instanceProfileName": "p", "tags": {"t": "1"}}
    change = plan(INFRASTRUCTURE_CONFIGURATION, before, instanceProfileName="q", keyPair="")
    assert change.after == {"arn": "a", "name": "n", "description": "d", "instanceProfileName": "q", "tags": {"t": "1"}}
    assert set(change.differing) == {"instanceProfileName", "keyPair"}


def test_nothing_to_do_is_no_change() -> None:
    before = {"arn": "a", "name": "n", "distributions": [WEST, EAST]}
    change = plan(DISTRIBUTION_CONFIGURATION, before, name="n", distributions=[EAST, WEST], description="")
    assert not change.changed
    assert change.after["distributions"] == [WEST, EAST], "an order that does not count does not show in diffs"


@pytest.mark.parametrize(
    ("tags", "purge", "after", "unset"),
    [
        (None, True, {"a": "1", "aws:x": "2"}, ()),
        ({}, True, {"aws:x": "2"}, ("a",)),
        ({}, False, {"a": "1", "aws:x": "2"}, ()),
        ({"b": "3"}, True, {"aws:x": "2", "b": "3"}, ("a",)),
        ({"b": "3"}, False, {"a": "1", "aws:x": "2", "b": "3"}, ()),
        ({"a": "4"}, True, {"a": "4", "aws:x": "2"}, ()),
    ],
)
def test_tags_are_merged_or_purged(tags: dict[str, str] | None, purge: bool, after: dict[str, str], unset: tuple[str, ...]) -> None:
    change = plan(DISTRIBUTION_CONFIGURATION, {"tags": {"a": "1", "aws:x": "2"}}, tags, purge)
    assert (change.after["tags"], change.tags_to_unset) == (after, unset)
    assert change.changed is (after != {"a": "1", "aws:x": "2"})


def test_the_note_on_a_version_is_not_content() -> None:
    before = {"name": "n", "version": "1.0.0", "data": "a: 1", "changeDescription": "first"}
    assert not plan(COMPONENT, before, changeDescription="second").changed
    assert plan(COMPONENT, before, changeDescription="second").after["changeDescription"] == "first"
    assert plan(COMPONENT, before, changeDescription="second", data="a: 2").after["changeDescription"] == "second"
    assert "changeDescription" not in plan(COMPONENT, before, data="a: 2").after


def test_diffs_show_content_and_no_dates() -> None:
    description = {"arn": "a", "name": "n", "dateCreated": "d", "distributions": [WEST], "tags": {}, "timeoutMinutes": 720}
    assert compare.shown(DISTRIBUTION_CONFIGURATION, description) == {
        "arn": "a",
        "distributions": [{"region": "us-west-2", "ami_distribution_configuration": {"target_account_ids": ["1", "2"]}}],
        "name": "n",
    }
    assert compare.shown(DISTRIBUTION_CONFIGURATION, None) == {}


def test_differences_are_a_line_each() -> None:
    before = {"parentImage": "a", "description": "x"}
    lines = compare.described_differences(IMAGE_RECIPE, plan(IMAGE_RECIPE, before, parentImage="b", description="")).splitlines()
    assert sorted(lines) == ['description: "x" -> nothing', 'parent_image: "a" -> "b"']


def test_of_long_values_the_lines_that_differ_are_shown() -> None:
    names = [f"/dev/sd{letter}" for letter in "abcdefgh"]
    before = {"blockDeviceMappings": [{"deviceName": name, "ebs": {"volumeSize": 8, "encrypted": True}} for name in names]}
    after = [{"deviceName": name, "ebs": {"volumeSize": 9 if name == "/dev/sdh" else 8, "encrypted": True}} for name in names]
    told = compare.described_differences(IMAGE_RECIPE, plan(IMAGE_RECIPE, before, blockDeviceMappings=after))
    assert [line.split() for line in told.splitlines()] == [["block_device_mappings:"], ["-", '"volumeSize":', "8"], ["+", '"volumeSize":', "9"]]


def test_of_documents_the_lines_that_differ_are_shown() -> None:
    document = "\n".join(f"line{number}: {number}" for number in range(40))
    told = compare.described_differences(COMPONENT, plan(COMPONENT, {"data": document}, data=document.replace("line7: 7", "line7: 8")))
    assert told.splitlines() == ["data:", "  - line7: 7", "  + line7: 8"]


def test_arns_are_made_of_folded_names() -> None:
    identity = ("aws-cn", "cn-north-1", "111111111111")
    assert arn(IMAGE_RECIPE, identity, "My Golden_AMI", "1.0.x") == "arn:aws-cn:imagebuilder:cn-north-1:111111111111:image-recipe/my-golden-ami/1.0.x"
    assert arn(DISTRIBUTION_CONFIGURATION, identity, "x") == "arn:aws-cn:imagebuilder:cn-north-1:111111111111:distribution-configuration/x"


ASSUMED = {"imageTestsEnabled": True, "timeoutMinutes": 720}


@pytest.mark.parametrize(
    ("member", "one", "other", "are_same"),
    [
        ("status", None, "ENABLED", True),
        ("status", None, "DISABLED", False),
        ("enhancedImageMetadataEnabled", True, None, True),
        ("enhancedImageMetadataEnabled", False, None, False),
        ("imageTestsConfiguration", ASSUMED, None, True),
        ("imageTestsConfiguration", ASSUMED, {}, True),
        ("imageTestsConfiguration", ASSUMED, {"timeoutMinutes": 720}, True),
        ("imageTestsConfiguration", ASSUMED, {"timeoutMinutes": 60}, False),
    ],
)
def test_what_is_assumed_may_be_told_or_not(member: str, one: Any, other: Any, are_same: bool) -> None:
    assert compare.same(IMAGE_PIPELINE, member, one, other) is are_same
    assert compare.same(IMAGE_PIPELINE, member, other, one) is are_same


STATEMENT: dict[str, Any] = {"Effect": "Allow", "Principal": {"AWS": "1"}, "Action": ["b", "a"], "Resource": "*"}
POLICY: dict[str, Any] = {"Version": "2012-10-17", "Statement": [STATEMENT]}


@pytest.mark.parametrize(
    ("before", "wanted", "sets"),
    [
        (None, POLICY, True),
        ({"policy": None}, POLICY, True),
        ({"policy": POLICY}, POLICY, False),
        ({"policy": {**POLICY, "Statement": {**STATEMENT, "Action": ["a", "b"]}}}, POLICY, False),
        ({"policy": {**POLICY, "Version": "2008-10-17"}}, POLICY, True),
        ({"policy": POLICY}, None, False),
    ],
)
def test_a_policy_is_set_when_it_means_something_else(before: dict[str, Any] | None, wanted: dict[str, Any] | None, sets: bool) -> None:
    change = compare.plan(COMPONENT, before, Wish({}, frozenset(), policy=wanted))
    assert change.sets_policy is sets
    assert change.changed is (sets or before is None)
    assert change.after.get("policy") == (wanted if sets else (before or {}).get("policy"))


def test_a_new_version_gets_the_policy_that_the_old_one_has() -> None:
    before = {"description": "old", "policy": POLICY}
    change = compare.plan(COMPONENT, before, Wish({"description": "new"}, frozenset({"description"}), policy=POLICY))
    assert (change.creates, change.sets_policy) == (True, True)


def test_only_what_is_asked_for_a_creation_is_shown() -> None:
    described = {"name": "x", "type": "BUILD", "data": "a: 1\nb: 2\n", "dateCreated": "today", "tags": {}}
    assert compare.shown(COMPONENT, described) == {"name": "x", "data": ["a: 1", "b: 2"]}
    assert compare.shown(COMPONENT, {**described, "format": "SHELL", "data": "reboot"}) == {
        "name": "x",
        "type": "BUILD",
        "format": "SHELL",
        "data": "reboot",
    }
