"""The rows of a campaign as its numbers want them, counts by code, and what earlier campaigns reached."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from xunke.clock import day_of, end_of, moment, start_of
from xunke.errors import UsageError
from xunke.storage import Project, acts
from xunke.storage.persons import people_map
from xunke.text import fold

from . import campaigns, kpi, lists, returns
from .authentic import signs
from .campaigns import Campaign
from .kpi import Act, Came, Counted, Inputs
from .orders import orders
from .people import barred
from .touches import HAPPENED

SAME_TIER: Final = 3
"""Audiences whose sizes differ by no more than this factor are of one tier."""


def inputs(project: Project, campaign: Campaign | None, *, now: int) -> Inputs:
    """What happened in a campaign (None: in all outreach) up to ``now`` (UTC seconds)."""
    person = people_map(project).one
    number = campaign.id if campaign else None
    own = "(:c is null or campaign = :c or variant in (select id from variant where campaign = :c))"
    span = {"c": number, "n": now, "h": json.dumps(HAPPENED)}
    touches = project.query(
        f"select id, account, t, step, channel, variant, minutes from touch where {own} and undone is null "
        "and t <= :n and state in (select value from json_each(:h)) order by t, id",
        span,
    )
    came = project.query(
        "select id, account, t, kind, value, touch, variant from outcome where undone is null and t <= :n "
        f"and ({own} or touch in (select id from touch where {own} and undone is null)) order by t, id",
        span,
    )
    found = [Act(i, person(a), t, step, channel, v, m) for i, a, t, step, channel, v, m in touches]
    spent = [c for c in campaigns.costs(project, campaign) if start_of(date.fromisoformat(c.day)) <= now]
    meant = {m for n in (campaign.lists if campaign else ()) for m in lists.members(project, n)}
    touched = {a.person for a in found}
    return Inputs(
        acts=found,
        came=[Came(i, person(a), t, kind, value, touch, v) for i, a, t, kind, value, touch, v in came],
        counted=counts(project, campaign),
        audience=frozenset(person(m) for m in meant),
        money=sum(c.amount or 0.0 for c in spent),
        minutes=sum(c.minutes or 0.0 for c in spent) + sum(a.minutes or 0.0 for a in found),
        costs=tuple(c.id for c in spent),
        bought=[(o.person, o.t) for o in orders(project, now) if o.person in touched],
        now=now,
    )


def ranked(project: Project, campaign: Campaign) -> list[int]:
    """People of the campaign's lists, each once, best rank first."""
    person = people_map(project).one
    rows = [(rank, n, person(m)) for n in campaign.lists for rank, m in enumerate(lists.members(project, n))]
    return list(dict.fromkeys(p for _, _, p in sorted(rows)))


def spam_and_left(project: Project, people: Sequence[int]) -> tuple[frozenset[int], frozenset[int]]:
    """Those of these people who look like spam, and those who are on the do-not-contact list now."""
    listed = sorted(people)
    rows = project.query(
        "select id from account where kind in ('bot', 'group') and id in (select value from json_each(?))",
        (json.dumps(listed),),
    )
    spam = {row[0] for row in rows}
    spam |= {a for a, s in signs(project, listed).items() if s.is_spam}
    return frozenset(spam), frozenset(barred(project, listed))


def hours(given: Inputs) -> dict[int, int]:
    """{touch: hour of the day in China}."""
    return {a.id: moment(a.t).hour for a in given.acts}


# -- what was reached before ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Before:
    """Earlier campaigns' numbers of a measure; ``tier``: only those whose audience was of a like size."""

    past: kpi.Past
    tier: bool


def earlier(project: Project, campaign: Campaign, *, now: int) -> dict[str, Before]:
    """{measure: what earlier campaigns with touches reached}: of the same tier where there are three, else of all."""
    size = len(ranked(project, campaign))
    values: dict[bool, dict[str, list[float | None]]] = {True: defaultdict(list), False: defaultdict(list)}
    for other in campaigns.every(project):
        if other.id >= campaign.id:
            continue
        given = inputs(project, other, now=now)
        if not given.acts and not given.counted:
            continue
        theirs = len(ranked(project, other))
        alike = bool(size and theirs) and 1 / SAME_TIER <= theirs / size <= SAME_TIER
        for number in kpi.tree(given):
            values[False][number.name].append(number.value)
            if alike:
                values[True][number.name].append(number.value)
    out = {}
    for name in kpi.MEASURES:
        near, all_ = kpi.past(values[True][name]), kpi.past(values[False][name])
        if near is not None and near.campaigns >= 3:
            out[name] = Before(near, True)
        elif all_ is not None:
            out[name] = Before(all_, False)
    return out


