"""The main job over real posts and real reposts, when the data folder stands beside the project."""

from __future__ import annotations

import asyncio
import csv
import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from graph.build import Events, build
from graph.rank import influence, pagerank
from tests.conftest import TODAY
from xunke.engine import Engine, Options
from xunke.events import Event, Failed, FileWritten, Imported, Result
from xunke.jobs import run_import
from xunke.plan import decode
from xunke.storage import Project, rows

PLACES = [folder / "shared" / "data" for folder in Path(__file__).resolve().parents]
DATA = next((place for place in PLACES if place.is_dir()), PLACES[0])
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason="no folder shared/data beside the project")


def play(events: Any) -> list[Event]:
    async def collect() -> list[Event]:
        return [event async for event in events]

    return asyncio.run(collect())


def test_real_posts_from_a_file_to_a_list(tmp_path: Path) -> None:
    table = tmp_path / "posts.tsv"
    with gzip.open(DATA / "sentiment_weibo_smp2020.tsv.gz", "rt", encoding="utf-8") as source:
        lines = source.read().splitlines()[:6001]
    table.write_text("\n".join(lines), encoding="utf-8")
    mapping = tmp_path / "map.toml"
    mapping.write_text('platform = "weibo"\n[columns]\ntext = "text"\n', encoding="utf-8")
    with Project.open(tmp_path / "real.db") as project:
        (report,) = [e for e in play(run_import(project, [table], mapping=mapping)) if isinstance(e, Imported)]
        assert (report.read, report.rejected) == (6000, 0)
        assert report.stored + report.duplicate == 6000
        steps = [
            {"action": "find", "target": "posts", "keywords": ["加班"], "sentiment": "negative", "limit": 5},
            {"action": "export", "format": "jsonl"},
        ]
        engine = Engine(project, today=TODAY, options=Options(folder=str(tmp_path)))
        events = play(engine.run(decode({"outcome": "run", "steps": steps})))
        assert not [e for e in events if isinstance(e, Failed)]
        (result,) = [e for e in events if isinstance(e, Result)]
        found = rows.result_posts(project, result.result).window(0, 5)
        assert len(found) == 5
        assert all("加班" in post.text and post.label == "negative" for post in found)
        (written,) = [e for e in events if isinstance(e, FileWritten)]
        assert [json.loads(line)["text"] for line in Path(written.path).read_text("utf-8").splitlines()] == [
            post.text for post in found
        ]


def test_real_reposts_are_forecast_better_than_by_pagerank(tmp_path: Path) -> None:
    """Ranked on what was known at a cut, measured against distinct people who repost afterwards."""
    kinds = {"RT": "repost", "MT": "mention", "RE": "reply"}
    with gzip.open(DATA / "cascades" / "events.csv.gz", "rt") as source:
        table = [
            (int(r["actor"]), int(r["target"]), kinds[r["kind"]], int(float(r["t"]))) for r in csv.DictReader(source)
        ]
    codes = {"repost": 1, "mention": 3, "reply": 2}
    array = np.array([(t, when, a, codes[k]) for a, t, k, when in table], dtype=np.int64)
    meta = json.loads((DATA / "cascades" / "meta.json").read_text("utf-8"))
    ours, theirs = [], []
    for low, cut, end in meta["cuts"]:
        past = array[(array[:, 1] >= low) & (array[:, 1] < cut)]
        later = array[(array[:, 1] >= cut) & (array[:, 1] < end) & (array[:, 3] == 1)]
        graph = build(
            Events(past[:, 0], past[:, 1], past[:, 2], past[:, 3], {v: k for k, v in codes.items()}), until=int(cut) - 1
        )
        truth: dict[int, set[int]] = {}
        for target, _, actor, _ in later.tolist():
            truth.setdefault(target, set()).add(actor)
        acted_upon = np.isin(graph.nodes, past[:, 0])
        gain = np.array(
            [len(truth.get(int(n), ())) if ok else 0 for n, ok in zip(graph.nodes, acted_upon, strict=True)]
        )
        best = np.sort(gain)[::-1][:100].sum()
        for scores, out in ((influence(graph), ours), (pagerank(graph), theirs)):
            out.append(gain[np.argsort(-np.where(acted_upon, scores, -1), kind="stable")[:100]].sum() / best)
    assert np.mean(ours) > 1.1 * np.mean(theirs)
    assert np.mean(ours) > 0.44
