# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module image against the emulator: one source, two destinations, two Regions."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import yaml
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import builds, fingerprint, image_run, schema
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.client import Api
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.image import IMAGE
from ansible_collections.golden.imagebuilder.plugins.modules import image as image_module
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
)

PLACES = [(SOURCE, BUILD_REGION), *((account, region) for account in (PAYMENTS, SEARCH) for region in (OTHER_REGION, BUILD_REGION))]
POLICY: dict[str, Any] = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"AWS": [f"arn:aws:iam::{PAYMENTS}:root"]}, "Action": ["imagebuilder:GetImage"], "Resource": "*"}],
}


@pytest.fixture
def factory(emulator: Any) -> Factory:
    ready = Factory(emulator)
    ready.make_all()
    return ready


@pytest.fixture
def options(factory: Factory) -> dict[str, Any]:
    """Options of the module for an image of the factory."""
    factory.client().create_distribution_configuration(name="web", distributions=factory.distributions())
    return {
        "image_recipe_arn": factory.recipe(),
        "infrastructure_configuration_arn": factory.infrastructure("web"),
        "distribution_configuration_arn": f"arn:aws:imagebuilder:{BUILD_REGION}:{SOURCE}:distribution-configuration/web",
        "poll_interval": 0.01,
        "wait_timeout": 30,
    }


@pytest.fixture
def run(run_module: Any, options: dict[str, Any]) -> Any:
    """The module as an administrator of the source account runs it."""

    def run(check_mode: bool = False, **more: Any) -> dict[str, Any]:
        result: dict[str, Any] = run_module("image", check_mode=check_mode, **{**options, **more})
        return result

    return run


@pytest.fixture
def pace(monkeypatch: pytest.MonkeyPatch, emulator: Any) -> Callable[[float], None]:
    """Sets how many seconds images stay in a state."""
    return lambda seconds: monkeypatch.setattr(settings.current, "seconds_per_state", seconds)


@pytest.fixture
def slow(pace: Callable[[float], None]) -> None:
    """Images stay in their state for as long as the test runs."""
    pace(1000)


