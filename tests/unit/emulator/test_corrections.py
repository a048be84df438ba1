# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Where moto is corrected: what AWS does, through the API."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.tests.emulator import corrections, images
from ansible_collections.golden.imagebuilder.tests.emulator.images import BlockDevice
from ansible_collections.golden.imagebuilder.tests.emulator.server import InProcessEmulator
from botocore.exceptions import ClientError

SOURCE, DESTINATION, OTHER = "111111111111", "222222222222", "333333333333"
REGION, ELSEWHERE = "us-west-2", "eu-west-1"


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*", **statement} for statement in statements]})


def root(account: str) -> dict[str, str]:
    return {"AWS": f"arn:aws:iam::{account}:root"}


def make_key(emulator: InProcessEmulator, region: str, *accounts: str) -> str:
    shared = [{"Principal": root(account), "Action": "kms:*"} for account in (SOURCE, *accounts)]
    return str(emulator.client(SOURCE, "kms", region).create_key(Policy=policy(*shared))["KeyMetadata"]["Arn"])


def refused(call: Any, **request: Any) -> dict[str, str]:
    with pytest.raises(ClientError) as caught:
        call(**request)
    return {"Code": caught.value.response["Error"]["Code"], "Message": caught.value.response["Error"]["Message"]}


def test_corrections_are_applied_once(emulator: InProcessEmulator) -> None:
    before = corrections._applied.copy()
    corrections.apply()
    assert corrections._applied == before
    assert before


class TestAccounts:
    def test_long_term_keys_carry_the_account(self, emulator: InProcessEmulator) -> None:
        for account in (SOURCE, DESTINATION):
            identity = emulator.client(account, "sts").get_caller_identity()
            assert (identity["Account"], identity["Arn"]) == (account, f"arn:aws:iam::{account}:user/administrator")

    @pytest.mark.parametrize("key_id", ["testing", "AKIA999999999999EMUL", "AKIAIOSFODNN7EXAMPLE"])
    def test_unknown_keys_are_of_the_first_account(self, emulator: InProcessEmulator, key_id: str) -> None:
        assert emulator._client("sts", REGION, key_id, "x", None).get_caller_identity()["Account"] == SOURCE

    def test_keys_of_a_user(self, emulator: InProcessEmulator) -> None:
        iam = emulator.client(DESTINATION, "iam")
        iam.create_user(UserName="jo")
        key = iam.create_access_key(UserName="jo")["AccessKey"]
        identity = emulator._client("sts", REGION, key["AccessKeyId"], key["SecretAccessKey"], None).get_caller_identity()
        assert identity["Arn"] == f"arn:aws:iam::{DESTINATION}:user/jo"

    def test_organization(self, emulator: InProcessEmulator) -> None:
        organizations = emulator.client(SOURCE, "organizations")
        assert {account["Id"] for account in organizations.list_accounts()["Accounts"]} == {SOURCE, DESTINATION, OTHER}
        assert organizations.describe_organization()["Organization"]["MasterAccountId"] == SOURCE
        assert emulator.client(OTHER, "organizations").describe_organization()["Organization"]["MasterAccountId"] == SOURCE

    def test_member_accounts_have_the_role_of_organizations(self, emulator: InProcessEmulator) -> None:
        assert emulator.client(SOURCE, "iam").list_roles()["Roles"] == []
        for account in (DESTINATION, OTHER):
            iam = emulator.client(account, "iam")
            (role,) = iam.list_roles()["Roles"]
            assert role["Arn"] == f"arn:aws:iam::{account}:role/OrganizationAccountAccessRole"
            assert role["AssumeRolePolicyDocument"]["Statement"][0]["Principal"] == root(SOURCE)
            attached = iam.list_attached_role_policies(RoleName=role["RoleName"])["AttachedPolicies"]
            assert [one["PolicyName"] for one in attached] == ["AdministratorAccess"]

    def test_an_account_made_later_is_like_the_others(self, emulator: InProcessEmulator) -> None:
        answer = emulator.client(SOURCE, "organizations").create_account(AccountName="new", Email="new@example.com", RoleName="Entry")
        account = answer["CreateAccountStatus"]["AccountId"]
        assert emulator.client(account, "sts").get_caller_identity()["Account"] == account
        role = emulator.role_client(SOURCE, f"arn:aws:iam::{account}:role/Entry", "sts")
        assert role.get_caller_identity()["Account"] == account

    def test_few_managed_policies(self, emulator: InProcessEmulator) -> None:
        names = {one["PolicyName"] for one in emulator.client(SOURCE, "iam").list_policies(Scope="AWS")["Policies"]}
        assert {"AdministratorAccess", "Ec2ImageBuilderCrossAccountDistributionAccess", "EC2InstanceProfileForImageBuilder"} <= names
        assert len(names) < 20


