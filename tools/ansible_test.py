# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run `ansible-test sanity` with each ansible-core whose Python is on this machine.

ansible-test makes virtual environments of its own and bootstraps pip in them from an address outside PyPI. It looks for that script in
its cache first, so a stand-in on the standard library's ensurepip is laid there. Its caches live in a home folder of their own, so that
nothing is written into the user's.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

# Each ansible-core that is checked, and the controller Pythons that it runs on; the first one that is here is taken.
CORES = {"ansible-core==2.19.14": ("3.11", "3.12", "3.13"), "ansible-core==2.21.5": ("3.13", "3.12", "3.14")}
GET_PIP_VERSIONS = ("23_1_2", "24_2", "25_2")
GET_PIP = """\
import os, subprocess, sys
env = {k: v for k, v in os.environ.items() if k != "GET_PIP"}
wanted = [word for word in sys.argv[1:] if word not in ("--no-setuptools", "--no-wheel")]
subprocess.check_call([sys.executable, "-m", "ensurepip", "--default-pip"], env=env, stdout=subprocess.DEVNULL)
sys.exit(subprocess.call([sys.executable, "-m", "pip", "install", "--quiet", *wanted], env=env))
"""


def interpreters() -> dict[str, Path]:
    """The real Python interpreters of this machine by version. A version manager's shims only work where they choose to."""
    folders = [Path(name) for name in os.environ["PATH"].split(os.pathsep) if "shims" not in name]
    folders += sorted((Path.home() / ".pyenv/versions").glob("3.*/bin"))
    found: dict[str, Path] = {}
    for folder in folders:
        for program in folder.glob("python3.*"):
            if re.fullmatch(r"python3\.\d+", program.name):
                found.setdefault(program.name.removeprefix("python"), program)
    return found


def environment(home: Path, pythons: dict[str, Path], *first: Path) -> dict[str, str]:
    """The environment for ansible-test: its own home, the given folders and then the real interpreters before everything else."""
    cache = home / ".ansible/test/cache"
    cache.mkdir(parents=True, exist_ok=True)
    for version in GET_PIP_VERSIONS:
        (cache / f"get_pip_{version}.py").write_text(GET_PIP)
    folders = [*first, *sorted({python.parent for python in pythons.values()}), Path("/usr/local/bin"), Path("/usr/bin"), Path("/bin")]
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("ANSIBLE_", "PYTHON", "VIRTUAL_ENV"))}
    return {**kept, "HOME": str(home), "PATH": os.pathsep.join(map(str, folders)), "LC_ALL": "C.UTF-8"}


def core_environment(core: str, python: Path, home: Path, uv: Path) -> Path:
    """A virtual environment with that ansible-core; its folder of programs."""
    folder = home / "cores" / core.replace("==", "-")
    if not (folder / "bin/ansible-test").exists():
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([uv, "venv", "--quiet", "--python", python, folder], check=True)
        subprocess.run([uv, "pip", "install", "--quiet", "--python", folder / "bin/python", core], check=True)
    return folder / "bin"


def main() -> int:
    """Exit status: that of the first ansible-core that found something, 0 when none did."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("collection", type=Path, help="the staged collection")
    parser.add_argument("--home", type=Path, required=True, help="the folder for ansible-test's caches")
    parser.add_argument("--uv", type=Path, required=True, help="the uv program")
    parser.add_argument("--tools", type=Path, required=True, help="a folder with shellcheck")
    parser.add_argument("words", nargs="*", help="more words for ansible-test sanity")
    options, more = parser.parse_known_args()
    pythons = interpreters()
    shellcheck = options.home / "tools"
    shellcheck.mkdir(parents=True, exist_ok=True)
    shutil.copy2(options.tools / "shellcheck", shellcheck / "shellcheck")

    def sanity(core: str, version: str) -> int:
        programs = core_environment(core, pythons[version], options.home, options.uv.resolve())
        command = [programs / "ansible-test", "sanity", "--color", "no", *options.words, *more]
        variables = environment(options.home.resolve(), pythons, programs, shellcheck)
        done = subprocess.run(
            command, cwd=options.collection, env=variables, text=True, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        print(f"sanity: {core} on Python {version}\n{done.stdout}sanity: {core} ended with {done.returncode}", flush=True)
        return done.returncode

    chosen = {core: next((version for version in versions if version in pythons), "") for core, versions in CORES.items()}
    for core in [core for core, version in chosen.items() if not version]:
        print(f"sanity: no Python for {core} here ({', '.join(CORES[core])}), it is left out", flush=True)
    if not any(chosen.values()):
        sys.exit("sanity: none of the Pythons that are needed is here")
    with ThreadPoolExecutor() as pool:
        running = [pool.submit(sanity, core, version) for core, version in chosen.items() if version]
    return max(run.result() for run in running)


if __name__ == "__main__":
    sys.exit(main())
