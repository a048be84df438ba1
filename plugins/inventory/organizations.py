# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory golden.imagebuilder.organizations."""

from __future__ import annotations

DOCUMENTATION = r"""
name: organizations
short_description: The accounts of an organization as the source and the destinations of golden AMIs
version_added: 0.1.0
author:
  - golden.imagebuilder contributors (@golden-imagebuilder)
description:
  - Makes a host of each account of AWS Organizations that is meant, so that an account that is created, moved or closed comes and goes by itself.
  - The account O(source_account) is put into the group C(image_builder_source), all others into C(image_builder_destinations).
  - An account that is not active never becomes a destination, whatever the options say.
  - The hosts are in the order of their account ids, and the same organization always makes the same inventory.
  - The file has to end in C(organizations.yml) or C(organizations.yaml).
notes:
  - "The credentials have to be those of the management account or of a delegated administrator, or may assume a role there by O(assume_role_arn).
    They need C(organizations:ListRoots), C(organizations:ListOrganizationalUnitsForParent), C(organizations:ListAccountsForParent) and, unless
    O(fetch_tags=never), C(organizations:ListTagsForResource)."
  - All that comes from AWS is data. A template in the name or in a tag of an account is never evaluated.
requirements:
  - botocore >= 1.40.0
options:
  plugin:
    description: Says that the file is for this plugin.
    type: str
    required: true
    choices: [golden.imagebuilder.organizations]
  source_account:
    description: Id or name of the account in which images are built. Without it the group C(image_builder_source) is left to another inventory.
    type: str
  organizational_units:
    description:
      - Organizational units whose accounts are meant, by their id as in V(ou-ab12-11111111), or by their path from the root as in
        V(/Workloads/Production).
      - Without it, and without O(tags), O(names) and O(include_accounts), the whole organization is meant.
      - O(organizational_units), O(tags) and O(names) together mean the accounts that meet all of them.
    type: list
    elements: str
    default: []
  recursive:
    description: Whether the accounts of units below O(organizational_units) are meant as well.
    type: bool
    default: true
  exclude_organizational_units:
    description: Organizational units of which no account is meant, nor any of the units below them.
    type: list
    elements: str
    default: []
  tags:
    description:
      - Tags that an account has to have. The value may be a list, of which one is enough, or empty, for any value.
    type: dict
    default: {}
  exclude_tags:
    description: Tags of which an account may have none, written as O(tags).
    type: dict
    default: {}
  names:
    description: Patterns for the names of accounts, of which one has to match, with C(*), C(?) and C([...]).
    type: list
    elements: str
    default: []
  include_accounts:
    description: Ids or names of accounts that are meant beside those that the other options find. An id has to be in quotes.
    type: list
    elements: str
    default: []
  exclude_accounts:
    description: Ids or names of accounts that are not meant in any case.
    type: list
    elements: str
    default: []
  statuses:
    description:
      - States of the accounts that become hosts. Those that are not V(ACTIVE) are in no group of image builder; C(organizations_account_status) tells
        them apart.
    type: list
    elements: str
    default: [ACTIVE]
  fetch_tags:
    description:
      - Whether the tags of accounts are read, for which there is one call for each account.
      - With V(auto) they are read of the accounts that the other options have left.
    type: str
    choices: [auto, never]
    default: auto
  hostnames:
    description:
      - Expressions for the names of the hosts, as in O(compose), of which the first that is not empty counts. They see the variables of the host.
      - Names become lower case, and characters that C(--limit) would take for something else become C(-). Where two hosts would have the same name,
        both have their account ids behind it.
    type: list
    elements: str
    default: [organizations_account_name]
  organizational_unit_groups:
    description: Whether there is a group for each organizational unit, as in C(ou_workloads_production), below the one of the unit that it is in.
    type: bool
    default: true
  destination_role:
    description:
      - Name or ARN of the role by which the destinations are entered, their variable C(image_builder_assume_role_arn). Empty for none, as when
        O(compose) makes one.
    type: str
    default: OrganizationAccountAccessRole
extends_documentation_fragment:
  - inventory_cache
  - constructed
  - amazon.aws.boto3
  - amazon.aws.common.plugins
  - amazon.aws.region.plugins
  - amazon.aws.assume_role.plugins
"""

