# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a failed image still lacks, and what gives it that without another build. Pure: no call is made here; `mending.py` makes them.

RetryImage mends an image in place, and is always tried first. Where AWS refuses it, accounts and Regions without a copy get one by
DistributeImage, out of a configuration that names them alone; and what was to be told of a copy that is there (a parameter, a launch template,
its launch permissions) is written directly.

Images are descriptions as GetImage answers them, in the API's own spelling. This module util is private to the collection.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.references import (
    LAUNCH_TEMPLATES,
    PARAMETERS,
    PERMISSIONS,
    Reference,
)
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.compare import Description
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.failure import DISTRIBUTION_STAGES, failed_stage
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image import UNSUCCESSFUL, Pair, delivered, status

REPAIRS_TAG = "golden.imagebuilder/repairs"
"""Tag of an image that DistributeImage made to mend another one, whose ARN is its value."""

MENDED_TAG = "golden.imagebuilder/mended"
"""Tag of a failed image that was mended: AWS goes on to call it failed."""

MOST_REGION_FAILURES = 256
"""API shape RegionFailureList: no more failures are listed, however many there were."""

# Members of a distribution that are written once the copies are there, and cannot be written from outside Image Builder.
_OTHERS = {
    "ASSOCIATE_LICENSES": ("licenseConfigurationArns", "licence configurations"),
    "UPDATE_FAST_LAUNCH_CONFIGURATIONS": ("fastLaunchConfigurations", "Fast Launch"),
    "EXPORT_AMI": ("s3ExportConfiguration", "an export to S3"),
}

Distributions = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Need:
    """What an image lacks: copies, by account and Region; what has to be said of copies that are there; and what only a build or a retry gives."""

    copies: frozenset[Pair]
    references: tuple[Reference, ...]
    others: tuple[str, ...] = ()


def source_of(image: Description) -> Pair:
    """Account and Region in which an image was built."""
    parts = str(image["arn"]).split(":")
    return Pair(parts[4], parts[3])


def image_ids(image: Description) -> dict[Pair, str]:
    """Where an image is, with the id of the AMI there."""
    account_id = source_of(image).account_id
    amis = image.get("outputResources", {}).get("amis", [])
    there = delivered(image)
    found = {Pair(ami.get("accountId") or account_id, ami["region"]): str(ami["image"]) for ami in amis if ami.get("image")}
    return {pair: image_id for pair, image_id in found.items() if pair in there}


def completed(image: Description, repairs: Iterable[Description]) -> Description:
    """An image with the AMIs, beside its own, that images which mend it have made."""
    amis = list(image.get("outputResources", {}).get("amis", []))
    known = set(image_ids(image))
    for one in repairs:
        account_id = source_of(one).account_id
        for ami in one.get("outputResources", {}).get("amis", []):
            pair = Pair(ami.get("accountId") or account_id, ami["region"])
            if pair in delivered(one) and pair not in known:
                amis = [other for other in amis if Pair(other.get("accountId") or account_id, other["region"]) != pair]
                amis.append(ami)
                known.add(pair)
    return {**image, "outputResources": {**image.get("outputResources", {}), "amis": amis}}


def needed(image: Description, promised: Iterable[Pair], repairs: Sequence[Description] = ()) -> Need:
    """What a failed image lacks of what was promised, beside what the images that mend it have made.

    These have told of their own copies when they are available. Where making copies failed, Image Builder told of none. Where telling failed,
    it lists where and at which step; of a list that is full, all is looked at.
    """
    there = image_ids(image)
    copies = frozenset(promised) - delivered(completed(image, repairs))
    distributions: Distributions = image.get("distributionConfiguration", {}).get("distributions", [])
    failed = _failed_steps(image)
    open_references = [
        reference
        for entry in distributions
        for reference in _references(entry, source_of(image), there)
        if failed is None or (reference.step, reference.account_id, reference.region) in failed
    ]
    open_references += [
        reference
        for one in repairs
        if status(one) in UNSUCCESSFUL
        for entry in one.get("distributionConfiguration", {}).get("distributions", [])
        for reference in _references(entry, source_of(one), image_ids(one))
    ]
    return Need(copies, tuple(open_references), tuple(_others(distributions, failed)))


def _failed_steps(image: Description) -> set[tuple[str, str, str]] | None:
    """Step, account and Region of everything that could not be told of copies; None when that is not known, or nothing was told at all."""
    context = image.get("state", {}).get("failureContext", {})
    failures = context.get("distributionFailure", {}).get("regionFailures", [])
    if failed_stage(image) != DISTRIBUTION_STAGES[-1] or not failures or len(failures) >= MOST_REGION_FAILURES:
        return None
    source = source_of(image)
    return {(str(one.get("imageConfigurationStep")), one.get("targetAccountId") or source.account_id, one["region"]) for one in failures}


def _references(entry: Mapping[str, Any], source: Pair, there: Mapping[Pair, str]) -> Iterator[Reference]:
    """What an entry has told of the copies that are there: parameters, launch templates and launch permissions."""
    region = str(entry["region"])
    own = there.get(Pair(source.account_id, region), "")
    for one in entry.get("launchTemplateConfigurations", []):
        account_id = one.get("accountId", source.account_id)
        image_id = there.get(Pair(account_id, region))
        if image_id:
            settings = {"set_default_version": one.get("setDefaultVersion", True)}
            # Image Builder itself puts the source's AMI there, which is then not taken for a mistake.
            yield Reference(LAUNCH_TEMPLATES, account_id, region, one["launchTemplateId"], image_id, settings, (own,) if own else ())
    for one in entry.get("ssmParameterConfigurations", []):
        account_id = one.get("amiAccountId", source.account_id)
        image_id = there.get(Pair(account_id, region))
        if image_id:
            yield Reference(PARAMETERS, account_id, region, one["parameterName"], image_id, {"data_type": one.get("dataType", "text")})
    ami = entry.get("amiDistributionConfiguration", {})
    if any(ami.get("launchPermission", {}).values()):
        for account_id in ami.get("targetAccountIds") or [source.account_id]:
            image_id = there.get(Pair(account_id, region))
            if image_id:
                yield Reference(PERMISSIONS, account_id, region, image_id, image_id, dict(ami["launchPermission"]))


def _others(distributions: Distributions, failed: set[tuple[str, str, str]] | None) -> Iterator[str]:
    for step, (member, words) in _OTHERS.items():
        for entry in distributions:
            if entry.get(member) and (failed is None or any((step, entry["region"]) == (one[0], one[2]) for one in failed)):
                yield f"{words} in {entry['region']}"


def obstacle(need: Need, execution_role: str | None, source_image: str | None, has_operation: bool = True) -> str | None:
    """Why an image cannot be mended; None when it can be.

    `source_image` is the AMI of which copies would be made, `has_operation` says that botocore knows DistributeImage.
    """
    if need.others:
        return f"Only Image Builder itself does what is missing: {', '.join(need.others)}."
    if not need.copies:
        return None
    if not execution_role:
        return "DistributeImage, which would make the missing copies alone, needs an execution_role."
    if not source_image:
        return "It has no AMI where it was built, of which copies could be made."
    return None if has_operation else "The installed botocore does not know DistributeImage yet: install a newer one."
