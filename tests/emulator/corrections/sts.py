# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""STS."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.core.exceptions import AccessDeniedError
from moto.core.responses import ActionResult
from moto.iam.models import iam_backends
from moto.sts.models import STSBackend
from moto.sts.responses import TokenResponse

from .. import access, accounts, identities
from . import replaces


@replaces(TokenResponse, "assume_role")
def assume_role(original: Callable[..., Any], self: Any) -> Any:
    """AWS wants the role to exist, its trust policy to allow the caller, and the caller's own policies to allow the call.

    moto hands out credentials for any text that looks like a role.
    """
    caller = accounts.caller_of(self.get_access_key(), self.partition)
    role_arn = self._get_param("RoleArn")
    if not access.assume_role(caller, role_arn, self._get_param("ExternalId"), self._get_param("RoleSessionName")).allowed:
        raise AccessDeniedError(caller.arn, f"sts:AssumeRole on resource: {role_arn}")
    return original(self)


@replaces(STSBackend, "assume_role")
def remember_session(original: Callable[..., Any], self: Any, *args: Any, **kwargs: Any) -> Any:
    """Remember whose session the new key is."""
    session = original(self, *args, **kwargs)
    accounts.record_key(session.access_key_id, session.account_id, session.arn)
    return session


@replaces(TokenResponse, "get_caller_identity")
def get_caller_identity(_original: Callable[..., Any], self: Any) -> ActionResult:
    """AWS names the user or role session that the key belongs to. moto names one fixed user for keys it did not issue."""
    caller = accounts.caller_of(self.get_access_key(), self.partition)
    iam = iam_backends[caller.account_id][self.partition]
    if caller.arn == caller.principal_arn:
        user = iam.users.get(caller.name)
        user_id = user.id if user else caller.account_id
    else:
        role = identities.find_role(caller.account_id, caller.name, self.partition)
        user_id = f"{role.id if role else 'AROAEXAMPLEEXAMPLE123'}:{caller.arn.rsplit('/', 1)[-1]}"
    return ActionResult({"UserId": user_id, "Account": caller.account_id, "Arn": caller.arn})
