# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whether the instance that builds can be run: its profile, where it runs, and what it is to be. Pure. Private to this collection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._access import evaluation, statements
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.evaluation import Policies, Request
from ansible_collections.golden.imagebuilder.plugins.module_utils._access.policy import VERSION, parsed
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution import preflight_rewriting
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.findings import NOTHING_TO_RUN, Finding, Subject
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.preflight_accounts import entrance, is_open, role_reading
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.preflight_facts import (
    Fact,
    Facts,
    Infrastructure,
    Parent,
    Role,
    Unknown,
)
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.remedies import Entrance, Remedy, policy_text, shell_remedy
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import schema

_AGENT = (
    "ssm:UpdateInstanceInformation",
    "ssmmessages:CreateControlChannel",
    "ssmmessages:CreateDataChannel",
    "ssmmessages:OpenControlChannel",
    "ssmmessages:OpenDataChannel",
)
"""What the agent of Systems Manager does to be reached at all, by which Image Builder works on the instance ("Prerequisites", user guide)."""

_COMPONENT = "imagebuilder:GetComponent"
_LOGS = "s3:PutObject"
_MANAGED = {**dict.fromkeys(_AGENT, "AmazonSSMManagedInstanceCore"), _COMPONENT: "EC2InstanceProfileForImageBuilder"}
"""The policies of AWS that allow what is needed."""

