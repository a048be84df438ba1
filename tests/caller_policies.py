# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The permissions of who runs a playbook, as policies: what it calls is seen by the emulator, what each call is about stands here.

`make policies` writes docs/policies/: for each job a file for the source account and one for the destinations, where it asks these anything.
A job is run so that it does all that it can have to do: something is changed, is taken away, fails, or is in use.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from ansible_collections.golden.imagebuilder.tests.emulator.server import EmulatorServer
from ansible_collections.golden.imagebuilder.tests.organization import (
    BUILD_REGION,
    COLLECTION,
    DESTINATIONS,
    DISTRIBUTION_ROLE,
    INSTANCE_PROFILE,
    SOURCE,
    Organization,
    Run,
    make_execution_role,
)
from ansible_collections.golden.imagebuilder.tests.warm_playbooks import ansible_playbook

POLICIES = COLLECTION / "docs/policies"
WAY_IN = "OrganizationAccountAccessRole"
EXECUTION_ROLE = "ImageBuilderExecution"
NO_PERMISSION = "sts:GetCallerIdentity"
"""The one call that needs none."""

# --- what a call is about --------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Subject:
    """What a statement allows actions on. The first whose patterns an action matches takes it."""

    sid: str
    actions: tuple[str, ...]
    resources: tuple[str, ...] = ("*",)
    condition: Mapping[str, Any] = field(default_factory=dict)


RETIRING = ("ec2:DescribeImageAttribute", "ec2:DeregisterImage", "ec2:DeleteSnapshot", "ec2:EnableImageDeprecation")
ROLE_ACTIONS = ("iam:*Role", "iam:*RolePolicies", "iam:*RolePolicy")

SUBJECTS = {
    "source": (
        Subject("AnyKey", ("kms:CreateKey", "kms:ListKeys", "kms:ListAliases")),
        Subject("Keys", ("kms:*",), (f"arn:aws:kms:*:{SOURCE}:key/*", f"arn:aws:kms:*:{SOURCE}:alias/golden-imagebuilder")),
        Subject("Lists", ("imagebuilder:ListDistributionConfigurations", "imagebuilder:ListImagePipelines")),
        Subject("ImageBuilder", ("imagebuilder:*",), (f"arn:aws:imagebuilder:*:{SOURCE}:*/*", "arn:aws:imagebuilder:*:aws*:*/*")),
        Subject("Logs", ("logs:*",), (f"arn:aws:logs:*:{SOURCE}:log-group:/aws/imagebuilder/*:log-stream:*",)),
        Subject(
            "PassInstanceProfile",
            ("iam:PassRole to ec2.amazonaws.com",),
            (f"arn:aws:iam::{SOURCE}:role/{INSTANCE_PROFILE}",),
            {"StringEquals": {"iam:PassedToService": "ec2.amazonaws.com"}},
        ),
        Subject(
            "PassExecutionRole",
            ("iam:PassRole to imagebuilder.amazonaws.com",),
            (f"arn:aws:iam::{SOURCE}:role/{EXECUTION_ROLE}",),
            {"StringEquals": {"iam:PassedToService": "imagebuilder.amazonaws.com"}},
        ),
        Subject(
            "FirstImageOfTheAccount",
            ("iam:CreateServiceLinkedRole",),
            ("arn:aws:iam::*:role/aws-service-role/imagebuilder.amazonaws.com/*",),
            {"StringEquals": {"iam:AWSServiceName": "imagebuilder.amazonaws.com"}},
        ),
        Subject("InstanceProfile", ("iam:GetInstanceProfile",), (f"arn:aws:iam::{SOURCE}:instance-profile/{INSTANCE_PROFILE}",)),
        Subject(
            "RolesOfTheSource",
            ROLE_ACTIONS,
            (f"arn:aws:iam::{SOURCE}:role/{INSTANCE_PROFILE}", f"arn:aws:iam::{SOURCE}:role/{EXECUTION_ROLE}"),
        ),
        Subject("WayIntoTheDestinations", ("sts:AssumeRole",), (f"arn:aws:iam::*:role/{WAY_IN}",)),
    ),
    "destination": (
        Subject("DistributionRole", (*ROLE_ACTIONS, "iam:SimulatePrincipalPolicy"), (f"arn:aws:iam::*:role/{DISTRIBUTION_ROLE}",)),
        Subject("KeysOfTheSource", ("kms:*",), (f"arn:aws:kms:*:{SOURCE}:key/*",)),
        Subject("LaunchTemplates", ("ec2:CreateLaunchTemplateVersion", "ec2:ModifyLaunchTemplate"), ("arn:aws:ec2:*:*:launch-template/*",)),
    ),
    "both": (
        Subject("ManagedPolicies", ("iam:GetPolicy", "iam:GetPolicyVersion"), ("arn:aws:iam::aws:policy/*", "arn:aws:iam::*:policy/*")),
        Subject("AnyParameter", ("ssm:DescribeParameters",)),
        Subject("Parameters", ("ssm:*",), ("arn:aws:ssm:*:*:parameter/*",)),
        Subject("OldImages", RETIRING, ("arn:aws:ec2:*::image/*", "arn:aws:ec2:*::snapshot/*")),
        Subject("Ec2", ("ec2:Describe*", "ec2:Get*")),  # EC2 has no resources for these
        Subject("AutoScaling", ("autoscaling:Describe*",)),
        Subject("Organization", ("organizations:*",)),
    ),
}
"""By the account in which the caller acts; those of `both` come after its own."""

