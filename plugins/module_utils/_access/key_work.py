# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys of all Regions brought into the wanted state. Private to this collection.

What is wanted is computed from what is there, then written; check mode leaves out the writing and nothing else.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.golden.imagebuilder.plugins.module_utils._access import key_grants, keys, kms, policy, writing
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.common import UNKNOWN_KEY_ID
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.keys import Key, KeySettings, Organization
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.policy import Policy
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet import run
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.errors import FleetError
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.regions import partition_of
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.run import Outcome
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.sessions import Client, Sessions
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import Target


@dataclass(frozen=True)
class Place:
    """An account and one Region of it, with a client of its KMS."""

    target: Target
    account_id: str
    region: str
    kms: Client

    @property
    def partition(self) -> str:
        """The partition of the Region, which is that of the credentials: no others are taken there."""
        return partition_of(self.region)

    def arn(self, name: str) -> str:
        """The ARN of a key (key/ID) or an alias (alias/NAME) here."""
        return f"arn:{self.partition}:kms:{self.region}:{self.account_id}:{name}"


def place_of(sessions: Sessions, target: Target) -> Place:
    """The place of a target with one Region (see run.by_region)."""
    region = target.regions[0]
    return Place(target, sessions.account_id(target), region, sessions.client(target, "kms", region))


