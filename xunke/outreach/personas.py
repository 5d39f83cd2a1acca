"""Personas: who people are (as they state it), how they behave, what they need; of one person or of a group.

Nothing is guessed. Shares of stated facts are of those who state the fact, never of everybody; each has its count, its
base, a 95 % interval (Wilson 1927), and for groups an index against everybody in the project (``nlp.overindex``).
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import median
from typing import Any, Final

from xunke.clock import DAY, moment
from xunke.storage import Project
from xunke.storage.persons import OWN
from xunke.storage.schema import KINDS

from . import facets, freshness, portrait, told_in
from .experiments import wilson
from .people import Person, load
from .persona_rows import Whom, Wrote, everybody, posts_of
from .persona_shape import LEAST_DATED, PARTS_OF_DAY, Behaviour, Needs, Persona, Said, Scene, Share
from .told import OFFERS, Told, of_detail
from .touches import IS_TRUE

BASE: Final = ("age", "gender", "region", "city_tier", "occupation", "family", "school")
"""Stated facts, in the order in which they are shown."""
ONE: Final = frozenset({"age", "gender", "region", "city_tier"})
"""Facts of which a person has one value: shares of these add up to all."""
SHOWN: Final = 8
QUOTES: Final = 6

# -- counting --------------------------------------------------------------------------------------------------------


def shares(
    counts: Mapping[str, int], of: int, refs: Mapping[str, Sequence[str]] | None = None, most: int = SHOWN
) -> tuple[Share, ...]:
    """Shares of ``of``, the largest first."""
    order = sorted(counts, key=lambda v: (-counts[v], v))[:most]
    return tuple(
        Share(value, counts[value], of, *wilson(counts[value], of), refs=tuple((refs or {}).get(value, ()))[:5])
        for value in order
        if counts[value]
    )


def against(
    mine: Mapping[int, Iterable[str]], everybody_: Mapping[int, Iterable[str]], group: frozenset[int],
    refs: Mapping[int, str],
) -> tuple[Share, ...]:  # fmt: skip
    """Shares of the people of ``group`` who have each value, indexed against everybody of whom anything is known.
    ``refs``: {account: how it is named}.
    """
    from nlp.overindex import over_index_of

    here = {a: frozenset(v) for a, v in mine.items() if a in group and v}
    counts = Counter(value for values in here.values() for value in values)
    others = [frozenset(v) for a, v in everybody_.items() if a not in group and v]
    found = {row.item: row for row in over_index_of(here.values(), others)}
    people: dict[str, list[str]] = defaultdict(list)
    for account, values in sorted(here.items()):
        for value in values:
            people[value].append(refs.get(account, ""))
    return tuple(
        Share(s.value, s.n, s.of, s.low, s.high, row.index if row else None, row.verdict if row else None, s.refs)
        for s in shares(counts, len(here), people)
        for row in [found.get(s.value)]
    )


# -- the picture -----------------------------------------------------------------------------------------------------


def persona(project: Project, whom: Whom, *, now: int, tag: str | None = None) -> Persona:
    """The persona of ``whom`` as known at ``now`` (UTC seconds). Posts should be analysed and facts read before.

    ``tag``: the tag string as the user edited it.
    """
    group = frozenset(whom.accounts)
    people = load(project, list(whom.accounts))
    posts = posts_of(project, whom.accounts, now)
    one = whom.kind == "person"
    known = everyone(project) if not one else {}
    refs = {p.id: f"person:{p.platform}:{p.native_id}" for p in people.values()}
    facts, stated = _facts(project, group, known, one, refs)
    behaviour = _behaviour(project, people, posts, whom.accounts, now)
    needs = _needs(project, people, posts, group, known, one, refs)
    each = portrait.portraits(project, whom.accounts)
    complete, missing = portrait.together(list(each.values()))
    fresh = freshness.together(list(freshness.of_each(project, whom.accounts, now).values()))
    current = {fact: found for fact, found in facts.items() if not (one and fact in fresh.expired)}
    made = layers(current, behaviour, needs, one)
    return Persona(
        whom, len(people), facts, stated, behaviour, needs, complete, missing, fresh, made, tag, tag is not None,
        scenes(posts, needs), None if one else _typical(project, whom.accounts, facts, posts),
        _origins(project, whom.accounts[0]) if one and whom.accounts else {},
    )  # fmt: skip


def everyone(project: Project) -> dict[int, None]:
    """Everybody who may appear, each once: what groups are held against."""
    return dict.fromkeys(everybody(project).accounts)


_PRIVATE: Final = re.compile(
    "生理期|月经|大姨妈|痛经|怀孕|备孕|流产|试管|抑郁|焦虑症|双相|自杀|自残|确诊|癌|肿瘤|艾滋|乙肝|手术|住院|病历|信佛|信教|基督|"
    "穆斯林|清真寺|同性恋|出柜|性取向|工资条|身份证|欠债|网贷|离婚|出轨|家暴"
)
"""Words of what is nobody's business: posts with them are counted, and never quoted."""


