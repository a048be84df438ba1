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
NAMES = {"file": "cross-account-distribution-example", "list": "cross-account-distribution-example", "named": "my distribution name"}


def aws(organization: Organization, *words: str) -> Any:
    """What a command of the AWS CLI answers, in the folder of the sample file as on the page."""
    command = [str(Path(sys.executable).with_name("aws")), "imagebuilder", *words]
    done = subprocess.run(command, env=organization.environment(), cwd=SAMPLE.parent, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def play(organization: Organization, *words: str) -> dict[str, dict[str, Any]]:
    """What the modules say, one result for each way to give them the file."""
    results = organization.folder / "results.json"
    run = organization.playbook(*words, "--extra-vars", json.dumps({"sample": str(SAMPLE), "results": str(results)}), playbook=str(PLAYBOOK))
    assert run.status == 0, run.output
    said: dict[str, dict[str, Any]] = json.loads(results.read_text())
    assert run.changed() == {"image-factory": sum(bool(result["changed"]) for result in said.values())}
    return said


def test_the_module_agrees_with_the_aws_cli(organization: Organization) -> None:
    create = ("create-distribution-configuration", "--cli-input-json", f"file://{SAMPLE.name}")
    made = aws(organization, *create)["distributionConfigurationArn"]
    named = aws(organization, *create, "--name", "my distribution name")["distributionConfigurationArn"]
    assert (made, named) == (f"{ARN}/cross-account-distribution-example", f"{ARN}/my-distribution-name")
    organization.emulator.reset_calls()

    said = play(organization)

    assert {way: said[way]["changed"] for way in said} == dict.fromkeys((*NAMES, "info"), False)
    assert organization.emulator.writes() == []
    assert organization.emulator.calls(), "the modules asked the emulator"
    shape = DISTRIBUTION_CONFIGURATION.answer_shape
    got = {
        arn: aws(organization, "get-distribution-configuration", "--distribution-configuration-arn", arn)["distributionConfiguration"]
        for arn in (made, named)
    }
    for way, arn in {"file": made, "list": made, "named": named}.items():
        assert said[way]["distribution_configuration"] == snake_case({"tags": {}, **got[arn]}, shape)
        assert got[arn] | {"name": NAMES["file"]} == got[arn] | json.loads(SAMPLE.read_text())
        assert got[arn]["name"] == NAMES[way]
    listed = aws(organization, "list-distribution-configurations")["distributionConfigurationSummaryList"]
    configurations = said["info"]["distribution_configurations"]
    assert sorted(summary["arn"] for summary in listed) == sorted(configuration["arn"] for configuration in configurations) == sorted([made, named])

    aws(organization, "delete-distribution-configuration", "--distribution-configuration-arn", named)
    organization.emulator.reset_calls()
    foretold = play(organization, "--check")

    assert {way: foretold[way]["changed"] for way in foretold} == {"file": False, "list": False, "named": True, "info": False}
    assert [configuration["arn"] for configuration in foretold["info"]["distribution_configurations"]] == [made]
    assert organization.emulator.writes() == []
