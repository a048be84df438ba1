# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Inputs of the shapes that people really have, from the user guide, AWS's samples and published infrastructure code.

The good ones are taken, read back as they were given and change nothing the second time. The bad ones are ones that AWS refuses, or takes and
then fails over after the whole build; they are refused before the first call, with the place as it was written and what to do.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

Result = dict[str, Any]
RunModule = Callable[..., Result]
SOURCE = "111111111111"
REGION = "us-west-2"
PARENT = f"arn:aws:imagebuilder:{REGION}:aws:image/amazon-linux-2023-x86/x.x.x"
DATE = "<<imagebuilder:buildDate>>"
KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
MANY = [f"{number:012d}" for number in range(1, 1537)]


def key(region: str, account_id: str = SOURCE, name: str = f"key/{KEY_ID}") -> str:
    return f"arn:aws:kms:{region}:{account_id}:{name}"


def ami(region: str = REGION, **members: Any) -> dict[str, Any]:
    return {"region": region, "ami_distribution_configuration": members}


# Written for the AWS CLI, camelCase inside.
CLI_FILES: dict[str, dict[str, Any]] = {
    "cross-account page: two target accounts": {
        "distributions": [
            {
                "region": REGION,
                "amiDistributionConfiguration": {
                    "targetAccountIds": ["123456789012", "987654321098"],
                    "name": "Name {{ imagebuilder:buildDate }}",
                    "description": "Copies",
                },
            }
        ],
    },
    "user guide: shared in two Regions": {
        "distributions": [
            {
                "region": "us-west-2",
                "amiDistributionConfiguration": {
                    "name": "Name {{imagebuilder:buildDate}}",
                    "amiTags": {"KeyName": "Some Value"},
                    "launchPermission": {"userIds": ["987654321012"]},
                },
            },
            {
                "region": "eu-west-1",
                "amiDistributionConfiguration": {
                    "name": "My {{imagebuilder:buildVersion}} image {{imagebuilder:buildDate}}",
                    "amiTags": {"KeyName": "Some value"},
                    "launchPermission": {"userIds": ["100000000001"]},
                },
            },
        ],
    },
    "user guide: a parameter with the AMI's id": {
        "distributions": [
            {
                "region": REGION,
                "amiDistributionConfiguration": {"name": "Name {{ imagebuilder:buildDate }}", "targetAccountIds": ["111122223333"]},
                "ssmParameterConfigurations": [{"amiAccountId": "111122223333", "parameterName": "/output/image/param", "dataType": "aws:ec2:image"}],
            }
        ],
    },
    "user guide: export of a disk": {
        "distributions": [
            {
                "region": REGION,
                "amiDistributionConfiguration": {"description": "VM and AMI"},
                "s3ExportConfiguration": {"roleName": "vmimport", "diskImageFormat": "RAW", "s3Bucket": "vm-bucket-export"},
            }
        ],
    },
    "user guide: containers in two Regions": {
        "distributions": [
            {
                "region": region,
                "containerDistributionConfiguration": {
                    "description": "Containers",
                    "targetRepository": {"service": "ECR", "repositoryName": "testrepo"},
                    "containerTags": tags,
                },
            }
            for region, tags in (("us-west-2", ["west2", "image1"]), ("us-east-1", ["east1", "imagedist"]))
        ],
    },
}

