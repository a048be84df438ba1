# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The organization and the organizational units of accounts, as far as a policy asks for them. Private to this collection.

Every account may ask for its organization. The units above an account only the management account and delegated administrators see, so these are
asked for with the source's credentials, which may be one, unless the target says them, as an inventory of the organization can.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.evaluation import Policy
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.statements import ORGANIZATION_ID, ORGANIZATION_PATHS
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.preflight_facts import AccountFacts, Fact, Facts, Key, Role, Unknown
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.sessions import Client, Sessions
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import Target

Ask = Callable[[Callable[[], Any]], Any]
Each = Callable[[list[Target], Callable[[Target], AccountFacts]], list[AccountFacts]]

_ROOT = "r-"  # how the id of a root begins (API shape RootId)


# --- what is asked for, and what is known: pure ------------------------------------------------------------------------------------------------


def keys_asked_for(facts: Facts) -> dict[str, set[str]]:
    """By account, the condition keys about its membership that a policy asks for.

    Policies of keys ask everybody, the policies of a role ask its account, and those that say who may take a destination's role ask the source.
    """
    roles = {account_id: account.role for account_id, account in facts.accounts.items() if isinstance(account.role, Role)}
    of_everybody = _asked_by(key.policy for region in facts.regions.values() for key in region.keys.values() if isinstance(key, Key))
    asked = {account_id: set(of_everybody) for account_id in facts.accounts}
    for account_id, role in roles.items():
        asked[account_id] |= _asked_by([*role.identity, role.boundary])
    asked[facts.run.source.account_id] |= _asked_by(role.trust for account_id, role in roles.items() if account_id != facts.run.source.account_id)
    return asked


def _asked_by(policies: Iterable[Any]) -> set[str]:
    """The keys that are in these policies, in which their case does not count."""
    texts = [str(each.document).lower() for each in policies if isinstance(each, Policy)]
    return {key for key in (ORGANIZATION_ID, ORGANIZATION_PATHS) if any(key.lower() in text for text in texts)}


def context(account: AccountFacts) -> dict[str, list[str]]:
    """The condition keys about an account's membership that are known; one that is in no organization has them without a value."""
    organization_id, unit_ids = account.organization_id, account.unit_ids
    if isinstance(organization_id, Unknown):
        return {}
    if organization_id is None:
        return {ORGANIZATION_ID: [], ORGANIZATION_PATHS: []}
    paths = {} if isinstance(unit_ids, Unknown) else {ORGANIZATION_PATHS: [f"{'/'.join((organization_id, *unit_ids))}/"]}
    return {ORGANIZATION_ID: [organization_id], **paths}


def advice(account: AccountFacts) -> str:
    """What to do to have judged what is unknown because the membership is; empty when all of it that was asked for is known."""
    unknown = [fact for fact in (account.organization_id, account.unit_ids) if isinstance(fact, Unknown) and fact.is_asked]
    if not unknown:
        return ""
    if unknown[0] is account.organization_id:
        return f" Its organization is not known: {unknown[0].reason} Allow organizations:DescribeOrganization in it."
    return (
        f" Its organizational units are not known: {unknown[0].reason} Give them as organizational_unit_ids of its target (for a host "
        "organizations_unit_ids, which the inventory golden.imagebuilder.organizations does by itself), or allow organizations:ListParents to the "
        "source, if that is the management account or a delegated administrator."
    )


# --- reading -----------------------------------------------------------------------------------------------------------------------------------


def read(facts: Facts, sessions: Sessions, ask: Ask, each: Each) -> Facts:
    """The facts with the memberships that policies ask for. The source comes first: where it may not look, nobody else's units are asked for."""
    entered = {account_id for account_id, account in facts.accounts.items() if not isinstance(account.entered, Unknown)}
    asked = {account_id: keys for account_id, keys in keys_asked_for(facts).items() if keys and account_id in entered}
    if not asked:
        return facts
    units = _Units(sessions.client(facts.run.source, "organizations"), ask)

    def one(target: Target) -> AccountFacts:
        organization: Fact[str | None] = ask(lambda: _organization_id(sessions.client(target, "organizations")))
        account = replace(facts.accounts[target.account_id], organization_id=organization)
        is_needed = ORGANIZATION_PATHS in asked[target.account_id] and isinstance(organization, str)
        return replace(account, unit_ids=target.organizational_unit_ids or units.above(target.account_id)) if is_needed else account

    targets = [facts.accounts[account_id].target for account_id in asked]
    source = [target for target in targets if target.account_id == facts.run.source.account_id]
    others = [target for target in targets if target.account_id != facts.run.source.account_id]
    known: Mapping[str, AccountFacts] = {account.target.account_id: account for account in [*each(source, one), *each(others, one)]}
    return replace(facts, accounts={**facts.accounts, **known})


class _Units:
    """The root and the units above accounts; each unit is asked for once, and nobody is once AWS has refused."""

    def __init__(self, organizations: Client, ask: Ask) -> None:
        self._organizations = organizations
        self._ask = ask
        self._lock = threading.Lock()
        self._parents: dict[str, str] = {}
        self._refused: Unknown | None = None

    def above(self, account_id: str) -> Fact[Sequence[str]]:
        """The ids from the root down to the unit that the account is in."""
        if self._refused is not None:
            return self._refused
        parent = self._ask(lambda: self._parent(account_id))
        ids: Fact[Sequence[str]] = parent if isinstance(parent, Unknown) else self._ask(lambda: self._down_to(parent))
        if isinstance(ids, Unknown) and ids.is_refusal:
            self._refused = ids
        return ids

    def _down_to(self, unit_id: str) -> tuple[str, ...]:
        """The ids from the root down to a unit. Many accounts share units, so these are asked for one after the other."""
        ids = [unit_id]
        with self._lock:
            while not ids[0].startswith(_ROOT):
                if ids[0] not in self._parents:
                    self._parents[ids[0]] = self._parent(ids[0])
                ids.insert(0, self._parents[ids[0]])
        return tuple(ids)

    def _parent(self, child_id: str) -> str:
        """What an account or a unit is in, which is one root or unit (API reference, ListParents)."""
        return str(self._organizations.list_parents(ChildId=child_id)["Parents"][0]["Id"])


def _organization_id(organizations: Client) -> str | None:
    """The organization of an account; any account may ask, and one without an organization is told so."""
    try:
        return str(organizations.describe_organization()["Organization"]["Id"])
    except is_boto3_error_code("AWSOrganizationsNotInUseException"):
        return None
