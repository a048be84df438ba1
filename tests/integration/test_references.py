# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The role references after a distribution: launch templates and parameters that Image Builder left wrong, or was not asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible_collections.golden.imagebuilder.tests.organization import BUILD_REGION, DESTINATIONS, SOURCE, Organization

PLAYBOOK = str(Path(__file__).parent / "playbooks/references.yml")
TASK = "Tell what became of the account"
PAYMENTS = DESTINATIONS["payments"]


def default_image(organization: Organization) -> str:
    """The AMI that the default version of payments' launch template launches."""
    return image_of_version(organization, "$Default")


def changed_by_the_role(output: str) -> set[str]:
    """The hosts that the role has changed."""
    lines = output.rpartition(TASK)[2].splitlines()
    return {line.partition("[")[2].partition("]")[0] for line in lines if line.startswith("changed: [")}


def image_of_version(organization: Organization, version: str) -> str:
    """The AMI that a version of payments' launch template launches."""
    ec2: Any = organization.emulator.client(PAYMENTS, "ec2", BUILD_REGION)
    answer = ec2.describe_launch_template_versions(LaunchTemplateId=organization.launch_template_id, Versions=[version])
    return str(answer["LaunchTemplateVersions"][0]["LaunchTemplateData"]["ImageId"])


def test_a_launch_template_is_taken_from_the_sources_ami_to_the_accounts_own(organization: Organization) -> None:
    organization.add_host_variables("image-factory", definition_launch_templates=True)

    delivered = organization.playbook()

    assert delivered.status == 0, delivered.output
    assert image_of_version(organization, "2") == organization.images(SOURCE, BUILD_REGION)[0]["ImageId"], "which payments cannot launch"
    assert default_image(organization) == organization.delivered()[PAYMENTS, BUILD_REGION][0]

    organization.emulator.reset_calls()
    second = organization.playbook()

    assert second.status == 0, second.output
    assert set(second.changed().values()) == {0}, second.output
    assert organization.emulator.writes() == []


def test_image_builder_can_leave_it_all_to_the_role(organization: Organization) -> None:
    organization.add_host_variables("image-factory", definition_launch_templates=False, definition_ssm_parameter_name="")
    for host in DESTINATIONS:
        organization.add_host_variables(host, references_ssm_parameter_name="/golden/web/latest")

    foretold = organization.playbook("--check", playbook=PLAYBOOK)
    assert foretold.status == 0, foretold.output
    assert organization.emulator.writes() == []

    run = organization.playbook(playbook=PLAYBOOK)

    assert run.status == 0, run.output
    assert "Image Builder puts the AMI id of the source account" not in run.output
    assert changed_by_the_role(run.output) == set(DESTINATIONS)
    images = organization.delivered()
    assert set(images) == organization.everywhere
    for (account_id, region), (image_id,) in images.items():
        found = organization.emulator.client(account_id, "ssm", region).get_parameter(Name="/golden/web/latest")["Parameter"]
        assert (found["Value"], found["DataType"]) == (image_id, "aws:ec2:image")
    assert default_image(organization) == images[PAYMENTS, BUILD_REGION][0]
