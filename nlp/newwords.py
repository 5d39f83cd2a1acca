"""New words: strings that hold together inside and stand freely outside, and that no dictionary has.

Three measures decide (the classic ones for Chinese): in how many texts a string stands, pointwise mutual
information of its weakest cut (does it hold together?), and the entropy of its left and right neighbours (does it
stand freely?). Numpy over code points: 100,000 posts take a few seconds.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from .match import lower
from .resources import lines
from .segment import bare, cut, own_words
from .types import MAX_CHARS

if TYPE_CHECKING:
    import numpy as np

LONGEST: Final = 6
MIN_TEXTS: Final = 5
MIN_COHESION: Final = 3.0
"""Nats: the string is at least e³ (20) times as frequent as its two parts would be by chance, wherever it is cut."""
MIN_FREEDOM: Final = 1.0
"""Nats: the poorer side has at least as many kinds of neighbours as e (2.7) equally frequent ones."""
EXAMPLES: Final = 3
_EMOTICON: Final = re.compile(r"\[[^\[\]\s]{1,8}\]")
_EDGES: Final = frozenset(
    "的了是我你他她它们在不也都很就还又和与跟把被给让到这那有没会要吗呢吧啊呀哦嘛着过得地个一二两三四五六七八九十几每各对从向为以之"
    "于而且或但如若因所其此该将已曾再才刚太更最真好多少大小来去上下里外前后中说想看做用能可应该请"
)
"""Single characters that mostly stand for themselves: a string that begins or ends in one is rarely a word."""


class NewWord(NamedTuple):
    """``texts``: texts (or owners) that hold it; ``times``: how often; ``cohesion`` and ``freedom`` in nats.

    ``examples``: positions of the first texts that hold it.
    """

    word: str
    texts: int
    times: int
    cohesion: float
    freedom: float
    examples: tuple[int, ...] = ()


def new_words(
    texts: Iterable[str],
    limit: int = 50,
    *,
    min_texts: int = MIN_TEXTS,
    min_cohesion: float = MIN_COHESION,
    min_freedom: float = MIN_FREEDOM,
    owners: Iterable[int] | None = None,
    known: Collection[str] = (),
) -> tuple[NewWord, ...]:
    """Strings of 2 to 6 characters that are words of these texts and of no dictionary, best first.

    ``owners``: who wrote each text; then people are counted, not texts, so that one who repeats a thing makes no
    word. A text that says the same as an earlier one does not count. ``known``: words not to be told again.
    The order: cohesion × freedom × log of the texts; ties by the word.
    """
    import numpy as np

    kept = [own_words(text[:MAX_CHARS]) for text in texts]
    who = list(owners) if owners is not None else list(range(len(kept)))
    bodies = [lower(_EMOTICON.sub("\n", bare(text))).replace("\0", "\n") for text in kept]
    first = {body: at for at, body in reversed(list(enumerate(bodies)))}
    places = sorted(first.values())
    if not places:
        return ()
    chars, document = _codes([bodies[at] for at in places])
    if not len(chars):
        return ()
    owner = np.unique(np.array([who[at] for at in places], dtype=np.int64), return_inverse=True)[1]
    found = list(_candidates(chars, owner[document], document, min_texts, min_cohesion, min_freedom))
    skip = frozenset(known)
    best = sorted(
        (w for w in found if w.word not in skip and not _dull(w.word) and not is_word(w.word) and not _phrase(w.word)),
        key=lambda w: (-w.cohesion * w.freedom * math.log(w.texts + 1), w.word),
    )
    chosen = _without_parts(best)[:limit]
    return tuple(w._replace(examples=_examples(w.word, bodies)) for w in chosen)


def _examples(word: str, bodies: list[str]) -> tuple[int, ...]:
    found: list[int] = []
    for at, body in enumerate(bodies):
        if word in body:
            found.append(at)
            if len(found) == EXAMPLES:
                break
    return tuple(found)


def _without_parts(words: list[NewWord]) -> list[NewWord]:
    """Drop strings that mostly stand inside a longer one of the list, and longer ones that only add to one."""
    by_word = {w.word: w for w in words}
    dropped: set[str] = set()
    for w in words:
        inner = {w.word[a:b] for a in range(len(w.word)) for b in range(a + 2, len(w.word) + 1)} - {w.word}
        for part in inner:
            if part in by_word:
                dropped.add(part if by_word[part].texts <= 1.5 * w.texts else w.word)
    return [w for w in words if w.word not in dropped]


def _codes(bodies: list[str]) -> tuple[Any, Any]:
    """Code points of all texts with a 0 between them and for everything that is no Han, letter or digit; text no."""
    import numpy as np

    text = "\0".join(bodies) + "\0"
    raw = np.frombuffer(text.encode("utf-32-le", "replace"), dtype=np.uint32)
    document = np.cumsum(raw == 0) - (raw == 0)
    han = ((raw >= 0x3400) & (raw <= 0x9FFF)) | ((raw >= 0x20000) & (raw <= 0x323AF))
    latin = ((raw >= 0x61) & (raw <= 0x7A)) | ((raw >= 0x30) & (raw <= 0x39))
    return np.where(han | latin, raw, 0).astype(np.int64), document.astype(np.int64)


def _candidates(
    chars: np.ndarray[Any, Any],
    owner: np.ndarray[Any, Any],
    document: np.ndarray[Any, Any],
    min_texts: int,
    min_cohesion: float,
    min_freedom: float,
) -> Iterable[NewWord]:
    import numpy as np

    size = len(chars)
    values, code = np.unique(chars, return_inverse=True)
    alphabet, people = len(values), int(owner.max()) + 1
    silent = values[0] == 0
    grams = code.astype(np.int64)  # number of the string of the present length that begins at each place
    single = np.bincount(code, minlength=alphabet)
    counts = [np.zeros(0, dtype=np.int64), single[code]]  # by length: how often the string at each place occurs
    alive = np.flatnonzero(chars > 0)
    total = len(alive)
    latin = chars < 0x3400
    previous = np.concatenate(([0], code[:-1]))
    for length in range(2, LONGEST + 1):
        alive = alive[alive + length <= size]
        after = code[alive + length - 1]
        if silent:
            alive, after = alive[after > 0], after[after > 0]
        number, often = _frequent(grams[alive] * alphabet + after, min_texts)
        keep = number >= 0
        alive, number = alive[keep], number[keep]
        if not len(alive):
            return
        grams = np.zeros(size, dtype=np.int64)
        grams[alive] = number
        here = np.zeros(size, dtype=np.int64)
        here[alive] = often[number]
        counts.append(here)
        texts = _distinct(number * people + owner[alive], people, len(often))
        place = np.zeros(len(often), dtype=np.int64)
        place[number[::-1]] = alive[::-1]
        cohesion = np.full(len(often), np.inf)
        for split in range(1, length):
            left, right = counts[split][place], counts[length - split][place + split]
            cohesion = np.minimum(cohesion, np.log(often * float(total) / (left * right.astype(np.float64))))
        stop = np.minimum(alive + length, size - 1)
        # a string that begins or ends inside a Latin word is no word
        torn = (latin[alive] & latin[alive - 1] & (previous[alive] > 0)) | (
            latin[alive + length - 1] & latin[stop] & (code[stop] > 0)
        )
        whole = np.bincount(number[~torn], minlength=len(often)) * 2 > often
        good = (texts >= min_texts) & (cohesion >= min_cohesion) & whole
        wanted = good[number]
        some, at = number[wanted], alive[wanted]
        left_free = _entropy(some, previous[at], alphabet, len(often), document[at], silent)
        right_free = _entropy(some, code[stop[wanted]], alphabet, len(often), document[at], silent)
        freedom = np.minimum(left_free, right_free)
        for which in np.flatnonzero(good & (freedom >= min_freedom)):
            start = place[which]
            word = "".join(map(chr, chars[start : start + length]))
            yield NewWord(
                word, int(texts[which]), int(often[which]), round(float(cohesion[which]), 3),
                round(float(freedom[which]), 3),
            )  # fmt: skip


def _frequent(keys: np.ndarray[Any, Any], least: int) -> tuple[Any, Any]:
    """A number for each key that occurs ``least`` times at least (-1: rarer), and how often each of those does."""
    import numpy as np

    kinds, often = _runs(np.sort(keys))
    kept = often >= least
    kinds, often = kinds[kept], often[kept]
    if not len(kinds):
        return np.full(len(keys), -1), often
    number = np.searchsorted(kinds, keys)
    number[number == len(kinds)] = 0
    return np.where(kinds[number] == keys, number, -1), often


def _runs(ordered: np.ndarray[Any, Any]) -> tuple[Any, Any]:
    import numpy as np

    starts = np.flatnonzero(np.concatenate(([True], ordered[1:] != ordered[:-1]))) if len(ordered) else np.zeros(0, int)
    return ordered[starts], np.diff(np.append(starts, len(ordered)))


def _distinct(keys: np.ndarray[Any, Any], per: int, size: int) -> Any:
    import numpy as np

    kinds, _ = _runs(np.sort(keys))
    return np.bincount(kinds // per, minlength=size)


def _entropy(
    number: np.ndarray[Any, Any],
    neighbour: np.ndarray[Any, Any],
    alphabet: int,
    size: int,
    document: np.ndarray[Any, Any],
    silent: bool,
) -> Any:
    """Entropy of the neighbours of each string, in nats; every edge of a text or sentence is a neighbour of its own."""
    import numpy as np

    edge = (neighbour == 0) if silent else np.zeros(len(neighbour), dtype=bool)
    kinds, often = _runs(np.sort(number[~edge] * alphabet + neighbour[~edge]))
    total = np.bincount(number, minlength=size).astype(np.float64)
    of = kinds // alphabet
    share = often / total[of]
    out = -np.bincount(of, weights=share * np.log(share), minlength=size).astype(np.float64)
    edges = np.bincount(number[edge], minlength=size)
    with np.errstate(divide="ignore", invalid="ignore"):
        out += np.where(total > 0, edges / total * np.log(np.maximum(total, 1)), 0.0)
    return out


def _dull(word: str) -> bool:
    """Beginning or ending like half a sentence, or without any Chinese at all."""
    return word[0] in _EDGES or word[-1] in _EDGES or word.isascii() or any(c.isdecimal() for c in word)


def _phrase(word: str) -> bool:
    """Whether it is no more than known words of two characters and more in a row (交通方便): a phrase, no word."""
    parts = cut(word) if len(word) > 3 else [word]
    return len(parts) > 1 and all(len(part) > 1 and is_word(part) for part in parts)


@cache
def _dictionary() -> frozenset[str]:
    spec = find_spec("jieba")
    places = spec.submodule_search_locations if spec else None
    path = Path(next(iter(places))) / "dict.txt" if places else None
    if path is None or not path.exists():
        return frozenset()
    return frozenset(line.split(" ", 1)[0] for line in path.read_text("utf-8").splitlines())


def is_word(word: str) -> bool:
    """Whether a dictionary has it: jieba's own or ours (where jieba is not there: whether it is cut as one word)."""
    if word in lines("words"):
        return True
    known = _dictionary()
    return word in known if known else cut(word) == [word]
