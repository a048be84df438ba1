#!/usr/bin/python
# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Have an image built and delivered."""

from __future__ import annotations

DOCUMENTATION = r"""
module: image
short_description: Build an image with EC2 Image Builder and deliver it
version_added: 0.1.0
author:
  - golden.imagebuilder contributors (@golden-imagebuilder)
description:
  - Makes sure that there is an image of the given recipe, infrastructure configuration and distribution configuration, and that it is in every
    account and Region that the distribution configuration names.
  - An image of the same inputs that is being built is waited for. One that is available everywhere is the answer, and nothing is built.
  - One that failed while it was distributed is retried in place with C(RetryImage), which delivers what is missing and builds nothing. Where
    AWS refuses that, it is built again, with a warning.
  - Otherwise a new image is built.
  - Interrupting the task never stops a build. The next run finds it by its inputs and goes on waiting.
notes:
  - Inputs are the same when the image was built from that exact recipe version and that infrastructure configuration, with the same
    distributions as the distribution configuration has now, the same tests, workflows and execution role. O(image_scanning_configuration) and
    O(enhanced_image_metadata_enabled) count where they are given. O(tags) and O(logging_configuration) do not count.
  - That a parent image or a component with C(x) in its version has a newer one does not show in these inputs. Use O(force) for that, or a new
    version of the recipe.
  - Whether AMIs were deregistered later is not looked at here. M(golden.imagebuilder.distributed_ami_info) asks every account.
  - "The credentials need C(imagebuilder:CreateImage), C(imagebuilder:RetryImage), C(imagebuilder:GetImage), C(imagebuilder:ListImageBuildVersions),
    C(imagebuilder:GetImageRecipe) (or C(imagebuilder:GetContainerRecipe)), C(imagebuilder:GetInfrastructureConfiguration),
    C(imagebuilder:GetDistributionConfiguration), C(imagebuilder:GetComponent) and C(imagebuilder:GetWorkflow); C(imagebuilder:TagResource) and
    C(imagebuilder:UntagResource) for O(tags); C(imagebuilder:DeleteImage) for O(state=absent); C(iam:PassRole) on the O(execution_role);
    C(iam:CreateServiceLinkedRole) for C(imagebuilder.amazonaws.com) the first time in an account; and C(sts:GetCallerIdentity). Check mode needs
    those that only read."
options:
  state:
    description:
      - V(present) has the image built, unless it is there.
      - V(absent) deletes the image O(image_build_version_arn) from Image Builder. Its AMIs, snapshots and container images stay where they are.
    type: str
    choices: [present, absent]
    default: present
  image_recipe_arn:
    description:
      - ARN of the image recipe. With C(x) in its version, as in V(1.0.x), the newest version that matches is used.
      - Either this or O(container_recipe_arn) is needed.
    type: str
  container_recipe_arn:
    description: ARN of the container recipe, for container images.
    type: str
  infrastructure_configuration_arn:
    description:
      - ARN of the infrastructure configuration. Its account and Region are those of the build.
      - Needed for O(state=present).
    type: str
  distribution_configuration_arn:
    description:
      - ARN of the distribution configuration, in the Region of the build. Without one the image stays in the account and Region of the build.
    type: str
  image_tests_configuration:
    description: Whether and how the image is tested.
    type: dict
    suboptions:
      image_tests_enabled:
        description: Whether tests run after the build and before anything is distributed. AWS tests when it is not given.
        type: bool
      timeout_minutes:
        description: Longest time for the tests. AWS stores it and does not use it at present.
        type: int
  enhanced_image_metadata_enabled:
    description: Whether AWS collects the version of the operating system and the list of packages. It does when this is not given.
    type: bool
  image_scanning_configuration:
    description: Whether and how Amazon Inspector scans the image.
    type: dict
    suboptions:
      image_scanning_enabled:
        description: Whether it scans. That needs tests to be enabled.
        type: bool
      image_scanning_types:
        description: The one kind of scan, V(TEST_INSTANCE_CVE) for the instance that is tested or V(ON_DEMAND_AMI_CVE) for the AMI.
        type: list
        elements: str
      ecr_configuration:
        description: Repository for scans of container images.
        type: dict
        suboptions:
          repository_name:
            description: Name of a repository of the account, without the registry.
            type: str
          container_tags:
            description: Tags of the image that is pushed for the scan.
            type: list
            elements: str
      scan_result_condition:
        description: What findings let the image pass. Only for V(ON_DEMAND_AMI_CVE).
        type: dict
        suboptions:
          maximum_severity_label:
            description: Highest severity that passes, V(INFORMATIONAL), V(LOW), V(MEDIUM) or V(HIGH). Critical findings never pass.
            type: str
          fix_available:
            description: Whether only findings with a fix count. They alone do when it is not given.
            type: bool
  workflows:
    description: Workflows to run instead of AWS's own. They need O(execution_role).
    type: list
    elements: dict
    suboptions:
      workflow_arn:
        description: ARN of the workflow.
        type: str
        required: true
      parameters:
        description: Values of the workflow's parameters.
        type: list
        elements: dict
        suboptions:
          name:
            description: Name of the parameter.
            type: str
            required: true
          value:
            description: Its values.
            type: list
            elements: str
            required: true
      parallel_group:
        description: Group of test workflows that run side by side.
        type: str
      on_failure:
        description: What happens when a test workflow fails, V(CONTINUE) or V(ABORT).
        type: str
  execution_role:
    description:
      - Name or ARN of the role as which Image Builder works. Without one it is the service-linked role C(AWSServiceRoleForImageBuilder).
    type: str
  logging_configuration:
    description: Where the logs of the build go.
    type: dict
    suboptions:
      log_group_name:
        description: Name of the CloudWatch log group. Without it, C(/aws/imagebuilder/) and the name of the image.
        type: str
  cli_input_json:
    description:
      - The file of C(aws imagebuilder create-image --cli-input-json) as it is. A mapping, a string of JSON, or V(file://) and a path.
      - Options of the task override its members.
    type: json
  force:
    description:
      - Whether to build although an image of the same inputs is there.
      - A build of the same inputs that runs at this moment is waited for all the same, it is as new as another one.
    type: bool
    default: false
  retry:
    description:
      - Whether an image of the same inputs that failed, or was cancelled, while it was distributed is retried in place. With V(false) a new
        image is built.
    type: bool
    default: true
  wait:
    description: Whether to wait until the image is available everywhere, and fail when it is not in the end.
    type: bool
    default: true
  wait_timeout:
    description:
      - How many seconds to wait. Distribution alone may take six hours by AWS's own limit.
      - When the time is up the task fails and the build goes on. Running the task again goes on waiting.
    type: int
    default: 86400
  poll_interval:
    description: How many seconds to pause between two looks at the image.
    type: float
    default: 30
  image_build_version_arn:
    description: ARN of the image to delete. Needed for O(state=absent), and for that only.
    type: str
extends_documentation_fragment:
  - golden.imagebuilder.attributes
  - golden.imagebuilder.fleet.account
  - amazon.aws.tags
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
seealso:
  - module: golden.imagebuilder.image_info
  - module: golden.imagebuilder.image_recipe
  - module: golden.imagebuilder.infrastructure_configuration
  - module: golden.imagebuilder.distribution_configuration
  - module: golden.imagebuilder.distributed_ami_info
"""

