# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Workflows that accounts write themselves, and Amazon's."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from .conftest import BUILD_REGION, SOURCE, Factory, refused

DOCUMENT = """
name: approve
schemaVersion: 1.0
parameters:
  - {name: wait, type: boolean, default: true, description: whether to wait}
  - {name: topic, type: string}
  - {name: names, type: stringList, default: [a, b]}
steps:
  - {name: Launch, action: LaunchInstance, onFailure: Abort, inputs: {waitFor: ssmAgent}}
  - {name: Wait, action: WaitForAction}
"""


def create(client: Any, name: str = "My Approval", version: str = "1.0.0", **more: Any) -> str:
    request = {"name": name, "semanticVersion": version, "type": "TEST", **more}
    return str(client.create_workflow(**request if "uri" in more else {"data": DOCUMENT, **request})["workflowBuildVersionArn"])


def test_life(client: Any) -> None:
    arn = create(client, tags={"a": "b"}, description="d", changeDescription="first")
    assert arn == f"arn:aws:imagebuilder:{BUILD_REGION}:{SOURCE}:workflow/test/my-approval/1.0.0/1"
    answer = client.get_workflow(workflowBuildVersionArn=arn)
    read = answer["workflow"]
    assert read.pop("dateCreated").endswith("Z")
    assert read == {
        "arn": arn,
        "name": "My Approval",
        "version": "1.0.0",
        "description": "d",
        "changeDescription": "first",
        "type": "TEST",
        "owner": SOURCE,
        "data": DOCUMENT,
        "tags": {"a": "b"},
        "parameters": [
            {"name": "wait", "type": "boolean", "defaultValue": ["true"], "description": "whether to wait"},
            {"name": "topic", "type": "string"},
            {"name": "names", "type": "stringList", "defaultValue": ["a", "b"]},
        ],
    }
    assert answer["latestVersionReferences"]["latestPatchVersionArn"] == arn.removesuffix("/1")
    client.tag_resource(resourceArn=arn, tags={"c": "d"})
    assert client.list_tags_for_resource(resourceArn=arn)["tags"] == {"a": "b", "c": "d"}
    client.delete_workflow(workflowBuildVersionArn=arn)
    refused("ResourceNotFoundException", client.get_workflow, workflowBuildVersionArn=arn)


def test_other_content_makes_the_next_build_and_types_are_apart(client: Any) -> None:
    arn = create(client)
    message = refused("ResourceAlreadyExistsException", create, client=client, name="my approval", changeDescription="other")
    assert message == f"The following resource 'Workflow' already exists: '{arn}'."
    assert create(client, data=DOCUMENT.replace("Wait,", "Pause,")) == arn.removesuffix("1") + "2"
    assert create(client, type="BUILD") == arn.replace("/test/", "/build/")
    newest = client.get_workflow(workflowBuildVersionArn=arn.replace("1.0.0/1", "1.x.x"))["workflow"]
    assert newest["arn"].endswith("/1.0.0/2")


def test_the_document_can_lie_in_s3(factory: Factory, client: Any) -> None:
    s3 = factory.client("s3")
    s3.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": BUILD_REGION})
    s3.put_object(Bucket="bucket", Key="workflow.yml", Body=DOCUMENT.encode())
    arn = create(client, uri="s3://bucket/workflow.yml")
    assert client.get_workflow(workflowBuildVersionArn=arn)["workflow"]["data"] == DOCUMENT
    refused("InvalidParameterCombinationException", client.create_workflow, name="two", semanticVersion="1.0.0", type="TEST")


def test_a_dry_run_makes_nothing(client: Any) -> None:
    refused("DryRunOperationException", create, client=client, dryRun=True)
    assert client.list_workflows()["workflowVersionList"] == []


STEPS = "schemaVersion: 1.0\nsteps: "


