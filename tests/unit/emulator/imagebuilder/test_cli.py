# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The AWS CLI against the emulator's server: the commands of the user guide's page on cross-account distribution."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.tests.emulator.server import EmulatorServer

from .conftest import BUILD_REGION, PARENT_IMAGE, SEARCH, SOURCE, Factory

AWS = Path(sys.executable).with_name("aws")
TARGETS = ("123456789012", "987654321098")
# The page's own file.
DISTRIBUTION: dict[str, Any] = {
    "name": "cross-account-distribution-example",
    "description": "Cross Account Distribution Configuration Example",
    "distributions": [
        {
            "amiDistributionConfiguration": {
                "targetAccountIds": list(TARGETS),
                "name": "Name {{ imagebuilder:buildDate }}",
                "description": "ImageCopy Ami Copy Configuration",
            },
            "region": BUILD_REGION,
        }
    ],
}


@pytest.fixture
def server() -> Iterator[EmulatorServer]:
    with EmulatorServer(accounts=[SOURCE, *TARGETS, SEARCH], seconds_per_state=0.01) as emulator:
        yield emulator


def aws(server: EmulatorServer, *words: str) -> Any:
    """Run a command of the CLI and return its answer."""
    done = subprocess.run([AWS, "imagebuilder", *words], env=server.environment(SOURCE), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def file(folder: Path, name: str, content: dict[str, Any]) -> str:
    path = folder / name
    path.write_text(json.dumps(content))
    return f"file://{path}"


def test_the_commands_of_the_page(server: EmulatorServer, tmp_path: Path) -> None:
    factory = Factory(server, destinations=TARGETS, regions=(BUILD_REGION,))
    factory.make_all()
    path = file(tmp_path, "create-distribution-configuration.json", DISTRIBUTION)
    named = aws(server, "create-distribution-configuration", "--name", "my distribution name", "--cli-input-json", path)
    assert named["distributionConfigurationArn"].endswith(":distribution-configuration/my-distribution-name")
    distribution = aws(server, "create-distribution-configuration", "--cli-input-json", path)["distributionConfigurationArn"]

    root = {"deviceName": "/dev/xvda", "ebs": {"encrypted": True, "kmsKeyId": factory.keys[BUILD_REGION]}}
    content = {"name": "golden", "semanticVersion": "1.0.0", "parentImage": PARENT_IMAGE, "blockDeviceMappings": [root]}
    recipe = aws(server, "create-image-recipe", "--cli-input-json", file(tmp_path, "recipe.json", content))["imageRecipeArn"]
    content = {"name": "infra", "instanceProfileName": "build"}
    made = aws(server, "create-infrastructure-configuration", "--cli-input-json", file(tmp_path, "infrastructure.json", content))
    words = ("--image-recipe-arn", recipe, "--infrastructure-configuration-arn", made["infrastructureConfigurationArn"])
    image = aws(server, "create-image", *words, "--distribution-configuration-arn", distribution)["imageBuildVersionArn"]

    deadline = time.monotonic() + 30
    state: dict[str, Any] = {}
    while state.get("status") not in ("AVAILABLE", "FAILED") and time.monotonic() < deadline:
        state = aws(server, "get-image", "--image-build-version-arn", image)["image"]["state"]
    assert state == {"status": "AVAILABLE"}
    for account in TARGETS:
        (ami,) = factory.images(account, BUILD_REGION)
        assert ami["Description"] == "ImageCopy Ami Copy Configuration"


def test_a_request_that_is_no_json_and_a_path_that_is_no_operation(server: EmulatorServer) -> None:
    credential = f"AKIA{SOURCE}TEST/20261124/{BUILD_REGION}/imagebuilder/aws4_request"
    headers = {"Authorization": f"AWS4-HMAC-SHA256 Credential={credential}, SignedHeaders=host, Signature=0", "Content-Type": "application/json"}
    for path, body, status in (("/CreateImage", b"{", 400), ("/CreateImage", b"[]", 400), ("/Nothing", b"{}", 404)):
        request = urllib.request.Request(server.endpoint_url + path, data=body, headers=headers, method="PUT")  # noqa: S310
        with pytest.raises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(request)  # noqa: S310
        assert caught.value.code == status, path
