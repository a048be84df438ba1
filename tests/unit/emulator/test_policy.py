# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The policy language, against the IAM reference."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.tests.emulator.policy import (
    MalformedPolicyError,
    Naming,
    Policy,
    Principal,
    Request,
    Verdict,
    evaluate_all,
)
from hypothesis import given
from hypothesis import strategies as st

ROLE = "arn:aws:iam::222222222222:role/team/Distribution"
SESSION = "arn:aws:sts::222222222222:assumed-role/Distribution/run"
PRINCIPAL = Principal("222222222222", ROLE, SESSION)
KEY = "arn:aws:kms:us-west-2:111111111111:key/0"


def document(*statements: dict[str, Any], version: str = "2012-10-17") -> dict[str, Any]:
    return {"Version": version, "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", **statement} for statement in statements]}


def verdict(body: dict[str, Any], action: str = "kms:Decrypt", resource: str = KEY, **context: Any) -> Verdict:
    return Policy.parse(body).evaluate(Request(action, resource, PRINCIPAL, context)).verdict


@pytest.mark.parametrize(
    ("listed", "action", "allowed"),
    [
        ("kms:Decrypt", "kms:Decrypt", True),
        ("KMS:decrypt", "kms:Decrypt", True),
        ("kms:ReEncrypt*", "kms:ReEncryptFrom", True),
        ("kms:ReEncrypt*", "kms:Encrypt", False),
        ("kms:Describe?ey", "kms:DescribeKey", True),
        ("*", "ec2:CopyImage", True),
        ("kms:*", "ec2:CopyImage", False),
        (["ec2:*", "kms:Decrypt"], "kms:Decrypt", True),
        ([], "kms:Decrypt", False),
    ],
)
def test_action(listed: str | list[str], action: str, allowed: bool) -> None:
    assert (verdict(document({"Action": listed}), action) is Verdict.ALLOW) is allowed


def test_not_action() -> None:
    body = {"Statement": [{"Effect": "Allow", "NotAction": ["iam:*", "kms:Decrypt"], "Resource": "*"}]}
    assert verdict(body, "kms:Encrypt") is Verdict.ALLOW
    assert verdict(body, "kms:Decrypt") is Verdict.NOTHING
    assert verdict(body, "IAM:CreateRole") is Verdict.NOTHING


@pytest.mark.parametrize(
    ("listed", "allowed"),
    [
        (KEY, True),
        (KEY.upper(), False),
        ("arn:aws:kms:*:111111111111:key/*", True),
        ("arn:aws:kms:eu-west-1:111111111111:key/*", False),
        ("arn:aws:kms:us-west-?:*:key/0", True),
        (["arn:aws:kms:us-west-2:1:key/0", KEY], True),
        ("arn:aws:kms:*:111111111111:alias/*", False),
    ],
)
def test_resource(listed: str | list[str], allowed: bool) -> None:
    assert (verdict(document({"Resource": listed})) is Verdict.ALLOW) is allowed


def test_not_resource() -> None:
    body = {"Statement": {"Effect": "Allow", "Action": "*", "NotResource": "arn:aws:kms:*:*:key/0"}}
    assert verdict(body) is Verdict.NOTHING
    assert verdict(body, resource="arn:aws:kms:us-west-2:111111111111:key/1") is Verdict.ALLOW


TEXT = st.text(st.characters(codec="ascii", exclude_characters="*?$"), max_size=12)


@given(st.lists(TEXT, min_size=1, max_size=4), st.lists(TEXT, min_size=5, max_size=5))
def test_a_star_is_any_text(fixed: list[str], between: list[str]) -> None:
    """A pattern matches what it becomes when its stars are filled in, and does not when a fixed part is missing from the text."""
    text = "".join(part + filling for part, filling in zip(fixed, between, strict=False))
    body = document({"Resource": "".join(f"{part}*" for part in fixed)})
    assert verdict(body, resource=text) is Verdict.ALLOW
    assert verdict(document({"Resource": f"{fixed[0]}|*"}), resource=text.replace("|", "")) is Verdict.NOTHING


@given(st.permutations([{"Action": "kms:*"}, {"Action": "kms:Decrypt"}, {"Effect": "Deny", "Action": "kms:De*"}, {"NotAction": "iam:*"}]))
def test_order_of_statements_never_matters(statements: list[dict[str, Any]]) -> None:
    cleaned = [{"Effect": "Allow", "Resource": "*", **statement} for statement in statements]
    body = {"Version": "2012-10-17", "Statement": cleaned}
    assert (verdict(body), verdict(body, "kms:Encrypt"), verdict(body, "iam:PassRole")) == (Verdict.DENY, Verdict.ALLOW, Verdict.NOTHING)


