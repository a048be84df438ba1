# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is read out of a failed image."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.failure import (
    LIFECYCLE_ROLE_NAME,
    Failure,
    decode,
    decode_execution,
    explain,
    failed_stage,
)

SOURCE, DESTINATION, OTHER = "111111111111", "222222222222", "333333333333"
ARN = f"arn:aws:imagebuilder:us-west-2:{SOURCE}:image/web/1.0.0/3"
KEY = f"arn:aws:kms:eu-west-1:{SOURCE}:key/11112222-3333-4444-5555-666677778888"
ROLE = f"arn:aws:sts::{DESTINATION}:assumed-role/EC2ImageBuilderDistributionCrossAccountRole/EC2ImageBuilder"


def failed(reason: str | None = None, status: str = "FAILED", context: dict[str, Any] | None = None, **members: Any) -> dict[str, Any]:
    state: dict[str, Any] = {"status": status}
    if reason:
        state["reason"] = reason
    if context:
        state["failureContext"] = context
    return {"arn": ARN, "name": "Web", "version": "1.0.0/3", "state": state, **members}


def when(account: str, region: str) -> str:
    return f"when distributing the image from the source account (ID: {SOURCE}) to the destination account (ID: {account}) in Region {region}"


def denied(action: str, resource: str, because: str = "", user: str = ROLE) -> str:
    return f"User: {user} is not authorized to perform: {action} on resource: {resource}{because}"


def no_policy(kind: str, action: str) -> str:
    return f" because no {kind} policy allows the {action} action"


ROLE_ARN = f"arn:aws:iam::{DESTINATION}:role/EC2ImageBuilderDistributionCrossAccountRole"
SERVICE_ROLE = f"arn:aws:sts::{SOURCE}:assumed-role/AWSServiceRoleForImageBuilder/EC2ImageBuilder"


