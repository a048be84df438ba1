# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Profile, Region and endpoint given once, as defaults of the collection's action group, for its own modules and those of amazon.aws."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from ansible_collections.golden.imagebuilder.tests.emulator.server import EmulatorServer
from ansible_collections.golden.imagebuilder.tests.organization import bare_environment
from ansible_collections.golden.imagebuilder.tests.warm_playbooks import ansible_playbook

PLAYBOOK = Path(__file__).parent / "playbooks/module_defaults.yml"
SOURCE, PAYMENTS = "111111111111", "222222222222"
REGION = "eu-west-1"


def environment(folder: Path, emulator: EmulatorServer) -> dict[str, str]:
    """No word of AWS but where the file with the profile is."""
    keys = emulator.environment(SOURCE)
    profile = f"[factory]\naws_access_key_id = {keys['AWS_ACCESS_KEY_ID']}\naws_secret_access_key = {keys['AWS_SECRET_ACCESS_KEY']}\n"
    (folder / "credentials").write_text(profile)
    return bare_environment(folder / "ansible") | {
        "AWS_SHARED_CREDENTIALS_FILE": str(folder / "credentials"),
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def run(folder: Path, emulator: EmulatorServer) -> dict[str, Any]:
    """Run the playbook; what its modules said."""
    variables = {
        "emulator": emulator.endpoint_url,
        "results": str(folder / "results.json"),
        "targets": [{"account_id": PAYMENTS, "name": "payments", "assume_role_arn": "OrganizationAccountAccessRole"}],
        "ansible_python_interpreter": sys.executable,
    }
    done = ansible_playbook([str(PLAYBOOK), "--extra-vars", json.dumps(variables)], environment(folder, emulator), folder)
    assert done.status == 0, done.output
    said: dict[str, Any] = json.loads((folder / "results.json").read_text())
    return said


def test_one_group_for_both_collections(tmp_path: Path) -> None:
    with EmulatorServer(accounts=[SOURCE, PAYMENTS]) as emulator:
        said = run(tmp_path, emulator)
        places = {(call.account, call.region) for call in emulator.writes() if call.operation != "AssumeRole"}
    assert said["caller"]["account"] == SOURCE
    assert said["configuration"]["distribution_configuration"]["arn"].startswith(f"arn:aws:imagebuilder:{REGION}:{SOURCE}:")
    assert said["elsewhere"]["distribution_configurations"] == []
    (key,) = said["key"]["kms_keys"]
    assert key["key_arn"] == said["keys"]["source_keys"][REGION]["key_arn"]
    assert [(outcome["account_id"], outcome["changed"]) for outcome in said["roles"]["outcomes"]] == [(PAYMENTS, True)]
    assert {account for account, _region in places} == {SOURCE, PAYMENTS}
    assert all(region in (REGION, "us-east-1", "aws-global") for _account, region in places), "IAM has no Region of its own"
