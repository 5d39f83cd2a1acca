"""Keys and tokens in what people type or what a server says: seen, masked, never kept.

A person pastes an API key into the chat box, or a server repeats the one it was sent. Whatever takes a sentence
asks ``looks_like_secret`` first and goes on with ``mask``.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from .text import clean

MASK: Final = "***"
LEAST: Final = 4
"""Shorter values are no secrets worth the name, and would be struck out of ordinary words."""
_SHAPES: Final = (
    r"(?<![A-Za-z0-9])(?:sk-[A-Za-z0-9_-]{16,}|gh[pousr]_[A-Za-z0-9]{20,}|xox[abprs]-[A-Za-z0-9-]{10,}|AKIA[A-Z0-9]{16}"
    r"|AIza[A-Za-z0-9_-]{30,}|LTAI[A-Za-z0-9]{12,}|hf_[A-Za-z0-9]{20,}|gsk_[A-Za-z0-9]{20,}"
    r"|eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_.-]{10,}|[0-9a-f]{32,64}"
    r"|(?=[A-Za-z0-9_-]{0,255}\d)(?=[A-Za-z0-9_-]{0,255}[a-z])(?=[A-Za-z0-9_-]{0,255}[A-Z])[A-Za-z0-9_-]{32,256})"
    r"(?![A-Za-z0-9])"
)
"""The shapes that services give their keys, and long words of mixed letters and digits."""
_NAMED: Final = (
    r"(?:(?:api|access|secret|app)[\s_-]?(?:key|token|secret)|(?<![A-Za-z])(?:bearer|token|secret|key)|密钥|秘钥|令牌|密匙)"
    r"(?:[\s:：=]|是|为|用|填|is){1,6}[\"'「“]?"
    r"(?=[A-Za-z0-9_+/=.-]{0,511}\d)(?=[A-Za-z0-9_+/=.-]{0,511}[A-Za-z])[A-Za-z0-9_+/=.-]{16,512}(?![A-Za-z0-9])"
)
"""A word that says what comes, and something that may be it."""
SECRET: Final = re.compile(f"{_SHAPES}|(?i:{_NAMED})")


def looks_like_secret(text: str) -> bool:
    """Whether ``text`` seems to hold an API key, token or password hash."""
    return SECRET.search(clean(text)) is not None


def mask(text: str) -> str:
    """``text`` (cleaned) with everything that looks like a secret replaced by ``***``."""
    return SECRET.sub(MASK, clean(text))


def hide(text: str, words: Iterable[str]) -> str:
    """``text`` without these ``words`` (those that hold others first); also without the beginning of one where the
    text was cut (``…``)."""
    words = tuple(words)
    for word in words:
        text = text.replace(word, MASK)
    if text.endswith("…"):
        for word in words:
            for length in range(min(len(word), len(text)) - 1, LEAST - 1, -1):
                if text.endswith(word[:length] + "…"):
                    return text[: -length - 1] + MASK
    return text


def within(secret: str) -> set[str]:
    """What of a kept value must not be shown: itself, the values of a cookie, the texts of a session kept as JSON."""
    found = {secret, *re.split(r"[;\s]+", secret), *(pair.partition("=")[2] for pair in re.split(r";\s*", secret))}
    if secret.lstrip()[:1] in ("{", "["):
        with contextlib.suppress(ValueError, RecursionError):
            found |= set(_texts(json.loads(secret)))
    return {word for word in found if len(word) >= LEAST}


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | dict):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)
