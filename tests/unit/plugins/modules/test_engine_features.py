# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeping versions, resource policies, dry runs, and what info modules tell along: run whole against the emulator."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

Result = dict[str, Any]
RunModule = Callable[..., Result]
ACCOUNT, OTHER = "111111111111", "222222222222"
REGION = "us-west-2"
ARN = f"arn:aws:imagebuilder:{REGION}:{ACCOUNT}"
PARENT = f"arn:aws:imagebuilder:{REGION}:aws:image/amazon-linux-2023-x86/x.x.x"
DOCUMENT = "name: x\nschemaVersion: 1.0\nphases:\n  - name: build\n    steps:\n      - {name: Reboot, action: Reboot}\n"
COMPONENT = {"name": "harden", "platform": "Linux", "data": DOCUMENT}
WORKFLOW_DOCUMENT = (
    "name: x\nschemaVersion: 1.0\nsteps:\n  - name: LaunchBuildInstance\n    action: LaunchInstance\n    onFailure: Abort\n"
    "    inputs:\n      waitFor: ssmAgent\n"
)
VERSIONS = ("1.0.0", "1.0.1", "1.1.0", "2.0.0")

pytestmark = pytest.mark.usefixtures("emulator")


def share_with(*accounts: str, sid: str = "share") -> dict[str, Any]:
    actions = ["imagebuilder:GetComponent", "imagebuilder:ListComponents"]
    return {
        "Version": "2012-10-17",
        "Statement": [{"Sid": sid, "Effect": "Allow", "Principal": {"AWS": list(accounts)}, "Action": actions, "Resource": "*"}],
    }


@pytest.fixture
def client(emulator: Any) -> Any:
    return emulator.client(ACCOUNT, "imagebuilder", REGION)


@pytest.fixture
def components(run_module: RunModule) -> list[str]:
    """ARNs of four versions of a component, oldest first."""
    return [run_module("component", **COMPONENT, semantic_version=version, description=version)["component"]["arn"] for version in VERSIONS]


def recipe(run_module: RunModule, name: str, component_arn: str) -> str:
    made = run_module("image_recipe", name=name, semantic_version="1.0.0", parent_image=PARENT, components=[{"component_arn": component_arn}])
    assert not made["failed"], made["msg"]
    return str(made["image_recipe"]["arn"])


class TestKeep:
    """Deleting all versions but the newest."""

    @pytest.mark.parametrize(
        ("options", "deleted"),
        [
            ({"keep": 2}, [1, 0]),
            ({"keep": 0}, [3, 2, 1, 0]),
            ({"keep": 4}, []),
            ({"keep": 1, "semantic_version": "1.x.x"}, [1, 0]),
            ({"keep": 1, "semantic_version": "1.0.x"}, [0]),
            ({"keep": 1, "semantic_version": "3.x.x"}, []),
        ],
    )
    def test_the_older_ones_go_newest_first(
        self, options: dict[str, Any], deleted: list[int], components: list[str], emulator: Any, run_module: RunModule
    ) -> None:
        emulator.reset_calls()
        predicted = run_module("component", check_mode=True, name="harden", state="absent", **options)
        assert not emulator.writes()
        result = run_module("component", name="harden", state="absent", **options)
        assert result["deleted"] == [components[index] for index in deleted]
        assert (result["changed"], result["kept_in_use"]) == (bool(deleted), [])
        assert predicted == result
        left = [one["arn"] for one in run_module("component_info", name="harden")["components"]]
        assert sorted(left) == sorted(set(components) - set(result["deleted"]))
        assert run_module("component", name="harden", state="absent", **options)["changed"] is False

    def test_what_is_used_stays_and_its_users_are_named(self, components: list[str], run_module: RunModule) -> None:
        user = recipe(run_module, "golden", components[1])
        predicted = run_module("component", check_mode=True, name="harden", state="absent", keep=1)
        result = run_module("component", name="harden", state="absent", keep=1)
        assert (result["failed"], result["deleted"]) == (False, [components[2], components[0]])
        assert result["kept_in_use"] == [{"arn": components[1], "users": [user]}]
        assert predicted == result

    def test_an_open_reference_keeps_the_newest_that_it_matches_and_no_other(self, components: list[str], run_module: RunModule) -> None:
        user = recipe(run_module, "golden", f"{ARN}:component/harden/1.x.x")
        result = run_module("component", check_mode=True, name="harden", state="absent", keep=1)
        assert result["kept_in_use"] == [{"arn": components[2], "users": [user]}]
        assert result["deleted"] == [components[1], components[0]]

    @pytest.mark.parametrize(
        ("options", "told"),
        [
            ({"state": "present", **COMPONENT, "semantic_version": "1.0.x", "keep": 1}, "only with state: absent"),
            ({"state": "absent", "name": "harden", "keep": -1}, "-1 is not a number of versions"),
            ({"state": "absent", "name": "harden", "keep": 1, "semantic_version": "1.0.0"}, "semantic_version 1.0.0 is one"),
        ],
    )
    def test_what_makes_no_sense_is_refused(self, options: dict[str, Any], told: str, emulator: Any, run_module: RunModule) -> None:
        emulator.reset_calls()
        result = run_module("component", **options)
        assert [error["path"] for error in result["errors"]] == ["keep"]
        assert told in result["msg"]
        assert not emulator.calls()


