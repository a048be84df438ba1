# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import arns, versions

IB = "arn:aws:imagebuilder:us-west-2:111111111111:"


@pytest.mark.parametrize(
    ("arn", "parts"),
    [
        (f"{IB}infrastructure-configuration/web", (f"{IB}infrastructure-configuration/web", "", "")),
        (f"{IB}image-recipe/web/1.0.x", (f"{IB}image-recipe/web", "1.0.x", "")),
        (f"{IB}component/web/1.0.3/12", (f"{IB}component/web", "1.0.3", "12")),
        (f"{IB}workflow/build/web/1.0.3/1", (f"{IB}workflow/build/web", "1.0.3", "1")),
        (f"{IB}workflow/build/x.x.x", (f"{IB}workflow/build", "x.x.x", "")),
        ("", ("", "", "")),
    ],
)
def test_an_arn_is_split_at_its_version(arn: str, parts: tuple[str, str, str]) -> None:
    assert tuple(arns.split(arn)) == parts


def test_the_name_stands_before_the_version() -> None:
    assert [arns.split(f"{IB}{path}").name for path in ("component/a/1.0.0/1", "workflow/test/b/1.0.0", "image-pipeline/c")] == ["a", "b", "c"]
    assert str(arns.version_of(f"{IB}workflow/test/b/1.2.3/4")) == "1.2.3"


@pytest.mark.parametrize(
    ("text", "means"),
    [
        ("x:component/a/1.0.3/1", True),
        ("x:component/a/1.0.3", True),
        ("x:component/a/1.0.x", True),
        ("x:component/a/x.x.x", True),
        ("x:component/a/1.0.3/2", False),
        ("x:component/a/1.1.x", False),
        ("x:component/b/x.x.x", False),
        ("x:image-recipe/a/x.x.x", False),
        ("x:component/a/latest", False),
        ("x:component/a", False),
        ("", False),
    ],
)
def test_references_are_recognized(text: str, means: bool) -> None:
    assert arns.refers_to(text, "x:component/a/1.0.3/1") is means


@pytest.mark.parametrize(
    ("text", "newer", "means"),
    [
        ("x:workflow/build/a/1.0.x", [], True),
        ("x:workflow/build/a/1.0.x", ["1.1.0"], True),
        ("x:workflow/build/a/1.0.x", ["1.0.4"], False),
        ("x:workflow/build/a/x.x.x", ["1.1.0"], False),
        ("x:workflow/build/a/1.0.3", ["1.0.4"], True),
        ("x:workflow/test/a/1.0.3", [], False),
    ],
)
def test_an_open_reference_means_the_newest(text: str, newer: list[str], means: bool) -> None:
    assert arns.refers_to(text, "x:workflow/build/a/1.0.3/1", map(versions.parse, newer)) is means


def test_strings_are_found_however_deep() -> None:
    assert list(arns.strings({"a": "1", "b": [{"c": "2"}, 3, None], "d": ("4",)})) == ["1", "2", "4"]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("builds", "arn:aws:iam::111111111111:role/builds", True),
        ("builds", "arn:aws:iam::111111111111:role/factory/builds", True),
        ("builds", "arn:aws:iam::111111111111:role/more-builds", False),
        (None, "arn:aws:iam::111111111111:role/aws-service-role/imagebuilder.amazonaws.com/AWSServiceRoleForImageBuilder", True),
        (None, "builds", False),
    ],
)
def test_roles_are_the_same_by_name_or_arn(one: str | None, other: str | None, same: bool) -> None:
    assert arns.same_role(one, other) is same
