"""How the author feels. Two engines: ``xunke`` (a hand-made lexicon and SnowNLP's table together) and ``snownlp``.

``xunke`` adds three log-odds: SnowNLP's naive-Bayes word table, read without importing SnowNLP (which takes
seconds) and summed over jieba's words; the lexicon of nlp/data/sentiment.toml with negation, degree and contrast;
and a correction per word, because that table leans to the positive. The three weights were fitted on the training
parts of the development data: ``python benchmarks/nlp_sentiment.py --fit`` prints them.
"""

from __future__ import annotations

import gzip
import marshal
import math
import re
from functools import cache
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from xunke.text import clean

from .match import Hit, WordFinder, lower
from .resources import table
from .segment import bare, cut, own_words
from .types import MAX_CHARS, Engine, Label, Sentiment

WEIGHT_TABLE: Final = 0.75
WEIGHT_LEXICON: Final = 1.2
WEIGHT_WORDS: Final = -0.23
if TYPE_CHECKING:
    from .batch import Batch

UNSURE: Final = (0.38, 0.62)
"""Between these probabilities the label is ``unsure`` (or ``neutral`` where nothing speaks)."""
_QUIET, _CLEAR = 0.7, 1.1
"""Log-odds of a text without any word of the lexicon: below the first neutral, below the second unsure."""
_HAN = re.compile("[\u4e00-\u9fff]")  # numbers, signs and Latin in that table are chance


class Signals(NamedTuple):
    """The features behind a probability, for fitting and for the reader."""

    table: float
    lexicon: float
    words: float
    evidence: tuple[str, ...]


def sentiment(text: str, engine: Engine = "xunke") -> Sentiment:
    """Feelings of the author's own words (what stands before ``//@``), first ``MAX_CHARS`` characters.

    ``engine="snownlp"`` is exactly ``SnowNLP(text).sentiments`` of the whole text.
    """
    text = clean(text[:MAX_CHARS])
    return _snownlp(text) if engine == "snownlp" else _xunke(own_words(text))


class Feelings:
    """Feelings of the texts of a batch."""

    def __init__(self, found: list[Sentiment]) -> None:
        self.p = [one.p for one in found]
        self.label = [one.label for one in found]
        self._found = found

    def evidence(self, row: int) -> tuple[str, ...]:
        """The words that speak for the feeling of a row."""
        return self._found[row].evidence


def feelings(batch: Batch, engine: Engine = "xunke") -> Feelings:
    """:func:`sentiment` of every text."""
    return Feelings([sentiment(text, engine) for text in batch.texts])


def _xunke(own: str) -> Sentiment:
    signals = read_signals(own)
    if not signals.table and not signals.lexicon:
        return Sentiment(0.5, "neutral")
    odds = WEIGHT_TABLE * signals.table + WEIGHT_LEXICON * signals.lexicon + WEIGHT_WORDS * signals.words
    p = 1 / (1 + math.exp(-odds))
    label = _label(p)
    if not signals.evidence and abs(odds) < _CLEAR:
        label = "neutral" if abs(odds) < _QUIET else "unsure"
    return Sentiment(round(p, 4), label, signals.evidence)


def _label(p: float) -> Label:
    low, high = UNSURE
    if p >= high:
        return "positive"
    return "negative" if p <= low else "unsure"


def _snownlp(text: str) -> Sentiment:
    if not text.strip():
        return Sentiment(0.5, "neutral")
    from snownlp import sentiment as original

    # SnowNLP(text).sentiments is this call; the class would first index the text for a search nobody asks for.
    p = min(max(float(original.classify(text)), 0.0), 1.0)
    return Sentiment(round(p, 4), _label(p))


def read_signals(own: str) -> Signals:
    """The features of the author's own words."""
    lexicon, evidence = _lexicon_odds(own)
    table_odds, known = _table_odds(own)
    return Signals(table_odds, lexicon, known, evidence)


@cache
def _table() -> dict[str, float]:
    """SnowNLP's table as log-odds per word; words it does not know are not in it."""
    spec = find_spec("snownlp")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("snownlp")
    path = Path(next(iter(spec.submodule_search_locations))) / "sentiment" / "sentiment.marshal.3"
    with gzip.open(path) as file:
        counts = marshal.loads(file.read())["d"]  # noqa: S302 (a data file of an installed package, not foreign)
    pos, neg = counts["pos"], counts["neg"]
    base = math.log(neg["total"] / pos["total"])
    words = [word for word in pos["d"].keys() | neg["d"].keys() if _HAN.search(word)]
    return {w: math.log(pos["d"].get(w, 1) / neg["d"].get(w, 1)) + base for w in words}


def _table_odds(own: str) -> tuple[float, float]:
    """Sum over distinct words, and their number; both tamed by its square root: Bayes trusts length too much."""
    known = _table()
    odds = [known[word] for word in dict.fromkeys(cut(bare(own))) if word in known]
    scale = math.sqrt(len(odds) + 2)
    return sum(odds) / scale, len(odds) / scale


class _Lexicon(NamedTuple):
    finder: WordFinder
    weights: dict[str, float]
    negations: frozenset[str]
    degrees: frozenset[str]
    contrasts: frozenset[str]


@cache
def _lexicon() -> _Lexicon:
    data = table("sentiment")
    rules = {name: frozenset(words.lower().split()) for name, words in data["rules"].items()}
    weights: dict[str, float] = {}
    for group in (*data["words"].items(), *data["emoticons"].items()):
        for word in group[1].lower().split():
            weights.setdefault(word, data["weights"][group[0]])
    every = [*weights, *(word for words in rules.values() for word in words)]
    return _Lexicon(
        WordFinder(every),
        {word: weight for word, weight in weights.items() if word not in rules["shields"]},
        rules["negations"],
        rules["intensifiers"],
        rules["contrasts"],
    )


_NEAR = 4
"""How many characters a negation or a degree word may stand before the word it changes."""
_STOPS = frozenset("，。！？；,.!?;\n~～ ")


def _lexicon_odds(own: str) -> tuple[float, tuple[str, ...]]:
    """Weighted words with negation, degree and contrast; each word counts once, repeats a little."""
    lexicon = _lexicon()
    text = lower(bare(own))
    hits = lexicon.finder.find(text)
    pivot = max((hit.start for hit in hits if hit.word in lexicon.contrasts), default=-1)
    seen: dict[str, int] = {}
    total = 0.0
    for before, hit in pairwise([Hit(0, 0, ""), *hits]):
        weight = lexicon.weights.get(hit.word)
        if weight is None:
            continue
        seen[hit.word] = seen.get(hit.word, 0) + 1
        weight /= seen[hit.word]
        if _modifies(text, before, hit):
            weight *= -0.8 if before.word in lexicon.negations else 1.3 if before.word in lexicon.degrees else 1.0
        if pivot >= 0:
            weight *= 1.4 if hit.start > pivot else 0.6
        total += weight
    return 3 * math.tanh(total / 3), tuple(seen)


def _modifies(text: str, before: Hit, hit: Hit) -> bool:
    gap = text[before.end : hit.start]
    return bool(before.word) and len(gap) <= _NEAR and not _STOPS.intersection(gap)
