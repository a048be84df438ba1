# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the AMIs of one image are to go, and where they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any

from .. import images as ec2_images
from ..access import Caller
from . import rights
from .configurations import KNOWN_PLACEHOLDER
from .rights import CREATED_BY

if TYPE_CHECKING:
    from .models import ImageBuilderBackend


@dataclass(frozen=True)
class Pair:
    """One account in one Region, and the entry of the configuration that names it."""

    entry: Mapping[str, Any]
    account_id: str

    @property
    def region(self) -> str:
        """The Region of the entry."""
        return str(self.entry["region"])

    @property
    def place(self) -> tuple[str, str]:
        """Region and account."""
        return self.region, self.account_id

    @property
    def ami(self) -> Mapping[str, Any]:
        """What the entry says about AMIs."""
        return dict(self.entry.get("amiDistributionConfiguration", {}))


def _status(ami: Any) -> str:
    """Return the state of an AMI in the API's words."""
    if ami.state == "disabled":
        return "DISABLED"
    return "DEPRECATED" if ec2_images.is_deprecated(ami) else "AVAILABLE"


@dataclass
class Delivery:
    """The AMIs of one image. It can be gone on with: what has been done is not done again."""

    backend: ImageBuilderBackend
    image: Mapping[str, Any]  # the members of the image
    caller: Caller  # the service-linked role, or the execution role
    started: datetime
    source: Any = None  # moto's Ami in the build Region, once it is built
    delivered: dict[tuple[str, str], Any] = field(default_factory=dict)  # by Region and account: moto's Ami
    configured: set[tuple[str, ...]] = field(default_factory=set)  # what of the integration is done

    @property
    def can_retry(self) -> bool:
        """Whether there is an AMI to distribute."""
        return self.source is not None

    @property
    def account_id(self) -> str:
        """The source account."""
        return str(self.backend.account_id)

    @property
    def region(self) -> str:
        """The build Region."""
        return str(self.backend.region_name)

    def caller_in(self, account_id: str) -> Caller:
        """Return who works in an account: in the source account whoever builds, elsewhere the role. Raises RefusedError."""
        if account_id == self.account_id:
            return self.caller
        return rights.distribution_role(self.caller, account_id, self.backend.partition)

    def entries(self) -> list[Mapping[str, Any]]:
        """Return the entries of the configuration as they were when the build began; without one, the build Region."""
        return list(self.image.get("distributionConfiguration", {}).get("distributions", [{"region": self.region}]))

    def source_pair(self) -> Pair:
        """Return the source account in the build Region, with the entry of that Region if there is one."""
        return Pair(next((entry for entry in self.entries() if entry["region"] == self.region), {"region": self.region}), self.account_id)

    def pairs(self) -> Iterator[Pair]:
        """Yield every account and Region that has or gets an AMI: that of the build, then the copies.

        Without target accounts, a Region means the source account there.
        """
        source = self.source_pair()
        if source.place in self.delivered:
            yield source
        for entry in self.entries():
            for account_id in entry.get("amiDistributionConfiguration", {}).get("targetAccountIds", [self.account_id]):
                pair = Pair(entry, account_id)
                if pair.place != source.place or source.place not in self.delivered:
                    yield pair

    def output_resources(self) -> dict[str, Any]:
        """Return outputResources: each AMI that is there."""
        amis = [
            {
                "region": region,
                "image": ami.id,
                "name": ami.name,
                **({"description": ami.description} if ami.description else {}),
                "accountId": account_id,
                "state": {"status": _status(ami)},
            }
            for (region, account_id), ami in list(self.delivered.items())
        ]
        return {"amis": amis, "containers": []}

    def name_for(self, pair: Pair) -> str:
        """Return the name of an AMI."""
        return self._expand(pair.ami.get("name", self.image["name"] + " {{ imagebuilder:buildDate }}"))

    def tags_for(self, pair: Pair) -> dict[str, str]:
        """Return the tags of an AMI."""
        given = {**self.image.get("imageRecipe", {}).get("amiTags", {}), **pair.ami.get("amiTags", {})}
        return {**{key: self._expand(value) for key, value in given.items()}, "CreatedBy": CREATED_BY, "Ec2ImageBuilderArn": self.image["arn"]}

    def _expand(self, text: str) -> str:
        """Replace the dynamic tags of a name or a tag's value."""
        values = {"buildDate": self.started.strftime("%Y-%m-%dT%H-%M-%S.%fZ"), "buildVersion": self.image["version"].partition("/")[2]}
        return KNOWN_PLACEHOLDER.sub(lambda found: values[found[1]], text)
