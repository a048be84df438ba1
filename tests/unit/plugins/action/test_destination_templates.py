# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action that writes templates; what they make in an account is in the tests of the module utils."""

from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from ansible_collections.golden.imagebuilder.plugins.action.destination_templates import read_options
from ansible_collections.golden.imagebuilder.plugins.module_utils._access import role_inputs
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.common import UNKNOWN_KEY_ID
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.roles import MADE_BY_US_TAG
from ansible_collections.golden.imagebuilder.plugins.modules import destination_roles, destination_templates

from .conftest import Play

SOURCE = "111111111111"
KEY = f"arn:aws:kms:us-west-2:{SOURCE}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
FUTURE_KEY = f"arn:aws:kms:us-west-2:{SOURCE}:key/{UNKNOWN_KEY_ID}"
DEFAULTS = {name: option.get("default") for name, option in role_inputs.SETTINGS_SPEC.items()}


def task(**options: Any) -> dict[str, Any]:
    return {"golden.imagebuilder.destination_templates": {"source_account_ids": [SOURCE], "key_arns": [KEY], **options}}


def test_in_a_play(play: Play) -> None:
    many_keys = [KEY.replace("1234abcd", f"{number:08}") for number in range(100)]
    played = play(
        [
            task(lifecycle_role=True),
            task(lifecycle_role=True),
            {**task(key_arns=[FUTURE_KEY]), "check_mode": True},
            task(key_arns=[FUTURE_KEY]),
            task(source_account_ids=["x"], ssm_parameter_prefixes=["/"], permissions_boundary="arn:aws:iam::222222222222:policy/Boundary"),
            task(key_arns=many_keys),
        ]
    )

    first, second, foretold, too_early, wrong, too_much = played.results
    assert not first["changed"]
    assert {name for name in first if first[name] != second[name]} <= {"start", "end", "delta"}
    assert set(json.loads(first["cloudformation"])["Resources"]) == {"DistributionRole", "LifecycleRole"}
    assert set(json.loads(first["terraform"])["resource"]["aws_iam_role"]) == {"distribution", "lifecycle"}
    assert MADE_BY_US_TAG not in first["cloudformation"] + first["terraform"]
    assert FUTURE_KEY in foretold["cloudformation"]
    assert too_early["failed"]
    assert "does not exist yet" in too_early["msg"]
    assert {error["path"] for error in wrong["errors"]} == {"source_account_ids[0]", "ssm_parameter_prefixes[0]", "permissions_boundary"}
    assert too_much["error_code"] == "PolicyTooLong"
    assert "cloudformation" not in too_much


@pytest.mark.parametrize(
    ("options", "path"),
    [
        ({"source_account_ids": []}, "source_account_ids"),
        ({"source_account_ids": [111111111111]}, "source_account_ids[0]"),
        ({"key_arns": [KEY, KEY.replace("arn:aws:", "arn:aws-us-gov:")]}, "key_arns"),
        ({"description": "x" * 1001}, "description"),
        ({"permissions_boundary": "arn:aws:iam::222222222222:policy/Boundary"}, "permissions_boundary"),
        ({"tags": {MADE_BY_US_TAG: "yes"}}, f"tags.{MADE_BY_US_TAG}"),
    ],
)
def test_what_no_template_can_say(options: dict[str, Any], path: str) -> None:
    _settings, problems = read_options({**DEFAULTS, "source_account_ids": [SOURCE], **options}, check_mode=False)
    assert [problem.path for problem in problems] == [path]


@pytest.mark.parametrize("boundary", ["team/Boundary", "arn:aws:iam::aws:policy/PowerUserAccess"])
def test_boundaries_that_every_account_has(boundary: str) -> None:
    settings, problems = read_options({**DEFAULTS, "source_account_ids": [SOURCE], "permissions_boundary": boundary}, check_mode=False)
    assert problems == []
    assert settings.permissions_boundary == boundary


def test_is_documented_with_the_options_that_it_has() -> None:
    documented = yaml.safe_load(destination_templates.DOCUMENTATION)["options"]
    described = {name: {key: value for key, value in option.items() if key != "description"} for name, option in documented.items()}
    assert described == {name: {key: value for key, value in option.items() if key != "no_log"} for name, option in role_inputs.SETTINGS_SPEC.items()}
    assert set(described) <= set(destination_roles.ARGUMENT_SPEC)
