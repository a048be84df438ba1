# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the emulator notes of each request."""

from __future__ import annotations

import pytest
from ansible_collections.golden.imagebuilder.tests.emulator import calls
from ansible_collections.golden.imagebuilder.tests.emulator.calls import Call
from ansible_collections.golden.imagebuilder.tests.emulator.server import InProcessEmulator
from botocore.exceptions import ClientError

SOURCE, DESTINATION = "111111111111", "222222222222"


def described(
    service: str, method: str = "POST", path: str = "/", *, query: str = "", body: str = "", account: str = DESTINATION, **headers: str
) -> Call | None:
    credential = f"AWS4-HMAC-SHA256 Credential=AKIA{account}EMUL/20300101/eu-west-1/{service}/aws4_request, SignedHeaders=host, Signature=0"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return calls.describe(method, path, query, {"authorization": credential, **named}, body.encode())


FORM = "application/x-www-form-urlencoded; charset=utf-8"


@pytest.mark.usefixtures("emulator")
class TestDescribe:
    @pytest.mark.parametrize(
        ("body", "operation", "write"),
        [
            ("Action=DescribeImages&Version=2016-11-15", "DescribeImages", False),
            ("Action=CreateTags&Version=2016-11-15", "CreateTags", True),
            ("Action=CreateTags&DryRun=true", "CreateTags", False),
            ("Action=CreateTags&DryRun=false", "CreateTags", True),
            ("Action=GetEbsDefaultKmsKeyId", "GetEbsDefaultKmsKeyId", False),
        ],
    )
    def test_form(self, body: str, operation: str, write: bool) -> None:
        assert described("ec2", body=body, content_type=FORM) == Call(DESTINATION, "eu-west-1", "ec2", operation, write)

    @pytest.mark.parametrize(
        ("operation", "write"),
        [
            ("DescribeKey", False),
            ("ListAliases", False),
            ("GetKeyPolicy", False),
            ("PutKeyPolicy", True),
            ("CreateGrant", True),
            ("Encrypt", True),
            ("DecodeAuthorizationMessage", False),
            ("AssumeRoleWithWebIdentity", False),
            ("SimulatePrincipalPolicy", False),
            ("LookupEvents", False),
        ],
    )
    def test_target(self, operation: str, write: bool) -> None:
        call = described("kms", body="{}", x_amz_target=f"TrentService.{operation}")
        assert call == Call(DESTINATION, "eu-west-1", "kms", operation, write)

    @pytest.mark.parametrize(
        ("method", "path", "body", "operation", "write"),
        [
            ("PUT", "/CreateComponent", '{"name": "x"}', "CreateComponent", True),
            ("PUT", "/CreateComponent", '{"name": "x", "dryRun": true}', "CreateComponent", False),
            ("PUT", "/CreateComponent", '{"dryRun": true', "CreateComponent", True),
            ("POST", "/ListComponents", "{}", "ListComponents", False),
            ("GET", "/GetImage", "", "GetImage", False),
            ("DELETE", "/DeleteImage", "", "DeleteImage", True),
            ("GET", "/tags/arn:aws:imagebuilder:eu-west-1:111111111111:component/x/1.0.0/1", "", "ListTagsForResource", False),
            ("POST", "/tags/arn:aws:imagebuilder:eu-west-1:111111111111:component/x/1.0.0/1", "{}", "TagResource", True),
            ("GET", "/nothing", "", "GET /nothing", True),
        ],
    )
    def test_path(self, method: str, path: str, body: str, operation: str, write: bool) -> None:
        assert described("imagebuilder", method, path, body=body) == Call(DESTINATION, "eu-west-1", "imagebuilder", operation, write)

    def test_query(self) -> None:
        call = described("sts", "GET", query="Action=GetCallerIdentity&Version=2011-06-15")
        assert call == Call(DESTINATION, "eu-west-1", "sts", "GetCallerIdentity", False)

    def test_unknown_service(self) -> None:
        assert described("nothing", "GET", "/x") == Call(DESTINATION, "eu-west-1", "nothing", "GET /x", True)

    def test_unsigned(self) -> None:
        assert calls.describe("GET", "/", "Action=DescribeImages", {}, b"") is None


@pytest.mark.parametrize(
    ("status", "headers", "body", "code"),
    [
        (200, {}, b"<Code>x</Code>", None),
        (400, {"x-amzn-errortype": "NotFoundException"}, b"{}", "NotFoundException"),
        (400, {"x-amzn-errortype": "NotFoundException:http://x"}, b"", "NotFoundException"),
        (400, {}, b'{"__type": "com.amazonaws.kms#NotFoundException", "message": ""}', "NotFoundException"),
        (400, {}, b'{"__type":"DisabledException"}', "DisabledException"),
        (403, {}, b"<ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>", "AccessDenied"),
        (404, {}, b"nothing", "404"),
    ],
)
def test_error_code(status: int, headers: dict[str, str], body: bytes, code: str | None) -> None:
    assert calls.error_code(status, headers, body) == code


def test_in_process(emulator: InProcessEmulator) -> None:
    emulator.client(SOURCE, "sts").get_caller_identity()
    kms = emulator.client(DESTINATION, "kms", "eu-west-1")
    kms.create_key()
    with pytest.raises(ClientError):
        kms.describe_key(KeyId="alias/none")
    emulator.client(SOURCE, "iam").create_user(UserName="jo")
    first, second, third, fourth = emulator.calls()
    assert first == Call(SOURCE, "us-west-2", "sts", "GetCallerIdentity", False)
    assert second == Call(DESTINATION, "eu-west-1", "kms", "CreateKey", True)
    assert third == Call(DESTINATION, "eu-west-1", "kms", "DescribeKey", False, "NotFoundException")
    assert (fourth.service, fourth.operation, fourth.write) == ("iam", "CreateUser", True)
    assert emulator.writes() == [second, fourth]
    assert third.as_dict()["error"] == "NotFoundException"
    assert "error" not in first.as_dict()
    emulator.reset_calls()
    assert emulator.calls() == []
