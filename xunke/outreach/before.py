"""Before somebody is spoken to: what they last wrote about, in which mood, what to do and not to do."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from xunke.clock import DAY, moment
from xunke.storage import Project
from xunke.storage.persons import people_map
from xunke.text import one_line

from .people import load
from .persona_rows import Wrote, posts_of
from .persona_shape import Persona
from .personas import may_quote
from .told import OFFERS, of_detail
from .touches import IS_TRUE

NEED_DAYS: Final = 30
"""A need that is older is no reason to write any more."""
ANGRY_DAYS: Final = 14
AGAIN_DAYS: Final = 7
RECENT: Final = 5
_CLAUSE: Final = 60

Advice = tuple[str, dict[str, Any]]
"""A message key and its parameters."""


@dataclass(frozen=True, slots=True)
class Before:
    """``topics``: (what, the newest post about it); ``mood``: {label: posts} of the newest analysed ones; ``do`` and
    ``dont``: advice with its reason; ``stop``: nobody should write to them at all.
    """

    topics: tuple[tuple[str, Wrote], ...]
    mood: dict[str, int]
    do: tuple[Advice, ...]
    dont: tuple[Advice, ...]
    stop: bool

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {
            "topics": [{"topic": name, "ref": post.ref} for name, post in self.topics], "mood": self.mood,
            "do": [{"key": key, **params} for key, params in self.do],
            "dont": [{"key": key, **params} for key, params in self.dont], "stop": self.stop,
        }  # fmt: skip


def before(project: Project, found: Persona, *, now: int) -> Before:
    """The pack for one person, as known at ``now`` (UTC seconds)."""
    account = found.whom.accounts[0]
    posts = posts_of(project, [account], now)
    person = load(project, [account])[account]
    topics: dict[str, Wrote] = {}
    for post in posts:
        for name, _ in (post.detail or {}).get("interests", ())[:1]:
            if may_quote(post.text):
                topics.setdefault(name, post)
    read = [p for p in posts if p.label is not None][:RECENT]
    mood = Counter(str(p.label) for p in read)
    do = _do(found, posts, now)
    dont: list[Advice] = []
    if person.declines:
        dont.append(("persona.dont.declines", {"bio": one_line(person.bio or "", _CLAUSE)}))
    if angry := _angry(posts, now):
        dont.append(("persona.dont.angry", {"day": _day(angry), "ref": angry.ref}))
    elif mood["negative"] * 2 > max(1, len(read)):
        dont.append(("persona.dont.low", {"n": mood["negative"], "of": len(read)}))
    if (days := _last_touch(project, account, now)) is not None and days < AGAIN_DAYS:
        dont.append(("persona.dont.again", {"days": days, "gap": AGAIN_DAYS}))
    if found.fresh.stale:
        dont.append(("persona.dont.stale", {"days": found.fresh.age if found.fresh.age is not None else "?"}))
    dont.append(("persona.dont.private", {}))
    return Before(tuple(topics.items())[:3], dict(mood), () if person.declines else tuple(do), tuple(dont),
                  person.declines)  # fmt: skip


def _do(found: Persona, posts: Sequence[Wrote], now: int) -> list[Advice]:
    do: list[Advice] = []
    for post in posts:
        if post.created is None or now - post.created > NEED_DAYS * DAY or post.detail is None:
            continue
        told = [t for t in of_detail(post.detail, post.native_id, post.created) if t.name not in OFFERS]
        asked = [t for t in told if t.kind == "explicit" and t.name != "complain" and t.quote]
        if asked and may_quote(post.text):
            params = {"need": f"nlp.need.{asked[0].name}", "text": one_line(asked[0].quote, _CLAUSE), "day": _day(post),
                      "ref": post.ref}  # fmt: skip
            do.append(("persona.do.answer", params))
            break
    if names := [s.value for s in found.needs.interests[:3]]:
        do.append(("persona.do.interest", {"names": "、".join(names)}))
    if hours := found.behaviour.best_hours():
        do.append(("persona.do.hours", {"start": hours[0], "end": hours[1] or 24}))
    if found.behaviour.to_us:
        do.append(("persona.do.known", {"n": sum(found.behaviour.to_us.values())}))
    return do


def _angry(posts: Sequence[Wrote], now: int) -> Wrote | None:
    """The newest complaint that is not old yet."""
    for post in posts:
        if post.created is None or now - post.created > ANGRY_DAYS * DAY or post.detail is None:
            continue
        if any(name == "complain" for name, _ in post.detail.get("needs", ())):
            return post
    return None


def _last_touch(project: Project, account: int, now: int) -> int | None:
    """Days since we last did something towards somebody."""
    t = project.one(
        f"select max(t) from touch where {IS_TRUE} and t <= ? and account in (select value from json_each(?))",
        (now, json.dumps(people_map(project).all(account))),
    )
    return None if t is None else (now - int(t)) // DAY


def _day(post: Wrote) -> str:
    return moment(post.created).strftime("%m-%d") if post.created else "?"
