# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module image_distribution against the emulator: one source, two destinations, two Regions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import image_distribution_run, schema
from ansible_collections.golden.imagebuilder.tests.emulator import images, settings
from ansible_collections.golden.imagebuilder.tests.emulator.imagebuilder import images as builds
from ansible_collections.golden.imagebuilder.tests.emulator.imagebuilder.exceptions import invalid_request
from ansible_collections.golden.imagebuilder.tests.unit.emulator.imagebuilder.conftest import (
    BUILD_REGION,
    KEY_ACTIONS,
    OTHER_REGION,
    PAYMENTS,
    SEARCH,
    SOURCE,
    Factory,
    allow,
    policy,
)

from .test_completeness import differences, documented_options

COPIES = sorted((account, region) for account in (PAYMENTS, SEARCH) for region in (OTHER_REGION, BUILD_REGION))
CREATED_BY = {"CreatedBy": "EC2 Image Builder"}


@pytest.fixture
def factory(emulator: Any) -> Factory:
    ready = Factory(emulator)
    ready.make_all()
    ready.execution_role("executor")
    ready.client("iam").put_role_policy(RoleName="executor", PolicyName="all", PolicyDocument=policy(allow("*")))
    ready.client().create_distribution_configuration(name="web", distributions=ready.distributions())
    return ready


@pytest.fixture
def ami(factory: Factory) -> str:
    """An AMI of the source account that Image Builder may have made."""
    device = images.BlockDevice("/dev/xvda", kms_key_arn=factory.keys[BUILD_REGION])
    return str(images.register_image(SOURCE, BUILD_REGION, "web", [device], tags=CREATED_BY).id)


@pytest.fixture
def run(run_module: Any, ami: str) -> Any:
    """The module as an administrator of the source account runs it."""

    def run(check_mode: bool = False, **more: Any) -> dict[str, Any]:
        options = {"source_image": ami, "execution_role": "executor", "poll_interval": 0.01, "wait_timeout": 30}
        where = {} if "distributions" in more else {"distribution_configuration": "web"}
        result: dict[str, Any] = run_module("image_distribution", check_mode=check_mode, **{**options, **where, **more})
        return result

    return run


