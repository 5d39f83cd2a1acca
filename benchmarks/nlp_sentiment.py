"""Sentiment engines side by side on held-out development data: accuracy, macro-F1, AUC, posts per CPU second.

    python benchmarks/nlp_sentiment.py [--data FOLDER] [--rows 1500]
    python benchmarks/nlp_sentiment.py --fit          # prints the three weights of nlp/sentiment.py

The data are not part of the project (../shared/data beside a checkout, by default): Weibo posts of SMP2020-EWECT
(the eval parts are never used for fitting) and consumer reviews (every tenth row is held out; SnowNLP was trained
on most of them, so it looks too good there).
"""

from __future__ import annotations

import argparse
import gzip
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from nlp.segment import own_words
from nlp.sentiment import read_signals, sentiment
from nlp.types import ENGINES, Engine
from xunke.text import clean

Row = tuple[int, str]  # 1 positive, 0 negative; text
SEED = 20261122


def rows(path: Path) -> Iterator[list[str]]:
    with gzip.open(path, "rt", encoding="utf-8") as file:
        next(file)
        for line in file:
            yield line.rstrip("\n").split("\t")


def load(data: Path) -> tuple[dict[str, list[Row]], list[Row]]:
    """Held-out sets by name, and rows for fitting."""
    held: dict[str, list[Row]] = {"weibo usual": [], "weibo virus": [], "reviews": []}
    train: list[Row] = []
    for part, label, _, text in rows(data / "sentiment_weibo_smp2020.tsv.gz"):
        if label in ("pos", "neg"):
            kind, use = part.split("_")
            (held[f"weibo {kind}"] if use == "eval" else train).append((int(label == "pos"), text))
    for number, (label, _, text) in enumerate(rows(data / "sentiment_reviews.tsv.gz")):
        (held["reviews"] if number % 10 == 0 else train).append((int(label), text))
    return held, train


def auc(pairs: list[tuple[int, float]]) -> float:
    """Probability that a positive row scores above a negative one, ties half."""
    from scipy.stats import rankdata

    ranks = rankdata([p for _, p in pairs])
    positive = sum(label for label, _ in pairs)
    negative = len(pairs) - positive
    total = float(sum(rank for rank, (label, _) in zip(ranks, pairs, strict=True) if label))
    return (total - positive * (positive + 1) / 2) / (positive * negative)


def macro_f1(pairs: list[tuple[int, int]]) -> float:
    scores = []
    for wanted in (0, 1):
        hit = sum(1 for truth, said in pairs if truth == said == wanted)
        scores.append(2 * hit / max(1, sum((truth == wanted) + (said == wanted) for truth, said in pairs)))
    return sum(scores) / 2


def measure(name: str, sample: list[Row], engine: Engine) -> None:
    sentiment("热身", engine)
    start = time.process_time()
    scored = [(label, sentiment(text, engine)) for label, text in sample]
    seconds = time.process_time() - start
    pairs = [(label, int(found.p > 0.5)) for label, found in scored]
    accuracy = sum(a == b for a, b in pairs) / len(pairs)
    sure = [(label, found.label == "positive") for label, found in scored if found.label in ("positive", "negative")]
    right = sum(a == b for a, b in sure) / max(1, len(sure))
    error = calibration([(label, found.p) for label, found in scored])
    print(
        f"{name:12} {engine:8} n={len(sample):4}  accuracy {accuracy:.3f}  macro-F1 {macro_f1(pairs):.3f}  "
        f"AUC {auc([(label, found.p) for label, found in scored]):.3f}  ECE {error:.3f}  "
        f"when sure {right:.3f} of {len(sure) / len(sample):.0%}  {len(sample) / seconds:7.0f} posts/CPU s"
    )


def calibration(pairs: list[tuple[int, float]], bins: int = 10) -> float:
    """Expected calibration error."""
    total = 0.0
    for number in range(bins):
        inside = [(y, p) for y, p in pairs if min(int(p * bins), bins - 1) == number]
        total += abs(sum(y for y, _ in inside) - sum(p for _, p in inside))
    return total / len(pairs)


def fit(train: list[Row]) -> None:
    """Logistic regression on (table, lexicon, words), classes and sources balanced by sampling."""
    import numpy as np
    from scipy.optimize import minimize

    chooser = random.Random(SEED)
    groups = {y: [row for row in train if row[0] == y] for y in (0, 1)}
    sample = [row for group in groups.values() for row in chooser.sample(group, min(4_000, len(group)))]
    signals = [read_signals(own_words(clean(text))) for _, text in sample]
    x = np.array([[s.table, s.lexicon, s.words] for s in signals])
    y = np.array([label * 2 - 1 for label, _ in sample])
    best = minimize(lambda w: np.logaddexp(0, -y * (x @ w)).mean(), np.zeros(3))
    print("WEIGHT_TABLE, WEIGHT_LEXICON, WEIGHT_WORDS =", [round(float(w), 3) for w in best.x])


def find_data(given: str | None) -> Path | None:
    here = Path(__file__).resolve()
    choices = [Path(given)] if given else [parent / "shared" / "data" for parent in here.parents]
    return next((path for path in choices if (path / "sentiment_reviews.tsv.gz").is_file()), None)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--data")
    options.add_argument("--rows", type=int, default=1_500, help="rows in all, shared among the sets")
    options.add_argument("--fit", action="store_true")
    given = options.parse_args()
    data = find_data(given.data)
    if data is None:
        print("development data not found; nothing measured", file=sys.stderr)
        return 1
    held, train = load(data)
    if given.fit:
        fit(train)
        return 0
    for name, everything in held.items():
        sample = random.Random(SEED).sample(everything, min(given.rows // len(held), len(everything)))
        for engine in ENGINES:
            measure(name, sample, engine)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
