# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module retired_amis against the emulator: what goes, and for each thing that keeps an AMI, that it does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any
from unittest.mock import patch

import pytest
from ansible_collections.golden.imagebuilder.tests.emulator import images
from ansible_collections.golden.imagebuilder.tests.emulator.images import BlockDevice
from moto.ec2.responses import EC2Response

SOURCE, PAYMENTS, SEARCH = "111111111111", "222222222222", "333333333333"
WEST, EUROPE = "us-west-2", "eu-west-1"
WAY_IN = "OrganizationAccountAccessRole"
TARGETS = [
    {"account_id": account, "name": name, "regions": [WEST, EUROPE], "assume_role_arn": WAY_IN}
    for account, name in ((PAYMENTS, "payments"), (SEARCH, "search"))
]
LATEST = "/imagebuilder/web/latest"


def build_arn(version: str, image: str = "web", source: str = SOURCE) -> str:
    return f"arn:aws:imagebuilder:{WEST}:{source}:image/{image}/{version}"


@dataclass
class Fleet:
    """The accounts, and the module."""

    emulator: Any
    run_module: Callable[..., dict[str, Any]]

    def ec2(self, account: str = PAYMENTS, region: str = WEST) -> Any:
        return self.emulator.client(account, "ec2", region)

    def ssm(self, account: str = PAYMENTS, region: str = WEST) -> Any:
        return self.emulator.client(account, "ssm", region)

    def make(self, version: str, account: str = PAYMENTS, region: str = WEST, *, image: str = "web", days: int = 100, devices: int = 1) -> str:
        """An AMI as Image Builder leaves it in an account, made so many days ago."""
        volumes = [BlockDevice(f"/dev/sd{letter}") for letter in "abc"[:devices]]
        made = images.register_image(account, region, f"{image} {version}", volumes, tags={"Ec2ImageBuilderArn": build_arn(version, image)})
        made.creation_date = datetime.now(timezone.utc) - timedelta(days=days)
        return str(made.id)

    def image(self, image_id: str) -> Any:
        """What the emulator knows of an AMI of the account, to be changed."""
        return images.find_image(PAYMENTS, WEST, image_id)

    def retire(self, *, check_mode: bool = False, **options: Any) -> dict[str, Any]:
        given = {"targets": TARGETS, "source_account_ids": [SOURCE], "state": "deregistered", "keep": 1, "launched_within_days": 0, **options}
        return self.run_module("retired_amis", check_mode=check_mode, **given)

    def states(self, account: str = PAYMENTS, region: str = WEST) -> dict[str, str]:
        answer = self.ec2(account, region).describe_images(Owners=["self"], IncludeDisabled=True)
        return {image["ImageId"]: image["State"] for image in answer["Images"]}

    def snapshots(self, account: str = PAYMENTS, region: str = WEST) -> set[str]:
        return {one["SnapshotId"] for one in self.ec2(account, region).describe_snapshots(OwnerIds=["self"])["Snapshots"]}


@pytest.fixture
def fleet(emulator: Any, run_module: Any) -> Fleet:
    return Fleet(emulator, run_module)


def actions(result: dict[str, Any]) -> dict[str, str]:
    return {ami["image_id"]: ami["action"] for ami in result["amis"]}


def reason(result: dict[str, Any], image_id: str) -> str:
    (ami,) = (ami for ami in result["amis"] if ami["image_id"] == image_id)
    return "; ".join(ami["reasons"])


# --- what goes -------------------------------------------------------------------------------------------------------------------------------


def test_old_ones_go_everywhere_with_their_snapshots(fleet: Fleet) -> None:
    places = [(account, region) for account in (PAYMENTS, SEARCH) for region in (WEST, EUROPE)]
    made = {place: [fleet.make(version, *place, devices=2) for version in ("1.0.0/1", "1.0.0/2", "1.0.10/1", "1.0.9/1")] for place in places}
    other = fleet.make("1.0.0/1", image="database")
    foreign = images.register_image(PAYMENTS, WEST, "theirs", tags={"Ec2ImageBuilderArn": build_arn("1.0.0/1", source=SEARCH)}).id
    fleet.emulator.reset_calls()

    foretold = fleet.retire(check_mode=True, keep=2)
    assert fleet.emulator.writes() == []
    done = fleet.retire(keep=2)

    assert done["diff"] == foretold["diff"] != []
    assert done["amis"] == foretold["amis"]
    for place, (first, second, newest, before) in made.items():
        kept = {newest, before} | ({other, foreign} if place == (PAYMENTS, WEST) else set())
        assert set(fleet.states(*place)) == kept
        assert len(fleet.snapshots(*place)) == 4 + len(kept) - 2
        assert actions(done)[first] == actions(done)[second] == "deregistered"
        assert reason(done, newest) == reason(done, before) == "is one of the 2 newest"
    assert foreign not in actions(done), "it is of another source"
    assert [ami["version"] for ami in done["amis"] if ami["image"] == "web"][:4] == ["1.0.10/1", "1.0.9/1", "1.0.0/2", "1.0.0/1"]
    assert done["image_build_version_arns"] == [build_arn("1.0.0/1"), build_arn("1.0.0/2")]

    fleet.emulator.reset_calls()
    assert not fleet.retire(keep=2)["changed"]
    assert fleet.emulator.writes() == []


