# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import inputs
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.problems import InvalidInput
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import Context, Resource
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.component import COMPONENT
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.distribution_configuration import (
    DISTRIBUTION_CONFIGURATION,
)
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.image_pipeline import IMAGE_PIPELINE
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.image_recipe import IMAGE_RECIPE
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.infrastructure_configuration import (
    INFRASTRUCTURE_CONFIGURATION,
)
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.workflow import WORKFLOW

SEED = {
    "name": "cross-account-distribution-example",
    "description": "Cross Account Distribution Configuration Example",
    "distributions": [
        {
            "amiDistributionConfiguration": {
                "targetAccountIds": ["123456789012", "987654321098"],
                "name": "Name {{ imagebuilder:buildDate }}",
                "description": "ImageCopy Ami Copy Configuration",
            },
            "region": "us-west-2",
        }
    ],
}


def read(resource: Resource, **params: Any) -> inputs.Inputs:
    return inputs.read(resource, params, Context(region="us-west-2"))


def refused(resource: Resource, **params: Any) -> dict[str, str]:
    with pytest.raises(InvalidInput) as error:
        read(resource, **params)
    return {problem.path: problem.message for problem in error.value.problems}


def test_a_file_for_the_aws_cli_is_taken_as_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "create.json").write_text(json.dumps({**SEED, "clientToken": "x", "dryRun": True}))
    monkeypatch.setenv("FOLDER", str(tmp_path))
    for given in (f"file://{tmp_path}/create.json", "file://$FOLDER/create.json", json.dumps(SEED)):
        assert read(DISTRIBUTION_CONFIGURATION, cli_input_json=given).request == SEED


