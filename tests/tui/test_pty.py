"""The app in a real pseudo-terminal: what is typed arrives, what strangers wrote does not drive the terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

LONG = "找最近三十天在上海聊减肥和轻食还有帕梅拉的女生，粉丝一万以上，按影响力排前五十，再导出成表格给我看看，谢谢！"
RUN = (
    "import sys; from datetime import date; from pathlib import Path; from xunke.__main__ import main;"
    "sys.exit(main(['--db', sys.argv[1], '--today', '2026-11-22']))"
)
_SEQUENCE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|[()][0-9A-B]|[=>78cM])")


class Terminal:
    """A child in a pty of 118x32; ``read`` collects what it writes."""

    def __init__(self, db: Path, **env: str) -> None:
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 32, 118, 0, 0))
        # the size of the pty counts, not one that some shell exported
        inherited = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "LINES")}
        self.process = subprocess.Popen(
            [sys.executable, "-c", RUN, str(db)],
            stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
            env={**inherited, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", **env},
        )  # fmt: skip
        os.close(slave)
        self.raw = b""

    def read_until(self, text: str, seconds: float = 60.0) -> str:
        """Everything written so far, once ``text`` (blanks do not count) is among it."""
        end = time.monotonic() + seconds
        wanted = text.replace(" ", "")
        while wanted not in self.text.replace(" ", ""):
            assert time.monotonic() < end, f"{text!r} did not appear:\n{self.text[-3000:]}"
            if select.select([self.master], [], [], 0.2)[0]:
                try:
                    self.raw += os.read(self.master, 65536)
                except OSError:
                    pytest.fail(f"the app ended:\n{self.text[-3000:]}")
        return self.text

    def press_until(self, keys: str, text: str, seconds: float = 60.0) -> None:
        """Press keys again and again (a key may come before the focus has moved) until ``text`` appears."""
        end = time.monotonic() + seconds
        while text.replace(" ", "") not in self.text.replace(" ", ""):
            assert time.monotonic() < end, f"{text!r} did not appear:\n{self.text[-3000:]}"
            self.write(keys)
            while select.select([self.master], [], [], 0.5)[0]:
                self.raw += os.read(self.master, 65536)

    @property
    def text(self) -> str:
        """What was written, without the terminal's own sequences."""
        return _SEQUENCE.sub("", self.raw.decode("utf-8", "replace"))

    def write(self, text: str) -> None:
        """Type."""
        os.write(self.master, text.encode())

    def close(self) -> int:
        """Leave with ctrl+q and return the exit code."""
        if self.process.poll() is None:
            self.write("\x11")
        end = time.monotonic() + 20
        while self.process.poll() is None and time.monotonic() < end:
            if select.select([self.master], [], [], 0.1)[0]:
                try:
                    self.raw += os.read(self.master, 65536)
                except OSError:
                    break
        if self.process.poll() is None:
            self.process.wait(10)
        os.close(self.master)
        return self.process.returncode


@pytest.fixture
def terminal(db: Path) -> Iterator[Terminal]:
    """The app on the invented project, hostile names and all."""
    opened = Terminal(db)
    yield opened
    if opened.process.poll() is None:
        opened.process.kill()
        opened.process.wait()


def test_chinese_typed_at_once_arrives_whole(terminal: Terminal) -> None:
    assert len(LONG) > 40
    terminal.read_until("回车 详情")
    terminal.write(LONG)
    terminal.read_until(LONG[-8:])
    seen = len(terminal.raw)
    terminal.write("\r")
    terminal.read_until("计划：请确认")
    said = _SEQUENCE.sub("", terminal.raw[seen:].decode("utf-8", "replace"))
    for part in ("减肥", "上海", "1万", "50"):
        assert part in said or part.replace("1万", "10,000") in said, part
    assert not re.search(rb"\x1b\[[>=]\d+(;\d)?u", terminal.raw)  # the kitty protocol was not asked for
    assert terminal.close() == 0


def test_no_foreign_byte_reaches_the_terminal(terminal: Terminal) -> None:
    """The hostile accounts have the lowest ids; the list of all people brings them to the screen."""
    terminal.read_until("回车 详情")
    terminal.write("\x1b[20~")  # F9: everybody
    terminal.read_until("用户 53")
    terminal.press_until("\x1b[B\x1b[F", "[@click=app")  # down: to the table; end
    terminal.read_until("清屏")
    assert terminal.close() == 0
    output = terminal.raw.decode("utf-8", "replace")
    assert "\x1b]52" not in output
    assert "\x1b]0;t" not in output
    assert "\x9b" not in output
    assert "\x9d" not in output
    assert "\u202e" not in output
    assert "正常\r" not in output
    rest = _SEQUENCE.sub("", output)
    rest = re.sub(r"\x1b(?:\][^\x07\x1b]*(?:\x07|\x1b\\)|P[^\x1b]*\x1b\\)", lambda m: check_own(m.group()), rest)
    assert not re.search("[\x00-\x07\x0b\x0c\x0e-\x1f\x7f-\x9f]", rest)


def check_own(sequence: str) -> str:
    """Textual's own OSC and DCS, if any, hold nothing of a stranger's."""
    assert "cm0gLXJm" not in sequence
    return ""


def test_a_terminal_that_cannot_draw_is_told(db: Path) -> None:
    code = "import sys, pathlib, tui.app as a; sys.exit(a.run(pathlib.Path(sys.argv[1])))"
    for env in ({"TERM": "dumb"}, {"TERM": "xterm"}):  # the second: a pipe
        done = subprocess.run(
            [sys.executable, "-c", code, str(db)],
            capture_output=True, stdin=subprocess.DEVNULL, env={**os.environ, **env}, check=False,
        )  # fmt: skip
        assert done.returncode == 2
        assert done.stdout == b""
        assert "TERM=dumb" in done.stderr.decode()
        assert b"\x1b" not in done.stderr


def test_no_colour_is_honoured(db: Path) -> None:
    opened = Terminal(db, NO_COLOR="1")
    try:
        opened.read_until("回车 详情")
        assert opened.close() == 0
        colours = set(re.findall(r"\x1b\[[0-9;]*?38;2;(\d+);(\d+);(\d+)", opened.raw.decode("utf-8", "replace")))
        assert all(r == g == b for r, g, b in colours)
    finally:
        if opened.process.poll() is None:
            opened.process.kill()
            opened.process.wait()
