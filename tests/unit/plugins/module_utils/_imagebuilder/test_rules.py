# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each kind refuses before the first call, beside what botocore's model tells."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import Context, Resource
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.distribution_configuration import (
    DISTRIBUTION_CONFIGURATION,
)
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.image_recipe import IMAGE_RECIPE
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.infrastructure_configuration import (
    INFRASTRUCTURE_CONFIGURATION,
)

NAME = "x {{ imagebuilder:buildDate }}"
KEY = "arn:aws:kms:us-west-2:111111111111:key/11111111-1111-1111-1111-111111111111"
FOREIGN = "arn:aws:imagebuilder:eu-west-1:111111111111:{}"
BEFORE = Context()
COMPLETE = Context(region="us-west-2", account_id="111111111111", complete=True)
TARGETS = ["222222222222"]


def broken(resource: Resource, request: dict[str, Any], context: Context = COMPLETE) -> dict[tuple[str | int, ...], str]:
    return dict(resource.rules(request, context))


def entries(*members: dict[str, Any]) -> dict[str, Any]:
    return {"distributions": [{"region": "us-west-2", **each} for each in members]}


def ami(**members: Any) -> dict[str, Any]:
    return entries({"amiDistributionConfiguration": members})


AMI_ENTRY = {"amiDistributionConfiguration": {"description": "x"}}
AMI = ("distributions", 0, "amiDistributionConfiguration")


@pytest.mark.parametrize(
    "request_",
    [
        ami(name=NAME, targetAccountIds=TARGETS),
        ami(name="{{imagebuilder:buildDate}}-{{ imagebuilder:buildVersion }}"),
        ami(name="x {{imagebuilder:buildDate:yyyyMMHHss}}"),
        ami(description="no name at all"),
        ami(kmsKeyId=KEY, targetAccountIds=TARGETS),
        ami(kmsKeyId="arn:aws:kms:us-west-2:111111111111:alias/golden", launchPermission={"userIds": TARGETS, "userGroups": ["all"]}),
        ami(kmsKeyId="alias/aws/ebs"),
        ami(kmsKeyId="mrk-1234"),
        entries({"s3ExportConfiguration": {"roleName": "vmimport"}}),
        entries({"ssmParameterConfigurations": [{"amiAccountId": "111111111111", "parameterName": "/x"}, {"parameterName": "/y"}]}),
        entries({"amiDistributionConfiguration": {"targetAccountIds": TARGETS}, "launchTemplateConfigurations": [{"accountId": "222222222222"}]}),
        entries(
            {
                "amiDistributionConfiguration": {"launchPermission": {"userIds": TARGETS}},
                "launchTemplateConfigurations": [{"accountId": "222222222222"}],
            }
        ),
        entries({"fastLaunchConfigurations": [{"enabled": True, "launchTemplate": {"launchTemplateName": "x"}}]}),
        {"distributions": []},
        {},
    ],
)
def test_good_distributions_break_no_rule(request_: dict[str, Any]) -> None:
    assert broken(DISTRIBUTION_CONFIGURATION, request_) == {}


