# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""KMS: multi-Region keys, their replicas, and what each key of them has for itself; grants that are made twice."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import moto.kms.models
from moto.core.exceptions import JsonRESTError
from moto.kms.models import KmsBackend, kms_backends
from moto.kms.responses import KmsResponse

from . import replaces
from .kms import _check_policy


@replaces(moto.kms.models, "generate_key_id")
def generate_key_id(original: Callable[..., str], *args: Any, **kwargs: Any) -> str:
    """The id of a multi-Region key has no hyphens but the one behind `mrk`. moto writes a UUID there."""
    key_id = original(*args, **kwargs)
    return f"mrk-{key_id.removeprefix('mrk-').replace('-', '')}" if key_id.startswith("mrk-") else key_id


@replaces(KmsResponse, "_validate_cmk_id")
def validate_cmk_id(original: Callable[..., None], self: Any, key_id: str) -> None:
    """The key of such an id is there. moto knows the ids of its own making."""
    if key_id not in self.kms_backend.keys:
        original(self, key_id)


@replaces(KmsResponse, "replicate_key")
def replicate_key(_original: Callable[..., str], self: Any) -> str:
    """A replica is made of the primary key only, once in a Region, with the policy, description and tags of the request.

    moto makes one of any key again and again, and takes nothing of the request but the Region. All keys share which ones there are.
    """
    primary, region = self.kms_backend.keys[self._get_param("KeyId")], self._get_param("ReplicaRegion")
    if not primary.multi_region or primary.multi_region_configuration["PrimaryKey"]["Arn"] != primary.arn:
        raise JsonRESTError("UnsupportedOperationException", f"{primary.arn} is not a multi-Region primary key.")
    backend = kms_backends[primary.account_id][region]
    if primary.id in backend.keys:
        raise JsonRESTError("AlreadyExistsException", f"Cannot replicate to {region}: it already has a related multi-Region key.")
    if policy := self._get_param("Policy"):
        _check_policy(self, policy, primary.arn.replace(primary.region, region))
    replica = self.kms_backend.replicate_key(primary.id, region)
    replica.policy = policy or replica.policy
    replica.description = self._get_param("Description") or ""
    replica.multi_region_configuration = {**primary.multi_region_configuration, "MultiRegionKeyType": "REPLICA"}
    tags = self._get_param("Tags") or []
    backend.tagger.tag_resource(replica.id, tags)
    answer = {"ReplicaKeyMetadata": replica.to_dict()["KeyMetadata"], "ReplicaPolicy": replica.policy, "ReplicaTags": tags}
    return json.dumps(answer)


def _primary_of(backend: Any, key_id: str) -> Any:
    """The key that holds what all keys of a multi-Region key share."""
    key = backend.keys[key_id]
    if not key.multi_region:
        return key
    return kms_backends[key.account_id][key.multi_region_configuration["PrimaryKey"]["Region"]].keys[key.id]


@replaces(KmsBackend, "enable_key_rotation")
def enable_key_rotation(original: Callable[..., Any], self: Any, key_id: str, *args: Any, **kwargs: Any) -> Any:
    """A replica follows the rotation of its primary key. In moto each key has its own."""
    _refuse_replica(self, key_id)
    return original(self, key_id, *args, **kwargs)


@replaces(KmsBackend, "disable_key_rotation")
def disable_key_rotation(original: Callable[..., Any], self: Any, key_id: str) -> Any:
    """A replica follows the rotation of its primary key. In moto each key has its own."""
    _refuse_replica(self, key_id)
    return original(self, key_id)


def _refuse_replica(backend: Any, key_id: str) -> None:
    key = backend.keys[backend.any_id_to_key_id(key_id)]
    if _primary_of(backend, key.id) is not key:
        raise JsonRESTError("UnsupportedOperationException", f"{key.arn} is a replica key: its rotation is that of the primary key.")


@replaces(KmsBackend, "schedule_key_deletion")
def schedule_key_deletion(original: Callable[..., Any], self: Any, key_id: str, pending_window_in_days: int) -> Any:
    """A window out of 7 to 30 days is an error, a key that waits already cannot be scheduled again, and a primary key waits for its replicas.

    moto answers all of these with a success.
    """
    key = self.keys[key_id]
    if not 7 <= pending_window_in_days <= 30:
        raise JsonRESTError("ValidationException", "PendingWindowInDays must be between 7 and 30.")
    if key.key_state in ("PendingDeletion", "PendingReplicaDeletion"):
        raise JsonRESTError("KMSInvalidStateException", f"{key.arn} is pending deletion.")
    date = original(self, key_id, pending_window_in_days)
    if key.multi_region and _primary_of(self, key_id) is key and key.multi_region_configuration["ReplicaKeys"]:
        key.key_state, key.deletion_date = "PendingReplicaDeletion", None
        return None
    return date


@replaces(KmsBackend, "get_key_rotation_status")
def get_key_rotation_status(_original: Callable[..., bool], self: Any, key_id: str) -> bool:
    """A replica follows the rotation of its primary key. In moto each key has its own."""
    return bool(_primary_of(self, self.any_id_to_key_id(key_id)).key_rotation_status)


@replaces(KmsResponse, "create_grant")
def create_grant(original: Callable[..., str], self: Any) -> str:
    """A grant with the name, grantee and operations of one that is there is that one. moto makes another one."""
    wanted = [self._get_param(name) for name in ("Name", "GranteePrincipal", "Operations")]
    for grant in self.kms_backend.describe_key(self._get_param("KeyId")).grants.values():
        if wanted[0] and wanted == [grant.name, grant.grantee_principal, grant.operations]:
            return json.dumps({"GrantId": grant.id, "GrantToken": grant.token})
    return original(self)
