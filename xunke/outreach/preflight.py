"""四个正确 before anything goes out: the right person, message, channel and time, for everybody of a list."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any, Final, Literal

from xunke.clock import DAY, day_of, moment
from xunke.storage import Project

from . import advice, checks, daily, days, drafts, gate, values
from .gate_facts import Known
from .people import barred_all
from .value import unwanted

Mark = Literal["yes", "warn", "no"]
Why = tuple[str, dict[str, Any]]
RIGHTS: Final = ("person", "message", "channel", "time")
_ELSEWHERE: Final = {
    "consent": "channel", "quiet": "time", "solemn": "time", "gap": "time", "cap": "time", "campaign_later": "time",
    "wait_answer": "time", "too_early": "time", "replies_first": "time", "engage_first": "time",
    "no_answer_yet": "time", "no_reaction": "time", "replies_ignored": "time",
}  # fmt: skip
"""Which right the gate's reasons speak of; all others speak of the person."""
FAKE: Final = 0.5
_ACTIVE: Final = 30
_GONE: Final = 90


@dataclass(frozen=True, slots=True)
class Right:
    """One of the four: ``mark`` and why it is not a plain yes."""

    mark: Mark
    reasons: tuple[Why, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """Somebody of the list, the step looked at and the four rights."""

    account: int
    step: str
    rights: dict[str, Right]

    @property
    def mark(self) -> Mark:
        """The worst of the four."""
        marks = [right.mark for right in self.rights.values()]
        return "no" if "no" in marks else "warn" if "warn" in marks else "yes"


def check(
    project: Project,
    list_id: int,
    *,
    now: int,
    step: str | None = None,
    channel: str | None = None,
    text: str | None = None,
    campaign: int | None = None,
) -> list[Checked]:
    """Everybody of a list but those who appear nowhere, in its order. ``step``: None takes what is next for each;
    ``text``: the words that are to go out (None: each one's own draft)."""
    if campaign is None:
        campaign = project.one("select min(campaign) from campaign_list where list = ?", (list_id,))
    rows = project.query("select item, score, reason from list_member where list = ? order by rank", (list_id,))
    kept_out = barred_all(project, [row[0] for row in rows])
    rows = [row for row in rows if row[0] not in kept_out]
    accounts = [row[0] for row in rows]
    people = {one.account: one for one in daily.candidates(project, now, list_id=list_id)}
    known, seen = Known(project, accounts), _Seen(project, accounts, now)
    words = None if text is not None else _Drafts(known, accounts, now)
    around = checks.Around(project, accounts, now)
    out, bad = [], unwanted(project, day_of(now))
    scores = [row[1] for row in rows if row[1] is not None]
    low = median(scores) / 2 if len(scores) >= 5 else 0.0
    for account, score, reason in rows:
        person = people.get(account)
        first = "follow" if person is None else next(daily.wanted(person, now))[0]
        chosen = step or first
        no = gate.against(
            project, account, chosen, now=now, campaign=campaign, list_id=list_id, channel=channel, known=known
        )
        by = {right: [(r, p) for r, p, _ in no if _ELSEWHERE.get(r.removeprefix("gate."), "person") == right]
              for right in RIGHTS}  # fmt: skip
        rights = {
            "person": _right(
                by["person"],
                [
                    *([("preflight.negative", dict[str, Any]())] if account in bad else []),
                    *_person(seen, account, score, low, reason),
                ],
            ),
            "message": _message(around, words, account, chosen, channel, text),
            "channel": _right(by["channel"], _channel(seen.last.get(account), now)),
            "time": _right(by["time"], [*_day(chosen, now), *_time(seen.hours.get(account), now)]),
        }
        out.append(Checked(account, chosen, rights))
    return out


def metric(project: Project, list_id: int) -> str | None:
    """By what the success of a list's plan is measured: a campaign's or an experiment's metric; None: by nothing."""
    found = project.one(
        "select coalesce((select c.kpi from campaign c join campaign_list l on l.campaign = c.id where l.list = :id "
        "and c.kpi is not null order by c.id limit 1), "
        "(select metric from experiment where list = :id order by id limit 1))",
        {"id": list_id},
    )
    return None if found is None else str(found)


def _right(no: Sequence[Why], warn: Sequence[Why]) -> Right:
    bad = [one for one in warn if one[0] in _NO]
    return Right("no" if no or bad else "warn" if warn else "yes", (*no, *warn))


_NO: Final = frozenset({"preflight.gone", "preflight.negative"})


class _Seen:
    """What was seen of these accounts: ``spam`` probability, ``posts`` that stand, ``last`` post, ``hours`` of most."""

    def __init__(self, project: Project, accounts: Sequence[int], now: int) -> None:
        among, listed = "in (select value from json_each(?))", json.dumps(list(accounts))
        self.spam = dict(project.query(f"select account, spam from account_sign where account {among}", (listed,)))
        self.posts = dict(project.query(
            f"select author, count(*) from post where author {among} and gone is null group by author", (listed,)
        ))  # fmt: skip
        self.last = dict(project.query(
            f"select author, max(created) from post where author {among} and created <= ? group by author",
            (listed, now),
        ))  # fmt: skip
        self.hours = advice.best_hours(project, accounts)


class _Drafts:
    """Each one's own draft, from what was read at once."""

    def __init__(self, known: Known, accounts: Sequence[int], now: int) -> None:
        answered = {account: daily.taken_up(known.dealings(account).done) for account in accounts}
        self._shelf, self._now = drafts.Shelf(known.project, answered, now), now
        self._segments = daily.segments_of(known.project, accounts)
        self._values = values.snippets(known.project)

    def make(self, account: int, step: str) -> tuple[drafts.Draft, drafts.Said] | None:
        said = self._shelf.best(account)
        made = drafts.make(said, step, self._values, now=self._now, segments=self._segments.get(account, ()))
        return None if said is None or made is None else (made, said)


def _person(seen: _Seen, account: int, score: float | None, low: float, reason: str | None) -> list[Why]:
    out: list[Why] = []
    spam = seen.spam.get(account)
    if spam is not None and spam >= FAKE:
        out.append(("preflight.fake", {"share": f"{spam:.0%}"}))  # not sure enough for the gate
    if not seen.posts.get(account) and not json.loads(reason or "[]"):
        out.append(("preflight.no_evidence", {}))
    if score is not None and score < low:
        out.append(("preflight.low_fit", {"score": f"{score:.2f}", "low": f"{low:.2f}"}))
    return out


def _message(
    around: checks.Around, words: _Drafts | None, account: int, step: str, channel: str | None, text: str | None
) -> Right:
    if step == "follow" and text is None:
        return Right("yes", ())
    said = None
    if words is not None:
        made = words.make(account, step)
        if made is None:
            return Right("no", (("preflight.no_post", {}),))
        text, said = made[0].text, (made[1].text, made[1].created)
    text = text or ""
    report = checks.judge(around.text(text, account, step=step, channel=channel, said=said))
    reasons = tuple((one.key, one.params) for one in report.findings)
    only_gap = all(one.key in ("check.gap", "check.empty") for one in report.findings if one.level == "bad")
    mark: Mark = "yes" if not reasons else "warn" if report.ready or (only_gap and "〔" in text) else "no"
    return Right(mark, reasons)


def _channel(last: int | None, now: int) -> list[Why]:
    if last is None:
        return [("preflight.never_seen", {})]
    quiet = (now - last) // DAY
    if quiet > _GONE:
        return [("preflight.gone", {"days": quiet})]
    return [("preflight.quiet", {"days": quiet})] if quiet > _ACTIVE else []


def _day(step: str, now: int) -> list[Why]:
    """What the calendar says against talking business today; offers on solemn days the gate forbids."""
    today = day_of(now)
    if (name := days.solemn(today)) is not None and step != "offer":
        return [("preflight.solemn", {"what": f"day.{name}"})]
    if (name := days.holiday(today)) is not None and step in ("talk", "offer"):
        return [("preflight.holiday", {"what": f"day.{name}"})]
    return []


def _time(best: str | None, now: int) -> list[Why]:
    if best is None:
        return [("preflight.no_hours", {})]
    start, hour = int(best[:2]), moment(now).hour
    return [] if (hour - start) % 24 < 2 else [("preflight.other_hours", {"hours": best})]
