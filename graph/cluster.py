"""Groups of rows that are alike: k-means, Ward's tree, density, and how well a cut separates them.

Rows of numbers in, a label a row out (-1: in no group). Everything is repeatable: fixed seeds, ties to the first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]

SEED: Final = 20260101
STARTS: Final = 8
FEW_STARTS: Final = 2
"""So many starts above ``LARGE`` rows: with many rows they end alike, and each takes seconds."""
ROUNDS: Final = 100
MOST_K: Final = 20
"""The largest number of groups that is tried when nobody said one."""
LARGE: Final = 10_000
"""Rows above which a sample decides how many groups there are, and where the dense regions lie."""
SAMPLE: Final = 2_000
"""Rows, evenly spaced, on which silhouettes are measured and trees are built when there are more."""
LEAST_SHARE: Final = 0.02
"""A cut with a group of a smaller share is chosen only if every cut has one."""
RESAMPLES: Final = 20
"""Bootstrap resamples by which stability is told."""
STABLE: Final = 0.75
DOUBTFUL: Final = 0.6
"""Mean Jaccard of a group over resamples: at least ``STABLE`` it is there, below ``DOUBTFUL`` it may be chance."""


def kmeans(rows: Floats, k: int, *, seed: int = SEED, starts: int = STARTS) -> Ints:
    """Lloyd's algorithm from k-means++ starts (Arthur & Vassilvitskii 2007), the best of ``starts``."""
    import numpy as np

    k = max(1, min(k, _distinct(rows, k) if len(rows) else 1))
    norms = (rows**2).sum(axis=1)
    columns = np.ascontiguousarray(rows.T)
    best: tuple[float, Ints] | None = None
    for start in range(starts if len(rows) <= LARGE else min(starts, FEW_STARTS)):
        chance = np.random.default_rng(seed + start)
        centres = _spread(rows, k, chance)
        labels = np.full(len(rows), -1, dtype=np.int64)
        for _ in range(ROUNDS):
            far = _squares(rows, centres, norms)
            now = far.argmin(axis=1)
            if (now == labels).all():
                break
            labels = now
            sizes = np.bincount(labels, minlength=k)
            sums = np.array([np.bincount(labels, weights=column, minlength=k) for column in columns]).T
            centres = sums / np.maximum(sizes, 1)[:, None]
            centres[sizes == 0] = rows[far.min(axis=1).argmax()]
        cost = float(_squares(rows, centres, norms).min(axis=1).sum())
        if best is None or cost < best[0] - 1e-12:
            best = cost, labels
    return by_size(best[1]) if best is not None else np.empty(0, dtype=np.int64)


def _distinct(rows: Floats, most: int) -> int:
    """How many different rows there are, if fewer than ``most``; else at least ``most``."""
    import numpy as np

    found = len(np.unique(rows[:SAMPLE], axis=0))  # sorting all of many rows takes longer than cutting them
    return found if found >= most or len(rows) <= SAMPLE else len(np.unique(rows, axis=0))


def _spread(rows: Floats, k: int, chance: np.random.Generator) -> Floats:
    import numpy as np

    norms = (rows**2).sum(axis=1)
    centres = [rows[int(chance.integers(len(rows)))]]
    far = np.full(len(rows), np.inf)
    while len(centres) < k:
        far = np.minimum(far, _squares(rows, centres[-1][None, :], norms)[:, 0])
        total = far.sum()
        at = int(chance.choice(len(rows), p=far / total)) if total > 0 else int(chance.integers(len(rows)))
        centres.append(rows[at])
    return np.array(centres, dtype=np.float64)


def _squares(rows: Floats, centres: Floats, norms: Floats | None = None) -> Floats:
    """Squared distances, rows × centres; ``norms``: the rows' squared lengths, where they are known."""
    import numpy as np

    lengths = (rows**2).sum(axis=1) if norms is None else norms
    squares = lengths[:, None] + (centres**2).sum(axis=1)[None, :] - 2 * rows @ centres.T
    return np.asarray(np.maximum(squares, 0.0, out=squares), dtype=np.float64)


