# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AWS's policy simulator asked where that is allowed, and the documents evaluated where it is not."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._access import evaluation, statements
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.evaluation import Policies, Policy, Request
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.needs import WRITE_KEY, Place, needs
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.simulation import Answer, Simulated, judge, simulate
from ansible_collections.golden.imagebuilder.tests.emulator.server import InProcessEmulator, emulate

SOURCE, TARGET = "111111111111", "222222222222"
KEY = f"arn:aws:kms:us-west-2:{SOURCE}:key/11111111-2222-3333-4444-555555555555"
ROLE = f"arn:aws:iam::{TARGET}:role/Distribution"
IMAGE = "arn:aws:ec2:us-west-2::image/ami-0123456789abcdef0"
NOBODY = json.dumps({"Version": "2012-10-17", "Statement": []})
FOR_AWS: dict[str, Any] = {"kms:GrantIsForAWSResource": "true"}


def document(*found: Any) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(found)}


def allow(action: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": action, "Resource": resource, **more}


def ask(action: str, resource: str = IMAGE, *, owner: str = TARGET, context: dict[str, Any] | None = None) -> Request:
    return Request(action, resource, ROLE, TARGET, owner, context or {})


def on_key(action: str, context: dict[str, Any] | None = None) -> Request:
    return ask(f"kms:{action}", KEY, owner=SOURCE, context=context)


KEY_POLICY = Policy("key policy", document(*statements.key_destinations("aws", [TARGET])))
ROLE_KMS = document(*statements.role_kms(SOURCE, [KEY]))


@dataclass
class Account:
    """The account of the role, whose policies are put here and read nowhere: `documents` are what the caller could read of them."""

    emulator: InProcessEmulator
    documents: Sequence[Policy] = ()

    @property
    def iam(self) -> Any:
        return self.emulator.client(TARGET, "iam")

    def put(self, body: dict[str, Any]) -> None:
        self.iam.put_role_policy(RoleName="Distribution", PolicyName="work", PolicyDocument=json.dumps(body))

    def judge(self, *requests: Request, iam: Any = None, **policies: Any) -> list[Answer]:
        self.emulator.reset_calls()
        return judged(simulate(iam or self.iam, requests), requests, Policies(**{"identity": self.documents, **policies}))

    def simulations(self) -> int:
        return len([call for call in self.emulator.calls() if call.operation == "SimulatePrincipalPolicy"])

    def client_of_somebody(self, *found: Any) -> Any:
        """A client of a user that has these statements."""
        self.iam.create_user(UserName="Ann")
        self.iam.put_user_policy(UserName="Ann", PolicyName="p", PolicyDocument=json.dumps(document(*found)))
        key = self.iam.create_access_key(UserName="Ann")["AccessKey"]
        return self.emulator._client("iam", "us-east-1", key["AccessKeyId"], key["SecretAccessKey"], None)


def judged(simulated: Simulated, requests: Sequence[Request], policies: Policies) -> list[Answer]:
    of_key = replace(policies, resource=KEY_POLICY)
    return [judge(request, of_key if "kms:" in request.action else policies, simulated) for request in requests]


@pytest.fixture
def account() -> Iterator[Account]:
    with emulate(accounts=[SOURCE, TARGET], seconds_per_state=0) as emulator:
        emulator.client(TARGET, "iam").create_role(RoleName="Distribution", AssumeRolePolicyDocument=NOBODY)
        yield Account(emulator)


def told(answers: Sequence[Answer]) -> list[tuple[str, str]]:
    return [(answer.decision.outcome, answer.by) for answer in answers]


def test_the_word_of_aws_counts_where_no_document_could_be_read(account: Account) -> None:
    account.put(document(allow(["ec2:CopyImage"])))
    answers = account.judge(ask("ec2:CopyImage"), ask("ec2:DeregisterImage"), identity=[Policy("work", None)])
    assert told(answers) == [("allowed", "simulation"), ("denied", "simulation")]
    assert [answer.request.action for answer in answers] == ["ec2:CopyImage", "ec2:DeregisterImage"]
    assert "iam:SimulatePrincipalPolicy" in answers[0].decision.reason


def test_a_deny_is_told_with_its_statement(account: Account) -> None:
    account.put(document(allow("*"), {**allow("ec2:*"), "Effect": "Deny", "Sid": "NoCopies"}))
    ((request, decision),) = [(answer.request, answer.decision) for answer in account.judge(ask("ec2:CopyImage"))]
    assert (request.action, decision.outcome) == ("ec2:CopyImage", "denied")
    assert "NoCopies" in decision.reason


def test_both_sides_are_judged_for_a_key(account: Account) -> None:
    """AWS tells what the role's policies say; what the policy of the key says is evaluated."""
    account.put(ROLE_KMS)
    requests = [on_key("Decrypt"), on_key("CreateGrant", FOR_AWS), on_key("CreateGrant", {"kms:GrantIsForAWSResource": "false"})]
    account.documents = [Policy("work", ROLE_KMS)]
    answers = account.judge(*requests, on_key("PutKeyPolicy"))
    assert [answer.decision.outcome for answer in answers] == ["allowed", "allowed", "denied", "denied"]
    # Another statement asks for a key that the first and the last request have not got, on which neither of them hangs.
    assert {answer.by for answer in answers} == {"simulation"}


def test_the_policy_of_the_key_decides_what_the_role_alone_may(account: Account) -> None:
    account.put(document(allow("kms:*")))
    (answer,) = account.judge(on_key("PutKeyPolicy"))
    assert told([answer]) == [("denied", "simulation")]
    assert "the key policy does not let" in answer.decision.reason


def test_a_boundary_that_nobody_could_read(account: Account) -> None:
    arn = account.iam.create_policy(PolicyName="boundary", PolicyDocument=json.dumps(document(allow("kms:*"))))["Policy"]["Arn"]
    account.put(document(allow("*")))
    account.iam.put_role_permissions_boundary(RoleName="Distribution", PermissionsBoundary=arn)
    answers = account.judge(ask("ec2:CopyImage"), on_key("Decrypt"), boundary=Policy("boundary", None))
    assert told(answers) == [("denied", "simulation"), ("allowed", "simulation")]
    assert "the permissions boundary" in answers[0].decision.reason


@pytest.mark.parametrize(
    ("resource", "expected"),
    [
        ("arn:aws:ec2:*::image/*", ("allowed", "simulation")),
        ("arn:aws:ec2:*::image/ami-0*", ("unknown", "evaluation")),
        ("arn:aws:ec2:*::snapshot/*", ("denied", "evaluation")),
    ],
)
def test_an_id_that_is_not_known_yet(account: Account, resource: str, expected: tuple[str, str]) -> None:
    body = document(allow("ec2:CopyImage", resource))
    account.put(body)
    account.documents = [Policy("work", body)]
    assert told(account.judge(ask("ec2:CopyImage", "arn:aws:ec2:us-west-2::image/*"))) == [expected]


def test_what_the_simulator_lacks_is_not_known(account: Account) -> None:
    body = document(allow("ec2:CopyImage", Condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}))
    account.put(body)
    account.documents = [Policy("work", body)]
    assert told(account.judge(ask("ec2:CopyImage"))) == [("unknown", "evaluation")]