IMPLIED = {
    "iam:CreateRole": ("iam:TagRole",),
    "kms:CreateKey": ("kms:TagResource",),
    "imagebuilder:Create*": ("imagebuilder:TagResource", "iam:CreateServiceLinkedRole"),
    "imagebuilder:CreateImageRecipe": ("imagebuilder:GetComponent", "imagebuilder:GetImage", "ec2:DescribeImages"),
    "imagebuilder:*InfrastructureConfiguration": ("iam:GetInstanceProfile", "iam:PassRole to ec2.amazonaws.com"),
    "imagebuilder:CreateImage": (
        "imagebuilder:GetImageRecipe",
        "imagebuilder:GetInfrastructureConfiguration",
        "imagebuilder:GetDistributionConfiguration",
        "imagebuilder:GetWorkflow",
    ),
    "imagebuilder:DistributeImage": ("iam:PassRole to imagebuilder.amazonaws.com", "imagebuilder:TagResource"),
}
"""What AWS wants to be allowed beside the action itself: the dependent actions of the Service Authorization Reference, as far as these calls have
them. The emulator does not ask for them."""

READ_ONLY = ("imagebuilder:Get*", "imagebuilder:List*")


def with_implied(actions: Iterable[str]) -> set[str]:
    """The actions, and those that come with them."""
    found = set(actions)
    return found | {
        implied
        for action in found
        for pattern, more in IMPLIED.items()
        if fnmatchcase(action, pattern) and not any(fnmatchcase(action, reading) for reading in READ_ONLY)
        for implied in more
    }


def policy(side: str, actions: Iterable[str]) -> dict[str, Any]:
    """The policy that allows actions in an account, and nothing else. Raises ValueError for an action of which nothing here says what it is about."""
    by_subject: dict[str, tuple[Subject, set[str]]] = {}
    for action in with_implied(actions):
        subject = next((each for each in (*SUBJECTS[side], *SUBJECTS["both"]) if any(fnmatchcase(action, one) for one in each.actions)), None)
        if subject is None:
            raise ValueError(f"{action} in a {side} account: SUBJECTS does not say what it is about")
        by_subject.setdefault(subject.sid, (subject, set()))[1].add(action.partition(" ")[0])
    return {"Version": "2012-10-17", "Statement": [_statement(*by_subject[sid]) for sid in sorted(by_subject)]}


def _statement(subject: Subject, actions: set[str]) -> dict[str, Any]:
    resource = subject.resources[0] if len(subject.resources) == 1 else list(subject.resources)
    condition = {"Condition": dict(subject.condition)} if subject.condition else {}
    return {"Sid": subject.sid, "Effect": "Allow", "Action": sorted(actions), "Resource": resource, **condition}


# --- what the playbooks call -----------------------------------------------------------------------------------------------------------------

Calls = dict[str, set[str]]
"""By `source` or `destination`, the actions that were called there."""


class Watch:
    """The organization of the examples, and which job called what in it."""

    def __init__(self, organization: Organization) -> None:
        self.organization = organization
        self.jobs: dict[str, Calls] = {}

    def run(self, job: str | None, *words: str, playbook: str = "golden.imagebuilder.distribute", fails: bool = False, **variables: Any) -> Run:
        """Run a playbook, and put what it calls down to a job, if to any. Raises RuntimeError when it does not end as it is to."""
        self.organization.emulator.reset_calls()
        run = self.organization.playbook("--extra-vars", json.dumps(variables), *words, playbook=playbook)
        if (run.status != 0) is not fails:
            raise RuntimeError(run.output)
        if job:
            for side, called in calls(self.organization).items():
                self.jobs.setdefault(job, {}).setdefault(side, set()).update(called)
        return run


