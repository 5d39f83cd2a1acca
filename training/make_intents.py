"""Train xunke/chat/lexicon/intents.bin: the first action of a request (``xunke.chat.intents``).

    python training/make_intents.py [--folds] [FILE.jsonl|FILE.tsv …]

Reads requests with gold plans (tests/chat/*.jsonl; what follows a turn before only where it has a kind of its own) and
lines ``action[:op]<TAB>request`` (training/actions/*.tsv), all invented.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from fit import fit

from xunke.chat import loglinear
from xunke.chat.loglinear import Model
from xunke.chat.normalize import fold

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "xunke" / "chat" / "lexicon" / "intents.bin"
ASKED = {"variants": "ab_test:design", "scope": "erase"}
OWN = frozenset({"undo", "help", "jobs", "suppress", "ab_test", "erase", "connect"})
OTHER = "other"
"""Changes of the turn before, and what is asked back."""

Row = tuple[str, str]


def read(path: Path) -> list[Row]:
    """(folded request, first action) of each line."""
    rows = []
    for line in path.read_text("utf-8").splitlines():
        if path.suffix == ".tsv":
            code, _, text = line.partition("\t")
            if text:
                rows.append((fold(text), code))
            continue
        record = json.loads(line)
        plan = record.get("plan")
        if not plan or plan["outcome"] == "refuse":
            continue
        if plan["outcome"] == "clarify":
            rows.append((fold(record["text"]), ASKED.get(plan["clarify"][0], OTHER)))
            continue
        first = plan["steps"][0]
        code = first["action"] + (f":{first['op']}" if "op" in first else "")
        rows.append((fold(record["text"]), OTHER if record.get("prev") and first["action"] not in OWN else code))
    return rows


def train(rows: list[Row]) -> Model:
    """The model of these requests."""
    return fit([(sorted(loglinear.features(text)), code) for text, code in rows], sorted({code for _, code in rows}))


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("files", nargs="*", type=Path)
    options.add_argument("--folds", action="store_true")
    args = options.parse_args()
    skipped = ("safety.jsonl", "questions.jsonl")
    own = [p for p in sorted((ROOT / "tests" / "chat").glob("*.jsonl")) if p.name not in skipped]
    sets = {p: read(p) for p in args.files or [*own, *sorted((ROOT / "training" / "actions").glob("*.tsv"))]}
    if args.folds:
        for path, held in sets.items():
            model = train([row for other, rows in sets.items() if other != path for row in rows])
            told = [
                (code, max(c.items(), key=lambda kv: kv[1]))
                for text, code in held
                for c in [model.chances(loglinear.features(text))]
            ]
            sure = [(code, best) for code, (best, chance) in told if chance >= 0.6]
            right = sum(code == best for code, best in sure)
            wrong = sum(code != best and best.partition(":")[0] in OWN for code, best in sure)
            print(
                f"{path.name}: {len(held)} requests, sure of {len(sure)}, right {right}, wrongly of an own kind {wrong}"
            )
        return 0
    model = train([row for rows in sets.values() for row in rows])
    TARGET.write_bytes(model.packed())
    sys.stdout.write(f"{len(model.index)} features, {TARGET.stat().st_size} bytes\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