LOG_POLICY = f"{statements.SID_PREFIX}Logs"
_INSTANCE_TRUST = {"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}


def _about(facts: Facts, member: str) -> Subject:
    path = f"infrastructure_configuration.{schema.snake_name(member)}"
    return Subject(facts.run.source.account_id, facts.run.source.name, facts.run.region, path)


def _infrastructure(facts: Facts) -> tuple[Mapping[str, Any], Infrastructure] | None:
    """What is wanted and what is there; None where there is no infrastructure configuration, or nobody could look."""
    if facts.run.infrastructure is None or not is_open(facts, facts.run.source.account_id):
        return None
    return facts.run.infrastructure, facts.build.infrastructure


def _way(facts: Facts) -> Entrance:
    return entrance(facts, facts.run.source.account_id)


# --- the instance profile --------------------------------------------------------------------------------------------------------------------


def instance_profile(facts: Facts) -> Iterator[Finding]:
    """The profile is there, has a role, and that may do what an instance of Image Builder does."""
    looked = _infrastructure(facts)
    if looked is None or not looked[0].get("instanceProfileName"):
        return
    name, known, about = looked[0]["instanceProfileName"], looked[1], _about(facts, "instanceProfileName")
    if isinstance(known.profile, Unknown):
        yield about.unknown("instance_profile_unknown", f"{name} could not be seen: {known.profile.reason}", "Allow iam:GetInstanceProfile.")
    elif known.profile is None:
        needed = "It has to be there, with a role that may do what an instance of Image Builder does."
        yield about.error("instance_profile_missing", f"There is no instance profile {name}.", needed, _profile_made(facts, name))
    elif not known.profile.get("Roles"):
        needed = "An instance gets all that it may from this role."
        yield about.error("instance_profile_without_role", f"Instance profile {name} has no role.", needed, _profile_made(facts, name, is_there=True))
    elif isinstance(known.role, Unknown):
        yield about.unknown(
            "instance_profile_permissions_unknown", f"The role of {name} could not be read: {known.role.reason}", role_reading(known.role)
        )
    elif known.role is not None:
        yield from _permissions(facts, known.role)


def _permissions(facts: Facts, role: Role) -> Iterator[Finding]:
    about = _about(facts, "instanceProfileName")
    decided = [(request, evaluation.decide(request, Policies(role.identity, None, role.boundary))) for request in _requests(facts, role)]
    denied = [(request, decision) for request, decision in decided if decision.outcome == "denied"]
    unknown = [(request, decision) for request, decision in decided if decision.outcome == "unknown"]
    if denied:
        actions, reasons = _listed([request for request, _decision in denied]), dict.fromkeys(decision.reason for _request, decision in denied)
        remedy = _allowed(facts, role, [request for request, decision in denied if decision.statement is None])
        yield about.error("instance_profile_permissions", f"{role.arn} is not allowed {actions}.", " ".join(reasons), remedy)
    if unknown:
        actions, reasons = _listed([request for request, _decision in unknown]), dict.fromkeys(decision.reason for _request, decision in unknown)
        found = f"{role.arn} may not be allowed {actions}."
        yield about.unknown("instance_profile_permissions_unknown", found, f"It could not be judged. {' '.join(reasons)}")


def _listed(requests: Sequence[Request]) -> str:
    return ", ".join(request.action for request in requests)


def _requests(facts: Facts, role: Role) -> list[Request]:
    """What the instance has to be allowed: to be reached, to fetch the components that there are, and to write its logs where it is told."""
    run = facts.run
    wanted = [(action, "*") for action in _AGENT]
    if (run.recipe or {}).get("components"):
        wanted.append((_COMPONENT, f"arn:{run.partition}:imagebuilder:{run.region}:*:component/*"))
    logs = _s3_logs(run.infrastructure or {})
    if logs:
        prefix = logs.get("s3KeyPrefix", "").strip("/")
        wanted.append((_LOGS, f"arn:{run.partition}:s3:::{logs['s3BucketName']}/{prefix}{'/' if prefix else ''}*"))
    account_id = run.source.account_id
    return [Request(action, resource, role.arn, account_id, account_id) for action, resource in wanted]


def _s3_logs(infrastructure: Mapping[str, Any]) -> Mapping[str, Any]:
    logs: Mapping[str, Any] = (infrastructure.get("logging") or {}).get("s3Logs") or {}
    return logs if logs.get("s3BucketName") else {}


def _allowed(facts: Facts, role: Role, requests: Sequence[Request]) -> Remedy:
    """The policies of AWS that are missing, and one of ours for the logs. What is denied somewhere these do not outweigh."""
    way, name = _way(facts), role.arn.rpartition("/")[2]
    arns = [_policy_arn(facts, policy) for policy in dict.fromkeys(_MANAGED[request.action] for request in requests if request.action in _MANAGED)]
    tasks, calls = [], [["iam", "attach-role-policy", "--role-name", name, "--policy-arn", arn] for arn in arns]
    if arns:
        trust = policy_text(parsed(role.trust.document or {}))  # without which the module takes no role
        kept = {"assume_role_policy_document": trust, "create_instance_profile": False, "purge_policies": False, "state": "present"}
        options = {"name": name, "managed_policies": arns, **kept}
        tasks.append(way.task(f"Allow {name} what instances of Image Builder do", "amazon.aws.iam_role", options))
    for request in requests:
        if request.action == _LOGS:
            statement = {"Effect": "Allow", "Action": _LOGS, "Resource": request.resource}
            document = policy_text({"Version": VERSION, "Statement": [statement]})
            options = {"iam_type": "role", "iam_name": name, "policy_name": LOG_POLICY, "policy_json": document, "state": "present"}
            tasks.append(way.task(f"Allow {name} to write logs", "amazon.aws.iam_policy", options))
            calls.append(["iam", "put-role-policy", "--role-name", name, "--policy-name", LOG_POLICY, "--policy-document", document])
    if not tasks:
        return NOTHING_TO_RUN
    task = tasks[0] if len(tasks) == 1 else {"name": f"Allow {name} what it lacks", "block": tasks}
    return Remedy(task, way.command(*calls))


def _policy_arn(facts: Facts, name: str) -> str:
    return f"arn:{facts.run.partition}:iam::aws:policy/{name}"


def _profile_made(facts: Facts, name: str, *, is_there: bool = False) -> Remedy:
    """A role by the name of the profile, with AWS's policies for it, and the profile with this role."""
    way, arns = _way(facts), [_policy_arn(facts, policy) for policy in dict.fromkeys(_MANAGED.values())]
    trust = policy_text({"Version": VERSION, "Statement": [_INSTANCE_TRUST]})
    role = {
        "name": name,
        "assume_role_policy_document": trust,
        "managed_policies": arns,
        "purge_policies": False,
        "create_instance_profile": False,
        "state": "present",
    }
    tasks = [
        way.task(f"Make the role {name}", "amazon.aws.iam_role", role),
        way.task(f"Make the instance profile {name}", "amazon.aws.iam_instance_profile", {"name": name, "role": name, "state": "present"}),
    ]
    calls = [
        ["iam", "create-role", "--role-name", name, "--assume-role-policy-document", trust],
        *(["iam", "attach-role-policy", "--role-name", name, "--policy-arn", arn] for arn in arns),
        *([] if is_there else [["iam", "create-instance-profile", "--instance-profile-name", name]]),
        ["iam", "add-role-to-instance-profile", "--instance-profile-name", name, "--role-name", name],
    ]
    return Remedy({"name": f"Make what instances of Image Builder need ({name})", "block": tasks}, way.command(*calls))


# --- where the instance runs -----------------------------------------------------------------------------------------------------------------


def network(facts: Facts) -> Iterator[Finding]:
    """The subnet is there and has an address left, and the security groups are of its VPC."""
    looked = _infrastructure(facts)
    if looked is None:
        return
    wanted, known = looked
    subnet_id, about = wanted.get("subnetId"), _about(facts, "subnetId")
    if not subnet_id:
        yield from _default_vpc(facts, known)
    elif isinstance(known.subnets, Unknown):
        yield about.unknown("subnet_unknown", f"{subnet_id} could not be seen: {known.subnets.reason}", "Allow ec2:DescribeSubnets.")
    else:
        subnet = next((each for each in known.subnets if each["SubnetId"] == subnet_id), None)
        if subnet is None:
            found = f"There is no subnet {subnet_id} in this account and Region."
            yield about.error("subnet_missing", found, "Name one that is there.", _another_subnet(facts, known, None))
        elif not subnet["AvailableIpAddressCount"]:
            found, needed = f"Subnet {subnet_id} has no address left.", "The instance needs one: free some, or take another subnet."
            yield about.error("subnet_full", found, needed, _another_subnet(facts, known, subnet["VpcId"]))
        yield from _security_groups(facts, known, subnet)
    if not subnet_id:
        yield from _security_groups(facts, known, None)


def _default_vpc(facts: Facts, known: Infrastructure) -> Iterator[Finding]:
    about = _about(facts, "subnetId")
    if isinstance(known.has_default_vpc, Unknown):
        found = f"No subnet is named, and whether there is a default VPC could not be seen: {known.has_default_vpc.reason}"
        yield about.unknown("default_vpc_unknown", found, "Allow ec2:DescribeVpcs.")
    elif not known.has_default_vpc:
        remedy = shell_remedy("Make a default VPC", _way(facts).command(["ec2", "create-default-vpc"]))
        found, needed = "No subnet is named, and the Region has no default VPC.", "Name a subnet and security groups, or make a default VPC."
        yield about.error("default_vpc_missing", found, needed, remedy)


def _security_groups(facts: Facts, known: Infrastructure, subnet: Mapping[str, Any] | None) -> Iterator[Finding]:
    wanted, about = list((facts.run.infrastructure or {}).get("securityGroupIds") or ()), _about(facts, "securityGroupIds")
    if not wanted:
        return
    if isinstance(known.security_groups, Unknown):
        found = f"{', '.join(wanted)} could not be seen: {known.security_groups.reason}"
        yield about.unknown("security_group_unknown", found, "Allow ec2:DescribeSecurityGroups.")
        return
    vpcs = {group["GroupId"]: group.get("VpcId") for group in known.security_groups}
    missing = [group for group in wanted if group not in vpcs]
    elsewhere = [group for group in wanted if subnet is not None and group in vpcs and vpcs[group] != subnet["VpcId"]]
    remedy = _fitting_groups(facts, known, [group for group in wanted if group not in (*missing, *elsewhere)], subnet)
    if missing:
        found = f"There is no security group {', '.join(missing)} in this account and Region."
        yield about.error("security_group_missing", found, "Name some that are there.", remedy)
    if elsewhere and subnet is not None:
        found = f"{', '.join(elsewhere)} are not of VPC {subnet['VpcId']}, in which subnet {subnet['SubnetId']} is."
        yield about.error("security_group_vpc", found, "A subnet takes security groups of its own VPC only.", remedy)


def _another_subnet(facts: Facts, known: Infrastructure, vpc_id: str | None) -> Remedy:
    """The subnet with the most addresses left, of the VPC or of that of the security groups."""
    groups = () if isinstance(known.security_groups, Unknown) else known.security_groups
    named = (facts.run.infrastructure or {}).get("securityGroupIds") or ()
    vpcs = {vpc_id} if vpc_id else {group.get("VpcId") for group in groups if group["GroupId"] in named}
    subnets = () if isinstance(known.subnets, Unknown) else known.subnets
    free = [subnet for subnet in subnets if subnet["VpcId"] in vpcs and subnet["AvailableIpAddressCount"] > 0]
    if not free:
        return NOTHING_TO_RUN
    best = max(free, key=lambda subnet: int(subnet["AvailableIpAddressCount"]))
    members = {"subnetId": best["SubnetId"]}
    return preflight_rewriting.infrastructure(facts, f"Run the instance in subnet {best['SubnetId']}", members)


def _fitting_groups(facts: Facts, known: Infrastructure, fitting: Sequence[str], subnet: Mapping[str, Any] | None) -> Remedy:
    """The groups that are all right, and where none is left the default one of the VPC."""
    groups = () if isinstance(known.security_groups, Unknown) else known.security_groups
    defaults = [group["GroupId"] for group in groups if subnet and group.get("VpcId") == subnet["VpcId"] and group.get("GroupName") == "default"]
    wanted = list(fitting) or defaults
    if not wanted:
        return NOTHING_TO_RUN
    return preflight_rewriting.infrastructure(facts, f"Give the instance the security groups {', '.join(wanted)}", {"securityGroupIds": wanted})


# --- what it is and what it names ------------------------------------------------------------------------------------------------------------


def instance_types(facts: Facts) -> Iterator[Finding]:
    """The instance types are offered in the Region, and of the architecture of the parent image."""
    looked = _infrastructure(facts)
    wanted = list(looked[0].get("instanceTypes") or ()) if looked else []
    if looked is None or not wanted:
        return
    about, known = _about(facts, "instanceTypes"), looked[1].architectures
    if isinstance(known, Unknown):
        needed = "Allow ec2:DescribeInstanceTypeOfferings and ec2:DescribeInstanceTypes."
        yield about.unknown("instance_type_unknown", f"{', '.join(wanted)} could not be seen: {known.reason}", needed)
        return
    architecture = _architecture(facts)
    fitting = [each for each in wanted if each in known and (architecture is None or architecture in known[each])]
    missing = [each for each in wanted if each not in known]
    unfit = [each for each in wanted if each in known and each not in fitting]
    name = f"Run the instance as {', '.join(fitting)}" if fitting else "Leave the instance type to Image Builder"
    remedy = preflight_rewriting.infrastructure(facts, name, {"instanceTypes": fitting or None})
    tell = about.warning if fitting else about.error
    if missing:
        yield tell("instance_type_not_offered", f"{', '.join(missing)} are not offered in {facts.run.region}.", "Name others.", remedy)
    if unfit:
        found = f"{', '.join(unfit)} cannot run the parent image, which is for {architecture}."
        yield tell("instance_type_architecture", found, f"Name instance types for {architecture}.", remedy)


def _architecture(facts: Facts) -> str | None:
    """The architecture of the parent; images of AWS that do not show an AMI have it in their names."""
    parent = facts.build.parent
    if not isinstance(parent, Parent):
        return None
    if parent.ami is not None:
        return str(parent.ami["Architecture"]) if "Architecture" in parent.ami else None
    named = {"-arm64": "arm64", "-x86": "x86_64"}
    return next((architecture for ending, architecture in named.items() if f"{ending}/" in f"{parent.name}/"), None)


@dataclass(frozen=True)
class _Named:
    """Something that the infrastructure configuration names and that is there or not."""

    member: str
    check: str
    what: str
    is_there: Fact[bool]
    needed: str
    action: str
    remedy: Remedy


def named_things(facts: Facts) -> Iterator[Finding]:
    """The key pair, the bucket for logs and the topic are there, where they are named."""
    for named in _named(facts):
        about = _about(facts, named.member)
        if isinstance(named.is_there, Unknown):
            yield about.unknown(f"{named.check}_unknown", f"The {named.what} could not be seen: {named.is_there.reason}", f"Allow {named.action}.")
        elif not named.is_there:
            yield about.error(f"{named.check}_missing", f"There is no {named.what}.", named.needed, named.remedy)


def _named(facts: Facts) -> Iterator[_Named]:
    looked = _infrastructure(facts)
    if looked is None:
        return
    wanted, known = looked
    if wanted.get("keyPair"):
        remedy = preflight_rewriting.infrastructure(facts, "Do without a key pair", {"keyPair": None})
        needed = "Name one that is there, or none: Image Builder works without."
        yield _Named("keyPair", "key_pair", f"key pair {wanted['keyPair']}", known.has_key_pair, needed, "ec2:DescribeKeyPairs", remedy)
    bucket, topic = _s3_logs(wanted).get("s3BucketName"), wanted.get("snsTopicArn")
    if bucket:
        needed, action = "It has to be there before the instance writes its logs.", "s3:ListBucket on it, if it is there"
        yield _Named("logging", "log_bucket", f"bucket {bucket}", known.has_log_bucket, needed, action, _bucket_made(facts, bucket))
    if topic:
        needed, remedy = "It has to be there when the build tells how it ended.", _topic_made(facts, topic)
        yield _Named("snsTopicArn", "topic", f"topic {topic}", known.has_topic, needed, "sns:GetTopicAttributes", remedy)


def _bucket_made(facts: Facts, bucket: str) -> Remedy:
    way, region = _way(facts), facts.run.region
    place = [] if region == "us-east-1" else ["--create-bucket-configuration", f"LocationConstraint={region}"]
    task = way.task(f"Make bucket {bucket}", "amazon.aws.s3_bucket", {"name": bucket, "state": "present"})
    return Remedy(task, way.command(["s3api", "create-bucket", "--bucket", bucket, *place]))


def _topic_made(facts: Facts, arn: str) -> Remedy:
    """A topic of the account in the Region of the build; one of others is theirs."""
    _arn, _partition, _service, region, account_id, name = arn.split(":", 5)
    if (region, account_id) != (facts.run.region, facts.run.source.account_id):
        return NOTHING_TO_RUN
    return shell_remedy(f"Make topic {name}", _way(facts).command(["sns", "create-topic", "--name", name]))
