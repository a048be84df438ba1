# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Retire old AMIs in all accounts and Regions of a fleet: list them, look for who uses them, and let go what nobody uses.

The three steps are taken by all accounts together, as an AMI can be used by another account than its owner's. What `retirement` decides is
done AMI by AMI, in an order that another run can take up at any point: the parameters first, so that none ever names an AMI that is gone.

This module util is private to the collection.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Any, Generic, TypeVar

with contextlib.suppress(ImportError):  # AnsibleAWSModule says so
    import botocore.exceptions

from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution import retirement
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.dependents import MOST_NAMES, chunks, listed
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.retirement import Known, Request, Stock, Use, Verdict
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.uses import Onlooker
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet import run
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.run import Outcome
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.sessions import Client, Sessions, noted_writes
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import Target
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.problems import Problem

Place = tuple[str, str]
"""Account and Region."""

Found = TypeVar("Found")

_AHEAD = timedelta(minutes=1)  # EC2 takes no time of deprecation that is past, and rounds to minutes
_GONE = ("InvalidAMIID.NotFound", "InvalidAMIID.Unavailable", "InvalidSnapshot.NotFound")
_USED_BY_ANOTHER = "InvalidSnapshot.InUse"


@dataclass(frozen=True)
class Step(Generic[Found]):
    """What came of one step in each place where it did not fail, and the outcomes of those where it did."""

    found: Mapping[Place, Found]
    failures: Mapping[Place, Outcome]


def targets_problems(targets: Sequence[Target]) -> list[Problem]:
    """Every account has to say its Regions: there is no other way to know where its AMIs are."""
    lacking = [index for index, target in enumerate(targets) if not target.regions]
    return [Problem(f"targets[{index}].regions", f"{targets[index].name}: is required here.") for index in lacking]


def retire(sessions: Sessions, targets: Sequence[Target], request: Request, concurrency: int, *, check_mode: bool) -> list[Outcome]:
    """One outcome for each Region of each account, in the order of the targets. With `check_mode`, of what would be done.

    An account or Region that cannot be asked is failed and touches no other, except that AMIs shared with it stay.
    """
    places = [place for target in targets for place in run.by_region(target, target.regions)]
    now = datetime.now(timezone.utc)
    stocks = _step(places, lambda target: _take_stock(sessions, target, request, now), concurrency)
    wanted = {_place(target): _wanted(_place(target), stocks.found, request) for target in places}
    looks = _step([one for one in places if wanted[_place(one)]], lambda target: _look(sessions, target, wanted[_place(target)]), concurrency)
    failures = {**stocks.failures, **looks.failures}

    def finish(target: Target) -> Outcome:
        known = _known(_place(target), stocks.found[_place(target)], looks.found, failures)
        return Worker(sessions, target, request, now, check_mode).work(stocks.found[_place(target)], known)

    able = [target for target in places if _place(target) not in failures]
    done = dict(zip(map(_place, able), run.run(able, finish, concurrency, regional=True), strict=True))
    return [failures.get(_place(target)) or done[_place(target)] for target in places]


def _place(target: Target) -> Place:
    return target.account_id, target.regions[0]


def _step(targets: Sequence[Target], function: Callable[[Target], Found], concurrency: int) -> Step[Found]:
    """A function for each target's only Region, at the same time."""
    found: dict[Place, Found] = {}

    def one(target: Target) -> Outcome:
        found[_place(target)] = function(target)
        return Outcome(target.account_id, target.name)

    outcomes = run.run(targets, one, concurrency, regional=True)
    return Step(found, {_place(target): outcome for target, outcome in zip(targets, outcomes, strict=True) if outcome.failed})


# --- looking ---------------------------------------------------------------------------------------------------------------------------------


