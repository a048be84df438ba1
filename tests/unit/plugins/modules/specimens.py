# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An example of each kind of resource with all its options, and another value for each: what the table of behaviours is run with.

Options that exclude each other are in several specimens of one kind. A test fails for an option that is in none.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import Resource

Options = Mapping[str, Any]
Surroundings = Callable[[Any], None]
"""Makes, in an emulator, what a specimen presupposes."""

ACCOUNT, OTHER, THIRD = "111111111111", "222222222222", "333333333333"
REGION = "us-west-2"
ARN = f"arn:aws:imagebuilder:{REGION}:{ACCOUNT}"
AMAZON = f"arn:aws:imagebuilder:{REGION}:aws"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/golden"
PARENT = f"{AMAZON}:image/amazon-linux-2023-x86/x.x.x"
REBOOT = f"{AMAZON}:component/reboot-linux/x.x.x"
UPDATE = f"{AMAZON}:component/update-linux/1.0.x"
TEST_IMAGE = f"{AMAZON}:workflow/test/test-image/x.x.x"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/image-builder"
DOCUMENT = "name: x\nschemaVersion: 1.0\nphases:\n  - name: build\n    steps:\n      - {name: Reboot, action: Reboot}\n"
OTHER_DOCUMENT = DOCUMENT.replace("name: build", "name: test")
SCRIPT = "#!/bin/bash\nset -e\ndnf --assumeyes update\n"
DOCKERFILE = "FROM {{{ imagebuilder:parentImage }}}\n{{{ imagebuilder:environments }}}\n{{{ imagebuilder:components }}}\n"
WORKFLOW_DOCUMENT = (
    "name: x\nschemaVersion: 1.0\nsteps:\n  - name: LaunchBuildInstance\n    action: LaunchInstance\n    onFailure: Abort\n"
    "    inputs:\n      waitFor: ssmAgent\n"
)
OTHER_WORKFLOW_DOCUMENT = WORKFLOW_DOCUMENT.replace("LaunchBuildInstance", "LaunchAnother")
NAME = "golden <<imagebuilder:buildDate>>"


@dataclass(frozen=True)
class Change:
    """Another value of an option. `beside` has to change with it; `shown` are the options that a diff then shows, where these are others."""

    value: Any
    beside: Options = field(default_factory=dict)
    shown: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Specimen:
    """One example of a kind.

    `complete` has a value for each of its options; `changes` another one for each that can change. `missing` is what is said to be required when
    nothing but the identity is given. `identity` are the options that say which resource it is. `stored` are options whose value AWS keeps in
    another form, under the name of another, or does not tell. `fixed` are options with one possible value only, beside the others. `kept` are
    options that a rule of the kind lets nobody empty, beside those that the API requires. `when_empty` is what AWS has instead of an option that
    is emptied. `surroundings` make what it refers to.
    """

    kind: str
    complete: Options
    changes: Mapping[str, Any]
    missing: tuple[str, ...]
    variant: str = ""
    identity: tuple[str, ...] = ("name", "semantic_version")
    stored: frozenset[str] = frozenset()
    fixed: frozenset[str] = frozenset()
    kept: frozenset[str] = frozenset()
    when_empty: Options = field(default_factory=dict)
    surroundings: tuple[Surroundings, ...] = ()

    @property
    def id(self) -> str:
        """What the specimen is called in test ids."""
        return "-".join(filter(None, (self.kind, self.variant)))

    @property
    def resource(self) -> Resource:
        """The description of its kind."""
        module = importlib.import_module(f"ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.{self.kind}")
        found: Resource = getattr(module, self.kind.upper())
        return found

    @property
    def short(self) -> dict[str, Any]:
        """The options that say which resource it is."""
        return {name: self.complete[name] for name in self.identity if name in self.complete}

    def change(self, option: str) -> Change:
        """The other value of an option."""
        value = self.changes[option]
        return value if isinstance(value, Change) else Change(value)


def topics(emulator: Any) -> None:
    """Topics of SNS."""
    for name in ("builds", "other"):
        emulator.client(ACCOUNT, "sns", REGION).create_topic(Name=name)


