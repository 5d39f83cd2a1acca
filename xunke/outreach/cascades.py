"""Cascades of a project: what grew from a post by reposts, quotes and replies, and who set it off (引爆点).

A node is a post, or an act that is known only as an interaction. Its parent is, in this order: the post that the
platform names; on Weibo, where a repost names the first post only, the person after the first ``//@`` of its text, if
that person's earlier repost of the same post is stored; the first post. How many parents are only that is told.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

from xunke.storage import Project
from xunke.storage.schema import KINDS

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from graph.build import Ints
    from graph.cascades import Forest, Shapes

LINKS: Final = ("repost", "quote", "reply")
"""Kinds of acts that make a cascade; likes pass nothing on."""
SPARKS: Final = 5
_VIA: Final = re.compile(r"//@([^\s:：@/]{1,40})\s*[:：]")
_NONE: Final = -1


@dataclass(frozen=True)
class Network:
    """All cascades as one forest. A value a node: ``post`` (id, 0 for an act known as an interaction only), ``author``
    (account id, 0 where unknown), ``assumed`` (the parent is only the first post), ``named`` (the parent was read from
    the text), ``stored`` (the post itself is stored, not only named by others)."""

    trees: Forest
    post: Ints
    author: Ints
    assumed: NDArray[np.bool_]
    named: NDArray[np.bool_]
    stored: NDArray[np.bool_]

    @cached_property
    def shapes(self) -> Shapes:
        """The measures of every tree."""
        from graph.cascades import shapes

        return shapes(self.trees)

    def node_of(self, post: int) -> int | None:
        """The node of a post, None if it stands in no cascade."""
        import numpy as np

        found = np.flatnonzero(self.post == post)
        return int(found[0]) if len(found) else None


@dataclass(frozen=True, slots=True)
class Spark:
    """Somebody by way of whom a cascade went on: ``direct`` acts on their posts, ``below`` in all, ``share`` of all.

    ``node`` is the place below which most stands."""

    author: int
    node: int
    direct: int
    below: int
    share: float


@dataclass(frozen=True)
class Cascade:
    """One cascade. ``nodes``: its nodes in the network, read from the top; ``parent``, ``depth``, ``below``: by place.

    ``people``: distinct known authors; ``assumed``, ``named``, ``missing``: parents that are only the first post, were
    read from the text; posts that are not stored. ``duration`` and ``half`` in seconds, None where times are missing.
    """

    nodes: Ints
    parent: Ints
    depth_of: Ints
    below: Ints
    size: int
    depth: int
    breadth: int
    virality: float
    duration: int | None
    half: int | None
    people: int
    assumed: int
    named: int
    missing: int
    sparks: tuple[Spark, ...]


# -- from SQL to a forest ------------------------------------------------------------------------------------------


def load(project: Project, until: int, kinds: Iterable[str] = LINKS) -> Network:
    """All cascades of the project by what happened up to ``until`` (UTC seconds); only by these kinds of acts."""
    import numpy as np

    from graph.cascades import forest

    wanted = [kind for kind in LINKS if kind in set(kinds)]
    links = _links(project, until, wanted)
    acts = _acts(project, until, wanted, links)
    ids = np.unique(np.concatenate([links[:, 0], links[:, 1], acts[:, 0]]))
    said = _said(project, ids)
    n, extra = len(ids), len(acts)
    post, author = np.zeros(n + extra, dtype=np.int64), np.zeros(n + extra, dtype=np.int64)
    post[:n] = ids
    author[:n], author[n:] = said[:, 0], acts[:, 1]
    time = np.concatenate([said[:, 1], acts[:, 3]])
    parent = np.full(n + extra, _NONE, dtype=np.int64)
    child = np.searchsorted(ids, links[:, 0])
    parent[child] = np.searchsorted(ids, links[:, 1])
    parent[n:] = np.searchsorted(ids, acts[:, 0])
    assumed = np.zeros(n + extra, dtype=bool)
    assumed[child] = links[:, 2] == KINDS["repost"]
    assumed[n:] = acts[:, 4] == KINDS["repost"]
    named = np.zeros(n + extra, dtype=bool)
    _by_target(parent, author, acts, n, assumed)
    _by_text(project, ids, links, parent, author, time, assumed, named)
    trees = forest(parent, time)
    above = np.where(trees.parent == _NONE, 0, trees.parent)
    assumed &= (trees.parent != _NONE) & (trees.parent[above] == _NONE)  # under a repost, it was named
    stored = np.concatenate([said[:, 2] > 0, np.ones(extra, dtype=bool)])
    return Network(trees, post, author, assumed, named, stored)


def _links(project: Project, until: int, kinds: Sequence[str]) -> Ints:
    """(post, its parent, kind) of every stored post that has a parent."""
    import numpy as np

    column = {"repost": "repost_of", "quote": "quote_of", "reply": "coalesce(reply_to, root)"}
    cases = [(kind, column[kind]) for kind in kinds]
    which = " ".join(f"when {name} is not null then {KINDS[kind]}" for kind, name in cases)
    parent = ", ".join(name for _, name in cases)
    if not cases:
        return np.zeros((0, 3), dtype=np.int64)
    rows = project.query(
        f"select id, coalesce({parent}, null), case {which} end from post where coalesce({parent}, null) is not null "
        f"and coalesce({parent}, null) <> id and (created is null or created <= ?) order by id", (until,),
    )  # fmt: skip
    return np.array(rows, dtype=np.int64).reshape(-1, 3)


def _acts(project: Project, until: int, kinds: Sequence[str], links: Ints) -> Ints:
    """(post, actor, target, time, kind) of acts on posts that no stored post stands for; the first of each actor.

    Acts without a time come last.
    """
    import numpy as np

    rows = project.query(
        "select post, actor, target, t, kind from interaction where post > 0 and t <= ? "
        "and kind in (select value from json_each(?))", (until, json.dumps([KINDS[kind] for kind in kinds])),
    )  # fmt: skip
    acts = np.array(rows, dtype=np.int64).reshape(-1, 5)
    if len(acts) == 0:
        return acts
    wide = int(acts[:, 1].max()) + 1
    authors = _said(project, links[:, 0])[:, 0]
    inside = authors < wide
    told = np.unique(links[inside, 1] * wide + authors[inside])
    acts = acts[~np.isin(acts[:, 0] * wide + acts[:, 1], told)]
    when = np.where(acts[:, 3] > 0, acts[:, 3], np.iinfo(np.int64).max)
    acts = acts[np.lexsort((acts[:, 4], acts[:, 2], when, acts[:, 1], acts[:, 0]))]
    _, first = np.unique(acts[:, 0] * wide + acts[:, 1], return_index=True)
    return acts[first]


def _said(project: Project, ids: Ints) -> Ints:
    """(author or 0, time or 0, 1 if stored) of posts, in the order of ``ids``."""
    import numpy as np

    out = np.zeros((len(ids), 3), dtype=np.int64)
    sql = (
        "select j.key, coalesce(t.author, 0), coalesce(t.created, 0) from json_each(?) j join post t on t.id = j.value"
    )
    rows = np.array(project.query(sql, (json.dumps(ids.tolist()),)), dtype=np.int64).reshape(-1, 3)
    out[rows[:, 0], :2], out[rows[:, 0], 2] = rows[:, 1:], 1
    return out


def _by_target(parent: Ints, author: Ints, acts: Ints, first: int, assumed: NDArray[np.bool_]) -> None:
    """An act on somebody who had acted on the same post before came by way of that person.

    The author of a post that is not stored is whom the first act on it names.
    """
    import numpy as np

    if len(acts) == 0:
        return
    when = np.where(acts[:, 3] > 0, acts[:, 3], np.iinfo(np.int64).max)
    top = parent[first:].copy()
    early = np.lexsort((np.arange(len(acts)), when, top))
    posts, at = np.unique(top[early], return_index=True)
    blank = author[posts] == 0
    author[posts[blank]] = acts[early[at[blank]], 2]
    wide = int(max(acts[:, 1].max(), acts[:, 2].max())) + 1
    keys = top * wide + acts[:, 1]  # ascending: acts come sorted by post and actor, one each
    wanted = top * wide + acts[:, 2]
    found = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    via = (keys[found] == wanted) & (acts[:, 2] != author[top]) & (when[found] < when) & (acts[:, 3] > 0)
    rows = np.flatnonzero(via & (found != np.arange(len(acts))))
    parent[first + rows] = first + found[rows]
    assumed[first + rows] = False


def _by_text(
    project: Project, ids: Ints, links: Ints, parent: Ints, author: Ints, time: Ints, assumed: NDArray[np.bool_],
    named: NDArray[np.bool_],
) -> None:  # fmt: skip
    """A repost that says ``//@name:`` came by way of that person's latest earlier repost of the same post."""
    import numpy as np

    if KINDS["repost"] not in links[:, 2]:
        return
    rows = project.query("select id, repost_of, text from post where repost_of is not null and text like '%//@%'")
    said = [(post, top, m[1]) for post, top, text in rows if (m := _VIA.search(text)) is not None]
    if not said:
        return
    wanted = {name for _, _, name in said}
    owners = dict[int, str](
        project.query("select id, name from account where name in (select value from json_each(?))",
                      (json.dumps(sorted(wanted), ensure_ascii=False),))
    )  # fmt: skip
    places: dict[tuple[int, str], list[tuple[int, int]]] = defaultdict(list)
    tops = {top for _, top, _ in said}
    by_repost = links[links[:, 2] == KINDS["repost"]]
    at = np.searchsorted(ids, by_repost[:, 0])
    columns = (by_repost[:, 1], at, author[at], time[at])
    for top, node, who, when in zip(*(column.tolist() for column in columns), strict=True):
        name = owners.get(who)
        if name is not None and when > 0 and top in tops:
            places[top, name].append((when, node))
    node_of = dict(zip(by_repost[:, 0].tolist(), at.tolist(), strict=True))
    when_of = time.tolist()
    for post, top, name in said:
        node = node_of.get(post, _NONE)
        if node == _NONE or not assumed[node]:
            continue
        before = [place for place in places.get((top, name), ()) if place < (when_of[node], node)]
        if before:
            parent[node] = max(before)[1]
            assumed[node], named[node] = False, True


