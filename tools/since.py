# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write plugins/module_utils/_imagebuilder/since.py: which version of botocore brought which operation and which option.

botocore is released nearly every day and seldom touches Image Builder, so releases are bisected: where the oldest and the newest of a row know
the same, none between them is looked at. That takes for granted that nothing is ever taken away.
"""

from __future__ import annotations

import argparse
import functools
import gzip
import json
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

TARGET = Path(__file__).resolve().parent.parent / "plugins/module_utils/_imagebuilder/since.py"
OLDEST = (1, 40, 0)
# Members of requests that are no options.
NOT_OPTIONS = {"clientToken", "dryRun"}
MODEL = "botocore/data/imagebuilder/2019-12-02/service-2.json.gz"
HEAD = '''# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What botocore learned of Image Builder after {oldest}, up to {newest}, and with which version. Private to this collection.

Written by tools/since.py; an option that the installed botocore lacks is refused with the version that brings it.
"""

from __future__ import annotations

from collections.abc import Mapping

'''

Version = tuple[int, ...]

Fact = tuple[str, str]
"""A shape of a request and one of its members; or an operation and an empty text."""


def released() -> list[Version]:
    """All versions that pip can get, from OLDEST on."""
    command = [sys.executable, "-m", "pip", "index", "versions", "botocore"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    found = re.search(r"Available versions: (.*)", listed)
    if not found:
        raise SystemExit(f"pip told no versions of botocore: {listed}")
    versions = sorted(tuple(map(int, text.split("."))) for text in found.group(1).split(", "))
    return [version for version in versions if version >= OLDEST]


def text_of(version: Version) -> str:
    """A version as pip spells it."""
    return ".".join(map(str, version))


def model(version: Version, cache: Path) -> Any:
    """The model of Image Builder in a version of botocore. It is kept in the cache, the rest of the package is not."""
    kept = cache / f"imagebuilder-{text_of(version)}.json.gz"
    if not kept.exists():
        with tempfile.TemporaryDirectory() as folder:
            what = ["--quiet", "--no-deps", "--only-binary=:all:", "--dest", folder, f"botocore=={text_of(version)}"]
            subprocess.run([sys.executable, "-m", "pip", "download", *what], check=True)
            (wheel,) = Path(folder).glob("*.whl")
            with zipfile.ZipFile(wheel) as archive:
                kept.write_bytes(archive.read(MODEL))
    return json.loads(gzip.decompress(kept.read_bytes()))


def facts(service: Mapping[str, Any]) -> frozenset[Fact]:
    """What a model knows: its operations, and the members of everything that requests are made of."""
    seen: set[str] = set()
    found: set[Fact] = set()
    waiting = [operation["input"]["shape"] for operation in service["operations"].values() if "input" in operation]
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            shape = service["shapes"][name]
            waiting += _parts(shape)
            found |= {(name, member) for member in shape.get("members", {}) if member not in NOT_OPTIONS}
    return frozenset(found | {(operation, "") for operation in service["operations"]})


def _parts(shape: Mapping[str, Any]) -> Iterator[str]:
    """The shapes that a shape is made of."""
    parts = [*shape.get("members", {}).values(), *(shape[name] for name in ("member", "key", "value") if name in shape)]
    return (part["shape"] for part in parts)


def first_versions(versions: Sequence[Version], known: Callable[[Version], frozenset[Fact]]) -> dict[Fact, Version]:
    """For everything that the last version knows and the first does not: which version knew it first."""
    new = known(versions[-1]) - known(versions[0])
    if not new or len(versions) == 2:
        return dict.fromkeys(new, versions[-1])
    middle = len(versions) // 2
    return first_versions(versions[: middle + 1], known) | first_versions(versions[middle:], known)


def options(found: Mapping[Fact, Version], old: frozenset[Fact]) -> dict[str, dict[str, Version]]:
    """By shape, the members that came later than the shape. A shape that is new as a whole needs no word: what it belongs to is new as well."""
    old_shapes = {name for name, _member in old}
    members: dict[str, dict[str, Version]] = {}
    for (name, member), version in sorted(found.items()):
        if member:
            members.setdefault(name, {})[member] = version
    for name in members.keys() - old_shapes:
        birth = min(members[name].values())
        members[name] = {member: version for member, version in members[name].items() if version > birth}
    return {name: versions for name, versions in members.items() if versions}


def written(operations: Mapping[str, Version], members: Mapping[str, Mapping[str, Version]], oldest: Version, newest: Version) -> str:
    """The text of the module."""
    lines = ["OPERATIONS: Mapping[str, str] = {"]
    lines += [f'    "{name}": "{text_of(version)}",' for name, version in operations.items()]
    lines += ["}", "", "MEMBERS: Mapping[str, Mapping[str, str]] = {"]
    for name, versions in members.items():
        lines += [f'    "{name}": {{', *(f'        "{member}": "{text_of(version)}",' for member, version in versions.items()), "    },"]
    return HEAD.format(oldest=text_of(oldest), newest=text_of(newest)) + "\n".join([*lines, "}"]) + "\n"


def main() -> None:
    """Write the file anew."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, required=True, help="a folder that keeps the models between runs")
    cache: Path = parser.parse_args().cache
    cache.mkdir(parents=True, exist_ok=True)
    versions = released()
    known = functools.cache(lambda version: facts(model(version, cache)))
    found = first_versions(versions, known)
    operations = {name: version for (name, member), version in sorted(found.items()) if not member}
    TARGET.write_text(written(operations, options(found, known(versions[0])), versions[0], versions[-1]))


if __name__ == "__main__":
    main()