def places(rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return sorted((row["account_id"], row["region"]) for row in rows)


def operations(emulator: Any, write: bool = True) -> list[str]:
    return [call.operation for call in emulator.calls() if call.service == "imagebuilder" and call.write == write]


def set_distributions(factory: Factory, options: dict[str, Any], distributions: list[dict[str, Any]]) -> None:
    factory.client().update_distribution_configuration(
        distributionConfigurationArn=options["distribution_configuration_arn"], distributions=distributions
    )


def mend(factory: Factory) -> None:
    factory.put_key_actions(PAYMENTS, KEY_ACTIONS)


def break_key(factory: Factory) -> None:
    factory.put_key_actions(PAYMENTS, [action for action in KEY_ACTIONS if action != "CreateGrant"])


class TestBuild:
    def test_builds_waits_and_tells_where_the_amis_are(self, run: Any) -> None:
        result = run(tags={"Team": "platform"})
        assert not result["failed"], result
        assert (result["changed"], result["action"], result["missing"], result["failures"]) == (True, "build", [], [])
        assert result["image"]["arn"] == f"arn:aws:imagebuilder:{BUILD_REGION}:{SOURCE}:image/golden/1.0.0/1"
        assert result["image"]["state"] == {"status": "AVAILABLE"}
        assert result["image"]["tags"] == {"Team": "platform"}
        assert places(result["amis"]) == places(result["delivered"]) == sorted(PLACES)
        assert all(row["image"].startswith("ami-") and row["name"].startswith("golden 20") and row["state"] == "AVAILABLE" for row in result["amis"])

    def test_again_builds_nothing(self, run: Any, emulator: Any) -> None:
        first = run()
        emulator.reset_calls()
        second = run()
        assert (second["changed"], second["action"], second["amis"]) == (False, "done", first["amis"])
        assert emulator.writes() == []
        assert second["diff"]["before"] == second["diff"]["after"]

    def test_an_open_recipe_version_is_the_newest_that_matches(self, run: Any, options: dict[str, Any]) -> None:
        run()
        result = run(image_recipe_arn=options["image_recipe_arn"].replace("1.0.0", "1.x.x"))
        assert (result["changed"], result["image"]["version"]) == (False, "1.0.0/1")

    def test_without_a_distribution_configuration(self, run: Any) -> None:
        result = run(distribution_configuration_arn=None)
        assert places(result["amis"]) == [(SOURCE, BUILD_REGION)]
        assert not run(distribution_configuration_arn=None)["changed"]

    def test_other_distributions_are_another_image(self, run: Any, factory: Factory, options: dict[str, Any]) -> None:
        run()
        set_distributions(factory, options, factory.distributions()[:1])
        result = run()
        assert (result["changed"], result["image"]["version"]) == (True, "1.0.0/2")
        set_distributions(factory, options, factory.distributions())
        back = run()
        assert (back["changed"], back["image"]["version"]) == (False, "1.0.0/1")

    def test_other_settings_are_another_image(self, run: Any) -> None:
        run()
        assert run(image_tests_configuration={"image_tests_enabled": False})["image"]["version"] == "1.0.0/2"

    def test_force_builds_again(self, run: Any) -> None:
        run()
        result = run(force=True)
        assert (result["changed"], result["image"]["version"]) == (True, "1.0.0/2")

    def test_the_file_of_the_aws_cli(self, run_module: Any, options: dict[str, Any]) -> None:
        members = {"imageRecipeArn": options["image_recipe_arn"], "infrastructureConfigurationArn": options["infrastructure_configuration_arn"]}
        text = json.dumps({**members, "clientToken": "mine", "tags": {"a": "b"}})
        result = run_module("image", cli_input_json=text, poll_interval=0.01)
        assert (result["changed"], result["image"]["tags"]) == (True, {"a": "b"})

    def test_an_image_that_is_gone_is_built_again(self, run: Any, factory: Factory) -> None:
        first = run()
        factory.client().delete_image(imageBuildVersionArn=first["image"]["arn"])
        result = run()
        assert (result["failed"], result["changed"], result["action"]) == (False, True, "build")
        assert result["image"]["arn"] != first["image"]["arn"]


class TestWaiting:
    @pytest.mark.usefixtures("slow")
    def test_not_waiting(self, run: Any) -> None:
        result = run(wait=False)
        assert (result["failed"], result["changed"], result["image"]["state"]) == (False, True, {"status": "PENDING"})
        assert places(result["missing"]) == sorted(PLACES)

    def test_attaches_to_a_build_that_runs(self, run: Any, emulator: Any, pace: Callable[[float], None]) -> None:
        pace(1000)
        started = run(wait=False)
        emulator.reset_calls()
        threading.Timer(1, pace, [0]).start()  # the build goes on while the second run waits for it
        result = run()
        assert (result["changed"], result["action"], result["missing"]) == (False, "attach", [])
        assert result["image"]["arn"] == started["image"]["arn"]
        assert emulator.writes() == []

    def test_force_attaches_to_a_build_that_runs(self, run: Any, pace: Callable[[float], None]) -> None:
        run()
        pace(1000)
        started = run(force=True, wait=False)
        assert started["changed"]
        result = run(force=True, wait=False)
        assert (result["changed"], result["action"], result["image"]["arn"]) == (False, "attach", started["image"]["arn"])

    def test_the_same_moment_is_one_build(self, factory: Factory, options: dict[str, Any]) -> None:
        request = {
            "imageRecipeArn": options["image_recipe_arn"],
            "infrastructureConfigurationArn": options["infrastructure_configuration_arn"],
            "distributionConfigurationArn": options["distribution_configuration_arn"],
        }
        api = Api(factory.client(), "in the test")
        asked = builds.read_inputs(api, request)
        assert asked is not None
        standings = [builds.consider(api, asked), builds.consider(api, asked)]
        runs = [builds.carry_out(api, asked, standing) for standing in standings]
        assert [run.decision.action.value for run in runs] == ["build", "build"]
        assert runs[0].image["arn"] == runs[1].image["arn"]

    @pytest.mark.usefixtures("slow")
    def test_when_the_time_is_up(self, run: Any) -> None:
        result = run(wait_timeout=0)
        assert result["failed"]
        assert "is still PENDING after 0 seconds (wait_timeout)" in result["msg"]
        assert result["image"]["arn"] in result["msg"]
        assert "Run the task again" in result["msg"]
        assert result["changed"]


class TestTags:
    def test_of_an_image_that_is_there(self, run: Any, emulator: Any) -> None:
        run(tags={"Team": "platform", "Stage": "test"})
        emulator.reset_calls()
        result = run(tags={"Team": "search"})
        assert (result["changed"], result["action"], result["image"]["tags"]) == (True, "done", {"Team": "search"})
        assert sorted(operations(emulator)) == ["TagResource", "UntagResource"]
        assert not run(tags={"Team": "search"})["changed"]

    def test_those_not_given_stay(self, run: Any) -> None:
        run(tags={"Team": "platform"})
        assert run()["image"]["tags"] == {"Team": "platform"}
        assert run(tags={"Stage": "test"}, purge_tags=False)["image"]["tags"] == {"Team": "platform", "Stage": "test"}

    def test_are_foretold(self, run: Any, emulator: Any) -> None:
        run(tags={"Team": "platform"})
        emulator.reset_calls()
        result = run(check_mode=True, tags={"Team": "search"})
        assert (result["changed"], result["image"]["tags"]) == (True, {"Team": "search"})
        assert (result["diff"]["before"]["tags"], result["diff"]["after"]["tags"]) == ({"Team": "platform"}, {"Team": "search"})
        assert emulator.writes() == []


class TestFailure:
    def test_names_each_account_region_cause_and_remedy(self, run: Any, factory: Factory) -> None:
        break_key(factory)
        result = run()
        assert (result["failed"], result["changed"]) == (True, True)
        assert places(result["failures"]) == [(PAYMENTS, OTHER_REGION), (PAYMENTS, BUILD_REGION)]
        assert places(result["missing"]) == places(result["failures"])
        assert places(result["delivered"]) == sorted(set(PLACES) - set(places(result["missing"])))
        for failure in result["failures"]:
            assert failure["step"] == "COPY_AMI"
            assert "kms:CreateGrant" in failure["cause"]
            assert "destination_roles" in failure["remedy"]
            assert "not authorized to perform: kms:CreateGrant" in failure["message"]
        assert f"account {PAYMENTS}, Region {OTHER_REGION}: " in result["msg"]
        assert "3 of 5 accounts and Regions have it" in result["msg"]
        assert SEARCH not in result["msg"]

    @pytest.mark.parametrize("what", ["trust", "managed policy", "key policy", "region of the key"])
    def test_every_missing_thing_is_named(self, run: Any, factory: Factory, options: dict[str, Any], what: str) -> None:
        iam = factory.client("iam", PAYMENTS)
        if what == "trust":
            iam.delete_role_policy(RoleName=ROLE, PolicyName="keys")
            iam.detach_role_policy(RoleName=ROLE, PolicyArn="arn:aws:iam::aws:policy/Ec2ImageBuilderCrossAccountDistributionAccess")
            iam.delete_role(RoleName=ROLE)
        elif what == "managed policy":
            iam.detach_role_policy(RoleName=ROLE, PolicyArn="arn:aws:iam::aws:policy/Ec2ImageBuilderCrossAccountDistributionAccess")
        elif what == "key policy":
            kms = factory.client("kms", region=OTHER_REGION)
            kms.put_key_policy(KeyId=factory.keys[OTHER_REGION], PolicyName="default", Policy=factory.key_policy(SEARCH))
        else:
            distributions = factory.distributions()
            distributions[1]["amiDistributionConfiguration"]["kmsKeyId"] = factory.keys[BUILD_REGION]
            set_distributions(factory, options, distributions)
        result = run()
        assert result["failed"]
        expected = {
            "trust": ("trust policy does not name", "golden.imagebuilder.destination_roles"),
            "managed policy": ("Ec2ImageBuilderCrossAccountDistributionAccess is not attached", "golden.imagebuilder.destination_roles"),
            "key policy": ("The policy of key", "golden.imagebuilder.source_keys"),
            "region of the key": ("key of another Region", "golden.imagebuilder.source_keys"),
        }[what]
        wrong = {(failure["account_id"], failure["region"]): failure for failure in result["failures"]}
        failure = wrong[PAYMENTS, OTHER_REGION]
        assert expected[0] in failure["cause"], failure
        assert expected[1] in failure["remedy"], failure
        if what in ("trust", "managed policy", "key policy"):
            assert {account for account, _region in wrong} == {PAYMENTS}
            assert (SEARCH, OTHER_REGION) in places(result["delivered"])

    def test_a_rerun_delivers_the_rest_in_place(self, run: Any, factory: Factory, emulator: Any) -> None:
        break_key(factory)
        first = run()
        mend(factory)
        emulator.reset_calls()
        second = run()
        assert (second["failed"], second["changed"], second["action"], second["missing"]) == (False, True, "retry", [])
        assert second["image"]["arn"] == first["image"]["arn"]
        assert operations(emulator) == ["RetryImage"]
        before = {(row["account_id"], row["region"]): row["image"] for row in first["amis"]}
        after = {(row["account_id"], row["region"]): row["image"] for row in second["amis"]}
        assert before.items() <= after.items()
        assert not run()["changed"]

    def test_a_rerun_without_mending_fails_the_same(self, run: Any, factory: Factory) -> None:
        break_key(factory)
        first, second = run(), run()
        assert second["failed"]
        assert (second["image"]["arn"], second["failures"]) == (first["image"]["arn"], first["failures"])

    def test_retry_can_be_left_out(self, run: Any, factory: Factory) -> None:
        break_key(factory)
        run()
        mend(factory)
        result = run(retry=False)
        assert (result["action"], result["image"]["version"]) == ("build", "1.0.0/2")

    def test_a_cancelled_build_is_built_again(self, run: Any, factory: Factory, pace: Callable[[float], None]) -> None:
        pace(1000)
        started = run(wait=False)
        factory.client().cancel_image_creation(imageBuildVersionArn=started["image"]["arn"])
        pace(0)
        result = run()
        assert (result["failed"], result["action"], result["image"]["version"]) == (False, "build", "1.0.0/2")

    def test_a_failed_build_is_explained_and_built_again(self, run: Any, factory: Factory) -> None:
        factory.client("iam").delete_instance_profile(InstanceProfileName="build")
        result = run()
        assert result["failed"]
        assert "before it was distributed" in result["msg"]
        assert "instance_profile_name" in result["failures"][0]["remedy"]
        factory.client("iam").create_instance_profile(InstanceProfileName="build")
        again = run()
        assert (again["failed"], again["action"], again["image"]["version"]) == (False, "build", "1.0.0/2")

    def test_when_a_retry_is_refused_it_is_built_again_with_a_warning(self, run: Any, factory: Factory, monkeypatch: pytest.MonkeyPatch) -> None:
        break_key(factory)
        first = run(tags={"Team": "platform"})
        mend(factory)

        def refuse(_image: images.Image) -> None:
            raise invalid_request("This image cannot be retried.")

        monkeypatch.setattr(images.Image, "retry", refuse)
        result = run(tags={"Team": "search"})
        assert (result["failed"], result["action"], result["image"]["version"]) == (False, "build", "1.0.0/2")
        assert result["image"]["tags"] == {"Team": "search"}
        warnings = json.dumps(result["warnings"])
        assert first["image"]["arn"] in warnings
        assert "This image cannot be retried." in warnings
        old = factory.client().get_image(imageBuildVersionArn=first["image"]["arn"])["image"]
        assert fingerprint.without(old["tags"]) == {"Team": "platform"}


class TestCheckMode:
    def test_foretells_a_build(self, run: Any, emulator: Any) -> None:
        emulator.reset_calls()
        foretold = run(check_mode=True, tags={"Team": "platform"})
        assert emulator.writes() == []
        real = run(tags={"Team": "platform"})
        for key in ("changed", "action", "reason", "diff"):
            assert foretold[key] == real[key]
        for key in ("arn", "version", "tags"):
            assert foretold["image"][key] == real["image"][key]
        assert foretold["missing"] == real["delivered"]
        assert foretold["amis"] == []

    def test_foretells_that_nothing_is_to_be_done(self, run: Any, emulator: Any) -> None:
        real = run()
        emulator.reset_calls()
        foretold = run(check_mode=True)
        assert (foretold["changed"], foretold["amis"]) == (False, real["amis"])
        assert emulator.writes() == []

    def test_foretells_a_retry(self, run: Any, factory: Factory, emulator: Any) -> None:
        break_key(factory)
        run()
        emulator.reset_calls()
        foretold = run(check_mode=True)
        assert (foretold["failed"], foretold["changed"], foretold["action"]) == (False, True, "retry")
        assert emulator.writes() == []
        mend(factory)
        assert run()["diff"] == foretold["diff"]

    @pytest.mark.parametrize("version", ["1.0.0", "1.0.x"])
    def test_of_inputs_that_are_not_there_yet(self, run_module: Any, emulator: Any, version: str) -> None:
        start = f"arn:aws:imagebuilder:{BUILD_REGION}:{SOURCE}"
        result = run_module(
            "image",
            check_mode=True,
            image_recipe_arn=f"{start}:image-recipe/web/{version}",
            infrastructure_configuration_arn=f"{start}:infrastructure-configuration/web",
            distribution_configuration_arn=f"{start}:distribution-configuration/web",
        )
        assert (result["failed"], result["changed"], result["action"]) == (False, True, "build")
        assert emulator.writes() == []

    def test_in_earnest_missing_inputs_are_an_error(self, run: Any, options: dict[str, Any], emulator: Any) -> None:
        emulator.reset_calls()
        result = run(distribution_configuration_arn=f"{options['distribution_configuration_arn']}-missing")
        assert result["failed"]
        assert "distribution-configuration/web-missing" in result["msg"]
        assert emulator.writes() == []


def test_every_member_of_the_request_is_an_option() -> None:
    members = {schema.snake_name(name) for name in IMAGE.create_shape.members}
    assert members - {"client_token", "tags"} == set(IMAGE.options)


class TestBadInput:
    def test_all_mistakes_at_once_before_any_call(self, run_module: Any, emulator: Any) -> None:
        emulator.reset_calls()
        result = run_module(
            "image",
            image_recipe_arn="web/1.0",
            image_tests_configuration={"image_test_enabled": True},
            workflows=[{"workflow_arn": f"arn:aws:imagebuilder:{BUILD_REGION}:{SOURCE}:workflow/build/mine/1.0.0"}],
            poll_interval=0,
            wait_timeout=-1,
            image_build_version_arn="x",
        )
        assert result["failed"]
        assert {error["path"] for error in result["errors"]} == {
            "image_recipe_arn",
            "infrastructure_configuration_arn",
            "image_tests_configuration.image_test_enabled",
            "execution_role",
            "poll_interval",
            "wait_timeout",
            "image_build_version_arn",
        }
        assert emulator.calls() == []

    def test_two_recipes(self, run: Any) -> None:
        result = run(container_recipe_arn=f"arn:aws:imagebuilder:{BUILD_REGION}:{SOURCE}:container-recipe/web/1.0.0")
        assert [error["path"] for error in result["errors"]] == ["container_recipe_arn"]

    def test_another_region(self, run: Any) -> None:
        result = run(region=OTHER_REGION)
        assert {error["path"] for error in result["errors"]} == {
            "image_recipe_arn",
            "infrastructure_configuration_arn",
            "distribution_configuration_arn",
        }


class TestNames:
    """Resources by what stands behind the kind in their ARN."""

    def test_are_the_same_as_arns(self, run: Any, run_module: Any, emulator: Any) -> None:
        real = run()
        emulator.reset_calls()
        names = {"image_recipe": "Golden/1.0.x", "infrastructure_configuration": "web", "distribution_configuration": "web"}
        result = run_module("image", **names, poll_interval=0.01)
        assert (result["changed"], result["image"]) == (False, real["image"])
        assert emulator.writes() == []

    def test_of_images(self, run: Any, run_module: Any) -> None:
        run()
        assert run_module("image", image_build_version="golden/1.0.0/1", tags={"a": "b"})["image"]["tags"] == {"a": "b"}
        assert run_module("image", image_build_version="Golden/1.0.0/1", state="absent")["changed"]
        assert not run_module("image", image_build_version=f"{SOURCE}:golden/1.0.0/1", state="absent")["changed"]

    @pytest.mark.parametrize("name", ["golden", "golden/1.0.0", "golden/1.0.x"])
    def test_of_an_image_need_its_build(self, run_module: Any, emulator: Any, name: str) -> None:
        emulator.reset_calls()
        result = run_module("image", image_build_version=name, state="absent")
        assert [error["path"] for error in result["errors"]] == ["image_build_version_arn"]
        assert "web/1.0.0/1" in result["msg"]
        assert emulator.calls() == []


class TestPipeline:
    @pytest.fixture(autouse=True)
    def pipeline(self, factory: Factory, options: dict[str, Any]) -> None:
        members = {"imageRecipeArn": "image_recipe_arn", "infrastructureConfigurationArn": "infrastructure_configuration_arn"}
        request = {member: options[option] for member, option in members.items()}
        factory.client().create_image_pipeline(
            name="Weekly",
            **request,
            distributionConfigurationArn=options["distribution_configuration_arn"],
            status="DISABLED",
            loggingConfiguration={"imageLogGroupName": "/aws/imagebuilder/x"},
        )

    def run(self, run_module: Any, **more: Any) -> dict[str, Any]:
        result: dict[str, Any] = run_module("image", **{"image_pipeline": "weekly", "poll_interval": 0.01, "wait_timeout": 30, **more})
        return result

    def test_builds_waits_and_builds_nothing_again(self, run_module: Any, emulator: Any) -> None:
        emulator.reset_calls()
        foretold = self.run(run_module, check_mode=True, tags={"Team": "platform"})
        assert emulator.writes() == []
        result = self.run(run_module, tags={"Team": "platform"})
        assert (result["failed"], result["changed"], result["action"], result["missing"]) == (False, True, "build", []), result
        assert result["image"]["source_pipeline_arn"].endswith(":image-pipeline/weekly")
        assert result["image"]["tags"]["Team"] == "platform"
        assert places(result["amis"]) == sorted(PLACES)
        assert operations(emulator) == ["StartImagePipelineExecution"]
        assert (foretold["changed"], foretold["action"], foretold["diff"]) == (True, "build", result["diff"])
        again = self.run(run_module)
        assert (again["changed"], again["action"], again["image"]["arn"]) == (False, "done", result["image"]["arn"])

    def test_attaches_to_a_build_that_runs_and_builds_anew_by_force(self, run_module: Any, pace: Callable[[float], None]) -> None:
        self.run(run_module)
        pace(1000)
        forced = self.run(run_module, force=True, wait=False)
        assert (forced["changed"], forced["image"]["version"]) == (True, "1.0.0/2")
        attached = self.run(run_module, force=True, wait=False)
        assert (attached["changed"], attached["action"], attached["image"]["arn"]) == (False, "attach", forced["image"]["arn"])

    def test_an_image_of_the_same_inputs_will_do_whoever_built_it(self, run: Any, run_module: Any) -> None:
        assert run()["changed"]
        assert not self.run(run_module)["changed"]

    def test_that_is_missing(self, run_module: Any, emulator: Any) -> None:
        emulator.reset_calls()
        result = self.run(run_module, image_pipeline="monthly")
        assert result["failed"]
        assert "image-pipeline/monthly" in result["msg"]
        foretold = self.run(run_module, image_pipeline="monthly", check_mode=True)
        assert (foretold["failed"], foretold["changed"], foretold["action"], foretold["image"]) == (False, True, "build", None)
        assert emulator.writes() == []


class TestPolicy:
    def test_of_an_image_that_is_built(self, run: Any, factory: Factory, emulator: Any) -> None:
        foretold = run(check_mode=True, policy=POLICY)
        result = run(policy=POLICY)
        assert (result["failed"], result["changed"]) == (False, True), result
        assert foretold["diff"] == result["diff"]
        assert result["image"]["policy"] == POLICY
        assert json.loads(factory.client().get_image_policy(imageArn=result["image"]["arn"])["policy"]) == POLICY
        emulator.reset_calls()
        same = {**POLICY, "Statement": [{**POLICY["Statement"][0], "Action": "imagebuilder:GetImage"}]}
        assert not run(policy=same)["changed"]
        assert emulator.writes() == []

    def test_of_an_image_that_is_there(self, run: Any, run_module: Any, emulator: Any) -> None:
        run()
        emulator.reset_calls()
        foretold = run_module("image", image_build_version="golden/1.0.0/1", policy=POLICY, check_mode=True)
        assert emulator.writes() == []
        result = run_module("image", image_build_version="golden/1.0.0/1", policy=POLICY)
        assert operations(emulator) == ["PutImagePolicy"]
        assert (result["changed"], result["diff"]) == (True, foretold["diff"])
        assert "policy" not in result["diff"]["before"]
        assert result["diff"]["after"]["policy"]
        assert not run_module("image", image_build_version="golden/1.0.0/1", policy=POLICY)["changed"]

    def test_that_is_none(self, run: Any) -> None:
        assert [error["path"] for error in run(policy={"Version": "2012-10-17"})["errors"]] == ["policy"]


def test_every_member_of_a_change_of_state_is_documented() -> None:
    """Only the image is said elsewhere."""
    documented = {"suboptions": yaml.safe_load(image_module.DOCUMENTATION)["options"]["start_resource_state_update"]["suboptions"]}
    differing = set(differences(schema.input_shape("StartResourceStateUpdate"), documented))
    assert differing == {"client_token", "resource_arn"}


def differences(shape: Any, option: dict[str, Any], path: str = "") -> Iterator[str]:
    """Where suboptions are not what the shape has: which there are, and which are required."""
    options, members = option.get("suboptions", {}), {schema.snake_name(name): member for name, member in shape.members.items()}
    yield from (f"{path}{name}" for name in members.keys() ^ options.keys())
    required = {schema.snake_name(name) for name in shape.required_members}
    for name in members.keys() & options.keys():
        if options[name].get("required", False) != (name in required):
            yield f"{path}{name} required"
        if members[name].type_name == "structure":
            yield from differences(members[name], options[name], f"{path}{name}.")


def test_every_member_of_a_pipelines_execution_is_an_option() -> None:
    members = {schema.snake_name(name) for name in schema.input_shape("StartImagePipelineExecution").members}
    assert members - {"client_token"} <= set(image_run.argument_spec())


class TestWays:
    """A task is about one image, and all that is wrong is told at once."""

    @pytest.mark.parametrize(
        ("options", "paths"),
        [
            ({}, {"image_recipe_arn", "infrastructure_configuration_arn"}),
            ({"image_pipeline": "web", "image_build_version": "web/1.0.0/1"}, {"image_build_version_arn"}),
            ({"image_pipeline": "web", "image_tests_configuration": {}, "execution_role": "x"}, {"image_tests_configuration", "execution_role"}),
            ({"image_pipeline": "web/1.0.0"}, {"image_pipeline_arn"}),
            ({"image_pipeline": "web", "start_resource_state_update": {"state": {"status": "DISABLED"}}}, {"start_resource_state_update"}),
            (
                {"import_vm_image": {"name": "a", "semantic_version": "1.0.x", "platforms": "Linux", "tags": {"a": "b"}}, "tags": {"c": "d"}},
                {
                    "import_vm_image.semantic_version",
                    "import_vm_image.platforms",
                    "import_vm_image.platform",
                    "import_vm_image.vm_import_task_id",
                    "tags",
                },
            ),
            (
                {"import_disk_image": {"uri": "x", "infrastructure_configuration": "a/b"}, "import_vm_image": {}},
                {
                    "import_disk_image",
                    *(f"import_vm_image.{name}" for name in ("name", "semantic_version", "platform", "vm_import_task_id")),
                    *(f"import_disk_image.{name}" for name in ("name", "semantic_version", "platform", "os_version", "uri")),
                    "import_disk_image.infrastructure_configuration",
                },
            ),
            (
                {"image_build_version": "web", "start_resource_state_update": {"state": {"status": "DELETED"}, "update_at": "x"}},
                {"image_build_version_arn", "start_resource_state_update.include_resources", "start_resource_state_update.update_at"},
            ),
        ],
    )
    def test_mistakes(self, run_module: Any, emulator: Any, options: dict[str, Any], paths: set[str]) -> None:
        emulator.reset_calls()
        result = run_module("image", **options)
        assert {error["path"] for error in result["errors"]} == paths, result["msg"]
        assert emulator.calls() == []

    @pytest.mark.usefixtures("emulator")
    def test_an_image_that_is_not_there(self, run_module: Any) -> None:
        result = run_module("image", image_build_version="web/1.0.0/1", tags={"a": "b"})
        assert result["failed"]
        assert f"There is no image arn:aws:imagebuilder:{BUILD_REGION}:{SOURCE}:image/web/1.0.0/1 in account {SOURCE}" in result["msg"]


class TestAbsent:
    def test_deletes_the_image_and_not_its_amis(self, run: Any, run_module: Any, factory: Factory, emulator: Any) -> None:
        built = run()
        arn = built["image"]["arn"]
        foretold = run_module("image", check_mode=True, state="absent", image_build_version_arn=arn)
        assert (foretold["changed"], foretold["image"]) == (True, None)
        result = run_module("image", state="absent", image_build_version_arn=arn)
        assert (result["changed"], result["amis"]) == (True, built["amis"])
        assert len(factory.images(PAYMENTS, OTHER_REGION)) == 1
        emulator.reset_calls()
        again = run_module("image", state="absent", image_build_version_arn=arn)
        assert (again["changed"], again["failed"]) == (False, False)
        assert emulator.writes() == []

    @pytest.mark.usefixtures("slow")
    def test_not_while_it_is_built(self, run: Any, run_module: Any) -> None:
        arn = run(wait=False)["image"]["arn"]
        result = run_module("image", state="absent", image_build_version_arn=arn)
        assert result["failed"]
        assert "is being made (PENDING)" in result["msg"]

    def test_needs_the_image(self, run_module: Any, emulator: Any) -> None:
        assert "image_build_version_arn" in run_module("image", state="absent")["msg"]
        emulator.reset_calls()
        assert [error["path"] for error in run_module("image", state="absent", image_build_version_arn="web")["errors"]] == [
            "image_build_version_arn"
        ]
        assert emulator.calls() == []
