# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run tests with the oldest and the newest of what the collection supports, each combination in an environment of its own.

The oldest boto3 is the one that requirements.txt allows. ansible-core is run on the newest Python that is found of those it supports; a combination
without one is named and left out. Nothing but PyPI is asked.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
OLDEST, NEWEST = "oldest", "newest"
PYTHONS = ("3.14", "3.13", "3.12", "3.11", "3.10")
LIBRARIES = ("hypothesis", "moto[ec2,iam,kms,organizations,server,ssm,sts]", "pytest", "pytest-xdist", "PyYAML")
TESTS = (
    "tests/unit/plugins/action",
    "tests/unit/plugins/filter",
    "tests/unit/plugins/module_utils",
    "tests/unit/plugins/plugin_utils",
)
# The emulator judges requests by the botocore that it runs with, and AWS by the newest; so these want the newest as well. From end to end, every
# combination runs against an emulator of the test environment (tests/installed.py).
OF_THE_NEWEST = ("tests/integration/test_distribute.py", "tests/integration/test_organizations.py", "tests/integration/test_roles_alone.py")
# What is sensitive to the versions and quick: reading what is asked for with botocore's model, and plugins loaded by Ansible.
QUICK = (
    "tests/unit/plugins/action/test_validate.py",
    "tests/unit/plugins/filter",
    "tests/unit/plugins/module_utils/_fleet",
    "tests/unit/plugins/module_utils/_imagebuilder/test_inputs.py",
    "tests/unit/plugins/module_utils/_imagebuilder/test_references.py",
    "tests/unit/plugins/module_utils/_imagebuilder/test_rules.py",
    "tests/unit/plugins/module_utils/_imagebuilder/test_schema.py",
    "tests/unit/plugins/module_utils/_imagebuilder/test_since.py",
)


@dataclass(frozen=True)
class Combination:
    """What is installed together: ansible-core by its series, of which the newest is taken, and boto3, the oldest or the newest."""

    ansible_core: str
    boto3: str

    @property
    def name(self) -> str:
        """How it is called on the command line."""
        return f"{self.ansible_core}-{self.boto3}"

    @property
    def pythons(self) -> tuple[str, ...]:
        """The Pythons on which this ansible-core runs playbooks, as its release notes say, newest first."""
        supported = {"2.17": PYTHONS[2:], "2.18": PYTHONS[1:4]}
        return supported.get(self.ansible_core, PYTHONS[:3])

    def requirements(self) -> list[str]:
        """What is installed."""
        core = "ansible-core" if self.ansible_core == NEWEST else f"ansible-core=={self.ansible_core}.*"
        oldest = re.findall(r"^(\w+)>=([\d.]+)$", (CHECKOUT / "requirements.txt").read_text(), re.MULTILINE)
        libraries = [f"{name}=={version}" for name, version in oldest] if self.boto3 == OLDEST else ["boto3"]
        return [core, *libraries, *LIBRARIES]


COMBINATIONS = (Combination("2.17", OLDEST), Combination("2.18", NEWEST), Combination(NEWEST, OLDEST), Combination(NEWEST, NEWEST))


def find_python(versions: tuple[str, ...]) -> Path | None:
    """The first of these Pythons that is on the PATH or that pyenv has."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    for version in versions:
        kept = sorted(pyenv.glob(f"{version}.*/bin/python{version}"))
        if kept:
            return kept[-1]
        found = shutil.which(f"python{version}")
        if found and subprocess.run([found, "--version"], capture_output=True, check=False).returncode == 0:  # no shim without a Python
            return Path(found)
    return None


def make_environment(combination: Combination, python: Path, folder: Path, uv: Path) -> Path:
    """Make the environment anew and return its programs' folder."""
    subprocess.run([uv, "venv", "--quiet", "--clear", "--python", python, folder], check=True)
    install: list[str | Path] = [uv, "pip", "install", "--quiet", "--python", folder / "bin/python", *combination.requirements()]
    subprocess.run(install, check=True)
    return folder / "bin"


def chosen(combination: Combination, words: list[str], quick: bool) -> list[str]:
    """The words for pytest: the chosen tests that make sense here, unless tests are among the given words."""
    if any(word.startswith("tests/") for word in words):
        return words
    if quick:
        return [*QUICK, *words]
    return [*TESTS, *(OF_THE_NEWEST if combination.boto3 == NEWEST else ()), *words]


def run_tests(programs: Path, collection: Path, words: list[str]) -> int:
    """Run pytest in an environment; its exit status."""
    collections = str(collection.parent.parent.parent)
    environment = {
        **os.environ,
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "ANSIBLE_COLLECTIONS_PATH": collections,
        "PYTHONPATH": collections,
    }
    command: list[str | Path] = [programs / "python", "-m", "pytest", "-q", "-p", "no:cacheprovider", *words]
    return subprocess.run(command, cwd=collection, env=environment, check=False).returncode


def run_end_to_end(programs: Path, build: Path) -> int:
    """Run the example's playbook in an environment, against an emulator outside of it; the exit status."""
    collections = build / "collections"
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(collections), "PYTHONPATH": str(collections)}
    module = "ansible_collections.golden.imagebuilder.tests.installed"
    command: list[str | Path] = [build / "test/bin/python", "-m", module, programs, collections]
    return subprocess.run(command, cwd=collections / "ansible_collections/golden/imagebuilder", env=environment, check=False).returncode


def main() -> int:
    """Exit status: 1 when tests of any combination failed, or nothing could be run."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=Path, help="the build folder, in which the collection is staged")
    parser.add_argument("--only", action="append", choices=[each.name for each in COMBINATIONS], help="run this combination; once for each")
    parser.add_argument("--quick", action="store_true", help="of the tests only what is quick and most depends on the versions")
    parser.epilog = "Further words are for pytest: options, and tests (tests/...) in place of the chosen ones."
    options, words = parser.parse_known_args()
    build = options.build.resolve()
    status: dict[str, str] = {}
    passed: list[bool] = []
    for combination in COMBINATIONS:
        if options.only and combination.name not in options.only:
            continue
        python = find_python(combination.pythons)
        if python is None:
            status[combination.name] = f"left out, as none of Python {', '.join(combination.pythons)} is found"
            continue
        print(f"== ansible-core {combination.ansible_core}, {combination.boto3} boto3, {python.name}", flush=True)
        begun = time.monotonic()
        programs = make_environment(combination, python, build / "matrix" / combination.name, build / "uv/bin/uv")
        failed = run_tests(programs, build / "collections/ansible_collections/golden/imagebuilder", chosen(combination, words, options.quick))
        failed = run_end_to_end(programs, build) or failed
        passed.append(not failed)
        status[combination.name] = f"{'failed' if failed else 'passed'} after {time.monotonic() - begun:.0f} s"
    print("\n".join(f"{name}: {what}" for name, what in status.items()))
    return 0 if passed and all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
