# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Components, recipes and configurations: created, read, listed, updated and deleted as at AWS."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from .conftest import BUILD_REGION, DOCUMENT, OTHER_REGION, PARENT_IMAGE, PAYMENTS, SEARCH, SOURCE, Factory, refused

UPDATE_LINUX = f"arn:aws:imagebuilder:{BUILD_REGION}:aws:component/update-linux/x.x.x"
NAMED = {"name": "golden {{ imagebuilder:buildDate }}"}


def distribution(**entry: Any) -> list[dict[str, Any]]:
    return [{"region": BUILD_REGION, **entry}]


@pytest.fixture
def component(client: Any) -> str:
    answer = client.create_component(name="Hello World", semanticVersion="1.0.0", platform="Linux", data=DOCUMENT, description="says hello")
    return str(answer["componentBuildVersionArn"])


class TestConfigurations:
    """What is one of each name, and can be updated."""

    def test_life(self, client: Any) -> None:
        made = client.create_distribution_configuration(
            name="My Dist", description="first", distributions=distribution(amiDistributionConfiguration=NAMED), tags={"a": "b"}
        )
        arn = made["distributionConfigurationArn"]
        assert arn == f"arn:aws:imagebuilder:{BUILD_REGION}:{SOURCE}:distribution-configuration/my-dist"
        read = client.get_distribution_configuration(distributionConfigurationArn=arn)["distributionConfiguration"]
        assert read.pop("dateCreated").endswith("Z")
        assert read == {
            "arn": arn,
            "name": "My Dist",
            "description": "first",
            "distributions": distribution(amiDistributionConfiguration=NAMED),
            "timeoutMinutes": 720,
            "tags": {"a": "b"},
        }
        client.delete_distribution_configuration(distributionConfigurationArn=arn)
        refused("ResourceNotFoundException", client.get_distribution_configuration, distributionConfigurationArn=arn)
        refused("ResourceNotFoundException", client.delete_distribution_configuration, distributionConfigurationArn=arn)

    def test_every_answer_has_an_id(self, client: Any) -> None:
        answer = client.list_distribution_configurations()
        assert answer["ResponseMetadata"]["RequestId"] == answer["requestId"]
        with pytest.raises(client.exceptions.ResourceNotFoundException) as caught:
            client.get_distribution_configuration(
                distributionConfigurationArn=f"arn:aws:imagebuilder:{BUILD_REGION}:{SOURCE}:distribution-configuration/none"
            )
        assert caught.value.response["ResponseMetadata"]["RequestId"] not in ("", answer["requestId"])

    def test_an_update_replaces_everything(self, client: Any) -> None:
        request = {"name": "infra", "description": "d", "instanceProfileName": "p", "instanceTypes": ["m5.large"], "tags": {"a": "b"}}
        arn = client.create_infrastructure_configuration(**request)["infrastructureConfigurationArn"]
        client.update_infrastructure_configuration(infrastructureConfigurationArn=arn, instanceProfileName="q")
        read = client.get_infrastructure_configuration(infrastructureConfigurationArn=arn)["infrastructureConfiguration"]
        assert set(read) == {"arn", "name", "instanceProfileName", "dateCreated", "dateUpdated", "tags"}
        assert (read["instanceProfileName"], read["tags"]) == ("q", {"a": "b"})

    def test_names_that_fold_alike_collide(self, client: Any) -> None:
        entries = distribution(amiDistributionConfiguration=NAMED)
        arn = client.create_distribution_configuration(name="My Dist", distributions=entries)["distributionConfigurationArn"]
        for name in ("my-dist", "my_dist", "MY DIST"):
            message = refused("ResourceAlreadyExistsException", client.create_distribution_configuration, name=name, distributions=entries)
            assert message == f"The following resource 'DistributionConfiguration' already exists: '{arn}'."

    def test_accounts_and_regions_are_apart(self, factory: Factory, client: Any) -> None:
        arn = client.create_infrastructure_configuration(name="infra", instanceProfileName="p")["infrastructureConfigurationArn"]
        for other in (factory.client(account_id=PAYMENTS), factory.client(region=OTHER_REGION)):
            refused("ResourceNotFoundException", other.get_infrastructure_configuration, infrastructureConfigurationArn=arn)
            assert other.list_infrastructure_configurations()["infrastructureConfigurationSummaryList"] == []

    def test_a_dry_run_checks_everything_and_creates_nothing(self, client: Any) -> None:
        create = client.create_distribution_configuration
        good = {"name": "dist", "distributions": distribution(amiDistributionConfiguration=NAMED)}
        with pytest.raises(client.exceptions.DryRunOperationException, match="Request would have succeeded") as caught:
            create(**good, dryRun=True)
        assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 412
        refused("InvalidParameterValueException", create, name="dist", distributions=distribution(), dryRun=True)
        assert client.list_distribution_configurations()["distributionConfigurationSummaryList"] == []
        create(**good)
        refused("ResourceAlreadyExistsException", create, **good, dryRun=True)

    @pytest.mark.parametrize(
        ("noun", "request_"),
        [
            ("component", {"semanticVersion": "1.0.0", "platform": "Linux", "data": DOCUMENT}),
            ("image_recipe", {"semanticVersion": "1.0.0", "parentImage": PARENT_IMAGE}),
            ("infrastructure_configuration", {"instanceProfileName": "p"}),
        ],
    )
    def test_a_dry_run_of_other_kinds(self, client: Any, noun: str, request_: dict[str, Any]) -> None:
        create = getattr(client, f"create_{noun}")
        refused("DryRunOperationException", create, name="dry", dryRun=True, **request_)
        create(name="dry", **request_)
        again = {**request_, "description": "other"} if noun != "component" else request_
        refused("ResourceAlreadyExistsException", create, name="Dry", dryRun=True, **again)

    def test_client_tokens(self, client: Any) -> None:
        request = {"name": "infra", "instanceProfileName": "p", "clientToken": "one"}
        first = client.create_infrastructure_configuration(**request)
        again = client.create_infrastructure_configuration(**request)
        assert first["clientToken"] == "one"
        assert first["infrastructureConfigurationArn"] == again["infrastructureConfigurationArn"]
        other = {**request, "instanceProfileName": "q"}
        refused("IdempotentParameterMismatchException", client.create_infrastructure_configuration, **other)
        refused("ResourceAlreadyExistsException", client.create_infrastructure_configuration, **{**request, "clientToken": "two"})

    @pytest.mark.parametrize(
        ("entries", "path"),
        [
            pytest.param(distribution(), "distributions[0]", id="no-output"),
            pytest.param(distribution(amiDistributionConfiguration={}), "distributions[0]", id="empty-output"),
            pytest.param([], "distributions", id="nothing"),
            pytest.param(distribution(amiDistributionConfiguration=NAMED) * 2, "distributions[1]", id="Region-twice"),
            pytest.param([{"region": "mars-1", "amiDistributionConfiguration": NAMED}], "distributions[0].region", id="unknown-Region"),
            pytest.param(
                distribution(amiDistributionConfiguration={"name": "golden"}),
                "distributions[0].amiDistributionConfiguration.name",
                id="no-build-date",
            ),
            pytest.param(
                distribution(amiDistributionConfiguration={"name": "golden {{ imagebuilder:builddate }}"}),
                "distributions[0].amiDistributionConfiguration.name",
                id="misspelt-build-date",
            ),
            pytest.param(
                distribution(amiDistributionConfiguration={"name": "golden {{ imagebuilder:buildDate }} }}"}),
                "distributions[0].amiDistributionConfiguration.name",
                id="stray-braces",
            ),
            pytest.param(
                distribution(ssmParameterConfigurations=[{"parameterName": "/a", "amiAccountId": PAYMENTS}]),
                "distributions[0].ssmParameterConfigurations[0].amiAccountId",
                id="parameter-of-no-target",
            ),
            pytest.param(
                distribution(launchTemplateConfigurations=[{"launchTemplateId": "lt-0123456789abcdef0", "accountId": PAYMENTS}]),
                "distributions[0].launchTemplateConfigurations[0].accountId",
                id="template-of-no-target",
            ),
            pytest.param(
                distribution(launchTemplateConfigurations=[{"launchTemplateId": "lt-0a1bcde2fgh34567"}]),
                "distributions[0].launchTemplateConfigurations[0].launchTemplateId",
                id="short-template-id",
            ),
            pytest.param(
                distribution(fastLaunchConfigurations=[{"enabled": True, "launchTemplate": {"launchTemplateVersion": "1"}}]),
                "distributions[0].fastLaunchConfigurations[0].launchTemplate",
                id="template-without-name",
            ),
        ],
    )
    def test_distributions_that_aws_refuses(self, client: Any, entries: Any, path: str) -> None:
        message = refused("InvalidParameterValueException", client.create_distribution_configuration, name="dist", distributions=entries)
        assert message.startswith(f"The value supplied for parameter '{path}' is not valid. ")

    def test_an_entry_without_output_is_refused_in_the_words_of_aws(self, client: Any) -> None:
        message = refused("InvalidParameterValueException", client.create_distribution_configuration, name="dist", distributions=distribution())
        assert message == (
            "The value supplied for parameter 'distributions[0]' is not valid. "
            "One or more outputs should be provided for each region in a distribution configuration."
        )

    def test_everything_that_an_entry_can_hold_is_accepted(self, client: Any) -> None:
        entry = {
            "region": BUILD_REGION,
            "amiDistributionConfiguration": {
                **NAMED,
                "targetAccountIds": [PAYMENTS, SEARCH],
                "launchPermission": {"userGroups": ["all"], "organizationArns": [f"arn:aws:organizations::{SOURCE}:organization/o-abcdefghij"]},
            },
            "licenseConfigurationArns": [f"arn:aws:license-manager:{BUILD_REGION}:{SOURCE}:license-configuration:lic-{'0' * 32}"],
            "launchTemplateConfigurations": [{"launchTemplateId": "lt-0123456789abcdef0", "accountId": PAYMENTS}],
            "s3ExportConfiguration": {"roleName": "vmimport", "diskImageFormat": "RAW", "s3Bucket": "bucket"},
            "fastLaunchConfigurations": [{"enabled": True, "launchTemplate": {"launchTemplateName": "fast"}, "accountId": SEARCH}],
            "ssmParameterConfigurations": [{"parameterName": "/imagebuilder/golden", "amiAccountId": PAYMENTS, "dataType": "aws:ec2:image"}],
        }
        arn = client.create_distribution_configuration(name="dist", distributions=[entry])["distributionConfigurationArn"]
        read = client.get_distribution_configuration(distributionConfigurationArn=arn)["distributionConfiguration"]
        assert read["distributions"] == [entry]

    @pytest.mark.parametrize(
        ("more", "code"),
        [
            ({"subnetId": "subnet-1"}, "InvalidParameterCombinationException"),
            ({"resourceTags": {"CreatedBy": "me"}}, "InvalidParameterValueException"),
            ({"placement": {"hostId": "h-1", "tenancy": "dedicated"}}, "InvalidParameterCombinationException"),
            ({"instanceMetadataOptions": {"httpTokens": "never"}}, "InvalidParameterValueException"),
            ({"snsTopicArn": "topic"}, "InvalidParameterValueException"),
        ],
    )
    def test_infrastructure_that_aws_refuses(self, client: Any, more: Any, code: str) -> None:
        refused(code, client.create_infrastructure_configuration, name="infra", instanceProfileName="p", **more)