DISTRIBUTIONS: dict[str, list[dict[str, Any]]] = {
    "more than 200 accounts share one image": [ami(name=f"base {DATE}", launch_permission={"user_ids": MANY[:230]})],
    "as many accounts as an entry holds": [ami(name=f"base {DATE}", target_account_ids=MANY)],
    "copied and shared, the key and templates in other accounts": [
        {
            **ami(
                "eu-west-2",
                name=f"mp_{DATE}",
                kms_key_id=key("eu-west-2", "374269020027", "alias/ebs-hmpps"),
                target_account_ids=["222222222222", "333333333333"],
                launch_permission={"user_ids": ["222222222222", "333333333333"]},
                ami_tags={"component": "base", "is-production": "false"},
            ),
            "launch_template_configurations": [
                {"launch_template_id": "lt-0123456789abcdef0", "account_id": "222222222222", "set_default_version": False},
                {"launch_template_id": "lt-0123456789abcdef1", "account_id": "333333333333"},
            ],
        }
    ],
    "copied and shared with the same accounts, in each Region with the key of its volumes": [
        ami(
            region,
            name=f"1a2b3c-{region}-{DATE}",
            kms_key_id=key(region),
            target_account_ids=["222222222222", "333333333333"],
            launch_permission={"user_ids": ["222222222222", "333333333333"]},
        )
        for region in ("us-west-2", "eu-west-1")
    ],
    "a key for each Region": [
        ami(region, name=f"ami-1a2b-{region}-{DATE}", kms_key_id=key(region), target_account_ids=["222222222222"])
        for region in ("us-east-1", "us-west-2", "ap-southeast-2")
    ],
    "replicas of a multi-Region key": [
        ami(region, kms_key_id=key(region, name="key/mrk-1234abcd12ab34cd56ef1234567890ab"), target_account_ids=["222222222222"])
        for region in ("us-west-2", "eu-west-1")
    ],
    "fast launch in the own account and nothing but tags": [
        {
            **ami(ami_tags={"os": "windows"}),
            "fast_launch_configurations": [
                {"account_id": SOURCE, "enabled": True, "max_parallel_launches": 6, "snapshot_configuration": {"target_resource_count": 5}}
            ],
        }
    ],
    "a parameter of the own account": [{**ami(), "ssm_parameter_configurations": [{"parameter_name": "/golden-ami/latest-ami"}]}],
    "an organization and a unit of it": [
        ami(
            launch_permission={
                "organization_arns": ["arn:aws:organizations::111111111111:organization/o-abcdefghij"],
                "organizational_unit_arns": ["arn:aws:organizations::111111111111:ou/o-abcdefghij/ou-ab12-cdefghij"],
            }
        )
    ],
    "licences": [ami() | {"license_configuration_arns": [f"arn:aws:license-manager:{REGION}:{SOURCE}:license-configuration:lic-{'0a' * 16}"]}],
    "a template of the own account that begins with the newest AMI": [
        {
            **ami(name=f"golden {DATE}"),
            "launch_template_configurations": [{"launch_template_id": "lt-0123456789abcdef0", "account_id": SOURCE, "set_default_version": True}],
        }
    ],
    "Regions that lack hosts for Macs, or paravirtual instances": [ami(region, name=f"mac {DATE}") for region in ("us-west-2", "af-south-1")],
    "nothing but a launch template": [{"region": REGION, "launch_template_configurations": [{"launch_template_id": "lt-0123456789abcdef0"}]}],
    "descriptions beyond ASCII": [ami(description="Für alle 日本語 🚀", ami_tags={"Owner": "Zoë & Søn"})],
}

RECIPES: dict[str, dict[str, Any]] = {
    "no components at all": {"parent_image": PARENT},
    "the parent out of a parameter": {"parent_image": "ssm:/golden-ami/base-ami"},
    "the parent out of a parameter by its ARN": {"parent_image": f"ssm:arn:aws:ssm:{REGION}:{SOURCE}:parameter/golden-ami/base-ami"},
    "cross-account page: an encrypted root volume": {
        "parent_image": PARENT,
        "block_device_mappings": [
            {
                "device_name": "/dev/xvda",
                "ebs": {"delete_on_termination": True, "encrypted": True, "iops": 100, "kms_key_id": key(REGION), "volume_type": "io1"},
            }
        ],
    },
}


def assert_kept(run_module: RunModule, emulator: Any, kind: str, **options: Any) -> Result:
    """The module makes it, has it as given, and has nothing to do the second time. The first result."""
    first = run_module(kind, **options)
    assert not first["failed"], first.get("msg")
    assert first["changed"]
    emulator.reset_calls()
    second = run_module(kind, **options)
    assert (second["failed"], second["changed"], second["diff"]["before"]) == (False, False, second["diff"]["after"])
    assert second[kind] == first[kind]
    assert emulator.writes() == []
    return first


