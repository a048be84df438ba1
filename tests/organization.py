# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The organization of examples/inventory, on the emulator, and ansible-playbook against it: for the demonstration and the tests."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

COLLECTION = Path(__file__).resolve().parent.parent
EXAMPLE_INVENTORY = COLLECTION / "examples/inventory/hosts.yml"
SOURCE = "111111111111"
DESTINATIONS = {"payments": "222222222222", "search": "333333333333", "warehouse": "444444444444"}
REGIONS = ("us-west-2", "eu-west-1")
BUILD_REGION = REGIONS[0]
EVERYWHERE = frozenset((account_id, region) for account_id in DESTINATIONS.values() for region in REGIONS)
DISTRIBUTION_ROLE = "EC2ImageBuilderDistributionCrossAccountRole"
INSTANCE_PROFILE = "EC2InstanceProfileForImageBuilder"
INSTANCE_TRUST = (
    '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]}'
)
EXECUTION_TRUST = INSTANCE_TRUST.replace("ec2.amazonaws.com", "imagebuilder.amazonaws.com")
INSTANCE_POLICIES = (
    "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore",
    "arn:aws:iam::aws:policy/EC2InstanceProfileForImageBuilder",
)


def make_instance_profile(emulator: Any) -> None:
    """What a team has before it uses Image Builder at all: the profile of the instances that build."""
    iam = emulator.client(SOURCE, "iam", BUILD_REGION)
    iam.create_role(RoleName=INSTANCE_PROFILE, AssumeRolePolicyDocument=INSTANCE_TRUST)
    for policy in INSTANCE_POLICIES:
        iam.attach_role_policy(RoleName=INSTANCE_PROFILE, PolicyArn=policy)
    iam.create_instance_profile(InstanceProfileName=INSTANCE_PROFILE)
    iam.add_role_to_instance_profile(InstanceProfileName=INSTANCE_PROFILE, RoleName=INSTANCE_PROFILE)


def make_execution_role(emulator: Any, name: str) -> None:
    """The role as which Image Builder distributes where it is not to do so by its own, with all that a delivery needs."""
    iam = emulator.client(SOURCE, "iam", BUILD_REGION)
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=EXECUTION_TRUST)
    policies = iam.get_paginator("list_policies").paginate(Scope="AWS").search("Policies[?PolicyName=='EC2ImageBuilderExecutionPolicy'].Arn")
    iam.attach_role_policy(RoleName=name, PolicyArn=next(iter(policies)))
    allowed = [
        {"Effect": "Allow", "Action": "sts:AssumeRole", "Resource": f"arn:aws:iam::*:role/{DISTRIBUTION_ROLE}"},
        {"Effect": "Allow", "Action": "kms:*", "Resource": "*"},
    ]
    policy = json.dumps({"Version": "2012-10-17", "Statement": allowed})
    iam.put_role_policy(RoleName=name, PolicyName="deliver", PolicyDocument=policy)


def make_launch_template(emulator: Any, account_id: str) -> str:
    """A launch template as its owner keeps it for Image Builder to point at new AMIs. Its id."""
    ec2 = emulator.client(account_id, "ec2", BUILD_REGION)
    answer = ec2.create_launch_template(
        LaunchTemplateName="web",
        LaunchTemplateData={"InstanceType": "t3.medium"},
        TagSpecifications=[{"ResourceType": "launch-template", "Tags": [{"Key": "CreatedBy", "Value": "EC2 Image Builder"}]}],
    )
    return str(answer["LaunchTemplate"]["LaunchTemplateId"])


@dataclass(frozen=True)
class Run:
    """How a run of ansible-playbook ended."""

    status: int
    output: str

    @property
    def recap(self) -> dict[str, dict[str, int]]:
        """The recap: host to counter to number."""
        lines = self.output.rpartition("PLAY RECAP")[2].splitlines()[1:]
        hosts = [line.partition(":") for line in lines if " ok=" in line]
        return {
            host.strip(): {name: int(number) for name, number in (word.split("=") for word in counters.split())} for host, _colon, counters in hosts
        }

    @property
    def warnings(self) -> list[str]:
        """What Ansible warns of, deprecations included, but not of what newer releases of it tell of the imports of amazon.aws."""
        lines = [line for line in self.output.splitlines() if line.startswith(("[WARNING]", "[DEPRECATION WARNING]"))]
        return [line for line in lines if "'ansible.module_utils._text'" not in line and "Deprecation warnings can be disabled" not in line]

    def changed(self) -> dict[str, int]:
        """How many tasks changed something, by host."""
        return {host: counters["changed"] for host, counters in self.recap.items()}

    def changes_by_task(self) -> dict[str, set[str]]:
        """By task, the hosts that it changed."""
        changes: dict[str, set[str]] = {}
        task = ""
        for line in self.output.splitlines():
            if line.startswith("TASK ["):
                task = line
            elif line.startswith("changed: ["):
                changes.setdefault(task, set()).add(line.split("]")[0])
        return changes


