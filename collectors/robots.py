"""robots.txt by RFC 9309 (Robots Exclusion Protocol), for pages; interfaces made for programs are not asked about.

``urllib.robotparser`` is not used: it takes the first rule that fits, the RFC the longest, and it knows neither ``*``
nor ``$``. Reading is linear in the file, matching in the path. ``Crawl-delay`` is not in the RFC, but is obeyed.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote

import msgspec

from xunke.config import make_folder

from .pacing import DAY

MOST: Final = 500 * 1024
"""Bytes that are read; RFC 9309 §2.5 asks for at least 500 KiB. The rest is cut off."""
_LINE: Final = re.compile(r"[\r\n]+")
_TOKEN: Final = re.compile(r"[a-zA-Z_-]+")
_ESCAPE: Final = re.compile(r"%[0-9a-fA-F]{2}")
_RESERVED: Final = "/?:@!$&'()*+,;=~-._[]#%"
_UNRESERVED: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")


class Rules(msgspec.Struct, frozen=True):
    """What one robots.txt says to one program: paths (normalised) with whether they are allowed, the longest first;
    ``delay``: seconds between requests, None where it does not say."""

    rules: tuple[tuple[str, bool], ...] = ()
    delay: float | None = None

    def allows(self, target: str) -> bool:
        """Whether ``target`` (path and query) may be fetched: the longest fitting rule decides, ``allow`` at a tie."""
        path = normal(target)
        if path.partition("?")[0] == "/robots.txt":
            return True
        return next((allow for pattern, allow in self.rules if fits(pattern, path)), True)


@dataclass(slots=True)
class _Group:
    agents: list[str]
    rules: list[tuple[str, bool]]
    delay: float | None = None


def normal(path: str) -> str:
    """A path or pattern with the same octets written the same way (RFC 9309 §2.2.2): what needs no escape has none,
    the rest is escaped in upper case."""

    def escape(found: re.Match[str]) -> str:
        letter = chr(int(found[0][1:], 16))
        return letter if letter in _UNRESERVED else found[0].upper()

    return _ESCAPE.sub(escape, quote(path, safe=_RESERVED))


def fits(pattern: str, path: str) -> bool:
    """Whether ``path`` begins as ``pattern`` says; ``*`` is any letters, a ``$`` at the end the path's end.

    Greedy from the left, the part before a closing ``$`` from the right: linear, nothing is tried twice.
    """
    ends = pattern.endswith("$")
    first, *more = pattern[: len(pattern) - ends].split("*")
    if not path.startswith(first):
        return False
    at = len(first)
    if not more:
        return not ends or at == len(path)
    *middle, last = more
    for part in middle:
        found = path.find(part, at)
        if found < 0:
            return False
        at = found + len(part)
    if ends:
        return len(path) - len(last) >= at and path.endswith(last)
    return path.find(last, at) >= 0


def parse(body: bytes, agent: str) -> Rules:
    """The rules for ``agent`` (its product token, any case): of all groups that name it, else of those for ``*``.

    A page served in place of the file, or anything else without a rule, allows everything.
    """
    text = body[:MOST].removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    if text.lstrip()[:1] == "<":
        return Rules()
    groups = _groups(text)
    token = _token(agent)
    mine = [group for group in groups if token in group.agents] or [group for group in groups if "*" in group.agents]
    rules = {rule for group in mine for rule in group.rules}
    delays = [group.delay for group in mine if group.delay is not None]
    ordered = sorted(rules, key=lambda rule: (-len(rule[0].encode()), not rule[1], rule[0]))
    return Rules(tuple(ordered), max(delays) if delays else None)


def _token(agent: str) -> str:
    found = _TOKEN.match(agent.strip())
    return found[0].lower() if found else agent.strip().lower()


def _groups(text: str) -> list[_Group]:
    groups: list[_Group] = []
    naming = False
    for line in _LINE.split(text):
        name, colon, value = line.partition("#")[0].partition(":")
        name, value = name.strip().lower(), value.strip()
        if not colon:
            continue
        if name == "user-agent":
            if not naming:
                groups.append(_Group([], []))
            groups[-1].agents.append("*" if value == "*" else _token(value))
            naming = True
        elif not groups:
            continue
        elif name in ("allow", "disallow"):
            naming = False
            if value:
                groups[-1].rules.append((normal(value), name == "allow"))
        elif name == "crawl-delay":
            with contextlib.suppress(ValueError):
                seconds = float(value)
                groups[-1].delay = seconds if 0 <= seconds <= DAY else groups[-1].delay
    return groups


class _Kept(msgspec.Struct, frozen=True):
    at: float
    rules: Rules


class Cache:
    """What was read, for the run and for a day on disk (RFC 9309 §2.4), shared by all processes."""

    def __init__(self, folder: Path, now: Callable[[], float]) -> None:
        self._folder, self._now = folder, now
        self._known: dict[str, _Kept] = {}

    def get(self, origin: str) -> Rules | None:
        """The rules of ``origin``, if they are not older than a day."""
        kept = self._known.get(origin)
        if kept is None:
            try:
                kept = msgspec.json.decode(self._path(origin).read_bytes(), type=_Kept)
            except (OSError, ValueError, RecursionError):
                return None
        if not 0 <= self._now() - kept.at <= DAY:
            return None
        self._known[origin] = kept
        return kept.rules

    def keep(self, origin: str, rules: Rules) -> None:
        """Remember; where no file can be written, for this run only."""
        kept = self._known[origin] = _Kept(self._now(), rules)
        path = self._path(origin)
        half = path.with_suffix(f".{os.getpid()}")
        with contextlib.suppress(OSError):
            make_folder(self._folder)
            descriptor = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            try:
                os.write(descriptor, msgspec.json.encode(kept))
            finally:
                os.close(descriptor)
            half.replace(path)

    def _path(self, origin: str) -> Path:
        return self._folder / (hashlib.sha256(origin.encode()).hexdigest()[:24] + ".json")
