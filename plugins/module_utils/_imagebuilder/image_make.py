# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images that are to be there: built from a recipe or by a pipeline, or imported, unless that was done before.

What is decided is in `image.py`, the calls are in `builds.py`, and what is answered is in `image_report.py`.

This module util is private to the collection.
"""

from __future__ import annotations

from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import builds, image_options, image_report, present
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import image as images
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.compare import Description, Plan
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image import Action, Decision, Inputs, Wanted
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image_import import Import
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image_options import Way
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image_report import Result
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image_work import Failed, Work, plan, put_policy, waited
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.session import warn


def ensure_made(work: Work) -> Result:
    """Have an image built or imported, and follow it."""
    session, params = work.session, work.params
    wanted = _wanted(work)
    if wanted is None:
        return image_report.unknown(None if work.task.way is Way.PIPELINE else Inputs(work.task.request), plan(work, None))
    standing = builds.consider(session.api, wanted, force=params["force"], retry=params["retry"])
    change = plan(work, standing.decision.image)
    if session.check_mode:
        image = standing.decision.image or image_report.foretold(wanted, standing.next_number)
        return image_report.made(wanted, standing.decision, image, change)
    run = builds.carry_out(session.api, wanted, standing)
    for warning in run.warnings:
        warn(warning)
    change = change if run.decision.image else plan(work, None)
    if change.before is not None:
        present.write_tags(session, run.image["arn"], change)
    image = run.image if run.decision.action is Action.DONE else _followed(work, run)
    return _finished(work, wanted, run.decision, image, change)


def _wanted(work: Work) -> Wanted | None:
    """The image that the task means at this moment; None when in check mode what it is made of is not there yet."""
    task, session = work.task, work.session
    if task.way in (Way.VM, Way.DISK):
        return Import(task.request, image_options.OPERATIONS[task.way], session.identity)
    read = builds.read_pipeline if task.way is Way.PIPELINE else builds.read_inputs
    return read(session.api, task.request, predict=session.check_mode)


def _followed(work: Work, run: builds.Run) -> Description:
    """The image at its end, or without `wait` as it is now. Raises Failed when the time is up."""
    api, arn = work.session.api, str(run.image["arn"])
    if not work.params["wait"]:
        return builds.get_image(api, arn) or run.image
    retried = run.image if run.decision.action is Action.RETRY else None
    again = f"It goes on without this task. Run the task again to go on waiting for {arn}: it is found again."
    return waited(work, run.decision, run.image, again, lambda: builds.follow(api, arn, work.patience, retried))


def _finished(work: Work, wanted: Wanted, decision: Decision, image: Description, change: Plan) -> Result:
    """The result, with the policy set. Raises Failed when the image was waited for and is not what it should be."""
    outcome = image_report.made(wanted, decision, image, change)
    failures = images.all_failures(image, wanted.promised) if work.params["wait"] else []
    if work.params["wait"] and (failures or images.status(image) != "AVAILABLE"):
        outcome["failures"] = [one.to_result() for one in failures]
        raise Failed(images.failure_message(image, failures, len(wanted.promised)), outcome)
    put_policy(work, image, change)
    return outcome
