# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The option `name` of a task: a name, a name with its version, or the ARN of a resource of the own account and Region. Pure.

This module util is private to the collection.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import names, references
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.problems import Problem
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import Context, Resource

Written = dict[str, tuple[str, Any]]
"""Members that are given: the path and the value of each, as the user wrote them."""


def read(resource: Resource, written: Written, context: Context) -> tuple[names.Name | None, Written, list[Problem]]:
    """What the name says when it is an ARN or has a version, the members that it stands for, and what is wrong with it."""
    path, text = written.get("name", ("name", None))
    kind = references.get_kind(resource.api_name)
    if not isinstance(text, str) or not (names.is_arn(text) or (kind.versioned and "/" in text)):
        return None, written, []
    problem = names.problem(kind, text) if names.is_arn(text) else ""
    try:
        named = names.parse(kind, text)
    except ValueError as error:
        return None, written, [Problem(path, problem or f"{text!r} is not valid: {error}")]
    members = {"name": named.name, "semanticVersion": named.version, resource.qualifier or "": named.qualifier.upper()}
    told = {name: (path, value) for name, value in members.items() if name and value}
    problems = [Problem(path, message) for message in (*filter(None, [problem]), *_contradictions(told, written), *_elsewhere_so_far(named, context))]
    return named, {**told, **written, "name": told["name"]}, problems


def _contradictions(told: Written, written: Written) -> Iterator[str]:
    """Where the name says something else than an option."""
    for name in told.keys() & written.keys() - {"name"}:
        if str(written[name][1]) != told[name][1]:
            yield f"says {told[name][1]}, and {written[name][0]} says {written[name][1]}; give one of the two."


def _elsewhere_so_far(named: names.Name, context: Context) -> Iterable[str]:
    """The same as `elsewhere`, as far as Region and account are known before the first call."""
    partition, region = named.place or ("", "")
    return elsewhere(named, partition, context.region or region, context.account_id or named.owner)


def elsewhere(named: names.Name | None, partition: str, region: str, account_id: str) -> Iterator[str]:
    """What is wrong with a name that tells of another place than the task's. Only what is in the own account and Region can be kept."""
    if named is None:
        return
    if named.owner not in ("", account_id) or not re.fullmatch("[0-9]*", named.owner):
        mine = f"account {account_id}" if account_id != named.owner else "an account"
        yield f"belongs to {named.owner}, and this task is for {mine}: enter that account, or give a name alone."
    if named.place and named.place != (partition, region):
        yield f"is in {named.place[1]} ({named.place[0]}), and this task is for {region} ({partition}): give its Region, or a name alone."
