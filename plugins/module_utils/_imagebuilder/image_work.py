# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One run of the module `image`, and what all its ways have in common: tags, policy and waiting.

This module util is private to the collection.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import builds, compare, fingerprint, image_report, resource_policy
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.client import ImageBuilderError
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.compare import Description, Plan, Wish
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image import Decision
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image_options import Task
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.image import IMAGE
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.session import Session

Answer = TypeVar("Answer")


class Failed(Exception):  # noqa: N818 - not a fault of a program, it tells how an image ended
    """An image, or a change of it, came to an end that is not the wanted one; carries all that is known of it."""

    def __init__(self, message: str, result: Mapping[str, Any]) -> None:
        super().__init__(message)
        self.result = dict(result)


@dataclass(frozen=True)
class Work:
    """One run of the module: what is wanted, in which account and Region, and the options that say how."""

    task: Task
    session: Session
    params: Mapping[str, Any]

    @property
    def patience(self) -> builds.Patience:
        """How long to wait."""
        return builds.Patience(self.params["wait_timeout"], self.params["poll_interval"])


def plan(work: Work, image: Description | None) -> Plan:
    """What the task changes of an image's tags and policy; all of it for an image that is not there yet."""
    if image is not None:
        policy = {compare.POLICY: resource_policy.get(IMAGE, work.session, str(image["arn"]))} if work.task.policy is not None else {}
        image = {**image, **policy, "tags": fingerprint.without(image.get("tags"))}
    return compare.plan(IMAGE, image, Wish({}, frozenset(), work.task.tags, work.params["purge_tags"], work.task.policy))


def waited(work: Work, decision: Decision, image: Description, again: str, follow: Callable[[], Answer]) -> Answer:
    """What `follow` waits for. Raises Failed, with the image as it was seen last, when the time is up or it cannot be seen any more."""
    arn = image["arn"]
    try:
        return follow()
    except builds.StillRunningError as error:
        seen = error.image if error.image["arn"] == arn else image
        message = f"{error} after {work.params['wait_timeout']} seconds (wait_timeout). {again}"
        raise Failed(message, {**image_report.known(seen, decision), "changed": decision.starts}) from error
    except builds.GoneError as error:
        message = f"Image {arn} was deleted while this task waited for it."
        raise Failed(message, {**image_report.known(image, decision), "changed": decision.starts}) from error
    except ImageBuilderError as error:
        message = f"{error.explanation()} {again}"
        raise Failed(message, {**image_report.known(image, decision), "changed": decision.starts}) from error


def put_policy(work: Work, image: Description, change: Plan) -> None:
    """Set the policy, where it is another one. An image gets it at its end, when it is there to be shared."""
    if change.sets_policy:
        resource_policy.put(IMAGE, work.session, str(image["arn"]), change.after[compare.POLICY])
