# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One function for many accounts at a time, and exactly one outcome for each. Private to this collection."""

from __future__ import annotations

import contextlib
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

with contextlib.suppress(ImportError):  # AnsibleAWSModule says so
    from botocore.exceptions import BotoCoreError, ClientError

from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.errors import FleetError
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.sessions import noted_writes
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import Target
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.problems import Problem, format_problems

if TYPE_CHECKING:
    from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule


@dataclass(frozen=True)
class Outcome:
    """What happened in one account, or in one Region of it. `result` holds what the module returns beyond that."""

    account_id: str
    name: str
    region: str | None = None
    changed: bool = False
    failed: bool = False
    msg: str = ""
    error_code: str | None = None
    diff: dict[str, Any] | None = None
    result: dict[str, Any] = field(default_factory=dict)

    def to_result(self) -> dict[str, Any]:
        """The outcome as a module returns it: without what has no value."""
        result: dict[str, Any] = {"account_id": self.account_id, "name": self.name, "changed": self.changed, "failed": self.failed}
        optional = {"region": self.region, "msg": self.msg, "error_code": self.error_code, "diff": self.diff}
        return {**result, **{key: value for key, value in optional.items() if value}, **self.result}


def by_region(target: Target, regions: Sequence[str]) -> list[Target]:
    """The target once for each Region, for work that is done Region by Region; the credentials are shared all the same."""
    return [replace(target, regions=(region,)) for region in regions]


def run(targets: Sequence[Target], function: Callable[[Target], Outcome], concurrency: int = 16, *, regional: bool = False) -> list[Outcome]:
    """One outcome for each target, in the order of the targets, with at most `concurrency` at work at a time.

    An exception is the failed outcome of its target and touches no other; it is `changed` when something had been written before. With
    `regional` every target stands for its only Region (see `by_region`), which the outcome of an exception then names.
    """

    def one(target: Target) -> Outcome:
        region = target.regions[0] if regional else None
        with noted_writes() as written:
            try:
                return function(target)
            except Exception as error:  # whatever it is, it is this target's and must not take the others along
                return failure(target, error, region, written)

    if not targets:
        return []
    with ThreadPoolExecutor(max_workers=max(1, min(concurrency, len(targets)))) as executor:
        return list(executor.map(one, targets))


def failure(target: Target, error: Exception, region: str | None = None, written: Sequence[str] = ()) -> Outcome:
    """The outcome of a target whose work ended with an exception, after it had `written` something."""
    code, explanation = explain(error)
    place = f"{target.name} (account {target.account_id}{f', {region}' if region else ''})"
    unexpected = not isinstance(error, (FleetError, BotoCoreError, ClientError))
    result = {"exception": "".join(traceback.format_exception(error))} if unexpected else getattr(error, "result", {})
    done = f" Done before that: {', '.join(dict.fromkeys(written))}." if written else ""
    return Outcome(
        target.account_id,
        target.name,
        region=region,
        changed=bool(written),
        failed=True,
        msg=f"{place}: {explanation}{done}",
        error_code=code,
        result=result,
    )


# --- what an error means ---------------------------------------------------------------------------------------------------------------------

_NOT_ALLOWED = (
    "The credentials lack a permission: allow the action in their identity policy, and see whether a service control policy, a permissions "
    "boundary or the resource's own policy denies it."
)
_CREDENTIALS_ENDED = "The credentials have expired: get new ones and run again; what is done stays done."
_CREDENTIALS_UNKNOWN = (
    "AWS does not know these credentials: they may be deleted or mistyped, or the Region may not be enabled in this account (opt-in Regions)."
)
_NO_PRINCIPAL = (
    "A principal of the policy does not exist, or the policy is not valid: see whether each account id is right, no account is closed, and no "
    "statement of others names a role or user that was deleted (AWS shows an id such as AROA... or AIDA... in its place)."
)
_TOO_MANY = "A quota of the account is reached: remove what is not used or ask AWS for more."
_BUSY = "AWS refused because of too many calls, after several attempts: run again later, or with a lower concurrency."
_CHANGED_MEANWHILE = "Somebody else is changing the same resource: run again; what is done stays done."
_GONE = "It does not exist, or was deleted meanwhile: see whether name, account and Region are right."

