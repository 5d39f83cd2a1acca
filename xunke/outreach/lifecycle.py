"""Lifecycle stages 认知 兴趣 考虑 粉丝 互动 拥护 沉睡 流失: the farthest that stored events prove, with the event.

The rules, from the last to the first; the first that holds is the stage (``docs/segments.md`` has the same table):

* lost: stopped following us, opted out, or quiet for twice as long as makes them dormant
* dormant: quiet for max(60 days, 3 × the own median gap) (``dormancy``)
* advocate: engaged, and passed us on (repost, quote) twice or more, or spoke well of us twice or more
* engaged: 3 acts or more on 2 days or more within 90 days
* follower: follows us
* consider: asked, compared or wanted to buy in words to us within 180 days
* interest: answered, named or passed us on, or liked twice
* aware: one like; or we approached them

Who was never seen with us has no stage. What somebody merely saw leaves no row and cannot be known.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from xunke.clock import DAY, day_of
from xunke.storage import Project

from .dormancy import rhythm
from .segment_facts import Act, Book
from .touches import IS_TRUE

STAGES: Final = ("aware", "interest", "consider", "follower", "engaged", "advocate", "dormant", "lost")
ENGAGED_DAYS: Final = 90
ENGAGED_ACTS: Final = 3
ENGAGED_ON: Final = 2
ASKED_DAYS: Final = 180
ADVOCATE: Final = 2
LOST_TIMES: Final = 2
ASKING: Final = frozenset({"ask_where", "compare", "want_to_buy", "seek_advice"})
"""Needs of ``nlp.needs`` that say that somebody considers buying."""
_PASSED: Final = frozenset({"repost", "quote"})


@dataclass(frozen=True, slots=True)
class Evidence:
    """The event that made the stage. ``rule``: of the table above; ``kind``: of the act, outcome or touch; ``t``: UTC
    seconds (None: not told); ``post``: our number of the post (None: none); ``n``: how many such events there are.
    """

    rule: str
    kind: str
    t: int | None
    post: int | None
    n: int

    def as_json(self) -> dict[str, Any]:
        """For ``--json``."""
        return {"rule": self.rule, "kind": self.kind, "t": self.t, "post": self.post, "n": self.n}


@dataclass(frozen=True, slots=True)
class Stage:
    """Somebody's stage and what proves it."""

    stage: str
    evidence: Evidence


def stage_of(project: Project, accounts: Iterable[int], today: date) -> dict[int, tuple[str, Evidence]]:
    """{account: (stage, evidence)} of those who were ever seen with us. Posts must have been understood before, or
    nobody is found to consider or to speak well.
    """
    book = Book(project, today)
    found = stages(book)
    who = {account: book.who(account) for account in accounts}
    return {a: (found[p].stage, found[p].evidence) for a, p in who.items() if p is not None and p in found}


def stages(book: Book) -> dict[int, Stage]:
    """{person: Stage} of everybody who was ever seen with us."""
    following = _following(book)
    left, opted, touched, bought = _left(book, following), _opted(book), _touches(book), _purchases(book)
    out: dict[int, Stage] = {}
    for person in sorted({*book.acts, *left, *opted, *touched, *bought, *following}):
        found = _stage(
            book, person, left.get(person), opted.get(person), touched.get(person), bought.get(person, ()),
            following.get(person),
        )  # fmt: skip
        if found is not None:
            out[person] = found
    return out


