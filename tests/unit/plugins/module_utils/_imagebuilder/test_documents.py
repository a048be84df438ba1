# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.documents import same_component, same_document

DOCUMENT = "name: x\nschemaVersion: 1.0\nphases:\n  - name: build\n    steps: []\n"
SCRIPT = "#!/bin/bash\nset -e\necho one\n"
WRAPPED = """
name: no-motd
schemaVersion: 1.0
phases:
  - name: build
    steps:
      - name: Run
        action: {action}
        inputs:
          commands:
            {commands}
"""
IN_LINES = WRAPPED.format(action="ExecuteBash", commands='["#!/bin/bash", "set -e", "echo one"]')
IN_ONE_PIECE = WRAPPED.format(action="ExecuteBash", commands='["#!/bin/bash\\nset -e\\necho one\\n"]')
FOR_WINDOWS = IN_LINES.replace("ExecuteBash", "ExecutePowerShell")
MORE_STEPS = IN_LINES + "      - {name: Reboot, action: Reboot}\n"


@pytest.mark.parametrize(
    ("one", "other", "are_same"),
    [
        (DOCUMENT, "# a comment\nschemaVersion: 1.0\nname: 'x'\nphases: [{steps: [], name: build}]", True),
        (DOCUMENT, DOCUMENT.replace("1.0", "1"), False),
        (DOCUMENT, DOCUMENT.replace("build", "test"), False),
        ("a: 1", "a: true", False),
        ("a: [1, 2]", "a: [2, 1]", False),
        ("a: [1", "a: [1", True),
        ("a: [1", "a: [1,", False),
    ],
)
def test_documents_are_compared_by_meaning(one: str, other: str, are_same: bool) -> None:
    assert same_document(one, other) is are_same
    assert same_component(one, other) is are_same


@pytest.mark.parametrize("document", [IN_LINES, IN_ONE_PIECE, FOR_WINDOWS, SCRIPT], ids=["lines", "one piece", "Windows", "script"])
def test_a_script_is_the_same_as_the_document_that_runs_it(document: str) -> None:
    assert same_component(document, SCRIPT)
    assert same_component(SCRIPT, document)
    assert not same_component(document, f"{SCRIPT}echo two\n")


@pytest.mark.parametrize(
    "document",
    [MORE_STEPS, IN_LINES.replace("ExecuteBash", "ExecuteDocument"), IN_LINES.replace("inputs", "outputs"), DOCUMENT, "phases: 1", "text", None],
)
def test_a_document_that_does_anything_else_is_another(document: str) -> None:
    assert not same_component(document, SCRIPT)