@pytest.mark.parametrize("members", CLI_FILES.values(), ids=CLI_FILES)
def test_files_for_the_aws_cli(members: dict[str, Any], emulator: Any, run_module: RunModule) -> None:
    result = assert_kept(run_module, emulator, "distribution_configuration", cli_input_json=json.dumps({"name": "Sample", **members}))
    made = emulator.client(SOURCE, "imagebuilder").get_distribution_configuration(
        distributionConfigurationArn=result["distribution_configuration"]["arn"]
    )["distributionConfiguration"]
    assert made["distributions"] == members["distributions"]


@pytest.mark.parametrize("distributions", DISTRIBUTIONS.values(), ids=DISTRIBUTIONS)
def test_distributions(distributions: list[dict[str, Any]], emulator: Any, run_module: RunModule) -> None:
    result = assert_kept(run_module, emulator, "distribution_configuration", name="sample", distributions=distributions)
    as_written = json.dumps(distributions, sort_keys=True).replace(DATE, "{{ imagebuilder:buildDate }}")
    assert json.dumps(result["distribution_configuration"]["distributions"], sort_keys=True) == as_written


@pytest.mark.parametrize("members", RECIPES.values(), ids=RECIPES)
def test_recipes(members: dict[str, Any], emulator: Any, run_module: RunModule) -> None:
    emulator.client(SOURCE, "ssm").put_parameter(Name="/golden-ami/base-ami", Value=own_ami(emulator), Type="String")
    made = assert_kept(run_module, emulator, "image_recipe", name="sample", semantic_version="1.0.x", **members)["image_recipe"]
    assert {name: made[name] for name in members} == members


def test_an_ami_as_the_parent(emulator: Any, run_module: RunModule) -> None:
    assert_kept(run_module, emulator, "image_recipe", name="sample", semantic_version="1.0.0", parent_image=own_ami(emulator))


def test_a_pipeline_that_gives_up_after_failures(emulator: Any, run_module: RunModule) -> None:
    run_module("image_recipe", name="golden", semantic_version="1.0.0", parent_image=PARENT)
    run_module("infrastructure_configuration", name="golden", instance_profile_name="image-builder")
    schedule = {
        "schedule_expression": "cron(0 0 ? * sun *)",
        "pipeline_execution_start_condition": "EXPRESSION_MATCH_ONLY",
        "auto_disable_policy": {"failure_count": 3},
    }
    options = {"image_recipe": "golden/x.x.x", "infrastructure_configuration": "golden", "schedule": schedule}
    assert assert_kept(run_module, emulator, "image_pipeline", name="golden", **options)["image_pipeline"]["schedule"] == schedule


def test_the_client_token_of_a_file_is_no_part_of_the_resource(emulator: Any, run_module: RunModule) -> None:
    """With one token and two contents AWS answers IdempotentParameterMismatchException."""
    for description in ("one", "two"):
        file = {"name": "sample", "description": description, "clientToken": "the-same", **CLI_FILES["user guide: export of a disk"]}
        made = run_module("distribution_configuration", cli_input_json=json.dumps(file))
        assert (made["failed"], made["changed"]) == (False, True)
        assert made["distribution_configuration"]["description"] == description


def own_ami(emulator: Any) -> str:
    ec2 = emulator.client(SOURCE, "ec2")
    return str(ec2.register_image(Name="base", Architecture="x86_64", RootDeviceName="/dev/xvda", VirtualizationType="hvm")["ImageId"])


# --- the same, written in another way ---------------------------------------------------------------------------------------------------------


def entry(**members: Any) -> dict[str, Any]:
    return {"distributions": [{"region": REGION, "ami_distribution_configuration": {"name": f"base {DATE}"}, **members}]}


def volume(**ebs: Any) -> dict[str, Any]:
    return {**RECIPE, "block_device_mappings": [{"device_name": "/dev/xvda", "ebs": {"volume_size": 20, "volume_type": "gp3", **ebs}}]}


