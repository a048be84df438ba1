# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The inventory golden.imagebuilder.organizations, as ansible-inventory shows it."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.golden.imagebuilder.tests.emulator.server import EmulatorServer
from ansible_collections.golden.imagebuilder.tests.organization import bare_environment

MANAGEMENT, FACTORY, PAYMENTS, SEARCH, PLAYGROUND = (str(number) * 12 for number in (9, 1, 2, 3, 4))
PLUGIN = "golden.imagebuilder.organizations"
EVIL = "{{ lookup('pipe', 'echo evil') }}"


@dataclass
class Tree:
    """An organization: the factory, and accounts in /Workloads/Production and /Sandbox."""

    emulator: Any
    folder: Path
    units: dict[str, str]

    def __post_init__(self) -> None:
        self.client = self.emulator.client(MANAGEMENT, "organizations", "us-east-1")

    @property
    def root(self) -> str:
        return str(self.client.list_roots()["Roots"][0]["Id"])

    def make_unit(self, path: str) -> None:
        above, _slash, name = path.rpartition("/")
        parent = self.units[above] if above else self.root
        self.units[path] = self.client.create_organizational_unit(ParentId=parent, Name=name)["OrganizationalUnit"]["Id"]

    def move(self, account_id: str, path: str) -> None:
        parent = self.client.list_parents(ChildId=account_id)["Parents"][0]["Id"]
        self.client.move_account(AccountId=account_id, SourceParentId=parent, DestinationParentId=self.units[path])

    def tag(self, account_id: str, **tags: str) -> None:
        self.client.tag_resource(ResourceId=account_id, Tags=[{"Key": key, "Value": value} for key, value in tags.items()])

    def run(self, *words: str, account_id: str = MANAGEMENT, file: str = "organizations.yml", **options: Any) -> subprocess.CompletedProcess[str]:
        path = self.folder / file
        path.write_text(yaml.safe_dump({"plugin": PLUGIN, **options}))
        command = [str(Path(sys.executable).with_name("ansible-inventory")), "-i", str(path), *words]
        environment = {
            **bare_environment(self.folder / "ansible"),
            **self.emulator.environment(account_id),
            "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true",
        }
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    def listed(self, **options: Any) -> dict[str, Any]:
        done = self.run("--list", **options)
        assert done.returncode == 0, done.stderr
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    def destinations(self, **options: Any) -> list[str]:
        return list(self.listed(**options).get("image_builder_destinations", {}).get("hosts", []))


@pytest.fixture
def tree(tmp_path: Path) -> Iterator[Tree]:
    with EmulatorServer(accounts=[MANAGEMENT, FACTORY, PAYMENTS, SEARCH, PLAYGROUND]) as emulator:
        tree = Tree(emulator, tmp_path, {})
        for path in ("/Workloads", "/Workloads/Production", "/Sandbox"):
            tree.make_unit(path)
        tree.move(FACTORY, "/Workloads")
        for account_id in (PAYMENTS, SEARCH):
            tree.move(account_id, "/Workloads/Production")
        tree.move(PLAYGROUND, "/Sandbox")
        tree.tag(PAYMENTS, team="money", evil=EVIL)
        emulator.reset_calls()
        yield tree


def host(account_id: str) -> str:
    return f"account-{account_id}"


def plain(value: Any) -> Any:
    """A value without the marks by which ansible-inventory tells that a text is data."""
    if isinstance(value, dict):
        return value["__ansible_unsafe"] if set(value) == {"__ansible_unsafe"} else {key: plain(one) for key, one in value.items()}
    return [plain(one) for one in value] if isinstance(value, list) else value


def test_source_destinations_groups_and_variables(tree: Tree) -> None:
    answer = tree.listed(
        source_account=FACTORY,
        organizational_units=["/Workloads"],
        keyed_groups=[{"key": "organizations_tags.team", "prefix": "team"}],
        groups={"careful": "'money' in organizations_tags.values()"},
        compose={"image_builder_regions": "['us-west-2']"},
    )
    assert answer["image_builder_source"]["hosts"] == [host(FACTORY)]
    assert answer["image_builder_destinations"]["hosts"] == [host(PAYMENTS), host(SEARCH)]
    assert answer["ou_workloads"] == {"children": ["ou_workloads_production"], "hosts": [host(FACTORY)]}
    assert answer["ou_workloads_production"]["hosts"] == [host(PAYMENTS), host(SEARCH)]
    assert answer["team_money"]["hosts"] == answer["careful"]["hosts"] == [host(PAYMENTS)]
    told = answer["_meta"]["hostvars"]
    assert told[host(PAYMENTS)]["organizations_tags"]["evil"] == {"__ansible_unsafe": EVIL}, "it is never evaluated"
    assert plain(told[host(PAYMENTS)]) == {
        "image_builder_account_id": PAYMENTS,
        "image_builder_assume_role_arn": "OrganizationAccountAccessRole",
        "image_builder_regions": ["us-west-2"],
        "organizations_account_email": f"{PAYMENTS}@example.com",
        "organizations_account_name": host(PAYMENTS),
        "organizations_account_status": "ACTIVE",
        "organizations_tags": {"evil": EVIL, "team": "money"},
        "organizations_unit_ids": [tree.root, tree.units["/Workloads"], tree.units["/Workloads/Production"]],
        "organizations_unit_path": "/Workloads/Production",
    }
    assert "image_builder_assume_role_arn" not in told[host(FACTORY)]
    assert tree.emulator.writes() == []


