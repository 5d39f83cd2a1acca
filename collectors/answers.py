"""What an answer means: its JSON, and bad ones named by what to do.

A platform reads an answer first (``Judge``); what it has no word on is judged here. Bodies are foreign: JSON, pages,
feeds, halves of these, or nothing. Whether a *page* is a captcha or a login is ``collectors.pages``'.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from xunke.errors import BadQuery, Blocked, BrokenAnswer, CollectorError, Gone, NeedsLogin, Retry
from xunke.text import one_line

from . import pages
from .address import Address
from .wire import Again

_LOGIN: Final = re.compile(r"log.?in|logged|sign.?in|authenticat|authoriz|token|identity|session|登录|登陆", re.I)
_LONE_SURROGATE: Final = re.compile(
    rb"(\\\\)|(\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2})|\\u[dD][89a-fA-F][0-9a-fA-F]{2}"
)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as it came, for a platform to judge. ``headers`` have lower-case names, ``body`` is unpacked, ``url``
    is where it came from in the end, without its query (which may hold a secret)."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    url: str = field(repr=False)
    _read: list[tuple[Any, Exception | None]] = field(default_factory=list, init=False, repr=False, compare=False)

    def json(self) -> Any:
        """The body's JSON, or None where it is none. Decoded once."""
        return self._outcome()[0]

    def decoded(self) -> Any:
        """The body's JSON. Raises RecursionError, msgspec.ValidationError or ValueError."""
        data, error = self._outcome()
        if error is not None:
            raise error
        return data

    def _outcome(self) -> tuple[Any, Exception | None]:
        if not self._read:
            try:
                self._read.append((_decode(self.body.removeprefix(b"\xef\xbb\xbf")), None))
            except (ValueError, RecursionError) as error:
                self._read.append((None, error))
        return self._read[0]


Judge = Callable[[Reply], CollectorError | None]
"""A platform's own reading of an answer, before the default one. ``Retry`` makes the transport wait and ask again."""


def _decode(body: bytes) -> Any:
    try:
        return msgspec.json.decode(body)
    except UnicodeDecodeError:
        return msgspec.json.decode(body.decode("utf-8", "replace"))
    except msgspec.ValidationError:
        raise
    except msgspec.DecodeError:  # a lone surrogate, written as an escape, becomes U+FFFD
        return msgspec.json.decode(_LONE_SURROGATE.sub(lambda m: m[0] if m[1] or m[2] else rb"\ufffd", body))


def check(reply: Reply, where: Address) -> None:
    """Raise what a bad status means; a 200 passes."""
    status, host = reply.status, where.host
    if status == 200:
        return
    said = message(reply.body)
    if pages.challenged(reply.status, reply.headers, reply.body):
        raise Blocked("net.captcha", host=host)
    if status == 401 or (status in (400, 403, 422) and said and _LOGIN.search(said)):
        raise NeedsLogin("net.needs_login", host=host, status=status, said=said)
    if status in (404, 410):
        raise Gone("net.gone", url=where.shown, status=status)
    if status in (403, 407, 412, 418, 451):
        raise Blocked("net.refused", host=host, status=status, said=said)
    if status in (408, 425) or status >= 500:
        raise Again(Retry("net.server", 300, host=host, status=status))
    if 400 <= status < 500:
        raise BadQuery("net.bad_query", url=where.shown, status=status, said=said)
    raise BrokenAnswer("net.status", url=where.shown, status=status)


def json_of(reply: Reply, where: Address, expect: type | tuple[type, ...]) -> Any:
    """The JSON of a good answer. Half a document is fetched again; another kind of document is named."""
    start = reply.body.removeprefix(b"\xef\xbb\xbf").lstrip()[:1]
    if not start:
        raise BrokenAnswer("net.empty", url=where.shown)
    if start == b"<":
        pages.refuse_for_data(reply.body, where)
        raise BrokenAnswer("net.html", url=where.shown)
    try:
        data = reply.decoded()
    except RecursionError:
        raise BrokenAnswer("net.too_deep", url=where.shown) from None
    except msgspec.ValidationError:
        raise BrokenAnswer("net.bad_json", url=where.shown) from None
    except ValueError:
        raise Again(BrokenAnswer("net.bad_json", url=where.shown)) from None
    if data is None:
        raise BrokenAnswer("net.null", url=where.shown)
    if not isinstance(data, expect):
        raise BrokenAnswer("net.shape", url=where.shown)
    if isinstance(data, dict) and data.get("error") and isinstance(data["error"], str | dict):
        said = _said(data)
        kind = NeedsLogin if said and _LOGIN.search(said) else BrokenAnswer
        raise kind("net.error_inside", url=where.shown, said=said)
    return data


def message(body: bytes) -> str:
    """What an error body says, for people: the ``error`` of JSON, nothing of HTML."""
    if body.lstrip()[:1] == b"<":
        return ""
    try:
        data = msgspec.json.decode(body[:65_536])
    except (ValueError, RecursionError):
        return one_line(body[:400].decode("utf-8", "replace"), 160)
    return _said(data) if isinstance(data, dict) else ""


def _said(data: Mapping[str, Any]) -> str:
    found = data.get("error") or data.get("error_description") or data.get("message") or data.get("detail")
    if isinstance(found, dict):
        found = found.get("message")
    return one_line(found, 160) if isinstance(found, str) else ""
