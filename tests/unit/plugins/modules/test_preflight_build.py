# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module preflight on the emulator: what the image starts from, what it is built on, and what it is handed to.

As test_preflight.py, which is about accounts, roles and keys: each check finds what is broken for it and nothing else, what AWS would fail on fails
the image, and the remedy, as printed, mends it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.tests.broken_run import Broken, mended_by_commands, mended_by_tasks
from ansible_collections.golden.imagebuilder.tests.emulator import images
from ansible_collections.golden.imagebuilder.tests.emulator.images import BlockDevice
from ansible_collections.golden.imagebuilder.tests.emulator.server import EmulatorServer
from ansible_collections.golden.imagebuilder.tests.organization import (
    BUILD_REGION,
    DISTRIBUTION_ROLE,
    INSTANCE_PROFILE,
    REGIONS,
    SOURCE,
    make_launch_template,
)
from ansible_collections.golden.imagebuilder.tests.ready_run import PAYMENTS, SEARCH, Ready, policy
from moto.ec2.models import ec2_backends

pytestmark = pytest.mark.xdist_group("preflight_build")

OTHER_REGION = REGIONS[1]
EXECUTION_ROLE = "ImageBuilderExecutionRole"
EVERYTHING = {"Effect": "Allow", "Action": "*", "Resource": "*"}
DATA = "/dev/sdb"


@pytest.fixture(scope="module")
def emulator() -> Iterator[EmulatorServer]:
    with EmulatorServer(accounts=[SOURCE, PAYMENTS, SEARCH], seconds_per_state=0.005) as running:
        yield running


