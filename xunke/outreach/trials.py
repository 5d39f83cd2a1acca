"""Experiments that are kept: people of a list dealt out at random, and what came of each arm.

People are dealt out, not accounts: somebody's accounts share an arm. Everybody stays in the arm they were dealt
(intention to treat). Times are UTC seconds.
"""

from __future__ import annotations

import json
import math
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from zlib import crc32

from xunke.clock import DAY
from xunke.errors import BadInput
from xunke.storage import Project, acts
from xunke.storage.persons import own_accounts, people_map
from xunke.storage.project import write_audit
from xunke.text import one_line

from . import experiments as ab
from . import lists
from .judge import standard_difference, unbalanced
from .list_pick import HOLDOUT
from .people import Person, barred_all, load
from .touches import BAD, GOOD, touches

PILOT: Final = "pilot"
HELD: Final = "held"
"""The kind of experiment that is the hold-out of a list: who is contacted, and who is kept back."""
DAYS: Final = 14
"""How long an answer is waited for, per person, where nobody said."""
MOST: Final = 20
METRICS: Final[Mapping[str, tuple[str, ...]]] = {
    "reply_rate": ("reply", "positive", "negative"),
    "answer_rate": GOOD,
    "positive_rate": ("positive",),
    "follow_rate": ("follow_back",),
    "click_rate": ("click",),
    "conversion_rate": ("converted", "bought"),
    "purchase_rate": ("bought",),
    "bad_rate": BAD,
    "mean:value": ("converted", "bought"),
}
"""{metric: outcomes that count}; a person counts once; ``mean:value`` is money per person, 0 for who gave none."""
KEPT_BACK: Final = (
    f"from arm a join experiment e on e.id = a.experiment where e.state = 'running' and a.arm = '{HOLDOUT}'"
)
"""SQL: whom a running experiment keeps back."""
STRATA: Final = ("segment", "platform")
ACTIVE: Final = 90 * DAY


@dataclass(frozen=True, slots=True)
class Experiment:
    """A test. ``spec``: arms [{name, code, text, part}], days, horizon, mde, baseline, start, left_out …"""

    id: int
    name: str
    campaign: int | None
    list_id: int | None
    seed: int
    metric: str
    spec: Mapping[str, Any]
    state: str
    created: int
    ended: int | None
    verdict: Mapping[str, Any] | None

    @property
    def start(self) -> int:
        """When people were dealt out."""
        return int(self.spec["start"])

    @property
    def arms(self) -> list[str]:
        """The names of the arms that are treated, in their order."""
        return [str(arm["name"]) for arm in self.spec["arms"] if arm["name"] != HOLDOUT]

    @property
    def is_mean(self) -> bool:
        """Whether amounts are compared, not shares of people."""
        return self.metric.startswith("mean:")


@dataclass(frozen=True, slots=True)
class Dealt:
    """How the dealing out went: ``left_out`` {message key: people}, ``others`` the running experiments of those left
    out, ``balance`` (trait, arm, mean of the first arm, mean of this arm, standardised difference, whether it matters).
    """

    people: int
    sizes: Mapping[str, int]
    left_out: Mapping[str, int]
    others: tuple[str, ...] = ()
    balance: tuple[tuple[str, str, float, float, float | None, bool], ...] = field(default=())


_COLUMNS: Final = "id, name, campaign, list, seed, metric, spec, state, created, ended, verdict"


def listing(project: Project) -> list[Experiment]:
    """All experiments, the newest first."""
    return [_read(row) for row in project.query(f"select {_COLUMNS} from experiment order by id desc")]


def with_holdout(project: Project, campaign: int) -> list[Experiment]:
    """Experiments of a campaign, or of its lists alone, that keep people back; the newest first."""
    found = project.query(
        f"select {_COLUMNS} from experiment e where exists (select 1 from arm where experiment = e.id and arm = ?1) "
        "and (campaign = ?2 or campaign is null and list in (select list from campaign_list where campaign = ?2)) "
        "order by id desc", (HOLDOUT, campaign),
    )  # fmt: skip
    return [_read(row) for row in found]


