"""What the steps of a plan do, beside finding: collect, lists, files, numbers, history, the do-not-contact list."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from . import topics
from .clock import end_of, moment, start_of
from .config import default_db, user_path
from .errors import BadInput, NeedsAnswer, UsageError
from .events import Done, Event, Progress, Table, Warned
from .outreach import exports, lists, people, posts
from .persona import understand_people
from .plan import Platform, Step, said
from .storage import Project, erase, rows, suppression
from .storage import jobs as job_rows
from .storage.persons import people_map
from .storage.project import write_audit
from .text import fold

if TYPE_CHECKING:
    from .engine import Engine, Session

LIVE: Final[Mapping[Platform, str]] = {"mastodon": "mastodon", "pixelfed": "mastodon"}
"""Platforms with a live collector, and its name; all others are imported from files."""
DEFAULT_LIMIT: Final = 200
"""Posts fetched of each tag, word or account when a sentence names neither a number nor a time."""
_NOT_YET: Final = frozenset({"compare", "segment", "ab_test", "schedule", "undo"})


def run(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    """The events of one step that neither finds nor collects."""
    if step.action in _NOT_YET:
        raise UsageError("action.later", action=step.action)
    handlers: dict[str, Callable[[Engine, Step, int, Session], AsyncIterator[Event]]] = {
        "export": _export, "save": _save, "stats": _stats, "history": _history, "import": _import,
        "suppress": _suppress, "erase": _erase, "jobs": _jobs, "connect": _connect, "help": _help,
    }  # fmt: skip
    return handlers[step.action](engine, step, index, session)


# -- where things come from ----------------------------------------------------------------------------------------


def last_result(project: Project, number: int | None = None) -> tuple[int, str] | None:
    """The result on the screen: ``number``, or the newest of the project. (id, target)."""
    sql = "select id, target from result where id = coalesce(?, id) order by id desc limit 1"
    found = project.query(sql, (number,))
    return (int(found[0][0]), str(found[0][1])) if found else None


def own_accounts(project: Project) -> list[int]:
    """Accounts that the user named as their own."""
    return [int(i) for i in json.loads(project.meta("own_accounts", "[]"))]


def own_followers(project: Project) -> list[int]:
    """Everybody seen following, or acting on, an account of the user's own."""
    own = own_accounts(project)
    if not own:
        raise NeedsAnswer("clarify.own_account")
    sql = "select distinct actor from interaction where target in (select value from json_each(?)) order by actor"
    return [row[0] for row in project.query(sql, (json.dumps(own),))]


async def collect(engine: Engine, step: Step) -> AsyncIterator[Event]:
    """Fetch from the platforms that can be fetched from; say which cannot."""
    from collectors.base import Query

    from .jobs import Live, Reach, run_collect

    named = [p for p in step.platforms if p not in ("all", "llm")]
    wanted: list[Live] = []
    for platform in named or list(LIVE):
        collector = LIVE.get(platform)
        if collector is None:
            yield Warned("collect.import_only", {"platform": platform})
            continue
        instance = engine.project.meta(f"instance.{platform}")
        if not instance:
            if named:
                yield Warned("collect.no_instance", {"platform": platform})
            continue
        since = None if step.since is None else start_of(step.since)
        limit = step.limit if step.limit is not None or since is not None else DEFAULT_LIMIT
        if limit != step.limit:
            yield Warned("collect.default_limit", {"limit": limit})
        until = None if step.until is None else end_of(step.until)
        for mode, words in (
            ("tag", step.tags), ("keyword", (*step.topics, *step.keywords)), ("account", step.accounts),
            ("group", step.groups),
        ):  # fmt: skip
            for word in words:
                query = Query(
                    mode=mode, value=word, instance=instance, since=since, until=until, limit=limit,  # type: ignore[arg-type]
                    relations=frozenset({"replies", "reposts", "likes"}),
                )  # fmt: skip
                wanted.append(Live(collector, query))
    if wanted:
        async for event in run_collect(engine.project, wanted, Reach(engine.options.allow_private)):
            yield event
    else:
        yield Warned("collect.local")


# -- lists and files -----------------------------------------------------------------------------------------------


def _current(engine: Engine, step: Step, session: Session) -> tuple[int, str]:
    if session.newest is not None and step.input != "last":
        return session.newest
    found = last_result(engine.project, engine.options.last)
    if found is None or step.input != "last":
        raise NeedsAnswer("clarify.referent")
    return found


