# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Just enough of KMS, IAM and STS for the job, kept in memory. It denies nothing and checks no signature.

A full emulator would need more of the machine than the clients that are measured; this one leaves nearly all of it to them.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from .job import ORGANIZATION, POLICY_LIMIT

EPOCH = 1767225600
DATE = "2026-01-01T00:00:00Z"

Answer = dict[str, Any]


class RefusedError(Exception):
    """An error answer: AWS's code and a sentence."""

    def __init__(self, code: str, message: str) -> None:
        self.code = code
        self.message = message
        super().__init__(code, message)


@dataclass(frozen=True)
class Caller:
    """Whose credentials signed a call, and for which Region."""

    account_id: str
    region: str


@dataclass
class Key:
    """A KMS key."""

    region: str
    account_id: str
    policy: str
    description: str
    tags: dict[str, str]
    rotation: bool = False
    key_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    @property
    def arn(self) -> str:
        """The key's ARN."""
        return f"arn:aws:kms:{self.region}:{self.account_id}:key/{self.key_id}"

    def metadata(self) -> Answer:
        """What DescribeKey tells."""
        fixed = {
            "CreationDate": EPOCH,
            "Enabled": True,
            "KeyState": "Enabled",
            "KeyUsage": "ENCRYPT_DECRYPT",
            "KeySpec": "SYMMETRIC_DEFAULT",
            "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT",
            "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
            "KeyManager": "CUSTOMER",
            "Origin": "AWS_KMS",
            "MultiRegion": False,
        }
        return {**fixed, "AWSAccountId": self.account_id, "KeyId": self.key_id, "Arn": self.arn, "Description": self.description}


@dataclass
class Role:
    """An IAM role."""

    account_id: str
    name: str
    trust: str
    description: str
    tags: dict[str, str]
    managed: list[str] = field(default_factory=list)
    inline: dict[str, str] = field(default_factory=dict)

    def described(self) -> Answer:
        """What GetRole tells."""
        return {
            "Path": "/",
            "RoleName": self.name,
            "RoleId": f"AROA{self.account_id}BNCH",
            "Arn": f"arn:aws:iam::{self.account_id}:role/{self.name}",
            "CreateDate": DATE,
            "AssumeRolePolicyDocument": quote(self.trust),
            "Description": self.description,
            "MaxSessionDuration": 3600,
            "Tags": [{"Key": key, "Value": value} for key, value in self.tags.items()],
        }


