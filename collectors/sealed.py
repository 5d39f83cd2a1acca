"""Secrets of one request: which origin may see them, and how they are kept out of every message."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote, quote_plus

from xunke.errors import BadInput, CollectorError
from xunke.secrets import LEAST, hide

_NAMES: Final = re.compile(
    r"passw|passphrase|^pass$|token|secret|jwt|cookie|session|authorization|^auth$|credential|(?:^|[_-])(?:api_?)?key$"
    r"|^(?:i|code|sid)$",
    re.I,
)
_PLAIN: Final = frozenset(
    {"referer", "origin", "accept", "accept-language", "x-requested-with", "user-agent", "content-type"}
)
"""Headers that hold no secret: their words may stand in messages."""
_NOT_OURS: Final = frozenset({"host", "content-length", "transfer-encoding", "connection", "accept-encoding"})
_ODD: Final = re.compile(r"[^\x20-\x7e]")
_PRINTED: Final = "".join(map(chr, range(0x20, 0x7F)))
"""What may stand in a header; of what is no secret the rest is escaped (a name or a place in another script)."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """``headers`` only ``origin`` may see, ``plain`` ones hold no secret; ``words`` never appear in a message, the
    longest first."""

    origin: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    plain: Mapping[str, str] = field(default_factory=dict, repr=False)
    words: tuple[str, ...] = field(default=(), repr=False)

    def redact(self, text: str) -> str:
        """``text`` without the secrets, also as URLs write them."""
        return hide(text, self.words)

    def scrub(self, error: CollectorError) -> None:
        """Take the secrets out of an error's own words (a server may have repeated them)."""
        for name, value in error.params.items():
            if isinstance(value, str):
                error.params[name] = self.redact(value)


def seal(
    origin: str,
    *,
    token: str | None = None,
    cookie: str | None = None,
    headers: Mapping[str, str] | None = None,
    basic: tuple[str, str] | None = None,
    sent: Iterable[Any] = (),
) -> Sealed:
    """Seal what one request carries; ``sent``: parameters and bodies, in which secrets go by their names.

    Raises BadInput for a secret that cannot stand in a header.
    """
    made = {name.lower(): value for name, value in (headers or {}).items() if name.lower() not in _NOT_OURS}
    words = [value for name, value in made.items() if name not in _PLAIN]
    if token:
        made["authorization"] = f"Bearer {token}"
        words.append(token)
    if basic:
        packed = base64.b64encode(":".join(basic).encode()).decode()
        made["authorization"] = f"Basic {packed}"
        words += [packed, basic[1]]
    if cookie:
        made["cookie"] = cookie
        words.append(cookie)
    plain = {name: quote(made.pop(name), safe=_PRINTED, errors="replace") for name in list(made) if name in _PLAIN}
    if any(map(_ODD.search, made.values())) or any(map(_ODD.search, made)):
        raise BadInput("net.bad_secret")
    for word in list(words):
        words.append(word.partition(" ")[2])
        words += [part.partition("=")[2].strip() for part in word.split(";")]
    for one in sent:
        words += _named(one)
    seen = {form for word in words for form in (word, quote(word), quote_plus(word)) if len(word) >= LEAST}
    return Sealed(origin, made, plain, tuple(sorted(seen, key=lambda word: (-len(word), word))))


def _named(value: Any, secret: bool = False, depth: int = 8) -> list[str]:
    """The strings in ``value`` that stand under the name of a secret."""
    if isinstance(value, str):
        return [value] if secret else []
    if depth and isinstance(value, Mapping):
        return [s for k, v in value.items() for s in _named(v, secret or bool(_NAMES.search(str(k))), depth - 1)]
    if depth and isinstance(value, list | tuple):
        if len(value) == 2 and isinstance(value[0], str) and _NAMES.search(value[0]):
            return _named(value[1], True, depth - 1)
        return [s for one in value for s in _named(one, secret, depth - 1)]
    return []
