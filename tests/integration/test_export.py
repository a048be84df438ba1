# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook export: its templates, taken by the owners of the accounts, do what the playbook distribute does from outside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.policy import normalized
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.roles import MADE_BY_US_TAG
from ansible_collections.golden.imagebuilder.tests import terraform
from ansible_collections.golden.imagebuilder.tests.organization import BUILD_REGION, DESTINATIONS, DISTRIBUTION_ROLE, Organization, Run

ROLES = (DISTRIBUTION_ROLE, "Ec2ImageBuilderCrossAccountLifecycleAccess")
PAYMENTS, SEARCH, WAREHOUSE = DESTINATIONS.values()
SETTINGS = {
    "destination_roles_lifecycle_role": True,
    "destination_roles_fast_launch": True,
    "destination_roles_ssm_parameter_prefixes": ["/golden/"],
    "destination_roles_description": "Owned by ${team}",
    "destination_roles_tags": {"Owner": "platform"},
}
"""Of destinations, as their group variables have them."""


@pytest.fixture
def prepared(organization: Organization) -> Organization:
    """The source has its keys, and of the destinations only payments, which lets itself be entered, its roles."""
    for host in DESTINATIONS:
        organization.add_host_variables(host, **SETTINGS)
    organization.add_host_variables("image-factory", definition_launch_templates=True)
    too_early = export(organization)
    assert too_early.status == 2
    assert "does not exist yet" in too_early.output
    assert not exported(organization).exists()
    run = organization.playbook("--tags", "access", "--limit", "image_builder_source,payments")
    assert run.status == 0, run.output
    return organization


def exported(organization: Organization) -> Path:
    return organization.folder / "out/export"


def export(organization: Organization, *words: str) -> Run:
    """Run the playbook, which writes nothing but files."""
    organization.emulator.reset_calls()
    run = organization.playbook("-e", "export_directory=out/export", *words, playbook="golden.imagebuilder.export")
    assert organization.emulator.writes() == []
    return run


def files(organization: Organization) -> dict[str, str]:
    folder = exported(organization)
    return {str(path.relative_to(folder)): path.read_text() for path in folder.rglob("*") if path.is_file()}


def roles(organization: Organization, account_id: str) -> list[dict[str, Any]]:
    """Both roles of an account in one form, whoever made them."""
    iam = organization.emulator.client(account_id, "iam", BUILD_REGION)
    found = []
    for name in ROLES:
        role = iam.get_role(RoleName=name)["Role"]
        inline = iam.list_role_policies(RoleName=name)["PolicyNames"]
        documents = {one: iam.get_role_policy(RoleName=name, PolicyName=one)["PolicyDocument"] for one in sorted(inline)}
        one = {
            "path": role["Path"],
            "description": role["Description"],
            "trust": normalized(role["AssumeRolePolicyDocument"]),
            "boundary": role.get("PermissionsBoundary"),
            "managed": sorted(policy["PolicyArn"] for policy in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]),
            "inline": {policy: normalized(document) for policy, document in documents.items()},
            "tags": {tag["Key"]: tag["Value"] for tag in role["Tags"] if tag["Key"] != MADE_BY_US_TAG and not tag["Key"].startswith("aws:")},
        }
        found.append(json.loads(json.dumps(one).replace(account_id, "ACCOUNT")))
    return found


def create_stack(organization: Organization, account_id: str) -> None:
    organization.emulator.client(account_id, "cloudformation", BUILD_REGION).create_stack(
        StackName="golden-imagebuilder",
        TemplateBody=files(organization)["destination-roles.template.json"],
        Capabilities=["CAPABILITY_NAMED_IAM"],
    )


def assert_nothing_is_left_to_do(organization: Organization) -> None:
    """From outside, each account is as the playbooks want it."""
    check = organization.playbook("--tags", "access", "--check")
    assert check.status == 0, check.output
    assert check.changed() == dict.fromkeys(check.recap, 0), check.output
    # What roles for launch templates are for is warned of in any case: Image Builder points them at the AMI of the source.
    preflight = organization.playbook("-e", json.dumps({"definition_launch_templates": False}), playbook="golden.imagebuilder.preflight")
    assert preflight.status == 0, preflight.output
    assert "What would keep the image" not in preflight.output


def test_stacks_make_what_the_playbook_makes(prepared: Organization) -> None:
    foretold = export(prepared, "--check")
    assert foretold.status == 0, foretold.output
    assert not exported(prepared).exists()
    first = export(prepared)
    assert first.status == 0, first.output
    assert first.changed() == foretold.changed() == {"image-factory": 2}
    written = files(prepared)
    assert set(written) == {"destination-roles.template.json", "terraform/main.tf.json"}
    assert export(prepared).changed() == {"image-factory": 0}
    assert files(prepared) == written

    create_stack(prepared, SEARCH)
    create_stack(prepared, WAREHOUSE)

    assert roles(prepared, SEARCH) == roles(prepared, WAREHOUSE) == roles(prepared, PAYMENTS)
    assert_nothing_is_left_to_do(prepared)


@pytest.mark.slow
def test_terraform_makes_what_the_playbook_makes(prepared: Organization) -> None:
    assert export(prepared).status == 0
    owner = terraform.ready(exported(prepared) / "terraform", prepared.folder / "owner", prepared.emulator.environment(WAREHOUSE))
    owner.validate()
    made = owner.apply()
    assert made == {
        f"{name}_role_arn": f"arn:aws:iam::{WAREHOUSE}:role/{role}" for name, role in zip(("distribution", "lifecycle"), ROLES, strict=True)
    }
    create_stack(prepared, SEARCH)

    assert roles(prepared, WAREHOUSE) == roles(prepared, PAYMENTS)
    assert_nothing_is_left_to_do(prepared)
    assert owner.plan() == {}
