# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Terraform, a client that somebody else wrote, and the modules: what the one made is for the other what it wanted. All its kinds of resources."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.tests.organization import BUILD_REGION, DESTINATIONS, REGIONS, SOURCE, Organization
from ansible_collections.golden.imagebuilder.tests.terraform import Terraform, ready

HERE = Path(__file__).parent
CONFIGURATION = HERE / "files/terraform"
PLAYBOOK = HERE / "playbooks/terraform.yml"
DESTINATION = DESTINATIONS["payments"]


@pytest.fixture
def network(organization: Organization) -> dict[str, Any]:
    """A subnet and two security groups of its VPC, for the instances that build."""
    ec2 = organization.emulator.client(SOURCE, "ec2", BUILD_REGION)
    subnet = ec2.describe_subnets()["Subnets"][0]
    groups = [ec2.create_security_group(GroupName=name, Description=name, VpcId=subnet["VpcId"])["GroupId"] for name in ("builds", "tests")]
    return {"subnet_id": subnet["SubnetId"], "security_group_ids": groups}


@pytest.fixture
def terraform(organization: Organization, network: dict[str, Any]) -> Terraform:
    """Terraform, ready to apply."""
    variables = {"destination": DESTINATION, "subnet_id": network["subnet_id"], "security_group_ids": json.dumps(network["security_group_ids"])}
    return ready(CONFIGURATION, organization.folder / "terraform", organization.environment(), variables)


def resources(organization: Organization) -> dict[str, int]:
    """How many resources of each kind the source account has."""
    client = organization.emulator.client(SOURCE, "imagebuilder", BUILD_REGION)
    return {
        "component": len(client.list_components(owner="Self")["componentVersionList"]),
        "image_recipe": len(client.list_image_recipes(owner="Self")["imageRecipeSummaryList"]),
        "container_recipe": len(client.list_container_recipes(owner="Self")["containerRecipeSummaryList"]),
        "workflow": len(client.list_workflows(owner="Self")["workflowVersionList"]),
        "infrastructure_configuration": len(client.list_infrastructure_configurations()["infrastructureConfigurationSummaryList"]),
        "distribution_configuration": len(client.list_distribution_configurations()["distributionConfigurationSummaryList"]),
        "image_pipeline": len(client.list_image_pipelines()["imagePipelineList"]),
        "lifecycle_policy": len(client.list_lifecycle_policies()["lifecyclePolicySummaryList"]),
        "image": len(client.list_images(owner="Self")["imageVersionList"]),
    }


def modules(organization: Organization, launch_template_id: str, network: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """What the modules of the playbook said."""
    results = organization.folder / "results.json"
    given = {f"given_{name}": value for name, value in network.items()}
    variables = {"results": str(results), "launch_template_id": launch_template_id, **given}
    run = organization.playbook("--extra-vars", json.dumps(variables), playbook=str(PLAYBOOK))
    assert run.status == 0, run.output
    said: dict[str, list[dict[str, Any]]] = json.loads(results.read_text())
    return said


def test_terraform_and_the_modules_agree(organization: Organization, terraform: Terraform, network: dict[str, Any]) -> None:
    made = terraform.apply()
    assert resources(organization) == dict.fromkeys(resources(organization), 1)
    assert {region: len(organization.images(DESTINATION, region)) for region in REGIONS} == dict.fromkeys(REGIONS, 1), "the image is delivered"
    assert terraform.plan() == {}
    assert made["read"] == made["made"]
    assert made["listed"] == {kind: [arn] for kind, arn in made["listable"].items()}
    organization.emulator.reset_calls()

    said = modules(organization, made["launch_template_id"], network)

    assert [result["changed"] for result in said["same"]] == [False] * len(resources(organization))
    assert [result["changed"] for result in said["changed"]] == [True, True]
    assert [call.operation for call in organization.emulator.writes()] == [
        "UpdateInfrastructureConfiguration",
        "UpdateDistributionConfiguration",
        "TagResource",
    ]
    tags = {"managed-by": "terraform", "team": "platform"}
    assert terraform.plan() == {
        "aws_imagebuilder_infrastructure_configuration.builds": {"description": ("builds more", "builds")},
        "aws_imagebuilder_distribution_configuration.everywhere": {
            "description": ("delivers more", "delivers"),
            "tags": ({"reviewed": "yes", "team": "platform"}, {"team": "platform"}),
            "tags_all": ({"reviewed": "yes", **tags}, tags),
        },
    }

    terraform.destroy()

    assert resources(organization) == dict.fromkeys(resources(organization), 0)
