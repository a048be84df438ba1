# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person should see about a role, and what not."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._access import role_findings, statements

ROLE = statements.ROLE_NAME
SOURCE = "111111111111"


def document(**statement: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": [{"Sid": "Theirs", "Effect": "Allow", **statement}]}


def trust_findings(**statement: Any) -> list[str]:
    return [finding.code for finding in role_findings.of_trust(ROLE, document(Action="sts:AssumeRole", **statement))]


@pytest.mark.parametrize(
    "principal",
    ["*", {"AWS": "*"}, {"AWS": ["111111111111", "*"]}, {"AWS": "arn:aws:iam::*:root"}, {"Service": "*"}],
    ids=str,
)
def test_a_wildcard_is_everybody(principal: Any) -> None:
    assert trust_findings(Principal=principal) == ["EverybodyTrusted"]


def test_everybody_but_somebody_is_everybody() -> None:
    assert trust_findings(NotPrincipal={"AWS": SOURCE}) == ["EverybodyTrusted"]


@pytest.mark.parametrize(
    "principal",
    [{"AWS": SOURCE}, {"AWS": [f"arn:aws:iam::{SOURCE}:root", f"arn:aws:iam::{SOURCE}:role/Build"]}, {"Service": "ec2.amazonaws.com"}],
    ids=str,
)
def test_names_are_no_finding(principal: Any) -> None:
    assert trust_findings(Principal=principal) == []


def test_a_deny_of_everybody_is_no_finding() -> None:
    assert trust_findings(Effect="Deny", Principal="*") == []


def test_a_condition_is_shown_but_makes_everybody_no_names() -> None:
    condition = {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}
    (finding,) = role_findings.of_trust(ROLE, document(Principal="*", Condition=condition))
    assert "o-abcdefghij" in finding.message
    assert "statement Theirs" in finding.message


def test_somebody_who_was_deleted() -> None:
    (finding,) = role_findings.of_trust(ROLE, document(Principal={"AWS": ["AROAEXAMPLEEXAMPLE12", SOURCE]}))
    assert (finding.code, "AROAEXAMPLEEXAMPLE12" in finding.message, SOURCE in finding.message) == ("PrincipalDeleted", True, False)


def test_a_single_statement_without_a_list_or_sid() -> None:
    trust = {"Statement": {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}}
    (finding,) = role_findings.of_trust(ROLE, trust)
    assert "a statement without a Sid" in finding.message


@pytest.mark.parametrize(
    "statement",
    [
        {"Action": "*", "Resource": "*"},
        {"Action": ["ec2:DescribeImages", "iam:*"], "Resource": ["arn:aws:s3:::x", "*"]},
        {"NotAction": "iam:*", "Resource": "*"},
        {"Action": "kms:*", "NotResource": "arn:aws:s3:::x"},
    ],
    ids=str,
)
def test_all_of_a_service_on_everything(statement: dict[str, Any]) -> None:
    (finding,) = role_findings.of_inline_policies(ROLE, {"Theirs": document(**statement)})
    assert (finding.code, "inline policy Theirs" in finding.message) == ("AdministratorPolicy", True)


@pytest.mark.parametrize(
    "statement",
    [
        {"Action": "ec2:DescribeImages", "Resource": "*"},
        {"Action": "ec2:Describe*", "Resource": "*"},
        {"Action": "s3:*", "Resource": "arn:aws:s3:::x/*"},
        {"Effect": "Deny", "Action": "*", "Resource": "*"},
    ],
    ids=str,
)
def test_what_is_narrower_is_no_finding(statement: dict[str, Any]) -> None:
    assert list(role_findings.of_inline_policies(ROLE, {"Theirs": document(**statement)})) == []


def test_policies_of_aws_are_known_by_name_and_those_of_the_account_by_their_text() -> None:
    own = f"arn:aws:iam::{SOURCE}:policy"
    arns = ["arn:aws:iam::aws:policy/AdministratorAccess", "arn:aws-cn:iam::aws:policy/job-function/PowerUserAccess", f"{own}/AdministratorAccess"]
    documents = {f"{own}/Wide": document(Action="*", Resource="*"), f"{own}/Narrow": document(Action="s3:GetObject", Resource="*")}
    messages = [finding.message for finding in role_findings.of_managed_policies(ROLE, arns, documents)]
    assert ["AdministratorAccess" in messages[1], "PowerUserAccess" in messages[0], "Wide" in messages[2]] == [True] * 3
    assert len(messages) == 3


def test_of_a_path() -> None:
    assert role_findings.of_path(ROLE, "/") == []
    (finding,) = role_findings.of_path(ROLE, "/images/")
    assert finding.to_result() == {"role": ROLE, "code": "OtherPath", "message": finding.message}


def test_what_we_write_ourselves_is_no_finding() -> None:
    key = f"arn:aws:kms:us-west-2:{SOURCE}:key/1"
    ours = [
        *statements.role_kms(SOURCE, [key]),
        *statements.role_launch_templates("aws", SOURCE),
        *statements.role_parameters("aws", SOURCE, "222222222222", ["/imagebuilder/"]),
        *statements.role_fast_launch("aws", SOURCE),
    ]
    trusts = [statements.trust("aws", [SOURCE]), *statements.lifecycle_trust("aws", [SOURCE])]
    assert list(role_findings.of_inline_policies(ROLE, {"Ours": {"Statement": ours}})) == []
    assert list(role_findings.of_trust(ROLE, {"Statement": trusts})) == []
