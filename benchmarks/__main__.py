# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`python -m benchmarks`: every competitor in turn, several rounds, then a table and a plot."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from .competitors import COMPETITORS, Competitor
from .job import SOURCE, Job, shortcomings
from .measure import CommandFailedError, measured
from .report import Measurement, Size, write


@contextlib.contextmanager
def server(answer_ms: float) -> Iterator[str]:
    """The address of a server that runs until the end of the block, in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.server", "--answer-ms", str(answer_ms)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline().strip() if process.stdout else ""
        finally:
            process.terminate()


def ask(url: str, method: str = "GET") -> dict[str, Any]:
    """What the server tells about itself."""
    request = urllib.request.Request(url, method=method)  # noqa: S310 - our own server
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        return dict(json.load(answer))


def environment(url: str) -> dict[str, str]:
    """The surroundings of a competitor: credentials of the source account, and nothing of this machine's configuration of AWS and Ansible."""
    # Python keeps compiled modules, as it does unless told otherwise: else every start would be measured as if it were the first after installing.
    unwanted = ("AWS_", "ANSIBLE_", "TF_", "PYTHONDONTWRITEBYTECODE")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(unwanted)}
    ansible = {name: os.environ[name] for name in ("ANSIBLE_COLLECTIONS_PATH",) if name in os.environ}
    aws = {
        "AWS_ACCESS_KEY_ID": f"AKIA{SOURCE}BNCH",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-west-2",
        "AWS_DEFAULT_REGION": "us-west-2",
        "AWS_ENDPOINT_URL": url,
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }
    return {**kept, **ansible, **aws}


def compete(competitor: Competitor, job: Job, url: str) -> Iterator[Measurement]:
    """The job from nothing, and once more when nothing is to be done, each checked."""
    ask(f"{url}/benchmark?everything=1", "POST")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        surroundings = environment(url)
        command = competitor.prepare(folder, job, surroundings)
        for again in (False, True):
            ask(f"{url}/benchmark", "POST")
            usage = measured(command, folder, surroundings)
            told = ask(f"{url}/benchmark")
            problems = shortcomings(job, told["state"])
            if problems:
                raise CommandFailedError("the job was not done: " + "; ".join(problems[:5]))
            yield Measurement(competitor.name, again, usage, sum(told["calls"].values()), told["writes"])


def run(size: Size, competitors: Sequence[Competitor], rounds: int, answer_ms: float) -> list[Measurement]:
    """All measurements of a size; competitors take turns, so a slow minute of the machine touches all alike."""
    job = Job(size.accounts, size.regions)
    measurements = []
    for number in range(rounds):
        for competitor in competitors:
            with server(answer_ms) as url:
                for one in compete(competitor, job, url):
                    measurements.append(one)
                    print(f"round {number + 1}: {size} {competitor.title}, {one}", flush=True)
    return measurements


def main() -> None:
    """Measure and report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Prepare keys and roles with every competitor, and compare.")
    parser.add_argument("--size", action="append", type=Size.parse, help="accounts x Regions such as 50x4, once for each size; 50x4 by default")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--answer-ms", type=float, default=30, help="how long the server takes for each answer")
    parser.add_argument("--competitor", action="append", choices=sorted(COMPETITORS), help="once for each; all by default")
    parser.add_argument("--large", type=int, default=100, help="above so many accounts those that would take hours do not compete")
    parser.add_argument("--output", type=Path, default=Path("docs"), help="folder for benchmark.md and benchmark.svg")
    arguments = parser.parse_args()
    chosen = [COMPETITORS[name] for name in arguments.competitor or COMPETITORS]
    skipped = {competitor.title: reason for competitor in chosen if (reason := competitor.missing())}
    for title, reason in skipped.items():
        print(f"skipped: {title}: {reason}")
    able = [competitor for competitor in chosen if not competitor.missing()]
    results: dict[Size, list[Measurement]] = {}
    for size in arguments.size or [Size(50, 4)]:
        field = [competitor for competitor in able if size.accounts <= arguments.large or not competitor.slow]
        results[size] = run(size, field, arguments.rounds, arguments.answer_ms)
    write(arguments.output, results, skipped, arguments.rounds, arguments.answer_ms)


if __name__ == "__main__":
    main()
