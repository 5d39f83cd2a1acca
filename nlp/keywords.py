"""Words that mark a set of texts, and topics: words that keep each other's company."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Literal, NamedTuple

from .match import lower
from .resources import lines
from .segment import bare, cut, hashtags, own_words
from .types import MAX_CHARS

Kind = Literal["word", "phrase", "tag", "emoticon"]
KINDS: Final[tuple[Kind, ...]] = ("word", "phrase", "tag", "emoticon")

PRIOR: Final = 500.0
"""Size of the prior, in words: how much of one set a word must fill before it stands out."""
EXAMPLES: Final = 3
"""Example texts kept of each keyword and topic."""
PHRASE_LENGTH: Final = 8
"""Characters of the longest phrase made of several words."""
_PHRASE_NPMI, _PHRASE_SHARE, _PHRASE_LEAST = 0.3, 0.3, 3
_EMOTICON = re.compile("\\[[^\\[\\]\\s]{1,8}\\]|[\U0001f300-\U0001faff\u2600-\u27bf]")
_TAGS = re.compile(r"#[^#\s@]{1,40}#|#[\w\-]{1,40}")
_HAN = re.compile("[\u3400-\u9fff]")
_LATIN = re.compile(r"[a-z0-9][a-z0-9\-_.']*\Z")
_WORD = re.compile(r"\w")
_EDGE_STOPS: Final = frozenset("的了是我你他她它们在不也都很就还又和与跟把被给让到这那有没会要吗呢吧啊呀哦嘛着过得地个")
"""Single characters that neither begin nor end a phrase."""


class Keyword(NamedTuple):
    """``score``: z-value against the background, or TF-IDF without one; ``texts``: how many texts hold the word.

    ``examples``: positions of the first texts that hold it.
    """

    word: str
    score: float
    texts: int
    kind: Kind = "word"
    examples: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Terms:
    """The distinct terms of each text, in its order; the kind of every term. A copy of an earlier text has none."""

    texts: list[tuple[str, ...]]
    kinds: dict[str, Kind]


class Topic(NamedTuple):
    """Words that stand in the same texts, the best known first; ``texts`` hold at least two of them."""

    words: tuple[str, ...]
    texts: int
    examples: tuple[int, ...]

    @property
    def name(self) -> str:
        """The topic in short."""
        return "·".join(self.words[:3])


class Lexicon(NamedTuple):
    """The user's own ``words`` (kept whole) and ``stop`` words (left out)."""

    words: frozenset[str] = frozenset()
    stop: frozenset[str] = frozenset()


def terms(texts: Iterable[str], *, own: Lexicon | None = None, copies: bool = False) -> Terms:
    """The words, phrases, hashtags and emoticons of each text.

    Neighbouring words become one phrase where they mostly stand together (pointwise mutual information of the
    pair, normalised, at least 0.3), the best pairs of a text first; a word inside a phrase is not counted again,
    so that 减脂餐 does not raise 减脂. A text that was seen before gets no terms unless ``copies``.
    """
    own = own or Lexicon()
    stop = frozenset(lines("stopwords")) | own.stop
    seen: set[str] = set()
    runs: list[list[list[str]]] = []
    marks: list[list[str]] = []
    kinds: dict[str, Kind] = {}
    for text in texts:
        text = text[:MAX_CHARS]
        said = own_words(text)
        key = " ".join(bare(said).split())
        if not copies and key in seen:
            runs.append([])
            marks.append([])
            continue
        seen.add(key)
        tags = ["#" + lower(tag) for tag in hashtags(said)]
        body = bare(_TAGS.sub(" ", said))
        faces = _EMOTICON.findall(body)
        kinds |= dict.fromkeys(tags, "tag") | dict.fromkeys(faces, "emoticon")
        marks.append([*tags, *faces])
        runs.append(_runs(_EMOTICON.sub(" \n ", body), stop, own.words))
    for _ in range(2):
        runs = _joined(runs, stop, kinds)
    for word in own.words:
        kinds[word] = "word"
    found = [
        tuple(dict.fromkeys([*(w for run in some for w in run if _counts(w)), *mark]))
        for some, mark in zip(runs, marks, strict=True)
    ]
    for text_terms in found:
        for word in text_terms:
            kinds.setdefault(word, "word")
    return Terms(found, kinds)


