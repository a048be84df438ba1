# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Templates, deployed on the emulator: what they make is what the module makes."""

from __future__ import annotations

import importlib
import json
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._access import roles
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.roles import RoleSettings
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.templates import cloudformation, terraform
from ansible_collections.golden.imagebuilder.tests.emulator.server import InProcessEmulator, emulate
from hypothesis import given
from hypothesis import strategies as st

SOURCE, OTHER_SOURCE, PAYMENTS = "111111111111", "999999999999", "222222222222"
KEY = f"arn:aws:kms:us-west-2:{SOURCE}:key/11112222-3333-4444-5555-666677778888"
EVERYTHING: dict[str, Any] = {
    "keys_of_source": {SOURCE: [KEY], OTHER_SOURCE: []},
    "launch_templates": True,
    "ssm_parameter_prefixes": ["/imagebuilder/"],
    "ssm_parameter_names": ["/golden/web"],
    "fast_launch": True,
    "lifecycle_role": True,
    "permissions_boundary": "team/Boundary",
    "description": "Golden images of the platform team",
    "tags": {"Owner": "platform"},
}
FEATURES: list[dict[str, Any]] = [
    {"keys_of_source": {SOURCE: []}},
    {"keys_of_source": {SOURCE: [KEY]}, "ssm_parameter_names": ["/golden/web"]},
    EVERYTHING,
]


@pytest.fixture
def emulator() -> Iterator[InProcessEmulator]:
    with emulate(accounts=[SOURCE, PAYMENTS]) as running:
        running.client(PAYMENTS, "iam").create_policy(
            Path="/team/",
            PolicyName="Boundary",
            PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}),
        )
        yield running


def described(emulator: InProcessEmulator, name: str) -> dict[str, Any] | None:
    """A role of the account with all that it may do."""
    iam = emulator.client(PAYMENTS, "iam")
    try:
        role = iam.get_role(RoleName=name)["Role"]
    except iam.exceptions.NoSuchEntityException:
        return None
    inline = iam.list_role_policies(RoleName=name)["PolicyNames"]
    return {
        "path": role["Path"],
        "description": role["Description"],
        "trust": role["AssumeRolePolicyDocument"],
        "boundary": role.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn"),
        "managed": sorted(one["PolicyArn"] for one in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]),
        "inline": {one: iam.get_role_policy(RoleName=name, PolicyName=one)["PolicyDocument"] for one in sorted(inline)},
        "tags": {tag["Key"]: tag["Value"] for tag in role.get("Tags", []) if not tag["Key"].startswith("aws:")},
    }


def wanted(settings: RoleSettings, kind: roles.RoleKind) -> dict[str, Any]:
    role = roles.wanted_role(None, settings, PAYMENTS, "aws", kind)
    return {
        "path": role.path,
        "description": role.description,
        "trust": role.trust,
        "boundary": role.permissions_boundary,
        "managed": sorted(role.managed),
        "inline": dict(role.inline),
        "tags": {key: value for key, value in role.tags.items() if key != roles.MADE_BY_US_TAG},
    }


@pytest.mark.parametrize("features", FEATURES)
def test_a_stack_makes_what_the_module_makes(emulator: InProcessEmulator, features: dict[str, Any]) -> None:
    settings = RoleSettings(**features)
    stacks = emulator.client(PAYMENTS, "cloudformation", "us-west-2")
    stacks.create_stack(StackName="golden", TemplateBody=json.dumps(cloudformation(settings)), Capabilities=["CAPABILITY_NAMED_IAM"])
    for kind in roles.kinds_of(settings):
        assert described(emulator, kind.name) == wanted(settings, kind)
    made = {output["OutputKey"] for output in stacks.describe_stacks(StackName="golden")["Stacks"][0]["Outputs"]}
    assert made == ({"DistributionRoleArn", "LifecycleRoleArn"} if settings.lifecycle_role else {"DistributionRoleArn"})


@pytest.mark.parametrize("features", [FEATURES[0], EVERYTHING])
def test_the_linter_of_cloudformation_has_nothing_to_say(features: dict[str, Any]) -> None:
    lint_all = importlib.import_module("cfnlint.api").lint_all  # takes seconds to import, so only here
    template = json.dumps(cloudformation(RoleSettings(**features)))
    found = [one for one in lint_all(template) if not one.rule.id.startswith("I")]  # I is what the linter thinks worth knowing
    assert [str(one) for one in found] == []


def test_terraform_for_an_account_without_anything_particular() -> None:
    template = terraform(RoleSettings(keys_of_source={SOURCE: [KEY]}))
    assert set(template["resource"]) == {"aws_iam_role", "aws_iam_role_policy_attachment", "aws_iam_role_policy"}
    (managed,) = template["resource"]["aws_iam_role_policy_attachment"].values()
    assert managed == {
        "role": "${aws_iam_role.distribution.name}",
        "policy_arn": "arn:${data.aws_partition.current.partition}:iam::aws:policy/Ec2ImageBuilderCrossAccountDistributionAccess",
    }
    (kms,) = template["resource"]["aws_iam_role_policy"].values()
    assert kms["policy"] == "${jsonencode(local.distribution_GoldenImageBuilderKms)}"
    assert template["locals"]["distribution_GoldenImageBuilderKms"]["Statement"][0]["Resource"] == [KEY]


def test_a_policy_of_aws_as_boundary_is_that_of_each_partition() -> None:
    settings = RoleSettings(
        **{**EVERYTHING, "keys_of_source": {SOURCE: []}, "permissions_boundary": "arn:aws-us-gov:iam::aws:policy/PowerUserAccess"}
    )
    properties = cloudformation(settings)["Resources"]["DistributionRole"]["Properties"]
    assert properties["PermissionsBoundary"] == {"Fn::Sub": "arn:${AWS::Partition}:iam::aws:policy/PowerUserAccess"}
    assert [word for made in (cloudformation(settings), terraform(settings)) for word in ("arn:aws:", "arn:aws-") if word in json.dumps(made)] == []


def test_terraform_keeps_texts_that_look_like_templates() -> None:
    texts = {"description": "Not a ${template} %{nor this}", "tags": {"Owner": "${team}"}}
    role = terraform(RoleSettings(**{**EVERYTHING, **texts}))["resource"]["aws_iam_role"]["distribution"]
    assert role["description"] == "Not a $${template} %%{nor this}"
    assert role["tags"] == {"Owner": "$${team}"}
    assert role["permissions_boundary"].endswith(":iam::${data.aws_caller_identity.current.account_id}:policy/team/Boundary")


@given(st.text(max_size=20), st.text(max_size=20))
def test_a_users_text_is_never_a_template(description: str, value: str) -> None:
    settings = RoleSettings(keys_of_source={SOURCE: []}, description=description or "x", tags={"Owner": value})
    properties = cloudformation(settings)["Resources"]["DistributionRole"]["Properties"]
    assert properties["Tags"] == [{"Key": "Owner", "Value": value}]
    assert properties["Description"] == (description or "x")
