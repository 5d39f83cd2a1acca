"""Measures of ranked lists against the truth, and their bootstrap: how sure a difference is (see ``backtest``)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from .build import Floats, Ints

    Flags = NDArray[np.bool_]
    Counts = NDArray[np.int64]

DRAWS: Final = 400
_DEPTH: Final = 4
"""With Poisson(1) counts 4 k people fill k places, always enough in practice."""
NAMES: Final = ("cap", "ndcg", "reach", "spearman", "lift_chance", "top")


@dataclass(frozen=True)
class Truth:
    """What one window showed: gain and candidate flag of each node, and the pairs (target, actor) of the answers."""

    gain: Ints
    among: Flags
    target: Ints
    actor: Ints

    @property
    def mean(self) -> float:
        """Mean gain of a candidate: what chance gets a place."""
        return float(self.gain[self.among].mean()) if bool(self.among.any()) else 0.0

    def best(self) -> Ints:
        """Candidates by falling gain."""
        return order_of(self.gain.astype("float64"), self.among)


def order_of(score: Floats, among: Flags) -> Ints:
    """Candidates by falling score, equal ones by rising row (and so by id); nodes without a score come last."""
    import numpy as np

    rows = np.flatnonzero(among)
    value = np.where(np.isnan(score[rows]), -np.inf, score[rows])
    return np.asarray(rows[np.lexsort((rows, -value))], dtype=np.int64)


class Bootstrap:
    """Draws shared by all lists, so that differences are paired: windows first, then people within them."""

    def __init__(self, truths: Sequence[Truth], heads: Sequence[Ints], seed: int) -> None:
        import numpy as np

        rng = np.random.default_rng(seed)
        self.windows = rng.integers(0, len(truths), size=(DRAWS, len(truths)))
        self.rows = [np.unique(head) for head in heads]
        # how often each person is drawn: Poisson(1), the bootstrap of large samples
        self.counts = [rng.poisson(1.0, size=(DRAWS, len(rows))) for rows in self.rows]

    def counts_of(self, window: int, rows: Ints) -> Counts:
        """How often each of ``rows`` is drawn, (draws, rows)."""
        import numpy as np

        return np.asarray(self.counts[window][:, np.searchsorted(self.rows[window], rows)], dtype=np.int64)

    def means(self, drawn: Mapping[str, Floats]) -> dict[str, Floats]:
        """The mean over the windows of each draw, without those where a measure is not known."""
        import numpy as np

        out = {}
        for name, value in drawn.items():
            table = np.take_along_axis(value, self.windows, axis=1)
            there = ~np.isnan(table)
            count = there.sum(axis=1)
            total = np.where(there, table, 0.0).sum(axis=1)
            out[name] = np.divide(total, count, out=np.full(len(table), np.nan), where=count > 0)
        return out


def depth(k: int) -> int:
    """How many people of a list the bootstrap of its first ``k`` places needs."""
    return max(_DEPTH * k, k + 50)


def measure(
    truths: Sequence[Truth],
    orders: Sequence[Ints | None],
    scores: Sequence[Floats],
    best: Sequence[Ints],
    bootstrap: Bootstrap,
    k: int,
) -> tuple[dict[str, Floats], dict[str, Floats]]:
    """({measure: one number a window}, {measure: one number a draw}). An order of None: everybody by lot.

    An order of no people: the list cannot be made in this window, and every measure is NaN.
    """
    import numpy as np

    told = {name: np.full(len(truths), np.nan) for name in NAMES}
    drawn = {name: np.full((DRAWS, len(truths)), np.nan) for name in NAMES}
    for at, (truth, order, score) in enumerate(zip(truths, orders, scores, strict=True)):
        if order is not None and not len(order):
            continue
        ideal = best[at][: depth(k)]
        mine = None if order is None else order[: depth(k)]
        for into in (told, drawn):
            once = into is told
            ideal_counts = _ones(ideal) if once else bootstrap.counts_of(at, ideal)
            most = _sums(truth.gain[ideal], ideal_counts, k)
            if mine is None:
                fair = np.full(k, truth.mean)
                got: Any = _sums(fair, _ones(fair), k)
            else:
                got = _sums(truth.gain[mine], _ones(mine) if once else bootstrap.counts_of(at, mine), k)
            with np.errstate(divide="ignore", invalid="ignore"):
                found = {
                    "cap": np.where(most[0] > 0, got[0] / most[0], np.nan),
                    "ndcg": np.where(most[0] > 0, got[1] / most[1], np.nan),
                    "lift_chance": got[0] / min(k, max(1, int(truth.among.sum()))) / (truth.mean or np.nan),
                    "top": got[0],
                }
            for name, value in found.items():
                into[name][..., at] = value[0] if once else value
        told["reach"][at] = np.nan if order is None else reach(truth, order[:k])
        told["spearman"][at] = 0.0 if order is None else spearman(score, truth)
        for name in ("reach", "spearman"):  # too dear to draw people for: their draws are of windows only
            drawn[name][:, at] = told[name][at]
    return told, bootstrap.means(drawn)


def _ones(rows: Any) -> Counts:
    import numpy as np

    return np.ones((1, len(rows)), dtype=np.int64)


def _sums(gain: Any, counts: Counts, k: int) -> tuple[Floats, Floats]:
    """(gain, discounted ln(1 + gain)) of the first k places of each draw; a person drawn twice takes two places."""
    import numpy as np

    last = np.minimum(np.cumsum(counts, axis=1), k)
    first = np.minimum(np.cumsum(counts, axis=1) - counts, k)
    discount = np.concatenate([[0.0], np.cumsum(1.0 / np.log2(np.arange(2, k + 2)))])
    return (last - first) @ gain, (discount[last] - discount[first]) @ np.log1p(gain)


def reach(truth: Truth, rows: Ints) -> float:
    """Distinct people who answer one of ``rows``, as a share of those who answer anybody."""
    import numpy as np

    if not len(truth.actor):
        return float("nan")
    return len(np.unique(truth.actor[np.isin(truth.target, rows)])) / len(np.unique(truth.actor))


def spearman(score: Floats, truth: Truth) -> float:
    """Rank correlation of score and gain over the candidates with a score, ties averaged; 0 where one is constant."""
    import numpy as np
    from scipy.stats import rankdata

    there = truth.among & ~np.isnan(score)
    if int(there.sum()) < 3:
        return float("nan")
    a, b = rankdata(score[there]), rankdata(truth.gain[there])
    a, b = a - a.mean(), b - b.mean()
    norm = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / norm if norm > 0 else 0.0