class TestAbsent:
    """Deleting what is in use."""

    def test_check_mode_warns_of_users(self, components: list[str], run_module: RunModule) -> None:
        user = recipe(run_module, "golden", components[0])
        result = run_module("component", check_mode=True, name="harden", state="absent")
        assert (result["failed"], result["deleted"]) == (False, components[::-1])
        assert len(result["warnings"]) == 1
        told = str(result["warnings"][0])
        assert f"AWS may refuse to delete the component {components[0]}. It is used by: image recipe {user}." in told


class TestPolicy:
    """The resource policy."""

    def test_is_set_compared_by_meaning_and_shown(self, client: Any, emulator: Any, run_module: RunModule) -> None:
        wanted = {**COMPONENT, "semantic_version": "1.0.x", "policy": share_with(OTHER)}
        predicted = run_module("component", check_mode=True, **wanted)
        made = run_module("component", **wanted)
        assert made["component"]["policy"] == share_with(OTHER)
        assert (predicted["diff"], predicted["component"]["policy"]) == (made["diff"], share_with(OTHER))
        assert json.loads(client.get_component_policy(componentArn=made["component"]["arn"])["policy"]) == share_with(OTHER)
        spelled_otherwise = share_with(f"arn:aws:iam::{OTHER}:root")
        spelled_otherwise["Statement"][0]["Action"].reverse()
        emulator.reset_calls()
        for same in (share_with(OTHER), json.dumps(share_with(OTHER)), spelled_otherwise):
            again = run_module("component", **{**wanted, "policy": same})
            assert (again["failed"], again["changed"]) == (False, False)
        assert not emulator.writes()

    def test_is_replaced_as_a_whole_and_by_itself(self, client: Any, emulator: Any, run_module: RunModule) -> None:
        wanted = {**COMPONENT, "semantic_version": "1.0.x"}
        arn = run_module("component", **wanted, policy=share_with(OTHER))["component"]["arn"]
        emulator.reset_calls()
        predicted = run_module("component", check_mode=True, **wanted, policy=share_with("333333333333"))
        assert not emulator.writes()
        changed = run_module("component", **wanted, policy=share_with("333333333333"))
        assert [call.operation for call in emulator.writes()] == ["PutComponentPolicy"]
        assert (changed["changed"], changed["component"]["arn"], changed["diff"]) == (True, arn, predicted["diff"])
        assert {name for name in changed["diff"]["after"] if changed["diff"]["after"][name] != changed["diff"]["before"][name]} == {"policy"}
        assert "333333333333" in client.get_component_policy(componentArn=arn)["policy"]

    def test_stays_with_its_version_when_nothing_is_said_of_it(self, client: Any, run_module: RunModule) -> None:
        wanted = {**COMPONENT, "semantic_version": "1.0.x"}
        arn = run_module("component", **wanted, policy=share_with(OTHER))["component"]["arn"]
        assert "policy" not in run_module("component", **wanted, tags={"a": "1"})["component"]
        assert OTHER in client.get_component_policy(componentArn=arn)["policy"]
        newer = run_module("component", **wanted, description="other", policy=share_with(OTHER))
        assert (newer["component"]["version"], newer["component"]["policy"]) == ("1.0.1", share_with(OTHER))
        assert OTHER in client.get_component_policy(componentArn=newer["component"]["arn"])["policy"]

    @pytest.mark.parametrize(
        ("policy", "told"),
        [
            ("{", "is not valid JSON"),
            ("[]", "a policy document is needed"),
            ({}, "a policy document is needed"),
            (share_with(*[f"{number:012}" for number in range(2500)]), "30000"),
        ],
    )
    def test_what_is_no_policy_is_told_with_all_else(self, policy: Any, told: str, emulator: Any, run_module: RunModule) -> None:
        emulator.reset_calls()
        result = run_module("component", **{**COMPONENT, "platform": "Minix"}, semantic_version="1.0.x", policy=policy)
        assert [error["path"] for error in result["errors"]] == ["platform", "policy"]
        assert told in result["msg"]
        assert not emulator.calls()


