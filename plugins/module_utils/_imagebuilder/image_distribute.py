# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AMIs that are there and go to accounts and Regions without a build: what DistributeImage is asked for, and which image is the answer.

AWS makes an image of its own of each distribution, and does not say what it is called, so it is known by its fingerprint alone.

This module util is private to the collection.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import names, references, resource, rules, temporary
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.client import Api
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.compare import Description
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.fingerprint import Fingerprint
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image import (
    Action,
    Pair,
    Wanted,
    canonical_distributions,
    receivers,
)

OPERATION = "DistributeImage"

PARAMETER = "ssm:"
"""What stands before the name or the ARN of a parameter that names the AMI (documentation of DistributeImage)."""

IMAGE_ID = re.compile(r"ami-[0-9a-f]{8,17}")


def broken_rules(request: Mapping[str, Any], context: resource.Context) -> Iterator[resource.Finding]:
    """What DistributeImage refuses beside what its shape tells (from its documentation)."""
    source = str(request.get("sourceImage", ""))
    yield from rules.own_region(("distributionConfigurationArn",), request.get("distributionConfigurationArn"), "distribution configuration", context)
    if source and not IMAGE_ID.fullmatch(source) and not source.startswith(PARAMETER):
        yield from _image_rules(source, context)


def _image_rules(source: str, context: resource.Context) -> Iterator[resource.Finding]:
    """A source that is neither an AMI nor a parameter is an image, with its version."""
    forms = "an AMI's id as in ami-0123456789abcdef0, a parameter as in ssm:/web/latest, or an image as in web/1.0.0/2"
    try:
        named = names.parse(references.get_kind("Image"), source)
    except ValueError as error:
        yield ("sourceImage",), f"{error} Needed is {forms}."
        return
    if not named.version:
        yield ("sourceImage",), f"{source!r} has no version. Needed is {forms}."
    yield from rules.own_region(("sourceImage",), source, "image", context)


@dataclass(frozen=True)
class Distribution(Wanted):
    """An AMI in every account and Region that distributions name.

    `request` is that of DistributeImage without its client token. `image_id` is the AMI that its source means now, `distributions` the content
    of its configuration, `identity` the partition, Region and account of the source. `own_tags` are tags of this collection beside the
    fingerprint, `cautions` what is to be told before it is started.
    """

    image_id: str
    distributions: Sequence[Mapping[str, Any]]
    identity: tuple[str, str, str]
    own_tags: tuple[tuple[str, str], ...] = ()
    cautions: Sequence[str] = ()

    origin: ClassVar[str] = "the same AMI and the same distributions"
    making: ClassVar[Action] = Action.DISTRIBUTE

    @property
    def operation(self) -> str:
        """The operation that starts it."""
        return OPERATION

    @property
    def start_request(self) -> Mapping[str, Any]:
        """The request that starts it, without its client token, with the fingerprint among its tags."""
        return {**self.request, "tags": self.fingerprint.added_to({**self.tags, **dict(self.own_tags)})}

    @property
    def can_be_retried(self) -> bool:
        """RetryImage goes on with what failed."""
        return True

    @property
    def source_image(self) -> str:
        """The AMI that is there."""
        return self.image_id

    @property
    def image_version_arn(self) -> str:
        """AWS does not say what it is; this one is named after the AMI."""
        partition, region, account_id = self.identity
        return f"arn:{partition}:imagebuilder:{region}:{account_id}:image/{self.image_id}/1.0.0"

    @property
    def promised(self) -> frozenset[Pair]:
        """Every account and Region that gets the AMI."""
        return receivers(self.distributions, self.identity[2])

    @property
    def fingerprint(self) -> Fingerprint:
        """Which AMI it is, and where it goes and how. It does not count who copies it, nor do tags and logs."""
        return Fingerprint.of([self.image_id, canonical_distributions(self.distributions)], [])

    def is_other(self, summary: Description) -> bool:
        """A summary has the tags, and with them the fingerprint, without which no image is the one."""
        return not self.is_met_by(summary)

    @property
    def listed_by(self) -> str:
        """Nothing: AWS does not say what it calls images of distributions."""
        return ""

    def prepare(self, api: Api) -> None:
        """Have the configuration there, where it is one for this distribution alone."""
        configuration_arn = str(self.request["distributionConfigurationArn"])
        if temporary.is_temporary(configuration_arn):
            temporary.make(api, configuration_arn, self.distributions)

    def is_met_by(self, image: Description) -> bool:
        """Whether an image is a distribution of this AMI to these places. Of one without a fingerprint nobody can tell of which AMI it is."""
        return Fingerprint.read(image.get("tags")) == self.fingerprint
