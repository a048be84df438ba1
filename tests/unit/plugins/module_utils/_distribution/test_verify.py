# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is expected of an account, and the judgement of what it shows."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.verify import (
    Expected,
    Found,
    Request,
    ami_result,
    expectations,
    judge,
    newest,
    request_problems,
)
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import Target

SOURCE, PAYMENTS, SEARCH = "111111111111", "222222222222", "333333333333"
KEY = f"arn:aws:kms:eu-west-1:{SOURCE}:key/11112222-3333-4444-5555-666677778888"
OTHER_KEY = f"arn:aws:kms:eu-west-1:{SOURCE}:key/99992222-3333-4444-5555-666677778888"
ALIAS = f"arn:aws:kms:eu-west-1:{SOURCE}:alias/golden"
BUILD = f"arn:aws:imagebuilder:us-west-2:{SOURCE}:image/web/1.0.0/1"


def ami(**members: Any) -> dict[str, Any]:
    described = {
        "ImageId": "ami-1",
        "Name": "web 2026",
        "State": "available",
        "OwnerId": PAYMENTS,
        "CreationDate": "2026-01-01T00:00:00.000Z",
        "BlockDeviceMappings": [
            {"DeviceName": "/dev/xvda", "Ebs": {"SnapshotId": "snap-1"}},
            {"DeviceName": "/dev/sdb", "VirtualName": "ephemeral0"},
        ],
        "Tags": [{"Key": "Team", "Value": "platform"}],
    }
    return {**described, **members}


def snapshot(number: int = 1, **members: Any) -> dict[str, Any]:
    return {"SnapshotId": f"snap-{number}", "Encrypted": True, "KmsKeyId": KEY, **members}


def expected(**members: Any) -> Expected:
    return Expected(**{"account_id": PAYMENTS, "region": "eu-west-1", "image_id": "ami-1", "kms_key": KEY, **members})


def found(image: dict[str, Any] | None = None, snapshots: list[dict[str, Any]] | None = None, **members: Any) -> Found:
    seen = [snapshot()] if snapshots is None else snapshots
    return Found(**{"image": image or ami(), "snapshots": seen, "key_arn": KEY, **members})


