"""Runs a plan: the only module that knows all layers. It yields events and holds no sentence for a user."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from heapq import nlargest
from typing import TYPE_CHECKING, Any, Final

import msgspec

from . import actions, answers
from .accounts import judge_accounts
from .analysis import understand_posts
from .clock import start_of
from .errors import NeedsAnswer, XunkeError
from .events import Event, Failed, Funnel, Progress, Result, StepStarted, Table, Warned
from .outreach import authentic, lists, order, people, posts, results, scoring, segment_store
from .outreach.contact import published
from .outreach.coverage import coverage
from .outreach.growth import gained
from .persona import understand_people
from .plan import Plan, Step, encode
from .secrets import MASK, SECRET
from .storage import Project
from .storage.persons import people_map

if TYPE_CHECKING:
    from nlp.pool import Analyzer

_PASSWORD: Final = re.compile(r"([!#-.0-?A-~]+:[!#-.0-?A-~]+)@")
"""What the history of requests must not keep: the ``user:password`` of an address."""
ANALYSED_PEOPLE: Final = 200
"""So many people of a result, best first, have their posts analysed (sentiment, spam)."""
POSTS_EACH: Final = 30

Origin = tuple[str, int]
"""What a step works on: "list", "result" or "own_followers", and which."""


class Options(msgspec.Struct, frozen=True, omit_defaults=True):
    """How to run. ``folder``: where files asked for without a path go. ``nlp_engine``: xunke or snownlp.

    ``last``: the result on the screen, where it is not the newest of the project. ``background``: a schedule runs this:
    nothing of it comes to stand on the screen. ``picked``: the account or post under the cursor, which 他 and 这条
    mean.
    """

    folder: str = ""
    nlp_engine: str = "xunke"
    lang: str = "zh"
    allow_private: bool = False
    include_unlisted: bool = False
    workers: int | None = None
    last: int | None = None
    background: bool = False
    picked: int | None = None


@dataclass(slots=True)
class Session:
    """What the steps of one run share: the newest result of each target."""

    run: int
    text: str | None
    results: dict[str, int] = field(default_factory=dict)
    newest: tuple[int, str] | None = None
    subject: tuple[str, ...] = ()
    list_id: int | None = None
    table: Table | None = None
    plan: Plan | None = None

    def keep(self, result: int, target: str) -> None:
        """Note a new result."""
        self.results[target] = result
        self.newest = (result, target)
        self.table = None


@dataclass(slots=True)
class Standing:
    """Who passes a request, before its limit, and how: ``scored`` best first, ``spam`` left out as advertising."""

    origin: Origin | None = None
    selection: posts.Found | None = None
    scored: list[scoring.Scored] = field(default_factory=list)
    spam: list[scoring.Scored] = field(default_factory=list)
    funnel: posts.Funnel = field(default_factory=list)
    ranking: scoring.Influence | None = None


class Engine:
    """Runs plans on one project. ``today`` is the day from which times without an end are read.

    ``weights`` and ``filters`` are the project's, as they are when a run begins; ``ranker`` None: the project's.
    """

    def __init__(self, project: Project, *, today: date, options: Options | None = None) -> None:
        self.project = project
        self.today = today
        self.options = options or Options()
        self._analyzer: Analyzer | None = None
        self.weights: Mapping[str, float] = scoring.weights_of(project)
        self.filters: people.Filters = people.filters_of(project)
        self.ranker: str | None = None

    def close(self) -> None:
        """End the pool, if there is one."""
        if self._analyzer is not None:
            self._analyzer.close()
            self._analyzer = None

    def again(self, today: date) -> Engine:
        """Another engine on the same project, on another day: what runs a schedule."""
        options = msgspec.structs.replace(self.options, last=None, background=True)
        return Engine(self.project, today=today, options=options)

    @property
    def analyzer(self) -> Analyzer:
        """The process pool for texts, made when first needed."""
        if self._analyzer is None:
            from nlp.pool import Analyzer

            self._analyzer = Analyzer(self.options.workers)
        return self._analyzer

    def another(self, day: date, *, unlisted: bool) -> Engine:
        """An engine on the same project as if it were ``day``."""
        return Engine(self.project, today=day, options=Options(include_unlisted=unlisted))

    @staticmethod
    def nobody(origin: Origin | None) -> Standing:
        """Nobody yet, of those whom ``origin`` names."""
        return Standing(origin)

    async def run(self, plan: Plan, *, text: str | None = None) -> AsyncIterator[Event]:
        """Run the steps of ``plan`` in order; the first one that fails ends the run with ``Failed``.

        A refused or unclear plan runs nothing of what it must not. Cancelling keeps all that is stored.
        """
        self.weights, self.filters = scoring.weights_of(self.project), people.filters_of(self.project)
        try:
            for code in plan.refuse:
                yield Warned(f"refuse.{code}")
            if plan.outcome == "refuse":
                yield Failed("plan.refused", {"code": plan.refuse[0]}, exit_code=3)
                return
            if plan.outcome == "clarify":
                raise NeedsAnswer(f"clarify.{plan.clarify[0]}")
            session = Session(self._note_run(plan, text), text, plan=plan)
            for index, step in enumerate(plan.steps):
                if index < actions.repeated(plan):  # stored by the schedule step, not run now
                    continue
                yield StepStarted(index, step.action)
                told = answers.Told(step, index, session.newest)
                async for event in self._step(step, index, session):
                    yield event
                    told.hear(event)
                    if isinstance(event, Table) and step.action in actions.TABLES:
                        session.table = event
                        if not self.options.background:
                            actions.keep_table(self.project, event, session.run)
                async for event in answers.after(self, told, session):
                    yield event
        except XunkeError as error:
            resumable = error.key.startswith(("net.", "collect."))
            yield Failed(error.key, dict(error.params), resumable, error.exit_code)
        finally:
            self.close()

    def _note_run(self, plan: Plan, text: str | None) -> int:
        said = [text, json.dumps(encode(plan, neutral=False), ensure_ascii=False)]
        for secret in {found for words in said for found in _PASSWORD.findall(words or "")}:
            said = [words and words.replace(secret, "***") for words in said]
        said = [words and SECRET.sub(MASK, words) for words in said]
        row = (int(time.time()), self.today.isoformat(), *said)
        sql = "insert into run(created, today, text, plan) values (?, ?, ?, ?) returning id"
        return int(self.project.writer.call(lambda db: db.execute(sql, row).fetchone()[0]))

    def _step(self, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
        match step.action:
            case "find" | "outreach":
                return self._find(step, index, session)
            case "collect":
                return self._collect(step, index, session)
            case "explain":
                return answers.explain(self, step, index, session)
            case _:
                return actions.run(self, step, index, session)

    # -- finding ---------------------------------------------------------------------------------------------

    async def _collect(self, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
        async for event in actions.collect(self, step, session.run):
            yield event
        async for event in self._find(step, index, session):
            yield event

    async def _find(self, step: Step, index: int, session: Session) -> AsyncIterator[Event]:
        target = "people" if step.action == "outreach" else step.target or "posts"
        session.subject = (*step.tags, *step.topics, *step.keywords, *step.groups) or session.subject
        origin = self.origin(step, session)
        if target == "people":
            standing = Standing(origin)
            async for event in self.rank_people(step, standing):
                yield event
            async for event in self._keep_people(step, index, session, standing):
                yield event
        else:
            standing = Standing(origin)
            async for event in self._select(step, standing):
                yield event
            assert standing.selection is not None  # noqa: S101 - set by _select
            async for event in self._find_posts(step, index, session, standing.selection, target):
                yield event

    async def _select(self, step: Step, standing: Standing) -> AsyncIterator[Event]:
        """The posts that the step's filters leave, into ``standing``."""
        yield Progress("search", 0, None)
        among = self.items(standing.origin)
        picked = among[0] if among is not None and among[1] == "posts" else None
        if posts.needs_features(step):
            bare = posts.without_features(step)
            rough = await asyncio.to_thread(posts.select, self.project, bare, self.today, among=picked)
            async for event in self.understand([p.id for p in rough.posts]):
                yield event
        standing.selection = await asyncio.to_thread(posts.select, self.project, step, self.today, among=picked)
        for words in standing.selection.loose:
            yield Warned("find.loose", {"topic": words})

    async def understand(self, ids: Sequence[int]) -> AsyncIterator[Event]:
        """Compute missing features of posts."""
        async for event in understand_posts(self.project, ids, self.analyzer, self.options.nlp_engine):  # type: ignore[arg-type]
            yield event

    def among(self, step: Step, session: Session) -> tuple[list[int], str] | None:
        """The items that the step works on: a saved list, own followers, the result on the screen or of a step before.

        Raises NeedsAnswer("clarify.referent") if it points at something that is not there.
        """
        return self.items(self.origin(step, session))

    def origin(self, step: Step, session: Session) -> Origin | None:
        """What ``among`` reads: ("list" | "segment" | "result", id), ("own_followers", 0), or None: everything."""
        if step.source and step.source.startswith("saved:"):
            name = step.source.removeprefix("saved:")
            if (kept := segment_store.find(self.project, name)) is not None:
                return "segment", kept.id
            return "list", lists.by_name(self.project, name, start_of(self.today)).id
        if step.source == "own_followers":
            return "own_followers", 0
        if base := re.fullmatch(r"result:([0-9]{1,17})", step.source or ""):  # said by a kept segment only
            return "result", int(base[1])
        newest = session.newest
        if step.input == "last":
            newest = actions.last_result(self.project, self.options.last)
            if newest is None:
                raise NeedsAnswer("clarify.referent")
        return None if newest is None else ("result", newest[0])

    def standing(self, step: Step, session: Session) -> Standing:
        """An empty ranking of what the step works on, for ``rank_people`` to fill."""
        return Standing(self.origin(step, session))

    def items(self, origin: Origin | None) -> tuple[list[int], str] | None:
        """The ids that ``origin`` names, in its order, and whether they are people or posts."""
        if origin is None:
            return None
        what, number = origin
        if what == "own_followers":
            return actions.own_followers(self.project), "people"
        if what == "segment":
            return list(segment_store.numbers_of(self.project, number)), "people"
        table, owner, of = ("list_member", "list", "saved_list") if what == "list" else ("score", "result", "result")
        rows = self.project.query(f"select item from {table} where {owner} = ? order by rank", (number,))
        target = str(self.project.one(f"select target from {of} where id = ?", (number,)))
        return [row[0] for row in rows], target if what == "list" or target == "people" else "posts"

    @staticmethod
    def by_posts(step: Step, among: tuple[list[int], str] | None) -> bool:
        """Whether people are found by what they posted (otherwise every account is a candidate)."""
        said = (
            posts.has_subject(step), step.since, step.media, step.content_lang, step.exclude, step.sentiment,
            step.needs, step.life_events,
            step.likes_min, step.comments_min, step.shares_min, step.saves_min, step.views_min,
            among is not None and among[1] == "posts",
        )  # fmt: skip
        return any(said)

    async def rank_people(self, step: Step, standing: Standing) -> AsyncIterator[Event]:
        """Everybody who passes the filters of ``step``, best first, into ``standing``: what the limit cuts later."""
        async for event in understand_people(self.project):
            yield event
        among = self.items(standing.origin)
        if self.by_posts(step, among):
            async for step_event in self._select(step, standing):
                yield step_event
        yield Progress("rank", 0, None)
        scored = await asyncio.to_thread(self._candidates, step, standing, among)
        if step.sort == "follower_growth":
            yield self._grown(step, scored)
        key = order.people_key(step)
        scored.sort(key=lambda s: (key(s), s.person.id))
        head = scored[: max(ANALYSED_PEOPLE, 2 * (step.limit or 0))]
        if standing.selection is None:
            await asyncio.to_thread(self.attach_posts, head, posts.window(step, self.today)[1])
        async for step_event in self._analyse(head):
            yield step_event
        async for step_event in judge_accounts(self.project, [s.person.id for s in head]):
            yield step_event
        known = authentic.signs(self.project, [s.person.id for s in head])
        for one in head:
            one.sign = known.get(one.person.id)
        for one in head:
            scoring.rescore(one, self.weights)
        if self.filters.spam:
            standing.spam = [s for s in scored if scoring.is_spam(s)]
            scored = [s for s in scored if not scoring.is_spam(s)]
        if standing.spam:
            standing.funnel.append(("funnel.spam", len(scored), {"removed": len(standing.spam)}))
        scored.sort(key=lambda s: (key(s), s.person.id))
        standing.scored = scored

    def _grown(self, step: Step, scored: Sequence[scoring.Scored]) -> Event:
        """How many followers each gained, into ``raw``; says of how many nothing is known."""
        since, until = posts.window(step, self.today)
        found = gained(self.project, [s.person.id for s in scored], since, until)
        for s in scored:
            one = found.get(s.person.id)
            s.raw["growth"] = one and one.gained
            s.raw["growth_days"] = one and [one.first, one.last]
        return Warned("find.growth", {"known": len(found), "n": len(scored)})

    async def _keep_people(self, step: Step, index: int, session: Session, standing: Standing) -> AsyncIterator[Event]:
        scored, funnel = standing.scored, standing.funnel
        if step.limit is not None and step.limit < len(scored):
            scored = scored[: step.limit]
            funnel.append(("funnel.limit", len(scored), {"limit": step.limit}))
        setting = self.setting_of(step, standing)
        if step.require_contact:
            for s in scored:
                way = published(s.person.bio, (post.text for post in s.person.found))
                s.raw["contact"] = way and [way.kind, way.quote]
        rows = [(s.person.id, order.shown_value(step, s), s.as_json()) for s in scored]
        result = self.keep("people", rows, step, index, session, funnel, setting)
        yield Funnel("people", funnel)
        for event in coverage(self.project, [p.id for s in scored for p in s.person.found]):
            yield event
        yield Result(result, "people", len(rows), index)
        if step.action == "outreach":
            async for event in actions.make_list(self, step, session):
                yield event

    def setting_of(self, step: Step, standing: Standing) -> dict[str, Any]:
        """What a result of people must keep so that every number of it can be worked out again."""
        ranking = standing.ranking
        assert ranking is not None  # noqa: S101 - set by rank_people
        since, until = posts.window(step, self.today)
        return {
            "until": until, "since": since, "h0": ranking.h0, "weights": dict(self.weights),
            "subject": posts.has_subject(step), "sort": step.sort or "target", "best": ranking.best,
            "filters": asdict(self.filters), "origin": standing.origin, "unlisted": self.options.include_unlisted,
            "passed": len(standing.scored),
            "ranker": ranking.by, "recency": ranking.recency and ranking.recency.as_json(),
        }  # fmt: skip

    def _candidates(self, step: Step, standing: Standing, among: tuple[list[int], str] | None) -> list[scoring.Scored]:
        """Everybody who passes the filters, scored; runs in a thread so that a run can be cancelled at once."""
        picked = among[0] if among is not None and among[1] == "people" else None
        selection = standing.selection
        if selection is not None:
            found = people.behind(self.project, selection.posts)
            if picked is not None:
                persons = people_map(self.project)
                wanted = {persons.one(i) for i in picked}
                found = {i: p for i, p in found.items() if persons.one(i) in wanted}
        else:
            found = people.load(self.project, picked, platforms=step.platforms)
        kept, stages = people.screen(
            self.project, found, step, contact=step.action == "outreach", unlisted=self.options.include_unlisted,
            filters=self.filters,
        )  # fmt: skip
        standing.funnel = [*(selection.funnel if selection is not None else ()), *stages]
        since, until = posts.window(step, self.today)
        standing.ranking = scoring.influence(self.project, until, self.ranker)
        return scoring.score(
            self.project, kept, standing.ranking, since=since, until=until, subject=posts.has_subject(step),
            weights=self.weights,
        )  # fmt: skip

    def attach_posts(self, head: Sequence[scoring.Scored], until: int) -> None:
        """Give people who were not found by posts their newest posts as evidence of how they write."""
        step, persons = Step(action="find", target=None), people_map(self.project)
        written: dict[int, list[tuple[int, int]]] = {}
        rows = self.project.query(
            "select author, coalesce(created, -1), id from post where author in (select value from json_each(?)) "
            "and (created is null or created <= ?)",
            (json.dumps(persons.spread(s.person.id for s in head)), until),
        )
        for author, created, number in rows:
            written.setdefault(persons.one(author), []).append((created, number))
        ids = [number for mine in written.values() for _, number in nlargest(POSTS_EACH, mine)]
        of_person: dict[int, list[posts.Candidate]] = {}
        for post in posts.select(self.project, step, self.today, among=ids).posts:
            of_person.setdefault(persons.one(post.author or 0), []).append(post)
        for s in head:
            s.person.found = of_person.get(persons.one(s.person.id), [])

    async def _analyse(self, head: Sequence[scoring.Scored]) -> AsyncIterator[Event]:
        """Analyse the posts of these people and read sentiment and spam into them."""
        wanted: list[int] = []
        for s in head:
            newest = sorted(s.person.found, key=lambda p: (-(p.created or 0), p.id))[:POSTS_EACH]
            wanted.extend(p.id for p in newest)
        async for event in self.understand(wanted):
            yield event
        rows = self.project.query(
            "select post, label, spam, sentiment from feature where post in (select value from json_each(?))",
            (json.dumps(wanted),),
        )
        known = {row[0]: row[1:] for row in rows}
        for s in head:
            feelings = []
            for position, post in enumerate(s.person.found):
                if post.id in known:
                    label, spam, sentiment = known[post.id]
                    s.person.found[position] = _with(post, label, spam)
                    feelings.append(sentiment)
            if feelings:
                s.raw["sentiment"] = round(sum(feelings) / len(feelings), 4)

    async def _find_posts(
        self, step: Step, index: int, session: Session, selection: posts.Found, target: str
    ) -> AsyncIterator[Event]:
        found, funnel = selection.posts, list(selection.funnel)
        if people.asks_who(step):
            async for step_event in understand_people(self.project):
                yield step_event
            unlisted = self.options.include_unlisted
            behind = await asyncio.to_thread(people.behind, self.project, found)
            screened, stages = people.screen(
                self.project, behind, step, contact=False, unlisted=unlisted, filters=self.filters
            )
            writers = set(people_map(self.project).spread(person.id for person in screened))
            found = [post for post in found if post.author in writers]
            funnel += stages
        before = len(found)
        kept_out = people.barred(self.project, [post.author for post in found if post.author is not None])
        if any(post.author in kept_out for post in found):
            found = [post for post in found if post.author not in kept_out]
            funnel.append(("funnel.barred", len(found), {"removed": before - len(found)}))
        key = order.post_key(self.project, step, self.today)
        ordered = sorted(found, key=lambda p: (-(key(p) or 0), -p.id))
        if step.order == "asc":
            ordered.reverse()
        if step.limit is not None and step.limit < len(ordered):
            ordered = ordered[: step.limit]
            funnel.append(("funnel.limit", len(ordered), {"limit": step.limit}))
        setting = {"sort": step.sort or "time", "until": posts.window(step, self.today)[1]}
        result = self.keep("posts", [(p.id, key(p), None) for p in ordered], step, index, session, funnel, setting)
        yield Funnel(target, funnel)
        async for event in self.understand([p.id for p in ordered[:ANALYSED_PEOPLE]]):
            yield event
        for event in coverage(self.project, [p.id for p in ordered]):
            yield event
        yield Result(result, "posts", len(ordered), index)

    def keep(
        self,
        target: str,
        rows: Sequence[tuple[int, float | None, dict[str, Any] | None]],
        step: Step,
        index: int,
        session: Session,
        funnel: posts.Funnel,
        setting: dict[str, Any],
    ) -> int:
        """Store a result: items in order with value and parts."""
        result = results.store(
            self.project, target, rows, title=title(step), funnel=funnel, setting=setting, run=session.run, step=index
        )
        session.keep(result, target)
        return result


def title(step: Step) -> str:
    """A short name for what a step finds: its subject, places and limit as said."""
    words = [*(f"#{t}" for t in step.tags), *step.topics, *step.keywords, *step.groups, *step.region, *step.occupation]
    return " ".join(words)[:60] or "-"


def _with(post: posts.Candidate, label: str | None, spam: float | None) -> posts.Candidate:
    import dataclasses

    return dataclasses.replace(post, label=label, spam=spam)
