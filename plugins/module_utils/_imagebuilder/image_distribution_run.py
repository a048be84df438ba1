# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module `image_distribution`: its options, and the distribution that they mean at this moment.

How it is started, followed and reported is that of the module `image` (image_make.py, image_follow.py).

This module util is private to the collection.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

try:
    import botocore
    import botocore.exceptions
except ImportError:
    pass  # AnsibleAWSModule says so

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet import run as fleet
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import account_argument_spec, parse_targets
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import (
    builds,
    engine,
    image_distribute,
    image_options,
    image_report,
    image_run,
    references,
    schema,
    temporary,
)
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image import Action
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image_distribute import OPERATION, PARAMETER, Distribution
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image_make import ensure_wanted
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image_options import Task, Way
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image_report import Result
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image_work import Work, plan
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.problems import InvalidInput, Problem
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import Context
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.distribution_configuration import DISTRIBUTION_CONFIGURATION
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.session import Refused, Session, open_session, warn

CONFIGURATION = "distribution_configuration_arn"
INLINE = "distributions"
CREATED_BY = ("CreatedBy", "EC2 Image Builder")
"""Tag of everything that Image Builder makes. AWS's policies for its roles (EC2ImageBuilderExecutionPolicy) allow changes of what has it."""

OPTIONS: dict[str, Any] = {
    "source_image": {"type": "str", "required": True},
    CONFIGURATION: {"type": "str", "aliases": ["distribution_configuration"]},
    INLINE: {"type": "list", "elements": "dict"},
    "execution_role": {"type": "str", "required": True},
    "logging_configuration": {"type": "dict"},
}


def argument_spec() -> dict[str, Any]:
    """The options of the module."""
    return {**account_argument_spec(), **OPTIONS, **image_run.making_argument_spec()}


def run() -> None:
    """The module `image_distribution`."""
    module = AnsibleAWSModule(argument_spec=argument_spec(), supports_check_mode=True)
    engine.answer(module, lambda: _run(module))


def _run(module: AnsibleAWSModule) -> Result:
    task, distributions = read(module.params, module.region)
    return image_run.to_its_end(module, task, lambda module, task: _begin(module, task, distributions))


# --- what is wanted


def read(params: Mapping[str, Any], region: str | None) -> tuple[Task, Sequence[Mapping[str, Any]] | None]:
    """What a task wants, and the distributions that it gives itself.

    Raises InvalidInput with every mistake that can be seen without asking AWS.
    """
    shape = schema.input_shape(OPERATION)
    given = {name: params[name] for name in ("tags", *OPTIONS) if name != INLINE and params.get(name) is not None}
    request, problems = schema.to_request(shape, given, partial=True)
    request = dict(request or {})
    problems += image_options.problems_of_waiting(params)
    problems += _broken(image_distribute.broken_rules(request, Context(region=region, complete=True)), problems)
    distributions, found = _read_distributions(params[INLINE], region)
    problems += found
    if (params[CONFIGURATION] is None) == (params[INLINE] is None):
        problems.append(Problem(INLINE, f"are needed here, or {CONFIGURATION}: one of them says where the AMI goes."))
    targets, wrong = parse_targets(params["targets"])
    problems += wrong
    if problems:
        raise InvalidInput(problems)
    tags = dict(request.get("tags", {})) if params["tags"] is not None else None
    return Task(Way.DISTRIBUTION, request, tags, None, None, targets), distributions


def _read_distributions(given: Any, region: str | None) -> tuple[Sequence[Mapping[str, Any]] | None, list[Problem]]:
    """The distributions of the task in the API's own spelling, and all that is wrong with them."""
    if given is None:
        return None, []
    converted, problems = schema.to_request(DISTRIBUTION_CONFIGURATION.create_shape.members[INLINE], given, INLINE)
    if not converted:
        return [], problems or [Problem(INLINE, "deliver nothing: give one for each Region.")]
    return converted, [*problems, *_broken(DISTRIBUTION_CONFIGURATION.rules({INLINE: converted}, Context(region=region)), problems)]


def _broken(findings: Any, known: Sequence[Problem]) -> list[Problem]:
    """Broken rules with their places, but those that are only what comes of another problem there."""
    broken = [Problem(schema.format_path(path), message) for path, message in findings]
    return [problem for problem in broken if not any(one.path.startswith(problem.path) for one in known)]


# --- what that means at this moment


def _begin(module: AnsibleAWSModule, task: Task, distributions: Sequence[Mapping[str, Any]] | None) -> Result:
    """Have the AMI distributed, unless it is."""
    session = open_session(module)
    work = Work(_resolved(task, session), session, module.params)
    wanted = _wanted(work, distributions)
    if wanted is None:
        return {**image_report.unknown(None, plan(work, None)), "action": Action.DISTRIBUTE.value}
    result = ensure_wanted(work, wanted)
    is_foretold = session.check_mode and result["action"] == Action.DISTRIBUTE.value
    return {**result, "image": None} if is_foretold else result  # what AWS is going to call it is not known


