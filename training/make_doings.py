"""Train xunke/chat/lexicon/doings.bin: what a sentence wants done with people who were found (``xunke.chat.works``).

    python training/make_doings.py [--folds]

Reads templates (training/doing/*.txt), sentences ``do[:op]<TAB>sentence`` (training/doing/*.tsv), those of
tests/chat/doing*.toml, and ordinary requests (tests/chat/*.jsonl, training/requests, actions, refusals), all invented.
``--folds``: the sentences of each file judged by a model of the others, and the ordinary requests by fifths.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
import tomllib
from collections import Counter
from pathlib import Path

import msgspec
import templates
from fit import smooth

from xunke.chat import works
from xunke.chat.loglinear import Model
from xunke.chat.normalize import fold

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "xunke" / "chat" / "lexicon" / "doings.bin"
MARKS = ("LISTNAME", "SEGNAME", "CAMPNAME", "TRIALNAME")
"""What stands for a name in training/doing/*.tsv, by ``works.KINDS``."""
EACH = 20
"""Sentences of a template."""
L2, STEPS = 1e-7, 90
SAID = 3
"""A sentence that somebody wrote weighs as much as so many that a template gave."""
LEAST, OFTEN = 3, 8
"""How often a feature stands in sentences of ours, or else in ordinary requests, to be learned."""
_SMALL = range(128 - 3, 128 + 4)
"""Weights (plus 128) that are taken for none: the file is half as large."""

Row = tuple[str, str]


def named(text: str) -> str:
    """A folded template: the marks for names are no text, and a fold takes them away."""
    for at, (kind, mark) in enumerate(zip(works.KINDS, MARKS, strict=True)):
        text = text.replace(chr(works.MARK + at), f"some{kind}").replace(mark, f"some{kind}")
    return works.masked(fold(text), {f"some{kind}": kind for kind in works.KINDS})


def said() -> dict[str, list[Row]]:
    """(sentence, code) of each source of work sentences."""
    parts: dict[str, str] = {}
    found: dict[str, list[Row]] = {}
    for path in sorted((ROOT / "training" / "doing").glob("*.txt")):
        found[path.name] = [(named(text), code) for code, text in templates.read(path, each=EACH, parts=parts)]
    for path in sorted((ROOT / "training" / "doing").glob("*.tsv")):
        lines = (line.partition("\t") for line in path.read_text("utf-8").splitlines() if line)
        found[path.name] = [(named(text), code) for code, _, text in lines] * SAID
    table = tomllib.loads((ROOT / "tests" / "chat" / "doing.toml").read_text("utf-8"))
    found["doing.toml"] = [
        (works.masked(fold(text)), works.code(case["expect"]))
        for case in table["case"] if case["expect"]["action"] == "work" for text in case["say"]
    ]  # fmt: skip
    more = tomllib.loads((ROOT / "tests" / "chat" / "doing2.toml").read_text("utf-8"))
    found["doing2.toml"] = [
        (works.masked(fold(text)), works.code({"do": do, "op": op, **slots}))
        for rows in more.values() for text, do, op, slots in rows
        if do in works.DOES
    ]  # fmt: skip
    return found


def ordinary() -> list[Row]:
    """Requests that are none of these."""
    texts: list[str] = []
    for path in sorted((ROOT / "tests" / "chat").glob("*.jsonl")):
        texts += [json.loads(line)["text"] for line in path.read_text("utf-8").splitlines() if line]
    table = tomllib.loads((ROOT / "tests" / "chat" / "doing.toml").read_text("utf-8"))
    texts += [text for key in ("ordinary", "refused") for part in table[key] for text in part["say"]]
    for path in sorted((ROOT / "training").glob("*/*")):
        lines = [line for line in path.read_text("utf-8").splitlines() if line.strip() and not line.startswith("//")]
        if path.parent.name in ("actions", "refusals") and path.suffix == ".tsv":
            texts += [line.partition("\t")[2] for line in lines]
        elif path.parent.name == "requests":
            texts += [re.sub(r"\[([^\[\]]+)\](?:\{[tioc]\})?", r"\1", line) for line in lines]
    return [(works.masked(fold(text)), works.OTHER) for text in dict.fromkeys(texts)]


def train(rows: list[Row]) -> Model:
    """The model of these sentences."""
    seen: dict[bool, Counter[str]] = {True: Counter(), False: Counter()}
    for text, code in rows:
        seen[code == works.OTHER].update(works.features(text))
    kept = {found for found in seen[True] | seen[False] if seen[False][found] >= LEAST or seen[True][found] >= OFTEN}
    inputs = [(sorted(works.features(text) & kept), code) for text, code in rows]
    fitted = smooth(inputs, sorted({code for _, code in rows}), l2=L2, steps=STEPS)
    table = bytes(0 if weight + 128 & 0xFF in _SMALL else weight for weight in fitted.table)
    return msgspec.structs.replace(fitted, table=table)


def judged(name: str, model: Model, held: list[Row]) -> None:
    right = wrong = 0
    for text, code in held:
        found = works.kind(text, model)
        right += found is not None and found == code
        wrong += found is not None and found != code
    print(f"{name}: {len(held)} sentences, read {right}, read wrongly {wrong}")


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--folds", action="store_true")
    sets, others = said(), ordinary()
    if options.parse_args().folds:
        for name in sets:
            if not name.endswith(".txt"):
                kept = [row for other, rows in sets.items() if other != name for row in rows]
                judged(name, train(kept + others), list(dict.fromkeys(sets[name])))
        done = [row for rows in sets.values() for row in rows]
        for n in range(5):
            judged(f"ordinary {n}", train(done + [r for i, r in enumerate(others) if i % 5 != n]), others[n::5])
        return 0
    model = train([row for rows in sets.values() for row in rows] + others)
    TARGET.write_bytes(model.packed())
    sys.stdout.write(f"{len(model.index)} features, {len(model.codes)} codes, {TARGET.stat().st_size} bytes\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