def _take_stock(sessions: Sessions, target: Target, request: Request, now: datetime) -> Stock:
    """The account's own AMIs in a Region, also those that nobody can launch at the moment."""
    sessions.account_id(target)
    onlooker = Onlooker.of(sessions, target)
    images = list(listed(onlooker.ec2, "describe_images", "Images", Owners=["self"], IncludeDeprecated=True, IncludeDisabled=True))
    amis = retirement.amis_of(images, request)
    stock = Stock(images, amis, retirement.standing(amis, request, now))
    if not request.takes_away:
        return stock
    shared_with = {image_id: onlooker.shared_with(image_id) for image_id in stock.old}
    return replace(stock, shared_with=shared_with, unknown=tuple(onlooker.unknown))


def _wanted(place: Place, stocks: Mapping[Place, Stock], request: Request) -> list[str]:
    """The AMIs of whose users an account is asked: its own old ones, and those of others that it may launch, as far as being shared keeps none."""
    if not request.takes_away:
        return []
    own = stocks[place].old if place in stocks else []
    if request.keep_shared:
        return list(own)
    others = (stock for (account, region), stock in stocks.items() if region == place[1] and account != place[0])
    return [*own, *(image_id for stock in others for image_id in stock.shared)]


def _look(sessions: Sessions, target: Target, image_ids: Sequence[str]) -> Known:
    """Who uses these AMIs."""
    onlooker = Onlooker.of(sessions, target)
    uses = onlooker.uses(image_ids)
    return Known(uses, unknown=tuple(onlooker.unknown))


def _known(place: Place, stock: Stock, looks: Mapping[Place, Known], failures: Mapping[Place, Outcome]) -> Known:
    """What all accounts know of who uses the AMIs of a place.

    What another account could not be asked matters to AMIs that are shared, and to no others.
    """
    own = looks.get(place, Known())
    others = {account: look for (account, region), look in looks.items() if region == place[1] and account != place[0]}
    blind = {account for account, region in failures if region == place[1]} | {account for account, look in others.items() if look.unknown}
    return Known(
        uses=[*own.uses, *(_of_another(use) for look in others.values() for use in look.uses)],
        shared_with=stock.shared_with,
        unknown=[*stock.unknown, *own.unknown],
        unasked=dict.fromkeys(stock.shared, sorted(blind)),
    )


def _of_another(use: Use) -> Use:
    """A use as it is told in an account other than its own, which deletes nothing of it."""
    return replace(use, name=f"{use.name} of account {use.account_id}", is_parameter_of_it_alone=False)


