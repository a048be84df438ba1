# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An image really arrives in the destination accounts, and does not when anything on the way is not allowed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .conftest import BUILD_REGION, KEY_ACTIONS, MANAGED_POLICY, OTHER_REGION, PAYMENTS, ROLE, SEARCH, SOURCE, Factory, allow, policy


def failures(image: dict[str, Any]) -> dict[tuple[str, str], str]:
    """Return what failed, by account and Region."""
    context = image["state"]["failureContext"]["distributionFailure"]
    return {(failure["targetAccountId"], failure["region"]): failure["errorMessage"] for failure in context["regionFailures"]}


def test_every_destination_receives_its_own_encrypted_copy(ready: Factory) -> None:
    image = ready.build(ready.distributions())
    assert image["state"] == {"status": "AVAILABLE"}
    outputs = {(ami["accountId"], ami["region"]): ami for ami in image["outputResources"]["amis"]}
    copies = {(account, region) for account in (PAYMENTS, SEARCH) for region in (BUILD_REGION, OTHER_REGION)}
    assert set(outputs) == {(SOURCE, BUILD_REGION)} | copies
    for account, region in outputs:
        (ami,) = ready.images(account, region)
        assert ami["ImageId"] == outputs[account, region]["image"]
        assert ami["OwnerId"] == account
        assert ami["State"] == "available"
        assert ami["Name"] == outputs[account, region]["name"]
        assert ami["Description"] == "a golden image"
        assert ami["BlockDeviceMappings"][0]["Ebs"]["Encrypted"]
        tags = {tag["Key"]: tag["Value"] for tag in ami["Tags"]}
        assert tags == {"Team": "platform", "CreatedBy": "EC2 Image Builder", "Ec2ImageBuilderArn": image["arn"]}
        snapshot = ready.snapshot(account, region, ami)
        assert (snapshot["OwnerId"], snapshot["Encrypted"], snapshot["KmsKeyId"]) == (account, True, ready.keys[region])
        assert snapshot["VolumeSize"] == 10


def test_the_build_date_is_the_same_in_every_name_and_has_the_form_of_aws(ready: Factory) -> None:
    image = ready.build(ready.distributions())
    (name,) = {ami["name"] for ami in image["outputResources"]["amis"]}
    assert len(name) == len("golden 2026-11-24T07-30-05.912619Z")
    assert name.startswith("golden 2")
    assert name.endswith("Z")


def test_key_aliases_are_resolved_to_the_key(ready: Factory) -> None:
    entries = ready.distributions()
    for entry in entries:
        entry["amiDistributionConfiguration"]["kmsKeyId"] = f"arn:aws:kms:{entry['region']}:{SOURCE}:alias/golden"
    recipe = ready.recipe(blockDeviceMappings=[{"deviceName": "/dev/xvda", "ebs": {"encrypted": True, "kmsKeyId": "alias/golden"}}])
    assert ready.build(entries, recipe)["state"]["status"] == "AVAILABLE"
    for account, region in ((SOURCE, BUILD_REGION), (PAYMENTS, OTHER_REGION)):
        (ami,) = ready.images(account, region)
        assert ready.snapshot(account, region, ami)["KmsKeyId"] == ready.keys[region]


def test_without_configuration_the_source_account_has_the_ami(ready: Factory) -> None:
    image = ready.build(None)
    (ami,) = image["outputResources"]["amis"]
    assert (ami["accountId"], ami["region"]) == (SOURCE, BUILD_REGION)
    assert ami["name"].startswith("Golden 2")


def test_another_region_without_targets_gets_a_copy_in_the_source_account(ready: Factory) -> None:
    entries = [{"region": OTHER_REGION, "amiDistributionConfiguration": {"kmsKeyId": ready.keys[OTHER_REGION]}}]
    assert ready.build(entries)["state"]["status"] == "AVAILABLE"
    (ami,) = ready.images(SOURCE, OTHER_REGION)
    assert ready.snapshot(SOURCE, OTHER_REGION, ami)["KmsKeyId"] == ready.keys[OTHER_REGION]


def test_inside_its_account_an_image_with_the_aws_managed_key_can_be_copied(ready: Factory) -> None:
    recipe = ready.recipe(blockDeviceMappings=[{"deviceName": "/dev/xvda", "ebs": {"encrypted": True}}])
    entries = [{"region": OTHER_REGION, "amiDistributionConfiguration": {"amiTags": {"Team": "platform"}}}]
    image = ready.build(entries, recipe)
    assert image["state"]["status"] == "AVAILABLE"
    (ami,) = ready.images(SOURCE, OTHER_REGION)
    tags = {tag["Key"]: tag["Value"] for tag in ready.snapshot(SOURCE, OTHER_REGION, ami)["Tags"]}
    assert tags == {"Team": "platform", "CreatedBy": "EC2 Image Builder", "Ec2ImageBuilderArn": image["arn"]}


