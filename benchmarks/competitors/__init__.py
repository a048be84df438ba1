# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Those that do the job. Each writes what it needs into a folder of its own and then is one command, run there."""

from __future__ import annotations

import json
import os
import platform
import shutil
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import yaml

from .. import job as wanted
from ..job import Job

HERE = Path(__file__).parent
CONNECTION = {"ansible_connection": "local", "ansible_python_interpreter": "{{ ansible_playbook_python }}"}


def documents(job: Job) -> dict[str, Any]:
    """Everything that the job is made of, for a competitor that takes it from one place."""
    return {
        "source": wanted.SOURCE,
        "alias": wanted.ALIAS,
        "entrance": wanted.ENTRANCE,
        "role": wanted.ROLE,
        "managed_policy": wanted.MANAGED_POLICY,
        "account_ids": job.account_ids,
        "regions": job.region_names,
        "organization": job.organization,
        "key_policy": job.key_policy,
        "trust_policy": wanted.trust_policy(),
        "kms_policy_name": wanted.KMS_POLICY,
        "kms_policy": wanted.kms_policy([]),
        "parameters_policy_name": wanted.PARAMETERS_POLICY,
        "parameters_policies": {account_id: wanted.parameters_policy(account_id) for account_id in job.account_ids},
    }


def write_documents(folder: Path, job: Job) -> None:
    """The policies as files, for a competitor that takes them so."""
    write_json(folder / "key_policy.json", job.key_policy)
    write_json(folder / "trust_policy.json", wanted.trust_policy())
    for account_id in job.account_ids:
        write_json(folder / f"parameters_policy.{account_id}.json", wanted.parameters_policy(account_id))


def write_json(path: Path, value: Any) -> None:
    """A value as a JSON file; KMS has a limit for a policy's length, so without spaces."""
    path.write_text(json.dumps(value, separators=(",", ":")))


def write_inventory(path: Path, groups: Mapping[str, Mapping[str, Any]], variables: Mapping[str, Any]) -> None:
    """An Ansible inventory."""
    path.write_text(yaml.safe_dump({"all": {"children": dict(groups), "vars": {**CONNECTION, **variables}}}))


class Competitor(ABC):
    """One way to do the job."""

    name: ClassVar[str]
    title: ClassVar[str]
    slow: ClassVar[bool] = False  # takes hours for hundreds of accounts

    def missing(self) -> str | None:
        """Why it cannot take part on this machine; None when it can."""
        return None

    @abstractmethod
    def prepare(self, folder: Path, job: Job, environment: dict[str, str]) -> list[str]:
        """Write what it needs, complete its environment, and return its command."""


def program_missing(program: str) -> str | None:
    """Why a program cannot be run."""
    return None if shutil.which(program) else f"no {program} on PATH"


class Golden(Competitor):
    """This collection, as it is documented: the playbook with its tag access."""

    name = "golden"
    title = "golden.imagebuilder"
    variables: ClassVar[Mapping[str, Any]] = {"destination_roles_report": "failed"}

    def missing(self) -> str | None:
        """It needs Ansible."""
        return program_missing("ansible-playbook")

    def prepare(self, folder: Path, job: Job, environment: dict[str, str]) -> list[str]:
        """An inventory with a definition that is complete, as a user has it."""
        hosts = {f"account-{account_id}": {"image_builder_account_id": account_id} for account_id in job.account_ids}
        definition = yaml.safe_load((HERE / "golden_definition.yml").read_text())
        destination = {
            "image_builder_assume_role_arn": wanted.ENTRANCE,
            "destination_roles_ssm_parameter_prefixes": [wanted.PARAMETERS],
            **self.variables,
        }
        groups = {
            "image_builder_source": {"hosts": {"image-factory": {"image_builder_account_id": wanted.SOURCE}}, "vars": definition},
            "image_builder_destinations": {"hosts": hosts, "vars": destination},
        }
        write_inventory(folder / "hosts.yml", groups, {"image_builder_regions": job.region_names})
        return ["ansible-playbook", "golden.imagebuilder.distribute", "-i", "hosts.yml", "--tags", "access"]


class GoldenByHost(Golden):
    """This collection, with a report of every host whose account changed, which is what it does unless told otherwise."""

    name = "golden-by-host"
    title = "golden.imagebuilder, each host reports"
    variables: ClassVar[Mapping[str, Any]] = {}


