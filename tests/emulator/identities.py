# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who makes a request, and the policies that moto's IAM holds for them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from moto.iam.models import iam_backends
from moto.organizations.models import organizations_backends

from . import managed_policies, propagation
from .policy import Policy, Principal

SERVICE_LINKED_ROLE = "AWSServiceRoleForImageBuilder"
_SERVICE_LINKED_PATH = "aws-service-role/imagebuilder.amazonaws.com/"
_ARN = re.compile(
    r"arn:(?P<partition>[\w-]+):(?:iam::(?P<account>\d{12}):(?P<kind>role|user|root)(?:/(?P<path>.*/)?(?P<name>[^/]+))?"
    r"|sts::(?P<session_account>\d{12}):assumed-role/(?P<role>[^/]+)/(?P<session>[^/]+))"
)


@dataclass(frozen=True)
class Caller:
    """Who makes a request. Made by `role`, `service_linked` or `from_arn`, not by hand."""

    account_id: str
    principal_arn: str  # what policies are attached to: arn:aws:iam::<account>:role/<path><name>, .../user/<name> or ...:root
    arn: str  # what AWS prints: for a role arn:aws:sts::<account>:assumed-role/<name>/<session>, else the principal's ARN

    @classmethod
    def role(cls, account_id: str, role_name: str, session_name: str = "EC2ImageBuilder", partition: str = "aws") -> Caller:
        """Return a session of a role; the role's path is looked up, / when there is no such role."""
        return cls.from_arn(f"arn:{partition}:sts::{account_id}:assumed-role/{role_name}/{session_name}")

    @classmethod
    def service_linked(cls, account_id: str, partition: str = "aws") -> Caller:
        """Return a session of an account's Image Builder service-linked role, which need not exist."""
        return cls.role(account_id, SERVICE_LINKED_ROLE, partition=partition)

    @classmethod
    def from_arn(cls, arn: str, session_name: str = "EC2ImageBuilder") -> Caller:
        """Return the caller of a role ARN (a session of it), an assumed-role ARN, a user ARN or a root ARN.

        Raises ValueError for any other text.
        """
        parts = _ARN.fullmatch(arn)
        if not parts:
            raise ValueError(f"{arn!r} is no role, assumed role, user or account root")
        if parts["role"]:
            account_id, name = parts["session_account"], parts["role"]
            return cls(account_id, _role_arn(parts["partition"], account_id, name), arn)
        if parts["kind"] == "role":
            session_arn = f"arn:{parts['partition']}:sts::{parts['account']}:assumed-role/{parts['name']}/{session_name}"
            return cls(parts["account"], arn, session_arn)
        return cls(parts["account"], arn, arn)

    @property
    def partition(self) -> str:
        """aws, aws-cn, aws-us-gov, ..."""
        return self.principal_arn.split(":")[1]

    @property
    def name(self) -> str:
        """Name of the role or user."""
        return self.principal_arn.rsplit("/", 1)[-1]

    @property
    def is_root(self) -> bool:
        """Whether this is the account itself."""
        return self.principal_arn.endswith(":root")

    def principal(self) -> Principal:
        """Return how resource policies name the caller."""
        return Principal(self.account_id, self.principal_arn, self.arn if self.arn != self.principal_arn else "")


def _role_arn(partition: str, account_id: str, name: str) -> str:
    role = find_role(account_id, name, partition)
    if role:
        return str(role.arn)
    path = _SERVICE_LINKED_PATH if name == SERVICE_LINKED_ROLE else ""
    return f"arn:{partition}:iam::{account_id}:role/{path}{name}"


def find_role(account_id: str, name: str, partition: str = "aws") -> Any | None:
    """Return moto's Role of that name as other services than IAM see it, None when there is none for them."""
    roles = iam_backends[account_id][partition].roles.values()
    role = next((role for role in list(roles) if role.name == name), None)
    return role and propagation.as_seen(account_id, partition, role)


def find_role_by_arn(arn: str) -> Any | None:
    """Return moto's Role of that ARN (path included), None when there is none."""
    parts = _ARN.fullmatch(arn)
    role = find_role(parts["account"], parts["name"], parts["partition"]) if parts and parts["kind"] == "role" else None
    return role if role and role.arn == arn else None


