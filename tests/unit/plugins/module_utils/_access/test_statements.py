# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The statements, against what the pages of AWS ask for."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._access import statements

USE = ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"]
GRANTS = ["kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant"]
KEY = "arn:aws:kms:us-west-2:111111111111:key/1"


def test_trust_names_accounts_and_nothing_wider() -> None:
    statement = statements.trust("aws", ["222222222222", "111111111111", "222222222222"])
    assert statement["Principal"] == {"AWS": ["arn:aws:iam::111111111111:root", "arn:aws:iam::222222222222:root"]}
    assert statement["Action"] == ["sts:AssumeRole"]
    assert "Resource" not in statement


def test_key_policy_for_destinations() -> None:
    use, grants = statements.key_destinations("aws", ["333333333333", "222222222222"])
    both = {"AWS": ["arn:aws:iam::222222222222:root", "arn:aws:iam::333333333333:root"]}
    assert (use["Action"], use["Principal"], "Condition" in use) == (USE, both, False)
    assert (grants["Action"], grants["Principal"]) == (GRANTS, both)
    assert grants["Condition"] == {"Bool": {"kms:GrantIsForAWSResource": "true"}}


def test_no_statement_for_nobody() -> None:
    assert statements.key_destinations("aws", []) == []
    assert statements.key_build_instances([]) == []
    assert statements.role_kms("111111111111", []) == []
    assert statements.role_parameters("aws", "111111111111", "222222222222", []) == []


def test_owner_has_everything() -> None:
    owner = statements.key_owner("aws-us-gov", "111111111111")
    assert owner["Action"] == ["kms:*"]
    assert owner["Principal"] == {"AWS": ["arn:aws-us-gov:iam::111111111111:root"]}


def test_role_may_use_the_given_keys_only() -> None:
    use, grants = statements.role_kms("111111111111", [KEY, KEY])
    assert (use["Action"], use["Resource"], "Condition" in use) == (USE, [KEY], False)
    assert (grants["Action"], grants["Resource"]) == (GRANTS, [KEY])
    assert grants["Condition"] == {"Bool": {"kms:GrantIsForAWSResource": "true"}}


def test_launch_templates_of_image_builder_only() -> None:
    versions, describe, tags = statements.role_launch_templates("aws-cn", "111111111111")
    assert versions["Condition"] == {"StringEquals": {"aws:ResourceTag/CreatedBy": "EC2 Image Builder"}}
    assert versions["Action"] == ["ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate"]
    assert describe["Action"] == ["ec2:DescribeLaunchTemplates"]
    assert tags["Resource"] == "arn:aws-cn:ec2:*:*:launch-template/*"
    assert tags["Condition"] == {"StringEquals": {"aws:RequestTag/CreatedBy": "EC2 Image Builder"}}


@pytest.mark.parametrize(
    ("prefix", "name"), [("/imagebuilder/", "imagebuilder/*"), ("ImageBuilder-", "ImageBuilder-*"), ("/imagebuilder/*", "imagebuilder/*")]
)
def test_parameters_of_the_destination_below_the_prefix(prefix: str, name: str) -> None:
    put, images = statements.role_parameters("aws", "111111111111", "222222222222", [prefix])
    assert put["Resource"] == [f"arn:aws:ssm:*:222222222222:parameter/{name}"]
    assert put["Action"] == ["ssm:PutParameter"]
    assert images["Action"] == ["ec2:DescribeImages"]


def test_a_name_of_a_parameter_is_exact() -> None:
    put, _images = statements.role_parameters("aws", "111111111111", "222222222222", [], ["/imagebuilder/web"])
    assert put["Resource"] == ["arn:aws:ssm:*:222222222222:parameter/imagebuilder/web"]


def test_the_service_comes_for_images_of_the_sources_only() -> None:
    one, other = statements.lifecycle_trust("aws-us-gov", ["222222222222", "111111111111"])
    assert (one["Sid"], other["Sid"]) == ("GoldenImageBuilderLifecycle111111111111", "GoldenImageBuilderLifecycle222222222222")
    assert one["Principal"] == {"Service": "imagebuilder.amazonaws.com"}
    assert one["Condition"] == {
        "StringEquals": {"aws:SourceAccount": "111111111111"},
        "ArnLike": {"aws:SourceArn": "arn:aws-us-gov:imagebuilder:*:111111111111:image/*/*/*"},
    }


def test_fast_launch_runs_only_what_fast_launch_marks() -> None:
    by_sid = {statement["Sid"]: statement for statement in statements.role_fast_launch("aws-cn", "111111111111")}
    run = by_sid["GoldenImageBuilderFastLaunchRun111111111111"]
    assert run["Resource"] == ["arn:aws-cn:ec2:*:*:instance/*", "arn:aws-cn:ec2:*:*:volume/*"]
    assert run["Condition"] == {"StringEquals": {"aws:RequestTag/CreatedBy": "EC2 Fast Launch"}}
    service_role = by_sid["GoldenImageBuilderFastLaunchServiceRole111111111111"]
    assert service_role["Resource"] == "arn:aws-cn:iam::*:role/aws-service-role/ec2fastlaunch.amazonaws.com/*"
    unconditional = [sid for sid, statement in by_sid.items() if "Condition" not in statement]
    assert unconditional == ["GoldenImageBuilderFastLaunchDescribe111111111111", "GoldenImageBuilderFastLaunchUse111111111111"]
    used = by_sid["GoldenImageBuilderFastLaunchUse111111111111"]["Resource"]
    assert not [arn for arn in used if "instance/" in arn or "volume/" in arn], "else instances could be run without the mark"


def all_statements() -> list[dict[str, Any]]:
    return [
        statements.trust("aws", ["111111111111"]),
        statements.key_owner("aws", "111111111111"),
        *statements.key_destinations("aws", ["222222222222"]),
        *statements.key_build_instances(["arn:aws:iam::111111111111:role/Build"]),
        *statements.role_kms("111111111111", [KEY]),
        *statements.role_launch_templates("aws", "111111111111"),
        *statements.role_parameters("aws", "111111111111", "222222222222", ["/imagebuilder/"]),
        *statements.role_fast_launch("aws", "111111111111"),
        *statements.lifecycle_trust("aws", ["111111111111"]),
    ]


def test_every_statement_is_known_by_its_sid() -> None:
    sids = [statement["Sid"] for statement in all_statements()]
    assert all(sid.startswith("GoldenImageBuilder") and sid.isalnum() for sid in sids)
    assert len(set(sids)) == len(sids)


def test_statements_of_a_role_are_known_by_their_source() -> None:
    own = [*statements.role_launch_templates("aws", "111111111111"), *statements.role_fast_launch("aws", "111111111111")]
    sids = [statement["Sid"] for statement in [*own, *statements.role_kms("111111111111", [KEY])]]
    assert all(statements.is_of_source(sid, "111111111111") for sid in sids)
    assert not any(statements.is_of_source(sid, "222222222222") for sid in sids)
    assert not statements.is_of_source("Theirs111111111111", "111111111111")


def test_no_statement_allows_everybody() -> None:
    assert not any("*" in statement.get("Principal", {}).get("AWS", []) for statement in all_statements())
