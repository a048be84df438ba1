# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Callers may do what their policies allow."""

from __future__ import annotations

from typing import Any

import boto3
import pytest
from ansible_collections.golden.imagebuilder.tests.emulator.imagebuilder import authorization
from ansible_collections.golden.imagebuilder.tests.emulator.imagebuilder.operations import OPERATIONS
from botocore.session import Session

from .conftest import BUILD_REGION, SOURCE, Factory, allow, policy, refused

MODEL = Session().get_service_model("imagebuilder")
ARN = f"arn:aws:imagebuilder:{BUILD_REGION}:{SOURCE}"


def restricted(factory: Factory, *statements: dict[str, Any]) -> Any:
    """Return a client of a user with these statements."""
    iam = factory.client("iam")
    iam.create_user(UserName="anna")
    iam.put_user_policy(UserName="anna", PolicyName="some", PolicyDocument=policy(*statements))
    key = iam.create_access_key(UserName="anna")["AccessKey"]
    session = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"], region_name=BUILD_REGION)
    return session.client("imagebuilder")


def test_only_what_is_allowed(factory: Factory) -> None:
    client = restricted(factory, allow(["imagebuilder:List*", "imagebuilder:CreateInfrastructureConfiguration"]))
    assert client.list_images()["imageVersionList"] == []
    made = client.create_infrastructure_configuration(name="one", instanceProfileName="build")["infrastructureConfigurationArn"]
    message = refused("AccessDeniedException", client.get_infrastructure_configuration, infrastructureConfigurationArn=made)
    assert f":user/anna is not authorized to perform: imagebuilder:GetInfrastructureConfiguration on resource: {made}" in message
    refused("AccessDeniedException", client.start_resource_state_update, resourceArn=f"{ARN}:image/a/1.0.0/1", state={"status": "DELETED"})
    refused(
        "AccessDeniedException",
        client.distribute_image,
        sourceImage="ami-1",
        executionRole="a",
        distributionConfigurationArn=f"{ARN}:distribution-configuration/a",
    )


def test_policies_can_name_what_is_made(factory: Factory) -> None:
    create = "imagebuilder:CreateInfrastructureConfiguration"
    client = restricted(
        factory, allow(create, f"{ARN}:infrastructure-configuration/web-*", Condition={"StringEquals": {"aws:RequestTag/team": "web"}})
    )
    request = {"instanceProfileName": "build", "tags": {"team": "web"}}
    client.create_infrastructure_configuration(name="Web One", **request)
    refused("AccessDeniedException", client.create_infrastructure_configuration, name="data", **request)
    refused("AccessDeniedException", client.create_infrastructure_configuration, name="web-2", instanceProfileName="build")


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_the_resource_of_every_operation_is_found(operation: str) -> None:
    """What makes something needs no ARN; what changes or reads a particular thing names it, or an execution by its id."""
    shape = MODEL.operation_model(operation).input_shape
    assert shape is not None
    named = [member for member in shape.required_members if member.endswith("Arn")]
    by_id = {"stepExecutionId", "workflowExecutionId", "lifecycleExecutionId"} & set(shape.required_members)
    assert operation in authorization.MADE or named or by_id or operation.startswith("List")
    assert set(authorization.MADE) & set(MODEL.operation_names) >= {"CreateImage", "ImportVmImage", "ImportComponent", "CreateWorkflow"}
