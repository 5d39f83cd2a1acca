"""Who is like these people: a small regularised model on named features, and nearness in the graph.

Accepted people against everybody else (positive and unlabelled, Elkan and Noto 2008: where the accepted are a fair
sample of the right people, ranking by this model ranks as one trained on rejected people would); rejected people,
where there are some, are examples of what does not suffice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from scipy.sparse import csr_array

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

RIDGE: Final = 1.0
"""The ridge: with three accepted people a feature that all of them have and nobody else weighs about 1."""
ROUNDS: Final = 300
SEEDS: Final = 48
"""So many seeds walk; of more, evenly chosen ones."""
ALPHA: Final = 0.85
WALK_ROUNDS: Final = 30


@dataclass(frozen=True)
class Model:
    """z = bias + X @ weights; likeness = 1 / (1 + exp(-z)) orders people and is no probability."""

    weights: Floats
    bias: float

    def scores(self, features: csr_array) -> Floats:
        """z of every row."""
        import numpy as np

        return np.asarray(features @ self.weights + self.bias, dtype=np.float64)


def fit(features: csr_array, accepted: Sequence[int], rejected: Sequence[int] = (), ridge: float = RIDGE) -> Model:
    """Weights by logistic regression with a ridge: the accepted against everybody else, who weigh as much together.

    Rejected people were shown because they look alike, so they say little against what all alike have in common:
    they correct the weights by a second regression, against those of the accepted who score as well as they do, and
    the correction counts as much as there are such accepted for each rejected (at most 1).
    Raises ValueError without an accepted row.
    """
    import numpy as np

    good, bad = sorted(set(accepted)), sorted(set(rejected))
    if not good:
        raise ValueError("nobody was accepted")
    n = features.shape[0]
    label = np.full(n, -1.0)
    weight = np.full(n, len(good) / max(1, n - len(good) - len(bad)))
    label[good], weight[good], weight[bad] = 1.0, 1.0, 0.0
    weights, bias = _logistic(features, label, weight, ridge)
    if bad:
        scores = np.asarray(features @ weights, dtype=np.float64)
        alike = [row for row in good if scores[row] >= float(np.median(scores[bad]))]
        if alike:
            rows = [*alike, *bad]
            least = min(len(alike), len(bad))
            each = np.array([least / len(alike)] * len(alike) + [least / len(bad)] * len(bad))
            sides = np.array([1.0] * len(alike) + [-1.0] * len(bad))
            turn, _ = _logistic(features[rows], sides, each, ridge)
            weights = weights + min(1.0, len(alike) / len(bad)) * turn
    return Model(weights, bias)


def _logistic(features: csr_array, label: Floats, weight: Floats, ridge: float) -> tuple[Floats, float]:
    """Minimise sum weight log(1 + exp(-label z)) + ridge/2 |w|^2 by Nesterov's accelerated gradient: the same rows,
    the same answer. Only features that a positive or (where few) negative row has are learned; the bias has no ridge.
    """
    import numpy as np

    telling = np.flatnonzero(label > 0) if weight[label < 0].max(initial=0.0) < 1e-1 else np.flatnonzero(weight > 0)
    known = np.unique(features[telling].indices)
    part: Any = features[:, known]
    vector = np.ones(len(known) + 1)
    for _ in range(20):  # the largest curvature, by power iteration
        vector /= max(1e-12, float(np.linalg.norm(vector)))
        moved = weight * (part @ vector[:-1] + vector[-1])
        vector = np.append(part.T @ moved, moved.sum())
    step = 1.0 / (0.25 * 1.3 * float(np.linalg.norm(vector)) + ridge)
    w = np.zeros(len(known) + 1)
    ahead, momentum = w.copy(), 1.0
    for _ in range(ROUNDS):
        z = part @ ahead[:-1] + ahead[-1]
        pull = -label * weight / (1.0 + np.exp(np.clip(label * z, -40, 40)))
        new = ahead - step * np.append(part.T @ pull + ridge * ahead[:-1], pull.sum())
        after = (1.0 + (1.0 + 4.0 * momentum * momentum) ** 0.5) / 2.0
        ahead = new + (momentum - 1.0) / after * (new - w)
        done = float(np.abs(new - w).max(initial=0.0)) < 1e-7
        w, momentum = new, after
        if done:
            break
    weights = np.zeros(features.shape[1])
    weights[known] = w[:-1]
    return weights, float(w[-1])


def walks(weights: csr_array, seeds: Sequence[int]) -> Floats:
    """Personalised PageRank from each seed on the undirected graph: one column a seed (restart 0.15, 30 rounds).

    An edge counts as its weight saturated, 1 - exp(-w), in either direction.
    """
    import numpy as np
    from scipy.sparse import diags_array

    both: Any = weights.copy()
    both.data = -np.expm1(-both.data)
    both = (both + both.T).tocsr()
    out = np.asarray(both.sum(axis=1), dtype=np.float64).ravel()
    walk = (diags_array(np.divide(1.0, out, out=np.zeros_like(out), where=out > 0)) @ both).T.tocsr()
    start = np.zeros((weights.shape[0], len(seeds)))
    start[np.asarray(seeds, dtype=np.int64), np.arange(len(seeds))] = 1.0
    rank = start.copy()
    for _ in range(WALK_ROUNDS):
        rank = ALPHA * (walk @ rank) + (1 - ALPHA) * start
    return np.asarray(rank, dtype=np.float64)


def chosen(seeds: Sequence[int], most: int = SEEDS) -> list[int]:
    """At most ``most`` of the seeds, evenly from their ascending order."""
    ordered = sorted(set(seeds))
    if len(ordered) <= most:
        return ordered
    return [ordered[i * len(ordered) // most] for i in range(most)]


def nearness(columns: Floats, seeds: Sequence[int], but: Sequence[int] = ()) -> Floats:
    """Mean of the seeds' walks for everybody, 0..1 by logarithm; a seed is near by the walks of the *other* seeds.

    ``columns`` as ``walks(weights, seeds)`` gives them; ``but``: positions of seeds that are held out.
    """
    import numpy as np

    kept = [i for i in range(len(seeds)) if i not in set(but)]
    n = columns.shape[0]
    if not kept or n == 0:
        return np.zeros(n)
    total = columns[:, kept].sum(axis=1)
    mean = total / len(kept)
    for i in kept:
        mean[seeds[i]] = (total[seeds[i]] - columns[seeds[i], i]) / (len(kept) - 1) if len(kept) > 1 else 0.0
    return np.asarray(np.log1p(n * mean) / np.log1p(n), dtype=np.float64)


def shared_audience(weights: csr_array, accepted: Sequence[int]) -> Floats:
    """Cosine of everybody's audience (who acted on them, yes or no) with that of the accepted, each counted alike.

    An accepted one is compared with the other accepted.
    """
    import numpy as np
    from scipy.sparse import diags_array

    n = weights.shape[0]
    if n == 0 or len(accepted) == 0:
        return np.zeros(n)
    acts: Any = weights.copy().tocsc()
    acts.data = np.ones_like(acts.data)
    size = np.sqrt(np.asarray(acts.sum(axis=0), dtype=np.float64).ravel())
    unit = (acts @ diags_array(np.divide(1.0, size, out=np.zeros_like(size), where=size > 0))).tocsc()
    rows = sorted(set(accepted))
    profile = np.asarray(unit[:, rows].sum(axis=1), dtype=np.float64).ravel()
    norm = float(np.linalg.norm(profile))
    if norm == 0:
        return np.zeros(n)
    likeness = np.asarray(unit.T @ profile, dtype=np.float64) / norm
    for row in rows:
        own = unit[:, [row]].toarray().ravel()
        rest = profile - own
        size_of_rest = float(np.linalg.norm(rest))
        likeness[row] = float(own @ rest) / size_of_rest if size_of_rest > 1e-9 else 0.0
    return likeness


def folds(count: int, most: int = 5) -> list[list[int]]:
    """Positions 0..count-1 in at most ``most`` parts of nearly one size, every ``most``-th together."""
    parts = min(most, count)
    return [list(range(start, count, parts)) for start in range(parts)] if parts else []