def test_options_replace_what_the_file_says() -> None:
    wanted = read(DISTRIBUTION_CONFIGURATION, cli_input_json=json.dumps(SEED), name="mine", description="", distributions=None)
    assert (wanted.name, wanted.request["distributions"]) == ("mine", SEED["distributions"])
    assert "description" in wanted.given
    assert "description" not in wanted.request


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("file:///nowhere/x.json", "cannot be read: No such file or directory: /nowhere/x.json"),
        ("{", "not valid JSON"),
        ("[]", "a JSON object is needed"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(text: str, words: str) -> None:
    assert words in refused(DISTRIBUTION_CONFIGURATION, cli_input_json=text, name="xyz")["cli_input_json"]
    # Whether the name is in it cannot be known, so that is no second problem.
    assert list(refused(DISTRIBUTION_CONFIGURATION, cli_input_json=text)) == ["cli_input_json"]


def test_places_are_named_as_they_were_written() -> None:
    bad = {"region": "us-west-2", "amiDistributionConfiguration": {"kmsKeyId": "aws/ebs", "target_account_ids": [1], "name": "x"}}
    inside = ["distributions[0].amiDistributionConfiguration." + name for name in ("target_account_ids[0]", "kmsKeyId", "name")]
    assert set(refused(DISTRIBUTION_CONFIGURATION, name="xyz", distributions=[bad])) == set(inside)
    cli = json.dumps({"name": "x y/", "distributions": [bad], "typo": 1})
    assert set(refused(DISTRIBUTION_CONFIGURATION, cli_input_json=cli)) == {
        "cli_input_json.name",
        "cli_input_json.typo",
        *(f"cli_input_json.{path}" for path in inside),
    }


def test_a_mistake_is_not_reported_again_as_its_consequence() -> None:
    found = refused(DISTRIBUTION_CONFIGURATION, name="xyz", distributions=[{"region": "us-west-2", "ami_distribution_config": {}}])
    assert list(found) == ["distributions[0].ami_distribution_config"]


def test_everything_wrong_is_said_at_once() -> None:
    found = refused(
        IMAGE_RECIPE,
        semantic_version="1.0",
        parent_image="x",
        components=[{"arn": "x"}],
        block_device_mappings=[{"ebs": {"kms_key_id": "x"}}],
        tags={"aws:x": "1"},
    )
    assert set(found) == {
        "name",
        "semantic_version",
        "components[0].arn",
        "components[0].component_arn",
        "block_device_mappings[0].ebs.kms_key_id",
        "tags.aws:x",
    }


def test_versions_may_be_open_for_every_kind() -> None:
    wanted = read(COMPONENT, name="xyz", semantic_version="1.x.x", platform="Linux")
    assert (str(wanted.version), wanted.request["semanticVersion"]) == ("1.x.x", "1.0.0")


def test_a_version_is_missed_together_with_everything_else() -> None:
    assert set(refused(IMAGE_RECIPE, parent_image="x", tags={"aws:x": "1"})) == {"name", "semantic_version", "tags.aws:x"}
    assert inputs.read(IMAGE_RECIPE, {"name": "xyz"}, Context(), only_identity=True).version is None


def test_empty_clears_and_none_is_not_given() -> None:
    wanted = read(INFRASTRUCTURE_CONFIGURATION, name="xyz", logging={}, security_group_ids=[], key_pair="", description=None, tags={})
    assert wanted.given == {"name", "logging", "securityGroupIds", "keyPair", "tags"}
    assert set(wanted.request) == {"name"}
    assert wanted.tags == {}
    assert read(INFRASTRUCTURE_CONFIGURATION, name="xyz").tags is None


def test_false_is_a_value() -> None:
    wanted = read(INFRASTRUCTURE_CONFIGURATION, name="xyz", terminate_instance_on_failure=False)
    assert wanted.request["terminateInstanceOnFailure"] is False


def test_what_is_required_cannot_be_cleared() -> None:
    assert "an empty string" in refused(INFRASTRUCTURE_CONFIGURATION, name="xyz", instance_profile_name="")["instance_profile_name"]


def test_deleting_looks_at_the_identity_only() -> None:
    params = {"name": "xyz", "distributions": [{"region": "moon"}]}
    assert inputs.read(DISTRIBUTION_CONFIGURATION, params, Context(), only_identity=True).request == {"name": "xyz"}


def test_an_option_that_botocore_does_not_know_is_refused_with_its_version() -> None:
    newer = Resource(api_name="ImageRecipe", versioned=True, options={**IMAGE_RECIPE.options, "ami_colour": {"type": "str"}})
    message = refused(newer, name="xyz", semantic_version="1.0.0", parent_image="x", ami_colour="gold")["ami_colour"]
    assert "a newer option needs a newer botocore" in message


# How a resource and those that it refers to are named

ACCOUNT = "111111111111"
IDENTITY = ("aws", "us-west-2", ACCOUNT)
HERE = f"arn:aws:imagebuilder:us-west-2:{ACCOUNT}"
PARENT = {"parent_image": "ami-0123456789abcdef0"}
PIPELINE = {"name": "web", "image_recipe_arn": "web/1.0.x", "infrastructure_configuration_arn": "small"}
STEPS = "name: x\nschemaVersion: 1.0\nsteps:\n  - {name: Wait, action: WaitForAction}\n"


def settled(wanted: inputs.Inputs, resource: Resource, identity: tuple[str, str, str] = IDENTITY) -> inputs.Inputs:
    def find(operation: str, members: dict[str, str]) -> dict[str, Any] | None:
        raise AssertionError(f"{operation} {members}")

    return inputs.settle(resource, wanted, identity, find)


def misplaced(wanted: inputs.Inputs, resource: Resource, identity: tuple[str, str, str]) -> list[str]:
    with pytest.raises(InvalidInput) as error:
        settled(wanted, resource, identity)
    assert {problem.path for problem in error.value.problems} == {"name"}
    return [problem.message for problem in error.value.problems]


@pytest.mark.parametrize(
    ("given", "version", "build"),
    [
        ({"name": "web app", "semantic_version": "1.0.x"}, "1.0.x", ""),
        ({"name": "web app/1.0.x"}, "1.0.x", ""),
        ({"name": "web app/1.0.0", "semantic_version": "1.0.0"}, "1.0.0", ""),
        ({"cli_input_json": json.dumps({"name": "web app/1.0.x"})}, "1.0.x", ""),
    ],
)
def test_a_name_may_have_its_version(given: dict[str, Any], version: str, build: str) -> None:
    wanted = read(IMAGE_RECIPE, **given, **PARENT)
    assert (wanted.name, str(wanted.version), wanted.build, wanted.request["semanticVersion"]) == ("web app", version, build, "1.0.0")
    assert wanted.given == {"name", "semanticVersion", "parentImage"}


def test_a_name_may_be_the_arn() -> None:
    wanted = read(COMPONENT, name=f"{HERE}:component/web-app/1.0.3/2", platform="Linux")
    assert (wanted.name, str(wanted.version), wanted.build) == ("web-app", "1.0.3", "2")
    assert settled(wanted, COMPONENT) == wanted
    wanted = read(DISTRIBUTION_CONFIGURATION, name=f"{HERE}:distribution-configuration/web")
    assert (wanted.name, wanted.version, wanted.build) == ("web", None, "")
    deleting = inputs.read(COMPONENT, {"name": f"{HERE}:component/web/1.0.3"}, Context(region="us-west-2"), only_identity=True)
    assert deleting.request == {"name": "web", "semanticVersion": "1.0.3"}


def test_the_name_of_a_workflow_may_have_its_type() -> None:
    for name in ("build/gate/1.0.0", f"{HERE}:workflow/build/gate/1.0.0"):
        wanted = read(WORKFLOW, name=name, data=STEPS)
        assert (wanted.name, str(wanted.version), wanted.request["type"]) == ("gate", "1.0.0", "BUILD")
    assert set(refused(WORKFLOW, name="gate/1.0.0", data=STEPS)) == {"type"}
    assert "says BUILD, and type says TEST" in refused(WORKFLOW, name="build/gate/1.0.0", type="TEST", data=STEPS)["name"]
    deleting = inputs.read(WORKFLOW, {"name": "build/gate", "data": STEPS}, Context(), only_identity=True)
    assert (deleting.request, deleting.version) == ({"name": "gate", "type": "BUILD"}, None)
    with pytest.raises(InvalidInput, match="type: is required"):
        inputs.read(WORKFLOW, {"name": "gate"}, Context(), only_identity=True)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("web/1.0", "'1.0' is not a version"),
        ("web/1.0.0/2/3", "is not a name"),
        (f"{HERE}:component/web/1.0.0", "is the ARN of a component, and an image recipe is needed"),
        (f"{HERE}:image-recipe/web", "is not the ARN of an image recipe"),
        ("arn:aws:imagebuilder:eu-west-1:111111111111:image-recipe/web/1.0.0", "is in eu-west-1"),
        ("arn:aws:imagebuilder:us-west-2:aws:image-recipe/web/1.0.0", "belongs to aws"),
        ("aws:web/1.0.0", "belongs to aws"),
    ],
)
def test_a_name_that_is_no_own_resource_is_refused_before_any_call(name: str, words: str) -> None:
    found = refused(IMAGE_RECIPE, name=name, parent_image="x", tags={"aws:x": "1"})
    assert set(found) == {"name", "tags.aws:x"}, "nothing else is wrong that is not told"
    assert words in found["name"]


