"""One text in, one :class:`~nlp.types.Analysis` out."""

from __future__ import annotations

from xunke.text import clean

from .interests import interests
from .lang import language
from .needs import life_events, needs
from .segment import bare, own_words
from .sentiment import sentiment
from .spam import spam
from .types import MAX_CHARS, Analysis, Engine


def analyse(text: str, engine: Engine = "xunke") -> Analysis:
    """Everything about one text (its first ``MAX_CHARS`` characters). Deterministic; any string will do."""
    text = clean(text[:MAX_CHARS])
    own = own_words(text)
    feeling = sentiment(text, engine)
    about = interests(text, own)
    wants = needs(own)
    events = life_events(own)
    advertising = spam(text)
    evidence = {
        **({"sentiment": feeling.evidence} if feeling.evidence else {}),
        **dict(about.evidence),
        **{found.name: found.evidence for found in wants},
        **{name: (words,) for name, words in events},
    }
    return Analysis(
        lang=language(bare(own) or bare(text)),
        sentiment=feeling.p,
        label=feeling.label,
        interests=about.first,
        topics=about.second,
        needs=tuple((found.name, found.score) for found in wants),
        spam=advertising.p,
        spam_reasons=advertising.reasons,
        life_events=tuple(name for name, _ in events),
        evidence=evidence,
    )