@pytest.mark.parametrize("order", [1, -1])
def test_explicit_deny_wins_wherever_it_stands(order: int) -> None:
    statements = [{"Action": "kms:*"}, {"Effect": "Deny", "Action": "kms:Decrypt", "Sid": "No"}][::order]
    result = Policy.parse(document(*statements)).evaluate(Request("kms:Decrypt", KEY, PRINCIPAL))
    assert (result.verdict, result.sid) == (Verdict.DENY, "No")
    assert verdict(document(*statements), "kms:Encrypt") is Verdict.ALLOW


def test_deny_in_one_of_several_policies_wins() -> None:
    policies = [Policy.parse(document({})), Policy.parse(document({"Effect": "Deny", "Action": "kms:Decrypt"}))]
    assert evaluate_all(policies, Request("kms:Decrypt", KEY)).verdict is Verdict.DENY
    assert evaluate_all(policies, Request("kms:Encrypt", KEY)).verdict is Verdict.ALLOW
    assert evaluate_all([], Request("kms:Encrypt", KEY)).verdict is Verdict.NOTHING


@pytest.mark.parametrize(
    ("element", "naming"),
    [
        ("*", Naming.ANYONE),
        ({"AWS": "*"}, Naming.ANYONE),
        ({"AWS": "222222222222"}, Naming.ACCOUNT),
        ({"AWS": "arn:aws:iam::222222222222:root"}, Naming.ACCOUNT),
        ({"AWS": "arn:aws:iam::333333333333:root"}, Naming.NOT),
        ({"AWS": ROLE}, Naming.ROLE),
        ({"AWS": "arn:aws:iam::222222222222:role/Distribution"}, Naming.NOT),
        ({"AWS": SESSION}, Naming.SESSION),
        ({"AWS": "arn:aws:sts::222222222222:assumed-role/Distribution/other"}, Naming.NOT),
        ({"AWS": "arn:aws:iam::222222222222:role/*"}, Naming.NOT),
        ({"AWS": ["222222222222", ROLE]}, Naming.ROLE),
        ({"Service": "ec2.amazonaws.com"}, Naming.NOT),
        ({"AWS": []}, Naming.NOT),
    ],
)
def test_principal(element: Any, naming: Naming) -> None:
    assert Policy.parse(document({"Principal": element})).evaluate(Request("kms:Decrypt", KEY, PRINCIPAL)).naming is naming


def test_the_strongest_naming_counts() -> None:
    body = document({"Principal": {"AWS": "222222222222"}}, {"Principal": {"AWS": SESSION}}, {"Principal": {"AWS": ROLE}})
    assert Policy.parse(body).evaluate(Request("kms:Decrypt", KEY, PRINCIPAL)).naming is Naming.SESSION


def test_root_itself_is_named_directly() -> None:
    root = Principal("222222222222", "arn:aws:iam::222222222222:root")
    body = document({"Principal": {"AWS": "222222222222"}})
    assert Policy.parse(body).evaluate(Request("kms:Decrypt", KEY, root)).naming is Naming.ROLE


def test_service_principal() -> None:
    service = Principal(service="imagebuilder.amazonaws.com")
    trusted = Policy.parse(document({"Principal": {"Service": ["ec2.amazonaws.com", "imagebuilder.amazonaws.com"]}}))
    assert trusted.evaluate(Request("sts:AssumeRole", "r", service)).verdict is Verdict.ALLOW
    assert Policy.parse(document({"Principal": {"AWS": "*"}})).evaluate(Request("sts:AssumeRole", "r", service)).verdict is Verdict.NOTHING


def test_not_principal() -> None:
    body = {"Statement": {"Effect": "Deny", "NotPrincipal": {"AWS": [ROLE]}, "Action": "*", "Resource": "*"}}
    assert verdict(body) is Verdict.NOTHING
    other = Request("kms:Decrypt", KEY, Principal("222222222222", "arn:aws:iam::222222222222:role/Other"))
    assert Policy.parse(body).evaluate(other).verdict is Verdict.DENY


