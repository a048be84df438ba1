# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who refers to a resource. Private to this collection."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import arns, schema
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.client import ImageBuilderError
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import Reference, Resource
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.session import Session
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.versions import Version


class User(NamedTuple):
    """Something that may refer to others: its kind as in sentences, its ARN, and every text in its description."""

    kind: str
    arn: str
    texts: frozenset[str]


class Users:
    """Everything that may refer to resources of one kind. It is read once, when it is first needed."""

    def __init__(self, resource: Resource, session: Session) -> None:
        self._resource = resource
        self._session = session
        self._read: dict[Reference, list[User]] = {}

    def of(self, resource_arn: str, newer: Iterable[Version] = ()) -> list[User]:
        """The users of one resource. Raises ImageBuilderError.

        `newer` are versions of the same name which a reference with x means instead.
        """
        newer = list(newer)
        return [user for reference in self._resource.used_by for user in self._among(reference, resource_arn, newer)]

    def seen_of(self, resource_arn: str) -> list[User]:
        """Those users of one resource that may be looked at."""
        found: list[User] = []
        for reference in self._resource.used_by:
            with contextlib.suppress(ImageBuilderError):
                found += self._among(reference, resource_arn)
        return found

    def _among(self, reference: Reference, resource_arn: str, newer: Iterable[Version] = ()) -> list[User]:
        if reference not in self._read:
            self._read[reference] = list(self._all(reference))
        return [user for user in self._read[reference] if any(arns.refers_to(text, resource_arn, newer) for text in user.texts)]

    def _all(self, reference: Reference) -> Iterator[User]:
        for entry in self._session.api.pages(reference.list_operation):
            about: Any = entry
            if reference.get_operation:
                parameter = str(schema.input_shape(reference.get_operation).required_members[0])
                about = self._session.api.find(reference.get_operation, **{parameter: entry["arn"]}) or {}
            yield User(reference.kind, str(entry["arn"]), frozenset(arns.strings(about)) - {entry["arn"]})


def in_use(resource: Resource, session: Session, resource_arn: str, error: ImageBuilderError, users: Users | None = None) -> str:
    """Why a resource cannot be deleted. The users are looked up; where that is not allowed, AWS's own words have to do."""
    found = (users or Users(resource, session)).seen_of(resource_arn)
    reason = used_by(found) if found else error.explanation()
    return f"The {resource.title} {resource_arn} is in use {session.api.where}, so it cannot be deleted. {reason}"


def used_by(users: Iterable[User]) -> str:
    """Sentences that name the users and say what to do."""
    return f"It is used by: {', '.join(f'{user.kind} {user.arn}' for user in users)}. Delete or change these first."