def may_quote(text: str) -> bool:
    """Whether somebody's words may stand in a persona or a report."""
    return _PRIVATE.search(text) is None


def comparison(project: Project, group: Sequence[int], people: int = 300, each: int = 10) -> list[int]:
    """Posts to analyse so that a group can be held against others: the newest of people drawn by a fixed rule."""
    inside = frozenset(group)
    others = sorted((a for a in everyone(project) if a not in inside), key=lambda a: (a * 2654435761 % 2**32, a))
    rows = project.query(
        "select id from (select id, row_number() over (partition by author order by created desc, id desc) as place "
        "from post where author in (select value from json_each(?)) and kind = 'post') where place <= ? order by id",
        (json.dumps(others[:people]), each),
    )
    return [row[0] for row in rows]


def _facts(
    project: Project, group: frozenset[int], known: Mapping[int, None], one: bool, refs: Mapping[int, str]
) -> tuple[dict[str, tuple[Share, ...]], dict[str, int]]:
    facts: dict[str, tuple[Share, ...]] = {}
    stated: dict[str, int] = {}
    for fact in BASE:
        values = facets.stated(project, fact)
        mine = {a: values[a] for a in sorted(group) if values.get(a)}
        if not mine:
            continue
        stated[fact] = len(mine)
        if one:
            facts[fact] = tuple(Share(v, 1, 1, 0.0, 1.0) for v in next(iter(mine.values())))
        else:
            facts[fact] = against(mine, {a: v for a, v in values.items() if a in known}, group, refs)
    return facts, stated


def _origins(project: Project, account: int) -> dict[str, tuple[str, str | None]]:
    """{value: (origin, quote)} of one person's facts, the surest."""
    sql = "select value, origin, quote from profile_fact where account = ? order by confidence desc, origin"
    found: dict[str, tuple[str, str | None]] = {}
    for value, origin, quote in project.query(sql, (account,)):
        found.setdefault(value, (origin, quote))
    return found


_ACTS: Final = "select kind, count(*) from interaction where actor in (select value from json_each(?)) group by kind"
_TO_US: Final = (
    f"select kind, count(distinct actor) from interaction where target in {OWN} "
    "and actor in (select value from json_each(?)) group by kind"
)
_TOUCHED: Final = (
    "select count(distinct t.account), count(distinct case when exists (select 1 from outcome o where "
    "o.account = t.account and o.undone is null and o.t >= t.t and o.kind in ('reply', 'positive', 'follow_back', "
    "'like', 'click', 'converted', 'bought')) then t.account end) from touch t "
    f"where {IS_TRUE} and t.account in (select value from json_each(?))"
)


def _behaviour(
    project: Project, people: Mapping[int, Person], posts: Sequence[Wrote], accounts: Sequence[int], now: int
) -> Behaviour:
    hours = [[0] * 24 for _ in range(7)]
    mine: dict[int, list[int]] = defaultdict(list)
    for post in posts:
        if post.created is not None:
            at = moment(post.created)
            hours[at.weekday()][at.hour] += 1
            mine[post.author].append(post.created)
    times = [t for ts in mine.values() for t in ts]
    weeks = [len(ts) / max(4.0, (now - min(ts)) / (7 * DAY)) for ts in mine.values()]
    kinds = {code: name for name, code in KINDS.items()}
    listed = json.dumps(list(accounts))
    acts = {kinds[code]: n for code, n in project.query(_ACTS, (listed,))}
    to_us = {kinds[code]: n for code, n in project.query(_TO_US, (listed,))}
    touched, answered = project.query(_TOUCHED, (listed,))[0]
    followers = [p.followers for p in people.values() if p.followers is not None]
    written = [p.engagement for p in posts if p.kind == "post"]
    return Behaviour(
        len(posts), len(times), min(times, default=None), max(times, default=None), median(weeks) if weeks else None,
        tuple(map(tuple, hours)), shares(Counter(p.platform for p in people.values()), len(people)),
        _of_posts(posts, lambda p: p.kind), _of_posts([p for p in posts if p.media], lambda p: p.media or ""), acts,
        median(followers) if followers else None, median(written) if written else None, to_us, touched, answered,
    )  # fmt: skip


