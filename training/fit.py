"""Fitting of the small log-linear models of ``xunke.chat`` (multinomial logistic regression).

``fit``: AdaGrad (Duchi et al., JMLR 2011) with an L2 penalty; the order of the inputs is drawn from a fixed seed: the
same input gives the same bytes. ``smooth``: L-BFGS (Liu and Nocedal, Math. Programming 1989) over all rows at once, for
many codes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
import scipy.sparse as sparse
from scipy.optimize import minimize

from xunke.chat.loglinear import Model

EPOCHS = 40
L2 = 3e-5
RATE = 0.3
SCALE = 8.0
LEAST = 2
WEIGHTY = 7
"""A feature whose weights are all smaller (in units of 1/SCALE) is left out."""


def fit(rows: Sequence[tuple[Sequence[str], str]], codes: Sequence[str]) -> Model:
    """The model of rows of (features, code)."""
    counts = Counter(f for found, _ in rows for f in found)
    index = {f: i for i, f in enumerate(sorted(f for f, n in counts.items() if n >= LEAST))}
    inputs = [np.array([index[f] for f in found if f in index], dtype=np.int64) for found, _ in rows]
    norms = [np.sqrt(max(1, len(found))) for found, _ in rows]
    labels = [list(codes).index(code) for _, code in rows]
    weights = np.zeros((len(index), len(codes)))
    bias = np.zeros(len(codes))
    squares, bias_squares = np.full_like(weights, 1e-8), np.full_like(bias, 1e-8)
    rng = np.random.default_rng(0)
    for _ in range(EPOCHS):
        for at in rng.permutation(len(rows)):
            x, norm = inputs[at], norms[at]
            logits = weights[x].sum(axis=0) / norm + bias
            p = np.exp(logits - logits.max())
            p /= p.sum()
            p[labels[at]] -= 1
            slope = p / norm + L2 * weights[x]
            squares[x] += slope**2
            weights[x] -= RATE * slope / np.sqrt(squares[x])
            bias_squares += p**2
            bias -= RATE * p / np.sqrt(bias_squares)
    whole = np.clip(np.rint(weights * SCALE), -127, 127).astype(np.int8)
    kept = [f for f, i in index.items() if np.abs(whole[i]).max() >= WEIGHTY]
    table = whole[[index[f] for f in kept]].tobytes()
    rounded = tuple(np.rint(bias * SCALE).astype(int).tolist())
    return Model(tuple(codes), SCALE, rounded, {f: i for i, f in enumerate(kept)}, table)


def smooth(rows: Sequence[tuple[Sequence[str], str]], codes: Sequence[str], *, l2: float, steps: int) -> Model:
    """The model of rows of (features, code) that ``steps`` of L-BFGS find; ``l2`` is held against the mean loss."""
    names = sorted({f for found, _ in rows for f in found})
    index = {f: i for i, f in enumerate(names)}
    sizes = [len(found) for found, _ in rows]
    values = np.repeat([1 / np.sqrt(max(1, size)) for size in sizes], sizes).astype(np.float32)
    columns = np.array([index[f] for found, _ in rows for f in found])
    starts = np.concatenate([[0], np.cumsum(sizes)])
    inputs = sparse.csr_matrix((values, columns, starts), shape=(len(rows), len(names)))
    turned = inputs.T.tocsr()
    labels = np.array([list(codes).index(code) for _, code in rows])
    every, width = np.arange(len(rows)), len(codes)

    def loss(flat: np.ndarray) -> tuple[float, np.ndarray]:
        weights = flat[:-width].reshape(-1, width).astype(np.float32)
        logits = inputs @ weights + flat[-width:].astype(np.float32)
        logits -= logits.max(axis=1, keepdims=True)
        powers = np.exp(logits)
        sums = powers.sum(axis=1, keepdims=True)
        value = (np.log(sums[:, 0]) - logits[every, labels]).mean() + l2 / 2 * float((weights * weights).sum())
        powers /= sums
        powers[every, labels] -= 1
        powers /= len(rows)
        slope = np.concatenate([(turned @ powers + l2 * weights).ravel(), powers.sum(axis=0)])
        return float(value), slope.astype(float)

    start = np.zeros((len(names) + 1) * width)
    flat = minimize(loss, start, jac=True, method="L-BFGS-B", options={"maxiter": steps, "maxcor": 6}).x
    whole = np.clip(np.rint(flat * SCALE), -127, 127).astype(int)
    table = whole[:-width].reshape(-1, width).astype(np.int8)
    kept = [i for i in range(len(names)) if np.abs(table[i]).max() >= WEIGHTY]
    bias = tuple(whole[-width:].tolist())
    return Model(tuple(codes), SCALE, bias, {names[i]: at for at, i in enumerate(kept)}, table[kept].tobytes())