GUARD = {**allow("ec2:*", Condition={"StringEquals": {"aws:RequestTag/Stage": "test"}}), "Effect": "Deny"}
OTHER_GUARD = {**allow("ssm:*", Condition={"StringEquals": {"aws:RequestTag/Stage": "test"}}), "Effect": "Deny"}


@pytest.mark.parametrize(
    ("guard", "is_read", "context", "expected"),
    [
        (OTHER_GUARD, True, {}, ("allowed", "simulation")),
        (OTHER_GUARD, False, {}, ("unknown", "evaluation")),
        (OTHER_GUARD, False, {"aws:RequestTag/Stage": []}, ("allowed", "simulation")),
        (GUARD, True, {}, ("unknown", "evaluation")),
        (GUARD, True, {"aws:RequestTag/Stage": []}, ("allowed", "simulation")),
        (GUARD, False, {"aws:RequestTag/Stage": "live"}, ("allowed", "simulation")),
        (GUARD, False, {"aws:RequestTag/Stage": "test"}, ("denied", "simulation")),
    ],
)
def test_a_key_that_aws_was_not_given_counts_where_the_answer_may_hang_on_it(
    account: Account, guard: dict[str, Any], is_read: bool, context: dict[str, Any], expected: tuple[str, str]
) -> None:
    """AWS names all keys that it lacked, also of statements about something else and those that the request has not."""
    body = document(allow("ec2:*"), guard)
    account.put(body)
    account.documents = [Policy("work", body if is_read else None)]
    assert told(account.judge(ask("ec2:CopyImage", context=context))) == [expected]