def roles(emulator: Any) -> None:
    """Roles that Image Builder may assume."""
    statement = {"Effect": "Allow", "Principal": {"Service": "imagebuilder.amazonaws.com"}, "Action": "sts:AssumeRole"}
    for arn in (ROLE, f"{ROLE}-2"):
        emulator.client(ACCOUNT, "iam", REGION).create_role(
            RoleName=arn.rpartition("/")[2], AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        )


def parameter(emulator: Any) -> None:
    """A parameter that holds the id of an AMI."""
    made = emulator.client(ACCOUNT, "ec2", REGION).register_image(
        Name="base", Architecture="x86_64", RootDeviceName="/dev/xvda", VirtualizationType="hvm"
    )
    emulator.client(ACCOUNT, "ssm", REGION).put_parameter(Name="/golden/base", Value=made["ImageId"], Type="String")


def documents(emulator: Any) -> None:
    """A bucket with documents."""
    s3 = emulator.client(ACCOUNT, "s3", REGION)
    s3.create_bucket(Bucket="documents", CreateBucketConfiguration={"LocationConstraint": REGION})
    texts = {
        "component": (DOCUMENT, OTHER_DOCUMENT),
        "workflow": (WORKFLOW_DOCUMENT, OTHER_WORKFLOW_DOCUMENT),
        "dockerfile": (DOCKERFILE, DOCKERFILE + "\n"),
    }
    for name, versions in texts.items():
        for number, text in enumerate(versions, 1):
            s3.put_object(Bucket="documents", Key=f"{name}-{number}", Body=text.encode())


def repository(emulator: Any) -> None:
    """Repositories of ECR."""
    for name in ("golden", "other"):
        emulator.client(ACCOUNT, "ecr", REGION).create_repository(repositoryName=name)


def recipes(emulator: Any) -> None:
    """Image recipes and configurations that a pipeline refers to, two of each."""
    client = emulator.client(ACCOUNT, "imagebuilder", REGION)
    entry = {"region": REGION, "amiDistributionConfiguration": {"description": "x"}}
    for name in ("golden", "other"):
        client.create_image_recipe(name=name, semanticVersion="1.0.0", parentImage=PARENT, clientToken=f"r-{name}")
        client.create_infrastructure_configuration(name=name, instanceProfileName="image-builder", clientToken=f"i-{name}")
        client.create_distribution_configuration(name=name, distributions=[entry], clientToken=f"d-{name}")


def container_recipes(emulator: Any) -> None:
    """Container recipes that a pipeline refers to."""
    repository(emulator)
    client = emulator.client(ACCOUNT, "imagebuilder", REGION)
    for name in ("golden", "other"):
        client.create_container_recipe(
            name=name,
            containerType="DOCKER",
            semanticVersion="1.0.0",
            parentImage="amazonlinux:latest",
            platformOverride="Linux",
            components=[{"componentArn": REBOOT}],
            dockerfileTemplateData=DOCKERFILE,
            targetRepository={"service": "ECR", "repositoryName": "golden"},
            clientToken=f"c-{name}",
        )


