# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action that writes a report; what it says is in the tests of the plugin utils."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.action.report import read_options
from ansible_collections.golden.imagebuilder.plugins.plugin_utils._report.files import Wanted, read_mode
from ansible_collections.golden.imagebuilder.tests.report_sample import REGIONS, sample

from .conftest import Play


def test_in_a_play(play: Play, tmp_path: Path) -> None:
    html, document = tmp_path / "new/report.html", tmp_path / "new/report.json"
    options = {**sample(3, REGIONS[:3], faults=1), "html_path": str(html), "json_path": str(document), "mode": "0640"}

    def task(**changes: Any) -> dict[str, Any]:
        return {"golden.imagebuilder.report": {**options, **changes}}

    played = play(
        [
            {**task(), "check_mode": True},
            {"ansible.builtin.stat": {"path": str(html)}},
            task(),
            task(),
            {**task(title="Other"), "diff": True, "check_mode": True},
            {**task(mode="0600"), "check_mode": True},
            task(targets=[{"account_id": 1}], outcomes=[{}], mode=640),
            {"golden.imagebuilder.report": {"title": "nowhere"}},
            task(html_path="/proc/nowhere/report.html"),
        ]
    )

    foretold, nothing, first, second, renamed, narrowed, wrong, nowhere, refused = played.results
    assert foretold["changed"]
    assert not nothing["stat"]["exists"]
    assert first["changed"]
    assert first["verdict"]["sentence"] == "8 of 9 deliveries are in place."
    assert (first["html_path"], first["json_path"]) == (str(html), str(document))
    assert not second["changed"]
    assert renamed["changed"]
    changed = renamed["diff"]
    assert '"title": "Other"' in changed["after"]
    assert '"title": "Image web 1.4.2/3"' in changed["before"]
    assert narrowed["changed"]
    assert {error["path"] for error in wrong["errors"]} == {"targets[0].account_id", "outcomes[0].account_id", "mode"}
    assert nowhere["failed"]
    assert refused["failed"]
    assert "/proc/nowhere" in refused["msg"]
    assert json.loads(document.read_text())["verdict"] == first["verdict"]
    assert html.read_text().startswith("<!DOCTYPE html>")
    assert {path.name: path.stat().st_mode & 0o777 for path in html.parent.iterdir()} == {"report.html": 0o640, "report.json": 0o640}


def test_says_all_that_is_wrong() -> None:
    options = {"title": None, "image_result": {}, "targets": [], "outcomes": ["x"], "findings": [{"check": "a"}], "waves": {"1": "a"}, "mode": "9"}
    _inputs, _mode, problems = read_options(options)
    assert [problem.path for problem in problems] == ["outcomes[0]", "findings[0].severity", "waves.1", "mode"]


def test_one_wave_is_none() -> None:
    options: dict[str, Any] = {"title": None, "image_result": {}, "targets": [], "outcomes": [], "findings": [], "mode": None}
    for waves, shown in (
        ({"222222222222": 1, "333333333333": 1}, {}),
        ({"222222222222": 1, "333333333333": 2}, {"222222222222": "1", "333333333333": "2"}),
    ):
        inputs, _mode, problems = read_options({**options, "waves": waves})
        assert (inputs.waves, problems) == (shown, [])


@pytest.mark.parametrize("value", ["644", "0644"])
def test_mode(value: str) -> None:
    assert read_mode(value) == 0o644


@pytest.mark.parametrize("value", [644, 420, "u=rw", "0888", "07777", ""])
def test_wrong_mode(value: Any) -> None:
    with pytest.raises(ValueError, match="in quotes"):
        read_mode(value)


def test_a_file_without_a_mode_keeps_its_own(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    wanted = Wanted(path, "one", None)
    wanted.write()
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o604)
    assert wanted.is_there()
    Wanted(path, "two", None).write()
    assert (path.read_text(), path.stat().st_mode & 0o777) == ("two", 0o604)


def test_what_cannot_be_written_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text("old")
    with pytest.raises(UnicodeEncodeError):
        Wanted(path, "new \ud800", None).write()
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]
