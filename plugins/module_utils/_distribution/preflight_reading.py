# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Preflight's look at the accounts: reads the facts, every one of them once, and never writes. Private to this collection.

First each account is read, then each of its Regions, many at a time. What AWS does not let be seen becomes `Unknown` where it stands, so that
one missing permission hides nothing else. To read something new, add a member to the facts and what fills it in `_account` or `_region`.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, TypeVar

with contextlib.suppress(ImportError):  # AnsibleAWSModule says so
    from botocore.exceptions import BotoCoreError, ClientError

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.golden.imagebuilder.plugins.module_utils._access import policy
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.evaluation import Policy
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.simulation import simulate
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution import preflight_access, preflight_membership
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.preflight_build_reading import BuildReader, read_region
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.preflight_facts import (
    AccountFacts,
    Fact,
    Facts,
    Key,
    RegionFacts,
    Role,
    Unknown,
)
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.preflight_run import Run
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet import run as fleet
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.errors import FleetError
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.run import Outcome
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.sessions import Client, Sessions
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import Target

Answer = TypeVar("Answer")

_FACTS = "facts"


def ask(question: Callable[[], Answer]) -> Fact[Answer]:
    """What AWS answers, or why it does not."""
    try:
        return question()
    except (ClientError, BotoCoreError, FleetError) as error:
        code, explanation = fleet.explain(error)
        return Unknown(explanation, code, str(getattr(error, "operation_name", "")))


class Reader:
    """Reads the facts of a run."""

    def __init__(self, sessions: Sessions, run: Run, concurrency: int) -> None:
        self._sessions = sessions
        self._run = run
        self._concurrency = concurrency
        self._lock = threading.Lock()
        self._aws_policies: dict[str, Policy] = {}  # AWS's managed policies are the same in all accounts

    def read(self) -> Facts:
        """All facts. The source comes first, as the keys and the parent that it has say what is to be known of the others."""
        everybody = [self._run.source, *(target for target in self._run.targets if target.account_id != self._run.source.account_id)]
        source = self._account(self._run.source)
        facts = Facts(self._run, {source.target.account_id: source})
        facts = replace(facts, regions=self._regions(facts, [self._run.source]))
        facts = BuildReader(self._sessions, ask, self._role, _key).read(facts)
        accounts = self._each(everybody[1:], self._account)
        facts = replace(facts, accounts={**facts.accounts, **{each.target.account_id: each for each in accounts}})
        facts = preflight_membership.read(facts, self._sessions, ask, self._each)
        facts = replace(facts, regions={**facts.regions, **self._regions(facts, everybody[1:])})
        return self._simulated(facts, everybody[1:]) if self._run.simulate else facts

    def _simulated(self, facts: Facts, targets: list[Target]) -> Facts:
        """What AWS says of the roles that there are, where the caller may ask for it."""

        def one(target: Target) -> AccountFacts:
            account = facts.accounts[target.account_id]
            if not isinstance(account.role, Role):
                return account
            requests = preflight_access.role_requests(facts, target.account_id, account.role)
            return replace(account, simulated=ask(lambda: simulate(self._sessions.client(target, "iam"), requests)))

        accounts = self._each(targets, one)
        return replace(facts, accounts={**facts.accounts, **{each.target.account_id: each for each in accounts}})

    def _each(self, targets: list[Target], read: Callable[[Target], Any], *, regional: bool = False) -> list[Any]:
        """What is read of each target, in their order. Raises what is no refusal of AWS's, as that is a fault of ours."""

        def one(target: Target) -> Outcome:
            return Outcome(target.account_id, target.name, result={_FACTS: read(target)})

        outcomes = fleet.run(targets, one, self._concurrency, regional=regional)
        for outcome in outcomes:
            if outcome.failed:
                raise RuntimeError(f"{outcome.msg}\n{outcome.result.get('exception', '')}")
        return [outcome.result[_FACTS] for outcome in outcomes]

    # --- accounts ----------------------------------------------------------------------------------------------------------------------------

    def _account(self, target: Target) -> AccountFacts:
        """An account. One that cannot be entered is not asked any more."""
        is_source = target.account_id == self._run.source.account_id
        entered: Fact[str] = ask(lambda: self._sessions.account_id(target))
        if isinstance(entered, Unknown):
            return AccountFacts(target, entered)
        states = self._region_states(target)
        if isinstance(states, Unknown) and states.code in _NO_WAY_IN:
            return AccountFacts(target, entered=states)
        facts = AccountFacts(target, entered, states)
        role_arn = self._run.execution_role if is_source else self._run.distribution_role_arn(target.account_id)
        if role_arn:
            facts = replace(facts, role=ask(lambda: self._role(self._sessions.client(target, "iam"), role_arn)))
        return facts

    def _region_states(self, target: Target) -> Fact[Mapping[str, str]]:
        """The opt-in status of each Region. Every Region that works knows it; the build's is asked when the account's first one lets nobody in."""
        first = self._sessions.region(target)
        states: Fact[Mapping[str, str]] = ask(lambda: _region_states(self._sessions.client(target, "ec2", first)))
        if isinstance(states, Unknown) and states.code == "AuthFailure" and first != self._run.region:
            states = ask(lambda: _region_states(self._sessions.client(target, "ec2", self._run.region)))
        return states

    def _role(self, iam: Client, arn: str) -> Role | None:
        """A role with all that is attached to it, None when there is none."""
        name = arn.rpartition("/")[2]
        try:
            found = iam.get_role(RoleName=name)["Role"]
            attached = _listed(iam, "list_attached_role_policies", "AttachedPolicies", RoleName=name)
            inline = _listed(iam, "list_role_policies", "PolicyNames", RoleName=name)
        except is_boto3_error_code("NoSuchEntity"):
            return None
        boundary = found.get("PermissionsBoundary", {}).get("PermissionsBoundaryArn")
        return Role(
            arn=found["Arn"],
            path=found["Path"],
            trust=Policy("trust policy", policy.parsed(found["AssumeRolePolicyDocument"])),
            managed={each["PolicyArn"]: self._managed(iam, each["PolicyArn"]) for each in attached},
            inline={each: _inline(iam, name, each) for each in inline},
            boundary=self._managed(iam, boundary) if boundary else None,
        )

    def _managed(self, iam: Client, arn: str) -> Policy:
        """A managed policy; AWS's own are asked for until one account tells them."""
        is_of_aws = ":iam::aws:" in arn
        with self._lock if is_of_aws else contextlib.nullcontext():
            if arn in self._aws_policies:
                return self._aws_policies[arn]
            found = _policy(arn.rpartition("/")[2], ask(lambda: _document(iam, arn)))
            if is_of_aws and found.document is not None:
                self._aws_policies[arn] = found
            return found

    # --- Regions -----------------------------------------------------------------------------------------------------------------------------

    def _regions(self, facts: Facts, targets: list[Target]) -> dict[tuple[str, str], RegionFacts]:
        """Every Region of the accounts that could be entered."""
        entered = [target for target in targets if not isinstance(facts.accounts[target.account_id].entered, Unknown)]
        places = [place for target in entered for place in fleet.by_region(target, facts.usable_regions(target.account_id))]
        read = self._each(places, lambda place: self._region(place, place.regions[0]), regional=True)
        return {(place.account_id, place.regions[0]): each for place, each in zip(places, read, strict=True)}

    def _region(self, target: Target, region: str) -> RegionFacts:
        """An account in one Region."""
        facts = RegionFacts()
        if target.account_id == self._run.source.account_id:
            kms = self._sessions.client(target, "kms", region)
            written = dict.fromkeys(use.written for use in self._run.key_uses() if use.region == region)
            facts = replace(facts, keys={each: ask(lambda each=each: _key(kms, each, target.account_id)) for each in written})  # type: ignore[misc]
        templates = self._run.launch_templates_of(target.account_id, region)
        ec2 = self._sessions.client(target, "ec2", region)
        if templates:
            facts = replace(facts, launch_templates=ask(lambda: _launch_templates(ec2, list(templates))))
        is_build = (target.account_id, region) == (self._run.source.account_id, self._run.region)
        if is_build or not all(_names_a_key(entry) for entry in self._run.entries_for(target.account_id, region)):
            facts = replace(
                facts,
                encryption_by_default=ask(lambda: bool(ec2.get_ebs_encryption_by_default()["EbsEncryptionByDefault"])),
                default_key=ask(lambda: str(ec2.get_ebs_default_kms_key_id()["KmsKeyId"])),
            )
        return read_region(ask, lambda service: self._sessions.client(target, service, region), self._run, (target.account_id, region), facts)


