"""Posts per CPU second: our whole pass and its steps beside jieba + SnowNLP, the named stack, in the same run.

    python benchmarks/nlp_speed.py [--data DIR] [--posts 8192] [--slow 300] [--json FILE]

Posts are Weibo posts of the development data (../shared/data, sentiment_weibo_smp2020: 66 characters on average) in
batches of 1,024. Figures are CPU time of this process on one core. The steps and the stack take turns, batch by batch,
so that whatever else the machine does falls on all of them alike; a ratio is of sums. Also: what start-up costs (a new
process that imports the package and scores its first text, CPU time), and the size of models and lexicons.
"""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

BATCH = 1024
LEAST = 36
"""Shorter texts than this are left out, so that the mean is that of the posts in the notes (66 characters)."""
START = """
import time
{code}
print(time.process_time())
"""
FIRSTS = {
    "xunke: import and first score": "from nlp.score import score_line; score_line('这家面馆太好吃了')",
    "xunke: import and first words": "from nlp.segment import words; words('这家面馆太好吃了')",
    "jieba + SnowNLP: the same": (
        "import jieba; from snownlp import SnowNLP; t = '这家面馆太好吃了'; jieba.lcut(t); SnowNLP(t).sentiments"
    ),
}


def find_data(given: str | None) -> Path | None:
    """The folder of the development data."""
    here = Path(__file__).resolve()
    choices = [Path(given)] if given else [parent / "shared" / "data" for parent in here.parents]
    return next((path for path in choices if (path / "sentiment_weibo_smp2020.tsv.gz").is_file()), None)


def load(data: Path, posts: int) -> list[str]:
    """Posts of the usual part, in the file's order."""
    with gzip.open(data / "sentiment_weibo_smp2020.tsv.gz", "rt", encoding="utf-8") as file:
        rows = [line.rstrip("\n").split("\t") for line in file][1:]
    return [row[3] for row in rows if row[0].startswith("usual") and len(row[3]) >= LEAST][:posts]


def steps() -> dict[str, Callable[[list[str]], object]]:
    """What is measured, by name; each takes texts."""
    from nlp import analyse, segment
    from nlp.batch import Batch, ngram_hashes

    def whole_and_words(texts: list[str]) -> object:
        batch = Batch.of(texts)
        return analyse.read(batch), segment.words_many(batch)

    return {
        "fold": Batch.of,
        "fold + n-gram hashes": lambda texts: ngram_hashes(Batch.of(texts)),
        "fold + sentiment": lambda texts: analyse.feelings_of(Batch.of(texts)),
        "fold + segmentation, words worth counting": segment.words_many,
        "fold + interests": lambda texts: analyse.interests_of(Batch.of(texts)),
        "fold + needs, life events": lambda texts: analyse.needs_of(Batch.of(texts)),
        "fold + spam": lambda texts: analyse.spam_of(Batch.of(texts)),
        "whole pass without segmentation": analyse.analyse_many,
        "whole pass with segmentation": whole_and_words,
    }


def stack() -> dict[str, Callable[[str], object]]:
    """The named stack, by text."""
    import jieba
    from snownlp import sentiment

    jieba.setLogLevel(60)
    jieba.initialize()
    return {"jieba": jieba.lcut, "SnowNLP sentiment": sentiment.classify}


def cpu(work: Callable[[], object]) -> float:
    """CPU seconds of a call."""
    start = time.process_time()
    work()
    return time.process_time() - start


def measure(texts: list[str], slow: int) -> dict[str, float]:
    """Posts per CPU second by name."""
    ours, theirs = steps(), stack()
    batches = [texts[i : i + BATCH] for i in range(0, len(texts), BATCH)]
    for work in ours.values():
        work(batches[0])  # loading is measured apart
    spent = dict.fromkeys([*ours, *theirs], 0.0)
    share = max(1, slow // len(batches))
    for batch in batches:
        for name, work in ours.items():
            spent[name] += cpu(lambda work=work, batch=batch: work(batch))
        for name, one in theirs.items():
            spent[name] += cpu(lambda one=one, batch=batch: [one(text) for text in batch[:share]])
    rates = {name: len(texts) / spent[name] for name in ours}
    rates |= {name: share * len(batches) / spent[name] for name in theirs}
    rates["jieba + SnowNLP"] = 1 / sum(1 / rates[name] for name in theirs)
    return rates


def sizes() -> dict[str, int]:
    """Bytes of what the package ships to understand text: everything in nlp/data and nlp/models."""
    nlp = Path(__file__).resolve().parent.parent / "nlp"
    found = sorted(path for name in ("data", "models") for path in (nlp / name).rglob("*") if path.is_file())
    return {str(path.relative_to(nlp)): path.stat().st_size for path in found}


def starts() -> dict[str, float]:
    """CPU seconds of new processes, the least of three."""
    found = {}
    for name, code in FIRSTS.items():
        runs = [
            subprocess.run([sys.executable, "-c", START.format(code=code)], capture_output=True, text=True, check=True)
            for _ in range(3)
        ]
        found[name] = min(float(run.stdout) for run in runs)
    return found


def main() -> int:
    """Print the tables."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--data")
    options.add_argument("--posts", type=int, default=8 * BATCH)
    options.add_argument("--slow", type=int, default=320, help="posts for the named stack")
    options.add_argument("--json", type=Path, help="write the figures here, too")
    given = options.parse_args()
    data = find_data(given.data)
    if data is None:
        print("development data not found; nothing measured", file=sys.stderr)
        return 1
    texts = load(data, given.posts)
    rates = measure(texts, given.slow)
    named, snow = rates["jieba + SnowNLP"], rates["SnowNLP sentiment"]
    print(f"{len(texts)} posts, {sum(map(len, texts)) / len(texts):.1f} characters on average, batches of {BATCH}\n")
    print(f"{'step':44} {'posts/CPU s':>12} {'x jieba + SnowNLP':>18} {'x SnowNLP':>10}")
    for name, rate in rates.items():
        print(f"{name:44} {rate:12,.0f} {rate / named:18,.0f} {rate / snow:10,.0f}")
    started, shipped = starts(), sizes()
    print()
    for name, seconds in started.items():
        print(f"{name:44} {seconds:8.2f} CPU s")
    print(f"{'models and lexicons':44} {sum(shipped.values()) / 1e6:8.2f} MB")
    if given.json:
        figures = {"posts_per_cpu_s": rates, "start_cpu_s": started, "bytes": shipped}
        given.json.write_text(json.dumps(figures, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
