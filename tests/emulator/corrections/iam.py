# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""IAM."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from moto.iam.exceptions import MalformedPolicyDocument
from moto.iam.models import AWSManagedPolicy, IAMBackend

from .. import accounts, managed_policies
from ..policy import MalformedPolicyError, Policy
from . import replaces


@replaces(IAMBackend, "_init_aws_policies")
def _init_aws_policies(_original: Callable[..., Any], self: Any) -> list[Any]:
    """Every account has the AWS managed policies. moto gives it none, or all at a second and many megabytes an account; here the few that matter."""
    return [
        AWSManagedPolicy(
            name,
            account_id=self.account_id,
            region=self.region_name,
            default_version_id=data["DefaultVersionId"],
            path=data["Path"],
            document=managed_policies.document(name, self.partition),
            create_date=datetime.fromisoformat(data["CreateDate"]),
            update_date=datetime.fromisoformat(data["UpdateDate"]),
        )
        for name, data in managed_policies.load().items()
    ]


@replaces(IAMBackend, "create_role")
def create_role(original: Callable[..., Any], self: Any, role_name: str, assume_role_policy_document: str, *args: Any, **kwargs: Any) -> Any:
    """AWS refuses a trust policy that names a principal that is not there. moto takes it."""
    _check_principals(assume_role_policy_document)
    return original(self, role_name, assume_role_policy_document, *args, **kwargs)


@replaces(IAMBackend, "update_assume_role_policy")
def update_assume_role_policy(original: Callable[..., Any], self: Any, role_name: str, policy_document: str) -> Any:
    """As for a new role."""
    _check_principals(policy_document)
    return original(self, role_name, policy_document)


def _check_principals(document: str) -> None:
    try:
        policy = Policy.parse(document)
    except MalformedPolicyError:
        return  # moto says what is wrong with it
    names = [name for statement in policy.statements for name in (statement.principal or {}).get("AWS", ())]
    wrong = next((name for name in names if not accounts.principal_exists(name)), None)
    if wrong is not None:
        raise MalformedPolicyDocument(f'Invalid principal in policy: "AWS":"{wrong}"')
