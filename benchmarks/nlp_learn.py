"""What learning from a user's labels is worth: ``python benchmarks/nlp_learn.py DATA_FOLDER``.

DATA_FOLDER holds the labelled development files (see docs/accuracy.md for where they come from). A user is played who
labels 20, 50 or 200 posts of a field that the shipped model does not know well; told is the accuracy on posts that
nobody labelled, before and after, what cross-validation promised, and the seconds of learning. Two kinds of users:
``any`` labels posts at random, ``errors`` only posts that the shipped model got wrong. The last part trains a
category of the user's own from a few yes-labels.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import random
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import mean

from nlp import ngrams
from nlp.analyse import analyse_many
from nlp.learn import Fit, corrected, learn, logit

SIZES = (20, 50, 200)
SEEDS = 5
ANCHORS = 400


def read(folder: Path, name: str) -> list[dict[str, str]]:
    with gzip.open(folder / f"{name}.tsv.gz", "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE, escapechar="\\"))


def reviews(folder: Path, number: int = 2000) -> tuple[list[str], list[int]]:
    """A new field for a model made without it (``training/student.py --without review --out FILE``)."""
    rows = random.Random(1).sample(read(folder, "sentiment_reviews"), number)
    return [row["text"] for row in rows], [int(row["label"]) for row in rows]


def domains(folder: Path) -> dict[str, tuple[list[str], list[int]]]:
    """Fields that the shipped model was not trained on (it was on the other parts and on all reviews)."""
    smp = read(folder, "sentiment_weibo_smp2020")
    out: dict[str, tuple[list[str], list[int]]] = {}
    for part in ("virus_eval", "usual_eval"):
        rows = [r for r in smp if r["part"] == part and r["label3"] in ("pos", "neg")]
        out[f"smp {part}"] = ([r["text"] for r in rows], [int(r["label3"] == "pos") for r in rows])
    return out


def accuracy(odds: Sequence[float], labels: Sequence[int]) -> float:
    return mean(float(bool(o > 0) == bool(y)) for o, y in zip(odds, labels, strict=True))


def play(texts: list[str], labels: list[int], odds: list[float], size: int, user: str, seed: int) -> list[float]:
    order = random.Random(seed).sample(range(len(texts)), len(texts))
    half = order[: len(order) // 2]  # what the user sees; the rest is never shown to the model
    unseen = order[len(order) // 2 :]
    pool = [i for i in half if user == "any" or (odds[i] > 0) != bool(labels[i])]
    chosen, free = pool[:size], [i for i in half if i not in set(pool[:size])][:ANCHORS]
    started = time.perf_counter()
    fit: Fit = learn(
        "sentiment", "", "base", [texts[i] for i in chosen], [labels[i] for i in chosen], [odds[i] for i in chosen],
        anchors=[texts[i] for i in free], anchor_odds=[odds[i] for i in free],
    )  # fmt: skip
    seconds = time.perf_counter() - started
    before = accuracy([odds[i] for i in unseen], [labels[i] for i in unseen])
    if fit.delta is None:
        return [len(chosen), before, before, 0.0, 0.0, seconds, 0.0]
    new = corrected(fit.delta, [texts[i] for i in unseen], [odds[i] for i in unseen]).tolist()
    after = accuracy(new, [labels[i] for i in unseen])
    report = fit.report
    adopted = report.verdict == "better"
    return [len(chosen), before, after, report.before or 0, report.after or 0, seconds, float(adopted)]


def category(folder: Path, name: str, yes: int, no: int, seed: int) -> list[float]:
    """A category that nobody shipped: titles said to be in it, some said not to; the rest has no label."""
    rows = read(folder, "topics_thucnews_titles")
    rows = random.Random(seed).sample(rows, 4000)
    texts, inside = [r["text"] for r in rows], [r["category"] == name for r in rows]
    seen, unseen = range(2000), range(2000, 4000)
    chosen = [i for i in seen if inside[i]][:yes] + [i for i in seen if not inside[i]][:no]
    free = [i for i in seen if i not in set(chosen)][:ANCHORS]
    odds = logit(0.1)
    started = time.perf_counter()
    fit = learn(
        "interest", name, "base", [texts[i] for i in chosen], [float(inside[i]) for i in chosen], [odds] * len(chosen),
        anchors=[texts[i] for i in free], anchor_odds=[odds] * len(free),
    )  # fmt: skip
    seconds = time.perf_counter() - started
    if fit.delta is None:
        return [0, 0, 0, seconds]
    said = corrected(fit.delta, [texts[i] for i in unseen], [odds] * len(unseen)) > 0
    hits = sum(1 for i, s in zip(unseen, said, strict=True) if s and inside[i])
    precision, recall = hits / max(1, int(said.sum())), hits / sum(inside[i] for i in unseen)
    return [precision, recall, 2 * precision * recall / max(1e-9, precision + recall), seconds]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--new-field", type=Path, metavar="MODEL", help="reviews, for a model made without them")
    given = parser.parse_args()
    folder = given.folder
    fields = domains(folder)
    if given.new_field:
        model = ngrams.unpacked(given.new_field.read_bytes())
        ngrams.model = lambda: model  # type: ignore[assignment]
        fields = {"reviews, new to the model": reviews(folder)}
    print("| field | user | labels | before, unseen | after, unseen | promised | adopted | seconds |")
    print("|---|---|---:|---:|---:|---:|---:|---:|")
    for name, (texts, labels) in fields.items():
        odds = [logit(found.sentiment) for found in analyse_many(texts)]
        for user in ("any", "errors"):
            for size in SIZES:
                runs = [play(texts, labels, odds, size, user, seed) for seed in range(SEEDS)]
                n, before, after, _, promised, seconds, adopted = (mean(column) for column in zip(*runs, strict=True))
                print(
                    f"| {name} | {user} | {n:.0f} | {before:.1%} | {after:.1%} | {promised:.1%} | {adopted:.0%} "
                    f"| {seconds:.2f} |"
                )
    if given.new_field:
        return
    print("\n| own category | yes + no labels | precision | recall | F1 | seconds |")
    print("|---|---:|---:|---:|---:|---:|")
    for name in ("game", "realty", "sports", "education"):
        for yes, no in ((10, 0), (10, 10), (25, 0), (25, 25), (100, 100)):
            runs = [category(folder, name, yes, no, seed) for seed in range(3)]
            precision, recall, f1, seconds = (mean(column) for column in zip(*runs, strict=True))
            print(f"| {name} | {yes} + {no} | {precision:.2f} | {recall:.2f} | {f1:.2f} | {seconds:.2f} |")


if __name__ == "__main__":
    main()
