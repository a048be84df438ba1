# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the README shows, for tests that hold it against what really happens."""

from __future__ import annotations

import json
import re
from typing import Any

from .organization import COLLECTION


def blocks(language: str) -> list[str]:
    """The code blocks of a language, in order."""
    text = (COLLECTION / "README.md").read_text()
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def policies() -> dict[str, list[dict[str, Any]]]:
    """The statements that the README asks for in the source account and in a destination."""
    source, destination = (json.loads(block)["Statement"] for block in blocks("json"))
    return {"source": source, "destination": destination}


def actions(account: str) -> set[str]:
    """All actions of the statements for `source` or `destination`."""
    found: set[str] = set()
    for statement in policies()[account]:
        action = statement["Action"]
        found |= {action} if isinstance(action, str) else set(action)
    return found
