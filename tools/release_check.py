# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check what is about to be released: its version, and that its artifact installs into an empty environment and works there.

The artifact is made by `make importer`. amazon.aws is packed from where the collection is staged, so that Galaxy is not asked.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import yaml

CHECKOUT = Path(__file__).resolve().parent.parent
# Where a version of this collection would be a second one that somebody has to remember.
SECOND_VERSION = r"""^\s*(?:__version__|\w*VERSION|version)\s*[:=]\s*["']?{}["']?\s*$"""


def tracked_files() -> list[Path]:
    """The files that git tracks, or would track."""
    command = ["git", "-C", str(CHECKOUT), "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    names = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\0")
    return [CHECKOUT / name for name in names if name and (CHECKOUT / name).is_file()]


def numbers(version: str) -> tuple[int, ...]:
    """A version as what it is ordered by."""
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])


def version_problems(version: str) -> list[str]:
    """What else names the version, or promises a later one."""
    second = re.compile(SECOND_VERSION.format(re.escape(version)), re.MULTILINE)
    problems = []
    for path in tracked_files():
        if path.suffix not in {".py", ".yml", ".yaml", ".toml", ".cfg", ".j2"} or path.name in {"galaxy.yml", "changelog.yaml"}:
            continue
        text, name = path.read_text(), path.relative_to(CHECKOUT)
        if second.search(text):
            problems.append(f"{name}: has the version as well; galaxy.yml is its place")
        later = {added for added in re.findall(r"version_added: [\"']?(\d+\.\d+\.\d+)", text) if numbers(added) > numbers(version)}
        problems += [f"{name}: version_added {added} is later than {version}" for added in sorted(later)] if "plugins" in path.parts else []
    return problems


def changelog_problems(version: str) -> list[str]:
    """A release without fragments and without an entry would say nothing of itself."""
    path = CHECKOUT / "changelogs/changelog.yaml"
    releases = (yaml.safe_load(path.read_text()) or {}).get("releases", {}) if path.exists() else {}
    fragments = list((CHECKOUT / "changelogs/fragments").glob("*.y*ml"))
    return [] if version in releases or fragments else [f"changelogs: there is neither a release {version} nor any fragment"]


def pack_amazon_aws(collections: Path, folder: Path) -> Path:
    """The staged amazon.aws as an artifact, whose manifests name what PyPI's bundle has of it."""
    source = collections / "ansible_collections/amazon/aws"
    files = json.loads((source / "FILES.json").read_text())
    files["files"] = [entry for entry in files["files"] if (source / entry["name"]).exists()]
    manifest = json.loads((source / "MANIFEST.json").read_text())
    listed = json.dumps(files).encode()
    manifest["file_manifest_file"]["chksum_sha256"] = hashlib.sha256(listed).hexdigest()
    artifact = folder / "amazon-aws.tar.gz"
    with tarfile.open(artifact, "w:gz") as tar:
        for name, content in (("MANIFEST.json", json.dumps(manifest).encode()), ("FILES.json", listed)):
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o644
            tar.addfile(member, io.BytesIO(content))
        for entry in files["files"]:
            tar.add(source / entry["name"], entry["name"], recursive=False)
    return artifact


def install(build: Path, uv: Path) -> tuple[Path, Path]:
    """Make an environment of Ansible, boto3 and the artifacts alone; its programs and its collections."""
    folder = build / "release"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, folder / "environment"], check=True)
    requirements: list[str | Path] = ["--requirement", CHECKOUT / "requirements.txt", "ansible-core"]
    subprocess.run([uv, "pip", "install", "--quiet", "--python", folder / "environment/bin/python", *requirements], check=True)
    programs, collections = folder / "environment/bin", folder / "collections"
    (ours,) = (build / "artifact").glob("golden-imagebuilder-*.tar.gz")
    artifacts = [pack_amazon_aws(build / "collections", folder), ours]
    command: list[str | Path] = [
        programs / "ansible-galaxy",
        "collection",
        "install",
        "--offline",
        "--no-cache",
        "--collections-path",
        collections,
        *artifacts,
    ]
    # Nothing that is installed elsewhere counts.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "PYTHONPATH"))}
    only_here = {"ANSIBLE_HOME": str(folder / "home"), "ANSIBLE_COLLECTIONS_PATH": str(collections)}
    subprocess.run(command, env={**environment, **only_here}, check=True)
    return programs, collections


def main() -> int:
    """Exit status: 1 when anything would keep it from being released."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=Path, help="the build folder, with the staged collection and the artifact")
    build = parser.parse_args().build.resolve()
    version = yaml.safe_load((CHECKOUT / "galaxy.yml").read_text())["version"]
    problems = [*version_problems(version), *changelog_problems(version)]
    if problems:
        print("\n".join(problems))
        return 1
    programs, collections = install(build, build / "uv/bin/uv")
    demonstration: list[str | Path] = [sys.executable, "-m", "ansible_collections.golden.imagebuilder.tests.installed", programs, collections]
    return subprocess.run(demonstration, cwd=build / "collections/ansible_collections/golden/imagebuilder", check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
