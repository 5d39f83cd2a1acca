"""Lists made under a budget: from whom, who is left out before choosing, the choice, and what is written down of it."""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

from xunke.clock import DAY, day_of
from xunke.errors import BadInput, UsageError
from xunke.storage import Project, acts
from xunke.storage.persons import OWN, own_accounts, people_map
from xunke.storage.project import write_audit

from . import advice, list_edit, lists, reach, segment_store, step_minutes, trials
from .list_pick import HOLDOUT, Candidate, Order, Picked, Rules, by_value, pick
from .lists import SavedList
from .touches import LADDER

_ACT_STEP: Final[Mapping[str, str]] = {"follow": "follow", "reply": "reply", "answer": "reply", "engage": "engage"}
"""The step of the ladder that each suggested first act is."""
Unit = Literal["minutes", "touches", "money"]


@dataclass(frozen=True, slots=True)
class Ask:
    """What is asked for. ``unit`` of the budget; ``price``: {account: money}, where the budget is money; ``step``: the
    step of the ladder that everybody gets (None: the act suggested for each). ``spread``: who together reach most.
    ``first``: own followers and those who dealt with us before strangers. ``without``: lists whose people are left out.
    ``worth``: the best are those of most value to us (``value.worths``), not those of the best score.
    """

    rules: Rules = field(default_factory=Rules)
    unit: Unit = "minutes"
    price: Mapping[int, float] | None = None
    step: str | None = None
    spread: bool = False
    first: bool = False
    without: Sequence[SavedList] = ()
    worth: bool = False


@dataclass(frozen=True, slots=True)
class Made:
    """A list made, and why not everybody is on it: ``left_out`` {reason: people}. ``spent`` of the budget in its unit.

    ``reach``: people whom those picked are expected to move together, where that was asked for.
    """

    entry: SavedList
    considered: int
    left_out: Mapping[str, int]
    held: int
    spent: float
    minutes: float
    short: Mapping[str, float]
    reach: float | None


@dataclass(frozen=True, slots=True)
class Source:
    """Whom a list is made from: (account, value, what is known of the choice, group) best first."""

    kind: str
    id: int
    rows: Sequence[tuple[int, float | None, dict[str, Any], str | None]]


def source_of(project: Project, name: str, now: int) -> Source:
    """A result by its number, a list or a segment by name (``list:NAME``, ``segment:NAME`` where both exist).

    Raises BadInput("list.no_source"), or "seeds.no_people" for posts; NeedsAnswer("list.renew") for a list whose time
    is over at ``now``.
    """
    kind, _, rest = name.partition(":")
    if kind not in ("list", "segment", "result") or not rest:
        kind, rest = "", name
    if kind in ("", "result") and rest.isascii() and rest.isdigit() and len(rest) < 18:
        return _of_result(project, int(rest))
    if kind in ("", "segment"):
        found = project.query("select id, name from segment where name = ?", (rest,))
        if found:
            sql = "select account, value from segment_member where segment = ? order by value desc, account"
            known = segment_store.facts_of(project, found[0][0])
            return Source("segment", found[0][0], [
                (account, value, known[account], found[0][1]) for account, value in project.query(sql, (found[0][0],))
            ])  # fmt: skip
    if kind in ("", "list"):
        entry = next((e for e in lists.saved(project) if rest in (e.name, str(e.id))), None)
        if entry is not None:
            list_edit.only_people(lists.by_name(project, entry.name, now))
            sql = "select item, score, reason, segment from list_member where list = ? order by rank"
            return Source("list", entry.id, [
                (item, score, {"reason": json.loads(reason or "[]")}, group)
                for item, score, reason, group in project.query(sql, (entry.id,))
            ])  # fmt: skip
    raise BadInput("list.no_source", name=name)


def together(sources: Sequence[Source]) -> Source:
    """The people of several sources, everybody once and as in the first that has them."""
    if len(sources) == 1:
        return sources[0]
    rows = {row[0]: row for source in reversed(sources) for row in source.rows}
    order = dict.fromkeys(row[0] for source in sources for row in source.rows)
    return Source("several", 0, [rows[account] for account in order])


def _grouped(project: Project, source: Source, rules: Rules) -> Source:
    """The same people, each in the saved segment that a share or a least number names: the first of those they are in.

    Raises BadInput("list.no_group") for a name that is neither a segment nor a group of the source.
    """
    missing = [name for name in (*rules.shares, *rules.least) if name not in {row[3] for row in source.rows}]
    if not missing:
        return source
    persons, of = people_map(project), dict[int, str]()
    for name in dict.fromkeys(missing):
        found = project.one("select id from segment where name = ?", (name,))
        if found is None:
            raise BadInput("list.no_group", name=name)
        for (account,) in project.query("select account from segment_member where segment = ?", (found,)):
            of.setdefault(persons.one(account), name)
    rows = [(row[0], row[1], row[2], of.get(persons.one(row[0]), row[3])) for row in source.rows]
    return Source(source.kind, source.id, rows)


