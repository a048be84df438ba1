# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The table of cases by which evaluators of policies are held to AWS's rules, and in which of them others than ours are known to differ.

A case whose outcome is `unknown` is one in which something is not known; only ours has that answer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Document = Mapping[str, Any]

SOURCE, OTHER = "111111111111", "222222222222"
ROLE = f"arn:aws:iam::{OTHER}:role/Distribution"
PATHED_ROLE = f"arn:aws:iam::{OTHER}:role/team/blue/Distribution"
SESSION = f"arn:aws:sts::{OTHER}:assumed-role/Distribution/EC2ImageBuilder"
USER = f"arn:aws:iam::{OTHER}:user/Ann"
ROOT = f"arn:aws:iam::{OTHER}:root"
OWN_ROLE = f"arn:aws:iam::{SOURCE}:role/Builder"
OWN_ROOT = f"arn:aws:iam::{SOURCE}:root"
OWN_SERVICE_LINKED = f"arn:aws:iam::{SOURCE}:role/aws-service-role/imagebuilder.amazonaws.com/AWSServiceRoleForImageBuilder"
SERVICE = "imagebuilder.amazonaws.com"
KEY = f"arn:aws:kms:us-west-2:{SOURCE}:key/11111111-2222-3333-4444-555555555555"
TARGET_ROLE = f"arn:aws:iam::{OTHER}:role/Target"
IMAGE = "arn:aws:ec2:eu-west-1::image/ami-0123456789abcdef0"
PARAMETER = f"arn:aws:ssm:eu-west-1:{OTHER}:parameter/golden/web"


@dataclass(frozen=True)
class Case:
    """A request, the policies, and what AWS makes of it."""

    name: str
    outcome: str
    action: str = "ec2:CreateTags"
    resource: str = IMAGE
    principal: str = ROLE
    owner: str = OTHER  # of the resource
    identity: Sequence[Any] = ()
    policy: Any = None  # of the resource
    boundary: Any = None
    service_control: Sequence[Sequence[Document]] = ()
    resource_control: Sequence[Sequence[Document]] = ()
    context: Mapping[str, Any] = field(default_factory=dict)
    complete: Sequence[str] = ("*",)  # as the other evaluators take it: what is not in the context is not in the request

    @property
    def account(self) -> str:
        """The account of who asks."""
        return self.principal.split(":")[4] if self.principal.startswith("arn:") else ""


def statement(effect: str = "Allow", *, action: Any = "*", resource: Any = "*", **more: Any) -> dict[str, Any]:
    """A statement; what is None is left out."""
    body = {"Effect": effect, "Action": action, "Resource": resource, **more}
    return {key: value for key, value in body.items() if value is not None}


def document(*statements: Document, version: str = "2012-10-17") -> dict[str, Any]:
    return {"Version": version, "Statement": list(statements)}


def allow(**more: Any) -> dict[str, Any]:
    return document(statement(**more))


def to(*principals: str, effect: str = "Allow", **more: Any) -> dict[str, Any]:
    """A statement of a resource's policy."""
    return statement(effect, Principal={"AWS": list(principals)}, **more)


NOTHING = document(statement(action="s3:ListAllMyBuckets"))
EVERYTHING = allow()
EVERYTHING_FOR_ALL = allow(Principal="*")  # the resource control policy that AWS attaches everywhere


# --- actions, resources, effects -------------------------------------------------------------------------------------------------------------


def _ec2(name: str, outcome: str, *statements: Document, version: str = "2012-10-17", **more: Any) -> Case:
    return Case(name, outcome, identity=[document(*statements, version=version)], **more)


_LISTING = [
    _ec2("nothing is said", "denied", statement(action="ec2:CopyImage")),
    _ec2("an action by name", "allowed", statement(action="ec2:CreateTags")),
    _ec2("actions fold case", "allowed", statement(action="EC2:createtags")),
    _ec2("a star in an action", "allowed", statement(action="ec2:Create*")),
    _ec2("a star in the middle of an action", "allowed", statement(action="ec2:*Tags")),
    _ec2("a question mark is one character", "allowed", statement(action="ec2:CreateTag?")),
    _ec2("a question mark is no empty text", "denied", statement(action="ec2:CreateTags?")),
    _ec2("all actions of another service", "denied", statement(action="kms:*")),
    _ec2("one of several actions", "allowed", statement(action=["kms:*", "ec2:CreateTags"])),
    _ec2("all actions but others", "allowed", statement(action=None, NotAction=["iam:*", "ec2:CopyImage"])),
    _ec2("all actions but this", "denied", statement(action=None, NotAction=["iam:*", "ec2:Create*"])),
    _ec2("a deny of all actions but others", "denied", statement(), statement("Deny", action=None, NotAction="iam:*")),
    _ec2("a deny of all actions but this", "allowed", statement(), statement("Deny", action=None, NotAction="ec2:*")),
    _ec2("a resource by ARN", "allowed", statement(resource=IMAGE)),
    _ec2("another resource", "denied", statement(resource=IMAGE.replace("0123", "9999"))),
    _ec2("resources mind the case", "denied", statement(resource=IMAGE.replace("ami-", "AMI-"))),
    _ec2("a star in a resource", "allowed", statement(resource="arn:aws:ec2:*::image/*")),
    _ec2("a star stays in its part of the ARN", "denied", statement(resource="arn:aws:ec2:*image/*:x:y")),
    _ec2("a resource of another Region", "denied", statement(resource="arn:aws:ec2:us-west-2::image/*")),
    _ec2("an ARN without its last parts", "allowed", statement(resource="arn:aws:ec2")),
    _ec2("an ARN that ends in a star", "allowed", statement(resource="arn:aws:ec2:*")),
    _ec2("one of several resources", "allowed", statement(resource=["arn:aws:ec2:*:*:volume/*", "arn:aws:ec2:*::image/*"])),
    _ec2("all resources but others", "allowed", statement(resource=None, NotResource="arn:aws:ec2:*:*:volume/*")),
    _ec2("all resources but this", "denied", statement(resource=None, NotResource="arn:aws:ec2:*::image/*")),
    _ec2("a deny of all resources but this", "allowed", statement(), statement("Deny", resource=None, NotResource="arn:aws:ec2:*::image/*")),
    _ec2("a deny of all resources but others", "denied", statement(), statement("Deny", resource=None, NotResource="arn:aws:ec2:*:*:volume/*")),
    _ec2("an explicit deny before", "denied", statement("Deny", action="ec2:CreateTags"), statement()),
    _ec2("an explicit deny after", "denied", statement(), statement("Deny", action="ec2:CreateTags")),
    _ec2("a deny of another action", "allowed", statement(), statement("Deny", action="ec2:CopyImage")),
    Case("a deny in another policy", "denied", identity=[EVERYTHING, allow(effect="Deny", action="ec2:*")]),
    Case("an allow in another policy", "allowed", identity=[NOTHING, allow(action="ec2:*")]),
    Case("a single statement without a list", "allowed", identity=[{"Version": "2012-10-17", "Statement": statement()}]),
    Case("the older version", "allowed", identity=[document(statement(), version="2008-10-17")]),
    Case("an action without resources", "allowed", action="ec2:DescribeImages", resource="*", identity=[allow()]),
    Case("an action without resources, allowed on some", "denied", action="ec2:DescribeImages", resource="*", identity=[allow(resource=IMAGE)]),
    Case(
        "an action without resources, denied on some",
        "allowed",
        action="ec2:DescribeImages",
        resource="*",
        identity=[document(statement(), statement("Deny", resource="arn:aws:ec2:*::image/*"))],
    ),
    Case(
        "colons in the last part",
        "allowed",
        "logs:PutLogEvents",
        f"arn:aws:logs:eu-west-1:{OTHER}:log-group:/aws/imagebuilder/web:log-stream:x",
        identity=[allow(resource="arn:aws:logs:*:*:log-group:/aws/imagebuilder/*")],
    ),
]