MARKS: Final = "campaign_marks"
SAID: Final[Mapping[str, float]] = {"reaction_rate": 0.5, "roi": 9.0}
"""Marks that the seed documents state without a source (M9: a return of 10 to 1; M18: 50 % answer). Shown as claims."""
CHANGES: Final[Mapping[str, float]] = {"cac": -0.35, "waste": -0.4}
"""M18: by how much a number is said to fall. Shown where there is a past to fall from."""


def marks(project: Project) -> dict[str, float]:
    """Reference marks: those stated, with the user's own over them."""
    return {**SAID, **json.loads(project.meta(MARKS, "{}"))}


def set_mark(project: Project, measure: str, value: float | None, run: int | None = None) -> None:
    """Set a reference mark of the user's own; None: the stated one again. Raises UsageError for no such measure."""
    if measure not in kpi.MEASURES:
        raise UsageError("campaign.bad_kpi", value=measure, known=[f"kpi.{one}" for one in kpi.MEASURES])

    def write(db: sqlite3.Connection) -> None:
        row = db.execute("select value from meta where key = ?", (MARKS,)).fetchone()
        mine = json.loads(row[0]) if row else {}
        mine.pop(measure, None)
        if value is not None:
            mine[measure] = value
        db.execute("insert or replace into meta(key, value) values (?, ?)", (MARKS, json.dumps(mine, sort_keys=True)))
        acts.note(db, "campaign_setting", {"key": MARKS, "before": row[0] if row else None}, run)

    project.writer.call(write)


# -- counts by code -------------------------------------------------------------------------------------------------