def test_each_state(fleet: Fleet) -> None:
    old, new = fleet.make("1.0.0/1"), fleet.make("1.0.1/1")
    for state in ("deprecated", "disabled"):
        foretold = fleet.retire(state=state, check_mode=True)
        assert actions(foretold) == {new: "kept", old: state}
        assert fleet.retire(state=state)["diff"] == foretold["diff"]
        again = fleet.retire(state=state)
        assert (again["changed"], reason(again, old)) == (False, f"is {state} already")
    assert fleet.states() == {old: "disabled", new: "available"}
    assert len(fleet.snapshots()) == 2
    assert reason(fleet.retire(state="deprecated"), old) == "is disabled already"
    assert actions(fleet.retire()) == {new: "kept", old: "deregistered"}
    assert fleet.states() == {new: "available"}


def test_being_used_keeps_nothing_from_being_deprecated(fleet: Fleet) -> None:
    old, _new = fleet.make("1.0.0/1"), fleet.make("1.0.1/1")
    fleet.ec2().run_instances(ImageId=old, MinCount=1, MaxCount=1)
    fleet.emulator.reset_calls()
    assert actions(fleet.retire(state="deprecated"))[old] == "deprecated"
    assert {call.operation for call in fleet.emulator.calls()} <= {"AssumeRole", "DescribeImages", "EnableImageDeprecation"}


def test_only_some_images(fleet: Fleet) -> None:
    web, database = ([fleet.make(version, image=image) for version in ("1.0.0/1", "1.0.1/1")] for image in ("web", "database"))
    assert set(actions(fleet.retire(images=["web"]))) == set(web)
    assert set(fleet.states()) == {web[1], *database}


def test_by_name(fleet: Fleet) -> None:
    oldest, newest, middle = (images.register_image(PAYMENTS, WEST, f"legacy {number} [x]") for number in range(3))
    for image, day in ((oldest, 1), (middle, 2), (newest, 3)):
        image.creation_date = datetime(2026, 1, day, tzinfo=timezone.utc)
    other = images.register_image(PAYMENTS, WEST, "legacies").id
    result = fleet.retire(source_account_ids=[], ami_names=["legacy ? [x]"], keep=2)
    assert actions(result) == {newest.id: "kept", middle.id: "kept", oldest.id: "deregistered"}
    assert {ami["image"] for ami in result["amis"]} == {"legacy ? [x]"}
    assert other in fleet.states()
    assert result["image_build_version_arns"] == []


def test_a_failed_copy_takes_nobodys_place(fleet: Fleet) -> None:
    old, failed = fleet.make("1.0.0/1"), fleet.make("1.0.1/1")
    images.fail_image(fleet.image(failed), "Given key ID is not accessible")
    assert reason(fleet.retire(state="disabled"), failed) == "is failed, and can only be deregistered"
    assert actions(fleet.retire()) == {failed: "deregistered", old: "kept"}


def test_parameters_go_along_where_they_are_named(fleet: Fleet) -> None:
    old, new = fleet.make("1.0.0/1"), fleet.make("1.0.1/1")
    for name, value in (("/versions/1.0.0", old), ("/versions/1.0.1", new), ("/other", old)):
        fleet.ssm().put_parameter(Name=name, Value=value, Type="String")
    options: dict[str, Any] = {"parameter_names": ["/versions/*"]}
    assert reason(fleet.retire(**options), old) == "is used by parameter /other"
    fleet.ssm().delete_parameter(Name="/other")
    foretold = fleet.retire(**options, check_mode=True)
    assert [ami["parameters"] for ami in foretold["amis"]] == [[], ["/versions/1.0.0"]]
    assert fleet.retire(**options)["diff"] == foretold["diff"]
    assert [one["Name"] for one in fleet.ssm().describe_parameters()["Parameters"]] == ["/versions/1.0.1"]
    assert set(fleet.states()) == {new}


