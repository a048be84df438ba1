# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What others than Image Builder know of a failure: the account whose copy failed, and the log of the build or test.

Image Builder says of a copy often no more than that it failed; why stands in the state reason of the AMI in that account. What cannot be read is
said, and hides no failure.

This module util is private to the collection.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.errors import FleetError
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.sessions import Sessions
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import Target
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import failure
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.client import ImageBuilderError, errors
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.compare import Description
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.failure import COPY_STEP, DISTRIBUTION_STAGES, Failure
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.session import Session

BUILD_TAG = "Ec2ImageBuilderArn"
"""Tag of every AMI that Image Builder makes, with the ARN of the image build version."""

_LINES = 30
"""How many of the last lines of a log are told."""

_AT_A_TIME = 16
_AMI_ID = re.compile(r"\bami-[0-9a-f]{8,17}\b")


def diagnosed(session: Session, targets: Sequence[Target], image: Description, failures: Sequence[Failure]) -> list[Failure]:
    """Failures with what the accounts among `targets`, the building one and the log say. Makes calls that only read, and never fails itself."""
    if session.sessions is None:
        return list(failures)
    if failure.failed_stage(image) not in DISTRIBUTION_STAGES:
        return _with_log(session, image, failures)
    own = session.account or Target(session.account_id, session.account_id)
    ways = {target.account_id: target for target in targets} | {session.account_id: own}
    witness = _Witness(session.sessions, ways, session, str(image["arn"]))
    with ThreadPoolExecutor(max_workers=_AT_A_TIME) as executor:
        return list(executor.map(witness.told, failures))


@dataclass(frozen=True)
class _Witness:
    """Looks for the AMIs of an image that failed inside their accounts."""

    sessions: Sessions
    ways: Mapping[str, Target]
    session: Session
    arn: str

    def told(self, one: Failure) -> Failure:
        """A failure with the state reason of the AMI that failed, where it can be read, and with what that means."""
        if one.step != COPY_STEP or one.account_id not in self.ways or one.region is None:
            return one
        try:
            ami = self._failed_ami(one)
        except (FleetError, ImageBuilderError) as error:
            said = error.explanation() if isinstance(error, ImageBuilderError) else str(error)
            return replace(one, remedy=f"{one.remedy} What the account itself says could not be read: {said}")
        reason = str((ami or {}).get("StateReason", {}).get("Message") or "")
        if ami is None or not reason:
            return one
        known = failure.explain(reason, one.account_id, one.region, self.session.account_id)
        cause, remedy = known or (one.cause, one.remedy)
        return replace(one, image=str(ami["ImageId"]), state_reason=reason, cause=cause, remedy=remedy)

    def _failed_ami(self, one: Failure) -> Mapping[str, Any] | None:
        """The newest AMI of the image in an account and Region that failed. Raises FleetError and ImageBuilderError."""
        target = self.ways[str(one.account_id)]
        named = _AMI_ID.search(one.message)
        chosen = {"Name": "image-id", "Values": [named[0]]} if named else {"Name": f"tag:{BUILD_TAG}", "Values": [self.arn]}
        with errors(f"look for the AMI that failed in account {one.account_id}, Region {one.region}"):
            self.sessions.account_id(None if target.account_id == self.session.account_id and self.session.account is None else target)
            client = self.sessions.client(target, "ec2", one.region)
            found = client.describe_images(Owners=["self"], Filters=[chosen, {"Name": "state", "Values": ["failed"]}])["Images"]
        return max(found, key=lambda ami: str(ami.get("CreationDate", "")), default=None)


def _with_log(session: Session, image: Description, failures: Sequence[Failure]) -> list[Failure]:
    """Failures of a build or a test, with the last lines of its log."""
    group, stream = failure.log_place(image)
    try:
        with errors(f"read stream {stream} of log group {group} {session.api.where}"):
            client = session.sessions.client(session.account, "logs", session.region) if session.sessions else None
            events = client.get_log_events(logGroupName=group, logStreamName=stream, limit=_LINES, startFromHead=False)["events"] if client else []
    except ImageBuilderError as error:
        return [replace(one, remedy=f"{one.remedy} {error.explanation()}") for one in failures]
    lines = [line for event in events for line in str(event.get("message", "")).splitlines() if line.strip()]
    return [replace(one, log=tuple(lines[-_LINES:])) for one in failures]
