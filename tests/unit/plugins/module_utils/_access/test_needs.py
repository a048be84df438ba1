# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a distribution needs: that it is allowed by what we write and by AWS's own policies, and that nothing of that is superfluous."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._access import evaluation, statements
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.evaluation import Decision, Policies, Policy, Request
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.needs import Need, Place, needs
from ansible_collections.golden.imagebuilder.tests import policy_evaluator
from ansible_collections.golden.imagebuilder.tests.emulator import managed_policies

SOURCE, TARGET = "111111111111", "222222222222"
BUILD, ELSEWHERE = "us-west-2", "eu-west-1"
KEYS = {region: f"arn:aws:kms:{region}:{SOURCE}:key/11111111-2222-3333-4444-555555555555" for region in (BUILD, ELSEWHERE)}
TEMPLATE = "lt-0123456789abcdef0"
MARKED = {TEMPLATE: {"CreatedBy": "EC2 Image Builder"}}
ROLES = {
    "source": f"arn:aws:iam::{SOURCE}:role/aws-service-role/imagebuilder.amazonaws.com/AWSServiceRoleForImageBuilder",
    "destination": f"arn:aws:iam::{TARGET}:role/{statements.ROLE_NAME}",
}
EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "*", "Resource": "*"}]}
PLAIN = Place("aws", SOURCE, BUILD, TARGET, ELSEWHERE)
FULL = replace(
    PLAIN,
    source_key_arns=[KEYS[BUILD]],
    key_arn=KEYS[ELSEWHERE],
    launch_permission=True,
    launch_templates=MARKED,
    parameters={"/golden/web": "aws:ec2:image"},
    fast_launch=True,
    fast_launch_templates=MARKED,
)
OWN = replace(FULL, account_id=SOURCE, parameters={"/imagebuilder/web": "aws:ec2:image"})

FEATURES: dict[str, tuple[dict[str, Any], list[Any]]] = {
    "encrypted_copy": ({"source_key_arns": [KEYS[BUILD]], "key_arn": KEYS[ELSEWHERE]}, statements.role_kms(SOURCE, KEYS.values())),
    "launch_template": ({"launch_templates": MARKED}, statements.role_launch_templates("aws", SOURCE)),
    "parameter": ({"parameters": {"/golden/web": "aws:ec2:image"}}, statements.role_parameters("aws", SOURCE, TARGET, ["/golden/"])),
    "fast_launch": ({"fast_launch": True, "fast_launch_templates": MARKED}, statements.role_fast_launch("aws", SOURCE)),
}
"""What is asked for, and what is written for it."""
WRITTEN = [statement for _options, found in FEATURES.values() for statement in found]
KEY_POLICY = [statements.key_owner("aws", SOURCE), *statements.key_destinations("aws", [TARGET])]
# Written because the user guide has them: the managed policy has the last too, and nothing that is known to happen every time needs the others.
SPARE = {
    f"{statements.LAUNCH_TEMPLATES_POLICY_NAME}Tags{SOURCE}",
    f"{statements.FAST_LAUNCH_POLICY_NAME}ServiceRole{SOURCE}",
    f"{statements.PARAMETERS_POLICY_NAME}Images{SOURCE}",
}


def managed(name: str) -> Policy:
    return Policy(name, managed_policies.document(name))


def document(found: Sequence[Any]) -> dict[str, Any]:
    return {"Version": "2012-10-17", "Statement": list(found)}


def request_of(need: Need) -> Request:
    account = SOURCE if need.who == "source" else TARGET
    return Request(need.action, need.resource, ROLES[need.who], account, need.resource_account, need.context, need.complete)


def policies_of(need: Need, inline: Sequence[Any], key_policy: Sequence[Any], source: str) -> Policies:
    identity = [managed(source)] if need.who == "source" else [managed(statements.MANAGED_POLICY_NAME), Policy("ours", document(inline))]
    trust = Policy("trust", document([statements.trust("aws", [SOURCE])]))
    resource = {"kms": Policy("key policy", document(key_policy)), "sts": trust}.get(need.action.partition(":")[0])
    return Policies(identity, resource)


def missing(
    place: Place, inline: Sequence[Any] = WRITTEN, key_policy: Sequence[Any] = KEY_POLICY, source: str = "AWSServiceRoleForImageBuilder"
) -> list[tuple[Request, Decision]]:
    """What is not allowed, or not known to be, each with the reason."""
    asked = ((request_of(need), policies_of(need, inline, key_policy, source)) for need in needs(place))
    decided = ((request, evaluation.decide(request, policies)) for request, policies in asked)
    return [(request, decision) for request, decision in decided if decision.outcome != "allowed"]


