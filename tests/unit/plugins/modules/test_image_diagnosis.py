# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module image tells of an image that failed: what the accounts say of their AMIs, and the logs of what was run."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.tests.unit.emulator.imagebuilder.conftest import (
    BUILD_REGION,
    OTHER_REGION,
    PAYMENTS,
    ROLE,
    SEARCH,
    SOURCE,
    Factory,
)

TARGETS = [{"account_id": account, "assume_role_arn": "OrganizationAccountAccessRole"} for account in (PAYMENTS, SEARCH)]
NAMES = {"image_recipe": "golden/1.0.x", "infrastructure_configuration": "web", "poll_interval": 0.01, "wait_timeout": 30}


@pytest.fixture
def factory(emulator: Any) -> Factory:
    ready = Factory(emulator)
    ready.make_all()
    ready.infrastructure("web")
    return ready


@pytest.fixture
def unclear(factory: Factory) -> dict[str, Any]:
    """Options for an image whose copies fail in all accounts of one Region, after EC2 has accepted them: the key is there, and may not be used."""
    distributions = factory.distributions()
    for one in distributions:
        if one["region"] == OTHER_REGION:
            one["amiDistributionConfiguration"] |= {"kmsKeyId": factory.keys[OTHER_REGION].rsplit("/", 1)[1]}
    factory.client().create_distribution_configuration(name="web", distributions=distributions)
    factory.recipe()
    return {**NAMES, "distribution_configuration": "web"}


def by_account(result: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["account_id"]: one for one in result["failures"]}


class TestCopies:
    def test_the_account_says_why_its_copy_failed(self, run_module: Any, factory: Factory, unclear: dict[str, Any]) -> None:
        result = run_module("image", **unclear, targets=TARGETS[:1])
        assert result["failed"]
        (ami,) = factory.images(PAYMENTS, OTHER_REGION)
        told, untold = by_account(result)[PAYMENTS], by_account(result)[SEARCH]
        assert (told["image"], told["state_reason"]) == (ami["ImageId"], ami["StateReason"]["Message"])
        assert (untold["image"], untold["state_reason"]) == (None, None)
        assert f"{ami['ImageId']} says in that account: {ami['StateReason']['Message']}" in result["msg"]
        assert "does not resolve" in told["cause"]
        assert "kms_key_id" in told["remedy"]

    def test_an_account_that_cannot_be_entered_hides_nothing(self, run_module: Any, unclear: dict[str, Any]) -> None:
        result = run_module("image", **unclear, targets=[{**TARGETS[0], "assume_role_arn": "Nobody"}, TARGETS[1]])
        shut, open_ = by_account(result)[PAYMENTS], by_account(result)[SEARCH]
        assert shut["state_reason"] is None
        assert "What the account itself says could not be read" in shut["remedy"]
        assert "Nobody" in shut["remedy"]
        assert open_["state_reason"]

    def test_nobody_is_asked_of_what_is_no_copy(self, run_module: Any, factory: Factory, unclear: dict[str, Any], emulator: Any) -> None:
        factory.client("iam", PAYMENTS).detach_role_policy(
            RoleName=ROLE, PolicyArn="arn:aws:iam::aws:policy/Ec2ImageBuilderCrossAccountDistributionAccess"
        )
        emulator.reset_calls()
        result = run_module("image", **unclear, targets=TARGETS[1:])
        assert by_account(result)[PAYMENTS]["state_reason"] is None
        assert {call.account for call in emulator.calls() if call.service == "ec2"} == {SEARCH}

    def test_all_mistakes_in_targets_are_told(self, run_module: Any, emulator: Any) -> None:
        emulator.reset_calls()
        result = run_module("image", **NAMES, targets=[{"account_id": 1, "roles": "x"}])
        assert {error["path"] for error in result["errors"]} == {"targets[0].account_id", "targets[0].roles"}
        assert emulator.calls() == []


def component(factory: Factory, phase: str, commands: list[str]) -> str:
    step = {"name": "Harden", "action": "ExecuteBash", "inputs": {"commands": commands}}
    document = {"schemaVersion": 1.0, "phases": [{"name": phase, "steps": [step]}]}
    answer = factory.client().create_component(name="cis", semanticVersion="1.0.0", platform="Linux", data=json.dumps(document))
    return str(answer["componentBuildVersionArn"])


class TestComponents:
    @pytest.mark.parametrize("phase", ["build", "validate", "test"])
    def test_component_phase_step_and_log_are_told(self, run_module: Any, factory: Factory, phase: str) -> None:
        arn = component(factory, phase, ["echo checking /etc/ssh", "echo PermitRootLogin is yes", "exit 3", "echo never"])
        factory.recipe(components=[{"componentArn": arn}])
        result = run_module("image", **NAMES)
        assert result["failed"]
        (failure,) = result["failures"]
        assert (failure["account_id"], failure["step"], failure["phase"]) == (None, f"{phase}/Harden", phase)
        assert failure["component"] == "cis/1.0.0/1"
        assert "exit status 3" in failure["message"]
        assert [line for line in failure["log"] if "PermitRootLogin is yes" in line]
        assert not [line for line in failure["log"] if "never" in line]
        assert "    Stdout: PermitRootLogin is yes" in result["msg"]
        assert "/aws/imagebuilder/Golden" in failure["remedy"]

    def test_only_the_last_lines_are_told(self, run_module: Any, factory: Factory) -> None:
        arn = component(factory, "build", [*(f"echo line {number}" for number in range(100)), "exit 1"])
        factory.recipe(components=[{"componentArn": arn}])
        log = run_module("image", **NAMES)["failures"][0]["log"]
        assert len(log) <= 30
        assert "line 99" in log[-2]

    def test_a_log_elsewhere(self, run_module: Any, factory: Factory) -> None:
        factory.recipe(components=[{"componentArn": component(factory, "build", ["echo here", "exit 1"])}])
        result = run_module("image", **NAMES, logging_configuration={"log_group_name": "/aws/imagebuilder/elsewhere"})
        assert any("here" in line for line in result["failures"][0]["log"])
        groups = factory.client("logs").describe_log_groups()["logGroups"]
        assert [group["logGroupName"] for group in groups] == ["/aws/imagebuilder/elsewhere"]

    def test_a_log_that_is_gone_is_said_to_be(self, run_module: Any, factory: Factory) -> None:
        factory.client("iam").delete_instance_profile(InstanceProfileName="build")  # so that nothing runs, and writes a log
        factory.recipe()
        (failure,) = run_module("image", **NAMES)["failures"]
        assert failure["log"] == []
        assert f"read stream 1.0.0/1 of log group /aws/imagebuilder/Golden in account {SOURCE}, Region {BUILD_REGION}" in failure["remedy"]
        assert "instance_profile_name" in failure["remedy"]
