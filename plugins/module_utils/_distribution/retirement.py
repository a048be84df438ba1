# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Which AMIs of an account and Region are old enough to go, and what keeps the others: pure.

What is here never lets one of the newest go, nor one that somebody uses or of which that cannot be told. Looking is in `uses`, doing in
`retiring`.

This module util is private to the collection.
"""

from __future__ import annotations

import fnmatch
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.verify import BUILD_TAG, ami_tags
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import arns
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.problems import Problem

DEPRECATED, DISABLED, DEREGISTERED = "deprecated", "disabled", "deregistered"
STATES = (DEPRECATED, DISABLED, DEREGISTERED)
"""What can become of an AMI, the mildest first."""

KEPT = "kept"

_WHOLE = ("available", "disabled")  # of the states of DescribeImages, those of an AMI that can be launched, or could be again
_IN_MAKING = ("pending", "transient")
_SOON = timedelta(minutes=5)  # how far ahead a deprecation may lie to count as done: AWS takes none for now
_NAMED = 3  # of one kind of users, how many are told by name


@dataclass(frozen=True)
class Request:
    """Whose AMIs are meant, how many stay, and what becomes of the others."""

    state: str
    keep: int
    source_account_ids: Sequence[str] = ()
    images: Collection[str] = ()
    ami_names: Sequence[str] = ()
    older_than_days: int = 0
    deprecated_for_days: int = 0
    launched_within_days: int = 0
    keep_shared: bool = True
    parameter_names: Sequence[str] = ()

    @property
    def takes_away(self) -> bool:
        """Whether nothing can be launched of a retired AMI any more, so that its users have to be looked for."""
        return self.state != DEPRECATED


@dataclass(frozen=True)
class Ami:
    """An AMI of the account. `image` is what it is a version of, `build` what it is a copy of, and `order` says how new it is."""

    id: str
    name: str
    image: str
    build: str
    order: tuple[tuple[int, ...], int, str]
    state: str
    creation_date: str
    deprecation_time: str | None = None
    last_launched_time: str | None = None
    is_protected: bool = False
    is_public: bool = False
    snapshot_ids: tuple[str, ...] = ()

    @property
    def is_tagged(self) -> bool:
        """Whether it is Image Builder's, which says the build by its ARN."""
        return self.build != self.id

    @property
    def image_name(self) -> str:
        """The image as people call it: its name, or the pattern of names."""
        return arns.split(self.build).name if self.is_tagged else self.image

    @property
    def version(self) -> str:
        """Version and build of the image, empty where nothing says them."""
        parts = arns.split(self.build) if self.is_tagged else None
        return f"{parts.version}/{parts.build}" if parts else ""


@dataclass(frozen=True)
class Stock:
    """The AMIs of an account in a Region: all of them as EC2 lists them, and those that are meant.

    `own` is what keeps each for what it is itself (see `standing`), `shared_with` who else may launch the old ones, and `unknown` why it is not
    known of all.
    """

    images: Sequence[Mapping[str, Any]]
    amis: Sequence[Ami]
    own: Mapping[str, Sequence[str]]
    shared_with: Mapping[str, Sequence[str]] = field(default_factory=dict)
    unknown: Sequence[str] = ()

    @property
    def old(self) -> list[str]:
        """Ids of those that go unless somebody uses them."""
        return [ami.id for ami in self.amis if not self.own[ami.id]]

    @property
    def shared(self) -> list[str]:
        """Ids of the old ones that somebody else may launch too."""
        public = {ami.id for ami in self.amis if ami.is_public}
        return [image_id for image_id in self.old if image_id in public or self.shared_with.get(image_id)]


@dataclass(frozen=True)
class Use:
    """Something that cannot do without an AMI, in an account of the fleet."""

    image_id: str
    kind: str
    name: str
    account_id: str
    is_parameter_of_it_alone: bool = False


@dataclass(frozen=True)
class Known:
    """What was found out about who uses the AMIs that could go.

    What is `unknown` could not be looked at. `unasked` are accounts that might use an AMI, which is shared, and could not be asked.
    """

    uses: Sequence[Use] = ()
    shared_with: Mapping[str, Sequence[str]] = field(default_factory=dict)
    unknown: Sequence[str] = ()
    unasked: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Verdict:
    """What becomes of an AMI: `action` is KEPT or the state it gets. With it go the `snapshots` and the `parameters`, where it goes at all."""

    ami: Ami
    action: str
    reasons: Sequence[str] = ()
    snapshots: Sequence[str] = ()
    parameters: Sequence[str] = ()


# --- what the user wrote ---------------------------------------------------------------------------------------------------------------------


