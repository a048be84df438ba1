# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Components. Private to this collection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.documents import checked, named_once, same_component, source_rules
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import Context, Finding, Reference, Resource
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.rules import own_region

LONGEST_SCRIPT = 1024
"""Characters of a script that is given itself (ImportComponentRequest.data)."""


def create_operation(request: Mapping[str, Any]) -> str:
    """The operation that creates a component: a script has a format and is imported, a document has none."""
    return "ImportComponent" if request.get("format") else "CreateComponent"


def rules(request: Mapping[str, Any], context: Context) -> Iterator[Finding]:
    """A component has one source of its content, which is a document or a script (CreateComponent, ImportComponent)."""
    is_script = bool(request.get("format"))
    yield from source_rules(request, context, "data", "uri", "component's script" if is_script else "component's YAML document")
    yield from own_region(("kmsKeyId",), request.get("kmsKeyId"), "key", context)
    yield from _script_rules(request, context) if is_script else _document_rules(request, context)


def _script_rules(request: Mapping[str, Any], context: Context) -> Iterator[Finding]:
    if context.complete and not request.get("type"):
        yield ("type",), "is required with format: BUILD for a script that builds, TEST for one that tests."
    if len(request.get("data") or "") > LONGEST_SCRIPT:
        yield ("data",), f"has {len(request['data'])} characters; a script may have {LONGEST_SCRIPT}. Put a longer one into S3 and give its uri."
    if request.get("supportedOsVersions"):
        yield ("supportedOsVersions",), "cannot be given with format; AWS takes it for documents only."


def _document_rules(request: Mapping[str, Any], context: Context) -> Iterator[Finding]:
    """The document has phases, and these have steps, each with a name of its own (user guide, "Use documents in Image Builder").

    AWS tells the type of a document by its phases, so what is complete has a type though CreateComponent takes none.
    """
    if request.get("type") and not context.complete:
        yield ("type",), "goes with format, for a script; the type of a document is told by its phases."
    content, findings = checked(request.get("data"), "phases", "component", "name, description, schemaVersion")
    yield from findings
    phases = content.get("phases") or ()
    yield from named_once(content.get("phases"), "phase")
    for phase in phases:
        if isinstance(phase, Mapping):
            yield from named_once(phase.get("steps"), f"phase {phase.get('name')}, step", ("name", "action"))


COMPONENT = Resource(
    api_name="Component",
    versioned=True,
    builds=True,
    options={
        "semantic_version": {"type": "str"},
        "description": {"type": "str"},
        "change_description": {"type": "str"},
        "platform": {"type": "str"},
        "supported_os_versions": {"type": "list", "elements": "str"},
        "type": {"type": "str"},
        "format": {"type": "str"},
        "data": {"type": "str"},
        "uri": {"type": "str"},
        "kms_key_id": {"type": "str", "no_log": False},
    },
    equal={"data": same_component},
    notes=frozenset({"changeDescription", "format"}),
    pointer=("uri", "data"),
    documents=frozenset({"data"}),
    has_policy=True,
    create_operation=create_operation,
    other_creators=("ImportComponent",),
    rules=rules,
    used_by=(
        Reference("image recipe", "ListImageRecipes", "GetImageRecipe"),
        Reference("container recipe", "ListContainerRecipes", "GetContainerRecipe"),
    ),
)
