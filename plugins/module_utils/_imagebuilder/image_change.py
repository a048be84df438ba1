# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images that are there: what is changed of one, its tags, its policy and its state, and how it is deleted.

What is decided is in `image_state.py`, the calls are in `builds.py`, and what is answered is in `image_report.py`.

This module util is private to the collection.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import builds, failure, image_report, image_state, present, users
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import image as images
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.client import IN_USE, ImageBuilderError
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.compare import Description, Plan
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image import Action, Decision
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image_report import Result
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image_work import Failed, Work, plan, put_policy, waited
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.image import IMAGE
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.session import Refused, warn


def ensure_existing(work: Work) -> Result:
    """Delete the image that the task names, or change its tags, its policy and its state."""
    arn = str(work.task.request["imageBuildVersionArn"])
    image = builds.get_image(work.session.api, arn)
    if work.params["state"] == "absent":
        return _absent(work, arn, image)
    decision, execution = _decision(work, arn, image)
    change = plan(work, image)
    if work.session.check_mode or image is None:
        return image_report.existing(decision, image_report.with_state(image, decision, work.task.update), change, work.task.update)
    present.write_tags(work.session, arn, change)
    put_policy(work, image, change)
    return _updated(work, image, decision, change, execution)


def _decision(work: Work, arn: str, image: Description | None) -> tuple[Decision, Description | None]:
    """What to do about the image's state, and the lifecycle execution that is at work on it. Raises Refused."""
    update, api = work.task.update, work.session.api
    if update is None:
        if image is None:
            raise Refused(f"There is no image {arn} {api.where}.")
        return Decision(Action.DONE, image, "the image is there"), None
    execution = builds.running_execution(api, image) if image else None
    try:
        return image_state.decide(image, execution, update), execution
    except ValueError as reason:
        raise Refused(f"The state of image {arn} {api.where} cannot become {image_state.target_of(update)}. {reason}") from reason


def _updated(work: Work, image: Description, decision: Decision, change: Plan, execution: Description | None) -> Result:
    """Change the state, wait until that is done, and return the result. Raises Failed."""
    update = work.task.update
    if update is None or decision.action is Action.DONE:
        return image_report.existing(decision, image, change, update)
    execution_id = execution["lifecycleExecutionId"] if execution and decision.action is Action.ATTACH else None
    if decision.action is Action.UPDATE:
        execution_id = builds.start_update(work.session.api, str(image["arn"]), update)
    execution = _execution(work, decision, image, execution_id) if execution_id else None
    failures = failure.decode_execution(execution, work.session.account_id) if execution else []
    now = _state_now(work, decision, image, update, execution) if not failures else builds.get_image(work.session.api, str(image["arn"]))
    outcome = image_report.existing(decision, now, change, update, execution)
    if failures:
        outcome["failures"] = [one.to_result() for one in failures]
        raise Failed(image_report.update_failure(image, update, failures), outcome)
    return outcome


def _execution(work: Work, decision: Decision, image: Description, execution_id: str) -> Description | None:
    """The lifecycle execution that changes the state: at its end, or as it is now without `wait` and where it is scheduled for later."""
    if not work.params["wait"] or "updateAt" in (work.task.update or {}):
        return builds.read_execution(work.session.api, execution_id)
    again = f"It goes on without this task. Run the task again to go on waiting for {execution_id}."
    return waited(work, decision, image, again, lambda: builds.follow_execution(work.session.api, execution_id, work.patience))


def _state_now(work: Work, decision: Decision, image: Description, update: Mapping[str, Any], execution: Description | None) -> Description | None:
    """The image when it has its new state; as it is now where nothing is waited for, or where it keeps its state for what was left out."""
    api, arn = work.session.api, str(image["arn"])
    skipped = image_state.skipped(execution)
    if skipped and image_state.target_of(update) == "DELETED":
        warn(f"{arn} is kept, as exclusion_rules leave out: {', '.join(skipped)}.")
    if not work.params["wait"] or skipped or "updateAt" in update:
        return builds.get_image(api, arn)
    again = "Its state changes without this task. Run the task again to go on waiting for it."
    return waited(work, decision, image, again, lambda: builds.follow_state(api, image, work.patience, lambda seen: image_state.is_met(seen, update)))


def _absent(work: Work, arn: str, image: Description | None) -> Result:
    """Delete the image from Image Builder. Raises Refused."""
    session = work.session
    if image is None or images.status(image) == "DELETED":
        return {"changed": False, "image": None, "diff": {"before": {}, "after": {}}}
    if images.status(image) in images.RUNNING:
        cancel = f"aws imagebuilder cancel-image-creation --image-build-version-arn {arn}"
        raise Refused(f"Image {arn} is being made ({images.status(image)}), so it cannot be deleted. Wait for it, or cancel it: {cancel}")
    if not session.check_mode:
        try:
            builds.delete_image(session.api, arn)
        except ImageBuilderError as error:
            if error.code != IN_USE:
                raise
            raise Refused(users.in_use(IMAGE, session, arn, error)) from error
    return {"changed": True, "image": None, "amis": images.ami_results(image), "diff": {"before": {"arn": arn}, "after": {}}}
