# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Preflight's look at what the build starts from and runs on, and at what of each Region only some runs ask for. Private to this collection.

Like preflight_reading.py, whose reader calls this one: every thing once, and what AWS does not let be seen is `Unknown` where it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.botocore import is_boto3_error_code
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution import preflight_images, preflight_quotas
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.preflight_facts import (
    NOT_ASKED,
    NOT_THERE,
    Build,
    Fact,
    Facts,
    Infrastructure,
    Parent,
    RegionFacts,
    Role,
)
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.preflight_run import Run
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.errors import FleetError
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.sessions import Client, Sessions

Ask = Callable[[Callable[[], Any]], Any]
"""What AWS answers to a question, or the `Unknown` that says why it does not."""

ReadRole = Callable[[Client, str], Any]
"""From IAM and the name of a role to the `Role`, None when there is none."""
ReadKey = Callable[[Client, str, str], Any]
"""From KMS, a Region and what names a key to the `Key`, None when there is none."""

_MOST_PARAMETERS = 10  # of one GetParameters
_NO_IMAGE = ("InvalidAMIID.NotFound", "InvalidAMIID.Unavailable", "InvalidAMIID.Malformed")


class BuildReader:
    """Reads what the build needs in the source account. `role` and `key` read a role and a key as the reader of accounts does."""

    def __init__(self, sessions: Sessions, ask: Ask, role: ReadRole, key: ReadKey) -> None:
        self._sessions = sessions
        self._ask = ask
        self._role = role
        self._key = key

    def read(self, facts: Facts) -> Facts:
        """The facts with the build's, and with the keys that the image gets without being told. What EBS does by default is among them already."""
        run = facts.run
        if (run.source.account_id, run.region) not in facts.regions:
            return facts
        build = Build(self._ask(lambda: self._parent(run)), self._infrastructure(run))
        facts = replace(facts, build=build)
        inherited = preflight_images.inherited_keys(facts)
        facts = replace(facts, run=replace(run, inherited_keys=inherited))
        known = facts.in_region(run.source.account_id, run.region)
        kms = self._client(run, "kms")
        unseen = [use.written for use in inherited if use.written not in known.keys]
        keys = {each: self._ask(lambda each=each: self._key(kms, each, run.source.account_id)) for each in dict.fromkeys(unseen)}  # type: ignore[misc]
        place = (run.source.account_id, run.region)
        return replace(facts, regions={**facts.regions, place: replace(known, keys={**known.keys, **keys})})

    def _client(self, run: Run, service: str) -> Client:
        return self._sessions.client(run.source, service, run.region)

    # --- the parent --------------------------------------------------------------------------------------------------------------------------

    def _parent(self, run: Run) -> Parent | None:
        """The image from which the build starts. Raises FleetError for what does not exist, and ClientError for what is not allowed."""
        given = run.source_image or str((run.recipe or {}).get("parentImage") or "")
        if not given:
            return None
        image_id: str | None = given
        if given.startswith("arn:"):
            image_id = self._image_of_image_builder(run, given)
        elif given.startswith("ssm:"):
            image_id = self._parameter(run, given.removeprefix("ssm:"))
        elif not given.startswith("ami-"):
            image_id = None  # a product of the Marketplace, whose images are public
        return Parent(given) if image_id is None else self._ami(run, given, image_id)

    def _image_of_image_builder(self, run: Run, arn: str) -> str | None:
        """The AMI of an image in the Region; None for one of AWS that shows none."""
        try:
            image = self._client(run, "imagebuilder").get_image(imageBuildVersionArn=arn)["image"]
        except is_boto3_error_code(["ResourceNotFoundException", "InvalidParameterValueException"]) as error:
            raise FleetError(NOT_THERE, f"There is no image {arn}, or it is not shared with the account.") from error
        amis = [ami for ami in (image.get("outputResources") or {}).get("amis") or () if ami.get("region") == run.region and ami.get("image")]
        own = [ami for ami in amis if ami.get("accountId") == run.source.account_id]
        if own or amis:
            return str((own or amis)[0]["image"])
        if arn.split(":")[4].startswith("aws"):
            return None
        raise FleetError(NOT_THERE, f"The image {arn} has no AMI in {run.region}.")

    def _parameter(self, run: Run, name: str) -> str:
        try:
            return str(self._client(run, "ssm").get_parameter(Name=name)["Parameter"]["Value"])
        except is_boto3_error_code(["ParameterNotFound", "ParameterVersionNotFound"]) as error:
            raise FleetError(NOT_THERE, f"There is no parameter {name}.") from error

    def _ami(self, run: Run, given: str, image_id: str) -> Parent:
        """An AMI, and the snapshots behind it and the recipe's own mappings. Of another account's AMI the snapshots are not to be seen."""
        ec2 = self._client(run, "ec2")
        missing = FleetError(NOT_THERE, f"There is no AMI {image_id}{f' ({given})' if given != image_id else ''}, or the account may not use it.")
        try:
            found = ec2.describe_images(ImageIds=[image_id], IncludeDisabled=True)["Images"]
        except is_boto3_error_code(_NO_IMAGE) as error:
            raise missing from error
        if not found:
            raise missing
        ami = found[0]
        ids = [mapping["Ebs"].get("SnapshotId") for mapping in ami.get("BlockDeviceMappings", []) if mapping.get("Ebs", {}).get("Encrypted")]
        own = ids if ami.get("OwnerId") == run.source.account_id else []
        named = [(mapping.get("ebs") or {}).get("snapshotId") for mapping in (run.recipe or {}).get("blockDeviceMappings") or ()]
        asked = dict.fromkeys(snapshot for snapshot in (*own, *named) if snapshot)
        return Parent(given, ami, {snapshot: self._ask(lambda snapshot=snapshot: _snapshot(ec2, snapshot)) for snapshot in asked})  # type: ignore[misc]

    # --- the infrastructure ------------------------------------------------------------------------------------------------------------------

    def _infrastructure(self, run: Run) -> Infrastructure:
        """What an infrastructure configuration names; nothing of what it does not name."""
        wanted = run.infrastructure
        if wanted is None:
            return Infrastructure()
        ec2, ask = self._client(run, "ec2"), self._ask
        profile: Fact[Mapping[str, Any] | None] = NOT_ASKED
        role: Fact[Role | None] = NOT_ASKED
        if wanted.get("instanceProfileName"):
            iam = self._client(run, "iam")
            profile = ask(lambda: _profile(iam, wanted["instanceProfileName"]))
            if isinstance(profile, Mapping) and profile.get("Roles"):
                arn = str(profile["Roles"][0]["Arn"])
                role = ask(lambda: self._role(iam, arn))
        bucket = ((wanted.get("logging") or {}).get("s3Logs") or {}).get("s3BucketName")
        found = Infrastructure(
            profile=profile,
            role=role,
            has_key_pair=ask(lambda: _has_key_pair(ec2, wanted["keyPair"])) if wanted.get("keyPair") else NOT_ASKED,
            has_log_bucket=ask(lambda: _has_bucket(self._client(run, "s3"), bucket)) if bucket else NOT_ASKED,
            has_topic=ask(lambda: _has_topic(self._client(run, "sns"), wanted["snsTopicArn"])) if wanted.get("snsTopicArn") else NOT_ASKED,
            architectures=ask(lambda: _architectures(ec2, wanted["instanceTypes"])) if wanted.get("instanceTypes") else NOT_ASKED,
        )
        if wanted.get("securityGroupIds"):
            found = replace(found, security_groups=ask(lambda: _all(ec2, "describe_security_groups", "SecurityGroups")))
        if wanted.get("subnetId"):
            return replace(found, subnets=ask(lambda: _all(ec2, "describe_subnets", "Subnets")))
        defaults = [{"Name": "is-default", "Values": ["true"]}]
        return replace(found, has_default_vpc=ask(lambda: bool(_all(ec2, "describe_vpcs", "Vpcs", Filters=defaults))))


