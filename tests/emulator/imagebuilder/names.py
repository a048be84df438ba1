# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names, versions and ARNs of Image Builder. Pure.

Rules: "Semantic versioning in Image Builder" of the user guide, and the documentation of `name` in the service's model.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

_ARN = re.compile(
    r"arn:(?P<partition>aws[^:]*):imagebuilder:(?P<region>[^:]+):(?P<account>[^:]+):"
    r"(?P<type>(?:workflow/)?[a-z-]+)/(?P<name>[a-z0-9_-]+)(?:/(?P<version>[0-9x]+\.[0-9x]+\.[0-9x]+)(?:/(?P<build>[0-9]+))?)?"
)
NODE_LIMIT = 2**30 - 1


def folded(name: str) -> str:
    """Return a name as it stands in ARNs: names that differ only in case, spaces and underscores are one name."""
    return re.sub(r"[ _]", "-", name.lower())


@dataclass(frozen=True)
class Arn:
    """An ARN of the service, in its parts. Version and build may be missing; the version may hold x."""

    partition: str
    region: str
    account: str
    type: str
    name: str
    version: str = ""
    build: int = 0

    @classmethod
    def parse(cls, text: str) -> Arn:
        """Read an ARN. Raises ValueError."""
        parts = _ARN.fullmatch(text)
        if not parts:
            raise ValueError(f"{text!r} is no ARN of Image Builder")
        return cls(
            parts["partition"], parts["region"], parts["account"], parts["type"], parts["name"], parts["version"] or "", int(parts["build"] or 0)
        )

    def __str__(self) -> str:
        tail = "".join((f"/{self.version}" if self.version else "", f"/{self.build}" if self.build else ""))
        return f"arn:{self.partition}:imagebuilder:{self.region}:{self.account}:{self.type}/{self.name}{tail}"

    @property
    def identity(self) -> tuple[str, str, str]:
        """What all versions of one thing have in common."""
        return self.account, self.type, self.name

    @property
    def order(self) -> tuple[int, ...]:
        """Sorts the versions and builds of one thing, oldest first."""
        return (*numbers(self.version), self.build) if self.version else (0, 0, 0, self.build)

    def without_build(self) -> Arn:
        """Return the ARN of the version."""
        return replace(self, build=0)


def numbers(version: str) -> tuple[int, ...]:
    """Return a version as numbers."""
    return tuple(int(node) for node in version.split("."))


def has_wildcard(version: str) -> bool:
    """Whether a version holds x."""
    return "x" in version


def version_problem(version: str) -> str:
    """Return what is wrong with a version that fits the pattern, else nothing."""
    nodes = version.split(".")
    if any(node != "x" and int(node) > NODE_LIMIT for node in nodes):
        return f"Each node of a version can be at most {NODE_LIMIT}."
    if "x" in nodes and any(node != "x" for node in nodes[nodes.index("x") :]):
        return "When you use a wildcard in any node, all nodes to the right of the first wildcard must also be wildcards."
    return ""


def matches(version: str, pattern: str) -> bool:
    """Whether a version is one of those that a pattern such as 1.x.x means."""
    return all(wanted in ("x", node) for node, wanted in zip(version.split("."), pattern.split("."), strict=True))


def next_version(pattern: str, existing: list[str]) -> str:
    """Return the version that a pattern such as 1.0.x stands for when something is created: the first x counts on, what follows it is 0."""
    nodes = pattern.split(".")
    place = nodes.index("x")
    taken = [numbers(version)[place] for version in existing if matches(version, pattern)]
    return ".".join([*nodes[:place], str(max(taken, default=-1) + 1), *["0"] * (len(nodes) - place - 1)])


def latest_version_references(arn: Arn) -> dict[str, str]:
    """Return the wildcard ARNs that always mean the newest of what this ARN means one of."""
    major, minor, _patch = arn.version.split(".")
    return {
        "latestVersionArn": str(replace(arn, version="x.x.x", build=0)),
        "latestMajorVersionArn": str(replace(arn, version=f"{major}.x.x", build=0)),
        "latestMinorVersionArn": str(replace(arn, version=f"{major}.{minor}.x", build=0)),
        "latestPatchVersionArn": str(replace(arn, build=0)),
    }
