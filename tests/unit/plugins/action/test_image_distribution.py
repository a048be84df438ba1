# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action image_distribution: the module's result, and what is printed on the way to it."""

from __future__ import annotations

import json
import re
from pathlib import Path

import yaml
from ansible_collections.golden.imagebuilder.tests.emulator import images
from ansible_collections.golden.imagebuilder.tests.emulator.server import EmulatorServer
from ansible_collections.golden.imagebuilder.tests.newer import needs_operation
from ansible_collections.golden.imagebuilder.tests.organization import EXAMPLE_INVENTORY, REGIONS, SOURCE, bare_environment
from ansible_collections.golden.imagebuilder.tests.warm_playbooks import ansible_playbook

WEST, EUROPE = REGIONS
TRUST = {"Effect": "Allow", "Principal": {"Service": "imagebuilder.amazonaws.com"}, "Action": "sts:AssumeRole"}


@needs_operation("DistributeImage")
def test_prints_how_far_it_is_and_ends_with_the_modules_result(tmp_path: Path) -> None:
    with EmulatorServer(accounts=[SOURCE], seconds_per_state=0.3) as emulator:
        iam = emulator.client(SOURCE, "iam")
        iam.create_role(RoleName="executor", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [TRUST]}))
        iam.attach_role_policy(RoleName="executor", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
        ami = images.register_image(SOURCE, WEST, "web", tags={"CreatedBy": "EC2 Image Builder"})
        copy = {"region": EUROPE, "ami_distribution_configuration": {"name": "web <<imagebuilder:buildDate>>"}}
        options = {"region": WEST, "source_image": ami.id, "execution_role": "executor", "distributions": [copy], "poll_interval": 0.05}
        tasks = [
            {"golden.imagebuilder.image_distribution": options, "register": "distributed"},
            {"ansible.builtin.assert": {"that": ["distributed.action == 'distribute'", "distributed.following is undefined"]}},
        ]
        playbook = tmp_path / "playbook.yml"
        playbook.write_text(yaml.safe_dump([{"hosts": "image-factory", "gather_facts": False, "tasks": tasks}]))
        environment = {**bare_environment(tmp_path), **emulator.environment(SOURCE)}
        run = ansible_playbook([str(playbook), "-i", str(EXAMPLE_INVENTORY)], environment, tmp_path)
    assert run.status == 0, run.output
    assert re.search(rf"^image-factory: web/1\.0\.0/1 DISTRIBUTING .*copies 0 of 1 \({EUROPE} 0/1\)$", run.output, re.MULTILINE), run.output
