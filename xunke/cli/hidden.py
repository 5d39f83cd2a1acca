"""Secrets typed on a terminal: not shown, as long as they are, pasted over several lines. Never an argument."""

from __future__ import annotations

import contextlib
import getpass
import os
import sys
from collections.abc import Iterator
from typing import Final

from xunke.errors import UsageError

LONGEST: Final = 1 << 20
_PASTE: Final = 0.2
"""Seconds of silence after a line's end that end a paste."""


def from_pipe() -> str:
    """All of standard input. Raises UsageError("connect.too_long")."""
    text = sys.stdin.read(LONGEST)
    if len(text) >= LONGEST:
        raise UsageError("connect.too_long")
    return text


def ask(prompt: str, *, secret: bool) -> str:
    """What somebody types; ``secret``: without an echo. Raises UsageError("connect.no_terminal") without a terminal.

    A terminal's own line holds 4,096 characters at most (on macOS 1,024) and cuts the rest off without a word: a
    cookie is longer, so the line is read by hand.
    """
    if not sys.stdin.isatty():
        raise UsageError("connect.no_terminal")
    try:
        import termios
    except ImportError:
        return getpass.getpass(prompt, stream=sys.stderr) if secret else _plain(prompt)
    if not secret:
        return _plain(prompt)
    number = sys.stdin.fileno()
    before = termios.tcgetattr(number)
    quiet = termios.tcgetattr(number)
    quiet[3] &= ~(termios.ECHO | termios.ICANON)
    try:
        termios.tcsetattr(number, termios.TCSADRAIN, quiet)
        sys.stderr.write(prompt)  # now, that nobody types into the echo
        sys.stderr.flush()
        return _lines(number)
    finally:
        termios.tcsetattr(number, termios.TCSADRAIN, before)
        sys.stderr.write("\n")
        sys.stderr.flush()


def _plain(prompt: str) -> str:
    sys.stderr.write(prompt)
    sys.stderr.flush()
    return sys.stdin.readline(LONGEST)


def _lines(number: int) -> str:
    """Bytes up to a line's end behind which nothing follows at once."""
    typed = bytearray()
    for byte in _bytes(number):
        if byte in b"\x7f\x08":
            while typed and typed[-1] & 0xC0 == 0x80:
                typed.pop()
            del typed[-1:]
        elif byte in b"\x15":  # Ctrl-U: all of it away
            typed.clear()
        else:
            typed += byte
        if len(typed) >= LONGEST:
            raise UsageError("connect.too_long")
    return typed.decode("utf-8", "replace")


def _bytes(number: int) -> Iterator[bytes]:
    import select

    ended = False
    while True:
        if ended and not select.select([number], [], [], _PASTE)[0]:
            return
        chunk = b""
        with contextlib.suppress(InterruptedError):
            chunk = os.read(number, 4096)
        if not chunk:
            return
        for at in range(len(chunk)):
            if chunk[at : at + 1] == b"\x04":  # Ctrl-D
                return
            yield b"\n" if chunk[at : at + 1] == b"\r" else chunk[at : at + 1]
        ended = chunk.endswith((b"\n", b"\r"))
