# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Amazon owns and everybody may refer to: a handful of its managed images, components and workflows, in every Region."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

import yaml

from .names import Arn

if TYPE_CHECKING:
    from .models import ImageBuilderBackend

PUBLISHED = "2026-01-15T00:00:00.000Z"

# name: (platform, operating system, root device)
IMAGES: dict[str, tuple[str, str, str]] = {
    "amazon-linux-2-x86": ("Linux", "Amazon Linux 2", "/dev/xvda"),
    "amazon-linux-2-arm64": ("Linux", "Amazon Linux 2", "/dev/xvda"),
    "amazon-linux-2023-x86": ("Linux", "Amazon Linux 2023", "/dev/xvda"),
    "amazon-linux-2023-arm64": ("Linux", "Amazon Linux 2023", "/dev/xvda"),
    "amazon-linux-2023-ecs-optimized-x86": ("Linux", "Amazon Linux 2023", "/dev/xvda"),
    "ubuntu-server-22-lts-x86": ("Linux", "Ubuntu 22", "/dev/sda1"),
    "ubuntu-server-24-lts-x86": ("Linux", "Ubuntu 24", "/dev/sda1"),
    "red-hat-enterprise-linux-9-x86": ("Linux", "Red Hat Enterprise Linux 9", "/dev/sda1"),
    "windows-server-2019-english-full-base-x86": ("Windows", "Microsoft Windows Server 2019", "/dev/sda1"),
    "windows-server-2022-english-full-base-x86": ("Windows", "Microsoft Windows Server 2022", "/dev/sda1"),
    "windows-server-2025-english-full-base-x86": ("Windows", "Microsoft Windows Server 2025", "/dev/sda1"),
}
# name: (platform, operating system)
CONTAINER_IMAGES: dict[str, tuple[str, str]] = {
    "amazon-linux-x86-2": ("Linux", "Amazon Linux 2"),
    "amazon-linux-x86-latest": ("Linux", "Amazon Linux 2023"),
}
IMAGE_VERSIONS = ("2025.12.11", "2026.1.15")
DEPRECATED_IMAGES = {("windows-server-2019-english-full-base-x86", "2025.12.11")}

# name: (platform, phase, action)
COMPONENTS: dict[str, tuple[str, str, str]] = {
    "update-linux": ("Linux", "build", "UpdateOS"),
    "update-windows": ("Windows", "build", "UpdateOS"),
    "reboot-linux": ("Linux", "build", "Reboot"),
    "reboot-windows": ("Windows", "build", "Reboot"),
    "aws-cli-version-2-linux": ("Linux", "build", "ExecuteBash"),
    "aws-cli-version-2-windows": ("Windows", "build", "ExecutePowerShell"),
    "amazon-cloudwatch-agent-linux": ("Linux", "build", "ExecuteBash"),
    "amazon-cloudwatch-agent-windows": ("Windows", "build", "ExecutePowerShell"),
    "stig-build-linux-low": ("Linux", "build", "ExecuteBash"),
    "stig-build-linux-medium": ("Linux", "build", "ExecuteBash"),
    "stig-build-linux-high": ("Linux", "build", "ExecuteBash"),
    "stig-build-windows-high": ("Windows", "build", "ExecutePowerShell"),
    "python-3-linux": ("Linux", "build", "ExecuteBash"),
    "inspector-test-linux": ("Linux", "test", "ExecuteBash"),
    "simple-boot-test-linux": ("Linux", "test", "ExecuteBash"),
    "simple-boot-test-windows": ("Windows", "test", "ExecutePowerShell"),
}
COMPONENT_VERSIONS = ("1.0.0", "1.0.2")

