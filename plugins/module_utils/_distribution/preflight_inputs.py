# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The run that a task of the module preflight describes: options read, what they name looked up. Private to this collection.

Recipe, infrastructure and distribution are given as they will be, which need not exist yet, or by the names of those that do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.preflight_run import Members, Run
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.regions import partition_of
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.sessions import Sessions
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import Target, parse_account, parse_targets
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import inputs, lookup, names, references, schema
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.client import Api, errors
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.problems import InvalidInput, Problem
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import Context, Resource
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.distribution_configuration import DISTRIBUTION_CONFIGURATION
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.image_recipe import IMAGE_RECIPE
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.infrastructure_configuration import (
    INFRASTRUCTURE_CONFIGURATION,
)
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.session import Session

if TYPE_CHECKING:
    from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

RESOURCES = {
    "image_recipe": IMAGE_RECIPE,
    "infrastructure_configuration": INFRASTRUCTURE_CONFIGURATION,
    "distribution_configuration": DISTRIBUTION_CONFIGURATION,
}
"""Options that name a resource of Image Builder, or describe it."""

_CONNECTION = ("profile", "endpoint_url")
"""Options of the connection that hold for remedies too: neither secrets nor settings of this machine."""


@dataclass(frozen=True)
class Asked:
    """The options, read; a resource is a name, its members, or None."""

    source: Target | None
    targets: list[Target]
    distributions: list[Members] | None
    source_image: str | None
    resources: Mapping[str, str | Members | None]


def read(params: Mapping[str, Any], region: str | None) -> tuple[Asked, list[Problem]]:
    """What the options say, and all that is wrong with them."""
    source, problems = parse_account(params["account"])
    targets, found = parse_targets(params["targets"])
    problems += found
    if not region:
        problems.append(Problem("region", "is required: the Region of the build."))
    shape = schema.input_shape("CreateDistributionConfiguration").members["distributions"]
    given = params["distributions"]
    distributions, found = (None, []) if given is None else schema.to_request(shape, given, "distributions")
    problems += found
    if given is None and params["distribution_configuration"] is None:
        problems.append(Problem("distributions", "nothing says where the image goes: give distributions or distribution_configuration."))
    resources: dict[str, str | Members | None] = {}
    for option, resource in RESOURCES.items():
        resources[option], found = _resource(resource, option, params[option], region)
        problems += found
    if params["source_image"] and params["image_recipe"] is not None:
        problems.append(Problem("source_image", "is distributed as it is; image_recipe is given as well, from which an image is built."))
    return Asked(source, targets, distributions, params["source_image"], resources), problems


def _resource(resource: Resource, option: str, value: Any, region: str | None) -> tuple[str | Members | None, list[Problem]]:
    """A name or an ARN, or the options of the resource's module."""
    if value is None:
        return None, []
    if isinstance(value, str):
        kind = references.get_kind(resource.api_name)
        problem = names.problem(kind, value)
        return value, [Problem(option, problem)] if problem else []
    if not isinstance(value, Mapping):
        return None, [Problem(option, f"a name, an ARN, or the options of the {resource.title} are needed here, not {value!r}.")]
    try:
        return inputs.read(resource, value, Context(region=region)).request, []
    except InvalidInput as error:
        return None, [Problem(f"{option}.{problem.path}", problem.message) for problem in error.problems]


def described_run(module: AnsibleAWSModule, sessions: Sessions, asked: Asked) -> Run:
    """The run, with what is there looked up. Raises InvalidInput for what does not exist, and what calls raise."""
    region, params = str(module.region), module.params
    with errors("find out whose credentials these are"):
        source = asked.source or sessions.current_target(region)
    account_id = source.account_id
    api = Api(sessions.client(source, "imagebuilder", region), f"in account {account_id}, Region {region}")
    session = Session(api, partition_of(region), region, account_id)
    found = {option: _looked_up(session, option, value) for option, value in asked.resources.items()}
    configuration = found["distribution_configuration"]
    distributions = asked.distributions if asked.distributions is not None else (configuration or {}).get("distributions", [])
    return Run(
        source=source,
        region=region,
        partition=session.partition,
        targets=asked.targets,
        distributions=distributions,
        recipe=_completed(found["image_recipe"], session),
        source_image=_source_image(asked.source_image, session),
        infrastructure=found["infrastructure_configuration"],
        execution_role=_role_arn(params["execution_role"], session),
        distribution_configuration=configuration if asked.distributions is None else None,
        source_keys={name: key["key_arn"] for name, key in params["source_keys"].items() if key.get("key_arn")},
        simulate=params["simulate"],
        connection={option: params[option] for option in _CONNECTION if params.get(option)},
    )


def _looked_up(session: Session, option: str, value: str | Members | None) -> Members | None:
    if not isinstance(value, str):
        return value
    resource = RESOURCES[option]
    kind = references.get_kind(resource.api_name)
    arn = value if names.is_arn(value) else names.arn(kind, names.parse(kind, value), session.identity)
    found = lookup.find(resource, session, arn)
    if found is None:
        raise InvalidInput([Problem(option, f"there is no {kind.words} {arn}.")])
    return found


def _completed(recipe: Members | None, session: Session) -> Members | None:
    """A recipe with the images and components that it names by short names as ARNs, as far as that can be told without a look."""
    return None if recipe is None else references.completed(IMAGE_RECIPE, recipe, session.identity)


def _source_image(given: str | None, session: Session) -> str | None:
    """What is distributed: an image of Image Builder by its ARN, or what names an AMI, as it is."""
    kind = references.get_kind("Image")
    if not given or given.startswith(("ami-", "ssm:")) or names.is_arn(given):
        return given
    return names.arn(kind, names.parse(kind, given), session.identity)


def _role_arn(role: str | None, session: Session) -> str | None:
    """The ARN of a role that is named as CreateImage takes it, by name or ARN."""
    if not role or role.startswith("arn:"):
        return role or None
    return f"arn:{session.partition}:iam::{session.account_id}:role/{role}"