REMEDIES = {
    "AccessDenied": _NOT_ALLOWED,
    "AccessDeniedException": _NOT_ALLOWED,
    "UnauthorizedOperation": _NOT_ALLOWED,
    "ExpiredToken": _CREDENTIALS_ENDED,
    "ExpiredTokenException": _CREDENTIALS_ENDED,
    "RequestExpired": _CREDENTIALS_ENDED,
    "InvalidClientTokenId": _CREDENTIALS_UNKNOWN,
    "UnrecognizedClientException": _CREDENTIALS_UNKNOWN,
    "AuthFailure": _CREDENTIALS_UNKNOWN,
    "SignatureDoesNotMatch": "The secret key does not belong to the access key, or the clock of this machine is wrong.",
    "OptInRequired": "Enable the Region in this account, or leave it out.",
    "RegionDisabledException": "Enable the Region, and STS in it, in this account.",
    "NoSuchEntity": _GONE,
    "NotFoundException": _GONE,
    "MalformedPolicyDocument": _NO_PRINCIPAL,
    "MalformedPolicyDocumentException": _NO_PRINCIPAL,
    "LimitExceeded": _TOO_MANY,
    "LimitExceededException": _TOO_MANY,
    "Throttling": _BUSY,
    "ThrottlingException": _BUSY,
    "RequestLimitExceeded": _BUSY,
    "TooManyRequestsException": _BUSY,
    "ConcurrentModification": _CHANGED_MEANWHILE,
    "EntityAlreadyExists": _CHANGED_MEANWHILE,
    "AlreadyExistsException": _CHANGED_MEANWHILE,
    "KMSInvalidStateException": "The key is not usable in its present state: enable it, or cancel its deletion.",
    "UnsupportedOperationException": "The key is of a kind that cannot do this: give a symmetric encryption key with AWS's own key material.",
    "UnmodifiableEntity": "AWS itself owns it and nobody else may change it.",
    "NoCredentialsError": "Give credentials: a profile, access keys, environment variables, or a role of the machine.",
    "PartialCredentialsError": "Access key and secret key are needed together.",
    "ProfileNotFound": "See the profiles with `aws configure list-profiles`.",
    "UnauthorizedSSOTokenError": "Sign in again with `aws sso login`.",
    "SSOTokenLoadError": "Sign in with `aws sso login`.",
    "TokenRetrievalError": "Sign in again with `aws sso login`.",
    "EndpointConnectionError": "See whether the Region exists and this machine reaches AWS (proxy, endpoint_url).",
}
"""What to do, for each of AWS's error codes and botocore's exceptions that say too little by themselves."""

_ASSUME_ROLE = (
    "The role could not be assumed: it does not exist, its trust policy does not let these credentials in (perhaps an external id is missing), "
    "or they lack sts:AssumeRole on it."
)


def explain(error: Exception) -> tuple[str, str]:
    """The code of an error for machines, and for people: what AWS said to which call, and what to do about it."""
    if isinstance(error, FleetError):
        return error.code, str(error)
    if not isinstance(error, ClientError):
        code = type(error).__name__
        remedy = REMEDIES.get(code, "")
        return code, f"{str(error) or code}{' ' + remedy if remedy else ''}" if isinstance(error, BotoCoreError) else f"{code}: {error}"
    code = str(error.response.get("Error", {}).get("Code", "Unknown"))
    said = str(error.response.get("Error", {}).get("Message", "")).strip()
    remedy = _ASSUME_ROLE if error.operation_name == "AssumeRole" and "Denied" in code else REMEDIES.get(code, "")
    sentence = f"{error.operation_name} failed with {code}: {said}" if said else f"{error.operation_name} failed with {code}"
    return code, f"{sentence.rstrip('.')}.{' ' + remedy if remedy else ''}"


# --- what fleet modules share ----------------------------------------------------------------------------------------------------------------


def fleet_argument_spec() -> dict[str, Any]:
    """The options that every fleet module has (documentation fragment golden.imagebuilder.fleet)."""
    return {"concurrency": {"type": "int", "default": 16}, "fail_on_error": {"type": "bool", "default": True}}


def targets_argument_spec() -> dict[str, Any]:
    """The option that names the accounts (documentation fragment golden.imagebuilder.fleet, targets)."""
    return {"targets": {"type": "list", "elements": "dict", "required": True}}


def refuse(module: AnsibleAWSModule, problems: Sequence[Problem]) -> None:
    """End the module, before any call is made, when there is anything wrong with its options."""
    if problems:
        errors = [{"path": problem.path, "message": problem.message} for problem in problems]
        module.fail_json(msg=format_problems(problems), errors=errors)


def finish(module: AnsibleAWSModule, outcomes: Sequence[Outcome], **result: Any) -> None:
    """End the module with all outcomes; it has failed when a target has and the user wants to hear of it here."""
    failed = [outcome for outcome in outcomes if outcome.failed]
    result["outcomes"] = [outcome.to_result() for outcome in outcomes]
    result["changed"] = any(outcome.changed for outcome in outcomes)
    if module._diff:
        result["diff"] = [outcome.diff for outcome in outcomes if outcome.diff]
    if failed and module.params["fail_on_error"]:
        lines = "\n".join(outcome.msg for outcome in failed)
        module.fail_json(msg=f"{len(failed)} of {len(outcomes)} failed:\n{lines}", **result)
    module.exit_json(**result)