# --- doing -----------------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Worker:
    """Does in one account and Region what was decided, AMI by AMI; one that fails does not stop the next."""

    sessions: Sessions
    target: Target
    request: Request
    now: datetime
    check_mode: bool

    def work(self, stock: Stock, known: Known) -> Outcome:
        """The outcome: what became, or with check mode would become, of each AMI. It fails for what failed, and for what could not be looked at."""
        verdicts = retirement.verdicts(stock, known, self.request, self.now)
        with noted_writes() as written:
            errors = {verdict.ami.id: self._error_of(verdict) for verdict in verdicts}
        problems = [f"{image_id}: {error}" for image_id, error in errors.items() if error] + [
            f"{one} Nothing is retired there." for one in known.unknown
        ]
        place = f"{self.target.name} (account {self.target.account_id}, {self.target.regions[0]})"
        done = [verdict for verdict in verdicts if verdict.action != retirement.KEPT and not errors[verdict.ami.id]]
        return Outcome(
            self.target.account_id,
            self.target.name,
            region=self.target.regions[0],
            changed=bool(done or written),
            failed=bool(problems),
            msg="\n".join(f"{place}: {problem}" for problem in problems),
            diff=self._diff(done),
            result={"amis": [self._result(verdict, errors[verdict.ami.id]) for verdict in verdicts]},
        )

    def _error_of(self, verdict: Verdict) -> str:
        """Do what was decided of an AMI; what went wrong, empty when nothing did."""
        try:
            self._do(verdict)
        except (botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError) as error:
            return run.explain(error)[1]
        return ""

    def _do(self, verdict: Verdict) -> None:
        ec2 = self.sessions.client(self.target, "ec2", self.target.regions[0])
        image_id = verdict.ami.id
        if verdict.action == retirement.DEREGISTERED:
            self._deregister(ec2, verdict)
        elif self.check_mode:
            return
        elif verdict.action == retirement.DISABLED:
            ec2.disable_image(ImageId=image_id)
        elif verdict.action == retirement.DEPRECATED:
            ec2.enable_image_deprecation(ImageId=image_id, DeprecateAt=datetime.now(timezone.utc) + _AHEAD)

    def _deregister(self, ec2: Client, verdict: Verdict) -> None:
        """Deregister an AMI with its snapshots and parameters.

        EC2 deletes what snapshots it may and says nothing of the others, which nobody would find again. So each right is asked for before.
        """
        image_id = verdict.ami.id
        _ask_whether(ec2.deregister_image, ImageId=image_id)
        for snapshot_id in verdict.snapshots:
            _ask_whether(ec2.delete_snapshot, SnapshotId=snapshot_id)
        if self.check_mode:
            return
        self._delete_parameters(verdict)
        answer: Mapping[str, Any] = {}
        with _gone_is_fine():
            answer = ec2.deregister_image(ImageId=image_id, DeleteAssociatedSnapshots=True)
        results = {result["SnapshotId"]: result["ReturnCode"] for result in answer.get("DeleteSnapshotResults", [])}
        for snapshot_id in verdict.snapshots:
            if results.get(snapshot_id) not in ("success", "skipped"):
                with _gone_is_fine(_USED_BY_ANOTHER):
                    ec2.delete_snapshot(SnapshotId=snapshot_id)

    def _delete_parameters(self, verdict: Verdict) -> None:
        """Delete the parameters that still name the AMI: Image Builder may have written the id of a new one meanwhile."""
        ssm = self.sessions.client(self.target, "ssm", self.target.regions[0])
        for names in chunks(verdict.parameters, MOST_NAMES):
            still = [one["Name"] for one in ssm.get_parameters(Names=names)["Parameters"] if one["Value"] == verdict.ami.id]
            if still:
                ssm.delete_parameters(Names=still)

    def _diff(self, done: Sequence[Verdict]) -> dict[str, Any] | None:
        if not done:
            return None
        before = {verdict.ami.id: _shown(verdict, verdict.ami.state) for verdict in done}
        after = {verdict.ami.id: _shown(verdict, verdict.action) for verdict in done if verdict.action != retirement.DEREGISTERED}
        region = self.target.regions[0]
        return {"before": before, "after": after, "before_header": region, "after_header": region}

    def _result(self, verdict: Verdict, error: str) -> dict[str, Any]:
        """What a module returns of an AMI."""
        ami = verdict.ami
        return {
            "account_id": self.target.account_id,
            "account": self.target.name,
            "region": self.target.regions[0],
            "image": ami.image_name,
            "version": ami.version,
            "image_build_version_arn": ami.build if ami.is_tagged else "",
            "image_id": ami.id,
            "name": ami.name,
            "state": ami.state,
            "creation_date": ami.creation_date,
            "action": "failed" if error else verdict.action,
            "reasons": [error] if error else list(verdict.reasons),
            "snapshots": list(verdict.snapshots),
            "parameters": list(verdict.parameters),
        }


def _shown(verdict: Verdict, state: str) -> dict[str, Any]:
    """An AMI in a difference."""
    extra = {"snapshots": list(verdict.snapshots), "parameters": list(verdict.parameters)} if verdict.action == retirement.DEREGISTERED else {}
    return {"name": verdict.ami.name, "state": state, **extra}


def _ask_whether(call: Callable[..., Any], **request: Any) -> None:
    """Ask EC2 whether it would do it, by a dry run. Raises ClientError when it would not; what is gone already needs no doing."""
    with _gone_is_fine("DryRunOperation"):
        call(**request, DryRun=True)


@contextlib.contextmanager
def _gone_is_fine(*others: str) -> Iterator[None]:
    """Let the errors pass that say that there is nothing to do any more, and others by their codes."""
    try:
        yield
    except botocore.exceptions.ClientError as error:
        if error.response["Error"]["Code"] not in (*_GONE, *others):
            raise
