"""Where people can be met: what they talk under, with which words, in which groups, under whose posts, when.

Not where most of them are, which is where everybody is, but where they are more than everybody (``nlp.overindex``):
share of the segment against share of all, among those who in the same days were seen at any place of the kind, with a
prior, an interval, and Benjamini and Hochberg's correction for how much was looked at.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from xunke.clock import DAY, moment
from xunke.storage import Project
from xunke.storage.persons import own_accounts, people_map

from .people import barred, barred_all

if TYPE_CHECKING:
    from nlp.overindex import Index

KINDS: Final = ("tag", "group", "thread", "account", "platform", "time")
DAYS: Final = 90
NOW_DAYS: Final = 14
"""A thread without a word for so long is no place to speak any more."""
SPAN: Final = 3
"""Hours of a time slot; weekdays and weekends apart."""
LEAST: Final = 2
"""People of the segment that a place must have seen to be named at all."""


@dataclass(frozen=True, slots=True)
class Place:
    """A place: ``item`` a tag, our number of a group, thread (its first post) or account, a platform, or a time slot
    (``workday 21``, ``weekend 09``: the three hours from then). ``last``: when somebody of the segment was last there,
    UTC seconds. ``index``: the counts and how much more the segment is there than everybody.
    """

    kind: str
    item: str
    index: Index
    last: int | None

    @property
    def verdict(self) -> str:
        """``over`` (surely more than everybody), ``only`` (enough of them, and nobody else), ``same``, ``too_few``."""
        from nlp.overindex import MIN_GROUP, MIN_HAVING

        row = self.index
        alone = row.having == row.base_having >= MIN_HAVING and row.size >= MIN_GROUP and row.size < row.base_size
        if row.size == row.base_size:  # the group is everybody: there is nobody to hold it against
            return "same"
        return "only" if row.verdict == "too_few" and alone else row.verdict


_ORDER: Final = ("over", "only", "same", "too_few")


@dataclass(frozen=True, slots=True)
class Context:
    """``size`` people of the segment were about, of ``asked``; ``base``: everybody who was."""

    places: tuple[Place, ...]
    asked: int
    size: int
    base: int


def places(
    project: Project, accounts: Collection[int], *, now: int, days: int = DAYS, kinds: Collection[str] = KINDS
) -> Context:
    """Where ``accounts`` were in the last ``days``; of each kind the surest first.

    People who are barred count nowhere; our own accounts are no place to be found.
    """
    from nlp.overindex import over_index

    persons, since = people_map(project), now - days * DAY
    own = set(persons.spread(own_accounts(project)))
    seen: dict[str, dict[str, dict[int, int]]] = {kind: defaultdict(dict) for kind in KINDS}
    about: set[int] = set()

    def be(kind: str, item: str, account: int, t: int) -> None:
        who = persons.one(account)
        about.add(who)
        last = seen[kind][item]
        last[who] = max(t, last.get(who, 0))

    _posts(project, since, now, own, be)
    _acts(project, since, now, own, be)
    _groups(project, be, about)
    out = {persons.one(a) for a in barred(project, about)} | {persons.one(a) for a in own}
    closed = _closed(project, seen)
    everybody = about - out
    asked = {persons.one(a) for a in accounts} - out
    group = asked & everybody
    found: list[Place] = []
    for kind in KINDS:
        if kind not in kinds:
            continue
        here = {item: 0 if (kind, item) in closed else _count(who, group) for item, who in seen[kind].items()}
        there = {item: _count(who, everybody) for item, who in seen[kind].items()}
        last = {item: max((t for a, t in who.items() if a in group), default=0) for item, who in seen[kind].items()}
        rows = over_index(
            {item: n for item, n in here.items() if n},
            len(group),
            {i: n for i, n in there.items() if n},
            len(everybody),
        )
        named = [
            Place(kind, row.item, row, last[row.item] or None)
            for row in rows
            if row.having >= LEAST and row.verdict != "under"
            and not (kind == "thread" and last[row.item] < now - NOW_DAYS * DAY)
        ]  # fmt: skip
        found += sorted(named, key=lambda place: _ORDER.index(place.verdict))
    return Context(tuple(found), len(asked), len(group), len(everybody))


def _closed(project: Project, seen: Mapping[str, Mapping[str, object]]) -> set[tuple[str, str]]:
    """(kind, item) of places that are somebody's own, an account or what they started, whom nothing may point to."""
    threads = dict(project.query(
        "select id, author from post where author is not null and id in (select value from json_each(?))",
        (json.dumps([int(item) for item in seen["thread"]]),),
    ))  # fmt: skip
    hidden = barred_all(project, {*threads.values(), *map(int, seen["account"])})
    return {("thread", str(post)) for post, author in threads.items() if author in hidden} | {
        ("account", str(account)) for account in hidden
    }


def _count(who: Mapping[int, int], people: Collection[int]) -> int:
    return sum(a in people for a in who)


_Be = Callable[[str, str, int, int], None]
"""Notes that somebody was somewhere: kind, item, account, when."""


def _posts(project: Project, since: int, now: int, own: Collection[int], be: _Be) -> None:
    for account, created, tags, root, post, kind, platform, wrote in project.query(
        "select t.author, t.created, t.tags, t.root, t.id, t.kind, p.name, "
        "(select author from post r where r.id = coalesce(t.root, t.id)) from post t join post_key k on k.id = t.id "
        "join platform p on p.id = k.platform where t.author is not null and t.gone is null and "
        "t.created between ? and ?", (since, now),
    ):  # fmt: skip
        when = moment(created)
        be("platform", platform, account, created)
        slot = when.hour // SPAN * SPAN
        be("time", f"{'weekend' if when.weekday() > 4 else 'workday'} {slot:02d}", account, created)
        for tag in json.loads(tags or "[]"):
            be("tag", tag, account, created)
        if (root is not None or kind == "post") and wrote not in own:
            be("thread", str(root or post), account, created)
    for account, created, group in project.query(
        "select author, created, group_ from post where group_ is not null and author is not null and gone is null "
        "and created between ? and ?", (since, now),
    ):  # fmt: skip
        be("group", str(group), account, created)


def _acts(project: Project, since: int, now: int, own: Collection[int], be: _Be) -> None:
    """Whose posts somebody answers, likes or passes on."""
    for actor, target, t in project.query(
        "select actor, target, max(t) from interaction where kind in (1, 2, 4, 5) and t between ? and ? "
        "and actor <> target group by actor, target", (since, now),
    ):  # fmt: skip
        if target not in own:
            be("account", str(target), actor, t)


def _groups(project: Project, be: _Be, about: Iterable[int]) -> None:
    """Groups of which those who were about are members; nobody says since when."""
    listed = json.dumps(sorted(about))
    sql = "select account, group_ from membership where account in (select value from json_each(?))"
    for account, group in project.query(sql, (listed,)):
        be("group", str(group), account, 0)
