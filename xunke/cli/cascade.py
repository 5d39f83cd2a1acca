"""cascade: what grew from a post, as a tree, a table or data."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from xunke import actions
from xunke.clock import moment
from xunke.errors import BadInput, UsageError
from xunke.events import Progress
from xunke.labels import find_post
from xunke.outreach import cascades
from xunke.outreach import people as people_of
from xunke.storage import Project

from .names import Names, understand
from .window import kinds_of, limit_of, window_of

if TYPE_CHECKING:
    from .main import Context

_TREE: Final = 30
"""Places of a tree in the terminal."""
_ENDS: Final = 3
"""Of those after whom nothing came, so many are shown below each place."""
_CASCADES: Final = 10


def show_cascade(context: Context) -> int:
    """``xunke cascade POST | --top N | --person P``: what grew from a post, and who set it off."""
    args, project = context.args, context.project
    asked = [args.post is not None, args.top is not None, args.person is not None]
    if sum(asked) > 1 or (args.top is not None and args.top < 1):
        raise UsageError("cascade.one_of")
    since, until = window_of(context)
    asyncio.run(understand(context))
    kinds = _link_kinds(args.kinds)
    context.out.progress(Progress("cascades", 0))
    if args.post is not None:
        return _one_cascade(context, _post(project, args.post), until, kinds)
    person = None
    if args.person is not None:
        person = actions.one_account(project, args.person)
        if people_of.barred(project, [person.id]):
            raise BadInput("overlap.barred")
    net = cascades.load(project, until, kinds)
    limit = args.top or limit_of(context) or _CASCADES
    roots = _to_show(project, net, cascades.largest(net, since, None if person is None else [person.id]), limit)
    if person is not None:
        context.out.say(context.out.cat.t("cascade.person", **cascades.part_of(net, person.id)))
    return _cascade_table(context, net, roots)


def _post(project: Project, said: str) -> int:
    """The post that is meant, also one that is only known because others reposted it."""
    try:
        return find_post(project, said)
    except BadInput:
        found = cascades.named_post(project, said)
        if found is None:
            raise
        return found


def _to_show(project: Project, net: cascades.Network, roots: Sequence[int], limit: int) -> list[int]:
    """The first ``limit`` of ``roots`` whose authors may be named."""
    kept: list[int] = []
    for start in range(0, len(roots), 200):
        page = roots[start : start + 200]
        hidden = people_of.barred(project, (int(net.author[root]) for root in page))
        kept += [root for root in page if int(net.author[root]) not in hidden]
        if len(kept) >= limit:
            break
    return kept[:limit]


def _link_kinds(text: str | None) -> tuple[str, ...]:
    kinds = kinds_of(text)
    if kinds is None:
        return cascades.LINKS
    unfit = [kind for kind in kinds if kind not in cascades.LINKS]
    if unfit:
        raise UsageError("cli.bad_kind", kind=unfit[0], known=", ".join(cascades.LINKS))
    return tuple(kinds)


def _cascade_table(context: Context, net: cascades.Network, roots: Sequence[int]) -> int:
    out = context.out
    if not roots:
        out.say(out.cat.t("cascade.none"))
        return 0
    found = [cascades.describe(net, root) for root in roots]
    names = Names(context.project, (who for root, one in zip(roots, found, strict=True)
                                     for who in (int(net.author[root]), *(s.author for s in one.sparks))))  # fmt: skip
    posts_of = _post_ids(context.project, [int(net.post[root]) for root in roots])
    table = [
        {"rank": place, **_head(net, root, one, names, posts_of), **_sizes(one),
         "spark": _spark_name(one, names), "sparks": _sparks(one, names)}
        for place, (root, one) in enumerate(zip(roots, found, strict=True), 1)
    ]  # fmt: skip
    out.say(out.cat.t("cascade.how"))
    _say_parents(context, found)
    if not out.json:
        for row in table:
            row["half"], row["duration"] = (_span(context, row[name]) for name in ("half", "duration"))
            row["tree"] = row["size"]
    columns = ("rank", "post", "author", "tree", "depth", "breadth", "virality", "half", "duration", "spark")
    out.rows(columns, table)
    return 0


def _head(
    net: cascades.Network, root: int, one: cascades.Cascade, names: Names, posts_of: Mapping[int, str]
) -> dict[str, Any]:
    author = int(net.author[root])
    row = names.shown(author)
    return {
        "post": posts_of.get(int(net.post[root])), "author": None if row is None else row.name or row.native_id,
        "author_id": None if row is None else row.native_id, "time": int(net.trees.time[root]) or None,
    }  # fmt: skip


def _sizes(one: cascades.Cascade) -> dict[str, Any]:
    return {
        "size": one.size, "people": one.people, "depth": one.depth, "breadth": one.breadth, "virality": one.virality,
        "half": one.half, "duration": one.duration, "assumed": one.assumed, "named": one.named, "missing": one.missing,
    }  # fmt: skip


def _sparks(one: cascades.Cascade, names: Names) -> list[dict[str, Any]]:
    return [
        {**person, "direct": spark.direct, "below": spark.below, "share": spark.share}
        for spark in one.sparks
        if (person := names.as_json(spark.author)) is not None
    ]


def _spark_name(one: cascades.Cascade, names: Names) -> str | None:
    """The first who may be named, with what went on by way of them."""
    for spark in one.sparks:
        if names.shown(spark.author) is not None:
            return f"{names.name(spark.author, '?')} {spark.share:.0%}"
    return None


def _post_ids(project: Project, ids: Sequence[int]) -> dict[int, str]:
    """{post: platform:id}."""
    sql = (
        "select k.id, p.name || ':' || k.native_id from post_key k join platform p on p.id = k.platform "
        "where k.id in (select value from json_each(?))"
    )
    return dict(project.query(sql, (json.dumps([i for i in ids if i]),)))


def _say_parents(context: Context, found: Sequence[cascades.Cascade]) -> None:
    """How sure the branches are."""
    told = {name: sum(getattr(one, name) for one in found) for name in ("assumed", "named", "missing")}
    acts = sum(one.size - 1 for one in found)
    if told["assumed"]:
        context.out.say(context.out.cat.t("cascade.assumed", n=told["assumed"], acts=acts))
    for name in ("named", "missing"):
        if told[name]:
            context.out.say(context.out.cat.t(f"cascade.{name}", n=told[name]))


def _span(context: Context, seconds: int | None) -> str | None:
    """Seconds in the largest unit that fits."""
    if seconds is None:
        return None
    for unit, length in (("day", 86_400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            return context.out.cat.t(f"span.{unit}", n=seconds / length)
    return context.out.cat.t("span.second", n=seconds)


def _one_cascade(context: Context, post: int, until: int, kinds: Sequence[str]) -> int:
    out, cat = context.out, context.out.cat
    net = cascades.load(context.project, until, kinds)
    top = net.node_of(post)
    if top is None:
        out.say(cat.t("cascade.alone"))
        return 0
    one = cascades.describe(net, top)
    shown = _tree_places(one)
    if out.json:
        accounts: Iterable[int] = net.author[one.nodes].tolist()
    else:
        accounts = [*(int(net.author[one.nodes[at]]) for at in shown), *(s.author for s in one.sparks)]
    names = Names(context.project, accounts)
    if names.hidden(int(net.author[top])):
        raise BadInput("overlap.barred")
    ids = _post_ids(context.project, net.post[one.nodes].tolist() if out.json else [post])
    if out.json:
        out.object({
            **_head(net, top, one, names, ids), **_sizes(one), "sparks": _sparks(one, names),
            "nodes": [_node(net, one, at, names, ids) for at in range(one.size)],
        })  # fmt: skip
        return 0
    if net.trees.parent[top] >= 0:
        out.say(cat.t("cascade.inside"))
    out.data(cat.t("cascade.sizes", **{
        **_sizes(one), "half": _span(context, one.half) or "?", "duration": _span(context, one.duration) or "?"
    }))  # fmt: skip
    for line in _tree_lines(context, net, one, shown, names):
        out.data(line)
    told = _sparks(one, names)
    for place, spark in enumerate(told, 1):
        out.data(cat.t("cascade.spark", place=place, who=spark["name"] or spark["id"], direct=spark["direct"],
                       below=spark["below"], share=spark["share"]))  # fmt: skip
    out.say(cat.t("cascade.how"))
    _say_parents(context, [one])
    return 0


def _node(
    net: cascades.Network, one: cascades.Cascade, at: int, names: Names, ids: Mapping[int, str]
) -> dict[str, Any]:
    node = int(one.nodes[at])
    author = int(net.author[node])
    return {
        "n": at, "parent": None if at == 0 else int(one.parent[at]),
        "post": None if names.hidden(author) else ids.get(int(net.post[node])), "author": names.as_json(author),
        "time": int(net.trees.time[node]) or None, "depth": int(one.depth_of[at]), "below": int(one.below[at]),
    }  # fmt: skip


def _tree_places(one: cascades.Cascade) -> list[int]:
    """The places to show, in the order of reading: those below which most stands, then the first few that end there.

    A parent has more below it than its child, so the parents of whatever is chosen are chosen too.
    """
    below, parent = one.below.tolist(), one.parent.tolist()
    inner = sorted((at for at in range(one.size) if below[at] or at == 0), key=lambda at: (-below[at], at))[:_TREE]
    chosen, ends = set(inner), dict.fromkeys(inner, 0)
    for at in range(1, one.size):
        if len(chosen) < _TREE and not below[at] and ends.get(parent[at], _ENDS) < _ENDS:
            ends[parent[at]] += 1
            chosen.add(at)
    return sorted(chosen)


def _tree_lines(
    context: Context, net: cascades.Network, one: cascades.Cascade, shown: Sequence[int], names: Names
) -> Iterable[str]:
    cat, chosen = context.out.cat, set(shown)
    kids: dict[int, list[int]] = {at: [] for at in shown}
    rest = dict.fromkeys(shown, 0)
    for at in range(1, one.size):
        above = int(one.parent[at])
        if at in chosen:
            kids[above].append(at)
        elif above in chosen:
            rest[above] += 1
    waiting = [(0, "", "")]  # a place, or -n for n more; the lead of its line, and of those below it
    while waiting:
        at, lead, under = waiting.pop()
        if at < 0:
            yield lead + cat.t("cascade.more", n=-at)
            continue
        yield lead + _node_line(context, net, one, at, names)
        below = [*kids[at], *([-rest[at]] if rest[at] else [])]
        for place, item in reversed(list(enumerate(below, 1))):
            ends = place == len(below)
            waiting.append((item, under + ("└ " if ends else "├ "), under + ("  " if ends else "│ ")))


def _node_line(context: Context, net: cascades.Network, one: cascades.Cascade, at: int, names: Names) -> str:
    cat, node = context.out.cat, int(one.nodes[at])
    name = names.name(int(net.author[node]), cat.t("cascade.unknown" if net.stored[node] else "cascade.unstored"))
    stamp = int(net.trees.time[node])
    when = moment(stamp).strftime("%m-%d %H:%M") if stamp else "?"
    return f"{name}  {when}" + (cat.t("cascade.below", n=int(one.below[at])) if one.below[at] else "")


COMMANDS: Final[dict[str, Callable[[Context], int]]] = {"cascade": show_cascade}
