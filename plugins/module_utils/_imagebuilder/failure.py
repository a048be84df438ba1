# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Why an image or a change of its state failed: what AWS says about it, taken apart by account and Region, with cause and remedy. Pure.

AWS tells it in two places. `state.failureContext` is structured, and newer services fill it. `state.reason` is a sentence of at most 1,024
characters; for a distribution it is a numbered list (see `_NUMBERED`), whose end is lost when there are many accounts.

This module util is private to the collection.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._access.statements import (
    DESTINATIONS_GRANTS_SID,
    DESTINATIONS_USE_SID,
    KMS_POLICY_NAME,
    LAUNCH_TEMPLATES_POLICY_NAME,
    MANAGED_POLICY_NAME,
    PARAMETERS_POLICY_NAME,
    ROLE_NAME,
)

# The stages in which copies are made and configured; all earlier ones build and test.
DISTRIBUTION_STAGES = ("DISTRIBUTING", "INTEGRATING")

# With this role of every other account Image Builder changes the state of what is there (user guide, lifecycle management across accounts).
LIFECYCLE_ROLE_NAME = "Ec2ImageBuilderCrossAccountLifecycleAccess"

# Where the API names no configuration step, making the copy itself failed.
COPY_STEP = "COPY_AMI"

_ACCOUNTS = (
    r"when distributing the image from the source account \(ID: (?P<source_account_id>[^)]*)\)"
    r" to the destination account \(ID: (?P<account_id>[^)]*)\) in Region (?P<region>[a-z0-9-]+)"
)
_NUMBERED = re.compile(rf"(?<!\S)\d+\)\s+(?P<message>(?:(?!when distributing the image from).)*?)\s*{_ACCOUNTS}", re.DOTALL)
_CUT_OFF = re.compile(r"(?<!\S)\d+\)\s+(?P<message>\S.*)", re.DOTALL)
_DENIED = re.compile(r"User: (?P<user>\S+) is not authorized to perform: (?P<action>[\w-]+:\w+)(?: on resource: (?P<resource>\S+))?", re.IGNORECASE)


@dataclass(frozen=True)
class Failure:
    """One thing that failed: where, at which step, in AWS's words, and in ours what it means and what to do."""

    account_id: str | None
    region: str | None
    step: str
    message: str
    cause: str
    remedy: str
    component: str | None = None
    phase: str | None = None
    image: str | None = None  # the AMI that failed in the account
    state_reason: str | None = None  # what the account says of that AMI
    log: tuple[str, ...] = ()  # the last lines of the log

    def to_result(self) -> dict[str, Any]:
        """The failure as a module returns it."""
        return {**asdict(self), "log": list(self.log)}

    def sentence(self) -> str:
        """The failure as one line of an error message; the lines of its log follow, if there are any."""
        places = [f"account {self.account_id}" if self.account_id else "", f"Region {self.region}" if self.region else ""]
        where = ", ".join(place for place in places if place)
        said = f" {self.image} says in that account: {self.state_reason}" if self.state_reason else ""
        line = f"{where + ': ' if where else ''}{self.step}: {self.cause} {self.remedy} AWS said: {self.message}{said}"
        return "\n".join([line, *([f"The last lines of the log:\n{textwrap.indent(chr(10).join(self.log), '    ')}"] if self.log else [])])


@dataclass(frozen=True)
class _Explanation:
    """What a message of AWS that matches the pattern means. The texts may use the groups of the pattern and the facts of `_facts`."""

    pattern: re.Pattern[str]
    cause: str
    remedy: str


def _explanation(pattern: str, cause: str, remedy: str) -> _Explanation:
    return _Explanation(re.compile(pattern, re.IGNORECASE | re.DOTALL), cause, remedy)


_RUN_DESTINATION_ROLES = "Run golden.imagebuilder.destination_roles for account {account_id}"
_RUN_SOURCE_KEYS = "Run golden.imagebuilder.source_keys with account {account_id} among destination_account_ids"

