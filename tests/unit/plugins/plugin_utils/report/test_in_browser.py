# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The page of a report in a real browser, where one is installed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible_collections.golden.imagebuilder.plugins.module_utils._fleet.targets import parse_targets
from ansible_collections.golden.imagebuilder.plugins.plugin_utils._report.model import Inputs, report
from ansible_collections.golden.imagebuilder.plugins.plugin_utils._report.page import page
from ansible_collections.golden.imagebuilder.tests.browser import Browser, browser, executable
from ansible_collections.golden.imagebuilder.tests.report_sample import REGIONS, sample

PROGRAM = executable()
pytestmark = [pytest.mark.skipif(PROGRAM is None, reason="there is no Chromium here"), pytest.mark.xdist_group("chromium")]

SHOWN_ROWS = "document.querySelectorAll('#matrix tbody tr:not([hidden])').length"
HOSTILE = '<img src="http://198.51.100.1/x.png" onerror="document.title=1"><script>document.title=2</script>'


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    assert PROGRAM is not None
    with browser(PROGRAM) as shown:
        yield shown


def show(chromium: Browser, folder: Path, options: dict[str, Any], **window: Any) -> None:
    written = folder / "report.html"
    written.write_text(page(report(Inputs(**{**options, "targets": parse_targets(options["targets"])[0]}))), encoding="utf-8")
    chromium.show(written, **window)


def enter(chromium: Browser, selector: str, value: str) -> None:
    entered = f"at.value = {value!r}; at.dispatchEvent(new Event('input', {{bubbles: true}}));"
    chromium.evaluate(f"{{ const at = document.querySelector({selector!r}); {entered} }}")


def corner(chromium: Browser, selector: str) -> tuple[float, float]:
    """Left and top edge of an element, in the window."""
    left, top = chromium.evaluate(f"(({{left, top}}) => [left, top])(document.querySelector({selector!r}).getBoundingClientRect())")
    return left, top


def complaints(chromium: Browser) -> list[Any]:
    """What the page did that it should not: other requests than for itself, errors, and words on the console."""
    requests = [event["params"]["request"]["url"] for event in chromium.events if event["method"] == "Network.requestWillBeSent"]
    assert [url for url in requests if url.endswith("/report.html")] == requests[:1]
    told = ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded")
    return requests[1:] + [event["params"] for event in chromium.events if event["method"] in told]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("accounts", "width"), [(3, 1400), (3, 500), (200, 1400), (200, 500)])
def test_shows_itself(chromium: Browser, tmp_path: Path, accounts: int, width: int, scheme: str) -> None:
    show(chromium, tmp_path, sample(accounts, REGIONS, faults=4, waves=True, checked=2), width=width, scheme=scheme)
    assert chromium.evaluate(SHOWN_ROWS) == accounts
    assert chromium.evaluate("document.documentElement.scrollWidth") <= width, "only the matrix scrolls sideways"
    assert chromium.evaluate("document.documentElement.scrollHeight") < 9000, "the matrix scrolls in itself"
    (red, *_rest) = chromium.evaluate("getComputedStyle(document.body).backgroundColor.match(/\\d+/g)")
    assert (int(red) < 60) == (scheme == "dark"), "the style is allowed by the policy"
    assert complaints(chromium) == []


def test_headers_of_the_matrix_stay(chromium: Browser, tmp_path: Path) -> None:
    show(chromium, tmp_path, sample(200, REGIONS), width=500)
    chromium.evaluate("document.querySelector('.matrix').scrollTo(300, 2000)")
    left, top = corner(chromium, ".matrix")
    assert corner(chromium, "#matrix thead th:nth-child(5)")[1] == pytest.approx(top, abs=2)
    assert corner(chromium, "#matrix tbody tr:nth-child(50) th")[0] == pytest.approx(left, abs=2)