EXAMPLES = r"""
- name: Have the golden AMI built and delivered
  golden.imagebuilder.image:
    region: us-west-2
    image_recipe_arn: "{{ recipe.image_recipe.arn }}"
    infrastructure_configuration_arn: "{{ infrastructure.infrastructure_configuration.arn }}"
    distribution_configuration_arn: "{{ distribution.distribution_configuration.arn }}"
    tags:
      Team: platform
  register: golden

- name: Show which AMI is where
  golden.imagebuilder.table:
    rows: "{{ golden.amis }}"
    columns: [account_id, region, image, state]

- name: Start a build from the newest 1.0 recipe and do not wait for it
  golden.imagebuilder.image:
    region: us-west-2
    image_recipe_arn: arn:aws:imagebuilder:us-west-2:111111111111:image-recipe/web/1.0.x
    infrastructure_configuration_arn: arn:aws:imagebuilder:us-west-2:111111111111:infrastructure-configuration/web
    wait: false

- name: Build anew once a week, because the parent image moves on
  golden.imagebuilder.image:
    region: us-west-2
    cli_input_json: file:///srv/images/create-image.json
    force: true

- name: Forget an image, and keep its AMIs
  golden.imagebuilder.image:
    region: us-west-2
    image_build_version_arn: arn:aws:imagebuilder:us-west-2:111111111111:image/web/1.0.0/1
    state: absent
"""

