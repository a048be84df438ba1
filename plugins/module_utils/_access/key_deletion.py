# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The source's keys deleted, after the waiting period that KMS gives. Private to this collection.

What is encrypted with a deleted key is lost for ever, so only keys that were made here are deleted, and none that a snapshot still needs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._access import kms
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.key_work import Place, place_of
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.keys import ALIAS_TAG, KeySettings
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.errors import FleetError
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.run import Outcome
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.sessions import Client, Sessions
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import Target

_SHOWN = 10
_ENDING = ("PendingDeletion", "PendingReplicaDeletion")


@dataclass(frozen=True)
class Deletion:
    """How keys are deleted: after how many days, and in whose snapshots they are looked for besides the source's."""

    pending_window_in_days: int = 30
    snapshot_accounts: Sequence[Target] = ()


def delete_key(sessions: Sessions, settings: KeySettings, deletion: Deletion, *, check_mode: bool) -> Callable[[Target], Outcome]:
    """The function that has the key of a target's only Region deleted.

    It raises FleetError for a key that was not made here, and for one with which snapshots are encrypted. A key that waits for its deletion
    already is left to that.
    """

    def delete(target: Target) -> Outcome:
        place = place_of(sessions, target)
        found = kms.find_key(place.kms, settings, place.region)
        if found is None:
            return _outcome(place, settings, None, None)
        metadata = found[0]
        if metadata["KeyState"] in _ENDING:
            return _outcome(place, settings, metadata, None)
        _see_whether_ours(place, settings, metadata)
        _see_whether_unused(sessions, place, metadata["Arn"], deletion.snapshot_accounts)
        after = {"state": "PendingDeletion", "pending_window_in_days": deletion.pending_window_in_days}
        if not check_mode:
            kms.schedule_deletion(place.kms, metadata["Arn"], deletion.pending_window_in_days)
        return _outcome(place, settings, metadata, after)

    return delete


def _outcome(place: Place, settings: KeySettings, metadata: kms.Metadata | None, after: dict[str, Any] | None) -> Outcome:
    header = metadata["Arn"] if metadata else place.arn(settings.alias)
    before = {"state": metadata["KeyState"]} if metadata else {}
    diff = {"before": before, "after": after, "before_header": header, "after_header": header} if after else None
    result = {"key_arn": metadata["Arn"] if metadata else None, "alias_arn": None, "kms_key_id": None}
    return Outcome(place.account_id, place.target.name, region=place.region, changed=after is not None, diff=diff, result=result)


def _see_whether_ours(place: Place, settings: KeySettings, metadata: kms.Metadata) -> None:
    """Raises FleetError for a key that was not made here."""
    if kms.read_tags(place.kms, metadata["KeyId"]).get(ALIAS_TAG) == settings.alias:
        return
    raise FleetError(
        "KeyNotOurs",
        f"{metadata['Arn']} was not made here for {settings.alias} (it lacks the tag {ALIAS_TAG}), so it is not deleted here. See who needs it, and "
        f"have it deleted by its owner.",
    )


def _see_whether_unused(sessions: Sessions, place: Place, arn: str, others: Sequence[Target]) -> None:
    """Raises FleetError for a key with which snapshots of the source or of the other accounts are encrypted."""
    accounts = {target.account_id: replace(target, regions=(place.region,)) for target in [*others, place.target]}
    users = []
    for target in accounts.values():
        sessions.account_id(target)
        users += [f"{user} of {target.name}" for user in users_of_key(sessions.client(target, "ec2", place.region), arn)]
    if not users:
        return
    more = f" and {len(users) - _SHOWN} more" if len(users) > _SHOWN else ""
    raise FleetError(
        "KeyInUse",
        f"{arn} is needed to read {', '.join(users[:_SHOWN])}{more}. Nothing can be launched from them, and their data is lost, once the key is "
        f"deleted: deregister these AMIs and delete their snapshots first, or copy them with another key.",
    )


def users_of_key(ec2: Client, arn: str) -> list[str]:
    """The account's snapshots that are encrypted with a key, each with the AMI that it belongs to."""
    pages = ec2.get_paginator("describe_snapshots").paginate(OwnerIds=["self"], Filters=[{"Name": "encrypted", "Values": ["true"]}])
    snapshots = sorted(snapshot["SnapshotId"] for page in pages for snapshot in page["Snapshots"] if snapshot.get("KmsKeyId") == arn)
    if not snapshots:
        return []
    pages = ec2.get_paginator("describe_images").paginate(Owners=["self"], IncludeDisabled=True)
    images = {snapshot: image["ImageId"] for page in pages for image in page["Images"] for snapshot in _snapshots_of(image)}
    return [f"{images[snapshot]} ({snapshot})" if snapshot in images else snapshot for snapshot in snapshots]


def _snapshots_of(image: dict[str, Any]) -> list[str]:
    ids = [mapping.get("Ebs", {}).get("SnapshotId") for mapping in image.get("BlockDeviceMappings", [])]
    return [snapshot for snapshot in ids if snapshot]