def named_post(project: Project, said: str) -> int | None:
    """A post that is only named by others, as ``platform:id`` or by the platform's id; None if there is none."""
    platform, _, native = said.strip().partition(":")
    rows = project.query(
        "select k.id from post_key k join platform p on p.id = k.platform "
        "where (p.name = ? and k.native_id = ?) or k.native_id = ? order by k.id limit 1",
        (platform, native, said.strip()),
    )
    return int(rows[0][0]) if rows else None


# -- one cascade ---------------------------------------------------------------------------------------------------


def largest(net: Network, since: int | None = None, authors: Iterable[int] | None = None) -> list[int]:
    """The roots of cascades of at least two that began since ``since``, by these authors, if given; largest first."""
    import numpy as np

    found, trees = net.shapes, net.trees
    keep = found.size > 1
    if since is not None:
        keep &= trees.time[found.roots] >= since
    if authors is not None:
        keep &= np.isin(net.author[found.roots], sorted(authors))
    roots, size = found.roots[keep], found.size[keep]
    return [int(root) for root in roots[np.lexsort((roots, -size))]]


def part_of(net: Network, account: int) -> dict[str, int]:
    """What somebody began and passed on: ``began`` cascades of at least two with ``grew`` acts in them, and in those of
    others ``passed`` acts of theirs, after which ``direct`` acts came directly."""
    import numpy as np

    mine = net.author == account
    first = net.trees.parent == _NONE
    below, children = net.trees.below, net.trees.children
    own = mine & first & (children > 0)
    theirs = mine & ~first & (net.author[net.trees.root] != account)
    return {
        "began": int(own.sum()), "grew": int(below[own].sum()), "passed": int(theirs.sum()),
        "direct": int(np.sum(children[theirs])),
    }  # fmt: skip