# The first that matches speaks, so the particular stand before the general. Patterns follow the sentence forms that AWS documents for
# refused requests ("... because no TYPE policy allows the ACTION action", "... with an explicit deny in a TYPE policy") and messages that
# users of Image Builder have reported.
_EXPLANATIONS = (
    _explanation(
        r"not authorized to perform: \S+.*with an explicit deny in an? (?P<policy>[\w -]+?)(?: policy)?(?::|\.|$)",
        "An explicit Deny ({policy} policy) forbids {action} to {user}.",
        "Find that Deny and except this principal from it; for a service control policy that is the organization's management account's to do.",
    ),
    _explanation(
        r"not authorized to perform: \S+.*because no (?P<policy>permissions boundary|[\w -]*(?:control|session|endpoint) policy) allows",
        "A {policy} that does not allow {action} applies to {user}.",
        "Allow it there too; a service or resource control policy is the organization's management account's to change.",
    ),
    _explanation(
        rf"(?:sts:AssumeRole|assume).*{LIFECYCLE_ROLE_NAME}|{LIFECYCLE_ROLE_NAME}.*sts:AssumeRole",
        f"Image Builder may not assume role {LIFECYCLE_ROLE_NAME} of account {{account_id}}, with which it changes what is in other accounts.",
        f"Make role {LIFECYCLE_ROLE_NAME} in account {{account_id}}, with the managed policy EC2ImageBuilderLifecycleExecutionPolicy and a trust "
        "policy for the service imagebuilder.amazonaws.com, where aws:SourceAccount is {source_account_id}.",
    ),
    _explanation(
        r"not authorized to perform: sts:AssumeRole.*because no identity-based policy",
        "{user} has no policy that lets it assume the role of account {account_id}.",
        "Allow it sts:AssumeRole on {resource}; the service-linked role of Image Builder has that, an execution_role needs a statement for it.",
    ),
    _explanation(
        r"not authorized to perform: sts:AssumeRole|AccessDenied\S*.*sts:AssumeRole",
        f"Role {ROLE_NAME} does not exist at path / in account {{account_id}}, or its trust policy does not name the source account "
        "{source_account_id}.",
        f"{_RUN_DESTINATION_ROLES} with {{source_account_id}} among source_account_ids: it makes the role and its trust statement "
        "(Principal AWS: root of account {source_account_id}, Action sts:AssumeRole).",
    ),
    _explanation(
        r"not authorized to perform: kms:\w+.*because no identity-based policy",
        "{user} has no policy statement that allows {action} on key {resource}.",
        f"{_RUN_DESTINATION_ROLES} with this key among key_arns: its inline policy {KMS_POLICY_NAME} then allows {{action}}. "
        "Where the refused principal is one of account {source_account_id}, add the statement to that role instead.",
    ),
    _explanation(
        r"not authorized to perform: kms:\w+.*because no resource-based policy",
        "The policy of key {resource} does not allow {action} to account {account_id}.",
        f"{_RUN_SOURCE_KEYS}: statement {DESTINATIONS_USE_SID} of the key policy allows use, {DESTINATIONS_GRANTS_SID} grants.",
    ),
    _explanation(
        r"does not exist, does not exist in this region, or you are not allowed to access|because the resource does not exist in this Region",
        "The key that encrypts the image does not exist in Region {region}, or its policy does not let account {account_id} use it.",
        f"{_RUN_SOURCE_KEYS} and {{region}} among regions, and give its ARN there as kms_key_id.",
    ),
    _explanation(
        r"not authorized to perform: kms:\w+|AccessDenied\S*.*kms:\w+",
        "{action} on key {resource} is allowed by the policies of the role, or by the key policy, but not by both; across accounts both must.",
        f"{_RUN_DESTINATION_ROLES} with this key among key_arns (inline policy), and golden.imagebuilder.source_keys with the account among "
        "destination_account_ids (key policy).",
    ),
    _explanation(
        r"key ?id.{0,200}?is (?:invalid|not accessible)|invalid\s?key ?id|InvalidKMSKey|NotFoundException.*kms"
        r"|(?:key|alias) .{0,200}?(?:does not exist|is not found|could not be found|cannot be found)",
        "The key does not resolve in Region {region} for account {account_id}: it is a key of another Region, a bare key id, or it was deleted.",
        "Give kms_key_id of this Region as the ARN of a key, or of an alias, that is in {region}; golden.imagebuilder.source_keys makes one in each "
        "of its regions and returns the ARNs.",
    ),
    _explanation(
        r"(?:key|CMK).{0,200}?(?:is disabled|pending deletion|incorrect state|invalid state)|KMSInvalidState",
        "The key is disabled or scheduled for deletion.",
        "Enable it, or cancel its deletion, in the account that owns the key.",
    ),
    _explanation(
        r"encrypted with the AWS Managed (?:CMK|KMS key)|AWS managed key.{0,80}can.?not be shared",
        "A snapshot of the image is encrypted with the key aws/ebs, which cannot be used from another account.",
        "Encrypt every volume of the image recipe (block_device_mappings, the root device included) with a customer managed key: "
        "golden.imagebuilder.source_keys makes it, golden.imagebuilder.definition puts it into the recipe. That takes a new version and a new build.",
    ),
    _explanation(
        r"block public access for AMIs is enabled",
        "Public sharing of AMIs is blocked for account {account_id} in Region {region}.",
        "Take user_groups out of launch_permission, or disable the block public access setting for AMIs there.",
    ),
    _explanation(
        r"ec2:(?:CreateLaunchTemplateVersion|ModifyLaunchTemplate|DescribeLaunchTemplates)|ec2:CreateTags.*launch-template/",
        "{user} may not do {action} on the launch template: the statement is missing, or the template has no tag CreatedBy: EC2 Image Builder.",
        f"{_RUN_DESTINATION_ROLES} with launch_templates: true (inline policy {LAUNCH_TEMPLATES_POLICY_NAME}), and tag the template "
        "CreatedBy: EC2 Image Builder.",
    ),
    _explanation(
        r"InvalidLaunchTemplateId|launch template.{0,200}?(?:does not exist|not found)",
        "The launch template does not exist in account {account_id}, Region {region}.",
        "Create it there, or correct the launch_template_id and account_id in launch_template_configurations.",
    ),
    _explanation(
        r"ssm:PutParameter",
        "{user} may not write the parameter {resource}.",
        f"{_RUN_DESTINATION_ROLES} with the start of the parameter's name among ssm_parameter_prefixes "
        f"(inline policy {PARAMETERS_POLICY_NAME}); in account {{source_account_id}} itself Image Builder writes only below /imagebuilder/ "
        "unless an execution_role may write elsewhere.",
    ),
    _explanation(
        r"ec2:(?:CopyImage|DescribeImages|ModifyImageAttribute|CreateTags)",
        f"{{user}} may not do {{action}}: the managed policy {MANAGED_POLICY_NAME} is not attached to role {ROLE_NAME}.",
        f"{_RUN_DESTINATION_ROLES}: it attaches that policy.",
    ),
    _explanation(
        r"instance profile.{0,300}?(?:does not exist|not found|invalid)|invalid iam instance profile",
        "The instance profile of the infrastructure configuration does not exist, or IAM does not show it everywhere yet.",
        "Create the profile, or correct instance_profile_name. If it was created just now, run again in a minute.",
    ),
    _explanation(
        r"not authorized to use the provided image",
        "The parent image is not visible to the account that builds.",
        "Share the parent AMI (and the key of its snapshots) with the source account, or choose another parent_image.",
    ),
    _explanation(
        r"not able to validate the provided access credentials|OptInRequired|region.{0,80}?not enabled",
        "Region {region} is not enabled in account {account_id}.",
        "Enable the Region for that account, or take it out of the account's regions.",
    ),
    _explanation(
        r"(?:too many|exceed|limit|quota).{0,120}?(?:cop(?:y|ies)|concurrent)|ResourceLimitExceeded|RequestLimitExceeded|CallRateLimitExceeded",
        "A limit of account {account_id} in Region {region} is reached; 50 copies of AMIs may run there at a time.",
        "Run again when other copies have ended, or raise the quota.",
    ),
    _explanation(
        r"AMI Copy Reported Failure|AMI snapshot copy failed",
        "The copy was started and then failed inside account {account_id}. Nearly always the account may not use the key of the source "
        "snapshot or the key of Region {region}.",
        "The state reason of the failed AMI in that account says which; golden.imagebuilder.distributed_ami_info reads it. Then run "
        "golden.imagebuilder.source_keys and golden.imagebuilder.destination_roles for the account.",
    ),
    _explanation(
        r"SSM execution.{0,200}?(?:failed|timed)|instance.{0,200}?(?:not (?:managed|reachable|connected)|unavailable).{0,80}(?:SSM|Systems Manager)",
        "A document on the build instance failed, or Systems Manager does not reach the instance.",
        "Read the log of the component. If there is none: the instance profile needs AmazonSSMManagedInstanceCore and "
        "EC2InstanceProfileForImageBuilder, and the subnet a way to the endpoints of Systems Manager.",
    ),
    _explanation(
        r"service role.{0,80}?vmimport.{0,120}?(?:does not exist|sufficient permissions)",
        "The service role vmimport does not exist, or may not do what VM Import needs.",
        "Make the role vmimport, trusted by vmie.amazonaws.com, with a policy for the bucket of the disk and for EC2's snapshots and images.",
    ),
    _explanation(
        r"import task.{0,120}?(?:not found|does not exist|could not be found)|InvalidConversionTaskId",
        "There is no such import task in this account and Region.",
        "See the tasks with aws ec2 describe-import-image-tasks, and give the ImportTaskId of one, as in import-ami-0123456789abcdef0.",
    ),
    _explanation(
        r"import task.{0,120}?(?:cancelled|canceled|deleted|deleting)",
        "The import task was cancelled, or it was undone because it had failed.",
        "See its StatusMessage with aws ec2 describe-import-image-tasks, start a new one with aws ec2 import-image, and give its id.",
    ),
    _explanation(
        r"do not have access to the given resource",
        "VM Import cannot read the disk: it is not there, or the service role vmimport may not read it.",
        "See whether the bucket and the key are right and in the Region of the task, and let the role vmimport read them (s3:GetObject).",
    ),
    _explanation(
        r"disk validation failed|unsupported (?:vmdk|image|disk|format)|not a valid (?:vmdk|volume|image)|no valid partitions",
        "The disk is of a kind that VM Import does not read.",
        "Export it as OVA, stream-optimized VMDK, fixed or dynamic VHD or VHDX, or raw, with its boot volume as the first disk.",
    ),
    _explanation(
        r"unsupported kernel|unknown os|os not found|unable to (?:determine|find) (?:the )?(?:kernel|operating system)|unsupported windows",
        "VM Import does not know the operating system on the disk, or its kernel.",
        "See the list of supported operating systems and kernels in the VM Import/Export user guide.",
    ),
    _explanation(
        r"resource dependency error|has other resources depend",
        "A recipe or a build refers to the image, or its policy shares it with other accounts.",
        "Delete or change what refers to it, or end the sharing; golden.imagebuilder.image_info tells its policy.",
    ),
    _explanation(
        r"execution role is required",
        "Workflows run only with an execution role.",
        "Give execution_role.",
    ),
    _explanation(
        r"not authorized to perform: \S+|AccessDenied|UnauthorizedOperation",
        "{user} may not do {action}.",
        "Allow it on {resource} in the policies of that role.",
    ),
)


