"""Needs against posts labelled by hand, and what reading them costs.

    python benchmarks/nlp_needs.py [--data FOLDER] [--errors seek|want|pain|recommend|promo --set dev|tune]

``dev`` is ../shared/data/weibo_interest_intent_dev.tsv.gz, the other sets are rows of SMP2020-EWECT that
benchmarks/labels/needs.tsv names by the start of their SHA-1; all were labelled by reading before the rules ran on
them. ``dev``, ``tune``: the rules were made with their errors in sight. ``unseen``: errors never looked at. ``last``,
``final``, ``check``: looked at once, after the figures of docs/needs.md were taken, to mend what was wrong.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import hashlib
import time
from collections.abc import Iterator
from pathlib import Path

from nlp.life_events import events
from nlp.needs import LABELS, needs
from nlp.segment import own_words

HERE = Path(__file__).resolve()
Row = tuple[str, frozenset[str]]  # text, labels


def rows(path: Path) -> Iterator[dict[str, str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        names = next(file).rstrip("\n").split("\t")
        for line in file:
            yield dict(zip(names, line.rstrip("\n").split("\t"), strict=True))


def labels(row: dict[str, str]) -> frozenset[str]:
    return frozenset(name for name in LABELS if row[name] == "1")


def load(data: Path) -> dict[str, list[Row]]:
    """Labelled posts by the name of their set."""
    sets: dict[str, list[Row]] = {
        "dev": [(row["text"], labels(row)) for row in rows(data / "weibo_interest_intent_dev.tsv.gz")]
    }
    texts = {
        hashlib.sha1(row["text"].encode(), usedforsecurity=False).hexdigest()[:12]: row["text"]
        for row in rows(data / "sentiment_weibo_smp2020.tsv.gz")
    }
    with (HERE.parent / "labels" / "needs.tsv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            sets.setdefault(row["half"], []).append((texts[row["sha1"]], labels(row)))
    return sets


def found(text: str) -> set[str]:
    """The labels that the rules give a post."""
    names = {need.name for need in needs(own_words(text))}
    return {label for label, group in LABELS.items() if names & set(group)}


def report(name: str, posts: list[Row]) -> None:
    guesses = [found(text) for text, _ in posts]
    for label in LABELS:
        right = sum(label in guess and label in truth for guess, (_, truth) in zip(guesses, posts, strict=True))
        said, true = sum(label in guess for guess in guesses), sum(label in truth for _, truth in posts)
        precision, recall = right / said if said else 0.0, right / true if true else 0.0
        f1 = 2 * precision * recall / (precision + recall) if right else 0.0
        print(f"{name:8}{label:11}{true:5}{said:6}{right:6}{precision:11.2f}{recall:8.2f}{f1:6.2f}")


def speed(posts: list[str]) -> None:
    needs(posts[0])
    events(posts[0])
    started = time.process_time()
    for post in posts:
        needs(post)
        events(post)
    spent = (time.process_time() - started) / len(posts)
    print(f"\nneeds and life events: {spent * 1e6:.0f} µs of CPU a post ({1 / spent:,.0f} posts/s), one core")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=HERE.parents[2] / "shared" / "data")
    parser.add_argument("--errors", choices=LABELS)
    parser.add_argument("--set", default="dev", help="set whose errors are shown")
    options = parser.parse_args()
    sets = load(options.data)
    if options.errors:
        for text, truth in sets[options.set]:
            if (options.errors in found(text)) != (options.errors in truth):
                print("missed" if options.errors in truth else "wrong", text, sep="\t")
        return
    print("set     label       true  said right  precision  recall    F1")
    for name, posts in sets.items():
        report(name, posts)
    speed([own_words(row["text"]) for row in rows(options.data / "sentiment_weibo_smp2020.tsv.gz")][:5000])


if __name__ == "__main__":
    main()
