# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Parameters of destinations to which Image Builder wrote the ids of images, and which nothing else ever removes. Private to this collection."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.dependents import MOST_NAMES, chunks
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.errors import FleetError
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.run import Outcome, by_region
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.sessions import Client, Sessions
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import Target, account_id_problems, regions_problems
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.problems import Problem
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.schema import service_model, to_request

_IMAGE_ID = re.compile(r"ami-[0-9a-f]{8,17}")


Named = Mapping[str, Any]
"""A parameter as a user names it: account_id, region and name."""


def parameters_problems(named: Sequence[Named], targets: Sequence[Target]) -> list[Problem]:
    """What is wrong with the parameters that were named: each is of one of the targets, and its name one that Image Builder writes."""
    shape = service_model().shape_for("SsmParameterConfiguration").members["parameterName"]
    known = {target.account_id for target in targets}
    problems = []
    for index, one in enumerate(named):
        here = f"parameters[{index}]"
        account_id, region = one.get("account_id"), one.get("region")
        problems += account_id_problems(account_id, f"{here}.account_id")
        if account_id not in known:
            problems.append(Problem(f"{here}.account_id", f"{account_id} is none of targets, so there is no way into it."))
        problems += [Problem(f"{here}.region", problem.message) for problem in regions_problems([region], here)]
        problems += to_request(shape, one.get("name"), f"{here}.name")[1]
    return problems


def places(named: Sequence[Named], targets: Sequence[Target]) -> list[Target]:
    """Each target once for each Region in which it has a parameter (see run.by_region)."""
    regions: dict[str, list[str]] = {}
    for one in named:
        regions.setdefault(one["account_id"], []).append(one["region"])
    return [place for target in targets for place in by_region(target, list(dict.fromkeys(regions.get(target.account_id, []))))]


def strangers(parameters: Iterable[Mapping[str, Any]]) -> list[str]:
    """The parameters that hold no id of an image, so that somebody else uses them for something else."""
    return sorted(parameter["Name"] for parameter in parameters if not _IMAGE_ID.fullmatch(str(parameter.get("Value", ""))))


def delete_parameters(sessions: Sessions, named: Sequence[Named], check_mode: bool) -> Callable[[Target], Outcome]:
    """The function that deletes the parameters in the only Region of a target (see run.by_region).

    It raises FleetError, and deletes nothing there, when one of them holds something else than the id of an image.
    """

    def delete(target: Target) -> Outcome:
        region = target.regions[0]
        account_id = sessions.account_id(target)
        ssm = sessions.client(target, "ssm", region)
        names = {one["name"] for one in named if (one["account_id"], one["region"]) == (account_id, region)}
        present = _read(ssm, sorted(names))
        foreign = strangers(present)
        if foreign:
            raise FleetError("NoImageParameter", f"{', '.join(foreign)} hold no id of an image, so nothing is deleted. Leave them out.")
        found = {parameter["Name"]: parameter["Value"] for parameter in present}
        if found and not check_mode:
            _delete(ssm, sorted(found))
        diff = {"before": dict(sorted(found.items())), "after": {}, "before_header": region, "after_header": region} if found else None
        return Outcome(account_id, target.name, region=region, changed=bool(found), diff=diff, result={"deleted": sorted(found)})

    return delete


def _read(ssm: Client, names: Sequence[str]) -> list[Mapping[str, Any]]:
    return [parameter for chunk in chunks(names, MOST_NAMES) for parameter in ssm.get_parameters(Names=chunk)["Parameters"]]


def _delete(ssm: Client, names: Sequence[str]) -> None:
    for chunk in chunks(names, MOST_NAMES):  # DeleteParameters takes as many as GetParameters
        ssm.delete_parameters(Names=chunk)
