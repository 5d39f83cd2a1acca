"""Logistic regression with Gaussian priors, and what its probabilities are worth. Knows numbers only.

The priors keep it honest on little data: without any it says what the priors say. Fitted by Newton's method to the one
maximum of the posterior; the inverse of its curvature there stands for the posterior's spread (Laplace; MacKay 1992).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from numpy.typing import NDArray

_STEPS: Final = 100
_NEAR: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Fit:
    """Coefficients (the first is the intercept) and their posterior covariance."""

    beta: tuple[float, ...]
    cov: tuple[tuple[float, ...], ...]

    def chance(self, x: Sequence[float]) -> float:
        """The probability for one row of features (without the intercept's 1)."""
        return sigmoid(self.beta[0] + sum(b * v for b, v in zip(self.beta[1:], x, strict=True)))

    def interval(self, x: Sequence[float], z: float = 1.645) -> tuple[float, float]:
        """The probability's interval (90 % for 1.645), from the posterior's spread."""
        row = (1.0, *x)
        middle = sum(b * v for b, v in zip(self.beta, row, strict=True))
        spread = math.sqrt(max(0.0, sum(
            row[i] * row[j] * self.cov[i][j] for i in range(len(row)) for j in range(len(row))
        )))  # fmt: skip
        return sigmoid(middle - z * spread), sigmoid(middle + z * spread)

    def spread(self, i: int) -> float:
        """The standard deviation of a coefficient."""
        return math.sqrt(max(0.0, self.cov[i][i]))


def sigmoid(value: float) -> float:
    """1 / (1 + e^-value), without overflow."""
    return 1 / (1 + math.exp(-value)) if value >= 0 else math.exp(value) / (1 + math.exp(value))


def logit(p: float) -> float:
    """The inverse; p is kept off 0 and 1."""
    p = min(1 - 1e-6, max(1e-6, p))
    return math.log(p / (1 - p))


def fit(x: Sequence[Sequence[float]], y: Sequence[int], means: Sequence[float], spreads: Sequence[float]) -> Fit:
    """Fit ``y`` (0 or 1) to the rows ``x``; ``means`` and ``spreads`` of the priors, the intercept's first."""
    import numpy as np

    rows = np.hstack([np.ones((len(y), 1)), np.asarray(x, float).reshape(len(y), len(means) - 1)])
    hits, mean = np.asarray(y, float), np.asarray(means, float)
    weight = 1 / np.asarray(spreads, float) ** 2
    beta = mean.copy()
    worth = _posterior(rows, hits, beta, mean, weight)
    for _ in range(_STEPS):
        p = 1 / (1 + np.exp(-np.clip(rows @ beta, -40, 40)))
        slope = rows.T @ (hits - p) - weight * (beta - mean)
        curve = (rows * (p * (1 - p))[:, None]).T @ rows + np.diag(weight)
        step = np.linalg.solve(curve, slope)
        size = 1.0
        while size > 1e-6 and (found := _posterior(rows, hits, beta + size * step, mean, weight)) < worth:
            size /= 2
        if size <= 1e-6:
            break
        beta, worth = beta + size * step, found
        if float(np.abs(step).max()) * size < _NEAR:
            break
    p = 1 / (1 + np.exp(-np.clip(rows @ beta, -40, 40)))
    curve = (rows * (p * (1 - p))[:, None]).T @ rows + np.diag(weight)
    cov = np.linalg.inv(curve)
    return Fit(tuple(map(float, beta)), tuple(tuple(map(float, row)) for row in cov))


def _posterior(
    rows: NDArray[Any], y: NDArray[Any], beta: NDArray[Any], mean: NDArray[Any], weight: NDArray[Any]
) -> float:
    import numpy as np

    value = rows @ beta
    return float((y * value - np.logaddexp(0, value)).sum() - 0.5 * (weight * (beta - mean) ** 2).sum())


# -- what probabilities are worth ----------------------------------------------------------------------------------


def brier(p: Sequence[float], y: Sequence[int]) -> float:
    """The mean square of probability minus what came (Brier 1950); 0 is perfect."""
    return sum((a - b) ** 2 for a, b in zip(p, y, strict=True)) / len(y)


def losses(p: Sequence[float], y: Sequence[int]) -> list[float]:
    """The log loss of each."""
    return [-math.log(max(1e-12, a if b else 1 - a)) for a, b in zip(p, y, strict=True)]


@dataclass(frozen=True, slots=True)
class Bin:
    """People with much the same probability: how many, what was said, what came."""

    n: int
    said: float
    came: float


def bins(p: Sequence[float], y: Sequence[int], count: int = 5) -> list[Bin]:
    """Bins of equal size, from the least to the greatest probability."""
    order = sorted(range(len(p)), key=lambda i: (p[i], i))
    out = []
    for k in range(count):
        part = order[k * len(order) // count : (k + 1) * len(order) // count]
        if part:
            out.append(Bin(len(part), sum(p[i] for i in part) / len(part), sum(y[i] for i in part) / len(part)))
    return out


def calibration_error(found: Sequence[Bin]) -> float:
    """The expected calibration error: how far what is said is from what comes, over the bins (Naeini et al. 2015)."""
    total = sum(b.n for b in found)
    return sum(b.n * abs(b.said - b.came) for b in found) / total if total else 0.0
