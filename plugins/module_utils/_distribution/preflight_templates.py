# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the launch templates that are to get a version are there, are open to Image Builder, and will launch what they get. Pure.

That the role in an account may write versions is told with all that it needs (preflight_roles.py). Private to this collection.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._access import statements
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.needs import needs
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution import preflight_access, preflight_rewriting
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.findings import Finding
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.preflight_accounts import entrance, is_open, subject
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.preflight_facts import Facts, Role, Unknown
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.remedies import Remedy

_TAG = "CreatedBy"


def launch_templates(facts: Facts) -> Iterator[Finding]:
    """Every launch template of the run, in its account and Region."""
    for account_id, region in _places(facts):
        known = facts.in_region(account_id, region).launch_templates
        about, wanted = subject(facts, account_id, region), facts.run.launch_templates_of(account_id, region)
        if isinstance(known, Unknown):
            found = f"The launch templates {', '.join(wanted)} could not be seen: {known.reason}"
            yield about.unknown("launch_template_unknown", found, "Allow ec2:DescribeLaunchTemplates.")
            continue
        for identity in wanted:
            if identity not in known:
                found = f"There is no launch template {identity} in this account and Region."
                remedy = _taken_out(facts, region, account_id, identity)
                yield about.error("launch_template_missing", found, "Name one that is there, or take it out of the distribution.", remedy)
            elif not _is_open(facts, account_id, region, known[identity]):
                found = f"Launch template {identity} has no tag {_TAG}: {statements.CREATED_BY}."
                needed = "The policies of whoever works there for Image Builder let it write versions of launch templates with this tag only."
                yield about.error("launch_template_tag", found, needed, _tagged(facts, account_id, region, identity))


def _places(facts: Facts) -> list[tuple[str, str]]:
    """The accounts and Regions that have launch templates in the run and could be looked at."""
    accounts = [account_id for account_id in facts.accounts if is_open(facts, account_id)]
    places = [(account_id, region) for account_id in accounts for region in facts.usable_regions(account_id)]
    return [place for place in places if facts.run.launch_templates_of(*place)]


def _is_open(facts: Facts, account_id: str, region: str, template: Mapping[str, Any]) -> bool:
    """Whether a template has the tag, or whoever works in the account may write its versions without it.

    The service-linked role may (AWSServiceRoleForImageBuilder), a role that is yet to be made may not. One that may write nothing, tagged or not,
    has a finding of its own.
    """
    if account_id == facts.run.source.account_id and facts.run.execution_role is None:
        return True
    if {tag["Key"]: tag["Value"] for tag in template.get("Tags", [])}.get(_TAG) == statements.CREATED_BY:
        return True
    role = facts.accounts[account_id].role
    if not isinstance(role, Role):
        return False
    tags = {tag["Key"]: tag["Value"] for tag in template.get("Tags", [])}
    here = replace(preflight_access.place(facts, account_id, region), launch_templates={template["LaunchTemplateId"]: tags})
    needed = [(region, need) for need in needs(here) if need.feature == "launch_template"]
    return not [refusal for refusal in preflight_access.role_refusals(facts, role, needed) if refusal.cause == "missing"]


def _tagged(facts: Facts, account_id: str, region: str, identity: str) -> Remedy:
    way = entrance(facts, account_id, region)
    options = {"resource": identity, "tags": {_TAG: statements.CREATED_BY}, "state": "present"}
    name = f"Open launch template {identity} of {facts.name_of(account_id)} (account {account_id}) to Image Builder"
    call = ["ec2", "create-tags", "--resources", identity, "--tags", f"Key={_TAG},Value={statements.CREATED_BY}"]
    return Remedy(way.task(name, "amazon.aws.ec2_tag", options), way.command(call))


def foreign_amis(facts: Facts) -> Iterator[Finding]:
    """A launch template of another account gets the source's AMI, which that account can launch only where it is shared with it.

    AWS's samples for Image Builder tell of it ("cross-account AMIs", distribution).
    """
    for account_id, region in dict.fromkeys(_foreign(facts)):
        identities = ", ".join(facts.run.launch_templates_of(account_id, region))
        found = f"Image Builder writes the AMI of the source account into {identities}, which account {account_id} cannot launch."
        needed = (
            "Share the AMI with the account (launch_permission.user_ids), or leave the template out of the distribution and point it at the "
            "account's own AMI with the module golden.imagebuilder.distributed_ami_references."
        )
        yield subject(facts, account_id, region).warning("launch_template_source_ami", found, needed, _shared(facts, account_id, region))


def _foreign(facts: Facts) -> Iterator[tuple[str, str]]:
    source = facts.run.source.account_id
    for entry in facts.run.distributions:
        for template in entry.get("launchTemplateConfigurations") or ():
            account_id = template.get("accountId", source)
            if account_id != source and not _shares(entry, account_id):
                yield account_id, entry["region"]


def _shares(entry: Mapping[str, Any], account_id: str) -> bool:
    """Whether an entry lets an account launch the AMI; of organizations and their units it is taken to be a member."""
    permission = (entry.get("amiDistributionConfiguration") or {}).get("launchPermission") or {}
    named = account_id in (permission.get("userIds") or ())
    return named or any(permission.get(member) for member in ("userGroups", "organizationArns", "organizationalUnitArns"))


# --- remedies --------------------------------------------------------------------------------------------------------------------------------


def _shared(facts: Facts, account_id: str, region: str) -> Remedy:
    def share(entry: dict[str, Any]) -> None:
        ami = dict(entry.get("amiDistributionConfiguration") or {})
        permission = dict(ami.get("launchPermission") or {})
        permission["userIds"] = [*(permission.get("userIds") or ()), account_id]
        entry["amiDistributionConfiguration"] = {**ami, "launchPermission": permission}

    return preflight_rewriting.entries(facts, region, f"Share the AMI of {region} with {facts.name_of(account_id)} (account {account_id})", share)


def _taken_out(facts: Facts, region: str, account_id: str, identity: str) -> Remedy:
    def take_out(entry: dict[str, Any]) -> None:
        meant = (identity, account_id)
        templates = entry.pop("launchTemplateConfigurations", None) or ()
        kept = [one for one in templates if (one["launchTemplateId"], one.get("accountId", facts.run.source.account_id)) != meant]
        if kept:
            entry["launchTemplateConfigurations"] = kept

    return preflight_rewriting.entries(facts, region, f"Take launch template {identity} out of the distribution", take_out)
