# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A run that is ready to deliver an encrypted image, on the emulator, for tests of preflight that break one thing of it.

What stands there is made by the collection's own modules, but for the configuration of Image Builder, which tests want to get wrong as well.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from .in_process import run_module
from .organization import BUILD_REGION, DESTINATIONS, INSTANCE_PROFILE, REGIONS, SOURCE, bare_environment, make_instance_profile
from .warm_playbooks import ansible_playbook

PAYMENTS, SEARCH = DESTINATIONS["payments"], DESTINATIONS["search"]
NAMES = {account_id: name for name, account_id in DESTINATIONS.items() if account_id in (PAYMENTS, SEARCH)}
PARENT = f"arn:aws:imagebuilder:{BUILD_REGION}:aws:image/amazon-linux-2023-x86/x.x.x"
PARAMETER = "/imagebuilder/web/latest"
ENDED = ("AVAILABLE", "FAILED")
_OURS = "golden.imagebuilder."
_INTERNAL = {"_ansible_check_mode": False, "_ansible_diff": False, "_ansible_remote_tmp": "/tmp", "_ansible_keep_remote_files": False}


@dataclass
class Ready:
    """The source, destinations, two unless others are named, and an image that would be delivered to all of them in two Regions or others.

    `distributions` are those that Image Builder gets, in the API's words; `options` are added to those of preflight.
    """

    emulator: Any
    folder: Path
    regions: tuple[str, ...] = REGIONS
    names: Mapping[str, str] = field(default_factory=lambda: NAMES)  # by account id, of the destinations
    keys: dict[str, str] = field(default_factory=dict)
    distributions: list[dict[str, Any]] = field(default_factory=list)
    options: dict[str, Any] = field(default_factory=dict)
    execution_role: str | None = None
    recipe: str = "web/1.0.0"

    def client(self, service: str, account_id: str = SOURCE, region: str = BUILD_REGION) -> Any:
        """A client of an account's administrator."""
        return self.emulator.client(account_id, service, region)

    def module(self, name: str, /, **options: Any) -> dict[str, Any]:
        """A module of the collection as a task runs it."""
        return {"failed": False, **run_module(f"ansible_collections.golden.imagebuilder.plugins.modules.{name}", {**options, **_INTERNAL})}

    @property
    def targets(self) -> list[dict[str, Any]]:
        """The destinations and the way into them."""
        way_in = {"regions": list(self.regions), "assume_role_arn": "OrganizationAccountAccessRole"}
        return [{"account_id": account_id, "name": name, **way_in} for account_id, name in self.names.items()]

    def make(self) -> None:
        """Make all that the run needs."""
        make_instance_profile(self.emulator)
        kept = self.module("source_keys", regions=list(self.regions), destination_account_ids=list(self.names))
        self.keys = {region: key["key_arn"] for region, key in kept["source_keys"].items()}
        roles = {"source_account_ids": [SOURCE], "key_arns": list(self.keys.values()), "ssm_parameter_names": [PARAMETER]}
        assert not self.module("destination_roles", targets=self.targets, **roles)["failed"]
        self.distributions = [self.entry(region) for region in self.regions]
        self.make_configuration()
        root = {"deviceName": "/dev/xvda", "ebs": {"encrypted": True, "kmsKeyId": self.keys[BUILD_REGION]}}
        recipe = {"name": "web", "semanticVersion": "1.0.0", "parentImage": PARENT, "blockDeviceMappings": [root]}
        self.client("imagebuilder").create_image_recipe(**recipe)
        self.client("imagebuilder").create_infrastructure_configuration(name="web", instanceProfileName=INSTANCE_PROFILE)

    def entry(self, region: str) -> dict[str, Any]:
        """What the configuration says of a Region."""
        ami = {"name": "web {{ imagebuilder:buildDate }}", "targetAccountIds": list(self.names), "kmsKeyId": self.keys[region]}
        parameters = [{"amiAccountId": account_id, "parameterName": PARAMETER, "dataType": "aws:ec2:image"} for account_id in self.names]
        return {"region": region, "amiDistributionConfiguration": ami, "ssmParameterConfigurations": parameters}

    def make_configuration(self) -> None:
        """Make the distribution configuration, or make it anew."""
        arn = f"arn:aws:imagebuilder:{BUILD_REGION}:{SOURCE}:distribution-configuration/web"
        client = self.client("imagebuilder")
        if arn in [each["arn"] for each in client.list_distribution_configurations()["distributionConfigurationSummaryList"]]:
            client.update_distribution_configuration(distributionConfigurationArn=arn, distributions=self.distributions)
        else:
            client.create_distribution_configuration(name="web", distributions=self.distributions)

    def with_key(self, region: str, key: str) -> None:
        """Have the copies in a Region encrypted with another key."""
        for entry in self.distributions:
            if entry["region"] == region:
                entry["amiDistributionConfiguration"]["kmsKeyId"] = key
        self.make_configuration()

    def preflight(self, **options: Any) -> dict[str, Any]:
        """What preflight says of it."""
        named = {"image_recipe": self.recipe, "infrastructure_configuration": "web", "distribution_configuration": "web"}
        source = {"account_id": SOURCE, "name": "image-factory", "regions": list(self.regions)}
        given = {"execution_role": self.execution_role} if self.execution_role else {}
        asked = {**named, "region": BUILD_REGION, "account": source, "targets": self.targets, **given, **self.options, **options}
        return self.module("preflight", fail_on_error=False, **asked)

    def findings(self, **options: Any) -> list[dict[str, Any]]:
        """What preflight finds."""
        result = self.preflight(**options)
        assert not result["failed"], result["msg"]
        found: list[dict[str, Any]] = result["findings"]
        return found

    def deliver(self) -> dict[str, Any]:
        """Have the image built and delivered; its state when that has ended."""
        client = self.client("imagebuilder")
        arns = {
            "imageRecipeArn": f"arn:aws:imagebuilder:{BUILD_REGION}:{SOURCE}:image-recipe/{self.recipe}",
            "infrastructureConfigurationArn": f"arn:aws:imagebuilder:{BUILD_REGION}:{SOURCE}:infrastructure-configuration/web",
            "distributionConfigurationArn": f"arn:aws:imagebuilder:{BUILD_REGION}:{SOURCE}:distribution-configuration/web",
        }
        image = client.create_image(**arns, **({"executionRole": self.execution_role} if self.execution_role else {}))["imageBuildVersionArn"]
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            state: dict[str, Any] = client.get_image(imageBuildVersionArn=image)["image"]["state"]
            if state["status"] in ENDED:
                return state
            time.sleep(0.01)
        raise TimeoutError(f"{image} is {state['status']}")

    # --- remedies ----------------------------------------------------------------------------------------------------------------------------

    def environment(self) -> dict[str, str]:
        """What whoever applies a remedy has in the environment: the source's credentials."""
        return {**bare_environment(self.folder / "ansible"), **self.emulator.environment(SOURCE)}

    def run_task(self, task: str) -> None:
        """Run a remedy as printed. What calls nothing but modules of ours needs no playbook, which takes longer than they do."""
        calls = own_calls(task)
        if calls is None:
            self.paste(task)
            return
        for module, options in calls:
            done = self.module(module, **options)
            assert not done["failed"], f"{task}\n{done['msg']}"

    def paste(self, task: str) -> None:
        """Run a remedy as printed, pasted into a playbook."""
        playbook = self.folder / "remedy.yml"
        playbook.write_text("- hosts: localhost\n  gather_facts: false\n  tasks:\n" + textwrap.indent(task, "    "))
        done = ansible_playbook([str(playbook)], self.environment(), self.folder)
        assert done.status == 0, f"{playbook.read_text()}\n{done.output}"

    def run_command(self, command: str) -> None:
        """Run a remedy as printed, pasted into a shell."""
        path = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
        done = subprocess.run(["sh", "-c", command], env={**self.environment(), **path}, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"


class _Loader(yaml.SafeLoader):
    """Reads tasks as Ansible does."""


_Loader.add_constructor("!unsafe", lambda _loader, node: node.value)


def own_calls(tasks: str) -> list[tuple[str, dict[str, Any]]] | None:
    """The modules of ours that tasks call, with their options; None when there is anything else in them."""
    found = []
    for task in yaml.load(tasks, Loader=_Loader):  # noqa: S506 - it is a safe loader
        (called, *others) = [member for member in task if member != "name"]
        if others or not called.startswith(_OURS):
            return None
        found.append((called.removeprefix(_OURS), task[called]))
    return found


def policy(*statements: Mapping[str, Any]) -> str:
    """A policy of these statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})
