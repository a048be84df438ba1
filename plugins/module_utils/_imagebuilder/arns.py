# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is in an ARN of Image Builder or of a role it works with, and what refers to what: pure. Private to this collection.

An ARN ends in `kind/name`, `kind/name/version` or `kind/name/version/build`; workflows have their type between kind and name. A name holds no
dot, so the version is known by its form.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import versions

_ARN = re.compile(r"(?P<base>.+?)(?:/(?P<version>[\dx]+\.[\dx]+\.[\dx]+)(?:/(?P<build>\d+))?)?")


class Parts(NamedTuple):
    """An ARN up to and with the name; the version and the build, empty where there is none."""

    base: str
    version: str
    build: str

    @property
    def name(self) -> str:
        """The name as it stands in the ARN."""
        return self.base.rpartition("/")[2]


def split(arn: str) -> Parts:
    """The parts of an ARN."""
    found = _ARN.fullmatch(arn)
    return Parts(found["base"], found["version"] or "", found["build"] or "") if found else Parts(arn, "", "")


def version_of(arn: str) -> versions.Version:
    """The version in an ARN. Raises ValueError where there is none."""
    return versions.parse(split(arn).version)


def image_of_recipe(recipe_arn: str, account_id: str) -> str:
    """The ARN of the image version that an account builds from a recipe: it bears the recipe's name and version."""
    service, _colon, path = recipe_arn.rpartition(":")
    return f"{service.rpartition(':')[0]}:{account_id}:image/{path.partition('/')[2]}"


def role_name(role: str | None) -> str | None:
    """Name of an execution role given as a name or as an ARN. The service-linked role is what AWS uses when none is given."""
    name = (role or "").rpartition("/")[2]
    return None if name in ("", "AWSServiceRoleForImageBuilder") else name


def same_role(one: str | None, other: str | None) -> bool:
    """Whether two execution roles are the same. AWS may answer the ARN where a name was given; in an account a name is there once."""
    return role_name(one) == role_name(other)


def refers_to(text: str, arn: str, newer: Iterable[versions.Version] = ()) -> bool:
    """Whether a reference means a resource: the same ARN, its version without the build, or a version with x that matches it.

    A version with x means the newest that matches, so it does not mean this one when it matches one of the `newer` ones too.
    """
    if text == arn:
        return True
    theirs, ours = split(text), split(arn)
    if theirs.base != ours.base or not theirs.version or not ours.version or theirs.build not in ("", ours.build):
        return False
    try:
        wanted = versions.parse(theirs.version)
    except ValueError:
        return False
    return wanted.matches(versions.parse(ours.version)) and not (wanted.is_wildcard and any(map(wanted.matches, newer)))


def strings(value: Any) -> Iterator[str]:
    """Every text in a description or request, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for item in value.values():
            yield from strings(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            yield from strings(item)