class TestAssumeRole:
    def test_the_session_lands_in_the_account_of_the_role(self, emulator: InProcessEmulator) -> None:
        arn = f"arn:aws:iam::{DESTINATION}:role/OrganizationAccountAccessRole"
        identity = emulator.role_client(SOURCE, arn, "sts").get_caller_identity()
        assert identity["Arn"] == f"arn:aws:sts::{DESTINATION}:assumed-role/OrganizationAccountAccessRole/test"
        assert identity["UserId"].endswith(":test")

    def test_who_is_not_trusted_is_refused(self, emulator: InProcessEmulator) -> None:
        arn = f"arn:aws:iam::{DESTINATION}:role/OrganizationAccountAccessRole"
        error = refused(emulator.client(OTHER, "sts").assume_role, RoleArn=arn, RoleSessionName="test")
        sentence = f"User: arn:aws:iam::{OTHER}:user/administrator is not authorized to perform: sts:AssumeRole on resource: {arn}"
        assert error["Message"] == sentence
        assert error["Code"] == "AccessDenied"

    def test_external_id(self, emulator: InProcessEmulator) -> None:
        statement = {"Effect": "Allow", "Principal": root(SOURCE), "Action": "sts:AssumeRole"}
        document = {"Version": "2012-10-17", "Statement": {**statement, "Condition": {"StringEquals": {"sts:ExternalId": "secret"}}}}
        iam, sts = emulator.client(DESTINATION, "iam"), emulator.client(SOURCE, "sts")
        role = iam.create_role(RoleName="guarded", AssumeRolePolicyDocument=json.dumps(document))["Role"]["Arn"]
        assert refused(sts.assume_role, RoleArn=role, RoleSessionName="test")["Code"] == "AccessDenied"
        assert sts.assume_role(RoleArn=role, RoleSessionName="test", ExternalId="secret")["Credentials"]["AccessKeyId"]

    def test_chained(self, emulator: InProcessEmulator) -> None:
        arn = f"arn:aws:iam::{DESTINATION}:role/OrganizationAccountAccessRole"
        document = policy({"Principal": root(DESTINATION), "Action": "sts:AssumeRole"}).replace('"Resource": "*", ', "")
        other = emulator.client(OTHER, "iam").create_role(RoleName="next", AssumeRolePolicyDocument=document)["Role"]["Arn"]
        sts = emulator.role_client(SOURCE, arn, "sts")
        assert sts.assume_role(RoleArn=other, RoleSessionName="next")["AssumedRoleUser"]["Arn"].endswith(":assumed-role/next/next")


