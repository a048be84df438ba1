# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What preflight has found, and what mends it. Pure. Private to this collection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.remedies import Remedy, merged_tasks

Severity = Literal["error", "warning", "unknown"]
SEVERITIES: tuple[Severity, ...] = ("error", "unknown", "warning")
"""In the order in which they are shown. An `error` makes the run fail; what is `unknown` could not be looked at, which is no pass."""

NOTHING_TO_RUN = Remedy()


@dataclass(frozen=True)
class Finding:
    """One thing that is not as the run needs it; `check` is a stable name for machines, `region` None for what has none."""

    check: str
    severity: Severity
    account_id: str
    name: str
    found: str
    needed: str
    region: str | None = None
    remedy: Remedy = field(default=NOTHING_TO_RUN)

    def to_result(self) -> dict[str, Any]:
        """The finding as a module returns it."""
        return {
            "severity": self.severity,
            "check": self.check,
            "account_id": self.account_id,
            "name": self.name,
            "region": self.region,
            "found": self.found,
            "needed": self.needed,
            "remedy_task": self.remedy.task_text(),
            "remedy_command": self.remedy.command_text(),
        }

    def sentence(self) -> str:
        """The finding as one line of an error."""
        place = f"{self.name} (account {self.account_id}{f', {self.region}' if self.region else ''})"
        return f"{place}: {self.check}: {self.found} {self.needed}"


@dataclass(frozen=True)
class Subject:
    """What findings are about: an account, perhaps in a Region, and the place in the options that leads there."""

    account_id: str
    name: str
    region: str | None = None
    path: str = ""

    def error(self, check: str, found: str, needed: str, remedy: Remedy = NOTHING_TO_RUN) -> Finding:
        """Something that makes the distribution fail."""
        return self._finding("error", check, found, needed, remedy)

    def warning(self, check: str, found: str, needed: str, remedy: Remedy = NOTHING_TO_RUN) -> Finding:
        """Something that may be meant."""
        return self._finding("warning", check, found, needed, remedy)

    def unknown(self, check: str, found: str, needed: str) -> Finding:
        """Something that could not be looked at, or not be judged."""
        return self._finding("unknown", check, found, needed, NOTHING_TO_RUN)

    def _finding(self, severity: Severity, check: str, found: str, needed: str, remedy: Remedy) -> Finding:
        told = f"{self.path}: {found}" if self.path else found
        return Finding(check, severity, self.account_id, self.name, told, needed, self.region, remedy)


def remedies_of(findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """What mends the findings, in as few tasks as do it, each with the checks and the accounts that it is for."""
    return [
        {
            "task": task,
            "checks": list(dict.fromkeys(findings[number].check for number in numbers)),
            "account_ids": list(dict.fromkeys(findings[number].account_id for number in numbers)),
        }
        for task, numbers in merged_tasks(finding.remedy for finding in findings).items()
    ]


def ordered(findings: list[Finding]) -> list[Finding]:
    """Findings without repetitions, errors first, then by account, Region and check."""
    return sorted(
        {(each.check, each.account_id, each.region, each.found): each for each in findings}.values(),
        key=lambda each: (SEVERITIES.index(each.severity), each.account_id, each.region or "", each.check, each.found),
    )
