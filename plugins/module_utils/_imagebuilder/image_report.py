# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the module `image` answers, in earnest and in check mode. Pure: no call is made here.

This module util is private to the collection.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import compare, image_state, schema
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import image as images
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.compare import POLICY, Description, Plan
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.image import Action, Decision, Wanted
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.image import IMAGE

Result = dict[str, Any]


def known(image: Description | None, decision: Decision) -> Result:
    """What is told of an image in any case, also when the task fails."""
    rows = images.ami_results(image) if image else []
    return {"image": images.image_result(image) if image else None, "amis": rows, "action": decision.action.value}


def decided(wanted: Wanted, decision: Decision, change: Plan) -> Result:
    """What the result tells of the beginning, whatever comes of it. `change` is that of the image's tags and policy."""
    return {
        "changed": decision.starts or (change.before is not None and change.changed),
        "action": decision.action.value,
        "reason": decision.reason,
        "diff": _diff_of_made(wanted, decision, change),
    }


def made(image: Description, promised: frozenset[images.Pair]) -> Result:
    """What the result tells of an image that was to be there, as it is or as it is foretold."""
    delivered = images.delivered(image)
    return {
        "image": images.image_result(image),
        "amis": images.ami_results(image),
        "delivered": images.pair_results(delivered & promised),
        "missing": images.pair_results(promised - delivered),
        "failures": [],
    }


def with_change(image: Description, change: Plan) -> Description:
    """An image with the tags and the policy that it gets."""
    policy = {POLICY: change.after[POLICY]} if change.after.get(POLICY) else {}
    return {**image, "tags": change.after["tags"], **policy}


def foretold(wanted: Wanted, decision: Decision, number: int, change: Plan) -> Result:
    """The result in check mode, for the image that is there, or with all that can be said of one before it is made."""
    image = with_change(decision.image or _foretold(wanted, number), change)
    return {**made(image, wanted.promised), **decided(wanted, decision, change)}


def _foretold(wanted: Wanted, number: int) -> Description:
    members = {name.removesuffix("Arn"): {"arn": arn} for name, arn in wanted.arns.items()}
    version = f"{wanted.image_version_arn.rpartition('/')[2]}/{number}"
    return {
        **members,
        "arn": f"{wanted.image_version_arn}/{number}",
        "version": version,
        "state": {"status": "PENDING"},
        "outputResources": {"amis": []},
        "tags": dict(wanted.tags),
    }


def _diff_of_made(wanted: Wanted, decision: Decision, change: Plan) -> dict[str, Any]:
    """The image before and after, the same in check mode as in earnest: where it was, and where it is to be."""
    image = change.before
    if image is None:
        return {"before": {}, "after": _shown(wanted, wanted.promised, change.after)}
    have = images.delivered(image) & wanted.promised
    gets = wanted.promised if decision.action in (Action.RETRY, Action.REPAIR) else have
    return {"before": _shown(wanted, have, image), "after": _shown(wanted, gets, change.after)}


def _shown(wanted: Wanted, pairs: frozenset[images.Pair], image: Description) -> dict[str, Any]:
    """What diffs show of an image: what it is made of and where it is, with its tags and its policy."""
    arns = {schema.snake_name(name): arn for name, arn in wanted.arns.items()}
    policy = compare.shown(IMAGE, {POLICY: image.get(POLICY)})
    return {**arns, "delivered": images.pair_results(pairs), "tags": dict(image.get("tags") or {}), **policy}


def unknown(wanted: Wanted | None, change: Plan) -> Result:
    """The result in check mode where what the image is made of is not there yet. Of a pipeline not even the recipe is known."""
    decision = Decision(Action.BUILD, None, "what it is to be made of is not there yet")
    if wanted is not None:
        return foretold(wanted, decision, 1, change)
    nothing: Result = {"delivered": [], "missing": [], "failures": [], "diff": {"before": {}, "after": {}}}
    return {**known(None, decision), **nothing, "changed": True, "reason": decision.reason}


def existing(
    decision: Decision, image: Description | None, change: Plan, update: Mapping[str, Any] | None, execution: Description | None = None
) -> Result:
    """The result for an image that was there, with its state, tags and policy as they are or as they are foretold."""
    before = change.before
    after = with_state(change.after, decision, update) if before is not None else None
    result = {
        **known(with_change(image, change) if image else None, decision),
        "changed": decision.starts or (before is not None and change.changed),
        "reason": decision.reason,
        "failures": [],
        "diff": {"before": _shown_state(before), "after": _shown_state(after)},
    }
    return {**result, "lifecycle_execution": execution_result(execution)} if execution else result


def with_state(image: Description | None, decision: Decision, update: Mapping[str, Any] | None) -> Description | None:
    """An image in the state that it gets, or with the time at which it gets it."""
    if image is None or update is None or decision.action not in (Action.UPDATE, Action.ATTACH):
        return image
    if "updateAt" in update:
        return {**image, "deprecationTime": update["updateAt"]}
    return {**image, "state": {"status": image_state.target_of(update)}}


def _shown_state(image: Description | None) -> dict[str, Any]:
    """What diffs show of an image that is there."""
    if image is None:
        return {}
    scheduled = {"deprecation_time": str(image["deprecationTime"])} if image.get("deprecationTime") else {}
    return {**compare.shown(IMAGE, image), "state": images.status(image), **scheduled}


def execution_result(execution: Description) -> Result:
    """A lifecycle execution, with what became of each resource, as modules return it."""
    shape = schema.output_shape("GetLifecycleExecution").members["lifecycleExecution"]
    resources = schema.output_shape("ListLifecycleExecutionResources").members["resources"]
    members = {name: value for name, value in execution.items() if name in shape.members}
    return {**schema.snake_case(members, shape), "resources": schema.snake_case(execution.get("resources", []), resources)}


def update_failure(image: Description, update: Mapping[str, Any], failures: list[Any]) -> str:
    """The error message of a change of state that failed: what it was, then a line for each failure."""
    head = f"Image {image['arn']} could not be brought from {images.status(image)} to {image_state.target_of(update)}."
    return "\n".join([head, *(failure.sentence() for failure in failures)])
