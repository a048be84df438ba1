# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sending policies that name somebody whom AWS does not know yet, or no more. Private to this collection.

IAM and KMS look whether the principals of a policy exist. A role, a user or an account that was made a moment ago does not, for some seconds
("Changes that I make are not always immediately visible", IAM user guide), so that is waited for. One that was deleted never will again.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.amazon.aws.plugins.module_utils.retries import AWSRetry
from ansible_collections.golden.imagebuilder.plugins.module_utils._access import policy
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.policy import Policy
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.writing import patiently
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.errors import FleetError

_MALFORMED = ("MalformedPolicyDocument", "MalformedPolicyDocumentException")  # of IAM and of KMS, for whatever is wrong with a policy
_UNKNOWN = "invalid principal"  # what they say when it is a principal: `Invalid principal in policy: ...`, `... one or more invalid principals.`
_UNKNOWN_PRINCIPAL = "golden.imagebuilder.UnknownPrincipal"  # our own code for that, which AWS has none for


class _Retry(AWSRetry):
    """Tells unknown principals from everything else that may be wrong with a policy."""

    @staticmethod
    def status_code_from_exception(error: Any) -> str:
        """The error code."""
        return _UNKNOWN_PRINCIPAL if _is_about_principals(error) else str(AWSRetry.status_code_from_exception(error))


def _is_about_principals(error: Any) -> bool:
    about = error.response["Error"]
    return about["Code"] in _MALFORMED and _UNKNOWN in about.get("Message", "").lower()


def sending(call: Callable[..., Any], document: Policy, of: str, *codes: str) -> Callable[..., Any]:
    """The call that sends a policy of something, again for some seconds while AWS does not know a principal, or answers one of the codes.

    Raises FleetError when principals were deleted, which we may not take out of statements of others.
    """
    deleted = policy.deleted_principals(document)
    waited_for = codes if deleted else (*codes, _UNKNOWN_PRINCIPAL)

    def send(**parameters: Any) -> Any:
        try:
            return patiently(call, *waited_for, retry=_Retry)(**parameters)
        except is_boto3_error_code(list(_MALFORMED)) as error:
            if not (deleted and _is_about_principals(error)):
                raise
            raise FleetError(
                "DeletedPrincipal",
                f"AWS takes no policy of {of} as long as it names who was deleted: {'; '.join(deleted)}. These statements are not ours to change: "
                f"take the ids out of them, and run again.",
            ) from None

    return send