COMPONENT: dict[str, Any] = {
    "name": "Harden Linux",
    "semantic_version": "1.0.x",
    "description": "hardens",
    "change_description": "first",
    "platform": "Linux",
    "supported_os_versions": ["Amazon Linux 2023", "Ubuntu 24"],
    "data": DOCUMENT,
    "kms_key_id": KEY,
    "tags": {"team": "platform"},
}
COMPONENT_CHANGES: dict[str, Any] = {
    "description": "hardens more",
    "platform": "Windows",
    "supported_os_versions": ["Ubuntu 24"],
    "data": OTHER_DOCUMENT,
    "kms_key_id": KEY + "2",
}
CONTAINER_RECIPE: dict[str, Any] = {
    "name": "Golden_Container",
    "semantic_version": "1.0.x",
    "container_type": "DOCKER",
    "description": "golden",
    "components": [{"component_arn": REBOOT}, {"component_arn": UPDATE}],
    "instance_configuration": {
        "image": "ssm:/golden/base",
        "block_device_mappings": [{"device_name": "/dev/xvda", "ebs": {"encrypted": True, "volume_size": 20, "volume_type": "gp3"}}],
    },
    "dockerfile_template_data": DOCKERFILE,
    "platform_override": "Linux",
    "image_os_version_override": "Amazon Linux 2023",
    "parent_image": "amazonlinux:latest",
    "working_directory": "/var/tmp",
    "target_repository": {"service": "ECR", "repository_name": "golden"},
    "kms_key_id": KEY,
    "tags": {"team": "platform"},
}
PIPELINE: dict[str, Any] = {
    "name": "Golden Pipeline",
    "description": "every week",
    "image_recipe_arn": f"{ARN}:image-recipe/golden/1.0.0",
    "infrastructure_configuration_arn": f"{ARN}:infrastructure-configuration/golden",
    "distribution_configuration_arn": f"{ARN}:distribution-configuration/golden",
    "image_tests_configuration": {"image_tests_enabled": True, "timeout_minutes": 90},
    "enhanced_image_metadata_enabled": False,
    "schedule": {
        "schedule_expression": "cron(0 0 * * ? *)",
        "timezone": "Europe/Berlin",
        "pipeline_execution_start_condition": "EXPRESSION_MATCH_ONLY",
        "auto_disable_policy": {"failure_count": 3},
    },
    "status": "ENABLED",
    "image_tags": {"CostCenter": "1"},
    "image_scanning_configuration": {"image_scanning_enabled": True},
    "workflows": [{"workflow_arn": f"{AMAZON}:workflow/build/build-image/x.x.x"}, {"workflow_arn": TEST_IMAGE, "on_failure": "ABORT"}],
    "execution_role": ROLE,
    "logging_configuration": {"image_log_group_name": "/golden/image", "pipeline_log_group_name": "/golden/pipeline"},
    "tags": {"team": "platform"},
}
PIPELINE_CHANGES: dict[str, Any] = {
    "description": "every day",
    "infrastructure_configuration_arn": f"{ARN}:infrastructure-configuration/other",
    "distribution_configuration_arn": f"{ARN}:distribution-configuration/other",
    "image_tests_configuration": {"image_tests_enabled": True, "timeout_minutes": 120},
    "enhanced_image_metadata_enabled": True,
    "schedule": {"schedule_expression": "rate(1 day)"},
    "status": "DISABLED",
    "image_tags": {"CostCenter": "2"},
    "image_scanning_configuration": {"image_scanning_enabled": False},
    "workflows": [{"workflow_arn": TEST_IMAGE, "on_failure": "CONTINUE", "parallel_group": "a"}],
    "execution_role": f"{ROLE}-2",
    "logging_configuration": {"image_log_group_name": "/golden/image-2"},
}
WORKFLOW: dict[str, Any] = {
    "name": "Build Slowly",
    "semantic_version": "1.0.x",
    "type": "BUILD",
    "description": "builds",
    "change_description": "first",
    "data": WORKFLOW_DOCUMENT,
    "kms_key_id": KEY,
    "tags": {"team": "platform"},
}
POLICY_DETAIL = {
    "action": {"type": "DELETE", "include_resources": {"amis": True, "snapshots": True, "containers": False}},
    "filter": {"type": "AGE", "value": 6, "unit": "MONTHS", "retain_at_least": 1},
    "exclusion_rules": {"tag_map": {"keep": "yes"}, "amis": {"is_public": False, "last_launched": {"unit": "DAYS", "value": 14}}},
}


def without(options: Options, *names: str, **more: Any) -> dict[str, Any]:
    """Options without some, and with others."""
    return {name: value for name, value in options.items() if name not in names} | more


