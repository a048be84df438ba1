# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action that finds mistakes before anything is asked of AWS."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.action.validate import KINDS, read, resources_problems
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.problems import Problem
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import Context

from .conftest import Play

REGION = "us-west-2"
CONTEXT = Context(region=REGION, account_id="111111111111", complete=True)
NAME = "web <<imagebuilder:buildDate>>"
STEPS = "schemaVersion: 1.0\nsteps:\n  - {name: Wait, action: WaitForAction}\n"
DOCUMENT = "schemaVersion: 1.0\nphases:\n  - name: build\n    steps:\n      - {name: Reboot, action: Reboot}\n"
GOOD: dict[str, dict[str, Any]] = {
    "component": {"name": "web", "semantic_version": "1.0.x", "platform": "Linux", "data": DOCUMENT, "tags": {"team": "platform"}},
    "container_recipe": {
        "name": "web/1.0.x",
        "container_type": "DOCKER",
        "components": [{"component": "aws:update-linux"}],
        "parent_image": "amazonlinux:latest",
        "dockerfile_template_data": "FROM <<<imagebuilder:parentImage>>>",
        "target_repository": {"service": "ECR", "repository_name": "web"},
    },
    "image_pipeline": {"name": "web", "image_recipe": "web/1.0.x", "infrastructure_configuration_arn": "web"},
    "lifecycle_policy": {
        "name": "web",
        "execution_role": "cleaner",
        "resource_type": "AMI_IMAGE",
        "policy_details": [{"action": {"type": "DELETE"}, "filter": {"type": "COUNT", "value": 3}}],
        "resource_selection": {"tag_map": {"team": "platform"}},
    },
    "workflow": {"name": "build/web/1.0.x", "data": STEPS},
    "image_recipe": {
        "name": "web",
        "semantic_version": "1.0.x",
        "parent_image": "ami-0123456789abcdef0",
        "components": [{"component": "aws:update-linux"}],
        "block_device_mappings": None,
    },
    "infrastructure_configuration": {"name": "web", "instance_profile_name": "build"},
    "distribution_configuration": {
        "name": "web",
        "distributions": [{"region": REGION, "ami_distribution_configuration": {"name": NAME, "target_account_ids": ["222222222222"]}}],
    },
}
# By kind, one mistake that only its own rules or its own shape know.
BAD: dict[str, tuple[dict[str, Any], str, str]] = {
    "component": ({"data": "phases: none"}, "data", "a list of phases"),
    "container_recipe": ({"components": [{"component": "update/linux"}]}, "components[0].component", "names no component"),
    "image_pipeline": ({"container_recipe": "web"}, "container_recipe", "one recipe"),
    "lifecycle_policy": ({"resource_selection": {}}, "resource_selection", "recipes or tag_map"),
    "workflow": ({"type": "TEST"}, "name", "says BUILD"),
    "image_recipe": ({"semantic_version": "one"}, "semantic_version", "one"),
    "infrastructure_configuration": ({"resource_tags": {"CreatedBy": "me"}}, "resource_tags.CreatedBy", "reserved"),
    "distribution_configuration": ({"distributions": [{"region": REGION}]}, "distributions[0]", "one or more outputs"),
}


def problems_of(kind: str, options: dict[str, Any]) -> list[Problem]:
    return read(KINDS[kind], options, CONTEXT)[1]


def paths(kind: str, resources: Any) -> list[str]:
    return [problem.path for problem in resources_problems(kind, resources, CONTEXT)]


def test_judges_all_kinds_that_the_role_keeps() -> None:
    assert set(KINDS) == set(GOOD) == set(BAD)


@pytest.mark.parametrize("kind", GOOD)
def test_nothing_to_say(kind: str) -> None:
    assert resources_problems(kind, [GOOD[kind], GOOD[kind]], CONTEXT) == []
    assert resources_problems(kind, [], CONTEXT) == []


@pytest.mark.parametrize("kind", BAD)
def test_reads_a_resource_as_its_module_does(kind: str) -> None:
    changes, path, message = BAD[kind]
    (problem,) = problems_of(kind, {**GOOD[kind], **changes})
    assert problem.path == path
    assert message in problem.message