class TestDryRun:
    """Check mode asks AWS."""

    def test_what_aws_refuses_is_an_error_in_check_mode(self, emulator: Any, run_module: RunModule) -> None:
        wanted = {"name": "golden", "semantic_version": "1.0.0", "parent_image": "ami-00000000000000000"}
        emulator.reset_calls()
        predicted = run_module("image_recipe", check_mode=True, **wanted)
        assert not emulator.writes()
        real = run_module("image_recipe", **wanted)
        assert predicted["failed"]
        assert (predicted["msg"], predicted["error"]) == (real["msg"], real["error"])

    def test_what_an_earlier_task_would_make_is_a_warning(self, run_module: RunModule) -> None:
        component = f"{ARN}:component/not-yet/1.0.0/1"
        wanted = {"name": "golden", "semantic_version": "1.0.0", "parent_image": PARENT, "components": [{"component_arn": component}]}
        predicted = run_module("image_recipe", check_mode=True, **wanted)
        assert predicted.get("changed"), predicted["msg"]
        assert f"as it names what is not there: {component}." in str(predicted["warnings"])

    def test_what_is_wrong_beside_what_is_there_is_an_error(self, components: list[str], run_module: RunModule) -> None:
        wanted = {"name": "golden", "semantic_version": "1.0.0", "parent_image": "ami-00000000000000000"}
        predicted = run_module("image_recipe", check_mode=True, **wanted, components=[{"component_arn": components[0]}])
        assert predicted["failed"]


