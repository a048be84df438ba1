# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Asking AWS whether it would create something. Private to this collection.

The eight Create operations have `dryRun`: AWS checks rights and parameters, creates nothing, and answers that it would have succeeded as an error.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import arns, lookup, schema
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.client import ALREADY_EXISTS, NOT_FOUND, ImageBuilderError
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.session import Session, warn

WOULD_SUCCEED = "DryRunOperationException"


def ask(session: Session, operation: str, request: Mapping[str, Any]) -> None:
    """Send a Create request as a dry run, where the operation has that.

    Raises ImageBuilderError for what AWS would refuse. When the request names resources of the own account that are not there yet, an earlier
    task of the same check may be what makes them: then that AWS refuses is but a warning.
    """
    if "dryRun" not in schema.input_shape(operation).members:
        return
    try:
        session.api.call(operation, **request, dryRun=True)
    except ImageBuilderError as error:
        if error.code == WOULD_SUCCEED:
            return
        missing = _missing(session, request) if _is_about_the_request(error) else []
        if not missing:
            raise
        warn(
            f"AWS cannot check the whole request {session.api.where} yet, as it names what is not there: {', '.join(missing)}. An earlier task may "
            f"be about to make it. {error.explanation()}"
        )


def _is_about_the_request(error: ImageBuilderError) -> bool:
    """Whether AWS refuses what is asked for, as opposed to who asks, how often, or what is taken."""
    return error.code != ALREADY_EXISTS and (error.code == NOT_FOUND or error.code.startswith("Invalid"))


def _missing(session: Session, request: Mapping[str, Any]) -> list[str]:
    """ARNs in a request of the own account's resources of Image Builder that do not exist."""
    partition, region, account_id = session.identity
    own = f"arn:{partition}:imagebuilder:{region}:{account_id}:"
    named = dict.fromkeys(text for text in arns.strings(request) if text.startswith(own))
    return [text for text in named if not lookup.exists(session, text)]
