# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make pictures of the report from made-up runs: few and many accounts, wide and narrow, light and dark. A Chromium has to be installed.

With --json, of a real one instead: the JSON document that the action `report` wrote.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import parse_targets
from ansible_collections.golden.imagebuilder.plugins.plugin_utils._report.model import Inputs, report
from ansible_collections.golden.imagebuilder.plugins.plugin_utils._report.page import page
from ansible_collections.golden.imagebuilder.tests.browser import browser, executable
from ansible_collections.golden.imagebuilder.tests.report_sample import REGIONS, sample

SIZES = {"wide": 1400, "narrow": 500}
SCHEMES = ("light", "dark")


def made_up() -> dict[str, dict[str, Any]]:
    """Reports by the name of their pictures."""
    samples = {
        "3-accounts": sample(3, REGIONS[:3], faults=0),
        "12-accounts": sample(12, REGIONS[:4], faults=1, waves=True),
        "200-accounts": sample(200, REGIONS, faults=9, waves=True, checked=12),
    }
    planned = {**sample(12, REGIONS[:4], checked=2), "image_result": {}, "outcomes": []}
    return {
        name: report(Inputs(**{**options, "targets": parse_targets(options["targets"])[0]}))
        for name, options in {**samples, "preflight": planned}.items()
    }


def pictures(reports: Mapping[str, Mapping[str, Any]], folder: Path) -> None:
    """One PNG for each report, width and colour scheme, with the page itself beside it."""
    program = executable()
    if not program:
        raise SystemExit("There is no Chromium here.")
    folder.mkdir(parents=True, exist_ok=True)
    with browser(program) as shown:
        for name, document in reports.items():
            written = folder.resolve() / f"{name}.html"
            written.write_text(page(document), encoding="utf-8")
            for size, width in SIZES.items():
                for scheme in SCHEMES:
                    shown.show(written, width=width, scheme=scheme)
                    shown.picture(folder / f"{name}-{size}-{scheme}.png")


def main() -> None:
    """Write into the folder named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="where the pictures go")
    parser.add_argument("--json", type=Path, help="the JSON document of a report")
    arguments = parser.parse_args()
    given: Path | None = arguments.json
    pictures({given.stem: json.loads(given.read_text(encoding="utf-8"))} if given else made_up(), arguments.folder)


if __name__ == "__main__":
    main()
