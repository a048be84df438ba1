# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m tests.emulator`: the emulator until it is told to stop."""

from __future__ import annotations

import argparse
import signal
from pathlib import Path
from threading import Event

from .server import DEFAULT_ACCOUNTS, DEFAULT_REGION, EmulatorServer, write_port_file


def main() -> None:
    """Serve until SIGTERM, SIGINT or the end of the lifetime."""
    parser = argparse.ArgumentParser(prog="python -m tests.emulator", description="AWS on one machine, with EC2 Image Builder.")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0, the default, takes a free one")
    parser.add_argument("--port-file", type=Path, help="file to write the port to when ready")
    parser.add_argument("--account", action="append", help="id of an account, once for each; the first owns the organization")
    parser.add_argument("--region", default=DEFAULT_REGION, help="a Region of the partition that the accounts are of, %(default)s by default")
    parser.add_argument("--seconds-per-state", type=float, default=1.0, help="how long an image stays in each of its states")
    parser.add_argument("--lifetime", type=float, help="seconds after which to stop; none by default")
    arguments = parser.parse_args()
    stop = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop.set())
    try:
        server = EmulatorServer(arguments.account or DEFAULT_ACCOUNTS, arguments.seconds_per_state, arguments.port, arguments.region)
    except ValueError as error:
        parser.error(str(error))
    with server as emulator:
        if arguments.port_file:
            write_port_file(arguments.port_file, emulator.port)
        print(f"ready: {emulator.endpoint_url} accounts {' '.join(emulator.accounts)}", flush=True)
        stop.wait(arguments.lifetime)


if __name__ == "__main__":
    main()
