# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Names, versions and ARNs."""

from __future__ import annotations

import pytest
from ansible_collections.golden.imagebuilder.tests.emulator.imagebuilder import names
from ansible_collections.golden.imagebuilder.tests.emulator.imagebuilder.names import Arn

RECIPE = "arn:aws-us-gov:imagebuilder:us-gov-west-1:111111111111:image-recipe/my-recipe/1.x.x"


@pytest.mark.parametrize("name", ["My Dist", "my-dist", "my_dist", "MY dist"])
def test_names_that_fold_alike_are_one_name(name: str) -> None:
    assert names.folded(name) == "my-dist"


@pytest.mark.parametrize(
    "text",
    [
        RECIPE,
        "arn:aws:imagebuilder:us-west-2:aws:component/update-linux/1.0.2/1",
        "arn:aws:imagebuilder:us-west-2:aws:workflow/build/build-image/1.0.2/1",
        "arn:aws:imagebuilder:us-west-2:111111111111:distribution-configuration/my-dist",
    ],
)
def test_an_arn_is_read_and_written_back(text: str) -> None:
    assert str(Arn.parse(text)) == text


@pytest.mark.parametrize("text", ["", "arn:aws:s3:::bucket", "arn:aws:imagebuilder:us-west-2:111111111111:component/Upper/1.0.0/1"])
def test_what_is_no_arn_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no ARN"):
        Arn.parse(text)


def test_versions_sort_as_numbers() -> None:
    arns = [Arn.parse(f"arn:aws:imagebuilder:us-west-2:aws:component/a/{version}") for version in ("1.10.0/1", "1.9.0/12", "1.9.0/2")]
    assert [f"{arn.version}/{arn.build}" for arn in sorted(arns, key=lambda arn: arn.order)] == ["1.9.0/2", "1.9.0/12", "1.10.0/1"]


@pytest.mark.parametrize(
    ("pattern", "existing", "expected"),
    [
        ("1.0.x", [], "1.0.0"),
        ("1.0.x", ["1.0.0", "1.0.9", "1.0.10", "1.1.30", "2.0.50"], "1.0.11"),
        ("1.x.x", ["1.0.4", "1.3.2"], "1.4.0"),
        ("x.x.x", ["1.0.4", "2.3.2"], "3.0.0"),
    ],
)
def test_a_wildcard_counts_on_at_its_first_x(pattern: str, existing: list[str], expected: str) -> None:
    assert names.next_version(pattern, existing) == expected


@pytest.mark.parametrize("version", ["x.2.x", "1.x.8", f"{2**30}.0.0"])
def test_versions_that_aws_refuses_have_a_problem(version: str) -> None:
    assert names.version_problem(version)


@pytest.mark.parametrize("version", ["1.0.x", "x.x.x", f"{2**30 - 1}.0.0", "2021.01.01"])
def test_other_versions_have_none(version: str) -> None:
    assert not names.version_problem(version)