@pytest.mark.parametrize("place", [PLAIN, FULL, replace(FULL, region=BUILD, key_arn=KEYS[BUILD])])
def test_all_is_allowed_by_what_we_write(place: Place) -> None:
    assert missing(place) == []


@pytest.mark.parametrize("policy", ["AWSServiceRoleForImageBuilder", "EC2ImageBuilderExecutionPolicy"])
@pytest.mark.parametrize("place", [OWN, replace(OWN, region=BUILD)], ids=["elsewhere", "where it is built"])
def test_the_source_does_it_by_the_policies_of_aws(place: Place, policy: str) -> None:
    """For copies, their keys, launch templates and parameters below /imagebuilder/, by either of both roles."""
    assert {need.who for need in needs(place)} == {"source"}
    denied = missing(replace(place, fast_launch=False), source=policy)
    assert [(request.action, decision.outcome) for request, decision in denied] == []


def test_parameters_elsewhere_are_beyond_the_roles_of_aws() -> None:
    ((request, decision),) = missing(replace(OWN, fast_launch=False, parameters={"/golden/web": "text"}))
    assert (request.action, decision.outcome) == ("ssm:PutParameter", "denied")
    assert "it is about other resources" in decision.reason


@pytest.mark.parametrize(("feature", "gone"), [(feature, one["Sid"]) for feature, (_options, found) in FEATURES.items() for one in found])
def test_each_statement_of_the_role_is_needed(feature: str, gone: str) -> None:
    options, written = FEATURES[feature]
    denied = missing(replace(PLAIN, **options), [statement for statement in written if statement["Sid"] != gone])
    assert bool(denied) is (gone not in SPARE)
    (actions,) = [statement["Action"] for statement in written if statement["Sid"] == gone]
    for request, decision in denied:
        assert request.action.startswith(tuple(action.rstrip("*") for action in actions))
        assert (decision.outcome, "no policy of" in decision.reason) == ("denied", True)


@pytest.mark.parametrize("gone", [statements.DESTINATIONS_USE_SID, statements.DESTINATIONS_GRANTS_SID])
def test_each_statement_of_the_keys_is_needed(gone: str) -> None:
    denied = missing(FULL, key_policy=[statement for statement in KEY_POLICY if statement["Sid"] != gone])
    assert denied
    assert all("the key policy does not let" in decision.reason for _request, decision in denied)


def test_a_template_without_the_tag_is_refused() -> None:
    denied = missing(replace(FULL, fast_launch=False, launch_templates={TEMPLATE: {"Team": "web"}}))
    assert [request.action for request, _decision in denied] == ["ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate"]
    assert all("the request has no such key" in decision.reason for _request, decision in denied)


@pytest.mark.parametrize("feature", FEATURES)
def test_features_come_one_by_one(feature: str) -> None:
    place = replace(PLAIN, **FEATURES[feature][0])
    assert {need.feature for need in needs(place)} == {"role", "copy", feature}
    assert missing(place, FEATURES[feature][1]) == []


def test_what_is_built_in_place_is_only_shared() -> None:
    place = replace(PLAIN, account_id=SOURCE, region=BUILD, key_arn=KEYS[BUILD], source_key_arns=[KEYS[BUILD]])
    assert needs(place) == []
    assert [(need.action, need.feature) for need in needs(replace(place, launch_permission=True))] == [("ec2:ModifyImageAttribute", "share")]


def test_no_new_default_version_no_right_to_set_it() -> None:
    actions = {need.action for need in needs(replace(FULL, set_default_version=False))}
    assert "ec2:ModifyLaunchTemplate" not in actions
    assert "ec2:CreateLaunchTemplateVersion" in actions


def test_each_need_is_there_once() -> None:
    found = [(need.action, need.resource, json.dumps(need.context, sort_keys=True)) for need in needs(FULL)]
    assert len(found) == len(set(found))


@pytest.mark.skipif(bool(policy_evaluator.missing()), reason=policy_evaluator.missing())
@pytest.mark.parametrize("place", [FULL, OWN], ids=["destination", "source"])
def test_each_need_is_an_action_of_aws(place: Place) -> None:
    """On a resource of its own, with condition keys that come with it, as the library has it from the service authorization reference."""
    asked = []
    for need in needs(place):
        context = {key: values for key, values in need.context.items() if values}
        open_policy = EVERYTHING if need.action.startswith(("kms:", "sts:")) else None
        who = policy_evaluator.Principal(ROLES[need.who], [document([{"Effect": "Allow", "Action": "*", "Resource": "*"}])])
        asked.append((who, policy_evaluator.Request(need.action, need.resource, need.resource_account, context, open_policy)))
    assert all(policy_evaluator.allowed(asked))
