# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images that are imported: what ImportVmImage and ImportDiskImage are asked for, and which image is the answer. Pure: no call is made here.

This module util is private to the collection.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import resource, rules
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.compare import Description
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.fingerprint import Fingerprint
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image import Action, Pair, Wanted
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.image import IMAGE

BUILD_TYPES = {"ImportVmImage": "IMPORT", "ImportDiskImage": "IMPORT_ISO"}
"""What the member buildType of an image says of how it was imported (API shape BuildType)."""

_ISO = re.compile(r"s3://[^/]+/.+\.(?:iso|ISO|Iso)")


def broken_rules(request: Mapping[str, Any], context: resource.Context) -> Iterator[resource.Finding]:
    """What ImportVmImage and ImportDiskImage refuse beside what their shapes tell (from their documentation)."""
    yield from rules.own_region(
        ("infrastructureConfigurationArn",), request.get("infrastructureConfigurationArn"), "infrastructure configuration", context
    )
    if "vmImportTaskId" not in request:
        yield from rules.log_groups(request, context)
    elif not str(request.get("loggingConfiguration", {}).get("logGroupName", rules.OWN_LOGS)).startswith(rules.OWN_LOGS):
        yield ("loggingConfiguration", "logGroupName"), f"has to be below {rules.OWN_LOGS} for an import of a VM."
    if "uri" in request and not _ISO.fullmatch(str(request["uri"])):
        yield ("uri",), f"{request['uri']!r} is not the place of an ISO file in S3, as in s3://BUCKET/windows-11.iso."


@dataclass(frozen=True)
class Import(Wanted):
    """An image that is made of what was built elsewhere: a disk that VM Import converts, or an ISO file of Windows.

    `kind` is the operation, ImportVmImage or ImportDiskImage, `request` its request without the client token, `identity` the partition, Region
    and account in which it is made.
    """

    kind: str
    identity: tuple[str, str, str]

    origin: ClassVar[str] = "the same name and version"
    making: ClassVar[Action] = Action.IMPORT

    @property
    def operation(self) -> str:
        """The operation that starts the import."""
        return self.kind

    @property
    def can_be_retried(self) -> bool:
        """A failed import begins anew."""
        return False

    @property
    def image_version_arn(self) -> str:
        """ARN of the image version: the import names it itself."""
        return resource.arn(IMAGE, self.identity, str(self.request["name"]), str(self.request["semanticVersion"]))

    @property
    def promised(self) -> frozenset[Pair]:
        """An import delivers to the account and Region in which it is made."""
        return frozenset({Pair(self.identity[2], self.identity[1])})

    def is_met_by(self, image: Description) -> bool:
        """Whether an image was imported the same way. What it was imported from is told by its name and version alone."""
        return bool(image.get("buildType") == BUILD_TYPES[self.kind])

    @property
    def fingerprint(self) -> Fingerprint:
        """What it is imported from, and how. Tags and logs do not count."""
        settings = {name: value for name, value in self.request.items() if name not in ("loggingConfiguration", "tags")}
        return Fingerprint.of(self.kind, settings)

    @property
    def start_request(self) -> Mapping[str, Any]:
        """The request that starts it, without its client token, with the fingerprint among its tags."""
        return {**self.request, "tags": self.fingerprint.added_to(self.tags)}
