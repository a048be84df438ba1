# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One thing of a run that is broken: preflight names it and nothing else, the run fails of it, and what preflight prints mends it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .ready_run import PAYMENTS, Ready


@dataclass(frozen=True)
class Broken:
    """One thing that is broken, and what preflight says of which accounts; `new_command`: no other has a command of this kind."""

    break_it: Callable[[Ready], None]
    check: str
    account_ids: tuple[str, ...] = (PAYMENTS,)
    region: str | None = None
    severity: str = "error"
    cause: str | None = None  # what the failed image says
    new_command: bool = True


def found_by(ready: Ready, broken: Broken) -> list[dict[str, Any]]:
    """What preflight finds once it is broken: that, and nothing else."""
    broken.break_it(ready)
    ready.options["source_keys"] = {region: {"key_arn": arn} for region, arn in ready.keys.items()}
    ready.emulator.reset_calls()
    findings = ready.findings()
    assert ready.emulator.writes() == []
    assert {finding["check"] for finding in findings} == {broken.check}, json.dumps(findings, indent=1)
    assert [(each["account_id"], each["region"], each["severity"]) for each in findings] == [
        (account_id, broken.region, broken.severity) for account_id in broken.account_ids
    ]
    return findings


def mended_by_tasks(ready: Ready, broken: Broken) -> None:
    """The run fails of what is broken, and delivers once the tasks that preflight prints have been run until it has nothing to say."""
    findings = found_by(ready, broken)
    if broken.cause is not None:
        failed = ready.deliver()
        assert failed["status"] == "FAILED"
        assert broken.cause in failed["reason"], failed["reason"]

    while findings:
        ready.run_task("".join(dict.fromkeys(finding["remedy_task"] for finding in findings)))
        told, findings = {finding["check"] for finding in findings}, ready.findings()
        assert not told & {finding["check"] for finding in findings}, "a remedy mends what it was told for"

    assert ready.deliver() == {"status": "AVAILABLE"}


def mended_by_commands(ready: Ready, broken: Broken) -> None:
    """Preflight does not find it any more once its commands have been run."""
    for finding in found_by(ready, broken):
        ready.run_command(finding["remedy_command"])
    assert broken.check not in [finding["check"] for finding in ready.findings()]
