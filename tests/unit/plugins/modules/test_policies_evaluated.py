# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The policies that the modules leave behind, judged by an evaluator that is not ours: they allow what a delivery does, and nobody else anything.

What Image Builder does where is told by "Set up cross-account AMI distribution" of its user guide, by the policy of its service-linked role,
and for the keys by "How Amazon EBS uses AWS KMS".
"""

from __future__ import annotations

import json
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
REGIONS = BUILD, ELSEWHERE = "us-west-2", "eu-west-1"
ROLE, LIFECYCLE_ROLE = "EC2ImageBuilderDistributionCrossAccountRole", "Ec2ImageBuilderCrossAccountLifecycleAccess"
TARGET = {"account_id": PAYMENTS, "name": "payments", "regions": list(REGIONS), "assume_role_arn": "OrganizationAccountAccessRole"}
ORGANIZATION, UNIT = "o-golden12345", "o-golden12345/r-ab12/ou-ab12-11111111"
MEMBER: dict[str, Any] = {"aws:PrincipalOrgID": ORGANIZATION, "aws:PrincipalOrgPaths": [f"{UNIT}/ou-ab12-22222222/"]}
FOREIGNER: dict[str, Any] = {"aws:PrincipalOrgID": "o-another1234", "aws:PrincipalOrgPaths": ["o-another1234/r-ab12/ou-ab12-11111111/"]}
EVERYTHING = json.loads(managed_policies.document("AdministratorAccess"))

IMAGE = f"arn:aws:ec2:{ELSEWHERE}::image/ami-0123456789abcdef0"
SNAPSHOT = f"arn:aws:ec2:{ELSEWHERE}::snapshot/snap-0123456789abcdef0"
TEMPLATE = f"arn:aws:ec2:{ELSEWHERE}:{PAYMENTS}:launch-template/lt-0123456789abcdef0"
PARAMETER = f"arn:aws:ssm:{ELSEWHERE}:{PAYMENTS}:parameter"
OURS = {"aws:ResourceTag/CreatedBy": "EC2 Image Builder"}
MARKED = {"aws:RequestTag/CreatedBy": "EC2 Image Builder"}


# --- what the modules leave behind -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Access:
    """The policies of the destination's roles, by role, and of the source's keys, by Region."""

    trusts: Mapping[str, Policy]
    identities: Mapping[str, Sequence[Policy]]
    keys: Mapping[str, tuple[str, Policy]]  # Region -> ARN of the key and its policy

    def role(self, name: str = ROLE, account_id: str = PAYMENTS, **context: Any) -> Principal:
        """A role that has what the destination's role of that name has."""
        return Principal(f"arn:aws:sts::{account_id}:assumed-role/{name}/EC2ImageBuilder", self.identities.get(name, ()), context)


def read_role(emulator: InProcessEmulator, name: str) -> tuple[Policy, list[Policy]]:
    iam = emulator.client(PAYMENTS, "iam")
    attached = [policy["PolicyName"] for policy in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]]
    inline = iam.list_role_policies(RoleName=name)["PolicyNames"]
    documents = [json.loads(managed_policies.document(policy)) for policy in attached]
    documents += [iam.get_role_policy(RoleName=name, PolicyName=policy)["PolicyDocument"] for policy in inline]
    return iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"], documents


def read_key(emulator: InProcessEmulator, region: str) -> tuple[str, Policy]:
    kms = emulator.client(SOURCE, "kms", region)
    arn = kms.describe_key(KeyId="alias/golden-imagebuilder")["KeyMetadata"]["Arn"]
    return arn, json.loads(kms.get_key_policy(KeyId=arn, PolicyName="default")["Policy"])


def read_access(emulator: InProcessEmulator) -> Access:
    names = [role["RoleName"] for role in emulator.client(PAYMENTS, "iam").list_roles()["Roles"] if role["RoleName"] in (ROLE, LIFECYCLE_ROLE)]
    roles = {name: read_role(emulator, name) for name in names}
    return Access(
        {name: trust for name, (trust, _documents) in roles.items()},
        {name: documents for name, (_trust, documents) in roles.items()},
        {region: read_key(emulator, region) for region in REGIONS},
    )


# --- what a delivery does --------------------------------------------------------------------------------------------------------------------


def in_destination(action: str, resource: str, **context: str) -> Request:
    return Request(action, resource, PAYMENTS, context)