def _runs(text: str, stop: Collection[str], own: Collection[str]) -> list[list[str]]:
    """Words in a row that nothing (a sign, a stop word) separates; the user's own words are put together again."""
    words = [lower(word) for part in text.split("\n") for word in [*cut(part), "\n"]]
    if own:
        words = _whole(words, own)
    runs: list[list[str]] = [[]]
    for word in words:
        if word in stop or not _WORD.search(word) or (len(word) == 1 and (word in _EDGE_STOPS or not _HAN.match(word))):
            runs.append([])
        else:
            runs[-1].append(word)
    return [run for run in runs if run]


def _whole(words: list[str], own: Collection[str]) -> list[str]:
    longest = max(map(len, own))
    out: list[str] = []
    at = 0
    while at < len(words):
        best, text, end = 1, "", at
        while end < len(words) and len(text) <= longest:
            text += words[end]
            end += 1
            if end - at > 1 and text in own:
                best = end - at
        out.append("".join(words[at : at + best]))
        at += best
    return out


def _joined(runs: list[list[list[str]]], stop: Collection[str], kinds: dict[str, Kind]) -> list[list[list[str]]]:
    single: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    texts: Counter[tuple[str, str]] = Counter()
    for some in runs:
        here: set[tuple[str, str]] = set()
        for run in some:
            single.update(run)
            here.update(pairwise(run))
            pairs.update(pairwise(run))
        texts.update(here)
    total = sum(single.values())
    good: dict[tuple[str, str], float] = {}
    for (a, b), count in pairs.items():
        if (
            texts[a, b] < _PHRASE_LEAST
            or count < _PHRASE_SHARE * min(single[a], single[b])
            or len(a + b) > PHRASE_LENGTH
            or (a.isdecimal() and b.isdecimal())
        ):
            continue
        share = count / total
        if share < 1:
            npmi = math.log(share * total * total / (single[a] * single[b])) / -math.log(share)
            if npmi >= _PHRASE_NPMI:
                good[a, b] = npmi
    if not good:
        return runs
    return [[_join(run, good, kinds) for run in some] for some in runs]


def _join(run: list[str], good: Mapping[tuple[str, str], float], kinds: dict[str, Kind]) -> list[str]:
    if len(run) < 2 or not any(pair in good for pair in pairwise(run)):
        return run
    order = sorted(
        (at for at, pair in enumerate(pairwise(run)) if pair in good), key=lambda at: (-good[run[at], run[at + 1]], at)
    )
    taken: set[int] = set()
    firsts: set[int] = set()
    for at in order:
        if at not in taken and at + 1 not in taken:
            taken |= {at, at + 1}
            firsts.add(at)
    out: list[str] = []
    for at, word in enumerate(run):
        if at in firsts:
            after = run[at + 1]
            phrase = f"{word} {after}" if _LATIN.match(word) and _LATIN.match(after) else word + after
            kinds.setdefault(phrase, "phrase")
            out.append(phrase)
        elif at not in taken:
            out.append(word)
    return out


def _counts(word: str) -> bool:
    return len(word) > 1 and not word.isdecimal()


def keywords(
    texts: Iterable[str],
    background: Iterable[str] | None = None,
    limit: int = 20,
    min_texts: int = 2,
    *,
    kinds: Collection[Kind] = KINDS,
    own: Lexicon | None = None,
) -> tuple[Keyword, ...]:
    """The ``limit`` terms that mark ``texts``, best first, each in at least ``min_texts`` different texts.

    With a background: log-odds with an informative Dirichlet prior (Monroe, Colaresi and Quinn 2008), as
    z-values, so that rare accidents do not win. Without one (or with an empty one): texts holding the term
    × inverse document frequency within the set, which keeps words that everybody uses down. A term counts
    once a text, and a text that says the same as an earlier one does not count (copied texts cannot shout).
    """
    mine = list(texts)
    both = terms([*mine, *(background or ())], own=own)
    return keywords_of(both.texts[: len(mine)], both.texts[len(mine) :], both.kinds, limit, min_texts, kinds)


