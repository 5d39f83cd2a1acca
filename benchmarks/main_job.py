"""The main job, stage by stage: on the sample project and, where ``../shared/data`` is, on real posts and reposts.

Wall seconds of each stage; for real reposts the share of future distinct reposters that the first 100 capture.
"""

from __future__ import annotations

import asyncio
import gzip
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


def main() -> None:
    """Run all of it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        sample(folder)
        if DATA.is_dir():
            real_posts(folder)
        else:
            print("skipped: real data (no ../shared/data)")


if __name__ == "__main__":
    main()