# --- conditions ------------------------------------------------------------------------------------------------------------------------------

TEAM, IP, NOW, AGE, TLS, TAGS, WHO = (
    "aws:RequestTag/Team",
    "aws:SourceIp",
    "aws:CurrentTime",
    "aws:MultiFactorAuthAge",
    "aws:SecureTransport",
    "aws:TagKeys",
    "aws:PrincipalArn",
)


def _if(
    outcome: str, operator: str, key: str, wanted: Any, given: Any, *, effect: str = "Allow", version: str = "2012-10-17", **context: Any
) -> Case:
    """A case in which all hangs on one condition; a key that is given None is not there."""
    shown = "no value" if given is None else given
    extra = f" ({', '.join(f'{name}={value}' for name, value in context.items())})" if context else ""
    name = f"{effect} if {operator} {key} {wanted}: {shown}{extra}{'' if version == '2012-10-17' else f', version {version}'}"
    conditional = statement(effect, Condition={operator: {key: wanted}})
    statements = [conditional] if effect == "Allow" else [statement(), conditional]
    keys = {**({} if given is None else {key: given}), **{name.replace("__", "/").replace("_", ":"): value for name, value in context.items()}}
    return Case(name, outcome, identity=[document(*statements, version=version)], context=keys)


_SINGLE = [
    _if("allowed", "StringEquals", TEAM, "blue", "blue"),
    _if("denied", "StringEquals", TEAM, "blue", "Blue"),
    _if("denied", "StringEquals", TEAM, "bl*", "blue"),
    _if("allowed", "StringEquals", TEAM, ["red", "blue"], "blue"),
    _if("denied", "StringEquals", TEAM, "blue", None),
    _if("allowed", "StringEquals", "AWS:requesttag/TEAM", "blue", "blue"),
    _if("allowed", "StringNotEquals", TEAM, "red", "blue"),
    _if("denied", "StringNotEquals", TEAM, ["red", "blue"], "blue"),
    _if("allowed", "StringNotEquals", TEAM, "blue", None),
    _if("allowed", "StringEqualsIgnoreCase", TEAM, "BLUE", "blue"),
    _if("denied", "StringEqualsIgnoreCase", TEAM, "BLUE", "red"),
    _if("denied", "StringNotEqualsIgnoreCase", TEAM, "BLUE", "blue"),
    _if("allowed", "StringNotEqualsIgnoreCase", TEAM, "BLUE", "red"),
    _if("allowed", "StringLike", TEAM, "bl*", "blue"),
    _if("allowed", "StringLike", TEAM, "bl?e", "blue"),
    _if("denied", "StringLike", TEAM, "BL*", "blue"),
    _if("denied", "StringLike", TEAM, "bl?", "blue"),
    _if("allowed", "StringLike", TEAM, "*", ""),
    _if("denied", "StringLike", TEAM, "a.c", "abc"),
    _if("allowed", "StringLike", TEAM, "a${*}c", "a*c"),
    _if("denied", "StringLike", TEAM, "a${*}c", "abc"),
    _if("allowed", "StringEquals", TEAM, "${$}5", "$5"),
    _if("denied", "StringNotLike", TEAM, "bl*", "blue"),
    _if("allowed", "StringNotLike", TEAM, "bl*", "red"),
    _if("allowed", "NumericEquals", AGE, "300", "300.0"),
    _if("denied", "NumericEquals", AGE, "300", "301"),
    _if("allowed", "NumericNotEquals", AGE, "300", "301"),
    _if("denied", "NumericNotEquals", AGE, ["300", "301"], "301"),
    _if("allowed", "NumericLessThan", AGE, "300", "299"),
    _if("denied", "NumericLessThan", AGE, "300", "300"),
    _if("allowed", "NumericLessThanEquals", AGE, "300", "300"),
    _if("denied", "NumericLessThanEquals", AGE, "300", "301"),
    _if("allowed", "NumericGreaterThan", AGE, "300", "1000"),
    _if("denied", "NumericGreaterThan", AGE, "300", "300"),
    _if("allowed", "NumericGreaterThanEquals", AGE, "300", "300"),
    _if("denied", "NumericGreaterThanEquals", AGE, "300", "99"),
    _if("denied", "NumericLessThan", AGE, "300", None),
    _if("allowed", "NumericLessThanIfExists", AGE, "300", None),
    _if("denied", "NumericLessThanIfExists", AGE, "300", "301"),
    _if("allowed", "NumericLessThan", AGE, 301, "300"),
    _if("denied", "NumericEquals", AGE, "300", "many"),
    _if("denied", "NumericNotEquals", AGE, "300", "many"),
    _if("allowed", "DateEquals", NOW, "2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"),
    _if("allowed", "DateNotEquals", NOW, "2026-01-02T03:04:05Z", "2026-01-02T03:04:06Z"),
    _if("allowed", "DateGreaterThan", NOW, "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"),
    _if("denied", "DateGreaterThan", NOW, "2026-01-02T00:00:00Z", "2026-01-02T00:00:00Z"),
    _if("allowed", "DateGreaterThanEquals", NOW, "2026-01-02T00:00:00Z", "2026-01-02T00:00:00Z"),
    _if("allowed", "DateLessThan", NOW, "2026-01-03T00:00:00Z", "2026-01-02T00:00:00Z"),
    _if("denied", "DateLessThan", NOW, "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z"),
    _if("allowed", "DateLessThanEquals", NOW, "2026-01-02T00:00:00Z", "2026-01-02T00:00:00Z"),
    _if("allowed", "DateLessThan", NOW, "1800000000", "2026-01-02T00:00:00Z"),
    _if("denied", "DateLessThan", NOW, "2026-01-03T00:00:00Z", "yesterday"),
    _if("allowed", "Bool", TLS, "true", "true"),
    _if("denied", "Bool", TLS, False, "true"),
    _if("allowed", "Bool", TLS, "True", "true"),
    _if("denied", "Bool", TLS, "true", "false"),
    _if("denied", "Bool", "aws:ViaAWSService", "true", None),
    _if("allowed", "BoolIfExists", "aws:ViaAWSService", "true", None),
    _if("denied", "BoolIfExists", "aws:ViaAWSService", "true", "false"),
    _if("denied", "Bool", TLS, "false", "false", effect="Deny"),
    _if("allowed", "Bool", TLS, "false", "true", effect="Deny"),
    _if("allowed", "BinaryEquals", TEAM, "QmxhY2s=", "QmxhY2s="),
    _if("denied", "BinaryEquals", TEAM, "QmxhY2s=", "V2hpdGU="),
    _if("allowed", "IpAddress", IP, "203.0.113.0/24", "203.0.113.7"),
    _if("denied", "IpAddress", IP, "203.0.113.0/24", "198.51.100.7"),
    _if("allowed", "IpAddress", IP, "203.0.113.7", "203.0.113.7"),
    _if("allowed", "IpAddress", IP, "2001:db8::/32", "2001:db8::1"),
    _if("denied", "IpAddress", IP, "203.0.113.0/24", "2001:db8::1"),
    _if("denied", "NotIpAddress", IP, ["203.0.113.0/24", "2001:db8::/32"], "203.0.113.7"),
    _if("allowed", "NotIpAddress", IP, "203.0.113.0/24", "198.51.100.7"),
    _if("allowed", "NotIpAddress", IP, "203.0.113.0/24", None),
    _if("denied", "IpAddress", IP, "203.0.113.0/24", None),
    _if("denied", "NotIpAddress", IP, "203.0.113.0/24", "198.51.100.7", effect="Deny"),
    _if("allowed", "ArnEquals", WHO, ROLE, ROLE),
    _if("allowed", "ArnLike", WHO, "arn:aws:iam::*:role/Distri*", ROLE),
    _if("allowed", "ArnEquals", WHO, "arn:aws:iam::*:role/Distri*", ROLE),
    _if("denied", "ArnLike", WHO, "arn:aws:iam::*:role/Build*", ROLE),
    _if("denied", "ArnLike", WHO, "arn:aws:iam:*:role/*:Distribution", ROLE),
    _if("allowed", "ArnNotLike", WHO, "arn:aws:iam::*:role/Build*", ROLE),
    _if("denied", "ArnNotEquals", WHO, ROLE, ROLE),
    _if("denied", "ArnLike", TEAM, "arn:aws:iam::*:role/*", "no arn"),
    _if("allowed", "Null", TEAM, "true", None),
    _if("denied", "Null", TEAM, "true", "blue"),
    _if("allowed", "Null", TEAM, "false", "blue"),
    _if("denied", "Null", TEAM, "false", None),
    _if("allowed", "Null", TEAM, False, "blue"),
    _if("allowed", "StringEqualsIfExists", TEAM, "blue", None),
    _if("denied", "StringEqualsIfExists", TEAM, "blue", "red"),
    _if("allowed", "StringNotEqualsIfExists", TEAM, "blue", None),
    _if("denied", "StringLikeIfExists", TEAM, "bl*", "red"),
    _if("allowed", "stringequals", TEAM, "blue", "blue"),
    _if("denied", "StringEquals", TEAM, "blue", "blue", effect="Deny"),
    _if("allowed", "StringEquals", TEAM, "blue", None, effect="Deny"),
    _if("denied", "StringNotEquals", TEAM, "blue", None, effect="Deny"),
    _if("allowed", "StringNotEqualsIfExists", TEAM, "blue", "blue", effect="Deny"),
]