@pytest.mark.parametrize(
    ("message", "in_cause", "in_remedy"),
    [
        pytest.param(
            denied("sts:AssumeRole", ROLE_ARN, user=SERVICE_ROLE),
            ["does not exist at path /", "trust", SOURCE],
            ["destination_roles", "sts:AssumeRole"],
            id="trust",
        ),
        pytest.param(
            denied("sts:AssumeRole", ROLE_ARN, no_policy("resource-based", "sts:AssumeRole"), SERVICE_ROLE),
            ["trust"],
            ["destination_roles", f"root of account {SOURCE}"],
            id="trust-says-resource-based",
        ),
        pytest.param(
            denied("sts:AssumeRole", ROLE_ARN, no_policy("identity-based", "sts:AssumeRole"), f"arn:aws:sts::{SOURCE}:assumed-role/Builder/x"),
            ["assumed-role/Builder"],
            ["execution_role", ROLE_ARN],
            id="execution-role",
        ),
        pytest.param(
            denied("kms:CreateGrant", KEY, no_policy("identity-based", "kms:CreateGrant")),
            ["kms:CreateGrant", KEY, ROLE],
            ["destination_roles", "inline policy GoldenImageBuilderKms", "kms:CreateGrant", "key_arns"],
            id="kms-identity",
        ),
        pytest.param(
            denied("kms:DescribeKey", KEY, no_policy("resource-based", "kms:DescribeKey")),
            [KEY, "kms:DescribeKey", DESTINATION],
            ["source_keys", f"account {DESTINATION} among destination_account_ids"],
            id="kms-resource",
        ),
        pytest.param(denied("kms:Decrypt", KEY), ["both must"], ["destination_roles", "source_keys"], id="kms-either"),
        pytest.param(
            denied("kms:Decrypt", KEY, " with an explicit deny in a service control policy"), ["Deny", "service control"], ["organization"], id="scp"
        ),
        pytest.param(
            denied(
                "ec2:CopyImage", "arn:aws:ec2:eu-west-1::image/ami-1", " with an explicit deny in an identity-based policy: arn:aws:iam::1:policy/x"
            ),
            ["Deny (identity-based policy)", "ec2:CopyImage"],
            ["Deny"],
            id="explicit-deny",
        ),
        pytest.param(
            "The ciphertext refers to a customer master key that does not exist, does not exist in this region, or you are not allowed to access.",
            ["eu-west-1", DESTINATION],
            ["source_keys"],
            id="ciphertext",
        ),
        pytest.param(
            "AMI snapshot copy failed with error: The specified keyId 1111-22 is invalid",
            ["another Region", "bare key id"],
            ["ARN"],
            id="invalid-key",
        ),
        pytest.param(f"Key '{KEY}' does not exist", ["another Region"], ["source_keys"], id="key-missing"),
        pytest.param(f"Alias arn:aws:kms:eu-west-1:{SOURCE}:alias/golden is not found.", ["does not resolve"], ["ARN"], id="alias-missing"),
        pytest.param("Given key ID is not accessible", ["does not resolve"], ["ARN"], id="not-accessible"),
        pytest.param(f"{KEY} is pending deletion.", ["scheduled for deletion"], ["Enable"], id="pending-deletion"),
        pytest.param(
            "EC2 Client Error: 'Snapshots encrypted with the AWS Managed CMK can\u2019t be shared. Specify another snapshot.'",
            ["aws/ebs"],
            ["block_device_mappings", "root device"],
            id="default-key",
        ),
        pytest.param(
            denied("ec2:CopyImage", "arn:aws:ec2:eu-west-1::image/ami-1", no_policy("identity-based", "ec2:CopyImage")),
            ["Ec2ImageBuilderCrossAccountDistributionAccess", "ec2:CopyImage"],
            ["destination_roles", DESTINATION],
            id="managed-policy",
        ),
        pytest.param(
            denied("ec2:CreateTags", "arn:aws:ec2:eu-west-1::image/ami-1", no_policy("identity-based", "ec2:CreateTags")),
            ["Ec2ImageBuilderCrossAccountDistributionAccess"],
            ["destination_roles"],
            id="tagging-image",
        ),
        pytest.param(
            denied("ec2:CreateTags", f"arn:aws:ec2:eu-west-1:{DESTINATION}:launch-template/lt-1", no_policy("identity-based", "ec2:CreateTags")),
            ["launch template", "CreatedBy: EC2 Image Builder"],
            ["launch_template"],
            id="tagging-template",
        ),
        pytest.param(
            denied("ec2:CreateLaunchTemplateVersion", f"arn:aws:ec2:eu-west-1:{DESTINATION}:launch-template/lt-1"),
            ["launch template", "CreatedBy"],
            ["destination_roles", "launch_templates: true"],
            id="template",
        ),
        pytest.param("InvalidLaunchTemplateId.NotFound", ["does not exist", DESTINATION], ["launch_template_id"], id="no-template"),
        pytest.param(
            denied("ssm:PutParameter", f"arn:aws:ssm:eu-west-1:{DESTINATION}:parameter/golden/web", no_policy("identity-based", "ssm:PutParameter")),
            ["parameter/golden/web"],
            ["ssm_parameter_prefixes", "/imagebuilder/"],
            id="parameter",
        ),
        pytest.param(
            "You can\u2019t publicly share this image because block public access for AMIs is enabled for this account.",
            ["blocked"],
            ["user_groups"],
            id="public",
        ),
        pytest.param("The provided instance profile does not exist.", ["instance profile"], ["instance_profile_name"], id="profile"),
        pytest.param("You are not authorized to use the provided image", ["parent image"], ["Share"], id="parent"),
        pytest.param(
            "AWS was not able to validate the provided access credentials", ["not enabled", "eu-west-1"], ["Enable the Region"], id="opt-in"
        ),
        pytest.param("You have exceeded the limit of concurrent copies", ["50 copies"], ["Run again"], id="limit"),
        pytest.param("AMI Copy Reported Failure For ami-1", ["failed inside account", DESTINATION], ["distributed_ami_info"], id="opaque"),
        pytest.param("SSM execution '1-2' failed with status = 'TimedOut'", ["Systems Manager"], ["AmazonSSMManagedInstanceCore"], id="ssm"),
        pytest.param("An execution role is required to provide workflows", ["execution role"], ["execution_role"], id="workflows"),
        pytest.param(denied("license-manager:ListLicenses", "*"), ["license-manager:ListLicenses", ROLE], ["Allow it on *"], id="any-other"),
    ],
)
def test_a_message_of_aws_gets_its_cause_and_remedy(message: str, in_cause: list[str], in_remedy: list[str]) -> None:
    explained = explain(message, DESTINATION, "eu-west-1", SOURCE)
    assert explained is not None
    cause, remedy = explained
    assert [part for part in in_cause if part not in cause] == []
    assert [part for part in in_remedy if part not in remedy] == []
    assert "unknown" not in cause + remedy


