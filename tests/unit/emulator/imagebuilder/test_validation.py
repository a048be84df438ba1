# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Requests against the model of the service."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.tests.emulator.imagebuilder.validation import problems
from moto.core.utils import get_service_model

MODEL = get_service_model("imagebuilder")
GOOD: dict[str, Any] = {"name": "my dist", "clientToken": "token", "distributions": [{"region": "us-west-2"}]}


def found(operation: str, request: Any) -> list[tuple[str, str]]:
    return list(problems(MODEL.operation_model(operation).input_shape, request, ""))


def test_a_request_that_fits_has_no_problem() -> None:
    assert found("CreateDistributionConfiguration", GOOD) == []


@pytest.mark.parametrize(
    ("change", "path", "why"),
    [
        ({"name": "team/app"}, "name", "'name' must match pattern ^"),
        ({"name": "good\n"}, "name", "'name' must match pattern ^"),
        ({"name": None}, "name", "'name' is required."),
        ({"name": 5}, "name", "'name' must be of type string."),
        ({"nmae": "x"}, "nmae", "'nmae' is not a known parameter."),
        ({"description": ""}, "description", "'description' must have a minimum length of 1."),
        ({"description": "x" * 1025}, "description", "'description' must have a maximum length of 1024."),
        ({"dryRun": "yes"}, "dryRun", "'dryRun' must be of type boolean."),
        ({"tags": {}}, "tags", "'tags' must have a minimum length of 1."),
        ({"tags": {"aws:x": "y"}}, "tags.aws:x", "must match pattern"),
        ({"distributions": {}}, "distributions", "'distributions' must be of type list."),
        ({"distributions": [{}]}, "distributions[0].region", "'region' is required."),
    ],
)
def test_the_first_problem_is_named_with_its_path(change: dict[str, Any], path: str, why: str) -> None:
    where, sentence = found("CreateDistributionConfiguration", {**GOOD, **change})[0]
    assert where == path
    assert why in sentence


@pytest.mark.parametrize(
    ("ami", "path"),
    [
        ({"name": "app (v1) {{ imagebuilder:buildDate }}"}, "name"),
        ({"targetAccountIds": []}, "targetAccountIds"),
        ({"targetAccountIds": ["123"]}, "targetAccountIds[0]"),
        ({"targetAccountIds": ["123456789012"] * 1537}, "targetAccountIds"),
        ({"launchPermissions": {}}, "launchPermissions"),
        ({"launchPermission": {"organizationArns": ["o-1234567890"]}}, "launchPermission.organizationArns[0]"),
    ],
)
def test_what_clients_let_pass_is_found_here(ami: dict[str, Any], path: str) -> None:
    request = {**GOOD, "distributions": [{"region": "us-west-2", "amiDistributionConfiguration": ami}]}
    assert [where for where, _why in found("CreateDistributionConfiguration", request)] == [f"distributions[0].amiDistributionConfiguration.{path}"]


def test_numbers_and_enumerations_have_limits() -> None:
    ebs = {"volumeSize": 16001, "iops": 99, "volumeType": "gp9", "encrypted": 1}
    request = {"name": "abc", "semanticVersion": "1.0", "parentImage": "ami-1", "clientToken": "t", "blockDeviceMappings": [{"ebs": ebs}]}
    assert {where.rpartition(".")[2]: why for where, why in found("CreateImageRecipe", request)} == {
        "semanticVersion": "'semanticVersion' must match pattern ^(?:[0-9]+|x)\\.(?:[0-9]+|x)\\.(?:[0-9]+|x)$",
        "volumeSize": "'volumeSize' must have a maximum value of 16000.",
        "iops": "'iops' must have a minimum value of 100.",
        "volumeType": "'volumeType' must be one of: standard, io1, io2, gp2, gp3, sc1, st1.",
        "encrypted": "'encrypted' must be of type boolean.",
    }