@pytest.fixture
def ready(emulator: EmulatorServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Ready:
    emulator.reset()
    for name, value in emulator.environment(SOURCE).items():
        monkeypatch.setenv(name, value)
    run = Ready(emulator, tmp_path, recipe="web/1.0.x")
    run.make()
    emulator.reset_calls()
    return run


# --- what the image starts from ----------------------------------------------------------------------------------------------------------------


def key_of_aws(ready: Ready) -> str:
    return str(ready.client("kms").describe_key(KeyId="alias/aws/ebs")["KeyMetadata"]["Arn"])


def parent(*devices: BlockDevice, account_id: str = SOURCE, **settings: Any) -> Any:
    """An AMI from which images start."""
    return images.register_image(account_id, BUILD_REGION, "base", devices, **settings)


def make_recipe(ready: Ready, parent_image: str, *mappings: dict[str, Any]) -> None:
    """The newest version of the recipe, which the run takes."""
    ready.client("imagebuilder").create_image_recipe(
        name="web", semanticVersion="1.0.x", parentImage=parent_image, **({"blockDeviceMappings": list(mappings)} if mappings else {})
    )


def root(ready: Ready) -> dict[str, Any]:
    return {"deviceName": "/dev/xvda", "ebs": {"encrypted": True, "kmsKeyId": ready.keys[BUILD_REGION]}}


def encrypt_parent_with_key_of_aws(ready: Ready) -> None:
    make_recipe(ready, parent(BlockDevice(kms_key_arn=key_of_aws(ready))).id)


def encrypt_one_snapshot_of_the_parent_with_key_of_aws(ready: Ready) -> None:
    """The root volume is mapped, a second one has been forgotten."""
    make_recipe(ready, parent(BlockDevice(), BlockDevice(DATA, kms_key_arn=key_of_aws(ready))).id, root(ready))


def encrypt_by_default(ready: Ready) -> None:
    """The root volume is mapped, and the parent's other one gets the default key."""
    ready.client("ec2").enable_ebs_encryption_by_default()
    make_recipe(ready, parent(BlockDevice(), BlockDevice(DATA)).id, root(ready))


def encrypt_by_default_and_map_data_only(ready: Ready) -> None:
    """AWS's own image, whose root volume nobody has mapped."""
    ready.client("ec2").enable_ebs_encryption_by_default()
    key = ready.keys[BUILD_REGION]
    image = f"arn:aws:imagebuilder:{BUILD_REGION}:aws:image/amazon-linux-2023-x86/x.x.x"
    make_recipe(ready, image, {"deviceName": DATA, "ebs": {"encrypted": True, "kmsKeyId": key, "volumeSize": 20}})


def name_no_key_in_the_mapping(ready: Ready) -> None:
    make_recipe(ready, parent(BlockDevice()).id, {"deviceName": "/dev/xvda", "ebs": {"encrypted": True}})


def start_from_a_shared_encrypted_ami(ready: Ready) -> None:
    """A volume from another account's snapshot never has that one's key, but the default one of the account that uses it."""
    base = parent(BlockDevice(kms_key_arn=ready.keys[BUILD_REGION]), account_id=PAYMENTS)
    base.launch_permissions = [{"UserId": SOURCE}]
    make_recipe(ready, base.id)


def encrypt_parent_with_a_closed_key(ready: Ready) -> None:
    key = ready.client("kms").create_key()["KeyMetadata"]["Arn"]
    make_recipe(ready, parent(BlockDevice(kms_key_arn=key)).id)


def disable_parent(ready: Ready) -> None:
    base = parent(BlockDevice())
    make_recipe(ready, base.id, root(ready))
    ready.client("ec2").disable_image(ImageId=base.id)


def leave_a_volume_unencrypted(ready: Ready) -> None:
    make_recipe(ready, parent(BlockDevice(), BlockDevice(DATA)).id, root(ready))


# --- what it is built on -----------------------------------------------------------------------------------------------------------------------


def change_infrastructure(ready: Ready, **members: Any) -> None:
    arn = f"arn:aws:imagebuilder:{BUILD_REGION}:{SOURCE}:infrastructure-configuration/web"
    wanted = {"instanceProfileName": INSTANCE_PROFILE, **members}
    ready.client("imagebuilder").update_infrastructure_configuration(infrastructureConfigurationArn=arn, **wanted)


def delete_profile(ready: Ready) -> None:
    take_role_out_of_profile(ready)
    iam = ready.client("iam")
    iam.delete_instance_profile(InstanceProfileName=INSTANCE_PROFILE)


def take_role_out_of_profile(ready: Ready) -> None:
    iam = ready.client("iam")
    iam.remove_role_from_instance_profile(InstanceProfileName=INSTANCE_PROFILE, RoleName=INSTANCE_PROFILE)
    for attached in iam.list_attached_role_policies(RoleName=INSTANCE_PROFILE)["AttachedPolicies"]:
        iam.detach_role_policy(RoleName=INSTANCE_PROFILE, PolicyArn=attached["PolicyArn"])
    iam.delete_role(RoleName=INSTANCE_PROFILE)


def detach_agent_policy(ready: Ready) -> None:
    ready.client("iam").detach_role_policy(RoleName=INSTANCE_PROFILE, PolicyArn="arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore")


def write_logs(ready: Ready) -> None:
    ready.client("s3").create_bucket(Bucket="build-logs", CreateBucketConfiguration={"LocationConstraint": BUILD_REGION})
    change_infrastructure(ready, logging={"s3Logs": {"s3BucketName": "build-logs", "s3KeyPrefix": "web"}})


def write_logs_nowhere(ready: Ready) -> None:
    statement = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::no-such-logs/*"}
    ready.client("iam").put_role_policy(RoleName=INSTANCE_PROFILE, PolicyName="Logs", PolicyDocument=policy(statement))
    change_infrastructure(ready, logging={"s3Logs": {"s3BucketName": "no-such-logs"}})


def network(ready: Ready, *, size: int = 24) -> tuple[str, str, str]:
    """A VPC, a subnet and a security group in it."""
    ec2 = ready.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.1.0.0/{size}")["Subnet"]["SubnetId"]
    return vpc, subnet, ec2.create_security_group(GroupName="build", Description="build", VpcId=vpc)["GroupId"]


def name_missing_subnet(ready: Ready) -> None:
    _vpc, _subnet, group = network(ready)
    change_infrastructure(ready, subnetId="subnet-0123456789abcdef0", securityGroupIds=[group])


def fill_subnet(ready: Ready) -> None:
    vpc, subnet, group = network(ready)
    ready.client("ec2").create_subnet(VpcId=vpc, CidrBlock="10.1.1.0/24")
    backend = ec2_backends[SOURCE][BUILD_REGION]
    next(by_id[subnet] for by_id in backend.subnets.values() if subnet in by_id)._available_ip_addresses = 0
    change_infrastructure(ready, subnetId=subnet, securityGroupIds=[group])


def name_missing_group(ready: Ready) -> None:
    _vpc, subnet, group = network(ready)
    change_infrastructure(ready, subnetId=subnet, securityGroupIds=[group, "sg-0123456789abcdef0"])


def name_group_of_another_vpc(ready: Ready) -> None:
    _vpc, subnet, _group = network(ready)
    other = ready.client("ec2").create_security_group(GroupName="elsewhere", Description="of the default VPC")["GroupId"]
    change_infrastructure(ready, subnetId=subnet, securityGroupIds=[other])


def delete_default_vpc(ready: Ready) -> None:
    ec2 = ready.client("ec2")
    for subnet in ec2.describe_subnets()["Subnets"]:
        ec2.delete_subnet(SubnetId=subnet["SubnetId"])
    for vpc in ec2.describe_vpcs()["Vpcs"]:
        ec2.delete_vpc(VpcId=vpc["VpcId"])


def name_missing_key_pair(ready: Ready) -> None:
    change_infrastructure(ready, keyPair="nobody")


def name_missing_topic(ready: Ready) -> None:
    change_infrastructure(ready, snsTopicArn=f"arn:aws:sns:{BUILD_REGION}:{SOURCE}:builds")


def name_missing_type(ready: Ready) -> None:
    change_infrastructure(ready, instanceTypes=["t9.nano"])


def name_types_of_which_one_is_missing(ready: Ready) -> None:
    change_infrastructure(ready, instanceTypes=["t3.medium", "t9.nano"])


def name_type_of_another_architecture(ready: Ready) -> None:
    change_infrastructure(ready, instanceTypes=["t4g.medium"])


# --- what it is handed to ----------------------------------------------------------------------------------------------------------------------


def make_bare_template(ready: Ready, account_id: str) -> str:
    """A launch template of which nobody has thought for Image Builder. Its id."""
    made = ready.client("ec2", account_id).create_launch_template(LaunchTemplateName="bare", LaunchTemplateData={"InstanceType": "t3.medium"})
    return str(made["LaunchTemplate"]["LaunchTemplateId"])


def hand_to_template(ready: Ready, *, shared: bool = True, tagged: bool = True) -> str:
    """A launch template of a destination in the distribution, and the role that may write its versions. Its id."""
    template = make_launch_template(ready.emulator, PAYMENTS) if tagged else make_bare_template(ready, PAYMENTS)
    roles = {"source_account_ids": [SOURCE], "key_arns": list(ready.keys.values()), "launch_templates": True}
    assert not ready.module("destination_roles", targets=ready.targets, **roles)["failed"]
    ready.distributions[0]["launchTemplateConfigurations"] = [{"launchTemplateId": template, "accountId": PAYMENTS}]
    if shared:
        ready.distributions[0]["amiDistributionConfiguration"]["launchPermission"] = {"userIds": [PAYMENTS]}
    ready.make_configuration()
    return template


def untag_template(ready: Ready) -> None:
    hand_to_template(ready, tagged=False)


def delete_template(ready: Ready) -> None:
    template = hand_to_template(ready)
    ready.client("ec2", PAYMENTS).delete_launch_template(LaunchTemplateId=template)


def take_template_rights(ready: Ready) -> None:
    hand_to_template(ready)
    iam = ready.client("iam", PAYMENTS)
    iam.delete_role_policy(RoleName=DISTRIBUTION_ROLE, PolicyName="GoldenImageBuilderLaunchTemplates")


def share_with_nobody(ready: Ready) -> None:
    hand_to_template(ready, shared=False)


def name_parameter_elsewhere(ready: Ready) -> None:
    ready.distributions[0]["ssmParameterConfigurations"].append({"parameterName": "/golden/web", "dataType": "aws:ec2:image"})
    ready.make_configuration()


def put_parameter(ready: Ready, value: str, kind: str) -> None:
    ready.client("ssm", PAYMENTS, OTHER_REGION).put_parameter(Name="/imagebuilder/web/latest", Value=value, Type=kind)


def hide_parameter(ready: Ready) -> None:
    put_parameter(ready, "secret", "SecureString")


def use_parameter(ready: Ready) -> None:
    put_parameter(ready, "https://example.com", "String")


def make_public(ready: Ready) -> None:
    """Unencrypted, as encrypted AMIs cannot be public; one account lets AMIs become public already."""
    make_recipe(ready, parent(BlockDevice()).id)
    for entry in ready.distributions:
        del entry["amiDistributionConfiguration"]["kmsKeyId"]
    ready.distributions[1]["amiDistributionConfiguration"]["launchPermission"] = {"userGroups": ["all"]}
    ready.make_configuration()
    ready.client("ec2", SEARCH, OTHER_REGION).disable_image_block_public_access()


def share_with_many(ready: Ready) -> None:
    ready.distributions[1]["amiDistributionConfiguration"]["launchPermission"] = {"userIds": [f"{number:012}" for number in range(1001)]}
    ready.make_configuration()
    quotas = {"ServiceCode": "ec2", "QuotaCode": "L-70015FFA", "DesiredValue": 1500}
    ready.client("service-quotas", SEARCH, OTHER_REGION).request_service_quota_increase(**quotas)


BROKEN = {
    "parent encrypted with aws/ebs": Broken(encrypt_parent_with_key_of_aws, "key_managed_by_aws", (SOURCE,), BUILD_REGION, cause="AWS Managed CMK"),
    "one snapshot of the parent encrypted with aws/ebs": Broken(
        encrypt_one_snapshot_of_the_parent_with_key_of_aws, "key_managed_by_aws", (SOURCE,), BUILD_REGION, cause="AWS Managed CMK"
    ),
    "a volume encrypted by default": Broken(encrypt_by_default, "key_managed_by_aws", (SOURCE,), BUILD_REGION, cause="AWS Managed CMK"),
    "the root volume encrypted by default": Broken(
        encrypt_by_default_and_map_data_only, "key_managed_by_aws", (SOURCE,), BUILD_REGION, cause="AWS Managed CMK"
    ),
    "encrypted without a key": Broken(name_no_key_in_the_mapping, "key_managed_by_aws", (SOURCE,), BUILD_REGION, cause="AWS Managed CMK"),
    "an encrypted parent of another account": Broken(
        start_from_a_shared_encrypted_ami, "key_managed_by_aws", (SOURCE,), BUILD_REGION, cause="AWS Managed CMK"
    ),
    "the parent disabled": Broken(disable_parent, "parent_image_state", (SOURCE,), BUILD_REGION, cause="no longer available"),
    "a volume not encrypted": Broken(leave_a_volume_unencrypted, "volume_not_encrypted", (SOURCE,), BUILD_REGION, "warning"),
    "no instance profile": Broken(delete_profile, "instance_profile_missing", (SOURCE,), BUILD_REGION, cause="instance profile does not exist"),
    "an instance profile without a role": Broken(take_role_out_of_profile, "instance_profile_without_role", (SOURCE,), BUILD_REGION),
    "no rights for the agent": Broken(detach_agent_policy, "instance_profile_permissions", (SOURCE,), BUILD_REGION),
    "no rights for the logs": Broken(write_logs, "instance_profile_permissions", (SOURCE,), BUILD_REGION),
    "no bucket for the logs": Broken(write_logs_nowhere, "log_bucket_missing", (SOURCE,), BUILD_REGION),
    "no subnet": Broken(name_missing_subnet, "subnet_missing", (SOURCE,), BUILD_REGION, cause="InvalidSubnetID.NotFound"),
    "a subnet without addresses": Broken(fill_subnet, "subnet_full", (SOURCE,), BUILD_REGION, cause="InsufficientFreeAddressesInSubnet"),
    "no security group": Broken(name_missing_group, "security_group_missing", (SOURCE,), BUILD_REGION, cause="InvalidGroup.NotFound"),
    "a security group of another VPC": Broken(
        name_group_of_another_vpc, "security_group_vpc", (SOURCE,), BUILD_REGION, cause="belong to different networks"
    ),
    "no default VPC": Broken(delete_default_vpc, "default_vpc_missing", (SOURCE,), BUILD_REGION, cause="No default VPC"),
    "no key pair": Broken(name_missing_key_pair, "key_pair_missing", (SOURCE,), BUILD_REGION, cause="InvalidKeyPair.NotFound"),
    "no topic": Broken(name_missing_topic, "topic_missing", (SOURCE,), BUILD_REGION),
    "an instance type that is not offered": Broken(name_missing_type, "instance_type_not_offered", (SOURCE,), BUILD_REGION, cause="Unsupported"),
    "instance types of which one is not offered": Broken(
        name_types_of_which_one_is_missing, "instance_type_not_offered", (SOURCE,), BUILD_REGION, "warning"
    ),
    "an instance type of another architecture": Broken(
        name_type_of_another_architecture, "instance_type_architecture", (SOURCE,), BUILD_REGION, cause="does not match"
    ),
    "a launch template without the tag": Broken(
        untag_template, "launch_template_tag", (PAYMENTS,), BUILD_REGION, cause="CreateLaunchTemplateVersion"
    ),
    "no launch template": Broken(delete_template, "launch_template_missing", (PAYMENTS,), BUILD_REGION, cause="does not exist"),
    "no rights for launch templates": Broken(take_template_rights, "role_permissions", (PAYMENTS,), cause="LaunchTemplate"),
    "a launch template that cannot launch": Broken(share_with_nobody, "launch_template_source_ami", (PAYMENTS,), BUILD_REGION, "warning"),
    "a parameter that the service-linked role cannot write": Broken(
        name_parameter_elsewhere, "parameter_name", (SOURCE,), BUILD_REGION, cause="ssm:PutParameter"
    ),
    "a parameter of another type": Broken(hide_parameter, "parameter_type", (PAYMENTS,), OTHER_REGION, cause="type cannot be changed"),
    "a parameter with something else in it": Broken(use_parameter, "parameter_in_use", (PAYMENTS,), OTHER_REGION, "warning"),
    "public access blocked": Broken(make_public, "public_access_blocked", (PAYMENTS,), OTHER_REGION, cause="block public access"),
    "more shares than the quota": Broken(share_with_many, "sharing_quota", (PAYMENTS,), OTHER_REGION, cause="quota of 1000"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_the_task_mends_what_is_broken(ready: Ready, name: str) -> None:
    mended_by_tasks(ready, BROKEN[name])


@pytest.mark.slow
@pytest.mark.parametrize("name", BROKEN)
def test_the_command_mends_what_is_broken(ready: Ready, name: str) -> None:
    mended_by_commands(ready, BROKEN[name])


# --- what has no remedy to run, or takes more than one step ------------------------------------------------------------------------------------


def only(findings: list[dict[str, Any]]) -> dict[str, Any]:
    """The one finding that there is."""
    assert [finding["check"] for finding in findings[1:]] == [], json.dumps(findings, indent=1)
    return findings[0]


def test_a_parent_with_a_key_of_its_own_that_is_closed_to_the_destinations(ready: Ready) -> None:
    """The key of a parent's snapshot is a key of the run, whose policy has to let everybody in who copies."""
    encrypt_parent_with_a_closed_key(ready)
    findings = ready.findings()
    assert {finding["check"] for finding in findings} == {"key_policy", "role_permissions"}
    assert "kms:" in ready.deliver()["reason"]
    ready.run_task("".join(dict.fromkeys(finding["remedy_task"] for finding in findings)))
    assert ready.findings() == []
    assert ready.deliver() == {"status": "AVAILABLE"}


def test_aws_ebs_is_good_enough_for_what_stays_in_the_account(ready: Ready) -> None:
    make_recipe(ready, parent(BlockDevice(kms_key_arn=key_of_aws(ready))).id)
    ready.distributions = [{"region": BUILD_REGION, "amiDistributionConfiguration": {"name": "web {{ imagebuilder:buildDate }}"}}]
    ready.make_configuration()
    assert ready.findings(targets=[]) == []
    assert ready.deliver() == {"status": "AVAILABLE"}


def test_the_service_linked_role_needs_no_tag_on_launch_templates(ready: Ready) -> None:
    template = make_bare_template(ready, SOURCE)
    ready.distributions[0]["launchTemplateConfigurations"] = [{"launchTemplateId": template}]
    ready.make_configuration()
    assert ready.findings() == []
    assert ready.deliver() == {"status": "AVAILABLE"}


@pytest.mark.parametrize("image", ["ami-0123456789abcdef0", "ssm:/golden/base"])
def test_a_parent_that_is_not_there(ready: Ready, image: str) -> None:
    planned = {"name": "web", "semantic_version": "1.0.x", "parent_image": image}
    finding = only(ready.findings(image_recipe=planned))
    assert (finding["check"], finding["severity"], finding["account_id"]) == ("parent_image_missing", "error", SOURCE)
    assert image.removeprefix("ssm:") in finding["found"]


def test_a_parent_of_another_account_is_found_once_it_is_shared(ready: Ready) -> None:
    base = parent(BlockDevice(), account_id=PAYMENTS)
    planned = {"name": "web", "semantic_version": "1.0.x", "parent_image": base.id}
    assert only(ready.findings(image_recipe=planned))["check"] == "parent_image_missing"
    base.launch_permissions = [{"UserId": SOURCE}]
    assert ready.findings(image_recipe=planned) == []


def test_a_parent_that_is_named_by_a_parameter_or_an_image(ready: Ready) -> None:
    assert ready.deliver() == {"status": "AVAILABLE"}
    base = parent(BlockDevice(kms_key_arn=key_of_aws(ready)))
    ready.client("ssm").put_parameter(Name="/golden/base", Value=base.id, Type="String")
    planned = {"name": "web", "semantic_version": "1.0.x", "parent_image": "ssm:/golden/base"}
    assert only(ready.findings(image_recipe=planned))["check"] == "key_managed_by_aws"
    assert ready.findings(image_recipe={**planned, "parent_image": "web/1.0.x"}) == []


def test_a_parameter_for_an_account_that_gets_no_ami(ready: Ready) -> None:
    entry = {
        "region": OTHER_REGION,
        "ami_distribution_configuration": {
            "name": "web <<imagebuilder:buildDate>>",
            "target_account_ids": [PAYMENTS],
            "kms_key_id": ready.keys[OTHER_REGION],
        },
        "ssm_parameter_configurations": [{"parameter_name": "/imagebuilder/web/latest", "ami_account_id": SEARCH}],
    }
    finding = only(ready.findings(distribution_configuration=None, distributions=[entry], targets=[{**ready.targets[0], "regions": [OTHER_REGION]}]))
    assert (finding["check"], finding["account_id"], finding["region"]) == ("parameter_account", SEARCH, OTHER_REGION)
    assert finding["found"].startswith("distributions[0].ssm_parameter_configurations[0]: ")


def test_copies_in_flight(ready: Ready) -> None:
    """A warning, and waiting is its remedy; here the copies of others are done at once when somebody waits."""
    pending = [images.register_image(PAYMENTS, OTHER_REGION, f"other {number}") for number in range(50)]
    for image in pending:
        image.state = "pending"
    finding = only(ready.findings())
    assert (finding["check"], finding["severity"], finding["account_id"], finding["region"]) == (
        "copies_in_flight",
        "warning",
        PAYMENTS,
        OTHER_REGION,
    )
    assert "Too many AMI copies" in ready.deliver()["reason"]
    pending[0].state = "available"
    ready.run_task(finding["remedy_task"])
    ready.run_command(finding["remedy_command"])
    assert ready.findings() == []
    assert ready.deliver() == {"status": "AVAILABLE"}


def test_an_ami_that_is_distributed_as_it_is(ready: Ready) -> None:
    """It needs the tag by which the policy of AWS for execution roles lets Image Builder share it, and its own key has to be open."""
    iam = ready.client("iam")
    trust = policy({"Effect": "Allow", "Principal": {"Service": "imagebuilder.amazonaws.com"}, "Action": "sts:AssumeRole"})
    iam.create_role(RoleName=EXECUTION_ROLE, AssumeRolePolicyDocument=trust)
    iam.put_role_policy(RoleName=EXECUTION_ROLE, PolicyName="own", PolicyDocument=policy(EVERYTHING))
    ready.execution_role = f"arn:aws:iam::{SOURCE}:role/{EXECUTION_ROLE}"
    image = parent(BlockDevice(kms_key_arn=ready.keys[BUILD_REGION]))
    distributed = {"image_recipe": None, "infrastructure_configuration": None, "source_image": image.id}
    finding = only(ready.findings(**distributed))
    assert (finding["check"], finding["severity"], finding["account_id"]) == ("source_image_tag", "error", SOURCE)
    ready.run_task(finding["remedy_task"])
    assert ready.findings(**distributed) == []
    closed = parent(BlockDevice(kms_key_arn=key_of_aws(ready)), tags={"CreatedBy": "EC2 Image Builder"})
    assert only(ready.findings(**{**distributed, "source_image": closed.id}))["check"] == "key_managed_by_aws"


# --- what may not be seen ----------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("denied", "check"),
    [
        ("DescribeImages", "copies_in_flight_unknown"),
        ("GetParameters", "parameter_unknown"),
        ("DescribeLaunchTemplates", "launch_template_unknown"),
        ("GetImageBlockPublicAccessState", "public_access_unknown"),
        ("GetServiceQuota", "sharing_quota_unknown"),
    ],
)
def test_what_may_not_be_seen_in_a_destination_is_no_pass(ready: Ready, denied: str, check: str) -> None:
    hand_to_template(ready)
    permission = {"userIds": [PAYMENTS, *(f"{number:012}" for number in range(1001))], "userGroups": ["all"]}
    ready.distributions[0]["amiDistributionConfiguration"]["launchPermission"] = permission
    ready.make_configuration()
    ready.emulator.disturb(denied_operations={PAYMENTS: [denied]})
    unknown = [finding for finding in ready.findings() if finding["severity"] == "unknown"]
    assert {(finding["check"], finding["account_id"]) for finding in unknown} == {(check, PAYMENTS)}


@pytest.mark.parametrize(
    ("denied", "checks"),
    [
        ("DescribeImages", {"parent_image_unknown"}),
        ("DescribeSnapshots", {"volume_key_unknown"}),
        ("GetInstanceProfile", {"instance_profile_unknown"}),
        ("GetRole", {"instance_profile_permissions_unknown"}),
        ("DescribeSubnets", {"subnet_unknown"}),
        ("DescribeSecurityGroups", {"security_group_unknown"}),
        ("DescribeKeyPairs", {"key_pair_unknown"}),
        ("DescribeInstanceTypes", {"instance_type_unknown"}),
        ("HeadBucket", {"log_bucket_unknown"}),
        ("GetTopicAttributes", {"topic_unknown"}),
    ],
)
def test_what_may_not_be_seen_in_the_source_is_no_pass(ready: Ready, denied: str, checks: set[str]) -> None:
    write_logs(ready)
    _vpc, subnet, group = network(ready)
    topic = ready.client("sns").create_topic(Name="builds")["TopicArn"]
    ready.client("ec2").create_key_pair(KeyName="build")
    place = {"subnetId": subnet, "securityGroupIds": [group], "keyPair": "build", "snsTopicArn": topic, "instanceTypes": ["t3.medium"]}
    change_infrastructure(ready, logging={"s3Logs": {"s3BucketName": "build-logs"}}, **place)
    make_recipe(ready, parent(BlockDevice(kms_key_arn=ready.keys[BUILD_REGION])).id)
    ready.emulator.disturb(denied_operations={SOURCE: [denied]})
    found = {finding["check"] for finding in ready.findings() if finding["severity"] == "unknown"}
    assert found == checks


# --- sound ones --------------------------------------------------------------------------------------------------------------------------------


def test_nothing_is_found_when_all_that_can_be_named_is_sound(ready: Ready) -> None:
    """Everything that a run can name, at once: nothing is found, and the image arrives."""
    statement = {"Effect": "Allow", "Action": "s3:PutObject", "Resource": "arn:aws:s3:::build-logs/web/*"}
    ready.client("iam").put_role_policy(RoleName=INSTANCE_PROFILE, PolicyName="Logs", PolicyDocument=policy(statement))
    write_logs(ready)
    _vpc, subnet, group = network(ready)
    topic = ready.client("sns").create_topic(Name="builds")["TopicArn"]
    ready.client("ec2").create_key_pair(KeyName="build")
    place = {"subnetId": subnet, "securityGroupIds": [group], "keyPair": "build", "snsTopicArn": topic, "instanceTypes": ["t3.medium"]}
    change_infrastructure(ready, logging={"s3Logs": {"s3BucketName": "build-logs", "s3KeyPrefix": "web"}}, **place)
    make_recipe(
        ready, parent(BlockDevice(kms_key_arn=ready.keys[BUILD_REGION]), BlockDevice(DATA)).id, root(ready), {**root(ready), "deviceName": DATA}
    )
    hand_to_template(ready)
    ready.client("ec2").enable_ebs_encryption_by_default()
    assert ready.findings() == []
    assert ready.deliver() == {"status": "AVAILABLE"}
    assert ready.findings() == [], "nor once the parameters hold the AMIs"
