# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""By what an image is known again, and a request to start one: a hash of the inputs that count. Pure: no call is made here.

The hash stands in a tag of the image. What GetImage tells of an image's inputs may have changed since (a distribution configuration can be
edited), and a new image is listed with its tags before much else is known of it.

This module util is private to the collection.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

OWN_TAGS = "golden.imagebuilder/"
"""How the keys of tags begin that are this collection's."""

TAG = f"{OWN_TAGS}fingerprint"

MOST_TAGS = 50
"""API shape TagMap: a resource has no more tags."""

_VERSION = "1"  # of what is hashed, and how: an image that has another one is compared by its description
_VALUE = re.compile(rf"{_VERSION}:(?P<inputs>[0-9a-f]{{32}}):(?P<settings>[0-9a-f]{{32}})")


@dataclass(frozen=True)
class Fingerprint:
    """Hashes of what an image is made of and where it goes (`inputs`), and of how it is made (`settings`)."""

    inputs: str
    settings: str

    @classmethod
    def of(cls, inputs: Any, settings: Any) -> Fingerprint:
        """The fingerprint of contents that are in the one form that all of their meaning have."""
        return cls(digest(inputs)[:32], digest(settings)[:32])

    @classmethod
    def read(cls, tags: Mapping[str, str] | None) -> Fingerprint | None:
        """The fingerprint in the tags of an image; None when there is none that can be read."""
        found = _VALUE.fullmatch((tags or {}).get(TAG, ""))
        return cls(found["inputs"], found["settings"]) if found else None

    @property
    def value(self) -> str:
        """What the tag has."""
        return f"{_VERSION}:{self.inputs}:{self.settings}"

    def added_to(self, tags: Mapping[str, str]) -> dict[str, str]:
        """Tags with this one. Where there is no room for it they stay as they are, and the image is known again by its description."""
        return {**tags, TAG: self.value} if len(tags) < MOST_TAGS else dict(tags)


def without(tags: Mapping[str, str] | None) -> dict[str, str]:
    """Tags as users see and set them: by what this collection knows its images is no concern of theirs."""
    return {key: value for key, value in (tags or {}).items() if not key.startswith(OWN_TAGS)}


def token(content: Any) -> str:
    """A client token that is the same for the same content. The limit of the API is 64 characters."""
    return f"golden-{digest(content)[:48]}"


def digest(content: Any) -> str:
    """A hash that is the same for the same content, whatever the order of its keys."""
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
