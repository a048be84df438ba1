# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The roles of a destination as templates, for owners who do not let their account be entered. Pure. Private to this collection.

What a template makes is what `roles` wants in an account that has nothing yet; only its partition and its id are left to whoever deploys it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._access import roles
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.roles import Role, RoleKind, RoleSettings

Template = dict[str, Any]

# Stand for what only the account knows, until the language of the template has its own words for it; no ARN and no Sid can contain them.
_PARTITION, _ACCOUNT_ID = "<partition>", "<account>"

_AWS_POLICY = re.compile(r"^arn:[a-z-]+:iam::aws:")  # how the ARN of a policy of AWS begins; it is in every partition

_LOGICAL_NAMES = {roles.DISTRIBUTION.name: "distribution", roles.LIFECYCLE.name: "lifecycle"}
_DESCRIPTION = "Roles through which EC2 Image Builder of other accounts works in this one"


def _wanted(fleet_settings: RoleSettings) -> list[tuple[str, RoleKind, Role]]:
    """Each role with a name for it in a template. What makes it ours to delete is left out, as it will be the template's."""
    wanted = []
    boundary = _AWS_POLICY.sub(f"arn:{_PARTITION}:iam::aws:", fleet_settings.permissions_boundary or "")
    settings = replace(fleet_settings, permissions_boundary=boundary)
    for kind in roles.kinds_of(settings):
        role = roles.wanted_role(None, settings, _ACCOUNT_ID, _PARTITION, kind)
        tags = {key: value for key, value in role.tags.items() if key != roles.MADE_BY_US_TAG}
        wanted.append((_LOGICAL_NAMES[kind.name], kind, replace(role, tags=tags)))
    return wanted


def _translated(value: Any, text: Callable[[str], Any]) -> Any:
    """A structure, with each of its texts in the words of a template's language."""
    if isinstance(value, Mapping):
        return {key: _translated(one, text) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_translated(one, text) for one in value]
    return text(value) if isinstance(value, str) else value


# --- CloudFormation --------------------------------------------------------------------------------------------------------------------------


def cloudformation(settings: RoleSettings) -> Template:
    """A template for a stack in each account, as a StackSet makes them. It needs the capability CAPABILITY_NAMED_IAM.

    Raises FleetError when IAM would not take that much.
    """
    wanted = _wanted(settings)
    return {
        "AWSTemplateFormatVersion": "2010-09-09",
        "Description": _DESCRIPTION,
        "Resources": {f"{name.capitalize()}Role": _stack_role(kind, role) for name, kind, role in wanted},
        "Outputs": {
            f"{name.capitalize()}RoleArn": {"Description": f"ARN of {kind.name}", "Value": {"Fn::GetAtt": [f"{name.capitalize()}Role", "Arn"]}}
            for name, kind, _role in wanted
        },
    }


def _stack_role(kind: RoleKind, role: Role) -> Template:
    """AWS::IAM::Role. Roles with a name of their own cannot be replaced, so nothing that would do that is ever changed here."""
    properties = {
        "RoleName": kind.name,
        "Path": role.path,
        "Description": role.description,
        "AssumeRolePolicyDocument": role.trust,
        "ManagedPolicyArns": sorted(role.managed),
        "Policies": [{"PolicyName": name, "PolicyDocument": document} for name, document in sorted(role.inline.items())],
        "PermissionsBoundary": role.permissions_boundary,
        "Tags": [{"Key": key, "Value": value} for key, value in sorted(role.tags.items())],
    }
    return {"Type": "AWS::IAM::Role", "Properties": _translated({key: value for key, value in properties.items() if value}, _substituted)}


def _substituted(text: str) -> Any:
    """A text for CloudFormation, whose Fn::Sub puts in what is of the account."""
    if _PARTITION not in text and _ACCOUNT_ID not in text:
        return text
    literal = text.replace("${", "${!")
    return {"Fn::Sub": literal.replace(_PARTITION, "${AWS::Partition}").replace(_ACCOUNT_ID, "${AWS::AccountId}")}


# --- Terraform -------------------------------------------------------------------------------------------------------------------------------


def terraform(settings: RoleSettings) -> Template:
    """A module in Terraform's JSON syntax, without inputs; its provider says which account it is for. Raises FleetError as `cloudformation`."""
    wanted = _wanted(settings)
    resources: Template = {
        "aws_iam_role": {name: _terraform_role(name, kind, role) for name, kind, role in wanted},
        "aws_iam_role_policy_attachment": {
            name: {"role": f"${{aws_iam_role.{name}.name}}", "policy_arn": _interpolated(arn)}
            for name, _kind, role in wanted
            for arn in sorted(role.managed)
        },
        "aws_iam_role_policy": {
            f"{name}_{policy_name}": {
                "name": policy_name,
                "role": f"${{aws_iam_role.{name}.name}}",
                "policy": f"${{jsonencode(local.{name}_{policy_name})}}",
            }
            for name, _kind, role in wanted
            for policy_name in sorted(role.inline)
        },
    }
    return {
        "//": _DESCRIPTION,
        "terraform": {"required_providers": {"aws": {"source": "hashicorp/aws"}}},
        "data": {"aws_partition": {"current": {}}, "aws_caller_identity": {"current": {}}},
        "locals": _terraform_policies(wanted),
        "resource": {kind: of_kind for kind, of_kind in resources.items() if of_kind},
        "output": {f"{name}_role_arn": {"value": f"${{aws_iam_role.{name}.arn}}"} for name, _kind, _role in wanted},
    }


def _terraform_policies(wanted: list[tuple[str, RoleKind, Role]]) -> Template:
    """The policies as values of their own, in which people can read them; as arguments they would be text in text."""
    trusts = {f"{name}_trust": role.trust for name, _kind, role in wanted}
    inline = {f"{name}_{policy_name}": document for name, _kind, role in wanted for policy_name, document in sorted(role.inline.items())}
    return {name: _translated(document, _interpolated) for name, document in {**trusts, **inline}.items()}


def _terraform_role(name: str, kind: RoleKind, role: Role) -> Template:
    texts = {"name": kind.name, "path": role.path, "description": role.description, "permissions_boundary": role.permissions_boundary}
    arguments = _translated({**texts, "tags": dict(role.tags)}, _interpolated)
    trust = {"assume_role_policy": f"${{jsonencode(local.{name}_trust)}}"}
    return {key: value for key, value in {**arguments, **trust}.items() if value}


def _interpolated(text: str) -> str:
    """A text for Terraform, whose templates put in what is of the account; what would be a template in the text itself is not one."""
    literal = text.replace("${", "$${").replace("%{", "%%{")
    partition, account_id = "${data.aws_partition.current.partition}", "${data.aws_caller_identity.current.account_id}"
    return literal.replace(_PARTITION, partition).replace(_ACCOUNT_ID, account_id)
