# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Launch templates and parameters of many accounts, pointed at the AMI that each account has itself. What is written is in `references.py`.

Image Builder puts the AMI of the source account into a launch template of another one, which cannot launch it, and writes a parameter only into
accounts that are named one by one. Here each account is entered by its own way in, and looked at before and after.

This module util is private to the collection.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

with contextlib.suppress(ImportError):  # AnsibleAWSModule says so
    from botocore.exceptions import BotoCoreError, ClientError

from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution import verify
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.inspection import selection
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.references import (
    LAUNCH_TEMPLATES,
    PARAMETERS,
    RESOLVE,
    Change,
    Reference,
    Writer,
)
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet import run
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.errors import FleetError
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.run import Outcome
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.sessions import Sessions
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import Target
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.problems import Problem
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.schema import service_model, to_request

DATA_TYPE = "aws:ec2:image"
"""The data type with which Systems Manager makes sure that a parameter names an AMI, and which launch templates resolve."""


@dataclass(frozen=True)
class Request:
    """Which AMI each account has (see `verify.Request`), and what is to point at it. `parameters` are in the API's own spelling."""

    amis: verify.Request
    parameters: Sequence[Mapping[str, str]] = ()
    set_default_version: bool = True


def read_parameters(given: Sequence[Any], path: str) -> tuple[list[dict[str, str]], list[Problem]]:
    """The parameters that a user named, and all that is wrong with them. Each is for every account, so none names one."""
    shape = service_model().shape_for("SsmParameterConfigurationList")
    converted, problems = to_request(shape, given, path)
    parameters = [one for one in converted or [] if one]
    for index, one in enumerate(parameters):
        names = [other.get("parameterName") for other in parameters[:index]]
        if one.get("parameterName") in names:
            problems.append(Problem(f"{path}[{index}].parameter_name", f"{one['parameterName']} is named twice."))
        if "amiAccountId" in one:
            problems.append(
                Problem(f"{path}[{index}].ami_account_id", "has no place here: every account gets the parameter, with the AMI of its own.")
            )
    return [{"dataType": DATA_TYPE, **one} for one in parameters], problems


def places(targets: Sequence[Target], request: Request) -> list[Target]:
    """Each target once for each Region in which it has the AMI (see run.by_region)."""
    return [place for target in targets for place in run.by_region(target, [one.region for one in verify.expectations(target, request.amis)])]


def references(target: Target, request: Request, image_id: str) -> list[Reference]:
    """What is to point at the AMI in the only Region of a target. A launch template that follows one of the parameters does so already."""
    region = target.regions[0]
    parameters = [
        Reference(PARAMETERS, target.account_id, region, one["parameterName"], image_id, {"data_type": one["dataType"]}) for one in request.parameters
    ]
    template = (target.launch_templates or {}).get(region)
    if template is None:
        return parameters
    following = [f"{RESOLVE}{one['parameterName']}" for one in request.parameters]
    settings = {"set_default_version": request.set_default_version}
    return [*parameters, Reference(LAUNCH_TEMPLATES, target.account_id, region, template, image_id, settings, following)]


@dataclass(frozen=True)
class Pointer:
    """Points what accounts have at their AMIs, with their own credentials."""

    sessions: Sessions
    request: Request
    check_mode: bool = False

    def point(self, target: Target) -> Outcome:
        """The outcome of the only Region of a target; what cannot be written keeps nothing else there from being written.

        Raises FleetError for an account without the AMI, and ClientError when it may not look for it.
        """
        region = target.regions[0]
        account_id = self.sessions.account_id(target)
        image_id = self._image_id(target)
        writer = Writer(lambda service: self.sessions.client(target, service, region), check_mode=self.check_mode)
        changes, problems = [], []
        for reference in references(target, self.request, image_id):
            try:
                changes.append(writer.write(reference))
            except (ClientError, BotoCoreError, FleetError) as error:
                code, explanation = run.explain(error)
                problems.append((code, f"{target.name} (account {account_id}, {region}), {reference.kind} {reference.name}: {explanation}"))
        return Outcome(
            account_id,
            target.name,
            region=region,
            changed=any(change.changed for change in changes),
            failed=bool(problems),
            msg="\n".join(message for _code, message in problems),
            error_code=next((code for code, _message in problems), None),
            diff=_diff(region, changes),
            result={"image_id": image_id, "references": [change.to_result() for change in changes]},
        )

    def _image_id(self, target: Target) -> str:
        """The id of the AMI of an account in its Region. Raises FleetError when it has none of its own that is available."""
        (expected,) = verify.expectations(target, self.request.amis)
        image = None
        if expected.image_id or not self.request.amis.is_by_id_only:
            ec2 = self.sessions.client(target, "ec2", expected.region)
            image = verify.newest(ec2.describe_images(**selection(expected)).get("Images", []))
        what = expected.description if expected.image_id or not self.request.amis.is_by_id_only else "An AMI that the image lists"
        if image is None:
            raise FleetError("NoImage", f"{what} does not exist in this account and Region, so nothing is pointed at it. Have it delivered first.")
        if image.get("State") != "available" or image.get("OwnerId") != target.account_id:
            owner = "" if image.get("OwnerId") == target.account_id else f", and belongs to account {image.get('OwnerId')}"
            raise FleetError(
                "NoImage", f"{image['ImageId']} is {image.get('State')}{owner}: nothing is pointed at an AMI that cannot be launched here."
            )
        return str(image["ImageId"])


def _diff(region: str, changes: Sequence[Change]) -> dict[str, Any] | None:
    """What becomes other in a Region, by what it is and its name; None when nothing does."""
    changed = [change for change in changes if change.changed]
    if not changed:
        return None
    names = [f"{change.reference.kind} {change.reference.name}" for change in changed]
    before = dict(zip(names, [dict(change.before or {}) for change in changed], strict=True))
    after = dict(zip(names, [dict(change.after) for change in changed], strict=True))
    return {"before": before, "after": after, "before_header": region, "after_header": region}


def rows(outcomes: Sequence[Outcome]) -> list[dict[str, Any]]:
    """What points at AMIs in all accounts and Regions, as the module returns it."""
    return [
        {"account_id": outcome.account_id, "region": outcome.region, **reference}
        for outcome in outcomes
        for reference in outcome.result.get("references", [])
    ]
