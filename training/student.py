"""The student: nlp/models/sentiment.npz, hashed n-gram weights taught by labels and by the teacher's scores.

    python training/student.py [--out FILE] [--check]

Reads ../shared/data and training/teacher.npz (made by teacher.py). Everything here is deterministic: the same
inputs and libraries give the same bytes (``--check`` compares with the file in the package). About 10 minutes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import corpus
import invented
import numpy as np
import scipy.sparse as sp
from scipy.optimize import minimize

from nlp import ngrams
from nlp.batch import Batch
from nlp.lexicon import Lexicon
from nlp.polarity import polarity

HERE = Path(__file__).resolve().parent
MODEL = HERE.parent / "nlp" / "models" / "sentiment.npz"
KEPT = {"feeling": 150_000, "neutral": 50_000}
"""n-grams that keep a weight."""
RARE = 3
"""n-grams in fewer training texts than this get none."""
WEIGHTS = {"clause": 0.2, "word": 0.1, "text": 0.4, "invented": 0.3}
"""What one lesson of the teacher, or an invented one, counts beside a labelled text."""
RIDGE, RIDGE_BAYES, RIDGE_NEUTRAL = 0.1, 0.3, 0.2


class Lessons(NamedTuple):
    """``feeling``: target 0..1 of each text (P(positive) without neutral) and its weight; ``neutral`` likewise."""

    texts: list[str]
    feeling: Any
    feeling_weight: Any
    neutral: Any
    neutral_weight: Any


def lessons(without: str | None = None, scores: Path = HERE / "teacher.npz") -> Lessons:
    """Labelled texts with their labels, invented lessons, and the teacher's lessons with its opinion.

    ``without`` a source: its labels are left out, and the teacher (which saw them) altogether.
    """
    labelled = [row for row in corpus.rows() if row.part == "train" and row.label in ("pos", "neg", "neu")]
    labelled = [row for row in labelled if row.source != without]
    texts = [corpus.without_emoticons(row.text) for row in labelled]
    feeling = [np.array([row.label == "pos" for row in labelled], float)]
    feeling_weight = [np.array([row.label != "neu" for row in labelled], float)]
    neutral = [np.array([row.label == "neu" for row in labelled], float)]
    neutral_weight = [np.array([row.source != "review" for row in labelled], float)]  # reviews had no such label
    more = invented.lessons()
    texts += [one.text for one in more]
    still = np.array([one.neutral for one in more])
    feeling.append(np.array([one.feeling for one in more]))
    feeling_weight.append(WEIGHTS["invented"] * np.where(still, 0.5, 1))
    neutral.append(still.astype(float))
    neutral_weight.append(np.full(len(more), WEIGHTS["invented"]))
    if without is None:
        found = np.load(scores)
        for kind, items in corpus.lessons().items():
            positive, negative = found[kind].T / 100
            either = np.clip(positive + negative, 0, 1)
            texts += items
            feeling.append((positive + 0.005) / (either + 0.01))
            feeling_weight.append(WEIGHTS[kind] * np.maximum(either, 0.02))
            neutral.append(1 - either)
            neutral_weight.append(np.full(len(items), WEIGHTS[kind] / 2))
    return Lessons(texts, *map(np.concatenate, (feeling, feeling_weight, neutral, neutral_weight)))


def matrix(texts: Sequence[str]) -> sp.csr_matrix:
    """The model's features of texts, emoticons not read: texts × SIZE."""
    known = polarity()
    finder = Lexicon(known.words)
    parts = []
    for place in range(0, len(texts), 2048):
        batch = Batch.of(texts[place : place + 2048])
        found = known.read(batch, finder.hits(batch, plain=True).said(batch).whole(batch))
        rows, columns, values = ngrams.features(batch, ngrams.read(batch, found.readable(batch), found.turns))
        parts.append(sp.coo_matrix((values, (rows, columns)), shape=(len(batch), ngrams.SIZE)).tocsr())
    return sp.vstack(parts, "csr")


def by_hand(texts: Sequence[str]) -> Any:
    """Log-odds of the hand-weighed words of texts."""
    known = polarity()
    finder = Lexicon(known.words)
    parts = []
    for place in range(0, len(texts), 2048):
        batch = Batch.of(texts[place : place + 2048])
        parts.append(known.read(batch, finder.hits(batch, plain=True).said(batch).whole(batch)).odds)
    return np.concatenate(parts)


def common(x: sp.csr_matrix, rare: int = RARE) -> Any:
    """Columns that enough texts have."""
    return np.flatnonzero(np.bincount(x.indices, minlength=x.shape[1]) >= rare)


def logistic(x: sp.csr_matrix, target: Any, weight: Any, ridge: float, offset: Any = 0.0, rounds: int = 80) -> Any:
    """Logistic regression with soft targets, L2-regularised, by L-BFGS; the last entry is the bias."""
    transposed = x.T.tocsr()
    total = float(np.sum(weight))

    def loss(b: Any) -> tuple[float, Any]:
        z = np.clip(x @ b[:-1] + b[-1] + offset, -30, 30)
        error = weight * (1 / (1 + np.exp(-z)) - target)
        value = np.sum(weight * (np.logaddexp(0, z) - target * z)) + 0.5 * ridge * np.dot(b[:-1], b[:-1])
        return value / total, np.append(transposed @ error + ridge * b[:-1], np.sum(error)) / total

    start = np.zeros(x.shape[1] + 1)
    return minimize(
        loss, start, jac=True, method="L-BFGS-B", options={"maxiter": rounds, "maxcor": 8, "ftol": 1e-8, "gtol": 1e-7}
    ).x