_SEVERAL = [
    _if("allowed", "ForAllValues:StringEquals", TAGS, ["Team", "Cost"], ["Team"]),
    _if("allowed", "ForAllValues:StringEquals", TAGS, ["Team", "Cost"], ["Team", "Cost"]),
    _if("denied", "ForAllValues:StringEquals", TAGS, ["Team", "Cost"], ["Team", "Name"]),
    _if("allowed", "ForAllValues:StringEquals", TAGS, ["Team"], None),
    _if("allowed", "ForAllValues:StringLike", TAGS, "T*", ["Team", "Tier"]),
    _if("denied", "ForAllValues:StringNotEquals", TAGS, ["Team"], ["Team", "Cost"]),
    _if("allowed", "ForAllValues:StringNotEquals", TAGS, ["Team"], ["Name", "Cost"]),
    _if("allowed", "ForAnyValue:StringEquals", TAGS, ["Team"], ["Name", "Team"]),
    _if("denied", "ForAnyValue:StringEquals", TAGS, ["Team"], ["Name"]),
    _if("denied", "ForAnyValue:StringEquals", TAGS, ["Team"], None),
    _if("allowed", "ForAnyValue:StringLike", TAGS, ["T*"], ["Name", "Team"]),
    _if("allowed", "ForAnyValue:StringNotEquals", TAGS, ["Team"], ["Team", "Name"]),
    _if("denied", "ForAnyValue:StringNotEquals", TAGS, ["Team", "Name"], ["Team", "Name"]),
    _if("denied", "ForAnyValue:StringNotEquals", TAGS, ["Team"], None),
    _if("allowed", "ForAnyValue:StringEqualsIfExists", TAGS, ["Team"], None),
    _if("allowed", "ForAllValues:StringEqualsIfExists", TAGS, ["Team"], None),
    _if("denied", "ForAnyValue:StringEquals", TAGS, ["Team"], ["Team", "Name"], effect="Deny"),
    _if("denied", "ForAllValues:StringEquals", TAGS, ["Team"], None, effect="Deny"),
    _if("allowed", "ForAnyValue:StringNotLike", TAGS, ["T*"], ["Team"], effect="Deny"),
]

