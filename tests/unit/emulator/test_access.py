# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Decisions from the policies in the emulated accounts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.tests.emulator import access
from ansible_collections.golden.imagebuilder.tests.emulator.access import Caller
from ansible_collections.golden.imagebuilder.tests.emulator.server import InProcessEmulator

SOURCE, DESTINATION, OTHER = "111111111111", "222222222222", "333333333333"
REGION = "us-west-2"
ROLE = "EC2ImageBuilderDistributionCrossAccountRole"
ROLE_ARN = f"arn:aws:iam::{DESTINATION}:role/{ROLE}"
SESSION_ARN = f"arn:aws:sts::{DESTINATION}:assumed-role/{ROLE}/EC2ImageBuilder"
MANAGED = "arn:aws:iam::aws:policy/Ec2ImageBuilderCrossAccountDistributionAccess"
USE = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey", "kms:CreateGrant"]


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*", **statement} for statement in statements]})


def trust(*principals: str, **more: Any) -> str:
    statement = {"Effect": "Allow", "Principal": {"AWS": list(principals)}, "Action": "sts:AssumeRole", **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def make_role(emulator: InProcessEmulator, account: str = DESTINATION, document: str | None = None, name: str = ROLE, **inline: str) -> None:
    iam = emulator.client(account, "iam")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=document or trust(f"arn:aws:iam::{SOURCE}:root"))
    for policy_name, text in inline.items():
        iam.put_role_policy(RoleName=name, PolicyName=policy_name, PolicyDocument=text)


def make_key(emulator: InProcessEmulator, *statements: dict[str, Any], region: str = REGION, root: bool = True) -> str:
    administration = {"Principal": {"AWS": f"arn:aws:iam::{SOURCE}:root"}, "Action": "kms:*"}
    document = policy(*([administration] if root else []), *statements)
    answer = emulator.client(SOURCE, "kms", region).create_key(Policy=document, BypassPolicyLockoutSafetyCheck=True)
    return str(answer["KeyMetadata"]["Arn"])


DISTRIBUTION = Caller.role(DESTINATION, ROLE)


class TestCaller:
    @pytest.mark.parametrize(
        ("arn", "account", "principal", "shown"),
        [
            (ROLE_ARN, DESTINATION, ROLE_ARN, SESSION_ARN),
            (SESSION_ARN, DESTINATION, ROLE_ARN, SESSION_ARN),
            (f"arn:aws:iam::{SOURCE}:user/a/b", SOURCE, f"arn:aws:iam::{SOURCE}:user/a/b", f"arn:aws:iam::{SOURCE}:user/a/b"),
            (f"arn:aws:iam::{SOURCE}:root", SOURCE, f"arn:aws:iam::{SOURCE}:root", f"arn:aws:iam::{SOURCE}:root"),
            (
                f"arn:aws:iam::{SOURCE}:role/team/builder",
                SOURCE,
                f"arn:aws:iam::{SOURCE}:role/team/builder",
                f"arn:aws:sts::{SOURCE}:assumed-role/builder/EC2ImageBuilder",
            ),
        ],
    )
    def test_from_arn(self, emulator: InProcessEmulator, arn: str, account: str, principal: str, shown: str) -> None:
        caller = Caller.from_arn(arn)
        assert (caller.account_id, caller.principal_arn, caller.arn) == (account, principal, shown)

    @pytest.mark.parametrize("text", ["", "arn:aws:s3:::bucket", f"arn:aws:iam::{SOURCE}:group/x", "arn:aws:iam::1:role/x"])
    def test_no_principal(self, text: str) -> None:
        with pytest.raises(ValueError, match="is no role"):
            Caller.from_arn(text)

    def test_the_path_of_a_session_is_looked_up(self, emulator: InProcessEmulator) -> None:
        document = trust(f"arn:aws:iam::{SOURCE}:root")
        emulator.client(DESTINATION, "iam").create_role(RoleName="deep", Path="/a/b/", AssumeRolePolicyDocument=document)
        assert Caller.role(DESTINATION, "deep").principal_arn == f"arn:aws:iam::{DESTINATION}:role/a/b/deep"