class _Facts(dict[str, str]):
    """Values for the texts above; what a message does not tell is said to be so."""

    def __missing__(self, key: str) -> str:
        return {"user": "The role that Image Builder used", "action": "the action", "resource": "the resource"}.get(key, f"(unknown {key})")


def explain(message: str, account_id: str | None = None, region: str | None = None, source_account_id: str | None = None) -> tuple[str, str] | None:
    """Cause and remedy of a message of AWS, or None for a message that is not known.

    The accounts and the Region are put into the texts; the principal, action and resource are taken from the message itself.
    """
    known = {"account_id": account_id, "region": region, "source_account_id": source_account_id}
    for explanation in _EXPLANATIONS:
        found = explanation.pattern.search(message)
        if found:
            denied = _DENIED.search(message)
            groups = {**known, **(denied.groupdict() if denied else {}), **found.groupdict()}
            facts = _Facts({name: value for name, value in groups.items() if value})
            return explanation.cause.format_map(facts), explanation.remedy.format_map(facts)
    return None


def failed_stage(image: Mapping[str, Any]) -> str | None:
    """The status in which a failed or cancelled image stopped, or None when nothing in its description tells.

    Only failed images carry a failure context. Without one, a reason that speaks of a distribution, or an AMI that exists, means that
    building and testing had ended.
    """
    state = image.get("state", {})
    stage = state.get("failureContext", {}).get("imageStatus")
    if stage:
        return str(stage)
    if re.search(_ACCOUNTS, state.get("reason", "")) or image.get("outputResources", {}).get("amis"):
        return DISTRIBUTION_STAGES[0]
    return None


