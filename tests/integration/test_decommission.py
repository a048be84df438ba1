# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The playbook golden.imagebuilder.decommission: an account leaves, then a Region is given up, and nothing of the others changes."""

from __future__ import annotations

import json
import time
from typing import Any

from ansible_collections.golden.imagebuilder.tests.organization import (
    BUILD_REGION,
    DESTINATIONS,
    DISTRIBUTION_ROLE,
    REGIONS,
    SOURCE,
    Organization,
    Run,
)

PARAMETER = "/imagebuilder/web/latest"
LEAVES, STAYS = DESTINATIONS["payments"], DESTINATIONS["search"]
GIVEN_UP = REGIONS[1]
LIFECYCLE_ROLE = "Ec2ImageBuilderCrossAccountLifecycleAccess"


def decommission(organization: Organization, *words: str, **variables: Any) -> Run:
    return organization.playbook("--extra-vars", json.dumps(variables), *words, playbook="golden.imagebuilder.decommission")


def key_policy(organization: Organization, region: str) -> str:
    """The whole policy as text, in which an account either stands or does not."""
    client = organization.emulator.client(SOURCE, "kms", region)
    key = client.describe_key(KeyId="alias/golden-imagebuilder")["KeyMetadata"]["KeyId"]
    return str(client.get_key_policy(KeyId=key, PolicyName="default")["Policy"])


def distributions(organization: Organization) -> dict[str, str]:
    """By Region, an entry of the distribution configuration as text."""
    client = organization.emulator.client(SOURCE, "imagebuilder", BUILD_REGION)
    arn = f"arn:aws:imagebuilder:{BUILD_REGION}:{SOURCE}:distribution-configuration/web"
    found = client.get_distribution_configuration(distributionConfigurationArn=arn)["distributionConfiguration"]["distributions"]
    return {entry["region"]: json.dumps(entry) for entry in found}


def roles(organization: Organization, account_id: str) -> set[str]:
    names = {role["RoleName"] for role in organization.emulator.client(account_id, "iam", BUILD_REGION).list_roles()["Roles"]}
    return names & {DISTRIBUTION_ROLE, LIFECYCLE_ROLE}


def keys_of_role(organization: Organization, account_id: str) -> str:
    client = organization.emulator.client(account_id, "iam", BUILD_REGION)
    return json.dumps(client.get_role_policy(RoleName=DISTRIBUTION_ROLE, PolicyName="GoldenImageBuilderKms")["PolicyDocument"])


def parameters(organization: Organization, account_id: str, region: str) -> list[str]:
    found = organization.emulator.client(account_id, "ssm", region).get_parameters(Names=[PARAMETER])["Parameters"]
    return [parameter["Name"] for parameter in found]


def launch(organization: Organization, account_id: str) -> str:
    """An instance of the delivered AMI; its id."""
    (image,) = organization.images(account_id, BUILD_REGION)
    client = organization.emulator.client(account_id, "ec2", BUILD_REGION)
    return str(client.run_instances(ImageId=image["ImageId"], MinCount=1, MaxCount=1)["Instances"][0]["InstanceId"])


def test_an_account_leaves_and_a_region_is_given_up(organization: Organization) -> None:
    assert organization.playbook("--extra-vars", '{"destination_roles_lifecycle_role": true}').status == 0
    instance = launch(organization, LEAVES)
    organization.add_host_variables("image-factory", decommission_lifecycle_role=True)

    account_leaves(organization, instance)
    only_who_stays_can_be_cleaned_up(organization)
    region_is_given_up(organization)


def account_leaves(organization: Organization, instance: str) -> None:
    organization.emulator.reset_calls()
    foretold = decommission(organization, "--check", "--diff", decommission_hosts=["payments"])
    assert foretold.status == 0, foretold.output
    assert organization.emulator.writes() == []
    assert instance in foretold.output, "what depends on the image is shown"
    assert PARAMETER in foretold.output

    refused = decommission(organization, decommission_hosts=["payments"])
    assert refused.status != 0
    assert organization.emulator.writes() == [], "nobody said yes"
    assert refused.output.index(instance) < refused.output.index("decommission_confirmed"), "shown before asking"

    done = decommission(organization, decommission_hosts=["payments"], decommission_confirmed=True)
    assert done.status == 0, done.output
    assert done.changed() == foretold.changed()
    assert done.changed()["payments"] == 1
    assert done.changed()["search"] == 0
    assert roles(organization, LEAVES) == set()
    assert roles(organization, STAYS) == {DISTRIBUTION_ROLE, LIFECYCLE_ROLE}
    for region in REGIONS:
        assert LEAVES not in key_policy(organization, region)
        assert STAYS in key_policy(organization, region)
        assert LEAVES not in distributions(organization)[region]
        assert STAYS in distributions(organization)[region]
        assert parameters(organization, LEAVES, region) == []
        assert parameters(organization, STAYS, region) == [PARAMETER]
    assert set(organization.delivered()) >= {(LEAVES, region) for region in REGIONS}, "images are nobody's but the account's"