def calls(organization: Organization) -> Calls:
    """What has been called since the calls were last forgotten."""
    found: Calls = {}
    for call in organization.emulator.calls():
        action = f"{call.service}:{call.operation}"
        if action != NO_PERMISSION:
            found.setdefault("source" if call.account == SOURCE else "destination", set()).add(action)
    return found


def watch_distribution(watch: Watch) -> None:
    """A role that lost its trust, which is told and mended; a change of every kind; and a build that fails."""
    some = [DESTINATIONS["payments"], DESTINATIONS["search"]]
    watch.run("distribute", "--tags", "access", source_keys_destination_account_ids=some)
    lose_trust(watch.organization)
    watch.run("distribute", "--tags", "image", "--skip-tags", "preflight", fails=True)
    watch.run("distribute")
    watch.run("distribute", fails=True, **changed(), **failing_build())


def lose_trust(organization: Organization) -> None:
    """The distribution role of one account trusts nobody any more."""
    account_id = DESTINATIONS["search"]
    nobody = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{account_id}:root"}, "Action": "sts:AssumeRole"}
    iam = organization.emulator.client(account_id, "iam", BUILD_REGION)
    iam.update_assume_role_policy(RoleName=DISTRIBUTION_ROLE, PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [nobody]}))


def changed() -> dict[str, Any]:
    """Settings of every kind that are other than in the examples."""
    return {
        "definition_root_volume_size": 12,
        "definition_infrastructure_configuration": {"instance_profile_name": INSTANCE_PROFILE, "instance_types": ["t3.large"]},
        "definition_ami_tags": {"team": "web"},
        "source_keys_enable_key_rotation": False,
        "source_keys_tags": {"team": "web"},
        "destination_roles_tags": {"team": "web"},
    }


def failing_build() -> dict[str, Any]:
    """A component that ends the build."""
    step = {"name": "End", "action": "ExecuteBash", "inputs": {"commands": ["exit 1"]}}
    document = {"schemaVersion": 1.0, "phases": [{"name": "build", "steps": [step]}]}
    return {"definition_components": [{"name": "ends", "platform": "Linux", "data": json.dumps(document)}]}


def watch_checks(watch: Watch) -> None:
    """What looks before and after a delivery, and puts right what Image Builder wrote."""
    watch.run("preflight", playbook="golden.imagebuilder.preflight")
    playbook = written(watch, "references", hosts="image_builder_destinations")
    watch.run(
        "references", playbook=playbook, references_image_build_version_arn=delivered(watch), references_ssm_parameter_name="/imagebuilder/web/own"
    )
    watch.run("export", playbook="golden.imagebuilder.export")


def delivered(watch: Watch) -> str:
    """The ARN of the newest build that was delivered."""
    builds = [build for build in watch.organization.image_builds() if build["state"]["status"] == "AVAILABLE"]
    return str(max(builds, key=lambda build: str(build["dateCreated"]))["arn"])


def written(watch: Watch, role: str, hosts: str) -> str:
    """A playbook of one role."""
    path = watch.organization.folder / f"{role}.yml"
    path.write_text(json.dumps([{"hosts": hosts, "gather_facts": False, "roles": [f"golden.imagebuilder.{role}"]}]))
    return str(path)


def watch_waves(watch: Watch) -> None:
    """A wave after the first one."""
    make_execution_role(watch.organization.emulator, EXECUTION_ROLE)
    watch.organization.add_host_variables("image-factory", image_execution_role=EXECUTION_ROLE)
    watch.organization.add_host_variables("warehouse", image_builder_wave=2)
    watch.run("waves")


def watch_end(watch: Watch) -> None:
    """Old AMIs are retired, then an account and a Region leave."""
    retire, decommission = "golden.imagebuilder.retire", "golden.imagebuilder.decommission"
    use_images(watch.organization)
    old: dict[str, Any] = {"retire_keep": 1, "retire_launched_within_days": 0, "retire_confirmed": True}
    watch.run("retire", playbook=retire, retire_state="deprecated", **old)
    watch.run("retire", playbook=retire, retire_image_records=True, **old)
    leaving: dict[str, Any] = {"decommission_hosts": ["payments"], "decommission_regions": ["eu-west-1"], "decommission_confirmed": True}
    watch.run("decommission", playbook=decommission, **leaving)


