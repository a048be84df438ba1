# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Image pipelines: what AWS refuses and adds, their schedule, and what they know of their runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from . import inputs, schedule
from .exceptions import invalid_combination, invalid_value
from .resource import Resource, timestamp

if TYPE_CHECKING:
    from .models import ImageBuilderBackend

ON_UPDATES = "EXPRESSION_MATCH_AND_DEPENDENCY_UPDATES_AVAILABLE"


def prepare(backend: ImageBuilderBackend, request: Mapping[str, Any]) -> dict[str, Any]:
    """Return what Image Builder adds to a pipeline's request. Raises the service's errors."""
    found = inputs.of(backend, request)
    added = {
        "platform": found.recipe.values["platform"],
        "enhancedImageMetadataEnabled": request.get("enhancedImageMetadataEnabled", True),
        "imageTestsConfiguration": found.tests,
        "status": request.get("status", "ENABLED"),
    }
    if "schedule" in request:
        _check_schedule(request["schedule"])
        added["schedule"] = {"pipelineExecutionStartCondition": ON_UPDATES, **request["schedule"]}
    return added


def _check_schedule(given: Mapping[str, Any]) -> None:
    if "scheduleExpression" not in given:
        raise invalid_value("schedule.scheduleExpression", "A schedule needs an expression.")
    for member, read in (("scheduleExpression", schedule.parse), ("timezone", schedule.zone_of)):
        try:
            if member in given:
                read(given[member])
        except schedule.ScheduleError as error:
            raise invalid_value(f"schedule.{member}", str(error)) from error


def check_update(pipeline: Resource, request: Mapping[str, Any]) -> None:
    """Refuse what cannot be changed: a pipeline makes AMIs or container images for good."""
    if any(member in request and member not in pipeline.values for member in inputs.RECIPES):
        raise invalid_combination("The recipe must be of the same type, image or container, as the pipeline's current recipe.")


@dataclass(frozen=True)
class Run:
    """One run of a pipeline."""

    image: Resource
    started: datetime
    is_scheduled: bool
    dependencies: frozenset[str]  # what the versions with x of its recipe meant

    @property
    def status(self) -> str:
        """The status of its image now."""
        return str(self.image.describe()["state"]["status"])


@dataclass
class Pipeline(Resource):
    """An image pipeline. Nothing runs in the background: whoever asks the service anything starts what is due."""

    runs: list[Run] = field(default_factory=list)
    counted_from: int = 0  # the runs before an update count no more
    next_run: datetime | None = None

    def __post_init__(self) -> None:
        """Look at the schedule."""
        self.plan()

    def was_updated(self) -> None:
        """Plan anew, and forget the failures."""
        self.counted_from = len(self.runs)
        self.plan()

    def plan(self) -> None:
        """Find out when it runs next."""
        given = self.values.get("schedule", {})
        self.next_run = None
        if given and self.values["status"] == "ENABLED":
            zone = schedule.zone_of(given.get("timezone", "UTC"))
            self.next_run = schedule.parse(given["scheduleExpression"]).next_after(datetime.now(timezone.utc), zone)

    @property
    def consecutive_failures(self) -> int:
        """How many scheduled runs failed since the last one that succeeded; manual failures do not count."""
        failures = 0
        for run in self.runs[self.counted_from :]:
            if run.status == "AVAILABLE":
                failures = 0
            elif run.status == "FAILED" and run.is_scheduled:
                failures += 1
        return failures

    def judge(self) -> None:
        """Disable it when too many runs in a row have failed."""
        limit = self.values.get("schedule", {}).get("autoDisablePolicy", {}).get("failureCount")
        if limit is not None and self.values["status"] == "ENABLED" and self.consecutive_failures >= limit:
            self.values["status"] = "DISABLED"
            self.plan()

    @property
    def is_due(self) -> bool:
        """Whether its next run should have begun."""
        return self.next_run is not None and self.next_run <= datetime.now(timezone.utc)

    def describe(self) -> dict[str, Any]:
        """Return its members now."""
        about = {**super().describe(), "consecutiveFailures": self.consecutive_failures}
        if self.runs:
            about |= {"dateLastRun": timestamp(self.runs[-1].started), "lastRunStatus": self.runs[-1].status}
        if self.next_run:
            about["dateNextRun"] = timestamp(self.next_run)
        return about
