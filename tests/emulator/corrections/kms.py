# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""KMS."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

import moto.kms.responses
from moto.core.exceptions import JsonRESTError
from moto.ec2.models.elastic_block_store import EBSBackend
from moto.kms.models import KmsBackend
from moto.kms.responses import KmsResponse
from moto.utilities.utils import get_partition

from .. import access, accounts
from ..keys import resolve_key
from ..policy import MalformedPolicyError, Policy
from . import replaces

# Operations that take a key of another account, by the KMS API reference ("Cross-account use: Yes").
_CROSS_ACCOUNT = re.compile(
    r"Describe.*|Encrypt|Decrypt|ReEncrypt|GenerateDataKey.*|GetPublicKey|GetKeyRotationStatus|Sign|Verify.*|GenerateMac|.*Grant|ListGrants"
)
# Operations that take an alias in place of a key.
_TAKES_ALIAS = re.compile(r"DescribeKey|Encrypt|Decrypt|ReEncrypt|GenerateDataKey.*|GetPublicKey|Sign|Verify.*|GenerateMac")
_KEY_PARAMETER = {"CreateAlias": "TargetKeyId", "UpdateAlias": "TargetKeyId", "ReEncrypt": "DestinationKeyId"}
_MAXIMUM_POLICY_SIZE = 32 * 1024


@replaces(KmsResponse, "call_action")
def call_action(original: Callable[..., Any], self: Any) -> Any:
    """AWS evaluates the key policy, the caller's policies and grants, finds keys by ARN in any account, and none of another Region.

    moto looks for every key in the caller's own account, asks nobody, and fails with KeyError for some operations on a key ARN or a missing key.
    """
    try:
        _find_key_and_authorize(self, self._get_action())
    except JsonRESTError as error:
        return error.code, dict(error.get_headers()), error.get_body()
    return original(self)


def _find_key_and_authorize(response: Any, operation: str) -> None:
    """Point the response at the key and the account that owns it. Raises JsonRESTError when the caller may not."""
    name = _KEY_PARAMETER.get(operation, "KeyId")
    body = json.loads(response.body or "{}")
    written = body.get(name)
    if not written or operation == "ListAliases":
        return
    if "alias/" in written and not _TAKES_ALIAS.fullmatch(operation):
        raise JsonRESTError("NotFoundException", f"Invalid keyId '{written}'")
    caller = accounts.caller_of(response.get_access_key(), response.partition)
    decision = access.authorize_key(caller, _action(operation), written, _request_context(operation, body), response.region)
    if not decision.allowed:
        raise JsonRESTError(decision.code, decision.message)
    if decision.key.account_id != caller.account_id and not _CROSS_ACCOUNT.fullmatch(operation):
        reason = f"because no resource-based policy allows the {_action(operation)} action"
        message = f"User: {caller.arn} is not authorized to perform: {_action(operation)} on resource: {decision.key.arn} {reason}"
        raise JsonRESTError("AccessDeniedException", message)
    response.current_account = decision.key.account_id
    response.body = json.dumps({**body, name: decision.key.id})


def _action(operation: str) -> str:
    return "kms:ReEncryptTo" if operation == "ReEncrypt" else f"kms:{operation}"


def _request_context(operation: str, body: dict[str, Any]) -> dict[str, str | Sequence[str]]:
    encryption = body.get("EncryptionContext") or {}
    context: dict[str, str | Sequence[str]] = {f"kms:EncryptionContext:{key}": value for key, value in encryption.items()}
    if encryption:
        context["kms:EncryptionContextKeys"] = sorted(encryption)
    if operation == "CreateGrant":
        context["kms:GrantIsForAWSResource"] = "false"
        context["kms:GrantOperations"] = body.get("Operations") or []
        context["kms:GranteePrincipal"] = body.get("GranteePrincipal", "")
    return context


@replaces(moto.kms.responses, "validate_policy")
def validate_policy(_original: Callable[..., None], _key: Any, _action_name: str) -> None:
    """`call_action` above evaluates policies. moto's own look at them takes any deny as a deny to everyone."""


@replaces(KmsResponse, "create_key")
def create_key(original: Callable[..., str], self: Any) -> str:
    """AWS checks a key policy when it comes in."""
    if policy := self._get_param("Policy"):
        _check_policy(self, policy, f"arn:{self.partition}:kms:{self.region}:{self.current_account}:key/new")
    return original(self)


