# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Emulated accounts for the tests of Image Builder: a source and two destinations, ready for encrypted distribution."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.tests.emulator import clock
from ansible_collections.golden.imagebuilder.tests.emulator.server import emulate
from botocore.exceptions import ClientError

SOURCE, PAYMENTS, SEARCH = "111111111111", "222222222222", "333333333333"
BUILD_REGION, OTHER_REGION = "us-west-2", "eu-west-1"
ROLE = "EC2ImageBuilderDistributionCrossAccountRole"
MANAGED_POLICY = "arn:aws:iam::aws:policy/Ec2ImageBuilderCrossAccountDistributionAccess"
PARENT_IMAGE = f"arn:aws:imagebuilder:{BUILD_REGION}:aws:image/amazon-linux-2023-x86/x.x.x"
# What the user guide gives the role for encrypted images.
KEY_ACTIONS = ["Encrypt", "Decrypt", "ReEncrypt*", "GenerateDataKey*", "DescribeKey", "CreateGrant", "ListGrants", "RevokeGrant"]
DOCUMENT = """
name: hello
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - name: Hello
        action: ExecuteBash
        inputs:
          commands: [echo hello]
"""


def policy(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(actions: Any, resource: Any = "*", **more: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": actions, "Resource": resource, **more}


def refused(code: str, call: Any, **request: Any) -> str:
    """Make a call that is refused and return the sentence."""
    with pytest.raises(ClientError) as caught:
        call(**request)
    assert caught.value.response["Error"]["Code"] == code
    return str(caught.value.response["Error"]["Message"])


@dataclass
class Factory:
    """An image factory and its destinations. Every part has a method, so that a test can leave one out or change it."""

    emulator: Any
    destinations: tuple[str, ...] = (PAYMENTS, SEARCH)
    regions: tuple[str, ...] = (BUILD_REGION, OTHER_REGION)
    keys: dict[str, str] = field(default_factory=dict)  # Region -> key ARN
    created: int = 0

    def client(self, service: str = "imagebuilder", account_id: str = SOURCE, region: str = BUILD_REGION) -> Any:
        return self.emulator.client(account_id, service, region)

    def key_policy(self, *accounts: str) -> str:
        users = {"AWS": [f"arn:aws:iam::{account}:root" for account in accounts]}
        own = allow("kms:*", Principal={"AWS": f"arn:aws:iam::{SOURCE}:root"})
        return policy(own, allow([f"kms:{action}" for action in KEY_ACTIONS], Principal=users)) if accounts else policy(own)

    def make_keys(self) -> None:
        for region in self.regions:
            kms = self.client("kms", region=region)
            self.keys[region] = kms.create_key(Policy=self.key_policy(*self.destinations))["KeyMetadata"]["Arn"]
            kms.create_alias(AliasName="alias/golden", TargetKeyId=self.keys[region])

    def make_role(self, account: str, *, trusted: str = SOURCE, key_actions: list[str] | None = None) -> None:
        iam = self.client("iam", account)
        trust = policy({"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{trusted}:root"}, "Action": "sts:AssumeRole"})
        iam.create_role(RoleName=ROLE, AssumeRolePolicyDocument=trust)
        iam.attach_role_policy(RoleName=ROLE, PolicyArn=MANAGED_POLICY)
        self.put_key_actions(account, KEY_ACTIONS if key_actions is None else key_actions)

    def put_key_actions(self, account: str, actions: list[str]) -> None:
        document = policy(allow([f"kms:{action}" for action in actions]))
        self.client("iam", account).put_role_policy(RoleName=ROLE, PolicyName="keys", PolicyDocument=document)

    def make_all(self) -> None:
        self.make_keys()
        for account in self.destinations:
            self.make_role(account)
        self.client("iam").create_instance_profile(InstanceProfileName="build")

    def distributions(self) -> list[dict[str, Any]]:
        return [
            {
                "region": region,
                "amiDistributionConfiguration": {
                    "name": "golden {{ imagebuilder:buildDate }}",
                    "description": "a golden image",
                    "targetAccountIds": list(self.destinations),
                    "amiTags": {"Team": "platform"},
                    "kmsKeyId": self.keys[region],
                },
            }
            for region in self.regions
        ]

    def recipe(self, **more: Any) -> str:
        root = {"deviceName": "/dev/xvda", "ebs": {"encrypted": True, "kmsKeyId": self.keys.get(BUILD_REGION, "alias/golden"), "volumeSize": 10}}
        request = {"name": "Golden", "semanticVersion": "1.0.x", "parentImage": PARENT_IMAGE, "blockDeviceMappings": [root], **more}
        return str(self.client().create_image_recipe(**request)["imageRecipeArn"])

    def infrastructure(self, name: str = "") -> str:
        self.created += 1
        request = {"name": name or f"infrastructure-{self.created}", "instanceProfileName": "build"}
        return str(self.client().create_infrastructure_configuration(**request)["infrastructureConfigurationArn"])

    def start(self, distributions: list[dict[str, Any]] | None, recipe: str = "", **more: Any) -> str:
        """Start a build and return the image's ARN."""
        self.created += 1
        request = {"imageRecipeArn": recipe or self.recipe(), "infrastructureConfigurationArn": self.infrastructure(), **more}
        if distributions is not None:
            made = self.client().create_distribution_configuration(name=f"distribution-{self.created}", distributions=distributions)
            request["distributionConfigurationArn"] = made["distributionConfigurationArn"]
        return str(self.client().create_image(**request)["imageBuildVersionArn"])

    def wait(self, arn: str) -> dict[str, Any]:
        """Wait for the end of a build and return the image."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            image: dict[str, Any] = self.client().get_image(imageBuildVersionArn=arn)["image"]
            if image["state"]["status"] in ("AVAILABLE", "FAILED", "CANCELLED"):
                return image
            time.sleep(0.005)
        raise AssertionError(f"{arn} is still {image['state']}")

    def build(self, distributions: list[dict[str, Any]] | None, recipe: str = "", **more: Any) -> dict[str, Any]:
        return self.wait(self.start(distributions, recipe, **more))

    def repository(self, name: str = "team/web") -> str:
        self.client("ecr").create_repository(repositoryName=name)
        return name

    def execution_role(self, name: str = "executor", service: str = "imagebuilder.amazonaws.com") -> str:
        trust = policy({"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"})
        return str(self.client("iam").create_role(RoleName=name, AssumeRolePolicyDocument=trust)["Role"]["Arn"])

    def images(self, account: str, region: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.client("ec2", account, region).describe_images(Owners=["self"], IncludeDisabled=True)["Images"]
        return found

    def snapshot(self, account: str, region: str, image: dict[str, Any]) -> dict[str, Any]:
        snapshot_id = image["BlockDeviceMappings"][0]["Ebs"]["SnapshotId"]
        found: dict[str, Any] = self.client("ec2", account, region).describe_snapshots(SnapshotIds=[snapshot_id])["Snapshots"][0]
        return found


@pytest.fixture
def factory() -> Iterator[Factory]:
    with emulate(accounts=[SOURCE, PAYMENTS, SEARCH], seconds_per_state=0.001) as emulator:
        yield Factory(emulator)


@pytest.fixture
def client(factory: Factory) -> Any:
    return factory.client()


HOUR = 3600


@dataclass
class Clock:
    """A clock that stands still until it is told to go on."""

    seconds: float = 0.0

    def go_on(self, hours: float) -> None:
        self.seconds += hours * HOUR


@pytest.fixture
def hours(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The emulator's clock, in the test's hand."""
    hours = Clock()
    monkeypatch.setattr(clock, "source", lambda: hours.seconds)
    return hours


@pytest.fixture
def slow(hours: Clock) -> Iterator[Factory]:
    """A factory whose images stay in each state for an hour of that clock."""
    del hours
    with emulate(accounts=[SOURCE, PAYMENTS, SEARCH], seconds_per_state=HOUR) as emulator:
        factory = Factory(emulator)
        factory.make_all()
        yield factory


@pytest.fixture
def ready(factory: Factory) -> Factory:
    """A factory with keys, roles and an instance profile."""
    factory.make_all()
    return factory