RETURN = r"""
image:
  description:
    - The image as C(GetImage) tells it, in snake case.
    - In check mode, for an image that would be built, what can be foretold of it. Null after O(state=absent).
  returned: when there is an image, also when it failed
  type: dict
  sample:
    arn: arn:aws:imagebuilder:us-west-2:111111111111:image/web/1.0.0/1
    name: web
    version: 1.0.0/1
    type: AMI
    state: {status: AVAILABLE}
    output_resources: {amis: []}
    tags: {}
amis:
  description: The AMIs of the image, in a fixed order.
  returned: when there is an image, also when it failed
  type: list
  elements: dict
  contains:
    account_id: {description: The account that owns the AMI., type: str}
    region: {description: The Region it is in., type: str}
    image: {description: Its id., type: str}
    name: {description: Its name., type: str}
    state: {description: "Its state as Image Builder sees it, such as V(AVAILABLE).", type: str}
delivered:
  description: Accounts and Regions that have the image.
  returned: when O(state=present)
  type: list
  elements: dict
  contains:
    account_id: {description: The account., type: str}
    region: {description: The Region., type: str}
missing:
  description: Accounts and Regions that are to have the image and do not, or not yet.
  returned: when O(state=present)
  type: list
  elements: dict
  contains:
    account_id: {description: The account., type: str}
    region: {description: The Region., type: str}
action:
  description:
    - What was done, or in check mode would be. V(build) a new image was started, V(retry) a failed one was retried, V(attach) one that was
      being built already was taken, V(done) one that is available everywhere was found.
  returned: when O(state=present)
  type: str
  sample: build
reason:
  description: Why that was done.
  returned: when O(state=present)
  type: str
failures:
  description: What failed, one entry for each account and Region. Empty when nothing did.
  returned: when O(state=present)
  type: list
  elements: dict
  contains:
    account_id: {description: "The account, null for failures of the build itself.", type: str}
    region: {description: The Region., type: str}
    step:
      description:
        - V(COPY_AMI) when the copy itself failed, else the step of Image Builder, such as V(PUT_SSM_PARAMETERS), or of the component.
      type: str
    message: {description: What AWS said., type: str}
    cause: {description: What that means., type: str}
    remedy: {description: What to do., type: str}
errors:
  description: Every mistake in the options, each with C(path) and C(message).
  returned: when an option is not valid
  type: list
  elements: dict
"""

from collections.abc import Mapping
from typing import Any, NoReturn

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.sessions import account_argument_spec
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import builds, compare, engine, inputs, schema
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import image as images
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.client import IN_USE, ImageBuilderError
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.compare import Description, Plan
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image import Action, Decision, Inputs
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import Context
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.image import IMAGE
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.schema import InvalidInput, Problem

ARGUMENT_SPEC: dict[str, Any] = {
    **account_argument_spec(),
    "state": {"type": "str", "choices": ["present", "absent"], "default": "present"},
    **IMAGE.options,
    "image_build_version_arn": {"type": "str"},
    "cli_input_json": {"type": "json"},
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
    "force": {"type": "bool", "default": False},
    "retry": {"type": "bool", "default": True},
    "wait": {"type": "bool", "default": True},
    "wait_timeout": {"type": "int", "default": 86400},
    "poll_interval": {"type": "float", "default": 30},
}