def only_who_stays_can_be_cleaned_up(organization: Organization) -> None:
    """Image Builder disables the AMIs through the lifecycle role, which is gone from the account that left."""
    iam = organization.emulator.client(SOURCE, "iam", BUILD_REGION)
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": {"Service": "imagebuilder.amazonaws.com"}, "Action": "sts:AssumeRole"}],
    }
    role = iam.create_role(RoleName="Lifecycle", AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    iam.attach_role_policy(RoleName="Lifecycle", PolicyArn="arn:aws:iam::aws:policy/service-role/EC2ImageBuilderLifecycleExecutionPolicy")
    client = organization.emulator.client(SOURCE, "imagebuilder", BUILD_REGION)
    (image,) = organization.image_builds()
    execution = client.start_resource_state_update(
        resourceArn=image["arn"], state={"status": "DISABLED"}, includeResources={"amis": True}, executionRole=role
    )["lifecycleExecutionId"]
    while client.get_lifecycle_execution(lifecycleExecutionId=execution)["lifecycleExecution"]["state"]["status"] in ("PENDING", "IN_PROGRESS"):
        time.sleep(0.05)
    states = {pair: {one["State"] for one in organization.images(*pair)} for pair in organization.everywhere}
    assert {pair for pair, found in states.items() if found == {"available"}} == {(LEAVES, region) for region in REGIONS}


def region_is_given_up(organization: Organization) -> None:
    client = organization.emulator.client(SOURCE, "kms", GIVEN_UP)
    key = client.describe_key(KeyId="alias/golden-imagebuilder")["KeyMetadata"]["Arn"]
    assert key in keys_of_role(organization, STAYS)

    done = decommission(organization, decommission_regions=[GIVEN_UP], decommission_confirmed=True)

    assert done.status == 0, done.output
    assert done.changed()["search"] == 1
    assert set(distributions(organization)) == {BUILD_REGION}
    assert STAYS not in key_policy(organization, GIVEN_UP)
    assert STAYS in key_policy(organization, BUILD_REGION)
    assert key not in keys_of_role(organization, STAYS)
    assert f":kms:{BUILD_REGION}:" in keys_of_role(organization, STAYS)
    assert parameters(organization, STAYS, GIVEN_UP) == []
    assert parameters(organization, STAYS, BUILD_REGION) == [PARAMETER]
    again = decommission(organization, decommission_hosts=["payments"], decommission_regions=[GIVEN_UP], decommission_confirmed=True)
    assert set(again.changed().values()) == {0}, again.output


def test_what_cannot_be_taken_out_is_told_before_any_call(organization: Organization) -> None:
    for variables, words in (
        ({}, "Give decommission_hosts"),
        ({"decommission_hosts": ["paymnets"]}, "Unknown hosts: paymnets"),
        ({"decommission_regions": [BUILD_REGION]}, f"The build Region {BUILD_REGION} cannot be given up"),
        ({"decommission_regions": ["ap-south-1"]}, "Regions that no account has: ap-south-1"),
    ):
        run = decommission(organization, **variables)
        assert run.status != 0
        assert words in run.output.replace("\n", " "), run.output
    assert organization.emulator.calls() == []


def test_an_account_loses_the_keys_and_nothing_else(organization: Organization) -> None:
    """By the role for the keys alone, while the account still stands in the inventory."""
    assert organization.playbook("--tags", "access").status == 0
    words = ("--tags", "access", "--limit", "image-factory", "--extra-vars", json.dumps({"source_keys_revoked_account_ids": [LEAVES]}))
    foretold, done = organization.playbook("--check", *words), organization.playbook(*words)
    assert (done.status, done.changed()) == (0, {"image-factory": 1}), done.output
    assert foretold.changed() == done.changed()
    for region in REGIONS:
        assert (LEAVES in key_policy(organization, region), STAYS in key_policy(organization, region)) == (False, True)
    assert roles(organization, LEAVES) == {DISTRIBUTION_ROLE}
    assert organization.playbook(*words).changed() == {"image-factory": 0}
