"""Cutting Chinese into words: jieba with a dictionary of marketing and net language, loaded on first use."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from .resources import lines
from .types import MAX_CHARS

_LINK = re.compile(r"https?://[\w./?=&%#~:+\-]+|www\.[\w./?=&%\-]+", re.ASCII)
_MENTION = re.compile(r"@[\w\-·]{1,30}")
_TAG = re.compile(r"#([^#\s@]{1,40})#|#([\w\-]{1,40})")
_FORWARDED = re.compile(r"//\s*@")
_REPOST_MARK = re.compile(r"^\s*(?:转发微博|轉發微博|转发|Repost|repost)[。.!！]?\s*$")
_EMOTICON = re.compile(r"\[[^\[\]\s]{1,8}\]")
_WORD = re.compile(r"\w", re.UNICODE)


@cache
def _jieba() -> Any:
    import jieba
    import platformdirs

    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    # Not the shared temporary folder: jieba unmarshals this cache file, so only its owner may write it.
    folder = Path(platformdirs.user_cache_dir("xunke"))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tokenizer.tmp_dir = str(folder)
    except OSError:
        tokenizer.cache_file = None
    tokenizer.initialize()
    for word in lines("words"):
        tokenizer.add_word(word, 2_000)
    return tokenizer


def cut(text: str) -> list[str]:
    """Words of the first ``MAX_CHARS`` characters, blanks dropped, everything else kept in order."""
    return [word for word in _jieba().lcut(text[:MAX_CHARS]) if not word.isspace()]


def words(text: str) -> list[str]:
    """Words worth counting: lower case, no punctuation, numbers, stop words, links, names or emoticons."""
    stop = _stop_words()
    text = _EMOTICON.sub(" ", bare(own_words(text)))
    found = (word.lower() for word in cut(text))
    return [w for w in found if len(w) > 1 and w not in stop and _WORD.search(w) and not w.isdecimal()]


@cache
def _stop_words() -> frozenset[str]:
    return frozenset(lines("stopwords"))


def own_words(text: str) -> str:
    """What the author wrote: the part before ``//@somebody``, nothing for an empty repost."""
    own = _FORWARDED.split(text, maxsplit=1)[0]
    return "" if _REPOST_MARK.match(own) else own


def bare(text: str) -> str:
    """Text without links and names; hashtags keep their words."""
    return _TAG.sub(lambda m: f" {m[1] or m[2]} ", _MENTION.sub(" ", _LINK.sub(" ", text)))


def without_links(text: str) -> str:
    """Text in which a blank stands for each link."""
    return _LINK.sub(" ", text) if "http" in text or "www." in text else text


def hashtags(text: str) -> tuple[str, ...]:
    """Hashtags in order, each once: ``#减肥#`` and ``#减肥``."""
    return tuple(dict.fromkeys(tag.strip() for tag in _tags(text) if tag.strip()))


def _tags(text: str) -> Iterator[str]:
    for found in _TAG.finditer(text):
        yield found[1] or found[2]


def count_links(text: str) -> int:
    """How many links a text holds."""
    return len(_LINK.findall(text))


def count_mentions(text: str) -> int:
    """How many @names a text holds."""
    return len(_MENTION.findall(text))
