# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make the pictures that the documentation shows: of the demonstration's report, and of one of a run in which not everything went well.

`make screenshots` starts it. Where no Chromium is installed it says so, and leaves the pictures as they are.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import parse_targets
from ansible_collections.golden.imagebuilder.plugins.plugin_utils._report.model import Inputs, report
from ansible_collections.golden.imagebuilder.plugins.plugin_utils._report.page import page
from ansible_collections.golden.imagebuilder.tests.browser import browser, executable
from ansible_collections.golden.imagebuilder.tests.report_sample import REGIONS, sample

WIDTH, HEIGHT = 1100, 900
SCHEMES = ("light", "dark")


def with_failures() -> dict[str, Any]:
    """The report of a made-up run in which two of many deliveries failed."""
    options = sample(12, REGIONS[:4], faults=2)
    return report(Inputs(**{**options, "targets": parse_targets(options["targets"])[0]}))


def main() -> int:
    """Exit status: 0, also where there is no Chromium."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--report", type=Path, required=True, help="the JSON document that the demonstration wrote")
    parser.add_argument("--output", type=Path, required=True, help="the folder of the pictures")
    options = parser.parse_args()
    program = executable()
    if not program:
        print("No Chromium is installed here: the pictures stay as they are.")
        return 0
    documents = {"report": json.loads(options.report.read_text(encoding="utf-8")), "report-with-failures": with_failures()}
    with tempfile.TemporaryDirectory() as folder, browser(program) as shown:
        for name, document in documents.items():
            written = Path(folder) / f"{name}.html"
            written.write_text(page(document), encoding="utf-8")
            for scheme in SCHEMES:
                shown.show(written, width=WIDTH, height=HEIGHT, scheme=scheme)
                shown.picture(options.output / f"{name}-{scheme}.png", whole=name == "report")
    return 0


if __name__ == "__main__":
    sys.exit(main())
