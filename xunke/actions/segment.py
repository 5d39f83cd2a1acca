"""``segment``: people or posts in groups, each with what marks it; kept as a result whose rows name their group."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec

from xunke import topics
from xunke.errors import BadInput
from xunke.events import Event, Progress, Result, Table, Warned
from xunke.outreach import facets, posts, segments
from xunke.outreach.scoring import Scored
from xunke.outreach.segment_facts import Book
from xunke.plan import Step
from xunke.storage import Project
from xunke.storage.persons import own_accounts

from .chosen import Chosen, choose, scores_of

if TYPE_CHECKING:
    from xunke.engine import Engine, Session, Standing

MARKS: Final = 5
"""Things that mark a segment, at most."""
TOP: Final = 3
"""People named of each segment."""
_OWN: Final[dict[str, Any]] = {"method": None, "k": None, "by": ()}


async def segment(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    """Cut what the step is about into groups."""
    session.subject = (*step.tags, *step.topics, *step.keywords, *step.groups) or session.subject
    among = engine.among(step, session)
    found_posts = step.target is None and among is not None and among[1] == "posts"
    if step.target in ("posts", "comments") or found_posts:
        async for event in _posts(engine, step, index, session):
            yield event
        return
    async for event in _people(engine, step, index, session):
        yield event


# -- people --------------------------------------------------------------------------------------------------------


def _numbers(cut: segments.Cut, account: int) -> dict[str, Any]:
    """By which numbers somebody came into their segment, under the name of the method."""
    key = {"rfm": "rfm", "value": "worth"}.get(cut.method, "stage")
    return {key: cut.numbers[account]} if account in cut.numbers else {}


async def _people(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    bare = msgspec.structs.replace(step, **_OWN)
    standing, news = engine.standing(step, session), False
    async for event in _read(engine, bare, session, standing):
        news = news or (isinstance(event, Progress) and event.stage != "rank")
        yield event
    ready = standing.ranking is not None and not news  # nothing came to light: ranked again they would be the same
    if not ready:
        standing = engine.standing(step, session)
        async for event in engine.rank_people(bare, standing):
            yield event
    ours = own_accounts(engine.project)
    people = [s for s in standing.scored if s.person.id not in ours][: step.limit]
    if len(people) < segments.LEAST:
        raise BadInput("segment.too_few", n=len(people), least=segments.LEAST)
    if standing.selection is None and not ready:
        await asyncio.to_thread(engine.attach_posts, people, posts.window(step, engine.today)[1])
    method = segments.method_of(step.method, step.by, step.k)
    if not ready:  # else ``_read`` has understood them
        async for event in engine.understand([p.id for s in people for p in s.person.found]):
            yield event
    if method == "value":  # classes are fifths of everybody: what is read later must not move their bounds
        async for event in engine.understand(Book(engine.project, engine.today).unanalysed):
            yield event
    yield Progress("segment", 0, None)
    cut = await asyncio.to_thread(_cut, engine, step, method, people, standing.selection is None)
    for key, params in cut.notes:
        yield Warned(key, params)
    named, marks = _named(people, cut, await asyncio.to_thread(_items, engine.project, people))
    order = _order(named, cut)
    rank = {name: at for at, name in enumerate(order)}
    rows = []
    for s, name in zip(people, named, strict=True):
        facts = s.as_json() | {"segment": name}
        facts["raw"] = facts["raw"] | _numbers(cut, s.person.id)
        rows.append((s.person.id, s.value, facts))
    rows.sort(key=lambda row: (rank[str(row[2]["segment"])], -row[1], row[0]))
    sizes = Counter(named)
    told = [
        {"name": name, "size": sizes[name], "marks": marks[name]} for name in order
    ]  # fmt: skip
    setting = engine.setting_of(step, standing) | {
        "segments": told, "method": cut.method, "silhouette": cut.silhouette, "features": list(cut.features),
    }  # fmt: skip
    result = engine.keep("people", rows, step, index, session, standing.funnel, setting)
    score = None if cut.silhouette is None else round(cut.silhouette, 3)
    params = {"n": len(people), "k": len(order), "method": cut.method, "silhouette": score, "result": result}
    yield _table(people, rows, told, params, index)
    yield Result(result, "people", len(rows), index)


def _table(
    people: Sequence[Scored], rows: Sequence[tuple[int, float, dict[str, Any]]], told: Sequence[Mapping[str, Any]],
    params: dict[str, Any], index: int,
) -> Table:  # fmt: skip
    """The segments; for programs with all their members and the silhouette of the cut."""
    who = {s.person.id: s.person for s in people}
    score, body = params["silhouette"], []
    for one in told:
        here = [who[row[0]] for row in rows if row[2]["segment"] == one["name"]]
        body.append([
            one["name"], one["size"], round(one["size"] / len(people), 4), one["marks"] or None,
            "、".join(p.name or p.native_id for p in here[:TOP]), [f"{p.platform}:{p.native_id}" for p in here], score,
        ])  # fmt: skip
    columns = ["segment", "people", "share", "marks", "best_people", "members", "silhouette"]
    shown = params | {"hidden": ["members", "silhouette"]}
    return Table("segment.title" if score is None else "segment.title_score", columns, body, shown, index)


async def _read(engine: Engine, step: Step, session: Session, first: Standing) -> AsyncIterator[Event]:
    """Analyse everything that the people in question wrote before they are ranked, or the same request would find
    other people the second time, when their advertising is known. Where it takes a ranking to know who they are, that
    is ``first``.
    """
    among = engine.among(step, session)
    if engine.by_posts(step, among):
        async for event in choose(engine, step, session, Chosen(), sentiment=True):
            yield event
        return
    async for event in engine.rank_people(step, first):
        yield event
    await asyncio.to_thread(engine.attach_posts, first.scored, posts.window(step, engine.today)[1])
    async for event in engine.understand([p.id for s in first.scored for p in s.person.found]):
        yield event


def _cut(engine: Engine, step: Step, method: str, people: Sequence[Scored], whole: bool) -> segments.Cut:
    project = engine.project
    since, until = posts.window(step, engine.today)
    match method:
        case "rules":
            scores: Mapping[int, float] = scores_of(engine, "influence") if "influence" in step.by else {}
            return segments.by_rules(project, people, step.by, step.k, scores)
        case "rfm":
            return segments.by_rfm(project, people, own_accounts(project), since, until)
        case "value" | "stage":
            return segments.by_book(project, people, method, engine.today)
        case "community":
            ids = [p.id for s in people for p in s.person.found]
            cut = segments.by_community(project, people, ids, since, until, all_acts=whole)
        case "topic_model":
            cut = _by_topics(project, people, step.k)
        case _:
            return segments.by_likeness(project, people, method, step.by, step.k)
    segments.renumbered(cut)
    segments.fold_small(cut, step.k)
    return cut


def _by_topics(project: Project, people: Sequence[Scored], k: int | None) -> segments.Cut:
    """The topic in which most of a person's posts are."""
    written = [p for s in people for p in s.person.found]
    made = topics.topics_of(project, written, k or topics.LIMIT)
    place = {name: str(at) for at, (name, _) in enumerate(made, 1)}
    of: dict[int, str] = {}
    for name, ids in made:
        for number in ids:
            of.setdefault(number, place[name])
    labels = []
    for s in people:
        count = Counter(of[p.id] for p in s.person.found if p.id in of)
        labels.append(max(count, key=lambda n: (count[n], -int(n))) if count else segments.STRAY)
    return segments.Cut(labels, "topic_model")