def read_options(params: Mapping[str, Any], region: str | None) -> inputs.Inputs:
    """The wanted image. Raises InvalidInput with every mistake in the options."""
    limits = {"wait_timeout": params["wait_timeout"] >= 0, "poll_interval": params["poll_interval"] > 0}
    problems = [Problem(name, f"{params[name]:g} is not a time to wait.") for name, is_right in limits.items() if not is_right]
    if params["image_build_version_arn"]:
        problems.append(Problem("image_build_version_arn", "has a meaning only with state: absent."))
    try:
        wanted = inputs.read(IMAGE, params, Context(region=region))
    except InvalidInput as error:
        raise InvalidInput([*error.problems, *problems]) from error
    if problems:
        raise InvalidInput(problems)
    return wanted


def present(module: AnsibleAWSModule) -> dict[str, Any]:
    """Have the image, and return the module's result; ends the module itself when the image failed."""
    params = module.params
    wanted = read_options(params, module.region)
    session = engine.open_session(module)
    asked = builds.read_inputs(session.api, wanted.request, predict=module.check_mode)
    if asked is None:
        unknown = Inputs(wanted.request)
        return result(unknown, Decision(Action.BUILD, None, "the recipe is not there yet"), foretold(unknown, 1), {})
    standing = builds.consider(session.api, asked, force=params["force"], retry=params["retry"])
    decision, image = standing.decision, standing.decision.image
    tagging = compare.plan(IMAGE, image, compare.Wish({}, frozenset(), wanted.tags, params["purge_tags"])) if image else None
    if module.check_mode:
        return result(asked, decision, image or foretold(asked, standing.next_number), shown_diff(decision, asked, image, tagging), tagging)
    run = builds.carry_out(session.api, asked, standing)
    for warning in run.warnings:
        engine.warn(warning)
    tagging = _tagged(session, run, tagging)
    now = run.image if run.decision.action is Action.DONE else follow(module, session, run)
    return finish(module, asked, now, result(asked, run.decision, now, shown_diff(run.decision, asked, run.image, tagging), tagging))


def _tagged(session: engine.Session, run: builds.Run, tagging: Plan | None) -> Plan | None:
    """Write the tags of an image that was there; None for a new one, which was built with its tags."""
    if tagging is None or tagging.before is None or tagging.before["arn"] != run.image["arn"]:
        return None
    engine.write_tags(session, run.image["arn"], tagging)
    return tagging


def follow(module: AnsibleAWSModule, session: engine.Session, run: builds.Run) -> Description:
    """The image at its end, or without `wait` as it is now. Ends the module when the time is up."""
    arn, params = run.image["arn"], module.params
    if not params["wait"]:
        return builds.get_image(session.api, arn) or run.image
    retried = run.image if run.decision.action is Action.RETRY else None
    again = f"The build goes on without this task. Run the task again to go on waiting for {arn}: it is found by its inputs."
    try:
        return builds.follow(session.api, arn, builds.Patience(params["wait_timeout"], params["poll_interval"]), retried)
    except builds.StillRunningError as error:
        _fail(
            module,
            f"Image {arn} is still {images.status(error.image)} after {params['wait_timeout']} seconds (wait_timeout). {again}",
            error.image,
            run,
        )
    except builds.GoneError:
        _fail(module, f"Image {arn} was deleted while this task waited for it.", run.image, run)
    except ImageBuilderError as error:
        _fail(module, f"{error.explanation()} {again}", run.image, run)


def _fail(module: AnsibleAWSModule, message: str, image: Description, run: builds.Run) -> NoReturn:
    known = {"image": images.image_result(image), "amis": images.ami_results(image), "action": run.decision.action.value}
    module.fail_json(msg=message, changed=run.changed, **known)
    raise AssertionError("fail_json returned")


def finish(module: AnsibleAWSModule, asked: Inputs, image: Description, outcome: dict[str, Any]) -> dict[str, Any]:
    """The result, or the end of the module when the image was waited for and is not what it should be."""
    if not module.params["wait"]:
        return outcome
    failures = images.all_failures(image, asked.promised)
    if failures or images.status(image) != "AVAILABLE":
        outcome["failures"] = [failure.to_result() for failure in failures]
        module.fail_json(msg=images.failure_message(image, failures, len(asked.promised)), **outcome)
    return outcome