def log_place(image: Mapping[str, Any]) -> tuple[str, str]:
    """Group and stream of the log of an image: the group keeps the case of the image's name, the stream is its version and build."""
    group = image.get("loggingConfiguration", {}).get("logGroupName") or f"/aws/imagebuilder/{image.get('name', '')}"
    return str(group), str(image.get("version", ""))


def _log_place(image: Mapping[str, Any]) -> str:
    group, stream = log_place(image)
    return f"Its log is stream {stream} of CloudWatch log group {group}."


def _owner(image: Mapping[str, Any]) -> str | None:
    """The account in which the image was built."""
    parts = str(image.get("arn", "")).split(":")
    return parts[4] if len(parts) > 4 else None


def _region_failures(image: Mapping[str, Any], distribution: Mapping[str, Any]) -> Iterator[Failure]:
    """The failures that the failure context lists by account and Region."""
    source = _owner(image)
    for entry in distribution.get("regionFailures", []):
        raw = str(entry.get("errorMessage") or distribution.get("errorMessage") or "no message")
        numbered = _NUMBERED.search(raw)
        message = numbered["message"] if numbered else raw
        account, region = entry.get("targetAccountId") or source, entry.get("region")
        step = entry.get("imageConfigurationStep") or COPY_STEP
        cause, remedy = explain(message, account, region, source) or _by_status(entry.get("status"), step)
        yield Failure(account, region, step, message, cause, remedy)


