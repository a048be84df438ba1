# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""DistributeImage: an AMI that is there already goes to accounts and Regions."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import BUILD_REGION, OTHER_REGION, PAYMENTS, SEARCH, SOURCE, Clock, Factory, allow, policy, refused


def role(factory: Factory) -> str:
    """Make an execution role with AWS's own policy for it."""
    arn = factory.execution_role("executor")
    iam = factory.client("iam")
    arns = {one["PolicyName"]: one["Arn"] for one in iam.list_policies(Scope="AWS", MaxItems=1000)["Policies"]}
    iam.attach_role_policy(RoleName="executor", PolicyArn=arns["EC2ImageBuilderExecutionPolicy"])
    return arn


def configuration(factory: Factory, distributions: list[dict[str, Any]], name: str = "again") -> str:
    made = factory.client().create_distribution_configuration(name=name, distributions=distributions)
    return str(made["distributionConfigurationArn"])


def distribute(factory: Factory, source: str, distributions: list[dict[str, Any]], **more: Any) -> dict[str, Any]:
    request = {
        "sourceImage": source,
        "distributionConfigurationArn": configuration(factory, distributions),
        "executionRole": role(factory),
        **more,
    }
    return factory.wait(factory.client().distribute_image(**request)["imageBuildVersionArn"])


def ami_of(image: dict[str, Any]) -> str:
    return str(image["outputResources"]["amis"][0]["image"])


def test_a_built_image_is_distributed_under_its_next_build(ready: Factory) -> None:
    built = ready.build(None)
    image = distribute(ready, built["arn"], ready.distributions(), tags={"why": "again"})
    assert image["arn"] == built["arn"].removesuffix("/1") + "/2"
    assert (image["state"]["status"], image["tags"], image["name"]) == ("AVAILABLE", {"why": "again"}, built["name"])
    places = {(ami["accountId"], ami["region"]) for ami in image["outputResources"]["amis"]}
    copies = {(account, region) for account in (PAYMENTS, SEARCH) for region in (BUILD_REGION, OTHER_REGION)}
    assert places == copies | {(SOURCE, BUILD_REGION)}
    assert ami_of(image) == ami_of(built)
    assert "imageRecipe" not in image
    assert len(ready.images(PAYMENTS, OTHER_REGION)) == 1
    executions = ready.client().list_workflow_executions(imageBuildVersionArn=image["arn"])["workflowExecutions"]
    assert [one["type"] for one in executions] == ["DISTRIBUTION"]


def test_its_states_are_those_of_the_distribution(slow: Factory, hours: Clock) -> None:
    arn = slow.start(None)
    hours.go_on(6)
    ami = ami_of(slow.client().get_image(imageBuildVersionArn=arn)["image"])
    request = {"distributionConfigurationArn": configuration(slow, slow.distributions()), "executionRole": role(slow)}
    made = slow.client().distribute_image(sourceImage=ami, **request)["imageBuildVersionArn"]
    seen = []
    for _state in range(4):
        seen.append(slow.client().get_image(imageBuildVersionArn=made)["image"]["state"]["status"])
        hours.go_on(1)
    assert seen == ["PENDING", "DISTRIBUTING", "INTEGRATING", "AVAILABLE"]


@pytest.mark.parametrize("form", ["version", "x", "ami", "parameter"])
def test_what_a_source_can_be(ready: Factory, form: str) -> None:
    built = ready.build(None)
    version = built["arn"].removesuffix("/1")
    ready.client("ssm").put_parameter(Name="/golden/ami", Value=ami_of(built), Type="String")
    source = {"version": version, "x": version.replace("1.0.0", "x.x.x"), "ami": ami_of(built), "parameter": "ssm:/golden/ami"}[form]
    image = distribute(ready, source, ready.distributions())
    assert image["state"]["status"] == "AVAILABLE"
    assert ami_of(image) == ami_of(built)