class TestComponents:
    """What has versions with builds."""

    def test_life(self, client: Any, component: str) -> None:
        assert component == f"arn:aws:imagebuilder:{BUILD_REGION}:{SOURCE}:component/hello-world/1.0.0/1"
        answer = client.get_component(componentBuildVersionArn=component)
        assert answer["latestVersionReferences"]["latestMinorVersionArn"].endswith(":component/hello-world/1.0.x")
        read = answer["component"]
        assert (read["type"], read["owner"], read["data"], read["encrypted"]) == ("BUILD", SOURCE, DOCUMENT, True)
        client.delete_component(componentBuildVersionArn=component)
        refused("ResourceNotFoundException", client.get_component, componentBuildVersionArn=component)

    def test_other_content_makes_the_next_build_and_the_same_content_exists_already(self, client: Any, component: str) -> None:
        request = {"name": "hello world", "semanticVersion": "1.0.0", "platform": "Linux", "description": "says hello"}
        message = refused("ResourceAlreadyExistsException", client.create_component, **{**request, "name": "Hello World"}, data=DOCUMENT)
        assert message == f"The following resource 'Component' already exists: '{component}'."
        changed = client.create_component(**request, data=DOCUMENT.replace("echo hello", "echo bye"))["componentBuildVersionArn"]
        assert changed == component.removesuffix("1") + "2"
        for newest in (component.removesuffix("/1"), component.replace("1.0.0/1", "1.x.x")):
            assert client.get_component(componentBuildVersionArn=newest)["component"]["arn"] == changed
        refused("ResourceNotFoundException", client.get_component, componentBuildVersionArn=component.removesuffix("1") + "3")
        builds = client.list_component_build_versions(componentVersionArn=component.removesuffix("/1"))["componentSummaryList"]
        assert [build["arn"] for build in builds] == [component, changed]

    @pytest.mark.parametrize(
        ("data", "part"),
        [
            ("phases: [", "not valid YAML"),
            ("- a", "must be a mapping"),
            ("schemaVersion: 2.0\nphases: []", "schemaVersion"),
            ("schemaVersion: 1.0\nphases: []", "at least one phase"),
            ("schemaVersion: 1.0\nphases: [{name: deploy, steps: []}]", "phases[0].name"),
            ("schemaVersion: 1.0\nphases: [{name: build, steps: []}]", "phases[0].steps"),
            ("schemaVersion: 1.0\nphases: [{name: build, steps: [{action: ExecuteBash}]}]", "phases[0].steps[0].name"),
            ("schemaVersion: 1.0\nphases: [{name: build, steps: [{name: a, action: RunBash}]}]", "'RunBash'"),
        ],
    )
    def test_malformed_documents_are_refused(self, client: Any, data: str, part: str) -> None:
        message = refused("InvalidParameterValueException", client.create_component, name="bad", semanticVersion="1.0.0", platform="Linux", data=data)
        assert message.startswith("The value supplied for parameter 'data' is not valid. The component document is not valid")
        assert part in message

    @pytest.mark.parametrize("version", ["1.0", "'1.0'", "1"])
    def test_the_version_of_a_document_is_a_number_or_text(self, client: Any, version: str) -> None:
        data = DOCUMENT.replace("schemaVersion: 1.0", f"schemaVersion: {version}")
        arn = client.create_component(name="hello", semanticVersion="1.0.0", platform="Linux", data=data)["componentBuildVersionArn"]
        assert client.get_component(componentBuildVersionArn=arn)["component"]["data"] == data

    def test_a_document_comes_from_exactly_one_place(self, factory: Factory, client: Any) -> None:
        request = {"name": "two", "semanticVersion": "1.0.0", "platform": "Linux"}
        refused("InvalidParameterCombinationException", client.create_component, **request)
        refused("InvalidParameterCombinationException", client.create_component, **request, data=DOCUMENT, uri="s3://bucket/key")
        s3 = factory.client("s3")
        s3.create_bucket(Bucket="bucket", CreateBucketConfiguration={"LocationConstraint": BUILD_REGION})
        s3.put_object(Bucket="bucket", Key="component.yml", Body=DOCUMENT.encode())
        arn = client.create_component(**request, uri="s3://bucket/component.yml")["componentBuildVersionArn"]
        assert client.get_component(componentBuildVersionArn=arn)["component"]["data"] == DOCUMENT

    def test_a_document_that_only_tests_makes_a_test_component_and_its_parameters_show(self, client: Any) -> None:
        data = DOCUMENT.replace("name: build", "name: test") + "parameters:\n  - Port: {type: string, default: '80', description: a port}\n"
        arn = client.create_component(name="test it", semanticVersion="1.0.0", platform="Linux", data=data)["componentBuildVersionArn"]
        read = client.get_component(componentBuildVersionArn=arn)["component"]
        assert read["type"] == "TEST"
        assert read["parameters"] == [{"name": "Port", "type": "String", "defaultValue": ["80"], "description": "a port"}]

    def test_lists_show_versions_builds_and_names(self, client: Any, component: str) -> None:
        for version in ("1.0.1", "2.0.0"):
            client.create_component(name="Hello World", semanticVersion=version, platform="Linux", data=DOCUMENT)
        versions = client.list_components()["componentVersionList"]
        assert [entry["arn"] for entry in versions] == [component.replace("1.0.0/1", version) for version in ("1.0.0", "1.0.1", "2.0.0")]
        (by_name,) = client.list_components(byName=True)["componentVersionList"]
        assert (by_name["arn"], by_name["version"]) == (component.replace("1.0.0/1", "x.x.x"), "2.0.0")
        assert len(client.list_components(filters=[{"name": "version", "values": ["1.0.0", "2.0.0"]}])["componentVersionList"]) == 2
        assert client.list_components(filters=[{"name": "platform", "values": ["Windows"]}])["componentVersionList"] == []
        message = refused("InvalidParameterValueException", client.list_components, filters=[{"name": "colour", "values": ["red"]}])
        assert "'filters[0].name'" in message
        filters = [{"name": "version", "values": ["1.0.0"]}]
        refused("InvalidParameterCombinationException", client.list_components, byName=True, filters=filters)

    def test_amazon_owns_some(self, client: Any) -> None:
        found = client.list_components(owner="Amazon", filters=[{"name": "name", "values": ["update-linux"]}])["componentVersionList"]
        assert {entry["owner"] for entry in found} == {"Amazon"}
        newest = client.get_component(componentBuildVersionArn=UPDATE_LINUX)["component"]
        assert newest["arn"] == UPDATE_LINUX.replace("x.x.x", "1.0.2/1")
        refused("ResourceNotFoundException", client.delete_component, componentBuildVersionArn=newest["arn"])

    @pytest.mark.parametrize(("platform", "action"), [("Linux", "ExecuteBash"), ("macOS", "ExecuteBash"), ("Windows", "ExecutePowerShell")])
    def test_a_script_becomes_a_document_with_one_step(self, client: Any, platform: str, action: str) -> None:
        request = {"name": "script", "semanticVersion": "1.0.0", "type": "TEST", "format": "SHELL", "platform": platform, "tags": {"a": "b"}}
        script = "set -e\necho 'hello: world'\n"
        arn = client.import_component(**request, data=script, changeDescription="first")["componentBuildVersionArn"]
        read = client.get_component(componentBuildVersionArn=arn)["component"]
        assert yaml.safe_load(read["data"]) == {
            "schemaVersion": 1.0,
            "phases": [{"name": "test", "steps": [{"name": "RunScript", "action": action, "inputs": {"commands": [script]}}]}],
        }
        assert [read[name] for name in ("type", "platform", "changeDescription", "tags")] == ["TEST", platform, "first", {"a": "b"}]
        refused("ResourceAlreadyExistsException", client.import_component, **request, data=script)
        refused("InvalidParameterCombinationException", client.import_component, **request)
        assert client.import_component(**request, data="true")["componentBuildVersionArn"] == arn.removesuffix("1") + "2"


