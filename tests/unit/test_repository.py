# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What has to hold for every file of a kind: the parts that only people keep together, kept together."""

from __future__ import annotations

import ast
import re
import statistics
import subprocess
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import pytest
import yaml
from ansible_collections.golden.imagebuilder.plugins.action.validate import KINDS
from ansible_collections.golden.imagebuilder.tests.unit.plugins.modules.specimens import SPECIMENS

COLLECTION = Path(__file__).resolve().parents[2]
LICENCE = re.compile(
    r"(#!/usr/bin/python\n)?# Copyright \(c\) 2026 golden\.imagebuilder contributors\n"
    r"# GNU General Public License v3\.0\+ \(see LICENSES/GPL-3\.0-or-later\.txt or https://www\.gnu\.org/licenses/gpl-3\.0\.txt\)\n"
    r"# SPDX-License-Identifier: GPL-3\.0-or-later\n"
)
# Folders of somebody's machine. What a reader can have too, such as /tmp and /dev, may be named.
MACHINE_PATH = re.compile(r"(?<![\w.~}])/(?:work|root|home|Users)/\w")
EXPRESSIONS = {"when", "that", "changed_when", "failed_when", "until"}
"""Keywords of a task whose text is an expression without braces."""

MODULES = sorted(path.stem for path in (COLLECTION / "plugins/modules").glob("*.py"))
ACTIONS = sorted(path.stem for path in (COLLECTION / "plugins/action").glob("*.py"))
FILTERS = sorted(path.stem for path in (COLLECTION / "plugins/filter").glob("*.py"))
ROLES = sorted(path.name for path in (COLLECTION / "roles").iterdir() if path.is_dir())

every_role = pytest.mark.parametrize("role", ROLES)


def load(path: str) -> Any:
    return yaml.safe_load((COLLECTION / path).read_text())


def repository_files() -> list[Path]:
    """The files that git tracks or would track."""
    command = ["git", "-C", str(COLLECTION), "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\0")
    return [COLLECTION / name for name in sorted(set(listed)) if name and (COLLECTION / name).is_file()]


