"""The answer of ``xunke score`` for one line."""

from __future__ import annotations

from .analyse import analyse
from .types import Engine


def score_line(text: str, engine: Engine = "xunke") -> dict[str, object]:
    """JSON-ready: sentiment 0..1, label, interests and needs as [name, score] lists, spam 0..1.

    Every string has an answer, the empty one too.
    """
    found = analyse(text, engine)
    return {
        "sentiment": found.sentiment,
        "label": found.label,
        "interests": [[name, score] for name, score in found.interests],
        "needs": [[name, score] for name, score in found.needs],
        "spam": found.spam,
    }
