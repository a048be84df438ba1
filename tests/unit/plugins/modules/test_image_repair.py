# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module image with failed images that AWS does not retry: they are mended, and not built again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.tests.emulator import settings
from ansible_collections.golden.imagebuilder.tests.emulator.imagebuilder import images
from ansible_collections.golden.imagebuilder.tests.emulator.imagebuilder.exceptions import invalid_request
from ansible_collections.golden.imagebuilder.tests.unit.emulator.imagebuilder.conftest import (
    BUILD_REGION,
    KEY_ACTIONS,
    OTHER_REGION,
    PAYMENTS,
    ROLE,
    SEARCH,
    SOURCE,
    Factory,
    allow,
    policy,
)

PARAMETER = "/imagebuilder/web/latest"
COPIES = [(account, region) for account in (PAYMENTS, SEARCH) for region in (OTHER_REGION, BUILD_REGION)]
PLACES = [(SOURCE, BUILD_REGION), *COPIES]


@pytest.fixture
def factory(emulator: Any) -> Factory:
    ready = Factory(emulator)
    ready.make_all()
    for account in (PAYMENTS, SEARCH):
        allow_parameters(ready, account)
    return ready


@pytest.fixture
def run(run_module: Any, factory: Factory) -> Any:
    """The module as an administrator of the source account runs it, with a role for what Image Builder does."""
    parameters = [{"amiAccountId": account, "parameterName": PARAMETER, "dataType": "aws:ec2:image"} for account in (PAYMENTS, SEARCH)]
    distributions = [{**entry, "ssmParameterConfigurations": parameters} for entry in factory.distributions()]
    factory.client().create_distribution_configuration(name="web", distributions=distributions)
    factory.execution_role("executor")
    factory.client("iam").put_role_policy(RoleName="executor", PolicyName="all", PolicyDocument=policy(allow("*")))
    inputs = {"image_recipe": factory.recipe(), "infrastructure_configuration": factory.infrastructure("web"), "distribution_configuration": "web"}

    def run(check_mode: bool = False, **more: Any) -> dict[str, Any]:
        options = {**inputs, "execution_role": "executor", "poll_interval": 0.01, "wait_timeout": 30}
        result: dict[str, Any] = run_module("image", check_mode=check_mode, **{**options, **more})
        return result

    return run


@pytest.fixture
def refusing(monkeypatch: pytest.MonkeyPatch) -> None:
    """AWS retries no image."""

    def refuse(_image: images.Image) -> None:
        raise invalid_request("This image cannot be retried.")

    monkeypatch.setattr(images.Image, "retry", refuse)


