# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images: whether one of the wanted inputs exists, is being built or can be mended, and what it delivered where. Pure: no call is made here.

Descriptions of images are the `image` member of GetImage's answer, in the API's own spelling.

This module util is private to the collection.
"""

from __future__ import annotations

import abc
import enum
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import arns, compare, schema
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.client import Api
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.compare import Description
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.failure import (
    COPY_STEP,
    DISTRIBUTION_STAGES,
    Failure,
    decode,
    failed_stage,
)
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.fingerprint import Fingerprint, token, without
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.distribution_configuration import DISTRIBUTION_CONFIGURATION
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resources.image import IMAGE

# API shape ImageStatus. What is in neither set (DEPRECATED, DISABLED, DELETED) was taken out of use, so it serves no one any more.
RUNNING = frozenset({"PENDING", "CREATING", "BUILDING", "TESTING", "DISTRIBUTING", "INTEGRATING"})
UNSUCCESSFUL = frozenset({"FAILED", "CANCELLED"})


class Pair(NamedTuple):
    """One account in one Region."""

    account_id: str
    region: str


class Action(enum.Enum):
    """What has to be done to have the image."""

    BUILD = "build"
    IMPORT = "import"
    ATTACH = "attach"
    DONE = "done"
    RETRY = "retry"
    DISTRIBUTE = "distribute"
    REPAIR = "repair"
    UPDATE = "update"


@dataclass(frozen=True)
class Wanted(abc.ABC):
    """An image that is to be there, whether it is built or imported.

    `request` says of what it is made. `origin` says in a sentence what makes an image the wanted one, `making` what it takes to have a new one.
    """

    request: Mapping[str, Any]

    origin: ClassVar[str]
    making: ClassVar[Action]

    @property
    @abc.abstractmethod
    def operation(self) -> str:
        """The operation that starts it."""

    @property
    def start_request(self) -> Mapping[str, Any]:
        """The request that starts it, without its client token."""
        return self.request

    @property
    def tags(self) -> Mapping[str, str]:
        """Tags that a new image gets."""
        return dict(self.request.get("tags", {}))

    @property
    def arns(self) -> Mapping[str, str]:
        """The resources that it is made of, by member of the request."""
        return {name: arn for name, arn in self.request.items() if name.endswith("Arn")}

    @property
    @abc.abstractmethod
    def can_be_retried(self) -> bool:
        """Whether RetryImage mends a failed one."""

    @property
    def source_image(self) -> str | None:
        """The AMI of which copies are made, where it is not made first."""
        return None

    @property
    @abc.abstractmethod
    def image_version_arn(self) -> str:
        """ARN of the image version that its builds belong to."""

    @property
    def listed_by(self) -> str:
        """The image version whose builds may be the wanted one; empty when every image of the account may."""
        return self.image_version_arn

    @property
    def cautions(self) -> Sequence[str]:
        """What the user has to know before it is started."""
        return ()

    def prepare(self, api: Api) -> None:  # noqa: B027 - for most there is nothing to prepare
        """Make what has to be there before it is started. Raises ImageBuilderError."""

    @property
    @abc.abstractmethod
    def promised(self) -> frozenset[Pair]:
        """Every account and Region that gets an image."""

    @abc.abstractmethod
    def is_met_by(self, image: Description) -> bool:
        """Whether an image is one of what is wanted, wherever it may have got to."""

    @property
    @abc.abstractmethod
    def fingerprint(self) -> Fingerprint:
        """By what an image of it is known again."""

    def is_other(self, summary: Description) -> bool:
        """Whether the summary of an image already tells that it is not one of what is wanted."""
        return False

    def attempts(self, summaries: Iterable[Description]) -> int:
        """How many of the images with these summaries are of exactly this kind."""
        return sum(Fingerprint.read(summary.get("tags")) == self.fingerprint for summary in summaries)

    def client_token(self, attempts: int, salt: str = "") -> str:
        """Token of the request that makes the image after so many others of its kind.

        Two runs that start at the same time, or a request that is sent again because its answer was lost, know of the same images, so they
        send the same token and AWS makes one image. Once that image is listed the number differs, and with it the token: a later build of
        the same inputs is a new one. Tags and logs take no part: AWS refuses the same token with another of them, and so tells of the image.
        """
        return token([self.operation, self.fingerprint.value, attempts, salt])


# Members of a request that say nothing of how an image is made.
_NO_SETTINGS = frozenset(
    {
        "imageRecipeArn",
        "containerRecipeArn",
        "infrastructureConfigurationArn",
        "distributionConfigurationArn",
        "loggingConfiguration",
        "tags",
    }
)


@dataclass(frozen=True)
class Inputs(Wanted):
    """What an image is built from.

    `request` is the request of CreateImage without its client token, with a recipe ARN of an exact version. `distributions` is the content
    of the distribution configuration as AWS holds it now; None when there is no configuration, or none yet. `pipeline_arn` is the pipeline
    whose inputs these are and which builds the image; without one the request itself does.
    """

    distributions: Sequence[Mapping[str, Any]] | None = None
    pipeline_arn: str | None = None

    origin: ClassVar[str] = "the same inputs"
    making: ClassVar[Action] = Action.BUILD

    @property
    def operation(self) -> str:
        """The operation that starts the build."""
        return "StartImagePipelineExecution" if self.pipeline_arn else "CreateImage"

    @property
    def start_request(self) -> Mapping[str, Any]:
        """The request that starts the build, without its client token, with the fingerprint among its tags. A pipeline has its inputs itself."""
        request = self.request if self.pipeline_arn is None else {"imagePipelineArn": self.pipeline_arn}
        if "tags" not in schema.input_shape(self.operation).members:
            return request
        return {**request, "tags": self.fingerprint.added_to(self.tags)}

    @property
    def arns(self) -> Mapping[str, str]:
        """The resources that it is made of, by member of the request."""
        return {**({"imagePipelineArn": self.pipeline_arn} if self.pipeline_arn else {}), **super().arns}

    @property
    def can_be_retried(self) -> bool:
        """Whether RetryImage mends a failed one, which it does for AMIs (documentation of RetryImage)."""
        return not self.is_container

    def is_met_by(self, image: Description) -> bool:
        """Whether an image was built from these inputs."""
        return has_inputs(self, image)

    def is_other(self, summary: Description) -> bool:
        """Whether the fingerprint of an image tells that it was built from other inputs."""
        known = Fingerprint.read(summary.get("tags"))
        return known is not None and known.inputs != self.fingerprint.inputs

    @property
    def is_container(self) -> bool:
        """Whether container images are built, not AMIs."""
        return "containerRecipeArn" in self.request

    @property
    def recipe_arn(self) -> str:
        """ARN of the recipe, of either kind."""
        return str(self.request.get("imageRecipeArn") or self.request.get("containerRecipeArn"))

    @property
    def source(self) -> Pair:
        """Account and Region of the build. An infrastructure configuration cannot be shared, so its ARN tells both; a recipe can."""
        parts = str(self.request["infrastructureConfigurationArn"]).split(":")
        return Pair(parts[4], parts[3])

    @property
    def image_version_arn(self) -> str:
        """ARN of the image version that builds of this recipe belong to: in the building account, with the recipe's name and version."""
        partition = self.recipe_arn.split(":")[1]
        return f"arn:{partition}:imagebuilder:{self.source.region}:{self.source.account_id}:image/{self.recipe_arn.split('/', 1)[1]}"

    @property
    def promised(self) -> frozenset[Pair]:
        """Every account and Region that gets an image.

        The image is always made in the building account and Region. An entry of the distributions delivers to its target accounts, or to
        the building account when it names none. Launch permissions deliver nothing: whom an AMI is shared with uses the owner's.
        """
        output = "containerDistributionConfiguration" if self.is_container else "amiDistributionConfiguration"
        return receivers(self.distributions or (), self.source.account_id, output) | {self.source}

    @property
    def fingerprint(self) -> Fingerprint:
        """What it is built from and where it goes, and apart from that tests, scans, workflows and role. The tags and the logs do not count."""
        places = [self.recipe_arn, self.request["infrastructureConfigurationArn"], self.request.get("distributionConfigurationArn")]
        settings = {name: value for name, value in self.request.items() if name not in _NO_SETTINGS}
        inputs = [*places, canonical_distributions(self.distributions)]
        return Fingerprint.of(inputs, compare.canonical(IMAGE, IMAGE.create_shape, settings))


