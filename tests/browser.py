# Copyright (c) 2026 golden.imagebuilder contributors
# GNU General Public License v3.0+ (see LICENSES/GPL-3.0-or-later.txt or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A headless Chromium, spoken to in the DevTools protocol over a pipe, so that neither a driver nor a network is needed.

Chromium reads commands from descriptor 3 and writes answers and events to descriptor 4, as JSON with a NUL after each.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import select
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-extensions",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
)
TIMEOUT = 60.0


def executable() -> str | None:
    """The Chromium that is installed here, if any."""
    return next(filter(None, map(shutil.which, NAMES)), None)


@dataclass
class Browser:
    """A page that is shown. `events` is everything that it told of itself so far."""

    write: int
    read: int
    session: str | None = None
    events: list[dict[str, Any]] = field(default_factory=list)
    _buffer: bytes = b""
    _last: int = 0

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """A command's answer. Raises RuntimeError when Chromium refuses it or is gone, TimeoutError when it says nothing."""
        self._last += 1
        session = {"sessionId": self.session} if self.session else {}
        os.write(self.write, json.dumps({"id": self._last, "method": method, "params": parameters, **session}).encode() + b"\0")
        deadline = time.monotonic() + TIMEOUT
        while True:
            message = self._message(deadline)
            if message.get("id") == self._last:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']}")
                result: dict[str, Any] = message["result"]
                return result
            self.events.append(message)

    def _message(self, deadline: float) -> dict[str, Any]:
        while b"\0" not in self._buffer:
            if not select.select([self.read], [], [], max(0.0, deadline - time.monotonic()))[0]:
                raise TimeoutError("Chromium does not answer")
            received = os.read(self.read, 1 << 20)
            if not received:
                raise RuntimeError("Chromium is gone")
            self._buffer += received
        text, _nul, self._buffer = self._buffer.partition(b"\0")
        message: dict[str, Any] = json.loads(text)
        return message

    def show(self, page: Path, width: int = 1400, height: int = 900, scheme: str = "light") -> None:
        """Load a file in a window of this size, for people who prefer this colour scheme."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        self.call("Emulation.setEmulatedMedia", media="screen", features=[{"name": "prefers-color-scheme", "value": scheme}])
        self.events.clear()
        self.call("Page.navigate", url=page.as_uri())
        deadline = time.monotonic() + TIMEOUT
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self.events.append(self._message(deadline))

    def evaluate(self, expression: str) -> Any:
        """The value of an expression in the page; of a promise what it comes to. Raises RuntimeError when it throws."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True, userGesture=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def press(self, key: str) -> None:
        """Press a key and let it go."""
        codes: dict[str, dict[str, Any]] = {"Enter": {"windowsVirtualKeyCode": 13, "text": "\r"}, "Escape": {"windowsVirtualKeyCode": 27}}
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, **codes.get(key, {}))

    def picture(self, path: Path, *, whole: bool = True) -> None:
        """Save what is shown as PNG, the whole page or what fits into the window."""
        clip: dict[str, Any] = {"clip": self._whole()} if whole else {}
        data = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole, **clip)["data"]
        path.write_bytes(base64.b64decode(data))

    def _whole(self) -> dict[str, Any]:
        size = self.call("Page.getLayoutMetrics")["cssContentSize"]
        return {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}


@contextlib.contextmanager
def browser(program: str) -> Iterator[Browser]:
    """A Chromium with one empty page, whose events of log, network and console are told."""
    into_read, into_write = os.pipe()
    out_read, out_write = os.pipe()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        # The shell puts the pipes where Chromium looks for them, whatever their numbers are here.
        command = shlex.join([program, *OPTIONS, f"--user-data-dir={profile}", "about:blank"])
        process = subprocess.Popen(
            ["bash", "-c", f"exec {command} 3<&{into_read} 4>&{out_write}"],
            pass_fds=(into_read, out_write),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        os.close(into_read)
        os.close(out_write)
        try:
            shown = Browser(into_write, out_read)
            (target, *_others) = [one for one in shown.call("Target.getTargets")["targetInfos"] if one["type"] == "page"]
            shown.session = shown.call("Target.attachToTarget", targetId=target["targetId"], flatten=True)["sessionId"]
            for domain in ("Page", "Runtime", "Network", "Log"):
                shown.call(f"{domain}.enable")
            shown.call("Emulation.setFocusEmulationEnabled", enabled=True)
            yield shown
            shown.session = None
            shown.call("Browser.close")
        finally:
            os.close(into_write)
            os.close(out_read)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