def _of_result(project: Project, number: int) -> Source:
    if project.one("select target from result where id = ?", (number,)) != "people":
        raise BadInput("seeds.no_result", number=number)
    rows = []
    for item, value, parts in project.query(
        "select item, value, parts from score where result = ? order by rank", (number,)
    ):
        facts = json.loads(parts or "{}")
        rows.append((item, value, facts, facts.get("segment")))
    return Source("result", number, rows)


def make(
    project: Project, name: str, source: Source, ask: Ask, *, now: int, until: int, purpose: str | None = None,
    basis: str | None = None, expires: int | None = None, subject: Sequence[str] = (), run: int | None = None,
) -> Made:  # fmt: skip
    """Make the list ``name`` of ``source`` under the budget of ``ask``. ``until``: the last second of which
    interactions count. Who is left out for a rule of ours is told apart from those for whom the budget is too small.
    """
    if ask.worth or (source.kind in ("segment", "several") and all(row[1] is None for row in source.rows)):
        source = _by_worth(project, source, until)
    candidates, facts, out = _candidates(project, _grouped(project, source, ask.rules), ask)
    order: Order = by_value
    moved: dict[int, reach.Seed] = {}
    if ask.spread:
        order, moved = _by_reach(project, ask, until)
    picked = pick(candidates, ask.rules, order)
    out = {**picked.out, **out, **dict.fromkeys(picked.held, HOLDOUT)}
    tips = advice.advise(project, picked.people)
    table, known = step_minutes.of(project), {c.id: c for c in candidates}
    rows = []
    for rank, account in enumerate(picked.people, 1):
        data, tip = facts[account], tips[account]
        act = tip.act or ("reply" if data.get("posts") else "follow")
        work = table[ask.step or _ACT_STEP[act]]
        why = list(data.get("reason") or lists.reasons(project, data, subject))
        if "worth" in data and "worth" not in data.get("raw", {}):  # else it is told with its parts
            why.append(("reason.worth", {"worth": data["worth"]}))
        if (gain := moved.get(account)) is not None:
            why.append(("reason.gain", {"gain": round(gain.marginal, 2), "alone": round(gain.alone, 2),
                                        "overlap": round(gain.overlap, 4), "minutes": work}))  # fmt: skip
        elif picked.how[account] != "value" or ask.rules.budget is not None:
            how = f"reason.picked_{picked.how[account]}"
            why.append((how, {"minutes": work, "group": known[account].group or "—"}))
        rows.append((account, rank, data.get("score"), json.dumps(why, ensure_ascii=False), tip.channel, tip.best_time,
                     f"first_act.{act}", work, known[account].group))  # fmt: skip
    left = Counter(out.values())
    reached = round(sum(moved[a].marginal for a in picked.people if a in moved), 2) if ask.spread else None
    setting = {
        "source": [source.kind, source.id], "unit": ask.unit, "rules": asdict(ask.rules), "spread": ask.spread,
        "first": ask.first, "worth": ask.worth,
        "step": ask.step, "considered": len(source.rows), "left_out": dict(sorted(left.items())),
        "without": [e.id for e in ask.without], "spent": round(picked.spent, 2), "reach": reached,
    }  # fmt: skip
    if basis is None:  # first-party data where all of them came to us
        came = ours(project) if picked.people else set()
        basis = "fans" if came and came.issuperset(map(people_map(project).one, picked.people)) else lists.BASIS
    free = lists.free_name(project, name)
    end = now + lists.DAYS * DAY if expires is None else expires
    numbers = {
        "result": source.id if source.kind == "result" else None,
        "segment": source.id if source.kind == "segment" else None,
    }

    def write(db: sqlite3.Connection) -> int:
        number = int(db.execute(
            "insert into saved_list(name, target, purpose, basis, created, expires, result, segment, setting) "
            "values (?, 'people', ?, ?, ?, ?, ?, ?, ?) returning id",
            (free, purpose, basis, now, end, numbers["result"], numbers["segment"], json.dumps(setting)),
        ).fetchone()[0])  # fmt: skip
        db.executemany(
            "insert into list_member(list, item, rank, score, reason, channel, best_time, first_act, minutes, segment, "
            f"added) values ({number}, ?, ?, ?, ?, ?, ?, ?, ?, ?, {now})", rows,
        )  # fmt: skip
        db.executemany(
            "insert into list_out(list, item, why, batch, score, segment) values (?, ?, ?, 0, ?, ?)",
            [(number, a, why, known[a].value if a in known else None, known[a].group if a in known else None)
             for a, why in sorted(out.items()) if not why.startswith("funnel.")],
        )  # fmt: skip
        if picked.held:
            _hold_out(db, f"{free} · 留出", number, picked, ask.rules, now)
        write_audit(db, "list.create", {"list": number, "basis": basis, "people": len(rows), "held": len(picked.held)})
        acts.note(db, "list_make", {"list": number}, run)
        return number

    number = project.writer.call(write)
    entry = SavedList(number, free, "people", purpose, now, len(rows), basis, end)
    return Made(
        entry, len(source.rows), dict(sorted(left.items())), len(picked.held), picked.spent,
        sum(row[7] for row in rows), picked.short, reached,
    )  # fmt: skip


