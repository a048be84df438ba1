# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One account and Region to work in, out of a module's options. Private to this collection."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ansible.module_utils.common import warnings
from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.regions import partition_of
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.sessions import Sessions
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import Target, parse_account
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.client import Api, errors
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.problems import InvalidInput


class Refused(Exception):  # noqa: N818 - not a fault of a program, an answer to the user
    """What is wanted cannot be; carries the whole explanation and, where there is one, the diff."""

    def __init__(self, message: str, diff: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.diff = diff


@dataclass(frozen=True)
class Session:
    """One account and Region, and whether anything may be written there. `sessions` is for others, `account` the way into this one."""

    api: Api
    partition: str
    region: str
    account_id: str
    check_mode: bool = False
    read_object: Callable[[str], str] | None = None
    sessions: Sessions | None = None
    account: Target | None = None

    @property
    def identity(self) -> tuple[str, str, str]:
        """The parts of ARNs that are the same for everything here."""
        return self.partition, self.region, self.account_id

    def find(self, operation: str, members: Mapping[str, str]) -> dict[str, Any] | None:
        """The answer of a Get operation, or None for what does not exist. Raises ImageBuilderError."""
        return self.api.find(operation, **members)


def open_session(module: AnsibleAWSModule) -> Session:
    """Connect with the module's options. The account is asked for where the way into it does not say it, as ARNs are made of it."""
    account, problems = parse_account(module.params["account"])
    if problems:
        raise InvalidInput(problems)
    region = module.region
    if not region:
        raise Refused("No Region is known: give the option region, or set AWS_REGION.")
    sessions = Sessions(module)
    with errors("find out whose credentials these are"):
        account_id = sessions.account_id(account)
        api = Api(sessions.client(account, "imagebuilder", region), f"in account {account_id}, Region {region}")

    def read_object(uri: str) -> str:
        return _read_s3(sessions.client(account, "s3", region), uri)

    return Session(api, partition_of(region), region, account_id, module.check_mode, read_object, sessions, account)


def warn(message: str) -> None:
    """Warn the user. AnsibleAWSModule.warn of amazon.aws 10 would hand the warning on once more, in a way that ansible-core has deprecated."""
    warnings.warn(message)


def _read_s3(client: Any, uri: str) -> str:
    bucket, _slash, key = uri.removeprefix("s3://").partition("/")
    with errors(f"read {uri}, with which what is there is to be compared"):
        body: bytes = client.get_object(Bucket=bucket, Key=key)["Body"].read()
    return body.decode()
