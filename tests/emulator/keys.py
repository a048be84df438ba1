# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding KMS keys in moto's accounts and Regions the way KMS resolves what a caller writes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from moto.kms.models import kms_backends
from moto.kms.utils import RESERVED_ALIASES

from .identities import Caller

_ARN = re.compile(r"arn:(?P<partition>[\w-]+):kms:(?P<region>[\w-]+):(?P<account>\d{12}):(?P<name>(?:key|alias)/.+)")
_KEY_ID = re.compile(r"(mrk-[0-9a-f]{32}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})", re.IGNORECASE)
# What a key that is disabled or waits for its deletion still answers.
_ANY_STATE = re.compile(
    r"kms:(Describe|Get(?!PublicKey)|List|Put|Enable|Disable|Cancel|Schedule|Tag|Untag|Update|Revoke|Retire|DeleteAlias|CreateAlias).*"
)


class KeyNotFoundError(LookupError):
    """There is no such key for this caller. `code` is the API's error code, `is_own` whether KMS says so openly."""

    def __init__(self, message: str, *, is_own: bool = True) -> None:
        super().__init__(message)
        self.is_own = is_own
        self.code = "NotFoundException" if is_own else "AccessDeniedException"


def resolve_key(key: str, account_id: str, region: str | None) -> Any:
    """Return moto's Key of a key ARN, alias ARN, key id or alias name.

    :param account_id: the account that asks; ids and alias names are looked up there.
    :param region: the Region that is asked, None for the one in the ARN.

    Raises KeyNotFoundError with KMS's words. About the keys of another account KMS does not tell missing from forbidden.
    """
    parts = _ARN.fullmatch(key)
    if parts is None:
        if key.startswith("arn:"):
            raise KeyNotFoundError(f"Invalid arn {key}")
        if not key.startswith("alias/") and not _KEY_ID.fullmatch(key):
            raise KeyNotFoundError(f"Invalid keyId '{key}'")
        owner, where, name = account_id, region or "us-east-1", key if key.startswith("alias/") else f"key/{key}"
    else:
        owner, where, name = parts["account"], parts["region"], parts["name"]
    if region and where != region:
        raise KeyNotFoundError(f"Invalid arn {where}")
    found = _find(owner, where, name)
    if found is None:
        shown = key if parts else f"arn:aws:kms:{where}:{owner}:{name}"
        message = f"Alias {shown} is not found." if name.startswith("alias/") else f"Key '{shown}' does not exist"
        raise KeyNotFoundError(message, is_own=owner == account_id)
    return found


def _find(account_id: str, region: str, name: str) -> Any | None:
    try:
        backend = kms_backends[account_id][region]
    except KeyError:  # no such Region
        return None
    if name.startswith("key/"):
        return backend.keys.get(name.removeprefix("key/"))
    for key in list(backend.keys.values()):
        if name in key.aliases:
            return key
    # AWS managed keys come to be when they are first used.
    return backend.keys[backend.get_key_id_from_alias(name)] if name in RESERVED_ALIASES else None


def key_context(key: Any, written: str, caller: Caller) -> dict[str, str | Sequence[str]]:
    """Return the condition keys about the key and the caller that KMS puts into every request.

    :param written: what the caller named the key by; kms:RequestAlias is there only when that was an alias.
    """
    tags = kms_backends[key.account_id][key.region].tagger.get_tag_dict_for_resource(key.id)
    context: dict[str, str | Sequence[str]] = {
        "kms:CallerAccount": caller.account_id,
        "kms:KeySpec": key.key_spec,
        "kms:KeyUsage": key.key_usage or "ENCRYPT_DECRYPT",
        "kms:KeyOrigin": key.origin,
        "kms:MultiRegion": str(bool(key.multi_region)).lower(),
        "kms:ResourceAliases": sorted(key.aliases),
    }
    context.update({f"aws:ResourceTag/{name}": value for name, value in tags.items()})
    if "alias/" in written:
        context["kms:RequestAlias"] = written[written.index("alias/") :]
    return context


def key_state_error(key: Any, action: str) -> tuple[str, str]:
    """Return code and message of the error that the key's state causes; both empty when the action is possible."""
    if key.key_state == "Enabled" or _ANY_STATE.fullmatch(action):
        return "", ""
    if key.key_state == "Disabled":
        return "DisabledException", f"{key.arn} is disabled."
    states = {"PendingDeletion": "pending deletion", "PendingImport": "pending import"}
    return "KMSInvalidStateException", f"{key.arn} is {states.get(key.key_state, key.key_state)}."
