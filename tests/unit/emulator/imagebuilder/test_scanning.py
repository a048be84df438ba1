# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Packages, scans and findings of images, and the marketplace."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import BUILD_REGION, SOURCE, Clock, Factory, refused

SCAN: dict[str, Any] = {"imageScanningConfiguration": {"imageScanningEnabled": True}}
UPDATE = f"arn:aws:imagebuilder:{BUILD_REGION}:aws:component/update-linux/x.x.x"


def findings(factory: Factory, name: str = "", value: str = "") -> list[dict[str, Any]]:
    filters = {"filters": [{"name": name, "values": [value]}]} if name else {}
    pages = factory.client().get_paginator("list_image_scan_findings").paginate(**filters, PaginationConfig={"PageSize": 2})
    return [finding for page in pages for finding in page["findings"]]


def ids(found: list[dict[str, Any]]) -> list[str]:
    return [one["packageVulnerabilityDetails"]["vulnerabilityId"] for one in found]


def test_nothing_is_found_where_nothing_was_looked_for(ready: Factory) -> None:
    image = ready.build(None)
    assert "scanState" not in image
    assert findings(ready) == []


def test_findings_and_their_filters(ready: Factory) -> None:
    first, second = (ready.build(None, **SCAN)["arn"] for _image in range(2))
    assert len(findings(ready)) == 10
    of_first = findings(ready, "imageBuildVersionArn", first)
    assert ids(of_first) == ids(findings(ready, "imageBuildVersionArn", second))
    critical = findings(ready, "severity", "CRITICAL")
    assert [(one["imageBuildVersionArn"], one["severity"], one["awsAccountId"]) for one in critical] == [
        (arn, "CRITICAL", SOURCE) for arn in (first, second)
    ]
    assert critical[0]["fixAvailable"] == "YES"
    assert findings(ready, "vulnerabilityId", ids(critical)[0]) == critical
    assert findings(ready, "imagePipelineArn", f"arn:aws:imagebuilder:{BUILD_REGION}:{SOURCE}:image-pipeline/no") == []
    assert critical[0]["firstObservedAt"].year >= 2026
    message = refused("InvalidParameterValueException", ready.client().list_image_scan_findings, filters=[{"name": "title", "values": ["a"]}])
    assert "filters[0].name" in message


def test_an_updated_system_has_only_what_nobody_has_fixed(ready: Factory) -> None:
    ready.build(None, ready.recipe(name="updated", components=[{"componentArn": UPDATE}]), **SCAN)
    assert {one["fixAvailable"] for one in findings(ready)} == {"NO"}


