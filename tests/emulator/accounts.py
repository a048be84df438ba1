# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The emulated accounts: which one a credential belongs to, who holds it, and what an account has from its first day.

A long-term access key id carries the account: `AKIA` + its 12 digits + any 4. It belongs to the account's user `administrator`. Any other
key id that the emulator did not issue belongs to the administrator of the first account.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from unittest.mock import patch

import moto.organizations.utils
from moto.iam.models import iam_backends
from moto.organizations.models import organizations_backends
from moto.utilities.utils import get_partition

from . import identities, propagation, settings
from .identities import Caller

ADMINISTRATOR = "administrator"
ORGANIZATION_ROLE = "OrganizationAccountAccessRole"
SECRET_ACCESS_KEY = "emulator"  # signatures are not checked
_LONG_TERM = re.compile(r"AKIA(\d{12})[A-Z0-9]{4}")
_issued: dict[str, tuple[str, str]] = {}  # access key id -> account id, ARN of its user or role session


def access_key_id(account_id: str) -> str:
    """Return a long-term access key id of an account."""
    return f"AKIA{account_id}EMUL"


def record_key(key_id: str, account_id: str, arn: str) -> None:
    """Remember whose an access key is that the emulator issues."""
    _issued[key_id] = (account_id, arn)


def account_of(key_id: str) -> str:
    """Return the account of an access key id."""
    if key_id in _issued:
        return _issued[key_id][0]
    long_term = _LONG_TERM.fullmatch(key_id)
    return long_term[1] if long_term and long_term[1] in settings.current.accounts else settings.current.accounts[0]


def caller_of(key_id: str, partition: str = "aws") -> Caller:
    """Return who uses an access key id."""
    if key_id in _issued and _issued[key_id][1]:
        return Caller.from_arn(_issued[key_id][1])
    return Caller.from_arn(f"arn:{partition}:iam::{account_of(key_id)}:user/{ADMINISTRATOR}")


def principal_exists(principal: str) -> bool:
    """Whether a principal that a policy names exists; in accounts that are not emulated everything is taken to exist."""
    if principal == "*" or re.fullmatch(r"\d{12}", principal):
        return propagation.is_account_seen(principal)
    try:
        caller = Caller.from_arn(principal)
    except ValueError:
        return False
    if not propagation.is_account_seen(caller.account_id):
        return False
    return caller.account_id not in settings.current.accounts or caller.arn == principal != caller.principal_arn or identities.exists(caller)


def seed(account_ids: Sequence[str], region: str = "us-east-1") -> None:
    """Make the accounts: an organization owned by the first, and in every account what AWS Organizations and its first user leave there.

    All of it in the partition of a Region. moto's state must be empty.
    """
    _issued.clear()
    owner, partition = account_ids[0], get_partition(region)
    organization = organizations_backends[owner][partition]
    # moto draws account ids at random and makes the role in the account it drew.
    with patch.object(moto.organizations.utils, "make_random_account_id", lambda: owner):
        organization.create_organization(region=region, FeatureSet="ALL")
    iam_backends[owner]["aws"].delete_role(ORGANIZATION_ROLE)  # the management account has none
    add_administrator(owner, partition)
    for account_id in account_ids[1:]:
        with patch.object(moto.organizations.utils, "make_random_account_id", lambda account_id=account_id: account_id):
            organization.create_account(AccountName=f"account-{account_id}", Email=f"{account_id}@example.com")


def add_administrator(account_id: str, partition: str) -> None:
    """Make the user that the account's long-term keys belong to."""
    iam = iam_backends[account_id][partition]
    iam.create_user(partition, ADMINISTRATOR)  # moto takes the Region for nothing but its partition
    iam.attach_user_policy(_administrator_access(partition), ADMINISTRATOR)


def finish_member(account_id: str, partition: str, role_name: str = ORGANIZATION_ROLE) -> None:
    """Complete what Organizations leaves in a member account, and make the account known."""
    iam, made = iam_backends[account_id][partition], iam_backends[account_id]["aws"]
    if iam is not made:  # moto makes the role in the partition aws whatever the organization's is
        role = made.get_role(role_name)
        trust = role.assume_role_policy_document.replace("arn:aws:", f"arn:{partition}:")
        iam.create_role(role_name, trust, role.path, None, role.description, [], role.max_session_duration)
        made.delete_role(role_name)
    iam.attach_role_policy(_administrator_access(partition), role_name)
    add_administrator(account_id, partition)
    if account_id not in settings.current.accounts:
        settings.current.accounts.append(account_id)


def _administrator_access(partition: str) -> str:
    return f"arn:{partition}:iam::aws:policy/AdministratorAccess"
