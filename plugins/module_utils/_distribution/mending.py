# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Failed images are mended where RetryImage does not: see `repair.py`, which decides what is needed.

    mender = Mender(session, wanted.promised, execution_role, targets)
    mended = mender.look(image)   # before RetryImage: None when nothing has mended it yet, so that it is to be retried
    run = mender.begin(image)     # when `look` tells of more to do, or AWS refused RetryImage; raises CannotMend, and a build is left
    ...                           # follow the image of the run, if there is one, to its end
    mended = mender.finish(image)

`Mended.image` has the AMIs of all images that mend it. It stays FAILED at AWS, so what tells is `Mended.is_complete`.

This module util is private to the collection.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

with contextlib.suppress(ImportError):  # AnsibleAWSModule says so
    from botocore.exceptions import BotoCoreError, ClientError

from ansible_collections.golden.imagebuilder.plugins.module_utils._access.statements import ROLE_NAME
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution import repair
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.reduction import only
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.references import Reference, Writer
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.repair import MENDED_TAG, REPAIRS_TAG, Need
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet import run
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.errors import FleetError
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.sessions import Sessions
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import Target
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import builds, failure, schema, temporary
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import image as images
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.client import ImageBuilderError
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.compare import Description
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.failure import Failure
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image import RUNNING, Action, Decision, Pair
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image_distribute import OPERATION, Distribution
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.session import Session, warn


class CannotMend(Exception):  # noqa: N818 - it says what is wrong, as the name of a refusal
    """An image cannot be mended; says why."""


@dataclass(frozen=True)
class Mended:
    """How an image stands that is mended in another way than by RetryImage.

    `image` is its description with the AMIs of all that mends it, `distribution` the image that makes copies for it at this moment, if one
    does, `failures` what could not be done, `missing` the accounts and Regions that have no copy yet.
    """

    image: Description
    reason: str
    changed: bool = False
    distribution: Description | None = None
    failures: Sequence[Failure] = ()
    missing: frozenset[Pair] = frozenset()

    @property
    def is_complete(self) -> bool:
        """Whether the image is now in every account and Region, and everything is told of it."""
        return not (self.failures or self.missing or self.distribution)