class TestInfo:
    """What info modules tell along, and by what they find."""

    def test_users_and_policy(self, components: list[str], client: Any, run_module: RunModule) -> None:
        user = recipe(run_module, "golden", components[3])
        client.put_component_policy(componentArn=components[3], policy=json.dumps(share_with(OTHER)))
        found = {one["arn"]: one for one in run_module("component_info", name="harden", include=["users", "policy"])["components"]}
        assert (found[components[3]]["users"], found[components[3]]["policy"]) == ([user], share_with(OTHER))
        assert (found[components[0]]["users"], found[components[0]]["policy"]) == ([], None)
        assert "users" not in run_module("component_info", name="harden")["components"][0]

    @pytest.mark.parametrize(
        ("filters", "found"),
        [
            ({"version": "1.0.1"}, ["1.0.1"]),
            ({"version": ["1.0.1", "2.0.0"]}, ["1.0.1", "2.0.0"]),
            ({"platform": "Windows"}, []),
            ({"platform": "Linux", "version": "1.1.0"}, ["1.1.0"]),
        ],
    )
    def test_filters(self, filters: dict[str, Any], found: list[str], components: list[str], run_module: RunModule) -> None:
        assert sorted(one["version"] for one in run_module("component_info", filters=filters)["components"]) == found
        assert sorted(one["version"] for one in run_module("component_info", name="Harden", filters=filters)["components"]) == found

    def test_bad_filters_are_refused_before_any_call(self, emulator: Any, run_module: RunModule) -> None:
        emulator.reset_calls()
        result = run_module("component_info", filters={"a-b": "1", "version": ["<"], "many": [str(number) for number in range(11)]})
        assert [error["path"] for error in result["errors"]] == ["filters.a-b", "filters.version[0]", "filters.many"]
        assert not emulator.calls()

    def test_forms_of_the_name(self, components: list[str], run_module: RunModule) -> None:
        def found(**options: Any) -> list[str]:
            return [one["arn"].split(":", 5)[5] for one in run_module("component_info", **options)["components"]]

        assert found(name="harden/1.0.x") == ["component/harden/1.0.1/1"]
        assert found(name="harden/1.0.0") == ["component/harden/1.0.0/1"]
        assert found(name=components[2]) == ["component/harden/1.1.0/1"]
        assert found(name="aws:reboot-linux/1.0.0") == ["component/reboot-linux/1.0.0/1"]
        assert found(name="reboot-linux", semantic_version="x.x.x", owner="Amazon") == ["component/reboot-linux/1.0.2/1"]
        contradiction = run_module("component_info", name="harden/1.0.x", semantic_version="1.1.x")
        assert [error["path"] for error in contradiction["errors"]] == ["semantic_version"]


def test_a_diff_shows_the_lines_of_a_document(run_module: RunModule) -> None:
    run_module("component", **COMPONENT, semantic_version="1.0.x")
    longer = DOCUMENT.replace("build", "test")
    changed = run_module("component", **{**COMPONENT, "data": longer}, semantic_version="1.0.x", check_mode=True)
    before, after = (changed["diff"][side]["data"] for side in ("before", "after"))
    assert [(was, becomes) for was, becomes in zip(before, after, strict=True) if was != becomes] == [("  - name: build", "  - name: test")]


class TestWorkflows:
    """Workflows, whose type is part of what they are called."""

    @pytest.fixture
    def workflows(self, run_module: RunModule) -> dict[str, str]:
        """ARNs of two workflows of one name, by their types."""
        shared = {"name": "Gate", "semantic_version": "1.0.x", "data": WORKFLOW_DOCUMENT}
        made = {kind: run_module("workflow", type=kind, **shared) for kind in ("BUILD", "TEST")}
        assert not any(result["failed"] for result in made.values()), made
        return {kind: str(result["workflow"]["arn"]) for kind, result in made.items()}

    def test_types_are_told_apart(self, workflows: dict[str, str], run_module: RunModule) -> None:
        assert workflows == {kind: f"{ARN}:workflow/{kind.lower()}/gate/1.0.0/1" for kind in ("BUILD", "TEST")}
        for options in ({"name": "gate"}, {"name": "Gate", "semantic_version": "1.0.x"}):
            both = run_module("workflow_info", **options)["workflows"]
            assert sorted(one["arn"] for one in both) == sorted(workflows.values())
            only = run_module("workflow_info", type="TEST", **options)["workflows"]
            assert [one["arn"] for one in only] == [workflows["TEST"]]
        assert [one["arn"] for one in run_module("workflow_info", type="BUILD")["workflows"]] == [workflows["BUILD"]]
        assert [one["arn"] for one in run_module("workflow_info", name="test/gate/1.0.0")["workflows"]] == [workflows["TEST"]]

    def test_deleting_needs_the_type(self, workflows: dict[str, str], emulator: Any, run_module: RunModule) -> None:
        emulator.reset_calls()
        lacking = run_module("workflow", name="Gate", state="absent")
        assert [error["path"] for error in lacking["errors"]] == ["type"]
        assert not emulator.calls()
        assert run_module("workflow", name="Gate", type="TEST", state="absent")["deleted"] == [workflows["TEST"]]
        assert run_module("workflow", name="build/gate", state="absent")["deleted"] == [workflows["BUILD"]]

    def test_versions_count_on_in_each_type(self, workflows: dict[str, str], run_module: RunModule) -> None:
        shared = {"name": "Gate", "data": WORKFLOW_DOCUMENT, "description": "changed"}
        assert run_module("workflow", type="TEST", semantic_version="1.0.x", **shared)["workflow"]["arn"] == f"{ARN}:workflow/test/gate/1.0.1/1"
        refused = run_module("workflow", type="TEST", semantic_version="1.0.0", **shared)
        assert "The next free version is 1.0.2" in refused["msg"]
        assert run_module("workflow", type="BUILD", semantic_version="1.0.0", name="Gate", data=WORKFLOW_DOCUMENT)["changed"] is False


