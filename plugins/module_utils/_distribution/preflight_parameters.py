# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the parameters of the run can be written: by whom, in which account, and over what. Pure.

That the roles may write them is told with all that these need (preflight_roles.py, preflight_execution_role.py). Private to this collection.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution import preflight_rewriting
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.findings import Finding, Subject
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.preflight_accounts import entrance, is_open, subject
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.preflight_facts import Facts, Unknown
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.references import IMAGE_ID
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.remedies import Remedy, shell_remedy
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import schema

OWN_PREFIX = "/imagebuilder/"
"""Below this the service-linked role writes parameters, and nowhere else (AWSServiceRoleForImageBuilder)."""

_TYPE = "String"


def _configurations(facts: Facts) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, Any], str]]:
    """Every parameter that is written: its place in the options, its entry, what the entry says of it, and the account."""
    for index, entry in enumerate(facts.run.distributions):
        for number, one in enumerate(entry.get("ssmParameterConfigurations") or ()):
            path = schema.format_path(("distributions", index, "ssmParameterConfigurations", number))
            yield path, entry, one, one.get("amiAccountId", facts.run.source.account_id)


def names(facts: Facts) -> Iterator[Finding]:
    """In the source account, without an execution role, parameters are written by the service-linked role."""
    source = facts.run.source
    if facts.run.execution_role is not None:
        return
    for path, entry, one, account_id in _configurations(facts):
        name = one["parameterName"]
        if account_id == source.account_id and not name.startswith(OWN_PREFIX):
            found = f"{name} is not below {OWN_PREFIX}, where alone the service-linked role may write parameters."
            needed = "Take a name below it, or an execution role that may do ssm:PutParameter on this one."
            about = Subject(source.account_id, source.name, entry["region"], path)
            yield about.error("parameter_name", found, needed, _renamed(facts, entry["region"], name))


def accounts(facts: Facts) -> Iterator[Finding]:
    """A parameter tells of the AMI of its own account, which has to get one in that Region (SsmParameterConfiguration.amiAccountId)."""
    pairs = set(facts.run.pairs())
    for path, entry, one, account_id in _configurations(facts):
        if (account_id, entry["region"]) not in pairs:
            found = f"Account {account_id}, for whose AMI {one['parameterName']} is meant, gets none in {entry['region']}."
            needed = "Name an account of target_account_ids of this Region, or take the parameter out."
            about = Subject(account_id, facts.name_of(account_id), entry["region"], path)
            yield about.error("parameter_account", found, needed, _taken_out(facts, entry["region"], one["parameterName"], account_id))


def present(facts: Facts) -> Iterator[Finding]:
    """What stands under the name already can be written over, and held the id of an AMI: anything else is somebody else's."""
    for account_id in facts.accounts:
        regions = facts.usable_regions(account_id) if is_open(facts, account_id) else []
        for region in regions:
            wanted, known = facts.run.parameters_of(account_id, region), facts.in_region(account_id, region).parameters
            if wanted and isinstance(known, Unknown):
                found = f"What {', '.join(wanted)} hold could not be seen: {known.reason}"
                yield subject(facts, account_id, region).unknown("parameter_unknown", found, "Allow ssm:GetParameters.")
            elif wanted and not isinstance(known, Unknown):
                for name in wanted:
                    yield from _present(facts, account_id, region, known.get(name))


def _present(facts: Facts, account_id: str, region: str, parameter: Mapping[str, Any] | None) -> Iterator[Finding]:
    if parameter is None:
        return
    name, about = parameter["Name"], subject(facts, account_id, region)
    if parameter["Type"] != _TYPE:
        found = f"{name} is a {parameter['Type']}, and the id of an AMI is written as {_TYPE}; a parameter keeps its type."
        needed = "Take another name, or delete this parameter if nobody needs it."
        yield about.error("parameter_type", found, needed, _deleted(facts, account_id, region, name))
    elif not IMAGE_ID.fullmatch(parameter["Value"]):
        found = f"{name} holds something else than the id of an AMI, which will be written over."
        needed = "Take another name, or delete this parameter if nobody needs it."
        yield about.warning("parameter_in_use", found, needed, _deleted(facts, account_id, region, name))


# --- remedies --------------------------------------------------------------------------------------------------------------------------------


def _renamed(facts: Facts, region: str, name: str) -> Remedy:
    wanted = f"{OWN_PREFIX}{name.lstrip('/')}"

    def rename(entry: dict[str, Any]) -> None:
        entry["ssmParameterConfigurations"] = [
            {**one, "parameterName": wanted} if (one["parameterName"], _account(facts, one)) == (name, facts.run.source.account_id) else one
            for one in entry.get("ssmParameterConfigurations") or ()
        ]

    return preflight_rewriting.entries(facts, region, f"Name the parameter of {region} {wanted}", rename)


def _taken_out(facts: Facts, region: str, name: str, account_id: str) -> Remedy:
    def take_out(entry: dict[str, Any]) -> None:
        parameters = entry.pop("ssmParameterConfigurations", None) or ()
        kept = [one for one in parameters if (one["parameterName"], _account(facts, one)) != (name, account_id)]
        if kept:
            entry["ssmParameterConfigurations"] = kept

    return preflight_rewriting.entries(facts, region, f"Take parameter {name} of account {account_id} out of the distribution", take_out)


def _account(facts: Facts, one: Mapping[str, Any]) -> str:
    return str(one.get("amiAccountId", facts.run.source.account_id))


def _deleted(facts: Facts, account_id: str, region: str, name: str) -> Remedy:
    way = entrance(facts, account_id, region)
    title = f"Delete parameter {name} of {facts.name_of(account_id)} (account {account_id}, {region})"
    return shell_remedy(title, way.command(["ssm", "delete-parameter", "--name", name]))
