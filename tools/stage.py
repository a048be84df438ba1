# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Lay this checkout out as Ansible wants it: BUILD/collections/ansible_collections/golden/imagebuilder.

ansible-test refuses a link in that place, so the files are copied: those that git tracks or would track. A file that is already there
with the same size and time is left alone, which keeps the caches of the tools warm. amazon.aws, on which the collection depends, and
awx.awx, which one playbook uses, are taken out of PyPI's `ansible` package and laid beside it, so that nothing needs Galaxy.
"""

from __future__ import annotations

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
BUNDLED = ("ansible_collections/amazon/aws/", "ansible_collections/awx/awx/")
# What tools leave in the staged tree and find again.
KEPT = {".git", "__pycache__", ".mypy_cache", ".ruff_cache"}


def tracked_files(checkout: Path) -> set[Path]:
    """Relative paths of the files that git tracks, or would track, and that exist."""
    command = ["git", "-C", str(checkout), "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\0")
    return {Path(name) for name in listed if name and (checkout / name).is_file()}


def is_same(source: Path, copy: Path) -> bool:
    """Whether the copy has the size, the time and the mode of its source."""
    if not copy.is_file():
        return False
    one, other = source.stat(), copy.stat()
    return (one.st_size, one.st_mtime_ns, one.st_mode) == (other.st_size, other.st_mtime_ns, other.st_mode)


def stage_checkout(checkout: Path, destination: Path) -> None:
    """Make the destination hold exactly the checkout's files.

    It is a git repository of its own: ansible-test asks git for the files, and would else ask the checkout's, which ignores the build folder.
    """
    subprocess.run(["git", "init", "--quiet", str(destination)], check=True)
    wanted = tracked_files(checkout)
    for present in [path for path in destination.rglob("*") if path.is_file() or path.is_symlink()]:
        relative = present.relative_to(destination)
        if relative not in wanted and not KEPT & set(relative.parts):
            present.unlink()
    for relative in wanted:
        source, copy = checkout / relative, destination / relative
        if not is_same(source, copy):
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, copy)


def stage_bundled(requirement: str, collections: Path) -> None:
    """Extract the other collections from the wheel of the given requirement (`ansible==x.y.z`), once for each version."""
    stamps = [collections / folder / f".from-{requirement}" for folder in BUNDLED]
    if all(stamp.exists() for stamp in stamps):
        return
    for stamp in stamps:
        shutil.rmtree(stamp.parent, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        download = ["pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest", folder, requirement]
        subprocess.run([sys.executable, "-m", *download], check=True)
        with zipfile.ZipFile(next(Path(folder).glob("ansible-*.whl"))) as wheel:
            wheel.extractall(collections, [name for name in wheel.namelist() if name.startswith(BUNDLED)])
    for stamp in stamps:
        stamp.touch()


def main() -> None:
    """Stage into the folder named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=Path, help="the build folder")
    collections = parser.parse_args().build.resolve() / "collections"
    galaxy = (CHECKOUT / "galaxy.yml").read_text()
    namespace, name = (re.search(rf"^{key}: (\w+)$", galaxy, re.MULTILINE)[1] for key in ("namespace", "name"))  # type: ignore[index]
    stage_bundled((CHECKOUT / "requirements/amazon-aws.txt").read_text().split()[-1], collections)
    stage_checkout(CHECKOUT, collections / "ansible_collections" / namespace / name)


if __name__ == "__main__":
    main()
