"""communities, cascade, overlap, and the words that go with every ranking: what a measure means, and what not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from xunke import actions
from xunke.clock import moment
from xunke.errors import BadInput, UsageError
from xunke.labels import find_post
from xunke.outreach import cascades, communities, measures, overlap, posts
from xunke.outreach import people as people_of
from xunke.plan import Step
from xunke.storage import Project, rows

from .who import _kinds as kinds_of
from .who import window

if TYPE_CHECKING:
    from xunke.model import RankerName

    from .main import Context

_TREE: Final = 30
"""Places of a tree in the terminal."""
_ENDS: Final = 3
"""Of those after whom nothing came, so many are shown below each place."""
_BRIDGES: Final = 20
_CASCADES: Final = 10
_COMMON: Final = 10


# -- rank ----------------------------------------------------------------------------------------------------------


def measured(
    context: Context, by: RankerName, *, since: int | None, until: int, kinds: Sequence[str] | None,
    topic: Mapping[int, int] | None,
) -> measures.Measured:  # fmt: skip
    """Rank everybody by ``by``; says in a line what the measure means, and whether it forecasts influence."""
    from graph.measures import REGISTRY

    out, cat, ranker = context.out, context.out.cat, REGISTRY[by]
    out.say(cat.t(f"ranker.{by}"))
    if ranker.forecast != "best":
        out.say(cat.t(f"rank.forecast.{ranker.forecast}"))
    if ranker.slow and (context.project.one("select count(*) from interaction") or 0) > measures.SLOW_EDGES:
        out.say(cat.t("rank.slow"))
    return measures.ranking(
        context.project, by, since=since, until=until, kinds=kinds, topic=topic, watch=out.watch("graph"),
        tell=out.watch("measure"),
    )  # fmt: skip


# -- who is who ----------------------------------------------------------------------------------------------------


class _Names:
    """Names of accounts and posts; those of people who appear nowhere are not told."""

    def __init__(self, project: Project, accounts: Iterable[int]) -> None:
        ids = sorted(set(accounts) - {0})
        self._rows = {row.id: row for row in rows.people(project, ids)}
        self._hidden = people_of.barred(project, ids)

    def shown(self, account: int) -> rows.PersonRow | None:
        """The person, None if unknown or not to be named."""
        return None if account in self._hidden else self._rows.get(account)

    def hidden(self, account: int) -> bool:
        """Whether this person appears nowhere."""
        return account in self._hidden

    def name(self, account: int, unknown: str) -> str:
        """What to call somebody in a text."""
        row = self.shown(account)
        return unknown if row is None else row.name or row.handle or row.native_id

    def as_json(self, account: int) -> dict[str, Any] | None:
        """Platform, id and name; None if unknown or not to be named."""
        row = self.shown(account)
        return None if row is None else {"platform": row.platform, "id": row.native_id, "name": row.name}


def _listing(names: _Names, accounts: Iterable[int]) -> list[dict[str, Any]]:
    return [person for account in accounts if (person := names.as_json(account)) is not None]


async def _understand(context: Context) -> None:
    """Read what people say of themselves: who is under 18 appears nowhere."""
    from xunke.persona import understand_people

    async for event in understand_people(context.project):
        context.out.event(event)


# -- communities ---------------------------------------------------------------------------------------------------


def find_communities(context: Context) -> int:
    """``xunke communities``: groups of people who deal with each other, named by what they write about."""
    from xunke.topics import name_communities

    args, project, out = context.args, context.project, context.out
    since, until = window(context)
    if args.min < 2:
        raise UsageError("cli.bad_limit", limit=args.min)
    asyncio.run(_understand(context))
    found = communities.find(
        project, since=since, until=until, kinds=kinds_of(args.kinds), about=_about(context, args.topic),
        least=args.min, watch=out.watch("graph"), tell=out.watch("communities"),
    )  # fmt: skip
    if not found.people:
        out.say(out.cat.t("rank.empty"))
        return 0
    if args.bridges:
        return _show_bridges(context, found)
    found = name_communities(project, found, since, until)
    names = _Names(project, (account for one in found.listed for account in one.top))
    if out.json:
        for one in found.listed[: args.limit]:
            out.object({"what": "community", **_community(one, names)})
        out.object({"what": "summary", **_summary(found)})
        return 0
    for one in found.listed[: args.limit]:
        for line in _community_lines(context, one, names):
            out.data(line)
    out.data(out.cat.t("communities.summary", **_summary(found)))
    out.say(out.cat.t("communities.how", **_summary(found)))
    if found.stability is not None:
        steady = "steady" if found.stability >= 0.8 else "fair" if found.stability >= 0.5 else "shaky"
        out.say(out.cat.t(f"communities.{steady}", stability=found.stability))
    return 0


def _about(context: Context, words: str | None) -> list[int] | None:
    """Posts about ``words``."""
    if not words:
        return None
    step = Step(action="find", topics=tuple(words.split()))
    found = [post.id for post in posts.select(context.project, step, context.today).posts]
    if not found:
        raise BadInput("rank.nobody_wrote", by=context.args.command)
    return found


def _summary(found: communities.Communities) -> dict[str, Any]:
    return {
        "people": found.people, "ties": found.edges, "communities": len(found.listed), "small": found.small,
        "small_people": found.small_people, "outside": found.outside, "modularity": found.modularity,
        "stability": found.stability, "runs": found.runs,
    }  # fmt: skip


def _community(one: communities.Community, names: _Names) -> dict[str, Any]:
    return {
        "community": one.number, "size": one.size, "density": one.density, "inside": one.inside,
        "words": [{"word": word, "index": index} for word, index in one.words], "writers": one.writers,
        "regions": [{"region": region, "people": n} for region, n in one.regions], "located": one.located,
        "top": _listing(names, one.top),
    }  # fmt: skip


def _community_lines(context: Context, one: communities.Community, names: _Names) -> Iterable[str]:
    cat, sep = context.out.cat, context.out.cat.t("list.sep")
    top = [names.name(account, "?") for account in one.top if names.shown(account)]
    if one.words:
        title = " · ".join(word for word, _ in one.words[:3])
    else:
        title = cat.t("communities.around", name=top[0]) if top else cat.t("communities.nameless")
    yield cat.t("communities.title", number=one.number, title=title, size=one.size)
    yield "   " + cat.t("communities.shape", inside=one.inside, density=one.density)
    if one.words:
        listed = sep.join(f"{word} {index:.0f}" for word, index in one.words)
        yield "   " + cat.t("communities.words", words=listed, writers=one.writers)
    if top:
        yield "   " + cat.t("communities.top", names=sep.join(top))
    if one.regions:
        listed = sep.join(f"{region} {n / one.located:.0%}" for region, n in one.regions)
        yield "   " + cat.t("communities.regions", regions=listed, n=one.located)


def _show_bridges(context: Context, found: communities.Communities) -> int:
    out, project = context.out, context.project
    if found.edges > measures.SLOW_EDGES:
        out.say(out.cat.t("rank.slow"))
    table = communities.bridges(found, tell=out.watch("measure"))
    out.say(out.cat.t("communities.bridges"))
    out.say(out.cat.t("rank.forecast.no"))
    limit = _limit(context, _BRIDGES)
    told: list[dict[str, Any]] = []
    for start in range(0, len(table), 200):
        page = table[start : start + 200]
        names = _Names(project, (bridge.account for bridge in page))
        for bridge in page:
            row = names.shown(bridge.account)
            if row is not None and len(told) < limit:
                told.append({
                    "rank": len(told) + 1, "platform": row.platform, "id": row.native_id, "name": row.name,
                    "betweenness": bridge.betweenness, "participation": bridge.participation,
                    "across": bridge.across, "touches": bridge.touches, "community": bridge.community or None,
                })  # fmt: skip
        if len(told) >= limit:
            break
    if not told:
        out.say(out.cat.t("communities.no_bridges"))
    columns = ("rank", "platform", "id", "name", "betweenness", "participation", "across", "touches", "community")
    out.rows(columns, told)
    return 0


def _limit(context: Context, default: int) -> int:
    """``--limit``, at least 1."""
    limit = context.args.limit
    if limit is None:
        return default
    if limit < 1:
        raise UsageError("cli.bad_limit", limit=limit)
    return int(limit)


# -- cascades ------------------------------------------------------------------------------------------------------


def show_cascade(context: Context) -> int:
    """``xunke cascade POST | --top N | --person P``: what grew from a post, and who set it off."""
    args, project = context.args, context.project
    asked = [args.post is not None, args.top is not None, args.person is not None]
    if sum(asked) > 1 or (args.top is not None and args.top < 1):
        raise UsageError("cascade.one_of")
    since, until = window(context)
    asyncio.run(_understand(context))
    kinds = _link_kinds(args.kinds)
    if args.post is not None:
        return _one_cascade(context, find_post(project, args.post), until, kinds)
    person = None
    if args.person is not None:
        person = actions.one_account(project, args.person)
        if people_of.barred(project, [person.id]):
            raise BadInput("overlap.barred")
    net = cascades.load(project, until, kinds)
    limit = args.top or _limit(context, _CASCADES)
    roots = cascades.largest(net, since, limit, None if person is None else [person.id])
    if person is not None:
        context.out.say(context.out.cat.t("cascade.person", **cascades.part_of(net, person.id)))
    return _cascade_table(context, net, roots)


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
    names = _Names(context.project, (who for root, one in zip(roots, found, strict=True)
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
    net: cascades.Network, root: int, one: cascades.Cascade, names: _Names, posts_of: Mapping[int, str]
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


def _sparks(one: cascades.Cascade, names: _Names) -> list[dict[str, Any]]:
    return [
        {**person, "direct": spark.direct, "below": spark.below, "share": spark.share}
        for spark in one.sparks
        if (person := names.as_json(spark.author)) is not None
    ]


def _spark_name(one: cascades.Cascade, names: _Names) -> str | None:
    """The first who may be named, with what went on by way of them."""
    for spark in one.sparks:
        if names.shown(spark.author) is not None:
            return f"{names.name(spark.author, '?')} {spark.share:.0%}"
    return None


def _post_ids(project: Project, ids: Sequence[int]) -> dict[int, str]:
    """{post: platform:id}."""
    import json

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
    names = _Names(context.project, accounts)
    if names.hidden(int(net.author[top])):
        raise BadInput("overlap.barred")
    ids = _post_ids(context.project, net.post[one.nodes].tolist() if out.json else [post])
    if out.json:
        out.object({
            **_head(net, top, one, names, ids), **_sizes(one), "sparks": _sparks(one, names),
            "nodes": [
                {"n": at, "parent": None if at == 0 else int(one.parent[at]), "post": ids.get(int(net.post[node])),
                 "author": names.as_json(int(net.author[node])), "time": int(net.trees.time[node]) or None,
                 "depth": int(one.depth_of[at]), "below": int(one.below[at])}
                for at, node in enumerate(one.nodes.tolist())
            ],
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
    context: Context, net: cascades.Network, one: cascades.Cascade, shown: Sequence[int], names: _Names
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


def _node_line(context: Context, net: cascades.Network, one: cascades.Cascade, at: int, names: _Names) -> str:
    cat, node = context.out.cat, int(one.nodes[at])
    name = names.name(int(net.author[node]), cat.t("cascade.unknown" if net.stored[node] else "cascade.unstored"))
    stamp = int(net.trees.time[node])
    when = moment(stamp).strftime("%m-%d %H:%M") if stamp else "?"
    return f"{name}  {when}" + (cat.t("cascade.below", n=int(one.below[at])) if one.below[at] else "")


# -- overlap -------------------------------------------------------------------------------------------------------


def show_overlap(context: Context) -> int:
    """``xunke overlap A B …``: how far audiences overlap, against chance, and what each adds."""
    args, project, out = context.args, context.project, context.out
    since, until = window(context)
    asyncio.run(_understand(context))
    asked = [actions.one_account(project, who) for who in args.people]
    found = overlap.shared(
        project, [row.id for row in asked], since=since, until=until, kinds=kinds_of(args.kinds),
        limit=_limit(context, _COMMON), watch=out.watch("graph"),
    )  # fmt: skip
    names = _Names(project, [*found.people, *found.followers, *found.actors])
    told = found.overlap
    people = [
        {"what": "person", **(names.as_json(who) or {}), "audience": len(told.audiences[at]),
         "added": told.added[at], "only": told.only[at]}
        for at, who in enumerate(found.people)
    ]  # fmt: skip
    pairs = [
        {"what": "pair", "a": names.name(found.people[p.one], "?"), "b": names.name(found.people[p.two], "?"),
         "shared": p.shared, "by_chance": p.expected, "jaccard": p.jaccard,
         "lift": p.affinity and p.affinity.lift, "low": p.affinity and p.affinity.low,
         "high": p.affinity and p.affinity.high, "verdict": p.affinity.verdict if p.affinity else "too_few"}
        for p in told.pairs
    ]  # fmt: skip
    whole = {
        "union": told.union,
        "active": told.active,
        "common": found.actors_all,
        "common_followers": found.followers_all,
    }
    if out.json:
        for row in (*people, *pairs):
            out.object(row)
        out.object({"what": "all", **whole, "actors": _listing(names, found.actors),
                    "followers": _listing(names, found.followers)})  # fmt: skip
        return 0
    out.rows(("platform", "id", "name", "audience", "added", "only"), people)
    out.data("")
    spoken = [{**pair, "verdict": out.cat.t(f"overlap.{pair['verdict']}")} for pair in pairs]
    out.rows(("a", "b", "shared", "by_chance", "jaccard", "lift", "low", "high", "verdict"), spoken)
    out.data(out.cat.t("overlap.union", **whole))
    for key, who, total in (
        ("actors", found.actors, found.actors_all), ("followers", found.followers, found.followers_all)
    ):  # fmt: skip
        if who:
            listed = out.cat.t("list.sep").join(names.name(account, "?") for account in who)
            out.data(out.cat.t(f"overlap.{key}", n=total, names=listed))
    out.say(out.cat.t("overlap.how", least=20, shared=5))
    return 0


COMMANDS: Final[dict[str, Callable[[Context], int]]] = {
    "communities": find_communities, "cascade": show_cascade, "overlap": show_overlap,
}  # fmt: skip