def test_the_role_tags_no_snapshots_in_other_accounts(ready: Factory) -> None:
    ready.build(ready.distributions()[:1])
    (ami,) = ready.images(PAYMENTS, BUILD_REGION)
    assert not ready.snapshot(PAYMENTS, BUILD_REGION, ami).get("Tags")


def test_without_a_key_a_copy_gets_the_default_key_of_its_own_account(ready: Factory) -> None:
    entries = ready.distributions()
    for entry in entries:
        del entry["amiDistributionConfiguration"]["kmsKeyId"]
    assert ready.build(entries)["state"]["status"] == "AVAILABLE"
    (ami,) = ready.images(PAYMENTS, OTHER_REGION)
    key_arn = ready.snapshot(PAYMENTS, OTHER_REGION, ami)["KmsKeyId"]
    assert key_arn.startswith(f"arn:aws:kms:{OTHER_REGION}:{PAYMENTS}:key/")


def test_launch_permissions_are_set(ready: Factory) -> None:
    entries = ready.distributions()[:1]
    del entries[0]["amiDistributionConfiguration"]["targetAccountIds"]
    entries[0]["amiDistributionConfiguration"]["launchPermission"] = {"userIds": [PAYMENTS]}
    image = ready.build(entries)
    assert image["state"]["status"] == "AVAILABLE"
    ami_id = image["outputResources"]["amis"][0]["image"]
    answer = ready.client("ec2").describe_image_attribute(ImageId=ami_id, Attribute="launchPermission")
    assert answer["LaunchPermissions"] == [{"UserId": PAYMENTS}]


def test_an_unencrypted_image_is_copied_without_a_key(ready: Factory) -> None:
    entries = ready.distributions()[:1]
    del entries[0]["amiDistributionConfiguration"]["kmsKeyId"]
    for account in (PAYMENTS, SEARCH):
        ready.client("iam", account).delete_role_policy(RoleName=ROLE, PolicyName="keys")
    assert ready.build(entries, ready.recipe(blockDeviceMappings=[]))["state"]["status"] == "AVAILABLE"
    (ami,) = ready.images(PAYMENTS, BUILD_REGION)
    assert not ami["BlockDeviceMappings"][0]["Ebs"]["Encrypted"]


def delete_role(factory: Factory) -> None:
    iam = factory.client("iam", PAYMENTS)
    iam.delete_role_policy(RoleName=ROLE, PolicyName="keys")
    iam.detach_role_policy(RoleName=ROLE, PolicyArn=MANAGED_POLICY)
    iam.delete_role(RoleName=ROLE)


def distrust(factory: Factory) -> None:
    trust = policy({"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{SEARCH}:root"}, "Action": "sts:AssumeRole"})
    factory.client("iam", PAYMENTS).update_assume_role_policy(RoleName=ROLE, PolicyDocument=trust)


def detach(factory: Factory) -> None:
    factory.client("iam", PAYMENTS).detach_role_policy(RoleName=ROLE, PolicyArn=MANAGED_POLICY)


def without_key_action(*actions: str) -> Callable[[Factory], None]:
    def change(factory: Factory) -> None:
        factory.put_key_actions(PAYMENTS, [action for action in KEY_ACTIONS if action not in actions])

    return change


def forget_in_key_policy(region: str) -> Callable[[Factory], None]:
    def change(factory: Factory) -> None:
        factory.client("kms", region=region).put_key_policy(KeyId=factory.keys[region], PolicyName="default", Policy=factory.key_policy(SEARCH))

    return change


