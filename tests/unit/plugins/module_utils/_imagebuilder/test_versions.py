# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder import versions
from ansible_collections.golden.imagebuilder.plugins.module_utils._imagebuilder.versions import Version, parse
from hypothesis import given
from hypothesis import strategies as st

numbers = st.integers(0, versions.HIGHEST - 1)
fixed = st.builds(lambda *nodes: Version(nodes), numbers, numbers, numbers)
open_ones = st.tuples(fixed, st.integers(0, 2)).map(lambda pair: Version((*pair[0].nodes[: pair[1]], *[None] * (3 - pair[1]))))  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["1.0.0", "0.0.0", "2021.01.01", "1.0.x", "1.x.x", "x.x.x", f"1.0.{2**30 - 1}"])
def test_versions_are_read(text: str) -> None:
    assert str(parse(text)) == ".".join(node if node == "x" else str(int(node)) for node in text.split("."))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("1.0", "Three numbers"),
        ("1", "Three numbers"),
        ("v1.0.0", "Three numbers"),
        ("1.0.0/1", "Three numbers"),
        ("1.0.X", "Three numbers"),
        ("", "Three numbers"),
        ("1.0.0\n", "Three numbers"),
        ("x.2.x", "everything right of the first x"),
        ("1.x.8", "everything right of the first x"),
        (f"1.0.{2**30}", "above 1073741823"),
    ],
)
def test_what_is_no_version_says_why(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        parse(text)


def test_newest_is_by_number_and_not_by_text() -> None:
    existing = [parse(text) for text in ("2.2.4", "1.7.8", "1.6.10", "1.6.9")]
    assert [str(versions.newest(parse(form), existing)) for form in ("x.x.x", "1.x.x", "1.6.x", "1.7.8")] == ["2.2.4", "1.7.8", "1.6.10", "1.7.8"]
    assert versions.newest(parse("3.x.x"), existing) is None


@pytest.mark.parametrize(
    ("form", "existing", "following"),
    [
        ("1.0.x", [], "1.0.0"),
        ("1.x.x", [], "1.0.0"),
        ("x.x.x", [], "1.0.0"),
        ("1.0.x", ["1.0.0", "1.0.9", "1.1.3"], "1.0.10"),
        ("1.x.x", ["1.4.2", "1.3.9"], "1.5.0"),
        ("x.x.x", ["2.2.4"], "3.0.0"),
    ],
)
def test_the_first_x_counts_up(form: str, existing: list[str], following: str) -> None:
    assert str(versions.next_free(parse(form), [parse(text) for text in existing])) == following


def test_there_is_not_always_a_next_version() -> None:
    with pytest.raises(ValueError, match="cannot grow"):
        versions.next_free(parse("1.0.x"), [parse(f"1.0.{versions.HIGHEST}")])
    with pytest.raises(ValueError, match=r"such as 1\.0\.x"):
        versions.next_free(parse("1.0.0"), [])


@given(wanted=open_ones, existing=st.lists(fixed, max_size=5))
def test_the_next_version_is_free_and_above_all_that_match(wanted: Version, existing: list[Version]) -> None:
    following = versions.next_free(wanted, existing)
    assert wanted.matches(following)
    assert following not in existing
    assert all(following.order > version.order for version in existing if wanted.matches(version))


@given(version=fixed)
def test_a_version_is_in_its_own_row(version: Version) -> None:
    assert versions.siblings(version).matches(version)
    assert parse(str(version)) == version