RECIPE = {"semantic_version": "1.0.x", "parent_image": PARENT}
INFRASTRUCTURE = {"instance_profile_name": "image-builder"}
OTHER_REGION = ami("eu-west-1", description="copies")
FAST = {"enabled": True, "max_parallel_launches": 6, "snapshot_configuration": {"target_resource_count": 5}}
TEMPLATE = {"launch_template_id": "lt-0123456789abcdef0"}
DOCUMENT = "name: x\nschemaVersion: 1.0\nphases:\n  - name: build\n    steps:\n      - {name: Reboot, action: Reboot}\n"
COMPONENT = {"semantic_version": "1.0.0", "platform": "Linux", "data": DOCUMENT}
TAGGED = {"tags": {"a": 1, "b": True, "c": None}}
SPELLINGS: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "Regions in another order": (
        "distribution_configuration",
        {"distributions": [ami(description="x"), OTHER_REGION]},
        {"distributions": [OTHER_REGION, ami(description="x")]},
    ),
    "accounts in another order, and one twice": (
        "distribution_configuration",
        {"distributions": [ami(target_account_ids=["222222222222", "333333333333"])]},
        {"distributions": [ami(target_account_ids=["333333333333", "222222222222", "333333333333"])]},
    ),
    "the API's spelling": (
        "distribution_configuration",
        {"distributions": [ami(target_account_ids=["222222222222"])]},
        {"distributions": [{"region": REGION, "amiDistributionConfiguration": {"targetAccountIds": ["222222222222"]}}]},
    ),
    "the tag as a string that Jinja left alone": (
        "distribution_configuration",
        {"distributions": [ami(name=f"base {DATE}")]},
        {"distributions": [ami(name="base {{ imagebuilder:buildDate }}")]},
    ),
    "null and empty in nested values": (
        "distribution_configuration",
        {"distributions": [ami(description="x")]},
        {"distributions": [ami(description="x", kms_key_id=None, ami_tags={}, target_account_ids=[], launch_permission={"user_ids": []})]},
    ),
    "tags of an AMI that are no strings": (
        "distribution_configuration",
        {"distributions": [ami(ami_tags={"a": 1, "b": 1.5, "c": True, "d": None})]},
        {"distributions": [ami(ami_tags={"a": "1", "b": "1.5", "c": "True", "d": ""})]},
    ),
    "numbers and booleans as strings": (
        "distribution_configuration",
        entry(fast_launch_configurations=[FAST]),
        entry(
            fast_launch_configurations=[{"enabled": "yes", "max_parallel_launches": "6", "snapshot_configuration": {"target_resource_count": "5"}}]
        ),
    ),
    "what the service assumes anyway": (
        "distribution_configuration",
        entry(launch_template_configurations=[TEMPLATE], ssm_parameter_configurations=[{"parameter_name": "/x"}]),
        entry(
            launch_template_configurations=[{**TEMPLATE, "set_default_version": "true"}],
            ssm_parameter_configurations=[{"parameter_name": "/x", "data_type": "text"}],
        ),
    ),
    "a size as a string": ("image_recipe", volume(), volume(volume_size="20")),
    "an encryption that is off, as a word": ("image_recipe", volume(encrypted=False), volume(encrypted="no")),
    "a component with other line ends and a comment": (
        "component",
        COMPONENT,
        {**COMPONENT, "data": "# hardens\n" + DOCUMENT.replace("\n", "\r\n")},
    ),
    "hop limit and booleans as strings": (
        "infrastructure_configuration",
        {**INFRASTRUCTURE, "terminate_instance_on_failure": False, "instance_metadata_options": {"http_put_response_hop_limit": 2}},
        {**INFRASTRUCTURE, "terminate_instance_on_failure": "no", "instance_metadata_options": {"http_put_response_hop_limit": "2"}},
    ),
    "tags that are no strings": (
        "infrastructure_configuration",
        {**INFRASTRUCTURE, **TAGGED},
        {**INFRASTRUCTURE, "tags": {"a": "1", "b": "True", "c": ""}},
    ),
}


