# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IAM's policy simulator, as its API reference describes it."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.tests.emulator.server import emulate
from botocore.exceptions import ClientError

ACCOUNT = "222222222222"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/Worker"


def document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


@pytest.fixture(scope="module")
def iam() -> Any:
    """The client of an account with a role that may do all of EC2, under conditions some things more, and is bounded to EC2 and S3."""
    with emulate(accounts=["111111111111", ACCOUNT], seconds_per_state=0) as emulator:
        client = emulator.client(ACCOUNT, "iam")
        boundary = client.create_policy(
            PolicyName="boundary", PolicyDocument=document({"Effect": "Allow", "Action": ["ec2:*", "s3:*"], "Resource": "*"})
        )["Policy"]["Arn"]
        client.create_role(RoleName="Worker", AssumeRolePolicyDocument=document(), PermissionsBoundary=boundary)
        statements: list[dict[str, Any]] = [
            {"Effect": "Allow", "Action": ["ec2:*", "kms:*"], "Resource": "*"},
            {"Effect": "Deny", "Action": "ec2:Terminate*", "Resource": "*", "Sid": "NoEnd"},
            {"Effect": "Allow", "Action": "s3:*", "Resource": "*", "Condition": {"StringEquals": {"aws:PrincipalTag/team": "blue"}}},
        ]
        client.put_role_policy(RoleName="Worker", PolicyName="work", PolicyDocument=document(*statements))
        yield client


def simulate(iam: Any, action: str, *context: tuple[str, str]) -> dict[str, Any]:
    entries = [{"ContextKeyName": key, "ContextKeyType": "string", "ContextKeyValues": [value]} for key, value in context]
    (result,) = iam.simulate_principal_policy(PolicySourceArn=ROLE, ActionNames=[action], ContextEntries=entries)["EvaluationResults"]
    return dict(result)


@pytest.mark.parametrize(
    ("action", "decision"),
    [("ec2:RunInstances", "allowed"), ("ec2:TerminateInstances", "explicitDeny"), ("kms:Decrypt", "implicitDeny"), ("s3:ListBucket", "implicitDeny")],
)
def test_decision(iam: Any, action: str, decision: str) -> None:
    result = simulate(iam, action)
    assert (result["EvalDecision"], result["EvalResourceName"]) == (decision, "*")
    assert result["PermissionsBoundaryDecisionDetail"] == {"AllowedByPermissionsBoundary": action != "kms:Decrypt"}
    assert result["MissingContextValues"] == ["aws:PrincipalTag/team"]


def test_only_what_is_given_is_known(iam: Any) -> None:
    result = simulate(iam, "s3:ListBucket", ("aws:principaltag/team", "blue"))
    assert (result["EvalDecision"], result["MissingContextValues"]) == ("allowed", [])


def test_the_statement_that_decides_is_named(iam: Any) -> None:
    assert simulate(iam, "ec2:TerminateInstances")["MatchedStatements"][0]["SourcePolicyId"] == "NoEnd"
    assert simulate(iam, "sqs:SendMessage")["MatchedStatements"] == []


@pytest.mark.parametrize(
    ("arn", "code"),
    [(ROLE + "2", "NoSuchEntity"), (ROLE.replace(ACCOUNT, "111111111111"), "AccessDenied"), (f"arn:aws:iam::{ACCOUNT}:work/er", "InvalidInput")],
)
def test_principals_that_are_not_there(iam: Any, arn: str, code: str) -> None:
    with pytest.raises(ClientError) as caught:
        iam.simulate_principal_policy(PolicySourceArn=arn, ActionNames=["ec2:RunInstances"])
    assert caught.value.response["Error"]["Code"] == code
