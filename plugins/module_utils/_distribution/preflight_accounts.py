# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether each account can be entered, is the one that it is said to be, and has its Regions enabled. Pure. Private to this collection."""

from __future__ import annotations

from collections.abc import Iterator

from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.findings import Finding, Subject
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.preflight_facts import ENABLED, Facts, Unknown
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.remedies import Entrance, shell_remedy


def role_reading(unknown: Unknown) -> str:
    """What is needed to see a role that could not be read."""
    return f"Allow {unknown.needed('iam', 'GetRole', 'ListAttachedRolePolicies', 'ListRolePolicies')} on it."


def entrance(facts: Facts, account_id: str, region: str | None = None) -> Entrance:
    """The way into an account, for remedies."""
    run = facts.run
    return Entrance(facts.accounts[account_id].target, region or run.region, run.partition, run.connection)


def subject(facts: Facts, account_id: str, region: str | None = None) -> Subject:
    """What a finding about an account is about."""
    return Subject(account_id, facts.name_of(account_id), region)


def is_open(facts: Facts, account_id: str) -> bool:
    """Whether an account was entered, so that the other checks have something to look at. Of one that was not, `entered` tells."""
    return account_id in facts.accounts and not isinstance(facts.accounts[account_id].entered, Unknown)


def entered(facts: Facts) -> Iterator[Finding]:
    """The credentials lead into every account, and into no other."""
    for account in facts.accounts.values():
        if isinstance(account.entered, Unknown):
            is_other = account.entered.code == "WrongAccount"
            check = "account_mismatch" if is_other else "account_not_entered"
            needed = "A way into this account is needed: profile, assume_role_arn and external_id of its target."
            yield subject(facts, account.target.account_id).error(check, account.entered.reason, needed)


def ways_in(facts: Facts) -> Iterator[Finding]:
    """Every account that gets an AMI is among the targets, as nobody can look into it else."""
    for account_id in facts.run.destination_ids():
        if account_id not in facts.accounts:
            regions = ", ".join(facts.run.regions_of(account_id))
            found = f"The distribution delivers to it in {regions}, and it is none of targets."
            needed = "Nobody has looked into it: name it among targets, or take it out of the distribution."
            yield subject(facts, account_id).unknown("account_without_target", found, needed)


def deliveries(facts: Facts) -> Iterator[Finding]:
    """Every target gets what it is there for."""
    pairs = set(facts.run.pairs())
    for target in facts.run.targets:
        missing = [region for region in target.regions if (target.account_id, region) not in pairs]
        if target.regions and missing and target.account_id != facts.run.source.account_id:
            found = f"The distribution delivers nothing to it in {', '.join(missing)}, which are among its Regions."
            needed = "If it shall get the image there, add it to target_account_ids of these Regions."
            yield subject(facts, target.account_id).warning("delivery_missing", found, needed)


def regions(facts: Facts) -> Iterator[Finding]:
    """Every Region of the run is enabled in the accounts that work there: where the image goes, and the source, whose keys are there."""
    for account in facts.accounts.values():
        account_id = account.target.account_id
        wanted = facts.run.regions() if account_id == facts.run.source.account_id else facts.run.regions_of(account_id)
        if not is_open(facts, account_id):
            continue
        if isinstance(account.region_states, Unknown):
            found = f"Whether {', '.join(wanted)} are enabled could not be seen: {account.region_states.reason}"
            yield subject(facts, account_id).unknown("region_unknown", found, "Allow ec2:DescribeRegions.")
            continue
        for region in wanted:
            status = account.region_states.get(region, "not known to the account")
            if status not in ENABLED:
                yield _disabled(facts, account_id, region, status)


def _disabled(facts: Facts, account_id: str, region: str, status: str) -> Finding:
    """A Region that works on nothing in the account; enabling it takes AWS some minutes, sometimes hours."""
    command = entrance(facts, account_id).command(["account", "enable-region", "--region-name", region])
    remedy = shell_remedy(f"Enable {region} in {facts.name_of(account_id)} (account {account_id})", command)
    needed = "It has to be enabled in this account (Account Management, EnableRegion), which takes some minutes."
    return subject(facts, account_id, region).error("region_not_enabled", f"{region} is {status}.", needed, remedy)
