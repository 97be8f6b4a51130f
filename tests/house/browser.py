"""A headless Chromium that is told what to do through its own pipe: nothing to install beside it.

The Chrome DevTools Protocol is JSON with a zero byte behind each message; with
`--remote-debugging-pipe` the browser reads it from file descriptor 3 and writes it to 4.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
PATIENCE = 60.0
"""Seconds that an answer may take, on a busy machine."""
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--no-first-run",
    "--remote-debugging-pipe",
)


def found() -> str:
    """The browser's path; empty if there is none that can be driven."""
    if sys.platform == "win32":
        return ""
    return next((path for name in NAMES if (path := shutil.which(name))), "")


class Page:
    """A tab, with everything that it has logged or asked of a network since it was opened."""

    def __init__(self, wire: Wire) -> None:
        self._wire = wire

    def open(self, path: Path) -> None:
        """Loads a file and waits for its `load` event."""
        self._wire.events.clear()
        # The number of this load: an earlier one may still be telling of itself.
        loader = self.call("Page.navigate", url=path.as_uri())["loaderId"]
        self._wire.await_event("Page.lifecycleEvent", name="load", loaderId=loader)

    def reload(self) -> None:
        """Loads the same again."""
        self._wire.events.clear()
        self.call("Page.reload")
        self._wire.await_event("Page.loadEventFired")

    def call(self, method: str, **parameters: Any) -> Any:
        """A command of the protocol, and its result."""
        return self._wire.send(method, **parameters)

    def run(self, script: str) -> Any:
        """The value of an expression, promises awaited; what it throws fails the test."""
        told = self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in told, told["exceptionDetails"]
        return told["result"].get("value")

    def wait(self, condition: str) -> None:
        """Until an expression is true."""
        ends = time.monotonic() + PATIENCE
        while not self.run(condition):
            assert time.monotonic() < ends, f"never true: {condition}"
            time.sleep(0.02)

    def size(self, width: int, height: int) -> None:
        """The size of the window, in CSS pixels."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=width < 600,
        )

    def prefer(self, **features: str) -> None:
        """Media features, such as `prefers_color_scheme="dark"`."""
        listed = [
            {"name": name.replace("_", "-"), "value": value} for name, value in features.items()
        ]
        self.call("Emulation.setEmulatedMedia", features=listed)

    def press(self, key: str, *, code: int = 0, text: str = "") -> None:
        """A key, as if at a desk."""
        keys = {"key": key, "windowsVirtualKeyCode": code, "text": text}
        self.call("Input.dispatchKeyEvent", type="keyDown", **keys)
        self.call("Input.dispatchKeyEvent", type="keyUp", **keys)

    def picture(self, *, whole: bool = False) -> bytes:
        """A PNG of the window, or of the whole page."""
        shot = self.call("Page.captureScreenshot", captureBeyondViewport=whole)
        return base64.b64decode(shot["data"])

    def events(self, *methods: str) -> list[dict[str, Any]]:
        """What has happened since the page was opened."""
        self.run("0")
        return [each["params"] for each in self._wire.events if each["method"] in methods]

    @property
    def complaints(self) -> list[str]:
        """Everything on the console, errors, and violations of the policy."""
        kinds = ("Runtime.consoleAPICalled", "Runtime.exceptionThrown", "Log.entryAdded")
        return [json.dumps(each) for each in self.events(*kinds)]

    @property
    def requests(self) -> list[str]:
        """Addresses that were asked for, apart from the file itself and data inside it."""
        asked = [each["request"]["url"] for each in self.events("Network.requestWillBeSent")]
        return [url for url in asked if not url.startswith(("data:", "file:"))]

    @property
    def files(self) -> list[str]:
        """Files that were asked for."""
        asked = [each["request"]["url"] for each in self.events("Network.requestWillBeSent")]
        return [url for url in asked if url.startswith("file:")]


@contextmanager
def chromium(executable: str, profile: Path) -> Iterator[Page]:
    """A browser with one empty tab, which ends with the block."""
    wire = Wire(executable, profile)
    try:
        target = wire.send("Target.createTarget", url="about:blank")["targetId"]
        attached = wire.send("Target.attachToTarget", targetId=target, flatten=True)
        wire.session = attached["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            wire.send(f"{domain}.enable")
        wire.send("Page.setLifecycleEventsEnabled", enabled=True)
        yield Page(wire)
    finally:
        wire.close()


class Wire:
    """The two ends of the pipe, and what has come out of it."""

    def __init__(self, executable: str, profile: Path) -> None:
        theirs_in, self._out = os.pipe()
        self._in, theirs_out = os.pipe()
        self.session = ""
        self.events: list[dict[str, Any]] = []
        self._number = 0
        self._read = b""
        # Numbers that cannot be 3 or 4: those are for the browser.
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD, 10) for end in (theirs_in, theirs_out)]
        silence = os.open(os.devnull, os.O_WRONLY)
        self._browser = os.posix_spawn(
            executable,
            [executable, *_FLAGS, f"--user-data-dir={profile}", "about:blank"],
            os.environ,
            file_actions=[
                (os.POSIX_SPAWN_DUP2, ends[0], 3),
                (os.POSIX_SPAWN_DUP2, ends[1], 4),
                (os.POSIX_SPAWN_DUP2, silence, 2),
            ],
        )
        for end in (theirs_in, theirs_out, *ends, silence):
            os.close(end)

    def send(self, method: str, **parameters: Any) -> Any:
        """A command, and its result; what happens meanwhile is kept."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        session = {"sessionId": self.session} if self.session else {}
        os.write(self._out, json.dumps(message | session).encode() + b"\0")
        while True:
            told = self._message()
            if told.get("id") == self._number:
                assert "error" not in told, told["error"]
                return told["result"]
            self.events.append(told)

    def await_event(self, method: str, **facts: str) -> None:
        """Reads on until something has happened of which these facts are told."""
        while not any(
            each["method"] == method and facts.items() <= each["params"].items()
            for each in self.events
        ):
            self.events.append(self._message())

    def _message(self) -> dict[str, Any]:
        while b"\0" not in self._read:
            ready, _, _ = select.select([self._in], [], [], PATIENCE)
            assert ready, "the browser does not answer"
            piece = os.read(self._in, 1 << 20)
            assert piece, "the browser has ended"
            self._read += piece
        message, _, self._read = self._read.partition(b"\0")
        found: dict[str, Any] = json.loads(message)
        return found

    def close(self) -> None:
        """Ends the browser."""
        self.session = ""
        with suppress(AssertionError, OSError):  # one that has ended by itself
            self.send("Browser.close")
        os.waitpid(self._browser, 0)
        os.close(self._in)
        os.close(self._out)
