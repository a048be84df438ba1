# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What playbooks/awx.yml sets up fits the example project, the roles, and itself; and ansible-builder takes the execution environment."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible_collections.golden.imagebuilder.tests.awx_jobs import AFTER, PROJECT, ancestors, answers, data, edges, roots, sliced
from ansible_collections.golden.imagebuilder.tests.organization import COLLECTION

TEMPLATES = {template["name"]: template for template in data()["awx_job_templates"]}
NODES = {node["identifier"]: node for node in data()["awx_workflow_nodes"]}
OWN_VARIABLES = {"image_builder_hosts", "image_builder_leaving_hosts", "image_builder_leaving_regions"}


def documented() -> dict[str, dict[str, Any]]:
    """The variables of all roles."""
    specs = [yaml.safe_load(path.read_text()) for path in (COLLECTION / "roles").glob("*/meta/argument_specs.yml")]
    return {name: option for spec in specs for name, option in spec["argument_specs"]["main"]["options"].items()}


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES)
def test_a_job_template_fits_the_project_and_the_roles(template: dict[str, Any]) -> None:
    assert (PROJECT / template["playbook"]).is_file()
    assert set(template["labels"]) <= set(data()["awx_labels"])
    options = documented()
    types = {"integer": {"int", "float"}, "multiplechoice": {"bool", "str"}, "text": {"str", "path"}}
    for question in template["survey"]:
        name = question["variable"]
        assert {"question_name", "type", "required", "default"} <= set(question)
        assert question["default"] in question.get("choices", [question["default"]])
        if name in OWN_VARIABLES:
            assert f"`{name}`" in (PROJECT / "README.md").read_text()
            continue
        option = options[name]
        assert option["type"] in types[question["type"]], name
        if "choices" in question:
            assert set(question["choices"]) == set(option.get("choices", {"true", "false"})), name


def test_every_playbook_of_the_project_has_a_job_template() -> None:
    playbooks = {path.name for path in PROJECT.glob("*.yml")} - {"source.yml"}
    assert {template["playbook"] for template in TEMPLATES.values()} == playbooks


def test_a_playbook_that_is_sliced_knows_the_source() -> None:
    sliced_playbooks = {template["playbook"] for template in TEMPLATES.values() if "slices" in template}
    with_source = {path.name for path in PROJECT.glob("*.yml") if "import_playbook: source.yml" in path.read_text()}
    assert sliced_playbooks == with_source == {"access_destinations.yml", "verify.yml"}


def test_the_workflow_is_one_graph_without_a_circle_whose_failures_end_in_the_report() -> None:
    assert roots(NODES) == ["access-source"]
    assert ancestors(NODES, "report") == set(NODES) - {"report"}
    assert not [identifier for identifier in NODES if identifier in ancestors(NODES, identifier)]
    assert {kind for _before, kind, _to in edges(NODES)} == {kind for kinds in AFTER.values() for kind in kinds}
    for identifier in set(NODES) - {"access-source", "report"}:  # a workflow fails by itself for what is not followed up
        assert NODES[identifier].get("failure_nodes") or NODES[identifier].get("always_nodes"), identifier


def test_every_job_of_the_workflow_exists_and_takes_what_it_is_given() -> None:
    for node in NODES.values():
        if "approval_node" not in node:
            assert set(node.get("extra_data", {})) <= set(answers(TEMPLATES[node["job_template"]]["survey"]))


def test_nothing_is_delivered_further_without_an_approval_of_what_was_verified() -> None:
    assert NODES["approval"]["approval_node"]["name"] == "Deliver to all other accounts"
    assert list(edges({"approval": NODES["approval"]})) == [("approval", "success_nodes", "later-waves"), ("approval", "failure_nodes", "report")]
    assert [before for before, _kind, to in edges(NODES) if to == "later-waves"] == ["approval"]
    assert [(before, kind) for before, kind, to in edges(NODES) if to == "approval"] == [("verify-first-wave", "success_nodes")]


def test_slices_are_every_nth_host_by_name_with_the_variables_of_all_groups() -> None:
    hosts = {name: {"id": name} for name in ("d", "b", "a", "c")}
    inventory = {"all": {"children": ["web"]}, "web": {"hosts": ["d", "c", "b", "a"], "vars": {"x": 1}}, "_meta": {"hostvars": hosts}}
    slices = [sliced(inventory, number, 3) for number in range(3)]
    assert [list(part["_meta"]["hostvars"]) for part in slices] == [["a", "d"], ["b"], ["c"]]
    assert [part["web"] for part in slices] == [{"hosts": kept, "vars": {"x": 1}} for kept in (["d", "a"], ["b"], ["c"])]


def test_ansible_builder_takes_the_execution_environment(tmp_path: Path) -> None:
    command = [
        str(Path(sys.executable).with_name("ansible-builder")),
        "create",
        "--context",
        str(tmp_path / "context"),
        "--output-filename",
        "Containerfile",
    ]
    done = subprocess.run([*command, "--file", str(COLLECTION / "execution-environment.yml")], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    container = (tmp_path / "context/Containerfile").read_text()
    assert "quay.io/centos/centos:stream9" in container
    assert "golden.imagebuilder" in (tmp_path / "context/_build/requirements.yml").read_text()
    assert (tmp_path / "context/_build/requirements.txt").read_text() == (COLLECTION / "requirements.txt").read_text()


def test_the_collection_tells_ansible_builder_what_it_needs() -> None:
    described = yaml.safe_load((COLLECTION / "meta/execution-environment.yml").read_text())
    assert (COLLECTION / described["dependencies"]["python"]).is_file()
