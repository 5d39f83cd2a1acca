"""Invented interactions with planted communities whose stars share an audience: for tests and measurements."""

from __future__ import annotations

from typing import Final

from .build import Events

START: Final = 1_790_000_000
KINDS: Final = {1: "repost", 2: "reply", 3: "mention"}


def planted(
    *, people: int = 2000, communities: int = 8, stars: int = 12, acts: int = 20_000, days: int = 28, mix: float = 0.1,
    skew: float = 1.0, seed: int = 1,
) -> Events:  # fmt: skip
    """``acts`` reposts over ``days`` by ``people`` in communities of falling size (power law ``skew``).

    An actor acts on one of the ``stars`` of the own community (the first are far more popular), or, a share of ``mix``
    of the times, on any star. Stars have the ids 1, 2, …, people those after them. The same seed, the same events.
    """
    import numpy as np

    draw = np.random.Generator(np.random.PCG64(seed))
    size = 1.0 / np.arange(1, communities + 1) ** skew
    home = draw.choice(communities, people, p=size / size.sum())
    liveliness = draw.pareto(1.5, people) + 0.1
    actor = draw.choice(people, acts, p=liveliness / liveliness.sum())
    fame = 1.0 / np.arange(1, stars + 1)
    place = draw.choice(stars, acts, p=fame / fame.sum())
    group = np.where(draw.random(acts) < mix, draw.integers(0, communities, acts), home[actor])
    target = 1 + group * stars + place
    when = np.sort(START + draw.integers(0, days * 86_400, acts))
    kind = np.ones(acts, dtype=np.int64)
    return Events(target.astype(np.int64), when, (actor + 1 + communities * stars).astype(np.int64), kind, KINDS)
