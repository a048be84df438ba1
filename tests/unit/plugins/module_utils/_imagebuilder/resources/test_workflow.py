# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.workflow import WORKFLOW

from ..test_rules import BEFORE, KEY, broken

DOCUMENT = "name: x\nschemaVersion: 1.0\nparameters:\n  - name: a\n    type: string\nsteps:\n  - {name: Launch, action: LaunchInstance}\n"


@pytest.mark.parametrize(
    ("request_", "path", "words"),
    [
        ({"data": DOCUMENT, "uri": "s3://b/k"}, ("uri",), "either the one or the other"),
        ({}, ("data",), "the workflow's YAML document, or its place in S3"),
        ({"uri": "b/k"}, ("uri",), "s3://bucket/key"),
        ({"data": "a: [1"}, ("data",), "line 1, column 4"),
        ({"data": "name: x"}, ("data",), "list of steps"),
        ({"data": "steps: []"}, ("data",), "list of steps"),
        ({"data": "steps: {a: b}"}, ("data",), "list of steps"),
        ({"data": "steps: [{name: a}]"}, ("data",), "step 1 has no action"),
        ({"data": "steps: [{}]"}, ("data",), "step 1 has no name and no action"),
        ({"data": DOCUMENT + "  - {name: Launch, action: Other}"}, ("data",), "step 2 has the name Launch"),
        ({"data": DOCUMENT.replace("steps:", "  - name: a\nsteps:")}, ("data",), "parameter 2 has the name a"),
        ({"data": DOCUMENT, "kmsKeyId": KEY.replace("us-west-2", "eu-west-1")}, ("kmsKeyId",), "the key is in eu-west-1"),
    ],
)
def test_bad_workflows_are_refused(request_: dict[str, Any], path: tuple[str | int, ...], words: str) -> None:
    found = broken(WORKFLOW, request_)
    assert list(found) == [path]
    assert words in found[path]


def test_good_workflows_break_no_rule() -> None:
    assert broken(WORKFLOW, {"data": DOCUMENT, "kmsKeyId": KEY}) == broken(WORKFLOW, {"uri": "s3://b/k"}) == broken(WORKFLOW, {}, BEFORE) == {}
