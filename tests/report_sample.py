# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Options of the action `report` that look like a real run of any size: for its tests and its pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import failure

REGIONS = ("eu-west-1", "eu-central-1", "us-east-1", "us-west-2", "ap-southeast-2", "ap-northeast-1", "sa-east-1", "ca-central-1")
TEAMS = ("payments", "search", "checkout", "identity", "catalogue", "ledger", "media", "insights", "support", "logistics")
STAGES = ("dev", "test", "prod", "sandbox")
SOURCE = "111111111111"
ARN = f"arn:aws:imagebuilder:eu-west-1:{SOURCE}:image/web/1.4.2/3"
KEY = "arn:aws:kms:{region}:111111111111:key/5f0c1d2e-8a3b-4c6d-9e7f-0123456789ab"
HISTORY = [
    {"state": "PENDING", "since": "2026-03-02T08:58:12Z", "seconds": 42},
    {"state": "CREATING", "since": "2026-03-02T08:58:54Z", "seconds": 95},
    {"state": "BUILDING", "since": "2026-03-02T09:00:29Z", "seconds": 1312},
    {"state": "TESTING", "since": "2026-03-02T09:22:21Z", "seconds": 655},
    {"state": "DISTRIBUTING", "since": "2026-03-02T09:33:16Z", "seconds": 2841},
    {"state": "AVAILABLE", "since": "2026-03-02T10:20:37Z", "seconds": 0},
]
DENIED = (
    "User: arn:aws:sts::{account_id}:assumed-role/EC2ImageBuilderDistributionCrossAccountRole/imagebuilder is not authorized to perform: "
    "kms:CreateGrant on resource: {key} because no identity-based policy allows the kms:CreateGrant action"
)
ROLE_TASK = """- name: The role of {name}
  golden.imagebuilder.destination_roles:
    targets:
      - account_id: "{account_id}"
        name: {name}
        assume_role_arn: OrganizationAccountAccessRole
    source_account_ids: ["111111111111"]
    key_arns: ["{key}"]
"""
ROLE_COMMAND = (
    "aws iam attach-role-policy --role-name EC2ImageBuilderDistributionCrossAccountRole "
    "--policy-arn arn:aws:iam::aws:policy/Ec2ImageBuilderCrossAccountDistributionAccess"
)


def targets(accounts: int, regions: Sequence[str]) -> list[dict[str, Any]]:
    """The accounts; every seventh does without the last Region."""
    names = [f"{team}-{stage}{series}" for series in ("", *(f"-{number}" for number in range(2, 30))) for team in TEAMS for stage in STAGES]
    return [
        {
            "account_id": str(200000000000 + 7919 * index * 1009 + index),
            "name": names[index] if accounts > 5 else TEAMS[index],
            "regions": list(regions[:-1] if accounts > 5 and index % 7 == 3 else regions),
        }
        for index in range(accounts)
    ]


def _image_id(account_id: str, region: str) -> str:
    return f"ami-0{(int(account_id) * 2654435761 + sum(map(ord, region)) * 40503) % (1 << 64):016x}"


def _ami(target: Mapping[str, Any], region: str) -> dict[str, Any]:
    """The AMI as `distributed_ami_info` tells it where all is well."""
    return {
        "account_id": target["account_id"],
        "region": region,
        "image_id": _image_id(target["account_id"], region),
        "name": "web 2026-03-02T09-33-16",
        "state": "available",
        "creation_date": "2026-03-02T09:51:08.000Z",
        "encrypted": True,
        "kms_key_id": KEY.format(region=region),
        "expected_kms_key": KEY.format(region=region),
        "tags": {"Team": "platform", "Release": "1.4.2", "CreatedBy": "EC2 Image Builder"},
        "problems": [],
    }


def _fault(number: int, ami: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any] | None]:
    """The AMI after one of several mishaps, and the failure that Image Builder noted, if it did."""
    account_id, region = ami["account_id"], ami["region"]
    none = {**ami, "image_id": None, "name": None, "state": "missing", "creation_date": None, "kms_key_id": None, "tags": {}}
    if number % 3 == 0:
        message = DENIED.format(account_id=account_id, key=KEY.format(region=region))
        cause, remedy = failure.explain(message, account_id, region) or ("", "")
        noted = {"account_id": account_id, "region": region, "step": "COPY_AMI", "message": message, "cause": cause, "remedy": remedy}
        return {**none, "problems": ["The image lists no AMI for this account and Region: it was not delivered."]}, noted
    if number % 3 == 1:
        return {**ami, "tags": {"Team": "platform"}, "problems": ["Tag Release is missing.", "Tag CreatedBy is missing."]}, None
    return {**none, "problems": [f"An AMI of {ARN} does not exist in this account and Region."]}, None


