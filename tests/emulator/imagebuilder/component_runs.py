# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Components as they run on the instances of a build: what they print goes to CloudWatch, and one that ends badly fails the image.

There is no instance. A command `echo TEXT` prints its text, `exit NUMBER` ends its step, and with a number other than 0 it fails it.
"""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

import yaml
from moto.logs.models import logs_backends

from .delivery import Delivery
from .failures import Failure

_ECHO = re.compile(r"echo\s+(?P<text>.*)")
_EXIT = re.compile(r"exit\s+(?P<status>\d+)")


def build(delivery: Delivery) -> Failure | None:
    """Run what builds and what validates on the build instance; return why it failed."""
    return _run(delivery, ("build", "validate"))


def test(delivery: Delivery) -> Failure | None:
    """Run what tests on the test instance; return why it failed."""
    return _run(delivery, ("test",))


def _run(delivery: Delivery, phases: tuple[str, ...]) -> Failure | None:
    for arn, phase, step in _steps(delivery, phases):
        status, printed = _execute(step)
        where = f"phase {phase} step {step['name']} action {step['action']}"
        end = "ended" if status == 0 else f"failed: exit status {status}"
        _log(delivery, [f"Component {arn} {where} begins", *(f"Stdout: {line}" for line in printed), f"Component {arn} {where} {end}"])
        if status:
            context = {"componentArn": arn, "phaseName": phase, "stepName": step["name"], "action": step["action"]}
            message = f"The step {step['name']} of the {phase} phase ended with exit status {status}."
            reason = f"SSM execution '{uuid.uuid4()}' failed with status = 'Failed' and failure message = 'Document {arn} failed!'"
            return Failure(reason, component={**context, "errorMessage": message})
    return None


def _steps(delivery: Delivery, phases: tuple[str, ...]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """Yield the steps of phases in the order of the recipe: ARN of the component, name of the phase, and the step."""
    documents = []
    for used in delivery.image.get("imageRecipe", {}).get("components", []):
        component = delivery.backend.find(used["componentArn"])
        documents.append((str(component.arn), yaml.safe_load(component.values["data"])))
    for wanted in phases:
        for arn, document in documents:
            for phase in document["phases"]:
                if phase["name"] == wanted:
                    yield from ((arn, wanted, step) for step in phase["steps"])


def _execute(step: Mapping[str, Any]) -> tuple[int, list[str]]:
    """Return the exit status of a step, and what it prints."""
    inputs = step.get("inputs") or {}
    commands = inputs.get("commands", []) if isinstance(inputs, Mapping) else []
    printed = []
    for command in "\n".join(map(str, commands)).splitlines():
        if said := _ECHO.fullmatch(command.strip()):
            printed.append(said["text"])
        if ended := _EXIT.fullmatch(command.strip()):
            return int(ended["status"]), printed
    return 0, printed


def _log(delivery: Delivery, lines: list[str]) -> None:
    """Write lines to the log of an image: its group keeps the case of the image's name."""
    backend = logs_backends[delivery.account_id][delivery.region]
    group = delivery.image.get("loggingConfiguration", {}).get("logGroupName") or f"/aws/imagebuilder/{delivery.image['name']}"
    stream = str(delivery.image["version"])
    if group not in backend.groups:
        backend.create_log_group(group, {})
    backend.ensure_log_stream(group, stream)
    now = int(time.time() * 1000)
    backend.put_log_events(group, stream, [{"timestamp": now, "message": line} for line in lines])
