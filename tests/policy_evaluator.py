# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether policies allow a request, decided by a library that others maintain: @cloud-copilot/iam-simulate, run by Node.

`make test` installs it beside the collections, in the version of requirements/node/package-lock.json. It knows which actions, resources and
condition keys there are, and refuses requests with others.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

Policy = Mapping[str, Any]

MODULES = Path(__file__).resolve().parents[5] / "node/node_modules"
_SCRIPT = Path(__file__).with_name("evaluate_policies.cjs")
_EVERYTHING = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
_UNRESTRICTED = [{"orgIdentifier": "root", "policies": [{"name": "FullAWSAccess", "policy": _EVERYTHING}]}]


@dataclass(frozen=True)
class Principal:
    """Who makes a request, with the policies that are about it and what is known of it. A service has neither."""

    arn: str
    policies: Sequence[Policy] = ()
    context: Mapping[str, str | list[str]] = field(default_factory=dict)
    boundary: Policy | None = None
    service_control: Sequence[Sequence[Policy]] = ()  # by level


@dataclass(frozen=True)
class Request:
    """What is requested. `policy` is that of the resource, where it has one."""

    action: str
    resource: str
    account_id: str  # the owner of the resource
    context: Mapping[str, str | list[str]] = field(default_factory=dict)
    policy: Policy | None = None
    resource_control: Sequence[Sequence[Policy]] = ()  # by level


def missing() -> str:
    """Say what is not there to evaluate with; nothing when all is."""
    if shutil.which("node") is None:
        return "Node is not installed"
    return "" if (MODULES / "@cloud-copilot/iam-simulate").is_dir() else "@cloud-copilot/iam-simulate is not installed: run make test, where npm is"


def allowed(requests: Sequence[tuple[Principal, Request]]) -> list[bool]:
    """Whether each of the requests is allowed. Raises ValueError for requests that the library finds impossible."""
    results = _results(requests)
    for (_principal, request), result in zip(requests, results, strict=True):
        if result.get("errors"):
            raise ValueError(f"{request}: {result['errors']}")
        foreign = set(result.get("ignored") or ()) & request.context.keys()
        if foreign:
            raise ValueError(f"{request}: {', '.join(sorted(foreign))} does not come with such a request")
    return [result["verdict"] == "Allowed" for result in results]


def verdicts(requests: Sequence[tuple[Principal, Request]]) -> list[str]:
    """What the library says to each request: allowed, denied, or for one that it finds impossible why."""
    return [_verdict(result) for result in _results(requests)]


def _verdict(result: Mapping[str, Any]) -> str:
    if result.get("errors"):
        return str(result["errors"]["message"])
    return "allowed" if result["verdict"] == "Allowed" else "denied"


def _results(requests: Sequence[tuple[Principal, Request]]) -> list[dict[str, Any]]:
    node = _node()
    print(json.dumps([_simulation(principal, request) for principal, request in requests]), file=node.stdin, flush=True)
    answer = node.stdout.readline() if node.stdout else ""
    if not answer:
        raise RuntimeError(f"Node has ended with status {node.wait()}: see what it said on stderr.")
    results: list[dict[str, Any]] = json.loads(answer)
    return results


@cache
def _node() -> subprocess.Popen[str]:
    """The process that evaluates, one for all; it ends when this one does, as nobody writes to it any more."""
    environment = {**os.environ, "NODE_PATH": str(MODULES)}
    return subprocess.Popen(["node", str(_SCRIPT)], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _simulation(principal: Principal, request: Request) -> dict[str, Any]:
    return {
        "request": {
            "principal": principal.arn,
            "action": request.action,
            "resource": {"resource": request.resource, "accountId": request.account_id},
            "contextVariables": {**principal.context, **request.context},
        },
        "identityPolicies": _named(principal.policies),
        "serviceControlPolicies": _levels(principal.service_control) or _UNRESTRICTED,
        "resourceControlPolicies": _levels(request.resource_control),
        **({} if request.policy is None else {"resourcePolicy": request.policy}),
        **({} if principal.boundary is None else {"permissionBoundaryPolicies": _named([principal.boundary])}),
    }


def _named(policies: Sequence[Policy]) -> list[dict[str, Any]]:
    return [{"name": f"policy{number}", "policy": policy} for number, policy in enumerate(policies)]


def _levels(levels: Sequence[Sequence[Policy]]) -> list[dict[str, Any]]:
    return [{"orgIdentifier": f"level{number}", "policies": _named(policies)} for number, policies in enumerate(levels)]