def _of_posts(posts: Sequence[Wrote], key: Callable[[Wrote], str]) -> tuple[Share, ...]:
    refs: dict[str, list[str]] = defaultdict(list)
    for post in posts:
        refs[key(post)].append(post.ref)
    return shares({value: len(found) for value, found in refs.items()}, len(posts), refs)


def _needs(
    project: Project, people: Mapping[int, Person], posts: Sequence[Wrote], group: frozenset[int],
    known: Mapping[int, None], one: bool, names: Mapping[int, str],
) -> Needs:  # fmt: skip
    read = [p for p in posts if p.detail is not None]
    authors = {p.author for p in read}
    told = [(post, t) for post in read for t in of_detail(post.detail or {}, post.native_id, post.created)]
    needs = [(p, t) for p, t in told if t.kind != "event" and t.name not in OFFERS]
    events = [(p, t) for p, t in told if t.kind == "event"]
    interest: dict[int, set[str]] = defaultdict(set)
    for post in read:
        interest[post.author] |= {name for name, _ in (post.detail or {}).get("interests", ())}
    for account, person in people.items():
        interest[account] |= set(person.stated("interest"))
    if one:
        count = Counter(name for p in read for name, _ in (p.detail or {}).get("interests", ()))
        count.update({name: 0 for names in interest.values() for name in names})
        total = max(1, len(read))
        interests: tuple[Share, ...] = tuple(
            Share(name, n, len(read), *wilson(n, total)) for name, n in
            sorted(count.items(), key=lambda item: (-item[1], item[0]))[:SHOWN]
        )  # fmt: skip
    else:
        interests = against(
            {a: v for a, v in interest.items() if a in authors}, interests_of(project, known), group, names
        )
    listed = json.dumps([p.id for p in posts])
    sql = (
        "select g.name, count(distinct p.author) from post_tag k join tag g on g.id = k.tag "
        "join post p on p.id = k.post where k.post in (select value from json_each(?)) group by g.id"
    )
    tags_of = dict(project.query(sql, (listed,)))
    labels = [p for p in read if p.label in ("positive", "negative", "neutral")]
    return Needs(
        interests, _told(needs, people, read, one), _told(events, people, read, one),
        _of_posts(labels, lambda p: p.label or ""), shares(tags_of, len(people)), quotes(needs, events), len(read),
        len(posts),
    )  # fmt: skip


def interests_of(project: Project, accounts: Mapping[int, None]) -> dict[int, set[str]]:
    """{account: interests} in analysed posts or stated, of those in ``accounts`` of whom posts were analysed: others
    would look as if they had none.
    """
    found: dict[int, set[str]] = defaultdict(set)
    sql = "select p.author, f.detail from feature f join post p on p.id = f.post where coalesce(f.spam, 0) < 0.5"
    for author, detail in project.each(sql):
        if author in accounts and (told := told_in.names(detail)[0]):
            found[author].update(told)
    for account, name in project.query("select account, value from profile_fact where fact = 'interest'"):
        if account in found:
            found[account].add(name)
    return found


def _told(
    found: Sequence[tuple[Wrote, Told]], people: Mapping[int, Person], read: Sequence[Wrote], one: bool
) -> tuple[Share, ...]:
    """Shares of people (of one person: of posts) that tell each need or event."""
    who: dict[str, set[int]] = defaultdict(set)
    refs: dict[str, list[str]] = defaultdict(list)
    for post, told in found:
        who[told.name].add(post.id if one else post.author)
        refs[told.name].append(post.ref)
    whole = len(read) if one else len({p.author for p in read})
    return shares({name: len(ids) for name, ids in who.items()}, whole, refs)


def quotes(needs: Sequence[tuple[Wrote, Told]], events: Sequence[tuple[Wrote, Told]]) -> tuple[Said, ...]:
    """Real words: of each need and event in turn the surest and newest, nobody twice while others have spoken."""
    piles: dict[str, list[tuple[Wrote, Told]]] = defaultdict(list)
    for post, told in sorted(
        [*needs, *events], key=lambda x: (-x[1].score, -len(x[1].quote), -(x[0].created or 0), x[0].id)
    ):
        if told.quote and may_quote(post.text):
            piles[told.name].append((post, told))
    order = sorted(piles, key=lambda name: (-len(piles[name]), name))
    out: list[Said] = []
    spoken: set[int] = set()
    heard: set[str] = set()
    for again in (False, True):
        for turn in range(QUOTES):
            for name in order:
                if len(out) < QUOTES and turn < len(piles[name]):
                    post, told = piles[name][turn]
                    if told.quote not in heard and (again or post.author not in spoken):
                        out.append(Said(told.name, told.kind, told.quote, post))
                        spoken.add(post.author)
                        heard.add(told.quote)
    return tuple(out)


