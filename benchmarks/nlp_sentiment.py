"""Sentiment engines side by side on rows that trained none of ours: accuracy, macro-F1, AUC, calibration, speed.

    python benchmarks/nlp_sentiment.py [--rows 600] [--all]

Every set twice, with emoticons as posted and with them removed. ``--all`` gives Xunke all rows (SnowNLP and cnsenti
always get ``--rows``: they are slow). cnsenti is measured where it is installed (``pip install cnsenti``).

The data are not part of the project (../shared/data beside a checkout, or XUNKE_DATA): the eval parts of SMP2020-EWECT
(Weibo; usual and virus) and every tenth review by its digest. Settings were chosen on these rows, and two numbers of
the calibration fitted; no weight was. SnowNLP was trained on most of the reviews, so it looks too good there.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "training"))
import corpus

from nlp.analyse import feelings_of
from nlp.batch import Batch

Scores = Any
"""One number a text; above one half (cnsenti: above zero) is positive."""
SEED = 20261122


def xunke(texts: Sequence[str]) -> tuple[Scores, list[str]]:
    """Probabilities and labels of our engine."""
    found = [feelings_of(Batch.of(texts[place : place + 1024])) for place in range(0, len(texts), 1024)]
    return np.array([p for one in found for p in one.p]), [label for one in found for label in one.label]


def snownlp(texts: Sequence[str]) -> tuple[Scores, list[str]]:
    """The named baseline."""
    found = feelings_of(Batch.of(texts), engine="snownlp")
    return np.array(found.p), list(found.label)


def cnsenti(texts: Sequence[str]) -> tuple[Scores, list[str]]:
    """A word-list engine: its positive minus its negative weight, pressed into 0..1."""
    from cnsenti import Sentiment  # type: ignore[import-not-found]

    engine = Sentiment()
    counts = [engine.sentiment_calculate(text) for text in texts]
    return np.array([1 / (1 + np.exp(-np.clip(c["pos"] - c["neg"], -30, 30))) for c in counts]), []


ENGINES: dict[str, Callable[[Sequence[str]], tuple[Scores, list[str]]]] = {
    "xunke": xunke,
    "snownlp": snownlp,
    "cnsenti": cnsenti,
}


def macro_f1(truth: Any, said: Any, classes: int) -> float:
    """Mean F1 over the classes."""
    scores = []
    for wanted in range(classes):
        hit = np.sum((truth == wanted) & (said == wanted))
        scores.append(2 * hit / max(1, np.sum(truth == wanted) + np.sum(said == wanted)))
    return float(np.mean(scores))


def auc(truth: Any, p: Any) -> float:
    """Probability that a positive row scores above a negative one, ties half (Mann and Whitney 1947)."""
    from scipy.stats import rankdata

    positive = int(truth.sum())
    total = float(rankdata(p)[truth == 1].sum())
    return (total - positive * (positive + 1) / 2) / (positive * (len(truth) - positive))


def calibration(truth: Any, p: Any, bins: int = 10) -> float:
    """Expected calibration error (Naeini et al. 2015)."""
    places = np.minimum((p * bins).astype(int), bins - 1)
    gaps = [abs(truth[places == b].sum() - p[places == b].sum()) for b in range(bins)]
    return float(sum(gaps) / len(p))


def measure(name: str, engine: str, rows: list[corpus.Row], texts: list[str]) -> None:
    """One line of the table."""
    start = time.process_time()
    p, labels = ENGINES[engine](texts)
    seconds = time.process_time() - start
    truth = np.array([{"neg": 0, "pos": 1}.get(row.label, 2) for row in rows])
    two = truth < 2
    t, q = truth[two], p[two]
    right = np.where(q == 0.5, 0.5, (q > 0.5) == (t == 1))
    parts = [
        f"{name:16} {engine:8} n={len(t):5}",
        f"accuracy {right.mean():.3f}  macro-F1 {macro_f1(t, (q > 0.5).astype(int), 2):.3f}",
        f"AUC {auc(t, q):.3f}  ECE {calibration(t, q):.3f}",
    ]
    if labels:
        sure = np.array([label in ("positive", "negative") for label in labels])[two]
        parts.append(f"when sure {right[sure].mean():.3f} of {sure.mean():.0%}")
    if labels and not two.all():
        said = np.array([{"negative": 0, "positive": 1}.get(label, 2) for label in labels])
        parts.append(f"three classes F1 {macro_f1(truth, said, 3):.3f}")
    print("  ".join([*parts, f"{len(texts) / seconds:8.0f} posts/CPU s"]), flush=True)


def main() -> int:
    """Print the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rows", type=int, default=600, help="rows of each set for the slow engines")
    options.add_argument("--all", action="store_true", help="all rows for our engine")
    given = options.parse_args()
    if not (corpus.folder() / "sentiment_reviews.tsv.gz").is_file():
        print("development data not found; nothing measured", file=sys.stderr)
        return 1
    engines = [name for name in ENGINES if name != "cnsenti" or find_spec("cnsenti")]
    for name in engines:
        ENGINES[name](["热身"])
    held = [row for row in corpus.rows() if row.part == "tune" and row.label in ("neg", "pos", "neu")]
    for source in ("usual", "virus", "review"):
        rows = [row for row in held if row.source == source]
        few = random.Random(SEED).sample(rows, min(given.rows, len(rows)))
        for kind, change in (("", str), (" no emoticons", corpus.without_emoticons)):
            if source == "review" and kind:
                continue
            for engine in engines:
                chosen = rows if engine == "xunke" and given.all else few
                measure(source + kind, engine, chosen, [change(row.text) for row in chosen])
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