class TestIdentityPolicies:
    def test_managed_policy_of_aws_is_the_real_one(self, emulator: InProcessEmulator) -> None:
        make_role(emulator)
        refused = access.authorize(DISTRIBUTION, "ec2:CopyImage", "*")
        assert refused.code == "AccessDeniedException"
        assert refused.message == (
            f"User: {SESSION_ARN} is not authorized to perform: ec2:CopyImage on resource: * "
            "because no identity-based policy allows the ec2:CopyImage action"
        )
        emulator.client(DESTINATION, "iam").attach_role_policy(RoleName=ROLE, PolicyArn=MANAGED)
        assert access.authorize(DISTRIBUTION, "ec2:CopyImage", "*") == access.ALLOWED
        assert access.authorize(DISTRIBUTION, "ec2:CreateTags", f"arn:aws:ec2:{REGION}::image/ami-1").allowed
        assert not access.authorize(DISTRIBUTION, "ec2:CreateTags", f"arn:aws:ec2:{REGION}::snapshot/snap-1").allowed
        emulator.client(DESTINATION, "iam").detach_role_policy(RoleName=ROLE, PolicyArn=MANAGED)
        assert not access.authorize(DISTRIBUTION, "ec2:CopyImage", "*").allowed

    def test_inline_policy_with_condition_on_the_resource(self, emulator: InProcessEmulator) -> None:
        condition = {"StringEquals": {"aws:ResourceTag/CreatedBy": "EC2 Image Builder"}}
        make_role(emulator, launch=policy({"Action": "ec2:CreateLaunchTemplateVersion", "Condition": condition}))
        arn = f"arn:aws:ec2:{REGION}:{DESTINATION}:launch-template/lt-1"
        assert access.authorize(DISTRIBUTION, "ec2:CreateLaunchTemplateVersion", arn, {"aws:ResourceTag/CreatedBy": "EC2 Image Builder"}).allowed
        assert not access.authorize(DISTRIBUTION, "ec2:CreateLaunchTemplateVersion", arn, {"aws:ResourceTag/CreatedBy": "me"}).allowed
        assert not access.authorize(DISTRIBUTION, "ec2:CreateLaunchTemplateVersion", arn).allowed

    def test_default_version_of_a_customer_policy(self, emulator: InProcessEmulator) -> None:
        make_role(emulator)
        iam = emulator.client(DESTINATION, "iam")
        arn = iam.create_policy(PolicyName="p", PolicyDocument=policy({"Action": "ec2:CopyImage"}))["Policy"]["Arn"]
        iam.attach_role_policy(RoleName=ROLE, PolicyArn=arn)
        assert access.authorize(DISTRIBUTION, "ec2:CopyImage", "*").allowed
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=policy({"Action": "ec2:Other"}), SetAsDefault=True)
        assert not access.authorize(DISTRIBUTION, "ec2:CopyImage", "*").allowed

    def test_explicit_deny(self, emulator: InProcessEmulator) -> None:
        make_role(emulator, a=policy({"Action": "*"}), b=policy({"Effect": "Deny", "Action": "ec2:Copy*"}))
        refused = access.authorize(DISTRIBUTION, "ec2:CopyImage", "*")
        assert refused.message.endswith("on resource: * with an explicit deny in an identity-based policy")
        assert access.authorize(DISTRIBUTION, "ec2:DescribeImages", "*").allowed

    def test_permissions_boundary(self, emulator: InProcessEmulator) -> None:
        make_role(emulator, a=policy({"Action": "*"}))
        iam = emulator.client(DESTINATION, "iam")
        document = policy({"Action": "ec2:*"}, {"Effect": "Deny", "Action": "ec2:Copy*"})
        arn = iam.create_policy(PolicyName="boundary", PolicyDocument=document)["Policy"]["Arn"]
        iam.put_role_permissions_boundary(RoleName=ROLE, PermissionsBoundary=arn)
        assert access.authorize(DISTRIBUTION, "ec2:DescribeImages", "*").allowed
        reasons = [access.authorize(DISTRIBUTION, action, "*").message.partition("* ")[2] for action in ("ssm:PutParameter", "ec2:CopyImage")]
        assert reasons == ["because no permissions boundary allows the ssm:PutParameter action", "with an explicit deny in a permissions boundary"]

    def test_a_role_that_does_not_exist_may_nothing(self, emulator: InProcessEmulator) -> None:
        assert not access.authorize(Caller.role(DESTINATION, "nobody"), "ec2:DescribeImages", "*").allowed

    def test_users_have_their_own_policies_and_their_groups(self, emulator: InProcessEmulator) -> None:
        iam = emulator.client(DESTINATION, "iam")
        iam.create_user(UserName="jo")
        jo = Caller.from_arn(f"arn:aws:iam::{DESTINATION}:user/jo")
        assert not access.authorize(jo, "ec2:DescribeImages", "*").allowed
        iam.create_group(GroupName="builders")
        iam.put_group_policy(GroupName="builders", PolicyName="p", PolicyDocument=policy({"Action": "ec2:*"}))
        iam.add_user_to_group(GroupName="builders", UserName="jo")
        assert access.authorize(jo, "ec2:DescribeImages", "*").allowed

    def test_principal_tags_and_organization(self, emulator: InProcessEmulator) -> None:
        condition = {"StringEquals": {"aws:PrincipalTag/team": "golden", "aws:PrincipalAccount": DESTINATION}}
        make_role(emulator, a=policy({"Action": "*", "Condition": condition}))
        assert not access.authorize(DISTRIBUTION, "ec2:CopyImage", "*").allowed
        emulator.client(DESTINATION, "iam").tag_role(RoleName=ROLE, Tags=[{"Key": "team", "Value": "golden"}])
        assert access.authorize(DISTRIBUTION, "ec2:CopyImage", "*").allowed