def test_every_condition_must_hold() -> None:
    condition = {"Bool": {"kms:GrantIsForAWSResource": True}, "StringLike": {"kms:ViaService": "ec2.*.amazonaws.com", "kms:CallerAccount": "2*"}}
    context = {"KMS:GrantIsForAwsResource": "true", "kms:viaservice": "ec2.us-west-2.amazonaws.com", "kms:CallerAccount": "222222222222"}
    body = document({"Condition": condition})
    assert verdict(body, **context) is Verdict.ALLOW
    for key in context:
        assert verdict(body, **{**context, key: "other"}) is Verdict.NOTHING
        assert verdict(body, **{other: value for other, value in context.items() if other != key}) is Verdict.NOTHING


def test_condition_on_a_deny_narrows_the_deny() -> None:
    body = document({}, {"Effect": "Deny", "Condition": {"StringNotEquals": {"aws:PrincipalOrgID": "o-a"}}})
    assert verdict(body, **{"aws:PrincipalOrgID": "o-a"}) is Verdict.ALLOW
    assert verdict(body, **{"aws:PrincipalOrgID": "o-b"}) is Verdict.DENY
    assert verdict(body) is Verdict.DENY


@pytest.mark.parametrize(
    ("text", "version", "context", "allowed"),
    [
        ("arn:aws:s3:::${aws:PrincipalAccount}/*", "2012-10-17", {"aws:PrincipalAccount": "222222222222"}, True),
        ("arn:aws:s3:::${aws:PrincipalAccount}/*", "2008-10-17", {"aws:PrincipalAccount": "222222222222"}, False),
        ("arn:aws:s3:::${aws:PrincipalAccount}/*", "2012-10-17", {}, False),
        ("arn:aws:s3:::${aws:PrincipalTag/team, '222222222222'}/*", "2012-10-17", {}, True),
        ("arn:aws:s3:::${aws:PrincipalAccount}/*", "2012-10-17", {"aws:PrincipalAccount": "*"}, False),
        ("arn:aws:s3:::2222????2222/${*}", "2012-10-17", {}, False),
    ],
)
def test_variables_in_resources(text: str, version: str, context: dict[str, str], allowed: bool) -> None:
    assert (verdict(document({"Resource": text}, version=version), resource="arn:aws:s3:::222222222222/a", **context) is Verdict.ALLOW) is allowed


def test_variables_in_conditions() -> None:
    body = document({"Condition": {"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}}})
    assert verdict(body, **{"aws:ResourceAccount": "1", "aws:PrincipalAccount": "1"}) is Verdict.ALLOW
    assert verdict(body, **{"aws:ResourceAccount": "1", "aws:PrincipalAccount": "2"}) is Verdict.NOTHING
    assert verdict(body, **{"aws:ResourceAccount": "*", "aws:PrincipalAccount": "*"}) is Verdict.ALLOW


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("{", "not valid JSON"),
        ([], "no Statement"),
        ({}, "no Statement"),
        ({"Version": "2020-01-01", "Statement": []}, "no policy version"),
        ({"Statement": ["x"]}, "not an object"),
        ({"Statement": {"Effect": "allow", "Action": "*"}}, "no Effect"),
        ({"Statement": {"Effect": "Allow"}}, "neither Action nor NotAction"),
        ({"Statement": {"Effect": "Allow", "Action": "a:b", "NotAction": "a:c"}}, "both Action and NotAction"),
        ({"Statement": {"Effect": "Allow", "Action": "a:b", "Resource": "*", "NotResource": "*"}}, "both Resource and NotResource"),
        ({"Statement": {"Effect": "Allow", "Action": [1]}}, "Action holds something that is not text"),
        ({"Statement": {"Effect": "Allow", "Action": "a:b", "Resources": "*"}}, "unknown elements: Resources"),
        ({"Statement": [], "Note": ""}, "unknown elements: Note"),
        ({"Statement": {"Effect": "Allow", "Action": "a:b", "Principal": "222222222222"}}, "Principal is neither"),
        ({"Statement": {"Effect": "Allow", "Action": "a:b", "Principal": {"Aws": "*"}}}, "unknown kinds: Aws"),
        ({"Statement": {"Effect": "Allow", "Action": "a:b", "Condition": {"Sounds": {"k": "v"}}}}, "Invalid Condition type : Sounds."),
        ({"Statement": {"Effect": "Allow", "Action": "a:b", "Condition": {"Bool": "true"}}}, "Condition is not an object"),
        ({"Statement": {"Effect": "Allow", "Action": "a:b", "Condition": {"Bool": {"k": None}}}}, "a condition's value"),
    ],
)
def test_malformed(body: Any, says: str) -> None:
    with pytest.raises(MalformedPolicyError, match=says):
        Policy.parse(body if isinstance(body, str) else json.dumps(body))
