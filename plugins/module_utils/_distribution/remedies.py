# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What mends a finding, as an Ansible task and as commands of the AWS CLI that run as they stand. Pure. Private to this collection.

Both find their own way into the account, as the inventory describes it. Secrets are in neither: credentials come from where the user has them.

YAML is written here, as modules run on Pythons without a library for it. It has but mappings, lists, texts, whole numbers, booleans and null.
"""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.sessions import role_arn
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import Target

Options = Mapping[str, Any]
Task = Mapping[str, Any]

_NOT_A_WAY_IN = ("organizational_unit_ids",)
SESSION_NAME = "golden.imagebuilder"

_PLAIN = re.compile(r"[A-Za-z_/][\w./-]*(?: [\w./-]+)*", re.ASCII)  # nothing that YAML 1.1 reads as something else but the words below
_WORDS = re.compile(r"y|n|yes|no|on|off|true|false|null", re.IGNORECASE)
_TEMPLATED = re.compile(r"\{\{|\{%|\{#")
_UNPRINTABLE = re.compile(r"[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff\ud800-\udfff]")  # what JSON takes as it is, and YAML only escaped
_EXPORTS = (
    "join('', ['export AWS_ACCESS_KEY_ID=', Credentials.AccessKeyId, ' AWS_SECRET_ACCESS_KEY=', Credentials.SecretAccessKey, "
    "' AWS_SESSION_TOKEN=', Credentials.SessionToken])"
)


class Template(str):
    """A string that Ansible shall template; in all others braces are data."""

    __slots__ = ()


@dataclass(frozen=True)
class Remedy:
    """A task and shell commands that do the same; without them the input itself has to be changed.

    `place` are the words in the name of a task of a fleet module that tell its only target; such a task can be one for many.
    """

    task: Task | None = None
    commands: Sequence[str] = ()
    place: str = ""

    def task_text(self) -> str:
        """The task as it goes into the list `tasks` of a playbook; empty when there is none."""
        return yaml_text([self.task]) if self.task else ""

    def command_text(self) -> str:
        """The commands as one for a shell; empty when there are none."""
        return " && ".join(self.commands)


def merged_tasks(remedies: Iterable[Remedy]) -> dict[str, list[int]]:
    """The fewest tasks that do what all these remedies do, each as text with the numbers of its remedies, in the order in which they come first.

    Those of fleet modules that differ by nothing but their targets are one task for all of these; of others, those that are the same are one.
    """
    alike: dict[str, list[tuple[int, Remedy]]] = {}
    for number, remedy in enumerate(remedies):
        if remedy.task:
            alike.setdefault(_without_target(remedy) if remedy.place else remedy.task_text(), []).append((number, remedy))
    return {_for_all([remedy for _number, remedy in group]): [number for number, _remedy in group] for group in alike.values()}


def _without_target(remedy: Remedy) -> str:
    return yaml_text(_with(remedy, "", []))


def _with(remedy: Remedy, place: str, targets: Sequence[Any]) -> Task:
    """The task of a remedy in another place."""
    task = remedy.task or {}
    module = _module(task)
    return {**task, "name": task["name"].replace(remedy.place, place), module: {**task[module], "targets": targets}}


def _module(task: Task) -> str:
    """The member of a task that calls our module."""
    return next(member for member in task if member.startswith("golden.imagebuilder."))


def _for_all(remedies: Sequence[Remedy]) -> str:
    """One task in the place of some that are alike."""
    first = remedies[0]
    if not first.place:
        return first.task_text()
    tasks = [remedy.task or {} for remedy in remedies]
    targets = {target["account_id"]: target for task in tasks for target in task[_module(task)]["targets"]}
    return first.task_text() if len(targets) == 1 else yaml_text([_with(first, f"in {len(targets)} accounts", list(targets.values()))])


@dataclass(frozen=True)
class Entrance:
    """An account in a Region, and how tasks and commands get there. `connection` are options of the preflight task that hold there too."""

    target: Target
    region: str
    partition: str = "aws"
    connection: Options = field(default_factory=dict)

    @property
    def account_option(self) -> dict[str, Any]:
        """The account for the options `account` and `targets` of our modules."""
        return {name: _plain_value(value) for name, value in vars(self.target).items() if value and name not in _NOT_A_WAY_IN}

    @property
    def task_options(self) -> dict[str, Any]:
        """The options by which our modules connect."""
        return {"region": self.region, **self.connection}

    def own_task(self, name: str, module: str, options: Options, *, account: bool = True) -> Task:
        """A task of one of our modules, which enters the account by itself; `account` when that is told by the option of this name."""
        entered = {"account": self.account_option} if account else {}
        return {"name": name, f"golden.imagebuilder.{module}": {**self.task_options, **entered, **options}}

    def task(self, name: str, module: str, options: Options) -> Task:
        """A task of another module, in front of which the role of the account is assumed where there is one."""
        profile = {"profile": self.target.profile} if self.target.profile else {}
        if not self.target.assume_role_arn:
            return {"name": name, module: {**self.task_options, **profile, **options}}
        external_id = {"external_id": self.target.external_id} if self.target.external_id else {}
        assumed = {"role_arn": role_arn(self.target, self.partition), "role_session_name": SESSION_NAME, **external_id}
        keys = {
            option: Template(f"{{{{ entered_account.sts_creds.{member} }}}}")
            for option, member in (("access_key", "access_key"), ("secret_key", "secret_key"), ("session_token", "session_token"))
        }
        without_profile = {option: value for option, value in self.task_options.items() if option != "profile"}
        enter = {
            "name": f"Enter account {self.target.account_id}",
            "amazon.aws.sts_assume_role": {**self.task_options, **profile, **assumed},
            "register": "entered_account",
            "no_log": True,
        }
        return {"name": name, "block": [enter, {"name": name, module: {**without_profile, **keys, **options}}]}

    def command(self, *commands: Sequence[str]) -> list[str]:
        """Shell commands for words of the AWS CLI behind `aws`; one that has to assume a role is one subshell for all of them."""
        if not self.target.assume_role_arn:
            return [self._aws(words, self.target.profile or self.connection.get("profile")) for words in commands]
        external_id = ["--external-id", self.target.external_id] if self.target.external_id else []
        assume = ["sts", "assume-role", "--role-arn", role_arn(self.target, self.partition), "--role-session-name", SESSION_NAME, *external_id]
        enter = self._aws([*assume, "--query", _EXPORTS, "--output", "text"], self.target.profile or self.connection.get("profile"))
        inside = " && ".join(self._aws(words, None) for words in commands)
        # Assigned before it is used, so that nothing runs with the credentials outside when the role cannot be assumed.
        return [f'(entered=$({enter}) && eval "$entered" && {inside})']

    def _aws(self, words: Sequence[str], profile: str | None) -> str:
        place = ["--region", self.region]
        if profile:
            place += ["--profile", profile]
        if self.connection.get("endpoint_url"):
            place += ["--endpoint-url", self.connection["endpoint_url"]]
        return shlex.join(["aws", *words, *place])


def shell_remedy(name: str, commands: Sequence[str]) -> Remedy:
    """Commands for which there is no module, as a task that runs them."""
    return Remedy({"name": name, "ansible.builtin.shell": {"cmd": " && ".join(commands)}, "changed_when": True}, commands)


def policy_text(document: Any) -> str:
    """A policy as an argument of a command."""
    return json.dumps(document, separators=(",", ":"))


# --- YAML ------------------------------------------------------------------------------------------------------------------------------------


def yaml_text(value: Any) -> str:
    """A value as YAML that reads back as the same."""
    return "\n".join(_lines(value)) + "\n"


def _lines(value: Any) -> Iterator[str]:
    """The lines of a value; a collection that is empty, and a scalar, are one line."""
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from _below(f"{_scalar(str(key))}:", item)
    elif isinstance(value, (list, tuple)) and value:
        for item in value:
            first, *rest = _lines(item)
            yield f"- {first}"
            yield from (f"  {line}" for line in rest)
    else:
        yield _scalar(value)


def _below(heading: str, value: Any) -> Iterator[str]:
    if isinstance(value, (Mapping, list, tuple)) and value:
        yield heading
        yield from (f"  {line}" for line in _lines(value))
    else:
        yield f"{heading} {_scalar(value)}"


def _scalar(value: Any) -> str:
    if not isinstance(value, str):
        return json.dumps(_plain_value(value))
    if isinstance(value, Template):
        return _quoted(value)
    if _PLAIN.fullmatch(value) and not _WORDS.fullmatch(value):
        return value
    return f"!unsafe {_quoted(value)}" if _TEMPLATED.search(value) else _quoted(value)


def _quoted(text: str) -> str:
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", json.dumps(str(text), ensure_ascii=False))


def _plain_value(value: Any) -> Any:
    """A value in the types of JSON."""
    if isinstance(value, Mapping):
        return {str(key): _plain_value(item) for key, item in value.items()}
    return [_plain_value(item) for item in value] if isinstance(value, (list, tuple)) else value