class State:
    """All accounts. A method for each operation, named as AWS names it; what a method does not find it refuses as AWS does."""

    def __init__(self) -> None:
        self.keys: list[Key] = []
        self.aliases: dict[tuple[str, str], Key] = {}
        self.roles: dict[tuple[str, str], Role] = {}

    def call(self, operation: str, caller: Caller, parameters: Mapping[str, Any]) -> Answer:
        """The answer of an operation. Raises RefusedError."""
        method = getattr(self, operation, None) if operation[:1].isupper() else None
        if method is None:
            raise RefusedError("UnsupportedOperation", f"{operation} is not part of the job")
        return dict(method(caller, parameters) or {})

    def shown(self) -> Answer:
        """Everything, for the check at the end."""
        keys = [
            {
                "region": key.region,
                "arn": key.arn,
                "policy": json.loads(key.policy),
                "rotation": key.rotation,
                "aliases": sorted(alias for (_region, alias), target in self.aliases.items() if target is key),
            }
            for key in self.keys
        ]
        roles = {
            f"{role.account_id}/{role.name}": {
                "trust": json.loads(role.trust),
                "managed": sorted(role.managed),
                "inline": {name: json.loads(policy) for name, policy in role.inline.items()},
            }
            for role in self.roles.values()
        }
        return {"keys": keys, "roles": roles}

    # --- STS ---

    def GetCallerIdentity(self, caller: Caller, _parameters: Mapping[str, Any]) -> Answer:
        return {"Account": caller.account_id, "UserId": f"AIDA{caller.account_id}", "Arn": f"arn:aws:iam::{caller.account_id}:user/benchmark"}

    def AssumeRole(self, _caller: Caller, parameters: Mapping[str, Any]) -> Answer:
        account_id, name = parameters["RoleArn"].split(":")[4], parameters["RoleArn"].rpartition("/")[2]
        session = parameters["RoleSessionName"]
        credentials = {
            "AccessKeyId": f"ASIA{account_id}BNCH",
            "SecretAccessKey": "secret",
            "SessionToken": "token",
            "Expiration": "2099-01-01T00:00:00Z",
        }
        user = {"AssumedRoleId": f"AROA{account_id}BNCH:{session}", "Arn": f"arn:aws:sts::{account_id}:assumed-role/{name}/{session}"}
        return {"Credentials": credentials, "AssumedRoleUser": user}

    # --- Organizations ---

    def DescribeOrganization(self, caller: Caller, _parameters: Mapping[str, Any]) -> Answer:
        return {"Organization": {"Id": ORGANIZATION, "MasterAccountId": caller.account_id, "FeatureSet": "ALL"}}

    # --- IAM ---

    def _role(self, caller: Caller, parameters: Mapping[str, Any]) -> Role:
        name = parameters["RoleName"]
        if (caller.account_id, name) not in self.roles:
            raise RefusedError("NoSuchEntity", f"The role with name {name} cannot be found.")
        return self.roles[caller.account_id, name]

    def CreateRole(self, caller: Caller, parameters: Mapping[str, Any]) -> Answer:
        name = parameters["RoleName"]
        if (caller.account_id, name) in self.roles:
            raise RefusedError("EntityAlreadyExists", f"Role with name {name} already exists.")
        role = Role(caller.account_id, name, parameters["AssumeRolePolicyDocument"], parameters.get("Description", ""), members(parameters, "Tags"))
        self.roles[caller.account_id, name] = role
        return {"Role": role.described()}

    def GetRole(self, caller: Caller, parameters: Mapping[str, Any]) -> Answer:
        return {"Role": self._role(caller, parameters).described()}

    def UpdateAssumeRolePolicy(self, caller: Caller, parameters: Mapping[str, Any]) -> None:
        self._role(caller, parameters).trust = parameters["PolicyDocument"]

    def AttachRolePolicy(self, caller: Caller, parameters: Mapping[str, Any]) -> None:
        managed = self._role(caller, parameters).managed
        if parameters["PolicyArn"] not in managed:
            managed.append(parameters["PolicyArn"])

    def ListAttachedRolePolicies(self, caller: Caller, parameters: Mapping[str, Any]) -> Answer:
        attached = [{"PolicyArn": arn, "PolicyName": arn.rpartition("/")[2]} for arn in self._role(caller, parameters).managed]
        return {"AttachedPolicies": attached, "IsTruncated": "false"}

    def PutRolePolicy(self, caller: Caller, parameters: Mapping[str, Any]) -> None:
        self._role(caller, parameters).inline[parameters["PolicyName"]] = parameters["PolicyDocument"]

    def GetRolePolicy(self, caller: Caller, parameters: Mapping[str, Any]) -> Answer:
        name = parameters["PolicyName"]
        policy = self._role(caller, parameters).inline.get(name)
        if policy is None:
            raise RefusedError("NoSuchEntity", f"The role policy with name {name} cannot be found.")
        return {"RoleName": parameters["RoleName"], "PolicyName": name, "PolicyDocument": quote(policy)}

    def ListRolePolicies(self, caller: Caller, parameters: Mapping[str, Any]) -> Answer:
        return {"PolicyNames": sorted(self._role(caller, parameters).inline), "IsTruncated": "false"}

    def ListRoleTags(self, caller: Caller, parameters: Mapping[str, Any]) -> Answer:
        return {"Tags": self._role(caller, parameters).described()["Tags"], "IsTruncated": "false"}

    def TagRole(self, caller: Caller, parameters: Mapping[str, Any]) -> None:
        self._role(caller, parameters).tags.update(members(parameters, "Tags"))

    def ListInstanceProfilesForRole(self, caller: Caller, parameters: Mapping[str, Any]) -> Answer:
        self._role(caller, parameters)
        return {"InstanceProfiles": [], "IsTruncated": "false"}

    # --- KMS ---

    def _key(self, caller: Caller, name: str) -> Key:
        plain = name.rpartition(":")[2]
        found = self.aliases.get((caller.region, plain)) if plain.startswith("alias/") else None
        matching = [key for key in self.keys if key.region == caller.region and key.key_id == plain.removeprefix("key/")]
        if found is None and not matching:
            raise RefusedError("NotFoundException", f"{name} is not found.")
        return found or matching[0]

    def CreateKey(self, caller: Caller, parameters: Mapping[str, Any]) -> Answer:
        tags = {tag["TagKey"]: tag["TagValue"] for tag in parameters.get("Tags", [])}
        key = Key(caller.region, caller.account_id, within_limit(parameters.get("Policy", "{}")), parameters.get("Description", ""), tags)
        self.keys.append(key)
        return {"KeyMetadata": key.metadata()}

    def DescribeKey(self, caller: Caller, parameters: Mapping[str, Any]) -> Answer:
        return {"KeyMetadata": self._key(caller, parameters["KeyId"]).metadata()}

    def ListKeys(self, caller: Caller, _parameters: Mapping[str, Any]) -> Answer:
        return {"Keys": [{"KeyId": key.key_id, "KeyArn": key.arn} for key in self.keys if key.region == caller.region], "Truncated": False}

    def CreateAlias(self, caller: Caller, parameters: Mapping[str, Any]) -> None:
        alias = parameters["AliasName"]
        if (caller.region, alias) in self.aliases:
            raise RefusedError("AlreadyExistsException", f"{alias} already exists.")
        self.aliases[caller.region, alias] = self._key(caller, parameters["TargetKeyId"])

    def ListAliases(self, caller: Caller, parameters: Mapping[str, Any]) -> Answer:
        wanted = parameters.get("KeyId")
        aliases = [
            {
                "AliasName": alias,
                "AliasArn": f"arn:aws:kms:{region}:{key.account_id}:{alias}",
                "TargetKeyId": key.key_id,
                "CreationDate": EPOCH,
                "LastUpdatedDate": EPOCH,
            }
            for (region, alias), key in self.aliases.items()
            if region == caller.region and wanted in (None, key.key_id, key.arn)
        ]
        return {"Aliases": aliases, "Truncated": False}

    def GetKeyPolicy(self, caller: Caller, parameters: Mapping[str, Any]) -> Answer:
        return {"Policy": self._key(caller, parameters["KeyId"]).policy, "PolicyName": "default"}

    def PutKeyPolicy(self, caller: Caller, parameters: Mapping[str, Any]) -> None:
        self._key(caller, parameters["KeyId"]).policy = within_limit(parameters["Policy"])

    def ListKeyPolicies(self, caller: Caller, parameters: Mapping[str, Any]) -> Answer:
        self._key(caller, parameters["KeyId"])
        return {"PolicyNames": ["default"], "Truncated": False}

    def GetKeyRotationStatus(self, caller: Caller, parameters: Mapping[str, Any]) -> Answer:
        key = self._key(caller, parameters["KeyId"])
        return {"KeyRotationEnabled": key.rotation, "KeyId": key.key_id, **({"RotationPeriodInDays": 365} if key.rotation else {})}

    def EnableKeyRotation(self, caller: Caller, parameters: Mapping[str, Any]) -> None:
        self._key(caller, parameters["KeyId"]).rotation = True

    def ListResourceTags(self, caller: Caller, parameters: Mapping[str, Any]) -> Answer:
        tags = self._key(caller, parameters["KeyId"]).tags
        return {"Tags": [{"TagKey": key, "TagValue": value} for key, value in tags.items()], "Truncated": False}

    def TagResource(self, caller: Caller, parameters: Mapping[str, Any]) -> None:
        self._key(caller, parameters["KeyId"]).tags.update({tag["TagKey"]: tag["TagValue"] for tag in parameters["Tags"]})

    def ListGrants(self, caller: Caller, parameters: Mapping[str, Any]) -> Answer:
        self._key(caller, parameters["KeyId"])
        return {"Grants": [], "Truncated": False}


def within_limit(policy: str) -> str:
    """A key policy that is not too long."""
    if len(policy.encode()) > POLICY_LIMIT:
        raise RefusedError("LimitExceededException", f"The policy is longer than {POLICY_LIMIT} bytes.")
    return policy


def members(parameters: Mapping[str, Any], name: str) -> dict[str, str]:
    """Tags as the query protocol sends them: Tags.member.1.Key, Tags.member.1.Value, ..."""
    keys = {
        number: value
        for path, value in parameters.items()
        if path.startswith(f"{name}.member.") and (number := path.split(".")[2]) and path.endswith(".Key")
    }
    return {key: parameters.get(f"{name}.member.{number}.Value", "") for number, key in keys.items()}
