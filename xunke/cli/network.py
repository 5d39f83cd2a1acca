"""communities, overlap, and the words that go with every ranking: what a measure means, and what not."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, cast

from xunke import actions
from xunke.errors import BadInput, UsageError
from xunke.outreach import communities, measures, overlap, posts
from xunke.plan import Step
from xunke.present.why import recency_words

from .names import Names, listing, understand
from .window import kinds_of, limit_of, window_of

if TYPE_CHECKING:
    from xunke.model import RankerName

    from .main import Context

_BRIDGES: Final = 20
_COMMON: Final = 10


# -- rank ----------------------------------------------------------------------------------------------------------


def measured(
    context: Context, by: str, *, since: int | None, until: int, kinds: Sequence[str] | None,
    topic: Mapping[int, int] | None,
) -> measures.Measured:  # fmt: skip
    """Rank everybody by ``by``; says in a line what the measure means, and whether it forecasts influence."""
    from graph.measures import REGISTRY
    from graph.methods import method

    out, cat = context.out, context.out.cat
    try:
        name = by if by in REGISTRY else method(by).name
    except ValueError:
        raise UsageError("rank.unknown", by=by, known=", ".join(REGISTRY)) from None
    ranker = REGISTRY.get(cast("RankerName", name))
    if ranker is None:
        raise UsageError("rank.unknown", by=by, known=", ".join(REGISTRY))
    out.say(cat.t(f"ranker.{name}"))
    if ranker.forecast != "best":
        out.say(cat.t(f"rank.forecast.{ranker.forecast}"))
    if ranker.slow:
        _say_slow(context)
    found = measures.ranking(
        context.project, by, since=since, until=until, kinds=kinds, topic=topic, watch=out.watch("graph"),
        tell=out.watch("recency" if name == "influence" else "measure"),
    )  # fmt: skip
    _say_sampled(context, found.pivots, len(found.graph))
    if found.recency is not None:
        asked = method(by).unit != "learnt"
        key = "rank.recency" if found.recency.learnt else "rank.recency_asked" if asked else "rank.recency_plain"
        out.say(cat.t(key, **recency_words(found.recency, cat)))
    return found


def _say_sampled(context: Context, pivots: int | None, people: int) -> None:
    if pivots is not None and pivots < people:
        context.out.say(context.out.cat.t("rank.sampled", pivots=pivots, people=people))


def _say_slow(context: Context) -> None:
    if (context.project.one("select count(*) from interaction") or 0) > measures.SLOW:
        context.out.say(context.out.cat.t("rank.slow"))


# -- communities ---------------------------------------------------------------------------------------------------


def find_communities(context: Context) -> int:
    """``xunke communities``: groups of people who deal with each other, named by what they write about."""
    from xunke.topics import name_communities

    args, project, out = context.args, context.project, context.out
    since, until = window_of(context)
    limit = limit_of(context)
    if args.min < 2:
        raise UsageError("cli.bad_limit", limit=args.min)
    asyncio.run(understand(context))
    _say_slow(context)
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
    names = Names(project, (account for one in found.listed for account in one.top))
    if out.json:
        for one in found.listed[:limit]:
            text = " ".join(line.strip() for line in _community_lines(context, one, names))
            out.object({"what": "community", **_community(one, names), "text": text})
        out.object({"what": "summary", **_summary(found)})
        return 0
    for one in found.listed[:limit]:
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


def _community(one: communities.Community, names: Names) -> dict[str, Any]:
    return {
        "community": one.number, "size": one.size, "density": one.density, "inside": one.inside,
        "words": [{"word": word, "index": index} for word, index in one.words], "writers": one.writers,
        "regions": [{"region": region, "people": n} for region, n in one.regions], "located": one.located,
        "top": listing(names, one.top),
    }  # fmt: skip


def _community_lines(context: Context, one: communities.Community, names: Names) -> Iterable[str]:
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
    table = communities.bridges(found, tell=out.watch("measure"))
    out.say(out.cat.t("communities.bridges"))
    _say_sampled(context, communities.pivots_of(found), found.people)
    out.say(out.cat.t("rank.forecast.no"))
    limit = limit_of(context) or _BRIDGES
    told: list[dict[str, Any]] = []
    for start in range(0, len(table), 200):
        page = table[start : start + 200]
        names = Names(project, (bridge.account for bridge in page))
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


# -- overlap -------------------------------------------------------------------------------------------------------


def show_overlap(context: Context) -> int:
    """``xunke overlap A B …``: how far audiences overlap, against chance, and what each adds."""
    args, project, out = context.args, context.project, context.out
    since, until = window_of(context)
    asyncio.run(understand(context))
    asked = [actions.one_account(project, who) for who in args.people]
    found = overlap.shared(
        project, [row.id for row in asked], since=since, until=until, kinds=kinds_of(args.kinds),
        limit=limit_of(context) or _COMMON, watch=out.watch("graph"),
    )  # fmt: skip
    names = Names(project, [*found.people, *found.followers, *found.actors])
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
        out.object({"what": "all", **whole, "actors": listing(names, found.actors),
                    "followers": listing(names, found.followers)})  # fmt: skip
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
    "communities": find_communities, "overlap": show_overlap,
}  # fmt: skip