def test_a_name_and_options_that_contradict_each_other() -> None:
    found = refused(IMAGE_RECIPE, name="web/1.0.0", semantic_version="1.0.x", **PARENT)
    assert found == {"name": "says 1.0.0, and semantic_version says 1.0.x; give one of the two."}
    assert set(refused(DISTRIBUTION_CONFIGURATION, name="web/1.0.0")) == {"name"}


def test_a_name_of_another_account_is_refused_once_the_own_is_known() -> None:
    wanted = read(IMAGE_RECIPE, name="arn:aws:imagebuilder:us-west-2:222222222222:image-recipe/web/1.0.0", **PARENT)
    (message,) = misplaced(wanted, IMAGE_RECIPE, IDENTITY)
    assert "belongs to 222222222222, and this task is for account 111111111111" in message
    (message,) = misplaced(wanted, IMAGE_RECIPE, ("aws-cn", "us-west-2", "222222222222"))
    assert "is in us-west-2 (aws)" in message


def test_a_resource_whose_name_is_spelled_otherwise_is_not_written_to() -> None:
    found = {"name": "Web App", "arn": f"{HERE}:image-recipe/web-app/1.0.0"}
    for name in ("Web App/1.0.x", found["arn"]):
        read(IMAGE_RECIPE, name=name, **PARENT).refuse_collision(found)
    read(IMAGE_RECIPE, name="web_app/1.0.x", **PARENT).refuse_collision(None)
    with pytest.raises(InvalidInput) as error:
        read(IMAGE_RECIPE, cli_input_json=json.dumps({"name": "web_app", "semanticVersion": "1.0.x"}), **PARENT).refuse_collision(found)
    (problem,) = error.value.problems
    assert problem.path == "cli_input_json.name"
    assert "'web_app' is to Image Builder the same as 'Web App', which is there" in problem.message


def test_references_are_resolved_once_the_account_is_known() -> None:
    wanted = read(IMAGE_PIPELINE, **{**PIPELINE, "image_recipe_arn": "web/1.0.0"})
    assert wanted.request["imageRecipeArn"] == "web/1.0.0"
    assert settled(wanted, IMAGE_PIPELINE).request == {
        "name": "web",
        "imageRecipeArn": f"{HERE}:image-recipe/web/1.0.0",
        "infrastructureConfigurationArn": f"{HERE}:infrastructure-configuration/small",
    }