def by_size(labels: Ints) -> Ints:
    """The same groups numbered from the largest; ties to the one that begins first. -1 stays."""
    import numpy as np

    names, first, sizes = np.unique(labels, return_index=True, return_counts=True)
    order = sorted(range(len(names)), key=lambda i: (names[i] < 0, -sizes[i], first[i]))
    place = {int(names[i]): n for n, i in enumerate(order)}
    return np.array([-1 if label < 0 else place[int(label)] for label in labels], dtype=np.int64)


def hierarchical(rows: Floats, k: int) -> Ints:
    """Ward's tree (Ward 1963) cut into ``k``; of many rows a sample makes the tree and each other joins the nearest
    group's centre.
    """
    import numpy as np
    from scipy.cluster.hierarchy import fcluster, linkage

    if len(rows) < 2:
        return np.zeros(len(rows), dtype=np.int64)
    chosen = _sample(len(rows))
    cut = np.asarray(fcluster(linkage(rows[chosen], "ward"), max(1, k), "maxclust"), dtype=np.int64) - 1
    centres = np.array([rows[chosen][cut == group].mean(axis=0) for group in range(int(cut.max()) + 1)])
    labels = _squares(rows, centres).argmin(axis=1) if len(chosen) < len(rows) else cut
    return by_size(labels)


def dbscan(rows: Floats, *, reach: float | None = None, least: int = 5) -> tuple[Ints, float]:
    """Dense regions (Ester et al. 1996), -1 for rows in none; and the reach: the knee of the sorted distances to the
    ``least``-th neighbour (the point farthest below the line from the first to the last) where none was given. Of more
    than ``LARGE`` rows an even sample is grouped, and every other row joins the nearest sampled one within the reach.
    """
    import numpy as np
    from scipy.spatial import cKDTree

    if len(rows) <= least:
        return np.full(len(rows), -1, dtype=np.int64), 0.0
    if len(rows) > LARGE:
        chosen = np.unique(np.linspace(0, len(rows) - 1, LARGE).astype(np.int64))
        some, reach = dbscan(rows[chosen], reach=reach, least=least)
        far, near_one = cKDTree(rows[chosen]).query(rows)
        return by_size(np.where(far <= reach, some[near_one], -1)), reach
    tree = cKDTree(rows)
    if reach is None:
        far = np.sort(np.asarray(tree.query(rows, k=least + 1)[0], dtype=np.float64)[:, -1])
        line = np.linspace(far[0], far[-1], len(far))
        reach = float(far[int((line - far).argmax())]) or float(far[far > 0].min(initial=1.0))
    near: list[list[int]] = [tree.query_ball_point(row, reach) for row in rows]
    dense = np.array([len(n) > least for n in near])
    labels, group = np.full(len(rows), -1, dtype=np.int64), 0
    for row in range(len(rows)):
        if not dense[row] or labels[row] >= 0:
            continue
        labels[row], queue = group, [row]
        while queue:
            for other in near[queue.pop()]:
                if labels[other] < 0:
                    labels[other] = group
                    if dense[other]:
                        queue.append(other)
        group += 1
    return by_size(labels), reach


def silhouette(rows: Floats, labels: Ints, far: Floats | None = None) -> float | None:
    """How much nearer rows are to their own group than to the next one, -1..1 (Rousseeuw 1987), over a sample; None
    for a single group. Rows in no group do not count. ``far``: the distances between all rows where they are known, of
    at most ``SAMPLE`` rows that are all in a group.
    """
    import numpy as np

    inside = labels >= 0
    rows, labels = rows[inside], labels[inside]
    groups, sizes = np.unique(labels, return_counts=True)
    if len(groups) < 2 or len(rows) < 3:
        return None
    sums = np.zeros((len(sample := _sample(len(rows))), len(groups)))
    if far is not None:
        sums = far @ (labels[:, None] == groups).astype(np.float64)
    for at, group in enumerate(groups if far is None else ()):
        members = rows[labels == group]
        for start in range(0, len(members), SAMPLE):
            sums[:, at] += np.sqrt(_squares(rows[sample], members[start : start + SAMPLE])).sum(axis=1)
    own = np.searchsorted(groups, labels[sample])
    line = np.arange(len(sample))
    inner = sums[line, own] / np.maximum(sizes[own] - 1, 1)
    means = sums / sizes
    means[line, own] = np.inf
    outer = means.min(axis=1)
    scale = np.maximum(inner, outer)
    score = np.where((sizes[own] > 1) & (scale > 0), (outer - inner) / np.where(scale > 0, scale, 1), 0.0)
    return float(score.mean())


