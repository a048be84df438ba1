# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every competitor has to do: a key in each of R Regions of the source account, and the role in each of N destinations. Pure.

The job is the one of `distribute.yml --tags access`, said without this collection: what has to be there at the end is written down here, and
each competitor is given these very documents.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

SOURCE = "111111111111"
ORGANIZATION = "o-benchmark00"
POLICY_LIMIT = 32768  # bytes of a key policy
ALIAS = "alias/golden-imagebuilder"
ENTRANCE = "OrganizationAccountAccessRole"
ROLE = "EC2ImageBuilderDistributionCrossAccountRole"
MANAGED_POLICY = "arn:aws:iam::aws:policy/Ec2ImageBuilderCrossAccountDistributionAccess"
KMS_POLICY = "GoldenImageBuilderKms"
PARAMETERS_POLICY = "GoldenImageBuilderParameters"
PARAMETERS = "/golden/"
USE = ("kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey")
GRANTS = ("kms:CreateGrant", "kms:ListGrants", "kms:RevokeGrant")
FOR_AWS_RESOURCES = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
REGIONS = (
    "us-west-2",
    "eu-west-1",
    "us-east-1",
    "eu-central-1",
    "us-east-2",
    "ap-southeast-1",
    "ap-northeast-1",
    "sa-east-1",
)


@dataclass(frozen=True)
class Job:
    """N accounts and R Regions."""

    accounts: int
    regions: int

    @property
    def account_ids(self) -> list[str]:
        """The destinations."""
        return [f"{200_000_000_000 + number:012d}" for number in range(1, self.accounts + 1)]

    @property
    def region_names(self) -> list[str]:
        """The Regions; the first is the one where images are built."""
        return list(REGIONS[: self.regions])

    @property
    def key_policy(self) -> dict[str, Any]:
        """The policy of every key: the owner's account administers it, the destinations use it; as the organization where a list is too long."""
        by_account = self._key_policy({"AWS": [root(account_id) for account_id in self.account_ids]}, {})
        if len(json.dumps(by_account, separators=(",", ":"))) <= POLICY_LIMIT:
            return by_account
        return self._key_policy({"AWS": "*"}, {"StringEquals": {"aws:PrincipalOrgID": ORGANIZATION}})

    def _key_policy(self, principal: Mapping[str, Any], condition: Mapping[str, Any]) -> dict[str, Any]:
        use = {"Condition": condition} if condition else {}
        return document(
            allow("Owner", ["kms:*"], "*", Principal={"AWS": [root(SOURCE)]}),
            allow("DestinationsUse", USE, "*", Principal=principal, **use),
            allow("DestinationsGrants", GRANTS, "*", Principal=principal, Condition={**condition, **FOR_AWS_RESOURCES}),
        )

    @property
    def organization(self) -> str | None:
        """The organization that the key policy names; None when it names accounts."""
        return ORGANIZATION if ORGANIZATION in json.dumps(self.key_policy) else None


TRUST_SID = "Sources"


def trust_policy() -> dict[str, Any]:
    """Who may assume the role: the source account."""
    statement = {"Sid": TRUST_SID, "Effect": "Allow", "Action": ["sts:AssumeRole"], "Principal": {"AWS": [root(SOURCE)]}}
    return document(statement)


def kms_policy(key_arns: Iterable[str]) -> dict[str, Any]:
    """The role's use of the keys."""
    arns = sorted(key_arns)
    return document(allow("Use", USE, arns), allow("Grants", GRANTS, arns, Condition=FOR_AWS_RESOURCES))


def parameters_policy(account_id: str) -> dict[str, Any]:
    """The role's writing of the parameters that hold the image's id."""
    parameters = f"arn:aws:ssm:*:{account_id}:parameter{PARAMETERS}*"
    return document(allow("Put", ["ssm:PutParameter"], [parameters]), allow("Images", ["ec2:DescribeImages"], "*"))


def document(*statements: Mapping[str, Any]) -> dict[str, Any]:
    """A policy."""
    return {"Version": "2012-10-17", "Statement": list(statements)}


def allow(sid: str, actions: Iterable[str], resource: Any, **members: Any) -> dict[str, Any]:
    """A statement."""
    return {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": resource, **members}


def root(account_id: str) -> str:
    """A whole account as a principal."""
    return f"arn:aws:iam::{account_id}:root"


# --- was it done? ----------------------------------------------------------------------------------------------------------------------------


def shortcomings(job: Job, state: Mapping[str, Any]) -> list[str]:
    """What is missing or too much in the state that the server shows after a competitor ended."""
    found = []
    key_arns = []
    for region in job.region_names:
        keys = [key for key in state["keys"] if key["region"] == region]
        if len(keys) != 1:
            found.append(f"{region}: {len(keys)} keys instead of one")
            continue
        key_arns.append(keys[0]["arn"])
        found += _key_shortcomings(job, region, keys[0])
    for account_id in job.account_ids:
        found += _role_shortcomings(account_id, state["roles"].get(f"{account_id}/{ROLE}"), key_arns)
    if len(state["roles"]) != job.accounts:
        found.append(f"{len(state['roles'])} roles instead of {job.accounts}")
    return found


def _key_shortcomings(job: Job, region: str, key: Mapping[str, Any]) -> list[str]:
    checks = {
        "alias": key["aliases"] == [ALIAS],
        "rotation": key["rotation"],
        "policy": meaning(key["policy"]) == meaning(job.key_policy),
    }
    return [f"{region}: {name} of the key is not as it should be" for name, right in checks.items() if not right]


def _role_shortcomings(account_id: str, role: Mapping[str, Any] | None, key_arns: list[str]) -> list[str]:
    if role is None:
        return [f"{account_id}: no role"]
    checks = {
        "trust": meaning(role["trust"]) == meaning(trust_policy()),
        "managed policy": role["managed"] == [MANAGED_POLICY],
        KMS_POLICY: meaning(role["inline"].get(KMS_POLICY)) == meaning(kms_policy(key_arns)),
        PARAMETERS_POLICY: meaning(role["inline"].get(PARAMETERS_POLICY)) == meaning(parameters_policy(account_id)),
    }
    return [f"{account_id}: {name} of the role is not as it should be" for name, right in checks.items() if not right]


def meaning(policy: Mapping[str, Any] | None) -> frozenset[tuple[str, ...]]:
    """What a policy says, however it is divided into statements: each action on each resource for each principal, and the condition."""
    atoms = []
    for statement in (policy or {}).get("Statement", []):
        condition = repr(_plain(statement.get("Condition", {})))
        principals = _plain(statement.get("Principal", {}))
        parts = product(_plain(statement["Action"]), _plain(statement.get("Resource", "")), [repr(principal) for principal in principals or [""]])
        atoms += [(statement["Effect"], *part, condition) for part in parts]
    return frozenset(atoms)


def _plain(value: Any) -> list[Any]:
    """A value of a policy as a sorted list: one value is equal to a list of it, and structures to their members."""
    if isinstance(value, Mapping):
        return sorted((key, repr(member)) for key, members in value.items() for member in _plain(members))
    return sorted(value) if isinstance(value, list) else [value]
