# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Resources of Image Builder written anew to mend something: a recipe's next version, another content of a configuration. Pure.

What is an option of preflight and not yet at AWS is the user's to change, and has nothing to run. Private to this collection.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.findings import NOTHING_TO_RUN
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.preflight_accounts import entrance
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.preflight_facts import Facts
from ansible_collections.golden.imagebuilder.plugins.module_utils._distribution.remedies import Remedy, Template, policy_text
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import schema

_OPEN_NODE = "x"
_NOT_CONTENT = ("clientToken", "dryRun", "tags")


def distributions(facts: Facts, name: str, wanted: Sequence[Mapping[str, Any]]) -> Remedy:
    """The distribution configuration with these distributions; `name` is what the task is called."""
    configuration = facts.run.distribution_configuration
    if configuration is None:
        return NOTHING_TO_RUN
    way = entrance(facts, facts.run.source.account_id)
    shape = schema.input_shape("UpdateDistributionConfiguration").members["distributions"]
    options = {"name": configuration["name"], "distributions": schema.snake_case(list(wanted), shape), "purge_tags": False}
    call = ["imagebuilder", "update-distribution-configuration", "--distribution-configuration-arn", configuration["arn"]]
    kept = ["--description", configuration["description"]] if configuration.get("description") else []
    task = way.own_task(name, "distribution_configuration", options)
    return Remedy(task, way.command([*call, *kept, "--distributions", policy_text(wanted)]))


def entries(facts: Facts, region: str, name: str, change: Callable[[dict[str, Any]], None]) -> Remedy:
    """The distribution configuration with a change of the entries of a Region."""
    changed = [dict(entry) for entry in facts.run.distributions]
    for entry in changed:
        if entry["region"] == region:
            change(entry)
    return distributions(facts, name, changed)


def infrastructure(facts: Facts, name: str, members: Mapping[str, Any]) -> Remedy:
    """The infrastructure configuration with other values of some members; those that are None are taken out."""
    configuration = facts.run.infrastructure
    if configuration is None or "arn" not in configuration:
        return NOTHING_TO_RUN
    way, shape = entrance(facts, facts.run.source.account_id), schema.input_shape("UpdateInfrastructureConfiguration")
    options = {schema.snake_name(member): ([] if member.endswith("s") else "") if value is None else value for member, value in members.items()}
    task = way.own_task(name, "infrastructure_configuration", {"name": configuration["name"], **options})
    merged = {**_content(configuration, shape), **members, "infrastructureConfigurationArn": configuration["arn"]}
    request = {member: value for member, value in merged.items() if value is not None}
    return Remedy(task, way.command(["imagebuilder", "update-infrastructure-configuration", "--cli-input-json", policy_text(request)]))


def recipe(facts: Facts, name: str, mappings: Sequence[Mapping[str, Any]]) -> Remedy:
    """The next version of the recipe, with other block device mappings. A recipe itself is never changed, so the run has to take the newer one."""
    present = facts.run.recipe
    if present is None or "arn" not in present:
        return NOTHING_TO_RUN
    way, shape = entrance(facts, facts.run.source.account_id), schema.input_shape("CreateImageRecipe")
    major, minor, _patch = str(present["arn"]).rpartition("/")[2].split(".")
    request = {**_content(present, shape), "semanticVersion": f"{major}.{minor}.{_OPEN_NODE}", "blockDeviceMappings": list(mappings)}
    tags = {"tags": dict(present["tags"])} if present.get("tags") else {}
    task = way.own_task(name, "image_recipe", {**schema.snake_case(request, shape), **tags})
    if _has_template(mappings):
        return Remedy(task)
    return Remedy(task, way.command(["imagebuilder", "create-image-recipe", "--cli-input-json", policy_text({**request, **tags})]))


def _content(present: Mapping[str, Any], shape: schema.Shape) -> dict[str, Any]:
    """What a request that makes a resource anew has of it; what is not set is left out."""
    return {member: present[member] for member in shape.members if member not in _NOT_CONTENT and present.get(member) not in (None, "", [], {})}


def _has_template(value: Any) -> bool:
    """Whether Ansible has to fill in something, which a shell cannot."""
    if isinstance(value, Mapping):
        return any(map(_has_template, value.values()))
    return any(map(_has_template, value)) if isinstance(value, (list, tuple)) else isinstance(value, Template)