class TestTrustPolicies:
    @pytest.mark.parametrize("principal", [f"arn:aws:iam::{SOURCE}:role/missing", "nobody", f"arn:aws:iam::{SOURCE}:user/missing"])
    def test_who_is_trusted_must_exist(self, emulator: InProcessEmulator, principal: str) -> None:
        iam = emulator.client(DESTINATION, "iam")
        statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": statement})
        for error in (
            refused(iam.create_role, RoleName="x", AssumeRolePolicyDocument=document),
            refused(iam.update_assume_role_policy, RoleName="OrganizationAccountAccessRole", PolicyDocument=document),
        ):
            assert error == {"Code": "MalformedPolicyDocument", "Message": f'Invalid principal in policy: "AWS":"{principal}"'}

    @pytest.mark.parametrize(
        "principal",
        [
            "*",
            SOURCE,
            f"arn:aws:iam::{SOURCE}:root",
            f"arn:aws:iam::{SOURCE}:user/administrator",
            "arn:aws:iam::999999999999:role/of-an-account-that-is-not-emulated",
            f"arn:aws:iam::{SOURCE}:role/aws-service-role/imagebuilder.amazonaws.com/AWSServiceRoleForImageBuilder",
        ],
    )
    def test_who_exists(self, emulator: InProcessEmulator, principal: str) -> None:
        statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
        document = json.dumps({"Version": "2012-10-17", "Statement": statement})
        assert emulator.client(DESTINATION, "iam").create_role(RoleName="x", AssumeRolePolicyDocument=document)["Role"]


class TestKms:
    def test_across_accounts(self, emulator: InProcessEmulator) -> None:
        shared, closed = make_key(emulator, REGION, DESTINATION), make_key(emulator, REGION)
        kms = emulator.client(DESTINATION, "kms")
        assert kms.describe_key(KeyId=shared)["KeyMetadata"]["AWSAccountId"] == SOURCE
        assert kms.encrypt(KeyId=shared, Plaintext=b"x")["KeyId"] == shared
        assert kms.create_grant(KeyId=shared, GranteePrincipal=f"arn:aws:iam::{DESTINATION}:user/administrator", Operations=["Decrypt"])["GrantId"]
        error = refused(kms.describe_key, KeyId=closed)
        assert error["Code"] == "AccessDeniedException"
        assert error["Message"].endswith("because no resource-based policy allows the kms:DescribeKey action")

    def test_policies_stay_in_the_account(self, emulator: InProcessEmulator) -> None:
        shared = make_key(emulator, REGION, DESTINATION)
        assert refused(emulator.client(DESTINATION, "kms").get_key_policy, KeyId=shared, PolicyName="default")["Code"] == "AccessDeniedException"

    def test_by_alias(self, emulator: InProcessEmulator) -> None:
        key = make_key(emulator, REGION, DESTINATION)
        kms = emulator.client(SOURCE, "kms")
        kms.create_alias(AliasName="alias/golden", TargetKeyId=key)
        arn = f"arn:aws:kms:{REGION}:{SOURCE}:alias/golden"
        assert emulator.client(DESTINATION, "kms").describe_key(KeyId=arn)["KeyMetadata"]["Arn"] == key
        assert kms.describe_key(KeyId="alias/golden")["KeyMetadata"]["Arn"] == key
        assert refused(kms.get_key_policy, KeyId="alias/golden", PolicyName="default")["Code"] == "NotFoundException"

    def test_another_region(self, emulator: InProcessEmulator) -> None:
        error = refused(emulator.client(SOURCE, "kms", ELSEWHERE).describe_key, KeyId=make_key(emulator, REGION))
        assert (error["Code"], error["Message"]) == ("NotFoundException", f"Invalid arn {REGION}")

    @pytest.mark.parametrize(
        ("document", "message"),
        [
            ("{", "not valid JSON"),
            (policy({"Action": "kms:*"}), "no principal"),
            (json.dumps({"Statement": {"Effect": "Allow", "Principal": "*", "Action": "kms:*"}}), "no resource"),
            (policy({"Principal": {"AWS": f"arn:aws:iam::{SOURCE}:role/missing"}, "Action": "kms:*"}), "invalid principals"),
            (policy({"Principal": {"AWS": "nobody"}, "Action": "kms:*"}), "invalid principals"),
            (policy({"Principal": root(SOURCE), "Action": "kms:Decrypt"}), "will not allow you to update the key policy in the future."),
            (policy({"Principal": root(DESTINATION), "Action": "kms:*"}), "will not allow you to update the key policy in the future."),
        ],
    )
    def test_key_policies_that_are_refused(self, emulator: InProcessEmulator, document: str, message: str) -> None:
        kms, key = emulator.client(SOURCE, "kms"), make_key(emulator, REGION)
        before = kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"]
        for error in (
            refused(kms.put_key_policy, KeyId=key, PolicyName="default", Policy=document),
            refused(kms.create_key, Policy=document),
        ):
            assert error["Code"] == "MalformedPolicyDocumentException"
            assert message in error["Message"]
        assert kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"] == before

    def test_lockout_on_purpose(self, emulator: InProcessEmulator) -> None:
        kms, key = emulator.client(SOURCE, "kms"), make_key(emulator, REGION)
        document = policy({"Principal": root(SOURCE), "Action": "kms:Describe*"})
        kms.put_key_policy(KeyId=key, PolicyName="default", Policy=document, BypassPolicyLockoutSafetyCheck=True)
        assert kms.describe_key(KeyId=key)
        assert refused(kms.put_key_policy, KeyId=key, PolicyName="default", Policy=document)["Code"] == "AccessDeniedException"

    def test_a_key_policy_has_a_size(self, emulator: InProcessEmulator) -> None:
        document = policy(*[{"Principal": root(SOURCE), "Action": "kms:*", "Sid": str(number)} for number in range(300)])
        assert refused(emulator.client(SOURCE, "kms").create_key, Policy=document)["Code"] == "LimitExceededException"

    def test_operations_by_arn(self, emulator: InProcessEmulator) -> None:
        kms, key = emulator.client(SOURCE, "kms"), make_key(emulator, REGION)
        kms.enable_key_rotation(KeyId=key)
        assert kms.get_key_rotation_status(KeyId=key)["KeyRotationEnabled"]
        kms.disable_key(KeyId=key)
        assert refused(kms.encrypt, KeyId=key, Plaintext=b"x")["Code"] == "DisabledException"
        kms.enable_key(KeyId=key)
        assert kms.encrypt(KeyId=key, Plaintext=b"x")

    def test_missing(self, emulator: InProcessEmulator) -> None:
        kms = emulator.client(SOURCE, "kms")
        for call in (kms.describe_key, kms.list_grants, kms.get_key_rotation_status):
            assert refused(call, KeyId="00000000-0000-0000-0000-000000000000")["Code"] == "NotFoundException"

    def test_replicas_have_their_own_aliases_and_policy(self, emulator: InProcessEmulator) -> None:
        kms, replica = emulator.client(SOURCE, "kms"), emulator.client(SOURCE, "kms", ELSEWHERE)
        key = kms.create_key(MultiRegion=True, Policy=policy({"Principal": root(SOURCE), "Action": "kms:*", "Sid": "primary"}))["KeyMetadata"]["Arn"]
        kms.create_alias(AliasName="alias/golden", TargetKeyId=key)
        kms.replicate_key(KeyId=key, ReplicaRegion=ELSEWHERE)
        copied = key.replace(REGION, ELSEWHERE)
        assert refused(replica.describe_key, KeyId="alias/golden")["Code"] == "NotFoundException"
        assert '"primary"' not in replica.get_key_policy(KeyId=copied, PolicyName="default")["Policy"]
        assert kms.describe_key(KeyId="alias/golden")["KeyMetadata"]["Arn"] == key


