"""Learning from a user's corrections: a small correction on top of the shipped models, fitted in a second or two.

One yes/no question at a time (is it positive, is it about 宠物, is it spam): logistic regression on hashed n-grams
with the shipped model's log-odds as an offset, so that it starts where the shipped model is and moves only as far as
the labels carry it (a Gaussian prior on every weight). What is learned is a short list of columns and weights. It
is judged by cross-validation on the user's own labels, and by nothing else.

Everything here is deterministic: folds by the digest of the text, no random starts.
"""

from __future__ import annotations

import math
from base64 import b85decode, b85encode
from collections.abc import Callable, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

import msgspec

from .segment import bare, own_words
from .types import MAX_CHARS

if TYPE_CHECKING:
    import numpy as np

TOO_FEW: Final = 10
"""Fewer labels than this say nothing about accuracy, and nothing is learned from them."""
STIFFNESS: Final = (10.0, 1.0, 0.3, 0.1, 0.03)
"""Precisions of the prior on each weight (rows have length 1) to choose from: how much evidence a change needs."""
BIAS_STIFFNESS: Final = 2.0
SLOPE_STIFFNESS: Final = 20.0
"""How firmly the shipped model's log-odds keep their weight of 1."""
ANCHOR_WEIGHT: Final = 0.5
"""What the texts without a label count together at least, against all labels: they hold the model where it is."""
MOST_TAKEN: Final = 0.3
"""A category of the user's own takes this share of all texts at most."""
MOST: Final = 1_500
"""The newest so many labels are learned from; a fit takes the cube of their number."""
FOLDS: Final = 10
CLEARLY: Final = 0.005
"""By so much an estimate of accuracy on all texts must rise to count."""
_SMALL: Final = 1e-3
_SAME: Final = 1e-9
COLUMNS: Final = 2**20
LARGEST: Final = 3
"""Characters of the longest n-gram."""

Features = Callable[[Sequence[str]], "tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], np.ndarray[Any, Any]]"]
"""Texts in, (row, column below 2^20, value) of a sparse table out."""
Kind = Literal["sentiment", "interest", "need", "spam"]


class Delta(msgspec.Struct, frozen=True):
    """What was learned about one question: log-odds = slope × shipped log-odds + bias + Σ weights of the columns.

    ``kind`` and ``name`` say which ("interest", "宠物"; sentiment and spam have no name); ``base`` is the version of
    the shipped models that it was fitted on. ``columns`` (int32) and ``weights`` (float32) are base85 text.
    """

    kind: Kind
    name: str
    base: str
    slope: float
    bias: float
    columns: str = ""
    weights: str = ""

    def table(self) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
        """Columns in rising order and their weights."""
        return _table(self.columns, self.weights)

    def digest(self) -> str:
        """Changes whenever what was learned changes."""
        return blake2b(msgspec.json.encode(self), digest_size=6).hexdigest()


@lru_cache(maxsize=64)
def _table(columns: str, weights: str) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    import numpy as np

    return (
        np.frombuffer(b85decode(columns), dtype="<i4").astype(np.int64),
        np.frombuffer(b85decode(weights), dtype="<f4").astype(np.float64),
    )


class Report(msgspec.Struct, frozen=True):
    """How well the question is answered on the user's own labels, before and after learning.

    ``after`` is cross-validated (ten folds, each label spread evenly over them): no text was judged by a model that
    had seen it.
    ``low`` and ``high``: 95 % interval of the difference. None, with ``verdict`` "too_few", below 10 labels or where
    all labels say the same and there is nothing to hold them against.

    Who corrects mistakes only, labels what the model got wrong: then accuracy on the labels tells nothing about the
    other texts. ``selected`` says that it looks so, and ``overall_before`` and ``overall_after`` estimate accuracy on
    all texts: mistakes at the rate that the model itself expects, the others as they are now. They decide then.
    """

    kind: str
    name: str
    labels: int
    positive: int
    before: float | None
    after: float | None
    low: float | None
    high: float | None
    verdict: Literal["better", "same", "worse", "too_few"]
    selected: bool = False
    overall_before: float | None = None
    overall_after: float | None = None