def bayes(x: sp.csr_matrix, target: Any, weight: Any, ridge: float, limit: float = 3.0) -> Any:
    """The same after scaling each column by its naive-Bayes log-count ratio (Wang and Manning 2012)."""
    counts = [np.asarray(x.T @ (weight * part)).ravel() for part in (target, 1 - target)]
    shares = [(count + 0.1) / count.sum() for count in counts]
    ratio = np.clip(np.log(shares[0] / shares[1]), -limit, limit)
    found = logistic((x @ sp.diags(ratio.astype(np.float32))).tocsr(), target, weight, ridge)
    return np.append(found[:-1] * ratio, found[-1])


def pruned(x: sp.csr_matrix, weights: Any, kept: int) -> Any:
    """The ``kept`` weights that move scores most (size × how many texts have it, the root of it); the others 0."""
    spread = np.abs(weights) * np.sqrt(np.bincount(x.indices, minlength=x.shape[1]))
    out = np.zeros_like(weights)
    best = np.argsort(-spread, kind="stable")[:kept]
    out[best] = weights[best]
    return out


def wide(columns: Any, weights: Any) -> Any:
    """Weights of some columns as weights of all."""
    full = np.zeros(ngrams.SIZE)
    full[columns] = weights
    return full


class Held(NamedTuple):
    """The tune rows of one source; ``z``: log-odds by the n-grams, ``hand``: by the hand-weighed words."""

    name: str
    rows: list[corpus.Row]
    x: sp.csr_matrix
    hand: Any

    def truth(self) -> Any:
        """0 negative, 1 positive, 2 neutral."""
        return np.array([{"neg": 0, "pos": 1}.get(row.label, 2) for row in self.rows])


def held() -> list[Held]:
    """The rows that train nothing. (They choose settings and the two numbers of the calibration.)"""
    out = []
    for name in ("usual", "virus", "review"):
        rows = [row for row in corpus.rows() if row.source == name and row.part == "tune" and row.label != "surprise"]
        texts = [row.text for row in rows]
        out.append(Held(name, rows, matrix(texts), by_hand(texts)))
    return out


def report(weights: Any, bias: float, sets: Iterable[Held]) -> str:
    """Accuracy of the sign: by n-grams alone, and with emoticons and net words."""
    parts = []
    for one in sets:
        truth = one.truth()
        z = one.x @ weights + bias
        two = truth < 2
        right = [np.mean((score[two] > 0) == (truth[two] == 1)) for score in (z, z + one.hand)]
        parts.append(f"{one.name} {right[0]:.4f}/{right[1]:.4f}")
    return " ".join(parts)


def calibrated(weights: Any, bias: float, sets: Sequence[Held], side: bool) -> tuple[Any, float]:
    """Platt scaling (Platt 1999) on the tune rows, every source alike; the hand-weighed words stay as they are."""
    z = np.concatenate([one.x @ weights + bias for one in sets])
    truth = np.concatenate([one.truth() for one in sets])
    hand = np.concatenate([one.hand for one in sets])
    share = np.concatenate([np.full(len(one.rows), 1 / len(one.rows)) for one in sets])
    if side:
        target, offset, kept = truth == 1, hand, truth < 2
    else:
        named = np.concatenate([np.full(len(one.rows), one.name != "review") for one in sets])
        target, offset, kept = truth == 2, -np.abs(hand), named
    x = sp.csr_matrix(z[kept, None])
    slope, shift = logistic(x, target[kept].astype(float), share[kept], 0.0, offset[kept])
    print("calibration:", f"slope {slope:.3f} shift {shift:.3f}")
    return weights * slope, float(bias * slope + shift)


def fitted(taught: Lessons) -> tuple[tuple[Any, float], tuple[Any, float]]:
    """Both tables, every weight."""
    x = matrix(taught.texts)
    columns = common(x)
    x = x[:, columns]
    plain = logistic(x, taught.feeling, taught.feeling_weight, RIDGE)
    scaled = bayes(x, taught.feeling, taught.feeling_weight, RIDGE_BAYES)
    both = (plain + scaled) / 2
    neutral = logistic(x, taught.neutral, taught.neutral_weight, RIDGE_NEUTRAL)
    return tuple(
        (wide(columns, pruned(x, found[:-1], KEPT[name])), float(found[-1]))
        for name, found in (("feeling", both), ("neutral", neutral))
    )  # type: ignore[return-value]


def main() -> None:
    """See the module."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=MODEL)
    parser.add_argument("--check", action="store_true")
    parser.add_argument(
        "--without", choices=("usual", "virus", "review"), help="how a new field does: a report, and with --out a model"
    )
    options = parser.parse_args()
    feeling, neutral = fitted(lessons(options.without))
    sets = held()
    print(report(*feeling, sets))
    if options.without and options.out == MODEL:
        return
    data = ngrams.packed(calibrated(*feeling, sets, True), calibrated(*neutral, sets, False))
    if options.check:
        pairs = zip(ngrams.unpacked(data)[:2], ngrams.unpacked(MODEL.read_bytes())[:2], strict=True)
        same = all(np.array_equal(a.weights, b.weights) and a[1:] == b[1:] for a, b in pairs)
        sys.exit(None if same else "another model than the one in the package")
    options.out.parent.mkdir(exist_ok=True)
    options.out.write_bytes(data)
    print(len(data), "bytes")


if __name__ == "__main__":
    main()
