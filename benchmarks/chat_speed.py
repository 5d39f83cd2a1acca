"""How fast the chat parser is: start, sentences, hostile texts, memory.

    python benchmarks/chat_speed.py [--processes 15] [EXAMPLES.jsonl ...]

Cold start: a new process imports ``understand`` and reads its first sentence; CPU and wall time, median of so many
processes, beside ``pass`` and jieba's first cut in the same run. The processes take turns, so that whatever else the
machine does falls on all alike. Bytecode is written before, as an installation does; one row says what is paid without.

Warm: every sentence of tests/chat/*.jsonl and of the files named, one after the other, in one process that has read
one in fifty before. Hostile: 100 KB texts of cues that open many ways to match. Both are CPU times.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
TODAY = date(2026, 11, 22)
FIRST = """
from datetime import date
from xunke.chat import understand
understand({text!r}, today=date(2026, 11, 22))
"""
SENTENCES = {
    "simplified": "帮我找最近一周小红书上聊露营的博主，粉丝一万以上",
    "traditional": "把上海近30天吐槽外賣的微博拉出來按點讚排序前50導出excel",
    "English": "find weibo posts about coffee in the past week with over 1000 likes and export to csv",
}
REPORT = """
import resource, sys, time
print(time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""
KILLERS = {
    "最近 x n": "最近",
    "# x n": "#",
    "三千 x n": "三千",
    "“ x n": "“",
    "@a x n": "@a ",
    "brackets": "([{（【《",
    "digits": "1234567890",
    "1,500 x n": "1,500",
    "和 x n": "A和",
    "a.b. x n": "a.b.",
    "的博主 x n": "的博主",
    "in the last x n": "in the last ",
    "traditional": "幫我找導出",
    "mixed": "最近#三千“@a找和粉丝1万以上,",
}


def start(code: str, *, bytecode: str | None) -> tuple[float, float, float]:
    """CPU and wall seconds and peak memory (MB) of a new process that runs ``code``."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    env |= {"PYTHONPATH": str(ROOT)} | (
        {"PYTHONPYCACHEPREFIX": bytecode} if bytecode else {"PYTHONDONTWRITEBYTECODE": "1"}
    )
    began = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", code + REPORT], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    wall = time.perf_counter() - began
    cpu, memory = done.stdout.split()[-2:]
    return float(cpu), wall, int(memory) / 1024


def cold(processes: int) -> None:
    """Print the cost of a first sentence in a new process beside the alternatives."""
    ways = {"python -c pass": "pass", "import msgspec": "import msgspec"}
    ways |= {f"xunke: import and first sentence, {name}": FIRST.format(text=text) for name, text in SENTENCES.items()}
    ways["jieba: import and first cut"] = (
        f"import jieba; jieba.setLogLevel(60); jieba.lcut({SENTENCES['simplified']!r})"
    )
    bare = "xunke: simplified, no bytecode"
    found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in (*ways, bare)}
    with tempfile.TemporaryDirectory() as folder:
        for code in ways.values():
            start(code, bytecode=folder)
        for _ in range(processes):
            for name, code in ways.items():
                found[name].append(start(code, bytecode=folder))
            found[bare].append(start(FIRST.format(text=SENTENCES["simplified"]), bytecode=None))
    print(f"cold start, median of {processes} processes: CPU ms, wall ms, peak MB")
    for name, rows in found.items():
        cpu, wall, memory = (median(column) for column in zip(*rows, strict=True))
        print(f"  {name:45} {cpu * 1000:6.0f} {wall * 1000:6.0f} {memory:6.0f}")


def requests(files: list[Path]) -> Iterator[tuple[str, date]]:
    """The sentences of the files with their days."""
    for path in files:
        for line in path.read_text("utf-8").splitlines():
            record = json.loads(line)
            yield record["text"], date.fromisoformat(record.get("today", str(TODAY)))


def warm(files: list[Path]) -> None:
    """Print the time of a sentence in a process that is at work."""
    from xunke.chat import understand

    rows = list(requests(files))
    for text, today in rows[:: max(1, len(rows) // 50)]:
        understand(text, today=today)
    first = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for turn in ("first", "second"):
        taken = []
        for text, today in rows:
            began = time.process_time()
            understand(text, today=today)
            taken.append((time.process_time() - began) * 1000)
        taken.sort()
        print(
            f"{len(rows)} sentences, {turn} time: p50 {taken[len(taken) // 2]:.1f} ms, "
            f"p95 {taken[int(len(taken) * 0.95)]:.1f} ms, max {taken[-1]:.1f} ms"
        )
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - first
    print(f"memory: {first / 1024:.0f} MB before, {grown / 1024:.1f} MB more after all of them")


def hostile(size: int = 100_000) -> None:
    """Print the time of long texts that mean to be slow."""
    from xunke.chat import understand

    print(f"hostile texts of {size // 1000} KB: first time, second time, ms")
    for name, piece in KILLERS.items():
        text = (piece * size)[:size]
        taken = []
        for _ in range(2):
            began = time.process_time()
            understand(text, today=TODAY)
            taken.append((time.process_time() - began) * 1000)
        print(f"  {name:20} {taken[0]:6.0f} {taken[1]:6.0f}")


def main() -> None:
    """Print everything."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("files", nargs="*", type=Path)
    options.add_argument("--processes", type=int, default=15)
    given = options.parse_args()
    cold(given.processes)
    warm([*sorted((ROOT / "tests" / "chat").glob("*.jsonl")), *given.files])
    hostile()


if __name__ == "__main__":
    main()
