# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run a command and tell what it took: time, processor, and memory of all its processes together."""

from __future__ import annotations

import contextlib
import os
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil

SECONDS_BETWEEN_LOOKS = 0.1


@dataclass(frozen=True)
class Usage:
    """What a command took."""

    seconds: float
    cpu_seconds: float
    peak_mebibytes: float


class CommandFailedError(Exception):
    """The command did not end well; the message is the end of what it printed."""


class _Memory(threading.Thread):
    """Watches the memory of a process and its descendants. A page that several share counts once (Linux; elsewhere not at all)."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.peak = 0
        self._pid = pid
        self._ended = threading.Event()

    def run(self) -> None:
        """Look until told to end."""
        while not self._ended.wait(SECONDS_BETWEEN_LOOKS):
            with contextlib.suppress(psutil.Error):
                process = psutil.Process(self._pid)
                self.peak = max(self.peak, sum(map(_proportional_memory, [process, *process.children(recursive=True)])))

    def end(self) -> int:
        """The peak, in bytes."""
        self._ended.set()
        self.join()
        return self.peak


def _proportional_memory(process: psutil.Process) -> int:
    try:
        details = process.memory_full_info()
    except psutil.Error:  # it has ended
        return 0
    return int(getattr(details, "pss", 0) or details.uss)


def measured(command: Sequence[str], folder: Path, environment: Mapping[str, str]) -> Usage:
    """Run a command to its end. Raises CommandFailedError when its status is not 0.

    The processor's time is that of the command and of all processes that it has waited for.
    """
    log = folder / "output.txt"
    with log.open("wb") as output:
        start = time.monotonic()
        process = subprocess.Popen(command, cwd=folder, env=dict(environment), stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
        memory = _Memory(process.pid)
        memory.start()
        _pid, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - start
        process.returncode = os.waitstatus_to_exitcode(status)
    peak = memory.end()
    if process.returncode != 0:
        raise CommandFailedError(f"status {process.returncode}:\n{log.read_text(errors='replace')[-3000:]}")
    return Usage(seconds, usage.ru_utime + usage.ru_stime, peak / 1024**2)