class TestRecipes:
    """What has immutable versions."""

    def test_life(self, client: Any, component: str) -> None:
        request = {
            "name": "Golden",
            "semanticVersion": "1.0.0",
            "parentImage": PARENT_IMAGE,
            "components": [{"componentArn": component}, {"componentArn": UPDATE_LINUX}],
            "blockDeviceMappings": [{"deviceName": "/dev/xvda", "ebs": {"encrypted": True, "kmsKeyId": "alias/golden", "volumeSize": 20}}],
            "amiTags": {"a": "b"},
        }
        arn = client.create_image_recipe(**request)["imageRecipeArn"]
        read = client.get_image_recipe(imageRecipeArn=arn)["imageRecipe"]
        del read["dateCreated"]
        given = {name: value for name, value in request.items() if name != "semanticVersion"}
        assert read == {**given, "arn": arn, "version": "1.0.0", "platform": "Linux", "type": "AMI", "owner": SOURCE, "tags": {}}
        assert [entry["arn"] for entry in client.list_image_recipes()["imageRecipeSummaryList"]] == [arn]
        client.delete_image_recipe(imageRecipeArn=arn)
        assert client.list_image_recipes()["imageRecipeSummaryList"] == []

    def test_versions_are_immutable_and_x_counts_on(self, client: Any) -> None:
        def create(version: str, **more: Any) -> str:
            request = {"name": "golden", "semanticVersion": version, "parentImage": PARENT_IMAGE}
            return str(client.create_image_recipe(**request, **more)["imageRecipeArn"])

        assert create("1.0.0").endswith("/1.0.0")
        refused(
            "ResourceAlreadyExistsException",
            client.create_image_recipe,
            name="Golden",
            semanticVersion="1.0.0",
            parentImage=PARENT_IMAGE,
            description="other",
        )
        assert [create("1.0.x").rpartition("/")[2], create("1.0.x").rpartition("/")[2], create("1.x.x").rpartition("/")[2]] == [
            "1.0.1",
            "1.0.2",
            "1.1.0",
        ]
        newest = f"arn:aws:imagebuilder:{BUILD_REGION}:{SOURCE}:image-recipe/golden/1.0.x"
        assert client.get_image_recipe(imageRecipeArn=newest)["imageRecipe"]["version"] == "1.0.2"

    @pytest.mark.parametrize(
        ("more", "code", "part"),
        [
            pytest.param({"semanticVersion": "1.x.0"}, "InvalidVersionNumberException", "'semanticVersion'", id="version"),
            pytest.param({"parentImage": "ami-0123456789abcdef0"}, "InvalidParameterValueException", "'parentImage'", id="no-ami"),
            pytest.param({"parentImage": "ssm:/no/parameter"}, "InvalidParameterValueException", "'parentImage'", id="no-parameter"),
            pytest.param({"parentImage": "arn:aws:ec2:us-west-2::image/ami-1"}, "InvalidParameterValueException", "'parentImage'", id="ec2-arn"),
            pytest.param(
                {"parentImage": PARENT_IMAGE.replace("amazon-linux", "amazon-lynx")}, "InvalidParameterValueException", "lynx", id="no-image"
            ),
            pytest.param(
                {"components": [{"componentArn": UPDATE_LINUX.replace("update", "upgrade")}]},
                "InvalidParameterValueException",
                "components[0].componentArn",
                id="no-component",
            ),
            pytest.param(
                {"components": [{"componentArn": UPDATE_LINUX.replace("linux", "windows")}]},
                "InvalidParameterCombinationException",
                "platform",
                id="platform",
            ),
            pytest.param(
                {"components": [{"componentArn": UPDATE_LINUX, "parameters": [{"name": "Colour", "value": ["red"]}]}]},
                "InvalidParameterCombinationException",
                "components[0].parameters' is not valid. The following parameters are not defined in the provided component: Colour",
                id="parameter",
            ),
            pytest.param(
                {"components": [{"componentArn": UPDATE_LINUX}, {"componentArn": UPDATE_LINUX.replace("x.x.x", "1.0.2/1")}]},
                "InvalidParameterValueException",
                "components[1].componentArn",
                id="component-twice",
            ),
            pytest.param({"components": [{"componentArn": UPDATE_LINUX}] * 21}, "ServiceQuotaExceededException", "20", id="quota"),
            pytest.param(
                {"parentImage": PARENT_IMAGE.replace("linux-2023-x86", "linux-x86-2")}, "InvalidParameterValueException", "no AMI", id="container"
            ),
            pytest.param(
                {"blockDeviceMappings": [{"ebs": {"kmsKeyId": "alias/golden"}}]},
                "InvalidParameterValueException",
                "blockDeviceMappings[0].ebs.kmsKeyId",
                id="key-without-encrypted",
            ),
            pytest.param(
                {"blockDeviceMappings": [{"ebs": {"volumeType": "io2"}}]},
                "InvalidParameterValueException",
                "blockDeviceMappings[0].ebs.iops",
                id="iops",
            ),
        ],
    )
    def test_recipes_that_aws_refuses(self, client: Any, more: Any, code: str, part: str) -> None:
        request = {"name": "golden", "semanticVersion": "1.0.0", "parentImage": PARENT_IMAGE}
        assert part in refused(code, client.create_image_recipe, **{**request, **more})

    def test_a_parent_can_be_an_ami_or_a_parameter(self, factory: Factory, client: Any) -> None:
        ami_id = factory.client("ec2").register_image(Name="own", RootDeviceName="/dev/xvda")["ImageId"]
        factory.client("ssm").put_parameter(Name="/golden/base", Value=ami_id, Type="String")
        for version, parent in (("1.0.0", ami_id), ("1.0.1", "ssm:/golden/base")):
            client.create_image_recipe(name="golden", semanticVersion=version, parentImage=parent)

    def test_a_component_has_to_support_the_operating_system(self, client: Any) -> None:
        request = {"semanticVersion": "1.0.0", "platform": "Linux", "data": DOCUMENT}
        named = {
            name: client.create_component(name=name, supportedOsVersions=[name], **request)["componentBuildVersionArn"]
            for name in ("Amazon Linux", "Ubuntu")
        }
        recipe = {"name": "golden", "semanticVersion": "1.0.0", "parentImage": PARENT_IMAGE}
        wrong = [{"componentArn": named["Ubuntu"]}]
        assert "Amazon Linux 2023" in refused("InvalidParameterCombinationException", client.create_image_recipe, **recipe, components=wrong)
        client.create_image_recipe(**recipe, components=[{"componentArn": named["Amazon Linux"]}])

    def test_a_component_in_use_cannot_be_deleted(self, client: Any, component: str) -> None:
        request = {"name": "golden", "semanticVersion": "1.0.0", "parentImage": PARENT_IMAGE}
        arn = client.create_image_recipe(**request, components=[{"componentArn": component}])["imageRecipeArn"]
        message = refused("ResourceDependencyException", client.delete_component, componentBuildVersionArn=component)
        assert message == f"Resource dependency error: The resource ARN '{component}' has other resources depended on it."
        client.delete_image_recipe(imageRecipeArn=arn)
        client.delete_component(componentBuildVersionArn=component)


