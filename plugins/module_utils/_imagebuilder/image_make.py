# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images that are to be there: built from a recipe or by a pipeline, or imported, unless that was done before.

What is decided is in `image.py`, the calls are in `builds.py`, and what is answered is in `image_report.py`.

This module util is private to the collection.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.mending import CannotMend, Mender
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import builds, image_follow, image_options, image_report, present
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.compare import Plan
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image import Action, Decision, Inputs, Wanted
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image_follow import Following
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image_import import Import
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image_options import Way
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image_report import Result
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image_work import Work, plan
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.session import warn


def ensure_made(work: Work) -> Result:
    """Have an image built or imported; with `wait`, the result of a first look at it."""
    wanted = _wanted(work)
    if wanted is None:
        return image_report.unknown(None if work.task.way is Way.PIPELINE else Inputs(work.task.request), plan(work, None))
    return ensure_wanted(work, wanted)


def ensure_wanted(work: Work, wanted: Wanted) -> Result:
    """Have an image made, retried or mended, unless it is there; with `wait`, the result of a first look at it."""
    session, params = work.session, work.params
    mender = Mender(session, wanted.promised, wanted.request.get("executionRole"), work.task.targets, wanted.source_image)
    standing = _as_mended(mender, builds.consider(session.api, wanted, force=params["force"], retry=params["retry"]))
    for caution in wanted.cautions if standing.decision.action is wanted.making else ():
        warn(caution)
    if session.check_mode:
        return image_report.foretold(wanted, standing.decision, standing.next_number, plan(work, standing.decision.image))
    run = builds.carry_out(session.api, wanted, standing)
    if run.decision.action is not Action.REPAIR:
        return _followed(work, wanted, run)
    try:
        return _followed(work, wanted, run, Repair(str(run.image["arn"]), mender.begin(run.image)))
    except CannotMend as reason:
        return _followed(work, wanted, builds.make_instead(session.api, wanted, standing, f"{run.decision.reason} {reason}"))


def _as_mended(mender: Mender, standing: builds.Standing) -> builds.Standing:
    """How things stand, where an image that would be retried was mended in another way, or is being mended."""
    decision = standing.decision
    mended = mender.look(decision.image) if decision.action is Action.RETRY and decision.image is not None else None
    if mended is None:
        return standing
    if mended.is_complete:
        return replace(standing, decision=Decision(Action.DONE, mended.image, mended.reason))
    # The image itself is mended, so what mends it is not shown as a part of it.
    return replace(standing, decision=Decision(Action.REPAIR, decision.image, mended.reason))


def _wanted(work: Work) -> Wanted | None:
    """The image that the task means at this moment; None when in check mode what it is made of is not there yet."""
    task, session = work.task, work.session
    if task.way in (Way.VM, Way.DISK):
        return Import(task.request, image_options.OPERATIONS[task.way], session.identity)
    read = builds.read_pipeline if task.way is Way.PIPELINE else builds.read_inputs
    return read(session.api, task.request, predict=session.check_mode)


@dataclass(frozen=True)
class Repair:
    """How a failed image is repaired: which one it is, and what makes the copies that it lacks, if it lacks any."""

    arn: str
    copies: builds.Run | None


def _followed(work: Work, wanted: Wanted, run: builds.Run, repair: Repair | None = None) -> Result:
    """The result of what was done. Raises Failed."""
    for warning in run.warnings:
        warn(warning)
    change = plan(work, run.decision.image)
    if change.before is not None:
        present.write_tags(work.session, str(run.image["arn"]), change)
    following = _following(work, wanted, run, change, repair)
    if run.decision.action is Action.DONE:
        return image_follow.finished(work, following, run.image, failures=[])
    if repair is not None and (repair.copies is None or not work.params["wait"]):
        return image_follow.repaired(work, following)
    if not work.params["wait"]:
        return image_follow.finished(work, following, builds.get_image(work.session.api, following.arn) or run.image)
    return image_follow.look(work, following)


def _following(work: Work, wanted: Wanted, run: builds.Run, change: Plan, repair: Repair | None) -> Following:
    """What the looks at what was started, or found, have to know."""
    now = time.time()
    decided = image_report.decided(wanted, run.decision, change)
    if repair is not None:  # whether anything but copies was written shows at its end
        decided["changed"] = change.changed or bool(repair.copies and repair.copies.decision.starts)
    started = repair.copies if repair is not None and repair.copies is not None else run
    return Following(
        arn=str(started.image["arn"]),
        decided=decided,
        promised=wanted.promised,
        until=now + work.params["wait_timeout"],
        began=now if run.decision.action in (Action.RETRY, Action.REPAIR) else None,
        retried=started.image.get("state") if started.decision.action is Action.RETRY else None,
        repairs=repair.arn if repair is not None else None,
    )