def _by_status(status: str | None, step: str) -> tuple[str, str]:
    """Cause and remedy when the message says nothing that is known."""
    if status == "TIMED_OUT":
        return f"{step} did not end in the time that Image Builder gives it.", "Run again: what was delivered is kept, the rest is retried."
    if status == "CANCELLED":
        return f"{step} was cancelled, by a person or because another Region had failed.", "Run again when the others are mended."
    return f"{step} failed.", "See what AWS said."


def _component_failure(image: Mapping[str, Any], component: Mapping[str, Any]) -> Failure:
    """The failure of a component while building or testing."""
    name = str(component.get("componentArn", "")).split(":component/", 1)[-1] or "a component"
    message = str(component.get("errorMessage") or image["state"].get("reason") or "no message")
    step = "/".join(str(component[key]) for key in ("phaseName", "stepName") if component.get(key))
    action = f" ({component['action']})" if component.get("action") else ""
    cause = f"Step {step}{action} of component {name} failed." if step else f"Component {name} failed."
    remedy = f"{_log_place(image)} Mend the component and build again."
    return Failure(None, None, step or "component", message, cause, remedy, component=name, phase=component.get("phaseName"))


def _from_reason(image: Mapping[str, Any], reason: str, step: str) -> list[Failure]:
    """The failures in a sentence: its numbered list if it has one, what was cut off at its end, or else the sentence as a whole."""
    source = _owner(image)
    failures, end = [], 0
    for found in _NUMBERED.finditer(reason):
        account, region, message = found["account_id"], found["region"], found["message"]
        cause, remedy = explain(message, account, region, found["source_account_id"]) or _by_status(None, COPY_STEP)
        failures.append(Failure(account, region, COPY_STEP, message, cause, remedy))
        end = found.end()
    rest = _CUT_OFF.search(reason, end) if failures else None
    if rest:
        failures.append(_sentence_failure(image, rest["message"], COPY_STEP, None, source))
    return failures or [_sentence_failure(image, reason, step, source, source)]


