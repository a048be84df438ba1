# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Somebody else writes between our look and our write."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import inputs
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.absent import ensure_absent
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.client import Api
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.present import ensure_present
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import Context, Resource
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.component import COMPONENT
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.distribution_configuration import (
    DISTRIBUTION_CONFIGURATION,
)
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.image_recipe import IMAGE_RECIPE
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.session import Session

ACCOUNT, REGION = "111111111111", "us-west-2"
PARENT = f"arn:aws:imagebuilder:{REGION}:aws:image/amazon-linux-2023-x86/x.x.x"
AMI = [{"region": REGION, "amiDistributionConfiguration": {"description": "copy"}}]


@pytest.fixture
def client(emulator: Any) -> Any:
    return emulator.client(ACCOUNT, "imagebuilder", REGION)


@pytest.fixture
def session(client: Any) -> Session:
    return Session(Api(client, "here"), "aws", REGION, ACCOUNT)


def meanwhile(client: Any, operation: str, other: Any, act: Callable[[Any], object]) -> None:
    """Let `act` happen once, with another client, right before the first call of an operation."""
    pending = [act]
    client.meta.events.register(f"before-call.imagebuilder.{operation}", lambda **_event: pending.pop()(other) if pending else None)


def present(resource: Resource, session: Session, **params: Any) -> dict[str, Any]:
    return ensure_present(resource, session, inputs.read(resource, params, Context()), purge_tags=True)


@pytest.mark.parametrize(("description", "changed", "version"), [("mine", False, "1.0.0"), ("theirs", True, "1.0.1")])
def test_a_version_that_was_taken(description: str, changed: bool, version: str, emulator: Any, session: Session) -> None:
    def take(other: Any) -> None:
        other.create_image_recipe(name="golden", semanticVersion="1.0.0", parentImage=PARENT, description=description)

    meanwhile(session.api.client, "CreateImageRecipe", emulator.client(ACCOUNT, "imagebuilder", REGION), take)
    result = present(IMAGE_RECIPE, session, name="golden", semantic_version="1.0.x", parent_image=PARENT, description="mine")
    assert (result["changed"], result["image_recipe"]["version"], result["image_recipe"]["description"]) == (changed, version, "mine")


@pytest.mark.parametrize(("description", "changed"), [("mine", False), ("theirs", True)])
def test_a_name_that_was_taken(description: str, changed: bool, emulator: Any, client: Any, session: Session) -> None:
    def take(other: Any) -> None:
        other.create_distribution_configuration(name="golden", description=description, distributions=AMI)

    meanwhile(client, "CreateDistributionConfiguration", emulator.client(ACCOUNT, "imagebuilder", REGION), take)
    result = present(DISTRIBUTION_CONFIGURATION, session, name="golden", description="mine", distributions=AMI)
    assert (result["changed"], result["distribution_configuration"]["description"]) == (changed, "mine")


def test_what_was_deleted_already_is_deleted(emulator: Any, client: Any, session: Session) -> None:
    arn = present(DISTRIBUTION_CONFIGURATION, session, name="golden", distributions=AMI)["distribution_configuration"]["arn"]

    def delete(other: Any) -> None:
        other.delete_distribution_configuration(distributionConfigurationArn=arn)

    meanwhile(client, "DeleteDistributionConfiguration", emulator.client(ACCOUNT, "imagebuilder", REGION), delete)
    assert ensure_absent(DISTRIBUTION_CONFIGURATION, session, inputs.read(DISTRIBUTION_CONFIGURATION, {"name": "golden"}, Context()))["deleted"] == [
        arn
    ]


def test_what_was_taken_into_use_meanwhile_is_kept(emulator: Any, client: Any, session: Session) -> None:
    document = "schemaVersion: 1.0\nphases:\n  - name: build\n    steps:\n      - {name: Reboot, action: Reboot}\n"
    versions = ("1.0.0", "1.0.1", "1.0.2")
    arns = [present(COMPONENT, session, name="x-y", semantic_version=one, platform="Linux", data=document)["component"]["arn"] for one in versions]

    def use(other: Any) -> None:
        other.create_image_recipe(name="golden", semanticVersion="1.0.0", parentImage=PARENT, components=[{"componentArn": arns[1]}])

    meanwhile(client, "DeleteComponent", emulator.client(ACCOUNT, "imagebuilder", REGION), use)
    result = ensure_absent(COMPONENT, session, inputs.read(COMPONENT, {"name": "x-y"}, Context(), only_identity=True), keep=1)
    recipe = f"arn:aws:imagebuilder:{REGION}:{ACCOUNT}:image-recipe/golden/1.0.0"
    assert (result["deleted"], result["kept_in_use"]) == ([arns[0]], [{"arn": arns[1], "users": [recipe]}])


def test_a_repeated_call_keeps_its_token(client: Any, session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    tokens: list[str] = []

    def throttle(params: dict[str, Any], **_event: Any) -> Any:
        tokens.append(params["body"].decode() if isinstance(params["body"], bytes) else str(params["body"]))
        if len(tokens) < 3:
            response = type("Answer", (), {"status_code": 429})()
            return response, {
                "Error": {"Code": "CallRateLimitExceededException", "Message": "slowly"},
                "ResponseMetadata": {"HTTPStatusCode": 429},
            }
        return None

    client.meta.events.register("before-call.imagebuilder.CreateDistributionConfiguration", throttle)
    assert present(DISTRIBUTION_CONFIGURATION, session, name="golden", distributions=AMI)["changed"]
    assert len(tokens) == 3
    assert len(set(tokens)) == 1
