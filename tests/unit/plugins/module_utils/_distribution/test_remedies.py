# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is printed to be pasted: YAML that reads back as the same, and commands that a shell reads as meant."""

from __future__ import annotations

import shlex
import subprocess
from typing import Any

import pytest
import yaml
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.findings import Finding, remedies_of
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.remedies import (
    Entrance,
    Remedy,
    Template,
    merged_tasks,
    shell_remedy,
    yaml_text,
)
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import Target
from hypothesis import given
from hypothesis import strategies as st

ACCOUNT = "222222222222"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/OrganizationAccountAccessRole"
PLAIN = Target(ACCOUNT, "payments")
ENTERED = Target(ACCOUNT, "payments", ("eu-west-1",), assume_role_arn="OrganizationAccountAccessRole", external_id="it's us", profile="factory")


class Loader(yaml.SafeLoader):
    """Reads what Ansible reads: strings that are not to be templated have a tag."""


Loader.add_constructor("!unsafe", lambda _loader, node: f"unsafe:{node.value}")


def read(text: str) -> Any:
    return yaml.load(text, Loader=Loader)  # noqa: S506 - it is a safe loader


def marked(value: Any) -> Any:
    """A value as it is read: strings with braces are marked."""
    if isinstance(value, dict):
        return {key: marked(item) for key, item in value.items()}
    if isinstance(value, list):
        return [marked(item) for item in value]
    is_templated = isinstance(value, str) and any(braces in value for braces in ("{{", "{%", "{#"))
    return f"unsafe:{value}" if is_templated else value


texts = st.text(max_size=12) | st.sampled_from(
    ["yes", "Off", "null", "~", "1", "1.0.x", "0x1f", "1_000", "a: b", "a #b", "- a", "{{ x }}", "", " a ", "=", "<<", "e1"]
)
scalars = texts | st.booleans() | st.none() | st.integers()
keys = st.text(min_size=1, max_size=8).filter(lambda text: "{" not in text)
values = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3), max_leaves=8)


@given(values)
def test_yaml_reads_back_as_the_same(value: Any) -> None:
    assert read(yaml_text(value)) == marked(value)


def test_yaml_is_as_people_write_it() -> None:
    task = {
        "name": "Keep the role",
        "golden.imagebuilder.x": {"ids": ["222222222222"], "on": True, "none": [], "keys": Template("{{ keys }}"), "tag": "{{ x }}"},
    }
    assert (
        yaml_text([task])
        == """\
- name: Keep the role
  golden.imagebuilder.x:
    ids:
      - "222222222222"
    "on": true
    none: []
    keys: "{{ keys }}"
    tag: !unsafe "{{ x }}"
"""
    )


class TestCommands:
    def test_without_a_role_it_is_the_command(self) -> None:
        command = Entrance(PLAIN, "us-west-2").command(["iam", "create-role", "--description", "it's; $(rm)"])
        assert [shlex.split(each) for each in command] == [["aws", "iam", "create-role", "--description", "it's; $(rm)", "--region", "us-west-2"]]

    def test_a_profile_and_an_endpoint_are_told(self) -> None:
        way = Entrance(Target(ACCOUNT, "payments", profile="pay"), "us-west-2", connection={"endpoint_url": "http://x", "profile": "other"})
        assert way.command(["iam", "list-roles"]) == ["aws iam list-roles --region us-west-2 --profile pay --endpoint-url http://x"]

    def run(self, folder: Any, aws: str) -> str:
        """What becomes of two commands in an account with a role, with a program in the place of the AWS CLI."""
        program = folder / "aws"
        program.write_text(f"#!/bin/sh\n{aws}\n")
        program.chmod(0o755)
        (command,) = Entrance(ENTERED, "eu-west-1").command(["iam", "one"], ["iam", "two"])
        environment = {"PATH": f"{folder}:/usr/bin:/bin", "AWS_ACCESS_KEY_ID": "outside"}
        return subprocess.run(
            ["sh", "-c", f"{command}; echo after $AWS_ACCESS_KEY_ID"], env=environment, capture_output=True, text=True, check=False
        ).stdout

    def test_a_role_is_assumed_for_these_commands_only(self, tmp_path: Any) -> None:
        told = self.run(tmp_path, 'case "$1" in sts) echo "$@" >&2; echo export AWS_ACCESS_KEY_ID=inside;; *) echo "$2 $AWS_ACCESS_KEY_ID $*";; esac')
        assert told.splitlines() == ["one inside iam one --region eu-west-1", "two inside iam two --region eu-west-1", "after outside"]

    def test_nothing_runs_when_the_role_cannot_be_assumed(self, tmp_path: Any) -> None:
        told = self.run(tmp_path, 'case "$1" in sts) exit 254;; *) echo "$2 $AWS_ACCESS_KEY_ID";; esac')
        assert told.splitlines() == ["after outside"]

    def test_the_role_is_named_with_what_its_trust_wants(self) -> None:
        (command,) = Entrance(ENTERED, "eu-west-1").command(["iam", "one"])
        for words in (f"--role-arn {ROLE}", "--external-id", "--profile factory"):
            assert words in command


