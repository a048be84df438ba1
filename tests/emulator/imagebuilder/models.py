# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The state of the service: the resources of one account in one Region."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from threading import RLock
from typing import TYPE_CHECKING, Any

from boto3 import Session
from moto.core.base_backend import BackendDict, BaseBackend

from . import catalogue, names
from .exceptions import not_found
from .kinds import COMPONENT, IMAGE, WORKFLOW, Kind
from .names import Arn
from .resource import Resource

if TYPE_CHECKING:
    from .lifecycle import LifecycleExecution


class ImageBuilderBackend(BaseBackend):
    """Image Builder in one account and Region. `lock` guards everything in it."""

    def __init__(self, region_name: str, account_id: str) -> None:
        super().__init__(region_name, account_id)
        self.lock = RLock()
        self.resources: dict[tuple[str, str, str], dict[str, Resource]] = {}  # by what all versions have in common, then by ARN
        self.identities: dict[str, dict[tuple[str, str, str], None]] = {}  # the keys of `resources`, by kind
        self.answers: dict[tuple[str, str], tuple[Any, dict[str, Any]]] = {}  # by operation and client token: the request and its answer
        self.lifecycle_executions: dict[str, LifecycleExecution] = {}  # by id
        self.builds: dict[str, int] = {}  # build numbers given to images; one is never given twice
        for arn, values in catalogue.components(self):
            self.add(Resource(COMPONENT, arn, values))
        for arn, values in catalogue.images(self):
            self.add(Resource(IMAGE, arn, values))
        for arn, values in catalogue.workflows(self):
            self.add(Resource(WORKFLOW, arn, values))

    def arn(self, arn_type: str, name: str, version: str = "", build: int = 0) -> Arn:
        """Return the ARN of something of this account in this Region."""
        return Arn(self.partition, self.region_name, self.account_id, arn_type, names.folded(name), version, build)

    def add(self, resource: Resource) -> None:
        """Keep a resource."""
        self.resources.setdefault(resource.arn.identity, {})[str(resource.arn)] = resource
        self.identities.setdefault(resource.kind.shape, {})[resource.arn.identity] = None

    def remove(self, resource: Resource) -> None:
        """Forget a resource."""
        self.resources[resource.arn.identity].pop(str(resource.arn))

    def versions_of(self, arn: Arn) -> list[Resource]:
        """Return all versions and builds of the thing an ARN names, oldest first."""
        return sorted(self.resources.get(arn.identity, {}).copy().values(), key=lambda resource: resource.arn.order)

    def all_of(self, kind: Kind) -> Iterator[Resource]:
        """Yield everything of a kind, Amazon's included, in the order in which it came."""
        for identity in list(self.identities.get(kind.shape, ())):
            yield from list(self.resources[identity].values())

    def find(self, arn_text: str) -> Resource:
        """Return what an ARN means: exactly that, the newest of a version with x, or the newest build. Raises the service's errors."""
        try:
            arn = Arn.parse(arn_text)
        except ValueError as error:
            raise not_found(arn_text) from error
        if (arn.partition, arn.region) != (self.partition, self.region_name):
            raise not_found(arn_text)
        exact = self.resources.get(arn.identity, {}).get(str(arn))
        if exact is not None:
            return exact
        if arn.build or not arn.version:
            raise not_found(arn_text)
        meant = [resource for resource in self.versions_of(arn) if names.matches(resource.arn.version, arn.version)]
        if not meant:
            raise not_found(arn_text)
        return meant[-1]


def _regions() -> list[str]:
    """Return EC2's Regions of all partitions; botocore lists none for this service."""
    session = Session(region_name="us-east-1")
    partitions = session.get_available_partitions()
    return list(itertools.chain.from_iterable(session.get_available_regions("ec2", partition) for partition in partitions))


imagebuilder_backends = BackendDict(ImageBuilderBackend, "imagebuilder", use_boto3_regions=False, additional_regions=_regions())