class Fit(NamedTuple):
    """The correction (None where there are too few labels) and what it is worth."""

    delta: Delta | None
    report: Report


def hashed(texts: Sequence[str]) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Character n-grams (1 to 3) of the author's own words, hashed to 2^20 columns; the values of a row are
    1 / √(its n-grams). The hash is that of :func:`nlp.batch.ngram_hashes`.
    """
    import numpy as np

    from .batch import Batch, ngram_hashes

    batch = Batch.of(texts)
    rows, columns = [], []
    for n, hashes in enumerate(ngram_hashes(batch, LARGEST), 1):
        at = np.flatnonzero(hashes)
        row = np.searchsorted(batch.starts, at, "right") - 1
        own = at + n <= batch.own_ends[row]
        rows.append(row[own])
        columns.append(hashes[at[own]])
    of = np.concatenate(rows).astype(np.int64)
    count = np.bincount(of, minlength=len(texts))
    return of, np.concatenate(columns).astype(np.int64), 1 / np.sqrt(count[of])


def _folded(text: str) -> str:
    return " ".join(bare(own_words(text[:MAX_CHARS])).lower().split())


def learn(
    kind: Kind,
    name: str,
    base: str,
    texts: Sequence[str],
    labels: Sequence[float],
    odds: Sequence[float],
    *,
    anchors: Sequence[str] = (),
    anchor_odds: Sequence[float] = (),
    features: Features = hashed,
) -> Fit:
    """Fit and judge one correction.

    ``labels``: 1 yes, 0 no, 0.5 neither (a neutral text); ``odds``: the shipped model's log-odds of each text.
    ``anchors``: texts without a label, held softly at ``anchor_odds``, and harder where mistakes were picked out:
    without them a model that is shown nothing but mistakes believes that it is wrong everywhere. A text that is
    labelled twice counts once (the last label).
    """
    import numpy as np

    keep = sorted({_folded(text): at for at, text in enumerate(texts)}.values())[-MOST:]
    texts, y = [texts[at] for at in keep], np.array([labels[at] for at in keep], dtype=np.float64)
    offset = np.clip(np.array([odds[at] for at in keep], dtype=np.float64), -6, 6)
    sure = y != 0.5
    n, positive = int(sure.sum()), int((y == 1).sum())
    if n < TOO_FEW or (not anchors and positive in (0, n)):
        return Fit(None, Report(kind, name, n, positive, None, None, None, None, "too_few"))
    known = {_folded(text) for text in texts}
    free = [at for at, text in enumerate(anchors) if _folded(text) not in known]
    all_texts = [*texts, *(anchors[at] for at in free)]
    held = np.clip(np.array([anchor_odds[at] for at in free], dtype=np.float64), -6, 6)
    if len(held) and positive > 1 and np.ptp(np.concatenate([offset, held])) < _SAME:
        return _category(kind, name, base, texts, y, [anchors[at] for at in free], features)
    wrong = sure & ((offset > 0) != (y == 1))
    selected, rate = _selected(int(wrong.sum()), n, held)
    if not selected and 0 < positive < n:  # labels of all sorts speak for themselves; anchors would only hold them back
        all_texts, held = texts, held[:0]
    weight = ANCHOR_WEIGHT * len(y)
    if selected:  # so many texts that were right must stand beside the mistakes
        weight = max(weight, int(wrong.sum()) / rate - len(y))
    targets = np.concatenate([y, 1 / (1 + np.exp(-held))])
    weights = np.concatenate([np.ones(len(y)), np.full(len(held), weight / max(1, len(held)))])
    design = _Design(features(all_texts), np.concatenate([offset, held]), targets, weights)
    after = np.empty(len(targets))
    fold = _folds(all_texts, targets, len(y))
    for part in range(int(fold.max()) + 1):
        out = fold == part
        after[out] = design.fit(~out).odds[out]
    report = _judge(kind, name, y[sure], offset[sure], after[: len(y)][sure])
    if selected:
        report = _overall(report, rate, after[: len(y)][wrong] > 0, y[wrong] == 1, held, after[len(y) :])
    return Fit(design.delta(kind, name, base, design.fit(np.ones(len(targets), dtype=bool))), report)


def _category(
    kind: Kind, name: str, base: str, texts: Sequence[str], y: np.ndarray[Any, Any], others: Sequence[str],
    features: Features,
) -> Fit:  # fmt: skip
    """A category that nobody shipped, from texts in it and (where there are any) not in it, among all others.

    The texts without a label stand against it although some of them belong to it: they do not change the order in
    which texts are put, only how sure the model is. Where the line is drawn is decided by what the labels in it and
    the others get when they are held out: the most recall² / share of texts taken (Lee and Liu 2003).
    """
    import numpy as np

    all_texts, positive = [*texts, *others], int((y == 1).sum())
    targets = np.concatenate([y, np.zeros(len(others))])
    weights = np.concatenate([np.ones(len(y)), np.full(len(others), positive / len(others))])
    design = _Design(features(all_texts), np.zeros(len(targets)), targets, weights, rare=True)
    after = np.empty(len(targets))
    # in every fold as many of each, or the scores of folds could not be compared
    fold = _folds(all_texts, targets, len(y), min(FOLDS, positive))
    for part in range(int(fold.max()) + 1):
        out = fold == part
        after[out] = design.fit(~out).odds[out]
    inside, outside = np.sort(after[: len(y)][y == 1]), np.sort(after[len(y) :])
    lines = np.unique(inside)[: max(1, len(np.unique(inside)) * 3 // 4)]  # at least a quarter must be found
    found = 1 - np.searchsorted(inside, lines) / len(inside)
    taken = (len(outside) - np.searchsorted(outside, lines) + 1) / (len(outside) + 1)
    worth = np.where(taken <= MOST_TAKEN, found**2 / taken, 0.0)
    line = float(lines[int(np.argmax(worth))])
    below = [float(side[at - 1]) for side in (inside, outside) if (at := int(np.searchsorted(side, line)))]
    line = (line + max(below, default=line - 1.0)) / 2  # in the middle of the gap
    sure = y != 0.5
    report = _judge(kind, name, y[sure], np.full(int(sure.sum()), -1.0), after[: len(y)][sure] - line)
    if worth.max() < 1.0:  # no line is better than taking texts by lot
        report = msgspec.structs.replace(report, verdict="worse")
    delta = design.delta(kind, name, base, design.fit(np.ones(len(targets), dtype=bool)))
    return Fit(msgspec.structs.replace(delta, slope=0.0, bias=round(delta.bias - line, 4)), report)


def _selected(wrong: int, n: int, held: np.ndarray[Any, Any]) -> tuple[bool, float]:
    """Whether the labels hold many more mistakes than the model itself expects among all texts; that rate."""
    import numpy as np

    if not len(held):
        return False, 0.0
    rate = min(0.4, max(0.02, float(np.mean(1 / (1 + np.exp(np.abs(held)))))))
    return wrong / n - rate > 2 * math.sqrt(rate * (1 - rate) / n) + 0.1, rate


def _overall(
    report: Report,
    rate: float,
    said: np.ndarray[Any, Any],
    truth: np.ndarray[Any, Any],
    held: np.ndarray[Any, Any],
    now: np.ndarray[Any, Any],
) -> Report:
    mended, kept = float((said == truth).mean()), float(((held > 0) == (now > 0)).mean())
    before, after = 1 - rate, rate * mended + (1 - rate) * kept
    return msgspec.structs.replace(
        report, selected=True, overall_before=round(before, 4), overall_after=round(after, 4),
        verdict="better" if after > before + CLEARLY else "worse",
    )  # fmt: skip


def _folds(
    texts: Sequence[str], y: np.ndarray[Any, Any], labelled: int, parts: int | None = None
) -> np.ndarray[Any, Any]:
    """A fold for each text: every label spread evenly, in the order of the texts' digests; anchors likewise."""
    import numpy as np

    parts = parts or min(FOLDS, labelled)
    digests = [blake2b(_folded(text).encode()).digest() for text in texts]
    order = sorted(range(labelled), key=lambda at: (y[at], digests[at]))
    rest = sorted(range(labelled, len(texts)), key=lambda at: digests[at])
    fold = np.empty(len(texts), dtype=np.int64)
    fold[order] = np.arange(labelled) % parts
    fold[rest] = np.arange(len(rest)) % parts
    return fold


