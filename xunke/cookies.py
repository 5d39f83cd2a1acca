"""A cookie as people copy it out of their browser: a header, a curl line, or an export as JSON or Netscape file.

The result is what goes behind ``Cookie:``. Of an export only what belongs to the site is taken: exports often hold
the sessions of all other sites too. Nothing of the text ever stands in an error.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable
from typing import Any, Final
from urllib.parse import urlsplit

import msgspec

from .errors import BadInput

LONGEST: Final = 16_384
_NAME: Final = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+\Z")
_VALUE: Final = re.compile(r"[\x20\x21\x23-\x3a\x3c-\x7e\"]*\Z")
_CURL: Final = re.compile(r"\s*(?:\$\s*)?curl(?:\.exe)?\s", re.I)
_ATTRIBUTES: Final = frozenset({"path", "domain", "expires", "max-age", "samesite", "secure", "httponly", "priority"})


def parse(text: str, host: str) -> str:
    """``name=value; name=value`` of what was pasted for ``host``.

    Raises BadInput: "cookie.empty" (no pair in it), "cookie.other_site" (the curl line or the export is of another
    site), "cookie.bad" (characters that break a header, or too much).
    """
    text = text.strip().lstrip("\ufeff")
    if not text or len(text) > 64 * LONGEST:
        raise BadInput("cookie.empty" if not text else "cookie.bad")
    if text[0] in "[{":
        pairs = _json(text, host)
    elif "\t" in text:
        pairs = _netscape(text, host)
    elif _CURL.match(text):
        pairs = _pairs(_curl(text, host))
    else:
        pairs = _pairs(_header(text))
    found = dict(pairs)
    if not found:
        raise BadInput("cookie.empty")
    if not all(_NAME.match(name) and _VALUE.match(value) for name, value in found.items()):
        raise BadInput("cookie.bad")
    joined = "; ".join(f"{name}={value}" for name, value in found.items())
    if len(joined) > LONGEST:
        raise BadInput("cookie.bad")
    return joined


def _header(text: str) -> str:
    """The value of the one Cookie header in a copied request, or the text itself. Several lines that are none of a
    request are refused: a line break inside a header is an attack or a slip."""
    if found := re.search(r"^\s*cookie\s*:[ \t]*(.*)$", text, re.I | re.M):
        return found[1].strip()
    if re.search(r"[\r\n\x00-\x08\x0b-\x1f\x7f]", text):
        raise BadInput("cookie.bad")
    return text.strip().strip("'\"")


def _pairs(header: str) -> Iterable[tuple[str, str]]:
    for part in header.split(";"):
        name, is_pair, value = part.strip().partition("=")
        if is_pair and name.strip().lower() not in _ATTRIBUTES:
            yield name.strip(), value.strip()


def _curl(text: str, host: str) -> str:
    """The cookie of a line that a browser's "copy as cURL" gives, for bash or for Windows."""
    if '^"' in text:
        text = re.sub(r"\^\s*\n", " ", text)
        text = re.sub(r"\^(.)", r"\1", text)
    text = re.sub(r"\\\r?\n", " ", text)
    text = re.sub(r"\$'((?:[^'\\]|\\.)*)'", lambda m: shlex.quote(_ansi(m[1])), text)
    try:
        words = shlex.split(text)
    except ValueError:
        raise BadInput("cookie.bad") from None
    found = ""
    for before, word in zip(["", *words], words, strict=False):
        name, _, value = word.partition(":")
        if before in ("-H", "--header") and name.strip().lower() == "cookie":
            found = value.strip()
        elif before in ("-b", "--cookie") and "=" in word:
            found = word.strip()
        elif re.match(r"https?://", word, re.I) and before not in ("-H", "--header", "-e", "--referer"):
            _same_site(_host(word), host)
    return found


def _ansi(text: str) -> str:
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda m: chr(int(m[1], 16)), text)
    return re.sub(r"\\(['\"\\])", r"\1", text)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        raise BadInput("cookie.bad") from None


def _same_site(found: str, host: str) -> None:
    if host and found.split(".")[-2:] != host.split(".")[-2:]:
        raise BadInput("cookie.other_site", host=host)


def _json(text: str, host: str) -> Iterable[tuple[str, str]]:
    """An export of an extension (a list of cookies with domains), of Playwright ({"cookies": […]}), or a plain
    {name: value}."""
    try:
        data: Any = msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        raise BadInput("cookie.bad") from None
    if isinstance(data, dict) and isinstance(data.get("cookies"), list):
        data = data["cookies"]
    if isinstance(data, dict):
        return [(name, value) for name, value in data.items() if isinstance(value, str)]
    rows = [one for one in data if isinstance(one, dict)] if isinstance(data, list) else []
    found = [
        (str(one.get("name", "")), str(one.get("value", "")), str(one.get("domain") or one.get("host") or ""))
        for one in rows
    ]
    return _of_site(found, host)


def _netscape(text: str, host: str) -> Iterable[tuple[str, str]]:
    """A ``cookies.txt``: domain, subdomains, path, secure, expires, name, value; lines of the storage view of a
    browser (name, value, domain, …) too."""
    found = []
    for line in text.split("\n"):
        line = line.rstrip("\r").removeprefix("#HttpOnly_")
        cells = line.split("\t")
        if line.startswith("#") or len(cells) < 3:
            continue
        if len(cells) == 7 and cells[1].upper() in ("TRUE", "FALSE"):
            found.append((cells[5], cells[6], cells[0]))
        else:
            found.append((cells[0], cells[1], cells[2]))
    return _of_site(found, host)


def _of_site(found: Iterable[tuple[str, str, str]], host: str) -> list[tuple[str, str]]:
    rows = [row for row in found if row[0]]
    mine = [(name, value) for name, value, domain in rows if _covers(domain, host)]
    several = not host and len({".".join(domain.strip(".").split(".")[-2:]) for _, _, domain in rows}) > 1
    if (rows and not mine) or several:
        raise BadInput("cookie.other_site", host=host)
    return mine


def _covers(domain: str, host: str) -> bool:
    """Whether a browser would send a cookie of ``domain`` to ``host``; without either the user's word counts."""
    domain = domain.strip().lower().lstrip(".")
    return not domain or not host or host == domain or host.endswith("." + domain)
