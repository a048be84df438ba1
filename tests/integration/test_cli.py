# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The AWS CLI, a client that somebody else wrote, with every kind of resource: made from a file, read, listed by pages, changed, tagged, deleted.

The CLI runs inside this process, as starting it takes longer than all that it does here.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.tests.emulator.server import EmulatorServer
from ansible_collections.golden.imagebuilder.tests.organization import BUILD_REGION, SOURCE, make_instance_profile
from botocore import xform_name

clidriver = pytest.importorskip("awscli.clidriver")

AWS_DATA_PATH = "AWS_DATA_PATH"  # the CLI's own: it sets this when it is imported
FILES = Path(__file__).parent / "files/cli"
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "imagebuilder.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


@dataclass(frozen=True)
class Kind:
    """How the API speaks of a kind of resource."""

    name: str
    listed: str  # what the answer to its list operation calls the list
    arn: str  # what requests and answers call its ARN
    is_versioned: bool = False  # such a resource never changes, and can be somebody else's

    @property
    def plural(self) -> str:
        """The name of more than one."""
        return f"{self.name[:-1]}ies" if self.name.endswith("y") else f"{self.name}s"

    @property
    def request(self) -> dict[str, Any]:
        """The file from which it is made."""
        request: dict[str, Any] = json.loads(self.file.read_text())
        return request

    @property
    def file(self) -> Path:
        """Where that file is."""
        return FILES / f"{xform_name(self.name)}.json"


# In the order in which they can be made.
KINDS = (
    Kind("component", "componentVersionList", "componentBuildVersionArn", is_versioned=True),
    Kind("workflow", "workflowVersionList", "workflowBuildVersionArn", is_versioned=True),
    Kind("imageRecipe", "imageRecipeSummaryList", "imageRecipeArn", is_versioned=True),
    Kind("containerRecipe", "containerRecipeSummaryList", "containerRecipeArn", is_versioned=True),
    Kind("infrastructureConfiguration", "infrastructureConfigurationSummaryList", "infrastructureConfigurationArn"),
    Kind("distributionConfiguration", "distributionConfigurationSummaryList", "distributionConfigurationArn"),
    Kind("imagePipeline", "imagePipelineList", "imagePipelineArn"),
    Kind("lifecyclePolicy", "lifecyclePolicySummaryList", "lifecyclePolicyArn"),
)
IMAGE = Kind("image", "imageSummaryList", "imageBuildVersionArn")


class CommandLine:
    """The AWS CLI of the source account."""

    def __init__(self, emulator: EmulatorServer) -> None:
        self.emulator = emulator
        self._driver = clidriver.create_clidriver()

    def run(self, operation: str, *words: str) -> tuple[int, str, str]:
        """Run the command of an operation: its status, and what it prints."""
        with redirect_stdout(StringIO()) as output, redirect_stderr(StringIO()) as errors:
            status = self._driver.main(["imagebuilder", xform_name(operation, "-"), *words])
        return status, output.getvalue(), errors.getvalue()

    def __call__(self, operation: str, *words: str) -> Any:
        """What an operation answers."""
        status, output, errors = self.run(operation, *words)
        assert status == 0, errors
        return json.loads(output or "{}")

    def refusal(self, operation: str, *words: str) -> str:
        """The code of the error with which AWS refuses an operation."""
        status, _output, errors = self.run(operation, *words)
        found = re.search(r"\((\w+)\)", errors)
        assert status != 0
        assert found, errors
        return found[1]

    def create(self, kind: Kind, *words: str) -> str:
        """Make a resource from its file, with what further options say instead. Its ARN."""
        return str(self(operation("Create", kind), "--cli-input-json", kind.file.as_uri(), *words)[kind.arn])

    def get(self, kind: Kind, arn: str) -> Any:
        """A resource as it is now."""
        return self(operation("Get", kind), option(kind.arn), arn)[kind.name]


def operation(verb: str, kind: Kind) -> str:
    """The name of an operation on a kind."""
    return f"{verb}{kind.name[0].upper()}{kind.name[1:]}"


def option(member: str) -> str:
    """The CLI's option for a member of a request."""
    return f"--{xform_name(member, '-')}"


def expected(request: Mapping[str, Any]) -> dict[str, Any]:
    """A request as the service answers it."""
    names = {"semanticVersion": "version", "platformOverride": "platform"}
    return {names.get(member, member): value for member, value in request.items()}


@pytest.fixture(scope="module")
def cli() -> Iterator[CommandLine]:
    """The CLI of the source account, which has what Image Builder's resources name of other services."""
    with EmulatorServer([SOURCE], seconds_per_state=0) as emulator, pytest.MonkeyPatch.context() as patch:
        make_instance_profile(emulator)
        emulator.client(SOURCE, "iam", BUILD_REGION).create_role(RoleName="image-builder", AssumeRolePolicyDocument=json.dumps(TRUST))
        emulator.client(SOURCE, "ecr", BUILD_REGION).create_repository(repositoryName="team/golden")
        for name in [name for name in os.environ if name.startswith("AWS_") and name != AWS_DATA_PATH]:
            patch.delenv(name)
        for name, value in emulator.environment(SOURCE, BUILD_REGION).items():
            patch.setenv(name, value)
        yield CommandLine(emulator)


@pytest.fixture(scope="module")
def made(cli: CommandLine) -> dict[str, str]:
    """One resource of every kind, made from the files: their ARNs by kind."""
    return {kind.name: cli.create(kind) for kind in KINDS}


