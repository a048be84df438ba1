# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Image pipelines. Private to this collection."""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.arns import same_role
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import Context, Finding, Related, Resource
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.rules import image_inputs

CRON_FIELDS = ("minute", "hour", "day", "month", "day of the week", "year")
_CRON = re.compile(r"cron\((.*)\)")
_RATE = re.compile(r"rate\(([1-9][0-9]*) (minute|hour|day)(s?)\)")


def rules(request: Mapping[str, Any], context: Context) -> Iterator[Finding]:
    """What CreateImagePipeline and UpdateImagePipeline refuse beside what their shapes tell."""
    yield from image_inputs(request, context, "a pipeline")
    expression = (request.get("schedule") or {}).get("scheduleExpression")
    if isinstance(expression, str):
        yield from schedule_expression(("schedule", "scheduleExpression"), expression)


def schedule_expression(path: tuple[str, ...], expression: str) -> Iterator[Finding]:
    """A schedule is a cron expression of six fields or a rate (user guide, "Use cron expressions"; Schedule.scheduleExpression)."""
    cron, rate = _CRON.fullmatch(expression), _RATE.fullmatch(expression)
    if cron and len(cron.group(1).split(" ")) != len(CRON_FIELDS):
        yield path, f"{expression!r} has {len(cron.group(1).split())} fields; six are needed, one space apart: {', '.join(CRON_FIELDS)}."
    elif rate and (rate.group(1) == "1") == bool(rate.group(3)):
        yield path, f"{expression!r} mixes one and many: rate(1 {rate.group(2)}) or rate(2 {rate.group(2)}s)."
    elif not cron and not rate:
        yield path, f"{expression!r} is neither a cron expression, as in cron(0 6 ? * mon *), nor a rate, as in rate(7 days)."


def cautions(request: Mapping[str, Any], context: Context) -> Iterator[Finding]:
    """What AWS may take, and then does something else than one would think."""
    schedule = request.get("schedule") or {}
    cron = _CRON.fullmatch(str(schedule.get("scheduleExpression")))
    if cron and len(cron.group(1).split(" ")) == len(CRON_FIELDS):
        fields = cron.group(1).split(" ")
        if (fields[2] == "?") == (fields[4] == "?"):
            yield ("schedule", "scheduleExpression"), "has to have ? for the day or for the day of the week, one of them, and says the other."
    if schedule and not schedule.get("scheduleExpression"):
        yield ("schedule",), "has no schedule_expression, so the pipeline runs only when it is started."
    if schedule.get("timezone") and not _is_known(schedule["timezone"]):
        yield ("schedule", "timezone"), f"{schedule['timezone']} is not among the IANA timezones that this host knows."


def _is_known(timezone: str) -> bool:
    """Whether a timezone exists, as far as the host has a list of them."""
    known = zoneinfo.available_timezones()
    return timezone in known or not known


IMAGE_PIPELINE = Resource(
    api_name="ImagePipeline",
    options={
        "description": {"type": "str"},
        "image_recipe_arn": {"type": "str", "aliases": ["image_recipe"]},
        "container_recipe_arn": {"type": "str", "aliases": ["container_recipe"]},
        "infrastructure_configuration_arn": {"type": "str", "aliases": ["infrastructure_configuration"]},
        "distribution_configuration_arn": {"type": "str", "aliases": ["distribution_configuration"]},
        "image_tests_configuration": {"type": "dict"},
        "enhanced_image_metadata_enabled": {"type": "bool"},
        "schedule": {"type": "dict"},
        "status": {"type": "str"},
        "image_tags": {"type": "dict"},
        "image_scanning_configuration": {"type": "dict"},
        "workflows": {"type": "list", "elements": "dict"},
        "execution_role": {"type": "str"},
        "logging_configuration": {"type": "dict"},
    },
    equal={"executionRole": same_role},
    ordered_lists=frozenset({"WorkflowConfigurationList", "WorkflowParameterValueList"}),
    defaults={
        "CreateImagePipelineRequest": {"enhancedImageMetadataEnabled": True, "status": "ENABLED"},
        "ImageTestsConfiguration": {"imageTestsEnabled": True, "timeoutMinutes": 720},
        "Schedule": {"timezone": "UTC", "pipelineExecutionStartCondition": "EXPRESSION_MATCH_AND_DEPENDENCY_UPDATES_AVAILABLE"},
        "ImageScanningConfiguration": {"imageScanningEnabled": False, "imageScanningTypes": ["TEST_INSTANCE_CVE"]},
        "ScanResultCondition": {"fixAvailable": True},
    },
    rules=rules,
    cautions=cautions,
    related={"images": Related("ListImagePipelineImages", "imagePipelineArn")},
)
