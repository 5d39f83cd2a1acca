"""Precision and recall of stated facts on the invented, labelled profiles of benchmarks/labels/persona.tsv.

    python benchmarks/nlp_persona.py [--show] [--data FOLDER]

Lines with an even number (from 0) were looked at while the rules were written, the odd ones were not; the author of
the rules wrote both halves, so both look better than strangers' profiles. With ``--data`` (../shared/data) the facts
found in real posts of SMP2020 are counted, as a check of how often the rules speak at all.
"""

from __future__ import annotations

import argparse
import gzip
import time
from collections import Counter
from pathlib import Path

from nlp.persona import post_facts, stated_facts
from nlp.places import normalize_place

LABELS = Path(__file__).parent / "labels" / "persona.tsv"
YEAR = 2026
DECADES = {
    "90后": "25-34", "95后": "25-34", "00后": "18-24", "05后": "18-24", "80后": "35-44", "85后": "35-44",
    "70后": "45-54", "75后": "45-54", "60后": "55-64", "65后": "55-64",
}  # fmt: skip
Pair = tuple[str, str]


def labelled() -> list[tuple[str, str, set[Pair]]]:
    """(bio | tag | post, text, facts)."""
    out = []
    for line in LABELS.read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            kind, text, facts = line.split("\t")
            said = () if facts.strip() == "-" else facts.split()
            out.append((kind, text, {("minor", "true") if f == "minor" else _pair(f) for f in said}))
    return out


def _pair(text: str) -> Pair:
    name, _, value = text.partition("=")
    return name, value


def found_in(kind: str, text: str) -> set[Pair]:
    """What the rules find, in the form of the labels: ages as bands, places by city or province."""
    bio, tags, post = {"bio": (text, (), None), "tag": (None, (text,), None), "post": (None, (), text)}[kind]
    out: set[Pair] = set()
    for fact in stated_facts(bio, tags, post, year=YEAR):
        value: str | None = DECADES.get(fact.value, fact.value) if fact.fact == "age" else fact.value
        if fact.fact == "region":
            place = normalize_place(fact.value)
            value = place and (place.city or place.province)
        if value:
            out.add((fact.fact, value))
    return out


def score(part: int, *, show: bool = False) -> dict[str, tuple[int, int, int]]:
    """{fact: (right, wrong, missed)} on one half."""
    right: Counter[str] = Counter()
    wrong: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for kind, text, truth in labelled()[part::2]:
        found = found_in(kind, text)
        right.update(name for name, _ in found & truth)
        wrong.update(name for name, _ in found - truth)
        missed.update(name for name, _ in truth - found)
        if show and found != truth:
            print(f"  {kind} {text} | wrong {sorted(found - truth)} | missed {sorted(truth - found)}")
    return {name: (right[name], wrong[name], missed[name]) for name in sorted({*right, *wrong, *missed})}


def overall(counts: dict[str, tuple[int, int, int]]) -> tuple[float, float]:
    """Precision and recall over all facts."""
    right, wrong, missed = (sum(c[i] for c in counts.values()) for i in range(3))
    return right / max(1, right + wrong), right / max(1, right + missed)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--show", action="store_true", help="print what differs from the labels (seen half)")
    parser.add_argument("--data", type=Path, default=Path(__file__).parents[2] / "shared" / "data")
    args = parser.parse_args()
    for part, name in ((0, "seen half"), (1, "unseen half")):
        counts = score(part, show=args.show and part == 0)
        for fact, (right, wrong, missed) in counts.items():
            p, r = right / max(1, right + wrong), right / max(1, right + missed)
            print(f"{name:12} {fact:11} P {p:.2f}  R {r:.2f}  n {right + missed}")
        precision, recall = overall(counts)
        print(f"{name:12} {'all':11} P {precision:.3f} R {recall:.3f}")
    file = args.data / "sentiment_weibo_smp2020.tsv.gz"
    if file.exists():
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            texts = [line.rstrip("\n").split("\t")[3] for line in list(lines)[1:]]
        start = time.process_time()
        facts = [fact.fact for text in texts for fact in post_facts(text, 2020)]
        seconds = time.process_time() - start
        print(f"real posts: {len(texts)} at {len(texts) / seconds:.0f}/s, facts {dict(Counter(facts))}")


if __name__ == "__main__":
    main()