@pytest.mark.parametrize(
    ("change", "causes"),
    [
        pytest.param(delete_role, ["sts:AssumeRole", f"role/{ROLE}"], id="no-role"),
        pytest.param(distrust, ["sts:AssumeRole", f"role/{ROLE}"], id="no-trust"),
        pytest.param(detach, ["ec2:DescribeImages"], id="no-managed-policy"),
        pytest.param(without_key_action("DescribeKey"), ["kms:DescribeKey"], id="no-DescribeKey"),
        pytest.param(without_key_action("CreateGrant"), ["kms:CreateGrant"], id="no-CreateGrant"),
        pytest.param(without_key_action("Decrypt"), ["kms:Decrypt"], id="no-Decrypt"),
        pytest.param(without_key_action("ReEncrypt*"), ["kms:ReEncryptFrom"], id="no-ReEncrypt"),
        pytest.param(without_key_action("GenerateDataKey*"), ["kms:GenerateDataKeyWithoutPlaintext"], id="no-GenerateDataKey"),
        pytest.param(forget_in_key_policy(BUILD_REGION), ["kms:DescribeKey", "no resource-based policy"], id="not-in-policy-of-source-key"),
    ],
)
def test_what_one_account_lacks_keeps_it_from_its_copies_and_no_other(ready: Factory, change: Callable[[Factory], None], causes: list[str]) -> None:
    change(ready)
    image = ready.build(ready.distributions())
    assert image["state"]["status"] == "FAILED"
    found = failures(image)
    assert set(found) == {(PAYMENTS, BUILD_REGION), (PAYMENTS, OTHER_REGION)}
    for cause in found.values():
        assert all(part in cause for part in causes), cause
    assert not ready.images(PAYMENTS, BUILD_REGION)
    assert len(ready.images(SEARCH, BUILD_REGION)) == len(ready.images(SEARCH, OTHER_REGION)) == 1
    outputs = {(ami["accountId"], ami["region"]) for ami in image["outputResources"]["amis"]}
    assert outputs == {(SOURCE, BUILD_REGION), (SEARCH, BUILD_REGION), (SEARCH, OTHER_REGION)}


EC2_ACTIONS = ["ec2:DescribeImages", "ec2:CopyImage", "ec2:CreateTags", "ec2:ModifyImageAttribute"]


@pytest.mark.parametrize("missing", EC2_ACTIONS)
def test_each_action_of_the_managed_policy_is_needed(ready: Factory, missing: str) -> None:
    iam = ready.client("iam", PAYMENTS)
    iam.detach_role_policy(RoleName=ROLE, PolicyArn=MANAGED_POLICY)
    document = policy(allow([action for action in EC2_ACTIONS if action != missing]))
    iam.put_role_policy(RoleName=ROLE, PolicyName="images", PolicyDocument=document)
    found = failures(ready.build(ready.distributions()[:1]))
    assert list(found) == [(PAYMENTS, BUILD_REGION)]
    assert f"not authorized to perform: {missing} on resource" in found[PAYMENTS, BUILD_REGION]