Runner = Callable[[Sequence[str], Mapping[str, str], Path], Run]
"""Runs `ansible-playbook WORDS` to its end in an environment and a folder, keeping what it prints."""


def bare_environment(ansible_home: Path) -> dict[str, str]:
    """What ansible-playbook finds in its environment: this collection, and no settings of this machine's user for Ansible or AWS."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "ANSIBLE_"))}
    ansible = {
        "ANSIBLE_HOME": str(ansible_home),
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTION.parent.parent.parent),
        "ANSIBLE_NOCOLOR": "1",
        "ANSIBLE_LOCALHOST_WARNING": "false",
    }
    return kept | ansible


def command(words: Iterable[str]) -> list[str]:
    """The command line of `ansible-playbook WORDS`."""
    return [str(Path(sys.executable).parent / "ansible-playbook"), *words]


def ansible_playbook(words: Sequence[str], environment: Mapping[str, str], folder: Path) -> Run:
    """Run it as a user does, in a process of its own that starts one for each module."""
    done = subprocess.run(
        command(words),
        env=environment,
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Run(done.returncode, done.stdout)


class Organization:
    """The accounts on a running emulator, with what they had before: the instance profile, and one launch template among the destinations.

    `run` is how its playbooks are run.
    """

    def __init__(self, emulator: Any, folder: Path, image_poll_interval: float = 1, run: Runner = ansible_playbook) -> None:
        self.emulator = emulator
        self._run = run
        self.destinations = dict(DESTINATIONS)
        self.folder = folder
        make_instance_profile(emulator)
        self.launch_template_id = make_launch_template(emulator, DESTINATIONS["payments"])
        self.inventories = [EXAMPLE_INVENTORY]
        # Only its account knows the id of a template; and here an image takes seconds, not an hour.
        self.add_host_variables("payments", image_builder_launch_templates={BUILD_REGION: self.launch_template_id})
        self.add_host_variables("image-factory", image_poll_interval=image_poll_interval)

    def add_host_variables(self, host: str, **variables: Any) -> None:
        """Give a host more variables, as one more inventory on the command line."""
        path = self.folder / f"inventory_{len(self.inventories)}.yml"
        path.write_text(yaml.safe_dump({"all": {"hosts": {host: variables}}}))
        self.inventories.append(path)

    def add_destination(self, host: str, account_id: str) -> None:
        """One more destination, as an inventory of its own."""
        self.destinations[host] = account_id
        path = self.folder / f"inventory_{len(self.inventories)}.yml"
        hosts = {host: {"image_builder_account_id": account_id}}
        path.write_text(yaml.safe_dump({"all": {"children": {"image_builder_destinations": {"hosts": hosts}}}}))
        self.inventories.append(path)

    @property
    def everywhere(self) -> frozenset[tuple[str, str]]:
        """Every destination account in each Region."""
        return frozenset((account_id, region) for account_id in self.destinations.values() for region in REGIONS)

    def environment(self) -> dict[str, str]:
        """What ansible-playbook finds in its environment: the source account's credentials, and nothing of this machine's user."""
        return {**bare_environment(self.folder / "ansible"), **self.emulator.environment(SOURCE)}

    def words(self, playbook: str, words: Iterable[str]) -> list[str]:
        """The words of a command line: the playbook, the organization's inventories, and what else is wanted."""
        return [playbook, *(word for path in self.inventories for word in ("-i", str(path))), *words]

    def command(self, playbook: str, words: Iterable[str]) -> list[str]:
        """The command line a user would type."""
        return command(self.words(playbook, words))

    def playbook(self, *words: str, playbook: str = "golden.imagebuilder.distribute") -> Run:
        """Run a playbook to its end, keeping what it prints."""
        return self._run(self.words(playbook, words), self.environment(), self.folder)

    def images(self, account_id: str, region: str) -> list[dict[str, Any]]:
        """The AMIs that an account owns in a Region, as it sees them itself, oldest first."""
        answer = self.emulator.client(account_id, "ec2", region).describe_images(Owners=["self"], IncludeDisabled=True)
        return sorted((image for image in answer["Images"] if image["OwnerId"] == account_id), key=lambda image: str(image["CreationDate"]))

    def delivered(self) -> dict[tuple[str, str], list[str]]:
        """By account and Region, the ids of the AMIs that can be used there."""
        found = {pair: [image["ImageId"] for image in self.images(*pair) if image["State"] == "available"] for pair in self.everywhere}
        return {pair: images for pair, images in found.items() if images}

    def image_builds(self) -> list[dict[str, Any]]:
        """All builds of all versions of the source's images."""
        client = self.emulator.client(SOURCE, "imagebuilder", BUILD_REGION)
        versions = client.list_images(owner="Self")["imageVersionList"]
        return [build for version in versions for build in client.list_image_build_versions(imageVersionArn=version["arn"])["imageSummaryList"]]
