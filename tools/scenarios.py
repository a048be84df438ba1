# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the scenarios of extensions/molecule, several at a time, each with a folder and an emulator of its own.

Left to itself, molecule keeps the files of a scenario in a folder of the user's that is named after the scenario alone. Two checkouts would stop
each other's emulator there and overwrite each other's report, which the step `idempotence` then takes for a change.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

# Seconds. A scenario takes one or two minutes; one that takes this long hangs.
TIMEOUT = 900


def free_port() -> int:
    """A port of this machine that nobody listens on."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


def run(build: Path, extensions: Path, scenario: str) -> bool:
    """Run one scenario, and say how it ended; all that it said only if it failed. What it said is kept beside its folder."""
    folder, log = build / "scenarios" / scenario, build / "scenarios" / f"{scenario}.log"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    own = {"MOLECULE_EPHEMERAL_DIRECTORY": str(folder), "GOLDEN_MOLECULE_PORT": str(free_port())}
    begun = time.monotonic()
    with log.open("w") as output:
        command = [str(build / "molecule/bin/molecule"), "test", "--scenario-name", scenario]
        try:
            status = subprocess.run(
                command, cwd=extensions, env=os.environ | own, stdout=output, stderr=subprocess.STDOUT, timeout=TIMEOUT, check=False
            ).returncode
        except subprocess.TimeoutExpired:
            status = -1
    told = f"{log.read_text()}\nscenario {scenario}: failed" if status else f"scenario {scenario}: passed"
    print(f"{told} after {time.monotonic() - begun:.0f} seconds", flush=True)
    return status == 0


def main() -> int:
    """Exit status: 1 when a scenario failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=Path, help="the build folder, with molecule and the staged collection")
    parser.add_argument("scenarios", nargs="*", help="which ones; all by default")
    parser.add_argument("--jobs", type=int, default=2, help="how many at a time, %(default)s by default")
    options = parser.parse_args()
    build = options.build.resolve()
    extensions = build / "collections/ansible_collections/golden/imagebuilder/extensions"
    known = sorted(path.parent.name for path in extensions.glob("molecule/*/molecule.yml"))
    unknown = sorted(set(options.scenarios) - set(known))
    if unknown:
        parser.error(f"no scenario is called {', '.join(unknown)}; there are {', '.join(known)}")
    with ThreadPoolExecutor(options.jobs) as pool:
        passed = list(pool.map(lambda scenario: run(build, extensions, scenario), options.scenarios or known))
    return 0 if all(passed) else 1


if __name__ == "__main__":
    sys.exit(main())
