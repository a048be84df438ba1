# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The examples in the documentation of every module, action and filter run as they stand, one after the other, against the emulator."""

from __future__ import annotations

import importlib
import json
import textwrap
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.golden.imagebuilder.tests.emulator import accounts, images, import_tasks
from ansible_collections.golden.imagebuilder.tests.emulator.server import EmulatorServer
from ansible_collections.golden.imagebuilder.tests.organization import (
    COLLECTION,
    DESTINATIONS,
    EXAMPLE_INVENTORY,
    INSTANCE_PROFILE,
    REGIONS,
    SOURCE,
    bare_environment,
    make_instance_profile,
)
from ansible_collections.golden.imagebuilder.tests.warm_playbooks import ansible_playbook

pytestmark = pytest.mark.xdist_group("examples")

Surroundings = Callable[[EmulatorServer], None]
WEST = REGIONS[0]
PARENT = f"arn:aws:imagebuilder:{WEST}:aws:image/amazon-linux-2023-x86/x.x.x"
PLUGINS = sorted(f"{kind}.{path.stem}" for kind in ("modules", "filter") for path in (COLLECTION / "plugins" / kind).glob("*.py"))
AMIS = [{"region": WEST, "image": "ami-0123456789abcdef0", "account_id": DESTINATIONS["payments"], "name": "web 1", "state": "AVAILABLE"}]
KEYS = {region: {"key_arn": f"arn:aws:kms:{region}:{SOURCE}:key/1234abcd-12ab-34cd-56ef-1234567890ab"} for region in REGIONS}
DOCUMENT = "{schemaVersion: 1.0, phases: [{name: build, steps: [{name: Reboot, action: Reboot}]}]}"


def role(name: str, service: str = "imagebuilder.amazonaws.com") -> Surroundings:
    """A role that a service may assume, or the administrator of the account, with every right."""
    principal = {"Service": service} if "." in service else {"AWS": service}
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}]}

    def make(emulator: EmulatorServer) -> None:
        iam = emulator.client(SOURCE, "iam")
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
        iam.attach_role_policy(RoleName=name, PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")

    return make


def repository(emulator: EmulatorServer) -> None:
    """A repository of container images."""
    emulator.client(SOURCE, "ecr").create_repository(repositoryName="golden")


def disk_image(emulator: EmulatorServer) -> None:
    """A disk image in S3."""
    s3 = emulator.client(SOURCE, "s3")
    s3.create_bucket(Bucket="golden-images", CreateBucketConfiguration={"LocationConstraint": WEST})
    s3.put_object(Bucket="golden-images", Key="windows-11.iso", Body=b"disk")


def import_task(emulator: EmulatorServer) -> None:
    """A task of VM Import."""
    import_tasks.add(import_tasks.ImportTask("import-ami-0123456789abcdef0", SOURCE, WEST, "aws", [{"SnapshotId": "snap-1"}], "", None, {}))


def candidate(emulator: EmulatorServer) -> None:
    """An AMI that Image Builder has not made, in a parameter."""
    ami = images.register_image(SOURCE, WEST, "candidate")
    emulator.client(SOURCE, "ssm").put_parameter(Name="/web/candidate", Value=ami.id, Type="String")


def image(emulator: EmulatorServer) -> None:
    """An image that is being built."""
    client = emulator.client(SOURCE, "imagebuilder")
    recipe = client.create_image_recipe(name="web", semanticVersion="1.0.0", parentImage=PARENT, clientToken="r")
    infrastructure = client.create_infrastructure_configuration(name="web", instanceProfileName=INSTANCE_PROFILE, clientToken="i")
    arns = {name: made[name] for name, made in (("imageRecipeArn", recipe), ("infrastructureConfigurationArn", infrastructure))}
    client.create_image(**arns, clientToken="c")


@dataclass(frozen=True)
class Presupposed:
    """What the examples of a plugin take for granted: on which hosts they run, what there is at AWS, and what earlier tasks registered."""

    surroundings: tuple[Surroundings, ...] = ()
    hosts: str = "image-factory"
    variables: Mapping[str, Any] = field(default_factory=dict)


PRESUPPOSED = {
    "filter.recipe_components": Presupposed(variables={"my_components": [{"name": "own", "data": DOCUMENT}, {"component": "aws:update-linux"}]}),
    "modules.container_recipe": Presupposed((repository,)),
    "modules.destination_roles": Presupposed(variables={"source_keys_result": {"source_keys": KEYS}}),
    "modules.distributed_ami_info": Presupposed(variables={"golden": {"amis": AMIS}}),
    "modules.image": Presupposed((role("lifecycle"), disk_image, import_task)),
    "modules.image_distribution": Presupposed((role("ImageBuilderExecutionRole"), candidate)),
    "modules.image_info": Presupposed((image,)),
    "modules.image_pipeline": Presupposed((role("ImageBuilderExecutionRole"),)),
    "modules.lifecycle_policy": Presupposed((role("ImageBuilderLifecycleRole"),)),
    "modules.outcome": Presupposed(hosts="image_builder_destinations"),
    "modules.source_keys": Presupposed((role("ImageFactoryAdministrator", service=f"arn:aws:iam::{SOURCE}:root"),)),
    "modules.report": Presupposed(variables={"image_result": {"amis": AMIS}}),
    "modules.table": Presupposed(variables={"image_result": {"amis": AMIS}}),
}


@pytest.fixture(scope="module")
def emulator() -> Iterator[EmulatorServer]:
    with EmulatorServer(accounts=[SOURCE, *DESTINATIONS.values()], seconds_per_state=0.05) as running:
        yield running


@pytest.fixture(scope="module")
def environment(emulator: EmulatorServer, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The source account's credentials, and those of another account as a profile."""
    folder = tmp_path_factory.mktemp("examples")
    search = f"[search-administrator]\naws_access_key_id = {accounts.access_key_id(DESTINATIONS['search'])}\naws_secret_access_key = x\n"
    (folder / "credentials").write_text(search)
    return {**bare_environment(folder), **emulator.environment(SOURCE), "AWS_SHARED_CREDENTIALS_FILE": str(folder / "credentials")}


def examples(plugin: str) -> str:
    module = importlib.import_module(f"ansible_collections.golden.imagebuilder.plugins.{plugin}")
    return str(module.EXAMPLES)


def play(text: str, presupposed: Presupposed) -> str:
    """A play of the examples, as they stand."""
    head = {"hosts": presupposed.hosts, "gather_facts": False, "vars": dict(presupposed.variables)}
    return f"{yaml.safe_dump([head])}  tasks:\n{textwrap.indent(text.strip(), '    ')}\n"


@pytest.mark.parametrize("plugin", PLUGINS)
def test_the_examples_run(plugin: str, emulator: EmulatorServer, environment: dict[str, str], tmp_path: Path) -> None:
    presupposed = PRESUPPOSED.get(plugin, Presupposed())
    emulator.reset()
    make_instance_profile(emulator)
    for make in presupposed.surroundings:
        make(emulator)
    playbook = tmp_path / "playbook.yml"
    playbook.write_text(play(examples(plugin), presupposed))
    run = ansible_playbook([str(playbook), "-i", str(EXAMPLE_INVENTORY)], environment, tmp_path)
    assert run.status == 0, run.output
    first = min(run.recap)
    assert run.recap[first]["ok"] + run.recap[first]["skipped"] == examples(plugin).count("\n- name: "), run.output