@pytest.mark.parametrize("case", SPELLINGS.values(), ids=SPELLINGS)
def test_another_spelling_is_no_change(case: tuple[str, dict[str, Any], dict[str, Any]], emulator: Any, run_module: RunModule) -> None:
    kind, one, other = case
    first = assert_kept(run_module, emulator, kind, name="sample", **one)
    second = run_module(kind, name="Sample", **other)
    assert (second["failed"], second["changed"]) == (False, False), second.get("msg") or second["diff"]
    assert second[kind] == first[kind]
    assert emulator.writes() == []


def test_a_description_that_is_cleared(emulator: Any, run_module: RunModule) -> None:
    distributions = [ami(description="x")]
    steps = [("first", True, "first"), (None, False, "first"), ("", True, None), ("", False, None), (None, False, None)]
    for description, changed, after in steps:
        result = run_module("distribution_configuration", name="sample", description=description, distributions=distributions)
        assert (result["changed"], result["distribution_configuration"].get("description")) == (changed, after)


# --- what AWS refuses, or fails over later ---------------------------------------------------------------------------------------------------

PATH = "distributions[0].ami_distribution_configuration"
BAD_DISTRIBUTIONS: dict[str, tuple[list[dict[str, Any]], str, str]] = {
    "a Region and nothing else": ([{"region": REGION}], "distributions[0]", "one or more outputs for each Region"),
    "outputs that are empty": ([ami(target_account_ids=[])], "distributions[0]", "one or more outputs for each Region"),
    "a Region of another partition": ([OTHER_REGION, ami("cn-north-1", description="x")], "distributions[1].region", "AMIs stay in one"),
    "a repository with its host": (
        [
            {
                "region": REGION,
                "container_distribution_configuration": {
                    "target_repository": {"service": "ECR", "repository_name": f"{SOURCE}.dkr.ecr.{REGION}.amazonaws.com/testrepo"}
                },
            }
        ],
        "distributions[0].container_distribution_configuration.target_repository.repository_name",
        "without the registry's host: testrepo",
    ),
    "a Region twice": ([OTHER_REGION, OTHER_REGION], "distributions[1].region", "already in entry 0"),
    "a slash in the name": ([ami(name=f"team/app-{DATE}")], f"{PATH}.name", "contains '/'"),
    "parentheses in the name": ([ami(name=f"app (v1) {DATE}")], f"{PATH}.name", "contains '(' ')'"),
    "an at sign in the name": ([ami(name=f"app@{DATE}")], f"{PATH}.name", "contains '@'"),
    "a name without the build date": ([ami(name="golden")], f"{PATH}.name", "<<imagebuilder:buildDate>>"),
    "a name that is too long": ([ami(name=f"{'x' * 120}{DATE}")], f"{PATH}.name", "1 to 127 are allowed"),
    "the plural of launch permission": (
        [ami(launchPermissions={"userIds": [SOURCE]})],
        f"{PATH}.launchPermissions",
        "Did you mean launch_permission?",
    ),
    "a launch template's id of 16 characters": (
        [{"region": REGION, "launch_template_configurations": [{"launch_template_id": "lt-0a1bcde2fgh34567"}]}],
        "distributions[0].launch_template_configurations[0].launch_template_id",
        "it has not the required form",
    ),
    "a tag of AWS": ([ami(ami_tags={"aws:x": "1"})], f"{PATH}.ami_tags.aws:x", "reserved for AWS"),
    "a tag with a number sign": ([ami(ami_tags={"Team#1": "x"})], f"{PATH}.ami_tags.Team#1", "contains '#'"),
    "the key aws/ebs for other accounts": (
        [ami(kms_key_id="aws/ebs", target_account_ids=["222222222222"])],
        f"{PATH}.kms_key_id",
        "give the ARN of a customer managed key",
    ),
    "a bare key id for other accounts": ([ami(kms_key_id=KEY_ID, target_account_ids=["222222222222"])], f"{PATH}.kms_key_id", "give the full ARN"),
    "the key of another Region": (
        [ami("eu-west-1", kms_key_id=key(REGION), target_account_ids=["222222222222"])],
        f"{PATH}.kms_key_id",
        "give a key of eu-west-1",
    ),
    "more accounts than an entry holds": (
        [ami(target_account_ids=[*MANY, SOURCE])],
        f"{PATH}.target_account_ids",
        "has 1537 entries, 1 to 1536 are allowed",
    ),
    "an account id as YAML reads it": ([ami(target_account_ids=[12345678901])], f"{PATH}.target_account_ids[0]", "drops leading zeros"),
    "an account id with hyphens": ([ami(target_account_ids=["1234-5678-9012"])], f"{PATH}.target_account_ids[0]", "exactly 12 digits"),
    "accounts as one string": ([ami(target_account_ids="123456789012,987654321098")], f"{PATH}.target_account_ids", "a list is needed here"),
    "the bare id of an organization": (
        [ami(launch_permission={"organization_arns": ["o-abcdefghij"]})],
        f"{PATH}.launch_permission.organization_arns[0]",
        "it has not the required form",
    ),
    "a parameter by its ARN": (
        [{**ami(), "ssm_parameter_configurations": [{"parameter_name": f"arn:aws:ssm:{REGION}:{SOURCE}:parameter/x"}]}],
        "distributions[0].ssm_parameter_configurations[0].parameter_name",
        "contains ':'",
    ),
    "an example in the place of a licence": (
        [ami() | {"license_configuration_arns": ["lic-example"]}],
        "distributions[0].license_configuration_arns[0]",
        "it has not the required form",
    ),
    "an unknown Region": ([ami("us-west-9", description="x")], "distributions[0].region", "not a Region"),
    "a Region's name as people say it": ([ami("Oregon", description="x")], "distributions[0].region", "not a Region"),
}


