"""Segments made, kept, shown and computed again: what ``xunke segment``, the chat and the screens call."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final, get_args

import msgspec

from xunke.clock import day_of, start_of
from xunke.errors import BadInput, UsageError, XunkeError
from xunke.events import Answer, Done, Event, Failed, Progress, Result, StepStarted, Table, Warned
from xunke.i18n import messages
from xunke.outreach import lists, results, rule_words, segment_cut, segment_rules, segment_store, value
from xunke.outreach.segment_facts import Book
from xunke.outreach.segment_fields import ALIASES, FIELDS
from xunke.persona import understand_people
from xunke.plan import By, Plan, Step
from xunke.storage import rows
from xunke.text import fold

from .segment_treat import said, set_going, suggestion

if TYPE_CHECKING:
    from xunke.engine import Engine

SHOWN: Final = 20
"""People of a segment that are shown where no limit is said."""
SAME: Final = 0.5
"""Overlap (Jaccard) below which a cluster made again is not taken for the one that was kept."""
_AS_CODES: Final = frozenset({"rfm", "value", "stage", "rules"})
"""Methods whose groups keep their names whenever they are made again."""


async def cut(
    engine: Engine, *, rule: str | None = None, method: str | None = None, by: Sequence[str] = (), k: int | None = None,
    among: str | None = None, group: str | None = None, limit: int = SHOWN, index: int = 0,
) -> AsyncIterator[Event]:  # fmt: skip
    """Cut people and show it. ``rule``: who fits a rule; otherwise by ``method`` (as the chat's segment does);
    ``group`` shows the people of one of its groups with the numbers that put them there. Raises BadInput.
    """
    if rule is None:
        step = _step(method, by, k, among)
        result = None
        async for event in engine.run(Plan(outcome="run", steps=(step,))):
            if isinstance(event, Result):
                result = event.result
            elif not isinstance(event, StepStarted | Answer):
                yield event
        if result is not None and group is not None:
            yield _group_table(engine, result, _group(engine, result, group), limit, index)
        elif result is not None:
            yield Done("segment.next", {"result": result})
        return
    node = rule_words.read(rule)
    async for event in read_all(engine, segment_cut.needs_analysis(node)):
        yield event
    book = Book(engine.project, engine.today)
    inside = who_among(book, among)
    found = await asyncio.to_thread(segment_cut.fit, book, node, inside)
    for warning in _warnings(book, found):
        yield warning
    yield _people_table(
        engine, book, found.members, node, limit, index, "segment.rule_title",
        {"rule": segment_rules.said(node), "of": found.among, "unknown": found.unknown},
    )  # fmt: skip
    if found.members:
        yield Done("segment.rule_next", {"rule": segment_rules.said(node)})


async def save(
    engine: Engine, name: str, *, rule: str | None = None, method: str | None = None, group: str | None = None,
    by: Sequence[str] = (), k: int | None = None, among: str | None = None, result: int | None = None,
    review: date | None = None, note: str | None = None, as_list: bool = False, index: int = 0,
) -> AsyncIterator[Event]:  # fmt: skip
    """Keep a segment: of a ``rule``, of a ``group`` of a ``method``, or of a group of a result (None: the newest that
    was cut into segments). ``as_list`` makes a list of its people, too. Raises BadInput.
    """
    project = engine.project
    if segment_store.find(project, name) is not None:
        raise BadInput("segment.taken", name=name)
    until = segment_store.review_day(engine.today, review)
    parent = segment_store.by_name(project, among) if among is not None and _is_segment(engine, among) else None
    inside = None if parent is None else parent.id
    if rule is not None:
        node = rule_words.read(rule)
        async for event in read_all(engine, segment_cut.needs_analysis(node)):
            yield event
        book = Book(project, engine.today)
        found = await asyncio.to_thread(segment_cut.fit, book, node, who_among(book, among))
        for warning in _warnings(book, found):
            yield warning
        spec: dict[str, Any] = {"rule": segment_rules.said(node)}
        if among is not None and parent is None:
            spec["among"] = among
        members: dict[int, float | None] = dict.fromkeys(found.members)
        kept = segment_store.save(project, name, "rules", spec, members, review=until, parent=inside, note=note)
    else:
        if method is not None:
            step = _step(method, by, k, among)
            made: list[int] = []
            async for event in _quietly(engine, step, made):
                yield event
            if not made:
                raise BadInput("segment.nothing_cut")
            result = made[0]
        else:
            result, step = _newest(engine, result)
        chosen = _group(engine, result, group)
        members = _members(engine, result, chosen)
        spec = {"group": chosen, "step": msgspec.to_builtins(_based(engine, step, result))}
        kind = str(_setting(engine, result).get("method") or method or "rules")
        kept = segment_store.save(
            project, name, kind, spec, members, review=until, parent=inside, result=result, note=note
        )
    yield Done("segment.kept", {"name": kept.name, "n": kept.size, "review": until})
    if as_list:
        async for event in make_list(engine, kept.name, index=index):
            yield event


async def refresh(engine: Engine, name: str | None = None, *, index: int = 0) -> AsyncIterator[Event]:
    """Compute a segment (None: all) again; tells who came in and who left, by number and (of one) by name."""
    project = engine.project
    wanted = segment_store.saved(project) if name is None else [segment_store.by_name(project, name)]
    if not wanted:
        raise BadInput("segment.none")
    table, changes, begun = [], [], list[Event]()
    for one in sorted(wanted, key=lambda s: (s.parent is not None, s.id)):  # parents before those among them
        try:
            members, result, warnings = await _again(engine, one)
        except XunkeError as error:  # what one cannot be made of again must not hold up the others
            yield Warned("segment.not_refreshed", {"name": one.name})
            yield Warned(error.key, dict(error.params))
            continue
        for warning in warnings:
            yield warning
        change = segment_store.renew(project, one, members, result)
        changes.append((one, change))
        table.append([one.name, change.size, len(change.came), len(change.left), one.review])
        begun += set_going(project, one, engine.today)
    yield Table("segment.refreshed", ["segment", "people", "came", "went", "review"], table, {"n": len(table)}, index)
    if name is not None and changes:
        _, change = changes[0]
        who = {row.id: row for row in rows.people(project, [*change.came, *change.left])}
        told = [
            [way, row.name or row.native_id, row.platform, row.native_id]
            for way, ids in (("segment.came", change.came), ("segment.left", change.left))
            for account in ids
            if (row := who.get(account)) is not None
        ]
        if told:
            yield Table("segment.who_changed", ["what", "name", "platform", "id"], told, {"name": name}, index)
    for event in begun:
        yield event


def listing(engine: Engine, *, index: int = 0) -> Table:
    """All kept segments."""
    body = [
        [one.name, one.size, one.kind, one.spec.get("rule") or one.spec.get("group"),
         None if one.computed is None else day_of(one.computed).isoformat(), one.review, one.due(engine.today)]
        for one in segment_store.saved(engine.project)
    ]  # fmt: skip
    columns = ["segment", "people", "method", "rule", "computed", "review", "overdue"]
    return Table("segment.list" if body else "segment.list_empty", columns, body, {"n": len(body)}, index)


async def show(engine: Engine, name: str, *, limit: int = SHOWN, index: int = 0) -> AsyncIterator[Event]:
    """A kept segment: its people with the numbers that put them there, its treatment, its day of review."""
    one = segment_store.by_name(engine.project, name)
    members = segment_store.numbers_of(engine.project, one.id)
    if "rule" in one.spec:
        node = segment_rules.parse(str(one.spec["rule"]))
        async for event in read_all(engine, segment_cut.needs_analysis(node)):
            yield event
        book = Book(engine.project, engine.today)
        params = {"rule": one.rule, "name": one.name}
        yield _people_table(engine, book, list(members), node, limit, index, "segment.show_title", params)
    else:
        ordered = sorted(members, key=lambda p: (-(members[p] or 0.0), p))
        yield _group_table(engine, one.result or 0, str(one.spec["group"]), limit, index, only=ordered, name=one.name)
    if one.treatment:
        yield said(one)
    elif (advice := suggestion(one)) is not None:
        yield Done("segment.advice_line", {"what": advice})
    if one.due(engine.today):
        yield Warned("segment.review_due", {"name": one.name, "day": one.review})


def drop(engine: Engine, name: str) -> Done:
    """Remove a segment; its people stay in the project."""
    one = segment_store.by_name(engine.project, name)
    segment_store.drop(engine.project, one)
    return Done("segment.dropped", {"name": one.name, "n": one.size})


async def make_list(engine: Engine, name: str, *, negative: bool = False, index: int = 0) -> AsyncIterator[Event]:
    """A list of a segment's people; those of negative value are left out with their count unless ``negative``."""
    project = engine.project
    one = segment_store.by_name(project, name)
    members = segment_store.numbers_of(project, one.id)
    async for event in read_all(engine, True):
        yield event
    if not negative:
        bad = await asyncio.to_thread(value.unwanted, project, engine.today)
        out = [p for p in members if p in bad]
        members = {p: v for p, v in members.items() if p not in bad}
        if out:
            yield Warned("segment.negative_left_out", {"n": len(out)})
    if not members:
        raise BadInput("segment.empty", name=one.name)
    ordered = sorted(members, key=lambda p: (-(members[p] or 0.0), p))
    facts = {p: why | {"segment": one.name} for p, why in segment_store.facts_of(project, one.id).items()}
    result = results.store(
        project, "people", [(p, members[p], facts[p]) for p in ordered], title=one.name, funnel=[],
        setting={"segment": one.id, "segments": [{"name": one.name, "size": len(members), "marks": []}]},
    )  # fmt: skip
    entry = lists.save(project, one.name, "people", result, purpose=one.treatment.get("offer") or one.name)
    yield Done("list.created", {"name": entry.name, "n": entry.size, "list": entry.id})
    if entry.left_out:
        yield Warned("list.barred", {"n": entry.left_out})


# -- what these share ----------------------------------------------------------------------------------------------


async def read_all(engine: Engine, analysed: bool) -> AsyncIterator[Event]:
    """Read what people state, and understand the posts of everybody where the numbers hang on that."""
    async for event in understand_people(engine.project):
        yield event
    if analysed:
        async for step in engine.understand(Book(engine.project, engine.today).unanalysed):
            yield step


async def _again(engine: Engine, one: segment_store.Segment) -> tuple[dict[int, float | None], int | None, list[Event]]:
    """The members of a segment as they would be now, the result they come from, and what is to be told."""
    project = engine.project
    if "rule" in one.spec:
        node = segment_rules.parse(str(one.spec["rule"]))
        async for _ in read_all(engine, segment_cut.needs_analysis(node)):
            pass
        book = Book(project, engine.today)
        parents = {s.id: s.name for s in segment_store.saved(project)}
        among = parents.get(one.parent or 0) or one.spec.get("among")
        found = await asyncio.to_thread(segment_cut.fit, book, node, who_among(book, among))
        return dict.fromkeys(found.members), None, []
    made: list[int] = []
    step = _based(engine, msgspec.convert(one.spec["step"], Step), one.result)
    kind, _, base = (step.source or "").partition(":")
    if kind == "result" and project.one("select 1 from result where id = ?", (int(base),)) is None:
        raise BadInput("segment.base_gone", name=one.name, result=int(base))
    async for _ in _quietly(engine, step, made):
        pass
    wanted, old = str(one.spec["group"]), set(segment_store.numbers_of(project, one.id))
    groups = _groups(engine, made[0])
    if one.kind in _AS_CODES:
        return _members(engine, made[0], wanted) if wanted in groups else {}, made[0], []
    likeness = {g: _jaccard(old, set(_members(engine, made[0], g))) for g in groups}
    best = max(groups, key=lambda g: (likeness[g], g))
    if likeness[best] < SAME:
        raise BadInput("segment.drifted", name=one.name, overlap=round(likeness[best], 2), least=SAME)
    told: list[Event] = [Warned("segment.found_again", {"name": one.name, "group": best, "overlap": likeness[best]})]
    return _members(engine, made[0], best), made[0], told


def _based(engine: Engine, step: Step, result: int | None) -> Step:
    """The step with the result among whose people it cut: asked again alone, it would cut everybody."""
    origin = _setting(engine, result or 0).get("origin")
    if step.source or not origin or origin[0] != "result":
        return step
    return msgspec.structs.replace(step, input=None, source=f"result:{origin[1]}")


def _jaccard(a: set[int], b: set[int]) -> float:
    return len(a & b) / len(a | b) if a | b else 0.0


async def _quietly(engine: Engine, step: Step, made: list[int]) -> AsyncIterator[Event]:
    """Run a cut without showing its table; its result's number into ``made``."""
    async for event in engine.run(Plan(outcome="run", steps=(step,))):
        if isinstance(event, Result):
            made.append(event.result)
        elif isinstance(event, Failed):
            raise BadInput(event.key, **event.params)
        elif isinstance(event, Progress):
            yield event


def _step(method: str | None, by: Sequence[str], k: int | None, among: str | None) -> Step:
    by = [_facet(word) for word in by]
    if unknown := [word for word in by if word not in get_args(By)]:
        raise UsageError("segment.no_facet_by", names="、".join(unknown), known=", ".join(get_args(By)))
    source = None if among is None else f"saved:{among}"
    said = {"action": "segment", "target": "people", "method": method, "by": list(by), "k": k, "source": source}
    return msgspec.convert({name: word for name, word in said.items() if word not in (None, [])}, Step)


def _facet(word: str) -> str:
    """A facet by its own name, in Chinese, or in the plural."""
    name = word.strip().lower()
    return next((one for one in (name, name.removesuffix("s"), ALIASES.get(name, "")) if one in get_args(By)), word)


def _is_segment(engine: Engine, name: str) -> bool:
    return segment_store.find(engine.project, name) is not None


def who_among(book: Book, name: str | None) -> list[int] | None:
    """The people of a segment or list. Raises BadInput if there is none of that name."""
    if name is None:
        return None
    if segment_store.find(book.project, name) is not None:
        found = segment_store.members_of(book.project, name)
    else:
        try:
            found = lists.members(book.project, lists.by_name(book.project, name, start_of(book.today)).id)
        except BadInput:
            segment_store.by_name(book.project, name)  # says which segments there are
            raise
    return sorted({who for account in found if (who := book.who(account)) is not None})


def _warnings(book: Book, found: segment_cut.Fitting) -> list[Event]:
    out: list[Event] = []
    if found.unknown:
        out.append(Warned("segment.unknown_people", {"n": found.unknown, "all": found.among}))
    for field, word, common in found.nowhere:
        out.append(Warned("segment.nowhere", {
            "field": FIELDS[field].zh[0], "word": word, "known": "、".join(common) or "—",
        }))  # fmt: skip
    if not book.own:
        out.append(Warned("segment.no_own", {}))
    return out


def _people_table(
    engine: Engine, book: Book, members: Sequence[int], node: segment_rules.Node, limit: int, index: int, title: str,
    params: Mapping[str, Any],
) -> Table:  # fmt: skip
    of = segment_cut.numbers(book, node)
    ordered = sorted(members, key=lambda p: (-len(book.acts.get(p, ())), -(book.people[p].followers or 0), p)
                     if p in book.people else (0, 0, p))  # fmt: skip
    asked = [t.field if t.days is None else f"{t.field}_{t.days}d" for t in segment_rules.tests(node)]
    fields = list(dict.fromkeys(asked))
    body = []
    for row in rows.people(engine.project, ordered[:limit]):
        mine = of(row.id)
        numbers = [mine[f] if mine[f] != [] else None for f in fields]
        body.append([row.name or row.native_id, row.platform, row.native_id, *numbers])
    names = ["name", "platform", "id", *fields]
    return Table(title, names, body, {**params, "n": len(members), "shown": len(body)}, index)


def _setting(engine: Engine, result: int) -> dict[str, Any]:
    found = engine.project.one("select setting from result where id = ?", (result,))
    return msgspec.json.decode(found) if found else {}


def _groups(engine: Engine, result: int) -> list[str]:
    return [str(part["name"]) for part in _setting(engine, result).get("segments", ())]


def _members(engine: Engine, result: int, group: str) -> dict[int, float | None]:
    found = engine.project.query(
        "select item, value from score where result = ? and json_extract(parts, '$.segment') = ?", (result, group)
    )
    return dict(found)


def _group(engine: Engine, result: int, said: str | None) -> str:
    """The name of the group that is meant: its code, its number, or its name in either language."""
    groups = _groups(engine, result)
    words = {g: {fold(text) for text in messages().get(g, {}).values()} for g in groups}
    for group in groups:
        if said is not None and (
            fold(said) in words[group] | {fold(group), fold(group.rpartition(".")[2])}
            or group.split(" ")[0] == said
            or any(text.partition("(")[0] == fold(said) for text in words[group])
        ):
            return group
    if said is not None and said.isascii() and said.isdigit() and 0 < int(said) <= len(groups):
        return groups[int(said) - 1]  # the second group of a table whose groups have names only
    shown = "、".join(messages().get(g, {}).get("zh", g) for g in groups)
    raise BadInput("segment.which_group", groups=shown, said=said or "—")


def _newest(engine: Engine, result: int | None) -> tuple[int, Step]:
    """The result that was cut into segments, and the step that made it."""
    found = engine.project.query(
        "select r.id, u.plan, r.step from result r join run u on u.id = r.run where r.target = 'people' and "
        "json_extract(r.setting, '$.segments') is not null and (:result is null or r.id = :result) "
        "order by r.id desc limit 1", {"result": result},
    )  # fmt: skip
    if not found:
        raise BadInput("segment.nothing_cut")
    steps = msgspec.json.decode(found[0][1])["steps"]
    return int(found[0][0]), msgspec.convert(steps[found[0][2] or 0], Step)


def _group_table(
    engine: Engine, result: int, group: str, limit: int, index: int, *, only: Sequence[int] | None = None,
    name: str | None = None,
) -> Table:  # fmt: skip
    """People of a group with the numbers that put them there."""
    parts = {
        item: msgspec.json.decode(raw) for item, raw in
        engine.project.query("select item, parts from score where result = ? order by rank", (result,)) if raw
    }  # fmt: skip
    members = list(only) if only is not None else [p for p, facts in parts.items() if facts.get("segment") == group]
    numbers = {p: _numbers(parts.get(p, {})) for p in members}
    fields = list(dict.fromkeys(f for p in members for f in numbers[p]))
    body = [
        [row.name or row.native_id, row.platform, row.native_id, *(numbers[row.id].get(f) for f in fields)]
        for row in rows.people(engine.project, members[:limit])
    ]
    columns = ["name", "platform", "id", *fields]
    posts = [[numbers_post] if (numbers_post := parts.get(p, {}).get("raw", {}).get("stage", {}).get("post")) else []
             for p in members[:limit]]  # fmt: skip
    params = {"name": name or group, "n": len(members), "shown": len(body), "group": group}
    if any(posts):
        params["posts"] = posts
    return Table("segment.group_title", columns, body, params, index)


def _numbers(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The numbers of a method behind a person, flat."""
    raw = facts.get("raw", {})
    if rfm := raw.get("rfm"):
        return {name: rfm[name] for name in ("recency", "frequency", "depth", "money", "r", "f", "d", "m", "fm")
                if rfm.get(name) is not None}  # fmt: skip
    if worth := raw.get("worth"):
        sums = [{"key": "value_term.sum", "params": {
            "what": t["name"], "count": f"{t['count']:g}", "points": f"{t['points']:g}", "adds": f"{t['adds']:.1f}",
        }} for t in worth["terms"]]  # fmt: skip
        out = {name: worth[name] for name in ("total", "current", "potential", "referral")}
        why = ", ".join(f"{r['name']} {r['n']:g}" for r in worth["reasons"])
        return out | {"sum": sums or None} | ({"why_negative": why} if why else {})
    if stage := raw.get("stage"):
        when = None if stage["t"] is None else day_of(stage["t"]).isoformat()
        return {"evidence": f"evidence.{stage['rule']}", "act": stage["kind"], "day": when, "count": stage["n"],
                "post": stage["post"]}  # fmt: skip
    return {"score": facts.get("parts", {}).get("fit"), "matched": raw.get("matched"), "actors": raw.get("actors")}
