# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An image that is being made is followed to its end, in looks of a minute at most.

After each look there is either the result, or what the next look has to know (`Following`). So the looks of one task can be many runs of the
module, between which its action prints how far the image is; without the action one run takes them all. Every look begins with new clients, so
with the credentials that are there at that time.

This module util is private to the collection.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.mending import CannotMend, Mender
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import builds, image_progress, image_report, temporary
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import image as images
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.client import Api, ImageBuilderError
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.compare import Description
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.failure import DISTRIBUTION_STAGES, Failure, failed_stage
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image import Action, Pair
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image_diagnosis import diagnosed
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image_progress import Seen
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image_report import Result
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image_work import Failed, Work, plan, put_policy

OPTION = "following"
"""The option, and the member of the result, with which a look hands over to the next. An empty one begins."""

LOOK = 50.0
"""How many seconds a look takes at most: with the start of the module, less than a minute."""

# With these AWS or botocore says that the credentials have ended, or are not there at this moment.
_ENDED_CREDENTIALS = frozenset(
    {
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "NoCredentialsError",
        "RequestExpired",
        "SSOTokenLoadError",
        "TokenRetrievalError",
        "UnauthorizedSSOTokenError",
        "UnrecognizedClientException",
    }
)


@dataclass(frozen=True)
class Following:
    """What a look has to know of those before.

    `decided` is what the result tells of the beginning, `promised` are the pairs that get the image, `until` is when the waiting ends and `began`
    when the image was retried, if it was, in seconds since 1970. `retried` is its state before that, until it has shown another one. `repairs`
    is the failed image that is being repaired, for which this one may make the missing copies, and which the result is about. `status` and
    `mark` are what was seen last.
    """

    arn: str
    decided: Mapping[str, Any]
    promised: frozenset[Pair]
    until: float
    began: float | None = None
    retried: Mapping[str, Any] | None = None
    repairs: str | None = None
    status: str = "PENDING"
    mark: Sequence[Any] | None = None

    @classmethod
    def of(cls, value: Mapping[str, Any]) -> Following:
        """What an earlier look has handed over."""
        return cls(**{**value, "promised": frozenset(Pair(*pair) for pair in value["promised"])})

    def handed_over(self) -> Result:
        """What the next look is given."""
        return {**asdict(self), "promised": [list(pair) for pair in sorted(self.promised)]}

    @property
    def last(self) -> Description:
        """All that is known of the image without another look."""
        return {"arn": self.arn, "state": {"status": self.status}}

    @property
    def rest(self) -> float:
        """How many seconds there are left to wait."""
        return self.until - time.time()

    @property
    def again(self) -> str:
        """What to do when this task cannot go on waiting."""
        return f"It goes on without this task. Run the task again to go on waiting for {self.repairs or self.arn}: it is found again."


def look(work: Work, following: Following) -> Result:
    """Look at an image that is made until there is news, or for a while. Returns the result, or with `following` in it how it stands.

    Raises Failed when the image is not what it should be at its end, or the time is up; and ImageBuilderError when the credentials have ended.
    """
    eyes = _Eyes(work, following)
    try:
        image = builds.follow(work.session.api, following.arn, eyes.patience, eyes.retried, eyes.see_news)
    except builds.StillRunningError as error:
        return _standing(work, following, Seen(error.image, eyes.executions), error.trouble)
    except builds.GoneError as error:
        raise _failed(following, f"Image {following.arn} was deleted while this task waited for it.") from error
    except ImageBuilderError as error:
        if error.code in _ENDED_CREDENTIALS:
            raise
        raise _failed(following, f"{error.explanation()} {following.again}") from error
    if images.status(image) in images.RUNNING:
        return _standing(work, following, Seen(image, eyes.executions))
    if following.repairs:
        return repaired(work, following)
    if _is_for_repair(following, image):
        return _repair(work, following, image)
    return finished(work, following, image)


class _Eyes:
    """How one look looks: for how long, and what is news to it."""

    def __init__(self, work: Work, following: Following) -> None:
        self._work = work
        self._following = following
        self.executions: Sequence[Mapping[str, Any]] = ()

    @property
    def retried(self) -> Description | None:
        """The image as it was before a retry, as long as it has not shown another state."""
        state = self._following.retried
        return {"arn": self._following.arn, "state": state} if state is not None else None

    @property
    def patience(self) -> builds.Patience:
        """How long to look. After a retry it takes several looks at the old state to believe that it is the new one."""
        interval = self._work.params["poll_interval"]
        longest = max(LOOK, (builds.POLLS_OF_AN_OLD_STATE + 1) * interval) if self.retried else LOOK
        return builds.Patience(max(0.0, min(longest, self._following.rest)), interval, clock=time.time)

    def see_news(self, image: Description) -> bool:
        """Whether an image is not as it was seen last. Nobody is told when no action prints it."""
        if self._work.params[OPTION] is None:
            return False
        self.executions = executions(self._work.session.api, str(image["arn"]), self.executions)
        return Seen(image, self.executions).mark != self._following.mark


