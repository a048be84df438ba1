# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a distribution is asked for on its way, against the list of what it needs that preflight goes by."""

from __future__ import annotations

import re
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.needs import Place, needs
from ansible_collections.golden.imagebuilder.tests.emulator import access

from .conftest import BUILD_REGION, OTHER_REGION, PAYMENTS, ROLE, SEARCH, SOURCE, Factory, allow
from .test_integration import TEMPLATE_STATEMENTS, allow_in, make_template

Asked = set[tuple[str, str, str]]
"""Account of who asks, action and resource."""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """What the distribution role, and who takes it, were asked for."""
    seen: Asked = set()
    authorize, authorize_key, assume_role = access.authorize, access.authorize_key, access.assume_role

    def note(caller: access.Caller, action: str, resource: str) -> None:
        if caller.name == ROLE or action == "sts:AssumeRole":
            seen.add((caller.account_id, action, re.sub("image/ami-.*", "image/*", resource)))

    def noted(caller: access.Caller, action: str, resource: str, *args: Any, **options: Any) -> access.Decision:
        note(caller, action, resource)
        return authorize(caller, action, resource, *args, **options)

    def noted_key(caller: access.Caller, action: str, key: str, *args: Any, **options: Any) -> access.Decision:
        decision = authorize_key(caller, action, key, *args, **options)
        note(caller, action, decision.key.arn)
        return decision

    def noted_role(caller: access.Caller, role_arn: str, *args: Any, **options: Any) -> access.Decision:
        note(caller, "sts:AssumeRole", role_arn)
        return assume_role(caller, role_arn, *args, **options)

    for name, function in (("authorize", noted), ("authorize_key", noted_key), ("assume_role", noted_role)):
        monkeypatch.setattr(access, name, function)
    return seen


def test_a_distribution_needs_what_it_is_said_to_need(ready: Factory, asked: Asked) -> None:
    template = make_template(ready, PAYMENTS, {"CreatedBy": "EC2 Image Builder"})
    allow_in(ready, PAYMENTS, *TEMPLATE_STATEMENTS, allow(["ssm:PutParameter", "ec2:DescribeImages"]))
    build, other = ready.distributions()
    build["launchTemplateConfigurations"] = [{"launchTemplateId": template, "accountId": PAYMENTS}]
    build["amiDistributionConfiguration"]["launchPermission"] = {"userIds": ["999999999999"]}
    other["ssmParameterConfigurations"] = [{"amiAccountId": PAYMENTS, "parameterName": "/golden/web", "dataType": "aws:ec2:image"}]
    assert ready.build([build, other])["state"] == {"status": "AVAILABLE"}
    wanted: Asked = set()
    for account_id in (PAYMENTS, SEARCH):
        for region in (BUILD_REGION, OTHER_REGION):
            is_build, is_payments = region == BUILD_REGION, account_id == PAYMENTS
            place = Place(
                "aws",
                SOURCE,
                BUILD_REGION,
                account_id,
                region,
                [ready.keys[BUILD_REGION]],
                ready.keys[region],
                launch_permission=is_build,
                launch_templates={template: {"CreatedBy": "EC2 Image Builder"}} if is_build and is_payments else {},
                parameters={"/golden/web": "aws:ec2:image"} if not is_build and is_payments else {},
            )
            wanted |= {(SOURCE if need.who == "source" else account_id, need.action, need.resource) for need in needs(place)}
    assert asked == wanted