def _faulty(pairs: Sequence[Any], faults: int) -> dict[int, int]:
    """Which of the pairs come to harm, spread over them: place -> number of the mishap."""
    step = max(1, len(pairs) // max(1, faults))
    return {(step // 2 + index * step) % len(pairs): index for index in range(faults)}


def findings(accounts: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """What preflight has to say of some accounts."""
    for target in accounts:
        values = {**target, "key": KEY.format(region=target["regions"][0])}
        yield {
            "severity": "error",
            "check": "role_policy_missing",
            "account_id": target["account_id"],
            "name": target["name"],
            "region": None,
            "found": "EC2ImageBuilderDistributionCrossAccountRole lacks the managed policy Ec2ImageBuilderCrossAccountDistributionAccess.",
            "needed": "The policy is attached; the run needs ec2:CopyImage, ec2:DescribeImages and ec2:ModifyImageAttribute.",
            "remedy_task": ROLE_TASK.format(**values),
            "remedy_command": ROLE_COMMAND,
        }
    for target in accounts[:1]:
        yield {
            "severity": "warning",
            "check": "copies_in_flight",
            "account_id": target["account_id"],
            "name": target["name"],
            "region": target["regions"][0],
            "found": "41 copies of AMIs are running in this account and Region.",
            "needed": "At most 50 may run at a time; this image needs 1.",
            "remedy_task": "",
            "remedy_command": f"aws ec2 describe-images --owners self --filters Name=state,Values=pending --region {target['regions'][0]}",
        }


def sample(accounts: int = 3, regions: Sequence[str] = REGIONS[:3], faults: int = 1, *, waves: bool = False, checked: int = 0) -> dict[str, Any]:
    """The options for so many accounts, of whose deliveries so many come to harm, with findings of `checked` accounts."""
    everybody = targets(accounts, regions)
    pairs = [(target, region) for target in everybody for region in target["regions"]]
    harmed = _faulty(pairs, faults)
    amis: dict[str, list[dict[str, Any]]] = {}
    failures = []
    for place, (target, region) in enumerate(pairs):
        ami, noted = _fault(harmed[place], _ami(target, region)) if place in harmed else (_ami(target, region), None)
        amis.setdefault(target["account_id"], []).append(ami)
        failures += [noted] if noted else []
    every = [ami for rows in amis.values() for ami in rows]
    places = [{"account_id": ami["account_id"], "region": ami["region"]} for ami in every]
    source = [{"account_id": SOURCE, "region": region, "image": _image_id(SOURCE, region), "name": "web 2026-03-02T09-33-16"} for region in regions]
    copies = [{**place, "image": ami["image_id"], "name": ami["name"]} for place, ami in zip(places, every, strict=True) if ami["image_id"]]
    return {
        "image_result": {
            "image": {
                "arn": ARN,
                "name": "web",
                "version": "1.4.2/3",
                "date_created": "2026-03-02T08:58:12.000Z",
                "state": {"status": "FAILED" if failures else "AVAILABLE"},
            },
            "failed": bool(failures),
            "amis": [*source[:1], *copies],
            "delivered": [place for place, ami in zip(places, every, strict=True) if ami["image_id"]],
            "missing": [place for place, ami in zip(places, every, strict=True) if not ami["image_id"]],
            "failures": failures,
            "history": HISTORY,
        },
        "targets": everybody,
        "outcomes": [
            {"account_id": target["account_id"], "name": target["name"], "changed": False, "failed": False, "amis": amis[target["account_id"]]}
            for target in everybody
        ],
        "findings": list(findings(everybody[:checked])),
        "waves": {target["account_id"]: ("canary", "early", "rest")[min(2, index * 5 // accounts)] for index, target in enumerate(everybody)}
        if waves
        else {},
    }