def test_the_organization_forbids_what_the_documents_allow_whatever_key_was_missing(account: Account) -> None:
    body = document(allow("ec2:*"), OTHER_GUARD)
    account.put(body)
    account.documents = [Policy("work", body)]
    account.emulator.disturb(denied_operations={TARGET: ["CopyImage"]})
    (answer,) = account.judge(ask("ec2:CopyImage"))
    assert told([answer]) == [("denied", "simulation")]
    assert "not allowed by the organization" in answer.decision.reason


def test_aws_allows_without_a_key_what_the_documents_do_not(account: Account) -> None:
    """What is allowed only as long as a key is missing is not taken from AWS: here a condition holds for want of the key, by a policy nobody gave."""
    account.put(document(allow("ec2:*", Condition={"StringNotEquals": {"aws:RequestTag/Stage": "test"}})))
    assert told(account.judge(ask("ec2:CopyImage"), identity=[Policy("work", document(allow("ssm:*")))])) == [("denied", "evaluation")]


def test_aws_judges_all_that_our_own_role_needs(account: Account) -> None:
    """The statement about grants asks for a key that no other request has."""
    account.put(ROLE_KMS)
    account.documents = [Policy("work", None)]
    place = Place("aws", SOURCE, "us-west-2", TARGET, "us-west-2", key_arn=KEY)
    wanted = [need for need in needs(place) if need.who == "destination" and need.feature == "encrypted_copy"]
    answers = account.judge(*(Request(need.action, need.resource, ROLE, TARGET, need.resource_account, need.context) for need in wanted))
    assert len(answers) == len(WRITE_KEY)
    assert {answer.by for answer in answers} == {"simulation"}
    assert {answer.decision.outcome for answer in answers} == {"allowed"}


def test_actions_on_one_resource_are_asked_for_at_once(account: Account) -> None:
    account.put(document(allow("ec2:*")))
    answers = account.judge(*(ask(f"ec2:{action}") for action in ("CopyImage", "CreateTags", "CopyImage")), ask("ec2:DescribeImages", "*"))
    assert told(answers) == [("allowed", "simulation")] * 4
    assert account.simulations() == 2


def test_who_may_not_ask_evaluates(account: Account) -> None:
    """After one refusal, nobody asks again."""
    account.put(document(allow("ec2:CopyImage")))
    account.documents = [Policy("work", document(allow("ec2:CopyImage")))]
    requests = [ask("ec2:CopyImage"), ask("ec2:DescribeImages", "*"), on_key("Decrypt")]
    answers = account.judge(*requests, iam=account.client_of_somebody(allow("iam:Get*")))
    assert told(answers) == [("allowed", "evaluation"), ("denied", "evaluation"), ("denied", "evaluation")]
    assert account.simulations() == 1
    assert answers == judged(Simulated(), requests, Policies(account.documents))


def test_who_may_only_ask_asks(account: Account) -> None:
    account.put(document(allow("ec2:CopyImage")))
    answers = account.judge(ask("ec2:CopyImage"), iam=account.client_of_somebody(allow("iam:SimulatePrincipalPolicy")))
    assert told(answers) == [("allowed", "simulation")]


def test_a_role_that_is_not_there_is_evaluated(account: Account) -> None:
    request = replace(ask("ec2:CopyImage"), principal_arn=ROLE + "2")
    assert told(account.judge(request)) == [("denied", "evaluation")]


def test_simulation_and_evaluation_say_the_same(account: Account) -> None:
    """The context that follows from a request is told to AWS too."""
    conditions = [
        {"StringEquals": {"aws:RequestedRegion": "us-west-2"}},
        {"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}},
        {"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/D*"}},
        {"Bool": {"aws:SecureTransport": "false"}},
        {"StringLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/E*"}},
    ]
    for condition in conditions:
        body = document(allow("ec2:CopyImage", Condition=condition))
        account.put(body)
        account.documents = [Policy("work", body)]
        (answer,) = account.judge(ask("ec2:CopyImage"))
        assert answer.by == "simulation"
        assert answer.decision.outcome == evaluation.decide(answer.request, Policies(account.documents)).outcome
