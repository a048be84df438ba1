# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why an image failed, in the words and shapes of the service. Pure."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

REGION_FAILURES = 256  # RegionFailureList holds no more, however many failed


class RefusedError(Exception):
    """Something on the way was not allowed or not there; the text is the cause as a failure names it."""


class NotYetError(Exception):
    """Something on the way waits for somebody or something else: it is tried again later."""


@dataclass(frozen=True)
class RegionFailure:
    """What did not arrive or was not configured, and why."""

    region: str
    account_id: str
    cause: str
    configuration_step: str = ""  # empty when the copy itself failed

    def context(self) -> dict[str, Any]:
        """Return it in the API's form."""
        step = {"imageConfigurationStep": self.configuration_step} if self.configuration_step else {}
        return {"region": self.region, "targetAccountId": self.account_id, "status": "FAILED", **step, "errorMessage": self.cause}


@dataclass(frozen=True)
class Failure:
    """Why an image failed."""

    message: str
    region_failures: Sequence[RegionFailure] = ()
    component: Mapping[str, str] | None = None  # API shape ComponentFailureContext
    job_id: str = field(default_factory=lambda: str(uuid.uuid4()))

    def reason(self, arn: str) -> str:
        """Return state.reason."""
        if not self.region_failures:
            return self.message
        return f"Distribution failed with JobId '{self.job_id}', status = 'Failed' for ARN '{arn}'. '{self.message}'"

    def context(self) -> dict[str, Any]:
        """Return what it adds to state.failureContext."""
        if self.component:
            return {"componentFailure": dict(self.component)}
        if not self.region_failures:
            return {}
        failures = [failure.context() for failure in self.region_failures[:REGION_FAILURES]]
        return {"distributionFailure": {"errorMessage": self.message, "regionFailures": failures}}


def distribution_failure(source_account_id: str, failures: Sequence[RegionFailure]) -> Failure:
    """Return the failure of a distribution: a numbered list with a cause for each account and Region."""
    causes = [
        f"{number}) {failure.cause} when distributing the image from the source account (ID: {source_account_id}) "
        f"to the destination account (ID: {failure.account_id}) in Region {failure.region}."
        for number, failure in enumerate(failures, 1)
    ]
    return Failure(" ".join(["Not all distribution jobs are completed.", *causes]), failures)
