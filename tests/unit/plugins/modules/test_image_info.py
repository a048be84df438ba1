# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module image_info against the emulator."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.tests.emulator.server import InProcessEmulator, emulate
from ansible_collections.golden.imagebuilder.tests.unit.emulator.imagebuilder.conftest import (
    BUILD_REGION,
    PARENT_IMAGE,
    PAYMENTS,
    SEARCH,
    SOURCE,
    Factory,
)

START = f"arn:aws:imagebuilder:{BUILD_REGION}:{SOURCE}"


@pytest.fixture(scope="module")
def emulator() -> Iterator[InProcessEmulator]:
    """One for all tests of this file: they only read."""
    with emulate(accounts=[SOURCE, PAYMENTS, SEARCH]) as running:
        yield running


@pytest.fixture(scope="module")
def factory(emulator: Any) -> Factory:
    """Three builds of golden 1.0.0, of which the last has not reached one account, one of 1.0.1, and one of another recipe."""
    ready = Factory(emulator)
    ready.make_all()
    recipe = ready.recipe()
    for _build in range(2):
        ready.build(None, recipe)
    ready.put_key_actions(PAYMENTS, ["DescribeKey"])
    ready.build(ready.distributions()[:1], recipe)
    ready.build(None, ready.recipe())
    ready.build(None, ready.recipe(name="Other One"))
    return ready


@pytest.fixture(scope="module")
def many(factory: Factory) -> None:
    """More builds than a page of any listing holds."""
    recipe = factory.recipe(name="Many")
    for _build in range(30):
        factory.start(None, recipe)


@pytest.fixture
def run(run_module: Any, factory: Factory) -> Any:
    def run(**options: Any) -> dict[str, Any]:
        result: dict[str, Any] = run_module("image_info", **options)
        return result

    return run


def arns(result: dict[str, Any]) -> list[str]:
    return [image["arn"].removeprefix(f"{START}:image/") for image in result["images"]]


def test_all(run: Any, emulator: Any) -> None:
    emulator.reset_calls()
    result = run()
    assert arns(result) == ["golden/1.0.1/1", "golden/1.0.0/3", "golden/1.0.0/2", "golden/1.0.0/1", "other-one/1.0.0/1"]
    assert not result["changed"]
    assert emulator.writes() == []


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"name": "Golden", "limit": 1}, ["golden/1.0.1/1", "golden/1.0.0/3"]),
        ({"name": "gold"}, []),
        ({"name": "other_one"}, ["other-one/1.0.0/1"]),
        ({"name": "golden", "semantic_version": "1.0.1"}, ["golden/1.0.1/1"]),
        ({"name": "golden", "semantic_version": "1.0.x", "limit": 1}, ["golden/1.0.1/1", "golden/1.0.0/3"]),
        ({"name": "golden", "semantic_version": "2.x.x"}, []),
        ({"image_recipe_arn": f"{START}:image-recipe/golden/1.0.0"}, ["golden/1.0.0/3", "golden/1.0.0/2", "golden/1.0.0/1"]),
        ({"image_recipe_arn": f"{START}:image-recipe/golden/1.0.x", "limit": 1}, ["golden/1.0.1/1", "golden/1.0.0/3"]),
        ({"image_recipe": "Golden/1.0.0", "limit": 1}, ["golden/1.0.0/3"]),
        ({"image_recipe": "golden", "limit": 1}, ["golden/1.0.1/1", "golden/1.0.0/3"]),
        ({"container_recipe": "golden/1.0.1"}, ["golden/1.0.1/1"]),
        ({"name": "golden/1.0.1"}, ["golden/1.0.1/1"]),
        ({"name": "golden/1.0.x", "limit": 1}, ["golden/1.0.1/1", "golden/1.0.0/3"]),
        ({"name": "Golden/1.0.0/2"}, ["golden/1.0.0/2"]),
        ({"name": f"{SOURCE}:other one"}, ["other-one/1.0.0/1"]),
        ({"name": f"{PAYMENTS}:golden/1.0.0/1"}, []),
        ({"filters": {"version": "1.0.1"}}, ["golden/1.0.1/1"]),
        ({"filters": {"name": ["Other One", "none"], "platform": "Linux"}}, ["other-one/1.0.0/1"]),
        ({"name": "golden", "filters": {"version": "1.0.1"}}, ["golden/1.0.1/1"]),
        ({"name": "golden/1.0.0", "filters": {"platform": "Windows"}}, []),
        ({"arn": f"{START}:image/golden/1.0.0/2"}, ["golden/1.0.0/2"]),
        ({"arn": f"{START}:image/golden/1.0.0", "limit": 2}, ["golden/1.0.0/3", "golden/1.0.0/2"]),
        ({"arn": f"{START}:image/golden/1.x.x"}, ["golden/1.0.1/1"]),
        ({"arn": f"{START}:image/golden/1.0.0/9"}, []),
        ({"arn": f"{START}:image/nothing/1.0.0"}, []),
    ],
)
def test_some(run: Any, options: dict[str, Any], expected: list[str]) -> None:
    assert arns(run(**options)) == expected