@dataclass(frozen=True)
class Decision:
    """What has to be done, with which image (None for a build), and why."""

    action: Action
    image: Description | None
    reason: str

    @property
    def starts(self) -> bool:
        """Whether something is started. To follow what runs already changes nothing."""
        return self.action not in (Action.ATTACH, Action.DONE)


def receivers(distributions: Iterable[Mapping[str, Any]], account_id: str, output: str = "amiDistributionConfiguration") -> frozenset[Pair]:
    """Accounts and Regions to which distributions deliver a kind of output; an entry without accounts to `account_id`, the source's."""
    entries = [(entry["region"], entry[output].get("targetAccountIds") or [account_id]) for entry in distributions if output in entry]
    return frozenset(Pair(receiver, region) for region, accounts in entries for receiver in accounts)


def canonical_distributions(distributions: Sequence[Mapping[str, Any]] | None) -> Any:
    """Distributions in the form that all of the same meaning have."""
    shape = DISTRIBUTION_CONFIGURATION.create_shape.members["distributions"]
    return compare.canonical(DISTRIBUTION_CONFIGURATION, shape, distributions)


def _covers(shape: schema.Shape, have: Any, wanted: Any) -> bool:
    """Whether what AWS shows holds all that is wanted. AWS adds defaults, and may leave out what is off."""
    if shape.type_name == "structure":
        return all(_covers(shape.members[name], (have or {}).get(name), item) for name, item in wanted.items())
    same: bool = compare.canonical(IMAGE, shape, have) == compare.canonical(IMAGE, shape, wanted)
    return same or (not have and not wanted)


