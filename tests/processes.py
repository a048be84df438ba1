# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Processes that run playbooks, and what is left of them when their machine goes down."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess


def processes_below(ancestor: int) -> set[int]:
    """A process and all that it started, directly or not; Ansible's workers lead sessions of their own."""
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], check=True, capture_output=True, text=True).stdout
    parents = {int(pid): int(parent) for pid, parent in (line.split() for line in listed.splitlines())}
    family = {ancestor}
    while more := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= more
    return family


def send(process: subprocess.Popen[bytes], signal_: signal.Signals) -> None:
    """Send a signal to a process and all that it started."""
    for pid in processes_below(process.pid):
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal_)


def kill(process: subprocess.Popen[bytes]) -> None:
    """What is left of a run when its machine goes down: nothing."""
    send(process, signal.SIGKILL)
    assert process.wait(timeout=10) == -signal.SIGKILL, "it was still running"
