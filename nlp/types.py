"""What the text functions return. Frozen, picklable (they cross a process border), JSON-ready by msgspec."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

import msgspec

Label = Literal["positive", "neutral", "negative", "unsure"]
Engine = Literal["xunke", "snownlp"]
ENGINES: Final[tuple[Engine, ...]] = ("xunke", "snownlp")

Need = Literal["seek_advice", "ask_where", "want_to_buy", "complain", "trouble", "recommend", "compare", "sell"]
NEEDS: Final[tuple[Need, ...]] = (
    "seek_advice", "ask_where", "want_to_buy", "complain", "trouble", "recommend", "compare", "sell",
)  # fmt: skip

FactName = Literal["region", "gender", "age", "occupation", "family", "school", "interest", "minor"]
FactSource = Literal["bio", "tag", "post"]

MODEL_VERSION: Final = "ngrams-1"
"""Stored beside every result; changes whenever the same text could get another result."""

MAX_CHARS: Final = 2_000
"""What is read of one text. Posts are far shorter; pasted books must not stop a run."""


class Sentiment(msgspec.Struct, frozen=True):
    """``p``: probability that the author's own words are positive, 0..1.

    ``neutral``: nothing in the text speaks for either side. ``unsure``: it speaks for both, or too softly.
    """

    p: float
    label: Label
    evidence: tuple[str, ...] = ()


class Analysis(msgspec.Struct, frozen=True):
    """All that is known about one text.

    ``interests`` are first-level names of the taxonomy, ``topics`` second-level ones ("美食/烘焙"), ``needs``
    names of ``NEEDS``; all with a score 0..1, best first. ``spam`` is the probability of advertising or spam,
    ``spam_reasons`` the keys of why. ``evidence`` maps a name ("sentiment", an interest, a need, a life event)
    to the words found, ``quotes`` a need or life event to the clause as written, ``about`` a need to the thing that
    it is about, where the words say one.
    """

    lang: str
    sentiment: float
    label: Label
    interests: tuple[tuple[str, float], ...] = ()
    topics: tuple[tuple[str, float], ...] = ()
    needs: tuple[tuple[str, float], ...] = ()
    spam: float = 0.0
    spam_reasons: tuple[str, ...] = ()
    life_events: tuple[str, ...] = ()
    evidence: Mapping[str, tuple[str, ...]] = {}
    quotes: Mapping[str, str] = {}
    about: Mapping[str, str] = {}


class Fact(msgspec.Struct, frozen=True):
    """Something a person says about themself, with the words it was said in.

    ``value``: region: the place as written; gender: "female"/"male"; age: "95后", "18-24", "25-34", … or a year;
    occupation, family, school, interest: a short Chinese word as written in nlp/data/persona.toml. ``minor`` means:
    make no profile of this person and leave them out. ``source``: where they said so.
    """

    fact: FactName
    value: str
    confidence: float
    quote: str
    source: FactSource = "bio"
