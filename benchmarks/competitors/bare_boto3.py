# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The job as a script with boto3 and 16 threads, as someone would write it who knows both: what no client in Python can undercut by much.

It reads the documents from the file named on the command line, and writes only what differs, so that a second run reads only. One session
makes all clients, so the service models are read once; making a client is not safe in threads, which is what the lock is for.
"""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import ClientError

Documents = Mapping[str, Any]

session = boto3.Session()
lock = threading.Lock()


def client(service: str, **options: Any) -> Any:
    """A client; made by one thread at a time."""
    with lock:
        return session.client(service, **options)  # type: ignore[call-overload]


def compact(policy: Documents) -> str:
    """A policy as short as can be, for KMS limits its length."""
    return json.dumps(policy, separators=(",", ":"))


def key(documents: Documents, region: str) -> str:
    """The ARN of the key of a Region, which has alias, rotation and policy afterwards."""
    kms = client("kms", region_name=region)
    wanted = documents["key_policy"]
    try:
        metadata = kms.describe_key(KeyId=documents["alias"])["KeyMetadata"]
    except kms.exceptions.NotFoundException:
        metadata = kms.create_key(Policy=compact(wanted))["KeyMetadata"]
        kms.create_alias(AliasName=documents["alias"], TargetKeyId=metadata["KeyId"])
        kms.enable_key_rotation(KeyId=metadata["KeyId"])
        return str(metadata["Arn"])
    if json.loads(kms.get_key_policy(KeyId=metadata["KeyId"], PolicyName="default")["Policy"]) != wanted:
        kms.put_key_policy(KeyId=metadata["KeyId"], PolicyName="default", Policy=compact(wanted))
    if not kms.get_key_rotation_status(KeyId=metadata["KeyId"])["KeyRotationEnabled"]:
        kms.enable_key_rotation(KeyId=metadata["KeyId"])
    return str(metadata["Arn"])


def role(documents: Documents, sts: Any, account_id: str, key_policy: Documents) -> None:
    """The role of an account, with trust, managed policy and inline policies."""
    answer = sts.assume_role(RoleArn=f"arn:aws:iam::{account_id}:role/{documents['entrance']}", RoleSessionName="benchmark")
    keys = answer["Credentials"]
    iam = client(
        "iam",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )
    name, trust = documents["role"], documents["trust_policy"]
    managed: set[str] = set()
    inline = {documents["kms_policy_name"]: key_policy, documents["parameters_policy_name"]: documents["parameters_policies"][account_id]}
    try:
        if iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"] != trust:
            iam.update_assume_role_policy(RoleName=name, PolicyDocument=json.dumps(trust))
        managed = {policy["PolicyArn"] for policy in iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"]}
        present = {policy: inline_policy(iam, name, policy) for policy in inline}
    except iam.exceptions.NoSuchEntityException:
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
        present = {}
    if documents["managed_policy"] not in managed:
        iam.attach_role_policy(RoleName=name, PolicyArn=documents["managed_policy"])
    for policy, wanted in inline.items():
        if present.get(policy) != wanted:
            iam.put_role_policy(RoleName=name, PolicyName=policy, PolicyDocument=json.dumps(wanted))


def inline_policy(iam: Any, role_name: str, name: str) -> Any:
    """An inline policy as it is; None when there is none."""
    try:
        return iam.get_role_policy(RoleName=role_name, PolicyName=name)["PolicyDocument"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchEntity":
            raise
        return None


def main() -> None:
    """Do the job."""
    documents = json.loads(Path(sys.argv[1]).read_text())
    sts = client("sts", region_name=documents["regions"][0])
    account = sts.get_caller_identity()["Account"]
    if account != documents["source"]:
        sys.exit(f"These are credentials of {account}, not of {documents['source']}.")
    organization = documents["organization"]
    if organization and client("organizations").describe_organization()["Organization"]["Id"] != organization:
        sys.exit(f"The account {account} is not in the organization {organization}, which the key policy lets in.")
    with ThreadPoolExecutor(16) as threads:
        arns = sorted(threads.map(lambda region: key(documents, region), documents["regions"]))
        key_policy = {**documents["kms_policy"], "Statement": [{**one, "Resource": arns} for one in documents["kms_policy"]["Statement"]]}
        list(threads.map(lambda account_id: role(documents, sts, account_id, key_policy), documents["account_ids"]))


if __name__ == "__main__":
    main()
