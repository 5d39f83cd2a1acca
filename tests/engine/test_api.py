"""The Python API, as its docstring shows it."""

from __future__ import annotations

import csv
from datetime import UTC, datetime
from pathlib import Path

import networkx as nx
import pytest

from tests.conftest import TODAY
from xunke.api import BadInput, NeedsAnswer, PolicyRefused, Xunke, XunkeError
from xunke.model import Account, Interaction
from xunke.plan import Plan, Step


def test_a_sentence_gives_people(sample_db: Path) -> None:
    with Xunke(sample_db, day=TODAY) as xunke:
        found = xunke.people("找最近30天聊 #减肥 的上海女生，影响力前50")
        assert len(found) == 50
        assert [found[i].rank for i in (0, 49)] == [1, 50]
        with pytest.raises(BadInput):
            xunke.posts("找最近30天聊 #减肥 的上海女生，影响力前50")
        with pytest.raises(PolicyRefused):
            xunke.run("给这些人群发私信推优惠券")
        with pytest.raises(NeedsAnswer):
            xunke.run("帮我查一查")
        with pytest.raises(XunkeError):
            xunke.run(Plan(outcome="run", steps=(Step(action="find", limit=-1),)))


def test_files_and_graph(tmp_path: Path) -> None:
    table = tmp_path / "edges.csv"
    with table.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["actor", "target", "kind", "time"])
        writer.writerows(
            [["a", "b", "repost", 1_795_000_000], ["c", "b", "like", 1_795_000_100], ["b", "a", "reply", "2026-13-40"]]
        )
    with Xunke(tmp_path / "p.db") as xunke:
        (report,) = xunke.import_files(table)
        assert (report.read, report.stored, report.rejected) == (3, 2, 1)
        xunke.add([Interaction("file", Account("file", "d"), Account("file", "b"), "follow")], "手工")
        graph = xunke.graph().to_networkx()
        assert isinstance(graph, nx.DiGraph)
        assert graph.number_of_edges() == 3
        early = xunke.graph(until=datetime.fromtimestamp(1_795_000_050, UTC), kinds=["repost"])
        assert early.to_networkx().number_of_edges() == 1


def test_labels_and_learning(sample_db: Path) -> None:
    with Xunke(sample_db, day=TODAY) as xunke:
        first = xunke.posts("#减肥 最新的帖子前3")[0]
        xunke.label(f"{first.platform}:{first.native_id}", "sentiment=negative", "spam=no")
        assert xunke.posts("#减肥 最新的帖子前3")[0].label == "negative"
        assert {lesson.report.verdict for lesson in xunke.learn()} == {"too_few"}
        with pytest.raises(BadInput):
            xunke.label("没有这一帖", "spam=yes")