def describe(net: Network, top: int) -> Cascade:
    """Everything that grew from the node ``top``, as if it were a root."""
    import numpy as np

    from graph.cascades import forest, shapes, subtree

    nodes = subtree(net.trees, top)
    place = np.empty(len(net.trees), dtype=np.int64)
    place[nodes] = np.arange(len(nodes))
    parent = place[np.maximum(net.trees.parent[nodes], 0)]
    parent[0] = _NONE
    tree = forest(parent, net.trees.time[nodes])
    shape = shapes(tree)
    author = net.author[nodes]
    rest = nodes[1:]
    return Cascade(
        nodes, parent, tree.depth, tree.below, len(nodes), int(shape.depth[0]), int(shape.breadth[0]),
        float(shape.virality[0]), _known(shape.duration[0]), _known(shape.half[0]),
        len(np.unique(author[author > 0])), int(net.assumed[rest].sum()), int(net.named[rest].sum()),
        int((~net.stored[nodes]).sum()), _sparks(nodes, author, tree),
    )  # fmt: skip


def _known(seconds: int) -> int | None:
    return None if seconds < 0 else int(seconds)


def _sparks(nodes: Ints, author: Ints, tree: Forest) -> tuple[Spark, ...]:
    """Those, but for the author of the first post, below whom most stands; what stands below two nodes of the same
    person counts once. Nodes are read from the top, so that what is below a node follows it."""
    below, direct = tree.below.tolist(), tree.children.tolist()
    found: dict[int, list[int]] = {}
    end: dict[int, int] = {}
    for at, who in enumerate(author.tolist()):
        if at and who and who != int(author[0]) and below[at]:
            row = found.setdefault(who, [at, 0, 0])
            row[1] += direct[at]
            if at > end.get(who, 0):
                row[2] += below[at]
                end[who] = at + below[at]
            if below[at] > below[row[0]]:
                row[0] = at
    best = sorted(found.items(), key=lambda one: (-one[1][2], -one[1][1], one[0]))[:SPARKS]
    reposts = max(1, len(nodes) - 1)
    return tuple(Spark(who, int(nodes[at]), first, all_, all_ / reposts) for who, (at, first, all_) in best)