def test_of_one_all_that_is_known(run: Any) -> None:
    (image,) = run(arn=f"{START}:image/golden/1.0.0/3")["images"]
    assert image["state"]["status"] == "FAILED"
    assert image["image_recipe"]["arn"] == f"{START}:image-recipe/golden/1.0.0"
    assert [(ami["account_id"], ami["region"]) for ami in image["amis"]] == [(SOURCE, BUILD_REGION), (SEARCH, BUILD_REGION)]
    (failure,) = image["failures"]
    assert (failure["account_id"], failure["region"], failure["step"]) == (PAYMENTS, BUILD_REGION, "COPY_AMI")
    assert "golden.imagebuilder.destination_roles" in failure["remedy"]
    assert image["tags"] == {}


def test_all_mistakes_at_once_before_any_call(run_module: Any, emulator: Any) -> None:
    emulator.reset_calls()
    result = run_module("image_info", name="/", semantic_version="1.0", limit=0, filters={"os-version": "x"})
    assert {error["path"] for error in result["errors"]} == {"name", "semantic_version", "limit", "filters.os-version"}
    assert [error["path"] for error in run_module("image_info", arn="x")["errors"]] == ["arn"]
    assert [error["path"] for error in run_module("image_info", name="web/1.0.0", semantic_version="1.0.0")["errors"]] == ["semantic_version"]
    assert [error["path"] for error in run_module("image_info", image_recipe="web/1")["errors"]] == ["image_recipe_arn"]
    assert emulator.calls() == []


def test_one_way_to_say_which(run_module: Any, emulator: Any) -> None:
    assert "mutually exclusive" in run_module("image_info", arn="x", name="golden")["msg"]


@pytest.mark.usefixtures("many")
def test_more_builds_than_a_page_holds(run: Any) -> None:
    assert len(run(name="many")["images"]) == 30


def test_the_images_of_others(run: Any) -> None:
    found = {image["arn"].split(":")[4] for image in run(owner="Amazon", filters={"platform": "Linux"})["images"]}
    assert found == {"aws"}
    (image,) = run(name="aws:amazon-linux-2023-x86")["images"]
    assert image["arn"].startswith(f"arn:aws:imagebuilder:{BUILD_REGION}:aws:image/amazon-linux-2023-x86/")
    assert run(owner="Amazon", name="amazon-linux-2023-x86", semantic_version="2026.x.x")["images"] == [image]


def test_what_is_told_on_request(run: Any, factory: Factory) -> None:
    arn = f"{START}:image/golden/1.0.0/1"
    statement = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{PAYMENTS}:root"}, "Action": "imagebuilder:GetImage", "Resource": arn}
    policy = {"Version": "2012-10-17", "Statement": [statement]}
    factory.client().put_image_policy(imageArn=arn, policy=json.dumps(policy))
    shared, other = (run(arn=one, include=["policy", "workflow_executions"])["images"][0] for one in (arn, f"{START}:image/golden/1.0.0/2"))
    assert (shared["policy"], other["policy"]) == (policy, None)
    assert {one["type"] for one in shared["workflow_executions"]} == {"BUILD", "TEST", "DISTRIBUTION"}
    steps = [step for execution in shared["workflow_executions"] for step in execution["steps"]]
    assert {step["status"] for step in steps} == {"COMPLETED"}
    assert not {"workflow_executions", "history"} & set(run(arn=arn)["images"][0])


def test_the_states_that_an_image_was_in(run: Any) -> None:
    history = run(arn=f"{START}:image/golden/1.0.0/1", include=["history"])["images"][0]["history"]
    assert [entry["state"] for entry in history] == ["PENDING", "BUILDING", "TESTING", "DISTRIBUTING", "INTEGRATING", "AVAILABLE"]
    assert [entry["seconds"] for entry in history][-1] is None


def test_what_is_in_an_image(run: Any, factory: Factory) -> None:
    """All pages of it: an image has more packages than a page holds."""
    factory.client().create_image_recipe(name="Scanned", semanticVersion="1.0.0", parentImage=PARENT_IMAGE)
    scanned = factory.build(
        None,
        f"{START}:image-recipe/scanned/1.0.0",
        imageScanningConfiguration={"imageScanningEnabled": True},
        imageTestsConfiguration={"imageTestsEnabled": True},
    )["arn"]
    (image,) = run(arn=scanned, include=["packages", "scan_findings"])["images"]
    assert len(image["packages"]) == len({one["package_name"] for one in image["packages"]}) > 25
    assert all(one["package_version"] for one in image["packages"])
    assert image["scan_findings"]
    assert {one["image_build_version_arn"] for one in image["scan_findings"]} == {scanned}
    (other,) = run(arn=f"{START}:image/golden/1.0.0/1", include=["scan_findings"])["images"]
    assert other["scan_findings"] == []
