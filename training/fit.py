"""Fitting of the small log-linear models of ``xunke.chat`` (multinomial logistic regression).

AdaGrad (Duchi et al., JMLR 2011) with an L2 penalty; the order of the inputs is drawn from a fixed seed: the same input
gives the same bytes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

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
