# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The integration, after all copies: launch templates and parameters are pointed at the AMIs.

Licences, Fast Launch and exports are accepted; nothing in the emulated accounts shows them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from moto.core.exceptions import ServiceException
from moto.ec2.models import ec2_backends
from moto.ssm.models import ssm_backends

from . import rights
from .delivery import Delivery
from .failures import Failure, RefusedError, RegionFailure, distribution_failure
from .rights import CREATED_BY

# What put_parameter wants to be told besides.
PARAMETER: dict[str, Any] = {"description": "", "allowed_pattern": "", "keyid": "", "tags": [], "tier": "Standard", "policies": None}


def integrate(delivery: Delivery) -> Failure | None:
    """Do what has not been done yet; return what could not be done."""
    failures: list[RegionFailure] = []
    for entry in delivery.entries():
        region = entry["region"]
        for template in entry.get("launchTemplateConfigurations", []):
            account_id = template.get("accountId", delivery.account_id)
            act = partial(_update_template, delivery, region, account_id, template)
            _configure(delivery, (region, account_id, "UPDATE_LAUNCH_TEMPLATES", template["launchTemplateId"]), act, failures)
        for parameter in entry.get("ssmParameterConfigurations", []):
            account_id = parameter.get("amiAccountId", delivery.account_id)
            act = partial(_put_parameter, delivery, region, account_id, parameter)
            _configure(delivery, (region, account_id, "PUT_SSM_PARAMETERS", parameter["parameterName"]), act, failures)
    return distribution_failure(delivery.account_id, failures) if failures else None


def _configure(delivery: Delivery, place: tuple[str, str, str, str], act: Callable[[], None], failures: list[RegionFailure]) -> None:
    """Do one piece unless it is done."""
    region, account_id, step, _name = place
    if place in delivery.configured:
        return
    try:
        act()
        delivery.configured.add(place)
    except RefusedError as refusal:
        failures.append(RegionFailure(region, account_id, str(refusal), step))


def _update_template(delivery: Delivery, region: str, account_id: str, template: Mapping[str, Any]) -> None:
    """Write a new version of a launch template. In another account too it names the source account's AMI, as AWS does. Raises RefusedError."""
    caller = delivery.caller_in(account_id)
    rights.require(caller, "ec2:DescribeLaunchTemplates", "*", {})
    found = ec2_backends[account_id][region].launch_templates.get(template["launchTemplateId"])
    if found is None:
        raise RefusedError(f"EC2 Client Error: 'The specified launch template, with template ID {template['launchTemplateId']}, does not exist.'")
    arn = f"arn:{delivery.backend.partition}:ec2:{region}:{account_id}:launch-template/{found.id}"
    tags = rights.tags_of(found)
    is_default = template.get("setDefaultVersion", True)
    for action in ("CreateLaunchTemplateVersion", "ModifyLaunchTemplate") if is_default else ("CreateLaunchTemplateVersion",):
        rights.require(caller, f"ec2:{action}", arn, tags)
    # Where the source account has no AMI in a Region, the account's own copy is all there is to name.
    ami = delivery.delivered.get((region, delivery.account_id)) or delivery.delivered[region, account_id]
    version = found.create_version({**found.latest_version().data, "ImageId": ami.id}, f"Created by {CREATED_BY} for {delivery.image['arn']}")
    if is_default:
        found.default_version_number = version.number


def _put_parameter(delivery: Delivery, region: str, account_id: str, parameter: Mapping[str, Any]) -> None:
    """Write the AMI of one account into a parameter of that account. Raises RefusedError."""
    name, data_type = parameter["parameterName"], parameter.get("dataType", "text")
    caller = delivery.caller_in(account_id)
    rights.require(caller, "ssm:PutParameter", f"arn:{delivery.backend.partition}:ssm:{region}:{account_id}:parameter/{name.removeprefix('/')}", {})
    if data_type == "aws:ec2:image":
        rights.require(caller, "ec2:DescribeImages", "*", {})
    ami = delivery.delivered.get((region, account_id))
    if ami is None:
        raise RefusedError(f"SSM Client Error: 'The account {account_id} has no AMI in Region {region}.'")
    backend = ssm_backends[account_id][region]
    try:
        backend.put_parameter(name=name, value=ami.id, parameter_type="String", overwrite=True, data_type=data_type, **PARAMETER)
    except ServiceException as error:
        raise RefusedError(f"SSM Client Error: '{error.message}'") from error
