"""Cutting Chinese into words: rjieba, or jieba where that has no wheel, with our words of net and marketing language.

Both without the hidden Markov model and on the folded text (:mod:`nlp.batch`), so that they cut alike. They differ
where two ways to cut are exactly as likely and rounding decides; runs of one character ("哈哈哈哈哈", by far the most
of such ties) are therefore one word here and reach neither. Neither library is imported before the first text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import TYPE_CHECKING, Final

from xunke.config import make_folder
from xunke.text import clean

from .resources import lines
from .types import MAX_CHARS

if TYPE_CHECKING:
    from .batch import Batch, Codes, Ints

_LINK = re.compile(r"https?://[\w./?=&%#~:+\-]+|www\.[\w./?=&%\-]+", re.ASCII)
_MENTION = re.compile(r"@[\w\-·]{1,30}")
_TAG = re.compile(r"#([^#\s@]{1,40})#|#([\w\-]{1,40})")
_FORWARDED = re.compile(r"//\s*@")
_REPOST_MARK = re.compile(r"^\s*(?:转发微博|轉發微博|转发|Repost|repost)[。.!！]?\s*$")
_WORD = re.compile(r"\w", re.UNICODE)
_FREQUENCY: Final = 2_000
_RUN: Final = 3
"""So many of one Chinese character in a row are one word."""
_RUNS: Final = re.compile("([\u3400-\U0003ffff])\\1{2,}")
_MARK: Final = "\ufdd0"  # folding leaves none of these in a text
_EMOTICON: Final = 8

Cut = Callable[[str], list[str]]


@cache
def _rjieba() -> Cut:
    import rjieba

    tokenizer = rjieba.Jieba()
    for word in lines("words"):
        tokenizer.add_word(word, _FREQUENCY, None)

    def cut(text: str) -> list[str]:
        found: list[str] = tokenizer.cut(text, False)
        return found

    return cut


@cache
def _jieba() -> Cut:
    import logging
    from pathlib import Path

    import jieba
    import platformdirs

    jieba.setLogLevel(logging.WARNING)
    tokenizer = jieba.Tokenizer()
    # Not the shared temporary folder: jieba unmarshals this cache file, so only its owner may write it.
    folder = Path(platformdirs.user_cache_dir("xunke"))
    try:
        make_folder(folder)
        tokenizer.tmp_dir = str(folder)
    except OSError:
        tokenizer.cache_file = None
    tokenizer.initialize()
    for word in lines("words"):
        tokenizer.add_word(word, _FREQUENCY)

    def cut(text: str) -> list[str]:
        found: list[str] = tokenizer.lcut(text, HMM=False)
        return found

    return cut


@cache
def engine() -> Cut:
    """The quickest cutter there is."""
    try:
        return _rjieba()
    except ImportError:
        return _jieba()


def cut(text: str) -> list[str]:
    """Words of the first ``MAX_CHARS`` characters, folded, blanks dropped, all else in order."""
    from .plain import plain_as_long

    text = plain_as_long(clean(text[:MAX_CHARS]))
    if not (runs := [found[0] for found in _RUNS.finditer(text)]):
        return [word for word in engine()(text) if not word.isspace()]
    next_run = iter(runs)
    found = engine()(_RUNS.sub(_MARK, text))
    return [next(next_run) if word == _MARK else word for word in found if not word.isspace()]


def cut_many(batch: Batch, cutter: Cut | None = None) -> list[list[str]]:
    """:func:`cut` of every text of a batch; links, @names and the marks of hashtags are left out."""
    rows = _rows(batch.codes, batch.ends, cutter or engine())
    return [[word for word in row if not word.isspace()] for row in rows]


def split(batch: Batch) -> list[list[str]]:
    """Every text of a batch in pieces, blanks too: together they are the text's part of ``batch.codes``."""
    return list(_rows(batch.codes, batch.ends, engine()))


def words(text: str) -> list[str]:
    """Words worth counting: the author's own, no punctuation, numbers, stop words, links, names or emoticons."""
    return words_many([text])[0]


def words_many(texts: Iterable[str] | Batch) -> list[list[str]]:
    """:func:`words` of every text."""
    from . import chars
    from .batch import BLANK, Batch

    batch = texts if isinstance(texts, Batch) else Batch.of(texts)
    codes = batch.codes.copy()
    codes[(batch.classes & chars.TAG == 0) & (codes != 0x2B)] = BLANK  # of all signs only + stands in words: spf50+
    codes[_emoticons(batch)] = BLANK
    odd = (codes > BLANK) & (batch.classes & (chars.HAN | chars.LATIN) == 0)
    kept = batch.in_own.copy()
    kept[1:] = kept[1:] & ((codes[1:] != BLANK) | (codes[:-1] != BLANK))
    kept[batch.ends] = True
    codes[batch.ends] = 0
    codes = codes[kept]
    stop = _stop_words()
    rows = _rows(codes, (codes == 0).nonzero()[0], engine())
    found = [[word for word in row if len(word) > 1 and word not in stop] for row in rows]
    odd = batch.row_of((odd & batch.in_own).nonzero()[0])
    for row in set(odd.tolist()):
        found[row] = [word for word in found[row] if _WORD.search(word) and not word.isdecimal()]
    return found


def _rows(codes: Codes, ends: Ints, cutter: Cut) -> Iterator[list[str]]:
    """The words of each text; a zero stands at each of ``ends``."""
    stream, stops, runs = _without_runs(codes, ends)
    start = 0
    for stop in stops:
        text = stream[start:stop]
        found = cutter(text)
        start = stop + 1
        if _MARK in text:
            found = [next(runs) if word == _MARK else word for word in found]
        yield found


def _without_runs(codes: Codes, ends: Ints) -> tuple[str, list[int], Iterator[str]]:
    """The text with each run of one Chinese character replaced by a mark, its ends, and the runs."""
    import numpy as np

    from .batch import ranges

    same = (codes[1:] == codes[:-1]) & (codes[1:] > 0x33FF)
    starts = np.flatnonzero(same[1:] & same[:-1])
    if not len(starts):
        return str(codes.tobytes(), "utf-32-le"), ends.tolist(), iter(())
    starts = starts[np.diff(starts, prepend=-2) > 1]
    last = np.append(np.flatnonzero(~same), len(same))
    stops = last[np.searchsorted(last, starts)] + 1
    runs = [chr(code) * size for code, size in zip(codes[starts].tolist(), (stops - starts).tolist(), strict=True)]
    kept = np.ones(len(codes), np.bool_)
    kept[ranges(starts + 1, stops)] = False
    changed = codes.copy()
    changed[starts] = ord(_MARK)
    cut_before = np.concatenate([[0], np.cumsum(stops - starts - 1)])
    moved = ends - cut_before[np.searchsorted(starts, ends)]
    return str(changed[kept].tobytes(), "utf-32-le"), moved.tolist(), iter(runs)


def _emoticons(batch: Batch) -> Ints:
    """The positions of ``[泪]``, ``[doge]`` and the like."""
    import numpy as np

    from . import chars
    from .batch import ranges

    opened = np.flatnonzero(batch.codes == 0x5B)
    if not len(opened):
        return opened
    window = opened[:, None] + np.arange(1, _EMOTICON + 2)
    there = batch.codes[window]
    stops = (there == 0x5B) | (there == 0x5D) | (batch.classes[window] & chars.SPACE != 0)
    first = stops.argmax(1)
    closed = (there[np.arange(len(opened)), first] == 0x5D) & (first > 0)
    return ranges(opened[closed], (opened + first + 2)[closed])


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