TAG = "aws:PrincipalTag/team"
_VARIABLES = [
    _if("allowed", "StringEquals", TEAM, "${aws:PrincipalTag/team}", "blue", aws_PrincipalTag__team="blue"),
    _if("denied", "StringEquals", TEAM, "${aws:PrincipalTag/team}", "red", aws_PrincipalTag__team="blue"),
    _if("allowed", "StringEquals", TEAM, "${AWS:principaltag/Team}", "blue", aws_PrincipalTag__team="blue"),
    _if("allowed", "StringLike", TEAM, "${aws:PrincipalTag/team}-*", "blue-1", aws_PrincipalTag__team="blue"),
    _if("denied", "StringLike", TEAM, "${aws:PrincipalTag/team}", "blue", aws_PrincipalTag__team="*"),
    _if("denied", "StringEquals", TEAM, "${aws:PrincipalTag/team}", "", aws_PrincipalTag__other="x"),
    _if("allowed", "StringNotEquals", TEAM, "${aws:PrincipalTag/team}", "red", aws_PrincipalTag__other="x"),
    _if("allowed", "StringEquals", TEAM, "${aws:PrincipalTag/team, 'none'}", "none"),
    _if("denied", "StringEquals", TEAM, "${aws:PrincipalTag/team, 'none'}", "none", aws_PrincipalTag__team="blue"),
    _if("denied", "StringEquals", TEAM, "${aws:PrincipalTag/team}", "blue", version="2008-10-17", aws_PrincipalTag__team="blue"),
    _if("allowed", "ArnLike", WHO, "arn:aws:iam::${aws:PrincipalAccount}:role/*", ROLE),
    Case(
        "a variable in a resource",
        "allowed",
        "ssm:PutParameter",
        PARAMETER,
        identity=[allow(resource=f"arn:aws:ssm:*:{OTHER}:parameter/${{{TAG}}}/*")],
        context={TAG: "golden"},
    ),
    Case(
        "a variable in a resource with another value",
        "denied",
        "ssm:PutParameter",
        PARAMETER,
        identity=[allow(resource=f"arn:aws:ssm:*:{OTHER}:parameter/${{{TAG}}}/*")],
        context={TAG: "silver"},
    ),
    Case(
        "a variable in a resource whose value is a star",
        "denied",
        "ssm:PutParameter",
        PARAMETER,
        identity=[allow(resource=f"arn:aws:ssm:*:{OTHER}:parameter/${{{TAG}}}/*")],
        context={TAG: "*"},
    ),
    Case(
        "a variable in a resource without a value",
        "denied",
        "ssm:PutParameter",
        PARAMETER,
        identity=[allow(resource=f"arn:aws:ssm:*:{OTHER}:parameter/${{{TAG}}}/*")],
    ),
]

_BLOCKS = [
    _ec2("all conditions must hold", "denied", statement(Condition={"StringEquals": {TEAM: "blue"}, "Bool": {TLS: "false"}}), context={TEAM: "blue"}),
    _ec2("all keys must hold", "denied", statement(Condition={"StringEquals": {TEAM: "blue", TAG: "x"}}), context={TEAM: "blue"}),
    _ec2(
        "two statements are alternatives",
        "allowed",
        statement(Condition={"StringEquals": {TEAM: "red"}}),
        statement(Condition={"StringEquals": {TEAM: "blue"}}),
        context={TEAM: "blue"},
    ),
    _ec2("an empty condition", "allowed", statement(Condition={})),
    _ec2("a Region by key", "allowed", statement(Condition={"StringEquals": {"aws:RequestedRegion": ["eu-west-1"]}})),
    _ec2("the account of the resource", "allowed", statement(Condition={"StringEquals": {"aws:ResourceAccount": "${aws:PrincipalAccount}"}})),
]


# --- who allows what to whom -----------------------------------------------------------------------------------------------------------------


def _key(name: str, outcome: str, *statements: Document, identity: Sequence[Document] = (EVERYTHING,), principal: str = ROLE, **more: Any) -> Case:
    """A case about a key of the source, whose policy has these statements."""
    return Case(name, outcome, more.pop("action", "kms:Decrypt"), KEY, principal, SOURCE, identity, document(*statements), **more)