def _is_version_of(wanted: str, have: str) -> bool:
    """Whether an ARN is the wanted one, which may have `x` in its version and may lack the build."""
    parts = re.fullmatch(r"(?P<name>.*/)(?P<version>[\dx.]+)(?P<build>/\d+)?", wanted)
    if parts is None:
        return wanted == have
    version = r"\.".join(r"\d+" if number == "x" else number for number in parts["version"].split("."))
    return re.fullmatch(re.escape(parts["name"]) + version + (parts["build"] or r"(/\d+)?"), have) is not None


def _same_workflows(have: Sequence[Mapping[str, Any]], wanted: Sequence[Mapping[str, Any]]) -> bool:
    """Whether the image ran the wanted workflows. When none are given AWS runs its own and shows them."""
    if not wanted:
        return all(":aws:workflow/" in workflow["workflowArn"] for workflow in have)

    shape = IMAGE.create_shape.members["workflows"].member

    def same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
        settings = {key: value for key, value in other.items() if key != "workflowArn"}
        return _is_version_of(other["workflowArn"], one["workflowArn"]) and _covers(shape, one, settings)

    return len(have) == len(wanted) and all(map(same, have, wanted))


def _same_settings(inputs: Inputs, image: Description) -> bool:
    """Whether tests, scans, workflows and role of the image are the wanted ones.

    Where logs go is no matter of what was built, so it is not compared; scans and metadata only where they are given.
    """
    wanted = inputs.request
    tests = [side.get("imageTestsConfiguration", {}).get("imageTestsEnabled", True) for side in (wanted, image)]
    given = {name: wanted[name] for name in ("imageScanningConfiguration", "enhancedImageMetadataEnabled") if name in wanted}
    return (
        tests[0] == tests[1]
        and _covers(IMAGE.create_shape, image, given)
        and arns.same_role(image.get("executionRole"), wanted.get("executionRole"))
        and _same_workflows(image.get("workflows", []), wanted.get("workflows", []))
    )


def has_inputs(inputs: Inputs, image: Description) -> bool:
    """Whether the image was built from these inputs: recipe, infrastructure, distributions as they are now, and settings.

    Its fingerprint tells it, where it has one; what it shows of its distributions may have been edited since. Settings are its own, so those
    of another fingerprint can still mean the same.
    """
    known = Fingerprint.read(image.get("tags"))
    if known == inputs.fingerprint:
        return True
    same: bool = known.inputs == inputs.fingerprint.inputs if known else _is_made_of(inputs, image)
    return same and _same_settings(inputs, image)


def _is_made_of(inputs: Inputs, image: Description) -> bool:
    """Whether an image shows the recipe, the infrastructure and the distributions."""
    recipe = image.get("containerRecipe" if inputs.is_container else "imageRecipe", {})
    distribution = image.get("distributionConfiguration", {})
    return bool(
        recipe.get("arn") == inputs.recipe_arn
        and image.get("infrastructureConfiguration", {}).get("arn") == inputs.request["infrastructureConfigurationArn"]
        and distribution.get("arn") == inputs.request.get("distributionConfigurationArn")
        and canonical_distributions(distribution.get("distributions")) == canonical_distributions(inputs.distributions)
    )


def status(image: Description) -> str:
    """Status of an image, in a description or a summary of it."""
    return str(image.get("state", {}).get("status", ""))


def build_number(image: Description) -> int:
    """Number of the build, the end of its ARN."""
    return int(str(image["arn"]).rsplit("/", 1)[1])


def delivered(image: Description) -> frozenset[Pair]:
    """Accounts and Regions in which the image is there. Works on summaries too."""
    account = str(image["arn"]).split(":")[4]
    outputs = image.get("outputResources", {})
    amis = [ami for ami in outputs.get("amis", []) if ami.get("image") and status(ami) in ("", "AVAILABLE")]
    pairs = {Pair(ami.get("accountId") or account, ami["region"]) for ami in amis}
    return frozenset(pairs | {Pair(account, container["region"]) for container in outputs.get("containers", [])})


