# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An organization of 60 accounts that changes between runs, and a playbook with an inventory that nobody edits."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.golden.imagebuilder.tests.emulator.server import EmulatorServer
from ansible_collections.golden.imagebuilder.tests.organization import (
    BUILD_REGION,
    DESTINATIONS,
    DISTRIBUTION_ROLE,
    EXAMPLE_INVENTORY,
    SOURCE,
    Organization,
    Run,
)
from ansible_collections.golden.imagebuilder.tests.warm_playbooks import ansible_playbook

PRODUCTION, STAGING, SANDBOX = "/Workloads/Production", "/Workloads/Staging", "/Sandbox"
OTHERS = [f"{number:012}" for number in range(500000000000, 500000000056)]
IMAGE = "web"


@dataclass
class Tree:
    """The organization and its units; the source account manages it."""

    organization: Organization
    units: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.client = self.organization.emulator.client(SOURCE, "organizations", "us-east-1")
        self.units[""] = self.client.list_roots()["Roots"][0]["Id"]
        for path in ("/Workloads", PRODUCTION, STAGING, SANDBOX):
            above, _slash, name = path.rpartition("/")
            self.units[path] = self.client.create_organizational_unit(ParentId=self.units[above], Name=name)["OrganizationalUnit"]["Id"]

    def move(self, account_id: str, path: str) -> None:
        parent = self.client.list_parents(ChildId=account_id)["Parents"][0]["Id"]
        self.client.move_account(AccountId=account_id, SourceParentId=parent, DestinationParentId=self.units[path])

    def create(self, name: str, path: str) -> str:
        status = self.client.create_account(AccountName=name, Email=f"{name}@example.com")["CreateAccountStatus"]
        account_id = str(status["AccountId"])
        self.move(account_id, path)
        return account_id

    def promisable(self) -> list[str]:
        """All accounts there are."""
        pages = self.client.get_paginator("list_accounts").paginate()
        return [account["Id"] for page in pages for account in page["Accounts"]]

    def distribute(self) -> Run:
        """The playbook, as ever."""
        self.organization.emulator.reset_calls()
        run = self.organization.playbook()
        assert run.status == 0, run.output
        return run

    def promised(self) -> set[str]:
        """The accounts that the distribution configuration names."""
        client = self.organization.emulator.client(SOURCE, "imagebuilder", BUILD_REGION)
        arn = f"arn:aws:imagebuilder:{BUILD_REGION}:{SOURCE}:distribution-configuration/{IMAGE}"
        entries = client.get_distribution_configuration(distributionConfigurationArn=arn)["distributionConfiguration"]["distributions"]
        return {account for entry in entries for account in entry["amiDistributionConfiguration"]["targetAccountIds"]}

    def accounts_of_calls(self) -> set[str]:
        """The accounts in which anything was called."""
        return {call.account for call in self.organization.emulator.calls()}

    def amis(self, account_id: str) -> int:
        return len(self.organization.images(account_id, BUILD_REGION))


def write_inventory(folder: Path) -> None:
    """The inventory: who is meant, and of what the image is made."""
    shutil.copytree(EXAMPLE_INVENTORY.parent / "group_vars", folder / "group_vars")
    plugin = {
        "plugin": "golden.imagebuilder.organizations",
        "source_account": SOURCE,
        "organizational_units": ["/Workloads"],
        "include_accounts": [SOURCE],
        "fetch_tags": "never",
    }
    variables = {
        "ansible_connection": "local",
        "ansible_python_interpreter": "{{ ansible_playbook_python }}",
        "image_builder_regions": [BUILD_REGION],
        "image_poll_interval": 0.1,
    }
    (folder / "organizations.yml").write_text(yaml.safe_dump(plugin))
    (folder / "group_vars/all.yml").write_text(yaml.safe_dump(variables))


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Tree]:
    accounts = [SOURCE, *DESTINATIONS.values(), *OTHERS]
    with EmulatorServer(accounts=accounts, seconds_per_state=0.05) as emulator:
        organization = Organization(emulator, tmp_path, run=ansible_playbook)
        inventory = tmp_path / "inventory"
        inventory.mkdir()
        write_inventory(inventory)
        organization.inventories = [inventory]
        tree = Tree(organization)
        for number, account_id in enumerate([*DESTINATIONS.values(), *OTHERS]):
            tree.move(account_id, {0: PRODUCTION, 1: STAGING}.get(number % 15, SANDBOX))
        yield tree


def members(tree: Tree, *paths: str) -> set[str]:
    listed: list[Any] = [tree.client.list_accounts_for_parent(ParentId=tree.units[path])["Accounts"] for path in paths]
    return {account["Id"] for accounts in listed for account in accounts if account["Status"] == "ACTIVE"}


def test_an_account_is_created_and_moved_and_closed(tree: Tree) -> None:
    assert len(tree.promisable()) == 60
    meant = members(tree, PRODUCTION, STAGING)
    apart = members(tree, SANDBOX)

    newcomer = tree.create("newcomer", PRODUCTION)
    tree.distribute()
    assert tree.promised() == meant | {newcomer}
    assert {account_id for account_id in meant | apart | {newcomer} if tree.amis(account_id)} == meant | {newcomer}
    iam = tree.organization.emulator.client(newcomer, "iam")
    assert SOURCE in json.dumps(iam.get_role(RoleName=DISTRIBUTION_ROLE)["Role"]["AssumeRolePolicyDocument"])

    tree.move(newcomer, STAGING)
    run = tree.distribute()
    assert set(run.changed().values()) == {0}, run.output
    assert f"account-{newcomer}" in run.recap or "newcomer" in run.recap
    assert (tree.promised(), tree.amis(newcomer)) == (meant | {newcomer}, 1)

    tree.client.close_account(AccountId=newcomer)
    run = tree.distribute()
    assert tree.promised() == meant
    assert newcomer not in tree.accounts_of_calls()
    assert not {f"account-{newcomer}", "newcomer"} & set(run.recap)
