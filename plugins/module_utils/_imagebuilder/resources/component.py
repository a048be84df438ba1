# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Components. Private to this collection."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ansible.module_utils.common.yaml import HAS_YAML, yaml_load
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import Context, Finding, Reference, Resource


def document(text: str) -> Any:
    """What a component's YAML says.

    Raises ValueError with the parser's own words, which name line and column, when the text is not YAML.
    """
    try:
        return yaml_load(text)
    except Exception as error:  # the parser's exception class exists only where PyYAML does
        raise ValueError(" ".join(str(error).split())) from error


def same_document(one: Any, other: Any) -> bool:
    """Whether two component documents mean the same: comments, quoting, line folding and the order of keys do not count."""
    if one == other or not (HAS_YAML and isinstance(one, str) and isinstance(other, str)):
        return bool(one == other)
    try:
        return _plain(document(one)) == _plain(document(other))
    except ValueError:
        return False


def _plain(value: Any) -> str:
    """A document as text in which 1, 1.0 and true differ and keys have one order."""
    return json.dumps(value, sort_keys=True, default=str)


def rules(request: Mapping[str, Any], context: Context) -> Iterator[Finding]:
    """A component has one source of its document, and the document has phases (CreateComponent, and the document's own schema)."""
    data, uri = request.get("data"), request.get("uri")
    if data and uri:
        yield ("uri",), "data is given as well; a component has either the one or the other."
    if context.complete and not data and not uri:
        yield ("data",), "is needed: the component's YAML document, or uri with its place in S3."
    if uri and not uri.startswith("s3://"):
        yield ("uri",), f"{uri!r} is not a place in S3; s3://bucket/key is needed."
    if isinstance(data, str) and HAS_YAML:
        yield from _document_rules(data)


def _document_rules(data: str) -> Iterator[Finding]:
    try:
        content = document(data)
    except ValueError as error:
        yield ("data",), f"is not valid YAML: {error}"
        return
    if not isinstance(content, Mapping) or not isinstance(content.get("phases"), list) or not content["phases"]:
        yield ("data",), "is not a component document: a mapping with a list of phases is needed (name, description, schemaVersion, phases)."


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
        "data": {"type": "str"},
        "uri": {"type": "str"},
        "kms_key_id": {"type": "str", "no_log": False},
    },
    equal={"data": same_document},
    notes=frozenset({"changeDescription"}),
    pointer=("uri", "data"),
    rules=rules,
    used_by=(
        Reference("image recipe", "ListImageRecipes", "GetImageRecipe"),
        Reference("container recipe", "ListContainerRecipes", "GetContainerRecipe"),
    ),
)