def test_a_shared_ami_is_copied_first(ready: Factory) -> None:
    foreign = ready.client("ec2", PAYMENTS)
    ami = foreign.register_image(Name="theirs", Architecture="x86_64", RootDeviceName="/dev/xvda")["ImageId"]
    foreign.modify_image_attribute(ImageId=ami, LaunchPermission={"Add": [{"UserId": SOURCE}]})
    image = distribute(ready, ami, [{"region": BUILD_REGION, "amiDistributionConfiguration": {"description": "ours"}}])
    assert image["state"]["status"] == "AVAILABLE"
    assert image["arn"].endswith(":image/theirs/1.0.0/1")
    (copy,) = ready.images(SOURCE, BUILD_REGION)
    assert (copy["ImageId"], copy["SourceImageId"]) == (ami_of(image), ami)


def test_awss_policy_lets_it_share_only_what_image_builder_made(ready: Factory) -> None:
    ec2 = ready.client("ec2")
    ami = ec2.register_image(Name="by hand", Architecture="x86_64", RootDeviceName="/dev/xvda")["ImageId"]
    entry = {"region": BUILD_REGION, "amiDistributionConfiguration": {"launchPermission": {"userIds": [PAYMENTS]}}}
    state = distribute(ready, ami, [entry])["state"]
    assert (state["status"], state["failureContext"]["failedStep"]) == ("FAILED", "ModifyImageAttributes")
    assert "ec2:ModifyImageAttribute" in state["reason"]
    ec2.create_tags(Resources=[ami], Tags=[{"Key": "CreatedBy", "Value": "EC2 Image Builder"}])
    again = ready.client().list_image_build_versions()["imageSummaryList"][0]["arn"]
    ready.client().retry_image(imageBuildVersionArn=again)
    assert ready.wait(again)["state"]["status"] == "AVAILABLE"


def test_the_role_does_the_work(ready: Factory) -> None:
    built = ready.build(None)
    bare = ready.execution_role("bare")
    ready.client("iam").put_role_policy(RoleName="bare", PolicyName="some", PolicyDocument=policy(allow("ec2:*")))
    request = {"distributionConfigurationArn": configuration(ready, ready.distributions()), "executionRole": bare, "sourceImage": built["arn"]}
    state = ready.wait(ready.client().distribute_image(**request)["imageBuildVersionArn"])["state"]
    assert state["status"] == "FAILED"
    assert "sts:AssumeRole" in state["reason"]


@pytest.mark.parametrize(
    ("more", "code", "part"),
    [
        ({"sourceImage": "ami-00000000000000000"}, "InvalidParameterValueException", "sourceImage"),
        ({"sourceImage": "ssm:/not/there"}, "InvalidParameterValueException", "sourceImage"),
        ({"sourceImage": f"arn:aws:imagebuilder:{BUILD_REGION}:{SOURCE}:image/no/1.0.0/1"}, "ResourceNotFoundException", "image/no"),
        ({"sourceImage": f"arn:aws:imagebuilder:{BUILD_REGION}:aws:image/amazon-linux-2023-x86/x.x.x"}, "ResourceNotFoundException", "amazon"),
        ({"executionRole": "nobody"}, "InvalidParameterValueException", "executionRole"),
        (
            {"distributionConfigurationArn": f"arn:aws:imagebuilder:{BUILD_REGION}:{SOURCE}:distribution-configuration/no"},
            "InvalidParameterValueException",
            "distributionConfigurationArn",
        ),
    ],
)
def test_distributions_that_are_refused(slow: Factory, more: dict[str, Any], code: str, part: str) -> None:
    request = {"distributionConfigurationArn": configuration(slow, slow.distributions()), "executionRole": role(slow)}
    assert part in refused(code, slow.client().distribute_image, **{"sourceImage": "ami-1", **request, **more})


def test_an_image_that_is_still_built_is_no_source(slow: Factory) -> None:
    arn = slow.start(None)
    request = {"distributionConfigurationArn": configuration(slow, slow.distributions()), "executionRole": role(slow)}
    assert "not available" in refused("InvalidParameterValueException", slow.client().distribute_image, sourceImage=arn, **request)
