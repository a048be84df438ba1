# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demonstration, with the collection as it was installed from its artifact, and its own example; `make release-check` runs it.

The emulator runs here, ansible-playbook in the environment that was made for it, which has nothing but Ansible, boto3 and the artifacts.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from .emulator.server import EmulatorServer
from .organization import DESTINATIONS, EVERYWHERE, SOURCE, Organization, Run


def run_installed(programs: Path, collections: Path, words: Sequence[str], environment: Mapping[str, str], folder: Path) -> Run:
    """Run an ansible-playbook with collections of its own, keeping what it prints."""
    without_ours = {name: value for name, value in environment.items() if name != "PYTHONPATH"}
    environment = {**without_ours, "ANSIBLE_COLLECTIONS_PATH": str(collections), "PATH": f"{programs}:/usr/bin:/bin"}
    command = [str(programs / "ansible-playbook"), *words]
    done = subprocess.run(command, env=environment, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    return Run(done.returncode, done.stdout)


def main() -> int:
    """Exit status: 0 when every account and Region got its AMI, and a second run had nothing to do."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("programs", type=Path, help="folder of the ansible-playbook to run")
    parser.add_argument("collections", type=Path, help="folder into which the artifacts were installed")
    options = parser.parse_args()
    run = partial(run_installed, options.programs.absolute(), options.collections.absolute())
    accounts = [SOURCE, *DESTINATIONS.values()]
    with tempfile.TemporaryDirectory() as folder, EmulatorServer(accounts=accounts, seconds_per_state=0.1) as emulator:
        organization = Organization(emulator, Path(folder), run=run)
        organization.inventories[0] = options.collections.absolute() / "ansible_collections/golden/imagebuilder/examples/inventory/hosts.yml"
        first, second = organization.playbook(), organization.playbook()
        delivered = set(organization.delivered())
    print(first.output)
    if first.status or delivered != EVERYWHERE:
        return 1
    if second.status or set(second.changed().values()) != {0}:
        print(second.output)
        return 1
    print(f"Delivered to {len(delivered)} pairs of account and Region, from the installed artifact.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
