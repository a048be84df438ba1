# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the emulator itself failed: a fault of ours or of moto's that no client can do anything about.

A client may pass over it or report something else, so the emulator says it again when it stops.
"""

from __future__ import annotations

import sys
import traceback

_noted: list[str] = []


class EmulatorFailedError(RuntimeError):
    """The emulator failed while it ran."""


def note(error: Exception) -> None:
    """Show a fault at once, and remember it."""
    text = "".join(traceback.format_exception(error))
    print(text, file=sys.stderr)
    _noted.append(text)


def forget() -> list[str]:
    """Return the faults so far, as tracebacks, and begin anew."""
    noted = list(_noted)
    _noted.clear()
    return noted
