"""What one project adds to the shipped models: the user's words and what was learned from the user's labels.

It works on finished analyses, so it needs to know nothing of how they are made, costs nothing where it is empty, and
whatever the shipped models become, the user's words stay valid. What was learned belongs to the version of the
shipped models that it was fitted on, and sleeps until it is learned again when that changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from hashlib import blake2b
from typing import Final

import msgspec

from .keywords import Lexicon
from .learn import Delta, Features, applied, chance, hashed, logit
from .match import WordFinder, lower
from .segment import bare, hashtags, own_words
from .types import MODEL_VERSION, Analysis, Label

WORD_ODDS: Final = 1.5
"""Log-odds that a sentiment word of weight 1 adds."""
INTEREST_CHANCE: Final = 0.6
"""Chance that an interest word of weight 1 says what a text is about (as in nlp/data/interests.toml)."""
THRESHOLD: Final = 0.5
ABSENT: Final = 0.1
"""Chance of an interest or need that the shipped models did not see."""
POSITIVE, NEGATIVE = 0.62, 0.38
_NEGATIONS = ("不", "没", "别", "无", "非")
_MOVED: Final = 0.05


class UserModel(msgspec.Struct, frozen=True, dict=True):
    """The user's lexicon and deltas; picklable. Weights of words: see ``docs/lexicon.md``.

    ``sentiment``: (word, weight -3..3); ``interests``: (interest or interest/part, word, weight; 0 or less takes a
    shipped word away); ``words`` are kept whole in keywords, ``stop`` words left out.
    """

    sentiment: tuple[tuple[str, float], ...] = ()
    interests: tuple[tuple[str, str, float], ...] = ()
    words: tuple[str, ...] = ()
    stop: tuple[str, ...] = ()
    deltas: tuple[Delta, ...] = ()

    @property
    def active(self) -> tuple[Delta, ...]:
        """What was learned on the shipped models of today."""
        return tuple(delta for delta in self.deltas if delta.base == MODEL_VERSION)

    @property
    def lexicon(self) -> Lexicon:
        """The user's own words and stop words, as ``keywords`` takes them."""
        return Lexicon(frozenset(lower(word) for word in self.words), frozenset(lower(word) for word in self.stop))

    def adjust(self, texts: Sequence[str], found: Sequence[Analysis], *, features: Features = hashed) -> list[Analysis]:
        """The analyses of ``texts`` as this user wants them, in order."""
        out = [self._with_words(text, a) for text, a in zip(texts, found, strict=True)] if self._finder else list(found)
        active = self.active if texts else ()
        grams = features(texts) if active else None
        for delta in active:
            odds = applied(delta, grams, [odds_of(a, delta.kind, delta.name) for a in out])  # type: ignore[arg-type]
            out = [with_odds(a, delta.kind, delta.name, float(o)) for a, o in zip(out, odds, strict=True)]
        return out

    @cached_property
    def _finder(self) -> WordFinder | None:
        words = [*(w for w, _ in self.sentiment), *(w for _, w, _ in self.interests)]
        return WordFinder(words) if words else None

    @cached_property
    def _weights(self) -> tuple[Mapping[str, float], Mapping[str, Sequence[tuple[str, float]]]]:
        senses: dict[str, list[tuple[str, float]]] = {}
        for name, word, weight in self.interests:
            senses.setdefault(lower(word), []).append((name, weight))
        return {lower(word): weight for word, weight in self.sentiment}, senses

    def _with_words(self, text: str, a: Analysis) -> Analysis:
        finder = self._finder
        if finder is None:
            return a
        own = lower(bare(own_words(text)))
        hits = finder.find(own)
        feelings, senses = self._weights
        odds, felt = 0.0, []
        about: dict[str, dict[str, float]] = {}
        for hit in hits:
            if hit.word in feelings and hit.word not in felt:
                turned = own[max(0, hit.start - 2) : hit.start].endswith(_NEGATIONS)
                odds += feelings[hit.word] * WORD_ODDS * (-0.8 if turned else 1)
                felt.append(hit.word)
            for name, weight in senses.get(hit.word, ()):
                about.setdefault(name, {})[hit.word] = weight
        for tag in hashtags(text):
            for name, weight in senses.get(lower(tag), ()):
                about.setdefault(name, {})[lower(tag)] = weight
        if felt:
            a = with_odds(a, "sentiment", "", logit(a.sentiment) + odds)
            a = _evidence(a, "sentiment", felt)
        for name, words in about.items():
            a = _interest(a, name, words)
        return a


EMPTY: Final = UserModel()


