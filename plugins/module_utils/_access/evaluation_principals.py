# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who makes a request, and how directly an element Principal names them. Pure. Private to this collection.

The rules are those of "AWS JSON policy elements: Principal" and "... NotPrincipal" of the IAM user guide.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property

EVERYBODY = "*"
_ROLE = re.compile(r"arn:(?P<partition>[\w-]+):iam::(?P<account_id>\d{12}):role/(?P<path>.*/)?(?P<name>[^/]+)")
_SESSION = re.compile(r"arn:(?P<partition>[\w-]+):sts::(?P<account_id>\d{12}):assumed-role/(?P<name>[^/]+)/(?P<session>[^/]+)")
_SERVICE_LINKED = re.compile(r":role/aws-service-role/|:assumed-role/AWSServiceRoleFor")


@dataclass(frozen=True)
class Principals:
    """The names of an element Principal, as far as they can be who asks here. There can be a thousand: they are searched, not walked."""

    aws: frozenset[str]
    services: frozenset[str] = frozenset()

    @property
    def is_everybody(self) -> bool:
        """Whether they are all that there are."""
        return EVERYBODY in self.aws

    @cached_property
    def roles(self) -> frozenset[tuple[str, ...]]:
        """Partition, account and name of the roles among them, without their paths."""
        return self._found(_ROLE)

    @cached_property
    def sessions(self) -> frozenset[tuple[str, ...]]:
        """The same of the roles of which sessions are among them."""
        return self._found(_SESSION)

    def _found(self, pattern: re.Pattern[str]) -> frozenset[tuple[str, ...]]:
        return frozenset(_role_of(found) for found in map(pattern.fullmatch, self.aws) if found)


def _role_of(found: re.Match[str]) -> tuple[str, ...]:
    """What makes a role unique: no account has two roles of one name."""
    return found["partition"], found["account_id"], found["name"]


class Naming(IntEnum):
    """How directly a policy of a resource names a principal, which decides what else must allow the request."""

    NOT = 0
    ACCOUNT = 1  # its account, which hands on to its own policies
    DIRECT = 2  # the role: enough within the account, within the permissions boundary
    UNBOUNDED = 3  # the session, the user, everybody: enough within the account, whatever the boundary leaves out


@dataclass(frozen=True)
class Named:
    """How directly somebody is named for certain, and how directly perhaps, by what is not known."""

    certain: Naming
    possible: Naming


@dataclass(frozen=True)
class Requester:
    """Who makes a request, by ARN, or a service by its name."""

    arn: str
    account_id: str

    @property
    def is_service(self) -> bool:
        """Whether a service comes by itself and not by a role."""
        return not self.arn.startswith("arn:")

    @property
    def is_root(self) -> bool:
        """Whether this is an account itself."""
        return self.arn.endswith(":root")

    @property
    def is_role(self) -> bool:
        """Whether this is a role or a session of one."""
        return bool(_ROLE.fullmatch(self.arn) or _SESSION.fullmatch(self.arn))

    @property
    def is_service_linked(self) -> bool:
        """Whether this is a role that belongs to a service of AWS."""
        return _SERVICE_LINKED.search(self.arn) is not None

    @property
    def kind(self) -> str:
        """aws:PrincipalType."""
        return "Account" if self.is_root else "AssumedRole" if self.is_role else "User"

    def named_by(self, principals: Principals) -> Named:
        """How directly an element Principal names this one."""
        if principals.is_everybody:
            return Named(Naming.UNBOUNDED, Naming.UNBOUNDED)
        if self.is_service:
            certain = Naming.UNBOUNDED if self.arn in principals.services else Naming.NOT
            return Named(certain, certain)
        in_account = self._account_in(principals)
        if self.is_root:
            certain = Naming.UNBOUNDED if in_account else Naming.NOT
            return Named(certain, certain)
        certain = max(Naming.ACCOUNT if in_account else Naming.NOT, self._itself_in(principals))
        return Named(certain, max(certain, Naming.UNBOUNDED if self._session_perhaps_in(principals) else Naming.NOT))

    def spared_by(self, principals: Principals) -> Named:
        """How directly somebody is meant by an element NotPrincipal, which names those that are not.

        It spares a session only by session, role and account together, a user only by user and account; as long as one of them lacks, AWS may
        take them for everybody else. Naming the account alone spares none of its users and roles.
        """
        everybody = Named(Naming.UNBOUNDED, Naming.UNBOUNDED)
        nobody = Named(Naming.NOT, Naming.NOT)
        named = self.named_by(principals)
        if named.possible <= (Naming.NOT if self.is_service or self.is_root else Naming.ACCOUNT):
            return everybody
        is_whole = principals.is_everybody or self.is_service or (self._account_in(principals) and self._all_parts_in(principals))
        return nobody if is_whole else Named(Naming.NOT, Naming.UNBOUNDED)

    def _account_in(self, principals: Principals) -> bool:
        partition = self.arn.split(":")[1]
        return self.account_id in principals.aws or f"arn:{partition}:iam::{self.account_id}:root" in principals.aws

    def _itself_in(self, principals: Principals) -> Naming:
        if self.arn in principals.aws:
            return Naming.DIRECT if _ROLE.fullmatch(self.arn) else Naming.UNBOUNDED
        return Naming.DIRECT if self._role_of_session_in(principals) else Naming.NOT

    def _all_parts_in(self, principals: Principals) -> bool:
        return not self.is_role or (self.arn in principals.aws and self._role_of_session_in(principals))

    def _role_of_session_in(self, principals: Principals) -> bool:
        """Whether the role of this session is named; a session does not tell the role's path."""
        session = _SESSION.fullmatch(self.arn)
        return session is not None and _role_of(session) in principals.roles

    def _session_perhaps_in(self, principals: Principals) -> bool:
        """Whether sessions of this role are named, of which the one that is meant may be one."""
        role = _ROLE.fullmatch(self.arn)
        return role is not None and _role_of(role) in principals.sessions