@pytest.mark.parametrize(
    ("kind", "options", "path"),
    [
        ("infrastructure_configuration", {"name": "web"}, "instance_profile_name"),
        ("infrastructure_configuration", {**GOOD["infrastructure_configuration"], "subnet_id": "subnet-1"}, "subnet_id"),
        ("image_recipe", {**GOOD["image_recipe"], "parent_image": None}, "parent_image"),
        ("component", {"name": "web", "semantic_version": "1.0.x", "platform": "Linux"}, "data"),
        ("distribution_configuration", {"name": "web"}, "distributions"),
    ],
)
def test_nothing_else_fills_in_what_is_left_out(kind: str, options: dict[str, Any], path: str) -> None:
    assert [problem.path for problem in problems_of(kind, options)] == [path]


def test_who_gets_a_parameter_has_to_get_the_image() -> None:
    (entry,) = GOOD["distribution_configuration"]["distributions"]
    parameter = {"parameter_name": "/imagebuilder/web", "ami_account_id": "333333333333"}
    options = {"name": "web", "distributions": [{**entry, "ssm_parameter_configurations": [parameter]}]}
    (problem,) = problems_of("distribution_configuration", options)
    assert problem.path == "distributions[0].ssm_parameter_configurations[0].ami_account_id"


def test_an_unknown_option_is_told_with_those_there_are() -> None:
    (problem,) = problems_of("image_recipe", {**GOOD["image_recipe"], "parent": "ami-1"})
    assert problem.path == "parent"
    for option in ("name", "tags", "parent_image", "block_device_mappings", "working_directory"):
        assert f" {option}" in problem.message
    assert "ami_name" not in problem.message


def test_tells_everything_at_once_and_which_resource_it_is_of() -> None:
    resources = [
        {**GOOD["component"], "name": "w", "platform": "BeOS", "plattform": "Linux"},
        GOOD["component"],
        {name: value for name, value in GOOD["component"].items() if name not in ("name", "semantic_version")},
    ]
    assert sorted(paths("component", resources)) == [
        "component w: name",
        "component w: platform",
        "component w: plattform",
        "component: name",
        "component: semantic_version",
    ]


@pytest.mark.parametrize("wrong", [None, "web", {"name": "web"}])
def test_what_is_no_list_is_told(wrong: Any) -> None:
    (problem,) = resources_problems("image_recipe", wrong, CONTEXT)
    assert (problem.path, problem.message) == ("image_recipe", f"a list of image recipes is needed here, not {wrong!r}.")


def test_what_is_no_dictionary_is_told_beside_the_rest() -> None:
    assert paths("component", ["web", {**GOOD["component"], "data": "-"}, None]) == ["component[0]", "component web: data", "component[2]"]


def test_an_unknown_kind() -> None:
    (problem,) = resources_problems("recipe", [{}], CONTEXT)
    assert problem.path == "recipe"
    assert ", ".join(KINDS) in problem.message


def test_names_that_are_the_same_to_image_builder() -> None:
    good = GOOD["component"]
    same = [{**good, "name": name} for name in ("Web App", "web_app/1.0.x", "web", "Web App")]
    assert paths("component", [{**each, "semantic_version": "1.0.x"} for each in same]) == ["component web_app/1.0.x: name"]
    (problem,) = resources_problems("component", same[:2], CONTEXT)
    assert "'web_app' is to Image Builder the same as 'Web App'" in problem.message


def test_in_a_play(play: Play) -> None:
    targets = [
        {"name": "factory", "account_id": "111111111111", "regions": [REGION]},
        {"name": "search", "account_id": 33333333333, "regions": [REGION]},
    ]
    good = {kind: [options] for kind, options in GOOD.items()}
    bad = {kind: [{**options, **BAD[kind][0]}] for kind, options in GOOD.items()}
    played = play(
        [
            {"golden.imagebuilder.validate": {"region": REGION, "targets": targets[:1], "resources": good}, "check_mode": True},
            {"golden.imagebuilder.validate": {"region": REGION}},
            {"golden.imagebuilder.validate": {"region": REGION, "targets": targets, "resources": {**bad, "recipe": []}}},
            {"golden.imagebuilder.validate": {"targets": []}},
        ]
    )

    well, nothing, wrong, without_region = played.results
    for result in (well, nothing):
        assert (result["changed"], result["failed"]) == (False, False)
        assert "errors" not in result
    assert (wrong["changed"], wrong["failed"]) == (False, True)
    told = [error["path"] for error in wrong["errors"]]
    assert told == ["targets[1].account_id", *(f"{kind} {GOOD[kind]['name']}: {path}" for kind, (_changes, path, _message) in BAD.items()), "recipe"]
    assert wrong["msg"].splitlines() == [f"{error['path']}: {error['message']}" for error in wrong["errors"]]
    assert without_region["failed"]
    assert "region" in without_region["msg"]