@dataclass(frozen=True)
class Mender:
    """Mends images of one session's account and Region.

    Other accounts are entered by `targets`, which names the ways in, and those that are not in it by Image Builder's own role there.
    """

    session: Session
    promised: Collection[Pair]
    execution_role: str | None = None
    targets: Sequence[Target] = ()
    source_image: str | None = None  # the AMI of which copies are made; that of the image where it was built by default

    # --- looking

    def look(self, image: Description) -> Mended | None:
        """How an image stands that failed while it was distributed; None when nothing has mended it, so that it is to be retried.

        What it tells to be incomplete is gone on with by `begin`. Raises ImageBuilderError.
        """
        repairs = self._repairs(image)
        if not repairs and MENDED_TAG not in image.get("tags", {}):
            return None
        seen = self._seen(image, repairs)
        if seen.is_complete:
            self._tidy([image, *repairs])  # a run that was cut off could not
        return seen

    def _seen(self, image: Description, repairs: Sequence[Description]) -> Mended:
        """An image with all that mends it. What is not told of copies is known to be told only when the image is marked as mended."""
        whole = repair.completed(image, repairs)
        running = next((one for one in repairs if images.status(one) in RUNNING), None)
        missing = frozenset(self.promised) - images.delivered(whole)
        if running is not None:
            return Mended(whole, f"{running['arn']} makes the copies that {image['arn']} lacks", distribution=running, missing=missing)
        if missing or MENDED_TAG not in image.get("tags", {}):
            untold = [] if missing else [_untold(image)]
            return Mended(whole, f"{image['arn']} is not mended yet", missing=missing, failures=untold)
        return Mended(whole, f"{image['arn']} failed and was mended: it is in every account and Region")

    def _repairs(self, image: Description) -> list[Description]:
        """The images that mend another one, newest first. Nothing tells how AWS calls them, so all images of the account are listed."""
        summaries = [one for one in builds.list_builds(self.session.api, "") if one.get("tags", {}).get(REPAIRS_TAG) == image["arn"]]
        newest_first = sorted(summaries, key=lambda one: (str(one.get("dateCreated", "")), str(one["arn"])), reverse=True)
        found = [builds.get_image(self.session.api, one["arn"]) for one in newest_first]
        return [one for one in found if one is not None and images.status(one) != "DELETED"]

    # --- mending

    def begin(self, image: Description) -> builds.Run | None:
        """Have the copies made that an image lacks: the image that makes them, to be followed; None when it lacks none.

        Raises CannotMend before anything is written, and ImageBuilderError.
        """
        repairs = self._repairs(image)
        need = repair.needed(image, self.promised, repairs)
        role = self.execution_role or image.get("executionRole")
        why = repair.obstacle(need, role, self._source(image), OPERATION in schema.service_model().operation_names)
        if why:
            raise CannotMend(why)
        return self._distribute(image, repairs, need, str(role)) if need.copies else None

    def finish(self, image: Description) -> Mended:
        """Once no image makes copies any more: tell of all copies that are there, and say how the image stands. Raises ImageBuilderError.

        What still runs is left to run, and nothing is written.
        """
        repairs = self._repairs(image)
        if any(images.status(one) in RUNNING for one in repairs):
            return self._seen(image, repairs)
        missing = frozenset(self.promised) - images.delivered(repair.completed(image, repairs))
        if not missing and MENDED_TAG in image.get("tags", {}):
            return self._seen(image, repairs)
        failures = _uncopied(repairs[0], missing) if repairs else []
        # Last, and once: with Image Builder's own role it cannot be read whether it was done before.
        untold, told = self._tell(repair.needed(image, self.promised, repairs).references)
        return self._ended(image, repairs, [*failures, *untold], told)

    def _ended(self, image: Description, repairs: Sequence[Description], failures: Sequence[Failure], changed: bool) -> Mended:
        """How the image stands in the end. It is marked as mended when it is, as AWS itself goes on to call it failed."""
        whole = repair.completed(image, repairs)
        missing = frozenset(self.promised) - images.delivered(whole)
        mended = Mended(whole, f"{image['arn']} was mended without another build", changed, None, failures, missing)
        if not mended.is_complete:
            return mended
        self._tidy([image, *repairs])
        return replace(mended, changed=self._mark(image) or changed)

    def _distribute(self, image: Description, repairs: Sequence[Description], need: Need, role: str) -> builds.Run:
        """Have the copies made that are missing: by what makes them already, by a retry of what has failed to, or by a new distribution."""
        api = self.session.api
        newest = next(iter(repairs), None)
        if newest is not None and images.status(newest) in RUNNING:
            return builds.Run(Decision(Action.ATTACH, newest, f"{newest['arn']} makes the missing copies"), newest)
        if newest is not None and images.status(newest) in images.UNSUCCESSFUL and builds.retry_image(api, str(newest["arn"])) is None:
            return builds.Run(Decision(Action.RETRY, newest, f"{newest['arn']} is to make the missing copies"), newest)
        wanted = self._distribution(image, need.copies, role)
        decision = Decision(Action.DISTRIBUTE, None, f"{len(need.copies)} copies of {image['arn']} are missing")
        return builds.carry_out(api, wanted, builds.Standing(repairs, decision))

    def _distribution(self, image: Description, pairs: frozenset[Pair], role: str) -> Distribution:
        """The distribution of an image to some accounts and Regions, as its configuration had it when it was built."""
        distributions = only(image["distributionConfiguration"]["distributions"], pairs, self.session.account_id)
        arn = temporary.arn(self.session.identity, distributions, str(image["arn"]))
        image_id = str(self._source(image))
        logs = {"loggingConfiguration": image["loggingConfiguration"]} if image.get("loggingConfiguration") else {}
        request = {"sourceImage": image_id, "distributionConfigurationArn": arn, "executionRole": role, **logs}
        return Distribution(request, image_id, distributions, self.session.identity, ((REPAIRS_TAG, str(image["arn"])),))

    def _source(self, image: Description) -> str | None:
        """The AMI of which copies are made."""
        return self.source_image or repair.image_ids(image).get(repair.source_of(image))

    def _tidy(self, distributions: Sequence[Description]) -> None:
        """Remove the configurations that distributions were made with."""
        for one in distributions:
            temporary.remove(self.session, one)

    def _mark(self, image: Description) -> bool:
        """Mark an image as mended, and tell whether that could be done: without the mark the next run looks at everything anew."""
        try:
            self.session.api.call("TagResource", resourceArn=image["arn"], tags={MENDED_TAG: "yes"})
        except ImageBuilderError as error:
            warn(f"{image['arn']} is mended and cannot be marked as such, so the next run looks at all of it again. {error.explanation()}")
            return False
        return True

    # --- telling of copies that are there

    def _tell(self, references: Sequence[Reference]) -> tuple[list[Failure], bool]:
        """Write what is to tell of copies. Returns what could not be written, and whether anything was."""
        places = list(dict.fromkeys((one.account_id, one.region) for one in references))
        targets = [replace(self._target(account_id), regions=(region,)) for account_id, region in places]
        of_place = {place: [one for one in references if (one.account_id, one.region) == place] for place in places}
        outcomes = run.run(targets, lambda target: self._tell_one(target, of_place[target.account_id, target.regions[0]]), regional=True)
        failures = [one for outcome in outcomes for one in outcome.result.get("failures", [])]
        return failures, any(outcome.changed for outcome in outcomes)

    def _tell_one(self, target: Target, references: Sequence[Reference]) -> run.Outcome:
        """Write what is to tell of one copy; what cannot be written keeps nothing else from being written."""
        region = target.regions[0]
        sessions = self._sessions(target)
        writer = Writer(lambda service: sessions.client(target, service, region), reads=target.assume_role_arn != ROLE_NAME)
        failures, changed = [], False
        for reference in references:
            try:
                changed = writer.write(reference).changed or changed
            except (ClientError, BotoCoreError, FleetError) as error:
                failures.append(self._failure(reference, error))
        return run.Outcome(target.account_id, target.name, region=region, changed=changed, result={"failures": failures})

    def _target(self, account_id: str) -> Target:
        """The way into an account."""
        known = next((target for target in self.targets if target.account_id == account_id), None)
        if known is not None or account_id == self.session.account_id:
            return known or self.session.account or Target(account_id, account_id)
        return Target(account_id, account_id, assume_role_arn=ROLE_NAME)

    def _sessions(self, target: Target) -> Sessions:
        """Sessions to enter an account with: Image Builder's role lets in those who work in the source account."""
        sessions = self.session.sessions
        if sessions is None:
            raise FleetError("NoSessions", "This session knows of no other account.")
        return sessions.within(self.session.account) if target.assume_role_arn == ROLE_NAME else sessions

    def _failure(self, reference: Reference, error: Exception) -> Failure:
        """What could not be written, in the form of what Image Builder could not."""
        _code, explanation = run.explain(error)
        known = failure.explain(explanation, reference.account_id, reference.region, self.session.account_id)
        cause, remedy = known or (f"{reference.kind.capitalize()} {reference.name} could not be written.", "See what AWS said, and run again.")
        return Failure(reference.account_id, reference.region, reference.step, explanation, cause, remedy)


def _uncopied(distribution: Description, missing: Collection[Pair]) -> list[Failure]:
    """Why accounts and Regions got no copy from a distribution that has ended."""
    failures = images.all_failures(distribution, missing) if missing else []
    return [one for one in failures if one.account_id is None or (one.account_id, one.region) in missing]


def _untold(image: Description) -> Failure:
    """What lacks where every copy is there, but not known to be told of."""
    source = repair.source_of(image)
    cause = "Every copy is there, but parameters, launch templates and permissions may not be written yet."
    return Failure(source.account_id, source.region, failure.DISTRIBUTION_STAGES[-1], "no message", cause, "Run again to write them.")
