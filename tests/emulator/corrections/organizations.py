# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AWS Organizations."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from moto.organizations.models import OrganizationsBackend

from .. import accounts, propagation
from . import replaces


@replaces(OrganizationsBackend, "create_account")
def create_account(original: Callable[..., dict[str, Any]], self: Any, **kwargs: Any) -> dict[str, Any]:
    """The role that Organizations leaves in a new account has AdministratorAccess. moto makes the role without it."""
    answer = original(self, **kwargs)
    account_id = answer["CreateAccountStatus"]["AccountId"]
    accounts.finish_member(account_id, self.partition, kwargs.get("RoleName") or accounts.ORGANIZATION_ROLE)
    propagation.account_made(account_id)
    return answer
