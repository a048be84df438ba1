# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The evaluation of policies: a table of cases by ours, by the emulator's and by a library of others, and what holds for all policies."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._access import evaluation
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.evaluation import Decision, Policies, Policy, Request
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.evaluation_conditions import OPERATORS
from ansible_collections.golden.imagebuilder.tests import policy_cases, policy_evaluator
from ansible_collections.golden.imagebuilder.tests.emulator import access, policy
from ansible_collections.golden.imagebuilder.tests.policy_cases import CASES, EMULATOR, EVERYTHING, LIBRARY, UNKNOWNS, Case
from hypothesis import given
from hypothesis import strategies as st

# --- ours ------------------------------------------------------------------------------------------------------------------------------------


def request_of(case: Case) -> Request:
    return Request(case.action, case.resource, case.principal, case.account, case.owner, case.context, case.complete)


def policies_of(case: Case) -> Policies:
    return Policies(
        identity=[Policy(f"identity {number}", document) for number, document in enumerate(case.identity)],
        resource=None if case.policy is None else Policy("policy of the resource", case.policy),
        boundary=None if case.boundary is None else Policy("boundary", case.boundary),
        service_control=[[Policy("service control", document) for document in level] for level in case.service_control],
        resource_control=[[Policy("resource control", document) for document in level] for level in case.resource_control],
    )


def decide(case: Case) -> Decision:
    return evaluation.decide(request_of(case), policies_of(case))


@pytest.mark.parametrize("case", [*CASES, *UNKNOWNS], ids=lambda case: case.name)
def test_table(case: Case) -> None:
    decision = decide(case)
    assert decision.outcome == case.outcome, decision.reason
    assert case.action in decision.reason or case.outcome == "allowed"
    assert bool(decision.lacking) is (case.outcome != "allowed")


@pytest.mark.parametrize(
    ("name", "lacking", "is_explicit"),
    [
        ("another account, key only", ("identity",), False),
        ("another account, identity only", ("resource",), False),
        ("parameter of another account, shared with another", ("resource",), False),
        ("boundary leaves out", ("boundary",), False),
        ("boundary alone", ("identity",), False),
        ("boundary denies", ("boundary",), True),
        ("organization allows at one level only", ("service_control",), False),
        ("organization denies", ("service_control",), True),
        ("organization of the resource denies", ("resource_control",), True),
        ("key denies the role", ("resource",), True),
        ("a deny in another policy", ("identity",), True),
        ("not known: the policy of a key", ("resource",), False),
        ("not known: a key of a deny", ("identity",), False),
        ("not known: one policy of the organization", ("service_control",), False),
    ],
)
def test_what_is_lacking(name: str, lacking: tuple[str, ...], is_explicit: bool) -> None:
    (decision,) = [decide(case) for case in [*CASES, *UNKNOWNS] if case.name == name]
    assert (decision.lacking, decision.is_explicit) == (lacking, is_explicit)


def test_every_case_has_a_name_of_its_own() -> None:
    assert [name for name, count in Counter(case.name for case in [*CASES, *UNKNOWNS]).items() if count > 1] == []


def test_every_operator_is_in_the_table() -> None:
    used = json.dumps([case.identity for case in CASES]).lower()
    assert [name for name in [*OPERATORS, "null"] if f'"{name}"' not in used] == []


# --- the others ------------------------------------------------------------------------------------------------------------------------------


def context_of(case: Case) -> dict[str, Any]:
    """The condition keys that there are, those too that follow from the request."""
    known = evaluation.known_context(request_of(case))
    several = {key.lower() for key, values in case.context.items() if isinstance(values, list)}
    return {key: values if key in several or len(values) > 1 else values[0] for key, values in known.items() if values}


def by_emulator(case: Case) -> str:
    """The answer of the emulator, for which there are no control policies."""
    if not case.account:
        asked = policy.Request(case.action, case.resource, policy.Principal(service=case.principal), context_of(case))
        return "allowed" if policy.Policy.parse(case.policy).evaluate(asked).verdict is policy.Verdict.ALLOW else "denied"
    caller = access.Caller.from_arn(case.principal)
    identity = [EVERYTHING] if caller.is_root else case.identity
    given_policies = access.Policies(
        [policy.Policy.parse(document) for document in identity],
        None if case.boundary is None else policy.Policy.parse(case.boundary),
        None if case.policy is None else policy.Policy.parse(case.policy),
    )
    asked = policy.Request(case.action, case.resource, caller.principal(), context_of(case))
    closed = case.action.startswith(("kms:", "sts:"))
    return "allowed" if access.combine(caller, asked, case.owner, given_policies, must_delegate=closed).allowed else "denied"


def for_library(case: Case) -> tuple[policy_evaluator.Principal, policy_evaluator.Request]:
    who = policy_evaluator.Principal(case.principal, case.identity, context_of(case), case.boundary, case.service_control)
    # The library has the resource control policy that is everywhere by itself, and takes it from nobody.
    control = [[document for document in level if document != policy_cases.EVERYTHING_FOR_ALL] for level in case.resource_control]
    return who, policy_evaluator.Request(case.action, case.resource, case.owner, case.context, case.policy, control)


def differences(evaluator: str) -> list[str]:
    return sorted(name for other, name in policy_cases.DIFFERENCES if other == evaluator)


def test_the_emulator_agrees() -> None:
    """But for what is known, and each of these it still does otherwise."""
    judged = [case for case in CASES if not case.service_control and not case.resource_control]
    assert sorted(case.name for case in judged if by_emulator(case) != case.outcome) == differences(EMULATOR)