def identity_policies(caller: Caller) -> list[Policy]:
    """Return the managed and inline policies attached to the caller, and to a user's groups."""
    holder = _holder(caller)
    groups = iam_backends[caller.account_id][caller.partition].get_groups_for_user(caller.name) if holder and _is_user(caller) else []
    texts = _unlisted_policies(caller) or [text for one in [holder, *groups] if one for text in _documents(one)]
    return [Policy.parse(text) for text in texts]


def permissions_boundary(caller: Caller) -> Policy | None:
    """Return the permissions boundary of the caller's role."""
    arn = getattr(_holder(caller), "permissions_boundary_arn", None)
    if not arn:
        return None
    managed = iam_backends[caller.account_id][caller.partition].managed_policies.get(arn)
    return Policy.parse(_default_version(managed)) if managed else Policy(())  # a boundary that is gone allows nothing


def principal_context(caller: Caller) -> dict[str, str | Sequence[str]]:
    """Return the condition keys about the caller that AWS puts into every request."""
    kind = "Account" if caller.is_root else "User" if _is_user(caller) else "AssumedRole"
    context: dict[str, str | Sequence[str]] = {
        "aws:PrincipalArn": caller.principal_arn,
        "aws:PrincipalAccount": caller.account_id,
        "aws:PrincipalType": kind,
        "aws:SecureTransport": "true",
        "aws:PrincipalIsAWSService": "false",
    }
    if kind == "User":
        context["aws:username"] = caller.name
    tags = getattr(_holder(caller), "tags", None) or {}
    pairs = tags.items() if isinstance(tags, Mapping) else ((tag["Key"], tag["Value"]) for tag in tags)
    context.update({f"aws:PrincipalTag/{key}": value["Value"] if isinstance(value, Mapping) else str(value) for key, value in pairs})
    context.update(organization_context(caller.account_id, caller.partition))
    return context


def organization_context(account_id: str, partition: str = "aws") -> dict[str, str | Sequence[str]]:
    """Return aws:PrincipalOrgID and aws:PrincipalOrgPaths of an account that is in an organization."""
    owner, owner_partition = organizations_backends.master_accounts.get(account_id, (account_id, partition))
    backend = organizations_backends[owner][owner_partition]
    account = next((one for one in backend.accounts if one.id == account_id), None)
    if backend.org is None or account is None:
        return {}
    parents = {unit.id: unit.parent_id for unit in backend.ou}
    path, parent = "", account.parent_id
    while parent:
        path, parent = f"{parent}/{path}", parents.get(parent)
    return {"aws:PrincipalOrgID": backend.org.id, "aws:PrincipalOrgPaths": [f"{backend.org.id}/{path}"]}


def exists(caller: Caller) -> bool:
    """Whether there is such a role, user or account; the service-linked role is taken to be there."""
    return bool(_unlisted_policies(caller)) or _holder(caller) is not None


def _is_user(caller: Caller) -> bool:
    return ":user/" in caller.principal_arn


def _holder(caller: Caller) -> Any | None:
    """Return moto's User or Role of the caller."""
    if _is_user(caller):
        return iam_backends[caller.account_id][caller.partition].users.get(caller.name)
    role = None if caller.is_root else find_role(caller.account_id, caller.name, caller.partition)
    return role if role is None or role.arn == caller.principal_arn else None


def _unlisted_policies(caller: Caller) -> list[str]:
    """Return what principals have that IAM does not list: the account's root everything, the service-linked role AWS's own policy."""
    if caller.is_root:
        return [managed_policies.document("AdministratorAccess")]
    if caller.principal_arn.endswith(f":role/{_SERVICE_LINKED_PATH}{SERVICE_LINKED_ROLE}"):
        return [managed_policies.document(SERVICE_LINKED_ROLE, caller.partition)]
    return []


def _documents(holder: Any) -> list[str]:
    return [*map(_default_version, list(holder.managed_policies.values())), *list(holder.policies.values())]


def _default_version(managed: Any) -> str:
    return str(next(version.document for version in managed.versions if version.version_id == managed.default_version_id))
