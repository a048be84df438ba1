# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What happens after the copies: launch templates and parameters."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import BUILD_REGION, OTHER_REGION, PAYMENTS, ROLE, SEARCH, SOURCE, Factory, allow, policy

TEMPLATE_STATEMENTS = (
    allow(
        ["ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate"],
        Condition={"StringEquals": {"aws:ResourceTag/CreatedBy": "EC2 Image Builder"}},
    ),
    allow("ec2:DescribeLaunchTemplates"),
)


def make_template(factory: Factory, account: str, tags: dict[str, str]) -> str:
    specifications = [{"ResourceType": "launch-template", "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}] if tags else []
    request = {"LaunchTemplateName": "web", "LaunchTemplateData": {"InstanceType": "t3.micro"}, "TagSpecifications": specifications}
    return str(factory.client("ec2", account).create_launch_template(**request)["LaunchTemplate"]["LaunchTemplateId"])


def versions(factory: Factory, account: str, template_id: str) -> list[dict[str, Any]]:
    answer = factory.client("ec2", account).describe_launch_template_versions(LaunchTemplateId=template_id)
    found: list[dict[str, Any]] = answer["LaunchTemplateVersions"]
    return found


def allow_in(factory: Factory, account: str, *statements: dict[str, Any]) -> None:
    factory.client("iam", account).put_role_policy(RoleName=ROLE, PolicyName="more", PolicyDocument=policy(*statements))


def entries_with(factory: Factory, **more: Any) -> list[dict[str, Any]]:
    entry, *others = factory.distributions()
    return [{**entry, **more}, *others]


def failure(image: dict[str, Any]) -> dict[str, Any]:
    (found,) = image["state"]["failureContext"]["distributionFailure"]["regionFailures"]
    return dict(found)


def test_a_template_of_the_source_account_gets_a_new_default_version(ready: Factory) -> None:
    template = make_template(ready, SOURCE, {})
    image = ready.build(entries_with(ready, launchTemplateConfigurations=[{"launchTemplateId": template}]))
    assert image["state"] == {"status": "AVAILABLE"}
    first, second = versions(ready, SOURCE, template)
    assert second["LaunchTemplateData"] == {"InstanceType": "t3.micro", "ImageId": ready.images(SOURCE, BUILD_REGION)[0]["ImageId"]}
    assert (first["DefaultVersion"], second["DefaultVersion"]) == (False, True)


def test_a_template_of_another_account_gets_the_ami_of_the_source_account_as_at_aws(ready: Factory) -> None:
    template = make_template(ready, PAYMENTS, {"CreatedBy": "EC2 Image Builder"})
    allow_in(ready, PAYMENTS, *TEMPLATE_STATEMENTS)
    wanted = {"launchTemplateId": template, "accountId": PAYMENTS, "setDefaultVersion": False}
    assert ready.build(entries_with(ready, launchTemplateConfigurations=[wanted]))["state"]["status"] == "AVAILABLE"
    first, second = versions(ready, PAYMENTS, template)
    assert second["LaunchTemplateData"]["ImageId"] == ready.images(SOURCE, BUILD_REGION)[0]["ImageId"]
    assert (first["DefaultVersion"], second["DefaultVersion"]) == (True, False)


@pytest.mark.parametrize(
    ("tags", "statements", "cause"),
    [
        pytest.param({"CreatedBy": "EC2 Image Builder"}, [allow("s3:*")], "ec2:DescribeLaunchTemplates", id="no-policy"),
        pytest.param({}, TEMPLATE_STATEMENTS, "ec2:CreateLaunchTemplateVersion", id="no-tag"),
        pytest.param(
            {"CreatedBy": "EC2 Image Builder"},
            [allow(["ec2:DescribeLaunchTemplates", "ec2:CreateLaunchTemplateVersion"])],
            "ec2:ModifyLaunchTemplate",
            id="no-modify",
        ),
    ],
)
def test_a_template_that_may_not_be_changed_fails_the_image_after_all_copies(ready: Factory, tags: Any, statements: Any, cause: str) -> None:
    template = make_template(ready, PAYMENTS, tags)
    allow_in(ready, PAYMENTS, *statements)
    image = ready.build(entries_with(ready, launchTemplateConfigurations=[{"launchTemplateId": template, "accountId": PAYMENTS}]))
    context = image["state"]["failureContext"]
    assert (context["imageStatus"], context["failedStep"]) == ("INTEGRATING", "ApplyImageConfigurations")
    found = failure(image)
    assert (found["targetAccountId"], found["region"], found["imageConfigurationStep"]) == (PAYMENTS, BUILD_REGION, "UPDATE_LAUNCH_TEMPLATES")
    assert cause in found["errorMessage"]
    assert len(image["outputResources"]["amis"]) == 5
    assert len(versions(ready, PAYMENTS, template)) == 1


def test_a_template_that_is_not_there_is_named(ready: Factory) -> None:
    image = ready.build(entries_with(ready, launchTemplateConfigurations=[{"launchTemplateId": "lt-0123456789abcdef0"}]))
    assert "lt-0123456789abcdef0, does not exist" in failure(image)["errorMessage"]


def parameter(factory: Factory, account: str, name: str) -> str:
    return str(factory.client("ssm", account).get_parameter(Name=name)["Parameter"]["Value"])


def test_parameters_hold_the_ami_of_their_own_account(ready: Factory) -> None:
    allow_in(ready, PAYMENTS, allow("ssm:PutParameter", "arn:aws:ssm:*:*:parameter/imagebuilder/*"))
    wanted = [
        {"parameterName": "/imagebuilder/golden", "dataType": "aws:ec2:image"},
        {"parameterName": "/imagebuilder/golden", "amiAccountId": PAYMENTS, "dataType": "aws:ec2:image"},
    ]
    assert ready.build(entries_with(ready, ssmParameterConfigurations=wanted))["state"]["status"] == "AVAILABLE"
    for account in (SOURCE, PAYMENTS):
        assert parameter(ready, account, "/imagebuilder/golden") == ready.images(account, BUILD_REGION)[0]["ImageId"]


def test_a_second_build_overwrites_the_parameter(ready: Factory) -> None:
    wanted = [{"parameterName": "/imagebuilder/golden"}]
    entries = [{"region": BUILD_REGION, "ssmParameterConfigurations": wanted}]
    first, second = (ready.build(entries)["outputResources"]["amis"][0]["image"] for _time in range(2))
    assert first != second
    assert parameter(ready, SOURCE, "/imagebuilder/golden") == second


@pytest.mark.parametrize(
    ("wanted", "account"),
    [({"parameterName": "/golden/latest"}, SOURCE), ({"parameterName": "/imagebuilder/golden", "amiAccountId": SEARCH}, SEARCH)],
    ids=["source-outside-imagebuilder", "role-without-PutParameter"],
)
def test_a_parameter_that_may_not_be_written_is_named(ready: Factory, wanted: dict[str, str], account: str) -> None:
    found = failure(ready.build(entries_with(ready, ssmParameterConfigurations=[wanted])))
    assert (found["targetAccountId"], found["imageConfigurationStep"]) == (account, "PUT_SSM_PARAMETERS")
    assert "ssm:PutParameter" in found["errorMessage"]
    assert f"parameter{wanted['parameterName']}" in found["errorMessage"]


def test_retry_after_the_integration_failed_does_what_is_missing(ready: Factory) -> None:
    template = make_template(ready, SOURCE, {})
    wanted = [{"parameterName": "/imagebuilder/golden", "amiAccountId": SEARCH}]
    entries = entries_with(ready, launchTemplateConfigurations=[{"launchTemplateId": template}], ssmParameterConfigurations=wanted)
    image = ready.build(entries)
    assert image["state"]["status"] == "FAILED"
    allow_in(ready, SEARCH, allow("ssm:PutParameter"))
    ready.client().retry_image(imageBuildVersionArn=image["arn"])
    assert ready.wait(image["arn"])["state"]["status"] == "AVAILABLE"
    assert len(versions(ready, SOURCE, template)) == 2
    assert parameter(ready, SEARCH, "/imagebuilder/golden") == ready.images(SEARCH, BUILD_REGION)[0]["ImageId"]


def test_in_a_region_without_an_ami_of_the_source_a_template_names_the_copy_of_its_own_account(ready: Factory) -> None:
    ec2 = ready.client("ec2", PAYMENTS, OTHER_REGION)
    tags = [{"ResourceType": "launch-template", "Tags": [{"Key": "CreatedBy", "Value": "EC2 Image Builder"}]}]
    made = ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData={"InstanceType": "t3.micro"}, TagSpecifications=tags)
    template = made["LaunchTemplate"]["LaunchTemplateId"]
    allow_in(ready, PAYMENTS, *TEMPLATE_STATEMENTS)
    first, second = ready.distributions()
    second["launchTemplateConfigurations"] = [{"launchTemplateId": template, "accountId": PAYMENTS}]
    assert ready.build([first, second])["state"]["status"] == "AVAILABLE"
    newest = ec2.describe_launch_template_versions(LaunchTemplateId=template)["LaunchTemplateVersions"][-1]
    assert newest["LaunchTemplateData"]["ImageId"] == ready.images(PAYMENTS, OTHER_REGION)[0]["ImageId"]