def test_an_unknown_message_gets_no_invented_cause() -> None:
    assert explain("Something nobody has seen yet") is None


def test_what_a_message_does_not_tell_is_not_made_up() -> None:
    explained = explain("An error occurred (AccessDenied) when calling the AssumeRole operation: sts:AssumeRole")
    assert explained is not None
    assert "(unknown account_id)" in explained[0]


def test_every_entry_of_the_failure_context_is_one_failure() -> None:
    context = {
        "imageStatus": "DISTRIBUTING",
        "distributionFailure": {
            "errorMessage": "Not all distribution jobs are completed.",
            "regionFailures": [
                {"region": "us-west-2", "targetAccountId": DESTINATION, "status": "FAILED", "errorMessage": denied("sts:AssumeRole", ROLE_ARN)},
                {"region": "eu-west-1", "targetAccountId": OTHER, "status": "TIMED_OUT", "errorMessage": "no answer"},
                {
                    "region": "eu-west-1",
                    "targetAccountId": DESTINATION,
                    "status": "FAILED",
                    "imageConfigurationStep": "PUT_SSM_PARAMETERS",
                    "errorMessage": denied("ssm:PutParameter", "arn:aws:ssm:eu-west-1:222222222222:parameter/a"),
                },
            ],
        },
    }
    failures = decode(failed("Not all distribution jobs are completed.", context=context))
    assert [(one.account_id, one.region, one.step) for one in failures] == [
        (DESTINATION, "us-west-2", "COPY_AMI"),
        (OTHER, "eu-west-1", "COPY_AMI"),
        (DESTINATION, "eu-west-1", "PUT_SSM_PARAMETERS"),
    ]
    assert "trust" in failures[0].cause
    assert "did not end in the time" in failures[1].cause
    assert "parameter" in failures[2].cause


def test_an_entry_without_an_account_is_the_source_accounts() -> None:
    entry = {"region": "us-west-2", "status": "FAILED", "errorMessage": "EC2 Client Error: x"}
    context = {"imageStatus": "DISTRIBUTING", "distributionFailure": {"regionFailures": [entry]}}
    assert [one.account_id for one in decode(failed(context=context))] == [SOURCE]


def test_an_entry_without_a_message_has_that_of_the_distribution() -> None:
    entry = {"region": "us-west-2", "targetAccountId": DESTINATION, "status": "FAILED"}
    context = {"distributionFailure": {"errorMessage": "AMI Copy Reported Failure For ami-1", "regionFailures": [entry]}}
    assert [one.message for one in decode(failed(context=context))] == ["AMI Copy Reported Failure For ami-1"]


def test_a_cancelled_entry_says_so() -> None:
    entry = {"region": "us-west-2", "targetAccountId": DESTINATION, "status": "CANCELLED", "errorMessage": "stopped"}
    context = {"distributionFailure": {"regionFailures": [entry]}}
    assert "was cancelled" in decode(failed(context=context))[0].cause


def test_the_grammar_around_a_message_of_an_entry_is_taken_off() -> None:
    entry = {
        "region": "eu-west-1",
        "targetAccountId": DESTINATION,
        "status": "FAILED",
        "errorMessage": f"1) no such thing {when(DESTINATION, 'eu-west-1')}.",
    }
    context = {"distributionFailure": {"regionFailures": [entry]}}
    assert decode(failed(context=context))[0].message == "no such thing"


def test_without_a_context_the_numbered_sentence_is_taken_apart() -> None:
    reason = (
        "Distribution failed with JobId 'x', status = 'Failed' for ARN 'y'. 'Not all distribution jobs are completed. "
        f"1) EC2 Client Error: 'Snapshots encrypted with the AWS Managed CMK can\u2019t be shared.' {when(DESTINATION, 'us-east-1')}. "
        f"2) AMI Copy Reported Failure For ami-2 {when(OTHER, 'eu-central-1')}.'"
    )
    failures = decode(failed(reason))
    assert [(one.account_id, one.region) for one in failures] == [(DESTINATION, "us-east-1"), (OTHER, "eu-central-1")]
    assert "aws/ebs" in failures[0].cause
    assert failures[1].message == "AMI Copy Reported Failure For ami-2"


