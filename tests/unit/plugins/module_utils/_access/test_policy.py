# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Merging into policies that others also write."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._access import policy, statements
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.errors import FleetError
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

ACCOUNT = st.integers(0, 999999999999).map(lambda number: f"{number:012d}")
ACCOUNTS = st.lists(ACCOUNT, min_size=1, max_size=6, unique=True)
PARTITIONS = st.sampled_from(["aws", "aws-cn", "aws-us-gov"])

# How long an example takes says nothing here, and depends on what else the machine does.
calmly = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])


def one_or_list(values: st.SearchStrategy[str]) -> st.SearchStrategy[Any]:
    return values | st.lists(values, min_size=1, max_size=3)


@st.composite
def foreign_statements(draw: st.DrawFn) -> dict[str, Any]:
    """Statements as others write them, in every form that AWS takes."""
    principal = ACCOUNT | ACCOUNT.map(lambda value: f"arn:aws:iam::{value}:root") | ACCOUNT.map(lambda value: f"arn:aws:iam::{value}:role/R")
    statement: dict[str, Any] = {
        "Effect": draw(st.sampled_from(["Allow", "Deny"])),
        "Principal": draw(st.just("*") | st.fixed_dictionaries({"AWS": one_or_list(principal)}) | st.just({"Service": "ec2.amazonaws.com"})),
        "Action": draw(one_or_list(st.sampled_from(["kms:*", "kms:Decrypt", "sts:AssumeRole"]))),
    }
    if draw(st.booleans()):
        statement["Sid"] = draw(st.text("ABCabc019", min_size=1, max_size=10))
    if draw(st.booleans()):
        statement["Resource"] = draw(one_or_list(st.sampled_from(["*", "arn:aws:kms:eu-west-1:111111111111:key/1"])))
    if draw(st.booleans()):
        values = st.sampled_from(["true", "o-123", "x"]) | st.booleans()
        statement["Condition"] = {"StringEquals": {"aws:PrincipalOrgID": draw(values | st.lists(values, min_size=1, max_size=3))}}
    return statement


@st.composite
def foreign_policies(draw: st.DrawFn) -> policy.Policy:
    document: dict[str, Any] = {"Statement": draw(st.lists(foreign_statements(), max_size=4) | foreign_statements())}
    if draw(st.booleans()):
        document["Version"] = draw(st.sampled_from(["2012-10-17", "2008-10-17"]))
    if draw(st.booleans()):
        document["Id"] = "theirs"
    return document


def shuffled(value: Any, chance: random.Random) -> Any:
    """The same policy with its lists in another order and every account spelled the other way."""
    if isinstance(value, dict):
        return {key: shuffled(item, chance) for key, item in value.items()}
    if isinstance(value, list):
        items = [shuffled(item, chance) for item in value]
        chance.shuffle(items)
        return items
    if isinstance(value, str) and value.isdigit() and len(value) == 12:
        return f"arn:aws:iam::{value}:root"
    return value


@calmly
@given(foreign_policies(), ACCOUNTS, PARTITIONS)
def test_adding_and_removing_is_the_identity(document: policy.Policy, accounts: list[str], partition: str) -> None:
    wanted = statements.key_destinations(partition, accounts)
    added = policy.merged(document, wanted)
    assert not policy.equal(added, document)
    left = policy.without(added, wanted)
    assert policy.statements_of(left) == policy.statements_of(document)
    assert left.get("Id") == document.get("Id")


@calmly
@given(foreign_policies(), ACCOUNTS)
def test_twice_is_once(document: policy.Policy, accounts: list[str]) -> None:
    wanted = [statements.trust("aws", accounts)]
    once = policy.merged(document, wanted)
    assert policy.merged(once, wanted) == once


@calmly
@given(foreign_policies(), ACCOUNTS, ACCOUNTS)
def test_foreign_statements_survive_unchanged(document: policy.Policy, accounts: list[str], later: list[str]) -> None:
    before = copy.deepcopy(document)
    result = policy.merged(
        policy.merged(document, statements.key_destinations("aws", accounts)), statements.key_destinations("aws", later), statements.KEY_SIDS
    )
    theirs = [statement for statement in policy.statements_of(result) if not statement.get("Sid", "").startswith(statements.SID_PREFIX)]
    assert theirs == policy.statements_of(before)
    assert document == before, "the input was changed"


@calmly
@given(foreign_policies(), ACCOUNTS, ACCOUNTS)
def test_the_order_of_accounts_and_runs_does_not_matter(document: policy.Policy, first: list[str], second: list[str]) -> None:
    one, other = [statements.trust("aws", first)], [statements.trust("aws", second)]
    together = policy.merged(document, [statements.trust("aws", [*second, *first])])
    assert policy.merged(policy.merged(document, one), other) == policy.merged(policy.merged(document, other), one) == together


