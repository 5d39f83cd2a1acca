"""Networks in and out: NetworkX graphs, GEXF with time-stamped edges (Gephi), GraphML, node-link JSON, Parquet.

Writers stream: one node or edge at a time, never a document in memory. Foreign text is cleaned here once more, since
XML allows fewer characters than a terminal.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, Final
from xml.sax.saxutils import escape, quoteattr

from xunke.clock import moment
from xunke.errors import BadInput
from xunke.text import one_line

from .build import InteractionGraph
from .index import EventIndex, from_edges

if TYPE_CHECKING:
    import networkx as nx

_NOT_XML: Final = re.compile("[^\t\n\r -\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_TYPES: Final = {str: ("string", "string"), int: ("long", "long"), float: ("double", "double")}
"""Type of a column -> its name in GEXF and in GraphML."""
_PAIRS: Final = 10_000
_LONG: Final = 4000
"""Characters after which a text is cut: no id is that long."""


@dataclass(frozen=True)
class Network:
    """What a file shows: people, the edges between them, and the events that the edges are made of.

    ``graph`` and ``index`` have the same people and pairs (loops may stand in the index). ``ids`` and ``labels`` are
    the people's in the order of ``graph.nodes``, as are the ``columns`` {name: values; None: not known}.
    """

    graph: InteractionGraph
    index: EventIndex
    ids: Sequence[str]
    labels: Sequence[str]
    columns: Mapping[str, tuple[type, Sequence[Any]]]


@dataclass(frozen=True, slots=True)
class Edge:
    """One edge: rows of the people, weight, the times of its events (UTC seconds; 0: not known) and their kinds."""

    source: int
    target: int
    weight: float
    times: Sequence[int]
    kinds: Sequence[int]


def edges(network: Network) -> Iterator[Edge]:
    """The edges in the order of the graph's rows, each with its events."""
    import numpy as np

    index, graph = network.index, network.graph
    proper = np.flatnonzero(index.actor != index.target)
    rows = np.searchsorted(graph.nodes, index.nodes)
    weights: Any = graph.weights
    for at in range(0, len(proper), _PAIRS):
        pairs = proper[at : at + _PAIRS]
        columns = (
            rows[index.actor[pairs]], rows[index.target[pairs]], weights.data[at : at + _PAIRS], index.start[pairs],
            index.start[pairs + 1],
        )  # fmt: skip
        for source, target, weight, start, end in zip(*(column.tolist() for column in columns), strict=True):
            yield Edge(source, target, weight, index.time[start:end].tolist(), index.kind[start:end].tolist())


def write(file: IO[Any], network: Network, format: str) -> int:
    """Write ``network`` to an open file (UTF-8 text; for ``BINARY`` formats bytes); returns how many edges (in Parquet:
    events) it holds.

    Raises BadInput("network.format") for a format that is none, BadInput("network.parquet") without pyarrow.
    """
    if format not in WRITERS:
        raise BadInput("network.format", format=format, known=", ".join(WRITERS))
    return WRITERS[format](file, network)


def _label(text: str) -> str:
    return _NOT_XML.sub("\ufffd", one_line(text, _LONG))


def _attribute(value: object) -> str:
    return quoteattr(_label(value) if isinstance(value, str) else str(value))


def _iso(second: int) -> str:
    return moment(second).isoformat()


def _spans(times: Sequence[int]) -> tuple[str | None, str | None]:
    """When the first and the last event was."""
    known = [second for second in times if second > 0]
    return (_iso(min(known)), _iso(max(known))) if known else (None, None)


def _nodes(network: Network) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """(id, label, what is known of them) of each person."""
    columns = {name: values for name, (_, values) in network.columns.items()}
    for row, (name, label) in enumerate(zip(network.ids, network.labels, strict=True)):
        known = {key: values[row] for key, values in columns.items() if values[row] is not None}
        yield name, label, known


