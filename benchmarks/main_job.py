"""The main job, stage by stage: on the sample project and, where ``../shared/data`` is, on real posts and reposts.

Wall seconds of each stage; for real reposts the share of future distinct reposters that the first 100 capture.
"""

from __future__ import annotations

import asyncio
import csv
import gzip
import json
import tempfile
import time
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

from xunke.demo_project import build as build_sample
from xunke.engine import Engine, Options
from xunke.events import Event, Funnel, Imported, Progress, Result, StepStarted
from xunke.i18n import Catalogue
from xunke.jobs import run_import
from xunke.plan import Plan, decode
from xunke.present import event_lines
from xunke.storage import Project

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
TODAY = date(2026, 11, 22)
CAT = Catalogue("zh")


async def play(events: AsyncIterator[Event]) -> None:
    """Print events with the time they came."""
    began = time.perf_counter()
    async for event in events:
        if isinstance(event, StepStarted | Funnel | Result | Imported) or (
            isinstance(event, Progress) and event.done == event.total
        ):
            print(f"  {time.perf_counter() - began:6.2f} s  {event_lines(event, CAT)[0][:150]}")


def sample(folder: Path) -> None:
    """Build the sample and run the request of ``xunke demo`` on it twice (then nothing is left to analyse)."""
    from xunke.chat import understand

    with Project.open(folder / "sample.db") as project:
        began = time.perf_counter()
        for _ in build_sample(project, TODAY):
            pass
        print(f"sample project built in {time.perf_counter() - began:.2f} s")
        text = CAT.t("demo.request")
        for _ in range(2):
            began = time.perf_counter()
            plan = understand(text, today=TODAY)
            print(f"{text}: understood in {time.perf_counter() - began:.3f} s")
            asyncio.run(play(Engine(project, today=TODAY, options=Options(folder=str(folder))).run(plan, text=text)))


def real_posts(folder: Path) -> None:
    """Import 37,000 real posts through a mapping and ask for the negative ones of a word."""
    table = folder / "posts.tsv"
    with gzip.open(DATA / "sentiment_weibo_smp2020.tsv.gz", "rb") as source:
        table.write_bytes(source.read())
    mapping = folder / "map.toml"
    mapping.write_text('platform = "weibo"\n[columns]\ntext = "text"\n', encoding="utf-8")
    with Project.open(folder / "real.db") as project:
        print("real posts")
        asyncio.run(play(run_import(project, [table], mapping=mapping)))
        step = {"action": "find", "target": "posts", "keywords": ["加班"], "sentiment": "negative", "limit": 30}
        plan: Plan = decode({"outcome": "run", "steps": [step, {"action": "export", "format": "xlsx"}]})
        asyncio.run(play(Engine(project, today=TODAY, options=Options(folder=str(folder))).run(plan)))


def real_reposts() -> None:
    """Rank on the past of each window, count the distinct reposters that come afterwards."""
    import numpy as np

    from graph.build import Events, build
    from graph.rank import RANKERS, rank

    kinds = {1: "repost", 2: "reply", 3: "mention"}
    codes = {"RT": 1, "RE": 2, "MT": 3}
    with gzip.open(DATA / "cascades" / "events.csv.gz", "rt") as source:
        table = np.array(
            [(int(r["target"]), int(float(r["t"])), int(r["actor"]), codes[r["kind"]]) for r in csv.DictReader(source)]
        )
    meta = json.loads((DATA / "cascades" / "meta.json").read_text("utf-8"))
    captured: dict[str, list[float]] = {name: [] for name in RANKERS}
    for low, cut, end in meta["cuts"]:
        past = table[(table[:, 1] >= low) & (table[:, 1] < cut)]
        later = table[(table[:, 1] >= cut) & (table[:, 1] < end) & (table[:, 3] == 1)]
        graph = build(Events(past[:, 0], past[:, 1], past[:, 2], past[:, 3], kinds), until=int(cut) - 1)
        truth: dict[int, set[int]] = {}
        for target, _, actor, _ in later.tolist():
            truth.setdefault(target, set()).add(actor)
        candidate = np.isin(graph.nodes, past[:, 0])
        gain = np.where(candidate, [len(truth.get(int(n), ())) for n in graph.nodes], 0)
        best = np.sort(gain)[::-1][:100].sum()
        for name in RANKERS:
            order = np.argsort(-np.where(candidate, rank(graph, name), -1), kind="stable")
            captured[name].append(float(gain[order[:100]].sum() / best))
    print("real reposts: share of what the best possible 100 people reach, mean of", len(meta["cuts"]), "windows")
    for name, values in sorted(captured.items(), key=lambda item: -float(np.mean(item[1]))):
        print(f"  {name:10} {np.mean(values):.3f}  ({', '.join(f'{v:.3f}' for v in values)})")


def main() -> None:
    """Run all of it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sample(folder)
        if DATA.is_dir():
            real_posts(folder)
            real_reposts()
        else:
            print("skipped: real data (no ../shared/data)")


if __name__ == "__main__":
    main()