@replaces(KmsResponse, "put_key_policy")
def put_key_policy(original: Callable[..., str], self: Any) -> str:
    """AWS checks a key policy when it comes in."""
    key = resolve_key(self._get_param("KeyId"), self.current_account, self.region)
    _check_policy(self, self._get_param("Policy"), key.arn)
    return original(self)


def _check_policy(response: Any, text: str, key_arn: str) -> None:
    """Raise what AWS answers to a key policy that is too large, malformed, names nobody, or locks the caller out."""
    if len(text.encode()) > _MAXIMUM_POLICY_SIZE:
        raise JsonRESTError("LimitExceededException", f"The key policy is larger than {_MAXIMUM_POLICY_SIZE} bytes.")
    try:
        policy = Policy.parse(text)
    except MalformedPolicyError as error:
        raise JsonRESTError("MalformedPolicyDocumentException", f"Syntax errors in policy: {error}") from error
    for statement in policy.statements:
        if statement.principal is None and statement.not_principal is None:
            raise JsonRESTError("MalformedPolicyDocumentException", "Policy contains a statement with no principal.")
        if statement.resources is None and statement.not_resources is None:
            raise JsonRESTError("MalformedPolicyDocumentException", "Policy contains a statement with no resource.")
        names = [name for element in (statement.principal, statement.not_principal) for name in (element or {}).get("AWS", ())]
        if not all(accounts.principal_exists(name) for name in names):
            raise JsonRESTError("MalformedPolicyDocumentException", "Policy contains a statement with one or more invalid principals.")
    if not response._get_param("BypassPolicyLockoutSafetyCheck"):
        caller = accounts.caller_of(response.get_access_key(), response.partition)
        if not access.authorize(caller, "kms:PutKeyPolicy", key_arn, resource_policy=text, must_delegate=True).allowed:
            message = "The new key policy will not allow you to update the key policy in the future."
            raise JsonRESTError("MalformedPolicyDocumentException", message)


@replaces(KmsBackend, "replicate_key")
def replicate_key(original: Callable[..., Any], self: Any, key_id: str, replica_region: str) -> Any:
    """A replica has its own aliases, grants and policy (the default one). moto's replica shares the first two and copies the third."""
    replica = original(self, self.any_id_to_key_id(key_id), replica_region)
    replica.aliases, replica.grants, replica.policy = {}, {}, replica.generate_default_policy()
    return replica


@replaces(KmsBackend, "_generate_default_keys")
def generate_default_keys(original: Callable[..., str | None], self: Any, alias_name: str) -> str | None:
    """An AWS managed key (alias/aws/ebs) says so, and its policy, which nobody can change, lets only its own account use it through the service.

    moto makes a customer's key with a customer's policy.
    """
    key_id = original(self, alias_name)
    if key_id is not None:
        key, service = self.keys[key_id], {"ebs": "ec2"}.get(alias_name.removeprefix("alias/aws/"), alias_name.removeprefix("alias/aws/"))
        key.key_manager = "AWS"
        key.key_rotation_status = True
        key.policy = json.dumps(_managed_key_policy(key, f"{service}.{self.region_name}.amazonaws.com"))
    return key_id


def _managed_key_policy(key: Any, via: str) -> dict[str, Any]:
    use = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:CreateGrant", "kms:DescribeKey"]
    own = {"StringEquals": {"kms:CallerAccount": key.account_id, "kms:ViaService": via}}
    root = f"arn:{get_partition(key.region)}:iam::{key.account_id}:root"
    read = ["kms:Describe*", "kms:Get*", "kms:List*", "kms:RevokeGrant"]
    return {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": use, "Resource": "*", "Condition": own},
            {"Effect": "Allow", "Principal": {"AWS": root}, "Action": read, "Resource": "*"},
        ],
    }


@replaces(EBSBackend, "_create_default_encryption_key")
def create_default_encryption_key(_original: Callable[..., str], self: Any) -> str:
    """EC2's default key is the AWS managed key alias/aws/ebs; moto makes another key of that name."""
    arn = str(resolve_key("alias/aws/ebs", self.account_id, self.region_name).arn)
    self.default_kms_key_id = arn
    return arn