def by_name(project: Project, name: str) -> Experiment:
    """The experiment of this name or number. Raises BadInput("trial.unknown")."""
    every = listing(project)
    numbered = (one for one in every if name.upper() in (str(one.id), f"E{one.id}"))  # a name goes before a number
    if (found := next((one for one in every if one.name == name), None) or next(numbered, None)) is not None:
        return found
    raise BadInput("trial.unknown", name=name, known="、".join(one.name for one in every[:10]) or "—")


def _read(row: tuple[Any, ...]) -> Experiment:
    values = dict(zip(Experiment.__slots__, row, strict=True))
    values["spec"] = json.loads(row[6])
    values["verdict"] = None if row[10] is None else json.loads(row[10])
    return Experiment(**values)


def members(project: Project, experiment: int) -> dict[int, str]:
    """{account that stands for the person: arm}; people whose accounts turned out to be in two arms are in none."""
    persons, found = people_map(project), dict[int, set[str]]()
    for account, arm in project.query("select account, arm from arm where experiment = ? order by account",
                                      (experiment,)):  # fmt: skip
        found.setdefault(persons.one(account), set()).add(arm)
    return {one: min(arms) for one, arms in found.items() if len(arms) == 1}


def mixed(project: Project, experiment: int) -> int:
    """How many people stand in two arms, since accounts were found to be one person's."""
    persons, rows = people_map(project), project.query("select account from arm where experiment = ?", (experiment,))
    everybody = {persons.one(row[0]) for row in rows}
    return len(everybody) - len(members(project, experiment))


def busy(project: Project) -> dict[int, str]:
    """{account that stands for the person: name of the running experiment they are in}.

    Those of a list who are contacted beside its hold-out are free: whatever is tried with them, they are contacted.
    """
    persons = people_map(project)
    rows = project.query(
        "select a.account, e.name from arm a join experiment e on e.id = a.experiment where e.state = 'running' "
        "and (a.arm = ? or coalesce(json_extract(e.spec, '$.kind'), '') <> ?) order by e.id, a.account",
        (HOLDOUT, HELD),
    )
    return {persons.one(account): name for account, name in rows}


def held_out(project: Project, accounts: Iterable[int]) -> set[int]:
    """Those of ``accounts`` whom a running experiment keeps back: they are not to be approached."""
    persons = people_map(project)
    kept = {persons.one(row[0]) for row in project.query(f"select a.account {KEPT_BACK}")}
    return {account for account in accounts if persons.one(account) in kept}


# -- dealing out ---------------------------------------------------------------------------------------------------


def eligible(
    project: Project, list_id: int, *, overlap: bool = False
) -> tuple[list[int], dict[str, int], tuple[str, ...]]:
    """(people of a list, each once; {message key: left out}; running experiments that others of them are in).

    Left out: those who are never approached, own accounts, and (unless ``overlap``) who is in a running experiment.
    """
    persons = people_map(project)
    listed = list(dict.fromkeys(persons.one(a) for a in lists.members(project, list_id)))
    people, never = load(project, listed), barred_all(project, listed)
    own = {persons.one(a) for a in own_accounts(project)}
    left: Counter[str] = Counter()
    others: set[str] = set()
    elsewhere = busy(project)
    kept = []
    for account in listed:
        person = people.get(account)
        if (reason := _reason(account, person, never, own)) is not None:
            left[reason] += 1
        elif account in elsewhere and not overlap:
            left["trial.out.busy"] += 1
            others.add(elsewhere[account])
        else:
            kept.append(account)
    return kept, dict(sorted(left.items())), tuple(sorted(others))