def executions(api: Api, arn: str, known: Sequence[Mapping[str, Any]] = ()) -> Sequence[Mapping[str, Any]]:
    """The executions of an image's workflows; those that are known already where they cannot be read. An image is made without them too."""
    try:
        return builds.read_executions(api, arn)
    except ImageBuilderError:
        return known


def _standing(work: Work, following: Following, seen: Seen, trouble: ImageBuilderError | None = None) -> Result:
    """How an image stands that goes on. Raises Failed when the time is up."""
    progress = image_progress.progress(seen, following.promised, following.began)
    if following.rest <= 0:
        message = f"{seen.image['arn']} is still {images.status(seen.image)} after {work.params['wait_timeout']} seconds (wait_timeout)."
        told = f" Its last look failed: {trouble.explanation()}" if trouble else ""
        known = {**image_report.made(seen.image, following.promised), "history": image_progress.history(seen), "progress": progress}
        raise Failed(f"{message}{told} {following.again}", {**known, **following.decided})
    is_old = following.retried is not None and seen.image.get("state") == following.retried
    now = replace(following, status=images.status(seen.image), mark=seen.mark, retried=following.retried if is_old else None)
    line = image_progress.line(progress)
    return _handed_over(now, progress, f"{line}; {trouble.explanation()}" if trouble else line)


def _handed_over(following: Following, progress: Result | None, line: str) -> Result:
    return {"changed": following.decided["changed"], OPTION: following.handed_over(), "progress": progress, "line": line}


def outlast(following: Following, error: Exception, code: str, interval: float, can_renew: bool) -> Result:
    """Wait until the next look after one that saw nothing: AWS is not reached, or the credentials have ended and newer ones may come.

    Raises Failed when it makes no sense to wait for that, or the time is up.
    """
    said = error.explanation() if isinstance(error, ImageBuilderError) else str(error)
    passes = code in builds.TRANSIENT or (code in _ENDED_CREDENTIALS and can_renew)
    if not passes or following.rest <= 0:
        raise _failed(following, f"{said} {following.again}") from error
    time.sleep(max(0.0, min(interval, following.rest)))
    name = following.arn.partition(":image/")[2]
    return _handed_over(following, None, f"{name} was {following.status} and cannot be seen now, which is tried again: {said}")


def _failed(following: Following, message: str) -> Failed:
    """The failure of a task that cannot go on looking."""
    return Failed(message, {**image_report.made(following.last, following.promised), **following.decided})


def finished(work: Work, following: Following, image: Description, failures: Sequence[Failure] | None = None) -> Result:
    """The result for an image at its end, or without `wait` as it is; its policy is set then.

    Where `failures` are given, they tell whether all is well, and not what AWS says of the image. Raises Failed when the image was waited for
    and is not what it should be.
    """
    seen = Seen(image, executions(work.session.api, str(image["arn"])))
    if images.status(image) == "AVAILABLE":
        temporary.remove(work.session, image)
    change = plan(work, image)
    outcome: Result = {
        **image_report.made(image_report.with_change(image, change), following.promised),
        **following.decided,
        "history": image_progress.history(seen),
        "progress": image_progress.progress(seen, following.promised, following.began),
    }
    if work.params["wait"]:
        is_well = images.status(image) == "AVAILABLE" if failures is None else True
        known = images.all_failures(image, following.promised) if failures is None else failures
        if known or not is_well:
            told = diagnosed(work.session, work.task.targets, image, known)
            outcome["failures"] = [one.to_result() for one in told]
            raise Failed(images.failure_message(image, told, len(following.promised)), outcome)
    put_policy(work, image, change)
    return outcome


def _is_for_repair(following: Following, image: Description) -> bool:
    """Whether an image is to be repaired although AWS has retried it: the retry itself has failed at what comes after all copies."""
    is_retry = following.decided["action"] == Action.RETRY.value
    return is_retry and images.status(image) in images.UNSUCCESSFUL and failed_stage(image) == DISTRIBUTION_STAGES[-1]


def _repair(work: Work, following: Following, image: Description) -> Result:
    """Repair an image whose retry has failed, or end with that failure where it cannot be repaired."""
    try:
        started = _mender(work, following).begin(image)
    except CannotMend:
        return finished(work, following, image)
    on = replace(following, repairs=str(image["arn"]), retried=None)
    if started is None:
        return repaired(work, on)
    return _standing(work, replace(on, arn=str(started.image["arn"])), Seen(started.image))


def repaired(work: Work, following: Following) -> Result:
    """The result for a failed image once the copies that it lacked are made, or without `wait` as it is. Raises Failed when something lacks."""
    failed = builds.get_image(work.session.api, str(following.repairs))
    if failed is None:
        raise _failed(following, f"Image {following.repairs} was deleted while this task repaired it.")
    now = _mender(work, following).finish(failed)
    on = replace(following, decided={**following.decided, "changed": following.decided["changed"] or now.changed})
    if now.distribution is not None and work.params["wait"]:
        return _standing(work, replace(on, arn=str(now.distribution["arn"])), Seen(now.distribution))
    return finished(work, on, now.image, failures=images.with_untold(now.failures, now.missing))


def _mender(work: Work, following: Following) -> Mender:
    return Mender(work.session, following.promised, work.task.request.get("executionRole"), work.task.targets)
