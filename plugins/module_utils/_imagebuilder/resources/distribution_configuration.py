# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Distribution configurations. Private to this collection."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.arn import parse_aws_arn
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import Context, Finding, Path, Reference, Resource
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.rules import known_region, repository

OUTPUTS = (
    "amiDistributionConfiguration",
    "containerDistributionConfiguration",
    "launchTemplateConfigurations",
    "s3ExportConfiguration",
    "fastLaunchConfigurations",
    "ssmParameterConfigurations",
    "licenseConfigurationArns",
)
"""Members of an entry that make it deliver something; AWS refuses an entry with none of them, or with empty ones only."""

NAME_TAGS = ("buildDate", "buildVersion")
BUILD_DATE = "write {{ imagebuilder:buildDate }} (with !unsafe before the string, or Ansible takes it for its own) or <<imagebuilder:buildDate>>"
_BRACED = re.compile(r"\{\{\s*imagebuilder:([A-Za-z]+)(?::[A-Za-z]+)?\s*\}\}")
_EBS_KEY = re.compile(r"(?:^|:)alias/aws/ebs$|^aws/ebs$")


def rules(request: Mapping[str, Any], context: Context) -> Iterator[Finding]:
    """What AWS refuses, or takes and then fails over once the image is built (see each rule)."""
    seen: dict[str, int] = {}
    for index, entry in enumerate(request.get("distributions") or ()):
        path: Path = ("distributions", index)
        region = (entry or {}).get("region")
        if region:
            if region in seen:
                yield (*path, "region"), f"{region} is already in entry {seen[region]}; a Region can be in the list once, with all its accounts."
            seen.setdefault(region, index)
            yield from known_region((*path, "region"), str(region), context)
        if isinstance(entry, Mapping):
            yield from entry_rules(entry, path, context)


def entry_rules(entry: Mapping[str, Any], path: Path, context: Context) -> Iterator[Finding]:
    """Rules over the entry of one Region."""
    if not any(entry.get(member) for member in OUTPUTS):
        yield path, "delivers nothing: AWS wants one or more outputs for each Region, for example ami_distribution_configuration."
    ami = entry.get("amiDistributionConfiguration") or {}
    ami_path: Path = (*path, "amiDistributionConfiguration")
    if isinstance(ami.get("name"), str):
        yield from ami_name((*ami_path, "name"), ami["name"])
    if isinstance(ami.get("kmsKeyId"), str):
        yield from _key((*ami_path, "kmsKeyId"), ami, str(entry.get("region") or ""))
    target = (entry.get("containerDistributionConfiguration") or {}).get("targetRepository") or {}
    yield from repository((*path, "containerDistributionConfiguration", "targetRepository"), target)
    yield from _launch_permission((*ami_path, "launchPermission"), ami.get("launchPermission") or {})
    yield from _accounts(entry, path, context, ami.get("targetAccountIds") or ())
    for index, fast_launch in enumerate(entry.get("fastLaunchConfigurations") or ()):
        template = (fast_launch or {}).get("launchTemplate") or {}
        if template and ("launchTemplateId" in template) == ("launchTemplateName" in template):
            yield (
                (*path, "fastLaunchConfigurations", index, "launchTemplate"),
                "needs either launch_template_id or launch_template_name, one of them.",
            )


def ami_name(path: Path, name: str) -> Iterator[Finding]:
    """An AMI name has to hold the build date, or the second image would want the name of the first (AmiDistributionConfiguration.name)."""
    tags = [found.group(1) for found in _BRACED.finditer(name)]
    unknown = [tag for tag in tags if tag not in NAME_TAGS]
    rest = _BRACED.sub("", name)
    if unknown:
        known = " and ".join(f"imagebuilder:{tag}" for tag in NAME_TAGS)
        yield path, f"imagebuilder:{unknown[0]} is not known in names, where {known} are (upper and lower case count); {BUILD_DATE}."
    elif re.search(r"[{}]|imagebuilder:", rest):
        yield path, f"{name!r} holds a malformed tag; {BUILD_DATE}."
    elif "buildDate" not in tags:
        yield path, f"{name!r} is the same for every build, and AMI names cannot repeat; {BUILD_DATE} in it."


def _key(path: Path, ami: Mapping[str, Any], region: str) -> Iterator[Finding]:
    """The key encrypts the copies in this Region and is looked up by whoever copies, which for target accounts is the target account."""
    key = ami["kmsKeyId"]
    leaves = ami.get("targetAccountIds") or any((ami.get("launchPermission") or {}).values())
    arn = parse_aws_arn(key)
    if _EBS_KEY.search(key) and leaves:
        yield path, "the key aws/ebs cannot be shared with other accounts; give the ARN of a customer managed key of this Region."
    elif arn and arn["service"] != "kms":
        yield path, f"{key!r} is not the ARN of a KMS key or alias."
    elif arn and region and arn["region"] != region:
        yield path, f"the key is in {arn['region']}, the entry is for {region}: give a key of {region}, keys do not work across Regions."
    elif not arn and ami.get("targetAccountIds"):
        yield path, f"{key!r} is looked up in each target account, which does not have it; give the full ARN of the key or of its alias."


