"""Why somebody is not in a result: the request is run again for them, on the same code that made the result.

Every filter is asked by itself, by the functions that filtered (``posts.select``, ``people.verdicts``), so that what is
named here as a reason alone keeps the person out. Who passes them all has a place behind the limit.
"""

from __future__ import annotations

import json
import math
from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import msgspec

from xunke.clock import moment
from xunke.errors import BadInput
from xunke.events import Event
from xunke.i18n import Catalogue
from xunke.outreach import people, posts, scoring
from xunke.outreach.order import shown_value
from xunke.outreach.people import Filters, barred
from xunke.outreach.seen import coverage
from xunke.outreach.why import Line, coverage_lines, shown
from xunke.plan import Step, decode
from xunke.present.plans import slot_value
from xunke.storage import Project, rows
from xunke.storage.persons import people_map
from xunke.text import one_line

if TYPE_CHECKING:
    from xunke.engine import Engine, Standing

_POST_FILTERS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("funnel.posts_subject", ("tags", "match")),
    ("funnel.posts_subject", ("topics", "life_events")),
    ("funnel.posts_subject", ("keywords",)),
    ("funnel.posts_subject", ("groups",)),
    ("funnel.posts_when", ("since", "until")),
    ("funnel.posts_when", ("platforms",)),
    ("funnel.posts_when", ("accounts",)),
    ("funnel.exclude", ("exclude",)),
    ("funnel.media", ("media",)),
    ("funnel.lang", ("content_lang",)),
    ("funnel.likes", ("likes_min",)),
    ("funnel.comments", ("comments_min",)),
    ("funnel.shares", ("shares_min",)),
    ("funnel.saves", ("saves_min",)),
    ("funnel.views", ("views_min",)),
    ("funnel.sentiment", ("sentiment", "needs")),
)
"""Filters on posts, in the order in which ``posts.select`` applies them, with the slots that ask for them."""
_POST_DROPS: Final = (("funnel.originals", ("reposts",)), ("funnel.ads", ("ads", "marketing")))
_SLOTS: Final[dict[str, tuple[str, ...]]] = {
    "funnel.platform": ("platforms",), "funnel.region": ("region",), "funnel.region_exclude": ("region_exclude",),
    "funnel.city_tier": ("city_tier",), "funnel.gender": ("gender",), "funnel.age": ("age_min", "age_max"),
    "funnel.occupation": ("occupation",), "funnel.interests": ("interests",),
    "funnel.followers": ("followers_min", "followers_max"), "funnel.tier": ("tier",),
    "funnel.posts_min": ("posts_min",), "funnel.verified": ("verified",),
    "funnel.engagement_rate": ("engagement_rate_min",),
}  # fmt: skip
_FACTS: Final[dict[str, tuple[str, ...]]] = {
    "funnel.region": ("region", "city"), "funnel.region_exclude": ("region", "city"),
    "funnel.city_tier": ("city_tier",), "funnel.gender": ("gender",), "funnel.age": ("age",),
    "funnel.occupation": ("occupation", "family"), "funnel.interests": ("interest",),
}  # fmt: skip
_NUMBERS: Final[dict[str, tuple[str, ...]]] = {
    "funnel.followers": ("followers",), "funnel.tier": ("followers",), "funnel.own_followers": ("followers",),
    "funnel.posts_min": ("posts",), "funnel.own_posts": ("posts",), "funnel.verified": ("verified",),
    "funnel.brands": ("kind",), "funnel.bots": ("kind",), "funnel.platform": ("platform",),
    "funnel.engagement_rate": ("followers",), "funnel.listed": ("listed",),
}  # fmt: skip
_EXAMPLES: Final = 3
ALONE: Final = "alone"
TOGETHER: Final = "together"