@pytest.mark.skipif(bool(policy_evaluator.missing()), reason=policy_evaluator.missing())
def test_the_library_agrees() -> None:
    """But for what is known, and each of these it still does otherwise; and it finds no case impossible."""
    verdicts = policy_evaluator.verdicts([for_library(case) for case in CASES])
    assert set(verdicts) == {"allowed", "denied"}
    assert sorted(case.name for case, verdict in zip(CASES, verdicts, strict=True) if verdict != case.outcome) == differences(LIBRARY)


# --- whatever the policies -------------------------------------------------------------------------------------------------------------------

_CONDITIONS = st.sampled_from(
    [
        {},
        {"StringEquals": {"aws:RequestTag/Team": "blue"}},
        {"StringNotEquals": {"aws:RequestTag/Team": "blue"}},
        {"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}},
        {"ForAllValues:StringLike": {"aws:TagKeys": ["T*"]}},
        {"Bool": {"aws:SecureTransport": "false"}},
        {"NoSuchOperator": {"aws:TagKeys": ["T*"]}},
    ]
)
_KEYS = ("aws:RequestTag/Team", "aws:SourceIp", "aws:TagKeys")
_VALUES: tuple[Any, ...] = ("blue", "203.0.113.7", ["Team"], ["Team", "x"], [])
_PRINCIPALS = st.sampled_from(["*", policy_cases.ROLE, policy_cases.ROOT, policy_cases.SESSION, policy_cases.OWN_ROOT])


def statements(effect: st.SearchStrategy[str], *, of_resource: bool = False) -> st.SearchStrategy[dict[str, Any]]:
    """Statements, some of them about the request of the properties."""
    elements: dict[str, st.SearchStrategy[Any]] = {
        "Effect": effect,
        "Action": st.sampled_from(["*", "kms:*", "kms:Decrypt", "kms:Encrypt", ["ec2:*", "kms:D*"]]),
        "Resource": st.sampled_from(["*", policy_cases.KEY, policy_cases.KEY[:-1] + "0", "arn:aws:kms:*:*:key/*"]),
        "Condition": _CONDITIONS,
    }
    if of_resource:
        elements["Principal"] = st.builds(lambda name: {"AWS": name}, _PRINCIPALS)
    return st.fixed_dictionaries(elements)


@dataclass(frozen=True)
class Asked:
    """Who asks for kms:Decrypt of the key, with what, and what the policies say."""

    who: tuple[str, str]
    context: Mapping[str, Any]
    identity: Sequence[Any]
    resource: Sequence[Any]
    boundary: Sequence[Any] | None = None

    def rank(self) -> int:
        """The outcome, the higher the more favourable."""
        request = Request("kms:Decrypt", policy_cases.KEY, *self.who, policy_cases.SOURCE, self.context)
        identity, resource = (policy_cases.document(*found) for found in (self.identity, self.resource))
        boundary = None if self.boundary is None else Policy("boundary", policy_cases.document(*self.boundary))
        decision = evaluation.decide(request, Policies([Policy("own", identity)], Policy("key", resource), boundary))
        return ("denied", "unknown", "allowed").index(decision.outcome)

    def with_one_more(self, statement: Mapping[str, Any], *, at_key: bool) -> Asked:
        if at_key:
            return replace(self, resource=[*self.resource, {**statement, "Principal": "*"}])
        return replace(self, identity=[*self.identity, statement])


ANY = st.sampled_from(["Allow", "Deny"])
_WHO = [(policy_cases.ROLE, policy_cases.OTHER), (policy_cases.SESSION, policy_cases.OTHER), (policy_cases.OWN_ROLE, policy_cases.SOURCE)]
ASKED = st.builds(
    Asked,
    st.sampled_from(_WHO),
    st.dictionaries(st.sampled_from(_KEYS), st.sampled_from(_VALUES)),
    st.lists(statements(ANY), max_size=4),
    st.lists(statements(ANY, of_resource=True), max_size=4),
)


@given(ASKED, statements(st.just("Deny")), st.booleans())
def test_one_deny_more_never_allows(asked: Asked, deny: dict[str, Any], at_key: bool) -> None:
    assert asked.with_one_more(deny, at_key=at_key).rank() <= asked.rank()


@given(ASKED, statements(st.just("Allow")), st.booleans())
def test_one_allow_less_never_allows(asked: Asked, allow: dict[str, Any], at_key: bool) -> None:
    assert asked.rank() <= asked.with_one_more(allow, at_key=at_key).rank()


@given(ASKED, st.randoms(use_true_random=False))
def test_the_order_of_statements_says_nothing(asked: Asked, random: Any) -> None:
    shuffled = replace(
        asked, identity=random.sample(asked.identity, len(asked.identity)), resource=random.sample(asked.resource, len(asked.resource))
    )
    assert shuffled.rank() == asked.rank()


@given(ASKED, st.lists(statements(ANY), max_size=3))
def test_a_boundary_only_takes_away(asked: Asked, boundary: list[Any]) -> None:
    assert replace(asked, boundary=boundary).rank() <= asked.rank()


@given(ASKED, st.sampled_from(_KEYS), st.sampled_from(_VALUES))
def test_knowing_more_never_overturns(asked: Asked, key: str, value: Any) -> None:
    """What is told without a key stays so whatever the key's value turns out to be."""
    unknown = {name: found for name, found in asked.context.items() if name != key}
    before, after = replace(asked, context=unknown).rank(), replace(asked, context={**unknown, key: value}).rank()
    assert before in (1, after)