class TestServiceLinkedRole:
    caller = Caller.service_linked(SOURCE)

    def test_it_has_the_policy_of_aws_without_existing(self, emulator: InProcessEmulator) -> None:
        assert access.authorize(self.caller, "ec2:CopyImage", "*").allowed
        assert access.authorize(self.caller, "sts:AssumeRole", ROLE_ARN, resource_account_id=SOURCE).allowed
        assert not access.authorize(self.caller, "sts:AssumeRole", f"{ROLE_ARN}2", resource_account_id=SOURCE).allowed

    @pytest.mark.parametrize(("name", "allowed"), [("imagebuilder/ami", True), ("golden/ami", False)])
    def test_parameters_only_under_imagebuilder(self, emulator: InProcessEmulator, name: str, allowed: bool) -> None:
        assert access.authorize(self.caller, "ssm:PutParameter", f"arn:aws:ssm:{REGION}:{SOURCE}:parameter/{name}").allowed is allowed

    def test_keys_only_through_ec2(self, emulator: InProcessEmulator) -> None:
        key = make_key(emulator)
        via = {"kms:ViaService": f"ec2.{REGION}.amazonaws.com"}
        assert access.authorize_key(self.caller, "kms:DescribeKey", key, via).allowed
        assert not access.authorize_key(self.caller, "kms:DescribeKey", key).allowed
        assert access.authorize_key(self.caller, "kms:CreateGrant", key, {**via, "kms:GrantIsForAWSResource": "true"}).allowed
        assert not access.authorize_key(self.caller, "kms:CreateGrant", key, via).allowed