@pytest.fixture
def pace(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Sets how many seconds images stay in a state."""
    return lambda seconds: monkeypatch.setattr(settings.current, "seconds_per_state", seconds)


def places(rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return sorted((row["account_id"], row["region"]) for row in rows)


def copies(factory: Factory) -> dict[tuple[str, str], int]:
    return {place: len(factory.images(*place)) for place in COPIES}


def written(factory: Factory) -> list[str]:
    return sorted(call.operation for call in factory.emulator.calls() if call.write)


def configurations(factory: Factory) -> list[str]:
    return [one["name"] for one in factory.client().list_distribution_configurations()["distributionConfigurationSummaryList"]]


class TestDistribution:
    def test_copies_waits_and_tells_where_the_amis_are(self, run: Any, factory: Factory) -> None:
        result = run(tags={"Team": "platform"})
        assert (result["failed"], result["changed"], result["action"], result["missing"]) == (False, True, "distribute", []), result
        assert result["image"]["state"] == {"status": "AVAILABLE"}
        assert result["image"]["tags"] == {"Team": "platform"}
        assert places(result["delivered"]) == COPIES
        assert copies(factory) == dict.fromkeys(COPIES, 1)
        assert [one["state"] for one in result["history"]][-1] == "AVAILABLE"
        assert "warnings" not in result

    def test_again_copies_nothing(self, run: Any, factory: Factory) -> None:
        first = run()
        factory.emulator.reset_calls()
        second = run()
        assert (second["changed"], second["action"], second["amis"]) == (False, "done", first["amis"])
        assert second["diff"]["before"] == second["diff"]["after"]
        assert written(factory) == []

    def test_is_foretold(self, run: Any, factory: Factory) -> None:
        factory.emulator.reset_calls()
        foretold = run(check_mode=True, tags={"Team": "platform"})
        assert written(factory) == []
        assert (foretold["image"], foretold["amis"]) == (None, [])
        real = run(tags={"Team": "platform"})
        assert (foretold["changed"], foretold["action"]) == (real["changed"], real["action"])
        assert foretold["missing"] == real["delivered"]
        assert foretold["diff"] == real["diff"]

    def test_attaches_to_one_that_runs(self, run: Any, factory: Factory, pace: Callable[[float], None]) -> None:
        pace(1000)
        started = run(wait=False)
        assert (started["changed"], started["action"], places(started["missing"])) == (True, "distribute", COPIES)
        factory.emulator.reset_calls()
        again = run(wait=False)
        assert (again["changed"], again["action"], again["image"]["arn"]) == (False, "attach", started["image"]["arn"])
        late = run(wait_timeout=0)
        assert late["failed"]
        assert "(wait_timeout)" in late["msg"]
        assert written(factory) == []

    def test_another_ami_or_other_places_are_another_one(self, run: Any, factory: Factory) -> None:
        first = run()
        other = images.register_image(SOURCE, BUILD_REGION, "web 2", tags=CREATED_BY)
        assert run(source_image=other.id)["action"] == "distribute"
        elsewhere = run(distributions=[{**factory.distributions()[0], "region": BUILD_REGION}])
        assert (elsewhere["action"], places(elsewhere["delivered"])) == ("distribute", [place for place in COPIES if place[1] == BUILD_REGION])
        assert run()["image"]["arn"] == first["image"]["arn"]

    def test_by_force(self, run: Any, factory: Factory) -> None:
        run()
        assert run(force=True)["action"] == "distribute"
        assert copies(factory) == dict.fromkeys(COPIES, 2)

    def test_tags(self, run: Any, factory: Factory) -> None:
        run(tags={"Team": "platform"})
        result = run(tags={"Team": "search"})
        assert (result["changed"], result["action"], result["image"]["tags"]) == (True, "done", {"Team": "search"})
        assert run()["image"]["tags"] == {"Team": "search"}
        assert not run(tags={"Team": "search"})["changed"], "it is found by its fingerprint still"
        assert copies(factory) == dict.fromkeys(COPIES, 1)


class TestInline:
    def test_needs_no_configuration_and_leaves_none(self, run: Any, factory: Factory) -> None:
        result = run(distributions=factory.distributions())
        assert (result["failed"], result["action"], places(result["delivered"])) == (False, "distribute", COPIES), result
        assert configurations(factory) == ["web"]
        factory.emulator.reset_calls()
        assert not run(distributions=factory.distributions())["changed"]
        assert written(factory) == []

    def test_is_the_same_as_the_configuration(self, run: Any, factory: Factory) -> None:
        run()
        assert not run(distributions=factory.distributions())["changed"]

    def test_a_run_that_was_cut_off_is_gone_on_with(self, run: Any, factory: Factory, pace: Callable[[float], None]) -> None:
        pace(1000)
        started = run(distributions=factory.distributions(), wait=False)
        assert len(configurations(factory)) == 2
        pace(0)
        result = run(distributions=factory.distributions())
        assert (result["changed"], result["image"]["arn"]) == (False, started["image"]["arn"])
        assert configurations(factory) == ["web"]


class TestSource:
    def test_a_parameter(self, run: Any, factory: Factory, ami: str) -> None:
        ssm = factory.client("ssm")
        ssm.put_parameter(Name="/web/1.0.0", Value=ami, Type="String")
        result = run(source_image="ssm:/web/1.0.0")
        assert (result["failed"], result["action"]) == (False, "distribute")
        assert run()["action"] == "done", "it is the same AMI"
        ssm.put_parameter(Name="/web/1.0.0", Value="swordfish", Type="String", Overwrite=True)
        refused = run(source_image="ssm:/web/1.0.0")
        assert "does not hold the id of an AMI" in refused["msg"]
        assert "swordfish" not in str(refused)

    def test_an_image(self, run: Any, factory: Factory) -> None:
        built = factory.build(None)
        result = run(source_image="golden/1.0.x")
        assert (result["failed"], places(result["delivered"])) == (False, COPIES), result
        assert result["image"]["arn"] != built["arn"]
        assert run(source_image=built["arn"])["action"] == "done"

    def test_one_that_is_not_there(self, run: Any, factory: Factory) -> None:
        factory.emulator.reset_calls()
        for source in ("ami-00000000000000000", "ssm:/not/there", "golden/1.0.0/7"):
            result = run(source_image=source)
            assert result["failed"]
            assert f"account {SOURCE}, Region {BUILD_REGION}" in result["msg"]
            foretold = run(source_image=source, check_mode=True)
            assert (foretold["failed"], foretold["changed"], foretold["action"]) == (False, True, "distribute")
        assert written(factory) == []

    def test_one_that_image_builder_has_not_made(self, run: Any) -> None:
        bare = str(images.register_image(SOURCE, BUILD_REGION, "bare").id)
        foretold = run(source_image=bare, check_mode=True)
        result = run(source_image=bare)
        for one in (foretold, result):
            assert f"{bare} has no tag CreatedBy: EC2 Image Builder" in str(one["warnings"])
        assert "warnings" not in run(source_image=bare), "nothing is to be done any more"


class TestFailure:
    def break_and_run(self, run: Any, factory: Factory, **more: Any) -> dict[str, Any]:
        factory.put_key_actions(PAYMENTS, ["DescribeKey"])
        result: dict[str, Any] = run(**more)
        factory.put_key_actions(PAYMENTS, KEY_ACTIONS)
        return result

    def test_names_each_account_region_cause_and_remedy(self, run: Any, factory: Factory) -> None:
        result = self.break_and_run(run, factory)
        assert (result["failed"], result["changed"]) == (True, True)
        assert places(result["failures"]) == places(result["missing"]) == [place for place in COPIES if place[0] == PAYMENTS]
        assert all("destination_roles" in failure["remedy"] for failure in result["failures"])

    def test_a_rerun_copies_the_rest_in_place(self, run: Any, factory: Factory) -> None:
        first = self.break_and_run(run, factory)
        factory.emulator.reset_calls()
        second = run()
        assert (second["failed"], second["action"], second["image"]["arn"]) == (False, "retry", first["image"]["arn"])
        assert written(factory) == ["RetryImage"]
        assert copies(factory) == dict.fromkeys(COPIES, 1)

    @pytest.mark.parametrize("is_inline", [False, True])
    def test_where_aws_does_not_retry_the_rest_alone_is_distributed(
        self, run: Any, factory: Factory, monkeypatch: pytest.MonkeyPatch, is_inline: bool
    ) -> None:
        where = {"distributions": factory.distributions()} if is_inline else {}
        first = self.break_and_run(run, factory, **where)

        def refuse(_image: builds.Image) -> None:
            raise invalid_request("This image cannot be retried.")

        monkeypatch.setattr(builds.Image, "retry", refuse)
        second = run(**where)
        assert (second["failed"], second["action"], second["missing"]) == (False, "repair", []), second
        assert second["image"]["arn"] == first["image"]["arn"]
        assert copies(factory) == dict.fromkeys(COPIES, 1)
        assert configurations(factory) == ["web"]
        assert run(**where)["action"] == "done"

    def test_retry_can_be_left_out(self, run: Any, factory: Factory) -> None:
        self.break_and_run(run, factory)
        result = run(retry=False)
        assert (result["failed"], result["action"]) == (False, "distribute")


class TestBadInput:
    def test_all_mistakes_at_once_before_any_call(self, run: Any, factory: Factory) -> None:
        entry = {"region": OTHER_REGION, "ami_distribution_configuration": {"name": "web", "target_account_id": [PAYMENTS]}}
        factory.emulator.reset_calls()
        result = run(
            source_image="web",
            execution_role="no role",
            distributions=[entry],
            distribution_configuration="web/1.0.0",
            logging_configuration={"log_group": "x"},
            tags={"aws:x": "y"},
            poll_interval=0,
            targets=[{"account_id": "1"}],
        )
        assert {error["path"] for error in result["errors"]} == {
            "source_image",
            "execution_role",
            "distributions",
            "distributions[0].ami_distribution_configuration.name",
            "distributions[0].ami_distribution_configuration.target_account_id",
            "distribution_configuration_arn",
            "logging_configuration.log_group",
            "tags.aws:x",
            "poll_interval",
            "targets[0].account_id",
        }, result["msg"]
        assert factory.emulator.calls() == []

    def test_nowhere_to_go(self, run_module: Any, factory: Factory, ami: str) -> None:
        del factory
        result = run_module("image_distribution", source_image=ami, execution_role="executor")
        assert [error["path"] for error in result["errors"]] == ["distributions"]

    def test_an_account_that_gets_no_ami(self, run: Any, factory: Factory) -> None:
        parameter = {"amiAccountId": "999999999999", "parameterName": "/imagebuilder/x"}
        result = run(distributions=[{**factory.distributions()[0], "ssmParameterConfigurations": [parameter]}])
        assert [error["path"] for error in result["errors"]] == ["distributions[0].ssm_parameter_configurations[0].ami_account_id"]


def test_all_that_the_api_takes_is_an_option_and_documented() -> None:
    shape = schema.input_shape("DistributeImage")
    members = {schema.snake_name(name) for name in shape.members}
    assert members - {"client_token", "tags"} == set(image_distribution_run.OPTIONS) - {"distributions"}
    options = {name: option for name, option in documented_options("image_distribution").items() if name in members}
    assert list(differences(shape, options)) == []
