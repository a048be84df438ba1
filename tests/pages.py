# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The parts of docs/docsite/rst that are made of something else: the policies of callers, and what AWS's error sentences mean.

`make pages` writes them; a test compares.
"""

from __future__ import annotations

import argparse
import re
import sys
import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path

from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.failure import explain
from ansible_collections.golden.imagebuilder.tests.organization import COLLECTION, DESTINATIONS, DISTRIBUTION_ROLE, REGIONS, SOURCE

PAGES = COLLECTION / "docs/docsite/rst"
POLICIES = COLLECTION / "docs/policies"

ACCOUNT_ID, REGION = DESTINATIONS["payments"], REGIONS[1]
_ROLE = f"User: arn:aws:sts::{ACCOUNT_ID}:assumed-role/{DISTRIBUTION_ROLE}/EC2ImageBuilder is not authorized to perform:"
_SERVICE = f"User: arn:aws:sts::{SOURCE}:assumed-role/AWSServiceRoleForImageBuilder/Ec2ImageBuilder is not authorized to perform:"
_ROLE_ARN = f"arn:aws:iam::{ACCOUNT_ID}:role/{DISTRIBUTION_ROLE}"
_KEY = f"arn:aws:kms:{REGION}:{SOURCE}:key/1234abcd-12ab-34cd-56ef-1234567890ab"

SENTENCES: Mapping[str, Mapping[str, str]] = {
    "Refused by a policy": {
        "with an explicit deny": f"{_ROLE} ec2:CopyImage on resource: * with an explicit deny in a service control policy",
        "because no service control policy allows": (
            f"{_ROLE} ec2:CopyImage on resource: * because no service control policy allows the ec2:CopyImage action"
        ),
        "sts:AssumeRole, because no identity-based policy allows": (
            f"User: arn:aws:sts::{SOURCE}:assumed-role/ImageBuilderExecution/EC2ImageBuilder is not authorized to perform: sts:AssumeRole "
            f"on resource: {_ROLE_ARN} because no identity-based policy allows the sts:AssumeRole action"
        ),
        "sts:AssumeRole": f"{_SERVICE} sts:AssumeRole on resource: {_ROLE_ARN}",
        "sts:AssumeRole on the lifecycle role": (
            "imagebuilder.amazonaws.com is not authorized to perform: sts:AssumeRole on resource: "
            f"arn:aws:iam::{ACCOUNT_ID}:role/Ec2ImageBuilderCrossAccountLifecycleAccess"
        ),
        "ec2:CopyImage": f"{_ROLE} ec2:CopyImage on resource: * because no identity-based policy allows the ec2:CopyImage action",
        "any other action": f"{_ROLE} ec2:RegisterImage on resource: * because no identity-based policy allows the ec2:RegisterImage action",
    },
    "Keys": {
        "AMI Copy Reported Failure": "AMI Copy Reported Failure For 'ami-0123456789abcdef0'.",
        "kms, because no identity-based policy allows": (
            f"{_ROLE} kms:CreateGrant on resource: {_KEY} because no identity-based policy allows the kms:CreateGrant action"
        ),
        "kms, because no resource-based policy allows": (
            f"{_ROLE} kms:CreateGrant on resource: {_KEY} because no resource-based policy allows the kms:CreateGrant action"
        ),
        "kms, without a reason": f"{_ROLE} kms:ReEncryptFrom on resource: {_KEY}",
        "The key does not exist in this region": (
            f"The key '{_KEY}' does not exist, does not exist in this region, or you are not allowed to access it."
        ),
        "KmsKeyId is invalid": "KmsKeyId 1234abcd-12ab-34cd-56ef-1234567890ab is invalid",
        "pending deletion": f"{_KEY} is pending deletion: KMSInvalidStateException",
        "encrypted with the AWS Managed CMK": "Snapshot snap-0123456789abcdef0 is encrypted with the AWS Managed CMK and can't be shared",
    },
    "Launch templates, parameters and sharing": {
        "ec2:CreateLaunchTemplateVersion": (
            f"{_ROLE} ec2:CreateLaunchTemplateVersion on resource: arn:aws:ec2:{REGION}:{ACCOUNT_ID}:launch-template/lt-0123456789abcdef0 "
            "because no identity-based policy allows the ec2:CreateLaunchTemplateVersion action"
        ),
        "InvalidLaunchTemplateId": "InvalidLaunchTemplateId.NotFound: lt-0123456789abcdef0",
        "ssm:PutParameter": (
            f"{_ROLE} ssm:PutParameter on resource: arn:aws:ssm:{REGION}:{ACCOUNT_ID}:parameter/imagebuilder/web/latest "
            "because no identity-based policy allows the ssm:PutParameter action"
        ),
        "Block public access for AMIs": "You can't publicly share this AMI because block public access for AMIs is enabled for this Region.",
    },
    "Regions and limits": {
        "not able to validate the provided access credentials": "AuthFailure: AWS was not able to validate the provided access credentials",
        "ResourceLimitExceeded": "ResourceLimitExceeded: You have exceeded the limit of concurrent AMI copies.",
    },
    "Building": {
        "Invalid IAM Instance Profile": (
            "Value (EC2InstanceProfileForImageBuilder) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name"
        ),
        "Not authorized to use the provided image": "Not authorized to use the provided image: ami-0123456789abcdef0",
        "SSM execution failed": (
            "SSM execution '1234abcd-12ab-34cd-56ef-1234567890ab' failed with status = 'Failed' "
            "and failure message = 'Document process failed unexpectedly.'"
        ),
        "An execution role is required": "An execution role is required to run workflows.",
        "Resource dependency error": "Resource dependency error: The resource has other resources depend on it.",
    },
    "Importing": {
        "The service role vmimport": "The service role vmimport provided does not exist or does not have sufficient permissions",
        "The import task was not found": "The import task import-ami-0123456789abcdef0 was not found",
        "The import task was cancelled": "The import task import-ami-0123456789abcdef0 was cancelled",
        "You do not have access to the given resource": "ClientError: You do not have access to the given resource",
        "Disk validation failed": "ClientError: Disk validation failed [Unsupported VMDK File Format]",
        "Unsupported kernel version": "ClientError: Unsupported kernel version 6.99.0",
    },
}
"""What AWS says, by what one looks for, by what it is about: at least one for each explanation of failure.py."""

# --- text ------------------------------------------------------------------------------------------------------------------------------------


def _escaped(text: str) -> str:
    return re.sub(r"([\\*`|])|(?<=\w)_(?!\w)", lambda found: f"\\{found.group()}", text)


def _headed(title: str, line: str) -> str:
    return f"{_escaped(title)}\n{line * len(_escaped(title))}\n"


def _block(language: str, text: str, *options: str) -> str:
    head = "\n".join([f".. code-block:: {language}", *(f"   {option}" for option in options)])
    return f"{head}\n\n{textwrap.indent(text.rstrip(), '   ')}\n"


def sentences() -> str:
    """Each sentence with its cause and its remedy, as a failed run tells them."""
    parts = []
    for title, entries in SENTENCES.items():
        parts.append(_headed(title, "-"))
        for name, sentence in entries.items():
            cause, remedy = explain(sentence, ACCOUNT_ID, REGION, SOURCE) or ("", "")
            parts += [_headed(name, "~"), _block("text", sentence), f"{_escaped(cause)}\n", f"*What to do:* {_escaped(remedy)}\n"]
    return "\n".join(parts)


def policies() -> str:
    """Each policy under the name of its file."""
    paths = sorted(POLICIES.glob("*.json"))
    return "\n".join(part for path in paths for part in (_headed(path.name, "~"), _block("json", path.read_text(), f":caption: {path.name}")))


PARTS: Mapping[str, Mapping[str, Callable[[], str]]] = {"troubleshooting": {"sentences": sentences}, "permissions": {"policies": policies}}


def written(page: str) -> str:
    """A page with its parts as they are made now. Raises ValueError when it has no place for one."""
    text = (PAGES / f"{page}.rst").read_text()
    for name, make in PARTS[page].items():
        place = re.compile(rf"(^\.\. begin {name}$\n).*?(^\.\. end {name}$)", re.MULTILINE | re.DOTALL)
        if not place.search(text):
            raise ValueError(f"{page}.rst has no place for {name}")
        made = make()
        text = place.sub(lambda found, made=made: f"{found[1]}\n{made}\n{found[2]}", text)  # type: ignore[misc]
    return text


def main() -> int:
    """Write the pages into the folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=PAGES, help="the folder to write to")
    output: Path = parser.parse_args().output
    for page in PARTS:
        (output / f"{page}.rst").write_text(written(page))
    return 0


if __name__ == "__main__":
    sys.exit(main())