class TestImages:
    def test_encrypted_image(self, emulator: InProcessEmulator) -> None:
        key = make_key(emulator, REGION)
        devices = [BlockDevice("/dev/xvda", 20, kms_key_arn=key), BlockDevice("/dev/xvdb", 5, iops=3000)]
        made = images.register_image(SOURCE, REGION, "golden", devices, tags={"a": "b"}, snapshot_tags={"c": "d"}, description="text")
        ec2 = emulator.client(SOURCE, "ec2")
        (image,) = ec2.describe_images(Owners=["self"])["Images"]
        assert (image["ImageId"], image["Name"], image["State"], image["RootDeviceName"]) == (made.id, "golden", "available", "/dev/xvda")
        assert (image["Tags"], image["Description"]) == ([{"Key": "a", "Value": "b"}], "text")
        first, second = image["BlockDeviceMappings"]
        assert (first["DeviceName"], first["Ebs"]["Encrypted"], first["Ebs"]["VolumeSize"]) == ("/dev/xvda", True, 20)
        assert (second["DeviceName"], second["Ebs"]["Encrypted"], second["Ebs"]["Iops"]) == ("/dev/xvdb", False, 3000)
        assert "KmsKeyId" not in first["Ebs"]
        snapshots = {one["SnapshotId"]: one for one in ec2.describe_snapshots(OwnerIds=["self"])["Snapshots"]}
        assert set(snapshots) == {first["Ebs"]["SnapshotId"], second["Ebs"]["SnapshotId"]}
        encrypted = snapshots[first["Ebs"]["SnapshotId"]]
        assert (encrypted["Encrypted"], encrypted["KmsKeyId"], encrypted["VolumeSize"], encrypted["OwnerId"]) == (True, key, 20, SOURCE)
        assert encrypted["Tags"] == [{"Key": "c", "Value": "d"}]
        assert not snapshots[second["Ebs"]["SnapshotId"]]["Encrypted"]

    def test_deprecation(self, emulator: InProcessEmulator) -> None:
        made = images.register_image(SOURCE, REGION, "golden")
        ec2 = emulator.client(SOURCE, "ec2")
        ec2.enable_image_deprecation(ImageId=made.id, DeprecateAt=datetime(2100, 1, 2, 3, 4, tzinfo=timezone.utc))
        assert ec2.describe_images(ImageIds=[made.id])["Images"][0]["DeprecationTime"] == "2100-01-02T03:04:00.000Z"
        assert not images.is_deprecated(made)
        ec2.enable_image_deprecation(ImageId=made.id, DeprecateAt=datetime(2020, 1, 2, tzinfo=timezone.utc))
        assert images.is_deprecated(made)
        ec2.disable_image_deprecation(ImageId=made.id)
        assert "DeprecationTime" not in ec2.describe_images(ImageIds=[made.id])["Images"][0]
        with pytest.raises(ClientError, match="InvalidAMIID"):
            emulator.client(OTHER, "ec2").disable_image_deprecation(ImageId=made.id)

    def test_images_of_moto(self, emulator: InProcessEmulator) -> None:
        ec2 = emulator.client(SOURCE, "ec2")
        image = ec2.register_image(Name="plain", RootDeviceName="/dev/sda1")["ImageId"]
        (device,) = ec2.describe_images(ImageIds=[image])["Images"][0]["BlockDeviceMappings"]
        assert not device["Ebs"]["Encrypted"]
        assert device["Ebs"]["SnapshotId"].startswith("snap-")

    def test_sharing(self, emulator: InProcessEmulator) -> None:
        made = images.register_image(SOURCE, REGION, "golden", tags={"a": "b"})
        owner, user = emulator.client(SOURCE, "ec2"), emulator.client(DESTINATION, "ec2")
        assert refused(user.describe_images, ImageIds=[made.id])["Code"] == "InvalidAMIID.NotFound"
        owner.modify_image_attribute(ImageId=made.id, LaunchPermission={"Add": [{"UserId": DESTINATION}]})
        (seen,) = user.describe_images(ImageIds=[made.id])["Images"]
        assert (seen["OwnerId"], seen.get("Tags", [])) == (SOURCE, [])
        assert [one["ImageId"] for one in user.describe_images(Owners=[SOURCE])["Images"]] == [made.id]
        assert user.describe_images(Owners=["self"])["Images"] == []
        assert [one["ImageId"] for one in user.describe_images(ExecutableUsers=["self"])["Images"]] == [made.id]
        assert user.describe_images(Filters=[{"Name": "tag:a", "Values": ["b"]}])["Images"] == []
        for call in (user.describe_image_attribute, user.modify_image_attribute):
            assert refused(call, ImageId=made.id, Attribute="launchPermission")["Code"] == "AuthFailure"
        assert refused(emulator.client(OTHER, "ec2").describe_images, ImageIds=[made.id])["Code"] == "InvalidAMIID.NotFound"
        assert refused(emulator.client(DESTINATION, "ec2", ELSEWHERE).describe_images, ImageIds=[made.id])["Code"] == "InvalidAMIID.NotFound"

    def test_sharing_with_the_organization_and_a_unit(self, emulator: InProcessEmulator) -> None:
        organizations = emulator.client(SOURCE, "organizations")
        organization = organizations.describe_organization()["Organization"]["Arn"]
        parent = organizations.list_roots()["Roots"][0]["Id"]
        unit = organizations.create_organizational_unit(ParentId=parent, Name="builders")["OrganizationalUnit"]
        organizations.move_account(AccountId=OTHER, SourceParentId=parent, DestinationParentId=unit["Id"])
        for permission, accounts in (({"OrganizationArn": organization}, [DESTINATION, OTHER]), ({"OrganizationalUnitArn": unit["Arn"]}, [OTHER])):
            made = images.register_image(SOURCE, REGION, "golden")
            emulator.client(SOURCE, "ec2").modify_image_attribute(ImageId=made.id, LaunchPermission={"Add": [permission]})
            seen = [one for one in (DESTINATION, OTHER) if made.id in {image.id for image in images.visible_images(one, REGION)}]
            assert seen == accounts

    def test_filters_narrow_ids(self, emulator: InProcessEmulator) -> None:
        made = images.register_image(SOURCE, REGION, "golden")
        ec2 = emulator.client(SOURCE, "ec2")
        for name, count in (("golden", 1), ("other", 0)):
            assert len(ec2.describe_images(ImageIds=[made.id], Filters=[{"Name": "name", "Values": [name]}])["Images"]) == count

    def test_images_of_amazon_are_public_everywhere(self, emulator: InProcessEmulator) -> None:
        parameter = emulator.client(SOURCE, "ssm").get_parameter(Name="/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64")
        for account in (SOURCE, DESTINATION):
            (image,) = emulator.client(account, "ec2").describe_images(ImageIds=[parameter["Parameter"]["Value"]])["Images"]
            assert (image["ImageOwnerAlias"], image["Public"]) == ("amazon", True)

    def test_publishing_is_blocked_until_the_account_allows_it(self, emulator: InProcessEmulator) -> None:
        made = images.register_image(SOURCE, REGION, "golden")
        ec2 = emulator.client(SOURCE, "ec2")
        assert ec2.get_image_block_public_access_state()["ImageBlockPublicAccessState"] == "block-new-sharing"
        request = {"ImageId": made.id, "LaunchPermission": {"Add": [{"Group": "all"}]}}
        assert refused(ec2.modify_image_attribute, **request)["Code"] == "OperationNotPermitted"
        assert ec2.disable_image_block_public_access()["ImageBlockPublicAccessState"] == "unblocked"
        assert emulator.client(SOURCE, "ec2", ELSEWHERE).get_image_block_public_access_state()["ImageBlockPublicAccessState"] == "block-new-sharing"
        ec2.modify_image_attribute(**request)
        assert emulator.client(OTHER, "ec2").describe_images(ImageIds=[made.id])["Images"][0]["Public"]
        ec2.enable_image_block_public_access(ImageBlockPublicAccessState="block-new-sharing")
        assert refused(ec2.modify_image_attribute, **request)["Code"] == "OperationNotPermitted"