class TestPages:
    """Lists come in pages."""

    @pytest.fixture
    def arns(self, client: Any) -> list[str]:
        made = (client.create_infrastructure_configuration(name=f"infra {number}", instanceProfileName="p") for number in range(30))
        return [answer["infrastructureConfigurationArn"] for answer in made]

    def test_pages_follow_each_other(self, client: Any, arns: list[str]) -> None:
        pages = client.get_paginator("list_infrastructure_configurations").paginate(PaginationConfig={"PageSize": 7})
        found = [[entry["arn"] for entry in page["infrastructureConfigurationSummaryList"]] for page in pages]
        assert [len(page) for page in found] == [7, 7, 7, 7, 2]
        assert [arn for page in found for arn in page] == arns

    def test_a_page_has_25_entries_by_default(self, client: Any, arns: list[str]) -> None:
        answer = client.list_infrastructure_configurations()
        assert len(answer["infrastructureConfigurationSummaryList"]) == 25 < len(arns)
        refused("InvalidParameterValueException", client.list_infrastructure_configurations, maxResults=101)

    def test_a_token_belongs_to_its_request(self, client: Any, arns: list[str]) -> None:
        token = client.list_infrastructure_configurations(maxResults=5)["nextToken"]
        filters = [{"name": "name", "values": ["infra 1*"]}]
        assert client.list_infrastructure_configurations(filters=[{"name": "name", "values": ["*fra 29*"]}])["infrastructureConfigurationSummaryList"]
        for literal in ("inf*29", "*29", "Infra 29", "infra-29"):  # the star stands at the end, or at both ends
            none = client.list_infrastructure_configurations(filters=[{"name": "name", "values": [literal]}])
            assert none["infrastructureConfigurationSummaryList"] == []
        refused("InvalidPaginationTokenException", client.list_infrastructure_configurations, nextToken="nonsense")
        refused("InvalidPaginationTokenException", client.list_infrastructure_configurations, nextToken=token, filters=filters)
        found = client.list_infrastructure_configurations(filters=filters)["infrastructureConfigurationSummaryList"]
        assert [entry["arn"] for entry in found] == [arns[1], *arns[10:20]]


class TestTags:
    """Tags of anything with an ARN."""

    def test_life(self, client: Any, component: str) -> None:
        client.tag_resource(resourceArn=component, tags={"a": "1", "b": "2"})
        client.tag_resource(resourceArn=component, tags={"b": "3", "c d": "4"})
        client.untag_resource(resourceArn=component, tagKeys=["a", "c d", "none"])
        assert client.list_tags_for_resource(resourceArn=component)["tags"] == {"b": "3"}
        assert client.get_component(componentBuildVersionArn=component)["component"]["tags"] == {"b": "3"}

    def test_limits(self, client: Any, component: str) -> None:
        client.tag_resource(resourceArn=component, tags={str(number): "" for number in range(50)})
        refused("InvalidParameterException", client.tag_resource, resourceArn=component, tags={"one more": ""})
        refused("InvalidParameterException", client.tag_resource, resourceArn=component, tags={"Team#1": "a"})
        missing = component.replace("hello", "bye")
        refused("ResourceNotFoundException", client.list_tags_for_resource, resourceArn=missing)
