# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images that are imported: which of those that are there is the answer, and what is asked of AWS."""

from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image import Action, Pair, decide
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image_import import BUILD_TYPES, Import, broken_rules
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import Context

IDENTITY = ("aws", "us-west-2", "111111111111")
VM = {"name": "My Appliance", "semanticVersion": "1.0.0", "platform": "Linux", "vmImportTaskId": "import-ami-1"}
DISK = {"name": "windows", "semanticVersion": "11.0.0", "platform": "Windows", "osVersion": "Microsoft Windows 11", "uri": "s3://b/w.iso"}
BUILD_CONTEXT = Context(region="us-west-2", complete=True)


def wanted(kind: str = "ImportVmImage", **members: Any) -> Import:
    return Import({**(VM if kind == "ImportVmImage" else DISK), **members}, kind, IDENTITY)


def image(status: str, build_type: str = "IMPORT", build: int = 1) -> dict[str, Any]:
    amis = [{"accountId": "111111111111", "region": "us-west-2", "image": "ami-1"}] if status == "AVAILABLE" else []
    arn = f"arn:aws:imagebuilder:us-west-2:111111111111:image/my-appliance/1.0.0/{build}"
    return {"arn": arn, "buildType": build_type, "state": {"status": status}, "outputResources": {"amis": amis}}


def test_its_version_is_its_own_and_it_goes_nowhere_else() -> None:
    assert wanted().image_version_arn == "arn:aws:imagebuilder:us-west-2:111111111111:image/my-appliance/1.0.0"
    assert wanted().promised == {Pair("111111111111", "us-west-2")}


@pytest.mark.parametrize(
    ("images", "action"),
    [
        ([], Action.IMPORT),
        ([image("AVAILABLE")], Action.DONE),
        ([image("PENDING")], Action.ATTACH),
        ([image("FAILED", build=2), image("AVAILABLE")], Action.DONE),
        ([image("FAILED")], Action.IMPORT),
        ([image("CANCELLED")], Action.IMPORT),
        ([image("AVAILABLE", "USER_INITIATED")], Action.IMPORT),
        ([image("AVAILABLE", "IMPORT_ISO")], Action.IMPORT),
    ],
)
def test_what_is_done(images: list[dict[str, Any]], action: Action) -> None:
    assert decide(wanted(), images).action is action


def test_the_two_ways_are_two_images() -> None:
    assert decide(wanted("ImportDiskImage"), [image("AVAILABLE", BUILD_TYPES["ImportDiskImage"])]).action is Action.DONE
    assert decide(wanted("ImportDiskImage"), [image("AVAILABLE", BUILD_TYPES["ImportVmImage"])]).action is Action.IMPORT


def test_a_token_is_of_the_import_and_of_the_builds_before_it() -> None:
    tokens = {wanted().client_token(0), wanted().client_token(1), wanted(vmImportTaskId="x").client_token(0), wanted().client_token(0, "salt")}
    assert len(tokens) == 4
    assert wanted().client_token(0) in tokens
    assert all(len(token) <= 64 for token in tokens)


@pytest.mark.parametrize(
    ("request_", "places"),
    [
        (VM, []),
        (DISK, []),
        ({**VM, "loggingConfiguration": {"logGroupName": "/aws/imagebuilder/x"}}, []),
        ({**VM, "loggingConfiguration": {"logGroupName": "mine"}}, [("loggingConfiguration", "logGroupName")]),
        ({**DISK, "loggingConfiguration": {"logGroupName": "mine"}}, [("loggingConfiguration", "logGroupName")]),
        ({**DISK, "loggingConfiguration": {"logGroupName": "mine"}, "executionRole": "importer"}, []),
        ({**DISK, "uri": "https://b/w.iso"}, [("uri",)]),
        ({**DISK, "uri": "s3://b/w.vmdk"}, [("uri",)]),
        (
            {**DISK, "infrastructureConfigurationArn": "arn:aws:imagebuilder:eu-west-1:111111111111:infrastructure-configuration/web"},
            [("infrastructureConfigurationArn",)],
        ),
    ],
)
def test_rules(request_: dict[str, Any], places: list[tuple[str, ...]]) -> None:
    assert [path for path, _message in broken_rules(request_, BUILD_CONTEXT)] == places
