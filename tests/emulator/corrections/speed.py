# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What moto, and botocore in the clients of this process, compute anew each time although it never changes. Answers stay the same."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

import moto.backends
import moto.core.responses
import moto.kms.models
from botocore.client import ClientCreator

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


@replaces(moto.kms.models, "generate_private_key")
def generate_private_key(original: Callable[[str], Any], key_spec: str) -> Any:
    """What a key signs with. A symmetric one never does, and moto looks for two large primes for each."""
    return _key_that_nobody_uses(original) if key_spec == _SYMMETRIC else original(key_spec)


_SYMMETRIC = "SYMMETRIC_DEFAULT"


@lru_cache(maxsize=1)
def _key_that_nobody_uses(original: Callable[[str], Any]) -> Any:
    return original(_SYMMETRIC)


@replaces(ClientCreator, "_create_methods")
def create_methods(original: Callable[..., dict[str, Any]], self: Any, service_model: Any) -> dict[str, Any]:
    """The methods of a client, by name: botocore makes a function for each of the 700 operations of EC2, for every client of it."""
    service = (service_model.service_name, service_model.api_version)
    if service not in _methods_of_clients:
        _methods_of_clients[service] = original(self, service_model)
    return dict(_methods_of_clients[service])


_methods_of_clients: dict[tuple[str, str], dict[str, Any]] = {}