def assert_refused(result: Result, path: str, words: str, emulator: Any) -> None:
    """It was refused for one reason, which names the place and says the words, before any call."""
    assert result["failed"]
    assert [error["path"] for error in result.get("errors", ())] == [path], result["msg"]
    assert result["msg"].startswith(f"{path}: ")
    assert words in result["msg"]
    assert emulator.calls() == []


@pytest.mark.parametrize(("distributions", "path", "words"), BAD_DISTRIBUTIONS.values(), ids=BAD_DISTRIBUTIONS)
def test_bad_distributions(distributions: list[dict[str, Any]], path: str, words: str, emulator: Any, run_module: RunModule) -> None:
    emulator.reset_calls()
    assert_refused(run_module("distribution_configuration", name="sample", distributions=distributions), path, words, emulator)


@pytest.mark.parametrize(
    ("members", "place", "words"),
    [
        (
            {"ssm_parameter_configurations": [{"parameter_name": "/x", "ami_account_id": "333333333333"}]},
            "ssm_parameter_configurations[0].ami_account_id",
            "333333333333 does not get the AMI in this Region",
        ),
        (
            {"launch_template_configurations": [{"launch_template_id": "lt-0123456789abcdef0", "account_id": "333333333333"}]},
            "launch_template_configurations[0].account_id",
            "333333333333 does not get the AMI in this Region",
        ),
        (
            {"fast_launch_configurations": [{"account_id": "222222222222", "enabled": True}]},
            "fast_launch_configurations[0].account_id",
            "222222222222 is not the source account",
        ),
    ],
    ids=["a parameter without a copy", "a template without a copy", "fast launch in another account"],
)
def test_accounts_that_cannot_get_it(members: dict[str, Any], place: str, words: str, emulator: Any, run_module: RunModule) -> None:
    """Whether an account is the source account itself is known only when that has been asked for."""
    emulator.reset_calls()
    entry = {**ami(target_account_ids=["222222222222"]), **members}
    result = run_module("distribution_configuration", name="sample", distributions=[entry])
    assert [error["path"] for error in result["errors"]] == [f"distributions[0].{place}"]
    assert words in result["msg"]
    assert emulator.writes() == []


