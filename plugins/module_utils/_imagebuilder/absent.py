# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Delete a resource: one version, some, all, or all but the newest ones. Private to this collection."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import lookup
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.client import IN_USE, ImageBuilderError
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.inputs import Inputs
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.present import wanted_arn
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.problems import Problem
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import Resource
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.session import Refused, Session, warn
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.users import User, Users, in_use, used_by
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.versions import Version

Versions = list[tuple[Version, str]]
"""Versions with their ARNs, newest first."""


def keep_problems(params: Mapping[str, Any], version: Version | None) -> list[Problem]:
    """What is wrong with the option `keep`."""
    keep = params.get("keep")
    if keep is None:
        return []
    if params["state"] != "absent":
        return [Problem("keep", "has a meaning only with state: absent.")]
    if keep < 0:
        return [Problem("keep", f"{keep} is not a number of versions.")]
    if version and not version.is_wildcard:
        return [Problem("keep", f"is for several versions, and semantic_version {version} is one; leave it out, or give it an x, as in 1.x.x.")]
    return []


def ensure_absent(resource: Resource, session: Session, wanted: Inputs, keep: int | None = None) -> dict[str, Any]:
    """Delete a resource: the given version, all versions that match one with x, or all there are. Returns the module's result.

    With `keep`, so many of the newest stay, and of the older ones those that something refers to.
    Raises Refused, naming the users of what is in use, after everything that could be deleted is.
    """
    if keep is not None:
        return _ensure_few(resource, session, wanted, keep)
    users = Users(resource, session)
    found = _existing(resource, session, wanted)
    deleted, refused = _delete(resource, session, found)
    if refused:
        also = f"\nDeleted: {', '.join(deleted)}." if deleted else ""
        raise Refused("\n".join(in_use(resource, session, each, error, users) for each, error in refused.items()) + also)
    if session.check_mode:
        _warn_of_users(resource, found, users)
    return _result(resource, deleted)


def _result(resource: Resource, deleted: list[str]) -> dict[str, Any]:
    return {"changed": bool(deleted), resource.key: None, "deleted": deleted, "diff": {"before": {"arns": deleted} if deleted else {}, "after": {}}}


def _existing(resource: Resource, session: Session, wanted: Inputs) -> list[str]:
    """ARNs of what is to be deleted, newest first."""
    if not resource.versioned or (wanted.version and not wanted.version.is_wildcard):
        found = lookup.find(resource, session, wanted_arn(resource, session, wanted))
        wanted.refuse_collision(found)
        if found is None or not resource.versioned:
            return [str(found["arn"])] if found else []
        builds = lookup.builds_of(resource, session, wanted_arn(resource, session, wanted))
        return [build for build in builds if wanted.build in ("", build.rpartition("/")[2])]
    matching = _matching(wanted, lookup.versions_of(resource, session, wanted_arn(resource, session, wanted, "")))
    return [build for _version, version_arn in matching for build in lookup.builds_of(resource, session, version_arn)]


def _matching(wanted: Inputs, found: Versions) -> Versions:
    return [pair for pair in found if wanted.version is None or wanted.version.matches(pair[0])]


def _delete(resource: Resource, session: Session, doomed: list[str]) -> tuple[list[str], dict[str, ImageBuilderError]]:
    """Delete, in check mode only in thought. Returns what is gone, and what AWS refuses to delete as it is in use, with its error."""
    deleted, refused = [], {}
    for resource_arn in doomed:
        try:
            if not session.check_mode:
                session.api.find(f"Delete{resource.api_name}", **{resource.arn_parameter: resource_arn})
            deleted.append(resource_arn)
        except ImageBuilderError as error:
            if error.code != IN_USE:
                raise
            refused[resource_arn] = error
    return deleted, refused


def _warn_of_users(resource: Resource, doomed: list[str], users: Users) -> None:
    """Say in check mode what AWS would refuse. It is no error, as an earlier task of the same check may be what deletes the users."""
    for resource_arn in doomed:
        try:
            found = users.of(resource_arn)
        except ImageBuilderError as error:
            warn(f"Who uses the {resource.title} {resource_arn} is not known. {error.explanation()}")
            return
        if found:
            warn(f"AWS may refuse to delete the {resource.title} {resource_arn}. {used_by(found)}")


# All but the newest


def _ensure_few(resource: Resource, session: Session, wanted: Inputs, keep: int) -> dict[str, Any]:
    """Delete all versions but the newest ones and those in use, and return the module's result."""
    users = Users(resource, session)
    everything = lookup.versions_of(resource, session, wanted_arn(resource, session, wanted, ""))
    doomed: list[str] = []
    kept: dict[str, list[User]] = {}
    for version, version_arn in _matching(wanted, everything)[keep:]:
        newer = [other for other, _arn in everything if other.order > version.order]
        for build in lookup.builds_of(resource, session, version_arn):
            found = users.of(build, newer)
            if found:
                kept[build] = found
            else:
                doomed.append(build)
    deleted, refused = _delete(resource, session, doomed)
    latest = Users(resource, session)  # what AWS refuses was taken into use since, or by what we may not see
    kept |= {resource_arn: latest.seen_of(resource_arn) for resource_arn in refused}
    in_use_still = [{"arn": each, "users": [user.arn for user in found]} for each, found in kept.items()]
    return {**_result(resource, deleted), "kept_in_use": in_use_still}
