"""How likely somebody follows back or answers: a shrunk share, with time order respected."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from .measures import Context, Missing, Scores

if TYPE_CHECKING:
    from .build import Events, Floats, InteractionGraph, Ints

RECENT: Final = 90 * 86_400
_WEAKEST, _STRONGEST = 1.0, 1000.0


@dataclass(frozen=True, slots=True)
class Prior:
    """A Beta prior by the moments of everybody's shares; ``mean`` = a / (a + b), ``strength`` = a + b."""

    mean: float
    strength: float

    def shrink(self, answered: Floats, asked: Floats) -> Floats:
        """The mean of the posterior: the share, drawn towards everybody's where there is little to go by."""
        return (answered + self.mean * self.strength) / (asked + self.strength)


def prior_of(answered: Floats, asked: Floats) -> Prior:
    """The prior by the weighted moments of Kleinman (1973); people who were asked never say nothing."""
    some = asked > 0
    k, n = answered[some], asked[some]
    people, total = len(n), float(n.sum())
    mean = (float(k.sum()) + 0.5) / (total + 1.0)
    raw = float(k.sum()) / total if total else 0.0
    room = raw * (1 - raw)
    slack = total - float((n * n).sum()) / total - (people - 1) if total else 0.0
    if room <= 0 or slack <= 0:
        return Prior(mean, 2 * _WEAKEST)
    spread = float((n * (k / n - raw) ** 2).sum())
    alike = (spread - room * (people - 1)) / (room * slack)
    if alike <= 0:
        return Prior(mean, _STRONGEST)
    return Prior(mean, min(_STRONGEST, max(_WEAKEST, (1 - alike) / alike)))


@dataclass(frozen=True)
class Returned:
    """Of ``asked`` distinct people who acted on somebody, to how many (``answered``) they acted back afterwards."""

    asked: Floats
    answered: Floats


def returned(events: Events, nodes: Ints, since: int | None = None) -> Returned:
    """Count, for each of ``nodes``, who acted on them (since ``since``) and was acted upon later.

    Only events with a time count: without one nothing says what came first. An act in the same second is no answer.
    """
    import numpy as np

    size = len(nodes)
    timed = (events.time > 0) & (events.actor != events.target)
    actor, target = np.searchsorted(nodes, events.actor[timed]), np.searchsorted(nodes, events.target[timed])
    when = events.time[timed]
    if len(when) == 0:
        return Returned(np.zeros(size), np.zeros(size))
    pair, back = actor * size + target, target * size + actor
    order = np.lexsort((when, pair))
    keys, first_at = np.unique(pair[order], return_index=True)
    last = when[order][np.append(first_at[1:], len(order)) - 1]
    recent = np.ones(len(when), dtype=bool) if since is None else when >= since
    chosen = order[recent[order]]
    asked_pairs, at = np.unique(pair[chosen], return_index=True)
    first = when[chosen][at]
    found = np.minimum(np.searchsorted(keys, back[chosen][at]), len(keys) - 1)
    answered = (keys[found] == back[chosen][at]) & (last[found] > first)
    owner = asked_pairs % size
    return Returned(
        np.bincount(owner, minlength=size).astype(np.float64),
        np.bincount(owner[answered], minlength=size).astype(np.float64),
    )


def reciprocity(graph: InteractionGraph, context: Context) -> Scores:
    """The shrunk share of the people who acted on somebody to whom that person acted back afterwards.

    The prior is the project's own. Parts: ``n`` and ``answered``; ``n90``, ``answered90`` and ``share90`` for acts of
    the 90 days before the graph's end; ``prior`` (its mean) and ``weight`` (so many people the prior is worth).
    """
    import numpy as np

    if context.events is None:
        raise Missing("events")
    n = len(graph)
    ever = returned(context.events, graph.nodes)
    lately = returned(context.events, graph.nodes, graph.until - RECENT)
    prior, near = prior_of(ever.answered, ever.asked), prior_of(lately.answered, lately.asked)
    return Scores(
        prior.shrink(ever.answered, ever.asked),
        {
            "n": ever.asked, "answered": ever.answered, "n90": lately.asked, "answered90": lately.answered,
            "share90": near.shrink(lately.answered, lately.asked),
            "prior": np.full(n, prior.mean), "weight": np.full(n, prior.strength),
        },
    )  # fmt: skip