@pytest.mark.parametrize(
    ("request_", "path", "words"),
    [
        ({"distributions": [{"region": "us-west-2"}]}, ("distributions", 0), "one or more outputs"),
        (ami(), ("distributions", 0), "one or more outputs"),
        (entries({"region": "us-west-9", **AMI_ENTRY}), ("distributions", 0, "region"), "Did you mean us-west-"),
        (entries({"region": "US-West-2", **AMI_ENTRY}), ("distributions", 0, "region"), "Did you mean us-west-2"),
        (entries({"region": "moon", **AMI_ENTRY}), ("distributions", 0, "region"), "'moon' is not a Region"),
        (
            entries(AMI_ENTRY, AMI_ENTRY),
            ("distributions", 1, "region"),
            "already in entry 0",
        ),
        (ami(name="x"), (*AMI, "name"), "is the same for every build"),
        (ami(name="x {{ imagebuilder:buildVersion }}"), (*AMI, "name"), "is the same for every build"),
        (ami(name="x {{ imagebuilder:builddate }}"), (*AMI, "name"), "upper and lower case count"),
        (ami(name="x {{ imagebuilder:buildTime }} {{ imagebuilder:buildDate }}"), (*AMI, "name"), "imagebuilder:buildTime is not known"),
        (ami(name="x { imagebuilder:buildDate }"), (*AMI, "name"), "malformed"),
        (ami(name="x {{ buildDate }}"), (*AMI, "name"), "malformed"),
        (ami(name="x {{ imagebuilder:buildDate }"), (*AMI, "name"), "malformed"),
        (ami(name="x imagebuilder:buildDate"), (*AMI, "name"), "malformed"),
        (ami(name="x {{ imagebuilder:buildDate }} }}"), (*AMI, "name"), "<<imagebuilder:buildDate>>"),
        (
            ami(kmsKeyId="arn:aws:kms:eu-west-1:111111111111:key/x", targetAccountIds=TARGETS),
            (*AMI, "kmsKeyId"),
            "is in eu-west-1, the entry is for us-west-2",
        ),
        (ami(kmsKeyId="arn:aws:iam::111111111111:role/x"), (*AMI, "kmsKeyId"), "not the ARN of a KMS key"),
        (ami(kmsKeyId="alias/aws/ebs", targetAccountIds=TARGETS), (*AMI, "kmsKeyId"), "aws/ebs cannot be shared"),
        (ami(kmsKeyId="aws/ebs", launchPermission={"userIds": TARGETS}), (*AMI, "kmsKeyId"), "aws/ebs cannot be shared"),
        (
            ami(kmsKeyId="arn:aws:kms:us-west-2:111111111111:alias/aws/ebs", targetAccountIds=TARGETS),
            (*AMI, "kmsKeyId"),
            "aws/ebs cannot be shared",
        ),
        (ami(kmsKeyId="1234abcd-12ab-34cd-56ef-1234567890ab", targetAccountIds=TARGETS), (*AMI, "kmsKeyId"), "give the full ARN"),
        (ami(launchPermission={"userGroups": ["everyone"]}), (*AMI, "launchPermission", "userGroups", 0), "The only group is all"),
        (
            entries({"fastLaunchConfigurations": [{"enabled": True, "launchTemplate": {"launchTemplateName": "x", "launchTemplateId": "y"}}]}),
            ("distributions", 0, "fastLaunchConfigurations", 0, "launchTemplate"),
            "one of them",
        ),
    ],
)
def test_bad_distributions_are_refused_before_any_call(request_: dict[str, Any], path: tuple[str | int, ...], words: str) -> None:
    found = broken(DISTRIBUTION_CONFIGURATION, request_, BEFORE)
    assert list(found) == [path]
    assert words in found[path]


@pytest.mark.parametrize(
    ("member", "account_member"),
    [("ssmParameterConfigurations", "amiAccountId"), ("launchTemplateConfigurations", "accountId")],
)
def test_who_gets_something_has_to_get_the_ami(member: str, account_member: str) -> None:
    request = entries({"amiDistributionConfiguration": {"targetAccountIds": TARGETS}, member: [{account_member: "333333333333", "enabled": True}]})
    assert broken(DISTRIBUTION_CONFIGURATION, request, BEFORE) == {}, "whether it is the source account is not known yet"
    assert "333333333333 does not get the AMI" in broken(DISTRIBUTION_CONFIGURATION, request)["distributions", 0, member, 0, account_member]
    assert broken(DISTRIBUTION_CONFIGURATION, request, Context(account_id="333333333333")) == {}


def test_fast_launch_is_for_the_source_account() -> None:
    place = ("distributions", 0, "fastLaunchConfigurations", 0, "accountId")
    request = entries({"amiDistributionConfiguration": {"targetAccountIds": TARGETS}, place[2]: [{"accountId": TARGETS[0], "enabled": True}]})
    assert broken(DISTRIBUTION_CONFIGURATION, request, BEFORE) == {}, "whether it is the source account is not known yet"
    assert "is not the source account" in broken(DISTRIBUTION_CONFIGURATION, request)[place]
    assert broken(DISTRIBUTION_CONFIGURATION, request, Context(account_id=TARGETS[0])) == {}


def test_sharing_is_enough_for_a_template_only() -> None:
    shared = {"amiDistributionConfiguration": {"launchPermission": {"userIds": TARGETS}}}
    request = entries(
        {**shared, "launchTemplateConfigurations": [{"accountId": TARGETS[0]}], "ssmParameterConfigurations": [{"amiAccountId": TARGETS[0]}]}
    )
    assert list(broken(DISTRIBUTION_CONFIGURATION, request)) == [("distributions", 0, "ssmParameterConfigurations", 0, "amiAccountId")]