def model_version(user: UserModel = EMPTY) -> str:
    """The version of the shipped models and of what this user changed in them.

    Results are stored with it: they are computed again, once, when either has changed, and at no other time. Own
    words and stop words only matter where keywords are counted, which is never stored.
    """
    told = (user.sentiment, user.interests, [delta.digest() for delta in user.active])
    if not any(told):
        return MODEL_VERSION
    return f"{MODEL_VERSION}+{blake2b(msgspec.json.encode(told), digest_size=6).hexdigest()}"


def odds_of(a: Analysis, kind: str, name: str) -> float:
    """Log-odds that an analysis gives to a question: positive? about ``name``? needs ``name``? spam?"""
    if kind == "sentiment":
        return logit(a.sentiment)
    if kind == "spam":
        return logit(a.spam)
    return logit(dict(_scores(a, kind, name)).get(name, ABSENT))


def with_odds(a: Analysis, kind: str, name: str, odds: float) -> Analysis:
    """The analysis with another answer to one question."""
    p = chance(odds)
    if kind == "sentiment":
        return msgspec.structs.replace(a, sentiment=p, label=_label(a, p))
    if kind == "spam":
        reasons = a.spam_reasons if p < THRESHOLD or a.spam >= THRESHOLD else (*a.spam_reasons, "learned")
        return msgspec.structs.replace(a, spam=p, spam_reasons=reasons)
    field = _field(kind, name)
    scored = _best_first(
        [*((n, s) for n, s in getattr(a, field) if n != name), *([(name, p)] if p >= THRESHOLD else ())]
    )
    changes: dict[str, object] = {field: scored}
    if field == "interests" and p < THRESHOLD:
        changes["topics"] = tuple((n, s) for n, s in a.topics if not n.startswith(name + "/"))
    elif field == "topics" and p >= THRESHOLD and (first := name.partition("/")[0]) not in dict(a.interests):
        changes["interests"] = _best_first([*a.interests, (first, p)])
    return msgspec.structs.replace(a, **changes)


def decided(a: Analysis, kind: str, name: str, value: str) -> Analysis:
    """The analysis with an answer that the user gave for this very text: it stands, whatever a model thinks."""
    if kind == "sentiment":
        p = {"positive": 0.98, "neutral": 0.5, "negative": 0.02}[value]
        return msgspec.structs.replace(a, sentiment=p, label=value)
    yes = value == "yes"
    if kind == "spam":
        reasons = ("said",) if yes else ()
        return msgspec.structs.replace(a, spam=0.98 if yes else 0.02, spam_reasons=reasons)
    return with_odds(a, kind, name, logit(0.98 if yes else 0.02))


def _label(a: Analysis, p: float) -> Label:
    """The word for a probability; what was neutral or unsure stays so while the probability stays where it was."""
    if abs(p - a.sentiment) < _MOVED:
        return a.label
    if p >= POSITIVE:
        return "positive"
    return "negative" if p <= NEGATIVE else "unsure"


def _field(kind: str, name: str) -> str:
    return "needs" if kind == "need" else "topics" if "/" in name else "interests"


def _scores(a: Analysis, kind: str, name: str) -> Sequence[tuple[str, float]]:
    scores: Sequence[tuple[str, float]] = getattr(a, _field(kind, name))
    return scores


def _interest(a: Analysis, name: str, words: Mapping[str, float]) -> Analysis:
    """An interest with the user's words for it added, or a shipped word for it taken away."""
    banned = {word for word, weight in words.items() if weight <= 0}
    told = [w for w, weight in words.items() if weight > 0]
    for which in dict.fromkeys((name, name.partition("/")[0])):
        known = a.evidence.get(which, a.evidence.get(which.partition("/")[0], ()))
        old = dict(_scores(a, "interest", which)).get(which, 0.0)
        if banned and old and not told and not set(map(lower, known)) - banned:
            a = with_odds(a, "interest", which, logit(0.02))
        missed = 1 - old
        for word in told:
            missed *= 1 - min(0.95, INTEREST_CHANCE * words[word])
        if told and 1 - missed >= THRESHOLD:
            a = with_odds(a, "interest", which, logit(1 - missed))
    first = name.partition("/")[0]
    return _evidence(a, first, told) if told and first in dict(a.interests) else a


def _evidence(a: Analysis, name: str, words: Sequence[str]) -> Analysis:
    merged = tuple(dict.fromkeys([*a.evidence.get(name, ()), *words]))
    return msgspec.structs.replace(a, evidence={**a.evidence, name: merged})


def _best_first(scored: Sequence[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
    return tuple(sorted(scored, key=lambda item: (-item[1], item[0])))
