# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWS's settings and quotas leave of the run: making AMIs public, sharing them, and copying many at a time. Pure. Private to this collection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.findings import Finding
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.preflight_accounts import entrance, is_open, subject
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.preflight_facts import Facts, Unknown
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.preflight_run import Run
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.remedies import shell_remedy

SHARING_QUOTA = "L-70015FFA"
DEFAULT_SHARING = 1000
"""With how many accounts, organizations and units an AMI may be shared, until an account asks for more ("Amazon EC2 service quotas")."""

MOST_COPIES = 50
"""How many AMIs are copied into an account and Region at a time ("Distribute AMIs across accounts", Image Builder user guide)."""

UNBLOCKED = "unblocked"
_ENTITIES = ("userIds", "organizationArns", "organizationalUnitArns")


def becomes_public(run: Run, account_id: str, region: str) -> bool:
    """Whether the AMI of an account in a Region is opened to everybody."""
    return "all" in [group for permission in _permissions(run, account_id, region) for group in permission.get("userGroups") or ()]


def shared_with(run: Run, account_id: str, region: str) -> int:
    """With how many the AMI of an account in a Region is shared."""
    permissions = _permissions(run, account_id, region)
    return len({one for permission in permissions for member in _ENTITIES for one in permission.get(member) or ()})


def copies(run: Run, account_id: str, region: str) -> int:
    """How many copies the run makes in an account and Region at a time. The image itself is made in the source, and not copied."""
    return 0 if (account_id, region) == (run.source.account_id, run.region) else len(run.entries_for(account_id, region))


def _permissions(run: Run, account_id: str, region: str) -> list[Mapping[str, Any]]:
    """The launch permissions of an AMI; that of the build has those of its Region, whoever else gets it there."""
    is_build = (account_id, region) == (run.source.account_id, run.region)
    entries = [entry for entry in run.distributions if entry["region"] == region] if is_build else run.entries_for(account_id, region)
    return [(entry.get("amiDistributionConfiguration") or {}).get("launchPermission") or {} for entry in entries]


def _places(facts: Facts) -> list[tuple[str, str]]:
    """The accounts and Regions that get something and could be looked at."""
    return [(account_id, region) for account_id, region in facts.run.pairs() if (account_id, region) in facts.regions and is_open(facts, account_id)]


def public_access(facts: Facts) -> Iterator[Finding]:
    """An account lets its AMIs become public, which AWS blocks until it is told otherwise."""
    for account_id, region in _places(facts):
        state = facts.in_region(account_id, region).public_access
        if not becomes_public(facts.run, account_id, region) or state == UNBLOCKED:
            continue
        about = subject(facts, account_id, region)
        if isinstance(state, Unknown):
            found = f"Whether AMIs can be made public could not be seen: {state.reason}"
            yield about.unknown("public_access_unknown", found, "Allow ec2:GetImageBlockPublicAccessState.")
            continue
        command = entrance(facts, account_id, region).command(["ec2", "disable-image-block-public-access"])
        name = f"Let AMIs of {facts.name_of(account_id)} (account {account_id}, {region}) become public"
        found = f"The AMI is to become public, and block public access for AMIs is {state}."
        needed = "It has to be off in this account and Region, unless the AMI is better not public."
        yield about.error("public_access_blocked", found, needed, shell_remedy(name, command))


def sharing(facts: Facts) -> Iterator[Finding]:
    """An AMI is shared with no more than the quota allows."""
    for account_id, region in _places(facts):
        entities, quota = shared_with(facts.run, account_id, region), facts.in_region(account_id, region).sharing_quota
        if entities <= DEFAULT_SHARING or (not isinstance(quota, Unknown) and entities <= quota):
            continue
        about = subject(facts, account_id, region)
        if isinstance(quota, Unknown):
            found = f"The AMI is shared with {entities}; AWS allows {DEFAULT_SHARING}, and whether more could not be seen: {quota.reason}"
            yield about.unknown("sharing_quota_unknown", found, "Allow servicequotas:GetServiceQuota.")
            continue
        request = ["service-quotas", "request-service-quota-increase", "--service-code", "ec2", "--quota-code", SHARING_QUOTA]
        command = entrance(facts, account_id, region).command([*request, "--desired-value", str(entities)])
        name = f"Ask for sharing AMIs with {entities} in {facts.name_of(account_id)} (account {account_id}, {region})"
        found = f"The AMI is shared with {entities} accounts, organizations and units, and the quota is {quota:.0f}."
        needed = "A higher quota, which AWS may take days to grant; or share with an organization or a unit, which count as one."
        yield about.error("sharing_quota", found, needed, shell_remedy(name, command))


def copies_in_flight(facts: Facts) -> Iterator[Finding]:
    """There is room for the copies of the run. By the time the image is built others may be done, or more may have come."""
    for account_id, region in _places(facts):
        mine, pending = copies(facts.run, account_id, region), facts.in_region(account_id, region).pending_images
        if not mine:
            continue
        about = subject(facts, account_id, region)
        if isinstance(pending, Unknown):
            found = f"How many AMIs are copied at this moment could not be seen: {pending.reason}"
            yield about.unknown("copies_in_flight_unknown", found, "Allow ec2:DescribeImages.")
        elif pending + mine > MOST_COPIES:
            (count,) = entrance(facts, account_id, region).command([*_PENDING, "--query", "length(Images)", "--output", "text"])
            wait = f'until [ "$( {count} )" -le {MOST_COPIES - mine} ]; do sleep 15; done'
            name = f"Wait until {facts.name_of(account_id)} (account {account_id}, {region}) has room for copies"
            found = f"{pending} AMIs are being made, and AWS copies {MOST_COPIES} at a time."
            needed = f"Room for {mine} when the image is built: wait until some are done."
            yield about.warning("copies_in_flight", found, needed, shell_remedy(name, [wait]))


_PENDING = ("ec2", "describe-images", "--owners", "self", "--filters", "Name=state,Values=pending")
