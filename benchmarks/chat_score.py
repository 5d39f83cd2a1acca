"""Score the offline parser on files of chat requests with gold plans, and time it.

  python benchmarks/chat_score.py [EXAMPLES.jsonl] [--wrong N]

EXAMPLES.jsonl lies beside the score.py that is used (default: ../shared/chat/examples.jsonl beside this
repository; where that is not there, a sentence says so and nothing is scored). The repository's own sets,
tests/chat/*.jsonl, are scored by the same script.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
import tempfile
import time
from datetime import date
from pathlib import Path

from xunke.chat import understand
from xunke.plan import decode, encode

ROOT = Path(__file__).resolve().parent.parent


def predict(path: Path) -> tuple[list[dict[str, object]], list[float]]:
    rows, seconds = [], []
    for line in path.read_text("utf-8").splitlines():
        record = json.loads(line)
        prev = record["prev"] and (record["prev"]["text"], decode(record["prev"]["plan"]))
        start = time.perf_counter()
        plan = understand(record["text"], today=date.fromisoformat(record["today"]), prev=prev)
        seconds.append(time.perf_counter() - start)
        rows.append({"id": record["id"], "plan": encode(plan)})
    return rows, seconds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("examples", nargs="?", type=Path, default=ROOT.parent / "shared" / "chat" / "examples.jsonl")
    parser.add_argument("--wrong", type=int, default=0)
    args = parser.parse_args()
    script = args.examples.parent / "score.py"
    if not script.exists():
        print(f"Skipped: there is no score.py beside {args.examples}; give the path of a file that has one.")
        return 0
    spec = importlib.util.spec_from_file_location("score", script)
    assert spec is not None
    assert spec.loader is not None
    score = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(score)
    own = sorted(p for p in (ROOT / "tests" / "chat").glob("*.jsonl") if p.name != "safety.jsonl")
    for path in (args.examples, *own):
        if not path.exists():
            print(f"Skipped: {path} is not there.")
            continue
        rows, seconds = predict(path)
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
            file.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
            file.flush()
            print(f"# {path.name}")
            score.main([str(path), file.name, "--wrong", str(args.wrong)])
        rest = sorted(seconds[1:])
        half, most = rest[len(rest) // 2] * 1000, rest[int(len(rest) * 0.95)] * 1000
        print(f"  first parse {seconds[0] * 1000:.0f} ms, then p50 {half:.1f} ms, p95 {most:.1f} ms")
    return 0


if __name__ == "__main__":
    sys.exit(main())