_OWN: dict[str, Any] = {"principal": OWN_ROLE}
_GRANT = {"Bool": {"kms:GrantIsForAWSResource": "true"}}
_KEYS = [
    _key("key to its account, role with a policy", "allowed", to(OWN_ROOT), **_OWN),
    _key("key to its account by number", "allowed", to(SOURCE), **_OWN),
    _key("key to its account, role without a policy", "denied", to(OWN_ROOT), identity=[], **_OWN),
    _key("key to its account, root", "allowed", to(OWN_ROOT), identity=[], principal=OWN_ROOT),
    _key("key to another account, role of its own with all rights", "denied", to(ROOT), **_OWN),
    _key("key to a role of its account", "allowed", to(OWN_ROLE), identity=[], **_OWN),
    _key("key to everybody", "allowed", to("*"), identity=[], **_OWN),
    _key("key to nobody", "denied", to("arn:aws:iam::111111111111:role/Else"), **_OWN),
    _key("another account, both sides", "allowed", to(ROOT)),
    _key("another account by number", "allowed", to(OTHER)),
    _key("another account, key only", "denied", to(ROOT), identity=[]),
    _key("another account, identity only", "denied", to(OWN_ROOT)),
    _key("role of another account named, key only", "denied", to(ROLE), identity=[]),
    _key("role of another account named, both sides", "allowed", to(ROLE)),
    _key("everybody, key only", "denied", to("*"), identity=[]),
    _key("everybody, both sides", "allowed", statement(Principal="*")),
    _key(
        "everybody of an organization",
        "allowed",
        to("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-golden12345"}}),
        context={"aws:PrincipalOrgID": "o-golden12345"},
    ),
    _key(
        "everybody of another organization",
        "denied",
        to("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-golden12345"}}),
        context={"aws:PrincipalOrgID": "o-another1234"},
    ),
    _key("everybody of an organization, somebody of none", "denied", to("*", Condition={"StringEquals": {"aws:PrincipalOrgID": "o-golden12345"}})),
    _key(
        "everybody below a unit",
        "allowed",
        to("*", Condition={"ForAnyValue:StringLike": {"aws:PrincipalOrgPaths": "o-a/r-b/ou-c/*"}}),
        context={"aws:PrincipalOrgPaths": ["o-a/r-b/ou-c/ou-d/"]},
    ),
    _key("key denies the account", "denied", to("*"), to(ROOT, effect="Deny")),
    _key("key denies the role", "denied", to("*"), to(ROLE, effect="Deny")),
    _key("key denies another role", "allowed", to("*"), to(OWN_ROLE, effect="Deny")),
    _key("identity denies", "denied", to("*"), identity=[document(statement(), statement("Deny", action="kms:Decrypt"))]),
    _key("a grant for AWS", "allowed", to(ROOT, Condition=_GRANT), action="kms:CreateGrant", context={"kms:GrantIsForAWSResource": "true"}),
    _key("a grant for somebody", "denied", to(ROOT, Condition=_GRANT), action="kms:CreateGrant", context={"kms:GrantIsForAWSResource": "false"}),
    _key("a grant of which nothing is said", "denied", to(ROOT, Condition=_GRANT), action="kms:CreateGrant"),
    _key(
        "through EC2",
        "allowed",
        to(ROOT, Condition={"StringLike": {"kms:ViaService": "ec2.*.amazonaws.com"}}),
        context={"kms:ViaService": "ec2.us-west-2.amazonaws.com"},
    ),
    _key("not through EC2", "denied", to(ROOT, Condition={"StringLike": {"kms:ViaService": "ec2.*.amazonaws.com"}})),
    _key("an account by condition", "allowed", to("*", Condition={"StringEquals": {"kms:CallerAccount": OTHER}})),
    _key("the identity policy names another key", "denied", to(ROOT), identity=[allow(resource=KEY[:-1] + "0")]),
    _key("the key policy names the key by ARN", "allowed", to(ROOT, resource=KEY)),
    _key("role with a path, named with it", "allowed", to(PATHED_ROLE), principal=PATHED_ROLE),
    _key("role with a path, named without it", "denied", to(ROLE), principal=PATHED_ROLE),
    _key("session of a role that is named", "allowed", to(ROLE), principal=SESSION),
    _key("session that is named", "allowed", to(SESSION), principal=SESSION),
    _key("another session that is named", "denied", to(SESSION[:-1] + "X"), principal=SESSION),
    _key("user that is named", "allowed", to(USER), principal=USER),
    _key("a pattern in a principal means nothing", "denied", to(f"arn:aws:iam::{OTHER}:role/*")),
    _key("a service in the policy of a key", "denied", statement(Principal={"Service": SERVICE})),
    _key(
        "key not to those of another account", "allowed", to("*"), statement("Deny", NotPrincipal={"AWS": [ROLE, ROOT, SESSION]}), principal=SESSION
    ),
    _key("key to all but somebody else", "denied", to("*"), statement("Deny", NotPrincipal={"AWS": [OWN_ROLE, OWN_ROOT]})),
    _key("key to all but the account of the role", "denied", to("*"), statement("Deny", NotPrincipal={"AWS": ROOT})),
    _key("key to all but the user and the account", "allowed", to("*"), statement("Deny", NotPrincipal={"AWS": [USER, ROOT]}), principal=USER),
]

_READING: dict[str, Any] = {"action": "ssm:GetParameter", "resource": PARAMETER.replace(OTHER, SOURCE), "owner": SOURCE}
_SHARED = [
    Case("parameter of another account, identity only", "denied", identity=[EVERYTHING], **_READING),
    Case("parameter of another account, shared only", "denied", policy=document(to(ROOT)), **_READING),
    Case("parameter of another account, both sides", "allowed", identity=[EVERYTHING], policy=document(to(ROOT)), **_READING),
    Case("parameter of another account, shared with another", "denied", identity=[EVERYTHING], policy=document(to(OWN_ROOT)), **_READING),
    Case("root of the account", "allowed", principal=ROOT),
    Case("root of the account, which the organization denies", "denied", principal=ROOT, service_control=[[allow(effect="Deny")]]),
]

_ORGANIZATION: dict[str, Any] = {"service_control": [[EVERYTHING], [document(statement(), statement("Deny", action="kms:*"))]]}
_LIMITS = [
    Case("boundary allows", "allowed", identity=[EVERYTHING], boundary=allow(action="ec2:*")),
    Case("boundary leaves out", "denied", identity=[EVERYTHING], boundary=allow(action="kms:*")),
    Case("boundary denies", "denied", identity=[EVERYTHING], boundary=document(statement(), statement("Deny", action="ec2:*"))),
    Case("boundary alone", "denied", identity=[], boundary=EVERYTHING),
    _key("boundary leaves out, role named by the key", "denied", to(OWN_ROLE), identity=[], boundary=NOTHING, **_OWN),
    _key("boundary leaves out, everybody named by the key", "allowed", to("*"), identity=[], boundary=NOTHING, **_OWN),
    _key("boundary denies, everybody named by the key", "denied", to("*"), identity=[], boundary=allow(effect="Deny"), **_OWN),
    _key(
        "boundary leaves out, user named by the key",
        "allowed",
        to(OWN_ROOT.replace("root", "user/Bo")),
        identity=[],
        boundary=NOTHING,
        principal=OWN_ROOT.replace("root", "user/Bo"),
    ),
    _key("boundary leaves out across accounts", "denied", to(ROLE), boundary=NOTHING),
    _key(
        "boundary, and a key denied to all but the role",
        "denied",
        to("*"),
        statement("Deny", NotPrincipal={"AWS": [USER, ROOT]}),
        principal=USER,
        boundary=EVERYTHING,
    ),
    Case("organization allows at every level", "allowed", identity=[EVERYTHING], service_control=[[EVERYTHING], [EVERYTHING]]),
    Case("organization allows at one level only", "denied", identity=[EVERYTHING], service_control=[[EVERYTHING], [NOTHING]]),
    Case("organization allows by one of two policies", "allowed", identity=[EVERYTHING], service_control=[[NOTHING, EVERYTHING]]),
    Case("organization denies something else", "allowed", identity=[EVERYTHING], **_ORGANIZATION),
    _key("organization denies", "denied", to(ROOT), **_ORGANIZATION),
    _key("organization denies a role that the key names", "denied", to(OWN_ROLE), identity=[], **_OWN, **_ORGANIZATION),
    _key("organization denies a service-linked role", "allowed", to(OWN_ROOT), principal=OWN_SERVICE_LINKED, **_ORGANIZATION),
    Case("organization gives nothing", "denied", service_control=[[EVERYTHING]]),
    _key(
        "organization of the resource denies",
        "denied",
        to(ROOT),
        resource_control=[[EVERYTHING_FOR_ALL], [EVERYTHING_FOR_ALL, allow(effect="Deny", action="kms:*", Principal="*")]],
    ),
    _key("organization of the resource allows", "allowed", to(ROOT), resource_control=[[EVERYTHING_FOR_ALL]]),
]