@pytest.mark.parametrize(
    ("request_", "path"),
    [
        ({"blockDeviceMappings": [{"deviceName": "/dev/xvda", "ebs": {"kmsKeyId": KEY}}]}, ("blockDeviceMappings", 0, "ebs", "kmsKeyId")),
        ({"blockDeviceMappings": [{"ebs": {"kmsKeyId": KEY, "encrypted": False}}]}, ("blockDeviceMappings", 0, "ebs", "kmsKeyId")),
        ({"blockDeviceMappings": [{"deviceName": "a"}, {"deviceName": "b"}, {"deviceName": "a"}]}, ("blockDeviceMappings", 2, "deviceName")),
        ({"components": [{"componentArn": "a"}, {"componentArn": "a"}]}, ("components", 1, "componentArn")),
        ({"components": [{"componentArn": FOREIGN.format("component/x/1.0.0")}]}, ("components", 0, "componentArn")),
        ({"parentImage": FOREIGN.format("image/x/1.0.0")}, ("parentImage",)),
        ({"parentImage": "arn:aws:ec2:us-west-2::image/ami-0123456789abcdef0"}, ("parentImage",)),
    ],
)
def test_bad_recipes_are_refused(request_: dict[str, Any], path: tuple[str | int, ...]) -> None:
    assert list(broken(IMAGE_RECIPE, request_, Context(region="us-west-2"))) == [path]


def test_an_encrypted_volume_may_have_a_key() -> None:
    assert broken(IMAGE_RECIPE, {"blockDeviceMappings": [{"ebs": {"kmsKeyId": KEY, "encrypted": True}}, {"ebs": {"encrypted": True}}]}) == {}


@pytest.mark.parametrize(
    ("request_", "path"),
    [
        ({"subnetId": "subnet-1"}, ("subnetId",)),
        ({"resourceTags": {"Name": "x", "team": "y"}}, ("resourceTags", "Name")),
        ({"resourceTags": {"CreatedBy": "x"}}, ("resourceTags", "CreatedBy")),
        ({"placement": {"hostId": "h-1"}}, ("placement", "hostId")),
        ({"placement": {"tenancy": "host", "hostId": "h-1", "hostResourceGroupArn": "arn"}}, ("placement", "hostResourceGroupArn")),
    ],
)
def test_bad_infrastructure_is_refused(request_: dict[str, Any], path: tuple[str | int, ...]) -> None:
    assert list(broken(INFRASTRUCTURE_CONFIGURATION, request_)) == [path]


def test_a_subnet_may_find_its_security_groups_in_what_is_there() -> None:
    assert broken(INFRASTRUCTURE_CONFIGURATION, {"subnetId": "subnet-1"}, BEFORE) == {}
    assert broken(INFRASTRUCTURE_CONFIGURATION, {"subnetId": "subnet-1", "securityGroupIds": ["sg-1"]}) == {}


class TestCautions:
    """What a distribution configuration may hold and its user should know."""

    @staticmethod
    def found(entry: dict[str, Any]) -> list[str]:
        request = {"name": "web", "distributions": [{"region": "us-west-2", **entry}]}
        findings = DISTRIBUTION_CONFIGURATION.cautions(request, Context("us-west-2", "111111111111", complete=True))
        return [message for _path, message in findings]

    def test_template_of_another_account_gets_the_id_of_the_source(self) -> None:
        template = {"launchTemplateId": "lt-0123456789abcdef0", "accountId": "222222222222"}
        (message,) = self.found({"launchTemplateConfigurations": [template]})
        assert "AMI id of the source account 111111111111" in message
        assert "launch_permission.user_ids" in message

    @pytest.mark.parametrize("account", [{}, {"accountId": "111111111111"}])
    def test_own_template_is_all_right(self, account: dict[str, str]) -> None:
        assert self.found({"launchTemplateConfigurations": [{"launchTemplateId": "lt-0123456789abcdef0", **account}]}) == []

    def test_template_of_an_account_with_which_the_ami_is_shared_is_all_right(self) -> None:
        template = {"launchTemplateId": "lt-0123456789abcdef0", "accountId": "222222222222"}
        ami = {"launchPermission": {"userIds": ["222222222222"]}}
        assert self.found({"launchTemplateConfigurations": [template], "amiDistributionConfiguration": ami}) == []

    @pytest.mark.parametrize(
        ("parameter", "expected"),
        [
            ({"parameterName": "/golden/web"}, 1),
            ({"parameterName": "/golden/web", "amiAccountId": "111111111111"}, 1),
            ({"parameterName": "/golden/web", "amiAccountId": "222222222222"}, 0),
            ({"parameterName": "/imagebuilder/web"}, 0),
        ],
    )
    def test_own_parameter_elsewhere_needs_an_execution_role(self, parameter: dict[str, str], expected: int) -> None:
        assert len(self.found({"ssmParameterConfigurations": [parameter]})) == expected
