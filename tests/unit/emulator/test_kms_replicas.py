# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Multi-Region keys, grants and deletion as KMS does them."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.tests.emulator.server import emulate
from botocore.exceptions import ClientError

ACCOUNT, WEST, EUROPE = "111111111111", "us-west-2", "eu-west-1"
OWNER = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}


@pytest.fixture
def emulator() -> Any:
    with emulate(accounts=[ACCOUNT]) as running:
        yield running


@pytest.fixture
def west(emulator: Any) -> Any:
    return emulator.client(ACCOUNT, "kms", WEST)


@pytest.fixture
def europe(emulator: Any) -> Any:
    return emulator.client(ACCOUNT, "kms", EUROPE)


def refused(call: Any, **options: Any) -> str:
    with pytest.raises(ClientError) as told:
        call(**options)
    return str(told.value.response["Error"]["Code"])


def make_primary(west: Any) -> str:
    return str(west.create_key(MultiRegion=True, Description="primary")["KeyMetadata"]["KeyId"])


def test_a_replica_takes_what_the_request_says(west: Any, europe: Any) -> None:
    key = make_primary(west)
    assert re.fullmatch("mrk-[0-9a-f]{32}", key)
    policy = {"Version": "2012-10-17", "Statement": [{**OWNER, "Sid": "Replica"}]}
    west.create_alias(AliasName="alias/primary", TargetKeyId=key)
    tags = [{"TagKey": "a", "TagValue": "b"}]
    answer = west.replicate_key(KeyId=key, ReplicaRegion=EUROPE, Policy=json.dumps(policy), Description="replica", Tags=tags)
    assert answer["ReplicaKeyMetadata"]["Arn"] == f"arn:aws:kms:{EUROPE}:{ACCOUNT}:key/{key}"
    assert json.loads(europe.get_key_policy(KeyId=key, PolicyName="default")["Policy"]) == policy
    assert europe.list_resource_tags(KeyId=key)["Tags"] == tags
    assert europe.describe_key(KeyId=key)["KeyMetadata"]["Description"] == "replica"
    assert refused(europe.describe_key, KeyId="alias/primary") == "NotFoundException"
    for kms, kind in ((west, "PRIMARY"), (europe, "REPLICA"), (west, "PRIMARY")):
        configuration = kms.describe_key(KeyId=key)["KeyMetadata"]["MultiRegionConfiguration"]
        assert configuration["MultiRegionKeyType"] == kind
        assert configuration["PrimaryKey"]["Region"] == WEST
        assert [replica["Region"] for replica in configuration["ReplicaKeys"]] == [EUROPE]
    assert west.list_resource_tags(KeyId=key)["Tags"] == []


def test_what_cannot_be_replicated(west: Any, europe: Any) -> None:
    key, single = make_primary(west), west.create_key()["KeyMetadata"]["KeyId"]
    west.replicate_key(KeyId=key, ReplicaRegion=EUROPE)
    assert refused(west.replicate_key, KeyId=key, ReplicaRegion=EUROPE) == "AlreadyExistsException"
    assert refused(west.replicate_key, KeyId=single, ReplicaRegion=EUROPE) == "UnsupportedOperationException"
    assert refused(europe.replicate_key, KeyId=key, ReplicaRegion="eu-central-1") == "UnsupportedOperationException"
    assert refused(west.replicate_key, KeyId=key, ReplicaRegion="eu-central-1", Policy="{}") == "MalformedPolicyDocumentException"


def test_rotation_is_that_of_the_primary_key(west: Any, europe: Any) -> None:
    key = make_primary(west)
    west.replicate_key(KeyId=key, ReplicaRegion=EUROPE)
    west.enable_key_rotation(KeyId=key)
    assert europe.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]
    assert refused(europe.enable_key_rotation, KeyId=key) == "UnsupportedOperationException"
    assert refused(europe.disable_key_rotation, KeyId=key) == "UnsupportedOperationException"


def test_a_primary_key_waits_for_its_replicas(west: Any, europe: Any) -> None:
    key, single = make_primary(west), west.create_key()["KeyMetadata"]["KeyId"]
    west.replicate_key(KeyId=key, ReplicaRegion=EUROPE)
    west.schedule_key_deletion(KeyId=key)
    assert west.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "PendingReplicaDeletion"
    assert europe.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"
    west.schedule_key_deletion(KeyId=single, PendingWindowInDays=7)
    assert refused(west.schedule_key_deletion, KeyId=single) == "KMSInvalidStateException"
    assert refused(west.schedule_key_deletion, KeyId=west.create_key()["KeyMetadata"]["KeyId"], PendingWindowInDays=6) == "ValidationException"


def test_the_same_grant_twice_is_one(west: Any) -> None:
    key = west.create_key()["KeyMetadata"]["KeyId"]
    grant = {"KeyId": key, "GranteePrincipal": f"arn:aws:iam::{ACCOUNT}:root", "Operations": ["Decrypt"]}
    assert west.create_grant(**grant, Name="a")["GrantId"] == west.create_grant(**grant, Name="a")["GrantId"]
    assert west.create_grant(**grant, Name="b")["GrantId"] != west.create_grant(**grant)["GrantId"]
    assert len(west.list_grants(KeyId=key)["Grants"]) == 3
