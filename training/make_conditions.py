"""Write what regular expressions need before they can match, as :mod:`nlp.prefilter` reads it from them.

    python training/make_conditions.py [--check]

nlp/data/conditions.bin: of the rule tables of ``nlp``, zlib-packed JSON: {digest of the expression: its clauses, each a
blank-separated string}. Reading them anew takes a tenth of a second at every start; an expression that is not in the
file (a table was changed) is read then.

xunke/chat/lexicon/conditions.bin: of the rules of the chat that the sentences of tests/chat reach, zlib-packed lines
(see ``xunke.chat.rules``). A rule that is not in the file runs on every text.

xunke/chat/lexicon/tables.bin: the TOML tables beside it as zlib-packed JSON, {name and sum: table}; one that was edited
since is read from its TOML. xunke/i18n/catalogue.bin: the same of the message catalogue.

So a stale file costs time and nothing else.
"""

from __future__ import annotations

import argparse
import json
import tomllib
import zlib
from collections.abc import Callable
from datetime import date
from pathlib import Path

from nlp import life_events, needs, prefilter, spam
from xunke import i18n
from xunke.chat import lexicon, questions, rules, tokens, understand

ROOT = Path(__file__).resolve().parent.parent
COMMON = 1.0
"""A request is short and a rule dear: every second clause is worth looking for."""


def of_posts() -> bytes:
    """The file of ``nlp``."""
    tables = [rule for _, rule in (*needs.rulebook(), *life_events.rulebook())]
    patterns = {pattern for rule in tables for pattern in rule.patterns}
    patterns |= {pattern for sign in spam.rules() for pattern in (*sign.patterns, *sign.beside)}
    found = {
        prefilter.digest(pattern): [" ".join(sorted(clause)) for clause in prefilter.read(pattern)]
        for pattern in sorted(patterns)
    }
    made = json.dumps(found, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
    return zlib.compress(made, 9)


def of_requests() -> bytes:
    """The file of the chat."""
    for path in sorted((ROOT / "tests" / "chat").glob("*.jsonl")):
        for line in path.read_text("utf-8").splitlines():
            understand(json.loads(line)["text"], today=date(2026, 11, 22))
    for table in ("questions", "doing", "doing_more"):
        for row in lexicon.table(table)["rule"]:
            for pattern in row["pattern"]:
                questions.compiled(pattern, table)
    found = sorted(rules.seen(), key=rules.name_of)
    return rules.packed((rule, prefilter.read(tokens.shape_of(rule.source), rule.flags, COMMON)) for rule in found)


def of_tables(folder: Path, name_of: Callable[[str, bytes], str]) -> bytes:
    """The TOML tables of a folder, ready to be read."""
    tables = {}
    for path in sorted(folder.glob("*.toml")):
        raw = path.read_bytes()
        tables[name_of(path.stem, raw)] = tomllib.loads(raw.decode())
    return zlib.compress(json.dumps(tables, ensure_ascii=False, separators=(",", ":")).encode(), 9)


def main() -> int:
    """Write or check."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--check", action="store_true")
    check = options.parse_args().check
    stale = 0
    for target, made in (
        (ROOT / "nlp" / "data" / "conditions.bin", of_posts()),
        (rules.CONDITIONS, of_requests()),
        (lexicon.HERE / "tables.bin", of_tables(lexicon.HERE, lexicon.packed_name)),
        (i18n.HERE / "catalogue.bin", of_tables(i18n.HERE, i18n.packed_name)),
    ):
        name = target.relative_to(ROOT)
        if check:
            same = target.is_file() and zlib.decompress(target.read_bytes()) == zlib.decompress(made)
            stale += not same
            print(name, "same" if same else "differs")
        else:
            target.write_bytes(made)
            print(name, target.stat().st_size, "bytes")
    return 1 if stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
