# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Check mode as the report of drift: what means the same is no drift, and what is drift can be read."""

from __future__ import annotations

import json
import re
from typing import Any

from ansible_collections.golden.imagebuilder.tests.organization import BUILD_REGION, DESTINATIONS, DISTRIBUTION_ROLE, SOURCE, Organization, Run
from moto.iam.models import iam_backends

PAYMENTS = DESTINATIONS["payments"]
DELETED = "AROAEXAMPLEEXAMPLE123"


def report(organization: Organization) -> Run:
    """The report, which writes nothing."""
    organization.emulator.reset_calls()
    run = organization.playbook("--tags", "access", "--check", "--diff")
    assert run.status == 0, run.output
    assert organization.emulator.writes() == []
    return run


def lines(run: Run, sign: str) -> set[str]:
    """The lines that would go (-) or come (+), without what is but layout."""
    found = re.findall(rf"^\{sign} +(.*?),?$", run.output, re.MULTILINE)
    return {line for line in found if re.search(r"\w", line)}


def respelled(document: dict[str, Any]) -> str:
    """The same policy as somebody else would write it: from the last to the first, accounts by their ids, one value without a list."""

    def other(value: Any) -> Any:
        if isinstance(value, list):
            return [other(item) for item in reversed(value)] if len(value) > 1 else other(value[0])
        if isinstance(value, dict):
            return {key: other(item) for key, item in reversed(value.items())}
        return re.sub(r"^arn:aws:iam::(\d{12}):root$", r"\1", value) if isinstance(value, str) else value

    text: str = json.dumps({**other(document), "Statement": [other(statement) for statement in reversed(document["Statement"])]})
    return text


def test_drift(organization: Organization) -> None:
    assert organization.playbook("--tags", "access").status == 0
    kms = organization.emulator.client(SOURCE, "kms", BUILD_REGION)
    iam = organization.emulator.client(PAYMENTS, "iam")
    key = kms.describe_key(KeyId="alias/golden-imagebuilder")["KeyMetadata"]["KeyId"]
    policy = json.loads(kms.get_key_policy(KeyId=key, PolicyName="default")["Policy"])
    trust = iam.get_role(RoleName=DISTRIBUTION_ROLE)["Role"]["AssumeRolePolicyDocument"]
    rights = iam.get_role_policy(RoleName=DISTRIBUTION_ROLE, PolicyName="GoldenImageBuilderKms")["PolicyDocument"]
    assert respelled(policy) != json.dumps(policy)

    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=respelled(policy))
    iam.update_assume_role_policy(RoleName=DISTRIBUTION_ROLE, PolicyDocument=respelled(trust))
    iam.put_role_policy(RoleName=DISTRIBUTION_ROLE, PolicyName="GoldenImageBuilderKms", PolicyDocument=respelled(rights))

    same = report(organization)
    assert set(same.changed().values()) == {0}, same.output
    assert lines(same, "-") == lines(same, "+") == set()

    without = json.loads(respelled(policy).replace(f'"{PAYMENTS}", ', "").replace(f', "{PAYMENTS}"', ""))
    kms.put_key_policy(KeyId=key, PolicyName="default", Policy=json.dumps(without))
    role = next(one for one in iam_backends[PAYMENTS]["aws"].roles.values() if one.name == DISTRIBUTION_ROLE)
    role.assume_role_policy_document = respelled(trust).replace(SOURCE, DELETED)  # as AWS rewrites it, which no call can do

    drift = report(organization)
    assert {host for host, changes in drift.changed().items() if changes} == {"image-factory", "payments"}, drift.output
    assert lines(drift, "-") == {f'"AWS": "{DELETED} (a role that was deleted)"'}, "only what differs is shown, and as what it is"
    assert lines(drift, "+") == {f'"{PAYMENTS}"', f'"AWS": "{SOURCE}"'}