class _Fitted(NamedTuple):
    dual: Any
    odds: Any
    stiffness: float
    evidence: float


class _Design:
    """One question over labelled rows and, behind them, anchors, seen as a Gaussian process: the prior on slope, bias
    and weights is a prior on the log-odds of the rows, with the kernel below. A few hundred rows instead of some
    hundred thousand columns make the fit a matter of milliseconds, and the answer is the same. How stiff the prior on
    the weights is, the labels decide (the most evidence, in Laplace's approximation).
    """

    def __init__(
        self,
        triplets: Any,
        offset: np.ndarray[Any, Any],
        target: np.ndarray[Any, Any],
        weight: np.ndarray[Any, Any],
        *,
        rare: bool = False,
    ) -> None:
        """``rare``: columns that few texts hold count more, as in TF-IDF."""
        import numpy as np
        from scipy.sparse import csr_matrix

        rows, columns, values = triplets
        self.columns, inverse, held = np.unique(columns, return_inverse=True, return_counts=True)
        self.scale = np.ones(len(held))
        if rare:
            self.scale = 1 - np.log(held) / np.log(len(offset) + 1)
            values = values * self.scale[inverse]
        self.x = csr_matrix((values, (rows, inverse)), shape=(len(offset), max(len(self.columns), 1)))
        self.offset, self.target, self.weight = offset, target, weight
        self.like = (self.x @ self.x.T).toarray()
        self.common = 1 / BIAS_STIFFNESS + np.outer(offset, offset) / SLOPE_STIFFNESS

    def fit(self, use: np.ndarray[Any, Any]) -> _Fitted:
        """The fit on the rows in ``use`` with the most evidence; log-odds of all rows."""
        tried = [self._fit(use, stiffness) for stiffness in STIFFNESS]
        return max(tried, key=lambda fitted: fitted.evidence)

    def _fit(self, use: np.ndarray[Any, Any], stiffness: float) -> _Fitted:
        """Newton's method (Rasmussen and Williams 2006, algorithm 3.1), with shorter steps where one overshoots."""
        import numpy as np
        from scipy.linalg import cho_factor, cho_solve

        picked = np.flatnonzero(use & (self.weight > 0))
        cells = np.ix_(picked, picked)
        kernel, w, y = self.like[cells] / stiffness + self.common[cells], self.weight[picked], self.target[picked]
        offset = self.offset[picked]
        a, moved, best = np.zeros(len(picked)), np.zeros(len(picked)), -np.inf
        for _ in range(30):
            p = 1 / (1 + np.exp(-(offset + moved)))
            curve = w * p * (1 - p) + 1e-9
            root = np.sqrt(curve)
            b = curve * moved + w * (y - p)
            inner = cho_factor(np.eye(len(picked)) + root[:, None] * kernel * root, lower=True)
            wanted = b - root * cho_solve(inner, root * (kernel @ b))
            step = 1.0
            while True:
                tried = a + step * (wanted - a)
                there = kernel @ tried
                z = offset + there
                value = float(w @ (y * z - np.logaddexp(0, z)) - 0.5 * tried @ there)
                if value >= best - 1e-9 or step < 1e-3:
                    break
                step /= 2
            done = value - best < 1e-6 * max(1.0, abs(best))
            a, moved, best = tried, there, value
            if done:
                break
        dual = np.zeros(len(self.offset))
        dual[picked] = a
        odds = self.offset + self.like @ dual / stiffness + self.common @ dual
        return _Fitted(dual, odds, stiffness, best - float(np.log(np.diag(inner[0])).sum()))

    def delta(self, kind: Kind, name: str, base: str, fitted: _Fitted) -> Delta:
        """Dual weights as slope, bias and the weights of columns that matter, ready to be stored."""
        import numpy as np

        weights = np.asarray(self.x.T @ fitted.dual) / fitted.stiffness
        weights = weights[: len(self.scale)] * self.scale
        kept = np.flatnonzero(np.abs(weights) > _SMALL) if len(self.columns) else np.zeros(0, dtype=np.int64)
        return Delta(
            kind, name, base, round(1 + float(self.offset @ fitted.dual) / SLOPE_STIFFNESS, 4),
            round(float(fitted.dual.sum()) / BIAS_STIFFNESS, 4),
            b85encode(self.columns[kept].astype("<i4").tobytes()).decode(),
            b85encode(weights[kept].astype("<f4").tobytes()).decode(),
        )  # fmt: skip


