# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where moto differs from AWS in what this project needs, one correction each, laid over moto when the emulator starts.

moto's files stay as they are. A correction replaces one method or function and is given the original:

    @replaces(TokenResponse, "assume_role")
    def assume_role(original, self):
        ...

`apply()` puts them all in place, once for the process.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable
from typing import Any

_MODULES = (
    "accounts",
    "cloudformation",
    "ec2",
    "ec2_imports",
    "ec2_old_images",
    "iam",
    "iam_simulation",
    "kms",
    "kms_replicas",
    "organizations",
    "partitions",
    "quotas",
    "speed",
    "ssm",
    "sts",
)
_corrections: list[tuple[Any, str, Callable[..., Any], bool]] = []
_applied: list[Any] = []


def replaces(owner: Any, name: str, *, is_property: bool = False) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Mark a function as the correction of `owner.name`; it gets the original as its first argument, None where moto has nothing."""

    def mark(function: Callable[..., Any]) -> Callable[..., Any]:
        _corrections.append((owner, name, function, is_property))
        return function

    return mark


def apply() -> None:
    """Put every correction in place that is not there yet."""
    for module in _MODULES:
        importlib.import_module(f"{__name__}.{module}")
    for correction in _corrections:
        if correction not in _applied:
            _apply(*correction)
            _applied.append(correction)


def _apply(owner: Any, name: str, function: Callable[..., Any], is_property: bool) -> None:
    original = getattr(owner, name, None)
    if is_property:
        setattr(owner, name, property(functools.partial(function, original)))
        return

    # A plain function, so that it binds as a method and is found by moto, which looks for functions.
    def corrected(*args: Any, **kwargs: Any) -> Any:
        return function(original, *args, **kwargs)

    setattr(owner, name, functools.wraps(original or function)(corrected))