def _gexf(file: IO[str], network: Network) -> int:
    """GEXF 1.2draft, dynamic: each event is a spell of its edge that begins and ends at that moment."""
    done = 0
    file.write(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<gexf xmlns="http://www.gexf.net/1.2draft" version="1.2"><meta><creator>Xunke</creator></meta>\n'
        '<graph defaultedgetype="directed" mode="dynamic" timeformat="date">\n<attributes class="node">'
    )
    names = {name: f"n{i}" for i, name in enumerate(network.columns)}
    for name, (kind, _) in network.columns.items():
        file.write(f'<attribute id="{names[name]}" title={_attribute(name)} type="{_TYPES[kind][0]}"/>')
    file.write('</attributes>\n<attributes class="edge"><attribute id="e0" title="events" type="long"/>')
    file.write('<attribute id="e1" title="kinds" type="string"/></attributes>\n<nodes>\n')
    for one, label, known in _nodes(network):
        file.write(f"<node id={_attribute(one)} label={_attribute(label)}><attvalues>")
        file.writelines(f'<attvalue for="{names[key]}" value={_attribute(value)}/>' for key, value in known.items())
        file.write("</attvalues></node>\n")
    file.write("</nodes>\n<edges>\n")
    ids = [_attribute(one) for one in network.ids]
    for edge in edges(network):
        file.write(f'<edge id="{done}" source={ids[edge.source]} target={ids[edge.target]} weight="{edge.weight}">')
        file.write(f'<attvalues><attvalue for="e0" value="{len(edge.times)}"/>')
        file.write(f'<attvalue for="e1" value={_attribute(_kinds(network, edge))}/></attvalues>')
        if moments := [_iso(second) for second in edge.times if second > 0]:
            file.write("<spells>")
            file.writelines(f'<spell start="{at}" end="{at}"/>' for at in moments)
            file.write("</spells>")
        file.write("</edge>\n")
        done += 1
    file.write("</edges>\n</graph></gexf>\n")
    return done


def _kinds(network: Network, edge: Edge) -> str:
    """ "repost 3, reply 1" """
    names = network.index.kinds
    counts = {code: edge.kinds.count(code) for code in sorted(set(edge.kinds))}
    return ", ".join(f"{names.get(code, code)} {count}" for code, count in counts.items())


def _graphml(file: IO[str], network: Network) -> int:
    """GraphML: weight, number and kinds of events, first and last time of each edge."""
    done = 0
    file.write(
        '<?xml version="1.0" encoding="UTF-8"?>\n<graphml xmlns="http://graphml.graphdrawing.org/xmlns">\n'
        '<key id="label" for="node" attr.name="label" attr.type="string"/>\n'
    )
    names = {name: f"n{i}" for i, name in enumerate(network.columns)}
    for name, (kind, _) in network.columns.items():
        about = f'for="node" attr.name={_attribute(name)} attr.type="{_TYPES[kind][1]}"'
        file.write(f'<key id="{names[name]}" {about}/>\n')
    for name, kind_name in _EDGE_KEYS.items():
        file.write(f'<key id="{name}" for="edge" attr.name="{name}" attr.type="{kind_name}"/>\n')
    file.write('<graph edgedefault="directed">\n')
    for one, label, known in _nodes(network):
        file.write(f'<node id={_attribute(one)}><data key="label">{escape(_label(label))}</data>')
        for key, value in known.items():
            file.write(f'<data key="{names[key]}">{escape(_label(str(value)))}</data>')
        file.write("</node>\n")
    ids = [_attribute(one) for one in network.ids]
    for edge in edges(network):
        first, last = _spans(edge.times)
        values = (edge.weight, len(edge.times), _kinds(network, edge), first, last)
        file.write(f"<edge source={ids[edge.source]} target={ids[edge.target]}>")
        for name, value in zip(_EDGE_KEYS, values, strict=True):
            if value is not None:
                file.write(f'<data key="{name}">{escape(str(value))}</data>')
        file.write("</edge>\n")
        done += 1
    file.write("</graph>\n</graphml>\n")
    return done


_EDGE_KEYS: Final = {"weight": "double", "events": "long", "kinds": "string", "first": "string", "last": "string"}


