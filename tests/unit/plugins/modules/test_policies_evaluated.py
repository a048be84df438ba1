# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The policies that the modules leave behind, judged by an evaluator that is not ours: they allow what a delivery does, and nobody else anything.

What Image Builder does where is told by "Set up cross-account AMI distribution" of its user guide, by the policy of its service-linked role,
and for the keys by "How Amazon EBS uses AWS KMS".

The evaluator compares the ARNs of resources part by part, the partition too. Of a principal that is a whole account it compares but the id, so
that the partition of those is looked at here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from unittest.mock import patch

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._access import writing
from ansible_collections.golden.imagebuilder.tests import in_process, policy_evaluator
from ansible_collections.golden.imagebuilder.tests.emulator import managed_policies
from ansible_collections.golden.imagebuilder.tests.emulator.server import InProcessEmulator, emulate
from ansible_collections.golden.imagebuilder.tests.policy_evaluator import Policy, Principal, Request

pytestmark = [
    pytest.mark.skipif(bool(policy_evaluator.missing()), reason=policy_evaluator.missing()),
    pytest.mark.xdist_group("policies evaluated"),  # what is read once serves many tests
]

SOURCE, PAYMENTS, SECOND_SOURCE, STRANGER = "111111111111", "222222222222", "333333333333", "444444444444"
PARTITIONS = {"aws": ("us-west-2", "eu-west-1"), "aws-cn": ("cn-north-1", "cn-northwest-1"), "aws-us-gov": ("us-gov-west-1", "us-gov-east-1")}
"""The Regions in which an image is built and elsewhere, by partition."""
ROLE, LIFECYCLE_ROLE = "EC2ImageBuilderDistributionCrossAccountRole", "Ec2ImageBuilderCrossAccountLifecycleAccess"
ORGANIZATION, UNIT = "o-golden12345", "o-golden12345/r-ab12/ou-ab12-11111111"
MEMBER: dict[str, Any] = {"aws:PrincipalOrgID": ORGANIZATION, "aws:PrincipalOrgPaths": [f"{UNIT}/ou-ab12-22222222/"]}
FOREIGNER: dict[str, Any] = {"aws:PrincipalOrgID": "o-another1234", "aws:PrincipalOrgPaths": ["o-another1234/r-ab12/ou-ab12-11111111/"]}
EVERYTHING = json.loads(managed_policies.document("AdministratorAccess"))

IMAGE, SNAPSHOT, TEMPLATE = "image/ami-0123456789abcdef0", "snapshot/snap-0123456789abcdef0", "launch-template/lt-0123456789abcdef0"
OURS = {"aws:ResourceTag/CreatedBy": "EC2 Image Builder"}
MARKED = {"aws:RequestTag/CreatedBy": "EC2 Image Builder"}


# --- what the modules leave behind -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Access:
    """The policies of the destination's roles, by role, and of the source's keys, by Region, all of one partition."""

    partition: str
    trusts: Mapping[str, Policy]
    identities: Mapping[str, Sequence[Policy]]
    keys: Mapping[str, tuple[str, Policy]]  # Region -> ARN of the key and its policy

    @property
    def build(self) -> str:
        """The Region in which images are built."""
        return PARTITIONS[self.partition][0]

    @property
    def elsewhere(self) -> str:
        """The other Region."""
        return PARTITIONS[self.partition][1]

    def role(self, name: str = ROLE, account_id: str = PAYMENTS, **context: Any) -> Principal:
        """A role that has what the destination's role of that name has."""
        return self.somebody(f"{name}/EC2ImageBuilder", account_id, self.identities.get(name, ()), context)

    def somebody(self, session: str, account_id: str, policies: Sequence[Policy] = (), context: Mapping[str, Any] | None = None) -> Principal:
        """A session of some role of an account."""
        return Principal(f"arn:{self.partition}:sts::{account_id}:assumed-role/{session}", policies, context or {})

    def administrator(self, account_id: str, **context: Any) -> Principal:
        """Who may do everything in an account."""
        return self.somebody("Administrator/session", account_id, [EVERYTHING], context)

    def service_linked_role(self, account_id: str) -> Principal:
        """Who comes for a delivery."""
        policy = json.loads(managed_policies.document("AWSServiceRoleForImageBuilder", self.partition))
        return self.somebody("AWSServiceRoleForImageBuilder/EC2ImageBuilder", account_id, [policy])

    def ec2(self, resource: str) -> str:
        """The ARN of something of EC2 in the other Region; images and snapshots have no account in theirs."""
        account_id = "" if resource in (IMAGE, SNAPSHOT) else PAYMENTS
        return f"arn:{self.partition}:ec2:{self.elsewhere}:{account_id}:{resource}"

    def parameter(self, name: str) -> str:
        """The ARN of a parameter of the destination."""
        return f"arn:{self.partition}:ssm:{self.elsewhere}:{PAYMENTS}:parameter{name}"