class TestTasks:
    def test_our_own_modules_enter_by_themselves(self) -> None:
        task = Entrance(ENTERED, "eu-west-1").own_task("Keep", "source_keys", {"regions": ["eu-west-1"]})
        assert task["golden.imagebuilder.source_keys"] == {
            "region": "eu-west-1",
            "account": {
                "account_id": ACCOUNT,
                "name": "payments",
                "regions": ["eu-west-1"],
                "profile": "factory",
                "assume_role_arn": "OrganizationAccountAccessRole",
                "external_id": "it's us",
            },
            "regions": ["eu-west-1"],
        }

    def test_others_run_in_a_block_with_the_roles_credentials(self) -> None:
        task = Entrance(ENTERED, "eu-west-1", connection={"profile": "other"}).task("Enable", "amazon.aws.kms_key", {"enabled": True})
        enter, enable = task["block"]
        assert enter["amazon.aws.sts_assume_role"]["role_arn"] == ROLE
        assert enter["amazon.aws.sts_assume_role"]["profile"] == "factory"
        assert enter["no_log"]
        assert "profile" not in enable["amazon.aws.kms_key"]
        assert enable["amazon.aws.kms_key"]["session_token"] == "{{ entered_account.sts_creds.session_token }}"

    @pytest.mark.parametrize("profile", [None, "pay"])
    def test_without_a_role_the_module_is_the_task(self, profile: str | None) -> None:
        task = Entrance(Target(ACCOUNT, "payments", profile=profile), "eu-west-1").task("Enable", "amazon.aws.kms_key", {"enabled": True})
        assert task["amazon.aws.kms_key"] == {"region": "eu-west-1", **({"profile": "pay"} if profile else {}), "enabled": True}


def test_commands_without_a_module_are_a_task() -> None:
    remedy = shell_remedy("Do", ["a 'b c'", "d"])
    assert read(remedy.task_text()) == [{"name": "Do", "ansible.builtin.shell": {"cmd": remedy.command_text()}, "changed_when": True}]
    assert remedy.command_text() == "a 'b c' && d"


# --- one task for many accounts ----------------------------------------------------------------------------------------------------------------


def kept(account_id: str, *, name: str = "", **options: Any) -> Remedy:
    """What keeps the role of an account, as preflight prints it."""
    place = f"in {name or account_id} (account {account_id})"
    target = {"account_id": account_id, "assume_role_arn": f"role-of-{account_id}"}
    task = {"name": f"Keep the role {place}", "golden.imagebuilder.destination_roles": {"region": "us-west-2", "targets": [target], **options}}
    return Remedy(task, place=place)


def test_what_differs_by_its_targets_is_one_task_for_all() -> None:
    remedies = [kept(f"{number:012}") for number in range(1, 201)]
    ((task, numbers),) = merged_tasks(remedies).items()
    assert numbers == list(range(200))
    (merged,) = read(task)
    assert merged["name"] == "Keep the role in 200 accounts"
    options = merged["golden.imagebuilder.destination_roles"]
    assert [target["assume_role_arn"] for target in options.pop("targets")] == [f"role-of-{number:012}" for number in range(1, 201)]
    assert options == {"region": "us-west-2"}


def test_what_differs_by_more_stays_apart_and_in_order() -> None:
    shell = shell_remedy("Enable a Region", ["aws account enable-region"])
    remedies = [kept("1"), shell, kept("2", launch_templates=True), Remedy(), kept("3"), shell, kept("1")]
    tasks = merged_tasks(remedies)
    assert list(tasks.values()) == [[0, 4, 6], [1, 5], [2]]
    assert [read(task)[0]["name"] for task in tasks] == ["Keep the role in 2 accounts", "Enable a Region", "Keep the role in 2 (account 2)"]


def test_one_account_keeps_its_task_as_it_is() -> None:
    alone = kept("1", name="a role")  # its name is in that of the task twice
    assert list(merged_tasks([alone, alone])) == [alone.task_text()]


def test_each_task_tells_what_it_is_for() -> None:
    def finding(check: str, account_id: str, remedy: Remedy) -> Finding:
        return Finding(check, "error", account_id, account_id, "found", "needed", remedy=remedy)

    key = Remedy({"name": "Write the policy of the key"})
    found = [
        finding("role_missing", "1", kept("1")),
        finding("key_policy", "1", key),
        finding("key_policy", "2", key),
        finding("role_trust", "2", kept("2")),
    ]
    assert [(each["checks"], each["account_ids"]) for each in remedies_of(found)] == [
        (["role_missing", "role_trust"], ["1", "2"]),
        (["key_policy"], ["1", "2"]),
    ]