class AmazonAws(Competitor):
    """The modules of amazon.aws, a host for each account."""

    name = "amazon.aws"
    title = "amazon.aws, forks 10"
    slow = True

    def missing(self) -> str | None:
        """It needs Ansible."""
        return program_missing("ansible-playbook")

    def prepare(self, folder: Path, job: Job, environment: dict[str, str]) -> list[str]:
        """An inventory, and a profile of the AWS configuration for each account."""
        write_documents(folder, job)
        hosts = {f"account-{account_id}": {"account_id": account_id} for account_id in job.account_ids}
        variables = {
            "regions": job.region_names,
            "key_alias": wanted.ALIAS,
            "role_name": wanted.ROLE,
            "managed_policy": wanted.MANAGED_POLICY,
            "kms_policy_name": wanted.KMS_POLICY,
            "kms_policy": wanted.kms_policy([]),
            "parameters_policy_name": wanted.PARAMETERS_POLICY,
        }
        write_inventory(folder / "hosts.yml", {"origin": {"hosts": {"source": {}}}, "destinations": {"hosts": hosts}}, variables)
        # The modules refuse keys of the environment beside a profile.
        keys = {name: environment.pop(name.upper()) for name in ("aws_access_key_id", "aws_secret_access_key")}
        source = "[profile source]\n" + "".join(f"{name} = {value}\n" for name, value in keys.items())
        way_in = "[profile {0}]\nrole_arn = arn:aws:iam::{0}:role/{1}\nsource_profile = source\n"
        (folder / "aws.ini").write_text(source + "".join(way_in.format(account_id, wanted.ENTRANCE) for account_id in job.account_ids))
        environment |= {"AWS_CONFIG_FILE": str(folder / "aws.ini"), "AWS_PROFILE": "source"}
        shutil.copy(HERE / "amazon_aws.yml", folder / "playbook.yml")
        return ["ansible-playbook", "playbook.yml", "-i", "hosts.yml", "--forks", "10"]


class AwsCli(Competitor):
    """A shell script around the AWS CLI."""

    name = "aws-cli"
    title = "AWS CLI, ten at once"
    slow = True

    def missing(self) -> str | None:
        """It needs the CLI."""
        return program_missing("aws") or program_missing("xargs")

    def prepare(self, folder: Path, job: Job, environment: dict[str, str]) -> list[str]:
        """The documents, and what the script takes from its environment."""
        write_documents(folder, job)
        template = wanted.kms_policy([])
        write_json(folder / "kms_policy.template.json", {**template, "Statement": [{**one, "Resource": "KEY_ARNS"} for one in template["Statement"]]})
        (folder / "accounts.txt").write_text("".join(f"{account_id}\n" for account_id in job.account_ids))
        (folder / "regions.txt").write_text("".join(f"{region}\n" for region in job.region_names))
        environment |= {
            "ALIAS": wanted.ALIAS,
            "ENTRANCE": wanted.ENTRANCE,
            "ROLE": wanted.ROLE,
            "MANAGED_POLICY": wanted.MANAGED_POLICY,
            "KMS_POLICY": wanted.KMS_POLICY,
            "PARAMETERS_POLICY": wanted.PARAMETERS_POLICY,
        }
        return ["bash", str(HERE / "aws_cli.sh"), str(folder)]