@dataclass(frozen=True, slots=True)
class Removal:
    """One filter that keeps the person out: its key, the slots of the request that ask for it (none: a rule of the
    project), what they ask, and the rows that say so.

    ``how``: ``alone`` the filter by itself keeps the person out; ``together`` no post passes all of these slots.
    ``unknown``: nothing is stated, so the person does not pass.
    """

    key: str
    slots: tuple[str, ...] = ()
    asked: dict[str, Any] = field(default_factory=dict)
    how: str = ALONE
    unknown: bool = False
    facts: tuple[tuple[str, str, str, str | None], ...] = ()
    posts: tuple[rows.PostRow, ...] = ()
    numbers: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Below:
    """Somebody who passes all filters: place ``rank`` of ``total`` by ``sort``; ``value`` against the last one that the
    limit let in, ``least``; ``changes`` what one part alone would have to be (None: no part up to 1 suffices)."""

    rank: int
    total: int
    limit: int | None
    sort: str
    value: float
    least: float
    changes: tuple[dict[str, Any], ...] = ()


@dataclass(slots=True)
class Absence:
    """The answer. ``inside``: the rank, where the person is in the result after all; ``barred``: on the do-not-contact
    list, nothing else is looked at; ``removals`` in the order of the filters; ``below`` where none removed.

    ``changed``: the request run again would let the person in: data or settings changed since the result was made.
    """

    person: rows.PersonRow
    result: int
    inside: int | None = None
    barred: bool = False
    removals: tuple[Removal, ...] = ()
    below: Below | None = None
    changed: bool = False
    coverage: tuple[Line, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "platform": self.person.platform, "id": self.person.native_id, "name": self.person.name,
            "result": self.result, "inside": self.inside, "barred": self.barred, "changed": self.changed,
            "removed_by": [
                {
                    "filter": r.key, "slots": list(r.slots), "asked": r.asked, "how": r.how, "unknown": r.unknown,
                    "facts": [{"fact": f, "value": v, "origin": o, "quote": q} for f, v, o, q in r.facts],
                    "posts": [{"id": p.native_id, "time": p.created, "text": p.text, "url": p.url} for p in r.posts],
                    **r.numbers,
                }
                for r in self.removals
            ],
            "below": self.below and asdict(self.below),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Request:
    """What a stored result was asked with: its step, day, settings and what the step worked on."""

    step: Step
    today: date
    setting: dict[str, Any]
    origin: tuple[str, int] | None


def request_of(project: Project, result: int) -> Request:
    """The request behind a people result. Raises BadInput("why.no_request") where there is none any more."""
    found = project.query(
        "select r.target, r.step, r.setting, u.plan, u.today from result r left join run u on u.id = r.run "
        "where r.id = ?",
        (result,),
    )
    if not found:
        raise BadInput("result.unknown", result=result)
    target, number, setting, plan, today = found[0]
    if target != "people":
        raise BadInput("why.not_people", result=result)
    if plan is None or number is None:
        raise BadInput("why.no_request", result=result)
    settings = json.loads(setting)
    origin = settings.get("origin")
    steps = decode(json.loads(plan)).steps
    return Request(steps[number], date.fromisoformat(today), settings, None if origin is None else tuple(origin))


def only(step: Step, slots: Sequence[str], drop: Sequence[str] = ()) -> Step:
    """A request for people with just these slots of ``step``."""
    kept = {name: getattr(step, name) for name in slots}
    return msgspec.structs.replace(
        Step(action="find", target="people"), **kept, drop=tuple(d for d in step.drop if d in drop)
    )


async def absence(engine: Engine, result: int | None, account: int) -> AsyncIterator[Event | Absence]:
    """Events of the work, then the ``Absence`` of ``account`` from ``result`` (None: the newest of people).

    ``engine``: of the project; the request runs again in another one, with the day and settings of then. Raises
    PolicyRefused for somebody under 18, BadInput where the result has no request behind it.
    """
    project = engine.project
    person = shown(project, account)
    if result is None:
        number = project.one("select max(id) from result where target = 'people' and run is not null")
        if number is None:
            raise BadInput("why.no_result")
        result = int(number)
    answer = Absence(person, result)
    if barred(project, [account]):
        answer.barred = True
        yield answer
        return
    accounts = people_map(project).all(account)
    inside = project.one(
        "select min(rank) from score where result = ? and item in (select value from json_each(?))",
        (result, json.dumps(accounts)),
    )
    if inside is not None:
        answer.inside = int(inside)
        yield answer
        return
    asked = request_of(project, result)
    engine = engine.another(asked.today, unlisted=bool(asked.setting.get("unlisted")))
    engine.ranker = asked.setting.get("ranker")
    engine.weights = asked.setting.get("weights") or engine.weights
    engine.filters = Filters(**asked.setting["filters"]) if "filters" in asked.setting else engine.filters
    try:
        standing = engine.nobody(asked.origin)
        async for event in engine.rank_people(asked.step, standing):
            yield event
        own = [row[0] for row in project.query(
            "select id from post where author in (select value from json_each(?)) order by created desc, id desc",
            (json.dumps(accounts),),
        )]  # fmt: skip
        if posts.needs_features(asked.step):
            async for event in engine.understand(own):
                yield event
        _answer(answer, project, engine, asked, standing, own)
    finally:
        engine.close()
    yield answer


def _answer(
    answer: Absence, project: Project, engine: Engine, asked: Request, standing: Standing, own: list[int]
) -> None:
    persons = people_map(project)
    me = persons.one(answer.person.id)
    answer.removals = tuple(_removals(project, engine, asked, standing, own, answer.person))
    answer.coverage = tuple(coverage_lines(coverage(project, me, posts.window(asked.step, asked.today)[1])))
    if answer.removals:
        return
    place = next((n for n, s in enumerate(standing.scored, 1) if persons.one(s.person.id) == me), None)
    if place is None:
        return
    limit = asked.step.limit
    answer.changed = limit is None or place <= limit
    answer.below = _below(engine, asked.step, standing.scored, place)


def _removals(
    project: Project, engine: Engine, asked: Request, standing: Standing, own: list[int], shown_as: rows.PersonRow
) -> list[Removal]:
    step, today = asked.step, asked.today
    among = engine.items(asked.origin)
    persons = people_map(project)
    found: list[Removal] = []
    if among is not None:
        ids = set(among[0])
        mine = set(own) & ids if among[1] == "posts" else set(persons.all(shown_as.id)) & set(persons.spread(ids))
        if not mine:
            found.append(Removal("why.not.origin", numbers={"origin": asked.origin and asked.origin[0]}))
        if among[1] == "posts":
            own = [post for post in own if post in mine] or own
    matched: list[posts.Candidate] = []
    if engine.by_posts(step, among):
        removed, matched = _post_removals(project, step, today, own)
        found += removed
        kept = {post.id for post in standing.selection.posts} if standing.selection is not None else set()
        if not removed and matched and not kept & {post.id for post in matched}:
            found.append(Removal("funnel.posts_distinct", ("drop",), {"drop": ["duplicates"]},
                                 posts=_examples(project, [p.id for p in matched])))  # fmt: skip
    ids_ = sorted({post.author for post in matched if post.author is not None}) or [shown_as.id]
    person = next(iter(people.behind(project, matched).values()), None) or people.load(project, ids_)[ids_[0]]
    if not matched:
        person.found = posts.select(project, Step(action="find"), today, among=own).posts if own else []
    verdicts = people.verdicts(
        project, person, step, contact=step.action == "outreach", unlisted=engine.options.include_unlisted,
        filters=engine.filters,
    )  # fmt: skip
    found += [_removal(project, key, step, person, verdict) for key, verdict in verdicts if not verdict]
    me = persons.one(shown_as.id)
    spam = next((s for s in standing.spam if persons.one(s.person.id) == me), None)
    if spam is not None:
        sign = spam.sign
        worst = sorted((p for p in spam.person.found if p.spam is not None), key=lambda p: (-(p.spam or 0), p.id))
        found.append(Removal(
            "funnel.spam", posts=_examples(project, [p.id for p in worst]),
            numbers={"posts_spam": 1 - _mean([1 - (p.spam or 0) for p in worst]) if worst else None,
                     "analysed": len(worst), "account_spam": sign and sign.p_spam, "seen": sign and sign.seen},
        ))  # fmt: skip
    return found


def _mean(values: Sequence[float]) -> float:
    return math.fsum(values) / len(values)


def _post_removals(
    project: Project, step: Step, today: date, own: list[int]
) -> tuple[list[Removal], list[posts.Candidate]]:
    """The filters on posts that leave none of ``own``, the first one first; and the posts that pass them all."""
    if not (posts.select(project, Step(action="find"), today, among=own).posts if own else []):
        return [Removal("why.not.no_posts")], []
    asked = [
        (key, slots, ()) for key, slots in _POST_FILTERS if any(getattr(step, s) for s in slots if s != "match")
    ] + [(key, (), drop) for key, drop in _POST_DROPS if set(drop) & set(step.drop)]
    alone = []
    for key, slots, drop in asked:
        if not posts.select(project, only(step, slots, drop), today, among=own).posts:
            alone.append(_asked(project, key, step, slots, drop, own))
    first: list[Removal] = []
    slots_so_far: tuple[str, ...] = ()
    drops: tuple[str, ...] = ()
    matched: list[posts.Candidate] = []
    for key, slots, drop in asked:
        slots_so_far, drops, nearest = (*slots_so_far, *slots), (*drops, *drop), [p.id for p in matched]
        matched = posts.select(project, only(step, slots_so_far, drops), today, among=own).posts
        if not matched:
            if not any((r.key, r.slots) == (key, _said(step, slots, drop)) for r in alone):
                near = sorted(nearest, key=own.index)
                first = [_asked(project, key, step, slots_so_far, drops, near or own, TOGETHER)]
            break
    if not asked:
        matched = posts.select(project, Step(action="find"), today, among=own).posts
    return [*first, *alone], matched


def _said(step: Step, slots: Sequence[str], drop: Sequence[str]) -> tuple[str, ...]:
    named = tuple(slot for slot in slots if getattr(step, slot) not in (None, ()))
    return (*named, "drop") if set(drop) & set(step.drop) else named


def _asked(
    project: Project, key: str, step: Step, slots: Sequence[str], drop: Sequence[str], own: list[int], how: str = ALONE
) -> Removal:
    said = _said(step, slots, drop)
    values = _values(step, [slot for slot in said if slot != "drop"])
    if "drop" in said:
        values["drop"] = [d for d in step.drop if d in drop]
    return Removal(key, said, values, how, posts=_examples(project, own), numbers={"posts_seen": len(own)})


def _values(step: Step, slots: Sequence[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(msgspec.json.encode({slot: getattr(step, slot) for slot in slots}))
    return found


def _examples(project: Project, ids: Sequence[int]) -> tuple[rows.PostRow, ...]:
    return tuple(rows.posts(project, list(ids[:_EXAMPLES])))


def _removal(project: Project, key: str, step: Step, person: people.Person, verdict: bool | None) -> Removal:
    said = _said(step, _SLOTS.get(key, ()), ())
    facts = project.query(
        "select distinct fact, value, origin, quote from profile_fact where account in "
        "(select value from json_each(?)) and fact in (select value from json_each(?)) "
        "order by fact, confidence desc, value",
        (json.dumps(people_map(project).all(person.id)), json.dumps(_FACTS.get(key, ()))),
    )  # fmt: skip
    numbers: dict[str, Any] = {name: getattr(person, name) for name in _NUMBERS.get(key, ())}
    if key == "funnel.declines":
        numbers["bio"] = person.bio
    return Removal(
        key, said, _values(step, said), unknown=verdict is None,
        facts=tuple(facts), numbers=numbers,
    )  # fmt: skip


def _below(engine: Engine, step: Step, scored: Sequence[scoring.Scored], place: int) -> Below:
    weights = engine.weights
    mine = scored[place - 1]
    last = scored[min(step.limit or len(scored), len(scored)) - 1]
    changes: list[dict[str, Any]] = []
    if (step.sort or "target") == "target" and place > (step.limit or place):
        total = sum(weights.values())
        for part, weight in [*weights.items(), ("fresh", total)]:
            if weight > 0 and mine.value > 0:
                now = max(scoring.FLOOR, mine.parts[part])
                needed = now * (last.value / mine.value) ** (total / weight)
                changes.append({"part": part, "now": round(mine.parts[part], 4),
                                "needed": round(needed, 4) if needed <= 1 else None})  # fmt: skip
    return Below(place, len(scored), step.limit, step.sort or "target", shown_value(step, mine),
                 shown_value(step, last), tuple(changes))  # fmt: skip


# -- in words ------------------------------------------------------------------------------------------------------


def lines(answer: Absence, cat: Catalogue) -> list[str]:
    """The answer in words, the first filter first, with the rows that say so."""
    name = answer.person.name or answer.person.native_id
    head = {"name": name, "result": answer.result}
    if answer.barred:
        return [cat.t("why.not.barred", **head)]
    if answer.inside is not None:
        return [cat.t("why.not.inside", rank=answer.inside, **head)]
    out = [cat.t("why.not.head", **head)]
    for number, removal in enumerate(answer.removals):
        what = _what(removal, cat)
        if removal.unknown:
            what = cat.t("why.not.unknown", what=what)
        if removal.how == TOGETHER:
            out.append(cat.t("why.not.together", what=what))
        else:
            out.append(cat.t("why.not.also" if number else "why.not.first", what=what))
        out += _evidence(removal, cat)
    if answer.below is not None:
        out += _below_lines(answer.below, answer.changed, cat)
    elif not answer.removals:
        out.append(cat.t("why.not.gone"))
    return out + [cat.t(key, **params) for key, params in answer.coverage]


def _what(removal: Removal, cat: Catalogue) -> str:
    if not removal.slots:
        return cat.t(removal.key if cat.has(removal.key) and removal.key.startswith("why.") else _rule(removal.key))
    chips = []
    for slot, value in removal.asked.items():
        shown_as = value if slot in ("since", "until") else slot_value(slot, value, cat)
        label = cat.t(f"slot.{slot}") if cat.has(f"slot.{slot}") else cat.t(f"why.slot.{slot}")
        chips.append(cat.t("slot.chip", name=label, value=shown_as))
    return cat.t("slot.join").join(chips)


def _rule(key: str) -> str:
    return f"why.rule.{key.removeprefix('funnel.')}"


def _evidence(removal: Removal, cat: Catalogue) -> list[str]:
    out = []
    for fact, value, origin, quote in removal.facts:
        word = cat.t(f"value.{value}") if cat.has(f"value.{value}") else value
        out.append(cat.t("why.fact", fact=cat.t(f"fact.{fact}"), value=word, origin=cat.t(f"origin.{origin}"),
                         quote=quote or ""))  # fmt: skip
    for name, value in removal.numbers.items():
        if value is not None and name != "origin":
            word = cat.t(f"value.{value}") if isinstance(value, str) and cat.has(f"value.{value}") else value
            word = f"{word:.3f}" if isinstance(word, float) else word
            label = cat.t(f"column.{name}") if cat.has(f"column.{name}") else cat.t(f"why.number.{name}")
            out.append(cat.t("why.not.number", name=label, value=word))
    for post in removal.posts:
        day = moment(post.created).strftime("%Y-%m-%d") if post.created else "?"
        likes = post.likes if post.likes is not None else "?"
        out.append(cat.t("why.post", day=day, text=one_line(post.text, 80), likes=likes))
    return out


def _below_lines(below: Below, changed: bool, cat: Catalogue) -> list[str]:
    params = {"rank": below.rank, "total": below.total, "limit": below.limit or below.total, "value": below.value,
              "least": below.least, "sort": cat.t(f"value.{below.sort}")}  # fmt: skip
    if changed:
        return [cat.t("why.not.changed", **params)]
    out = [cat.t("why.not.below", **params)]
    for change in below.changes:
        key = "why.not.change" if change["needed"] is not None else "why.not.change_never"
        part = cat.t(f"column.{change['part']}")
        out.append(cat.t(key, part=part, now=change["now"], needed=change["needed"] or 1.0))
    return out
