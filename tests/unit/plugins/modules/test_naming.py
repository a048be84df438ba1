# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Resources and references by name, end to end: what is written at AWS, and what is refused before it is."""

from __future__ import annotations

from typing import Any

import pytest

from .conftest import RunModule

ACCOUNT, REGION = "111111111111", "us-west-2"
HERE = f"arn:aws:imagebuilder:{REGION}:{ACCOUNT}"
DOCUMENT = "schemaVersion: 1.0\nphases:\n  - name: build\n    steps:\n      - {name: Reboot, action: Reboot}\n"


def test_a_recipe_and_a_pipeline_that_name_what_they_use(emulator: Any, run_module: RunModule) -> None:
    run_module("component", name="Harden Linux/1.0.x", platform="Linux", data=DOCUMENT)
    recipe = {
        "name": "web/1.0.x",
        "parent_image": "aws:amazon-linux-2023-x86/x.x.x",
        "components": [{"component": "aws:update-linux"}, {"component": "harden_linux/1.0.x"}],
    }
    made = run_module("image_recipe", **recipe)
    assert not made["failed"], made
    written = emulator.client(ACCOUNT, "imagebuilder", REGION).get_image_recipe(imageRecipeArn=f"{HERE}:image-recipe/web/1.0.0")["imageRecipe"]
    assert written["parentImage"] == f"arn:aws:imagebuilder:{REGION}:aws:image/amazon-linux-2023-x86/x.x.x"
    assert [component["componentArn"] for component in written["components"]] == [
        f"arn:aws:imagebuilder:{REGION}:aws:component/update-linux/x.x.x",
        f"{HERE}:component/harden-linux/1.0.x",
    ]
    assert run_module("image_recipe", **recipe)["changed"] is False
    run_module("infrastructure_configuration", name="small", instance_profile_name="image-builder")
    pipeline = {"name": "web", "image_recipe": "web/1.0.x", "infrastructure_configuration": "small"}
    made = run_module("image_pipeline", **pipeline)
    assert not made["failed"], made
    assert made["image_pipeline"]["image_recipe_arn"] == f"{HERE}:image-recipe/web/1.0.x"
    assert run_module("image_pipeline", **pipeline)["changed"] is False


@pytest.mark.parametrize("options", [{"description": "other"}, {"tags": {"team": "web"}}, {"state": "absent"}])
def test_nothing_is_written_to_what_is_spelled_otherwise(options: dict[str, Any], emulator: Any, run_module: RunModule) -> None:
    assert run_module("infrastructure_configuration", name="My Web", instance_profile_name="image-builder")["changed"]
    emulator.reset_calls()
    refused = run_module("infrastructure_configuration", name="my_web", **options)
    assert refused["failed"]
    assert [error["path"] for error in refused["errors"]] == ["name"]
    assert f"'my_web' is to Image Builder the same as 'My Web', which is there ({HERE}:infrastructure-configuration/my-web)" in refused["msg"]
    assert not emulator.writes()
    # ARNs hold no spelling.
    done = run_module("infrastructure_configuration", name=f"{HERE}:infrastructure-configuration/my-web", **options)
    assert (done["failed"], done["changed"]) == (False, True)


def test_the_arn_of_a_build_deletes_that_build_alone(emulator: Any, run_module: RunModule) -> None:
    client = emulator.client(ACCOUNT, "imagebuilder", REGION)
    for data in (DOCUMENT, DOCUMENT.replace("build", "test")):
        client.create_component(name="web", semanticVersion="1.0.0", platform="Linux", data=data)
    arn = f"{HERE}:component/web/1.0.0"
    assert run_module("component", name=f"{arn}/1", state="absent")["deleted"] == [f"{arn}/1"]
    assert run_module("component", name=arn, state="absent")["deleted"] == [f"{arn}/2"]