async def make_list(engine: Engine, step: Step, session: Session) -> AsyncIterator[Event]:
    """Turn the newest people result into an outreach list with reasons."""
    if session.newest is None:
        raise NeedsAnswer("clarify.referent")
    name = step.purpose or " ".join(session.subject) or "outreach"
    entry = lists.save(
        engine.project,
        f"{name} {engine.today.isoformat()}",
        session.newest[1],
        session.newest[0],
        purpose=step.purpose or session.text,
        subject=session.subject,
    )
    session.list_id = entry.id
    yield Done("list.created", {"name": entry.name, "n": entry.size, "list": entry.id})


async def _save(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    result, target = _current(engine, step, session)
    entry = lists.save(
        engine.project, step.name or session.text or "list", target, result, purpose=session.text,
        subject=session.subject,
    )  # fmt: skip
    session.list_id = entry.id
    yield Done("list.created", {"name": entry.name, "n": entry.size, "list": entry.id})


async def _export(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    async for event in understand_people(engine.project):
        yield event
    if step.source and step.source.startswith("saved:"):
        what = exports.of_list(engine.project, lists.by_name(engine.project, step.source.removeprefix("saved:")))
    elif session.list_id is not None and step.input != "last":
        what = exports.of_list(engine.project, lists.by_name(engine.project, str(session.list_id)))
    else:
        what = exports.of_result(engine.project, *_current(engine, step, session), subject=session.subject)
    folder = user_path(engine.options.folder) if engine.options.folder else default_folder(engine.project)
    yield exports.write_file(
        engine.project, what, step.format or "xlsx", path=step.path, folder=folder, lang=engine.options.lang
    )


def default_folder(project: Project) -> Path:
    """Where files go that nobody named a place for: ``导出`` beside a project that the user placed themself;
    for the default project, which lies in a hidden folder, ``寻客导出`` in the home folder.
    """
    if project.path.parent == default_db().parent and not os.environ.get("XUNKE_DB"):
        return Path.home() / "寻客导出"
    return project.path.parent / "导出"


# -- numbers -------------------------------------------------------------------------------------------------------

_MEASURES: Final[Mapping[str, Callable[[Sequence[posts.Candidate]], float]]] = {
    "count": len,
    "likes": lambda p: sum(c.likes or 0 for c in p),
    "comments": lambda p: sum(c.comments or 0 for c in p),
    "shares": lambda p: sum(c.shares or 0 for c in p),
    "saves": lambda p: sum(c.saves or 0 for c in p),
    "views": lambda p: sum(c.views or 0 for c in p),
    "engagement": lambda p: sum(c.engagement for c in p),
}


async def _stats(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    among = engine.among(step, session)
    if _asks_over_index(step, among):
        async for event in _over_index(engine, step, among, index):
            yield event
        return
    words = next((b for b in step.by if b in topics.BY_WORDS), None)
    since, rises = step.since, words is not None and bool(topics.TIMES.intersection(step.by))
    picked = among[0] if among is not None and among[1] == "posts" else None
    sentiment = "sentiment" in step.measure or "sentiment" in step.by or posts.needs_features(step)
    if rises:  # a rise is one against the days before
        step = msgspec.structs.replace(step, since=None)
    if sentiment:
        bare = posts.without_features(step)
        rough = await asyncio.to_thread(posts.select, engine.project, bare, engine.today, among=picked)
        async for event in engine.understand([p.id for p in rough.posts]):
            yield event
    found = await asyncio.to_thread(posts.select, engine.project, step, engine.today, among=picked)
    kept = found.posts
    if among is not None and among[1] == "people":
        who = set(people_map(engine.project).spread(among[0]))
        kept = [p for p in kept if p.author in who]
    if words is not None:
        async for event in _words(engine, step, kept, words, since, rises, index):
            yield event
        return
    by = step.by[0] if step.by else "day"
    if by == "account":
        kept_out = people.barred(engine.project, [p.author for p in kept if p.author is not None])
        kept = [p for p in kept if p.author not in kept_out]
    measures = step.measure or ("count",)
    groups: dict[str, list[posts.Candidate]] = defaultdict(list)
    async for event in _prepare(engine, by):
        yield event
    key = _group_key(engine.project, by, kept)
    for post in kept:
        for name in key(post):
            groups[name].append(post)
    names = sorted(groups) if by in ("hour", "day", "week", "month") else sorted(
        groups, key=lambda n: (-len(groups[n]), n)
    )  # fmt: skip
    table = [[name, *(_measure(m, groups[name], len(kept)) for m in measures)] for name in names]
    yield Table("stats.title", [by, *measures], table, {"n": len(kept), "by": by}, index)


async def _words(
    engine: Engine, step: Step, kept: Sequence[posts.Candidate], by: str, since: date | None, rises: bool, index: int
) -> AsyncIterator[Event]:
    """Keywords, topics, or what rises."""
    yield Progress("words", 0, None)
    async for event in understand_people(engine.project):  # so that nobody under 18 is quoted
        yield event
    limit = step.limit or topics.LIMIT
    if rises:
        until = topics.until_of(step.until, engine.today)
        made = await asyncio.to_thread(topics.rising, engine.project, kept, by, since, until, limit, index)
    else:
        measures = step.measure or ("count",)

        def measured(name: str, group: Sequence[posts.Candidate]) -> float | None:
            return _measure(name, group, len(kept))

        if by == "topic":
            made = await asyncio.to_thread(topics.topics, engine.project, kept, limit, measures, measured, index)
        else:
            made = await asyncio.to_thread(topics.keywords, engine.project, kept, by, limit, measures, measured, index)
    for found in made:
        yield found


_GROUPED: Final = frozenset({
    "tags", "topics", "keywords", "groups", "region", "city_tier", "gender", "age_min", "age_max", "occupation",
    "interests", "tier", "followers_min", "followers_max",
})  # fmt: skip
"""Slots that make a group of people out of everybody."""


def _asks_over_index(step: Step, among: tuple[list[int], str] | None) -> bool:
    """Whether the question is what a group of people has more of than everybody."""
    group = among is not None and among[1] == "people"
    of_words = bool(_GROUPED & said(step).keys()) and {"interest", *topics.BY_WORDS}.intersection(step.by)
    wanted = topics.OVER_INDEXED if group else ("interest", *topics.BY_WORDS)
    if step.target != "people" or not step.by or step.by[0] not in wanted or topics.TIMES.intersection(step.by):
        return False
    return "share" in step.measure and (group or bool(of_words))


async def _over_index(
    engine: Engine, step: Step, among: tuple[list[int], str] | None, index: int
) -> AsyncIterator[Event]:
    async for event in understand_people(engine.project):
        yield event
    window = Step(action="find", since=step.since, until=step.until, platforms=step.platforms)
    everybody = (await asyncio.to_thread(posts.select, engine.project, window, engine.today)).posts
    if among is not None and among[1] == "people":
        group = set(among[0])
    else:
        found = (await asyncio.to_thread(posts.select, engine.project, step, engine.today)).posts
        kept, _ = people.screen(
            engine.project, people.behind(engine.project, found), step, contact=False,
            unlisted=engine.options.include_unlisted, filters=engine.filters,
        )  # fmt: skip
        group = set(people_map(engine.project).spread(person.id for person in kept))
    if step.by[0] == "interest":
        newest = topics.shown_only(engine.project, everybody)
        async for step_event in engine.understand([p.id for p in newest]):
            yield step_event
    yield Progress("words", 0, None)
    for told in await asyncio.to_thread(
        topics.over_indexed, engine.project, group, everybody, step.by[0], step.limit or topics.LIMIT, index
    ):
        yield told


async def _prepare(engine: Engine, by: str) -> AsyncIterator[Event]:
    if by in ("region", "gender", "age", "occupation"):
        async for event in understand_people(engine.project):
            yield event


def _measure(name: str, group: Sequence[posts.Candidate], total: int) -> float | None:
    if name == "share":
        return round(len(group) / total, 4) if total else None
    if name == "sentiment":
        known = [p.label for p in group if p.label]
        return round(sum(label == "positive" for label in known) / len(known), 4) if known else None
    if name in _MEASURES:
        return _MEASURES[name](group)
    raise UsageError("stats.measure", measure=name)


def _group_key(project: Project, by: str, kept: Sequence[posts.Candidate]) -> Callable[[posts.Candidate], list[str]]:
    when = {"hour": "%H:00", "day": "%Y-%m-%d", "week": "%G-W%V", "month": "%Y-%m"}
    if by in when:
        return lambda p: [moment(p.created).strftime(when[by])] if p.created is not None else ["?"]
    listed = json.dumps([p.id for p in kept])
    if by == "sentiment":
        return lambda p: [p.label or "?"]
    if by == "media":
        return lambda p: [p.media or "?"]
    if by in ("platform", "tag", "account"):
        sql = {
            "platform": "select k.id, f.name from post_key k join platform f on f.id = k.platform",
            "tag": "select k.post as id, g.name from post_tag k join tag g on g.id = k.tag",
            "account": "select k.id, coalesce(a.name, '?') from post k join account a on a.id = k.author",
        }[by]
        column = "k.post" if by == "tag" else "k.id"
        values: dict[int, list[str]] = defaultdict(list)
        for number, name in project.query(f"{sql} where {column} in (select value from json_each(?))", (listed,)):
            values[number].append(name)
        return lambda p: values.get(p.id, ["?"])
    if by in ("region", "gender", "age", "occupation"):
        facts = dict(project.query("select account, value from profile_fact where fact = ?", (by,)))
        return lambda p: [facts.get(p.author, "?")]
    raise UsageError("stats.by", by=by)


# -- people over time ----------------------------------------------------------------------------------------------


def one_account(project: Project, who: str) -> rows.PersonRow:
    """The account that ``who`` means. Raises BadInput if none, NeedsAnswer if several of different names."""
    found = rows.find_account(project, who)
    if not found:
        raise BadInput("person.unknown", who=who)
    return found[0]


async def _history(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    since = None if step.since is None else start_of(step.since)
    until = posts.window(step, engine.today)[1]
    for who in step.accounts:
        person = one_account(engine.project, who)
        if step.with_ == "own":
            table = dealings(engine.project, person.id, since or 0, until)
            columns = ["time", "direction", "kind", "text"]
        else:
            table = followers(engine.project, person.id, since or 0, until)
            columns = ["time", "followers", "change", "following", "posts"]
        yield Table(
            "history.dealings" if step.with_ == "own" else "history.followers",
            columns,
            table,
            {"name": person.name or person.native_id, "n": len(table)},
            index,
        )


def followers(project: Project, account: int, since: int, until: int) -> list[list[Any]]:
    """Follower snapshots, oldest first, each with its change from the one before."""
    found = project.query(
        "select t, followers, following, posts from follower_snapshot "
        "where account = ? and t between ? and ? order by t",
        (account, since, until),
    )
    table: list[list[Any]] = []
    before: int | None = None
    for t, count, following, written in found:
        change = None if before is None or count is None else count - before
        table.append([moment(t).strftime("%Y-%m-%d %H:%M"), count, change, following, written])
        before = count if count is not None else before
    return table


def dealings(project: Project, account: int, since: int, until: int) -> list[list[Any]]:
    """What this account and our own did with each other, newest first, with the words where there are any."""
    own = json.dumps(own_accounts(project))
    names = {code: name for name, code in job_kinds().items()}
    found = project.query(
        "select case when i.t > 0 then i.t else coalesce(p.created, 0) end as t, i.target, i.kind, "
        "coalesce((select c.text from post c where c.author = i.actor and c.created = i.t limit 1), p.text) "
        "from interaction i left join post p on p.id = i.post where "
        "(i.actor = :who and i.target in (select value from json_each(:own))) or "
        "(i.target = :who and i.actor in (select value from json_each(:own))) order by t desc limit 500",
        {"who": account, "own": own},
    )
    return [
        [moment(t).strftime("%Y-%m-%d %H:%M") if t else None, "out" if target == account else "in", names[kind], text]
        for t, target, kind, text in found
        if not t or since <= t <= until
    ]


def job_kinds() -> Mapping[str, int]:
    """Codes of interaction kinds."""
    from .storage.schema import KINDS

    return KINDS


# -- the rest ------------------------------------------------------------------------------------------------------


async def _import(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    from .jobs import run_import

    if step.path is None:
        raise NeedsAnswer("clarify.referent")
    async for event in run_import(engine.project, [user_path(step.path)]):
        yield event


def who_is(project: Project, names: Sequence[str]) -> list[tuple[str, str | None, str | None, str | None]]:
    """(platform, native id, name, handle) of each name.

    Somebody known is meant also when the name is spelled with other widths, cases or unseen characters. Of somebody
    unknown the id or name on the platform that is said (``weibo:1700000001``), else on every platform.
    """
    found: list[tuple[str, str | None, str | None, str | None]] = []
    exact = {name: rows.find_account(project, name) for name in names}
    folded = {} if all(exact.values()) else rows.by_spelling(project)
    for name in names:
        known = exact[name] or rows.people(project, folded.get(fold(name).lstrip("@"), []))
        found += [(p.platform, p.native_id, p.name, p.handle) for p in known]
        if not known:
            platform, _, native_id = name.strip().lstrip("@＠").rpartition(":")
            found.append((platform or "*", native_id, native_id, None))
    return found


def _lines(path: Path) -> list[str]:
    try:
        if not path.is_file():
            raise BadInput("import.not_a_file", path=str(path))
        return path.read_text("utf-8-sig", "replace").splitlines()
    except OSError as error:
        raise BadInput("cli.bad_file", path=str(path), detail=error.strerror or "") from None


async def _suppress(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    project = engine.project
    if step.op == "list":
        found = project.query("select hex(hash), created, origin from suppression order by created, hash")
        table = [[h[:12], moment(t).strftime("%Y-%m-%d %H:%M"), origin] for h, t, origin in found]
        yield Table("suppress.title", ["hash", "time", "origin"], table, {"n": len(table)}, index)
        return
    names = list(step.accounts)
    if step.path:
        names += _lines(user_path(step.path))
    names = [n.strip() for n in names if n.strip()]
    if not names:
        raise NeedsAnswer("clarify.account")
    accounts = who_is(project, names)

    def write(db: sqlite3.Connection) -> None:
        if step.op == "add":
            suppression.add(db, accounts, "user")
        else:
            suppression.remove(db, accounts)
        write_audit(db, f"suppress.{step.op}", {"n": len(names)})

    await project.writer.acall(write)
    yield Done(f"suppress.{step.op}", {"n": len(names), "names": "、".join(names[:5])})


async def _erase(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    if not step.accounts:
        raise NeedsAnswer("clarify.scope")
    for who in step.accounts:
        person = one_account(engine.project, who)
        counts = erase.person(engine.project, person.id)
        yield Done("erase.done", {"posts": counts["post"], "interactions": counts["interaction"]})


async def _jobs(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    if step.op != "list":
        from .jobs import Reach, resume

        number = int(step.name) if step.name and step.name.isdigit() else 0
        job = job_rows.load(engine.project.reader, number)
        if job is None:
            raise BadInput("job.unknown", job=step.name or "?")
        if step.op in ("resume", "run"):
            async for event in resume(engine.project, job, Reach(engine.options.allow_private)):
                yield event
            return
        state: Any = {"pause": "paused", "cancel": "cancelled"}[step.op or ""]
        await engine.project.writer.acall(lambda db: job_rows.set_state(db, number, state))
        yield Done("job.state", {"job": number, "state": state})
        return
    yield jobs_table(engine.project, index)


def jobs_table(project: Project, index: int = 0) -> Table:
    """The newest jobs as a table."""
    table = []
    for job in project.jobs():
        counts = [s.counts for s in job.slices]
        done = sum(s.state == "done" for s in job.slices)
        what = ", ".join(str(s.spec.get("value") or Path(str(s.spec.get("path", ""))).name) for s in job.slices)[:80]
        stored = sum(c.get("stored", 0) for c in counts)
        table.append([
            job.id, job.kind, what, job.state, f"{done}/{len(job.slices)}", stored, job.reason,
            moment(job.updated).strftime("%m-%d %H:%M"),
        ])  # fmt: skip
    columns = ["id", "kind", "what", "state", "slices", "stored", "reason", "time"]
    return Table("jobs.title", columns, table, {"n": len(table)}, index)


async def _connect(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    platform = step.platforms[0] if step.platforms else None
    if platform == "llm":
        from .llm import settings as llm

        yield Done("llm.connected", llm.told(llm.connect(step.endpoint, model=step.model, words=session.text or "")))
        return
    if platform not in LIVE or not step.instance:
        raise UsageError("connect.only", known=", ".join(LIVE))
    yield Done(
        "connect.done", {"platform": platform, "instance": remember(engine.project, str(platform), step.instance)}
    )


def remember(project: Project, platform: str, instance: str) -> str:
    """Keep the server on which ``platform`` is collected; returns its origin.

    Raises CollectorError for an address that is none, or that holds a password.
    """
    from collectors.address import origin_of

    origin = origin_of(instance).origin
    project.set_meta(f"instance.{platform}", origin)
    return origin


async def _help(engine: Engine, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
    yield Done("help.text")
