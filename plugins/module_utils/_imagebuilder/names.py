# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names of Image Builder's resources: as they stand in ARNs, and the short form of an ARN that a user may write. Private to this collection.

The short form is what stands behind the kind in the ARN, with the owner in front where it is not the own account: `web`, `web/1.0.x`,
`aws:update-linux`, `222222222222:harden/1.0.0/2`, and for workflows with their type, `build/gate/1.x.x`. What is allowed at a place is told by
the pattern that botocore's model has for it, and by nothing else.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import versions

NEWEST = "x.x.x"
"""The version that is meant where a kind has versions and none is given."""

_ARN = re.compile(r"arn:(?P<partition>[^:]+):imagebuilder:(?P<region>[^:]+):(?P<owner>[^:]+):(?P<kind>[a-z-]+)/(?P<path>[^:]+)")
_SHORT = re.compile(r"(?:(?P<owner>[0-9]{12}|aws(?:-[a-z-]+)?|third-party):)?(?P<path>[^:]+)")
_NAME = re.compile(r"[-_A-Za-z0-9][-_A-Za-z0-9 ]*")
_PATTERN = re.compile(r".*:imagebuilder:.*:(?P<kind>[a-z-]+)/(?:\((?P<qualifiers>[a-z|]+)\)/)?\[a-z0-9-_\]\+(?P<rest>.*?)\$?")


@dataclass(frozen=True)
class Kind:
    """A kind of resource as a place wants it: `name` as in ARNs, the pattern of the whole ARN, and what may stand before the name."""

    name: str
    pattern: str
    qualifiers: tuple[str, ...] = ()
    versioned: bool = False

    @property
    def words(self) -> str:
        """The kind in a sentence."""
        return self.name.replace("-", " ")

    @property
    def title(self) -> str:
        """The kind in a sentence, with its article."""
        return f"{'an' if self.name[0] in 'aeiou' else 'a'} {self.words}"

    @property
    def api_name(self) -> str:
        """The noun in the operation names."""
        return "".join(map(str.capitalize, self.name.split("-")))

    def takes(self, arn: str) -> bool:
        """Whether the place takes an ARN."""
        return re.fullmatch(self.pattern, arn) is not None


@dataclass(frozen=True)
class Name:
    """A resource as an ARN or a short form names it; what is not told is empty. `place` is partition and Region of an ARN."""

    name: str
    version: str = ""
    build: str = ""
    qualifier: str = ""
    owner: str = ""
    place: tuple[str, str] | None = None


@functools.cache
def kind_of(pattern: str) -> Kind | None:
    """The kind of resource whose ARNs a pattern of botocore's model describes; None for the patterns of everything else."""
    found = _PATTERN.fullmatch(pattern)
    if found is None:
        return None
    return Kind(found["kind"], pattern, tuple((found["qualifiers"] or "").split("|")) if found["qualifiers"] else (), bool(found["rest"]))


def folded(name: str) -> str:
    """A name as it stands in ARNs: names that differ only in case, spaces or underscores are the same to Image Builder."""
    return name.lower().replace(" ", "-").replace("_", "-")


def is_arn(text: str) -> bool:
    """Whether a text is, or wants to be, an ARN."""
    return text.startswith("arn:")


def parse(kind: Kind, text: str) -> Name:
    """What an ARN or a short form says. Whether the place takes it is another question; see `problem`.

    Raises ValueError, saying what is wrong.
    """
    found = (_ARN if is_arn(text) else _SHORT).fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is neither an ARN of Image Builder nor a name with its version and owner.")
    parts = found.groupdict()
    if is_arn(text) and parts["kind"] != kind.name:
        raise ValueError(f"{text} is the ARN of {Kind(parts['kind'], '').title}, and {kind.title} is needed.")
    name = _parse_path(kind, parts["path"])
    return replace(name, owner=parts["owner"] or "", place=(parts["partition"], parts["region"]) if is_arn(text) else None)


def _parse_path(kind: Kind, path: str) -> Name:
    """What stands behind the kind in an ARN."""
    parts = path.split("/")
    is_qualified = len(parts) > 1 and parts[0] in kind.qualifiers and not re.match(r"[0-9x]+\.", parts[1])
    qualifier = parts.pop(0) if is_qualified else ""
    name, version, build = [*parts, "", ""][:3]
    if not _NAME.fullmatch(name) or len(parts) > 3 or "" in parts or not re.fullmatch("[0-9]*", build):
        raise ValueError(f"{path!r} is not a name, perhaps with a version and the number of a build behind it.")
    if version:
        versions.parse(version)
    return Name(name, version, build, qualifier)


def arn(kind: Kind, name: Name, identity: tuple[str, str, str]) -> str:
    """The ARN of a name; `identity` is partition, Region and account, which hold where the name tells nothing else."""
    partition, region = name.place or identity[:2]
    qualifier = f"{name.qualifier}/" if name.qualifier else ""
    version = name.version or (NEWEST if kind.versioned else "")
    path = "/".join(part for part in (f"{qualifier}{folded(name.name)}", version, name.build) if part)
    return f"arn:{partition}:imagebuilder:{region}:{name.owner or identity[2]}:{kind.name}/{path}"


def concrete(wanted: str) -> Iterator[str]:
    """Forms that an ARN can get by being looked up: itself, without x in the version, and with a build."""
    yield wanted
    base, _slash, version = wanted.rpartition("/")
    if re.fullmatch(r"[0-9x.]+", version):
        fixed = f"{base}/{version.replace('x', '0')}"
        yield fixed
        yield f"{fixed}/1"


def problem(kind: Kind, text: str) -> str:
    """What is wrong with a text as a reference to a resource of a kind; empty when nothing is."""
    if is_arn(text):
        return "" if kind.takes(text) else f"{text!r} is not valid: {_wrong_arn(kind, text)} (it must match {kind.pattern})."
    try:
        if _is_possible(kind, parse(kind, text)):
            return ""
        reason = "."
    except ValueError as error:
        reason = f": {error}"
    return f"{text!r} names no {kind.words}{reason} {_forms(kind)}"


def _wrong_arn(kind: Kind, text: str) -> str:
    try:
        parse(kind, text)
    except ValueError as error:
        return str(error).rstrip(".")
    return f"it is not the ARN of {kind.title} as it is needed here"


def _is_possible(kind: Kind, name: Name) -> bool:
    return any(map(kind.takes, concrete(arn(kind, name, ("aws", "us-east-1", "111111111111")))))


def _forms(kind: Kind) -> str:
    """How a reference to the kind can be written at a place."""
    qualifier = kind.qualifiers[0] if kind.qualifiers else ""
    written = f"{qualifier}/NAME" if qualifier else "NAME"
    tails = [("", ""), ("/1.0.x", ""), ("/1.0.0", ""), ("/1.0.0", "/1")]
    forms = [f"{written}{version}{build}" for version, build in tails if _is_possible(kind, Name("n", version[1:], build[1:], qualifier))]
    types = f", where {qualifier} is one of {', '.join(kind.qualifiers)}" if qualifier else ""
    return f"Write {' or '.join(forms)}{types}; in front of it OWNER: where the owner is another account, aws or the like; or give the ARN."