ASSUME: dict[str, Any] = {"action": "sts:AssumeRole", "resource": None}


def _trust(
    name: str, outcome: str, *statements: Document, principal: str = OWN_ROLE, identity: Sequence[Document] = (EVERYTHING,), **more: Any
) -> Case:
    """A case about the taking of a role, whose trust policy has these statements."""
    return Case(name, outcome, "sts:AssumeRole", TARGET_ROLE, principal, OTHER, identity, document(*statements), **more)


_EXTERNAL = {"StringEquals": {"sts:ExternalId": "secret"}}
_FOR_SOURCE = {"StringEquals": {"aws:SourceAccount": SOURCE}, "ArnLike": {"aws:SourceArn": f"arn:aws:imagebuilder:*:{SOURCE}:image/*"}}
_IMAGE_OF_SOURCE = {"aws:SourceAccount": SOURCE, "aws:SourceArn": f"arn:aws:imagebuilder:us-west-2:{SOURCE}:image/web/1.0.0/1"}
_TO_SERVICE = statement(action="sts:AssumeRole", resource=None, Principal={"Service": SERVICE})
_TRUST = [
    _trust("trust in the source, role with a policy", "allowed", to(OWN_ROOT, **ASSUME)),
    _trust("trust in the source, role without a policy", "denied", to(OWN_ROOT, **ASSUME), identity=[]),
    _trust("trust in the source, policy for another role", "denied", to(OWN_ROOT, **ASSUME), identity=[allow(resource=TARGET_ROLE + "2")]),
    _trust("trust in the role of the source", "allowed", to(OWN_ROLE, **ASSUME)),
    _trust("trust in the role of the source, which has no policy", "denied", to(OWN_ROLE, **ASSUME), identity=[]),
    _trust("trust in somebody else", "denied", to(ROOT, **ASSUME)),
    _trust("trust of another action", "denied", to(OWN_ROOT, action="sts:TagSession", resource=None)),
    _trust("trust in the own account, role with a policy", "allowed", to(ROOT, **ASSUME), principal=ROLE),
    _trust("trust in the own account, role without a policy", "denied", to(ROOT, **ASSUME), principal=ROLE, identity=[]),
    _trust("trust in a role of the own account", "allowed", to(ROLE, **ASSUME), principal=ROLE, identity=[]),
    _trust("no trust in the own account", "denied", to(OWN_ROOT, **ASSUME), principal=ROLE),
    _trust("trust denies", "denied", to(OWN_ROOT, **ASSUME), to(OWN_ROLE, effect="Deny", **ASSUME)),
    _trust("trust with an external id", "allowed", to(OWN_ROOT, Condition=_EXTERNAL, **ASSUME), context={"sts:ExternalId": "secret"}),
    _trust("trust with another external id", "denied", to(OWN_ROOT, Condition=_EXTERNAL, **ASSUME), context={"sts:ExternalId": "guess"}),
    _trust("trust with an external id that is not given", "denied", to(OWN_ROOT, Condition=_EXTERNAL, **ASSUME)),
    _trust("trust in the service-linked role", "allowed", to(OWN_SERVICE_LINKED, **ASSUME), principal=OWN_SERVICE_LINKED),
    _trust("trust in the service", "allowed", _TO_SERVICE, principal=SERVICE, identity=[]),
    _trust("trust in another service", "denied", _TO_SERVICE, principal="ec2.amazonaws.com", identity=[]),
    _trust("trust in the service, asked by a role", "denied", _TO_SERVICE),
    _trust(
        "trust in the service for the source",
        "allowed",
        {**_TO_SERVICE, "Condition": _FOR_SOURCE},
        principal=SERVICE,
        identity=[],
        context=_IMAGE_OF_SOURCE,
    ),
    _trust(
        "trust in the service for the source, come for another",
        "denied",
        {**_TO_SERVICE, "Condition": _FOR_SOURCE},
        principal=SERVICE,
        identity=[],
        context={**_IMAGE_OF_SOURCE, "aws:SourceAccount": "333333333333"},
    ),
    _trust(
        "trust in the service, which the organization of the role denies",
        "denied",
        _TO_SERVICE,
        principal=SERVICE,
        identity=[],
        resource_control=[[EVERYTHING_FOR_ALL, allow(effect="Deny", action="sts:AssumeRole", Principal="*")]],
    ),
    _trust("trust in an account, asked by a service", "denied", to(ROOT, **ASSUME), principal=SERVICE, identity=[]),
]

CASES = [*_LISTING, *_SINGLE, *_SEVERAL, *_VARIABLES, *_BLOCKS, *_KEYS, *_SHARED, *_LIMITS, *_TRUST]


# --- what is not known -----------------------------------------------------------------------------------------------------------------------


def _unsure(name: str, outcome: str, *statements: Document, **more: Any) -> Case:
    """A case in which only what is said is known."""
    return Case(name, outcome, identity=more.pop("identity", [document(*statements)]), complete=more.pop("complete", ()), **more)


