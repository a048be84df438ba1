# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What Amazon owns and everybody may refer to: a handful of its managed images and components, in every Region."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

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
IMAGE_VERSIONS = ("2025.12.11", "2026.1.15")

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


def images(backend: ImageBuilderBackend) -> Iterator[tuple[Arn, dict[str, Any]]]:
    """Yield ARN and members of Amazon's images in the backend's Region."""
    for name, (platform, system, root_device) in IMAGES.items():
        for version in IMAGE_VERSIONS:
            arn = Arn(backend.partition, backend.region_name, "aws", "image", name, version, 1)
            yield (
                arn,
                {
                    "arn": str(arn),
                    "name": name,
                    "version": f"{version}/1",
                    "type": "AMI",
                    "platform": platform,
                    "osVersion": system,
                    "owner": "Amazon",
                    "dateCreated": PUBLISHED,
                    "buildType": "USER_INITIATED",
                    "imageSource": "AMAZON_MANAGED",
                    "state": {"status": "AVAILABLE"},
                    "outputResources": {"amis": [], "containers": []},
                    "rootDevice": root_device,
                },
            )


def components(backend: ImageBuilderBackend) -> Iterator[tuple[Arn, dict[str, Any]]]:
    """Yield ARN and members of Amazon's components in the backend's Region."""
    for name, (platform, phase, action) in COMPONENTS.items():
        for version in COMPONENT_VERSIONS:
            arn = Arn(backend.partition, backend.region_name, "aws", "component", name, version, 1)
            yield (
                arn,
                {
                    "arn": str(arn),
                    "name": name,
                    "version": version,
                    "platform": platform,
                    "type": "TEST" if phase == "test" else "BUILD",
                    "owner": "Amazon",
                    "data": f"name: {name}\nschemaVersion: 1.0\nphases: [{{name: {phase}, steps: [{{name: Run, action: {action}}}]}}]\n",
                    "dateCreated": PUBLISHED,
                    "encrypted": False,
                    "parameters": [],
                    "state": {"status": "ACTIVE"},
                    "status": "ACTIVE",
                    "obfuscate": False,
                },
            )
