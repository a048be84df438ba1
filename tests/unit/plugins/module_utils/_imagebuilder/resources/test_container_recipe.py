# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.container_recipe import CONTAINER_RECIPE, answered

from ..test_rules import COMPLETE, FOREIGN, KEY, broken

DOCKERFILE = "FROM {{{ imagebuilder:parentImage }}}\n{{{imagebuilder:environments}}}\n{{{ imagebuilder:components }}}\n"
AMAZON = "arn:aws:imagebuilder:us-west-2:aws:image/amazon-linux-2023-x86/x.x.x"
GOOD: dict[str, Any] = {
    "parentImage": "amazonlinux:latest",
    "platformOverride": "Linux",
    "imageOsVersionOverride": "Amazon Linux 2023",
    "components": [{"componentArn": "aws:update-linux"}],
    "dockerfileTemplateData": DOCKERFILE,
    "instanceConfiguration": {"image": "ami-0123456789abcdef0", "blockDeviceMappings": [{"deviceName": "/dev/xvda", "ebs": {"volumeSize": 20}}]},
    "targetRepository": {"service": "ECR", "repositoryName": "team/web"},
    "kmsKeyId": KEY,
}


def mappings(*entries: dict[str, Any]) -> dict[str, Any]:
    return {"instanceConfiguration": {"blockDeviceMappings": list(entries)}}


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"parentImage": AMAZON, "platformOverride": None, "imageOsVersionOverride": None},
        {"parentImage": "111111111111.dkr.ecr.us-west-2.amazonaws.com/base:1"},
        {"parentImage": "ssm:1"},
        {"dockerfileTemplateData": None, "dockerfileTemplateUri": "s3://bucket/Dockerfile"},
        {"platformOverride": "Windows"},
        mappings({"deviceName": "/dev/xvda", "ebs": {"encrypted": True, "kmsKeyId": KEY}}),
    ],
)
def test_good_recipes_break_no_rule(change: dict[str, Any]) -> None:
    assert broken(CONTAINER_RECIPE, {**GOOD, **change}) == {}


@pytest.mark.parametrize(
    ("change", "path", "words"),
    [
        ({"dockerfileTemplateUri": "s3://bucket/Dockerfile"}, ("dockerfileTemplateUri",), "either the one or the other"),
        ({"dockerfileTemplateData": None}, ("dockerfileTemplateData",), "is needed: the Dockerfile template"),
        ({"dockerfileTemplateData": None, "dockerfileTemplateUri": "/Dockerfile"}, ("dockerfileTemplateUri",), "s3://bucket/key"),
        ({"parentImage": "ami-0123456789abcdef0"}, ("parentImage",), "instance_configuration.image"),
        ({"parentImage": "ssm:/golden/base"}, ("parentImage",), "instance_configuration.image"),
        ({"parentImage": "arn:aws:ec2:us-west-2::image/ami-0123456789abcdef0"}, ("parentImage",), "give its id"),
        ({"parentImage": AMAZON, "imageOsVersionOverride": None}, ("platformOverride",), "brings its own"),
        ({"parentImage": AMAZON, "platformOverride": None}, ("imageOsVersionOverride",), "brings its own"),
        ({"platformOverride": "macOS"}, ("platformOverride",), "Linux or Windows"),
        ({"components": [{"componentArn": "a"}, {"componentArn": "a"}]}, ("components", 1, "componentArn"), "as entry 0"),
        ({"components": [{"componentArn": FOREIGN.format("component/x/1.0.0")}]}, ("components", 0, "componentArn"), "is in eu-west-1"),
        ({"kmsKeyId": KEY.replace("us-west-2", "eu-west-1")}, ("kmsKeyId",), "the key is in eu-west-1"),
        (
            {"targetRepository": {"service": "ECR", "repositoryName": "111111111111.dkr.ecr.us-west-2.amazonaws.com/team/web"}},
            ("targetRepository", "repositoryName"),
            "without the registry's host: team/web",
        ),
        (
            mappings({"ebs": {"kmsKeyId": KEY}}),
            ("instanceConfiguration", "blockDeviceMappings", 0, "ebs", "kmsKeyId"),
            "no effect without encrypted: true",
        ),
        (
            mappings({"deviceName": "/dev/xvda"}, {"deviceName": "/dev/xvda"}),
            ("instanceConfiguration", "blockDeviceMappings", 1, "deviceName"),
            "already mapped by entry 0",
        ),
    ],
)
def test_bad_recipes_are_refused(change: dict[str, Any], path: tuple[str | int, ...], words: str) -> None:
    found = broken(CONTAINER_RECIPE, {**GOOD, **change})
    assert list(found) == [path]
    assert words in found[path]


@pytest.mark.parametrize(
    ("dockerfile", "components", "words"),
    [
        (DOCKERFILE, True, []),
        ("FROM {{{ imagebuilder:parentImage }}}\n", False, []),
        ("FROM amazonlinux:latest\n", False, ["does not start from parent_image"]),
        ("FROM {{{ imagebuilder:parentImage }}}\n", True, ["not in the container", "do not run"]),
        ("FROM {{ imagebuilder:parentImage }}\n", False, ["<<<imagebuilder:parentImage>>>"]),
        (
            "FROM {{{ imagebuilder:parentImage }}}\n{{{ imagebuilder:components }}}\n{{{ imagebuilder:environments }}}",
            True,
            ["before imagebuilder:environments"],
        ),
    ],
)
def test_what_the_dockerfile_lacks_is_warned_of(dockerfile: str, components: bool, words: list[str]) -> None:
    request = {"dockerfileTemplateData": dockerfile, "components": GOOD["components"] if components else []}
    messages = [message for _path, message in CONTAINER_RECIPE.cautions(request, COMPLETE)]
    assert len(messages) == len(words)
    assert all(word in message for word, message in zip(words, messages, strict=True))


def test_the_platform_of_an_image_of_a_registry_was_given() -> None:
    docker = {"parentImage": "amazonlinux:latest", "platform": "Linux"}
    assert answered(docker) == {**docker, "platformOverride": "Linux"}
    amazon = {"parentImage": AMAZON, "platform": "Linux"}
    assert answered(amazon) == amazon