def result(asked: Inputs, decision: Decision, image: Description, diff: Mapping[str, Any], tagging: Plan | None = None) -> dict[str, Any]:
    """The module's result for an image as it is, or as it is foretold."""
    delivered = images.delivered(image)
    return {
        "changed": decision.action in (Action.BUILD, Action.RETRY) or bool(tagging and tagging.changes_tags),
        "image": images.image_result({**image, **({"tags": tagging.after["tags"]} if tagging else {})}),
        "amis": images.ami_results(image),
        "delivered": images.pair_results(delivered & asked.promised),
        "missing": images.pair_results(asked.promised - delivered),
        "action": decision.action.value,
        "reason": decision.reason,
        "failures": [],
        "diff": dict(diff),
    }


def foretold(asked: Inputs, number: int) -> Description:
    """What can be said of an image before it is built."""
    members = {name.removesuffix("Arn"): {"arn": arn} for name, arn in asked.request.items() if name.endswith("Arn")}
    version = f"{asked.image_version_arn.rsplit('/', 1)[1]}/{number}"
    arn = f"{asked.image_version_arn}/{number}"
    outputs: dict[str, Any] = {"amis": []}
    return {
        **members,
        "arn": arn,
        "version": version,
        "state": {"status": "PENDING"},
        "outputResources": outputs,
        "tags": asked.request.get("tags", {}),
    }


def shown_diff(decision: Decision, asked: Inputs, image: Description | None, tagging: Plan | None) -> dict[str, Any]:
    """The image before and after, the same in check mode as in earnest: where it was, and where it is to be."""

    def shown(pairs: frozenset[images.Pair], tags: Mapping[str, str]) -> dict[str, Any]:
        arns = {schema.snake_name(name): arn for name, arn in asked.request.items() if name.endswith("Arn")}
        return {**arns, "delivered": images.pair_results(pairs), "tags": dict(tags)}

    if decision.action is Action.BUILD or image is None or tagging is None:
        return {"before": {}, "after": shown(asked.promised, asked.request.get("tags", {}))}
    have = images.delivered(image) & asked.promised
    gets = asked.promised if decision.action is Action.RETRY else have
    return {"before": shown(have, image.get("tags") or {}), "after": shown(gets, tagging.after["tags"])}


def absent(module: AnsibleAWSModule) -> dict[str, Any]:
    """Delete the image from Image Builder, and return the module's result."""
    arn = module.params["image_build_version_arn"]
    shape = schema.input_shape("DeleteImage").members["imageBuildVersionArn"]
    problems = schema.to_request(shape, arn, "image_build_version_arn")[1]
    if problems:
        raise InvalidInput(problems)
    session = engine.open_session(module)
    image = builds.get_image(session.api, arn)
    if image is None or images.status(image) == "DELETED":
        return {"changed": False, "image": None, "diff": {"before": {}, "after": {}}}
    if images.status(image) in images.RUNNING:
        cancel = f"aws imagebuilder cancel-image-creation --image-build-version-arn {arn}"
        raise engine.Refused(f"Image {arn} is being built ({images.status(image)}), so it cannot be deleted. Wait for it, or cancel it: {cancel}")
    if not module.check_mode:
        try:
            builds.delete_image(session.api, arn)
        except ImageBuilderError as error:
            if error.code != IN_USE:
                raise
            raise engine.Refused(engine.in_use(IMAGE, session, arn, error)) from error
    return {"changed": True, "image": None, "amis": images.ami_results(image), "diff": {"before": {"arn": arn}, "after": {}}}


def ensure(module: AnsibleAWSModule) -> dict[str, Any]:
    """Have the image, or have it not, and return the module's result."""
    done = absent(module) if module.params["state"] == "absent" else present(module)
    return done if module._diff else {name: value for name, value in done.items() if name != "diff"}


def main() -> None:
    """Run the module."""
    module = AnsibleAWSModule(argument_spec=ARGUMENT_SPEC, supports_check_mode=True, required_if=[("state", "absent", ["image_build_version_arn"])])
    engine.answer(module, lambda: ensure(module))


if __name__ == "__main__":
    main()