def _objects(network: Network) -> Iterator[tuple[str, dict[str, Any]]]:
    """("nodes" or "links", what it is) of everybody and every edge, as JSON says it."""
    for one, label, known in _nodes(network):
        yield "nodes", {"id": _label(one), "label": _label(label), **known}
    ids = [_label(one) for one in network.ids]
    names = network.index.kinds
    for edge in edges(network):
        events = [
            [second or None, names.get(code, str(code))] for second, code in zip(edge.times, edge.kinds, strict=True)
        ]
        link = {"source": ids[edge.source], "target": ids[edge.target], "weight": edge.weight, "events": events}
        yield "links", link


def _json(file: IO[str], network: Network) -> int:
    """Node-link JSON, as ``networkx.node_link_graph(data, edges="links")`` reads it; events are [UTC seconds, kind]."""
    done, part = 0, "nodes"
    file.write('{"directed": true, "multigraph": false, "graph": {}, "nodes": [')
    between = "\n"
    for kind, value in _objects(network):
        if kind != part:
            file.write('\n], "links": [')
            between, part = "\n", kind
        file.write(between + json.dumps(value, ensure_ascii=False))
        between = ",\n"
        done += kind == "links"
    file.write("\n]}\n" if part == "links" else '\n], "links": []}\n')
    return done


def _json_lines(file: IO[str], network: Network) -> int:
    """The same, one object a line, each with its "type": node or link."""
    done = 0
    for kind, value in _objects(network):
        file.write(json.dumps({"type": kind.removesuffix("s"), **value}, ensure_ascii=False) + "\n")
        done += kind == "links"
    return done


def _parquet(file: IO[bytes], network: Network) -> int:
    """One row an event: source, target, kind, time (null: not known) and the weight of the edge that it is part of."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise BadInput("network.parquet") from None
    names = network.index.kinds
    schema = pa.schema([
        ("source", pa.string()), ("target", pa.string()), ("kind", pa.string()), ("time", pa.timestamp("s", tz="UTC")),
        ("weight", pa.float64()),
    ])  # fmt: skip
    done = 0
    with pq.ParquetWriter(file, schema) as out:
        rows: dict[str, list[Any]] = {field: [] for field in schema.names}
        ids = [_label(one) for one in network.ids]
        for edge in edges(network):
            count = len(edge.times)
            rows["source"] += [ids[edge.source]] * count
            rows["target"] += [ids[edge.target]] * count
            rows["kind"] += [names.get(code, str(code)) for code in edge.kinds]
            rows["time"] += [second or None for second in edge.times]
            rows["weight"] += [edge.weight] * count
            done += count
            if len(rows["source"]) >= 100_000:
                out.write_table(pa.table(rows, schema=schema))
                rows = {field: [] for field in schema.names}
        out.write_table(pa.table(rows, schema=schema))
    return done


WRITERS: Final[Mapping[str, Callable[[Any, Network], int]]] = {
    "gexf": _gexf, "graphml": _graphml, "json": _json, "jsonl": _json_lines, "parquet": _parquet,
}  # fmt: skip
BINARY: Final = frozenset({"parquet"})


def from_networkx(graph: nx.Graph[Any], weight: str | None = "weight") -> InteractionGraph:
    """A NetworkX graph whose nodes are whole numbers as a graph of interactions (``InteractionGraph.to_networkx``).

    Undirected edges lead both ways; several edges between two nodes are summed; loops are left out. Raises TypeError
    for other nodes, NotImplementedError for weights that are no numbers.
    """
    import numpy as np
    from scipy.sparse import csr_array

    from .backend import convert_from_nx

    if not all(isinstance(node, int) for node in graph):
        raise TypeError("nodes must be whole numbers: relabel them first (networkx.convert_node_labels_to_integers)")
    seen = convert_from_nx(graph, {} if weight is None else {weight: 1})
    names = np.array(seen.labels.list, dtype=np.int64)
    made = from_edges(names[seen.rows], names[seen.indices], seen.attributes.get(weight or ""))
    if len(made) == len(names):
        return made
    nodes = np.sort(names)  # with those who have no edge
    place, coo = np.searchsorted(nodes, made.nodes), made.weights.tocoo()
    shape = (len(nodes), len(nodes))
    return InteractionGraph(nodes, csr_array((coo.data, (place[coo.row], place[coo.col])), shape=shape), 0, 1.0)