def test_policies_may_say_that_keys_are_used_through_ec2_only_and_granted_to_aws_only(ready: Factory) -> None:
    through_ec2 = {
        "StringLike": {"kms:ViaService": "ec2.*.amazonaws.com"},
        "ForAllValues:StringEquals": {"kms:EncryptionContextKeys": ["aws:ebs:id"]},
    }
    use = ["kms:DescribeKey", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKeyWithoutPlaintext"]
    for region in ready.regions:
        principal = {"AWS": [f"arn:aws:iam::{account}:root" for account in ready.destinations]}
        document = policy(
            allow("kms:*", Principal={"AWS": f"arn:aws:iam::{SOURCE}:root"}),
            allow(use, Principal=principal, Condition=through_ec2),
            allow("kms:CreateGrant", Principal=principal, Condition={"Bool": {"kms:GrantIsForAWSResource": "true"}}),
        )
        ready.client("kms", region=region).put_key_policy(KeyId=ready.keys[region], PolicyName="default", Policy=document)
    in_regions = {"StringEquals": {"kms:ViaService": [f"ec2.{region}.amazonaws.com" for region in ready.regions]}}
    for account in ready.destinations:
        document = policy(allow([*use, "kms:CreateGrant"], list(ready.keys.values()), Condition=in_regions))
        ready.client("iam", account).put_role_policy(RoleName=ROLE, PolicyName="keys", PolicyDocument=document)
    assert ready.build(ready.distributions())["state"] == {"status": "AVAILABLE"}


def test_a_role_may_trust_the_service_linked_role_only(ready: Factory) -> None:
    linked = f"arn:aws:iam::{SOURCE}:role/aws-service-role/imagebuilder.amazonaws.com/AWSServiceRoleForImageBuilder"
    trust = policy({"Effect": "Allow", "Principal": {"AWS": linked}, "Action": "sts:AssumeRole"})
    ready.client("iam", PAYMENTS).update_assume_role_policy(RoleName=ROLE, PolicyDocument=trust)
    assert ready.build(ready.distributions())["state"] == {"status": "AVAILABLE"}


def test_a_failure_reads_as_aws_writes_it(ready: Factory) -> None:
    distrust(ready)
    image = ready.build(ready.distributions())
    reason = image["state"]["reason"]
    assert reason.startswith("Distribution failed with JobId '")
    assert f"status = 'Failed' for ARN '{image['arn']}'. 'Not all distribution jobs are completed. 1) STS Client Error: 'AccessDenied: U" in reason
    where = f"from the source account (ID: {SOURCE}) to the destination account (ID: {PAYMENTS}) in Region us-west-2. 2) "
    assert f" when distributing the image {where}" in reason
    context = image["state"]["failureContext"]
    assert context["imageStatus"] == "DISTRIBUTING"
    assert context["failedStep"] == "DistributeImage"
    executions = ready.client().list_workflow_executions(imageBuildVersionArn=image["arn"])["workflowExecutions"]
    (failed,) = [execution for execution in executions if execution["status"] == "FAILED"]
    assert (failed["workflowExecutionId"], failed["workflowBuildVersionArn"]) == (context["workflowExecutionId"], context["workflowArn"])
    step = ready.client().get_workflow_step_execution(stepExecutionId=context["stepExecutionId"])
    assert (step["name"], step["status"]) == ("DistributeImage", "FAILED")
    failure = context["distributionFailure"]["regionFailures"][0]
    assert (failure["status"], "imageConfigurationStep" in failure) == ("FAILED", False)


def test_an_account_that_the_key_of_one_region_does_not_know_misses_that_region_only(ready: Factory) -> None:
    forget_in_key_policy(OTHER_REGION)(ready)
    found = failures(ready.build(ready.distributions()))
    assert set(found) == {(PAYMENTS, OTHER_REGION)}
    assert ready.keys[OTHER_REGION] in found[PAYMENTS, OTHER_REGION]


def test_a_key_of_another_region_shows_after_the_copy_has_begun(ready: Factory) -> None:
    entries = ready.distributions()
    entries[1]["amiDistributionConfiguration"]["kmsKeyId"] = ready.keys[BUILD_REGION]
    found = failures(ready.build(entries))
    assert set(found) == {(PAYMENTS, OTHER_REGION), (SEARCH, OTHER_REGION)}
    (ami,) = ready.images(PAYMENTS, OTHER_REGION)
    assert ami["State"] == "failed"
    assert ami["StateReason"]["Message"] == f"AMI snapshot copy failed with error: The specified keyId {ready.keys[BUILD_REGION]} is invalid"
    assert found[PAYMENTS, OTHER_REGION] == f"AMI Copy Reported Failure For '{ami['ImageId']}': {ami['StateReason']['Message']}"


def test_a_bare_key_id_means_a_key_of_the_target_account(ready: Factory) -> None:
    entries = ready.distributions()[:1]
    entries[0]["amiDistributionConfiguration"]["kmsKeyId"] = ready.keys[BUILD_REGION].rpartition("/")[2]
    assert "is invalid" in failures(ready.build(entries))[PAYMENTS, BUILD_REGION]


def test_an_image_encrypted_with_the_aws_managed_key_does_not_leave_its_account(ready: Factory) -> None:
    recipe = ready.recipe(blockDeviceMappings=[{"deviceName": "/dev/xvda", "ebs": {"encrypted": True}}])
    found = failures(ready.build(ready.distributions(), recipe))
    assert len(found) == 4
    assert set(found.values()) == {"EC2 Client Error: 'Snapshots encrypted with the AWS Managed CMK can\u2019t be shared. Specify another snapshot.'"}


def test_default_encryption_of_the_source_account_does_the_same_silently(ready: Factory) -> None:
    ready.client("ec2").enable_ebs_encryption_by_default()
    found = failures(ready.build(ready.distributions(), ready.recipe(blockDeviceMappings=[])))
    assert all("AWS Managed CMK" in cause for cause in found.values())


def test_a_missing_instance_profile_shows_when_the_build_begins(ready: Factory) -> None:
    ready.client("iam").delete_instance_profile(InstanceProfileName="build")
    state = ready.build(ready.distributions())["state"]
    assert state["reason"] == "The provided instance profile does not exist. Please specify a different instance profile and try again."
    assert (state["failureContext"]["imageStatus"], state["failureContext"]["failedStep"]) == ("BUILDING", "LaunchBuildInstance")
    assert not ready.images(SOURCE, BUILD_REGION)


def test_a_source_key_that_shuts_its_own_account_out_stops_the_build(ready: Factory) -> None:
    only_payments = policy(allow("kms:*", Principal={"AWS": f"arn:aws:iam::{PAYMENTS}:root"}))
    request = {"KeyId": ready.keys[BUILD_REGION], "PolicyName": "default", "Policy": only_payments, "BypassPolicyLockoutSafetyCheck": True}
    ready.client("kms").put_key_policy(**request)
    state = ready.build(ready.distributions())["state"]
    assert (state["status"], state["failureContext"]["imageStatus"]) == ("FAILED", "BUILDING")
    assert "kms:DescribeKey" in state["reason"]


def test_an_execution_role_is_who_works(ready: Factory) -> None:
    iam = ready.client("iam")
    service = policy({"Effect": "Allow", "Principal": {"Service": "imagebuilder.amazonaws.com"}, "Action": "sts:AssumeRole"})
    iam.create_role(RoleName="executor", AssumeRolePolicyDocument=service)
    image = ready.build(ready.distributions(), executionRole="executor")
    assert "ec2:RunInstances" in image["state"]["reason"] or "kms:" in image["state"]["reason"]
    iam.put_role_policy(RoleName="executor", PolicyName="all", PolicyDocument=policy(allow(["ec2:*", "kms:*"])))
    image = ready.build(ready.distributions(), executionRole="executor")
    assert all("assumed-role/executor/" in cause and "sts:AssumeRole" in cause for cause in failures(image).values())
    iam.put_role_policy(RoleName="executor", PolicyName="assume", PolicyDocument=policy(allow("sts:AssumeRole", f"arn:aws:iam::*:role/{ROLE}")))
    assert ready.build(ready.distributions(), executionRole=f"arn:aws:iam::{SOURCE}:role/executor")["state"]["status"] == "AVAILABLE"


def test_retry_delivers_what_is_missing_and_nothing_twice(ready: Factory) -> None:
    distrust(ready)
    image = ready.build(ready.distributions())
    before = [ami["ImageId"] for account in (SOURCE, SEARCH) for region in (BUILD_REGION, OTHER_REGION) for ami in ready.images(account, region)]
    trust = policy({"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{SOURCE}:root"}, "Action": "sts:AssumeRole"})
    ready.client("iam", PAYMENTS).update_assume_role_policy(RoleName=ROLE, PolicyDocument=trust)
    assert ready.client().retry_image(imageBuildVersionArn=image["arn"])["imageBuildVersionArn"] == image["arn"]
    image = ready.wait(image["arn"])
    assert image["state"] == {"status": "AVAILABLE"}
    assert len(image["outputResources"]["amis"]) == 5
    after = [ami["ImageId"] for account in (SOURCE, SEARCH) for region in (BUILD_REGION, OTHER_REGION) for ami in ready.images(account, region)]
    assert after == before
    executions = ready.client().list_workflow_executions(imageBuildVersionArn=image["arn"])["workflowExecutions"]
    assert [(execution["type"], execution["status"], execution["retried"]) for execution in executions] == [
        ("DISTRIBUTION", "COMPLETED", False),
        ("DISTRIBUTION", "FAILED", True),
        ("TEST", "COMPLETED", False),
        ("BUILD", "COMPLETED", False),
    ]