def _reason(account: int, person: Person | None, never: Mapping[int, str], own: set[int]) -> str | None:
    if account in never:
        return f"trial.out.{never[account].removeprefix('funnel.')}"
    if account in own:
        return "trial.out.own"
    if person is not None and person.listed is False:
        return "trial.out.declines"
    return None


def create(
    project: Project,
    name: str,
    *,
    list_id: int,
    arms: Sequence[tuple[str, str | None]],
    now: int,
    split: Sequence[float] = (),
    holdout: float = 0.0,
    metric: str = "reply_rate",
    campaign: int | None = None,
    mde: float | None = None,
    baseline: float | None = None,
    days: int = DAYS,
    horizon: int | None = None,
    seed: int | None = None,
    stratify: Sequence[str] = (),
    overlap: bool = False,
    extra: Mapping[str, Any] | None = None,
    take: int | None = None,
) -> tuple[Experiment, Dealt]:
    """Deal the people of a list out and keep it. ``arms``: (name, its words); ``split`` in percent; ``holdout`` 0..1.

    ``take``: only so many people, at random; nobody else is in the experiment (a pilot). ``seed``: None makes one from
    the name and the people. Raises BadInput("trial.*") for what does not fit.
    """
    name = one_line(name, 80)
    if not name or any(one.name == name for one in listing(project)):
        raise BadInput("trial.taken", name=name)
    if metric not in METRICS:
        raise BadInput("trial.metric", metric=metric, known=[f"value.{one}" for one in METRICS])
    names = [one_line(arm, 40) for arm, _ in arms]
    if len(set(names)) != len(names) or not all(names) or HOLDOUT in names or not 1 <= len(names) <= MOST:
        raise BadInput("trial.arms", arms="、".join(names), most=MOST)
    if (split and len(split) != len(names)) or any(part <= 0 for part in split) or not 0 <= holdout < 1:
        raise BadInput("trial.split", split=":".join(f"{p:g}" for p in split) or "—", n=len(names), holdout=holdout)
    if set(stratify) - set(STRATA):
        raise BadInput("trial.strata", known="、".join(STRATA))
    people, left, others = eligible(project, list_id, overlap=overlap)
    every = [*names, *([HOLDOUT] if holdout else [])]
    if len(people) < 2 * len(every):
        raise BadInput("trial.few", n=len(people), arms=len(every), out=sum(left.values()),
                       busy=left.get("trial.out.busy", 0))  # fmt: skip
    ordered = _ordered(project, people, list_id, stratify)
    if seed is None:
        seed = crc32(json.dumps([name, ordered]).encode())
    whole = sum(split) or 1.0
    parts = [(part / whole if split else 1 / len(names)) * (1 - holdout) for part in split or [0.0] * len(names)]
    parts += [holdout] if holdout else []
    if take is not None:
        drawn = ab.assign(ordered, [take / len(ordered), 1 - take / len(ordered)], seed)
        arm_of = {account: names[0] for account in ordered if drawn[account] == 0}
    else:
        arm_of = {account: every[arm] for account, arm in ab.assign(ordered, parts, seed).items()}
    spec = {
        "arms": [{"name": n, "text": t, "part": round(p, 6)}
                 for (n, t), p in zip([*zip(names, (text for _, text in arms), strict=True),
                                       *([(HOLDOUT, None)] if holdout else [])], parts, strict=True)],
        "days": days, "horizon": horizon or 2 * days, "mde": mde, "baseline": baseline, "start": now,
        "stratify": list(stratify), "left_out": left, **(extra or {}),
    }  # fmt: skip

    def write(db: sqlite3.Connection) -> int:
        number = insert(db, name, arm_of, list_id=list_id, seed=seed, metric=metric, spec=spec, campaign=campaign)
        for place, arm in enumerate(spec["arms"]):
            if arm["name"] != HOLDOUT:
                arm["code"] = f"E{number}-{chr(65 + place)}"
                arm["variant"] = db.execute(
                    "insert into variant(campaign, name, code, body, created) values (?, ?, ?, ?, ?) returning id",
                    (campaign, f"{name} {arm['name']}", arm["code"], arm["text"], now),
                ).fetchone()[0]
        db.execute("update experiment set spec = ? where id = ?", (json.dumps(spec, ensure_ascii=False), number))
        write_audit(db, "experiment.create", {"experiment": number, "people": len(arm_of), "seed": seed})
        acts.note(db, "experiment_make", {"experiment": number})
        return number

    number = project.writer.call(write)
    sizes = Counter(arm_of.values())
    dealt = Dealt(
        len(arm_of), {arm: sizes[arm] for arm in every}, left, others,
        tuple(balance(project, arm_of, every, list_id, now)),
    )  # fmt: skip
    return next(one for one in listing(project) if one.id == number), dealt


