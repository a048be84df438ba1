# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What preflight has learned of the accounts, before anybody judges it. Pure. Private to this collection.

A fact is a value or, where AWS did not let it be seen, `Unknown`. An unknown fact matters only to a check that needs it, which then tells.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias, TypeVar

from ansible_collections.golden.imagebuilder.plugins.module_utils._access.evaluation import Policy
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.simulation import Simulated
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.preflight_run import Run
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import Target

Answer = TypeVar("Answer")

_NOT_ASKED = "NotAsked"
_REFUSALS = ("AccessDenied", "AccessDeniedException", "UnauthorizedOperation")


@dataclass(frozen=True)
class Unknown:
    """What could not be seen, and why."""

    reason: str
    code: str = _NOT_ASKED
    operation: str = ""  # of the API, that was refused or failed

    @property
    def is_asked(self) -> bool:
        """Whether somebody wanted to know."""
        return self.code != _NOT_ASKED

    @property
    def is_refusal(self) -> bool:
        """Whether a permission is missing."""
        return self.code in _REFUSALS

    def needed(self, service: str, *operations: str) -> str:
        """What to allow so that one of these operations of a service is answered: the one that was refused, or else all of them."""
        refused = [self.operation] if self.operation in operations else operations
        return " and ".join(f"{service}:{operation}" for operation in refused)


Fact: TypeAlias = "Answer | Unknown"

NOT_ASKED = Unknown("nobody asked for it")


@dataclass(frozen=True)
class Role:
    """A role with all of its policies. A document that could not be read is None in its Policy, which decides nothing."""

    arn: str
    path: str
    trust: Policy
    managed: Mapping[str, Policy] = field(default_factory=dict)  # by ARN
    inline: Mapping[str, Policy] = field(default_factory=dict)
    boundary: Policy | None = None

    @property
    def identity(self) -> tuple[Policy, ...]:
        """All that allows or denies it something."""
        return (*self.managed.values(), *self.inline.values())


@dataclass(frozen=True)
class Key:
    """A KMS key as DescribeKey shows it, and its policy."""

    metadata: Mapping[str, Any]
    policy: Fact[Policy] = NOT_ASKED

    @property
    def arn(self) -> str:
        """Its ARN, also of one that was asked for by an alias."""
        return str(self.metadata["Arn"])

    @property
    def account_id(self) -> str:
        """Whose it is."""
        return self.arn.split(":")[4]

    @property
    def is_of_aws(self) -> bool:
        """Whether AWS made it for one account, which no policy opens to another."""
        return self.metadata.get("KeyManager") == "AWS"

    @property
    def is_symmetric(self) -> bool:
        """Whether it encrypts volumes; KMS's defaults stand for answers that do not say."""
        kind = self.metadata.get("KeySpec", "SYMMETRIC_DEFAULT"), self.metadata.get("KeyUsage", "ENCRYPT_DECRYPT")
        return kind == ("SYMMETRIC_DEFAULT", "ENCRYPT_DECRYPT")

    @property
    def is_fit(self) -> bool:
        """Whether it is of a kind that encrypts images for other accounts, in whatever state it is."""
        return self.is_symmetric and not self.is_of_aws


@dataclass(frozen=True)
class AccountFacts:
    """An account, seen with the credentials by which it is entered. `entered` is the account that these turned out to be of."""

    target: Target
    entered: Fact[str] = NOT_ASKED
    region_states: Fact[Mapping[str, str]] = NOT_ASKED  # Region -> opt-in status, as DescribeRegions has it
    role: Fact[Role | None] = NOT_ASKED  # the distribution role; in the source the execution role
    organization_id: Fact[str | None] = NOT_ASKED  # None for an account that is in none; read only where a policy asks for it
    unit_ids: Fact[Sequence[str]] = NOT_ASKED  # of the organization's root and units down to the account; read as the organization is
    simulated: Fact[Simulated] = NOT_ASKED  # what AWS says itself of what the role may do