def _stage(
    book: Book, person: int, left: int | None, opted: int | None, touched: tuple[int, int] | None,
    bought: Sequence[int], following: int | None,
) -> Stage | None:  # fmt: skip
    acts = book.acts.get(person, [])
    dated = [a for a in acts if a.t]
    newest = dated[-1] if dated else None
    gone = max((t for t in (left, opted) if t is not None), default=None)
    if gone is not None and max([newest.t if newest else 0, *bought]) <= gone:
        kind = "opt_out" if gone == opted else "unfollow"
        return Stage("lost", Evidence("lost", kind, gone, None, 1))
    dealt = [(a.t, a.kind, a.post or None) for a in dated if a.kind != "follow"]  # as ``cohorts.acts`` has them
    dealt = sorted([*dealt, *((t, "purchase", None) for t in bought)], key=lambda d: d[0])
    pulse = rhythm([day_of(t) for t, _, _ in dealt], book.today)
    if pulse is not None and pulse.dormant:
        stage = "lost" if pulse.quiet >= LOST_TIMES * pulse.limit else "dormant"
        t, kind, post = dealt[-1]
        return Stage(stage, Evidence(f"{stage}.quiet", kind, t, post, len(dealt)))
    recent = [a for a in dated if a.t > book.until - ENGAGED_DAYS * DAY and a.kind != "follow"]
    if len(recent) >= ENGAGED_ACTS and len({day_of(a.t) for a in recent}) >= ENGAGED_ON:
        passed = [a for a in acts if a.kind in _PASSED]
        praise = [w for w in book.to_us.get(person, ()) if w[2] == "positive"]
        if len(passed) >= ADVOCATE:
            return Stage("advocate", _by("advocate.passed", passed))
        if len(praise) >= ADVOCATE:
            return Stage("advocate", Evidence("advocate.praise", "words", praise[-1][1], praise[-1][0], len(praise)))
        return Stage("engaged", _by("engaged", recent))
    if follows := [a for a in acts if a.kind == "follow"]:
        return Stage("follower", _by("follower", follows))
    if following is not None:
        return Stage("follower", Evidence("follower", "follow", following, None, 1))
    asked = [
        w for w in book.to_us.get(person, ())
        if (w[1] or 0) > book.until - ASKED_DAYS * DAY and any(n[0] in ASKING for n in w[4].get("needs", ()))
    ]  # fmt: skip
    if asked:
        return Stage("consider", Evidence("consider", "words", asked[-1][1], asked[-1][0], len(asked)))
    likes = [a for a in acts if a.kind == "like"]
    if deeper := [a for a in acts if a.kind not in ("like", "follow")]:
        return Stage("interest", _by("interest", deeper))
    if likes:
        return Stage("interest" if len(likes) > 1 else "aware", _by("interest" if len(likes) > 1 else "aware", likes))
    if touched is not None:
        return Stage("aware", Evidence("aware.touched", "touch", touched[0], None, touched[1]))
    return None


def _by(rule: str, acts: list[Act]) -> Evidence:
    last = acts[-1]
    return Evidence(rule, last.kind, last.t or None, last.post or None, len(acts))


def _following(book: Book) -> Mapping[int, int]:
    """{person: first seen following us} of those who still did in the newest list."""
    return _first(
        book, "select account, first from follower where own in (select value from json_each(:own)) "
        "and (gone is null or gone > :until) and first <= :until",
    )  # fmt: skip


def _left(book: Book, still: Mapping[int, int]) -> Mapping[int, int]:
    """{person: since when they no longer follow any account of ours}; ``still``: those who do."""
    sql = (
        "select account, gone from follower where own in (select value from json_each(:own)) and gone is not null "
        "and gone <= :until order by gone"
    )
    return {person: t for person, t in _first(book, sql, last=True).items() if person not in still}


def _opted(book: Book) -> Mapping[int, int]:
    sql = "select account, t from outcome where kind = 'opt_out' and undone is null and t <= :until order by t"
    return _first(book, sql, last=True)


def _touches(book: Book) -> dict[int, tuple[int, int]]:
    found: dict[int, list[int]] = defaultdict(list)
    sql = f"select account, t from touch where {IS_TRUE} and t <= :until order by t"
    for person, (t,) in book.authors(sql, {"until": book.until}):
        found[person].append(t)
    return {person: (times[-1], len(times)) for person, times in found.items()}


def _purchases(book: Book) -> Mapping[int, Sequence[int]]:
    found: dict[int, list[int]] = defaultdict(list)
    for person, (t,) in book.authors("select account, t from purchase where t between 1 and :until order by t",
                                     {"until": book.until}):  # fmt: skip
        found[person].append(t)
    return found


def _first(book: Book, sql: str, *, last: bool = False) -> dict[int, int]:
    out: dict[int, int] = {}
    params = {"own": json.dumps(sorted(book.own)), "until": book.until}
    for person, (t,) in book.authors(sql, params):
        out[person] = t if last or person not in out else min(out[person], t)
    return out