def test_references_may_be_named_without_arn() -> None:
    # As a module gets them: the value of an alias is there under the option's own name too.
    given = {**PIPELINE, "image_recipe": "web/1.0.x", "workflows": [{"workflow": "build/gate"}], "execution_role": "builder"}
    assert read(IMAGE_PIPELINE, **given).request["workflows"] == [{"workflowArn": "build/gate"}]
    cli = json.dumps({"name": "web", "imageRecipe": "web/1.0.x", "infrastructureConfiguration": "small"})
    assert read(IMAGE_PIPELINE, cli_input_json=cli).request == read(IMAGE_PIPELINE, **PIPELINE).request
    # Options replace what the file says, whatever they are called there.
    replaced = read(IMAGE_PIPELINE, cli_input_json=cli, image_recipe_arn="app")
    assert replaced.request["imageRecipeArn"] == "app"


def test_references_that_are_wrong_are_told_where_they_were_written() -> None:
    found = refused(
        IMAGE_PIPELINE,
        name="web",
        image_recipe="web/1.0",
        image_recipe_arn="web/1.0",
        infrastructure_configuration_arn=f"{HERE}:component/x/1.0.0",
        workflows=[{"workflow": "gate"}, {"workflow": "build/x", "workflow_arn": "build/x"}],
        cli_input_json='{"distributionConfiguration": "a/b", "distributionConfigurationArn": "a"}',
    )
    assert set(found) == {
        "image_recipe",
        "infrastructure_configuration_arn",
        "workflows[0].workflow",
        "workflows[1].workflow_arn",
        "cli_input_json.distributionConfiguration",
        "cli_input_json.distributionConfigurationArn",
    }
    both = refused(IMAGE_PIPELINE, **{**PIPELINE, "image_recipe": "app"})
    assert both == {"image_recipe_arn": "is given twice, as image_recipe and as image_recipe_arn; keep one of them."}
    elsewhere = [{"component": "arn:aws:imagebuilder:eu-west-1:aws:component/x/x.x.x"}]
    assert list(refused(IMAGE_RECIPE, name="web/1.0.x", components=elsewhere, **PARENT)) == ["components[0].component"]


def test_a_name_and_an_arn_of_the_same_are_the_same_once_the_account_is_known() -> None:
    components = [{"component": "Harden Linux"}, {"component_arn": f"{HERE}:component/harden-linux/x.x.x"}]
    options = {"name": "web", "semantic_version": "1.0.x", "components": components, **PARENT}
    assert inputs.read(IMAGE_RECIPE, options, Context(region="us-west-2")).given
    with pytest.raises(InvalidInput) as error:
        inputs.read(IMAGE_RECIPE, options, Context("us-west-2", ACCOUNT, complete=True))
    assert [problem.path for problem in error.value.problems] == ["components[1].component_arn"]


def test_nothing_else_fills_in_what_a_complete_request_leaves_out() -> None:
    with pytest.raises(InvalidInput) as error:
        inputs.read(COMPONENT, {"name": "web/1.0.x", "plattform": "Linux"}, Context(complete=True))
    assert [problem.path for problem in error.value.problems] == ["platform", "data"]


# Documents in files


def test_a_document_may_be_in_a_file(tmp_path: Path) -> None:
    (tmp_path / "steps.yml").write_text(STEPS)
    wanted = read(WORKFLOW, name="build/gate/1.0.0", data=f"file://{tmp_path}/steps.yml", description="file:///etc/hosts")
    assert wanted.request["data"] == STEPS
    assert wanted.request["description"] == "file:///etc/hosts", "only documents are read from files"


def test_a_document_that_cannot_be_read_is_told_beside_the_rest(tmp_path: Path) -> None:
    (tmp_path / "bytes").write_bytes(b"\xff\xfe")
    found = refused(WORKFLOW, name="build/gate/1.0", data=f"file://{tmp_path}/nothing.yml")
    assert set(found) == {"name", "data"}
    assert f"cannot be read: No such file or directory: {tmp_path}/nothing.yml" in found["data"]
    assert "no text in UTF-8" in refused(WORKFLOW, name="build/gate/1.0.0", data=f"file://{tmp_path}/bytes")["data"]