def test_filters(chromium: Browser, tmp_path: Path) -> None:
    show(chromium, tmp_path, sample(200, REGIONS, faults=9, waves=True, checked=12))
    enter(chromium, "#text", "LOGISTICS-test")
    assert (
        chromium.evaluate(SHOWN_ROWS)
        == chromium.evaluate("[...document.querySelectorAll('#matrix tbody th')].filter(at => at.textContent.includes('logistics-test')).length")
        > 0
    )
    assert chromium.evaluate("[...document.querySelectorAll('.items > li:not([hidden]) b')].every(at => at.textContent.startsWith('logistics-test'))")
    assert "of 200 accounts" in chromium.evaluate("document.querySelector('#shown').value")
    enter(chromium, "#text", "")
    chromium.evaluate("document.querySelector('[name=state][value=failed]').click()")
    assert chromium.evaluate(SHOWN_ROWS) == 3
    assert chromium.evaluate("[...document.querySelectorAll('[data-state].cell:not(.faint)')].every(at => at.dataset.state == 'failed')")
    enter(chromium, "#wave", "canary")
    assert chromium.evaluate(SHOWN_ROWS) == 1
    enter(chromium, "#text", "no such account")
    assert chromium.evaluate("document.querySelector('.none').hidden") is False
    chromium.evaluate("new Promise(done => { document.querySelector('[type=reset]').click(); setTimeout(done, 50) })")
    assert chromium.evaluate(SHOWN_ROWS) == 200
    assert complaints(chromium) == []


def test_keys(chromium: Browser, tmp_path: Path) -> None:
    show(chromium, tmp_path, sample(12, REGIONS[:4], faults=1))
    at = "document.activeElement.dataset.title"
    chromium.evaluate("document.querySelector('#matrix button[tabindex=\"0\"]').focus()")
    first = chromium.evaluate(at)
    chromium.press("ArrowRight")
    chromium.press("ArrowDown")
    below = chromium.evaluate(at)
    assert first.split(", ")[0] != below.split(", ")[0]
    assert first.split(", ")[1] != below.split(", ")[1]
    assert chromium.evaluate("document.querySelectorAll('#matrix button[tabindex=\"0\"]').length") == 1
    chromium.press("Enter")
    assert chromium.evaluate("document.querySelector('#detail').open")
    assert chromium.evaluate("document.querySelector('#detail-title').textContent") == below
    assert "ami-" in chromium.evaluate("document.querySelector('#detail .body').textContent")
    chromium.press("Escape")
    assert not chromium.evaluate("document.querySelector('#detail').open")
    assert chromium.evaluate(at) == below


def test_copies(chromium: Browser, tmp_path: Path) -> None:
    show(chromium, tmp_path, sample(3, REGIONS[:3], checked=1))
    chromium.call("Browser.grantPermissions", permissions=["clipboardReadWrite", "clipboardSanitizedWrite"])
    command = "document.querySelector('#finding-1 .block:last-child code').textContent"
    chromium.evaluate("document.querySelector('#finding-1 .block:last-child .copy').click()")
    assert chromium.evaluate(f"navigator.clipboard.readText().then(text => text === {command})")


def test_hostile_words_do_nothing(chromium: Browser, tmp_path: Path) -> None:
    options = sample(3, REGIONS[:3], faults=2, checked=2)
    for record in (*options["targets"], *options["outcomes"], *options["findings"]):
        record["name"] = HOSTILE
    for failure in options["image_result"]["failures"]:
        failure["message"] = failure["cause"] = HOSTILE
    show(chromium, tmp_path, {**options, "title": "kept"})
    for button in range(3):
        chromium.evaluate(f"document.querySelectorAll('#matrix button')[{button}].click(); document.querySelector('#close').click()")
    assert chromium.evaluate("document.title").startswith("kept: ")
    assert chromium.evaluate("document.querySelector('#matrix tbody th').firstChild.textContent") == HOSTILE
    assert complaints(chromium) == []


def test_paper_shows_everything(chromium: Browser, tmp_path: Path) -> None:
    show(chromium, tmp_path, sample(200, REGIONS, faults=30), scheme="dark")
    chromium.evaluate("dispatchEvent(new Event('beforeprint')); 0")
    chromium.call("Emulation.setEmulatedMedia", media="print")
    hidden = "[...document.querySelectorAll('.items > li, .items .body, #matrix tbody tr')].filter(at => !at.checkVisibility()).length"
    assert chromium.evaluate(hidden) == 0
    assert chromium.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