def _items(project: Project, people: Sequence[Scored]) -> dict[int, set[str]]:
    """{person: what they state, are interested in and tag}: what may mark a segment."""
    found = {
        person: {f"interest:{name}" for name in names} for person, names in segments.interests(project, people).items()
    }
    tagged = facets.tags_of(project, {post.id: s.person.id for s in people for post in s.person.found})
    for s in people:
        mine = found[s.person.id]
        for fact in ("region", "occupation"):
            mine.update(f"{fact}:{value}" for value in s.person.stated(fact))
        mine.update(f"tag:{name}" for name in tagged.get(s.person.id, ()) if name != facets.UNKNOWN)
    return found


def _named(
    people: Sequence[Scored], cut: segments.Cut, items: Mapping[int, set[str]]
) -> tuple[list[str], dict[str, list[str]]]:
    """The name of each person's segment and what marks each: things its people have more of than all others have.

    A numbered segment is called by its number and its first marks.
    """
    from nlp.overindex import MIN_GROUP, over_index

    having: dict[str, Counter[str]] = defaultdict(Counter)
    for s, label in zip(people, cut.labels, strict=True):
        having[label].update(items[s.person.id])
    sizes, everybody = Counter(cut.labels), sum(having.values(), Counter[str]())
    marks: dict[str, list[str]] = {}
    for label, here in having.items():
        marks[label] = []
        if sizes[label] >= MIN_GROUP and len(people) - sizes[label] >= MIN_GROUP:
            told = over_index(here, sizes[label], everybody, len(people))
            over = [row for row in told if row.verdict == "over"]
            indices: dict[str, float] = {}  # an interest and a tag of the same word are one mark: the first, the surest
            for row in over:
                if row.index is not None:
                    indices.setdefault(row.item.partition(":")[2], row.index)
            marks[label] = [f"{word} {index:.0f}" for word, index in indices.items()][:MARKS]
    names = {}
    for label, told_marks in marks.items():
        short = [word.partition(" ")[0] for word in told_marks[:2]]
        names[label] = f"{label} {'/'.join(short)}" if label.isdigit() and short else label
    told_of = {names[label]: [*found, *cut.leans.get(label, ())][:MARKS] for label, found in marks.items()}
    return [names[label] for label in cut.labels], told_of