@pytest.mark.xdist_group("cli")
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
class TestKind:
    """What can be done with every kind."""

    def test_read(self, cli: CommandLine, made: dict[str, str], kind: Kind) -> None:
        answer, request = cli.get(kind, made[kind.name]), expected(kind.request)
        assert {member: answer.get(member) for member in request} == request

    def test_dry_run(self, cli: CommandLine, made: dict[str, str], kind: Kind) -> None:
        cli.emulator.reset_calls()
        request = ("--cli-input-json", kind.file.as_uri(), "--dry-run")
        assert cli.refusal(operation("Create", kind), *request, "--name", "another") == "DryRunOperationException"
        assert cli.refusal(operation("Create", kind), *request, "--name", "x" * 200) != "DryRunOperationException"
        assert cli.emulator.writes() == []

    def test_pages(self, cli: CommandLine, made: dict[str, str], kind: Kind) -> None:
        others = [cli.create(kind, "--name", name) for name in ("second", "third")]
        listing = (f"List{kind.plural[0].upper()}{kind.plural[1:]}", "--page-size", "1", *(("--owner", "Self") if kind.is_versioned else ()))
        cli.emulator.reset_calls()

        some = cli(*listing, "--max-items", "2")
        rest = cli(*listing, "--starting-token", some["NextToken"])

        assert [len(page[kind.listed]) for page in (some, rest)] == [2, 1]
        assert len(cli.emulator.calls()) > 2, "more pages than commands"
        assert sorted(one["name"] for page in (some, rest) for one in page[kind.listed]) == sorted(["second", "third", kind.request["name"]])
        for arn in others:
            assert cli(operation("Delete", kind), option(kind.arn), arn)[kind.arn] == arn
            assert cli.refusal(operation("Get", kind), option(kind.arn), arn) == "ResourceNotFoundException"
        assert [one["name"] for one in cli(*listing)[kind.listed]] == [kind.request["name"]]

    def test_change(self, cli: CommandLine, made: dict[str, str], kind: Kind) -> None:
        if kind.is_versioned:
            newer = cli.create(kind, "--semantic-version", "1.1.0", "--description", "changed")
            assert cli.get(kind, newer).items() >= {"version": "1.1.0", "description": "changed"}.items()
            assert cli.get(kind, made[kind.name])["description"] == kind.request["description"]
            cli(operation("Delete", kind), option(kind.arn), newer)
            return
        arn = made[kind.name]
        request = {member: value for member, value in kind.request.items() if member not in ("name", "tags")}
        before = cli.get(kind, arn)
        for description in ("changed", kind.request["description"]):
            text = json.dumps({**request, kind.arn: arn, "description": description})
            cli(operation("Update", kind), "--cli-input-json", text)
            changed = cli.get(kind, arn)
            assert {**changed, "dateUpdated": ""} == {**before, "description": description, "dateUpdated": ""}

    def test_tags(self, cli: CommandLine, made: dict[str, str], kind: Kind) -> None:
        arn = made[kind.name]
        cli("TagResource", "--resource-arn", arn, "--tags", "team=security,reviewed=yes")
        assert cli("ListTagsForResource", "--resource-arn", arn)["tags"] == {"team": "security", "reviewed": "yes"}
        cli("UntagResource", "--resource-arn", arn, "--tag-keys", "reviewed")
        cli("TagResource", "--resource-arn", arn, "--tags", "team=platform")
        assert cli("ListTagsForResource", "--resource-arn", arn)["tags"] == cli.get(kind, arn)["tags"] == {"team": "platform"}


@pytest.mark.xdist_group("cli")
def test_images(cli: CommandLine, made: dict[str, str]) -> None:
    assert made.keys() >= {"imageRecipe", "infrastructureConfiguration", "distributionConfiguration"}, "what the file refers to"
    arns = [cli.create(IMAGE) for _build in range(3)]
    image = cli.get(IMAGE, arns[0])
    assert image["state"]["status"] == "AVAILABLE", image["state"]
    version = arns[0].rpartition("/")[0]
    assert [one["arn"] for one in cli("ListImages", "--owner", "Self")["imageVersionList"]] == [version]
    builds = ("ListImageBuildVersions", "--image-version-arn", version, "--page-size", "1")

    some = cli(*builds, "--max-items", "2")
    rest = cli(*builds, "--starting-token", some["NextToken"])

    assert sorted(one["arn"] for page in (some, rest) for one in page[IMAGE.listed]) == arns
    cli("TagResource", "--resource-arn", arns[0], "--tags", "reviewed=yes")
    assert cli("ListTagsForResource", "--resource-arn", arns[0])["tags"] == {"team": "platform", "reviewed": "yes"}
    for arn in arns:
        assert cli("DeleteImage", "--image-build-version-arn", arn)["imageBuildVersionArn"] == arn
    assert cli("ListImages", "--owner", "Self")["imageVersionList"] == []


@pytest.mark.xdist_group("cli")
def test_what_is_in_use_stays(cli: CommandLine, made: dict[str, str]) -> None:
    component, recipe = KINDS[0], KINDS[2]
    assert cli.refusal(operation("Delete", component), option(component.arn), made[component.name]) == "ResourceDependencyException"
    assert cli.refusal(operation("Delete", recipe), option(recipe.arn), made[recipe.name]) == "ResourceDependencyException"
    for kind in reversed(KINDS):
        cli(operation("Delete", kind), option(kind.arn), made[kind.name])