def _sample(n: int) -> Ints:
    import numpy as np

    return np.unique(np.linspace(0, n - 1, min(n, SAMPLE)).astype(np.int64))


def best_k(rows: Floats, method: str = "kmeans") -> tuple[int, dict[int, float]]:
    """The number of groups (2..``MOST_K``) with the largest silhouette, the smaller on a tie; and all silhouettes.

    Cuts with a group below ``LEAST_SHARE`` stand back where there is one without.
    """
    import numpy as np

    found: dict[int, float] = {}
    whole: set[int] = set()
    if len(rows) > SAMPLE:
        rows = rows[_sample(len(rows))]
    far = np.sqrt(_squares(rows, rows))  # the same for every k
    for k in range(2, min(MOST_K, len(rows) - 1) + 1):
        labels = kmeans(rows, k, starts=STARTS // 2) if method == "kmeans" else hierarchical(rows, k)
        if (score := silhouette(rows, labels, far)) is not None:
            found[k] = round(score, 6)
            if np.bincount(labels).min() >= LEAST_SHARE * len(rows):
                whole.add(k)
    return (max(found, key=lambda k: (k in whole, found[k], -k)) if found else 1), found


@dataclass(frozen=True, slots=True)
class Stability:
    """``jaccard``: of each group, how much of it is found again in a resample (mean over resamples; Hennig 2007);
    ``rand``: the adjusted Rand index of the whole cut (mean; Hubert & Arabie 1985); ``rounds`` resamples.
    """

    jaccard: tuple[float, ...]
    rand: float
    rounds: int


def stability(
    rows: Floats, labels: Ints, method: str = "kmeans", *, rounds: int = RESAMPLES, seed: int = SEED
) -> Stability:
    """Cut bootstrap resamples of ``rows`` into as many groups and hold them against ``labels`` (of many rows: a sample
    of them). Rows in no group do not count.
    """
    import numpy as np

    inside = labels >= 0
    rows, labels = rows[inside], labels[inside]
    groups = int(labels.max(initial=-1)) + 1
    if len(rows) > SAMPLE:
        chosen = _sample(len(rows))
        rows, labels = rows[chosen], labels[chosen]
    if groups < 2:
        return Stability((1.0,) * groups, 1.0, 0)
    chance = np.random.default_rng(seed)
    sums, counts, rand = np.zeros(groups), np.zeros(groups), 0.0
    for _ in range(rounds):
        drawn = chance.integers(len(rows), size=len(rows))
        part = rows[drawn]
        again = kmeans(part, groups, starts=2) if method == "kmeans" else hierarchical(part, groups)
        kept, first = np.unique(drawn, return_index=True)
        table = _crossed(labels[kept], again[first], groups)
        union = table.sum(axis=1)[:, None] + table.sum(axis=0)[None, :] - table
        best = (table / np.maximum(union, 1)).max(axis=1)
        seen = table.sum(axis=1) > 0
        sums[seen] += best[seen]
        counts[seen] += 1
        rand += adjusted_rand(table)
    return Stability(tuple((sums / np.maximum(counts, 1)).tolist()), rand / rounds, rounds)


def _crossed(a: Ints, b: Ints, groups: int) -> Ints:
    """How many rows are in group i of ``a`` and j of ``b``."""
    import numpy as np

    width = max(groups, int(b.max(initial=0)) + 1)
    return np.bincount(a * width + b, minlength=groups * width).reshape(groups, width).astype(np.int64)


def adjusted_rand(table: Ints) -> float:
    """The adjusted Rand index of two cuts from their cross table: 1 the same, 0 as by chance (Hubert & Arabie 1985)."""

    def pairs(counts: Ints) -> float:
        return float((counts * (counts - 1) // 2).sum())

    together, a, b = pairs(table), pairs(table.sum(axis=1)), pairs(table.sum(axis=0))
    expected = a * b / max(1.0, pairs(table.sum(keepdims=True)))
    most = (a + b) / 2
    return 1.0 if most == expected else (together - expected) / (most - expected)
