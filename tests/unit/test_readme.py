# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import re

import pytest
import yaml
from ansible_collections.golden.imagebuilder.tests import readme
from ansible_collections.golden.imagebuilder.tests.organization import COLLECTION, EXAMPLE_INVENTORY


def test_inventory_is_the_example() -> None:
    assert readme.blocks("yaml")[0] == EXAMPLE_INVENTORY.read_text()


def test_every_link_leads_somewhere() -> None:
    for page in [COLLECTION / "README.md", *COLLECTION.glob("roles/*/README.md")]:
        for link in re.findall(r"\]\((?!http)([^)#]+)", page.read_text()):
            assert (page.parent / link).exists(), f"{page}: {link}"


@pytest.mark.parametrize("command", ["demo", "test"])
def test_commands_exist(command: str) -> None:
    assert f"    make {command}\n" in (COLLECTION / "README.md").read_text()
    assert re.search(rf"^{command}:", (COLLECTION / "Makefile").read_text(), re.MULTILINE)


def test_every_module_is_named() -> None:
    text = (COLLECTION / "README.md").read_text()
    modules = [path.stem for path in (COLLECTION / "plugins/modules").glob("*.py")]
    assert [module for module in modules if f"`{module.removesuffix('_info')}`" not in text and f"`{module}`" not in text] == []


def test_yaml_is_valid() -> None:
    for block in readme.blocks("yaml"):
        yaml.safe_load(block)
