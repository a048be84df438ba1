# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of a report as text; in a browser it is looked at in test_in_browser.py."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Mapping
from html.parser import HTMLParser
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import parse_targets
from ansible_collections.golden.imagebuilder.plugins.plugin_utils._report.model import Inputs, report
from ansible_collections.golden.imagebuilder.plugins.plugin_utils._report.page import duration, page, when
from ansible_collections.golden.imagebuilder.tests.report_sample import REGIONS, sample

HOSTILE = "</script><script>alert(1)</script><img src=x onerror=alert(1)> \"' {{ 7 * 7 }} ]]> &amp; <!--"
VOID = {"meta", "link", "br", "img", "input", "hr", "rect", "path", "circle", "use"}


def inputs(**options: Any) -> Inputs:
    targets, problems = parse_targets(options["targets"])
    assert problems == []
    return Inputs(**{**options, "targets": targets})


def hostile(value: Any) -> Any:
    """The same with hostile words wherever somebody else could have written something."""
    if isinstance(value, Mapping):
        kept = {"account_id", "region", "severity", "regions", "since", "arn"}
        return {
            name: item if name in kept else HOSTILE if name in ("status", "state") and not isinstance(item, Mapping) else hostile(item)
            for name, item in value.items()
        }
    if isinstance(value, list):
        return [hostile(item) for item in value]
    return HOSTILE if isinstance(value, str) else value


class Document(HTMLParser):
    """The elements of a document, each with its attributes, and whether every one of them is closed in its turn."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.texts: dict[str, str] = {}
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, tag
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] in ("style", "script"):
            self.texts[self.open[-1]] = self.texts.get(self.open[-1], "") + data


def document(text: str) -> Document:
    read = Document(text)
    assert read.open == []
    return read


SAMPLES = {
    "small": inputs(**sample(3, REGIONS[:3], faults=0)),
    "faults": inputs(**sample(12, REGIONS[:4], faults=5, waves=True, checked=3)),
    "nothing": Inputs(),
    "preflight": inputs(**{**sample(12, REGIONS[:4], checked=3), "image_result": {}, "outcomes": []}),
}
every_sample = pytest.mark.parametrize("name", SAMPLES)


@every_sample
def test_is_whole_and_asks_for_nothing(name: str) -> None:
    read = document(page(report(SAMPLES[name])))
    for tag, attributes in read.elements:
        assert tag not in ("link", "img", "iframe", "object", "embed", "base"), tag
        assert "style" not in attributes, "the policy forbids it"
        assert not [attribute for attribute in attributes if attribute.startswith("on") or attribute == "src"]
        assert (attributes.get("href") or "#").startswith("#")
    ids = [attributes["id"] for _tag, attributes in read.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = {str(attributes["href"])[1:] for _tag, attributes in read.elements if "href" in attributes and attributes.get("class") != "skip"}
    assert targets <= set(ids)


@every_sample
def test_policy_allows_its_own_style_and_script_only(name: str) -> None:
    read = document(page(report(SAMPLES[name])))
    (content,) = [attributes["content"] for tag, attributes in read.elements if tag == "meta" and "http-equiv" in attributes]
    directives = dict(directive.strip().split(" ", 1) for directive in str(content).split(";"))
    assert directives["default-src"] == "'none'"
    for tag in ("style", "script"):
        assert directives[f"{tag}-src"] == f"'sha256-{base64.b64encode(hashlib.sha256(read.texts[tag].encode()).digest()).decode()}'"


@pytest.mark.parametrize("name", ["faults", "preflight"])
def test_hostile_words_stay_words(name: str) -> None:
    given = SAMPLES[name]
    bad = Inputs(
        title=HOSTILE,
        image_result=hostile(given.image_result),
        targets=[type(target)(**{**vars(target), "name": HOSTILE}) for target in given.targets],
        outcomes=hostile(list(given.outcomes)),
        findings=hostile(list(given.findings)),
        waves={account_id: f"{wave}{HOSTILE}" for account_id, wave in given.waves.items()},
    )
    text = page(report(bad))
    assert "alert(1)" in text
    assert "49" not in re.findall(r"'\s*(\d+)\s*\]\]", text), "nothing of the data is a template"
    plain, attacked = document(page(report(given))), document(text)
    assert {tag for tag, _attributes in attacked.elements} <= {tag for tag, _attributes in plain.elements} | {"blockquote", "ul", "li"}
    assert [tag for tag, _attributes in attacked.elements].count("script") == 1
    assert {name for _tag, attributes in attacked.elements for name in attributes} <= {
        name for _tag, attributes in plain.elements for name in attributes
    } | {"open"}
    assert attacked.texts == plain.texts


def test_table_has_headers_and_words() -> None:
    read = document(page(report(SAMPLES["faults"])))
    scopes = [attributes.get("scope") for tag, attributes in read.elements if tag == "th"]
    assert None not in scopes
    assert scopes.count("row") == 12 + 3
    text = page(report(SAMPLES["faults"]))
    for label in ("in place", "failed", "missing", "not as expected", "not asked for"):
        assert f">{label}</span>" in text, label


def test_who_needs_somebody_comes_first() -> None:
    text = page(report(SAMPLES["faults"]))
    rows = re.findall(r'<tr data-account="(\d+)"', text)
    troubled = [row["account_id"] for row in report(SAMPLES["faults"])["accounts"] if row["state"] != "delivered"]
    assert set(rows[: len(troubled)]) == set(troubled)
    assert len(rows) == 12


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (59.4, "59 s"), (60, "1 min"), (3599, "59 min"), (3600, "1 h 00 min"), (90061, "25 h 01 min")]
)
def test_duration(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_when() -> None:
    assert when("2026-03-02T10:15:30+02:00") == "2026-03-02 08:15 UTC"
    assert when("sometime") == "sometime"
    assert when(None) == ""