def test_a_snapshot_that_another_image_needs_stays(fleet: Fleet) -> None:
    old, new = fleet.make("1.0.0/1", devices=2), fleet.make("1.0.1/1")
    shared, alone = (device.snapshot_id for device in fleet.image(old).devices)
    fleet.image(new).devices.append(BlockDevice("/dev/sdz", snapshot_id=shared))
    result = fleet.retire()
    assert [ami["snapshots"] for ami in result["amis"]] == [[], [alone]]
    assert shared in fleet.snapshots()
    assert alone not in fleet.snapshots()
    assert set(fleet.states()) == {new}


# --- what stays ------------------------------------------------------------------------------------------------------------------------------

Use = Callable[[Fleet, str], Any]


def template(fleet: Fleet, *images_of_versions: str, default: int = 1) -> str:
    """A launch template with these versions; its id."""
    ec2 = fleet.ec2()
    first, *more = ({"ImageId": image} if image else {"InstanceType": "t3.micro"} for image in images_of_versions)
    identity: str = ec2.create_launch_template(LaunchTemplateName=f"t{len(fleet.emulator.calls())}", LaunchTemplateData=first)["LaunchTemplate"][
        "LaunchTemplateId"
    ]
    for data in more:
        ec2.create_launch_template_version(LaunchTemplateId=identity, LaunchTemplateData=data)
    ec2.modify_launch_template(LaunchTemplateId=identity, DefaultVersion=str(default))
    return identity


def group(fleet: Fleet, **options: Any) -> None:
    autoscaling = fleet.emulator.client(PAYMENTS, "autoscaling", WEST)
    autoscaling.create_auto_scaling_group(
        AutoScalingGroupName="web", MinSize=0, MaxSize=1, DesiredCapacity=0, AvailabilityZones=[f"{WEST}a"], **options
    )


def an_instance(fleet: Fleet, image: str, state: str = "running") -> None:
    ec2 = fleet.ec2()
    ids = [ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]]
    if state == "stopped":
        ec2.stop_instances(InstanceIds=ids)
    elif state == "terminated":
        ec2.terminate_instances(InstanceIds=ids)


def a_parameter(fleet: Fleet, value: str, name: str = LATEST, kind: str = "String") -> None:
    fleet.ssm().put_parameter(Name=name, Value=value, Type=kind, Overwrite=True)


def by_parameter(fleet: Fleet, image: str, suffix: str = "") -> None:
    """A launch template that names a parameter, which names the image in its first version only."""
    a_parameter(fleet, image)
    a_parameter(fleet, "ami-0123456789abcdef0")
    template(fleet, f"resolve:ssm:{LATEST}{suffix}")


def by_configuration(fleet: Fleet, image: str) -> None:
    autoscaling = fleet.emulator.client(PAYMENTS, "autoscaling", WEST)
    autoscaling.create_launch_configuration(LaunchConfigurationName="c", ImageId=image, InstanceType="t3.micro")
    group(fleet, LaunchConfigurationName="c")


def by_pinned_version(fleet: Fleet, image: str) -> None:
    identity = template(fleet, "", image, "")
    group(fleet, LaunchTemplate={"LaunchTemplateId": identity, "Version": "2"})


def by_mixed_instances(fleet: Fleet, image: str) -> None:
    identity = template(fleet, "", image, "")
    overrides = [{"InstanceType": "t3.micro"}]
    specification = {"LaunchTemplateId": identity, "Version": "2"}
    group(fleet, MixedInstancesPolicy={"LaunchTemplate": {"LaunchTemplateSpecification": specification, "Overrides": overrides}})


def by_override(fleet: Fleet, image: str) -> None:
    plain, other = template(fleet, ""), template(fleet, "", image, "")
    overrides = [{"InstanceType": "t3.micro", "LaunchTemplateSpecification": {"LaunchTemplateId": other, "Version": "2"}}]
    specification = {"LaunchTemplateId": plain, "Version": "$Default"}
    group(fleet, MixedInstancesPolicy={"LaunchTemplate": {"LaunchTemplateSpecification": specification, "Overrides": overrides}})


