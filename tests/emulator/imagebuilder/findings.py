# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is found in an image: its packages, and the vulnerabilities that Amazon Inspector reports.

Every image of an operating system has the same few findings. A recipe that runs Amazon's component to update the system has only those left
for which there is no fix. Nothing is found where scanning was not enabled.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from .failures import Failure
from .names import Arn

SEVERITIES = ("INFORMATIONAL", "LOW", "MEDIUM", "HIGH", "CRITICAL")
ON_DEMAND = "ON_DEMAND_AMI_CVE"
PACKAGES = {
    "Linux": [
        "acl",
        "audit-libs",
        "aws-cfn-bootstrap",
        "basesystem",
        "bash",
        "ca-certificates",
        "cloud-init",
        "coreutils",
        "curl-minimal",
        "dnf",
        "ec2-utils",
        "findutils",
        "glibc",
        "gnupg2-minimal",
        "grep",
        "gzip",
        "kernel",
        "libgcc",
        "libxml2",
        "openssh-server",
        "openssl",
        "python3",
        "rpm",
        "sed",
        "sudo",
        "systemd",
        "tar",
        "tzdata",
        "vim-minimal",
        "zlib",
    ],
    "Windows": ["Amazon SSM Agent", "AWS PowerShell", "AWS Tools for Windows", "aws-cfn-bootstrap", "EC2Launch", "Microsoft Edge"],
}


@dataclass(frozen=True)
class Vulnerability:
    """One that every image of a platform has."""

    vulnerability_id: str
    severity: str
    score: float
    package: str
    fixed_in: str = ""  # empty: there is no fix


VULNERABILITIES = {
    "Linux": (
        Vulnerability("CVE-2025-10001", "CRITICAL", 9.8, "openssl", "3.2.2-1"),
        Vulnerability("CVE-2025-10002", "HIGH", 7.5, "kernel", "6.1.150-1"),
        Vulnerability("CVE-2025-10003", "MEDIUM", 5.5, "curl-minimal", "8.11.1-4"),
        Vulnerability("CVE-2025-10004", "MEDIUM", 5.3, "glibc"),
        Vulnerability("CVE-2025-10005", "LOW", 3.1, "vim-minimal"),
    ),
    "Windows": (
        Vulnerability("CVE-2025-20001", "HIGH", 8.1, "Microsoft Edge", "140.0"),
        Vulnerability("CVE-2025-20002", "MEDIUM", 6.5, "AWS PowerShell"),
    ),
}


def is_scanned(image: Mapping[str, Any]) -> bool:
    """Whether an image is scanned at all."""
    return bool(image.get("imageScanningConfiguration", {}).get("imageScanningEnabled"))


def is_on_demand(image: Mapping[str, Any]) -> bool:
    """Whether the output AMI is scanned, and not the test instance."""
    return ON_DEMAND in image.get("imageScanningConfiguration", {}).get("imageScanningTypes", [])


def scan_state(image: Mapping[str, Any], status: str, passed: Collection[str]) -> dict[str, Any]:
    """Return the member scanState of an image, nothing when it is not scanned. The scan is part of the tests."""
    if not is_scanned(image):
        return {}
    if "TESTING" in passed:
        return {"scanState": {"status": "COMPLETED"}}
    if status in ("FAILED", "CANCELLED"):
        return {"scanState": {"status": "ABANDONED", "reason": f"The image reached the state {status} before the scan was complete."}}
    return {"scanState": {"status": "SCANNING" if status == "TESTING" else "PENDING"}}


def vulnerabilities(image: Mapping[str, Any]) -> list[Vulnerability]:
    """Return what an image is vulnerable to."""
    recipe = image.get("imageRecipe") or image.get("containerRecipe") or {}
    updates = any(Arn.parse(component["componentArn"]).name.startswith("update-") for component in recipe.get("components", []))
    return [found for found in VULNERABILITIES.get(image["platform"], ()) if not (updates and found.fixed_in)]


def judge(delivery: Any) -> Failure | None:
    """Hold the scan of the output AMI against the condition of the image, at the end of its tests."""
    configuration = delivery.image.get("imageScanningConfiguration", {})
    condition = configuration.get("scanResultCondition")
    if not condition or not is_scanned(delivery.image):
        return None
    limit = SEVERITIES.index(condition["maximumSeverityLabel"])
    counted = [found for found in vulnerabilities(delivery.image) if found.fixed_in or not condition.get("fixAvailable", True)]
    above = [found.vulnerability_id for found in counted if SEVERITIES.index(found.severity) > limit]
    if not above:
        return None
    return Failure(f"The scan of the output AMI found vulnerabilities above severity {condition['maximumSeverityLabel']}: {', '.join(above)}.")
