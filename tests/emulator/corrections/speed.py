# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What moto computes anew for every request although it never changes. Answers stay the same."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

import moto.backends
import moto.core.responses

from . import replaces


@replaces(moto.backends, "list_of_moto_modules")
def list_of_moto_modules(original: Callable[[], Any]) -> list[str]:
    """The names of moto's services: moto looks at its own folder, some 175 stat calls, for every request to the server."""
    return _listed(original)


@lru_cache(maxsize=1)
def _listed(original: Callable[[], Any]) -> list[str]:
    return list(original())


@replaces(moto.core.responses, "method_names_from_class")
def method_names_from_class(original: Callable[[object], list[str]], clazz: object) -> frozenset[str]:
    """The operations of a service: moto inspects the whole class for every request."""
    return _methods(original, clazz)


@cache
def _methods(original: Callable[[object], list[str]], clazz: object) -> frozenset[str]:
    return frozenset(original(clazz))
