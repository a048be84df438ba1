# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the pages for people show, for tests that hold it against what really happens: README, those of the roles, and docs/docsite/rst."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from .organization import COLLECTION

PAGES = [COLLECTION / "README.md", *sorted(COLLECTION.glob("roles/*/README.md")), *sorted(COLLECTION.glob("docs/docsite/rst/*.rst"))]

_FENCED = re.compile(r"^```(?P<language>\w+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"(?<=\n\n)(?P<text>(?:    \S.*\n|    .*\S.*\n)+)")
_DIRECTIVE = re.compile(
    r"^(?P<indent> *)\.\. code-block:: (?P<language>[\w-]+)\n(?P<options>(?:(?P=indent)   :.*\n)*)\n(?P<text>(?:(?P=indent)   .*\n|\n)+)",
    re.MULTILINE,
)
_CAPTION = re.compile(r":caption: (.+)")


@dataclass(frozen=True)
class Block:
    """One code block. What is indented in a README and not fenced is a `console`."""

    page: Path
    language: str
    text: str
    caption: str = ""

    def __str__(self) -> str:
        return f"{self.page.relative_to(COLLECTION)}: {self.text.splitlines()[0]}"


def _blocks_of(page: Path) -> Iterator[Block]:
    text = page.read_text()
    if page.suffix == ".rst":
        for found in _DIRECTIVE.finditer(text):
            caption = _CAPTION.search(found["options"])
            yield Block(page, found["language"], textwrap.dedent(found["text"]).strip() + "\n", caption[1] if caption else "")
        return
    for found in _FENCED.finditer(text):
        yield Block(page, found["language"], found["text"])
    for found in _INDENTED.finditer(_FENCED.sub("", text)):
        yield Block(page, "console", textwrap.dedent(found["text"]))


def blocks(language: str, page: Path | None = None) -> list[Block]:
    """The code blocks of a language, of one page or of all, in order."""
    return [block for each in ([page] if page else PAGES) for block in _blocks_of(each) if block.language == language]


def documents(kind: str) -> list[tuple[Block, Any]]:
    """The YAML blocks of a kind, loaded."""
    loaded = [(block, yaml.safe_load(block.text)) for block in blocks("yaml")]
    return [(block, document) for block, document in loaded if kind_of(document) == kind]


def kind_of(document: Any) -> str:
    """What a YAML block is: plays, tasks, a plugin's configuration, an inventory, or variables."""
    if isinstance(document, list):
        return "plays" if any("hosts" in each or "ansible.builtin.import_playbook" in each for each in document) else "tasks"
    if "plugin" in document:
        return "configuration"
    return "inventory" if any(isinstance(each, dict) and {"hosts", "children"} & set(each) for each in document.values()) else "variables"


def commands() -> list[tuple[Block, str]]:
    """Each command line, without its prompt; one that goes on in the next line in one."""
    lines = [(block, line.strip()) for block in blocks("console") for line in block.text.replace("\\\n", " ").splitlines() if line.strip()]
    return [(block, line.removeprefix("$ ")) for block, line in lines]