HEADERS: Final[Mapping[str, tuple[str, ...]]] = {
    "code": ("code", "口令", "代码", "兑换码", "优惠码", "短码"), "count": ("count", "n", "数量", "次数", "人数"),
    "value": ("value", "amount", "金额", "价值", "分数", "score"), "date": ("date", "day", "日期", "时间"),
    "kind": ("kind", "type", "event", "结果", "类型", "事件"),
}  # fmt: skip
_KINDS: Final[Mapping[str, str]] = {
    "曝光": "seen", "展示": "seen", "看到": "seen", "点击": "click", "点赞": "like", "赞": "like",
    "回复": "reply", "评论": "reply",
    "回关": "follow_back", "关注": "follow_back", "转化": "converted", "注册": "converted", "领取": "converted",
    "购买": "bought", "成交": "bought", "下单": "bought", "核销": "bought", "退款": "refund", "推荐者": "promoter",
    "中立者": "passive", "贬损者": "detractor", "净推荐值": "nps", "推荐分": "nps",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a file of results. ``row``: its number in the file."""

    row: int
    code: str | None
    kind: str
    count: int
    value: float | None
    day: str


@dataclass(slots=True)
class Stored:
    """How many lines were stored new, changed, found as they were; and those whose code is unknown: (row, code)."""

    new: int = 0
    changed: int = 0
    same: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)


def line_of(raw: Mapping[str, Any], row: int, today: str) -> Line:
    """A line from its cells by header. Raises UsageError with what is wrong."""
    cells = {key: next((raw[h] for h in raw if fold(str(h)) in names), None) for key, names in HEADERS.items()}
    said = {k: str(v).strip() for k, v in cells.items() if v is not None and str(v).strip()}
    kind = said.get("kind", "bought" if "value" in said else "converted").lower()
    kind = _KINDS.get(kind, kind)
    value = campaigns.number(said["value"]) if "value" in said else None
    if kind == "nps":
        if value is None or not 0 <= value <= 10:
            raise UsageError("campaign.bad_score", value=said.get("value", "—"))
        kind, value = "promoter" if value >= 9 else "passive" if value >= 7 else "detractor", None
    if kind not in kpi.COUNTED:
        raise UsageError("campaign.bad_kind", value=kind, known=", ".join(kpi.COUNTED))
    count = campaigns.number(said.get("count", "1"))
    if count < 0 or count != int(count) or count > 10**12:
        raise UsageError("campaign.bad_number", value=said.get("count", ""))
    day = campaigns.day(said.get("date", today)[:10].replace("/", "-"))
    return Line(row, campaigns.clean_code(said["code"]) if "code" in said else None, kind, int(count), value, day)


def store(project: Project, campaign: Campaign, lines: Sequence[Line], *, now: int, run: int | None = None) -> Stored:
    """Store counts. Lines of one file that agree in code, day and kind are summed; what is stored already under them is
    replaced, so that the same file twice changes nothing. A code of another campaign or of none is refused.
    """
    codes = {v.code: v.id for v in campaigns.variants(project, campaign)}
    told = Stored()
    sums: dict[tuple[int, str, str], list[float]] = {}
    for line in lines:
        variant = 0 if line.code is None else codes.get(line.code)
        if variant is None:
            told.refused.append((line.row, line.code or ""))
            continue
        entry = sums.setdefault((variant, line.day, line.kind), [0, 0.0, 0])
        entry[0] += line.count
        entry[1] += line.value or 0.0
        entry[2] += line.value is not None

    def write(db: sqlite3.Connection) -> None:
        before = []
        for (variant, day, kind), (count, value, valued) in sorted(sums.items()):
            old = db.execute(
                "select count, value from result_count where campaign = ? and variant = ? and day = ? and kind = ?",
                (campaign.id, variant, day, kind),
            ).fetchone()
            fresh = (int(count), value if valued else None)
            if old is not None and tuple(old) == fresh:
                told.same += 1
                continue
            told.new += old is None
            told.changed += old is not None
            before.append([variant, day, kind, *(old or (None, None))])
            db.execute(
                "insert into result_count(campaign, variant, day, kind, count, value, created) values (?,?,?,?,?,?,?) "
                "on conflict(campaign, variant, day, kind) do update set count=excluded.count, value=excluded.value",
                (campaign.id, variant, day, kind, *fresh, now),
            )
        if before:
            acts.note(db, "result_add", {"campaign": campaign.id, "before": before}, run)

    project.writer.call(write)
    return told


def unstore(db: sqlite3.Connection, campaign: int, before: Sequence[Sequence[Any]]) -> int:
    """Bring counts back to what they were, in the caller's transaction; how many."""
    for variant, day, kind, count, value in before:
        where = (campaign, variant, day, kind)
        if count is None:
            db.execute("delete from result_count where campaign=? and variant=? and day=? and kind=?", where)
        else:
            db.execute(
                "update result_count set count=?, value=? where campaign=? and variant=? and day=? and kind=?",
                (count, value, *where),
            )
    return len(before)


def counts(project: Project, campaign: Campaign | None) -> list[Counted]:
    """Counts by day."""
    rows = project.query(
        "select id, kind, count, value, variant, day from result_count where :c is null or campaign = :c "
        "order by day, id",
        {"c": campaign.id if campaign else None},
    )
    return [Counted(i, kind, n, value, variant or None, day) for i, kind, n, value, variant, day in rows]


# -- days -----------------------------------------------------------------------------------------------------------


def daily(project: Project, accounts: Sequence[int], since: date, until: date) -> list[float]:
    """Acts of others towards these accounts (likes, comments, reposts, follows seen) on each day, both inclusive."""
    rows = project.query(
        "select t from interaction where target in (select value from json_each(?)) and t between ? and ?",
        (json.dumps(sorted(accounts)), start_of(since), end_of(until)),
    )
    found = Counter(day_of(row[0]) for row in rows)
    return [float(found[since + timedelta(days=n)]) for n in range((until - since).days + 1)]


def change(
    project: Project, own: Sequence[int], span: tuple[date, date, date, date], *, control: Sequence[int] = (),
    seed: int = returns.SEED,
) -> returns.Change | None:  # fmt: skip
    """Acts towards our accounts a day, before and since (``spell``), beside those towards ``control`` accounts; None
    for too few days.
    """
    sides = [(daily(project, who, *span[:2]), daily(project, who, *span[2:])) for who in (own, control) if who]
    return returns.before_after(*sides[0], sides[1] if len(sides) > 1 else None, seed=seed)


def spell(campaign: Campaign, today: date) -> tuple[date, date, date, date] | None:
    """(first and last day before, first and last day of the campaign up to today), equally long; None while it has no
    beginning or has not begun.
    """
    if campaign.since is None:
        return None
    begin = date.fromisoformat(campaign.since)
    end = min(today, date.fromisoformat(campaign.until)) if campaign.until else today
    if end < begin:
        return None
    length = (end - begin).days + 1
    return begin - timedelta(days=length), begin - timedelta(days=1), begin, end