def _resolved(task: Task, session: Session) -> Task:
    """The task with what it names as ARNs. A parameter may be called like an image, so it is left as it is."""
    named = {} if task.request["sourceImage"].startswith(PARAMETER) else {"sourceImage": "image"}
    return replace(task, request=references.resolve_in(task.shape, task.request, session.identity, session.find, named))


def _wanted(work: Work, distributions: Sequence[Mapping[str, Any]] | None) -> Distribution | None:
    """The distribution that the task means; None when in check mode what it is made of is not there yet.

    Raises InvalidInput, Refused for a source that is none, and ImageBuilderError.
    """
    session, request = work.session, dict(work.task.request)
    if distributions is not None:
        _judge(session, distributions)
    else:
        read = session.api.find if session.check_mode else session.api.call
        answer = read("GetDistributionConfiguration", distributionConfigurationArn=request["distributionConfigurationArn"])
        distributions = answer["distributionConfiguration"].get(INLINE, []) if answer else None
    source = _source(session, str(request["sourceImage"]))
    if distributions is None or source is None:
        return None
    request.setdefault("distributionConfigurationArn", temporary.arn(session.identity, distributions, source.image_id))
    return Distribution(request, source.image_id, distributions, session.identity, cautions=source.cautions)


def _judge(session: Session, distributions: Sequence[Mapping[str, Any]]) -> None:
    """Judge the task's own distributions, now that the account is known, and warn of what surprises. Raises InvalidInput."""
    context = Context(session.region, session.account_id, complete=True)
    problems = _broken(DISTRIBUTION_CONFIGURATION.rules({INLINE: distributions}, context), [])
    if problems:
        raise InvalidInput(problems)
    for path, message in DISTRIBUTION_CONFIGURATION.cautions({INLINE: distributions}, context):
        warn(f"{schema.format_path(path)}: {message}")


@dataclass(frozen=True)
class _Source:
    """The AMI that is to be distributed, and what is to be said of it."""

    image_id: str
    cautions: Sequence[str] = ()


def _source(session: Session, source: str) -> _Source | None:
    """The AMI that `source_image` means; None when in check mode there is none yet. Raises Refused and ImageBuilderError."""
    if source.startswith("arn:"):
        return _source_of_image(session, source)
    try:
        image_id = _value_of(session, source.removeprefix(PARAMETER)) if source.startswith(PARAMETER) else source
        return _Source(image_id, tuple(_cautions(session, image_id)))
    except botocore.exceptions.ClientError as error:
        code, explanation = fleet.explain(error)
        if session.check_mode and "NotFound" in code:
            return None
        raise Refused(f"source_image: {source} cannot be found {session.api.where}. {explanation}") from error


def _source_of_image(session: Session, arn: str) -> _Source | None:
    """The AMI that an image has in the account and Region, as DistributeImage takes it; Image Builder made it, so there is nothing to say."""
    image = builds.get_image(session.api, arn)
    amis = (image or {}).get("outputResources", {}).get("amis", [])
    here = [ami for ami in amis if (ami["region"], ami.get("accountId", session.account_id)) == (session.region, session.account_id)]
    if here:
        return _Source(str(here[0]["image"]))
    if session.check_mode:
        return None
    raise Refused(f"source_image: image {arn} {'has no AMI' if image else 'does not exist'} {session.api.where}, of which copies could be made.")


def _value_of(session: Session, name: str) -> str:
    """The AMI in a parameter. Raises ClientError, and Refused for one that holds something else."""
    value = str(_client(session, "ssm").get_parameter(Name=name)["Parameter"]["Value"])
    if not image_distribute.IMAGE_ID.fullmatch(value):
        raise Refused(f"source_image: parameter {name} {session.api.where} does not hold the id of an AMI.")
    return value


def _cautions(session: Session, image_id: str) -> list[str]:
    """What is to be said of an AMI that Image Builder has not made. Raises ClientError."""
    (image,) = _client(session, "ec2").describe_images(ImageIds=[image_id])["Images"]
    if CREATED_BY in {(tag["Key"], tag["Value"]) for tag in image.get("Tags", [])}:
        return []
    return [
        f"source_image: {image_id} has no tag {CREATED_BY[0]}: {CREATED_BY[1]}, so Image Builder has not made it. AWS's own policies for execution "
        "roles allow ec2:ModifyImageAttribute and ec2:ModifySnapshotAttribute on what has that tag alone. Tag the AMI and its snapshots with it, or "
        "allow both actions to the execution_role."
    ]


def _client(session: Session, service: str) -> Any:
    if session.sessions is None:
        raise Refused(f"There is no way to {service} {session.api.where}.")
    return session.sessions.client(session.account, service, session.region)