def read_region(ask: Ask, client: Callable[[str], Client], run: Run, place: tuple[str, str], facts: RegionFacts) -> RegionFacts:
    """What of a place, an account in a Region, only some runs want to know; `client` gives the client of a service there."""
    account_id, region = place
    parameters = list(run.parameters_of(account_id, region))
    if parameters:
        facts = replace(facts, parameters=ask(lambda: _parameters(client("ssm"), parameters)))
    if preflight_quotas.becomes_public(run, account_id, region):
        state = ask(lambda: str(client("ec2").get_image_block_public_access_state()["ImageBlockPublicAccessState"]))
        facts = replace(facts, public_access=state)
    if preflight_quotas.shared_with(run, account_id, region) > preflight_quotas.DEFAULT_SHARING:
        facts = replace(facts, sharing_quota=ask(lambda: _sharing_quota(client("service-quotas"))))
    if preflight_quotas.copies(run, account_id, region):
        pending = {"Owners": ["self"], "Filters": [{"Name": "state", "Values": ["pending"]}]}
        facts = replace(facts, pending_images=ask(lambda: len(_all(client("ec2"), "describe_images", "Images", **pending))))
    return facts


def _all(client: Client, operation: str, member: str, **arguments: Any) -> list[Any]:
    return [each for page in client.get_paginator(operation).paginate(**arguments) for each in page[member]]


