# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Everything that would fail after the build, told before it: the checks, and what becomes of what they find. Pure. Private to this collection.

A check is a function from the facts (preflight_facts.py, filled by preflight_reading.py) to findings. It tells what it could not see, as
`unknown`, and needs no other check to have passed: where something that another one tells of leaves it nothing to judge, it says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution import (
    preflight_accounts,
    preflight_execution_role,
    preflight_images,
    preflight_infrastructure,
    preflight_keys,
    preflight_parameters,
    preflight_quotas,
    preflight_roles,
    preflight_templates,
)
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.findings import Finding, ordered
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.preflight_facts import Facts
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.run import Outcome

Check = Callable[[Facts], Iterable[Finding]]

CHECKS: Sequence[Check] = (
    preflight_accounts.entered,
    preflight_accounts.ways_in,
    preflight_accounts.deliveries,
    preflight_accounts.regions,
    preflight_execution_role.execution_role,
    preflight_roles.distribution_roles,
    preflight_keys.keys,
    preflight_keys.copies_without_key,
    preflight_images.parent_image,
    preflight_images.encryption,
    preflight_images.source_tag,
    preflight_infrastructure.instance_profile,
    preflight_infrastructure.network,
    preflight_infrastructure.instance_types,
    preflight_infrastructure.named_things,
    preflight_templates.launch_templates,
    preflight_templates.foreign_amis,
    preflight_parameters.names,
    preflight_parameters.accounts,
    preflight_parameters.present,
    preflight_quotas.public_access,
    preflight_quotas.sharing,
    preflight_quotas.copies_in_flight,
)


def findings_of(facts: Facts) -> list[Finding]:
    """What all checks find."""
    return ordered([finding for check in CHECKS for finding in check(facts)])


def outcomes_of(facts: Facts, findings: Sequence[Finding], fails: Sequence[str]) -> list[Outcome]:
    """An outcome for each account, the source first; it has failed when it has a finding of a severity that `fails`."""
    names = {account_id: account.target.name for account_id, account in facts.accounts.items()}
    names.update({finding.account_id: finding.name for finding in findings if finding.account_id not in names})
    outcomes = []
    for account_id, name in names.items():
        mine = [finding for finding in findings if finding.account_id == account_id]
        failing = [finding.sentence() for finding in mine if finding.severity in fails]
        result = {"findings": [finding.to_result() for finding in mine]}
        outcomes.append(Outcome(account_id, name, failed=bool(failing), msg="\n".join(failing), result=result))
    return outcomes
