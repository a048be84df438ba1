# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Making moto know the Image Builder service that stands beside it."""

from __future__ import annotations

import importlib
import re
import sys

import moto.backend_index

SERVICE = "imagebuilder"
_URL = re.compile(r"https?://imagebuilder\.(.+)\.amazonaws\.com")


def register() -> None:
    """Put our service where moto looks for its own: the module `moto.imagebuilder`, and the first of the URL patterns. Can be called again."""
    package = importlib.import_module(f".{SERVICE}", __package__)
    sys.modules.setdefault(f"moto.{SERVICE}", package)
    for part in ("models", "responses", "urls"):
        sys.modules.setdefault(f"moto.{SERVICE}.{part}", importlib.import_module(f".{SERVICE}.{part}", __package__))
    patterns = moto.backend_index.backend_url_patterns
    if all(name != SERVICE for name, _pattern in patterns):
        patterns.insert(0, (SERVICE, _URL))
