"""Start a server as a process of its own and stop exactly that one."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.contextmanager
def mastodon_mock(folder: Path, *limits: int) -> Iterator[str]:
    """mastodon-mock on a free port; yields its base URL. ``limits``: requests, seconds of the window."""
    port = free_port()
    log = folder / f"mastodon-mock-{port}.log"
    command = [sys.executable, str(HERE / "mastodon_mock_server.py"), str(port), *map(str, limits)]
    with log.open("wb") as out:
        server = subprocess.Popen(command, cwd=folder, stdout=out, stderr=out)
    try:
        base = f"http://127.0.0.1:{port}"
        await_answer(base + "/api/v1/instance", server, log)
        yield base
    finally:
        server.terminate()
        try:
            server.wait(3)  # a request it was told to hang on keeps it
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait(10)


def await_answer(url: str, server: subprocess.Popen[bytes], log: Path, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if server.poll() is not None:
            raise RuntimeError(f"server ended with {server.returncode}: {log.read_text('utf-8', 'replace')[-2000:]}")
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"no answer from {url}: {log.read_text('utf-8', 'replace')[-2000:]}")
