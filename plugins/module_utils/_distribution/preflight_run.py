# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a run is going to do, as far as preflight has to know it: which accounts and Regions get what, with which keys. Pure.

Members are in the API's words (camel case), as Image Builder answers them and as options are turned into them. Private to this collection.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._access import statements
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import Target
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import schema

Members = Mapping[str, Any]

SERVICE_LINKED_ROLE = "aws-service-role/imagebuilder.amazonaws.com/AWSServiceRoleForImageBuilder"
"""The role by which Image Builder works in the source account unless it is given an execution role ("Service-linked role", user guide)."""


@dataclass(frozen=True)
class KeyUse:
    """A key that the run names: where it stands, what for, and in which accounts it is used there.

    `path` is the place in the options' spelling. A key of a distribution is resolved by each destination, that of a recipe by the source.
    """

    region: str
    written: str
    path: str
    account_ids: tuple[str, ...]
    is_of_recipe: bool = False


@dataclass(frozen=True)
class Run:
    """All of it. `source_keys` are the keys that the user keeps for images, by Region; `connection` options of the task that are no secrets.

    `source_image` is an AMI that is distributed as it is, in place of a recipe. `inherited_keys` are those that the image gets without being told:
    of its parent's snapshots, and the default key of EBS.
    """

    source: Target
    region: str
    partition: str
    targets: Sequence[Target]
    distributions: Sequence[Members]
    recipe: Members | None = None
    infrastructure: Members | None = None
    execution_role: str | None = None
    distribution_configuration: Members | None = None
    source_keys: Mapping[str, str] = field(default_factory=dict)
    source_image: str | None = None
    inherited_keys: Sequence[KeyUse] = ()
    connection: Mapping[str, Any] = field(default_factory=dict)
    simulate: bool = False  # whether AWS is asked as well what the roles may do

    @property
    def source_role_arn(self) -> str:
        """The role by which Image Builder works in the source account."""
        return self.execution_role or f"arn:{self.partition}:iam::{self.source.account_id}:role/{SERVICE_LINKED_ROLE}"

    def distribution_role_arn(self, account_id: str) -> str:
        """The role by which it works in a destination."""
        return f"arn:{self.partition}:iam::{account_id}:role/{statements.ROLE_NAME}"

    def accounts_of(self, entry: Members) -> list[str]:
        """The accounts that get an AMI by an entry; without target accounts, a Region means the source account there."""
        return list(entry.get("amiDistributionConfiguration", {}).get("targetAccountIds") or [self.source.account_id])

    def pairs(self) -> list[tuple[str, str]]:
        """Every account and Region that gets an AMI or builds one, once."""
        found = [(account_id, entry["region"]) for entry in self.distributions for account_id in self.accounts_of(entry)]
        return list(dict.fromkeys([(self.source.account_id, self.region), *found]))

    def regions_of(self, account_id: str) -> list[str]:
        """The Regions in which an account gets an AMI."""
        return [region for owner, region in self.pairs() if owner == account_id]

    def regions(self) -> list[str]:
        """All Regions of the run, that of the build first."""
        return list(dict.fromkeys(region for _account_id, region in self.pairs()))

    def destination_ids(self) -> list[str]:
        """The accounts other than the source that get AMIs."""
        return list(dict.fromkeys(account_id for account_id, _region in self.pairs() if account_id != self.source.account_id))

    def entries_for(self, account_id: str, region: str) -> list[Members]:
        """The entries by which an account gets something in a Region."""
        return [entry for entry in self.distributions if entry["region"] == region and account_id in self.accounts_of(entry)]

    def parameters_of(self, account_id: str, region: str) -> dict[str, str]:
        """The parameters that are written in an account and Region, with their data types."""
        return {
            one["parameterName"]: one.get("dataType", "aws:ec2:image")
            for entry in self.distributions
            if entry["region"] == region
            for one in entry.get("ssmParameterConfigurations") or ()
            if one.get("amiAccountId", self.source.account_id) == account_id
        }

    def launch_templates_of(self, account_id: str, region: str) -> dict[str, bool]:
        """The launch templates that get a new version in an account and Region, and whether that becomes their default."""
        return {
            one["launchTemplateId"]: one.get("setDefaultVersion", True)
            for entry in self.distributions
            if entry["region"] == region
            for one in entry.get("launchTemplateConfigurations") or ()
            if one.get("accountId", self.source.account_id) == account_id
        }

    def is_shared(self, account_id: str, region: str) -> bool:
        """Whether the AMI of an account and Region gets launch permissions."""
        return any(any((_ami(entry).get("launchPermission") or {}).values()) for entry in self.entries_for(account_id, region))

    def key_uses(self) -> Iterator[KeyUse]:
        """Every key that is named."""
        everybody = tuple(dict.fromkeys([self.source.account_id, *self.destination_ids()]))
        for index, mapping in enumerate((self.recipe or {}).get("blockDeviceMappings") or ()):
            key = (mapping.get("ebs") or {}).get("kmsKeyId")
            if key:
                path: tuple[Any, ...] = ("imageRecipe", "blockDeviceMappings", index, "ebs", "kmsKeyId")
                yield KeyUse(self.region, key, schema.format_path(path), everybody, is_of_recipe=True)
        yield from self.inherited_keys
        for index, entry in enumerate(self.distributions):
            key = _ami(entry).get("kmsKeyId")
            if key:
                path = ("distributions", index, "amiDistributionConfiguration", "kmsKeyId")
                yield KeyUse(entry["region"], key, schema.format_path(path), tuple(self.accounts_of(entry)))

    def leaves(self, use: KeyUse) -> bool:
        """Whether what is encrypted with a key goes to another account, or may be launched by others."""
        return set(use.account_ids) != {self.source.account_id} or self.is_shared(self.source.account_id, use.region)

    def with_key(self, use: KeyUse, key: str) -> list[dict[str, Any]]:
        """The distributions with another key where a use of it stands."""
        return [
            {**entry, "amiDistributionConfiguration": {**_ami(entry), "kmsKeyId": key}}
            if entry["region"] == use.region and _ami(entry).get("kmsKeyId", "") == use.written
            else dict(entry)
            for entry in self.distributions
        ]


def _ami(entry: Members) -> Members:
    return entry.get("amiDistributionConfiguration") or {}
