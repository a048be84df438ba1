# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mistakes in what a user wrote about roles."""

from __future__ import annotations

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._access import role_inputs
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import Target

SOURCE, PAYMENTS, SEARCH = "111111111111", "222222222222", "333333333333"
KEY = f"arn:aws:kms:us-west-2:{SOURCE}:key/1234abcd"
TARGETS = [Target(PAYMENTS, "payments", ("us-west-2",)), Target(SEARCH, "search", ("eu-west-1",))]


@pytest.mark.parametrize("name", ["/imagebuilder/web", "imagebuilder", "/a", "a.b_c-d/e"])
def test_names_of_parameters(name: str) -> None:
    assert role_inputs.parameters_problems([name], "x", are_prefixes=False) == []


@pytest.mark.parametrize("name", ["", "/", "*", "/imagebuilder/*", "//a", "a b", "a:b"])
def test_wrong_names_of_parameters(name: str) -> None:
    (problem,) = role_inputs.parameters_problems(["good", name], "names", are_prefixes=False)
    assert problem.path == "names[1]"


def test_a_prefix_may_end_with_one_star() -> None:
    assert role_inputs.parameters_problems(["/imagebuilder/*", "/imagebuilder/"], "x", are_prefixes=True) == []
    wrong = role_inputs.parameters_problems(["/*", "*", "a**", "*a"], "x", are_prefixes=True)
    assert [problem.path for problem in wrong] == ["x[0]", "x[1]", "x[2]", "x[3]"]


@pytest.mark.parametrize("boundary", [None, "", "Boundary", "team/Boundary", "arn:aws:iam::aws:policy/PowerUserAccess"])
def test_boundaries_for_many_accounts(boundary: str | None) -> None:
    assert role_inputs.boundary_problems(boundary, TARGETS) == []


def test_a_boundary_of_one_account_bounds_its_roles_only() -> None:
    arn = f"arn:aws:iam::{PAYMENTS}:policy/Boundary"
    assert role_inputs.boundary_problems(arn, TARGETS[:1]) == []
    (problem,) = role_inputs.boundary_problems(arn, TARGETS)
    assert "cannot bound roles of search:" in problem.message


@pytest.mark.parametrize("boundary", ["/Boundary", "team//Boundary", "a b", "arn:aws:iam::222222222222:role/Boundary", "arn:aws:iam::2:policy/x"])
def test_wrong_boundaries(boundary: str) -> None:
    (problem,) = role_inputs.boundary_problems(boundary, TARGETS)
    assert problem.path == "permissions_boundary"


def test_descriptions() -> None:
    assert role_inputs.description_problems(None) == []
    assert role_inputs.description_problems("x" * 1000) == []
    assert "1001 characters" in role_inputs.description_problems("x" * 1001)[0].message


def test_one_partition() -> None:
    assert role_inputs.partition_problems(TARGETS, [KEY]) == []
    assert role_inputs.partition_problems([Target(PAYMENTS, "payments", ("cn-north-1",))], []) == []
    assert role_inputs.partition_problems([], []) == []


def test_destinations_of_another_partition_than_the_keys() -> None:
    china = Target(PAYMENTS, "payments", ("cn-north-1", "cn-northwest-1"))
    (problem,) = role_inputs.partition_problems([china], [KEY])
    assert problem.path == "targets[0].regions"
    assert "payments" in problem.message
    assert "aws-cn" in problem.message


def test_destinations_of_several_partitions() -> None:
    mixed = [TARGETS[0], Target(SEARCH, "search", ("us-west-2", "us-gov-west-1"))]
    (problem,) = role_inputs.partition_problems(mixed, [])
    assert (problem.path, "aws-us-gov" in problem.message) == ("targets[1].regions", True)


def test_keys_of_several_partitions() -> None:
    (problem,) = role_inputs.partition_problems([], [KEY, KEY.replace("arn:aws:", "arn:aws-cn:")])
    assert (problem.path, "aws, aws-cn" in problem.message) == ("key_arns", True)


def test_revoked_keys() -> None:
    assert role_inputs.revoked_keys_problems([KEY], present=False) == role_inputs.revoked_keys_problems([], present=True) == []
    problems = role_inputs.revoked_keys_problems([KEY, "alias/x"], present=True)
    assert [problem.path for problem in problems] == ["revoked_key_arns[1]", "revoked_key_arns"]