def _by_worth(project: Project, source: Source, until: int) -> Source:
    """The same people, those of most value first; their score is their value as a share of the largest. Who is of
    negative value is marked, and left out.
    """
    from .value import value_of

    found = value_of(project, [row[0] for row in source.rows], day_of(until))
    total = {account: worth.total for account, worth in found.items()}
    most = max(total.values(), default=0.0) or 1.0
    rows = [
        (
            account,
            round(total.get(account, 0.0) / most, 6),
            {
                **data,
                "worth": round(total.get(account, 0.0), 1),
                "negative": account in found and found[account].kind == "negative",
            },
            group,
        )
        for account, _, data, group in source.rows
    ]
    return Source(source.kind, source.id, sorted(rows, key=lambda row: (-(row[1] or 0.0), row[0])))


def _candidates(
    project: Project, source: Source, ask: Ask
) -> tuple[list[Candidate], dict[int, dict[str, Any]], dict[int, str]]:
    """Who may be picked, what is known of each, and who is left out by a rule: {account: why}.

    Somebody who says that they do not want to be approached, or is barred, is counted, never written down.
    """
    persons = people_map(project)
    if ask.step is not None and ask.step not in LADDER:
        raise UsageError("list.step", step=ask.step, known=[f"step.{one}" for one in LADDER])
    ids = [row[0] for row in source.rows]
    barred = list_edit.left_out(project, ids)
    elsewhere = {persons.one(item) for entry in ask.without for item in lists.members(project, entry.id)}
    held = trials.held_out(project, ids)
    own = ours(project) if ask.first else set()
    table, tips = step_minutes.of(project), advice.advise(project, ids)
    taken: list[Candidate] = []
    facts: dict[int, dict[str, Any]] = {}
    out: dict[int, str] = {}
    seen: set[int] = set()
    for account, value, data, group in source.rows:
        who = persons.one(account)
        act = tips[account].act or ("reply" if data.get("posts") else "follow")
        cost = {"touches": 1.0, "minutes": table[ask.step or _ACT_STEP[act]]}.get(ask.unit)
        if ask.unit == "money":
            cost = None if ask.price is None else ask.price.get(account)
        why = (
            barred.get(account) or ("same_person" if who in seen else None) or ("overlap" if who in elsewhere else None)
            or ("held_elsewhere" if account in held else None)
            or ("negative" if data.get("negative") else None) or ("no_price" if cost is None else None)
        )  # fmt: skip
        if why is not None or cost is None:
            out[account] = why or "no_price"
            continue
        seen.add(who)
        facts[account] = {**data, "score": value}
        taken.append(Candidate(account, value or 0.0, cost, group, who in own))
    return taken, facts, out


def ours(project: Project) -> set[int]:
    """People who follow one of our own accounts, or acted on it: the account that stands for each."""
    persons = people_map(project)
    sql = f"select distinct actor from interaction where target in {OWN}"
    return {persons.one(row[0]) for row in project.query(sql)}


def _by_reach(project: Project, ask: Ask, until: int) -> tuple[Order, dict[int, reach.Seed]]:
    """An order by what each adds to the reach of those before, and the arithmetic of each as it was made."""
    moved: dict[int, reach.Seed] = {}

    def order(among: Sequence[Candidate], budget: float) -> list[int]:
        if not among or budget <= 0:
            return []
        cost = {c.id: c.cost for c in among}
        most = min(budget, sum(cost.values()))
        found = reach.find(project, reach.Ask(
            budget=most, until=until, among=list(cost), cost=cost, seed=ask.rules.seed, tested=False,
            without=own_accounts(project),
        ))  # fmt: skip
        for seed in found.seeds:
            moved.setdefault(seed.account, seed)
        chosen = [seed.account for seed in found.seeds]
        left = most - sum(cost[a] for a in chosen)
        return chosen + by_value([c for c in among if c.id not in set(chosen)], left)

    return order, moved


def _hold_out(db: sqlite3.Connection, name: str, list_id: int, picked: Picked, rules: Rules, now: int) -> None:
    """Both sides of the hold-out, as an experiment on the list, so that what contact brought can be told later."""
    free, number = name, 2
    while db.execute("select 1 from experiment where name = ?", (free,)).fetchone():
        free, number = f"{name} {number}", number + 1
    spec = {
        "kind": trials.HELD, "share": rules.hold, "days": trials.DAYS, "horizon": 2 * trials.DAYS,
        "mde": None, "baseline": None, "start": now, "stratify": [], "left_out": {},
        "arms": [{"name": "contact", "text": None, "part": round(1 - rules.hold, 6)},
                 {"name": HOLDOUT, "text": None, "part": round(rules.hold, 6)}],
    }  # fmt: skip
    arm_of = dict.fromkeys(picked.people, "contact") | dict.fromkeys(picked.held, HOLDOUT)
    trials.insert(db, free, arm_of, list_id=list_id, seed=rules.seed, metric="reply_rate", spec=spec)
