# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import inputs
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import Context, Resource
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.component import COMPONENT
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.distribution_configuration import (
    DISTRIBUTION_CONFIGURATION,
)
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.image_recipe import IMAGE_RECIPE
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.infrastructure_configuration import (
    INFRASTRUCTURE_CONFIGURATION,
)
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.schema import InvalidInput

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