def test_the_configuration_of_a_build_is_the_one_it_began_with(ready: Factory) -> None:
    distrust(ready)
    image = ready.build(ready.distributions())
    only_source = [{"region": BUILD_REGION, "amiDistributionConfiguration": {"description": "changed"}}]
    arn = image["distributionConfiguration"]["arn"]
    ready.client().update_distribution_configuration(distributionConfigurationArn=arn, distributions=only_source)
    ready.client().retry_image(imageBuildVersionArn=image["arn"])
    again = ready.wait(image["arn"])
    assert again["distributionConfiguration"] == image["distributionConfiguration"]
    assert set(failures(again)) == {(PAYMENTS, BUILD_REGION), (PAYMENTS, OTHER_REGION)}


def test_retry_refuses_what_was_never_built_and_what_is_available(ready: Factory) -> None:
    client = ready.client()
    image = ready.build(ready.distributions()[:1])
    with pytest.raises(client.exceptions.InvalidRequestException, match="in state AVAILABLE"):
        client.retry_image(imageBuildVersionArn=image["arn"])
    ready.client("iam").delete_instance_profile(InstanceProfileName="build")
    image = ready.build(ready.distributions()[:1])
    with pytest.raises(client.exceptions.InvalidRequestException, match="did not reach"):
        client.retry_image(imageBuildVersionArn=image["arn"])


def test_256_failures_are_listed_at_most_and_a_reason_is_cut(ready: Factory) -> None:
    entries = ready.distributions()[:1]
    entries[0]["amiDistributionConfiguration"]["targetAccountIds"] = [f"{number:012}" for number in range(500000, 500300)]
    image = ready.build(entries)
    failure = image["state"]["failureContext"]["distributionFailure"]
    assert len(failure["regionFailures"]) == 256
    assert " 300) " in failure["errorMessage"]
    assert len(image["state"]["reason"]) == 1024
