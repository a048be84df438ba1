# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What AWS does to its clients on a bad day: it throttles, fails, and drops connections; an organization forbids everything; IAM is late.

Credentials end, too.

All of it is off until a test asks for it:

    emulator.disturb(seed=1, throttled=0.05, failed=0.01, cut=0.01, denying={"222222222222": "service control policy"}, propagation_seconds=2)

What befalls a request depends on the seed, on the request and on how often the same one came before, not on when it comes or what else is
under way. So a run with many threads meets the same troubles each time.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from dataclasses import dataclass
from enum import Enum
from random import Random
from threading import Lock
from typing import TYPE_CHECKING

from . import propagation, settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .calls import Call

CUT = "ConnectionCut"
"""Stands among the calls for the error code of an answer that never arrived whole."""

_DRAWN_AT_RANDOM = re.compile(rb"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|mrk-[0-9a-f]{32}")
_XML = {"ec2", "iam", "sts"}
_ROLE_IN_FORM = re.compile(r"arn:[\w-]+:iam::(\d{12}):role/.+")


class Moment(Enum):
    """When a request meets its trouble."""

    BEFORE = "before anything is done"
    AFTER = "when it is done, before the answer"
    AMID = "in the middle of the answer"


@dataclass(frozen=True)
class Trouble:
    """What a request gets in place of its answer: an error, or for the code CUT the end of the connection."""

    code: str
    moment: Moment = Moment.BEFORE
    status: str = ""
    message: str = ""


class Disturber:
    """Says which requests meet trouble. Counts them, so that a request that is sent again can fare better."""

    def __init__(self) -> None:
        self._met: Counter[bytes] = Counter()
        self._lock = Lock()

    def reset(self) -> None:
        """Begin anew: the same requests meet the same troubles again."""
        with self._lock:
            self._met.clear()

    def trouble(self, call: Call, caller_arn: str, form: Mapping[str, str], body: bytes, key_id: str = "") -> Trouble | None:
        """Say what befalls a request; None when it is answered as always.

        :param form: the parameters of a request that carries them as a form.
        :param key_id: the access key id that it is signed with.
        """
        wanted = settings.current.disturbances
        if not wanted.any():
            return None
        if key_id in wanted.expired:
            return _expired(call.service)
        return self._drawn(wanted, call, body) or _denied(wanted, call, caller_arn, form) or _not_seen_yet(call, form)

    def _drawn(self, wanted: settings.Disturbances, call: Call, body: bytes) -> Trouble | None:
        what = f"{wanted.seed} {call.account} {call.region} {call.service} {call.operation} ".encode() + _DRAWN_AT_RANDOM.sub(b"", body)
        with self._lock:
            self._met[what] += 1
            chance = Random(hashlib.sha256(b"%d %b" % (self._met[what], what)).digest())  # noqa: S311
        place = chance.random()
        if place < wanted.throttled:
            return _throttling(call.service)
        if place < wanted.throttled + wanted.failed:
            moment = chance.choice([Moment.BEFORE, Moment.AFTER])
            return Trouble("InternalFailure", moment, "500 Internal Server Error", "An error occurred. Try again.")
        if place < wanted.throttled + wanted.failed + wanted.cut:
            return Trouble(CUT, chance.choice(list(Moment)))
        return None


disturber = Disturber()


def _throttling(service: str) -> Trouble:
    """Say that there are too many calls, as the service does."""
    if service == "ec2":
        return Trouble("RequestLimitExceeded", status="503 Service Unavailable", message="Request limit exceeded.")
    return Trouble("Throttling" if service in _XML else "ThrottlingException", status="400 Bad Request", message="Rate exceeded")


def _expired(service: str) -> Trouble:
    """Say that the time of the credentials is over, as the service does."""
    code = {"ec2": "RequestExpired"}.get(service, "ExpiredToken" if service in _XML else "ExpiredTokenException")
    return Trouble(code, status="403 Forbidden", message="The security token included in the request is expired")


def is_denied(account: str, operation: str) -> bool:
    """Whether a service control policy forbids an account an operation; that of asking who one is, nothing can."""
    wanted = settings.current.disturbances
    is_everything = wanted.denying.get(account) == settings.SERVICE_CONTROL_POLICY and operation != "GetCallerIdentity"
    return is_everything or operation in wanted.denied_operations.get(account, ())


def _denied(wanted: settings.Disturbances, call: Call, caller_arn: str, form: Mapping[str, str]) -> Trouble | None:
    """A service control policy binds whoever is of the account, a resource control policy whoever wants to become one of its roles."""
    role = _ROLE_IN_FORM.fullmatch(form.get("RoleArn", ""))
    entered = role[1] if role and call.operation == "AssumeRole" else ""
    if is_denied(call.account, call.operation):
        kind = settings.SERVICE_CONTROL_POLICY
    elif wanted.denying.get(entered) == settings.RESOURCE_CONTROL_POLICY:
        kind = settings.RESOURCE_CONTROL_POLICY
    else:
        return None
    code = {"ec2": "UnauthorizedOperation"}.get(call.service, "AccessDenied" if call.service in _XML else "AccessDeniedException")
    on = f" on resource: {form['RoleArn']}" if entered else ""
    message = f"User: {caller_arn} is not authorized to perform: {call.service}:{call.operation}{on} with an explicit deny in a {kind}"
    return Trouble(code, status="403 Forbidden", message=message)


def _not_seen_yet(call: Call, form: Mapping[str, str]) -> Trouble | None:
    """IAM itself does not find a role at once, though it refuses to make another one of the name."""
    name = form.get("RoleName", "")
    if call.service != "iam" or call.operation == "CreateRole" or not propagation.is_on_its_way(call.account, name):
        return None
    return Trouble("NoSuchEntity", status="404 Not Found", message=f"The role with name {name} cannot be found.")
