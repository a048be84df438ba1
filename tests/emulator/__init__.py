# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""AWS on one machine: moto, several accounts, EC2 Image Builder, and policies that are really evaluated.

    python -m tests.emulator                            # prints `ready: http://127.0.0.1:<port> ...`; --help says the rest
    with server.EmulatorServer(accounts) as emulator:   # the same in a thread
    with server.emulate(accounts) as emulator:          # inside the process, without a port

`policy` and `conditions` read policies and are pure; `access` decides with what the accounts hold; `corrections` say where moto differs from
AWS; `images` makes encrypted AMIs, `import_tasks` those of VM imports; `clock` says how time passes; `calls` counts what was asked;
`imagebuilder` is the service that moto lacks.
"""
