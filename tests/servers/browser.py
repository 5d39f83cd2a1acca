"""A real browser: Chromium from Debian's package, without a window and without a network, driven through two pipes.

The package is installed where that is allowed (``python -m tests.servers.browser``, as CI does); ``find`` says why not
elsewhere. The protocol is the browser's own (DevTools over ``--remote-debugging-pipe``: JSON ended by a zero byte).
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import select
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome")
DEADLINE = 60.0


class Unavailable(Exception):
    """There is no browser on this machine; the text says why."""


def find() -> str:
    """The browser's program. Raises Unavailable."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        raise Unavailable("no chromium here: apt-get install chromium fonts-noto-cjk")
    return found


def fetch() -> str:
    """``find``, after the package has been installed where the user may. Raises Unavailable."""
    with contextlib.suppress(Unavailable):
        return find()
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise Unavailable("chromium is fetched as a Debian package, which needs root and apt-get")
    wanted = ["apt-get", "-qq", "install", "-y", "--no-install-recommends", "chromium", "fonts-noto-cjk"]
    for command in (["apt-get", "-qq", "update"], wanted):
        done = subprocess.run(
            command, capture_output=True, timeout=900, check=False,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"}, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        if done.returncode:
            raise Unavailable(f"apt-get: {done.stderr.decode('utf-8', 'replace').strip()[-300:]}")
    return find()


@dataclass
class Tab:
    """One page of the browser: everything it asked for and complained of is kept."""

    out: int
    back: int
    session: str = ""
    asked: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    loaded: int = 0
    _rest: bytes = b""
    _number: int = 0

    def do(self, method: str, **params: Any) -> dict[str, Any]:
        """A command of the protocol and its answer. Raises RuntimeError where the browser refuses."""
        self._number += 1
        told: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if self.session:
            told["sessionId"] = self.session
        os.write(self.out, json.dumps(told).encode() + b"\0")
        while True:
            answer = self._read()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return dict(answer.get("result", {}))
            self._note(answer)

    def open(self, path: Path) -> None:
        """Show a file and wait until it has loaded."""
        before = self.loaded
        self.do("Page.navigate", url=path.as_uri())
        while self.loaded == before:
            self._note(self._read())
        self.value("document.fonts.ready.then(() => 1)")

    def value(self, script: str) -> Any:
        """What an expression gives in the page."""
        found = self.do("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in found:
            raise RuntimeError(str(found["exceptionDetails"]))
        return found["result"].get("value")

    def size(self, width: int, height: int, *, mobile: bool = False) -> None:
        """The window as the page sees it."""
        self.do("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=mobile)

    def picture(self) -> bytes:
        """The whole page as PNG."""
        found = self.do("Page.captureScreenshot", format="png", captureBeyondViewport=True)
        return base64.b64decode(found["data"])

    def paper(self) -> bytes:
        """The page as it prints, as PDF."""
        found = self.do("Page.printToPDF", preferCSSPageSize=True, printBackground=True)
        return base64.b64decode(found["data"])

    def _read(self) -> dict[str, Any]:
        end = time.monotonic() + DEADLINE
        while b"\0" not in self._rest:
            if not select.select([self.back], [], [], max(0.0, end - time.monotonic()))[0]:
                raise TimeoutError("the browser does not answer")
            part = os.read(self.back, 1 << 16)
            if not part:
                raise RuntimeError("the browser has ended")
            self._rest += part
        line, _, self._rest = self._rest.partition(b"\0")
        return dict(json.loads(line))

    def _note(self, event: dict[str, Any]) -> None:
        params = event.get("params", {})
        match event.get("method"):
            case "Network.requestWillBeSent":
                self.asked.append(params["request"]["url"])
            case "Page.loadEventFired":
                self.loaded += 1
            case "Log.entryAdded":
                self.said.append(params["entry"]["text"])
            case "Runtime.consoleAPICalled" | "Runtime.exceptionThrown":
                self.said.append(json.dumps(params)[:300])


@contextlib.contextmanager
def tab(program: str) -> Iterator[Tab]:
    """A fresh browser with one page and no network; ended at the end, whatever happened."""
    to_browser, from_us = os.pipe()
    to_us, from_browser = os.pipe()

    def wire() -> None:  # the browser reads on 3 and writes on 4
        one, two = os.dup(to_browser), os.dup(from_browser)
        os.dup2(one, 3)
        os.dup2(two, 4)

    with tempfile.TemporaryDirectory(prefix="xunke-browser-", ignore_cleanup_errors=True) as folder:
        command = [
            program, "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
            "--remote-debugging-pipe", "--no-first-run", "--disable-background-networking", "--disable-sync",
            "--disable-component-update", "--disable-extensions", "--proxy-server=127.0.0.1:9", "--mute-audio",
            f"--user-data-dir={folder}", "about:blank",
        ]  # fmt: skip
        home = {**os.environ, "HOME": folder, "XDG_CONFIG_HOME": folder, "XDG_CACHE_HOME": folder}
        process = subprocess.Popen(
            command, close_fds=False, preexec_fn=wire, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=True, env=home,
        )  # fmt: skip
        os.close(to_browser)
        os.close(from_browser)
        try:
            page = Tab(from_us, to_us)
            targets = page.do("Target.getTargets")["targetInfos"]
            target = next(t["targetId"] for t in targets if t["type"] == "page")
            page.session = page.do("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
            for domain in ("Page", "Runtime", "Network", "Log"):
                page.do(f"{domain}.enable")
            page.do("Network.emulateNetworkConditions", offline=True, latency=0, downloadThroughput=0,
                    uploadThroughput=0)  # fmt: skip
            yield page
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, 9)
            process.wait()
            os.close(from_us)
            os.close(to_us)


if __name__ == "__main__":
    try:
        sys.stdout.write(f"== real server browser: {fetch()}\n")
    except Unavailable as why:
        sys.stdout.write(f"== skipped: the tests in a browser: {why}\n")
        sys.exit(1)
