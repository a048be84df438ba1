# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The AWS managed policies that the emulated accounts have: the few that matter here, in AWS's own text as moto ships it.

moto loads none, or all 1,500 into every account and partition, which takes a second and many megabytes each.
"""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from moto.iam.aws_managed_policies import aws_managed_policies_data

NAMES = (
    "AdministratorAccess",
    "AmazonSSMManagedInstanceCore",
    "AWSImageBuilderFullAccess",
    "AWSImageBuilderReadOnlyAccess",
    "AWSServiceRoleForImageBuilder",
    "EC2FastLaunchFullAccess",
    "EC2ImageBuilderExecutionPolicy",
    "EC2ImageBuilderLifecycleExecutionPolicy",
    "EC2InstanceProfileForImageBuilder",
    "EC2InstanceProfileForImageBuilderECRContainerBuilds",
    "Ec2ImageBuilderCrossAccountDistributionAccess",
    "PowerUserAccess",
    "ReadOnlyAccess",
)


@cache
def load() -> dict[str, dict[str, Any]]:
    """Return moto's description of each policy by name; the document is under `Document`."""
    every = json.loads(aws_managed_policies_data)
    return {name: every[name] for name in NAMES if name in every}


@cache
def document(name: str, partition: str = "aws") -> str:
    """Return the JSON text of one policy; what moto ships is for the partition aws, and elsewhere the ARNs in it carry that partition's name."""
    return json.dumps(load()[name]["Document"]).replace("arn:aws:", f"arn:{partition}:")
