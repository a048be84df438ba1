# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Mistakes in what a user gave, apart from what finds them, so that whoever only tells of them needs nothing else. Private to this collection."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One mistake in what the user gave: where, as the user wrote it, and what is wrong with it."""

    path: str
    message: str


class InvalidInput(Exception):  # noqa: N818 - it says what is wrong, as the name of a refusal
    """What the user gave cannot be sent to AWS; it carries every mistake that was found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__(format_problems(self.problems))


def format_problems(problems: Iterable[Problem]) -> str:
    """Text for people, one problem a line."""
    return "\n".join(f"{problem.path}: {problem.message}" if problem.path else problem.message for problem in problems)