def copying(_access: Access) -> list[Request]:
    """DescribeImages and CopyImage, then name, tags and launch permissions of the copy."""
    return [
        in_destination("ec2:DescribeImages", "*"),
        *(in_destination(action, IMAGE) for action in ("ec2:CopyImage", "ec2:ModifyImageAttribute", "ec2:CreateTags")),
    ]


def encrypting(access: Access) -> list[Request]:
    """Reading the snapshot with the key of the build Region, and writing its copy with that of the other."""
    reading = ("kms:DescribeKey", "kms:Decrypt", "kms:ReEncryptFrom")
    writing = ("kms:DescribeKey", "kms:Encrypt", "kms:ReEncryptTo", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext")
    steps = [(BUILD, action) for action in reading] + [(ELSEWHERE, action) for action in writing]
    granting = [with_key(access, region, "kms:CreateGrant", **{"kms:GrantIsForAWSResource": "true"}) for region in REGIONS]
    return [with_key(access, region, action) for region, action in steps] + granting


def with_key(access: Access, region: str, action: str, **context: str) -> Request:
    arn, policy = access.keys[region]
    return Request(action, arn, SOURCE, {"kms:ViaService": f"ec2.{region}.amazonaws.com", **context}, policy)


def pointing_templates(_access: Access) -> list[Request]:
    return [
        in_destination("ec2:CreateLaunchTemplateVersion", TEMPLATE, **OURS),
        in_destination("ec2:ModifyLaunchTemplate", TEMPLATE, **OURS),
        in_destination("ec2:DescribeLaunchTemplates", "*"),
        in_destination("ec2:CreateTags", TEMPLATE, **MARKED),
    ]


def putting_parameters(_access: Access) -> list[Request]:
    return [in_destination("ssm:PutParameter", f"{PARAMETER}/golden/web"), in_destination("ec2:DescribeImages", "*")]


def launching_fast(_access: Access) -> list[Request]:
    """EnableFastLaunch, and the instance that EC2 runs for it in the name of the role."""
    marked = {"aws:RequestTag/CreatedBy": "EC2 Fast Launch"}
    of_account = {
        kind: f"arn:aws:ec2:{ELSEWHERE}:{PAYMENTS}:{kind}/x-0123456789abcdef0" for kind in ("instance", "volume", "subnet", "security-group")
    }
    return [
        *(in_destination("ec2:EnableFastLaunch", resource, **OURS) for resource in (IMAGE, TEMPLATE)),
        *(in_destination(f"ec2:{action}", "*") for action in ("DescribeFastLaunchImages", "DescribeImages", "DescribeLaunchTemplates")),
        *(
            in_destination("ec2:RunInstances", resource)
            for resource in (IMAGE, SNAPSHOT, TEMPLATE, of_account["subnet"], of_account["security-group"])
        ),
        *(in_destination("ec2:RunInstances", of_account[kind], **marked) for kind in ("instance", "volume")),
        *(in_destination("ec2:CreateTags", of_account[kind], **{"ec2:CreateAction": "RunInstances"}) for kind in ("instance", "volume")),
    ]


def cleaning_up(_access: Access) -> list[Request]:
    """What a lifecycle policy does to images of this account."""
    actions = ("ec2:EnableImageDeprecation", "ec2:DisableImage", "ec2:DeregisterImage")
    return [
        in_destination("ec2:DescribeImages", "*"),
        *(in_destination(action, IMAGE, **OURS) for action in actions),
        in_destination("ec2:DeleteSnapshot", SNAPSHOT, **OURS),
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


def give_access(keys: Mapping[str, Any], roles: Mapping[str, Any]) -> list[str]:
    """Run both modules, for two Regions and one destination; the ARNs of the keys."""
    arns = [key["key_arn"] for key in run("source_keys", regions=list(REGIONS), **keys)["source_keys"].values()]
    run("destination_roles", targets=[TARGET], key_arns=arns, **roles)
    return arns


@pytest.fixture(params=FEATURES, scope="module")
def story(request: pytest.FixtureRequest) -> Story:
    """The access of two sources, then without that of the first."""
    features = FEATURES[request.param]
    keys = {"destination_account_ids": [PAYMENTS], **features.keys}
    nobody = {**keys, **{name: [] for name in keys if name.startswith("destination_")}}
    with emulate(accounts=[SOURCE, PAYMENTS, SECOND_SOURCE, STRANGER], seconds_per_state=0) as emulator:
        give_access(keys, {"source_account_ids": [SOURCE, SECOND_SOURCE], **features.roles})
        given = read_access(emulator)
        run("source_keys", regions=list(REGIONS), **nobody, purge=True)
        run("destination_roles", targets=[TARGET], source_account_ids=[SOURCE], **features.roles, state="absent")
        return Story(features, given, read_access(emulator))


def refused(requests: Sequence[tuple[Principal, Request]]) -> list[tuple[str, str, str]]:
    """Those that are not allowed."""
    verdicts = policy_evaluator.allowed(requests)
    return [(who.arn, what.action, what.resource) for (who, what), allowed in zip(requests, verdicts, strict=True) if not allowed]


def all_refused(requests: Sequence[tuple[Principal, Request]]) -> bool:
    return bool(requests) and len(refused(requests)) == len(requests)


def becoming(access: Access, role: str = ROLE) -> Request:
    return Request("sts:AssumeRole", f"arn:aws:iam::{PAYMENTS}:role/{role}", PAYMENTS, policy=access.trusts[role])


def service_linked_role(account_id: str) -> Principal:
    """Who comes for a delivery."""
    session = f"arn:aws:sts::{account_id}:assumed-role/AWSServiceRoleForImageBuilder/EC2ImageBuilder"
    return Principal(session, [json.loads(managed_policies.document("AWSServiceRoleForImageBuilder"))])


def administrator(account_id: str, **context: Any) -> Principal:
    return Principal(f"arn:aws:sts::{account_id}:assumed-role/Administrator/session", [EVERYTHING], context)


# --- the judgement ---------------------------------------------------------------------------------------------------------------------------


def test_the_role_may_do_all_that_it_needs(story: Story) -> None:
    role = story.given.role(story.features.role, **MEMBER)
    assert refused([(role, request) for request in story.features.does(story.given)]) == []


def test_a_fourth_account_may_do_nothing(story: Story) -> None:
    """Not even with a role that has all that the destination's role has, nor its administrator."""
    needed = story.features.does(story.given)
    twin = story.given.role(story.features.role, STRANGER, **FOREIGNER)
    assert all_refused([(who, request) for who in (twin, administrator(STRANGER, **FOREIGNER)) for request in needed])


def test_another_role_of_the_destination_may_do_nothing(story: Story) -> None:
    """What the account is allowed at the key is for its administrators to hand on, and they have handed it to no other role."""
    another = Principal(f"arn:aws:sts::{PAYMENTS}:assumed-role/Another/session", [], MEMBER)
    assert all_refused([(another, request) for request in story.features.does(story.given)])
    assert all_refused([(administrator(PAYMENTS, **MEMBER), becoming(story.given))])


def test_who_may_become_the_role(story: Story) -> None:
    execution_role = Principal(f"arn:aws:sts::{SOURCE}:assumed-role/Execution/session", [EVERYTHING])
    assert refused([(who, becoming(story.given)) for who in (service_linked_role(SOURCE), execution_role, service_linked_role(SECOND_SOURCE))]) == []
    assert all_refused([(who, becoming(story.given)) for who in (service_linked_role(STRANGER), administrator(STRANGER))])


def test_nothing_is_left_once_the_account_is_removed(story: Story) -> None:
    """The other source keeps what is its own."""
    after = story.taken
    gone = [(service_linked_role(SOURCE), becoming(after)), (administrator(SOURCE), becoming(after))]
    keys = encrypting(after)
    gone += [(who, request) for who in (after.role(**MEMBER), administrator(PAYMENTS, **MEMBER)) for request in keys]
    assert all_refused(gone)
    assert refused([(service_linked_role(SECOND_SOURCE), becoming(after))]) == []
    mine = [request for request in story.features.does(after) if not request.action.startswith("kms:")]
    assert refused([(after.role(story.features.role, **MEMBER), request) for request in mine]) == []


def test_the_source_itself_keeps_its_keys(story: Story) -> None:
    """The service-linked role encrypts what is built, before and after."""
    for access in (story.given, story.taken):
        assert refused([(service_linked_role(SOURCE), with_key(access, region, "kms:DescribeKey")) for region in REGIONS]) == []
        assert refused([(administrator(SOURCE), with_key(access, region, "kms:PutKeyPolicy")) for region in REGIONS]) == []


@pytest.fixture(scope="module")
def access() -> Access:
    """With all features."""
    with emulate(accounts=[SOURCE, PAYMENTS], seconds_per_state=0) as emulator:
        give_access({"destination_account_ids": [PAYMENTS]}, {"source_account_ids": [SOURCE], **ALL_ROLES})
        return read_access(emulator)


class TestLimits:
    """What must be refused to the role itself."""

    def test_beyond_what_was_asked_for(self, access: Access) -> None:
        arn, policy = access.keys[BUILD]
        other_key = replace(with_key(access, BUILD, "kms:Decrypt"), resource=arn[:-1] + ("0" if arn[-1] != "0" else "1"))
        beyond = [
            in_destination("ssm:PutParameter", f"{PARAMETER}/goldenrod"),
            in_destination("ssm:PutParameter", f"{PARAMETER}/database/password"),
            in_destination("ssm:GetParameter", f"{PARAMETER}/golden/web"),
            in_destination("ec2:CreateLaunchTemplateVersion", TEMPLATE),
            in_destination("ec2:ModifyLaunchTemplate", TEMPLATE, **{"aws:ResourceTag/CreatedBy": "somebody"}),
            in_destination("ec2:CreateTags", TEMPLATE, **{"aws:RequestTag/CreatedBy": "somebody"}),
            in_destination("ec2:DeregisterImage", IMAGE),
            in_destination("ec2:RunInstances", f"arn:aws:ec2:{ELSEWHERE}:{PAYMENTS}:instance/i-0123456789abcdef0"),
            in_destination("iam:PassRole", f"arn:aws:iam::{PAYMENTS}:role/Administrator"),
            with_key(access, BUILD, "kms:CreateGrant", **{"kms:GrantIsForAWSResource": "false"}),
            with_key(access, BUILD, "kms:PutKeyPolicy"),
            with_key(access, BUILD, "kms:ScheduleKeyDeletion"),
            other_key,
        ]
        assert policy
        assert all_refused([(access.role(), request) for request in beyond])

    def test_the_lifecycle_role_is_for_the_service_on_behalf_of_the_source(self, access: Access) -> None:
        service = Principal("imagebuilder.amazonaws.com")

        def on_behalf_of(account_id: str) -> tuple[Principal, Request]:
            arn = f"arn:aws:imagebuilder:{BUILD}:{account_id}:image/web/1.0.0/1"
            return service, replace(becoming(access, LIFECYCLE_ROLE), context={"aws:SourceAccount": account_id, "aws:SourceArn": arn})

        assert refused([on_behalf_of(SOURCE)]) == []
        strangers = [(who, becoming(access, LIFECYCLE_ROLE)) for who in (service_linked_role(SOURCE), administrator(PAYMENTS))]
        assert all_refused([on_behalf_of(STRANGER), *strangers])
        assert all_refused([(access.role(LIFECYCLE_ROLE), in_destination("ec2:DeregisterImage", IMAGE))])


def test_build_instances() -> None:
    """A role that the key policy names needs no policy of its own; others of the source do."""
    with emulate(accounts=[SOURCE, PAYMENTS], seconds_per_state=0) as emulator:
        emulator.client(SOURCE, "iam").create_role(RoleName="Builder", AssumeRolePolicyDocument=json.dumps({**EVERYTHING, "Statement": []}))
        arn = f"arn:aws:iam::{SOURCE}:role/Builder"
        run("source_keys", regions=list(REGIONS), destination_account_ids=[], build_instance_role_arns=[arn])
        key, policy = read_key(emulator, BUILD)
    use = [Request(action, key, SOURCE, policy=policy) for action in ("kms:Encrypt", "kms:Decrypt", "kms:GenerateDataKey", "kms:DescribeKey")]
    builder, another = (Principal(f"arn:aws:sts::{SOURCE}:assumed-role/{name}/session") for name in ("Builder", "Another"))
    assert refused([(builder, request) for request in use]) == []
    assert all_refused([(another, request) for request in use])


def test_the_evaluator_does_not_guess() -> None:
    with pytest.raises(ValueError, match=r"invalid\.action"):
        policy_evaluator.allowed([(administrator(SOURCE), Request("kms:Open", "*", SOURCE))])
    with pytest.raises(ValueError, match="kms:ViaService does not come"):
        policy_evaluator.allowed([(administrator(SOURCE), in_destination("ec2:CopyImage", IMAGE, **{"kms:ViaService": "x"}))])