def insert(
    db: sqlite3.Connection, name: str, arm_of: Mapping[int, str], *, list_id: int | None, seed: int, metric: str,
    spec: Mapping[str, Any], campaign: int | None = None,
) -> int:  # fmt: skip
    """A running experiment and who is in which arm, inside a transaction; its number."""
    number = int(db.execute(
        "insert into experiment(name, campaign, list, seed, metric, spec, state, created) "
        "values (?, ?, ?, ?, ?, ?, 'running', ?) returning id",
        (name, campaign, list_id, seed, metric, json.dumps(spec, ensure_ascii=False), spec["start"]),
    ).fetchone()[0])  # fmt: skip
    db.executemany("insert into arm(experiment, account, arm) values (?, ?, ?)",
                   [(number, account, arm) for account, arm in sorted(arm_of.items())])  # fmt: skip
    return number


def decided(verdict: Mapping[str, Any]) -> list[str]:
    """What was decided when an experiment ended: the user's words, else what the numbers allowed (message keys)."""
    if verdict.get("decision"):
        return [str(verdict["decision"])]
    told = [(f"{one} → {two}", f"trial.ruling.{ruling}") for one, two, ruling, *_ in verdict.get("pairs", ())]
    return [word for pair in told for word in pair] or [f"trial.called.{verdict['call']}" if "call" in verdict else "—"]


def delete(db: sqlite3.Connection, number: int) -> str:
    """Remove an experiment inside a transaction; its name. Touches and outcomes stay, without its number."""
    row = db.execute("select name, spec from experiment where id = ?", (number,)).fetchone()
    if row is None:
        return "?"
    db.execute("update touch set experiment = null where experiment = ?", (number,))
    db.execute("delete from arm where experiment = ?", (number,))
    for arm in json.loads(row[1])["arms"]:
        if "variant" in arm:
            used = db.execute("select 1 from touch where variant = :v union select 1 from outcome where variant = :v",
                              {"v": arm["variant"]}).fetchone()  # fmt: skip
            if used is None:
                db.execute("delete from variant where id = ?", (arm["variant"],))
    db.execute("delete from experiment where id = ?", (number,))
    write_audit(db, "experiment.delete", {"experiment": number})
    return str(row[0])


def stop(project: Project, experiment: Experiment, verdict: Mapping[str, Any], now: int) -> None:
    """End an experiment with what was decided; whoever was kept back may be approached again."""

    def write(db: sqlite3.Connection) -> None:
        db.execute("update experiment set state = 'stopped', ended = ?, verdict = ? where id = ?",
                   (now, json.dumps(verdict, ensure_ascii=False), experiment.id))  # fmt: skip
        write_audit(db, "experiment.stop", {"experiment": experiment.id})
        acts.note(db, "experiment_stop", {"experiment": experiment.id})

    project.writer.call(write)


def reopen(db: sqlite3.Connection, number: int) -> str:
    """Let a stopped experiment run on, inside a transaction; its name."""
    db.execute("update experiment set state = 'running', ended = null, verdict = null where id = ?", (number,))
    row = db.execute("select name from experiment where id = ?", (number,)).fetchone()
    return "?" if row is None else str(row[0])


