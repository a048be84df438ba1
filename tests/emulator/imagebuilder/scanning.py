# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The packages and findings of images, in lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from . import findings, lists
from .exceptions import invalid_value, not_found
from .findings import Vulnerability
from .images import Image, own_images
from .requests import Answer, Operation, Request

if TYPE_CHECKING:
    from .models import ImageBuilderBackend


def _finding(image: Image, found: Vulnerability) -> Answer:
    """Return one finding in the API's form."""
    values = image.values
    when = datetime.fromisoformat(values["dateCreated"].replace("Z", "+00:00")).astimezone(timezone.utc)
    pipeline = {"imagePipelineArn": values["sourcePipelineArn"]} if "sourcePipelineArn" in values else {}
    package = {"name": found.package, "version": "1.0.0", "packageManager": "OS", **({"fixedInVersion": found.fixed_in} if found.fixed_in else {})}
    return {
        "awsAccountId": image.arn.account,
        "imageBuildVersionArn": str(image.arn),
        **pipeline,
        "type": "PACKAGE_VULNERABILITY",
        "title": f"{found.vulnerability_id} - {found.package}",
        "description": f"A vulnerability of {found.package}.",
        "remediation": {"recommendation": {"text": "Update the package." if found.fixed_in else "None Provided"}},
        "severity": found.severity,
        "firstObservedAt": when,
        "updatedAt": when,
        "inspectorScore": found.score,
        "packageVulnerabilityDetails": {"vulnerabilityId": found.vulnerability_id, "vulnerablePackages": [package], "source": "NVD"},
        "fixAvailable": "YES" if found.fixed_in else "NO",
    }


def _findings(backend: ImageBuilderBackend) -> list[Answer]:
    """Return the findings of all images whose test instance was scanned; those of scans on demand are EC2's to show."""
    scanned = [image for image in own_images(backend) if findings.is_scanned(image.values) and not findings.is_on_demand(image.values)]
    done = [image for image in scanned if image.describe()["scanState"]["status"] == "COMPLETED"]
    return [_finding(image, found) for image in done for found in findings.vulnerabilities(image.values)]


# Filter name: what it looks at.
_KEYS = {
    "imageBuildVersionArn": lambda one: one["imageBuildVersionArn"],
    "imagePipelineArn": lambda one: one.get("imagePipelineArn"),
    "vulnerabilityId": lambda one: one["packageVulnerabilityDetails"]["vulnerabilityId"],
    "severity": lambda one: one["severity"],
}
# Filter name: the member of an aggregation, and its key. Without a filter the account is meant.
_AGGREGATIONS = {
    "imageBuildVersionArn": ("imageAggregation", "imageBuildVersionArn"),
    "imagePipelineArn": ("imagePipelineAggregation", "imagePipelineArn"),
    "vulnerabilityId": ("vulnerabilityIdAggregation", "vulnerabilityId"),
}


def _check_filter(name: str, allowed: Iterable[str], path: str) -> None:
    if name not in allowed:
        raise invalid_value(f"{path}.name", f"The filter '{name}' is not supported. Supported filters: {', '.join(allowed)}.")


def list_findings(backend: ImageBuilderBackend, request: Request) -> Answer:
    """Return a page of findings."""
    found = _findings(backend)
    for index, wanted in enumerate(request.get("filters", [])):
        name = wanted.get("name", "")
        _check_filter(name, _KEYS, f"filters[{index}]")
        found = [one for one in found if _KEYS[name](one) in wanted.get("values", [])]
    return lists.page("ListImageScanFindings", "findings", found, request)


def list_aggregations(backend: ImageBuilderBackend, request: Request) -> Answer:
    """Return counts by severity: of the account, or of each image, pipeline or vulnerability that the filter names."""
    found = _findings(backend)
    if "filter" not in request:
        whole = {"accountAggregation": {"accountId": backend.account_id, "severityCounts": _counts(found)}}
        return {"aggregationType": "accountId", **lists.page("ListImageScanFindingAggregations", "responses", [whole], request)}
    name = request["filter"].get("name", "")
    _check_filter(name, _AGGREGATIONS, "filter")
    member, key = _AGGREGATIONS[name]
    groups = {value: [one for one in found if _KEYS[name](one) == value] for value in request["filter"].get("values", [])}
    entries = [{member: {key: value, "severityCounts": _counts(group)}} for value, group in groups.items() if group]
    return {"aggregationType": name, **lists.page("ListImageScanFindingAggregations", "responses", entries, request)}


def _counts(found: Iterable[Answer]) -> dict[str, int]:
    counts = Counter(one["severity"] for one in found)
    return {"all": sum(counts.values()), **{severity.lower(): counts[severity] for severity in ("CRITICAL", "HIGH", "MEDIUM")}}


def list_packages(backend: ImageBuilderBackend, request: Request) -> Answer:
    """Return a page of the packages of an image, which are collected at the end of the build when the image asks for enhanced metadata."""
    image = next((image for image in own_images(backend) if str(image.arn) == request["imageBuildVersionArn"]), None)
    if image is None:
        raise not_found(request["imageBuildVersionArn"])
    is_collected = image.values.get("enhancedImageMetadataEnabled") and image.delivery.output_resources()["amis"]
    names = findings.PACKAGES.get(image.values["platform"], []) if is_collected else []
    entries = [{"packageName": name, "packageVersion": f"{len(name)}.{index}.0"} for index, name in enumerate(names)]
    return {**lists.page("ListImagePackages", "imagePackageList", entries, request)}


OPERATIONS: dict[str, Operation] = {
    "ListImagePackages": list_packages,
    "ListImageScanFindings": list_findings,
    "ListImageScanFindingAggregations": list_aggregations,
}
