# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a newer botocore brings is refused with its version; the table of versions is right, and so is what writes it."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType
from typing import Any

import botocore
import pytest
from ansible.module_utils.compat.version import LooseVersion
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import schema, since
from botocore.model import ShapeResolver


def is_installed(version: str) -> bool:
    return bool(LooseVersion(version) <= LooseVersion(botocore.__version__))


def test_an_option_that_only_a_newer_botocore_has() -> None:
    shapes: Any = {"CreateImageRecipeRequest": {"type": "structure", "members": {"name": {"shape": "Text"}}}, "Text": {"type": "string"}}
    older = ShapeResolver(shapes).get_shape_by_name("CreateImageRecipeRequest")
    found = {problem.path: problem.message for problem in schema.to_request(older, {"ami_watermarks": [], "amiTags": {}, "colour": 1})[1]}
    assert found["ami_watermarks"].startswith("is an option that botocore knows since 1.43.37. Installed is botocore ")
    assert "since 1.40.41" in found["amiTags"]
    assert "is not an option here" in found["colour"]


def test_the_table_agrees_with_the_installed_model() -> None:
    service = schema.service_model()
    assert [name for name, version in since.OPERATIONS.items() if (name in service.operation_names) != is_installed(version)] == []
    for shape, members in since.MEMBERS.items():
        known = service.shape_for(shape).members
        assert [member for member, version in members.items() if (member in known) != is_installed(version)] == [], shape


@pytest.fixture(name="tool", scope="module")
def fixture_tool() -> ModuleType:
    path = Path(__file__).parents[5] / "tools/since.py"
    spec = importlib.util.spec_from_file_location("since_tool", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_first_version_is_found_with_few_looks(tool: ModuleType) -> None:
    born = {("A", "x"): 0, ("A", "y"): 37, ("B", "x"): 37, ("B", "y"): 99, ("Do", ""): 64}
    looked_at = set()

    def known(version: tuple[int, ...]) -> frozenset[tuple[str, str]]:
        looked_at.add(version)
        return frozenset(fact for fact, version_of in born.items() if version_of <= version[0])

    found = tool.first_versions([(number,) for number in range(100)], known)
    assert found == {fact: (version,) for fact, version in born.items() if version}
    assert len(looked_at) < 30
    # Of B nobody has to be told what it has been born with.
    assert tool.options(found, known((0,))) == {"A": {"y": (37,)}, "B": {"y": (99,)}}


def test_facts_are_what_requests_are_made_of(tool: ModuleType) -> None:
    shapes = {
        "In": {"type": "structure", "members": {"clientToken": {"shape": "S"}, "list": {"shape": "L"}, "map": {"shape": "M"}}},
        "L": {"type": "list", "member": {"shape": "Inner"}},
        "M": {"type": "map", "key": {"shape": "S"}, "value": {"shape": "In"}},
        "Inner": {"type": "structure", "members": {"deep": {"shape": "S"}}},
        "Out": {"type": "structure", "members": {"answer": {"shape": "S"}}},
        "S": {"type": "string"},
    }
    service = {"operations": {"Do": {"input": {"shape": "In"}, "output": {"shape": "Out"}}, "See": {}}, "shapes": shapes}
    assert tool.facts(service) == {("Do", ""), ("See", ""), ("In", "list"), ("In", "map"), ("Inner", "deep")}
