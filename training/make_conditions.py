"""Write nlp/data/conditions.bin: what :func:`nlp.prefilter.needed` reads from the expressions of the rule tables.

    python training/make_conditions.py [--check]

Reading them anew takes a tenth of a second at every start. An expression that is not in the file (a table was changed)
is read then, so a stale file costs time and nothing else. The file is zlib-packed JSON: {digest of the expression:
its clauses, each a blank-separated string}.
"""

from __future__ import annotations

import argparse
import json
import zlib
from pathlib import Path

from nlp import life_events, needs, prefilter, spam

TARGET = Path(__file__).resolve().parent.parent / "nlp" / "data" / "conditions.bin"


def build() -> bytes:
    """The file's content, not packed."""
    rules = [rule for _, rule in (*needs.rulebook(), *life_events.rulebook())]
    patterns = {pattern for rule in rules for pattern in rule.patterns}
    patterns |= {pattern for sign in spam.rules() for pattern in (*sign.patterns, *sign.beside)}
    found = {
        prefilter.digest(pattern): [" ".join(sorted(clause)) for clause in prefilter.read(pattern)]
        for pattern in sorted(patterns)
    }
    return json.dumps(found, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def main() -> int:
    """Write or check."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--check", action="store_true")
    made = build()
    if options.parse_args().check:
        same = TARGET.is_file() and zlib.decompress(TARGET.read_bytes()) == made
        print("same" if same else "differs")
        return not same
    TARGET.write_bytes(zlib.compress(made, 9))
    print(TARGET.name, TARGET.stat().st_size, "bytes")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
