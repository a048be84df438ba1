# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Infrastructure configurations. Private to this collection."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.resource import Context, Finding, Reference, Resource

RESERVED_TAGS = ("CreatedBy", "Ec2ImageBuilderArn", "Name", "Tags")
"""Keys that Image Builder itself puts on its instances (documentation of CreateInfrastructureConfiguration)."""


def rules(request: Mapping[str, Any], context: Context) -> Iterator[Finding]:
    """What CreateInfrastructureConfiguration refuses beside what its shape tells."""
    if context.complete and request.get("subnetId") and not request.get("securityGroupIds"):
        yield ("subnetId",), "needs security_group_ids too, at least one: AWS refuses a subnet without security groups."
    for key in request.get("resourceTags") or {}:
        if key in RESERVED_TAGS:
            yield ("resourceTags", key), f"the key is reserved: Image Builder sets {', '.join(RESERVED_TAGS)} on its instances itself."
    placement = request.get("placement") or {}
    for member in ("hostId", "hostResourceGroupArn"):
        if placement.get(member) and placement.get("tenancy") != "host":
            yield ("placement", member), "applies only with tenancy: host."
    if placement.get("hostId") and placement.get("hostResourceGroupArn"):
        yield ("placement", "hostResourceGroupArn"), "host_id is given as well; only one of the two can say where instances go."


INFRASTRUCTURE_CONFIGURATION = Resource(
    api_name="InfrastructureConfiguration",
    options={
        "description": {"type": "str"},
        "instance_types": {"type": "list", "elements": "str"},
        "instance_profile_name": {"type": "str"},
        "security_group_ids": {"type": "list", "elements": "str"},
        "subnet_id": {"type": "str"},
        "logging": {"type": "dict"},
        "key_pair": {"type": "str", "no_log": False},
        "terminate_instance_on_failure": {"type": "bool"},
        "terminate_instance_on_completion": {"type": "bool"},
        "sns_topic_arn": {"type": "str"},
        "resource_tags": {"type": "dict"},
        "instance_metadata_options": {"type": "dict"},
        "placement": {"type": "dict"},
        "parent_instance": {"type": "dict"},
    },
    defaults={"Placement": {"tenancy": "default"}},
    rules=rules,
    used_by=(Reference("image pipeline", "ListImagePipelines"),),
)
