"""Hashtags and mentions in the text of a post, by the habits of each platform."""

from __future__ import annotations

import re
from typing import Final

_PAIRED = re.compile(r"#([^#\n]{1,100})#")
"""Weibo: ``#话题#``, with an optional ``[超话]`` before the closing mark."""

_XHS = re.compile(r"#([^#\[\n]{1,100})\[话题\]#?")
"""Xiaohongshu app text: ``#话题[话题]#``."""

_OPEN = re.compile(r"(?<![\w/&＃#])[#＃]([^\s#＃@＠\[\]()（）<>《》「」“”\"',，。、.！!？?；;：:…|/\\]{1,100})")
"""Everywhere else: ``#话题`` up to a blank or punctuation. Not in a link's fragment."""

_MENTION = re.compile(r"[@＠](?<![A-Za-z0-9_.%+-][@＠])([\w\-·]{1,40})")
"""What stands before the mark is looked at behind it, so that the search can leap from mark to mark."""

_FEDIVERSE_MENTION = re.compile(
    r"@(?<![A-Za-z0-9_.%+/-]@)([A-Za-z0-9_]{1,64}(?:@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?)?)"
)
_KIND = re.compile(r"\[(?:超话|话题|视频|音乐|电影|图书)\]$")

_PAIRING: Final = frozenset({"weibo"})
_HANDLES: Final = frozenset({"mastodon", "misskey", "lemmy", "pixelfed"})


def _unique(words: list[str]) -> tuple[str, ...]:
    if not words:
        return ()
    return tuple(dict.fromkeys([word for raw in words if (word := raw.strip())]))


def hashtags(platform: str, text: str) -> tuple[str, ...]:
    """The tags of ``text`` without ``#``, each once, in order of first use."""
    if "#" not in text and "＃" not in text:
        return ()
    if platform in _PAIRING:
        return _unique([_KIND.sub("", word) if word[-1] == "]" else word for word in _PAIRED.findall(text)])
    if platform == "xiaohongshu" and "[话题]" in text:
        rest = _XHS.sub("\n", text)
        return _unique(_XHS.findall(text) + _OPEN.findall(rest))
    return _unique(_OPEN.findall(text))


def mentions(platform: str, text: str) -> tuple[str, ...]:
    """The names written with ``@`` in ``text``, without ``@``, each once, in order of first use."""
    if "@" not in text and "＠" not in text:
        return ()
    pattern = _FEDIVERSE_MENTION if platform in _HANDLES else _MENTION
    return _unique(pattern.findall(text))