EXAMPLES = r"""
# inventory/organizations.yml: everything below Workloads that is not a sandbox; new accounts come by themselves
plugin: golden.imagebuilder.organizations
source_account: image-factory
organizational_units: [/Workloads]
exclude_organizational_units: [/Workloads/Sandbox]

# By tags: the team's group, and the canaries first
---
plugin: golden.imagebuilder.organizations
source_account: "111111111111"
tags:
  golden-ami: [web, all]
keyed_groups:
  - key: organizations_tags.team
    prefix: team
compose:
  image_builder_wave: 1 if organizations_tags.stage | default('') == 'canary' else 2
  image_builder_regions: (organizations_tags.regions | default('us-west-2')).split(' ')

# From another account, through a role of the management account
---
plugin: golden.imagebuilder.organizations
assume_role_arn: arn:aws:iam::999999999999:role/ReadOrganization
cache: true
"""

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields, replace
from typing import Any

with contextlib.suppress(ImportError):  # AWSInventoryBase says so
    import botocore.exceptions

from ansible.errors import AnsibleError, AnsibleParserError
from ansible.utils.unsafe_proxy import wrap_var
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry
from ansible_collections.amazon.aws.plugins.plugin_utils.inventory import AWSInventoryBase
from ansible_collections.golden.imagebuilder.plugins.plugin_utils._organization import (
    Account,
    Organization,
    Selection,
    candidates,
    found_as,
    host_names,
    problems,
    selected,
    unit_groups,
    variables,
)

SOURCE_GROUP = "image_builder_source"
DESTINATION_GROUP = "image_builder_destinations"
_SELECTION = tuple(option.name for option in fields(Selection))
_THREADS = 8  # Organizations answers some tens of calls a second, and throttles the rest

# Organizations answers in one Region of a partition, which botocore finds from any other.
_ANY_REGION = "us-east-1"

# Beside those of the Organizations API, AWS's common errors, of which AWSRetry does not know this one.
_retried: Callable[[Any], Any] = AWSRetry.jittered_backoff(
    retries=10, delay=1, catch_extra_error_codes=["ThrottlingException", "ConcurrentModificationException"]
)


@_retried
def _all(client: Any, operation: str, **request: Any) -> list[dict[str, Any]]:
    """Everything that an operation lists, over all its pages."""
    pages = client.get_paginator(operation).paginate(**request).build_full_result()
    return [item for items in pages.values() if isinstance(items, list) for item in items]


def _units(client: Any) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """Each root and organizational unit: its id, its path, and the ids from the root down to it."""
    waiting: list[tuple[str, str, tuple[str, ...]]] = [(str(root["Id"]), "/", (str(root["Id"]),)) for root in _all(client, "list_roots")]
    while waiting:
        unit_id, path, ids = waiting.pop()
        yield unit_id, path, ids
        below = _all(client, "list_organizational_units_for_parent", ParentId=unit_id)
        waiting += [(str(one["Id"]), f"{path.rstrip('/')}/{one['Name']}", (*ids, str(one["Id"]))) for one in below]


def read(client: Any) -> Organization:
    """The whole organization, without the tags of its accounts. Raises ClientError."""
    accounts, units = [], {}
    for unit_id, path, ids in _units(client):
        units[unit_id] = path
        accounts += [_account(one, path, ids) for one in _all(client, "list_accounts_for_parent", ParentId=unit_id)]
    return Organization(tuple(accounts), units)


def _account(described: dict[str, Any], path: str, ids: tuple[str, ...]) -> Account:
    # State follows Status, which AWS gives up (API shape Account).
    status = str(described.get("State") or described.get("Status"))
    return Account(described["Id"], described.get("Name", ""), described.get("Email", ""), status, path, ids)


def with_tags(client: Any, organization: Organization, account_ids: set[str]) -> Organization:
    """The same organization, with the tags of some of its accounts. Raises ClientError."""

    def tags_of(account_id: str) -> dict[str, str]:
        return {tag["Key"]: tag["Value"] for tag in _all(client, "list_tags_for_resource", ResourceId=account_id)}

    ordered = sorted(account_ids)
    with ThreadPoolExecutor(_THREADS) as threads:
        found = dict(zip(ordered, threads.map(tags_of, ordered), strict=True))
    accounts = (replace(account, tags=found.get(account.id, account.tags)) for account in organization.accounts)
    return replace(organization, accounts=tuple(accounts))