def read_role(emulator: InProcessEmulator, name: str, partition: str) -> tuple[Policy, list[Policy]]:
    iam = emulator.client(PAYMENTS, "iam")
    attached = [policy["PolicyName"] for policy in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]]
    inline = iam.list_role_policies(RoleName=name)["PolicyNames"]
    documents = [json.loads(managed_policies.document(policy, partition)) for policy in attached]
    documents += [iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"] for policy in inline]
    return iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"], documents


def read_key(emulator: InProcessEmulator, region: str) -> tuple[str, Policy]:
    kms = emulator.client(SOURCE, "kms", region)
    arn = kms.describe_key(KeyId="alias/golden-imagebuilder")["KeyMetadata"]["Arn"]
    return arn, json.loads(kms.get_key_policy(KeyId=arn, PolicyName="default")["Policy"])


def read_access(emulator: InProcessEmulator, partition: str) -> Access:
    names = [role["RoleName"] for role in emulator.client(PAYMENTS, "iam").list_roles()["Roles"] if role["RoleName"] in (ROLE, LIFECYCLE_ROLE)]
    roles = {name: read_role(emulator, name, partition) for name in names}
    return Access(
        partition,
        {name: trust for name, (trust, _documents) in roles.items()},
        {name: documents for name, (_trust, documents) in roles.items()},
        {region: read_key(emulator, region) for region in PARTITIONS[partition]},
    )


# --- what a delivery does --------------------------------------------------------------------------------------------------------------------


def in_destination(action: str, resource: str, **context: str) -> Request:
    return Request(action, resource, PAYMENTS, context)


def copying(access: Access) -> list[Request]:
    """DescribeImages and CopyImage, then name, tags and launch permissions of the copy."""
    return [
        in_destination("ec2:DescribeImages", "*"),
        *(in_destination(action, access.ec2(IMAGE)) for action in ("ec2:CopyImage", "ec2:ModifyImageAttribute", "ec2:CreateTags")),
    ]


def encrypting(access: Access) -> list[Request]:
    """Reading the snapshot with the key of the build Region, and writing its copy with that of the other."""
    reading = ("kms:DescribeKey", "kms:Decrypt", "kms:ReEncryptFrom")
    writing = ("kms:DescribeKey", "kms:Encrypt", "kms:ReEncryptTo", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext")
    steps = [(access.build, action) for action in reading] + [(access.elsewhere, action) for action in writing]
    granting = [with_key(access, region, "kms:CreateGrant", **{"kms:GrantIsForAWSResource": "true"}) for region in access.keys]
    return [with_key(access, region, action) for region, action in steps] + granting


def with_key(access: Access, region: str, action: str, **context: str) -> Request:
    arn, policy = access.keys[region]
    return Request(action, arn, SOURCE, {"kms:ViaService": f"ec2.{region}.amazonaws.com", **context}, policy)


def pointing_templates(access: Access) -> list[Request]:
    template = access.ec2(TEMPLATE)
    return [
        in_destination("ec2:CreateLaunchTemplateVersion", template, **OURS),
        in_destination("ec2:ModifyLaunchTemplate", template, **OURS),
        in_destination("ec2:DescribeLaunchTemplates", "*"),
        in_destination("ec2:CreateTags", template, **MARKED),
    ]


def putting_parameters(access: Access) -> list[Request]:
    return [in_destination("ssm:PutParameter", access.parameter("/golden/web")), in_destination("ec2:DescribeImages", "*")]


def launching_fast(access: Access) -> list[Request]:
    """EnableFastLaunch, and the instance that EC2 runs for it in the name of the role."""
    marked = {"aws:RequestTag/CreatedBy": "EC2 Fast Launch"}
    image, snapshot, template = (access.ec2(resource) for resource in (IMAGE, SNAPSHOT, TEMPLATE))
    of_account = {kind: access.ec2(f"{kind}/x-0123456789abcdef0") for kind in ("instance", "volume", "subnet", "security-group")}
    return [
        *(in_destination("ec2:EnableFastLaunch", resource, **OURS) for resource in (image, template)),
        *(in_destination(f"ec2:{action}", "*") for action in ("DescribeFastLaunchImages", "DescribeImages", "DescribeLaunchTemplates")),
        *(
            in_destination("ec2:RunInstances", resource)
            for resource in (image, snapshot, template, of_account["subnet"], of_account["security-group"])
        ),
        *(in_destination("ec2:RunInstances", of_account[kind], **marked) for kind in ("instance", "volume")),
        *(in_destination("ec2:CreateTags", of_account[kind], **{"ec2:CreateAction": "RunInstances"}) for kind in ("instance", "volume")),
    ]


def cleaning_up(access: Access) -> list[Request]:
    """What a lifecycle policy does to images of this account."""
    actions = ("ec2:EnableImageDeprecation", "ec2:DisableImage", "ec2:DeregisterImage")
    return [
        in_destination("ec2:DescribeImages", "*"),
        *(in_destination(action, access.ec2(IMAGE), **OURS) for action in actions),
        in_destination("ec2:DeleteSnapshot", access.ec2(SNAPSHOT), **OURS),
    ]


@dataclass(frozen=True)
class Features:
    """What is asked of the modules, and what has to be allowed then."""

    does: Callable[[Access], list[Request]]
    keys: Mapping[str, Any] = field(default_factory=dict)
    roles: Mapping[str, Any] = field(default_factory=dict)
    role: str = ROLE


BY_ORGANIZATION: dict[str, Any] = {"destination_account_ids": []}
FEATURES = {
    "copies": Features(copying),
    "encrypted copies": Features(encrypting),
    "encrypted copies, multi-Region key": Features(encrypting, {"multi_region": True}),
    "encrypted copies, organization": Features(encrypting, {**BY_ORGANIZATION, "destination_organization_ids": [ORGANIZATION]}),
    "encrypted copies, organizational unit": Features(encrypting, {**BY_ORGANIZATION, "destination_organizational_unit_paths": [UNIT]}),
    "launch templates": Features(pointing_templates, roles={"launch_templates": True}),
    "parameters by prefix": Features(putting_parameters, roles={"ssm_parameter_prefixes": ["/golden/"]}),
    "parameters by name": Features(putting_parameters, roles={"ssm_parameter_names": ["/golden/web"]}),
    "fast launch": Features(launching_fast, roles={"fast_launch": True}),
    "lifecycle": Features(cleaning_up, roles={"lifecycle_role": True}, role=LIFECYCLE_ROLE),
}
ALL_ROLES = {"launch_templates": True, "ssm_parameter_prefixes": ["/golden/"], "fast_launch": True, "lifecycle_role": True}
FEATURES["everything"] = Features(
    lambda access: [*copying(access), *encrypting(access), *pointing_templates(access), *putting_parameters(access), *launching_fast(access)],
    {"multi_region": True},
    ALL_ROLES,
)


@dataclass(frozen=True)
class Story:
    """What there was when the destination had been given access, and after it was taken away."""

    features: Features
    given: Access
    taken: Access


def run(module: str, **options: Any) -> dict[str, Any]:
    """Run a module to its good end, without waiting for other writers, as there are none."""
    with patch.object(writing, "WINDOW", 0):
        result = in_process.run_module(f"ansible_collections.golden.imagebuilder.plugins.modules.{module}", options)
    assert not result.get("failed"), result
    return result


def target(regions: Sequence[str]) -> dict[str, Any]:
    return {"account_id": PAYMENTS, "name": "payments", "regions": list(regions), "assume_role_arn": "OrganizationAccountAccessRole"}


def give_access(regions: Sequence[str], keys: Mapping[str, Any], roles: Mapping[str, Any]) -> None:
    """Run both modules, for two Regions and one destination."""
    arns = [key["key_arn"] for key in run("source_keys", regions=list(regions), **keys)["source_keys"].values()]
    run("destination_roles", targets=[target(regions)], key_arns=arns, **roles)


@pytest.fixture(params=PARTITIONS, scope="module")
def partition(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=FEATURES, scope="module")
def story(request: pytest.FixtureRequest, partition: str) -> Story:
    """The access of two sources, then without that of the first."""
    features, regions = FEATURES[request.param], PARTITIONS[partition]
    keys = {"destination_account_ids": [PAYMENTS], **features.keys}
    nobody = {**keys, **{name: [] for name in keys if name.startswith("destination_")}}
    with emulate(accounts=[SOURCE, PAYMENTS, SECOND_SOURCE, STRANGER], seconds_per_state=0, region=regions[0]) as emulator:
        give_access(regions, keys, {"source_account_ids": [SOURCE, SECOND_SOURCE], **features.roles})
        given = read_access(emulator, partition)
        run("source_keys", regions=list(regions), **nobody, purge=True)
        run("destination_roles", targets=[target(regions)], source_account_ids=[SOURCE], **features.roles, state="absent")
        return Story(features, given, read_access(emulator, partition))


def refused(requests: Sequence[tuple[Principal, Request]]) -> list[tuple[str, str, str]]:
    """Those that are not allowed."""
    verdicts = policy_evaluator.allowed(requests)
    return [(who.arn, what.action, what.resource) for (who, what), allowed in zip(requests, verdicts, strict=True) if not allowed]


def all_refused(requests: Sequence[tuple[Principal, Request]]) -> bool:
    return bool(requests) and len(refused(requests)) == len(requests)


def becoming(access: Access, role: str = ROLE) -> Request:
    return Request("sts:AssumeRole", f"arn:{access.partition}:iam::{PAYMENTS}:role/{role}", PAYMENTS, policy=access.trusts[role])


# --- the judgement ---------------------------------------------------------------------------------------------------------------------------


def test_the_role_may_do_all_that_it_needs(story: Story) -> None:
    role = story.given.role(story.features.role, **MEMBER)
    assert refused([(role, request) for request in story.features.does(story.given)]) == []


def test_a_fourth_account_may_do_nothing(story: Story) -> None:
    """Not even with a role that has all that the destination's role has, nor its administrator."""
    needed = story.features.does(story.given)
    twin = story.given.role(story.features.role, STRANGER, **FOREIGNER)
    assert all_refused([(who, request) for who in (twin, story.given.administrator(STRANGER, **FOREIGNER)) for request in needed])


def test_another_role_of_the_destination_may_do_nothing(story: Story) -> None:
    """What the account is allowed at the key is for its administrators to hand on, and they have handed it to no other role."""
    another = story.given.somebody("Another/session", PAYMENTS, context=MEMBER)
    assert all_refused([(another, request) for request in story.features.does(story.given)])
    assert all_refused([(story.given.administrator(PAYMENTS, **MEMBER), becoming(story.given))])


def test_who_may_become_the_role(story: Story) -> None:
    access = story.given
    execution_role = access.somebody("Execution/session", SOURCE, [EVERYTHING])
    welcome = (access.service_linked_role(SOURCE), execution_role, access.service_linked_role(SECOND_SOURCE))
    assert refused([(who, becoming(access)) for who in welcome]) == []
    assert all_refused([(who, becoming(access)) for who in (access.service_linked_role(STRANGER), access.administrator(STRANGER))])


def test_nothing_is_left_once_the_account_is_removed(story: Story) -> None:
    """The other source keeps what is its own."""
    after = story.taken
    gone = [(after.service_linked_role(SOURCE), becoming(after)), (after.administrator(SOURCE), becoming(after))]
    keys = encrypting(after)
    gone += [(who, request) for who in (after.role(**MEMBER), after.administrator(PAYMENTS, **MEMBER)) for request in keys]
    assert all_refused(gone)
    assert refused([(after.service_linked_role(SECOND_SOURCE), becoming(after))]) == []
    mine = [request for request in story.features.does(after) if not request.action.startswith("kms:")]
    assert refused([(after.role(story.features.role, **MEMBER), request) for request in mine]) == []


def test_the_source_itself_keeps_its_keys(story: Story) -> None:
    """The service-linked role encrypts what is built, before and after."""
    for access in (story.given, story.taken):
        assert refused([(access.service_linked_role(SOURCE), with_key(access, region, "kms:DescribeKey")) for region in access.keys]) == []
        assert refused([(access.administrator(SOURCE), with_key(access, region, "kms:PutKeyPolicy")) for region in access.keys]) == []


def test_nothing_is_of_another_partition(story: Story) -> None:
    """Neither a principal, whose partition the evaluator takes for granted, nor a resource that no judgement is about.

    How China calls EC2 in kms:ViaService is documented nowhere, so nothing may depend on it.
    """
    access = story.given
    written = json.dumps([*access.trusts.values(), *access.identities.values(), *access.keys.values()])
    assert set(re.findall(r"arn:([\w*-]+):", written)) == {access.partition}
    assert "kms:ViaService" not in json.dumps([policy for _arn, policy in access.keys.values()])


@pytest.fixture(scope="module")
def access(partition: str) -> Access:
    """With all features."""
    regions = PARTITIONS[partition]
    with emulate(accounts=[SOURCE, PAYMENTS], seconds_per_state=0, region=regions[0]) as emulator:
        give_access(regions, {"destination_account_ids": [PAYMENTS]}, {"source_account_ids": [SOURCE], **ALL_ROLES})
        return read_access(emulator, partition)


class TestLimits:
    """What must be refused to the role itself."""

    def test_beyond_what_was_asked_for(self, access: Access) -> None:
        arn, policy = access.keys[access.build]
        template = access.ec2(TEMPLATE)
        other_key = replace(with_key(access, access.build, "kms:Decrypt"), resource=arn[:-1] + ("0" if arn[-1] != "0" else "1"))
        beyond = [
            in_destination("ssm:PutParameter", access.parameter("/goldenrod")),
            in_destination("ssm:PutParameter", access.parameter("/database/password")),
            in_destination("ssm:GetParameter", access.parameter("/golden/web")),
            in_destination("ec2:CreateLaunchTemplateVersion", template),
            in_destination("ec2:ModifyLaunchTemplate", template, **{"aws:ResourceTag/CreatedBy": "somebody"}),
            in_destination("ec2:CreateTags", template, **{"aws:RequestTag/CreatedBy": "somebody"}),
            in_destination("ec2:DeregisterImage", access.ec2(IMAGE)),
            in_destination("ec2:RunInstances", access.ec2("instance/i-0123456789abcdef0")),
            in_destination("iam:PassRole", f"arn:{access.partition}:iam::{PAYMENTS}:role/Administrator"),
            with_key(access, access.build, "kms:CreateGrant", **{"kms:GrantIsForAWSResource": "false"}),
            with_key(access, access.build, "kms:PutKeyPolicy"),
            with_key(access, access.build, "kms:ScheduleKeyDeletion"),
            other_key,
        ]
        assert policy
        assert all_refused([(access.role(), request) for request in beyond])

    def test_the_lifecycle_role_is_for_the_service_on_behalf_of_the_source(self, access: Access) -> None:
        service = Principal("imagebuilder.amazonaws.com")

        def on_behalf_of(account_id: str) -> tuple[Principal, Request]:
            arn = f"arn:{access.partition}:imagebuilder:{access.build}:{account_id}:image/web/1.0.0/1"
            return service, replace(becoming(access, LIFECYCLE_ROLE), context={"aws:SourceAccount": account_id, "aws:SourceArn": arn})

        assert refused([on_behalf_of(SOURCE)]) == []
        strangers = [(who, becoming(access, LIFECYCLE_ROLE)) for who in (access.service_linked_role(SOURCE), access.administrator(PAYMENTS))]
        assert all_refused([on_behalf_of(STRANGER), *strangers])
        assert all_refused([(access.role(LIFECYCLE_ROLE), in_destination("ec2:DeregisterImage", access.ec2(IMAGE)))])


def test_build_instances(partition: str) -> None:
    """A role that the key policy names needs no policy of its own; others of the source do."""
    build, *_others = PARTITIONS[partition]
    with emulate(accounts=[SOURCE, PAYMENTS], seconds_per_state=0, region=build) as emulator:
        emulator.client(SOURCE, "iam").create_role(RoleName="Builder", AssumeRolePolicyDocument=json.dumps({**EVERYTHING, "Statement": []}))
        arn = f"arn:{partition}:iam::{SOURCE}:role/Builder"
        run("source_keys", regions=[build], destination_account_ids=[], build_instance_role_arns=[arn])
        key, policy = read_key(emulator, build)
    use = [Request(action, key, SOURCE, policy=policy) for action in ("kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey")]
    builder, another = (Principal(f"arn:{partition}:sts::{SOURCE}:assumed-role/{name}/session") for name in ("Builder", "Another"))
    assert refused([(builder, request) for request in use]) == []
    assert all_refused([(another, request) for request in use])


def test_the_evaluator_does_not_guess() -> None:
    administrator = Principal(f"arn:aws:sts::{SOURCE}:assumed-role/Administrator/session", [EVERYTHING])
    with pytest.raises(ValueError, match=r"invalid\.action"):
        policy_evaluator.allowed([(administrator, Request("kms:Open", "*", SOURCE))])
    image = f"arn:aws:ec2:us-west-2::{IMAGE}"
    with pytest.raises(ValueError, match="kms:ViaService does not come"):
        policy_evaluator.allowed([(administrator, in_destination("ec2:CopyImage", image, **{"kms:ViaService": "x"}))])


def test_the_evaluator_compares_partitions_of_resources(access: Access) -> None:
    """What is allowed in one partition is allowed in no other, so none of the judgements above holds by chance."""
    other = replace(access, partition=next(partition for partition in PARTITIONS if partition != access.partition))
    parameter = in_destination("ssm:PutParameter", access.parameter("/golden/web"))
    assert refused([(access.role(), parameter)]) == []
    assert all_refused([(access.role(), replace(parameter, resource=other.parameter("/golden/web")))])
