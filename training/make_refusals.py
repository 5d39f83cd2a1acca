"""Train xunke/chat/lexicon/refusals.bin: how much a request reads like one that is refused (``xunke.chat.refusals``).

    python training/make_refusals.py [--folds] [FILE.jsonl|FILE.tsv|FILE.txt …]

Reads requests with gold plans (tests/chat/*.jsonl), lines ``code<TAB>request`` (training/refusals/*.tsv, tests/chat/
safety.jsonl) and innocent requests (training/requests/*.txt), all invented (``fit``). ``--folds``: each file judged
by a model of the others.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path

import numpy as np
from fit import fit

from xunke.chat import refusals
from xunke.chat.loglinear import Model
from xunke.chat.normalize import fold
from xunke.chat.policy import ruled

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "xunke" / "chat" / "lexicon" / "refusals.bin"
CODES = [
    "ok", "mass_contact", "fake_engagement", "private_data", "bypass_controls", "sensitive_profiling", "minors",
    "harassment", "ignore_opt_out", "unsafe_address", "out_of_scope",
]  # fmt: skip

Row = tuple[str, str, tuple[str, ...]]


def read(path: Path) -> list[Row]:
    """(folded request, code, what the rules say) of each line; what is refused only in part counts as refused."""
    rows = []
    for line in path.read_text("utf-8").splitlines():
        if not line.strip() or line.startswith("//"):
            continue
        if path.suffix == ".jsonl":
            record = json.loads(line)
            codes = (
                record["plan"].get("refuse", []) if "plan" in record else [record["refuse"]] if record["refuse"] else []
            )
            code, text = (codes[0] if codes else "ok"), record["text"]
        elif path.suffix == ".tsv":
            code, _, text = line.partition("\t")
        else:
            code, text = "ok", re.sub(r"\[([^\[\]]+)\](?:\{[tioc]\})?", r"\1", line)
        text = fold(text)
        rows.append((text, code, ruled(text).codes))
    return rows


def train(rows: list[Row]) -> Model:
    """The model of these requests."""
    return fit([(refusals.features(text, codes), code) for text, code, codes in rows], CODES)


def main() -> int:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("files", nargs="*", type=Path)
    options.add_argument("--folds", action="store_true")
    options.add_argument("--wrong", type=int, default=0)
    args = options.parse_args()
    tests, own = ROOT / "tests" / "chat", ROOT / "training"
    paths = args.files or sorted(
        [*tests.glob("*.jsonl"), *(own / "refusals").glob("*.tsv"), *(own / "requests").glob("*.txt")]
    )
    sets = {path: read(path) for path in paths}
    if args.folds:
        for path, held in sets.items():
            model = train([row for other, rows in sets.items() if other != path for row in rows])
            judged = [(text, code, refusals.chances(text, codes, model)) for text, code, codes in held]
            bad = [1 - c["ok"] for _, code, c in judged if code != "ok"]
            good = [1 - c["ok"] for _, code, c in judged if code == "ok"]
            right = sum(max(CODES[1:], key=c.__getitem__) == code for _, code, c in judged if code != "ok")
            shares = [
                (
                    t,
                    round(float(np.mean([x > t for x in bad])), 3) if bad else None,
                    round(float(np.mean([x > t for x in good])), 4) if good else None,
                )
                for t in (0.5, 0.7, 0.8, 0.9)
            ]
            print(
                path.name, len(bad), len(good), "code right", right, "| at threshold: caught, innocent refused:", shares
            )
            for text, code, c in sorted(judged, key=lambda j: -(1 - j[2]["ok"]) if j[1] == "ok" else j[2]["ok"] - 2)[
                : args.wrong
            ]:
                print("   ", code, round(1 - c["ok"], 2), text)
        return 0
    model = train([row for rows in sets.values() for row in rows])
    packed = model.packed()
    TARGET.write_bytes(packed)
    sys.stdout.write(f"{len(model.index)} features, {len(packed)} bytes\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
