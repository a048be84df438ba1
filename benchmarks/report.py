# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Measurements as a table (Markdown) and a plot (SVG)."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import matplotlib as mpl

mpl.use("svg")
mpl.rcParams["svg.hashsalt"] = "golden.imagebuilder"  # the same numbers give the same file

from matplotlib import pyplot

from .competitors import COMPETITORS
from .measure import Usage

BASE = "boto3"
HEADINGS = ("", "first run", "ratio", "second run", "ratio", "CPU", "memory", "calls", "second run's calls", "of them writes")


@dataclass(frozen=True, order=True)
class Size:
    """How large the job is."""

    accounts: int
    regions: int

    def __str__(self) -> str:
        return f"{self.accounts} accounts x {self.regions} Regions"

    @classmethod
    def parse(cls, text: str) -> Size:
        """A size from the command line, such as 50x4. Raises ValueError."""
        accounts, regions = text.split("x")
        return cls(int(accounts), int(regions))


@dataclass(frozen=True)
class Measurement:
    """One run of one competitor."""

    competitor: str
    again: bool
    usage: Usage
    calls: int
    writes: int

    def __str__(self) -> str:
        run = "second run" if self.again else "first run"
        return f"{run}: {self.usage.seconds:.2f} s, CPU {self.usage.cpu_seconds:.1f} s, {self.usage.peak_mebibytes:.0f} MiB, {self.calls} calls"


@dataclass(frozen=True)
class Summary:
    """The medians of one competitor's first or second runs."""

    seconds: float
    cpu_seconds: float
    peak_mebibytes: float
    calls: float
    writes: float

    @classmethod
    def of(cls, measurements: Iterable[Measurement]) -> Summary:
        """The medians over the rounds."""
        runs = list(measurements)
        return cls(
            median(run.usage.seconds for run in runs),
            median(run.usage.cpu_seconds for run in runs),
            median(run.usage.peak_mebibytes for run in runs),
            median(run.calls for run in runs),
            median(run.writes for run in runs),
        )


Summaries = Mapping[str, tuple[Summary, Summary]]
"""By competitor: first and second run."""


def summaries(measurements: Sequence[Measurement]) -> Summaries:
    """The medians of each competitor."""
    names = dict.fromkeys(measurement.competitor for measurement in measurements)
    runs = {name: [[one for one in measurements if one.competitor == name and one.again is again] for again in (False, True)] for name in names}
    return {name: (Summary.of(first), Summary.of(second)) for name, (first, second) in runs.items()}


def write(folder: Path, results: Mapping[Size, Sequence[Measurement]], skipped: Mapping[str, str], rounds: int, answer_ms: float) -> None:
    """Write benchmark.md and benchmark.svg."""
    folder.mkdir(parents=True, exist_ok=True)
    by_size = {size: summaries(measurements) for size, measurements in results.items()}
    text = [_introduction(rounds, answer_ms), "![Seconds of the first run](benchmark.svg)"]
    text += [f"## {size}\n\n{table(found)}" for size, found in by_size.items()]
    if skipped:
        text.append("Not installed on this machine and so skipped: " + "; ".join(f"{title} ({reason})" for title, reason in skipped.items()) + ".")
    (folder / "benchmark.md").write_text("\n\n".join(text) + "\n")
    plot(folder / "benchmark.svg", by_size)


def _introduction(rounds: int, answer_ms: float) -> str:
    return (
        "# Keys and roles: how long it takes\n\n"
        "The job: in the source account a key with alias, policy and rotation in every Region; in every destination account the role with trust, "
        "AWS's managed policy and two inline policies. Whole commands are measured, their start included; the second run finds everything "
        "done. `make bench` writes this page anew, [benchmarks/](../benchmarks/README.md) tells how.\n\n"
        f"Medians of {rounds} rounds on {os.cpu_count()} cores ({platform.machine()}, Python {platform.python_version()}); every answer of the "
        f"server takes {answer_ms:g} ms. Ratios are to bare boto3. CPU and memory are those of the first run, with all processes that it starts."
    )


def table(found: Summaries) -> str:
    """One size as a table."""
    base = found.get(BASE)
    rows = [HEADINGS, ("---", *["---:"] * (len(HEADINGS) - 1))]
    for name, (first, second) in found.items():
        ratios = [f"{run.seconds / of.seconds:.1f}" for run, of in zip((first, second), base, strict=True)] if base else ["", ""]
        rows.append(
            (
                COMPETITORS[name].title,
                f"{first.seconds:.1f} s",
                ratios[0],
                f"{second.seconds:.1f} s",
                ratios[1],
                f"{first.cpu_seconds:.1f} s",
                f"{first.peak_mebibytes:.0f} MiB",
                f"{first.calls:.0f}",
                f"{second.calls:.0f}",
                f"{second.writes:.0f}",
            )
        )
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def plot(path: Path, by_size: Mapping[Size, Summaries]) -> None:
    """Bars of the first run's seconds, on a logarithmic scale."""
    figure, axes = pyplot.subplots(len(by_size), 1, figsize=(9, 0.6 + 0.55 * sum(len(found) + 1 for found in by_size.values())), squeeze=False)
    for area, (size, found) in zip(axes[:, 0], by_size.items(), strict=True):
        bars_of = sorted(((first.seconds, COMPETITORS[name].title) for name, (first, _second) in found.items()), reverse=True)
        bars = area.barh([title for _seconds, title in bars_of], [seconds for seconds, _title in bars_of], color="#4477aa")
        area.bar_label(bars, fmt="%.1f s", padding=3)
        area.set_xscale("log")
        area.margins(x=0.2)
        area.set_title(str(size), loc="left")
        area.spines[["top", "right"]].set_visible(False)
    axes[-1, 0].set_xlabel("seconds, start included (logarithmic)")
    figure.tight_layout()
    figure.savefig(path, metadata={"Date": None})
    pyplot.close(figure)
