# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of the user guide on cross-account distribution: its sample file for the AWS CLI, and for the module afterwards."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.distribution_configuration import (
    DISTRIBUTION_CONFIGURATION,
)
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.schema import snake_case
from ansible_collections.golden.imagebuilder.tests.organization import BUILD_REGION, SOURCE, Organization

HERE = Path(__file__).parent
SAMPLE = HERE / "files/create-distribution-configuration.json"
PLAYBOOK = HERE / "playbooks/seed_page.yml"
ARN = f"arn:aws:imagebuilder:{BUILD_REGION}:{SOURCE}:distribution-configuration"
CREATE = ("create-distribution-configuration", "--cli-input-json", f"file://{SAMPLE.name}")


def aws(organization: Organization, *words: str) -> Any:
    """What a command of the AWS CLI answers, in the folder of the sample file as on the page."""
    command = [str(Path(sys.executable).with_name("aws")), "imagebuilder", *words]
    done = subprocess.run(command, env=organization.environment(), cwd=SAMPLE.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_module_agrees_with_the_aws_cli(organization: Organization) -> None:
    made, named, deleted = (
        aws(organization, *CREATE, *words)["distributionConfigurationArn"]
        for words in ((), ("--name", "my distribution name"), ("--name", "deleted again"))
    )
    assert (made, named) == (f"{ARN}/cross-account-distribution-example", f"{ARN}/my-distribution-name")
    aws(organization, "delete-distribution-configuration", "--distribution-configuration-arn", deleted)
    organization.emulator.reset_calls()
    results = organization.folder / "results.json"

    run = organization.playbook("--extra-vars", json.dumps({"sample": str(SAMPLE), "results": str(results)}), playbook=str(PLAYBOOK))

    assert run.status == 0, run.output
    assert organization.emulator.writes() == []
    assert organization.emulator.calls(), "the modules asked the emulator"
    said = json.loads(results.read_text())
    assert {way: result["changed"] for way, result in said.items()} == {
        "file": False,
        "named": False,
        "list": False,
        "deleted": True,
        "info": False,
    }
    answer = aws(organization, "get-distribution-configuration", "--distribution-configuration-arn", made)["distributionConfiguration"]
    assert answer.items() >= json.loads(SAMPLE.read_text()).items()
    configuration = snake_case(answer, DISTRIBUTION_CONFIGURATION.answer_shape)
    assert said["file"]["distribution_configuration"] == said["list"]["distribution_configuration"] == configuration
    own = {"name": "my distribution name", "arn": named, "date_created": said["named"]["distribution_configuration"]["date_created"]}
    assert said["named"]["distribution_configuration"] == {**configuration, **own}
    listed = aws(organization, "list-distribution-configurations")["distributionConfigurationSummaryList"]
    found = said["info"]["distribution_configurations"]
    assert sorted(one["arn"] for one in listed) == sorted(one["arn"] for one in found) == sorted([made, named])