def the_sixteenth_template(fleet: Fleet, image: str) -> None:
    for used in [*[""] * 15, image]:
        template(fleet, used)


def shared(fleet: Fleet, image: str) -> None:
    fleet.ec2().modify_image_attribute(ImageId=image, LaunchPermission={"Add": [{"UserId": SEARCH}]})


def public(fleet: Fleet, image: str) -> None:
    fleet.ec2().disable_image_block_public_access()
    fleet.ec2().modify_image_attribute(ImageId=image, LaunchPermission={"Add": [{"Group": "all"}]})


def protected(fleet: Fleet, image: str) -> None:
    fleet.ec2().enable_image_deregistration_protection(ImageId=image)


KEEPING: dict[str, tuple[Use, str]] = {
    "running instance": (an_instance, "is used by instance i-"),
    "stopped instance": (lambda fleet, image: an_instance(fleet, image, "stopped"), "is used by instance i-"),
    "default version": (lambda fleet, image: template(fleet, image, ""), "is used by launch template t"),
    "newest version": (lambda fleet, image: template(fleet, "", image), "is used by launch template t"),
    "sixteenth template": (the_sixteenth_template, "is used by launch template t"),
    "version of a parameter": (lambda fleet, image: by_parameter(fleet, image, ":1"), "is used by launch template t"),
    "launch configuration": (by_configuration, "is used by Auto Scaling group web"),
    "pinned version": (by_pinned_version, "is used by Auto Scaling group web, by launch template t"),
    "mixed instances": (by_mixed_instances, "is used by Auto Scaling group web, by launch template t"),
    "override": (by_override, "is used by Auto Scaling group web, by launch template t"),
    "parameter": (a_parameter, f"is used by parameter {LATEST}"),
    "list of parameters": (
        lambda fleet, image: a_parameter(fleet, f"ami-0123456789abcdef0,{image}", "amis", "StringList"),
        "is used by parameter amis",
    ),
    "shared": (shared, f"is shared with {SEARCH}"),
    "public": (public, "is shared with everybody"),
    "protected": (protected, "is protected from being deregistered"),
}


@pytest.mark.parametrize(("use", "words"), KEEPING.values(), ids=list(KEEPING))
def test_what_keeps_an_image(fleet: Fleet, use: Use, words: str) -> None:
    used, unused, new = (fleet.make(version) for version in ("1.0.0/1", "1.0.0/2", "1.0.1/1"))
    use(fleet, used)
    fleet.emulator.reset_calls()
    result = fleet.retire(parameter_names=["/nothing"])
    assert actions(result) == {new: "kept", unused: "deregistered", used: "kept"}, result
    assert reason(result, used).startswith(words)
    assert set(fleet.states()) == {used, new}


NOT_KEEPING: dict[str, Use] = {
    "terminated instance": lambda fleet, image: an_instance(fleet, image, "terminated"),
    "version in between": lambda fleet, image: template(fleet, "", image, ""),
    "parameter that is newer": by_parameter,
    "launch configuration of nobody": lambda fleet, image: fleet.emulator.client(PAYMENTS, "autoscaling", WEST).create_launch_configuration(
        LaunchConfigurationName="c", ImageId=image, InstanceType="t3.micro"
    ),
    "parameter that is not there": lambda fleet, _image: template(fleet, "resolve:ssm:/not/there", "resolve:ssm:/not/there:7"),
}


@pytest.mark.parametrize("use", NOT_KEEPING.values(), ids=list(NOT_KEEPING))
def test_what_keeps_no_image(fleet: Fleet, use: Use) -> None:
    old, new = fleet.make("1.0.0/1"), fleet.make("1.0.1/1")
    use(fleet, old)
    assert actions(fleet.retire()) == {new: "kept", old: "deregistered"}


def test_what_was_launched_lately_stays(fleet: Fleet) -> None:
    old, _new = fleet.make("1.0.0/1"), fleet.make("1.0.1/1")
    an_instance(fleet, old, "terminated")
    assert reason(fleet.retire(launched_within_days=30), old) == "was launched within the last 30 days"
    assert actions(fleet.retire())[old] == "deregistered"


def test_times(fleet: Fleet) -> None:
    older, young, _new = fleet.make("1.0.0/1", days=20), fleet.make("1.0.0/2", days=5), fleet.make("1.0.1/1", days=1)
    result = fleet.retire(state="deprecated", older_than_days=10)
    assert (actions(result)[older], reason(result, young)) == ("deprecated", "is not older than 10 days")
    assert reason(fleet.retire(deprecated_for_days=7), older) == "has not been deprecated for 7 days"
    images.deprecate_image(fleet.image(older), datetime.now(timezone.utc) - timedelta(days=8))
    assert actions(fleet.retire(deprecated_for_days=7)) == {_new: "kept", young: "kept", older: "deregistered"}


