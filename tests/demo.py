# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The demonstration: the playbook of the README against an emulated AWS, and what then stands in each account.

`make demo` starts it, in a folder that it leaves behind with the report. `make demo DEMO_ARGS=--again` runs the playbook twice, and
`make demo DEMO_ARGS=--serve` leaves the emulator open afterwards, so that the playbook, the AWS CLI or any other client can be tried against
it by hand.
"""

from __future__ import annotations

import argparse
import contextlib
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.plugin_utils._table import render

from .emulator.server import EmulatorServer
from .organization import DESTINATIONS, EXAMPLE_INVENTORY, REGIONS, SOURCE, Organization

PLAYBOOK = "golden.imagebuilder.distribute"
COLUMNS = ("account", "account_id", "region", "image_id", "state", "encrypted", "kms_key")


def key_of(client: Any, image: dict[str, Any]) -> dict[str, Any]:
    """The first snapshot of an AMI, as the account that owns it sees it."""
    snapshots = [mapping["Ebs"]["SnapshotId"] for mapping in image["BlockDeviceMappings"] if "Ebs" in mapping]
    found: list[dict[str, Any]] = client.describe_snapshots(SnapshotIds=snapshots)["Snapshots"]
    return found[0]


def arrived(organization: Organization) -> list[dict[str, Any]]:
    """A row for each AMI, asked of EC2 in each account itself."""
    rows = []
    for name, account_id in {"image-factory": SOURCE, **DESTINATIONS}.items():
        for region in REGIONS:
            client = organization.emulator.client(account_id, "ec2", region)
            for image in organization.images(account_id, region):
                snapshot = key_of(client, image)
                rows.append(
                    {
                        "account": name,
                        "account_id": account_id,
                        "region": region,
                        "image_id": image["ImageId"],
                        "state": image["State"],
                        "encrypted": snapshot["Encrypted"],
                        "kms_key": snapshot.get("KmsKeyId"),
                    }
                )
    return rows


def environment(organization: Organization) -> dict[str, str]:
    """That of the playbook, whose words shall be read when they are said, and be its own: amazon.aws uses what newer releases of Ansible warn of."""
    return {**organization.environment(), "PYTHONUNBUFFERED": "1", "ANSIBLE_DEPRECATION_WARNINGS": "false"}


def command(organization: Organization) -> str:
    """The command of the playbook, as it is typed where ansible-playbook is found."""
    return shlex.join(["ansible-playbook", *organization.words(PLAYBOOK, [])])


def run_playbook(organization: Organization) -> int:
    """Run the playbook as a user would, its output going to the terminal. Its exit status."""
    print(f"$ {command(organization)}\n", flush=True)
    return subprocess.run(organization.command(PLAYBOOK, []), env=environment(organization), cwd=organization.folder, check=False).returncode


def start_anew(folder: Path) -> None:
    """Make the folder, and take out of it what an earlier demonstration reported."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("image-report.*"):
        path.unlink()


def serve(organization: Organization) -> None:
    """Say how to go on by hand, and keep the emulator until Enter is pressed."""
    exported = environment(organization)
    print("\nThe emulator stays. In another terminal:\n")
    print(f"  cd {shlex.quote(str(organization.folder))}")
    for name in sorted(exported):
        if name.startswith(("AWS_", "ANSIBLE_COLLECTIONS_PATH", "ANSIBLE_DEPRECATION_WARNINGS")):
            print(f"  export {name}={shlex.quote(exported[name])}")
    print(f'  export PATH={shlex.quote(str(Path(sys.executable).parent))}:"$PATH"')
    print(f"  {command(organization)}\n", flush=True)
    with contextlib.suppress(EOFError):
        input("Press Enter to end it. ")


def main() -> int:
    """Exit status: the playbook's; 1 as well when an account and Region got no AMI."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds-per-state", type=float, default=1.0, help="how long an image stays in each of its states")
    parser.add_argument("--again", action="store_true", help="run the playbook a second time, which has nothing left to do")
    parser.add_argument("--serve", action="store_true", help="keep the emulator until Enter is pressed")
    parser.add_argument("--inventory", type=Path, default=EXAMPLE_INVENTORY, help="the inventory of the example, where it can be changed")
    parser.add_argument("--folder", type=Path, required=True, help="the folder in which the playbook is started, and leaves the report")
    options = parser.parse_args()
    folder: Path = options.folder.absolute()
    start_anew(folder)
    accounts = [SOURCE, *DESTINATIONS.values()]
    with EmulatorServer(accounts=accounts, seconds_per_state=options.seconds_per_state) as emulator:
        organization = Organization(emulator, folder)
        organization.inventories[0] = options.inventory.absolute()
        status = run_playbook(organization)
        if options.again:
            status = status or run_playbook(organization)
        rows = arrived(organization)
        print("What each account holds now, asked of its own EC2:\n")
        print("\n".join(render(rows, COLUMNS)) + "\n", flush=True)
        for path in sorted(folder.glob("image-report.*")):
            print(f"The report: {path}", flush=True)
        if options.serve:
            serve(organization)
    delivered = {(row["account_id"], row["region"]) for row in rows}
    promised = {(account_id, region) for account_id in DESTINATIONS.values() for region in REGIONS}
    return status or int(not promised <= delivered)


if __name__ == "__main__":
    sys.exit(main())