@pytest.fixture
def pace(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets how many seconds images stay in a state."""
    return lambda seconds: monkeypatch.setattr(settings.current, "seconds_per_state", seconds)


def allow_parameters(factory: Factory, account: str) -> None:
    factory.client("iam", account).put_role_policy(RoleName=ROLE, PolicyName="parameters", PolicyDocument=policy(allow("ssm:PutParameter")))


def fail_copies(run: Any, factory: Factory) -> dict[str, Any]:
    """The result of a run whose copies to payments failed; what was in the way is mended."""
    factory.put_key_actions(PAYMENTS, ["DescribeKey"])
    result: dict[str, Any] = run(tags={"Team": "platform"})
    assert result["failed"]
    factory.put_key_actions(PAYMENTS, KEY_ACTIONS)
    return result


def fail_parameters(run: Any, factory: Factory) -> dict[str, Any]:
    """The result of a run that could not write the parameters of payments; what was in the way is mended."""
    factory.client("iam", PAYMENTS).delete_role_policy(RoleName=ROLE, PolicyName="parameters")
    result: dict[str, Any] = run()
    assert {failure["step"] for failure in result["failures"]} == {"PUT_SSM_PARAMETERS"}
    allow_parameters(factory, PAYMENTS)
    return result


def places(rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return sorted((row["account_id"], row["region"]) for row in rows)


def copies(factory: Factory) -> dict[tuple[str, str], int]:
    """How many AMIs there are."""
    return {place: len(factory.images(*place)) for place in PLACES}


def written(factory: Factory) -> list[str]:
    return sorted(call.operation for call in factory.emulator.calls() if call.write)


@pytest.mark.usefixtures("refusing")
class TestCopies:
    def test_exactly_what_failed_is_copied(self, run: Any, factory: Factory) -> None:
        first = fail_copies(run, factory)
        factory.emulator.reset_calls()
        second = run()
        assert (second["failed"], second["changed"], second["action"], second["missing"], second["failures"]) == (False, True, "repair", [], [])
        assert second["image"]["arn"] == first["image"]["arn"]
        assert second["image"]["tags"] == {"Team": "platform"}
        assert "This image cannot be retried." in second["reason"]
        assert places(second["amis"]) == sorted(PLACES)
        assert copies(factory) == dict.fromkeys(PLACES, 1)
        assert "CreateImage" not in written(factory)
        assert written(factory).count("DistributeImage") == 1

    def test_then_everything_is_there(self, run: Any, factory: Factory) -> None:
        fail_copies(run, factory)
        second = run()
        factory.emulator.reset_calls()
        third = run()
        assert (third["failed"], third["changed"], third["action"], third["amis"]) == (False, False, "done", second["amis"])
        assert written(factory) == []
        assert not run(tags={"Team": "platform"})["changed"], "what marks it is no tag of the user's"

    def test_is_foretold_as_far_as_it_can_be(self, run: Any, factory: Factory) -> None:
        fail_copies(run, factory)
        factory.emulator.reset_calls()
        foretold = run(check_mode=True)
        assert (foretold["changed"], foretold["action"]) == (True, "retry"), "whether AWS refuses shows in earnest"
        assert written(factory) == []
        assert run()["diff"] == foretold["diff"]

    def test_without_waiting_the_next_run_goes_on(self, run: Any, factory: Factory, pace: Callable[[float], None]) -> None:
        fail_copies(run, factory)
        pace(1000)
        begun = run(wait=False)
        assert (begun["failed"], begun["changed"], begun["action"]) == (False, True, "repair")
        assert places(begun["missing"]) == sorted((PAYMENTS, region) for region in (BUILD_REGION, OTHER_REGION))
        waiting = run(wait=False)
        assert (waiting["changed"], waiting["failed"]) == (False, False)
        pace(0)
        ended = run()
        assert (ended["failed"], ended["missing"]) == (False, [])
        assert copies(factory) == dict.fromkeys(PLACES, 1)
        left = [one["name"] for one in factory.client().list_distribution_configurations()["distributionConfigurationSummaryList"]]
        assert left == ["web"], "the configuration for it is gone again"

    def test_what_fails_again_is_told(self, run: Any, factory: Factory) -> None:
        fail_copies(run, factory)
        factory.put_key_actions(PAYMENTS, ["DescribeKey"])
        result = run()
        assert result["failed"]
        assert places(result["failures"]) == places(result["missing"]) == sorted((PAYMENTS, region) for region in (BUILD_REGION, OTHER_REGION))
        assert all("destination_roles" in failure["remedy"] for failure in result["failures"])

    def test_without_a_role_it_is_built_again(self, run: Any, factory: Factory) -> None:
        factory.put_key_actions(PAYMENTS, ["DescribeKey"])
        run(execution_role=None)
        factory.put_key_actions(PAYMENTS, KEY_ACTIONS)
        result = run(execution_role=None)
        assert (result["failed"], result["action"], result["image"]["version"]) == (False, "build", "1.0.0/2")
        assert "needs an execution_role" in str(result["warnings"])


@pytest.mark.usefixtures("refusing")
class TestParameters:
    def test_are_written_and_nothing_is_copied(self, run: Any, factory: Factory) -> None:
        first = fail_parameters(run, factory)
        factory.emulator.reset_calls()
        second = run()
        assert (second["failed"], second["changed"], second["action"], second["amis"]) == (False, True, "repair", first["amis"])
        assert written(factory) == ["PutParameter", "PutParameter", "RetryImage", "TagResource"]
        assert copies(factory) == dict.fromkeys(PLACES, 1)
        ids = {(row["account_id"], row["region"]): row["image"] for row in second["amis"]}
        for place in COPIES:
            assert factory.client("ssm", *place).get_parameter(Name=PARAMETER)["Parameter"]["Value"] == ids[place]
        factory.emulator.reset_calls()
        third = run()
        assert (third["changed"], third["action"], written(factory)) == (False, "done", [])

    def test_by_the_way_in_that_the_task_names(self, run: Any, factory: Factory) -> None:
        fail_parameters(run, factory)
        trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{SEARCH}:root"}, "Action": "sts:AssumeRole"}
        factory.client("iam", PAYMENTS).update_assume_role_policy(RoleName=ROLE, PolicyDocument=policy(trust))
        refused = run()
        assert refused["failed"]
        assert {failure["account_id"] for failure in refused["failures"]} == {PAYMENTS}
        result = run(targets=[{"account_id": PAYMENTS, "assume_role_arn": "OrganizationAccountAccessRole"}])
        assert (result["failed"], result["changed"], result["action"]) == (False, True, "repair"), result


def test_where_aws_retries_nothing_else_is_done(run: Any, factory: Factory) -> None:
    fail_parameters(run, factory)
    factory.emulator.reset_calls()
    result = run()
    assert (result["failed"], result["action"], result["image"]["state"]["status"]) == (False, "retry", "AVAILABLE")
    assert written(factory) == ["RetryImage"]