def _snapshot(ec2: Client, identity: str) -> Mapping[str, Any]:
    """A snapshot as DescribeSnapshots shows it."""
    found: Mapping[str, Any] = ec2.describe_snapshots(SnapshotIds=[identity])["Snapshots"][0]
    return found


def _profile(iam: Client, name: str) -> Mapping[str, Any] | None:
    try:
        found: Mapping[str, Any] = iam.get_instance_profile(InstanceProfileName=name)["InstanceProfile"]
    except is_boto3_error_code("NoSuchEntity"):
        return None
    return found


def _has_key_pair(ec2: Client, name: str) -> bool:
    try:
        return bool(ec2.describe_key_pairs(KeyNames=[name])["KeyPairs"])
    except is_boto3_error_code("InvalidKeyPair.NotFound"):
        return False


def _has_bucket(s3: Client, name: str) -> bool:
    """Whether there is a bucket of a name. HeadBucket answers without a body, so its code is the status."""
    try:
        s3.head_bucket(Bucket=name)
    except is_boto3_error_code(["404", "NoSuchBucket"]):
        return False
    return True


def _has_topic(sns: Client, arn: str) -> bool:
    try:
        sns.get_topic_attributes(TopicArn=arn)
    except is_boto3_error_code(["NotFound", "NotFoundException"]):
        return False
    return True


def _architectures(ec2: Client, types: Sequence[str]) -> dict[str, list[str]]:
    """The architectures of those instance types that the Region offers."""
    offered = _all(ec2, "describe_instance_type_offerings", "InstanceTypeOfferings", Filters=[{"Name": "instance-type", "Values": list(types)}])
    names = [each["InstanceType"] for each in offered]
    described = _all(ec2, "describe_instance_types", "InstanceTypes", InstanceTypes=names) if names else []
    return {each["InstanceType"]: list(each["ProcessorInfo"]["SupportedArchitectures"]) for each in described}


def _parameters(ssm: Client, names: Sequence[str]) -> dict[str, Mapping[str, Any]]:
    """The parameters that there are, by name. Values of SecureString stay encrypted."""
    found: dict[str, Mapping[str, Any]] = {}
    for start in range(0, len(names), _MOST_PARAMETERS):
        answer = ssm.get_parameters(Names=list(names[start : start + _MOST_PARAMETERS]))
        found.update({parameter["Name"]: parameter for parameter in answer["Parameters"]})
    return found


def _sharing_quota(quotas: Client) -> float:
    """With how many an AMI may be shared. An account that never asked for more has AWS's default."""
    try:
        return float(quotas.get_service_quota(ServiceCode="ec2", QuotaCode=preflight_quotas.SHARING_QUOTA)["Quota"]["Value"])
    except is_boto3_error_code("NoSuchResourceException"):
        return preflight_quotas.DEFAULT_SHARING