class TestAssumeRole:
    def test_trusting_the_account_delegates_to_it(self, emulator: InProcessEmulator) -> None:
        make_role(emulator)
        assert access.assume_role(Caller.service_linked(SOURCE), ROLE_ARN).allowed
        assert access.assume_role(f"arn:aws:iam::{SOURCE}:user/administrator", ROLE_ARN).allowed
        make_role(emulator, SOURCE, name="plain")
        assert not access.assume_role(Caller.role(SOURCE, "plain"), ROLE_ARN).allowed

    def test_refusal_is_the_sentence_of_aws(self, emulator: InProcessEmulator) -> None:
        make_role(emulator, document=trust(f"arn:aws:iam::{OTHER}:root"))
        caller = Caller.service_linked(SOURCE)
        for arn in (ROLE_ARN, f"arn:aws:iam::{DESTINATION}:role/missing"):
            refused = access.assume_role(caller, arn)
            assert (refused.allowed, refused.code) == (False, "AccessDenied")
            assert refused.message == f"User: {caller.arn} is not authorized to perform: sts:AssumeRole on resource: {arn}"
        assert "assumed-role/AWSServiceRoleForImageBuilder/" in caller.arn

    def test_path_is_part_of_the_role(self, emulator: InProcessEmulator) -> None:
        emulator.client(DESTINATION, "iam").create_role(
            RoleName=ROLE, Path="/elsewhere/", AssumeRolePolicyDocument=trust(f"arn:aws:iam::{SOURCE}:root")
        )
        assert not access.assume_role(Caller.service_linked(SOURCE), ROLE_ARN).allowed

    @pytest.mark.parametrize(("given", "allowed"), [("secret", True), ("wrong", False), (None, False)])
    def test_external_id(self, emulator: InProcessEmulator, given: str | None, allowed: bool) -> None:
        document = trust(f"arn:aws:iam::{SOURCE}:root", Condition={"StringEquals": {"sts:ExternalId": "secret"}})
        make_role(emulator, document=document)
        assert access.assume_role(Caller.service_linked(SOURCE), ROLE_ARN, given).allowed is allowed

    def test_inside_an_account_naming_the_role_is_enough(self, emulator: InProcessEmulator) -> None:
        make_role(emulator, SOURCE, name="plain")
        make_role(emulator, SOURCE, trust(f"arn:aws:iam::{SOURCE}:role/plain"), name="target")
        assert access.assume_role(Caller.role(SOURCE, "plain"), f"arn:aws:iam::{SOURCE}:role/target").allowed

    def test_across_accounts_naming_the_role_is_not(self, emulator: InProcessEmulator) -> None:
        make_role(emulator, SOURCE, name="plain")
        make_role(emulator, document=trust(f"arn:aws:iam::{SOURCE}:role/plain"))
        caller = Caller.role(SOURCE, "plain")
        assert not access.assume_role(caller, ROLE_ARN).allowed
        document = policy({"Action": "sts:AssumeRole", "Resource": ROLE_ARN})
        emulator.client(SOURCE, "iam").put_role_policy(RoleName="plain", PolicyName="a", PolicyDocument=document)
        assert access.assume_role(caller, ROLE_ARN).allowed

    def test_trust_by_organization(self, emulator: InProcessEmulator) -> None:
        organization = emulator.client(SOURCE, "organizations").describe_organization()["Organization"]["Id"]
        for identifier, allowed in ((organization, True), ("o-other", False)):
            make_role(emulator, document=trust("*", Condition={"StringEquals": {"aws:PrincipalOrgID": identifier}}), name=f"role-{allowed}")
            role = f"arn:aws:iam::{DESTINATION}:role/role-{allowed}"
            assert access.assume_role(f"arn:aws:iam::{OTHER}:user/administrator", role).allowed is allowed


