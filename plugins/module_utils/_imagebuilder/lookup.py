# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Finding what is there: one resource, the versions of a name, the builds of a version, everything of a kind. Private to this collection."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import arns, schema
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.compare import Description
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import Resource
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.session import Session
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.versions import Version


def find(resource: Resource, session: Session, resource_arn: str) -> Description | None:
    """A resource by its ARN, or None. With an x in the version, AWS answers the newest that matches (documentation of GetImageRecipe)."""
    answer = session.api.find(f"Get{resource.api_name}", **{resource.arn_parameter: resource_arn})
    return resource.answered(answer[resource.member]) if answer else None


def get(resource: Resource, session: Session, resource_arn: str) -> Description:
    """A resource that has to be there."""
    return resource.answered(session.api.call(f"Get{resource.api_name}", **{resource.arn_parameter: resource_arn})[resource.member])


def exists(session: Session, resource_arn: str) -> bool:
    """Whether there is something with an ARN of Image Builder, of whatever kind."""
    kind = resource_arn.split(":", 5)[5].partition("/")[0]
    operation = f"Get{''.join(map(str.capitalize, kind.split('-')))}"
    parameter = str(schema.input_shape(operation).required_members[0])
    return session.api.find(operation, **{parameter: resource_arn}) is not None


def listed(resource: Resource, session: Session, owner: str | None = None, filters: Sequence[Mapping[str, Any]] = ()) -> list[str]:
    """ARNs of everything of a kind, each once; of versioned kinds, of every version."""
    asked = {name: value for name, value in {"owner": owner, "filters": list(filters)}.items() if value}
    return list(dict.fromkeys(str(entry["arn"]) for entry in session.api.pages(resource.list_operation, **asked)))


def versions_of(resource: Resource, session: Session, name_arn: str) -> list[tuple[Version, str]]:
    """Own versions of a name and their ARNs, newest first. Names are compared in ARNs, as spellings that fold to the same are the same to AWS."""
    own = [(arns.version_of(entry), entry) for entry in listed(resource, session) if arns.split(entry).base == name_arn]
    return sorted(own, key=lambda pair: pair[0].order, reverse=True)


def builds_of(resource: Resource, session: Session, version_arn: str) -> list[str]:
    """ARNs of what one version consists of, newest first: its builds, or itself where the kind has none."""
    if not resource.builds:
        return [version_arn]
    builds = session.api.pages(f"List{resource.api_name}BuildVersions", **{f"{resource.member}VersionArn": version_arn})
    return sorted((str(build["arn"]) for build in builds), key=lambda build: int(build.rpartition("/")[2]), reverse=True)
