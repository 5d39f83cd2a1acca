"""A result of nothing: which filter took the last ones, and what each would leave if it alone were dropped.

Counted by the code that selects (``posts.select``, ``people.screen``), with one filter fewer each time.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

import msgspec

from xunke.actions import last_result
from xunke.errors import NeedsAnswer
from xunke.events import Answer, Event, Progress, Sentence
from xunke.outreach import people, posts
from xunke.persona import understand_people
from xunke.plan import Step, decode
from xunke.storage import Project
from xunke.storage.persons import people_map

from .common import people_refs, post_refs, result_ref, sentence

if TYPE_CHECKING:
    from xunke.engine import Engine, Session

    from . import Told

FILTERS: Final[tuple[tuple[str, ...], ...]] = (
    ("tags", "match"), ("topics",), ("keywords",), ("groups",), ("since", "until"), ("platforms",), ("accounts",),
    ("exclude",), ("media",), ("content_lang",), ("likes_min",), ("comments_min",), ("shares_min",), ("saves_min",),
    ("views_min",), ("sentiment",), ("needs",), ("life_events",), ("region",), ("region_exclude",), ("city_tier",),
    ("gender",), ("age_min", "age_max"), ("occupation",), ("interests",), ("followers_min", "followers_max"),
    ("tier",), ("posts_min",), ("verified",), ("engagement_rate_min",),
)  # fmt: skip
"""What can be dropped, slot by slot; each value of ``drop`` too."""
_STAGES: Final[dict[str, tuple[str, ...]]] = {
    "funnel.posts_subject": ("tags", "topics", "keywords", "groups"), "funnel.exclude": ("exclude",),
    "funnel.posts_when": ("since", "until", "platforms", "accounts"), "funnel.media": ("media",),
    "funnel.lang": ("content_lang",), "funnel.likes": ("likes_min",), "funnel.comments": ("comments_min",),
    "funnel.shares": ("shares_min",), "funnel.saves": ("saves_min",), "funnel.views": ("views_min",),
    "funnel.sentiment": ("sentiment",), "funnel.needs": ("needs",), "funnel.life_events": ("life_events",),
    "funnel.platform": ("platforms",), "funnel.region": ("region",), "funnel.region_exclude": ("region_exclude",),
    "funnel.city_tier": ("city_tier",), "funnel.gender": ("gender",), "funnel.age": ("age_min", "age_max"),
    "funnel.occupation": ("occupation",), "funnel.interests": ("interests",), "funnel.tier": ("tier",),
    "funnel.followers": ("followers_min", "followers_max"), "funnel.posts_min": ("posts_min",),
    "funnel.verified": ("verified",), "funnel.engagement_rate": ("engagement_rate_min",),
    "funnel.originals": ("drop",), "funnel.ads": ("drop",),
}  # fmt: skip
_MOST: Final[dict[str, str]] = {
    "followers_min": "followers", "likes_min": "likes", "comments_min": "comments", "shares_min": "shares",
    "saves_min": "saves", "views_min": "views",
}  # fmt: skip
SHOWN: Final = 4
FEATURES: Final = 5000
"""Where more posts than this would have to be read for their mood, a filter is not tried."""
PAIRS: Final = 50_000
"""Two filters at once are only tried in projects of up to so many posts."""


@dataclass(frozen=True, slots=True)
class Looser:
    """What is left without ``slots`` (and without ``drop`` values): ``n`` items, the first of them in ``ids``."""

    slots: tuple[str, ...]
    drop: tuple[str, ...]
    n: int
    ids: tuple[int, ...]
    most: int | None = None


async def why_empty(engine: Engine, told: Told, session: Session) -> AsyncIterator[Event]:
    """The answer after a step that found nothing."""
    origin = engine.origin(told.step, msgspec_session(session, told))
    stages = told.funnel.stages if told.funnel is not None else []
    async for event in _explained(engine, told.step, engine.items(origin), stages, told.index):
        yield event


def msgspec_session(session: Session, told: Told) -> Session:
    """The session as it was before the step."""
    import dataclasses

    return dataclasses.replace(session, newest=told.before)


async def again(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    """为什么没有结果: of the result on the screen."""
    found = last_result(engine.project, engine.options.last)
    if found is None:
        raise NeedsAnswer("clarify.referent")
    row = engine.project.query(
        "select r.total, r.step, r.funnel, r.setting, u.plan, u.today from result r "
        "left join run u on u.id = r.run where r.id = ?",
        (found[0],),
    )[0]
    total, number, funnel, setting, plan, today = row
    if total:
        yield Answer("empty", [sentence("answer.empty.full", {"n": result_ref(found[0])}, n=total)], index)
        return
    if plan is None or number is None:
        raise NeedsAnswer("clarify.referent")
    origin = json.loads(setting).get("origin")
    other = engine.another(date.fromisoformat(today), unlisted=engine.options.include_unlisted)
    among = other.items(None if origin is None else (origin[0], origin[1]))
    stages = [(key, n, params) for key, n, params in json.loads(funnel)]
    asked = decode(json.loads(plan)).steps[number]
    async for event in _explained(other, asked, among, stages, index):
        yield event


async def _explained(
    engine: Engine, step: Step, among: tuple[list[int], str] | None, stages: Sequence[Any], index: int
) -> AsyncIterator[Event]:
    async for progress in understand_people(engine.project):
        yield progress
    who = step.target == "people" or step.action == "outreach"
    kind = "people" if who else "posts"
    said = [_culprit(engine.project, step, stages)]
    groups = _groups(step)
    if len(groups) < 2 and among is None:  # without its only filter a request asks for everything
        yield Answer("empty", [*said, sentence("answer.empty.only")], index)
        return
    tried = []
    for done, group in enumerate(groups):
        yield Progress("search", done, len(groups))
        if (looser := await _without(engine, step, among, [group])) is not None:
            tried.append(looser)
    able = sorted((one for one in tried if one.n), key=lambda one: -one.n)
    pairs = (engine.project.one("select count(*) from post") or 0) <= PAIRS
    if not able and pairs:
        for one, two in combinations(groups, 2):
            looser = await _without(engine, step, among, [one, two])
            if looser is not None and looser.n:
                able.append(looser)
        able.sort(key=lambda one: -one.n)
    for looser in able[:SHOWN]:
        refs = (people_refs if who else post_refs)(engine.project, looser.ids)
        key = f"answer.empty.{'loosen' if looser.most is None else 'loosen_most'}.{kind}"
        said.append(
            sentence(key, {"n": refs}, filter=_asked(step, looser.slots, looser.drop), n=looser.n,
                     most=looser.most)
        )  # fmt: skip
    if not able:
        said.append(sentence("answer.empty.nothing_helps"))
    yield Answer("empty", said, index)


def _culprit(project: Project, step: Step, stages: Sequence[Any]) -> Sentence:
    """The first stage that left nothing, with how many there were before it."""
    before = 0
    for key, n, _params in stages:
        if n == 0:
            slots = _STAGES.get(key, ())
            if key == "funnel.posts_all":
                acted = project.one("select 1 from interaction limit 1")
                return sentence("answer.empty.only_acts" if acted else "answer.empty.no_data")
            if key == "funnel.people":  # posts there are, but nobody is known to have written them
                return sentence("answer.empty.no_authors", n=before)
            return sentence("answer.empty.took", filter=_asked(step, slots, step.drop, key), n=before)
        before = n
    return sentence("answer.empty.plain")


def _asked(step: Step, slots: Sequence[str], drop: Sequence[str], rule: str = "") -> dict[str, Any]:
    said = {slot: getattr(step, slot) for slot in slots if slot != "drop" and getattr(step, slot) not in (None, ())}
    found: dict[str, Any] = json.loads(msgspec.json.encode(said))
    if drop and ("drop" in slots or not slots):
        found["drop"] = list(drop)
    return {"slots": found} if found else {"slots": {}, "rule": rule}


Group = tuple[tuple[str, ...], tuple[str, ...]]
"""Slots and values of ``drop`` that go together."""


def _groups(step: Step) -> list[Group]:
    found: list[Group] = [
        (group, ()) for group in FILTERS if any(getattr(step, slot) not in (None, ()) for slot in group)
    ]
    return found + [((), (value,)) for value in step.drop]


async def _without(
    engine: Engine, step: Step, among: tuple[list[int], str] | None, groups: Sequence[Group]
) -> Looser | None:
    """What the selection leaves without these filters; None where that would take too long to find out."""
    slots = tuple(slot for group, _ in groups for slot in group)
    gone = tuple(value for _, values in groups for value in values)
    empty: dict[str, Any] = {slot: Step(action="find").__getattribute__(slot) for slot in slots}
    drop = tuple(value for value in step.drop if value not in gone)
    variant = msgspec.structs.replace(step, **empty, drop=drop)
    if posts.needs_features(variant):
        rough = posts.select(engine.project, posts.without_features(variant), engine.today, among=_ids(among, "posts"))
        if len(rough.posts) > FEATURES:
            return None
        async for _ in engine.understand([post.id for post in rough.posts]):
            pass
    return await asyncio.to_thread(_count, engine, variant, among, slots, gone)


def _ids(among: tuple[list[int], str] | None, kind: str) -> list[int] | None:
    return among[0] if among is not None and among[1] == kind else None


def _count(
    engine: Engine, step: Step, among: tuple[list[int], str] | None, slots: tuple[str, ...], gone: tuple[str, ...]
) -> Looser:
    project = engine.project
    most = next((_MOST[slot] for slot in slots if slot in _MOST), None)
    who = step.target == "people" or step.action == "outreach"
    if not who or engine.by_posts(step, among):
        found = posts.select(project, step, engine.today, among=_ids(among, "posts")).posts
        if not who and not people.asks_who(step):
            hidden = people.barred(project, [p.author for p in found if p.author is not None])
            kept = [p for p in found if p.author not in hidden]
            return _looser(slots, gone, kept, most)
        candidates = people.behind(project, found)
    else:
        found = []
        candidates = people.load(project, _ids(among, "people"), platforms=step.platforms)
    picked = _ids(among, "people")
    if picked is not None:
        persons = people_map(project)
        wanted = {persons.one(i) for i in picked}
        candidates = {i: p for i, p in candidates.items() if persons.one(i) in wanted}
    screened, _ = people.screen(
        project, candidates, step, contact=step.action == "outreach", unlisted=engine.options.include_unlisted,
        filters=engine.filters,
    )  # fmt: skip
    if who:
        screened.sort(key=lambda p: (-(p.followers or 0), p.id))
        return _looser(slots, gone, screened, most if most == "followers" else None)
    writers = set(people_map(project).spread(person.id for person in screened))
    return _looser(slots, gone, [p for p in found if p.author in writers], most)


def _looser(slots: tuple[str, ...], gone: tuple[str, ...], kept: Sequence[Any], most: str | None) -> Looser:
    values = [v for item in kept if most and (v := getattr(item, most, None)) is not None]
    return Looser(slots, gone, len(kept), tuple(item.id for item in kept[:100]), max(values, default=None))