class KeyWork:
    """The work on the keys of one source; `warnings` is what the user should hear of it."""

    def __init__(self, sessions: Sessions, settings: KeySettings, *, check_mode: bool) -> None:
        self.warnings: list[str] = []
        self._sessions = sessions
        self._settings = settings
        self._check_mode = check_mode
        self._primary_arn: str | None = None
        self._has_led = False  # whether the work in the Region of the primary key has ended
        self._home: Organization | None = None
        self._asking = threading.Lock()

    def ensure(self, source: Target, regions: Sequence[str], concurrency: int) -> list[Outcome]:
        """One outcome for each Region, in their order. The primary key of a multi-Region key comes before its replicas."""
        targets = run.by_region(source, regions)
        first = [target for target in targets if target.regions[0] not in self._settings.given][: int(self._settings.multi_region)]
        done = run.run(first, self._ensure, 1, regional=True)
        self._has_led = bool(first)
        done += run.run([target for target in targets if target not in first], self._ensure, concurrency, regional=True)
        by_region = {outcome.region: outcome for outcome in done}
        return [by_region[region] for region in regions]

    def _ensure(self, target: Target, *, alias_exists: bool = False) -> Outcome:
        place = place_of(self._sessions, target)
        before = self._read(place, alias_exists=alias_exists)
        merge = self._merging(place, before)
        after = keys.wanted_key(before, merge(before.policy if before else None), self._settings, place.region, self._primary_arn)
        if self._settings.revoked_account_ids and keys.lets_organizations_in(after.policy):
            self.warnings.append(
                f"{place.region}: the key policy lets organizations in, so those of revoked_account_ids that are members of one may use the key "
                f"as before."
            )
        described = [key.described() if key else {} for key in (before, after)]
        changed = described[0] != described[1]
        arn = after.arn or place.arn(f"key/{UNKNOWN_KEY_ID}")
        if changed and not self._check_mode:
            written = self._change(place, before, after, merge) if before else self._create(place, after)
            if written is None:  # somebody made the alias meanwhile, so there is a key now
                return self._ensure(target, alias_exists=True)
            arn = written
        if self._settings.multi_region and place.region not in self._settings.given and self._primary_arn is None:
            self._primary_arn = before.primary_arn if before else arn
        return self._outcome(place, arn, described if changed else None)

    def _outcome(self, place: Place, arn: str, described: list[dict[str, Any]] | None) -> Outcome:
        alias_arn = None if place.region in self._settings.given else place.arn(self._settings.alias)
        header = alias_arn or arn
        diff = {"before": described[0], "after": described[1], "before_header": header, "after_header": header} if described else None
        result = {"key_arn": arn, "alias_arn": alias_arn, "kms_key_id": alias_arn or arn}
        return Outcome(place.account_id, place.target.name, region=place.region, changed=bool(described), diff=diff, result=result)

    # --- reading -----------------------------------------------------------------------------------------------------------------------------

    def _read(self, place: Place, *, alias_exists: bool) -> Key | None:
        """The key as it is; for a multi-Region key it has to be the one that the others belong to."""
        settings = self._settings
        primary_arn = None if self._primary_arn is None or UNKNOWN_KEY_ID in self._primary_arn else self._primary_arn
        found = kms.find_key(place.kms, settings, place.region, primary_arn, alias_exists=alias_exists)
        if settings.multi_region and place.region not in settings.given:
            self._see_whether_related(place, found[0] if found else None)
        return kms.read_key(place.kms, settings, place.account_id, place.region, found)

    def _see_whether_related(self, place: Place, metadata: kms.Metadata | None) -> None:
        alias, remedy = self._settings.alias, "give another alias, or point this one to a multi-Region key, or set multi_region to false"
        if metadata is None:
            if self._has_led and self._primary_arn is None:
                raise FleetError("NoPrimaryKey", "A replica is needed here, and there is no primary key, as its Region has failed.")
        elif kms.primary_arn_of(metadata) is None:
            raise FleetError("NotMultiRegion", f"{alias} names {metadata['Arn']}, a key of one Region, which it stays for ever: {remedy}.")
        elif self._primary_arn and metadata["KeyId"] != self._primary_arn.rsplit("/", 1)[1]:
            message = f"{alias} names {metadata['Arn']}, which does not belong to the multi-Region key {self._primary_arn}: {remedy}."
            raise FleetError("UnrelatedKey", message)

    def _merging(self, place: Place, before: Key | None) -> Callable[[Policy | None], Policy]:
        """The function that puts what is wanted into a policy."""
        settings = self._settings
        present = before.policy if before else None
        home = keys.UNKNOWN_ORGANIZATION
        if keys.needs_organization(present, settings, place.account_id, place.region):
            home = self._organization(place.target)
            if home.id:
                self.warnings.append(
                    f"{place.region}: the list of {len(settings.destination_account_ids)} accounts would be too long for a key policy, so every "
                    f"account of the organization {home.id} is allowed the key (organization_when_too_long)."
                )

        def merge(document: Policy | None) -> Policy:
            return keys.wanted_policy(document, settings, place.account_id, place.region, home)

        return merge

    def _organization(self, target: Target) -> Organization:
        """The organization of the source, asked for once for all Regions."""
        with self._asking:
            if self._home is None:
                self._home = read_organization(self._sessions.client(target, "organizations"))
            return self._home

    # --- writing -----------------------------------------------------------------------------------------------------------------------------

    def _create(self, place: Place, key: Key) -> str | None:
        """The ARN of the new key, None when another run was faster."""
        if self._settings.multi_region and self._primary_arn:
            primary = self._sessions.client(place.target, "kms", self._primary_arn.split(":")[3])
            arn = kms.replicate_key(primary, place.kms, key, place.region)
        else:
            arn = kms.create_key(place.kms, key)
        if arn and key.auto_scaling_account_ids:
            key_grants.create(place.kms, arn, place.partition, key.auto_scaling_account_ids)
        return arn

    def _change(self, place: Place, before: Key, after: Key, merge: Callable[[Policy | None], Policy]) -> str | None:
        """The ARN of the key after it was made what it is to be, None when another one got the alias meanwhile."""
        arn = str(before.arn)
        shared = writing.Shared[Policy](
            read=lambda: kms.read_policy(place.kms, arn),
            merge=merge,
            write=lambda _before, document: kms.write_policy(place.kms, arn, document),
            same=policy.equal,
        )
        attempt = None if policy.equal(before.policy, after.policy) else writing.written(shared)
        kms.write_settings(place.kms, before, after)
        self._write_grants(place, before, after)
        if before.alias != after.alias and after.alias and not kms.create_alias(place.kms, arn, after.alias):
            return None
        if attempt:
            writing.standing(shared, attempt)
        return arn

    def _write_grants(self, place: Place, before: Key, after: Key) -> None:
        present, wanted = before.auto_scaling_account_ids or frozenset(), after.auto_scaling_account_ids
        if wanted is None:
            return
        if present - wanted:
            key_grants.revoke(place.kms, str(before.arn), present - wanted)
        key_grants.create(place.kms, str(before.arn), place.partition, wanted - present)


def read_organization(organizations: Client) -> Organization:
    """The organization of the caller's account; any account of it may ask. An answer that says why it is not known is no error."""
    try:
        return Organization(id=str(organizations.describe_organization()["Organization"]["Id"]))
    except is_boto3_error_code(["AWSOrganizationsNotInUseException", "AccessDeniedException"]) as error:
        return Organization(unknown_because=run.explain(error)[1].rstrip("."))