class TestPipelines:
    """What pipelines refer to, and what comes from them."""

    @pytest.fixture
    def pipeline(self, client: Any, run_module: RunModule) -> str:
        """ARN of a pipeline with everything that it can refer to."""
        recipe(run_module, "golden", f"arn:aws:imagebuilder:{REGION}:aws:component/reboot-linux/x.x.x")
        run_module("infrastructure_configuration", name="golden", instance_profile_name="image-builder")
        entry = {"region": REGION, "ami_distribution_configuration": {"description": "x"}}
        run_module("distribution_configuration", name="golden", distributions=[entry])
        made = run_module(
            "image_pipeline", name="Golden", image_recipe="golden/1.0.0", infrastructure_configuration="golden", distribution_configuration="golden"
        )
        assert not made["failed"], made["msg"]
        return str(made["image_pipeline"]["arn"])

    def test_what_it_refers_to_is_in_use(self, pipeline: str, run_module: RunModule) -> None:
        for kind in ("image_recipe", "infrastructure_configuration", "distribution_configuration"):
            assert run_module(f"{kind}_info", name="golden", include=["users"])[f"{kind}s"][0]["users"] == [pipeline]
            refused = run_module(kind, name="golden", state="absent")
            assert refused["failed"]
            assert f"It is used by: image pipeline {pipeline}. Delete or change these first." in refused["msg"]
        assert run_module("image_pipeline", name="Golden", state="absent")["deleted"] == [pipeline]
        for kind in ("image_recipe", "infrastructure_configuration", "distribution_configuration"):
            assert run_module(kind, name="golden", state="absent")["changed"]

    def test_what_aws_assumes_is_no_difference(self, pipeline: str, emulator: Any, run_module: RunModule) -> None:
        emulator.reset_calls()
        assumed: list[dict[str, Any]] = [
            {"enhanced_image_metadata_enabled": True, "status": "ENABLED"},
            {"image_tests_configuration": {"timeout_minutes": 720}},
            {"image_tests_configuration": {}},
        ]
        for options in assumed:
            result = run_module("image_pipeline", name="Golden", **options)
            assert (result["failed"], result["changed"]) == (False, False), options
        assert not emulator.writes()
        changed = run_module("image_pipeline", name="Golden", status="DISABLED")
        assert (changed["changed"], changed["image_pipeline"]["status"]) == (True, "DISABLED")
        assert changed["image_pipeline"]["image_recipe_arn"].endswith("image-recipe/golden/1.0.0"), "an update keeps what it has to name again"

    def test_its_images_are_told(self, pipeline: str, client: Any, run_module: RunModule) -> None:
        image = client.start_image_pipeline_execution(imagePipelineArn=pipeline)["imageBuildVersionArn"]
        for kind, name in (("image_pipeline", "Golden"), ("image_recipe", "golden")):
            images = run_module(f"{kind}_info", name=name, include=["images"])[f"{kind}s"][0]["images"]
            assert [one["arn"] for one in images] == [image]
            assert images[0]["state"]["status"]