class TestCopyImage:
    def share(self, emulator: InProcessEmulator, *devices: BlockDevice) -> str:
        made = images.register_image(SOURCE, REGION, "golden", devices or (BlockDevice(),))
        permission = {"Add": [{"UserId": DESTINATION}]}
        emulator.client(SOURCE, "ec2").modify_image_attribute(ImageId=made.id, LaunchPermission=permission)
        return str(made.id)

    def copy(self, emulator: InProcessEmulator, image: str, **more: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        ec2 = emulator.client(DESTINATION, "ec2", ELSEWHERE)
        copied = ec2.copy_image(SourceImageId=image, SourceRegion=REGION, Name="copy", **more)["ImageId"]
        (described,) = ec2.describe_images(ImageIds=[copied])["Images"]
        (snapshot,) = ec2.describe_snapshots(SnapshotIds=[described["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"]])["Snapshots"]
        return described, snapshot

    def test_plain(self, emulator: InProcessEmulator) -> None:
        tags = [{"ResourceType": "image", "Tags": [{"Key": "a", "Value": "b"}]}]
        image, snapshot = self.copy(emulator, self.share(emulator), TagSpecifications=tags)
        assert (image["State"], image["OwnerId"], snapshot["Encrypted"]) == ("available", DESTINATION, False)
        assert image["Tags"] == [{"Key": "a", "Value": "b"}]

    def test_encrypted_with_keys_that_allow_it(self, emulator: InProcessEmulator) -> None:
        from_key, to_key = make_key(emulator, REGION, DESTINATION), make_key(emulator, ELSEWHERE, DESTINATION)
        emulator.client(SOURCE, "kms", ELSEWHERE).create_alias(AliasName="alias/golden", TargetKeyId=to_key)
        shared = self.share(emulator, BlockDevice(kms_key_arn=from_key))
        for name in (to_key, f"arn:aws:kms:{ELSEWHERE}:{SOURCE}:alias/golden"):
            image, snapshot = self.copy(emulator, shared, Encrypted=True, KmsKeyId=name)
            assert (image["State"], snapshot["Encrypted"], snapshot["KmsKeyId"]) == ("available", True, to_key)

    def test_the_default_key(self, emulator: InProcessEmulator) -> None:
        ec2 = emulator.client(DESTINATION, "ec2", ELSEWHERE)
        assert ec2.get_ebs_default_kms_key_id()["KmsKeyId"] == "alias/aws/ebs"
        image, snapshot = self.copy(emulator, self.share(emulator), Encrypted=True)
        assert image["State"] == "available"
        assert snapshot["KmsKeyId"].startswith(f"arn:aws:kms:{ELSEWHERE}:{DESTINATION}:key/")
        ec2.enable_ebs_encryption_by_default()
        assert self.copy(emulator, self.share(emulator))[1]["Encrypted"]

    @pytest.mark.parametrize("closed", ["from", "to"])
    def test_a_key_that_refuses_fails_the_image_afterwards(self, emulator: InProcessEmulator, closed: str) -> None:
        from_key = make_key(emulator, REGION, *([DESTINATION] if closed != "from" else []))
        to_key = make_key(emulator, ELSEWHERE, *([DESTINATION] if closed != "to" else []))
        image, _snapshot = self.copy(emulator, self.share(emulator, BlockDevice(kms_key_arn=from_key)), Encrypted=True, KmsKeyId=to_key)
        assert image["State"] == "failed"
        assert image["StateReason"]["Message"] == "AMI snapshot copy failed with error: Given key ID is not accessible"

    def test_a_key_of_another_region(self, emulator: InProcessEmulator) -> None:
        key = make_key(emulator, REGION, DESTINATION)
        image, _snapshot = self.copy(emulator, self.share(emulator), Encrypted=True, KmsKeyId=key)
        assert image["StateReason"]["Message"] == f"AMI snapshot copy failed with error: The specified keyId {key} is invalid"

    def test_what_is_not_shared(self, emulator: InProcessEmulator) -> None:
        made = images.register_image(SOURCE, REGION, "golden")
        ec2 = emulator.client(DESTINATION, "ec2", ELSEWHERE)
        assert refused(ec2.copy_image, SourceImageId=made.id, SourceRegion=REGION, Name="copy")["Code"] == "InvalidAMIID.NotFound"


class TestLaunchTemplates:
    def test_its_tags_are_not_those_of_its_instances(self, emulator: InProcessEmulator) -> None:
        ec2 = emulator.client(SOURCE, "ec2")
        own = [{"ResourceType": "launch-template", "Tags": [{"Key": "CreatedBy", "Value": "EC2 Image Builder"}]}]
        inner = [{"ResourceType": "instance", "Tags": [{"Key": "a", "Value": "b"}]}]
        for name, data in (("plain", {"InstanceType": "t3.micro"}), ("tagging", {"TagSpecifications": inner})):
            template = ec2.create_launch_template(LaunchTemplateName=name, LaunchTemplateData=data, TagSpecifications=own)["LaunchTemplate"]
            assert template["Tags"] == own[0]["Tags"]
            (version,) = ec2.describe_launch_template_versions(LaunchTemplateName=name)["LaunchTemplateVersions"]
            assert {key: value for key, value in version["LaunchTemplateData"].items() if value} == data

    def test_a_version_inherits_from_its_source_and_is_made_once(self, emulator: InProcessEmulator) -> None:
        ec2 = emulator.client(SOURCE, "ec2")
        ec2.create_launch_template(LaunchTemplateName="web", LaunchTemplateData={"InstanceType": "t3.micro", "ImageId": "ami-1"})
        request = {"LaunchTemplateName": "web", "LaunchTemplateData": {"ImageId": "ami-2"}}
        bare = ec2.create_launch_template_version(**request)["LaunchTemplateVersion"]
        assert bare["LaunchTemplateData"] == {"ImageId": "ami-2"}
        for _attempt in range(2):
            version = ec2.create_launch_template_version(**request, SourceVersion="1", ClientToken="a")["LaunchTemplateVersion"]
            assert (version["VersionNumber"], version["LaunchTemplateData"]) == (3, {"InstanceType": "t3.micro", "ImageId": "ami-2"})


class TestParameters:
    def put(self, emulator: InProcessEmulator, value: str) -> Any:
        return emulator.client(DESTINATION, "ssm").put_parameter(Name="/golden/ami", Value=value, Type="String", DataType="aws:ec2:image")

    def test_an_image(self, emulator: InProcessEmulator) -> None:
        made = images.register_image(DESTINATION, REGION, "golden")
        self.put(emulator, made.id)
        assert emulator.client(DESTINATION, "ssm").get_parameter(Name="/golden/ami")["Parameter"]["Value"] == made.id

    def test_no_image_id(self, emulator: InProcessEmulator) -> None:
        with pytest.raises(ClientError, match="not a valid AMI ID"):
            self.put(emulator, "golden")

    def test_an_image_that_is_not_there_leaves_no_parameter(self, emulator: InProcessEmulator) -> None:
        self.put(emulator, "ami-00000000000000000")
        assert refused(emulator.client(DESTINATION, "ssm").get_parameter, Name="/golden/ami")["Code"] == "ParameterNotFound"

    def test_text_is_free(self, emulator: InProcessEmulator) -> None:
        ssm = emulator.client(DESTINATION, "ssm")
        ssm.put_parameter(Name="/golden/text", Value="golden", Type="String")
        assert ssm.get_parameter(Name="/golden/text")["Parameter"]["Value"] == "golden"


class TestRegions:
    def states(self, emulator: InProcessEmulator, account_id: str, **request: Any) -> dict[str, str]:
        answer = emulator.client(account_id, "ec2").describe_regions(**request)
        return {region["RegionName"]: region["OptInStatus"] for region in answer["Regions"]}

    def test_each_account_enables_its_own(self, emulator: InProcessEmulator) -> None:
        account = emulator.client(DESTINATION, "account")
        assert account.get_region_opt_status(RegionName="eu-central-2")["RegionOptStatus"] == "DISABLED"
        account.enable_region(RegionName="eu-central-2")
        assert self.states(emulator, DESTINATION, AllRegions=True)["eu-central-2"] == "opted-in"
        assert self.states(emulator, OTHER, AllRegions=True)["eu-central-2"] == "not-opted-in"
        assert account.get_region_opt_status(RegionName="eu-central-2")["RegionOptStatus"] == "ENABLED"
        account.disable_region(RegionName="eu-central-2")
        assert self.states(emulator, DESTINATION, RegionNames=["eu-central-2"]) == {"eu-central-2": "not-opted-in"}

    def test_who_does_not_ask_for_all_is_told_of_those_that_work(self, emulator: InProcessEmulator) -> None:
        told = self.states(emulator, DESTINATION)
        assert told[REGION] == "opt-in-not-required"
        assert "eu-central-2" not in told
        assert not any(region.startswith(("us-gov", "cn-")) for region in told), "another partition is another AWS"