def candidates(wanted: Wanted, summaries: Iterable[Description], force: bool) -> list[Description]:
    """The summaries of builds that may serve, newest first; reading the others would be calls for nothing.

    With `force` only a build that runs at this moment serves: it is as new as one started now.
    """

    def may_serve(summary: Description) -> bool:
        if wanted.is_other(summary) or (force and status(summary) not in RUNNING):
            return False
        if status(summary) in RUNNING:
            return True
        return status(summary) in UNSUCCESSFUL or (status(summary) == "AVAILABLE" and wanted.promised <= delivered(summary))

    return sorted(filter(may_serve, summaries), key=build_number, reverse=True)


def decide(wanted: Wanted, images: Iterable[Description], retry: bool = True) -> Decision:
    """What to do to have the wanted image.

    Takes the descriptions of the existing candidates, newest first, and reads no further than needed. An image that runs is followed; one
    that is available everywhere it should be is the answer; one that failed while it was distributed is retried in place, which keeps what
    was delivered. An image that failed before that has nothing to keep, so an older one or else a new build serves.
    """
    for image in images:
        if not wanted.is_met_by(image):
            continue
        now = status(image)
        if now in RUNNING:
            return Decision(Action.ATTACH, image, f"{image['arn']} has {wanted.origin} and is being made ({now})")
        if now == "AVAILABLE" and wanted.promised <= delivered(image):
            return Decision(Action.DONE, image, f"{image['arn']} has {wanted.origin} and is in every account and Region")
        if now in UNSUCCESSFUL and retry and wanted.can_be_retried and failed_stage(image) in DISTRIBUTION_STAGES:
            return Decision(Action.RETRY, image, f"{image['arn']} has {wanted.origin} and {now} in {failed_stage(image)}")
    return Decision(wanted.making, None, f"no image with {wanted.origin} is available in every account and Region")


def image_result(image: Description) -> dict[str, Any]:
    """An image as modules return it."""
    return compare.result(IMAGE, {**image, "tags": without(image.get("tags"))})


def image_info(image: Description) -> dict[str, Any]:
    """An image as it is listed: with its AMIs, and with what failed."""
    return {**image_result(image), "amis": ami_results(image), "failures": [failure.to_result() for failure in decode(image)]}


def ami_results(image: Description) -> list[dict[str, Any]]:
    """The AMIs of an image as modules return them, in a fixed order."""
    account = str(image["arn"]).split(":")[4]
    rows = [
        {
            "account_id": ami.get("accountId") or account,
            "region": ami.get("region"),
            "image": ami.get("image"),
            "name": ami.get("name"),
            "state": status(ami) or "AVAILABLE",
        }
        for ami in image.get("outputResources", {}).get("amis", [])
    ]
    return sorted(rows, key=lambda row: (row["account_id"], row["region"] or "", row["image"] or ""))


def pair_results(pairs: Iterable[Pair]) -> list[dict[str, str]]:
    """Accounts and Regions as modules return them, in a fixed order."""
    return [pair._asdict() for pair in sorted(pairs)]


def all_failures(image: Description, promised: Iterable[Pair]) -> list[Failure]:
    """Every failure of an image, and every account and Region that got nothing though AWS lists no failure for it.

    AWS lists 256 failures at most and cuts off long sentences, and while an image can be available a copy can still be missing.
    """
    failures = decode(image)
    if failures and status(image) in UNSUCCESSFUL and failed_stage(image) not in DISTRIBUTION_STAGES:
        return failures
    return with_untold(failures, set(promised) - delivered(image))


def with_untold(failures: Sequence[Failure], missing: Iterable[Pair]) -> list[Failure]:
    """Failures, and one for each account and Region that got nothing and is not among them."""
    told = {(failure.account_id, failure.region) for failure in failures}
    return [*failures, *_untold(sorted(set(missing)), told)]


def _untold(missing: Iterable[Pair], told: set[tuple[str | None, str | None]]) -> Iterator[Failure]:
    for pair in missing:
        if tuple(pair) not in told:
            cause = "The image did not arrive, and Image Builder gives no reason."
            remedy = "golden.imagebuilder.distributed_ami_info shows what is in the account; run again to deliver it."
            yield Failure(pair.account_id, pair.region, COPY_STEP, "no message", cause, remedy)


def failure_message(image: Description, failures: Sequence[Failure], promised: int) -> str:
    """The error message of a failed image: its ARN and stage, then a line for each failure."""
    if status(image) not in UNSUCCESSFUL:
        head = f"Image {image['arn']} is {status(image)}, but {len(delivered(image))} of {promised} accounts and Regions have it."
    elif failed_stage(image) in DISTRIBUTION_STAGES:
        stage = failed_stage(image)
        head = f"Image {image['arn']} is {status(image)}, in {stage}; {len(delivered(image))} of {promised} accounts and Regions have it."
    else:
        when = "while it was imported" if str(image.get("buildType")).startswith("IMPORT") else "before it was distributed"
        head = f"Image {image['arn']} is {status(image)}, {when}."
    return "\n".join([head, *(failure.sentence() for failure in failures)])