class TestJudgement:
    def test_all_as_it_should_be(self) -> None:
        assert judge(expected(tags={"Team": "platform"}), found()) == []

    @pytest.mark.parametrize(
        ("wanted", "words"),
        [
            (expected(), "AMI ami-1 does not exist"),
            (expected(image_id=None, image_build_version_arn=BUILD), f"an AMI of {BUILD} does not exist"),
            (expected(image_id=None, name="web *"), "an AMI named web * does not exist"),
        ],
    )
    def test_missing(self, wanted: Expected, words: str) -> None:
        (problem,) = judge(wanted, Found())
        assert words in problem

    def test_not_seen_is_not_called_missing(self) -> None:
        assert judge(expected(), Found(problems=["DescribeImages failed"])) == ["DescribeImages failed"]

    def test_pending(self) -> None:
        assert judge(expected(), found(ami(State="pending"))) == ["ami-1 is pending, not available."]

    def test_the_reason_of_a_failed_copy_is_explained(self) -> None:
        broken = ami(State="failed", StateReason={"Message": "AMI snapshot copy failed with error: The specified keyId 1-2 is invalid"})
        (problem,) = judge(expected(), found(broken))
        assert "The specified keyId 1-2 is invalid" in problem
        assert "another Region" in problem
        assert "eu-west-1" in problem

    def test_an_unknown_reason_is_told_as_it_is(self) -> None:
        (problem,) = judge(expected(), found(ami(State="failed", StateReason={"Message": "boom"})))
        assert problem == "ami-1 is failed, not available: boom."

    def test_shared_is_not_a_copy(self) -> None:
        (problem,) = judge(expected(), found(ami(OwnerId=SOURCE)))
        assert SOURCE in problem
        assert "no copy of its own" in problem

    def test_not_encrypted(self) -> None:
        assert judge(expected(), found(snapshots=[snapshot(Encrypted=False)])) == ["Snapshot snap-1 of /dev/xvda is not encrypted."]

    def test_another_key(self) -> None:
        (problem,) = judge(expected(), found(snapshots=[snapshot(KmsKeyId=OTHER_KEY)]))
        assert OTHER_KEY in problem
        assert problem.endswith(f"not with {KEY}.")

    def test_another_key_than_that_of_the_alias(self) -> None:
        (problem,) = judge(expected(kms_key=ALIAS), found(snapshots=[snapshot(KmsKeyId=OTHER_KEY)]))
        assert problem.endswith(f"not with {KEY} ({ALIAS}).")

    def test_every_snapshot_counts(self) -> None:
        mappings = [{"DeviceName": f"/dev/sd{letter}", "Ebs": {"SnapshotId": f"snap-{number}"}} for number, letter in enumerate("abc", 1)]
        seen = [snapshot(1), snapshot(2, Encrypted=False), snapshot(3, KmsKeyId=OTHER_KEY)]
        problems = judge(expected(), found(ami(BlockDeviceMappings=mappings), seen))
        assert [problem.split(" is ")[0] for problem in problems] == ["Snapshot snap-2 of /dev/sdb", "Snapshot snap-3 of /dev/sdc"]

    def test_a_snapshot_that_is_not_shown_is_a_problem(self) -> None:
        (problem,) = judge(expected(), found(snapshots=[]))
        assert "cannot be seen" in problem

    def test_no_snapshot_at_all_is_a_problem(self) -> None:
        (problem,) = judge(expected(), found(ami(BlockDeviceMappings=[])))
        assert "cannot be seen" in problem

    def test_any_key_when_none_is_expected(self) -> None:
        assert judge(expected(kms_key=None), found(snapshots=[snapshot(KmsKeyId=OTHER_KEY)], key_arn=None)) == []

    def test_no_encryption_when_none_is_expected(self) -> None:
        assert judge(expected(kms_key=None, encrypted=False), found(snapshots=[], key_arn=None)) == []

    def test_an_expected_key_is_encryption_expected(self) -> None:
        assert judge(expected(encrypted=False), found(snapshots=[snapshot(Encrypted=False)])) != []

    def test_tags(self) -> None:
        problems = judge(expected(tags={"Team": "search", "Stage": "prod"}), found())
        assert problems == ["Tag Stage is missing.", "Tag Team is 'platform', not 'search'."]

    def test_name_and_description(self) -> None:
        wanted = expected(exact_name="web 2027", ami_description="Golden")
        problems = judge(wanted, found(ami(Description="Silver")))
        assert problems == ["ami-1 is named 'web 2026', not 'web 2027'.", "ami-1 is described as 'Silver', not 'Golden'."]
        assert judge(wanted, found(ami(Name="web 2027", Description="Golden"))) == []

    def test_what_points_at_it(self) -> None:
        wanted = expected(ssm_parameter_name="/web", launch_template_id="lt-1")
        assert judge(wanted, found(parameter_value="ami-1", launch_template_image_id="ami-1")) == []
        parameter, template = judge(wanted, found(parameter_value="ami-0", launch_template_image_id="ami-9"))
        assert parameter == "Parameter /web is 'ami-0', not ami-1."
        assert template.startswith("Launch template lt-1 starts ami-9 by default, not ami-1.")

    def test_everything_at_once(self) -> None:
        bad = ami(State="failed", OwnerId=SOURCE)
        problems = judge(expected(tags={"Stage": "prod"}), found(bad, [snapshot(Encrypted=False)], problems=["key cannot be seen"]))
        assert len(problems) == 5