def use_images(organization: Organization) -> None:
    """What accounts have that may use an image: an Auto Scaling group of the old kind, a parameter in the source, a pipeline."""
    account_id = DESTINATIONS["search"]
    (image, *_others) = organization.images(account_id, BUILD_REGION)
    scaling = organization.emulator.client(account_id, "autoscaling", BUILD_REGION)
    scaling.create_launch_configuration(LaunchConfigurationName="web", ImageId=image["ImageId"], InstanceType="t3.medium")
    scaling.create_auto_scaling_group(
        AutoScalingGroupName="web", LaunchConfigurationName="web", MinSize=0, MaxSize=1, AvailabilityZones=[f"{BUILD_REGION}a"]
    )
    organization.emulator.client(SOURCE, "ssm", BUILD_REGION).put_parameter(Name="/web/candidate", Value="none", Type="String")
    client = organization.emulator.client(SOURCE, "imagebuilder", BUILD_REGION)
    recipe = client.list_image_recipes()["imageRecipeSummaryList"][0]["arn"]
    infrastructure = client.list_infrastructure_configurations()["infrastructureConfigurationSummaryList"][0]["arn"]
    distribution = client.list_distribution_configurations()["distributionConfigurationSummaryList"][0]["arn"]
    client.create_image_pipeline(
        name="web",
        imageRecipeArn=recipe,
        infrastructureConfigurationArn=infrastructure,
        distributionConfigurationArn=distribution,
        clientToken="web",
    )


def watch_inventory(watch: Watch) -> None:
    """The inventory of the organization, of which the source account is the management account here."""
    folder = watch.organization.folder
    path = folder / "organizations.yml"
    path.write_text(json.dumps({"plugin": "golden.imagebuilder.organizations"}))
    watch.organization.emulator.reset_calls()
    command = [str(Path(sys.executable).with_name("ansible-inventory")), "-i", str(path), "--list"]
    environment = {**watch.organization.environment(), "ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED": "true"}
    subprocess.run(command, env=environment, cwd=folder, check=True, capture_output=True)
    watch.jobs["organizations"] = calls(watch.organization)


CHAPTERS: tuple[Callable[[Watch], None], ...] = (watch_distribution, watch_checks, watch_waves, watch_end, watch_inventory)
"""One after the other, each on what the one before has left."""


@contextmanager
def watching(folder: Path) -> Iterator[Watch]:
    """The organization of the examples, with nothing done in it yet."""
    with EmulatorServer(accounts=[SOURCE, *DESTINATIONS.values()], seconds_per_state=0.05) as emulator:
        yield Watch(Organization(emulator, folder, image_poll_interval=0.1, run=ansible_playbook))


def observed(folder: Path) -> dict[str, Calls]:
    """What each job calls now."""
    with watching(folder) as watch:
        for chapter in CHAPTERS:
            chapter(watch)
    return watch.jobs


def policies(jobs: Mapping[str, Calls]) -> dict[str, dict[str, Any]]:
    """By name of its file, each policy."""
    return {f"{job}-{side}.json": policy(side, actions) for job, by_side in jobs.items() for side, actions in by_side.items()}


# --- what is written down --------------------------------------------------------------------------------------------------------------------


def text(document: Mapping[str, Any]) -> str:
    """A policy as its file holds it."""
    return json.dumps(document, indent=2) + "\n"


def allowed(job: str, side: str) -> set[str]:
    """The actions that the file of a job allows."""
    document = json.loads((POLICIES / f"{job}-{side}.json").read_text())
    return {action for statement in document["Statement"] for action in statement["Action"]}


def main() -> int:
    """Write the files into the folder, and delete those that nothing needs any more."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=POLICIES, help="the folder to write to")
    output: Path = parser.parse_args().output
    with tempfile.TemporaryDirectory() as folder:
        found = policies(observed(Path(folder)))
    output.mkdir(parents=True, exist_ok=True)
    for path in output.glob("*.json"):
        if path.name not in found:
            path.unlink()
    for name, document in found.items():
        (output / name).write_text(text(document))
    return 0


if __name__ == "__main__":
    sys.exit(main())