@calmly
@given(foreign_policies(), ACCOUNTS, ACCOUNTS)
def test_removing_some_keeps_the_others(document: policy.Policy, accounts: list[str], removed: list[str]) -> None:
    added = policy.merged(document, [statements.trust("aws", accounts)])
    left = policy.without(added, [statements.trust("aws", removed)])
    remaining = set(accounts) - set(removed)
    expected = policy.merged(document, [statements.trust("aws", remaining)]) if remaining else document
    assert policy.statements_of(left) == policy.statements_of(expected)


@calmly
@given(foreign_policies(), st.randoms())
def test_order_and_spelling_do_not_count(document: policy.Policy, chance: random.Random) -> None:
    assert policy.equal(document, shuffled(document, chance))
    assert policy.equal(document, policy.parsed(policy.encoded(document)))


@calmly
@given(foreign_policies())
def test_the_normal_form_is_a_fixed_point(document: policy.Policy) -> None:
    normal = policy.normalized(document)
    assert policy.normalized(normal) == normal


def trust_with(principal: Any, **more: Any) -> policy.Policy:
    return {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": principal, **more}}


def test_spellings_that_are_equal() -> None:
    assert policy.equal(trust_with({"AWS": "123456789012"}), trust_with({"AWS": ["arn:aws-cn:iam::123456789012:root"]}))
    assert policy.equal(trust_with("*"), trust_with({"AWS": ["*"]}))
    assert policy.equal(trust_with("*", Condition={"Bool": {"a": True}}), trust_with("*", Condition={"Bool": {"a": ["true"]}}))
    assert policy.equal({"Statement": []}, {"Version": "2008-10-17", "Statement": []})


def test_what_is_not_equal() -> None:
    assert not policy.equal(trust_with("*"), trust_with({"AWS": "123456789012"}))
    assert not policy.equal(trust_with({"AWS": "123456789012"}), trust_with({"AWS": "arn:aws:iam::123456789012:user/root"}))
    assert not policy.equal(trust_with("*"), trust_with("*", Condition={"Bool": {"a": "true"}}))
    assert not policy.equal({"Statement": []}, {"Version": "2012-10-17", "Statement": []})
    assert not policy.equal(None, {"Statement": []})


def test_authority_makes_a_statement_exactly_what_is_wanted() -> None:
    document = policy.merged(None, statements.key_destinations("aws", ["222222222222", "333333333333"]))
    result = policy.merged(document, statements.key_destinations("aws", ["333333333333"]), statements.KEY_SIDS)
    assert result == policy.merged(None, statements.key_destinations("aws", ["333333333333"]))
    assert policy.merged(document, [], statements.KEY_SIDS)["Statement"] == []


def test_resources_grow_too() -> None:
    one, other = "arn:aws:kms:eu-west-1:111111111111:key/1", "arn:aws:kms:us-west-2:111111111111:key/2"
    document = policy.merged(None, statements.role_kms("111111111111", [one]))
    grown = policy.merged(document, statements.role_kms("111111111111", [other]))
    assert [statement["Resource"] for statement in grown["Statement"]] == [[one, other]] * len(document["Statement"])


def test_the_remains_of_a_deleted_role_and_a_wildcard_are_not_kept() -> None:
    sid = statements.trust("aws", [])["Sid"]
    document = {"Statement": [{"Sid": sid, "Effect": "Allow", "Principal": {"AWS": ["AROAEXAMPLEEXAMPLE123", "*", "222222222222"]}}]}
    result = policy.merged(document, [statements.trust("aws", ["333333333333"])])
    assert result["Statement"][0]["Principal"]["AWS"] == ["222222222222", "arn:aws:iam::333333333333:root"]


def test_what_was_taken_from_a_statement_of_ours_is_mended() -> None:
    (use, grants) = statements.key_destinations("aws", ["222222222222"])
    result = policy.merged({"Statement": [{**use, "Action": "kms:Decrypt"}, {**grants, "Condition": {}}]}, [use, grants])
    assert result["Statement"] == [use, grants]


def test_a_condition_that_somebody_added_stays() -> None:
    """It narrows what we allow; taking it away would let in whom it keeps out."""
    (use, grants) = statements.key_destinations("aws", ["222222222222"])
    organization = {"StringEquals": {"aws:PrincipalOrgID": "o-abcdefghij"}}
    narrowed = {"Statement": [{**use, "Condition": organization}, {**grants, "Condition": {**grants["Condition"], **organization}}]}
    assert policy.merged(narrowed, [use, grants]) == narrowed
    assert policy.merged(narrowed, [use, grants], statements.KEY_SIDS)["Statement"] == [use, grants]


def test_organizations_grow_like_accounts() -> None:
    one, other = statements.key_organizations(["o-a1b2c3d4e5"]), statements.key_organizations(["o-aaaaaaaaaa"])
    together = policy.merged(policy.merged(None, one), other)
    assert together == policy.merged(None, statements.key_organizations(["o-aaaaaaaaaa", "o-a1b2c3d4e5"]))
    assert [statement["Principal"] for statement in together["Statement"]] == [{"AWS": ["*"]}] * 2
    assert policy.merged(together, one, statements.KEY_SIDS) == policy.merged(None, one)


@pytest.mark.parametrize("removed", [{"Condition": {}}, {"Condition": {"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": ["*", "o-*"]}}}])
def test_everybody_is_never_let_in(removed: dict[str, Any]) -> None:
    """Whoever took the condition away, or made it one that everybody meets, has it back with the next run."""
    wanted = statements.key_organizational_units(["o-a1b2c3d4e5/r-ab12"])
    opened = {"Statement": [{**statement, **removed} for statement in wanted]}
    assert policy.merged(opened, wanted)["Statement"] == wanted


