"""Files of networks are read by NetworkX as what was written, whatever people call themselves. (Invented people.)"""

from __future__ import annotations

import io
import json
from datetime import datetime
from typing import Any

import networkx as nx
import numpy as np
import pytest
from defusedxml import ElementTree
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.build import Events
from graph.formats import WRITERS, Network, from_networkx, write
from graph.index import EventIndex
from xunke.clock import moment
from xunke.errors import BadInput

KINDS = {1: "repost", 2: "reply", 3: "mention"}
NOW = 1_795_000_000
ROWS = [(1, NOW, 2, 1), (1, NOW - 5000, 2, 2), (1, 0, 2, 1), (3, 0, 1, 3), (2, NOW - 9, 1, 1), (1, NOW, 1, 1)]


def network(rows: list[tuple[int, int, int, int]], names: list[str], followers: list[int | None]) -> Network:
    array = np.array(rows, dtype=np.int64).reshape(-1, 4)
    index = EventIndex.of(Events(array[:, 0], array[:, 1], array[:, 2], array[:, 3], KINDS))
    graph = index.weights()
    n = len(graph)
    columns: dict[str, tuple[type, Any]] = {
        "platform": (str, ["weibo"] * n), "followers": (int, followers[:n]), "influence": (float, [0.25] * n),
    }  # fmt: skip
    return Network(graph, index, [f"weibo:{node}" for node in graph.nodes.tolist()], names[:n], columns)


def made(shown: Network, format: str) -> io.BytesIO:
    text = io.StringIO()
    write(text, shown, format)
    return io.BytesIO(text.getvalue().encode("utf-8"))


def small() -> Network:
    return network(ROWS, ["甲", '<乙 & "丙">', "丁"], [10, None, 0])


def test_gexf_has_time_stamped_edges_that_networkx_reads() -> None:
    read = nx.read_gexf(made(small(), "gexf"))
    assert isinstance(read, nx.DiGraph)
    assert {node: data["label"] for node, data in read.nodes(data=True)} == {
        "weibo:1": "甲", "weibo:2": "<乙 & \"丙\">", "weibo:3": "丁",
    }  # fmt: skip
    assert read.nodes["weibo:1"]["followers"] == 10
    assert "followers" not in read.nodes["weibo:2"]
    edge = read["weibo:2"]["weibo:1"]
    assert (edge["events"], edge["kinds"]) == (3, "repost 2, reply 1")
    assert [(begin, end) for begin, end in edge["spells"]] == [
        (moment(second).isoformat(), moment(second).isoformat()) for second in (NOW - 5000, NOW)
    ]
    assert "spells" not in read["weibo:1"]["weibo:3"]  # nobody says when
    assert sorted(read.edges) == [("weibo:1", "weibo:2"), ("weibo:1", "weibo:3"), ("weibo:2", "weibo:1")]


def test_gexf_is_what_its_schema_says() -> None:
    root = ElementTree.parse(made(small(), "gexf")).getroot()
    space = "{http://www.gexf.net/1.2draft}"
    assert root.tag == space + "gexf"
    graph = root.find(space + "graph")
    assert graph is not None
    assert [child.tag.removeprefix(space) for child in graph] == ["attributes", "attributes", "nodes", "edges"]
    assert graph.attrib == {"defaultedgetype": "directed", "mode": "dynamic", "timeformat": "date"}
    ids = [edge.get("id") for edge in graph.iter(space + "edge")]
    assert len(set(ids)) == len(ids) == 3
    for spell in graph.iter(space + "spell"):
        begin, end = spell.get("start"), spell.get("end")
        assert begin == end
        assert datetime.fromisoformat(begin or "").tzinfo is not None


def test_graphml_and_json() -> None:
    shown = small()
    read = nx.read_graphml(made(shown, "graphml"))
    weights = shown.graph.to_networkx()
    edge = read["weibo:2"]["weibo:1"]
    assert edge["weight"] == weights[2][1]["weight"]
    assert (edge["events"], edge["first"]) == (3, moment(NOW - 5000).isoformat())
    assert "first" not in read["weibo:1"]["weibo:3"]
    assert read.nodes["weibo:2"] == {"label": '<乙 & "丙">', "platform": "weibo", "influence": 0.25}
    again = nx.node_link_graph(json.load(made(shown, "json")), edges="links")
    assert again["weibo:2"]["weibo:1"]["events"] == [[None, "repost"], [NOW - 5000, "reply"], [NOW, "repost"]]
    assert again.nodes["weibo:1"]["followers"] == 10
    lines = [json.loads(line) for line in made(shown, "jsonl").read().decode().splitlines()]
    assert [line["type"] for line in lines] == ["node"] * 3 + ["link"] * 3


def test_nobody() -> None:
    empty = network([], [], [])
    assert nx.read_gexf(made(empty, "gexf")).number_of_nodes() == 0
    assert nx.read_graphml(made(empty, "graphml")).number_of_nodes() == 0
    assert json.load(made(empty, "json"))["links"] == []
    assert made(empty, "jsonl").read() == b""


@settings(deadline=None)
@given(st.lists(st.text(max_size=20), min_size=3, max_size=3))
def test_no_name_breaks_a_file(names: list[str]) -> None:
    shown = network(ROWS, names, [1, 2, 3])
    assert nx.read_gexf(made(shown, "gexf")).number_of_edges() == 3
    assert nx.read_graphml(made(shown, "graphml")).number_of_edges() == 3
    assert len(json.load(made(shown, "json"))["nodes"]) == 3


def test_parquet_or_what_to_install() -> None:
    file = io.BytesIO()
    try:
        import pyarrow.parquet as pq
    except ImportError:
        with pytest.raises(BadInput) as error:
            write(file, small(), "parquet")
        assert error.value.key == "network.parquet"
        return
    assert write(file, small(), "parquet") == 5
    rows = pq.read_table(io.BytesIO(file.getvalue())).to_pylist()
    assert [(row["source"], row["target"], row["kind"]) for row in rows][-1] == ("weibo:2", "weibo:1", "repost")
    assert {None if row["time"] is None else int(row["time"].timestamp()) for row in rows} == {
        None, NOW, NOW - 9, NOW - 5000,
    }  # fmt: skip


def test_a_format_that_is_none() -> None:
    with pytest.raises(BadInput) as error:
        write(io.StringIO(), small(), "csv")
    assert error.value.params["known"] == ", ".join(WRITERS)


def test_networkx_in_and_out() -> None:
    graph = small().graph
    again = from_networkx(graph.to_networkx())
    assert again.nodes.tolist() == graph.nodes.tolist()
    assert again.weights.data.tobytes() == graph.weights.data.tobytes()
    assert again.weights.indices.tolist() == graph.weights.indices.tolist()
    lone = nx.MultiGraph([(5, 2), (5, 2), (2, 2)])
    lone.add_node(3)
    made_of = from_networkx(lone)
    assert made_of.nodes.tolist() == [2, 3, 5]
    assert made_of.weights.toarray().tolist() == [[0, 0, 2], [0, 0, 0], [2, 0, 0]]
    assert made_of.to_networkx(lambda node: node != 5).number_of_edges() == 0
    assert from_networkx(nx.DiGraph()).nodes.tolist() == []
    with pytest.raises(TypeError):
        from_networkx(nx.Graph([("a", "b")]))