class InventoryModule(AWSInventoryBase):
    """Ansible's view of the inventory."""

    NAME = "golden.imagebuilder.organizations"
    INVENTORY_FILE_SUFFIXES = ("organizations.yml", "organizations.yaml")

    def parse(self, inventory: Any, loader: Any, path: str, cache: bool = True) -> None:
        """Fill the inventory from the organization, or from the cache."""
        super().parse(inventory, loader, path, cache=cache)
        organization = self._organization(path, cache)
        selection = self._selection()
        if found := problems(organization, selection):
            raise AnsibleParserError("\n".join(found))
        source = self._source(organization)
        accounts = selected(organization, selection)
        self._populate(source, [account for account in accounts if source is None or account.id != source.id])

    def _organization(self, path: str, cache: bool) -> Organization:
        """The organization with the tags that are needed. What was cached for other options does not count, as it lacks other accounts' tags."""
        asked = {name: self.get_option(name) for name in (*_SELECTION, "fetch_tags", "source_account")}
        is_cached, cached = self.get_cached_result(path, cache)
        if is_cached and cached["asked"] == asked:
            return Organization.from_cache(cached["organization"])
        organization = self._read()
        # A flushed or outdated entry has to be written again, which is what not taking from the cache means here.
        self.update_cached_result(path, False, {"asked": asked, "organization": organization.to_cache()})
        return organization

    def _read(self) -> Organization:
        client = self.client("organizations", region=self.region or _ANY_REGION)
        try:
            organization = read(client)
            if self.get_option("fetch_tags") == "never":
                return organization
            source = self._source(organization)
            return with_tags(client, organization, candidates(organization, self._selection()) | ({source.id} if source else set()))
        except (botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError) as error:
            raise AnsibleError(
                "The organization cannot be read. That needs credentials of its management account or of a delegated administrator, or a role "
                f"there as assume_role_arn: {error}"
            ) from error

    def _selection(self) -> Selection:
        """What the user selects."""
        return Selection(**{name: self.get_option(name) for name in _SELECTION})

    def _source(self, organization: Organization) -> Account | None:
        """The source account, which has to be there once, and active."""
        given = self.get_option("source_account")
        if not given:
            return None
        found = found_as(organization, str(given))
        if len(found) != 1 or not found[0].is_active:
            seen = ", ".join(f"{account.id} ({account.name}, {account.status})" for account in found) or "none"
            raise AnsibleParserError(f"source_account: one active account {given!r} is needed in the organization, and there is {seen}.")
        return found[0]

    def _populate(self, source: Account | None, accounts: list[Account]) -> None:
        every = ([source] if source else []) + accounts
        names = host_names(every, {account.id: self._host_name(account) for account in every})
        for group in (SOURCE_GROUP, DESTINATION_GROUP):
            self.inventory.add_group(group)
        for account in every:
            is_source = source is not None and account.id == source.id
            self._add(names[account.id], account, is_source)

    def _host_name(self, account: Account) -> str:
        """What the user's expressions call an account; nothing when none of them does."""
        told = wrap_var(variables(account))
        return next(filter(None, (self._named(expression, told) for expression in self.get_option("hostnames"))), "")

    def _named(self, expression: str, told: dict[str, Any]) -> str:
        try:
            return str(self._compose(expression, told) or "")
        except Exception as error:  # whatever Jinja raises; Constructable treats its options so
            if self.get_option("strict"):
                raise AnsibleParserError(f"hostnames: {expression!r} cannot be evaluated: {error}") from error
            return ""

    def _add(self, name: str, account: Account, is_source: bool) -> None:
        """A host with its variables and groups."""
        self.inventory.add_host(name)
        if is_source:
            self.inventory.add_child(SOURCE_GROUP, name)
        elif account.is_active:
            self.inventory.add_child(DESTINATION_GROUP, name)
        told = wrap_var(variables(account))
        for variable, value in told.items():
            self.inventory.set_variable(name, variable, value)
        if not is_source and self.get_option("destination_role"):
            self.inventory.set_variable(name, "image_builder_assume_role_arn", self.get_option("destination_role"))
        if self.get_option("organizational_unit_groups"):
            self._add_to_unit_groups(name, account.unit_path)
        strict = self.get_option("strict")
        self._set_composite_vars(self.get_option("compose"), told, name, strict=strict)
        self._add_host_to_composed_groups(self.get_option("groups"), told, name, strict=strict)
        self._add_host_to_keyed_groups(self.get_option("keyed_groups"), told, name, strict=strict)

    def _add_to_unit_groups(self, name: str, path: str) -> None:
        parent = None
        for group in unit_groups(path):
            self.inventory.add_group(group)
            if parent:
                self.inventory.add_child(parent, group)
            parent = group
        if parent:
            self.inventory.add_child(parent, name)