@pytest.mark.parametrize(
    ("data", "part"),
    [
        ("steps: [", "not valid YAML"),
        ("- a", "must be a mapping"),
        ("steps: []", "schemaVersion must be 1.0"),
        (STEPS + "[]", "1 to 15 steps"),
        (STEPS + str([{"name": f"step {number}", "action": "WaitForAction"} for number in range(16)]), "1 to 15 steps"),
        (STEPS + "[{action: WaitForAction}]", "steps[0].name"),
        (STEPS + "[{name: a, action: Wait}]", "'Wait' is not a known"),
        (STEPS + "[{name: a, action: CreateImage}]", "'CreateImage' is not supported in a workflow of type TEST"),
        (STEPS + "[{name: a, action: WaitForAction, onFailure: Retry}]", "steps[0].onFailure"),
        (STEPS + "[{name: a, action: WaitForAction}, {name: a, action: WaitForAction}]", "must be unique: steps[1]"),
        (STEPS + "[{name: a, action: WaitForAction}]\nparameters: [{type: string}]", "parameters[0].name"),
        (STEPS + "[{name: a, action: WaitForAction}]\nparameters: [{name: a, type: number}]", "parameters[0].type"),
    ],
)
def test_malformed_documents_are_refused(client: Any, data: str, part: str) -> None:
    message = refused("InvalidParameterValueException", create, client=client, data=data)
    assert message.startswith("The value supplied for parameter 'data' is not valid. The workflow document is not valid")
    assert part in message


def test_lists(client: Any) -> None:
    first = create(client)
    second = create(client, data=DOCUMENT + "# changed\n")
    create(client, version="1.1.0")
    create(client, name="other", type="BUILD", description="builds")
    versions = client.list_workflows()["workflowVersionList"]
    assert [entry["arn"].partition("workflow/")[2] for entry in versions] == [
        "build/other/1.0.0",
        "test/my-approval/1.0.0",
        "test/my-approval/1.1.0",
    ]
    assert {entry["owner"] for entry in versions} == {SOURCE}
    by_name = client.list_workflows(byName=True)["workflowVersionList"]
    assert [entry["version"] for entry in by_name] == ["1.0.0", "1.1.0"]
    for name, value in (("type", "BUILD"), ("description", "builds"), ("name", "other")):
        (found,) = client.list_workflows(filters=[{"name": name, "values": [value]}])["workflowVersionList"]
        assert found["name"] == "other"
    builds = client.list_workflow_build_versions(workflowVersionArn=first.removesuffix("/1"))["workflowSummaryList"]
    assert [build["arn"] for build in builds] == [first, second]
    every = client.list_workflow_build_versions(workflowVersionArn=first.replace("1.0.0/1", "1.x.x"))["workflowSummaryList"]
    assert len(every) == 3
    assert len(client.list_workflow_build_versions()["workflowSummaryList"]) == 4


def test_amazons_own(client: Any) -> None:
    entries = client.list_workflows(owner="Amazon", byName=True)["workflowVersionList"]
    assert {(entry["name"], entry["type"], entry["owner"]) for entry in entries} >= {
        ("build-image", "BUILD", "Amazon"),
        ("test-image", "TEST", "Amazon"),
        ("distribute-image", "DISTRIBUTION", "Amazon"),
    }
    newest = f"arn:aws:imagebuilder:{BUILD_REGION}:aws:workflow/build/build-image/x.x.x"
    workflow = client.get_workflow(workflowBuildVersionArn=newest)["workflow"]
    assert yaml.safe_load(workflow["data"])["steps"][0] == {"name": "LaunchBuildInstance", "action": "LaunchInstance"}
    refused("ResourceNotFoundException", client.delete_workflow, workflowBuildVersionArn=workflow["arn"])
    assert client.list_workflows(owner="AWSMarketplace")["workflowVersionList"] == []
    for owner in ("Shared", "ThirdParty"):
        assert "'owner'" in refused("InvalidParameterValueException", client.list_workflows, owner=owner)