def test_numbers_in_a_message_do_not_divide_it() -> None:
    failures = decode(failed(f"1) step (2) of 3) failed {when(DESTINATION, 'us-east-1')}."))
    assert [one.message for one in failures] == ["step (2) of 3) failed"]


def test_the_end_that_aws_cut_off_is_kept_without_a_place() -> None:
    failures = decode(failed(f"1) first {when(DESTINATION, 'us-east-1')}. 2) User: {ROLE} is not authorized to per"))
    assert [(one.account_id, one.region) for one in failures] == [(DESTINATION, "us-east-1"), (None, None)]
    assert failures[1].message.startswith("User: ")


def test_a_component_failure_names_component_step_and_log() -> None:
    context = {
        "imageStatus": "BUILDING",
        "componentFailure": {
            "componentArn": f"arn:aws:imagebuilder:us-west-2:{SOURCE}:component/hardening/1.2.0/1",
            "phaseName": "build",
            "stepName": "Packages",
            "action": "ExecuteBash",
            "errorMessage": "exit status 1",
        },
    }
    (failure,) = decode(failed("Component failed", context=context))
    assert (failure.account_id, failure.region, failure.step, failure.message) == (None, None, "build/Packages", "exit status 1")
    assert "hardening/1.2.0/1" in failure.cause
    assert "ExecuteBash" in failure.cause
    assert "1.0.0/3 of CloudWatch log group /aws/imagebuilder/Web." in failure.remedy


def test_the_log_group_of_the_image_is_named() -> None:
    image = failed(context={"componentFailure": {"errorMessage": "x"}}, loggingConfiguration={"logGroupName": "/golden/builds"})
    assert "log group /golden/builds." in decode(image)[0].remedy


def test_a_sentence_about_the_build_is_explained() -> None:
    (failure,) = decode(failed("The provided instance profile does not exist.", context={"imageStatus": "BUILDING"}))
    assert failure.step == "BUILDING"
    assert "instance_profile_name" in failure.remedy
    assert (failure.account_id, failure.region) == (SOURCE, "us-west-2")


def test_an_unknown_sentence_about_the_build_points_to_the_log() -> None:
    (failure,) = decode(failed("It went wrong", context={"imageStatus": "TESTING", "failedStep": "RunTests"}))
    assert failure.step == "RunTests"
    assert "log group" in failure.remedy


def test_a_cancelled_image_without_a_reason() -> None:
    (failure,) = decode(failed(status="CANCELLED"))
    assert (failure.step, failure.cause) == ("CANCELLED", "The build was cancelled.")


@pytest.mark.parametrize("status", ["PENDING", "DISTRIBUTING", "AVAILABLE", "DEPRECATED", "DELETED"])
def test_an_image_that_has_not_failed_has_no_failures(status: str) -> None:
    assert decode(failed("anything", status=status)) == []


@pytest.mark.parametrize(
    ("image", "stage"),
    [
        (failed(context={"imageStatus": "TESTING"}), "TESTING"),
        (failed(context={"imageStatus": "INTEGRATING"}), "INTEGRATING"),
        (failed(f"1) x {when(DESTINATION, 'us-east-1')}."), "DISTRIBUTING"),
        (failed("boom", outputResources={"amis": [{"image": "ami-1", "region": "us-west-2"}]}), "DISTRIBUTING"),
        (failed("boom", outputResources={"amis": []}), None),
        (failed("boom"), None),
    ],
)
def test_the_stage_that_failed(image: dict[str, Any], stage: str | None) -> None:
    assert failed_stage(image) == stage


def test_a_failure_as_one_line() -> None:
    (failure,) = decode(failed(f"1) AMI Copy Reported Failure For ami-1 {when(DESTINATION, 'eu-west-1')}."))
    line = failure.sentence()
    assert line.startswith(f"account {DESTINATION}, Region eu-west-1: COPY_AMI: ")
    assert line.endswith("AWS said: AMI Copy Reported Failure For ami-1")
    assert "\n" not in line
    told = {"account_id", "region", "step", "message", "cause", "remedy", "component", "phase", "image", "state_reason", "log"}
    assert set(failure.to_result()) == told


