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
import numpy as np
import scipy.sparse as sp
from scipy.optimize import minimize

from nlp import ngrams
from nlp.batch import Batch
from nlp.lexicon import Lexicon
from nlp.polarity import polarity

HERE = Path(__file__).resolve().parent
MODEL = HERE.parent / "nlp" / "models" / "sentiment.npz"
KEPT = 50_000
"""n-grams that keep a weight, in each of the two tables."""
RARE = 3
"""n-grams in fewer training texts than this get none."""
WEIGHTS = {"clause": 0.25, "word": 0.15, "text": 0.5}
"""What one lesson of the teacher counts beside a labelled text."""


class Lessons(NamedTuple):
    """``feeling``: target 0..1 of each text (P(positive) without neutral) and its weight; ``neutral`` likewise."""

    texts: list[str]
    feeling: Any
    feeling_weight: Any
    neutral: Any
    neutral_weight: Any


def lessons(scores: Path = HERE / "teacher.npz") -> Lessons:
    """Labelled texts with their labels, then the teacher's lessons with its opinion."""
    labelled = [row for row in corpus.rows() if row.part == "train" and row.label in ("pos", "neg", "neu")]
    texts = [corpus.without_emoticons(row.text) for row in labelled]
    feeling = [np.array([row.label == "pos" for row in labelled], float)]
    feeling_weight = [np.array([row.label != "neu" for row in labelled], float)]
    neutral = [np.array([row.label == "neu" for row in labelled], float)]
    neutral_weight = [np.array([row.source != "review" for row in labelled], float)]  # reviews had no such label
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
        rows, columns, values = ngrams.features(batch, ngrams.read(batch, found.without_emoticons(batch), found.turns))
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
    """The tune rows of one source: texts with and without emoticons."""

    name: str
    rows: list[corpus.Row]
    bare: sp.csr_matrix
    hand: Any

    def truth(self) -> Any:
        return np.array([{"neg": 0, "pos": 1}.get(row.label, 2) for row in self.rows])


def held() -> list[Held]:
    out = []
    for name in ("usual", "virus", "review"):
        rows = [row for row in corpus.rows() if row.source == name and row.part == "tune" and row.label != "surprise"]
        out.append(Held(name, rows, matrix([row.text for row in rows]), by_hand([row.text for row in rows])))
    return out


def report(weights: Any, bias: float, sets: Iterable[Held]) -> str:
    parts = []
    for one in sets:
        truth = one.truth()
        z = one.bare @ weights + bias
        two = truth < 2
        bare = np.mean((z[two] > 0) == (truth[two] == 1))
        with_hand = np.mean(((z + one.hand)[two] > 0) == (truth[two] == 1))
        parts.append(f"{one.name} {bare:.4f}/{with_hand:.4f}")
    return " ".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=MODEL)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args()
    taught = lessons()
    x = matrix(taught.texts)
    columns = common(x)
    x = x[:, columns]
    tables = []
    for target, weight, ridge in (
        (taught.feeling, taught.feeling_weight, 0.1),
        (taught.neutral, taught.neutral_weight, 0.3),
    ):
        fitted = logistic(x, target, weight, ridge)
        tables.append((wide(columns, pruned(x, fitted[:-1], KEPT)), float(fitted[-1])))
    data = ngrams.packed(*tables)
    if options.check:
        same = all(np.array_equal(a, b) for a, b in zip(ngrams.unpacked(data), ngrams.unpacked(MODEL.read_bytes()), strict=True))
        sys.exit(0 if same else "another model than the one in the package")
    options.out.parent.mkdir(exist_ok=True)
    options.out.write_bytes(data)
    print(len(data), "bytes;", report(*tables[0], held()))


if __name__ == "__main__":
    main()
