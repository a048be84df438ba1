# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Workflows. Private to this collection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.documents import checked, named_once, same_document, source_rules
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import Context, Finding, Reference, Resource
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.rules import own_region


def rules(request: Mapping[str, Any], context: Context) -> Iterator[Finding]:
    """A workflow has one source of its document, and the document has steps (CreateWorkflow; user guide, "Create a YAML workflow document")."""
    yield from source_rules(request, context, "data", "uri", "workflow's YAML document")
    yield from own_region(("kmsKeyId",), request.get("kmsKeyId"), "key", context)
    content, findings = checked(request.get("data"), "steps", "workflow", "name, description, schemaVersion, parameters")
    yield from findings
    yield from named_once(content.get("steps"), "step", ("name", "action"))
    yield from named_once(content.get("parameters"), "parameter")


WORKFLOW = Resource(
    api_name="Workflow",
    versioned=True,
    builds=True,
    qualifier="type",
    options={
        "semantic_version": {"type": "str"},
        "type": {"type": "str"},
        "description": {"type": "str"},
        "change_description": {"type": "str"},
        "data": {"type": "str"},
        "uri": {"type": "str"},
        "kms_key_id": {"type": "str", "no_log": False},
    },
    equal={"data": same_document},
    notes=frozenset({"changeDescription"}),
    pointer=("uri", "data"),
    documents=frozenset({"data"}),
    rules=rules,
    used_by=(Reference("image pipeline", "ListImagePipelines"),),
)
