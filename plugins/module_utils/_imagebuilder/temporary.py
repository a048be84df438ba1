# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Distribution configurations that are there for one distribution only, as DistributeImage takes distributions by no other way.

The name comes from the content, so that a run that goes on with another one's work finds what that one has made, and removes it in the end. An
image keeps the distributions it was started with, whatever becomes of the configuration.

This module util is private to the collection.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import fingerprint, resource
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.client import ALREADY_EXISTS, IN_USE, Api, ImageBuilderError
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.compare import Description
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image import canonical_distributions
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.distribution_configuration import DISTRIBUTION_CONFIGURATION
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.session import Session, warn

PREFIX = "golden-imagebuilder-temporary-"
_DESCRIPTION = "Made by golden.imagebuilder for one distribution, and removed when that has ended."

Distributions = Sequence[Mapping[str, Any]]


def arn(identity: tuple[str, str, str], distributions: Distributions, about: str) -> str:
    """The ARN of the configuration with these distributions for one purpose, `about`, whether it is there or not."""
    name = PREFIX + fingerprint.digest([about, canonical_distributions(distributions)])[:32]
    return resource.arn(DISTRIBUTION_CONFIGURATION, identity, name)


def make(api: Api, configuration_arn: str, distributions: Distributions) -> None:
    """Have the configuration there. Raises ImageBuilderError."""
    name = configuration_arn.rpartition("/")[2]
    try:
        api.call("CreateDistributionConfiguration", name=name, description=_DESCRIPTION, distributions=list(distributions))
    except ImageBuilderError as error:
        if error.code != ALREADY_EXISTS:
            raise


def is_temporary(configuration_arn: str) -> bool:
    """Whether a configuration is one of these."""
    return configuration_arn.rpartition("/")[2].startswith(PREFIX)


def remove(session: Session, image: Description) -> None:
    """Remove the configuration with which an image was distributed that has ended well, if it is one of these and there. Raises ImageBuilderError.

    Of one that has failed it stays, as AWS does not say whether a retry looks at it again. What AWS holds on to is no reason to fail.
    """
    configuration_arn = str(image.get("distributionConfiguration", {}).get("arn", ""))
    if not is_temporary(configuration_arn) or session.check_mode:
        return
    member = {DISTRIBUTION_CONFIGURATION.arn_parameter: configuration_arn}
    if session.api.find("GetDistributionConfiguration", **member) is None:
        return
    try:
        session.api.find("DeleteDistributionConfiguration", **member)
    except ImageBuilderError as error:
        if error.code != IN_USE:
            raise
        warn(f"{configuration_arn} is left, as AWS says that it is in use. The next run removes it.")