def _sentence_failure(image: Mapping[str, Any], message: str, step: str, account: str | None, source: str | None) -> Failure:
    """A failure of which only a sentence is known; it happened in the Region of the image if it happened in an account."""
    region = str(image.get("arn", "")).split(":")[3] if account and image.get("arn") else None
    unknown = (f"The image failed in step {step}.", _log_place(image) if step not in (COPY_STEP, *DISTRIBUTION_STAGES) else "See what AWS said.")
    cause, remedy = explain(message, account, region, source) or unknown
    return Failure(account, region, step, message, cause, remedy)


def decode(image: Mapping[str, Any]) -> list[Failure]:
    """Everything that GetImage tells about the failure of an image.

    Takes the `image` member of the answer. Returns an empty list for an image that has not failed and was not cancelled.
    """
    state = image.get("state", {})
    if state.get("status") not in ("FAILED", "CANCELLED"):
        return []
    context = state.get("failureContext", {})
    if context.get("componentFailure"):
        return [_component_failure(image, context["componentFailure"])]
    distribution = context.get("distributionFailure", {})
    if distribution.get("regionFailures"):
        return list(_region_failures(image, distribution))
    reason = distribution.get("errorMessage") or state.get("reason")
    if not reason and state["status"] == "CANCELLED":
        return [Failure(None, None, "CANCELLED", "no message", "The build was cancelled.", "Run again.")]
    step = context.get("failedStep") or context.get("imageStatus") or state["status"]
    return _from_reason(image, str(reason or "no message"), step)


def decode_execution(execution: Mapping[str, Any], source: str) -> list[Failure]:
    """Everything that is told about the failure of a lifecycle execution: of each resource, or else of the execution as a whole.

    Takes the `lifecycleExecution` member of GetLifecycleExecution's answer with the `resources` of ListLifecycleExecutionResources. `source` is
    the account that owns the image. Returns an empty list for an execution that did all it was to do; resources that a rule excludes are no failure.
    """
    resources = sorted(execution.get("resources", []), key=lambda resource: str(resource.get("resourceId")).startswith("arn:"))
    failures: list[Failure] = []
    for resource in resources:  # that an image failed says something only where nothing that was made of it did
        if not (failures and str(resource.get("resourceId")).startswith("arn:")):
            failures += _resource_failures(resource, source)
    state = execution.get("state", {})
    if failures or state.get("status") not in ("FAILED", "CANCELLED"):
        return failures
    message = str(state.get("reason") or "no message")
    unknown = (f"The lifecycle execution {execution.get('lifecycleExecutionId')} is {state['status']}.", "See what AWS said, and run again.")
    return [Failure(None, None, "lifecycle execution", message, *(explain(message, source, None, source) or unknown))]


def _resource_failures(resource: Mapping[str, Any], source: str) -> Iterator[Failure]:
    """The failures of one resource of a lifecycle execution and of its snapshots."""
    account, region = resource.get("accountId"), resource.get("region")
    step = str(resource.get("action", {}).get("name") or "lifecycle execution")
    parts = [(resource.get("resourceId"), resource), *((snapshot.get("snapshotId"), snapshot) for snapshot in resource.get("snapshots", []))]
    for name, part in parts:
        state = part.get("state", {})
        if state.get("status") == "FAILED":
            message = str(state.get("reason") or "no message")
            unknown = (f"{step} of {name} failed.", "See what AWS said, and run again.")
            yield Failure(account, region, step, message, *(explain(message, account, region, source) or unknown))