def keywords_of(
    texts: Sequence[tuple[str, ...]],
    background: Sequence[tuple[str, ...]],
    term_kinds: Mapping[str, Kind],
    limit: int = 20,
    min_texts: int = 2,
    kinds: Collection[Kind] = KINDS,
) -> tuple[Keyword, ...]:
    """``keywords`` of texts whose terms are known already."""
    here = Counter(word for found in texts for word in found)
    candidates = [word for word, count in here.items() if count >= min_texts and term_kinds[word] in kinds]
    there = Counter(word for found in background for word in found)
    if there:
        scores = _log_odds(here, there, candidates)
    else:
        read = sum(bool(found) for found in texts)
        scores = {w: here[w] * math.log((read + 1) / here[w]) for w in candidates}
    best = sorted(candidates, key=lambda word: (-scores[word], word))[:limit]
    best = [word for word in best if scores[word] > 0]
    examples = _examples(texts, best)
    return tuple(Keyword(w, round(scores[w], 4), here[w], term_kinds[w], examples[w]) for w in best)


def _examples(texts: Sequence[tuple[str, ...]], wanted: Collection[str]) -> dict[str, tuple[int, ...]]:
    found: dict[str, list[int]] = {word: [] for word in wanted}
    for at, text in enumerate(texts):
        for word in text:
            if word in found and len(found[word]) < EXAMPLES:
                found[word].append(at)
    return {word: tuple(places) for word, places in found.items()}


def _log_odds(here: Counter[str], there: Counter[str], candidates: list[str]) -> dict[str, float]:
    n, m = sum(here.values()), sum(there.values())
    return {word: log_odds_z(here[word], n, there[word], m)[1] for word in candidates}


def log_odds_z(k: float, n: float, other: float, m: float, prior: float = PRIOR) -> tuple[float, float]:
    """Log-odds of ``k`` of ``n`` against ``other`` of ``m``, with a Dirichlet prior of the two together, and z."""
    if n + m <= 0 or k + other <= 0:
        return 0.0, 0.0
    alpha = prior * (k + other) / (n + m)
    a, b = k + alpha, other + alpha
    if n + prior <= a or m + prior <= b:
        return 0.0, 0.0
    odds = math.log(a / (n + prior - a)) - math.log(b / (m + prior - b))
    return odds, odds / math.sqrt(1 / a + 1 / b)


# -- topics --------------------------------------------------------------------------------------------------------

_TOPIC_WORDS: Final = 120
_TOPIC_NEAR: Final = 0.2


def topics(
    found: Terms, limit: int = 10, min_texts: int = 5, *, among: Collection[str] | None = None
) -> tuple[Topic, ...]:
    """Words that stand together in texts (co-word clusters), the largest topic first. Deterministic.

    The words in most texts are joined one after the other to the cluster that they are nearest to (mean cosine of
    the texts they stand in, at least 0.2), or begin one; clusters of one word are no topic. A word in more than
    half of the texts belongs to all of them and is left out.
    """
    texts = [text for text in found.texts if text]
    count = Counter(word for text in texts for word in text)
    most = max(len(texts) // 2, min_texts)
    candidates = sorted(
        (w for w, n in count.items() if min_texts <= n <= most and found.kinds[w] != "emoticon"
         and (among is None or w in among)),
        key=lambda w: (-count[w], w),
    )[:_TOPIC_WORDS]  # fmt: skip
    wanted = set(candidates)
    together: Counter[tuple[str, str]] = Counter()
    for text in texts:
        here = sorted(wanted.intersection(text))
        together.update((a, b) for i, a in enumerate(here) for b in here[i + 1 :])

    def near(a: str, b: str) -> float:
        return together[min(a, b), max(a, b)] / math.sqrt(count[a] * count[b])

    clusters: list[list[str]] = []
    for word in candidates:
        scored = [(sum(near(word, other) for other in some) / len(some), -at) for at, some in enumerate(clusters)]
        best = max(scored, default=(0.0, 0))
        if best[0] >= _TOPIC_NEAR:
            clusters[-best[1]].append(word)
        else:
            clusters.append([word])
    named = [(tuple(some), *_holding(found.texts, frozenset(some))) for some in clusters if len(some) > 1]
    made = sorted((Topic(*entry) for entry in named), key=lambda t: (-t.texts, t.words))
    return tuple(topic for topic in made if topic.texts >= 2)[:limit]


def _holding(texts: Sequence[tuple[str, ...]], words: frozenset[str]) -> tuple[int, tuple[int, ...]]:
    """How many texts hold two of the words at least; those that hold most of them."""
    found = [(-n, at) for at, text in enumerate(texts) if (n := len(words.intersection(text))) >= 2]
    return len(found), tuple(at for _, at in sorted(found)[:EXAMPLES])