def test_the_graph_is_what_a_person_looks_at(tree: Tree) -> None:
    done = tree.run("--graph", source_account=host(FACTORY), organizational_units=["/Workloads/Production"], fetch_tags="never")
    assert done.returncode == 0, done.stderr
    assert f"  |--@image_builder_destinations:\n  |  |--{host(PAYMENTS)}\n  |  |--{host(SEARCH)}\n" in done.stdout
    assert f"  |--@image_builder_source:\n  |  |--{host(FACTORY)}\n" in done.stdout


def test_accounts_come_move_and_go(tree: Tree) -> None:
    meant = {"source_account": FACTORY, "organizational_units": ["/Workloads"], "fetch_tags": "never"}
    assert tree.destinations(**meant) == [host(PAYMENTS), host(SEARCH)]
    tree.move(PLAYGROUND, "/Workloads")
    assert tree.destinations(**meant) == [host(PAYMENTS), host(SEARCH), host(PLAYGROUND)]
    tree.client.close_account(AccountId=SEARCH)
    tree.move(PAYMENTS, "/Sandbox")
    assert tree.destinations(**meant) == [host(PLAYGROUND)]
    everybody = tree.listed(**meant, statuses=["ACTIVE", "SUSPENDED"])
    assert host(SEARCH) in everybody["ou_workloads_production"]["hosts"], "it can be a host"
    assert everybody["image_builder_destinations"]["hosts"] == [host(PLAYGROUND)], "and never a destination"


def test_calls(tree: Tree) -> None:
    tree.destinations(organizational_units=["/Sandbox"])
    called = [call.operation for call in tree.emulator.calls()]
    assert called.count("ListTagsForResource") == 1
    tree.emulator.reset_calls()
    tree.destinations(organizational_units=["/Sandbox"], fetch_tags="never")
    assert "ListTagsForResource" not in [call.operation for call in tree.emulator.calls()]


def test_the_cache_is_used_until_the_options_ask_for_more(tree: Tree) -> None:
    cache = {"cache": True, "cache_plugin": "jsonfile", "cache_connection": str(tree.folder / "cache")}
    first = tree.listed(organizational_units=["/Workloads"], **cache)
    tree.emulator.reset_calls()
    assert tree.listed(organizational_units=["/Workloads"], **cache) == first
    assert tree.emulator.calls() == []
    assert tree.destinations(organizational_units=["/Sandbox"], **cache) == [host(PLAYGROUND)]
    assert tree.emulator.calls() != []


def test_throttling_is_waited_for(tree: Tree) -> None:
    tree.emulator.disturb(throttled=0.6, seed=4)  # more than botocore's own three attempts outlast
    assert tree.destinations(organizational_units=["/Workloads"], exclude_accounts=[FACTORY]) == [host(PAYMENTS), host(SEARCH)]


def test_by_a_role_of_the_management_account(tree: Tree) -> None:
    iam = tree.emulator.client(MANAGEMENT, "iam")
    trust = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{FACTORY}:root"}, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName="Reader", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}))
    done = tree.run("--graph", account_id=FACTORY, assume_role_arn=f"arn:aws:iam::{MANAGEMENT}:role/Reader", fetch_tags="never")
    assert done.returncode == 0, done.stderr
    assert host(PLAYGROUND) in done.stdout


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"organizational_units": ["Workloads"], "exclude_accounts": ["nobody"]}, ("a path begins at the root", "there is no account 'nobody'")),
        ({"source_account": "555555555555"}, ("one active account '555555555555' is needed", "and there is none")),
        ({"hostnames": ["nothing.at.all"], "strict": True}, ("hostnames: 'nothing.at.all' cannot be evaluated",)),
    ],
)
def test_mistakes_are_told(tree: Tree, options: dict[str, Any], told: tuple[str, ...]) -> None:
    done = tree.run("--list", **options)
    assert done.returncode != 0
    said = " ".join(done.stderr.split())  # older releases of ansible-core wrap lines
    assert [words for words in told if words not in said] == []


def test_names_of_hosts(tree: Tree) -> None:
    named = {"hostnames": ["organizations_tags.team", "organizations_account_name"], "organizational_units": ["/Workloads"]}
    assert tree.destinations(**named) == [host(FACTORY), "money", host(SEARCH)]


def test_another_file_is_not_for_it(tree: Tree) -> None:
    assert tree.run("--list", file="hosts.yml").returncode != 0
