# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which account an access key belongs to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import moto.iam.models
from moto.iam.models import IAMBackend

from .. import accounts
from . import replaces


@replaces(moto.iam.models, "get_account_id_from")
def get_account_id_from(_original: Callable[[str], str], access_key: str) -> str:
    """AWS reads the account out of the key id.

    moto looks through all keys of all accounts and partitions for every request, and gives unknown keys one fixed account.
    """
    return accounts.account_of(access_key)


@replaces(IAMBackend, "create_access_key")
def create_access_key(original: Callable[..., Any], self: Any, user_name: str, *args: Any, **kwargs: Any) -> Any:
    """Remember a user's new key."""
    key = original(self, user_name, *args, **kwargs)
    accounts.record_key(key.access_key_id, self.account_id, self.get_user(user_name).arn)
    return key


@replaces(IAMBackend, "create_temp_access_key")
def create_temp_access_key(original: Callable[..., Any], self: Any) -> Any:
    """Remember a temporary key; whose session it is, AssumeRole adds."""
    key = original(self)
    accounts.record_key(key.access_key_id, self.account_id, "")
    return key
