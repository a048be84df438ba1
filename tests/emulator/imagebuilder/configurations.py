# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Infrastructure and distribution configurations: what AWS refuses beyond the limits of the model."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from boto3 import Session

from .exceptions import invalid_combination, invalid_value

if TYPE_CHECKING:
    from .models import ImageBuilderBackend

RESERVED_TAGS = ("CreatedBy", "Ec2ImageBuilderArn", "Name", "Tags")
BUILD_DATE = re.compile(r"\{\{\s*imagebuilder:buildDate\s*\}\}")
PLACEHOLDER = re.compile(r"\{\{[^{}]*\}\}")
KNOWN_PLACEHOLDER = re.compile(r"\{\{\s*imagebuilder:(buildDate|buildVersion)\s*\}\}")
OUTPUTS = (
    "amiDistributionConfiguration",
    "containerDistributionConfiguration",
    "licenseConfigurationArns",
    "launchTemplateConfigurations",
    "s3ExportConfiguration",
    "fastLaunchConfigurations",
    "ssmParameterConfigurations",
)


def prepare_infrastructure(backend: ImageBuilderBackend, request: Mapping[str, Any]) -> dict[str, Any]:
    """Check an infrastructure configuration. Whether its instance profile exists shows when an image is built, as at AWS."""
    if "subnetId" in request and not request.get("securityGroupIds"):
        raise invalid_combination("You must specify at least one security group ID in 'securityGroupIds' when you specify 'subnetId'.")
    for key in request.get("resourceTags", {}):
        if key in RESERVED_TAGS:
            raise invalid_value("resourceTags", f"The tag key '{key}' is reserved.")
    placement = request.get("placement", {})
    if "hostId" in placement and "hostResourceGroupArn" in placement:
        raise invalid_combination("Only one of 'placement.hostId' and 'placement.hostResourceGroupArn' can be specified.")
    if {"hostId", "hostResourceGroupArn"} & set(placement) and placement.get("tenancy") != "host":
        raise invalid_combination("The tenancy must be 'host' when a host is specified in 'placement'.")
    del backend
    return {}


def prepare_distribution(backend: ImageBuilderBackend, request: Mapping[str, Any]) -> dict[str, Any]:
    """Check a distribution configuration and return what AWS adds: the time-out that it does not use, and the Regions of the summary."""
    regions: list[str] = []
    if not request["distributions"]:
        raise invalid_value("distributions", "At least one distribution is required.")
    for index, entry in enumerate(request["distributions"]):
        path = f"distributions[{index}]"
        if entry["region"] not in _regions(backend.partition):
            raise invalid_value(f"{path}.region", f"The Region '{entry['region']}' does not exist.")
        if entry["region"] in regions:
            raise invalid_value(path, f"A Region can appear at most once in a distribution configuration: '{entry['region']}'.")
        regions.append(entry["region"])
        _check_entry(entry, path, backend.account_id)
    return {"timeoutMinutes": 720, "regions": regions}


@cache
def _regions(partition: str) -> frozenset[str]:
    return frozenset(Session(region_name="us-east-1").get_available_regions("ec2", partition))


def _check_entry(entry: Mapping[str, Any], path: str, account_id: str) -> None:
    if not any(entry.get(output) for output in OUTPUTS):
        raise invalid_value(path, "One or more outputs should be provided for each region in a distribution configuration.")
    ami = entry.get("amiDistributionConfiguration", {})
    if "name" in ami:
        _check_name(ami["name"], f"{path}.amiDistributionConfiguration.name")
    targets = {account_id, *ami.get("targetAccountIds", [])}
    launchers = targets | set(ami.get("launchPermission", {}).get("userIds", []))
    groups = ami.get("launchPermission", {}).get("userGroups", [])
    if groups and groups != ["all"]:
        raise invalid_value(f"{path}.amiDistributionConfiguration.launchPermission.userGroups", "The only valid group is 'all'.")
    for index, parameter in enumerate(entry.get("ssmParameterConfigurations", [])):
        _check_account(parameter.get("amiAccountId"), targets, f"{path}.ssmParameterConfigurations[{index}].amiAccountId")
    for index, template in enumerate(entry.get("launchTemplateConfigurations", [])):
        _check_account(template.get("accountId"), launchers, f"{path}.launchTemplateConfigurations[{index}].accountId")
    for index, launch in enumerate(entry.get("fastLaunchConfigurations", [])):
        template = launch.get("launchTemplate", {})
        if template and ("launchTemplateId" in template) == ("launchTemplateName" in template):
            raise invalid_value(
                f"{path}.fastLaunchConfigurations[{index}].launchTemplate", "Specify exactly one of 'launchTemplateId' and 'launchTemplateName'."
            )


def _check_name(name: str, path: str) -> None:
    if not BUILD_DATE.search(name):
        raise invalid_value(path, "The AMI name must include the '{{ imagebuilder:buildDate }}' tag.")
    for placeholder in PLACEHOLDER.findall(name):
        if not KNOWN_PLACEHOLDER.fullmatch(placeholder):
            raise invalid_value(path, f"The tag '{placeholder}' is not valid.")
    if re.search(r"[{}]", PLACEHOLDER.sub("", name)):
        raise invalid_value(path, "The AMI name contains braces that are no tag.")


def _check_account(account_id: str | None, allowed: set[str], path: str) -> None:
    if account_id is not None and account_id not in allowed:
        raise invalid_value(path, f"The account '{account_id}' must be a target account of the Region.")