SPECIMENS = (
    Specimen("component", COMPONENT, COMPONENT_CHANGES, missing=("platform", "data"), kept=frozenset({"data"})),
    Specimen(
        "component",
        without(COMPONENT, "data", uri="s3://documents/component-1"),
        {"uri": Change("s3://documents/component-2", shown=frozenset({"data"}))},
        variant="uri",
        stored=frozenset({"uri"}),
        missing=("platform", "data"),
        kept=frozenset({"uri"}),
        surroundings=(documents,),
    ),
    Specimen(
        "component",
        without(COMPONENT, "supported_os_versions", data=SCRIPT, type="BUILD", format="SHELL"),
        {"data": Change(f"{SCRIPT}reboot\n", beside={"type": "BUILD", "format": "SHELL"})},
        variant="script",
        stored=frozenset({"data", "type", "format"}),
        fixed=frozenset({"type", "format"}),
        missing=("platform", "data"),
        kept=frozenset({"data", "type", "format"}),
    ),
    Specimen(
        "image_recipe",
        {
            "name": "Golden_Linux",
            "semantic_version": "1.0.x",
            "description": "golden",
            "components": [{"component_arn": REBOOT}, {"component_arn": UPDATE}],
            "parent_image": PARENT,
            "block_device_mappings": [
                {"device_name": "/dev/xvda", "ebs": {"encrypted": True, "kms_key_id": KEY, "volume_size": 20, "volume_type": "gp3"}},
                {"device_name": "/dev/xvdb", "no_device": ""},
            ],
            "working_directory": "/var/tmp",
            "additional_instance_configuration": {"systems_manager_agent": {"uninstall_after_build": False}},
            "ami_tags": {"CostCenter": "1"},
            "ami_watermarks": ["golden", "linux"],
            "tags": {"team": "platform"},
        },
        {
            "description": "more golden",
            "components": [{"component_arn": UPDATE}, {"component_arn": REBOOT}],
            "parent_image": PARENT.replace("x.x.x", "2026.x.x"),
            "block_device_mappings": [{"device_name": "/dev/xvda", "ebs": {"encrypted": True}}],
            "working_directory": "/tmp",
            "additional_instance_configuration": {"systems_manager_agent": {"uninstall_after_build": True}},
            "ami_tags": {"CostCenter": "2"},
            "ami_watermarks": ["golden"],
        },
        missing=("parent_image",),
    ),
    Specimen(
        "container_recipe",
        CONTAINER_RECIPE,
        {
            "description": "more golden",
            "components": [{"component_arn": UPDATE}],
            "instance_configuration": {"image": "ssm:/golden/base"},
            "dockerfile_template_data": f"{DOCKERFILE}USER nobody\n",
            "parent_image": "amazonlinux:2023",
            "working_directory": "/tmp",
            "target_repository": {"service": "ECR", "repository_name": "other"},
            "kms_key_id": KEY + "2",
        },
        missing=("container_type", "parent_image", "target_repository", "dockerfile_template_data"),
        stored=frozenset({"image_os_version_override"}),
        fixed=frozenset({"container_type", "platform_override"}),
        kept=frozenset({"dockerfile_template_data", "platform_override", "components"}),
        surroundings=(repository, parameter),
    ),
    Specimen(
        "container_recipe",
        without(CONTAINER_RECIPE, "dockerfile_template_data", dockerfile_template_uri="s3://documents/dockerfile-1"),
        {"dockerfile_template_uri": Change("s3://documents/dockerfile-2", shown=frozenset({"dockerfile_template_data"}))},
        variant="uri",
        stored=frozenset({"dockerfile_template_uri", "image_os_version_override"}),
        missing=("container_type", "parent_image", "target_repository", "dockerfile_template_data"),
        kept=frozenset({"dockerfile_template_uri", "platform_override", "components"}),
        surroundings=(repository, parameter, documents),
    ),
    Specimen(
        "infrastructure_configuration",
        {
            "name": "golden-linux",
            "description": "builds",
            "instance_types": ["m7i.large", "m6i.large"],
            "instance_profile_name": "image-builder",
            "security_group_ids": ["sg-1", "sg-2"],
            "subnet_id": "subnet-1",
            "logging": {"s3_logs": {"s3_bucket_name": "logs", "s3_key_prefix": "x"}},
            "key_pair": "factory",
            "terminate_instance_on_failure": False,
            "terminate_instance_on_completion": False,
            "sns_topic_arn": f"arn:aws:sns:{REGION}:{ACCOUNT}:builds",
            "resource_tags": {"CostCenter": "1"},
            "instance_metadata_options": {"http_tokens": "required", "http_put_response_hop_limit": 2},
            "placement": {"tenancy": "dedicated"},
            "parent_instance": {"auto_scaling_group": {"name": "pool", "capacity_wait_timeout_seconds": 60}},
            "tags": {"team": "platform"},
        },
        {
            "description": "builds more",
            "instance_types": ["m7i.large"],
            "instance_profile_name": "image-builder-2",
            "security_group_ids": ["sg-1"],
            "subnet_id": "subnet-2",
            "logging": {"s3_logs": {"s3_bucket_name": "logs"}},
            "key_pair": "factory-2",
            "terminate_instance_on_failure": True,
            "terminate_instance_on_completion": True,
            "sns_topic_arn": f"arn:aws:sns:{REGION}:{ACCOUNT}:other",
            "resource_tags": {"CostCenter": "2"},
            "instance_metadata_options": {"http_tokens": "optional"},
            "placement": {"tenancy": "host", "host_id": "h-1"},
            "parent_instance": {"auto_scaling_group": {"name": "pool"}},
        },
        missing=("instance_profile_name",),
        kept=frozenset({"security_group_ids"}),
        surroundings=(topics,),
    ),
    Specimen(
        "distribution_configuration",
        {
            "name": "golden-linux",
            "description": "delivers",
            "distributions": [
                {
                    "region": REGION,
                    "ami_distribution_configuration": {
                        "name": NAME,
                        "target_account_ids": [OTHER, THIRD],
                        "kms_key_id": KEY,
                        "ami_tags": {"built": "<<imagebuilder:buildDate>>"},
                        "launch_permission": {"user_ids": [OTHER]},
                    },
                    "launch_template_configurations": [{"launch_template_id": "lt-0123456789abcdef0", "account_id": OTHER}],
                    "ssm_parameter_configurations": [{"parameter_name": "/imagebuilder/x", "ami_account_id": OTHER}],
                },
                {"region": "eu-west-1", "ami_distribution_configuration": {"target_account_ids": [OTHER]}},
            ],
            "tags": {"team": "platform"},
        },
        {
            "description": "delivers more",
            "distributions": [{"region": REGION, "ami_distribution_configuration": {"name": NAME}}],
        },
        missing=("distributions",),
    ),
    Specimen(
        "image_pipeline",
        PIPELINE,
        {**PIPELINE_CHANGES, "image_recipe_arn": f"{ARN}:image-recipe/other/1.0.0"},
        missing=("image_recipe_arn", "infrastructure_configuration_arn"),
        kept=frozenset({"image_recipe_arn", "execution_role", "status"}),
        when_empty={"image_tests_configuration": {"image_tests_enabled": True, "timeout_minutes": 720}},
        surroundings=(roles, recipes),
    ),
    Specimen(
        "image_pipeline",
        without(PIPELINE, "image_recipe_arn", "workflows", container_recipe_arn=f"{ARN}:container-recipe/golden/1.0.0"),
        {"container_recipe_arn": f"{ARN}:container-recipe/other/1.0.0"},
        variant="container",
        missing=("image_recipe_arn", "infrastructure_configuration_arn"),
        kept=frozenset({"container_recipe_arn", "execution_role", "status"}),
        surroundings=(roles, recipes, container_recipes),
    ),
    Specimen(
        "lifecycle_policy",
        {
            "name": "Old Images",
            "description": "deletes",
            "status": "ENABLED",
            "execution_role": ROLE,
            "resource_type": "AMI_IMAGE",
            "policy_details": [POLICY_DETAIL],
            "resource_selection": {"tag_map": {"team": "platform"}},
            "tags": {"team": "platform"},
        },
        {
            "description": "deletes more",
            "status": "DISABLED",
            "execution_role": f"{ROLE}-2",
            "policy_details": [{**POLICY_DETAIL, "filter": {"type": "AGE", "value": 1, "unit": "YEARS"}}],
            "resource_selection": {"recipes": [{"name": "golden", "semantic_version": "1.0.x"}]},
        },
        missing=("execution_role", "resource_type", "policy_details", "resource_selection"),
        fixed=frozenset({"resource_type"}),
        kept=frozenset({"status"}),
        surroundings=(roles,),
    ),
    Specimen(
        "workflow",
        WORKFLOW,
        {"description": "builds more", "data": OTHER_WORKFLOW_DOCUMENT, "kms_key_id": KEY + "2"},
        missing=("data",),
        identity=("name", "semantic_version", "type"),
        kept=frozenset({"data"}),
    ),
    Specimen(
        "workflow",
        without(WORKFLOW, "data", uri="s3://documents/workflow-1"),
        {"uri": Change("s3://documents/workflow-2", shown=frozenset({"data"}))},
        variant="uri",
        stored=frozenset({"uri"}),
        missing=("data",),
        identity=("name", "semantic_version", "type"),
        kept=frozenset({"uri"}),
        surroundings=(documents,),
    ),
)
