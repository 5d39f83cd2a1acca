"""What a person's posts tell of needs and life events, with the clause, the post and the date."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from xunke.storage import Project

POSTS_READ: Final = 500
"""Of one person the newest posts are read, not more than this."""
AD: Final = 0.5
"""Posts that are advertising with this probability or more tell no need of their author."""
OFFERS: Final = frozenset({"recommend", "sell"})
"""What stands among the needs but is none: the author has something to give."""


@dataclass(frozen=True, slots=True)
class Told:
    """A need (``kind`` explicit or hidden) or a life event (``kind`` event) that a post tells.

    ``score`` 0..1 how sure; ``quote`` the clause as written; ``about`` the thing, where the words say one; ``post``
    the platform's id; ``created`` UTC seconds.
    """

    name: str
    kind: str
    score: float
    quote: str
    about: str
    post: str
    created: int | None

    def as_json(self) -> dict[str, Any]:
        """For ``--json``: ``time`` as everywhere in UTC seconds."""
        found = asdict(self)
        return {**found, "time": found.pop("created")}


@dataclass(frozen=True, slots=True)
class Wants:
    """Needs and life events, newest first; ``read`` of ``posts`` posts have been analysed."""

    needs: tuple[Told, ...] = ()
    events: tuple[Told, ...] = ()
    read: int = 0
    posts: int = 0

    def as_json(self) -> dict[str, Any]:
        """For ``--json``: ``needs`` and ``life_events``."""
        return {"needs": [n.as_json() for n in self.needs], "life_events": [e.as_json() for e in self.events]}


def told(project: Project, account: int) -> Wants:
    """Needs and life events that the analysed posts of an account tell; nothing of somebody under 18."""
    young = "select exists(select 1 from profile_fact where fact = 'minor' and account = ?)"
    if project.one(young, (account,)):
        return Wants()
    posts, read = project.query(
        "select count(*), count(f.post) from post t left join feature f on f.post = t.id where t.author = ?", (account,)
    )[0]
    rows = project.query(
        "select k.native_id, t.created, f.detail from post t join post_key k on k.id = t.id "
        "join feature f on f.post = t.id where t.author = ? and coalesce(f.spam, 0) < ? "
        "order by t.created desc, t.id desc limit ?",
        (account, AD, POSTS_READ),
    )
    needs: list[Told] = []
    events: list[Told] = []
    for post, created, text in rows:
        for one in of_detail(json.loads(text or "{}"), post, created):
            (events if one.kind == "event" else needs).append(one)
    return Wants(tuple(needs), tuple(events), read, posts)


def of_detail(detail: Mapping[str, Any], post: str, created: int | None) -> list[Told]:
    """What one post tells: needs, surest first, then life events."""
    from nlp.needs import kinds

    quotes, about, kind = detail.get("quotes", {}), detail.get("about", {}), kinds()
    found = [
        Told(name, kind[name], score, quotes.get(name, ""), about.get(name, ""), post, created)
        for name, score in detail.get("needs", ())
        if name in kind
    ]
    return found + [
        Told(name, "event", 1.0, quotes.get(name, ""), "", post, created) for name in detail.get("life_events", ())
    ]


def first_told(project: Project, posts: Sequence[int]) -> Told | None:
    """The first need or life event of these posts that says what its author needs; offers do not count."""
    rows = project.query(
        "select f.post, k.native_id, t.created, f.detail from feature f join post t on t.id = f.post "
        "join post_key k on k.id = f.post where f.post in (select value from json_each(?)) and coalesce(f.spam, 0) < ?",
        (json.dumps(list(posts)), AD),
    )
    details = {row[0]: row[1:] for row in rows}
    for post in posts:
        native, created, text = details.get(post, ("", None, ""))
        for one in of_detail(json.loads(text or "{}"), native, created):
            if one.quote and one.name not in OFFERS:
                return one
    return None


def telling(project: Project, posts: Sequence[int], what: str, names: Sequence[str]) -> set[int]:
    """Those of ``posts`` (analysed ones) that tell one of ``names``; ``what``: "needs" or "life_events"."""
    name = "json_extract(n.value, '$[0]')" if what == "needs" else "n.value"
    sql = (
        f"select f.post from feature f where f.post in (select value from json_each(:posts)) and exists (select 1 from "
        f"json_each(f.detail, '$.' || :what) n where {name} in (select value from json_each(:names)))"
    )
    params = {"posts": json.dumps(list(posts)), "what": what, "names": json.dumps(list(names))}
    return {row[0] for row in project.query(sql, params)}