_NEVER = "a document that could not be read"
UNREADABLE = None
_BLUE = {"StringEquals": {TEAM: "blue"}}
_NEARBY = {"IpAddress": {IP: "203.0.113.0/24"}}
_SEEN: dict[str, Any] = {"context": {"aws:ResourceTag/CreatedBy": "EC2 Image Builder"}, "complete": ["aws:ResourceTag/*"]}
UNKNOWNS = [
    _unsure("not known: a key of an allow", "unknown", statement(Condition=_BLUE)),
    _unsure("not known: a key of an allow beside another allow", "allowed", statement(Condition=_BLUE), statement()),
    _unsure("not known: a key of an allow beside a deny", "denied", statement(Condition=_BLUE), statement("Deny")),
    _unsure("not known: a key of a deny", "unknown", statement(), statement("Deny", Condition=_NEARBY)),
    _unsure("not known: a key of a deny with nothing allowed", "denied", statement("Deny", Condition=_NEARBY)),
    _unsure("not known: a key of a deny of another action", "allowed", statement(), statement("Deny", action="kms:*", Condition=_NEARBY)),
    _unsure("not known: one key, and another that does not hold", "denied", statement(Condition={**_NEARBY, **_BLUE}), context={TEAM: "red"}),
    _unsure("not known: one key, and another that holds", "unknown", statement(Condition={**_NEARBY, **_BLUE}), context={TEAM: "blue"}),
    _unsure("not known: a negated operator", "unknown", statement(Condition={"StringNotEquals": {TEAM: "blue"}})),
    _unsure("not known: Null", "unknown", statement(Condition={"Null": {TEAM: "true"}})),
    _unsure("not known: Null either way", "allowed", statement(Condition={"Null": {TEAM: ["true", "false"]}})),
    _unsure("not known: IfExists", "unknown", statement(Condition={"StringEqualsIfExists": {TEAM: "blue"}})),
    _unsure("known to be missing: IfExists", "allowed", statement(Condition={"StringEqualsIfExists": {TEAM: "blue"}}), context={TEAM: []}),
    _unsure("known to be missing: all of its kind", "denied", statement(Condition={"StringEquals": {"aws:ResourceTag/Team": "blue"}}), **_SEEN),
    _unsure(
        "known among all of its kind", "allowed", statement(Condition={"StringEquals": {"aws:resourcetag/createdby": "EC2 Image Builder"}}), **_SEEN
    ),
    _unsure(
        "not known: a variable in a condition", "unknown", statement(Condition={"StringEquals": {TEAM: "${aws:userid}"}}), context={TEAM: "blue"}
    ),
    _unsure(
        "not known: a variable beside a value",
        "allowed",
        statement(Condition={"StringEquals": {TEAM: ["${aws:userid}", "blue"]}}),
        context={TEAM: "blue"},
    ),
    _unsure(
        "not known: a variable in a resource",
        "unknown",
        statement(resource=f"arn:aws:ssm:*:{OTHER}:parameter/${{{TAG}}}/*"),
        action="ssm:PutParameter",
        resource=PARAMETER,
    ),
    _unsure("not known: an operator that there is not", "unknown", statement(Condition={"StringMatches": {TEAM: "b.*"}}), context={TEAM: "blue"}),
    _unsure(
        "not known: a set operator that there is not",
        "unknown",
        statement(Condition={"ForSomeValues:StringEquals": {TEAM: "blue"}}),
        context={TEAM: "blue"},
    ),
    _unsure("not known: a value that is no number", "unknown", statement(Condition={"NumericLessThan": {AGE: "many"}}), context={AGE: "5"}),
    _unsure("not known: a value that is no ARN", "unknown", statement("Allow", Condition={"ArnLike": {WHO: "*"}})),
    _unsure(
        "not known: several values without a set operator",
        "unknown",
        statement(Condition={"StringEquals": {TAGS: "Team"}}),
        context={TAGS: ["Team", "Cost"]},
    ),
    _unsure(
        "known: one value of several without a set operator",
        "allowed",
        statement(Condition={"StringEquals": {TAGS: "Team"}}),
        context={TAGS: ["Team"]},
    ),
    _unsure(
        "not known: the id of an image, all allowed",
        "allowed",
        statement(resource="arn:aws:ec2:*::image/*"),
        resource="arn:aws:ec2:eu-west-1::image/*",
    ),
    _unsure(
        "not known: the id of an image, some allowed",
        "unknown",
        statement(resource="arn:aws:ec2:*::image/ami-0*"),
        resource="arn:aws:ec2:eu-west-1::image/*",
    ),
    _unsure(
        "not known: the id of an image, others allowed",
        "denied",
        statement(resource="arn:aws:ec2:us-*::image/*"),
        resource="arn:aws:ec2:eu-west-1::image/*",
    ),
    _unsure(
        "not known: the id of an image, one denied",
        "unknown",
        statement(),
        statement("Deny", resource=IMAGE),
        resource="arn:aws:ec2:eu-west-1::image/*",
    ),
    _unsure(
        "not known: the id of an image, all but one",
        "unknown",
        statement(resource=None, NotResource=IMAGE),
        resource="arn:aws:ec2:eu-west-1::image/*",
    ),
    _unsure(
        "not known: a question mark for an id",
        "unknown",
        statement(resource="arn:aws:ec2:eu-west-1::image/?"),
        resource="arn:aws:ec2:eu-west-1::image/*",
    ),
    _unsure(
        "not known: the id of a snapshot, images allowed",
        "denied",
        statement(resource="arn:aws:ec2:*::image/*"),
        resource="arn:aws:ec2:eu-west-1::snapshot/*",
    ),
    _unsure("not known: what follows a name", "unknown", statement(resource=PARAMETER), action="ssm:PutParameter", resource=f"{PARAMETER}*"),
    _unsure(
        "not known: what follows a name, something allowed",
        "unknown",
        statement(resource=f"{PARAMETER}?*"),
        action="ssm:PutParameter",
        resource=f"{PARAMETER}*",
    ),
    _unsure(f"{_NEVER}, and nothing else", "unknown", identity=[UNREADABLE]),
    _unsure(f"{_NEVER}, beside an allow", "unknown", identity=[EVERYTHING, UNREADABLE]),
    _unsure(f"{_NEVER}, beside a deny", "denied", identity=[allow(effect="Deny"), UNREADABLE]),
    _unsure(f"{_NEVER}: no JSON", "unknown", identity=[EVERYTHING, "{"]),
    _unsure(f"{_NEVER}: no statements", "unknown", identity=[EVERYTHING, {"Version": "2012-10-17"}]),
    _unsure(f"{_NEVER}: a version that there is not", "unknown", identity=[EVERYTHING, {"Version": "2030-01-01", "Statement": []}]),
    _unsure(f"{_NEVER}: an effect that there is not", "unknown", identity=[EVERYTHING, allow(effect="Perhaps")]),
    _unsure(f"{_NEVER}: an element that there is not", "unknown", identity=[EVERYTHING, allow(Because="so")]),
    _unsure(f"{_NEVER}: both of two", "unknown", identity=[EVERYTHING, allow(NotAction="*")]),
    _unsure(f"{_NEVER}: no actions", "unknown", identity=[EVERYTHING, document({"Effect": "Allow", "Resource": "*"})]),
    _unsure(f"{_NEVER}: statements that are texts", "unknown", identity=[EVERYTHING, {"Statement": ["Allow"]}]),
    _unsure(f"{_NEVER}: conditions that are a list", "unknown", identity=[EVERYTHING, allow(Condition=[])]),
    _unsure(f"{_NEVER}: actions that are numbers", "unknown", identity=[EVERYTHING, allow(action=[5])]),
    _unsure(f"{_NEVER}: a condition on nothing", "unknown", identity=[EVERYTHING, allow(Condition={"StringEquals": {TEAM: None}})]),
    _unsure(f"{_NEVER}: principals that are a number", "unknown", identity=[EVERYTHING, allow(Principal=5)]),
    _unsure(
        f"{_NEVER} as JSON text", "allowed", identity=['{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}']
    ),
    _unsure("not known: the policy of a key", "unknown", action="kms:Decrypt", resource=KEY, owner=SOURCE, identity=[EVERYTHING]),
    _unsure("not known: the policy of a key, nothing allowed besides", "denied", action="kms:Decrypt", resource=KEY, owner=SOURCE, identity=[]),
    _unsure(
        "not known: the trust policy of a role", "unknown", action="sts:AssumeRole", resource=TARGET_ROLE, identity=[EVERYTHING], principal=OWN_ROLE
    ),
    _unsure("a role that is only looked at", "allowed", action="iam:GetRole", resource=TARGET_ROLE, identity=[EVERYTHING]),
    _unsure("not known: one policy of the organization", "unknown", identity=[EVERYTHING], service_control=[[EVERYTHING, UNREADABLE]]),
    _unsure(
        "not known: one policy of the organization, another denies",
        "denied",
        identity=[EVERYTHING],
        service_control=[[allow(effect="Deny"), UNREADABLE]],
    ),
    _key("not known: which session", "unknown", to(SESSION), complete=()),
    _key("not known: which session, the role too", "allowed", to(SESSION), to(ROLE), complete=()),
    _key(
        "not known: which session, of a role without a policy",
        "unknown",
        to(OWN_ROOT),
        to(f"arn:aws:sts::{SOURCE}:assumed-role/Builder/x"),
        identity=[],
        principal=OWN_ROLE,
        complete=(),
    ),
    _key("not known: which session is denied", "unknown", to(ROLE), to(SESSION, effect="Deny"), complete=()),
    _key(
        "not known: whether a session is spared with its role", "unknown", to("*"), statement("Deny", NotPrincipal={"AWS": [ROLE, ROOT]}), complete=()
    ),
    _key(
        "not known: whether a user is spared without the account",
        "unknown",
        to("*"),
        statement("Deny", NotPrincipal={"AWS": [USER]}),
        principal=USER,
        complete=(),
    ),
    _key("not known: a key, root of the account", "unknown", to(OWN_ROOT, Condition=_NEARBY), identity=[], principal=OWN_ROOT, complete=()),
    _key(
        "a role named directly, whatever else is not known",
        "allowed",
        to(OWN_ROLE),
        identity=[allow(Condition=_NEARBY)],
        principal=OWN_ROLE,
        complete=(),
    ),
    _key(
        "not known: the path of a session's role",
        "unknown",
        to("*", Condition={"ArnLike": {WHO: "arn:aws:iam::*:role/team/*"}}),
        principal=SESSION,
        complete=(),
    ),
]


