# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a person should see about a role that is there: it allows more than a delivery of images needs. Pure. Private to this collection.

A finding is told and nothing else: who made the role so had a reason, or has to hear of it before it is taken away.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._access import policy
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.policy import Policy
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.statements import Statement

WIDE_MANAGED_POLICIES = ("AdministratorAccess", "IAMFullAccess", "PowerUserAccess")
"""AWS's managed policies with which a role can do nearly everything, or give itself the right to."""


@dataclass(frozen=True)
class Finding:
    """What was found about a role; the message is the same for all accounts in which it is so."""

    role: str
    code: str
    message: str

    def to_result(self) -> dict[str, str]:
        """The finding as a module returns it."""
        return {"role": self.role, "code": self.code, "message": self.message}


def of_path(role: str, path: str) -> list[Finding]:
    """A role at another path than /: Image Builder builds the ARN from the name alone."""
    message = f"It lives at path {path}, where Image Builder does not find it, and its name blocks the one at path /."
    return [] if path == "/" else [Finding(role, "OtherPath", message)]


def of_trust(role: str, trust: Policy) -> Iterator[Finding]:
    """Statements of a trust policy that let in more than named accounts, roles and services, or somebody who is gone."""
    for statement in policy.statements_of(trust):
        if statement.get("Effect") != "Allow":
            continue
        name = _name(statement)
        if "NotPrincipal" in statement or any("*" in principal for principal in _principals(statement)):
            yield Finding(role, "EverybodyTrusted", f"The trust policy lets everybody in{_limits(statement)} ({name}). Name the accounts instead.")
        gone = sorted(principal for principal in _principals(statement) if policy.is_unique_id(principal))
        if gone:
            message = f"The trust policy names somebody who was deleted: {', '.join(gone)} ({name}). AWS takes no change until it is removed."
            yield Finding(role, "PrincipalDeleted", message)


def of_managed_policies(role: str, arns: Iterable[str], documents: Mapping[str, Policy]) -> Iterator[Finding]:
    """Attached policies that allow nearly everything: AWS's by their names, those of the account by the documents that were read."""
    for arn in sorted(arns):
        if ":iam::aws:" in arn and arn.rpartition("/")[2] in WIDE_MANAGED_POLICIES:
            yield Finding(role, "AdministratorPolicy", f"The managed policy {arn.rpartition('/')[2]} is attached, which no delivery needs.")
    for arn, document in sorted(documents.items()):
        yield from _of_document(role, f"managed policy {arn.rpartition('/')[2]}", document)


def of_inline_policies(role: str, inline: Mapping[str, Policy]) -> Iterator[Finding]:
    """Inline policies that allow nearly everything."""
    for name, document in sorted(inline.items()):
        yield from _of_document(role, f"inline policy {name}", document)


def _of_document(role: str, where: str, document: Policy) -> Iterator[Finding]:
    for statement in policy.statements_of(document):
        actions = _wide_actions(statement)
        if actions and _is_everywhere(statement):
            message = f"The {where} allows {', '.join(actions)} on everything ({_name(statement)}), which no delivery needs."
            yield Finding(role, "AdministratorPolicy", message)


def _wide_actions(statement: Statement) -> list[str]:
    """The actions of a statement that are all actions of a service or of all services."""
    if statement.get("Effect") != "Allow":
        return []
    if "NotAction" in statement:
        return [f"all but {', '.join(sorted(policy.listed(statement['NotAction'])))}"]
    return sorted(action for action in policy.listed(statement.get("Action", [])) if action == "*" or action.endswith(":*"))


def _is_everywhere(statement: Statement) -> bool:
    return "NotResource" in statement or "*" in policy.listed(statement.get("Resource", []))


def _principals(statement: Statement) -> list[str]:
    principal = statement.get("Principal", {})
    kinds = principal.values() if isinstance(principal, Mapping) else [principal]
    return [str(name) for names in kinds for name in policy.listed(names)]


def _limits(statement: Statement) -> str:
    condition: dict[str, Any] = statement.get("Condition", {})
    return f" for whom {json.dumps(condition, sort_keys=True)} holds" if condition else ""


def _name(statement: Statement) -> str:
    return f"statement {statement['Sid']}" if statement.get("Sid") else "a statement without a Sid"
