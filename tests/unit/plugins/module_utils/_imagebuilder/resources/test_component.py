# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import Context
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.component import COMPONENT, create_operation

from ..test_rules import BEFORE, KEY, broken

DOCUMENT = "name: x\nschemaVersion: 1.0\nphases:\n  - name: build\n    steps:\n      - {name: Reboot, action: Reboot}\n"
SCRIPT = {"format": "SHELL", "type": "BUILD", "data": "#!/bin/bash\necho one\n"}


@pytest.mark.parametrize(
    ("request_", "path", "words"),
    [
        ({"data": DOCUMENT, "uri": "s3://b/k"}, ("uri",), "either the one or the other"),
        ({}, ("data",), "is needed"),
        ({"uri": "https://example.com/x.yml"}, ("uri",), "s3://bucket/key"),
        ({"data": "a: [1"}, ("data",), "line 1, column 4"),
        ({"data": "just text"}, ("data",), "list of phases"),
        ({"data": "phases: []"}, ("data",), "list of phases"),
        ({"data": "- phases"}, ("data",), "list of phases"),
        ({"data": "phases: [{name: a}, {name: a}]"}, ("data",), "phase 2 has the name a, which another one has already"),
        ({"data": "phases: [{steps: []}]"}, ("data",), "phase 1 has no name"),
        ({"data": "phases: [text]"}, ("data",), "phase 1 has no name"),
        ({"data": DOCUMENT.replace("action: Reboot", "inputs: {}")}, ("data",), "phase build, step 1 has no action"),
        ({"data": DOCUMENT + "      - {name: Reboot, action: Reboot}"}, ("data",), "phase build, step 2 has the name Reboot"),
        ({"data": DOCUMENT, "kmsKeyId": KEY.replace("us-west-2", "eu-west-1")}, ("kmsKeyId",), "is in eu-west-1"),
        ({**SCRIPT, "type": None}, ("type",), "is required with format"),
        ({**SCRIPT, "supportedOsVersions": ["Ubuntu 24"]}, ("supportedOsVersions",), "documents only"),
        ({**SCRIPT, "data": "x" * 1025}, ("data",), "has 1025 characters; a script may have 1024"),
        ({"format": "SHELL", "type": "BUILD"}, ("data",), "the component's script"),
    ],
)
def test_bad_components_are_refused(request_: dict[str, Any], path: tuple[str | int, ...], words: str) -> None:
    found = broken(COMPONENT, request_)
    assert list(found) == [path]
    assert words in found[path]


@pytest.mark.parametrize(
    ("request_", "context"),
    [
        ({"data": DOCUMENT, "kmsKeyId": KEY}, Context(region="us-west-2", complete=True)),
        ({"data": "phases: [{name: build, steps: []}]"}, BEFORE),
        ({"uri": "s3://b/k"}, Context(complete=True)),
        (SCRIPT, Context(complete=True)),
        ({"format": "SHELL", "data": "a: [1"}, BEFORE),
        ({}, BEFORE),
    ],
)
def test_good_components_break_no_rule(request_: dict[str, Any], context: Context) -> None:
    assert broken(COMPONENT, request_, context) == {}


def test_a_script_is_imported_and_a_document_is_created() -> None:
    assert (create_operation(SCRIPT), create_operation({"data": DOCUMENT})) == ("ImportComponent", "CreateComponent")
