# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documents that come with a request or lie in S3: component and workflow documents, Dockerfile templates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import yaml

from .exceptions import invalid_combination, invalid_value

if TYPE_CHECKING:
    from .models import ImageBuilderBackend


def text_of(backend: ImageBuilderBackend, request: Mapping[str, Any], data: str = "data", uri: str = "uri") -> tuple[str, str]:
    """Return the text that a request gives in one of two members, and which one that is. An object in S3 is read once, now."""
    if (data in request) == (uri in request):
        raise invalid_combination(f"Exactly one of the parameters '{data}' and '{uri}' must be provided.")
    if data in request:
        return request[data], data
    return _download(backend, request[uri], uri), uri


def _download(backend: ImageBuilderBackend, address: str, parameter: str) -> str:
    """Return the document that lies at s3://bucket/key in this account."""
    from moto.s3.models import s3_backends  # noqa: PLC0415  # heavy, and seldom needed

    bucket, _slash, key = address.removeprefix("s3://").partition("/")
    if not address.startswith("s3://") or not key:
        raise invalid_value(parameter, "The URI must have the form s3://bucket/key.")
    s3 = s3_backends[backend.account_id][backend.partition]
    found = s3.get_object(bucket, key) if bucket in s3.buckets else None
    if found is None:
        raise invalid_value(parameter, f"The document '{address}' cannot be downloaded.")
    return bytes(found.value).decode()


def mapping_of(text: str, parameter: str, what: str) -> dict[str, Any]:
    """Read a YAML document that is a mapping of schema version 1.0. `what` names it in the error: 'component document'."""
    try:
        document = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise invalid_value(parameter, f"The {what} is not valid YAML: {error}") from error
    if not isinstance(document, dict):
        raise invalid_value(parameter, f"The {what} is not valid. It must be a mapping.")
    # As number or text: AWS takes 1 for it too, which is what is left of 1.0 where a program writes the YAML (Terraform's yamlencode).
    if str(document.get("schemaVersion")) not in ("1.0", "1"):
        raise invalid_value(parameter, f"The {what} is not valid. schemaVersion must be 1.0.")
    return document


def default_values(default: Any) -> list[str]:
    """Return the default of a parameter in the API's form."""
    return [_scalar(value) for value in (default if isinstance(default, list) else [default])]


def _scalar(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def parameters_problem(declared: Iterable[Mapping[str, Any]], given: Iterable[Mapping[str, Any]], what: str) -> str:
    """Return what is wrong with the parameters given to a component or workflow that declares some, else nothing."""
    defined = {parameter["name"]: parameter for parameter in declared}
    names = [parameter["name"] for parameter in given]
    if unknown := [name for name in names if name not in defined]:
        return f"The following parameters are not defined in the provided {what}: {', '.join(unknown)}"
    if missing := [name for name, about in defined.items() if "defaultValue" not in about and name not in names]:
        return f"The following parameters of the provided {what} have no default and need a value: {', '.join(missing)}"
    return ""