def _order(named: Sequence[str], cut: segments.Cut) -> list[str]:
    """Segments as they are shown: RFM by worth, bands and classes in their order, everything else by size."""
    sizes = Counter(named)
    last = {segments.STRAY: 1, segments.REST: 1, facets.UNKNOWN: 1}
    if cut.method in segments.ORDER:
        names = segments.ORDER[cut.method]
        return sorted(sizes, key=lambda n: names.index(n) if n in names else len(names))
    if cut.method == "rules" and len(cut.features) == 1:
        place = {name: at for at, name in enumerate(facets.order_of(cut.features[0], sizes, sizes))}
        return sorted(sizes, key=lambda n: (last.get(n, 0), place[n]))
    return sorted(sizes, key=lambda n: (last.get(n, 0), -sizes[n], n))


# -- posts ---------------------------------------------------------------------------------------------------------


async def _posts(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    """Posts in groups: topics, or what a facet of posts names."""
    chosen = Chosen()
    async for event in choose(engine, msgspec.structs.replace(step, **_OWN), session, chosen, sentiment=bool(step.by)):
        yield event
    kept = topics.shown_only(engine.project, chosen.posts, most=max(topics.MOST, step.limit or 0))
    kept = kept[: step.limit] if step.limit is not None else kept
    if len(kept) < segments.LEAST:
        raise BadInput("segment.too_few_posts", n=len(kept), least=segments.LEAST)
    by = tuple(b for b in step.by if b not in topics.BY_WORDS)
    if step.method not in (None, "topic_model") and not by:
        yield Warned("segment.posts_method", {"method": step.method})
    yield Progress("words", 0, None)
    if by:
        keys = [facets.key(engine.project, b, kept, scores=scores_of(engine, b)) for b in by]
        label = {p.id: "·".join(key(p)[0] for key in keys) for p in kept}
        words: dict[str, str] = {}
    else:
        label, words = {}, {}
        made = await asyncio.to_thread(topics.topics_of, engine.project, kept, step.k or topics.LIMIT)
        for at, (name, ids) in enumerate(made, 1):
            words[f"{at} {name.partition(' ')[0]}"] = name
            for number in ids:
                label.setdefault(number, f"{at} {name.partition(' ')[0]}")
    named = {p.id: label.get(p.id, segments.STRAY) for p in kept}
    sizes = Counter(named.values())
    order = sorted(sizes, key=lambda n: (n == segments.STRAY, -sizes[n], n))
    if step.k is not None and by and len(order) > step.k:
        keep = set(order[: step.k - 1])
        named = {number: name if name in keep else segments.REST for number, name in named.items()}
        sizes = Counter(named.values())
        order = sorted(sizes, key=lambda n: (n == segments.REST, -sizes[n], n))
    rank = {name: at for at, name in enumerate(order)}
    ordered = sorted(kept, key=lambda p: (rank[named[p.id]], -p.engagement, -(p.created or 0), p.id))
    rows = [(p.id, float(p.engagement), {"segment": named[p.id]}) for p in ordered]
    told = [{"name": name, "size": sizes[name], "marks": words.get(name, "").split()} for name in order]
    setting = {"sort": "engagement", "until": posts.window(step, engine.today)[1], "segments": told,
               "method": "rules" if by else "topic_model"}  # fmt: skip
    result = engine.keep("posts", rows, step, index, session, chosen.funnel, setting)
    quotes = {name: next(p.text for p in ordered if named[p.id] == name)[:40] for name in order}
    authors = {name: len({p.author for p in kept if named[p.id] == name}) for name in order}
    table = [
        [name, sizes[name], round(sizes[name] / len(kept), 4), authors[name], words.get(name), quotes[name]]
        for name in order
    ]  # fmt: skip
    columns = ["segment", "posts", "share", "authors", "words", "quote"]
    params = {"n": len(kept), "k": len(order), "method": setting["method"], "result": result}
    yield Table("segment.title_posts", columns, table, params, index)
    yield Result(result, "posts", len(rows), index)