IMAGE = {
    "image_recipe_arn": f"arn:aws:imagebuilder:{REGION}:{SOURCE}:image-recipe/golden/1.0.0",
    "infrastructure_configuration_arn": f"arn:aws:imagebuilder:{REGION}:{SOURCE}:infrastructure-configuration/golden",
}
WORKFLOW = f"arn:aws:imagebuilder:{REGION}:aws:workflow/build/build-image/x.x.x"
BAD_OTHERS: dict[str, tuple[str, dict[str, Any], str, str]] = {
    "an AMI's ARN as the parent": (
        "image_recipe",
        {**RECIPE, "parent_image": f"arn:aws:ec2:{REGION}:{SOURCE}:image/ami-0123456789abcdef0"},
        "parent_image",
        "ami-0123456789abcdef0",
    ),
    "the parent in another Region": (
        "image_recipe",
        {**RECIPE, "parent_image": PARENT.replace(REGION, "eu-west-1")},
        "parent_image",
        "us-west-2",
    ),
    "a component in another Region": (
        "image_recipe",
        {**RECIPE, "components": [{"component_arn": "arn:aws:imagebuilder:eu-west-1:aws:component/update-linux/x.x.x"}]},
        "components[0].component_arn",
        "give one of us-west-2",
    ),
    "a key and no encryption": (
        "image_recipe",
        {**RECIPE, "block_device_mappings": [{"device_name": "/dev/xvda", "ebs": {"kms_key_id": key(REGION)}}]},
        "block_device_mappings[0].ebs.kms_key_id",
        "encrypted: true",
    ),
    "a volume encrypted with the key of another Region": (
        "image_recipe",
        {**RECIPE, "block_device_mappings": [{"device_name": "/dev/xvda", "ebs": {"encrypted": True, "kms_key_id": key("eu-west-1")}}]},
        "block_device_mappings[0].ebs.kms_key_id",
        "us-west-2",
    ),
    "a subnet and no security group": (
        "infrastructure_configuration",
        {**INFRASTRUCTURE, "subnet_id": "subnet-1", "security_group_ids": []},
        "subnet_id",
        "security_group_ids",
    ),
    **{
        f"the tag {reserved}, which Image Builder sets itself": (
            "infrastructure_configuration",
            {**INFRASTRUCTURE, "resource_tags": {reserved: "x"}},
            f"resource_tags.{reserved}",
            "reserved",
        )
        for reserved in ("CreatedBy", "Ec2ImageBuilderArn", "Name", "Tags")
    },
    "workflows and no execution role for a pipeline": (
        "image_pipeline",
        {**IMAGE, "workflows": [{"workflow_arn": WORKFLOW}]},
        "execution_role",
        "with workflows",
    ),
    "workflows and no execution role": (
        "image",
        {**IMAGE, "workflows": [{"workflow_arn": WORKFLOW}]},
        "execution_role",
        "is required with workflows",
    ),
}


@pytest.mark.parametrize("case", BAD_OTHERS.values(), ids=BAD_OTHERS)
def test_bad_recipes_infrastructure_and_images(case: tuple[str, dict[str, Any], str, str], emulator: Any, run_module: RunModule) -> None:
    module, options, path, words = case
    emulator.reset_calls()
    named = {} if module == "image" else {"name": "sample"}
    result = run_module(module, **named, **options)
    assert [error["path"] for error in result.get("errors", ())] == [path], result["msg"]
    assert words in result["msg"]
    assert emulator.writes() == []


def test_no_distributions_any_more(emulator: Any, run_module: RunModule) -> None:
    """Whether that can be is up to AWS, which is asked, and not left with a call that lacks what it needs."""
    run_module("distribution_configuration", name="sample", distributions=[OTHER_REGION])
    emulator.reset_calls()
    run_module("distribution_configuration", name="sample", distributions=[])
    assert [call.operation for call in emulator.writes()] == ["UpdateDistributionConfiguration"]