_NO_WAY_IN = ("AccessDenied", "NoCredentialsError", "InvalidClientTokenId", "AuthFailure", "ExpiredToken", "UnrecognizedClientException")
"""Codes with which an account answers, at the first call, whose credentials do not get anybody in; EC2 refuses an action by another code."""


def _names_a_key(entry: Mapping[str, Any]) -> bool:
    return bool((entry.get("amiDistributionConfiguration") or {}).get("kmsKeyId"))


def _listed(client: Client, operation: str, member: str, **arguments: Any) -> list[Any]:
    return [each for page in client.get_paginator(operation).paginate(**arguments) for each in page[member]]


def _region_states(ec2: Client) -> dict[str, str]:
    """The opt-in status of each Region, also of those that are not enabled."""
    return {region["RegionName"]: region["OptInStatus"] for region in ec2.describe_regions(AllRegions=True)["Regions"]}


def _inline(iam: Client, role_name: str, name: str) -> Policy:
    return _policy(name, ask(lambda: policy.parsed(iam.get_role_policy(RoleName=role_name, PolicyName=name)["PolicyDocument"])))


def _policy(name: str, document: Fact[Mapping[str, Any]]) -> Policy:
    """A policy of IAM; of one that could not be read is told what would let it be."""
    if not isinstance(document, Unknown):
        return Policy(name, document)
    return Policy(name, None, f"allow iam:{document.operation}" if document.is_refusal else document.reason)


def _document(iam: Client, arn: str) -> dict[str, Any]:
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    return policy.parsed(iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"])


def _key(kms: Client, written: str, account_id: str) -> Key | None:
    """A key of the run, None when there is none. The policy of a key shows itself to its own account only."""
    try:
        metadata = kms.describe_key(KeyId=written)["KeyMetadata"]
    except is_boto3_error_code("NotFoundException"):
        return None
    if metadata["Arn"].split(":")[4] != account_id:
        return Key(metadata, Unknown(f"it is of account {metadata['Arn'].split(':')[4]}, and shows its policy there only", "OtherAccount"))
    return Key(metadata, ask(lambda: Policy("key policy", policy.parsed(kms.get_key_policy(KeyId=metadata["Arn"], PolicyName="default")["Policy"]))))


def _launch_templates(ec2: Client, ids: list[str]) -> dict[str, Mapping[str, Any]]:
    """The launch templates that there are, by id. Each is asked for alone, as one that is not there makes the whole call fail."""
    found: dict[str, Mapping[str, Any]] = {}
    for identity in ids:
        try:
            described = ec2.describe_launch_templates(LaunchTemplateIds=[identity])["LaunchTemplates"]
        except is_boto3_error_code(["InvalidLaunchTemplateId.NotFound", "InvalidLaunchTemplateId.NotFoundException"]):
            continue
        found.update((each["LaunchTemplateId"], each) for each in described)
    return found