def test_what_is_shared_goes_if_no_target_uses_it(fleet: Fleet) -> None:
    used, named, unused, alone, new = (fleet.make(version) for version in ("1.0.0/1", "1.0.0/2", "1.0.0/3", "1.0.0/4", "1.0.1/1"))
    for image in (used, named, unused):
        shared(fleet, image)
    instance = fleet.ec2(SEARCH).run_instances(ImageId=used, MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"]
    fleet.ssm(SEARCH).put_parameter(Name=LATEST, Value=named, Type="String")
    options: dict[str, Any] = {"keep_shared": False, "parameter_names": ["/imagebuilder/*"]}
    result = fleet.retire(**options, check_mode=True)
    assert reason(result, used) == f"is used by instance {instance} of account {SEARCH}"
    assert reason(result, named) == f"is used by parameter {LATEST} of account {SEARCH}", "which is not deleted from here"
    assert actions(result)[unused] == "deregistered"

    for disturbance in ({"denied_operations": {SEARCH: ["DescribeInstances"]}}, {"denying": {SEARCH: "service control policy"}}):
        fleet.emulator.disturb(**disturbance)
        blind = fleet.retire(**options, fail_on_error=False, check_mode=True)
        assert reason(blind, unused) == f"may be used by account {SEARCH}, which could not be asked"
        assert actions(blind)[alone] == "deregistered", "it is shared with nobody"
    fleet.emulator.disturb()
    fleet.retire(**options)
    assert set(fleet.states()) == {used, named, new}


@pytest.mark.parametrize(
    "operation",
    [
        "DescribeImageAttribute",
        "DescribeInstances",
        "DescribeLaunchTemplateVersions",
        "DescribeAutoScalingGroups",
        "DescribeLaunchConfigurations",
        "DescribeParameters",
        "GetParameters",
        "GetParameter",
    ],
)
def test_what_may_not_be_looked_at_counts_as_in_use(fleet: Fleet, operation: str) -> None:
    old, new = fleet.make("1.0.0/1"), fleet.make("1.0.1/1")
    elsewhere = [fleet.make(version, SEARCH) for version in ("1.0.0/1", "1.0.1/1")]
    by_configuration(fleet, new)
    template(fleet, f"resolve:ssm:{LATEST}")
    a_parameter(fleet, new)
    fleet.emulator.disturb(denied_operations={PAYMENTS: [operation]})
    result = fleet.retire(fail_on_error=False)
    assert actions(result)[old] == "kept"
    assert reason(result, old).startswith(f"may be in use: {operation} failed with ")
    assert [outcome["failed"] for outcome in result["outcomes"]] == [True, False, False, False]
    assert f"payments (account {PAYMENTS}, {WEST}): {operation} failed with " in result["outcomes"][0]["msg"]
    assert set(fleet.states()) == {old, new}
    assert set(fleet.states(SEARCH)) == {elsewhere[1]}, "no other account suffers"
    assert result["image_build_version_arns"] == [], "nobody knows whether anything is left"


# --- failures --------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("check_mode", [True, False])
@pytest.mark.parametrize("operation", ["DeregisterImage", "DeleteSnapshot"])
def test_without_the_right_to_delete_all_nothing_is_deleted(fleet: Fleet, operation: str, *, check_mode: bool) -> None:
    old, new = fleet.make("1.0.0/1"), fleet.make("1.0.1/1")
    a_parameter(fleet, old)
    fleet.emulator.disturb(denied_operations={PAYMENTS: [operation]})
    result = fleet.retire(check_mode=check_mode, fail_on_error=False, parameter_names=[LATEST])
    assert actions(result) == {new: "kept", old: "failed"}
    assert f"{old}: {operation} failed with UnauthorizedOperation" in result["outcomes"][0]["msg"]
    assert not result["changed"]
    fleet.emulator.disturb()
    assert set(fleet.states()) == {old, new}
    assert len(fleet.snapshots()) == 2
    assert len(fleet.ssm().get_parameters(Names=[LATEST])["Parameters"]) == 1


def test_a_run_that_broke_off_is_taken_up(fleet: Fleet) -> None:
    """It may have deleted the parameter and no more, or have lost the answer to what EC2 has done."""
    old, new = fleet.make("1.0.0/1"), fleet.make("1.0.1/1")
    a_parameter(fleet, old)
    fleet.emulator.disturb(denied_operations={PAYMENTS: ["DeleteParameters"]})
    first = fleet.retire(parameter_names=[LATEST], fail_on_error=False)
    assert (first["outcomes"][0]["failed"], set(fleet.states())) == (True, {old, new}), "no parameter is left with the id of an image that is gone"
    fleet.emulator.disturb()
    fleet.ssm().delete_parameter(Name=LATEST)
    assert actions(fleet.retire(parameter_names=[LATEST]))[old] == "deregistered"
    assert (set(fleet.states()), len(fleet.snapshots())) == ({new}, 1)


def test_a_parameter_that_gets_a_new_image_meanwhile_stays(fleet: Fleet) -> None:
    """Image Builder writes it after it was looked at, and before it would be deleted."""
    old, new = fleet.make("1.0.0/1"), fleet.make("1.0.1/1")
    a_parameter(fleet, old)
    deregister = EC2Response.deregister_image

    def written_meanwhile(response: Any) -> Any:
        if response._get_bool_param("DryRun", False):
            a_parameter(fleet, new)
        return deregister(response)

    with patch.object(EC2Response, "deregister_image", written_meanwhile):
        fleet.retire(parameter_names=[LATEST])
    assert set(fleet.states()) == {new}
    assert fleet.ssm().get_parameter(Name=LATEST)["Parameter"]["Value"] == new


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_bad_day(fleet: Fleet, seed: int) -> None:
    for account in (PAYMENTS, SEARCH):
        for region in (WEST, EUROPE):
            for version in ("1.0.0/1", "1.0.1/1", "1.0.2/1", "1.0.3/1"):
                image = fleet.make(version, account, region, devices=2)
                fleet.emulator.client(account, "ssm", region).put_parameter(Name=f"/web/{version[:5]}", Value=image, Type="String")
    fleet.emulator.disturb(seed=seed, throttled=0.1, failed=0.1)
    result = fleet.retire(parameter_names=["/web/*"])
    fleet.emulator.disturb()
    assert not result["failed"], result["msg"]
    for account in (PAYMENTS, SEARCH):
        for region in (WEST, EUROPE):
            assert len(fleet.states(account, region)) == 1
            assert len(fleet.snapshots(account, region)) == 2
            names = [one["Name"] for one in fleet.ssm(account, region).describe_parameters()["Parameters"]]
            assert names == ["/web/1.0.3"]


def test_an_account_that_fails_stops_no_other(fleet: Fleet) -> None:
    gone = {"account_id": "999999999999", "name": "gone", "regions": [WEST], "assume_role_arn": WAY_IN}
    old, new = fleet.make("1.0.0/1"), fleet.make("1.0.1/1")
    result = fleet.retire(targets=[gone, *TARGETS], fail_on_error=False)
    assert [outcome["failed"] for outcome in result["outcomes"]] == [True, False, False, False, False]
    assert f"gone (account 999999999999, {WEST})" in result["outcomes"][0]["msg"]
    assert actions(result) == {new: "kept", old: "deregistered"}


MISTAKES: Sequence[tuple[dict[str, Any], str, str]] = [
    ({"source_account_ids": []}, "source_account_ids", "nothing says which AMIs"),
    ({"source_account_ids": [], "ami_names": ["x"], "images": ["web"]}, "images", "together with source_account_ids"),
    ({"source_account_ids": [111111111111]}, "source_account_ids[0]", ""),
    ({"keep": 0}, "keep", "nothing to launch"),
    ({"older_than_days": -1}, "older_than_days", "negative"),
    ({"state": "deprecated", "deprecated_for_days": 3}, "deprecated_for_days", "already"),
    ({"state": "disabled", "parameter_names": ["x"]}, "parameter_names", "deregistered only"),
    ({"targets": [{"account_id": PAYMENTS}]}, "targets[0].regions", "required"),
]


@pytest.mark.parametrize(("options", "path", "words"), MISTAKES, ids=[path for _options, path, _words in MISTAKES])
def test_mistakes_before_any_call(fleet: Fleet, options: dict[str, Any], path: str, words: str) -> None:
    (error,) = fleet.retire(**options)["errors"]
    assert error["path"] == path
    assert words in error["message"]
    assert fleet.emulator.calls() == []