class TestLifecycleExecutions:
    def resource(self, status: str, reason: str = "", **members: Any) -> dict[str, Any]:
        state = {"status": status, **({"reason": reason} if reason else {})}
        return {"accountId": "222222222222", "region": "eu-west-1", "resourceId": "ami-1", "action": {"name": "DELETE"}, "state": state, **members}

    def decode(self, status: str, *resources: dict[str, Any], reason: str = "") -> list[Failure]:
        state = {"status": status, **({"reason": reason} if reason else {})}
        return decode_execution({"lifecycleExecutionId": "lce-1", "state": state, "resources": list(resources)}, "111111111111")

    def test_what_went_well_or_was_left_out_is_no_failure(self) -> None:
        assert self.decode("SUCCESS", self.resource("SUCCESS"), self.resource("SKIPPED", "isPublic")) == []

    def test_each_resource_with_its_account_and_region(self) -> None:
        (one,) = self.decode("FAILED", self.resource("SUCCESS"), self.resource("FAILED", "The AMI is in use by a fleet."), reason="1 failed")
        assert (one.account_id, one.region, one.step, one.message) == ("222222222222", "eu-west-1", "DELETE", "The AMI is in use by a fleet.")
        assert "ami-1" in one.cause

    def test_the_role_of_the_other_account(self) -> None:
        message = (
            "User: arn:aws:sts::111111111111:assumed-role/lifecycle/x is not authorized to perform: sts:AssumeRole on resource: "
            "arn:aws:iam::222222222222:role/Ec2ImageBuilderCrossAccountLifecycleAccess"
        )
        (one,) = self.decode("FAILED", self.resource("FAILED", message))
        assert LIFECYCLE_ROLE_NAME in one.cause
        assert "222222222222" in one.remedy
        assert "aws:SourceAccount is 111111111111" in one.remedy

    def test_a_snapshot(self) -> None:
        snapshot = {"snapshotId": "snap-1", "state": {"status": "FAILED", "reason": "in use"}}
        (one,) = self.decode("FAILED", self.resource("SUCCESS", snapshots=[snapshot]))
        assert "snap-1" in one.cause

    def test_the_image_itself_only_where_nothing_else_failed(self) -> None:
        image = {"resourceId": ARN, "accountId": SOURCE, "region": "us-west-2"}
        alone = self.resource("FAILED", "Resource dependency error: it has other resources depended on it.", **image)
        (one,) = self.decode("FAILED", alone, self.resource("SUCCESS"))
        assert one.account_id == SOURCE
        assert "shares it" in one.cause
        (other,) = self.decode("FAILED", self.resource("FAILED", "could not be applied to: ami-1", **image), self.resource("FAILED", "in use"))
        assert (other.account_id, other.message) == ("222222222222", "in use")

    def test_the_execution_as_a_whole(self) -> None:
        (one,) = self.decode("CANCELLED", reason="Somebody cancelled it.")
        assert (one.account_id, one.message) == (None, "Somebody cancelled it.")
        assert "lce-1" in one.cause


@pytest.mark.parametrize(
    ("message", "remedy"),
    [
        ("The service role vmimport provided does not exist or does not have sufficient permissions", "vmie.amazonaws.com"),
        ("ClientError: Disk validation failed [Unsupported VMDK File Format]", "stream-optimized VMDK"),
        ("ClientError: Unsupported kernel version 6.12.0", "supported operating systems"),
        ("The import task import-ami-0 does not exist", "describe-import-image-tasks"),
        ("The import task import-ami-0 was cancelled", "start a new one"),
    ],
)
def test_imports_are_explained(message: str, remedy: str) -> None:
    arn = "arn:aws:imagebuilder:us-west-2:111111111111:image/appliance/1.0.0/1"
    (one,) = decode({"arn": arn, "name": "appliance", "buildType": "IMPORT", "state": {"status": "FAILED", "reason": message}})
    assert one.message == message
    assert remedy in one.remedy
