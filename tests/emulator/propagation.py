# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What IAM has been told reaches the other services later ("Troubleshoot IAM", "Changes that I make are not always immediately visible").

Off unless `settings.current.disturbances.propagation_seconds` says how much later. Then STS, KMS, Image Builder and the others see a role as it
was that long ago: not at all when it is new, so that it can be neither assumed nor named in a policy, and without the policies added since.
Nor can an account be named that Organizations has made since.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from moto.iam.models import iam_backends

from . import clock, settings

_LONG_AGO = float("-inf")
_History = list[tuple[float, Any]]  # from when on a role is seen how
_histories: dict[tuple[str, str, str], _History] = {}  # by account, partition and name of the role
_new_accounts: dict[str, float] = {}  # from when on they are seen


def forget() -> None:
    """Let everybody see everything as it is."""
    _histories.clear()
    _new_accounts.clear()


def account_made(account_id: str) -> None:
    """Remember when an account was made."""
    seconds = settings.current.disturbances.propagation_seconds
    if seconds:
        _new_accounts[account_id] = clock.now() + seconds


def is_account_seen(account_id: str) -> bool:
    """Whether policies may name the account already."""
    return _new_accounts.get(account_id, _LONG_AGO) <= clock.now()


@contextmanager
def watched(account_id: str, service: str) -> Iterator[None]:
    """Remember how the account's roles change while a request to a service is answered."""
    seconds = settings.current.disturbances.propagation_seconds
    if not seconds or service != "iam":
        yield
        return
    for place, role in _roles(account_id):
        _histories.setdefault(place, [(_LONG_AGO, _snapshot(role))])
    yield
    for place, role in _roles(account_id):
        history = _histories.setdefault(place, [])
        if not history or _matters(history[-1][1]) != _matters(role):
            history.append((clock.now() + seconds, _snapshot(role)))


def as_seen(account_id: str, partition: str, role: Any) -> Any | None:
    """Return a role of moto's as the other services see it now; None while they do not."""
    history = _histories.get((account_id, partition, role.name))
    if not history:
        return role
    seen = [snapshot for visible_from, snapshot in history if visible_from <= clock.now()]
    return seen[-1] if seen else None


def is_on_its_way(account_id: str, name: str) -> bool:
    """Whether an account has a role of that name which nobody sees yet."""
    return any(place[2] == name and as_seen(*place[:2], role) is None for place, role in _roles(account_id))


def _roles(account_id: str) -> list[tuple[tuple[str, str, str], Any]]:
    backends = iam_backends[account_id].items()
    return [((account_id, partition, role.name), role) for partition, backend in list(backends) for role in list(backend.roles.values())]


def _snapshot(role: Any) -> Any:
    snapshot = copy.copy(role)
    snapshot.policies, snapshot.managed_policies = dict(role.policies), dict(role.managed_policies)
    return snapshot


def _matters(role: Any) -> tuple[Any, ...]:
    """What others see of a role."""
    return role.id, role.assume_role_policy_document, role.policies, list(role.managed_policies), role.permissions_boundary_arn