# -- tag, day, typical person ----------------------------------------------------------------------------------------

TAG_SHARE: Final = 0.35
"""A group is called by a value that at least so many of those who state the fact have."""
TAG_LEAST: Final = 5
"""…and at least so many people."""
OFTEN: Final = (("often", 3.0), ("weekly", 1.0))
"""Posts a week, from which each word is said. What we saw is the least they wrote: nobody is called seldom by it."""


def layers(
    facts: Mapping[str, tuple[Share, ...]], behaviour: Behaviour, needs: Needs, one: bool
) -> tuple[tuple[str, ...], ...]:
    """The layered tag as codes: who / how / what for. Unknown parts are left out; a layer may be empty."""

    def top(found: Sequence[Share]) -> list[str]:
        best = found[0] if found else None
        if best is None or (not one and (best.n < TAG_LEAST or best.share < TAG_SHARE)):
            return []
        return [best.value]

    who = [*top(facts.get("age", ())), *top(facts.get("city_tier", ())), *top(facts.get("occupation", ()))]
    how: list[str] = []
    if behaviour.week is not None and behaviour.dated >= LEAST_DATED:
        how += [f"persona.often.{word}" for word, least in OFTEN if behaviour.week >= least][:1]
        parts = behaviour.part_shares()
        part = max(parts, key=lambda name: (parts[name], name))
        if parts[part] >= 0.3 * behaviour.dated:
            how.append(f"persona.part.{part}")
        if behaviour.kinds and behaviour.kinds[0].value == "comment" and behaviour.kinds[0].share >= 0.5:
            how.append("persona.answers")
    what = [s.value for s in needs.interests[:2] if s.n and (one or (s.n >= TAG_LEAST and s.share >= 0.2))]
    what += [f"nlp.need.{s.value}" for s in needs.needs[:1] if one or s.n >= TAG_LEAST]
    return tuple(who), tuple(how), tuple(what)


def scenes(posts: Sequence[Wrote], needs: Needs) -> tuple[Scene, ...]:
    """A day made of real posts: for each part of the day with a tenth of the posts, the one that says most of what the
    group cares about; ties by interest, length near a sentence, engagement, then the newest.
    """
    dated = [p for p in posts if p.created is not None]
    if len(dated) < LEAST_DATED:
        return ()
    cares = {s.value for s in needs.interests[:5]}
    hour_of = {h: part for part, hours in PARTS_OF_DAY.items() for h in hours}
    by_part: dict[str, list[Wrote]] = defaultdict(list)
    for post in dated:
        by_part[hour_of[moment(post.created or 0).hour]].append(post)

    def worth(post: Wrote) -> tuple[Any, ...]:
        about = {name for name, _ in (post.detail or {}).get("interests", ())} & cares
        fits = 12 <= len(post.text) <= 100
        return (post.kind == "post", fits, bool(about), post.engagement, post.created or 0, post.id)

    out: list[Scene] = []
    spoken: set[int] = set()
    for part in PARTS_OF_DAY:
        found = by_part.get(part, [])
        words = [p for p in found if len(p.text.strip()) >= 6 and may_quote(p.text)]
        if len(found) * 10 < len(dated) or not words:
            continue
        fresh = [p for p in words if p.author not in spoken] or words
        best = max(fresh, key=worth)
        spoken.add(best.author)
        out.append(Scene(part, len(found), len(dated), best))
    return tuple(out)


def _typical(
    project: Project, accounts: Sequence[int], facts: Mapping[str, tuple[Share, ...]], posts: Sequence[Wrote]
) -> int | None:
    """The person who shares most with the rest: the sum of the shares of what they state; ties by posts, then id."""
    worth: Counter[int] = Counter()
    for fact in BASE:
        share = {s.value: s.share for s in facts.get(fact, ())}
        stated = facets.stated(project, fact) if share else {}
        for account in accounts:
            worth[account] += sum(round(1000 * share.get(v, 0.0)) for v in stated.get(account, [])[:1])
    written = Counter(p.author for p in posts)
    able = [a for a in accounts if written[a] >= LEAST_DATED and worth[a]]
    return max(able, key=lambda a: (worth[a], written[a], -a)) if able else None