def _judge(
    kind: str, name: str, y: np.ndarray[Any, Any], before: np.ndarray[Any, Any], after: np.ndarray[Any, Any]
) -> Report:
    import numpy as np

    right = [((odds > 0) == (y == 1)).astype(np.float64) for odds in (before, after)]
    losses = [np.logaddexp(0, odds) - y * odds for odds in (before, after)]
    change = right[1] - right[0]
    mean = float(change.mean())
    spread = 1.96 * math.sqrt((float(change.var()) + 1 / len(y) ** 2) / len(y))
    # more than chance, by accuracy or by the finer measure: a strong model is not to be moved by one label more or less
    gain = losses[0] - losses[1]
    error = float(gain.std()) / math.sqrt(len(y))
    if mean > 0 and (mean >= spread / 1.96 or gain.mean() >= error) and gain.mean() > 0:
        verdict: Literal["better", "same", "worse"] = "better"
    else:
        verdict = "worse" if mean < 0 else "same"
    return Report(
        kind, name, len(y), int(y.sum()), round(float(right[0].mean()), 4), round(float(right[1].mean()), 4),
        round(mean - spread, 4), round(mean + spread, 4), verdict,
    )  # fmt: skip


def corrected(
    delta: Delta, texts: Sequence[str], odds: Sequence[float], *, features: Features = hashed
) -> np.ndarray[Any, Any]:
    """Log-odds of each text with the correction."""
    return applied(delta, features(texts), odds)


def applied(
    delta: Delta,
    found: tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], np.ndarray[Any, Any]],
    odds: Sequence[float],
) -> np.ndarray[Any, Any]:
    """``corrected`` for texts whose features are known already."""
    import numpy as np

    columns, weights = delta.table()
    rows, hashes, values = found
    out = delta.slope * np.clip(np.asarray(odds, dtype=np.float64), -6, 6) + delta.bias
    if len(columns) and len(hashes):
        at = np.minimum(np.searchsorted(columns, hashes), len(columns) - 1)
        hit = columns[at] == hashes
        out += np.bincount(rows[hit], weights=values[hit] * weights[at[hit]], minlength=len(out))
    return np.asarray(out)


def logit(p: float) -> float:
    """Log-odds of a probability, kept within ±6."""
    p = min(max(p, 0.0025), 0.9975)
    return math.log(p / (1 - p))


def chance(odds: float) -> float:
    """The probability of log-odds, to four places."""
    return round(1 / (1 + math.exp(-max(-30.0, min(30.0, odds)))), 4)
