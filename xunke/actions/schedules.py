"""``schedule``, and running what is due: a plan is stored, runs again at its times, and says what was new."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import msgspec

from xunke.clock import day_of, stamp
from xunke.errors import BadInput, NeedsAnswer
from xunke.events import Done, Event, Failed, FileWritten, Result, Table, Warned
from xunke.i18n import Catalogue
from xunke.plan import Plan, Step, decode
from xunke.storage import Project, acts
from xunke.storage import schedules as rows
from xunke.text import fold, one_line

from .timing import AT, Rhythm, next_due, resolved
from .watches import OVERLAP, fetching, watching

if TYPE_CHECKING:
    from xunke.engine import Engine, Session

NAME: Final = 40
_RUNS: Final = re.compile(r"[0-9a-z]+|[^\W0-9a-z_]+")
_RISKY: Final = frozenset({"erase", "suppress", "undo", "schedule", "jobs", "connect"})
"""Actions that nobody may repeat without being asked each time."""


def repeated(plan: Plan) -> int:
    """How many steps at the beginning of ``plan`` are to be repeated by its ``schedule`` step, instead of run now."""
    return max((at for at, step in enumerate(plan.steps) if step.action == "schedule"), default=0)


async def schedule(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    """Store the steps before this one (or the plan of the turn before) with their rhythm."""
    project = engine.project
    plan, base = _to_repeat(engine, step, index, session)
    if risky := [s.action for s in to_run(plan).steps if s.action in _RISKY]:
        raise BadInput("schedule.risky", action=risky[0])
    now = int(time.time())
    rhythm = Rhythm.of(step, now)
    due = next_due(rhythm, now)
    if due is None:
        raise BadInput("schedule.over", until=str(step.until))
    name = _free_name(project, session.text or "")
    values = {
        "name": name, "plan": msgspec.json.encode(plan).decode(), "every": rhythm.every, "at": rhythm.at,
        "days": " ".join(rhythm.on) or None, "day": rhythm.day, "created": now, "notify": int(bool(step.notify)),
        "until": rhythm.until and rhythm.until.isoformat(), "base": base.isoformat(), "due": due,
    }  # fmt: skip

    def write(db: Any) -> int:
        number = rows.add(db, values)
        acts.note(db, "schedule_make", {"schedule": number}, session.run)
        return number

    number = await project.writer.acall(write)
    yield Done("schedule.made", {"number": f"S{number}", "name": name, "next": stamp(due)})
    if rhythm.at is None and not rhythm.every.endswith("h"):
        yield Warned("schedule.default_time", {"at": AT})
    yield Warned("schedule.how", {"name": name})


def _to_repeat(engine: Engine, step: Step, index: int, session: Session) -> tuple[Plan, date]:
    """The plan to repeat, and the day on which its dates were meant."""
    if step.input != "last_plan":
        before = session.plan.steps[: index + 1] if session.plan is not None else ()
        if len(before) < 2:
            raise NeedsAnswer("clarify.referent")
        return Plan(outcome="run", steps=before), engine.today
    found = engine.project.query("select plan, today from run where id < ? order by id desc limit 20", (session.run,))
    for text, today in found:
        plan = decode(text)
        steps = tuple(s for s in plan.steps if s.action != "schedule")
        if plan.outcome in ("run", "partial") and steps and not any(s.action in _RISKY for s in steps):
            return Plan(outcome="run", steps=steps), date.fromisoformat(today)
    raise NeedsAnswer("clarify.referent")


def to_run(plan: Plan) -> Plan:
    """A stored plan without its ``schedule`` steps, which are what says how often it runs."""
    return msgspec.structs.replace(plan, steps=tuple(s for s in plan.steps if s.action != "schedule"))


def _free_name(project: Project, text: str) -> str:
    name = one_line(text, NAME) or "-"
    taken = {s.name for s in rows.listing(project.reader)}
    free, number = name, 2
    while free in taken:
        free, number = f"{name} {number}", number + 1
    return free


def rhythm_of(found: rows.Schedule) -> Rhythm:
    """The rhythm of a stored schedule."""
    return Rhythm(found.every, found.created, found.at, found.on, found.day, found.until)


# -- which one is meant --------------------------------------------------------------------------------------------


def named(project: Project, name: str) -> list[rows.Schedule]:
    """The schedules that ``name`` means: a number (S3), the name, or words of what it does; several if it may be any.

    Words are compared by pairs of characters with the name, with what the plan looks for and with how often it runs.
    """
    every = rows.listing(project.reader)
    bare = name.strip().lstrip("#")
    number = bare[1:] if bare[:1] in "Ss" else bare
    if number.isdecimal() and (found := [s for s in every if s.id == int(number)]):
        return found
    if exact := [s for s in every if fold(s.name) == fold(name)]:
        return exact
    wanted = _pairs(name)
    scored = [(len(wanted & _pairs(_about(s))) / max(1, len(wanted)), s) for s in every]
    best = max((score for score, _ in scored), default=0.0)
    return [s for score, s in scored if best >= 0.5 and score > best - 1e-9]


def _pairs(text: str) -> set[str]:
    """Words of letters and digits; pairs of neighbouring characters of everything else."""
    found: set[str] = set()
    for run in _RUNS.findall(text.casefold()):
        found |= {run} if run.isascii() or len(run) == 1 else {run[i : i + 2] for i in range(len(run) - 1)}
    return found


def _about(found: rows.Schedule) -> str:
    """All by which somebody may call a schedule: its name, its words, how often and what it does, both languages."""
    words = [found.name]
    if found.kind == "watch":
        return f"{found.name} {found.plan}"
    for step in to_run(decode(found.plan)).steps:
        words += [*step.topics, *step.tags, *step.keywords, *step.accounts, *step.items, *step.platforms]
        words += [Catalogue(lang).t(f"schedule.words.{step.action}") for lang in ("zh", "en")]
        words += [Catalogue("zh").t(f"value.{platform}") for platform in step.platforms]
    unit = found.every if found.every in ("1h", "1d", "1w", "1m") else f"x{found.every[-1]}"
    words += [Catalogue(lang).t(f"schedule.words.{unit}") for lang in ("zh", "en")]
    return " ".join(words)


# -- running -------------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Outcome:
    """What a run of a schedule came to."""

    failed: bool = False
    detail: dict[str, Any] = field(default_factory=dict)
    results: list[tuple[int, str]] = field(default_factory=list)


async def run_due(engine: Engine, now: int | None = None) -> AsyncIterator[Event]:
    """Run every schedule whose time has come, each once however many times it was missed.

    Ends with ``Failed`` if one of them failed; the others have run all the same.
    """
    failed = 0
    ran = 0
    for found in rows.due_now(engine.project.reader, int(time.time()) if now is None else now):
        outcome = Outcome()
        async for event in run_one(engine, found, outcome, now=now, due=True):
            yield event
        failed += outcome.failed
        ran += bool(outcome.detail)
    yield Done("schedule.ran", {"n": ran})
    if failed:
        yield Failed("schedule.some_failed", {"n": failed}, resumable=True)


async def run_one(
    engine: Engine, found: rows.Schedule, outcome: Outcome, *, now: int | None = None, due: bool = False
) -> AsyncIterator[Event]:
    """Run one schedule now. Says so and does nothing if another process runs it."""
    project = engine.project
    started = int(time.time()) if now is None else now
    run = await project.writer.acall(lambda db: rows.claim(db, found.id, started, due=due))
    if run is None:
        yield Warned("schedule.taken", {"name": found.name})
        return
    yield Done("schedule.runs", {"name": found.name, "number": f"S{found.id}"})
    day = day_of(started)
    sibling = engine.again(day)
    outcome.detail["day"] = day.isoformat()
    made: int | None = None
    last = project.one("select coalesce(max(id), 0) from run")
    try:
        if found.kind == "watch":
            events = watching(project, found, outcome.detail, started, engine.options.allow_private, unattended=due)
        else:
            plan = to_run(resolved(decode(found.plan), found.base, day))
            events = sibling.run(_only_new(plan, found), text=None)
            if any(step.action == "collect" for step in plan.steps):
                events = fetching(project, found, events, outcome.detail, started)
        async for event in events:
            _note(event, outcome)
            yield event if not isinstance(event, Failed) else Warned(event.key, event.params)
        made = project.one("select max(id) from run where id > ?", (last,))
    except BaseException as error:
        outcome.failed = True
        outcome.detail["error"] = [getattr(error, "key", "job.interrupted"), {}]
        raise
    finally:
        end = int(time.time()) if now is None else now
        watched = found.kind == "watch" and found.due is not None and found.due <= end  # what was due is done now
        following = next_due(rhythm_of(found), end) if due or watched else found.due
        state: rows.RunState = "failed" if outcome.failed else "done"
        project.writer.call(lambda db: rows.finish(db, run, end, state, outcome.detail, following, made=made))
    if outcome.failed:
        yield Warned("schedule.failed", {"name": found.name})
    elif found.notify and found.kind == "plan":
        for told in _news(project, found, run, outcome):
            yield told


def _only_new(plan: Plan, found: rows.Schedule) -> Plan:
    """``plan`` for a further run: what is fetched without a time is what the last whole run has not seen."""
    if found.seen is None:
        return plan
    since = day_of(found.seen - OVERLAP)
    steps = (
        msgspec.structs.replace(s, since=since) if s.action == "collect" and not (s.since or s.until) else s
        for s in plan.steps
    )
    return msgspec.structs.replace(plan, steps=tuple(steps))


def _note(event: Event, outcome: Outcome) -> None:
    """Keep what a run made."""
    match event:
        case Failed():
            outcome.failed = True
            plain = {k: v for k, v in event.params.items() if isinstance(v, int | float | str)}
            outcome.detail["error"] = [event.key, plain]
        case Result():
            outcome.detail.setdefault("results", []).append([event.result, event.target, event.count])
        case FileWritten():
            outcome.detail.setdefault("files", []).append(event.path)
        case Table():
            outcome.detail["rows"] = len(event.rows)


def _news(project: Project, found: rows.Schedule, run: int, outcome: Outcome) -> Sequence[Event]:
    """What this run found that the one before had not."""
    before = next((r for r in rows.runs(project.reader, found.id) if r.id < run and r.state == "done"), None)
    now = outcome.detail.get("results")
    if not now:
        return [Warned("schedule.notify", {"name": found.name})]
    sql = "select item from score where result = ?"
    fresh = {row[0] for row in project.query(sql, (now[-1][0],))}
    if before is not None and before.detail.get("results"):
        fresh -= {row[0] for row in project.query(sql, (before.detail["results"][-1][0],))}
    key = "schedule.news" if fresh else "schedule.no_news"
    return [Warned(key, {"name": found.name, "n": len(fresh)})]