def request_problems(request: Request) -> list[Problem]:
    """Everything that is wrong with a request, before anybody is asked."""
    problems = []
    if not request.source_account_ids and not request.ami_names:
        problems.append(Problem("source_account_ids", "nothing says which AMIs are meant: give source_account_ids, ami_names or both."))
    if request.images and not request.source_account_ids:
        problems.append(Problem("images", "has a meaning only together with source_account_ids."))
    if request.keep < 1:
        problems.append(Problem("keep", f"{request.keep} would leave nothing to launch; at least 1 is kept."))
    for option in ("older_than_days", "deprecated_for_days", "launched_within_days"):
        if getattr(request, option) < 0:
            problems.append(Problem(option, "cannot be negative; 0 turns it off."))
    if request.deprecated_for_days and not request.takes_away:
        problems.append(Problem("deprecated_for_days", "has no meaning with state deprecated: what is deprecated already is left as it is."))
    if request.parameter_names and request.state != DEREGISTERED:
        problems.append(Problem("parameter_names", "parameters are deleted with state deregistered only."))
    return problems


# --- which AMIs they are ---------------------------------------------------------------------------------------------------------------------


def amis_of(images: Iterable[Mapping[str, Any]], request: Request) -> list[Ami]:
    """Of the images that DescribeImages lists, those that the request is for."""
    parsed = (_ami(image, request) for image in images)
    return [ami for ami in parsed if ami is not None]


def _ami(image: Mapping[str, Any], request: Request) -> Ami | None:
    identity = _identity(image, request)
    if identity is None:
        return None
    name, build, order = identity
    return Ami(
        id=image["ImageId"],
        name=str(image.get("Name", "")),
        image=name,
        build=build,
        order=(*order, str(image.get("CreationDate", ""))),
        state=str(image.get("State", "")),
        creation_date=str(image.get("CreationDate", "")),
        deprecation_time=image.get("DeprecationTime"),
        last_launched_time=image.get("LastLaunchedTime"),
        is_protected=str(image.get("DeregistrationProtection") or "disabled") != "disabled",
        is_public=bool(image.get("Public")),
        snapshot_ids=snapshot_ids(image),
    )


def _identity(image: Mapping[str, Any], request: Request) -> tuple[str, str, tuple[tuple[int, ...], int]] | None:
    """The image that an AMI is of, its build, and how new that is among the others; None when the request is not for it."""
    arn = ami_tags(image).get(BUILD_TAG, "")
    parts = arns.split(arn)
    is_known = parts.build and arn.split(":")[4:5] and arn.split(":")[4] in request.source_account_ids
    if is_known and (not request.images or parts.name in request.images):
        return parts.base, arn, (arns.version_of(arn).order, int(parts.build))
    name = str(image.get("Name", ""))
    pattern = next((pattern for pattern in request.ami_names if matches(name, pattern)), None)
    return None if pattern is None else (pattern, image["ImageId"], ((), 0))


def matches(name: str, pattern: str) -> bool:
    """Whether a name is of a pattern, in which `*` stands for any text and `?` for any character, as in EC2's filters; capitals count."""
    return fnmatch.fnmatchcase(name, pattern.replace("[", "[[]"))


def snapshot_ids(image: Mapping[str, Any]) -> tuple[str, ...]:
    """The snapshots behind an image of DescribeImages."""
    found = (mapping.get("Ebs", {}).get("SnapshotId") for mapping in image.get("BlockDeviceMappings", []))
    return tuple(snapshot for snapshot in found if snapshot)


# --- which of them are old -------------------------------------------------------------------------------------------------------------------


def newest_builds(amis: Iterable[Ami], keep: int) -> set[str]:
    """The newest builds of each image, those that can be launched before others.

    So where anything can be launched at all, the newest of it is among them, and a build that failed takes nobody's place.
    """
    builds: dict[str, list[str]] = {}
    for ami in sorted(amis, key=lambda ami: (ami.state == "available", ami.order), reverse=True):
        of_image = builds.setdefault(ami.image, [])
        if ami.state in _WHOLE and ami.build not in of_image:
            of_image.append(ami.build)
    return {build for of_image in builds.values() for build in of_image[:keep]}


def standing(amis: Sequence[Ami], request: Request, now: datetime) -> dict[str, list[str]]:
    """By id, why an AMI stays for what it is itself. Without any reason it is old, and goes unless somebody uses it."""
    newest = newest_builds(amis, request.keep)
    return {ami.id: list(_own_reasons(ami, newest, request, now)) for ami in amis}