class TestExpectations:
    listed = (
        {"account_id": PAYMENTS, "region": "eu-west-1", "image": "ami-1"},
        {"account_id": PAYMENTS, "region": "us-west-2", "image": "ami-2"},
        {"account_id": SEARCH, "region": "eu-west-1", "image": "ami-3"},
    )

    def test_of_each_region_of_the_account(self) -> None:
        request = Request(amis=self.listed, kms_key_ids={"eu-west-1": KEY}, tags={"a": "b"})
        target = Target(PAYMENTS, "payments", ("eu-west-1", "ap-south-1"))
        assert expectations(target, request) == [
            Expected(PAYMENTS, "eu-west-1", "ami-1", kms_key=KEY, tags={"a": "b"}),
            Expected(PAYMENTS, "ap-south-1", None, tags={"a": "b"}),
        ]

    def test_a_name_in_the_list_is_that_of_the_ami(self) -> None:
        request = Request(amis=[{"account_id": PAYMENTS, "region": "eu-west-1", "image": "ami-1", "name": "web 2026"}])
        (wanted,) = expectations(Target(PAYMENTS, "payments"), request)
        assert wanted.exact_name == "web 2026"

    @pytest.mark.parametrize(("checked", "template"), [(True, "lt-1"), (False, None)])
    def test_launch_templates_of_the_account(self, checked: bool, template: str | None) -> None:
        target = Target(PAYMENTS, "payments", ("eu-west-1", "us-west-2"), launch_templates={"eu-west-1": "lt-1"})
        wanted = expectations(target, Request(name="web *", check_launch_templates=checked))
        assert [one.launch_template_id for one in wanted] == [template, None]

    def test_without_regions_those_of_the_list(self) -> None:
        wanted = expectations(Target(PAYMENTS, "payments"), Request(amis=self.listed))
        assert [(one.region, one.image_id) for one in wanted] == [("eu-west-1", "ami-1"), ("us-west-2", "ami-2")]

    def test_of_an_account_that_the_list_does_not_have(self) -> None:
        assert expectations(Target(SOURCE, "factory"), Request(amis=self.listed)) == []

    def test_of_the_build_itself_is_asked_what_it_can_have(self) -> None:
        request = Request(image_build_version_arn=BUILD, description="Golden", ssm_parameter_name="/web", tags={"a": "b"})
        in_build_region, copy = expectations(Target(SOURCE, "factory", ("us-west-2", "eu-west-1")), request)
        (delivered,) = expectations(Target(PAYMENTS, "payments", ("us-west-2",)), request)
        assert [one.ami_description for one in (in_build_region, copy, delivered)] == [None, "Golden", "Golden"]
        assert [one.ssm_parameter_name for one in (in_build_region, copy, delivered)] == [None, None, "/web"]
        assert [one.tags for one in (in_build_region, copy, delivered)] == [{"a": "b"}] * 3

    def test_by_build(self) -> None:
        (wanted,) = expectations(Target(PAYMENTS, "payments", ("eu-west-1",)), Request(image_build_version_arn=BUILD, encrypted=False))
        assert (wanted.image_id, wanted.image_build_version_arn, wanted.encrypted) == (None, BUILD, False)


class TestRequestProblems:
    def paths(self, **members: Any) -> dict[str, str]:
        return {problem.path: problem.message for problem in request_problems(Request(**members))}

    def test_none(self) -> None:
        assert self.paths(name="web *", kms_key_ids={"eu-west-1": KEY}) == {}
        assert self.paths(amis=TestExpectations.listed, kms_key_ids={"eu-west-1": ALIAS}) == {}

    def test_nothing_says_which_ami(self) -> None:
        assert list(self.paths()) == ["amis"]

    def test_of_the_list(self) -> None:
        problems = self.paths(amis=[{"account_id": 22, "region": "eu-west-1"}])
        assert set(problems) == {"amis[0].image", "amis[0].account_id"}
        assert "quotes" in problems["amis[0].account_id"]

    @pytest.mark.parametrize(
        ("region", "key", "words"),
        [
            ("us-west-2", KEY, "only be encrypted with a key of us-west-2"),
            ("eu-west-1", "alias/golden", "not the ARN"),
            ("eu-west-1", "11112222-3333-4444-5555-666677778888", "not the ARN"),
            ("eu-west-1", f"arn:aws:iam::{SOURCE}:role/x", "not the ARN"),
            ("mars-1", KEY, "not an AWS Region"),
        ],
    )
    def test_of_a_key(self, region: str, key: str, words: str) -> None:
        assert words in self.paths(name="x", kms_key_ids={region: key})[f"kms_key_ids.{region}"]

    def test_all_at_once(self) -> None:
        assert len(self.paths(kms_key_ids={"mars-1": KEY, "eu-west-1": "x"})) == 3


def test_the_newest() -> None:
    old, new = ami(CreationDate="2026-01-01T00:00:00.000Z"), ami(ImageId="ami-2", CreationDate="2026-02-01T00:00:00.000Z")
    assert newest([old, new, old]) == new
    assert newest([]) is None


class TestResult:
    def test_of_a_good_one(self) -> None:
        assert ami_result(expected(), found()) == {
            "account_id": PAYMENTS,
            "region": "eu-west-1",
            "image_id": "ami-1",
            "name": "web 2026",
            "state": "available",
            "creation_date": "2026-01-01T00:00:00.000Z",
            "encrypted": True,
            "kms_key_id": KEY,
            "expected_kms_key": KEY,
            "tags": {"Team": "platform"},
            "parameter_value": None,
            "launch_template_image_id": None,
            "problems": [],
        }

    def test_of_a_missing_one(self) -> None:
        result = ami_result(expected(), Found())
        assert (result["image_id"], result["state"], result["encrypted"], result["kms_key_id"], len(result["problems"])) == (
            None,
            "missing",
            False,
            None,
            1,
        )

    def test_partly_encrypted_is_not_encrypted(self) -> None:
        seen = [snapshot(1), snapshot(2, Encrypted=False, KmsKeyId=None)]
        assert ami_result(expected(), found(snapshots=seen))["encrypted"] is False