@dataclass(frozen=True)
class RegionFacts:
    """An account in a Region, seen in the same way.

    `keys` are those that the run names for this Region, as they are written; None for one that does not exist. Only the source is asked.
    """

    keys: Mapping[str, Fact[Key | None]] = field(default_factory=dict)
    encryption_by_default: Fact[bool] = NOT_ASKED
    default_key: Fact[str] = NOT_ASKED
    launch_templates: Fact[Mapping[str, Mapping[str, Any]]] = NOT_ASKED  # id -> as DescribeLaunchTemplates shows it
    parameters: Fact[Mapping[str, Mapping[str, Any]]] = NOT_ASKED  # name -> as GetParameters shows it, without those that are not there
    public_access: Fact[str] = NOT_ASKED  # the state of block public access for AMIs; asked where the AMI becomes public
    sharing_quota: Fact[float] = NOT_ASKED  # with how many an AMI may be shared; asked where AWS's default is not enough
    pending_images: Fact[int] = NOT_ASKED  # own AMIs that are being made at this moment; asked where the run copies


NOTHING = RegionFacts()


@dataclass(frozen=True)
class Parent:
    """The AMI that the image starts from, as DescribeImages shows it, and the snapshots that are behind it and the recipe, by id.

    Images of AWS and of the Marketplace may not show their AMI; such `ami` is None, and known to be public.
    """

    name: str
    ami: Mapping[str, Any] | None = None
    snapshots: Mapping[str, Fact[Mapping[str, Any]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Infrastructure:
    """What an infrastructure configuration names, as the services show it; None for what is not there."""

    profile: Fact[Mapping[str, Any] | None] = NOT_ASKED
    role: Fact[Role | None] = NOT_ASKED  # of the profile
    subnets: Fact[Sequence[Mapping[str, Any]]] = NOT_ASKED  # all of the Region
    security_groups: Fact[Sequence[Mapping[str, Any]]] = NOT_ASKED  # all of the Region
    has_default_vpc: Fact[bool] = NOT_ASKED  # asked where no subnet is named
    has_key_pair: Fact[bool] = NOT_ASKED
    has_log_bucket: Fact[bool] = NOT_ASKED
    has_topic: Fact[bool] = NOT_ASKED
    architectures: Fact[Mapping[str, Sequence[str]]] = NOT_ASKED  # by instance type, of those that are offered


@dataclass(frozen=True)
class Build:
    """What the build starts from and runs on, in the source account and the Region of the build. `parent` is None where no recipe is given."""

    parent: Fact[Parent | None] = NOT_ASKED
    infrastructure: Infrastructure = field(default_factory=Infrastructure)


NOT_THERE = "NotThere"
"""The code of an `Unknown` that is known not to exist, or not to be open to the account, which AWS tells in the same words."""


@dataclass(frozen=True)
class Facts:
    """Everything, and the run that it is about. `accounts` has the source too."""

    run: Run
    accounts: Mapping[str, AccountFacts]
    regions: Mapping[tuple[str, str], RegionFacts] = field(default_factory=dict)  # by account and Region
    build: Build = field(default_factory=Build)

    @property
    def source(self) -> AccountFacts:
        """The source account."""
        return self.accounts[self.run.source.account_id]

    def name_of(self, account_id: str) -> str:
        """What to call an account."""
        return self.accounts[account_id].target.name if account_id in self.accounts else account_id

    def in_region(self, account_id: str, region: str) -> RegionFacts:
        """What is known of an account in a Region, which may be nothing."""
        return self.regions.get((account_id, region), NOTHING)

    def key(self, region: str, written: str) -> Fact[Key | None]:
        """A key of the run, as the source sees it."""
        return self.in_region(self.run.source.account_id, region).keys.get(written, NOT_ASKED)

    def usable_regions(self, account_id: str) -> list[str]:
        """The Regions of the run in which an account can be asked at all: those that are not known to be disabled. The source is asked in all."""
        regions = self.run.regions() if account_id == self.run.source.account_id else self.run.regions_of(account_id)
        states = self.accounts[account_id].region_states
        return [region for region in regions if isinstance(states, Unknown) or states.get(region) in ENABLED]


ENABLED = ("opt-in-not-required", "opted-in")
"""Opt-in statuses (DescribeRegions) of a Region that works."""