def test_a_principal_that_was_deleted_is_shown_as_what_it_is() -> None:
    document = {
        "Statement": [{"Sid": "Theirs", "Principal": {"AWS": ["AROAEXAMPLEEXAMPLE123", "222222222222"]}}, {"Principal": "AIDAEXAMPLEEXAMPLE123"}]
    }
    shown = policy.shown(document)
    assert shown is not None
    assert [statement["Principal"]["AWS"] for statement in shown["Statement"]] == [
        "AIDAEXAMPLEEXAMPLE123 (a user that was deleted)",
        ["222222222222", "AROAEXAMPLEEXAMPLE123 (a role that was deleted)"],
    ]
    assert policy.deleted_principals(document) == [
        "statement Theirs: AROAEXAMPLEEXAMPLE123 (a role that was deleted)",
        "statement number 2: AIDAEXAMPLEEXAMPLE123 (a user that was deleted)",
    ]
    assert policy.shown(None) is None


@calmly
@given(foreign_policies())
def test_what_is_shown_of_a_policy_without_deleted_principals_is_its_normal_form(document: policy.Policy) -> None:
    assert policy.shown(document) == policy.normalized(document)
    assert policy.deleted_principals(document) == []


TRUST = statements.trust("aws", ["222222222222"])
FOREIGN_UNDER_OUR_SID = [
    {**TRUST, "Effect": "Deny", "Principal": {"AWS": ["999999999999"]}},
    {"Sid": TRUST["Sid"], "Effect": "Allow", "NotPrincipal": {"AWS": "999999999999"}, "Action": "sts:AssumeRole"},
    {"Sid": TRUST["Sid"], "Effect": "Allow", "Principal": "*", "NotAction": "iam:*", "Resource": "*"},
]


@pytest.mark.parametrize("statement", FOREIGN_UNDER_OUR_SID)
@pytest.mark.parametrize(
    "change",
    [
        lambda document: policy.merged(document, [TRUST]),
        lambda document: policy.merged(document, [], [TRUST["Sid"]]),
        lambda document: policy.without(document, [TRUST]),
        lambda document: policy.without_sids(document, [TRUST["Sid"]]),
    ],
)
def test_what_we_never_write_is_not_overwritten(statement: dict[str, Any], change: Any) -> None:
    """A Deny for an account, merged as if it were ours, would allow that account."""
    with pytest.raises(FleetError, match="was not written here") as told:
        change({"Statement": [statement]})
    assert TRUST["Sid"] in str(told.value)
    assert policy.merged({"Statement": statement}, statements.key_destinations("aws", ["222222222222"]))["Statement"][0] == statement


def test_the_version_of_others_stays() -> None:
    """With the newer version, what looks like a variable in a statement of others would become one."""
    theirs = {"Effect": "Allow", "Principal": {"AWS": "222222222222"}, "Action": "sts:AssumeRole", "Condition": {"StringEquals": {"a": "${x}"}}}
    assert "Version" not in policy.merged({"Statement": [theirs]}, [TRUST])
    assert policy.merged({"Version": "2008-10-17", "Statement": theirs}, [TRUST])["Version"] == "2008-10-17"


def test_a_new_policy_has_the_current_version() -> None:
    assert json.loads(policy.encoded(policy.merged(None, []))) == {"Version": "2012-10-17", "Statement": []}