def _ordered(project: Project, people: Sequence[int], list_id: int, stratify: Sequence[str]) -> list[int]:
    """People by stratum, within it by their rank in the list: dealing out is balanced along this order."""
    if not stratify:
        return list(people)
    listed = json.dumps(list(people))
    platform = dict(project.query(
        "select k.id, p.name from account_key k join platform p on p.id = k.platform "
        "where k.id in (select value from json_each(?))", (listed,),
    ))  # fmt: skip
    segment = dict(project.query("select item, segment from list_member where list = ?", (list_id,)))
    segment |= {a: name for a, name in project.query(
        "select m.account, min(s.name) from segment_member m join segment s on s.id = m.segment "
        "where m.account in (select value from json_each(?)) group by m.account", (listed,),
    ) if segment.get(a) is None}  # fmt: skip
    strata = {"platform": platform, "segment": segment}
    place = {account: i for i, account in enumerate(people)}
    return sorted(people, key=lambda a: (*(str(strata[s].get(a) or "") for s in stratify), place[a]))


# -- what was known before -----------------------------------------------------------------------------------------


def traits(project: Project, people: Iterable[int], list_id: int | None, now: int) -> dict[str, dict[int, float]]:
    """{trait: {person: value}}, as known before the test: followers (log), own posts of 90 days, score and influence
    in the list, touches so far. Somebody of whom it is not known is left out of that trait.
    """
    ids = list(people)
    persons = people_map(project)
    every = json.dumps(persons.spread(ids))
    found: dict[str, dict[int, float]] = {
        name: {} for name in ("followers", "activity", "score", "influence", "touches")
    }
    for account, person in load(project, ids).items():
        if person.followers is not None:
            found["followers"][account] = math.log1p(person.followers)
    wrote: Counter[int] = Counter()
    for account, n in project.query(
        "select author, count(*) from post where author in (select value from json_each(?)) and created > ? "
        "and created <= ? group by author", (every, now - ACTIVE, now),
    ):  # fmt: skip
        wrote[persons.one(account)] += n
    met = Counter(persons.one(t.account) for t in touches(project, until=now) if t.happened)
    found["activity"] = {a: math.log1p(wrote[persons.one(a)]) for a in ids}
    found["touches"] = {a: float(met[persons.one(a)]) for a in ids}
    wanted = set(ids)
    for item, score, parts in project.query(
        "select m.item, m.score, s.parts from list_member m join saved_list l on l.id = m.list "
        "left join score s on s.result = l.result and s.item = m.item where m.list = ?", (list_id,),
    ):  # fmt: skip
        if (one := persons.one(item)) in wanted:
            if score is not None:
                found["score"][one] = score
            if parts and (value := json.loads(parts).get("raw", {}).get("influence")) is not None:
                found["influence"][one] = math.log1p(value)
    return {name: values for name, values in found.items() if values}


def balance(
    project: Project, arm_of: Mapping[int, str], arms: Sequence[str], list_id: int | None, now: int
) -> list[tuple[str, str, float, float, float | None, bool]]:
    """How alike the arms are in each trait: (trait, arm, mean of the first arm, of this arm, difference, too far)."""
    if len(arms) < 2:
        return []
    rows = []
    for trait, values in traits(project, arm_of, list_id, now).items():
        groups: dict[str, list[float]] = defaultdict(list)
        for account, arm in arm_of.items():
            if account in values:
                groups[arm].append(values[account])
        first = groups[arms[0]]
        for arm in arms[1:]:
            other = groups[arm]
            if first and other and any(first + other):
                gap = standard_difference(first, other)
                off = gap is not None and unbalanced(gap, len(first), len(other))
                rows.append((trait, arm, sum(first) / len(first), sum(other) / len(other), gap, off))
    return rows
