# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A report as a page: one HTML document that needs nothing beside itself, made by the Jinja2 template in this folder.

Every value is escaped, as it may have been written by anybody who can name an account or tag an AMI. Its content security policy allows
exactly the style and the script of this folder, known by their digests, and no request at all; so there are no style attributes either,
and what has to be as wide as a number is drawn as SVG.

This plugin util is private to the collection.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.findings import SEVERITIES
from ansible_collections.golden.imagebuilder.plugins.plugin_utils._report.model import STATES, moment
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

FOLDER = Path(__file__).parent

LABELS = {
    "failed": "failed",
    "wrong": "not as expected",
    "missing": "missing",
    "unknown": "not known",
    "pending": "not yet",
    "delivered": "in place",
    "not_asked": "not asked for",
}
"""What people call the states."""

_ARN = re.compile(r"\barn:[\w-]+:[\w-]+:[\w-]*:\d*:")

CALM = ("pending", "delivered", "not_asked")
"""The states in which nobody has to do anything, the end of STATES."""

_VERDICT_STATES = {"complete": "delivered", "incomplete": "missing", "failed": "failed", "running": "pending", "planned": "pending"}
"""The state in whose colour and with whose sign a verdict is shown."""


def page(report: Mapping[str, Any]) -> str:
    """The HTML document of a report as plugin_utils/_report/model.py makes it."""
    # lint: the texts are of this folder, and what they are put into is no attribute
    style, script = (Markup((FOLDER / name).read_text(encoding="utf-8")) for name in ("page.css", "page.js"))  # noqa: S704
    deliveries = [{**delivery, "key": f"delivery-{index}"} for index, delivery in enumerate(report["deliveries"], 1)]
    environment = Environment(loader=FileSystemLoader(FOLDER), autoescape=True, trim_blocks=True, lstrip_blocks=True, undefined=StrictUndefined)
    environment.filters |= {"duration": duration, "when": when, "text": searched, "number": number, "grouped": "{:,}".format, "gist": gist}
    text = environment.get_template("page.html.j2").render(
        report=report,
        style=style,
        script=script,
        policy=policy(style, script),
        labels=LABELS,
        mark=_mark(report),
        rows=list(_rows(report, deliveries)),
        deliveries=deliveries,
        attention=sorted((row for row in deliveries if row["state"] not in CALM), key=lambda row: STATES.index(row["state"])),
        shares=_shares([(state, count) for state, count in reversed(report["counts"].items()) if count]),
        states=[state for state in STATES if report["counts"].get(state)],
        gravest=_gravest(report["findings"]),
        phases=_phases(report["history"]),
        checks=[
            (severity, check, list(found)) for (severity, check), found in groupby(report["findings"], lambda row: (row["severity"], row["check"]))
        ],
    )
    return f"{text.strip()}\n"  # what the macros leave around it


def policy(style: str, script: str) -> str:
    """The content security policy: this style and this script, and nothing else."""

    def digest(text: str) -> str:
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    return f"default-src 'none'; style-src {digest(style)}; script-src {digest(script)}; base-uri 'none'; form-action 'none'"


def _mark(report: Mapping[str, Any]) -> str:
    """The state whose sign stands beside the verdict."""
    if report["verdict"]["state"] == "planned" and any(finding["severity"] == "error" for finding in report["findings"]):
        return "failed"
    return _VERDICT_STATES[report["verdict"]["state"]]


def _rows(report: Mapping[str, Any], deliveries: Sequence[Mapping[str, Any]]) -> Iterator[tuple[Mapping[str, Any], list[Mapping[str, Any] | None]]]:
    """Each account with what it has in each Region, None where nothing is asked for; those that need somebody first, else as they come."""
    cells = {(delivery["account_id"], delivery["region"]): delivery for delivery in deliveries}
    calm = STATES.index(CALM[0])
    for account in sorted(report["accounts"], key=lambda row: min(STATES.index(row["state"]), calm)):
        yield account, [cells.get((account["account_id"], entry["region"])) for entry in report["regions"]]


def _gravest(findings: Sequence[Mapping[str, Any]]) -> Callable[[Mapping[str, Any]], str | None]:
    """A function that tells the severity of the gravest finding of a delivery."""
    severities = {finding["id"]: finding["severity"] for finding in findings}
    return lambda delivery: min((severities[finding] for finding in delivery["findings"]), key=SEVERITIES.index, default=None)


def _shares(parts: Sequence[tuple[str, float]]) -> list[dict[str, Any]]:
    """Named amounts as parts of a line of 100, each with where it begins."""
    total = sum(amount for _name, amount in parts) or 1
    shares, begin = [], 0.0
    for name, amount in parts:
        width = 100 * amount / total
        shares.append({"name": name, "amount": amount, "begin": round(begin, 3), "width": round(width, 3)})
        begin += width
    return shares


def _phases(history: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The states of the image as parts of a line, with when they began. One that took no time cannot be seen and is left out."""
    lasting = [entry for entry in history if entry["seconds"]]
    shares = _shares([(entry["state"], entry["seconds"]) for entry in lasting])
    return [{**share, "since": entry["since"]} for share, entry in zip(shares, lasting, strict=True)]


# --- filters of the template -----------------------------------------------------------------------------------------------------------------


def duration(seconds: float) -> str:
    """A time span as people say it, to the second below a minute and to the minute above."""
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return f"{rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min"


def when(text: str | None) -> str:
    """A time as people read it; as it is when it cannot be read."""
    read = moment(text)
    return f"{read:%Y-%m-%d %H:%M} UTC" if read else str(text or "")


def number(count: int, one: str, many: str) -> str:
    """A count with its noun."""
    return f"{count:,} {one if count == 1 else many}"


def gist(text: str) -> str:
    """A message for a single line: of ARNs only the end, which tells one from another."""
    return _ARN.sub("", text)


def searched(delivery: Mapping[str, Any]) -> str:
    """What the filter for text looks at in a delivery, in lower case."""
    diagnosed = [text for diagnosis in delivery["diagnoses"] for text in diagnosis.values()]
    parts = (delivery["name"], delivery["account_id"], delivery["region"], delivery["image_id"], *delivery["problems"], *diagnosed)
    return " ".join(str(part) for part in parts if part).lower()