def text_of(path: Path) -> str:
    """The text of a file; nothing when it is no text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


class TestPlugins:
    def test_group_all_has_every_module_that_calls_aws(self) -> None:
        metadata, *modules = load("meta/runtime.yml")["action_groups"]["all"]
        assert metadata == {"metadata": {"extend_group": ["amazon.aws.aws"]}}
        assert modules == sorted(module for module in MODULES if code_lines(module)), "all but those that only document an action, by the alphabet"

    def test_every_action_is_documented_as_a_module(self) -> None:
        assert set(ACTIONS) <= set(MODULES)

    @pytest.mark.parametrize("module", sorted(set(MODULES) - set(ACTIONS)))
    def test_every_module_is_tested(self, module: str) -> None:
        tested_together = {name for specimen in SPECIMENS for name in (specimen.kind, f"{specimen.kind}_info")}
        assert module in tested_together or (COLLECTION / f"tests/unit/plugins/modules/test_{module}.py").is_file()

    @pytest.mark.parametrize(("kind", "name"), [*(("action", name) for name in ACTIONS), *(("filter", name) for name in FILTERS)])
    def test_every_action_and_filter_is_tested(self, kind: str, name: str) -> None:
        assert (COLLECTION / f"tests/unit/plugins/{kind}/test_{name}.py").is_file()


MODULE_LINES, MEDIAN_OF_MODULES, SHARED_LINES = 80, 30, 6
DOCUMENTATION = {"DOCUMENTATION", "EXAMPLES", "RETURN"}
CONSTANT = re.compile(r"\b[A-Z][A-Z_]+\b")


def module_tree(module: str) -> ast.Module:
    """The code of a module without its documentation."""
    tree = ast.parse((COLLECTION / f"plugins/modules/{module}.py").read_text())
    documentation = (node for node in tree.body if isinstance(node, ast.Assign) and {ast.unparse(target) for target in node.targets} & DOCUMENTATION)
    end = max(node.end_lineno or 0 for node in documentation)
    return ast.Module([node for node in tree.body if node.lineno > end], [])


def code_lines(module: str) -> int:
    """How many lines of a module after its documentation are not empty."""
    source = (COLLECTION / f"plugins/modules/{module}.py").read_text().splitlines()
    tree = module_tree(module)
    return sum(bool(line.strip()) for line in source[tree.body[0].lineno - 1 :]) if tree.body else 0


def logic(module: str) -> list[str]:
    """The lines of a module that do something, laid out in one way: neither imports nor docstrings, and constants without their names."""
    kept = [node for node in module_tree(module).body if not isinstance(node, (ast.Import, ast.ImportFrom))]
    for node in kept:
        if isinstance(node, ast.FunctionDef) and ast.get_docstring(node):
            node.body = node.body[1:]
    return [CONSTANT.sub("CONSTANT", line.strip()) for line in ast.unparse(ast.Module(kept, [])).splitlines() if line.strip()]


class TestModules:
    """A module is documentation, a description and a call; what two of them need is below both (plugins/module_utils)."""

    def test_are_short(self) -> None:
        sizes = {module: code_lines(module) for module in MODULES}
        assert {module: size for module, size in sizes.items() if size > MODULE_LINES} == {}
        assert statistics.median(sizes.values()) <= MEDIAN_OF_MODULES

    def test_no_two_have_the_same_lines_of_logic(self) -> None:
        seen: dict[tuple[str, ...], str] = {}
        for module in MODULES:
            lines = logic(module)
            for window in {tuple(lines[start : start + SHARED_LINES]) for start in range(len(lines) - SHARED_LINES + 1)}:
                assert window not in seen, f"{module} and {seen[window]} share:\n" + "\n".join(window)
                seen[window] = module


def strings(value: Any, key: str = "") -> Iterator[str]:
    """Every template in a YAML document; expressions get the braces that Ansible lets one leave out."""
    if isinstance(value, dict):
        for name, item in value.items():
            yield from strings(item, name)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item, key)
    elif isinstance(value, str):
        yield f"{{{{ {value} }}}}" if key in EXPRESSIONS and "{{" not in value else value


def variables_in(document: Any) -> set[str]:
    """The variables that the templates of a document read."""
    environment = jinja2.Environment(autoescape=True)
    names = (environment.parse(text).find_all(jinja2.nodes.Name) for text in strings(document) if "{{" in text)
    return {name.name for found in names for name in found if name.ctx == "load"}


def tasks_in(document: Any) -> Iterator[dict[str, Any]]:
    """Every task of a document, also those in blocks."""
    for task in document:
        yield task
        for part in ("block", "rescue", "always"):
            yield from tasks_in(task.get(part, []))


@cache
def documents(role: str) -> tuple[Any, ...]:
    """What a role runs and reads: tasks, defaults and vars."""
    folders = (COLLECTION / "roles" / role / folder for folder in ("tasks", "defaults", "vars"))
    return tuple(yaml.safe_load(path.read_text()) for folder in folders for path in sorted(folder.glob("*.yml")))


@cache
def options(role: str) -> dict[str, dict[str, Any]]:
    """The documented options of a role."""
    found: dict[str, dict[str, Any]] = load(f"roles/{role}/meta/argument_specs.yml")["argument_specs"]["main"]["options"]
    return found


@cache
def facts(role: str) -> frozenset[str]:
    """What a role leaves behind for others: its facts and registered results that are not internal."""
    tasks = [task for document in documents(role) if isinstance(document, list) for task in tasks_in(document)]
    names = [name for task in tasks for name in (*task.get("ansible.builtin.set_fact", {}), task.get("register", "__"))]
    return frozenset(name for name in names if not name.startswith("__"))


def role_of(variable: str) -> str | None:
    """The role whose public variable it is, by its name. Those of the inventory begin with image_builder_."""
    if variable.startswith("image_builder_"):
        return None
    return next((role for role in ROLES if variable.startswith(f"{role}_")), None)


@every_role
class TestRoles:
    def test_has_its_files(self, role: str) -> None:
        for name in ("README.md", "meta/argument_specs.yml", "meta/main.yml", "defaults/main.yml", "tasks/main.yml"):
            path = COLLECTION / "roles" / role / name
            assert path.is_file(), name
            assert path.read_text().strip(), name

    def test_documents_its_defaults_and_no_others(self, role: str) -> None:
        defaults = load(f"roles/{role}/defaults/main.yml")
        assert set(defaults) <= set(options(role))
        literals = {name: value for name, value in defaults.items() if "{{" not in str(value) and not options(role)[name].get("required")}
        documented = {name: option["default"] for name, option in options(role).items() if "default" in option}
        assert documented == literals

    def test_documents_the_variables_that_it_reads_and_no_others(self, role: str) -> None:
        read = {variable for document in documents(role) for variable in variables_in(document)}
        public = {variable for variable in read if role_of(variable) == role}
        assert public - facts(role) == set(options(role))

    def test_names_of_other_roles_variables_are_right(self, role: str) -> None:
        read = {variable for document in documents(role) for variable in variables_in(document)}
        others = {variable: str(role_of(variable)) for variable in read if role_of(variable) not in (None, role)}
        assert {variable for variable, other in others.items() if variable not in facts(other) | set(options(other))} == set()

    def test_says_the_same_of_itself_everywhere(self, role: str) -> None:
        specification = load(f"roles/{role}/meta/argument_specs.yml")["argument_specs"]["main"]
        assert specification["short_description"] == load(f"roles/{role}/meta/main.yml")["galaxy_info"]["description"]
        minimum = re.escape(load(f"roles/{role}/meta/main.yml")["galaxy_info"]["min_ansible_version"])
        assert re.match(rf">={minimum}(\.0)?$", load("meta/runtime.yml")["requires_ansible"])


@pytest.mark.parametrize(
    ("option", "kind", "own", "left_out"),
    [
        ("definition_components", "component", {"name", "component", "component_arn", "parameters"}, set()),
        ("definition_image_recipe", "image_recipe", set(), {"components"}),
        ("definition_infrastructure_configuration", "infrastructure_configuration", set(), set()),
    ],
)
def test_the_role_definition_takes_all_that_the_module_takes(option: str, kind: str, own: set[str], left_out: set[str]) -> None:
    assert set(options("definition")[option]["options"]) == (set(KINDS[kind].options) | own) - left_out
    tasks = [task for document in documents("definition") if isinstance(document, list) for task in tasks_in(document)]
    (handed_on,) = [task[f"golden.imagebuilder.{kind}"] for task in tasks if f"golden.imagebuilder.{kind}" in task]
    assert set(handed_on) == {"name", *KINDS[kind].options}


class TestFiles:
    def test_there_are_some(self) -> None:
        assert {"galaxy.yml", "README.md", "Makefile"} <= {path.name for path in repository_files()}

    def test_every_python_file_says_its_licence(self) -> None:
        scripts = [path for path in repository_files() if path.suffix == ".py" and text_of(path)]
        assert [path for path in scripts if not LICENCE.match(text_of(path))] == []

    def test_nothing_names_a_folder_of_somebodys_machine(self) -> None:
        named = [f"{path.relative_to(COLLECTION)}: {found.group()}" for path in repository_files() for found in MACHINE_PATH.finditer(text_of(path))]
        assert named == []
