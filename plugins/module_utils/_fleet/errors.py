# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The error that everything for a fleet raises, apart from what needs AWS, so that pure code can raise it too. Private to this collection."""

from __future__ import annotations

from typing import Any


class FleetError(Exception):
    """Something that we found ourselves, before or instead of AWS; the message says what is wrong and what to do.

    `code` is a name for machines, as AWS's error codes are; `result` goes into the outcome of the account beside the message.
    """

    def __init__(self, code: str, message: str, **result: Any) -> None:
        self.code = code
        self.result = result
        super().__init__(message)