# name: (type, its steps as (name, action))
WORKFLOWS: dict[str, tuple[str, tuple[tuple[str, str], ...]]] = {
    "build-image": (
        "BUILD",
        (
            ("LaunchBuildInstance", "LaunchInstance"),
            ("ApplyBuildComponents", "ExecuteComponents"),
            ("RunSanitizeScript", "SanitizeInstance"),
            ("CreateOutputAMI", "CreateImage"),
            ("TerminateBuildInstance", "TerminateInstance"),
        ),
    ),
    "build-container": (
        "BUILD",
        (
            ("LaunchBuildInstance", "LaunchInstance"),
            ("BootstrapBuildInstance", "BootstrapInstanceForContainer"),
            ("ApplyBuildComponents", "ExecuteComponents"),
            ("TerminateBuildInstance", "TerminateInstance"),
        ),
    ),
    "test-image": (
        "TEST",
        (
            ("LaunchTestInstance", "LaunchInstance"),
            ("ApplyTestComponents", "ExecuteComponents"),
            ("TerminateTestInstance", "TerminateInstance"),
        ),
    ),
    "test-container": (
        "TEST",
        (
            ("LaunchTestInstance", "LaunchInstance"),
            ("BootstrapTestInstance", "BootstrapInstanceForContainer"),
            ("ApplyTestComponents", "ExecuteComponents"),
            ("TerminateTestInstance", "TerminateInstance"),
        ),
    ),
    "distribute-image": (
        "DISTRIBUTION",
        (
            ("DistributeImage", "DistributeImage"),
            ("ModifyImageAttributes", "ModifyImageAttributes"),
            ("ApplyImageConfigurations", "ApplyImageConfigurations"),
        ),
    ),
    "distribute-container": ("DISTRIBUTION", (("DistributeContainerImage", "DistributeContainerImage"),)),
}
WORKFLOW_VERSIONS = ("1.0.1", "1.0.2")


def images(backend: ImageBuilderBackend) -> Iterator[tuple[Arn, dict[str, Any]]]:
    """Yield ARN and members of Amazon's images in the backend's Region."""
    named = {name: ("AMI", *about) for name, about in IMAGES.items()} | {name: ("DOCKER", *about, "") for name, about in CONTAINER_IMAGES.items()}
    for name, (image_type, platform, system, root_device) in named.items():
        for version in IMAGE_VERSIONS:
            arn = _arn(backend, "image", name, version)
            values: dict[str, Any] = {
                **_published(arn, name),
                "version": f"{version}/1",
                "type": image_type,
                "platform": platform,
                "osVersion": system,
                "buildType": "USER_INITIATED",
                "imageSource": "AMAZON_MANAGED",
                "state": {"status": "DEPRECATED" if (name, version) in DEPRECATED_IMAGES else "AVAILABLE"},
                "outputResources": {"amis": [], "containers": []},
                "rootDevice": root_device,
            }
            yield arn, values


def components(backend: ImageBuilderBackend) -> Iterator[tuple[Arn, dict[str, Any]]]:
    """Yield ARN and members of Amazon's components in the backend's Region."""
    for name, (platform, phase, action) in COMPONENTS.items():
        for version in COMPONENT_VERSIONS:
            arn = _arn(backend, "component", name, version)
            values = {
                **_published(arn, name),
                "version": version,
                "platform": platform,
                "type": "TEST" if phase == "test" else "BUILD",
                "data": f"name: {name}\nschemaVersion: 1.0\nphases: [{{name: {phase}, steps: [{{name: Run, action: {action}}}]}}]\n",
                "encrypted": True,
                "parameters": [],
                "state": {"status": "ACTIVE"},
                "status": "ACTIVE",
                "obfuscate": False,
            }
            yield arn, values


def workflows(backend: ImageBuilderBackend) -> Iterator[tuple[Arn, dict[str, Any]]]:
    """Yield ARN and members of Amazon's workflows in the backend's Region."""
    for name, (workflow_type, _steps) in WORKFLOWS.items():
        for version in WORKFLOW_VERSIONS:
            arn = _arn(backend, f"workflow/{workflow_type.lower()}", name, version)
            yield arn, {**_published(arn, name), "version": version, "type": workflow_type, "data": _workflow_document(name), "parameters": []}


@cache
def _workflow_document(name: str) -> str:
    steps = [{"name": step, "action": action} for step, action in WORKFLOWS[name][1]]
    return yaml.safe_dump({"name": name, "schemaVersion": 1.0, "steps": steps}, sort_keys=False)


def _arn(backend: ImageBuilderBackend, arn_type: str, name: str, version: str) -> Arn:
    return Arn(backend.partition, backend.region_name, "aws", arn_type, name, version, 1)


def _published(arn: Arn, name: str) -> dict[str, Any]:
    return {"arn": str(arn), "name": name, "owner": "Amazon", "dateCreated": PUBLISHED}