def _launch_permission(path: Path, permission: Mapping[str, Any]) -> Iterator[Finding]:
    for index, group in enumerate(permission.get("userGroups") or ()):
        if group != "all":
            yield (*path, "userGroups", index), f"{group!r} is not allowed. The only group is all, which makes the AMI public."


def _accounts(entry: Mapping[str, Any], path: Path, context: Context, targets: Collection[str]) -> Iterator[Finding]:
    """Who gets a parameter or template version has to get the AMI (SsmParameterConfiguration.amiAccountId and its like).

    The source account always has it. Which one that is becomes known with the first call; until then nothing is held against an id.
    """
    if context.account_id is None:
        return
    shared = ((entry.get("amiDistributionConfiguration") or {}).get("launchPermission") or {}).get("userIds") or ()
    # A template can name an AMI that is only shared; a parameter needs the account's own copy.
    for member, account_member, receivers in (
        ("ssmParameterConfigurations", "amiAccountId", targets),
        ("launchTemplateConfigurations", "accountId", [*targets, *shared]),
    ):
        for index, configuration in enumerate(entry.get(member) or ()):
            account_id = (configuration or {}).get(account_member)
            if account_id and account_id != context.account_id and account_id not in receivers:
                yield (
                    (*path, member, index, account_member),
                    f"{account_id} does not get the AMI in this Region: it is neither among target_account_ids nor the source account "
                    f"{context.account_id}.",
                )
    yield from _fast_launch(entry, path, context)


def _fast_launch(entry: Mapping[str, Any], path: Path, context: Context) -> Iterator[Finding]:
    """Image Builder turns fast launch on in the source account only (user guide, "Create an AMI distribution configuration")."""
    for index, configuration in enumerate(entry.get("fastLaunchConfigurations") or ()):
        account_id = (configuration or {}).get("accountId")
        if account_id and account_id != context.account_id:
            yield (
                (*path, "fastLaunchConfigurations", index, "accountId"),
                f"{account_id} is not the source account {context.account_id}, for which alone Image Builder can turn on fast launch; the other "
                "account has to do it itself, on its copy.",
            )


def cautions(request: Mapping[str, Any], context: Context) -> Iterator[Finding]:
    """What AWS takes, and then does something else than one would think, or fails over after the build."""
    for index, entry in enumerate(request.get("distributions") or ()):
        yield from _foreign_templates(entry, ("distributions", index), context)
        yield from _own_parameters(entry, ("distributions", index), context)


def _foreign_templates(entry: Mapping[str, Any], path: Path, context: Context) -> Iterator[Finding]:
    """A launch template of another account gets the id of the source account's AMI, which that account cannot launch unless it is shared."""
    shared = ((entry.get("amiDistributionConfiguration") or {}).get("launchPermission") or {}).get("userIds") or ()
    for index, configuration in enumerate(entry.get("launchTemplateConfigurations") or ()):
        account_id = configuration.get("accountId") or context.account_id
        if account_id not in (context.account_id, *shared):
            yield (
                (*path, "launchTemplateConfigurations", index),
                f"Image Builder puts the AMI id of the source account {context.account_id} into launch template "
                f"{configuration['launchTemplateId']} of account {account_id}, not that of the copy, so instances fail to launch from it. Share the "
                "AMI with the account (launch_permission.user_ids), or let the template resolve a parameter of ssm_parameter_configurations.",
            )


def _own_parameters(entry: Mapping[str, Any], path: Path, context: Context) -> Iterator[Finding]:
    """The service-linked role may write parameters below /imagebuilder/ only; a miss shows after the build, in INTEGRATING."""
    for index, configuration in enumerate(entry.get("ssmParameterConfigurations") or ()):
        is_own = configuration.get("amiAccountId", context.account_id) == context.account_id
        if is_own and not configuration["parameterName"].startswith("/imagebuilder/"):
            yield (
                (*path, "ssmParameterConfigurations", index, "parameterName"),
                f"{configuration['parameterName']} is not below /imagebuilder/, where alone Image Builder's service-linked role may write in the "
                "source account: build with an execution_role that may do ssm:PutParameter on it.",
            )


DISTRIBUTION_CONFIGURATION = Resource(
    api_name="DistributionConfiguration",
    options={
        "description": {"type": "str"},
        "distributions": {"type": "list", "elements": "dict"},
    },
    defaults={
        "LaunchTemplateConfiguration": {"setDefaultVersion": True},
        "SsmParameterConfiguration": {"dataType": "text"},
    },
    rules=rules,
    cautions=cautions,
    used_by=(Reference("image pipeline", "ListImagePipelines"),),
)