class Terraform(Competitor):
    """Terraform with a provider for each account and Region, as its providers cannot be looped over; initialised beforehand."""

    name = "terraform"
    title = "Terraform, parallelism 10"
    slow = True
    PLUGINS = "GOLDEN_TERRAFORM_PLUGINS"
    PROVIDER = "registry.terraform.io/hashicorp/aws"
    MACHINES: ClassVar = {"x86_64": "amd64", "aarch64": "arm64"}  # what Terraform calls them

    def missing(self) -> str | None:
        """It needs the program, and its provider in a folder; nothing is downloaded."""
        if self.plugins() is None:
            return program_missing("terraform") or f"no provider {self.PROVIDER} for this machine; {self.PLUGINS} can name a folder that has it"
        return program_missing("terraform")

    def plugins(self) -> Path | None:
        """The folder with the provider, laid out as `terraform providers mirror` does it: the named one, or where such folders usually are."""
        named = os.environ.get(self.PLUGINS)
        usual = [Path.home() / ".terraform.d/plugins", Path("/usr/local/share/terraform/plugins"), *sorted(Path("/opt").glob("*"))]
        machine = platform.machine().lower()
        target = f"{platform.system().lower()}_{self.MACHINES.get(machine, machine)}"
        patterns = (f"{self.PROVIDER}/*/{target}/terraform-provider-aws*", f"{self.PROVIDER}/terraform-provider-aws_*_{target}.zip")
        return next((folder for folder in ([Path(named)] if named else usual) if any(list(folder.glob(pattern)) for pattern in patterns)), None)

    def prepare(self, folder: Path, job: Job, environment: dict[str, str]) -> list[str]:
        """A configuration in Terraform's JSON, with the documents in it."""
        write_json(folder / "main.tf.json", configuration(job, environment["AWS_ENDPOINT_URL"]))
        environment |= {"TF_CLI_CONFIG_FILE": os.devnull, "TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1"}
        init = f"terraform init -no-color -plugin-dir={self.plugins()}"
        return ["bash", "-euc", f"test -d .terraform || {init} >/dev/null; exec terraform apply -no-color -auto-approve -parallelism=10"]


def configuration(job: Job, endpoint_url: str) -> dict[str, Any]:
    """The job for Terraform."""
    plain = {
        "skip_metadata_api_check": True,
        "skip_region_validation": True,
        "skip_requesting_account_id": True,
        "endpoints": [dict.fromkeys(("iam", "kms", "sts"), endpoint_url)],
    }
    providers: list[dict[str, Any]] = [{"alias": region, "region": region, **plain} for region in job.region_names]
    resources: dict[str, dict[str, Any]] = {"aws_kms_key": {}, "aws_kms_alias": {}, "aws_iam_role": {}, "aws_iam_role_policy_attachment": {}}
    resources["aws_iam_role_policy"] = {}
    for region in job.region_names:
        provider = f"aws.{region}"
        resources["aws_kms_key"][region] = {"provider": provider, "policy": json.dumps(job.key_policy), "enable_key_rotation": True}
        resources["aws_kms_alias"][region] = {"provider": provider, "name": wanted.ALIAS, "target_key_id": f"${{aws_kms_key.{region}.key_id}}"}
    kms = wanted.kms_policy(f"${{aws_kms_key.{region}.arn}}" for region in job.region_names)
    for account_id in job.account_ids:
        name, provider = f"account-{account_id}", f"aws.account-{account_id}"
        assumed = {"role_arn": f"arn:aws:iam::{account_id}:role/{wanted.ENTRANCE}", "session_name": "benchmark"}
        providers.append({"alias": name, "region": job.region_names[0], "assume_role": [assumed], **plain})
        role = f"${{aws_iam_role.{name}.name}}"
        resources["aws_iam_role"][name] = {"provider": provider, "name": wanted.ROLE, "assume_role_policy": json.dumps(wanted.trust_policy())}
        resources["aws_iam_role_policy_attachment"][name] = {"provider": provider, "role": role, "policy_arn": wanted.MANAGED_POLICY}
        for policy, document in ((wanted.KMS_POLICY, kms), (wanted.PARAMETERS_POLICY, wanted.parameters_policy(account_id))):
            inline = {"provider": provider, "role": role, "name": policy, "policy": json.dumps(document)}
            resources["aws_iam_role_policy"][f"{name}-{policy}"] = inline
    required = {"aws": {"source": "hashicorp/aws"}}
    return {"terraform": {"required_providers": required}, "provider": {"aws": providers}, "resource": resources}


class BareBoto3(Competitor):
    """A script with boto3 and threads."""

    name = "boto3"
    title = "bare boto3, 16 threads"

    def prepare(self, folder: Path, job: Job, environment: dict[str, str]) -> list[str]:
        """The documents in one file."""
        write_json(folder / "documents.json", documents(job))
        return ["python", str(HERE / "bare_boto3.py"), "documents.json"]


COMPETITORS: Mapping[str, Competitor] = {one.name: one for one in (BareBoto3(), Golden(), GoldenByHost(), AmazonAws(), AwsCli(), Terraform())}