def test_aggregations(ready: Factory) -> None:
    first = ready.build(None, **SCAN)["arn"]
    ready.build(None, **SCAN)
    client = ready.client()
    whole = client.list_image_scan_finding_aggregations()
    assert whole["aggregationType"] == "accountId"
    counts = {"all": 10, "critical": 2, "high": 2, "medium": 4}
    assert whole["responses"] == [{"accountAggregation": {"accountId": SOURCE, "severityCounts": counts}}]
    image = client.list_image_scan_finding_aggregations(filter={"name": "imageBuildVersionArn", "values": [first]})
    halves = {name: count // 2 for name, count in counts.items()}
    assert image["aggregationType"] == "imageBuildVersionArn"
    assert image["responses"] == [{"imageAggregation": {"imageBuildVersionArn": first, "severityCounts": halves}}]
    one = ids(findings(ready, "severity", "HIGH"))[0]
    (found,) = client.list_image_scan_finding_aggregations(filter={"name": "vulnerabilityId", "values": [one]})["responses"]
    expected = {"all": 2, "critical": 0, "high": 2, "medium": 0}
    assert found["vulnerabilityIdAggregation"] == {"vulnerabilityId": one, "severityCounts": expected}
    refused("InvalidParameterValueException", client.list_image_scan_finding_aggregations, filter={"name": "severity", "values": ["HIGH"]})


def test_findings_of_a_pipeline(ready: Factory) -> None:
    client = ready.client()
    request = {"imageRecipeArn": ready.recipe(), "infrastructureConfigurationArn": ready.infrastructure(), **SCAN}
    pipeline = client.create_image_pipeline(name="nightly", **request)["imagePipelineArn"]
    ready.wait(client.start_image_pipeline_execution(imagePipelineArn=pipeline)["imageBuildVersionArn"])
    ready.build(None, **SCAN)
    assert len(findings(ready, "imagePipelineArn", pipeline)) == 5
    (found,) = client.list_image_scan_finding_aggregations(filter={"name": "imagePipelineArn", "values": [pipeline]})["responses"]
    assert found["imagePipelineAggregation"]["severityCounts"]["all"] == 5


def test_the_scan_is_part_of_the_tests(slow: Factory, hours: Clock) -> None:
    arn, stopped = slow.start(None, **SCAN), slow.start(None, **SCAN)
    seen = []
    for _state in range(6):
        seen.append(slow.client().get_image(imageBuildVersionArn=arn)["image"]["scanState"]["status"])
        hours.go_on(1)
        if len(seen) == 3:
            slow.client().cancel_image_creation(imageBuildVersionArn=stopped)
    assert seen == ["PENDING"] * 3 + ["SCANNING", "COMPLETED", "COMPLETED"]
    state = slow.client().get_image(imageBuildVersionArn=stopped)["image"]["scanState"]
    assert state["status"] == "ABANDONED"
    assert {one["imageBuildVersionArn"] for one in findings(slow)} == {arn}


@pytest.mark.parametrize(
    ("condition", "components", "status"),
    [
        ({"maximumSeverityLabel": "HIGH"}, [], "FAILED"),
        ({"maximumSeverityLabel": "HIGH"}, [{"componentArn": UPDATE}], "AVAILABLE"),
        ({"maximumSeverityLabel": "LOW"}, [{"componentArn": UPDATE}], "AVAILABLE"),
        ({"maximumSeverityLabel": "LOW", "fixAvailable": False}, [{"componentArn": UPDATE}], "FAILED"),
        ({"maximumSeverityLabel": "MEDIUM", "fixAvailable": False}, [{"componentArn": UPDATE}], "AVAILABLE"),
    ],
)
def test_a_condition_on_the_scan_of_the_ami(ready: Factory, condition: dict[str, Any], components: list[Any], status: str) -> None:
    scanning = {"imageScanningEnabled": True, "imageScanningTypes": ["ON_DEMAND_AMI_CVE"], "scanResultCondition": condition}
    recipe = ready.recipe(name="scanned", **({"components": components} if components else {}))
    image = ready.build(ready.distributions(), recipe, imageScanningConfiguration=scanning)
    assert image["state"]["status"] == status
    assert len(image["outputResources"]["amis"]) == (1 if status == "FAILED" else 5)
    if status == "FAILED":
        assert image["state"]["failureContext"] == {"imageStatus": "TESTING"}
        assert "above severity" in image["state"]["reason"]
    assert findings(ready) == []  # EC2 shows those


def test_packages(ready: Factory) -> None:
    client = ready.client()
    image = ready.build(None)["arn"]
    pages = list(client.get_paginator("list_image_packages").paginate(imageBuildVersionArn=image))
    assert [len(page["imagePackageList"]) for page in pages] == [25, 5]
    names = [package["packageName"] for page in pages for package in page["imagePackageList"]]
    assert len(set(names)) == 30
    assert "openssl" in names
    without = ready.build(None, enhancedImageMetadataEnabled=False)["arn"]
    assert client.list_image_packages(imageBuildVersionArn=without)["imagePackageList"] == []
    refused("ResourceNotFoundException", client.list_image_packages, imageBuildVersionArn=image + "0")


def test_packages_are_known_when_the_build_is_done(slow: Factory, hours: Clock) -> None:
    arn = slow.start(None)
    client = slow.client()
    hours.go_on(2)
    assert not client.list_image_packages(imageBuildVersionArn=arn)["imagePackageList"]
    hours.go_on(1)
    assert client.list_image_packages(imageBuildVersionArn=arn)["imagePackageList"]


def test_deprecated_images_of_amazon_are_listed_on_request(slow: Factory) -> None:
    client = slow.client()
    usual = {image["arn"] for page in client.get_paginator("list_images").paginate(owner="Amazon") for image in page["imageVersionList"]}
    pages = client.get_paginator("list_images").paginate(owner="Amazon", includeDeprecated=True)
    every = {image["arn"] for page in pages for image in page["imageVersionList"]}
    (deprecated,) = every - usual
    assert client.get_image(imageBuildVersionArn=f"{deprecated}/1")["image"]["state"]["status"] == "DEPRECATED"


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        ({"resourceType": "COMPONENT_DATA", "resourceArn": "aws-marketplace:component/scanner/1.0.0/1"}, "ResourceNotFoundException"),
        (
            {
                "resourceType": "COMPONENT_ARTIFACT",
                "resourceArn": "aws-marketplace:component/scanner/1.0.0/1",
                "resourceLocation": "s3://bucket/artifact",
            },
            "ResourceNotFoundException",
        ),
        ({"resourceType": "COMPONENT_ARTIFACT", "resourceArn": "aws-marketplace:component/scanner/1.0.0/1"}, "InvalidRequestException"),
        ({"resourceType": "COMPONENT_DATA", "resourceArn": "aws:component/update-linux/1.0.2/1"}, "InvalidRequestException"),
        ({"resourceType": "COMPONENT_DATA", "resourceArn": f"{SOURCE}:component/no/1.0.0/1"}, "ResourceNotFoundException"),
        ({"resourceType": "EVERYTHING", "resourceArn": "aws:component/update-linux/1.0.2/1"}, "InvalidParameterValueException"),
    ],
)
def test_nobody_has_subscribed_to_anything(slow: Factory, request_: dict[str, Any], code: str) -> None:
    arn = f"arn:aws:imagebuilder:{BUILD_REGION}:{request_['resourceArn']}"
    refused(code, slow.client().get_marketplace_resource, **{**request_, "resourceArn": arn})
