"""Advertising and promotion in posts: precision, recall, false positives on ordinary texts, speed.

    python benchmarks/nlp_spam.py [--data FOLDER] [--show]

Rows are named by file and number in benchmarks/labels/promo.tsv (the texts stay in the data folder, ../shared/data
beside a checkout). Parts: ``tune`` and ``unseen`` were drawn at random and labelled before anything was scored, but by
the author of the rules, who had read both; ``fresh``, ``final`` and ``last`` were drawn and labelled one after
another, each after the rules had been frozen. The figures of the first scoring are the honest ones and stand in
docs/authenticity.md; what is printed here is how the rules of today do on all of them. ``dev`` is the promo column of
weibo_interest_intent_dev.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import random
import time
from collections import Counter
from functools import cache
from pathlib import Path

from nlp.neardup import groups
from nlp.spam import THRESHOLD, spam

LABELS = Path(__file__).parent / "labels" / "promo.tsv"
SEED = 20261122


@cache
def rows(path: Path) -> list[dict[str, str]]:
    """The rows of one data file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        head = next(lines).rstrip("\n").split("\t")
        return [dict(zip(head, line.rstrip("\n").split("\t"), strict=False)) for line in lines]


def labelled(data: Path) -> dict[str, list[tuple[str, bool]]]:
    """{part and stratum: (text, whether it promotes)}."""
    out: dict[str, list[tuple[str, bool]]] = {}
    for line in LABELS.read_text("utf-8").splitlines()[1:]:
        row, digest, stratum, part, promo = line.split("\t")
        name, number = row.split(":")
        text = rows(data / f"{name}.tsv.gz")[int(number) - 1]["text"]
        if hashlib.sha256(text.encode()).hexdigest()[:12] != digest:
            raise SystemExit(f"{row} is another text than the one that was labelled")
        out.setdefault(f"{part}, {stratum}", []).append((text, promo == "1"))
    dev = rows(data / "weibo_interest_intent_dev.tsv.gz")
    out["dev"] = [(row["text"], row["promo"] == "1") for row in dev]
    return out


def report(name: str, items: list[tuple[str, bool]], *, show: bool) -> None:
    """One line of the table."""
    called = [spam(text).p >= THRESHOLD for text, _ in items]
    right = sum(c and t for c, (_, t) in zip(called, items, strict=True))
    true = sum(t for _, t in items)
    precision, recall = right / max(1, sum(called)), right / max(1, true)
    print(f"{name:18} n {len(items):4} promo {true:3}  P {precision:.2f}  R {recall:.2f}  wrong {sum(called) - right}")
    if show:
        for c, (text, t) in zip(called, items, strict=True):
            if c != t:
                print("   ", "wrong " if c else "missed", text[:90])


def main() -> None:
    """Print everything."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared" / "data")
    parser.add_argument("--show", action="store_true")
    args = parser.parse_args()
    for name, items in labelled(args.data).items():
        report(name, items, show=args.show)
    r = random.Random(SEED)
    reviews = [row["text"] for row in rows(args.data / "sentiment_reviews.tsv.gz")]
    weibo = rows(args.data / "sentiment_weibo_smp2020.tsv.gz")
    posts = [row["text"] for row in weibo if row["part"].startswith("usual") and row["label3"] != "neu"]
    for name, texts in (("reviews", r.sample(reviews, 4000)), ("weibo usual, with a feeling", r.sample(posts, 4000))):
        found = [spam(text) for text in texts]
        called = [f for f in found if f.p >= THRESHOLD]
        why = Counter(f.reasons[0] for f in called).most_common(5)
        print(f"{name}: {len(called) / len(texts):.2%} called spam {dict(why)}")
    texts = [row["text"] for row in weibo[:10_000]]
    start = time.process_time()
    for text in texts:
        spam(text)
    print(f"rules: {len(texts) / (time.process_time() - start):.0f} posts a CPU second")
    everything = [row["text"] for row in weibo]
    start = time.process_time()
    found_groups = groups(everything, range(len(everything)))
    seconds = time.process_time() - start
    print(f"near-duplicates: {len(everything)} posts in {seconds:.1f} CPU s, {len(found_groups)} groups")


if __name__ == "__main__":
    main()