class TestKeys:
    def test_across_accounts_both_sides_must_allow(self, emulator: InProcessEmulator) -> None:
        make_role(emulator)
        closed, shared = make_key(emulator), make_key(emulator, {"Principal": {"AWS": f"arn:aws:iam::{DESTINATION}:root"}, "Action": USE})
        side = "because no {} policy allows the kms:CreateGrant action"
        assert access.authorize_key(DISTRIBUTION, "kms:CreateGrant", shared).message.endswith(side.format("identity-based"))
        document = policy({"Action": USE})
        emulator.client(DESTINATION, "iam").put_role_policy(RoleName=ROLE, PolicyName="kms", PolicyDocument=document)
        assert access.authorize_key(DISTRIBUTION, "kms:CreateGrant", shared).allowed
        refused = access.authorize_key(DISTRIBUTION, "kms:CreateGrant", closed)
        sentence = f"User: {SESSION_ARN} is not authorized to perform: kms:CreateGrant on resource: {closed} "
        assert refused.message == sentence + side.format("resource-based")
        assert refused.code == "AccessDeniedException"

    def test_naming_the_role_of_another_account_still_needs_its_own_side(self, emulator: InProcessEmulator) -> None:
        make_role(emulator)
        key = make_key(emulator, {"Principal": {"AWS": ROLE_ARN}, "Action": USE})
        assert not access.authorize_key(DISTRIBUTION, "kms:Decrypt", key).allowed

    def test_inside_the_account_iam_alone_does_not_count(self, emulator: InProcessEmulator) -> None:
        administrator = Caller.from_arn(f"arn:aws:iam::{SOURCE}:user/administrator")
        statement = {"Principal": {"AWS": f"arn:aws:iam::{SOURCE}:role/other"}, "Action": "kms:*"}
        make_role(emulator, SOURCE, name="other")
        key = make_key(emulator, statement, root=False)
        reason = "because no resource-based policy allows the kms:Decrypt action"
        assert access.authorize_key(administrator, "kms:Decrypt", key).message.endswith(reason)
        assert access.authorize_key(Caller.role(SOURCE, "other"), "kms:Decrypt", key).allowed
        assert access.authorize_key(administrator, "kms:Decrypt", make_key(emulator)).allowed

    def test_conditions_of_the_key_policy(self, emulator: InProcessEmulator) -> None:
        make_role(emulator, kms=policy({"Action": USE}))
        condition = {"Bool": {"kms:GrantIsForAWSResource": "true"}, "StringEquals": {"kms:CallerAccount": DESTINATION}}
        key = make_key(emulator, {"Principal": {"AWS": DESTINATION}, "Action": "kms:CreateGrant", "Condition": condition})
        assert access.authorize_key(DISTRIBUTION, "kms:CreateGrant", key, {"kms:GrantIsForAWSResource": "true"}).allowed
        assert not access.authorize_key(DISTRIBUTION, "kms:CreateGrant", key, {"kms:GrantIsForAWSResource": "false"}).allowed

    def test_deny_in_the_key_policy(self, emulator: InProcessEmulator) -> None:
        make_role(emulator, kms=policy({"Action": USE}))
        key = make_key(emulator, {"Principal": "*", "Action": USE}, {"Effect": "Deny", "Principal": {"AWS": ROLE_ARN}, "Action": "kms:Decrypt"})
        assert access.authorize_key(DISTRIBUTION, "kms:Decrypt", key).message.endswith("with an explicit deny in a resource-based policy")
        assert access.authorize_key(DISTRIBUTION, "kms:Encrypt", key).allowed

    def test_alias_of_another_account(self, emulator: InProcessEmulator) -> None:
        make_role(emulator, kms=policy({"Action": USE, "Condition": {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/golden"}}}))
        key = make_key(emulator, {"Principal": {"AWS": DESTINATION}, "Action": USE})
        alias = f"arn:aws:kms:{REGION}:{SOURCE}:alias/golden"
        assert access.authorize_key(DISTRIBUTION, "kms:Decrypt", alias).code == "AccessDeniedException"
        assert not access.authorize_key(DISTRIBUTION, "kms:Decrypt", key).allowed
        emulator.client(SOURCE, "kms").create_alias(AliasName="alias/golden", TargetKeyId=key)
        for name in (alias, key):
            decision = access.authorize_key(DISTRIBUTION, "kms:Decrypt", name)
            assert (decision.allowed, decision.key.arn) == (True, key)

    def test_another_region(self, emulator: InProcessEmulator) -> None:
        key = make_key(emulator, region="eu-west-1")
        decision = access.authorize_key(Caller.service_linked(SOURCE), "kms:Decrypt", key, region=REGION)
        assert (decision.code, decision.message) == ("NotFoundException", "Invalid arn eu-west-1")

    @pytest.mark.parametrize(
        ("key", "message"),
        [
            ("golden", "Invalid keyId 'golden'"),
            ("arn:aws:s3:::x", "Invalid arn arn:aws:s3:::x"),
            ("alias/golden", f"Alias arn:aws:kms:{REGION}:{SOURCE}:alias/golden is not found."),
            (
                "00000000-0000-0000-0000-000000000000",
                f"Key 'arn:aws:kms:{REGION}:{SOURCE}:key/00000000-0000-0000-0000-000000000000' does not exist",
            ),
            (f"arn:aws:kms:{REGION}:{SOURCE}:key/x", f"Key 'arn:aws:kms:{REGION}:{SOURCE}:key/x' does not exist"),
            (f"arn:aws:kms:nowhere-1:{SOURCE}:key/x", "Invalid arn nowhere-1"),
        ],
    )
    def test_missing_in_the_own_account(self, emulator: InProcessEmulator, key: str, message: str) -> None:
        decision = access.authorize_key(Caller.service_linked(SOURCE), "kms:Decrypt", key, region=REGION)
        assert (decision.allowed, decision.code, decision.message) == (False, "NotFoundException", message)

    def test_missing_in_another_account_is_not_told_from_forbidden(self, emulator: InProcessEmulator) -> None:
        make_role(emulator, kms=policy({"Action": USE}))
        decision = access.authorize_key(DISTRIBUTION, "kms:Decrypt", f"arn:aws:kms:{REGION}:{SOURCE}:key/00000000-0000-0000-0000-000000000000")
        assert decision.code == "AccessDeniedException"
        assert "because the resource does not exist in this Region" in decision.message

    def test_key_states(self, emulator: InProcessEmulator) -> None:
        kms, key = emulator.client(SOURCE, "kms"), make_key(emulator)
        administrator = Caller.from_arn(f"arn:aws:iam::{SOURCE}:user/administrator")
        kms.disable_key(KeyId=key)
        decision = access.authorize_key(administrator, "kms:Decrypt", key)
        assert (decision.code, decision.message) == ("DisabledException", f"{key} is disabled.")
        assert access.authorize_key(administrator, "kms:DescribeKey", key).allowed
        kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
        decision = access.authorize_key(administrator, "kms:CreateGrant", key)
        assert (decision.code, decision.message) == ("KMSInvalidStateException", f"{key} is pending deletion.")

    def test_grant(self, emulator: InProcessEmulator) -> None:
        make_role(emulator)
        key = make_key(emulator)
        emulator.client(SOURCE, "kms").create_grant(KeyId=key, GranteePrincipal=ROLE_ARN, Operations=["Decrypt"])
        assert access.authorize_key(DISTRIBUTION, "kms:Decrypt", key).allowed
        assert not access.authorize_key(DISTRIBUTION, "kms:Encrypt", key).allowed
        document = policy({"Effect": "Deny", "Action": "kms:Decrypt"})
        emulator.client(DESTINATION, "iam").put_role_policy(RoleName=ROLE, PolicyName="no", PolicyDocument=document)
        assert not access.authorize_key(DISTRIBUTION, "kms:Decrypt", key).allowed

    def test_the_managed_key_of_ebs_never_crosses_accounts(self, emulator: InProcessEmulator) -> None:
        make_role(emulator, kms=policy({"Action": "*"}))
        via = {"kms:ViaService": f"ec2.{REGION}.amazonaws.com"}
        alias = f"arn:aws:kms:{REGION}:{SOURCE}:alias/aws/ebs"
        own = access.authorize_key(Caller.service_linked(SOURCE), "kms:Decrypt", alias, {**via, "kms:EncryptionContextKeys": ["aws:ebs:id"]})
        assert own.allowed
        assert own.key.key_manager == "AWS"
        refused = access.authorize_key(DISTRIBUTION, "kms:Decrypt", own.key.arn, via)
        assert refused.message.endswith("because no resource-based policy allows the kms:Decrypt action")


class TestResourcePolicies:
    def test_same_account(self, emulator: InProcessEmulator) -> None:
        make_role(emulator)
        arn = f"arn:aws:ssm:{REGION}:{DESTINATION}:parameter/x"
        named = policy({"Principal": {"AWS": ROLE_ARN}, "Action": "ssm:*"})
        delegated = policy({"Principal": {"AWS": DESTINATION}, "Action": "ssm:*"})
        assert access.authorize(DISTRIBUTION, "ssm:GetParameter", arn, resource_policy=named).allowed
        assert not access.authorize(DISTRIBUTION, "ssm:GetParameter", arn, resource_policy=delegated).allowed
        emulator.client(DESTINATION, "iam").put_role_policy(RoleName=ROLE, PolicyName="a", PolicyDocument=policy({"Action": "ssm:*"}))
        assert access.authorize(DISTRIBUTION, "ssm:GetParameter", arn, resource_policy=delegated).allowed

    def test_another_account_without_resource_policy(self, emulator: InProcessEmulator) -> None:
        make_role(emulator, a=policy({"Action": "*"}))
        refused = access.authorize(DISTRIBUTION, "ssm:GetParameter", f"arn:aws:ssm:{REGION}:{SOURCE}:parameter/x")
        assert refused.message.endswith("because no resource-based policy allows the ssm:GetParameter action")

    def test_boundary_limits_the_role_but_not_its_session(self, emulator: InProcessEmulator) -> None:
        make_role(emulator)
        iam = emulator.client(DESTINATION, "iam")
        arn = iam.create_policy(PolicyName="b", PolicyDocument=policy({"Action": "ec2:*"}))["Policy"]["Arn"]
        iam.put_role_permissions_boundary(RoleName=ROLE, PermissionsBoundary=arn)
        target = f"arn:aws:ssm:{REGION}:{DESTINATION}:parameter/x"
        for principal, allowed in ((ROLE_ARN, False), (SESSION_ARN, True)):
            document = policy({"Principal": {"AWS": principal}, "Action": "ssm:*"})
            assert access.authorize(DISTRIBUTION, "ssm:GetParameter", target, resource_policy=document).allowed is allowed
