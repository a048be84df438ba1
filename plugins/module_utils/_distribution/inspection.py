# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks into accounts for the AMI that each should have, with the account's own credentials; the judgement is that of `verify`.

This module util is private to the collection.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

try:
    import botocore
    import botocore.exceptions
except ImportError:
    pass  # AnsibleAWSModule says so

from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.verify import (
    BUILD_TAG,
    Expected,
    Found,
    Request,
    ami_result,
    expectations,
    newest,
    volumes,
)
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet import run
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.run import Outcome
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.sessions import Sessions
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import Target

# Small types that every Region has or will have, by what DescribeImages calls the architecture.
_INSTANCE_TYPES = {"x86_64": "t3.micro", "arm64": "t4g.micro", "i386": "t2.micro", "x86_64_mac": "mac1.metal", "arm64_mac": "mac2.metal"}

# How a launch template names an AMI by a parameter (API shape ec2 RequestLaunchTemplateData.ImageId).
_RESOLVED_BY_PARAMETER = "resolve:ssm:"


@dataclass(frozen=True)
class Inspector:
    """Looks into accounts, with their own credentials. Nothing is ever written."""

    sessions: Sessions
    request: Request

    def inspect(self, target: Target) -> Outcome:
        """The outcome of an account: one entry for each Region, failed when any of them has a problem.

        A Region that cannot be read is a problem of that Region; only credentials that are not the account's raise FleetError.
        """
        self.sessions.account_id(target)
        amis = [self._look(target, expected) for expected in expectations(target, self.request)]
        problems = [f"{ami['region']}: {problem}" for ami in amis for problem in ami["problems"]]
        if not amis:
            problems = ["no Region to look into: the account has no regions, and amis names none for it."]
        lines = "\n".join(f"{target.name} (account {target.account_id}), {problem}" for problem in problems)
        return Outcome(target.account_id, target.name, failed=bool(problems), msg=lines, result={"amis": amis})

    def _look(self, target: Target, expected: Expected) -> dict[str, Any]:
        """One account in one Region."""
        if not expected.image_id and self.request.is_by_id_only:
            found = Found(problems=["The image lists no AMI for this account and Region: it was not delivered."])
        else:
            try:
                found = self._find(target, expected)
            except (botocore.exceptions.ClientError, botocore.exceptions.BotoCoreError) as error:
                found = Found(problems=[run.explain(error)[1]])
        return ami_result(expected, found)

    def _find(self, target: Target, expected: Expected) -> Found:
        """The AMI, its snapshots and the expected key, as the account sees them. Raises ClientError when it may not see AMIs."""
        ec2 = self.sessions.client(target, "ec2", expected.region)
        image = newest(ec2.describe_images(**selection(expected)).get("Images", []))
        if image is None:
            return Found()
        problems: list[str] = []
        snapshots = self._snapshots(ec2, image, problems) if expected.encrypted or expected.kms_key else []
        key_arn = self._key_arn(target, expected, problems)
        parameter_value = self._parameter(target, expected.region, expected.ssm_parameter_name, problems)
        launch_template_image_id = self._template_image(target, expected, problems)
        if self.request.check_launch and image.get("State") == "available":
            self._try_launch(ec2, image, problems)
        return Found(image, snapshots, key_arn, parameter_value, launch_template_image_id, problems)

    def _snapshots(self, ec2: Any, image: Mapping[str, Any], problems: list[str]) -> list[Mapping[str, Any]]:
        ids = [mapping["Ebs"]["SnapshotId"] for mapping in volumes(image)]
        if not ids:
            return []
        try:
            # A filter leaves out what the account may not see, where a list of ids would fail as a whole.
            return list(ec2.describe_snapshots(Filters=[{"Name": "snapshot-id", "Values": ids}])["Snapshots"])
        except botocore.exceptions.ClientError as error:
            problems.append(run.explain(error)[1])
            return []

    def _key_arn(self, target: Target, expected: Expected, problems: list[str]) -> str | None:
        """The ARN of the expected key; an alias is looked up from inside the account, as snapshots show keys only."""
        if not expected.kms_key or ":alias/" not in expected.kms_key:
            return expected.kms_key
        try:
            kms = self.sessions.client(target, "kms", expected.region)
            return str(kms.describe_key(KeyId=expected.kms_key)["KeyMetadata"]["Arn"])
        except botocore.exceptions.ClientError as error:
            problems.append(f"The key behind {expected.kms_key} cannot be seen, give the ARN of the key itself: {run.explain(error)[1]}")
            return None

    def _parameter(self, target: Target, region: str, name: str | None, problems: list[str]) -> str | None:
        """The value of a parameter of the account."""
        if not name:
            return None
        try:
            return str(self.sessions.client(target, "ssm", region).get_parameter(Name=name)["Parameter"]["Value"])
        except botocore.exceptions.ClientError as error:
            problems.append(f"Parameter {name} cannot be read: {run.explain(error)[1]}")
            return None

    def _template_image(self, target: Target, expected: Expected, problems: list[str]) -> str | None:
        """The AMI that a launch template starts when no version of it is named."""
        if not expected.launch_template_id:
            return None
        try:
            ec2 = self.sessions.client(target, "ec2", expected.region)
            answer = ec2.describe_launch_template_versions(LaunchTemplateId=expected.launch_template_id, Versions=["$Default"])
        except botocore.exceptions.ClientError as error:
            problems.append(f"Launch template {expected.launch_template_id} cannot be read: {run.explain(error)[1]}")
            return None
        image = str(answer["LaunchTemplateVersions"][0]["LaunchTemplateData"].get("ImageId", ""))
        if not image.startswith(_RESOLVED_BY_PARAMETER):
            return image
        return self._parameter(target, expected.region, image.removeprefix(_RESOLVED_BY_PARAMETER), problems)

    def _try_launch(self, ec2: Any, image: Mapping[str, Any], problems: list[str]) -> None:
        """Ask EC2 whether it would launch an instance; nothing is launched. The right answer is an error of a particular name."""
        kind = self.request.instance_type or _INSTANCE_TYPES.get(str(image.get("Architecture")), "t3.micro")
        try:
            ec2.run_instances(ImageId=image["ImageId"], InstanceType=kind, MinCount=1, MaxCount=1, DryRun=True)
        except botocore.exceptions.ClientError as error:
            if error.response.get("Error", {}).get("Code") != "DryRunOperation":
                problems.append(f"{image['ImageId']} cannot be launched as {kind}: {run.explain(error)[1]}")


def selection(expected: Expected) -> dict[str, Any]:
    """How the AMI is looked for: by id if it is known, else among the account's own by its build or its name."""
    if expected.image_id:
        return {"Filters": [{"Name": "image-id", "Values": [expected.image_id]}]}
    filters = []
    if expected.image_build_version_arn:
        filters.append({"Name": f"tag:{BUILD_TAG}", "Values": [expected.image_build_version_arn]})
    if expected.name:
        filters.append({"Name": "name", "Values": [expected.name]})
    return {"Owners": ["self"], "Filters": filters}