def _own_reasons(ami: Ami, newest: Collection[str], request: Request, now: datetime) -> Iterable[str]:
    if ami.build in newest:
        yield "is the newest" if request.keep == 1 else f"is one of the {request.keep} newest"
    yield from _reasons_of_state(ami, request, now)
    if request.older_than_days and not _is_before(ami.creation_date, now - timedelta(days=request.older_than_days)):
        yield f"is not older than {request.older_than_days} days"
    if request.deprecated_for_days and not _is_before(ami.deprecation_time, now - timedelta(days=request.deprecated_for_days)):
        yield f"has not been deprecated for {request.deprecated_for_days} days"
    if request.state == DEREGISTERED and ami.is_protected:
        yield "is protected from being deregistered"


def _reasons_of_state(ami: Ami, request: Request, now: datetime) -> Iterable[str]:
    """Why an AMI in its state cannot get the one that is wanted, or has it."""
    if ami.state in _IN_MAKING:
        yield f"is being made (its state is {ami.state})"
    elif request.state == DEREGISTERED:
        return
    elif ami.state not in _WHOLE:
        yield f"is {ami.state}, and can only be deregistered"
    elif ami.state == "disabled":
        yield "is disabled already"
    elif request.state == DEPRECATED and _is_before(ami.deprecation_time, now + _SOON):
        yield "is deprecated already"


def _is_before(moment: str | None, limit: datetime) -> bool:
    """Whether a time of DescribeImages lies before another. One that is not there does not."""
    return bool(moment) and datetime.fromisoformat(str(moment).replace("Z", "+00:00")) < limit


# --- which of these nobody uses --------------------------------------------------------------------------------------------------------------


def verdicts(stock: Stock, known: Known, request: Request, now: datetime) -> list[Verdict]:
    """What becomes of each AMI, those of an image together, the newest first."""
    reasons = {ami.id: stock.own[ami.id] or list(_reasons_of_users(ami, known, request, now)) for ami in stock.amis}
    going = {image_id for image_id, found in reasons.items() if not found}
    staying = {snapshot for image in stock.images if image["ImageId"] not in going for snapshot in snapshot_ids(image)}
    ordered = sorted(sorted(stock.amis, key=lambda ami: ami.order, reverse=True), key=lambda ami: ami.image)
    return [_verdict(ami, reasons[ami.id], staying, known, request) for ami in ordered]


def _verdict(ami: Ami, reasons: Sequence[str], staying: Collection[str], known: Known, request: Request) -> Verdict:
    if reasons:
        return Verdict(ami, KEPT, reasons)
    if request.state != DEREGISTERED:
        return Verdict(ami, request.state)
    snapshots = [snapshot for snapshot in ami.snapshot_ids if snapshot not in staying]
    return Verdict(ami, DEREGISTERED, (), snapshots, sorted(use.name for use in known.uses if use.image_id == ami.id))


def _reasons_of_users(ami: Ami, known: Known, request: Request, now: datetime) -> Iterable[str]:
    """Why an AMI that is old stays all the same."""
    if not request.takes_away:
        return
    uses = [use for use in known.uses if use.image_id == ami.id and not _goes_along(use, request)]
    yield from _told(uses)
    shared_with = ["everybody"] if ami.is_public else known.shared_with.get(ami.id, [])
    if shared_with and request.keep_shared:
        yield f"is shared with {', '.join(shared_with)}"
    if (
        request.launched_within_days
        and ami.last_launched_time
        and not _is_before(ami.last_launched_time, now - timedelta(days=request.launched_within_days))
    ):
        yield f"was launched within the last {request.launched_within_days} days"
    yield from (f"may be used by account {account}, which could not be asked" for account in known.unasked.get(ami.id, []))
    yield from (f"may be in use: {problem}" for problem in known.unknown)


def _goes_along(use: Use, request: Request) -> bool:
    """Whether a user of an AMI is a parameter that is to go with it."""
    return use.is_parameter_of_it_alone and any(matches(use.name, pattern) for pattern in request.parameter_names)


def _told(uses: Sequence[Use]) -> Iterable[str]:
    """The users in words, a few of each kind by their names."""
    for kind, number in Counter(use.kind for use in uses).items():
        names = sorted(use.name for use in uses if use.kind == kind)
        more = f" and {number - _NAMED} more" if number > _NAMED else ""
        yield f"is used by {kind} {', '.join(names[:_NAMED])}{more}"


def builds_gone(results: Iterable[Mapping[str, Any]]) -> list[str]:
    """The builds of Image Builder of which nothing is left: every AMI that was looked at is deregistered.

    :param results: what a module returns of each AMI, of all accounts and Regions.
    """
    actions: dict[str, set[str]] = {}
    for result in results:
        actions.setdefault(result["image_build_version_arn"], set()).add(result["action"])
    return sorted(build for build, taken in actions.items() if build and taken == {DEREGISTERED})
