"""Train xunke/chat/lexicon/subject.bin: which free words of a request are its subject (``xunke.chat.subject``).

    python training/make_subject.py [--folds] [FILE.jsonl|FILE.txt …]

Reads requests with gold plans (tests/chat/*.jsonl) and requests with marked words (training/requests/*.txt:
``找60个西安做[汉服]的博主``; ``[喜好]{i}`` an interest, ``{o}`` an occupation, ``{c}`` what is compared), all invented.
``--folds`` trains on all files but one and prints how many requests of that one come out with exactly the right words.
The model is an averaged perceptron over BIO labels (M. Collins, EMNLP 2002); same input, same bytes.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import sys
import unicodedata
import zlib
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from xunke.chat import planner, subject
from xunke.chat.normalize import fold
from xunke.chat.subject import LABELS, Unit

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "xunke" / "chat" / "lexicon" / "subject.bin"
SLOTS = {"topics": "topic", "interests": "interest", "occupation": "occupation", "items": "item"}
MARKS = {"t": "topic", "i": "interest", "o": "occupation", "c": "item"}
TODAY = date(2026, 11, 22)
EPOCHS = 12
LEAST = 2


@dataclass(frozen=True, slots=True)
class Example:
    """One request: what the model sees and the labels it should give."""

    text: str
    row: list[Unit]
    features: list[list[str]]
    labels: list[int]
    joints: list[int]


def plain(text: str) -> str:
    """``text`` as words are compared: folded, without blanks."""
    return re.sub(r"[\s『』\"]+", "", unicodedata.normalize("NFKC", text).casefold())


def example(text: str, today: date, words: list[tuple[str, str]], must: bool) -> Example | None:
    """The labelled request, or None if a word does not stand in it on its own (``must``) or at all."""
    doc, people = planner.marked(fold(text), today)
    row = subject.units(doc)
    labels = ["O"] * len(row)
    for word, kind in sorted(words, key=lambda w: -len(w[0])):
        place = find(row, plain(fold(word)), labels)
        if place is None:
            raw = plain("".join(t.raw for t in doc.tokens.values() if t.kind == "X"))
            if must and plain(fold(word)) not in raw:
                return None
            continue
        first, behind = place
        labels[first:behind] = ["B" + kind] + ["I" + kind] * (behind - first - 1)
    return Example(
        text, row, subject.features(row, people), [LABELS.index(label) for label in labels], subject.joints(row)
    )


def find(row: list[Unit], word: str, labels: list[str]) -> tuple[int, int] | None:
    """Where ``word`` stands in whole units that have no label yet."""
    for first in range(len(row)):
        said = ""
        for behind in range(first, len(row)):
            if labels[behind] != "O":
                break
            said += plain(row[behind].plain)
            if said == word:
                return first, behind + 1
            if not word.startswith(said):
                break
    return None


def of_plans(path: Path) -> list[Example]:
    """Requests with gold plans."""
    out = []
    for line in path.read_text("utf-8").splitlines():
        record: dict[str, Any] = json.loads(line)
        plan = record.get("plan") or {}
        if plan.get("outcome") != "run" or any(s["action"] in ("ab_test", "connect", "help") for s in plan["steps"]):
            continue
        words = [
            (word, kind)
            for step in plan["steps"]
            for slot, kind in SLOTS.items()
            for word in step.get(slot, ())
            if slot != "items" or step.get("dimension", "brand") in ("brand", "tag", "topic")
        ]
        words = list(dict.fromkeys(words))
        found = example(record["text"], date.fromisoformat(record["today"]), words, not record.get("prev"))
        if found:
            out.append(found)
    return out


_MARK = re.compile(r"\[([^\[\]]+)\](?:\{([tioc])\})?")


def of_marks(path: Path) -> list[Example]:
    """Requests with marked words."""
    out = []
    for line in path.read_text("utf-8").splitlines():
        if not line.strip() or line.startswith("//"):
            continue
        words = [(m[1], MARKS[m[2] or "t"]) for m in _MARK.finditer(line)]
        found = example(_MARK.sub(r"\1", line), TODAY, words, must=True)
        if found:
            out.append(found)
    return out


def read(path: Path) -> list[Example]:
    return of_plans(path) if path.suffix == ".jsonl" else of_marks(path)


Model = tuple[dict[str, list[float]], list[list[list[float]]]]


def score(example: Example, model: Model) -> list[int]:
    weights, step = model
    zero = [0.0] * len(LABELS)
    rows = []
    for found in example.features:
        hits = [w for f in found if (w := weights.get(f)) is not None]
        rows.append([sum(column) for column in zip(*hits, strict=True)] if hits else zero)
    return subject.best(rows, step, example.joints)


def train(examples: list[Example], seed: int = 0) -> Model:
    """Averaged perceptron; ``seed`` orders the examples."""
    n = len(LABELS)
    counts = Counter(f for e in examples for found in e.features for f in found)
    known = {f for f, count in counts.items() if count >= LEAST}
    weights: dict[str, list[float]] = defaultdict(lambda: [0.0] * n)
    total: dict[str, list[float]] = defaultdict(lambda: [0.0] * n)
    step = [[[0.0] * n for _ in range(n)] for _ in range(3)]
    step_total = [[[0.0] * n for _ in range(n)] for _ in range(3)]
    rng = random.Random(seed)
    order = list(range(len(examples)))
    clock = 1
    for _ in range(EPOCHS):
        rng.shuffle(order)
        for index in order:
            one = examples[index]
            found = score(one, (weights, step))
            if found != one.labels:
                before_gold = before_found = -1
                for features, gold, label, joint in zip(one.features, one.labels, found, one.joints, strict=True):
                    if gold != label:
                        for f in features:
                            if f in known:
                                w, t = weights[f], total[f]
                                w[gold] += 1
                                w[label] -= 1
                                t[gold] += clock
                                t[label] -= clock
                    if before_gold >= 0 and (before_gold, gold) != (before_found, label):
                        step[joint][before_gold][gold] += 1
                        step_total[joint][before_gold][gold] += clock
                        step[joint][before_found][label] -= 1
                        step_total[joint][before_found][label] -= clock
                    before_gold, before_found = gold, label
            clock += 1
    mean = {f: [w - t / clock for w, t in zip(weights[f], total[f], strict=True)] for f in weights}
    mean_step = [
        [[w - t / clock for w, t in zip(a, b, strict=True)] for a, b in zip(m, t_, strict=True)]
        for m, t_ in zip(step, step_total, strict=True)
    ]
    return mean, mean_step


def small(model: Model) -> dict[str, Any]:
    """The model in whole numbers, without what hardly counts."""
    weights, step = model
    kept = {f: [round(x * 10) for x in w] for f, w in sorted(weights.items())}
    kept = {f: w for f, w in kept.items() if max(map(abs, w)) >= 2}
    return {"features": kept, "next": [[[round(x * 10) for x in row] for row in m] for m in step]}


def exact(examples: list[Example], model: Model) -> float:
    return sum(score(e, model) == e.labels for e in examples) / max(1, len(examples))


def words(example: Example, labels: list[int]) -> list[str]:
    """The words that ``labels`` mark, each with its kind."""
    marked = subject.spans([LABELS[label] for label in labels])
    return ["".join(u.plain for u in example.row[first:behind]) + "/" + kind for first, behind, kind in marked]


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("files", nargs="*", type=Path)
    options.add_argument("--folds", action="store_true")
    options.add_argument("--wrong", type=int, default=0)
    args = options.parse_args()
    paths = args.files or [
        *sorted((ROOT / "tests" / "chat").glob("*.jsonl")),
        *sorted((ROOT / "training" / "requests").glob("*.txt")),
    ]
    sets = {path: read(path) for path in paths if path.name != "safety.jsonl"}
    for path, found in sets.items():
        sys.stderr.write(f"{path.name}: {len(found)} requests\n")
    if args.folds:
        for path, held in sets.items():
            model = train([e for other, found in sets.items() if other != path for e in found])
            print(f"{path.name}: {exact(held, model):.3f} of {len(held)}")
            for one in [e for e in held if score(e, model) != e.labels][: args.wrong]:
                print("  ", one.text, "| want", words(one, one.labels), "| got", words(one, score(one, model)))
        return 0
    model = small(train([e for found in sets.values() for e in found]))
    packed = zlib.compress(json.dumps(model, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode(), 9)
    TARGET.write_bytes(packed)
    every = [e for found in sets.values() for e in found]
    right = exact(every, (model["features"], model["next"]))
    print(f"{len(model['features'])} features, {len(packed)} bytes; exact on its own examples: {right:.3f}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