# --- where others differ ---------------------------------------------------------------------------------------------------------------------

EMULATOR, LIBRARY = "emulator", "iam-simulate"
DIFFERENCES: dict[tuple[str, str], str] = {
    (EMULATOR, "an ARN without its last parts"): "IAM user guide, Resource: what an ARN lacks counts as *. The emulator takes ARNs as they are.",
    (EMULATOR, f"Allow if NumericNotEquals {AGE} 300: many"): (
        "Service authorization reference, condition keys: an operator that is not for the type never matches. The emulator has it match when negated."
    ),
    (EMULATOR, "key to all but the account of the role"): (
        "IAM user guide, NotPrincipal: with the account alone its users and roles are denied. The emulator spares all of them."
    ),
    (EMULATOR, "boundary leaves out, user named by the key"): (
        "IAM user guide, Permissions boundaries: what a resource allows to a user is not limited by the boundary. The emulator knows roles only."
    ),
    (EMULATOR, "boundary, and a key denied to all but the role"): (
        "IAM user guide, NotPrincipal: it denies whoever has a boundary. The emulator looks at the names only."
    ),
    (LIBRARY, f"Allow if StringEquals {TEAM} ${{$}}5: $5"): "IAM user guide, Variables: ${$} is a dollar sign. The library leaves it as it is.",
    (LIBRARY, f"Allow if DateLessThan {NOW} 1800000000: 2026-01-02T00:00:00Z"): (
        "IAM user guide, Date condition operators: seconds since 1970 are a date as well. The library reads ISO 8601 only."
    ),
    (LIBRARY, f"Allow if ForAnyValue:StringEqualsIfExists {TAGS} ['Team']: no value"): (
        "IAM user guide, IfExists: with any operator but Null, a missing key makes the condition hold. The library lets ForAnyValue win."
    ),
    (LIBRARY, f"Allow if StringNotEquals {TEAM} ${{aws:PrincipalTag/team}}: red (aws_PrincipalTag__other=x)"): (
        "IAM user guide, Variables: one without a value equals nothing, so that what must not equal it holds. The library lets the condition fail."
    ),
    (LIBRARY, f"Allow if StringEquals {TEAM} ${{aws:PrincipalTag/team}}: blue (aws_PrincipalTag__team=blue), version 2008-10-17"): (
        "IAM user guide, Version: before 2012-10-17 variables are text. The library replaces them in every version."
    ),
    (LIBRARY, f"Allow if ArnLike {WHO} arn:aws:iam::${{aws:PrincipalAccount}}:role/*: {ROLE}"): (
        "IAM user guide, Variables: they work in ARN operators. The library splits the ARN first, at the colon of the variable's name."
    ),
    (LIBRARY, "key to its account, root"): "IAM user guide, root user: it has all rights in its account without a policy. The library wants one.",
    (LIBRARY, "root of the account"): "As for the key.",
    (LIBRARY, "key to all but the account of the role"): "As for the emulator.",
    (LIBRARY, "organization denies a service-linked role"): (
        "Organizations user guide, Service control policies: they do not restrict service-linked roles. The library applies them to every principal."
    ),
}
"""By evaluator and case, why it does not say what AWS does."""
